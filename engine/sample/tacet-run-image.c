/* tacet-run-image.c: runs that start from a picture: image to image, and inpainting by a mask.
 *
 * Room: engine/sample.  Source: diffusers' StableDiffusionImg2ImgPipeline and StableDiffusionInpaintPipeline, with
 * their order of draws from one generator: the picture's latents, the first noise, the masked picture's latents, the
 * steps.
 */
#include "config.h"
#include "tacet-engine-private.h"
#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

static gboolean
check_request (const TacetRequest *request, GError **error)
{
  const char *fault = NULL;
  if (request->mask != NULL && request->image == NULL)
    fault = _ ("There is a mask, but no picture that it could mask. Add the picture, or remove the mask.");
  else if (!(request->denoising_strength >= 0 && request->denoising_strength <= 1))
    fault = _ ("The denoising strength must be a number between 0 and 1.");
  else if (!(request->mask_feather >= 0 && request->mask_feather <= TACET_MAX_FEATHER))
    fault = _ ("The feather of the mask must be a number of pixels between 0 and 512.");
  if (fault != NULL)
    g_set_error_literal (error, TACET_SAMPLE_ERROR, TACET_SAMPLE_ERROR_REQUEST, fault);
  return fault == NULL;
}

/* What is made new: where the mask says so, and where the picture is transparent; 0 or 255.  Nothing of both: NULL. */
static gboolean
find_repaint (TacetRun *run, GError **error)
{
  const TacetImage *image = run->original;
  gsize n = (gsize) image->width * image->height, n_new = 0;
  g_autoptr (TacetImage) gray = run->request->mask != NULL ? tacet_image_convert (run->request->mask, 1) : NULL;
  g_autoptr (TacetImage) repaint = gray != NULL ? tacet_image_resize (gray, image->width, image->height, FALSE)
                                                : tacet_image_new (image->width, image->height, 1);
  if (repaint == NULL || (run->request->mask != NULL && gray == NULL))
    return _tacet_run_no_memory (error);
  for (gsize i = 0; i < n; i++)
    {
      gboolean absent = image->channels == 4 && image->data[4 * i + 3] < 128;
      repaint->data[i] = absent || repaint->data[i] >= 128 ? 255 : 0;
      n_new += repaint->data[i] != 0;
    }
  if (run->request->mask != NULL || n_new > 0)
    run->repaint = g_steal_pointer (&repaint);
  if (run->repaint != NULL && n_new == 0)
    _tacet_run_note (run, "%s", _ ("The mask is empty: the picture stays as it is."));
  return TRUE;
}

/* An inpainting U-Net without a picture: everything is to be made new. */
static gboolean
use_nothing (TacetRun *run, GError **error)
{
  int width = run->request->width, height = run->request->height;
  run->original = tacet_image_new (width, height, 3);
  run->repaint = tacet_image_new (width, height, 1);
  if (run->original == NULL || run->repaint == NULL)
    return _tacet_run_no_memory (error);
  memset (run->repaint->data, 255, (gsize) width * height);
  return TRUE;
}

static gboolean
use_image (TacetRun *run, GError **error)
{
  const TacetImage *image = run->request->image;
  g_autoptr (TacetImage) color = tacet_image_convert (image, image->channels == 4 ? 4 : 3);
  run->original = color != NULL ? tacet_image_resize (color, run->request->width, run->request->height, FALSE) : NULL;
  return run->original != NULL ? find_repaint (run, error) : _tacet_run_no_memory (error);
}

/* picture: H x W x 3 in [-1,1] -> h x w x 2 c: mean and logvar of the latents */
static gboolean
encode (TacetRun *run, const float *picture, float **moments, GError **error)
{
  *moments = g_try_new (float, 2 * run->n);
  return *moments != NULL ? _tacet_run_encode (run, picture, *moments, error) : _tacet_run_no_memory (error);
}

static gboolean
encode_images (TacetRun *run, GError **error)
{
  gboolean inpaints = _tacet_pipeline_inpaints (run->engine->pipeline);
  gsize n = (gsize) run->request->width * run->request->height;
  g_autoptr (TacetImage) filled = tacet_image_fill_transparent (run->original);
  g_autofree float *picture = g_try_new (float, 3 * n);
  if (filled == NULL || picture == NULL)
    return _tacet_run_no_memory (error);
  for (gsize i = 0; i < 3 * n; i++)
    picture[i] = 2 * (filled->data[i] / 255.0f) - 1;
  gboolean done = encode (run, picture, &run->moments, error);
  for (gsize i = 0; i < n && done && inpaints; i++)
    if (run->repaint == NULL || run->repaint->data[i] >= 128)
      memset (picture + 3 * i, 0, 3 * sizeof (float));
  return done && (!inpaints || encode (run, picture, &run->masked_moments, error));
}

/* The corner of every latent's square decides, as in diffusers. */
static void
fill_latent_mask (TacetRun *run)
{
  int factor = _tacet_pipeline_vae_factor (run->engine->pipeline);
  for (int y = 0; y < run->height; y++)
    for (int x = 0; x < run->width; x++)
      {
        gsize corner = (gsize) y * factor * run->request->width + (gsize) x * factor;
        run->latent_mask[(gsize) y * run->width + x] =
            run->repaint == NULL || run->repaint->data[corner] >= 128 ? 1.0f : 0.0f;
      }
}

gboolean
_tacet_run_prepare_image (TacetRun *run, GError **error)
{
  gboolean inpaints = _tacet_pipeline_inpaints (run->engine->pipeline);
  if (!check_request (run->request, error))
    return FALSE;
  if (run->request->image == NULL && !inpaints)
    return TRUE;
  gsize n_cells = (gsize) run->height * run->width;
  run->noise = g_try_new (float, run->n);
  run->image_latents = g_try_new (float, run->n);
  run->latent_mask = g_try_new (float, n_cells);
  run->masking = inpaints ? g_try_new (float, n_cells *(run->channels + 1)) : NULL;
  if (run->noise == NULL || run->image_latents == NULL || run->latent_mask == NULL ||
      (inpaints && run->masking == NULL))
    return _tacet_run_no_memory (error);
  if (!(run->request->image != NULL ? use_image (run, error) : use_nothing (run, error)))
    return FALSE;
  fill_latent_mask (run);
  return encode_images (run, error);
}

void
_tacet_run_clear_image (TacetRun *run)
{
  g_clear_pointer (&run->original, tacet_image_unref);
  g_clear_pointer (&run->repaint, tacet_image_unref);
  g_free (run->moments);
  g_free (run->masked_moments);
  g_free (run->image_latents);
  g_free (run->noise);
  g_free (run->latent_mask);
  g_free (run->masking);
}

/* A sample of the posterior, times the scaling factor; latents: n */
static gboolean
draw_latents (TacetRun *run, const float *moments, float *latents)
{
  int c = run->channels;
  float factor = run->engine->pipeline->vae.scaling_factor;
  if (!tacet_noise_latents (&run->generator, run->height, run->width, c, latents))
    return FALSE;
  for (gsize i = 0; i < run->n; i++)
    {
      const float *at = moments + i / c * 2 * c + i % c;
      latents[i] = factor * (at[0] + (float) exp (0.5 * at[c]) * latents[i]);
    }
  return TRUE;
}

/* masking: mask, then the masked picture's latents */
static gboolean
draw_masking (TacetRun *run)
{
  int c = run->channels;
  g_autofree float *latents = g_try_new (float, run->n);
  if (latents == NULL || !draw_latents (run, run->masked_moments, latents))
    return FALSE;
  for (gsize i = 0; i < run->n / c; i++)
    {
      run->masking[i * (c + 1)] = run->latent_mask[i];
      memcpy (run->masking + i * (c + 1) + 1, latents + i * c, c * sizeof (float));
    }
  return TRUE;
}

/* An ordinary U-Net takes no masked picture, yet diffusers draws for it. */
static gboolean
skip_draw (TacetRun *run)
{
  g_autofree float *unused = g_try_new (float, run->n);
  return unused != NULL && tacet_noise_latents (&run->generator, run->height, run->width, run->channels, unused);
}

gboolean
_tacet_run_start_image (TacetRun *run, GError **error)
{
  gboolean pure = run->request->image == NULL || (run->repaint != NULL && run->request->denoising_strength >= 1);
  if ((run->masking == NULL || !pure) && !draw_latents (run, run->moments, run->image_latents))
    return _tacet_run_no_memory (error);
  if (!tacet_noise_latents (&run->generator, run->height, run->width, run->channels, run->noise))
    return _tacet_run_no_memory (error);
  double sigma = tacet_schedule_init_sigma (run->schedule);
  if (!pure)
    tacet_schedule_add_noise (run->schedule, 0, run->image_latents, run->noise, run->n, run->latents);
  for (gsize i = 0; i < run->n && pure; i++)
    run->latents[i] = (float) (run->noise[i] * sigma);
  if (run->masking != NULL ? draw_masking (run) : run->repaint == NULL || skip_draw (run))
    return TRUE;
  return _tacet_run_no_memory (error);
}

/* kept: what stands where nothing is made new */
static void
put_back (const TacetRun *run, const float *kept, float *latents)
{
  for (gsize i = 0; i < run->n; i++)
    if (run->latent_mask[i / run->channels] == 0)
      latents[i] = kept[i];
}

gboolean
_tacet_run_keep_image (TacetRun *run, int evaluation, GError **error)
{
  if (run->repaint == NULL || run->masking != NULL)
    return TRUE;
  put_back (run, run->image_latents, run->denoised);
  if (evaluation + 1 >= tacet_schedule_n_evaluations (run->schedule))
    {
      put_back (run, run->image_latents, run->latents);
      return TRUE;
    }
  g_autofree float *noised = g_try_new (float, run->n);
  if (noised == NULL)
    return _tacet_run_no_memory (error);
  tacet_schedule_add_noise (run->schedule, evaluation + 1, run->image_latents, run->noise, run->n, noised);
  put_back (run, noised, run->latents);
  return TRUE;
}

TacetImage *
_tacet_run_blend (TacetRun *run, TacetImage *picture, double feather)
{
  if (run->repaint == NULL || picture == NULL)
    return picture;
  TacetImage *blended = tacet_image_inpaint (run->original, picture, run->repaint, feather);
  tacet_image_unref (picture);
  return blended;
}
