/* tacet-model-files.c: opening models.
 *
 * Room: engine/model.
 */
#include "config.h"

#include "tacet-model-files.h"
#include "tacet-table.h"
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>

static const char *const part_folders[TACET_N_PARTS] = { "unet", "vae", "text_encoder", "controlnet", "taesd" };

/* One network's file, opened. */
typedef struct
{
  TacetPart part;
  char *config; /* path, or NULL: from the shapes */
  TacetCheckpoint *checkpoint;
  TacetLayout *layout;
  GHashTable *names; /* lent by the layout */
} Source;

static void
source_clear (Source *self)
{
  g_clear_pointer (&self->layout, tacet_layout_free);
  g_clear_pointer (&self->checkpoint, tacet_checkpoint_unref);
  g_clear_pointer (&self->config, g_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Source, source_clear)

static gboolean
is_file (const char *path)
{
  return g_file_test (path, G_FILE_TEST_IS_REGULAR);
}

char *
tacet_model_weights_file (const char *folder)
{
  static const char *const names[] = {
    "diffusion_pytorch_model.safetensors",
    "model.safetensors",
    "diffusion_pytorch_model.safetensors.index.json",
    "model.safetensors.index.json",
    "diffusion_pytorch_model.fp16.safetensors",
    "model.fp16.safetensors",
    "diffusion_pytorch_model.fp16.safetensors.index.json",
    "diffusion_pytorch_model.safetensors.index.fp16.json",
    "model.fp16.safetensors.index.json",
    "model.safetensors.index.fp16.json",
    "diffusion_pytorch_model.bin",
    "pytorch_model.bin",
    "diffusion_pytorch_model.bin.index.json",
    "pytorch_model.bin.index.json",
    "diffusion_pytorch_model.fp16.bin",
    "pytorch_model.fp16.bin",
    "diffusion_pytorch_model.non_ema.safetensors",
    "diffusion_pytorch_model.non_ema.bin",
  };
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_build_filename (folder, names[i], NULL);
      if (is_file (path))
        return g_steal_pointer (&path);
    }
  return NULL;
}

/* The folder of one network, which is the path or lies in it. Free with g_free. */
static char *
network_folder (TacetPart part, const char *path)
{
  g_autofree char *inner = g_build_filename (path, part_folders[part], NULL);
  g_autofree char *config = g_build_filename (inner, "config.json", NULL);
  return is_file (config) ? g_steal_pointer (&inner) : g_strdup (path);
}

/* Where a folder has its configuration and its weights. */
static char *
locate (Source *self, const char *path, GError **error)
{
  if (!g_file_test (path, G_FILE_TEST_IS_DIR))
    return g_strdup (path);
  g_autofree char *folder = network_folder (self->part, path), *shown = g_filename_display_name (folder);
  g_autofree char *config = g_build_filename (folder, "config.json", NULL);
  char *weights = tacet_model_weights_file (folder);
  if (!is_file (config))
    g_set_error (error, TACET_WEIGHTS_ERROR, TACET_WEIGHTS_ERROR_MISSING,
                 _ ("%s is not a model folder: it has no config.json, nor a subfolder %s with one"), shown,
                 part_folders[self->part]);
  else if (!weights)
    g_set_error (error, TACET_WEIGHTS_ERROR, TACET_WEIGHTS_ERROR_MISSING,
                 _ ("the weights are missing: %s holds neither a safetensors file nor one of PyTorch"), shown);
  else
    {
      self->config = g_steal_pointer (&config);
      return weights;
    }
  g_free (weights);
  return NULL;
}

static const char *
part_title (TacetPart part)
{
  switch (part)
    {
    case TACET_PART_UNET:
      return _ ("U-Net");
    case TACET_PART_VAE:
      return _ ("VAE");
    case TACET_PART_TEXT:
      return _ ("text encoder");
    case TACET_PART_CONTROLNET:
      return _ ("ControlNet");
    default:
      return _ ("tiny autoencoder (TAESD)");
    }
}

/* The part that a layout holds; its absence is an error. */
static gboolean
choose_part (Source *self, gboolean prefer_ema, GError **error)
{
  gboolean ema = prefer_ema && self->part == TACET_PART_UNET && g_hash_table_size (self->layout->ema) > 0;
  self->names = ema ? self->layout->ema : self->layout->parts[self->part];
  if (g_hash_table_size (self->names) > 0)
    return TRUE;
  if (self->layout->kind == TACET_MODEL_LORA)
    g_set_error (error, TACET_WEIGHTS_ERROR, TACET_WEIGHTS_ERROR_MISSING,
                 _ ("%s is a LoRA, which changes a model and is none itself"),
                 tacet_checkpoint_path (self->checkpoint));
  else
    g_set_error (error, TACET_WEIGHTS_ERROR, TACET_WEIGHTS_ERROR_MISSING, _ ("%s holds no %s"),
                 tacet_checkpoint_path (self->checkpoint), part_title (self->part));
  return FALSE;
}

static gboolean
source_open (Source *self, TacetPart part, const char *path, gboolean prefer_ema, GError **error)
{
  *self = (Source){ .part = part };
  g_autofree char *file = locate (self, path, error);
  return file && (self->checkpoint = tacet_checkpoint_open (file, error)) &&
         (self->layout = tacet_layout_of (self->checkpoint, error)) && choose_part (self, prefer_ema, error);
}

static gboolean
read_config (const Source *self, gpointer config, GError **error)
{
  switch (self->part)
    {
    case TACET_PART_UNET:
      return self->config ? tacet_unet_config_load (config, self->config, error)
                          : tacet_unet_config_infer (config, self->names, error);
    case TACET_PART_VAE:
      return self->config ? tacet_vae_config_load (config, self->config, error)
                          : tacet_vae_config_infer (config, self->names, error);
    case TACET_PART_TEXT:
      return self->config ? tacet_text_config_load (config, self->config, error)
                          : tacet_text_config_infer (config, self->names, error);
    case TACET_PART_CONTROLNET:
      return self->config ? tacet_controlnet_config_load (config, self->config, error)
                          : tacet_controlnet_config_infer (config, self->names, error);
    default:
      return self->config ? tacet_taesd_config_load (config, self->config, error)
                          : tacet_taesd_config_infer (config, self->names, error);
    }
}

static GPtrArray *
make_table (const Source *self, gconstpointer config)
{
  switch (self->part)
    {
    case TACET_PART_UNET:
      return tacet_unet_table (config);
    case TACET_PART_VAE:
      return tacet_vae_table (config);
    case TACET_PART_TEXT:
      return tacet_text_table (config);
    case TACET_PART_CONTROLNET:
      return tacet_controlnet_table (config);
    default:
      return tacet_taesd_table (config, g_hash_table_contains (self->names, "encoder.layers.0.weight"),
                                g_hash_table_contains (self->names, "decoder.layers.0.weight"));
    }
}

/* Takes the text.  The networks of one file have the same to say about it: once. */
static void
add_note (GPtrArray *notes, char *text)
{
  if (notes && !g_ptr_array_find_with_equal_func (notes, text, g_str_equal, NULL))
    g_ptr_array_add (notes, text);
  else
    g_free (text);
}

/* What lies in the file and belongs to no network is no fault, but not silently dropped either. */
static void
note_unknown (const Source *self, GPtrArray *table, GPtrArray *notes)
{
  const char *first = NULL;
  guint count = self->layout->unknown->len;
  GHashTableIter iter;
  gpointer key, value;
  if (count > 0)
    first = g_ptr_array_index (self->layout->unknown, 0);
  g_autoptr (GHashTable) known = g_hash_table_new (g_str_hash, g_str_equal);
  for (guint i = 0; i < table->len; i++)
    g_hash_table_add (known, ((TacetTableEntry *) g_ptr_array_index (table, i))->name);
  g_hash_table_iter_init (&iter, self->names);
  while (g_hash_table_iter_next (&iter, &key, &value))
    if (!g_hash_table_contains (known, key))
      {
        const char *name = ((const TacetFileTensor *) value)->name;
        first = count++ == 0 || strcmp (name, first) < 0 ? name : first;
      }
  if (count > 0)
    add_note (notes, g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%s: %u tensor is not used (%s)",
                                                   "%s: %u tensors are not used (%s …)", count),
                                      tacet_checkpoint_path (self->checkpoint), count, first));
}

/* A view of what the table asks for. */
static TacetWeights *
map_table (const Source *self, GPtrArray *table, GError **error)
{
  g_autoptr (TacetWeights) weights = tacet_weights_new_view (tacet_checkpoint_path (self->checkpoint));
  for (guint i = 0; i < table->len; i++)
    {
      const TacetTableEntry *e = g_ptr_array_index (table, i);
      const TacetFileTensor *t = g_hash_table_lookup (self->names, e->name);
      if (!tacet_weights_map (weights, e->name, self->checkpoint, t->name, error))
        return NULL;
    }
  GHashTableIter iter;
  gpointer key, value;
  g_hash_table_iter_init (&iter, tacet_checkpoint_metadata_table (self->checkpoint));
  while (g_hash_table_iter_next (&iter, &key, &value))
    tacet_weights_set_metadata (weights, key, value);
  return g_steal_pointer (&weights);
}

/* Everything behind the opening of the file. config: set */
static TacetWeights *
source_weights (const Source *self, gpointer config, GPtrArray *notes, GError **error)
{
  if (!read_config (self, config, error))
    {
      if (!self->config) /* the loaders name their file */
        g_prefix_error (error, _ ("%s cannot be used: "), tacet_checkpoint_path (self->checkpoint));
      return NULL;
    }
  const char *refusal = self->part == TACET_PART_UNET ? tacet_unet_refusal (config) : NULL;
  g_autoptr (GPtrArray) table = make_table (self, config);
  if (refusal)
    g_set_error_literal (error, TACET_WEIGHTS_ERROR, TACET_WEIGHTS_ERROR_UNSUPPORTED, refusal);
  if (refusal || !tacet_layout_check (self->names, table, error))
    {
      g_prefix_error (error, _ ("%s cannot be used: "), tacet_checkpoint_path (self->checkpoint));
      return NULL;
    }
  note_unknown (self, table, notes);
  return map_table (self, table, error);
}

TacetWeights *
tacet_network_open (TacetPart part, const char *path, gpointer config, GPtrArray *notes, GError **error)
{
  if (part == TACET_PART_CONTROLNET)
    return tacet_controlnet_open (path, config, NULL, notes, error);
  g_auto (Source) source = { 0 };
  return source_open (&source, part, path, FALSE, error) ? source_weights (&source, config, notes, error) : NULL;
}

/* The trunk of a file of differences is the base's with them; what is the ControlNet's own is whole. */
static gboolean
add_base (TacetWeights *weights, const Source *source, const TacetModelFiles *base, GError **error)
{
  for (guint i = 0; i < tacet_weights_length (weights); i++)
    {
      const char *name = tacet_weights_nth (weights, i, NULL);
      const TacetFileTensor *t = base ? g_hash_table_lookup (base->unet_names, name) : NULL;
      if (g_str_has_prefix (name, "controlnet_"))
        continue;
      if (!t)
        {
          g_set_error (error, TACET_WEIGHTS_ERROR, TACET_WEIGHTS_ERROR_MISSING,
                       _ ("%s holds only the differences to a base model; it can be used with one that fits"),
                       tacet_checkpoint_path (source->checkpoint));
          return FALSE;
        }
      if (!tacet_weights_add_tensor (weights, name, base->unet_checkpoint, t->name, 1.0f, error))
        return FALSE;
    }
  return TRUE;
}

TacetWeights *
tacet_controlnet_open (const char *path, TacetControlnetConfig *config, const TacetModelFiles *base, GPtrArray *notes,
                       GError **error)
{
  g_auto (Source) source = { 0 };
  if (!source_open (&source, TACET_PART_CONTROLNET, path, FALSE, error))
    return NULL;
  g_autoptr (TacetWeights) weights = source_weights (&source, config, notes, error);
  if (!weights || (source.layout->difference && !add_base (weights, &source, base, error)))
    return NULL;
  if (g_hash_table_size (source.layout->parts[TACET_PART_UNET]) > 0)
    add_note (notes, g_strdup_printf (_ ("%s also holds a base model, which is not used here"),
                                      tacet_checkpoint_path (source.checkpoint)));
  return g_steal_pointer (&weights);
}

/* --- whole models --- */

static gboolean
open_unet (TacetModelFiles *self, const TacetModelOptions *options, GError **error)
{
  g_auto (Source) source = { 0 };
  if (!source_open (&source, TACET_PART_UNET, self->path, options && options->prefer_ema, error) ||
      !(self->unet_weights = source_weights (&source, &self->unet, self->notes, error)))
    return FALSE;
  self->v_prediction = source.layout->v_prediction;
  self->zero_terminal_snr = source.layout->zero_terminal_snr;
  self->unet_checkpoint = tacet_checkpoint_ref (source.checkpoint);
  self->unet_names = g_hash_table_ref (source.names);
  return TRUE;
}

/* The other networks of a single file are there or not; that alone has a message of its own. */
static gboolean
is_unet_alone (TacetModelFiles *self, gboolean has_vae, GError **error)
{
  g_auto (Source) source = { 0 };
  if (g_file_test (self->path, G_FILE_TEST_IS_DIR) || !source_open (&source, TACET_PART_UNET, self->path, FALSE, NULL))
    return FALSE;
  gboolean vae = has_vae || g_hash_table_size (source.layout->parts[TACET_PART_VAE]) > 0;
  gboolean text = g_hash_table_size (source.layout->parts[TACET_PART_TEXT]) > 0;
  if (text && vae)
    return FALSE;
  g_set_error (error, TACET_WEIGHTS_ERROR, TACET_WEIGHTS_ERROR_MISSING,
               text
                   ? _ ("%s has no VAE of its own; choose one beside it")
                   : _ ("%s has no text encoder, so it is a part of a model. Choose a whole model, as a single file or "
                        "as a folder of diffusers."),
               tacet_checkpoint_path (source.checkpoint));
  return TRUE;
}

TacetModelFiles *
tacet_model_files_open (const char *path, const TacetModelOptions *options, GError **error)
{
  g_autoptr (TacetModelFiles) self = g_new0 (TacetModelFiles, 1);
  const char *vae = options && options->vae && *options->vae ? options->vae : path;
  g_autofree char *tokenizer = g_build_filename (path, "tokenizer", NULL);
  self->path = g_strdup (path);
  self->notes = g_ptr_array_new_with_free_func (g_free);
  if (g_file_test (tokenizer, G_FILE_TEST_IS_DIR))
    self->tokenizer = g_steal_pointer (&tokenizer);
  if (!open_unet (self, options, error) || is_unet_alone (self, vae != path, error) ||
      !(self->vae_weights = tacet_network_open (TACET_PART_VAE, vae, &self->vae, self->notes, error)) ||
      !(self->text_weights = tacet_network_open (TACET_PART_TEXT, path, &self->text, self->notes, error)))
    return NULL;
  self->unet.v_prediction = self->v_prediction;
  return g_steal_pointer (&self);
}

void
tacet_model_files_free (TacetModelFiles *self)
{
  if (!self)
    return;
  g_clear_pointer (&self->unet_weights, tacet_weights_unref);
  g_clear_pointer (&self->vae_weights, tacet_weights_unref);
  g_clear_pointer (&self->text_weights, tacet_weights_unref);
  g_clear_pointer (&self->unet_names, g_hash_table_unref);
  g_clear_pointer (&self->unet_checkpoint, tacet_checkpoint_unref);
  g_clear_pointer (&self->notes, g_ptr_array_unref);
  g_free (self->tokenizer);
  g_free (self->path);
  g_free (self);
}

/* --- change --- */

static void
stamp_file (GPtrArray *lines, const char *path)
{
  GStatBuf s;
  if (g_stat (path, &s) == 0 && S_ISREG (s.st_mode))
    g_ptr_array_add (lines, g_strdup_printf ("%s %" G_GINT64_FORMAT ".%ld %" G_GINT64_FORMAT, path,
                                             (gint64) s.st_mtim.tv_sec, (long) s.st_mtim.tv_nsec, (gint64) s.st_size));
}

static void
stamp_folder (GPtrArray *lines, const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;
  while (dir && (name = g_dir_read_name (dir)))
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      stamp_file (lines, path);
    }
}

static int
compare_lines (gconstpointer a, gconstpointer b)
{
  return strcmp (*(char *const *) a, *(char *const *) b);
}

char *
tacet_model_stamp (const char *path)
{
  static const char *const folders[] = { "", "unet", "vae", "text_encoder", "tokenizer", "scheduler" };
  g_autoptr (GPtrArray) lines = g_ptr_array_new_with_free_func (g_free);
  stamp_file (lines, path);
  for (gsize i = 0; i < G_N_ELEMENTS (folders); i++)
    {
      g_autofree char *folder = g_build_filename (path, folders[i], NULL);
      stamp_folder (lines, folder);
    }
  g_ptr_array_sort (lines, compare_lines);
  g_ptr_array_add (lines, NULL);
  return g_strjoinv ("\n", (char **) lines->pdata);
}
