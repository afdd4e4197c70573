/* tacet-shortcuts.c: see tacet-shortcuts.h.  Room: ui. */
#define G_LOG_DOMAIN "tacet-shortcuts"

#include "config.h"

#include "ui/tacet-shortcuts.h"

#include <glib/gi18n.h>
#include <string.h>

#define MODIFIERS (GDK_SHIFT_MASK | GDK_CONTROL_MASK | GDK_ALT_MASK | GDK_SUPER_MASK | GDK_HYPER_MASK | GDK_META_MASK)
/* Keys by their place on the keyboard, for layouts that have no brackets: right of P on most. */
#define PLACE_LEFT_BRACKET  34
#define PLACE_RIGHT_BRACKET 35
#define CONTROLLER          "tacet-plain-keys"
#define CANVAS              "tacet-canvas"

struct _TacetShortcuts
{
  GObject parent_instance;

  TacetPreferences *preferences;
  GHashTable *custom; /* action to GStrv */
};

G_DEFINE_FINAL_TYPE (TacetShortcuts, tacet_shortcuts, G_TYPE_OBJECT)

enum
{
  SIGNAL_CHANGED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

/* ---- keys ---- */

gboolean
tacet_key_is_plain (guint key, GdkModifierType modifiers)
{
  if ((modifiers & MODIFIERS & ~GDK_SHIFT_MASK) != 0)
    return FALSE;
  return !((key >= GDK_KEY_F1 && key <= GDK_KEY_F35) || key == GDK_KEY_Menu || key >= 0x10080000);
}

void
tacet_key_event_get (GdkEvent *event, guint *key, GdkModifierType *modifiers)
{
  if (!gdk_key_event_get_match (event, key, modifiers))
    {
      *key = gdk_key_event_get_keyval (event);
      *modifiers = gdk_event_get_modifier_state (event) & MODIFIERS;
    }
  if (*key == GDK_KEY_ISO_Left_Tab)
    *key = GDK_KEY_Tab;
}

static gboolean
same_key (const char *accelerator, guint key, GdkModifierType modifiers)
{
  guint other;
  GdkModifierType other_modifiers;

  return gtk_accelerator_parse (accelerator, &other, &other_modifiers) &&
         gdk_keyval_to_lower (other) == gdk_keyval_to_lower (key) &&
         (other_modifiers & MODIFIERS) == (modifiers & MODIFIERS);
}

static const char *const *
peek_keys (TacetShortcuts *self, const TacetAction *action)
{
  const char *const *custom = g_hash_table_lookup (self->custom, action->name);

  return custom != NULL ? custom : action->keys;
}

const TacetAction *
tacet_shortcuts_find (TacetShortcuts *self, guint key, GdkModifierType modifiers)
{
  gsize n;
  const TacetAction *actions = tacet_actions_get (&n);

  for (gsize i = 0; i < n; i++)
    {
      const char *const *keys = peek_keys (self, &actions[i]);

      for (int k = 0; keys[k] != NULL; k++)
        if (same_key (keys[k], key, modifiers))
          return &actions[i];
    }
  return NULL;
}

const TacetGesture *
tacet_shortcuts_find_gesture (guint key, GdkModifierType modifiers)
{
  gsize n;
  const TacetGesture *gestures = tacet_actions_get_gestures (&n);

  for (gsize i = 0; i < n; i++)
    {
      g_auto (GStrv) keys = g_strsplit (gestures[i].keys, " ", -1);

      for (int k = 0; keys[k] != NULL; k++)
        if (same_key (keys[k], key, modifiers))
          return &gestures[i];
    }
  return NULL;
}

char **
tacet_shortcuts_dup_keys (TacetShortcuts *self, const char *name)
{
  const TacetAction *action = tacet_actions_find (name);

  return action != NULL ? g_strdupv ((char **) peek_keys (self, action)) : g_new0 (char *, 1);
}

gboolean
tacet_shortcuts_is_default (TacetShortcuts *self, const char *action)
{
  return !g_hash_table_contains (self->custom, action);
}

char *
tacet_shortcuts_dup_label (TacetShortcuts *self, const char *name)
{
  const TacetAction *action = tacet_actions_find (name);
  const char *first = action != NULL ? peek_keys (self, action)[0] : NULL;
  guint key;
  GdkModifierType modifiers;

  return first != NULL && gtk_accelerator_parse (first, &key, &modifiers) ? gtk_accelerator_get_label (key, modifiers)
                                                                          : NULL;
}

char *
tacet_shortcuts_dup_tooltip (TacetShortcuts *self, const char *action, const char *text)
{
  g_autofree char *key = tacet_shortcuts_dup_label (self, action);

  /* Translators: what a button does, and its key in brackets */
  return key != NULL ? g_strdup_printf (C_ ("tooltip", "%s (%s)"), text, key) : g_strdup (text);
}

/* ---- what a person changed ---- */

/* A file of settings can be written by hand: what is no action or no key is left alone. */
static void
read_preferences (TacetShortcuts *self)
{
  g_autoptr (GVariant) custom = NULL;
  GVariantIter iter;
  const char *name;
  char **keys;

  g_object_get (self->preferences, "shortcuts", &custom, NULL);
  g_hash_table_remove_all (self->custom);
  g_variant_iter_init (&iter, custom);
  while (g_variant_iter_next (&iter, "{&s^as}", &name, &keys))
    {
      gboolean good = tacet_actions_find (name) != NULL;
      guint key;
      GdkModifierType modifiers;

      for (int i = 0; keys[i] != NULL; i++)
        good = good && gtk_accelerator_parse (keys[i], &key, &modifiers) && key != 0;
      if (good)
        g_hash_table_insert (self->custom, g_strdup (name), keys);
      else
        g_strfreev (keys);
    }
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

static void
write_preferences (TacetShortcuts *self)
{
  GVariantBuilder builder;
  GHashTableIter iter;
  gpointer name, keys;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a{sas}"));
  g_hash_table_iter_init (&iter, self->custom);
  while (g_hash_table_iter_next (&iter, &name, &keys))
    g_variant_builder_add (&builder, "{s^as}", name, keys);
  g_object_set (self->preferences, "shortcuts", g_variant_builder_end (&builder), NULL);
}

void
tacet_shortcuts_set_keys (TacetShortcuts *self, const char *name, const char *const *keys)
{
  const TacetAction *action = tacet_actions_find (name);

  g_return_if_fail (action != NULL);
  if (keys == NULL || g_strv_equal (keys, action->keys))
    g_hash_table_remove (self->custom, name);
  else
    g_hash_table_insert (self->custom, g_strdup (name), g_strdupv ((char **) keys));
  write_preferences (self);
}

void
tacet_shortcuts_reset_all (TacetShortcuts *self)
{
  tacet_preferences_reset (self->preferences, "shortcuts");
}

/* ---- where they work ---- */

/* The plain ones, or the others; NULL-terminated, borrowed strings. */
static GPtrArray *
choose_keys (const char *const *keys, gboolean plain)
{
  GPtrArray *chosen = g_ptr_array_new ();

  for (int i = 0; keys[i] != NULL; i++)
    {
      guint key;
      GdkModifierType modifiers;

      if (gtk_accelerator_parse (keys[i], &key, &modifiers) && tacet_key_is_plain (key, modifiers) == plain)
        g_ptr_array_add (chosen, (char *) keys[i]);
    }
  g_ptr_array_add (chosen, NULL);
  return chosen;
}

void
tacet_shortcuts_apply (TacetShortcuts *self, GtkApplication *application)
{
  gsize n;
  const TacetAction *actions = tacet_actions_get (&n);

  for (gsize i = 0; i < n; i++)
    {
      g_autoptr (GPtrArray) keys = choose_keys (peek_keys (self, &actions[i]), FALSE);

      gtk_application_set_accels_for_action (application, actions[i].name, (const char *const *) keys->pdata);
    }
}

/* Bubble: whatever has the focus comes first, so that text fields get what is typed into them. */
static GtkEventController *
make_controller (TacetShortcuts *self, gboolean on_canvas)
{
  GtkEventController *controller = gtk_shortcut_controller_new ();
  gsize n;
  const TacetAction *actions = tacet_actions_get (&n);

  for (gsize i = 0; i < n; i++)
    {
      g_autoptr (GPtrArray) keys = choose_keys (peek_keys (self, &actions[i]), TRUE);
      g_autoptr (GVariant) target = NULL;
      g_autofree char *name = NULL;

      if (actions[i].on_canvas != on_canvas || !g_action_parse_detailed_name (actions[i].name, &name, &target, NULL))
        continue;
      for (guint k = 0; k + 1 < keys->len; k++)
        {
          GtkShortcut *shortcut =
              gtk_shortcut_new (gtk_shortcut_trigger_parse_string (keys->pdata[k]), gtk_named_action_new (name));

          gtk_shortcut_set_arguments (shortcut, target);
          gtk_shortcut_controller_add_shortcut (GTK_SHORTCUT_CONTROLLER (controller), shortcut);
        }
    }
  gtk_event_controller_set_name (controller, CONTROLLER);
  gtk_event_controller_set_propagation_phase (controller, GTK_PHASE_BUBBLE);
  return controller;
}

/* Where no key writes a bracket, what brackets do is done by the keys that lie there, unless those have work of their
 * own. */
static gboolean
place_pressed_cb (GtkEventController *controller, guint key, guint code, GdkModifierType state, TacetShortcuts *self)
{
  guint wanted = code == PLACE_LEFT_BRACKET    ? GDK_KEY_bracketleft
                 : code == PLACE_RIGHT_BRACKET ? GDK_KEY_bracketright
                                               : 0;
  const TacetAction *action = wanted != 0 ? tacet_shortcuts_find (self, wanted, 0) : NULL;

  if (action == NULL || (state & MODIFIERS) != 0 || tacet_shortcuts_find (self, key, 0) != NULL)
    return FALSE;
  return gtk_widget_activate_action (gtk_event_controller_get_widget (controller), action->name, NULL);
}

/* ---- tooltips ---- */

/* Choices of one action have actions of their own in the table: win.tool with 'brush' is win.tool-brush. */
static char *
table_name (GtkActionable *actionable)
{
  const char *name = gtk_actionable_get_action_name (actionable);
  GVariant *target = gtk_actionable_get_action_target_value (actionable);

  if (name == NULL)
    return NULL;
  if (target != NULL && g_variant_is_of_type (target, G_VARIANT_TYPE_STRING))
    return g_strdup_printf ("%s-%s", name, g_variant_get_string (target, NULL));
  return g_action_print_detailed_name (name, target);
}

static void
update_tooltips (TacetShortcuts *self, GtkWidget *widget)
{
  g_autofree char *name = GTK_IS_ACTIONABLE (widget) ? table_name (GTK_ACTIONABLE (widget)) : NULL;
  const char *plain = g_object_get_data (G_OBJECT (widget), "tacet-tooltip");

  if (plain == NULL && name != NULL && tacet_actions_find (name) != NULL &&
      gtk_widget_get_tooltip_text (widget) != NULL)
    {
      plain = g_intern_string (gtk_widget_get_tooltip_text (widget));
      g_object_set_data (G_OBJECT (widget), "tacet-tooltip", (gpointer) plain);
    }
  if (plain != NULL && name != NULL)
    {
      g_autofree char *text = tacet_shortcuts_dup_tooltip (self, name, plain);

      gtk_widget_set_tooltip_text (widget, text);
    }
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    update_tooltips (self, child);
}

/* A controller is made anew: in GTK 4.8 taking a shortcut out of one drops a reference too many. */
static void
remove_controllers (GtkWidget *widget)
{
  g_autoptr (GListModel) controllers = gtk_widget_observe_controllers (widget);

  for (guint i = g_list_model_get_n_items (controllers); i > 0; i--)
    {
      g_autoptr (GtkEventController) controller = g_list_model_get_item (controllers, i - 1);

      if (g_strcmp0 (gtk_event_controller_get_name (controller), CONTROLLER) == 0)
        gtk_widget_remove_controller (widget, controller);
    }
}

static void
window_changed_cb (TacetShortcuts *self, GtkWidget *window)
{
  GtkEventController *places = gtk_event_controller_key_new ();
  GtkWidget *canvas = g_object_get_data (G_OBJECT (window), CANVAS);

  remove_controllers (window);
  gtk_widget_add_controller (window, make_controller (self, FALSE));
  if (canvas != NULL)
    {
      remove_controllers (canvas);
      /* Else Tab leads on, as everywhere. */
      if (tacet_preferences_get_boolean (self->preferences, "tab-hides-panels"))
        gtk_widget_add_controller (canvas, make_controller (self, TRUE));
    }
  gtk_event_controller_set_name (places, CONTROLLER);
  g_signal_connect_object (places, "key-pressed", G_CALLBACK (place_pressed_cb), self, 0);
  gtk_widget_add_controller (window, places);
  update_tooltips (self, window);
}

void
tacet_shortcuts_attach (TacetShortcuts *self, GtkWidget *window, GtkWidget *canvas)
{
  TacetShortcuts *before = g_object_get_data (G_OBJECT (window), CONTROLLER);

  if (before != NULL)
    g_signal_handlers_disconnect_by_data (before, window);
  g_object_set_data (G_OBJECT (window), CANVAS, canvas);
  g_object_set_data_full (G_OBJECT (window), CONTROLLER, g_object_ref (self), g_object_unref);
  g_signal_connect_object (self, "changed", G_CALLBACK (window_changed_cb), window, 0);
  window_changed_cb (self, window);
}

/* ---- the window that shows them ---- */

static void
append_shortcut (GString *xml, const char *title, const char *accelerator)
{
  g_autofree char *text = g_markup_escape_text (title, -1), *keys = g_markup_escape_text (accelerator, -1);

  g_string_append_printf (xml,
                          "<child><object class='GtkShortcutsShortcut'><property name='title'>%s</property>"
                          "<property name='accelerator'>%s</property></object></child>",
                          text, keys);
}

static void
append_group (TacetShortcuts *self, GString *xml, TacetActionGroup group)
{
  g_autofree char *title = g_markup_escape_text (tacet_actions_group_title (group), -1);
  gsize n_actions, n_gestures;
  const TacetAction *actions = tacet_actions_get (&n_actions);
  const TacetGesture *gestures = tacet_actions_get_gestures (&n_gestures);

  g_string_append_printf (xml, "<child><object class='GtkShortcutsGroup'><property name='title'>%s</property>", title);
  for (gsize i = 0; i < n_actions; i++)
    {
      g_autofree char *keys = g_strjoinv (" ", (char **) peek_keys (self, &actions[i]));

      if (actions[i].group == group && *keys != '\0')
        append_shortcut (xml, _ (actions[i].title), keys);
    }
  for (gsize i = 0; i < n_gestures; i++)
    if (gestures[i].group == group)
      append_shortcut (xml, _ (gestures[i].title), gestures[i].keys);
  g_string_append (xml, "</object></child>");
}

/* GtkShortcutsWindow can be filled by a builder only. */
GtkWidget *
tacet_shortcuts_make_window (TacetShortcuts *self)
{
  g_autoptr (GString) xml =
      g_string_new ("<interface><object class='GtkShortcutsWindow' id='window'><property name='modal'>1</property>"
                    "<child><object class='GtkShortcutsSection'><property name='section-name'>all</property>"
                    "<property name='max-height'>14</property>");
  g_autoptr (GtkBuilder) builder = NULL;

  for (int group = 0; group < TACET_N_GROUPS; group++)
    append_group (self, xml, group);
  g_string_append (xml, "</object></child></object></interface>");
  builder = gtk_builder_new_from_string (xml->str, (gssize) xml->len);
  return GTK_WIDGET (gtk_builder_get_object (builder, "window"));
}

/* ---- class ---- */

static void
tacet_shortcuts_finalize (GObject *object)
{
  TacetShortcuts *self = TACET_SHORTCUTS (object);

  g_clear_object (&self->preferences);
  g_hash_table_unref (self->custom);
  G_OBJECT_CLASS (tacet_shortcuts_parent_class)->finalize (object);
}

static void
tacet_shortcuts_class_init (TacetShortcutsClass *class)
{
  G_OBJECT_CLASS (class)->finalize = tacet_shortcuts_finalize;
  signals[SIGNAL_CHANGED] =
      g_signal_new ("changed", TACET_TYPE_SHORTCUTS, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
tacet_shortcuts_init (TacetShortcuts *self)
{
  self->custom = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_strfreev);
}

TacetShortcuts *
tacet_shortcuts_new (TacetPreferences *preferences)
{
  TacetShortcuts *self = g_object_new (TACET_TYPE_SHORTCUTS, NULL);

  self->preferences = g_object_ref (preferences);
  g_signal_connect_object (preferences, "notify::shortcuts", G_CALLBACK (read_preferences), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (preferences, "notify::tab-hides-panels", G_CALLBACK (read_preferences), self,
                           G_CONNECT_SWAPPED);
  read_preferences (self);
  return self;
}
