/* tacet-cli.c: the command line: options, messages, signals, the progress bar.
 *
 * Room: app.
 */
#include "tacet-cli.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define BAR_WIDTH 24

static void
print_line (FILE *stream, const char *prefix, const char *format, va_list list)
{
  g_autofree char *text = g_strdup_vprintf (format, list);
  g_autofree char *line = g_strconcat (prefix, text, "\n", NULL);
  const char *charset;
  if (g_get_charset (&charset))
    fputs (line, stream);
  else
    {
      g_autofree char *local = g_convert_with_fallback (line, -1, charset, "UTF-8", "?", NULL, NULL, NULL);
      fputs (local ? local : line, stream);
    }
  fflush (stream);
}

void
tacet_cli_say (const char *format, ...)
{
  va_list list;
  va_start (list, format);
  print_line (stdout, "", format, list);
  va_end (list);
}

void
tacet_cli_warn (const char *format, ...)
{
  va_list list;
  tacet_cli_end_progress ();
  va_start (list, format);
  print_line (stderr, "tacet: ", format, list);
  va_end (list);
}

int
tacet_cli_usage (const char *command, const char *format, ...)
{
  va_list list;
  va_start (list, format);
  print_line (stderr, "tacet: ", format, list);
  va_end (list);
  if (command)
    tacet_cli_warn (_ ("“tacet %s --help” shows how it is used"), command);
  else
    tacet_cli_warn (_ ("“tacet --help” shows how it is used"));
  return TACET_EXIT_USAGE;
}

int
tacet_cli_failed (const GError *error)
{
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      tacet_cli_warn (_ ("Cancelled"));
      return TACET_EXIT_CANCELLED;
    }
  tacet_cli_warn ("%s", error ? error->message : _ ("It failed for an unknown reason"));
  return TACET_EXIT_FAILED;
}

gboolean
tacet_cli_parse (char ***argv, const char *usage, const char *summary, GOptionEntry *entries, int *status)
{
  gboolean help = FALSE;
  g_autofree char *name = g_strdup ((*argv)[0]);
  g_autoptr (GOptionContext) context = g_option_context_new (usage);
  g_autoptr (GError) error = NULL;
  const GOptionEntry help_entry[] = {
    { "help", 'h', 0, G_OPTION_ARG_NONE, &help, N_ ("Show this help"), NULL },
    G_OPTION_ENTRY_NULL,
  };
  g_option_context_set_help_enabled (context, FALSE);
  g_option_context_set_summary (context, summary);
  g_option_context_add_main_entries (context, entries, GETTEXT_PACKAGE);
  g_option_context_add_main_entries (context, help_entry, GETTEXT_PACKAGE);
  if (!g_option_context_parse_strv (context, argv, &error))
    {
      *status = tacet_cli_usage (name, "%s", error->message);
      return FALSE;
    }
  if (!help)
    return TRUE;
  g_autofree char *program = g_strconcat ("tacet ", name, NULL);
  g_set_prgname (program);
  g_autofree char *text = g_option_context_get_help (context, TRUE, NULL);
  tacet_cli_say ("%s", g_strchomp (text));
  *status = TACET_EXIT_DONE;
  return FALSE;
}

gboolean
tacet_cli_parse_size (const char *text, gsize *size)
{
  char *end;
  errno = 0;
  guint64 value = g_ascii_strtoull (text, &end, 10);
  const char *units = "KMGT", *unit = *end ? strchr (units, g_ascii_toupper (*end)) : NULL;
  int shift = unit ? 10 * (int) (unit - units + 1) : 0;
  if (!g_ascii_isdigit (*text) || errno || (*end && (!unit || end[1])) || value > (G_MAXSIZE >> shift))
    return FALSE;
  *size = (gsize) value << shift;
  return TRUE;
}

gboolean
tacet_cli_check_output (const char *path, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path), *shown = g_filename_display_name (path);
  const char *fault = NULL;
  if (g_file_test (path, G_FILE_TEST_IS_DIR))
    fault = _ ("it is a folder");
  else if (!g_file_test (folder, G_FILE_TEST_IS_DIR))
    fault = _ ("there is no such folder");
  else if (g_access (folder, W_OK) != 0)
    fault = _ ("the folder cannot be written to");
  if (fault)
    g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_FAILED, _ ("“%s” cannot be written: %s"), shown, fault);
  return fault == NULL;
}

typedef struct
{
  sigset_t set;
  GCancellable *cancellable;
} SignalWatch;

static gpointer
signal_thread (gpointer data)
{
  SignalWatch *watch = data;
  int number;
  if (sigwait (&watch->set, &number) != 0)
    return NULL;
  g_cancellable_cancel (watch->cancellable);
  if (sigwait (&watch->set, &number) != 0)
    return NULL;
  _exit (TACET_EXIT_CANCELLED); /* asked twice: whatever is in the way of ending is not worth waiting for */
}

GCancellable *
tacet_cli_catch_signals (void)
{
  SignalWatch *watch = g_new0 (SignalWatch, 1);
  watch->cancellable = g_cancellable_new ();
  sigemptyset (&watch->set);
  sigaddset (&watch->set, SIGINT);
  sigaddset (&watch->set, SIGTERM);
  pthread_sigmask (SIG_BLOCK, &watch->set, NULL);
  g_thread_unref (g_thread_new ("signals", signal_thread, watch));
  return watch->cancellable;
}

gboolean
tacet_cli_has_terminal (void)
{
  const char *term = g_getenv ("TERM");
  return isatty (STDERR_FILENO) && g_strcmp0 (term, "dumb") != 0;
}

static char *
describe_time (double seconds)
{
  if (seconds < 90)
    return g_strdup_printf (_ ("%.0f s left"), ceil (seconds));
  if (seconds < 5400)
    return g_strdup_printf (_ ("%.0f min left"), ceil (seconds / 60));
  return g_strdup_printf (_ ("%.1f h left"), seconds / 3600);
}

void
tacet_cli_show_progress (double share, const char *text, double seconds_left)
{
  if (!tacet_cli_has_terminal ())
    return;
  struct winsize window = { 0 };
  g_autofree char *left = seconds_left >= 0 && isfinite (seconds_left) ? describe_time (seconds_left) : NULL;
  char bar[BAR_WIDTH + 1];
  int full = (int) (CLAMP (share, 0, 1) * BAR_WIDTH + 0.5);
  memset (bar, '.', BAR_WIDTH);
  memset (bar, '#', full);
  bar[BAR_WIDTH] = 0;
  g_autofree char *line = g_strdup_printf ("[%s] %s%s%s", bar, text, left ? ", " : "", left ? left : "");
  gboolean known = ioctl (STDERR_FILENO, TIOCGWINSZ, &window) == 0 && window.ws_col > 0;
  if (known && g_utf8_strlen (line, -1) >= window.ws_col) /* a line that wraps cannot be drawn over */
    *g_utf8_offset_to_pointer (line, window.ws_col - 1) = 0;
  fprintf (stderr, "\r%s\033[K", line);
  fflush (stderr);
}

void
tacet_cli_end_progress (void)
{
  if (!tacet_cli_has_terminal ())
    return;
  fputs ("\r\033[K", stderr);
  fflush (stderr);
}
