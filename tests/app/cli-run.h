/* cli-run.h: runs the real program and keeps what it said.
 *
 * Tests of app.
 */
#pragma once

#include <gio/gio.h>

typedef struct
{
  int status; /* exit status; -1: ended by a signal */
  char *out, *err;
} CliRun;

/* A world of its own for one test: a temporary folder, a tiny model in it, nothing installed. */
typedef struct
{
  char *folder;
  char *old_folder; /* working folder before */
} CliWorld;

void cli_world_open (CliWorld *self); /* and makes it the working folder */
void cli_world_close (CliWorld *self);
/* A scene with an edge control over part of 32 x 32 pixels; extra: more fields, "" or ", ...". */
void cli_world_write_scene (CliWorld *self, const char *name, const char *extra);
void cli_world_write (CliWorld *self, const char *name, const char *text);
GBytes *cli_world_read (CliWorld *self, const char *name); /* NULL: there is none */
int cli_world_count (CliWorld *self);                      /* files and folders in it */

/* Words of a command line (no quoting), "tacet" left out. */
void cli_run (CliRun *self, const char *words);
/* The same where no file may grow beyond `bytes`. */
void cli_run_on_full_disk (CliRun *self, const char *words, gulong bytes);
GSubprocess *cli_start (const char *words);
/* Waits until the program has taken SIGINT into its own hands. */
void cli_wait_until_cancellable (GSubprocess *process);
void cli_finish (CliRun *self, GSubprocess *process);
void cli_run_clear (CliRun *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (CliRun, cli_run_clear)

/* The run ended with this status, and if `said` is given, stderr names it. */
void cli_assert (const CliRun *self, int status, const char *said);
