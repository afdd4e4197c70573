/* test-studio.c: synthetic scenes: same seed, same bytes; the maps agree with each other and with the caption.
 *
 * Room: tests/studio.
 */
#include <glib/gstdio.h>
#include <json-glib/json-glib.h>
#include <string.h>

#include "engine/studio/tacet-studio.h"

static void
render (guint64 seed, int size, int samples, const char *subject, TacetStudioScene *scene)
{
  g_autoptr (GError) error = NULL;
  TacetStudioOptions options = { size, samples, subject };
  g_assert_true (tacet_studio_render (seed, &options, scene, &error));
  g_assert_no_error (error);
}

static void
check_same_bytes (void)
{
  for (guint64 seed = 0; seed < 12; seed++)
    {
      g_auto (TacetStudioScene) a = { 0 };
      g_auto (TacetStudioScene) b = { 0 };
      render (seed, 40, 2, NULL, &a);
      render (seed, 40, 2, NULL, &b);
      g_assert_true (tacet_image_equal (a.picture, b.picture));
      g_assert_true (tacet_image_equal (a.depth, b.depth));
      g_assert_true (tacet_image_equal (a.edges, b.edges));
      g_assert_true (tacet_image_equal (a.objects, b.objects));
      g_assert_cmpstr (a.caption, ==, b.caption);
      g_assert_cmpint (a.n_people, ==, b.n_people);
      g_assert_cmpmem (a.people, sizeof a.people, b.people, sizeof b.people);
      g_auto (TacetStudioScene) other = { 0 };
      render (seed + 1, 40, 2, NULL, &other);
      g_assert_false (tacet_image_equal (a.picture, other.picture));
    }
}

static void
add_image (GChecksum *sum, const TacetImage *image)
{
  g_checksum_update (sum, image->data, (gssize) image->width * image->height * image->channels);
}

/* Guards the look: models were trained on these bytes.  Whoever changes it on purpose, changes the digest. */
static void
check_digest (void)
{
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  for (guint64 seed = 0; seed < 60; seed++)
    {
      g_auto (TacetStudioScene) scene = { 0 };
      render (seed, 32, 2, NULL, &scene);
      add_image (sum, scene.picture);
      add_image (sum, scene.depth);
      add_image (sum, scene.edges);
      add_image (sum, scene.objects);
      g_checksum_update (sum, (const guchar *) scene.caption, -1);
    }
  g_assert_cmpstr (g_checksum_get_string (sum), ==, "18482199fccd6c938e8dfce1b0edb47d7238b84ed1dd3b02a9abb6df73dd3b29");
}

/* Whether a pixel within one of (x, y) shows the object. */
static gboolean
near_object (const TacetImage *objects, float x, float y, int object)
{
  for (int dy = -1; dy <= 1; dy++)
    for (int dx = -1; dx <= 1; dx++)
      {
        int px = CLAMP ((int) x + dx, 0, objects->width - 1), py = CLAMP ((int) y + dy, 0, objects->height - 1);
        if (objects->data[py * objects->width + px] == object)
          return TRUE;
      }
  return FALSE;
}

static void
check_joints (void)
{
  int seen = 0, hidden = 0;
  for (guint64 seed = 0; seed < 60; seed++)
    {
      g_auto (TacetStudioScene) scene = { 0 };
      render (seed, 64, 1, "person", &scene);
      g_assert_cmpint (scene.n_people, ==, 1);
      const TacetJoint *joints = scene.people[0].joints;
      for (int i = 0; i < TACET_POSE_JOINTS; i++)
        {
          if (joints[i].confidence == 1)
            {
              seen++;
              g_assert_true (near_object (scene.objects, joints[i].x, joints[i].y, 3));
            }
          else if (joints[i].confidence == 0.5f)
            hidden++;
          else
            g_assert_cmpfloat (joints[i].confidence, ==, 0);
        }
      /* upright people: nose above neck above hips above ankles */
      g_assert_cmpfloat (joints[0].y, <, joints[1].y);
      g_assert_cmpfloat (joints[1].y, <, MIN (joints[8].y, joints[11].y));
      g_assert_cmpfloat (MAX (joints[8].y, joints[11].y), <, MIN (joints[10].y, joints[13].y));
      /* they face us: their right is on the left */
      g_assert_cmpfloat (joints[2].x, <, joints[5].x);
    }
  g_assert_cmpint (seen, >, 60 * 12);
  g_assert_cmpint (hidden, >, 0);
}

static void
check_nobody (void)
{
  for (guint64 seed = 0; seed < 30; seed++)
    {
      g_auto (TacetStudioScene) scene = { 0 };
      render (seed, 16, 1, "house", &scene);
      g_assert_cmpint (scene.n_people, ==, 0);
      g_assert_cmpstr (scene.subject, ==, "house");
    }
}

static gboolean
pair_differs (const guint8 *objects, const guint8 *edges, int i, int k)
{
  return objects[i] == objects[k] || edges[i] || edges[k];
}

/* Every border between objects is drawn, and nothing where only floor, wall or sky is about. */
static void
check_edges (void)
{
  const int size = 64;
  for (guint64 seed = 100; seed < 140; seed++)
    {
      g_auto (TacetStudioScene) scene = { 0 };
      render (seed, size, 1, NULL, &scene);
      const guint8 *objects = scene.objects->data, *edges = scene.edges->data;
      int drawn = 0;
      for (int y = 1; y < size - 1; y++)
        for (int x = 1; x < size - 1; x++)
          {
            int i = y * size + x;
            g_assert_true (pair_differs (objects, edges, i, i + 1));
            g_assert_true (pair_differs (objects, edges, i, i + size));
            g_assert_true (edges[i] == 0 || edges[i] == 255);
            drawn += edges[i] == 255;
            if (edges[i] && objects[i] < 3)
              g_assert_true (objects[i] != objects[i + 1] || objects[i] != objects[i - 1] ||
                             objects[i] != objects[i + size] || objects[i] != objects[i - size]);
          }
      g_assert_cmpint (drawn, >, size);
      g_assert_cmpint (drawn, <, size * size / 4);
    }
}

static void
check_depth (void)
{
  const int size = 48;
  gboolean sky = FALSE;
  for (guint64 seed = 200; seed < 240; seed++)
    {
      g_auto (TacetStudioScene) scene = { 0 };
      render (seed, size, 1, NULL, &scene);
      const guint8 *objects = scene.objects->data, *depth = scene.depth->data;
      int least = 255, most = 0;
      for (int i = 0; i < size * size; i++)
        {
          least = MIN (least, depth[i]);
          most = MAX (most, depth[i]);
          if (objects[i] == 0)
            {
              sky = TRUE;
              g_assert_cmpint (depth[i], ==, 1);
            }
          /* the ground comes nearer towards the lower border */
          if (i + size < size * size && objects[i] == 1 && objects[i + size] == 1)
            g_assert_cmpint (depth[i], <=, depth[i + size]);
          /* what stands on the ground is nearer than the wall that it hides */
          if (objects[i] >= 3 && i >= size && objects[i - size] == 2)
            g_assert_cmpint (depth[i], >, depth[i - size]);
        }
      g_assert_cmpint (least, ==, 1);
      g_assert_cmpint (most, ==, 255);
    }
  g_assert_true (sky);
}

/* Large, and near the middle. */
static void
check_composition (void)
{
  const int size = 32;
  int cut = 0;
  for (guint64 seed = 300; seed < 500; seed++)
    {
      g_auto (TacetStudioScene) scene = { 0 };
      render (seed, size, 1, NULL, &scene);
      int covered = 0, top = size, bottom = 0, left = size, right = 0;
      for (int i = 0; i < size * size; i++)
        if (scene.objects->data[i] >= 3)
          {
            covered++;
            top = MIN (top, i / size);
            bottom = MAX (bottom, i / size);
            left = MIN (left, i % size);
            right = MAX (right, i % size);
          }
      g_assert_cmpint (covered, >, size * size / 20);
      g_assert_cmpint (covered, <, size * size * 6 / 10);
      g_assert_cmpint (MAX (bottom - top, right - left), >, size * 4 / 10);
      cut += top == 0 || bottom == size - 1 || left == 0 || right == size - 1;
    }
  g_assert_cmpint (cut, <=, 2); /* an arm beyond the border is rare */
}

static void
mean_colour (const TacetStudioScene *scene, double *rgb)
{
  int n = 0;
  rgb[0] = rgb[1] = rgb[2] = 0;
  for (int i = 0; i < scene->objects->width * scene->objects->height; i++)
    if (scene->objects->data[i] == 3)
      {
        for (int c = 0; c < 3; c++)
          rgb[c] += scene->picture->data[3 * i + c];
        n++;
      }
  for (int c = 0; c < 3; c++)
    rgb[c] /= MAX (n, 1);
}

/* Colour words are true under every light. */
static void
check_colours (void)
{
  int checked = 0;
  for (guint64 seed = 0; seed < 200; seed++)
    {
      g_auto (TacetStudioScene) scene = { 0 };
      double c[3];
      render (seed, 24, 1, "ball", &scene);
      mean_colour (&scene, c);
      checked++;
      if (strcmp (scene.colour, "red") == 0)
        g_assert_true (c[0] > 1.8 * c[1] && c[0] > 1.8 * c[2]);
      else if (strcmp (scene.colour, "green") == 0)
        g_assert_true (c[1] > 1.1 * c[0] && c[1] > 1.4 * c[2]);
      else if (strcmp (scene.colour, "blue") == 0)
        g_assert_true (c[2] > 1.2 * c[0] && c[2] > 1.2 * c[1]);
      else if (strcmp (scene.colour, "white") == 0)
        g_assert_true (MIN (c[0], MIN (c[1], c[2])) > 130);
      else if (strcmp (scene.colour, "black") == 0)
        g_assert_true (MAX (c[0], MAX (c[1], c[2])) < 90);
      else
        checked--;
    }
  g_assert_cmpint (checked, >, 50);
}

static void
check_captions (void)
{
  const char *const *words = tacet_studio_words ();
  g_autoptr (GHashTable) used = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GHashTable) subjects = g_hash_table_new (g_str_hash, g_str_equal);
  for (guint64 seed = 0; seed < 4000; seed++)
    {
      g_auto (TacetStudioScene) scene = { 0 };
      render (seed, 8, 1, NULL, &scene);
      g_hash_table_add (subjects, (gpointer) scene.subject);
      g_assert_cmpuint (strlen (scene.caption), >, 0);
      int tokens = 0;
      for (const char *p = scene.caption; *p; p++)
        tokens += *p == ',';
      g_auto (GStrv) parts = g_strsplit_set (scene.caption, " ,", -1);
      for (char **part = parts; *part; part++)
        {
          if (**part == '\0')
            continue;
          tokens++;
          if (!g_strv_contains (words, *part))
            g_error ("“%s” is not in the list of words", *part);
          g_hash_table_add (used, g_strdup (*part));
        }
      g_assert_cmpint (tokens, <=, 24);
    }
  for (const char *const *word = words; *word; word++)
    {
      if (!g_hash_table_contains (used, *word))
        g_error ("no caption says “%s”", *word);
      if (word[1])
        g_assert_cmpstr (word[0], <, word[1]);
    }
  for (const char *const *subject = tacet_studio_subjects (); *subject; subject++)
    g_assert_true (g_hash_table_contains (subjects, *subject));
}

static void
check_subjects (void)
{
  for (const char *const *subject = tacet_studio_subjects (); *subject; subject++)
    {
      g_auto (TacetStudioScene) scene = { 0 };
      render (7, 24, 1, *subject, &scene);
      g_assert_cmpstr (scene.subject, ==, *subject);
      g_assert_true (near_object (scene.objects, 12, 12, 3) || near_object (scene.objects, 6, 12, 3) ||
                     near_object (scene.objects, 18, 12, 3));
    }
}

static void
check_refusals (void)
{
  static const TacetStudioOptions wrong[] = { { 0, 2, NULL },  { 7, 2, NULL },   { 100000, 2, NULL },
                                              { 64, 0, NULL }, { 64, 99, NULL }, { -64, 2, NULL } };
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_autoptr (GError) error = NULL;
      TacetStudioScene scene;
      g_assert_false (tacet_studio_render (1, &wrong[i], &scene, &error));
      g_assert_error (error, TACET_STUDIO_ERROR, TACET_STUDIO_ERROR_SIZE);
      g_assert_null (scene.picture);
      tacet_studio_scene_clear (&scene);
    }
  g_autoptr (GError) error = NULL;
  TacetStudioOptions options = { 64, 2, "unicorn" };
  TacetStudioScene scene;
  g_assert_false (tacet_studio_render (1, &options, &scene, &error));
  g_assert_error (error, TACET_STUDIO_ERROR, TACET_STUDIO_ERROR_SUBJECT);
  g_assert_null (scene.picture);
}

static void
check_contact_sheet (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TacetImage) sheet = tacet_studio_contact_sheet (3, 2, 16, 5, &error);
  g_assert_no_error (error);
  g_assert_cmpint (sheet->width, ==, 52);
  g_assert_cmpint (sheet->height, ==, 34);
  g_auto (TacetStudioScene) scene = { 0 };
  render (5 + 4, 16, 2, NULL, &scene);
  for (int y = 0; y < 16; y++)
    g_assert_cmpmem (sheet->data + ((18 + y) * 52 + 18) * 3, 48, scene.picture->data + y * 48, 48);
  g_assert_null (tacet_studio_contact_sheet (2000000000, 2, 64, 1, &error));
  g_assert_error (error, TACET_STUDIO_ERROR, TACET_STUDIO_ERROR_SIZE);
  g_clear_error (&error);
  g_assert_null (tacet_studio_contact_sheet (-1, 2, 64, 1, &error));
  g_assert_error (error, TACET_STUDIO_ERROR, TACET_STUDIO_ERROR_SIZE);
}

static void
remove_folder (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;
  while (dir && (name = g_dir_read_name (dir)))
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      g_unlink (path);
    }
  g_rmdir (folder);
}

static void
check_map (JsonObject *line, const char *member, const char *folder, const TacetImage *expected)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_build_filename (folder, json_object_get_string_member (line, member), NULL);
  g_autoptr (TacetImage) image = tacet_image_load_png (path, &error);
  g_assert_no_error (error);
  g_assert_true (tacet_image_equal (image, expected));
}

static void
check_line (const char *text, guint64 seed, const char *folder)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_assert_true (json_parser_load_from_data (parser, text, -1, &error));
  JsonObject *line = json_node_get_object (json_parser_get_root (parser));
  g_auto (TacetStudioScene) scene = { 0 };
  render (seed, 24, 2, NULL, &scene);
  g_autoptr (TacetImage) pose = tacet_pose_draw (scene.people, scene.n_people, 24, 24);
  check_map (line, "picture", folder, scene.picture);
  check_map (line, "depth", folder, scene.depth);
  check_map (line, "edges", folder, scene.edges);
  check_map (line, "objects", folder, scene.objects);
  check_map (line, "pose", folder, pose);
  g_assert_cmpstr (json_object_get_string_member (line, "caption"), ==, scene.caption);
  JsonArray *people = json_object_get_array_member (line, "people");
  g_assert_cmpuint (json_array_get_length (people), ==, (guint) scene.n_people);
  for (int i = 0; i < scene.n_people; i++)
    {
      JsonArray *joints = json_array_get_array_element (people, (guint) i);
      g_assert_cmpuint (json_array_get_length (joints), ==, TACET_POSE_JOINTS);
      JsonArray *nose = json_array_get_array_element (joints, 0);
      g_assert_cmpfloat_with_epsilon (json_array_get_double_element (nose, 0), scene.people[i].joints[0].x, 1e-3);
    }
}

static void
stop_at_two (int done, int count, gpointer data)
{
  g_assert_cmpint (count, ==, 4);
  if (done == 2)
    g_cancellable_cancel (data);
}

static void
check_data_set (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = g_dir_make_tmp ("tacet-studio-XXXXXX", &error);
  g_assert_no_error (error);
  g_assert_true (tacet_studio_data_set (6, 24, 40, folder, NULL, NULL, NULL, &error));
  g_assert_no_error (error);
  g_autofree char *path = g_build_filename (folder, "scenes.jsonl", NULL);
  g_autofree char *text = NULL;
  g_assert_true (g_file_get_contents (path, &text, NULL, &error));
  g_auto (GStrv) lines = g_strsplit (g_strchomp (text), "\n", -1);
  g_assert_cmpuint (g_strv_length (lines), ==, 6);
  for (guint i = 0; i < 6; i++)
    check_line (lines[i], 40 + i, folder);
  g_unlink (path);

  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_assert_false (tacet_studio_data_set (4, 16, 1, folder, stop_at_two, cancellable, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
  g_clear_error (&error);

  g_autofree char *blocked = g_build_filename (folder, "000000-depth.png", "below", NULL);
  g_assert_false (tacet_studio_data_set (1, 16, 1, blocked, NULL, NULL, NULL, &error));
  g_assert_error (error, TACET_STUDIO_ERROR, TACET_STUDIO_ERROR_FOLDER);
  remove_folder (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/studio/same-bytes", check_same_bytes);
  g_test_add_func ("/studio/digest", check_digest);
  g_test_add_func ("/studio/joints", check_joints);
  g_test_add_func ("/studio/nobody", check_nobody);
  g_test_add_func ("/studio/edges", check_edges);
  g_test_add_func ("/studio/depth", check_depth);
  g_test_add_func ("/studio/composition", check_composition);
  g_test_add_func ("/studio/colours", check_colours);
  g_test_add_func ("/studio/captions", check_captions);
  g_test_add_func ("/studio/subjects", check_subjects);
  g_test_add_func ("/studio/refusals", check_refusals);
  g_test_add_func ("/studio/contact-sheet", check_contact_sheet);
  g_test_add_func ("/studio/data-set", check_data_set);
  return g_test_run ();
}
