/* tacet-window-problems.c: what is installed, and so what keeps layers and runs from working.  Room: ui. */
#define G_LOG_DOMAIN "tacet-window-problems"

#include "config.h"

#include "ui/tacet-window-private.h"

#define PROBLEMS_DELAY 150

typedef struct
{
  char **folders, *model;
  GPtrArray *controlnets; /* names, NULL-terminated */
} StockOrder;

static void
stock_order_free (gpointer data)
{
  StockOrder *order = data;

  g_strfreev (order->folders);
  g_free (order->model);
  g_ptr_array_unref (order->controlnets);
  g_free (order);
}

static GPtrArray *
chosen_controlnets (TacetScene *scene)
{
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);
  GListModel *layers = tacet_scene_get_layers (scene);

  for (guint i = 0; i < g_list_model_get_n_items (layers); i++)
    {
      g_autoptr (TacetLayer) layer = g_list_model_get_item (layers, i);

      if (tacet_layer_get_model (layer) != NULL)
        g_ptr_array_add (names, g_strdup (tacet_layer_get_model (layer)));
    }
  g_ptr_array_add (names, NULL);
  return names;
}

static void
stock_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  StockOrder *order = data;

  g_task_return_pointer (task,
                         tacet_model_stock_new ((const char *const *) order->folders, order->model,
                                                (const char *const *) order->controlnets->pdata),
                         (GDestroyNotify) tacet_model_stock_free);
}

static void
stock_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  TacetWindow *self = TACET_WINDOW (source);
  TacetModelStock *stock = g_task_propagate_pointer (G_TASK (result), NULL);

  if (stock == NULL) /* a newer order is on its way, or the window was closed */
    return;
  g_clear_pointer (&self->stock, tacet_model_stock_free);
  self->stock = stock;
  _tacet_window_update_problems (self);
}

/* Again whenever the window comes to the front: somebody may just have put the missing file there. */
void
_tacet_window_look_for_models (TacetWindow *self)
{
  g_autoptr (GTask) task = NULL;
  StockOrder *order;

  if (self->scene == NULL || self->model_folders == NULL)
    return;
  if (self->stocking != NULL)
    g_cancellable_cancel (self->stocking);
  g_clear_object (&self->stocking);
  self->stocking = g_cancellable_new ();
  order = g_new0 (StockOrder, 1);
  order->folders = g_strdupv (self->model_folders);
  order->model = g_strdup (tacet_scene_get_model (self->scene));
  order->controlnets = chosen_controlnets (self->scene);
  task = g_task_new (self, self->stocking, stock_cb, NULL);
  g_task_set_source_tag (task, _tacet_window_look_for_models);
  g_task_set_task_data (task, order, stock_order_free);
  g_task_run_in_thread (task, stock_thread);
}

/* What was found belongs to the model that was looked for, and to no other. */
const TacetModelStock *
_tacet_window_get_stock (TacetWindow *self)
{
  const char *model = tacet_scene_get_model (self->scene);

  return self->stock != NULL && g_strcmp0 (self->stock->model, model != NULL ? model : "") == 0 ? self->stock : NULL;
}

/* ---- what keeps layers from working ---- */

void
_tacet_window_update_problems (TacetWindow *self)
{
  g_autofree char *why = tacet_scene_why_no_run (self->scene, _tacet_window_get_stock (self));

  g_clear_handle_id (&self->problems_source, g_source_remove);
  tacet_layer_panel_update_problems (self->layers, _tacet_window_get_stock (self));
  _tacet_window_update_hints (self);
  _tacet_window_update_model_hint (self);
  if (g_strcmp0 (why, self->layer_problems) == 0)
    return;
  g_free (self->layer_problems);
  self->layer_problems = g_steal_pointer (&why);
  _tacet_window_update_actions (self);
}

static gboolean
problems_cb (gpointer data)
{
  TacetWindow *self = data;

  self->problems_source = 0;
  if (tacet_scene_get_model (self->scene) != NULL && _tacet_window_get_stock (self) == NULL)
    _tacet_window_look_for_models (self);
  _tacet_window_update_problems (self);
  return G_SOURCE_REMOVE;
}

/* A stroke changes the document many times a second, and pixels have to be looked at. */
void
_tacet_window_queue_problems (TacetWindow *self)
{
  if (self->problems_source == 0)
    self->problems_source = g_timeout_add (PROBLEMS_DELAY, problems_cb, self);
}

static void
active_cb (TacetWindow *self)
{
  if (gtk_window_is_active (GTK_WINDOW (self)))
    _tacet_window_look_for_models (self);
}

void
_tacet_window_init_problems (TacetWindow *self)
{
  g_signal_connect (self, "notify::is-active", G_CALLBACK (active_cb), NULL);
}

void
_tacet_window_clear_problems (TacetWindow *self)
{
  g_clear_handle_id (&self->problems_source, g_source_remove);
  if (self->stocking != NULL)
    g_cancellable_cancel (self->stocking);
  g_clear_object (&self->stocking);
  g_clear_pointer (&self->stock, tacet_model_stock_free);
  g_clear_pointer (&self->layer_problems, g_free);
}
