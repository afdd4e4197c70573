/* benchmarks.c: speed of the operations on shapes of real work, beside what the machine can do.
 *
 * Room: tests/kernels (C11, no GLib).
 * Usage: benchmarks [PART OF A NAME [THREADS ...]]; without threads: 1 and one per core.
 *
 * The arithmetic ceiling is a product of matrices that fit the caches, the memory ceiling a copy that does
 * not; what lies in a cache may well pass the latter, and Winograd's way the former.  A figure is the best of
 * several runs: the others met a busy machine.
 */
#include "op-cases.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SECONDS 0.15 /* per case, at least */
#define LEAST   5    /* runs */

/* One thread is timed by its own clock, which stands still while another program has the processor. */
static double
now (TacetBackend *backend)
{
  struct timespec t;

  clock_gettime (tacet_cpu_backend_threads (backend) == 1 ? CLOCK_THREAD_CPUTIME_ID : CLOCK_MONOTONIC, &t);
  return (double) t.tv_sec + 1e-9 * (double) t.tv_nsec;
}

static void *
buffer (size_t bytes)
{
  void *data = aligned_alloc (TACET_ALIGNMENT, (bytes + 63) / 64 * 64 + 64);

  if (data == NULL)
    {
      fprintf (stderr, "benchmarks: no memory\n");
      exit (1);
    }
  return data;
}

/* Best seconds of one run; packed: with the weights packed before, in given->precision. */
static double
time_step (TacetBackend *backend, const TacetStep *given, bool packed)
{
  const TacetBackendClass *klass = backend->klass;
  TacetStep step = *given;
  size_t pack_bytes = packed ? klass->packed_size (backend, &step) : 0;
  void *scratch, *weights = pack_bytes > 0 ? buffer (pack_bytes) : NULL;
  double best = 1e9, start = now (backend);

  for (int i = 0; i < step.n_inputs; i++)
    {
      step.in[i].data = buffer (tacet_shape_count (step.in[i].shape) * tacet_dtype_size (step.in[i].dtype));
      tacet_case_fill (&step, i, step.in[i].data);
    }
  step.out.data = buffer (tacet_shape_count (step.out.shape) * tacet_dtype_size (step.out.dtype));
  tacet_case_fill_out (&step, step.out.data);
  step.packed = weights;
  scratch = buffer (klass->scratch (backend, &step));
  if (weights != NULL)
    klass->pack (backend, &step, weights, scratch);
  for (int i = 0; i < LEAST || now (backend) - start < SECONDS; i++)
    {
      double before = now (backend), taken;
      klass->run (backend, &step, scratch);
      taken = now (backend) - before;
      best = taken < best ? taken : best;
    }
  for (int i = 0; i < step.n_inputs; i++)
    free (step.in[i].data);
  free (step.out.data);
  free (scratch);
  free (weights);
  return best;
}

static double
ceiling_flops (TacetBackend *backend)
{
  TacetStep step = { .op = TACET_OP_MATMUL, .attrs = { .a = 1 }, .n_inputs = 2 };
  TacetOperand square = { NULL, { { 1, 1, 240, 240 } }, TACET_F32 };

  step.in[0] = step.in[1] = step.out = square;
  return tacet_step_flops (&step) / time_step (backend, &step, true);
}

static double
ceiling_bytes (TacetBackend *backend)
{
  TacetStep step = { .op = TACET_OP_SLICE, .n_inputs = 1 };

  step.in[0] = step.out = (TacetOperand){ NULL, { { 1024, 1, 1, 16384 } }, TACET_F32 };
  return tacet_step_bytes (&step) / time_step (backend, &step, false);
}

static bool
is_product (TacetOp op)
{
  return op == TACET_OP_MATMUL || op == TACET_OP_CONV || op == TACET_OP_CONV_DATA || op == TACET_OP_CONV_WEIGHT ||
         op == TACET_OP_ATTENTION || op == TACET_OP_ATTENTION_BACK;
}

static void
run_all (int threads, const char *part)
{
  TacetBackend *backend = tacet_cpu_backend_new (threads);
  int n_cases;
  const TacetCase *cases = tacet_bench_cases (&n_cases);
  double flops, bytes;

  if (backend == NULL)
    return;
  flops = ceiling_flops (backend);
  bytes = ceiling_bytes (backend);
  printf ("%d thread%s: %.1f GFLOP/s, %.1f GB/s\n", threads, threads == 1 ? "" : "s", flops * 1e-9, bytes * 1e-9);
  printf ("%-36s %9s %9s %8s %8s\n", "", "ms", "GFLOP/s", "GB/s", "ceiling");
  for (int i = 0; i < n_cases; i++)
    {
      const TacetStep *step = &cases[i].step;
      double seconds, ratio;
      if (strstr (cases[i].name, part) == NULL)
        continue;
      seconds = time_step (backend, step, false);
      ratio =
          is_product (step->op) ? tacet_step_flops (step) / seconds / flops : tacet_step_bytes (step) / seconds / bytes;
      printf ("%-36s %9.3f %9.1f %8.1f %7.0f%%", cases[i].name, seconds * 1e3, tacet_step_flops (step) / seconds * 1e-9,
              tacet_step_bytes (step) / seconds * 1e-9, ratio * 100);
      if (backend->klass->packed_size (backend, step) > 0)
        {
          TacetStep half = *step;
          half.precision = TACET_PRECISION_F16;
          printf ("  packed %.3f ms, as f16 %.3f ms", time_step (backend, step, true) * 1e3,
                  time_step (backend, &half, true) * 1e3);
        }
      printf ("\n");
      fflush (stdout);
    }
  backend->klass->destroy (backend);
}

int
main (int argc, char **argv)
{
  const char *part = argc > 1 ? argv[1] : "";

  for (int i = 2; i < argc; i++)
    run_all (atoi (argv[i]) > 0 ? atoi (argv[i]) : 1, part);
  if (argc <= 2)
    {
      TacetBackend *all = tacet_cpu_backend_new (0);
      int threads = all != NULL ? tacet_cpu_backend_threads (all) : 1;
      if (all != NULL)
        all->klass->destroy (all);
      run_all (1, part);
      if (threads > 1)
        run_all (threads, part);
    }
  return 0;
}
