/* make-projects.c: FOLDER: writes random documents as projects, for check-openraster.py and for readers of other
 * programs.
 *
 * Tests of engine/scene.
 */
#include "scene-test.h"

int
main (int argc, char **argv)
{
  for (guint32 seed = 1; seed <= 8 && argc == 2; seed++)
    {
      g_autofree char *name = g_strdup_printf ("%u.ora", seed), *path = g_build_filename (argv[1], name, NULL);
      g_autoptr (GRand) rand = g_rand_new_with_seed (seed);
      g_autoptr (GError) error = NULL;
      /* Smaller and larger than a thumbnail, not square. */
      g_autoptr (TacetScene) scene = seed % 4 ? tacet_scene_new (96, 72) : tacet_scene_new (150, 300);
      for (int i = 0; i < 80; i++)
        scene_test_random_edit (scene, rand);
      if (!tacet_scene_save (scene, path, &error))
        g_error ("%s", error->message);
    }
  return argc != 2;
}
