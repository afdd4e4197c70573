/* tacet-window-results.c: what runs made: shown, applied, compared, kept or thrown away.
 *
 * Room: ui.  The results are the document's; the strip shows them, and all actions work on the one chosen there.
 */
#define G_LOG_DOMAIN "tacet-window-results"

#include "config.h"

#include "engine/scene/tacet-parameters.h"
#include "ui/tacet-window-private.h"

#include <glib/gi18n.h>

static TacetCandidate *
chosen (TacetWindow *self)
{
  return tacet_staging_get_selected (self->staging);
}

static void
no_room (TacetWindow *self)
{
  _tacet_window_toast (self, _ ("No more layers fit, or there is not enough memory. Delete one first."));
}

static char *
label_of (TacetCandidate *candidate)
{
  g_autofree char *seed = g_strdup_printf ("%" G_GUINT64_FORMAT, tacet_candidate_get_seed (candidate));

  /* Translators: the name of a result: its noise seed */
  return g_strdup_printf (_ ("seed %s"), seed);
}

/* ---- showing ---- */

/* The colours that the controls of a run had: by their places in the document at that time. */
int
_tacet_window_run_colours (TacetScene *scene, int colours[TACET_MAX_CONTROLS])
{
  GListModel *layers = tacet_scene_get_layers (scene);
  int n = 0;

  for (guint i = 0; i < g_list_model_get_n_items (layers) && n < TACET_MAX_CONTROLS; i++)
    {
      g_autoptr (TacetLayer) layer = g_list_model_get_item (layers, i);

      if (tacet_layer_get_enabled (layer) && tacet_layer_kind_is_control (tacet_layer_get_kind (layer)))
        colours[n++] = (int) i;
    }
  return n;
}

static void
show_comparison (TacetWindow *self)
{
  TacetCandidate *right = chosen (self);
  g_autofree char *left_label = NULL, *right_label = NULL;

  if (!gtk_widget_get_visible (GTK_WIDGET (self->compare)) || right == NULL || self->compared == NULL)
    return;
  left_label = label_of (self->compared);
  right_label = label_of (right);
  if (!tacet_compare_set (self->compare, tacet_candidate_get_image (self->compared), left_label,
                          tacet_candidate_get_image (right), right_label))
    _tacet_window_toast (self, _ ("There is not enough memory to compare these results."));
}

static void
end_comparison (TacetWindow *self)
{
  gtk_widget_hide (GTK_WIDGET (self->compare));
  tacet_compare_clear (self->compare);
  g_clear_object (&self->compared);
  tacet_staging_set_compared (self->staging, NULL);
  gtk_widget_grab_focus (GTK_WIDGET (self->canvas));
}

/* The chosen result stands on the canvas; while none is chosen, what the run is making. */
static void
result_chosen_cb (TacetWindow *self)
{
  TacetCandidate *candidate = chosen (self);
  int colours[TACET_MAX_CONTROLS], n;

  g_clear_pointer (&self->result, tacet_image_unref);
  if (candidate != NULL)
    {
      self->result = tacet_image_ref (tacet_candidate_get_image (candidate));
      tacet_canvas_set_picture (self->canvas, self->result, NULL);
      g_object_set (self->canvas, "show-picture", TRUE, NULL);
      n = _tacet_window_run_colours (tacet_candidate_get_scene (candidate), colours);
      if (self->running == NULL)
        tacet_diagnostics_set_progress (self->diagnostics, tacet_candidate_get_progress (candidate), colours, n);
    }
  else if (self->running != NULL && self->progress != NULL && self->progress->preview != NULL)
    tacet_canvas_set_picture (self->canvas, self->progress->preview, _ ("Preview"));
  else
    {
      tacet_canvas_set_picture (self->canvas, NULL, NULL);
      if (self->running == NULL)
        g_object_set (self->canvas, "show-picture", FALSE, NULL);
    }
  show_comparison (self);
  _tacet_window_update_actions (self);
}

void
_tacet_window_set_results_scene (TacetWindow *self, TacetScene *scene)
{
  if (gtk_widget_get_visible (GTK_WIDGET (self->compare)))
    end_comparison (self);
  tacet_staging_set_scene (self->staging, scene);
}

/* ---- runs ---- */

/* Whether the canvas goes over to what a run makes: when it begins, when it is done, or never. */
static gboolean
switches_on (TacetWindow *self, const char *when)
{
  g_autofree char *wanted = tacet_preferences_dup_string (self->preferences, "result-switch");

  return g_strcmp0 (wanted, when) == 0;
}

void
_tacet_window_begin_results (TacetWindow *self)
{
  TacetCandidate *before = chosen (self);

  g_set_object (&self->result_before, before);
  tacet_staging_begin_run (self->staging, self->request->prompt, self->request->seed, MAX (self->request->count, 1));
  if (switches_on (self, "start"))
    g_object_set (self->canvas, "show-picture", TRUE, NULL);
  else
    tacet_staging_set_selected (self->staging, before);
}

void
_tacet_window_show_preview (TacetWindow *self)
{
  double done = self->progress->n_steps > 0 ? (double) self->progress->step / self->progress->n_steps : 0;

  tacet_staging_set_progress (self->staging, self->progress->picture, done, self->progress->preview);
  if (self->progress->preview != NULL && chosen (self) == NULL && switches_on (self, "start") &&
      tacet_preferences_get_boolean (self->preferences, "show-previews"))
    tacet_canvas_set_picture (self->canvas, self->progress->preview, _ ("Preview"));
}

/* result NULL: there is none; what was shown before comes back. */
void
_tacet_window_end_results (TacetWindow *self, TacetResult *result)
{
  g_autoptr (TacetCandidate) before = g_steal_pointer (&self->result_before);
  g_autoptr (TacetCandidate) first = NULL;
  GListModel *candidates = tacet_scene_get_candidates (self->scene);

  tacet_staging_end_run (self->staging);
  if (result != NULL)
    {
      tacet_scene_add_candidates (self->scene, self->snapshot, result->pictures, self->recovery == NULL);
      if (g_list_model_get_n_items (candidates) >= result->pictures->len)
        first = g_list_model_get_item (candidates, g_list_model_get_n_items (candidates) - result->pictures->len);
    }
  g_clear_object (&self->snapshot);
  if (first != NULL && !switches_on (self, "off"))
    tacet_staging_set_selected (self->staging, first);
  else if (chosen (self) == NULL)
    tacet_staging_set_selected (self->staging, before);
  result_chosen_cb (self);
}

/* ---- applying ---- */

static void
show_document (TacetWindow *self, TacetLayer *layer)
{
  g_object_set (self->canvas, "show-picture", FALSE, NULL);
  _tacet_window_select (self, layer);
}

static void
apply_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  TacetWindow *self = TACET_WINDOW (widget);
  TacetLayer *layer = chosen (self) != NULL ? tacet_scene_apply_candidate (self->scene, chosen (self)) : NULL;

  if (layer == NULL)
    {
      if (chosen (self) != NULL)
        no_room (self);
      return;
    }
  show_document (self, layer);
  _tacet_window_toast_undo (self, _ ("The result is a picture layer now."));
}

/* name: "win.result-as-KIND" */
static void
apply_as_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  TacetWindow *self = TACET_WINDOW (widget);
  TacetLayerKind kind;
  TacetLayer *layer;

  if (chosen (self) == NULL || !tacet_layer_kind_parse (strrchr (name, '-') + 1, &kind))
    return;
  /* Translators: name of an undo step */
  tacet_scene_group_begin (self->scene, _ ("Apply Result"));
  layer = tacet_scene_apply_candidate (self->scene, chosen (self));
  if (layer != NULL)
    layer = tacet_scene_convert_layer (self->scene, layer, kind, FALSE);
  tacet_scene_group_end (self->scene);
  if (layer != NULL)
    show_document (self, layer);
  else
    no_room (self);
}

static gboolean
put_into (TacetScene *scene, TacetLayer *layer, const TacetImage *image)
{
  g_autoptr (TacetImage) gray = NULL;

  switch (tacet_layer_kind_family (tacet_layer_get_kind (layer)))
    {
    case TACET_FAMILY_PICTURES:
      return tacet_scene_set_layer_picture (scene, layer, image);
    case TACET_FAMILY_CONTROLS:
      return tacet_scene_set_layer_map (scene, layer, image, NULL);
    default:
      gray = tacet_image_convert (image, 1);
      return gray != NULL && tacet_scene_set_layer_coverage (scene, layer, gray);
    }
}

static void
apply_into_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  TacetWindow *self = TACET_WINDOW (widget);
  TacetLayer *layer = tacet_layer_panel_get_selected (self->layers);

  if (chosen (self) == NULL || layer == NULL)
    return;
  tacet_scene_group_begin (self->scene, _ ("Apply Result"));
  if (put_into (self->scene, layer, tacet_candidate_get_image (chosen (self))))
    {
      tacet_scene_star_candidate (self->scene, chosen (self), TRUE);
      g_object_set (self->canvas, "show-picture", FALSE, NULL);
    }
  else
    _tacet_window_toast (self, tacet_layer_get_locked (layer) ? _ ("This layer is locked.")
                                                              : _ ("There is not enough memory for this change."));
  tacet_scene_group_end (self->scene);
}

/* ---- the rest of what can be done with one ---- */

static void
star_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  TacetWindow *self = TACET_WINDOW (widget);

  if (chosen (self) != NULL)
    tacet_scene_star_candidate (self->scene, chosen (self), !tacet_candidate_get_starred (chosen (self)));
}

static void
discard_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  TacetWindow *self = TACET_WINDOW (widget);

  if (chosen (self) == NULL)
    return;
  tacet_scene_discard_candidate (self->scene, chosen (self));
  _tacet_window_toast_undo (self, _ ("The result is discarded."));
}

static void
reuse_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  TacetWindow *self = TACET_WINDOW (widget);

  if (chosen (self) == NULL)
    return;
  tacet_scene_reuse_candidate (self->scene, chosen (self));
  _tacet_window_toast_undo (self, _ ("Prompt, seed and settings are those of the result."));
}

static void
copy_settings_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  TacetWindow *self = TACET_WINDOW (widget);
  g_autoptr (TacetRequest) request = NULL;
  g_autofree char *text = NULL;

  if (chosen (self) == NULL)
    return;
  request = tacet_scene_to_request (tacet_candidate_get_scene (chosen (self)));
  text = request != NULL ? tacet_parameters_write (request, tacet_candidate_get_seed (chosen (self))) : NULL;
  if (text == NULL)
    return;
  gdk_clipboard_set_text (gtk_widget_get_clipboard (widget), text);
  _tacet_window_toast (self, _ ("The settings are on the clipboard."));
}

static void
coefficients_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  g_object_set (TACET_WINDOW (widget)->diagnostics_revealer, "reveal-child", TRUE, NULL);
}

static void
walk_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  tacet_staging_select_by (TACET_WINDOW (widget)->staging, g_str_has_suffix (name, "next") ? 1 : -1);
}

/* ---- comparing ---- */

/* The one beside it, rather the older one. */
static TacetCandidate *
neighbour (TacetWindow *self, TacetCandidate *candidate)
{
  GListModel *candidates = tacet_scene_get_candidates (self->scene);
  guint n = g_list_model_get_n_items (candidates);

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (TacetCandidate) one = g_list_model_get_item (candidates, i);

      if (one == candidate && n > 1)
        return g_list_model_get_item (candidates, i > 0 ? i - 1 : 1);
    }
  return NULL;
}

static void
compare_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  TacetWindow *self = TACET_WINDOW (widget);

  if (gtk_widget_get_visible (GTK_WIDGET (self->compare)))
    {
      end_comparison (self);
      return;
    }
  if (chosen (self) == NULL)
    return;
  g_clear_object (&self->compared);
  self->compared = neighbour (self, chosen (self));
  if (self->compared == NULL)
    return;
  tacet_staging_set_compared (self->staging, self->compared);
  gtk_widget_show (GTK_WIDGET (self->compare));
  show_comparison (self);
  gtk_widget_child_focus (GTK_WIDGET (self->compare), GTK_DIR_TAB_FORWARD);
}

/* ---- what can be used ---- */

void
_tacet_window_update_result_actions (TacetWindow *self)
{
  static const char *const with_one[] = { "win.result-apply",        "win.result-as-edge",   "win.result-as-depth",
                                          "win.result-as-mask",      "win.result-as-region", "win.result-star",
                                          "win.result-discard",      "win.result-reuse",     "win.result-copy-settings",
                                          "win.result-coefficients", "win.save-picture" };
  gboolean some = chosen (self) != NULL;
  guint n = g_list_model_get_n_items (tacet_scene_get_candidates (self->scene));

  for (guint i = 0; i < G_N_ELEMENTS (with_one); i++)
    _tacet_window_enable (self, with_one[i], some);
  _tacet_window_enable (self, "win.result-apply-into", some && tacet_layer_panel_get_selected (self->layers) != NULL);
  _tacet_window_enable (self, "win.result-compare",
                        (some && n > 1) || gtk_widget_get_visible (GTK_WIDGET (self->compare)));
  _tacet_window_enable (self, "win.result-next", n > 0);
  _tacet_window_enable (self, "win.result-previous", n > 0);
}

/* ---- registration ---- */

void
_tacet_window_class_init_results (GtkWidgetClass *class)
{
  static const struct
  {
    const char *name;
    GtkWidgetActionActivateFunc func;
  } actions[] = {
    { "win.result-apply", apply_cb },
    { "win.result-apply-into", apply_into_cb },
    { "win.result-as-edge", apply_as_cb },
    { "win.result-as-depth", apply_as_cb },
    { "win.result-as-mask", apply_as_cb },
    { "win.result-as-region", apply_as_cb },
    { "win.result-star", star_cb },
    { "win.result-discard", discard_cb },
    { "win.result-reuse", reuse_cb },
    { "win.result-copy-settings", copy_settings_cb },
    { "win.result-coefficients", coefficients_cb },
    { "win.result-compare", compare_cb },
    { "win.result-next", walk_cb },
    { "win.result-previous", walk_cb },
  };

  for (guint i = 0; i < G_N_ELEMENTS (actions); i++)
    gtk_widget_class_install_action (class, actions[i].name, NULL, actions[i].func);
}

void
_tacet_window_follow_result_switch (TacetWindow *self)
{
  g_autoptr (GPropertyAction) action = g_property_action_new ("result-switch", self->preferences, "result-switch");

  g_action_map_add_action (G_ACTION_MAP (self), G_ACTION (action));
}

void
_tacet_window_init_results (TacetWindow *self, GMenuModel *menu)
{
  tacet_staging_set_menu (self->staging, menu);
  g_signal_connect_object (self->staging, "notify::selected", G_CALLBACK (result_chosen_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->compare, "close", G_CALLBACK (end_comparison), self, G_CONNECT_SWAPPED);
}
