/* test-backend.c: the CPU backend beside the arithmetic: budget, messages, refusals, in place, several
 * instances at once, levels of instructions, the pool, numbers at the ends of the range.
 *
 * Room: tests/kernels (C11, no GLib; prints TAP).
 */
#include "op-cases.h"

#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int n_checks, n_failed;

static void
check (bool passed, const char *name)
{
  printf ("%sok %d - %s\n", passed ? "" : "not ", ++n_checks, name);
  n_failed += !passed;
}

static void *
memory (size_t bytes)
{
  void *data = aligned_alloc (TACET_ALIGNMENT, (bytes + 63) / 64 * 64 + 64);

  if (data == NULL)
    exit (2);
  return data;
}

static size_t
bytes_of (const TacetOperand *operand)
{
  return tacet_shape_count (operand->shape) * tacet_dtype_size (operand->dtype);
}

static TacetOperand
f32 (int64_t n, int64_t h, int64_t w, int64_t c)
{
  return (TacetOperand){ NULL, { { n, h, w, c } }, TACET_F32 };
}

/* ---- memory ---- */

static void
test_budget (void)
{
  TacetBackend *b = tacet_cpu_backend_new (1);
  void *first, *second, *third;

  b->budget = 1000;
  first = b->klass->alloc (b, 600);
  second = b->klass->alloc (b, 401);
  check (first != NULL && (uintptr_t) first % TACET_ALIGNMENT == 0, "memory within the budget, aligned");
  check (second == NULL && b->used == 600, "memory beyond the budget is refused");
  check (strstr (b->klass->message (b), "limit") != NULL, "the refusal says why");
  third = b->klass->alloc (b, 400);
  check (third != NULL && b->used == 1000, "the budget can be used up");
  b->klass->free (b, first, 600);
  b->klass->free (b, third, 400);
  b->klass->free (b, NULL, 5);
  check (b->used == 0, "memory given back is counted");
  b->budget = 0;
  check (b->klass->alloc (b, SIZE_MAX - 8) == NULL && b->used == 0, "impossible amounts are refused");
  b->klass->destroy (b);
}

/* ---- refusals ---- */

static void
test_refusals (void)
{
  TacetBackend *b = tacet_cpu_backend_new (1);
  int n_cases, refused = 0, wrong = 0;
  const TacetCase *cases = tacet_op_cases (&n_cases);

  for (int i = 0; i < n_cases; i++)
    {
      TacetStep step = cases[i].step;
      wrong += !b->klass->supports (b, &step);
      step.out.shape.d[0] = 0;
      refused += b->klass->run (b, &step, NULL) == TACET_UNSUPPORTED;
    }
  check (wrong == 0, "every case of the list is supported");
  check (refused == n_cases, "empty outputs are refused");
  for (int i = refused = 0; i < n_cases; i++)
    {
      TacetStep step = cases[i].step;
      step.out.shape.d[3] += 13;
      refused += !b->klass->supports (b, &step);
    }
  /* BROADCAST and ADD of repeated operands may well have more channels, a picture may be padded. */
  check (refused > n_cases - 20, "outputs of a wrong size are refused");
  for (int i = refused = 0; i < n_cases; i++)
    {
      TacetStep step = cases[i].step;
      step.in[0].dtype = TACET_F64;
      refused += !b->klass->supports (b, &step);
    }
  check (refused == n_cases, "wrong dtypes are refused");
  check (strlen (b->klass->message (b)) > 20, "a refusal has a message");
  b->klass->destroy (b);
}

static void
test_row_numbers (void)
{
  TacetBackend *b = tacet_cpu_backend_new (1);
  float table[6] = { 0, 1, 2, 3, 4, 5 }, out[4];
  int32_t ids[2] = { 1, 3 };
  TacetStep step = { .op = TACET_OP_GATHER, .n_inputs = 2, .out = f32 (1, 1, 2, 2) };

  step.in[0] = f32 (1, 1, 3, 2);
  step.in[0].data = table;
  step.in[1] = (TacetOperand){ ids, { { 1, 1, 2, 1 } }, TACET_I32 };
  step.out.data = out;
  check (b->klass->run (b, &step, NULL) == TACET_DEVICE_ERROR && strstr (b->klass->message (b), "Row 3") != NULL,
         "a row outside of the table is an error with a message");
  ids[1] = -1;
  check (b->klass->run (b, &step, NULL) == TACET_DEVICE_ERROR, "so is a negative row");
  ids[1] = 2;
  check (b->klass->run (b, &step, NULL) == TACET_OK && out[0] == 2 && out[3] == 5, "rows inside are copied");
  b->klass->destroy (b);
}

/* ---- in place ---- */

static bool
may_be_in_place (const TacetStep *step, int input)
{
  return (step->op == TACET_OP_ADD || step->op == TACET_OP_MUL || step->op == TACET_OP_AFFINE ||
          step->op == TACET_OP_FN || step->op == TACET_OP_FN_MUL || step->op == TACET_OP_SOFTMAX ||
          step->op == TACET_OP_SOFTMAX_BACK || (step->op == TACET_OP_COMBINE && input == 0)) &&
         tacet_shape_equal (step->in[input].shape, step->out.shape);
}

/* Runs a case; the output is input `over` unless that is -1. */
static void *
run_case (TacetBackend *b, const TacetStep *given, int over)
{
  TacetStep step = *given;
  void *scratch = memory (b->klass->scratch (b, &step)), *out;

  for (int i = 0; i < step.n_inputs; i++)
    {
      step.in[i].data = memory (bytes_of (&step.in[i]));
      tacet_case_fill (&step, i, step.in[i].data);
    }
  step.out.data = over >= 0 ? step.in[over].data : memory (bytes_of (&step.out));
  if (over < 0)
    tacet_case_fill_out (&step, step.out.data);
  if (b->klass->run (b, &step, scratch) != TACET_OK)
    memset (step.out.data, 0xff, bytes_of (&step.out));
  out = step.out.data;
  for (int i = 0; i < step.n_inputs; i++)
    if (i != over)
      free (step.in[i].data);
  free (scratch);
  return out;
}

static void
test_in_place (void)
{
  TacetBackend *b = tacet_cpu_backend_new (2);
  int n_cases, ran = 0, differ = 0;
  const TacetCase *cases = tacet_op_cases (&n_cases);

  for (int i = 0; i < n_cases; i++)
    for (int input = 0; input < cases[i].step.n_inputs; input++)
      if (may_be_in_place (&cases[i].step, input))
        {
          void *apart = run_case (b, &cases[i].step, -1), *over = run_case (b, &cases[i].step, input);
          ran++;
          differ += memcmp (apart, over, bytes_of (&cases[i].step.out)) != 0;
          free (apart);
          free (over);
        }
  check (ran > 60 && differ == 0, "in place gives the same bits");
  b->klass->destroy (b);
}

static void
test_no_control (void)
{
  TacetBackend *b = tacet_cpu_backend_new (1);
  float f[3] = { 1.5f, -0.0f, NAN }, coef[1] = { 0 }, control[3] = { INFINITY, 2, 3 }, out[3] = { 0 };
  TacetStep step = { .op = TACET_OP_COMBINE, .n_inputs = 3, .out = f32 (1, 1, 1, 3) };

  step.in[0] = step.in[2] = step.out;
  step.in[1] = f32 (1, 1, 1, 1);
  step.in[0].data = f;
  step.in[1].data = coef;
  step.in[2].data = control;
  step.out.data = out;
  check (b->klass->run (b, &step, NULL) == TACET_OK && memcmp (f, out, sizeof f) == 0,
         "without coefficients the features stay, bit for bit");
  b->klass->destroy (b);
}

/* ---- several instances at once ---- */

static void *
run_list (void *data)
{
  bool *differs = data;
  TacetBackend *alone = tacet_cpu_backend_new (1), *pool = tacet_cpu_backend_new (2);
  int n_cases;
  const TacetCase *cases = tacet_op_cases (&n_cases);

  for (int i = 0; i < n_cases; i++)
    if (cases[i].step.op >= TACET_OP_MATMUL && cases[i].step.op < TACET_OP_ADAMW)
      for (int round = 0; round < 3; round++)
        {
          void *x = run_case (alone, &cases[i].step, -1), *y = run_case (pool, &cases[i].step, -1);
          *differs |= memcmp (x, y, bytes_of (&cases[i].step.out)) != 0;
          free (x);
          free (y);
        }
  alone->klass->destroy (alone);
  pool->klass->destroy (pool);
  return NULL;
}

static void
test_instances (void)
{
  pthread_t threads[3];
  bool differs[3] = { false }, any = false;
  int started = 0;

  for (; started < 3; started++)
    if (pthread_create (&threads[started], NULL, run_list, &differs[started]) != 0)
      break;
  for (int i = 0; i < started; i++)
    {
      pthread_join (threads[i], NULL);
      any |= differs[i];
    }
  check (started == 3 && !any, "instances side by side do not disturb each other");
}

/* ---- levels of instructions ---- */

/* NULL: this machine does not have it. */
static TacetBackend *
backend_at (const char *level)
{
  TacetBackend *b;

  setenv ("TACET_CPU_LEVEL", level, 1);
  b = tacet_cpu_backend_new (2);
  if (strcmp (tacet_cpu_backend_level (b), level) == 0)
    return b;
  b->klass->destroy (b);
  return NULL;
}

static void
test_level_choice (void)
{
  TacetBackend *best, *unknown;

  unsetenv ("TACET_CPU_LEVEL");
  best = tacet_cpu_backend_new (1);
  unknown = backend_at ("x86-64-v9");
  check (unknown == NULL && tacet_cpu_backend_level (best)[0] != 0, "an unknown level is not obeyed");
  best->klass->destroy (best);
}

/* Both have fused multiply-adds, and no sum depends on the width of the registers. */
static void
test_level_bits (void)
{
  const char *name = "the levels with fused multiply-adds give the same bits";
  TacetBackend *v3 = backend_at ("x86-64-v3"), *v4 = backend_at ("x86-64-v4");
  int n_cases, differ = 0;
  const TacetCase *cases = tacet_op_cases (&n_cases);

  for (int i = 0; i < n_cases && v3 != NULL && v4 != NULL; i++)
    {
      void *x = run_case (v3, &cases[i].step, -1), *y = run_case (v4, &cases[i].step, -1);
      if (memcmp (x, y, bytes_of (&cases[i].step.out)) != 0)
        printf ("# %s differs\n", cases[i].name);
      differ += memcmp (x, y, bytes_of (&cases[i].step.out)) != 0;
      free (x);
      free (y);
    }
  if (v3 != NULL && v4 != NULL)
    check (differ == 0, name);
  else
    printf ("ok %d - %s # SKIP this machine does not have two of them\n", ++n_checks, name);
  if (v3 != NULL)
    v3->klass->destroy (v3);
  if (v4 != NULL)
    v4->klass->destroy (v4);
}

/* ---- the pool ---- */

static void
count_task (void *context, int64_t index)
{
  ((unsigned char *) context)[index]++;
}

static void
test_pool (void)
{
  int ended = 0;

  for (int threads = 1; threads <= 4; threads++)
    {
      TacetBackend *b = tacet_cpu_backend_new (threads);
      unsigned char counts[257];
      bool once = tacet_cpu_backend_threads (b) == threads;
      for (int round = 0; round < 300; round++)
        {
          const int64_t n = round % 258;
          memset (counts, 0, sizeof counts);
          tacet_cpu_backend_parallel (b, n, count_task, counts);
          for (int64_t i = 0; i < 257; i++)
            once = once && counts[i] == (i < n);
        }
      check (once, "every task runs once");
      b->klass->destroy (b);
    }
  for (int i = 0; i < 50; i++)
    {
      TacetBackend *b = tacet_cpu_backend_new (3);
      ended += tacet_cpu_backend_threads (b) == 3;
      b->klass->destroy (b);
    }
  check (ended == 50, "a pool without work ends");
}

/* ---- 16 bits ---- */

/* Every finite number of f16, from 0 upwards, then their negatives. */
static float
half_value (int i)
{
  const int size = i % 0x7c00, exponent = size >> 10;
  const float value = exponent == 0 ? ldexpf ((float) size, -24) : ldexpf (0x400 + size % 0x400, exponent - 25);

  return i < 0x7c00 ? value : -value;
}

static void
test_halves (void)
{
  enum
  {
    n = 2 * 0x7c00
  };
  TacetBackend *b = tacet_cpu_backend_new (1);
  float one = 1, *weights = memory (n * sizeof *weights), *out = memory (n * sizeof *out);
  TacetStep step = { .op = TACET_OP_MATMUL, .n_inputs = 2, .attrs.a = 1, .precision = TACET_PRECISION_F16 };
  void *packed, *scratch;
  bool same = true;

  step.in[0] = f32 (1, 1, 1, 1);
  step.in[1] = step.out = f32 (1, 1, 1, n);
  step.in[0].data = &one;
  step.in[1].data = weights;
  step.out.data = out;
  for (int i = 0; i < n; i++)
    weights[i] = half_value (i);
  step.packed = packed = memory (b->klass->packed_size (b, &step));
  scratch = memory (b->klass->scratch (b, &step));
  b->klass->pack (b, &step, packed, scratch);
  b->klass->run (b, &step, scratch);
  for (int i = 0; i < n; i++)
    same = same && out[i] == half_value (i);
  check (same && b->klass->packed_size (b, &step) <= n * 2, "every number of 16 bits rests in 16 bits");
  free (weights);
  free (out);
  free (packed);
  free (scratch);
  b->klass->destroy (b);
}

/* ---- ends of the range ---- */

static void
apply (TacetFn fn, int order, const float *x, float *y, int64_t n)
{
  TacetBackend *b = tacet_cpu_backend_new (1);
  TacetStep step = { .op = TACET_OP_FN, .n_inputs = 1, .attrs = { .fn = fn, .order = order, .a = -1, .b = 1 } };

  step.in[0] = step.out = f32 (1, 1, 1, n);
  step.in[0].data = (void *) x;
  step.out.data = y;
  b->klass->run (b, &step, NULL);
  b->klass->destroy (b);
}

static void
test_range (void)
{
  const float x[10] = { 0, -0.0f, 88.7f, -87, 100, -110, INFINITY, -INFINITY, 1e-30f, NAN };
  const TacetFn bounded[5] = { TACET_FN_TANH, TACET_FN_SIGMOID, TACET_FN_SILU, TACET_FN_GELU, TACET_FN_QUICK_GELU };
  float y[10];
  bool finite = true, nan = true;

  apply (TACET_FN_EXP, 0, x, y, 10);
  check (y[0] == 1 && y[1] == 1 && fabs (y[2] / exp (88.7f) - 1) < 3e-6 && fabs (y[3] / exp (-87.0) - 1) < 3e-6 &&
             y[4] == INFINITY && y[5] == 0 && y[6] == INFINITY && y[7] == 0 && y[8] == 1 && isnan (y[9]),
         "exp at the ends of its range");
  apply (TACET_FN_SIGMOID, 0, x, y, 10);
  check (y[0] == 0.5f && y[4] == 1 && y[5] < 1e-37f && y[6] == 1 && y[7] < 1e-37f, "sigmoid at the ends of its range");
  apply (TACET_FN_TANH, 0, x, y, 10);
  check (y[0] == 0 && signbit (y[1]) && y[4] == 1 && y[5] == -1 && y[6] == 1 && y[7] == -1 && y[8] == 1e-30f,
         "tanh at the ends of its range");
  for (int i = 0; i < 5; i++)
    for (int order = 0; order < 4; order++)
      {
        apply (bounded[i], order, x, y, 10);
        for (int k = 0; k < 6; k++)
          finite = finite && isfinite (y[k]);
        nan = nan && isnan (y[9]);
      }
  check (finite, "smooth functions and their derivatives stay finite for finite numbers");
  check (nan, "what is not a number stays so");
  apply (TACET_FN_CLAMP, 0, x, y, 10);
  check (y[4] == 1 && y[5] == -1 && y[6] == 1 && y[7] == -1 && isnan (y[9]), "clamp at the ends of its range");
}

#define KEYS     1000
#define QUERIES  40
#define CHANNELS 8

/* The first result of attention whose scores are those of all queries, and whose values are the numbers of the keys. */
static float
attend (const float *scores)
{
  TacetBackend *b = tacet_cpu_backend_new (1);
  TacetStep step = { .op = TACET_OP_ATTENTION, .n_inputs = 3, .attrs = { .a = 1, .heads = 1 } };
  float q[QUERIES * CHANNELS] = { 0 }, *k = calloc (KEYS * CHANNELS, sizeof *k),
                    *v = calloc (KEYS * CHANNELS, sizeof *v);
  float out[QUERIES * CHANNELS];
  bool same = true;
  void *scratch;

  for (int i = 0; i < QUERIES; i++)
    q[i * CHANNELS + 1] = 1;
  for (int j = 0; k != NULL && v != NULL && j < KEYS; j++)
    {
      k[j * CHANNELS + 1] = scores[j];
      v[j * CHANNELS] = (float) j;
    }
  step.in[0] = f32 (1, 1, QUERIES, CHANNELS);
  step.in[1] = step.in[2] = f32 (1, 1, KEYS, CHANNELS);
  step.out = step.in[0];
  step.in[0].data = q;
  step.in[1].data = k;
  step.in[2].data = v;
  step.out.data = out;
  scratch = memory (b->klass->scratch (b, &step));
  if (k == NULL || v == NULL || b->klass->run (b, &step, scratch) != TACET_OK)
    exit (2);
  for (int i = 1; i < QUERIES; i++)
    same = same && (out[i * CHANNELS] == out[0] || isnan (out[0]));
  free (k);
  free (v);
  free (scratch);
  b->klass->destroy (b);
  return same ? out[0] : -1;
}

/* Scores so far apart that the weights of one block of keys have no room beside those of another. */
static void
test_far_scores (void)
{
  float scores[KEYS] = { 0 };

  scores[10] = 200;
  check (attend (scores) == 10, "a key far above all later ones has all the weight");
  scores[10] = 0;
  scores[500] = scores[700] = 120;
  check (fabsf (attend (scores) - 600) < 1e-3f, "so have two far above all earlier ones");
  scores[900] = 2000;
  check (attend (scores) == 900, "and one above these");
  for (int j = 0; j < KEYS; j++)
    scores[j] = (float) (j / 100) * 90;
  check (fabsf (attend (scores) - 949.5f) < 1e-3f, "scores that grow from block to block");
  for (int j = 0; j < KEYS; j++)
    scores[j] = -(float) (j / 100) * 1e6f;
  check (fabsf (attend (scores) - 49.5f) < 1e-4f, "scores that fall");
  scores[999] = NAN;
  check (isnan (attend (scores)), "what is not a number is seen in the result");
}

int
main (int argc, char **argv)
{
  const char *level = getenv ("TACET_CPU_LEVEL");
  TacetBackend *b = level != NULL ? backend_at (level) : tacet_cpu_backend_new (1);

  if (b == NULL)
    {
      printf ("1..0 # SKIP this machine has no %s\n", level);
      return 0;
    }
  b->klass->destroy (b);
  test_budget ();
  test_refusals ();
  test_row_numbers ();
  test_in_place ();
  test_no_control ();
  test_instances ();
  test_pool ();
  test_halves ();
  test_range ();
  test_far_scores ();
  test_level_choice ();
  test_level_bits ();
  printf ("1..%d\n", n_checks);
  return n_failed > 0;
}
