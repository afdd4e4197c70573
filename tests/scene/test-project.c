/* test-project.c: documents as OpenRaster files: every pixel and every setting comes back, also after other programs.
 *
 * Tests of engine/scene.
 */
#include "engine/scene/tacet-candidate.h"
#include "engine/scene/tacet-openraster.h"
#include "scene-test.h"
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>

static TacetScene *
random_scene (guint32 seed, int edits)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (seed);
  TacetScene *scene = tacet_scene_new (96, 72);
  for (int i = 0; i < edits; i++)
    scene_test_random_edit (scene, rand);
  return scene;
}

static TacetScene *
load (const char *path)
{
  g_autoptr (GError) error = NULL;
  TacetScene *scene = tacet_scene_load (path, &error);
  g_assert_no_error (error);
  g_assert_nonnull (scene);
  return scene;
}

static void
save (TacetScene *scene, const char *path)
{
  g_autoptr (GError) error = NULL;
  g_assert_true (tacet_scene_save (scene, path, &error));
  g_assert_no_error (error);
}

static guint
n_candidates (TacetScene *scene)
{
  return g_list_model_get_n_items (tacet_scene_get_candidates (scene));
}

static TacetCandidate *
candidate (TacetScene *scene, guint i)
{
  TacetCandidate *found = g_list_model_get_item (tacet_scene_get_candidates (scene), i);
  g_object_unref (found);
  return found;
}

static void
picture_free (gpointer data)
{
  TacetPicture *picture = data;
  tacet_image_unref (picture->image);
  g_free (picture);
}

static void
add_run (TacetScene *scene, int n)
{
  g_autoptr (GPtrArray) pictures = g_ptr_array_new_with_free_func (picture_free);
  g_autoptr (TacetScene) snapshot = tacet_scene_snapshot (scene);
  for (int i = 0; i < n; i++)
    {
      TacetPicture *picture = g_new0 (TacetPicture, 1);
      picture->seed = G_MAXINT64 - (guint64) i; /* more than a double holds */
      picture->image = tacet_image_new (96, 72, 3);
      memset (picture->image->data, 30 * i, 96 * 72 * 3);
      g_ptr_array_add (pictures, picture);
    }
  tacet_scene_add_candidates (scene, snapshot, pictures, TRUE);
}

/* Random documents, saved, read, saved again: the same digest, and nothing left in the file that is not needed. */
static void
test_round_trip (void)
{
  char *folder = scene_test_make_folder ();
  g_autofree char *path = g_build_filename (folder, "a.ora", NULL), *again = g_build_filename (folder, "b.ora", NULL);
  for (guint32 seed = 1; seed <= 12; seed++)
    {
      g_autoptr (TacetScene) scene = random_scene (seed, 60);
      gsize n_first, n_second;
      save (scene, path); /* relative paths follow it */
      g_autofree char *digest = tacet_scene_digest (scene), *first = NULL, *second = NULL;
      g_assert_false (tacet_scene_get_modified (scene));
      g_autoptr (TacetScene) back = load (path);
      scene_test_assert_digest (back, digest);
      g_assert_null (tacet_scene_get_notes (back) ? tacet_scene_get_notes (back)[0] : NULL);
      save (back, again);
      g_assert_true (g_file_get_contents (path, &first, &n_first, NULL));
      g_assert_true (g_file_get_contents (again, &second, &n_second, NULL));
      g_assert_cmpmem (first, n_first, second, n_second);
    }
  scene_test_remove_folder (folder);
}

/* After every edit only what changed is encoded; a cache that is not told of a change would show here. */
static void
test_saved_again_and_again (void)
{
  char *folder = scene_test_make_folder ();
  g_autofree char *path = g_build_filename (folder, "a.ora", NULL);
  g_autoptr (GRand) rand = g_rand_new_with_seed (77);
  g_autoptr (TacetScene) scene = tacet_scene_new (96, 72);
  for (int i = 0; i < 120; i++)
    {
      scene_test_random_edit (scene, rand);
      if (i % 7 == 3)
        tacet_scene_undo (scene);
      save (scene, path);
      g_autofree char *digest = tacet_scene_digest (scene);
      g_autoptr (TacetScene) back = load (path);
      scene_test_assert_digest (back, digest);
    }
  scene_test_remove_folder (folder);
}

static void
saved_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  GError *error = NULL;
  g_assert_true (tacet_scene_save_finish (TACET_SCENE (source), result, &error));
  g_assert_no_error (error);
  *(gboolean *) data = TRUE;
}

/* The document is changed while it is saved: the file has the state of the beginning, and the document is modified. */
static void
test_changed_meanwhile (void)
{
  char *folder = scene_test_make_folder ();
  g_autofree char *path = g_build_filename (folder, "a.ora", NULL);
  g_autoptr (GRand) rand = g_rand_new_with_seed (5);
  g_autoptr (TacetScene) scene = random_scene (9, 40);
  TacetBrush brush = { .size = 20, .hardness = 0.5, .paint = { .value = 1, .opacity = 1 } };
  save (scene, path);
  for (int i = 0; i < 25; i++)
    {
      TacetLayer *edges = tacet_scene_add_layer (scene, i % 2 ? TACET_LAYER_EDGE : TACET_LAYER_DEPTH);
      gboolean done = FALSE;
      g_autofree char *digest = tacet_scene_digest (scene);
      tacet_scene_save_async (scene, path, saved_cb, &done);
      if (edges)
        scene_test_stroke (scene, edges, &brush, g_rand_double_range (rand, 0, 96), 5, 60, 60);
      while (!done)
        {
          scene_test_random_edit (scene, rand);
          g_main_context_iteration (NULL, FALSE);
        }
      g_autoptr (TacetScene) back = load (path);
      scene_test_assert_digest (back, digest);
      g_assert_true (tacet_scene_get_modified (scene));
      if (edges)
        tacet_scene_remove_layer (scene, edges);
    }
  scene_test_remove_folder (folder);
}

/* Results, what they were made from, and that it is stored once. */
static void
test_candidates (void)
{
  char *folder = scene_test_make_folder ();
  g_autofree char *path = g_build_filename (folder, "a.ora", NULL);
  g_autoptr (TacetScene) scene = tacet_scene_new (96, 72);
  TacetBrush brush = { .size = 9, .hardness = 1, .paint = { .value = 1, .opacity = 1 } };
  TacetLayer *edges = tacet_scene_add_layer (scene, TACET_LAYER_EDGE);
  scene_test_stroke (scene, edges, &brush, 5, 5, 50, 40);
  tacet_scene_set_prompt (scene, "one");
  g_autofree char *digest = tacet_scene_digest (scene);
  add_run (scene, 3);
  add_run (scene, 2);
  tacet_scene_star_candidate (scene, candidate (scene, 1), TRUE);
  save (scene, path);
  g_autoptr (TacetScene) back = load (path);
  g_assert_cmpuint (n_candidates (back), ==, 5);
  g_assert_false (tacet_scene_get_modified (back));
  for (guint i = 0; i < 5; i++)
    {
      TacetCandidate *was = candidate (scene, i), *is = candidate (back, i);
      g_assert_true (tacet_image_equal (tacet_candidate_get_image (was), tacet_candidate_get_image (is)));
      g_assert_cmpuint (tacet_candidate_get_seed (was), ==, tacet_candidate_get_seed (is));
      g_assert_cmpint (tacet_candidate_get_run (was), ==, tacet_candidate_get_run (is));
      g_assert_cmpint (tacet_candidate_get_time (was), ==, tacet_candidate_get_time (is));
      g_assert_cmpint (tacet_candidate_get_starred (is), ==, i == 1);
      g_assert_true (tacet_candidate_get_finished (is));
      scene_test_assert_digest (tacet_candidate_get_scene (is), digest);
    }
  /* The map of both runs is the document's own: stored once, and in memory once. */
  g_autoptr (TacetRaster) raster = tacet_raster_read (path, NULL);
  for (guint i = 0; i < raster->files->len; i++)
    g_assert_false (g_str_has_prefix (((TacetRasterFile *) raster->files->pdata[i])->path, "tacet/maps/"));
  g_autoptr (TacetLayer) run_layer =
      g_list_model_get_item (tacet_scene_get_layers (tacet_candidate_get_scene (candidate (back, 0))), 0);
  g_assert_true (tacet_layer_get_map (run_layer) == tacet_layer_get_map (scene_test_control (back, 0)));
  /* Painting does not reach what a run was made from. */
  scene_test_stroke (back, scene_test_control (back, 0), &brush, 50, 5, 5, 40);
  scene_test_assert_digest (tacet_candidate_get_scene (candidate (back, 4)), digest);
  save (back, path);
  g_autoptr (TacetScene) third = load (path);
  scene_test_assert_digest (tacet_candidate_get_scene (candidate (third, 4)), digest);
  scene_test_remove_folder (folder);
}

/* ---- other programs ---- */

typedef void (*Edit) (TacetRaster *raster);

/* Saves, lets the function change the file as another program would, opens. */
static TacetScene *
edited (TacetScene *scene, Edit edit, gboolean keeps_own)
{
  char *folder = scene_test_make_folder ();
  g_autofree char *path = g_build_filename (folder, "a.ora", NULL);
  g_autoptr (GError) error = NULL;
  save (scene, path);
  g_autoptr (TacetRaster) raster = tacet_raster_read (path, &error);
  g_assert_no_error (error);
  if (!keeps_own)
    g_ptr_array_set_size (raster->files, 0);
  if (edit)
    edit (raster);
  g_assert_true (tacet_raster_write (raster, path, &error));
  TacetScene *back = tacet_scene_open (path, &error);
  g_assert_no_error (error);
  scene_test_remove_folder (folder);
  return back;
}

static TacetScene *
scene_of_all_kinds (void)
{
  TacetScene *scene = tacet_scene_new (96, 72);
  TacetBrush brush = { .size = 20, .hardness = 0.3, .paint = { .value = 0.7, .opacity = 1 } };
  TacetPerson person = scene_test_person (40, 20, 50);
  for (int kind = 0; kind < TACET_N_LAYER_KINDS; kind++)
    {
      TacetLayer *layer = tacet_scene_add_layer (scene, kind);
      g_autofree char *name = g_strdup_printf ("layer %d", kind);
      tacet_scene_set_layer_name (scene, layer, name);
      if (kind == TACET_LAYER_POSE)
        tacet_scene_add_person (scene, layer, &person);
      else
        scene_test_stroke (scene, layer, &brush, 5, 5, 60 + kind, 50);
    }
  return scene;
}

static TacetLayer *
find (TacetScene *scene, const char *name)
{
  for (guint i = 0; i < scene_test_n_controls (scene); i++)
    if (g_str_equal (tacet_layer_get_name (scene_test_control (scene, i)), name))
      return scene_test_control (scene, i);
  return NULL;
}

/* Without tacet/ kinds, names, maps and coverage come back; joints do not, but their picture does. */
static void
test_own_part_lost (void)
{
  g_autoptr (TacetScene) scene = scene_of_all_kinds ();
  g_autoptr (TacetScene) back = edited (scene, NULL, FALSE);
  g_assert_cmpuint (scene_test_n_controls (back), ==, TACET_N_LAYER_KINDS);
  g_assert_cmpuint (g_strv_length ((char **) tacet_scene_get_notes (back)), ==, 1);
  for (int kind = 0; kind < TACET_N_LAYER_KINDS; kind++)
    {
      g_autofree char *name = g_strdup_printf ("layer %d", kind);
      TacetLayer *was = find (scene, name), *is = find (back, name);
      g_assert_nonnull (is);
      g_assert_cmpint (tacet_layer_get_kind (is), ==, kind);
      g_assert_true (tacet_image_equal (tacet_layer_get_map (was), tacet_layer_get_map (is)));
      g_assert_true (tacet_image_equal (tacet_layer_get_picture (was), tacet_layer_get_picture (is)));
      g_assert_true (tacet_layer_get_visible (is));
      if (kind != TACET_LAYER_POSE) /* rounded by the opinion that is derived from it */
        g_assert_true (tacet_image_equal (tacet_layer_get_coverage (was), tacet_layer_get_coverage (is)));
    }
}

static void
edit_stack (TacetRaster *raster)
{
  g_autoptr (TacetImage) image = tacet_image_new (10, 8, 4);
  memset (image->data, 200, 10 * 8 * 4);
  g_autoptr (GBytes) png = tacet_image_encode_png (image, NULL);
  TacetRasterLayer *added = tacet_raster_layer_new ("added", "data/added.png", png);
  added->x = 90;
  added->y = 3;
  g_ptr_array_insert (raster->layers, 0, added);
  for (guint i = 0; i < raster->layers->len; i++)
    {
      TacetRasterLayer *layer = raster->layers->pdata[i];
      if (g_str_equal (layer->name, "layer 5"))
        {
          layer->visible = FALSE;
          layer->opacity = 0.25;
        }
    }
  for (guint i = 0; i < raster->layers->len; i++)
    if (g_str_equal (((TacetRasterLayer *) raster->layers->pdata[i])->name, "[Depth] layer 1"))
      g_ptr_array_remove_index (raster->layers, i--);
}

/* With tacet/ what was done to the stack is taken over, the rest stays as it was. */
static void
test_stack_edited (void)
{
  g_autoptr (TacetScene) scene = scene_of_all_kinds ();
  g_autoptr (TacetScene) back = edited (scene, edit_stack, TRUE);
  int n_people;
  g_assert_null (find (back, "layer 1"));
  g_assert_nonnull (find (back, "added"));
  const TacetImage *picture = tacet_layer_get_picture (find (back, "added"));
  g_assert_cmpint (picture->width, ==, 96);
  g_assert_cmpint (picture->data[4 * (3 * 96 + 89)], ==, 0);
  g_assert_cmpint (picture->data[4 * (3 * 96 + 90)], ==, 200);
  g_assert_cmpint (picture->data[4 * (11 * 96 + 95)], ==, 0);
  g_assert_false (tacet_layer_get_visible (find (back, "layer 5")));
  g_assert_cmpfloat (tacet_layer_get_opacity (find (back, "layer 5")), ==, 0.25);
  tacet_layer_get_people (find (back, "layer 2"), &n_people);
  g_assert_cmpint (n_people, ==, 1);
}

static void
edit_pixels (TacetRaster *raster)
{
  for (guint i = 0; i < raster->layers->len; i++)
    {
      TacetRasterLayer *layer = raster->layers->pdata[i];
      g_autoptr (TacetImage) image = tacet_raster_layer_image (layer, NULL);
      memset (image->data, 255, 4 * 96); /* the first row */
      g_clear_pointer (&layer->png, g_bytes_unref);
      layer->png = tacet_image_encode_png (image, NULL);
    }
}

/* Pixels are those of the file, whoever wrote them. */
static void
test_pixels_edited (void)
{
  g_autoptr (TacetScene) scene = scene_of_all_kinds ();
  g_autoptr (TacetScene) back = edited (scene, edit_pixels, TRUE);
  int n_people;
  for (int kind = 0; kind < TACET_N_LAYER_KINDS; kind++)
    {
      g_autofree char *name = g_strdup_printf ("layer %d", kind);
      TacetLayer *is = find (back, name);
      const TacetImage *coverage = tacet_layer_get_coverage (is), *map = tacet_layer_get_map (is);
      g_assert_true (!coverage || coverage->data[95] == 255);
      g_assert_true (!map || map->data[95] == 255);
    }
  tacet_layer_get_people (find (back, "layer 2"), &n_people);
  g_assert_cmpint (n_people, ==, 0); /* its joints are no longer what is seen */
  /* And what was read is what is saved next. */
  char *folder = scene_test_make_folder ();
  g_autofree char *path = g_build_filename (folder, "a.ora", NULL), *digest = tacet_scene_digest (back);
  save (back, path);
  g_autoptr (TacetScene) third = load (path);
  scene_test_assert_digest (third, digest);
  scene_test_remove_folder (folder);
}

static void
drop_picture (TacetRaster *raster)
{
  TacetRasterLayer *layer = raster->layers->pdata[0];
  g_clear_pointer (&layer->png, g_bytes_unref);
}

/* A picture that is missing leaves a layer empty and a note; a program that only makes pictures refuses. */
static void
test_placeholder (void)
{
  g_autoptr (TacetScene) scene = scene_of_all_kinds ();
  g_autoptr (TacetScene) back = edited (scene, drop_picture, TRUE);
  g_assert_cmpuint (scene_test_n_controls (back), ==, TACET_N_LAYER_KINDS);
  g_assert_true (tacet_layer_is_empty (find (back, "layer 0")));
  g_assert_false (tacet_layer_is_empty (find (back, "layer 1")));
  g_assert_cmpuint (g_strv_length ((char **) tacet_scene_get_notes (back)), >=, 1);
}

static void
test_newer (void)
{
  char *folder = scene_test_make_folder ();
  g_autofree char *path = g_build_filename (folder, "a.json", NULL);
  const char *text =
      "{ \"format\": \"tacet-scene\", \"version\": 99, \"width\": 64, \"height\": 64, \"prompt\": \"later\" }";
  g_autoptr (GError) error = NULL;
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  g_assert_null (tacet_scene_load (path, NULL));
  g_autoptr (TacetScene) scene = tacet_scene_open (path, &error);
  g_assert_no_error (error);
  g_assert_true (tacet_scene_is_incomplete (scene));
  g_assert_cmpstr (tacet_scene_get_prompt (scene), ==, "later");
  g_assert_cmpuint (g_strv_length ((char **) tacet_scene_get_notes (scene)), ==, 1);
  scene_test_remove_folder (folder);
}

/* A save that cannot be finished leaves the file as it was. */
static void
test_failure (void)
{
  char *folder = scene_test_make_folder ();
  g_autofree char *inside = g_build_filename (folder, "a", NULL), *path = g_build_filename (inside, "a.ora", NULL);
  g_autoptr (TacetScene) scene = scene_of_all_kinds ();
  g_autoptr (GError) error = NULL;
  g_assert_false (tacet_scene_save (scene, path, &error)); /* no such folder */
  g_assert_nonnull (strstr (error->message, "Nothing was changed"));
  g_assert_true (tacet_scene_get_modified (scene));
  scene_test_remove_folder (folder);
}

/* The disk is full in the middle of the file: the one from before is as it was, nothing is left of the new one. */
static void
test_full_disk (void)
{
  char *folder = scene_test_make_folder ();
  g_autofree char *path = g_build_filename (folder, "a.ora", NULL), *before = NULL, *after = NULL;
  g_autoptr (TacetScene) scene = scene_of_all_kinds ();
  g_autoptr (GError) error = NULL;
  gsize n_before, n_after;
  struct rlimit usual, small;
  save (scene, path);
  g_assert_true (g_file_get_contents (path, &before, &n_before, NULL));
  tacet_scene_set_prompt (scene, "changed");
  g_assert_cmpint (getrlimit (RLIMIT_FSIZE, &usual), ==, 0);
  small = usual;
  small.rlim_cur = n_before / 2;
  signal (SIGXFSZ, SIG_IGN);
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &small), ==, 0);
  gboolean saved = tacet_scene_save (scene, path, &error);
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &usual), ==, 0);
  g_assert_false (saved);
  g_assert_nonnull (strstr (error->message, "Nothing was changed"));
  g_assert_true (tacet_scene_get_modified (scene));
  g_assert_true (g_file_get_contents (path, &after, &n_after, NULL));
  g_assert_cmpmem (before, n_before, after, n_after);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  g_assert_cmpstr (g_dir_read_name (dir), ==, "a.ora");
  g_assert_null (g_dir_read_name (dir));
  save (scene, path);
  scene_test_remove_folder (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/project/round-trip", test_round_trip);
  g_test_add_func ("/project/saved-again-and-again", test_saved_again_and_again);
  g_test_add_func ("/project/changed-meanwhile", test_changed_meanwhile);
  g_test_add_func ("/project/candidates", test_candidates);
  g_test_add_func ("/project/own-part-lost", test_own_part_lost);
  g_test_add_func ("/project/stack-edited", test_stack_edited);
  g_test_add_func ("/project/pixels-edited", test_pixels_edited);
  g_test_add_func ("/project/placeholder", test_placeholder);
  g_test_add_func ("/project/newer", test_newer);
  g_test_add_func ("/project/failure", test_failure);
  g_test_add_func ("/project/full-disk", test_full_disk);
  return g_test_run ();
}
