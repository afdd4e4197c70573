/* tacet-run-module.c: evaluates one network on tensors from a file.
 *
 * Room: engine/model.
 */
#include "config.h"

#include "tacet-run-module.h"
#include "engine/tensor/tacet-plan.h"
#include "tacet-model-files.h"
#include "tacet-module-io.h"
#include "tacet-profile.h"
#include <glib/gi18n-lib.h>
#include <string.h>

/* The configuration of any part. */
typedef union
{
  TacetUnetConfig unet;
  TacetControlnetConfig controlnet;
  TacetVaeConfig vae;
  TacetTextConfig text;
  TacetTaesdConfig taesd;
} AnyConfig;

typedef gboolean (*Builder) (TacetModuleIo *io, const AnyConfig *config, GError **error);

/* Where CLIP pools: the first end token, or in configurations of old the largest token. */
static gint32
pooled_position (const gint32 *ids, gint64 length, int eos)
{
  gint64 best = 0;
  for (gint64 i = 0; i < length; i++)
    if (eos == 2 ? ids[i] > ids[best] : ids[i] == eos && ids[best] != eos)
      best = i;
  return (gint32) best;
}

/* last {n,1,t,c} -> {1,1,n,c}; positions are known, so they are constants of the graph */
static TacetValue *
pool (TacetModuleIo *io, const TacetTextConfig *c, TacetValue *last)
{
  const TacetRawTensor *raw = tacet_raw_tensor_find (io->file, "input_ids");
  TacetShape s = last->shape;
  g_autoptr (TacetTensor) rows = tacet_tensor_new (TACET_I32, tacet_shape (1, 1, s.d[0], 1));
  if (!rows)
    {
      tacet_graph_set_error (io->g, _ ("There is not enough memory"));
      return last;
    }
  for (gint64 i = 0; i < s.d[0]; i++)
    ((gint32 *) rows->data)[i] =
        (gint32) (i * s.d[2]) + pooled_position ((const gint32 *) raw->data + i * s.d[2], s.d[2], c->eos_token_id);
  return tacet_gather (tacet_reshape (last, tacet_shape (1, 1, s.d[0] * s.d[2], s.d[3])), tacet_constant (io->g, rows));
}

static gboolean
build_text (TacetModuleIo *io, const AnyConfig *config, GError **error)
{
  const TacetTextConfig c = config->text;
  TacetValue *ids = tacet_module_input (io, "input_ids", 2, error);
  if (!ids)
    return FALSE;
  const TacetRawTensor *raw = tacet_raw_tensor_find (io->file, "input_ids");
  for (gint64 i = 0; i < tacet_raw_tensor_count (raw); i++)
    if (((const gint32 *) raw->data)[i] < 0 || ((const gint32 *) raw->data)[i] >= c.vocab_size)
      {
        g_set_error (error, TACET_WEIGHTS_ERROR, TACET_WEIGHTS_ERROR_INVALID,
                     _ ("The tensor “input_ids” holds %d, but the vocabulary ends at %d"),
                     ((const gint32 *) raw->data)[i], c.vocab_size - 1);
        return FALSE;
      }
  TacetValue *last = tacet_text_encoder (io->g, &c, io->weights, ids);
  tacet_module_output (io, "last_hidden_state", last, 3);
  if (!tacet_graph_error (io->g))
    tacet_module_output (io, "pooler_output", pool (io, &c, last), 2);
  return TRUE;
}

/* The three inputs of U-Net and ControlNet. */
static gboolean
common_inputs (TacetModuleIo *io, TacetValue **sample, TacetValue **timestep, TacetValue **context, GError **error)
{
  *sample = tacet_module_input (io, "sample", 4, error);
  *timestep = *sample ? tacet_module_timestep (io, (*sample)->shape.d[0], error) : NULL;
  *context = *timestep ? tacet_module_input_shared (io, "encoder_hidden_states", 3, error) : NULL;
  return *context != NULL;
}

static const char *
residual_name (char *buffer, int i, int n)
{
  g_snprintf (buffer, 32, i + 1 < n ? "down_residual.%d" : "mid_residual", i);
  return buffer;
}

static gboolean
add_residuals (TacetModuleIo *io, TacetFeatures *features, GError **error)
{
  char name[32];
  for (int i = 0; i < features->n; i++)
    {
      TacetValue *residual = tacet_module_input (io, residual_name (name, i, features->n), 4, error);
      if (!residual)
        return FALSE;
      if (!tacet_graph_error (io->g) && !tacet_shape_equal (residual->shape, features->r[i]->shape))
        {
          g_set_error (error, TACET_WEIGHTS_ERROR, TACET_WEIGHTS_ERROR_SHAPE,
                       _ ("The tensor “%s” does not have the shape of the feature it belongs to"), name);
          return FALSE;
        }
      features->r[i] = tacet_add (features->r[i], residual);
    }
  return TRUE;
}

static gboolean
build_unet (TacetModuleIo *io, const AnyConfig *config, GError **error)
{
  const TacetUnetConfig c = config->unet;
  TacetFeatures features = { 0 };
  TacetValue *sample, *timestep, *context;
  if (!common_inputs (io, &sample, &timestep, &context, error))
    return FALSE;
  tacet_unet_encoder (io->g, &c, io->weights, sample, timestep, context, NULL, &features);
  if (tacet_module_has (io, "mid_residual") && !add_residuals (io, &features, error))
    return FALSE;
  tacet_module_output (io, "sample", tacet_unet_decoder (io->g, &c, io->weights, context, NULL, &features), 4);
  return TRUE;
}

static gboolean
build_controlnet (TacetModuleIo *io, const AnyConfig *config, GError **error)
{
  const TacetControlnetConfig c = config->controlnet;
  TacetFeatures features = { 0 };
  TacetValue *sample, *timestep, *context, *hint;
  char name[32];
  if (!common_inputs (io, &sample, &timestep, &context, error) ||
      !(hint = tacet_module_input_shared (io, "controlnet_cond", 4, error)))
    return FALSE;
  tacet_controlnet (io->g, &c, io->weights, sample, timestep, context, NULL, hint, &features);
  for (int i = 0; i < features.n; i++)
    tacet_module_output (io, residual_name (name, i, features.n), features.r[i], 4);
  return TRUE;
}

static gboolean
build_vae_encoder (TacetModuleIo *io, const AnyConfig *config, GError **error)
{
  const TacetVaeConfig c = config->vae;
  TacetValue *picture, *mean, *logvar;
  if (!(picture = tacet_module_input (io, "sample", 4, error)))
    return FALSE;
  tacet_vae_encoder (io->g, &c, io->weights, picture, &mean, &logvar);
  tacet_module_output (io, "mean", mean, 4);
  tacet_module_output (io, "logvar", logvar, 4);
  return TRUE;
}

static gboolean
build_vae_decoder (TacetModuleIo *io, const AnyConfig *config, GError **error)
{
  const TacetVaeConfig c = config->vae;
  TacetValue *latent;
  if (!(latent = tacet_module_input (io, "latent", 4, error)))
    return FALSE;
  tacet_module_output (io, "sample", tacet_vae_decoder (io->g, &c, io->weights, latent), 4);
  return TRUE;
}

static gboolean
build_taesd_encoder (TacetModuleIo *io, const AnyConfig *config, GError **error)
{
  const TacetTaesdConfig c = config->taesd;
  TacetValue *picture;
  if (!(picture = tacet_module_input (io, "sample", 4, error)))
    return FALSE;
  tacet_module_output (io, "latent", tacet_taesd_encoder (io->g, &c, io->weights, picture), 4);
  return TRUE;
}

static gboolean
build_taesd_decoder (TacetModuleIo *io, const AnyConfig *config, GError **error)
{
  const TacetTaesdConfig c = config->taesd;
  TacetValue *latent;
  if (!(latent = tacet_module_input (io, "latent", 4, error)))
    return FALSE;
  tacet_module_output (io, "sample", tacet_taesd_decoder (io->g, &c, io->weights, latent), 4);
  return TRUE;
}

static const struct
{
  const char *name;
  TacetPart part;
  Builder build;
} modules[] = {
  { "text-encoder", TACET_PART_TEXT, build_text },
  { "unet", TACET_PART_UNET, build_unet },
  { "controlnet", TACET_PART_CONTROLNET, build_controlnet },
  { "vae-encoder", TACET_PART_VAE, build_vae_encoder },
  { "vae-decoder", TACET_PART_VAE, build_vae_decoder },
  { "taesd-encoder", TACET_PART_TAESD, build_taesd_encoder },
  { "taesd-decoder", TACET_PART_TAESD, build_taesd_decoder },
};

/* Cotangents of the outputs become inputs; returns their number, 0 with an error. */
static int
add_cotangents (TacetModuleIo *io, GPtrArray *outputs, GPtrArray *cotangents, GError **error)
{
  for (guint i = 0; i < io->outputs->len; i++)
    {
      TacetPort *port = g_ptr_array_index (io->outputs, i);
      g_autofree char *name = g_strconcat ("grad.", port->name, NULL);
      if (!tacet_module_has (io, name))
        continue;
      TacetValue *cotangent = tacet_input (io->g, name, TACET_F32, port->value->shape);
      g_ptr_array_add (outputs, port->value);
      g_ptr_array_add (cotangents, cotangent);
      g_ptr_array_add (io->inputs, tacet_port_new (name, cotangent, port->rank, port->dims));
    }
  if (outputs->len == 0)
    g_set_error (error, TACET_WEIGHTS_ERROR, TACET_WEIGHTS_ERROR_MISSING,
                 _ ("The input holds no tensor “grad.NAME” for an output NAME, so there is nothing to differentiate"));
  return (int) outputs->len;
}

/* A port whose value is what to differentiate by: every float input, every weight. */
static GPtrArray *
variables (TacetModuleIo *io)
{
  GPtrArray *ports = g_ptr_array_new_with_free_func ((GDestroyNotify) tacet_port_free);
  for (guint i = 0; i < io->inputs->len; i++)
    {
      TacetPort *port = g_ptr_array_index (io->inputs, i);
      g_autofree char *name = g_strconcat ("grad.", port->name, NULL);
      if (port->value->dtype == TACET_F32)
        g_ptr_array_add (ports, tacet_port_new (name, port->value, port->rank, port->dims));
    }
  for (guint i = 0; i < tacet_graph_length (io->g); i++)
    {
      TacetValue *value = tacet_graph_nth (io->g, i);
      gint64 dims[8];
      int rank = value->op == TACET_OP_WEIGHT ? tacet_weights_disk_shape (io->weights, value->name, dims) : -1;
      if (rank < 0 || rank > 4)
        continue;
      g_autofree char *name = g_strconcat ("grad.weights.", value->name, NULL);
      g_ptr_array_add (ports, tacet_port_new (name, value, rank, dims));
    }
  return ports;
}

/* Adds the gradients to the outputs; those that are identically zero as zeros. */
static gboolean
differentiate (TacetModuleIo *io, GError **error)
{
  g_autoptr (GPtrArray) outputs = g_ptr_array_new (), cotangents = g_ptr_array_new (), wrt = g_ptr_array_new ();
  g_autoptr (GPtrArray) ports = variables (io);
  if (add_cotangents (io, outputs, cotangents, error) == 0)
    return FALSE;
  for (guint i = 0; i < ports->len; i++)
    g_ptr_array_add (wrt, ((TacetPort *) g_ptr_array_index (ports, i))->value);
  g_autofree TacetValue **gradients = g_new0 (TacetValue *, ports->len);
  tacet_gradient (io->g, (TacetValue *const *) outputs->pdata, (TacetValue *const *) cotangents->pdata,
                  (int) outputs->len, (TacetValue *const *) wrt->pdata, (int) ports->len, gradients);
  for (guint i = 0; i < ports->len; i++)
    {
      TacetPort *port = g_ptr_array_index (ports, i);
      TacetValue *value = gradients[i] ? gradients[i] : tacet_full (io->g, port->value->shape, 0.0f);
      g_ptr_array_add (io->outputs, tacet_port_new (port->name, value, port->rank, port->dims));
    }
  return TRUE;
}

static gboolean
send_inputs (TacetModuleIo *io, TacetPlan *plan, GError **error)
{
  for (guint i = 0; i < io->inputs->len; i++)
    {
      TacetPort *port = g_ptr_array_index (io->inputs, i);
      g_autofree void *data = tacet_port_pack (port, tacet_raw_tensor_find (io->file, port->name), error);
      if (!data || !tacet_plan_set (plan, port->value, data, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
fetch_outputs (TacetModuleIo *io, TacetPlan *plan, GPtrArray *tensors, GError **error)
{
  for (guint i = 0; i < io->outputs->len; i++)
    {
      TacetPort *port = g_ptr_array_index (io->outputs, i);
      g_autofree float *data = g_try_new (float, (gsize) tacet_shape_count (port->value->shape));
      if (data && !tacet_plan_get (plan, port->value, data, error))
        return FALSE;
      TacetRawTensor *raw = data ? tacet_port_unpack (port, port->name, data) : NULL;
      if (!raw)
        {
          g_set_error (error, TACET_WEIGHTS_ERROR, TACET_WEIGHTS_ERROR_NO_MEMORY,
                       _ ("There is not enough memory for the tensor “%s”"), port->name);
          return FALSE;
        }
      g_ptr_array_add (tensors, raw);
    }
  return TRUE;
}

static gboolean
run_profiled (TacetPlan *plan, TacetBackend *backend, TacetModuleProfile *profile, GError **error)
{
  if (profile->later && !tacet_plan_run (plan, NULL, error))
    return FALSE;
  g_autoptr (TacetProfile) measured = tacet_profile_new (plan, backend, MAX (profile->repeat, 1), error);
  if (!measured)
    return FALSE;
  profile->text = tacet_profile_text (measured);
  profile->json = tacet_profile_json (measured);
  return TRUE;
}

static gboolean
run (TacetModuleIo *io, TacetBackend *backend, const char *out_path, TacetModuleProfile *profile, GError **error)
{
  g_autoptr (GPtrArray) values = g_ptr_array_new ();
  g_autoptr (GPtrArray) tensors = g_ptr_array_new_with_free_func ((GDestroyNotify) tacet_raw_tensor_free);
  for (guint i = 0; i < io->outputs->len; i++)
    g_ptr_array_add (values, ((TacetPort *) g_ptr_array_index (io->outputs, i))->value);
  TacetPlanFlags flags = TACET_PLAN_CONSTANT_WEIGHTS | (io->later ? TACET_PLAN_KEEP_LASTING : 0);
  g_autoptr (TacetPlan) plan =
      tacet_plan_new (io->g, (TacetValue *const *) values->pdata, (int) values->len, backend, flags, error);
  if (!plan || !send_inputs (io, plan, error) ||
      !(profile ? run_profiled (plan, backend, profile, error) : tacet_plan_run (plan, NULL, error)))
    return FALSE;
  return !out_path ||
         (fetch_outputs (io, plan, tensors, error) && tacet_safetensors_write (out_path, tensors, NULL, error));
}

/* whole: is set to the base model, if there is one; it outlives the weights */
static TacetWeights *
open_network (TacetPart part, const char *model, const char *base, AnyConfig *config, TacetModelFiles **whole,
              GError **error)
{
  if (part != TACET_PART_CONTROLNET || !base)
    return tacet_network_open (part, model, config, NULL, error);
  *whole = tacet_model_files_open (base, NULL, error);
  return *whole ? tacet_controlnet_open (model, &config->controlnet, *whole, NULL, error) : NULL;
}

static gboolean
evaluate (TacetPart part, Builder build, const char *model, const char *base, const char *in_path, const char *out_path,
          gboolean gradients, TacetModuleProfile *profile, TacetBackend *backend, GError **error)
{
  AnyConfig config;
  g_autoptr (TacetGraph) g = tacet_graph_new ();
  g_autoptr (TacetModelFiles) whole = NULL;
  g_autoptr (TacetWeights) store = open_network (part, model, base, &config, &whole, error);
  g_autoptr (GPtrArray) file = store ? tacet_safetensors_read (in_path, error) : NULL;
  g_autoptr (GPtrArray) inputs = g_ptr_array_new_with_free_func ((GDestroyNotify) tacet_port_free);
  g_autoptr (GPtrArray) outputs = g_ptr_array_new_with_free_func ((GDestroyNotify) tacet_port_free);
  TacetModuleIo io = { g, store, file, inputs, outputs, profile && profile->later };
  if (!file || !build (&io, &config, error))
    return FALSE;
  if (tacet_graph_error (g))
    {
      g_propagate_error (error, g_error_copy (tacet_graph_error (g)));
      return FALSE;
    }
  return (!gradients || differentiate (&io, error)) && run (&io, backend, out_path, profile, error);
}

gboolean
tacet_run_module (const char *module, const char *model, const char *base, const char *in_path, const char *out_path,
                  gboolean gradients, TacetModuleProfile *profile, TacetBackend *backend, GError **error)
{
  for (gsize i = 0; i < G_N_ELEMENTS (modules); i++)
    if (strcmp (modules[i].name, module) == 0)
      return evaluate (modules[i].part, modules[i].build, model, base, in_path, out_path, gradients, profile, backend,
                       error);
  g_set_error (error, TACET_WEIGHTS_ERROR, TACET_WEIGHTS_ERROR_UNSUPPORTED,
               _ ("There is no module “%s”; Tacet knows %s"), module, TACET_RUN_MODULES);
  return FALSE;
}
