/* tacet-pose.c: stick figures in OpenPose's colours.
 *
 * Room: engine/control.  Source: the limbs, colours, order and proportions of the pose maps that lllyasviel's
 * ControlNet and controlnet_aux draw at 512 pixels: limbs are ellipses at 60 % brightness with full discs over them;
 * bones of the hands are lines of 2 pixels, one hue after the other, their points blue discs; points of the face white
 * discs.  Drawn by our own few lines, with coverage from the distance to the outline, so that every machine draws the
 * same.
 */
#include "tacet-maps.h"
#include <math.h>
#include <string.h>

const int tacet_pose_limbs[TACET_POSE_LIMBS][2] = {
  { 1, 2 },  { 1, 5 },   { 2, 3 },   { 3, 4 }, { 5, 6 },  { 6, 7 },   { 1, 8 },  { 8, 9 },   { 9, 10 },
  { 1, 11 }, { 11, 12 }, { 12, 13 }, { 1, 0 }, { 0, 14 }, { 14, 16 }, { 0, 15 }, { 15, 17 },
};

const guint8 tacet_pose_colors[TACET_POSE_JOINTS][3] = {
  { 255, 0, 0 }, { 255, 85, 0 }, { 255, 170, 0 }, { 255, 255, 0 }, { 170, 255, 0 }, { 85, 255, 0 },
  { 0, 255, 0 }, { 0, 255, 85 }, { 0, 255, 170 }, { 0, 255, 255 }, { 0, 170, 255 }, { 0, 85, 255 },
  { 0, 0, 255 }, { 85, 0, 255 }, { 170, 0, 255 }, { 255, 0, 255 }, { 255, 0, 170 }, { 255, 0, 85 },
};

const guint8 tacet_hand_colors[TACET_HAND_BONES][3] = {
  { 255, 0, 0 },  { 255, 76, 0 },  { 255, 153, 0 }, { 255, 229, 0 }, { 204, 255, 0 }, { 127, 255, 0 }, { 51, 255, 0 },
  { 0, 255, 25 }, { 0, 255, 102 }, { 0, 255, 178 }, { 0, 255, 255 }, { 0, 178, 255 }, { 0, 102, 255 }, { 0, 25, 255 },
  { 50, 0, 255 }, { 127, 0, 255 }, { 203, 0, 255 }, { 255, 0, 229 }, { 255, 0, 152 }, { 255, 0, 76 },
};

static const guint8 hand_point_color[3] = { 0, 0, 255 }, face_color[3] = { 255, 255, 255 };

#define RADIUS_AT_512 4.0
#define BONE_AT_512   1.0 /* half the width of a hand's bone */
#define FACE_AT_512   3.0
#define LEAST_RADIUS  1.0 /* a thinner line would fade instead of getting thinner */

double
tacet_pose_radius (int width, int height)
{
  return MAX (LEAST_RADIUS, RADIUS_AT_512 * tacet_maps_scale (width, height));
}

typedef struct
{
  TacetImage *image;
  int left, right, top, bottom; /* only here */
} Clip;

typedef struct
{
  double x, y;          /* centre */
  double along, across; /* half axes */
  double cosine, sine;  /* of the direction of `along` */
} Ellipse;

/* Signed distance in pixels to the outline, exact on it and to first order near it; what the first order says of a
 * sharp end beyond its tip is not true. */
static double
ellipse_distance (const Ellipse *e, double u, double v)
{
  if (fabs (u) > e->along + 0.5)
    return fabs (u) - e->along;
  double a = u / e->along, b = v / e->across, level = sqrt (a * a + b * b);
  double slope = sqrt (a * a / (e->along * e->along) + b * b / (e->across * e->across));
  return slope > 0 ? (level - 1) * level / slope : -e->across;
}

static void
blend (guint8 *pixel, const double color[3], double share)
{
  for (int c = 0; c < 3; c++)
    pixel[c] = (guint8) (pixel[c] + share * (color[c] - pixel[c]) + 0.5);
}

/* Where a row y away from the centre crosses an ellipse that is `grow` times as large: offsets from the centre. */
static gboolean
row_span (const Ellipse *e, double grow, double y, double *from, double *to)
{
  double a = e->along * grow, b = e->across * grow;
  /* (x cos + y sin)^2 / a^2 + (y cos - x sin)^2 / b^2 = 1, a square equation in x */
  double square = e->cosine * e->cosine / (a * a) + e->sine * e->sine / (b * b);
  double half = y * e->cosine * e->sine * (1 / (a * a) - 1 / (b * b));
  double rest = y * y * (e->sine * e->sine / (a * a) + e->cosine * e->cosine / (b * b)) - 1;
  double root = half * half - square * rest;
  if (!(root >= 0))
    return FALSE;
  *from = (-half - sqrt (root)) / square;
  *to = (-half + sqrt (root)) / square;
  return TRUE;
}

static void
fill_ellipse (const Clip *clip, const Ellipse *e, const guint8 *rgb, double brightness)
{
  const double color[3] = { brightness * rgb[0], brightness * rgb[1], brightness * rgb[2] };
  const guint8 full[3] = { (guint8) (color[0] + 0.5), (guint8) (color[1] + 0.5), (guint8) (color[2] + 0.5) };
  double reach = MAX (e->along, e->across) + 1;
  /* Beyond these levels a pixel is empty or full, whatever its direction from the centre. */
  double outer = 1 + 0.5 / MIN (e->along, e->across), inner = 1 - 0.5 / MIN (e->along, e->across);
  if (!(isfinite (e->x) && isfinite (e->y) && isfinite (reach)))
    return;
  int top = (int) CLAMP (floor (e->y - reach), (double) clip->top, (double) clip->bottom);
  int bottom = (int) CLAMP (ceil (e->y + reach), (double) clip->top, (double) clip->bottom);
  for (int y = top; y < bottom; y++)
    {
      double dy = y + 0.5 - e->y, from, to, full_from = HUGE_VAL, full_to = -HUGE_VAL;
      if (!row_span (e, outer, dy, &from, &to))
        continue;
      if (inner > 0)
        row_span (e, inner, dy, &full_from, &full_to);
      int left = (int) CLAMP (floor (e->x + from - 0.5), (double) clip->left, (double) clip->right);
      int right = (int) CLAMP (ceil (e->x + to + 0.5), (double) clip->left, (double) clip->right);
      guint8 *pixel = clip->image->data + ((gsize) y * clip->image->width + left) * 3;
      for (int x = left; x < right; x++, pixel += 3)
        {
          double dx = x + 0.5 - e->x, share;
          if (dx > full_from && dx < full_to)
            {
              memcpy (pixel, full, 3);
              continue;
            }
          share = 0.5 - ellipse_distance (e, dx * e->cosine + dy * e->sine, dy * e->cosine - dx * e->sine);
          if (share > 0)
            blend (pixel, color, MIN (share, 1.0));
        }
    }
}

static void
fill_disc (const Clip *clip, const TacetJoint *joint, double radius, const guint8 *color)
{
  Ellipse disc = { .x = joint->x, .y = joint->y, .along = radius, .across = radius, .cosine = 1 };
  fill_ellipse (clip, &disc, color, 1.0);
}

/* A line with round ends. */
static void
fill_line (const Clip *clip, const TacetJoint *a, const TacetJoint *b, double half, const guint8 *rgb)
{
  const double color[3] = { rgb[0], rgb[1], rgb[2] };
  double dx = (double) b->x - a->x, dy = (double) b->y - a->y, square = dx * dx + dy * dy;
  if (!isfinite (square) || !isfinite (a->x + a->y))
    return;
  int top = (int) CLAMP (floor (MIN (a->y, b->y) - half - 1), (double) clip->top, (double) clip->bottom);
  int bottom = (int) CLAMP (ceil (MAX (a->y, b->y) + half + 1), (double) clip->top, (double) clip->bottom);
  int left = (int) CLAMP (floor (MIN (a->x, b->x) - half - 1), (double) clip->left, (double) clip->right);
  int right = (int) CLAMP (ceil (MAX (a->x, b->x) + half + 1), (double) clip->left, (double) clip->right);
  for (int y = top; y < bottom; y++)
    for (int x = left; x < right; x++)
      {
        double px = x + 0.5 - a->x, py = y + 0.5 - a->y;
        double t = square > 0 ? CLAMP ((px * dx + py * dy) / square, 0.0, 1.0) : 0;
        double vx = px - t * dx, vy = py - t * dy;
        double share = CLAMP (half + 0.5 - sqrt (vx * vx + vy * vy), 0.0, 1.0);
        if (share > 0)
          blend (clip->image->data + ((gsize) y * clip->image->width + x) * 3, color, share);
      }
}

static void
draw_limb (const Clip *clip, const TacetPerson *person, int limb, double radius)
{
  int from = tacet_pose_limbs[limb][0], to = tacet_pose_limbs[limb][1];
  const TacetJoint *a = &person->joints[from], *b = &person->joints[to];
  double length = hypot (b->x - a->x, b->y - a->y);
  if (!(tacet_person_shows (person, from) && tacet_person_shows (person, to) && length > 0))
    return;
  Ellipse ellipse = { .x = (a->x + b->x) / 2,
                      .y = (a->y + b->y) / 2,
                      .along = MAX (length / 2, radius),
                      .across = radius,
                      .cosine = (b->x - a->x) / length,
                      .sine = (b->y - a->y) / length };
  fill_ellipse (clip, &ellipse, tacet_pose_colors[limb], 0.6);
}

static void
draw_hand (const Clip *clip, const TacetPerson *person, int first, double scale)
{
  double radius = MAX (LEAST_RADIUS, RADIUS_AT_512 * scale), half = MAX (LEAST_RADIUS / 2, BONE_AT_512 * scale);
  for (int i = 1; i < TACET_HAND_POINTS; i++)
    {
      int from = i % 4 == 1 ? first : first + i - 1;
      if (tacet_person_shows (person, from) && tacet_person_shows (person, first + i))
        fill_line (clip, &person->points[from], &person->points[first + i], half, tacet_hand_colors[i - 1]);
    }
  for (int i = 0; i < TACET_HAND_POINTS; i++)
    if (tacet_person_shows (person, first + i))
      fill_disc (clip, &person->points[first + i], radius, hand_point_color);
}

static void
draw_person (const Clip *clip, const TacetPerson *person)
{
  double scale = tacet_maps_scale (clip->image->width, clip->image->height);
  double radius = tacet_pose_radius (clip->image->width, clip->image->height);
  for (int limb = 0; limb < TACET_POSE_LIMBS; limb++)
    draw_limb (clip, person, limb, radius);
  for (int joint = 0; joint < TACET_POSE_JOINTS; joint++)
    if (tacet_person_shows (person, joint))
      fill_disc (clip, &person->joints[joint], radius, tacet_pose_colors[joint]);
  draw_hand (clip, person, TACET_LEFT_HAND, scale);
  draw_hand (clip, person, TACET_RIGHT_HAND, scale);
  for (int i = 0; i < TACET_FACE_POINTS; i++)
    if (tacet_person_shows (person, TACET_FACE + i))
      fill_disc (clip, &person->face[i], MAX (LEAST_RADIUS, FACE_AT_512 * scale), face_color);
}

void
tacet_pose_area (const TacetPerson *person, int width, int height, int area[4])
{
  double box[4], around = tacet_pose_radius (width, height) + 2;
  memset (area, 0, 4 * sizeof area[0]);
  if (!tacet_person_shows_part (person, TACET_BODY_PERSON))
    return;
  tacet_person_bounds (person, TACET_BODY_PERSON, box);
  area[0] = (int) CLAMP (floor (box[0] - around), 0.0, (double) width);
  area[1] = (int) CLAMP (floor (box[1] - around), 0.0, (double) height);
  area[2] = (int) CLAMP (ceil (box[2] + around), 0.0, (double) width) - area[0];
  area[3] = (int) CLAMP (ceil (box[3] + around), 0.0, (double) height) - area[1];
}

void
tacet_pose_redraw (TacetImage *map, const TacetPerson *people, int n_people, int x, int y, int width, int height)
{
  Clip clip = { .image = map };
  clip.left = CLAMP (x, 0, map->width);
  clip.right = CLAMP (x + width, clip.left, map->width);
  clip.top = CLAMP (y, 0, map->height);
  clip.bottom = CLAMP (y + height, clip.top, map->height);
  for (int row = clip.top; row < clip.bottom; row++)
    memset (map->data + ((gsize) row * map->width + clip.left) * 3, 0, (gsize) (clip.right - clip.left) * 3);
  for (int i = 0; i < n_people; i++)
    draw_person (&clip, &people[i]);
}

TacetImage *
tacet_pose_draw (const TacetPerson *people, int n_people, int width, int height)
{
  TacetImage *image = tacet_image_new (width, height, 3);
  if (image != NULL)
    tacet_pose_redraw (image, people, n_people, 0, 0, width, height);
  return image;
}
