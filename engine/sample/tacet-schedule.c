/* tacet-schedule.c: noise levels of training, and the schedule as a value.
 *
 * Room: engine/sample.  Betas and their products are rounded to float where diffusers rounds them;
 * everything after that is double.
 */
#include "config.h"
#include "tacet-schedule-private.h"
#include <glib/gi18n-lib.h>
#include <math.h>

/* --- betas --- */

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
  if (config->trained_betas != NULL)
    return ((const float *) g_bytes_get_data (config->trained_betas, NULL))[i];
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
  if (self->info->traits & TACET_SAMPLER_SIGMAS) /* no infinite sigmas */
    self->alphas[self->config.n_train - 1] = 0x1p-24f;
}

/* --- from what is given to what holds --- */

static void
resolve (TacetSchedule *self)
{
  TacetScheduleConfig *config = &self->config;
  TacetScheduleOptions *options = &self->options;
  const guint traits = self->info->traits;
  const gboolean sd = (traits & TACET_SAMPLER_SD_BETAS) != 0;
  if (config->betas == TACET_BETAS_DEFAULT)
    config->betas = sd && (traits & TACET_SAMPLER_OWN_GRID) ? TACET_BETAS_SCALED_LINEAR : TACET_BETAS_LINEAR;
  if (config->beta_start < 0)
    config->beta_start = sd ? 0.00085 : 0.0001;
  if (config->beta_end < 0)
    config->beta_end = sd ? 0.012 : 0.02;
  if (options->spacing == TACET_SPACING_DEFAULT)
    options->spacing = config->spacing != TACET_SPACING_DEFAULT ? config->spacing : self->info->spacing;
  if (options->karras != TACET_KARRAS_DEFAULT)
    config->karras = options->karras == TACET_KARRAS_ON;
  config->karras = config->karras && (traits & TACET_SAMPLER_HAS_KARRAS);
  config->lu = config->lu && !config->karras &&
               (options->sampler == TACET_SAMPLER_DPMPP_2M || options->sampler == TACET_SAMPLER_DPMPP_2M_SDE);
  config->exponential = (config->exponential || config->lu) && !config->karras && (traits & TACET_SAMPLER_HAS_KARRAS);
  config->zero_terminal_snr = config->zero_terminal_snr && (traits & TACET_SAMPLER_HAS_ZERO_SNR);
  config->thresholding = config->thresholding && (traits & TACET_SAMPLER_HAS_THRESHOLD);
  config->end_at_sigma_min = config->end_at_sigma_min && (traits & TACET_SAMPLER_HAS_FINAL_SIGMA);
  if (config->clip_sample < 0)
    config->clip_sample = (traits & TACET_SAMPLER_CLIPS) != 0;
  config->clip_sample = config->clip_sample && (traits & TACET_SAMPLER_HAS_CLIP);
  if (config->set_alpha_to_one < 0)
    config->set_alpha_to_one = options->sampler != TACET_SAMPLER_PNDM;
  config->original_steps = MIN (config->original_steps, config->n_train);
  self->first = options->n_steps - MIN ((int) (options->n_steps * options->strength), options->n_steps);
  /* A Runge-Kutta start belongs to the beginning of the walk. */
  config->skip_prk_steps = config->skip_prk_steps || self->first > 0;
}

static gboolean
refuse_steps (const TacetSchedule *self, int least, int most, GError **error)
{
  g_set_error (error, TACET_SAMPLE_ERROR, TACET_SAMPLE_ERROR_REQUEST,
               _ ("%d steps are asked for; this model can do %d to %d with the sampler “%s”."), self->options.n_steps,
               least, most, self->info->name);
  return FALSE;
}

static gboolean
check_shares (const TacetScheduleOptions *options, GError **error)
{
  if (options->eta >= 0 && options->eta <= 1 && options->strength >= 0 && options->strength <= 1)
    return TRUE;
  g_set_error (error, TACET_SAMPLE_ERROR, TACET_SAMPLE_ERROR_REQUEST, "%s",
               _ ("Eta and strength are shares from 0 to 1."));
  return FALSE;
}

static gboolean
check (const TacetSchedule *self, GError **error)
{
  const TacetScheduleConfig *config = &self->config;
  const TacetScheduleOptions *options = &self->options;
  const gboolean by_rule = config->karras || config->exponential || options->spacing == TACET_SPACING_TRAILING;
  int least = 1, most = config->n_train;
  if ((self->info->traits & TACET_SAMPLER_ONE_MORE) && !by_rule)
    most = MAX (most - 1, 1);
  if (options->sampler == TACET_SAMPLER_LCM)
    most = config->original_steps;
  if (options->sampler == TACET_SAMPLER_PNDM && !config->skip_prk_steps)
    least = MIN (4, most);
  if (options->n_steps < least || options->n_steps > most)
    return refuse_steps (self, least, most, error);
  if (self->first == options->n_steps)
    {
      g_set_error (error, TACET_SAMPLE_ERROR, TACET_SAMPLE_ERROR_REQUEST,
                   _ ("A strength of %g leaves none of %d steps to do. Raise the strength or the number of steps."),
                   options->strength, options->n_steps);
      return FALSE;
    }
  if (options->sampler == TACET_SAMPLER_DDPM && config->learned_variance)
    {
      g_set_error (error, TACET_SAMPLE_ERROR, TACET_SAMPLE_ERROR_MODEL, "%s",
                   _ ("This model's network would have to say how much noise DDPM adds (“variance_type”), which is "
                      "not supported. Choose another sampler."));
      return FALSE;
    }
  return TRUE;
}

static gboolean
check_grid (const TacetSchedule *self, GError **error)
{
  for (int i = self->first; i < self->n && !(self->info->traits & TACET_SAMPLER_SIGMAS); i++)
    if (self->alphas[(int) self->timesteps[i]] <= 0 && self->config.prediction == TACET_PREDICT_EPSILON)
      {
        g_set_error (error, TACET_SAMPLE_ERROR, TACET_SAMPLE_ERROR_REQUEST,
                     _ ("This model's schedule begins with pure noise, where the sampler “%s” cannot use a network "
                        "that predicts noise. Choose the sampler “%s”."),
                     self->info->name, tacet_sampler_name (TACET_SAMPLER_EULER));
        return FALSE;
      }
  return TRUE;
}

/* --- the value --- */

TacetScheduleOptions
tacet_schedule_options (TacetSampler sampler, int n_steps)
{
  return (TacetScheduleOptions){ .sampler = sampler, .n_steps = n_steps, .strength = 1 };
}

TacetSchedule *
tacet_schedule_new (const TacetScheduleConfig *config, const TacetScheduleOptions *options, GError **error)
{
  g_autoptr (TacetSchedule) self = g_new0 (TacetSchedule, 1);
  self->config = *config;
  self->options = *options;
  self->info = _tacet_sampler_info (options->sampler);
  if (!check_shares (options, error))
    return NULL;
  resolve (self);
  if (!check (self, error))
    return NULL;
  self->alphas = g_new0 (float, self->config.n_train);
  fill_alphas (self);
  self->config.trained_betas = NULL;
  _tacet_schedule_fill_grid (self);
  return check_grid (self, error) ? g_steal_pointer (&self) : NULL;
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

int
tacet_schedule_n_evaluations (const TacetSchedule *self)
{
  return self->n - self->first;
}

int
tacet_schedule_n_steps (const TacetSchedule *self)
{
  return tacet_schedule_steps_done (self, self->n - self->first);
}

/* Of the whole walk. */
static int
steps_before (const TacetSchedule *self, int evaluation)
{
  if (self->options.sampler == TACET_SAMPLER_HEUN)
    return (evaluation + (evaluation == self->n)) / 2;
  if (evaluation < self->n_runge_kutta)
    return evaluation / 4;
  if (self->n_runge_kutta > 0)
    return evaluation - self->n_runge_kutta + 3;
  if (self->options.sampler == TACET_SAMPLER_PNDM && self->n > 1)
    return MAX (evaluation - 1, 0);
  return evaluation;
}

int
tacet_schedule_steps_done (const TacetSchedule *self, int evaluations)
{
  return steps_before (self, self->first + evaluations) - steps_before (self, self->first);
}

double
tacet_schedule_timestep (const TacetSchedule *self, int evaluation)
{
  return self->timesteps[self->first + evaluation];
}

double
tacet_schedule_init_sigma (const TacetSchedule *self)
{
  if (!(self->info->traits & TACET_SAMPLER_UNSCALED))
    return 1;
  double most = self->sigmas[0];
  return self->options.spacing == TACET_SPACING_LEADING ? sqrt (most * most + 1) : most;
}

double
tacet_schedule_input_scale (const TacetSchedule *self, int evaluation)
{
  if (!(self->info->traits & TACET_SAMPLER_UNSCALED))
    return 1;
  double sigma = self->sigmas[self->first + evaluation];
  return 1 / sqrt (sigma * sigma + 1);
}

void
tacet_schedule_add_noise (const TacetSchedule *self, int evaluation, const float *x0, const float *noise, gsize n,
                          float *x)
{
  const int i = self->first + evaluation;
  double signal = 1, level = self->sigmas[i];
  if (!(self->info->traits & TACET_SAMPLER_SIGMAS))
    {
      double alpha = self->alphas[(int) self->timesteps[i]];
      signal = sqrt (alpha);
      level = sqrt (1 - alpha);
    }
  else if (!(self->info->traits & TACET_SAMPLER_UNSCALED))
    {
      signal = 1 / sqrt (level * level + 1);
      level *= signal;
    }
  for (gsize k = 0; k < n; k++)
    x[k] = (float) (signal * x0[k] + level * noise[k]);
}
