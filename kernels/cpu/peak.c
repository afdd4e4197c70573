/* peak.c: what this processor can do at best.
 *
 * Room: kernels/.
 */
#include "kernels/tacet-roofline.h"
#include "cpu.h"
#include "vector.h"

#include <stdlib.h>
#include <time.h>

#define ROUNDS 12    /* the best counts: the others met a busy machine */
#define STEPS  20000 /* of a task of multiply-adds */
#define CHAINS 12    /* independent ones: more than latency times units */
#define BYTES  (64 << 20)
#define PIECE  (1 << 18)

typedef struct
{
  char *to;
  const char *from;
  float result[TACET_MAX_THREADS];
} Peak;

static void
multiply_add (void *context, int64_t index, int thread)
{
  Peak *p = context;
  const V8 a = v8_set (0.999f), b = v8_set (1e-3f);
  V8 x[CHAINS], sum = { 0 };

  for (int i = 0; i < CHAINS; i++)
    x[i] = v8_set (1 + i * 0.01f);
  for (int k = 0; k < STEPS; k++)
    for (int i = 0; i < CHAINS; i++)
      x[i] = (V8) _mm256_fmadd_ps ((__m256) x[i], (__m256) a, (__m256) b);
  for (int i = 0; i < CHAINS; i++)
    sum += x[i];
  p->result[thread] = sum[0];
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
  double best = 1e9;

  for (int i = 0; i < ROUNDS; i++)
    {
      const double before = tacet_cpu_backend_clock (self);
      tacet_pool_run (((TacetCpu *) self)->pool, n_tasks, task, p);
      const double taken = tacet_cpu_backend_clock (self) - before;
      best = taken < best ? taken : best;
    }
  return best;
}

bool
tacet_cpu_backend_peak (TacetBackend *self, TacetPeak *peak)
{
  const int64_t tasks = 16 * tacet_cpu_backend_threads (self);
  char *memory = malloc (2 * (size_t) BYTES);
  Peak p = { .to = memory, .from = memory + BYTES };

  if (memory == NULL)
    return false;
  memset (memory, 1, 2 * (size_t) BYTES);
  peak->flops = (double) tasks * STEPS * CHAINS * 16 / best_seconds (self, tasks, multiply_add, &p);
  peak->bytes = 2.0 * BYTES / best_seconds (self, BYTES / PIECE, copy_piece, &p);
  free (memory);
  return true;
}
