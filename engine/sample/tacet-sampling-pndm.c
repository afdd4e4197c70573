/* tacet-sampling-pndm.c: pseudo numerical methods: linear multistep over DDIM's move, with or without a
 * Runge-Kutta start.
 *
 * Room: engine/sample.  Source: Liu et al. 2022, equations 9 (PLMS), 11 (the move) and 13 (PRK).
 */
#include "config.h"
#include "tacet-schedule-private.h"
#include <math.h>
#include <string.h>

enum
{
  N_OUTPUTS = 4, /* the newest first */
  SAVED = N_OUTPUTS,
  TOTAL,
  CONVERTED
};

/* x = the sample moved from one time step to another by the terms, a mean of outputs */
static void
move (TacetSampling *self, float *x, const float *sample, int from, int to, const TacetTerm *terms, int n_terms)
{
  const TacetSchedule *schedule = self->schedule;
  double last = schedule->config.set_alpha_to_one ? 1 : schedule->alphas[0];
  double alpha = schedule->alphas[MIN (from, schedule->config.n_train - 1)];
  double next = to >= 0 ? schedule->alphas[to] : last;
  double factor = (next - alpha) / (alpha * sqrt (1 - next) + sqrt (alpha * (1 - alpha) * next));
  double of_sample = sqrt (next / alpha);
  TacetTerm all[N_OUTPUTS + 2];
  if (schedule->config.prediction == TACET_PREDICT_V)
    {
      of_sample -= factor * sqrt (1 - alpha);
      factor *= sqrt (alpha);
    }
  all[0] = (TacetTerm){ of_sample, sample };
  for (int i = 0; i < n_terms; i++)
    all[i + 1] = (TacetTerm){ -factor * terms[i].factor, terms[i].values };
  _tacet_sampling_sum (self, x, all, n_terms + 1);
}

static void
keep_output (TacetSampling *self, const float *output)
{
  memcpy (_tacet_sampling_push (self, N_OUTPUTS), output, self->n * sizeof (float));
  self->n_kept = MIN (self->n_kept + 1, N_OUTPUTS);
}

static void
runge_kutta (TacetSampling *self, float *x, const float *output)
{
  static const double weights[] = { 1 / 6.0, 1 / 3.0, 1 / 3.0, 1 / 6.0 };
  const TacetSchedule *schedule = self->schedule;
  const int quarter = self->count % 4, half = schedule->config.n_train / schedule->options.n_steps / 2;
  const int from = (int) schedule->timesteps[self->count / 4 * 4];
  const int to = (int) schedule->timesteps[self->count] - (self->count % 2 == 0 ? half : 0);
  float *total = self->buffers[TOTAL], *saved = self->buffers[SAVED];
  if (quarter == 0)
    {
      keep_output (self, output);
      memcpy (saved, x, self->n * sizeof (float));
      memset (total, 0, self->n * sizeof (float));
    }
  _tacet_sampling_sum (self, total, (TacetTerm[]){ { 1, total }, { weights[quarter], output } }, 2);
  move (self, x, saved, from, to, (TacetTerm[]){ { 1, quarter == 3 ? total : output } }, 1);
}

static void
multistep (TacetSampling *self, float *x, const float *output)
{
  static const double weights[N_OUTPUTS][N_OUTPUTS] = {
    { 1 }, { 3 / 2.0, -1 / 2.0 }, { 23 / 12.0, -16 / 12.0, 5 / 12.0 }, { 55 / 24.0, -59 / 24.0, 37 / 24.0, -9 / 24.0 }
  };
  const TacetSchedule *schedule = self->schedule;
  const int stride = schedule->config.n_train / schedule->options.n_steps;
  const int t = (int) schedule->timesteps[self->index];
  float *saved = self->buffers[SAVED];
  TacetTerm terms[N_OUTPUTS];
  if (self->count == 1) /* the first step again, with the mean of both ends */
    {
      terms[0] = (TacetTerm){ 0.5, output };
      terms[1] = (TacetTerm){ 0.5, self->buffers[0] };
      move (self, x, saved, t + stride, t, terms, 2);
      return;
    }
  keep_output (self, output);
  if (self->count == 0)
    memcpy (saved, x, self->n * sizeof (float));
  for (int i = 0; i < self->n_kept; i++)
    terms[i] = (TacetTerm){ weights[self->n_kept - 1][i], self->buffers[i] };
  move (self, x, x, t, t - stride, terms, self->n_kept);
}

void
_tacet_pndm_step (TacetSampling *self, float *x, const float *output)
{
  const TacetSchedule *schedule = self->schedule;
  double alpha = schedule->alphas[(int) schedule->timesteps[self->index]];
  double signal = sqrt (alpha), noise = sqrt (1 - alpha);
  _tacet_sampling_find_x0 (self, signal, noise, x, output);
  if (schedule->config.prediction == TACET_PREDICT_SAMPLE)
    {
      _tacet_sampling_find_noise (self, signal, noise, x, output, self->buffers[CONVERTED]);
      output = self->buffers[CONVERTED];
    }
  if (self->count < schedule->n_runge_kutta)
    runge_kutta (self, x, output);
  else
    multistep (self, x, output);
}
