/* test-ops.c: every case of the list: the CPU backend against the plain f64 reference, the same bits
 * with 1, 2 and 3 threads, nothing written outside of output and scratch.
 *
 * Room: tests/kernels (C11, no GLib; prints TAP).  Runs at the level of instructions that TACET_CPU_LEVEL names.
 */
#include "op-cases.h"
#include "reference.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GUARD      64 /* bytes behind every buffer that must stay as they are */
#define GUARD_BYTE 0xa5
#define THREADS    3

static void *
guarded (size_t bytes)
{
  size_t whole = (bytes + 63) / 64 * 64 + GUARD;
  unsigned char *data = aligned_alloc (TACET_ALIGNMENT, whole);

  if (data == NULL)
    exit (2);
  memset (data, GUARD_BYTE, whole);
  return data;
}

static bool
guard_intact (const void *data, size_t bytes)
{
  for (size_t i = bytes; i < (bytes + 63) / 64 * 64 + GUARD; i++)
    if (((const unsigned char *) data)[i] != GUARD_BYTE)
      return false;
  return true;
}

static size_t
bytes_of (const TacetOperand *operand)
{
  return tacet_shape_count (operand->shape) * tacet_dtype_size (operand->dtype);
}

static double
value (const TacetOperand *operand, int64_t i)
{
  return operand->dtype == TACET_F64   ? ((double *) operand->data)[i]
         : operand->dtype == TACET_I32 ? ((int32_t *) operand->data)[i]
                                       : ((float *) operand->data)[i];
}

/* Relative to the size of the result: its root mean square, and the largest single difference. */
static void
compare (const TacetOperand *out, const double *expected, double *l2, double *worst)
{
  const int64_t n = tacet_shape_count (out->shape);
  double size = 0, error = 0, largest = 0;

  for (int64_t i = 0; i < n; i++)
    {
      const double e = fabs (value (out, i) - expected[i]);
      size += expected[i] * expected[i];
      error += e * e;
      largest = !(e <= largest) ? e : largest;
    }
  size = fmax (size, 1e-12 * n);
  *l2 = sqrt (error / size);
  *worst = largest / sqrt (size / n);
}

static bool
has_weights (const TacetStep *step)
{
  return step->op == TACET_OP_MATMUL || step->op == TACET_OP_CONV || step->op == TACET_OP_CONV_DATA;
}

/* Runs the step on fresh inputs, its weights rounded to step->precision; packed: with packed weights, where there
 * are any. */
static const char *
run_once (TacetBackend *backend, TacetStep *step, bool packed)
{
  const char *problem = NULL;
  size_t scratch_bytes, pack_bytes = packed ? backend->klass->packed_size (backend, step) : 0;
  void *scratch, *weights = pack_bytes > 0 ? guarded (pack_bytes) : NULL;

  for (int i = 0; i < step->n_inputs; i++)
    {
      step->in[i].data = guarded (bytes_of (&step->in[i]));
      tacet_case_fill (step, i, step->in[i].data);
      if (i == 1 && has_weights (step))
        tacet_case_round (step->precision, step->in[i].data, tacet_shape_count (step->in[i].shape));
    }
  step->out.data = guarded (bytes_of (&step->out));
  tacet_case_fill_out (step, step->out.data);
  scratch_bytes = backend->klass->scratch (backend, step); /* before anything is packed, as plans do */
  scratch = guarded (scratch_bytes);
  step->packed = weights;
  if (weights != NULL && backend->klass->pack (backend, step, weights, scratch) != TACET_OK)
    problem = "packing failed";
  if (weights != NULL)
    {
      free (step->in[1].data);
      step->in[1].data = NULL; /* not needed any more */
    }
  if (problem == NULL && backend->klass->run (backend, step, scratch) != TACET_OK)
    problem = backend->klass->message (backend);
  if (problem == NULL && !guard_intact (scratch, scratch_bytes))
    problem = "wrote behind its scratch";
  if (problem == NULL && !guard_intact (step->out.data, bytes_of (&step->out)))
    problem = "wrote behind its output";
  if (problem == NULL && weights != NULL && !guard_intact (weights, pack_bytes))
    problem = "wrote behind its packed weights";
  free (scratch);
  free (weights);
  step->packed = NULL;
  return problem;
}

static void
free_step (TacetStep *step)
{
  for (int i = 0; i < step->n_inputs; i++)
    free (step->in[i].data);
  free (step->out.data);
}

static double *
to_double (const TacetOperand *operand)
{
  double *data = malloc (tacet_shape_count (operand->shape) * sizeof *data);

  if (data == NULL)
    exit (2);
  for (int64_t i = 0; i < tacet_shape_count (operand->shape); i++)
    data[i] = value (operand, i);
  return data;
}

/* The reference on the same numbers; expected[0] is the output, [1] and [2] m and v of the optimiser. */
static void
run_reference (const TacetStep *given, double *in[TACET_MAX_INPUTS], double **out)
{
  TacetStep step = *given;

  for (int i = 0; i < step.n_inputs; i++)
    {
      step.in[i].data = guarded (bytes_of (&step.in[i]));
      tacet_case_fill (&step, i, step.in[i].data);
      in[i] = to_double (&step.in[i]);
    }
  step.out.data = guarded (bytes_of (&step.out));
  tacet_case_fill_out (&step, step.out.data);
  *out = to_double (&step.out);
  tacet_reference_run (&step, in, *out);
  free_step (&step);
}

static double
tolerance (const TacetStep *step)
{
  switch (step->op)
    {
    case TACET_OP_CONV:
    case TACET_OP_CONV_DATA:
    case TACET_OP_CONV_WEIGHT:
      return 3e-6;
    case TACET_OP_GRAM:
      return 1e-13;
    case TACET_OP_PERMUTE:
    case TACET_OP_CONCAT:
    case TACET_OP_SLICE:
    case TACET_OP_PAD:
    case TACET_OP_UPSAMPLE:
    case TACET_OP_GATHER:
    case TACET_OP_BROADCAST:
      return 0;
    default:
      return 1e-6;
    }
}

/* Weights that rest in 16 bits give the bits of the same weights in f32. */
static const char *
check_precision (const TacetCase *c, TacetPrecision precision, TacetBackend *backends[THREADS])
{
  TacetStep plain = c->step, packed = c->step;
  const char *problem;

  plain.precision = packed.precision = precision;
  problem = run_once (backends[0], &plain, false);
  if (problem == NULL)
    problem = run_once (backends[THREADS - 1], &packed, true);
  if (problem == NULL && memcmp (plain.out.data, packed.out.data, bytes_of (&plain.out)) != 0)
    problem = precision == TACET_PRECISION_F16 ? "other bits with f16 weights" : "other bits with bf16 weights";
  free_step (&plain);
  free_step (&packed);
  return problem;
}

static const char *
check_case (const TacetCase *c, TacetBackend *backends[THREADS], double *l2, double *worst)
{
  const double allowed = tolerance (&c->step);
  TacetStep first = c->step;
  double *in[TACET_MAX_INPUTS], *expected;
  const char *problem = run_once (backends[0], &first, false);

  run_reference (&c->step, in, &expected);
  compare (&first.out, expected, l2, worst);
  if (problem == NULL && (!(*l2 <= allowed) || !(*worst <= 20 * allowed)))
    problem = "differs from the reference";
  for (int i = 1; i < c->step.n_inputs && c->step.op == TACET_OP_ADAMW && problem == NULL; i++)
    {
      double l2_state, worst_state;
      compare (&first.in[i], in[i], &l2_state, &worst_state);
      if (!(l2_state <= allowed))
        problem = "the moments or the average differ from the reference";
    }
  for (int run = 1; run < 2 * THREADS && problem == NULL; run++)
    {
      TacetStep again = c->step;
      problem = run_once (backends[run % THREADS], &again, run >= THREADS);
      if (problem == NULL && memcmp (first.out.data, again.out.data, bytes_of (&first.out)) != 0)
        problem = run >= THREADS ? "other bits with packed weights" : "other bits with more threads";
      free_step (&again);
    }
  for (int p = TACET_PRECISION_F16; p <= TACET_PRECISION_BF16 && has_weights (&c->step) && problem == NULL; p++)
    problem = check_precision (c, (TacetPrecision) p, backends);
  for (int i = 0; i < c->step.n_inputs; i++)
    free (in[i]);
  free (expected);
  free_step (&first);
  return problem;
}

int
main (int argc, char **argv)
{
  TacetBackend *backends[THREADS];
  const char *level = getenv ("TACET_CPU_LEVEL");
  int n_cases, failed = 0;
  const TacetCase *cases = tacet_op_cases (&n_cases);

  for (int i = 0; i < THREADS; i++)
    if ((backends[i] = tacet_cpu_backend_new (i + 1)) == NULL)
      return 2;
  if (level != NULL && strcmp (level, tacet_cpu_backend_level (backends[0])) != 0)
    {
      printf ("1..0 # SKIP this machine has no %s\n", level);
      return 0;
    }
  printf ("1..%d\n# %s\n", n_cases, tacet_cpu_backend_level (backends[0]));
  for (int i = 0; i < n_cases; i++)
    {
      double l2 = NAN, worst = NAN;
      const char *problem = check_case (&cases[i], backends, &l2, &worst);
      printf ("%sok %d - %s # l2 %.2g worst %.2g\n", problem != NULL ? "not " : "", i + 1, cases[i].name, l2, worst);
      if (problem != NULL)
        printf ("# %s: %s\n", cases[i].name, problem);
      failed += problem != NULL;
    }
  for (int i = 0; i < THREADS; i++)
    backends[i]->klass->destroy (backends[i]);
  return failed > 0;
}
