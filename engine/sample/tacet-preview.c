/* tacet-preview.c: latents as pictures.
 *
 * Room: engine/sample.  Previews cost a hundredth of the networks' operations, and less of the time: decoders do more
 * operations in a second.  Where the decoder is quick they come from it, after every few evaluations; else from TAESD,
 * where one is installed, on latents shrunk as far as it takes; else the decoder sees the latents shrunk to a
 * thumbnail, a linear map from latent to colour is fitted to what it made of them, now and then, and that map colours
 * the full latents: it needs no table per model.
 */
#include "config.h"
#include "tacet-engine-private.h"
#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#define THUMBNAIL  8 /* latents a side */
#define MAX_TERMS  65
#define SHARE      0.01
#define SLOWER     1.6                 /* a small decoder's flops are slower than a denoiser's */
#define QUICK      4e9                 /* flops of a decoder */
#define MOST_BYTES ((gsize) 256 << 20) /* of TAESD's results */

/* [-1, 1] to bytes; what is not a number becomes black. */
static guint8
to_byte (float value)
{
  float scaled = value * 127.5f + 128.0f;
  return scaled > 0 ? (guint8) MIN (scaled, 255.0f) : 0;
}

static gboolean
scale_latents (TacetRun *run, const float *latents, gsize n, gsize n_pixels, float **scaled, float **pixels,
               GError **error)
{
  *scaled = g_try_new (float, n);
  *pixels = g_try_new (float, n_pixels);
  if (*scaled == NULL || *pixels == NULL)
    return _tacet_run_no_memory (error);
  for (gsize i = 0; i < n; i++)
    (*scaled)[i] = latents[i] / run->engine->pipeline->vae.scaling_factor;
  return TRUE;
}

/* Of any size, whole, if there is memory beside everything else. */
static gboolean
decode_modestly (TacetRun *run, const float *latents, int height, int width, float **pixels, GError **error)
{
  int factor = _tacet_pipeline_vae_factor (run->engine->pipeline);
  gsize n = (gsize) height * width;
  g_autofree float *scaled = NULL;
  GError *cause = NULL;
  TacetNetwork *decoder = _tacet_engine_decoder (run->engine, height, width, TRUE, error);
  if (decoder == NULL ||
      !scale_latents (run, latents, n * run->channels, n * factor * factor * 3, &scaled, pixels, error))
    return FALSE;
  if (_tacet_network_run (decoder, scaled, *pixels, run->cancellable, &cause))
    return TRUE;
  _tacet_sample_propagate (error, cause, run->engine->pipeline->folder);
  return FALSE;
}

static TacetImage *
image_of_floats (const float *pixels, int height, int width, GError **error)
{
  TacetImage *image = tacet_image_new (width, height, 3);
  if (image == NULL)
    {
      g_set_error (error, TACET_SAMPLE_ERROR, TACET_SAMPLE_ERROR_NO_MEMORY, "%s",
                   _ ("There is not enough memory for this picture. Choose a smaller size or fewer controls."));
      return NULL;
    }
  gsize n = (gsize) width * height * 3;
  for (gsize i = 0; i < n; i++)
    image->data[i] = to_byte (pixels[i]);
  return image;
}

TacetImage *
_tacet_run_decode (TacetRun *run, const float *latents, GError **error)
{
  int height = run->request->height, width = run->request->width;
  g_autofree float *scaled = NULL, *pixels = NULL;
  if (!scale_latents (run, latents, run->n, (gsize) height * width * 3, &scaled, &pixels, error) ||
      !_tacet_run_decode_floats (run, scaled, pixels, error))
    return NULL;
  return image_of_floats (pixels, height, width, error);
}

/* --- the likeness --- */

/* Mean over blocks of a {height, width, channels} field, to a smaller {to_height, to_width}. */
static void
shrink (const float *field, int height, int width, int channels, float *out, int to_height, int to_width)
{
  for (int y = 0; y < to_height; y++)
    for (int x = 0; x < to_width; x++)
      {
        int top = y * height / to_height, bottom = (y + 1) * height / to_height;
        int left = x * width / to_width, right = (x + 1) * width / to_width;
        for (int c = 0; c < channels; c++)
          {
            double sum = 0;
            for (int i = top; i < bottom; i++)
              for (int j = left; j < right; j++)
                sum += field[((gsize) i * width + j) * channels + c];
            out[((gsize) y * to_width + x) * channels + c] = (float) (sum / ((bottom - top) * (right - left)));
          }
      }
}

/* Least squares with a ridge: rows of n terms (the last is 1) to three colours. a: normal matrix. */
static void
solve_normal (double a[MAX_TERMS][MAX_TERMS + 3], int n)
{
  for (int i = 0; i < n; i++)
    a[i][i] += 1e-3;
  for (int c = 0; c < n; c++)
    for (int r = 0; r < n; r++)
      {
        double factor = r != c ? a[r][c] / a[c][c] : 0;
        for (int j = c; j < n + 3 && factor != 0; j++)
          a[r][j] -= factor * a[c][j];
      }
  for (int i = 0; i < n; i++)
    for (int j = n; j < n + 3; j++)
      a[i][j] /= a[i][i];
}

static void
fit_colors (const float *latents, const float *colors, int n_samples, int channels, double a[][MAX_TERMS + 3])
{
  int n = channels + 1;
  for (int s = 0; s < n_samples; s++)
    for (int i = 0; i < n; i++)
      {
        double term = i < channels ? latents[s * channels + i] : 1;
        for (int j = 0; j < n + 3; j++)
          a[i][j] += term * (j < channels ? latents[s * channels + j] : j < n ? 1 : colors[s * 3 + j - n]);
      }
  solve_normal (a, n);
}

static TacetImage *
color_latents (TacetRun *run, GError **error)
{
  int channels = run->channels;
  gsize n = (gsize) run->height * run->width;
  g_autofree float *colors = g_try_new (float, n * 3);
  for (gsize i = 0; colors != NULL && i < n; i++)
    for (int c = 0; c < 3; c++)
      {
        double sum = run->colors[channels][c];
        for (int k = 0; k < channels; k++)
          sum += run->colors[k][c] * run->denoised[i * channels + k];
        colors[i * 3 + c] = (float) sum;
      }
  g_autoptr (TacetImage) small = colors != NULL ? image_of_floats (colors, run->height, run->width, error) : NULL;
  return small != NULL ? tacet_image_resize (small, run->request->width, run->request->height, FALSE) : NULL;
}

static gboolean
fit_map (TacetRun *run, int height, int width, GError **error)
{
  int channels = run->channels, factor = _tacet_pipeline_vae_factor (run->engine->pipeline);
  g_autofree float *latents = g_new (float, height *width *channels), *pixels = NULL;
  g_autofree float *colors = g_new (float, height *width * 3);
  shrink (run->denoised, run->height, run->width, channels, latents, height, width);
  if (!decode_modestly (run, latents, height, width, &pixels, error))
    return FALSE;
  double (*a)[MAX_TERMS + 3] = g_malloc0 (sizeof (double[MAX_TERMS][MAX_TERMS + 3]));
  shrink (pixels, height * factor, width * factor, 3, colors, height, width);
  fit_colors (latents, colors, height * width, channels, a);
  if (run->colors == NULL)
    run->colors = g_malloc0 (sizeof (double[MAX_TERMS][3]));
  for (int i = 0; i <= channels; i++)
    for (int c = 0; c < 3; c++)
      run->colors[i][c] = a[i][channels + 1 + c];
  g_free (a);
  return TRUE;
}

/* flops: of one fit */
static TacetImage *
likeness (TacetRun *run, int height, int width, double flops, GError **error)
{
  if (run->colors == NULL || run->preview_flops >= flops)
    {
      run->preview_flops -= flops;
      if (!fit_map (run, height, width, error))
        return NULL;
    }
  return color_latents (run, error);
}

/* By TAESD; NULL without an error: there is none. */
static TacetImage *
tiny_preview (TacetRun *run, GError **error)
{
  TacetNetwork *tiny = NULL;
  for (int s = run->tiny_shrink > 0 ? run->tiny_shrink : 8; s > 0; s /= 2)
    {
      if (s > 1 && (run->height < s || run->width < s))
        continue;
      tiny = _tacet_engine_tiny (run->engine, run->height / s, run->width / s, error);
      if (tiny == NULL)
        return NULL;
      /* Half of the shrinking is four times the work. */
      gboolean most = 4 * tacet_plan_arena_bytes (tiny->plan) > MOST_BYTES ||
                      4 * _tacet_plan_flops (tiny->plan) > MAX (SHARE * run->denoiser_flops, QUICK);
      if (run->tiny_shrink > 0 || s == 1 || most)
        {
          run->tiny_shrink = s;
          break;
        }
    }
  const TacetShape in = tiny->in->shape, out = tiny->out->shape;
  gsize n = (gsize) tacet_shape_count (out);
  g_autofree float *latents = g_try_new (float, (gsize) tacet_shape_count (in)), *pixels = g_try_new (float, n);
  GError *cause = NULL;
  if (latents == NULL || pixels == NULL)
    {
      _tacet_run_no_memory (error);
      return NULL;
    }
  shrink (run->denoised, run->height, run->width, run->channels, latents, (int) in.d[1], (int) in.d[2]);
  if (!_tacet_network_run (tiny, latents, pixels, run->cancellable, &cause))
    {
      _tacet_sample_propagate (error, cause, run->engine->pipeline->folder);
      return NULL;
    }
  for (gsize i = 0; i < n; i++)
    pixels[i] = 2 * pixels[i] - 1;
  g_autoptr (TacetImage) small = image_of_floats (pixels, (int) out.d[1], (int) out.d[2], error);
  return small != NULL ? tacet_image_resize (small, run->request->width, run->request->height, FALSE) : NULL;
}

/* By the decoder, all: its flops.  The first comes when there is something to be seen, a quarter of the way to where
 * one is paid for; it lasts until another is. */
static TacetImage *
decoded_preview (TacetRun *run, double all, GError **error)
{
  int n = tacet_schedule_n_evaluations (run->schedule), done = (int) run->reports->len / run->batch;
  double lasts = MIN (SLOWER * all / (SHARE * run->denoiser_flops), G_MAXINT / 2); /* evaluations that pay for one */
  if (done >= (run->preview != NULL ? run->next_preview : (int) (MIN (lasts, n) / 4)))
    {
      g_autofree float *pixels = NULL;
      if (!decode_modestly (run, run->denoised, run->height, run->width, &pixels, error))
        return NULL;
      g_clear_pointer (&run->preview, tacet_image_unref);
      run->preview = image_of_floats (pixels, run->request->height, run->request->width, error);
      run->next_preview = done + (int) ceil (lasts);
    }
  return run->preview != NULL ? tacet_image_ref (run->preview) : NULL;
}

static TacetImage *
cheapest (TacetRun *run, GError **error)
{
  int height = MIN (THUMBNAIL, run->height), width = MIN (THUMBNAIL, run->width);
  /* Work for the decoder grows with the area, so one plan of a thumbnail tells it for any size. */
  TacetNetwork *thumbnail = _tacet_engine_decoder (run->engine, height, width, TRUE, error);
  if (thumbnail == NULL)
    return NULL;
  double fit = _tacet_plan_flops (thumbnail->plan), all = fit * run->height * run->width / (height * width);
  gboolean quick = (all <= QUICK && all <= run->denoiser_flops) || run->channels + 1 > MAX_TERMS;
  if (quick || all <= SHARE * run->denoiser_flops)
    return decoded_preview (run, all, error);
  run->preview_flops = MIN (run->preview_flops + SHARE * run->denoiser_flops, MAX (fit, SHARE * run->denoiser_flops));
  GError *cause = NULL;
  TacetImage *image = tiny_preview (run, &cause);
  if (image != NULL)
    return image;
  if (cause != NULL && !g_error_matches (cause, TACET_SAMPLE_ERROR, TACET_SAMPLE_ERROR_MODEL))
    {
      g_propagate_error (error, cause);
      return NULL;
    }
  g_clear_error (&cause); /* a TAESD that does not fit is none */
  return likeness (run, height, width, fit, error);
}

TacetImage *
_tacet_run_preview (TacetRun *run, GError **error)
{
  GError *cause = NULL;
  TacetImage *image = cheapest (run, &cause);
  if (cause != NULL && !g_error_matches (cause, TACET_SAMPLE_ERROR, TACET_SAMPLE_ERROR_NO_MEMORY))
    g_propagate_error (error, cause);
  else
    g_clear_error (&cause);
  return image;
}
