/* tacet-cli-generate.c: tacet generate: from a scene file to a picture.
 *
 * Room: app.
 */
#include "tacet-cli.h"

#include "engine/image/tacet-image-file.h"
#include "engine/sample/tacet-report.h"
#include "engine/scene/tacet-parameters.h"
#include "tacet-folders.h"
#include "ui/tacet-coefficient-plot-draw.h"
#include <math.h>
#include <string.h>

typedef struct
{
  char *out, *model, *seed, *sampler, *spacing, *guidance, *rescale, *eta, *combine, *guess, *report, *plot, *memory,
      *device;
  char *image, *mask, *strength, *feather, *vae, *tiling;
  char **loras;
  int steps, threads, count, clip_skip;
  gboolean karras, conditional_only, prefer_ema, no_metadata;
} Options;

static void
options_clear (Options *self)
{
  char *texts[] = { self->out,      self->model,    self->seed,    self->sampler, self->spacing,
                    self->guidance, self->rescale,  self->eta,     self->combine, self->guess,
                    self->report,   self->plot,     self->memory,  self->device,  self->image,
                    self->mask,     self->strength, self->feather, self->vae,     self->tiling };
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    g_free (texts[i]);
  g_strfreev (self->loras);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

/* A number from 0 to most; FALSE: it is none. */
static gboolean
read_number (const char *text, double most, double *value)
{
  char *end;
  *value = g_ascii_strtod (text, &end);
  return end != text && *end == '\0' && isfinite (*value) && *value >= 0 && *value <= most;
}

typedef void (*SetNumber) (TacetScene *scene, double value);

static gboolean
apply_number (TacetScene *scene, const char *text, double most, SetNumber set)
{
  double value;
  if (!text)
    return TRUE;
  if (!read_number (text, most, &value))
    return FALSE;
  set (scene, value);
  return TRUE;
}

/* What an option says in place of the scene; FALSE: it says nothing sensible, *fault names it. */
static gboolean
apply_numbers (const Options *options, TacetScene *scene, const char **fault)
{
  guint64 seed;
  *fault = "--seed";
  if (options->seed)
    {
      if (!g_ascii_string_to_unsigned (options->seed, 10, 0, G_MAXINT64, &seed, NULL))
        return FALSE;
      tacet_scene_set_seed (scene, seed);
    }
  *fault = "--steps";
  if (options->steps < 0 || options->steps > TACET_SCENE_MAX_STEPS)
    return FALSE;
  if (options->steps)
    tacet_scene_set_steps (scene, options->steps);
  *fault = "--count";
  if (options->count < 0 || options->count > TACET_MAX_PICTURES)
    return FALSE;
  if (options->count)
    tacet_scene_set_count (scene, options->count);
  *fault = "--clip-skip";
  if (options->clip_skip < 0 || options->clip_skip > TACET_SCENE_MAX_CLIP_SKIP)
    return FALSE;
  if (options->clip_skip)
    tacet_scene_set_clip_skip (scene, options->clip_skip);
  *fault = "--threads";
  return options->threads >= 0 && options->threads <= 1024;
}

static gboolean
apply_shares (const Options *options, TacetScene *scene, const char **fault)
{
  const struct
  {
    const char *name, *text;
    double most;
    SetNumber set;
  } shares[] = {
    { "--guidance", options->guidance, TACET_SCENE_MAX_GUIDANCE, tacet_scene_set_guidance_scale },
    { "--guidance-rescale", options->rescale, 1, tacet_scene_set_guidance_rescale },
    { "--eta", options->eta, 1, tacet_scene_set_eta },
    { "--denoising-strength", options->strength, 1, tacet_scene_set_denoising_strength },
    { "--mask-feather", options->feather, TACET_MAX_FEATHER, tacet_scene_set_mask_feather },
  };
  for (guint i = 0; i < G_N_ELEMENTS (shares); i++)
    {
      *fault = shares[i].name;
      if (!apply_number (scene, shares[i].text, shares[i].most, shares[i].set))
        return FALSE;
    }
  return TRUE;
}

/* Choices by name; FALSE: *fault is the value that is none. */
static gboolean
apply_names (const Options *options, TacetScene *scene, const char **fault)
{
  TacetSampler sampler;
  TacetSpacing spacing;
  TacetGuess guess;
  *fault = options->sampler;
  if (options->sampler && !tacet_sampler_parse (options->sampler, &sampler))
    return FALSE;
  if (options->sampler)
    tacet_scene_set_sampler (scene, sampler);
  *fault = options->spacing;
  if (options->spacing && !tacet_spacing_parse (options->spacing, &spacing))
    return FALSE;
  if (options->spacing)
    tacet_scene_set_spacing (scene, spacing);
  *fault = options->guess;
  if (options->guess && !tacet_guess_parse (options->guess, &guess))
    return FALSE;
  if (options->guess)
    tacet_scene_set_guess (scene, guess);
  if (options->karras)
    tacet_scene_set_karras (scene, TACET_KARRAS_ON);
  if (options->prefer_ema)
    tacet_scene_set_prefer_ema (scene, TRUE);
  if (options->conditional_only)
    tacet_scene_set_control_conditional_only (scene, TRUE);
  return TRUE;
}

/* Seen from the working folder, not from the scene's; a mere name stays one. */
static char *
resolve (const char *path)
{
  gboolean relative = g_str_has_prefix (path, "./") || g_str_has_prefix (path, "../");
  return relative ? g_canonicalize_filename (path, NULL) : g_strdup (path);
}

/* FILE or FILE:WEIGHT */
static TacetLora *
read_lora (const char *text)
{
  const char *colon = strrchr (text, ':');
  char *end = NULL;
  double weight = colon ? g_ascii_strtod (colon + 1, &end) : 1;
  gboolean weighted = colon && end != colon + 1 && *end == '\0' && isfinite (weight);
  g_autofree char *name = weighted ? g_strndup (text, (gsize) (colon - text)) : g_strdup (text);
  g_autofree char *path = resolve (name);
  return tacet_lora_new (path, weighted ? weight : 1);
}

/* What is left out of it is said. */
static TacetImage *
read_picture (const char *path, GError **error)
{
  g_autoptr (GPtrArray) notes = g_ptr_array_new_with_free_func (g_free);
  TacetImageLoading loading = { .notes = notes };
  TacetImage *image = tacet_image_load (path, &loading, error);
  for (guint i = 0; i < notes->len; i++)
    tacet_cli_warn ("%s", (const char *) notes->pdata[i]);
  return image;
}

static gboolean
apply_images (const Options *options, TacetScene *scene, GError **error)
{
  g_autoptr (TacetImage) image = NULL, mask = NULL;
  if ((options->image && !(image = read_picture (options->image, error))) ||
      (options->mask && !(mask = read_picture (options->mask, error))))
    return FALSE;
  if ((!image || tacet_scene_set_image (scene, image)) && (!mask || tacet_scene_set_mask (scene, mask)))
    return TRUE;
  g_set_error (error, TACET_SCENE_ERROR, TACET_SCENE_ERROR_NO_MEMORY, _ ("Not enough memory for the scene"));
  return FALSE;
}

static gboolean
apply_options (const Options *options, TacetScene *scene, GError **error)
{
  TacetCombine combine = *tacet_scene_get_combine (scene);
  if (options->combine && !tacet_combine_parse (&combine, options->combine, error))
    return FALSE;
  tacet_scene_set_combine (scene, &combine);
  if (options->model)
    {
      g_autofree char *model = resolve (options->model);
      tacet_scene_set_model (scene, model);
    }
  if (options->vae)
    {
      g_autofree char *vae = resolve (options->vae);
      tacet_scene_set_vae (scene, vae);
    }
  if (options->loras)
    {
      g_autoptr (GPtrArray) loras = g_ptr_array_new_with_free_func ((GDestroyNotify) tacet_lora_free);
      for (char **lora = options->loras; *lora; lora++)
        g_ptr_array_add (loras, read_lora (*lora));
      tacet_scene_set_loras (scene, loras);
    }
  return apply_images (options, scene, error);
}

static void
progress_cb (TacetProgress *progress, gpointer data)
{
  g_autofree char *step = g_strdup_printf (_ ("step %d of %d"), progress->step, progress->n_steps);
  g_autofree char *picture =
      progress->n_pictures > 1 ? g_strdup_printf (_ ("picture %d of %d, "), progress->picture + 1, progress->n_pictures)
                               : g_strdup ("");
  g_autofree char *text = g_strconcat (picture, step, NULL);
  double done = progress->n_steps ? (double) progress->step / progress->n_steps : 0;
  tacet_cli_show_progress ((progress->picture + done) / MAX (progress->n_pictures, 1), text,
                           progress->step >= 2 || progress->picture > 0 ? progress->seconds_left : -1);
}

/* The scene's name with .png, in the working folder, numbered so that nothing is overwritten. */
static char *
default_output (const char *scene)
{
  g_autofree char *name = g_path_get_basename (scene);
  static const char *const suffixes[] = { ".json", ".png", TACET_PROJECT_SUFFIX };
  for (guint i = 0; i < G_N_ELEMENTS (suffixes); i++)
    if (g_str_has_suffix (name, suffixes[i]))
      name[strlen (name) - strlen (suffixes[i])] = 0;
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
write_picture (const Options *options, const char *scene, const TacetRequest *request, const TacetPicture *picture,
               GError **error)
{
  gboolean several = request->count > 1;
  g_autofree char *path = tacet_picture_path (options->out, picture->seed, several);
  if (!tacet_picture_save (picture, request, scene, path, error))
    return FALSE;
  tacet_cli_say (_ ("Picture: %s"), path);
  if (options->report)
    {
      g_autofree char *report = tacet_picture_path (options->report, picture->seed, several);
      g_autoptr (TacetRequest) own = tacet_request_copy (request);
      own->seed = picture->seed;
      own->count = 1;
      if (!tacet_report_write (report, own, picture->progress, NULL, error))
        return FALSE;
      tacet_cli_say (_ ("Report: %s"), report);
    }
  if (options->plot)
    {
      g_autofree char *plot = tacet_picture_path (options->plot, picture->seed, several);
      if (!tacet_coefficient_plot_write_png (picture->progress, TACET_PLOT_LAST_STEP, plot, error))
        return FALSE;
      tacet_cli_say (_ ("Coefficients: %s"), plot);
    }
  return TRUE;
}

static gboolean
generate (const Options *options, TacetScene *scene, const TacetRequest *request, gsize memory, GError **error)
{
  g_auto (GStrv) folders = tacet_model_folders ();
  GCancellable *cancellable = tacet_cli_catch_signals ();
  g_autofree char *json = options->no_metadata ? NULL : tacet_scene_to_json (scene, error);
  if (!json && !options->no_metadata)
    return FALSE;
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
  for (guint i = 0; i < result->pictures->len; i++)
    if (!write_picture (options, json, request, result->pictures->pdata[i], error))
      return FALSE;
  const TacetPicture *last = g_ptr_array_index (result->pictures, result->pictures->len - 1);
  g_autofree char *peak = g_format_size (last->progress->memory);
  tacet_cli_say (_ ("Memory: %s at most"), peak);
  return TRUE;
}

static TacetScene *
read_scene (const char *path, GError **error)
{
  TacetScene *scene = tacet_scene_load (path, error);
  for (const char *const *note = scene ? tacet_scene_get_notes (scene) : NULL; note && *note; note++)
    tacet_cli_warn ("%s", *note);
  return scene;
}

/* FALSE: it is none of the three. */
static gboolean
read_tiling (const char *id, TacetTiling *tiling)
{
  static const char *const ids[] = { "auto", "on", "off" };
  for (guint i = 0; id && i < G_N_ELEMENTS (ids); i++)
    if (g_str_equal (id, ids[i]))
      {
        *tiling = (TacetTiling) i;
        return TRUE;
      }
  return id == NULL;
}

static gboolean
run_scene (const Options *options, TacetScene *scene, gsize memory, GError **error)
{
  const char *fault;
  apply_numbers (options, scene, &fault);
  apply_shares (options, scene, &fault);
  apply_names (options, scene, &fault);
  if (!apply_options (options, scene, error) || !check_outputs (options, error))
    return FALSE;
  g_autoptr (TacetRequest) request = tacet_scene_to_request (scene);
  if (request)
    {
      read_tiling (options->tiling, &request->vae_tiling);
      return generate (options, scene, request, memory, error);
    }
  g_set_error (error, TACET_SCENE_ERROR, TACET_SCENE_ERROR_NO_MEMORY, _ ("Not enough memory for the scene"));
  return FALSE;
}

static int
run (Options *options, const char *path)
{
  g_autoptr (GError) error = NULL;
  const char *fault;
  gsize memory = 0;
  TacetCombine combine;
  g_autoptr (TacetScene) trial = tacet_scene_new (64, 64);
  if (options->memory && !tacet_cli_parse_size (options->memory, &memory))
    return tacet_cli_usage ("generate", _ ("“%s” is not a size; write it like 512M or 4G"), options->memory);
  if (options->combine && !tacet_combine_parse (&combine, options->combine, &error))
    return tacet_cli_usage ("generate", "%s", error->message);
  if (options->device && !g_str_equal (options->device, "auto") && !g_str_equal (options->device, "cpu"))
    return tacet_cli_usage ("generate", _ ("The device “%s” is not one of this program’s: auto, cpu"), options->device);
  TacetTiling tiling;
  if (!read_tiling (options->tiling, &tiling))
    return tacet_cli_usage ("generate", _ ("“%s” says nothing about tiles: auto, on or off"), options->tiling);
  if (!apply_names (options, trial, &fault))
    {
      g_autofree char *samplers = tacet_sampler_ids ();
      return fault == options->sampler
                 ? tacet_cli_usage ("generate", _ ("“%s” is not a sampler; use one of %s"), fault, samplers)
                 : tacet_cli_usage ("generate", _ ("“%s” is none of the choices"), fault);
    }
  if (!apply_numbers (options, trial, &fault) || !apply_shares (options, trial, &fault))
    return tacet_cli_usage ("generate", _ ("The value of %s is not a number that it takes"), fault);
  if (!options->out)
    options->out = default_output (path);
  g_autoptr (TacetScene) scene = read_scene (path, &error);
  if (!scene || !run_scene (options, scene, memory, &error))
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
    { "sampler", 0, 0, G_OPTION_ARG_STRING, &options.sampler, N_ ("ddim, euler and others"), N_ ("NAME") },
    { "spacing", 0, 0, G_OPTION_ARG_STRING, &options.spacing, N_ ("leading, trailing or linspace"), N_ ("NAME") },
    { "karras", 0, 0, G_OPTION_ARG_NONE, &options.karras, N_ ("Noise levels by Karras et al."), NULL },
    { "eta", 0, 0, G_OPTION_ARG_STRING, &options.eta, N_ ("Share of fresh noise of ddim"), N_ ("X") },
    { "guidance", 0, 0, G_OPTION_ARG_STRING, &options.guidance, N_ ("How much the prompt leads"), N_ ("X") },
    { "guidance-rescale", 0, 0, G_OPTION_ARG_STRING, &options.rescale, N_ ("Against burnt colours, 0 to 1"), N_ ("X") },
    { "clip-skip", 0, 0, G_OPTION_ARG_INT, &options.clip_skip, N_ ("Which last layer of the text encoder counts"),
      N_ ("N") },
    { "count", 0, 0, G_OPTION_ARG_INT, &options.count, N_ ("Number of pictures, each from the next seed"), N_ ("N") },
    { "image", 0, 0, G_OPTION_ARG_FILENAME, &options.image, N_ ("What the picture starts from"), N_ ("FILE") },
    { "denoising-strength", 0, 0, G_OPTION_ARG_STRING, &options.strength,
      N_ ("0: the image as it is, 1: a new picture"), N_ ("X") },
    { "mask", 0, 0, G_OPTION_ARG_FILENAME, &options.mask, N_ ("Where the image is made new (white)"), N_ ("FILE") },
    { "mask-feather", 0, 0, G_OPTION_ARG_STRING, &options.feather, N_ ("Soft border inside the mask"), N_ ("PIXELS") },
    { "guess", 0, 0, G_OPTION_ARG_STRING, &options.guess, N_ ("none, guess-cldm or guess-diffusers"), N_ ("MODE") },
    { "prefer-ema", 0, 0, G_OPTION_ARG_NONE, &options.prefer_ema,
      N_ ("The running means of a model, where its file has both"), NULL },
    { "conditional-only", 0, 0, G_OPTION_ARG_NONE, &options.conditional_only,
      N_ ("Controls act on the conditional half alone"), NULL },
    { "vae", 0, 0, G_OPTION_ARG_FILENAME, &options.vae, N_ ("Another VAE"), N_ ("NAME") },
    { "vae-tiling", 0, 0, G_OPTION_ARG_STRING, &options.tiling, N_ ("Decode in tiles: auto, on or off"), N_ ("HOW") },
    { "lora", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &options.loras, N_ ("A LoRA and its weight; may be repeated"),
      N_ ("NAME[:WEIGHT]") },
    { "no-metadata", 0, 0, G_OPTION_ARG_NONE, &options.no_metadata, N_ ("Pictures do not say how they were made"),
      NULL },
    { "combine", 0, 0, G_OPTION_ARG_STRING, &options.combine,
      N_ ("How controls share a layer: minimal-impact, sum, star, weights:A,B,…"), N_ ("RULE") },
    { "report", 0, 0, G_OPTION_ARG_FILENAME, &options.report, N_ ("Write what every step did"), N_ ("FILE.json") },
    { "plot", 0, 0, G_OPTION_ARG_FILENAME, &options.plot, N_ ("Write the plot of the coefficients"), N_ ("FILE.png") },
    { "threads", 0, 0, G_OPTION_ARG_INT, &options.threads, N_ ("Threads to use (0: all cores)"), N_ ("N") },
    { "memory", 0, 0, G_OPTION_ARG_STRING, &options.memory, N_ ("Memory the engine may use"), N_ ("SIZE") },
    { "device", 0, 0, G_OPTION_ARG_STRING, &options.device, N_ ("auto or cpu"), N_ ("DEVICE") },
    G_OPTION_ENTRY_NULL,
  };
  if (!tacet_cli_parse (&rest, _ ("SCENE"),
                        _ ("Generates the picture of a scene: a scene file, or a picture that carries one."), entries,
                        &status))
    return status;
  if (!rest[1] || rest[2])
    return tacet_cli_usage ("generate", rest[1] ? _ ("One scene at a time, please") : _ ("Which scene?"));
  return run (&options, rest[1]);
}
