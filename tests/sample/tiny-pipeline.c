/* tiny-pipeline.c: a complete model of random numbers.
 *
 * Room: tests/sample.
 */
#include "tiny-pipeline.h"
#include "engine/weights/tacet-tokenizer.h"
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

const TinySizes tiny_sizes = {
  .unet = { .in_channels = 4,
            .out_channels = 4,
            .n_levels = 2,
            .block_out_channels = { 16, 32 },
            .down_attention = { FALSE, TRUE },
            .up_attention = { TRUE, FALSE },
            .layers_per_block = 1,
            .cross_attention_dim = 16,
            .n_heads = { 2, 2 },
            .norm_num_groups = 4,
            .norm_eps = 1e-5f,
            .flip_sin_to_cos = TRUE,
            .sample_size = 8 },
  .vae = { .in_channels = 3,
           .out_channels = 3,
           .latent_channels = 4,
           .n_levels = 3,
           .block_out_channels = { 8, 8, 16 },
           .layers_per_block = 1,
           .norm_num_groups = 4,
           .scaling_factor = 0.8f },
  .text = { .hidden_size = 16, .intermediate_size = 32, .n_layers = 1, .n_heads = 2, .max_positions = 16 },
  .hint_channels = { 8, 8, 8 },
};

const TinySizes starter_sizes = {
  .unet = { .in_channels = 4,
            .out_channels = 4,
            .n_levels = 3,
            .block_out_channels = { 64, 128, 144 },
            .down_attention = { FALSE, TRUE, TRUE },
            .up_attention = { TRUE, TRUE, FALSE },
            .layers_per_block = 1,
            .cross_attention_dim = 128,
            .n_heads = { 4, 4, 4 },
            .norm_num_groups = 8,
            .norm_eps = 1e-5f,
            .flip_sin_to_cos = TRUE,
            .sample_size = 16 },
  .vae = { .in_channels = 3,
           .out_channels = 3,
           .latent_channels = 4,
           .n_levels = 3,
           .block_out_channels = { 16, 48, 96 },
           .layers_per_block = 1,
           .norm_num_groups = 8,
           .scaling_factor = 0.8f },
  .text = { .hidden_size = 128, .intermediate_size = 512, .n_layers = 2, .n_heads = 4, .max_positions = 32 },
  .hint_channels = { 16, 32, 64 },
};

/* xorshift of the name's hash and the seed: the numbers of these models depend on nothing else, so that
 * references made from them stay true. */
static double
next_number (guint64 *state)
{
  *state ^= *state << 13;
  *state ^= *state >> 7;
  *state ^= *state << 17;
  return (double) (*state >> 11) * 0x1p-53 * 2 - 1;
}

static gboolean
is_control_output (const char *name)
{
  return g_str_has_prefix (name, "controlnet_down_blocks") || g_str_has_prefix (name, "controlnet_mid_block");
}

/* Every layer speaks, at the size that keeps signals near one; silent: the residuals are zero. */
static void
fill_store (TacetWeights *store, guint64 seed, gboolean silent)
{
  for (guint i = 0; i < tacet_weights_length (store); i++)
    {
      TacetTensor *tensor = NULL;
      const char *name = tacet_weights_nth (store, i, &tensor);
      int64_t count = tacet_shape_count (tensor->shape), fan_out = tensor->shape.d[0] * tensor->shape.d[2];
      gboolean vector = tensor->shape.d[0] * tensor->shape.d[1] * tensor->shape.d[2] == 1;
      gboolean scale = vector && g_str_has_suffix (name, "weight");
      double size = vector ? 0.1 : 1.4 / sqrt ((double) (count / MAX (fan_out, 1)));
      guint64 state = (guint64) g_str_hash (name) * 0x9e3779b97f4a7c15u + seed * 0xbf58476d1ce4e5b9u + 1;
      for (int j = 0; j < 8; j++)
        next_number (&state);
      for (int64_t j = 0; j < count; j++)
        tacet_tensor_f32 (tensor)[j] =
            silent && is_control_output (name) ? 0 : (float) ((scale ? 1 : 0) + size * next_number (&state));
    }
}

static void
save_store (TacetWeights *store, const char *folder, const char *file)
{
  g_autofree char *path = g_build_filename (folder, file, NULL);
  g_autoptr (GError) error = NULL;
  tacet_weights_save (store, path, TACET_STORE_F32, &error);
  g_assert_no_error (error);
}

static void
make_unet (const TinySizes *sizes, const char *folder, guint64 seed, int in_channels)
{
  g_autoptr (TacetWeights) store = tacet_weights_new (seed);
  g_autoptr (TacetGraph) g = tacet_graph_new ();
  g_autofree char *config = g_build_filename (folder, "config.json", NULL);
  TacetFeatures features = { 0 };
  TacetUnetConfig unet = sizes->unet;
  unet.in_channels = in_channels;
  TacetValue *sample = tacet_input (g, "sample", TACET_F32, tacet_shape (1, 8, 8, in_channels));
  TacetValue *timestep = tacet_input (g, "timestep", TACET_F32, tacet_shape (1, 1, 1, 1));
  TacetValue *context = tacet_input (g, "context", TACET_F32, tacet_shape (1, 1, 16, sizes->unet.cross_attention_dim));
  tacet_unet_encoder (g, &unet, store, sample, timestep, context, NULL, &features);
  tacet_unet_decoder (g, &unet, store, context, NULL, &features);
  g_assert_no_error (tacet_graph_error (g));
  fill_store (store, seed, FALSE);
  g_assert_true (tacet_unet_config_save (&unet, config, NULL));
  save_store (store, folder, "diffusion_pytorch_model.safetensors");
}

static void
make_controlnet (const TinySizes *sizes, const char *folder, guint64 seed, gboolean silent)
{
  g_autoptr (TacetWeights) store = tacet_weights_new (seed);
  g_autoptr (TacetGraph) g = tacet_graph_new ();
  g_autofree char *path = g_build_filename (folder, "config.json", NULL);
  TacetControlnetConfig config = { .unet = sizes->unet, .conditioning_channels = 3, .n_hint = 3 };
  memcpy (config.hint_channels, sizes->hint_channels, sizeof sizes->hint_channels);
  TacetFeatures residuals = { 0 };
  tacet_controlnet (g, &config, store, tacet_input (g, "sample", TACET_F32, tacet_shape (1, 8, 8, 4)),
                    tacet_input (g, "timestep", TACET_F32, tacet_shape (1, 1, 1, 1)),
                    tacet_input (g, "context", TACET_F32, tacet_shape (1, 1, 16, sizes->unet.cross_attention_dim)),
                    NULL, tacet_input (g, "hint", TACET_F32, tacet_shape (1, 32, 32, 3)), &residuals);
  g_assert_no_error (tacet_graph_error (g));
  fill_store (store, seed, silent);
  g_assert_true (tacet_controlnet_config_save (&config, path, NULL));
  save_store (store, folder, "diffusion_pytorch_model.safetensors");
}

/* heavy: a decoder that costs more than a step */
static void
make_vae (const TinySizes *sizes, const char *folder, guint64 seed, gboolean heavy)
{
  TacetVaeConfig vae = sizes->vae;
  if (heavy)
    vae.block_out_channels[0] = vae.block_out_channels[1] = 32;
  g_autoptr (TacetWeights) store = tacet_weights_new (seed);
  g_autoptr (TacetGraph) g = tacet_graph_new ();
  g_autofree char *config = g_build_filename (folder, "config.json", NULL);
  TacetValue *mean, *logvar;
  tacet_vae_decoder (g, &vae, store, tacet_input (g, "latent", TACET_F32, tacet_shape (1, 8, 8, 4)));
  tacet_vae_encoder (g, &vae, store, tacet_input (g, "picture", TACET_F32, tacet_shape (1, 32, 32, 3)), &mean, &logvar);
  g_assert_no_error (tacet_graph_error (g));
  fill_store (store, seed, FALSE);
  g_assert_true (tacet_vae_config_save (&vae, config, NULL));
  save_store (store, folder, "diffusion_pytorch_model.safetensors");
}

static void
make_text (const TinySizes *sizes, const char *folder, const char *tokenizer_folder, guint64 seed)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TacetTokenizer) tokenizer = tacet_tokenizer_load (tokenizer_folder, &error);
  g_assert_no_error (error);
  TacetTextConfig config = sizes->text;
  config.vocab_size = tacet_tokenizer_size (tokenizer);
  config.eos_token_id = tacet_tokenizer_end (tokenizer);
  config.eps = 1e-5f;
  config.activation = TACET_FN_QUICK_GELU;
  g_autoptr (TacetWeights) store = tacet_weights_new (seed);
  g_autoptr (TacetGraph) g = tacet_graph_new ();
  g_autofree char *path = g_build_filename (folder, "config.json", NULL);
  tacet_text_encoder (g, &config, store, tacet_input (g, "ids", TACET_I32, tacet_shape (1, 1, 16, 1)));
  g_assert_no_error (tacet_graph_error (g));
  fill_store (store, seed, FALSE);
  g_assert_true (tacet_text_config_save (&config, path, NULL));
  save_store (store, folder, "model.safetensors");
}

static void
write_part (const TinySizes *sizes, const char *folder, const char *part, guint64 seed)
{
  static const char *const words[] = { "a", "red", "blue", "mug", "person", NULL };
  gboolean heavy = g_str_equal (part, "heavy-vae");
  g_autofree char *path = g_build_filename (folder, "tiny", heavy ? "vae" : part, NULL);
  g_autofree char *tokenizer = g_build_filename (folder, "tiny", "tokenizer", NULL);
  g_assert_cmpint (g_mkdir_with_parents (path, 0700), ==, 0);
  if (g_str_has_prefix (part, "unet"))
    make_unet (sizes, path, seed, g_str_equal (part, "unet9") ? 9 : 4);
  else if (heavy || g_str_equal (part, "vae"))
    make_vae (sizes, path, seed, heavy);
  else if (g_str_equal (part, "text_encoder"))
    make_text (sizes, path, tokenizer, seed);
  else if (g_str_equal (part, "tokenizer"))
    g_assert_true (tacet_tokenizer_build (words, path, NULL));
  else if (g_str_equal (part, "scheduler"))
    {
      g_autofree char *file = g_build_filename (path, "scheduler_config.json", NULL);
      g_assert_true (g_file_set_contents (
          file,
          "{\"_class_name\": \"DDIMScheduler\", \"beta_start\": 0.00085, \"beta_end\": 0.012, \"beta_schedule\": "
          "\"scaled_linear\", \"clip_sample\": false, \"set_alpha_to_one\": false, \"steps_offset\": 1, "
          "\"prediction_type\": \"v_prediction\"}",
          -1, NULL));
    }
  else
    make_controlnet (sizes, path, seed, g_str_equal (part, "silent"));
}

void
tiny_pipeline_rewrite (const char *folder, const char *part, guint64 seed)
{
  write_part (&tiny_sizes, folder, part, seed);
}

void
tiny_pipeline_write (const char *folder, guint64 seed, const TinySizes *sizes)
{
  static const char *const parts[] = { "tokenizer", "scheduler", "unet", "vae",   "text_encoder",
                                       "edge",      "depth",     "pose", "silent" };
  for (gsize i = 0; i < G_N_ELEMENTS (parts); i++)
    write_part (sizes, folder, parts[i], seed + i);
}

char *
tiny_pipeline_new (guint64 seed)
{
  char *folder = g_dir_make_tmp ("tacet-tiny-XXXXXX", NULL);
  if (folder != NULL)
    tiny_pipeline_write (folder, seed, &tiny_sizes);
  return folder;
}

static void
remove_tree (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);
      if (!g_file_test (child, G_FILE_TEST_IS_SYMLINK) && g_file_test (child, G_FILE_TEST_IS_DIR))
        remove_tree (child);
      else
        g_unlink (child);
    }
  g_rmdir (path);
}

void
tiny_pipeline_remove (char *folder)
{
  remove_tree (folder);
  g_free (folder);
}

TacetRequest *
tiny_request_new (void)
{
  TacetRequest *request = tacet_request_new ();
  g_free (request->model);
  g_free (request->prompt);
  request->model = g_strdup ("tiny");
  request->prompt = g_strdup ("a red mug");
  request->width = request->height = 32;
  request->steps = 4;
  request->seed = 7;
  return request;
}

TacetControlRequest *
tiny_request_add (TacetRequest *request, TacetControlKind kind)
{
  TacetControlRequest *control = tacet_control_request_new (kind);
  control->map = tacet_image_new (40, 40, 3);
  for (int i = 0; i < 40 * 40 * 3; i++)
    control->map->data[i] = (guint8) ((i * (kind + 3)) ^ (i >> 4));
  g_ptr_array_add (request->controls, control);
  return control;
}
