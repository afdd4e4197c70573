/* tacet-canvas.c: the canvas: what it holds and how it is drawn.  Input: tacet-canvas-input.c.
 *
 * Room: ui.
 */
#define G_LOG_DOMAIN "tacet-canvas"

#include "config.h"

#include "ui/tacet-canvas-private.h"

#include <adwaita.h>
#include <glib/gi18n.h>
#include <math.h>

G_DEFINE_FINAL_TYPE (TacetCanvas, tacet_canvas, GTK_TYPE_WIDGET)

enum
{
  PROP_0,
  PROP_SCENE,
  PROP_SELECTED,
  PROP_TOOL,
  PROP_SHOW_PICTURE,
  PROP_SHOW_OVERLAYS,
  PROP_ISOLATE,
  PROP_SHOW_HUD,
  PROP_SHOW_RULERS,
  PROP_MIRRORED,
  PROP_ZOOM,
  PROP_ANGLE,
  N_PROPS
};
enum
{
  SIGNAL_HINT,
  N_SIGNALS
};
static GParamSpec *properties[N_PROPS];
static guint signals[N_SIGNALS];

void
_tacet_canvas_hint (TacetCanvas *self, const char *text)
{
  g_signal_emit (self, signals[SIGNAL_HINT], 0, text);
}

gboolean
_tacet_canvas_shows_maps (TacetCanvas *self)
{
  return self->picture == NULL || !self->show_picture || self->show_overlays;
}

gboolean
tacet_canvas_shows_layer (TacetCanvas *self, TacetLayer *layer)
{
  return _tacet_canvas_shows_maps (self) && tacet_canvas_get_control_visible (self, layer);
}

/* ---- drawing: tacet-canvas-snapshot.c ---- */

static void
tacet_canvas_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum, int *natural,
                      int *minimum_baseline, int *natural_baseline)
{
  *minimum = 160;
  *natural = 480;
}

/* ---- properties ---- */

void
tacet_canvas_set_scene (TacetCanvas *self, TacetScene *scene)
{
  if (self->scene == scene)
    return;
  _tacet_canvas_cancel_drag (self);
  if (self->scene != NULL)
    g_signal_handlers_disconnect_by_func (tacet_scene_get_layers (self->scene), _tacet_canvas_watch_layers, self);
  _tacet_canvas_unwatch_layers (self);
  g_clear_pointer (&self->composite, tacet_composite_free);
  g_ptr_array_set_size (self->composed, 0);
  g_clear_pointer (&self->tiles, tacet_canvas_tiles_free);
  self->tiles = tacet_canvas_tiles_new ();
  tacet_canvas_set_picture (self, NULL, NULL);
  tacet_canvas_set_selected (self, NULL);
  g_set_object (&self->scene, scene);
  for (int i = 0; i < TACET_N_TOOLS; i++)
    TACET_TOOL_GET_CLASS (self->tools[i])->scene_changed (self->tools[i]);
  if (scene != NULL)
    {
      g_signal_connect_object (tacet_scene_get_layers (scene), "items-changed", G_CALLBACK (_tacet_canvas_watch_layers),
                               self, G_CONNECT_SWAPPED);
      _tacet_canvas_watch_layers (self);
      tacet_canvas_zoom_fit (self);
    }
  _tacet_canvas_update_description (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SCENE]);
}

TacetScene *
tacet_canvas_get_scene (TacetCanvas *self)
{
  return self->scene;
}

/* Before another tool or layer: nothing that was set up is lost, only what is in the middle of a drag. */
static void
finish_gesture (TacetCanvas *self)
{
  TacetTool *tool = self->tools[self->tool];

  if (self->scene != NULL && self->drag == TACET_DRAG_NONE && self->selected != NULL)
    TACET_TOOL_GET_CLASS (tool)->finish (tool);
  _tacet_canvas_cancel_drag (self);
}

void
tacet_canvas_set_selected (TacetCanvas *self, TacetLayer *control)
{
  if (self->selected == control)
    return;
  finish_gesture (self);
  g_set_object (&self->selected, control);
  for (int i = 0; i < TACET_N_TOOLS; i++)
    TACET_TOOL_GET_CLASS (self->tools[i])->layer_changed (self->tools[i]);
  gtk_widget_queue_draw (GTK_WIDGET (self));
  _tacet_canvas_update_description (self);
  _tacet_canvas_update_cursor (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SELECTED]);
}

TacetLayer *
tacet_canvas_get_selected (TacetCanvas *self)
{
  return self->selected;
}

void
tacet_canvas_set_tool (TacetCanvas *self, TacetToolId tool)
{
  if (self->tool == tool || (guint) tool >= TACET_N_TOOLS)
    return;
  finish_gesture (self);
  TACET_TOOL_GET_CLASS (self->tools[self->tool])->hover (self->tools[self->tool], NULL);
  self->tool = tool;
  _tacet_canvas_update_cursor (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_TOOL]);
}

TacetToolId
tacet_canvas_get_tool (TacetCanvas *self)
{
  return self->tool;
}

TacetTool *
tacet_canvas_get_tool_object (TacetCanvas *self, TacetToolId tool)
{
  g_return_val_if_fail ((guint) tool < TACET_N_TOOLS, NULL);
  return self->tools[tool];
}

TacetSwatches *
tacet_canvas_get_swatches (TacetCanvas *self)
{
  return self->swatches;
}

guint
tacet_canvas_get_n_uses (TacetCanvas *self)
{
  return self->n_uses;
}

void
tacet_canvas_set_picture (TacetCanvas *self, TacetImage *picture, const char *frame_label)
{
  g_clear_pointer (&self->picture, tacet_surface_free);
  if (picture != NULL)
    self->picture = tacet_surface_new_of_image (picture);
  g_free (self->frame_label);
  self->frame_label = g_strdup (frame_label);
  tacet_canvas_tiles_damage_all (self->tiles);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

gboolean
tacet_canvas_get_control_visible (TacetCanvas *self, TacetLayer *control)
{
  return self->isolate && self->selected != NULL ? control == self->selected : tacet_layer_get_visible (control);
}

static void
tacet_canvas_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  TacetCanvas *self = TACET_CANVAS (object);

  switch (id)
    {
    case PROP_SCENE:
      g_value_set_object (value, self->scene);
      break;
    case PROP_SELECTED:
      g_value_set_object (value, self->selected);
      break;
    case PROP_TOOL:
      g_value_set_static_string (value, tacet_tool_id (self->tool));
      break;
    case PROP_SHOW_PICTURE:
      g_value_set_boolean (value, self->show_picture);
      break;
    case PROP_SHOW_OVERLAYS:
      g_value_set_boolean (value, self->show_overlays);
      break;
    case PROP_ISOLATE:
      g_value_set_boolean (value, self->isolate);
      break;
    case PROP_SHOW_HUD:
      g_value_set_boolean (value, self->show_hud);
      break;
    case PROP_SHOW_RULERS:
      g_value_set_boolean (value, self->show_rulers);
      break;
    case PROP_MIRRORED:
      g_value_set_boolean (value, self->view.mirrored);
      break;
    case PROP_ZOOM:
      g_value_set_double (value, self->view.zoom);
      break;
    case PROP_ANGLE:
      g_value_set_double (value, self->view.angle);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
set_boolean (TacetCanvas *self, gboolean *field, const GValue *value, GParamSpec *pspec)
{
  if (*field == g_value_get_boolean (value))
    return;
  *field = g_value_get_boolean (value);
  gtk_widget_queue_draw (GTK_WIDGET (self));
  _tacet_canvas_update_cursor (self);
  g_object_notify_by_pspec (G_OBJECT (self), pspec);
}

static void
tacet_canvas_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  TacetCanvas *self = TACET_CANVAS (object);
  TacetToolId tool;

  switch (id)
    {
    case PROP_SCENE:
      tacet_canvas_set_scene (self, g_value_get_object (value));
      break;
    case PROP_SELECTED:
      tacet_canvas_set_selected (self, g_value_get_object (value));
      break;
    case PROP_TOOL:
      if (tacet_tool_parse (g_value_get_string (value), &tool))
        tacet_canvas_set_tool (self, tool);
      break;
    case PROP_SHOW_PICTURE:
      set_boolean (self, &self->show_picture, value, pspec);
      break;
    case PROP_MIRRORED:
      tacet_canvas_set_mirrored (self, g_value_get_boolean (value));
      break;
    case PROP_SHOW_OVERLAYS:
      set_boolean (self, &self->show_overlays, value, pspec);
      break;
    case PROP_ISOLATE:
      set_boolean (self, &self->isolate, value, pspec);
      break;
    case PROP_SHOW_HUD:
      set_boolean (self, &self->show_hud, value, pspec);
      break;
    case PROP_SHOW_RULERS:
      set_boolean (self, &self->show_rulers, value, pspec);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
tacet_canvas_dispose (GObject *object)
{
  TacetCanvas *self = TACET_CANVAS (object);

  g_clear_handle_id (&self->zoom_source, g_source_remove);
  tacet_canvas_set_scene (self, NULL);
  G_OBJECT_CLASS (tacet_canvas_parent_class)->dispose (object);
}

static void
tacet_canvas_finalize (GObject *object)
{
  TacetCanvas *self = TACET_CANVAS (object);

  for (int i = 0; i < TACET_N_TOOLS; i++)
    g_clear_object (&self->tools[i]);
  g_clear_object (&self->swatches);
  g_clear_object (&self->lifted);
  _tacet_canvas_forget_kept (self);
  g_clear_pointer (&self->tiles, tacet_canvas_tiles_free);
  g_clear_pointer (&self->composite, tacet_composite_free);
  g_clear_pointer (&self->composed, g_ptr_array_unref);
  g_clear_pointer (&self->picture, tacet_surface_free);
  g_free (self->hud);
  g_clear_pointer (&self->watched, g_ptr_array_unref);
  g_free (self->frame_label);
  G_OBJECT_CLASS (tacet_canvas_parent_class)->finalize (object);
}

static void
install_properties (GObjectClass *class)
{
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  properties[PROP_SCENE] = g_param_spec_object ("scene", NULL, NULL, TACET_TYPE_SCENE, flags);
  properties[PROP_SELECTED] = g_param_spec_object ("selected", NULL, NULL, TACET_TYPE_LAYER, flags);
  properties[PROP_TOOL] = g_param_spec_string ("tool", NULL, NULL, "brush", flags);
  properties[PROP_SHOW_PICTURE] = g_param_spec_boolean ("show-picture", NULL, NULL, FALSE, flags);
  properties[PROP_SHOW_OVERLAYS] = g_param_spec_boolean ("show-overlays", NULL, NULL, FALSE, flags);
  properties[PROP_ISOLATE] = g_param_spec_boolean ("isolate", NULL, NULL, FALSE, flags);
  properties[PROP_SHOW_HUD] = g_param_spec_boolean ("show-hud", NULL, NULL, TRUE, flags);
  properties[PROP_SHOW_RULERS] = g_param_spec_boolean ("show-rulers", NULL, NULL, FALSE, flags);
  properties[PROP_MIRRORED] = g_param_spec_boolean ("mirrored", NULL, NULL, FALSE, flags);
  properties[PROP_ANGLE] = g_param_spec_double ("angle", NULL, NULL, -180, 180, 0,
                                                G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  properties[PROP_ZOOM] = g_param_spec_double ("zoom", NULL, NULL, 0, G_MAXDOUBLE, 1,
                                               G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (class, N_PROPS, properties);
}

static void
tacet_canvas_class_init (TacetCanvasClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  object_class->get_property = tacet_canvas_get_property;
  object_class->set_property = tacet_canvas_set_property;
  object_class->dispose = tacet_canvas_dispose;
  object_class->finalize = tacet_canvas_finalize;
  widget_class->snapshot = _tacet_canvas_snapshot;
  widget_class->measure = tacet_canvas_measure;
  widget_class->size_allocate = _tacet_canvas_size_allocate;
  install_properties (object_class);
  signals[SIGNAL_HINT] =
      g_signal_new ("hint", TACET_TYPE_CANVAS, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
  gtk_widget_class_set_css_name (widget_class, "canvas");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
tacet_canvas_init (TacetCanvas *self)
{
  self->watched = g_ptr_array_new_with_free_func (g_object_unref);
  self->composed = g_ptr_array_new_with_free_func (g_object_unref);
  self->tiles = tacet_canvas_tiles_new ();
  self->show_hud = TRUE;
  self->view.zoom = 1;
  self->fitted = TRUE;
  self->swatches = tacet_swatches_new ();
  self->tool = TACET_TOOL_BRUSH;
  for (int i = 0; i < TACET_N_TOOLS; i++)
    self->tools[i] = tacet_tool_new (i, self);
  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
  gtk_widget_set_overflow (GTK_WIDGET (self), GTK_OVERFLOW_HIDDEN);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Canvas"), -1);
  g_signal_connect_object (adw_style_manager_get_default (), "notify::dark", G_CALLBACK (gtk_widget_queue_draw), self,
                           G_CONNECT_SWAPPED);
  _tacet_canvas_init_input (self);
}

GtkWidget *
tacet_canvas_new (void)
{
  return g_object_new (TACET_TYPE_CANVAS, NULL);
}
