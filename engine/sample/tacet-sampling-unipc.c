/* tacet-sampling-unipc.c: a predictor whose step the next evaluation corrects.
 *
 * Room: engine/sample.  Source: Zhao et al. 2023 (UniPC), algorithms 5 to 8, B(h) as in section 3.
 */
#include "config.h"
#include "tacet-schedule-private.h"
#include <math.h>
#include <string.h>

enum
{
  N_OUTPUTS = 3, /* estimates of x0, or of the noise, the newest first */
  BEFORE = N_OUTPUTS,
  NOW
};

/* Solves a x = b by elimination; n <= 3. */
static void
solve (int n, double a[3][3], const double b[3], double x[3])
{
  double rows[3][4];
  for (int i = 0; i < n; i++)
    for (int j = 0; j <= n; j++)
      rows[i][j] = j < n ? a[i][j] : b[i];
  for (int i = 0; i < n; i++)
    {
      int pivot = i;
      for (int k = i + 1; k < n; k++)
        if (fabs (rows[k][i]) > fabs (rows[pivot][i]))
          pivot = k;
      for (int j = 0; j <= n && pivot != i; j++)
        {
          double swapped = rows[i][j];
          rows[i][j] = rows[pivot][j];
          rows[pivot][j] = swapped;
        }
      for (int k = 0; k < n; k++)
        for (int j = n; j >= i && k != i; j--)
          rows[k][j] -= rows[k][i] / rows[i][i] * rows[i][j];
    }
  for (int i = 0; i < n; i++)
    x[i] = rows[i][n] / rows[i][i];
}

/* One step from level `from` to level `to` of the grid. */
typedef struct
{
  double of_x, of_newest; /* the part that needs no differences */
  double scale;           /* of the differences: -scale B(h) */
  double ratios[3];       /* of older distances to this one; then 1 */
  double b[3];
} Step;

static Step
make_step (const TacetSampling *self, int from, int order)
{
  const TacetScheduleConfig *config = &self->schedule->config;
  const double *sigma = self->schedule->sigmas + from;
  const double signal = 1 / sqrt (sigma[1] * sigma[1] + 1), before = 1 / sqrt (sigma[0] * sigma[0] + 1);
  const double h = log (sigma[0] / sigma[1]), hh = config->predict_noise ? h : -h, phi = expm1 (hh);
  const double b_h = config->solver_bh1 ? hh : phi, noise = sigma[1] * signal;
  const double amount = config->predict_noise ? noise : signal;
  Step step = { .of_newest = -amount * phi, .scale = amount * b_h };
  step.of_x = config->predict_noise ? signal / before : noise / (sigma[0] * before);
  for (int i = 1; i < order; i++)
    step.ratios[i - 1] = log (sigma[0] / sigma[-i]) / h;
  step.ratios[order - 1] = 1;
  double phi_k = phi / hh - 1, factorial = 1;
  for (int i = 1; i <= order; i++)
    {
      step.b[i - 1] = phi_k * factorial / b_h;
      factorial *= i + 1;
      phi_k = phi_k / hh - 1 / factorial;
    }
  return step;
}

/* The weights of the differences to the older outputs, and last of that to the one at the end. */
static void
find_weights (const Step *step, int n, double weights[3])
{
  double matrix[3][3];
  weights[0] = 0.5;
  if (n <= 1)
    return;
  for (int i = 0; i < n; i++)
    for (int j = 0; j < n; j++)
      matrix[i][j] = pow (step->ratios[j], i);
  solve (n, matrix, step->b, weights);
}

/* x = the sample moved by the step; outputs: the newest first; end: that of where the step leads, or NULL */
static void
apply (const TacetSampling *self, const Step *step, int order, const float *sample, const float *end, float *x)
{
  double weights[3];
  TacetTerm terms[5] = { { step->of_x, sample }, { step->of_newest, self->buffers[0] } };
  int n = 2;
  find_weights (step, end != NULL ? order : order - 1, weights);
  for (int i = 1; i < order; i++)
    {
      double of_difference = -step->scale * weights[i - 1] / step->ratios[i - 1];
      terms[1].factor -= of_difference;
      terms[n++] = (TacetTerm){ of_difference, self->buffers[i] };
    }
  if (end != NULL)
    {
      double of_difference = -step->scale * weights[order - 1];
      terms[1].factor -= of_difference;
      terms[n++] = (TacetTerm){ of_difference, end };
    }
  _tacet_sampling_sum (self, x, terms, n);
}

static gboolean
wants_correction (const TacetSampling *self)
{
  const int before = self->index - 1;
  if (self->count == 0 || (before < 64 && (self->schedule->config.disable_corrector >> before & 1)))
    return FALSE;
  return self->schedule->sigmas[self->index] != self->schedule->sigmas[before];
}

void
_tacet_unipc_step (TacetSampling *self, float *x, const float *output)
{
  const TacetScheduleConfig *config = &self->schedule->config;
  const double *sigma = self->schedule->sigmas + self->index;
  const double signal = 1 / sqrt (sigma[0] * sigma[0] + 1), noise = sigma[0] * signal;
  float *now = self->buffers[NOW];
  _tacet_sampling_find_x0 (self, signal, noise, x, output);
  if (config->predict_noise)
    _tacet_sampling_find_noise (self, signal, noise, x, output, now);
  else
    memcpy (now, self->x0, self->n * sizeof (float));
  if (wants_correction (self))
    {
      Step correction = make_step (self, self->index - 1, self->n_kept);
      apply (self, &correction, self->n_kept, self->buffers[BEFORE], now, x);
    }
  memcpy (_tacet_sampling_push (self, N_OUTPUTS), now, self->n * sizeof (float));
  memcpy (self->buffers[BEFORE], x, self->n * sizeof (float));

  int order =
      config->lower_order_final ? MIN (config->solver_order, self->schedule->n - self->index) : config->solver_order;
  self->n_kept = _tacet_sampling_order (self, order);
  if (sigma[1] <= 0) /* of any order this is x0 */
    _tacet_sampling_sum (self, x,
                         (TacetTerm[]){ { config->predict_noise ? 1 / signal : 0, x },
                                        { config->predict_noise ? -noise / signal : 1, now } },
                         2);
  else if (sigma[1] != sigma[0])
    {
      Step step = make_step (self, self->index, self->n_kept);
      apply (self, &step, self->n_kept, x, NULL, x);
    }
}
