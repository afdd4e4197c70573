/* tacet-window-import.c: files that become maps, poses or the picture to start from; dropped files.  Room: ui. */
#define G_LOG_DOMAIN "tacet-window-import"

#include "config.h"

#include "engine/scene/tacet-openpose.h"
#include "ui/tacet-window-private.h"

#include <glib/gi18n.h>

#define CANNY_LOW  100
#define CANNY_HIGH 200

/* ---- maps ---- */

typedef struct
{
  TacetLayerKind kind;
  TacetLayer *control; /* NULL: a new one */
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
  TacetLayer *control = job->control;

  tacet_scene_group_begin (self->scene, job->find_edges ? _ ("Edges from Picture") : _ ("Import Map"));
  if (control == NULL)
    control = tacet_scene_add_layer (self->scene, job->kind);
  if (control == NULL || !tacet_scene_set_layer_map (self->scene, control, job->map, job->coverage))
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
  else if (job->scene == self->scene &&
           (job->control == NULL || tacet_layer_panel_get_row (self->layers, job->control) != NULL))
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
_tacet_window_import (TacetWindow *self, TacetLayerKind kind, TacetLayer *control, gboolean find_edges)
{
  MapJob *job = g_new0 (MapJob, 1);
  GtkFileChooser *chooser;

  job->kind = kind;
  job->find_edges = find_edges;
  g_set_object (&job->control, control);
  chooser = _tacet_window_ask_file (self, GTK_FILE_CHOOSER_ACTION_OPEN,
                                    find_edges ? _ ("Edges from Picture") : _ ("Import Map"), _ ("_Open"), import_path,
                                    job, map_job_free);
  _tacet_window_add_filter (chooser, _ ("PNG Pictures"), "png");
  _tacet_window_ask_now (chooser);
}

/* ---- pictures and masks ---- */

typedef struct
{
  TacetScene *scene;
  char *path;
  gboolean mask;
  TacetImage *image;
} PictureJob;

static void
picture_job_free (gpointer data)
{
  PictureJob *job = data;

  g_object_unref (job->scene);
  g_free (job->path);
  g_clear_pointer (&job->image, tacet_image_unref);
  g_free (job);
}

static void
picture_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  PictureJob *job = data;
  GError *error = NULL;

  job->image = tacet_image_load_png (job->path, &error);
  if (job->image != NULL)
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
picture_loaded_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  TacetWindow *self = TACET_WINDOW (source);
  PictureJob *job = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;

  if (self->canvas == NULL)
    return;
  if (!g_task_propagate_boolean (G_TASK (result), &error))
    _tacet_window_report (self, _ ("The picture could not be used."), error->message);
  else if (job->scene == self->scene)
    _tacet_window_add_picture (self, job->image, job->path, job->mask);
}

/* data: whether it is a mask */
static void
picture_path (TacetWindow *self, const char *path, gpointer data)
{
  PictureJob *job = g_new0 (PictureJob, 1);
  g_autoptr (GTask) task = g_task_new (self, NULL, picture_loaded_cb, NULL);

  job->scene = g_object_ref (self->scene);
  job->path = g_strdup (path);
  job->mask = data != NULL;
  g_task_set_source_tag (task, picture_path);
  g_task_set_task_data (task, job, picture_job_free);
  g_task_run_in_thread (task, picture_thread);
}

void
_tacet_window_ask_picture (TacetWindow *self, gboolean mask)
{
  GtkFileChooser *chooser =
      _tacet_window_ask_file (self, GTK_FILE_CHOOSER_ACTION_OPEN, mask ? _ ("Add Mask") : _ ("Add Picture"),
                              _ ("_Open"), picture_path, mask ? self : NULL, NULL);

  _tacet_window_add_filter (chooser, _ ("PNG Pictures"), "png");
  _tacet_window_ask_now (chooser);
}

/* ---- pose files ---- */

static void
import_pose_path (TacetWindow *self, const char *path, gpointer data)
{
  TacetLayer *control = tacet_canvas_get_selected (self->canvas);
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
  if (control == NULL || tacet_layer_get_kind (control) != TACET_LAYER_POSE)
    control = tacet_scene_add_layer (self->scene, TACET_LAYER_POSE);
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
  GtkFileChooser *chooser = _tacet_window_ask_file (self, GTK_FILE_CHOOSER_ACTION_OPEN, _ ("Import Pose"), _ ("_Open"),
                                                    import_pose_path, NULL, NULL);

  _tacet_window_add_filter (chooser, _ ("Pose Files (OpenPose JSON)"), "json");
  _tacet_window_ask_now (chooser);
}

static void
export_pose_path (TacetWindow *self, const char *path, gpointer data)
{
  TacetLayer *control = data;
  g_autofree char *whole = _tacet_with_suffix (path, ".json");
  g_autoptr (GError) error = NULL;
  int n_people;
  const TacetPerson *people = tacet_layer_get_people (control, &n_people);

  if (tacet_openpose_save (whole, people, n_people, tacet_scene_get_width (self->scene),
                           tacet_scene_get_height (self->scene), &error))
    _tacet_window_toast (self, _ ("Pose saved."));
  else
    _tacet_window_report (self, _ ("The pose could not be saved."), error->message);
}

void
_tacet_window_export_pose (TacetWindow *self, TacetLayer *control)
{
  GtkFileChooser *chooser = _tacet_window_ask_file (self, GTK_FILE_CHOOSER_ACTION_SAVE, _ ("Export Pose"), _ ("_Save"),
                                                    export_pose_path, g_object_ref (control), g_object_unref);

  _tacet_window_add_filter (chooser, _ ("Pose Files (OpenPose JSON)"), "json");
  _tacet_window_start_in_folder (self, chooser);
  gtk_file_chooser_set_current_name (chooser, _ ("pose.json"));
  _tacet_window_ask_now (chooser);
}

/* ---- dropped files ---- */

/* A dropped scene is opened; of a dropped picture the edges become a control. */
void
_tacet_window_drop (TacetWindow *self, GFile *file)
{
  g_autofree char *path = g_file_get_path (file);
  MapJob job = { .kind = TACET_LAYER_EDGE, .find_edges = TRUE };

  if (path == NULL)
    _tacet_window_toast (self, _ ("Only files of this computer can be used. Copy it here first."));
  else if (!g_str_has_suffix (path, ".json"))
    import_path (self, path, &job);
  else if (tacet_scene_get_modified (self->scene))
    _tacet_window_toast (self, _ ("Save the scene first, then drop the other one."));
  else
    tacet_window_open (self, path);
}
