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

static gboolean
run (const char *module, const char *model, const char *in, const char *out, gboolean gradients, int threads,
     GError **error)
{
  g_autofree char *folder = find_model (model);
  if (!tacet_cli_check_output (out, error))
    return FALSE;
  TacetBackend *backend = tacet_cpu_backend_new (threads);
  if (!backend)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, _ ("Not enough memory to start the engine"));
      return FALSE;
    }
  gboolean done = tacet_run_module (module, folder, in, out, gradients, backend, error);
  backend->klass->destroy (backend);
  return done;
}

int
tacet_cli_run_module (char **argv)
{
  static const char *const modules[] = { "text-encoder", "unet",          "controlnet",    "vae-encoder",
                                         "vae-decoder",  "taesd-encoder", "taesd-decoder", NULL };
  g_auto (GStrv) rest = g_strdupv (argv);
  g_autofree char *model = NULL, *in = NULL, *out = NULL;
  g_autoptr (GError) error = NULL;
  gboolean gradients = FALSE;
  int threads = 0, status;
  GOptionEntry entries[] = {
    { "model", 0, 0, G_OPTION_ARG_FILENAME, &model, N_ ("Folder of the network or of a whole model"), N_ ("MODEL") },
    { "in", 0, 0, G_OPTION_ARG_FILENAME, &in, N_ ("Tensors to read"), N_ ("FILE.safetensors") },
    { "out", 0, 0, G_OPTION_ARG_FILENAME, &out, N_ ("Tensors to write"), N_ ("FILE.safetensors") },
    { "gradients", 0, 0, G_OPTION_ARG_NONE, &gradients, N_ ("Also gradients of inputs and weights"), NULL },
    { "threads", 0, 0, G_OPTION_ARG_INT, &threads, N_ ("Threads to use (0: all cores)"), N_ ("N") },
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
  if (!model || !in || !out || threads < 0)
    return tacet_cli_usage ("run-module", _ ("--model, --in and --out are needed"));
  if (!run (rest[1], model, in, out, gradients, threads, &error))
    return tacet_cli_failed (error);
  tacet_cli_say (_ ("Tensors: %s"), out);
  return TACET_EXIT_DONE;
}
