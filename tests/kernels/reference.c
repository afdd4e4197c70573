/* reference.c: see reference.h.
 *
 * Room: tests/kernels.
 */
#include "reference.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Element {i0, i1, i2, i3} of a dense operand; an index is taken as 0 where the operand has size 1. */
static int64_t
at (TacetShape s, const int64_t i[4])
{
  int64_t offset = 0;

  for (int k = 0; k < 4; k++)
    offset = offset * s.d[k] + (s.d[k] == 1 ? 0 : i[k]);
  return offset;
}

static int64_t
at4 (TacetShape s, int64_t a, int64_t b, int64_t c, int64_t d)
{
  return at (s, (int64_t[4]){ a, b, c, d });
}

static void
split (TacetShape s, int64_t index, int64_t i[4])
{
  for (int k = 3; k >= 0; k--)
    {
      i[k] = index % s.d[k];
      index /= s.d[k];
    }
}

/* ---- functions: orders above 0 are written out, not derived from the code under test ---- */

static double
sigmoid (double x)
{
  return 1 / (1 + exp (-x));
}

static double
silu (double x, int order)
{
  const double s = sigmoid (x), s1 = s * (1 - s), s2 = s1 * (1 - 2 * s), s3 = s2 * (1 - 2 * s) - 2 * s1 * s1;

  /* (x s)^(k) = x s^(k) + k s^(k-1) */
  return order == 0 ? x * s : order == 1 ? x * s1 + s : order == 2 ? x * s2 + 2 * s1 : x * s3 + 3 * s2;
}

static double
gelu (double x, int order)
{
  const double p = 0.5 * erfc (-x * sqrt (0.5)), d = exp (-x * x / 2) / sqrt (2 * M_PI), d1 = -x * d,
               d2 = (x * x - 1) * d;

  return order == 0 ? x * p : order == 1 ? x * d + p : order == 2 ? x * d1 + 2 * d : x * d2 + 3 * d1;
}

static double
power (double x, double p, int order)
{
  double factor = 1;

  for (int i = 0; i < order; i++)
    factor *= p - i;
  return factor == 0 ? 0 : factor * pow (x, p - order);
}

static double
function (const TacetAttrs *a, double x)
{
  const int k = a->order;
  const double s = sigmoid (x), t = tanh (x), u = 1 - t * t;

  switch (a->fn)
    {
    case TACET_FN_POWER:
      return power (x, a->a, k);
    case TACET_FN_EXP:
      return exp (x);
    case TACET_FN_LOG:
      return k == 0 ? log (x) : power (x, -1, k - 1);
    case TACET_FN_SIN:
      return sin (x + k * M_PI / 2);
    case TACET_FN_COS:
      return cos (x + k * M_PI / 2);
    case TACET_FN_TANH:
      return k == 0 ? t : k == 1 ? u : k == 2 ? -2 * t * u : -2 * u * u + 4 * t * t * u;
    case TACET_FN_SIGMOID:
      return k == 0   ? s
             : k == 1 ? s * (1 - s)
             : k == 2 ? s * (1 - s) * (1 - 2 * s)
                      : s * (1 - s) * (1 - 6 * s + 6 * s * s);
    case TACET_FN_SILU:
      return silu (x, k);
    case TACET_FN_GELU:
      return gelu (x, k);
    case TACET_FN_QUICK_GELU:
      return pow (1.702, k - 1) * silu (1.702 * x, k);
    case TACET_FN_ABS:
      return k == 0 ? fabs (x) : k == 1 ? (x > 0) - (x < 0) : 0;
    case TACET_FN_CLAMP:
      return k == 0 ? fmin (fmax (x, a->a), a->b) : k == 1 ? x >= a->a && x <= a->b : 0;
    default:
      return NAN;
    }
}

/* ---- element by element, and moving ---- */

static void
elementwise (const TacetStep *step, double *const in[], double *out)
{
  const TacetAttrs *t = &step->attrs;

  for (int64_t n = 0; n < tacet_shape_count (step->out.shape); n++)
    {
      int64_t i[4];
      double a, b = 0;
      split (step->out.shape, n, i);
      a = in[0][at (step->in[0].shape, i)];
      if (step->n_inputs > 1)
        b = in[1][at (step->in[1].shape, i)];
      switch (step->op)
        {
        case TACET_OP_ADD:
          out[n] = t->a * a + t->b * b;
          break;
        case TACET_OP_MUL:
          out[n] = t->a * a * b;
          break;
        case TACET_OP_AFFINE:
          out[n] = t->a * a + t->b;
          break;
        case TACET_OP_FN:
          out[n] = function (t, a);
          break;
        case TACET_OP_FN_MUL:
          out[n] = a * function (t, b);
          break;
        case TACET_OP_SOFTMAX_BACK:
          out[n] = 0;
          for (int64_t c = 0; c < step->out.shape.d[3]; c++)
            out[n] -= in[0][n - i[3] + c] * in[1][n - i[3] + c];
          out[n] = b * (a + out[n]);
          break;
        default:
          out[n] = a;
        }
    }
}

static void
accumulate (const TacetStep *step, double *const in[], double *out)
{
  const TacetShape x = step->in[0].shape;

  memset (out, 0, tacet_shape_count (step->out.shape) * sizeof *out);
  for (int64_t n = 0; n < tacet_shape_count (x); n++)
    {
      int64_t i[4];
      split (x, n, i);
      if (step->op == TACET_OP_DOWNSUM)
        {
          i[1] /= 2;
          i[2] /= 2;
        }
      if (step->op == TACET_OP_SCATTER_ADD)
        {
          i[2] = (int64_t) in[1][i[0] * x.d[2] + i[2]];
          i[0] = 0;
        }
      out[at (step->out.shape, i)] += in[0][n];
    }
}

static void
move (const TacetStep *step, double *const in[], double *out)
{
  const TacetAttrs *t = &step->attrs;

  for (int64_t n = 0; n < tacet_shape_count (step->out.shape); n++)
    {
      int64_t i[4], j[4];
      int source = 0;
      bool inside = true;
      split (step->out.shape, n, i);
      memcpy (j, i, sizeof j);
      switch (step->op)
        {
        case TACET_OP_PERMUTE:
          for (int k = 0; k < 4; k++)
            j[t->perm[k]] = i[k];
          break;
        case TACET_OP_CONCAT:
          while (j[t->axis] >= step->in[source].shape.d[t->axis])
            j[t->axis] -= step->in[source++].shape.d[t->axis];
          break;
        case TACET_OP_SLICE:
          j[t->axis] += t->start;
          break;
        case TACET_OP_PAD:
          j[t->axis] -= t->start;
          inside = j[t->axis] >= 0 && j[t->axis] < step->in[0].shape.d[t->axis];
          break;
        case TACET_OP_UPSAMPLE:
          j[1] /= 2;
          j[2] /= 2;
          break;
        default: /* GATHER */
          j[0] = 0;
          j[2] = (int64_t) in[1][i[0] * step->out.shape.d[2] + i[2]];
        }
      out[n] = inside ? in[source][at (step->in[source].shape, j)] : 0;
    }
}

/* ---- products ---- */

static double
element (const TacetStep *step, double *const in[], const int64_t i[4], int64_t column)
{
  const TacetShape a = step->in[0].shape, b = step->in[1].shape;
  const bool ta = step->attrs.trans_a, tb = step->attrs.trans_b;
  double sum = 0;

  for (int64_t k = 0; k < a.d[ta ? 2 : 3]; k++)
    sum += in[0][at4 (a, i[0], i[1], ta ? k : i[2], ta ? i[2] : k)] *
           in[1][at4 (b, i[0], i[1], tb ? column : k, tb ? k : column)];
  return step->attrs.a * sum + (step->n_inputs > 2 ? in[2][column] : 0);
}

static void
matmul (const TacetStep *step, double *const in[], double *out)
{
  for (int64_t n = 0; n < tacet_shape_count (step->out.shape); n++)
    {
      int64_t i[4];
      split (step->out.shape, n, i);
      out[n] = element (step, in, i, i[3]);
      if (step->attrs.gated)
        out[n] *= function (&step->attrs, element (step, in, i, step->out.shape.d[3] + i[3]));
    }
}

/* Every product of an input pixel, a weight and an output pixel, given to the one of the three that
 * the operation wants. */
static void
convolution (const TacetStep *step, double *const in[], double *out)
{
  const TacetOp op = step->op;
  const TacetAttrs *t = &step->attrs;
  const TacetShape xs = op == TACET_OP_CONV_DATA ? step->out.shape : step->in[0].shape;
  const TacetShape ws = op == TACET_OP_CONV_WEIGHT ? step->out.shape : step->in[1].shape;
  const TacetShape ys = op == TACET_OP_CONV        ? step->out.shape
                        : op == TACET_OP_CONV_DATA ? step->in[0].shape
                                                   : step->in[1].shape;
  const int64_t taps = ws.d[1] * ws.d[2];

  for (int64_t n = 0; n < tacet_shape_count (step->out.shape); n++)
    out[n] = op == TACET_OP_CONV && step->n_inputs > 2 ? in[2][n % ys.d[3]] : 0;
  for (int64_t pixel = 0; pixel < ys.d[0] * ys.d[1] * ys.d[2]; pixel++)
    for (int64_t tap = 0; tap < taps; tap++)
      {
        const int64_t h = pixel / ys.d[2] % ys.d[1] * t->stride - t->pad_top + tap / ws.d[2];
        const int64_t w = pixel % ys.d[2] * t->stride - t->pad_left + tap % ws.d[2];
        const int64_t x_at = ((pixel / ys.d[2] / ys.d[1] * xs.d[1] + h) * xs.d[2] + w) * xs.d[3];
        if (h < 0 || h >= xs.d[1] || w < 0 || w >= xs.d[2])
          continue;
        for (int64_t o = 0; o < ys.d[3]; o++)
          for (int64_t c = 0; c < xs.d[3]; c++)
            {
              const int64_t x = x_at + c, y = pixel * ys.d[3] + o, weight = (o * taps + tap) * xs.d[3] + c;
              if (op == TACET_OP_CONV)
                out[y] += in[0][x] * in[1][weight];
              else if (op == TACET_OP_CONV_DATA)
                out[x] += in[0][y] * in[1][weight];
              else
                out[weight] += in[0][x] * in[1][y];
            }
      }
}

/* ---- normalisation ---- */

static void
norm (const TacetStep *step, double *const in[], double *out)
{
  const bool back = step->op != TACET_OP_NORM, weight = step->op == TACET_OP_NORM_BACK_WEIGHT;
  const TacetShape s = step->in[0].shape;
  const double *x = in[back ? 1 : 0], *g = in[0], *gamma = step->n_inputs > back + 1 ? in[back + 1] : NULL;
  const int64_t size = s.d[1] * s.d[2], c = s.d[3], per = c / step->attrs.groups;

  if (weight)
    memset (out, 0, 2 * c * sizeof *out);
  for (int64_t part = 0; part < s.d[0] * step->attrs.groups; part++)
    {
      const int64_t base = part / step->attrs.groups * size * c, first = part % step->attrs.groups * per;
      double mean = 0, var = 0, mean_h = 0, mean_hx = 0;
#define EACH                                                                                                           \
  for (int64_t p = 0; p < size; p++)                                                                                   \
    for (int64_t k = first; k < first + per; k++)
#define X    x[base + p * c + k]
#define H    (g[base + p * c + k] * (gamma != NULL ? gamma[k] : 1))
#define XHAT ((X - mean) / sqrt (var + step->attrs.a))
      EACH mean += X / (size * per);
      EACH var += (X - mean) * (X - mean) / (size * per);
      EACH mean_h += H / (size * per);
      EACH mean_hx += H * XHAT / (size * per);
      EACH
      {
        if (weight)
          {
            out[k] += g[base + p * c + k] * XHAT;
            out[c + k] += g[base + p * c + k];
          }
        else if (back)
          out[base + p * c + k] = (H - mean_h - XHAT * mean_hx) / sqrt (var + step->attrs.a);
        else
          {
            double y = XHAT * (gamma != NULL ? gamma[k] : 1) + (step->n_inputs > 2 ? in[2][k] : 0);
            out[base + p * c + k] = step->attrs.silu ? silu (y, 0) : y;
          }
      }
#undef EACH
#undef X
#undef H
#undef XHAT
    }
}

/* ---- attention ---- */

static void
softmax_row (const double *x, double *out, int64_t n, int64_t seen)
{
  double top = -INFINITY, sum = 0;

  for (int64_t i = 0; i < seen; i++)
    top = fmax (top, x[i]);
  for (int64_t i = 0; i < seen; i++)
    sum += exp (x[i] - top);
  for (int64_t i = 0; i < n; i++)
    out[i] = i < seen ? exp (x[i] - top) / sum : 0;
}

static void
softmax (const TacetStep *step, double *const in[], double *out)
{
  const int64_t n = step->out.shape.d[3], rows = tacet_shape_count (step->out.shape) / n;

  for (int64_t row = 0; row < rows; row++)
    softmax_row (in[0] + row * n, out + row * n, n,
                 step->attrs.causal && row % step->out.shape.d[2] + 1 < n ? row % step->out.shape.d[2] + 1 : n);
}

static void
attention (const TacetStep *step, double *const in[], double *out)
{
  const bool back = step->op == TACET_OP_ATTENTION_BACK;
  const TacetShape qs = step->in[back].shape, ks = step->in[back + 1].shape;
  const double *q = in[back], *k = in[back + 1], *v = in[back + 2];
  const int64_t t = qs.d[2], s = ks.d[2], c = qs.d[3], d = c / step->attrs.heads;
  double *dq = out, *dk = out + tacet_shape_count (qs), *dv = dk + tacet_shape_count (ks);
  double *p = malloc (2 * s * sizeof *p), *dp = p + s;

  memset (out, 0, tacet_shape_count (step->out.shape) * sizeof *out);
  for (int64_t row = 0; row < qs.d[0] * t * step->attrs.heads; row++)
    {
      const int64_t head = row % step->attrs.heads, i = row / step->attrs.heads;
      const int64_t qa = i * c + head * d, ka = i / t * s * c + head * d;
      double dot = 0;
      memset (p, 0, s * sizeof *p);
      for (int64_t j = 0; j < s; j++)
        for (int64_t e = 0; e < d; e++)
          p[j] += step->attrs.a * q[qa + e] * k[ka + j * c + e];
      softmax_row (p, p, s, step->attrs.causal && i % t + 1 < s ? i % t + 1 : s);
      for (int64_t j = 0; j < s; j++)
        {
          dp[j] = 0;
          for (int64_t e = 0; e < d; e++)
            if (back)
              {
                dp[j] += in[0][qa + e] * v[ka + j * c + e];
                dv[ka + j * c + e] += p[j] * in[0][qa + e];
              }
            else
              out[qa + e] += p[j] * v[ka + j * c + e];
          dot += p[j] * dp[j];
        }
      for (int64_t j = 0; back && j < s; j++)
        for (int64_t e = 0; e < d; e++)
          {
            const double ds = p[j] * (dp[j] - dot) * step->attrs.a;
            dq[qa + e] += ds * k[ka + j * c + e];
            dk[ka + j * c + e] += ds * q[qa + e];
          }
    }
  free (p);
}

/* ---- minimal impact and the optimiser ---- */

static void
impact (const TacetStep *step, double *const in[], double *out)
{
  const TacetShape s = step->in[0].shape;
  const int64_t size = s.d[1] * s.d[2] * s.d[3], m = step->n_inputs;

  if (step->op == TACET_OP_GRAM)
    memset (out, 0, s.d[0] * m * m * sizeof *out);
  for (int64_t n = 0; n < s.d[0]; n++)
    for (int64_t i = n * size; i < (n + 1) * size; i++)
      if (step->op == TACET_OP_GRAM)
        for (int64_t j = 0; j < m * m; j++)
          out[n * m * m + j] += in[j / m][i] * in[j % m][i];
      else
        {
          out[i] = in[0][i];
          for (int64_t k = 0; k < m - 2; k++)
            out[i] += in[1][n * (m - 2) + k] * in[k + 2][i];
        }
}

static void
adamw (const TacetStep *step, double *const in[], double *out)
{
  const TacetAttrs *t = &step->attrs;

  for (int64_t i = 0; i < tacet_shape_count (step->out.shape); i++)
    {
      const double g = in[0][i] * t->scale;
      in[1][i] = t->beta1 * in[1][i] + (1 - (double) t->beta1) * g;
      in[2][i] = t->beta2 * in[2][i] + (1 - (double) t->beta2) * g * g;
      out[i] -= (double) t->lr * t->b * out[i];
      out[i] -=
          t->lr * (in[1][i] / (1 - pow (t->beta1, t->step))) / (sqrt (in[2][i] / (1 - pow (t->beta2, t->step))) + t->a);
      if (step->n_inputs > 3)
        in[3][i] += t->rest * (out[i] - in[3][i]);
    }
}

void
tacet_reference_run (const TacetStep *step, double *const in[TACET_MAX_INPUTS], double *out)
{
  switch (step->op)
    {
    case TACET_OP_ADD:
    case TACET_OP_MUL:
    case TACET_OP_AFFINE:
    case TACET_OP_FN:
    case TACET_OP_FN_MUL:
    case TACET_OP_BROADCAST:
    case TACET_OP_SOFTMAX_BACK:
      elementwise (step, in, out);
      break;
    case TACET_OP_SUM:
    case TACET_OP_DOWNSUM:
    case TACET_OP_SCATTER_ADD:
      accumulate (step, in, out);
      break;
    case TACET_OP_MATMUL:
      matmul (step, in, out);
      break;
    case TACET_OP_CONV:
    case TACET_OP_CONV_DATA:
    case TACET_OP_CONV_WEIGHT:
      convolution (step, in, out);
      break;
    case TACET_OP_NORM:
    case TACET_OP_NORM_BACK_DATA:
    case TACET_OP_NORM_BACK_WEIGHT:
      norm (step, in, out);
      break;
    case TACET_OP_SOFTMAX:
      softmax (step, in, out);
      break;
    case TACET_OP_ATTENTION:
    case TACET_OP_ATTENTION_BACK:
      attention (step, in, out);
      break;
    case TACET_OP_GRAM:
    case TACET_OP_COMBINE:
      impact (step, in, out);
      break;
    case TACET_OP_ADAMW:
      adamw (step, in, out);
      break;
    default:
      move (step, in, out);
    }
}
