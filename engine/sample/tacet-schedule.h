/* tacet-schedule.h: noise schedules and the samplers that walk down them.
 *
 * Room: engine/sample.  Sources: docs/sampling.md; names, defaults and roundings are those of diffusers'
 * schedulers, so that one scheduler_config.json gives the same trajectory here and there.
 *
 * A TacetSchedule is what is known beforehand: which time steps the network is asked for, at which noise
 * levels.  A TacetSampling is one walk over them, with its memory and its noise.  Both count
 * *evaluations* of the network, 0 .. n - 1: most samplers need one per step, some more.
 */
#pragma once

#include "tacet-generate.h"
#include "tacet-noise.h"

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
  TACET_BETAS_DEFAULT, /* not given: the sampler's own */
  TACET_BETAS_LINEAR,
  TACET_BETAS_SCALED_LINEAR,
  TACET_BETAS_COSINE, /* squaredcos_cap_v2 */
} TacetBetas;

typedef enum
{
  TACET_PREDICT_EPSILON,
  TACET_PREDICT_V,
  TACET_PREDICT_SAMPLE,
} TacetPrediction;

/* scheduler_config.json.  As in diffusers a field that the file leaves out has the chosen sampler's own
 * default, whatever class wrote the file; such fields can be "not given" here. */
typedef struct
{
  int n_train;                 /* num_train_timesteps */
  double beta_start, beta_end; /* < 0: not given */
  TacetBetas betas;
  GBytes *trained_betas; /* n_train floats; NULL: not given */
  TacetSpacing spacing;
  TacetPrediction prediction;
  int steps_offset;
  int set_alpha_to_one; /* -1: not given */
  gboolean zero_terminal_snr;
  int clip_sample; /* -1: not given */
  double clip_range;
  gboolean thresholding; /* dynamic: Saharia et al. 2022 */
  double threshold_ratio, threshold_max;
  gboolean karras, exponential, lu; /* lu: use_lu_lambdas of DPM++, exponential but for roundings */
  double sigma_min, sigma_max;      /* of both; <= 0: not given */
  gboolean log_linear;              /* interpolation_type of Euler */
  gboolean end_at_sigma_min;        /* final_sigmas_type */
  double lambda_min_clipped;
  int solver_order;
  gboolean solver_heun, solver_bh1; /* solver_type of DPM++ and of UniPC */
  gboolean lower_order_final, euler_at_final;
  gboolean predict_noise;    /* UniPC with predict_x0 false */
  guint64 disable_corrector; /* UniPC: bit i: not at step i */
  gboolean skip_prk_steps;
  gboolean large_variance;   /* DDPM: fixed_large */
  gboolean learned_variance; /* DDPM: not supported */
  int original_steps;        /* LCM: original_inference_steps */
  double timestep_scaling;   /* LCM */
} TacetScheduleConfig;

void tacet_schedule_config_init (TacetScheduleConfig *config); /* nothing given, 1000 training steps */
/* Fills `config`, which must not own anything; clear it afterwards. */
gboolean tacet_schedule_config_load (TacetScheduleConfig *config, const char *path, GError **error);
void tacet_schedule_config_clear (TacetScheduleConfig *config);
/* That of Stable Diffusion 1.x, for models of a single file, which have none. */
void tacet_schedule_config_usual (TacetScheduleConfig *config, gboolean v_prediction, gboolean zero_terminal_snr);

typedef struct
{
  TacetSampler sampler;
  int n_steps; /* as a person counts them, before strength cuts */
  TacetSpacing spacing;
  TacetKarras karras;
  double eta;      /* DDIM: 0 .. 1, share of the fresh noise of DDPM */
  double strength; /* 0 .. 1: only the last strength * n_steps steps are walked (image to image); 1: all */
} TacetScheduleOptions;

TacetScheduleOptions tacet_schedule_options (TacetSampler sampler, int n_steps); /* the rest as usual */

typedef struct _TacetSchedule TacetSchedule;
/* Immutable; may be shared.  Errors: too many or too few steps for this model and sampler. */
TacetSchedule *tacet_schedule_new (const TacetScheduleConfig *config, const TacetScheduleOptions *options,
                                   GError **error);
void tacet_schedule_free (TacetSchedule *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TacetSchedule, tacet_schedule_free)

/* cumulated products of 1 - beta, n_train of them; for training too */
const float *tacet_schedule_alphas (const TacetSchedule *self);
int tacet_schedule_n_evaluations (const TacetSchedule *self); /* after strength has cut; at least 1 */
int tacet_schedule_n_steps (const TacetSchedule *self);       /* the same as a person counts */
/* Whole steps done after so many evaluations. */
int tacet_schedule_steps_done (const TacetSchedule *self, int evaluations);
double tacet_schedule_timestep (const TacetSchedule *self, int evaluation);
double tacet_schedule_init_sigma (const TacetSchedule *self);                  /* factor on pure noise */
double tacet_schedule_input_scale (const TacetSchedule *self, int evaluation); /* on what the network sees */
/* x0 with so much of the noise as the latents have before this evaluation (n values each; x may be any of
 * the others): where image to image begins (evaluation 0), and what inpainting puts where nothing changes
 * after step i (evaluation i + 1, and x0 itself after the last). */
void tacet_schedule_add_noise (const TacetSchedule *self, int evaluation, const float *x0, const float *noise, gsize n,
                               float *x);

typedef struct _TacetSampling TacetSampling;
/* A walk over latents of n values, {h,w,channels}.  schedule: lent, must stay.  noise: the generator as
 * it stands after everything that was drawn before; copied; NULL: that of seed 0.  Fresh noise is drawn as
 * torch.randn (1, channels, h, w).  Error: no memory. */
TacetSampling *tacet_sampling_new (const TacetSchedule *schedule, const TacetNoise *noise, int channels, gsize n,
                                   GError **error);
void tacet_sampling_free (TacetSampling *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TacetSampling, tacet_sampling_free)
/* x moves over the next evaluation by the network's output; denoised: the estimate of the clean latents,
 * or NULL. */
void tacet_sampling_step (TacetSampling *self, float *x, const float *output, float *denoised);

G_END_DECLS
