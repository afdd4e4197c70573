/* test-config.c: configurations: what is read, what is refused and why, what is written.
 *
 * Tests of engine/model.
 */
#include "engine/model/tacet-models.h"
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

typedef union
{
  TacetUnetConfig unet;
  TacetControlnetConfig controlnet;
  TacetVaeConfig vae;
  TacetTextConfig text;
} Any;

typedef enum
{
  UNET,
  CONTROLNET,
  VAE,
  TEXT
} Kind;

static char *scratch;

static gboolean
load_file (Kind kind, Any *any, const char *path, GError **error)
{
  return kind == UNET         ? tacet_unet_config_load (&any->unet, path, error)
         : kind == CONTROLNET ? tacet_controlnet_config_load (&any->controlnet, path, error)
         : kind == VAE        ? tacet_vae_config_load (&any->vae, path, error)
                              : tacet_text_config_load (&any->text, path, error);
}

static gboolean
save_file (Kind kind, const Any *any, const char *path, GError **error)
{
  return kind == UNET         ? tacet_unet_config_save (&any->unet, path, error)
         : kind == CONTROLNET ? tacet_controlnet_config_save (&any->controlnet, path, error)
         : kind == VAE        ? tacet_vae_config_save (&any->vae, path, error)
                              : tacet_text_config_save (&any->text, path, error);
}

static gboolean
load (Kind kind, Any *any, const char *json, GError **error)
{
  g_assert_true (g_file_set_contents (scratch, json, -1, NULL));
  return load_file (kind, any, scratch, error);
}

static void
test_defaults (void)
{
  Any c;
  g_autoptr (GError) error = NULL;
  g_assert_true (load (UNET, &c, "{}", &error));
  g_assert_no_error (error);
  g_assert_cmpint (c.unet.n_levels, ==, 4);
  g_assert_cmpint (c.unet.block_out_channels[3], ==, 1280);
  g_assert_true (c.unet.down_attention[0] && !c.unet.down_attention[3] && !c.unet.up_attention[0]);
  g_assert_cmpint (c.unet.n_heads[2], ==, 8);
  g_assert_cmpint (tacet_unet_n_features (&c.unet), ==, 13);
  g_assert_true (load (CONTROLNET, &c, "{}", &error));
  g_assert_cmpint (c.controlnet.n_hint, ==, 4);
  g_assert_cmpint (c.controlnet.hint_channels[3], ==, 256);
  g_assert_true (load (VAE, &c, "{}", &error));
  g_assert_cmpint (c.vae.n_levels, ==, 1);
  g_assert_cmpfloat (c.vae.scaling_factor, ==, 0.18215f);
  g_assert_true (c.vae.mid_attention);
  g_assert_true (load (TEXT, &c, "{}", &error));
  g_assert_cmpint (c.text.vocab_size, ==, 49408);
  g_assert_cmpint (c.text.activation, ==, TACET_FN_QUICK_GELU);
}

/* Stable Diffusion 1.5 as it is published. */
static void
test_stable_diffusion (void)
{
  Any c;
  g_autoptr (GError) error = NULL;
  load (UNET, &c,
        "{\"_class_name\":\"UNet2DConditionModel\",\"_diffusers_version\":\"0.6.0\",\"act_fn\":\"silu\","
        "\"attention_head_dim\":8,\"block_out_channels\":[320,640,1280,1280],\"center_input_sample\":false,"
        "\"cross_attention_dim\":768,\"down_block_types\":[\"CrossAttnDownBlock2D\",\"CrossAttnDownBlock2D\","
        "\"CrossAttnDownBlock2D\",\"DownBlock2D\"],\"downsample_padding\":1,\"flip_sin_to_cos\":true,\"freq_shift\":0,"
        "\"in_channels\":4,\"layers_per_block\":2,\"mid_block_scale_factor\":1,\"norm_eps\":1e-05,"
        "\"norm_num_groups\":32,\"out_channels\":4,\"sample_size\":64,\"up_block_types\":[\"UpBlock2D\","
        "\"CrossAttnUpBlock2D\",\"CrossAttnUpBlock2D\",\"CrossAttnUpBlock2D\"]}",
        &error);
  g_assert_no_error (error);
  g_assert_cmpint (c.unet.cross_attention_dim, ==, 768);
  g_assert_cmpint (c.unet.sample_size, ==, 64);
  load (TEXT, &c,
        "{\"_name_or_path\":\"openai/clip-vit-large-patch14\",\"architectures\":[\"CLIPTextModel\"],"
        "\"attention_dropout\":0.0,\"bos_token_id\":0,\"dropout\":0.0,\"eos_token_id\":2,\"hidden_act\":\"quick_gelu\","
        "\"hidden_size\":768,\"initializer_factor\":1.0,\"initializer_range\":0.02,\"intermediate_size\":3072,"
        "\"layer_norm_eps\":1e-05,\"max_position_embeddings\":77,\"model_type\":\"clip_text_model\","
        "\"num_attention_heads\":12,\"num_hidden_layers\":12,\"pad_token_id\":1,\"projection_dim\":768,"
        "\"torch_dtype\":\"float32\",\"transformers_version\":\"4.22.0.dev0\",\"vocab_size\":49408}",
        &error);
  g_assert_no_error (error);
  g_assert_cmpint (c.text.hidden_size, ==, 768);
  g_assert_cmpint (c.text.eos_token_id, ==, 2);
  /* A whole CLIP model's file. */
  load (TEXT, &c, "{\"model_type\":\"clip\",\"text_config\":{\"hidden_size\":768,\"num_attention_heads\":12}}", &error);
  g_assert_no_error (error);
  g_assert_cmpint (c.text.hidden_size, ==, 768);
  load (VAE, &c,
        "{\"_class_name\":\"AutoencoderKL\",\"act_fn\":\"silu\",\"block_out_channels\":[128,256,512,512],"
        "\"down_block_types\":[\"DownEncoderBlock2D\",\"DownEncoderBlock2D\",\"DownEncoderBlock2D\","
        "\"DownEncoderBlock2D\"],\"in_channels\":3,\"latent_channels\":4,\"layers_per_block\":2,"
        "\"norm_num_groups\":32,\"out_channels\":3,\"sample_size\":512,\"up_block_types\":[\"UpDecoderBlock2D\","
        "\"UpDecoderBlock2D\",\"UpDecoderBlock2D\",\"UpDecoderBlock2D\"]}",
        &error);
  g_assert_no_error (error);
  g_assert_cmpint (c.vae.n_levels, ==, 4);
}

/* Every refusal names the field or the number that is at fault. */
static void
test_refused (void)
{
  static const struct
  {
    Kind kind;
    const char *json, *word;
  } cases[] = {
    { UNET, "", "JSON" },
    { UNET, "[]", "object" },
    { UNET, "{\"a\":1", "JSON" },
    { UNET, "{\"_class_name\":\"UNet3DConditionModel\"}", "_class_name" },
    { UNET, "{\"act_fn\":\"gelu\"}", "act_fn" },
    { UNET, "{\"mid_block_type\":null}", "mid_block_type" },
    { UNET, "{\"mid_block_type\":\"UNetMidBlock2DSimpleCrossAttn\"}", "mid_block_type" },
    { UNET, "{\"down_block_types\":[\"AttnDownBlock2D\",\"DownBlock2D\",\"DownBlock2D\",\"DownBlock2D\"]}",
      "AttnDown" },
    { UNET, "{\"down_block_types\":[\"DownBlock2D\"]}", "length" },
    { UNET, "{\"down_block_types\":\"DownBlock2D\"}", "down_block_types" },
    { UNET, "{\"down_block_types\":[1,2,3,4]}", "down_block_types" },
    { UNET, "{\"block_out_channels\":[]}", "block_out_channels" },
    { UNET, "{\"block_out_channels\":[32,32,32,32,32,32,32,32,32]}", "block_out_channels" },
    { UNET, "{\"block_out_channels\":[32,-32,32,32]}", "block_out_channels" },
    { UNET, "{\"block_out_channels\":[32,32.5,32,32]}", "block_out_channels" },
    { UNET, "{\"block_out_channels\":[32,1e9,32,32]}", "block_out_channels" },
    { UNET, "{\"block_out_channels\":[33,64,64,64]}", "33" },
    { UNET, "{\"attention_head_dim\":7}", "7" },
    { UNET, "{\"attention_head_dim\":[8,8]}", "4" },
    { UNET, "{\"attention_head_dim\":0}", "attention_head_dim" },
    { UNET, "{\"num_attention_heads\":\"8\"}", "num_attention_heads" },
    { UNET, "{\"transformer_layers_per_block\":2}", "transformer_layers_per_block" },
    { UNET, "{\"transformer_layers_per_block\":[1,1,10,1]}", "transformer_layers_per_block" },
    { UNET, "{\"transformer_layers_per_block\":[[1],[1]]}", "transformer_layers_per_block" },
    { UNET, "{\"addition_embed_type\":\"text_time\"}", "addition_embed_type" },
    { UNET, "{\"class_embed_type\":\"projection\"}", "class_embed_type" },
    { UNET, "{\"encoder_hid_dim\":4096}", "encoder_hid_dim" },
    { UNET, "{\"resnet_time_scale_shift\":\"scale_shift\"}", "resnet_time_scale_shift" },
    { UNET, "{\"conv_in_kernel\":5}", "conv_in_kernel" },
    { UNET, "{\"only_cross_attention\":[false,true,false,false]}", "only_cross_attention" },
    { UNET, "{\"norm_num_groups\":0}", "norm_num_groups" },
    { UNET, "{\"norm_eps\":-1}", "norm_eps" },
    { UNET, "{\"norm_eps\":1e999}", "" },
    { UNET, "{\"layers_per_block\":[1,2,2,2]}", "layers_per_block" },
    { UNET, "{\"layers_per_block\":60}", "layers" },
    { UNET, "{\"cross_attention_dim\":{}}", "cross_attention_dim" },
    { UNET, "{\"flip_sin_to_cos\":1}", "flip_sin_to_cos" },
    { UNET, "{\"in_channels\":\"4\"}", "in_channels" },
    { CONTROLNET, "{\"_class_name\":\"ControlNetUnionModel\"}", "_class_name" },
    { CONTROLNET, "{\"conditioning_embedding_out_channels\":[]}", "conditioning_embedding_out_channels" },
    { CONTROLNET, "{\"controlnet_conditioning_channel_order\":\"bgr\"}", "channel_order" },
    { CONTROLNET, "{\"global_pool_conditions\":1}", "global_pool_conditions" },
    { VAE, "{\"_class_name\":\"AutoencoderTiny\"}", "_class_name" },
    { VAE, "{\"shift_factor\":0.1}", "shift_factor" },
    { VAE, "{\"use_quant_conv\":false}", "use_quant_conv" },
    { VAE, "{\"latents_mean\":[0,1,2,3]}", "latents_mean" },
    { VAE, "{\"block_out_channels\":[64,64]}", "length" },
    { VAE, "{\"block_out_channels\":[63]}", "63" },
    { VAE, "{\"scaling_factor\":0}", "scaling_factor" },
    { VAE, "{\"down_block_types\":[\"AttnDownEncoderBlock2D\"]}", "AttnDown" },
    { TEXT, "{\"model_type\":\"t5\"}", "model_type" },
    { TEXT, "{\"hidden_act\":\"relu\"}", "hidden_act" },
    { TEXT, "{\"hidden_size\":513}", "513" },
    { TEXT, "{\"num_hidden_layers\":0}", "num_hidden_layers" },
    { TEXT, "{\"eos_token_id\":[1,2]}", "eos_token_id" },
    { TEXT, "{\"vocab_size\":99999999999999999999}", "vocab_size" },
    { TEXT, "{\"text_config\":{\"hidden_act\":\"relu\"}}", "hidden_act" },
  };
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      Any c;
      g_autoptr (GError) error = NULL;
      gboolean good = load (cases[i].kind, &c, cases[i].json, &error);
      g_test_message ("%s: %s", cases[i].json, error ? error->message : "accepted!");
      g_assert_false (good);
      g_assert_cmpint ((int) error->domain, ==, (int) TACET_WEIGHTS_ERROR);
      g_assert_nonnull (strstr (error->message, cases[i].word));
      g_assert_nonnull (strstr (error->message, scratch));
    }
}

/* More than a parser's stack, more than a configuration, no file, no text. */
static void
test_hostile (void)
{
  Any c;
  g_autofree char *deep = g_strnfill (200000, '['), *large = g_strnfill (2 << 20, ' ');
  g_autofree char *mixed = g_strconcat ("{\"a\":", deep, NULL);
  static const char *const texts[] = { "\xff\xfe{}", "{\"a\":\"\xc3\"}", "{\"a\":/* \" */[[[[\"}", "{'a':1}" };
  g_assert_false (load (UNET, &c, deep, NULL));
  g_assert_false (load (VAE, &c, mixed, NULL));
  g_assert_false (load (TEXT, &c, large, NULL));
  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    g_assert_false (load (TEXT, &c, texts[i], NULL));
  g_autoptr (GError) error = NULL;
  g_assert_false (load_file (CONTROLNET, &c, "/nonexistent/config.json", &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
  g_clear_error (&error);
  g_assert_false (load_file (CONTROLNET, &c, "/dev/zero", &error));
  g_assert_nonnull (error);
}

/* The committed configurations: read, written, read: the same.  Then with damage: never a crash. */
static void
test_round_trip (void)
{
  static const struct
  {
    Kind kind;
    const char *name;
  } files[] = {
    { UNET, "unet-1" },
    { UNET, "unet-2" },
    { UNET, "unet-3" },
    { CONTROLNET, "controlnet-1" },
    { CONTROLNET, "controlnet-2" },
    { VAE, "vae-1" },
    { VAE, "vae-2" },
    { VAE, "vae-3" },
    { TEXT, "text-1" },
    { TEXT, "text-2" },
  };
  g_autoptr (GRand) random = g_rand_new_with_seed (3);
  int accepted = 0;
  for (gsize i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *path = g_build_filename (g_getenv ("TACET_SOURCE"), "tests", "model", "references",
                                                files[i].name, "config.json", NULL);
      g_autoptr (GError) error = NULL;
      g_autofree char *text = NULL;
      gsize length;
      Any a, b;
      memset (&a, 0, sizeof a);
      memset (&b, 0, sizeof b);
      load_file (files[i].kind, &a, path, &error);
      g_assert_no_error (error);
      save_file (files[i].kind, &a, scratch, &error);
      g_assert_no_error (error);
      load_file (files[i].kind, &b, scratch, &error);
      g_assert_no_error (error);
      g_assert_cmpmem (&a, sizeof a, &b, sizeof b);
      g_assert_true (g_file_get_contents (scratch, &text, &length, NULL));
      for (int k = 0; k < 300; k++)
        {
          g_autofree char *damaged = g_strdup (text);
          for (int n = g_rand_int_range (random, 1, 4); n > 0; n--)
            damaged[g_rand_int_range (random, 0, (gint32) length)] =
                "{}[]\",:0129-.en"[g_rand_int_range (random, 0, 15)];
          g_autoptr (GError) fault = NULL;
          gboolean good = load (files[i].kind, &b, damaged, &fault);
          g_assert_true (good == (fault == NULL));
          accepted += good;
        }
    }
  g_assert_cmpint (accepted, >, 20);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  int fd = g_file_open_tmp ("tacet-test-XXXXXX.json", &scratch, NULL);
  g_assert_cmpint (fd, >=, 0);
  close (fd);
  g_test_add_func ("/config/defaults", test_defaults);
  g_test_add_func ("/config/stable-diffusion", test_stable_diffusion);
  g_test_add_func ("/config/refused", test_refused);
  g_test_add_func ("/config/hostile", test_hostile);
  g_test_add_func ("/config/round-trip", test_round_trip);
  int status = g_test_run ();
  g_unlink (scratch);
  g_free (scratch);
  return status;
}
