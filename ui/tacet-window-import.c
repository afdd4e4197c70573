/* tacet-window-import.c: files of poses, in and out.  Pictures: tacet-window-pictures.c.  Room: ui. */
#define G_LOG_DOMAIN "tacet-window-import"

#include "config.h"

#include "engine/scene/tacet-openpose.h"
#include "ui/tacet-window-private.h"

#include <glib/gi18n.h>

void
_tacet_window_import_pose_file (TacetWindow *self, const char *path)
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
    _tacet_window_toast (self,
                         _ ("Some hands or faces of the file were left out: their number of points is not known."));
}

static void
import_pose_path (TacetWindow *self, const char *path, gpointer data)
{
  _tacet_window_import_pose_file (self, path);
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
