/* peak.c: what this processor can do at best.
 *
 * Room: kernels/.  Compiled once; the arithmetic is that of the backend's level (peak-loop.c).
 */
#include "kernels/tacet-roofline.h"
#include "cpu.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SECONDS 0.14 /* of rounds, of which the best counts: in the others a core slept or had other work */
#define LOOPS   32   /* of each thread in a round of arithmetic */
#define BYTES   (64 << 20)
#define PIECE   (1 << 18)

/* What a thread did in a round. */
typedef struct
{
  double done, seconds;
  float sum;
} Share;

typedef struct
{
  const TacetCpuLevel *level;
  Share share[TACET_MAX_THREADS];
  char *to;
  const char *from;
} Peak;

static double
seconds_of (clockid_t clock)
{
  struct timespec t;

  clock_gettime (clock, &t);
  return (double) t.tv_sec + 1e-9 * (double) t.tv_nsec;
}

static void
multiply_add (void *context, int64_t index, int thread)
{
  Peak *p = context;
  Share *share = &p->share[thread];
  const double before = seconds_of (CLOCK_THREAD_CPUTIME_ID);

  share->done += 2 * p->level->peak_loop (&share->sum);
  share->seconds += seconds_of (CLOCK_THREAD_CPUTIME_ID) - before;
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
  return seconds_of (tacet_cpu_backend_threads (self) == 1 ? CLOCK_THREAD_CPUTIME_ID : CLOCK_MONOTONIC);
}

/* The threads work side by side, each by its own clock: a processor that is shared with other programs is not
 * slower. */
static double
best_flops (TacetBackend *self, Peak *p)
{
  const double start = tacet_cpu_backend_clock (self);
  const int threads = tacet_cpu_backend_threads (self);
  double best = 0;

  while (tacet_cpu_backend_clock (self) - start < SECONDS)
    {
      double flops = 0;
      memset (p->share, 0, sizeof p->share);
      tacet_pool_run (((TacetCpu *) self)->pool, (int64_t) LOOPS * threads, multiply_add, p);
      for (int i = 0; i < threads; i++)
        flops += p->share[i].seconds > 0 ? p->share[i].done / p->share[i].seconds : 0;
      best = flops > best ? flops : best;
    }
  return best;
}

/* The threads share the memory, so this goes by the clock on the wall. */
static double
best_bytes (TacetBackend *self, Peak *p)
{
  const double start = tacet_cpu_backend_clock (self);
  double least = 1e9, now = start;

  while (now - start < SECONDS)
    {
      const double before = now;
      tacet_pool_run (((TacetCpu *) self)->pool, BYTES / PIECE, copy_piece, p);
      now = tacet_cpu_backend_clock (self);
      least = now - before < least ? now - before : least;
    }
  return 2.0 * BYTES / least;
}

bool
tacet_cpu_backend_peak (TacetBackend *self, TacetPeak *peak)
{
  char *memory = malloc (2 * (size_t) BYTES);
  Peak p = { .level = ((TacetCpu *) self)->level, .to = memory, .from = memory + BYTES };

  if (memory == NULL)
    return false;
  memset (memory, 1, 2 * (size_t) BYTES);
  peak->flops = best_flops (self, &p);
  peak->bytes = best_bytes (self, &p);
  free (memory);
  return true;
}
