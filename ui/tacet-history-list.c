/* tacet-history-list.c: see tacet-history-list.h.  Room: ui.
 *
 * Row 0 is the state before the first step, row n that after n steps.
 */
#define G_LOG_DOMAIN "tacet-history-list"

#include "config.h"

#include "ui/tacet-history-list.h"

#include <glib/gi18n.h>

struct _TacetHistoryList
{
  GtkWidget parent_instance;

  GtkWidget *scroller;
  GtkListView *view;
  GListStore *parts; /* of GListModel: the start, and the steps */
  GHashTable *bound; /* set of GtkListItem */
  guint focus_source;

  TacetScene *scene;
};

G_DEFINE_FINAL_TYPE (TacetHistoryList, tacet_history_list, GTK_TYPE_WIDGET)

enum
{
  SIGNAL_JUMPED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

/* ---- a row ---- */

static const char *
name_of (gpointer item)
{
  return TACET_IS_HISTORY_ITEM (item) ? tacet_history_item_get_name (item) : gtk_string_object_get_string (item);
}

/* Everything that the marks of a row tell, in words. */
static char *
text_of (TacetHistoryList *self, gpointer item, guint position)
{
  guint present = tacet_scene_get_history_position (self->scene);
  const char *name = name_of (item);
  /* Translators: a row of the history as a screen reader says it; %s is the name of a step */
  g_autofree char *text = position == present  ? g_strdup_printf (_ ("%s, the present state"), name)
                          : position > present ? g_strdup_printf (_ ("%s, undone"), name)
                                               : g_strdup (name);

  if ((int) position == tacet_scene_get_history_saved (self->scene))
    return g_strdup_printf (_ ("%s, saved"), text);
  return g_steal_pointer (&text);
}

static void
show_item (TacetHistoryList *self, GtkListItem *item)
{
  GtkWidget *row = gtk_list_item_get_child (item), *mark, *label, *saved;
  gpointer object = gtk_list_item_get_item (item);
  guint position = gtk_list_item_get_position (item), present;
  g_autoptr (PangoAttrList) attributes = NULL;
  g_autofree char *text = NULL;

  if (self->scene == NULL || row == NULL || object == NULL)
    return;
  mark = gtk_widget_get_first_child (row);
  label = gtk_widget_get_next_sibling (mark);
  saved = gtk_widget_get_next_sibling (label);
  present = tacet_scene_get_history_position (self->scene);
  text = text_of (self, object, position);
  gtk_label_set_text (GTK_LABEL (label), name_of (object));
  gtk_widget_set_opacity (mark, position == present ? 1 : 0);
  gtk_widget_set_visible (saved, (int) position == tacet_scene_get_history_saved (self->scene));
  attributes = pango_attr_list_new ();
  if (position == present)
    pango_attr_list_insert (attributes, pango_attr_weight_new (PANGO_WEIGHT_BOLD));
  else if (position > present)
    pango_attr_list_insert (attributes, pango_attr_style_new (PANGO_STYLE_ITALIC));
  gtk_label_set_attributes (GTK_LABEL (label), attributes);
  gtk_widget_set_opacity (label, position > present ? 0.5 : 1);
  gtk_accessible_update_property (GTK_ACCESSIBLE (label), GTK_ACCESSIBLE_PROPERTY_LABEL, text, -1);
}

static void
setup_cb (GtkSignalListItemFactory *factory, GtkListItem *item, TacetHistoryList *self)
{
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6), *label = gtk_label_new (NULL);
  GtkWidget *mark = gtk_image_new_from_icon_name ("media-record-symbolic");
  GtkWidget *saved = gtk_image_new_from_icon_name ("document-save-symbolic");

  gtk_image_set_pixel_size (GTK_IMAGE (mark), 10);
  gtk_widget_set_size_request (mark, 16, -1);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_widget_set_hexpand (label, TRUE);
  gtk_widget_set_tooltip_text (saved, _ ("As it was saved"));
  gtk_widget_add_css_class (row, "history-row");
  gtk_box_append (GTK_BOX (row), mark);
  gtk_box_append (GTK_BOX (row), label);
  gtk_box_append (GTK_BOX (row), saved);
  gtk_list_item_set_child (item, row);
}

static void
bind_cb (GtkSignalListItemFactory *factory, GtkListItem *item, TacetHistoryList *self)
{
  g_hash_table_add (self->bound, item);
  show_item (self, item);
}

static void
unbind_cb (GtkSignalListItemFactory *factory, GtkListItem *item, TacetHistoryList *self)
{
  g_hash_table_remove (self->bound, item);
}

/* ---- the list ---- */

/* Only the rows that can be seen exist. */
static void
scene_changed_cb (TacetHistoryList *self)
{
  GHashTableIter iter;
  gpointer item;

  if (!gtk_widget_get_mapped (GTK_WIDGET (self)))
    return;
  g_hash_table_iter_init (&iter, self->bound);
  while (g_hash_table_iter_next (&iter, &item, NULL))
    show_item (self, item);
}

void
tacet_history_list_activate (TacetHistoryList *self, guint position)
{
  if (self->scene == NULL)
    return;
  tacet_scene_jump (self->scene, position);
  g_signal_emit (self, signals[SIGNAL_JUMPED], 0);
}

static void
activate_cb (TacetHistoryList *self, guint position)
{
  tacet_history_list_activate (self, position);
}

char *
tacet_history_list_dup_text (TacetHistoryList *self, guint position)
{
  GListModel *model = G_LIST_MODEL (gtk_list_view_get_model (self->view));
  g_autoptr (GObject) item = g_list_model_get_item (model, position);

  return item != NULL ? text_of (self, item, position) : NULL;
}

/* Once the rows have their places. */
static gboolean
focus_present_cb (gpointer data)
{
  TacetHistoryList *self = data;
  GtkWidget *present = NULL;
  GHashTableIter iter;
  gpointer item;

  self->focus_source = 0;
  g_hash_table_iter_init (&iter, self->bound);
  while (self->scene != NULL && g_hash_table_iter_next (&iter, &item, NULL))
    if (gtk_list_item_get_position (item) == tacet_scene_get_history_position (self->scene))
      present = gtk_list_item_get_child (item);
  if (present != NULL) /* which binds and unbinds rows */
    gtk_widget_grab_focus (gtk_widget_get_parent (present));
  return G_SOURCE_REMOVE;
}

void
tacet_history_list_show_present (TacetHistoryList *self)
{
  if (self->scene == NULL)
    return;
  scene_changed_cb (self);
  gtk_widget_activate_action (GTK_WIDGET (self->view), "list.scroll-to-item", "u",
                              tacet_scene_get_history_position (self->scene));
  gtk_widget_grab_focus (GTK_WIDGET (self->view));
  if (self->focus_source == 0)
    self->focus_source = g_timeout_add (30, focus_present_cb, self);
}

void
tacet_history_list_set_scene (TacetHistoryList *self, TacetScene *scene)
{
  if (self->scene == scene)
    return;
  if (self->scene != NULL)
    g_signal_handlers_disconnect_by_func (self->scene, scene_changed_cb, self);
  g_list_store_splice (self->parts, 1, g_list_model_get_n_items (G_LIST_MODEL (self->parts)) - 1, NULL, 0);
  g_set_object (&self->scene, scene);
  if (scene == NULL)
    return;
  g_list_store_append (self->parts, tacet_scene_get_history (scene));
  g_signal_connect_object (scene, "changed", G_CALLBACK (scene_changed_cb), self, G_CONNECT_SWAPPED);
}

/* ---- class ---- */

static void
tacet_history_list_dispose (GObject *object)
{
  TacetHistoryList *self = TACET_HISTORY_LIST (object);

  if (self->parts != NULL)
    tacet_history_list_set_scene (self, NULL);
  g_clear_handle_id (&self->focus_source, g_source_remove);
  g_clear_pointer (&self->scroller, gtk_widget_unparent);
  g_clear_object (&self->parts);
  G_OBJECT_CLASS (tacet_history_list_parent_class)->dispose (object);
}

static void
tacet_history_list_finalize (GObject *object)
{
  g_clear_pointer (&TACET_HISTORY_LIST (object)->bound, g_hash_table_unref);
  G_OBJECT_CLASS (tacet_history_list_parent_class)->finalize (object);
}

static void
tacet_history_list_class_init (TacetHistoryListClass *class)
{
  G_OBJECT_CLASS (class)->dispose = tacet_history_list_dispose;
  G_OBJECT_CLASS (class)->finalize = tacet_history_list_finalize;
  signals[SIGNAL_JUMPED] =
      g_signal_new ("jumped", TACET_TYPE_HISTORY_LIST, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (class), GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_css_name (GTK_WIDGET_CLASS (class), "historylist");
  gtk_widget_class_set_accessible_role (GTK_WIDGET_CLASS (class), GTK_ACCESSIBLE_ROLE_GROUP);
}

static GListModel *
start_model (void)
{
  /* Translators: the first row of the history: the document before any step */
  const char *const names[] = { _ ("Start"), NULL };

  return G_LIST_MODEL (gtk_string_list_new (names));
}

static void
tacet_history_list_init (TacetHistoryList *self)
{
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();
  g_autoptr (GListModel) start = start_model ();
  GtkFlattenListModel *flat;

  self->bound = g_hash_table_new (NULL, NULL);
  self->parts = g_list_store_new (G_TYPE_LIST_MODEL);
  g_list_store_append (self->parts, start);
  g_signal_connect (factory, "setup", G_CALLBACK (setup_cb), self);
  g_signal_connect (factory, "bind", G_CALLBACK (bind_cb), self);
  g_signal_connect (factory, "unbind", G_CALLBACK (unbind_cb), self);
  flat = gtk_flatten_list_model_new (G_LIST_MODEL (g_object_ref (self->parts)));
  self->view =
      GTK_LIST_VIEW (gtk_list_view_new (GTK_SELECTION_MODEL (gtk_no_selection_new (G_LIST_MODEL (flat))), factory));
  gtk_list_view_set_single_click_activate (self->view, TRUE);
  gtk_widget_add_css_class (GTK_WIDGET (self->view), "history");
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->view), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("History"), -1);
  g_signal_connect_object (self->view, "activate", G_CALLBACK (activate_cb), self, G_CONNECT_SWAPPED);
  self->scroller = gtk_scrolled_window_new ();
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (self->scroller), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_propagate_natural_height (GTK_SCROLLED_WINDOW (self->scroller), TRUE);
  gtk_scrolled_window_set_max_content_height (GTK_SCROLLED_WINDOW (self->scroller), 420);
  gtk_widget_set_size_request (self->scroller, 280, -1);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (self->scroller), GTK_WIDGET (self->view));
  gtk_widget_set_parent (self->scroller, GTK_WIDGET (self));
  g_signal_connect (self, "map", G_CALLBACK (scene_changed_cb), NULL);
}

GtkWidget *
tacet_history_list_new (void)
{
  return g_object_new (TACET_TYPE_HISTORY_LIST, NULL);
}
