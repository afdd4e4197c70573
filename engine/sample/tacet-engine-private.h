/* tacet-engine-private.h: the engine's caches, and one run through them.
 *
 * Room: engine/sample, private.
 */
#pragma once

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
  GPtrArray *decoders; /* of CachedDecoder, least recently used first */
};

/* Everything below lends what the cache owns; it stays valid until the next call for a request. */
gboolean _tacet_engine_use_pipeline (TacetEngine *self, const char *name, GError **error);
/* Loads what is missing and forgets what this request does not need. nets: one per control or NULL. */
gboolean _tacet_engine_use_controlnets (TacetEngine *self, const TacetRequest *request, const gboolean *wanted,
                                        TacetControlnet **nets, GError **error);
/* A denoiser lent earlier in the same run may be gone afterwards. */
TacetDenoiser *_tacet_engine_denoiser (TacetEngine *self, const TacetDenoiserSpec *spec, GError **error);
TacetNetwork *_tacet_engine_text (TacetEngine *self, GError **error);
/* modest: rather fail than give up other plans for memory */
TacetNetwork *_tacet_engine_decoder (TacetEngine *self, int height, int width, gboolean modest, GError **error);

/* A control of the request that takes part. */
typedef struct
{
  int index; /* in the request */
  const TacetControlRequest *request;
  TacetControlnet *net;
  float *hint; /* batch (or 1) x H x W x channels, in [0,1] */
  gboolean masked;
  gboolean conditional_only; /* with a batch of 2: the hint is for its second half alone */
} TacetRunControl;

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
  float *latents, *denoised, *guided; /* n */
  float *input, *output;              /* batch x n */
  float *context;                     /* batch x T x c */
  gsize n_context;                    /* T x c */
  TacetRunControl controls[TACET_MAX_CONTROLS];
  int n_controls;

  TacetDenoiser *denoiser;        /* of the last step */
  int active[TACET_MAX_CONTROLS]; /* positions in controls, of that step */
  int n_active;
  double denoiser_flops;

  GPtrArray *reports, *names, *notes;
  gint64 started, loop_started;
} TacetRun;

/* Where everything of a run comes from its request (tacet-run-setup.c). */
gboolean _tacet_run_prepare (TacetRun *run, GError **error);
void _tacet_run_clear (TacetRun *run);
void _tacet_run_note (TacetRun *run, const char *format, ...) G_GNUC_PRINTF (2, 3);
/* area-averaged opinion of a control at a feature's size: height x width, in [0,1] */
gboolean _tacet_run_fill_mask (const TacetRunControl *control, int height, int width, float *values);

/* RGB of the latents by the real decoder (tacet-preview.c); NULL with an error. */
TacetImage *_tacet_run_decode (TacetRun *run, const float *latents, GError **error);
/* Of the denoised estimate: the same or a cheap likeness, as costs allow.  NULL without an error: there
 * is no memory for previews. */
TacetImage *_tacet_run_preview (TacetRun *run, GError **error);
/* Shares of a run are counted in evaluations, as diffusers does. */
gboolean _tacet_run_in_window (const TacetControlRequest *control, int evaluation, int n_evaluations);

G_END_DECLS
