/* benchmarks.c: speed of the operations on shapes of real work, beside what the machine can do.
 *
 * Room: tests/kernels (C11, no GLib).
 * Usage: benchmarks [PART OF A NAME [THREADS ...]]; without threads: 1 and one per core.
 *
 * The share of the roofline (tacet-roofline.h) may pass 100 %: what lies in a cache is faster than the memory.
 * A figure is the best of several runs: the others met a busy machine.
 */
#include "kernels/tacet-roofline.h"
#include "op-cases.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECONDS 0.15 /* per case, at least */
#define LEAST   5    /* runs */

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
  double best = 1e9, start = tacet_cpu_backend_clock (backend);

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
  for (int i = 0; i < LEAST || tacet_cpu_backend_clock (backend) - start < SECONDS; i++)
    {
      double before = tacet_cpu_backend_clock (backend), taken;
      klass->run (backend, &step, scratch);
      taken = tacet_cpu_backend_clock (backend) - before;
      best = taken < best ? taken : best;
    }
  for (int i = 0; i < step.n_inputs; i++)
    free (step.in[i].data);
  free (step.out.data);
  free (scratch);
  free (weights);
  return best;
}

static void
run_all (int threads, const char *part)
{
  TacetBackend *backend = tacet_cpu_backend_new (threads);
  int n_cases;
  const TacetCase *cases = tacet_bench_cases (&n_cases);
  TacetPeak peak;

  if (backend == NULL || !tacet_cpu_backend_peak (backend, &peak))
    return;
  printf ("%d thread%s, %s: %.1f GFLOP/s, %.1f GB/s\n", threads, threads == 1 ? "" : "s",
          tacet_cpu_backend_level (backend), peak.flops * 1e-9, peak.bytes * 1e-9);
  printf ("%-36s %9s %9s %8s %8s\n", "", "ms", "GFLOP/s", "GB/s", "roofline");
  for (int i = 0; i < n_cases; i++)
    {
      const TacetStep *step = &cases[i].step;
      double seconds;
      if (strstr (cases[i].name, part) == NULL)
        continue;
      seconds = time_step (backend, step, false);
      printf ("%-36s %9.3f %9.1f %8.1f %7.0f%%", cases[i].name, seconds * 1e3, tacet_step_flops (step) / seconds * 1e-9,
              tacet_step_bytes (step) / seconds * 1e-9, 100 * tacet_step_least (step, &peak).seconds / seconds);
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
