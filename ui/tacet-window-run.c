/* tacet-window-run.c: a run: starting, watching, ending it.  Room: ui. */
#define G_LOG_DOMAIN "tacet-window-run"

#include "config.h"

#include "engine/model/tacet-library.h"
#include "ui/tacet-window-private.h"

#include <glib/gi18n.h>

/* ---- status ---- */

void
_tacet_window_set_status (TacetWindow *self, const char *text, gboolean reason)
{
  gtk_label_set_text (self->status, text);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->status), text);
  gtk_widget_set_visible (GTK_WIDGET (self->status), *text != '\0');
  if (reason)
    gtk_widget_add_css_class (GTK_WIDGET (self->status), "status-reason");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self->status), "status-reason");
}

/* ---- why not ---- */

char *
_tacet_window_why_not (TacetWindow *self)
{
  const char *model = tacet_scene_get_model (self->scene);
  g_autofree char *path =
      tacet_library_find ((const char *const *) self->model_folders, model != NULL ? model : "", TACET_MODEL_BASE);

  if (self->engine == NULL)
    return g_strdup (_ ("The engine is starting."));
  if (model == NULL || *model == '\0')
    return g_strdup (_ ("No model is chosen. Choose one under Model."));
  if (path == NULL)
    return g_strdup_printf (_ ("The model “%s” is not installed. Choose another under Model."), model);
  return g_strdup (self->layer_problems);
}

/* ---- notes ---- */

static gboolean
show_on_row (TacetWindow *self, const char *note)
{
  gboolean found = FALSE;

  for (guint i = 0; i < self->run_controls->len; i++)
    {
      TacetLayer *control = g_ptr_array_index (self->run_controls, i);
      TacetLayerRow *row = tacet_layer_panel_get_row (self->layers, control);
      g_autofree char *quoted = g_strdup_printf ("“%s”", tacet_layer_get_name (control));

      if (row == NULL || strstr (note, quoted) == NULL)
        continue;
      tacet_layer_row_set_note (row, note);
      found = TRUE;
    }
  return found;
}

/* A note that names a control stands on its row; the others are added to the text. */
static void
show_notes (TacetWindow *self, GString *text)
{
  GPtrArray *notes = self->progress->notes;

  tacet_layer_panel_clear_notes (self->layers);
  for (guint n = 0; notes != NULL && n < notes->len; n++)
    if (!show_on_row (self, g_ptr_array_index (notes, n)))
      g_string_append_printf (text, "\n%s", (const char *) g_ptr_array_index (notes, n));
}

/* ---- progress ---- */

static char *
progress_text (const TacetProgress *progress)
{
  int left = (int) (progress->seconds_left + 0.5);

  if (progress->step == 0)
    return g_strdup (_ ("Preparing…"));
  if (progress->seconds_left < 0 || progress->step >= progress->n_steps)
    return g_strdup_printf (_ ("Step %d of %d"), progress->step, progress->n_steps);
  if (left >= 90)
    return g_strdup_printf (
        ngettext ("Step %d of %d, about %d minute left", "Step %d of %d, about %d minutes left", (left + 30) / 60),
        progress->step, progress->n_steps, (left + 30) / 60);
  return g_strdup_printf (
      ngettext ("Step %d of %d, about %d second left", "Step %d of %d, about %d seconds left", left), progress->step,
      progress->n_steps, left);
}

static void
show_progress (TacetWindow *self)
{
  g_autofree char *step = progress_text (self->progress);
  int n = MAX (self->progress->n_pictures, 1);
  double done = self->progress->n_steps > 0 ? CLAMP ((double) self->progress->step / self->progress->n_steps, 0, 1) : 0;
  g_autofree char *text =
      n > 1 ? g_strdup_printf (_ ("Picture %d of %d. %s"), self->progress->picture + 1, n, step) : g_strdup (step);

  _tacet_window_set_status (self, text, FALSE);
  gtk_progress_bar_set_fraction (self->progress_bar, (self->progress->picture + done) / n);
  tacet_diagnostics_set_progress (self->diagnostics, self->progress, self->run_colours, (int) self->run_controls->len);
}

static void
progress_cb (TacetProgress *progress, gpointer data)
{
  TacetWindow *self = data;

  if (self->canvas == NULL || self->running == NULL || g_cancellable_is_cancelled (self->running))
    return;
  g_clear_pointer (&self->progress, tacet_progress_unref);
  self->progress = tacet_progress_ref (progress);
  _tacet_window_show_preview (self);
  show_progress (self);
}

/* ---- the end ---- */

static void
show_result (TacetWindow *self, TacetResult *result)
{
  g_autoptr (GString) text = g_string_new (NULL);

  g_clear_pointer (&self->progress, tacet_progress_unref);
  self->progress = tacet_progress_ref (result->progress);
  show_progress (self);
  /* Translators: how long a run took */
  g_string_append_printf (text, _ ("Done in %.1f s"), result->progress->seconds);
  show_notes (self, text);
  _tacet_window_set_status (self, text->str, FALSE);
}

static void
done_cb (GObject *source, GAsyncResult *async, gpointer data)
{
  g_autoptr (TacetWindow) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (TacetResult) result = tacet_engine_thread_generate_finish (self->engine, async, &error);

  g_clear_object (&self->running);
  if (self->canvas == NULL) /* closed meanwhile */
    return;
  gtk_stack_set_visible_child_name (self->run_stack, "generate");
  gtk_widget_hide (GTK_WIDGET (self->progress_bar));
  if (self->snapshot == NULL) /* another document was opened when this one was all but done */
    g_clear_pointer (&result, tacet_result_free);
  _tacet_window_end_results (self, result);
  if (result != NULL)
    show_result (self, result);
  else
    {
      gboolean cancelled = error == NULL || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);

      _tacet_window_set_status (self, cancelled ? _ ("Cancelled.") : _ ("The run ended with a fault."), FALSE);
      if (!cancelled)
        _tacet_window_report (self, _ ("The picture could not be made."), error->message);
    }
  _tacet_window_update_actions (self);
}

/* ---- the beginning ---- */

static void
remember_controls (TacetWindow *self)
{
  GListModel *controls = tacet_scene_get_layers (self->scene);
  guint n = g_list_model_get_n_items (controls);

  g_clear_pointer (&self->run_controls, g_ptr_array_unref);
  self->run_controls = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < n && self->run_controls->len < TACET_MAX_CONTROLS; i++)
    {
      g_autoptr (TacetLayer) control = g_list_model_get_item (controls, i);

      if (!tacet_layer_get_enabled (control))
        continue;
      self->run_colours[self->run_controls->len] = (int) i;
      g_ptr_array_add (self->run_controls, g_steal_pointer (&control));
    }
}

void
_tacet_window_generate (TacetWindow *self)
{
  g_autoptr (TacetRequest) request = NULL;
  g_autoptr (TacetScene) snapshot = NULL;
  g_autofree char *why_not = NULL;

  _tacet_window_update_problems (self);
  why_not = _tacet_window_why_not (self);
  if (self->running != NULL || why_not != NULL)
    return;
  snapshot = tacet_scene_snapshot (self->scene);
  request = tacet_scene_to_request (self->scene);
  if (snapshot == NULL || request == NULL)
    {
      _tacet_window_toast (self, _ ("There is not enough memory for a run."));
      return;
    }
  remember_controls (self);
  tacet_layer_panel_clear_notes (self->layers);
  g_clear_pointer (&self->progress, tacet_progress_unref);
  g_clear_pointer (&self->request, tacet_request_free);
  self->request = g_steal_pointer (&request);
  g_clear_object (&self->snapshot);
  self->snapshot = g_steal_pointer (&snapshot);
  self->running = g_cancellable_new ();
  _tacet_window_begin_results (self);
  g_object_set (self->diagnostics, "follow", TRUE, NULL);
  gtk_progress_bar_set_fraction (self->progress_bar, 0);
  gtk_widget_show (GTK_WIDGET (self->progress_bar));
  _tacet_window_set_status (self, _ ("Preparing…"), FALSE);
  gtk_stack_set_visible_child_name (self->run_stack, "cancel");
  tacet_engine_thread_generate_async (self->engine, self->request, progress_cb, self, self->running, done_cb,
                                      g_object_ref (self));
  _tacet_window_update_actions (self);
}

void
_tacet_window_cancel (TacetWindow *self)
{
  if (self->running == NULL)
    return;
  g_cancellable_cancel (self->running);
  _tacet_window_set_status (self, _ ("Stopping…"), FALSE);
  _tacet_window_update_actions (self);
}

void
_tacet_window_clear_run (TacetWindow *self)
{
  _tacet_window_cancel (self);
  g_clear_pointer (&self->progress, tacet_progress_unref);
  g_clear_pointer (&self->result, tacet_image_unref);
  g_clear_object (&self->result_before);
  g_clear_object (&self->snapshot);
  g_clear_pointer (&self->run_controls, g_ptr_array_unref);
  self->run_controls = g_ptr_array_new_with_free_func (g_object_unref);
  tacet_canvas_set_picture (self->canvas, NULL, NULL);
  tacet_diagnostics_set_progress (self->diagnostics, NULL, NULL, 0);
  _tacet_window_set_status (self, "", FALSE);
}
