/* tacet-window-files.c: opening, saving, importing; what is unsaved is never lost unasked.  Room: ui. */
#define G_LOG_DOMAIN "tacet-window-files"

#include "config.h"

#include "engine/scene/tacet-openpose.h"
#include "engine/scene/tacet-parameters.h"
#include "ui/tacet-window-private.h"

#include <glib/gi18n.h>

#define CANNY_LOW  100
#define CANNY_HIGH 200

/* ---- asking for a file ---- */

typedef void (*FileFunc) (TacetWindow *self, const char *path, gpointer data);

typedef struct
{
  TacetWindow *window;
  FileFunc func;
  gpointer data;
  GDestroyNotify free_data;
  GtkFileChooserNative *chooser;
} Question;

static void
question_response_cb (Question *question, int response)
{
  g_autoptr (GFile) file = NULL;

  if (response == GTK_RESPONSE_ACCEPT)
    file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (question->chooser));
  if (file != NULL && question->window->canvas != NULL)
    {
      g_autofree char *path = g_file_get_path (file);

      if (path != NULL)
        question->func (question->window, path, question->data);
      else
        _tacet_window_toast (question->window, _ ("Only files of this computer can be used. Copy it here first."));
    }
  gtk_native_dialog_destroy (GTK_NATIVE_DIALOG (question->chooser));
  g_object_unref (question->chooser);
  g_object_unref (question->window);
  if (question->free_data != NULL)
    question->free_data (question->data);
  g_free (question);
}

/* Set it up further, then show it with ask_now (). */
static GtkFileChooser *
ask_file (TacetWindow *self, GtkFileChooserAction action, const char *title, const char *accept, FileFunc func,
          gpointer data, GDestroyNotify free_data)
{
  Question *question = g_new0 (Question, 1);

  question->window = g_object_ref (self);
  question->func = func;
  question->data = data;
  question->free_data = free_data;
  question->chooser = gtk_file_chooser_native_new (title, GTK_WINDOW (self), action, accept, _ ("_Cancel"));
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (question->chooser), TRUE);
  g_signal_connect_swapped (question->chooser, "response", G_CALLBACK (question_response_cb), question);
  return GTK_FILE_CHOOSER (question->chooser);
}

/* Only now: a chooser that is changed while it reads its first folder complains. */
static void
ask_now (GtkFileChooser *chooser)
{
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (chooser));
}

static void
add_filter (GtkFileChooser *chooser, const char *name, const char *suffix)
{
  g_autoptr (GtkFileFilter) filter = gtk_file_filter_new ();

  gtk_file_filter_set_name (filter, name);
  gtk_file_filter_add_suffix (filter, suffix);
  gtk_file_chooser_add_filter (chooser, filter);
}

static void
start_in_folder_of (TacetWindow *self, GtkFileChooser *chooser)
{
  g_autofree char *folder = self->path != NULL ? g_path_get_dirname (self->path) : NULL;
  g_autoptr (GFile) file = folder != NULL ? g_file_new_for_path (folder) : NULL;

  if (file != NULL)
    gtk_file_chooser_set_current_folder (chooser, file, NULL);
}

/* With or without the suffix typed, the file has it. */
static char *
with_suffix (const char *path, const char *suffix)
{
  return g_str_has_suffix (path, suffix) ? g_strdup (path) : g_strconcat (path, suffix, NULL);
}

/* ---- scenes ---- */

gboolean
tacet_window_open (TacetWindow *self, const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TacetScene) scene = tacet_scene_load (path, &error);
  const char *const *notes;

  if (scene == NULL)
    {
      g_autofree char *name = g_path_get_basename (path);
      g_autofree char *what = g_strdup_printf (_ ("“%s” could not be opened."), name);

      _tacet_window_report (self, what, error->message);
      return FALSE;
    }
  /* A picture is not the file that a changed scene would be saved to. */
  _tacet_window_set_scene (self, scene, tacet_image_is_png (path) ? NULL : path);
  notes = tacet_scene_get_notes (scene);
  if (notes != NULL && notes[0] != NULL)
    {
      g_autofree char *why = g_strjoinv ("\n", (char **) notes);

      _tacet_window_report (self, _ ("The scene holds things that this version does not show."), why);
    }
  return TRUE;
}

static void
open_path (TacetWindow *self, const char *path, gpointer data)
{
  tacet_window_open (self, path);
}

static void
ask_open (TacetWindow *self)
{
  GtkFileChooser *chooser =
      ask_file (self, GTK_FILE_CHOOSER_ACTION_OPEN, _ ("Open Scene"), _ ("_Open"), open_path, NULL, NULL);

  add_filter (chooser, _ ("Scenes"), "json");
  add_filter (chooser, _ ("Pictures"), "png");
  start_in_folder_of (self, chooser);
  ask_now (chooser);
}

void
_tacet_window_ask_open (TacetWindow *self)
{
  _tacet_window_guard_unsaved (self, ask_open);
}

typedef struct
{
  TacetWindow *window;
  char *path;
  void (*then) (TacetWindow *); /* or NULL */
} SaveOrder;

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
      if (self->recovery != NULL)
        tacet_recovery_set_path (self->recovery, self->path);
      g_signal_emit_by_name (self->scene, "changed"); /* the title shows the name; its dot is gone */
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
  g_autofree char *whole = with_suffix (path, ".json");
  void (*then) (TacetWindow *) = data;

  save_to (self, whole, then);
}

static void
ask_save_as (TacetWindow *self, void (*then) (TacetWindow *))
{
  GtkFileChooser *chooser =
      ask_file (self, GTK_FILE_CHOOSER_ACTION_SAVE, _ ("Save Scene"), _ ("_Save"), save_as_path, then, NULL);
  g_autofree char *name = self->path != NULL ? g_path_get_basename (self->path) : g_strdup (_ ("scene.json"));

  add_filter (chooser, _ ("Scenes"), "json");
  start_in_folder_of (self, chooser);
  gtk_file_chooser_set_current_name (chooser, name);
  ask_now (chooser);
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

typedef struct
{
  GPtrArray *pictures; /* of TacetPicture */
  TacetRequest *request;
  char *path, *scene; /* scene NULL: the files do not say how they were made */
} PictureJob;

static void
picture_job_free (gpointer data)
{
  PictureJob *job = data;

  g_ptr_array_unref (job->pictures);
  tacet_request_free (job->request);
  g_free (job->path);
  g_free (job->scene);
  g_free (job);
}

static void
save_picture_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  PictureJob *job = data;
  GError *error = NULL;

  for (guint i = 0; i < job->pictures->len && error == NULL; i++)
    {
      const TacetPicture *picture = job->pictures->pdata[i];
      g_autofree char *path = tacet_picture_path (job->path, picture->seed, job->pictures->len > 1);

      tacet_picture_save (picture, job->request, job->scene, path, &error);
    }
  if (error == NULL)
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

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
  TacetWindow *self = TACET_WINDOW (source);
  g_autoptr (GError) error = NULL;

  if (g_task_propagate_boolean (G_TASK (result), &error))
    _tacet_window_toast (self, _ ("Picture saved."));
  else
    _tacet_window_report (self, _ ("The picture could not be saved."), error->message);
}

static void
save_picture_path (TacetWindow *self, const char *path, gpointer data)
{
  g_autoptr (GTask) task = NULL;
  PictureJob *job;

  if (self->result_pictures == NULL)
    return;
  job = g_new0 (PictureJob, 1);
  job->pictures = g_ptr_array_ref (self->result_pictures);
  job->request = tacet_request_copy (self->result_request);
  job->path = with_suffix (path, ".png");
  job->scene = pictures_say_how (self) ? g_strdup (self->result_json) : NULL;
  task = g_task_new (self, NULL, picture_saved_cb, NULL);
  g_task_set_source_tag (task, save_picture_path);
  g_task_set_task_data (task, job, picture_job_free);
  g_task_run_in_thread (task, save_picture_thread);
}

void
_tacet_window_save_picture (TacetWindow *self)
{
  GtkFileChooser *chooser;

  if (self->result == NULL)
    return;
  chooser =
      ask_file (self, GTK_FILE_CHOOSER_ACTION_SAVE, _ ("Save Picture"), _ ("_Save"), save_picture_path, NULL, NULL);
  add_filter (chooser, _ ("Pictures"), "png");
  start_in_folder_of (self, chooser);
  gtk_file_chooser_set_current_name (chooser, _ ("picture.png"));
  ask_now (chooser);
}

/* ---- the model ---- */

static void
model_path (TacetWindow *self, const char *path, gpointer data)
{
  tacet_scene_set_model (self->scene, path);
}

void
_tacet_window_choose_model (TacetWindow *self)
{
  ask_now (ask_file (self, GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER, _ ("Choose Model"), _ ("_Choose"), model_path, NULL,
                     NULL));
}

/* ---- maps ---- */

typedef struct
{
  TacetControlKind kind;
  TacetControl *control; /* NULL: a new one */
  TacetScene *scene;
  gboolean find_edges;
  int width, height;
  char *path;
  TacetImage *map, *coverage;
} MapJob;

static void
map_job_free (gpointer data)
{
  MapJob *job = data;

  g_clear_object (&job->control);
  g_clear_object (&job->scene);
  g_clear_pointer (&job->map, tacet_image_unref);
  g_clear_pointer (&job->coverage, tacet_image_unref);
  g_free (job->path);
  g_free (job);
}

/* The opacity of a picture says where it speaks. */
static TacetImage *
image_opacity (const TacetImage *image)
{
  TacetImage *opacity = tacet_image_new (image->width, image->height, 1);

  for (gsize i = 0; opacity != NULL && i < (gsize) image->width * image->height; i++)
    opacity->data[i] = image->data[4 * i + 3];
  return opacity;
}

static gboolean
make_map (MapJob *job, GError **error)
{
  g_autoptr (TacetImage) picture = tacet_image_load_png (job->path, error);
  g_autoptr (TacetImage) fitted = NULL;

  if (picture == NULL)
    return FALSE;
  fitted = tacet_image_resize (picture, job->width, job->height, FALSE);
  if (fitted != NULL && job->find_edges)
    {
      g_autoptr (TacetImage) rgb = tacet_image_convert (fitted, 3);

      job->map = rgb != NULL ? tacet_canny (rgb, CANNY_LOW, CANNY_HIGH) : NULL;
    }
  else if (fitted != NULL)
    {
      job->map = tacet_image_convert (fitted, 1);
      job->coverage = fitted->channels == 4 ? image_opacity (fitted) : NULL;
    }
  if (job->map == NULL)
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED,
                         _ ("There is not enough memory. Close other programs, or use a smaller picture."));
  return job->map != NULL;
}

static void
make_map_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  GError *error = NULL;

  if (make_map (data, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
put_map (TacetWindow *self, MapJob *job)
{
  TacetControl *control = job->control;

  tacet_scene_group_begin (self->scene, job->find_edges ? _ ("Edges from Picture") : _ ("Import Map"));
  if (control == NULL)
    control = tacet_scene_add_control (self->scene, job->kind);
  if (control == NULL || !tacet_scene_set_control_map (self->scene, control, job->map, job->coverage))
    _tacet_window_toast (self, _ ("The map could not be added: too many controls, or not enough memory."));
  tacet_scene_group_end (self->scene);
  g_object_set (self->canvas, "show-picture", FALSE, NULL);
  if (control != NULL)
    _tacet_window_select (self, control);
}

static void
map_made_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  TacetWindow *self = TACET_WINDOW (source);
  MapJob *job = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;

  if (self->canvas == NULL)
    return;
  if (!g_task_propagate_boolean (G_TASK (result), &error))
    _tacet_window_report (self, _ ("The picture could not be used."), error->message);
  else if (job->scene == self->scene && (job->control == NULL || _tacet_window_get_row (self, job->control) != NULL))
    put_map (self, job);
}

static void
import_path (TacetWindow *self, const char *path, gpointer data)
{
  MapJob *asked = data, *job = g_new0 (MapJob, 1);
  g_autoptr (GTask) task = g_task_new (self, NULL, map_made_cb, NULL);

  job->kind = asked->kind;
  job->find_edges = asked->find_edges;
  g_set_object (&job->control, asked->control);
  g_set_object (&job->scene, self->scene);
  job->width = tacet_scene_get_width (self->scene);
  job->height = tacet_scene_get_height (self->scene);
  job->path = g_strdup (path);
  g_task_set_source_tag (task, import_path);
  g_task_set_task_data (task, job, map_job_free);
  g_task_run_in_thread (task, make_map_thread);
}

void
_tacet_window_import (TacetWindow *self, TacetControlKind kind, TacetControl *control, gboolean find_edges)
{
  MapJob *job = g_new0 (MapJob, 1);
  GtkFileChooser *chooser;

  job->kind = kind;
  job->find_edges = find_edges;
  g_set_object (&job->control, control);
  chooser = ask_file (self, GTK_FILE_CHOOSER_ACTION_OPEN, find_edges ? _ ("Edges from Picture") : _ ("Import Map"),
                      _ ("_Open"), import_path, job, map_job_free);
  add_filter (chooser, _ ("PNG Pictures"), "png");
  ask_now (chooser);
}

/* ---- pose files ---- */

static void
import_pose_path (TacetWindow *self, const char *path, gpointer data)
{
  TacetControl *control = tacet_canvas_get_selected (self->canvas);
  g_autoptr (GError) error = NULL;
  guint left_out = 0;
  int added;
  g_autoptr (GArray) people = tacet_openpose_load (path, tacet_scene_get_width (self->scene),
                                                   tacet_scene_get_height (self->scene), &left_out, &error);

  if (people == NULL)
    {
      _tacet_window_report (self, _ ("The pose file could not be used."), error->message);
      return;
    }
  tacet_scene_group_begin (self->scene, _ ("Import Pose"));
  if (control == NULL || tacet_control_get_kind (control) != TACET_CONTROL_POSE)
    control = tacet_scene_add_control (self->scene, TACET_CONTROL_POSE);
  added =
      control != NULL ? tacet_scene_add_people (self->scene, control, (TacetPerson *) people->data, people->len) : 0;
  tacet_scene_group_end (self->scene);
  if (control != NULL)
    _tacet_window_select (self, control);
  if (added < (int) people->len)
    _tacet_window_toast (self, _ ("Not all people were added: there are too many."));
  else if (left_out > 0)
    _tacet_window_toast (self, _ ("Hands and faces of the file were left out; Tacet poses bodies."));
}

void
_tacet_window_import_pose (TacetWindow *self)
{
  GtkFileChooser *chooser =
      ask_file (self, GTK_FILE_CHOOSER_ACTION_OPEN, _ ("Import Pose"), _ ("_Open"), import_pose_path, NULL, NULL);

  add_filter (chooser, _ ("Pose Files (OpenPose JSON)"), "json");
  ask_now (chooser);
}

static void
export_pose_path (TacetWindow *self, const char *path, gpointer data)
{
  TacetControl *control = data;
  g_autofree char *whole = with_suffix (path, ".json");
  g_autoptr (GError) error = NULL;
  int n_people;
  const TacetPerson *people = tacet_control_get_people (control, &n_people);

  if (tacet_openpose_save (whole, people, n_people, tacet_scene_get_width (self->scene),
                           tacet_scene_get_height (self->scene), &error))
    _tacet_window_toast (self, _ ("Pose saved."));
  else
    _tacet_window_report (self, _ ("The pose could not be saved."), error->message);
}

void
_tacet_window_export_pose (TacetWindow *self, TacetControl *control)
{
  GtkFileChooser *chooser = ask_file (self, GTK_FILE_CHOOSER_ACTION_SAVE, _ ("Export Pose"), _ ("_Save"),
                                      export_pose_path, g_object_ref (control), g_object_unref);

  add_filter (chooser, _ ("Pose Files (OpenPose JSON)"), "json");
  start_in_folder_of (self, chooser);
  gtk_file_chooser_set_current_name (chooser, _ ("pose.json"));
  ask_now (chooser);
}

/* ---- dropped files ---- */

/* A dropped scene is opened; of a dropped picture the edges become a control. */
void
_tacet_window_drop (TacetWindow *self, GFile *file)
{
  g_autofree char *path = g_file_get_path (file);
  MapJob job = { .kind = TACET_CONTROL_EDGE, .find_edges = TRUE };

  if (path == NULL)
    _tacet_window_toast (self, _ ("Only files of this computer can be used. Copy it here first."));
  else if (!g_str_has_suffix (path, ".json"))
    import_path (self, path, &job);
  else if (tacet_scene_get_modified (self->scene))
    _tacet_window_toast (self, _ ("Save the scene first, then drop the other one."));
  else
    tacet_window_open (self, path);
}
