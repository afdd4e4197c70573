/* tacet-run-regions.c: words for parts of the picture: who has how much of every pixel.
 *
 * Room: engine/sample.  Source: docs/method.md section 4.7.
 */
#include "config.h"
#include "tacet-engine-private.h"
#include <glib/gi18n-lib.h>
#include <string.h>

/* At the picture's size; NULL: no memory. */
static TacetImage *
fit_mask (const TacetRun *run, const TacetImage *mask)
{
  g_autoptr (TacetImage) gray = tacet_image_convert (mask, 1);
  return gray != NULL ? tacet_image_resize (gray, run->request->width, run->request->height, FALSE) : NULL;
}

/* What the mask takes of the rest of every pixel becomes the mask; the sum of both is what the rest was. */
static void
take_share (TacetImage *mask, TacetImage *rest)
{
  gsize n = (gsize) rest->width * rest->height;
  for (gsize i = 0; i < n; i++)
    {
      mask->data[i] = (guint8) ((mask->data[i] * rest->data[i] + 127) / 255);
      rest->data[i] = (guint8) (rest->data[i] - mask->data[i]);
    }
}

static gboolean
same_text (const char *a, const char *b)
{
  return g_strcmp0 (a != NULL ? a : "", b != NULL ? b : "") == 0;
}

static gboolean
same_words (const TacetRun *run, const TacetRegionRequest *a, const TacetRegionRequest *b)
{
  static const TacetRegionRequest none = { 0 };
  a = a != NULL ? a : &none;
  b = b != NULL ? b : &none;
  return same_text (a->prompt, b->prompt) && (run->batch == 1 || same_text (a->negative_prompt, b->negative_prompt));
}

/* Takes share.  Regions of the same words are one text. */
static void
add_text (TacetRun *run, const TacetRegionRequest *region, TacetImage *share)
{
  gsize n = (gsize) share->width * share->height;
  for (int k = 0; k < run->n_texts; k++)
    if (same_words (run, run->texts[k].region, region))
      {
        for (gsize i = 0; i < n; i++)
          run->texts[k].share->data[i] = (guint8) (run->texts[k].share->data[i] + share->data[i]);
        tacet_image_unref (share);
        return;
      }
  run->texts[run->n_texts++] = (TacetRunText){ .region = region, .share = share };
}

static gboolean
add_region (TacetRun *run, int index, TacetImage *rest, GError **error)
{
  const TacetRegionRequest *region = g_ptr_array_index (run->request->regions, index);
  const char *name = region->name != NULL ? region->name : "";
  g_autoptr (TacetImage) share = region->mask != NULL ? fit_mask (run, region->mask) : NULL;
  g_ptr_array_add (run->region_names, g_strdup (name));
  if (region->mask != NULL && share == NULL)
    return _tacet_run_no_memory (error);
  if (share == NULL || tacet_image_is_filled (share, 0))
    {
      /* Translators: the name of a region */
      _tacet_run_note (run, _ ("“%s” was left out: nothing is painted in it."), name);
      return TRUE;
    }
  take_share (share, rest);
  if (tacet_image_is_filled (share, 0))
    {
      /* Translators: the name of a region */
      _tacet_run_note (run, _ ("“%s” was left out: the regions above it cover it."), name);
      return TRUE;
    }
  run->regions[run->n_regions++] = index;
  add_text (run, region, g_steal_pointer (&share));
  return TRUE;
}

gboolean
_tacet_run_prepare_regions (TacetRun *run, GError **error)
{
  const TacetRequest *request = run->request;
  if (request->regions->len == 0)
    {
      run->n_texts = 1;
      return TRUE;
    }
  g_autoptr (TacetImage) rest = tacet_image_new (request->width, request->height, 1);
  if (rest == NULL)
    return _tacet_run_no_memory (error);
  memset (rest->data, 255, (gsize) rest->width * rest->height);
  for (guint i = 0; i < request->regions->len; i++)
    if (!add_region (run, (int) i, rest, error))
      return FALSE;
  if (!tacet_image_is_filled (rest, 0))
    add_text (run, NULL, g_steal_pointer (&rest));
  if (run->n_texts == 1)
    g_clear_pointer (&run->texts[0].share, tacet_image_unref);
  return TRUE;
}

gboolean
_tacet_run_fill_shares (const TacetRun *run, int height, int width, float *values)
{
  gsize n = (gsize) height * width;
  for (int k = 0; k < run->n_texts; k++)
    if (!tacet_image_resample (run->texts[k].share, width, height, values + k * n))
      return FALSE;
  for (gsize i = 0; i < n * run->n_texts; i++)
    values[i] /= 255;
  return TRUE;
}
