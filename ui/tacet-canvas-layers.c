/* tacet-canvas-layers.c: which layers the canvas shows, and when they must be laid over each other again.
 *
 * Room: ui.
 */
#define G_LOG_DOMAIN "tacet-canvas"

#include "config.h"

#include "ui/tacet-canvas-private.h"

static void
map_changed_cb (TacetCanvas *self, int x, int y, int width, int height, TacetLayer *layer)
{
  if (self->composite != NULL)
    tacet_composite_changed (self->composite, layer, x, y, width, height);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
layer_notify_cb (TacetCanvas *self)
{
  _tacet_canvas_update_description (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
_tacet_canvas_unwatch_layers (TacetCanvas *self)
{
  for (guint i = 0; i < self->watched->len; i++)
    g_signal_handlers_disconnect_by_data (g_ptr_array_index (self->watched, i), self);
  g_ptr_array_set_size (self->watched, 0);
}

void
_tacet_canvas_watch_layers (TacetCanvas *self)
{
  GListModel *layers = tacet_scene_get_layers (self->scene);
  guint n = g_list_model_get_n_items (layers);
  gboolean selected_there = FALSE;

  _tacet_canvas_unwatch_layers (self);
  for (guint i = 0; i < n; i++)
    {
      TacetLayer *layer = g_list_model_get_item (layers, i);

      g_signal_connect_object (layer, "map-changed", G_CALLBACK (map_changed_cb), self, G_CONNECT_SWAPPED);
      g_signal_connect_object (layer, "notify", G_CALLBACK (layer_notify_cb), self, G_CONNECT_SWAPPED);
      selected_there |= layer == self->selected;
      g_ptr_array_add (self->watched, layer);
    }
  if (!selected_there)
    {
      _tacet_canvas_cancel_drag (self); /* there is nothing left to finish */
      tacet_canvas_set_selected (self, NULL);
    }
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
_tacet_canvas_lift (TacetCanvas *self, TacetLayer *layer)
{
  if (g_set_object (&self->lifted, layer))
    gtk_widget_queue_draw (GTK_WIDGET (self));
}

static int
collect (TacetCanvas *self, TacetCompositeLayer layers[TACET_COMPOSITE_MAX_LAYERS])
{
  int n = 0, n_regions = 0;

  for (guint i = 0; i < self->watched->len && n < TACET_COMPOSITE_MAX_LAYERS; i++)
    {
      TacetLayer *layer = g_ptr_array_index (self->watched, i);
      TacetLayerKind kind = tacet_layer_get_kind (layer);
      int hatch = kind == TACET_LAYER_REGION ? n_regions++ : 0;

      if (layer == self->lifted || !tacet_canvas_get_control_visible (self, layer))
        continue;
      /* A mask that is off keeps nothing from being changed. */
      if (kind == TACET_LAYER_MASK && !tacet_layer_get_enabled (layer) && layer != self->selected)
        continue;
      layers[n++] = (TacetCompositeLayer){
        .key = layer,
        .kind = kind,
        .map = tacet_layer_get_map (layer),
        .coverage = tacet_layer_get_coverage (layer),
        .picture = tacet_layer_get_picture (layer),
        .colour = tacet_palette_control ((int) i),
        .hatch = hatch % TACET_N_HATCHES,
        .opacity = self->isolate ? 1 : tacet_layer_get_opacity (layer),
        .selected = layer == self->selected,
      };
    }
  return n;
}

void
_tacet_canvas_compose (TacetCanvas *self, gboolean over_result)
{
  TacetCompositeLayer layers[TACET_COMPOSITE_MAX_LAYERS];
  int n = collect (self, layers);

  if (self->composite == NULL)
    self->composite = tacet_composite_new (tacet_scene_get_width (self->scene), tacet_scene_get_height (self->scene));
  tacet_composite_set_layers (self->composite, layers, n, over_result);
  /* The composite tells layers apart by their addresses: those it knows must live until it knows better. */
  g_ptr_array_set_size (self->composed, 0);
  for (guint i = 0; i < self->watched->len; i++)
    g_ptr_array_add (self->composed, g_object_ref (self->watched->pdata[i]));
}
