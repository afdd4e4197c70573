/* tacet-parallel.c: pieces of drawing shared between the processors.  Room: ui, no widgets.
 *
 * While a picture is generated all processors are busy: a helper that has not begun when the pieces are gone is not
 * waited for.
 */
#define G_LOG_DOMAIN "tacet-parallel"

#include "config.h"

#include "ui/tacet-parallel.h"

#define MAX_HELPERS 3 /* drawing is bound by memory soon */

typedef struct
{
  int n_users; /* atomic: who may still look at this */
  void (*task) (gpointer context, int index);
  gpointer context;
  int n, next; /* next: atomic */
  GMutex lock;
  GCond done;
  int n_working; /* helpers at it */
  gboolean closed;
} Work;

static void
work_unref (Work *work)
{
  if (!g_atomic_int_dec_and_test (&work->n_users))
    return;
  g_mutex_clear (&work->lock);
  g_cond_clear (&work->done);
  g_free (work);
}

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
  gboolean late;

  g_mutex_lock (&work->lock);
  late = work->closed;
  work->n_working += !late;
  g_mutex_unlock (&work->lock);
  if (!late)
    {
      take_tasks (work);
      g_mutex_lock (&work->lock);
      if (--work->n_working == 0)
        g_cond_signal (&work->done);
      g_mutex_unlock (&work->lock);
    }
  work_unref (work);
}

void
tacet_parallel (int n, void (*task) (gpointer context, int index), gpointer context)
{
  static GThreadPool *pool;
  int n_helpers = CLAMP ((int) g_get_num_processors () - 1, 0, MAX (MIN (n - 1, MAX_HELPERS), 0));
  Work *work;

  if (n_helpers == 0)
    {
      for (int i = 0; i < n; i++)
        task (context, i);
      return;
    }
  if (pool == NULL)
    pool = g_thread_pool_new (help, NULL, MAX_HELPERS, FALSE, NULL);
  work = g_new0 (Work, 1);
  *work = (Work){ .n_users = n_helpers + 1, .task = task, .context = context, .n = n };
  g_mutex_init (&work->lock);
  g_cond_init (&work->done);
  for (int i = 0; i < n_helpers; i++)
    g_thread_pool_push (pool, work, NULL);
  take_tasks (work);
  g_mutex_lock (&work->lock);
  work->closed = TRUE;
  while (work->n_working > 0)
    g_cond_wait (&work->done, &work->lock);
  g_mutex_unlock (&work->lock);
  work_unref (work);
}
