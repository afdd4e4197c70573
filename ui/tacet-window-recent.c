/* tacet-window-recent.c: scenes that were open before: the menu beside Open, and the last one at the start.  Room: ui.
 */
#define G_LOG_DOMAIN "tacet-window-recent"

#include "config.h"

#include "ui/tacet-window-private.h"

#include <glib/gi18n.h>

#define LONGEST_LIST 10

static gboolean
is_ours (GtkRecentInfo *info)
{
  return gtk_recent_info_has_application (info, g_get_application_name () != NULL ? g_get_application_name () : "") &&
         gtk_recent_info_is_local (info);
}

static int
newest_first (gconstpointer a, gconstpointer b)
{
  return -g_date_time_compare (gtk_recent_info_get_modified ((gpointer) a),
                               gtk_recent_info_get_modified ((gpointer) b));
}

static char *
shorten_home (const char *folder)
{
  const char *home = g_get_home_dir ();
  g_autofree char *name = g_filename_display_name (folder);
  gsize length = strlen (home);

  return g_str_has_prefix (folder, home) && (folder[length] == '/' || folder[length] == '\0')
             ? g_strconcat ("~", name + length, NULL)
             : g_steal_pointer (&name);
}

/* "name — folder"; a scene.json is known by its folder */
static char *
describe (const char *path)
{
  g_autofree char *folder = g_path_get_dirname (path), *base = g_path_get_basename (path);
  g_autofree char *name = NULL, *place = NULL;

  if (g_strcmp0 (base, "scene.json") == 0)
    {
      g_autofree char *above = g_path_get_dirname (folder);

      name = g_filename_display_basename (folder);
      place = shorten_home (above);
    }
  else
    {
      name = g_filename_display_name (base);
      place = shorten_home (folder);
    }
  /* Translators: the name of a file and its folder, in a menu */
  return g_strdup_printf (_ ("%s — %s"), name, place);
}

static void
append_item (GMenu *menu, const char *path)
{
  g_autofree char *text = describe (path);
  g_auto (GStrv) parts = g_strsplit (text, "_", -1);
  g_autofree char *label = g_strjoinv ("__", parts); /* no mnemonics */
  g_autoptr (GMenuItem) item = g_menu_item_new (label, NULL);

  g_menu_item_set_action_and_target (item, "win.open-recent", "s", path);
  g_menu_append_item (menu, item);
}

static void
fill_menu (TacetWindow *self)
{
  GList *infos = gtk_recent_manager_get_items (gtk_recent_manager_get_default ());
  int n = 0;

  g_menu_remove_all (self->recent_menu);
  infos = g_list_sort (infos, newest_first);
  for (GList *l = infos; l != NULL && n < LONGEST_LIST; l = l->next)
    {
      g_autofree char *path =
          is_ours (l->data) ? g_filename_from_uri (gtk_recent_info_get_uri (l->data), NULL, NULL) : NULL;

      if (path == NULL)
        continue;
      append_item (self->recent_menu, path);
      n++;
    }
  g_list_free_full (infos, (GDestroyNotify) gtk_recent_info_unref);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.clear-recent", n > 0);
}

void
_tacet_window_remember_document (TacetWindow *self, const char *path)
{
  static char *groups[] = { NULL };
  g_autofree char *whole = g_canonicalize_filename (path, NULL), *folder = g_path_get_dirname (whole);
  g_autofree char *uri = g_filename_to_uri (whole, NULL, NULL);
  g_autofree char *program = g_strconcat (g_get_prgname () != NULL ? g_get_prgname () : "tacet", " %f", NULL);
  GtkRecentData data = { .mime_type = (char *) "application/json",
                         .app_name = (char *) g_get_application_name (),
                         .app_exec = program,
                         .groups = groups,
                         .is_private = FALSE };

  if (g_str_has_suffix (whole, ".ora"))
    data.mime_type = (char *) "image/openraster";
  else if (g_str_has_suffix (whole, ".png"))
    data.mime_type = (char *) "image/png";
  if (uri != NULL)
    gtk_recent_manager_add_full (gtk_recent_manager_get_default (), uri, &data);
  g_object_set (self->preferences, "last-document", whole, "last-folder", folder, NULL);
}

/* ---- opening them ---- */

static void
open_wanted (TacetWindow *self)
{
  g_autofree char *path = g_steal_pointer (&self->wanted_path);

  if (path != NULL)
    _tacet_window_open_path (self, path);
}

static void
missing_response_cb (GtkWidget *dialog, const char *response, TacetWindow *self)
{
  g_autofree char *uri = g_filename_to_uri (g_object_get_data (G_OBJECT (dialog), "path"), NULL, NULL);

  if (g_strcmp0 (response, "forget") == 0 && uri != NULL)
    gtk_recent_manager_remove_item (gtk_recent_manager_get_default (), uri, NULL);
}

static void
say_missing (TacetWindow *self, const char *path)
{
  g_autofree char *name = g_filename_display_basename (path), *whole = g_filename_display_name (path);
  g_autofree char *title = g_strdup_printf (_ ("“%s” Is Not There"), name);
  g_autofree char *text =
      g_strdup_printf (_ ("%s was moved, renamed or removed, or its disk is not connected."), whole);
  GtkWidget *dialog = adw_message_dialog_new (GTK_WINDOW (self), title, text);

  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "close", _ ("_Close"), "forget",
                                    _ ("_Remove from the List"), NULL);
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (dialog), "close");
  g_object_set_data_full (G_OBJECT (dialog), "path", g_strdup (path), g_free);
  g_signal_connect_object (dialog, "response", G_CALLBACK (missing_response_cb), self, 0);
  gtk_window_present (GTK_WINDOW (dialog));
}

static void
open_recent_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  TacetWindow *self = TACET_WINDOW (widget);
  const char *path = g_variant_get_string (parameter, NULL);

  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    {
      say_missing (self, path);
      return;
    }
  g_free (self->wanted_path);
  self->wanted_path = g_strdup (path);
  _tacet_window_guard_unsaved (self, open_wanted);
}

static void
clear_recent_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  GList *infos = gtk_recent_manager_get_items (gtk_recent_manager_get_default ());

  for (GList *l = infos; l != NULL; l = l->next)
    if (is_ours (l->data))
      gtk_recent_manager_remove_item (gtk_recent_manager_get_default (), gtk_recent_info_get_uri (l->data), NULL);
  g_list_free_full (infos, (GDestroyNotify) gtk_recent_info_unref);
}

void
_tacet_window_class_init_recent (GtkWidgetClass *class)
{
  gtk_widget_class_install_action (class, "win.open-recent", "s", open_recent_cb);
  gtk_widget_class_install_action (class, "win.clear-recent", NULL, clear_recent_cb);
}

void
_tacet_window_init_recent (TacetWindow *self)
{
  GMenuModel *menu = adw_split_button_get_menu_model (self->open);

  self->recent_menu = g_menu_new ();
  if (G_IS_MENU (menu))
    g_menu_insert_section (G_MENU (menu), 0, _ ("Recent"), G_MENU_MODEL (self->recent_menu));
  g_signal_connect_object (gtk_recent_manager_get_default (), "changed", G_CALLBACK (fill_menu), self,
                           G_CONNECT_SWAPPED);
  fill_menu (self);
}
