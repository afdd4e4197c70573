/* tacet-cli-generate.c: tacet generate: from a scene file to a picture.
 *
 * Room: app.
 */
#include "tacet-cli.h"

#include "engine/sample/tacet-report.h"
#include "engine/scene/tacet-scene.h"
#include "tacet-folders.h"
#include "ui/tacet-coefficient-plot-draw.h"
#include <math.h>
#include <string.h>

typedef struct
{
  char *out, *model, *seed, *sampler, *guidance, *combine, *report, *plot, *memory, *device;
  int steps, threads;
} Options;

static void
options_clear (Options *self)
{
  char *texts[] = { self->out,     self->model,  self->seed, self->sampler, self->guidance,
                    self->combine, self->report, self->plot, self->memory,  self->device };
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    g_free (texts[i]);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

/* What an option says in place of the scene; FALSE: it says nothing sensible, *fault names it. */
static gboolean
apply_numbers (const Options *options, TacetRequest *request, const char **fault)
{
  char *end;
  guint64 seed;
  *fault = "--seed";
  if (options->seed)
    {
      if (!g_ascii_string_to_unsigned (options->seed, 10, 0, G_MAXINT64, &seed, NULL))
        return FALSE;
      request->seed = seed;
    }
  *fault = "--guidance";
  if (options->guidance)
    {
      request->guidance_scale = g_ascii_strtod (options->guidance, &end);
      if (end == options->guidance || *end || !isfinite (request->guidance_scale) || request->guidance_scale < 0 ||
          request->guidance_scale > TACET_SCENE_MAX_GUIDANCE)
        return FALSE;
    }
  *fault = "--steps";
  if (options->steps < 0 || options->steps > TACET_SCENE_MAX_STEPS)
    return FALSE;
  if (options->steps)
    request->steps = options->steps;
  *fault = "--threads";
  return options->threads >= 0 && options->threads <= 1024;
}

static gboolean
apply_options (const Options *options, TacetRequest *request, GError **error)
{
  if (options->model)
    {
      g_free (request->model);
      request->model = g_strdup (options->model);
    }
  return !options->combine || tacet_combine_parse (&request->combine, options->combine, error);
}

static void
progress_cb (TacetProgress *progress, gpointer data)
{
  g_autofree char *text = g_strdup_printf (_ ("step %d of %d"), progress->step, progress->n_steps);
  tacet_cli_show_progress (progress->n_steps ? (double) progress->step / progress->n_steps : 0, text,
                           progress->step >= 2 ? progress->seconds_left : -1);
}

/* The scene's name with .png, in the working folder, numbered so that nothing is overwritten. */
static char *
default_output (const char *scene)
{
  g_autofree char *name = g_path_get_basename (scene);
  if (g_str_has_suffix (name, ".json"))
    name[strlen (name) - strlen (".json")] = 0;
  char *path = g_strconcat (name, ".png", NULL);
  for (int i = 2; g_file_test (path, G_FILE_TEST_EXISTS); i++)
    {
      g_free (path);
      path = g_strdup_printf ("%s-%d.png", name, i);
    }
  return path;
}

static gboolean
check_outputs (const Options *options, GError **error)
{
  const char *paths[] = { options->out, options->report, options->plot };
  for (guint i = 0; i < G_N_ELEMENTS (paths); i++)
    if (paths[i] && !tacet_cli_check_output (paths[i], error))
      return FALSE;
  return TRUE;
}

static gboolean
write_results (const Options *options, const TacetRequest *request, const TacetResult *result, GError **error)
{
  const char *const texts[] = { "Software", "Tacet " TACET_VERSION, "Description", request->prompt, NULL };
  if (!tacet_image_save_png (result->picture, options->out, texts, error))
    return FALSE;
  tacet_cli_say (_ ("Picture: %s"), options->out);
  if (options->report)
    {
      if (!tacet_report_write (options->report, request, result->progress, NULL, error))
        return FALSE;
      tacet_cli_say (_ ("Report: %s"), options->report);
    }
  if (options->plot)
    {
      if (!tacet_coefficient_plot_write_png (result->progress, TACET_PLOT_LAST_STEP, options->plot, error))
        return FALSE;
      tacet_cli_say (_ ("Coefficients: %s"), options->plot);
    }
  return TRUE;
}

static gboolean
generate (const Options *options, const TacetRequest *request, gsize memory, GError **error)
{
  g_auto (GStrv) folders = tacet_model_folders ();
  GCancellable *cancellable = tacet_cli_catch_signals ();
  g_autoptr (TacetEngine) engine = tacet_engine_new (options->threads, memory, error);
  if (!engine)
    return FALSE;
  tacet_engine_set_model_path (engine, (const char *const *) folders);
  tacet_cli_show_progress (0, _ ("loading the model"), -1);
  g_autoptr (TacetResult) result = tacet_engine_generate (engine, request, progress_cb, NULL, cancellable, error);
  tacet_cli_end_progress ();
  if (!result)
    return FALSE;
  for (guint i = 0; i < result->progress->notes->len; i++)
    tacet_cli_warn ("%s", (const char *) result->progress->notes->pdata[i]);
  return write_results (options, request, result, error);
}

static TacetRequest *
read_request (const char *path, GError **error)
{
  g_autoptr (TacetScene) scene = tacet_scene_load (path, error);
  if (!scene)
    return NULL;
  for (const char *const *note = tacet_scene_get_notes (scene); *note; note++)
    tacet_cli_warn ("%s", *note);
  TacetRequest *request = tacet_scene_to_request (scene);
  if (!request)
    g_set_error (error, TACET_SCENE_ERROR, TACET_SCENE_ERROR_NO_MEMORY, _ ("Not enough memory for the scene"));
  return request;
}

static int
run (Options *options, const char *scene)
{
  g_autoptr (GError) error = NULL;
  const char *fault;
  gsize memory = 0;
  TacetSampler sampler;
  TacetCombine combine;
  if (options->memory && !tacet_cli_parse_size (options->memory, &memory))
    return tacet_cli_usage ("generate", _ ("“%s” is not a size; write it like 512M or 4G"), options->memory);
  if (options->sampler && !tacet_sampler_parse (options->sampler, &sampler))
    return tacet_cli_usage ("generate", _ ("“%s” is not a sampler; use ddim or euler"), options->sampler);
  if (options->combine && !tacet_combine_parse (&combine, options->combine, &error))
    return tacet_cli_usage ("generate", "%s", error->message);
  if (options->device && !g_str_equal (options->device, "auto") && !g_str_equal (options->device, "cpu"))
    return tacet_cli_usage ("generate", _ ("The device “%s” is not one of this program’s: auto, cpu"), options->device);
  g_autoptr (TacetRequest) numbers = tacet_request_new ();
  if (!apply_numbers (options, numbers, &fault))
    return tacet_cli_usage ("generate", _ ("The value of %s is not a number that it takes"), fault);
  if (!options->out)
    options->out = default_output (scene);
  g_autoptr (TacetRequest) request = read_request (scene, &error);
  if (!request)
    return tacet_cli_failed (error);
  if (options->sampler)
    request->sampler = sampler;
  apply_numbers (options, request, &fault);
  if (!apply_options (options, request, &error) || !check_outputs (options, &error) ||
      !generate (options, request, memory, &error))
    return tacet_cli_failed (error);
  return TACET_EXIT_DONE;
}

int
tacet_cli_generate (char **argv)
{
  g_auto (Options) options = { 0 };
  g_auto (GStrv) rest = g_strdupv (argv);
  int status;
  GOptionEntry entries[] = {
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &options.out, N_ ("Where the picture goes"), N_ ("FILE.png") },
    { "model", 0, 0, G_OPTION_ARG_FILENAME, &options.model, N_ ("Name or folder of the model"), N_ ("MODEL") },
    { "seed", 0, 0, G_OPTION_ARG_STRING, &options.seed, N_ ("Number that starts the noise"), N_ ("N") },
    { "steps", 0, 0, G_OPTION_ARG_INT, &options.steps, N_ ("Number of steps"), N_ ("N") },
    { "sampler", 0, 0, G_OPTION_ARG_STRING, &options.sampler, N_ ("ddim or euler"), N_ ("NAME") },
    { "guidance", 0, 0, G_OPTION_ARG_STRING, &options.guidance, N_ ("How much the prompt leads"), N_ ("X") },
    { "combine", 0, 0, G_OPTION_ARG_STRING, &options.combine,
      N_ ("How controls share a layer: minimal-impact, sum, star, weights:A,B,…"), N_ ("RULE") },
    { "report", 0, 0, G_OPTION_ARG_FILENAME, &options.report, N_ ("Write what every step did"), N_ ("FILE.json") },
    { "plot", 0, 0, G_OPTION_ARG_FILENAME, &options.plot, N_ ("Write the plot of the coefficients"), N_ ("FILE.png") },
    { "threads", 0, 0, G_OPTION_ARG_INT, &options.threads, N_ ("Threads to use (0: all cores)"), N_ ("N") },
    { "memory", 0, 0, G_OPTION_ARG_STRING, &options.memory, N_ ("Memory the engine may use"), N_ ("SIZE") },
    { "device", 0, 0, G_OPTION_ARG_STRING, &options.device, N_ ("auto or cpu"), N_ ("DEVICE") },
    G_OPTION_ENTRY_NULL,
  };
  if (!tacet_cli_parse (&rest, _ ("SCENE.json"), _ ("Generates the picture of a scene."), entries, &status))
    return status;
  if (!rest[1] || rest[2])
    return tacet_cli_usage ("generate", rest[1] ? _ ("One scene at a time, please") : _ ("Which scene?"));
  return run (&options, rest[1]);
}
