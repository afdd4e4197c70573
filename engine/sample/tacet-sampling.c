/* tacet-sampling.c: one walk of a sampler: its memory, its noise, and what all samplers share.
 *
 * Room: engine/sample.  Source of dynamic thresholding: Saharia et al. 2022, section 2.3.
 */
#include "config.h"
#include "tacet-schedule-private.h"
#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

TacetSampling *
tacet_sampling_new (const TacetSchedule *schedule, const TacetNoise *noise, int channels, gsize n, GError **error)
{
  g_autoptr (TacetSampling) self = g_new0 (TacetSampling, 1);
  self->schedule = schedule;
  self->index = schedule->first;
  if (noise != NULL)
    self->noise = *noise;
  else
    tacet_noise_seed (&self->noise, 0);
  self->channels = channels;
  self->n = n;
  self->x0 = g_try_new0 (float, n);
  gboolean complete = self->x0 != NULL;
  for (int i = 0; i < schedule->info->n_buffers && complete; i++)
    complete = (self->buffers[i] = g_try_new0 (float, n)) != NULL;
  if (complete && schedule->config.thresholding)
    complete = (self->sorted = g_try_new0 (float, n)) != NULL;
  if (complete)
    return g_steal_pointer (&self);
  g_set_error (error, TACET_SAMPLE_ERROR, TACET_SAMPLE_ERROR_NO_MEMORY, "%s",
               _ ("There is not enough memory for this picture. Choose a smaller size or fewer controls."));
  return NULL;
}

void
tacet_sampling_free (TacetSampling *self)
{
  if (self == NULL)
    return;
  g_free (self->x0);
  g_free (self->sorted);
  for (int i = 0; i < TACET_SAMPLING_MAX_BUFFERS; i++)
    g_free (self->buffers[i]);
  g_free (self);
}

void
tacet_sampling_step (TacetSampling *self, float *x, const float *output, float *denoised)
{
  g_return_if_fail (self->index < self->schedule->n);
  self->schedule->info->step (self, x, output);
  self->index++;
  self->count++;
  if (denoised != NULL)
    memcpy (denoised, self->x0, self->n * sizeof (float));
}

/* --- for the samplers --- */

void
_tacet_sampling_sum (const TacetSampling *self, float *x, const TacetTerm *terms, int n_terms)
{
  for (gsize i = 0; i < self->n; i++)
    {
      double sum = 0;
      for (int k = 0; k < n_terms; k++)
        sum += terms[k].factor * terms[k].values[i];
      x[i] = (float) sum;
    }
}

static int
compare_floats (gconstpointer a, gconstpointer b)
{
  float x = *(const float *) a, y = *(const float *) b;
  return (x > y) - (x < y);
}

static void
threshold (TacetSampling *self)
{
  const TacetScheduleConfig *config = &self->schedule->config;
  for (gsize i = 0; i < self->n; i++)
    self->sorted[i] = fabsf (self->x0[i]);
  qsort (self->sorted, self->n, sizeof (float), compare_floats);
  double rank = config->threshold_ratio * (double) (self->n - 1);
  gsize below = (gsize) rank, above = MIN (below + 1, self->n - 1);
  double limit = self->sorted[below] + (rank - (double) below) * (self->sorted[above] - self->sorted[below]);
  limit = MIN (MAX (limit, 1), config->threshold_max);
  for (gsize i = 0; i < self->n; i++)
    self->x0[i] = (float) (CLAMP (self->x0[i], -limit, limit) / limit);
}

void
_tacet_sampling_find_x0 (TacetSampling *self, double signal, double noise, const float *x, const float *output)
{
  const TacetScheduleConfig *config = &self->schedule->config;
  const double limit = config->clip_sample && !config->thresholding ? config->clip_range : INFINITY;
  const double norm = signal * signal + noise * noise; /* 1, or for x = x0 + sigma eps: sigma^2 + 1 */
  double of_x = 0, of_output = 1;
  if (config->prediction == TACET_PREDICT_EPSILON)
    {
      of_x = 1 / signal;
      of_output = -noise / signal;
    }
  else if (config->prediction == TACET_PREDICT_V)
    {
      of_x = signal / norm;
      of_output = -noise / sqrt (norm);
    }
  for (gsize i = 0; i < self->n; i++)
    {
      double x0 = of_x * x[i] + of_output * output[i];
      self->x0[i] = (float) CLAMP (x0, -limit, limit);
    }
  if (config->thresholding)
    threshold (self);
}

void
_tacet_sampling_find_noise (TacetSampling *self, double signal, double noise, const float *x, const float *output,
                            float *eps)
{
  const TacetPrediction prediction = self->schedule->config.prediction;
  double of_x = 0, of_output = 1;
  if (prediction == TACET_PREDICT_V)
    {
      of_x = noise;
      of_output = signal;
    }
  else if (prediction == TACET_PREDICT_SAMPLE)
    {
      of_x = 1 / noise;
      of_output = -signal / noise;
    }
  for (gsize i = 0; i < self->n; i++)
    eps[i] = (float) (of_x * x[i] + of_output * output[i]);
}

void
_tacet_sampling_draw (TacetSampling *self, float *values, float *scratch)
{
  const gsize channels = (gsize) self->channels, plane = self->n / channels;
  tacet_noise_normal (&self->noise, scratch, self->n);
  for (gsize c = 0; c < channels; c++)
    for (gsize i = 0; i < plane; i++)
      values[i * channels + c] = scratch[c * plane + i];
}

int
_tacet_sampling_order (const TacetSampling *self, int wanted)
{
  const double *sigma = self->schedule->sigmas + self->index;
  int order = 1;
  while (order < wanted && order <= self->count && sigma[-order] != sigma[1 - order])
    order++;
  return order;
}

float *
_tacet_sampling_push (TacetSampling *self, int n)
{
  float *oldest = self->buffers[n - 1];
  memmove (self->buffers + 1, self->buffers, (n - 1) * sizeof *self->buffers);
  return self->buffers[0] = oldest;
}
