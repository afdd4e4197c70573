/* tacet-sampling-ddim.c: samplers that move from time step to time step of training: DDIM, DDPM, LCM.
 *
 * Room: engine/sample.  Sources: Song et al. 2021, equation 12 (DDIM); Ho et al. 2020, equations 6 and 7
 * (DDPM); Luo et al. 2023, algorithm 1, and Song et al. 2023, appendix C, for its boundary condition (LCM).
 */
#include "config.h"
#include "tacet-schedule-private.h"
#include <math.h>
#include <string.h>

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

/* buffers: fresh noise, and room to draw it */
void
_tacet_ddpm_step (TacetSampling *self, float *x, const float *output)
{
  const TacetSchedule *schedule = self->schedule;
  const double *timesteps = schedule->timesteps + self->index;
  double alpha = schedule->alphas[(int) timesteps[0]];
  double next = self->index + 1 < schedule->n ? schedule->alphas[(int) timesteps[1]] : 1;
  double ratio = alpha / next, beta = 1 - ratio, of_x = sqrt (ratio) * (1 - next) / (1 - alpha);
  double variance = schedule->config.large_variance ? beta : MAX ((1 - next) / (1 - alpha) * beta, 1e-20);
  _tacet_sampling_find_x0 (self, sqrt (alpha), sqrt (1 - alpha), x, output);
  if (next == alpha) /* an offset has pushed two steps against the end */
    return;
  _tacet_sampling_sum (self, x, (TacetTerm[]){ { sqrt (next) * beta / (1 - alpha), self->x0 }, { of_x, x } }, 2);
  if (timesteps[0] <= 0)
    return;
  _tacet_sampling_draw (self, self->buffers[0], self->buffers[1]);
  _tacet_sampling_sum (self, x, (TacetTerm[]){ { 1, x }, { sqrt (variance), self->buffers[0] } }, 2);
}

/* A network that was distilled to say x0 at once, and is asked again with fresh noise.  Buffers as above. */
void
_tacet_lcm_step (TacetSampling *self, float *x, const float *output)
{
  const TacetSchedule *schedule = self->schedule;
  const double data = 0.5, *timesteps = schedule->timesteps + self->index; /* data: sigma of the data */
  double alpha = schedule->alphas[(int) timesteps[0]], scaled = timesteps[0] * schedule->config.timestep_scaling;
  double skip = data * data / (scaled * scaled + data * data), out = scaled / sqrt (scaled * scaled + data * data);
  _tacet_sampling_find_x0 (self, sqrt (alpha), sqrt (1 - alpha), x, output);
  _tacet_sampling_sum (self, self->x0, (TacetTerm[]){ { out, self->x0 }, { skip, x } }, 2);
  if (self->index + 1 == schedule->n)
    {
      memcpy (x, self->x0, self->n * sizeof (float));
      return;
    }
  double next = schedule->alphas[(int) timesteps[1]];
  _tacet_sampling_draw (self, self->buffers[0], self->buffers[1]);
  _tacet_sampling_sum (self, x, (TacetTerm[]){ { sqrt (next), self->x0 }, { sqrt (1 - next), self->buffers[0] } }, 2);
}
