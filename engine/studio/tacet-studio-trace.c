/* tacet-studio-trace.c: rays through a world: the camera, what is hit, how it is lit.
 *
 * Room: engine/studio.
 */
#include "engine/studio/tacet-studio-world.h"

#define HUGE_T 1e30f

TacetVec
tacet_world_ray (const TacetWorld *world, float x, float y, int size)
{
  float u = (2 * x / (float) size - 1) * world->zoom, v = (1 - 2 * y / (float) size) * world->zoom;
  TacetVec ray = tacet_vec_along (world->forward, u, world->right);
  return tacet_vec_unit (tacet_vec_along (ray, v, world->up));
}

void
tacet_world_project (const TacetWorld *world, TacetVec point, int size, float *x, float *y)
{
  TacetVec d = tacet_vec_sub (point, world->eye);
  float z = MAX (tacet_vec_dot (d, world->forward), 1e-3f) * world->zoom;
  *x = 0.5f * (float) size * (1 + tacet_vec_dot (d, world->right) / z);
  *y = 0.5f * (float) size * (1 - tacet_vec_dot (d, world->up) / z);
}

static gboolean
meets_sphere (TacetVec from, TacetVec ray, TacetVec centre, float radius)
{
  TacetVec to = tacet_vec_sub (centre, from);
  float along = tacet_vec_dot (to, ray), away = tacet_vec_dot (to, to);
  return away - along * along <= radius * radius && (along > 0 || away <= radius * radius);
}

TacetHit
tacet_world_trace (const TacetWorld *world, TacetVec from, TacetVec ray)
{
  TacetHit hit = { HUGE_T, 0, -1 };
  if (ray.y < -1e-6f)
    {
      float t = -from.y / ray.y;
      if (from.z + t * ray.z >= world->wall_z)
        hit = (TacetHit){ t, 1, -1 };
    }
  if (hit.object == 0 && world->facts.wall != TACET_WALL_SKY && ray.z < -1e-6f)
    hit = (TacetHit){ (world->wall_z - from.z) / ray.z, 2, -1 };
  for (int i = 0; i < world->n_things; i++)
    {
      const TacetThing *thing = &world->things[i];
      if (!meets_sphere (from, ray, thing->centre, thing->radius))
        continue;
      for (int k = thing->first; k < thing->first + thing->n_parts; k++)
        {
          const TacetPart *part = &world->parts[k];
          if (!meets_sphere (from, ray, part->centre, part->radius) || !tacet_part_hit (part, from, ray, &hit.t))
            continue;
          hit.object = 3 + i;
          hit.part = k;
        }
    }
  return hit;
}

static gboolean
in_shadow (const TacetWorld *world, TacetVec from, TacetVec to_sun)
{
  for (int i = 0; i < world->n_things; i++)
    {
      const TacetThing *thing = &world->things[i];
      if (!meets_sphere (from, to_sun, thing->centre, thing->radius))
        continue;
      for (int k = thing->first; k < thing->first + thing->n_parts; k++)
        {
          float t = HUGE_T;
          const TacetPart *part = &world->parts[k];
          if (meets_sphere (from, to_sun, part->centre, part->radius) && tacet_part_hit (part, from, to_sun, &t))
            return TRUE;
        }
    }
  return FALSE;
}

/* Distance from a point to the nearest surface, or reach if that is farther. */
static float
clearance (const TacetWorld *world, TacetVec p, float reach)
{
  float best = MIN (reach, p.y);
  if (world->facts.wall != TACET_WALL_SKY)
    best = MIN (best, p.z - world->wall_z);
  for (int i = 0; i < world->n_things; i++)
    {
      const TacetThing *thing = &world->things[i];
      TacetVec to = tacet_vec_sub (p, thing->centre);
      float r = thing->radius + reach;
      if (tacet_vec_dot (to, to) > r * r)
        continue;
      for (int k = thing->first; k < thing->first + thing->n_parts; k++)
        {
          const TacetPart *part = &world->parts[k];
          TacetVec away = tacet_vec_sub (p, part->centre);
          float s = part->radius + best;
          if (s > 0 && tacet_vec_dot (away, away) < s * s)
            best = MIN (best, tacet_part_distance (part, p));
        }
    }
  return best;
}

/* Contact darkening: how much of the sky the neighbourhood leaves. */
static float
openness (const TacetWorld *world, TacetVec point, TacetVec normal)
{
  static const float reach[3] = { 0.06f, 0.17f, 0.38f }, weight[3] = { 0.20f, 0.24f, 0.24f };
  float open = 1;
  for (int i = 0; i < 3; i++)
    {
      float d = clearance (world, tacet_vec_along (point, reach[i], normal), reach[i]);
      open -= weight[i] * (1 - tacet_clampf (d / reach[i], 0, 1));
    }
  return open;
}

/* Linear below 0.72, then bending so that white keeps its form. */
static float
shoulder (float x)
{
  if (x < 0.72f)
    return x;
  float u = (x - 0.72f) / 0.28f;
  return 0.72f + 0.28f * u / (1 + 0.85f * u) * 0.85f;
}

static TacetVec
tone (TacetVec c)
{
  return tacet_vec (tacet_clampf (shoulder (c.x), 0, 1), tacet_clampf (shoulder (c.y), 0, 1),
                    tacet_clampf (shoulder (c.z), 0, 1));
}

TacetVec
tacet_hit_normal (const TacetWorld *world, TacetVec from, TacetVec ray, const TacetHit *hit)
{
  if (hit->object == 1)
    return tacet_vec (0, 1, 0);
  if (hit->part < 0)
    return tacet_vec (0, 0, 1);
  TacetVec normal, shading;
  tacet_part_normal (&world->parts[hit->part], tacet_vec_along (from, hit->t, ray), &normal, &shading);
  return normal;
}

static float
highlight (const TacetWorld *world, TacetVec ray, TacetVec normal)
{
  float h = tacet_vec_dot (normal, tacet_vec_unit (tacet_vec_sub (world->sun, ray)));
  if (h <= 0)
    return 0;
  for (int i = 0; i < 5; i++)
    h *= h;
  return h;
}

TacetVec
tacet_world_shade (const TacetWorld *world, TacetVec from, TacetVec ray, const TacetHit *hit, int jitter)
{
  if (hit->object == 0)
    return tone (tacet_sky_colour (world, ray));
  TacetVec point = tacet_vec_along (from, hit->t, ray), colour, normal, shading;
  float shine = 0;
  if (hit->part >= 0)
    {
      const TacetPart *part = &world->parts[hit->part];
      tacet_part_normal (part, point, &normal, &shading);
      colour = part->colour;
      shine = part->shine;
    }
  else
    {
      normal = shading = tacet_hit_normal (world, from, ray, hit);
      colour = hit->object == 1 ? tacet_floor_colour (world, point, hit->t) : tacet_wall_colour (world, point, hit->t);
    }
  const float spread = 0.035f;
  TacetVec sun = tacet_vec_along (world->sun, (jitter & 1) ? spread : -spread, world->sun_side);
  sun = tacet_vec_along (sun, (jitter & 2) ? spread : -spread, world->sun_up);
  float facing = tacet_vec_dot (shading, sun);
  TacetVec start = tacet_vec_along (point, 2e-3f, normal);
  if (facing > 0 && (tacet_vec_dot (normal, sun) <= 0 || in_shadow (world, start, sun)))
    facing = 0;
  TacetVec light = tacet_vec_mix (world->ground_light, world->sky_light, 0.5f + 0.5f * shading.y);
  light = tacet_vec_scale (light, openness (world, point, normal));
  if (facing > 0)
    light = tacet_vec_along (light, facing, world->sun_colour);
  TacetVec out = tacet_vec_mul (colour, light);
  if (facing > 0 && shine > 0)
    out = tacet_vec_along (out, shine * highlight (world, ray, shading), world->sun_colour);
  if (hit->object == 1 && world->facts.wall == TACET_WALL_SKY)
    out = tacet_vec_mix (out, world->sky_bottom, 0.35f * tacet_smooth (1.5f, -world->wall_z, -point.z));
  return tone (out);
}
