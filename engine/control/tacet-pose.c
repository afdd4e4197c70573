/* tacet-pose.c: stick figures in OpenPose's colours.
 *
 * Room: engine/control.  Source: the limbs, colours, order and proportions of lllyasviel/ControlNet's
 * pose maps (limbs are ellipses at 60 % brightness, joints full discs over them).  Drawn by our own
 * few lines, with coverage from the distance to the outline, so that every machine draws the same.
 */
#include "tacet-maps.h"
#include <math.h>

const int tacet_pose_limbs[TACET_POSE_LIMBS][2] = {
  { 1, 2 },  { 1, 5 },   { 2, 3 },   { 3, 4 }, { 5, 6 },  { 6, 7 },   { 1, 8 },  { 8, 9 },   { 9, 10 },
  { 1, 11 }, { 11, 12 }, { 12, 13 }, { 1, 0 }, { 0, 14 }, { 14, 16 }, { 0, 15 }, { 15, 17 },
};

const guint8 tacet_pose_colors[TACET_POSE_JOINTS][3] = {
  { 255, 0, 0 }, { 255, 85, 0 }, { 255, 170, 0 }, { 255, 255, 0 }, { 170, 255, 0 }, { 85, 255, 0 },
  { 0, 255, 0 }, { 0, 255, 85 }, { 0, 255, 170 }, { 0, 255, 255 }, { 0, 170, 255 }, { 0, 85, 255 },
  { 0, 0, 255 }, { 85, 0, 255 }, { 170, 0, 255 }, { 255, 0, 255 }, { 255, 0, 170 }, { 255, 0, 85 },
};

#define RADIUS_AT_512 4.0
#define LEAST_RADIUS  1.0 /* a thinner line would fade instead of getting thinner */

double
tacet_pose_radius (int width, int height)
{
  return MAX (LEAST_RADIUS, RADIUS_AT_512 * tacet_maps_scale (width, height));
}

typedef struct
{
  double x, y;          /* centre */
  double along, across; /* half axes */
  double cosine, sine;  /* of the direction of `along` */
} Ellipse;

/* Signed distance in pixels to the outline, exact on it and to first order near it. */
static double
ellipse_distance (const Ellipse *e, double x, double y)
{
  double u = (x - e->x) * e->cosine + (y - e->y) * e->sine;
  double v = (y - e->y) * e->cosine - (x - e->x) * e->sine;
  double level = hypot (u / e->along, v / e->across);
  double slope = hypot (u / (e->along * e->along), v / (e->across * e->across));
  return slope > 0 ? (level - 1) * level / slope : -e->across;
}

static void
fill_ellipse (TacetImage *image, const Ellipse *e, const guint8 *color, double brightness)
{
  double reach = MAX (e->along, e->across) + 1;
  if (!(isfinite (e->x) && isfinite (e->y) && isfinite (reach)))
    return;
  int left = (int) CLAMP (floor (e->x - reach), 0.0, image->width);
  int right = (int) CLAMP (ceil (e->x + reach), 0.0, image->width);
  int top = (int) CLAMP (floor (e->y - reach), 0.0, image->height);
  int bottom = (int) CLAMP (ceil (e->y + reach), 0.0, image->height);
  for (int y = top; y < bottom; y++)
    for (int x = left; x < right; x++)
      {
        double share = CLAMP (0.5 - ellipse_distance (e, x + 0.5, y + 0.5), 0.0, 1.0);
        guint8 *pixel = image->data + ((gsize) y * image->width + x) * 3;
        for (int c = 0; share > 0 && c < 3; c++)
          pixel[c] = (guint8) (pixel[c] + share * (brightness * color[c] - pixel[c]) + 0.5);
      }
}

static void
draw_limb (TacetImage *image, const TacetPerson *person, int limb, double radius)
{
  const TacetJoint *a = &person->joints[tacet_pose_limbs[limb][0]], *b = &person->joints[tacet_pose_limbs[limb][1]];
  double length = hypot (b->x - a->x, b->y - a->y);
  if (!(a->confidence > 0 && b->confidence > 0 && length > 0))
    return;
  Ellipse ellipse = { .x = (a->x + b->x) / 2,
                      .y = (a->y + b->y) / 2,
                      .along = MAX (length / 2, radius),
                      .across = radius,
                      .cosine = (b->x - a->x) / length,
                      .sine = (b->y - a->y) / length };
  fill_ellipse (image, &ellipse, tacet_pose_colors[limb], 0.6);
}

TacetImage *
tacet_pose_draw (const TacetPerson *people, int n_people, int width, int height)
{
  TacetImage *image = tacet_image_new (width, height, 3);
  if (image == NULL)
    return NULL;
  double radius = tacet_pose_radius (width, height);
  for (int limb = 0; limb < TACET_POSE_LIMBS; limb++)
    for (int i = 0; i < n_people; i++)
      draw_limb (image, &people[i], limb, radius);
  for (int joint = 0; joint < TACET_POSE_JOINTS; joint++)
    for (int i = 0; i < n_people; i++)
      {
        const TacetJoint *j = &people[i].joints[joint];
        Ellipse disc = { .x = j->x, .y = j->y, .along = radius, .across = radius, .cosine = 1 };
        if (j->confidence > 0)
          fill_ellipse (image, &disc, tacet_pose_colors[joint], 1.0);
      }
  return image;
}
