/* tacet-diagnostics.c: the pane with the coefficients of a run.  Room: ui. */
#define G_LOG_DOMAIN "tacet-diagnostics"

#include "config.h"

#include "ui/tacet-diagnostics.h"

#include "ui/tacet-coefficient-plot-draw.h"
#include "ui/tacet-coefficient-plot.h"

#include <glib/gi18n.h>
#include <math.h>

struct _TacetDiagnostics
{
  GtkWidget parent_instance;

  GtkStack *stack; /* "empty", "plot", "table" */
  TacetCoefficientPlot *plot;
  GtkGrid *table;
  GtkScale *scrubber;
  GtkLabel *read_out;

  TacetProgress *progress;
  gboolean follow, show_table, syncing;
};

G_DEFINE_FINAL_TYPE (TacetDiagnostics, tacet_diagnostics, GTK_TYPE_WIDGET)

enum
{
  PROP_0,
  PROP_FOLLOW,
  PROP_SHOW_TABLE,
  N_PROPS
};
static GParamSpec *properties[N_PROPS];

static int
last_step (TacetDiagnostics *self)
{
  const TacetStepReport *report = tacet_coefficient_plot_find (self->progress, TACET_PLOT_LAST_STEP);

  return report != NULL ? report->step : -1;
}

int
tacet_diagnostics_get_step (TacetDiagnostics *self)
{
  int last = last_step (self);

  return last < 0 ? -1 : MIN ((int) lround (gtk_range_get_value (GTK_RANGE (self->scrubber))) - 1, last);
}

/* ---- the table: the plot in words and numbers ---- */

static void
table_cell (TacetDiagnostics *self, int column, int row, const char *text, gboolean head)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), column == 0 ? 0 : 1);
  gtk_label_set_selectable (GTK_LABEL (label), FALSE);
  gtk_widget_add_css_class (label, head ? "heading" : "numeric");
  gtk_grid_attach (self->table, label, column, row, 1, 1);
}

static void
table_number (TacetDiagnostics *self, int column, int row, double value)
{
  g_autofree char *text = g_strdup_printf ("%.4g", value);

  table_cell (self, column, row, text, FALSE);
}

static void
fill_table_head (TacetDiagnostics *self, const TacetStepReport *report)
{
  int column = 0;

  table_cell (self, column++, 0, _ ("Layer"), TRUE);
  for (int i = 0; i < report->n_controls; i++)
    table_cell (self, column++, 0, g_ptr_array_index (self->progress->control_names, report->controls[i]), TRUE);
  table_cell (self, column++, 0, "λ", TRUE);
  table_cell (self, column++, 0, "|f|", TRUE);
  table_cell (self, column++, 0, "|c|", TRUE);
  /* Translators: cosine of the angle between two feature vectors */
  table_cell (self, column++, 0, _ ("cos"), TRUE);
}

static void
fill_table (TacetDiagnostics *self)
{
  const TacetStepReport *report = tacet_coefficient_plot_find (self->progress, tacet_diagnostics_get_step (self));
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->table))) != NULL)
    gtk_grid_remove (self->table, child);
  if (report == NULL || !self->show_table)
    return;
  fill_table_head (self, report);
  for (int l = 0; l < report->n_layers; l++)
    {
      const TacetBalance *balance = &report->layers[l].balance;
      double norms = balance->unet_norm * balance->combined_norm;
      g_autofree char *name = tacet_coefficient_plot_layer_name (report, l);
      int column = 0;

      table_cell (self, column++, l + 1, name, FALSE);
      for (int i = 0; i < report->n_controls; i++)
        table_number (self, column++, l + 1, balance->weights[i]);
      table_number (self, column++, l + 1, balance->lambda);
      table_number (self, column++, l + 1, balance->unet_norm);
      table_number (self, column++, l + 1, balance->combined_norm);
      if (norms > 0)
        table_number (self, column++, l + 1, balance->unet_dot_combined / norms);
    }
}

/* ---- steps ---- */

static void
show_step (TacetDiagnostics *self)
{
  tacet_coefficient_plot_set_step (self->plot, tacet_diagnostics_get_step (self));
  fill_table (self);
}

static void
update_page (TacetDiagnostics *self)
{
  const char *page = last_step (self) < 0 ? "empty" : self->show_table ? "table" : "plot";

  gtk_stack_set_visible_child_name (self->stack, page);
  gtk_widget_set_sensitive (GTK_WIDGET (self->scrubber), last_step (self) >= 0);
}

void
tacet_diagnostics_set_progress (TacetDiagnostics *self, TacetProgress *progress, const int *colours, int n_colours)
{
  int last;

  if (progress != NULL)
    tacet_progress_ref (progress);
  g_clear_pointer (&self->progress, tacet_progress_unref);
  self->progress = progress;
  last = last_step (self);
  tacet_coefficient_plot_set_colours (self->plot, colours, n_colours);
  tacet_coefficient_plot_set_progress (self->plot, progress);
  self->syncing = TRUE;
  gtk_range_set_range (GTK_RANGE (self->scrubber), 1, MAX (last + 1, 2));
  if (self->follow && last >= 0)
    gtk_range_set_value (GTK_RANGE (self->scrubber), last + 1);
  self->syncing = FALSE;
  update_page (self);
  show_step (self);
}

static void
set_follow (TacetDiagnostics *self, gboolean follow)
{
  if (self->follow == follow)
    return;
  self->follow = follow;
  if (follow && last_step (self) >= 0)
    {
      self->syncing = TRUE;
      gtk_range_set_value (GTK_RANGE (self->scrubber), last_step (self) + 1);
      self->syncing = FALSE;
      show_step (self);
    }
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_FOLLOW]);
}

static void
set_show_table (TacetDiagnostics *self, gboolean show)
{
  if (self->show_table == show)
    return;
  self->show_table = show;
  update_page (self);
  fill_table (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SHOW_TABLE]);
}

void
tacet_diagnostics_step_by (TacetDiagnostics *self, int by)
{
  if (last_step (self) < 0)
    return;
  set_follow (self, FALSE);
  gtk_range_set_value (GTK_RANGE (self->scrubber),
                       CLAMP (tacet_diagnostics_get_step (self) + by, 0, last_step (self)) + 1);
}

static void
scrubber_changed_cb (TacetDiagnostics *self)
{
  if (self->syncing)
    return;
  if (tacet_diagnostics_get_step (self) != last_step (self))
    set_follow (self, FALSE);
  show_step (self);
}

static void
tacet_diagnostics_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  TacetDiagnostics *self = TACET_DIAGNOSTICS (object);

  if (id == PROP_FOLLOW)
    g_value_set_boolean (value, self->follow);
  else if (id == PROP_SHOW_TABLE)
    g_value_set_boolean (value, self->show_table);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
tacet_diagnostics_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  TacetDiagnostics *self = TACET_DIAGNOSTICS (object);

  if (id == PROP_FOLLOW)
    set_follow (self, g_value_get_boolean (value));
  else if (id == PROP_SHOW_TABLE)
    set_show_table (self, g_value_get_boolean (value));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
tacet_diagnostics_dispose (GObject *object)
{
  TacetDiagnostics *self = TACET_DIAGNOSTICS (object);
  GtkWidget *child = gtk_widget_get_first_child (GTK_WIDGET (self));

  gtk_widget_dispose_template (GTK_WIDGET (self), TACET_TYPE_DIAGNOSTICS);
  g_clear_pointer (&child, gtk_widget_unparent);
  g_clear_pointer (&self->progress, tacet_progress_unref);
  G_OBJECT_CLASS (tacet_diagnostics_parent_class)->dispose (object);
}

static void
tacet_diagnostics_class_init (TacetDiagnosticsClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->get_property = tacet_diagnostics_get_property;
  object_class->set_property = tacet_diagnostics_set_property;
  object_class->dispose = tacet_diagnostics_dispose;
  properties[PROP_FOLLOW] = g_param_spec_boolean ("follow", NULL, NULL, TRUE, flags);
  properties[PROP_SHOW_TABLE] = g_param_spec_boolean ("show-table", NULL, NULL, FALSE, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  g_type_ensure (TACET_TYPE_COEFFICIENT_PLOT);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/tacet/Tacet/ui/tacet-diagnostics.ui");
  gtk_widget_class_bind_template_child (widget_class, TacetDiagnostics, stack);
  gtk_widget_class_bind_template_child (widget_class, TacetDiagnostics, plot);
  gtk_widget_class_bind_template_child (widget_class, TacetDiagnostics, table);
  gtk_widget_class_bind_template_child (widget_class, TacetDiagnostics, scrubber);
  gtk_widget_class_bind_template_child (widget_class, TacetDiagnostics, read_out);
  gtk_widget_class_bind_template_callback (widget_class, scrubber_changed_cb);
}

static void
tacet_diagnostics_init (TacetDiagnostics *self)
{
  self->follow = TRUE;
  gtk_widget_init_template (GTK_WIDGET (self));
  g_object_bind_property (self->plot, "read-out", self->read_out, "label", G_BINDING_SYNC_CREATE);
  gtk_range_set_range (GTK_RANGE (self->scrubber), 1, 2);
  update_page (self);
}
