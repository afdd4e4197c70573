/* tacet-sampling-euler.c: samplers that solve the equation of Karras et al. 2022.
 *
 * Room: engine/sample.  x = x0 + sigma eps, dx / dsigma = eps.
 */
#include "config.h"
#include "tacet-schedule-private.h"

void
_tacet_euler_step (TacetSampling *self, float *x, const float *output)
{
  const double *sigma = self->schedule->sigmas + self->index;
  _tacet_sampling_find_x0 (self, 1, sigma[0], x, output);
  double share = sigma[1] / sigma[0];
  _tacet_sampling_sum (self, x, (TacetTerm[]){ { share, x }, { 1 - share, self->x0 } }, 2);
}
