/* tacet-generate.h: from a request to a picture, with a report of every step.
 *
 * Room: engine/sample.  A TacetRequest is plain data; the engine keeps a copy, so the document may
 * change during a run.  Progress and results are immutable, reference-counted values that may cross
 * threads.
 */
#pragma once

#include "engine/control/tacet-balance.h"
#include "engine/control/tacet-maps.h"
#include "tacet-sampler.h"
#include <gio/gio.h>

G_BEGIN_DECLS

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

/* Words for a part of the picture.  They stand before the request's prompt, which holds everywhere. */
#define TACET_MAX_REGIONS 16
typedef struct
{
  char *name;                     /* shown in notes and reports */
  char *prompt, *negative_prompt; /* NULL or empty: the request's alone */
  TacetImage *mask;               /* gray, any size: 255 is inside, values between fade; resized to the picture */
} TacetRegionRequest;

/* The two published guess modes, which differ (docs/method.md 4.6). */
typedef enum
{
  TACET_GUESS_NONE,
  TACET_GUESS_CLDM,      /* "guess-cldm": layer i of n is scaled by 0.825^(n-1-i) */
  TACET_GUESS_DIFFUSERS, /* "guess-diffusers": from 0.1 to 1, evenly in the logarithm */
  TACET_N_GUESSES
} TacetGuess;
const char *tacet_guess_id (TacetGuess guess); /* "none", "guess-cldm", "guess-diffusers" */
gboolean tacet_guess_parse (const char *id, TacetGuess *guess);

/* A LoRA file that changes the model's weights. */
typedef struct
{
  char *path; /* a file, or the name of an installed one */
  double weight;
} TacetLora;
TacetLora *tacet_lora_new (const char *path, double weight);
void tacet_lora_free (TacetLora *self);

#define TACET_MAX_PICTURES 64
#define TACET_MASK_FEATHER 8.0
#define TACET_MAX_FEATHER  512.0

/* Whether the autoencoder works in tiles; seams do not show either way (tacet-tiles.c). */
typedef enum
{
  TACET_TILING_AUTO, /* where the whole would need more than a third of the memory, or does not fit */
  TACET_TILING_ON,
  TACET_TILING_OFF,
} TacetTiling;

typedef struct
{
  char *model;      /* folder of a pipeline, or the name of an installed one ("starter") */
  char *vae;        /* a separate VAE, path or name; NULL: the model's own */
  GPtrArray *loras; /* of TacetLora */
  char *prompt, *negative_prompt;
  int clip_skip; /* 1: the text encoder's last layer counts, 2: the last but one ... (as AUTOMATIC1111 counts) */
  int width, height;
  guint64 seed;
  int count; /* pictures, from seed, seed + 1 ...; 1 .. TACET_MAX_PICTURES */
  int steps;
  TacetSampler sampler;
  TacetSpacing spacing;
  TacetKarras karras;
  double eta; /* DDIM: 0 .. 1 */
  double guidance_scale;
  double guidance_rescale; /* 0 .. 1: Lin et al. 2024, section 3.4 */
  TacetCombine combine;
  GPtrArray *controls; /* of TacetControlRequest; enabled ones only */
  GPtrArray *regions;  /* of TacetRegionRequest; enabled ones only, topmost first: upper ones hide lower ones */
  TacetGuess guess;
  gboolean prefer_ema;               /* a file's running means of the U-Net, where it has both kinds of weights */
  gboolean control_conditional_only; /* the unconditional half of guidance sees no control */

  TacetImage *image; /* any channels and size, resized to the picture; what the picture starts from; transparent parts
                        are made new; NULL: noise alone */
  double denoising_strength; /* 0: the image as it is .. 1: a new picture */
  TacetImage *mask;          /* gray, any size: 128 .. 255 is made new, below stays as it is; NULL: everything is new */
  double mask_feather;       /* pixels inside the mask's border over which new fades into old */

  TacetTiling vae_tiling;
} TacetRequest;

TacetRequest *tacet_request_new (void); /* defaults, no controls, no regions */
TacetRequest *tacet_request_copy (const TacetRequest *self);
void tacet_request_free (TacetRequest *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TacetRequest, tacet_request_free)
TacetControlRequest *tacet_control_request_new (TacetControlKind kind);
void tacet_control_request_free (TacetControlRequest *self);
/* Takes the mask. */
TacetRegionRequest *tacet_region_request_new (const char *name, const char *prompt, const char *negative_prompt,
                                              TacetImage *mask);
void tacet_region_request_free (TacetRegionRequest *self);

/* What one evaluation of the network did at one layer. */
typedef struct
{
  int layer;
  TacetBalance balance;
  double *gram;                         /* of c_1 .. c_n, n x n; part of the step's report */
  double strengths[TACET_MAX_CONTROLS]; /* with the layer's factor of a guess mode */
} TacetLayerReport;

typedef struct
{
  int step; /* evaluation of the network; some samplers take several per step */
  int timestep;
  gboolean conditional; /* the half of classifier-free guidance */
  int n_controls;
  int controls[TACET_MAX_CONTROLS]; /* indices into the request's controls of those that took part in this half */
  double strengths[TACET_MAX_CONTROLS];
  int n_regions;
  int regions[TACET_MAX_REGIONS]; /* indices into the request's regions of those that took part */
  int n_layers;
  TacetLayerReport *layers; /* in the encoder's order, the middle last */
} TacetStepReport;

/* Immutable snapshot during and after a run; of several pictures the one in work. */
typedef struct
{
  int picture, n_pictures;  /* which of how many, from 0 */
  int step, n_steps;        /* steps done, as a person counts them */
  int n_evaluations;        /* of the network, in all; reports number these */
  double seconds;           /* so far, with all pictures before */
  gsize memory;             /* most bytes that the engine held at once in this run, so far */
  double seconds_left;      /* estimate, for all that are still to come; < 0: not known yet */
  TacetImage *preview;      /* RGB: the denoised estimate, picture size; NULL: none yet, or no memory */
  GPtrArray *reports;       /* of TacetStepReport, all so far */
  GPtrArray *control_names; /* of char*, one per control of the request */
  GPtrArray *region_names;  /* the same of its regions */
  GPtrArray *notes;         /* of char*: what was left out and why, translated */
} TacetProgress;
TacetProgress *tacet_progress_ref (TacetProgress *self);
void tacet_progress_unref (TacetProgress *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TacetProgress, tacet_progress_unref)

typedef struct
{
  guint64 seed;
  TacetImage *image;       /* RGB */
  TacetProgress *progress; /* the last one: all reports of this picture */
} TacetPicture;

typedef struct
{
  TacetImage *picture;     /* of the first */
  TacetProgress *progress; /* of the first */
  GPtrArray *pictures;     /* of TacetPicture, `count` of them by their seeds, the first included */
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
/* For the jobs that begin from now on. */
void tacet_engine_thread_set_model_folders (TacetEngineThread *self, const char *const *model_folders);
void tacet_engine_thread_free (TacetEngineThread *self); /* cancels, waits, frees */
void tacet_engine_thread_generate_async (TacetEngineThread *self, const TacetRequest *request, TacetProgressFunc func,
                                         gpointer user_data, GCancellable *cancellable, GAsyncReadyCallback callback,
                                         gpointer callback_data);
TacetResult *tacet_engine_thread_generate_finish (TacetEngineThread *self, GAsyncResult *result, GError **error);

G_END_DECLS
