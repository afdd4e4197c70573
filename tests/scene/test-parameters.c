/* test-parameters.c: pictures that say how they were made: our own, those of other programs, and hostile ones.
 *
 * Tests of engine/scene.  The texts in parameters/ are written in the forms that programs of this field write.
 */
#include "engine/scene/tacet-parameters.h"
#include "scene-test.h"
#include <string.h>

static TacetScene *
read_sample (const char *name)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "scene", "parameters", name, NULL);
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;
  g_file_get_contents (path, &text, NULL, &error);
  g_assert_no_error (error);
  return tacet_parameters_read (g_strchomp (text), 96, 80);
}

static const char *
note (TacetScene *scene, int n)
{
  const char *const *notes = tacet_scene_get_notes (scene);
  for (int i = 0; notes[i]; i++)
    if (i == n)
      return notes[i];
  return "";
}

static void
test_automatic (void)
{
  g_autoptr (TacetScene) scene = read_sample ("automatic.txt");
  g_assert_cmpstr (tacet_scene_get_prompt (scene), ==,
                   "masterpiece, (a red fox:1.2) in the snow, [blurry], detailed fur\n"
                   "second line of the prompt: with a colon, and \"quotes\"");
  g_assert_cmpstr (tacet_scene_get_negative_prompt (scene), ==, "lowres, bad anatomy,\ntext, watermark");
  g_assert_cmpint (tacet_scene_get_steps (scene), ==, 28);
  g_assert_cmpint (tacet_scene_get_karras (scene), ==, TACET_KARRAS_ON);
  g_assert_cmpfloat (tacet_scene_get_guidance_scale (scene), ==, 7.5);
  g_assert_cmpuint (tacet_scene_get_seed (scene), ==, 3141592653);
  g_assert_cmpint (tacet_scene_get_width (scene), ==, 768);
  g_assert_cmpint (tacet_scene_get_height (scene), ==, 512);
  g_assert_cmpstr (tacet_scene_get_model (scene), ==, "v1-5-pruned-emaonly");
  g_assert_cmpstr (tacet_scene_get_vae (scene), ==, "vae-ft-mse-840000-ema-pruned.safetensors");
  g_assert_cmpfloat (tacet_scene_get_denoising_strength (scene), ==, 0.45);
  g_assert_cmpint (tacet_scene_get_clip_skip (scene), ==, 2);
  GPtrArray *loras = tacet_scene_get_loras (scene);
  g_assert_cmpuint (loras->len, ==, 2);
  g_assert_cmpstr (((TacetLora *) loras->pdata[0])->path, ==, "winter_style-v2");
  g_assert_cmpfloat (((TacetLora *) loras->pdata[0])->weight, ==, 0.65);
  g_assert_cmpfloat (((TacetLora *) loras->pdata[1])->weight, ==, -0.5);
  g_assert_nonnull (strstr (note (scene, 0), "Hires upscale, Hires steps, Hires upscaler"));
  g_assert_null (strstr (note (scene, 0), "Lora hashes"));
  g_assert_nonnull (strstr (note (scene, 1), "noise"));
  /* It is a new document. */
  g_assert_false (tacet_scene_get_modified (scene));
  g_assert_false (tacet_scene_undo (scene));
}

static void
test_others (void)
{
  g_autoptr (TacetScene) forge = read_sample ("forge.txt");
  g_assert_cmpstr (tacet_scene_get_prompt (forge), ==, "portrait of a woman on a chair");
  g_assert_cmpstr (tacet_scene_get_negative_prompt (forge), ==, "");
  g_assert_cmpint (tacet_scene_get_karras (forge), ==, TACET_KARRAS_ON);
  g_assert_nonnull (strstr (note (forge, 0), "ControlNet 0, ControlNet 1"));
  g_assert_null (strstr (note (forge, 0), "Module"));
  g_assert_cmpstr (note (forge, 1), ==, ""); /* its noise is ours */

  g_autoptr (TacetScene) civitai = read_sample ("civitai.txt");
  g_assert_cmpint (tacet_scene_get_steps (civitai), ==, 30);
  g_assert_cmpint (tacet_scene_get_sampler (civitai), ==, TACET_SAMPLER_DDIM);
  g_assert_cmpint (tacet_scene_get_width (civitai), ==, 640);
  g_assert_nonnull (strstr (note (civitai, 0), "Created Date, Civitai resources, Civitai metadata."));

  g_autoptr (TacetScene) old = read_sample ("old.txt");
  g_assert_cmpint (tacet_scene_get_steps (old), ==, 50);
  g_assert_nonnull (strstr (note (old, 0), "Face restoration"));

  g_autoptr (TacetScene) words = read_sample ("words.txt");
  g_assert_cmpstr (tacet_scene_get_prompt (words), ==, "just words, no settings\nand more words");
  g_assert_cmpint (tacet_scene_get_width (words), ==, 96);
  g_assert_cmpint (tacet_scene_get_height (words), ==, 80);
}

/* What we write, we read, whatever the words are. */
static void
test_round_trip (void)
{
  g_autoptr (TacetScene) scene = tacet_scene_new (72, 48);
  g_autoptr (GPtrArray) loras = g_ptr_array_new_with_free_func ((GDestroyNotify) tacet_lora_free);
  g_ptr_array_add (loras, tacet_lora_new ("fur", 0.25));
  tacet_scene_set_prompt (scene, "a (fox:1.1), \"red\" \\ größer\nSize: 3x3, Steps are here");
  tacet_scene_set_negative_prompt (scene, "blue, Seed: 4");
  tacet_scene_set_model (scene, "a, model: \"of\" mine");
  tacet_scene_set_loras (scene, loras);
  tacet_scene_set_seed (scene, 77);
  tacet_scene_set_clip_skip (scene, 2);
  tacet_scene_set_karras (scene, TACET_KARRAS_ON);
  tacet_scene_add_layer (scene, TACET_LAYER_EDGE);
  for (int i = 0; i < TACET_N_SAMPLERS; i++)
    {
      tacet_scene_set_sampler (scene, (TacetSampler) i);
      g_autoptr (TacetRequest) request = tacet_scene_to_request (scene);
      g_autofree char *text = tacet_parameters_write (request, 78);
      g_autoptr (TacetScene) again = tacet_parameters_read (text, 8, 8);
      g_assert_cmpstr (tacet_scene_get_prompt (again), ==, tacet_scene_get_prompt (scene));
      g_assert_cmpstr (tacet_scene_get_negative_prompt (again), ==, tacet_scene_get_negative_prompt (scene));
      g_assert_cmpstr (tacet_scene_get_model (again), ==, tacet_scene_get_model (scene));
      g_assert_cmpuint (tacet_scene_get_seed (again), ==, 78);
      g_assert_cmpint (tacet_scene_get_sampler (again), ==, i);
      g_assert_cmpint (tacet_scene_get_karras (again), ==, TACET_KARRAS_ON);
      g_assert_cmpint (tacet_scene_get_clip_skip (again), ==, 2);
      g_assert_cmpint (tacet_scene_get_width (again), ==, 72);
      g_assert_cmpuint (tacet_scene_get_loras (again)->len, ==, 1);
      g_assert_nonnull (strstr (note (again, 0), "ControlNet 0."));
    }
}

/* Random documents inside pictures: the same digest, with no file but the picture. */
static void
test_embedded (void)
{
  g_autofree char *folder = scene_test_make_folder (), *path = g_build_filename (folder, "a.png", NULL);
  for (guint seed = 1; seed <= 12; seed++)
    {
      g_autoptr (GRand) rand = g_rand_new_with_seed (seed);
      g_autoptr (TacetScene) scene = tacet_scene_new (90, 70);
      g_autoptr (TacetImage) image = tacet_image_new (90, 70, 3);
      g_autoptr (GError) error = NULL;
      for (int i = 0; i < 60; i++)
        scene_test_random_edit (scene, rand);
      tacet_scene_set_count (scene, 1);
      g_autoptr (TacetRequest) request = tacet_scene_to_request (scene);
      TacetPicture picture = { .seed = request->seed, .image = image };
      g_autofree char *json = tacet_scene_to_json (scene, &error), *digest = tacet_scene_digest (scene);
      g_assert_no_error (error);
      g_assert_true (tacet_picture_save (&picture, request, json, path, &error));
      g_autoptr (TacetScene) again = tacet_scene_load (path, &error);
      g_assert_no_error (error);
      scene_test_assert_digest (again, digest);
      /* One of several is a scene of its own seed alone. */
      tacet_scene_set_count (scene, 5);
      g_autofree char *many = tacet_scene_to_json (scene, &error);
      picture.seed = 17;
      g_assert_true (tacet_picture_save (&picture, request, many, path, &error));
      g_autoptr (TacetScene) one = tacet_scene_load (path, &error);
      tacet_scene_set_seed (scene, 17);
      tacet_scene_set_count (scene, 1);
      g_autofree char *own = tacet_scene_digest (scene);
      scene_test_assert_digest (one, own);
    }
  scene_test_remove_folder (g_steal_pointer (&folder));
}

/* A picture as the first version with this text wrote it. */
static void
test_kept_picture (void)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "scene", "pictures", "house.png", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (TacetScene) scene = tacet_scene_load (path, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (tacet_scene_get_prompt (scene), ==, "a house, green meadow, evening light");
  g_assert_cmpuint (tacet_scene_get_seed (scene), ==, 3);
  g_assert_cmpint (tacet_scene_get_width (scene), ==, 64);
  g_assert_cmpstr (note (scene, 0), ==, "");
}

static TacetScene *
load_with (const char *path, const char *scene, const char *parameters, GError **error)
{
  g_autoptr (TacetImage) picture = tacet_image_new (40, 24, 3);
  const char *texts[] = { scene ? TACET_SCENE_KEY : "Title", scene ? scene : "t",
                          parameters ? TACET_PARAMETERS_KEY : NULL, parameters, NULL };
  g_assert_true (tacet_image_save_png (picture, path, texts, NULL));
  return tacet_scene_load (path, error);
}

/* A scene that cannot be read is a note where parameters speak, else an error; nothing at all is one too. */
static void
test_bad (void)
{
  g_autofree char *folder = scene_test_make_folder (), *path = g_build_filename (folder, "a.png", NULL);
  static const char *const bad[] = {
    "",
    "{",
    "[]",
    "{\"format\": \"tacet-scene\"}",
    "{\"format\": \"tacet-scene\", \"width\": 32, \"height\": 32, \"image\": \"data:image/png;base64,iVBORw0KGgo=\"}",
    "{\"format\": \"tacet-scene\", \"width\": 32, \"height\": 32, \"image\": \"data:image/png;base64,\"}",
    "{\"format\": \"tacet-scene\", \"width\": 32, \"height\": 32, \"mask\": \"/nowhere.png\"}",
  };
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (TacetScene) none = load_with (path, bad[i], NULL, &error);
      g_assert_null (none);
      g_assert_nonnull (error);
      g_autoptr (TacetScene) scene = load_with (path, bad[i], "fox\nSteps: 5", NULL);
      g_assert_nonnull (scene);
      g_assert_cmpstr (tacet_scene_get_prompt (scene), ==, "fox");
      g_assert_cmpint (tacet_scene_get_width (scene), ==, 40);
      g_assert_cmpstr (note (scene, 1), !=, "");
    }
  g_autoptr (GError) error = NULL;
  g_assert_null (load_with (path, NULL, NULL, &error));
  g_assert_error (error, TACET_SCENE_ERROR, TACET_SCENE_ERROR_FORMAT);
  scene_test_remove_folder (g_steal_pointer (&folder));
}

static void
test_odd_texts (void)
{
  static const char *const texts[] = {
    "",
    "Steps: ",
    "Steps: 5, Size: 99999x1, Seed: -1, CFG scale: nan, Sampler: \"",
    "Steps: 1e9, :,:,:::\",",
    "Negative prompt:",
    "Negative prompt: a\nSteps: 3, Civitai resources: [[[[{\"",
    "<lora:><lora:a:b:c><lora::1>",
    "x\nSteps: 4\nNegative prompt: late",
    "\xff\xfe\nSteps: 7, Model: \xff",
  };
  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (TacetScene) scene = tacet_parameters_read (texts[i], 16, 16);
      g_assert_nonnull (scene);
      g_assert_cmpint (tacet_scene_get_width (scene), ==, 16);
      g_assert_true (g_utf8_validate (tacet_scene_get_prompt (scene), -1, NULL));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/parameters/automatic", test_automatic);
  g_test_add_func ("/parameters/others", test_others);
  g_test_add_func ("/parameters/round-trip", test_round_trip);
  g_test_add_func ("/parameters/embedded", test_embedded);
  g_test_add_func ("/parameters/kept-picture", test_kept_picture);
  g_test_add_func ("/parameters/bad", test_bad);
  g_test_add_func ("/parameters/odd-texts", test_odd_texts);
  return g_test_run ();
}
