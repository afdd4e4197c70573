/* test-train.h: tiny plans and a folder that goes away, for the tests of the trainer.
 *
 * Room: tests/train.
 */
#pragma once

#include "engine/train/tacet-train-plan.h"
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <string.h>

#define TINY_VAE                                                                                                       \
  "{ \"in_channels\": 3, \"out_channels\": 3, \"latent_channels\": 4, \"block_out_channels\": [8, 16],"                \
  "  \"layers_per_block\": 1, \"norm_num_groups\": 4, \"mid_block_add_attention\": false,"                             \
  "  \"down_block_types\": [\"DownEncoderBlock2D\", \"DownEncoderBlock2D\"],"                                          \
  "  \"up_block_types\": [\"UpDecoderBlock2D\", \"UpDecoderBlock2D\"], \"scaling_factor\": 1.0 }"
#define TINY_UNET                                                                                                      \
  "{ \"sample_size\": 8, \"in_channels\": 4, \"out_channels\": 4, \"block_out_channels\": [8, 16],"                    \
  "  \"layers_per_block\": 1, \"down_block_types\": [\"DownBlock2D\", \"CrossAttnDownBlock2D\"],"                      \
  "  \"up_block_types\": [\"CrossAttnUpBlock2D\", \"UpBlock2D\"], \"cross_attention_dim\": 16,"                        \
  "  \"attention_head_dim\": 2, \"norm_num_groups\": 4, \"norm_eps\": 1e-5, \"act_fn\": \"silu\","                     \
  "  \"flip_sin_to_cos\": true, \"freq_shift\": 0 }"
#define TINY_TEXT                                                                                                      \
  "{ \"vocab_size\": 64, \"hidden_size\": 16, \"intermediate_size\": 32, \"num_hidden_layers\": 1,"                    \
  "  \"num_attention_heads\": 2, \"max_position_embeddings\": 16, \"hidden_act\": \"quick_gelu\","                     \
  "  \"layer_norm_eps\": 1e-5 }"

static inline char *
tiny_folder (void)
{
  g_autoptr (GError) error = NULL;
  char *folder = g_dir_make_tmp ("tacet-train-XXXXXX", &error);
  g_assert_no_error (error);
  return folder;
}

static inline void
remove_tree (const char *path)
{
  g_autoptr (GDir) dir = g_file_test (path, G_FILE_TEST_IS_SYMLINK) ? NULL : g_dir_open (path, 0, NULL);
  for (const char *name = dir ? g_dir_read_name (dir) : NULL; name; name = g_dir_read_name (dir))
    {
      g_autofree char *child = g_build_filename (path, name, NULL);
      remove_tree (child);
    }
  g_remove (path);
}

/* Writes FOLDER/NAME.json: the common head and `rest`, in which ' stands for " and @ for the folder. */
static inline char *
write_plan (const char *folder, const char *name, const char *rest)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GString) text = g_string_new ("{ 'format': 'tacet-plan-train', 'version': 1, ");
  char *path = g_strdup_printf ("%s/%s.json", folder, name);
  g_string_append (text, rest);
  g_string_append (text, " }");
  g_string_replace (text, "'", "\"", 0);
  g_string_replace (text, "@", folder, 0);
  g_assert_true (g_file_set_contents (path, text->str, -1, &error));
  g_assert_no_error (error);
  return path;
}

#define TINY_OPTIMIZER "'optimizer': { 'lr': 3e-3, 'warmup': 3, 'ema': 0.9 }"

/* extra: further fields, each followed by a comma. */
static inline char *
write_vae_plan (const char *folder, const char *name, const char *extra)
{
  g_autofree char *rest = g_strdup_printf ("'kind': 'vae', 'output': '@/%s-out', 'work': '@/%s-work', 'seed': 5, %s"
                                           "'data': { 'studio': { 'size': 16 } }, 'vae': " TINY_VAE ", " TINY_OPTIMIZER
                                           ", 'validation': { 'every': 1000, 'count': 2 }",
                                           name, name, extra);
  return write_plan (folder, name, rest);
}

static inline void
run_plan (const char *path, gboolean resume)
{
  g_autoptr (GError) error = NULL;
  tacet_train_run (path, resume, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
}

/* The lines of a log that tell of training steps: "step" and "loss" of each, as text. */
static inline char *
read_losses (const char *folder, const char *work)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_build_filename (folder, work, "log.jsonl", NULL);
  g_autofree char *text = NULL;
  GString *losses = g_string_new (NULL);
  g_file_get_contents (path, &text, NULL, &error);
  g_assert_no_error (error);
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  for (int i = 0; lines[i]; i++)
    {
      const char *loss = strstr (lines[i], "\"loss\": "), *comma = loss ? strchr (loss, ',') : NULL;
      const char *norm = strstr (lines[i], "\"gradient_norm\": ");
      if (loss && comma && norm)
        g_string_append_printf (losses, "%.*s %.*s %s\n", 20, lines[i], (int) (comma - loss), loss, norm);
    }
  return g_string_free (losses, FALSE);
}
