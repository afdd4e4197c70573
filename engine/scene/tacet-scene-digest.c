/* tacet-scene-digest.c: one number for a whole document.
 *
 * Room: engine/scene.
 */
#define G_LOG_DOMAIN "tacet-scene"
#include "config.h"

#include "tacet-json-text.h"
#include "tacet-scene-private.h"
#include <string.h>

static void
add_text (GChecksum *sum, const char *text)
{
  guint64 length = text ? strlen (text) : G_MAXUINT64;
  g_checksum_update (sum, (const guchar *) &length, sizeof length);
  if (text)
    g_checksum_update (sum, (const guchar *) text, (gssize) length);
}

static void
add_number (GChecksum *sum, double number)
{
  number += 0.0; /* one zero, not two */
  g_checksum_update (sum, (const guchar *) &number, sizeof number);
}

static void
add_extra (GChecksum *sum, JsonObject *extra)
{
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  g_autofree char *text = NULL;
  if (extra)
    {
      json_node_set_object (node, extra);
      text = tacet_json_text (node);
    }
  add_text (sum, text);
}

static void
add_image (GChecksum *sum, const TacetImage *image)
{
  add_number (sum, image ? image->channels : 0);
  if (image)
    g_checksum_update (sum, image->data, (gssize) image->width * image->height * image->channels);
}

static void
add_layer (GChecksum *sum, TacetLayer *layer)
{
  const TacetLayerSettings *settings = &layer->settings;
  add_text (sum, tacet_layer_kind_id (layer->kind));
  add_text (sum, settings->name);
  add_text (sum, settings->model);
  add_text (sum, settings->prompt);
  add_text (sum, settings->negative_prompt);
  add_number (sum, settings->visible);
  add_number (sum, settings->enabled);
  add_number (sum, settings->locked);
  add_number (sum, settings->opacity);
  add_number (sum, settings->strength);
  add_number (sum, settings->start);
  add_number (sum, settings->end);
  add_image (sum, layer->picture);
  add_image (sum, layer->map);
  add_image (sum, layer->coverage);
  add_image (sum, layer->base);
  add_image (sum, layer->opinion);
  if (layer->people)
    _tacet_people_digest (layer->people, sum);
  add_extra (sum, layer->extra);
}

static void
add_picture (GChecksum *sum, const TacetSceneSettings *settings)
{
  add_text (sum, tacet_spacing_id (settings->spacing));
  add_number (sum, settings->karras);
  add_number (sum, settings->eta);
  add_number (sum, settings->guidance_rescale);
  add_text (sum, tacet_guess_id (settings->guess));
  add_number (sum, settings->control_conditional_only);
  add_number (sum, settings->prefer_ema);
  add_number (sum, settings->count);
  add_number (sum, settings->clip_skip);
  add_text (sum, settings->vae);
  add_number (sum, settings->loras->len);
  for (guint i = 0; i < settings->loras->len; i++)
    {
      const TacetLora *lora = settings->loras->pdata[i];
      add_text (sum, lora->path);
      add_number (sum, lora->weight);
    }
  add_number (sum, settings->denoising_strength);
  add_number (sum, settings->mask_feather);
}

char *
tacet_scene_digest (TacetScene *self)
{
  g_return_val_if_fail (TACET_IS_SCENE (self), NULL);
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  const TacetSceneSettings *settings = &self->settings;
  g_autofree char *combine = tacet_combine_to_string (&settings->combine);
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->layers));
  add_number (sum, self->width);
  add_number (sum, self->height);
  add_text (sum, settings->prompt);
  add_text (sum, settings->negative_prompt);
  add_text (sum, settings->model);
  g_checksum_update (sum, (const guchar *) &settings->seed, sizeof settings->seed);
  add_number (sum, settings->steps);
  add_text (sum, tacet_sampler_id (settings->sampler));
  add_number (sum, settings->guidance_scale);
  add_text (sum, combine);
  add_number (sum, settings->combine.lambda_cap);
  add_number (sum, settings->combine.silent_guard);
  add_number (sum, settings->combine.total_one);
  add_picture (sum, settings);
  add_number (sum, n);
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (TacetLayer) layer = g_list_model_get_item (G_LIST_MODEL (self->layers), i);
      add_layer (sum, layer);
    }
  add_extra (sum, self->extra);
  return g_strdup (g_checksum_get_string (sum));
}
