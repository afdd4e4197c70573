/* tacet-person.h: a person of a pose map: body, hands and face as points, and what hangs on what.
 *
 * Room: engine/control.  Plain data, no pointers: it is copied, compared and kept by value.  All functions are pure.
 * Source of the orders: OpenPose, doc/02_output.md (COCO body, hands, face).  Left and right are the person's own.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define TACET_POSE_JOINTS 18 /* nose, neck, r shoulder, r elbow, r wrist, l shoulder ..., r hip ..., eyes, ears */
#define TACET_HAND_POINTS 21 /* wrist, then thumb to little finger, four from the palm to the tip each */
#define TACET_FACE_POINTS 70 /* jaw 17, brows 5 + 5, nose 9, eyes 6 + 6, lips 12 + 8, pupils 2 */

typedef struct
{
  float x, y;       /* pixels of the picture, origin top left */
  float confidence; /* 0: hidden */
} TacetJoint;

/* What is hidden, locked or taken as a group. */
typedef enum
{
  TACET_BODY_PERSON, /* all of it; as the part of a joint: the neck */
  TACET_BODY_HEAD,
  TACET_BODY_RIGHT_ARM,
  TACET_BODY_LEFT_ARM,
  TACET_BODY_RIGHT_LEG,
  TACET_BODY_LEFT_LEG,
  TACET_BODY_RIGHT_HAND,
  TACET_BODY_LEFT_HAND,
  TACET_BODY_FACE,
  TACET_N_BODY_PARTS,
} TacetBodyPart;

/* Indices of points; the joints of the body are 0 .. 17. */
enum
{
  TACET_NOSE,
  TACET_NECK,
  TACET_RIGHT_SHOULDER,
  TACET_RIGHT_ELBOW,
  TACET_RIGHT_WRIST,
  TACET_LEFT_SHOULDER,
  TACET_LEFT_ELBOW,
  TACET_LEFT_WRIST,
  TACET_RIGHT_HIP,
  TACET_RIGHT_KNEE,
  TACET_RIGHT_ANKLE,
  TACET_LEFT_HIP,
  TACET_LEFT_KNEE,
  TACET_LEFT_ANKLE,
  TACET_RIGHT_EYE,
  TACET_LEFT_EYE,
  TACET_RIGHT_EAR,
  TACET_LEFT_EAR,
  TACET_LEFT_HAND = TACET_POSE_JOINTS,
  TACET_RIGHT_HAND = TACET_LEFT_HAND + TACET_HAND_POINTS,
  TACET_FACE = TACET_RIGHT_HAND + TACET_HAND_POINTS,
  TACET_PERSON_POINTS = TACET_FACE + TACET_FACE_POINTS,
};

typedef struct
{
  union
  {
    TacetJoint points[TACET_PERSON_POINTS];
    struct
    {
      TacetJoint joints[TACET_POSE_JOINTS];
      TacetJoint left_hand[TACET_HAND_POINTS], right_hand[TACET_HAND_POINTS];
      TacetJoint face[TACET_FACE_POINTS];
    };
  };
  /* Sets of 1 << TacetBodyPart. */
  guint16 has;    /* hands and face; the body is always there */
  guint16 hidden; /* the person, hands, face: with their points' own confidence kept.  Limbs hide by their joints */
  guint16 locked; /* cannot be taken hold of; goes along with what carries it */
  guint16 open;   /* hands and face: points move singly, not as one group */
} TacetPerson;

/* ---- what a point is ---- */

TacetBodyPart tacet_point_part (int point);
/* What carries it: the wrist for a hand, the nose for eyes, ears and face; -1 for the neck. */
int tacet_point_parent (int point);
/* The same point of the other side; itself in the middle. */
int tacet_point_mirror (int point);
/* `point` is `root` or is carried by it. */
gboolean tacet_point_under (int point, int root);
/* The points of a part: the first, and their number.  Those of limbs are not in a row: 0. */
int tacet_body_part_points (TacetBodyPart part, int *first);
gboolean tacet_body_part_is_group (TacetBodyPart part); /* a hand or the face */
const char *tacet_body_part_id (TacetBodyPart part);    /* "left_hand", as files write it */
TacetBodyPart tacet_body_part_mirror (TacetBodyPart part);

/* ---- what a person has ---- */

gboolean tacet_person_has (const TacetPerson *self, TacetBodyPart part);
gboolean tacet_person_has_point (const TacetPerson *self, int point);
gboolean tacet_person_shows (const TacetPerson *self, int point);               /* is in the map */
gboolean tacet_person_shows_part (const TacetPerson *self, TacetBodyPart part); /* any point of it */
gboolean tacet_person_is_locked (const TacetPerson *self, int point);
void tacet_person_show_part (TacetPerson *self, TacetBodyPart part, gboolean visible);
/* Also shows the group it belongs to. */
void tacet_person_show_point (TacetPerson *self, int point, gboolean visible);
/* A hand at its wrist, along the forearm; a face between the eyes.  Of a size that fits the body. */
void tacet_person_add_part (TacetPerson *self, TacetBodyPart part);
void tacet_person_remove_part (TacetPerson *self, TacetBodyPart part);
/* Of what is shown, or of everything if nothing is: left, top, right, bottom. */
void tacet_person_bounds (const TacetPerson *self, TacetBodyPart part, double box[4]);
/* Everything finite and no farther than this from the origin, confidences 0 .. 1, only flags that exist. */
void tacet_person_make_sane (TacetPerson *self, float far);
/* What is said of both: points that neither has do not count. */
gboolean tacet_person_equal (const TacetPerson *a, const TacetPerson *b);

/* ---- moving (tacet-pose-move.c) ---- */

/* matrix: xx yx xy yy x0 y0 as cairo's, old to new.  One that mirrors the whole person exchanges left and right, so
 * that the colours stay anatomically right. */
void tacet_person_transform (TacetPerson *self, TacetBodyPart part, const double matrix[6]);
void tacet_person_flip (TacetPerson *self, double axis); /* about the vertical at x = axis */
/* A joint to a place.  Free: it alone; a hand follows its wrist and turns with the forearm, a face takes the head
 * along with the nose.  keep_lengths: a wrist or ankle pulls elbow or knee, which stay bent to their side, and stops
 * at full reach; other joints turn about what carries them, with all that they carry; the neck moves the person.
 * A closed hand turns about its wrist (free: and grows); in an open one a finger bends. */
void tacet_person_move (TacetPerson *self, int point, double x, double y, gboolean keep_lengths);
/* The bone that ends in `point` taken at one place and moved to another: it turns about its other end with everything
 * it carries; free: and gets longer or shorter. */
void tacet_person_turn (TacetPerson *self, int point, double from_x, double from_y, double x, double y,
                        gboolean keep_lengths);

/* ---- figures to start from (tacet-pose-preset.c) ---- */

typedef enum
{
  TACET_FIGURE_STANDING,
  TACET_FIGURE_AT_EASE,
  TACET_FIGURE_WALKING,
  TACET_FIGURE_RUNNING,
  TACET_FIGURE_SITTING,
  TACET_FIGURE_KNEELING,
  TACET_FIGURE_WAVING,
  TACET_FIGURE_CHEERING,
  TACET_FIGURE_DANCING,
  TACET_FIGURE_LYING,
  TACET_FIGURE_FROM_BEHIND,
  TACET_FIGURE_PORTRAIT,
  TACET_N_FIGURES,
} TacetFigure;

/* In the middle at (x, y), as large as it goes into a box of this size. */
TacetPerson tacet_person_new (TacetFigure figure, double x, double y, double width, double height);

G_END_DECLS
