/* scene-test.c: what the tests of the scene room share.
 *
 * Tests of engine/scene.
 */
#include "scene-test.h"
#include <glib/gstdio.h>
#include <math.h>

TacetPerson
scene_test_person (float x, float y, float height)
{
  static const float body[TACET_POSE_JOINTS][2] = {
    { 0, -.12f },   { 0, 0 },       { -.11f, 0 },     { -.15f, .2f },  { -.15f, .38f },  { .11f, 0 },
    { .15f, .2f },  { .15f, .38f }, { -.07f, .38f },  { -.08f, .62f }, { -.08f, .88f },  { .07f, .38f },
    { .08f, .62f }, { .08f, .88f }, { -.02f, -.14f }, { .02f, -.14f }, { -.05f, -.12f }, { .05f, -.12f }
  };
  TacetPerson person = { 0 };
  for (int i = 0; i < TACET_POSE_JOINTS; i++)
    person.joints[i] = (TacetJoint){ x + height * body[i][0], y + height * body[i][1], 1 };
  return person;
}

guint
scene_test_n_controls (TacetScene *scene)
{
  return g_list_model_get_n_items (tacet_scene_get_layers (scene));
}

TacetLayer *
scene_test_control (TacetScene *scene, guint n)
{
  g_autoptr (TacetLayer) control = g_list_model_get_item (tacet_scene_get_layers (scene), n);
  g_assert_nonnull (control);
  return control;
}

void
scene_test_stroke (TacetScene *scene, TacetLayer *control, const TacetBrush *brush, double x0, double y0, double x1,
                   double y1)
{
  tacet_scene_stroke_begin (scene, control, brush);
  tacet_scene_stroke_to (scene, x0, y0, 1);
  tacet_scene_stroke_to (scene, (x0 + x1) / 2, (y0 + y1) / 2, 1);
  tacet_scene_stroke_to (scene, x1, y1, 1);
  tacet_scene_stroke_end (scene);
}

static void
random_stroke (TacetScene *scene, TacetLayer *control, GRand *rand)
{
  TacetBrush brush = { .size = g_rand_double_range (rand, 0.5, 40), .hardness = g_rand_double (rand) };
  brush.paint = (TacetPaint){ .value = g_rand_double (rand),
                              .erase = g_rand_boolean (rand),
                              .silence = g_rand_int_range (rand, 0, 4) == 0,
                              .opacity = g_rand_boolean (rand) ? 1 : g_rand_double (rand),
                              .color = { 255, g_rand_int_range (rand, 0, 256), 7 } };
  int n = g_rand_int_range (rand, 0, 6);
  tacet_scene_stroke_begin (scene, control, &brush);
  for (int i = 0; i < n; i++)
    tacet_scene_stroke_to (scene, g_rand_double_range (rand, -40, 240), g_rand_double_range (rand, -40, 200),
                           g_rand_double (rand));
  if (g_rand_int_range (rand, 0, 8) == 0)
    tacet_scene_stroke_cancel (scene);
  else if (g_rand_int_range (rand, 0, 8) != 0)
    tacet_scene_stroke_end (scene); /* else the next change must end it */
}

static TacetImage *
random_picture (GRand *rand, int channels)
{
  TacetImage *image = tacet_image_new (g_rand_int_range (rand, 1, 40), g_rand_int_range (rand, 1, 40), channels);
  for (int i = 0; i < image->width * image->height * image->channels; i++)
    image->data[i] = g_rand_int_range (rand, 0, 256);
  return image;
}

/* What the picture starts from, what changes the model, how many there are. */
static void
random_start (TacetScene *scene, GRand *rand)
{
  g_autoptr (GPtrArray) loras = g_ptr_array_new_with_free_func ((GDestroyNotify) tacet_lora_free);
  g_autoptr (TacetImage) picture = random_picture (rand, g_rand_boolean (rand) ? 3 : 4);
  g_autoptr (TacetImage) mask = random_picture (rand, 1);
  switch (g_rand_int_range (rand, 0, 10))
    {
    case 0:
      g_assert_true (tacet_scene_set_image (scene, g_rand_int_range (rand, 0, 4) ? picture : NULL));
      break;
    case 1:
      g_assert_true (tacet_scene_set_mask (scene, g_rand_int_range (rand, 0, 4) ? mask : NULL));
      break;
    case 2:
      tacet_scene_set_denoising_strength (scene, g_rand_double_range (rand, -0.2, 1.2));
      break;
    case 3:
      tacet_scene_set_mask_feather (scene, g_rand_double_range (rand, -5, 600));
      break;
    case 4:
      tacet_scene_set_count (scene, g_rand_int_range (rand, 0, 80));
      tacet_scene_set_prefer_ema (scene, g_rand_boolean (rand));
      tacet_scene_set_clip_skip (scene, g_rand_int_range (rand, 0, 3));
      break;
    case 5:
      tacet_scene_set_guess (scene, g_rand_int_range (rand, 0, TACET_N_GUESSES));
      break;
    case 6:
      tacet_scene_set_control_conditional_only (scene, g_rand_boolean (rand));
      break;
    case 7:
      tacet_scene_set_vae (scene, g_rand_boolean (rand) ? NULL : "./vae/fine.safetensors");
      break;
    case 8:
      for (int n = g_rand_int_range (rand, 0, 3); n > 0; n--)
        g_ptr_array_add (loras, tacet_lora_new (n == 1 ? "./fur.safetensors" : "snow", g_rand_double (rand)));
      tacet_scene_set_loras (scene, loras);
      break;
    default:
      tacet_scene_set_spacing (scene, g_rand_int_range (rand, 0, TACET_N_SPACINGS));
      tacet_scene_set_karras (scene, g_rand_int_range (rand, 0, 3));
      tacet_scene_set_eta (scene, g_rand_double (rand));
      tacet_scene_set_guidance_rescale (scene, g_rand_double (rand));
    }
}

static void
random_setting (TacetScene *scene, GRand *rand)
{
  static const char *const texts[] = { "", "a person", "a red chair", "ein Haus, größer", "\"quoted\" \\ text" };
  static const char *const combines[] = { "minimal-impact", "sum", "star", "weights:0.5,1.5" };
  TacetCombine combine;
  switch (g_rand_int_range (rand, 0, 8))
    {
    case 0:
      tacet_scene_set_prompt (scene, texts[g_rand_int_range (rand, 0, 5)]);
      break;
    case 1:
      tacet_scene_set_negative_prompt (scene, texts[g_rand_int_range (rand, 0, 5)]);
      break;
    case 2:
      tacet_scene_set_model (scene, g_rand_boolean (rand) ? "starter" : "./models/other");
      break;
    case 3:
      tacet_scene_set_seed (scene, g_rand_int (rand) * G_GUINT64_CONSTANT (4000000000));
      break;
    case 4:
      tacet_scene_set_steps (scene, g_rand_int_range (rand, -5, 60));
      break;
    case 5:
      tacet_scene_set_sampler (scene, g_rand_int_range (rand, 0, TACET_N_SAMPLERS));
      break;
    case 6:
      tacet_scene_set_guidance_scale (scene, g_rand_double_range (rand, -1, 12));
      break;
    default:
      g_assert_true (tacet_combine_parse (&combine, combines[g_rand_int_range (rand, 0, 4)], NULL));
      tacet_scene_set_combine (scene, &combine);
    }
}

static void
random_control_setting (TacetScene *scene, TacetLayer *control, GRand *rand)
{
  switch (g_rand_int_range (rand, 0, 10))
    {
    case 5:
      tacet_scene_set_layer_visible (scene, control, g_rand_boolean (rand));
      break;
    case 6:
      tacet_scene_set_layer_locked (scene, control, g_rand_int_range (rand, 0, 4) == 0);
      break;
    case 7:
      tacet_scene_set_layer_opacity (scene, control, g_rand_double_range (rand, -0.5, 1.5));
      break;
    case 8:
      tacet_scene_set_layer_prompt (scene, control, g_rand_boolean (rand) ? "sky" : "");
      break;
    case 9:
      tacet_scene_set_layer_negative_prompt (scene, control, g_rand_boolean (rand) ? "clouds" : "");
      break;
    case 0:
      tacet_scene_set_layer_enabled (scene, control, g_rand_boolean (rand));
      break;
    case 1:
      tacet_scene_set_layer_strength (scene, control, g_rand_double_range (rand, -1, 3));
      break;
    case 2:
      tacet_scene_set_layer_range (scene, control, g_rand_double (rand), g_rand_double (rand));
      break;
    case 3:
      tacet_scene_set_layer_name (scene, control, g_rand_boolean (rand) ? "wall" : "floor");
      break;
    default:
      tacet_scene_set_layer_model (scene, control, g_rand_boolean (rand) ? NULL : "starter/edge");
    }
}

void
scene_test_move (TacetScene *scene, TacetLayer *layer, int person, int point, double x, double y)
{
  int n;
  TacetPerson changed = tacet_layer_get_people (layer, &n)[person];
  changed.points[point].x = (float) x;
  changed.points[point].y = (float) y;
  tacet_scene_set_person (scene, layer, person, &changed, "Move", TRUE);
}

void
scene_test_show (TacetScene *scene, TacetLayer *layer, int person, int point, gboolean visible)
{
  int n;
  TacetPerson changed = tacet_layer_get_people (layer, &n)[person];
  tacet_person_show_point (&changed, point, visible);
  tacet_scene_set_person (scene, layer, person, &changed, "Show", FALSE);
}

/* A hand comes or goes, a part is hidden, locked or opened, all of it is flipped. */
static void
random_parts (TacetScene *scene, TacetLayer *control, int who, GRand *rand)
{
  int n, part = g_rand_int_range (rand, TACET_BODY_RIGHT_HAND, TACET_BODY_FACE + 1);
  TacetPerson person = tacet_layer_get_people (control, &n)[who];
  switch (g_rand_int_range (rand, 0, 5))
    {
    case 0:
      tacet_person_add_part (&person, part);
      break;
    case 1:
      tacet_person_remove_part (&person, part);
      break;
    case 2:
      tacet_person_show_part (&person, g_rand_int_range (rand, 0, TACET_N_BODY_PARTS), g_rand_boolean (rand));
      break;
    case 3:
      person.locked ^= 1u << g_rand_int_range (rand, 0, TACET_N_BODY_PARTS);
      person.open ^= 1u << part;
      break;
    default:
      tacet_person_flip (&person, 90);
    }
  tacet_scene_set_person (scene, control, who, &person, NULL, g_rand_boolean (rand));
}

static void
random_people (TacetScene *scene, TacetLayer *control, GRand *rand)
{
  int n, joint = g_rand_int_range (rand, 0, TACET_POSE_JOINTS);
  tacet_layer_get_people (control, &n);
  if (n == 0 || g_rand_int_range (rand, 0, 6) == 0)
    {
      TacetPerson person = scene_test_person (g_rand_double_range (rand, 0, 200), g_rand_double_range (rand, 0, 160),
                                              g_rand_double_range (rand, 10, 150));
      tacet_scene_add_person (scene, control, &person);
      return;
    }
  int who = g_rand_int_range (rand, 0, n);
  switch (g_rand_int_range (rand, 0, 6))
    {
    case 4:
      tacet_scene_restack_person (scene, control, who, g_rand_int_range (rand, 0, n));
      break;
    case 3:
      random_parts (scene, control, who, rand);
      break;
    case 0:
      scene_test_show (scene, control, who, joint, g_rand_boolean (rand));
      break;
    case 1:
      tacet_scene_remove_person (scene, control, who);
      break;
    default:
      for (int i = 0; i < 3; i++)
        scene_test_move (scene, control, who, joint, g_rand_double_range (rand, -20, 220),
                         g_rand_double_range (rand, -20, 180));
    }
}

/* What is refused because the layer is locked must change nothing. */
static void
random_pixels (TacetScene *scene, TacetLayer *layer, GRand *rand)
{
  g_autoptr (TacetImage) map = random_picture (rand, g_rand_boolean (rand) ? 3 : 1);
  g_autoptr (TacetImage) coverage = random_picture (rand, 1);
  double turn = g_rand_double_range (rand, -3, 3), scale = g_rand_double_range (rand, 0.2, 2);
  double matrix[6] = { scale * cos (turn), scale * sin (turn), -scale * sin (turn), scale * cos (turn), 40, 20 };
  TacetLayerKind kind = tacet_layer_get_kind (layer);
  if (tacet_layer_get_locked (layer))
    tacet_scene_stroke_end (scene);
  g_autofree char *before = tacet_layer_get_locked (layer) ? tacet_scene_digest (scene) : NULL;
  gboolean done;
  if (g_rand_int_range (rand, 0, 4) == 0)
    done = tacet_scene_clear_layer (scene, layer);
  else if (g_rand_int_range (rand, 0, 4) == 0)
    done = tacet_scene_transform_layer (scene, layer, matrix);
  else if (kind == TACET_LAYER_PICTURE)
    done = tacet_scene_set_layer_picture (scene, layer, map);
  else if (!tacet_layer_kind_is_control (kind) || g_rand_boolean (rand))
    done = tacet_scene_set_layer_coverage (scene, layer, coverage);
  else
    done = tacet_scene_set_layer_map (scene, layer, map, g_rand_boolean (rand) ? coverage : NULL);
  g_assert_true (done != tacet_layer_get_locked (layer));
  if (before)
    scene_test_assert_digest (scene, before);
}

static void
random_list (TacetScene *scene, TacetLayer *layer, guint n, GRand *rand)
{
  switch (g_rand_int_range (rand, 0, 5))
    {
    case 0:
      tacet_scene_remove_layer (scene, layer);
      break;
    case 1:
      tacet_scene_move_layer (scene, layer, g_rand_int_range (rand, 0, n));
      break;
    case 2:
      if (n < 8)
        g_assert_nonnull (tacet_scene_duplicate_layer (scene, layer));
      break;
    case 3:
      tacet_scene_merge_down (scene, layer);
      break;
    default:
      if (n < 8)
        g_assert_nonnull (tacet_scene_convert_layer (scene, layer, g_rand_int_range (rand, 0, TACET_N_LAYER_KINDS),
                                                     g_rand_boolean (rand)));
    }
}

static void
random_ink (TacetScene *scene, TacetLayer *layer, GRand *rand)
{
  TacetInk ink = { .width = g_rand_int_range (rand, 1, 60), .height = g_rand_int_range (rand, 1, 60) };
  TacetPaint paint = { .value = g_rand_double (rand),
                       .erase = g_rand_boolean (rand),
                       .silence = g_rand_boolean (rand),
                       .opacity = g_rand_double (rand),
                       .color = { 9, 99, 199 } };
  int width = tacet_scene_get_width (scene), height = tacet_scene_get_height (scene);
  g_autofree guint8 *alpha = g_malloc (60 * 60), *value = g_rand_boolean (rand) ? g_malloc (60 * 60) : NULL;
  ink.width = MIN (ink.width, width);
  ink.height = MIN (ink.height, height);
  ink.x = g_rand_int_range (rand, 0, width - ink.width + 1);
  ink.y = g_rand_int_range (rand, 0, height - ink.height + 1);
  ink.alpha = alpha;
  ink.value = value;
  for (int i = 0; i < 60 * 60; i++)
    {
      alpha[i] = g_rand_int_range (rand, 0, 256);
      if (value)
        value[i] = g_rand_int_range (rand, 0, 256);
    }
  g_assert_true (tacet_scene_apply_ink (scene, layer, &ink, &paint, "Ink") != tacet_layer_get_locked (layer));
}

void
scene_test_random_edit (TacetScene *scene, GRand *rand)
{
  guint n = scene_test_n_controls (scene);
  int what = g_rand_int_range (rand, 0, 20);
  if (what < 3)
    {
      (g_rand_boolean (rand) ? random_setting : random_start) (scene, rand);
      return;
    }
  if (n == 0 || (what == 3 && n < 6))
    {
      tacet_scene_add_layer (scene, g_rand_int_range (rand, 0, TACET_N_LAYER_KINDS));
      return;
    }
  TacetLayer *control = scene_test_control (scene, g_rand_int_range (rand, 0, n));
  if (what == 4)
    random_list (scene, control, n, rand);
  else if (what < 8)
    random_control_setting (scene, control, rand);
  else if (what < 10)
    (g_rand_boolean (rand) ? random_pixels : random_ink) (scene, control, rand);
  else if (what < 14 && tacet_layer_get_kind (control) == TACET_LAYER_POSE)
    random_people (scene, control, rand);
  else if (what == 14)
    {
      tacet_scene_group_begin (scene, "Group");
      random_control_setting (scene, control, rand);
      random_stroke (scene, control, rand);
      tacet_scene_group_end (scene);
    }
  else
    random_stroke (scene, control, rand);
}

void
scene_test_assert_digest (TacetScene *scene, const char *expected)
{
  g_autofree char *digest = tacet_scene_digest (scene);
  g_assert_cmpstr (digest, ==, expected);
}

char *
scene_test_make_folder (void)
{
  g_autoptr (GError) error = NULL;
  char *folder = g_dir_make_tmp ("tacet-scene-XXXXXX", &error);
  g_assert_no_error (error);
  return folder;
}

void
scene_test_remove_folder (char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;
  while (dir && (name = g_dir_read_name (dir)))
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      if (g_file_test (path, G_FILE_TEST_IS_DIR))
        scene_test_remove_folder (g_steal_pointer (&path));
      else
        g_unlink (path);
    }
  g_rmdir (folder);
  g_free (folder);
}
