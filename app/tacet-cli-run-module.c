/* tacet-cli-run-module.c: tacet run-module: one network on tensors from a file.
 *
 * Room: app.
 */
#include "tacet-cli.h"

#include "engine/model/tacet-run-module.h"
#include "tacet-folders.h"

/* A folder, or the name of an installed model. */
static char *
find_model (const char *name)
{
  g_auto (GStrv) folders = tacet_model_folders ();
  if (g_file_test (name, G_FILE_TEST_IS_DIR))
    return g_strdup (name);
  for (int i = 0; !g_path_is_absolute (name) && folders[i]; i++)
    {
      g_autofree char *path = g_build_filename (folders[i], name, NULL);
      if (g_file_test (path, G_FILE_TEST_IS_DIR))
        return g_steal_pointer (&path);
    }
  return g_strdup (name);
}

typedef struct
{
  char *model, *base, *in, *out;
  gboolean gradients, profile, later;
  char *profile_file;
  int threads, repeat;
} Options;

static void
options_clear (Options *self)
{
  g_free (self->model);
  g_free (self->base);
  g_free (self->in);
  g_free (self->out);
  g_free (self->profile_file);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

static gboolean
run_module (const char *module, const Options *options, TacetModuleProfile *profile, GError **error)
{
  g_autofree char *folder = find_model (options->model);
  g_autofree char *base = options->base ? find_model (options->base) : NULL;
  if ((options->out && !tacet_cli_check_output (options->out, error)) ||
      (options->profile_file && !tacet_cli_check_output (options->profile_file, error)))
    return FALSE;
  TacetBackend *backend = tacet_cpu_backend_new (options->threads);
  if (!backend)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, _ ("Not enough memory to start the engine"));
      return FALSE;
    }
  gboolean done = tacet_run_module (module, folder, base, options->in, options->out, options->gradients,
                                    options->profile || options->profile_file ? profile : NULL, backend, error);
  backend->klass->destroy (backend);
  return done;
}

static gboolean
run (const char *module, const Options *options, GError **error)
{
  TacetModuleProfile profile = { .repeat = options->repeat, .later = options->later };
  gboolean done = run_module (module, options, &profile, error) &&
                  (!options->profile_file || g_file_set_contents (options->profile_file, profile.json, -1, error));
  if (done && options->profile)
    g_print ("%s", profile.text);
  g_free (profile.text);
  g_free (profile.json);
  return done;
}

int
tacet_cli_run_module (char **argv)
{
  static const char *const modules[] = { "text-encoder", "unet",          "controlnet",    "vae-encoder",
                                         "vae-decoder",  "taesd-encoder", "taesd-decoder", NULL };
  g_auto (GStrv) rest = g_strdupv (argv);
  g_auto (Options) o = { .repeat = 1 };
  g_autoptr (GError) error = NULL;
  int status;
  GOptionEntry entries[] = {
    { "model", 0, 0, G_OPTION_ARG_FILENAME, &o.model, N_ ("Folder of the network or of a whole model"), N_ ("MODEL") },
    { "base", 0, 0, G_OPTION_ARG_FILENAME, &o.base, N_ ("Model to which a ControlNet file of differences is added"),
      N_ ("MODEL") },
    { "in", 0, 0, G_OPTION_ARG_FILENAME, &o.in, N_ ("Tensors to read"), N_ ("FILE.safetensors") },
    { "out", 0, 0, G_OPTION_ARG_FILENAME, &o.out, N_ ("Tensors to write"), N_ ("FILE.safetensors") },
    { "gradients", 0, 0, G_OPTION_ARG_NONE, &o.gradients, N_ ("Also gradients of inputs and weights"), NULL },
    { "threads", 0, 0, G_OPTION_ARG_INT, &o.threads, N_ ("Threads to use (0: all cores)"), N_ ("N") },
    { "profile", 0, 0, G_OPTION_ARG_NONE, &o.profile,
      N_ ("Show the time of every step beside what this machine can do"), NULL },
    { "profile-json", 0, 0, G_OPTION_ARG_FILENAME, &o.profile_file, N_ ("The same as numbers for programs"),
      N_ ("FILE.json") },
    { "repeat", 0, 0, G_OPTION_ARG_INT, &o.repeat, N_ ("How many runs to measure; the best time of each step counts"),
      N_ ("N") },
    { "later-steps", 0, 0, G_OPTION_ARG_NONE, &o.later,
      N_ ("Measure steps of a generation after its first, where text and control maps are encoded already"), NULL },
    G_OPTION_ENTRY_NULL,
  };
  if (!tacet_cli_parse (&rest, _ ("MODULE"),
                        _ ("Evaluates one network on tensors from a file, in the conventions of diffusers. Modules: "
                           "text-encoder, unet, controlnet, vae-encoder, vae-decoder, taesd-encoder, taesd-decoder."),
                        entries, &status))
    return status;
  if (!rest[1] || rest[2])
    return tacet_cli_usage ("run-module", rest[1] ? _ ("One module at a time, please") : _ ("Which module?"));
  if (!g_strv_contains (modules, rest[1]))
    return tacet_cli_usage ("run-module", _ ("There is no module “%s”"), rest[1]);
  if (!o.model || !o.in || (!o.out && !o.profile && !o.profile_file) || o.threads < 0)
    return tacet_cli_usage ("run-module", _ ("--model, --in and --out are needed"));
  if (o.repeat < 1 || (o.repeat > 1 && !o.profile && !o.profile_file))
    return tacet_cli_usage ("run-module", _ ("--repeat needs --profile and a number above 0"));
  if (o.later && (o.gradients || (!o.profile && !o.profile_file)))
    return tacet_cli_usage ("run-module", _ ("--later-steps needs --profile and excludes --gradients"));
  if (!run (rest[1], &o, &error))
    return tacet_cli_failed (error);
  if (o.out)
    tacet_cli_say (_ ("Tensors: %s"), o.out);
  return TACET_EXIT_DONE;
}
