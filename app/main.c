/* main.c: a command, or the window.
 *
 * Room: app.
 */
#include "tacet-cli.h"
#include "tacet-folders.h"

#ifdef TACET_NEEDS_AVX2
#include <cpuid.h>
#endif
#include <locale.h>
#include <string.h>

#ifdef TACET_GUI
#include "tacet-application.h"
#endif

typedef struct
{
  const char *name, *summary;
  TacetCommandFunc run;
} Command;

static const Command commands[] = {
  { "generate", N_ ("generate the picture of a scene"), tacet_cli_generate },
  { "scenes", N_ ("render a synthetic data set"), tacet_cli_scenes },
  { "train", N_ ("train what a plan describes"), tacet_cli_train },
  { "models", N_ ("show which models are installed"), tacet_cli_models },
  { "measure", N_ ("measure what a model can do"), tacet_cli_measure },
  { "run-module", N_ ("evaluate one network on tensors from a file"), tacet_cli_run_module },
};

static int
show_help (void)
{
  tacet_cli_say (_ ("Usage:"));
  tacet_cli_say ("  tacet [%s]", _ ("SCENE"));
  tacet_cli_say ("  tacet %s [%s]", _ ("COMMAND"), _ ("OPTION…"));
  tacet_cli_say ("\n%s\n", _ ("Without a command the window opens. Commands:"));
  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    tacet_cli_say ("  %-12s %s", commands[i].name, _ (commands[i].summary));
  tacet_cli_say ("\n%s", _ ("“tacet COMMAND --help” shows the options of a command. Exit status: 0 done, 1 failed with "
                            "a message, 2 wrong usage, 130 cancelled."));
  return TACET_EXIT_DONE;
}

#ifdef TACET_GUI
static int
open_window (char **files)
{
  g_auto (GStrv) folders = tacet_model_folders ();
  g_autofree char *example = tacet_example_scene (), *schema = tacet_schema_folder ();
  return tacet_application_run ((const char *const *) files, example, schema, (const char *const *) folders, 0);
}
#else
static int
open_window (char **files)
{
  (void) files;
  tacet_cli_warn (_ ("This Tacet was built without its window. “tacet generate” makes the picture of a scene."));
  return TACET_EXIT_FAILED;
}
#endif

/* A word that is no command and looks like no file was meant as a command. */
static int
open_files (char **files)
{
  for (int i = 0; files[i]; i++)
    if (files[i][0] == '-' && files[i][1])
      return tacet_cli_usage (NULL, _ ("There is no option “%s”"), files[i]);
    else if (!strpbrk (files[i], "./") && !g_file_test (files[i], G_FILE_TEST_EXISTS))
      return tacet_cli_usage (NULL, _ ("There is no command “%s”"), files[i]);
  return open_window (files);
}

/* Engine and window may be compiled for these; a processor without them would end the program with a signal. */
static gboolean
processor_suffices (void)
{
#ifdef TACET_NEEDS_AVX2
  guint a, b, c = 0, d;
  /* clang's builtin does not know the name f16c. */
  return __builtin_cpu_supports ("avx2") && __builtin_cpu_supports ("fma") && __get_cpuid (1, &a, &b, &c, &d) &&
         (c & bit_F16C) != 0;
#else
  return TRUE;
#endif
}

int
main (int argc, char *argv[])
{
  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, TACET_LOCALE_DIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);
  g_set_prgname ("tacet");
  if (!processor_suffices ())
    {
      tacet_cli_warn (_ ("Tacet cannot compute on this processor: it lacks AVX2, FMA or F16C."));
      return TACET_EXIT_FAILED;
    }
  if (argc < 2)
    return open_files (argv + argc);
  if (g_str_equal (argv[1], "--help") || g_str_equal (argv[1], "-h") || g_str_equal (argv[1], "help"))
    return show_help ();
  if (g_str_equal (argv[1], "--version"))
    {
      tacet_cli_say ("Tacet %s", TACET_VERSION);
      return TACET_EXIT_DONE;
    }
  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    if (g_str_equal (argv[1], commands[i].name))
      return commands[i].run (argv + 1);
  return open_files (argv + 1);
}
