/* tacet-window-pictures.c: pictures from anywhere become layers; they are read and shaped beside the main thread.
 *
 * Room: ui.
 */
#define G_LOG_DOMAIN "tacet-window-pictures"

#include "config.h"

#include "ui/tacet-window-private.h"

#include <glib/gi18n.h>

#define MAX_FILES 32

/* ---- names ---- */

/* Names of undo steps. */
static const char *
step_name (TacetImportAs as)
{
  switch (as)
    {
    case TACET_IMPORT_PICTURE:
      return _ ("Add Picture");
    case TACET_IMPORT_EDGES:
      return _ ("Edges from Picture");
    case TACET_IMPORT_REGION:
      return _ ("Add Region");
    case TACET_IMPORT_MASK:
      return _ ("Add Mask");
    default:
      return _ ("Import Map");
    }
}

static TacetFit
current_fit (TacetWindow *self)
{
  g_autofree char *id = tacet_preferences_dup_string (self->preferences, "picture-fit");
  TacetFit fit = TACET_FIT_WHOLE;

  tacet_fit_parse (id, &fit);
  return fit;
}

/* ---- into the document ---- */

typedef struct
{
  TacetWindow *window;
  TacetScene *scene;
  TacetLayer *layer; /* NULL: new ones */
  TacetImportAs as;
  GCancellable *cancellable;
} Order;

static void
order_free (Order *order)
{
  g_object_unref (order->window);
  g_object_unref (order->scene);
  g_clear_object (&order->layer);
  g_object_unref (order->cancellable);
  g_free (order);
}

static gboolean
set_pixels (TacetScene *scene, TacetLayer *layer, const TacetImported *imported)
{
  TacetLayerKind kind = tacet_layer_get_kind (layer);

  if (kind == TACET_LAYER_PICTURE)
    return tacet_scene_set_layer_picture (scene, layer, imported->pixels);
  if (tacet_layer_kind_is_control (kind))
    return tacet_scene_set_layer_map (scene, layer, imported->pixels, imported->coverage);
  return tacet_scene_set_layer_coverage (scene, layer, imported->pixels);
}

/* NULL: it did not fit. */
static TacetLayer *
put_one (Order *order, const TacetImported *imported)
{
  TacetLayer *layer = order->layer;

  if (layer == NULL)
    layer = tacet_scene_add_layer (order->scene, tacet_import_kind (order->as));
  if (layer == NULL || !set_pixels (order->scene, layer, imported))
    return NULL;
  if (order->layer == NULL && imported->name != NULL)
    tacet_scene_set_layer_name (order->scene, layer, imported->name);
  return layer;
}

/* The first lies on top, as it was named first. */
static void
put_all (Order *order, GPtrArray *list)
{
  TacetWindow *self = order->window;
  TacetLayer *layer = NULL;
  gboolean all = TRUE;

  tacet_scene_group_begin (order->scene, step_name (order->as));
  for (guint i = list->len; i-- > 0;)
    {
      TacetLayer *made = put_one (order, list->pdata[i]);

      all = all && made != NULL;
      layer = made != NULL ? made : layer;
    }
  tacet_scene_group_end (order->scene);
  if (!all)
    _tacet_window_toast (self,
                         _ ("Not everything could be added: too many layers, a locked one, or too little memory."));
  if (layer == NULL)
    return;
  g_object_set (self->canvas, "show-picture", FALSE, NULL);
  _tacet_window_select (self, layer);
}

/* Whether it still makes sense: the window shows the same document, and the layer is still in it. */
static gboolean
is_wanted (const Order *order)
{
  GListModel *layers = tacet_scene_get_layers (order->scene);
  gboolean found = order->layer == NULL;

  for (guint i = 0; !found && i < g_list_model_get_n_items (layers); i++)
    {
      g_autoptr (TacetLayer) layer = g_list_model_get_item (layers, i);

      found = layer == order->layer;
    }
  return found && order->window->scene == order->scene;
}

void
_tacet_window_report_notes (TacetWindow *self, GPtrArray *notes)
{
  g_autoptr (GString) text = g_string_new (NULL);

  if (notes->len == 1)
    _tacet_window_toast (self, notes->pdata[0]);
  for (guint i = 0; i < notes->len; i++)
    g_string_append_printf (text, "%s%s", i > 0 ? "\n" : "", (const char *) notes->pdata[i]);
  if (notes->len > 1)
    _tacet_window_report (self, _ ("Something was left out."), text->str);
}

static void
progress_cb (double done, gpointer data)
{
  Order *order = data;

  if (order->window->canvas != NULL)
    tacet_busy_set_progress (order->window->busy, order->cancellable, done);
}

static void
imported_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  Order *order = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) notes = NULL, list = tacet_import_finish (result, &notes, &error);

  if (order->window->canvas != NULL)
    {
      tacet_busy_end (order->window->busy, order->cancellable);
      if (list == NULL && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        _tacet_window_report (order->window, _ ("The picture could not be used."), error->message);
      if (list != NULL && is_wanted (order))
        {
          put_all (order, list);
          _tacet_window_report_notes (order->window, notes);
        }
    }
  order_free (order);
}

static void
import (Order *order, GPtrArray *sources)
{
  TacetWindow *self = order->window;
  g_autofree char *text =
      g_strdup_printf (ngettext ("Reading a picture…", "Reading %u pictures…", sources->len), sources->len);

  if (sources->len > MAX_FILES)
    {
      g_autofree char *limit = g_strdup_printf (_ ("Only the first %d pictures are taken."), MAX_FILES);

      _tacet_window_toast (self, limit);
      g_ptr_array_set_size (sources, MAX_FILES);
    }
  tacet_busy_begin (self->busy, text, order->cancellable);
  tacet_import_async (sources, order->as, current_fit (self), tacet_scene_get_width (self->scene),
                      tacet_scene_get_height (self->scene), progress_cb, order, order->cancellable, imported_cb, order);
}

static Order *
order_new (TacetWindow *self, TacetImportAs as, TacetLayer *layer)
{
  Order *order = g_new0 (Order, 1);

  order->window = g_object_ref (self);
  order->scene = g_object_ref (self->scene);
  g_set_object (&order->layer, layer);
  order->as = as;
  order->cancellable = g_cancellable_new ();
  return order;
}

void
_tacet_window_import_sources (TacetWindow *self, GPtrArray *sources, TacetImportAs as)
{
  import (order_new (self, as, NULL), sources);
}

/* ---- from files ---- */

typedef struct
{
  TacetImportAs as;
  TacetLayer *layer;
} Question;

static void
question_free (gpointer data)
{
  Question *question = data;

  g_clear_object (&question->layer);
  g_free (question);
}

static void
files_chosen (TacetWindow *self, const char *const *paths, gpointer data)
{
  const Question *question = data;
  GPtrArray *sources = g_ptr_array_new_with_free_func ((GDestroyNotify) tacet_source_free);

  for (int i = 0; paths[i] != NULL; i++)
    g_ptr_array_add (sources, tacet_source_new_path (paths[i]));
  import (order_new (self, question->as, question->layer), sources);
}

static void
ask (TacetWindow *self, const char *title, TacetImportAs as, TacetLayer *layer)
{
  Question *question = g_new0 (Question, 1);
  GtkFileChooser *chooser;

  question->as = as;
  g_set_object (&question->layer, layer);
  chooser = _tacet_window_ask_files (self, title, files_chosen, question, question_free);
  gtk_file_chooser_set_select_multiple (chooser, layer == NULL);
  _tacet_window_add_picture_filter (chooser);
  _tacet_window_ask_now (chooser);
}

void
_tacet_window_import (TacetWindow *self, TacetLayer *control, gboolean find_edges)
{
  gboolean depth = tacet_layer_get_kind (control) == TACET_LAYER_DEPTH;

  ask (self, find_edges ? _ ("Edges from Picture") : _ ("Import Map"),
       find_edges ? TACET_IMPORT_EDGES
       : depth    ? TACET_IMPORT_DEPTH_MAP
                  : TACET_IMPORT_EDGE_MAP,
       control);
}

/* ---- actions ---- */

static const struct
{
  const char *action, *title;
  TacetImportAs as;
} files[] = {
  { "win.add-picture-file", N_ ("Picture from File"), TACET_IMPORT_PICTURE },
  { "win.add-edge-from-picture", N_ ("Edges from Picture"), TACET_IMPORT_EDGES },
  { "win.add-edge-file", N_ ("Edge Map from File"), TACET_IMPORT_EDGE_MAP },
  { "win.add-depth-file", N_ ("Depth Map from File"), TACET_IMPORT_DEPTH_MAP },
  { "win.add-region-file", N_ ("Region from File"), TACET_IMPORT_REGION },
  { "win.add-mask-file", N_ ("Mask from File"), TACET_IMPORT_MASK },
};

static void
add_file_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    if (g_str_equal (name, files[i].action))
      ask (TACET_WINDOW (widget), _ (files[i].title), files[i].as, NULL);
}

void
_tacet_window_class_init_pictures (GtkWidgetClass *class)
{
  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    gtk_widget_class_install_action (class, files[i].action, NULL, add_file_cb);
}

void
_tacet_window_init_pictures (TacetWindow *self)
{
  self->busy = TACET_BUSY (tacet_busy_new ());
  gtk_overlay_add_overlay (GTK_OVERLAY (gtk_widget_get_ancestor (GTK_WIDGET (self->canvas), GTK_TYPE_OVERLAY)),
                           GTK_WIDGET (self->busy));
}
