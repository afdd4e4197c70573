/* test-references.c: every network against diffusers and transformers: outputs, gradients.
 *
 * Tests of engine/model.  references/ is written by make-references.py.
 */
#include "engine/model/tacet-names.h"
#include "engine/model/tacet-run-module.h"
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

#define OUTPUT_LIMIT   1e-5
#define GRADIENT_LIMIT 1e-4

/* A gradient that is zero by symmetry (a bias before a normalisation, the bias of a key) is rounding
 * noise here; it is measured against this part of all gradients' norm. */
#define NOISE 1e-7

static const struct
{
  const char *folder, *module;
} cases[] = {
  { "text-1", "text-encoder" },
  { "text-2", "text-encoder" },
  { "unet-1", "unet" },
  { "unet-2", "unet" },
  { "unet-3", "unet" },
  { "controlnet-1", "controlnet" },
  { "controlnet-2", "controlnet" },
  { "vae-1", "vae-encoder" },
  { "vae-1", "vae-decoder" },
  { "vae-2", "vae-encoder" },
  { "vae-2", "vae-decoder" },
  { "vae-3", "vae-encoder" },
  { "vae-3", "vae-decoder" },
  { "taesd-1", "taesd-encoder" },
  { "taesd-1", "taesd-decoder" },
  { "taesd-2", "taesd-encoder" },
  { "taesd-2", "taesd-decoder" },
};

static double
norm (const TacetRawTensor *t)
{
  double sum = 0;
  for (int64_t i = 0; i < tacet_raw_tensor_count (t); i++)
    sum += (double) ((const float *) t->data)[i] * ((const float *) t->data)[i];
  return sqrt (sum);
}

static double
distance (const TacetRawTensor *a, const TacetRawTensor *b)
{
  double sum = 0;
  for (int64_t i = 0; i < tacet_raw_tensor_count (a); i++)
    {
      double d = (double) ((const float *) a->data)[i] - ((const float *) b->data)[i];
      sum += d * d;
    }
  return sqrt (sum);
}

/* Ours has the names of today, whatever the file's. */
static const TacetRawTensor *
find_ours (GPtrArray *ours, const char *name)
{
  const char *prefix = "grad.weights.";
  char modern[TACET_NAME_SIZE];
  if (!g_str_has_prefix (name, prefix))
    return tacet_raw_tensor_find (ours, name);
  for (TacetPart part = TACET_PART_VAE; part <= TACET_PART_TEXT; part++)
    {
      g_assert_true (tacet_name_modern (part, name + strlen (prefix), modern));
      g_autofree char *full = g_strconcat (prefix, modern, NULL);
      const TacetRawTensor *found = tacet_raw_tensor_find (ours, full);
      if (found)
        return found;
    }
  return NULL;
}

static void
compare (GPtrArray *ours, GPtrArray *wanted)
{
  double all = 0, worst[2] = { 0, 0 };
  const char *worst_name[2] = { "", "" };
  for (guint i = 0; i < wanted->len; i++)
    if (g_str_has_prefix (((TacetRawTensor *) g_ptr_array_index (wanted, i))->name, "grad."))
      all = hypot (all, norm (g_ptr_array_index (wanted, i)));
  g_assert_cmpfloat (all, >, 0);
  for (guint i = 0; i < wanted->len; i++)
    {
      const TacetRawTensor *want = g_ptr_array_index (wanted, i), *have = find_ours (ours, want->name);
      gboolean gradient = g_str_has_prefix (want->name, "grad.");
      if (!have)
        g_error ("no tensor %s", want->name);
      g_assert_cmpint (have->rank, ==, want->rank);
      g_assert_cmpmem (have->dims, sizeof *have->dims * (gsize) have->rank, want->dims,
                       sizeof *want->dims * (gsize) want->rank);
      double limit = gradient ? GRADIENT_LIMIT : OUTPUT_LIMIT, error = distance (have, want);
      double relative = error / (norm (want) + (gradient ? all * NOISE / GRADIENT_LIMIT : 0));
      if (!(relative < limit))
        g_test_message ("%s: relative error %.3g (norm %.3g)", want->name, relative, norm (want));
      g_assert_cmpfloat (relative, <, limit);
      if (relative > worst[gradient])
        {
          worst[gradient] = relative;
          worst_name[gradient] = want->name;
        }
    }
  g_test_message ("%u tensors; worst output %.2e, worst gradient %.2e (%s)", wanted->len, worst[0], worst[1],
                  worst_name[1]);
}

static char *
scratch_file (void)
{
  char *path = NULL;
  int fd = g_file_open_tmp ("tacet-test-XXXXXX.safetensors", &path, NULL);
  g_assert_cmpint (fd, >=, 0);
  close (fd);
  return path;
}

static void
test_case (gconstpointer data)
{
  guint i = GPOINTER_TO_UINT (data);
  g_autofree char *root =
      g_build_filename (g_getenv ("TACET_SOURCE"), "tests", "model", "references", cases[i].folder, NULL);
  g_autofree char *in_name = g_strconcat (cases[i].module, "-in.safetensors", NULL);
  g_autofree char *out_name = g_strconcat (cases[i].module, "-out.safetensors", NULL);
  g_autofree char *in = g_build_filename (root, in_name, NULL), *want = g_build_filename (root, out_name, NULL);
  g_autofree char *out = scratch_file ();
  g_autoptr (GError) error = NULL;
  TacetBackend *backend = tacet_cpu_backend_new (2);
  tacet_run_module (cases[i].module, root, NULL, in, out, TRUE, NULL, backend, &error);
  g_assert_no_error (error);
  g_autoptr (GPtrArray) wanted = tacet_safetensors_read (want, &error);
  g_assert_no_error (error);
  g_autoptr (GPtrArray) ours = tacet_safetensors_read (out, &error);
  g_assert_no_error (error);
  compare (ours, wanted);
  g_assert_cmpuint (backend->used, ==, 0);
  backend->klass->destroy (backend);
  g_unlink (out);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strdup_printf ("/references/%s/%s", cases[i].folder, cases[i].module);
      g_test_add_data_func (path, GUINT_TO_POINTER (i), test_case);
    }
  return g_test_run ();
}
