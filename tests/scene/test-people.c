/* test-people.c: people with hands and faces in the document: drawn in part, undone, saved, in their order.
 *
 * Tests of engine/scene.
 */
#include "scene-test.h"
#include <string.h>

static TacetPerson
whole_person (float x, float y, float height)
{
  TacetPerson person = scene_test_person (x, y, height);
  for (int part = TACET_BODY_RIGHT_HAND; part <= TACET_BODY_FACE; part++)
    tacet_person_add_part (&person, part);
  return person;
}

/* The map and the coverage are those of all people drawn anew. */
static void
assert_drawn (TacetLayer *layer)
{
  int n;
  const TacetPerson *people = tacet_layer_get_people (layer, &n);
  const TacetImage *map = tacet_layer_get_map (layer);
  g_autoptr (TacetImage) whole = tacet_pose_draw (people, n, map->width, map->height);
  g_autoptr (TacetImage) coverage = tacet_coverage_from_map (TACET_CONTROL_POSE, whole);
  g_assert_true (tacet_image_equal (whole, map));
  g_assert_true (tacet_image_equal (coverage, tacet_layer_get_coverage (layer)));
}

static void
random_change (TacetScene *scene, TacetLayer *layer, GRand *rand)
{
  int n, who, point = g_rand_int_range (rand, 0, TACET_PERSON_POINTS);
  const TacetPerson *people = tacet_layer_get_people (layer, &n);
  TacetPerson person;
  if (n < 2 || g_rand_int_range (rand, 0, 12) == 0)
    {
      person = whole_person (g_rand_int_range (rand, -30, 300), g_rand_int_range (rand, -30, 200), 150);
      tacet_scene_add_person (scene, layer, &person);
      return;
    }
  who = g_rand_int_range (rand, 0, n);
  person = people[who];
  switch (g_rand_int_range (rand, 0, 8))
    {
    case 0:
      tacet_scene_remove_person (scene, layer, who);
      return;
    case 1:
      tacet_scene_restack_person (scene, layer, who, g_rand_int_range (rand, 0, n));
      return;
    case 2:
      tacet_person_flip (&person, 130);
      break;
    case 3:
      tacet_person_show_part (&person, g_rand_int_range (rand, 0, TACET_N_BODY_PARTS), g_rand_boolean (rand));
      break;
    case 4:
      tacet_person_show_point (&person, point, g_rand_boolean (rand));
      break;
    case 5:
      tacet_person_turn (&person, TACET_LEFT_KNEE, 100, 100, g_rand_int_range (rand, 0, 200), 150, FALSE);
      break;
    default:
      tacet_person_move (&person, point, g_rand_double_range (rand, -50, 350), g_rand_double_range (rand, -50, 250),
                         g_rand_boolean (rand));
    }
  tacet_scene_set_person (scene, layer, who, &person, NULL, g_rand_boolean (rand));
}

/* Drawn piece by piece it is what it would be drawn at once, after every change and every undo. */
static void
test_pieces (void)
{
  g_autoptr (TacetScene) scene = tacet_scene_new (300, 220);
  TacetLayer *layer = tacet_scene_add_layer (scene, TACET_LAYER_POSE);
  GRand *rand = g_rand_new_with_seed (11);
  for (int i = 0; i < 250; i++)
    {
      if (g_rand_int_range (rand, 0, 5) == 0)
        g_rand_boolean (rand) ? tacet_scene_undo (scene) : tacet_scene_redo (scene);
      else
        random_change (scene, layer, rand);
      if (scene_test_n_controls (scene) == 0)
        tacet_scene_redo (scene);
      assert_drawn (layer);
    }
  g_rand_free (rand);
}

static void
add_area_cb (TacetLayer *layer, int x, int y, int width, int height, int *pixels)
{
  *pixels += width * height;
}

/* A hand's drag in a large document touches little of it. */
static void
test_little (void)
{
  g_autoptr (TacetScene) scene = tacet_scene_new (1024, 1024);
  TacetLayer *layer = tacet_scene_add_layer (scene, TACET_LAYER_POSE);
  TacetPerson person = whole_person (512, 200, 800);
  int pixels = 0;
  tacet_scene_add_person (scene, layer, &person);
  g_signal_connect (layer, "map-changed", G_CALLBACK (add_area_cb), &pixels);
  tacet_person_move (&person, TACET_LEFT_WRIST, person.joints[TACET_LEFT_WRIST].x + 6,
                     person.joints[TACET_LEFT_WRIST].y, FALSE);
  tacet_scene_set_person (scene, layer, 0, &person, NULL, TRUE);
  g_assert_cmpint (pixels, >, 100);
  g_assert_cmpint (pixels, <, 1024 * 1024 / 6);
  pixels = 0;
  tacet_scene_set_person (scene, layer, 0, &person, NULL, TRUE); /* the same again is nothing */
  g_assert_cmpint (pixels, ==, 0);
}

static void
test_undo (void)
{
  g_autoptr (TacetScene) scene = tacet_scene_new (128, 128);
  TacetLayer *layer = tacet_scene_add_layer (scene, TACET_LAYER_POSE);
  TacetPerson person = whole_person (60, 20, 90);
  g_autofree char *empty = tacet_scene_digest (scene);
  tacet_scene_add_person (scene, layer, &person);
  g_autofree char *first = tacet_scene_digest (scene), *name = NULL;
  /* Things that are seen nowhere in the map are steps too. */
  person.locked = 1u << TACET_BODY_LEFT_ARM;
  g_assert_true (tacet_scene_set_person (scene, layer, 0, &person, "Lock Part", FALSE));
  g_autofree char *locked = tacet_scene_digest (scene);
  g_assert_cmpstr (first, !=, locked);
  person.right_hand[8].x += 4;
  tacet_scene_set_person (scene, layer, 0, &person, "Move Joint", TRUE);
  person.face[3].confidence = 0;
  tacet_scene_set_person (scene, layer, 0, &person, "Move Joint", TRUE); /* goes on */
  g_autofree char *moved = tacet_scene_digest (scene);
  g_object_get (scene, "undo-name", &name, NULL);
  g_assert_cmpstr (name, ==, "Move Joint");
  g_assert_true (tacet_scene_undo (scene));
  scene_test_assert_digest (scene, locked);
  g_assert_true (tacet_scene_redo (scene));
  scene_test_assert_digest (scene, moved);
  for (int i = 0; i < 3; i++)
    g_assert_true (tacet_scene_undo (scene));
  scene_test_assert_digest (scene, empty);
  tacet_scene_redo (scene);
  scene_test_assert_digest (scene, first);
}

/* A drag that is given up leaves no step, and what had been undone can still be done again. */
static void
test_cancel (void)
{
  g_autoptr (TacetScene) scene = tacet_scene_new (128, 128);
  TacetLayer *layer = tacet_scene_add_layer (scene, TACET_LAYER_POSE);
  TacetPerson person = whole_person (60, 20, 90);
  tacet_scene_add_person (scene, layer, &person);
  scene_test_move (scene, layer, 0, 4, 5, 5);
  g_autofree char *later = tacet_scene_digest (scene);
  tacet_scene_undo (scene);
  g_autofree char *before = tacet_scene_digest (scene);
  gboolean can_redo = FALSE;
  tacet_scene_group_begin (scene, "Drag");
  for (int i = 0; i < 10; i++)
    {
      TacetPerson moved = person;
      tacet_person_move (&moved, TACET_RIGHT_ANKLE, 10 * i, 100, TRUE);
      tacet_scene_set_person (scene, layer, 0, &moved, NULL, TRUE);
    }
  tacet_scene_group_cancel (scene);
  scene_test_assert_digest (scene, before);
  assert_drawn (layer);
  g_object_get (scene, "can-redo", &can_redo, NULL);
  g_assert_true (can_redo);
  g_assert_true (tacet_scene_redo (scene));
  scene_test_assert_digest (scene, later);
  tacet_scene_group_begin (scene, "Nothing");
  tacet_scene_group_cancel (scene);
  scene_test_assert_digest (scene, later);
}

static void
test_order (void)
{
  g_autoptr (TacetScene) scene = tacet_scene_new (128, 128);
  TacetLayer *layer = tacet_scene_add_layer (scene, TACET_LAYER_POSE);
  TacetPerson low = scene_test_person (60, 20, 90), high = scene_test_person (66, 24, 90);
  int n;
  tacet_scene_add_person (scene, layer, &low);
  tacet_scene_add_person (scene, layer, &high);
  g_autofree char *before = tacet_scene_digest (scene);
  g_assert_true (tacet_scene_restack_person (scene, layer, 0, 1));
  g_assert_true (tacet_person_equal (&tacet_layer_get_people (layer, &n)[1], &low));
  assert_drawn (layer);
  g_assert_false (tacet_scene_restack_person (scene, layer, 1, 2));
  g_assert_false (tacet_scene_restack_person (scene, layer, 1, 1));
  tacet_scene_undo (scene);
  scene_test_assert_digest (scene, before);
  tacet_scene_set_layer_locked (scene, layer, TRUE);
  g_assert_false (tacet_scene_restack_person (scene, layer, 0, 1));
  g_assert_false (tacet_scene_set_person (scene, layer, 0, &high, NULL, FALSE));
}

static TacetScene *
load (const char *path)
{
  g_autoptr (GError) error = NULL;
  TacetScene *scene = tacet_scene_load (path, &error);
  g_assert_no_error (error);
  return scene;
}

static void
test_file (void)
{
  char *folder = scene_test_make_folder ();
  g_autofree char *path = g_build_filename (folder, "people.json", NULL), *text = NULL;
  g_autoptr (TacetScene) scene = tacet_scene_new (128, 128);
  TacetLayer *layer = tacet_scene_add_layer (scene, TACET_LAYER_POSE);
  TacetPerson whole = whole_person (60, 20, 90), body = scene_test_person (30, 20, 90);
  tacet_person_show_part (&whole, TACET_BODY_FACE, FALSE);
  whole.right_hand[3].confidence = 0;
  whole.locked = 1u << TACET_BODY_PERSON;
  whole.open = 1u << TACET_BODY_LEFT_HAND;
  tacet_scene_add_person (scene, layer, &body);
  tacet_scene_add_person (scene, layer, &whole);
  g_assert_true (tacet_scene_save (scene, path, NULL));
  g_autofree char *digest = tacet_scene_digest (scene);
  g_autoptr (TacetScene) same = load (path);
  scene_test_assert_digest (same, digest);
  assert_drawn (scene_test_control (same, 0));
  /* Bodies alone are written as they always were. */
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_nonnull (strstr (text, "\"left_hand\""));
  g_assert_nonnull (strstr (text, "\"hidden\": "));
  tacet_scene_remove_person (scene, layer, 1);
  g_assert_true (tacet_scene_save (scene, path, NULL));
  g_clear_pointer (&text, g_free);
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_null (strstr (text, "\"joints\""));
  scene_test_remove_folder (folder);
}

static void
test_bad_file (void)
{
  static const char *const people[] = { "[{}]", "[{\"joints\": []}]", "[[[1, 2]]]", "[7]", "{}" };
  char *folder = scene_test_make_folder ();
  g_autofree char *path = g_build_filename (folder, "bad.json", NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (people); i++)
    {
      g_autofree char *text =
          g_strdup_printf ("{\"format\": \"tacet-scene\", \"version\": 1, \"width\": 64, \"height\": "
                           "64, \"controls\": [{\"kind\": \"pose\", \"people\": %s}]}",
                           people[i]);
      g_autoptr (GError) error = NULL;
      g_assert_true (g_file_set_contents (path, text, -1, NULL));
      g_assert_null (tacet_scene_load (path, &error));
      g_assert_nonnull (error);
      g_assert_nonnull (strstr (error->message, "people"));
    }
  scene_test_remove_folder (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/people/pieces", test_pieces);
  g_test_add_func ("/people/little", test_little);
  g_test_add_func ("/people/undo", test_undo);
  g_test_add_func ("/people/cancel", test_cancel);
  g_test_add_func ("/people/order", test_order);
  g_test_add_func ("/people/file", test_file);
  g_test_add_func ("/people/bad-file", test_bad_file);
  return g_test_run ();
}
