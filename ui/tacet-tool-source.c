/* tacet-tool-source.c: the pixels that the bucket and the picker look at.  Room: ui. */
#define G_LOG_DOMAIN "tacet-tool-source"

#include "config.h"

#include "ui/tacet-palette.h"
#include "ui/tacet-tool.h"

/* Value and coverage as one colour and its alpha, so that silence is unlike every value. */
TacetImage *
tacet_tool_copy_layer (TacetLayer *layer)
{
  const TacetImage *map = tacet_layer_get_map (layer), *coverage = tacet_layer_get_coverage (layer);

  switch (tacet_layer_get_kind (layer))
    {
    case TACET_LAYER_PICTURE:
      return tacet_image_copy (tacet_layer_get_picture (layer));
    case TACET_LAYER_EDGE:
      /* Its marks are the borders; how far around them it speaks is not seen as one. */
      return tacet_image_copy (map);
    case TACET_LAYER_DEPTH:
    case TACET_LAYER_POSE:
      return tacet_image_with_alpha (map, coverage);
    default:
      return tacet_image_copy (coverage);
    }
}

TacetImage *
tacet_tool_copy_shown (TacetTool *self, TacetLayer *layer)
{
  const TacetImage *map = tacet_layer_get_map (layer), *coverage = tacet_layer_get_coverage (layer);
  TacetRgb colour = { 0 };
  TacetImage *image;
  guint place = 0;
  gsize n;

  if (tacet_layer_get_kind (layer) == TACET_LAYER_PICTURE)
    return tacet_image_copy (tacet_layer_get_picture (layer));
  if (map != NULL)
    return tacet_image_with_alpha (map, coverage);
  image = tacet_image_new (coverage->width, coverage->height, 4);
  n = (gsize) coverage->width * coverage->height;
  /* In the colour that the canvas gives it. */
  g_list_store_find (G_LIST_STORE (tacet_scene_get_layers (tacet_tool_get_scene (self))), layer, &place);
  colour = tacet_palette_control ((int) place);
  for (gsize i = 0; image != NULL && i < n; i++)
    {
      image->data[4 * i] = (guint8) (255 * colour.red);
      image->data[4 * i + 1] = (guint8) (255 * colour.green);
      image->data[4 * i + 2] = (guint8) (255 * colour.blue);
      image->data[4 * i + 3] = coverage->data[i] / 2;
    }
  return image;
}

/* The marks of a map as dark lines over what lies below. */
static void
draw_marks (TacetImage *image, TacetLayer *layer)
{
  const TacetImage *map = tacet_layer_get_map (layer), *coverage = tacet_layer_get_coverage (layer);
  gsize n = (gsize) image->width * image->height;

  for (gsize i = 0; i < n; i++)
    {
      int mark = map->data[i * map->channels] * coverage->data[i] / 255;
      guint8 *p = image->data + 4 * i;

      if (mark == 0)
        continue;
      for (int k = 0; k < 3; k++)
        p[k] = (guint8) (p[k] * (255 - mark) / 255);
      p[3] = (guint8) (p[3] + (255 - p[3]) * mark / 255);
    }
}

TacetImage *
tacet_tool_copy_seen (TacetTool *self)
{
  TacetScene *scene = tacet_tool_get_scene (self);
  GListModel *layers = tacet_scene_get_layers (scene);
  g_autoptr (TacetImage) pictures = tacet_scene_render_picture (scene);
  TacetImage *image = pictures != NULL
                          ? tacet_image_convert (pictures, 4)
                          : tacet_image_new (tacet_scene_get_width (scene), tacet_scene_get_height (scene), 4);
  gsize n;

  if (image == NULL)
    return NULL;
  /* On white paper. */
  n = (gsize) image->width * image->height;
  for (gsize i = 0; i < n; i++)
    {
      guint8 *p = image->data + 4 * i;

      for (int k = 0; k < 3; k++)
        p[k] = (guint8) ((p[k] * p[3] + 255 * (255 - p[3])) / 255);
      p[3] = 255;
    }
  for (guint i = g_list_model_get_n_items (layers); i > 0; i--)
    {
      g_autoptr (TacetLayer) layer = g_list_model_get_item (layers, i - 1);

      if (tacet_layer_get_kind (layer) == TACET_LAYER_EDGE && tacet_layer_get_visible (layer))
        draw_marks (image, layer);
    }
  return image;
}
