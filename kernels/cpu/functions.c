/* functions.c: functions of one variable and their first three derivatives, alone (FN) or times a
 * second operand (FN_MUL).
 *
 * Room: kernels/.  The output may be the same memory as an input.
 */
#include "cpu.h"
#include "vector-functions.h"

#include <math.h>

typedef struct
{
  float *out;
  const float *g; /* or NULL */
  const float *x;
  TacetFn fn;
  int order;
  float a, b;
} Apply;

static inline VW
fn_tanh (VW x, int order)
{
  VW t = vw_tanh (x), q = 1.0f - t * t;

  return order == 0 ? t : order == 1 ? q : order == 2 ? -2.0f * t * q : q * (6.0f * t * t - 2.0f);
}

static inline VW
fn_sigmoid (VW x, int order)
{
  VW s = vw_sigmoid (x), q = s * (1.0f - s), t = 1.0f - 2.0f * s;

  return order == 0 ? s : order == 1 ? q : order == 2 ? q * t : q * (t * t - 2.0f * q);
}

static inline VW
fn_silu (VW x, int order)
{
  VW s = vw_sigmoid (x), q = s * (1.0f - s), t = 1.0f - 2.0f * s;

  return order == 0   ? x * s
         : order == 1 ? s + x * q
         : order == 2 ? q * (2.0f + x * t)
                      : q * (3.0f * t + x * (t * t - 2.0f * q));
}

static inline VW
fn_gelu (VW x, int order)
{
  VW density, p = vw_normal (x, &density), u = x * x;

  return order == 0   ? x * p
         : order == 1 ? p + x * density
         : order == 2 ? density * (2.0f - u)
                      : density * x * (u - 4.0f);
}

/* (1/k) silu (k x) */
static inline VW
fn_quick_gelu (VW x, int order)
{
  const float k = 1.702f;
  const float factor[4] = { 1 / k, 1, k, k * k };

  return factor[order] * fn_silu (k * x, order);
}

static inline VW
fn_abs (VW x, int order)
{
  VW sign = vw_select (vw_less (vw_set (0), x), vw_set (1), vw_select (vw_less (x, vw_set (0)), vw_set (-1), x * 0.0f));

  return order == 0 ? vw_abs (x) : order == 1 ? sign : x * 0.0f;
}

/* The derivative at the borders is 1. */
static inline VW
fn_clamp (VW x, int order, float low, float high)
{
  VW inside = vw_select ((x >= low) & (x <= high), vw_set (1), vw_set (0));

  return order == 0 ? vw_clamp (x, low, high) : order == 1 ? inside : vw_set (0);
}

static float
log_order (float x, int order)
{
  return order == 0 ? logf (x) : order == 1 ? 1 / x : order == 2 ? -1 / (x * x) : 2 / (x * x * x);
}

/* sin is sine shifted by 0, cos by 1 quarter; each derivative adds a quarter. */
static float
sine_order (float x, int quarters)
{
  switch (quarters & 3)
    {
    case 0:
      return sinf (x);
    case 1:
      return cosf (x);
    case 2:
      return -sinf (x);
    default:
      return -cosf (x);
    }
}

#define LOOP(EXPR)                                                                                                     \
  for (int64_t i = first; i < last; i += VW_LANES)                                                                     \
    {                                                                                                                  \
      int64_t n = last - i;                                                                                            \
      tacet_send_for (w->x, w->out, i);                                                                                \
      if (w->g != NULL)                                                                                                \
        tacet_send_for (w->g, w->out, i);                                                                              \
      VW x = n >= VW_LANES ? vw_load (w->x + i) : vw_load_part (w->x + i, n);                                          \
      VW y = EXPR;                                                                                                     \
      if (w->g != NULL)                                                                                                \
        y *= n >= VW_LANES ? vw_load (w->g + i) : vw_load_part (w->g + i, n);                                          \
      if (n >= VW_LANES)                                                                                               \
        vw_store (w->out + i, y);                                                                                      \
      else                                                                                                             \
        vw_store_part (w->out + i, y, n);                                                                              \
    }                                                                                                                  \
  break

#define LOOP_ORDERS(CALL)                                                                                              \
  switch (w->order)                                                                                                    \
    {                                                                                                                  \
    case 0:                                                                                                            \
      LOOP (CALL (x, 0));                                                                                              \
    case 1:                                                                                                            \
      LOOP (CALL (x, 1));                                                                                              \
    case 2:                                                                                                            \
      LOOP (CALL (x, 2));                                                                                              \
    default:                                                                                                           \
      LOOP (CALL (x, 3));                                                                                              \
    }                                                                                                                  \
  break

#define LOOP_SCALAR(EXPR)                                                                                              \
  for (int64_t i = first; i < last; i++)                                                                               \
    {                                                                                                                  \
      float x = w->x[i], y = EXPR;                                                                                     \
      w->out[i] = w->g != NULL ? w->g[i] * y : y;                                                                      \
    }                                                                                                                  \
  break

static void
power_range (const Apply *w, int64_t first, int64_t last)
{
  float p = w->a, factor = 1;

  for (int k = 0; k < w->order; k++, p -= 1)
    factor *= p;
  if (factor == 0) /* beyond the degree of the polynomial: 0, not 0 times infinity */
    p = 0;
  switch ((int) (2 * p) == 2 * p && fabsf (p) <= 3 ? (int) (2 * p) : 100)
    {
    case 0:
      LOOP (((void) x, vw_set (factor)));
    case 2:
      LOOP (factor * x);
    case 4:
      LOOP (factor * x * x);
    case 6:
      LOOP (factor * x * x * x);
    case 1:
      LOOP (factor * vw_sqrt (x));
    case -1:
      LOOP (factor / vw_sqrt (x));
    case -2:
      LOOP (factor / x);
    case -3:
      LOOP (factor / (x * vw_sqrt (x)));
    case -4:
      LOOP (factor / (x * x));
    default:
      LOOP_SCALAR (factor * powf (x, p));
    }
}

static void
apply_range (void *context, int64_t first, int64_t last)
{
  const Apply *w = context;
  const float a = w->a, b = w->b;

  switch (w->fn)
    {
    case TACET_FN_POWER:
      power_range (w, first, last);
      break;
    case TACET_FN_EXP:
      LOOP (vw_exp (x));
    case TACET_FN_LOG:
      LOOP_SCALAR (log_order (x, w->order));
    case TACET_FN_SIN:
      LOOP_SCALAR (sine_order (x, w->order));
    case TACET_FN_COS:
      LOOP_SCALAR (sine_order (x, w->order + 1));
    case TACET_FN_TANH:
      LOOP_ORDERS (fn_tanh);
    case TACET_FN_SIGMOID:
      LOOP_ORDERS (fn_sigmoid);
    case TACET_FN_SILU:
      LOOP_ORDERS (fn_silu);
    case TACET_FN_GELU:
      LOOP_ORDERS (fn_gelu);
    case TACET_FN_QUICK_GELU:
      LOOP_ORDERS (fn_quick_gelu);
    case TACET_FN_ABS:
      LOOP_ORDERS (fn_abs);
    case TACET_FN_CLAMP:
      LOOP (fn_clamp (x, w->order, a, b));
    default:
      break;
    }
}

void
tacet_fn_mul_row (TacetFn fn, const float *g, const float *x, int64_t n, float *out)
{
  Apply apply = { .out = out, .g = g, .x = x, .fn = fn };

  apply_range (&apply, 0, n);
}

static TacetStatus
run_fn (TacetCpu *cpu, const TacetStep *step, void *scratch)
{
  const bool times = step->op == TACET_OP_FN_MUL;
  Apply w = {
    .out = step->out.data,
    .g = times ? step->in[0].data : NULL,
    .x = step->in[times ? 1 : 0].data,
    .fn = step->attrs.fn,
    .order = step->attrs.order,
    .a = step->attrs.a,
    .b = step->attrs.b,
  };

  tacet_pool_range (cpu->pool, tacet_shape_count (step->out.shape), TACET_GRAIN, apply_range, &w);
  return TACET_OK;
}

const TacetCpuOp tacet_cpu_fn = { .run = run_fn };
const TacetCpuOp tacet_cpu_fn_mul = { .run = run_fn };
