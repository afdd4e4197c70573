/* test-measure.c: fidelity of pictures to maps, and the judge that reads them. */
#include "engine/measure/tacet-fidelity.h"
#include "engine/measure/tacet-judge.h"
#include "engine/studio/tacet-studio.h"

#include <glib/gstdio.h>
#include <math.h>

/* A white square on black, its left upper corner at (left, top). */
static TacetImage *
square (int left, int top)
{
  TacetImage *image = tacet_image_new (64, 64, 3);
  for (int y = top; y < top + 24; y++)
    for (int x = left; x < left + 24; x++)
      for (int c = 0; c < 3; c++)
        image->data[(y * 64 + x) * 3 + c] = 255;
  return image;
}

static void
test_edges (void)
{
  g_autoptr (TacetImage) picture = square (20, 20), far = square (4, 36), empty = tacet_image_new (64, 64, 3);
  g_autoptr (TacetImage) map = tacet_canny (picture, 100, 200);
  g_assert_cmpfloat (tacet_fidelity_edges (picture, map, NULL, 1.5), ==, 1);
  g_assert_cmpfloat (tacet_fidelity_edges (far, map, NULL, 1.5), <, 0.4);
  g_assert_cmpfloat (tacet_fidelity_edges (empty, map, NULL, 1.5), ==, 0);
  /* Where the map is silent nothing is compared. */
  g_autoptr (TacetImage) silent = tacet_image_new (64, 64, 1);
  g_assert_cmpfloat (tacet_fidelity_edges (far, map, silent, 1.5), ==, -1);
}

static void
test_depth (void)
{
  TacetVerdict verdict;
  g_autoptr (TacetImage) map = tacet_image_new (16, 16, 1), covered = tacet_image_new (16, 16, 1);
  for (int i = 0; i < 256; i++)
    {
      map->data[i] = (guint8) i;
      verdict.depth[i] = 0.25f + 0.5f * (float) i / 255; /* another scale and offset says the same */
      covered->data[i] = i < 128 ? 255 : 0;
    }
  g_assert_cmpfloat (tacet_fidelity_depth (&verdict, map, NULL), <, 1e-6);
  for (int i = 128; i < 256; i++)
    verdict.depth[i] = 0;
  g_assert_cmpfloat (tacet_fidelity_depth (&verdict, map, NULL), >, 0.1);
  g_assert_cmpfloat (tacet_fidelity_depth (&verdict, map, covered), <, 1e-6);
}

static void
test_pose (void)
{
  TacetVerdict verdict = { 0 };
  TacetPerson person = { 0 };
  g_assert_cmpfloat (tacet_fidelity_pose (&verdict, &person, 64), ==, -1);
  for (int j = 0; j < TACET_POSE_JOINTS; j++)
    {
      person.joints[j] = (TacetJoint){ (float) j, 10, j < 9 ? 1.0f : 0.0f };
      verdict.person.joints[j] = (TacetJoint){ (float) j, j < 9 ? 26.0f : 60.0f, 1 };
    }
  g_assert_cmpfloat_with_epsilon (tacet_fidelity_pose (&verdict, &person, 64), 0.25, 1e-6);
}

/* A handful of steps: the judge is made, saved, opened and looks; with rendered scenes it begins to learn. */
static void
test_judge (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = g_dir_make_tmp ("tacet-judge-XXXXXX", &error);
  g_autofree char *path = g_build_filename (folder, "judge.safetensors", NULL);
  gboolean trained = tacet_judge_train (path, 6, 1, 2, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (trained);
  g_autoptr (TacetJudge) judge = tacet_judge_open (path, &error);
  g_assert_no_error (error);

  const TacetStudioOptions options = { .size = 96, .samples = 1 };
  g_auto (TacetStudioScene) scene = { NULL };
  TacetVerdict verdict;
  g_assert_true (tacet_studio_render (5, &options, &scene, &error));
  g_assert_true (tacet_judge_look (judge, scene.picture, &verdict, &error));
  g_assert_cmpint (verdict.subject, <, tacet_judge_n_subjects ());
  g_assert_cmpfloat (verdict.certainty, >=, 1.0 / tacet_judge_n_subjects ());
  g_assert_cmpfloat (verdict.person.joints[0].x, <, 96);
  g_assert_cmpfloat (tacet_fidelity_depth (&verdict, scene.depth, NULL), <, 0.5);
  g_assert_null (tacet_judge_open (folder, &error));
  g_assert_nonnull (error);

  g_autofree char *command = g_strdup_printf ("rm -r '%s'", folder);
  g_assert_true (g_spawn_command_line_sync (command, NULL, NULL, NULL, NULL));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/measure/edges", test_edges);
  g_test_add_func ("/measure/depth", test_depth);
  g_test_add_func ("/measure/pose", test_pose);
  g_test_add_func ("/measure/judge", test_judge);
  return g_test_run ();
}
