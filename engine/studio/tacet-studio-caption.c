/* tacet-studio-caption.c: the words for a scene.
 *
 * Room: engine/studio.  Grammar: [a] [colour] subject [pose] [beside a colour subject] [on a floor], wall, light.
 * Most captions keep the order; a fifth shuffles the clauses; each clause is sometimes left out, so that "red chair"
 * alone works.  Only what is visible is named.
 */
#include "engine/studio/tacet-studio-world.h"

#include <string.h>

static const char *const subjects[TACET_N_SUBJECTS + 1] = {
  [TACET_SUBJECT_PERSON] = "person",   [TACET_SUBJECT_CHAIR] = "chair", [TACET_SUBJECT_TABLE] = "table",
  [TACET_SUBJECT_BALL] = "ball",       [TACET_SUBJECT_CUBE] = "cube",   [TACET_SUBJECT_CONE] = "cone",
  [TACET_SUBJECT_HOUSE] = "house",     [TACET_SUBJECT_TREE] = "tree",   [TACET_SUBJECT_PINE] = "pine",
  [TACET_SUBJECT_SNOWMAN] = "snowman", [TACET_SUBJECT_SOFA] = "sofa",   [TACET_SUBJECT_CAR] = "car"
};

static const char *const colours[TACET_N_COLOURS] = {
  [TACET_COLOUR_RED] = "red",     [TACET_COLOUR_ORANGE] = "orange", [TACET_COLOUR_YELLOW] = "yellow",
  [TACET_COLOUR_GREEN] = "green", [TACET_COLOUR_BLUE] = "blue",     [TACET_COLOUR_PURPLE] = "purple",
  [TACET_COLOUR_PINK] = "pink",   [TACET_COLOUR_WHITE] = "white",   [TACET_COLOUR_BLACK] = "black"
};

static const char *const words[] = {
  "a",        "an",      "and",    "arms",  "ball",   "beside",  "black",   "blue",   "box",     "brick",  "car",
  "carpet",   "chair",   "clear",  "cone",  "couch",  "cube",    "evening", "floor",  "from",    "front",  "grass",
  "green",    "house",   "in",     "left",  "light",  "man",     "on",      "orange", "out",     "person", "pine",
  "pink",     "purple",  "red",    "right", "sand",   "sitting", "sky",     "snow",   "snowman", "sofa",   "sphere",
  "standing", "striped", "sunset", "table", "the",    "tiled",   "tree",    "up",     "walking", "wall",   "waving",
  "white",    "with",    "woman",  "wood",  "wooden", "yellow",  NULL,
};

const char *
tacet_subject_word (TacetSubject subject)
{
  return subjects[subject];
}

const char *
tacet_colour_word (TacetColour colour)
{
  return colours[colour];
}

const char *const *
tacet_studio_subjects (void)
{
  return subjects;
}

const char *const *
tacet_studio_words (void)
{
  return words;
}

static const char *
noun (const TacetFact *fact, TacetDice *dice)
{
  gboolean other = tacet_dice_chance (dice, 0.15f), sex = tacet_dice_chance (dice, 0.6f);
  switch (fact->subject)
    {
    case TACET_SUBJECT_PERSON:
      return !sex ? "person" : fact->long_hair ? "woman" : "man";
    case TACET_SUBJECT_BALL:
      return other ? "sphere" : "ball";
    case TACET_SUBJECT_CUBE:
      return other ? "box" : "cube";
    case TACET_SUBJECT_SOFA:
      return other ? "couch" : "sofa";
    case TACET_SUBJECT_PINE:
      return other ? "pine tree" : "pine";
    default:
      return subjects[fact->subject];
    }
}

static void
add_article (GString *text, const char *next)
{
  g_string_append (text, strchr ("aeiou", next[0]) ? "an " : "a ");
}

static void
add_noun (GString *text, const TacetFact *fact, TacetDice *dice)
{
  const char *name = noun (fact, dice), *colour = colours[fact->colour];
  gboolean coloured = tacet_dice_chance (dice, 0.92f), article = tacet_dice_chance (dice, 0.88f);
  gboolean person = fact->subject == TACET_SUBJECT_PERSON;
  if (article)
    add_article (text, coloured && !person ? colour : name);
  if (coloured && !person)
    g_string_append_printf (text, "%s ", colour);
  g_string_append (text, name);
  if (coloured && person)
    g_string_append_printf (text, " in %s", colour);
}

static char *
subject_clause (const TacetFacts *facts, TacetDice *dice)
{
  static const char *const poses[TACET_N_POSES] = {
    [TACET_POSE_STANDING] = "standing",    [TACET_POSE_WALKING] = "walking",        [TACET_POSE_WAVING] = "waving",
    [TACET_POSE_ARMS_UP] = "with arms up", [TACET_POSE_ARMS_OUT] = "with arms out", [TACET_POSE_SITTING] = "sitting"
  };
  const TacetFact *first = &facts->facts[0];
  GString *text = g_string_new (NULL);
  add_noun (text, first, dice);
  gboolean person = first->subject == TACET_SUBJECT_PERSON;
  float tell = first->pose == TACET_POSE_STANDING ? 0.6f : 0.92f;
  gboolean posed = tacet_dice_chance (dice, tell) && person;
  if (posed)
    g_string_append_printf (text, " %s", poses[first->pose]);
  if (facts->n_facts > 1)
    {
      gboolean sits = person && first->pose == TACET_POSE_SITTING;
      gboolean joined = tacet_dice_chance (dice, 0.3f);
      g_string_append (text, sits ? " on " : joined ? " and " : " beside ");
      add_noun (text, &facts->facts[1], dice);
    }
  return g_string_free (text, FALSE);
}

static const char *
floor_clause (TacetFloor floor, TacetDice *dice)
{
  gboolean other = tacet_dice_chance (dice, 0.15f);
  switch (floor)
    {
    case TACET_FLOOR_WOOD:
      return other ? "on a wood floor" : "on a wooden floor";
    case TACET_FLOOR_TILES:
      return "on a tiled floor";
    case TACET_FLOOR_CARPET:
      return "on a carpet";
    case TACET_FLOOR_GRASS:
      return "on grass";
    case TACET_FLOOR_SAND:
      return "on sand";
    default:
      return "on snow";
    }
}

static const char *
wall_clause (TacetWall wall, TacetLight light, TacetDice *dice)
{
  static const char *const names[TACET_N_WALLS] = {
    [TACET_WALL_WHITE] = "white wall", [TACET_WALL_BLUE] = "blue wall",       [TACET_WALL_YELLOW] = "yellow wall",
    [TACET_WALL_BRICK] = "brick wall", [TACET_WALL_STRIPES] = "striped wall", [TACET_WALL_PANELS] = "wooden wall"
  };
  gboolean other = tacet_dice_chance (dice, 0.3f);
  if (wall == TACET_WALL_SKY)
    return light == TACET_LIGHT_EVENING ? (other ? "evening sky" : "sky") : other ? "clear sky" : "sky";
  return names[wall];
}

static const char *
light_clause (TacetLight light, TacetDice *dice)
{
  gboolean other = tacet_dice_chance (dice, 0.4f);
  switch (light)
    {
    case TACET_LIGHT_LEFT:
      return other ? "light from the left" : "left light";
    case TACET_LIGHT_RIGHT:
      return other ? "light from the right" : "right light";
    case TACET_LIGHT_EVENING:
      return other ? "sunset" : "evening light";
    default:
      return "front light";
    }
}

static void
shuffle (const char **clauses, int n, TacetDice *dice)
{
  for (int i = n - 1; i > 0; i--)
    {
      int k = tacet_dice_below (dice, i + 1);
      const char *swap = clauses[i];
      clauses[i] = clauses[k];
      clauses[k] = swap;
    }
}

char *
tacet_caption (const TacetFacts *facts, TacetDice *dice)
{
  g_autofree char *subject = subject_clause (facts, dice);
  const char *floor = floor_clause (facts->floor, dice);
  const char *wall = wall_clause (facts->wall, facts->light, dice);
  const char *light = light_clause (facts->light, dice);
  const char *all[4] = { subject, floor, wall, light };
  static const float keep[4] = { 0.96f, 0.90f, 0.92f, 0.90f };
  const char *kept[4];
  int n = 0;
  for (int i = 0; i < 4; i++)
    if (tacet_dice_chance (dice, keep[i]))
      kept[n++] = all[i];
  if (n == 0)
    kept[n++] = subject;
  if (tacet_dice_chance (dice, 0.2f))
    shuffle (kept, n, dice);
  GString *text = g_string_new (kept[0]);
  for (int i = 1; i < n; i++)
    {
      gboolean flows = kept[i - 1] == subject && kept[i] == all[1];
      g_string_append_printf (text, "%s%s", flows ? " " : ", ", kept[i]);
    }
  return g_string_free (text, FALSE);
}
