/* tacet-layer-image.c: see tacet-layer-image.h.  Room: ui, no widgets. */
#include "ui/tacet-layer-image.h"

/* What the rule of the kind says by itself need not be told. */
static gboolean
says_the_usual (TacetLayerKind kind, const TacetImage *map, const TacetImage *coverage)
{
  g_autoptr (TacetImage) usual = tacet_coverage_from_map ((TacetControlKind) kind, map);

  return usual != NULL && tacet_image_equal (usual, coverage);
}

TacetImage *
tacet_layer_dup_image (TacetLayer *layer)
{
  TacetLayerKind kind = tacet_layer_get_kind (layer);
  const TacetImage *map = tacet_layer_get_map (layer), *coverage = tacet_layer_get_coverage (layer);

  if (tacet_layer_get_picture (layer) != NULL)
    return tacet_image_copy (tacet_layer_get_picture (layer));
  if (map == NULL)
    return tacet_image_copy (coverage);
  return coverage == NULL || says_the_usual (kind, map, coverage) ? tacet_image_copy (map)
                                                                  : tacet_image_with_alpha (map, coverage);
}

#define LONGEST_NAME 80 /* characters */

char *
tacet_file_name (const char *name, const char *suffix)
{
  g_autofree char *plain = g_utf8_substring (name, 0, MIN (g_utf8_strlen (name, -1), LONGEST_NAME));

  g_strdelimit (plain, "/\\:*?\"<>|\n\t", '-');
  g_strstrip (plain);
  if (*plain == '.')
    *plain = '-';
  return g_strconcat (*plain != '\0' ? plain : "-", suffix, NULL);
}
