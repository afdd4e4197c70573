/* tacet-schedule-private.h: what the samplers share.
 *
 * Room: engine/sample, private.
 */
#pragma once

#include "tacet-schedule.h"

G_BEGIN_DECLS

typedef enum
{
  TACET_SAMPLER_SIGMAS = 1 << 0,       /* levels are sigmas = noise / signal */
  TACET_SAMPLER_UNSCALED = 1 << 1,     /* x is signal + sigma noise; the network sees it scaled */
  TACET_SAMPLER_FRACTIONAL = 1 << 2,   /* time steps need not be whole */
  TACET_SAMPLER_ONE_MORE = 1 << 3,     /* the grid has a point more than steps, its last is not visited */
  TACET_SAMPLER_OWN_GRID = 1 << 4,     /* no spacing to choose */
  TACET_SAMPLER_HAS_ETA = 1 << 5,      /* the rest: which fields of a configuration are looked at */
  TACET_SAMPLER_HAS_ZERO_SNR = 1 << 6, /* of these: */
  TACET_SAMPLER_HAS_KARRAS = 1 << 7,
  TACET_SAMPLER_HAS_CLIP = 1 << 8,
  TACET_SAMPLER_CLIPS = 1 << 9, /* unless told not to */
  TACET_SAMPLER_HAS_THRESHOLD = 1 << 10,
  TACET_SAMPLER_HAS_FINAL_SIGMA = 1 << 11,
  TACET_SAMPLER_SD_BETAS = 1 << 12, /* unless told otherwise: those of Stable Diffusion */
} TacetSamplerTraits;

#define TACET_SAMPLING_MAX_BUFFERS 7

typedef struct
{
  const char *id, *name;
  TacetSpacing spacing;
  guint traits;
  int n_buffers;
  void (*step) (TacetSampling *sampling, float *x, const float *output);
} TacetSamplerInfo;

const TacetSamplerInfo *_tacet_sampler_info (TacetSampler sampler);

struct _TacetSchedule
{
  TacetScheduleConfig config; /* everything given; owns nothing */
  TacetScheduleOptions options;
  const TacetSamplerInfo *info;
  float *alphas;     /* n_train */
  int n;             /* evaluations of the whole walk */
  int first;         /* of them is walked */
  int n_runge_kutta; /* of them are PNDM's start */
  double *timesteps; /* n */
  double *sigmas;    /* n + 1 */
};

/* The whole walk's time steps and sigmas from the configuration (tacet-schedule-grid.c). */
void _tacet_schedule_fill_grid (TacetSchedule *self);

struct _TacetSampling
{
  const TacetSchedule *schedule;
  int index;  /* of the evaluation in the whole walk */
  int count;  /* evaluations done */
  int n_kept; /* outputs that count for the next step */
  TacetNoise noise;
  int channels;
  gsize n;
  float *x0; /* this evaluation's estimate of the clean latents */
  float *sorted;
  float *buffers[TACET_SAMPLING_MAX_BUFFERS]; /* a sampler's memory */
};

typedef struct
{
  double factor;
  const float *values;
} TacetTerm;

/* x = the sum of the terms; x may be one of them. */
void _tacet_sampling_sum (const TacetSampling *self, float *x, const TacetTerm *terms, int n_terms);
/* self->x0 from x = signal x0 + noise eps and the output, clipped as the configuration says */
void _tacet_sampling_find_x0 (TacetSampling *self, double signal, double noise, const float *x, const float *output);
/* eps of the same, without any clipping; may be in place */
void _tacet_sampling_find_noise (TacetSampling *self, double signal, double noise, const float *x, const float *output,
                                 float *eps);
/* The next torch.randn (1, channels, h, w), {h,w,channels}; scratch: n values, another buffer */
void _tacet_sampling_draw (TacetSampling *self, float *values, float *scratch);
/* As many steps back as have been done, at levels that differ. */
int _tacet_sampling_order (const TacetSampling *self, int wanted);
/* The newest value first: the oldest of n buffers becomes the first. */
float *_tacet_sampling_push (TacetSampling *self, int n);

void _tacet_ddim_step (TacetSampling *self, float *x, const float *output);
void _tacet_ddpm_step (TacetSampling *self, float *x, const float *output);
void _tacet_lcm_step (TacetSampling *self, float *x, const float *output);
void _tacet_pndm_step (TacetSampling *self, float *x, const float *output);
void _tacet_euler_step (TacetSampling *self, float *x, const float *output);
void _tacet_euler_a_step (TacetSampling *self, float *x, const float *output);
void _tacet_heun_step (TacetSampling *self, float *x, const float *output);
void _tacet_dpmpp_step (TacetSampling *self, float *x, const float *output);
void _tacet_dpmpp_sde_step (TacetSampling *self, float *x, const float *output);
void _tacet_unipc_step (TacetSampling *self, float *x, const float *output);

G_END_DECLS
