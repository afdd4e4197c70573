/* tacet-pose-move.c: how a person moves when a point, a bone or all of it is dragged.
 *
 * Room: engine/control.  Sources: the triangle of two bones for arms and legs; FABRIK (Aristidou and Lasenby 2011) for
 * fingers.  Callers keep the person as it was when the drag began and move that, so that a drag out and back changes
 * nothing.
 */
#include "tacet-person.h"
#include <math.h>

#define TINY 1e-6

typedef struct
{
  double x, y;
} Vec;

static Vec
at (const TacetPerson *self, int point)
{
  return (Vec){ self->points[point].x, self->points[point].y };
}

static void
put (TacetPerson *self, int point, Vec v)
{
  self->points[point].x = (float) v.x;
  self->points[point].y = (float) v.y;
}

static Vec
minus (Vec a, Vec b)
{
  return (Vec){ a.x - b.x, a.y - b.y };
}

static double
length (Vec a)
{
  return hypot (a.x, a.y);
}

static double
cross (Vec a, Vec b)
{
  return a.x * b.y - a.y * b.x;
}

/* The turn from one direction to another; none if either has no direction. */
static double
angle (Vec from, Vec to)
{
  if (length (from) < TINY || length (to) < TINY)
    return 0;
  return atan2 (cross (from, to), from.x * to.x + from.y * to.y);
}

/* In the direction of v, at this length; without a direction downwards. */
static Vec
scaled_to (Vec v, double new_length)
{
  double old = length (v);
  return old < TINY ? (Vec){ 0, new_length } : (Vec){ v.x / old * new_length, v.y / old * new_length };
}

/* A turn by `by`, a factor, and `from` goes to `to`. */
typedef struct
{
  Vec from, to;
  double cosine, sine;
} Motion;

static Motion
motion (Vec from, Vec to, double by, double factor)
{
  return (Motion){ from, to, factor * cos (by), factor * sin (by) };
}

static Vec
moved (const Motion *m, Vec v)
{
  Vec d = minus (v, m->from);
  return (Vec){ m->to.x + d.x * m->cosine - d.y * m->sine, m->to.y + d.x * m->sine + d.y * m->cosine };
}

/* Moves `root` and all it carries. */
static void
carry (TacetPerson *self, int root, Motion m)
{
  for (int i = 0; i < TACET_PERSON_POINTS; i++)
    if (tacet_person_has_point (self, i) && tacet_point_under (i, root))
      put (self, i, moved (&m, at (self, i)));
}

/* The same without the root itself. */
static void
carry_rest (TacetPerson *self, int root, Motion m)
{
  Vec stays = at (self, root);
  carry (self, root, m);
  put (self, root, stays);
}

/* ---- the whole ---- */

static void
swap_bits (guint16 *set)
{
  guint16 swapped = 0;
  for (int part = 0; part < TACET_N_BODY_PARTS; part++)
    if ((*set & (1u << part)) != 0)
      swapped |= (guint16) (1u << tacet_body_part_mirror (part));
  *set = swapped;
}

static void
exchange_sides (TacetPerson *self)
{
  for (int i = 0; i < TACET_PERSON_POINTS; i++)
    {
      int other = tacet_point_mirror (i);
      TacetJoint joint = self->points[i];
      if (other <= i)
        continue;
      self->points[i] = self->points[other];
      self->points[other] = joint;
    }
  swap_bits (&self->has);
  swap_bits (&self->hidden);
  swap_bits (&self->locked);
  swap_bits (&self->open);
}

void
tacet_person_transform (TacetPerson *self, TacetBodyPart part, const double m[6])
{
  for (int i = 0; i < TACET_PERSON_POINTS; i++)
    {
      Vec v = at (self, i);
      if (!tacet_person_has_point (self, i) || !(part == TACET_BODY_PERSON || tacet_point_part (i) == part))
        continue;
      put (self, i, (Vec){ m[0] * v.x + m[2] * v.y + m[4], m[1] * v.x + m[3] * v.y + m[5] });
    }
  if (part == TACET_BODY_PERSON && m[0] * m[3] - m[1] * m[2] < 0)
    exchange_sides (self);
}

void
tacet_person_flip (TacetPerson *self, double axis)
{
  const double matrix[6] = { -1, 0, 0, 1, 2 * axis, 0 };
  tacet_person_transform (self, TACET_BODY_PERSON, matrix);
}

/* ---- arms and legs ---- */

static gboolean
is_limb_end (int point)
{
  return point == TACET_RIGHT_WRIST || point == TACET_LEFT_WRIST || point == TACET_RIGHT_ANKLE ||
         point == TACET_LEFT_ANKLE;
}

/* 1 or -1: on which side of the line from root to end the joint between lies; a straight limb bends outwards. */
static double
bend_side (const TacetPerson *self, int end)
{
  Vec root = at (self, end - 2), middle = at (self, end - 1), line = minus (at (self, end), root);
  double side = cross (line, minus (middle, root));
  if (fabs (side) > 1e-4 * (line.x * line.x + line.y * line.y) + TINY)
    return side > 0 ? 1 : -1;
  Vec inwards = minus (at (self, tacet_point_mirror (end - 2)), root);
  return cross (line, inwards) > 0 ? -1 : 1;
}

/* The end reaches for the target, the joint between follows.  Shoulder or hip stays. */
static void
reach (TacetPerson *self, int end, Vec target)
{
  Vec root = at (self, end - 2), middle = at (self, end - 1), old_end = at (self, end);
  double upper = length (minus (middle, root)), lower = length (minus (old_end, middle));
  double side = bend_side (self, end);
  Vec way = minus (target, root);
  double far = CLAMP (length (way), fabs (upper - lower), upper + lower);
  Vec direction = scaled_to (length (way) < TINY ? minus (old_end, root) : way, 1);
  /* From the root along the way to below the joint, and from there aside. */
  double along = far > TINY ? (upper * upper - lower * lower + far * far) / (2 * far) : 0;
  double aside = side * sqrt (MAX (upper * upper - along * along, 0.0));
  Vec new_middle = { root.x + along * direction.x - aside * direction.y,
                     root.y + along * direction.y + aside * direction.x };
  Vec new_end = { root.x + far * direction.x, root.y + far * direction.y };
  put (self, end - 1, new_middle);
  carry (self, end, motion (old_end, new_end, angle (minus (old_end, middle), minus (new_end, new_middle)), 1));
}

/* `point` turns about what carries it, towards the target. */
static void
turn_towards (TacetPerson *self, int point, Vec target)
{
  Vec pivot = at (self, tacet_point_parent (point));
  carry (self, point, motion (pivot, pivot, angle (minus (at (self, point), pivot), minus (target, pivot)), 1));
}

/* ---- hands ---- */

/* The hand as one piece, about its wrist. */
static void
turn_hand (TacetPerson *self, int hand, Vec from, Vec to, gboolean keep_lengths)
{
  Vec wrist = at (self, hand), a = minus (from, wrist), b = minus (to, wrist);
  double factor = keep_lengths || length (a) < 1 ? 1 : MAX (length (b), 1) / length (a);
  carry (self, hand, motion (wrist, wrist, angle (a, b), factor));
}

/* A finger from its root in the palm to `point` bends until the point is at the target. */
static void
bend_finger (TacetPerson *self, int hand, int point, Vec target)
{
  int base = point - (point - hand - 1) % 4, n = point - base;
  Vec chain[4], old_last = at (self, point), old_direction = minus (old_last, at (self, point - 1));
  double bones[3], whole = 0;
  for (int i = 0; i <= n; i++)
    chain[i] = at (self, base + i);
  for (int i = 0; i < n; i++)
    whole += bones[i] = length (minus (chain[i + 1], chain[i]));
  Vec root = chain[0], way = minus (target, root);
  if (length (way) > whole)
    {
      Vec end = scaled_to (way, whole);
      target = (Vec){ root.x + end.x, root.y + end.y };
    }
  for (int round = 0; round < 24; round++)
    {
      chain[n] = target;
      for (int i = n - 1; i >= 0; i--)
        {
          Vec d = scaled_to (minus (chain[i], chain[i + 1]), bones[i]);
          chain[i] = (Vec){ chain[i + 1].x + d.x, chain[i + 1].y + d.y };
        }
      chain[0] = root;
      for (int i = 0; i < n; i++)
        {
          Vec d = scaled_to (minus (chain[i + 1], chain[i]), bones[i]);
          chain[i + 1] = (Vec){ chain[i].x + d.x, chain[i].y + d.y };
        }
    }
  for (int i = 1; i < n; i++)
    put (self, base + i, chain[i]);
  carry (self, point, motion (old_last, chain[n], angle (old_direction, minus (chain[n], chain[n - 1])), 1));
}

static void
move_hand (TacetPerson *self, int hand, int point, Vec target, gboolean keep_lengths)
{
  if ((self->open & (1u << tacet_point_part (point))) == 0)
    turn_hand (self, hand, at (self, point), target, keep_lengths);
  else if (!keep_lengths)
    put (self, point, target);
  else if ((point - hand) % 4 == 1)
    turn_towards (self, point, target);
  else
    bend_finger (self, hand, point, target);
}

/* ---- a point, a bone ---- */

static void
move_kept (TacetPerson *self, int point, Vec target)
{
  if (point == TACET_NECK)
    carry (self, point, motion (at (self, point), target, 0, 1));
  else if (is_limb_end (point))
    reach (self, point, target);
  else
    turn_towards (self, point, target);
}

static void
move_freely (TacetPerson *self, int point, Vec target)
{
  Vec old = at (self, point);
  if (point == TACET_NOSE && tacet_person_has (self, TACET_BODY_FACE))
    carry (self, point, motion (old, target, 0, 1));
  else if (point == TACET_RIGHT_WRIST || point == TACET_LEFT_WRIST)
    {
      Vec elbow = at (self, point - 1);
      carry (self, point, motion (old, target, angle (minus (old, elbow), minus (target, elbow)), 1));
    }
  else
    put (self, point, target);
}

void
tacet_person_move (TacetPerson *self, int point, double x, double y, gboolean keep_lengths)
{
  Vec target = { x, y };
  g_return_if_fail (point >= 0 && point < TACET_PERSON_POINTS);
  if (!isfinite (x) || !isfinite (y) || !tacet_person_has_point (self, point))
    return;
  if (point == TACET_LEFT_HAND || point == TACET_RIGHT_HAND)
    point = tacet_point_parent (point);
  if (point < TACET_POSE_JOINTS)
    (keep_lengths ? move_kept : move_freely) (self, point, target);
  else if (point < TACET_FACE)
    move_hand (self, point < TACET_RIGHT_HAND ? TACET_LEFT_HAND : TACET_RIGHT_HAND, point, target, keep_lengths);
  else if ((self->open & (1u << TACET_BODY_FACE)) != 0)
    put (self, point, target);
  else
    {
      Vec old = at (self, point);
      const double shift[6] = { 1, 0, 0, 1, x - old.x, y - old.y };
      tacet_person_transform (self, TACET_BODY_FACE, shift);
    }
}

void
tacet_person_turn (TacetPerson *self, int point, double from_x, double from_y, double x, double y,
                   gboolean keep_lengths)
{
  Vec from = { from_x, from_y }, to = { x, y };
  g_return_if_fail (point >= 0 && point < TACET_FACE && tacet_point_parent (point) >= 0);
  if (!isfinite (from_x + from_y + x + y) || !tacet_person_has_point (self, point))
    return;
  TacetBodyPart part = tacet_point_part (point);
  if (tacet_body_part_is_group (part) && (self->open & (1u << part)) == 0)
    {
      turn_hand (self, point < TACET_RIGHT_HAND ? TACET_LEFT_HAND : TACET_RIGHT_HAND, from, to, keep_lengths);
      return;
    }
  Vec pivot = at (self, tacet_point_parent (point)), old = at (self, point), a = minus (from, pivot),
      b = minus (to, pivot);
  double by = angle (a, b);
  if (keep_lengths || length (a) < 1)
    {
      carry (self, point, motion (pivot, pivot, by, 1));
      return;
    }
  Motion stretch = motion (pivot, pivot, by, length (b) / length (a));
  Vec new_end = moved (&stretch, old);
  carry_rest (self, point, motion (old, new_end, by, 1));
  put (self, point, new_end);
}
