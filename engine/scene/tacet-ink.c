/* tacet-ink.c: areas and lines as coverage.
 *
 * Room: engine/scene.  Edges are walked row by row, 16 lines to a pixel; what lies between the crossings of a line
 * where the winding is not zero is added up, exactly along the line.  A thick line is the union of its pieces, which
 * nonzero winding gives for nothing if all of them turn the same way.
 */
#define G_LOG_DOMAIN "tacet-scene"
#include "config.h"

#include "tacet-ink.h"
#include <math.h>
#include <string.h>

#define LINES     16    /* in a pixel */
#define FLATNESS  0.02  /* pixels between a circle and its polygon */
#define FAR       1.0e6 /* farther away nothing keeps its place in a document */
#define MAX_EDGES (1 << 22)
#define STRAIGHT  0.98 /* cosine of a turn that is hardly one */

typedef struct
{
  double x0, y0, x1, y1; /* y0 < y1 */
  int winding;
} Edge;

void
tacet_ink_free (TacetInk *self)
{
  if (!self)
    return;
  g_free (self->alpha);
  g_free (self->value);
  g_free (self);
}

static TacetInk *
ink_new (int x, int y, int width, int height)
{
  TacetInk *self = g_new0 (TacetInk, 1);
  *self = (TacetInk){ x, y, width, height, g_try_malloc0 ((gsize) width * height), NULL };
  if (!self->alpha)
    g_clear_pointer (&self, tacet_ink_free);
  return self;
}

static TacetInkPoint
sane (TacetInkPoint p)
{
  return (TacetInkPoint){ CLAMP (p.x, -FAR, FAR), CLAMP (p.y, -FAR, FAR),
                          isfinite (p.width) ? CLAMP (p.width, 0, FAR) : 0 };
}

static gboolean
is_point (TacetInkPoint p)
{
  return isfinite (p.x) && isfinite (p.y);
}

/* ---- edges to coverage ---- */

static void
add_edge (GArray *edges, double x0, double y0, double x1, double y1)
{
  if (y0 == y1 || edges->len >= MAX_EDGES)
    return;
  Edge edge = y0 < y1 ? (Edge){ x0, y0, x1, y1, 1 } : (Edge){ x1, y1, x0, y0, -1 };
  g_array_append_val (edges, edge);
}

typedef struct
{
  double x;
  int winding;
} Crossing;

static int
compare_crossings (gconstpointer a, gconstpointer b)
{
  double x = ((const Crossing *) a)->x, y = ((const Crossing *) b)->x;
  return (x > y) - (x < y);
}

static int
compare_edges (gconstpointer a, gconstpointer b)
{
  double x = ((const Edge *) a)->y0, y = ((const Edge *) b)->y0;
  return (x > y) - (x < y);
}

/* The span from..to of one line, within 0..width. */
static void
add_span (double *row, int width, double from, double to)
{
  from = CLAMP (from, 0, width);
  to = CLAMP (to, 0, width);
  if (from >= to)
    return;
  int first = MIN ((int) from, width - 1), last = MIN ((int) to, width - 1);
  if (first == last)
    {
      row[first] += to - from;
      return;
    }
  row[first] += first + 1 - from;
  for (int x = first + 1; x < last; x++)
    row[x] += 1;
  row[last] += to - last;
}

/* The edges that cross the line at y, as crossings from left to right; those that have ended are forgotten. */
static void
cross (const GArray *edges, GArray *active, guint *next, double y, GArray *crossings)
{
  const Edge *edge = (const Edge *) (gpointer) edges->data;
  g_array_set_size (crossings, 0);
  for (; *next < edges->len && edge[*next].y0 <= y; ++*next)
    g_array_append_val (active, *next);
  for (guint i = 0; i < active->len;)
    {
      const Edge *e = &edge[g_array_index (active, guint, i)];
      if (e->y1 <= y)
        {
          g_array_remove_index_fast (active, i);
          continue;
        }
      Crossing crossing = { e->x0 + (y - e->y0) * (e->x1 - e->x0) / (e->y1 - e->y0), e->winding };
      g_array_append_val (crossings, crossing);
      i++;
    }
  if (crossings->len)
    qsort (crossings->data, crossings->len, sizeof (Crossing), compare_crossings);
}

static void
cover (TacetInk *self, GArray *edges, double *row)
{
  g_autoptr (GArray) active = g_array_new (FALSE, FALSE, sizeof (guint));
  g_autoptr (GArray) crossings = g_array_new (FALSE, FALSE, sizeof (Crossing));
  guint next = 0;
  qsort (edges->data, edges->len, sizeof (Edge), compare_edges);
  for (int y = 0; y < self->height; y++)
    {
      memset (row, 0, (gsize) self->width * sizeof (double));
      for (int line = 0; line < LINES; line++)
        {
          cross (edges, active, &next, self->y + y + (line + 0.5) / LINES, crossings);
          int winding = 0;
          for (guint i = 0; i + 1 < crossings->len; i++)
            {
              const Crossing *c = &g_array_index (crossings, Crossing, i);
              winding += c->winding;
              if (winding)
                add_span (row, self->width, c[0].x - self->x, c[1].x - self->x);
            }
        }
      for (int x = 0; x < self->width; x++)
        self->alpha[(gsize) y * self->width + x] = (guint8) MIN (row[x] * 255 / LINES + 0.5, 255);
    }
}

/* edges: taken */
static TacetInk *
ink_of_edges (GArray *edges, int width, int height)
{
  g_autoptr (GArray) owned = edges;
  double left = width, top = height, right = 0, bottom = 0;
  for (guint i = 0; i < edges->len; i++)
    {
      const Edge *e = &g_array_index (edges, Edge, i);
      left = MIN (left, MIN (e->x0, e->x1));
      right = MAX (right, MAX (e->x0, e->x1));
      top = MIN (top, e->y0);
      bottom = MAX (bottom, e->y1);
    }
  int x0 = (int) MAX (floor (left), 0), y0 = (int) MAX (floor (top), 0);
  int x1 = (int) MIN (ceil (right), width), y1 = (int) MIN (ceil (bottom), height);
  if (x0 >= x1 || y0 >= y1)
    return NULL;
  TacetInk *self = ink_new (x0, y0, x1 - x0, y1 - y0);
  g_autofree double *row = g_try_new (double, x1 - x0);
  if (!self || !row)
    {
      tacet_ink_free (self);
      return NULL;
    }
  cover (self, edges, row);
  return self;
}

/* ---- areas and lines ---- */

/* Whichever way round it is given, it turns one way. */
static void
add_polygon (GArray *edges, const TacetInkPoint *points, guint n, gboolean orient)
{
  double area = 0;
  for (guint i = 0; orient && i < n; i++)
    area += points[i].x * points[(i + 1) % n].y - points[(i + 1) % n].x * points[i].y;
  for (guint i = 0; i < n; i++)
    {
      const TacetInkPoint *a = &points[i], *b = &points[(i + 1) % n];
      if (area < 0)
        add_edge (edges, b->x, b->y, a->x, a->y);
      else
        add_edge (edges, a->x, a->y, b->x, b->y);
    }
}

static GArray *
sane_points (const TacetInkPoint *points, gsize n)
{
  GArray *kept = g_array_new (FALSE, FALSE, sizeof (TacetInkPoint));
  for (gsize i = 0; i < n && kept->len < MAX_EDGES; i++)
    if (is_point (points[i]))
      {
        TacetInkPoint p = sane (points[i]);
        g_array_append_val (kept, p);
      }
  return kept;
}

TacetInk *
tacet_ink_fill (const TacetInkPoint *points, gsize n, int width, int height)
{
  g_autoptr (GArray) kept = sane_points (points, n);
  GArray *edges = g_array_new (FALSE, FALSE, sizeof (Edge));
  add_polygon (edges, (const TacetInkPoint *) (gpointer) kept->data, kept->len, FALSE);
  return ink_of_edges (edges, width, height);
}

static int
circle_corners (double radius)
{
  if (radius <= FLATNESS)
    return 8;
  return (int) CLAMP (ceil (G_PI / acos (1 - FLATNESS / radius)), 8, 2048);
}

/* Corners on a circle of the same area. */
static void
add_disc (GArray *edges, double x, double y, double radius)
{
  int n = circle_corners (radius);
  TacetInkPoint corners[2048];
  double wide = radius * sqrt (2 * G_PI / n / sin (2 * G_PI / n));
  for (int i = 0; i < n; i++)
    corners[i] = (TacetInkPoint){ x + wide * cos (2 * G_PI * i / n), y + wide * sin (2 * G_PI * i / n), 0 };
  add_polygon (edges, corners, (guint) n, TRUE);
}

/* Between two discs: the part between their common tangents; its corners are the points where they touch. */
typedef struct
{
  TacetInkPoint from[2], to[2]; /* one side, the other */
  double dx, dy;                /* direction, of length 1 */
  gboolean there;               /* FALSE: one disc lies in the other */
} Piece;

static Piece
make_piece (const TacetInkPoint *a, const TacetInkPoint *b)
{
  double dx = b->x - a->x, dy = b->y - a->y, length = hypot (dx, dy), ra = a->width / 2, rb = b->width / 2;
  if (length <= fabs (ra - rb) || length == 0)
    return (Piece){ .there = FALSE };
  double sine = (ra - rb) / length, cosine = sqrt (1 - sine * sine);
  Piece piece = { .dx = dx / length, .dy = dy / length, .there = TRUE };
  for (int i = 0; i < 2; i++)
    {
      double side = i ? cosine : -cosine, nx = piece.dx * sine + piece.dy * side,
             ny = piece.dy * sine - piece.dx * side;
      piece.from[i] = (TacetInkPoint){ a->x + ra * nx, a->y + ra * ny, 0 };
      piece.to[i] = (TacetInkPoint){ b->x + rb * nx, b->y + rb * ny, 0 };
    }
  return piece;
}

/* Whether the disc or piece can touch the document at all. */
static gboolean
is_near (const TacetInkPoint *a, const TacetInkPoint *b, int width, int height)
{
  double wide = MAX (a->width, b->width) / 2 + 1;
  return MAX (a->x, b->x) + wide >= 0 && MAX (a->y, b->y) + wide >= 0 && MIN (a->x, b->x) - wide <= width &&
         MIN (a->y, b->y) - wide <= height;
}

/* Where a line hardly turns, as inside every curve, a wedge on either side is as good as a disc. */
static void
add_join (GArray *edges, const TacetInkPoint *at, const Piece *before, const Piece *after)
{
  if (!before->there || !after->there || before->dx * after->dx + before->dy * after->dy < STRAIGHT)
    {
      add_disc (edges, at->x, at->y, at->width / 2);
      return;
    }
  for (int i = 0; i < 2; i++)
    add_polygon (edges, (TacetInkPoint[]){ *at, before->to[i], after->from[i] }, 3, TRUE);
}

TacetInk *
tacet_ink_line (const TacetInkPoint *points, gsize n, gboolean closed, int width, int height)
{
  g_autoptr (GArray) kept = sane_points (points, n);
  GArray *edges = g_array_new (FALSE, FALSE, sizeof (Edge));
  const TacetInkPoint *p = (const TacetInkPoint *) (gpointer) kept->data;
  guint n_points = kept->len;
  Piece before = { .there = FALSE };
  if (closed && n_points > 1)
    before = make_piece (&p[n_points - 1], &p[0]);
  for (guint i = 0; i < n_points; i++)
    {
      const TacetInkPoint *next = &p[(i + 1) % n_points];
      Piece after = { .there = FALSE };
      if (i + 1 < n_points || closed)
        after = make_piece (&p[i], next);
      if (is_near (&p[i], &p[i], width, height))
        add_join (edges, &p[i], &before, &after);
      if (after.there && is_near (&p[i], next, width, height))
        add_polygon (edges, (TacetInkPoint[]){ after.from[0], after.to[0], after.to[1], after.from[1] }, 4, TRUE);
      before = after;
    }
  return ink_of_edges (edges, width, height);
}

/* ---- outlines ---- */

static void
add_turned (GArray *points, double middle_x, double middle_y, double dx, double dy, double angle)
{
  double turn = angle * G_PI / 180, c = cos (turn), s = sin (turn);
  TacetInkPoint p = { middle_x + dx * c - dy * s, middle_y + dx * s + dy * c, 1 };
  g_array_append_val (points, p);
}

GArray *
tacet_ink_rectangle (double x, double y, double width, double height, double angle)
{
  static const double corners[][2] = { { -1, -1 }, { 1, -1 }, { 1, 1 }, { -1, 1 } };
  GArray *points = g_array_new (FALSE, FALSE, sizeof (TacetInkPoint));
  for (int i = 0; i < 4; i++)
    add_turned (points, x + width / 2, y + height / 2, corners[i][0] * width / 2, corners[i][1] * height / 2, angle);
  return points;
}

GArray *
tacet_ink_ellipse (double x, double y, double width, double height, double angle)
{
  GArray *points = g_array_new (FALSE, FALSE, sizeof (TacetInkPoint));
  double longest = MIN (MAX (fabs (width), fabs (height)) / 2, FAR);
  int n = isfinite (longest) ? circle_corners (longest) : 8;
  double wide = sqrt (2 * G_PI / n / sin (2 * G_PI / n)); /* the polygon has the area of the ellipse */
  for (int i = 0; i < n; i++)
    add_turned (points, x + width / 2, y + height / 2, wide * width / 2 * cos (2 * G_PI * i / n),
                wide * height / 2 * sin (2 * G_PI * i / n), angle);
  return points;
}

/* ---- curves ---- */

static TacetInkPoint
mix_points (TacetInkPoint a, TacetInkPoint b, double t)
{
  return (TacetInkPoint){ a.x + (b.x - a.x) * t, a.y + (b.y - a.y) * t, a.width + (b.width - a.width) * t };
}

/* Barry and Goldman's pyramid over the knots 0, k1, k1 + k2, k1 + k2 + k3; t: 0 at p[1], 1 at p[2]. */
static TacetInkPoint
curve_point (const TacetInkPoint p[4], const double k[3], double t)
{
  double t1 = k[0], t2 = t1 + k[1], t3 = t2 + k[2], at = t1 + t * k[1];
  TacetInkPoint a = mix_points (p[0], p[1], at / t1), b = mix_points (p[1], p[2], (at - t1) / k[1]);
  TacetInkPoint c = mix_points (p[2], p[3], (at - t2) / k[2]);
  TacetInkPoint d = mix_points (a, b, at / t2), e = mix_points (b, c, (at - t1) / (t3 - t1));
  TacetInkPoint curve = mix_points (d, e, (at - t1) / k[1]);
  curve.width = b.width; /* even, so that no width overshoots */
  return curve;
}

static void
add_curve_piece (GArray *points, const TacetInkPoint p[4])
{
  double k[3];
  for (int i = 0; i < 3; i++)
    k[i] = sqrt (MAX (hypot (p[i + 1].x - p[i].x, p[i + 1].y - p[i].y), 1e-6));
  int n = (int) CLAMP (ceil (k[1] * k[1] / 2), 4, 4096);
  for (int i = 1; i <= n; i++)
    {
      TacetInkPoint at = i == n ? p[2] : curve_point (p, k, (double) i / n);
      g_array_append_val (points, at);
    }
}

/* Beyond an open end the curve goes on as it came: the end is mirrored. */
static TacetInkPoint
neighbour (const GArray *kept, int i, gboolean closed)
{
  int n = (int) kept->len;
  const TacetInkPoint *p = (const TacetInkPoint *) (gpointer) kept->data;
  if (closed)
    return p[((i % n) + n) % n];
  if (i < 0)
    return (TacetInkPoint){ 2 * p[0].x - p[1].x, 2 * p[0].y - p[1].y, p[0].width };
  if (i >= n)
    return (TacetInkPoint){ 2 * p[n - 1].x - p[n - 2].x, 2 * p[n - 1].y - p[n - 2].y, p[n - 1].width };
  return p[i];
}

GArray *
tacet_ink_curve (const TacetInkPoint *points, gsize n, gboolean closed)
{
  g_autoptr (GArray) kept = sane_points (points, n);
  GArray *curve = g_array_new (FALSE, FALSE, sizeof (TacetInkPoint));
  if (kept->len < 2)
    return g_array_append_vals (curve, kept->data, kept->len);
  g_array_append_vals (curve, kept->data, 1);
  for (int i = 0; i < (int) kept->len - (closed ? 0 : 1) && curve->len < MAX_EDGES; i++)
    {
      TacetInkPoint piece[4];
      for (int j = 0; j < 4; j++)
        piece[j] = neighbour (kept, i + j - 1, closed);
      add_curve_piece (curve, piece);
    }
  return curve;
}

/* ---- gradients ---- */

TacetInk *
tacet_ink_gradient (TacetInkGradient kind, double x0, double y0, double x1, double y1, double from, double to,
                    int width, int height)
{
  double dx = x1 - x0, dy = y1 - y0, length = hypot (dx, dy);
  TacetInk *self = width > 0 && height > 0 && isfinite (length) && length > 0 ? ink_new (0, 0, width, height) : NULL;
  if (!self)
    return NULL;
  if (!(self->value = g_try_malloc ((gsize) width * height)))
    {
      tacet_ink_free (self);
      return NULL;
    }
  memset (self->alpha, 255, (gsize) width * height);
  for (int y = 0; y < height; y++)
    for (int x = 0; x < width; x++)
      {
        double px = x + 0.5 - x0, py = y + 0.5 - y0;
        double t = kind == TACET_INK_LINEAR ? (px * dx + py * dy) / (length * length) : hypot (px, py) / length;
        t = CLAMP (t, 0, 1);
        self->value[(gsize) y * width + x] = (guint8) CLAMP (255 * (from + (to - from) * t) + 0.5, 0, 255);
      }
  return self;
}
