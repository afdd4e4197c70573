/* tacet-pose-draw.c: bones, handles, the frame, and hits of people.  Room: ui, no widgets. */
#define G_LOG_DOMAIN "tacet-pose"

#include "config.h"

#include "ui/tacet-pose-draw.h"

#include "ui/tacet-palette.h"

#include <math.h>

#define HANDLE       5.0  /* radius of a joint */
#define OTHER_HANDLE 4.0  /* of those who are not selected */
#define REACH        12.0 /* of the pointer, to a joint */
#define GROUP_REACH  8.0  /* to a point of a hand or face */
#define BONE_REACH   7.0
#define FRAME        16.0 /* from the outermost joint to the frame */
#define TURN         26.0 /* from the frame to the handle that turns */
#define FRAME_REACH  9.0
#define SMALL_FRAME  52.0 /* a shorter side has no handle in its middle */

gboolean
tacet_pose_ref_equal (TacetPoseRef a, TacetPoseRef b)
{
  return a.person == b.person && a.point == b.point && a.part == b.part;
}

/* ---- the frame ---- */

TacetPoseFrame
tacet_pose_frame (const TacetView *view, const TacetPerson *person, TacetBodyPart part)
{
  double box[4], around = FRAME / view->zoom;

  tacet_person_bounds (person, part, box);
  return (TacetPoseFrame){ { box[0] - around, box[2] + around, box[2] + around, box[0] - around },
                           { box[1] - around, box[1] - around, box[3] + around, box[3] + around } };
}

void
tacet_pose_frame_transform (TacetPoseFrame *frame, const double m[6])
{
  for (int i = 0; i < 4; i++)
    {
      double x = frame->x[i], y = frame->y[i];

      frame->x[i] = m[0] * x + m[2] * y + m[4];
      frame->y[i] = m[1] * x + m[3] * y + m[5];
    }
}

void
tacet_pose_frame_handle (const TacetPoseFrame *frame, const TacetView *view, int handle, double *x, double *y)
{
  int a = handle / 2 % 4, b = handle % 2 ? (a + 1) % 4 : a;

  if (handle == 8)
    {
      double up_x = frame->x[0] - frame->x[3], up_y = frame->y[0] - frame->y[3], length = hypot (up_x, up_y);
      double far = TURN / view->zoom / (length > 0 ? length : 1);

      *x = (frame->x[0] + frame->x[1]) / 2 + up_x * far;
      *y = (frame->y[0] + frame->y[1]) / 2 + up_y * far;
      return;
    }
  *x = (frame->x[a] + frame->x[b]) / 2;
  *y = (frame->y[a] + frame->y[b]) / 2;
}

static void
frame_point (const TacetPoseFrame *frame, const TacetView *view, int handle, double *x, double *y)
{
  double image_x, image_y;

  tacet_pose_frame_handle (frame, view, handle, &image_x, &image_y);
  tacet_view_to_widget (view, image_x, image_y, x, y);
}

/* Handles in the middle of a short side would cover those at its ends. */
static gboolean
has_handle (const TacetPoseFrame *frame, const TacetView *view, int handle)
{
  int a = handle / 2 % 4, b = (a + 1) % 4;

  return handle % 2 == 0 || hypot (frame->x[a] - frame->x[b], frame->y[a] - frame->y[b]) * view->zoom >= SMALL_FRAME;
}

/* ---- drawing ---- */

static void
seen_at (const TacetView *view, const TacetPerson *person, int point, double *x, double *y)
{
  tacet_view_to_widget (view, person->points[point].x, person->points[point].y, x, y);
}

static TacetRgb
colour_of (const guint8 rgb[3])
{
  return (TacetRgb){ rgb[0] / 255.0, rgb[1] / 255.0, rgb[2] / 255.0 };
}

static TacetRgb
point_colour (int point)
{
  if (point < TACET_POSE_JOINTS)
    return tacet_palette_joint (point);
  if (point >= TACET_FACE)
    return (TacetRgb){ 1, 1, 1 };
  point = (point - TACET_LEFT_HAND) % TACET_HAND_POINTS;
  return colour_of (tacet_hand_colors[MAX (point - 1, 0)]);
}

static void
draw_bone (cairo_t *cr, const TacetView *view, const TacetPerson *person, int from, int to, TacetRgb colour,
           double width)
{
  double x0, y0, x1, y1;

  if (!tacet_person_shows (person, from) || !tacet_person_shows (person, to))
    return;
  seen_at (view, person, from, &x0, &y0);
  seen_at (view, person, to, &x1, &y1);
  cairo_move_to (cr, x0, y0);
  cairo_line_to (cr, x1, y1);
  cairo_set_source_rgba (cr, 0, 0, 0, 0.55);
  cairo_set_line_width (cr, width + 2);
  cairo_stroke_preserve (cr);
  tacet_palette_set (cr, colour, 1);
  cairo_set_line_width (cr, width);
  cairo_stroke (cr);
}

static void
draw_bones (cairo_t *cr, const TacetView *view, const TacetPerson *person, int hovered)
{
  cairo_set_line_cap (cr, CAIRO_LINE_CAP_ROUND);
  for (int i = 0; i < TACET_POSE_LIMBS; i++)
    {
      int from = tacet_pose_limbs[i][0], to = tacet_pose_limbs[i][1];

      draw_bone (cr, view, person, from, to, tacet_palette_joint (i), to == hovered ? 5 : 2.5);
    }
  for (int i = TACET_LEFT_HAND; i < TACET_FACE; i++)
    if (tacet_person_has_point (person, i) && tacet_point_parent (i) >= TACET_LEFT_HAND)
      draw_bone (cr, view, person, tacet_point_parent (i), i, point_colour (i), i == hovered ? 3 : 1.5);
}

/* A disc; a square if it is locked. */
static void
outline (cairo_t *cr, double x, double y, double radius, gboolean square)
{
  cairo_new_path (cr);
  if (square)
    cairo_rectangle (cr, x - radius, y - radius, 2 * radius, 2 * radius);
  else
    cairo_arc (cr, x, y, radius, 0, 2 * G_PI);
}

static void
draw_point (cairo_t *cr, const TacetView *view, const TacetPerson *person, int point, gboolean of_selected,
            gboolean selected, gboolean hovered)
{
  TacetBodyPart part = tacet_point_part (point);
  gboolean group = tacet_body_part_is_group (part), open = !group || (person->open & (1u << part)) != 0;
  gboolean visible = tacet_person_shows (person, point), locked = tacet_person_is_locked (person, point);
  double radius = !group ? (of_selected ? HANDLE : OTHER_HANDLE) : (open ? 3.5 : (part == TACET_BODY_FACE ? 1.5 : 2)),
         x, y;

  if (hovered || selected)
    radius += 2;
  seen_at (view, person, point, &x, &y);
  if (selected)
    {
      outline (cr, x, y, radius + 3, locked);
      cairo_set_source_rgba (cr, 0, 0, 0, 0.6);
      cairo_set_line_width (cr, 4);
      cairo_stroke_preserve (cr);
      cairo_set_source_rgb (cr, 1, 1, 1);
      cairo_set_line_width (cr, 2);
      cairo_stroke (cr);
    }
  outline (cr, x, y, radius, locked);
  cairo_set_source_rgba (cr, 0, 0, 0, 0.6);
  cairo_set_line_width (cr, visible && open ? 4 : 3);
  cairo_stroke_preserve (cr);
  if (visible)
    {
      tacet_palette_set (cr, point_colour (point), 1);
      cairo_fill_preserve (cr);
      cairo_set_source_rgb (cr, 1, 1, 1);
    }
  else
    tacet_palette_set (cr, point_colour (point), 1);
  cairo_set_line_width (cr, open ? 1.5 : 0.5);
  cairo_stroke (cr);
}

static void
draw_frame (cairo_t *cr, const TacetView *view, const TacetPoseFrame *frame, const TacetPoseHit *hovered)
{
  double x, y, turn_x, turn_y;

  cairo_new_path (cr);
  for (int i = 0; i < 4; i++)
    {
      tacet_view_to_widget (view, frame->x[i], frame->y[i], &x, &y);
      cairo_line_to (cr, x, y);
    }
  cairo_close_path (cr);
  frame_point (frame, view, 1, &x, &y);
  frame_point (frame, view, 8, &turn_x, &turn_y);
  cairo_move_to (cr, x, y);
  cairo_line_to (cr, turn_x, turn_y);
  cairo_set_source_rgba (cr, 0, 0, 0, 0.5);
  cairo_set_line_width (cr, 3);
  cairo_stroke_preserve (cr);
  cairo_set_source_rgba (cr, 1, 1, 1, 0.9);
  cairo_set_line_width (cr, 1);
  cairo_stroke (cr);
  for (int i = 0; i <= 8; i++)
    {
      gboolean under =
          i == 8 ? hovered->kind == TACET_POSE_TURN : hovered->kind == TACET_POSE_SCALE && hovered->handle == i;

      if (!has_handle (frame, view, i))
        continue;
      frame_point (frame, view, i, &x, &y);
      outline (cr, x, y, (i == 8 ? 5 : 4) + (under ? 2 : 0), i != 8);
      cairo_set_source_rgb (cr, 1, 1, 1);
      cairo_fill_preserve (cr);
      cairo_set_source_rgba (cr, 0, 0, 0, 0.7);
      cairo_set_line_width (cr, 1.5);
      cairo_stroke (cr);
    }
}

static void
draw_person (cairo_t *cr, const TacetView *view, const TacetPerson *person, const TacetPoseRef *selected,
             const TacetPoseHit *hovered)
{
  int hovered_point = hovered && hovered->kind == TACET_POSE_POINT ? hovered->ref.point : -1;

  draw_bones (cr, view, person, hovered && hovered->kind == TACET_POSE_BONE ? hovered->ref.point : -1);
  /* The joints of the body last: they are what is taken first. */
  for (int i = TACET_PERSON_POINTS - 1; i >= 0; i--)
    if (tacet_person_has_point (person, i) && i != TACET_LEFT_HAND && i != TACET_RIGHT_HAND)
      draw_point (cr, view, person, i, selected != NULL, selected && selected->point == i, i == hovered_point);
}

void
tacet_pose_draw_handles (cairo_t *cr, const TacetView *view, const TacetPerson *people, int n_people,
                         TacetPoseRef selected, const TacetPoseHit *hovered, const TacetPoseFrame *frame)
{
  const TacetPoseHit nothing = { .ref = TACET_POSE_NONE };

  if (hovered == NULL)
    hovered = &nothing;
  for (int p = 0; p < n_people; p++)
    draw_person (cr, view, &people[p], p == selected.person ? &selected : NULL,
                 p == hovered->ref.person ? hovered : NULL);
  if (frame != NULL)
    draw_frame (cr, view, frame, hovered);
}

/* ---- hits ---- */

static gboolean
hit_frame (const TacetView *view, const TacetPoseFrame *frame, TacetPoseRef selected, double x, double y,
           TacetPoseHit *hit)
{
  for (int i = 8; i >= 0; i--)
    {
      double handle_x, handle_y;

      if (!has_handle (frame, view, i))
        continue;
      frame_point (frame, view, i, &handle_x, &handle_y);
      if (hypot (handle_x - x, handle_y - y) > FRAME_REACH)
        continue;
      *hit = (TacetPoseHit){ i == 8 ? TACET_POSE_TURN : TACET_POSE_SCALE, selected, i };
      return TRUE;
    }
  return FALSE;
}

static TacetPoseRef
ref_of (const TacetPerson *person, int index, int point)
{
  TacetBodyPart part = tacet_point_part (point);

  return (TacetPoseRef){ index, tacet_body_part_is_group (part) ? part : TACET_BODY_PERSON, point };
}

/* The nearest point within its reach, as a share of it; 1: none. */
static double
hit_point (const TacetView *view, const TacetPerson *person, int index, double x, double y, TacetPoseHit *hit)
{
  double best = 1;

  for (int i = 0; i < TACET_PERSON_POINTS; i++)
    {
      double reach = i < TACET_POSE_JOINTS ? REACH : GROUP_REACH, point_x, point_y, share;

      if (!tacet_person_has_point (person, i) || tacet_person_is_locked (person, i) || i == TACET_LEFT_HAND ||
          i == TACET_RIGHT_HAND)
        continue;
      seen_at (view, person, i, &point_x, &point_y);
      share = hypot (point_x - x, point_y - y) / reach;
      if (share >= best)
        continue;
      best = share;
      *hit = (TacetPoseHit){ TACET_POSE_POINT, ref_of (person, index, i), 0 };
    }
  return best;
}

static double
bone_distance (const TacetView *view, const TacetPerson *person, int point, double x, double y)
{
  double x0, y0, x1, y1, dx, dy, square, t;

  seen_at (view, person, tacet_point_parent (point), &x0, &y0);
  seen_at (view, person, point, &x1, &y1);
  dx = x1 - x0;
  dy = y1 - y0;
  square = dx * dx + dy * dy;
  t = square > 0 ? CLAMP (((x - x0) * dx + (y - y0) * dy) / square, 0, 1) : 0;
  return hypot (x0 + t * dx - x, y0 + t * dy - y);
}

static gboolean
hit_bone (const TacetView *view, const TacetPerson *person, int index, double x, double y, TacetPoseHit *hit)
{
  double best = BONE_REACH;

  for (int i = 0; i < TACET_FACE; i++)
    {
      int parent = tacet_point_parent (i);
      double distance;

      if (parent < 0 || i == TACET_LEFT_HAND || i == TACET_RIGHT_HAND || !tacet_person_shows (person, i) ||
          !tacet_person_shows (person, parent) || tacet_person_is_locked (person, i))
        continue;
      distance = bone_distance (view, person, i, x, y);
      if (distance >= best)
        continue;
      best = distance;
      *hit = (TacetPoseHit){ TACET_POSE_BONE, ref_of (person, index, i), 0 };
      /* The trunk is the person. */
      if (i == TACET_RIGHT_HIP || i == TACET_LEFT_HIP)
        *hit = (TacetPoseHit){ TACET_POSE_BODY, { index, TACET_BODY_PERSON, -1 }, 0 };
    }
  return best < BONE_REACH;
}

/* Inside, whichever way round the corners go. */
static gboolean
inside (const double x[4], const double y[4], double px, double py)
{
  gboolean in = FALSE;

  for (int i = 0, k = 3; i < 4; k = i++)
    if ((y[i] > py) != (y[k] > py) && px < (x[k] - x[i]) * (py - y[i]) / (y[k] - y[i]) + x[i])
      in = !in;
  return in;
}

static gboolean
hit_trunk (const TacetPerson *person, double image_x, double image_y)
{
  static const int corners[4] = { TACET_RIGHT_SHOULDER, TACET_LEFT_SHOULDER, TACET_LEFT_HIP, TACET_RIGHT_HIP };
  double x[4], y[4];

  for (int i = 0; i < 4; i++)
    {
      x[i] = person->points[corners[i]].x;
      y[i] = person->points[corners[i]].y;
    }
  return inside (x, y, image_x, image_y);
}

TacetPoseHit
tacet_pose_hit (const TacetView *view, const TacetPerson *people, int n_people, TacetPoseRef selected,
                const TacetPoseFrame *frame, double x, double y)
{
  TacetPoseHit best = { .ref = TACET_POSE_NONE };
  double image_x, image_y, nearest = 1;

  tacet_view_to_image (view, x, y, &image_x, &image_y);
  if (frame != NULL && hit_frame (view, frame, selected, x, y, &best))
    return best;
  /* The selected person first, then from the top. */
  for (int k = n_people; k >= 0; k--)
    {
      int p = k == n_people ? selected.person : k;
      TacetPoseHit hit;

      if (p >= 0 && p < n_people && hit_point (view, &people[p], p, x, y, &hit) < nearest)
        {
          nearest = hit_point (view, &people[p], p, x, y, &best);
          if (k == n_people)
            return best;
        }
    }
  if (best.kind != TACET_POSE_NOTHING)
    return best;
  for (int k = n_people; k >= 0; k--)
    {
      int p = k == n_people ? selected.person : k;

      if (p < 0 || p >= n_people || (people[p].locked & (1u << TACET_BODY_PERSON)) != 0)
        continue;
      if (hit_bone (view, &people[p], p, x, y, &best))
        return best;
      if (hit_trunk (&people[p], image_x, image_y))
        return (TacetPoseHit){ TACET_POSE_BODY, { p, TACET_BODY_PERSON, -1 }, 0 };
    }
  if (frame != NULL && inside (frame->x, frame->y, image_x, image_y))
    return (TacetPoseHit){ TACET_POSE_BODY, { selected.person, selected.part, -1 }, 0 };
  return best;
}
