/* tacet-scene-picture.c: the settings of what a picture starts from, how many there are, what changes the model, and
 * the finer ones of sampling.
 *
 * Room: engine/scene.
 */
#define G_LOG_DOMAIN "tacet-scene"
#include "config.h"

#include "tacet-scene-private.h"
#include <glib/gi18n-lib.h>
#include <math.h>

GPtrArray *
_tacet_loras_new (GPtrArray *from)
{
  GPtrArray *loras = g_ptr_array_new_with_free_func ((GDestroyNotify) tacet_lora_free);
  for (guint i = 0; from && i < from->len; i++)
    {
      const TacetLora *lora = from->pdata[i];
      g_ptr_array_add (loras, tacet_lora_new (lora->path, lora->weight));
    }
  return loras;
}

static gboolean
is_of (TacetLayer *layer, TacetLayerKind kind)
{
  return layer->kind == kind;
}

/* One layer of this kind instead of all of them; image NULL: none. */
static gboolean
replace_all (TacetScene *self, TacetLayerKind kind, const TacetImage *image, const char *name)
{
  gboolean done = TRUE;
  tacet_scene_group_begin (self, name);
  for (guint i = _tacet_scene_n_layers (self); i-- > 0;)
    if (is_of (_tacet_scene_get_layer (self, i), kind))
      tacet_scene_remove_layer (self, _tacet_scene_get_layer (self, i));
  if (image)
    {
      TacetLayer *layer = tacet_scene_add_layer (self, kind);
      done = layer && (kind == TACET_LAYER_PICTURE ? tacet_scene_set_layer_picture
                                                   : tacet_scene_set_layer_coverage) (self, layer, image);
    }
  tacet_scene_group_end (self);
  if (!done)
    tacet_scene_undo (self);
  return done;
}

gboolean
tacet_scene_set_image (TacetScene *self, const TacetImage *image)
{
  g_return_val_if_fail (TACET_IS_SCENE (self), FALSE);
  return replace_all (self, TACET_LAYER_PICTURE, image, image ? _ ("Set Picture") : _ ("Remove Picture"));
}

gboolean
tacet_scene_set_mask (TacetScene *self, const TacetImage *mask)
{
  g_return_val_if_fail (TACET_IS_SCENE (self), FALSE);
  return replace_all (self, TACET_LAYER_MASK, mask, mask ? _ ("Set Mask") : _ ("Remove Mask"));
}

static void
set_number (TacetScene *self, double *place, double value, double high, TacetChange change, const char *name)
{
  if (!isfinite (value) || CLAMP (value, 0, high) == *place)
    return;
  _tacet_scene_begin (self, change, name);
  *place = CLAMP (value, 0, high);
  _tacet_scene_end (self);
}

void
tacet_scene_set_denoising_strength (TacetScene *self, double strength)
{
  g_return_if_fail (TACET_IS_SCENE (self));
  set_number (self, &self->settings.denoising_strength, strength, 1, TACET_CHANGE_DENOISING,
              _ ("Change Denoising Strength"));
}

void
tacet_scene_set_mask_feather (TacetScene *self, double feather)
{
  g_return_if_fail (TACET_IS_SCENE (self));
  set_number (self, &self->settings.mask_feather, feather, TACET_MAX_FEATHER, TACET_CHANGE_FEATHER,
              _ ("Change Feather of the Mask"));
}

static void
set_int (TacetScene *self, int *place, int value, TacetChange change, const char *name)
{
  if (value == *place)
    return;
  _tacet_scene_begin (self, change, name);
  *place = value;
  _tacet_scene_end (self);
}

void
tacet_scene_set_count (TacetScene *self, int count)
{
  g_return_if_fail (TACET_IS_SCENE (self));
  set_int (self, &self->settings.count, CLAMP (count, 1, TACET_MAX_PICTURES), TACET_CHANGE_COUNT,
           _ ("Change Number of Pictures"));
}

void
tacet_scene_set_clip_skip (TacetScene *self, int clip_skip)
{
  g_return_if_fail (TACET_IS_SCENE (self));
  set_int (self, &self->settings.clip_skip, CLAMP (clip_skip, 1, TACET_SCENE_MAX_CLIP_SKIP), TACET_CHANGE_CLIP_SKIP,
           _ ("Change Clip Skip"));
}

void
tacet_scene_set_guess (TacetScene *self, TacetGuess guess)
{
  g_return_if_fail (TACET_IS_SCENE (self) && (guint) guess < TACET_N_GUESSES);
  if (guess == self->settings.guess)
    return;
  _tacet_scene_begin (self, TACET_CHANGE_OTHER, _ ("Change Guess Mode"));
  self->settings.guess = guess;
  _tacet_scene_end (self);
}

void
tacet_scene_set_control_conditional_only (TacetScene *self, gboolean only)
{
  g_return_if_fail (TACET_IS_SCENE (self));
  set_int (self, &self->settings.control_conditional_only, !!only, TACET_CHANGE_OTHER, _ ("Change Side of Controls"));
}

void
tacet_scene_set_prefer_ema (TacetScene *self, gboolean prefer)
{
  g_return_if_fail (TACET_IS_SCENE (self));
  set_int (self, &self->settings.prefer_ema, !!prefer, TACET_CHANGE_OTHER, _ ("Change Weights of Model"));
}

void
tacet_scene_set_vae (TacetScene *self, const char *vae)
{
  g_return_if_fail (TACET_IS_SCENE (self));
  g_autofree char *valid = vae && *vae ? g_utf8_make_valid (vae, -1) : NULL;
  if (g_strcmp0 (valid, self->settings.vae) == 0)
    return;
  _tacet_scene_begin (self, TACET_CHANGE_VAE, _ ("Change VAE"));
  g_free (self->settings.vae);
  self->settings.vae = g_steal_pointer (&valid);
  _tacet_scene_end (self);
}

void
tacet_scene_set_spacing (TacetScene *self, TacetSpacing spacing)
{
  g_return_if_fail (TACET_IS_SCENE (self) && (guint) spacing < TACET_N_SPACINGS);
  if (spacing == self->settings.spacing)
    return;
  _tacet_scene_begin (self, TACET_CHANGE_OTHER, _ ("Change Spacing of Steps"));
  self->settings.spacing = spacing;
  _tacet_scene_end (self);
}

void
tacet_scene_set_karras (TacetScene *self, TacetKarras karras)
{
  g_return_if_fail (TACET_IS_SCENE (self) && (guint) karras <= TACET_KARRAS_ON);
  if (karras == self->settings.karras)
    return;
  _tacet_scene_begin (self, TACET_CHANGE_OTHER, _ ("Change Noise Levels"));
  self->settings.karras = karras;
  _tacet_scene_end (self);
}

void
tacet_scene_set_eta (TacetScene *self, double eta)
{
  g_return_if_fail (TACET_IS_SCENE (self));
  set_number (self, &self->settings.eta, eta, 1, TACET_CHANGE_ETA, _ ("Change Fresh Noise"));
}

void
tacet_scene_set_guidance_rescale (TacetScene *self, double rescale)
{
  g_return_if_fail (TACET_IS_SCENE (self));
  set_number (self, &self->settings.guidance_rescale, rescale, 1, TACET_CHANGE_RESCALE, _ ("Change Guidance Rescale"));
}

static gboolean
loras_equal (const GPtrArray *a, const GPtrArray *b)
{
  for (guint i = 0; i < a->len && i < b->len; i++)
    {
      const TacetLora *one = a->pdata[i], *other = b->pdata[i];
      if (!g_str_equal (one->path, other->path) || one->weight != other->weight)
        return FALSE;
    }
  return a->len == b->len;
}

void
tacet_scene_set_loras (TacetScene *self, GPtrArray *loras)
{
  g_return_if_fail (TACET_IS_SCENE (self));
  g_autoptr (GPtrArray) copy = _tacet_loras_new (loras);
  if (copy->len > TACET_SCENE_MAX_LORAS)
    g_ptr_array_set_size (copy, TACET_SCENE_MAX_LORAS);
  if (loras_equal (copy, self->settings.loras))
    return;
  _tacet_scene_begin (self, TACET_CHANGE_OTHER, _ ("Change LoRAs"));
  g_ptr_array_unref (self->settings.loras);
  self->settings.loras = g_steal_pointer (&copy);
  _tacet_scene_end (self);
}

TacetSpacing
tacet_scene_get_spacing (TacetScene *self)
{
  return self->settings.spacing;
}

TacetKarras
tacet_scene_get_karras (TacetScene *self)
{
  return self->settings.karras;
}

double
tacet_scene_get_eta (TacetScene *self)
{
  return self->settings.eta;
}

double
tacet_scene_get_guidance_rescale (TacetScene *self)
{
  return self->settings.guidance_rescale;
}

double
tacet_scene_get_denoising_strength (TacetScene *self)
{
  return self->settings.denoising_strength;
}

double
tacet_scene_get_mask_feather (TacetScene *self)
{
  return self->settings.mask_feather;
}

int
tacet_scene_get_count (TacetScene *self)
{
  return self->settings.count;
}

int
tacet_scene_get_clip_skip (TacetScene *self)
{
  return self->settings.clip_skip;
}

TacetGuess
tacet_scene_get_guess (TacetScene *self)
{
  return self->settings.guess;
}

gboolean
tacet_scene_get_control_conditional_only (TacetScene *self)
{
  return self->settings.control_conditional_only;
}

const char *
tacet_scene_get_vae (TacetScene *self)
{
  return self->settings.vae;
}

GPtrArray *
tacet_scene_get_loras (TacetScene *self)
{
  return self->settings.loras;
}
