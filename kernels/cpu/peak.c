/* peak.c: what this processor can do at best.
 *
 * Room: kernels/.  Compiled once; the arithmetic is that of the backend's level (peak-loop.c).
 */
#include "kernels/tacet-roofline.h"
#include "cpu.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define WARM   0.02 /* seconds of work before: a core that slept is slow at first, or not there yet */
#define LEAST  0.12 /* seconds of rounds of which the best counts: the others met a busy machine */
#define ROUNDS 12   /* of them at least */
#define LOOPS  32   /* of each thread in a round of arithmetic */
#define BYTES  (64 << 20)
#define PIECE  (1 << 18)

typedef struct
{
  const TacetCpuLevel *level;
  char *to;
  const char *from;
  float sum[TACET_MAX_THREADS];
} Peak;

static void
multiply_add (void *context, int64_t index, int thread)
{
  Peak *p = context;

  p->level->peak_loop (&p->sum[thread]);
}

static void
copy_piece (void *context, int64_t index, int thread)
{
  const Peak *p = context;

  memcpy (p->to + index * PIECE, p->from + index * PIECE, PIECE);
}

double
tacet_cpu_backend_clock (TacetBackend *self)
{
  struct timespec t;

  clock_gettime (tacet_cpu_backend_threads (self) == 1 ? CLOCK_THREAD_CPUTIME_ID : CLOCK_MONOTONIC, &t);
  return (double) t.tv_sec + 1e-9 * (double) t.tv_nsec;
}

static double
best_seconds (TacetBackend *self, int64_t n_tasks, TacetPoolTask task, Peak *p)
{
  const double start = tacet_cpu_backend_clock (self);
  double best = 1e9, now = start;

  while (now - start < WARM)
    {
      tacet_pool_run (((TacetCpu *) self)->pool, n_tasks, task, p);
      now = tacet_cpu_backend_clock (self);
    }
  for (int i = 0; i < ROUNDS || now - start < WARM + LEAST; i++)
    {
      const double before = tacet_cpu_backend_clock (self);
      tacet_pool_run (((TacetCpu *) self)->pool, n_tasks, task, p);
      now = tacet_cpu_backend_clock (self);
      best = now - before < best ? now - before : best;
    }
  return best;
}

bool
tacet_cpu_backend_peak (TacetBackend *self, TacetPeak *peak)
{
  const int64_t tasks = LOOPS * tacet_cpu_backend_threads (self);
  char *memory = malloc (2 * (size_t) BYTES);
  Peak p = { .level = ((TacetCpu *) self)->level, .to = memory, .from = memory + BYTES };

  if (memory == NULL)
    return false;
  memset (memory, 1, 2 * (size_t) BYTES);
  peak->flops = 2 * (double) tasks * p.level->peak_loop (p.sum) / best_seconds (self, tasks, multiply_add, &p);
  peak->bytes = 2.0 * BYTES / best_seconds (self, BYTES / PIECE, copy_piece, &p);
  free (memory);
  return true;
}
