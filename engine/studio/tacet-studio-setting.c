/* tacet-studio-setting.c: palette, light, and the textures of floors, walls and sky.
 *
 * Room: engine/studio.  Textures are of low contrast and their periods are six pixels or more in a picture of 64, so
 * that neither sampling nor a small autoencoder wastes itself on them; they fade with distance.
 */
#include "engine/studio/tacet-studio-world.h"

TacetVec
tacet_palette (TacetColour colour)
{
  static const guint32 rgb[TACET_N_COLOURS] = {
    [TACET_COLOUR_RED] = 0xd42a2a,   [TACET_COLOUR_ORANGE] = 0xf57a14, [TACET_COLOUR_YELLOW] = 0xf8d020,
    [TACET_COLOUR_GREEN] = 0x3a9a40, [TACET_COLOUR_BLUE] = 0x2b5fce,   [TACET_COLOUR_PURPLE] = 0x7f3cb4,
    [TACET_COLOUR_PINK] = 0xf486b6,  [TACET_COLOUR_WHITE] = 0xf2f1ec,  [TACET_COLOUR_BLACK] = 0x27282c,
  };
  return tacet_colour (rgb[colour]);
}

TacetVec
tacet_floor_mean (TacetFloor floor)
{
  static const guint32 rgb[TACET_N_FLOORS] = {
    [TACET_FLOOR_WOOD] = 0xb28f69,  [TACET_FLOOR_TILES] = 0xc9ccc8, [TACET_FLOOR_CARPET] = 0x8795a8,
    [TACET_FLOOR_GRASS] = 0x7bab4e, [TACET_FLOOR_SAND] = 0xdfc791,  [TACET_FLOOR_SNOW] = 0xeaf0f6,
  };
  return tacet_colour (rgb[floor]);
}

TacetVec
tacet_wall_mean (TacetWall wall, TacetLight light)
{
  static const guint32 rgb[TACET_N_WALLS] = {
    [TACET_WALL_WHITE] = 0xe4dfd4, [TACET_WALL_BLUE] = 0x95bcdd,    [TACET_WALL_YELLOW] = 0xead391,
    [TACET_WALL_BRICK] = 0xab6a52, [TACET_WALL_STRIPES] = 0xc5c7b0, [TACET_WALL_PANELS] = 0x9b7450,
    [TACET_WALL_SKY] = 0x8fc0e6,
  };
  if (wall == TACET_WALL_SKY && light == TACET_LIGHT_EVENING)
    return tacet_colour (0xf2b98c);
  return tacet_colour (rgb[wall]);
}

void
tacet_light_setup (TacetWorld *world, TacetDice *dice)
{
  TacetVec sun = tacet_vec (0.10f, 0.62f, 0.80f);
  float side = 1;
  switch (world->facts.light)
    {
    case TACET_LIGHT_LEFT:
      side = -1;
      G_GNUC_FALLTHROUGH;
    case TACET_LIGHT_RIGHT:
      sun = tacet_vec (side * 0.68f, 0.64f, 0.54f);
      break;
    case TACET_LIGHT_EVENING:
      sun = tacet_vec ((tacet_dice_chance (dice, 0.5f) ? 1.0f : -1.0f) * 0.72f, 0.42f, 0.56f);
      break;
    default:
      break;
    }
  sun.x += tacet_dice_uniform (dice, -0.06f, 0.06f);
  sun.y += tacet_dice_uniform (dice, -0.04f, 0.04f);
  world->sun = tacet_vec_unit (sun);
  world->sun_side = tacet_vec_unit (tacet_vec_cross (world->sun, tacet_vec (0, 1, 0)));
  world->sun_up = tacet_vec_cross (world->sun_side, world->sun);
  world->sun_colour = tacet_vec (0.98f, 0.95f, 0.88f);
  world->sky_light = tacet_vec (0.50f, 0.52f, 0.55f);
  world->ground_light = tacet_vec (0.34f, 0.32f, 0.30f);
  world->sky_top = tacet_colour (0x5c9fdc);
  world->sky_bottom = tacet_colour (0xc4e0f2);
  if (world->facts.light == TACET_LIGHT_FRONT)
    world->sun_colour = tacet_vec_scale (world->sun_colour, 0.80f);
  if (world->facts.light == TACET_LIGHT_EVENING)
    {
      world->sun_colour = tacet_vec (1.24f, 0.88f, 0.60f);
      world->sky_light = tacet_vec (0.47f, 0.41f, 0.43f);
      world->ground_light = tacet_vec (0.36f, 0.27f, 0.24f);
      world->sky_top = tacet_colour (0x8f8fc0);
      world->sky_bottom = tacet_colour (0xffc27a);
    }
}

static float
lattice (int x, int y)
{
  guint32 h = (guint32) x * 0x8da6b343u ^ (guint32) y * 0xd8163841u;
  h ^= h >> 15;
  h *= 0x2c1b3c6du;
  h ^= h >> 12;
  h *= 0x297a2d39u;
  h ^= h >> 15;
  return (float) (h >> 8) * (1.0f / 16777216.0f);
}

/* Value noise, mean 0, within -1 .. 1. */
static float
noise (float x, float y)
{
  float fx = floorf (x), fy = floorf (y);
  int ix = (int) fx, iy = (int) fy;
  float u = x - fx, v = y - fy;
  u = u * u * (3 - 2 * u);
  v = v * v * (3 - 2 * v);
  float a = lattice (ix, iy), b = lattice (ix + 1, iy), c = lattice (ix, iy + 1), d = lattice (ix + 1, iy + 1);
  return 2 * (a + (b - a) * u + (c - a) * v + (a - b - c + d) * u * v) - 1;
}

/* 1 on a line of the given width around the whole numbers of x, soft over blur. */
static float
line (float x, float width, float blur)
{
  float d = fabsf (x - floorf (x + 0.5f));
  return 1 - tacet_smooth (0.5f * width - 0.5f * blur, 0.5f * width + 0.5f * blur, d);
}

/* A wave between -1 and 1 with period 1. */
static float
wave (float x)
{
  float t = x - floorf (x);
  t = t < 0.5f ? 2 * t : 2 - 2 * t;
  return 2 * t * t * (3 - 2 * t) - 1;
}

/* Factor on the mean colour. */
static float
planks (float across, float along, float width, float fade)
{
  float lane = floorf (across / width);
  float shift = lattice ((int) lane, 7) * 3.1f;
  float board = floorf ((along + shift) / 2.6f);
  float tone = lattice ((int) lane, (int) board + 31) - 0.5f;
  float grain = noise (across * 7, along * 0.9f + lane * 9);
  float seam = MAX (line (across / width, 0.09f, 0.10f), line ((along + shift) / 2.6f, 0.016f, 0.02f));
  return 1 + fade * (0.20f * tone + 0.045f * grain - 0.30f * seam);
}

TacetVec
tacet_floor_colour (const TacetWorld *world, TacetVec p, float distance)
{
  TacetVec mean = tacet_floor_mean (world->facts.floor);
  float fade = 1 - 0.75f * tacet_smooth (5.5f, 11, distance);
  float x = p.x + world->texture[0] * 40, z = p.z + world->texture[1] * 40, k = 1;
  switch (world->facts.floor)
    {
    case TACET_FLOOR_WOOD:
      return tacet_vec_scale (mean, planks (x, z, 0.46f, fade));
    case TACET_FLOOR_TILES:
      {
        float u = x / 0.78f, v = z / 0.78f;
        float tone = (((int) floorf (u + 0.5f) + (int) floorf (v + 0.5f)) & 1) ? 0.045f : -0.045f;
        float grout = MAX (line (u + 0.5f, 0.05f, 0.05f), line (v + 0.5f, 0.05f, 0.05f));
        return tacet_vec_scale (mean, 1 + fade * (tone - 0.26f * grout));
      }
    case TACET_FLOOR_CARPET:
      k = 1 + fade * (0.10f * wave (z / 0.9f) + 0.03f * noise (x * 9, z * 9));
      return tacet_vec_scale (mean, k);
    case TACET_FLOOR_GRASS:
      {
        float patch = 0.6f * noise (x * 1.7f, z * 1.1f) + 0.4f * noise (x * 5, z * 3);
        TacetVec dry = tacet_vec (0.30f, 0.42f, 0.08f);
        return tacet_vec_mix (tacet_vec_scale (mean, 1 + 0.20f * fade * patch), dry, 0.18f * (patch > 0 ? patch : 0));
      }
    case TACET_FLOOR_SAND:
      k = 1 + fade * (0.06f * wave (z / 0.55f + 0.5f * noise (x * 0.8f, z * 0.8f)) + 0.05f * noise (x * 3, z * 3));
      return tacet_vec_scale (mean, k);
    default:
      k = 0.97f + fade * 0.05f * (noise (x * 1.1f, z * 0.8f) + 0.5f * noise (x * 3, z * 2));
      return tacet_vec_mul (mean, tacet_vec (k, k, 0.5f + 0.5f * k));
    }
}

static TacetVec
brick (const TacetWorld *world, float x, float y)
{
  float course = floorf (y / 0.40f);
  float u = x / 0.95f + (((int) course & 1) ? 0.5f : 0.0f);
  float tone = lattice ((int) floorf (u), (int) course) - 0.5f;
  float joint = MAX (line (u, 0.075f, 0.06f), line (y / 0.40f, 0.17f, 0.13f));
  TacetVec stone = tacet_vec_scale (tacet_wall_mean (TACET_WALL_BRICK, world->facts.light), 1 + 0.34f * tone);
  return tacet_vec_mix (stone, tacet_colour (0xd3c4b2), 0.75f * joint);
}

TacetVec
tacet_wall_colour (const TacetWorld *world, TacetVec p, float distance)
{
  TacetWall wall = world->facts.wall;
  TacetVec mean = tacet_wall_mean (wall, world->facts.light);
  float x = p.x + world->texture[2] * 40, y = p.y;
  gboolean indoors = world->facts.floor <= TACET_FLOOR_CARPET;
  if (indoors && y < 0.20f && wall != TACET_WALL_PANELS)
    return tacet_vec_scale (tacet_colour (0xf1ede3), y > 0.16f ? 0.80f : 1);
  switch (wall)
    {
    case TACET_WALL_BRICK:
      return brick (world, x, y);
    case TACET_WALL_STRIPES:
      return tacet_vec_mix (tacet_colour (0xe3dcc4), tacet_colour (0xa3b199),
                            0.5f + 0.5f * tacet_clampf (6 * wave (x / 1.0f), -1, 1));
    case TACET_WALL_PANELS:
      return tacet_vec_scale (mean, planks (x, y + 3, 0.55f, 1));
    default:
      return tacet_vec_scale (mean, 1 + 0.025f * noise (x * 0.7f, y * 0.7f));
    }
}

TacetVec
tacet_sky_colour (const TacetWorld *world, TacetVec ray)
{
  float up = tacet_smooth (-0.16f, 0.20f, ray.y);
  TacetVec sky = tacet_vec_mix (world->sky_bottom, world->sky_top, up);
  float x = ray.x * 5 + world->texture[2] * 40, y = ray.y * 15 + world->texture[3] * 40;
  float cloud = 0.65f * noise (x, y) + 0.35f * noise (x * 2.3f, y * 2.1f);
  TacetVec white =
      world->facts.light == TACET_LIGHT_EVENING ? tacet_colour (0xffe3c8) : tacet_vec (0.95f, 0.96f, 0.98f);
  return tacet_vec_mix (sky, white, 0.75f * tacet_smooth (0.05f, 0.55f, cloud));
}
