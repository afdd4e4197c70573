/* tacet-canvas-view.c: how the document is looked at: moved, enlarged, turned, mirrored.
 *
 * Room: ui.  Nothing here changes the document or its history.
 */
#define G_LOG_DOMAIN "tacet-canvas"

#include "config.h"

#include "ui/tacet-canvas-private.h"

#include <math.h>

#define FIT_MARGIN 20

void
_tacet_canvas_view_changed (TacetCanvas *self, gboolean by_user)
{
  int scale = gtk_widget_get_scale_factor (GTK_WIDGET (self));

  if (self->scene == NULL)
    return;
  if (by_user)
    {
      self->fitted = FALSE;
      tacet_view_keep_visible (&self->view, tacet_scene_get_width (self->scene), tacet_scene_get_height (self->scene),
                               gtk_widget_get_width (GTK_WIDGET (self)), gtk_widget_get_height (GTK_WIDGET (self)), 40);
    }
  /* On whole pixels of the screen, so that what is drawn can be moved. */
  self->view.off_x = round (self->view.off_x * scale) / scale;
  self->view.off_y = round (self->view.off_y * scale) / scale;
  gtk_widget_queue_draw (GTK_WIDGET (self));
  g_object_notify (G_OBJECT (self), "zoom");
  g_object_notify (G_OBJECT (self), "angle");
}

static gboolean
zoom_settled_cb (gpointer data)
{
  TacetCanvas *self = data;

  self->zoom_source = 0;
  g_object_notify (G_OBJECT (self), "zoom");
  return G_SOURCE_REMOVE;
}

void
_tacet_canvas_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  TacetCanvas *self = TACET_CANVAS (widget);

  if (!self->fitted || self->scene == NULL)
    return;
  tacet_view_fit (&self->view, tacet_scene_get_width (self->scene), tacet_scene_get_height (self->scene), width, height,
                  FIT_MARGIN);
  /* Who hears of the new zoom may change sizes, which must wait until this allocation is over. */
  if (self->zoom_source == 0)
    self->zoom_source = g_idle_add_full (G_PRIORITY_HIGH, zoom_settled_cb, self, NULL);
}

void
tacet_canvas_zoom_fit (TacetCanvas *self)
{
  if (self->scene == NULL)
    return;
  tacet_view_fit (&self->view, tacet_scene_get_width (self->scene), tacet_scene_get_height (self->scene),
                  gtk_widget_get_width (GTK_WIDGET (self)), gtk_widget_get_height (GTK_WIDGET (self)), FIT_MARGIN);
  self->fitted = TRUE;
  _tacet_canvas_view_changed (self, FALSE);
}

void
tacet_canvas_zoom_by (TacetCanvas *self, double factor)
{
  tacet_view_zoom_at (&self->view, factor, gtk_widget_get_width (GTK_WIDGET (self)) / 2.0,
                      gtk_widget_get_height (GTK_WIDGET (self)) / 2.0);
  _tacet_canvas_view_changed (self, TRUE);
}

void
tacet_canvas_zoom_to (TacetCanvas *self, double zoom)
{
  tacet_canvas_zoom_by (self, zoom / self->view.zoom);
}

double
tacet_canvas_get_zoom (TacetCanvas *self)
{
  return self->view.zoom;
}

void
tacet_canvas_turn (TacetCanvas *self, double degrees)
{
  tacet_view_turn_at (&self->view, degrees, gtk_widget_get_width (GTK_WIDGET (self)) / 2.0,
                      gtk_widget_get_height (GTK_WIDGET (self)) / 2.0);
  if (self->fitted)
    tacet_canvas_zoom_fit (self);
  _tacet_canvas_view_changed (self, !self->fitted);
}

void
tacet_canvas_set_mirrored (TacetCanvas *self, gboolean mirrored)
{
  if (self->view.mirrored == mirrored)
    return;
  tacet_view_mirror_at (&self->view, gtk_widget_get_width (GTK_WIDGET (self)) / 2.0);
  _tacet_canvas_view_changed (self, !self->fitted);
  g_object_notify (G_OBJECT (self), "mirrored");
}

void
tacet_canvas_turn_upright (TacetCanvas *self)
{
  tacet_canvas_set_mirrored (self, FALSE);
  tacet_canvas_turn (self, -self->view.angle);
}

double
tacet_canvas_get_angle (TacetCanvas *self)
{
  return self->view.angle;
}

gboolean
tacet_canvas_get_mirrored (TacetCanvas *self)
{
  return self->view.mirrored;
}
