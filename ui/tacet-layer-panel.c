/* tacet-layer-panel.c: see tacet-layer-panel.h.  Room: ui. */
#define G_LOG_DOMAIN "tacet-layer-panel"

#include "config.h"

#include "ui/tacet-layer-group.h"
#include "ui/tacet-content.h"
#include "ui/tacet-layer-panel.h"

#include <glib/gi18n.h>

#define CALM 100 /* milliseconds from the first change of pixels to the work on thumbnails */

struct _TacetLayerPanel
{
  GtkWidget parent_instance;

  TacetLayerGroup *groups[TACET_N_FAMILIES];

  TacetScene *scene;
  TacetLayer *selected;
  int selected_index; /* where it is, or was, in the whole list */
  GHashTable *rows;   /* TacetLayer to TacetLayerRow */
  GQueue stale;       /* of TacetLayerRow, whose thumbnails are to be made */
  guint stale_source;
  guint scroll_source;
  gboolean syncing;
  GtkListBoxRow *drop_row; /* beside which a dragged one would go */
};

G_DEFINE_FINAL_TYPE (TacetLayerPanel, tacet_layer_panel, GTK_TYPE_WIDGET)

enum
{
  PROP_0,
  PROP_SCENE,
  PROP_SELECTED,
  N_PROPS
};
static GParamSpec *properties[N_PROPS];

/* ---- thumbnails ---- */

static gboolean
update_one_cb (gpointer data)
{
  TacetLayerPanel *self = data;
  TacetLayerRow *row = g_queue_pop_head (&self->stale);

  if (row != NULL)
    tacet_layer_row_update_thumbnail (row);
  if (!g_queue_is_empty (&self->stale))
    return G_SOURCE_CONTINUE;
  self->stale_source = 0;
  return G_SOURCE_REMOVE;
}

static gboolean
calm_over_cb (gpointer data)
{
  TacetLayerPanel *self = data;

  self->stale_source = g_idle_add_full (G_PRIORITY_LOW, update_one_cb, self, NULL);
  return G_SOURCE_REMOVE;
}

/* A stroke changes the pixels many times a second; the thumbnail follows at a calmer pace. */
static void
thumbnail_stale_cb (TacetLayerPanel *self, TacetLayerRow *row)
{
  if (g_queue_find (&self->stale, row) == NULL)
    g_queue_push_tail (&self->stale, row);
  if (self->stale_source == 0)
    self->stale_source = g_timeout_add_full (G_PRIORITY_LOW, CALM, calm_over_cb, self, NULL);
}

/* ---- choosing ---- */

TacetLayerRow *
tacet_layer_panel_get_row (TacetLayerPanel *self, TacetLayer *layer)
{
  return layer != NULL ? g_hash_table_lookup (self->rows, layer) : NULL;
}

TacetLayer *
tacet_layer_panel_get_selected (TacetLayerPanel *self)
{
  return self->selected;
}

static TacetLayerGroup *
group_of (TacetLayerPanel *self, TacetLayer *layer)
{
  return self->groups[tacet_layer_kind_family (tacet_layer_get_kind (layer))];
}

/* One choice over all groups. */
static void
show_selection (TacetLayerPanel *self)
{
  TacetLayerRow *row = tacet_layer_panel_get_row (self, self->selected);

  self->syncing = TRUE;
  for (int i = 0; i < TACET_N_FAMILIES; i++)
    {
      GtkListBox *list = tacet_layer_group_get_list (self->groups[i]);
      gboolean here = row != NULL && gtk_widget_get_parent (GTK_WIDGET (row)) == GTK_WIDGET (list);

      gtk_list_box_select_row (list, here ? GTK_LIST_BOX_ROW (row) : NULL);
    }
  self->syncing = FALSE;
}

static gboolean
scroll_cb (gpointer data)
{
  TacetLayerPanel *self = data;
  GtkWidget *row = GTK_WIDGET (tacet_layer_panel_get_row (self, self->selected));
  GtkWidget *scroller = gtk_widget_get_ancestor (GTK_WIDGET (self), GTK_TYPE_SCROLLED_WINDOW);
  GtkAdjustment *adjustment;
  graphene_rect_t place;

  self->scroll_source = 0;
  if (row == NULL || scroller == NULL || !gtk_widget_compute_bounds (row, GTK_WIDGET (self), &place))
    return G_SOURCE_REMOVE;
  adjustment = gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (scroller));
  gtk_adjustment_clamp_page (adjustment, place.origin.y, place.origin.y + place.size.height);
  return G_SOURCE_REMOVE;
}

static void
reveal_selected (TacetLayerPanel *self)
{
  if (self->selected == NULL)
    return;
  tacet_layer_group_set_expanded (group_of (self, self->selected), TRUE);
  if (self->scroll_source == 0) /* once it has its place */
    self->scroll_source = g_timeout_add (30, scroll_cb, self);
}

static int
index_of (TacetLayerPanel *self, TacetLayer *layer)
{
  guint position;

  if (layer == NULL || !g_list_store_find (G_LIST_STORE (tacet_scene_get_layers (self->scene)), layer, &position))
    return -1;
  return (int) position;
}

void
tacet_layer_panel_set_selected (TacetLayerPanel *self, TacetLayer *layer)
{
  if (self->selected == layer)
    return;
  g_set_object (&self->selected, layer);
  if (layer != NULL)
    self->selected_index = index_of (self, layer);
  show_selection (self);
  reveal_selected (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SELECTED]);
}

static void
row_selected_cb (TacetLayerPanel *self, GtkListBoxRow *row)
{
  if (!self->syncing && row != NULL)
    tacet_layer_panel_set_selected (self, tacet_layer_row_get_layer (TACET_LAYER_ROW (row)));
}

void
tacet_layer_panel_rename (TacetLayerPanel *self)
{
  TacetLayerRow *row = tacet_layer_panel_get_row (self, self->selected);

  if (row == NULL)
    return;
  tacet_layer_group_set_expanded (group_of (self, self->selected), TRUE);
  tacet_layer_row_rename (row);
}

void
tacet_layer_panel_clear_notes (TacetLayerPanel *self)
{
  GHashTableIter iter;
  gpointer row;

  g_hash_table_iter_init (&iter, self->rows);
  while (g_hash_table_iter_next (&iter, NULL, &row))
    tacet_layer_row_set_note (row, NULL);
}

void
tacet_layer_panel_update_problems (TacetLayerPanel *self, const TacetModelStock *stock)
{
  GHashTableIter iter;
  gpointer layer, row;

  g_hash_table_iter_init (&iter, self->rows);
  while (g_hash_table_iter_next (&iter, &layer, &row))
    {
      g_auto (TacetProblem) problem = { 0 };

      tacet_layer_row_set_problem (row, tacet_layer_problem (self->scene, layer, stock, &problem) ? &problem : NULL);
    }
}

/* From the last row of a group down into the next one, and up. */
static gboolean
keynav_failed_cb (TacetLayerPanel *self, GtkDirectionType direction, GtkListBox *list)
{
  int at = 0, by = direction == GTK_DIR_DOWN ? 1 : -1;

  if (direction != GTK_DIR_DOWN && direction != GTK_DIR_UP)
    return FALSE;
  while (tacet_layer_group_get_list (self->groups[at]) != list)
    at++;
  for (at += by; at >= 0 && at < TACET_N_FAMILIES; at += by)
    {
      GtkListBox *next = tacet_layer_group_get_list (self->groups[at]);
      GtkListBoxRow *row = NULL;

      if (!gtk_widget_get_mapped (GTK_WIDGET (next)))
        continue;
      for (int i = 0; gtk_list_box_get_row_at_index (next, i) != NULL && (row == NULL || by < 0); i++)
        row = gtk_list_box_get_row_at_index (next, i);
      if (row == NULL)
        continue;
      gtk_list_box_select_row (next, row);
      gtk_widget_grab_focus (GTK_WIDGET (row));
      return TRUE;
    }
  return FALSE;
}

/* ---- dragging ---- */

static GdkContentProvider *
prepare_drag_cb (GtkDragSource *source, double x, double y, TacetLayerRow *row)
{
  TacetLayerPanel *panel = TACET_LAYER_PANEL (gtk_widget_get_ancestor (GTK_WIDGET (row), TACET_TYPE_LAYER_PANEL));
  TacetLayer *layer = tacet_layer_row_get_layer (row);
  /* Within the list the layer itself; for other windows and programs what it holds. */
  GdkContentProvider *providers[] = { gdk_content_provider_new_typed (TACET_TYPE_LAYER, layer),
                                      tacet_content_new_for_layer (panel->scene, layer, TRUE) };

  return providers[1] != NULL ? gdk_content_provider_new_union (providers, 2) : providers[0];
}

static void
begin_drag_cb (GtkDragSource *source, GdkDrag *drag, TacetLayerRow *row)
{
  g_autoptr (GdkPaintable) paintable = gtk_widget_paintable_new (GTK_WIDGET (row));
  g_autoptr (GdkPaintable) still = gdk_paintable_get_current_image (paintable);

  gtk_drag_source_set_icon (source, still, 24, 24);
}

static void
clear_drop_mark (TacetLayerPanel *self)
{
  if (self->drop_row == NULL)
    return;
  gtk_widget_remove_css_class (GTK_WIDGET (self->drop_row), "drop-above");
  gtk_widget_remove_css_class (GTK_WIDGET (self->drop_row), "drop-below");
  self->drop_row = NULL;
}

/* Into which gap between the rows of the list this place falls, 0: above the first. */
static int
gap_at (GtkListBox *list, double y, GtkListBoxRow **beside, gboolean *below)
{
  GtkListBoxRow *row = gtk_list_box_get_row_at_y (list, (int) y);
  graphene_rect_t place;

  if (row == NULL) /* under the last */
    for (int i = 0; gtk_list_box_get_row_at_index (list, i) != NULL; i++)
      row = gtk_list_box_get_row_at_index (list, i);
  *beside = row;
  if (row == NULL || !gtk_widget_compute_bounds (GTK_WIDGET (row), GTK_WIDGET (list), &place))
    return 0;
  *below = y > place.origin.y + place.size.height / 2;
  return gtk_list_box_row_get_index (row) + (*below ? 1 : 0);
}

static TacetLayerGroup *
group_of_list (TacetLayerPanel *self, GtkWidget *list)
{
  return TACET_LAYER_GROUP (gtk_widget_get_ancestor (list, TACET_TYPE_LAYER_GROUP));
}

static GdkDragAction
drop_motion_cb (GtkDropTarget *target, double x, double y, TacetLayerPanel *self)
{
  GtkWidget *list = gtk_event_controller_get_widget (GTK_EVENT_CONTROLLER (target));
  const GValue *value = gtk_drop_target_get_value (target);
  TacetLayer *layer = value != NULL ? g_value_get_object (value) : NULL;
  GtkListBoxRow *beside = NULL;
  gboolean below = FALSE;

  clear_drop_mark (self);
  if (layer == NULL || group_of (self, layer) != group_of_list (self, list))
    return 0;
  gap_at (GTK_LIST_BOX (list), y, &beside, &below);
  if (beside == NULL)
    return 0;
  gtk_widget_add_css_class (GTK_WIDGET (beside), below ? "drop-below" : "drop-above");
  self->drop_row = beside;
  return GDK_ACTION_MOVE;
}

static gboolean
drop_cb (GtkDropTarget *target, const GValue *value, double x, double y, TacetLayerPanel *self)
{
  GtkWidget *list = gtk_event_controller_get_widget (GTK_EVENT_CONTROLLER (target));
  TacetLayer *layer = g_value_get_object (value);
  int from = index_of (self, layer), first, gap;
  GtkListBoxRow *beside = NULL;
  gboolean below = FALSE;

  clear_drop_mark (self);
  if (from < 0 || group_of (self, layer) != group_of_list (self, list))
    return FALSE;
  gap = gap_at (GTK_LIST_BOX (list), y, &beside, &below);
  first = index_of (
      self, tacet_layer_row_get_layer (TACET_LAYER_ROW (gtk_list_box_get_row_at_index (GTK_LIST_BOX (list), 0))));
  gap += first;
  /* Taking it out moves what is below it one up. */
  tacet_scene_move_layer (self->scene, layer, gap > from ? gap - 1 : gap);
  return TRUE;
}

/* ---- rows ---- */

static TacetLayerRow *
make_row (TacetLayerPanel *self, TacetLayer *layer, int index)
{
  GtkWidget *row = tacet_layer_row_new (self->scene, layer, index);
  GtkDragSource *drag = gtk_drag_source_new ();

  gtk_drag_source_set_actions (drag, GDK_ACTION_MOVE | GDK_ACTION_COPY);
  g_signal_connect (drag, "prepare", G_CALLBACK (prepare_drag_cb), row);
  g_signal_connect (drag, "drag-begin", G_CALLBACK (begin_drag_cb), row);
  gtk_widget_add_controller (row, GTK_EVENT_CONTROLLER (drag));
  g_signal_connect_object (row, "thumbnail-stale", G_CALLBACK (thumbnail_stale_cb), self, G_CONNECT_SWAPPED);
  g_hash_table_insert (self->rows, layer, row);
  thumbnail_stale_cb (self, TACET_LAYER_ROW (row));
  return TACET_LAYER_ROW (row);
}

static void
forget_row (TacetLayerPanel *self, TacetLayerRow *row)
{
  if (self->drop_row == GTK_LIST_BOX_ROW (row))
    clear_drop_mark (self);
  g_queue_remove (&self->stale, row);
  g_hash_table_remove (self->rows, tacet_layer_row_get_layer (row));
  gtk_list_box_remove (GTK_LIST_BOX (gtk_widget_get_parent (GTK_WIDGET (row))), GTK_WIDGET (row));
}

static void
remove_gone (TacetLayerPanel *self)
{
  g_autoptr (GPtrArray) gone = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer layer, row;

  g_hash_table_iter_init (&iter, self->rows);
  while (g_hash_table_iter_next (&iter, &layer, &row))
    if (self->scene == NULL || index_of (self, layer) < 0)
      g_ptr_array_add (gone, row);
  for (guint i = 0; i < gone->len; i++)
    forget_row (self, gone->pdata[i]);
}

/* The row of the layer becomes number `at` of its list. */
static void
place_row (TacetLayerPanel *self, TacetLayer *layer, int index, GtkListBox *list, int at)
{
  TacetLayerRow *row = tacet_layer_panel_get_row (self, layer);
  GtkWidget *focus;
  gboolean focused;

  if (row == NULL)
    {
      gtk_list_box_insert (list, GTK_WIDGET (make_row (self, layer, index)), at);
      return;
    }
  tacet_layer_row_set_index (row, index);
  if (gtk_widget_get_parent (GTK_WIDGET (row)) == GTK_WIDGET (list) &&
      gtk_list_box_row_get_index (GTK_LIST_BOX_ROW (row)) == at)
    return;
  focus = gtk_widget_get_root (GTK_WIDGET (self)) != NULL ? gtk_root_get_focus (gtk_widget_get_root (GTK_WIDGET (self)))
                                                          : NULL;
  focused = focus != NULL && (focus == GTK_WIDGET (row) || gtk_widget_is_ancestor (focus, GTK_WIDGET (row)));
  g_object_ref (row);
  gtk_list_box_remove (GTK_LIST_BOX (gtk_widget_get_parent (GTK_WIDGET (row))), GTK_WIDGET (row));
  gtk_list_box_insert (list, GTK_WIDGET (row), at);
  g_object_unref (row);
  if (focused)
    gtk_widget_grab_focus (GTK_WIDGET (row));
}

/* The neighbour of the one that is gone. */
static void
select_something (TacetLayerPanel *self)
{
  guint n = g_list_model_get_n_items (tacet_scene_get_layers (self->scene));
  g_autoptr (TacetLayer) layer = NULL;

  if (tacet_layer_panel_get_row (self, self->selected) != NULL)
    {
      self->selected_index = index_of (self, self->selected);
      return;
    }
  if (n > 0)
    layer = g_list_model_get_item (tacet_scene_get_layers (self->scene),
                                   (guint) CLAMP (self->selected_index, 0, (int) n - 1));
  tacet_layer_panel_set_selected (self, layer);
}

static void
layers_changed_cb (TacetLayerPanel *self)
{
  GListModel *layers = tacet_scene_get_layers (self->scene);
  guint n = g_list_model_get_n_items (layers);
  int counts[TACET_N_FAMILIES] = { 0 };

  self->syncing = TRUE;
  remove_gone (self);
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (TacetLayer) layer = g_list_model_get_item (layers, i);
      TacetLayerFamily family = tacet_layer_kind_family (tacet_layer_get_kind (layer));

      place_row (self, layer, (int) i, tacet_layer_group_get_list (self->groups[family]), counts[family]++);
    }
  for (int i = 0; i < TACET_N_FAMILIES; i++)
    gtk_widget_set_visible (GTK_WIDGET (tacet_layer_group_get_list (self->groups[i])), counts[i] > 0);
  self->syncing = FALSE;
  select_something (self);
  show_selection (self);
}

/* ---- the document ---- */

static void
show_balance (TacetLayerPanel *self)
{
  /* Translators: how controls share: by Minimal Impact */
  const char *text = _ ("Balance: automatic");

  switch (tacet_scene_get_combine (self->scene)->kind)
    {
    case TACET_COMBINE_SUM:
      text = _ ("Balance: plain sum");
      break;
    case TACET_COMBINE_STAR:
      text = _ ("Balance: plain controls");
      break;
    case TACET_COMBINE_WEIGHTS:
      text = _ ("Balance: fixed weights");
      break;
    default:
      break;
    }
  tacet_layer_group_set_balance (self->groups[TACET_FAMILY_CONTROLS], text);
}

void
tacet_layer_panel_set_scene (TacetLayerPanel *self, TacetScene *scene)
{
  if (self->scene == scene)
    return;
  if (self->scene != NULL)
    {
      g_signal_handlers_disconnect_by_func (tacet_scene_get_layers (self->scene), layers_changed_cb, self);
      g_signal_handlers_disconnect_by_func (self->scene, show_balance, self);
    }
  self->syncing = TRUE;
  g_set_object (&self->scene, NULL);
  remove_gone (self);
  self->syncing = FALSE;
  self->selected_index = 0;
  tacet_layer_panel_set_selected (self, NULL);
  g_set_object (&self->scene, scene);
  if (scene != NULL)
    {
      g_signal_connect_object (tacet_scene_get_layers (scene), "items-changed", G_CALLBACK (layers_changed_cb), self,
                               G_CONNECT_SWAPPED);
      g_signal_connect_object (scene, "notify::combine", G_CALLBACK (show_balance), self, G_CONNECT_SWAPPED);
      layers_changed_cb (self);
      show_balance (self);
    }
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SCENE]);
}

/* ---- class ---- */

static void
tacet_layer_panel_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  TacetLayerPanel *self = TACET_LAYER_PANEL (object);

  if (id == PROP_SCENE)
    g_value_set_object (value, self->scene);
  else if (id == PROP_SELECTED)
    g_value_set_object (value, self->selected);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
tacet_layer_panel_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  TacetLayerPanel *self = TACET_LAYER_PANEL (object);

  if (id == PROP_SCENE)
    tacet_layer_panel_set_scene (self, g_value_get_object (value));
  else if (id == PROP_SELECTED)
    tacet_layer_panel_set_selected (self, g_value_get_object (value));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
tacet_layer_panel_dispose (GObject *object)
{
  TacetLayerPanel *self = TACET_LAYER_PANEL (object);
  GtkWidget *child;

  if (self->groups[0] != NULL)
    tacet_layer_panel_set_scene (self, NULL);
  g_clear_handle_id (&self->stale_source, g_source_remove);
  g_clear_handle_id (&self->scroll_source, g_source_remove);
  g_queue_clear (&self->stale);
  memset (self->groups, 0, sizeof (self->groups));
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  G_OBJECT_CLASS (tacet_layer_panel_parent_class)->dispose (object);
}

static void
tacet_layer_panel_finalize (GObject *object)
{
  TacetLayerPanel *self = TACET_LAYER_PANEL (object);

  g_clear_object (&self->selected);
  g_clear_pointer (&self->rows, g_hash_table_unref);
  G_OBJECT_CLASS (tacet_layer_panel_parent_class)->finalize (object);
}

static void
tacet_layer_panel_class_init (TacetLayerPanelClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->get_property = tacet_layer_panel_get_property;
  object_class->set_property = tacet_layer_panel_set_property;
  object_class->dispose = tacet_layer_panel_dispose;
  object_class->finalize = tacet_layer_panel_finalize;
  properties[PROP_SCENE] = g_param_spec_object ("scene", NULL, NULL, TACET_TYPE_SCENE, flags);
  properties[PROP_SELECTED] = g_param_spec_object ("selected", NULL, NULL, TACET_TYPE_LAYER, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (class), GTK_TYPE_BOX_LAYOUT);
  gtk_widget_class_set_css_name (GTK_WIDGET_CLASS (class), "layerpanel");
  gtk_widget_class_set_accessible_role (GTK_WIDGET_CLASS (class), GTK_ACCESSIBLE_ROLE_GROUP);
}

static void
add_group (TacetLayerPanel *self, TacetLayerFamily family)
{
  GtkWidget *group = tacet_layer_group_new (family);
  GtkListBox *list = tacet_layer_group_get_list (TACET_LAYER_GROUP (group));
  GtkDropTarget *drop = gtk_drop_target_new (TACET_TYPE_LAYER, GDK_ACTION_MOVE);

  self->groups[family] = TACET_LAYER_GROUP (group);
  gtk_widget_set_parent (group, GTK_WIDGET (self));
  g_signal_connect_object (list, "row-selected", G_CALLBACK (row_selected_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (list, "keynav-failed", G_CALLBACK (keynav_failed_cb), self, G_CONNECT_SWAPPED);
  gtk_drop_target_set_preload (drop, TRUE);
  g_signal_connect (drop, "motion", G_CALLBACK (drop_motion_cb), self);
  g_signal_connect_swapped (drop, "leave", G_CALLBACK (clear_drop_mark), self);
  g_signal_connect (drop, "drop", G_CALLBACK (drop_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (list), GTK_EVENT_CONTROLLER (drop));
}

static void
tacet_layer_panel_init (TacetLayerPanel *self)
{
  GtkBoxLayout *layout = GTK_BOX_LAYOUT (gtk_widget_get_layout_manager (GTK_WIDGET (self)));

  gtk_orientable_set_orientation (GTK_ORIENTABLE (layout), GTK_ORIENTATION_VERTICAL);
  gtk_box_layout_set_spacing (layout, 4);
  self->rows = g_hash_table_new (NULL, NULL);
  g_queue_init (&self->stale);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Layers"), -1);
  for (int i = 0; i < TACET_N_FAMILIES; i++)
    add_group (self, i);
}
