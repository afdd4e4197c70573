/* tacet-studio-shapes.c: primitives: where a ray meets them, their normals, the distance to them.
 *
 * Room: engine/studio.  All in the part's local frame.  The distances serve contact darkening only: they may be a
 * little short at corners.
 */
#include "engine/studio/tacet-studio-world.h"

#define EPS 1e-4f

static TacetVec
to_local (const TacetPart *part, TacetVec v)
{
  return tacet_vec (tacet_vec_dot (part->axis[0], v), tacet_vec_dot (part->axis[1], v),
                    tacet_vec_dot (part->axis[2], v));
}

static TacetVec
to_world (const TacetPart *part, TacetVec v)
{
  TacetVec r = tacet_vec_scale (part->axis[0], v.x);
  r = tacet_vec_along (r, v.y, part->axis[1]);
  return tacet_vec_along (r, v.z, part->axis[2]);
}

/* The first root of a t^2 + 2 b t + c above EPS that lies in front of *t. */
static gboolean
nearer (float t, float *best)
{
  if (t <= EPS || t >= *best)
    return FALSE;
  *best = t;
  return TRUE;
}

static gboolean
hit_sphere (TacetVec o, TacetVec d, float radius, float *best)
{
  float a = tacet_vec_dot (d, d), b = tacet_vec_dot (o, d), c = tacet_vec_dot (o, o) - radius * radius;
  float disc = b * b - a * c;
  if (disc < 0)
    return FALSE;
  float root = sqrtf (disc);
  return nearer ((-b - root) / a, best) || nearer ((-b + root) / a, best);
}

/* The side of a cone between y0 (radius r0) and y1 (radius r1), open. */
static gboolean
hit_side (TacetVec o, TacetVec d, float y0, float y1, float r0, float r1, float *best)
{
  float k = (r1 - r0) / (y1 - y0);
  float m = r0 + k * (o.y - y0), n = k * d.y;
  float a = d.x * d.x + d.z * d.z - n * n, b = o.x * d.x + o.z * d.z - m * n, c = o.x * o.x + o.z * o.z - m * m;
  if (fabsf (a) < 1e-9f)
    return FALSE;
  float disc = b * b - a * c;
  if (disc < 0)
    return FALSE;
  float root = sqrtf (disc);
  float first = (-b - root) / a, second = (-b + root) / a;
  if (first > second)
    {
      float swap = first;
      first = second;
      second = swap;
    }
  float y = o.y + first * d.y;
  if (y >= y0 && y <= y1 && nearer (first, best))
    return TRUE;
  y = o.y + second * d.y;
  return y >= y0 && y <= y1 && nearer (second, best);
}

static gboolean
hit_disc (TacetVec o, TacetVec d, float y, float radius, float *best)
{
  if (fabsf (d.y) < 1e-9f)
    return FALSE;
  float t = (y - o.y) / d.y;
  float x = o.x + t * d.x, z = o.z + t * d.z;
  return x * x + z * z <= radius * radius && nearer (t, best);
}

static gboolean
hit_box (TacetVec o, TacetVec d, const TacetPart *part, float *best)
{
  float low = -1e30f, high = 1e30f;
  const float os[3] = { o.x, o.y, o.z }, ds[3] = { d.x, d.y, d.z }, hs[3] = { part->a, part->b, part->c };
  for (int i = 0; i < 3; i++)
    {
      float inverse = 1.0f / (fabsf (ds[i]) < 1e-9f ? 1e-9f : ds[i]);
      float near = (-hs[i] - os[i]) * inverse, far = (hs[i] - os[i]) * inverse;
      if (near > far)
        {
          float swap = near;
          near = far;
          far = swap;
        }
      low = near > low ? near : low;
      high = far < high ? far : high;
    }
  if (low > high)
    return FALSE;
  return nearer (low > EPS ? low : high, best);
}

/* The six planes of a prism as (n, w): inside is n . p <= w. */
static void
prism_planes (const TacetPart *part, TacetVec normals[6], float w[6])
{
  float run = part->a - part->e;
  float length = sqrtf (run * run + part->b * part->b);
  float nx = part->b / length, ny = run / length;
  normals[0] = tacet_vec (nx, ny, 0);
  normals[1] = tacet_vec (-nx, ny, 0);
  w[0] = w[1] = part->a * nx;
  normals[2] = tacet_vec (0, 0, 1);
  normals[3] = tacet_vec (0, 0, -1);
  w[2] = w[3] = part->c;
  normals[4] = tacet_vec (0, -1, 0);
  w[4] = 0;
  normals[5] = tacet_vec (0, 1, 0);
  w[5] = part->b;
}

static gboolean
hit_prism (TacetVec o, TacetVec d, const TacetPart *part, float *best)
{
  TacetVec normals[6];
  float w[6], low = -1e30f, high = 1e30f;
  prism_planes (part, normals, w);
  for (int i = 0; i < 6; i++)
    {
      float speed = tacet_vec_dot (normals[i], d), room = w[i] - tacet_vec_dot (normals[i], o);
      if (fabsf (speed) < 1e-9f)
        {
          if (room < 0)
            return FALSE;
          continue;
        }
      float t = room / speed;
      if (speed < 0)
        low = t > low ? t : low;
      else
        high = t < high ? t : high;
    }
  if (low > high)
    return FALSE;
  return nearer (low > EPS ? low : high, best);
}

/* Sine of the angle by which a limb's side leans. */
static float
limb_slope (const TacetPart *part)
{
  return (part->a - part->b) / part->c;
}

static gboolean
hit_limb (TacetVec o, TacetVec d, const TacetPart *part, float *best)
{
  float s = limb_slope (part), c = sqrtf (1 - s * s);
  gboolean hit = hit_sphere (o, d, part->a, best);
  hit |= hit_sphere (tacet_vec (o.x, o.y - part->c, o.z), d, part->b, best);
  hit |= hit_side (o, d, part->a * s, part->c + part->b * s, part->a * c, part->b * c, best);
  return hit;
}

gboolean
tacet_part_hit (const TacetPart *part, TacetVec from, TacetVec ray, float *t)
{
  TacetVec o = to_local (part, tacet_vec_sub (from, part->at)), d = to_local (part, ray);
  switch (part->kind)
    {
    case TACET_SHAPE_ELLIPSOID:
      {
        TacetVec inverse = tacet_vec (1 / part->a, 1 / part->b, 1 / part->c);
        return hit_sphere (tacet_vec_mul (o, inverse), tacet_vec_mul (d, inverse), 1, t);
      }
    case TACET_SHAPE_BOX:
      return hit_box (o, d, part, t);
    case TACET_SHAPE_FRUSTUM:
      {
        gboolean hit = hit_side (o, d, 0, part->c, part->a, part->b, t);
        hit |= hit_disc (o, d, 0, part->a, t);
        hit |= hit_disc (o, d, part->c, part->b, t);
        return hit;
      }
    case TACET_SHAPE_LIMB:
      return hit_limb (o, d, part, t);
    case TACET_SHAPE_PRISM:
      return hit_prism (o, d, part, t);
    }
  return FALSE;
}

static void
box_normal (const TacetPart *part, TacetVec p, TacetVec *normal, TacetVec *shading)
{
  float x = fabsf (p.x) - part->a, y = fabsf (p.y) - part->b, z = fabsf (p.z) - part->c;
  TacetVec sign = tacet_vec (p.x < 0 ? -1 : 1, p.y < 0 ? -1 : 1, p.z < 0 ? -1 : 1);
  if (x >= y && x >= z)
    *normal = tacet_vec (sign.x, 0, 0);
  else if (y >= z)
    *normal = tacet_vec (0, sign.y, 0);
  else
    *normal = tacet_vec (0, 0, sign.z);
  float r = part->bevel;
  TacetVec bent = tacet_vec (MAX (x + r, 0), MAX (y + r, 0), MAX (z + r, 0));
  *shading = r > 0 ? tacet_vec_unit (tacet_vec_mul (bent, sign)) : *normal;
}

static TacetVec
frustum_normal (const TacetPart *part, TacetVec p)
{
  float radial = sqrtf (p.x * p.x + p.z * p.z);
  if (p.y < 1e-3f && radial < part->a - 1e-3f)
    return tacet_vec (0, -1, 0);
  if (p.y > part->c - 1e-3f && radial < part->b - 1e-3f)
    return tacet_vec (0, 1, 0);
  float k = (part->b - part->a) / part->c;
  radial = radial > 1e-6f ? radial : 1e-6f;
  return tacet_vec_unit (tacet_vec (p.x / radial, -k, p.z / radial));
}

static TacetVec
limb_normal (const TacetPart *part, TacetVec p)
{
  float s = limb_slope (part), c = sqrtf (1 - s * s);
  float radial = sqrtf (p.x * p.x + p.z * p.z);
  float along = p.y - s * radial / c; /* where on the axis the normal starts */
  if (along <= 0)
    return tacet_vec_unit (p);
  if (along >= part->c)
    return tacet_vec_unit (tacet_vec (p.x, p.y - part->c, p.z));
  radial = radial > 1e-6f ? radial : 1e-6f;
  return tacet_vec (c * p.x / radial, s, c * p.z / radial);
}

static TacetVec
prism_normal (const TacetPart *part, TacetVec p)
{
  TacetVec normals[6];
  float w[6], best = -1e30f;
  int at = 0;
  prism_planes (part, normals, w);
  for (int i = 0; i < 6; i++)
    {
      float d = tacet_vec_dot (normals[i], p) - w[i];
      if (d > best)
        {
          best = d;
          at = i;
        }
    }
  return normals[at];
}

void
tacet_part_normal (const TacetPart *part, TacetVec point, TacetVec *normal, TacetVec *shading)
{
  TacetVec p = to_local (part, tacet_vec_sub (point, part->at)), n, soft;
  switch (part->kind)
    {
    case TACET_SHAPE_BOX:
      box_normal (part, p, &n, &soft);
      *normal = to_world (part, n);
      *shading = to_world (part, soft);
      return;
    case TACET_SHAPE_FRUSTUM:
      n = frustum_normal (part, p);
      break;
    case TACET_SHAPE_LIMB:
      n = limb_normal (part, p);
      break;
    case TACET_SHAPE_PRISM:
      n = prism_normal (part, p);
      break;
    default:
      n = tacet_vec_unit (tacet_vec (p.x / (part->a * part->a), p.y / (part->b * part->b), p.z / (part->c * part->c)));
    }
  *normal = *shading = to_world (part, n);
}

static float
box_distance (const TacetPart *part, TacetVec p)
{
  float x = fabsf (p.x) - part->a, y = fabsf (p.y) - part->b, z = fabsf (p.z) - part->c;
  float inside = MIN (MAX (x, MAX (y, z)), 0);
  return tacet_vec_length (tacet_vec (MAX (x, 0), MAX (y, 0), MAX (z, 0))) + inside;
}

static float
frustum_distance (const TacetPart *part, TacetVec p)
{
  float k = (part->b - part->a) / part->c;
  float side = (sqrtf (p.x * p.x + p.z * p.z) - part->a - k * p.y) / sqrtf (1 + k * k);
  return MAX (side, MAX (p.y - part->c, -p.y));
}

static float
limb_distance (const TacetPart *part, TacetVec p)
{
  float h = tacet_clampf (p.y / part->c, 0, 1);
  return tacet_vec_length (tacet_vec (p.x, p.y - h * part->c, p.z)) - (part->a + h * (part->b - part->a));
}

static float
prism_distance (const TacetPart *part, TacetVec p)
{
  TacetVec normals[6];
  float w[6], best = -1e30f;
  prism_planes (part, normals, w);
  for (int i = 0; i < 6; i++)
    {
      float d = tacet_vec_dot (normals[i], p) - w[i];
      best = d > best ? d : best;
    }
  return best;
}

float
tacet_part_distance (const TacetPart *part, TacetVec point)
{
  TacetVec p = to_local (part, tacet_vec_sub (point, part->at));
  switch (part->kind)
    {
    case TACET_SHAPE_BOX:
      return box_distance (part, p);
    case TACET_SHAPE_FRUSTUM:
      return frustum_distance (part, p);
    case TACET_SHAPE_LIMB:
      return limb_distance (part, p);
    case TACET_SHAPE_PRISM:
      return prism_distance (part, p);
    default:
      {
        TacetVec q = tacet_vec (p.x / part->a, p.y / part->b, p.z / part->c);
        float k = tacet_vec_length (q);
        float slope = tacet_vec_length (tacet_vec (q.x / part->a, q.y / part->b, q.z / part->c));
        return slope > 1e-9f ? k * (k - 1) / slope : -part->a;
      }
    }
}
