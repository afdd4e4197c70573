/* tacet-sampling-ddim.c: samplers that move from time step to time step of training.
 *
 * Room: engine/sample.  Source: Song et al. 2021, equation 12 (DDIM).
 */
#include "config.h"
#include "tacet-schedule-private.h"
#include <math.h>

/* buffers: the noise of this step, fresh noise */
void
_tacet_ddim_step (TacetSampling *self, float *x, const float *output)
{
  const TacetSchedule *schedule = self->schedule;
  const TacetScheduleConfig *config = &schedule->config;
  int t = (int) schedule->timesteps[self->index], before = t - config->n_train / schedule->options.n_steps;
  double alpha = schedule->alphas[t];
  double next = before >= 0 ? schedule->alphas[before] : config->set_alpha_to_one ? 1 : schedule->alphas[0];
  double signal = sqrt (alpha), noise = sqrt (1 - alpha);
  double fresh = schedule->options.eta * sqrt ((1 - next) / (1 - alpha) * (1 - alpha / next));
  float *eps = self->buffers[0], *drawn = self->buffers[1];
  _tacet_sampling_find_x0 (self, signal, noise, x, output);
  _tacet_sampling_find_noise (self, signal, noise, x, output, eps);
  double kept = sqrt (MAX (1 - next - fresh * fresh, 0));
  _tacet_sampling_sum (self, x, (TacetTerm[]){ { sqrt (next), self->x0 }, { kept, eps } }, 2);
  if (schedule->options.eta <= 0)
    return;
  _tacet_sampling_draw (self, drawn, eps);
  _tacet_sampling_sum (self, x, (TacetTerm[]){ { 1, x }, { fresh, drawn } }, 2);
}
