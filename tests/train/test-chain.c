/* test-chain.c: the whole chain in miniature: autoencoder, cache, U-Net, ControlNets, decoder alone.
 *
 * Room: tests/train.
 */
#include "engine/train/tacet-latents.h"
#include "engine/train/tacet-train-kinds.h"
#include "test-train.h"
#include <math.h>

#define LOOP                                                                                                           \
  "'steps': 24, 'batch': 8, 'shard': 4, " TINY_OPTIMIZER                                                               \
  ", 'validation': { 'every': 1000, 'count': 2, 'steps': 2 }, 'held_out': 8"

static char *
read_bytes (const char *folder, const char *name, gsize *length)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autoptr (GError) error = NULL;
  char *bytes = NULL;
  g_file_get_contents (path, &bytes, length, &error);
  g_assert_no_error (error);
  return bytes;
}

static double
mean_loss (const char *folder, const char *work, int from, int to)
{
  g_autofree char *losses = read_losses (folder, work);
  g_auto (GStrv) lines = g_strsplit (losses, "\n", -1);
  double sum = 0;
  g_assert_cmpint ((int) g_strv_length (lines), >, to);
  for (int i = from; i < to; i++)
    sum += g_ascii_strtod (strstr (lines[i], "\"loss\": ") + 8, NULL);
  return sum / (to - from);
}

/* Makes @/model/vae and @/scenes.latents (40 scenes), @/people.latents (12). */
static void
make_data (const char *folder)
{
  g_autofree char *vae =
      write_plan (folder, "vae",
                  "'kind': 'vae', 'output': '@/model', 'work': '@/vae-work', 'seed': 5, 'steps': 30, 'batch': 8, "
                  "'data': { 'studio': { 'size': 16 } }, 'vae': " TINY_VAE ", " TINY_OPTIMIZER);
  g_autofree char *latents =
      write_plan (folder, "latents",
                  "'kind': 'latents', 'output': '@/model', 'cache': '@/scenes.latents', 'batch': 4, "
                  "'workers': 2, 'data': { 'studio': { 'size': 16, 'count': 40 } }");
  g_autofree char *people =
      write_plan (folder, "people",
                  "'kind': 'latents', 'output': '@/model', 'cache': '@/people.latents', 'batch': 4, "
                  "'data': { 'studio': { 'size': 16, 'count': 12, 'subject': 'person' } }");
  run_plan (vae, FALSE);
  run_plan (latents, FALSE);
  run_plan (people, FALSE);
}

/* Latents have mean 0 and deviation 1 in every channel; captions and maps are there. */
static void
check_cache (const char *folder)
{
  g_autofree char *path = g_build_filename (folder, "scenes.latents", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (TacetLatents) cache = tacet_latents_open (path, &error);
  double mean[4] = { 0 }, squares[4] = { 0 };
  float z[8 * 8 * 4];
  g_assert_no_error (error);
  g_assert_cmpint (cache->layout.count, ==, 40);
  g_assert_cmpint (cache->layout.side, ==, 8);
  for (int i = 0; i < 40; i++)
    {
      tacet_latents_get (cache, i, z);
      for (int k = 0; k < 8 * 8 * 4; k++)
        {
          mean[k % 4] += z[k] / (40.0 * 64);
          squares[k % 4] += z[k] * z[k] / (40.0 * 64);
        }
      g_assert_cmpint (tacet_latents_depth (cache, i)[0], >, 0);
      g_assert_true (g_utf8_validate (tacet_latents_caption (cache, i), -1, NULL));
      g_assert_nonnull (tacet_latents_objects (cache, i));
    }
  for (int c = 0; c < 4; c++)
    {
      g_assert_cmpfloat (fabs (mean[c]), <, 0.35);
      g_assert_cmpfloat (fabs (sqrt (squares[c] - mean[c] * mean[c]) - 1), <, 0.35);
    }
}

/* A cache that was cut off anywhere is finished to the same bytes; with another plan it is refused. */
static void
check_cache_resume (const char *folder)
{
  gsize length, again;
  g_autofree char *whole = read_bytes (folder, "scenes.latents", &length);
  g_autofree char *path = g_build_filename (folder, "scenes.latents", NULL);
  g_autofree char *plan = g_build_filename (folder, "latents.json", NULL);
  const gsize cuts[] = { length / 2 + 3, 4096, 100, 0 };
  g_autoptr (GError) error = NULL;
  for (gsize i = 0; i < G_N_ELEMENTS (cuts); i++)
    {
      g_assert_true (g_file_set_contents (path, whole, (gssize) cuts[i], NULL));
      g_assert_null (tacet_latents_open (path, &error));
      g_clear_error (&error);
      run_plan (plan, TRUE);
      g_autofree char *found = read_bytes (folder, "scenes.latents", &again);
      g_assert_cmpmem (found, again, whole, length);
    }
  g_autofree char *other =
      write_plan (folder, "other",
                  "'kind': 'latents', 'output': '@/model', 'cache': '@/scenes.latents', 'batch': 4, "
                  "'data': { 'studio': { 'size': 16, 'count': 41 } }");
  g_assert_false (tacet_train_run (other, TRUE, NULL, NULL, NULL, &error));
  g_assert_error (error, TACET_TRAIN_ERROR, TACET_TRAIN_ERROR_STATE);
}

static void
check_unet (const char *folder)
{
  static const char *const files[] = { "model/model_index.json",
                                       "model/unet/config.json",
                                       "model/text_encoder/model.safetensors",
                                       "model/tokenizer/vocab.json",
                                       "model/tokenizer/tokenizer_config.json",
                                       "model/scheduler/scheduler_config.json" };
  g_autofree char *path = write_plan (folder, "unet",
                                      "'kind': 'unet', 'output': '@/model', 'work': '@/unet-work', 'seed': 1, "
                                      "'latents': [{ 'cache': '@/scenes.latents' }], 'unet': " TINY_UNET
                                      ", 'text_encoder': " TINY_TEXT ", " LOOP);
  run_plan (path, FALSE);
  const double first = mean_loss (folder, "unet-work", 0, 4), last = mean_loss (folder, "unet-work", 20, 24);
  g_test_message ("U-Net: %g to %g", first, last);
  g_assert_cmpfloat (last, <, first);
  for (gsize i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *file = g_build_filename (folder, files[i], NULL);
      g_assert_true (g_file_test (file, G_FILE_TEST_EXISTS));
    }
}

static void
check_controlnet (const char *folder, const char *kind, const char *cache)
{
  gsize length, again;
  g_autofree char *before = read_bytes (folder, "model/unet/diffusion_pytorch_model.safetensors", &length);
  g_autofree char *work = g_strdup_printf ("%s-work", kind);
  g_autofree char *plain_work = g_strdup_printf ("%s-plain-work", kind);
  g_autofree char *weights = g_strdup_printf ("model/%s/diffusion_pytorch_model.safetensors", kind);
  for (int inject = 1; inject >= 0; inject--)
    {
      g_autofree char *rest = g_strdup_printf (
          "'kind': 'controlnet', 'control': '%s', 'output': '@/model', 'work': '@/%s', 'inject': %s, "
          "'latents': [{ 'cache': '@/%s' }], 'hint_channels': [4, 8], 'prompt_dropout': 0, 'steps': 4, 'batch': 4, "
          "'shard': 2, " TINY_OPTIMIZER ", 'validation': { 'every': 1000, 'count': 2, 'steps': 2 }, 'held_out': 4",
          kind, inject ? work : plain_work, inject ? "true" : "false", cache);
      g_autofree char *path = write_plan (folder, kind, rest);
      run_plan (path, FALSE);
    }
  /* zero convolutions: with or without injection the first loss is the U-Net's own */
  g_assert_cmpfloat (fabs (mean_loss (folder, work, 0, 1) - mean_loss (folder, plain_work, 0, 1)), <, 1e-6);
  g_autofree char *after = read_bytes (folder, "model/unet/diffusion_pytorch_model.safetensors", &again);
  g_assert_cmpmem (after, again, before, length);
  g_autofree char *control = read_bytes (folder, weights, &again);
  g_assert_cmpuint (again, >, 1000);
}

/* The decoder alone: the encoder's half of the file keeps its bits, so latents stay valid. */
static void
check_decoder (const char *folder)
{
  gsize length;
  g_autoptr (GError) error = NULL;
  g_autofree char *weights = g_build_filename (folder, "model/vae/diffusion_pytorch_model.safetensors", NULL);
  g_autofree char *old = g_build_filename (folder, "old.safetensors", NULL);
  g_autofree char *bytes = read_bytes (folder, "model/vae/diffusion_pytorch_model.safetensors", &length);
  g_assert_true (g_file_set_contents (old, bytes, (gssize) length, NULL));
  g_autofree char *path =
      write_plan (folder, "decoder",
                  "'kind': 'vae', 'phase': 'decoder', 'output': '@/model', 'work': '@/decoder-work', 'steps': 6, "
                  "'batch': 4, 'data': { 'studio': { 'size': 16 } }, " TINY_OPTIMIZER);
  run_plan (path, FALSE);
  g_autoptr (GPtrArray) before = tacet_safetensors_read (old, &error), after = tacet_safetensors_read (weights, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (before->len, ==, after->len);
  int changed = 0;
  for (guint i = 0; i < before->len; i++)
    {
      const TacetRawTensor *a = g_ptr_array_index (before, i), *b = g_ptr_array_index (after, i);
      const gboolean same = memcmp (a->data, b->data, (gsize) tacet_raw_tensor_count (a) * 4) == 0;
      g_assert_cmpstr (a->name, ==, b->name);
      if (g_str_has_prefix (a->name, "encoder.") || g_str_has_prefix (a->name, "quant_conv."))
        g_assert_true (same);
      changed += !same;
    }
  g_assert_cmpint (changed, >, 10);
}

static gboolean
exists (const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  return g_file_test (path, G_FILE_TEST_EXISTS);
}

/* For a model of others, with files as they call them and a schedule of its own: nothing in its folder changes. */
static void
check_base (const char *folder)
{
  static const char schedule[] = "{ \"beta_start\": 0.0001, \"beta_end\": 0.02, \"prediction_type\": \"epsilon\" }";
  g_autofree char *unet = g_build_filename (folder, "model/unet", NULL);
  g_autofree char *plain = g_build_filename (unet, "diffusion_pytorch_model.safetensors", NULL);
  g_autofree char *half = g_build_filename (unet, "diffusion_pytorch_model.fp16.safetensors", NULL);
  g_autofree char *scheduler = g_build_filename (folder, "model/scheduler/scheduler_config.json", NULL);
  gsize length;
  g_assert_cmpint (g_rename (plain, half), ==, 0);
  g_assert_true (g_file_set_contents (scheduler, schedule, -1, NULL));
  g_autofree char *index = read_bytes (folder, "model/model_index.json", &length);
  g_autofree char *latents = write_plan (folder, "base-latents",
                                         "'kind': 'latents', 'base': '@/model', 'output': '@/mine', "
                                         "'cache': '@/base.latents', 'batch': 4, "
                                         "'data': { 'studio': { 'size': 16, 'count': 12 } }");
  g_autofree char *control =
      write_plan (folder, "base-edge",
                  "'kind': 'controlnet', 'control': 'edge', 'base': '@/model', 'output': '@/mine', 'work': "
                  "'@/base-work', 'latents': [{ 'cache': '@/base.latents' }], 'hint_channels': [4, 8], 'steps': 3, "
                  "'batch': 2, " TINY_OPTIMIZER ", 'validation': { 'count': 1, 'steps': 2 }, 'held_out': 2");
  run_plan (latents, FALSE);
  run_plan (control, FALSE);
  g_assert_true (exists (folder, "mine/edge/config.json"));
  g_assert_true (exists (folder, "mine/edge/diffusion_pytorch_model.safetensors"));
  g_assert_false (exists (folder, "mine/model_index.json"));
  g_assert_false (exists (folder, "mine/scheduler"));
  g_assert_false (exists (folder, "model/unet/diffusion_pytorch_model.safetensors"));
  g_autofree char *after = read_bytes (folder, "model/scheduler/scheduler_config.json", &length);
  g_assert_cmpstr (after, ==, schedule);
  g_autofree char *index_after = read_bytes (folder, "model/model_index.json", &length);
  g_assert_cmpstr (index_after, ==, index);
}

static void
check_missing (const char *folder)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *cache =
      write_plan (folder, "no-cache",
                  "'kind': 'unet', 'output': '@/model', 'work': '@/none-work', 'latents': [{ 'cache': '@/gone' }], "
                  "'unet': " TINY_UNET ", 'text_encoder': " TINY_TEXT ", " LOOP);
  g_assert_false (tacet_train_run (cache, FALSE, NULL, NULL, NULL, &error));
  g_assert_nonnull (strstr (error->message, "gone"));
  g_clear_error (&error);
  g_autofree char *model =
      write_plan (folder, "no-model",
                  "'kind': 'controlnet', 'control': 'edge', 'output': '@/nothing', 'work': '@/none-work', "
                  "'latents': [{ 'cache': '@/scenes.latents' }], " LOOP);
  g_assert_false (tacet_train_run (model, FALSE, NULL, NULL, NULL, &error));
  g_assert_nonnull (strstr (error->message, "nothing"));
  g_clear_error (&error);
  g_autofree char *few = write_plan (
      folder, "few",
      "'kind': 'controlnet', 'control': 'edge', 'output': '@/model', 'work': '@/none-work', "
      "'latents': [{ 'cache': '@/scenes.latents' }], 'held_out': 40, 'steps': 3, 'batch': 1, " TINY_OPTIMIZER);
  g_assert_false (tacet_train_run (few, FALSE, NULL, NULL, NULL, &error));
  g_assert_error (error, TACET_TRAIN_ERROR, TACET_TRAIN_ERROR_DATA);
  g_assert_nonnull (strstr (error->message, "held_out"));
}

static void
test_chain (void)
{
  g_autofree char *folder = tiny_folder ();
  make_data (folder);
  check_cache (folder);
  check_cache_resume (folder);
  check_unet (folder);
  check_controlnet (folder, "edge", "scenes.latents");
  check_controlnet (folder, "depth", "scenes.latents");
  check_controlnet (folder, "pose", "people.latents");
  check_decoder (folder);
  check_missing (folder);
  check_base (folder);
  remove_tree (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/train/chain", test_chain);
  return g_test_run ();
}
