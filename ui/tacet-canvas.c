/* tacet-canvas.c: the canvas: what it holds and how it is drawn.  Input: tacet-canvas-input.c.
 *
 * Room: ui.
 */
#define G_LOG_DOMAIN "tacet-canvas"

#include "config.h"

#include "ui/tacet-canvas-private.h"
#include "ui/tacet-composite.h"

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

/* ---- what has to be composed again ---- */

static void
invalidate (TacetCanvas *self, int x, int y, int width, int height)
{
  cairo_rectangle_int_t part = { x, y, width, height };

  cairo_region_union_rectangle (self->stale, &part);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
invalidate_all (TacetCanvas *self)
{
  if (self->scene != NULL)
    invalidate (self, 0, 0, tacet_scene_get_width (self->scene), tacet_scene_get_height (self->scene));
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
map_changed_cb (TacetCanvas *self, int x, int y, int width, int height, TacetLayer *control)
{
  invalidate (self, x, y, width, height);
}

static void
update_description (TacetCanvas *self)
{
  g_autofree char *text = NULL;

  if (self->scene == NULL)
    text = g_strdup (_ ("No document"));
  else
    text = g_strdup_printf (self->selected ? _ ("%d by %d pixels, active control: %s") : _ ("%d by %d pixels"),
                            tacet_scene_get_width (self->scene), tacet_scene_get_height (self->scene),
                            self->selected ? tacet_layer_get_name (self->selected) : "");
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, text, -1);
}

static void
unwatch_controls (TacetCanvas *self)
{
  for (guint i = 0; i < self->watched->len; i++)
    g_signal_handlers_disconnect_by_data (g_ptr_array_index (self->watched, i), self);
  g_ptr_array_set_size (self->watched, 0);
}

static void
controls_changed_cb (TacetCanvas *self)
{
  GListModel *controls = tacet_scene_get_layers (self->scene);
  guint n = g_list_model_get_n_items (controls);
  gboolean selected_there = FALSE;

  unwatch_controls (self);
  for (guint i = 0; i < n; i++)
    {
      TacetLayer *control = g_list_model_get_item (controls, i);

      g_signal_connect_object (control, "map-changed", G_CALLBACK (map_changed_cb), self, G_CONNECT_SWAPPED);
      g_signal_connect_object (control, "notify::visible", G_CALLBACK (invalidate_all), self, G_CONNECT_SWAPPED);
      selected_there |= control == self->selected;
      g_ptr_array_add (self->watched, control);
    }
  if (!selected_there)
    tacet_canvas_set_selected (self, NULL);
  invalidate_all (self);
}

/* ---- drawing ---- */

static int
collect_layers (TacetCanvas *self, TacetCompositeLayer layers[TACET_MAX_CONTROLS])
{
  int n = 0;

  for (guint i = 0; i < self->watched->len && n < TACET_MAX_CONTROLS; i++)
    {
      TacetLayer *control = g_ptr_array_index (self->watched, i);

      if (!tacet_canvas_get_control_visible (self, control) ||
          !tacet_layer_kind_is_control (tacet_layer_get_kind (control)))
        continue;
      layers[n++] = (TacetCompositeLayer){
        .kind = tacet_layer_get_kind (control),
        .map = tacet_layer_get_map (control),
        .coverage = tacet_layer_get_coverage (control),
        .colour = tacet_palette_control (i),
        .selected = control == self->selected,
      };
    }
  return n;
}

static void
compose_maps (TacetCanvas *self)
{
  TacetCompositeLayer layers[TACET_MAX_CONTROLS];
  int n = collect_layers (self, layers);
  int width = tacet_scene_get_width (self->scene), height = tacet_scene_get_height (self->scene);

  if (self->maps == NULL)
    {
      cairo_rectangle_int_t all = { 0, 0, width, height };

      self->maps = tacet_surface_new (width, height);
      cairo_region_union_rectangle (self->stale, &all);
    }
  if (self->maps != NULL)
    for (int i = 0; i < cairo_region_num_rectangles (self->stale); i++)
      {
        cairo_rectangle_int_t part;

        cairo_region_get_rectangle (self->stale, i, &part);
        tacet_composite_update (self->maps, layers, n, self->picture != NULL && self->show_picture, part.x, part.y,
                                part.width, part.height);
      }
  g_clear_pointer (&self->stale, cairo_region_destroy);
  self->stale = cairo_region_create ();
}

static TacetCanvasState
make_state (TacetCanvas *self)
{
  gboolean with_picture = self->picture != NULL && self->show_picture;
  TacetTool *tool = self->tools[self->tool];
  TacetCanvasState state = {
    .view = self->view,
    .width = tacet_scene_get_width (self->scene),
    .height = tacet_scene_get_height (self->scene),
    .dark = adw_style_manager_get_dark (adw_style_manager_get_default ()),
    .font = pango_context_get_font_description (gtk_widget_get_pango_context (GTK_WIDGET (self))),
    .picture = with_picture ? self->picture : NULL,
    .frame_label = with_picture ? self->frame_label : NULL,
    .ring_x = self->pointer_x,
    .ring_y = self->pointer_y,
  };

  if (self->pointer_inside && !self->space_held && self->drag != TACET_DRAG_PAN)
    state.show_ring = TACET_TOOL_GET_CLASS (tool)->ring (tool, &state.ring_diameter, &state.ring_dashed);
  if (_tacet_canvas_shows_maps (self))
    {
      compose_maps (self);
      state.maps = self->maps;
    }
  return state;
}

/* A cairo node over the part of (x, y, width, height) that is inside the widget; NULL: none is. */
static cairo_t *
append_part (GtkWidget *widget, GtkSnapshot *snapshot, double x, double y, double width, double height)
{
  graphene_rect_t part =
      GRAPHENE_RECT_INIT ((float) floor (x), (float) floor (y), (float) ceil (width) + 1, (float) ceil (height) + 1);
  graphene_rect_t whole = GRAPHENE_RECT_INIT (0, 0, gtk_widget_get_width (widget), gtk_widget_get_height (widget));

  if (!graphene_rect_intersection (&part, &whole, &part))
    return NULL;
  return gtk_snapshot_append_cairo (snapshot, &part);
}

static void
tacet_canvas_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  TacetCanvas *self = TACET_CANVAS (widget);
  double x, y, width, height, radius;
  TacetTool *tool = self->tools[self->tool];
  TacetCanvasState state;
  cairo_t *cr;

  if (self->scene == NULL)
    return;
  state = make_state (self);
  tacet_canvas_extents (&state, &x, &y, &width, &height);
  cr = append_part (widget, snapshot, x - 8, y - 8, width + 16, height + 20);
  if (cr != NULL)
    tacet_canvas_draw_document (&state, cr);
  g_clear_pointer (&cr, cairo_destroy);
  /* What a tool shows may lie outside the document. */
  cr = append_part (widget, snapshot, 0, 0, gtk_widget_get_width (widget), gtk_widget_get_height (widget));
  if (cr != NULL)
    {
      tacet_canvas_draw_overlays (&state, cr);
      TACET_TOOL_GET_CLASS (tool)->draw (tool, cr, &self->view);
    }
  g_clear_pointer (&cr, cairo_destroy);
  radius = state.ring_diameter * state.view.zoom / 2 + 4;
  cr = state.show_ring
           ? append_part (widget, snapshot, state.ring_x - radius, state.ring_y - radius, 2 * radius, 2 * radius)
           : NULL;
  if (cr != NULL)
    tacet_canvas_draw_ring (&state, cr);
  g_clear_pointer (&cr, cairo_destroy);
}

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
    g_signal_handlers_disconnect_by_func (tacet_scene_get_layers (self->scene), controls_changed_cb, self);
  unwatch_controls (self);
  g_clear_pointer (&self->maps, tacet_surface_free);
  tacet_canvas_set_picture (self, NULL, NULL);
  tacet_canvas_set_selected (self, NULL);
  g_set_object (&self->scene, scene);
  for (int i = 0; i < TACET_N_TOOLS; i++)
    TACET_TOOL_GET_CLASS (self->tools[i])->scene_changed (self->tools[i]);
  if (scene != NULL)
    {
      g_signal_connect_object (tacet_scene_get_layers (scene), "items-changed", G_CALLBACK (controls_changed_cb), self,
                               G_CONNECT_SWAPPED);
      controls_changed_cb (self);
      tacet_canvas_zoom_fit (self);
    }
  update_description (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SCENE]);
}

TacetScene *
tacet_canvas_get_scene (TacetCanvas *self)
{
  return self->scene;
}

void
tacet_canvas_set_selected (TacetCanvas *self, TacetLayer *control)
{
  if (self->selected == control)
    return;
  _tacet_canvas_cancel_drag (self);
  g_set_object (&self->selected, control);
  for (int i = 0; i < TACET_N_TOOLS; i++)
    TACET_TOOL_GET_CLASS (self->tools[i])->layer_changed (self->tools[i]);
  invalidate_all (self);
  update_description (self);
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
  _tacet_canvas_cancel_drag (self);
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

guint
tacet_canvas_get_n_uses (TacetCanvas *self)
{
  return self->n_uses;
}

void
tacet_canvas_set_picture (TacetCanvas *self, TacetImage *picture, const char *frame_label)
{
  gboolean had = self->picture != NULL;

  g_clear_pointer (&self->picture, tacet_surface_free);
  if (picture != NULL)
    self->picture = tacet_surface_new_from_image (picture);
  g_free (self->frame_label);
  self->frame_label = g_strdup (frame_label);
  if (had != (self->picture != NULL))
    invalidate_all (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

gboolean
tacet_canvas_get_control_visible (TacetCanvas *self, TacetLayer *control)
{
  return self->isolate ? control == self->selected : tacet_layer_get_visible (control);
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
  invalidate_all (self);
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
    case PROP_ISOLATE:
      set_boolean (self, &self->isolate, value, pspec);
      break;
    case PROP_MIRRORED:
      tacet_canvas_set_mirrored (self, g_value_get_boolean (value));
      break;
    case PROP_SHOW_OVERLAYS:
      set_boolean (self, &self->show_overlays, value, pspec);
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
  g_clear_pointer (&self->maps, tacet_surface_free);
  g_clear_pointer (&self->picture, tacet_surface_free);
  g_clear_pointer (&self->stale, cairo_region_destroy);
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
  widget_class->snapshot = tacet_canvas_snapshot;
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
  self->stale = cairo_region_create ();
  self->view.zoom = 1;
  self->fitted = TRUE;
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
