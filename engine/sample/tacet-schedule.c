/* tacet-schedule.c: noise schedules and the samplers that walk down them.
 *
 * Room: engine/sample.  Betas and their products are rounded to float where diffusers rounds them;
 * everything after that is double.
 */
#include "config.h"
#include "tacet-schedule.h"
#include <glib/gi18n-lib.h>
#include <math.h>

struct _TacetSchedule
{
  TacetScheduleConfig config;
  TacetSampler sampler;
  int n_steps;
  float *alphas;     /* n_train */
  double *timesteps; /* n_steps */
  double *sigmas;    /* n_steps + 1, Euler */
};

/* linspace in float, from both ends to the middle, as torch does */
static float
linspace (float start, float end, int n, int i)
{
  float step = n > 1 ? (end - start) / (float) (n - 1) : 0;
  return i < n / 2 ? start + step * (float) i : end - step * (float) (n - 1 - i);
}

static double
cosine_bar (double t)
{
  double c = cos ((t + 0.008) / 1.008 * G_PI / 2);
  return c * c;
}

static float
beta_at (const TacetScheduleConfig *config, int i)
{
  int n = config->n_train;
  if (config->betas == TACET_BETAS_COSINE)
    return (float) MIN (1 - cosine_bar ((double) (i + 1) / n) / cosine_bar ((double) i / n), 0.999);
  if (config->betas == TACET_BETAS_LINEAR)
    return linspace ((float) config->beta_start, (float) config->beta_end, n, i);
  float root = linspace ((float) sqrt (config->beta_start), (float) sqrt (config->beta_end), n, i);
  return root * root;
}

/* Lin et al. 2024, algorithm 1: the last step is pure noise. */
static void
rescale_to_zero_snr (float *alphas, int n)
{
  float first = sqrtf (alphas[0]), last = sqrtf (alphas[n - 1]);
  double product = 1;
  float before = 1;
  for (int i = 0; i < n; i++)
    {
      float root = (sqrtf (alphas[i]) - last) * (first / (first - last)), bar = root * root;
      product *= 1 - (1 - (i == 0 ? bar : bar / before));
      before = bar;
      alphas[i] = (float) product;
    }
}

static void
fill_alphas (TacetSchedule *self)
{
  double product = 1;
  for (int i = 0; i < self->config.n_train; i++)
    {
      product *= 1 - beta_at (&self->config, i);
      self->alphas[i] = (float) product;
    }
  if (!self->config.zero_terminal_snr)
    return;
  rescale_to_zero_snr (self->alphas, self->config.n_train);
  if (self->sampler == TACET_SAMPLER_EULER)
    self->alphas[self->config.n_train - 1] = 0x1p-24f;
}

static TacetSpacing
effective_spacing (const TacetSchedule *self)
{
  if (self->config.spacing != TACET_SPACING_DEFAULT)
    return self->config.spacing;
  return self->sampler == TACET_SAMPLER_EULER ? TACET_SPACING_LINSPACE : TACET_SPACING_LEADING;
}

/* Step 0 is the noisiest. */
static void
fill_timesteps (TacetSchedule *self)
{
  int n = self->n_steps, n_train = self->config.n_train;
  double stride = (double) n_train - (n_train - (double) n_train / n); /* rounded as numpy's arange does */
  for (int i = 0; i < n; i++)
    {
      double t;
      switch (effective_spacing (self))
        {
        case TACET_SPACING_TRAILING:
          t = rint (n_train - i * stride) - 1;
          break;
        case TACET_SPACING_LINSPACE:
          t = n > 1 ? (n - 1 - i) * ((n_train - 1.0) / (n - 1)) : 0;
          t = self->sampler == TACET_SAMPLER_EULER ? (float) t : rint (t);
          break;
        default:
          t = (double) (n - 1 - i) * (n_train / n) + self->config.steps_offset;
          break;
        }
      self->timesteps[i] = CLAMP (t, 0.0, n_train - 1.0);
    }
}

static double
sigma_at (const TacetSchedule *self, double t)
{
  int below = (int) t, above = MIN (below + 1, self->config.n_train - 1);
  double share = t - below, sigmas[2];
  for (int i = 0; i < 2; i++)
    {
      float alpha = self->alphas[i == 0 ? below : above];
      sigmas[i] = sqrtf ((1 - alpha) / alpha);
    }
  return (float) (sigmas[0] + share * (sigmas[1] - sigmas[0]));
}

TacetSchedule *
tacet_schedule_new (const TacetScheduleConfig *config, TacetSampler sampler, int n_steps, GError **error)
{
  if (n_steps < 1 || n_steps > config->n_train)
    {
      g_set_error (error, TACET_SAMPLE_ERROR, TACET_SAMPLE_ERROR_REQUEST,
                   _ ("%d steps are asked for; this model can do 1 to %d."), n_steps, config->n_train);
      return NULL;
    }
  TacetSchedule *self = g_new0 (TacetSchedule, 1);
  self->config = *config;
  self->sampler = sampler;
  self->n_steps = n_steps;
  self->alphas = g_new0 (float, config->n_train);
  self->timesteps = g_new0 (double, n_steps);
  self->sigmas = g_new0 (double, n_steps + 1);
  fill_alphas (self);
  fill_timesteps (self);
  for (int i = 0; i < n_steps; i++)
    self->sigmas[i] = sigma_at (self, self->timesteps[i]);
  return self;
}

void
tacet_schedule_free (TacetSchedule *self)
{
  if (self == NULL)
    return;
  g_free (self->alphas);
  g_free (self->timesteps);
  g_free (self->sigmas);
  g_free (self);
}

const float *
tacet_schedule_alphas (const TacetSchedule *self)
{
  return self->alphas;
}

double
tacet_schedule_timestep (const TacetSchedule *self, int step)
{
  return self->timesteps[step];
}

double
tacet_schedule_init_sigma (const TacetSchedule *self)
{
  if (self->sampler != TACET_SAMPLER_EULER)
    return 1;
  double most = self->sigmas[0];
  return effective_spacing (self) == TACET_SPACING_LEADING ? sqrt (most * most + 1) : most;
}

double
tacet_schedule_input_scale (const TacetSchedule *self, int step)
{
  if (self->sampler != TACET_SAMPLER_EULER)
    return 1;
  return 1 / sqrt (self->sigmas[step] * self->sigmas[step] + 1);
}

/* One step as x0 = a x + b out (then clipped) and x' = c x + d x0; noise is what x0 leaves of x. */
typedef struct
{
  double x0_of_x, x0_of_out;
  double x_of_x, x_of_x0, x_of_out;
} Move;

static Move
ddim_move (const TacetSchedule *self, int step)
{
  int t = (int) self->timesteps[step], before = t - self->config.n_train / self->n_steps;
  double alpha = self->alphas[t];
  double next = before >= 0 ? self->alphas[before] : self->config.set_alpha_to_one ? 1 : self->alphas[0];
  double signal = sqrt (alpha), noise = sqrt (1 - alpha), to_noise = sqrt (1 - next);
  Move move = { .x_of_x0 = sqrt (next) };
  switch (self->config.prediction)
    {
    case TACET_PREDICT_EPSILON: /* out is the noise */
      move.x0_of_x = 1 / signal;
      move.x0_of_out = -noise / signal;
      move.x_of_out = to_noise;
      break;
    case TACET_PREDICT_V: /* noise = signal out + noise x */
      move.x0_of_x = signal;
      move.x0_of_out = -noise;
      move.x_of_out = to_noise * signal;
      move.x_of_x = to_noise * noise;
      break;
    default: /* out is x0: noise = (x - signal x0) / noise */
      move.x0_of_out = 1;
      move.x_of_x = to_noise / noise;
      move.x_of_out = -to_noise * signal / noise;
      break;
    }
  return move;
}

static Move
euler_move (const TacetSchedule *self, int step)
{
  double sigma = self->sigmas[step], share = self->sigmas[step + 1] / sigma, total = sigma * sigma + 1;
  Move move = { .x_of_x = share, .x_of_x0 = 1 - share };
  switch (self->config.prediction)
    {
    case TACET_PREDICT_EPSILON:
      move.x0_of_x = 1;
      move.x0_of_out = -sigma;
      break;
    case TACET_PREDICT_V:
      move.x0_of_x = 1 / total;
      move.x0_of_out = -sigma / sqrt (total);
      break;
    default:
      move.x0_of_out = 1;
      break;
    }
  return move;
}

void
tacet_schedule_step (const TacetSchedule *self, int step, float *x, const float *output, gsize n, float *denoised)
{
  gboolean ddim = self->sampler == TACET_SAMPLER_DDIM;
  Move move = ddim ? ddim_move (self, step) : euler_move (self, step);
  double limit = ddim && self->config.clip_sample ? self->config.clip_range : INFINITY;
  for (gsize i = 0; i < n; i++)
    {
      double x0 = move.x0_of_x * x[i] + move.x0_of_out * output[i];
      x0 = CLAMP (x0, -limit, limit);
      x[i] = (float) (move.x_of_x * x[i] + move.x_of_x0 * x0 + move.x_of_out * output[i]);
      if (denoised != NULL)
        denoised[i] = (float) x0;
    }
}
