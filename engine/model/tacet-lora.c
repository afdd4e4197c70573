/* tacet-lora.c: LoRA files merged into a model's weights.
 *
 * Room: engine/model.  Every weight of the model has a key under which a file may change it: its name without
 * suffix and with underscores.  Modules of the file get keys likewise, whatever their naming; what meets belongs
 * together.
 */
#include "config.h"

#include "tacet-lora.h"
#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

/* One module of the file: the tensors that change one weight. */
typedef struct
{
  const TacetFileTensor *up, *mid, *down, *alpha;
} Module;

typedef struct
{
  TacetWeights *weights;
  const char *name; /* lent by the store */
} Target;

/* Endings of names, and which tensor of the module each is. */
static const struct
{
  const char *suffix;
  gsize offset;
} roles[] = {
  { ".lora_up.weight", G_STRUCT_OFFSET (Module, up) },
  { ".lora_down.weight", G_STRUCT_OFFSET (Module, down) },
  { ".lora_mid.weight", G_STRUCT_OFFSET (Module, mid) },
  { ".lora_B.weight", G_STRUCT_OFFSET (Module, up) },
  { ".lora_A.weight", G_STRUCT_OFFSET (Module, down) },
  { ".lora_B.default.weight", G_STRUCT_OFFSET (Module, up) },
  { ".lora_A.default.weight", G_STRUCT_OFFSET (Module, down) },
  { ".lora.up.weight", G_STRUCT_OFFSET (Module, up) },
  { ".lora.down.weight", G_STRUCT_OFFSET (Module, down) },
  { "_lora.up.weight", G_STRUCT_OFFSET (Module, up) },
  { "_lora.down.weight", G_STRUCT_OFFSET (Module, down) },
  { ".lora_linear_layer.up.weight", G_STRUCT_OFFSET (Module, up) },
  { ".lora_linear_layer.down.weight", G_STRUCT_OFFSET (Module, down) },
  { ".alpha", G_STRUCT_OFFSET (Module, alpha) },
};

static char *
replace (char *text, const char *from, const char *to)
{
  g_autoptr (GString) s = g_string_new (text);
  g_free (text);
  g_string_replace (s, from, to, 0);
  return g_string_free (g_steal_pointer (&s), FALSE);
}

/* "unet.down_blocks.0.attentions.0.proj_in" and "lora_unet_down_blocks_0_attentions_0_proj_in" are one key. */
static char *
module_key (const char *name, gsize length)
{
  char *key = g_strndup (name, length);
  static const char *const fillers[][2] = {
    { "base_model.model.", "" },
    { "text_encoder.", "lora_te_" },
    { "unet.", "lora_unet_" },
    { ".processor.", "." },
    { "lora_te_text_model.text_model.", "lora_te_text_model." },
    { "lora_te_encoder.", "lora_te_text_model.encoder." },
  };
  for (gsize i = 0; i < G_N_ELEMENTS (fillers); i++)
    key = replace (key, fillers[i][0], fillers[i][1]);
  /* Attention processors of old call the module of to_out.0 to_out. */
  if (g_str_has_suffix (key, ".to_out"))
    {
      char *full = g_strconcat (key, ".0", NULL);
      g_free (key);
      key = full;
    }
  if (!g_str_has_prefix (key, "lora_"))
    {
      char *full = g_strconcat ("lora_unet_", key, NULL);
      g_free (key);
      key = full;
    }
  return g_strdelimit (key, ".", '_');
}

/* key -> Module */
static GHashTable *
find_modules (TacetCheckpoint *file)
{
  GHashTable *modules = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  for (guint i = 0; i < tacet_checkpoint_length (file); i++)
    {
      const TacetFileTensor *t = tacet_checkpoint_nth (file, i);
      for (gsize k = 0; k < G_N_ELEMENTS (roles); k++)
        {
          if (!g_str_has_suffix (t->name, roles[k].suffix))
            continue;
          char *key = module_key (t->name, strlen (t->name) - strlen (roles[k].suffix));
          Module *module = g_hash_table_lookup (modules, key);
          if (!module)
            g_hash_table_insert (modules, g_strdup (key), module = g_new0 (Module, 1));
          G_STRUCT_MEMBER (const TacetFileTensor *, module, roles[k].offset) = t;
          g_free (key);
          break;
        }
    }
  return modules;
}

static void
add_target (GHashTable *targets, TacetWeights *weights, const char *prefix, const char *name, const char *as)
{
  const char *suffix = ".weight";
  if (!g_str_has_suffix (as, suffix))
    return;
  char *key = g_strdup_printf ("%s%.*s", prefix, (int) (strlen (as) - strlen (suffix)), as);
  Target *target = g_new (Target, 1);
  *target = (Target){ weights, name };
  g_hash_table_insert (targets, g_strdelimit (key, ".", '_'), target);
}

/* key -> Target: every weight by its name in diffusers, and those of the U-Net by the original one. */
static GHashTable *
find_targets (const TacetModelFiles *model)
{
  GHashTable *targets = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  const TacetNumbering numbering = tacet_unet_numbering (&model->unet);
  char original[TACET_NAME_SIZE];
  for (guint i = 0; i < tacet_weights_length (model->unet_weights); i++)
    {
      const char *name = tacet_weights_nth (model->unet_weights, i, NULL);
      add_target (targets, model->unet_weights, "lora_unet_", name, name);
      if (tacet_name_to_original (TACET_PART_UNET, &numbering, name, original))
        add_target (targets, model->unet_weights, "lora_unet_", name, original);
    }
  for (guint i = 0; i < tacet_weights_length (model->text_weights); i++)
    {
      const char *name = tacet_weights_nth (model->text_weights, i, NULL);
      add_target (targets, model->text_weights, "lora_te_", name, name);
    }
  return targets;
}

/* alpha / rank; without alpha 1. FALSE: unreadable */
static gboolean
module_scale (TacetCheckpoint *file, const Module *m, float *scale, GError **error)
{
  float alpha = 1.0f;
  *scale = 1.0f;
  if (!m->alpha)
    return TRUE;
  gint64 rank = m->down->rank > 0 ? m->down->dims[0] : 0;
  if (m->alpha->dtype <= TACET_FILE_F64 && tacet_file_tensor_count (m->alpha) == 1)
    {
      if (!tacet_checkpoint_read_floats (file, m->alpha, 0, 1, &alpha, error))
        return FALSE;
      if (isfinite (alpha) && rank > 0)
        {
          *scale = alpha / (float) rank;
          return TRUE;
        }
    }
  g_set_error (error, TACET_WEIGHTS_ERROR, TACET_WEIGHTS_ERROR_INVALID,
               _ ("%s cannot be used: “%s” is no usable number"), tacet_checkpoint_path (file), m->alpha->name);
  return FALSE;
}

/* peft writes one alpha for all into the metadata; NAN: none */
static float
common_alpha (TacetCheckpoint *file)
{
  const char *text = tacet_checkpoint_metadata (file, "lora_alpha");
  return text ? (float) g_ascii_strtod (text, NULL) : (float) NAN;
}

static gboolean
nothing_fits (TacetCheckpoint *file, const TacetModelFiles *model, GHashTable *modules, GError **error)
{
  GHashTableIter iter;
  gpointer key = NULL;
  g_hash_table_iter_init (&iter, modules);
  g_hash_table_iter_next (&iter, &key, NULL);
  g_autofree char *shown = g_filename_display_name (model->path);
  g_set_error (error, TACET_WEIGHTS_ERROR, TACET_WEIGHTS_ERROR_UNSUPPORTED,
               _ ("%s changes nothing in %s: it seems to be made for another kind of model (%s)"),
               tacet_checkpoint_path (file), shown, key ? (const char *) key : _ ("it holds no LoRA"));
  return FALSE;
}

static gboolean
apply_modules (TacetCheckpoint *file, double weight, TacetModelFiles *model, GHashTable *modules, GError **error)
{
  g_autoptr (GHashTable) targets = find_targets (model);
  float common = common_alpha (file);
  guint used = 0, unused = 0;
  const char *first = NULL;
  GHashTableIter iter;
  gpointer key, value;
  g_hash_table_iter_init (&iter, modules);
  while (g_hash_table_iter_next (&iter, &key, &value))
    {
      const Module *m = value;
      const Target *target = m->up && m->down ? g_hash_table_lookup (targets, key) : NULL;
      float scale;
      if (!target)
        {
          unused++;
          first = !first || strcmp (key, first) < 0 ? key : first;
          continue;
        }
      if (!module_scale (file, m, &scale, error))
        return FALSE;
      if (!m->alpha && isfinite (common) && m->down->rank > 0 && m->down->dims[0] > 0)
        scale = common / (float) m->down->dims[0];
      if (!tacet_weights_add_product (target->weights, target->name, file, m->up->name, m->mid ? m->mid->name : NULL,
                                      m->down->name, (float) weight * scale, error))
        return FALSE;
      used++;
    }
  if (used == 0)
    return nothing_fits (file, model, modules, error);
  if (unused > 0)
    g_ptr_array_add (model->notes, g_strdup_printf (_ ("%s: %u of %u changes fit nothing in the model (%s …)"),
                                                    tacet_checkpoint_path (file), unused, used + unused, first));
  return TRUE;
}

gboolean
tacet_lora_apply (const char *path, double weight, TacetModelFiles *model, GError **error)
{
  g_autoptr (TacetCheckpoint) file = tacet_checkpoint_open (path, error);
  g_autoptr (TacetLayout) layout = file ? tacet_layout_of (file, error) : NULL;
  if (!layout)
    return FALSE;
  if (layout->kind != TACET_MODEL_LORA)
    {
      g_set_error (error, TACET_WEIGHTS_ERROR, TACET_WEIGHTS_ERROR_UNSUPPORTED,
                   _ ("%s is no LoRA but a model of its own (%s)"), tacet_checkpoint_path (file),
                   tacet_model_kind_id (layout->kind));
      return FALSE;
    }
  g_autoptr (GHashTable) modules = find_modules (file);
  return apply_modules (file, weight, model, modules, error);
}
