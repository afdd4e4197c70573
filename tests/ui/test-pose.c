/* test-pose.c: the pose tool in the window: dragged, walked with keys, its actions and its list.  Room: tests/ui.
 *
 * Needs a display: run inside tests/uirun.
 */
#include "ui/tacet-tool-pose.h"
#include "ui/tacet-window-private.h"

#include <math.h>

typedef struct
{
  TacetWindow *window;
  TacetTool *tool;
  TacetToolClass *class;
  TacetLayer *layer; /* a pose with one standing person */
} Fixture;

static gboolean
tick_cb (gpointer data)
{
  *(gboolean *) data = TRUE;
  return G_SOURCE_REMOVE;
}

static void
spin_for (guint milliseconds)
{
  gboolean over = FALSE;

  g_timeout_add (milliseconds, tick_cb, &over);
  while (!over)
    g_main_context_iteration (NULL, TRUE);
}

static void
act (Fixture *f, const char *name)
{
  gtk_widget_activate_action (GTK_WIDGET (f->window), name, NULL);
}

static void
set_up (Fixture *f, gconstpointer data)
{
  f->window = TACET_WINDOW (tacet_window_new (NULL, NULL));
  g_object_ref (f->window);
  _tacet_window_set_scene (f->window, tacet_scene_new (512, 512), NULL);
  gtk_window_present (GTK_WINDOW (f->window));
  spin_for (50);
  tacet_canvas_zoom_to (f->window->canvas, 1);
  act (f, "win.add-person");
  f->tool = tacet_canvas_get_tool_object (f->window->canvas, TACET_TOOL_POSE);
  f->class = TACET_TOOL_GET_CLASS (f->tool);
  f->layer = tacet_canvas_get_selected (f->window->canvas);
  g_assert_cmpint (tacet_layer_get_kind (f->layer), ==, TACET_LAYER_POSE);
  g_assert_cmpint (tacet_canvas_get_tool (f->window->canvas), ==, TACET_TOOL_POSE);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  gtk_window_destroy (GTK_WINDOW (f->window));
  spin_for (50);
  g_assert_finalize_object (G_OBJECT (f->window));
}

static TacetPerson
person (Fixture *f, int index)
{
  int n;
  const TacetPerson *people = tacet_layer_get_people (f->layer, &n);

  g_assert_cmpint (index, <, n);
  return people[index];
}

static int
count (Fixture *f)
{
  int n;

  tacet_layer_get_people (f->layer, &n);
  return n;
}

static TacetPointer
pointer (Fixture *f, double x, double y, GdkModifierType state)
{
  TacetPointer at = { .x = x, .y = y, .pressure = 1, .state = state, .n_press = 1 };

  tacet_view_to_widget (tacet_tool_get_view (f->tool), x, y, &at.widget_x, &at.widget_y);
  return at;
}

static void
press_at (Fixture *f, double x, double y)
{
  TacetPointer at = pointer (f, x, y, 0);

  g_assert_true (f->class->press (f->tool, &at));
}

static void
move_to (Fixture *f, double x, double y, GdkModifierType state)
{
  TacetPointer at = pointer (f, x, y, state);

  f->class->motion (f->tool, &at);
}

static void
drag (Fixture *f, double x0, double y0, double x1, double y1, GdkModifierType state)
{
  TacetPointer at = pointer (f, x1, y1, state);

  press_at (f, x0, y0);
  for (int i = 1; i <= 4; i++)
    move_to (f, x0 + (x1 - x0) * i / 4, y0 + (y1 - y0) * i / 4, state);
  f->class->release (f->tool, &at);
}

static void
assert_digest (Fixture *f, const char *expected)
{
  g_autofree char *digest = tacet_scene_digest (f->window->scene);

  g_assert_cmpstr (digest, ==, expected);
}

static double
apart (const TacetPerson *who, int a, int b)
{
  return hypot (who->points[a].x - who->points[b].x, who->points[a].y - who->points[b].y);
}

static void
assert_at (const TacetPerson *who, int point, double x, double y)
{
  g_assert_cmpfloat_with_epsilon (who->points[point].x, x, 0.01);
  g_assert_cmpfloat_with_epsilon (who->points[point].y, y, 0.01);
}

/* ---- dragging ---- */

static void
test_drag (Fixture *f, gconstpointer data)
{
  TacetPerson before = person (f, 0), after;
  const TacetJoint *wrist = &before.joints[TACET_RIGHT_WRIST];
  g_autofree char *first = tacet_scene_digest (f->window->scene);
  g_autoptr (TacetImage) map = tacet_image_copy (tacet_layer_get_map (f->layer)), drawn = NULL;

  press_at (f, wrist->x + 2, wrist->y);
  move_to (f, wrist->x - 38, wrist->y - 60, 0);
  /* The map has followed before anything is drawn. */
  g_assert_false (tacet_image_equal (map, tacet_layer_get_map (f->layer)));
  after = person (f, 0);
  drawn = tacet_pose_draw (&after, 1, 512, 512);
  g_assert_true (tacet_image_equal (drawn, tacet_layer_get_map (f->layer)));
  f->class->release (f->tool, NULL);
  assert_at (&after, TACET_RIGHT_WRIST, wrist->x - 40, wrist->y - 60); /* held where it was taken */
  assert_at (&after, TACET_RIGHT_ELBOW, before.joints[TACET_RIGHT_ELBOW].x, before.joints[TACET_RIGHT_ELBOW].y);
  act (f, "win.undo");
  assert_digest (f, first);
}

/* With bone lengths kept, by the switch or by Ctrl, and without. */
static void
test_lengths (Fixture *f, gconstpointer data)
{
  TacetPerson before = person (f, 0), after;
  const TacetJoint *wrist = &before.joints[TACET_RIGHT_WRIST];
  g_autofree char *first = tacet_scene_digest (f->window->scene);

  for (int kept = 0; kept < 2; kept++)
    for (int ctrl = 0; ctrl < 2; ctrl++)
      {
        g_object_set (f->tool, "keep-lengths", kept, NULL);
        drag (f, wrist->x, wrist->y, wrist->x - 30, wrist->y - 50, ctrl ? GDK_CONTROL_MASK : 0);
        after = person (f, 0);
        assert_at (&after, TACET_RIGHT_WRIST, wrist->x - 30, wrist->y - 50);
        if (kept != ctrl)
          g_assert_cmpfloat_with_epsilon (apart (&after, TACET_RIGHT_ELBOW, TACET_RIGHT_WRIST),
                                          apart (&before, TACET_RIGHT_ELBOW, TACET_RIGHT_WRIST), 0.01);
        else
          assert_at (&after, TACET_RIGHT_ELBOW, before.joints[TACET_RIGHT_ELBOW].x, before.joints[TACET_RIGHT_ELBOW].y);
        act (f, "win.undo");
        assert_digest (f, first);
      }
}

static void
test_escape (Fixture *f, gconstpointer data)
{
  TacetPerson before = person (f, 0);
  g_autofree char *first = tacet_scene_digest (f->window->scene), *name = NULL;

  press_at (f, before.joints[0].x, before.joints[0].y);
  move_to (f, 30, 30, 0);
  g_assert_true (f->class->cancel (f->tool));
  assert_digest (f, first);
  g_object_get (f->window->scene, "undo-name", &name, NULL);
  g_assert_cmpstr (name, ==, "Add Person");
  g_assert_false (f->class->cancel (f->tool));
}

/* Undoing while the button is held takes the drag back; letting go then is no fault. */
static void
test_undo_in_drag (Fixture *f, gconstpointer data)
{
  TacetPerson before = person (f, 0);
  g_autofree char *first = tacet_scene_digest (f->window->scene);

  press_at (f, before.joints[0].x, before.joints[0].y);
  move_to (f, 30, 30, 0);
  act (f, "win.undo");
  assert_digest (f, first);
  f->class->release (f->tool, NULL);
  assert_digest (f, first);
  press_at (f, before.joints[0].x, before.joints[0].y);
  move_to (f, 30, 30, 0);
  act (f, "win.undo");
  f->class->cancel (f->tool);
  assert_digest (f, first);
}

/* A bone turns its limb, the trunk moves the person, the frame scales, turns and mirrors. */
static void
test_bone_and_body (Fixture *f, gconstpointer data)
{
  TacetPerson before = person (f, 0), after;
  const TacetJoint *j = before.joints;
  double hip_x = j[TACET_LEFT_HIP].x, hip_y = j[TACET_LEFT_HIP].y;
  double x = (hip_x + j[TACET_LEFT_KNEE].x) / 2, y = (hip_y + j[TACET_LEFT_KNEE].y) / 2,
         far = hypot (x - hip_x, y - hip_y);

  drag (f, x, y, hip_x + far, hip_y, 0);
  after = person (f, 0);
  assert_at (&after, TACET_LEFT_KNEE, hip_x + 2 * far, hip_y);
  g_assert_cmpfloat_with_epsilon (apart (&after, TACET_LEFT_KNEE, TACET_LEFT_ANKLE),
                                  apart (&before, TACET_LEFT_KNEE, TACET_LEFT_ANKLE), 0.01);
  act (f, "win.undo");
  drag (f, j[TACET_NECK].x, (j[TACET_NECK].y + hip_y) / 2, j[TACET_NECK].x + 21, (j[TACET_NECK].y + hip_y) / 2 - 9, 0);
  after = person (f, 0);
  for (int i = 0; i < TACET_POSE_JOINTS; i++)
    assert_at (&after, i, j[i].x + 21, j[i].y - 9);
}

static void
get_handle (Fixture *f, int handle, double *x, double *y)
{
  const TacetView *view = tacet_tool_get_view (f->tool);
  TacetPerson who = person (f, 0);
  TacetPoseFrame frame = tacet_pose_frame (view, &who, TACET_BODY_PERSON);

  tacet_pose_frame_handle (&frame, view, handle, x, y);
}

static void
test_frame (Fixture *f, gconstpointer data)
{
  TacetPerson before = person (f, 0), after;
  double x, y, other_x, other_y, right = before.joints[TACET_RIGHT_SHOULDER].x;

  get_handle (f, 4, &x, &y);
  get_handle (f, 0, &other_x, &other_y);
  drag (f, x, y, (x + other_x) / 2, (y + other_y) / 2, 0); /* half as large */
  after = person (f, 0);
  for (int i = 0; i < TACET_POSE_JOINTS; i++)
    assert_at (&after, i, (before.points[i].x + other_x) / 2, (before.points[i].y + other_y) / 2);
  act (f, "win.undo");
  get_handle (f, 3, &x, &y);
  get_handle (f, 7, &other_x, &other_y);
  drag (f, x, y, 2 * other_x - x, y, 0); /* through the other side: mirrored, and the colours are right */
  after = person (f, 0);
  g_assert_cmpfloat_with_epsilon (after.joints[TACET_LEFT_SHOULDER].x, 2 * other_x - right, 0.01);
  act (f, "win.undo");
  get_handle (f, 8, &x, &y);
  get_handle (f, 0, &other_x, &other_y);
  drag (f, x, y, x + 300, y + 200, GDK_SHIFT_MASK); /* in steps of 15 degrees */
  after = person (f, 0);
  {
    double old_angle = atan2 (before.joints[10].y - before.joints[1].y, before.joints[10].x - before.joints[1].x);
    double angle = atan2 (after.joints[10].y - after.joints[1].y, after.joints[10].x - after.joints[1].x);
    double steps = (angle - old_angle) / (G_PI / 12);

    g_assert_cmpfloat_with_epsilon (steps, round (steps), 1e-3);
    g_assert_cmpfloat (fabs (steps), >, 1);
    g_assert_cmpfloat_with_epsilon (apart (&after, 0, 10), apart (&before, 0, 10), 0.01);
  }
}

static void
right_click (Fixture *f, double x, double y)
{
  TacetPointer at = pointer (f, x, y, 0);

  f->class->right_press (f->tool, &at);
}

static void
test_hide (Fixture *f, gconstpointer data)
{
  TacetPerson before = person (f, 0), after;
  const TacetJoint *knee = &before.joints[TACET_RIGHT_KNEE];
  g_autofree char *first = tacet_scene_digest (f->window->scene);

  right_click (f, knee->x, knee->y);
  after = person (f, 0);
  g_assert_false (tacet_person_shows (&after, TACET_RIGHT_KNEE));
  assert_at (&after, TACET_RIGHT_KNEE, knee->x, knee->y);
  gtk_test_accessible_assert_property (GTK_ACCESSIBLE (f->window->canvas), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                       "right knee of person 1, hidden");
  right_click (f, knee->x, knee->y);
  assert_digest (f, first);
  act (f, "win.pose-hide-limb");
  after = person (f, 0);
  g_assert_false (tacet_person_shows_part (&after, TACET_BODY_RIGHT_LEG));
  g_assert_true (tacet_person_shows_part (&after, TACET_BODY_LEFT_LEG));
  act (f, "win.pose-hide-person");
  after = person (f, 0);
  g_assert_false (tacet_person_shows_part (&after, TACET_BODY_PERSON));
  for (int i = 0; i < 4; i++)
    act (f, "win.undo");
  assert_digest (f, first);
}

static void
test_locked (Fixture *f, gconstpointer data)
{
  TacetPerson before = person (f, 0);
  TacetPointer at = pointer (f, before.joints[4].x, before.joints[4].y, 0);
  g_autofree char *digest = NULL;

  tacet_tool_pose_select (f->tool, (TacetPoseRef){ 0, TACET_BODY_PERSON, -1 });
  act (f, "win.pose-lock");
  digest = tacet_scene_digest (f->window->scene);
  g_assert_false (f->class->press (f->tool, &at));
  assert_digest (f, digest);
  act (f, "win.undo");
  tacet_scene_set_layer_locked (f->window->scene, f->layer, TRUE);
  g_assert_false (f->class->press (f->tool, &at));
}

/* ---- keys ---- */

static gboolean
key (Fixture *f, guint value, GdkModifierType state)
{
  return f->class->key_press (f->tool, value, state);
}

static void
test_keys (Fixture *f, gconstpointer data)
{
  TacetPerson before = person (f, 0), after;
  g_autofree char *first = tacet_scene_digest (f->window->scene);

  tacet_tool_pose_select (f->tool, TACET_POSE_NONE);
  g_assert_false (key (f, GDK_KEY_Left, 0));
  for (int i = 0; i < TACET_POSE_JOINTS; i++)
    {
      g_assert_true (key (f, GDK_KEY_n, 0));
      g_assert_cmpint (tacet_tool_pose_get_selection (f->tool).point, ==, i);
    }
  g_assert_true (key (f, GDK_KEY_n, 0));
  g_assert_cmpint (tacet_tool_pose_get_selection (f->tool).point, ==, 0);
  for (int i = 0; i < 14; i++)
    key (f, GDK_KEY_N, GDK_SHIFT_MASK);
  g_assert_cmpint (tacet_tool_pose_get_selection (f->tool).point, ==, TACET_RIGHT_WRIST);
  gtk_test_accessible_assert_property (GTK_ACCESSIBLE (f->window->canvas), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                       "right wrist of person 1");
  g_assert_true (key (f, GDK_KEY_Right, 0));
  g_assert_true (key (f, GDK_KEY_Up, GDK_SHIFT_MASK));
  after = person (f, 0);
  assert_at (&after, TACET_RIGHT_WRIST, before.joints[4].x + 1, before.joints[4].y - 10);
  act (f, "win.undo"); /* steps that follow each other are one */
  assert_digest (f, first);
  g_assert_true (key (f, GDK_KEY_Delete, 0));
  after = person (f, 0);
  g_assert_false (tacet_person_shows (&after, TACET_RIGHT_WRIST));
  /* A closed hand is one stop, an open one has its points. */
  act (f, "win.pose-add-hands");
  tacet_tool_pose_select (f->tool, (TacetPoseRef){ 0, TACET_BODY_PERSON, TACET_LEFT_EAR });
  key (f, GDK_KEY_n, 0);
  g_assert_cmpint (tacet_tool_pose_get_selection (f->tool).part, ==, TACET_BODY_LEFT_HAND);
  key (f, GDK_KEY_n, 0);
  g_assert_cmpint (tacet_tool_pose_get_selection (f->tool).part, ==, TACET_BODY_RIGHT_HAND);
  act (f, "win.pose-open");
  after = person (f, 0);
  g_assert_cmpuint (after.open, ==, 1u << TACET_BODY_RIGHT_HAND);
  key (f, GDK_KEY_n, 0);
  g_assert_cmpint (tacet_tool_pose_get_selection (f->tool).point, ==, TACET_RIGHT_HAND + 13);
}

/* ---- actions ---- */

static void
test_actions (Fixture *f, gconstpointer data)
{
  static const char *const steps[] = { "win.pose-add-hands", "win.pose-add-face", "win.pose-flip",
                                       "win.pose-duplicate", "win.pose-backward", "win.pose-open",
                                       "win.pose-remove" };
  g_autofree char *first = tacet_scene_digest (f->window->scene);
  TacetPerson who;

  for (gsize i = 0; i < G_N_ELEMENTS (steps); i++)
    {
      g_autofree char *before = tacet_scene_digest (f->window->scene), *after = NULL;

      act (f, steps[i]);
      after = tacet_scene_digest (f->window->scene);
      g_assert_cmpstr (before, !=, after);
      act (f, "win.undo");
      assert_digest (f, before);
      act (f, "win.redo");
      assert_digest (f, after);
    }
  g_assert_cmpint (count (f), ==, 1);
  who = person (f, 0);
  g_assert_true (tacet_person_has (&who, TACET_BODY_FACE));
  for (gsize i = 0; i < G_N_ELEMENTS (steps); i++)
    act (f, "win.undo");
  assert_digest (f, first);
}

static void
test_clipboard (Fixture *f, gconstpointer data)
{
  TacetPerson copied, pasted;

  act (f, "win.pose-add-hands");
  copied = person (f, 0);
  act (f, "win.pose-copy");
  act (f, "win.pose-paste");
  for (int i = 0; i < 100 && count (f) < 2; i++)
    spin_for (20);
  pasted = person (f, 1);
  g_assert_true (tacet_person_equal (&copied, &pasted));
  g_assert_cmpint (tacet_tool_pose_get_selection (f->tool).person, ==, 1);
}

/* Wherever one stands: without a pose there is one, and people stand side by side as long as there is room. */
static void
test_add (Fixture *f, gconstpointer data)
{
  TacetPerson a, b;
  TacetLayer *edges;
  g_autoptr (GVariant) portrait = g_variant_ref_sink (g_variant_new_string ("portrait"));

  tacet_scene_remove_person (f->window->scene, f->layer, 0);
  edges = tacet_scene_add_layer (f->window->scene, TACET_LAYER_EDGE);
  tacet_canvas_set_selected (f->window->canvas, edges);
  gtk_widget_activate_action_variant (GTK_WIDGET (f->window), "win.pose-add", portrait);
  f->layer = tacet_canvas_get_selected (f->window->canvas);
  g_assert_cmpint (tacet_layer_get_kind (f->layer), ==, TACET_LAYER_POSE);
  a = person (f, 0);
  g_assert_true (tacet_person_has (&a, TACET_BODY_FACE));
  act (f, "win.undo"); /* layer and person are one step */
  g_assert_cmpuint (g_list_model_get_n_items (tacet_scene_get_layers (f->window->scene)), ==, 2);
  tacet_canvas_set_selected (f->window->canvas, edges);
  act (f, "win.add-person");
  act (f, "win.add-person");
  f->layer = tacet_canvas_get_selected (f->window->canvas);
  a = person (f, 0);
  b = person (f, 1);
  g_assert_cmpfloat (fabsf (a.joints[1].x - b.joints[1].x), >, 40);
}

/* ---- the list ---- */

static GtkWidget *
find_widget (GtkWidget *from, GType type, const char *tooltip)
{
  if (G_TYPE_CHECK_INSTANCE_TYPE (from, type) &&
      (tooltip == NULL || g_strcmp0 (gtk_widget_get_tooltip_text (from), tooltip) == 0))
    return from;
  for (GtkWidget *child = gtk_widget_get_first_child (from); child != NULL; child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = find_widget (child, type, tooltip);

      if (found != NULL)
        return found;
    }
  return NULL;
}

static void
test_list (Fixture *f, gconstpointer data)
{
  GtkWidget *button =
      find_widget (GTK_WIDGET (f->window->tool_options), GTK_TYPE_MENU_BUTTON, "People and their parts");
  GtkListBox *list;
  GtkListBoxRow *row;
  GtkWidget *eye;
  TacetPerson who;

  g_assert_nonnull (button);
  act (f, "win.pose-add-hands");
  gtk_menu_button_popup (GTK_MENU_BUTTON (button));
  spin_for (100);
  list = GTK_LIST_BOX (
      find_widget (GTK_WIDGET (gtk_menu_button_get_popover (GTK_MENU_BUTTON (button))), GTK_TYPE_LIST_BOX, NULL));
  g_assert_nonnull (gtk_list_box_get_row_at_index (list, 7)); /* a person, five limbs, two hands */
  g_assert_null (gtk_list_box_get_row_at_index (list, 8));
  row = gtk_list_box_get_row_at_index (list, 3);
  gtk_list_box_select_row (list, row);
  g_assert_cmpint (tacet_tool_pose_get_selection (f->tool).part, ==, TACET_BODY_RIGHT_HAND);
  eye = find_widget (GTK_WIDGET (row), GTK_TYPE_TOGGLE_BUTTON, "Visible");
  g_signal_emit_by_name (eye, "clicked");
  who = person (f, 0);
  g_assert_false (tacet_person_shows_part (&who, TACET_BODY_RIGHT_HAND));
  g_assert_false (gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (eye)));
  act (f, "win.undo");
  g_assert_true (gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (eye)));
  g_signal_emit_by_name (find_widget (GTK_WIDGET (row), GTK_TYPE_TOGGLE_BUTTON, "Points move singly"), "clicked");
  who = person (f, 0);
  g_assert_cmpuint (who.open, ==, 1u << TACET_BODY_RIGHT_HAND);
  gtk_menu_button_popdown (GTK_MENU_BUTTON (button));
  spin_for (50);
}

#define ADD(name, func) g_test_add ("/pose-tool/" name, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  adw_init ();
  tacet_ui_init ();
  ADD ("drag", test_drag);
  ADD ("lengths", test_lengths);
  ADD ("escape", test_escape);
  ADD ("undo-in-drag", test_undo_in_drag);
  ADD ("bone-and-body", test_bone_and_body);
  ADD ("frame", test_frame);
  ADD ("hide", test_hide);
  ADD ("locked", test_locked);
  ADD ("keys", test_keys);
  ADD ("actions", test_actions);
  ADD ("clipboard", test_clipboard);
  ADD ("add", test_add);
  ADD ("list", test_list);
  return g_test_run ();
}
