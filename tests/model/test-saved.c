/* test-saved.c: networks made from scratch, saved as a pipeline's folders, opened again: the same values.
 *
 * Tests of engine/model.  With TACET_KEEP=FOLDER the folders stay there, with inputs and outputs, for
 * `make-references.py --check FOLDER`, which opens them with diffusers.
 */
#include "engine/model/tacet-run-module.h"
#include "engine/tensor/tacet-plan.h"
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

static char *root;
static TacetBackend *backend;

/* The starter model's shape, in small. */
static const TacetUnetConfig unet = { .in_channels = 4,
                                      .out_channels = 4,
                                      .n_levels = 3,
                                      .block_out_channels = { 16, 24, 32 },
                                      .down_attention = { FALSE, TRUE, TRUE },
                                      .up_attention = { TRUE, TRUE, FALSE },
                                      .layers_per_block = 1,
                                      .cross_attention_dim = 12,
                                      .n_heads = { 4, 4, 4 },
                                      .norm_num_groups = 8,
                                      .norm_eps = 1e-5f,
                                      .flip_sin_to_cos = TRUE,
                                      .sample_size = 8 };
static const TacetVaeConfig vae = { .in_channels = 3,
                                    .out_channels = 3,
                                    .latent_channels = 4,
                                    .n_levels = 3,
                                    .block_out_channels = { 8, 8, 16 },
                                    .layers_per_block = 1,
                                    .norm_num_groups = 4,
                                    .scaling_factor = 0.81f };
static const TacetTextConfig text = { .vocab_size = 64,
                                      .hidden_size = 12,
                                      .intermediate_size = 48,
                                      .n_layers = 2,
                                      .n_heads = 4,
                                      .max_positions = 10,
                                      .eos_token_id = 63,
                                      .eps = 1e-5f,
                                      .activation = TACET_FN_QUICK_GELU };

static char *
place (const char *folder, const char *name)
{
  g_autofree char *inner = g_build_filename (root, folder, NULL);
  g_assert_cmpint (g_mkdir_with_parents (inner, 0777), ==, 0);
  return g_build_filename (inner, name, NULL);
}

static TacetRawTensor *
input (GPtrArray *list, const char *name, TacetDtype dtype, int rank, int64_t a, int64_t b, int64_t c, int64_t d)
{
  const int64_t dims[] = { a, b, c, d };
  g_autoptr (GRand) random = g_rand_new_with_seed (g_str_hash (name));
  TacetRawTensor *raw = tacet_raw_tensor_new (name, dtype, rank, dims);
  for (int64_t i = 0; i < tacet_raw_tensor_count (raw); i++)
    if (dtype == TACET_I32)
      ((gint32 *) raw->data)[i] = g_rand_int_range (random, 0, 64);
    else
      ((float *) raw->data)[i] = (float) g_rand_double_range (random, 0, 1);
  g_ptr_array_add (list, raw);
  return raw;
}

static GPtrArray *
new_list (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify) tacet_raw_tensor_free);
}

/* Runs the module on its saved folder, or on the whole pipeline's. */
static GPtrArray *
run (const char *module, const char *folder, GPtrArray *inputs)
{
  g_autofree char *in_name = g_strconcat (module, "-in.safetensors", NULL);
  g_autofree char *out_name = g_strconcat (module, "-out.safetensors", NULL);
  g_autofree char *in = place (folder, in_name), *out = place (folder, out_name);
  g_autoptr (GError) error = NULL;
  tacet_safetensors_write (in, inputs, NULL, &error);
  g_assert_no_error (error);
  tacet_run_module (module, root, NULL, in, out, FALSE, NULL, backend, &error);
  g_assert_no_error (error);
  GPtrArray *result = tacet_safetensors_read (out, &error);
  g_assert_no_error (error);
  return result;
}

/* {n,h,w,c} of the graph against [n,c,h,w], {n,1,t,c} against [n,t,c] of the file: the same bits. */
static void
same (TacetPlan *plan, TacetValue *value, const TacetRawTensor *raw)
{
  TacetShape s = value->shape;
  g_autofree float *data = g_new (float, tacet_shape_count (s));
  g_autoptr (GError) error = NULL;
  tacet_plan_get (plan, value, data, &error);
  g_assert_no_error (error);
  gboolean image = raw->rank == 4;
  for (int64_t n = 0, i = 0; n < s.d[0]; n++)
    for (int64_t p = 0; p < s.d[1] * s.d[2]; p++)
      for (int64_t c = 0; c < s.d[3]; c++, i++)
        {
          int64_t at = image ? (n * s.d[3] + c) * s.d[1] * s.d[2] + p : i;
          g_assert_cmpfloat (data[i], ==, ((const float *) raw->data)[at]);
        }
}

/* From [n,c,h,w] or [n,t,c] of the list into the plan. */
static void
send (TacetPlan *plan, TacetValue *value, GPtrArray *list, const char *name)
{
  const TacetRawTensor *raw = tacet_raw_tensor_find (list, name);
  TacetShape s = value->shape;
  g_autofree float *data = g_new (float, tacet_shape_count (s));
  for (int64_t n = 0, i = 0; n < s.d[0]; n++)
    for (int64_t p = 0; p < s.d[1] * s.d[2]; p++)
      for (int64_t c = 0; c < s.d[3]; c++, i++)
        data[i] = ((const float *) raw->data)[raw->rank == 4 ? (n * s.d[3] + c) * s.d[1] * s.d[2] + p : i];
  g_assert_true (tacet_plan_set (plan, value, value->dtype == TACET_I32 ? raw->data : data, NULL));
}

static TacetPlan *
planned (TacetGraph *g, TacetValue **outputs, int n)
{
  g_autoptr (GError) error = NULL;
  TacetPlan *plan = tacet_plan_new (g, outputs, n, backend, TACET_PLAN_DEFAULT, &error);
  g_assert_no_error (error);
  return plan;
}

static void
save (TacetWeights *weights, const char *folder, const char *name)
{
  g_autofree char *path = place (folder, name);
  g_autoptr (GError) error = NULL;
  tacet_weights_save (weights, path, TACET_STORE_F32, &error);
  g_assert_no_error (error);
}

static void
test_text (void)
{
  g_autoptr (TacetGraph) g = tacet_graph_new ();
  g_autoptr (TacetWeights) weights = tacet_weights_new (1);
  TacetValue *ids = tacet_input (g, "ids", TACET_I32, tacet_shape (2, 1, 7, 1));
  TacetValue *last = tacet_text_encoder (g, &text, weights, ids);
  g_autoptr (TacetPlan) plan = planned (g, &last, 1);
  g_autofree char *config = place ("text_encoder", "config.json");
  g_assert_true (tacet_text_config_save (&text, config, NULL));
  save (weights, "text_encoder", "model.safetensors");
  g_autoptr (GPtrArray) in = new_list ();
  input (in, "input_ids", TACET_I32, 2, 2, 7, 0, 0);
  send (plan, ids, in, "input_ids");
  g_assert_true (tacet_plan_run (plan, NULL, NULL));
  g_autoptr (GPtrArray) out = run ("text-encoder", "text_encoder", in);
  same (plan, last, tacet_raw_tensor_find (out, "last_hidden_state"));
}

/* The weights live longer than the graph, for the ControlNet. */
static TacetWeights *
make_unet (GPtrArray *in)
{
  g_autoptr (TacetGraph) g = tacet_graph_new ();
  TacetWeights *weights = tacet_weights_new (2);
  TacetFeatures f = { 0 };
  TacetValue *sample = tacet_input (g, "sample", TACET_F32, tacet_shape (2, 8, 12, 4));
  TacetValue *timestep = tacet_input (g, "timestep", TACET_F32, tacet_shape (2, 1, 1, 1));
  TacetValue *context = tacet_input (g, "context", TACET_F32, tacet_shape (2, 1, 5, 12));
  tacet_unet_encoder (g, &unet, weights, sample, timestep, context, NULL, &f);
  g_assert_cmpint (f.n, ==, 7);
  TacetValue *out = tacet_unet_decoder (g, &unet, weights, context, NULL, &f);
  g_autoptr (TacetPlan) plan = planned (g, &out, 1);
  g_autofree char *config = place ("unet", "config.json");
  g_assert_true (tacet_unet_config_save (&unet, config, NULL));
  save (weights, "unet", "diffusion_pytorch_model.safetensors");
  send (plan, sample, in, "sample");
  send (plan, timestep, in, "timestep");
  send (plan, context, in, "encoder_hidden_states");
  g_assert_true (tacet_plan_run (plan, NULL, NULL));
  g_autoptr (GPtrArray) result = run ("unet", "unet", in);
  same (plan, out, tacet_raw_tensor_find (result, "sample"));
  return weights;
}

static double
deviation (const TacetRawTensor *t)
{
  double sum = 0, squares = 0, n = (double) tacet_raw_tensor_count (t);
  for (int64_t i = 0; i < tacet_raw_tensor_count (t); i++)
    {
      double x = ((const float *) t->data)[i];
      sum += x / n;
      squares += x * x / n;
    }
  return sqrt (squares - sum * sum);
}

/* Starts as a copy of the U-Net's encoder, with silent outputs and a hint encoder that lets the map
 * through at its own size. */
static void
test_unet_and_controlnet (void)
{
  g_autoptr (GPtrArray) in = new_list ();
  TacetRawTensor *t = input (in, "timestep", TACET_F32, 1, 2, 0, 0, 0);
  ((float *) t->data)[0] = 17;
  ((float *) t->data)[1] = 801;
  input (in, "sample", TACET_F32, 4, 2, 4, 8, 12);
  input (in, "encoder_hidden_states", TACET_F32, 3, 2, 5, 12, 0);
  g_autoptr (TacetWeights) base = make_unet (in);
  TacetControlnetConfig config = { unet, 3, 3, { 16, 32, 48 } };
  g_autoptr (TacetGraph) g = tacet_graph_new ();
  g_autoptr (TacetWeights) weights = tacet_weights_new (3);
  TacetFeatures f = { 0 };
  TacetValue *hint = tacet_input (g, "hint", TACET_F32, tacet_shape (2, 32, 48, 3));
  tacet_controlnet (g, &config, weights, tacet_input (g, "sample", TACET_F32, tacet_shape (2, 8, 12, 4)),
                    tacet_input (g, "timestep", TACET_F32, tacet_shape (2, 1, 1, 1)),
                    tacet_input (g, "context", TACET_F32, tacet_shape (2, 1, 5, 12)), NULL, hint, &f);
  g_assert_no_error (tacet_graph_error (g));
  g_assert_cmpint (f.n, ==, tacet_unet_n_features (&unet));
  guint copied = tacet_weights_copy (weights, base);
  guint own = 2 * (2 + 2 * 2) + 2 * 7; /* the hint's convolutions, the zero convolutions */
  g_assert_cmpuint (copied, ==, tacet_weights_length (weights) - own);
  g_autofree char *path = place ("controlnet", "config.json");
  g_assert_true (tacet_controlnet_config_save (&config, path, NULL));
  save (weights, "controlnet", "diffusion_pytorch_model.safetensors");
  /* The map at about unit variance, as the trainer sends it. */
  TacetRawTensor *map = input (in, "controlnet_cond", TACET_F32, 4, 2, 3, 32, 48);
  for (int64_t i = 0; i < tacet_raw_tensor_count (map); i++)
    ((float *) map->data)[i] = 3.0f * (((float *) map->data)[i] > 0.88f) - 0.36f;
  g_autoptr (GPtrArray) out = run ("controlnet", "controlnet", in);
  g_assert_cmpuint (out->len, ==, 7);
  for (guint i = 0; i < out->len; i++)
    g_assert_cmpfloat (deviation (g_ptr_array_index (out, i)), ==, 0);
  /* Once they speak, diffusers has something to compare. */
  for (guint i = 0; i < tacet_weights_length (weights); i++)
    {
      TacetTensor *tensor = NULL;
      const char *name = tacet_weights_nth (weights, i, &tensor);
      if (g_str_has_prefix (name, "controlnet_down") || g_str_has_prefix (name, "controlnet_mid"))
        for (int64_t k = 0; k < tacet_shape_count (tensor->shape); k++)
          tacet_tensor_f32 (tensor)[k] = 0.3f * sinf ((float) (7 * k + i));
    }
  save (weights, "controlnet", "diffusion_pytorch_model.safetensors");
  g_autoptr (GPtrArray) loud = run ("controlnet", "controlnet", in);
  for (guint i = 0; i < loud->len; i++)
    g_assert_cmpfloat (deviation (g_ptr_array_index (loud, i)), >, 0.01);
}

/* The hint's share of the first feature, seen through an identity in place of the first zero
 * convolution: neither drowned nor drowning. */
static void
test_hint_variance (void)
{
  static const TacetUnetConfig shallow = { .in_channels = 4,
                                           .out_channels = 4,
                                           .n_levels = 1,
                                           .block_out_channels = { 64 },
                                           .layers_per_block = 1,
                                           .cross_attention_dim = 8,
                                           .n_heads = { 4 },
                                           .norm_num_groups = 8,
                                           .norm_eps = 1e-5f,
                                           .flip_sin_to_cos = TRUE };
  TacetControlnetConfig config = { shallow, 3, 3, { 16, 32, 48 } };
  g_autoptr (TacetGraph) g = tacet_graph_new ();
  g_autoptr (TacetWeights) weights = tacet_weights_new (4);
  TacetFeatures f = { 0 };
  TacetValue *sample = tacet_input (g, "sample", TACET_F32, tacet_shape (1, 16, 16, 4));
  TacetValue *hint = tacet_input (g, "hint", TACET_F32, tacet_shape (1, 64, 64, 3));
  tacet_controlnet (g, &config, weights, sample, tacet_full (g, tacet_shape (1, 1, 1, 1), 10),
                    tacet_full (g, tacet_shape (1, 1, 2, 8), 0), NULL, hint, &f);
  TacetTensor *identity = tacet_weights_get (weights, "controlnet_down_blocks.0.weight", TACET_RANK_POINTWISE,
                                             tacet_shape (1, 1, 64, 64), TACET_INIT_ZERO, 1, NULL);
  for (int i = 0; i < 64; i++)
    tacet_tensor_f32 (identity)[65 * i] = 1;
  g_autoptr (TacetPlan) plan = planned (g, f.r, 1);
  g_autofree float *zeros = g_new0 (float, 16 * 16 * 4), *map = g_new (float, 64 * 64 * 3);
  g_autoptr (GRand) random = g_rand_new_with_seed (5);
  for (int i = 0; i < 64 * 64 * 3; i++)
    map[i] = g_rand_double (random) > 0.88 ? 2.64f : -0.36f;
  tacet_plan_set (plan, sample, zeros, NULL);
  tacet_plan_set (plan, hint, map, NULL);
  g_assert_true (tacet_plan_run (plan, NULL, NULL));
  const int64_t dims[] = { 16 * 16 * 64 };
  TacetRawTensor *first = tacet_raw_tensor_new ("first", TACET_F32, 1, dims);
  g_assert_true (tacet_plan_get (plan, f.r[0], first->data, NULL));
  double d = deviation (first);
  g_test_message ("deviation of the hint %.3f", d);
  g_assert_true (d > 0.15 && d < 1.5);
  tacet_raw_tensor_free (first);
}

static void
test_vae (void)
{
  g_autoptr (TacetGraph) g = tacet_graph_new ();
  g_autoptr (TacetWeights) weights = tacet_weights_new (6);
  TacetValue *picture = tacet_input (g, "picture", TACET_F32, tacet_shape (1, 16, 24, 3)), *out[3];
  TacetValue *latent = tacet_input (g, "latent", TACET_F32, tacet_shape (1, 4, 6, 4));
  tacet_vae_encoder (g, &vae, weights, picture, &out[0], &out[1]);
  out[2] = tacet_vae_decoder (g, &vae, weights, latent);
  g_autoptr (TacetPlan) plan = planned (g, out, 3);
  g_autofree char *config = place ("vae", "config.json");
  g_assert_true (tacet_vae_config_save (&vae, config, NULL));
  save (weights, "vae", "diffusion_pytorch_model.safetensors");
  g_autoptr (GPtrArray) in = new_list (), in2 = new_list ();
  input (in, "sample", TACET_F32, 4, 1, 3, 16, 24);
  input (in2, "latent", TACET_F32, 4, 1, 4, 4, 6);
  send (plan, picture, in, "sample");
  send (plan, latent, in2, "latent");
  g_assert_true (tacet_plan_run (plan, NULL, NULL));
  g_autoptr (GPtrArray) result = run ("vae-encoder", "vae", in), result2 = run ("vae-decoder", "vae", in2);
  same (plan, out[0], tacet_raw_tensor_find (result, "mean"));
  same (plan, out[1], tacet_raw_tensor_find (result, "logvar"));
  same (plan, out[2], tacet_raw_tensor_find (result2, "sample"));
}

/* What a user can get wrong at the command line; the folders are those of the tests above. */
static void
test_faults (void)
{
  static const struct
  {
    const char *module, *folder, *in, *word;
    gboolean gradients;
  } cases[] = {
    { "u-net", "unet", "unet/unet-in.safetensors", "u-net", FALSE },
    { "unet", "nowhere", "unet/unet-in.safetensors", "nowhere", FALSE },
    { "unet", "controlnet", "unet/unet-in.safetensors", "U-Net", FALSE },
    { "unet", "unet", "nowhere.safetensors", "nowhere", FALSE },
    { "unet", "unet", "unet/config.json", "weight_map", FALSE },
    { "unet", "unet", "vae/vae-encoder-in.safetensors", "", FALSE },
    { "unet", "unet", "unet/unet-in.safetensors", "grad", TRUE },
    { "controlnet", "controlnet", "unet/unet-in.safetensors", "controlnet_cond", FALSE },
    { "vae-decoder", "vae", "unet/unet-in.safetensors", "latent", FALSE },
    { "text-encoder", "text_encoder", "unet/unet-in.safetensors", "input_ids", FALSE },
  };
  g_autofree char *out = g_build_filename (root, "never.safetensors", NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *folder = g_build_filename (root, cases[i].folder, NULL);
      g_autofree char *in = g_build_filename (root, cases[i].in, NULL);
      g_autoptr (GError) error = NULL;
      g_assert_false (
          tacet_run_module (cases[i].module, folder, NULL, in, out, cases[i].gradients, NULL, backend, &error));
      g_test_message ("%s", error->message);
      g_assert_nonnull (strstr (error->message, cases[i].word));
      g_assert_false (g_file_test (out, G_FILE_TEST_EXISTS));
    }
}

/* Less memory than the network needs. */
static void
test_no_memory (void)
{
  g_autofree char *in = g_build_filename (root, "unet", "unet-in.safetensors", NULL);
  g_autofree char *out = g_build_filename (root, "never.safetensors", NULL);
  g_autoptr (GError) error = NULL;
  backend->budget = 100000;
  gboolean good = tacet_run_module ("unet", root, NULL, in, out, FALSE, NULL, backend, &error);
  backend->budget = 0;
  g_assert_false (good);
  g_assert_error (error, TACET_TENSOR_ERROR, TACET_TENSOR_ERROR_NO_MEMORY);
  g_assert_cmpuint (backend->used, ==, 0);
  g_assert_false (g_file_test (out, G_FILE_TEST_EXISTS));
}

/* Inputs of the right names and wrong shapes or values. */
static void
test_wrong_inputs (void)
{
  g_autofree char *in = g_build_filename (root, "wrong.safetensors", NULL);
  g_autofree char *out = g_build_filename (root, "never.safetensors", NULL);
  for (int k = 0; k < 8; k++)
    {
      g_autoptr (GPtrArray) list = new_list ();
      g_autoptr (GError) error = NULL;
      const char *module = k < 6 ? "controlnet" : "text-encoder";
      if (k < 6)
        {
          input (list, "sample", TACET_F32, k == 0 ? 3 : 4, 2, k == 1 ? 5 : 4, k == 2 ? 0 : 8, 12);
          input (list, "timestep", TACET_F32, 1, k == 3 ? 3 : 2, 0, 0, 0);
          input (list, "encoder_hidden_states", TACET_F32, 3, 2, 5, k == 4 ? 13 : 12, 0);
          input (list, "controlnet_cond", TACET_F32, 4, 2, 3, k == 5 ? 16 : 32, 48);
        }
      else
        {
          TacetRawTensor *ids = input (list, "input_ids", TACET_I32, 2, 2, k == 6 ? 11 : 7, 0, 0);
          if (k == 7)
            ((gint32 *) ids->data)[3] = 64;
        }
      g_assert_true (tacet_safetensors_write (in, list, NULL, NULL));
      g_assert_false (tacet_run_module (module, root, NULL, in, out, FALSE, NULL, backend, &error));
      g_test_message ("%d: %s", k, error->message);
    }
  g_unlink (in);
}

static void
remove_tree (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  for (const char *name; dir && (name = g_dir_read_name (dir));)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);
      remove_tree (child);
    }
  g_remove (path);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  const char *keep = g_getenv ("TACET_KEEP");
  root = keep ? g_strdup (keep) : g_dir_make_tmp ("tacet-test-XXXXXX", NULL);
  backend = tacet_cpu_backend_new (2);
  g_test_add_func ("/saved/text", test_text);
  g_test_add_func ("/saved/unet-and-controlnet", test_unet_and_controlnet);
  g_test_add_func ("/saved/vae", test_vae);
  g_test_add_func ("/saved/hint-variance", test_hint_variance);
  g_test_add_func ("/saved/faults", test_faults);
  g_test_add_func ("/saved/no-memory", test_no_memory);
  g_test_add_func ("/saved/wrong-inputs", test_wrong_inputs);
  int status = g_test_run ();
  backend->klass->destroy (backend);
  if (!keep)
    remove_tree (root);
  g_free (root);
  return status;
}
