/* tacet-studio-build.c: adding parts to a world; the dice; degrees.
 *
 * Room: engine/studio.
 */
#include "engine/studio/tacet-studio-world.h"

TacetDice
tacet_dice (guint64 seed, guint64 stream)
{
  TacetDice dice = { seed * 0xd1342543de82ef95u + stream * 0x9e3779b97f4a7c15u + 0x2545f4914f6cdd1du };
  tacet_dice_next (&dice);
  dice.state ^= tacet_dice_next (&dice);
  return dice;
}

guint64
tacet_dice_next (TacetDice *self)
{
  guint64 z = (self->state += 0x9e3779b97f4a7c15u);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

float
tacet_dice_uniform (TacetDice *self, float low, float high)
{
  float u = (float) (tacet_dice_next (self) >> 40) * (1.0f / 16777216.0f);
  return low + (high - low) * u;
}

int
tacet_dice_below (TacetDice *self, int n)
{
  return (int) ((tacet_dice_next (self) >> 33) % (guint64) n);
}

gboolean
tacet_dice_chance (TacetDice *self, float probability)
{
  return tacet_dice_uniform (self, 0, 1) < probability;
}

int
tacet_dice_weighted (TacetDice *self, const float *weights, int n)
{
  float total = 0;
  for (int i = 0; i < n; i++)
    total += weights[i];
  float at = tacet_dice_uniform (self, 0, total);
  int last = 0;
  for (int i = 0; i < n; i++)
    {
      if (weights[i] <= 0)
        continue;
      last = i;
      if (at < weights[i])
        return i;
      at -= weights[i];
    }
  return last;
}

float
tacet_sin_degrees (float degrees)
{
  float turns = degrees / 360.0f;
  turns -= floorf (turns + 0.5f);
  if (turns > 0.25f)
    turns = 0.5f - turns;
  if (turns < -0.25f)
    turns = -0.5f - turns;
  float x = turns * 6.28318530718f, q = x * x;
  return x * (1 - q * (1 / 6.0f - q * (1 / 120.0f - q * (1 / 5040.0f - q / 362880.0f))));
}

float
tacet_cos_degrees (float degrees)
{
  return tacet_sin_degrees (degrees + 90);
}

static float
linear (guint32 byte)
{
  float c = (float) (byte & 255) / 255.0f;
  return c * (c * (c * 0.305306011f + 0.682171111f) + 0.012522878f);
}

TacetVec
tacet_colour (guint32 rgb)
{
  return tacet_vec (linear (rgb >> 16), linear (rgb >> 8), linear (rgb));
}

TacetFrame
tacet_frame (TacetWorld *world, TacetVec at, float yaw, float scale)
{
  TacetFrame frame = { world,          at,         tacet_sin_degrees (yaw), tacet_cos_degrees (yaw),
                       .scale = scale, .group = 1, .shine = 0.15f };
  return frame;
}

static TacetVec
frame_direction (const TacetFrame *f, TacetVec v)
{
  return tacet_vec (f->yaw_cos * v.x + f->yaw_sin * v.z, v.y, f->yaw_cos * v.z - f->yaw_sin * v.x);
}

TacetVec
tacet_frame_point (const TacetFrame *frame, TacetVec p)
{
  return tacet_vec_along (frame->at, frame->scale, frame_direction (frame, p));
}

static TacetPart *
add_part (TacetFrame *f, TacetShapeKind kind, TacetVec at, TacetVec colour)
{
  TacetWorld *world = f->world;
  /* A full world overwrites its last part: a subject with too many parts looks wrong, nothing worse. */
  int index = MIN (world->n_parts, TACET_MAX_PARTS - 1);
  world->n_parts = index + 1;
  TacetPart *part = &world->parts[index];
  *part = (TacetPart){ .kind = kind, .colour = colour, .group = f->group, .shine = f->shine };
  part->at = part->centre = tacet_frame_point (f, at);
  part->axis[0] = frame_direction (f, tacet_vec (1, 0, 0));
  part->axis[1] = tacet_vec (0, 1, 0);
  part->axis[2] = frame_direction (f, tacet_vec (0, 0, 1));
  return part;
}

TacetPart *
tacet_add_ellipsoid (TacetFrame *f, TacetVec at, TacetVec half, TacetVec colour)
{
  TacetPart *part = add_part (f, TACET_SHAPE_ELLIPSOID, at, colour);
  part->a = half.x * f->scale;
  part->b = half.y * f->scale;
  part->c = half.z * f->scale;
  part->radius = MAX (part->a, MAX (part->b, part->c));
  return part;
}

TacetPart *
tacet_add_box (TacetFrame *f, TacetVec at, TacetVec half, float bevel, TacetVec colour)
{
  TacetPart *part = add_part (f, TACET_SHAPE_BOX, at, colour);
  part->a = half.x * f->scale;
  part->b = half.y * f->scale;
  part->c = half.z * f->scale;
  part->bevel = bevel * f->scale;
  part->radius = tacet_vec_length (tacet_vec (part->a, part->b, part->c));
  return part;
}

/* Turns the part so that its local y runs from one point to another; gives the distance. */
static float
aim (TacetFrame *f, TacetPart *part, TacetVec from, TacetVec to)
{
  TacetVec along = tacet_vec_scale (frame_direction (f, tacet_vec_sub (to, from)), f->scale);
  float length = MAX (tacet_vec_length (along), 1e-4f);
  TacetVec y = tacet_vec_unit (along);
  TacetVec helper = fabsf (y.y) < 0.9f ? tacet_vec (0, 1, 0) : tacet_vec (0, 0, 1);
  part->axis[1] = y;
  part->axis[0] = tacet_vec_unit (tacet_vec_cross (y, helper));
  part->axis[2] = tacet_vec_cross (part->axis[0], y);
  part->centre = tacet_vec_along (part->at, 0.5f * length, y);
  return length;
}

TacetPart *
tacet_add_frustum (TacetFrame *f, TacetVec from, TacetVec to, float r0, float r1, TacetVec colour)
{
  TacetPart *part = add_part (f, TACET_SHAPE_FRUSTUM, from, colour);
  part->c = aim (f, part, from, to);
  part->a = r0 * f->scale;
  part->b = r1 * f->scale;
  float r = MAX (part->a, part->b), h = 0.5f * part->c;
  part->radius = sqrtf (h * h + r * r);
  return part;
}

TacetPart *
tacet_add_limb (TacetFrame *f, TacetVec from, TacetVec to, float r0, float r1, TacetVec colour)
{
  TacetPart *part = add_part (f, TACET_SHAPE_LIMB, from, colour);
  part->c = aim (f, part, from, to);
  part->a = r0 * f->scale;
  part->b = r1 * f->scale;
  /* one sphere within the other has no tangent cone */
  float least = 1.02f * fabsf (part->a - part->b);
  part->c = MAX (part->c, least);
  part->radius = 0.5f * part->c + MAX (part->a, part->b);
  return part;
}

TacetPart *
tacet_add_prism (TacetFrame *f, TacetVec base, float bottom, float top, float height, float half_length,
                 TacetVec colour)
{
  TacetPart *part = add_part (f, TACET_SHAPE_PRISM, base, colour);
  part->a = bottom * f->scale;
  part->e = top * f->scale;
  part->b = height * f->scale;
  part->c = half_length * f->scale;
  float w = MAX (part->a, part->e), h = 0.5f * part->b;
  part->centre = tacet_vec_along (part->at, h, part->axis[1]);
  part->radius = sqrtf (w * w + h * h + part->c * part->c);
  return part;
}

void
tacet_begin_thing (TacetWorld *world)
{
  world->things[world->n_things].first = world->n_parts;
}

void
tacet_end_thing (TacetWorld *world)
{
  TacetThing *thing = &world->things[world->n_things++];
  thing->n_parts = world->n_parts - thing->first;
  TacetVec low = tacet_vec (1e30f, 1e30f, 1e30f), high = tacet_vec (-1e30f, -1e30f, -1e30f);
  for (int i = thing->first; i < world->n_parts; i++)
    {
      const TacetPart *p = &world->parts[i];
      low = tacet_vec (MIN (low.x, p->centre.x - p->radius), MIN (low.y, p->centre.y - p->radius),
                       MIN (low.z, p->centre.z - p->radius));
      high = tacet_vec (MAX (high.x, p->centre.x + p->radius), MAX (high.y, p->centre.y + p->radius),
                        MAX (high.z, p->centre.z + p->radius));
    }
  thing->centre = tacet_vec_scale (tacet_vec_add (low, high), 0.5f);
  thing->radius = 0;
  for (int i = thing->first; i < world->n_parts; i++)
    {
      const TacetPart *p = &world->parts[i];
      float r = tacet_vec_length (tacet_vec_sub (p->centre, thing->centre)) + p->radius;
      thing->radius = MAX (thing->radius, r);
    }
}
