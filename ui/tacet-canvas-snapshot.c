/* tacet-canvas-snapshot.c: the canvas becomes render nodes; what has not changed stays the same node, which GTK does
 * not draw again.
 *
 * Room: ui.
 */
#define G_LOG_DOMAIN "tacet-canvas"

#include "config.h"

#include "ui/tacet-canvas-private.h"

#include <adwaita.h>
#include <math.h>
#include <string.h>

static TacetCanvasState
make_state (TacetCanvas *self)
{
  gboolean with_picture = self->picture != NULL && self->show_picture && !self->isolate;
  TacetTool *tool = self->tools[self->tool];
  TacetCanvasState state = {
    .view = self->view,
    .width = tacet_scene_get_width (self->scene),
    .height = tacet_scene_get_height (self->scene),
    .widget_width = gtk_widget_get_width (GTK_WIDGET (self)),
    .widget_height = gtk_widget_get_height (GTK_WIDGET (self)),
    .dark = adw_style_manager_get_dark (adw_style_manager_get_default ()),
    .font = pango_context_get_font_description (gtk_widget_get_pango_context (GTK_WIDGET (self))),
    .right_to_left = gtk_widget_get_direction (GTK_WIDGET (self)) == GTK_TEXT_DIR_RTL,
    .rulers = self->show_rulers,
    .picture = with_picture ? self->picture : NULL,
    .frame_label = with_picture ? self->frame_label : NULL,
    .hud = self->show_hud ? self->hud : NULL,
    .ring_x = self->pointer_x,
    .ring_y = self->pointer_y,
  };

  if (self->pointer_inside && !self->space_held && self->drag != TACET_DRAG_PAN)
    state.show_ring = TACET_TOOL_GET_CLASS (tool)->ring (tool, &state.ring_diameter, &state.ring_dashed);
  if (_tacet_canvas_shows_maps (self) || self->isolate)
    {
      _tacet_canvas_compose (self, with_picture);
      state.layers = tacet_composite_get_surface (self->composite);
      state.inks = tacet_composite_get_inks (self->composite);
    }
  return state;
}

/* ---- parts that are kept ---- */

typedef void (*DrawPart) (const TacetCanvasState *state, cairo_t *cr);

/* What such a part depends on, compared byte by byte. */
static void
fill_key (const TacetCanvasState *state, const char *text, TacetKeptKey *key)
{
  memset (key, 0, sizeof *key);
  key->zoom = state->view.zoom;
  key->angle = state->view.angle;
  key->off_x = state->view.off_x;
  key->off_y = state->view.off_y;
  key->mirrored = state->view.mirrored;
  key->width = state->width;
  key->height = state->height;
  key->widget_width = state->widget_width;
  key->widget_height = state->widget_height;
  key->flags = state->dark | state->rulers << 1 | state->right_to_left << 2;
  key->text = text != NULL ? g_str_hash (text) : 0;
  key->font = state->font != NULL ? pango_font_description_hash (state->font) : 0;
}

/* What was drawn, where there is ink; NULL: nowhere. */
static GskRenderNode *
node_of_drawing (cairo_surface_t *drawing, const TacetCanvasState *state)
{
  graphene_rect_t whole = GRAPHENE_RECT_INIT (0, 0, (float) state->widget_width, (float) state->widget_height), part;
  double x, y, width, height;
  GskRenderNode *node;
  cairo_t *cr;

  cairo_recording_surface_ink_extents (drawing, &x, &y, &width, &height);
  part = GRAPHENE_RECT_INIT ((float) floor (x), (float) floor (y), (float) (ceil (x + width) - floor (x)),
                             (float) (ceil (y + height) - floor (y)));
  if (width <= 0 || height <= 0 || !graphene_rect_intersection (&part, &whole, &part))
    return NULL;
  node = gsk_cairo_node_new (&part);
  cr = gsk_cairo_node_get_draw_context (node);
  cairo_set_source_surface (cr, drawing, 0, 0);
  cairo_paint (cr);
  cairo_destroy (cr);
  return node;
}

static void
append_kept (TacetKept *kept, const TacetCanvasState *state, const char *text, DrawPart draw, GtkSnapshot *snapshot)
{
  TacetKeptKey key;

  fill_key (state, text, &key);
  if (!kept->valid || memcmp (&key, &kept->key, sizeof key) != 0)
    {
      cairo_surface_t *drawing = cairo_recording_surface_create (CAIRO_CONTENT_COLOR_ALPHA, NULL);
      cairo_t *cr = cairo_create (drawing);

      draw (state, cr);
      cairo_destroy (cr);
      g_clear_pointer (&kept->node, gsk_render_node_unref);
      kept->node = node_of_drawing (drawing, state);
      kept->key = key;
      kept->valid = TRUE;
      cairo_surface_destroy (drawing);
    }
  if (kept->node != NULL)
    gtk_snapshot_append_node (snapshot, kept->node);
}

void
_tacet_canvas_forget_kept (TacetCanvas *self)
{
  for (int i = 0; i < TACET_N_KEPT; i++)
    {
      g_clear_pointer (&self->kept[i].node, gsk_render_node_unref);
      self->kept[i].valid = FALSE;
    }
}

/* ---- parts that are drawn in every frame ---- */

/* A tool may draw anywhere; mostly it does so in a few places, or not at all. */
static void
append_tool (TacetCanvas *self, const TacetCanvasState *state, GtkSnapshot *snapshot)
{
  cairo_surface_t *drawing = cairo_recording_surface_create (CAIRO_CONTENT_COLOR_ALPHA, NULL);
  cairo_t *cr = cairo_create (drawing);
  GskRenderNode *node;

  TACET_TOOL_GET_CLASS (self->tools[self->tool])->draw (self->tools[self->tool], cr, &self->view);
  cairo_destroy (cr);
  node = node_of_drawing (drawing, state);
  if (node != NULL)
    gtk_snapshot_append_node (snapshot, node);
  g_clear_pointer (&node, gsk_render_node_unref);
  cairo_surface_destroy (drawing);
}

static void
append_ring (const TacetCanvasState *state, GtkSnapshot *snapshot)
{
  double radius = ceil (MAX (state->ring_diameter * state->view.zoom / 2, 2) + 4);
  graphene_rect_t part =
      GRAPHENE_RECT_INIT ((float) floor (state->ring_x - radius), (float) floor (state->ring_y - radius),
                          (float) (2 * radius + 1), (float) (2 * radius + 1));
  graphene_rect_t whole = GRAPHENE_RECT_INIT (0, 0, (float) state->widget_width, (float) state->widget_height);
  cairo_t *cr;

  if (!state->show_ring || !graphene_rect_intersection (&part, &whole, &part))
    return;
  cr = gtk_snapshot_append_cairo (snapshot, &part);
  tacet_canvas_draw_ring (state, cr);
  cairo_destroy (cr);
}

static void
append_ruler_mark (const TacetCanvasState *state, gboolean down, GtkSnapshot *snapshot)
{
  float at = (float) floor (down ? state->ring_y : state->ring_x), breadth = TACET_CANVAS_RULER;
  graphene_rect_t part =
      GRAPHENE_RECT_INIT (down ? 0 : at - 5, down ? at - 5 : 0, down ? breadth : 11, down ? 11 : breadth);
  cairo_t *cr;

  if (at < breadth)
    return;
  cr = gtk_snapshot_append_cairo (snapshot, &part);
  tacet_canvas_draw_ruler_mark (state, cr, down);
  cairo_destroy (cr);
}

static gboolean
draw_again_cb (GtkWidget *widget, GdkFrameClock *clock, gpointer data)
{
  TACET_CANVAS (widget)->tick = 0;
  gtk_widget_queue_draw (widget);
  return G_SOURCE_REMOVE;
}

static void
append_document (TacetCanvas *self, const TacetCanvasState *state, GtkSnapshot *snapshot)
{
  TacetScreen screen = tacet_canvas_get_screen (state, gtk_widget_get_scale_factor (GTK_WIDGET (self)));

  if (state->layers != NULL)
    {
      cairo_region_t *damage = tacet_composite_take_damage (self->composite);

      tacet_canvas_tiles_damage (self->tiles, &screen, damage);
      cairo_region_destroy (damage);
    }
  if (!tacet_canvas_tiles_snapshot (self->tiles, &screen, state->widget_width, state->widget_height, snapshot) &&
      self->tick == 0)
    self->tick = gtk_widget_add_tick_callback (GTK_WIDGET (self), draw_again_cb, NULL, NULL);
}

/* For benchmarks/first-frame. */
static void
first_frame_cb (TacetCanvas *self, GdkFrameClock *clock)
{
  g_signal_handlers_disconnect_by_func (clock, first_frame_cb, self);
  g_debug ("first frame");
}

void
_tacet_canvas_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  TacetCanvas *self = TACET_CANVAS (widget);
  TacetCanvasState state;

  if (self->scene == NULL)
    return;
  _tacet_canvas_update_hud (self);
  state = make_state (self);
  if (!self->was_drawn)
    g_signal_connect_object (gtk_widget_get_frame_clock (widget), "after-paint", G_CALLBACK (first_frame_cb), self,
                             G_CONNECT_SWAPPED);
  self->was_drawn = TRUE;
  append_kept (&self->kept[TACET_KEPT_SHADOW], &state, NULL, tacet_canvas_draw_shadow, snapshot);
  append_document (self, &state, snapshot);
  append_kept (&self->kept[TACET_KEPT_FRAME], &state, state.frame_label, tacet_canvas_draw_overlays, snapshot);
  append_tool (self, &state, snapshot);
  if (self->show_rulers)
    append_kept (&self->kept[TACET_KEPT_RULERS], &state, NULL, tacet_canvas_draw_rulers, snapshot);
  if (self->show_rulers && self->pointer_inside && self->view.angle == 0)
    {
      append_ruler_mark (&state, FALSE, snapshot);
      append_ruler_mark (&state, TRUE, snapshot);
    }
  append_ring (&state, snapshot);
  if (state.hud != NULL)
    append_kept (&self->kept[TACET_KEPT_HUD], &state, state.hud, tacet_canvas_draw_hud, snapshot);
}
