/* tacet-sample-private.h: what the files of this room share.
 *
 * Room: engine/sample, private.
 */
#pragma once

#include "engine/control/tacet-inject.h"
#include "engine/model/tacet-library.h"
#include "engine/model/tacet-lora.h"
#include "engine/tensor/tacet-plan.h"
#include "engine/weights/tacet-tokenizer.h"
#include "tacet-generate.h"
#include "tacet-schedule.h"

G_BEGIN_DECLS

/* --- values (tacet-request.c) --- */

TacetStepReport *_tacet_step_report_new (int n_layers, int n_controls);
GPtrArray *_tacet_step_reports_new (void); /* owns its reports */
GPtrArray *_tacet_pictures_new (void);     /* owns its TacetPictures */
/* Copies the arrays; shares the reports. */
TacetProgress *_tacet_progress_new (GPtrArray *reports, GPtrArray *names, GPtrArray *region_names, GPtrArray *notes);

/* --- models (tacet-pipeline.c) --- */

/* What a request asks for, found; `stamp` tells when it is another model, or changed on disk. */
typedef struct
{
  char *path, *vae, *stamp; /* vae: NULL: the model's own */
  GPtrArray *loras;         /* of TacetLora, with paths */
  gboolean prefer_ema;
} TacetPipelineSpec;

/* One model, loaded. */
typedef struct
{
  char *folder, *stamp; /* folder: or single file */
  TacetModelFiles *files;
  TacetUnetConfig unet;
  TacetVaeConfig vae;
  TacetTextConfig text;
  TacetScheduleConfig schedule;
  TacetWeights *unet_weights, *vae_weights, *text_weights; /* of the files */
  TacetTokenizer *tokenizer; /* NULL when loaded: the model has none, and the engine looks for one */
} TacetPipeline;

typedef struct
{
  char *folder, *stamp;
  TacetControlnetConfig config;
  TacetWeights *weights;
} TacetControlnet;

char *_tacet_pipeline_find (const char *const *model_path, const char *name, GError **error);
/* self: zeros; clear it also after a failure. */
gboolean _tacet_pipeline_spec_init (TacetPipelineSpec *self, const char *const *model_path, const TacetRequest *request,
                                    GError **error);
void _tacet_pipeline_spec_clear (TacetPipelineSpec *self);
TacetPipeline *_tacet_pipeline_load (const TacetPipelineSpec *spec, GError **error);
void _tacet_pipeline_free (TacetPipeline *self);
/* Sides of pictures are multiples of this, and latents that much smaller. */
int _tacet_pipeline_vae_factor (const TacetPipeline *self);
/* The U-Net also takes a mask and the masked picture's latents. */
gboolean _tacet_pipeline_inpaints (const TacetPipeline *self);

/* name: NULL: the pipeline's own of this kind */
char *_tacet_controlnet_find (const char *const *model_path, const TacetPipeline *pipeline, const char *name,
                              TacetControlKind kind, GError **error);
TacetControlnet *_tacet_controlnet_load (const char *path, const TacetPipeline *pipeline, GError **error);
void _tacet_controlnet_free (TacetControlnet *self);

/* --- graphs with their plans (tacet-networks.c) --- */

typedef struct
{
  TacetGraph *graph;
  TacetPlan *plan;
  TacetValue *in, *out;
} TacetNetwork;

void _tacet_network_free (TacetNetwork *self);
/* ids {1,1,T,1} -> {1,1,T,c}; clip_skip as in a request */
TacetNetwork *_tacet_network_text (TacetPipeline *pipeline, int clip_skip, TacetBackend *backend, GError **error);
/* picture {1,H,W,3} -> {1,h,w,2 l}: mean and logvar; height, width: of the latents */
TacetNetwork *_tacet_network_encoder (TacetPipeline *pipeline, int height, int width, TacetBackend *backend,
                                      GError **error);
/* latent {1,h,w,l} -> {1,H,W,3} */
TacetNetwork *_tacet_network_decoder (TacetPipeline *pipeline, int height, int width, TacetBackend *backend,
                                      GError **error);
/* The whole picture's part of each half, beside tacet_vae_decoder_finish () and tacet_vae_encoder_start (). */
TacetNetwork *_tacet_network_decoder_start (TacetPipeline *pipeline, int height, int width, TacetBackend *backend,
                                            GError **error);
TacetNetwork *_tacet_network_encoder_finish (TacetPipeline *pipeline, int height, int width, TacetBackend *backend,
                                             GError **error);
/* latent {1,h,w,l} as the U-Net has it -> {1,H,W,3} in [0,1] */
TacetNetwork *_tacet_network_tiny (const TacetTaesdConfig *config, TacetWeights *weights, int height, int width,
                                   TacetBackend *backend, GError **error);
gboolean _tacet_network_run (TacetNetwork *self, const void *in, float *out, GCancellable *cancellable, GError **error);

/* A local network on a map too large for one plan (tacet-tiles.c): every norm in it is that of the whole map. */
typedef struct
{
  TacetValue *(*build) (gpointer data, TacetGraph *g, TacetValue *in, const TacetTileNorm *norm);
  gpointer data;
  int height, width, channels; /* of the map */
  int unit;                    /* tiles start at multiples of it */
  int halo;                    /* pixels of the map around a tile that it depends on; a multiple of unit */
  int core;                    /* sides of a tile at most, smaller where memory is short */
} TacetTiles;

/* out: the whole result.  Its sides against the map's are those of `build`. */
gboolean _tacet_tiles_run (const TacetTiles *tiles, TacetBackend *backend, const float *map, float *out,
                           GCancellable *cancellable, GError **error);

typedef struct
{
  int control; /* position among the active ones */
  TacetValue *value;
} TacetMaskInput;

G_STATIC_ASSERT (TACET_MAX_REGIONS + 1 <= TACET_MAX_TEXTS);

/* One evaluation of the controlled U-Net: encoder, active ControlNets, minimal impact, decoder. */
typedef struct
{
  TacetGraph *graph;
  TacetPlan *plan;
  TacetInject *inject; /* NULL: no controls */
  int n_controls, batch, n_texts;
  TacetValue *sample, *timestep, *context, *out;
  TacetValue *masking; /* {1,h,w,1 + l}: mask, masked latents, of inpainting U-Nets; NULL: another U-Net */
  TacetValue *hints[TACET_MAX_CONTROLS]; /* {1,H,W,channels}: both halves of guidance see the same map */
  GArray *masks;                         /* of TacetMaskInput: {1,h,w,1}, one per masked control and resolution */
  GArray *shares;                        /* of TacetValue *: {n_texts,h,w,1}, one per resolution; one text: none */
} TacetDenoiser;

typedef struct
{
  TacetPipeline *pipeline;
  int height, width; /* of the latents */
  int batch;
  int n_texts; /* at least 1; several: every pixel has its shares of them */
  int n_tokens[TACET_MAX_TEXTS];
  int n_controls;
  TacetControlnet *nets[TACET_MAX_CONTROLS];
  gboolean masked[TACET_MAX_CONTROLS];
  gboolean conditional_only[TACET_MAX_CONTROLS]; /* the last sample of the batch alone */
} TacetDenoiserSpec;

/* blame: the model folder at fault, should it fail; lent */
TacetDenoiser *_tacet_denoiser_new (const TacetDenoiserSpec *spec, TacetBackend *backend, const char **blame,
                                    GError **error);
void _tacet_denoiser_free (TacetDenoiser *self);

/* Of every run; what is kept between runs does not count. */
double _tacet_plan_flops (TacetPlan *plan);

/* --- errors --- */

/* Takes cause; what went wrong in a room below becomes a sentence for the user. */
void _tacet_sample_propagate (GError **error, GError *cause, const char *folder);

G_END_DECLS
