/* tacet-import-shape.c: what a layer is made of, from a picture of any size: fitted, edges found, gray, opacity.
 *
 * Room: ui, without widgets.
 */
#include "ui/tacet-import.h"
#include "engine/scene/tacet-scene.h"

#include <math.h>
#include <string.h>

#define CANNY_LOW  100
#define CANNY_HIGH 200

static const char *const fit_ids[TACET_N_FITS] = { "whole", "fill", "stretch" };

const char *
tacet_fit_id (TacetFit fit)
{
  return fit_ids[fit];
}

gboolean
tacet_fit_parse (const char *id, TacetFit *fit)
{
  for (guint i = 0; id != NULL && i < TACET_N_FITS; i++)
    if (g_str_equal (id, fit_ids[i]))
      {
        *fit = (TacetFit) i;
        return TRUE;
      }
  return FALSE;
}

TacetLayerKind
tacet_import_kind (TacetImportAs as)
{
  static const TacetLayerKind kinds[TACET_N_IMPORTS] = {
    [TACET_IMPORT_PICTURE] = TACET_LAYER_PICTURE, [TACET_IMPORT_EDGES] = TACET_LAYER_EDGE,
    [TACET_IMPORT_EDGE_MAP] = TACET_LAYER_EDGE,   [TACET_IMPORT_DEPTH_MAP] = TACET_LAYER_DEPTH,
    [TACET_IMPORT_REGION] = TACET_LAYER_REGION,   [TACET_IMPORT_MASK] = TACET_LAYER_MASK,
  };

  return kinds[as];
}

TacetPlace
tacet_fit_place (TacetFit fit, int picture_width, int picture_height, int width, int height)
{
  double across = (double) width / picture_width, down = (double) height / picture_height;
  double scale = fit == TACET_FIT_FILL ? MAX (across, down) : MIN (across, down);
  TacetPlace place = { 0, 0, width, height };

  if (fit == TACET_FIT_STRETCH)
    return place;
  place.width = CLAMP ((int) round (picture_width * scale), 1, TACET_IMAGE_MAX_SIDE);
  place.height = CLAMP ((int) round (picture_height * scale), 1, TACET_IMAGE_MAX_SIDE);
  place.x = (width - place.width) / 2;
  place.y = (height - place.height) / 2;
  return place;
}

void
tacet_import_document_size (int picture_width, int picture_height, int longest, int *width, int *height)
{
  double scale = MIN (1.0, (double) longest / MAX (picture_width, picture_height));

  *width = CLAMP ((int) round (picture_width * scale / 8) * 8, 8, TACET_SCENE_MAX_SIDE);
  *height = CLAMP ((int) round (picture_height * scale / 8) * 8, 8, TACET_SCENE_MAX_SIDE);
}

/* A picture of the document's size: what lies inside of `from`, zeros elsewhere.  NULL: no memory. */
static TacetImage *
put (const TacetImage *from, TacetPlace place, int width, int height)
{
  TacetImage *to = tacet_image_new (width, height, from->channels);
  int left = MAX (place.x, 0), right = MIN (place.x + from->width, width);
  int top = MAX (place.y, 0), bottom = MIN (place.y + from->height, height);
  gsize pixel = (gsize) from->channels;

  for (int y = top; to != NULL && y < bottom && left < right; y++)
    memcpy (to->data + ((gsize) y * (gsize) width + (gsize) left) * pixel,
            from->data + ((gsize) (y - place.y) * (gsize) from->width + (gsize) (left - place.x)) * pixel,
            (gsize) (right - left) * pixel);
  return to;
}

/* What is seen of it on white paper, so that the outline of what was cut out is an edge. */
static TacetImage *
on_white (const TacetImage *image)
{
  TacetImage *rgb = tacet_image_convert (image, 3);

  for (gsize i = 0; rgb != NULL && image->channels == 4 && i < (gsize) image->width * (gsize) image->height; i++)
    for (int c = 0; c < 3; c++)
      {
        int alpha = image->data[4 * i + 3];

        rgb->data[3 * i + c] = (guint8) ((image->data[4 * i + c] * alpha + 255 * (255 - alpha) + 127) / 255);
      }
  return rgb;
}

static TacetImage *
find_edges (const TacetImage *image)
{
  g_autoptr (TacetImage) rgb = on_white (image);

  return rgb != NULL ? tacet_canny (rgb, CANNY_LOW, CANNY_HIGH) : NULL;
}

/* Pixels of a layer, still of the size of the picture. */
static TacetImage *
make_pixels (const TacetImage *image, TacetImportAs as)
{
  switch (as)
    {
    case TACET_IMPORT_PICTURE:
      return tacet_image_convert (image, 4);
    case TACET_IMPORT_EDGES:
      return find_edges (image);
    case TACET_IMPORT_REGION:
    case TACET_IMPORT_MASK:
      return image->channels == 4 ? tacet_image_alpha (image) : tacet_image_convert (image, 1);
    default:
      return tacet_image_convert (image, 1);
    }
}

/* A map says nothing where the picture is transparent or ends.  Edges say so by their kind's rule, unless the picture
 * has an opacity of its own. */
static gboolean
has_coverage (const TacetImage *image, TacetImportAs as)
{
  return as == TACET_IMPORT_DEPTH_MAP || (as == TACET_IMPORT_EDGE_MAP && image->channels == 4);
}

TacetImported *
tacet_import_picture (const TacetImage *picture, TacetImportAs as, TacetFit fit, int width, int height)
{
  TacetPlace place = tacet_fit_place (fit, picture->width, picture->height, width, height);
  g_autoptr (TacetImage) sized = tacet_image_resize (picture, place.width, place.height, FALSE);
  g_autoptr (TacetImage) pixels = sized != NULL ? make_pixels (sized, as) : NULL;
  g_autoptr (TacetImage) alpha = sized != NULL && has_coverage (sized, as) ? tacet_image_alpha (sized) : NULL;
  g_autoptr (TacetImported) imported = g_new0 (TacetImported, 1);

  if (pixels != NULL)
    imported->pixels = put (pixels, place, width, height);
  if (alpha != NULL)
    imported->coverage = put (alpha, place, width, height);
  if (imported->pixels == NULL || (has_coverage (sized, as) && imported->coverage == NULL))
    return NULL;
  return g_steal_pointer (&imported);
}

void
tacet_imported_free (TacetImported *self)
{
  g_free (self->name);
  g_clear_pointer (&self->pixels, tacet_image_unref);
  g_clear_pointer (&self->coverage, tacet_image_unref);
  g_free (self);
}
