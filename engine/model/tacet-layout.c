/* tacet-layout.c: what a model file is, and which networks lie in it.
 *
 * Room: engine/model.
 */
#include "config.h"

#include "tacet-layers.h"
#include "tacet-layout.h"
#include "tacet-table.h"
#include <glib/gi18n-lib.h>
#include <string.h>

typedef const TacetFileTensor *const *Index;

const char *
tacet_model_kind_id (TacetModelKind kind)
{
  static const char *const ids[] = { "base", "controlnet", "vae", "taesd", "lora", "unet", "text" };
  return (guint) kind < G_N_ELEMENTS (ids) ? ids[kind] : "?";
}

/* A group of names in the file that belong to one part. */
typedef struct
{
  const char *prefix; /* "": the names have none */
  TacetPart part;
  gboolean original;
} Group;

/* Parts of single files, by their prefixes. */
static const Group prefixed[] = {
  { "model.diffusion_model.", TACET_PART_UNET, TRUE },
  { "first_stage_model.", TACET_PART_VAE, TRUE },
  { "cond_stage_model.transformer.", TACET_PART_TEXT, FALSE },
  { "control_model.", TACET_PART_CONTROLNET, TRUE },
  { "vae.", TACET_PART_VAE, TRUE },
  { "taesd_encoder.", TACET_PART_TAESD, TRUE },
  { "taesd_decoder.", TACET_PART_TAESD, TRUE },
};

/* A name that only files of one part without prefix have. */
static const struct
{
  const char *sign;
  TacetPart part;
  gboolean original;
} bare[] = {
  { "zero_convs.0.0.weight", TACET_PART_CONTROLNET, TRUE },
  { "controlnet_cond_embedding.conv_in.weight", TACET_PART_CONTROLNET, FALSE },
  { "input_blocks.0.0.weight", TACET_PART_UNET, TRUE },
  { "down_blocks.0.resnets.0.conv1.weight", TACET_PART_UNET, FALSE },
  { "encoder.down.0.block.0.conv1.weight", TACET_PART_VAE, TRUE },
  { "decoder.up.0.block.0.conv1.weight", TACET_PART_VAE, TRUE },
  { "encoder.down_blocks.0.resnets.0.conv1.weight", TACET_PART_VAE, FALSE },
  { "encoder.layers.0.weight", TACET_PART_TAESD, FALSE },
  { "decoder.layers.0.weight", TACET_PART_TAESD, FALSE },
  { "text_model.embeddings.token_embedding.weight", TACET_PART_TEXT, FALSE },
  { "embeddings.token_embedding.weight", TACET_PART_TEXT, FALSE },
};

/* Traces of training that no network needs. */
static gboolean
is_ignorable (const char *name)
{
  static const char *const prefixes[] = { "alphas_cumprod",
                                          "betas",
                                          "sqrt_",
                                          "log_one_minus_",
                                          "posterior_",
                                          "logvar",
                                          "lvlb_weights",
                                          "scale_factor",
                                          "model_ema.decay",
                                          "model_ema.num_updates",
                                          "loss.",
                                          "global_step",
                                          "difference",
                                          "v_pred",
                                          "ztsnr",
                                          "logit_scale",
                                          "text_projection",
                                          "cond_stage_model.transformer.text_projection",
                                          "cond_stage_model.logit_scale",
                                          "ema_",
                                          "denoiser." };
  for (gsize i = 0; i < G_N_ELEMENTS (prefixes); i++)
    if (g_str_has_prefix (name, prefixes[i]))
      return TRUE;
  return g_str_has_suffix (name, "position_ids") || g_str_has_prefix (name, "vision_model.") ||
         g_str_has_prefix (name, "visual_projection");
}

static gboolean
is_lora (Index tensors, guint n)
{
  static const char *const signs[] = { ".lora_A.",  ".lora_B.",  ".lora_up.",   ".lora_down.",
                                       ".lora.up.", "_lora.up.", ".lora.down.", "_lora.down." };
  if (tacet_layout_has (tensors, n, "lora_unet_") || tacet_layout_has (tensors, n, "lora_te_"))
    return TRUE;
  for (guint i = 0; i < n; i++)
    for (gsize k = 0; k < G_N_ELEMENTS (signs); k++)
      if (strstr (tensors[i]->name, signs[k]))
        return TRUE;
  return FALSE;
}

/* TAESD's own files: numbers alone, and what they are by the first layer that has weights. */
static gboolean
find_tiny (Index tensors, guint n, Group *group)
{
  gboolean decoder = tacet_layout_find (tensors, n, "1.weight") && tacet_layout_find (tensors, n, "3.conv.0.weight");
  if (!decoder && !(tacet_layout_find (tensors, n, "0.weight") && tacet_layout_find (tensors, n, "1.conv.0.weight")))
    return FALSE;
  *group = (Group){ decoder ? "decoder." : "encoder.", TACET_PART_TAESD, TRUE };
  return TRUE;
}

/* What names without a prefix are. FALSE: nothing known */
static gboolean
find_bare (Index tensors, guint n, Group *group)
{
  for (gsize i = 0; i < G_N_ELEMENTS (bare); i++)
    if (tacet_layout_find (tensors, n, bare[i].sign))
      {
        *group = (Group){ "", bare[i].part, bare[i].original };
        return TRUE;
      }
  return find_tiny (tensors, n, group);
}

/* How the blocks of one group are numbered, from the names alone. */
static TacetNumbering
find_numbering (Index tensors, guint n, const Group *group)
{
  char name[2 * TACET_NAME_SIZE];
  TacetNumbering numbering = { 0 };
#define HAS(...) (g_snprintf (name, sizeof name, __VA_ARGS__), tacet_layout_find (tensors, n, name) != NULL)
  if (group->part == TACET_PART_VAE)
    while (numbering.n_levels < TACET_MAX_LEVELS &&
           (HAS ("%sdecoder.up.%d.block.0.conv1.weight", group->prefix, numbering.n_levels) ||
            HAS ("%sencoder.down.%d.block.0.conv1.weight", group->prefix, numbering.n_levels)))
      numbering.n_levels++;
  else
    {
      /* The first block that is a downsampling, or the end of the only level. */
      while (numbering.layers_per_block < TACET_MAX_FEATURES &&
             HAS ("%sinput_blocks.%d.0.in_layers.0.weight", group->prefix, numbering.layers_per_block + 1))
        numbering.layers_per_block++;
      /* Convolutions of the hint: 4, 8 ... 2 n */
      while (numbering.n_hint < TACET_MAX_LEVELS &&
             HAS ("%sinput_hint_block.%d.weight", group->prefix, 4 * numbering.n_hint + 2))
        numbering.n_hint++;
    }
#undef HAS
  return numbering;
}

/* Adds one tensor to its part. FALSE: its name belongs to nothing, or is there twice */
static gboolean
add_tensor (TacetLayout *self, const Group *group, const TacetNumbering *numbering, const TacetFileTensor *t,
            const char *rest)
{
  char name[TACET_NAME_SIZE], full[2 * TACET_NAME_SIZE];
  gboolean found;
  if (group->part == TACET_PART_TAESD && group->original)
    {
      const char *half = strstr (group->prefix, "encoder.") ? "encoder." : "decoder.";
      g_snprintf (full, sizeof full, "%s%s", half, rest);
      rest = full;
    }
  if (group->original)
    {
      found = tacet_name_to_diffusers (group->part, numbering, rest, name);
      self->original = TRUE;
    }
  else
    found = tacet_name_modern (group->part, rest, name);
  return found && g_hash_table_insert (self->parts[group->part], g_strdup (name), (gpointer) t);
}

static void
add_group (TacetLayout *self, Index tensors, guint n, const Group *group)
{
  TacetNumbering numbering = find_numbering (tensors, n, group);
  gsize skip =
      group->part == TACET_PART_TAESD && !g_str_has_prefix (group->prefix, "taesd_") ? 0 : strlen (group->prefix);
  for (guint i = 0; i < n; i++)
    {
      const char *name = tensors[i]->name;
      gboolean mine = skip == 0 || strncmp (name, group->prefix, skip) == 0;
      for (gsize k = 0; mine && skip == 0 && k < G_N_ELEMENTS (prefixed); k++)
        mine = !g_str_has_prefix (name, prefixed[k].prefix);
      if (mine && !is_ignorable (name) && !g_str_has_prefix (name, "model_ema.") && !is_ignorable (name + skip) &&
          !add_tensor (self, group, &numbering, tensors[i], name + skip))
        g_ptr_array_add (self->unknown, tensors[i]->name);
    }
}

/* "model_ema." and the name of the plain weight without its dots. */
static void
find_ema (TacetLayout *self, Index tensors, guint n)
{
  GHashTableIter iter;
  gpointer key, value;
  g_hash_table_iter_init (&iter, self->parts[TACET_PART_UNET]);
  while (tacet_layout_has (tensors, n, "model_ema.") && g_hash_table_iter_next (&iter, &key, &value))
    {
      const char *plain = ((const TacetFileTensor *) value)->name;
      if (!g_str_has_prefix (plain, "model."))
        continue;
      g_autoptr (GString) flat = g_string_new ("model_ema.");
      for (plain += strlen ("model."); *plain; plain++)
        if (*plain != '.')
          g_string_append_c (flat, *plain);
      const TacetFileTensor *t = tacet_layout_find (tensors, n, flat->str);
      if (t)
        g_hash_table_insert (self->ema, g_strdup (key), (gpointer) t);
    }
  /* Not all of them: none. */
  if (g_hash_table_size (self->ema) != g_hash_table_size (self->parts[TACET_PART_UNET]))
    g_hash_table_remove_all (self->ema);
}

static gboolean
has_part (const TacetLayout *self, TacetPart part)
{
  return g_hash_table_size (self->parts[part]) > 0;
}

static gboolean
decide_kind (TacetLayout *self, GError **error)
{
  gboolean unet = has_part (self, TACET_PART_UNET), vae = has_part (self, TACET_PART_VAE);
  gboolean text = has_part (self, TACET_PART_TEXT);
  if (has_part (self, TACET_PART_CONTROLNET))
    self->kind = TACET_MODEL_CONTROLNET;
  else if (unet)
    self->kind = vae || text ? TACET_MODEL_BASE : TACET_MODEL_UNET;
  else if (vae)
    self->kind = TACET_MODEL_VAE;
  else if (has_part (self, TACET_PART_TAESD))
    self->kind = TACET_MODEL_TAESD;
  else if (text)
    self->kind = TACET_MODEL_TEXT;
  else
    {
      g_set_error_literal (error, TACET_WEIGHTS_ERROR, TACET_WEIGHTS_ERROR_UNSUPPORTED,
                           _ ("This is no model that Tacet knows: none of its tensors has a known name. Base models, "
                              "ControlNets, VAEs, TAESD and LoRAs for Stable Diffusion 1.x and 2.x can be used."));
      return FALSE;
    }
  return TRUE;
}

static gboolean
metadata_is (GHashTable *metadata, const char *key, const char *value)
{
  const char *found = metadata ? g_hash_table_lookup (metadata, key) : NULL;
  return found && g_ascii_strcasecmp (found, value) == 0;
}

static TacetLayout *
layout_new (void)
{
  TacetLayout *self = g_new0 (TacetLayout, 1);
  for (int part = 0; part < TACET_N_PARTS; part++)
    self->parts[part] = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->ema = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->unknown = g_ptr_array_new ();
  return self;
}

TacetLayout *
tacet_layout_new (const TacetFileTensor *const *tensors, guint n, GHashTable *metadata, GError **error)
{
  g_autoptr (TacetLayout) self = layout_new ();
  g_autofree char *refusal = tacet_layout_refusal (tensors, n);
  Group group;
  if (refusal)
    {
      g_set_error_literal (error, TACET_WEIGHTS_ERROR, TACET_WEIGHTS_ERROR_UNSUPPORTED, refusal);
      return NULL;
    }
  self->v_prediction = tacet_layout_find (tensors, n, "v_pred") || metadata_is (metadata, "prediction_type", "v") ||
                       metadata_is (metadata, "modelspec.prediction_type", "v");
  self->zero_terminal_snr = tacet_layout_find (tensors, n, "ztsnr") != NULL;
  self->difference = tacet_layout_find (tensors, n, "difference") != NULL;
  if (is_lora (tensors, n))
    {
      self->kind = TACET_MODEL_LORA;
      return g_steal_pointer (&self);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (prefixed); i++)
    if (tacet_layout_has (tensors, n, prefixed[i].prefix))
      add_group (self, tensors, n, &prefixed[i]);
  if (find_bare (tensors, n, &group))
    add_group (self, tensors, n, &group);
  find_ema (self, tensors, n);
  return decide_kind (self, error) ? g_steal_pointer (&self) : NULL;
}

TacetLayout *
tacet_layout_of (TacetCheckpoint *checkpoint, GError **error)
{
  guint n = tacet_checkpoint_length (checkpoint);
  g_autofree const TacetFileTensor **tensors = g_new (const TacetFileTensor *, MAX (n, 1));
  for (guint i = 0; i < n; i++)
    tensors[i] = tacet_checkpoint_nth (checkpoint, i);
  TacetLayout *self = tacet_layout_new (tensors, n, tacet_checkpoint_metadata_table (checkpoint), error);
  if (!self)
    g_prefix_error (error, _ ("%s cannot be used: "), tacet_checkpoint_path (checkpoint));
  return self;
}

void
tacet_layout_free (TacetLayout *self)
{
  for (int part = 0; part < TACET_N_PARTS; part++)
    g_hash_table_unref (self->parts[part]);
  g_hash_table_unref (self->ema);
  g_ptr_array_unref (self->unknown);
  g_free (self);
}

/* --- against a table --- */

static gboolean
check_tensor (const TacetTableEntry *e, const TacetFileTensor *t, GError **error)
{
  int a = tacet_rank_without_ones (e->dims, e->rank), b = tacet_rank_without_ones (t->dims, t->rank);
  if (a != b || memcmp (e->dims, t->dims, sizeof e->dims[0] * (gsize) a) != 0)
    {
      g_autofree char *wanted = tacet_dims_text (e->dims, e->rank), *found = tacet_dims_text (t->dims, t->rank);
      g_set_error (error, TACET_WEIGHTS_ERROR, TACET_WEIGHTS_ERROR_SHAPE,
                   _ ("the tensor “%s” has the shape %s where %s is expected"), t->name, found, wanted);
      return FALSE;
    }
  if (t->dtype <= TACET_FILE_F64)
    return TRUE;
  g_set_error (error, TACET_WEIGHTS_ERROR, TACET_WEIGHTS_ERROR_UNSUPPORTED,
               _ ("the tensor “%s” has elements of type %s; Tacet reads weights in F32, F16, BF16 and F64"), t->name,
               t->dtype_name);
  return FALSE;
}

gboolean
tacet_layout_check (GHashTable *names, GPtrArray *table, GError **error)
{
  enum
  {
    MAX_SHOWN = 4
  };
  g_autoptr (GString) shown = g_string_new (NULL);
  guint missing = 0;
  for (guint i = 0; i < table->len; i++)
    {
      const TacetTableEntry *e = g_ptr_array_index (table, i);
      if (!g_hash_table_contains (names, e->name) && missing++ < MAX_SHOWN)
        g_string_append_printf (shown, "%s%s", shown->len ? ", " : "", e->name);
    }
  if (missing > 0)
    {
      g_set_error (error, TACET_WEIGHTS_ERROR, TACET_WEIGHTS_ERROR_MISSING,
                   g_dngettext (GETTEXT_PACKAGE, "%u of %u tensors is missing: %s%s",
                                "%u of %u tensors are missing: %s%s", missing),
                   missing, table->len, shown->str, missing > MAX_SHOWN ? " …" : "");
      return FALSE;
    }
  for (guint i = 0; i < table->len; i++)
    {
      const TacetTableEntry *e = g_ptr_array_index (table, i);
      if (!check_tensor (e, g_hash_table_lookup (names, e->name), error))
        return FALSE;
    }
  return TRUE;
}
