/* tacet-train-data.c: pictures with captions and maps, from the studio or from a folder.
 *
 * Room: engine/train.  Layouts of folders: fill50k (prompt.json, JSON Lines) and Hugging Face's
 * imagefolder (metadata.jsonl).
 */
#include "config.h"

#include "tacet-train-data.h"
#include "tacet-train-random.h"

#include "engine/image/tacet-image-file.h"
#include "engine/studio/tacet-studio.h"
#include "engine/weights/tacet-json.h"
#include <glib/gi18n-lib.h>
#include <string.h>

typedef struct
{
  char *picture, *map, *regions, *caption;
} Record;

struct _TacetTrainData
{
  TacetDataPlan plan; /* strings are the plan's */
  GPtrArray *records; /* NULL: the studio */
};

static void
record_free (Record *self)
{
  g_free (self->picture);
  g_free (self->map);
  g_free (self->regions);
  g_free (self->caption);
  g_free (self);
}

void
tacet_train_sample_clear (TacetTrainSample *self)
{
  g_clear_pointer (&self->picture, tacet_image_unref);
  g_clear_pointer (&self->depth, tacet_image_unref);
  g_clear_pointer (&self->edges, tacet_image_unref);
  g_clear_pointer (&self->objects, tacet_image_unref);
  g_clear_pointer (&self->map, tacet_image_unref);
  g_clear_pointer (&self->caption, g_free);
}

/* The first of several names that is there; NULL: none. */
static gboolean
any_string (JsonObject *object, const char *const *names, const char **value, GError **error)
{
  for (int i = 0; names[i] && !*value; i++)
    if (!tacet_json_get_string (object, names[i], value, error))
      return FALSE;
  return TRUE;
}

static char *
under (const char *folder, const char *path)
{
  return path ? g_build_filename (folder, path, NULL) : NULL;
}

static Record *
read_record (const char *folder, const char *line, const char *what, GError **error)
{
  static const char *const pictures[] = { "target", "image", "file_name", "image_file", NULL };
  static const char *const captions[] = { "prompt", "text", "caption", NULL };
  static const char *const maps[] = { "source", "conditioning_image", NULL };
  static const char *const regions[] = { "seg", "control_seg", NULL };
  const char *picture = NULL, *caption = NULL, *map = NULL, *region = NULL;
  g_autoptr (JsonNode) node = tacet_json_parse (line, strlen (line), what, error);
  if (!node)
    return NULL;
  JsonObject *object = json_node_get_object (node);
  if (!any_string (object, pictures, &picture, error) || !any_string (object, captions, &caption, error) ||
      !any_string (object, maps, &map, error) || !any_string (object, regions, &region, error))
    {
      g_prefix_error (error, "%s: ", what);
      return NULL;
    }
  if (!picture)
    {
      g_set_error (error, TACET_TRAIN_ERROR, TACET_TRAIN_ERROR_DATA,
                   _ ("%s: no picture is named (“target”, “image” or “file_name”)."), what);
      return NULL;
    }
  Record *record = g_new0 (Record, 1);
  record->picture = under (folder, picture);
  record->map = under (folder, map);
  record->regions = under (folder, region);
  record->caption = g_strdup (caption ? caption : "");
  return record;
}

static GPtrArray *
read_folder (const char *folder, GError **error)
{
  static const char *const lists[] = { "prompt.json", "metadata.jsonl" };
  g_autoptr (GPtrArray) records = g_ptr_array_new_with_free_func ((GDestroyNotify) record_free);
  g_autofree char *text = NULL, *path = NULL;
  gsize length;
  for (gsize i = 0; i < G_N_ELEMENTS (lists) && !text; i++)
    {
      g_free (path);
      path = g_build_filename (folder, lists[i], NULL);
      if (g_file_test (path, G_FILE_TEST_EXISTS) && !(text = tacet_read_text (path, (gsize) 1 << 30, &length, error)))
        return NULL;
    }
  if (!text)
    {
      g_set_error (error, TACET_TRAIN_ERROR, TACET_TRAIN_ERROR_DATA,
                   _ ("The folder “%s” holds no prompt.json and no metadata.jsonl that would list its pictures."),
                   folder);
      return NULL;
    }
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  for (int i = 0; lines[i]; i++)
    {
      g_autofree char *what = g_strdup_printf (_ ("%s, line %d"), path, i + 1);
      if (!*g_strstrip (lines[i]))
        continue;
      Record *record = read_record (folder, lines[i], what, error);
      if (!record)
        return NULL;
      g_ptr_array_add (records, record);
    }
  if (records->len == 0)
    {
      g_set_error (error, TACET_TRAIN_ERROR, TACET_TRAIN_ERROR_DATA, _ ("“%s” lists no picture."), path);
      return NULL;
    }
  return g_steal_pointer (&records);
}

TacetTrainData *
tacet_train_data_open (const TacetDataPlan *plan, GError **error)
{
  GPtrArray *records = NULL;
  if (plan->folder && !(records = read_folder (plan->folder, error)))
    return NULL;
  TacetTrainData *self = g_new0 (TacetTrainData, 1);
  self->plan = *plan;
  self->records = records;
  return self;
}

void
tacet_train_data_free (TacetTrainData *self)
{
  g_clear_pointer (&self->records, g_ptr_array_unref);
  g_free (self);
}

guint64
tacet_train_data_count (TacetTrainData *self)
{
  return self->records ? self->records->len : (guint64) self->plan.count;
}

/* Square from the middle, then size x size. */
static TacetImage *
load_square (const char *path, int size, int channels, gboolean nearest, GError **error)
{
  g_autoptr (TacetImage) file = tacet_image_load (path, NULL, error);
  g_autoptr (TacetImage) image = file ? tacet_image_convert (file, channels) : NULL;
  if (!file)
    return NULL;
  const int side = image ? MIN (image->width, image->height) : 1;
  g_autoptr (TacetImage) square = image ? tacet_image_new (side, side, channels) : NULL;
  TacetImage *result = NULL;
  if (square)
    {
      const int left = (image->width - side) / 2, top = (image->height - side) / 2;
      for (int y = 0; y < side; y++)
        memcpy (square->data + (gsize) y * side * channels,
                image->data + ((gsize) (top + y) * image->width + left) * channels, (gsize) side * channels);
      result = tacet_image_resize (square, size, size, nearest);
    }
  if (!result)
    g_set_error (error, TACET_TRAIN_ERROR, TACET_TRAIN_ERROR_NO_MEMORY, _ ("There is not enough memory for “%s”."),
                 path);
  return result;
}

/* Colours of a region map to numbers 1, 2, ... (at most 255; further colours join the last). */
static TacetImage *
number_regions (const TacetImage *colours)
{
  TacetImage *numbers = tacet_image_new (colours->width, colours->height, 1);
  guint32 seen[255];
  int n = 0;
  for (gsize i = 0; numbers && i < (gsize) colours->width * colours->height; i++)
    {
      const guint8 *c = colours->data + 3 * i;
      /* quantised: JPEG once shook these colours */
      const guint32 key = (guint32) (c[0] >> 4) << 8 | (guint32) (c[1] >> 4) << 4 | c[2] >> 4;
      int k = 0;
      while (k < n && seen[k] != key)
        k++;
      if (k == n && n < 255)
        seen[n++] = key;
      numbers->data[i] = (guint8) MIN (k + 1, 255);
    }
  return numbers;
}

static gboolean
get_record (TacetTrainData *self, const Record *record, TacetTrainSample *sample, GError **error)
{
  const int size = self->plan.size;
  sample->picture = load_square (record->picture, size, 3, FALSE, error);
  if (!sample->picture || (record->map && !(sample->map = load_square (record->map, size, 3, FALSE, error))))
    return FALSE;
  if (record->regions)
    {
      g_autoptr (TacetImage) colours = load_square (record->regions, size, 3, TRUE, error);
      if (!colours)
        return FALSE;
      sample->objects = number_regions (colours);
    }
  sample->caption = g_strdup (record->caption);
  return TRUE;
}

gboolean
tacet_train_data_get (TacetTrainData *self, guint64 index, TacetTrainSample *sample, GError **error)
{
  *sample = (TacetTrainSample){ 0 };
  if (self->records)
    {
      if (get_record (self, g_ptr_array_index (self->records, index % self->records->len), sample, error))
        return TRUE;
      tacet_train_sample_clear (sample);
      return FALSE;
    }
  const TacetStudioOptions options = { self->plan.size, self->plan.samples, self->plan.subject };
  TacetStudioScene scene = { 0 };
  TacetRandom random = tacet_random (self->plan.seed, TACET_STREAM_SCENE, 0, index);
  if (!tacet_studio_render (tacet_random_next (&random), &options, &scene, error))
    return FALSE;
  sample->picture = tacet_image_ref (scene.picture);
  sample->depth = tacet_image_ref (scene.depth);
  sample->edges = tacet_image_ref (scene.edges);
  sample->objects = tacet_image_ref (scene.objects);
  memcpy (sample->people, scene.people, sizeof sample->people);
  sample->n_people = scene.n_people;
  sample->caption = g_strdup (scene.caption);
  tacet_studio_scene_clear (&scene);
  return TRUE;
}

void
tacet_train_from_image (const TacetImage *image, float *x)
{
  const gsize n = (gsize) image->width * image->height * 3;
  for (gsize i = 0; i < n; i++)
    x[i] = (float) image->data[i] * (2.0f / 255.0f) - 1.0f;
}

void
tacet_train_to_image (const float *x, TacetImage *image, int left, int top, int size)
{
  for (int row = 0; row < size; row++)
    {
      guint8 *to = image->data + ((gsize) (top + row) * image->width + left) * 3;
      for (int i = 0; i < 3 * size; i++)
        to[i] = (guint8) (CLAMP ((x[row * size * 3 + i] + 1.0f) * 127.5f + 0.5f, 0.0f, 255.0f));
    }
}
