/* tacet-generate.h: from a request to a picture, with a report of every step.
 *
 * Room: engine/sample.  A TacetRequest is plain data; the engine keeps a copy, so the document may
 * change during a run.  Progress and results are immutable, reference-counted values that may cross
 * threads.
 */
#pragma once

#include "engine/control/tacet-balance.h"
#include "engine/control/tacet-maps.h"
#include <gio/gio.h>

G_BEGIN_DECLS

typedef enum
{
  TACET_SAMPLER_DDIM,
  TACET_SAMPLER_EULER,
  TACET_N_SAMPLERS
} TacetSampler;
const char *tacet_sampler_id (TacetSampler sampler); /* "ddim" ... */
gboolean tacet_sampler_parse (const char *id, TacetSampler *sampler);

typedef struct
{
  TacetControlKind kind;
  char *name;           /* shown in reports */
  char *model;          /* folder of the ControlNet, or "starter/edge"; NULL: the model's own of this kind */
  TacetImage *map;      /* RGB, any size; resized to the picture */
  TacetImage *coverage; /* gray: 255 speaks, 0 silent (the map counts as black there); NULL: speaks everywhere */
  double strength;      /* 0 .. 2 */
  double start, end;    /* share of the steps, 0 .. 1 */
} TacetControlRequest;

typedef struct
{
  char *model; /* folder of a pipeline, or the name of an installed one ("starter") */
  char *prompt, *negative_prompt;
  int width, height;
  guint64 seed;
  int steps;
  TacetSampler sampler;
  double guidance_scale;
  TacetCombine combine;
  GPtrArray *controls; /* of TacetControlRequest; enabled ones only */
} TacetRequest;

TacetRequest *tacet_request_new (void); /* defaults, no controls */
TacetRequest *tacet_request_copy (const TacetRequest *self);
void tacet_request_free (TacetRequest *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TacetRequest, tacet_request_free)
TacetControlRequest *tacet_control_request_new (TacetControlKind kind);
void tacet_control_request_free (TacetControlRequest *self);

/* What one evaluation of the network did at one layer. */
typedef struct
{
  int layer;
  TacetBalance balance;
  double gram[TACET_MAX_CONTROLS * TACET_MAX_CONTROLS]; /* of c_1 .. c_n, n x n */
} TacetLayerReport;

typedef struct
{
  int step;
  int timestep;
  gboolean conditional; /* the half of classifier-free guidance */
  int n_controls;
  int controls[TACET_MAX_CONTROLS]; /* indices into the request's controls of those that took part */
  double strengths[TACET_MAX_CONTROLS];
  int n_layers;
  TacetLayerReport *layers; /* in the encoder's order, the middle last */
} TacetStepReport;

/* Immutable snapshot during and after a run. */
typedef struct
{
  int step, n_steps;        /* steps done */
  double seconds;           /* so far */
  double seconds_left;      /* estimate; < 0: not known yet */
  TacetImage *preview;      /* RGB: the denoised estimate, picture size; NULL: none yet, or no memory */
  GPtrArray *reports;       /* of TacetStepReport, all so far */
  GPtrArray *control_names; /* of char*, one per control of the request */
  GPtrArray *notes;         /* of char*: what was left out and why, translated */
} TacetProgress;
TacetProgress *tacet_progress_ref (TacetProgress *self);
void tacet_progress_unref (TacetProgress *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TacetProgress, tacet_progress_unref)

typedef struct
{
  TacetImage *picture;     /* RGB */
  TacetProgress *progress; /* the last one: all reports */
} TacetResult;
void tacet_result_free (TacetResult *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TacetResult, tacet_result_free)

/* The engine: owns the backend, the loaded models and the plans made from them.  One thread at a
 * time; tacet-engine-thread.h (GTask) is for programs with a main loop. */
typedef struct _TacetEngine TacetEngine;
TacetEngine *tacet_engine_new (int n_threads, gsize memory_budget,
                               GError **error); /* 0: all cores; 0: nine tenths of the machine */
void tacet_engine_free (TacetEngine *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TacetEngine, tacet_engine_free)
/* Folders in which names of models are looked for, first match wins. */
void tacet_engine_set_model_path (TacetEngine *self, const char *const *folders);

typedef void (*TacetProgressFunc) (TacetProgress *progress, gpointer user_data); /* on the engine's thread */

TacetResult *tacet_engine_generate (TacetEngine *self, const TacetRequest *request, TacetProgressFunc func,
                                    gpointer user_data, GCancellable *cancellable, GError **error);

/* The same on a thread of its own, one job at a time, newest progress only, delivered to the main
 * context of the caller.  func and callback run there. */
typedef struct _TacetEngineThread TacetEngineThread;
TacetEngineThread *tacet_engine_thread_new (int n_threads, gsize memory_budget, const char *const *model_folders);
void tacet_engine_thread_free (TacetEngineThread *self); /* cancels, waits, frees */
void tacet_engine_thread_generate_async (TacetEngineThread *self, const TacetRequest *request, TacetProgressFunc func,
                                         gpointer user_data, GCancellable *cancellable, GAsyncReadyCallback callback,
                                         gpointer callback_data);
TacetResult *tacet_engine_thread_generate_finish (TacetEngineThread *self, GAsyncResult *result, GError **error);

G_END_DECLS
