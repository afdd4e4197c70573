/* tacet-studio-render.c: one scene: picture, depth, edges, objects, people, caption.
 *
 * Room: engine/studio.  The picture takes samples x samples rays a pixel, the maps one ray through its middle.
 */
#include "config.h"

#include <glib/gi18n-lib.h>

#include "engine/studio/tacet-studio-world.h"

GQuark
tacet_studio_error_quark (void)
{
  return g_quark_from_static_string ("tacet-studio-error-quark");
}

#define STREAM_CAPTION 9

/* What lies in the middle of a pixel. */
typedef struct
{
  TacetHit hit;
  float z; /* depth along the optical axis */
  TacetVec normal;
} Point;

/* Within 2e-3 of the sRGB curve, from square roots alone. */
static guint8
display (float linear)
{
  float s = sqrtf (linear), q = sqrtf (s), e = sqrtf (q);
  float c = 0.662002687f * s + 0.684122060f * q - 0.323583601f * e - 0.0225411470f * linear;
  return (guint8) (tacet_clampf (c, 0, 1) * 255 + 0.5f);
}

static void
draw_picture (const TacetWorld *world, TacetImage *picture, int samples)
{
  int size = picture->width;
  float step = 1.0f / (float) samples, weight = step * step;
  guint8 *out = picture->data;
  for (int y = 0; y < size; y++)
    for (int x = 0; x < size; x++, out += 3)
      {
        TacetVec sum = tacet_vec (0, 0, 0);
        for (int i = 0; i < samples * samples; i++)
          {
            float dx = ((float) (i % samples) + 0.5f) * step, dy = ((float) (i / samples) + 0.5f) * step;
            TacetVec ray = tacet_world_ray (world, (float) x + dx, (float) y + dy, size);
            TacetHit hit = tacet_world_trace (world, world->eye, ray);
            int jitter = i & 3;
            sum = tacet_vec_add (sum, tacet_world_shade (world, world->eye, ray, &hit, jitter));
          }
        out[0] = display (sum.x * weight);
        out[1] = display (sum.y * weight);
        out[2] = display (sum.z * weight);
      }
}

static void
look (const TacetWorld *world, Point *points, int size)
{
  for (int y = 0; y < size; y++)
    for (int x = 0; x < size; x++)
      {
        Point *p = &points[y * size + x];
        TacetVec ray = tacet_world_ray (world, (float) x + 0.5f, (float) y + 0.5f, size);
        p->hit = tacet_world_trace (world, world->eye, ray);
        p->z = p->hit.t * tacet_vec_dot (ray, world->forward);
        p->normal = p->hit.object ? tacet_hit_normal (world, world->eye, ray, &p->hit) : tacet_vec (0, 0, 0);
      }
}

/* Inverse depth, from the nearest point (255) to the farthest, or to infinity where the sky is seen (1). */
static void
draw_depth (const Point *points, TacetImage *depth)
{
  int n = depth->width * depth->height;
  float near = 0, far = 1e30f;
  for (int i = 0; i < n; i++)
    {
      float inverse = points[i].hit.object ? 1 / points[i].z : 0;
      near = MAX (near, inverse);
      far = MIN (far, inverse);
    }
  float range = near - far > 1e-9f ? near - far : 1;
  for (int i = 0; i < n; i++)
    {
      float inverse = points[i].hit.object ? 1 / points[i].z : 0;
      depth->data[i] = (guint8) (1.5f + 254 * tacet_clampf ((inverse - far) / range, 0, 1));
    }
}

/* Curved parts have no edge within themselves, only at their caps. */
static gboolean
creased (const TacetPart *part, const Point *a, const Point *b)
{
  float turn = tacet_vec_dot (a->normal, b->normal);
  if (part->kind == TACET_SHAPE_BOX || part->kind == TACET_SHAPE_PRISM)
    return turn < 0.85f;
  if (part->kind != TACET_SHAPE_FRUSTUM)
    return FALSE;
  gboolean cap_a = fabsf (tacet_vec_dot (a->normal, part->axis[1])) > 0.999f;
  gboolean cap_b = fabsf (tacet_vec_dot (b->normal, part->axis[1])) > 0.999f;
  return cap_a != cap_b;
}

static gboolean
is_edge (const TacetWorld *world, const Point *a, const Point *b)
{
  if (a->hit.object != b->hit.object)
    return TRUE;
  if (a->hit.part < 0)
    return FALSE;
  const TacetPart *pa = &world->parts[a->hit.part], *pb = &world->parts[b->hit.part];
  if (pa->group != pb->group)
    return TRUE;
  if (pa == pb)
    return creased (pa, a, b);
  return fabsf (a->z - b->z) > 0.14f || tacet_vec_dot (a->normal, b->normal) < 0.5f;
}

static void
draw_edges (const TacetWorld *world, const Point *points, TacetImage *edges)
{
  int size = edges->width;
  for (int y = 0; y < size; y++)
    for (int x = 0; x < size; x++)
      for (int down = 0; down < 2; down++)
        {
          if ((down ? y : x) == size - 1)
            continue;
          int i = y * size + x, k = i + (down ? size : 1);
          if (is_edge (world, &points[i], &points[k]))
            edges->data[points[k].z < points[i].z ? k : i] = 255;
        }
}

static void
draw_objects (const Point *points, TacetImage *objects)
{
  for (int i = 0; i < objects->width * objects->height; i++)
    objects->data[i] = (guint8) points[i].hit.object;
}

static void
find_people (const TacetWorld *world, int size, TacetStudioScene *scene)
{
  scene->n_people = world->n_skeletons;
  for (int i = 0; i < world->n_skeletons; i++)
    for (int k = 0; k < TACET_POSE_JOINTS; k++)
      {
        const TacetSkeleton *skeleton = &world->skeletons[i];
        TacetJoint *joint = &scene->people[i].joints[k];
        TacetVec at = skeleton->joints[k];
        tacet_world_project (world, at, size, &joint->x, &joint->y);
        if (joint->x < 0 || joint->y < 0 || joint->x >= (float) size || joint->y >= (float) size)
          continue;
        TacetVec to = tacet_vec_sub (at, world->eye);
        TacetHit hit = tacet_world_trace (world, world->eye, tacet_vec_unit (to));
        gboolean seen = hit.object == skeleton->object && hit.t > tacet_vec_length (to) - skeleton->reach[k];
        joint->confidence = seen ? 1.0f : 0.5f;
      }
}

gboolean
tacet_studio_render (guint64 seed, const TacetStudioOptions *options, TacetStudioScene *scene, GError **error)
{
  int size = options->size, samples = options->samples;
  *scene = (TacetStudioScene){ 0 };
  if (size < 8 || size > 2048 || samples < 1 || samples > 16)
    {
      g_set_error (
          error, TACET_STUDIO_ERROR, TACET_STUDIO_ERROR_SIZE,
          _ ("A synthetic scene cannot be %d pixels wide with %d × %d samples a pixel; choose 8 to 2048 pixels "
             "and 1 to 16 samples."),
          size, samples, samples);
      return FALSE;
    }
  g_autofree TacetWorld *world = g_try_new (TacetWorld, 1);
  g_autofree Point *points = g_try_new (Point, (gsize) size * (gsize) size);
  scene->picture = tacet_image_new (size, size, 3);
  scene->depth = tacet_image_new (size, size, 1);
  scene->edges = tacet_image_new (size, size, 1);
  scene->objects = tacet_image_new (size, size, 1);
  if (!world || !points || !scene->picture || !scene->depth || !scene->edges || !scene->objects)
    {
      tacet_studio_scene_clear (scene);
      g_set_error (error, TACET_STUDIO_ERROR, TACET_STUDIO_ERROR_MEMORY,
                   _ ("There is not enough memory for a synthetic scene of %d × %d pixels."), size, size);
      return FALSE;
    }
  if (!tacet_world_compose (world, seed, options->subject, error))
    {
      tacet_studio_scene_clear (scene);
      return FALSE;
    }
  look (world, points, size);
  draw_picture (world, scene->picture, samples);
  draw_depth (points, scene->depth);
  draw_edges (world, points, scene->edges);
  draw_objects (points, scene->objects);
  find_people (world, size, scene);
  TacetDice dice = tacet_dice (seed, STREAM_CAPTION);
  scene->caption = tacet_caption (&world->facts, &dice);
  scene->subject = tacet_subject_word (world->facts.facts[0].subject);
  scene->colour = tacet_colour_word (world->facts.facts[0].colour);
  return TRUE;
}

void
tacet_studio_scene_clear (TacetStudioScene *scene)
{
  g_clear_pointer (&scene->picture, tacet_image_unref);
  g_clear_pointer (&scene->depth, tacet_image_unref);
  g_clear_pointer (&scene->edges, tacet_image_unref);
  g_clear_pointer (&scene->objects, tacet_image_unref);
  g_clear_pointer (&scene->caption, g_free);
  *scene = (TacetStudioScene){ 0 };
}
