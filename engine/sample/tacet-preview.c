/* tacet-preview.c: latents as pictures.
 *
 * Room: engine/sample.  Where a decoder run costs no more than a step, previews come from it.  Else the
 * decoder sees the latents shrunk to a thumbnail, a linear map from latent to colour is fitted to what
 * it made of them, and that map colours the full latents: it needs no table per model.
 */
#include "config.h"
#include "tacet-engine-private.h"
#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#define THUMBNAIL 8 /* latents a side */
#define MAX_TERMS 65

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
color_latents (TacetRun *run, double a[][MAX_TERMS + 3], GError **error)
{
  int channels = run->channels;
  gsize n = (gsize) run->height * run->width;
  g_autofree float *colors = g_try_new (float, n * 3);
  for (gsize i = 0; colors != NULL && i < n; i++)
    for (int c = 0; c < 3; c++)
      {
        double sum = a[channels][channels + 1 + c];
        for (int k = 0; k < channels; k++)
          sum += a[k][channels + 1 + c] * run->denoised[i * channels + k];
        colors[i * 3 + c] = (float) sum;
      }
  g_autoptr (TacetImage) small = colors != NULL ? image_of_floats (colors, run->height, run->width, error) : NULL;
  return small != NULL ? tacet_image_resize (small, run->request->width, run->request->height, FALSE) : NULL;
}

static TacetImage *
likeness (TacetRun *run, GError **error)
{
  int height = MIN (THUMBNAIL, run->height), width = MIN (THUMBNAIL, run->width), channels = run->channels;
  int factor = _tacet_pipeline_vae_factor (run->engine->pipeline);
  g_autofree float *latents = g_new (float, height *width *channels), *pixels = NULL;
  g_autofree float *colors = g_new (float, height *width * 3);
  double (*a)[MAX_TERMS + 3] = g_malloc0 (sizeof (double[MAX_TERMS][MAX_TERMS + 3]));
  TacetImage *image = NULL;
  shrink (run->denoised, run->height, run->width, channels, latents, height, width);
  if (decode_modestly (run, latents, height, width, &pixels, error))
    {
      shrink (pixels, height * factor, width * factor, 3, colors, height, width);
      fit_colors (latents, colors, height * width, channels, a);
      image = color_latents (run, a, error);
    }
  g_free (a);
  return image;
}

static TacetImage *
cheapest (TacetRun *run, GError **error)
{
  int height = MIN (THUMBNAIL, run->height), width = MIN (THUMBNAIL, run->width);
  /* Work for the decoder grows with the area, so one plan of a thumbnail tells it for any size. */
  TacetNetwork *thumbnail = _tacet_engine_decoder (run->engine, height, width, TRUE, error);
  if (thumbnail == NULL)
    return NULL;
  double area = (double) run->height * run->width / (height * width);
  if (_tacet_plan_flops (thumbnail->plan) * area <= run->denoiser_flops || run->channels + 1 > MAX_TERMS)
    {
      g_autofree float *pixels = NULL;
      return decode_modestly (run, run->denoised, run->height, run->width, &pixels, error)
                 ? image_of_floats (pixels, run->request->height, run->request->width, error)
                 : NULL;
    }
  return likeness (run, error);
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
