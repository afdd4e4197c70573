/* tacet-studio-subjects.c: the things of a scene, built from primitives.
 *
 * Room: engine/studio.  Fat and single-coloured on purpose: a small model learns large shapes first, and thin ones
 * last (legs, handles).  Each stands on y = 0, its front towards +z.
 */
#include "engine/studio/tacet-studio-world.h"

#define V tacet_vec

static const struct
{
  float height, half_width;
} sizes[TACET_N_SUBJECTS] = {
  [TACET_SUBJECT_PERSON] = { 1.86f, 0.50f }, [TACET_SUBJECT_CHAIR] = { 1.62f, 0.52f },
  [TACET_SUBJECT_TABLE] = { 1.05f, 1.02f },  [TACET_SUBJECT_BALL] = { 1.44f, 0.72f },
  [TACET_SUBJECT_CUBE] = { 1.30f, 0.88f },   [TACET_SUBJECT_CONE] = { 1.75f, 0.74f },
  [TACET_SUBJECT_HOUSE] = { 1.75f, 1.06f },  [TACET_SUBJECT_TREE] = { 1.95f, 0.82f },
  [TACET_SUBJECT_PINE] = { 2.00f, 0.75f },   [TACET_SUBJECT_SNOWMAN] = { 1.90f, 0.80f },
  [TACET_SUBJECT_SOFA] = { 1.08f, 1.08f },   [TACET_SUBJECT_CAR] = { 1.05f, 1.20f },
};

float
tacet_subject_height (TacetSubject subject)
{
  return sizes[subject].height;
}

float
tacet_subject_half_width (TacetSubject subject)
{
  return sizes[subject].half_width;
}

static void
build_chair (TacetFrame *f, TacetVec colour)
{
  TacetVec wood = tacet_vec_scale (colour, 0.88f);
  for (int i = 0; i < 4; i++)
    {
      float x = (i & 1) ? 0.39f : -0.39f, z = (i & 2) ? 0.36f : -0.36f;
      tacet_add_box (f, V (x, 0.36f, z), V (0.085f, 0.36f, 0.085f), 0.03f, wood);
    }
  f->group = 2;
  tacet_add_box (f, V (0, 0.75f, 0), V (0.52f, 0.085f, 0.48f), 0.05f, colour);
  f->group = 1;
  for (int side = -1; side <= 1; side += 2)
    tacet_add_box (f, V (0.43f * side, 1.12f, -0.40f), V (0.075f, 0.30f, 0.065f), 0.03f, wood);
  f->group = 3;
  tacet_add_box (f, V (0, 1.36f, -0.39f), V (0.52f, 0.26f, 0.075f), 0.05f, colour);
}

static void
build_table (TacetFrame *f, TacetVec colour)
{
  TacetVec wood = tacet_vec_scale (colour, 0.85f);
  for (int i = 0; i < 4; i++)
    {
      float x = (i & 1) ? 0.84f : -0.84f, z = (i & 2) ? 0.40f : -0.40f;
      tacet_add_box (f, V (x, 0.46f, z), V (0.095f, 0.46f, 0.095f), 0.03f, wood);
    }
  tacet_add_box (f, V (0, 0.84f, 0), V (0.86f, 0.07f, 0.42f), 0.02f, wood);
  f->group = 2;
  tacet_add_box (f, V (0, 0.98f, 0), V (1.02f, 0.075f, 0.56f), 0.04f, colour);
}

static void
build_house (TacetFrame *f, TacetVec colour, TacetDice *dice)
{
  static const guint32 roofs[] = { 0x8e3b2c, 0x5d4037, 0x4a525c };
  TacetVec roof = tacet_colour (roofs[tacet_dice_below (dice, 3)]);
  /* a roof that vanishes into its walls is no roof */
  if (tacet_vec_length (tacet_vec_sub (roof, colour)) < 0.22f)
    roof = tacet_colour (0xd8c9a8);
  TacetVec frame = tacet_colour (0xf2efe6), glass = tacet_colour (0x9cc9e8), door = tacet_colour (0x6b4423);
  f->shine = 0.05f;
  tacet_add_box (f, V (0, 0.5f, 0), V (0.72f, 0.5f, 0.66f), 0.02f, colour);
  tacet_add_prism (f, V (0, 1.0f, 0), 0.72f, 0, 0.60f, 0.655f, colour);
  f->group = 2;
  for (int side = -1; side <= 1; side += 2)
    {
      TacetPart *slab = tacet_add_box (f, V (0.43f * side, 1.34f, 0), V (0.62f, 0.065f, 0.80f), 0.02f, roof);
      /* lean it along the gable: 0.60 up on 0.72 across */
      TacetVec x = slab->axis[0], up = V (0, 1, 0);
      float c = 0.768f, s = -0.640f * side;
      slab->axis[0] = tacet_vec_along (tacet_vec_scale (x, c), s, up);
      slab->axis[1] = tacet_vec_along (tacet_vec_scale (up, c), -s, x);
    }
  f->group = 3;
  tacet_add_box (f, V (0.42f, 1.50f, -0.25f), V (0.11f, 0.28f, 0.11f), 0.02f, tacet_vec_scale (roof, 0.75f));
  f->group = 4;
  tacet_add_box (f, V (-0.32f, 0.31f, 0.66f), V (0.17f, 0.31f, 0.03f), 0.02f, door);
  f->group = 5;
  tacet_add_box (f, V (0.30f, 0.56f, 0.66f), V (0.22f, 0.22f, 0.02f), 0.01f, frame);
  for (int side = -1; side <= 1; side += 2)
    tacet_add_box (f, V (0.72f * side, 0.56f, 0.05f), V (0.02f, 0.22f, 0.24f), 0.01f, frame);
  f->group = 6;
  f->shine = 0.5f;
  for (int i = 0; i < 4; i++)
    {
      float x = (i & 1) ? 0.395f : 0.205f, y = (i & 2) ? 0.655f : 0.465f;
      tacet_add_box (f, V (x, y, 0.66f), V (0.075f, 0.075f, 0.03f), 0, glass);
    }
  for (int side = -1; side <= 1; side += 2)
    tacet_add_box (f, V (0.72f * side, 0.56f, 0.05f), V (0.03f, 0.165f, 0.18f), 0, glass);
}

static void
build_tree (TacetFrame *f, TacetVec colour, TacetDice *dice)
{
  TacetVec bark = tacet_colour (0x7a5232);
  f->shine = 0.03f;
  tacet_add_frustum (f, V (0, 0, 0), V (0, 0.95f, 0), 0.17f, 0.11f, bark);
  tacet_add_limb (f, V (0, 0.55f, 0), V (0.26f, 0.95f, 0.05f), 0.07f, 0.05f, bark);
  tacet_add_limb (f, V (0, 0.60f, 0), V (-0.26f, 0.95f, 0), 0.07f, 0.05f, bark);
  f->group = 2;
  static const float crown[][4] = {
    { 0, 1.38f, 0, 0.50f },          { -0.40f, 1.18f, 0.08f, 0.34f }, { 0.42f, 1.16f, 0.02f, 0.34f },
    { 0.12f, 1.10f, 0.32f, 0.33f },  { -0.22f, 1.60f, 0.10f, 0.33f }, { 0.26f, 1.58f, 0.06f, 0.34f },
    { -0.05f, 1.40f, 0.32f, 0.32f }, { 0.02f, 1.12f, -0.32f, 0.34f },
  };
  for (guint i = 0; i < G_N_ELEMENTS (crown); i++)
    {
      float r = crown[i][3] * tacet_dice_uniform (dice, 0.95f, 1.08f);
      TacetVec tint = tacet_vec_scale (colour, 0.86f + 0.035f * (float) ((i * 5) % 8));
      tacet_add_ellipsoid (f, V (crown[i][0], crown[i][1], crown[i][2]), V (r, r * 0.92f, r), tint);
    }
}

static void
build_pine (TacetFrame *f, TacetVec colour)
{
  f->shine = 0.03f;
  tacet_add_frustum (f, V (0, 0, 0), V (0, 0.4f, 0), 0.14f, 0.13f, tacet_colour (0x6f4a2c));
  static const float tiers[][4] = { { 0.26f, 0.98f, 0.74f, 0.22f },
                                    { 0.76f, 1.45f, 0.59f, 0.12f },
                                    { 1.22f, 2.0f, 0.43f, 0.012f } };
  for (int i = 0; i < 3; i++)
    {
      f->group = 2 + i;
      tacet_add_frustum (f, V (0, tiers[i][0], 0), V (0, tiers[i][1], 0), tiers[i][2], tiers[i][3],
                         tacet_vec_scale (colour, 0.88f + 0.08f * (float) i));
    }
}

static void
build_snowman (TacetFrame *f, TacetVec colour)
{
  TacetVec coal = tacet_colour (0x1f1f22), scarf = tacet_colour (0xc62828);
  if (tacet_vec_length (tacet_vec_sub (scarf, colour)) < 0.4f)
    scarf = tacet_colour (0xf4f4f0);
  f->shine = 0.05f;
  tacet_add_ellipsoid (f, V (0, 0.50f, 0), V (0.62f, 0.54f, 0.60f), colour);
  f->group = 2;
  tacet_add_ellipsoid (f, V (0, 1.08f, 0), V (0.42f, 0.40f, 0.41f), colour);
  f->group = 3;
  tacet_add_ellipsoid (f, V (0, 1.54f, 0), V (0.29f, 0.29f, 0.29f), colour);
  f->group = 4;
  tacet_add_frustum (f, V (0, 1.26f, 0), V (0, 1.37f, 0), 0.33f, 0.29f, scarf);
  tacet_add_limb (f, V (0.16f, 1.28f, 0.28f), V (0.22f, 0.98f, 0.42f), 0.07f, 0.06f, scarf);
  f->group = 5;
  tacet_add_frustum (f, V (0, 1.72f, 0), V (0, 1.77f, 0), 0.36f, 0.36f, coal);
  tacet_add_frustum (f, V (0, 1.76f, 0), V (0, 2.02f, 0), 0.23f, 0.24f, coal);
  for (int side = -1; side <= 1; side += 2)
    tacet_add_ellipsoid (f, V (0.11f * side, 1.60f, 0.255f), V (0.045f, 0.05f, 0.04f), coal);
  for (int i = 0; i < 3; i++)
    tacet_add_ellipsoid (f, V (-0.03f, 1.21f - 0.18f * (float) i, 0.385f + 0.03f * (float) i - 0.01f),
                         V (0.05f, 0.05f, 0.04f), coal);
  f->group = 6;
  tacet_add_frustum (f, V (0, 1.53f, 0.26f), V (0, 1.50f, 0.56f), 0.075f, 0.012f, tacet_colour (0xf57c1f));
  f->group = 7;
  for (int side = -1; side <= 1; side += 2)
    tacet_add_limb (f, V (0.34f * side, 1.12f, 0), V (0.80f * side, 1.42f, 0.06f), 0.045f, 0.04f,
                    tacet_colour (0x6f4a2c));
}

static void
build_sofa (TacetFrame *f, TacetVec colour)
{
  TacetVec dark = tacet_vec_scale (colour, 0.86f), foot = tacet_colour (0x3a2a1e);
  f->shine = 0.05f;
  for (int i = 0; i < 4; i++)
    tacet_add_box (f, V ((i & 1) ? 0.92f : -0.92f, 0.06f, (i & 2) ? 0.40f : -0.40f), V (0.07f, 0.06f, 0.07f), 0.02f,
                   foot);
  f->group = 2;
  tacet_add_box (f, V (0, 0.26f, 0.02f), V (1.00f, 0.15f, 0.48f), 0.04f, dark);
  f->group = 3;
  tacet_add_box (f, V (0, 0.66f, -0.36f), V (0.98f, 0.42f, 0.16f), 0.12f, dark);
  for (int side = -1; side <= 1; side += 2)
    {
      f->group = 4;
      tacet_add_box (f, V (0.46f * side, 0.48f, 0.10f), V (0.44f, 0.11f, 0.44f), 0.08f, colour);
      f->group = 5;
      tacet_add_box (f, V (0.95f * side, 0.40f, 0.04f), V (0.14f, 0.29f, 0.50f), 0.06f, colour);
      tacet_add_limb (f, V (0.95f * side, 0.70f, -0.36f), V (0.95f * side, 0.70f, 0.42f), 0.16f, 0.16f, colour);
    }
}

static void
build_car (TacetFrame *f, TacetVec colour)
{
  TacetVec tyre = tacet_colour (0x222326), hub = tacet_colour (0xc9ccd1), glass = tacet_colour (0xa9d3ea);
  TacetVec lamp = tacet_colour (0xfff1b8), bumper = tacet_colour (0x55585e);
  f->shine = 0.5f;
  tacet_add_box (f, V (0, 0.44f, 0), V (1.15f, 0.22f, 0.50f), 0.10f, colour);
  tacet_add_prism (f, V (-0.10f, 0.64f, 0), 0.74f, 0.46f, 0.40f, 0.43f, colour);
  f->group = 2;
  for (int side = -1; side <= 1; side += 2)
    {
      float z = 0.432f * side;
      tacet_add_prism (f, V (-0.42f, 0.69f, z), 0.29f, 0.19f, 0.27f, 0.012f, glass);
      tacet_add_prism (f, V (0.20f, 0.69f, z), 0.29f, 0.19f, 0.27f, 0.012f, glass);
    }
  tacet_add_prism (f, V (-0.10f, 0.69f, 0), 0.725f, 0.50f, 0.29f, 0.36f, glass);
  f->shine = 0.15f;
  for (int i = 0; i < 4; i++)
    {
      float x = (i & 1) ? 0.68f : -0.68f, side = (i & 2) ? 1 : -1;
      f->group = 3;
      tacet_add_frustum (f, V (x, 0.26f, 0.30f * side), V (x, 0.26f, 0.54f * side), 0.26f, 0.26f, tyre);
      f->group = 4;
      tacet_add_frustum (f, V (x, 0.26f, 0.50f * side), V (x, 0.26f, 0.56f * side), 0.13f, 0.12f, hub);
    }
  f->group = 5;
  tacet_add_box (f, V (1.13f, 0.30f, 0), V (0.06f, 0.06f, 0.46f), 0.03f, bumper);
  tacet_add_box (f, V (-1.13f, 0.30f, 0), V (0.06f, 0.06f, 0.46f), 0.03f, bumper);
  f->group = 6;
  for (int side = -1; side <= 1; side += 2)
    {
      tacet_add_ellipsoid (f, V (1.13f, 0.48f, 0.33f * side), V (0.05f, 0.09f, 0.09f), lamp);
      tacet_add_ellipsoid (f, V (-1.13f, 0.48f, 0.36f * side), V (0.04f, 0.06f, 0.08f), tacet_colour (0xb71c1c));
    }
}

void
tacet_build_subject (TacetFrame *f, const TacetFact *fact, TacetVec colour, TacetDice *dice)
{
  switch (fact->subject)
    {
    case TACET_SUBJECT_PERSON:
      tacet_build_person (f, fact, colour, dice);
      break;
    case TACET_SUBJECT_CHAIR:
      build_chair (f, colour);
      break;
    case TACET_SUBJECT_TABLE:
      build_table (f, colour);
      break;
    case TACET_SUBJECT_BALL:
      f->shine = 0.5f;
      tacet_add_ellipsoid (f, V (0, 0.72f, 0), V (0.72f, 0.72f, 0.72f), colour);
      break;
    case TACET_SUBJECT_CUBE:
      tacet_add_box (f, V (0, 0.65f, 0), V (0.65f, 0.65f, 0.65f), 0.05f, colour);
      break;
    case TACET_SUBJECT_CONE:
      f->shine = 0.25f;
      tacet_add_frustum (f, V (0, 0, 0), V (0, 1.75f, 0), 0.74f, 0.012f, colour);
      break;
    case TACET_SUBJECT_HOUSE:
      build_house (f, colour, dice);
      break;
    case TACET_SUBJECT_TREE:
      build_tree (f, colour, dice);
      break;
    case TACET_SUBJECT_PINE:
      build_pine (f, colour);
      break;
    case TACET_SUBJECT_SNOWMAN:
      build_snowman (f, colour);
      break;
    case TACET_SUBJECT_SOFA:
      build_sofa (f, colour);
      break;
    default:
      build_car (f, colour);
      break;
    }
}
