/* tacet-cli.h: the command line: what the commands share.
 *
 * Room: app.  Every command takes its own arguments (argv[0] is its name) and returns the exit status:
 * 0 done, 1 failed with a message on stderr, 2 wrong usage, 130 cancelled.
 */
#pragma once

#include "config.h"
#include <gio/gio.h>
#include <glib/gi18n.h>

G_BEGIN_DECLS

enum
{
  TACET_EXIT_DONE = 0,
  TACET_EXIT_FAILED = 1,
  TACET_EXIT_USAGE = 2,
  TACET_EXIT_CANCELLED = 130,
};

typedef int (*TacetCommandFunc) (char **argv);

int tacet_cli_generate (char **argv);
int tacet_cli_scenes (char **argv);
int tacet_cli_train (char **argv);
int tacet_cli_models (char **argv);
int tacet_cli_models_vocabulary (const char *path);
int tacet_cli_measure (char **argv);
int tacet_cli_run_module (char **argv);

/* Parses the options; argv keeps what is left, without the name.  FALSE: *status is what to return. */
gboolean tacet_cli_parse (char ***argv, const char *usage, const char *summary, GOptionEntry *entries, int *status);
int tacet_cli_usage (const char *command, const char *format, ...) G_GNUC_PRINTF (2, 3);
/* The message of a failed run; a cancelled one is no failure. */
int tacet_cli_failed (const GError *error);
void tacet_cli_say (const char *format, ...) G_GNUC_PRINTF (1, 2);  /* a line to stdout */
void tacet_cli_warn (const char *format, ...) G_GNUC_PRINTF (1, 2); /* a line to stderr */

/* "512M", "4G", a plain number is bytes. */
gboolean tacet_cli_parse_size (const char *text, gsize *size);
/* That a file can be made there later, said before hours of work and not after. */
gboolean tacet_cli_check_output (const char *path, GError **error);

/* Cancelled by Ctrl+C or SIGTERM; a second one ends the program at once.  Call before any thread
 * starts, once; the program keeps it. */
GCancellable *tacet_cli_catch_signals (void);

gboolean tacet_cli_has_terminal (void); /* on stderr, one that can redraw a line */
/* A bar with an estimate on a terminal, nothing elsewhere. */
void tacet_cli_show_progress (double share, const char *text, double seconds_left);
void tacet_cli_end_progress (void);

G_END_DECLS
