/* tacet-run-vae.c: pictures to latents and back: whole where the memory allows it, else in tiles.
 *
 * Room: engine/sample.
 */
#include "config.h"
#include "tacet-engine-private.h"
#include <glib/gi18n-lib.h>

#define SHARE 3 /* a plan whose results need more than a third of the budget is not made */
#define CORE  96

/* Whether a plan of the whole came out too large, or not at all for want of memory: then tiles are tried. */
static gboolean
wants_tiles (TacetRun *run, TacetNetwork *whole, GError **cause)
{
  gsize budget = run->engine->backend->budget;
  if (run->request->vae_tiling == TACET_TILING_OFF)
    return FALSE;
  if (whole != NULL)
    return budget > 0 && tacet_plan_arena_bytes (whole->plan) > budget / SHARE;
  if (*cause != NULL && !g_error_matches (*cause, TACET_SAMPLE_ERROR, TACET_SAMPLE_ERROR_NO_MEMORY))
    return FALSE;
  g_clear_error (cause);
  return TRUE;
}

static gboolean
run_whole (TacetRun *run, TacetNetwork *whole, const float *in, float *out, GError **error)
{
  GError *cause = NULL;
  if (_tacet_network_run (whole, in, out, run->cancellable, &cause))
    return TRUE;
  _tacet_sample_propagate (error, cause, run->engine->pipeline->folder);
  return FALSE;
}

/* Once more without any other plan, where memory is what was missing. */
static gboolean
run_tiles (TacetRun *run, gboolean (*func) (TacetRun *run, const float *in, float *out, GError **error),
           const float *in, float *out, GError **error)
{
  GError *cause = NULL;
  if (func (run, in, out, &cause))
    return TRUE;
  if (g_error_matches (cause, TACET_TENSOR_ERROR, TACET_TENSOR_ERROR_NO_MEMORY))
    {
      g_clear_error (&cause);
      _tacet_engine_forget_plans (run->engine);
      run->denoiser = NULL;
      if (func (run, in, out, &cause))
        return TRUE;
    }
  _tacet_sample_propagate (error, cause, run->engine->pipeline->folder);
  return FALSE;
}

static TacetTiles
tiles_of (TacetRun *run, gboolean decodes)
{
  int factor = tacet_vae_tile_factor (&run->engine->pipeline->vae),
      all = _tacet_pipeline_vae_factor (run->engine->pipeline);
  int scale = decodes ? all / factor : all, unit = decodes ? 1 : factor;
  return (TacetTiles){ .data = run->engine->pipeline,
                       .height = run->height * scale,
                       .width = run->width * scale,
                       .unit = unit,
                       .halo = TACET_VAE_HALO * unit,
                       .core = CORE * unit };
}

/* --- decoding --- */

static TacetValue *
build_decoder_finish (gpointer data, TacetGraph *g, TacetValue *in, const TacetTileNorm *norm)
{
  TacetPipeline *pipeline = data;
  return tacet_vae_decoder_finish (g, &pipeline->vae, pipeline->vae_weights, in, norm);
}

static gboolean
decode_tiles (TacetRun *run, const float *latents, float *pixels, GError **error)
{
  TacetBackend *backend = run->engine->backend;
  TacetTiles tiles = tiles_of (run, TRUE);
  TacetNetwork *start = _tacet_network_decoder_start (run->engine->pipeline, run->height, run->width, backend, error);
  if (start == NULL)
    return FALSE;
  tiles.build = build_decoder_finish;
  tiles.channels = (int) start->out->shape.d[3];
  g_autofree float *map = g_try_new (float, (gsize) tacet_shape_count (start->out->shape));
  if (map == NULL)
    g_set_error (error, TACET_TENSOR_ERROR, TACET_TENSOR_ERROR_NO_MEMORY, "decoder");
  gboolean done = map != NULL && _tacet_network_run (start, latents, map, run->cancellable, error);
  _tacet_network_free (start);
  return done && _tacet_tiles_run (&tiles, backend, map, pixels, run->cancellable, error);
}

gboolean
_tacet_run_decode_floats (TacetRun *run, const float *latents, float *pixels, GError **error)
{
  GError *cause = NULL;
  TacetNetwork *whole = NULL;
  gboolean off = run->request->vae_tiling == TACET_TILING_OFF;
  if (run->request->vae_tiling != TACET_TILING_ON)
    whole = _tacet_engine_decoder (run->engine, run->height, run->width, !off, &cause);
  if (wants_tiles (run, whole, &cause))
    {
      _tacet_engine_finish_decoders (run->engine);
      return run_tiles (run, decode_tiles, latents, pixels, error);
    }
  if (whole != NULL)
    return run_whole (run, whole, latents, pixels, error);
  g_propagate_error (error, cause);
  return FALSE;
}

/* --- encoding --- */

static TacetValue *
build_encoder_start (gpointer data, TacetGraph *g, TacetValue *in, const TacetTileNorm *norm)
{
  TacetPipeline *pipeline = data;
  return tacet_vae_encoder_start (g, &pipeline->vae, pipeline->vae_weights, in, norm);
}

static gboolean
encode_tiles (TacetRun *run, const float *picture, float *moments, GError **error)
{
  TacetBackend *backend = run->engine->backend;
  TacetTiles tiles = tiles_of (run, FALSE);
  TacetNetwork *finish = _tacet_network_encoder_finish (run->engine->pipeline, run->height, run->width, backend, error);
  if (finish == NULL)
    return FALSE;
  tiles.build = build_encoder_start;
  tiles.channels = run->engine->pipeline->vae.in_channels;
  g_autofree float *map = g_try_new (float, (gsize) tacet_shape_count (finish->in->shape));
  if (map == NULL)
    g_set_error (error, TACET_TENSOR_ERROR, TACET_TENSOR_ERROR_NO_MEMORY, "encoder");
  gboolean done = map != NULL && _tacet_tiles_run (&tiles, backend, picture, map, run->cancellable, error) &&
                  _tacet_network_run (finish, map, moments, run->cancellable, error);
  _tacet_network_free (finish);
  return done;
}

gboolean
_tacet_run_encode (TacetRun *run, const float *picture, float *moments, GError **error)
{
  GError *cause = NULL;
  TacetNetwork *whole = NULL;
  gboolean off = run->request->vae_tiling == TACET_TILING_OFF;
  if (run->request->vae_tiling != TACET_TILING_ON)
    whole = _tacet_engine_encoder (run->engine, run->height, run->width, !off, &cause);
  if (wants_tiles (run, whole, &cause))
    {
      g_clear_pointer (&whole, _tacet_network_free);
      return run_tiles (run, encode_tiles, picture, moments, error);
    }
  if (whole == NULL)
    {
      g_propagate_error (error, cause);
      return FALSE;
    }
  gboolean done = run_whole (run, whole, picture, moments, error);
  _tacet_network_free (whole);
  return done;
}
