/* tacet-engine-private.h: the engine's caches, and one run through them.
 *
 * Room: engine/sample, private.
 */
#pragma once

#include "tacet-noise.h"
#include "tacet-sample-private.h"

G_BEGIN_DECLS

struct _TacetEngine
{
  TacetBackend *backend;
  GStrv model_path;
  TacetPipeline *pipeline; /* the model in use; NULL: none yet */
  GPtrArray *controlnets;  /* of TacetControlnet, those of the last request */
  GPtrArray *denoisers;    /* of CachedDenoiser, least recently used first */
  TacetNetwork *text;
  int text_skip;              /* clip_skip of it */
  GPtrArray *contexts;        /* encoded prompts of any model (tacet-context.c), least recently used first */
  GPtrArray *decoders;        /* of CachedDecoder, least recently used first */
  TacetWeights *tiny_weights; /* TAESD of the pipeline, for previews; NULL: none, or not looked for yet */
  TacetTaesdConfig tiny_config;
  gboolean tiny_sought;
  TacetNetwork *tiny;
};

/* Everything below lends what the cache owns; it stays valid until the next call for a request. */
gboolean _tacet_engine_use_pipeline (TacetEngine *self, const TacetRequest *request, GError **error);
/* Loads what is missing and forgets what this request does not need. nets: one per control or NULL. */
gboolean _tacet_engine_use_controlnets (TacetEngine *self, const TacetRequest *request, const gboolean *wanted,
                                        TacetControlnet **nets, GError **error);
/* A denoiser lent earlier in the same run may be gone afterwards. */
TacetDenoiser *_tacet_engine_denoiser (TacetEngine *self, const TacetDenoiserSpec *spec, GError **error);
/* The one lent last, for measurements; NULL: none yet. */
TacetDenoiser *_tacet_engine_last_denoiser (TacetEngine *self);
/* clip_skip: as in a request */
TacetNetwork *_tacet_engine_text (TacetEngine *self, int clip_skip, GError **error);
/* TAESD on latents of this size, if one is installed beside the model or in a model folder (vae_approx/taesd, taesd);
 * else NULL without an error. */
TacetNetwork *_tacet_engine_tiny (TacetEngine *self, int height, int width, GError **error);
/* Their job in this run is over: large ones are freed, for the parts that come next. */
void _tacet_engine_finish_text (TacetEngine *self);
void _tacet_engine_finish_decoders (TacetEngine *self);
void _tacet_engine_forget_plans (TacetEngine *self);
/* modest: rather fail than give up other plans for memory.  The encoder is the caller's, who frees it. */
TacetNetwork *_tacet_engine_encoder (TacetEngine *self, int height, int width, gboolean modest, GError **error);
TacetNetwork *_tacet_engine_decoder (TacetEngine *self, int height, int width, gboolean modest, GError **error);

/* A control of the request that takes part. */
typedef struct
{
  int index; /* in the request */
  const TacetControlRequest *request;
  TacetControlnet *net;
  float *hint; /* H x W x channels, in [0,1] */
  gboolean masked;
  gboolean conditional_only; /* with a batch of 2: it speaks in the second half alone */
} TacetRunControl;

/* What some or all pixels attend to: the request's prompts, behind a region's own where it is one's. */
typedef struct
{
  const TacetRegionRequest *region; /* NULL: the request's alone */
  TacetImage *share;                /* gray, of the picture's size: 255 is all of a pixel; NULL: all of all */
  int n_tokens;                     /* of both halves: chunks of the text encoder's positions */
} TacetRunText;

/* One generation from request to picture. */
typedef struct
{
  TacetEngine *engine;
  const TacetRequest *request;
  GCancellable *cancellable;
  TacetProgressFunc func;
  gpointer user_data;

  int height, width, channels; /* of the latents */
  gsize n;                     /* latent values */
  int batch;                   /* 2: unconditional, conditional; 1: conditional */
  TacetSchedule *schedule;
  TacetSampling *sampling;
  float *latents, *denoised, *guided;        /* n */
  float *input, *output;                     /* batch x n */
  TacetRunText texts[TACET_MAX_REGIONS + 1]; /* their shares add up to 255 at every pixel */
  int n_texts;
  int regions[TACET_MAX_REGIONS]; /* places in the request's of those that take part */
  int n_regions;
  float *context;  /* batch x T x c: the texts one after the other */
  gsize n_context; /* T x c */
  TacetRunControl controls[TACET_MAX_CONTROLS];
  int n_controls;

  TacetDenoiser *denoiser;        /* of the last step */
  int active[TACET_MAX_CONTROLS]; /* positions in controls, of that step */
  int n_active;
  double denoiser_flops;
  double preview_flops; /* that previews may still take */
  TacetImage *preview;  /* of the present picture, the last by the decoder; NULL: none yet, or by other ways */
  int next_preview;     /* evaluations after which it may decode again */
  int tiny_shrink;      /* latents are shrunk by this for TAESD; 0: not chosen yet */
  double (*colors)[3];  /* linear map from a latent and 1 to a colour, or NULL */

  /* Runs that start from a picture (tacet-run-image.c); all NULL in others. */
  TacetImage *original;            /* RGB or RGBA, of the picture's size */
  TacetImage *repaint;             /* gray: 255 is made new, 0 stays; NULL: everything is new */
  float *moments;                  /* h x w x 2 c: of the original's latents */
  float *masked_moments, *masking; /* h x w x 2 c, h x w x (1 + c): of inpainting U-Nets */
  float *image_latents, *noise;    /* n: drawn for the present picture */
  float *latent_mask;              /* h x w: 1 is made new */
  TacetNoise generator;            /* of the present picture */

  int picture;                                       /* which of the request's count, from 0 */
  GPtrArray *reports, *names, *region_names, *notes; /* reports: of this picture */
  gint64 started, loop_started;
} TacetRun;

/* Where everything of a run comes from its request (tacet-run-setup.c). */
gboolean _tacet_run_prepare (TacetRun *run, GError **error);
/* The first latents of one of its pictures. */
gboolean _tacet_run_start (TacetRun *run, guint64 seed, GError **error);
void _tacet_run_clear (TacetRun *run);
gboolean _tacet_run_no_memory (GError **error); /* sets it; FALSE */
void _tacet_run_note (TacetRun *run, const char *format, ...) G_GNUC_PRINTF (2, 3);
/* area-averaged opinion of a control at a feature's size: height x width, in [0,1] */
gboolean _tacet_run_fill_mask (const TacetRunControl *control, int height, int width, float *values);

/* Who has which words (tacet-run-regions.c). */
gboolean _tacet_run_prepare_regions (TacetRun *run, GError **error);
/* The texts' shares at a feature's size: n_texts x height x width, adding up to 1 at every pixel */
gboolean _tacet_run_fill_shares (const TacetRun *run, int height, int width, float *values);

/* Sets the context, by the text encoder or from the engine's memory (tacet-context.c). */
gboolean _tacet_run_encode_prompts (TacetRun *run, GError **error);
GPtrArray *_tacet_contexts_new (void);

/* The same where a picture comes in (tacet-run-image.c). */
gboolean _tacet_run_prepare_image (TacetRun *run, GError **error);
gboolean _tacet_run_start_image (TacetRun *run, GError **error);
void _tacet_run_clear_image (TacetRun *run);
/* After an evaluation: the original's latents where nothing is made new. */
gboolean _tacet_run_keep_image (TacetRun *run, int evaluation, GError **error);
/* Takes the picture; the original's pixels where nothing is made new.  feather: 0 is quick.  NULL: no memory, or
 * picture was NULL. */
TacetImage *_tacet_run_blend (TacetRun *run, TacetImage *picture, double feather);

/* Whole or in tiles (tacet-run-vae.c).  latents: h x w x c, as the decoder takes them -> H x W x 3 in [-1,1];
 * and the picture -> h x w x 2 c: mean and logvar. */
gboolean _tacet_run_decode_floats (TacetRun *run, const float *latents, float *pixels, GError **error);
gboolean _tacet_run_encode (TacetRun *run, const float *picture, float *moments, GError **error);

/* RGB of the latents by the real decoder (tacet-preview.c); NULL with an error. */
TacetImage *_tacet_run_decode (TacetRun *run, const float *latents, GError **error);
/* Of the denoised estimate: the same or a cheap likeness, as costs allow.  NULL without an error: there
 * is no memory for previews. */
TacetImage *_tacet_run_preview (TacetRun *run, GError **error);
/* Shares of a run are counted in evaluations, as diffusers does. */
gboolean _tacet_run_in_window (const TacetControlRequest *control, int evaluation, int n_evaluations);

G_END_DECLS
