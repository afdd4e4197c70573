/* tacet-window-layers.c: what can be done with layers, by name.  All of it works on the chosen layer.  Room: ui. */
#define G_LOG_DOMAIN "tacet-window-layers"

#include "config.h"

#include "ui/tacet-pose-draw.h"
#include "ui/tacet-window-private.h"

#include <glib/gi18n.h>

static TacetLayer *
chosen (TacetWindow *self)
{
  return tacet_layer_panel_get_selected (self->layers);
}

static void
no_room (TacetWindow *self)
{
  _tacet_window_toast (self, _ ("No more layers fit, or there is not enough memory. Delete one first."));
}

static guint
n_layers (TacetWindow *self)
{
  return g_list_model_get_n_items (tacet_scene_get_layers (self->scene));
}

static TacetLayer *
nth_layer (TacetWindow *self, int n)
{
  g_autoptr (TacetLayer) layer =
      n >= 0 ? g_list_model_get_item (tacet_scene_get_layers (self->scene), (guint) n) : NULL;

  return layer; /* the scene keeps it */
}

static int
index_of (TacetWindow *self, TacetLayer *layer)
{
  for (int i = 0; i < (int) n_layers (self); i++)
    if (nth_layer (self, i) == layer)
      return i;
  return -1;
}

/* ---- adding ---- */

static void
add_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  TacetWindow *self = TACET_WINDOW (widget);
  TacetLayerKind kind;
  TacetLayer *layer;

  if (!tacet_layer_kind_parse (strrchr (name, '-') + 1, &kind))
    return;
  /* Translators: name of an undo step */
  tacet_scene_group_begin (self->scene, _ ("Add Layer"));
  layer = tacet_scene_add_layer (self->scene, kind);
  if (layer != NULL && kind == TACET_LAYER_POSE)
    {
      double width = tacet_scene_get_width (self->scene), height = tacet_scene_get_height (self->scene);
      TacetPerson person = tacet_person_new (TACET_FIGURE_STANDING, width / 2, height / 2, width * 0.8, height * 0.8);

      tacet_scene_add_person (self->scene, layer, &person);
    }
  tacet_scene_group_end (self->scene);
  g_object_set (self->canvas, "show-picture", FALSE, NULL);
  if (layer != NULL)
    _tacet_window_select (self, layer);
  else
    no_room (self);
}

/* ---- the whole layer ---- */

static void
duplicate_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  TacetWindow *self = TACET_WINDOW (widget);
  TacetLayer *copy = chosen (self) != NULL ? tacet_scene_duplicate_layer (self->scene, chosen (self)) : NULL;

  if (copy != NULL)
    _tacet_window_select (self, copy);
  else if (chosen (self) != NULL)
    no_room (self);
}

static void
merge_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  TacetWindow *self = TACET_WINDOW (widget);
  TacetLayer *layer = chosen (self), *below = nth_layer (self, index_of (self, layer) + 1);

  if (layer == NULL || !tacet_scene_can_merge_down (self->scene, layer))
    return;
  if (tacet_scene_merge_down (self->scene, layer))
    _tacet_window_select (self, below);
  else
    _tacet_window_toast (self, _ ("There is not enough memory to merge these layers."));
}

/* name: "win.layer-convert-KIND" or "win.layer-copy-to-KIND" */
static void
convert_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  TacetWindow *self = TACET_WINDOW (widget);
  TacetLayer *layer = chosen (self), *made;
  TacetLayerKind kind;

  if (layer == NULL || !tacet_layer_kind_parse (strrchr (name, '-') + 1, &kind))
    return;
  made = tacet_scene_convert_layer (self->scene, layer, kind, strstr (name, "-copy-") != NULL);
  if (made != NULL)
    _tacet_window_select (self, made);
  else
    no_room (self);
}

static void
remove_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  TacetWindow *self = TACET_WINDOW (widget);

  if (chosen (self) != NULL)
    tacet_scene_remove_layer (self->scene, chosen (self));
}

static void
clear_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  TacetWindow *self = TACET_WINDOW (widget);
  TacetLayer *layer = chosen (self);

  if (layer != NULL && !tacet_scene_clear_layer (self->scene, layer))
    _tacet_window_toast (self, tacet_layer_get_locked (layer) ? _ ("This layer is locked.")
                                                              : _ ("There is not enough memory to clear this layer."));
}

static void
rename_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  TacetWindow *self = TACET_WINDOW (widget);

  adw_flap_set_reveal_flap (self->flap, TRUE);
  tacet_layer_panel_rename (self->layers);
}

static void
toggle_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  TacetWindow *self = TACET_WINDOW (widget);
  TacetLayer *layer = chosen (self);

  if (layer == NULL)
    return;
  if (g_str_has_suffix (name, "power"))
    tacet_scene_set_layer_enabled (self->scene, layer, !tacet_layer_get_enabled (layer));
  else if (g_str_has_suffix (name, "eye"))
    tacet_scene_set_layer_visible (self->scene, layer, !tacet_layer_get_visible (layer));
  else
    tacet_scene_set_layer_locked (self->scene, layer, !tacet_layer_get_locked (layer));
}

/* ---- the list ---- */

/* Where one step up or down would put it; -1: it cannot go there. */
static int
place_beside (TacetWindow *self, TacetLayer *layer, int by)
{
  int at = layer != NULL ? index_of (self, layer) : -1;
  TacetLayer *other = at >= 0 ? nth_layer (self, at + by) : NULL;

  if (other == NULL ||
      tacet_layer_kind_family (tacet_layer_get_kind (other)) != tacet_layer_kind_family (tacet_layer_get_kind (layer)))
    return -1;
  return at + by;
}

static void
move_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  TacetWindow *self = TACET_WINDOW (widget);
  int place = place_beside (self, chosen (self), g_str_has_suffix (name, "up") ? -1 : 1);

  if (place >= 0)
    tacet_scene_move_layer (self->scene, chosen (self), (guint) place);
}

static void
walk_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  TacetWindow *self = TACET_WINDOW (widget);
  int at = index_of (self, chosen (self)) + (g_str_has_suffix (name, "next") ? 1 : -1);

  if (n_layers (self) > 0)
    _tacet_window_select (self, nth_layer (self, CLAMP (at, 0, (int) n_layers (self) - 1)));
}

/* ---- where a layer speaks, applies, lets change ---- */

static TacetImage *
make_coverage (TacetWindow *self, const TacetImage *old, gboolean invert)
{
  TacetImage *coverage = tacet_image_new (tacet_scene_get_width (self->scene), tacet_scene_get_height (self->scene), 1);
  gsize n = coverage != NULL ? (gsize) coverage->width * coverage->height : 0;

  for (gsize i = 0; i < n; i++)
    coverage->data[i] = invert && old != NULL ? 255 - old->data[i] : 255;
  return coverage;
}

static void
coverage_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  TacetWindow *self = TACET_WINDOW (widget);
  TacetLayer *layer = chosen (self);
  gboolean invert = strstr (name, "invert") != NULL, done = FALSE;
  g_autoptr (TacetImage) coverage = NULL, map = NULL;

  if (layer == NULL || tacet_layer_get_kind (layer) == TACET_LAYER_PICTURE)
    return;
  if (g_str_has_suffix (name, "rule-coverage"))
    {
      map = tacet_layer_get_map (layer) != NULL ? tacet_image_copy (tacet_layer_get_map (layer)) : NULL;
      /* Translators: name of an undo step: what is silent is found by the rule of the layer's kind */
      tacet_scene_group_begin (self->scene, _ ("Silence by Rule"));
      done = map != NULL && tacet_scene_set_layer_map (self->scene, layer, map, NULL);
    }
  else
    {
      coverage = make_coverage (self, tacet_layer_get_coverage (layer), invert);
      /* Translators: names of undo steps; the area is where a layer speaks, applies, or lets change */
      tacet_scene_group_begin (self->scene, invert ? _ ("Invert Area") : _ ("Fill Area"));
      done = coverage != NULL && tacet_scene_set_layer_coverage (self->scene, layer, coverage);
    }
  tacet_scene_group_end (self->scene);
  if (!done)
    _tacet_window_toast (self, tacet_layer_get_locked (layer) ? _ ("This layer is locked.")
                                                              : _ ("There is not enough memory for this change."));
}

/* ---- balance ---- */

static const char *const balance_ids[] = { [TACET_COMBINE_MINIMAL_IMPACT] = "minimal-impact",
                                           [TACET_COMBINE_SUM] = "sum",
                                           [TACET_COMBINE_STAR] = "star",
                                           [TACET_COMBINE_WEIGHTS] = "weights" };

static void
show_balance (TacetWindow *self)
{
  GAction *action = g_action_map_lookup_action (G_ACTION_MAP (self), "balance");
  TacetCombineKind kind = tacet_scene_get_combine (self->scene)->kind;

  if (action != NULL && kind < G_N_ELEMENTS (balance_ids))
    g_simple_action_set_state (G_SIMPLE_ACTION (action), g_variant_new_string (balance_ids[kind]));
}

static void
balance_cb (GSimpleAction *action, GVariant *value, gpointer data)
{
  TacetWindow *self = TACET_WINDOW (data);
  TacetCombine combine = *tacet_scene_get_combine (self->scene);

  for (guint i = 0; i < G_N_ELEMENTS (balance_ids); i++)
    if (g_strcmp0 (g_variant_get_string (value, NULL), balance_ids[i]) == 0)
      combine.kind = i;
  if (combine.kind == tacet_scene_get_combine (self->scene)->kind)
    return;
  if (combine.kind == TACET_COMBINE_WEIGHTS && combine.n_weights == 0)
    {
      combine.n_weights = TACET_MAX_CONTROLS;
      for (int i = 0; i < TACET_MAX_CONTROLS; i++)
        combine.weights[i] = 1;
    }
  tacet_scene_set_combine (self->scene, &combine);
}

/* ---- the menu on the canvas ---- */

static void
popup_menu (TacetWindow *self, double x, double y)
{
  GdkRectangle place = { (int) x, (int) y, 1, 1 };
  g_autoptr (GMenuModel) menu = NULL;

  if (chosen (self) == NULL)
    return;
  g_clear_pointer (&self->layer_popover, gtk_widget_unparent);
  menu = _tacet_layer_menu_new (chosen (self));
  self->layer_popover = gtk_popover_menu_new_from_model (menu);
  gtk_widget_set_parent (self->layer_popover, GTK_WIDGET (self->canvas));
  gtk_popover_set_has_arrow (GTK_POPOVER (self->layer_popover), FALSE);
  gtk_widget_set_halign (self->layer_popover, GTK_ALIGN_START);
  gtk_popover_set_pointing_to (GTK_POPOVER (self->layer_popover), &place);
  gtk_popover_popup (GTK_POPOVER (self->layer_popover));
}

/* With the pose tool the right button hides joints. */
static void
canvas_secondary_cb (TacetWindow *self, int n_press, double x, double y)
{
  if (tacet_canvas_get_tool (self->canvas) != TACET_TOOL_POSE)
    popup_menu (self, x, y);
}

static gboolean
canvas_key_cb (TacetWindow *self, guint key, guint code, GdkModifierType state)
{
  if (key != GDK_KEY_Menu && (key != GDK_KEY_F10 || (state & GDK_SHIFT_MASK) == 0))
    return GDK_EVENT_PROPAGATE;
  popup_menu (self, gtk_widget_get_width (GTK_WIDGET (self->canvas)) / 2.0,
              gtk_widget_get_height (GTK_WIDGET (self->canvas)) / 2.0);
  return GDK_EVENT_STOP;
}

void
_tacet_window_dispose_layers (TacetWindow *self)
{
  g_clear_pointer (&self->layer_popover, gtk_widget_unparent);
}

static void
watch_canvas (TacetWindow *self)
{
  GtkGesture *secondary = gtk_gesture_click_new ();
  GtkEventController *keys = gtk_event_controller_key_new ();

  gtk_gesture_single_set_button (GTK_GESTURE_SINGLE (secondary), GDK_BUTTON_SECONDARY);
  g_signal_connect_swapped (secondary, "pressed", G_CALLBACK (canvas_secondary_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self->canvas), GTK_EVENT_CONTROLLER (secondary));
  g_signal_connect_swapped (keys, "key-pressed", G_CALLBACK (canvas_key_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self->canvas), keys);
}

/* ---- what can be used ---- */

void
_tacet_window_update_layer_actions (TacetWindow *self)
{
  static const char *const whenever[] = { "win.layer-duplicate",  "win.layer-remove",       "win.layer-rename",
                                          "win.layer-toggle-eye", "win.layer-toggle-power", "win.layer-lock" };
  TacetLayer *layer = chosen (self);
  gboolean some = layer != NULL, free = some && !tacet_layer_get_locked (layer);
  TacetLayerKind kind = some ? tacet_layer_get_kind (layer) : TACET_LAYER_PICTURE;
  gboolean control = some && tacet_layer_kind_is_control (kind), area = free && kind != TACET_LAYER_PICTURE;

  for (guint i = 0; i < G_N_ELEMENTS (whenever); i++)
    _tacet_window_enable (self, whenever[i], some);
  _tacet_window_enable (self, "win.layer-clear", free);
  _tacet_window_enable (self, "win.layer-merge-down", some && tacet_scene_can_merge_down (self->scene, layer));
  _tacet_window_enable (self, "win.layer-up", place_beside (self, layer, -1) >= 0);
  _tacet_window_enable (self, "win.layer-down", place_beside (self, layer, 1) >= 0);
  _tacet_window_enable (self, "win.layer-fill-coverage", area);
  _tacet_window_enable (self, "win.layer-invert-coverage", area);
  _tacet_window_enable (self, "win.layer-rule-coverage", area && control && kind != TACET_LAYER_POSE);
  _tacet_window_enable (self, "win.choose-control-model", control);
  for (int to = 0; to < TACET_N_LAYER_KINDS; to++)
    {
      char action[64];

      g_snprintf (action, sizeof (action), "win.layer-convert-%s", tacet_layer_kind_id (to));
      _tacet_window_enable (self, action, some && to != (int) kind);
      g_snprintf (action, sizeof (action), "win.layer-copy-to-%s", tacet_layer_kind_id (to));
      _tacet_window_enable (self, action, some && to != (int) kind);
    }
  show_balance (self);
}

/* ---- registration ---- */

void
_tacet_window_class_init_layers (GtkWidgetClass *class)
{
  static const struct
  {
    const char *name;
    GtkWidgetActionActivateFunc func;
  } actions[] = {
    { "win.layer-duplicate", duplicate_cb },
    { "win.layer-merge-down", merge_cb },
    { "win.layer-remove", remove_cb },
    { "win.layer-clear", clear_cb },
    { "win.layer-rename", rename_cb },
    { "win.layer-toggle-power", toggle_cb },
    { "win.layer-toggle-eye", toggle_cb },
    { "win.layer-lock", toggle_cb },
    { "win.layer-up", move_cb },
    { "win.layer-down", move_cb },
    { "win.layer-previous", walk_cb },
    { "win.layer-next", walk_cb },
    { "win.layer-fill-coverage", coverage_cb },
    { "win.layer-invert-coverage", coverage_cb },
    { "win.layer-rule-coverage", coverage_cb },
  };

  for (guint i = 0; i < G_N_ELEMENTS (actions); i++)
    gtk_widget_class_install_action (class, actions[i].name, NULL, actions[i].func);
  for (int kind = 0; kind < TACET_N_LAYER_KINDS; kind++)
    {
      const char *id = tacet_layer_kind_id (kind);
      g_autofree char *add = g_strconcat ("win.add-", id, NULL);
      g_autofree char *convert = g_strconcat ("win.layer-convert-", id, NULL);
      g_autofree char *copy = g_strconcat ("win.layer-copy-to-", id, NULL);

      /* The class keeps the names as they are given. */
      gtk_widget_class_install_action (class, g_intern_string (add), NULL, add_cb);
      gtk_widget_class_install_action (class, g_intern_string (convert), NULL, convert_cb);
      gtk_widget_class_install_action (class, g_intern_string (copy), NULL, convert_cb);
    }
}

void
_tacet_window_init_layers (TacetWindow *self)
{
  g_autoptr (GSimpleAction) balance =
      g_simple_action_new_stateful ("balance", G_VARIANT_TYPE_STRING, g_variant_new_string (balance_ids[0]));
  g_autoptr (GPropertyAction) isolate = g_property_action_new ("layer-isolate", self->canvas, "isolate");

  g_signal_connect_object (balance, "change-state", G_CALLBACK (balance_cb), self, 0);
  g_action_map_add_action (G_ACTION_MAP (self), G_ACTION (balance));
  g_action_map_add_action (G_ACTION_MAP (self), G_ACTION (isolate));
  watch_canvas (self);
  g_object_bind_property (self->layers, "selected", self->canvas, "selected",
                          G_BINDING_SYNC_CREATE | G_BINDING_BIDIRECTIONAL);
}
