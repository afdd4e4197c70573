/* tacet-person.c: what a person of a pose map consists of.
 *
 * Room: engine/control.  The shapes of a hand and a face to start from are our own drawing.
 */
#include "tacet-person.h"
#include <math.h>
#include <string.h>

#define BIT(part) (1u << (part))
#define GROUPS    (BIT (TACET_BODY_RIGHT_HAND) | BIT (TACET_BODY_LEFT_HAND) | BIT (TACET_BODY_FACE))

static const gint8 body_parent[TACET_POSE_JOINTS] = { 1, -1, 1, 2, 3, 1, 5, 6, 1, 8, 9, 1, 11, 12, 0, 0, 14, 15 };
static const gint8 body_mirror[TACET_POSE_JOINTS] = { 0, 1, 5, 6, 7, 2, 3, 4, 11, 12, 13, 8, 9, 10, 15, 14, 17, 16 };
static const guint8 body_part[TACET_POSE_JOINTS] = {
  TACET_BODY_HEAD,      TACET_BODY_PERSON,   TACET_BODY_RIGHT_ARM, TACET_BODY_RIGHT_ARM, TACET_BODY_RIGHT_ARM,
  TACET_BODY_LEFT_ARM,  TACET_BODY_LEFT_ARM, TACET_BODY_LEFT_ARM,  TACET_BODY_RIGHT_LEG, TACET_BODY_RIGHT_LEG,
  TACET_BODY_RIGHT_LEG, TACET_BODY_LEFT_LEG, TACET_BODY_LEFT_LEG,  TACET_BODY_LEFT_LEG,  TACET_BODY_HEAD,
  TACET_BODY_HEAD,      TACET_BODY_HEAD,     TACET_BODY_HEAD,
};

/* Lines of the face that read from one side to the other: the first and last of those that mirror into each other. */
static const guint8 face_lines[][2] = { { 0, 16 },  { 17, 26 }, { 31, 35 }, { 48, 54 },
                                        { 55, 59 }, { 60, 64 }, { 65, 67 }, { 68, 69 } };
/* Right eye to left eye, which starts at its inner corner. */
static const guint8 eye_mirror[6] = { 45, 44, 43, 42, 47, 46 };

/* ---- what a point is ---- */

TacetBodyPart
tacet_point_part (int point)
{
  g_return_val_if_fail (point >= 0 && point < TACET_PERSON_POINTS, TACET_BODY_PERSON);
  if (point < TACET_POSE_JOINTS)
    return body_part[point];
  return point < TACET_RIGHT_HAND ? TACET_BODY_LEFT_HAND
                                  : (point < TACET_FACE ? TACET_BODY_RIGHT_HAND : TACET_BODY_FACE);
}

int
tacet_point_parent (int point)
{
  g_return_val_if_fail (point >= 0 && point < TACET_PERSON_POINTS, -1);
  if (point < TACET_POSE_JOINTS)
    return body_parent[point];
  if (point >= TACET_FACE)
    return TACET_NOSE;
  int hand = point < TACET_RIGHT_HAND ? TACET_LEFT_HAND : TACET_RIGHT_HAND, i = point - hand;
  if (i == 0)
    return hand == TACET_LEFT_HAND ? TACET_LEFT_WRIST : TACET_RIGHT_WRIST;
  return i % 4 == 1 ? hand : point - 1;
}

static int
face_mirror (int i)
{
  for (gsize k = 0; k < G_N_ELEMENTS (face_lines); k++)
    if (i >= face_lines[k][0] && i <= face_lines[k][1])
      return face_lines[k][0] + face_lines[k][1] - i;
  for (int k = 0; k < 6; k++)
    if (i == 36 + k || i == eye_mirror[k])
      return i == 36 + k ? eye_mirror[k] : 36 + k;
  return i; /* the bridge of the nose */
}

int
tacet_point_mirror (int point)
{
  g_return_val_if_fail (point >= 0 && point < TACET_PERSON_POINTS, 0);
  if (point < TACET_POSE_JOINTS)
    return body_mirror[point];
  if (point >= TACET_FACE)
    return TACET_FACE + face_mirror (point - TACET_FACE);
  return point < TACET_RIGHT_HAND ? point + TACET_HAND_POINTS : point - TACET_HAND_POINTS;
}

gboolean
tacet_point_under (int point, int root)
{
  while (point >= 0 && point != root)
    point = tacet_point_parent (point);
  return point == root;
}

gboolean
tacet_body_part_is_group (TacetBodyPart part)
{
  return (BIT (part) & GROUPS) != 0;
}

int
tacet_body_part_points (TacetBodyPart part, int *first)
{
  *first = 0;
  switch (part)
    {
    case TACET_BODY_PERSON:
      return TACET_PERSON_POINTS;
    case TACET_BODY_LEFT_HAND:
      *first = TACET_LEFT_HAND;
      return TACET_HAND_POINTS;
    case TACET_BODY_RIGHT_HAND:
      *first = TACET_RIGHT_HAND;
      return TACET_HAND_POINTS;
    case TACET_BODY_FACE:
      *first = TACET_FACE;
      return TACET_FACE_POINTS;
    default:
      return 0;
    }
}

const char *
tacet_body_part_id (TacetBodyPart part)
{
  static const char *const ids[TACET_N_BODY_PARTS] = { "person",   "head",       "right_arm", "left_arm", "right_leg",
                                                       "left_leg", "right_hand", "left_hand", "face" };
  g_return_val_if_fail ((guint) part < TACET_N_BODY_PARTS, "");
  return ids[part];
}

TacetBodyPart
tacet_body_part_mirror (TacetBodyPart part)
{
  switch (part)
    {
    case TACET_BODY_RIGHT_ARM:
    case TACET_BODY_RIGHT_LEG:
    case TACET_BODY_RIGHT_HAND:
      return part + 1;
    case TACET_BODY_LEFT_ARM:
    case TACET_BODY_LEFT_LEG:
    case TACET_BODY_LEFT_HAND:
      return part - 1;
    default:
      return part;
    }
}

/* ---- what a person has ---- */

gboolean
tacet_person_has (const TacetPerson *self, TacetBodyPart part)
{
  return !tacet_body_part_is_group (part) || (self->has & BIT (part)) != 0;
}

gboolean
tacet_person_has_point (const TacetPerson *self, int point)
{
  return tacet_person_has (self, tacet_point_part (point));
}

gboolean
tacet_person_shows (const TacetPerson *self, int point)
{
  TacetBodyPart part = tacet_point_part (point);
  return self->points[point].confidence > 0 && tacet_person_has (self, part) &&
         (self->hidden & (BIT (TACET_BODY_PERSON) | (BIT (part) & GROUPS))) == 0;
}

/* A part of the whole: the arm of a person, not its hand. */
static gboolean
belongs (int point, TacetBodyPart part)
{
  return part == TACET_BODY_PERSON || tacet_point_part (point) == part;
}

gboolean
tacet_person_shows_part (const TacetPerson *self, TacetBodyPart part)
{
  for (int i = 0; i < TACET_PERSON_POINTS; i++)
    if (belongs (i, part) && tacet_person_shows (self, i))
      return TRUE;
  return FALSE;
}

gboolean
tacet_person_is_locked (const TacetPerson *self, int point)
{
  return (self->locked & (BIT (TACET_BODY_PERSON) | BIT (tacet_point_part (point)))) != 0;
}

static void
set_bit (guint16 *set, TacetBodyPart part, gboolean there)
{
  *set = (guint16) (there ? *set | BIT (part) : *set & ~BIT (part));
}

void
tacet_person_show_part (TacetPerson *self, TacetBodyPart part, gboolean visible)
{
  if (part == TACET_BODY_PERSON || tacet_body_part_is_group (part))
    set_bit (&self->hidden, part, !visible);
  /* To show what has nothing left to show is to show all of it. */
  if (!(part == TACET_BODY_PERSON || tacet_body_part_is_group (part)) ||
      (visible && !tacet_person_shows_part (self, part)))
    for (int i = 0; i < TACET_PERSON_POINTS; i++)
      if (belongs (i, part))
        self->points[i].confidence = visible ? 1 : 0;
}

void
tacet_person_show_point (TacetPerson *self, int point, gboolean visible)
{
  if (visible)
    self->hidden &= (guint16) ~(BIT (TACET_BODY_PERSON) | BIT (tacet_point_part (point)));
  self->points[point].confidence = visible ? 1 : 0;
}

void
tacet_person_remove_part (TacetPerson *self, TacetBodyPart part)
{
  int first, n = tacet_body_part_points (part, &first);
  if (!tacet_body_part_is_group (part))
    return;
  set_bit (&self->has, part, FALSE);
  set_bit (&self->hidden, part, FALSE);
  set_bit (&self->locked, part, FALSE);
  set_bit (&self->open, part, FALSE);
  memset (self->points + first, 0, (gsize) n * sizeof (TacetJoint));
}

void
tacet_person_bounds (const TacetPerson *self, TacetBodyPart part, double box[4])
{
  gboolean all = !tacet_person_shows_part (self, part);
  box[0] = box[1] = HUGE_VAL;
  box[2] = box[3] = -HUGE_VAL;
  for (int i = 0; i < TACET_PERSON_POINTS; i++)
    {
      const TacetJoint *p = &self->points[i];
      if (!belongs (i, part) || !(all ? tacet_person_has_point (self, i) : tacet_person_shows (self, i)) ||
          !isfinite (p->x + p->y))
        continue;
      box[0] = MIN (box[0], p->x);
      box[1] = MIN (box[1], p->y);
      box[2] = MAX (box[2], p->x);
      box[3] = MAX (box[3], p->y);
    }
}

void
tacet_person_make_sane (TacetPerson *self, float far)
{
  self->has &= GROUPS;
  self->hidden &= (guint16) ((self->has & GROUPS) | BIT (TACET_BODY_PERSON));
  self->open &= self->has;
  self->locked &= (guint16) ((BIT (TACET_N_BODY_PARTS) - 1) & ~(GROUPS & ~(guint) self->has));
  for (int i = 0; i < TACET_PERSON_POINTS; i++)
    {
      TacetJoint *p = &self->points[i];
      if (!tacet_person_has_point (self, i))
        *p = (TacetJoint){ 0 };
      p->x = isfinite (p->x) ? CLAMP (p->x, -far, far) : 0;
      p->y = isfinite (p->y) ? CLAMP (p->y, -far, far) : 0;
      p->confidence = isfinite (p->confidence) ? CLAMP (p->confidence, 0, 1) : 0;
    }
}

gboolean
tacet_person_equal (const TacetPerson *a, const TacetPerson *b)
{
  if (a->has != b->has || a->hidden != b->hidden || a->locked != b->locked || a->open != b->open)
    return FALSE;
  for (int i = 0; i < TACET_PERSON_POINTS; i++)
    if (tacet_person_has_point (a, i) && (a->points[i].x != b->points[i].x || a->points[i].y != b->points[i].y ||
                                          a->points[i].confidence != b->points[i].confidence))
      return FALSE;
  return TRUE;
}

/* ---- hands and faces to start from ---- */

/* Along the hand and towards the thumb; the tip of the middle finger is at 1. */
static const float hand_shape[TACET_HAND_POINTS][2] = {
  { 0.00f, 0.00f },  { 0.13f, 0.15f },  { 0.28f, 0.27f },  { 0.41f, 0.35f },  { 0.52f, 0.41f },  { 0.50f, 0.16f },
  { 0.69f, 0.20f },  { 0.81f, 0.22f },  { 0.92f, 0.24f },  { 0.52f, 0.05f },  { 0.74f, 0.06f },  { 0.87f, 0.065f },
  { 1.00f, 0.07f },  { 0.49f, -0.06f }, { 0.69f, -0.09f }, { 0.81f, -0.11f }, { 0.92f, -0.13f }, { 0.44f, -0.16f },
  { 0.58f, -0.22f }, { 0.67f, -0.26f }, { 0.76f, -0.29f },
};

/* The right half, as seen from the front, and the middle: right and down from between the pupils, which are 1 apart. */
static const struct
{
  guint8 point;
  float x, y;
} face_shape[] = {
  { 0, -1.16f, 0.05f },   { 1, -1.14f, 0.36f },   { 2, -1.09f, 0.66f },   { 3, -1.01f, 0.96f },
  { 4, -0.89f, 1.24f },   { 5, -0.71f, 1.49f },   { 6, -0.49f, 1.70f },   { 7, -0.25f, 1.84f },
  { 8, 0, 1.89f },        { 17, -0.95f, -0.22f }, { 18, -0.80f, -0.36f }, { 19, -0.61f, -0.40f },
  { 20, -0.42f, -0.36f }, { 21, -0.24f, -0.27f }, { 27, 0, 0 },           { 28, 0, 0.22f },
  { 29, 0, 0.44f },       { 30, 0, 0.66f },       { 31, -0.24f, 0.80f },  { 32, -0.12f, 0.85f },
  { 33, 0, 0.88f },       { 36, -0.72f, 0.02f },  { 37, -0.60f, -0.09f }, { 38, -0.41f, -0.09f },
  { 39, -0.28f, 0.03f },  { 40, -0.41f, 0.09f },  { 41, -0.60f, 0.09f },  { 48, -0.45f, 1.20f },
  { 49, -0.27f, 1.11f },  { 50, -0.10f, 1.06f },  { 51, 0, 1.09f },       { 59, -0.27f, 1.33f },
  { 58, -0.11f, 1.40f },  { 57, 0, 1.41f },       { 60, -0.36f, 1.20f },  { 61, -0.12f, 1.18f },
  { 62, 0, 1.19f },       { 67, -0.12f, 1.23f },  { 66, 0, 1.24f },       { 68, -0.5f, 0 },
};

static double
distance (const TacetPerson *self, int a, int b)
{
  return hypot (self->points[a].x - self->points[b].x, self->points[a].y - self->points[b].y);
}

/* The longest forearm that the figure tells of; a limb that points at the viewer looks short, no limb looks long. */
static double
forearm_length (const TacetPerson *self)
{
  double torso = MAX (distance (self, TACET_NECK, TACET_RIGHT_HIP), distance (self, TACET_NECK, TACET_LEFT_HIP));
  double length = 0.42 * torso;
  for (int shoulder = TACET_RIGHT_SHOULDER; shoulder <= TACET_LEFT_SHOULDER;
       shoulder += TACET_LEFT_SHOULDER - TACET_RIGHT_SHOULDER)
    {
      length = MAX (length, 0.9 * distance (self, shoulder, shoulder + 1));
      length = MAX (length, distance (self, shoulder + 1, shoulder + 2));
    }
  return MAX (length, 1.0);
}

/* The thumb lies on the side of the head: at the thigh, raised, or stretched out. */
static void
place_hand (TacetPerson *self, TacetJoint *hand, int wrist)
{
  const TacetJoint *at = &self->joints[wrist], *elbow = at - 1, *head = &self->joints[TACET_NOSE];
  double length = 0.74 * forearm_length (self), ux = at->x - elbow->x, uy = at->y - elbow->y, u = hypot (ux, uy);
  if (u > 0)
    {
      ux /= u;
      uy /= u;
    }
  else
    {
      ux = 0;
      uy = 1;
    }
  double side = (head->x - at->x) * -uy + (head->y - at->y) * ux;
  if (side == 0)
    side = wrist == TACET_RIGHT_WRIST ? -1 : 1;
  double vx = side > 0 ? -uy : uy, vy = side > 0 ? ux : -ux;
  for (int i = 0; i < TACET_HAND_POINTS; i++)
    hand[i] = (TacetJoint){ (float) (at->x + length * (hand_shape[i][0] * ux + hand_shape[i][1] * vx)),
                            (float) (at->y + length * (hand_shape[i][0] * uy + hand_shape[i][1] * vy)), 1 };
}

/* Across along the eyes; downwards at right angles, towards the nose. */
static void
place_face (TacetPerson *self)
{
  const TacetJoint *right = &self->joints[TACET_RIGHT_EYE], *left = &self->joints[TACET_LEFT_EYE];
  const TacetJoint *nose = &self->joints[TACET_NOSE];
  double ax = left->x - right->x, ay = left->y - right->y, apart = hypot (ax, ay);
  double least = MAX (0.15 * forearm_length (self), 0.5);
  if (apart < 0.05 * least)
    {
      ax = apart = 1;
      ay = 0;
    }
  ax /= apart;
  ay /= apart;
  double dx = -ay, dy = ax, cx = 0.5 * (left->x + right->x), cy = 0.5 * (left->y + right->y);
  double down = (nose->x - cx) * dx + (nose->y - cy) * dy;
  apart = MAX (apart, least); /* a head in profile still has a face */
  down = CLAMP (fabs (down) / 0.66, 0.8 * apart, 1.3 * apart) * (down < 0 ? -1 : 1);
  for (gsize i = 0; i < G_N_ELEMENTS (face_shape); i++)
    for (int side = 0; side < 2; side++)
      {
        double x = (side ? -face_shape[i].x : face_shape[i].x) * apart, y = face_shape[i].y * down;
        int point = side ? face_mirror (face_shape[i].point) : face_shape[i].point;
        self->face[point] = (TacetJoint){ (float) (cx + x * ax + y * dx), (float) (cy + x * ay + y * dy), 1 };
      }
}

void
tacet_person_add_part (TacetPerson *self, TacetBodyPart part)
{
  if (!tacet_body_part_is_group (part) || tacet_person_has (self, part))
    return;
  set_bit (&self->has, part, TRUE);
  if (part == TACET_BODY_FACE)
    place_face (self);
  else if (part == TACET_BODY_LEFT_HAND)
    place_hand (self, self->left_hand, TACET_LEFT_WRIST);
  else
    place_hand (self, self->right_hand, TACET_RIGHT_WRIST);
}
