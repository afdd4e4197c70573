/* tacet-tool-pose.c: people of a pose layer: dragged, turned, hidden, walked with the keys.  Room: ui. */
#define G_LOG_DOMAIN "tacet-tool-pose"
#define FAR          10 /* pixels that a key moves with Shift */
#define SNAP         15 /* degrees that a turn snaps to with Shift */
#define SMALLEST     0.02

#include "config.h"

#include "ui/tacet-tool-pose.h"

#include "ui/tacet-canvas.h"
#include "ui/tacet-window-pose.h"

#include <glib/gi18n.h>
#include <math.h>

typedef struct
{
  TacetTool parent_instance;

  gboolean keep_lengths;
  TacetPoseRef selected;
  TacetPoseHit hovered;

  /* a drag */
  TacetPoseHit drag;                       /* of what; its kind is nothing when there is none */
  TacetPerson before;                      /* as it was when the drag began; every motion starts from it */
  TacetPoseFrame frame;                    /* the same */
  double matrix[6];                        /* what has been done to it as a whole */
  double press_x, press_y, grab_x, grab_y; /* document; from the pointer to the point */
} TacetToolPose;
typedef struct
{
  TacetToolClass parent_class;
} TacetToolPoseClass;

enum
{
  SIGNAL_SELECTION_CHANGED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

#define CAST(object) ((TacetToolPose *) (object))

static const double identity[6] = { 1, 0, 0, 1, 0, 0 };

G_DEFINE_TYPE (TacetToolPose, tacet_tool_pose, TACET_TYPE_TOOL)

/* ---- whom ---- */

static gboolean
is_pose (TacetLayer *layer)
{
  return layer != NULL && tacet_layer_get_kind (layer) == TACET_LAYER_POSE;
}

const TacetPerson *
tacet_tool_pose_get_people (TacetTool *tool, int *n_people)
{
  TacetLayer *layer = tacet_tool_get_layer (tool);

  *n_people = 0;
  if (!is_pose (layer) || !tacet_canvas_shows_layer (tacet_tool_get_canvas (tool), layer))
    return NULL;
  return tacet_layer_get_people (layer, n_people);
}

/* The selection, as far as there still is what it names. */
TacetPoseRef
tacet_tool_pose_get_selection (TacetTool *tool)
{
  TacetPoseRef ref = CAST (tool)->selected;
  int n_people;
  const TacetPerson *people = tacet_tool_pose_get_people (tool, &n_people);

  if (people == NULL || ref.person < 0 || ref.person >= n_people)
    return TACET_POSE_NONE;
  if (!tacet_person_has (&people[ref.person], ref.part) ||
      (ref.point >= 0 && !tacet_person_has_point (&people[ref.person], ref.point)))
    return (TacetPoseRef){ ref.person, TACET_BODY_PERSON, -1 };
  return ref;
}

const TacetPerson *
tacet_tool_pose_get_person (TacetTool *tool, int *index)
{
  TacetPoseRef ref = tacet_tool_pose_get_selection (tool);
  int n_people;
  const TacetPerson *people = tacet_tool_pose_get_people (tool, &n_people);

  *index = ref.person >= 0 || n_people != 1 ? ref.person : 0;
  return people != NULL && *index >= 0 ? &people[*index] : NULL;
}

/* What is selected is said where a screen reader looks while the canvas has the keys. */
static void
describe (TacetTool *tool)
{
  int n_people;
  const TacetPerson *people = tacet_tool_pose_get_people (tool, &n_people);
  g_autofree char *text = NULL;

  if (people != NULL)
    text = tacet_pose_describe (people, n_people, tacet_tool_pose_get_selection (tool));
  if (text != NULL)
    gtk_accessible_update_property (GTK_ACCESSIBLE (tacet_tool_get_canvas (tool)), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                    text, -1);
}

void
tacet_tool_pose_select (TacetTool *tool, TacetPoseRef ref)
{
  TacetToolPose *self = CAST (tool);
  gboolean other = !tacet_pose_ref_equal (self->selected, ref);

  self->selected = ref;
  describe (tool);
  tacet_tool_redraw (tool);
  if (other)
    g_signal_emit (tool, signals[SIGNAL_SELECTION_CHANGED], 0);
}

gboolean
tacet_tool_pose_change (TacetTool *tool, int index, const TacetPerson *person, const char *name)
{
  TacetLayer *layer = tacet_tool_need_layer (tool);

  if (!is_pose (layer) || !tacet_scene_set_person (tacet_tool_get_scene (tool), layer, index, person, name, FALSE))
    return FALSE;
  describe (tool);
  return TRUE;
}

/* The frame of the selection, as it is seen now. */
static gboolean
get_frame (TacetTool *tool, const TacetView *view, TacetPoseFrame *frame)
{
  TacetToolPose *self = CAST (tool);
  TacetPoseRef ref = tacet_tool_pose_get_selection (tool);
  int n_people;
  const TacetPerson *people = tacet_tool_pose_get_people (tool, &n_people);

  if (ref.person < 0 || (people[ref.person].locked & (1u << TACET_BODY_PERSON | 1u << ref.part)) != 0)
    return FALSE;
  *frame = tacet_pose_frame (view, &people[ref.person], ref.part);
  if (self->drag.kind == TACET_POSE_SCALE || self->drag.kind == TACET_POSE_TURN)
    {
      *frame = self->frame;
      tacet_pose_frame_transform (frame, self->matrix);
    }
  return TRUE;
}

static TacetPoseHit
hit_at (TacetTool *tool, const TacetPointer *at)
{
  TacetPoseHit none = { .ref = TACET_POSE_NONE };
  const TacetView *view = tacet_tool_get_view (tool);
  TacetPoseFrame frame;
  int n_people;
  const TacetPerson *people = tacet_tool_pose_get_people (tool, &n_people);

  if (people == NULL || at == NULL)
    return none;
  return tacet_pose_hit (view, people, n_people, tacet_tool_pose_get_selection (tool),
                         get_frame (tool, view, &frame) ? &frame : NULL, at->widget_x, at->widget_y);
}

static void
hover (TacetTool *tool, const TacetPointer *at)
{
  TacetToolPose *self = CAST (tool);
  TacetPoseHit hit = hit_at (tool, at);
  int n_people;
  const TacetPerson *people = tacet_tool_pose_get_people (tool, &n_people);
  g_autofree char *text = NULL;

  if (hit.kind == self->hovered.kind && hit.handle == self->hovered.handle &&
      tacet_pose_ref_equal (hit.ref, self->hovered.ref))
    return;
  self->hovered = hit;
  if (hit.kind == TACET_POSE_POINT)
    text = tacet_pose_describe (people, n_people, hit.ref);
  gtk_widget_set_tooltip_text (GTK_WIDGET (tacet_tool_get_canvas (tool)), text);
  tacet_tool_update_cursor (tool);
}

/* ---- dragging ---- */

static const char *
drag_name (const TacetPoseHit *hit, const TacetPerson *person)
{
  gboolean group = tacet_body_part_is_group (hit->ref.part);
  gboolean closed = group && (person->open & (1u << hit->ref.part)) == 0;

  switch (hit->kind)
    {
    case TACET_POSE_POINT:
    case TACET_POSE_BONE:
      if (closed)
        return hit->ref.part == TACET_BODY_FACE ? _ ("Move Face") : _ ("Turn Hand");
      return hit->kind == TACET_POSE_POINT ? _ ("Move Joint") : _ ("Turn Limb");
    case TACET_POSE_SCALE:
      return group ? (hit->ref.part == TACET_BODY_FACE ? _ ("Resize Face") : _ ("Resize Hand")) : _ ("Resize Person");
    case TACET_POSE_TURN:
      return group ? (hit->ref.part == TACET_BODY_FACE ? _ ("Turn Face") : _ ("Turn Hand")) : _ ("Turn Person");
    default:
      return group ? (hit->ref.part == TACET_BODY_FACE ? _ ("Move Face") : _ ("Move Hand")) : _ ("Move Person");
    }
}

static gboolean
press (TacetTool *tool, const TacetPointer *at)
{
  TacetToolPose *self = CAST (tool);
  TacetLayer *layer = tacet_tool_get_layer (tool);
  TacetPoseHit hit;
  int n_people;
  const TacetPerson *people;

  if (!is_pose (layer))
    tacet_tool_hint (tool, _ ("Select a pose layer in the list, or add a person, to move joints."));
  else
    layer = tacet_tool_need_layer (tool);
  people = tacet_tool_pose_get_people (tool, &n_people);
  if (people == NULL || !is_pose (layer))
    return FALSE;
  hit = hit_at (tool, at);
  tacet_tool_pose_select (tool, hit.ref);
  if (hit.kind == TACET_POSE_NOTHING)
    return FALSE;
  if (at->n_press == 2 && hit.kind == TACET_POSE_POINT && tacet_body_part_is_group (hit.ref.part))
    {
      TacetPerson person = people[hit.ref.person];

      person.open ^= (guint16) (1u << hit.ref.part);
      tacet_tool_pose_change (tool, hit.ref.person, &person,
                              (person.open & (1u << hit.ref.part)) != 0 ? _ ("Open Group") : _ ("Close Group"));
      return FALSE;
    }
  self->before = people[hit.ref.person];
  get_frame (tool, tacet_tool_get_view (tool), &self->frame);
  memcpy (self->matrix, identity, sizeof identity);
  self->press_x = at->x;
  self->press_y = at->y;
  self->grab_x = self->grab_y = 0;
  if (hit.kind == TACET_POSE_POINT)
    {
      self->grab_x = self->before.points[hit.ref.point].x - at->x;
      self->grab_y = self->before.points[hit.ref.point].y - at->y;
    }
  self->drag = hit;
  tacet_scene_group_begin (tacet_tool_get_scene (tool), drag_name (&hit, &self->before));
  return TRUE;
}

/* About a point: turned by an angle, stretched by factors along the axes. */
static void
set_matrix (double m[6], double x, double y, double by, double sx, double sy)
{
  m[0] = sx * cos (by);
  m[1] = sx * sin (by);
  m[2] = -sy * sin (by);
  m[3] = sy * cos (by);
  m[4] = x - m[0] * x - m[2] * y;
  m[5] = y - m[1] * x - m[3] * y;
}

static double
not_flat (double factor)
{
  return fabs (factor) < SMALLEST ? copysign (SMALLEST, factor) : factor;
}

/* A corner keeps the proportions unless Shift is held; Alt: about the middle instead of the other side. */
static void
scale_to (TacetToolPose *self, const TacetView *view, const TacetPointer *at)
{
  gboolean corner = self->drag.handle % 2 == 0, freely = (at->state & GDK_SHIFT_MASK) != 0;
  double x, y, from_x, from_y, sx = 1, sy = 1;

  tacet_pose_frame_handle (&self->frame, view, self->drag.handle, &from_x, &from_y);
  tacet_pose_frame_handle (&self->frame, view, (self->drag.handle + 4) % 8, &x, &y);
  if ((at->state & GDK_ALT_MASK) != 0)
    {
      x = (x + from_x) / 2;
      y = (y + from_y) / 2;
    }
  from_x -= x;
  from_y -= y;
  if (corner && !freely)
    sx = sy = ((at->x + self->grab_x - x) * from_x + (at->y + self->grab_y - y) * from_y) /
              (from_x * from_x + from_y * from_y);
  else
    {
      if (fabs (from_x) > 1e-3)
        sx = (at->x + self->grab_x - x) / from_x;
      if (fabs (from_y) > 1e-3)
        sy = (at->y + self->grab_y - y) / from_y;
    }
  set_matrix (self->matrix, x, y, 0, not_flat (sx), not_flat (sy));
}

static void
turn_to (TacetToolPose *self, const TacetPointer *at)
{
  double x = (self->frame.x[0] + self->frame.x[2]) / 2, y = (self->frame.y[0] + self->frame.y[2]) / 2;
  double by = atan2 (at->y - y, at->x - x) - atan2 (self->press_y - y, self->press_x - x);
  double snap = SNAP * G_PI / 180;

  if ((at->state & GDK_SHIFT_MASK) != 0)
    by = round (by / snap) * snap;
  set_matrix (self->matrix, x, y, by, 1, 1);
}

static void
motion (TacetTool *tool, const TacetPointer *at)
{
  TacetToolPose *self = CAST (tool);
  TacetLayer *layer = tacet_tool_get_layer (tool);
  gboolean keep = self->keep_lengths != ((at->state & GDK_CONTROL_MASK) != 0);
  TacetPerson person = self->before;

  if (!is_pose (layer))
    return;
  switch (self->drag.kind)
    {
    case TACET_POSE_POINT:
      tacet_person_move (&person, self->drag.ref.point, at->x + self->grab_x, at->y + self->grab_y, keep);
      break;
    case TACET_POSE_BONE:
      tacet_person_turn (&person, self->drag.ref.point, self->press_x, self->press_y, at->x, at->y, keep);
      break;
    case TACET_POSE_SCALE:
      scale_to (self, tacet_tool_get_view (tool), at);
      break;
    case TACET_POSE_TURN:
      turn_to (self, at);
      break;
    case TACET_POSE_BODY:
      set_matrix (self->matrix, 0, 0, 0, 1, 1);
      self->matrix[4] = at->x - self->press_x;
      self->matrix[5] = at->y - self->press_y;
      break;
    default:
      return;
    }
  if (memcmp (self->matrix, identity, sizeof identity) != 0)
    tacet_person_transform (&person, self->drag.ref.part, self->matrix);
  tacet_scene_set_person (tacet_tool_get_scene (tool), layer, self->drag.ref.person, &person, NULL, TRUE);
}

static void
release (TacetTool *tool, const TacetPointer *at)
{
  CAST (tool)->drag.kind = TACET_POSE_NOTHING;
  tacet_scene_group_end (tacet_tool_get_scene (tool));
  describe (tool);
}

static gboolean
cancel (TacetTool *tool)
{
  TacetToolPose *self = CAST (tool);

  if (self->drag.kind == TACET_POSE_NOTHING)
    return FALSE;
  self->drag.kind = TACET_POSE_NOTHING;
  tacet_scene_group_cancel (tacet_tool_get_scene (tool));
  return TRUE;
}

/* ---- hiding and showing ---- */

void
tacet_tool_pose_toggle (TacetTool *tool)
{
  TacetPoseRef ref = tacet_tool_pose_get_selection (tool);
  int n_people;
  const TacetPerson *people = tacet_tool_pose_get_people (tool, &n_people);
  gboolean group, whole, visible;
  TacetPerson person;

  if (ref.person < 0)
    return;
  person = people[ref.person];
  group = tacet_body_part_is_group (ref.part);
  whole = ref.point < 0 || (group && (person.open & (1u << ref.part)) == 0);
  visible = whole ? tacet_person_shows_part (&person, ref.part) : tacet_person_shows (&person, ref.point);
  if (whole)
    tacet_person_show_part (&person, ref.part, !visible);
  else
    tacet_person_show_point (&person, ref.point, !visible);
  if (whole && !group)
    tacet_tool_pose_change (tool, ref.person, &person, visible ? _ ("Hide Person") : _ ("Show Person"));
  else if (whole)
    tacet_tool_pose_change (tool, ref.person, &person, visible ? _ ("Hide Part") : _ ("Show Part"));
  else
    tacet_tool_pose_change (tool, ref.person, &person, visible ? _ ("Hide Joint") : _ ("Show Joint"));
}

/* A joint is hidden at once; a bone, a body and, with Shift, a joint too have a menu. */
static void
right_press (TacetTool *tool, const TacetPointer *at)
{
  TacetPoseHit hit = hit_at (tool, at);

  if (tacet_tool_pose_get_people (tool, &(int){ 0 }) == NULL)
    return;
  if (hit.kind != TACET_POSE_SCALE && hit.kind != TACET_POSE_TURN)
    tacet_tool_pose_select (tool, hit.ref);
  if (hit.kind == TACET_POSE_POINT && (at->state & GDK_SHIFT_MASK) == 0)
    tacet_tool_pose_toggle (tool);
  else
    tacet_pose_menu_popup (tool, at->widget_x, at->widget_y);
}

/* ---- keys ---- */

/* The joints of the body, the points of what is open, and one stop for what is closed. */
static gboolean
is_stop (const TacetPerson *person, int point)
{
  TacetBodyPart part = tacet_point_part (point);
  int first;

  if (point < TACET_POSE_JOINTS)
    return TRUE;
  tacet_body_part_points (part, &first);
  if (!tacet_person_has_point (person, point) || (person->open & (1u << part)) == 0)
    return tacet_person_has_point (person, point) && point == first + (part == TACET_BODY_FACE ? 0 : 12);
  return part == TACET_BODY_FACE || point != first;
}

void
tacet_tool_pose_walk (TacetTool *tool, int by)
{
  TacetPoseRef ref = tacet_tool_pose_get_selection (tool);
  int n_people;
  const TacetPerson *people = tacet_tool_pose_get_people (tool, &n_people);
  int n = n_people * TACET_PERSON_POINTS, index = by > 0 ? -1 : n;

  if (n == 0)
    return;
  if (ref.person >= 0)
    index = ref.person * TACET_PERSON_POINTS + (ref.point >= 0 ? ref.point : (by > 0 ? -1 : TACET_PERSON_POINTS));
  do
    index = (index + by + n) % n;
  while (!is_stop (&people[index / TACET_PERSON_POINTS], index % TACET_PERSON_POINTS));
  ref.person = index / TACET_PERSON_POINTS;
  ref.point = index % TACET_PERSON_POINTS;
  ref.part = tacet_point_part (ref.point);
  if (!tacet_body_part_is_group (ref.part))
    ref.part = TACET_BODY_PERSON;
  tacet_tool_pose_select (tool, ref);
}

/* A joint, a closed hand or face as one, or the whole person. */
static void
nudge (TacetTool *tool, double dx, double dy)
{
  TacetToolPose *self = CAST (tool);
  TacetPoseRef ref = tacet_tool_pose_get_selection (tool);
  TacetLayer *layer = tacet_tool_need_layer (tool);
  int n_people;
  const TacetPerson *people = tacet_tool_pose_get_people (tool, &n_people);
  TacetPerson person;
  const double shift[6] = { 1, 0, 0, 1, dx, dy };

  if (!is_pose (layer) || people == NULL)
    return;
  person = people[ref.person];
  if (ref.point >= 0 && tacet_person_is_locked (&person, ref.point))
    return;
  if (ref.point < 0)
    tacet_person_transform (&person, ref.part, shift);
  else
    tacet_person_move (&person, ref.point, person.points[ref.point].x + dx, person.points[ref.point].y + dy,
                       self->keep_lengths);
  tacet_scene_set_person (tacet_tool_get_scene (tool), layer, ref.person, &person,
                          ref.point < 0 ? _ ("Move Person") : _ ("Move Joint"), TRUE);
}

/* The whole pose editor works from the keyboard. */
static gboolean
key_press (TacetTool *tool, guint key, GdkModifierType state)
{
  TacetPoseRef ref = tacet_tool_pose_get_selection (tool);
  gboolean shift = (state & GDK_SHIFT_MASK) != 0;
  int n_people, far = shift ? FAR : 1;
  int dx = (key == GDK_KEY_Right) - (key == GDK_KEY_Left), dy = (key == GDK_KEY_Down) - (key == GDK_KEY_Up);
  const TacetPerson *people = tacet_tool_pose_get_people (tool, &n_people);

  if (people == NULL || n_people == 0 || CAST (tool)->drag.kind != TACET_POSE_NOTHING)
    return FALSE;
  if (key == GDK_KEY_n || key == GDK_KEY_N)
    tacet_tool_pose_walk (tool, shift ? -1 : 1);
  else if (ref.person < 0)
    return FALSE;
  else if (key == GDK_KEY_Menu || (key == GDK_KEY_F10 && shift))
    {
      double x, y;
      int point = ref.point >= 0 ? ref.point : TACET_NECK;

      tacet_view_to_widget (tacet_tool_get_view (tool), people[ref.person].points[point].x,
                            people[ref.person].points[point].y, &x, &y);
      tacet_pose_menu_popup (tool, x, y);
    }
  else if (key == GDK_KEY_Delete || key == GDK_KEY_KP_Delete)
    tacet_tool_pose_toggle (tool);
  else if (dx != 0 || dy != 0)
    {
      double step_x, step_y;

      tacet_view_direction (tacet_tool_get_view (tool), dx * far, dy * far, &step_x, &step_y);
      nudge (tool, step_x, step_y);
    }
  else
    return FALSE;
  return TRUE;
}

/* ---- what is seen ---- */

static void
draw (TacetTool *tool, cairo_t *cr, const TacetView *view)
{
  TacetToolPose *self = CAST (tool);
  TacetPoseFrame frame;
  int n_people;
  const TacetPerson *people = tacet_tool_pose_get_people (tool, &n_people);
  gboolean framed = get_frame (tool, view, &frame);

  if (people != NULL)
    tacet_pose_draw_handles (cr, view, people, n_people, tacet_tool_pose_get_selection (tool), &self->hovered,
                             framed ? &frame : NULL);
}

/* The arrow that points along the handle, however the view is turned. */
static const char *
scale_cursor (TacetTool *tool, int handle)
{
  static const char *const names[] = { "ew-resize", "nwse-resize", "ns-resize", "nesw-resize" };
  const TacetView *view = tacet_tool_get_view (tool);
  TacetPoseFrame frame;
  double x, y, from_x, from_y;

  if (!get_frame (tool, view, &frame))
    return "default";
  tacet_pose_frame_handle (&frame, view, handle, &x, &y);
  tacet_pose_frame_handle (&frame, view, (handle + 4) % 8, &from_x, &from_y);
  tacet_view_to_widget (view, x, y, &x, &y);
  tacet_view_to_widget (view, from_x, from_y, &from_x, &from_y);
  if (handle % 2 == 0) /* corners: their diagonal, not its slope */
    return (x - from_x) * (y - from_y) > 0 ? "nwse-resize" : "nesw-resize";
  return names[(int) round (atan2 (y - from_y, x - from_x) / (G_PI / 4) + 8) % 4];
}

static const char *
cursor (TacetTool *tool)
{
  TacetToolPose *self = CAST (tool);
  const TacetPoseHit *hit = self->drag.kind != TACET_POSE_NOTHING ? &self->drag : &self->hovered;

  switch (hit->kind)
    {
    case TACET_POSE_SCALE:
      return scale_cursor (tool, hit->handle);
    case TACET_POSE_BODY:
      return "move";
    case TACET_POSE_NOTHING:
      return "default";
    default:
      return hit == &self->drag ? "grabbing" : "grab";
    }
}

static const char *
hints (TacetTool *tool)
{
  switch (CAST (tool)->drag.kind)
    {
    case TACET_POSE_POINT:
    case TACET_POSE_BONE:
      return CAST (tool)->keep_lengths ? _ ("Ctrl: bones change their length") : _ ("Ctrl: bones keep their length");
    case TACET_POSE_SCALE:
      return _ ("Shift: without keeping the proportions; Alt: about the middle");
    case TACET_POSE_TURN:
      return _ ("Shift: in steps of 15 degrees");
    default:
      return NULL;
    }
}

static void
layer_changed (TacetTool *tool)
{
  tacet_tool_pose_select (tool, TACET_POSE_NONE);
  hover (tool, NULL);
}

static void
tacet_tool_pose_class_init (TacetToolPoseClass *class)
{
  static const TacetToolOption options[] = {
    { "keep-lengths", N_ ("Keep Bone Lengths"), TACET_OPTION_SWITCH, G_STRUCT_OFFSET (TacetToolPose, keep_lengths) },
  };
  TacetToolClass *tool_class = TACET_TOOL_CLASS (class);

  tool_class->id = TACET_TOOL_POSE;
  tool_class->name = N_ ("Pose");
  tool_class->icon = "tacet-pose-symbolic";
  tool_class->purpose = N_ ("Right-click hides a joint");
  tool_class->press = press;
  tool_class->motion = motion;
  tool_class->release = release;
  tool_class->hover = hover;
  tool_class->right_press = right_press;
  tool_class->key_press = key_press;
  tool_class->cancel = cancel;
  tool_class->draw = draw;
  tool_class->cursor = cursor;
  tool_class->hints = hints;
  tool_class->layer_changed = layer_changed;
  tool_class->add_widgets = tacet_pose_add_widgets;
  tacet_tool_class_set_options (tool_class, options, G_N_ELEMENTS (options));
  signals[SIGNAL_SELECTION_CHANGED] = g_signal_new ("selection-changed", G_TYPE_FROM_CLASS (class), G_SIGNAL_RUN_LAST,
                                                    0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
tacet_tool_pose_init (TacetToolPose *self)
{
  self->selected = self->hovered.ref = self->drag.ref = TACET_POSE_NONE;
}
