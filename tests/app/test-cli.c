/* test-cli.c: the program without its window: what it writes, what it says, how it ends.
 *
 * Tests of app.
 */
#include "cli-run.h"

#include "engine/image/tacet-image.h"
#include "engine/weights/tacet-json.h"
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>

static void
test_usage (void)
{
  g_auto (CliRun) run = { 0 };
  static const char *const wrong[] = {
    "bogus",
    "--bogus",
    "generate",
    "generate a b",
    "generate --bogus a.json",
    "generate --steps x a.json",
    "generate --steps 5000 a.json",
    "generate --seed -1 a.json",
    "generate --seed 1x a.json",
    "generate --guidance nan a.json",
    "generate --combine all a.json",
    "generate --sampler magic a.json",
    "generate --memory lots a.json",
    "generate --threads -2 a.json",
    "generate --count 65 a.json",
    "generate --clip-skip -1 a.json",
    "generate --denoising-strength 1.1 a.json",
    "generate --mask-feather -1 a.json",
    "generate --guess maybe a.json",
    "generate --spacing wide a.json",
    "generate --eta 2 a.json",
    "generate --device abacus a.json",
    "scenes",
    "scenes -o x --count 0",
    "scenes -o x --size 1",
    "scenes -o x more",
    "train",
    "train a b",
    "models bogus",
    "models show",
    "measure",
    "measure model m",
    "measure model m -o x --count 0",
    "run-module",
    "run-module unet",
    "run-module bogus --model m --in i --out o",
  };
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      cli_run (&run, wrong[i]);
      cli_assert (&run, 2, "--help");
      g_assert_cmpstr (run.out, ==, "");
    }
  static const char *const helps[] = { "--help",        "generate --help", "scenes --help",    "train --help",
                                       "models --help", "measure --help",  "run-module --help" };
  for (guint i = 0; i < G_N_ELEMENTS (helps); i++)
    {
      cli_run (&run, helps[i]);
      cli_assert (&run, 0, NULL);
      g_assert_cmpuint (strlen (run.out), >, 100);
      g_assert_cmpstr (run.err, ==, "");
    }
  cli_run (&run, "--version");
  cli_assert (&run, 0, NULL);
  g_assert_true (g_str_has_prefix (run.out, "Tacet "));
}

static void
assert_same (CliWorld *world, const char *a, const char *b, gboolean same)
{
  g_autoptr (GBytes) first = cli_world_read (world, a), second = cli_world_read (world, b);
  g_assert_nonnull (first);
  g_assert_nonnull (second);
  g_assert_true (g_bytes_equal (first, second) == same);
}

static void
assert_report (const char *path, int n_steps, const char *combine)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) root = tacet_json_load (path, 64 << 20, &error);
  g_assert_no_error (error);
  JsonObject *report = json_node_get_object (root), *scene = json_object_get_object_member (report, "scene");
  JsonArray *steps = json_object_get_array_member (report, "steps");
  g_assert_cmpstr (json_object_get_string_member (report, "format"), ==, "tacet-report");
  g_assert_cmpstr (json_object_get_string_member (scene, "combine"), ==, combine);
  g_assert_cmpuint (json_array_get_length (json_object_get_array_member (report, "controls")), ==, 2);
  g_assert_cmpuint (json_array_get_length (steps), ==, 2 * n_steps); /* both halves of the guidance */
  JsonObject *step = json_array_get_object_element (steps, 0);
  JsonArray *layers = json_object_get_array_member (step, "layers");
  g_assert_cmpuint (json_array_get_length (layers), ==, 5);
  for (int i = 0; i < 5; i++)
    {
      JsonObject *layer = json_array_get_object_element (layers, i);
      JsonArray *weights = json_object_get_array_member (layer, "weights");
      g_assert_cmpfloat_with_epsilon (
          json_array_get_double_element (weights, 0) + json_array_get_double_element (weights, 1), 1, 1e-9);
      g_assert_cmpfloat (json_object_get_double_member (layer, "unet_norm"), >, 0);
    }
}

static void
test_generate (void)
{
  CliWorld world;
  g_auto (CliRun) run = { 0 };
  g_autoptr (GError) error = NULL;
  cli_world_open (&world);
  cli_world_write_scene (&world, "scene.json", "");
  cli_run (&run, "generate scene.json -o a.png --report a.json --plot p.png");
  cli_assert (&run, 0, NULL);
  g_assert_nonnull (strstr (run.out, "a.png"));
  g_autoptr (TacetImage) picture = tacet_image_load_png ("a.png", &error);
  g_assert_no_error (error);
  g_assert_cmpint (picture->width, ==, 32);
  g_assert_cmpint (picture->height, ==, 32);
  g_autoptr (TacetImage) plot = tacet_image_load_png ("p.png", &error);
  g_assert_no_error (error);
  g_assert_cmpint (plot->width, >, 200);
  g_autofree char *prompt = tacet_image_load_png_text ("a.png", "Description", NULL);
  g_assert_cmpstr (prompt, ==, "a");
  assert_report ("a.json", 3, "minimal-impact");

  /* The same again is the same, whatever the threads; anything else is something else. */
  cli_run (&run, "generate --threads 1 scene.json -o b.png");
  cli_assert (&run, 0, NULL);
  assert_same (&world, "a.png", "b.png", TRUE);
  static const char *const others[] = { "--seed 6", "--steps 4", "--combine sum", "--sampler euler", "--guidance 1.5" };
  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    {
      g_autofree char *words =
          g_strconcat ("generate scene.json -o c.png --no-metadata --report c.json ", others[i], NULL);
      cli_run (&run, words);
      cli_assert (&run, 0, NULL);
      assert_same (&world, "a.png", "c.png", FALSE);
    }
  cli_run (&run, "generate scene.json -o d.png --no-metadata");
  cli_assert (&run, 0, NULL);
  assert_same (&world, "a.png", "d.png", FALSE);
  g_autoptr (TacetImage) bare = tacet_image_load_png ("d.png", &error);
  g_assert_true (tacet_image_equal (bare, picture));
  g_assert_null (tacet_image_load_png_text ("d.png", "parameters", &error));
  g_assert_no_error (error);
  cli_run (&run, "generate scene.json -o c.png --report c.json --steps 5 --combine weights:0.5,1.5");
  cli_assert (&run, 0, NULL);
  cli_world_close (&world);
}

static void
assert_pixels (const char *a, const char *b)
{
  g_autoptr (TacetImage) first = tacet_image_load_png (a, NULL), second = tacet_image_load_png (b, NULL);
  g_assert_nonnull (first);
  g_assert_true (tacet_image_equal (first, second));
}

/* A picture is made again from itself alone, with its maps, and with the options that made it. */
static void
test_picture_again (void)
{
  CliWorld world;
  g_auto (CliRun) run = { 0 };
  cli_world_open (&world);
  cli_world_write_scene (&world, "scene.json", "");
  cli_run (&run, "generate scene.json -o a.png --no-metadata");
  cli_assert (&run, 0, NULL);
  cli_run (&run,
           "generate scene.json -o first.png --image a.png --mask map.png --denoising-strength 0.7 --mask-feather 2"
           " --guess guess-cldm --sampler euler --seed 11 --guidance 4 --steps 5");
  cli_assert (&run, 0, NULL);
  g_autofree char *parameters = tacet_image_load_png_text ("first.png", "parameters", NULL);
  g_assert_nonnull (strstr (parameters, "Steps: 5, Sampler: Euler, CFG scale: 4, Seed: 11, Size: 32x32"));
  g_assert_nonnull (strstr (parameters, "Denoising strength: 0.7"));
  g_assert_nonnull (strstr (parameters, "ControlNet is more important"));
  g_assert_cmpint (g_unlink ("scene.json"), ==, 0);
  g_assert_cmpint (g_unlink ("map.png"), ==, 0);
  g_assert_cmpint (g_unlink ("a.png"), ==, 0);
  cli_run (&run, "generate first.png");
  cli_assert (&run, 0, NULL);
  assert_same (&world, "first.png", "first-2.png", TRUE);
  cli_world_close (&world);
}

/* Pictures of other programs: what was left out of one is said, what is none is refused. */
static void
test_foreign_picture (void)
{
  CliWorld world;
  g_auto (CliRun) run = { 0 };
  const char *source = g_getenv ("TACET_SOURCE");
  cli_world_open (&world);
  cli_world_write_scene (&world, "scene.json", "");
  g_autofree char *photo = g_strdup_printf ("generate scene.json -o a.png --image %s/tests/image/foreign/profile.jpg "
                                            "--mask %s/tests/image/foreign/gray.bmp --denoising-strength 0.5",
                                            source, source);
  cli_run (&run, photo);
  cli_assert (&run, 0, "Display P3");
  g_autofree char *text =
      g_strdup_printf ("generate scene.json -o b.png --image %s/tests/image/foreign/bad/text.jpg", source);
  cli_run (&run, text);
  cli_assert (&run, 1, "text.jpg");
  cli_world_close (&world);
}

static void
test_count (void)
{
  CliWorld world;
  g_auto (CliRun) run = { 0 };
  cli_world_open (&world);
  cli_world_write_scene (&world, "scene.json", ", \"count\": 2");
  cli_run (&run, "generate scene.json -o many.png --seed 7 --report r.json --plot p.png");
  cli_assert (&run, 0, NULL);
  cli_run (&run, "generate scene.json -o one.png --seed 8 --count 1");
  cli_assert (&run, 0, NULL);
  assert_same (&world, "many-8.png", "one.png", TRUE);
  assert_same (&world, "many-7.png", "many-8.png", FALSE);
  assert_report ("r-7.json", 3, "minimal-impact");
  assert_report ("r-8.json", 3, "minimal-impact");
  cli_run (&run, "generate many-7.png -o again.png");
  cli_assert (&run, 0, NULL);
  assert_pixels ("again.png", "many-7.png");
  cli_world_close (&world);
}

/* Without -o nothing is overwritten. */
static void
test_default_output (void)
{
  CliWorld world;
  g_auto (CliRun) run = { 0 };
  cli_world_open (&world);
  cli_world_write_scene (&world, "dusk.json", "");
  cli_run (&run, "generate dusk.json");
  cli_assert (&run, 0, NULL);
  cli_run (&run, "generate dusk.json --seed 9");
  cli_assert (&run, 0, NULL);
  assert_same (&world, "dusk.png", "dusk-2.png", FALSE);
  cli_world_close (&world);
}

static void
assert_fails (CliWorld *world, const char *words, const char *said)
{
  g_auto (CliRun) run = { 0 };
  int n = cli_world_count (world);
  cli_run (&run, words);
  cli_assert (&run, 1, said);
  g_assert_cmpint (cli_world_count (world), ==, n); /* and leaves nothing behind */
}

static void
test_bad_input (void)
{
  CliWorld world;
  cli_world_open (&world);
  cli_world_write_scene (&world, "scene.json", "");
  cli_world_write_scene (&world, "steps.json", ", \"steps\": \"many\"");
  cli_world_write (&world, "image.json",
                   "{\"format\": \"tacet-scene\", \"width\": 32, \"height\": 32, \"model\": \"tiny\","
                   " \"controls\": [{\"kind\": \"edge\", \"image\": \"lost.png\"}]}");
  cli_world_write (&world, "odd.json",
                   "{\"format\": \"tacet-scene\", \"width\": 30, \"height\": 32, \"model\": \"tiny\"}");
  cli_world_write (&world, "broken.json", "{\"format\": ");
  cli_world_write (&world, "torn.png", "\x89PNG\r\n\x1a\n");
  cli_world_write (&world, "torn.json",
                   "{\"format\": \"tacet-scene\", \"width\": 32, \"height\": 32, \"model\": \"tiny\","
                   " \"controls\": [{\"kind\": \"edge\", \"image\": \"torn.png\"}]}");
  assert_fails (&world, "generate none.json -o o.png", "none.json");
  assert_fails (&world, "generate broken.json -o o.png", "broken.json");
  assert_fails (&world, "generate steps.json -o o.png", "steps");
  assert_fails (&world, "generate image.json -o o.png", "lost.png");
  assert_fails (&world, "generate torn.json -o o.png", "torn.png");
  assert_fails (&world, "generate odd.json -o o.png", "30");
  assert_fails (&world, "generate scene.json -o o.png --model nowhere", "nowhere");
  assert_fails (&world, "generate scene.json -o none/o.png", "none/o.png");
  assert_fails (&world, "generate scene.json -o o.png --report none/r.json", "none/r.json");
  assert_fails (&world, "generate scene.json -o tiny", "tiny");
  assert_fails (&world, "generate scene.json -o o.png --memory 10K", "emory");
  assert_fails (&world, "models show nowhere", "nowhere");
  assert_fails (&world, "train none.json", "none.json");
  assert_fails (&world, "train broken.json", "broken.json");
  assert_fails (&world, "run-module unet --model nowhere --in i.safetensors --out o.safetensors", "nowhere");
  assert_fails (&world, "run-module unet --model tiny --in i.safetensors --out o.safetensors", "i.safetensors");
  cli_world_close (&world);
}

/* Every file of the model, cut short, emptied, gone: a message, never a crash. */
static void
test_broken_model (void)
{
  static const char *const files[] = {
    "tiny/unet/config.json",         "tiny/unet/diffusion_pytorch_model.safetensors",
    "tiny/vae/config.json",          "tiny/vae/diffusion_pytorch_model.safetensors",
    "tiny/text_encoder/config.json", "tiny/text_encoder/model.safetensors",
    "tiny/tokenizer/vocab.json",     "tiny/tokenizer/merges.txt",
    "tiny/edge/config.json",         "tiny/edge/diffusion_pytorch_model.safetensors",
  };
  CliWorld world;
  int n_found = 0;
  cli_world_open (&world);
  cli_world_write_scene (&world, "scene.json", "");
  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autoptr (GBytes) good = cli_world_read (&world, files[i]);
      if (!good)
        continue;
      n_found++;
      gsize size = g_bytes_get_size (good), sizes[] = { 0, size / 2 };
      for (guint k = 0; k < G_N_ELEMENTS (sizes); k++)
        {
          gboolean still_valid = g_str_has_suffix (files[i], "merges.txt"); /* fewer merges are merges too */
          g_auto (CliRun) run = { 0 };
          g_file_set_contents (files[i], g_bytes_get_data (good, NULL), (gssize) sizes[k], NULL);
          cli_run (&run, "generate scene.json -o o.png");
          if (!still_valid || run.status != 0)
            cli_assert (&run, 1, "tiny");
        }
      g_unlink (files[i]);
      assert_fails (&world, "generate scene.json -o none.png", "tiny");
      g_file_set_contents (files[i], g_bytes_get_data (good, NULL), (gssize) size, NULL);
      g_unlink ("o.png");
    }
  g_assert_cmpint (n_found, >=, 8);
  g_auto (CliRun) run = { 0 };
  cli_run (&run, "generate scene.json -o o.png");
  cli_assert (&run, 0, NULL);
  cli_world_close (&world);
}

static void
test_full_disk (void)
{
  CliWorld world;
  g_auto (CliRun) run = { 0 };
  cli_world_open (&world);
  cli_world_write_scene (&world, "scene.json", "");
  cli_run (&run, "generate scene.json -o old.png --report old.json");
  cli_assert (&run, 0, NULL);
  g_autoptr (GBytes) before = cli_world_read (&world, "old.png");
  int n = cli_world_count (&world);
  cli_run_on_full_disk (&run, "generate scene.json -o old.png --seed 8", 300);
  cli_assert (&run, 1, "old.png");
  g_autoptr (GBytes) after = cli_world_read (&world, "old.png");
  g_assert_true (g_bytes_equal (before, after));
  cli_run_on_full_disk (&run, "generate scene.json -o new.png", 300);
  cli_assert (&run, 1, "new.png");
  g_assert_cmpint (cli_world_count (&world), ==, n);
  cli_run_on_full_disk (&run, "generate scene.json -o new.png --report new.json --plot new-plot.png", 9000);
  cli_assert (&run, 1, "new");
  cli_world_close (&world);
}

static void
test_cancel (void)
{
  CliWorld world;
  g_auto (CliRun) run = { 0 };
  cli_world_open (&world);
  cli_world_write_scene (&world, "scene.json", "");
  int n = cli_world_count (&world);
  const int signals[] = { SIGINT, SIGTERM };
  for (guint i = 0; i < G_N_ELEMENTS (signals); i++)
    {
      g_autoptr (GSubprocess) process = cli_start ("generate scene.json -o o.png --steps 1000");
      cli_wait_until_cancellable (process);
      g_subprocess_send_signal (process, signals[i]);
      cli_run_clear (&run);
      cli_finish (&run, process);
      cli_assert (&run, 130, "ancelled");
      g_assert_cmpint (cli_world_count (&world), ==, n);
    }
  cli_world_close (&world);
}

static void
test_models (void)
{
  CliWorld world;
  g_auto (CliRun) run = { 0 };
  cli_world_open (&world);
  cli_run (&run, "models");
  cli_assert (&run, 0, NULL);
  g_assert_true (g_str_has_prefix (run.out, "tiny\t"));
  cli_run (&run, "models show tiny");
  cli_assert (&run, 0, NULL);
  g_assert_nonnull (strstr (run.out, "unet"));
  g_assert_nonnull (strstr (run.out, " 5 "));
  cli_run (&run, "models list --json");
  cli_assert (&run, 0, NULL);
  g_autoptr (JsonNode) list = json_from_string (run.out, NULL);
  g_assert_nonnull (list);
  JsonObject *first = json_array_get_object_element (json_node_get_array (list), 0);
  g_assert_cmpstr (json_object_get_string_member (first, "name"), ==, "tiny");
  g_assert_cmpstr (json_object_get_string_member (first, "kind"), ==, "base");
  g_assert_true (json_object_get_null_member (first, "problem"));
  assert_fails (&world, "models add nowhere", "nowhere");
  cli_run (&run, "models add tiny/vae");
  cli_assert (&run, 0, NULL);
  g_assert_true (g_str_has_prefix (run.out, "vae\tvae\t"));
  assert_fails (&world, "models add tiny/vae", "already");
  g_unlink ("tiny/unet/config.json");
  cli_run (&run, "models list");
  cli_assert (&run, 0, NULL);
  g_assert_null (strstr (run.out, "tiny\t"));
  cli_world_close (&world);
}

/* A model without a vocabulary says what to do; after that is done it generates. */
static void
test_vocabulary (void)
{
  CliWorld world;
  cli_world_open (&world);
  cli_world_write_scene (&world, "s.json", "");
  g_assert_cmpint (g_rename ("tiny/tokenizer", "words"), ==, 0);
  assert_fails (&world, "generate s.json -o a.png", "tacet models vocabulary");
  assert_fails (&world, "models vocabulary nowhere", "nowhere");
  assert_fails (&world, "models vocabulary s.json", "s.json");
  g_auto (CliRun) kept = { 0 }, made = { 0 };
  cli_run (&kept, "models vocabulary words");
  cli_assert (&kept, 0, NULL);
  g_assert_nonnull (strstr (kept.out, "clip/tokenizer.json"));
  cli_run (&made, "generate s.json -o a.png");
  cli_assert (&made, 0, NULL);
  cli_world_close (&world);
}

static void
test_scenes (void)
{
  CliWorld world;
  g_auto (CliRun) run = { 0 };
  cli_world_open (&world);
  cli_run (&run, "scenes -o a --count 2 --size 24 --seed 40");
  cli_assert (&run, 0, NULL);
  cli_run (&run, "scenes -o b --count 1 --size 24 --seed 41");
  cli_assert (&run, 0, NULL);
  assert_same (&world, "a/000001-picture.png", "b/000000-picture.png", TRUE);
  assert_same (&world, "a/000000-picture.png", "b/000000-picture.png", FALSE);
  cli_run_on_full_disk (&run, "scenes -o c --count 1 --size 64", 100);
  cli_assert (&run, 1, "c/");
  cli_world_close (&world);
}

/* A safetensors file with one f32 tensor of zeros. */
static void
write_zeros (const char *path, const char *name, const char *shape, int n)
{
  g_autofree char *header =
      g_strdup_printf ("{\"%s\":{\"dtype\":\"F32\",\"shape\":%s,\"data_offsets\":[0,%d]}}", name, shape, 4 * n);
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  guint64 size = GUINT64_TO_LE (strlen (header));
  g_byte_array_append (bytes, (const guint8 *) &size, 8);
  g_byte_array_append (bytes, (const guint8 *) header, strlen (header));
  g_byte_array_set_size (bytes, bytes->len + 4 * n);
  memset (bytes->data + bytes->len - 4 * n, 0, 4 * n);
  g_assert_true (g_file_set_contents (path, (const char *) bytes->data, bytes->len, NULL));
}

static void
test_run_module (void)
{
  CliWorld world;
  g_auto (CliRun) run = { 0 };
  cli_world_open (&world);
  write_zeros ("in.safetensors", "latent", "[1,4,4,4]", 64);
  cli_run (&run, "run-module vae-decoder --model tiny --in in.safetensors --out out.safetensors");
  cli_assert (&run, 0, NULL);
  g_autoptr (GBytes) out = cli_world_read (&world, "out.safetensors");
  g_assert_nonnull (g_strstr_len ((const char *) g_bytes_get_data (out, NULL) + 8, 200, "\"sample\""));
  cli_run (&run, "run-module vae-decoder --model tiny --in in.safetensors --profile --profile-json p.json --repeat 2");
  cli_assert (&run, 0, NULL);
  g_assert_nonnull (strstr (run.out, "roofline"));
  g_autoptr (JsonNode) profile = tacet_json_load ("p.json", 64 << 20, NULL);
  g_assert_nonnull (profile);
  JsonObject *numbers = json_node_get_object (profile);
  g_assert_cmpint (json_object_get_int_member (numbers, "repeat"), ==, 2);
  g_assert_cmpfloat (json_object_get_double_member (numbers, "roofline_seconds"), >, 0);
  g_assert_cmpuint (json_array_get_length (json_object_get_array_member (numbers, "steps")), >, 10);
  write_zeros ("in.safetensors", "latent", "[1,9,4,4]", 144);
  cli_run (&run, "run-module vae-decoder --model tiny --in in.safetensors --out out2.safetensors");
  cli_assert (&run, 1, "Latent picture");
  cli_world_close (&world);
}

/* Steps of a generation after its first run less, and their results have the same bits. */
static void
test_later_steps (void)
{
  CliWorld world;
  g_auto (CliRun) run = { 0 };
  g_autofree char *model = g_build_filename (g_getenv ("TACET_SOURCE"), "tests/model/references/controlnet-1", NULL);
  guint n_steps[2];
  cli_world_open (&world);
  for (int i = 0; i < 2; i++)
    {
      g_autofree char *words = g_strdup_printf ("run-module controlnet --model %s --in %s/controlnet-in.safetensors "
                                                "--out %d.safetensors --profile-json p.json%s",
                                                model, model, i, i ? " --later-steps" : "");
      cli_run (&run, words);
      cli_assert (&run, 0, NULL);
      g_autoptr (JsonNode) profile = tacet_json_load ("p.json", 64 << 20, NULL);
      n_steps[i] = json_array_get_length (json_object_get_array_member (json_node_get_object (profile), "steps"));
    }
  assert_same (&world, "0.safetensors", "1.safetensors", TRUE);
  g_assert_cmpuint (n_steps[1], <, n_steps[0]);
  cli_run (&run, "run-module vae-decoder --model tiny --in in.safetensors --out out.safetensors --later-steps");
  cli_assert (&run, 2, "--later-steps");
  cli_world_close (&world);
}

/* What is installed with the program can be generated as it is. */
static void
test_sample_scenes (void)
{
  CliWorld world;
  g_auto (CliRun) run = { 0 };
  g_autofree char *scenes = g_build_filename (g_getenv ("TACET_SOURCE"), "data", "scenes", NULL);
  g_autoptr (GDir) dir = g_dir_open (scenes, 0, NULL);
  const char *name;
  int n = 0, most_controls = 0, most_regions = 0;
  g_assert_nonnull (dir);
  cli_world_open (&world);
  while ((name = g_dir_read_name (dir)))
    {
      g_autofree char *words =
          g_strdup_printf ("generate %s/%s/scene.json -o o.png --report r.json --model tiny --steps 2", scenes, name);
      g_autoptr (GError) error = NULL;
      cli_run (&run, words);
      cli_assert (&run, 0, NULL);
      g_autoptr (JsonNode) root = tacet_json_load ("r.json", 64 << 20, &error);
      g_assert_no_error (error);
      JsonArray *controls = json_object_get_array_member (json_node_get_object (root), "controls");
      JsonArray *regions = json_object_get_array_member (json_node_get_object (root), "regions");
      most_controls = MAX (most_controls, (int) json_array_get_length (controls));
      most_regions = MAX (most_regions, (int) json_array_get_length (regions));
      n++;
    }
  g_assert_cmpint (n, >=, 3);
  g_assert_cmpint (most_controls, >=, 3);
  g_assert_cmpint (most_regions, >=, 2);
  cli_world_close (&world);
}

static void
test_no_display (void)
{
  CliWorld world;
  g_auto (CliRun) run = { 0 };
  cli_world_open (&world);
  cli_world_write_scene (&world, "scene.json", "");
  cli_run (&run, "scene.json");
  cli_assert (&run, 1, "generate");
  cli_run (&run, "");
  cli_assert (&run, 1, "generate");
  cli_world_close (&world);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/app/cli/usage", test_usage);
  g_test_add_func ("/app/cli/generate", test_generate);
  g_test_add_func ("/app/cli/default-output", test_default_output);
  g_test_add_func ("/app/cli/picture-again", test_picture_again);
  g_test_add_func ("/app/cli/foreign-picture", test_foreign_picture);
  g_test_add_func ("/app/cli/count", test_count);
  g_test_add_func ("/app/cli/bad-input", test_bad_input);
  g_test_add_func ("/app/cli/broken-model", test_broken_model);
  g_test_add_func ("/app/cli/full-disk", test_full_disk);
  g_test_add_func ("/app/cli/cancel", test_cancel);
  g_test_add_func ("/app/cli/models", test_models);
  g_test_add_func ("/app/cli/vocabulary", test_vocabulary);
  g_test_add_func ("/app/cli/scenes", test_scenes);
  g_test_add_func ("/app/cli/run-module", test_run_module);
  g_test_add_func ("/app/cli/later-steps", test_later_steps);
  g_test_add_func ("/app/cli/sample-scenes", test_sample_scenes);
  g_test_add_func ("/app/cli/no-display", test_no_display);
  return g_test_run ();
}
