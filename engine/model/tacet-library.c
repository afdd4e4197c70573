/* tacet-library.c: the models that are installed.
 *
 * Room: engine/model.
 */
#include "config.h"

#include "tacet-library.h"
#include "tacet-model-files.h"
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>

#define MAX_DEPTH   4
#define MAX_ENTRIES 4096

/* Folders into which other programs sort their models. */
static const struct
{
  const char *name;
  TacetModelKind kind;
} usual[] = {
  { "checkpoints", TACET_MODEL_BASE },
  { "Stable-diffusion", TACET_MODEL_BASE },
  { "stable-diffusion", TACET_MODEL_BASE },
  { "diffusers", TACET_MODEL_BASE },
  { "diffusion_models", TACET_MODEL_BASE },
  { "controlnet", TACET_MODEL_CONTROLNET },
  { "ControlNet", TACET_MODEL_CONTROLNET },
  { "vae", TACET_MODEL_VAE },
  { "VAE", TACET_MODEL_VAE },
  { "vae_approx", TACET_MODEL_TAESD },
  { "VAE-approx", TACET_MODEL_TAESD },
  { "lora", TACET_MODEL_LORA },
  { "loras", TACET_MODEL_LORA },
  { "Lora", TACET_MODEL_LORA },
  { "LyCORIS", TACET_MODEL_LORA },
  { "unet", TACET_MODEL_UNET },
  { "text_encoders", TACET_MODEL_TEXT },
  { "clip", TACET_MODEL_TEXT },
};
static const char *const suffixes[] = { "", ".safetensors", ".ckpt", ".pth", ".pt", ".bin" };

void
tacet_library_entry_free (TacetLibraryEntry *self)
{
  g_free (self->name);
  g_free (self->path);
  g_free (self->base);
  g_free (self->precision);
  g_free (self->problem);
  g_free (self);
}

static gboolean
has_file (const char *folder, const char *part, const char *name)
{
  g_autofree char *path = g_build_filename (folder, part, name, NULL);
  return g_file_test (path, G_FILE_TEST_IS_REGULAR);
}

static gboolean
is_pipeline (const char *folder)
{
  return has_file (folder, "unet", "config.json") || has_file (folder, "", "model_index.json");
}

static gboolean
is_network (const char *folder)
{
  g_autofree char *weights = tacet_model_weights_file (folder);
  return weights && has_file (folder, "", "config.json");
}

/* The suffix of a model's file; NULL: it is none. */
static const char *
model_suffix (const char *name)
{
  for (gsize i = 1; i < G_N_ELEMENTS (suffixes); i++)
    if (g_str_has_suffix (name, suffixes[i]) && strlen (name) > strlen (suffixes[i]))
      return name + strlen (name) - strlen (suffixes[i]);
  return NULL;
}

/* --- what one of them is --- */

char *
tacet_unet_base (const TacetUnetConfig *c)
{
  static const int widths[] = { 320, 640, 1280, 1280 };
  gboolean stable =
      c->n_levels == 4 && c->layers_per_block == 2 && memcmp (c->block_out_channels, widths, sizeof widths) == 0;
  if (stable && (c->cross_attention_dim == 768 || c->cross_attention_dim == 1024))
    return g_strdup (c->cross_attention_dim == 768 ? "SD 1.x" : "SD 2.x");
  g_autoptr (GString) text = g_string_new (NULL);
  for (int l = 0; l < c->n_levels; l++)
    g_string_append_printf (text, "%s%d", l ? "-" : "", c->block_out_channels[l]);
  g_string_append_printf (text, "/%d", c->cross_attention_dim);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* The type that most of the bytes have. */
static char *
main_precision (TacetCheckpoint *checkpoint)
{
  g_autoptr (GHashTable) bytes = g_hash_table_new (g_str_hash, g_str_equal);
  const char *best = "";
  gsize most = 0;
  for (guint i = 0; i < tacet_checkpoint_length (checkpoint); i++)
    {
      const TacetFileTensor *t = tacet_checkpoint_nth (checkpoint, i);
      gsize sum = GPOINTER_TO_SIZE (g_hash_table_lookup (bytes, t->dtype_name)) + (gsize) (t->end - t->begin);
      g_hash_table_insert (bytes, (gpointer) t->dtype_name, GSIZE_TO_POINTER (sum));
      if (sum > most)
        {
          most = sum;
          best = t->dtype_name;
        }
    }
  return g_strdup (best);
}

/* By the width of the text that cross-attention takes. */
static const char *
lora_base (TacetCheckpoint *checkpoint)
{
  for (guint i = 0; i < tacet_checkpoint_length (checkpoint); i++)
    {
      const TacetFileTensor *t = tacet_checkpoint_nth (checkpoint, i);
      if (t->rank >= 2 && strstr (t->name, "attn2") && strstr (t->name, "to_k") &&
          (strstr (t->name, "down.weight") || strstr (t->name, "lora_A")))
        return t->dims[1] == 768 ? "SD 1.x" : t->dims[1] == 1024 ? "SD 2.x" : "";
    }
  return "";
}

static gboolean
contains_any (const char *name, const char *const *words)
{
  for (; *words; words++)
    if (strstr (name, *words))
      return TRUE;
  return FALSE;
}

static const char *
guess_control (const char *path)
{
  static const char *const edge[] = { "canny", "softedge", "hed", "lineart", "scribble", "edge", "mlsd", NULL };
  static const char *const depth[] = { "depth", "zoe", "midas", NULL };
  static const char *const pose[] = { "pose", NULL };
  g_autofree char *base = g_path_get_basename (path), *name = g_ascii_strdown (base, -1);
  return contains_any (name, pose)    ? "pose"
         : contains_any (name, depth) ? "depth"
         : contains_any (name, edge)  ? "edge"
                                      : NULL;
}

static TacetModelKind
guess_kind (const char *path)
{
  g_autofree char *folder = g_path_get_dirname (path), *name = g_path_get_basename (folder);
  for (gsize i = 0; i < G_N_ELEMENTS (usual); i++)
    if (strcmp (usual[i].name, name) == 0)
      return usual[i].kind;
  return TACET_MODEL_BASE;
}

static guint64
file_size (const char *path)
{
  GStatBuf s;
  return g_stat (path, &s) == 0 && S_ISREG (s.st_mode) ? (guint64) s.st_size : 0;
}

static guint64
folder_size (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;
  guint64 size = 0;
  while (dir && (name = g_dir_read_name (dir)))
    if (model_suffix (name))
      {
        g_autofree char *path = g_build_filename (folder, name, NULL);
        size += file_size (path);
      }
  return size;
}

static void
use_unet (TacetLibraryEntry *e, const TacetUnetConfig *config)
{
  g_free (e->base);
  e->base = tacet_unet_base (config);
  e->inpainting = config->in_channels == 2 * config->out_channels + 1;
}

/* Opens a single file or the folder of a network by what its index says. */
static gboolean
look_network (TacetLibraryEntry *e, const char *path, GError **error)
{
  gboolean folder = g_file_test (path, G_FILE_TEST_IS_DIR);
  g_autofree char *file = folder ? tacet_model_weights_file (path) : g_strdup (path);
  g_autoptr (TacetCheckpoint) checkpoint = file ? tacet_checkpoint_open (file, error) : NULL;
  if (!checkpoint)
    return FALSE;
  e->precision = main_precision (checkpoint);
  g_autoptr (TacetLayout) layout = tacet_layout_of (checkpoint, error);
  if (!layout)
    return FALSE;
  e->kind = layout->kind;
  e->original = layout->original;
  if (e->kind == TACET_MODEL_LORA)
    {
      e->base = g_strdup (lora_base (checkpoint));
      return TRUE;
    }
  union
  {
    TacetUnetConfig unet;
    TacetControlnetConfig controlnet;
    TacetVaeConfig vae;
    TacetTextConfig text;
    TacetTaesdConfig taesd;
  } c;
  static const TacetPart parts[] = { TACET_PART_UNET, TACET_PART_CONTROLNET, TACET_PART_VAE, TACET_PART_TAESD,
                                     TACET_PART_UNET, TACET_PART_UNET,       TACET_PART_TEXT };
  g_autoptr (TacetWeights) weights = NULL;
  /* Differences lack the base, everything else is looked at as if it were used. */
  if (e->kind == TACET_MODEL_CONTROLNET && layout->difference)
    {
      if (!tacet_controlnet_config_infer (&c.controlnet, layout->parts[TACET_PART_CONTROLNET], error))
        return FALSE;
    }
  else if (!(weights = tacet_network_open (parts[e->kind], path, &c, NULL, error)))
    return FALSE;
  if (e->kind == TACET_MODEL_CONTROLNET)
    {
      use_unet (e, &c.controlnet.unet);
      e->control = guess_control (path);
    }
  else if (e->kind == TACET_MODEL_BASE || e->kind == TACET_MODEL_UNET)
    use_unet (e, &c.unet);
  return TRUE;
}

static gboolean
look_pipeline (TacetLibraryEntry *e, const char *path, GError **error)
{
  static const char *const parts[] = { "unet", "vae", "text_encoder" };
  TacetUnetConfig unet;
  g_autoptr (TacetWeights) weights = tacet_network_open (TACET_PART_UNET, path, &unet, NULL, error);
  if (!weights)
    return FALSE;
  e->kind = TACET_MODEL_BASE;
  use_unet (e, &unet);
  for (gsize i = 0; i < G_N_ELEMENTS (parts); i++)
    {
      g_autofree char *folder = g_build_filename (path, parts[i], NULL), *file = tacet_model_weights_file (folder);
      g_autoptr (TacetCheckpoint) checkpoint = i == 0 && file ? tacet_checkpoint_open (file, error) : NULL;
      e->bytes += folder_size (folder);
      if (checkpoint)
        e->precision = main_precision (checkpoint);
    }
  return TRUE;
}

/* What a part alone is for. */
static char *
part_problem (const TacetLibraryEntry *e)
{
  if (e->kind == TACET_MODEL_UNET)
    return g_strdup (_ ("a U-Net alone; a whole model is needed"));
  if (e->kind == TACET_MODEL_TEXT)
    return g_strdup (_ ("a text encoder alone; a whole model is needed"));
  return NULL;
}

TacetLibraryEntry *
tacet_library_look (const char *path)
{
  TacetLibraryEntry *e = g_new0 (TacetLibraryEntry, 1);
  g_autoptr (GError) error = NULL;
  gboolean folder = g_file_test (path, G_FILE_TEST_IS_DIR), pipeline = folder && is_pipeline (path);
  e->path = g_strdup (path);
  e->name = g_path_get_basename (path);
  if (!folder && model_suffix (e->name))
    *(char *) model_suffix (e->name) = '\0';
  e->kind = guess_kind (path);
  if (!pipeline)
    e->bytes = folder ? folder_size (path) : file_size (path);
  if (!(pipeline ? look_pipeline (e, path, &error) : look_network (e, path, &error)))
    e->problem = g_strdup (error ? error->message : _ ("it holds no weights"));
  else
    e->problem = part_problem (e);
  if (!e->base)
    e->base = g_strdup ("");
  if (!e->precision)
    e->precision = g_strdup ("");
  return e;
}

/* --- walking folders --- */

typedef struct
{
  GPtrArray *entries;
  GHashTable *seen; /* kind and name */
} Scan;

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return g_strcmp0 (*(const char *const *) a, *(const char *const *) b);
}

static GPtrArray *
sorted_names (const char *folder)
{
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;
  while (dir && (name = g_dir_read_name (dir)) && names->len < MAX_ENTRIES)
    if (*name != '.')
      g_ptr_array_add (names, g_strdup (name));
  g_ptr_array_sort (names, compare_names);
  return names;
}

/* name: with the folders before it that are no usual ones */
static void
add_entry (Scan *scan, const char *path, const char *prefix)
{
  if (scan->entries->len >= MAX_ENTRIES)
    return;
  TacetLibraryEntry *e = tacet_library_look (path);
  char *name = g_strconcat (prefix, e->name, NULL);
  g_free (e->name);
  e->name = name;
  char *key = g_strdup_printf ("%d %s", e->kind, e->name);
  e->hidden = !g_hash_table_add (scan->seen, key);
  g_ptr_array_add (scan->entries, e);
}

static gboolean
is_usual (const char *name)
{
  for (gsize i = 0; i < G_N_ELEMENTS (usual); i++)
    if (strcmp (usual[i].name, name) == 0)
      return TRUE;
  return FALSE;
}

/* The ControlNets that lie beside the networks of a pipeline. */
static void
scan_pipeline (Scan *scan, const char *folder, const char *prefix)
{
  static const char *const parts[] = { "unet", "vae", "text_encoder", NULL };
  g_autoptr (GPtrArray) names = sorted_names (folder);
  for (guint i = 0; i < names->len; i++)
    {
      g_autofree char *path = g_build_filename (folder, names->pdata[i], NULL);
      if (!g_strv_contains (parts, names->pdata[i]) && g_file_test (path, G_FILE_TEST_IS_DIR) && is_network (path))
        add_entry (scan, path, prefix);
    }
}

static void
scan_folder (Scan *scan, const char *folder, const char *prefix, int depth)
{
  g_autoptr (GPtrArray) names = sorted_names (folder);
  for (guint i = 0; i < names->len; i++)
    {
      const char *name = names->pdata[i];
      g_autofree char *path = g_build_filename (folder, name, NULL);
      g_autofree char *inner = is_usual (name) && !*prefix ? g_strdup ("") : g_strconcat (prefix, name, "/", NULL);
      gboolean directory = g_file_test (path, G_FILE_TEST_IS_DIR);
      if (directory ? is_pipeline (path) || is_network (path)
                    : model_suffix (name) && g_file_test (path, G_FILE_TEST_IS_REGULAR))
        add_entry (scan, path, prefix);
      if (directory && is_pipeline (path))
        {
          g_autofree char *own = g_strconcat (prefix, name, "/", NULL);
          scan_pipeline (scan, path, own);
        }
      else if (directory && !is_network (path) && depth < MAX_DEPTH)
        scan_folder (scan, path, inner, depth + 1);
    }
}

GPtrArray *
tacet_library_scan (const char *const *folders)
{
  Scan scan = { g_ptr_array_new_with_free_func ((GDestroyNotify) tacet_library_entry_free),
                g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL) };
  for (; folders && *folders; folders++)
    scan_folder (&scan, *folders, "", 0);
  g_hash_table_unref (scan.seen);
  return scan.entries;
}

/* --- by name --- */

/* Folders count only with what the kind needs, unless anything will do: opening then tells what is missing. */
static gboolean
is_usable (const char *path, TacetModelKind kind, gboolean anything)
{
  if (!g_file_test (path, G_FILE_TEST_IS_DIR))
    return g_file_test (path, G_FILE_TEST_IS_REGULAR) && model_suffix (path);
  return anything ||
         (kind == TACET_MODEL_BASE ? has_file (path, "unet", "config.json") : has_file (path, "", "config.json"));
}

/* folder/part/name with one of the suffixes. */
static char *
try_place (const char *folder, const char *part, const char *name, TacetModelKind kind, gboolean anything)
{
  for (gsize i = 0; i < G_N_ELEMENTS (suffixes); i++)
    {
      g_autofree char *file = g_strconcat (name, suffixes[i], NULL);
      g_autofree char *path = folder ? g_build_filename (folder, part, file, NULL) : g_strdup (file);
      if (is_usable (path, kind, anything))
        return g_steal_pointer (&path);
    }
  return NULL;
}

static char *
find_in (const char *folder, const char *name, TacetModelKind kind, gboolean anything)
{
  char *path = try_place (folder, "", name, kind, anything);
  for (gsize i = 0; !path && i < G_N_ELEMENTS (usual); i++)
    if (usual[i].kind == kind)
      path = try_place (folder, usual[i].name, name, kind, anything);
  return path;
}

char *
tacet_library_find (const char *const *folders, const char *name, TacetModelKind kind)
{
  for (int anything = 0; anything < 2 && name && *name; anything++)
    {
      char *path = NULL;
      for (int i = 0; !path && !g_path_is_absolute (name) && folders && folders[i]; i++)
        path = find_in (folders[i], name, kind, anything);
      if (path || (path = try_place (NULL, NULL, name, kind, anything)))
        return path;
    }
  return NULL;
}

/* Files only: the ControlNets in the folder of a model are its own. */
char *
tacet_library_find_control (const char *const *folders, const char *control, const char *base)
{
  for (; folders && *folders; folders++)
    {
      for (gsize i = 0; i < G_N_ELEMENTS (usual); i++)
        {
          g_autofree char *folder = g_build_filename (*folders, usual[i].name, NULL);
          g_autoptr (GPtrArray) names = usual[i].kind == TACET_MODEL_CONTROLNET ? sorted_names (folder) : NULL;
          for (guint k = 0; names && k < names->len; k++)
            {
              g_autofree char *path = g_build_filename (folder, names->pdata[k], NULL);
              if (g_strcmp0 (guess_control (path), control) != 0 || !is_usable (path, TACET_MODEL_CONTROLNET, FALSE))
                continue;
              g_autoptr (TacetLibraryEntry) e = tacet_library_look (path);
              if (!e->problem && e->kind == TACET_MODEL_CONTROLNET && strcmp (e->base, base) == 0)
                return g_steal_pointer (&path);
            }
        }
    }
  return NULL;
}
