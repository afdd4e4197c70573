/* test-files.c: one model in every form of file, and files of other kinds.
 *
 * Tests of engine/model.  The networks are made here, written as a folder of diffusers, and renamed into single
 * files; the names themselves are held against diffusers' in test-names.
 */
#include "engine/model/tacet-library.h"
#include "engine/model/tacet-lora.h"
#include "engine/model/tacet-table.h"
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

static const TacetUnetConfig unet = { .in_channels = 4,
                                      .out_channels = 4,
                                      .n_levels = 2,
                                      .block_out_channels = { 32, 64 },
                                      .down_attention = { TRUE, FALSE },
                                      .up_attention = { FALSE, TRUE },
                                      .layers_per_block = 2,
                                      .cross_attention_dim = 64,
                                      .n_heads = { 8, 8 },
                                      .norm_num_groups = 32,
                                      .norm_eps = 1e-5f,
                                      .flip_sin_to_cos = TRUE,
                                      .sample_size = 64 };
static const TacetVaeConfig vae = { .in_channels = 3,
                                    .out_channels = 3,
                                    .latent_channels = 4,
                                    .n_levels = 2,
                                    .block_out_channels = { 32, 32 },
                                    .layers_per_block = 1,
                                    .norm_num_groups = 32,
                                    .mid_attention = TRUE,
                                    .scaling_factor = 0.18215f };
static const TacetTextConfig text = { .vocab_size = 40,
                                      .hidden_size = 64,
                                      .intermediate_size = 96,
                                      .n_layers = 2,
                                      .n_heads = 1,
                                      .max_positions = 8,
                                      .eos_token_id = 39,
                                      .eps = 1e-5f,
                                      .activation = TACET_FN_QUICK_GELU };
static const TacetTaesdConfig taesd = {
  .channels = 3, .latent_channels = 4, .width = 6, .n_levels = 2, .encoder_blocks = { 1, 2 }, .decoder_blocks = { 2, 1 }
};
static char *root;

static TacetControlnetConfig
controlnet_config (void)
{
  return (TacetControlnetConfig){ unet, 3, 2, { 8, 16 } };
}

static char *
in_root (const char *name)
{
  return g_build_filename (root, name, NULL);
}

/* A value that tells name and place. */
static float
value_of (const char *name, gsize i)
{
  return (float) ((g_str_hash (name) + i * 31) % 2001) / 1000.0f - 1.0f;
}

static void
add_filled (GPtrArray *file, const char *name, const char *values, int rank, const gint64 *dims)
{
  TacetRawTensor *t = tacet_raw_tensor_new (name, TACET_F32, rank, dims);
  for (gint64 i = 0; i < tacet_raw_tensor_count (t); i++)
    ((float *) t->data)[i] = value_of (values, (gsize) i);
  g_ptr_array_add (file, t);
}

typedef enum
{
  DIFFUSERS,
  ORIGINAL
} Form;

/* The tensors of a table under a prefix. */
static void
add_table (GPtrArray *file, GPtrArray *table, TacetPart part, const TacetNumbering *n, const char *prefix, Form form)
{
  for (guint i = 0; i < table->len; i++)
    {
      const TacetTableEntry *e = g_ptr_array_index (table, i);
      char name[TACET_NAME_SIZE];
      if (form == ORIGINAL)
        g_assert_true (tacet_name_to_original (part, n, e->name, name));
      else
        g_strlcpy (name, e->name, sizeof name);
      const char *bare = part == TACET_PART_TAESD && form == ORIGINAL ? strchr (name, '.') + 1 : name;
      g_autofree char *full = g_strconcat (prefix, bare, NULL);
      gint64 dims[4] = { e->dims[0], e->dims[1], e->dims[2], e->dims[3] };
      int rank = e->rank;
      /* The original's attention of VAEs is made of convolutions. */
      if (form == ORIGINAL && part == TACET_PART_VAE && rank == 2)
        rank = 4, dims[2] = dims[3] = 1;
      add_filled (file, full, e->name, rank, dims);
    }
}

static GPtrArray *
file_new (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify) tacet_raw_tensor_free);
}

static void
write_file (GPtrArray *file, const char *name, const char *key, const char *value)
{
  g_autofree char *path = in_root (name), *folder = g_path_get_dirname (path);
  g_autoptr (GError) error = NULL;
  g_autoptr (GHashTable) metadata = g_hash_table_new (g_str_hash, g_str_equal);
  if (key)
    g_hash_table_insert (metadata, (gpointer) key, (gpointer) value);
  g_mkdir_with_parents (folder, 0700);
  tacet_safetensors_write (path, file, metadata, &error);
  g_assert_no_error (error);
}

static GPtrArray *
whole_file (void)
{
  const TacetNumbering un = tacet_unet_numbering (&unet), vn = tacet_vae_numbering (&vae);
  g_autoptr (GPtrArray) u = tacet_unet_table (&unet), v = tacet_vae_table (&vae), t = tacet_text_table (&text);
  GPtrArray *file = file_new ();
  add_table (file, u, TACET_PART_UNET, &un, "model.diffusion_model.", ORIGINAL);
  add_table (file, v, TACET_PART_VAE, &vn, "first_stage_model.", ORIGINAL);
  add_table (file, t, TACET_PART_TEXT, NULL, "cond_stage_model.transformer.", ORIGINAL);
  add_filled (file, "betas", "betas", 1, (gint64[]){ 10 });
  add_filled (file, "cond_stage_model.transformer.text_model.embeddings.position_ids", "ids", 1, (gint64[]){ 8 });
  return file;
}

/* Every weight of the view has the values of its own name, times a factor. */
static void
check_weights (TacetWeights *weights, GPtrArray *table, double factor)
{
  g_assert_nonnull (weights);
  g_assert_cmpuint (tacet_weights_length (weights), ==, table->len);
  for (guint i = 0; i < table->len; i++)
    {
      TacetTensor *tensor = NULL;
      const char *name = tacet_weights_nth (weights, i, &tensor);
      g_assert_nonnull (tensor);
      g_autofree float *values = g_new (float, (gsize) tacet_shape_count (tensor->shape));
      g_assert_true (tacet_tensor_read (tensor, values, NULL));
      /* The first value stays first in every layout. */
      g_assert_cmpfloat (fabs (values[0] - factor * value_of (name, 0)), <, 1e-5);
    }
}

static void
test_single (void)
{
  g_autoptr (GPtrArray) file = whole_file ();
  g_autoptr (GPtrArray) u = tacet_unet_table (&unet), v = tacet_vae_table (&vae), t = tacet_text_table (&text);
  g_autoptr (GError) error = NULL;
  g_autofree char *path = in_root ("checkpoints/whole.safetensors"), *before = NULL, *after = NULL;
  write_file (file, "checkpoints/whole.safetensors", "modelspec.prediction_type", "v");
  before = tacet_model_stamp (path);
  g_autoptr (TacetModelFiles) model = tacet_model_files_open (path, NULL, &error);
  g_assert_no_error (error);
  TacetUnetConfig wanted = unet;
  wanted.v_prediction = TRUE;
  g_assert_cmpmem (&model->unet, sizeof wanted, &wanted, sizeof wanted);
  g_assert_cmpmem (&model->vae, sizeof vae, &vae, sizeof vae);
  g_assert_cmpmem (&model->text, sizeof text, &text, sizeof text);
  g_assert_null (model->tokenizer);
  g_assert_cmpuint (model->notes->len, ==, 0);
  check_weights (model->unet_weights, u, 1);
  check_weights (model->vae_weights, v, 1);
  check_weights (model->text_weights, t, 1);

  /* One more is a note, one less an error that names it. */
  add_filled (file, "model.diffusion_model.stranger.weight", "x", 1, (gint64[]){ 2 });
  write_file (file, "checkpoints/whole.safetensors", NULL, NULL);
  after = tacet_model_stamp (path);
  g_assert_cmpstr (before, !=, after);
  g_autoptr (TacetModelFiles) more = tacet_model_files_open (path, NULL, &error);
  g_assert_no_error (error);
  g_assert_false (more->v_prediction);
  g_assert_cmpuint (more->notes->len, ==, 1);
  g_assert_nonnull (strstr (more->notes->pdata[0], "stranger"));
  g_ptr_array_remove (file, tacet_raw_tensor_find (file, "model.diffusion_model.out.2.bias"));
  write_file (file, "checkpoints/less.safetensors", NULL, NULL);
  g_autofree char *less = in_root ("checkpoints/less.safetensors");
  g_assert_null (tacet_model_files_open (less, NULL, &error));
  g_assert_error (error, TACET_WEIGHTS_ERROR, TACET_WEIGHTS_ERROR_MISSING);
  g_assert_nonnull (strstr (error->message, "conv_out.bias"));
  g_clear_error (&error);
  add_filled (file, "model.diffusion_model.out.2.bias", "x", 1, (gint64[]){ 5 });
  write_file (file, "checkpoints/less.safetensors", NULL, NULL);
  g_assert_null (tacet_model_files_open (less, NULL, &error));
  g_assert_error (error, TACET_WEIGHTS_ERROR, TACET_WEIGHTS_ERROR_SHAPE);
  g_assert_nonnull (strstr (error->message, "[5]"));
  g_unlink (less);
}

static void
test_ema (void)
{
  g_autoptr (GPtrArray) file = whole_file (), u = tacet_unet_table (&unet);
  g_autoptr (GError) error = NULL;
  g_autofree char *path = in_root ("checkpoints/ema.safetensors");
  guint n = file->len;
  for (guint i = 0; i < n; i++)
    {
      const TacetRawTensor *t = g_ptr_array_index (file, i);
      if (!g_str_has_prefix (t->name, "model."))
        continue;
      g_auto (GStrv) parts = g_strsplit (t->name + strlen ("model."), ".", -1);
      g_autofree char *flat = g_strjoinv ("", parts), *name = g_strconcat ("model_ema.", flat, NULL);
      TacetRawTensor *ema = tacet_raw_tensor_new (name, TACET_F32, t->rank, t->dims);
      for (gint64 k = 0; k < tacet_raw_tensor_count (t); k++)
        ((float *) ema->data)[k] = 0.5f * ((const float *) t->data)[k];
      g_ptr_array_add (file, ema);
    }
  write_file (file, "checkpoints/ema.safetensors", NULL, NULL);
  for (int prefer = 0; prefer < 2; prefer++)
    {
      const TacetModelOptions options = { .prefer_ema = prefer };
      g_autoptr (TacetModelFiles) model = tacet_model_files_open (path, &options, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (model->notes->len, ==, 0);
      check_weights (model->unet_weights, u, prefer ? 0.5 : 1);
    }
  g_unlink (path);
}

static void
test_controlnets (void)
{
  static const char *const prefixes[] = { "control_model.", "", "" };
  TacetControlnetConfig wanted = controlnet_config (), found;
  const TacetNumbering n = tacet_controlnet_numbering (&wanted);
  g_autoptr (GPtrArray) table = tacet_controlnet_table (&wanted), base = whole_file ();
  g_autoptr (GError) error = NULL;
  g_autofree char *path = in_root ("controlnet/control_canny.safetensors");
  g_autofree char *base_path = in_root ("checkpoints/whole.safetensors");
  for (int form = 0; form < 3; form++)
    {
      g_autoptr (GPtrArray) file = file_new (), notes = g_ptr_array_new_with_free_func (g_free);
      add_table (file, table, TACET_PART_CONTROLNET, &n, prefixes[form], form < 2 ? ORIGINAL : DIFFUSERS);
      write_file (file, "controlnet/control_canny.safetensors", NULL, NULL);
      g_autoptr (TacetWeights) weights = tacet_network_open (TACET_PART_CONTROLNET, path, &found, notes, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (notes->len, ==, 0);
      g_assert_cmpint (found.n_hint, ==, 2);
      g_assert_cmpmem (found.hint_channels, 8, wanted.hint_channels, 8);
      check_weights (weights, table, 1);
    }
  /* Version 1.0 has the base model beside it. */
  g_autoptr (GPtrArray) full = whole_file (), notes = g_ptr_array_new_with_free_func (g_free);
  add_table (full, table, TACET_PART_CONTROLNET, &n, "control_model.", ORIGINAL);
  write_file (full, "controlnet/control_canny.safetensors", NULL, NULL);
  g_autoptr (TacetWeights) weights = tacet_network_open (TACET_PART_CONTROLNET, path, &found, notes, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (notes->len, ==, 1);
  check_weights (weights, table, 1);
  /* Differences need the base: here it doubles the trunk. */
  write_file (base, "checkpoints/whole.safetensors", NULL, NULL);
  g_autoptr (GPtrArray) difference = file_new ();
  add_table (difference, table, TACET_PART_CONTROLNET, &n, "control_model.", ORIGINAL);
  add_filled (difference, "difference", "x", 1, (gint64[]){ 1 });
  write_file (difference, "controlnet/diff_depth.safetensors", NULL, NULL);
  g_autofree char *diff_path = in_root ("controlnet/diff_depth.safetensors");
  g_assert_null (tacet_network_open (TACET_PART_CONTROLNET, diff_path, &found, NULL, &error));
  g_assert_error (error, TACET_WEIGHTS_ERROR, TACET_WEIGHTS_ERROR_MISSING);
  g_clear_error (&error);
  g_autoptr (TacetModelFiles) model = tacet_model_files_open (base_path, NULL, &error);
  g_assert_no_error (error);
  g_autoptr (TacetWeights) sum = tacet_controlnet_open (diff_path, &found, model, NULL, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < tacet_weights_length (sum); i++)
    {
      TacetTensor *tensor = NULL;
      const char *name = tacet_weights_nth (sum, i, &tensor);
      g_autofree float *values = g_new (float, (gsize) tacet_shape_count (tensor->shape));
      g_assert_true (tacet_tensor_read (tensor, values, NULL));
      double factor = g_str_has_prefix (name, "controlnet_") ? 1 : 2;
      g_assert_cmpfloat (fabs (values[0] - factor * value_of (name, 0)), <, 1e-5);
    }
}

static void
test_vaes (void)
{
  static const char *const prefixes[] = { "first_stage_model.", "vae.", "", "" };
  const TacetNumbering n = tacet_vae_numbering (&vae);
  g_autoptr (GPtrArray) table = tacet_vae_table (&vae);
  g_autoptr (GError) error = NULL;
  g_autofree char *path = in_root ("vae/other.safetensors"), *base = in_root ("checkpoints/whole.safetensors");
  TacetVaeConfig found;
  for (int form = 0; form < 4; form++)
    {
      g_autoptr (GPtrArray) file = file_new ();
      add_table (file, table, TACET_PART_VAE, &n, prefixes[form], form < 3 ? ORIGINAL : DIFFUSERS);
      write_file (file, "vae/other.safetensors", NULL, NULL);
      g_autoptr (TacetWeights) weights = tacet_network_open (TACET_PART_VAE, path, &found, NULL, &error);
      g_assert_no_error (error);
      g_assert_cmpmem (&found, sizeof found, &vae, sizeof vae);
      check_weights (weights, table, 1);
    }
  const TacetModelOptions options = { .vae = path };
  g_autoptr (TacetModelFiles) model = tacet_model_files_open (base, &options, &error);
  g_assert_no_error (error);
  check_weights (model->vae_weights, table, 1);
}

static void
test_taesd (void)
{
  g_autoptr (GError) error = NULL;
  TacetTaesdConfig found;
  for (int form = 0; form < 4; form++)
    {
      gboolean encoder = form != 1, decoder = form != 0;
      g_autoptr (GPtrArray) table = tacet_taesd_table (&taesd, encoder, decoder), file = file_new ();
      g_autofree char *path = in_root ("vae_approx/tiny.safetensors");
      if (form == 3)
        {
          g_autoptr (GPtrArray) e = tacet_taesd_table (&taesd, TRUE, FALSE),
                                d = tacet_taesd_table (&taesd, FALSE, TRUE);
          add_table (file, e, TACET_PART_TAESD, NULL, "taesd_encoder.", ORIGINAL);
          add_table (file, d, TACET_PART_TAESD, NULL, "taesd_decoder.", ORIGINAL);
        }
      else
        add_table (file, table, TACET_PART_TAESD, NULL, "", form == 2 ? DIFFUSERS : ORIGINAL);
      write_file (file, "vae_approx/tiny.safetensors", NULL, NULL);
      g_autoptr (TacetWeights) weights = tacet_network_open (TACET_PART_TAESD, path, &found, NULL, &error);
      g_assert_no_error (error);
      g_assert_cmpint (found.width, ==, taesd.width);
      g_assert_cmpint (found.n_levels, ==, taesd.n_levels);
      g_assert_cmpint (found.latent_channels, ==, taesd.latent_channels);
      if (encoder)
        g_assert_cmpmem (found.encoder_blocks, 8, taesd.encoder_blocks, 8);
      if (decoder)
        g_assert_cmpmem (found.decoder_blocks, 8, taesd.decoder_blocks, 8);
      check_weights (weights, table, 1);
    }
}

/* What is refused, by a name of it and a word of the message. */
static void
test_refusals (void)
{
  static const char *const cases[][2] = {
    { "conditioner.embedders.0.transformer.x", "XL" },
    { "model.diffusion_model.label_emb.0.0.weight", "XL" },
    { "add_embedding.linear_1.weight", "XL" },
    { "lora_te2_text_model_encoder_layers_0_mlp_fc1.lora_up.weight", "LoRA for Stable Diffusion XL" },
    { "model.diffusion_model.joint_blocks.0.x", "Stable Diffusion 3" },
    { "double_blocks.0.img_attn.qkv.weight", "Flux" },
    { "cond_stage_model.model.transformer.resblocks.0.attn.in_proj_weight", "diffusers folder" },
    { "lora_controlnet", "Control-LoRA" },
    { "adapter.body.0.in_conv.weight", "T2I-Adapter" },
    { "image_proj.proj.weight", "IP-Adapter" },
    { "lllite_unet_x", "LLLite" },
    { "emb_params", "textual inversion" },
    { "model.diffusion_model.label_emb.weight", "upscaler" },
    { "lora_unet_x.hada_w1_a", "LoHa" },
    { "down_blocks.0.motion_modules.0.x", "AnimateDiff" },
    { "something.else", "none of its tensors" },
  };
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      TacetFileTensor t = { .name = (char *) cases[i][0], .rank = 2, .dims = { 3, 4 } };
      const TacetFileTensor *tensors[] = { &t };
      g_autoptr (GError) error = NULL;
      g_assert_null (tacet_layout_new (tensors, 1, NULL, &error));
      g_assert_error (error, TACET_WEIGHTS_ERROR, TACET_WEIGHTS_ERROR_UNSUPPORTED);
      if (!strstr (error->message, cases[i][1]))
        g_error ("%s: %s", cases[i][0], error->message);
    }
  TacetUnetConfig c = unet;
  static const int refused[] = { 5, 7, 8 };
  g_assert_null (tacet_unet_refusal (&c));
  c.in_channels = 9;
  g_assert_null (tacet_unet_refusal (&c));
  for (gsize i = 0; i < G_N_ELEMENTS (refused); i++)
    {
      c.in_channels = refused[i];
      g_assert_nonnull (tacet_unet_refusal (&c));
    }
}

/* One module in each naming changes the weight by weight * alpha / rank * up . down. */
static void
test_loras (void)
{
  static const char *const forms[][4] = {
    { "lora_unet_mid_block_attentions_0_proj_in.lora_up.weight",
      "lora_unet_mid_block_attentions_0_proj_in.lora_down.weight", "lora_unet_mid_block_attentions_0_proj_in.alpha",
      "mid_block.attentions.0.proj_in.weight" },
    { "lora_unet_middle_block_1_proj_in.lora_up.weight", "lora_unet_middle_block_1_proj_in.lora_down.weight",
      "lora_unet_middle_block_1_proj_in.alpha", "mid_block.attentions.0.proj_in.weight" },
    { "unet.mid_block.attentions.0.proj_in.lora_B.weight", "unet.mid_block.attentions.0.proj_in.lora_A.weight",
      "unet.mid_block.attentions.0.proj_in.alpha", "mid_block.attentions.0.proj_in.weight" },
    { "unet.mid_block.attentions.0.transformer_blocks.0.attn1.processor.to_out_lora.up.weight",
      "unet.mid_block.attentions.0.transformer_blocks.0.attn1.processor.to_out_lora.down.weight", NULL,
      "mid_block.attentions.0.transformer_blocks.0.attn1.to_out.0.weight" },
    { "mid_block.attentions.0.transformer_blocks.0.attn1.processor.to_q_lora.up.weight",
      "mid_block.attentions.0.transformer_blocks.0.attn1.processor.to_q_lora.down.weight", NULL,
      "mid_block.attentions.0.transformer_blocks.0.attn1.to_q.weight" },
    { "base_model.model.unet.mid_block.attentions.0.proj_out.lora_B.default.weight",
      "base_model.model.unet.mid_block.attentions.0.proj_out.lora_A.default.weight", NULL,
      "mid_block.attentions.0.proj_out.weight" },
  };
  enum
  {
    C = 64,
    R = 2
  };
  g_autofree char *base = in_root ("checkpoints/whole.safetensors"), *path = in_root ("loras/style.safetensors");
  for (gsize i = 0; i < G_N_ELEMENTS (forms); i++)
    {
      g_autoptr (GPtrArray) file = file_new ();
      g_autoptr (GError) error = NULL;
      add_filled (file, forms[i][0], "up", 2, (gint64[]){ C, R });
      add_filled (file, forms[i][1], "down", 2, (gint64[]){ R, C });
      if (forms[i][2])
        {
          add_filled (file, forms[i][2], "alpha", 0, NULL);
          *(float *) ((TacetRawTensor *) g_ptr_array_index (file, 2))->data = 0.5f;
        }
      write_file (file, "loras/style.safetensors", NULL, NULL);
      g_autoptr (TacetModelFiles) model = tacet_model_files_open (base, NULL, &error);
      g_assert_no_error (error);
      tacet_lora_apply (path, 0.7, model, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (model->notes->len, ==, 0);
      double scale = 0.7 * (forms[i][2] ? 0.5 / R : 1), worst = 0;
      TacetTensor *t =
          tacet_weights_get (model->unet_weights, forms[i][3], 2, tacet_shape (1, 1, C, C), TACET_INIT_ZERO, 1, &error);
      g_assert_no_error (error);
      g_autofree float *values = g_new (float, C *C);
      g_assert_true (tacet_tensor_read (t, values, &error));
      for (gsize k = 0; k < C * C; k++)
        {
          double want = value_of (forms[i][3], k);
          for (gsize r = 0; r < R; r++)
            want += scale * (double) value_of ("up", k / C * R + r) * (double) value_of ("down", r * C + k % C);
          worst = MAX (worst, fabs (want - values[k]));
        }
      g_assert_cmpfloat (worst, <, 1e-6);
      /* A module without its place is a note; nothing but such an error. */
      add_filled (file, "lora_unet_stranger.lora_up.weight", "x", 2, (gint64[]){ C, R });
      add_filled (file, "lora_unet_stranger.lora_down.weight", "x", 2, (gint64[]){ R, C });
      write_file (file, "loras/style.safetensors", NULL, NULL);
      g_autoptr (TacetModelFiles) other = tacet_model_files_open (base, NULL, NULL);
      g_assert_true (tacet_lora_apply (path, 1, other, NULL));
      g_assert_cmpuint (other->notes->len, ==, 1);
      g_ptr_array_remove_range (file, 0, forms[i][2] ? 3 : 2);
      write_file (file, "loras/none.safetensors", NULL, NULL);
      g_autofree char *none = in_root ("loras/none.safetensors");
      g_assert_false (tacet_lora_apply (none, 1, other, &error));
      g_assert_nonnull (strstr (error->message, "stranger"));
      g_unlink (none);
    }
}

/* Relative L2 between a weight and a tensor in disk layout. */
static double
compare_raw (TacetWeights *weights, const char *name, const TacetRawTensor *t)
{
  gsize n = (gsize) tacet_raw_tensor_count (t), o = (gsize) t->dims[0], taps = 1;
  gboolean conv = t->rank == 4 && t->dims[2] * t->dims[3] > 1;
  for (int i = 2; i < t->rank; i++)
    taps *= (gsize) t->dims[i];
  g_autoptr (GError) error = NULL;
  TacetShape shape =
      conv ? tacet_shape (t->dims[0], t->dims[2], t->dims[3], t->dims[1]) : tacet_shape (1, 1, t->dims[0], t->dims[1]);
  TacetTensor *tensor = tacet_weights_get (weights, name,
                                           conv           ? 4
                                           : t->rank == 4 ? TACET_RANK_POINTWISE
                                                          : 2,
                                           shape, TACET_INIT_ZERO, 1, &error);
  g_assert_no_error (error);
  g_autofree float *ours = g_new (float, n), *plain = g_new (float, n);
  g_assert_true (tacet_tensor_read (tensor, ours, NULL));
  tacet_floats_swap (ours, plain, o, taps, n / o / taps);
  double difference = 0, norm = 0;
  for (gsize i = 0; i < n; i++)
    {
      double want = ((const float *) t->data)[i], d = want - plain[i];
      difference += d * d;
      norm += want * want;
    }
  return sqrt (difference / norm);
}

/* diffusers' load_lora_weights and fuse_lora at 0.7 (make-lora.py): the weights that they change, and no others. */
static void
test_lora_references (void)
{
  static const char *const forms[] = { "kohya", "peft", "processor" };
  g_autofree char *folder = g_build_filename (g_getenv ("TACET_SOURCE"), "tests", "model", "references", "lora", NULL);
  g_autofree char *path = g_build_filename (folder, "model", NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (forms); i++)
    {
      g_autofree char *lora = g_strdup_printf ("%s/%s.safetensors", folder, forms[i]);
      g_autofree char *fused = g_strdup_printf ("%s/%s-fused.safetensors", folder, forms[i]);
      g_autoptr (GError) error = NULL;
      g_autoptr (TacetModelFiles) model = tacet_model_files_open (path, NULL, &error);
      g_assert_no_error (error);
      tacet_lora_apply (lora, 0.7, model, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (model->notes->len, ==, 0);
      g_autoptr (GPtrArray) wanted = tacet_safetensors_read (fused, &error);
      g_assert_no_error (error);
      double worst = 0;
      for (guint k = 0; k < wanted->len; k++)
        {
          const TacetRawTensor *t = g_ptr_array_index (wanted, k);
          TacetWeights *weights = g_str_has_prefix (t->name, "unet.") ? model->unet_weights : model->text_weights;
          double difference = compare_raw (weights, strchr (t->name, '.') + 1, t);
          if (difference > 1e-6)
            g_error ("%s: %s: relative error %g", forms[i], t->name, difference);
          worst = MAX (worst, difference);
        }
      g_test_message ("%s: %u weights, worst relative error %.2e", forms[i], wanted->len, worst);
      g_assert_cmpuint (wanted->len, >, 40);
    }
}

static void
test_library (void)
{
  static const struct
  {
    const char *name;
    TacetModelKind kind;
    const char *base, *control;
  } wanted[] = {
    { "whole", TACET_MODEL_BASE, "32-64/64", NULL },
    { "control_canny", TACET_MODEL_CONTROLNET, "32-64/64", "edge" },
    { "diff_depth", TACET_MODEL_CONTROLNET, "32-64/64", "depth" },
    { "style", TACET_MODEL_LORA, "", NULL },
    { "other", TACET_MODEL_VAE, "", NULL },
    { "tiny", TACET_MODEL_TAESD, "", NULL },
  };
  const char *const folders[] = { root, NULL };
  g_autofree char *junk = in_root ("checkpoints/zz.ckpt");
  g_assert_true (g_file_set_contents (junk, "no model", -1, NULL));
  g_autoptr (GPtrArray) entries = tacet_library_scan (folders);
  g_assert_cmpuint (entries->len, ==, G_N_ELEMENTS (wanted) + 1);
  for (guint i = 0, k = 0; i < entries->len; i++)
    {
      const TacetLibraryEntry *e = g_ptr_array_index (entries, i);
      if (g_str_equal (e->name, "zz"))
        {
          g_assert_nonnull (e->problem);
          continue;
        }
      g_assert_cmpstr (e->problem, ==, NULL);
      g_assert_cmpstr (e->name, ==, wanted[k].name);
      g_assert_cmpint (e->kind, ==, wanted[k].kind);
      g_assert_cmpstr (e->base, ==, wanted[k].base);
      g_assert_cmpstr (e->control, ==, wanted[k].control);
      g_assert_cmpstr (e->precision, ==, "F32");
      g_assert_cmpuint (e->bytes, >, 1000);
      g_autofree char *found = tacet_library_find (folders, e->name, e->kind);
      g_assert_cmpstr (found, ==, e->path);
      k++;
    }
  g_autofree char *depth = tacet_library_find_control (folders, "depth", "32-64/64");
  g_autofree char *none = tacet_library_find_control (folders, "depth", "SD 1.x");
  g_assert_true (g_str_has_suffix (depth, "diff_depth.safetensors"));
  g_assert_null (none);
  g_assert_null (tacet_library_find (folders, "nothing", TACET_MODEL_BASE));
}

static void
remove_folder (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;
  while (dir && (name = g_dir_read_name (dir)))
    {
      g_autofree char *inner = g_build_filename (path, name, NULL);
      remove_folder (inner);
    }
  g_remove (path);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  root = g_dir_make_tmp ("tacet-files-XXXXXX", NULL);
  g_test_add_func ("/files/single", test_single);
  g_test_add_func ("/files/ema", test_ema);
  g_test_add_func ("/files/controlnets", test_controlnets);
  g_test_add_func ("/files/vaes", test_vaes);
  g_test_add_func ("/files/taesd", test_taesd);
  g_test_add_func ("/files/refusals", test_refusals);
  g_test_add_func ("/files/loras", test_loras);
  g_test_add_func ("/files/lora-references", test_lora_references);
  g_test_add_func ("/files/library", test_library);
  int status = g_test_run ();
  remove_folder (root);
  g_free (root);
  return status;
}
