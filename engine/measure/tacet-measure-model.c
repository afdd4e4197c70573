/* tacet-measure-model.c: pictures from prompts and from maps, judged.  Room: engine/measure. */
#include "config.h"

#include "engine/studio/tacet-studio.h"
#include "tacet-fidelity.h"
#include "tacet-measure-model.h"

#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <json-glib/json-glib.h>
#include <string.h>

#define COLUMNS        8
#define EDGE_TOLERANCE 1.5 /* pixels at 64 */

typedef struct
{
  TacetEngine *engine;
  TacetJudge *judge;
  const char *model;
  const TacetMeasureOptions *options;
  const char *folder;
  TacetMeasureProgress progress;
  gpointer user_data;
  GCancellable *cancellable;
  JsonBuilder *json;
  int done, all; /* pictures */
} Measurement;

/* Mean of a row of numbers, those below 0 left out. */
typedef struct
{
  double sum;
  int n;
} Mean;

static void
mean_add (Mean *mean, double value)
{
  if (value < 0)
    return;
  mean->sum += value;
  mean->n++;
}

static void
write_mean (JsonBuilder *json, const char *name, const Mean *mean)
{
  json_builder_set_member_name (json, name);
  if (mean->n > 0)
    json_builder_add_double_value (json, mean->sum / mean->n);
  else
    json_builder_add_null_value (json);
}

static void
paste (TacetImage *sheet, const TacetImage *picture, int left, int top)
{
  g_autoptr (TacetImage) rgb = tacet_image_convert (picture, 3);
  for (int y = 0; rgb && y < MIN (rgb->height, sheet->height - top); y++)
    memcpy (sheet->data + ((gsize) (top + y) * sheet->width + left) * 3, rgb->data + (gsize) y * rgb->width * 3,
            (gsize) MIN (rgb->width, sheet->width - left) * 3);
}

static gboolean
save_sheet (Measurement *self, const TacetImage *sheet, const char *name, GError **error)
{
  g_autofree char *path = g_build_filename (self->folder, name, NULL);
  return tacet_image_save_png (sheet, path, NULL, error);
}

static gboolean
render (Measurement *self, guint64 index, const char *subject, TacetStudioScene *scene, GError **error)
{
  const TacetStudioOptions options = { .size = self->options->size, .samples = 2, .subject = subject };
  return tacet_studio_render (self->options->seed + index, &options, scene, error);
}

/* control: NULL, or what steers; taken over by the request. */
static TacetImage *
generate (Measurement *self, const char *prompt, guint64 index, TacetControlRequest *control, GError **error)
{
  g_autoptr (TacetRequest) request = tacet_request_new ();
  g_free (request->model);
  g_free (request->prompt);
  request->model = g_strdup (self->model);
  request->prompt = g_strdup (prompt);
  request->width = request->height = self->options->size;
  request->seed = self->options->seed + index;
  request->steps = self->options->steps;
  request->guidance_scale = self->options->guidance_scale;
  if (control)
    g_ptr_array_add (request->controls, control);
  if (self->progress)
    self->progress ((double) self->done / self->all, prompt, self->user_data);
  self->done++;
  g_autoptr (TacetResult) result = tacet_engine_generate (self->engine, request, NULL, NULL, self->cancellable, error);
  return result ? tacet_image_ref (result->picture) : NULL;
}

/* How well the judge itself does, on rendered scenes: no model can be measured better than this. */
static gboolean
measure_judge (Measurement *self, GError **error)
{
  Mean subject = { 0 }, depth = { 0 }, joints = { 0 };
  for (int i = 0; i < 200; i++)
    {
      g_auto (TacetStudioScene) scene = { NULL };
      TacetVerdict verdict;
      if (g_cancellable_set_error_if_cancelled (self->cancellable, error) ||
          !render (self, 100000 + (guint64) i, NULL, &scene, error) ||
          !tacet_judge_look (self->judge, scene.picture, &verdict, error))
        return FALSE;
      mean_add (&subject, g_str_equal (tacet_studio_subjects ()[verdict.subject], scene.subject));
      mean_add (&depth, tacet_fidelity_depth (&verdict, scene.depth, NULL));
      if (scene.n_people == 1)
        mean_add (&joints, tacet_fidelity_pose (&verdict, &scene.people[0], self->options->size));
    }
  json_builder_set_member_name (self->json, "judge-on-rendered-scenes");
  json_builder_begin_object (self->json);
  write_mean (self->json, "subject-named", &subject);
  write_mean (self->json, "depth-error", &depth);
  write_mean (self->json, "joint-distance", &joints);
  json_builder_end_object (self->json);
  return TRUE;
}

/* One prompt per subject in turn; a sheet of what came. */
static gboolean
measure_prompts (Measurement *self, GError **error)
{
  const int size = self->options->size, count = self->options->count, n_subjects = tacet_judge_n_subjects ();
  g_autoptr (TacetImage) sheet = tacet_image_new (COLUMNS * size, (count + COLUMNS - 1) / COLUMNS * size, 3);
  g_autofree Mean *by_subject = g_new0 (Mean, n_subjects);
  Mean named = { 0 };
  for (int i = 0; i < count; i++)
    {
      g_auto (TacetStudioScene) scene = { NULL };
      TacetVerdict verdict;
      const char *subject = tacet_studio_subjects ()[i % n_subjects];
      if (!render (self, (guint64) i, subject, &scene, error))
        return FALSE;
      g_autoptr (TacetImage) picture = generate (self, scene.caption, (guint64) i, NULL, error);
      if (!picture || !tacet_judge_look (self->judge, picture, &verdict, error))
        return FALSE;
      const gboolean right = g_str_equal (tacet_studio_subjects ()[verdict.subject], subject);
      mean_add (&named, right);
      mean_add (&by_subject[i % n_subjects], right);
      if (sheet)
        paste (sheet, picture, i % COLUMNS * size, i / COLUMNS * size);
    }
  json_builder_set_member_name (self->json, "prompts");
  json_builder_begin_object (self->json);
  write_mean (self->json, "subject-named", &named);
  json_builder_set_member_name (self->json, "by-subject");
  json_builder_begin_object (self->json);
  for (int i = 0; i < n_subjects; i++)
    write_mean (self->json, tacet_studio_subjects ()[i], &by_subject[i]);
  json_builder_end_object (self->json);
  json_builder_end_object (self->json);
  return !sheet || save_sheet (self, sheet, "prompts.png", error);
}

static TacetImage *
control_map (TacetControlKind kind, const TacetStudioScene *scene, int size)
{
  switch (kind)
    {
    case TACET_CONTROL_EDGE:
      return tacet_image_convert (scene->edges, 3);
    case TACET_CONTROL_DEPTH:
      return tacet_image_convert (scene->depth, 3);
    default:
      return tacet_pose_draw (scene->people, scene->n_people, size, size);
    }
}

static gboolean
fidelity (Measurement *self, TacetControlKind kind, const TacetImage *picture, const TacetImage *map,
          const TacetStudioScene *scene, Mean *mean, GError **error)
{
  TacetVerdict verdict;
  if (!tacet_judge_look (self->judge, picture, &verdict, error))
    return FALSE;
  if (kind == TACET_CONTROL_EDGE)
    mean_add (mean, tacet_fidelity_edges (picture, map, NULL, EDGE_TOLERANCE * self->options->size / 64));
  else if (kind == TACET_CONTROL_DEPTH)
    mean_add (mean, tacet_fidelity_depth (&verdict, map, NULL));
  else
    mean_add (mean, tacet_fidelity_pose (&verdict, &scene->people[0], self->options->size));
  return TRUE;
}

/* Rows of scene, map, picture with the map, picture without it; the same prompt and noise for both. */
static gboolean
measure_control (Measurement *self, TacetControlKind kind, GError **error)
{
  static const char *const units[] = { "edge-f1", "depth-error", "joint-distance" };
  const int size = self->options->size, count = self->options->count;
  g_autoptr (TacetImage) sheet = tacet_image_new (COLUMNS * size, (count + 1) / 2 * size, 3);
  Mean with = { 0 }, without = { 0 };
  for (int i = 0; i < count; i++)
    {
      g_auto (TacetStudioScene) scene = { NULL };
      const guint64 index = 1000 + (guint64) i;
      if (!render (self, index, kind == TACET_CONTROL_POSE ? "person" : NULL, &scene, error))
        return FALSE;
      g_autoptr (TacetImage) map = control_map (kind, &scene, size);
      TacetControlRequest *control = tacet_control_request_new (kind);
      control->map = tacet_image_ref (map);
      g_autoptr (TacetImage) steered = generate (self, scene.caption, index, control, error);
      g_autoptr (TacetImage) free_picture = steered ? generate (self, scene.caption, index, NULL, error) : NULL;
      if (!free_picture || !fidelity (self, kind, steered, map, &scene, &with, error) ||
          !fidelity (self, kind, free_picture, map, &scene, &without, error))
        return FALSE;
      const TacetImage *row[] = { scene.picture, map, steered, free_picture };
      for (int k = 0; sheet && k < 4; k++)
        paste (sheet, row[k], (i % 2 * 4 + k) * size, i / 2 * size);
    }
  g_autofree char *name = g_strdup_printf ("%s.png", tacet_control_kind_id (kind));
  json_builder_set_member_name (self->json, tacet_control_kind_id (kind));
  json_builder_begin_object (self->json);
  json_builder_set_member_name (self->json, "unit");
  json_builder_add_string_value (self->json, units[kind]);
  write_mean (self->json, "with-control", &with);
  write_mean (self->json, "without-control", &without);
  json_builder_end_object (self->json);
  return !sheet || save_sheet (self, sheet, name, error);
}

static gboolean
save_json (Measurement *self, GError **error)
{
  g_autoptr (JsonGenerator) generator = json_generator_new ();
  g_autofree char *path = g_build_filename (self->folder, "measurement.json", NULL);
  json_generator_set_pretty (generator, TRUE);
  json_generator_set_root (generator, json_builder_get_root (self->json));
  g_autofree char *text = json_generator_to_data (generator, NULL);
  return tacet_write_file (path, text, strlen (text), error);
}

gboolean
tacet_measure_model (TacetEngine *engine, TacetJudge *judge, const char *model, const TacetMeasureOptions *options,
                     const char *folder, TacetMeasureProgress progress, gpointer user_data, GCancellable *cancellable,
                     GError **error)
{
  g_autoptr (JsonBuilder) json = json_builder_new ();
  Measurement self = { engine, judge, model, options, folder, progress, user_data, cancellable, json };
  self.all = options->count * (1 + 2 * TACET_N_CONTROL_KINDS);
  if (g_mkdir_with_parents (folder, 0777) != 0)
    {
      g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_FAILED, _ ("The folder “%s” cannot be made."), folder);
      return FALSE;
    }
  json_builder_begin_object (json);
  json_builder_set_member_name (json, "format");
  json_builder_add_string_value (json, "tacet-measurement");
  json_builder_set_member_name (json, "version");
  json_builder_add_int_value (json, 1);
  json_builder_set_member_name (json, "model");
  json_builder_add_string_value (json, model);
  json_builder_set_member_name (json, "count");
  json_builder_add_int_value (json, options->count);
  if (!measure_judge (&self, error) || !measure_prompts (&self, error))
    return FALSE;
  for (int kind = 0; kind < TACET_N_CONTROL_KINDS; kind++)
    if (!measure_control (&self, (TacetControlKind) kind, error))
      return FALSE;
  json_builder_end_object (json);
  return save_json (&self, error);
}
