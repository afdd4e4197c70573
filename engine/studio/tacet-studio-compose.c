/* tacet-studio-compose.c: from a seed to a world: what stands where, in which colour, before what.
 *
 * Room: engine/studio.  Little varies that a caption does not tell: one camera with small shifts, subjects about as
 * large as half the picture and near its middle, colours that stand out from wall and floor.
 */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "engine/studio/tacet-studio-world.h"

enum
{
  STREAM_WHAT = 1,
  STREAM_SETTING,
  STREAM_LAYOUT,
  STREAM_LOOK,
};

static const float subject_weights[TACET_N_SUBJECTS] = {
  [TACET_SUBJECT_PERSON] = 3.2f, [TACET_SUBJECT_CHAIR] = 1.5f, [TACET_SUBJECT_TABLE] = 1.1f,
  [TACET_SUBJECT_BALL] = 0.8f,   [TACET_SUBJECT_CUBE] = 0.8f,  [TACET_SUBJECT_CONE] = 0.8f,
  [TACET_SUBJECT_HOUSE] = 1.2f,  [TACET_SUBJECT_TREE] = 1.0f,  [TACET_SUBJECT_PINE] = 0.8f,
  [TACET_SUBJECT_SNOWMAN] = 1,   [TACET_SUBJECT_SOFA] = 1.0f,  [TACET_SUBJECT_CAR] = 1.3f
};

static const float outdoors[TACET_N_SUBJECTS] = {
  [TACET_SUBJECT_PERSON] = 0.45f, [TACET_SUBJECT_CHAIR] = 0.20f, [TACET_SUBJECT_TABLE] = 0.20f,
  [TACET_SUBJECT_BALL] = 0.45f,   [TACET_SUBJECT_CUBE] = 0.40f,  [TACET_SUBJECT_CONE] = 0.40f,
  [TACET_SUBJECT_HOUSE] = 0.90f,  [TACET_SUBJECT_TREE] = 0.88f,  [TACET_SUBJECT_PINE] = 0.85f,
  [TACET_SUBJECT_SNOWMAN] = 0.9f, [TACET_SUBJECT_SOFA] = 0.12f,  [TACET_SUBJECT_CAR] = 0.80f
};

/* Who stands beside whom, and how often. */
static const struct
{
  TacetSubject first, second;
  float weight;
} pairs[] = {
  { TACET_SUBJECT_PERSON, TACET_SUBJECT_CHAIR, 4 }, { TACET_SUBJECT_PERSON, TACET_SUBJECT_TABLE, 2 },
  { TACET_SUBJECT_PERSON, TACET_SUBJECT_BALL, 1 },  { TACET_SUBJECT_PERSON, TACET_SUBJECT_TREE, 1 },
  { TACET_SUBJECT_PERSON, TACET_SUBJECT_SOFA, 1 },  { TACET_SUBJECT_PERSON, TACET_SUBJECT_SNOWMAN, 1 },
  { TACET_SUBJECT_CHAIR, TACET_SUBJECT_TABLE, 2 },  { TACET_SUBJECT_BALL, TACET_SUBJECT_CUBE, 1.5f },
  { TACET_SUBJECT_CUBE, TACET_SUBJECT_CONE, 1.5f }, { TACET_SUBJECT_CONE, TACET_SUBJECT_BALL, 1.5f },
  { TACET_SUBJECT_HOUSE, TACET_SUBJECT_TREE, 2 },   { TACET_SUBJECT_PINE, TACET_SUBJECT_SNOWMAN, 1.5f },
  { TACET_SUBJECT_HOUSE, TACET_SUBJECT_PINE, 1 },   { TACET_SUBJECT_TREE, TACET_SUBJECT_CAR, 1 },
};

/* Size beside a person, relative to a picture of its own. */
static const float beside_person[TACET_N_SUBJECTS] = {
  [TACET_SUBJECT_PERSON] = 1,     [TACET_SUBJECT_CHAIR] = 0.74f, [TACET_SUBJECT_TABLE] = 0.78f,
  [TACET_SUBJECT_BALL] = 0.62f,   [TACET_SUBJECT_CUBE] = 0.7f,   [TACET_SUBJECT_CONE] = 0.7f,
  [TACET_SUBJECT_HOUSE] = 1.2f,   [TACET_SUBJECT_TREE] = 1.05f,  [TACET_SUBJECT_PINE] = 1.05f,
  [TACET_SUBJECT_SNOWMAN] = 0.9f, [TACET_SUBJECT_SOFA] = 0.82f,  [TACET_SUBJECT_CAR] = 1
};

static TacetColour
draw_colour (TacetSubject subject, TacetDice *dice)
{
  float weights[TACET_N_COLOURS];
  for (int i = 0; i < TACET_N_COLOURS; i++)
    weights[i] =
        subject == TACET_SUBJECT_TREE || subject == TACET_SUBJECT_PINE || subject == TACET_SUBJECT_SNOWMAN ? 0.3f : 1;
  switch (subject)
    {
    case TACET_SUBJECT_TREE:
      weights[TACET_COLOUR_GREEN] = 4;
      weights[TACET_COLOUR_RED] = weights[TACET_COLOUR_ORANGE] = weights[TACET_COLOUR_PINK] = 1;
      weights[TACET_COLOUR_YELLOW] = 1;
      break;
    case TACET_SUBJECT_PINE:
      weights[TACET_COLOUR_GREEN] = 4;
      weights[TACET_COLOUR_BLUE] = weights[TACET_COLOUR_WHITE] = 1;
      break;
    case TACET_SUBJECT_SNOWMAN:
      weights[TACET_COLOUR_WHITE] = 5;
      weights[TACET_COLOUR_BLUE] = weights[TACET_COLOUR_PINK] = 0.7f;
      weights[TACET_COLOUR_BLACK] = 0;
      break;
    default:
      break;
    }
  return (TacetColour) tacet_dice_weighted (dice, weights, TACET_N_COLOURS);
}

static TacetPose
draw_pose (TacetDice *dice)
{
  static const float weights[TACET_N_POSES] = { 3, 1.4f, 1.4f, 1.4f, 1.2f, 1.4f };
  return (TacetPose) tacet_dice_weighted (dice, weights, TACET_N_POSES);
}

static void
add_fact (TacetFacts *facts, TacetSubject subject, TacetPose pose, TacetDice *dice)
{
  TacetFact *fact = &facts->facts[facts->n_facts++];
  *fact = (TacetFact){ .subject = subject, .pose = pose };
  fact->long_hair = tacet_dice_chance (dice, 0.5f);
}

static void
draw_pair (TacetFacts *facts, int wanted, TacetDice *dice)
{
  float weights[G_N_ELEMENTS (pairs)];
  gboolean any = FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (pairs); i++)
    {
      gboolean fits = wanted < 0 || (int) pairs[i].first == wanted || (int) pairs[i].second == wanted;
      weights[i] = fits ? pairs[i].weight : 0;
      any |= fits;
    }
  int at = any ? tacet_dice_weighted (dice, weights, G_N_ELEMENTS (pairs)) : 0;
  TacetSubject first = pairs[at].first, second = pairs[at].second;
  gboolean swap = wanted >= 0 ? (int) first != wanted : first != TACET_SUBJECT_PERSON && tacet_dice_chance (dice, 0.5f);
  TacetPose pose = draw_pose (dice);
  if (pose == TACET_POSE_SITTING || pose == TACET_POSE_ARMS_OUT)
    pose = TACET_POSE_STANDING;
  add_fact (facts, swap ? second : first, pose, dice);
  add_fact (facts, swap ? first : second, pose, dice);
}

static void
draw_facts (TacetFacts *facts, int wanted, TacetDice *dice)
{
  if (tacet_dice_chance (dice, 0.25f))
    {
      draw_pair (facts, wanted, dice);
      return;
    }
  int subject = tacet_dice_weighted (dice, subject_weights, TACET_N_SUBJECTS);
  if (wanted >= 0)
    subject = wanted;
  TacetPose pose = draw_pose (dice);
  add_fact (facts, (TacetSubject) subject, pose, dice);
  if (subject == TACET_SUBJECT_PERSON && pose == TACET_POSE_SITTING)
    add_fact (facts, TACET_SUBJECT_CHAIR, pose, dice);
}

static void
draw_setting (TacetFacts *facts, TacetDice *dice)
{
  static const float walls_inside[TACET_N_WALLS] = { 1.1f, 1, 0.9f, 1.5f, 0.9f, 0.9f, 0 };
  static const float walls_outside[TACET_N_WALLS] = { 0.08f, 0.04f, 0.04f, 0.16f, 0, 0.04f, 1 };
  /* a tree beside a person wants the open air, wherever people like to be */
  TacetSubject subject = facts->facts[0].subject;
  for (int i = 1; i < facts->n_facts; i++)
    if (outdoors[facts->facts[i].subject] > outdoors[subject])
      subject = facts->facts[i].subject;
  if (tacet_dice_chance (dice, outdoors[subject]))
    {
      float grounds[3] = { 1.3f, 0.8f, subject == TACET_SUBJECT_SNOWMAN ? 2 : 0.8f };
      facts->floor = (TacetFloor) (TACET_FLOOR_GRASS + tacet_dice_weighted (dice, grounds, 3));
      facts->wall = (TacetWall) tacet_dice_weighted (dice, walls_outside, TACET_N_WALLS);
    }
  else
    {
      facts->floor = (TacetFloor) tacet_dice_below (dice, TACET_FLOOR_CARPET + 1);
      facts->wall = (TacetWall) tacet_dice_weighted (dice, walls_inside, TACET_N_WALLS);
    }
  facts->light = (TacetLight) tacet_dice_below (dice, TACET_N_LIGHTS);
}

/* A distance nearer to the eye's than that of linear colours. */
static float
contrast (TacetVec a, TacetVec b)
{
  TacetVec d = tacet_vec (sqrtf (a.x) - sqrtf (b.x), sqrtf (a.y) - sqrtf (b.y), sqrtf (a.z) - sqrtf (b.z));
  return tacet_vec_length (d);
}

/* How well the objects stand out; the floor counts less, because outlines lie before the wall. */
static float
stands_out (const TacetFacts *facts)
{
  float worst = 10;
  for (int i = 0; i < facts->n_facts; i++)
    {
      TacetVec colour = tacet_palette (facts->facts[i].colour);
      worst = MIN (worst, contrast (colour, tacet_wall_mean (facts->wall, facts->light)));
      worst = MIN (worst, 1.7f * contrast (colour, tacet_floor_mean (facts->floor)));
      for (int k = 0; k < i; k++)
        worst = MIN (worst, 2 * contrast (colour, tacet_palette (facts->facts[k].colour)));
    }
  return worst;
}

static void
draw_colours_and_setting (TacetFacts *facts, TacetDice *dice)
{
  TacetFacts best = *facts;
  float best_score = -1;
  for (int tries = 0; tries < 24 && best_score < 0.40f; tries++)
    {
      for (int i = 0; i < facts->n_facts; i++)
        facts->facts[i].colour = draw_colour (facts->facts[i].subject, dice);
      draw_setting (facts, dice);
      float score = stands_out (facts);
      if (score > best_score)
        {
          best = *facts;
          best_score = score;
        }
    }
  *facts = best;
}

static float
draw_yaw (const TacetFact *fact, TacetDice *dice)
{
  float sign = tacet_dice_chance (dice, 0.5f) ? 1 : -1;
  switch (fact->subject)
    {
    case TACET_SUBJECT_PERSON:
      return fact->pose == TACET_POSE_WALKING ? sign * tacet_dice_uniform (dice, 40, 65)
                                              : sign * tacet_dice_uniform (dice, 0, 25);
    case TACET_SUBJECT_CHAIR:
      return sign * tacet_dice_uniform (dice, 18, 42);
    case TACET_SUBJECT_CUBE:
      return sign * tacet_dice_uniform (dice, 20, 40);
    case TACET_SUBJECT_HOUSE:
      return sign * tacet_dice_uniform (dice, 18, 36);
    case TACET_SUBJECT_CAR:
      return (sign > 0 ? 0 : 180) - sign * tacet_dice_uniform (dice, 10, 28);
    case TACET_SUBJECT_TREE:
      return tacet_dice_uniform (dice, 0, 360);
    default:
      return sign * tacet_dice_uniform (dice, 4, 24);
    }
}

static void
place (TacetWorld *world, int index, TacetVec at, float yaw, float scale, TacetDice *look)
{
  const TacetFact *fact = &world->facts.facts[index];
  TacetVec colour = tacet_palette (fact->colour);
  float light = tacet_dice_uniform (look, 0.93f, 1.05f);
  float red = tacet_dice_uniform (look, 0.96f, 1.04f), green = tacet_dice_uniform (look, 0.96f, 1.04f);
  float blue = tacet_dice_uniform (look, 0.96f, 1.04f);
  colour = tacet_vec_mul (colour, tacet_vec (light * red, light * green, light * blue));
  colour = tacet_vec (MIN (colour.x, 0.95f), MIN (colour.y, 0.95f), MIN (colour.z, 0.95f));
  TacetFrame frame = tacet_frame (world, at, yaw, scale);
  tacet_begin_thing (world);
  tacet_build_subject (&frame, fact, colour, look);
  tacet_end_thing (world);
}

static float
place_sitting (TacetWorld *world, TacetDice *dice, TacetDice *look)
{
  float scale = 1.16f * tacet_dice_uniform (dice, 0.95f, 1.04f);
  float yaw = (tacet_dice_chance (dice, 0.5f) ? 1 : -1) * tacet_dice_uniform (dice, 15, 38);
  float x = tacet_dice_uniform (dice, -0.12f, 0.12f), z = tacet_dice_uniform (dice, -0.1f, 0.1f);
  TacetVec at = tacet_vec (x, 0, z);
  place (world, 0, at, yaw, scale, look);
  place (world, 1, at, yaw, 0.64f * scale, look);
  return 1.5f * scale;
}

/* Gives the height of the group. */
static float
place_things (TacetWorld *world, TacetDice *dice, TacetDice *look)
{
  const TacetFacts *facts = &world->facts;
  const TacetFact *first = &facts->facts[0], *second = &facts->facts[1];
  if (facts->n_facts == 2 && first->subject == TACET_SUBJECT_PERSON && first->pose == TACET_POSE_SITTING)
    return place_sitting (world, dice, look);
  float size = tacet_dice_uniform (dice, 0.94f, 1.05f), height = tacet_subject_height (first->subject);
  if (facts->n_facts == 1)
    {
      float x = tacet_dice_uniform (dice, -0.13f, 0.13f), z = tacet_dice_uniform (dice, -0.15f, 0.15f);
      place (world, 0, tacet_vec (x, 0, z), draw_yaw (first, dice), size, look);
      return height * size;
    }
  gboolean people = first->subject == TACET_SUBJECT_PERSON || second->subject == TACET_SUBJECT_PERSON;
  float s[2], w[2];
  for (int i = 0; i < 2; i++)
    {
      s[i] = people ? beside_person[facts->facts[i].subject] : 1;
      w[i] = s[i] * tacet_subject_half_width (facts->facts[i].subject);
    }
  float fit = MIN (0.92f, 2.40f / (2 * (w[0] + w[1]))) * size;
  float gap = tacet_dice_uniform (dice, 0.06f, 0.16f), middle = tacet_dice_uniform (dice, -0.08f, 0.08f);
  float side = tacet_dice_chance (dice, 0.5f) ? 1 : -1;
  float total = fit * 2 * (w[0] + w[1]) + gap;
  height = 0;
  for (int i = 0; i < 2; i++)
    {
      float from_edge = i ? 0.5f * total - fit * w[1] : -0.5f * total + fit * w[0];
      TacetVec at = tacet_vec (middle + side * from_edge, 0, tacet_dice_uniform (dice, -0.15f, 0.15f));
      place (world, i, at, draw_yaw (&facts->facts[i], dice), fit * s[i], look);
      height = MAX (height, fit * s[i] * tacet_subject_height (facts->facts[i].subject));
    }
  return height;
}

static void
place_camera (TacetWorld *world, float height, TacetDice *dice)
{
  float pitch = tacet_dice_uniform (dice, 9, 12.5f), yaw = tacet_dice_uniform (dice, -5, 5), distance = 5.6f;
  float aside = tacet_dice_uniform (dice, -0.05f, 0.05f), above = tacet_dice_uniform (dice, 0.26f, 0.34f);
  TacetVec target = tacet_vec (aside, above + 0.31f * height, 0);
  float level = distance * tacet_cos_degrees (pitch);
  world->eye = tacet_vec_add (target, tacet_vec (level * tacet_sin_degrees (yaw), distance * tacet_sin_degrees (pitch),
                                                 level * tacet_cos_degrees (yaw)));
  world->forward = tacet_vec_unit (tacet_vec_sub (target, world->eye));
  world->right = tacet_vec_unit (tacet_vec_cross (world->forward, tacet_vec (0, 1, 0)));
  world->up = tacet_vec_cross (world->right, world->forward);
  world->zoom = 0.278f;
  world->wall_z = world->facts.wall == TACET_WALL_SKY ? -5.0f : tacet_dice_uniform (dice, -2.1f, -1.8f);
}

gboolean
tacet_world_compose (TacetWorld *world, guint64 seed, const char *subject, GError **error)
{
  int wanted = -1;
  for (int i = 0; subject && i < TACET_N_SUBJECTS; i++)
    if (strcmp (subject, tacet_subject_word ((TacetSubject) i)) == 0)
      wanted = i;
  if (subject && wanted < 0)
    {
      g_set_error (error, TACET_STUDIO_ERROR, TACET_STUDIO_ERROR_SUBJECT,
                   _ ("There are no synthetic scenes of “%s”; leave the subject out or choose another, “chair” for "
                      "instance."),
                   subject);
      return FALSE;
    }
  *world = (TacetWorld){ 0 };
  TacetDice what = tacet_dice (seed, STREAM_WHAT), setting = tacet_dice (seed, STREAM_SETTING);
  TacetDice layout = tacet_dice (seed, STREAM_LAYOUT), look = tacet_dice (seed, STREAM_LOOK);
  draw_facts (&world->facts, wanted, &what);
  draw_colours_and_setting (&world->facts, &setting);
  for (int i = 0; i < 4; i++)
    world->texture[i] = tacet_dice_uniform (&look, 0, 1);
  float height = place_things (world, &layout, &look);
  place_camera (world, height, &layout);
  tacet_light_setup (world, &layout);
  return TRUE;
}
