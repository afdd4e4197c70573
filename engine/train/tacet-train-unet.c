/* tacet-train-unet.c: training U-Net and text encoder together, from nothing.
 *
 * Room: engine/train.
 */
#include "config.h"

#include "tacet-train-data.h"
#include "tacet-train-diffusion.h"
#include "tacet-train-kinds.h"

#include "engine/studio/tacet-studio.h"
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>

enum
{
  STORE_UNET,
  STORE_TEXT,
};

typedef struct
{
  TacetObjective base;
  const TacetTrainPlan *plan;
  TacetDiffusion *diffusion;
  TacetTextConfig text;
} UnetObjective;

static TacetValue *
predict (UnetObjective *self, TacetGraph *g, const TacetDiffusionInputs *in)
{
  const TacetUnetConfig *config = &self->plan->unet;
  TacetFeatures features;
  TacetValue *context = tacet_text_encoder (g, &self->text, self->base.stores[STORE_TEXT], in->ids);
  tacet_unet_encoder (g, config, self->base.stores[STORE_UNET], in->noisy, in->timestep, context, NULL, &features);
  return tacet_unet_decoder (g, config, self->base.stores[STORE_UNET], context, NULL, &features);
}

static void
build (TacetObjective *objective, TacetWorker *worker, int n)
{
  UnetObjective *self = (UnetObjective *) objective;
  TacetDiffusionInputs in;
  tacet_diffusion_inputs (self->diffusion, worker->graph, n, &in);
  TacetValue *target = tacet_input (worker->graph, "target", TACET_F32, in.noisy->shape);
  worker->loss = tacet_diffusion_loss (predict (self, worker->graph, &in), target);
}

static gboolean
fill (TacetObjective *objective, TacetWorker *worker, const TacetShard *shard, GError **error)
{
  UnetObjective *self = (UnetObjective *) objective;
  TacetRandom random;
  for (int i = 0; i < shard->n; i++)
    tacet_diffusion_fill (self->diffusion, worker, shard, i, &random);
  return TRUE;
}

static gboolean
trains (TacetObjective *objective, TacetWeights *store, const char *name, double *lr)
{
  return TRUE;
}

/* Samples: of the plan's prompts, or in pairs of rows held-out pictures above samples of their captions. */
static gboolean
show (TacetObjective *objective, TacetBackend *backend, const char *path, GCancellable *cancellable, GError **error)
{
  UnetObjective *self = (UnetObjective *) objective;
  TacetDiffusion *d = self->diffusion;
  const gboolean prompts = self->plan->prompts->len > 0;
  const int n = prompts ? (int) self->plan->prompts->len : MIN (self->plan->validate_count, self->plan->held_out);
  const int columns = CLAMP (n, 1, 8), rows = (n + columns - 1) / columns, per = prompts ? 1 : 2, size = d->size;
  g_autoptr (TacetForward) forward = tacet_forward_new ();
  g_autoptr (TacetForward) decode = tacet_forward_decode (&d->vae, d->vae_weights, 1, d->side, backend, error);
  g_autoptr (TacetImage) sheet = tacet_image_new (columns * size, MAX (rows, 1) * per * size, 3);
  g_autofree float *picture = g_try_new (float, (gsize) size *size * 3);
  g_autofree float *latent = g_try_new (float, (gsize) d->side * d->side * d->channels);
  g_autofree gint32 *ids = g_new0 (gint32, d->n_tokens);
  TacetDiffusionInputs in;
  if (!sheet || !picture)
    return TRUE;
  tacet_diffusion_inputs (d, forward->graph, 2, &in);
  forward->in[0] = in.noisy;
  forward->in[1] = in.timestep;
  forward->in[2] = in.ids;
  forward->n_in = 3;
  forward->out[forward->n_out++] = predict (self, forward->graph, &in);
  if (!decode || !tacet_forward_plan (forward, backend, error))
    return FALSE;
  for (int i = 0; i < n; i++)
    {
      const int left = i % columns * size, top = i / columns * per * size;
      if (prompts)
        tacet_tokenizer_encode (d->tokenizer, g_ptr_array_index (self->plan->prompts, i), ids, d->n_tokens);
      else
        {
          const TacetDiffusionRecord r = tacet_diffusion_held_out (d, i);
          memcpy (ids, d->ids[0] + r.record * d->n_tokens, (gsize) d->n_tokens * sizeof *ids);
          if (!tacet_diffusion_decode (d, decode, r, picture, cancellable, error))
            return FALSE;
          tacet_train_to_image (picture, sheet, left, top, size);
        }
      if (!tacet_diffusion_sample (d, forward, decode, ids, NULL, (guint64) i, picture, cancellable, error))
        return FALSE;
      tacet_train_to_image (picture, sheet, left, top + (per - 1) * size, size);
    }
  return tacet_image_save_png (sheet, path, NULL, error);
}

/* Without it transformers would not know how long a caption may be. */
static gboolean
save_tokenizer_config (UnetObjective *self, GError **error)
{
  g_autofree char *path = g_build_filename (self->plan->output, "tokenizer", "tokenizer_config.json", NULL);
  g_autofree char *text =
      g_strdup_printf ("{\n  \"tokenizer_class\": \"CLIPTokenizer\",\n  \"model_max_length\": %d,\n"
                       "  \"bos_token\": \"<|startoftext|>\",\n  \"eos_token\": \"<|endoftext|>\",\n"
                       "  \"pad_token\": \"<|endoftext|>\",\n  \"unk_token\": \"<|endoftext|>\"\n}\n",
                       self->text.max_positions);
  return tacet_write_file (path, text, strlen (text), error);
}

static gboolean
write_model (TacetObjective *objective, TacetBackend *backend, GHashTable *metadata, GCancellable *cancellable,
             GError **error)
{
  UnetObjective *self = (UnetObjective *) objective;
  const char *output = self->plan->output;
  g_autofree char *unet_config = tacet_part_config_path (output, "unet");
  g_autofree char *text_config = tacet_part_config_path (output, "text_encoder");
  return tacet_part_save (objective->stores[STORE_UNET], output, "unet", metadata, error) &&
         tacet_part_save (objective->stores[STORE_TEXT], output, "text_encoder", metadata, error) &&
         tacet_unet_config_save (&self->plan->unet, unet_config, error) &&
         tacet_text_config_save (&self->text, text_config, error) && save_tokenizer_config (self, error);
}

static void
destroy (TacetObjective *objective)
{
  UnetObjective *self = (UnetObjective *) objective;
  g_clear_pointer (&self->diffusion, tacet_diffusion_free);
  for (int i = 0; i < 2; i++)
    g_clear_pointer (&objective->stores[i], tacet_weights_unref);
  g_free (self);
}

static gboolean
fits (UnetObjective *self, GError **error)
{
  const TacetUnetConfig *u = &self->plan->unet;
  const TacetTextConfig *t = &self->text;
  const int halvings = u->n_levels - 1;
  if (u->in_channels != self->diffusion->channels || u->out_channels != self->diffusion->channels)
    g_set_error (error, TACET_TRAIN_ERROR, TACET_TRAIN_ERROR_PLAN,
                 _ ("Field “unet.in_channels” of the plan is %d, but the latents have %d channels."), u->in_channels,
                 self->diffusion->channels);
  else if (u->cross_attention_dim != t->hidden_size)
    g_set_error (error, TACET_TRAIN_ERROR, TACET_TRAIN_ERROR_PLAN,
                 _ ("Field “unet.cross_attention_dim” of the plan is %d, but the text encoder gives %d."),
                 u->cross_attention_dim, t->hidden_size);
  else if (self->diffusion->side % (1 << halvings) != 0)
    g_set_error (error, TACET_TRAIN_ERROR, TACET_TRAIN_ERROR_PLAN,
                 _ ("Latents of %d pixels cannot be halved %d times, as this U-Net does."), self->diffusion->side,
                 halvings);
  else
    return TRUE;
  return FALSE;
}

/* Of all words that a caption of the studio may hold.  A run that goes on keeps the one it began with. */
static TacetTokenizer *
make_tokenizer (const TacetTrainPlan *plan, GError **error)
{
  g_autofree char *folder = g_build_filename (plan->output, "tokenizer", NULL);
  g_mkdir_with_parents (folder, 0777);
  if (!tacet_trainer_has_checkpoint (plan) && !tacet_tokenizer_build (tacet_studio_words (), folder, error))
    return NULL;
  return tacet_tokenizer_load (folder, error);
}

TacetObjective *
tacet_objective_unet_new (const TacetTrainPlan *plan, GError **error)
{
  UnetObjective *self = g_new0 (UnetObjective, 1);
  self->base = (TacetObjective){ .build = build,
                                 .fill = fill,
                                 .trains = trains,
                                 .show = show,
                                 .export = write_model,
                                 .free = destroy,
                                 .n_stores = 2,
                                 .stores = { tacet_weights_new (plan->seed), tacet_weights_new (plan->seed + 1) },
                                 .store_names = { "unet", "text_encoder" } };
  self->plan = plan;
  self->text = plan->text_encoder;
  TacetTokenizer *tokenizer = make_tokenizer (plan, error);
  if (tokenizer)
    {
      self->text.vocab_size = tacet_tokenizer_size (tokenizer);
      self->text.eos_token_id = tacet_tokenizer_end (tokenizer);
      self->diffusion = tacet_diffusion_new (plan, NULL, tokenizer, self->text.max_positions, FALSE, error);
    }
  if (self->diffusion && fits (self, error))
    {
      self->base.n_held_out = tacet_diffusion_n_held_out (self->diffusion);
      return &self->base;
    }
  destroy (&self->base);
  return NULL;
}
