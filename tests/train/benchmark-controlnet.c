/* benchmark-controlnet.c: training steps of a ControlNet of any size beside a frozen U-Net, on given inputs.
 *
 * Room: tests/train.  A measurement, no test; benchmarks/peers.py compares it with the same step in PyTorch.  The
 * trainer is that of `tacet train`, with its loop's work on a step (forward, backward, norm of the gradient, AdamW);
 * instead of a plan's data there is one sample, the inputs of `tacet run-module controlnet` and a target.
 *
 *   benchmark-controlnet UNET CONTROLNET INPUTS.safetensors THREADS STEPS [--save FILE NAME...] [--profile]
 *
 * --save: after the first step, gradients, changes and values of the named weights, in the kernels' layout.
 */
#include "engine/model/tacet-model-files.h"
#include "engine/model/tacet-module-io.h"
#include "engine/model/tacet-profile.h"
#include "engine/train/tacet-trainer.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct
{
  TacetObjective base;
  TacetUnetConfig unet;
  TacetControlnetConfig config;
  TacetWeights *unet_weights, *files;
  TacetModuleIo io;
} Fixed;

static void
check (GError *error)
{
  if (!error)
    return;
  fprintf (stderr, "%s\n", error->message);
  exit (1);
}

static TacetValue *
input (Fixed *self, const char *name, int rank)
{
  GError *error = NULL;
  TacetValue *value =
      rank > 0 ? tacet_module_input (&self->io, name, rank, &error) : tacet_module_timestep (&self->io, 1, &error);
  check (error);
  return value;
}

/* mean ((D (f + C (x, hint)) - target)^2), f = E (x) */
static void
build (TacetObjective *objective, TacetWorker *worker, int n)
{
  Fixed *self = (Fixed *) objective;
  TacetGraph *g = self->io.g = worker->graph;
  TacetFeatures features, residuals;
  TacetValue *x = input (self, "sample", 4), *time = input (self, "timestep", 0),
             *context = input (self, "encoder_hidden_states", 3), *hint = input (self, "controlnet_cond", 4),
             *target = input (self, "target", 4);
  tacet_unet_encoder (g, &self->unet, self->unet_weights, x, time, context, NULL, &features);
  tacet_controlnet (g, &self->config, self->base.stores[0], x, time, context, NULL, hint, &residuals);
  tacet_weights_copy (self->base.stores[0], self->files);
  for (int i = 0; i < features.n; i++)
    features.r[i] = tacet_add (features.r[i], residuals.r[i]);
  TacetValue *error =
      tacet_sub (tacet_unet_decoder (g, &self->unet, self->unet_weights, context, NULL, &features), target);
  worker->loss = tacet_mean (tacet_mul (error, error));
}

static gboolean
fill (TacetObjective *objective, TacetWorker *worker, const TacetShard *shard, GError **error)
{
  Fixed *self = (Fixed *) objective;
  for (guint i = 0; i < self->io.inputs->len; i++)
    {
      const TacetPort *port = g_ptr_array_index (self->io.inputs, i);
      g_autofree void *data = tacet_port_pack (port, tacet_raw_tensor_find (self->io.file, port->name), error);
      if (!data)
        return FALSE;
      memcpy (tacet_worker_buffer (worker, port->name), data,
              (gsize) tacet_shape_count (port->value->shape) * tacet_dtype_size (port->value->dtype));
    }
  return TRUE;
}

static gboolean
trains (TacetObjective *objective, TacetWeights *store, const char *name, double *lr)
{
  return TRUE;
}

static void
add (GPtrArray *out, const char *what, const TacetParameter *p, const float *values, const float *before)
{
  g_autofree char *name = g_strconcat (what, p->name + strlen ("controlnet."), NULL);
  TacetRawTensor *raw = tacet_raw_tensor_new (name, TACET_F32, TACET_RANK, p->tensor->shape.d);
  for (gsize i = 0; i < p->count; i++)
    ((float *) raw->data)[i] = values[i] - (before ? before[i] : 0);
  g_ptr_array_add (out, raw);
}

/* One step, and what it did to the weights called `names`. */
static void
save (TacetTrainer *trainer, const char *path, char **names, double *loss)
{
  g_autoptr (GPtrArray) out = g_ptr_array_new_with_free_func ((GDestroyNotify) tacet_raw_tensor_free);
  g_autoptr (GPtrArray) before = g_ptr_array_new_with_free_func (g_free);
  GError *error = NULL;
  for (guint i = 0; i < trainer->parameters->len; i++)
    {
      const TacetParameter *p = &g_array_index (trainer->parameters, TacetParameter, i);
      const gboolean wanted = g_strv_contains ((const char *const *) names, p->name + strlen ("controlnet."));
      g_ptr_array_add (before, wanted ? g_memdup2 (p->tensor->data, p->count * sizeof (float)) : NULL);
    }
  tacet_trainer_step (trainer, loss, NULL, &error);
  check (error);
  for (guint i = 0; i < trainer->parameters->len; i++)
    {
      const TacetParameter *p = &g_array_index (trainer->parameters, TacetParameter, i);
      if (!g_ptr_array_index (before, i))
        continue;
      add (out, "gradient.", p, trainer->gradient + p->offset, NULL);
      add (out, "change.", p, tacet_tensor_f32 (p->tensor), g_ptr_array_index (before, i));
    }
  tacet_safetensors_write (path, out, NULL, &error);
  check (error);
}

static void
run (TacetTrainer *trainer, int steps, const char *path, char **names, gboolean profile)
{
  GError *error = NULL;
  for (int i = 0; i < steps; i++)
    {
      double loss;
      const gint64 start = g_get_monotonic_time ();
      if (i == 0 && path)
        save (trainer, path, names, &loss);
      else
        tacet_trainer_step (trainer, &loss, NULL, &error);
      check (error);
      printf ("step %d: %.4f s, loss %.9g, gradient %.9g\n", i + 1, (double) (g_get_monotonic_time () - start) * 1e-6,
              loss, trainer->gradient_norm);
      fflush (stdout);
    }
  if (!profile)
    return;
  g_autoptr (TacetProfile) measured =
      tacet_profile_new (trainer->workers[0].train, trainer->workers[0].backend, 2, &error);
  check (error);
  g_autofree char *text = tacet_profile_text (measured);
  printf ("%s", text);
}

int
main (int argc, char **argv)
{
  GError *error = NULL;
  if (argc < 6)
    {
      fprintf (stderr, "benchmark-controlnet UNET CONTROLNET INPUTS THREADS STEPS [--save FILE NAME...] [--profile]\n");
      return 2;
    }
  Fixed self = { .base = { .build = build,
                           .fill = fill,
                           .trains = trains,
                           .n_stores = 1,
                           .stores = { tacet_weights_new (1) },
                           .store_names = { "controlnet" } } };
  /* As torch.optim.AdamW has it when nothing is said but the rate. */
  TacetTrainPlan plan = { .kind = TACET_TRAIN_CONTROLNET,
                          .batch = 1,
                          .shard = 1,
                          .accumulation = 1,
                          .workers = atoi (argv[4]),
                          .steps = 1000,
                          .optimizer = {
                              .lr = 1e-5, .beta1 = 0.9, .beta2 = 0.999, .eps = 1e-8, .weight_decay = 0.01 } };
  const gboolean profile = g_str_equal (argv[argc - 1], "--profile");
  const char *path = argc > 7 && g_str_equal (argv[6], "--save") ? argv[7] : NULL;
  if (profile)
    argv[argc - 1] = NULL;
  self.unet_weights = tacet_network_open (TACET_PART_UNET, argv[1], &self.unet, NULL, &error);
  check (error);
  self.files = tacet_network_open (TACET_PART_CONTROLNET, argv[2], &self.config, NULL, &error);
  check (error);
  self.io.file = tacet_safetensors_read (argv[3], &error);
  check (error);
  self.io.inputs = g_ptr_array_new_with_free_func ((GDestroyNotify) tacet_port_free);
  TacetTrainer *trainer = tacet_trainer_new (&plan, &self.base, &error);
  check (error);
  run (trainer, atoi (argv[5]), path, path ? argv + 8 : NULL, profile);
  tacet_trainer_free (trainer);
  g_ptr_array_unref (self.io.inputs);
  g_ptr_array_unref (self.io.file);
  tacet_weights_unref (self.base.stores[0]);
  tacet_weights_unref (self.unet_weights);
  tacet_weights_unref (self.files);
  return 0;
}
