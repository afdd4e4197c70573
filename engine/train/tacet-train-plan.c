/* tacet-train-plan.c: a training plan, read from JSON.
 *
 * Room: engine/train.  The reader keeps the first error and then answers with defaults, so that the
 * fields below need no checks of their own.
 */
#include "config.h"

#include "tacet-train-plan.h"

#include "engine/weights/tacet-json.h"

#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <math.h>

GQuark
tacet_train_error_quark (void)
{
  return g_quark_from_static_string ("tacet-train-error-quark");
}

static const char *const kind_ids[] = { "vae", "latents", "unet", "controlnet" };

const char *
tacet_train_kind_id (TacetTrainKind kind)
{
  return kind_ids[kind];
}

/* One object of the file: its members, the name it has in messages, which members were asked for. */
typedef struct
{
  JsonObject *object;
  char *prefix; /* "optimizer." */
  GHashTable *known;
  GError **error;
} Reader;

static gboolean fault (Reader *r, const char *field, const char *format, ...) G_GNUC_PRINTF (3, 4);

static gboolean
fault (Reader *r, const char *field, const char *format, ...)
{
  if (*r->error)
    return FALSE;
  va_list args;
  va_start (args, format);
  g_autofree char *what = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error (r->error, TACET_TRAIN_ERROR, TACET_TRAIN_ERROR_PLAN, _ ("Field “%s%s” of the plan %s."), r->prefix,
               field, what);
  return FALSE;
}

static JsonNode *
member (Reader *r, const char *field)
{
  g_hash_table_add (r->known, g_strdup (field));
  return r->object && json_object_has_member (r->object, field) ? json_object_get_member (r->object, field) : NULL;
}

static double
read_number (Reader *r, const char *field, double fallback, double low, double high)
{
  JsonNode *node = member (r, field);
  if (!node)
    {
      if (isnan (fallback))
        fault (r, field, _ ("is missing (a number)"));
      return isnan (fallback) ? low : fallback;
    }
  const GType type = JSON_NODE_HOLDS_VALUE (node) ? json_node_get_value_type (node) : G_TYPE_NONE;
  if (type != G_TYPE_INT64 && type != G_TYPE_DOUBLE)
    {
      fault (r, field, _ ("must be a number"));
      return low;
    }
  const double x = type == G_TYPE_INT64 ? (double) json_node_get_int (node) : json_node_get_double (node);
  if (!(x >= low && x <= high))
    {
      fault (r, field, _ ("is %g, outside of %g to %g"), x, low, high);
      return low;
    }
  return x;
}

static gint64
read_integer (Reader *r, const char *field, double fallback, double low, double high)
{
  const double x = read_number (r, field, fallback, low, high);
  if (x != floor (x))
    fault (r, field, _ ("is %g, but must be a whole number"), x);
  return (gint64) x;
}

static gboolean
read_boolean (Reader *r, const char *field, gboolean fallback)
{
  JsonNode *node = member (r, field);
  if (!node)
    return fallback;
  if (!JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_BOOLEAN)
    return fault (r, field, _ ("must be true or false"));
  return json_node_get_boolean (node);
}

/* fallback NULL: required; "": may be missing, then NULL. */
static char *
read_string (Reader *r, const char *field, const char *fallback)
{
  JsonNode *node = member (r, field);
  if (!node)
    {
      if (!fallback)
        fault (r, field, _ ("is missing (a text)"));
      return fallback && *fallback ? g_strdup (fallback) : NULL;
    }
  if (!JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_STRING)
    {
      fault (r, field, _ ("must be a text"));
      return NULL;
    }
  return g_strdup (json_node_get_string (node));
}

static int
read_choice (Reader *r, const char *field, const char *fallback, const char *const *choices, int n)
{
  g_autofree char *text = read_string (r, field, fallback);
  for (int i = 0; i < n && text; i++)
    if (g_str_equal (choices[i], text))
      return i;
  if (text)
    fault (r, field, _ ("is “%s”, which is none of its values"), text);
  return 0;
}

static void
open_object (Reader *r, const char *field, gboolean required, Reader *inner)
{
  JsonNode *node = member (r, field);
  *inner = (Reader){ NULL, g_strdup_printf ("%s%s.", r->prefix, field),
                     g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL), r->error };
  if (node && !JSON_NODE_HOLDS_OBJECT (node))
    fault (r, field, _ ("must be an object in { }"));
  else if (node)
    inner->object = json_node_get_object (node);
  else if (required)
    fault (r, field, _ ("is missing (an object)"));
}

static void
close_object (Reader *r)
{
  g_autoptr (GList) names = r->object ? json_object_get_members (r->object) : NULL;
  for (GList *l = names; l; l = l->next)
    if (!g_hash_table_contains (r->known, l->data) && !g_str_equal (l->data, "comment"))
      fault (r, l->data, _ ("is unknown for this kind of plan"));
  g_hash_table_unref (r->known);
  g_free (r->prefix);
}

static void
read_data (Reader *r, TacetDataPlan *data)
{
  Reader outer, inner;
  open_object (r, "data", TRUE, &outer);
  const gboolean studio = outer.object && json_object_has_member (outer.object, "studio");
  open_object (&outer, studio ? "studio" : "folder", TRUE, &inner);
  data->size = read_integer (&inner, "size", NAN, 8, 2048);
  if (studio)
    {
      data->samples = read_integer (&inner, "samples", 2, 1, 8);
      data->subject = read_string (&inner, "subject", "");
      data->seed = read_integer (&inner, "seed", 0, 0, 0x1p53);
      data->count = read_integer (&inner, "count", 0, 0, 1e9);
    }
  else
    data->folder = read_string (&inner, "path", NULL);
  close_object (&inner);
  close_object (&outer);
}

static void
read_caches (Reader *r, TacetTrainPlan *plan)
{
  JsonNode *node = member (r, "latents");
  JsonArray *array = node && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
  if (!array || json_array_get_length (array) < 1 || json_array_get_length (array) > TACET_PLAN_MAX_CACHES)
    {
      fault (r, "latents", _ ("must be a list of 1 to %d caches"), TACET_PLAN_MAX_CACHES);
      return;
    }
  double sum = 0;
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      JsonNode *element = json_array_get_element (array, i);
      Reader inner = { JSON_NODE_HOLDS_OBJECT (element) ? json_node_get_object (element) : NULL,
                       g_strdup_printf ("%slatents[%u].", r->prefix, i),
                       g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL), r->error };
      plan->caches[i] = read_string (&inner, "cache", NULL);
      sum += plan->shares[i] = read_number (&inner, "share", 1, 1e-6, 1e6);
      close_object (&inner);
      plan->n_caches++;
    }
  for (int i = 0; i < plan->n_caches; i++)
    plan->shares[i] /= sum;
}

/* The networks' own loaders read files; a configuration written in the plan becomes one. */
typedef gboolean (*ConfigLoader) (void *config, const char *path, GError **error);

static void
read_config (Reader *r, const char *field, ConfigLoader load, void *config)
{
  JsonNode *node = member (r, field);
  g_autoptr (GError) error = NULL;
  g_autofree char *path = NULL;
  if (!node || (!JSON_NODE_HOLDS_OBJECT (node) && !JSON_NODE_HOLDS_VALUE (node)))
    {
      fault (r, field, _ ("must be a configuration (an object, or the path of a config.json)"));
      return;
    }
  if (JSON_NODE_HOLDS_VALUE (node))
    {
      path = read_string (r, field, NULL);
      if (path && !load (config, path, &error))
        fault (r, field, "%s", error->message);
      return;
    }
  g_autofree char *text = json_to_string (node, FALSE);
  const int fd = g_file_open_tmp ("tacet-config-XXXXXX.json", &path, &error);
  if (fd >= 0)
    g_close (fd, NULL);
  if (fd < 0 || !g_file_set_contents (path, text, -1, &error) || !load (config, path, &error))
    fault (r, field, _ ("cannot be used: %s"), error->message);
  if (fd >= 0)
    g_unlink (path);
}

static void
read_optimizer (Reader *r, TacetOptimizerPlan *o)
{
  static const char *const schedules[] = { "cosine", "constant" };
  Reader inner;
  open_object (r, "optimizer", TRUE, &inner);
  o->lr = read_number (&inner, "lr", NAN, 0, 1);
  o->beta1 = read_number (&inner, "beta1", 0.9, 0, 0.9999999);
  o->beta2 = read_number (&inner, "beta2", 0.99, 0, 0.9999999);
  o->eps = read_number (&inner, "eps", 1e-8, 0, 1);
  o->weight_decay = read_number (&inner, "weight_decay", 0.01, 0, 10);
  o->clip = read_number (&inner, "clip", 1, 0, 1e9);
  o->warmup = read_integer (&inner, "warmup", 100, 0, 1e9);
  o->cosine = read_choice (&inner, "schedule", "cosine", schedules, 2) == 0;
  o->final = read_number (&inner, "final", 0.03, 0, 1);
  o->ema = read_number (&inner, "ema", 0.999, 0, 0.9999999);
  close_object (&inner);
}

static void
read_loop (Reader *r, TacetTrainPlan *plan)
{
  Reader inner;
  plan->steps = read_integer (r, "steps", NAN, 1, 1e9);
  plan->batch = read_integer (r, "batch", NAN, 1, 65536);
  plan->shard = read_integer (r, "shard", plan->batch, 1, 65536);
  plan->accumulation = read_integer (r, "accumulation", 1, 1, 65536);
  if ((gint64) plan->batch * plan->accumulation % plan->shard != 0)
    fault (r, "shard", _ ("is %d, which does not divide batch times accumulation"), plan->shard);
  read_optimizer (r, &plan->optimizer);

  open_object (r, "validation", FALSE, &inner);
  plan->validate_every = read_integer (&inner, "every", 500, 1, 1e9);
  plan->validate_count = read_integer (&inner, "count", 16, 1, 64);
  plan->validate_steps = read_integer (&inner, "steps", 20, 1, 1000);
  plan->guidance = read_number (&inner, "guidance", 2.5, 1, 100);
  JsonNode *node = member (&inner, "prompts");
  if (node && !JSON_NODE_HOLDS_ARRAY (node))
    fault (&inner, "prompts", _ ("must be a list of texts"));
  for (guint i = 0; node && JSON_NODE_HOLDS_ARRAY (node) && i < json_array_get_length (json_node_get_array (node)); i++)
    {
      JsonNode *element = json_array_get_element (json_node_get_array (node), i);
      if (JSON_NODE_HOLDS_VALUE (element) && json_node_get_value_type (element) == G_TYPE_STRING)
        g_ptr_array_add (plan->prompts, g_strdup (json_node_get_string (element)));
      else
        fault (&inner, "prompts", _ ("must be a list of texts"));
    }
  close_object (&inner);

  open_object (r, "checkpoint", FALSE, &inner);
  plan->checkpoint_minutes = read_number (&inner, "minutes", 3, 0, 1e6);
  plan->checkpoint_keep = read_integer (&inner, "keep", 2, 1, 1000);
  close_object (&inner);
}

static void
read_vae (Reader *r, TacetTrainPlan *plan)
{
  static const char *const phases[] = { "all", "decoder" };
  Reader inner;
  read_data (r, &plan->data);
  plan->decoder_only = read_choice (r, "phase", "all", phases, 2) == 1;
  plan->latent_noise = read_number (r, "latent_noise", 0.05, 0, 10);
  if (!plan->decoder_only)
    read_config (r, "vae", (ConfigLoader) tacet_vae_config_load, &plan->vae);
  open_object (r, "loss", FALSE, &inner);
  plan->l1 = read_number (&inner, "l1", 1, 0, 1e6);
  plan->mse = read_number (&inner, "mse", 1, 0, 1e6);
  plan->gradient = read_number (&inner, "gradient", 0.3, 0, 1e6);
  plan->kl = read_number (&inner, "kl", 2e-4, 0, 1e6);
  close_object (&inner);
}

static void
read_latents (Reader *r, TacetTrainPlan *plan)
{
  read_data (r, &plan->data);
  plan->cache = read_string (r, "cache", NULL);
  plan->maps = read_boolean (r, "maps", TRUE);
  plan->batch = read_integer (r, "batch", 16, 1, 1024);
  if (!plan->data.folder && plan->data.count < 1)
    fault (r, "data.studio.count", _ ("is missing (the number of scenes)"));
}

static void
read_diffusion (Reader *r, TacetTrainPlan *plan)
{
  read_caches (r, plan);
  plan->held_out = read_integer (r, "held_out", 256, 0, 1e6);
  plan->prompt_dropout = read_number (r, "prompt_dropout", plan->kind == TACET_TRAIN_UNET ? 0.1 : 0.3, 0, 1);
  plan->timestep_min = read_integer (r, "timestep_min", 0, 0, 999);
}

static void
read_controlnet (Reader *r, TacetTrainPlan *plan)
{
  static const char *const controls[] = { "edge", "depth", "pose" };
  static const int hint_default[] = { 16, 32, 48, 64, 96, 128, 192, 256 };
  Reader inner;
  plan->control = (TacetControlKind) read_choice (r, "control", NULL, controls, 3);
  plan->canny = read_number (r, "canny", 0.5, 0, 1);
  plan->hint_lr = read_number (r, "hint_lr", 1.5e-3, 0, 1);
  plan->inject = read_boolean (r, "inject", TRUE);
  JsonNode *node = member (r, "hint_channels");
  JsonArray *array = node && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
  if (node && (!array || json_array_get_length (array) < 1 || json_array_get_length (array) > TACET_MAX_LEVELS))
    fault (r, "hint_channels", _ ("must be a list of 1 to %d numbers"), TACET_MAX_LEVELS);
  else
    for (guint i = 0; array && i < json_array_get_length (array); i++)
      {
        plan->hint_channels[plan->n_hint++] = (int) json_array_get_int_element (array, i);
        if (plan->hint_channels[i] < 1 || plan->hint_channels[i] > 4096)
          fault (r, "hint_channels", _ ("must hold numbers from 1 to 4096"));
      }
  if (!array)
    memcpy (plan->hint_channels, hint_default, sizeof hint_default);
  open_object (r, "rebalance", FALSE, &inner);
  plan->rebalance_full = read_number (&inner, "full", 0.1, 0, 1);
  plan->rebalance_keep = read_number (&inner, "keep", 0.5, 0, 1);
  close_object (&inner);
}

static void
read_plan (Reader *r, TacetTrainPlan *plan)
{
  g_autofree char *format = read_string (r, "format", NULL);
  if (format && !g_str_equal (format, "tacet-plan-train"))
    fault (r, "format", _ ("is “%s”; this file is no training plan (“tacet-plan-train”)"), format);
  read_integer (r, "version", NAN, 1, 1);
  plan->kind = (TacetTrainKind) read_choice (r, "kind", NULL, kind_ids, G_N_ELEMENTS (kind_ids));
  g_autofree char *fallback = g_path_get_basename (plan->path);
  plan->name = read_string (r, "name", fallback);
  plan->output = read_string (r, "output", NULL);
  plan->seed = read_integer (r, "seed", 0, 0, 0x1p53);
  plan->workers = read_integer (r, "workers", 0, 0, 1024);
  if (*r->error)
    return;
  if (plan->kind == TACET_TRAIN_LATENTS || plan->kind == TACET_TRAIN_CONTROLNET)
    plan->base = read_string (r, "base", plan->output);
  if (plan->kind == TACET_TRAIN_LATENTS)
    {
      read_latents (r, plan);
      return;
    }
  plan->work = read_string (r, "work", NULL);
  if (plan->kind == TACET_TRAIN_VAE)
    read_vae (r, plan);
  else
    read_diffusion (r, plan);
  if (plan->kind == TACET_TRAIN_UNET)
    {
      read_config (r, "unet", (ConfigLoader) tacet_unet_config_load, &plan->unet);
      read_config (r, "text_encoder", (ConfigLoader) tacet_text_config_load, &plan->text_encoder);
    }
  if (plan->kind == TACET_TRAIN_CONTROLNET)
    read_controlnet (r, plan);
  read_loop (r, plan);
}

TacetTrainPlan *
tacet_train_plan_load (const char *path, GError **error)
{
  g_autoptr (TacetTrainPlan) plan = g_new0 (TacetTrainPlan, 1);
  g_autoptr (JsonNode) root = NULL;
  gsize length;
  g_autoptr (GError) local = NULL;

  plan->path = g_strdup (path);
  plan->prompts = g_ptr_array_new_with_free_func (g_free);
  plan->text = tacet_read_text (path, 1 << 20, &length, &local);
  root = plan->text ? tacet_json_parse (plan->text, length, path, &local) : NULL;
  if (!root)
    {
      g_set_error (error, TACET_TRAIN_ERROR, TACET_TRAIN_ERROR_PLAN, _ ("The training plan cannot be used: %s"),
                   local->message);
      return NULL;
    }
  Reader r = { json_node_get_object (root), g_strdup (""),
               g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL), &local };
  read_plan (&r, plan);
  close_object (&r);
  if (local)
    {
      g_propagate_prefixed_error (error, g_steal_pointer (&local), "%s: ", path);
      return NULL;
    }
  return g_steal_pointer (&plan);
}

void
tacet_train_plan_free (TacetTrainPlan *self)
{
  g_free (self->path);
  g_free (self->text);
  g_free (self->name);
  g_free (self->output);
  g_free (self->base);
  g_free (self->work);
  g_free (self->data.folder);
  g_free (self->data.subject);
  g_free (self->cache);
  for (int i = 0; i < self->n_caches; i++)
    g_free (self->caches[i]);
  g_ptr_array_unref (self->prompts);
  g_free (self);
}
