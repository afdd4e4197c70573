/* tacet-parallel.c: pieces of drawing shared between the processors.  Room: ui, no widgets. */
#define G_LOG_DOMAIN "tacet-parallel"

#include "config.h"

#include "ui/tacet-parallel.h"

#define MAX_HELPERS 3 /* drawing is bound by memory soon */

typedef struct
{
  void (*task) (gpointer context, int index);
  gpointer context;
  int n, next; /* next: atomic */
  GMutex lock;
  GCond done;
  int n_helpers; /* still at it */
} Work;

static void
take_tasks (Work *work)
{
  for (int i; (i = g_atomic_int_add (&work->next, 1)) < work->n;)
    work->task (work->context, i);
}

static void
help (gpointer data, gpointer unused)
{
  Work *work = data;

  take_tasks (work);
  g_mutex_lock (&work->lock);
  if (--work->n_helpers == 0)
    g_cond_signal (&work->done);
  g_mutex_unlock (&work->lock);
}

void
tacet_parallel (int n, void (*task) (gpointer context, int index), gpointer context)
{
  static GThreadPool *pool;
  Work work = { .task = task, .context = context, .n = n };
  int n_helpers = CLAMP ((int) g_get_num_processors () - 1, 0, MIN (n - 1, MAX_HELPERS));

  if (pool == NULL)
    pool = g_thread_pool_new (help, NULL, MAX_HELPERS, FALSE, NULL);
  g_mutex_init (&work.lock);
  g_cond_init (&work.done);
  work.n_helpers = MAX (n_helpers, 0);
  for (int i = 0; i < n_helpers; i++)
    g_thread_pool_push (pool, &work, NULL);
  take_tasks (&work);
  g_mutex_lock (&work.lock);
  while (work.n_helpers > 0)
    g_cond_wait (&work.done, &work.lock);
  g_mutex_unlock (&work.lock);
  g_mutex_clear (&work.lock);
  g_cond_clear (&work.done);
}
