/* tacet-schedule.h: noise schedules and the samplers that walk down them.
 *
 * Room: engine/sample.  Source: Song et al. 2021 (DDIM, eta = 0), Karras et al. 2022 (Euler); names,
 * defaults and roundings are those of diffusers' DDIMScheduler and EulerDiscreteScheduler, so that one
 * scheduler_config.json gives the same trajectory here and there.
 */
#pragma once

#include "tacet-generate.h"

G_BEGIN_DECLS

#define TACET_SAMPLE_ERROR (tacet_sample_error_quark ())
GQuark tacet_sample_error_quark (void);

typedef enum
{
  TACET_SAMPLE_ERROR_REQUEST, /* what is asked for cannot be done: sizes, steps, too many controls */
  TACET_SAMPLE_ERROR_MODEL,   /* missing, damaged or unfit model files */
  TACET_SAMPLE_ERROR_NO_MEMORY,
  TACET_SAMPLE_ERROR_NUMBERS, /* the network's values are not numbers */
} TacetSampleError;

typedef enum
{
  TACET_BETAS_LINEAR,
  TACET_BETAS_SCALED_LINEAR,
  TACET_BETAS_COSINE, /* squaredcos_cap_v2 */
} TacetBetas;

typedef enum
{
  TACET_SPACING_DEFAULT, /* not given: leading for DDIM, linspace for Euler */
  TACET_SPACING_LEADING,
  TACET_SPACING_TRAILING,
  TACET_SPACING_LINSPACE,
} TacetSpacing;

typedef enum
{
  TACET_PREDICT_EPSILON,
  TACET_PREDICT_V,
  TACET_PREDICT_SAMPLE,
} TacetPrediction;

typedef struct
{
  int n_train; /* num_train_timesteps */
  double beta_start, beta_end;
  TacetBetas betas;
  TacetSpacing spacing;
  TacetPrediction prediction;
  int steps_offset;
  gboolean set_alpha_to_one, zero_terminal_snr;
  gboolean clip_sample;
  double clip_range;
} TacetScheduleConfig;

gboolean tacet_schedule_config_load (TacetScheduleConfig *config, const char *path, GError **error);

typedef struct _TacetSchedule TacetSchedule;
TacetSchedule *tacet_schedule_new (const TacetScheduleConfig *config, TacetSampler sampler, int n_steps,
                                   GError **error);
void tacet_schedule_free (TacetSchedule *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TacetSchedule, tacet_schedule_free)

/* cumulated products of 1 - beta, n_train of them; for training too */
const float *tacet_schedule_alphas (const TacetSchedule *self);
double tacet_schedule_timestep (const TacetSchedule *self, int step);
double tacet_schedule_init_sigma (const TacetSchedule *self);            /* factor on the first noise */
double tacet_schedule_input_scale (const TacetSchedule *self, int step); /* factor on what the network sees */
/* x (n values) moves from step to step + 1 by the network's output; denoised: the estimate of the
 * clean latents, or NULL. */
void tacet_schedule_step (const TacetSchedule *self, int step, float *x, const float *output, gsize n, float *denoised);

G_END_DECLS
