/* tacet-trainer-checkpoint.c: the state of a run as one safetensors file; the newest ones are kept.
 *
 * Room: engine/train.  Tensors: weights.NAME, average.NAME, moment1.NAME, moment2.NAME, each with the
 * four dimensions it has in memory.  Random numbers have no state (tacet-train-random.h).
 */
#include "config.h"

#include "tacet-trainer.h"

#include "engine/weights/tacet-checkpoint.h"

#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>

#define SUFFIX ".safetensors"

static char *
folder (const TacetTrainPlan *plan)
{
  return g_build_filename (plan->work, "checkpoints", NULL);
}

static int
newest_first (gconstpointer a, gconstpointer b)
{
  return g_strcmp0 (*(const char *const *) b, *(const char *const *) a);
}

/* Names step-000000123.safetensors sort by step. */
static GPtrArray *
list (const TacetTrainPlan *plan)
{
  GPtrArray *paths = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *where = folder (plan);
  g_autoptr (GDir) dir = g_dir_open (where, 0, NULL);
  for (const char *name = dir ? g_dir_read_name (dir) : NULL; name; name = g_dir_read_name (dir))
    if (g_str_has_prefix (name, "step-") && g_str_has_suffix (name, SUFFIX))
      g_ptr_array_add (paths, g_build_filename (where, name, NULL));
  g_ptr_array_sort (paths, newest_first);
  return paths;
}

gboolean
tacet_trainer_has_checkpoint (const TacetTrainPlan *plan)
{
  g_autoptr (GPtrArray) paths = list (plan);
  return paths->len > 0;
}

/* The data stay where they are: beside a large network there is no room for copies. */
static void
free_lent (gpointer tensor)
{
  ((TacetRawTensor *) tensor)->data = NULL;
  tacet_raw_tensor_free (tensor);
}

static void
add_tensors (TacetTrainer *self, GPtrArray *tensors, const char *prefix, float *flat)
{
  for (guint i = 0; i < self->parameters->len; i++)
    {
      const TacetParameter *p = &g_array_index (self->parameters, TacetParameter, i);
      TacetRawTensor *raw = g_new0 (TacetRawTensor, 1);
      raw->name = g_strconcat (prefix, p->name, NULL);
      raw->dtype = TACET_F32;
      raw->rank = TACET_RANK;
      memcpy (raw->dims, p->tensor->shape.d, sizeof p->tensor->shape.d);
      raw->data = flat ? flat + p->offset : tacet_tensor_f32 (p->tensor);
      g_ptr_array_add (tensors, raw);
    }
}

static void
put (GHashTable *metadata, const char *key, double value)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];
  g_hash_table_insert (metadata, g_strdup (key), g_strdup (g_ascii_dtostr (text, sizeof text, value)));
}

gboolean
tacet_trainer_save (TacetTrainer *self, GError **error)
{
  g_autoptr (GPtrArray) tensors = g_ptr_array_new_with_free_func (free_lent);
  g_autoptr (GHashTable) metadata = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  add_tensors (self, tensors, "weights.", NULL);
  add_tensors (self, tensors, "moment1.", self->moment1);
  add_tensors (self, tensors, "moment2.", self->moment2);
  if (self->average)
    add_tensors (self, tensors, "average.", self->average);
  put (metadata, "step", (double) self->step);
  put (metadata, "samples", (double) self->samples);
  put (metadata, "skipped", self->n_skipped);
  put (metadata, "seconds", self->seconds);
  put (metadata, "smooth_sum", self->smooth_sum);
  put (metadata, "smooth_weight", self->smooth_weight);
  g_hash_table_insert (metadata, g_strdup ("plan"), g_strdup (self->plan->text));

  g_autofree char *where = folder (self->plan);
  g_autofree char *name = g_strdup_printf ("step-%09" G_GINT64_FORMAT SUFFIX, self->step);
  g_autofree char *path = g_build_filename (where, name, NULL);
  g_mkdir_with_parents (where, 0777);
  if (!tacet_safetensors_write (path, tensors, metadata, error))
    return FALSE;
  g_autoptr (GPtrArray) paths = list (self->plan);
  for (guint i = (guint) self->plan->checkpoint_keep; i < paths->len; i++)
    g_unlink (g_ptr_array_index (paths, i));
  return TRUE;
}

static const TacetFileTensor *
find (TacetCheckpoint *file, const char *prefix, const TacetParameter *p, GError **error)
{
  g_autofree char *name = g_strconcat (prefix, p->name, NULL);
  const TacetFileTensor *t = tacet_checkpoint_find (file, name);
  if (t && t->dtype == TACET_FILE_F32 && t->rank == TACET_RANK &&
      memcmp (t->dims, p->tensor->shape.d, sizeof p->tensor->shape.d) == 0)
    return t;
  g_set_error (error, TACET_TRAIN_ERROR, TACET_TRAIN_ERROR_STATE,
               t ? _ ("its tensor “%s” has another shape than the network of the plan") : _ ("it has no tensor “%s”"),
               name);
  return NULL;
}

/* First every tensor is looked up, then all are read. */
static gboolean
restore (TacetTrainer *self, TacetCheckpoint *file, GError **error)
{
  static const char *const prefixes[] = { "weights.", "moment1.", "moment2.", "average." };
  float *const flats[] = { NULL, self->moment1, self->moment2, self->average };
  const int n = self->average ? 4 : 3;
  for (int pass = 0; pass < 2; pass++)
    for (int k = 0; k < n; k++)
      for (guint i = 0; i < self->parameters->len; i++)
        {
          const TacetParameter *p = &g_array_index (self->parameters, TacetParameter, i);
          const TacetFileTensor *t = find (file, prefixes[k], p, error);
          float *to = flats[k] ? flats[k] + p->offset : tacet_tensor_f32 (p->tensor);
          if (!t || (pass == 1 && !tacet_checkpoint_read_floats (file, t, 0, p->count, to, error)))
            return FALSE;
        }
  return TRUE;
}

static gboolean
get (TacetCheckpoint *file, const char *key, double *value, GError **error)
{
  const char *text = tacet_checkpoint_metadata (file, key);
  if (!text)
    {
      g_set_error (error, TACET_TRAIN_ERROR, TACET_TRAIN_ERROR_STATE, _ ("it has no “%s”"), key);
      return FALSE;
    }
  *value = g_ascii_strtod (text, NULL);
  return TRUE;
}

static gboolean
load (TacetTrainer *self, const char *path, gboolean *other_plan, GError **error)
{
  double step, samples, skipped, seconds, sum, weight;
  g_autoptr (TacetCheckpoint) file = tacet_checkpoint_open (path, error);
  if (!file || !get (file, "step", &step, error) || !get (file, "samples", &samples, error) ||
      !get (file, "skipped", &skipped, error) || !get (file, "seconds", &seconds, error) ||
      !get (file, "smooth_sum", &sum, error) || !get (file, "smooth_weight", &weight, error) ||
      !restore (self, file, error))
    return FALSE;
  self->step = (gint64) step;
  self->samples = (gint64) samples;
  self->n_skipped = (int) skipped;
  self->seconds = seconds;
  self->smooth_sum = sum;
  self->smooth_weight = weight;
  *other_plan = g_strcmp0 (tacet_checkpoint_metadata (file, "plan"), self->plan->text) != 0;
  return TRUE;
}

gboolean
tacet_trainer_resume (TacetTrainer *self, char **note, GError **error)
{
  g_autoptr (GPtrArray) paths = list (self->plan);
  g_autoptr (GError) first = NULL;
  for (guint i = 0; i < paths->len; i++)
    {
      g_autoptr (GError) local = NULL;
      gboolean other_plan = FALSE;
      const char *path = g_ptr_array_index (paths, i);
      if (load (self, path, &other_plan, &local))
        {
          *note = g_strdup_printf ("%s%s", other_plan ? _ ("resumed; the plan has changed since") : _ ("resumed"),
                                   first ? _ (" (the newest checkpoint is damaged, the one before was taken)") : "");
          return TRUE;
        }
      g_prefix_error (&local, "%s: ", path);
      if (!first)
        first = g_steal_pointer (&local);
    }
  if (first)
    g_set_error (error, TACET_TRAIN_ERROR, TACET_TRAIN_ERROR_STATE, _ ("No checkpoint can be used: %s"),
                 first->message);
  else
    g_set_error (error, TACET_TRAIN_ERROR, TACET_TRAIN_ERROR_STATE,
                 _ ("There is no checkpoint to resume from in “%s”. Start without --resume."), self->plan->work);
  return FALSE;
}
