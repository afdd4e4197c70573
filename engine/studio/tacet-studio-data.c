/* tacet-studio-data.c: many scenes: a contact sheet, a data set in a folder.
 *
 * Room: engine/studio.
 */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>

#include "engine/studio/tacet-studio.h"

#define GAP 2

static void
paste (TacetImage *sheet, const TacetImage *picture, int left, int top)
{
  for (int y = 0; y < picture->height; y++)
    memcpy (sheet->data + ((gsize) (top + y) * (gsize) sheet->width + (gsize) left) * 3,
            picture->data + (gsize) y * (gsize) picture->width * 3, (gsize) picture->width * 3);
}

TacetImage *
tacet_studio_contact_sheet (int columns, int rows, int size, guint64 seed, GError **error)
{
  g_autoptr (TacetImage) sheet = NULL;
  if (columns > 0 && rows > 0 && size > 0 && columns <= TACET_IMAGE_MAX_SIDE && rows <= TACET_IMAGE_MAX_SIDE &&
      size <= 2048)
    {
      gint64 width = (gint64) columns * (size + GAP) - GAP, height = (gint64) rows * (size + GAP) - GAP;
      if (width <= TACET_IMAGE_MAX_SIDE && height <= TACET_IMAGE_MAX_SIDE)
        sheet = tacet_image_new ((int) width, (int) height, 3);
    }
  if (!sheet)
    {
      g_set_error (error, TACET_STUDIO_ERROR, TACET_STUDIO_ERROR_SIZE,
                   _ ("A contact sheet of %d × %d scenes with %d pixels each is not possible; choose fewer or smaller "
                      "ones."),
                   columns, rows, size);
      return NULL;
    }
  memset (sheet->data, 255, (gsize) sheet->width * (gsize) sheet->height * 3);
  TacetStudioOptions options = { size, 2, NULL };
  for (int i = 0; i < columns * rows; i++)
    {
      g_auto (TacetStudioScene) scene = { 0 };
      if (!tacet_studio_render (seed + (guint64) i, &options, &scene, error))
        return NULL;
      paste (sheet, scene.picture, (i % columns) * (size + GAP), (i / columns) * (size + GAP));
    }
  return g_steal_pointer (&sheet);
}

static void
append_number (GString *json, float value)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];
  g_string_append (json, g_ascii_formatd (text, sizeof text, "%.3f", value));
}

static void
append_people (GString *json, const TacetStudioScene *scene)
{
  g_string_append (json, "\"people\": [");
  for (int i = 0; i < scene->n_people; i++)
    {
      g_string_append (json, i ? ", [" : "[");
      for (int k = 0; k < TACET_POSE_JOINTS; k++)
        {
          const TacetJoint *joint = &scene->people[i].joints[k];
          g_string_append (json, k ? ", [" : "[");
          append_number (json, joint->x);
          g_string_append (json, ", ");
          append_number (json, joint->y);
          g_string_append (json, ", ");
          append_number (json, joint->confidence);
          g_string_append_c (json, ']');
        }
      g_string_append_c (json, ']');
    }
  g_string_append_c (json, ']');
}

/* Saves one map beside the others and names it in the line. */
static gboolean
save_map (GString *json, const TacetImage *image, const char *folder, int index, const char *kind, GError **error)
{
  g_autofree char *name = g_strdup_printf ("%06d-%s.png", index, kind);
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_string_append_printf (json, "\"%s\": \"%s\", ", kind, name);
  return tacet_image_save_png (image, path, NULL, error);
}

static gboolean
save_scene (GString *json, int index, guint64 seed, int size, const char *folder, GError **error)
{
  g_auto (TacetStudioScene) scene = { 0 };
  TacetStudioOptions options = { size, 2, NULL };
  if (!tacet_studio_render (seed, &options, &scene, error))
    return FALSE;
  g_autoptr (TacetImage) pose = tacet_pose_draw (scene.people, scene.n_people, size, size);
  if (!pose)
    {
      g_set_error (error, TACET_STUDIO_ERROR, TACET_STUDIO_ERROR_MEMORY,
                   _ ("There is not enough memory for a pose map of %d × %d pixels."), size, size);
      return FALSE;
    }
  g_string_append_c (json, '{');
  if (!save_map (json, scene.picture, folder, index, "picture", error) ||
      !save_map (json, scene.depth, folder, index, "depth", error) ||
      !save_map (json, scene.edges, folder, index, "edges", error) ||
      !save_map (json, pose, folder, index, "pose", error) ||
      !save_map (json, scene.objects, folder, index, "objects", error))
    return FALSE;
  g_string_append_printf (json, "\"seed\": %" G_GUINT64_FORMAT ", \"subject\": \"%s\", \"colour\": \"%s\", ", seed,
                          scene.subject, scene.colour);
  /* captions hold words, spaces and commas only: nothing to escape */
  g_string_append_printf (json, "\"caption\": \"%s\", ", scene.caption);
  append_people (json, &scene);
  g_string_append (json, "}\n");
  return TRUE;
}

gboolean
tacet_studio_data_set (int count, int size, guint64 seed, const char *folder, TacetStudioProgress progress,
                       gpointer data, GCancellable *cancellable, GError **error)
{
  if (g_mkdir_with_parents (folder, 0777) != 0)
    {
      int number = errno;
      g_set_error (error, TACET_STUDIO_ERROR, TACET_STUDIO_ERROR_FOLDER,
                   _ ("The folder “%s” for the scenes could not be made: %s."), folder, g_strerror (number));
      return FALSE;
    }
  g_autoptr (GString) json = g_string_new (NULL);
  for (int i = 0; i < count; i++)
    {
      if (g_cancellable_set_error_if_cancelled (cancellable, error) ||
          !save_scene (json, i, seed + (guint64) i, size, folder, error))
        return FALSE;
      if (progress)
        progress (i + 1, count, data);
    }
  g_autofree char *path = g_build_filename (folder, "scenes.jsonl", NULL);
  return tacet_write_file (path, json->str, json->len, error);
}
