/* tacet-coefficient-plot.c: the plot as a widget.  Drawing: tacet-coefficient-plot-draw.c.  Room: ui. */
#define G_LOG_DOMAIN "tacet-coefficient-plot"

#include "config.h"

#include "ui/tacet-coefficient-plot.h"

#include "ui/tacet-coefficient-plot-draw.h"

#include <adwaita.h>
#include <glib/gi18n.h>

struct _TacetCoefficientPlot
{
  GtkWidget parent_instance;

  TacetProgress *progress;
  int step;
  int colours[TACET_MAX_CONTROLS], n_colours;
  int hover_layer;
  double pointer_x;
  gboolean pointer_inside;
  char *read_out;
};

G_DEFINE_FINAL_TYPE (TacetCoefficientPlot, tacet_coefficient_plot, GTK_TYPE_WIDGET)

enum
{
  PROP_0,
  PROP_READ_OUT,
  N_PROPS
};
static GParamSpec *properties[N_PROPS];

static void
update_read_out (TacetCoefficientPlot *self)
{
  const TacetStepReport *report = tacet_coefficient_plot_find (self->progress, self->step);
  g_autofree char *text = NULL;
  int layer = -1;

  if (report != NULL && self->pointer_inside && report->n_controls > 0)
    layer =
        tacet_coefficient_plot_layer_at (gtk_widget_get_width (GTK_WIDGET (self)), report->n_layers, self->pointer_x);
  if (layer >= 0)
    text = tacet_coefficient_plot_read_out (self->progress, report, layer);
  self->hover_layer = layer;
  gtk_widget_queue_draw (GTK_WIDGET (self));
  if (g_strcmp0 (text, self->read_out) == 0)
    return;
  g_free (self->read_out);
  self->read_out = g_steal_pointer (&text);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_READ_OUT]);
}

static void
motion_cb (TacetCoefficientPlot *self, double x, double y)
{
  self->pointer_x = x;
  self->pointer_inside = TRUE;
  update_read_out (self);
}

static void
leave_cb (TacetCoefficientPlot *self)
{
  self->pointer_inside = FALSE;
  update_read_out (self);
}

static void
tacet_coefficient_plot_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  TacetCoefficientPlot *self = TACET_COEFFICIENT_PLOT (widget);
  int width = gtk_widget_get_width (widget), height = gtk_widget_get_height (widget);
  TacetPlotStyle style = {
    .dark = adw_style_manager_get_dark (adw_style_manager_get_default ()),
    .hover_layer = self->hover_layer,
    .font = pango_context_get_font_description (gtk_widget_get_pango_context (widget)),
    .colour_of_control = self->n_colours > 0 ? self->colours : NULL,
    .n_colours = self->n_colours,
  };
  cairo_t *cr = gtk_snapshot_append_cairo (snapshot, &GRAPHENE_RECT_INIT (0, 0, width, height));

  tacet_coefficient_plot_draw (cr, width, height, self->progress, self->step, &style);
  cairo_destroy (cr);
}

static void
tacet_coefficient_plot_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum, int *natural,
                                int *minimum_baseline, int *natural_baseline)
{
  *minimum = orientation == GTK_ORIENTATION_HORIZONTAL ? 240 : 110;
  *natural = orientation == GTK_ORIENTATION_HORIZONTAL ? 640 : 140;
}

void
tacet_coefficient_plot_set_progress (TacetCoefficientPlot *self, TacetProgress *progress)
{
  if (progress != NULL)
    tacet_progress_ref (progress);
  g_clear_pointer (&self->progress, tacet_progress_unref);
  self->progress = progress;
  update_read_out (self);
}

void
tacet_coefficient_plot_set_step (TacetCoefficientPlot *self, int step)
{
  self->step = step;
  update_read_out (self);
}

void
tacet_coefficient_plot_set_colours (TacetCoefficientPlot *self, const int *colours, int n)
{
  self->n_colours = MIN (n, TACET_MAX_CONTROLS);
  for (int i = 0; i < self->n_colours; i++)
    self->colours[i] = colours[i];
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
tacet_coefficient_plot_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  if (id == PROP_READ_OUT)
    g_value_set_string (value, TACET_COEFFICIENT_PLOT (object)->read_out);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
tacet_coefficient_plot_finalize (GObject *object)
{
  TacetCoefficientPlot *self = TACET_COEFFICIENT_PLOT (object);

  g_clear_pointer (&self->progress, tacet_progress_unref);
  g_free (self->read_out);
  G_OBJECT_CLASS (tacet_coefficient_plot_parent_class)->finalize (object);
}

static void
tacet_coefficient_plot_class_init (TacetCoefficientPlotClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  object_class->get_property = tacet_coefficient_plot_get_property;
  object_class->finalize = tacet_coefficient_plot_finalize;
  widget_class->snapshot = tacet_coefficient_plot_snapshot;
  widget_class->measure = tacet_coefficient_plot_measure;
  properties[PROP_READ_OUT] = g_param_spec_string ("read-out", NULL, NULL, NULL,
                                                   G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  gtk_widget_class_set_css_name (widget_class, "plot");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
tacet_coefficient_plot_init (TacetCoefficientPlot *self)
{
  GtkEventController *motion = gtk_event_controller_motion_new ();

  self->step = TACET_PLOT_LAST_STEP;
  self->hover_layer = -1;
  g_signal_connect_swapped (motion, "enter", G_CALLBACK (motion_cb), self);
  g_signal_connect_swapped (motion, "motion", G_CALLBACK (motion_cb), self);
  g_signal_connect_swapped (motion, "leave", G_CALLBACK (leave_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), motion);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Coefficient plot"),
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                  _ ("The same numbers stand in the table beside it."), -1);
  g_signal_connect_object (adw_style_manager_get_default (), "notify::dark", G_CALLBACK (gtk_widget_queue_draw), self,
                           G_CONNECT_SWAPPED);
}
