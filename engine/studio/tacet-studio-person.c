/* tacet-studio-person.c: a person: a skeleton in a believable pose, and a body of limbs around it.
 *
 * Room: engine/studio.  The body faces +z, so its right is -x.  Joints in OpenPose order.
 */
#include "engine/studio/tacet-studio-world.h"

#define V tacet_vec

enum
{
  NOSE,
  NECK,
  R_SHOULDER,
  R_ELBOW,
  R_WRIST,
  L_SHOULDER,
  L_ELBOW,
  L_WRIST,
  R_HIP,
  R_KNEE,
  R_ANKLE,
  L_HIP,
  L_KNEE,
  L_ANKLE,
  R_EYE,
  L_EYE,
  R_EAR,
  L_EAR,
};

/* Directions of upper arm, forearm, thigh and shin, for a side at +x (mirrored for the other), and how far the
 * directions may stray. */
typedef struct
{
  TacetVec upper_arm, forearm, thigh, shin;
} Side;

typedef struct
{
  Side right, left;
  float stray_arms, stray_legs;
} Pose;

#define DOWN                                                                                                           \
  {                                                                                                                    \
    0.30f, -1, 0.02f                                                                                                   \
  }
#define FOREARM_DOWN                                                                                                   \
  {                                                                                                                    \
    0.16f, -1, 0.22f                                                                                                   \
  }
#define THIGH                                                                                                          \
  {                                                                                                                    \
    0.11f, -1, 0.02f                                                                                                   \
  }
#define SHIN                                                                                                           \
  {                                                                                                                    \
    0.04f, -1, -0.03f                                                                                                  \
  }

static const Pose poses[TACET_N_POSES] = {
  [TACET_POSE_STANDING] = { { DOWN, FOREARM_DOWN, THIGH, SHIN }, { DOWN, FOREARM_DOWN, THIGH, SHIN }, 0.10f, 0.03f },
  [TACET_POSE_WALKING] = { { { 0.14f, -1, -0.55f }, { 0.05f, -1, 0.10f }, { 0.03f, -1, 0.52f }, { 0, -1, 0.10f } },
                           { { 0.14f, -1, 0.50f }, { 0.02f, -0.7f, 0.75f }, { 0.03f, -1, -0.30f }, { 0, -1, -0.62f } },
                           0.10f,
                           0.05f },
  [TACET_POSE_WAVING] = { { { 0.95f, 0.22f, 0.08f }, { 0.30f, 1, 0.05f }, THIGH, SHIN },
                          { DOWN, FOREARM_DOWN, THIGH, SHIN },
                          0.12f,
                          0.03f },
  [TACET_POSE_ARMS_UP] = { { { 0.72f, 0.85f, 0 }, { 0.38f, 1, 0.04f }, THIGH, SHIN },
                           { { 0.72f, 0.85f, 0 }, { 0.38f, 1, 0.04f }, THIGH, SHIN },
                           0.12f,
                           0.03f },
  [TACET_POSE_ARMS_OUT] = { { { 1, -0.04f, 0.02f }, { 1, 0.02f, 0.05f }, THIGH, SHIN },
                            { { 1, -0.04f, 0.02f }, { 1, 0.02f, 0.05f }, THIGH, SHIN },
                            0.08f,
                            0.03f },
  [TACET_POSE_SITTING] = { { { 0.26f, -1, 0.24f }, { -0.06f, -0.38f, 1 }, { 0.20f, -0.12f, 1 }, { 0.03f, -1, 0.06f } },
                           { { 0.26f, -1, 0.24f }, { -0.06f, -0.38f, 1 }, { 0.20f, -0.12f, 1 }, { 0.03f, -1, 0.06f } },
                           0.06f,
                           0.02f },
};

#define UPPER_ARM 0.29f
#define FOREARM   0.27f
#define THIGH_LEN 0.40f
#define SHIN_LEN  0.39f
#define HIP       0.87f
#define SEAT      0.645f /* hip of someone who sits, above the ground; the chair is scaled to fit */

static TacetVec
stray (TacetVec v, float amount, TacetDice *dice)
{
  TacetVec d;
  d.x = tacet_dice_uniform (dice, -amount, amount);
  d.y = tacet_dice_uniform (dice, -amount, amount);
  d.z = tacet_dice_uniform (dice, -amount, amount);
  return tacet_vec_unit (tacet_vec_add (tacet_vec_unit (v), d));
}

static void
place_side (TacetVec *j, const Side *side, const Pose *pose, float sign, TacetDice *dice)
{
  int arm = sign < 0 ? R_SHOULDER : L_SHOULDER, leg = sign < 0 ? R_HIP : L_HIP;
  const TacetVec mirror = V (sign, 1, 1);
  TacetVec step[4] = { side->upper_arm, side->forearm, side->thigh, side->shin };
  for (int i = 0; i < 4; i++)
    step[i] = tacet_vec_mul (stray (step[i], i < 2 ? pose->stray_arms : pose->stray_legs, dice), mirror);
  j[arm + 1] = tacet_vec_along (j[arm], UPPER_ARM, step[0]);
  j[arm + 2] = tacet_vec_along (j[arm + 1], FOREARM, step[1]);
  j[leg + 1] = tacet_vec_along (j[leg], THIGH_LEN, step[2]);
  j[leg + 2] = tacet_vec_along (j[leg + 1], SHIN_LEN, step[3]);
}

static void
place_joints (TacetVec *j, TacetPose which, gboolean mirrored, TacetDice *dice)
{
  const Pose *pose = &poses[which];
  j[NECK] = V (0, HIP + 0.52f, 0);
  for (int side = -1; side <= 1; side += 2)
    {
      j[side < 0 ? R_SHOULDER : L_SHOULDER] = V (0.245f * (float) side, HIP + 0.48f, 0);
      j[side < 0 ? R_HIP : L_HIP] = V (0.140f * (float) side, HIP, 0);
    }
  place_side (j, mirrored ? &pose->left : &pose->right, pose, -1, dice);
  place_side (j, mirrored ? &pose->right : &pose->left, pose, 1, dice);
  TacetVec head = V (0, HIP + 0.765f, 0.02f);
  float turn = tacet_dice_uniform (dice, -0.03f, 0.03f);
  j[NOSE] = tacet_vec_add (head, V (turn, -0.02f, 0.185f));
  for (int side = -1; side <= 1; side += 2)
    {
      float s = (float) side;
      j[side < 0 ? R_EYE : L_EYE] = tacet_vec_add (head, V (0.066f * s + turn, 0.028f, 0.158f));
      j[side < 0 ? R_EAR : L_EAR] = tacet_vec_add (head, V (0.172f * s, 0.0f, 0.0f));
    }
  /* the feet carry: the lower ankle stands on the ground */
  float low = MIN (j[R_ANKLE].y, j[L_ANKLE].y);
  float lift = which == TACET_POSE_SITTING ? SEAT - HIP : 0.11f - low;
  for (int i = 0; i < TACET_POSE_JOINTS; i++)
    j[i].y += lift;
}

static void
build_head (TacetFrame *f, const TacetVec *j, const TacetFact *fact, TacetVec skin, TacetVec hair)
{
  TacetVec head = V (0, 0.5f * (j[R_EAR].y + j[L_EAR].y), 0.02f);
  TacetVec dark = tacet_colour (0x2a211d);
  f->group = 1;
  f->shine = 0.06f;
  tacet_add_ellipsoid (f, head, V (0.172f, 0.200f, 0.180f), skin);
  tacet_add_limb (f, tacet_vec_add (j[NECK], V (0, -0.04f, 0)), tacet_vec_add (head, V (0, -0.08f, -0.01f)), 0.095f,
                  0.085f, skin);
  tacet_add_ellipsoid (f, tacet_vec_add (j[NOSE], V (0, 0, -0.01f)), V (0.026f, 0.034f, 0.032f), skin);
  for (int i = R_EYE; i <= L_EYE; i++)
    tacet_add_ellipsoid (f, tacet_vec_add (j[i], V (0, 0, 0.004f)), V (0.027f, 0.030f, 0.018f), dark);
  f->group = 2;
  tacet_add_ellipsoid (f, tacet_vec_add (head, V (0, 0.068f, -0.044f)), V (0.198f, 0.178f, 0.182f), hair);
  if (!fact->long_hair)
    return;
  tacet_add_ellipsoid (f, tacet_vec_add (head, V (0, -0.12f, -0.11f)), V (0.225f, 0.32f, 0.135f), hair);
  for (int side = -1; side <= 1; side += 2)
    tacet_add_limb (f, tacet_vec_add (head, V (0.155f * (float) side, 0.07f, 0.0f)),
                    tacet_vec_add (head, V (0.205f * (float) side, -0.30f, -0.01f)), 0.075f, 0.065f, hair);
}

static void
build_torso (TacetFrame *f, const TacetVec *j, TacetVec shirt, TacetVec trousers)
{
  TacetVec hip = tacet_vec_scale (tacet_vec_add (j[R_HIP], j[L_HIP]), 0.5f);
  TacetVec chest = tacet_vec_add (j[NECK], V (0, -0.19f, 0.0f));
  f->group = 3;
  tacet_add_ellipsoid (f, tacet_vec_add (hip, V (0, 0.17f, 0)), V (0.225f, 0.25f, 0.160f), shirt);
  tacet_add_ellipsoid (f, chest, V (0.265f, 0.22f, 0.175f), shirt);
  tacet_add_limb (f, tacet_vec_add (j[R_SHOULDER], V (0.03f, 0.0f, 0)), tacet_vec_add (j[L_SHOULDER], V (-0.03f, 0, 0)),
                  0.112f, 0.112f, shirt);
  f->group = 4;
  tacet_add_ellipsoid (f, tacet_vec_add (hip, V (0, 0.0f, -0.005f)), V (0.235f, 0.15f, 0.168f), trousers);
}

static void
build_limbs (TacetFrame *f, const TacetVec *j, TacetVec shirt, TacetVec trousers, TacetVec skin, TacetVec shoe)
{
  for (int side = 0; side < 2; side++)
    {
      const TacetVec *arm = &j[side ? L_SHOULDER : R_SHOULDER], *leg = &j[side ? L_HIP : R_HIP];
      f->group = 3;
      f->shine = 0.05f;
      tacet_add_limb (f, arm[0], arm[1], 0.112f, 0.098f, shirt);
      tacet_add_limb (f, arm[1], arm[2], 0.098f, 0.082f, shirt);
      f->group = 5;
      TacetVec along = tacet_vec_unit (tacet_vec_sub (arm[2], arm[1]));
      tacet_add_limb (f, tacet_vec_along (arm[2], 0.02f, along), tacet_vec_along (arm[2], 0.10f, along), 0.076f, 0.072f,
                      skin);
      f->group = 4;
      tacet_add_limb (f, leg[0], leg[1], 0.152f, 0.122f, trousers);
      tacet_add_limb (f, leg[1], leg[2], 0.122f, 0.104f, trousers);
      f->group = 6;
      TacetVec heel = tacet_vec_add (leg[2], V (0, -0.025f, -0.03f));
      tacet_add_limb (f, heel, tacet_vec_add (leg[2], V (0, -0.03f, 0.15f)), 0.085f, 0.074f, shoe);
    }
}

void
tacet_build_person (TacetFrame *f, const TacetFact *fact, TacetVec shirt, TacetDice *dice)
{
  static const guint32 skins[] = { 0xf3c9a5, 0xe0ac80, 0xb97d50, 0x8a5634 };
  static const guint32 hairs[] = { 0x2b211c, 0x5a3a22, 0xd9b25a, 0x8f3f1f };
  static const guint32 legs[] = { 0x2c3e63, 0x41444a, 0x7c6a52 };
  TacetVec skin = tacet_colour (skins[tacet_dice_below (dice, 4)]);
  TacetVec hair = tacet_colour (hairs[tacet_dice_below (dice, 4)]);
  int first = tacet_dice_below (dice, 3);
  TacetVec trousers = tacet_colour (legs[first]);
  if (tacet_vec_length (tacet_vec_sub (trousers, shirt)) < 0.20f)
    trousers = tacet_colour (0xb8a684);
  TacetVec j[TACET_POSE_JOINTS];
  place_joints (j, fact->pose, tacet_dice_chance (dice, 0.5f), dice);
  build_torso (f, j, shirt, trousers);
  build_limbs (f, j, shirt, trousers, skin, tacet_colour (0x2b2522));
  build_head (f, j, fact, skin, hair);

  TacetWorld *world = f->world;
  TacetSkeleton *skeleton = &world->skeletons[world->n_skeletons++];
  skeleton->object = world->n_things + 3;
  for (int i = 0; i < TACET_POSE_JOINTS; i++)
    {
      skeleton->joints[i] = tacet_frame_point (f, j[i]);
      skeleton->reach[i] = (i == NOSE || i >= R_EYE ? 0.08f : 0.19f) * f->scale;
    }
}
