/* test-names.c: names and tables of weights against diffusers' own converters and classes.
 *
 * Tests of engine/model.  references/names.json is written by make-names.py.
 */
#include "engine/model/tacet-names.h"
#include "engine/model/tacet-table.h"
#include "engine/weights/tacet-json.h"
#include <string.h>

static const TacetUnetConfig sd15_unet = { .in_channels = 4,
                                           .out_channels = 4,
                                           .n_levels = 4,
                                           .block_out_channels = { 320, 640, 1280, 1280 },
                                           .down_attention = { TRUE, TRUE, TRUE, FALSE },
                                           .up_attention = { FALSE, TRUE, TRUE, TRUE },
                                           .layers_per_block = 2,
                                           .cross_attention_dim = 768,
                                           .n_heads = { 8, 8, 8, 8 },
                                           .norm_num_groups = 32,
                                           .norm_eps = 1e-5f };
static const TacetUnetConfig small_unet = { .in_channels = 4,
                                            .out_channels = 4,
                                            .n_levels = 3,
                                            .block_out_channels = { 32, 32, 64 },
                                            .down_attention = { FALSE, TRUE, TRUE },
                                            .up_attention = { TRUE, TRUE, FALSE },
                                            .layers_per_block = 1,
                                            .cross_attention_dim = 24,
                                            .n_heads = { 8, 8, 8 },
                                            .norm_num_groups = 32,
                                            .norm_eps = 1e-5f };
static const TacetVaeConfig sd15_vae = { .in_channels = 3,
                                         .out_channels = 3,
                                         .latent_channels = 4,
                                         .n_levels = 4,
                                         .block_out_channels = { 128, 256, 512, 512 },
                                         .layers_per_block = 2,
                                         .norm_num_groups = 32,
                                         .mid_attention = TRUE };
static const TacetVaeConfig small_vae = { .in_channels = 3,
                                          .out_channels = 3,
                                          .latent_channels = 4,
                                          .n_levels = 2,
                                          .block_out_channels = { 32, 64 },
                                          .layers_per_block = 1,
                                          .norm_num_groups = 8,
                                          .mid_attention = TRUE };
static const TacetTextConfig sd15_text = { .vocab_size = 49408,
                                           .hidden_size = 768,
                                           .intermediate_size = 3072,
                                           .n_layers = 12,
                                           .n_heads = 12,
                                           .max_positions = 77,
                                           .eps = 1e-5f,
                                           .activation = TACET_FN_QUICK_GELU };
static const TacetTaesdConfig sd15_taesd = { .channels = 3,
                                             .latent_channels = 4,
                                             .width = 64,
                                             .n_levels = 4,
                                             .encoder_blocks = { 1, 3, 3, 3 },
                                             .decoder_blocks = { 3, 3, 3, 1 } };

typedef struct
{
  const char *id;
  TacetPart part;
  GPtrArray *table;
  TacetNumbering numbering;
} Network;

static GArray *
networks (gboolean small)
{
  GArray *all = g_array_new (FALSE, FALSE, sizeof (Network));
  TacetControlnetConfig c = { small ? small_unet : sd15_unet, 3, small ? 2 : 4, { 16, 32, 96, 256 } };
  if (small)
    memcpy (c.hint_channels, (int[]){ 8, 16 }, 2 * sizeof (int));
  const TacetVaeConfig *vae = small ? &small_vae : &sd15_vae;
  Network n[] = {
    { "unet", TACET_PART_UNET, tacet_unet_table (&c.unet), tacet_unet_numbering (&c.unet) },
    { "controlnet", TACET_PART_CONTROLNET, tacet_controlnet_table (&c), tacet_controlnet_numbering (&c) },
    { "vae", TACET_PART_VAE, tacet_vae_table (vae), tacet_vae_numbering (vae) },
    { "text", TACET_PART_TEXT, tacet_text_table (&sd15_text), { 0 } },
    { "taesd", TACET_PART_TAESD, tacet_taesd_table (&sd15_taesd, TRUE, TRUE), { 0 } },
  };
  g_array_append_vals (all, n, small ? 3 : 5);
  if (small)
    for (int i = 3; i < 5; i++)
      g_ptr_array_unref (n[i].table);
  return all;
}

static void
networks_free (GArray *all)
{
  for (guint i = 0; i < all->len; i++)
    g_ptr_array_unref (g_array_index (all, Network, i).table);
  g_array_unref (all);
}

static int
compare_lines (gconstpointer a, gconstpointer b)
{
  return strcmp (*(char *const *) a, *(char *const *) b);
}

/* "original<separator>diffusers" of every weight, sorted; each name comes back from the other. */
static GPtrArray *
pairs (const Network *n, char separator)
{
  GPtrArray *lines = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < n->table->len; i++)
    {
      const TacetTableEntry *e = g_ptr_array_index (n->table, i);
      char original[TACET_NAME_SIZE], back[TACET_NAME_SIZE];
      if (!tacet_name_to_original (n->part, &n->numbering, e->name, original))
        g_error ("%s has no original name", e->name);
      if (!tacet_name_to_diffusers (n->part, &n->numbering, original, back))
        g_error ("%s is no name", original);
      g_assert_cmpstr (back, ==, e->name);
      g_ptr_array_add (lines, g_strdup_printf ("%s%c%s", original, separator, e->name));
    }
  g_ptr_array_sort (lines, compare_lines);
  return lines;
}

static JsonNode *
references (void)
{
  g_autofree char *path =
      g_build_filename (g_getenv ("TACET_SOURCE"), "tests", "model", "references", "names.json", NULL);
  g_autoptr (GError) error = NULL;
  JsonNode *root = tacet_json_load (path, 1 << 20, &error);
  g_assert_no_error (error);
  return root;
}

static gint64
values (GPtrArray *table)
{
  gint64 sum = 0;
  for (guint i = 0; i < table->len; i++)
    {
      const TacetTableEntry *e = g_ptr_array_index (table, i);
      gint64 product = 1;
      for (int k = 0; k < e->rank; k++)
        product *= e->dims[k];
      sum += product;
    }
  return sum;
}

static void
test_sd15 (void)
{
  static const guint known[] = { 686, 340, 248, 196 };
  g_autoptr (JsonNode) root = references ();
  JsonObject *wanted = json_object_get_object_member (json_node_get_object (root), "sd15");
  GArray *all = networks (FALSE);
  for (guint i = 0; i < all->len; i++)
    {
      const Network *n = &g_array_index (all, Network, i);
      JsonObject *w = json_object_get_object_member (wanted, n->id);
      g_autoptr (GPtrArray) lines = pairs (n, '\t');
      g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
      for (guint k = 0; k < lines->len; k++)
        {
          g_checksum_update (sum, lines->pdata[k], -1);
          g_checksum_update (sum, (const guchar *) "\n", 1);
        }
      if (i < G_N_ELEMENTS (known))
        g_assert_cmpuint (lines->len, ==, known[i]);
      g_assert_cmpint (lines->len, ==, json_object_get_int_member (w, "tensors"));
      g_assert_cmpint (values (n->table), ==, json_object_get_int_member (w, "values"));
      g_assert_cmpstr (g_checksum_get_string (sum), ==, json_object_get_string_member (w, "sha256"));
    }
  networks_free (all);
}

static void
test_small (void)
{
  g_autoptr (JsonNode) root = references ();
  JsonObject *wanted = json_object_get_object_member (json_node_get_object (root), "small");
  GArray *all = networks (TRUE);
  for (guint i = 0; i < all->len; i++)
    {
      const Network *n = &g_array_index (all, Network, i);
      JsonArray *w = json_object_get_array_member (wanted, n->id);
      g_autoptr (GPtrArray) lines = pairs (n, ' ');
      for (guint k = 0; k < MIN (lines->len, json_array_get_length (w)); k++)
        g_assert_cmpstr (lines->pdata[k], ==, json_array_get_string_element (w, k));
      g_assert_cmpuint (lines->len, ==, json_array_get_length (w));
    }
  networks_free (all);
}

/* The graph asks for what is in the table, by the same shapes, and for nothing else. */
static void
check_builder (TacetGraph *g, TacetWeights *weights, GPtrArray *table)
{
  if (tacet_graph_error (g))
    g_error ("%s", tacet_graph_error (g)->message);
  g_assert_cmpuint (tacet_weights_length (weights), ==, table->len);
  for (guint i = 0; i < table->len; i++)
    {
      const TacetTableEntry *e = g_ptr_array_index (table, i);
      gint64 dims[8];
      if (tacet_weights_disk_shape (weights, e->name, dims) != e->rank)
        g_error ("%s is not what the network asks for", e->name);
      g_assert_cmpmem (dims, sizeof *dims * (gsize) e->rank, e->dims, sizeof *dims * (gsize) e->rank);
    }
}

static TacetValue *
input (TacetGraph *g, int h, int w, int c)
{
  return tacet_input (g, "x", TACET_F32, tacet_shape (1, h, w, c));
}

static void
test_builders (void)
{
  TacetUnetConfig unet = small_unet;
  for (int linear = 0; linear < 2; linear++)
    {
      unet.use_linear_projection = linear;
      unet.layers_per_block = 1 + linear;
      TacetControlnetConfig c = { unet, 3, 2, { 8, 16 } };
      TacetFeatures features = { 0 };
      g_autoptr (TacetGraph) g = tacet_graph_new ();
      g_autoptr (TacetWeights) weights = tacet_weights_new (1), control = tacet_weights_new (1);
      g_autoptr (GPtrArray) table = tacet_unet_table (&unet), control_table = tacet_controlnet_table (&c);
      TacetValue *x = input (g, 8, 8, 4), *time = input (g, 1, 1, 1), *context = input (g, 1, 5, 24);
      tacet_controlnet (g, &c, control, x, time, context, NULL, input (g, 16, 16, 3), &features);
      check_builder (g, control, control_table);
      tacet_unet_encoder (g, &unet, weights, x, time, context, NULL, &features);
      tacet_unet_decoder (g, &unet, weights, context, NULL, &features);
      check_builder (g, weights, table);
    }
  for (int attention = 0; attention < 2; attention++)
    {
      TacetVaeConfig vae = small_vae;
      TacetValue *mean, *logvar;
      vae.mid_attention = attention;
      g_autoptr (TacetGraph) g = tacet_graph_new ();
      g_autoptr (TacetWeights) weights = tacet_weights_new (1);
      g_autoptr (GPtrArray) table = tacet_vae_table (&vae);
      tacet_vae_encoder (g, &vae, weights, input (g, 16, 16, 3), &mean, &logvar);
      tacet_vae_decoder (g, &vae, weights, mean);
      check_builder (g, weights, table);
    }
  TacetTextConfig text = sd15_text;
  text.hidden_size = 24, text.intermediate_size = 32, text.vocab_size = 50;
  g_autoptr (TacetGraph) g = tacet_graph_new ();
  g_autoptr (TacetWeights) weights = tacet_weights_new (1), tiny = tacet_weights_new (1);
  g_autoptr (GPtrArray) table = tacet_text_table (&text), tiny_table = tacet_taesd_table (&sd15_taesd, TRUE, TRUE);
  tacet_text_encoder (g, &text, weights, tacet_input (g, "ids", TACET_I32, tacet_shape (1, 1, 7, 1)));
  check_builder (g, weights, table);
  tacet_taesd_decoder (g, &sd15_taesd, tiny, tacet_taesd_encoder (g, &sd15_taesd, tiny, input (g, 16, 16, 3)));
  check_builder (g, tiny, tiny_table);
}

static void
test_foreign (void)
{
  static const struct
  {
    TacetPart part;
    const char *name;
  } bad[] = {
    { TACET_PART_UNET, "" },
    { TACET_PART_UNET, "input_blocks.0.0" },
    { TACET_PART_UNET, "input_blocks.00.0.weight" },
    { TACET_PART_UNET, "input_blocks.1.2.weight" },
    { TACET_PART_UNET, "input_blocks.1.0.op.weight" },
    { TACET_PART_UNET, "input_blocks.99999999999999999999.1.norm.weight" },
    { TACET_PART_UNET, "output_blocks.1.2.conv.weight" },
    { TACET_PART_UNET, "zero_convs.0.0.weight" },
    { TACET_PART_UNET, "down_blocks.0.resnets.0.conv1.weight" },
    { TACET_PART_CONTROLNET, "output_blocks.0.0.in_layers.0.weight" },
    { TACET_PART_CONTROLNET, "input_hint_block.1.weight" },
    { TACET_PART_VAE, "decoder.up.4.block.0.norm1.weight" },
    { TACET_PART_VAE, "encoder.down.0.block.0.in_layers.0.weight" },
    { TACET_PART_TAESD, "decoder.0.weight" },
    { TACET_PART_TAESD, "middle.0.weight" },
  };
  const TacetNumbering n = { .n_levels = 4, .layers_per_block = 2, .n_hint = 4 };
  char out[TACET_NAME_SIZE];
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    if (tacet_name_to_diffusers (bad[i].part, &n, bad[i].name, out))
      g_error ("%s became %s", bad[i].name, out);
  g_autofree char *tail = g_strnfill (TACET_NAME_SIZE, 'x'), *name = g_strconcat ("input_blocks.1.1.", tail, NULL);
  g_assert_false (tacet_name_to_diffusers (TACET_PART_UNET, &n, name, out));

  g_assert_true (tacet_name_modern (TACET_PART_VAE, "decoder.mid_block.attentions.0.proj_attn.bias", out));
  g_assert_cmpstr (out, ==, "decoder.mid_block.attentions.0.to_out.0.bias");
  g_assert_true (tacet_name_modern (TACET_PART_TEXT, "encoder.layers.3.mlp.fc1.weight", out));
  g_assert_cmpstr (out, ==, "text_model.encoder.layers.3.mlp.fc1.weight");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/names/sd15", test_sd15);
  g_test_add_func ("/names/small", test_small);
  g_test_add_func ("/names/builders", test_builders);
  g_test_add_func ("/names/foreign", test_foreign);
  return g_test_run ();
}
