/* tacet-studio-world.h: what a synthetic scene is made of: vectors, parts, ground, light, camera.
 *
 * Room: engine/studio, private.  World: y is up, the ground is y = 0, the camera looks towards -z; one unit is about a
 * metre, though every subject is drawn about as large as a person.  Colours are linear RGB.
 *
 * Bits: everything is computed with + - * / sqrt and floor in single precision and without contraction (see
 * meson.build), so that a seed gives the same bytes whatever compiler, optimisation and C library.  No libm functions
 * besides sqrtf and floorf, please, and no two throws of dice among the arguments of one call: their order is free.
 */
#pragma once

#include <math.h>

#include "engine/studio/tacet-studio.h"

G_BEGIN_DECLS

typedef struct
{
  float x, y, z;
} TacetVec;

static inline TacetVec
tacet_vec (float x, float y, float z)
{
  return (TacetVec){ x, y, z };
}

static inline TacetVec
tacet_vec_add (TacetVec a, TacetVec b)
{
  return tacet_vec (a.x + b.x, a.y + b.y, a.z + b.z);
}

static inline TacetVec
tacet_vec_sub (TacetVec a, TacetVec b)
{
  return tacet_vec (a.x - b.x, a.y - b.y, a.z - b.z);
}

static inline TacetVec
tacet_vec_mul (TacetVec a, TacetVec b)
{
  return tacet_vec (a.x * b.x, a.y * b.y, a.z * b.z);
}

static inline TacetVec
tacet_vec_scale (TacetVec a, float s)
{
  return tacet_vec (a.x * s, a.y * s, a.z * s);
}

/* a + s b */
static inline TacetVec
tacet_vec_along (TacetVec a, float s, TacetVec b)
{
  return tacet_vec (a.x + s * b.x, a.y + s * b.y, a.z + s * b.z);
}

static inline TacetVec
tacet_vec_mix (TacetVec a, TacetVec b, float s)
{
  return tacet_vec_along (a, s, tacet_vec_sub (b, a));
}

static inline float
tacet_vec_dot (TacetVec a, TacetVec b)
{
  return a.x * b.x + a.y * b.y + a.z * b.z;
}

static inline TacetVec
tacet_vec_cross (TacetVec a, TacetVec b)
{
  return tacet_vec (a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x);
}

static inline float
tacet_vec_length (TacetVec a)
{
  return sqrtf (tacet_vec_dot (a, a));
}

static inline TacetVec
tacet_vec_unit (TacetVec a)
{
  float l = tacet_vec_length (a);
  return l > 1e-12f ? tacet_vec_scale (a, 1.0f / l) : tacet_vec (0, 1, 0);
}

static inline float
tacet_clampf (float x, float low, float high)
{
  return x < low ? low : x > high ? high : x;
}

static inline float
tacet_smooth (float low, float high, float x)
{
  float t = tacet_clampf ((x - low) / (high - low), 0, 1);
  return t * t * (3 - 2 * t);
}

/* Random numbers: splitmix64.  One stream per concern, so that a change of one leaves the others alone. */
typedef struct
{
  guint64 state;
} TacetDice;

TacetDice tacet_dice (guint64 seed, guint64 stream);
guint64 tacet_dice_next (TacetDice *self);
float tacet_dice_uniform (TacetDice *self, float low, float high);
int tacet_dice_below (TacetDice *self, int n);
gboolean tacet_dice_chance (TacetDice *self, float probability);
/* An index drawn in proportion to weights (n). */
int tacet_dice_weighted (TacetDice *self, const float *weights, int n);

float tacet_sin_degrees (float degrees);
float tacet_cos_degrees (float degrees);
/* 0xrrggbb in sRGB to linear. */
TacetVec tacet_colour (guint32 rgb);

typedef enum
{
  TACET_SHAPE_ELLIPSOID, /* half axes a, b, c */
  TACET_SHAPE_BOX,       /* half sides a, b, c; the shading is bevelled */
  TACET_SHAPE_FRUSTUM,   /* from y = 0 (radius a) to y = c (radius b), capped: cone, cylinder, disc */
  TACET_SHAPE_LIMB,      /* spheres of radius a at y = 0 and b at y = c, and the cone around them */
  TACET_SHAPE_PRISM,     /* trapezoid: half width a at y = 0 and e at y = b, half length c along z */
} TacetShapeKind;

typedef struct
{
  TacetShapeKind kind;
  TacetVec at;      /* local origin in the world */
  TacetVec axis[3]; /* local x, y, z in the world, orthonormal */
  float a, b, c, e;
  float bevel;
  TacetVec colour;
  float shine; /* strength of the highlight */
  int group;   /* no edge is drawn between parts of one group, unless depth or normal jump */
  TacetVec centre;
  float radius; /* bounding sphere */
} TacetPart;

#define TACET_MAX_PARTS   96
#define TACET_MAX_OBJECTS 4

typedef struct
{
  int first, n_parts;
  TacetVec centre;
  float radius;
} TacetThing;

typedef enum
{
  TACET_FLOOR_WOOD,
  TACET_FLOOR_TILES,
  TACET_FLOOR_CARPET,
  TACET_FLOOR_GRASS,
  TACET_FLOOR_SAND,
  TACET_FLOOR_SNOW,
  TACET_N_FLOORS,
} TacetFloor;

typedef enum
{
  TACET_WALL_WHITE,
  TACET_WALL_BLUE,
  TACET_WALL_YELLOW,
  TACET_WALL_BRICK,
  TACET_WALL_STRIPES,
  TACET_WALL_PANELS,
  TACET_WALL_SKY, /* none */
  TACET_N_WALLS,
} TacetWall;

typedef enum
{
  TACET_LIGHT_LEFT,
  TACET_LIGHT_RIGHT,
  TACET_LIGHT_FRONT,
  TACET_LIGHT_EVENING,
  TACET_N_LIGHTS,
} TacetLight;

typedef enum
{
  TACET_SUBJECT_PERSON,
  TACET_SUBJECT_CHAIR,
  TACET_SUBJECT_TABLE,
  TACET_SUBJECT_BALL,
  TACET_SUBJECT_CUBE,
  TACET_SUBJECT_CONE,
  TACET_SUBJECT_HOUSE,
  TACET_SUBJECT_TREE,
  TACET_SUBJECT_PINE,
  TACET_SUBJECT_SNOWMAN,
  TACET_SUBJECT_SOFA,
  TACET_SUBJECT_CAR,
  TACET_N_SUBJECTS,
} TacetSubject;

typedef enum
{
  TACET_POSE_STANDING,
  TACET_POSE_WALKING,
  TACET_POSE_WAVING,
  TACET_POSE_ARMS_UP,
  TACET_POSE_ARMS_OUT,
  TACET_POSE_SITTING,
  TACET_N_POSES,
} TacetPose;

typedef enum
{
  TACET_COLOUR_RED,
  TACET_COLOUR_ORANGE,
  TACET_COLOUR_YELLOW,
  TACET_COLOUR_GREEN,
  TACET_COLOUR_BLUE,
  TACET_COLOUR_PURPLE,
  TACET_COLOUR_PINK,
  TACET_COLOUR_WHITE,
  TACET_COLOUR_BLACK,
  TACET_N_COLOURS,
} TacetColour;

/* What a caption may tell. */
typedef struct
{
  TacetSubject subject;
  TacetColour colour;
  gboolean long_hair;
  TacetPose pose;
} TacetFact;

typedef struct
{
  int n_facts; /* objects, the main one first */
  TacetFact facts[TACET_MAX_OBJECTS];
  TacetFloor floor;
  TacetWall wall;
  TacetLight light;
} TacetFacts;

typedef struct
{
  int object; /* whose skeleton */
  TacetVec joints[TACET_POSE_JOINTS];
  float reach[TACET_POSE_JOINTS]; /* how deep a joint lies under the surface at most */
} TacetSkeleton;

typedef struct
{
  TacetFacts facts;
  TacetPart parts[TACET_MAX_PARTS];
  int n_parts;
  TacetThing things[TACET_MAX_OBJECTS];
  int n_things;
  TacetSkeleton skeletons[TACET_MAX_OBJECTS];
  int n_skeletons;

  float wall_z;     /* the wall's plane; where the ground ends if there is none */
  float texture[4]; /* random offsets of the textures */
  TacetVec sun;     /* unit, towards the sun */
  TacetVec sun_side, sun_up;
  TacetVec sun_colour, sky_light, ground_light;
  TacetVec sky_top, sky_bottom;

  TacetVec eye, right, up, forward;
  float zoom; /* half the picture's height at distance 1 */
} TacetWorld;

/* A local frame with its own scale into which subjects are built. */
typedef struct
{
  TacetWorld *world;
  TacetVec at;
  float yaw_sin, yaw_cos;
  float scale;
  int group;
  float shine;
} TacetFrame;

/* tacet-studio-shapes.c */
gboolean tacet_part_hit (const TacetPart *part, TacetVec from, TacetVec ray, float *t);
/* normal: of the surface; shading: the same with soft edges */
void tacet_part_normal (const TacetPart *part, TacetVec point, TacetVec *normal, TacetVec *shading);
float tacet_part_distance (const TacetPart *part, TacetVec point);

/* tacet-studio-build.c: places in local coordinates of the frame, sizes in its units */
TacetFrame tacet_frame (TacetWorld *world, TacetVec at, float yaw, float scale);
TacetVec tacet_frame_point (const TacetFrame *frame, TacetVec p);
TacetPart *tacet_add_ellipsoid (TacetFrame *frame, TacetVec at, TacetVec half, TacetVec colour);
TacetPart *tacet_add_box (TacetFrame *frame, TacetVec at, TacetVec half, float bevel, TacetVec colour);
TacetPart *tacet_add_frustum (TacetFrame *frame, TacetVec from, TacetVec to, float r0, float r1, TacetVec colour);
TacetPart *tacet_add_limb (TacetFrame *frame, TacetVec from, TacetVec to, float r0, float r1, TacetVec colour);
TacetPart *tacet_add_prism (TacetFrame *frame, TacetVec base, float bottom, float top, float height, float half_length,
                            TacetVec colour);
void tacet_begin_thing (TacetWorld *world);
void tacet_end_thing (TacetWorld *world);

/* tacet-studio-subjects.c, tacet-studio-person.c */
void tacet_build_subject (TacetFrame *frame, const TacetFact *fact, TacetVec colour, TacetDice *dice);
void tacet_build_person (TacetFrame *frame, const TacetFact *fact, TacetVec shirt, TacetDice *dice);
/* Height of a subject in its own units, and half its width. */
float tacet_subject_height (TacetSubject subject);
float tacet_subject_half_width (TacetSubject subject);

/* tacet-studio-setting.c */
TacetVec tacet_palette (TacetColour colour);
void tacet_light_setup (TacetWorld *world, TacetDice *dice);
TacetVec tacet_floor_colour (const TacetWorld *world, TacetVec point, float distance);
TacetVec tacet_wall_colour (const TacetWorld *world, TacetVec point, float distance);
TacetVec tacet_sky_colour (const TacetWorld *world, TacetVec ray);
/* The setting's mean colours, to choose a subject's colour that stands out. */
TacetVec tacet_floor_mean (TacetFloor floor);
TacetVec tacet_wall_mean (TacetWall wall, TacetLight light);

/* tacet-studio-compose.c */
gboolean tacet_world_compose (TacetWorld *world, guint64 seed, const char *subject, GError **error);

/* tacet-studio-caption.c */
char *tacet_caption (const TacetFacts *facts, TacetDice *dice);
const char *tacet_subject_word (TacetSubject subject);
const char *tacet_colour_word (TacetColour colour);

/* tacet-studio-trace.c */
typedef struct
{
  float t;    /* distance along the ray; HUGE for the sky */
  int object; /* 0 sky, 1 floor, 2 wall, 3 .. objects */
  int part;   /* index, or -1 */
} TacetHit;

TacetVec tacet_world_ray (const TacetWorld *world, float x, float y, int size);
void tacet_world_project (const TacetWorld *world, TacetVec point, int size, float *x, float *y);
TacetHit tacet_world_trace (const TacetWorld *world, TacetVec from, TacetVec ray);
/* linear, between 0 and 1; jitter: which of the sun's four places, 0 .. 3 */
TacetVec tacet_world_shade (const TacetWorld *world, TacetVec from, TacetVec ray, const TacetHit *hit, int jitter);
TacetVec tacet_hit_normal (const TacetWorld *world, TacetVec from, TacetVec ray, const TacetHit *hit);

G_END_DECLS
