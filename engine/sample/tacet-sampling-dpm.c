/* tacet-sampling-dpm.c: DPM-Solver++ with several steps of memory, as an equation with and without noise.
 *
 * Room: engine/sample.  Source: Lu et al. 2022b, algorithm 2 and appendix; with noise as in diffusers'
 * DPMSolverMultistepScheduler (sde-dpmsolver++).  lambda = log (signal / noise) = -log sigma.
 */
#include "config.h"
#include "tacet-schedule-private.h"
#include <math.h>
#include <string.h>

enum
{
  N_OUTPUTS = 3, /* estimates of x0, the newest first */
  FRESH = N_OUTPUTS,
  SCRATCH
};

static int
order_of (const TacetSampling *self)
{
  const TacetScheduleConfig *config = &self->schedule->config;
  const int left = self->schedule->n - 1 - self->index;
  const gboolean lower = config->lower_order_final && self->schedule->n < 15;
  if (left == 0 && (config->euler_at_final || lower || !config->end_at_sigma_min))
    return 1;
  return _tacet_sampling_order (self, MIN (config->solver_order, left == 1 && lower ? 2 : 3));
}

/* What the estimates count for; the differences that a higher order adds are sums of them. */
static void
weigh (const TacetSampling *self, int order, double signal, double h, int noisy, double weights[N_OUTPUTS])
{
  const double *sigma = self->schedule->sigmas + self->index;
  const double kh = noisy ? 2 * h : h, q = expm1 (-kh); /* noise doubles the decay */
  const double first = signal * (q / kh + 1), second = -signal * ((q + kh) / (kh * kh) + (noisy ? 0.5 : -0.5));
  weights[0] = -signal * q;
  weights[1] = weights[2] = 0;
  if (order == 1)
    return;
  const double r0 = log (sigma[-1] / sigma[0]) / h;
  if (order == 2)
    {
      double of_difference = (self->schedule->config.solver_heun ? first : -signal * q / 2) / r0;
      weights[0] += of_difference;
      weights[1] = -of_difference;
      return;
    }
  const double r1 = log (sigma[-2] / sigma[-1]) / h, share = r0 / (r0 + r1), rest = second / (r0 + r1);
  const double newer = (first * (1 + share) + rest) / r0, older = -(first * share + rest) / r1;
  weights[0] += newer;
  weights[1] = older - newer;
  weights[2] = -older;
}

static void
step (TacetSampling *self, float *x, const float *output, gboolean noisy)
{
  const double *sigma = self->schedule->sigmas + self->index;
  const double here = 1 / sqrt (sigma[0] * sigma[0] + 1), signal = 1 / sqrt (sigma[1] * sigma[1] + 1);
  const double noise = sigma[1] * signal, h = log (sigma[0] / sigma[1]);
  double weights[N_OUTPUTS];
  _tacet_sampling_find_x0 (self, here, sigma[0] * here, x, output);
  memcpy (_tacet_sampling_push (self, N_OUTPUTS), self->x0, self->n * sizeof (float));
  if (noisy)
    _tacet_sampling_draw (self, self->buffers[FRESH], self->buffers[SCRATCH]);
  if (sigma[1] == sigma[0]) /* a last level that is the one before */
    return;
  const int order = order_of (self);
  weigh (self, order, signal, h, noisy, weights);
  TacetTerm terms[N_OUTPUTS + 2] = { { noise / (sigma[0] * here) * (noisy ? exp (-h) : 1), x } };
  for (int i = 0; i < order; i++)
    terms[i + 1] = (TacetTerm){ weights[i], self->buffers[i] };
  if (noisy)
    terms[order + 1] = (TacetTerm){ noise * sqrt (MAX (-expm1 (-2 * h), 0)), self->buffers[FRESH] };
  _tacet_sampling_sum (self, x, terms, order + 1 + noisy);
}

void
_tacet_dpmpp_step (TacetSampling *self, float *x, const float *output)
{
  step (self, x, output, FALSE);
}

void
_tacet_dpmpp_sde_step (TacetSampling *self, float *x, const float *output)
{
  step (self, x, output, TRUE);
}
