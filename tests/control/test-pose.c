/* test-pose.c: people of pose maps: drawn with hands and faces, moved, flipped, hidden.
 *
 * Tests of engine/control.  data/pose.png: make-pose.py.
 */
#include "engine/control/tacet-maps.h"
#include <math.h>
#include <string.h>

#define HANDS_AND_FACE (1u << TACET_BODY_RIGHT_HAND | 1u << TACET_BODY_LEFT_HAND | 1u << TACET_BODY_FACE)

static TacetPerson
figure (TacetFigure which)
{
  TacetPerson person = tacet_person_new (which, 256, 256, 300, 400);
  for (int part = TACET_BODY_RIGHT_HAND; part <= TACET_BODY_FACE; part++)
    tacet_person_add_part (&person, part);
  return person;
}

static double
apart (const TacetPerson *person, int a, int b)
{
  return hypot (person->points[a].x - person->points[b].x, person->points[a].y - person->points[b].y);
}

static void
assert_at (const TacetPerson *person, int point, double x, double y)
{
  g_assert_cmpfloat_with_epsilon (person->points[point].x, x, 2e-3);
  g_assert_cmpfloat_with_epsilon (person->points[point].y, y, 2e-3);
}

/* All distances between the points of a group are those of before, times a factor. */
static void
assert_same_shape (const TacetPerson *before, const TacetPerson *after, TacetBodyPart part, double factor)
{
  int first, n = tacet_body_part_points (part, &first);
  for (int i = 0; i < n; i++)
    for (int k = 0; k < i; k++)
      g_assert_cmpfloat_with_epsilon (apart (after, first + i, first + k),
                                      factor * apart (before, first + i, first + k), 5e-3);
}

static void
assert_bones_kept (const TacetPerson *before, const TacetPerson *after)
{
  for (int i = 0; i < TACET_PERSON_POINTS; i++)
    if (tacet_point_parent (i) >= 0)
      g_assert_cmpfloat_with_epsilon (apart (after, i, tacet_point_parent (i)),
                                      apart (before, i, tacet_point_parent (i)), 5e-3);
}

static gboolean
same_place (const TacetPerson *a, const TacetPerson *b, int point)
{
  return a->points[point].x == b->points[point].x && a->points[point].y == b->points[point].y;
}

/* ---- drawing ---- */

static void
place (TacetJoint *joint, int x, int y)
{
  *joint = (TacetJoint){ (float) x + 0.5f, (float) y + 0.5f, 1 };
}

/* As in make-pose.py. */
static TacetPerson
reference_person (int x)
{
  static const int body[TACET_POSE_JOINTS][2] = { { 90, 90 },   { 90, 130 },  { 60, 130 },  { 40, 190 },  { 30, 250 },
                                                  { 120, 130 }, { 150, 180 }, { 170, 230 }, { 70, 250 },  { 68, 340 },
                                                  { 66, 430 },  { 110, 250 }, { 112, 340 }, { 116, 430 }, { 80, 80 },
                                                  { 100, 80 },  { 68, 86 },   { 112, 86 } };
  TacetPerson person = { .has = HANDS_AND_FACE };
  for (int i = 0; i < TACET_POSE_JOINTS; i++)
    place (&person.joints[i], x + body[i][0], body[i][1]);
  for (int side = 0; side < 2; side++)
    {
      TacetJoint *hand = side ? person.right_hand : person.left_hand;
      const int *wrist = body[side ? TACET_RIGHT_WRIST : TACET_LEFT_WRIST];
      place (&hand[0], x + wrist[0], wrist[1]);
      for (int i = 0; i < 20; i++)
        place (&hand[1 + i], x + wrist[0] + (i / 4 - 2) * (3 + 4 * (i % 4)), wrist[1] + 12 + 11 * (i % 4));
    }
  for (int i = 0; i < TACET_FACE_POINTS; i++)
    place (&person.face[i], x + 140 + 12 * (i % 10), 300 + 11 * (i / 10));
  return person;
}

static gboolean
is_inside (const TacetImage *image, int x, int y)
{
  const guint8 *pixel = image->data + 3 * (y * image->width + x);
  for (int i = 0; i < 9; i++)
    if (memcmp (pixel + 3 * ((i / 3 - 1) * image->width + i % 3 - 1), pixel, 3) != 0)
      return FALSE;
  return TRUE;
}

/* The annotator's drawing has hard outlines, and its circles are half a pixel wider: the outlines differ.  Inside of
 * them every colour is the same. */
static void
test_reference (void)
{
  TacetPerson people[2] = { reference_person (0), reference_person (250) };
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "control", "data", "pose.png", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (TacetImage) reference = tacet_image_load_png (path, &error);
  g_assert_no_error (error);
  g_autoptr (TacetImage) map = tacet_pose_draw (people, 2, 512, 512);
  int both = 0, either = 0, inside = 0, same = 0;
  double difference = 0;
  for (int y = 1; y < 511; y++)
    for (int x = 1; x < 511; x++)
      {
        const guint8 *a = map->data + 3 * (y * 512 + x), *b = reference->data + 3 * (y * 512 + x);
        int lit_a = MAX (a[0], MAX (a[1], a[2])) > 60, lit_b = MAX (b[0], MAX (b[1], b[2])) > 60, most = 0;
        for (int c = 0; c < 3; c++)
          {
            difference += abs (a[c] - b[c]);
            most = MAX (most, abs (a[c] - b[c]));
          }
        both += lit_a && lit_b;
        either += lit_a || lit_b;
        inside += lit_b && is_inside (reference, x, y);
        same += lit_b && is_inside (reference, x, y) && most <= 2;
      }
  g_test_message ("overlap %.3f, same colour inside %.3f, mean difference %.2f", (double) both / either,
                  (double) same / inside, difference / (3 * 512 * 512));
  g_assert_cmpfloat ((double) both / either, >, 0.85);
  g_assert_cmpfloat ((double) same / inside, >, 0.98);
  g_assert_cmpfloat (difference / (3 * 512 * 512), <, 2);
}

/* Drawn in pieces it is the same as drawn at once, and what a person touches lies in its area. */
static void
test_area (void)
{
  TacetPerson people[2] = { figure (TACET_FIGURE_RUNNING), figure (TACET_FIGURE_PORTRAIT) };
  int area[4];
  tacet_person_show_part (&people[0], TACET_BODY_FACE, FALSE);
  g_autoptr (TacetImage) whole = tacet_pose_draw (people, 2, 512, 512), pieces = tacet_image_new (512, 512, 3);
  memset (pieces->data, 77, 512 * 512 * 3);
  for (int y = -13; y < 512; y += 101)
    for (int x = -7; x < 512; x += 57)
      tacet_pose_redraw (pieces, people, 2, x, y, 57, 101);
  g_assert_true (tacet_image_equal (whole, pieces));
  g_autoptr (TacetImage) one = tacet_pose_draw (people, 1, 512, 512);
  tacet_pose_area (&people[0], 512, 512, area);
  g_assert_cmpint (area[2], <, 400);
  for (int y = 0; y < 512; y++)
    for (int x = 0; x < 512; x++)
      if (one->data[3 * (y * 512 + x)] | one->data[3 * (y * 512 + x) + 1] | one->data[3 * (y * 512 + x) + 2])
        g_assert_true (x >= area[0] && y >= area[1] && x < area[0] + area[2] && y < area[1] + area[3]);
  tacet_person_show_part (&people[0], TACET_BODY_PERSON, FALSE);
  tacet_pose_area (&people[0], 512, 512, area);
  g_assert_cmpint (area[2], ==, 0);
}

/* ---- tables ---- */

static void
test_points (void)
{
  for (int i = 0; i < TACET_PERSON_POINTS; i++)
    {
      int other = tacet_point_mirror (i), parent = tacet_point_parent (i);
      g_assert_cmpint (tacet_point_mirror (other), ==, i);
      g_assert_cmpint (tacet_point_part (other), ==, tacet_body_part_mirror (tacet_point_part (i)));
      g_assert_true (tacet_point_under (i, TACET_NECK));
      if (parent >= 0)
        g_assert_cmpint (tacet_point_parent (other), ==, tacet_point_mirror (parent));
    }
  g_assert_cmpint (tacet_point_mirror (TACET_FACE + 0), ==, TACET_FACE + 16);
  g_assert_cmpint (tacet_point_mirror (TACET_FACE + 36), ==, TACET_FACE + 45); /* outer corners of the eyes */
  g_assert_cmpint (tacet_point_mirror (TACET_FACE + 30), ==, TACET_FACE + 30); /* tip of the nose */
  g_assert_cmpint (tacet_point_mirror (TACET_FACE + 48), ==, TACET_FACE + 54); /* corners of the mouth */
  g_assert_true (tacet_point_under (TACET_RIGHT_HAND + 8, TACET_RIGHT_ELBOW));
  g_assert_false (tacet_point_under (TACET_RIGHT_HAND + 8, TACET_LEFT_ELBOW));
}

/* Every figure has all of its box, and limbs of the same length on both sides where the doll faces us. */
static void
test_figures (void)
{
  for (int i = 0; i < TACET_N_FIGURES; i++)
    {
      TacetPerson person = tacet_person_new (i, 100, 200, 150, 300);
      double box[4];
      for (int k = 0; k < TACET_PERSON_POINTS; k++)
        if (tacet_person_shows (&person, k) && k < TACET_POSE_JOINTS)
          g_assert_true (fabs (person.points[k].x - 100) < 75.1 && fabs (person.points[k].y - 200) < 150.1);
      tacet_person_bounds (&person, TACET_BODY_PERSON, box);
      g_assert_true (box[2] - box[0] > 149 || box[3] - box[1] > 299);
    }
  TacetPerson standing = figure (TACET_FIGURE_STANDING);
  g_assert_cmpfloat (standing.joints[TACET_RIGHT_WRIST].x, <, standing.joints[TACET_LEFT_WRIST].x);
  g_assert_cmpfloat_with_epsilon (apart (&standing, 2, 3), apart (&standing, 5, 6), 1e-2);
  g_assert_false (tacet_person_shows (&(TacetPerson){ 0 }, 0));
  TacetPerson behind = tacet_person_new (TACET_FIGURE_FROM_BEHIND, 0, 0, 300, 300);
  g_assert_false (tacet_person_shows (&behind, TACET_NOSE));
  g_assert_true (tacet_person_shows (&behind, TACET_RIGHT_EAR));
  g_assert_cmpfloat (behind.joints[TACET_RIGHT_SHOULDER].x, >, behind.joints[TACET_LEFT_SHOULDER].x);
}

/* ---- moving ---- */

static void
test_free (void)
{
  TacetPerson before = figure (TACET_FIGURE_STANDING), person = before;
  tacet_person_move (&person, TACET_RIGHT_KNEE, 40, 50, FALSE);
  assert_at (&person, TACET_RIGHT_KNEE, 40, 50);
  for (int i = 0; i < TACET_PERSON_POINTS; i++)
    if (i != TACET_RIGHT_KNEE)
      g_assert_true (same_place (&before, &person, i));
  /* The hand goes along and turns with the forearm. */
  person = before;
  const TacetJoint *elbow = &before.joints[TACET_LEFT_ELBOW];
  double forearm = apart (&before, TACET_LEFT_ELBOW, TACET_LEFT_WRIST);
  tacet_person_move (&person, TACET_LEFT_WRIST, elbow->x + forearm, elbow->y, FALSE);
  assert_same_shape (&before, &person, TACET_BODY_LEFT_HAND, 1);
  assert_at (&person, TACET_LEFT_HAND, elbow->x + forearm, elbow->y);
  g_assert_cmpfloat (person.left_hand[12].x, >, person.left_hand[0].x + 10); /* the middle finger points on */
  g_assert_cmpfloat (fabsf (person.left_hand[12].y - person.left_hand[0].y), <, 12);
  g_assert_true (same_place (&before, &person, TACET_LEFT_ELBOW));
  /* The nose takes eyes, ears and face along. */
  person = before;
  tacet_person_move (&person, TACET_NOSE, before.joints[0].x + 20, before.joints[0].y - 5, FALSE);
  assert_at (&person, TACET_LEFT_EAR, before.joints[TACET_LEFT_EAR].x + 20, before.joints[TACET_LEFT_EAR].y - 5);
  assert_at (&person, TACET_FACE + 8, before.face[8].x + 20, before.face[8].y - 5);
  g_assert_true (same_place (&before, &person, TACET_NECK));
  tacet_person_move (&person, TACET_NOSE, NAN, 3, FALSE);
  g_assert_true (isfinite (person.joints[0].x));
}

/* Within reach the wrist gets there, the elbow stays on its side, no bone changes; beyond it the arm is straight. */
static void
test_reach (void)
{
  static const int ends[] = { TACET_RIGHT_WRIST, TACET_LEFT_WRIST, TACET_RIGHT_ANKLE, TACET_LEFT_ANKLE };
  GRand *rand = g_rand_new_with_seed (3);
  for (int round = 0; round < 400; round++)
    {
      TacetPerson before = figure (round % TACET_N_FIGURES), person = before;
      int end = ends[round % 4];
      const TacetJoint *root = &before.joints[end - 2], *j = person.joints;
      double upper = apart (&before, end - 2, end - 1), lower = apart (&before, end - 1, end);
      double x = root->x + g_rand_double_range (rand, -250, 250), y = root->y + g_rand_double_range (rand, -250, 250);
      double way = hypot (x - root->x, y - root->y);
      tacet_person_move (&person, end, x, y, TRUE);
      assert_bones_kept (&before, &person);
      g_assert_true (same_place (&before, &person, end - 2));
      if (way < upper + lower && way > fabs (upper - lower))
        assert_at (&person, end, x, y);
      else if (way >= upper + lower)
        g_assert_cmpfloat_with_epsilon (apart (&person, end, end - 2), upper + lower, 5e-3);
      const TacetJoint *b = before.joints;
      double old_side =
          (b[end].x - root->x) * (b[end - 1].y - root->y) - (b[end].y - root->y) * (b[end - 1].x - root->x);
      double new_side =
          (j[end].x - root->x) * (j[end - 1].y - root->y) - (j[end].y - root->y) * (j[end - 1].x - root->x);
      if (fabs (old_side) > 50 && way < 0.98 * (upper + lower) && way > fabs (upper - lower) + 2)
        g_assert_cmpfloat (old_side * new_side, >, -1);
      assert_same_shape (&before, &person, TACET_BODY_RIGHT_HAND, 1);
    }
  g_rand_free (rand);
  /* A straight arm bends outwards; joints that lie on each other are no fault. */
  TacetPerson person = figure (TACET_FIGURE_STANDING);
  for (int i = 0; i < 3; i++)
    person.joints[TACET_RIGHT_SHOULDER + i] = (TacetJoint){ 200, 150 + 60 * (float) i, 1 };
  tacet_person_move (&person, TACET_RIGHT_WRIST, 200, 240, TRUE);
  g_assert_cmpfloat (person.joints[TACET_RIGHT_ELBOW].x, <, 190);
  for (int i = 0; i < TACET_POSE_JOINTS; i++)
    person.joints[i] = (TacetJoint){ 7, 7, 1 };
  for (int i = 0; i < TACET_POSE_JOINTS; i++)
    tacet_person_move (&person, i, 90, 80, TRUE);
  for (int i = 0; i < TACET_PERSON_POINTS; i++)
    g_assert_true (isfinite (person.points[i].x) && isfinite (person.points[i].y));
}

static void
test_turn (void)
{
  TacetPerson before = figure (TACET_FIGURE_WAVING), person = before;
  /* An elbow turns about its shoulder with forearm and hand. */
  tacet_person_move (&person, TACET_RIGHT_ELBOW, 0, 0, TRUE);
  assert_bones_kept (&before, &person);
  g_assert_true (same_place (&before, &person, TACET_RIGHT_SHOULDER));
  g_assert_false (same_place (&before, &person, TACET_RIGHT_HAND + 8));
  g_assert_cmpfloat_with_epsilon (apart (&person, TACET_RIGHT_SHOULDER, TACET_RIGHT_WRIST),
                                  apart (&before, TACET_RIGHT_SHOULDER, TACET_RIGHT_WRIST), 5e-3);
  /* The neck moves everything. */
  person = before;
  tacet_person_move (&person, TACET_NECK, before.joints[1].x + 11, before.joints[1].y - 7, TRUE);
  for (int i = 0; i < TACET_PERSON_POINTS; i++)
    assert_at (&person, i, before.points[i].x + 11, before.points[i].y - 7);
  /* A thigh taken in its middle: a quarter turn. */
  person = before;
  const TacetJoint *hip = &before.joints[TACET_LEFT_HIP], *knee = &before.joints[TACET_LEFT_KNEE];
  double dx = (knee->x - hip->x) / 2, dy = (knee->y - hip->y) / 2;
  tacet_person_turn (&person, TACET_LEFT_KNEE, hip->x + dx, hip->y + dy, hip->x - dy, hip->y + dx, TRUE);
  assert_at (&person, TACET_LEFT_KNEE, hip->x - 2 * dy, hip->y + 2 * dx);
  assert_bones_kept (&before, &person);
  /* The same freely and twice as far: the thigh is twice as long, the shin is not. */
  person = before;
  tacet_person_turn (&person, TACET_LEFT_KNEE, hip->x + dx, hip->y + dy, hip->x - 2 * dy, hip->y + 2 * dx, FALSE);
  assert_at (&person, TACET_LEFT_KNEE, hip->x - 4 * dy, hip->y + 4 * dx);
  g_assert_cmpfloat_with_epsilon (apart (&person, TACET_LEFT_KNEE, TACET_LEFT_ANKLE),
                                  apart (&before, TACET_LEFT_KNEE, TACET_LEFT_ANKLE), 5e-3);
}

static void
test_hands (void)
{
  TacetPerson before = figure (TACET_FIGURE_STANDING), person = before;
  int tip = TACET_LEFT_HAND + 12;
  const TacetJoint *wrist = &before.left_hand[0], *finger = &before.points[tip];
  double dx = finger->x - wrist->x, dy = finger->y - wrist->y;
  /* Closed: it turns, and freely it grows. */
  tacet_person_move (&person, tip, wrist->x - 2 * dy, wrist->y + 2 * dx, TRUE);
  assert_at (&person, tip, wrist->x - dy, wrist->y + dx);
  assert_same_shape (&before, &person, TACET_BODY_LEFT_HAND, 1);
  person = before;
  tacet_person_move (&person, tip, wrist->x - 2 * dy, wrist->y + 2 * dx, FALSE);
  assert_at (&person, tip, wrist->x - 2 * dy, wrist->y + 2 * dx);
  assert_same_shape (&before, &person, TACET_BODY_LEFT_HAND, 2);
  /* Open: one point, or the finger bends with its bones kept. */
  person = before;
  person.open = 1u << TACET_BODY_LEFT_HAND;
  tacet_person_move (&person, tip, 5, 6, FALSE);
  assert_at (&person, tip, 5, 6);
  g_assert_true (same_place (&before, &person, tip - 1));
  person = before;
  person.open = 1u << TACET_BODY_LEFT_HAND;
  double x = finger->x - 0.3 * dx + 3, y = finger->y - 0.3 * dy;
  tacet_person_move (&person, tip, x, y, TRUE);
  g_assert_cmpfloat (hypot (person.points[tip].x - x, person.points[tip].y - y), <, 0.5);
  assert_bones_kept (&before, &person);
  for (int i = 0; i < TACET_HAND_POINTS; i++)
    if (i < 10 || i > 12)
      g_assert_true (same_place (&before, &person, TACET_LEFT_HAND + i));
  /* A hand's own wrist is the body's. */
  person = before;
  tacet_person_move (&person, TACET_LEFT_HAND, wrist->x + 5, wrist->y, FALSE);
  assert_at (&person, TACET_LEFT_WRIST, wrist->x + 5, wrist->y);
}

/* ---- the whole ---- */

static void
test_flip (void)
{
  for (int i = 0; i < TACET_N_FIGURES; i++)
    {
      TacetPerson before = figure (i), person = before;
      person.joints[TACET_RIGHT_ANKLE].confidence = before.joints[TACET_RIGHT_ANKLE].confidence = 0;
      before.locked = person.locked = 1u << TACET_BODY_RIGHT_ARM;
      before.hidden = person.hidden = 1u << TACET_BODY_LEFT_HAND;
      tacet_person_flip (&person, 200);
      for (int k = 0; k < TACET_PERSON_POINTS; k++)
        {
          const TacetJoint *old = &before.points[tacet_point_mirror (k)];
          assert_at (&person, k, 400 - old->x, old->y);
          g_assert_cmpfloat (person.points[k].confidence, ==, old->confidence);
        }
      g_assert_cmpuint (person.locked, ==, 1u << TACET_BODY_LEFT_ARM);
      g_assert_cmpuint (person.hidden, ==, 1u << TACET_BODY_RIGHT_HAND);
      tacet_person_flip (&person, 200);
      for (int k = 0; k < TACET_PERSON_POINTS; k++)
        assert_at (&person, k, before.points[k].x, before.points[k].y);
    }
  /* A lone hand on one side changes sides. */
  TacetPerson one = tacet_person_new (TACET_FIGURE_STANDING, 0, 0, 100, 100);
  tacet_person_add_part (&one, TACET_BODY_LEFT_HAND);
  tacet_person_flip (&one, 0);
  g_assert_true (tacet_person_has (&one, TACET_BODY_RIGHT_HAND));
  g_assert_false (tacet_person_has (&one, TACET_BODY_LEFT_HAND));
}

static void
test_transform (void)
{
  TacetPerson before = figure (TACET_FIGURE_DANCING), person = before;
  const double matrix[6] = { 0, 2, -2, 0, 5, 7 }; /* a quarter turn, twice as large */
  tacet_person_transform (&person, TACET_BODY_PERSON, matrix);
  for (int k = 0; k < TACET_PERSON_POINTS; k++)
    assert_at (&person, k, -2 * before.points[k].y + 5, 2 * before.points[k].x + 7);
  person = before;
  tacet_person_transform (&person, TACET_BODY_FACE, matrix);
  g_assert_true (same_place (&before, &person, TACET_NOSE));
  g_assert_false (same_place (&before, &person, TACET_FACE));
}

static void
test_hide (void)
{
  TacetPerson person = figure (TACET_FIGURE_STANDING), before = person;
  tacet_person_show_point (&person, TACET_RIGHT_KNEE, FALSE);
  tacet_person_show_part (&person, TACET_BODY_LEFT_ARM, FALSE);
  g_assert_false (tacet_person_shows (&person, TACET_LEFT_WRIST));
  g_assert_true (tacet_person_shows_part (&person, TACET_BODY_LEFT_HAND));
  g_assert_true (same_place (&before, &person, TACET_LEFT_WRIST));
  tacet_person_show_part (&person, TACET_BODY_LEFT_HAND, FALSE);
  g_assert_false (tacet_person_shows_part (&person, TACET_BODY_LEFT_HAND));
  /* All of it hidden and shown again is as it was, with what was hidden before still hidden. */
  tacet_person_show_part (&person, TACET_BODY_PERSON, FALSE);
  for (int i = 0; i < TACET_PERSON_POINTS; i++)
    g_assert_false (tacet_person_shows (&person, i));
  tacet_person_show_part (&person, TACET_BODY_PERSON, TRUE);
  g_assert_false (tacet_person_shows (&person, TACET_RIGHT_KNEE));
  g_assert_false (tacet_person_shows (&person, TACET_LEFT_HAND + 3));
  g_assert_true (tacet_person_shows (&person, TACET_RIGHT_HAND + 3));
  tacet_person_show_part (&person, TACET_BODY_LEFT_ARM, TRUE);
  tacet_person_show_part (&person, TACET_BODY_LEFT_HAND, TRUE);
  tacet_person_show_point (&person, TACET_RIGHT_KNEE, TRUE);
  g_assert_true (tacet_person_equal (&person, &before));
  /* A point shown by itself shows the group it belongs to. */
  tacet_person_show_part (&person, TACET_BODY_FACE, FALSE);
  tacet_person_show_point (&person, TACET_FACE + 9, TRUE);
  g_assert_true (tacet_person_shows (&person, TACET_FACE + 9));
}

/* Hands continue the forearm, thumbs to the inside; a face has its eyes at the eyes and its nose at the nose. */
static void
test_parts (void)
{
  TacetPerson person = figure (TACET_FIGURE_STANDING);
  assert_at (&person, TACET_RIGHT_HAND, person.joints[TACET_RIGHT_WRIST].x, person.joints[TACET_RIGHT_WRIST].y);
  g_assert_cmpfloat (person.right_hand[12].y, >, person.right_hand[0].y + 20);
  g_assert_cmpfloat (person.right_hand[4].x, >, person.right_hand[20].x);
  g_assert_cmpfloat (person.left_hand[4].x, <, person.left_hand[20].x);
  TacetPerson portrait = figure (TACET_FIGURE_PORTRAIT);
  assert_at (&portrait, TACET_FACE + 68, portrait.joints[TACET_RIGHT_EYE].x, portrait.joints[TACET_RIGHT_EYE].y);
  assert_at (&portrait, TACET_FACE + 69, portrait.joints[TACET_LEFT_EYE].x, portrait.joints[TACET_LEFT_EYE].y);
  g_assert_cmpfloat (apart (&portrait, TACET_FACE + 30, TACET_NOSE), <, 8);
  tacet_person_remove_part (&person, TACET_BODY_FACE);
  g_assert_false (tacet_person_has (&person, TACET_BODY_FACE));
  g_assert_cmpfloat (person.face[3].confidence, ==, 0);
  TacetPerson wild = { .has = 0xffff, .hidden = 0xffff, .locked = 0xffff, .open = 0xffff };
  wild.points[50] = (TacetJoint){ NAN, -1e30f, 7 };
  tacet_person_make_sane (&wild, 1000);
  g_assert_cmpuint (wild.has, ==, HANDS_AND_FACE);
  g_assert_cmpuint (wild.open, ==, HANDS_AND_FACE);
  g_assert_cmpuint (wild.hidden, ==, HANDS_AND_FACE | 1u << TACET_BODY_PERSON);
  g_assert_cmpfloat (wild.points[50].y, ==, -1000);
  g_assert_cmpfloat (wild.points[50].confidence, ==, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/pose/reference", test_reference);
  g_test_add_func ("/pose/area", test_area);
  g_test_add_func ("/pose/points", test_points);
  g_test_add_func ("/pose/figures", test_figures);
  g_test_add_func ("/pose/free", test_free);
  g_test_add_func ("/pose/reach", test_reach);
  g_test_add_func ("/pose/turn", test_turn);
  g_test_add_func ("/pose/hands", test_hands);
  g_test_add_func ("/pose/flip", test_flip);
  g_test_add_func ("/pose/transform", test_transform);
  g_test_add_func ("/pose/hide", test_hide);
  g_test_add_func ("/pose/parts", test_parts);
  return g_test_run ();
}
