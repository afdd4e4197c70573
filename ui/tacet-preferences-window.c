/* tacet-preferences-window.c: see tacet-preferences-window.h.  Room: ui. */
#define G_LOG_DOMAIN "tacet-preferences-window"

#include "config.h"

#include "ui/tacet-preferences-window.h"
#include "ui/tacet-pressure-editor.h"

#include <glib/gi18n.h>

struct _TacetPreferencesWindow
{
  AdwPreferencesWindow parent_instance;

  AdwComboRow *color_scheme, *wheel, *result_switch;
  GtkSwitch *tab_hides_panels, *restore_document, *show_rulers, *show_hud, *picture_metadata, *show_previews;
  GtkSpinButton *autosave_interval, *history_budget, *result_budget;
  TacetPressureEditor *pressure;
  GtkButton *pressure_soft, *pressure_linear, *pressure_firm;
  AdwPreferencesGroup *folders;
  GtkButton *add_folder;
  AdwPreferencesPage *shortcuts_page;
  GtkSearchEntry *shortcut_search;
  GtkButton *reset_all;

  TacetPreferences *preferences;
  TacetShortcuts *shortcuts;
  GPtrArray *folder_rows;
  gboolean syncing;
};

G_DEFINE_FINAL_TYPE (TacetPreferencesWindow, tacet_preferences_window, ADW_TYPE_PREFERENCES_WINDOW)

static const char *const color_schemes[] = { "follow", "light", "dark" };
static const char *const wheels[] = { TACET_WHEEL_SCROLLS, TACET_WHEEL_ZOOMS };
static const char *const result_switches[] = { "start", "finish", "off" };

/* ---- choices ---- */

static void
show_choice (TacetPreferencesWindow *self, AdwComboRow *row, const char *name, const char *const *values, guint n)
{
  g_autofree char *value = tacet_preferences_dup_string (self->preferences, name);

  for (guint i = 0; i < n; i++)
    if (g_strcmp0 (value, values[i]) == 0)
      adw_combo_row_set_selected (row, i);
}

static void
chosen_cb (TacetPreferencesWindow *self, GParamSpec *pspec, AdwComboRow *row)
{
  const char *const *values = row == self->wheel ? wheels : row == self->color_scheme ? color_schemes : result_switches;
  const char *name = row == self->wheel ? "wheel" : row == self->color_scheme ? "color-scheme" : "result-switch";
  guint n = row == self->wheel ? G_N_ELEMENTS (wheels) : G_N_ELEMENTS (color_schemes), i;

  i = adw_combo_row_get_selected (row);
  if (i < n)
    g_object_set (self->preferences, name, values[i], NULL);
}

/* ---- pressure ---- */

static void
show_pressure (TacetPreferencesWindow *self)
{
  g_autoptr (GVariant) value = NULL;
  TacetPressure curve;

  if (self->syncing)
    return;
  g_object_get (self->preferences, "pressure-curve", &value, NULL);
  g_variant_get (value, "(dddd)", &curve.x1, &curve.y1, &curve.x2, &curve.y2);
  tacet_pressure_editor_set (self->pressure, curve);
}

static void
keep_pressure (TacetPreferencesWindow *self, TacetPressure curve)
{
  g_object_set (self->preferences, "pressure-curve", g_variant_new ("(dddd)", curve.x1, curve.y1, curve.x2, curve.y2),
                NULL);
}

static void
pressure_changed_cb (TacetPreferencesWindow *self)
{
  self->syncing = TRUE; /* what was just drawn need not be read back */
  keep_pressure (self, tacet_pressure_editor_get (self->pressure));
  self->syncing = FALSE;
}

static void
pressure_preset_cb (TacetPreferencesWindow *self, GtkButton *button)
{
  keep_pressure (self, button == self->pressure_soft   ? TACET_PRESSURE_SOFT
                       : button == self->pressure_firm ? TACET_PRESSURE_FIRM
                                                       : TACET_PRESSURE_LINEAR);
}

/* ---- memory: megabytes here, bytes in the settings ---- */

static gboolean
to_megabytes (GBinding *binding, const GValue *from, GValue *to, gpointer data)
{
  g_value_set_double (to, (double) (g_value_get_uint64 (from) >> 20));
  return TRUE;
}

static gboolean
to_bytes (GBinding *binding, const GValue *from, GValue *to, gpointer data)
{
  g_value_set_uint64 (to, (guint64) g_value_get_double (from) << 20);
  return TRUE;
}

/* ---- folders of models ---- */

static void
set_folders (TacetPreferencesWindow *self, GPtrArray *folders)
{
  g_ptr_array_add (folders, NULL);
  g_object_set (self->preferences, "model-folders", folders->pdata, NULL);
}

/* Takes all folders but `without`, and `with`. */
static void
change_folders (TacetPreferencesWindow *self, const char *without, const char *with)
{
  g_autoptr (GPtrArray) rest = g_ptr_array_new ();
  g_auto (GStrv) folders = NULL;

  g_object_get (self->preferences, "model-folders", &folders, NULL);
  for (int i = 0; folders[i] != NULL; i++)
    if (g_strcmp0 (folders[i], without) != 0 && g_strcmp0 (folders[i], with) != 0)
      g_ptr_array_add (rest, folders[i]);
  if (with != NULL)
    g_ptr_array_add (rest, (char *) with);
  set_folders (self, rest);
}

static void
remove_folder_cb (TacetPreferencesWindow *self, GtkWidget *button)
{
  g_autofree char *folder = g_strdup (g_object_get_data (G_OBJECT (button), "folder"));

  change_folders (self, folder, NULL);
}

static void
add_folder_row (TacetPreferencesWindow *self, const char *folder)
{
  GtkWidget *row = adw_action_row_new (), *button = gtk_button_new_from_icon_name ("list-remove-symbolic");
  g_autofree char *name = g_filename_display_name (folder);
  g_autofree char *label = g_strdup_printf (_ ("Remove %s from the list"), name);

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), name);
  if (!g_file_test (folder, G_FILE_TEST_IS_DIR))
    adw_action_row_set_subtitle (ADW_ACTION_ROW (row), _ ("There is no such folder."));
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (button, "flat");
  gtk_widget_set_tooltip_text (button, _ ("Remove from the list"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
  g_object_set_data_full (G_OBJECT (button), "folder", g_strdup (folder), g_free);
  g_signal_connect_object (button, "clicked", G_CALLBACK (remove_folder_cb), self, G_CONNECT_SWAPPED);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), button);
  adw_preferences_group_add (self->folders, row);
  g_ptr_array_add (self->folder_rows, row);
}

static void
show_folders (TacetPreferencesWindow *self)
{
  g_auto (GStrv) folders = NULL;

  for (guint i = 0; i < self->folder_rows->len; i++)
    adw_preferences_group_remove (self->folders, self->folder_rows->pdata[i]);
  g_ptr_array_set_size (self->folder_rows, 0);
  g_object_get (self->preferences, "model-folders", &folders, NULL);
  for (int i = 0; folders[i] != NULL; i++)
    add_folder_row (self, folders[i]);
  if (folders[0] == NULL)
    {
      GtkWidget *row = adw_action_row_new ();

      adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), _ ("No other folders"));
      gtk_widget_set_sensitive (row, FALSE);
      adw_preferences_group_add (self->folders, row);
      g_ptr_array_add (self->folder_rows, row);
    }
}

static void
folder_response_cb (TacetPreferencesWindow *self, int response, GtkNativeDialog *dialog)
{
  g_autoptr (GFile) file =
      response == GTK_RESPONSE_ACCEPT ? gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog)) : NULL;
  g_autofree char *path = file != NULL ? g_file_get_path (file) : NULL;

  gtk_native_dialog_destroy (dialog);
  g_object_unref (dialog);
  if (path != NULL)
    change_folders (self, NULL, path);
}

static void
add_folder_cb (TacetPreferencesWindow *self)
{
  GtkFileChooserNative *dialog = gtk_file_chooser_native_new (
      _ ("Folder with Models"), GTK_WINDOW (self), GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER, _ ("_Add"), _ ("_Cancel"));

  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (dialog), TRUE);
  g_signal_connect_object (dialog, "response", G_CALLBACK (folder_response_cb), self, G_CONNECT_SWAPPED);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (dialog));
}

/* ---- shortcuts ---- */

static void
shortcut_search_cb (TacetPreferencesWindow *self)
{
  _tacet_preferences_filter_shortcuts (self->shortcuts_page,
                                       gtk_editable_get_text (GTK_EDITABLE (self->shortcut_search)));
}

static void
reset_response_cb (TacetPreferencesWindow *self, const char *response)
{
  if (g_strcmp0 (response, "reset") == 0)
    tacet_shortcuts_reset_all (self->shortcuts);
}

static void
reset_all_cb (TacetPreferencesWindow *self)
{
  GtkWidget *dialog = adw_message_dialog_new (GTK_WINDOW (self), _ ("Reset All Shortcuts?"),
                                              _ ("Every action gets its usual keys again. What you changed is lost."));

  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "cancel", _ ("_Cancel"), "reset", _ ("_Reset"), NULL);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "reset", ADW_RESPONSE_DESTRUCTIVE);
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  g_signal_connect_object (dialog, "response", G_CALLBACK (reset_response_cb), self, G_CONNECT_SWAPPED);
  gtk_window_present (GTK_WINDOW (dialog));
}

/* ---- class ---- */

static void
bind (TacetPreferencesWindow *self, const char *name, gpointer widget, const char *property)
{
  g_object_bind_property (self->preferences, name, widget, property, G_BINDING_SYNC_CREATE | G_BINDING_BIDIRECTIONAL);
}

static void
bind_megabytes (TacetPreferencesWindow *self, const char *name, GtkSpinButton *spin)
{
  g_object_bind_property_full (self->preferences, name, spin, "value", G_BINDING_SYNC_CREATE | G_BINDING_BIDIRECTIONAL,
                               to_megabytes, to_bytes, NULL, NULL);
}

/* A row says by its title what its widget is; the widget itself has to say it too. */
static void
label_widgets (GtkWidget *widget, const char *title)
{
  if (ADW_IS_PREFERENCES_ROW (widget))
    title = adw_preferences_row_get_title (ADW_PREFERENCES_ROW (widget));
  if ((GTK_IS_SWITCH (widget) || GTK_IS_SPIN_BUTTON (widget)) && title != NULL)
    gtk_accessible_update_property (GTK_ACCESSIBLE (widget), GTK_ACCESSIBLE_PROPERTY_LABEL, title, -1);
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    label_widgets (child, title);
}

static void
bind_all (TacetPreferencesWindow *self)
{
  show_choice (self, self->color_scheme, "color-scheme", color_schemes, G_N_ELEMENTS (color_schemes));
  show_choice (self, self->wheel, "wheel", wheels, G_N_ELEMENTS (wheels));
  show_choice (self, self->result_switch, "result-switch", result_switches, G_N_ELEMENTS (result_switches));
  g_signal_connect_object (self->result_switch, "notify::selected", G_CALLBACK (chosen_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->color_scheme, "notify::selected", G_CALLBACK (chosen_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->wheel, "notify::selected", G_CALLBACK (chosen_cb), self, G_CONNECT_SWAPPED);
  bind (self, "tab-hides-panels", self->tab_hides_panels, "active");
  bind (self, "restore-document", self->restore_document, "active");
  bind (self, "show-rulers", self->show_rulers, "active");
  bind (self, "show-hud", self->show_hud, "active");
  bind (self, "picture-metadata", self->picture_metadata, "active");
  bind (self, "show-previews", self->show_previews, "active");
  bind (self, "autosave-interval", self->autosave_interval, "value");
  bind_megabytes (self, "history-budget", self->history_budget);
  bind_megabytes (self, "result-budget", self->result_budget);
  show_pressure (self);
  g_signal_connect_object (self->preferences, "notify::pressure-curve", G_CALLBACK (show_pressure), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->pressure, "changed", G_CALLBACK (pressure_changed_cb), self, G_CONNECT_SWAPPED);
  show_folders (self);
  g_signal_connect_object (self->preferences, "notify::model-folders", G_CALLBACK (show_folders), self,
                           G_CONNECT_SWAPPED);
}

static void
tacet_preferences_window_dispose (GObject *object)
{
  TacetPreferencesWindow *self = TACET_PREFERENCES_WINDOW (object);

  gtk_widget_dispose_template (GTK_WIDGET (self), TACET_TYPE_PREFERENCES_WINDOW);
  g_clear_object (&self->preferences);
  g_clear_object (&self->shortcuts);
  g_clear_pointer (&self->folder_rows, g_ptr_array_unref);
  G_OBJECT_CLASS (tacet_preferences_window_parent_class)->dispose (object);
}

#define BIND(child) gtk_widget_class_bind_template_child (widget_class, TacetPreferencesWindow, child)

static void
tacet_preferences_window_class_init (TacetPreferencesWindowClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = tacet_preferences_window_dispose;
  g_type_ensure (TACET_TYPE_PRESSURE_EDITOR);
  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/tacet/Tacet/ui/tacet-preferences-window.ui");
  BIND (color_scheme);
  BIND (wheel);
  BIND (result_switch);
  BIND (tab_hides_panels);
  BIND (restore_document);
  BIND (show_rulers);
  BIND (show_hud);
  BIND (picture_metadata);
  BIND (show_previews);
  BIND (autosave_interval);
  BIND (history_budget);
  BIND (result_budget);
  BIND (pressure);
  BIND (pressure_soft);
  BIND (pressure_linear);
  BIND (pressure_firm);
  BIND (folders);
  BIND (add_folder);
  BIND (shortcuts_page);
  BIND (shortcut_search);
  BIND (reset_all);
  gtk_widget_class_bind_template_callback (widget_class, pressure_preset_cb);
  gtk_widget_class_bind_template_callback (widget_class, add_folder_cb);
  gtk_widget_class_bind_template_callback (widget_class, shortcut_search_cb);
  gtk_widget_class_bind_template_callback (widget_class, reset_all_cb);
}

static void
tacet_preferences_window_init (TacetPreferencesWindow *self)
{
  self->folder_rows = g_ptr_array_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
tacet_preferences_window_new (GtkWindow *parent, TacetPreferences *preferences, TacetShortcuts *shortcuts)
{
  TacetPreferencesWindow *self =
      g_object_new (TACET_TYPE_PREFERENCES_WINDOW, "transient-for", parent, "modal", FALSE, NULL);

  self->preferences = g_object_ref (preferences);
  self->shortcuts = g_object_ref (shortcuts);
  bind_all (self);
  _tacet_preferences_fill_shortcuts (self->shortcuts_page, shortcuts);
  label_widgets (GTK_WIDGET (self), NULL);
  return GTK_WIDGET (self);
}
