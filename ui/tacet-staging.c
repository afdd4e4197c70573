/* tacet-staging.c: see tacet-staging.h.  Room: ui. */
#define G_LOG_DOMAIN "tacet-staging"

#include "config.h"

#include "ui/tacet-content.h"
#include "ui/tacet-staging-item.h"
#include "ui/tacet-staging.h"

#include <glib/gi18n.h>

struct _TacetStaging
{
  GtkWidget parent_instance;

  GtkBox *groups; /* of boxes: a title, and a box of items */
  GtkWidget *empty, *full, *scroller, *star;
  GtkMenuButton *more;
  GtkWidget *context; /* popover of a right click, NULL: no menu yet */

  TacetScene *scene;
  TacetCandidate *selected, *compared;
  GPtrArray *items; /* of TacetStagingItem, as the model has them; borrowed */
  GtkWidget *pending;
  guint scroll_source;
};

G_DEFINE_FINAL_TYPE (TacetStaging, tacet_staging, GTK_TYPE_WIDGET)

enum
{
  PROP_0,
  PROP_SELECTED,
  N_PROPS
};
static GParamSpec *properties[N_PROPS];

/* ---- choosing ---- */

static TacetStagingItem *
item_of (TacetStaging *self, TacetCandidate *candidate)
{
  for (guint i = 0; candidate != NULL && i < self->items->len; i++)
    if (tacet_staging_item_get_candidate (self->items->pdata[i]) == candidate)
      return self->items->pdata[i];
  return NULL;
}

static gboolean
scroll_cb (gpointer data)
{
  TacetStaging *self = data;
  GtkWidget *item = GTK_WIDGET (item_of (self, self->selected));
  GtkAdjustment *adjustment = gtk_scrolled_window_get_hadjustment (GTK_SCROLLED_WINDOW (self->scroller));
  graphene_rect_t place;

  self->scroll_source = 0;
  if (item == NULL)
    item = self->pending;
  if (item != NULL && gtk_widget_compute_bounds (item, GTK_WIDGET (self->groups), &place))
    gtk_adjustment_clamp_page (adjustment, place.origin.x - 8, place.origin.x + place.size.width + 8);
  return G_SOURCE_REMOVE;
}

static void
scroll_soon (TacetStaging *self)
{
  if (self->scroll_source == 0) /* once it has its place */
    self->scroll_source = g_timeout_add (30, scroll_cb, self);
}

static void
show_star (TacetStaging *self)
{
  gboolean starred = self->selected != NULL && tacet_candidate_get_starred (self->selected);

  gtk_button_set_icon_name (GTK_BUTTON (self->star), starred ? "starred-symbolic" : "non-starred-symbolic");
}

void
tacet_staging_set_selected (TacetStaging *self, TacetCandidate *candidate)
{
  TacetStagingItem *before = item_of (self, self->selected), *item = item_of (self, candidate);

  if (item == NULL)
    candidate = NULL;
  if (self->selected == candidate)
    return;
  if (before != NULL)
    tacet_staging_item_set_selected (before, FALSE);
  g_set_object (&self->selected, candidate);
  if (item != NULL)
    tacet_staging_item_set_selected (item, TRUE);
  show_star (self);
  scroll_soon (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SELECTED]);
}

TacetCandidate *
tacet_staging_get_selected (TacetStaging *self)
{
  return self->selected;
}

void
tacet_staging_select_by (TacetStaging *self, int by)
{
  int n = (int) self->items->len, at = by > 0 ? -1 : n;

  for (int i = 0; i < n; i++)
    if (tacet_staging_item_get_candidate (self->items->pdata[i]) == self->selected)
      at = i;
  if (n > 0)
    tacet_staging_set_selected (self, tacet_staging_item_get_candidate (self->items->pdata[CLAMP (at + by, 0, n - 1)]));
}

void
tacet_staging_set_compared (TacetStaging *self, TacetCandidate *candidate)
{
  TacetStagingItem *before = item_of (self, self->compared), *item = item_of (self, candidate);

  if (before != NULL)
    tacet_staging_item_set_compared (before, FALSE);
  if (item == NULL)
    candidate = NULL;
  g_set_object (&self->compared, candidate);
  if (item != NULL)
    tacet_staging_item_set_compared (item, TRUE);
}

/* ---- keys and pointer ---- */

static gboolean
key_cb (TacetStaging *self, guint key, guint code, GdkModifierType state, GtkEventController *controller)
{
  static const struct
  {
    guint key;
    const char *action;
  } actions[] = {
    { GDK_KEY_Return, "win.result-apply" },  { GDK_KEY_KP_Enter, "win.result-apply" },
    { GDK_KEY_space, "win.show-picture" },   { GDK_KEY_Delete, "win.result-discard" },
    { GDK_KEY_asterisk, "win.result-star" },
  };
  gboolean mirrored = gtk_widget_get_direction (GTK_WIDGET (self)) == GTK_TEXT_DIR_RTL;
  int by = 0;

  if ((state & (GDK_CONTROL_MASK | GDK_ALT_MASK)) != 0)
    return GDK_EVENT_PROPAGATE;
  if (key == GDK_KEY_Left || key == GDK_KEY_Right)
    by = (key == GDK_KEY_Left) != mirrored ? -1 : 1;
  else if (key == GDK_KEY_Home || key == GDK_KEY_End)
    by = key == GDK_KEY_Home ? -(int) self->items->len : (int) self->items->len;
  if (by != 0)
    {
      TacetStagingItem *item;

      tacet_staging_select_by (self, by);
      item = item_of (self, self->selected);
      if (item != NULL)
        gtk_widget_grab_focus (GTK_WIDGET (item));
      return GDK_EVENT_STOP;
    }
  for (guint i = 0; i < G_N_ELEMENTS (actions); i++)
    if (actions[i].key == key)
      return gtk_widget_activate_action (GTK_WIDGET (self), actions[i].action, NULL);
  if (key == GDK_KEY_Menu || (key == GDK_KEY_F10 && (state & GDK_SHIFT_MASK) != 0))
    {
      gtk_menu_button_popup (self->more);
      return GDK_EVENT_STOP;
    }
  return GDK_EVENT_PROPAGATE;
}

static void
item_pressed_cb (TacetStagingItem *item, int n_press, double x, double y, GtkGesture *gesture)
{
  TacetStaging *self = TACET_STAGING (gtk_widget_get_ancestor (GTK_WIDGET (item), TACET_TYPE_STAGING));

  gtk_widget_grab_focus (GTK_WIDGET (item));
  tacet_staging_set_selected (self, tacet_staging_item_get_candidate (item));
  if (gtk_gesture_single_get_current_button (GTK_GESTURE_SINGLE (gesture)) != GDK_BUTTON_SECONDARY)
    {
      if (n_press == 2)
        gtk_widget_activate_action (GTK_WIDGET (self), "win.result-apply", NULL);
      return;
    }
  if (self->context != NULL)
    {
      GdkRectangle place = { 0, 0, 1, 1 };
      double left, top;

      gtk_widget_translate_coordinates (GTK_WIDGET (item), GTK_WIDGET (self), x, y, &left, &top);
      place.x = (int) left;
      place.y = (int) top;
      gtk_popover_set_pointing_to (GTK_POPOVER (self->context), &place);
      gtk_popover_popup (GTK_POPOVER (self->context));
    }
}

/* Who comes to a result with Tab chooses it. */
static void
item_focused_cb (TacetStagingItem *item)
{
  GtkWidget *strip = gtk_widget_get_ancestor (GTK_WIDGET (item), TACET_TYPE_STAGING);

  if (strip != NULL && tacet_staging_item_get_candidate (item) != NULL)
    tacet_staging_set_selected (TACET_STAGING (strip), tacet_staging_item_get_candidate (item));
}

/* A result can be dragged onto the canvas, and out of the window. */
static GdkContentProvider *
prepare_drag_cb (TacetStagingItem *item)
{
  TacetCandidate *candidate = tacet_staging_item_get_candidate (item);
  g_autofree char *name = candidate != NULL
                              ? g_strdup_printf ("%s (%" G_GUINT64_FORMAT ")", tacet_candidate_get_prompt (candidate),
                                                 tacet_candidate_get_seed (candidate))
                              : NULL;

  return candidate != NULL ? tacet_content_new (tacet_candidate_get_image (candidate), NULL, NULL, name) : NULL;
}

static void
begin_drag_cb (GtkDragSource *source, GdkDrag *drag, GtkWidget *item)
{
  g_autoptr (GdkPaintable) paintable = gtk_widget_paintable_new (item);
  g_autoptr (GdkPaintable) still = gdk_paintable_get_current_image (paintable);

  gtk_drag_source_set_icon (source, still, 24, 24);
}

static GtkWidget *
watch_item (GtkWidget *item)
{
  GtkGesture *click = gtk_gesture_click_new ();
  GtkDragSource *drag = gtk_drag_source_new ();
  GtkEventController *focus = gtk_event_controller_focus_new ();

  gtk_gesture_single_set_button (GTK_GESTURE_SINGLE (click), 0);
  g_signal_connect_swapped (click, "pressed", G_CALLBACK (item_pressed_cb), item);
  gtk_widget_add_controller (item, GTK_EVENT_CONTROLLER (click));
  g_signal_connect_swapped (focus, "enter", G_CALLBACK (item_focused_cb), item);
  gtk_widget_add_controller (item, focus);
  g_signal_connect_swapped (drag, "prepare", G_CALLBACK (prepare_drag_cb), item);
  g_signal_connect (drag, "drag-begin", G_CALLBACK (begin_drag_cb), item);
  gtk_widget_add_controller (item, GTK_EVENT_CONTROLLER (drag));
  return item;
}

/* ---- the runs ---- */

static void
copy_prompt_cb (GtkWidget *button, const char *prompt)
{
  gdk_clipboard_set_text (gtk_widget_get_clipboard (button), prompt);
}

static GtkWidget *
group_new (const char *prompt, int run)
{
  GtkWidget *group = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2), *items = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 2);
  GtkWidget *label = gtk_label_new (prompt), *button = gtk_button_new ();
  char *kept = g_strdup (prompt);

  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_label_set_max_width_chars (GTK_LABEL (label), 8);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_button_set_child (GTK_BUTTON (button), label);
  gtk_widget_set_tooltip_text (button, _ ("Copy the prompt of this run"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Copy the prompt of this run"), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, prompt, -1);
  gtk_widget_add_css_class (button, "flat");
  gtk_widget_add_css_class (button, "caption");
  gtk_widget_add_css_class (button, "run-title");
  g_object_set_data_full (G_OBJECT (button), "prompt", kept, g_free);
  g_signal_connect (button, "clicked", G_CALLBACK (copy_prompt_cb), kept);
  gtk_box_append (GTK_BOX (group), button);
  gtk_box_append (GTK_BOX (group), items);
  gtk_widget_add_css_class (group, "run");
  g_object_set_data (G_OBJECT (group), "run", GINT_TO_POINTER (run));
  return group;
}

static GtkBox *
items_of (GtkWidget *group)
{
  return GTK_BOX (gtk_widget_get_last_child (group));
}

/* The box for results of this run, in the order of runs. */
static GtkBox *
group_for (TacetStaging *self, TacetCandidate *candidate)
{
  int run = tacet_candidate_get_run (candidate);
  GtkWidget *before = NULL, *group;

  for (group = gtk_widget_get_first_child (GTK_WIDGET (self->groups)); group != NULL && group != self->pending;
       group = gtk_widget_get_next_sibling (group))
    {
      int other = GPOINTER_TO_INT (g_object_get_data (G_OBJECT (group), "run"));

      if (other == run)
        return items_of (group);
      if (other > run)
        break;
      before = group;
    }
  group = group_new (tacet_candidate_get_prompt (candidate), run);
  gtk_box_insert_child_after (self->groups, group, before);
  return items_of (group);
}

static void
show_empty (TacetStaging *self)
{
  gboolean empty = self->items->len == 0 && self->pending == NULL;

  gtk_widget_set_visible (self->empty, empty);
  gtk_widget_set_visible (self->full, !empty);
}

static void
remove_item (TacetStaging *self, guint position)
{
  GtkWidget *item = self->items->pdata[position], *box = gtk_widget_get_parent (item);

  g_ptr_array_remove_index (self->items, position);
  gtk_box_remove (GTK_BOX (box), item);
  if (gtk_widget_get_first_child (box) == NULL)
    gtk_box_remove (self->groups, gtk_widget_get_parent (box));
}

static void
insert_item (TacetStaging *self, guint position, TacetCandidate *candidate)
{
  GtkWidget *item = watch_item (tacet_staging_item_new (candidate));
  GtkBox *box = group_for (self, candidate);
  GtkWidget *before = NULL;

  if (position > 0 && gtk_widget_get_parent (self->items->pdata[position - 1]) == GTK_WIDGET (box))
    before = self->items->pdata[position - 1];
  g_ptr_array_insert (self->items, (int) position, item);
  gtk_box_insert_child_after (box, item, before);
}

static void
candidates_changed_cb (TacetStaging *self, guint position, guint removed, guint added, GListModel *model)
{
  for (guint i = 0; i < removed; i++)
    remove_item (self, position);
  for (guint i = 0; i < added; i++)
    {
      g_autoptr (TacetCandidate) candidate = g_list_model_get_item (model, position + i);

      insert_item (self, position + i, candidate);
    }
  if (self->selected != NULL && item_of (self, self->selected) == NULL)
    {
      TacetCandidate *next =
          self->items->len > 0
              ? tacet_staging_item_get_candidate (self->items->pdata[MIN (position, self->items->len - 1)])
              : NULL;

      g_clear_object (&self->selected);
      tacet_staging_set_selected (self, next);
      if (next == NULL)
        g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SELECTED]);
    }
  if (self->compared != NULL && item_of (self, self->compared) == NULL)
    g_clear_object (&self->compared);
  show_empty (self);
}

void
tacet_staging_set_scene (TacetStaging *self, TacetScene *scene)
{
  if (self->scene == scene)
    return;
  tacet_staging_end_run (self);
  if (self->scene != NULL)
    {
      g_signal_handlers_disconnect_by_func (tacet_scene_get_candidates (self->scene), candidates_changed_cb, self);
      g_signal_handlers_disconnect_by_func (self->scene, show_star, self);
    }
  tacet_staging_set_selected (self, NULL);
  g_clear_object (&self->compared);
  while (self->items->len > 0)
    remove_item (self, self->items->len - 1);
  g_set_object (&self->scene, scene);
  if (scene != NULL)
    {
      GListModel *model = tacet_scene_get_candidates (scene);

      g_signal_connect_object (model, "items-changed", G_CALLBACK (candidates_changed_cb), self, G_CONNECT_SWAPPED);
      g_signal_connect_object (scene, "changed", G_CALLBACK (show_star), self, G_CONNECT_SWAPPED);
      candidates_changed_cb (self, 0, 0, g_list_model_get_n_items (model), model);
    }
  show_empty (self);
}

/* ---- a run ---- */

void
tacet_staging_begin_run (TacetStaging *self, const char *prompt, guint64 seed, int n)
{
  tacet_staging_end_run (self);
  self->pending = group_new (prompt, G_MAXINT);
  for (int i = 0; i < n; i++)
    gtk_box_append (items_of (self->pending), watch_item (tacet_staging_item_new_pending (seed + (guint64) i)));
  gtk_box_append (self->groups, self->pending);
  show_empty (self);
  tacet_staging_set_selected (self, NULL);
  scroll_soon (self);
}

void
tacet_staging_set_progress (TacetStaging *self, int picture, double fraction, TacetImage *preview)
{
  GtkWidget *item = self->pending != NULL ? gtk_widget_get_first_child (GTK_WIDGET (items_of (self->pending))) : NULL;

  for (int i = 0; item != NULL; item = gtk_widget_get_next_sibling (item), i++)
    if (i < picture)
      tacet_staging_item_set_progress (TACET_STAGING_ITEM (item), 1, NULL);
    else if (i == picture)
      tacet_staging_item_set_progress (TACET_STAGING_ITEM (item), fraction, preview);
}

void
tacet_staging_end_run (TacetStaging *self)
{
  if (self->pending != NULL)
    gtk_box_remove (self->groups, self->pending);
  self->pending = NULL;
  show_empty (self);
}

void
tacet_staging_set_menu (TacetStaging *self, GMenuModel *menu)
{
  gtk_menu_button_set_menu_model (self->more, menu);
  g_clear_pointer (&self->context, gtk_widget_unparent);
  self->context = gtk_popover_menu_new_from_model (menu);
  gtk_popover_set_has_arrow (GTK_POPOVER (self->context), FALSE);
  gtk_widget_set_halign (self->context, GTK_ALIGN_START);
  gtk_widget_set_parent (self->context, GTK_WIDGET (self));
}

/* ---- class ---- */

static void
tacet_staging_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  if (id == PROP_SELECTED)
    g_value_set_object (value, TACET_STAGING (object)->selected);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
tacet_staging_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  if (id == PROP_SELECTED)
    tacet_staging_set_selected (TACET_STAGING (object), g_value_get_object (value));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
tacet_staging_dispose (GObject *object)
{
  TacetStaging *self = TACET_STAGING (object);

  if (self->groups != NULL)
    tacet_staging_set_scene (self, NULL);
  g_clear_handle_id (&self->scroll_source, g_source_remove);
  g_clear_pointer (&self->context, gtk_widget_unparent);
  self->groups = NULL;
  g_clear_pointer (&self->empty, gtk_widget_unparent);
  g_clear_pointer (&self->full, gtk_widget_unparent);
  G_OBJECT_CLASS (tacet_staging_parent_class)->dispose (object);
}

static void
tacet_staging_finalize (GObject *object)
{
  TacetStaging *self = TACET_STAGING (object);

  g_clear_object (&self->selected);
  g_clear_pointer (&self->items, g_ptr_array_unref);
  G_OBJECT_CLASS (tacet_staging_parent_class)->finalize (object);
}

/* Popovers that are children of a widget must be placed by it. */
static void
tacet_staging_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  TacetStaging *self = TACET_STAGING (widget);

  GTK_WIDGET_CLASS (tacet_staging_parent_class)->size_allocate (widget, width, height, baseline);
  if (self->context != NULL)
    gtk_popover_present (GTK_POPOVER (self->context));
}

static void
tacet_staging_class_init (TacetStagingClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  object_class->get_property = tacet_staging_get_property;
  object_class->set_property = tacet_staging_set_property;
  object_class->dispose = tacet_staging_dispose;
  object_class->finalize = tacet_staging_finalize;
  widget_class->size_allocate = tacet_staging_size_allocate;
  properties[PROP_SELECTED] =
      g_param_spec_object ("selected", NULL, NULL, TACET_TYPE_CANDIDATE,
                           G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_css_name (widget_class, "staging");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_LIST);
}

static GtkWidget *
make_button (const char *icon, const char *text, const char *action)
{
  GtkWidget *button = gtk_button_new_from_icon_name (icon);

  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), action);
  gtk_widget_set_tooltip_text (button, text);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, text, -1);
  gtk_widget_add_css_class (button, "flat");
  return button;
}

static GtkWidget *
make_tools (TacetStaging *self)
{
  GtkWidget *tools = gtk_box_new (GTK_ORIENTATION_VERTICAL, 4), *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  GtkWidget *apply = gtk_button_new_with_mnemonic (_ ("A_pply"));

  gtk_actionable_set_action_name (GTK_ACTIONABLE (apply), "win.result-apply");
  gtk_widget_set_tooltip_text (apply, _ ("Make the result a picture layer"));
  self->more = GTK_MENU_BUTTON (gtk_menu_button_new ());
  gtk_menu_button_set_icon_name (self->more, "view-more-symbolic");
  gtk_menu_button_set_has_frame (self->more, FALSE);
  gtk_menu_button_set_direction (self->more, GTK_ARROW_UP);
  gtk_menu_button_set_icon_name (self->more, "view-more-symbolic");
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->more), _ ("More about the result"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->more), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("More about the result"), -1);
  self->star = make_button ("non-starred-symbolic", _ ("Give or take a star"), "win.result-star");
  gtk_box_append (GTK_BOX (row), self->star);
  gtk_box_append (GTK_BOX (row),
                  make_button ("view-dual-symbolic", _ ("Compare with another result"), "win.result-compare"));
  gtk_box_append (GTK_BOX (row), GTK_WIDGET (self->more));
  gtk_widget_set_valign (tools, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (tools, "result-tools");
  gtk_box_append (GTK_BOX (tools), apply);
  gtk_box_append (GTK_BOX (tools), row);
  return tools;
}

static void
tacet_staging_init (TacetStaging *self)
{
  GtkEventController *keys = gtk_event_controller_key_new ();

  self->items = g_ptr_array_new ();
  self->empty = gtk_label_new (_ ("Results wait here. Enter applies, nothing is lost."));
  gtk_label_set_ellipsize (GTK_LABEL (self->empty), PANGO_ELLIPSIZE_END);
  gtk_widget_add_css_class (self->empty, "dim-label");
  gtk_widget_add_css_class (self->empty, "caption");
  gtk_widget_add_css_class (self->empty, "empty");
  self->groups = GTK_BOX (gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 10));
  self->scroller = gtk_scrolled_window_new ();
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (self->scroller), GTK_POLICY_AUTOMATIC, GTK_POLICY_NEVER);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (self->scroller), GTK_WIDGET (self->groups));
  gtk_widget_set_hexpand (self->scroller, TRUE);
  gtk_widget_add_css_class (GTK_WIDGET (self->groups), "runs");
  self->full = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  gtk_box_append (GTK_BOX (self->full), self->scroller);
  gtk_box_append (GTK_BOX (self->full), make_tools (self));
  gtk_widget_set_parent (self->empty, GTK_WIDGET (self));
  gtk_widget_set_parent (self->full, GTK_WIDGET (self));
  g_signal_connect_swapped (keys, "key-pressed", G_CALLBACK (key_cb), self);
  gtk_widget_add_controller (self->scroller, keys);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Results"), -1);
  show_empty (self);
}
