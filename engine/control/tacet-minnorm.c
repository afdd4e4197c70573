/* tacet-minnorm.c: the point of least norm in the convex hull of some vectors, from their Gram matrix.
 *
 * Room: engine/control.  Source: Wolfe 1976 ("Finding the nearest point in a polytope"); the pair as in
 * Desideri 2012 and Sener & Koltun 2018 (equation 4), with exact 0 and 1 at the ends.
 */
#include "tacet-balance.h"
#include <math.h>
#include <string.h>

#define N_MAX     TACET_MAX_CONTROLS
#define TINY      1e-12 /* a weight below this is 0; also the relative gap of the optimality test */
#define PIVOT_MIN 1e-13

double
tacet_minnorm_pair (double g11, double g12, double g22)
{
  /* Both signs at once only when v1 = v2: then any weight is optimal. */
  if (g12 >= g11 && g12 >= g22)
    return 0.5;
  if (g12 >= g11)
    return 1;
  if (g12 >= g22)
    return 0;
  return CLAMP ((g22 - g12) / (g11 + g22 - 2 * g12), 0.0, 1.0);
}

/* The support S of Wolfe's method: the vectors whose weights may be positive. */
typedef struct
{
  const double *gram; /* n x n, divided by its trace */
  int n;
  int support[N_MAX], n_support;
  double w[N_MAX]; /* one per vector */
} Wolfe;

static double
wolfe_gram (const Wolfe *self, int k, int l)
{
  return self->gram[k * self->n + l];
}

static void
swap_columns (double *a, int stride, int rows, int i, int j)
{
  for (int r = 0; r < rows; r++)
    {
      double t = a[r * stride + i];
      a[r * stride + i] = a[r * stride + j];
      a[r * stride + j] = t;
    }
}

/* Brings the largest entry of the remaining block to (step, step); FALSE: the rest is zero. */
static gboolean
pivot (double *a, int stride, int m, int step, int *order)
{
  int row = step, column = step;
  for (int i = step; i < m; i++)
    for (int j = step; j < m; j++)
      if (fabs (a[i * stride + j]) > fabs (a[row * stride + column]))
        {
          row = i;
          column = j;
        }
  if (!(fabs (a[row * stride + column]) > PIVOT_MIN))
    return FALSE;
  for (int j = 0; j < stride && row != step; j++)
    {
      double t = a[row * stride + j];
      a[row * stride + j] = a[step * stride + j];
      a[step * stride + j] = t;
    }
  swap_columns (a, stride, m, step, column);
  int t = order[step];
  order[step] = order[column];
  order[column] = t;
  return TRUE;
}

/* Gauss with complete pivoting; unknowns beyond the rank are 0.  a: m x (m + 1), the right side last. */
static void
solve_revealing_rank (double *a, int m, double *x)
{
  int stride = m + 1, order[N_MAX + 1], rank = 0;
  for (int i = 0; i < m; i++)
    order[i] = i;
  for (; rank < m && pivot (a, stride, m, rank, order); rank++)
    for (int i = rank + 1; i < m; i++)
      {
        double factor = a[i * stride + rank] / a[rank * stride + rank];
        for (int j = rank; j < stride; j++)
          a[i * stride + j] -= factor * a[rank * stride + j];
      }
  memset (x, 0, m * sizeof (double));
  for (int i = rank - 1; i >= 0; i--)
    {
      double sum = a[i * stride + m];
      for (int j = i + 1; j < rank; j++)
        sum -= a[i * stride + j] * x[order[j]];
      x[order[i]] = sum / a[i * stride + i];
    }
}

/* The least point of the affine hull of the support: weights y that sum to 1, of any sign. */
static void
wolfe_affine (const Wolfe *self, double *y)
{
  int m = self->n_support + 1, stride = m + 1;
  double a[(N_MAX + 1) * (N_MAX + 2)] = { 0 }, x[N_MAX + 1];
  for (int i = 1; i < m; i++)
    {
      a[i] = a[i * stride] = 1;
      for (int j = 1; j < m; j++)
        a[i * stride + j] = wolfe_gram (self, self->support[i - 1], self->support[j - 1]);
    }
  a[m] = 1;
  solve_revealing_rank (a, m, x);
  for (int i = 0; i < self->n_support; i++)
    y[i] = x[i + 1];
}

static void
wolfe_start (Wolfe *self)
{
  int least = 0;
  for (int k = 1; k < self->n; k++)
    if (wolfe_gram (self, k, k) < wolfe_gram (self, least, least))
      least = k;
  memset (self->w, 0, sizeof self->w);
  self->w[least] = 1;
  self->support[0] = least;
  self->n_support = 1;
}

/* Steps from w towards y as far as the simplex allows and drops what became 0. */
static void
wolfe_retreat (Wolfe *self, const double *y)
{
  double step = 1, sum = 0;
  for (int i = 0; i < self->n_support; i++)
    {
      double w = self->w[self->support[i]];
      if (y[i] <= TINY && w > y[i])
        step = MIN (step, w / (w - y[i]));
    }
  int kept = 0;
  for (int i = 0; i < self->n_support; i++)
    {
      int k = self->support[i];
      self->w[k] += step * (y[i] - self->w[k]);
      if (self->w[k] <= TINY)
        self->w[k] = 0;
      else
        self->support[kept++] = k;
      sum += self->w[k];
    }
  self->n_support = kept;
  for (int i = 0; i < kept; i++)
    self->w[self->support[i]] /= sum;
}

static void
wolfe_descend (Wolfe *self)
{
  for (int round = 0; round <= N_MAX; round++)
    {
      double y[N_MAX];
      gboolean inside = TRUE;
      wolfe_affine (self, y);
      for (int i = 0; i < self->n_support; i++)
        inside = inside && y[i] > TINY;
      if (inside)
        {
          for (int i = 0; i < self->n_support; i++)
            self->w[self->support[i]] = y[i];
          return;
        }
      wolfe_retreat (self, y);
      if (self->n_support == 0)
        wolfe_start (self);
      if (self->n_support == 1)
        return;
    }
}

/* The vector that the current point forms the widest angle with; -1: the point is optimal. */
static int
wolfe_improve (const Wolfe *self)
{
  double value = 0, least = 0;
  int best = -1;
  for (int k = 0; k < self->n; k++)
    {
      double q = 0;
      for (int l = 0; l < self->n; l++)
        q += wolfe_gram (self, k, l) * self->w[l];
      value += self->w[k] * q;
      if (best < 0 || q < least)
        {
          least = q;
          best = k;
        }
    }
  if (!(least < value - TINY))
    return -1;
  for (int i = 0; i < self->n_support; i++)
    if (self->support[i] == best)
      return -1;
  return best;
}

static void
wolfe_solve (Wolfe *self)
{
  wolfe_start (self);
  for (int round = 0; round < 100 * self->n; round++)
    {
      int next = wolfe_improve (self);
      if (next < 0)
        return;
      self->support[self->n_support++] = next;
      wolfe_descend (self);
    }
}

/* first[k]: the smallest index with the same vector as k. */
static void
find_equals (const double *gram, int n, int *first)
{
  for (int k = 0; k < n; k++)
    {
      first[k] = k;
      for (int l = 0; l < k && first[k] == k; l++)
        {
          double kk = gram[k * n + k], ll = gram[l * n + l], distance = kk + ll - 2 * gram[k * n + l];
          if (first[l] == l && distance <= 1e-13 * (kk + ll))
            first[k] = l;
        }
    }
}

void
tacet_minnorm (const double *gram, int n, double *weights)
{
  double trace = 0, reduced[N_MAX * N_MAX];
  int first[N_MAX], distinct[N_MAX], n_distinct = 0, n_equal[N_MAX] = { 0 };
  g_return_if_fail (n >= 1 && n <= N_MAX);
  for (int k = 0; k < n; k++)
    trace += gram[k * n + k];
  if (!(trace > 0) || !isfinite (trace))
    {
      for (int k = 0; k < n; k++)
        weights[k] = 1.0 / n;
      return;
    }

  find_equals (gram, n, first);
  for (int k = 0; k < n; k++)
    {
      n_equal[first[k]]++;
      if (first[k] == k)
        distinct[n_distinct++] = k;
    }
  for (int i = 0; i < n_distinct; i++)
    for (int j = 0; j < n_distinct; j++)
      reduced[i * n_distinct + j] = gram[distinct[i] * n + distinct[j]] / trace;

  Wolfe wolfe = { .gram = reduced, .n = n_distinct };
  wolfe_solve (&wolfe);
  for (int i = 0; i < n_distinct; i++)
    for (int k = 0; k < n; k++)
      if (first[k] == distinct[i])
        weights[k] = wolfe.w[i] / n_equal[distinct[i]];
}
