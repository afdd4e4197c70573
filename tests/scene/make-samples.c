/* make-samples.c: writes the sample scenes of data/scenes from the studio's renderer.
 *
 *   make-samples data/scenes
 *
 * Each control speaks only where it should: the pose of the person, the outline of the chair, the depth
 * of floor and wall.  In the last there are no controls, but words for its left and its right.  Not a test; it is kept
 * with them so that the samples can be made again.
 */
#include "engine/scene/tacet-scene.h"
#include "engine/studio/tacet-studio.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SIZE 64

enum
{
  SKY,
  FLOOR,
  WALL,
  FIRST_OBJECT
};

typedef struct
{
  const char *folder, *prompt;
  guint64 studio_seed, seed;
  int edge_objects;  /* bit n: object n; 0: no edge control */
  int depth_objects; /* the same */
  gboolean pose;
} Sample;

static const Sample samples[] = {
  { "person-chair-brick", "a man in white with arms up beside a red chair on a wooden floor, brick wall, front light",
    5726, 8, 1 << (FIRST_OBJECT + 1), 1 << FLOOR | 1 << WALL, TRUE },
  { "house-pine", "a white house beside a green pine on grass, sky, front light", 11, 3, 1 << (FIRST_OBJECT + 1),
    1 << FLOOR | 1 << FIRST_OBJECT, FALSE },
  { "person-waving", "a woman in orange waving on grass, clear sky, right light", 9, 5, 0, 0, TRUE },
};

/* 255 at the objects and `grow` pixels around them. */
static TacetImage *
mask_of (const TacetImage *objects, int wanted, int grow)
{
  TacetImage *mask = tacet_image_new (SIZE, SIZE, 1);
  for (int y = 0; y < SIZE; y++)
    for (int x = 0; x < SIZE; x++)
      for (int j = MAX (0, y - grow); j <= MIN (SIZE - 1, y + grow); j++)
        for (int i = MAX (0, x - grow); i <= MIN (SIZE - 1, x + grow); i++)
          if (wanted >> objects->data[j * SIZE + i] & 1)
            mask->data[y * SIZE + x] = 255;
  return mask;
}

static void
keep_inside (TacetImage *map, const TacetImage *mask)
{
  for (int i = 0; i < SIZE * SIZE; i++)
    if (!mask->data[i])
      map->data[i] = 0;
}

static void
add_edges (TacetScene *scene, const Sample *sample, const TacetStudioScene *truth)
{
  g_autoptr (TacetImage) near = mask_of (truth->objects, sample->edge_objects, 1);
  g_autoptr (TacetImage) others = mask_of (truth->objects, ~sample->edge_objects & ~7, 0);
  g_autoptr (TacetImage) map = tacet_image_copy (truth->edges);
  keep_inside (map, near);
  for (int i = 0; i < SIZE * SIZE; i++)
    if (others->data[i])
      map->data[i] = 0;
  TacetLayer *control = tacet_scene_add_layer (scene, TACET_LAYER_EDGE);
  tacet_scene_set_layer_map (scene, control, map, NULL);
}

static void
add_depth (TacetScene *scene, const Sample *sample, const TacetStudioScene *truth)
{
  /* A pixel less than the ground, so that the silent figures keep their borders to themselves. */
  g_autoptr (TacetImage) others = mask_of (truth->objects, ~sample->depth_objects, 1);
  g_autoptr (TacetImage) map = tacet_image_copy (truth->depth);
  g_autoptr (TacetImage) coverage = tacet_image_new (SIZE, SIZE, 1);
  for (int i = 0; i < SIZE * SIZE; i++)
    coverage->data[i] = 255 - others->data[i];
  keep_inside (map, coverage);
  TacetLayer *control = tacet_scene_add_layer (scene, TACET_LAYER_DEPTH);
  tacet_scene_set_layer_map (scene, control, map, coverage);
}

static void
add_pose (TacetScene *scene, const TacetStudioScene *truth)
{
  TacetLayer *control = tacet_scene_add_layer (scene, TACET_LAYER_POSE);
  for (int i = 0; i < truth->n_people; i++)
    {
      TacetPerson person = truth->people[i];
      for (int k = 0; k < TACET_POSE_JOINTS; k++)
        {
          person.joints[k].x = (float) ((int) (person.joints[k].x * 4 + 0.5)) / 4;
          person.joints[k].y = (float) ((int) (person.joints[k].y * 4 + 0.5)) / 4;
          person.joints[k].confidence = person.joints[k].confidence > 0;
        }
      tacet_scene_add_person (scene, control, &person);
    }
}

static gboolean
make (const Sample *sample, const char *folder, GError **error)
{
  g_auto (TacetStudioScene) truth = { 0 };
  TacetStudioOptions options = { SIZE, 2, NULL };
  if (!tacet_studio_render (sample->studio_seed, &options, &truth, error))
    return FALSE;
  g_print ("%s: %s\n", sample->folder, truth.caption);
  g_autoptr (TacetScene) scene = tacet_scene_new (SIZE, SIZE);
  g_autofree char *path = g_build_filename (folder, sample->folder, "scene.json", NULL);
  g_autofree char *place = g_path_get_dirname (path);
  g_mkdir_with_parents (place, 0777);
  tacet_scene_set_prompt (scene, sample->prompt);
  tacet_scene_set_seed (scene, sample->seed);
  tacet_scene_set_guidance_scale (scene, 3.0);
  if (sample->pose)
    add_pose (scene, &truth);
  if (sample->edge_objects)
    add_edges (scene, sample, &truth);
  if (sample->depth_objects)
    add_depth (scene, sample, &truth);
  return tacet_scene_save (scene, path, error);
}

/* An oval that fades over the outer quarter of its radius. */
static TacetImage *
oval (int width, int height, double x, double y, double radius_x, double radius_y)
{
  TacetImage *mask = tacet_image_new (width, height, 1);
  for (int i = 0; i < width * height; i++)
    {
      double distance = hypot ((i % width + 0.5 - x) / radius_x, (i / width + 0.5 - y) / radius_y);
      mask->data[i] = (guint8) (CLAMP (4 * (1 - distance), 0, 1) * 255);
    }
  return mask;
}

static void
add_region (TacetScene *scene, const char *name, const char *prompt, TacetImage *mask)
{
  TacetLayer *layer = tacet_scene_add_layer (scene, TACET_LAYER_REGION);
  tacet_scene_set_layer_name (scene, layer, name);
  tacet_scene_set_layer_prompt (scene, layer, prompt);
  tacet_scene_set_layer_coverage (scene, layer, mask);
  tacet_image_unref (mask);
}

static gboolean
make_words (const char *folder, GError **error)
{
  g_autoptr (TacetScene) scene = tacet_scene_new (96, 64);
  g_autofree char *place = g_build_filename (folder, "house-pine-words", NULL);
  g_autofree char *path = g_build_filename (place, "scene.json", NULL);
  g_mkdir_with_parents (place, 0777);
  tacet_scene_set_prompt (scene, "on grass, sky, front light");
  tacet_scene_set_seed (scene, 2);
  tacet_scene_set_guidance_scale (scene, 3.0);
  add_region (scene, "Pine", "a green pine", oval (96, 64, 74, 35, 24, 31));
  add_region (scene, "House", "a red house", oval (96, 64, 22, 36, 26, 32));
  return tacet_scene_save (scene, path, error);
}

int
main (int argc, char *argv[])
{
  g_autoptr (GError) error = NULL;
  gboolean good = argc == 2;
  for (guint i = 0; good && i < G_N_ELEMENTS (samples); i++)
    good = make (&samples[i], argv[1], &error);
  if (good && make_words (argv[1], &error))
    return EXIT_SUCCESS;
  g_printerr ("make-samples: %s\n", error ? error->message : "usage: make-samples data/scenes");
  return EXIT_FAILURE;
}
