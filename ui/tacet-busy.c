/* tacet-busy.c: see tacet-busy.h.  Room: ui. */
#define G_LOG_DOMAIN "tacet-busy"

#include "config.h"

#include "ui/tacet-busy.h"

#include <glib/gi18n.h>

#define PATIENCE 300 /* milliseconds */

struct _TacetBusy
{
  GtkWidget parent_instance;

  GtkWidget *box, *label, *bar;
  GCancellable *cancellable; /* of the job that is shown; NULL: none */
  guint source;
};

G_DEFINE_FINAL_TYPE (TacetBusy, tacet_busy, GTK_TYPE_WIDGET)

static gboolean
show_cb (gpointer data)
{
  TacetBusy *self = data;

  self->source = 0;
  gtk_widget_set_visible (GTK_WIDGET (self), TRUE);
  return G_SOURCE_REMOVE;
}

static void
cancel_cb (TacetBusy *self)
{
  g_autoptr (GCancellable) cancellable = NULL;

  g_set_object (&cancellable, self->cancellable);
  if (cancellable == NULL)
    return;
  tacet_busy_end (self, cancellable);
  g_cancellable_cancel (cancellable);
}

void
tacet_busy_begin (TacetBusy *self, const char *text, GCancellable *cancellable)
{
  g_return_if_fail (TACET_IS_BUSY (self) && cancellable != NULL);
  g_set_object (&self->cancellable, cancellable);
  gtk_label_set_text (GTK_LABEL (self->label), text);
  gtk_progress_bar_set_fraction (GTK_PROGRESS_BAR (self->bar), 0);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->bar), GTK_ACCESSIBLE_PROPERTY_LABEL, text, -1);
  if (self->source == 0 && !gtk_widget_get_visible (GTK_WIDGET (self)))
    self->source = g_timeout_add (PATIENCE, show_cb, self);
}

void
tacet_busy_set_progress (TacetBusy *self, GCancellable *cancellable, double done)
{
  g_return_if_fail (TACET_IS_BUSY (self));
  if (cancellable == self->cancellable)
    gtk_progress_bar_set_fraction (GTK_PROGRESS_BAR (self->bar), CLAMP (done, 0, 1));
}

void
tacet_busy_end (TacetBusy *self, GCancellable *cancellable)
{
  g_return_if_fail (TACET_IS_BUSY (self));
  if (cancellable != self->cancellable)
    return;
  g_clear_object (&self->cancellable);
  g_clear_handle_id (&self->source, g_source_remove);
  gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
}

static void
tacet_busy_dispose (GObject *object)
{
  TacetBusy *self = TACET_BUSY (object);

  g_clear_handle_id (&self->source, g_source_remove);
  g_clear_object (&self->cancellable);
  g_clear_pointer (&self->box, gtk_widget_unparent);
  G_OBJECT_CLASS (tacet_busy_parent_class)->dispose (object);
}

static void
tacet_busy_class_init (TacetBusyClass *class)
{
  G_OBJECT_CLASS (class)->dispose = tacet_busy_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (class), GTK_TYPE_BIN_LAYOUT);
}

static void
tacet_busy_init (TacetBusy *self)
{
  GtkWidget *column = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6), *cancel = gtk_button_new_with_mnemonic (_ ("_Cancel"));

  self->box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  gtk_widget_add_css_class (self->box, "busy");
  self->label = gtk_label_new (NULL);
  gtk_label_set_xalign (GTK_LABEL (self->label), 0);
  gtk_label_set_ellipsize (GTK_LABEL (self->label), PANGO_ELLIPSIZE_MIDDLE);
  gtk_label_set_max_width_chars (GTK_LABEL (self->label), 40);
  self->bar = gtk_progress_bar_new ();
  gtk_widget_set_size_request (self->bar, 180, -1);
  gtk_widget_set_valign (column, GTK_ALIGN_CENTER);
  gtk_box_append (GTK_BOX (column), self->label);
  gtk_box_append (GTK_BOX (column), self->bar);
  gtk_widget_set_valign (cancel, GTK_ALIGN_CENTER);
  g_signal_connect_object (cancel, "clicked", G_CALLBACK (cancel_cb), self, G_CONNECT_SWAPPED);
  gtk_box_append (GTK_BOX (self->box), column);
  gtk_box_append (GTK_BOX (self->box), cancel);
  gtk_widget_set_parent (self->box, GTK_WIDGET (self));
  gtk_widget_set_halign (GTK_WIDGET (self), GTK_ALIGN_CENTER);
  gtk_widget_set_valign (GTK_WIDGET (self), GTK_ALIGN_START);
  gtk_widget_set_margin_top (GTK_WIDGET (self), 24);
  gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
}

GtkWidget *
tacet_busy_new (void)
{
  return g_object_new (TACET_TYPE_BUSY, NULL);
}
