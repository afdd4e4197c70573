/* tacet-pose-preset.c: figures to start from.
 *
 * Room: engine/control.  Our own: a jointed doll in space, 1 high, seen without perspective.  x goes to the viewer's
 * right, y up, z towards the viewer; the doll faces the viewer before it turns.  Directions of arms and legs are
 * those of either side: x outwards.
 */
#include "tacet-person.h"
#include <math.h>

typedef struct
{
  double x, y, z;
} Vec3;

typedef struct
{
  Vec3 upper_arm, forearm, thigh, shin;
} Side;

typedef struct
{
  Side right, left;
  Vec3 spine;        /* from the hips to the neck */
  double turn;       /* degrees, towards the viewer's right */
  double head;       /* the same, of the head against the body */
  double tilt;       /* degrees, in the plane of the picture */
  gboolean portrait; /* hands and face; the hips and what is below them lie outside the picture */
} Figure;

#define HANGING                                                                                                        \
  { 0.15, -1, 0.02 },                                                                                                  \
  {                                                                                                                    \
    0.05, -1, 0.12                                                                                                     \
  }
#define STRAIGHT                                                                                                       \
  { 0.06, -1, 0 },                                                                                                     \
  {                                                                                                                    \
    0.02, -1, -0.03                                                                                                    \
  }
#define UPRIGHT                                                                                                        \
  {                                                                                                                    \
    0, 1, 0                                                                                                            \
  }
#define UPPER_ARM    0.170
#define FOREARM      0.150
#define THIGH        0.240
#define SHIN         0.235
#define TORSO        0.305
#define SHOULDERS    0.105 /* half the width */
#define HIPS         0.062
#define NECK_TO_NOSE 0.098

static const Figure figures[TACET_N_FIGURES] = {
  [TACET_FIGURE_STANDING] = { { HANGING, STRAIGHT }, { HANGING, STRAIGHT }, UPRIGHT },
  [TACET_FIGURE_AT_EASE] = { { { 0.75, -0.72, -0.20 }, { -0.78, -0.58, 0.30 }, { 0.02, -1, 0 }, { 0.01, -1, -0.02 } },
                             { HANGING, { 0.24, -1, 0.14 }, { 0.06, -1, -0.14 } },
                             { 0.05, 1, 0 },
                             .turn = -14,
                             .head = 22 },
  [TACET_FIGURE_WALKING] = { { { 0.10, -1, -0.42 }, { 0.02, -1, 0.06 }, { 0.03, -1, 0.46 }, { 0, -1, 0.06 } },
                             { { 0.10, -1, 0.40 }, { 0, -0.78, 0.62 }, { 0.03, -1, -0.26 }, { 0, -1, -0.56 } },
                             { 0, 1, 0.04 },
                             .turn = 38 },
  [TACET_FIGURE_RUNNING] = { { { 0.22, -0.62, -0.80 },
                               { -0.05, -0.55, 0.80 },
                               { 0.03, -0.45, 0.92 },
                               { 0, -1, -0.42 } },
                             { { 0.16, -0.70, 0.66 }, { -0.25, 0.66, 0.62 }, { 0.03, -0.92, -0.45 }, { 0, -0.30, -1 } },
                             { 0, 1, 0.24 },
                             .turn = 58 },
  [TACET_FIGURE_SITTING] = { { { 0.18, -1, 0.20 }, { -0.08, -0.42, 0.90 }, { 0.16, -0.10, 1 }, { 0.03, -1, 0.06 } },
                             { { 0.18, -1, 0.20 }, { -0.08, -0.42, 0.90 }, { 0.16, -0.10, 1 }, { 0.03, -1, 0.06 } },
                             { 0, 1, -0.04 },
                             .turn = 40,
                             .head = -14 },
  [TACET_FIGURE_KNEELING] = { { { 0.16, -0.90, 0.42 }, { -0.16, -0.30, 0.92 }, { 0.12, -0.06, 1 }, { 0.02, -1, 0.02 } },
                              { HANGING, { 0.08, -1, 0.02 }, { 0.02, -0.14, -1 } },
                              { 0, 1, 0.08 },
                              .turn = 44,
                              .head = -14 },
  [TACET_FIGURE_WAVING] = { { { 0.92, 0.20, 0.08 }, { 0.26, 1, 0.05 }, STRAIGHT }, { HANGING, STRAIGHT }, UPRIGHT },
  [TACET_FIGURE_CHEERING] = { { { 0.62, 0.80, 0 }, { 0.26, 1, 0.05 }, { 0.22, -1, 0 }, { 0.06, -1, -0.04 } },
                              { { 0.62, 0.80, 0 }, { 0.26, 1, 0.05 }, { 0.22, -1, 0 }, { 0.06, -1, -0.04 } },
                              UPRIGHT },
  [TACET_FIGURE_DANCING] = { { { 0.86, 0.55, 0.05 }, { -0.15, 1, 0.15 }, { -0.02, -1, 0.04 }, { 0, -1, -0.06 } },
                             { { 1, -0.06, 0.12 },
                               { 0.94, 0.28, 0.16 },
                               { 0.78, -0.62, 0.24 },
                               { -0.42, -0.88, -0.2 } },
                             { -0.12, 1, 0 },
                             .turn = 16,
                             .head = 18 },
  [TACET_FIGURE_LYING] = { { { 0.60, 0.72, 0.10 }, { -0.70, 0.62, 0.10 }, STRAIGHT },
                           { { 0.30, -1, 0.05 }, { -0.45, -0.86, 0.25 }, { 0.30, -0.92, 0.42 }, { -0.20, -1, -0.46 } },
                           UPRIGHT,
                           .turn = 8,
                           .tilt = 88 },
  [TACET_FIGURE_FROM_BEHIND] = { { HANGING, STRAIGHT },
                                 { HANGING, { 0.12, -1, 0.05 }, { 0.04, -1, -0.08 } },
                                 UPRIGHT,
                                 .turn = 162 },
  [TACET_FIGURE_PORTRAIT] = { { { 0.42, -1, 0.16 }, { -0.30, 0.84, 0.40 }, STRAIGHT },
                              { { 0.34, -1, 0.10 }, { -0.72, -0.02, 0.62 }, STRAIGHT },
                              UPRIGHT,
                              .portrait = TRUE },
};

static Vec3
along (Vec3 from, double length, Vec3 way)
{
  double factor = length / sqrt (way.x * way.x + way.y * way.y + way.z * way.z);
  return (Vec3){ from.x + factor * way.x, from.y + factor * way.y, from.z + factor * way.z };
}

/* About the vertical through the hips. */
static Vec3
turned (Vec3 v, double degrees)
{
  double a = degrees * G_PI / 180;
  return (Vec3){ v.x * cos (a) + v.z * sin (a), v.y, v.z * cos (a) - v.x * sin (a) };
}

static void
place_side (Vec3 joints[TACET_POSE_JOINTS], const Side *side, Vec3 neck, double sign)
{
  int shoulder = sign < 0 ? TACET_RIGHT_SHOULDER : TACET_LEFT_SHOULDER;
  int hip = sign < 0 ? TACET_RIGHT_HIP : TACET_LEFT_HIP;
  Vec3 ways[4] = { side->upper_arm, side->forearm, side->thigh, side->shin };
  for (int i = 0; i < 4; i++)
    ways[i].x *= sign;
  joints[shoulder] = (Vec3){ neck.x + sign * SHOULDERS, neck.y - 0.008, neck.z };
  joints[shoulder + 1] = along (joints[shoulder], UPPER_ARM, ways[0]);
  joints[shoulder + 2] = along (joints[shoulder + 1], FOREARM, ways[1]);
  joints[hip] = (Vec3){ sign * HIPS, 0, 0 };
  joints[hip + 1] = along (joints[hip], THIGH, ways[2]);
  joints[hip + 2] = along (joints[hip + 1], SHIN, ways[3]);
}

/* Round the middle of the head, which lies behind the nose. */
static void
place_head (Vec3 joints[TACET_POSE_JOINTS], Vec3 neck, double turn)
{
  static const struct
  {
    int joint;
    Vec3 at;
  } parts[] = { { TACET_NOSE, { 0, 0, 0.065 } },
                { TACET_RIGHT_EYE, { -0.022, 0.022, 0.048 } },
                { TACET_LEFT_EYE, { 0.022, 0.022, 0.048 } },
                { TACET_RIGHT_EAR, { -0.050, 0.010, -0.012 } },
                { TACET_LEFT_EAR, { 0.050, 0.010, -0.012 } } };
  for (gsize i = 0; i < G_N_ELEMENTS (parts); i++)
    {
      Vec3 v = turned (parts[i].at, turn);
      joints[parts[i].joint] = (Vec3){ neck.x + v.x, neck.y + NECK_TO_NOSE + v.y, neck.z + v.z };
    }
}

/* What the head hides of itself: a face from behind, the far ear of a head that is turned. */
static gboolean
is_seen (int joint, double facing)
{
  switch (joint)
    {
    case TACET_NOSE:
      return cos (facing) > -0.15;
    case TACET_RIGHT_EYE:
      return cos (facing) > -0.1 && sin (facing) > -0.94;
    case TACET_LEFT_EYE:
      return cos (facing) > -0.1 && sin (facing) < 0.94;
    case TACET_RIGHT_EAR:
      return cos (facing) < 0 || sin (facing) > -0.45;
    case TACET_LEFT_EAR:
      return cos (facing) < 0 || sin (facing) < 0.45;
    default:
      return TRUE;
    }
}

TacetPerson
tacet_person_new (TacetFigure which, double x, double y, double width, double height)
{
  TacetPerson self = { 0 };
  g_return_val_if_fail ((guint) which < TACET_N_FIGURES, self);
  const Figure *figure = &figures[which];
  Vec3 joints[TACET_POSE_JOINTS], neck = along ((Vec3){ 0 }, TORSO, figure->spine);
  double box[4], facing = (figure->turn + figure->head) * G_PI / 180, tilt = figure->tilt * G_PI / 180;
  joints[TACET_NECK] = neck;
  place_side (joints, &figure->right, neck, -1);
  place_side (joints, &figure->left, neck, 1);
  place_head (joints, neck, figure->head);
  for (int i = 0; i < TACET_POSE_JOINTS; i++)
    {
      Vec3 v = turned (joints[i], figure->turn);
      gboolean below = tacet_point_under (i, TACET_RIGHT_HIP) || tacet_point_under (i, TACET_LEFT_HIP);
      self.joints[i] =
          (TacetJoint){ (float) (v.x * cos (tilt) + v.y * sin (tilt)), (float) (v.x * sin (tilt) - v.y * cos (tilt)),
                        is_seen (i, facing) && !(figure->portrait && below) };
    }
  tacet_person_bounds (&self, TACET_BODY_PERSON, box);
  double scale = MIN (width / (box[2] - box[0]), height / (box[3] - box[1]));
  const double matrix[6] = { scale, 0, 0, scale, x - scale * (box[0] + box[2]) / 2, y - scale * (box[1] + box[3]) / 2 };
  tacet_person_transform (&self, TACET_BODY_PERSON, matrix);
  for (int part = TACET_BODY_RIGHT_HAND; figure->portrait && part <= TACET_BODY_FACE; part++)
    tacet_person_add_part (&self, part);
  return self;
}
