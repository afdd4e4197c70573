/* tacet-pose-names.c: joints, parts and figures in words.  Room: ui, no widgets. */
#define G_LOG_DOMAIN "tacet-pose"

#include "config.h"

#include "ui/tacet-pose-draw.h"

#include <glib/gi18n-lib.h>

static const char *const joint_names[TACET_POSE_JOINTS] = {
  N_ ("nose"),          N_ ("neck"),       N_ ("right shoulder"), N_ ("right elbow"), N_ ("right wrist"),
  N_ ("left shoulder"), N_ ("left elbow"), N_ ("left wrist"),     N_ ("right hip"),   N_ ("right knee"),
  N_ ("right ankle"),   N_ ("left hip"),   N_ ("left knee"),      N_ ("left ankle"),  N_ ("right eye"),
  N_ ("left eye"),      N_ ("right ear"),  N_ ("left ear"),
};

/* Translators: parts of a person in a pose; left and right are the person's own */
static const char *const part_names[TACET_N_BODY_PARTS] = {
  [TACET_BODY_PERSON] = N_ ("Person"),
  [TACET_BODY_HEAD] = N_ ("Head"),
  [TACET_BODY_RIGHT_ARM] = N_ ("Right arm"),
  [TACET_BODY_LEFT_ARM] = N_ ("Left arm"),
  [TACET_BODY_RIGHT_LEG] = N_ ("Right leg"),
  [TACET_BODY_LEFT_LEG] = N_ ("Left leg"),
  [TACET_BODY_RIGHT_HAND] = N_ ("Right hand"),
  [TACET_BODY_LEFT_HAND] = N_ ("Left hand"),
  [TACET_BODY_FACE] = N_ ("Face"),
};

/* Translators: how a figure stands that a pose starts from */
static const char *const figure_names[TACET_N_FIGURES] = {
  [TACET_FIGURE_STANDING] = N_ ("Standing"),       [TACET_FIGURE_AT_EASE] = N_ ("At Ease"),
  [TACET_FIGURE_WALKING] = N_ ("Walking"),         [TACET_FIGURE_RUNNING] = N_ ("Running"),
  [TACET_FIGURE_SITTING] = N_ ("Sitting"),         [TACET_FIGURE_KNEELING] = N_ ("Kneeling"),
  [TACET_FIGURE_WAVING] = N_ ("Waving"),           [TACET_FIGURE_CHEERING] = N_ ("Cheering"),
  [TACET_FIGURE_DANCING] = N_ ("Dancing"),         [TACET_FIGURE_LYING] = N_ ("Lying"),
  [TACET_FIGURE_FROM_BEHIND] = N_ ("From Behind"), [TACET_FIGURE_PORTRAIT] = N_ ("Portrait"),
};

static const char *const finger_names[] = { N_ ("thumb"), N_ ("index finger"), N_ ("middle finger"), N_ ("ring finger"),
                                            N_ ("little finger") };

/* The last point of each stretch of a face. */
static const struct
{
  int last;
  const char *name;
} face_names[] = {
  { 16, N_ ("jaw") },   { 21, N_ ("right eyebrow") }, { 26, N_ ("left eyebrow") },
  { 35, N_ ("nose") },  { 41, N_ ("right eye") },     { 47, N_ ("left eye") },
  { 67, N_ ("mouth") }, { 68, N_ ("right pupil") },   { 69, N_ ("left pupil") },
};

const char *
tacet_pose_joint_name (int joint)
{
  g_return_val_if_fail (joint >= 0 && joint < TACET_POSE_JOINTS, "");
  return _ (joint_names[joint]);
}

const char *
tacet_pose_part_name (TacetBodyPart part)
{
  g_return_val_if_fail ((guint) part < TACET_N_BODY_PARTS, "");
  return _ (part_names[part]);
}

const char *
tacet_pose_figure_name (TacetFigure figure)
{
  g_return_val_if_fail ((guint) figure < TACET_N_FIGURES, "");
  return _ (figure_names[figure]);
}

char *
tacet_pose_point_name (int point)
{
  g_return_val_if_fail (point >= 0 && point < TACET_PERSON_POINTS, g_strdup (""));
  if (point < TACET_POSE_JOINTS)
    return g_strdup (tacet_pose_joint_name (point));
  if (point >= TACET_FACE)
    {
      int i = 0;

      while (face_names[i].last < point - TACET_FACE)
        i++;
      /* Translators: a point of a face; the part of the face and a number */
      return g_strdup_printf (_ ("face, %s, point %d"), _ (face_names[i].name),
                              point - TACET_FACE - (i > 0 ? face_names[i - 1].last : -1));
    }
  point -= TACET_LEFT_HAND;
  if (point % TACET_HAND_POINTS == 0)
    return g_strdup (tacet_pose_joint_name (point == 0 ? TACET_LEFT_WRIST : TACET_RIGHT_WRIST));
  /* Translators: a joint of a finger; the first of four lies in the palm, the last is the tip */
  return g_strdup_printf (point < TACET_HAND_POINTS ? _ ("left hand, %s, joint %d") : _ ("right hand, %s, joint %d"),
                          _ (finger_names[(point % TACET_HAND_POINTS - 1) / 4]),
                          (point % TACET_HAND_POINTS - 1) % 4 + 1);
}

/* "right wrist", "left hand" for a closed one, NULL for the whole person. */
static char *
ref_name (const TacetPerson *person, TacetPoseRef ref)
{
  gboolean group = tacet_body_part_is_group (ref.part), closed = group && (person->open & (1u << ref.part)) == 0;

  if (ref.point >= 0 && !closed)
    return tacet_pose_point_name (ref.point);
  switch (ref.part)
    {
    case TACET_BODY_RIGHT_HAND:
      return g_strdup (_ ("right hand"));
    case TACET_BODY_LEFT_HAND:
      return g_strdup (_ ("left hand"));
    case TACET_BODY_FACE:
      return g_strdup (_ ("face"));
    default:
      return NULL;
    }
}

char *
tacet_pose_describe (const TacetPerson *people, int n_people, TacetPoseRef ref)
{
  g_autofree char *name = NULL;
  GString *text;
  gboolean visible, locked;

  if (ref.person < 0 || ref.person >= n_people)
    return NULL;
  name = ref_name (&people[ref.person], ref);
  visible = ref.point >= 0 ? tacet_person_shows (&people[ref.person], ref.point)
                           : tacet_person_shows_part (&people[ref.person], ref.part);
  locked = ref.point >= 0 ? tacet_person_is_locked (&people[ref.person], ref.point)
                          : (people[ref.person].locked & (1u << ref.part | 1u << TACET_BODY_PERSON)) != 0;
  text = g_string_new (NULL);
  if (name == NULL)
    /* Translators: the number of a person in a pose */
    g_string_printf (text, _ ("person %d"), ref.person + 1);
  else
    /* Translators: "right wrist of person 2" */
    g_string_printf (text, _ ("%s of person %d"), name, ref.person + 1);
  if (!visible)
    g_string_append (text, _ (", hidden"));
  if (locked)
    g_string_append (text, _ (", locked"));
  return g_string_free (text, FALSE);
}
