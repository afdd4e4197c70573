/* tacet-sampling-euler.c: samplers that solve the equation of Karras et al. 2022: Euler, Euler a, Heun.
 *
 * Room: engine/sample.  x = x0 + sigma eps, dx / dsigma = eps.  Sources: Karras et al. 2022, algorithm 1
 * without churn (Euler, Heun); k-diffusion (Euler ancestral).
 */
#include "config.h"
#include "tacet-schedule-private.h"
#include <math.h>
#include <string.h>

void
_tacet_euler_step (TacetSampling *self, float *x, const float *output)
{
  const double *sigma = self->schedule->sigmas + self->index;
  _tacet_sampling_find_x0 (self, 1, sigma[0], x, output);
  double share = sigma[1] / sigma[0];
  _tacet_sampling_sum (self, x, (TacetTerm[]){ { share, x }, { 1 - share, self->x0 } }, 2);
}

/* Goes further down than asked for, and back up with fresh noise.  buffers: that, and room to draw it */
void
_tacet_euler_a_step (TacetSampling *self, float *x, const float *output)
{
  const double *sigma = self->schedule->sigmas + self->index;
  double from = sigma[0] * sigma[0], to = sigma[1] * sigma[1];
  /* The levels of a rescaled schedule may rise at first. */
  double up = sqrt (to * MAX (from - to, 0) / from), down = sqrt (MAX (to - up * up, 0)), share = down / sigma[0];
  _tacet_sampling_find_x0 (self, 1, sigma[0], x, output);
  _tacet_sampling_draw (self, self->buffers[0], self->buffers[1]);
  _tacet_sampling_sum (self, x, (TacetTerm[]){ { share, x }, { 1 - share, self->x0 }, { up, self->buffers[0] } }, 3);
}

/* Every second evaluation looks at the slope where Euler's step has led, and the step is done again with
 * the mean.  buffers: the slope before, x before */
void
_tacet_heun_step (TacetSampling *self, float *x, const float *output)
{
  const gboolean again = self->count % 2 == 1;
  const double *sigma = self->schedule->sigmas + self->index - again;
  const double here = sigma[again ? 1 : 0], move = sigma[1] - sigma[0];
  float *slope = self->buffers[0], *before = self->buffers[1];
  _tacet_sampling_find_x0 (self, 1, here, x, output);
  if (again)
    {
      TacetTerm terms[] = {
        { 1, before }, { move / 2, slope }, { move / 2 / here, x }, { -move / 2 / here, self->x0 }
      };
      _tacet_sampling_sum (self, x, terms, 4);
      return;
    }
  memcpy (before, x, self->n * sizeof (float));
  _tacet_sampling_sum (self, slope, (TacetTerm[]){ { 1 / here, x }, { -1 / here, self->x0 } }, 2);
  _tacet_sampling_sum (self, x, (TacetTerm[]){ { 1, x }, { move, slope } }, 2);
}
