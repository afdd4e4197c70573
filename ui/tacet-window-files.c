/* tacet-window-files.c: opening and saving; what is unsaved is never lost unasked.  Room: ui. */
#define G_LOG_DOMAIN "tacet-window-files"

#include "config.h"

#include "engine/scene/tacet-parameters.h"
#include "ui/tacet-window-private.h"

#include <glib/gi18n.h>
#include <string.h>

/* ---- scenes ---- */

typedef struct
{
  TacetWindow *window;
  char *path;
  void (*then) (TacetWindow *); /* or NULL */
} SaveOrder;

/* A plain scene holds no results; they should not be lost for want of a word. */
static void
offer_project (TacetWindow *self, const char *path)
{
  AdwToast *toast;

  if (tacet_scene_is_project_path (path) || g_list_model_get_n_items (tacet_scene_get_candidates (self->scene)) == 0)
    return;
  toast = adw_toast_new (_ ("Results are not kept in a plain scene (JSON), only in a project."));
  adw_toast_set_button_label (toast, _ ("_Save as Project"));
  adw_toast_set_action_name (toast, "win.save-as");
  adw_toast_overlay_add_toast (self->toasts, toast);
}

static void
saved_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  SaveOrder *order = data;
  TacetWindow *self = order->window;
  g_autoptr (GError) error = NULL;
  gboolean saved = tacet_scene_save_finish (TACET_SCENE (source), result, &error);

  /* The window may show another document by now, or be closed. */
  if (self->canvas != NULL && !saved)
    _tacet_window_report (self, _ ("The scene could not be saved."), error->message);
  else if (self->scene == TACET_SCENE (source))
    {
      g_free (self->path);
      self->path = g_strdup (order->path);
      _tacet_window_remember_document (self, order->path);
      if (self->recovery != NULL)
        tacet_recovery_set_path (self->recovery, self->path);
      g_signal_emit_by_name (self->scene, "changed"); /* the title shows the name; its dot is gone */
      offer_project (self, order->path);
      if (order->then != NULL)
        order->then (self);
    }
  g_object_unref (self);
  g_free (order->path);
  g_free (order);
}

static void
save_to (TacetWindow *self, const char *path, void (*then) (TacetWindow *))
{
  SaveOrder *order = g_new0 (SaveOrder, 1);

  order->window = g_object_ref (self);
  order->path = g_strdup (path);
  order->then = then;
  tacet_scene_save_async (self->scene, path, saved_cb, order);
}

/* data: what to do once it is saved, or NULL */
static void
save_as_path (TacetWindow *self, const char *path, gpointer data)
{
  /* Plain scenes are for programs and for who asks for them. */
  g_autofree char *whole = g_str_has_suffix (path, ".json") || tacet_scene_is_project_path (path)
                               ? g_strdup (path)
                               : g_strconcat (path, TACET_PROJECT_SUFFIX, NULL);
  void (*then) (TacetWindow *) = data;

  save_to (self, whole, then);
}

/* As the document is called, as a project. */
static char *
project_name (TacetWindow *self)
{
  const char *path = self->path != NULL ? self->path : self->origin;
  g_autofree char *name = path != NULL ? g_path_get_basename (path) : NULL;
  char *dot = name != NULL ? strrchr (name, '.') : NULL;

  /* Translators: the name of a new file */
  if (name == NULL || dot == name)
    return g_strconcat (_ ("picture"), TACET_PROJECT_SUFFIX, NULL);
  if (dot != NULL)
    *dot = '\0';
  return g_strconcat (name, TACET_PROJECT_SUFFIX, NULL);
}

static void
ask_save_as (TacetWindow *self, void (*then) (TacetWindow *))
{
  GtkFileChooser *chooser = _tacet_window_ask_file (self, GTK_FILE_CHOOSER_ACTION_SAVE, _ ("Save Project"), _ ("_Save"),
                                                    save_as_path, then, NULL);
  g_autofree char *name = project_name (self);

  _tacet_window_add_filter (chooser, _ ("Projects (OpenRaster)"), "ora");
  _tacet_window_add_filter (chooser, _ ("Plain Scenes (JSON)"), "json");
  _tacet_window_start_in_folder (self, chooser);
  gtk_file_chooser_set_current_name (chooser, name);
  _tacet_window_ask_now (chooser);
}

void
_tacet_window_save_as (TacetWindow *self)
{
  ask_save_as (self, NULL);
}

void
_tacet_window_save (TacetWindow *self)
{
  if (self->path != NULL)
    save_to (self, self->path, NULL);
  else
    ask_save_as (self, NULL);
}

static void
unsaved_response_cb (TacetWindow *self, const char *response, GtkWidget *dialog)
{
  void (*then) (TacetWindow *) = g_object_get_data (G_OBJECT (dialog), "then");

  if (g_strcmp0 (response, "discard") == 0)
    then (self);
  else if (g_strcmp0 (response, "save") == 0)
    {
      if (self->path == NULL)
        ask_save_as (self, then);
      else
        save_to (self, self->path, then);
    }
}

void
_tacet_window_guard_unsaved (TacetWindow *self, void (*then) (TacetWindow *self))
{
  GtkWidget *dialog;

  if (!tacet_scene_get_modified (self->scene))
    {
      then (self);
      return;
    }
  dialog = adw_message_dialog_new (GTK_WINDOW (self), _ ("Save Changes?"),
                                   _ ("The scene has changes that are not saved. They are lost if you discard them."));
  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "cancel", _ ("_Cancel"), "discard", _ ("_Discard"),
                                    "save", _ ("_Save"), NULL);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "discard", ADW_RESPONSE_DESTRUCTIVE);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "save", ADW_RESPONSE_SUGGESTED);
  adw_message_dialog_set_default_response (ADW_MESSAGE_DIALOG (dialog), "save");
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  g_object_set_data (G_OBJECT (dialog), "then", then);
  g_signal_connect_object (dialog, "response", G_CALLBACK (unsaved_response_cb), self, G_CONNECT_SWAPPED);
  gtk_window_present (GTK_WINDOW (dialog));
}

/* ---- the picture ---- */

/* The application's switch; without one they do. */
static gboolean
pictures_say_how (TacetWindow *self)
{
  GtkApplication *application = gtk_window_get_application (GTK_WINDOW (self));
  g_autoptr (GVariant) state =
      application != NULL ? g_action_group_get_action_state (G_ACTION_GROUP (application), "picture-metadata") : NULL;

  return state == NULL || g_variant_get_boolean (state);
}

static void
picture_saved_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (TacetWindow) self = data;
  g_autoptr (GError) error = NULL;

  if (tacet_candidate_save_finish (TACET_CANDIDATE (source), result, &error))
    _tacet_window_toast (self, _ ("Picture saved."));
  else
    _tacet_window_report (self, _ ("The picture could not be saved."), error->message);
}

/* data: the candidate; so below */
static void
save_picture_now (TacetWindow *self, const char *const *paths, gpointer data)
{
  tacet_candidate_save_async (data, paths[0], pictures_say_how (self), picture_saved_cb, g_object_ref (self));
}

static void
save_picture_path (TacetWindow *self, const char *path, gpointer data)
{
  g_autofree char *whole = _tacet_with_suffix (path, ".png");

  _tacet_window_guard_files (self, (const char *[]){ whole, NULL }, path, save_picture_now, g_object_ref (data),
                             g_object_unref);
}

void
_tacet_window_save_picture (TacetWindow *self)
{
  GtkFileChooser *chooser;
  TacetCandidate *candidate = tacet_staging_get_selected (self->staging);

  if (candidate == NULL)
    return;
  chooser = _tacet_window_ask_file (self, GTK_FILE_CHOOSER_ACTION_SAVE, _ ("Save Picture"), _ ("_Save"),
                                    save_picture_path, g_object_ref (candidate), g_object_unref);
  _tacet_window_add_filter (chooser, _ ("Pictures"), "png");
  _tacet_window_start_in_folder (self, chooser);
  gtk_file_chooser_set_current_name (chooser, _ ("picture.png"));
  _tacet_window_ask_now (chooser);
}
