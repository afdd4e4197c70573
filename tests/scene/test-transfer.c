/* test-transfer.c: layers go from one document to another.
 *
 * Room: tests/scene.
 */
#include "engine/scene/tacet-scene-transfer.h"
#include <string.h>

static TacetImage *
red (int width, int height)
{
  TacetImage *image = tacet_image_new (width, height, 3);
  for (int i = 0; i < width * height; i++)
    image->data[3 * i] = 255;
  return image;
}

/* Into a document of another size it is scaled as a whole. */
static void
test_adopt_scaled (void)
{
  g_autoptr (TacetScene) from = tacet_scene_new (64, 32), to = tacet_scene_new (128, 128);
  TacetLayer *pose = tacet_scene_add_layer (from, TACET_LAYER_POSE), *made;
  TacetLayer *depth = tacet_scene_add_layer (from, TACET_LAYER_DEPTH);
  TacetPerson person = { 0 };
  g_autoptr (TacetImage) map = red (64, 32);
  const TacetPerson *people;
  int n_people;

  for (int i = 0; i < TACET_POSE_JOINTS; i++)
    person.joints[i] = (TacetJoint){ 10 + i, 5 + i, 1 };
  tacet_scene_add_person (from, pose, &person);
  g_assert_true (tacet_scene_set_layer_map (from, depth, map, NULL));
  g_assert_nonnull (tacet_scene_add_layer (from, TACET_LAYER_PICTURE));
  g_assert_nonnull (tacet_scene_add_layer (from, TACET_LAYER_PICTURE));
  made = tacet_scene_adopt (to, from, "Paste");
  g_assert_nonnull (made);
  g_assert_cmpint (g_list_model_get_n_items (tacet_scene_get_layers (to)), ==, 4);
  people = tacet_layer_get_people (made, &n_people);
  g_assert_cmpint (n_people, ==, 1);
  g_assert_cmpfloat (people[0].joints[3].x, ==, 26);
  g_assert_cmpfloat (people[0].joints[3].y, ==, 48);
  for (guint i = 0; i < 4; i++)
    {
      g_autoptr (TacetLayer) one = g_list_model_get_item (tacet_scene_get_layers (from), i);
      g_autoptr (TacetLayer) other = g_list_model_get_item (tacet_scene_get_layers (to), i);

      g_assert_cmpstr (tacet_layer_get_name (one), ==, tacet_layer_get_name (other));
    }
  {
    g_autoptr (TacetLayer) second = g_list_model_get_item (tacet_scene_get_layers (to), 1);

    g_assert_cmpint (tacet_layer_get_coverage (second)->data[10 * 128 + 64], ==, 0);
    g_assert_cmpint (tacet_layer_get_coverage (second)->data[64 * 128 + 64], ==, 255);
  }
  g_assert_true (tacet_scene_undo (to));
  g_assert_cmpint (g_list_model_get_n_items (tacet_scene_get_layers (to)), ==, 0);
}

/* As text, which is what crosses from one program to another, nothing is lost. */
static void
test_text (void)
{
  g_autoptr (TacetScene) scene = tacet_scene_new (48, 32);
  for (int kind = 0; kind < TACET_N_LAYER_KINDS; kind++)
    {
      TacetLayer *layer = tacet_scene_add_layer (scene, kind);
      g_autoptr (TacetImage) image = red (48, 32);
      if (tacet_layer_kind_is_control (kind))
        tacet_scene_set_layer_map (scene, layer, image, NULL);
      else if (kind == TACET_LAYER_PICTURE)
        tacet_scene_set_layer_picture (scene, layer, image);
      else
        tacet_scene_set_layer_coverage (scene, layer, image);
      tacet_scene_set_layer_opacity (scene, layer, 0.5);
      tacet_scene_set_layer_prompt (scene, layer, "a “tree”");
      tacet_scene_set_layer_locked (scene, layer, TRUE);
    }
  for (guint i = 0; i < g_list_model_get_n_items (tacet_scene_get_layers (scene)); i++)
    {
      g_autoptr (TacetLayer) layer = g_list_model_get_item (tacet_scene_get_layers (scene), i);
      g_autoptr (GError) error = NULL;
      g_autoptr (TacetScene) alone = tacet_scene_extract (scene, layer);
      g_autofree char *text = tacet_scene_to_json (alone, &error), *digest = tacet_scene_digest (alone);
      g_autoptr (TacetScene) back = tacet_scene_from_json (text, strlen (text), "text", &error);
      g_assert_no_error (error);
      g_autofree char *again = tacet_scene_digest (back);
      g_assert_cmpstr (digest, ==, again);

      g_autoptr (TacetScene) other = tacet_scene_new (48, 32);
      TacetLayer *made = tacet_scene_adopt (other, back, "Paste");
      g_assert_cmpint (tacet_layer_get_kind (made), ==, tacet_layer_get_kind (layer));
      g_assert_true (tacet_layer_get_locked (made));
      g_autofree char *third = tacet_scene_digest (other);
      g_assert_cmpstr (digest, ==, third);
      for (gsize cut = 0; cut < strlen (text); cut += 37) /* no beginning of it does harm */
        {
          g_autoptr (GError) fault = NULL;
          g_autoptr (TacetScene) part = tacet_scene_from_json (text, cut, "text", &fault);
          g_assert_null (part);
          g_assert_nonnull (fault);
        }
    }
}

/* A list that is full takes no more, and says so. */
static void
test_full (void)
{
  g_autoptr (TacetScene) from = tacet_scene_new (8, 8), to = tacet_scene_new (8, 8);
  tacet_scene_add_layer (from, TACET_LAYER_MASK);
  while (tacet_scene_add_layer (to, TACET_LAYER_PICTURE))
    ;
  g_autofree char *before = tacet_scene_digest (to);
  g_assert_null (tacet_scene_adopt (to, from, "Paste"));
  g_autofree char *after = tacet_scene_digest (to);
  g_assert_cmpstr (before, ==, after);
}

static void
test_from_picture (void)
{
  g_autoptr (TacetImage) image = red (64, 40), small = red (4, 40), large = red (4104, 8);
  g_autoptr (TacetScene) scene = tacet_scene_new_from_picture (image, "photo");
  g_autoptr (TacetLayer) layer = g_list_model_get_item (tacet_scene_get_layers (scene), 0);
  g_assert_cmpint (tacet_scene_get_height (scene), ==, 40);
  g_assert_cmpstr (tacet_layer_get_name (layer), ==, "photo");
  g_assert_false (tacet_scene_get_modified (scene));
  g_assert_false (tacet_scene_undo (scene));
  g_assert_null (tacet_scene_new_from_picture (small, NULL));
  g_assert_null (tacet_scene_new_from_picture (large, NULL));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/scene/transfer/scaled", test_adopt_scaled);
  g_test_add_func ("/scene/transfer/text", test_text);
  g_test_add_func ("/scene/transfer/full", test_full);
  g_test_add_func ("/scene/transfer/from-picture", test_from_picture);
  return g_test_run ();
}
