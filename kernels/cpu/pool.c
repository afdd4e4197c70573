/* pool.c: a fixed set of threads that work through numbered tasks.
 *
 * Room: kernels/.  The caller works too, so a pool of one thread has no thread of its own.
 */
#include "cpu.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

/* A step takes tens of microseconds; sleeping between two steps, or until the others end theirs, would cost as
 * much. */
#define SPINS 2000

typedef struct
{
  TacetPool *pool;
  int number;
  pthread_t thread;
} Worker;

struct TacetPool
{
  int n_threads;
  Worker *workers; /* n_threads - 1 */
  pthread_mutex_t lock;
  pthread_cond_t wake, done;
  atomic_uint generation; /* counts jobs; changed under the lock, watched by spinning workers */
  bool open, quit;
  atomic_int busy; /* workers inside the present job; changed under the lock, watched by the spinning caller */
  TacetPoolTask task;
  void *context;
  int64_t n_tasks;
  atomic_llong next;
};

/* Leaves the core to its other thread for a moment. */
static inline void
relax (void)
{
#if defined __x86_64__ || defined __i386__
  __builtin_ia32_pause ();
#elif defined __aarch64__
  __asm__ volatile("yield");
#endif
}

static void
work (TacetPool *pool, int thread)
{
  int64_t i;

  while ((i = atomic_fetch_add_explicit (&pool->next, 1, memory_order_relaxed)) < pool->n_tasks)
    pool->task (pool->context, i, thread);
}

static void *
worker_main (void *data)
{
  Worker *worker = data;
  TacetPool *pool = worker->pool;
  unsigned seen = 0;

  for (;;)
    {
      for (int i = 0; i < SPINS && atomic_load_explicit (&pool->generation, memory_order_relaxed) == seen; i++)
        relax ();
      pthread_mutex_lock (&pool->lock);
      while (pool->generation == seen && !pool->quit)
        pthread_cond_wait (&pool->wake, &pool->lock);
      seen = pool->generation;
      if (pool->quit)
        break;
      if (pool->open)
        {
          pool->busy++;
          pthread_mutex_unlock (&pool->lock);
          work (pool, worker->number);
          pthread_mutex_lock (&pool->lock);
          if (--pool->busy == 0)
            pthread_cond_signal (&pool->done);
        }
      pthread_mutex_unlock (&pool->lock);
    }
  pthread_mutex_unlock (&pool->lock);
  return NULL;
}

void
tacet_pool_run (TacetPool *pool, int64_t n_tasks, TacetPoolTask task, void *context)
{
  if (pool->n_threads == 1 || n_tasks <= 1)
    {
      for (int64_t i = 0; i < n_tasks; i++)
        task (context, i, 0);
      return;
    }
  pthread_mutex_lock (&pool->lock);
  pool->task = task;
  pool->context = context;
  pool->n_tasks = n_tasks;
  atomic_store (&pool->next, 0);
  pool->open = true;
  pool->generation++;
  pthread_cond_broadcast (&pool->wake);
  pthread_mutex_unlock (&pool->lock);

  work (pool, 0);

  pthread_mutex_lock (&pool->lock);
  pool->open = false;
  pthread_mutex_unlock (&pool->lock);
  for (int i = 0; i < SPINS && atomic_load_explicit (&pool->busy, memory_order_relaxed) > 0; i++)
    relax ();
  pthread_mutex_lock (&pool->lock);
  while (pool->busy > 0)
    pthread_cond_wait (&pool->done, &pool->lock);
  pthread_mutex_unlock (&pool->lock);
}

typedef struct
{
  TacetRange body;
  void *context;
  int64_t count, grain;
} Range;

static void
range_task (void *context, int64_t index, int thread)
{
  Range *range = context;
  int64_t first = index * range->grain;

  range->body (range->context, first, tacet_min (first + range->grain, range->count));
}

void
tacet_pool_range (TacetPool *pool, int64_t count, int64_t grain, TacetRange body, void *context)
{
  Range range = { body, context, count, tacet_max (grain, 1) };

  tacet_pool_run (pool, tacet_div_up (count, range.grain), range_task, &range);
}

int
tacet_pool_threads (const TacetPool *pool)
{
  return pool->n_threads;
}

TacetPool *
tacet_pool_new (int n_threads)
{
  TacetPool *pool = calloc (1, sizeof *pool);

  if (pool == NULL)
    return NULL;
  pool->n_threads = 1;
  pthread_mutex_init (&pool->lock, NULL);
  pthread_cond_init (&pool->wake, NULL);
  pthread_cond_init (&pool->done, NULL);
  if (n_threads <= 1)
    return pool;
  pool->workers = calloc (n_threads - 1, sizeof *pool->workers);
  if (pool->workers == NULL)
    {
      tacet_pool_free (pool);
      return NULL;
    }
  /* Fewer threads than asked for is slower, not wrong. */
  for (int i = 0; i < n_threads - 1; i++)
    {
      Worker *worker = &pool->workers[i];
      worker->pool = pool;
      worker->number = i + 1;
      if (pthread_create (&worker->thread, NULL, worker_main, worker) != 0)
        break;
      pool->n_threads++;
    }
  return pool;
}

void
tacet_pool_free (TacetPool *pool)
{
  if (pool == NULL)
    return;
  pthread_mutex_lock (&pool->lock);
  pool->quit = true;
  pool->generation++;
  pthread_cond_broadcast (&pool->wake);
  pthread_mutex_unlock (&pool->lock);
  for (int i = 0; i < pool->n_threads - 1; i++)
    pthread_join (pool->workers[i].thread, NULL);
  pthread_cond_destroy (&pool->done);
  pthread_cond_destroy (&pool->wake);
  pthread_mutex_destroy (&pool->lock);
  free (pool->workers);
  free (pool);
}
