/* tacet-schedule-grid.c: which time steps a sampler visits, at which noise levels.
 *
 * Room: engine/sample.  Sources: Lin et al. 2024, table 2 (spacings); Karras et al. 2022, equation 5.
 */
#include "config.h"
#include "tacet-schedule-private.h"
#include <math.h>

/* --- sigmas of training --- */

static float
sigma_of (const TacetSchedule *self, int t)
{
  float alpha = self->alphas[t];
  return sqrtf ((1 - alpha) / alpha);
}

static double
sigma_at (const TacetSchedule *self, double t)
{
  int below = (int) t, above = MIN (below + 1, self->config.n_train - 1);
  double low = sigma_of (self, below), high = sigma_of (self, above);
  return low + (t - below) * (high - low);
}

/* The inverse, linear in log sigma. */
static double
timestep_of_sigma (const TacetSchedule *self, double sigma)
{
  int below = 0, above = self->config.n_train;
  double wanted = log (MAX (sigma, 1e-10));
  if (above < 2)
    return 0;
  while (above - below > 1) /* the last that is not greater */
    {
      int middle = (below + above) / 2;
      if (logf (sigma_of (self, middle)) <= wanted)
        below = middle;
      else
        above = middle;
    }
  below = MIN (below, self->config.n_train - 2);
  float low = logf (sigma_of (self, below)), high = logf (sigma_of (self, below + 1));
  double share = CLAMP ((low - wanted) / (low - high), 0, 1);
  return (1 - share) * below + share * (below + 1);
}

/* --- time steps --- */

/* The first of the steps that are visited: all but DPM-Solver's clipped ones. */
static int
last_timestep (const TacetSchedule *self)
{
  int last = self->config.n_train;
  if (!(self->info->traits & TACET_SAMPLER_ONE_MORE) || self->options.sampler == TACET_SAMPLER_UNIPC)
    return last;
  while (last > 1 && -logf (sigma_of (self, last - 1)) < self->config.lambda_min_clipped)
    last--;
  return last;
}

/* Where steps of training are clipped, trailing steps are as far apart as ever, and fewer. */
static int
count_points (const TacetSchedule *self)
{
  const int n = self->options.n_steps, last = last_timestep (self);
  if (last == self->config.n_train || self->options.spacing != TACET_SPACING_TRAILING || self->config.karras ||
      self->config.exponential)
    return n;
  return CLAMP ((int) ceil (last / ((double) self->config.n_train / n)), 1, n);
}

/* The i-th of n from the noisiest. */
static double
spaced_timestep (const TacetSchedule *self, int n, int i)
{
  const int last = last_timestep (self), more = (self->info->traits & TACET_SAMPLER_ONE_MORE) != 0;
  const int points = n + more, place = points - 1 - i;
  double t, stride;
  if (self->options.sampler == TACET_SAMPLER_LCM)
    {
      const int original = self->config.original_steps, skipped = (int) floor (i * ((double) original / n));
      return (double) (original - skipped) * (self->config.n_train / original) - 1;
    }
  switch (self->options.spacing)
    {
    case TACET_SPACING_TRAILING:
      stride = last - (last - (double) self->config.n_train / self->options.n_steps); /* as numpy's arange rounds */
      t = rint (last - i * stride) - 1;
      break;
    case TACET_SPACING_LINSPACE:
      t = points > 1 ? place * ((last - 1.0) / (points - 1)) : 0;
      t = self->info->traits & TACET_SAMPLER_FRACTIONAL ? (float) t : rint (t);
      break;
    default:
      t = (double) place * (last / points) + self->config.steps_offset;
      break;
    }
  return CLAMP (t, 0.0, self->config.n_train - 1.0);
}

/* --- noise levels by rule --- */

static void
find_range (const TacetSchedule *self, const double *sigmas, int n, double *least, double *most)
{
  const gboolean whole = !(self->info->traits & TACET_SAMPLER_UNSCALED);
  *least = whole ? sigma_of (self, 0) : sigmas[n - 1];
  *most = whole ? sigma_of (self, self->config.n_train - 1) : sigmas[0];
  if (self->config.sigma_min > 0)
    *least = self->config.sigma_min;
  if (self->config.sigma_max > 0)
    *most = self->config.sigma_max;
}

static double
ruled_sigma (const TacetSchedule *self, double least, double most, double share)
{
  const double rho = 7;
  if (self->config.exponential)
    return exp (log (most) + share * (log (least) - log (most)));
  double low = pow (least, 1 / rho), high = pow (most, 1 / rho);
  return pow (high + share * (low - high), rho);
}

static double
round_timestep (const TacetSchedule *self, double t)
{
  if (self->info->traits & TACET_SAMPLER_FRACTIONAL)
    return (float) t;
  gboolean cut = self->config.exponential && !self->config.lu;
  if (self->config.betas == TACET_BETAS_COSINE && self->options.sampler != TACET_SAMPLER_UNIPC)
    cut = TRUE;
  return cut ? floor (t) : rint (t);
}

static void
apply_rule (const TacetSchedule *self, double *timesteps, double *sigmas, int n)
{
  double least, most;
  find_range (self, sigmas, n, &least, &most);
  for (int i = 0; i < n; i++)
    {
      sigmas[i] = ruled_sigma (self, least, most, n > 1 ? (double) i / (n - 1) : 0);
      timesteps[i] = round_timestep (self, timestep_of_sigma (self, sigmas[i]));
    }
}

/* --- together --- */

static void
fill_points (TacetSchedule *self, double *timesteps, double *sigmas, int n)
{
  const gboolean log_linear = self->config.log_linear && self->options.sampler == TACET_SAMPLER_EULER;
  const double first = sigma_of (self, self->config.n_train - 1), last = sigma_of (self, 0);
  for (int i = 0; i < n; i++)
    {
      timesteps[i] = spaced_timestep (self, n, i);
      sigmas[i] =
          log_linear ? exp (log (first) + (double) i / n * (log (last) - log (first))) : sigma_at (self, timesteps[i]);
    }
  sigmas[n] = self->config.end_at_sigma_min || log_linear ? last : 0;
  if (self->config.karras || self->config.exponential)
    apply_rule (self, timesteps, sigmas, n);
  if (self->config.end_at_sigma_min && self->options.sampler == TACET_SAMPLER_UNIPC &&
      (self->config.karras || self->config.exponential))
    sigmas[n] = sigmas[n - 1];
  for (int i = 0; i <= n; i++)
    sigmas[i] = (float) sigmas[i];
}

/* --- from steps to evaluations --- */

static void
add (TacetSchedule *self, double timestep, double sigma)
{
  self->timesteps[self->n] = MIN (timestep, self->config.n_train - 1.0);
  self->sigmas[self->n++] = sigma;
}

/* After the first both ends of a step are asked. */
static void
expand_heun (TacetSchedule *self, const double *timesteps, const double *sigmas, int n)
{
  for (int i = 0; i < n; i++)
    for (int twice = i > 0; twice >= 0; twice--)
      add (self, timesteps[i], sigmas[i]);
  self->first *= 2;
}

/* The second is asked twice: the first step is done again. */
static void
expand_plms (TacetSchedule *self, const double *timesteps, int n)
{
  for (int i = 0; i < n; i++)
    for (int twice = i == 1; twice >= 0; twice--)
      add (self, timesteps[i], 0);
}

/* Three steps with two evaluations in their middle and two at their ends, then one each. */
static void
expand_prk (TacetSchedule *self, const double *timesteps, int n)
{
  const int half = self->config.n_train / n / 2;
  for (int i = 0; i < 3; i++)
    {
      add (self, timesteps[i], 0);
      add (self, timesteps[i + 1] + half, 0);
      add (self, timesteps[i + 1] + half, 0);
      add (self, timesteps[i + 1], 0);
    }
  self->n_runge_kutta = self->n;
  for (int i = 3; i < n; i++)
    add (self, timesteps[i], 0);
}

void
_tacet_schedule_fill_grid (TacetSchedule *self)
{
  const int n = count_points (self), most = 2 * n + 12;
  g_autofree double *timesteps = g_new0 (double, n);
  g_autofree double *sigmas = g_new0 (double, n + 1);
  self->timesteps = g_new0 (double, most);
  self->sigmas = g_new0 (double, most + 1);
  fill_points (self, timesteps, sigmas, n);
  if (self->options.sampler == TACET_SAMPLER_HEUN)
    expand_heun (self, timesteps, sigmas, n);
  else if (self->options.sampler == TACET_SAMPLER_PNDM && self->config.skip_prk_steps)
    expand_plms (self, timesteps, n);
  else if (self->options.sampler == TACET_SAMPLER_PNDM)
    expand_prk (self, timesteps, n);
  else
    for (int i = 0; i < n; i++)
      add (self, timesteps[i], sigmas[i]);
  self->sigmas[self->n] = sigmas[n];
  self->first = MIN (self->first, self->n - 1);
}
