/* tacet-window-pose.c: actions on the people of a pose, their menu, and the figures to start from.
 *
 * Room: ui.
 */
#define G_LOG_DOMAIN "tacet-window-pose"
#define THUMBNAIL    76 /* pixels a side */

#include "config.h"

#include "engine/scene/tacet-openpose.h"
#include "ui/tacet-tool-pose.h"
#include "ui/tacet-window-pose.h"
#include "ui/tacet-window-private.h"

#include <glib/gi18n.h>

static const char *const figure_ids[TACET_N_FIGURES] = {
  [TACET_FIGURE_STANDING] = "standing",       [TACET_FIGURE_AT_EASE] = "at-ease",
  [TACET_FIGURE_WALKING] = "walking",         [TACET_FIGURE_RUNNING] = "running",
  [TACET_FIGURE_SITTING] = "sitting",         [TACET_FIGURE_KNEELING] = "kneeling",
  [TACET_FIGURE_WAVING] = "waving",           [TACET_FIGURE_CHEERING] = "cheering",
  [TACET_FIGURE_DANCING] = "dancing",         [TACET_FIGURE_LYING] = "lying",
  [TACET_FIGURE_FROM_BEHIND] = "from-behind", [TACET_FIGURE_PORTRAIT] = "portrait",
};

static TacetTool *
get_tool (GtkWidget *window)
{
  return tacet_canvas_get_tool_object (TACET_WINDOW (window)->canvas, TACET_TOOL_POSE);
}

/* ---- persons ---- */

static void
add_figure_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  for (int i = 0; i < TACET_N_FIGURES; i++)
    if (g_strcmp0 (figure_ids[i], g_variant_get_string (parameter, NULL)) == 0)
      tacet_tool_pose_add (get_tool (widget), i);
}

static void
add_person_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  tacet_tool_pose_add (get_tool (widget), TACET_FIGURE_STANDING);
}

static void
flip_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  TacetTool *tool = get_tool (widget);
  int index;
  const TacetPerson *old = tacet_tool_pose_get_person (tool, &index);
  TacetPerson person;
  double box[4];

  if (old == NULL)
    return;
  person = *old;
  tacet_person_bounds (&person, TACET_BODY_PERSON, box);
  tacet_person_flip (&person, (box[0] + box[2]) / 2);
  tacet_tool_pose_change (tool, index, &person, _ ("Flip Person"));
}

static void
duplicate_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  TacetWindow *self = TACET_WINDOW (widget);
  TacetTool *tool = get_tool (widget);
  TacetLayer *layer = tacet_tool_need_layer (tool);
  int index, n_people;
  const TacetPerson *old = tacet_tool_pose_get_person (tool, &index);
  TacetPerson person;
  double box[4], shift[6] = { 1, 0, 0, 1, 0, 0 };

  if (old == NULL || layer == NULL)
    return;
  person = *old;
  tacet_person_bounds (&person, TACET_BODY_PERSON, box);
  /* Beside the first, to the side where there is more room. */
  shift[4] = (box[2] - box[0]) * 0.6 + 8;
  if ((box[0] + box[2]) / 2 > tacet_scene_get_width (self->scene) / 2.0)
    shift[4] = -shift[4];
  tacet_person_transform (&person, TACET_BODY_PERSON, shift);
  if (tacet_scene_add_people (self->scene, layer, &person, 1) < 1)
    return;
  tacet_layer_get_people (layer, &n_people);
  tacet_tool_pose_select (tool, (TacetPoseRef){ n_people - 1, TACET_BODY_PERSON, -1 });
}

static void
remove_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  TacetWindow *self = TACET_WINDOW (widget);
  TacetTool *tool = get_tool (widget);
  TacetLayer *layer = tacet_tool_need_layer (tool);
  int index;

  if (layer == NULL || tacet_tool_pose_get_person (tool, &index) == NULL)
    return;
  tacet_scene_remove_person (self->scene, layer, index);
  tacet_tool_pose_select (tool, TACET_POSE_NONE);
}

static void
restack_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  TacetWindow *self = TACET_WINDOW (widget);
  TacetTool *tool = get_tool (widget);
  TacetLayer *layer = tacet_tool_need_layer (tool);
  TacetPoseRef ref = tacet_tool_pose_get_selection (tool);
  int index, to;

  if (layer == NULL || tacet_tool_pose_get_person (tool, &index) == NULL)
    return;
  to = index + (g_str_equal (name, "win.pose-forward") ? 1 : -1);
  if (!tacet_scene_restack_person (self->scene, layer, index, to))
    return;
  ref.person = to;
  tacet_tool_pose_select (tool, ref);
}

/* ---- the clipboard: OpenPose's form as text, for other documents and other programs ---- */

static void
copy_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  TacetWindow *self = TACET_WINDOW (widget);
  int index;
  const TacetPerson *person = tacet_tool_pose_get_person (get_tool (widget), &index);
  g_autofree char *text = NULL;

  if (person == NULL)
    return;
  text = tacet_openpose_to_text (person, 1, tacet_scene_get_width (self->scene), tacet_scene_get_height (self->scene));
  gdk_clipboard_set_text (gtk_widget_get_clipboard (widget), text);
}

static void
add_pasted (TacetWindow *self, const char *text)
{
  TacetTool *tool = get_tool (GTK_WIDGET (self));
  TacetLayer *layer = tacet_canvas_get_selected (self->canvas);
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) people = tacet_openpose_from_text (text, _ ("the clipboard"), tacet_scene_get_width (self->scene),
                                                        tacet_scene_get_height (self->scene), NULL, &error);
  int n_people;

  if (people == NULL)
    {
      _tacet_window_toast (
          self, _ ("Nothing that was copied can be pasted here: no layer, no people, no picture, no picture file."));
      return;
    }
  tacet_scene_group_begin (self->scene, _ ("Paste People"));
  if (layer == NULL || tacet_layer_get_kind (layer) != TACET_LAYER_POSE)
    layer = tacet_scene_add_layer (self->scene, TACET_LAYER_POSE);
  if (layer != NULL)
    tacet_scene_add_people (self->scene, layer, (const TacetPerson *) (gpointer) people->data, (int) people->len);
  tacet_scene_group_end (self->scene);
  if (layer == NULL)
    return;
  tacet_canvas_set_selected (self->canvas, layer);
  tacet_canvas_set_tool (self->canvas, TACET_TOOL_POSE);
  tacet_layer_get_people (layer, &n_people);
  tacet_tool_pose_select (tool, (TacetPoseRef){ n_people - 1, TACET_BODY_PERSON, -1 });
}

static void
pasted_cb (GObject *clipboard, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (TacetWindow) self = user_data;
  g_autofree char *text = gdk_clipboard_read_text_finish (GDK_CLIPBOARD (clipboard), result, NULL);

  if (self->scene != NULL)
    add_pasted (self, text != NULL ? text : "");
}

static void
paste_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  gdk_clipboard_read_text_async (gtk_widget_get_clipboard (widget), NULL, pasted_cb, g_object_ref (widget));
}

/* ---- parts ---- */

static void
add_hands_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  gboolean add = g_str_equal (name, "win.pose-add-hands");
  TacetTool *tool = get_tool (widget);
  int index;
  const TacetPerson *old = tacet_tool_pose_get_person (tool, &index);
  TacetPerson person;

  if (old == NULL)
    return;
  person = *old;
  for (int part = TACET_BODY_RIGHT_HAND; part <= TACET_BODY_LEFT_HAND; part++)
    (add ? tacet_person_add_part : tacet_person_remove_part) (&person, part);
  tacet_tool_pose_change (tool, index, &person, add ? _ ("Add Hands") : _ ("Remove Hands"));
}

static void
add_face_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  gboolean add = g_str_equal (name, "win.pose-add-face");
  TacetTool *tool = get_tool (widget);
  int index;
  const TacetPerson *old = tacet_tool_pose_get_person (tool, &index);
  TacetPerson person;

  if (old == NULL)
    return;
  person = *old;
  (add ? tacet_person_add_part : tacet_person_remove_part) (&person, TACET_BODY_FACE);
  tacet_tool_pose_change (tool, index, &person, add ? _ ("Add Face") : _ ("Remove Face"));
}

/* The part that the selection lies in: a limb, a hand, the face, or the person. */
static TacetBodyPart
selected_part (TacetTool *tool)
{
  TacetPoseRef ref = tacet_tool_pose_get_selection (tool);

  return ref.point >= 0 ? tacet_point_part (ref.point) : ref.part;
}

static void
hide_limb_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  TacetTool *tool = get_tool (widget);
  TacetBodyPart part = g_str_equal (name, "win.pose-hide-person") ? TACET_BODY_PERSON : selected_part (tool);
  int index;
  const TacetPerson *old = tacet_tool_pose_get_person (tool, &index);
  gboolean visible;
  TacetPerson person;

  if (old == NULL)
    return;
  person = *old;
  visible = tacet_person_shows_part (&person, part);
  tacet_person_show_part (&person, part, !visible);
  tacet_tool_pose_change (tool, index, &person,
                          part == TACET_BODY_PERSON ? (visible ? _ ("Hide Person") : _ ("Show Person"))
                                                    : (visible ? _ ("Hide Part") : _ ("Show Part")));
}

static void
lock_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  TacetTool *tool = get_tool (widget);
  int index;
  const TacetPerson *old = tacet_tool_pose_get_person (tool, &index);
  guint16 bit = (guint16) (1u << selected_part (tool));
  TacetPerson person;

  if (old == NULL)
    return;
  person = *old;
  person.locked ^= bit;
  tacet_tool_pose_change (tool, index, &person, (person.locked & bit) != 0 ? _ ("Lock Part") : _ ("Unlock Part"));
}

/* The selected hand or face; without one selected, both hands. */
static void
open_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  TacetTool *tool = get_tool (widget);
  TacetBodyPart part = selected_part (tool);
  int index;
  const TacetPerson *old = tacet_tool_pose_get_person (tool, &index);
  guint16 bits = (guint16) (1u << part);
  TacetPerson person;

  if (old == NULL)
    return;
  person = *old;
  if (!tacet_body_part_is_group (part))
    bits = 1u << TACET_BODY_RIGHT_HAND | 1u << TACET_BODY_LEFT_HAND;
  bits &= person.has;
  if (bits == 0)
    return;
  person.open = (guint16) ((person.open & bits) == bits ? person.open & ~bits : person.open | bits);
  tacet_tool_pose_change (tool, index, &person, (person.open & bits) != 0 ? _ ("Open Group") : _ ("Close Group"));
}

static void
hide_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  tacet_tool_pose_toggle (get_tool (widget));
}

static void
walk_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  TacetWindow *self = TACET_WINDOW (widget);

  tacet_canvas_set_tool (self->canvas, TACET_TOOL_POSE);
  gtk_widget_grab_focus (GTK_WIDGET (self->canvas));
  tacet_tool_pose_walk (get_tool (widget), g_str_equal (name, "win.pose-next") ? 1 : -1);
}

/* ---- which can be used ---- */

void
_tacet_window_update_pose (TacetWindow *self)
{
  static const char *const of_a_person[] = { "win.pose-flip",        "win.pose-duplicate", "win.pose-copy",
                                             "win.pose-remove",      "win.pose-forward",   "win.pose-backward",
                                             "win.pose-hide-person", "win.pose-hide-limb", "win.pose-lock",
                                             "win.pose-hide" };
  TacetTool *tool = get_tool (GTK_WIDGET (self));
  int index, n_people;
  gboolean poses = tacet_tool_pose_get_people (tool, &n_people) != NULL;
  const TacetPerson *person = tacet_tool_pose_get_person (tool, &index);
  TacetPoseRef ref = tacet_tool_pose_get_selection (tool);
  guint hands = 1u << TACET_BODY_RIGHT_HAND | 1u << TACET_BODY_LEFT_HAND, face = 1u << TACET_BODY_FACE;
  guint has = person != NULL ? person->has : 0;
  GtkWidget *widget = GTK_WIDGET (self);

  for (gsize i = 0; i < G_N_ELEMENTS (of_a_person); i++)
    gtk_widget_action_set_enabled (widget, of_a_person[i], person != NULL);
  gtk_widget_action_set_enabled (widget, "win.pose-hide", ref.person >= 0);
  gtk_widget_action_set_enabled (widget, "win.pose-forward", person != NULL && index + 1 < n_people);
  gtk_widget_action_set_enabled (widget, "win.pose-backward", person != NULL && index > 0);
  gtk_widget_action_set_enabled (widget, "win.pose-add-hands", person != NULL && (has & hands) != hands);
  gtk_widget_action_set_enabled (widget, "win.pose-remove-hands", (has & hands) != 0);
  gtk_widget_action_set_enabled (widget, "win.pose-add-face", person != NULL && (has & face) == 0);
  gtk_widget_action_set_enabled (widget, "win.pose-remove-face", (has & face) != 0);
  gtk_widget_action_set_enabled (widget, "win.pose-open", has != 0);
  gtk_widget_action_set_enabled (widget, "win.pose-next", poses && n_people > 0);
  gtk_widget_action_set_enabled (widget, "win.pose-previous", poses && n_people > 0);
}

void
_tacet_window_class_init_pose (GtkWidgetClass *class)
{
  static const struct
  {
    const char *name;
    GtkWidgetActionActivateFunc activate;
  } actions[] = {
    { "win.add-person", add_person_cb },    { "win.pose-flip", flip_cb },
    { "win.pose-duplicate", duplicate_cb }, { "win.pose-remove", remove_cb },
    { "win.pose-forward", restack_cb },     { "win.pose-backward", restack_cb },
    { "win.pose-copy", copy_cb },           { "win.pose-paste", paste_cb },
    { "win.pose-add-hands", add_hands_cb }, { "win.pose-remove-hands", add_hands_cb },
    { "win.pose-add-face", add_face_cb },   { "win.pose-remove-face", add_face_cb },
    { "win.pose-open", open_cb },           { "win.pose-hide", hide_cb },
    { "win.pose-hide-limb", hide_limb_cb }, { "win.pose-hide-person", hide_limb_cb },
    { "win.pose-lock", lock_cb },           { "win.pose-next", walk_cb },
    { "win.pose-previous", walk_cb },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (actions); i++)
    gtk_widget_class_install_action (class, actions[i].name, NULL, actions[i].activate);
  gtk_widget_class_install_action (class, "win.pose-add", "s", add_figure_cb);
}

void
_tacet_window_init_pose (TacetWindow *self)
{
  TacetTool *tool = get_tool (GTK_WIDGET (self));
  g_autoptr (GPropertyAction) keep = g_property_action_new ("pose-keep-lengths", tool, "keep-lengths");

  g_action_map_add_action (G_ACTION_MAP (self), G_ACTION (keep));
  g_signal_connect_object (tool, "selection-changed", G_CALLBACK (_tacet_window_update_pose), self, G_CONNECT_SWAPPED);
}

/* ---- the menu ---- */

/* There is one at most, and it goes before the canvas does. */
static void
forget_menu (GtkWidget *canvas)
{
  GtkWidget *popover = g_object_get_data (G_OBJECT (canvas), "pose-menu");

  g_object_set_data (G_OBJECT (canvas), "pose-menu", NULL);
  if (popover != NULL)
    gtk_widget_unparent (popover);
}

static gboolean
forget_idle (gpointer popover)
{
  GtkWidget *canvas = gtk_widget_get_parent (popover);

  if (canvas != NULL && g_object_get_data (G_OBJECT (canvas), "pose-menu") == popover)
    forget_menu (canvas);
  return G_SOURCE_REMOVE;
}

/* Not at once: its item that was chosen still acts through it. */
static void
menu_closed_cb (GtkWidget *popover)
{
  g_idle_add_full (G_PRIORITY_DEFAULT_IDLE, forget_idle, g_object_ref (popover), g_object_unref);
}

static GMenuModel *
load_menu (void)
{
  g_autoptr (GtkBuilder) builder = gtk_builder_new_from_resource ("/io/github/tacet/Tacet/ui/tacet-menus.ui");

  return g_object_ref (G_MENU_MODEL (gtk_builder_get_object (builder, "person_menu")));
}

void
tacet_pose_menu_popup (TacetTool *tool, double x, double y)
{
  g_autoptr (GMenuModel) menu = load_menu ();
  GtkWidget *popover = gtk_popover_menu_new_from_model (menu);
  GtkWidget *canvas = GTK_WIDGET (tacet_tool_get_canvas (tool));
  /* What the menu is about may lie outside of what is seen. */
  GdkRectangle at = { (int) CLAMP (x, 0, gtk_widget_get_width (canvas) - 1),
                      (int) CLAMP (y, 0, gtk_widget_get_height (canvas) - 1), 1, 1 };

  forget_menu (canvas);
  gtk_widget_set_parent (popover, canvas);
  g_object_set_data (G_OBJECT (canvas), "pose-menu", popover);
  g_signal_connect_object (canvas, "unrealize", G_CALLBACK (forget_menu), popover, 0);
  gtk_popover_set_has_arrow (GTK_POPOVER (popover), FALSE);
  gtk_popover_set_pointing_to (GTK_POPOVER (popover), &at);
  gtk_widget_set_halign (popover, GTK_ALIGN_START);
  g_signal_connect (popover, "closed", G_CALLBACK (menu_closed_cb), NULL);
  gtk_popover_popup (GTK_POPOVER (popover));
}

/* ---- the row of the tool ---- */

static GdkTexture *
figure_texture (TacetFigure figure)
{
  TacetPerson person = tacet_person_new (figure, THUMBNAIL, THUMBNAIL, THUMBNAIL * 2 * 0.84, THUMBNAIL * 2 * 0.84);
  g_autoptr (TacetImage) map = tacet_pose_draw (&person, 1, THUMBNAIL * 2, THUMBNAIL * 2);
  g_autoptr (GBytes) bytes = map != NULL ? g_bytes_new (map->data, (gsize) map->width * map->height * 3) : NULL;

  return map != NULL ? gdk_memory_texture_new (map->width, map->height, GDK_MEMORY_R8G8B8, bytes, map->width * 3)
                     : NULL;
}

static GtkWidget *
figure_button (TacetFigure figure)
{
  GtkWidget *button = gtk_button_new (), *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 4);
  GtkWidget *label = gtk_label_new (tacet_pose_figure_name (figure)), *picture;
  g_autoptr (GdkTexture) texture = figure_texture (figure);

  picture = gtk_image_new_from_paintable (GDK_PAINTABLE (texture));
  gtk_image_set_pixel_size (GTK_IMAGE (picture), THUMBNAIL);
  gtk_widget_add_css_class (picture, "figure");
  gtk_widget_set_overflow (picture, GTK_OVERFLOW_HIDDEN);
  gtk_widget_add_css_class (label, "caption");
  gtk_box_append (GTK_BOX (box), picture);
  gtk_box_append (GTK_BOX (box), label);
  gtk_button_set_child (GTK_BUTTON (button), box);
  gtk_widget_add_css_class (button, "flat");
  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), "win.pose-add");
  gtk_actionable_set_action_target (GTK_ACTIONABLE (button), "s", figure_ids[figure]);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  tacet_pose_figure_name (figure), -1);
  return button;
}

/* The figures are drawn when they are asked for the first time. */
static void
fill_figures_cb (GtkPopover *popover)
{
  GtkWidget *grid;

  if (gtk_popover_get_child (popover) != NULL)
    return;
  grid = gtk_grid_new ();
  for (int i = 0; i < TACET_N_FIGURES; i++)
    {
      GtkWidget *button = figure_button (i);

      g_signal_connect_swapped (button, "clicked", G_CALLBACK (gtk_popover_popdown), popover);
      gtk_grid_attach (GTK_GRID (grid), button, i % 4, i / 4, 1, 1);
    }
  gtk_popover_set_child (popover, grid);
}

/* text: what stands on it; NULL: the icon */
static GtkWidget *
action_button (const char *icon, const char *text, const char *label, const char *action)
{
  GtkWidget *button = text != NULL ? gtk_button_new_with_label (text) : gtk_button_new_from_icon_name (icon);

  gtk_widget_set_tooltip_text (button, label);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), action);
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  return button;
}

static GtkWidget *
menu_button (const char *icon, const char *label, GtkWidget *popover)
{
  GtkWidget *button = gtk_menu_button_new ();

  gtk_menu_button_set_icon_name (GTK_MENU_BUTTON (button), icon);
  gtk_menu_button_set_popover (GTK_MENU_BUTTON (button), popover);
  gtk_widget_set_tooltip_text (button, label);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  return button;
}

void
tacet_pose_add_widgets (TacetTool *tool, GtkBox *row)
{
  GtkWidget *figures = gtk_popover_new (), *people = gtk_popover_new (), *box, *add, *list;
  g_autoptr (GMenuModel) menu = load_menu ();

  g_signal_connect (figures, "show", G_CALLBACK (fill_figures_cb), NULL);
  add = adw_split_button_new ();
  adw_split_button_set_label (ADW_SPLIT_BUTTON (add), _ ("Add Person"));
  adw_split_button_set_popover (ADW_SPLIT_BUTTON (add), GTK_POPOVER (figures));
  adw_split_button_set_dropdown_tooltip (ADW_SPLIT_BUTTON (add), _ ("Figures to start from"));
  gtk_actionable_set_action_name (GTK_ACTIONABLE (add), "win.add-person");
  gtk_widget_set_valign (add, GTK_ALIGN_CENTER);
  gtk_box_append (row, add);

  box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  gtk_widget_add_css_class (box, "linked");
  gtk_box_append (GTK_BOX (box), action_button (NULL, _ ("Hands"), _ ("Add Hands"), "win.pose-add-hands"));
  gtk_box_append (GTK_BOX (box), action_button ("object-flip-horizontal-symbolic", NULL, _ ("Flip"), "win.pose-flip"));
  list = menu_button ("system-users-symbolic", _ ("People and their parts"), people);
  gtk_popover_set_child (GTK_POPOVER (people), tacet_people_list_new (tool));
  gtk_box_append (GTK_BOX (box), list);
  gtk_box_append (GTK_BOX (box), menu_button ("view-more-symbolic", _ ("More for this person"),
                                              gtk_popover_menu_new_from_model (menu)));
  gtk_box_append (row, box);
}
