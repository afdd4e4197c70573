/* tacet-action-search.c: see tacet-action-search.h.  Room: ui. */
#define G_LOG_DOMAIN "tacet-action-search"

#include "config.h"

#include "ui/tacet-action-search.h"

#include <glib/gi18n.h>

#define WIDTH  440
#define HEIGHT 420

struct _TacetActionSearch
{
  GtkPopover parent_instance;

  GtkWidget *entry, *scrolled, *nothing;
  GtkListBox *list;
  TacetShortcuts *shortcuts;
  TacetReasonFunc reason;
  gpointer data;
};

G_DEFINE_FINAL_TYPE (TacetActionSearch, tacet_action_search, GTK_TYPE_POPOVER)

typedef struct
{
  const TacetAction *action;
  int score;  /* 0: does not fit what was typed */
  int length; /* of the title, where something was typed */
  int order;  /* in the table */
  GtkWidget *reason;
} Row;

static Row *
get_row (gpointer row)
{
  return g_object_get_data (G_OBJECT (row), "action");
}

/* ---- rows ---- */

static void
sensitive_cb (GtkWidget *widget, GParamSpec *pspec, TacetActionSearch *self)
{
  Row *row = get_row (widget);
  g_autofree char *why = NULL;

  if (!gtk_widget_get_sensitive (widget))
    {
      why = self->reason != NULL ? self->reason (row->action, self->data) : NULL;
      if (why == NULL && row->action->needs != NULL)
        why = g_strdup (_ (row->action->needs));
    }
  gtk_label_set_text (GTK_LABEL (row->reason), why != NULL ? why : "");
  gtk_widget_set_visible (row->reason, why != NULL);
}

static GtkWidget *
make_label (const char *text, const char *class)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  if (class != NULL)
    {
      gtk_widget_add_css_class (label, class);
      gtk_widget_add_css_class (label, "caption");
    }
  return label;
}

/* Whether an action can be used is told to buttons only: one that nobody sees asks for the row. */
static GtkWidget *
make_probe (const TacetAction *action)
{
  GtkWidget *probe = gtk_button_new ();

  gtk_actionable_set_detailed_action_name (GTK_ACTIONABLE (probe), action->name);
  gtk_widget_hide (probe);
  return probe;
}

static GtkWidget *
make_row (TacetActionSearch *self, const TacetAction *action, int order)
{
  GtkWidget *widget = gtk_list_box_row_new (), *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *texts = gtk_box_new (GTK_ORIENTATION_VERTICAL, 1), *probe = make_probe (action);
  g_autofree char *key = tacet_shortcuts_dup_label (self->shortcuts, action->name);
  g_autofree char *name =
      key != NULL ? g_strdup_printf ("%s, %s", _ (action->title), key) : g_strdup (_ (action->title));
  Row *row = g_new0 (Row, 1);

  row->action = action;
  row->order = order;
  row->reason = make_label ("", "dim-label");
  gtk_label_set_lines (GTK_LABEL (row->reason), 2);
  gtk_widget_hide (row->reason);
  gtk_box_append (GTK_BOX (texts), make_label (_ (action->title), NULL));
  gtk_box_append (GTK_BOX (texts), row->reason);
  gtk_widget_set_hexpand (texts, TRUE);
  gtk_widget_set_valign (texts, GTK_ALIGN_CENTER);
  gtk_box_append (GTK_BOX (box), probe);
  gtk_box_append (GTK_BOX (box), texts);
  gtk_box_append (GTK_BOX (box), make_label (tacet_actions_group_title (action->group), "dim-label"));
  if (key != NULL)
    gtk_box_append (GTK_BOX (box), make_label (key, "keycap"));
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (widget), box);
  g_object_set_data_full (G_OBJECT (widget), "action", row, g_free);
  gtk_accessible_update_property (GTK_ACCESSIBLE (widget), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  g_signal_connect_object (widget, "notify::sensitive", G_CALLBACK (sensitive_cb), self, 0);
  g_object_bind_property (probe, "sensitive", widget, "sensitive", G_BINDING_SYNC_CREATE);
  sensitive_cb (widget, NULL, self);
  return widget;
}

static gboolean
is_shown (GtkListBoxRow *row, gpointer data)
{
  return get_row (row)->score > 0;
}

/* What fits best comes first; of those that fit alike what can be used, and then the shorter names. */
static int
compare (GtkListBoxRow *a, GtkListBoxRow *b, gpointer data)
{
  Row *one = get_row (a), *other = get_row (b);

  if (one->score != other->score)
    return other->score - one->score;
  if (gtk_widget_get_sensitive (GTK_WIDGET (a)) != gtk_widget_get_sensitive (GTK_WIDGET (b)))
    return gtk_widget_get_sensitive (GTK_WIDGET (a)) ? -1 : 1;
  if (one->length != other->length)
    return one->length - other->length;
  return one->order - other->order;
}

/* ---- choosing ---- */

static GtkListBoxRow *
nth_shown (TacetActionSearch *self, int from, int by)
{
  GtkListBoxRow *row;

  for (int i = from; (row = gtk_list_box_get_row_at_index (self->list, i)) != NULL; i += by)
    if (get_row (row)->score > 0 && gtk_widget_get_sensitive (GTK_WIDGET (row)))
      return row;
  return NULL;
}

static void
choose (TacetActionSearch *self, GtkListBoxRow *row)
{
  GtkAdjustment *adjustment = gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (self->scrolled));
  graphene_rect_t place;

  gtk_list_box_select_row (self->list, row);
  if (row == NULL || !gtk_widget_compute_bounds (GTK_WIDGET (row), GTK_WIDGET (self->list), &place))
    return;
  gtk_adjustment_clamp_page (adjustment, place.origin.y, place.origin.y + place.size.height);
  gtk_accessible_update_relation (GTK_ACCESSIBLE (self->entry), GTK_ACCESSIBLE_RELATION_ACTIVE_DESCENDANT, row, -1);
}

static void
typed_cb (TacetActionSearch *self)
{
  const char *typed = gtk_editable_get_text (GTK_EDITABLE (self->entry));
  GtkListBoxRow *row;
  gboolean any = FALSE;

  for (int i = 0; (row = gtk_list_box_get_row_at_index (self->list, i)) != NULL; i++)
    {
      Row *this = get_row (row);
      int title = tacet_actions_match (typed, _ (this->action->title));
      int group = tacet_actions_match (typed, tacet_actions_group_title (this->action->group));

      this->score = MAX (title, group / 4);
      this->length = *typed != '\0' ? (int) g_utf8_strlen (_ (this->action->title), -1) : 0;
      any |= this->score > 0;
    }
  gtk_list_box_invalidate_sort (self->list);
  gtk_list_box_invalidate_filter (self->list);
  gtk_widget_set_visible (self->scrolled, any);
  gtk_widget_set_visible (self->nothing, !any);
  choose (self, nth_shown (self, 0, 1));
}

static void
run (TacetActionSearch *self, const TacetAction *action)
{
  GtkWidget *parent = gtk_widget_get_parent (GTK_WIDGET (self));
  g_autoptr (GVariant) target = NULL;
  g_autofree char *name = NULL;

  if (!g_action_parse_detailed_name (action->name, &name, &target, NULL))
    return;
  /* First the focus goes back to where it was: the action may want it. */
  gtk_popover_popdown (GTK_POPOVER (self));
  if (parent != NULL)
    gtk_widget_activate_action_variant (parent, name, target);
}

const TacetAction *
tacet_action_search_get_choice (TacetActionSearch *self)
{
  GtkListBoxRow *row = gtk_list_box_get_selected_row (self->list);

  return row != NULL && get_row (row)->score > 0 && gtk_widget_get_sensitive (GTK_WIDGET (row)) ? get_row (row)->action
                                                                                                : NULL;
}

static void
row_activated_cb (TacetActionSearch *self, GtkListBoxRow *row)
{
  run (self, get_row (row)->action);
}

static void
enter_cb (TacetActionSearch *self)
{
  const TacetAction *action = tacet_action_search_get_choice (self);

  if (action != NULL)
    run (self, action);
}

static gboolean
key_pressed_cb (TacetActionSearch *self, guint key)
{
  GtkListBoxRow *row = gtk_list_box_get_selected_row (self->list), *next;
  int by = key == GDK_KEY_Down || key == GDK_KEY_KP_Down ? 1 : key == GDK_KEY_Up || key == GDK_KEY_KP_Up ? -1 : 0;

  if (by == 0)
    return FALSE;
  next = nth_shown (self, row != NULL ? gtk_list_box_row_get_index (row) + by : 0, by);
  if (next != NULL)
    choose (self, next);
  return TRUE;
}

void
tacet_action_search_type (TacetActionSearch *self, const char *text)
{
  gtk_editable_set_text (GTK_EDITABLE (self->entry), text);
  typed_cb (self);
}

/* ---- class ---- */

static void
tacet_action_search_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (tacet_action_search_parent_class)->map (widget);
  gtk_widget_grab_focus (TACET_ACTION_SEARCH (widget)->entry);
}

static void
tacet_action_search_dispose (GObject *object)
{
  g_clear_object (&TACET_ACTION_SEARCH (object)->shortcuts);
  G_OBJECT_CLASS (tacet_action_search_parent_class)->dispose (object);
}

static void
tacet_action_search_class_init (TacetActionSearchClass *class)
{
  G_OBJECT_CLASS (class)->dispose = tacet_action_search_dispose;
  GTK_WIDGET_CLASS (class)->map = tacet_action_search_map;
}

static void
tacet_action_search_init (TacetActionSearch *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 8);
  GtkEventController *keys = gtk_event_controller_key_new ();

  self->entry = gtk_search_entry_new ();
  g_object_set (self->entry, "placeholder-text", _ ("What do you want to do?"), NULL);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->entry), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Search for an action"), -1);
  self->list = GTK_LIST_BOX (gtk_list_box_new ());
  gtk_list_box_set_filter_func (self->list, is_shown, NULL, NULL);
  gtk_list_box_set_sort_func (self->list, compare, NULL, NULL);
  gtk_widget_add_css_class (GTK_WIDGET (self->list), "action-list");
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->list), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Actions"), -1);
  self->scrolled = gtk_scrolled_window_new ();
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (self->scrolled), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_max_content_height (GTK_SCROLLED_WINDOW (self->scrolled), HEIGHT);
  gtk_scrolled_window_set_propagate_natural_height (GTK_SCROLLED_WINDOW (self->scrolled), TRUE);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (self->scrolled), GTK_WIDGET (self->list));
  self->nothing = make_label (_ ("No action is called so."), "dim-label");
  gtk_widget_hide (self->nothing);
  gtk_box_append (GTK_BOX (box), self->entry);
  gtk_box_append (GTK_BOX (box), self->scrolled);
  gtk_box_append (GTK_BOX (box), self->nothing);
  gtk_widget_set_size_request (box, WIDTH, -1);
  gtk_popover_set_child (GTK_POPOVER (self), box);
  gtk_popover_set_has_arrow (GTK_POPOVER (self), FALSE);
  gtk_popover_set_position (GTK_POPOVER (self), GTK_POS_BOTTOM);
  gtk_widget_add_css_class (GTK_WIDGET (self), "action-search");
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Search for an action"), -1);
  gtk_event_controller_set_propagation_phase (keys, GTK_PHASE_CAPTURE);
  g_signal_connect_swapped (keys, "key-pressed", G_CALLBACK (key_pressed_cb), self);
  gtk_widget_add_controller (self->entry, keys);
  g_signal_connect_object (self->entry, "search-changed", G_CALLBACK (typed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->entry, "activate", G_CALLBACK (enter_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->entry, "stop-search", G_CALLBACK (gtk_popover_popdown), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->list, "row-activated", G_CALLBACK (row_activated_cb), self, G_CONNECT_SWAPPED);
}

GtkWidget *
tacet_action_search_new (TacetShortcuts *shortcuts, TacetReasonFunc reason, gpointer data)
{
  TacetActionSearch *self = g_object_new (TACET_TYPE_ACTION_SEARCH, NULL);
  gsize n;
  const TacetAction *actions = tacet_actions_get (&n);

  self->shortcuts = g_object_ref (shortcuts);
  self->reason = reason;
  self->data = data;
  for (gsize i = 0; i < n; i++)
    gtk_list_box_append (self->list, make_row (self, &actions[i], (int) i));
  typed_cb (self);
  return GTK_WIDGET (self);
}
