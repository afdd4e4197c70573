/* tacet-application.c: the program with a window.  Room: app. */
#define G_LOG_DOMAIN "tacet-application"

#include "config.h"

#include "app/tacet-application.h"

#include "ui/tacet-window.h"

#include <glib/gi18n.h>

#define TACET_TYPE_APPLICATION (tacet_application_get_type ())
G_DECLARE_FINAL_TYPE (TacetApplication, tacet_application, TACET, APPLICATION, AdwApplication)

struct _TacetApplication
{
  AdwApplication parent_instance;

  char **scenes, **model_folders;
  char *example, *recovery_folder, *schema_folder;
  int n_threads;
  TacetEngineThread *engine;
  guint engine_source;
  TacetPreferences *preferences;
  TacetShortcuts *shortcuts;
};

G_DEFINE_FINAL_TYPE (TacetApplication, tacet_application, ADW_TYPE_APPLICATION)

/* ---- the engine ---- */

/* The user's own folders come first. */
static char **
model_folders (TacetApplication *self)
{
  g_auto (GStrv) own = NULL;
  GPtrArray *folders = g_ptr_array_new ();

  g_object_get (self->preferences, "model-folders", &own, NULL);
  for (int i = 0; own[i] != NULL; i++)
    g_ptr_array_add (folders, g_strdup (own[i]));
  for (int i = 0; self->model_folders[i] != NULL; i++)
    g_ptr_array_add (folders, g_strdup (self->model_folders[i]));
  g_ptr_array_add (folders, NULL);
  return (char **) g_ptr_array_free (folders, FALSE);
}

/* After the first frame: the window is there at once, whatever the engine has to do. */
static gboolean
start_engine_cb (gpointer data)
{
  TacetApplication *self = data;

  g_auto (GStrv) folders = model_folders (self);

  self->engine_source = 0;
  if (self->engine == NULL)
    self->engine = tacet_engine_thread_new (self->n_threads, 0, (const char *const *) folders);
  else
    tacet_engine_thread_set_model_folders (self->engine, (const char *const *) folders);
  for (GList *l = gtk_application_get_windows (GTK_APPLICATION (self)); l != NULL; l = l->next)
    if (TACET_IS_WINDOW (l->data))
      tacet_window_set_engine (l->data, self->engine, (const char *const *) folders);
  return G_SOURCE_REMOVE;
}

static void
queue_engine (TacetApplication *self)
{
  if (self->engine_source == 0)
    self->engine_source = g_idle_add_full (G_PRIORITY_LOW, start_engine_cb, self, NULL);
}

/* ---- windows ---- */

static TacetWindow *
add_window (TacetApplication *self)
{
  TacetWindow *window = TACET_WINDOW (tacet_window_new (GTK_APPLICATION (self), self->example));

  tacet_window_share_preferences (window, self->preferences, self->shortcuts);
  tacet_window_set_recovery_folder (window, self->recovery_folder);
  gtk_window_present (GTK_WINDOW (window));
  queue_engine (self);
  return window;
}

/* A scene that is gone is no reason for a message at the start; one that is to be recovered comes by itself. */
static void
restore_document (TacetApplication *self, TacetWindow *window)
{
  g_autofree char *path = tacet_preferences_dup_string (self->preferences, "last-document");
  g_autoptr (GPtrArray) unsaved = tacet_recovery_list (self->recovery_folder);

  if (unsaved->len == 0 && tacet_preferences_get_boolean (self->preferences, "restore-document") && *path != '\0' &&
      g_file_test (path, G_FILE_TEST_IS_REGULAR))
    tacet_window_open (window, path);
}

static void
update_color_scheme (TacetApplication *self)
{
  g_autofree char *scheme = tacet_preferences_dup_string (self->preferences, "color-scheme");

  adw_style_manager_set_color_scheme (adw_style_manager_get_default (),
                                      g_str_equal (scheme, "dark")    ? ADW_COLOR_SCHEME_FORCE_DARK
                                      : g_str_equal (scheme, "light") ? ADW_COLOR_SCHEME_FORCE_LIGHT
                                                                      : ADW_COLOR_SCHEME_DEFAULT);
}

/* ---- unsaved work of a program that ended ---- */

static void
recover_response_cb (TacetApplication *self, const char *response, GtkWidget *dialog)
{
  GPtrArray *list = g_object_get_data (G_OBJECT (dialog), "list");
  GtkWindow *first = gtk_window_get_transient_for (GTK_WINDOW (dialog));

  for (guint i = 0; i < list->len; i++)
    {
      const TacetRecovered *recovered = g_ptr_array_index (list, i);
      gboolean free_window = first != NULL && tacet_window_is_fresh (TACET_WINDOW (first));

      if (g_strcmp0 (response, "discard") == 0)
        tacet_recovered_remove (recovered);
      else if (g_strcmp0 (response, "recover") == 0)
        tacet_window_recover (free_window ? TACET_WINDOW (first) : add_window (self), recovered);
    }
}

static char *
describe (GPtrArray *list)
{
  GString *text = g_string_new (_ ("Tacet ended before this was saved:"));

  for (guint i = 0; i < list->len; i++)
    {
      const TacetRecovered *recovered = g_ptr_array_index (list, i);
      g_autofree char *name = recovered->path != NULL ? g_filename_display_basename (recovered->path)
                                                      : g_strdup (_ ("a scene without a name"));
      g_autoptr (GDateTime) time = g_date_time_new_from_unix_local (recovered->time);
      g_autofree char *when = time != NULL ? g_date_time_format (time, "%x %X") : g_strdup ("");

      g_string_append_printf (text, "\n• %s, %s", name, when);
    }
  return g_string_free (text, FALSE);
}

static gboolean
offer_recovery_cb (gpointer data)
{
  TacetApplication *self = data;
  GtkWindow *window = gtk_application_get_active_window (GTK_APPLICATION (self));
  g_autoptr (GPtrArray) list = tacet_recovery_list (self->recovery_folder);
  g_autofree char *text = describe (list);
  GtkWidget *dialog;

  if (list->len == 0 || window == NULL)
    return G_SOURCE_REMOVE;
  dialog = adw_message_dialog_new (window, _ ("Recover Unsaved Work?"), text);
  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "later", _ ("_Not Now"), "discard", _ ("_Discard"),
                                    "recover", _ ("_Recover"), NULL);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "discard", ADW_RESPONSE_DESTRUCTIVE);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "recover", ADW_RESPONSE_SUGGESTED);
  adw_message_dialog_set_default_response (ADW_MESSAGE_DIALOG (dialog), "recover");
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (dialog), "later");
  g_object_set_data_full (G_OBJECT (dialog), "list", g_steal_pointer (&list), (GDestroyNotify) g_ptr_array_unref);
  g_signal_connect_object (dialog, "response", G_CALLBACK (recover_response_cb), self, G_CONNECT_SWAPPED);
  gtk_window_present (GTK_WINDOW (dialog));
  return G_SOURCE_REMOVE;
}

/* ---- actions ---- */

static void
new_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  add_window (data);
}

static void
quit_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  g_autoptr (GList) windows = g_list_copy (gtk_application_get_windows (data));

  /* Each asks for what is unsaved; the program ends with the last one. */
  for (GList *l = windows; l != NULL; l = l->next)
    gtk_window_close (l->data);
}

static void
about_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  adw_show_about_window (
      gtk_application_get_active_window (data), "application-name", "Tacet", "application-icon", TACET_APP_ID,
      "version", TACET_VERSION, "license-type", GTK_LICENSE_APACHE_2_0, "comments",
      _ ("Pictures from what you draw: several balanced controls, and silence where you say nothing. "
         "After “Minimal Impact ControlNet”, arXiv 2506.01672."),
      "developer-name", _ ("The Tacet developers"), NULL);
}

/* ---- application ---- */

static void
tacet_application_startup (GApplication *application)
{
  static const GActionEntry entries[] = { { "new", new_cb, NULL, NULL, NULL, { 0 } },
                                          { "quit", quit_cb, NULL, NULL, NULL, { 0 } },
                                          { "about", about_cb, NULL, NULL, NULL, { 0 } } };
  TacetApplication *self = TACET_APPLICATION (application);
  g_autoptr (GPropertyAction) metadata = NULL;

  G_APPLICATION_CLASS (tacet_application_parent_class)->startup (application);
  tacet_ui_init ();
  self->preferences = tacet_preferences_new (self->schema_folder);
  self->shortcuts = tacet_shortcuts_new (self->preferences);
  g_signal_connect_object (self->preferences, "notify::color-scheme", G_CALLBACK (update_color_scheme), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->preferences, "notify::model-folders", G_CALLBACK (queue_engine), self,
                           G_CONNECT_SWAPPED);
  update_color_scheme (self);
  metadata = g_property_action_new ("picture-metadata", self->preferences, "picture-metadata");
  g_action_map_add_action (G_ACTION_MAP (application), G_ACTION (metadata));
  g_action_map_add_action_entries (G_ACTION_MAP (application), entries, G_N_ELEMENTS (entries), application);
  g_signal_connect_object (self->shortcuts, "changed", G_CALLBACK (tacet_shortcuts_apply), application, 0);
  tacet_shortcuts_apply (self->shortcuts, GTK_APPLICATION (application));
}

static void
tacet_application_activate (GApplication *application)
{
  TacetApplication *self = TACET_APPLICATION (application);

  if (self->scenes == NULL || self->scenes[0] == NULL)
    restore_document (self, add_window (self));
  for (int i = 0; self->scenes != NULL && self->scenes[i] != NULL; i++)
    tacet_window_open (add_window (self), self->scenes[i]);
  g_idle_add_full (G_PRIORITY_LOW, offer_recovery_cb, g_object_ref (self), g_object_unref);
}

static void
tacet_application_shutdown (GApplication *application)
{
  TacetApplication *self = TACET_APPLICATION (application);

  g_clear_handle_id (&self->engine_source, g_source_remove);
  G_APPLICATION_CLASS (tacet_application_parent_class)->shutdown (application);
  g_clear_pointer (&self->engine, tacet_engine_thread_free);
}

static void
tacet_application_finalize (GObject *object)
{
  TacetApplication *self = TACET_APPLICATION (object);

  g_clear_object (&self->preferences);
  g_clear_object (&self->shortcuts);
  g_strfreev (self->scenes);
  g_strfreev (self->model_folders);
  g_free (self->example);
  g_free (self->schema_folder);
  g_free (self->recovery_folder);
  G_OBJECT_CLASS (tacet_application_parent_class)->finalize (object);
}

static void
tacet_application_class_init (TacetApplicationClass *class)
{
  G_OBJECT_CLASS (class)->finalize = tacet_application_finalize;
  G_APPLICATION_CLASS (class)->startup = tacet_application_startup;
  G_APPLICATION_CLASS (class)->activate = tacet_application_activate;
  G_APPLICATION_CLASS (class)->shutdown = tacet_application_shutdown;
}

static void
tacet_application_init (TacetApplication *self)
{
}

int
tacet_application_run (const char *const *scenes, const char *example, const char *schema_folder,
                       const char *const *model_folders, int n_threads)
{
  g_autoptr (TacetApplication) self = NULL;

  if (!gtk_init_check ())
    {
      g_printerr ("%s\n", _ ("tacet: no display was found, so no window can be opened. "
                             "“tacet generate” works without one; see “tacet --help”."));
      return 1;
    }
  /* One process per start: a scene that is opened later cannot be taken down by another window. */
  self = g_object_new (TACET_TYPE_APPLICATION, "application-id", TACET_APP_ID, "flags", G_APPLICATION_NON_UNIQUE, NULL);
  self->scenes = g_strdupv ((char **) scenes);
  self->example = g_strdup (example);
  self->schema_folder = g_strdup (schema_folder);
  self->recovery_folder = g_build_filename (g_get_user_state_dir (), "tacet", "recovery", NULL);
  self->model_folders = g_strdupv ((char **) model_folders);
  self->n_threads = n_threads;
  return g_application_run (G_APPLICATION (self), 0, NULL);
}
