/* tacet-staging-item.c: see tacet-staging-item.h.  Room: ui. */
#define G_LOG_DOMAIN "tacet-staging-item"

#include "config.h"

#include "ui/tacet-staging-item.h"

#include <adwaita.h>
#include <glib/gi18n.h>
#include <math.h>

#define SIDE   64
#define RADIUS 6
#define RING   11

struct _TacetStagingItem
{
  GtkWidget parent_instance;

  GtkWidget *area, *label;

  TacetCandidate *candidate; /* NULL: pending */
  guint64 seed;
  double fraction; /* of a pending one */
  gboolean selected, compared;
  cairo_surface_t *pixels; /* twice the size that is shown */
  gboolean making;         /* a thread makes new ones */
};

G_DEFINE_FINAL_TYPE (TacetStagingItem, tacet_staging_item, GTK_TYPE_WIDGET)

/* ---- the thumbnail ---- */

static cairo_surface_t *
to_surface (const TacetImage *image)
{
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, image->width, image->height);
  int stride;

  if (cairo_surface_status (surface) != CAIRO_STATUS_SUCCESS)
    {
      cairo_surface_destroy (surface);
      return NULL;
    }
  stride = cairo_image_surface_get_stride (surface);
  for (int y = 0; y < image->height; y++)
    {
      guint32 *row = (guint32 *) (gpointer) (cairo_image_surface_get_data (surface) + (gsize) y * stride);

      for (int x = 0; x < image->width; x++)
        {
          const guint8 *p = image->data + 3 * ((gsize) y * image->width + x);

          row[x] = (guint32) p[0] << 16 | (guint32) p[1] << 8 | p[2];
        }
    }
  cairo_surface_mark_dirty (surface);
  return surface;
}

static void
shrink_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  const TacetImage *image = data;
  double scale = MIN (2.0 * SIDE / MAX (image->width, image->height), 1);
  g_autoptr (TacetImage) small = tacet_image_resize (image, MAX ((int) lround (image->width * scale), 1),
                                                     MAX ((int) lround (image->height * scale), 1), FALSE);

  g_task_return_pointer (task, small != NULL ? tacet_image_convert (small, 3) : NULL,
                         (GDestroyNotify) tacet_image_unref);
}

static void
shrunk_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  TacetStagingItem *self = TACET_STAGING_ITEM (source);
  g_autoptr (TacetImage) small = g_task_propagate_pointer (G_TASK (result), NULL);

  self->making = FALSE;
  if (small == NULL || self->area == NULL)
    return;
  g_clear_pointer (&self->pixels, cairo_surface_destroy);
  self->pixels = to_surface (small);
  gtk_widget_queue_draw (self->area);
}

/* Large results take a moment to shrink; the window does not wait. */
static void
make_thumbnail (TacetStagingItem *self, TacetImage *image)
{
  g_autoptr (GTask) task = NULL;

  if (self->making)
    return;
  self->making = TRUE;
  task = g_task_new (self, NULL, shrunk_cb, NULL);
  g_task_set_source_tag (task, make_thumbnail);
  g_task_set_task_data (task, tacet_image_ref (image), (GDestroyNotify) tacet_image_unref);
  g_task_run_in_thread (task, shrink_thread);
}

/* ---- drawing ---- */

static void
rounded (cairo_t *cr, double x, double y, double width, double height, double radius)
{
  cairo_new_sub_path (cr);
  cairo_arc (cr, x + width - radius, y + radius, radius, -G_PI_2, 0);
  cairo_arc (cr, x + width - radius, y + height - radius, radius, 0, G_PI_2);
  cairo_arc (cr, x + radius, y + height - radius, radius, G_PI_2, G_PI);
  cairo_arc (cr, x + radius, y + radius, radius, G_PI, 3 * G_PI_2);
  cairo_close_path (cr);
}

static void
draw_picture (TacetStagingItem *self, cairo_t *cr)
{
  double width = cairo_image_surface_get_width (self->pixels), height = cairo_image_surface_get_height (self->pixels);
  double scale = MAX (SIDE / width, SIDE / height);

  /* Cut to a square, the middle of the picture in its middle. */
  cairo_translate (cr, (SIDE - width * scale) / 2, (SIDE - height * scale) / 2);
  cairo_scale (cr, scale, scale);
  cairo_set_source_surface (cr, self->pixels, 0, 0);
  cairo_pattern_set_filter (cairo_get_source (cr), scale > 1 ? CAIRO_FILTER_NEAREST : CAIRO_FILTER_GOOD);
  cairo_paint (cr);
}

static void
draw_ring (cairo_t *cr, double fraction)
{
  cairo_set_source_rgba (cr, 0, 0, 0, 0.55);
  cairo_arc (cr, SIDE / 2.0, SIDE / 2.0, RING + 5, 0, 2 * G_PI);
  cairo_fill (cr);
  cairo_set_line_width (cr, 4);
  cairo_set_source_rgba (cr, 1, 1, 1, 0.3);
  cairo_arc (cr, SIDE / 2.0, SIDE / 2.0, RING, 0, 2 * G_PI);
  cairo_stroke (cr);
  cairo_set_source_rgb (cr, 1, 1, 1);
  cairo_arc (cr, SIDE / 2.0, SIDE / 2.0, RING, -G_PI_2, -G_PI_2 + 2 * G_PI * CLAMP (fraction, 0.01, 1));
  cairo_stroke (cr);
}

static void
draw_star (cairo_t *cr, double x, double y, double radius)
{
  for (int i = 0; i < 10; i++)
    {
      double angle = -G_PI_2 + i * G_PI / 5, length = i % 2 ? radius * 0.42 : radius;

      cairo_line_to (cr, x + cos (angle) * length, y + sin (angle) * length);
    }
  cairo_close_path (cr);
}

static void
draw_badges (TacetStagingItem *self, cairo_t *cr)
{
  if (self->candidate != NULL && tacet_candidate_get_starred (self->candidate))
    {
      draw_star (cr, SIDE - 11, 11, 8);
      cairo_set_source_rgba (cr, 0, 0, 0, 0.6);
      cairo_set_line_width (cr, 2.5);
      cairo_set_line_join (cr, CAIRO_LINE_JOIN_ROUND);
      cairo_stroke_preserve (cr);
      cairo_set_source_rgb (cr, 1, 0.84, 0.2);
      cairo_fill (cr);
    }
  if (self->compared)
    {
      cairo_set_source_rgba (cr, 0, 0, 0, 0.6);
      rounded (cr, 5, 5, 18, 18, 4);
      cairo_fill (cr);
      cairo_set_source_rgb (cr, 1, 1, 1);
      cairo_rectangle (cr, 9, 9, 4, 10);
      cairo_rectangle (cr, 15, 9, 4, 10);
      cairo_fill (cr);
    }
}

static void
draw_cb (GtkDrawingArea *area, cairo_t *cr, int width, int height, gpointer data)
{
  TacetStagingItem *self = data;
  GdkRGBA colour;

  cairo_translate (cr, (width - SIDE) / 2.0, (height - SIDE) / 2.0);
  cairo_save (cr);
  rounded (cr, 0, 0, SIDE, SIDE, RADIUS);
  cairo_clip (cr);
  cairo_set_source_rgba (cr, 0.5, 0.5, 0.5, 0.25);
  cairo_paint (cr);
  if (self->pixels != NULL)
    draw_picture (self, cr);
  cairo_restore (cr);
  if (self->candidate == NULL)
    draw_ring (cr, self->fraction);
  else if (!tacet_candidate_get_finished (self->candidate))
    draw_ring (cr, 1);
  draw_badges (self, cr);
  if (self->selected &&
      gtk_style_context_lookup_color (gtk_widget_get_style_context (GTK_WIDGET (self)), "accent_bg_color", &colour))
    {
      gdk_cairo_set_source_rgba (cr, &colour);
      cairo_set_line_width (cr, 3);
      rounded (cr, -2.5, -2.5, SIDE + 5, SIDE + 5, RADIUS + 2.5);
      cairo_stroke (cr);
    }
}

/* ---- what it says ---- */

static void
show_state (TacetStagingItem *self)
{
  g_autofree char *seed = g_strdup_printf ("%" G_GUINT64_FORMAT, self->seed);
  gboolean starred = self->candidate != NULL && tacet_candidate_get_starred (self->candidate);
  /* Translators: what a screen reader says of a result; %s is its noise seed */
  g_autofree char *name = self->candidate == NULL ? g_strdup_printf (_ ("Being made, seed %s"), seed)
                          : starred               ? g_strdup_printf (_ ("Result with a star, seed %s"), seed)
                                                  : g_strdup_printf (_ ("Result, seed %s"), seed);

  gtk_label_set_text (GTK_LABEL (self->label), seed);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self), name);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  gtk_accessible_update_state (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_STATE_SELECTED, self->selected, -1);
  gtk_widget_queue_draw (self->area);
}

TacetCandidate *
tacet_staging_item_get_candidate (TacetStagingItem *self)
{
  return self->candidate;
}

void
tacet_staging_item_set_progress (TacetStagingItem *self, double fraction, TacetImage *preview)
{
  self->fraction = fraction;
  if (preview != NULL)
    make_thumbnail (self, preview);
  gtk_widget_queue_draw (self->area);
}

void
tacet_staging_item_set_selected (TacetStagingItem *self, gboolean selected)
{
  if (self->selected == selected)
    return;
  self->selected = selected;
  show_state (self);
}

void
tacet_staging_item_set_compared (TacetStagingItem *self, gboolean compared)
{
  self->compared = compared;
  gtk_widget_queue_draw (self->area);
}

/* ---- class ---- */

static void
tacet_staging_item_dispose (GObject *object)
{
  TacetStagingItem *self = TACET_STAGING_ITEM (object);

  g_clear_pointer (&self->area, gtk_widget_unparent);
  g_clear_pointer (&self->label, gtk_widget_unparent);
  g_clear_object (&self->candidate);
  G_OBJECT_CLASS (tacet_staging_item_parent_class)->dispose (object);
}

static void
tacet_staging_item_finalize (GObject *object)
{
  g_clear_pointer (&TACET_STAGING_ITEM (object)->pixels, cairo_surface_destroy);
  G_OBJECT_CLASS (tacet_staging_item_parent_class)->finalize (object);
}

static void
tacet_staging_item_class_init (TacetStagingItemClass *class)
{
  G_OBJECT_CLASS (class)->dispose = tacet_staging_item_dispose;
  G_OBJECT_CLASS (class)->finalize = tacet_staging_item_finalize;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (class), GTK_TYPE_BOX_LAYOUT);
  gtk_widget_class_set_css_name (GTK_WIDGET_CLASS (class), "result");
  gtk_widget_class_set_accessible_role (GTK_WIDGET_CLASS (class), GTK_ACCESSIBLE_ROLE_LIST_ITEM);
}

static void
tacet_staging_item_init (TacetStagingItem *self)
{
  GtkLayoutManager *layout = gtk_widget_get_layout_manager (GTK_WIDGET (self));

  gtk_orientable_set_orientation (GTK_ORIENTABLE (layout), GTK_ORIENTATION_VERTICAL);
  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
  self->area = g_object_new (GTK_TYPE_DRAWING_AREA, "content-width", SIDE + 8, "content-height", SIDE + 8,
                             "accessible-role", GTK_ACCESSIBLE_ROLE_PRESENTATION, NULL);
  gtk_drawing_area_set_draw_func (GTK_DRAWING_AREA (self->area), draw_cb, self, NULL);
  self->label = gtk_label_new (NULL);
  gtk_label_set_ellipsize (GTK_LABEL (self->label), PANGO_ELLIPSIZE_MIDDLE);
  gtk_label_set_max_width_chars (GTK_LABEL (self->label), 1);
  gtk_widget_add_css_class (self->label, "caption");
  gtk_widget_add_css_class (self->label, "dim-label");
  gtk_widget_add_css_class (self->label, "numeric");
  gtk_widget_set_parent (self->area, GTK_WIDGET (self));
  gtk_widget_set_parent (self->label, GTK_WIDGET (self));
}

GtkWidget *
tacet_staging_item_new (TacetCandidate *candidate)
{
  TacetStagingItem *self = g_object_new (TACET_TYPE_STAGING_ITEM, NULL);

  self->candidate = g_object_ref (candidate);
  self->seed = tacet_candidate_get_seed (candidate);
  g_signal_connect_object (candidate, "notify", G_CALLBACK (show_state), self, G_CONNECT_SWAPPED);
  make_thumbnail (self, tacet_candidate_get_image (candidate));
  show_state (self);
  return GTK_WIDGET (self);
}

GtkWidget *
tacet_staging_item_new_pending (guint64 seed)
{
  TacetStagingItem *self = g_object_new (TACET_TYPE_STAGING_ITEM, NULL);

  self->seed = seed;
  show_state (self);
  return GTK_WIDGET (self);
}
