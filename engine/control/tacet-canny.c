/* tacet-canny.c: edges from a picture.
 *
 * Room: engine/control.  Source: Canny 1986 as in OpenCV's cv::Canny with the 3x3 Sobel and the L1
 * norm: replicated border, the strongest channel per pixel, tangents of 22.5 and 67.5 degrees in
 * 15-bit fixed point, hysteresis over 8 neighbours.
 */
#include "tacet-maps.h"
#include <math.h>
#include <string.h>

typedef struct
{
  int width, height;
  gint16 *dx, *dy; /* height x width */
  int *norm;       /* (height + 2) x (width + 2), zeros around */
  guint8 *state;   /* like norm */
  int *stack;      /* of positions in state */
  gsize n_stack;
} Canny;

enum
{
  NOT_AN_EDGE,
  WEAK,
  STRONG
};

static gboolean
canny_init (Canny *self, int width, int height)
{
  gsize n = (gsize) width * height, n_framed = (gsize) (width + 2) * (height + 2);
  self->width = width;
  self->height = height;
  self->dx = g_try_malloc_n (n, sizeof (gint16));
  self->dy = g_try_malloc_n (n, sizeof (gint16));
  self->norm = g_try_malloc0_n (n_framed, sizeof (int));
  self->state = g_try_malloc0 (n_framed);
  self->stack = g_try_malloc_n (n, sizeof (int));
  return self->dx != NULL && self->dy != NULL && self->norm != NULL && self->state != NULL && self->stack != NULL;
}

static void
canny_clear (Canny *self)
{
  g_free (self->dx);
  g_free (self->dy);
  g_free (self->norm);
  g_free (self->state);
  g_free (self->stack);
}

static void
sobel_pixel (const TacetImage *picture, int x, int y, int channel, int *dx, int *dy)
{
  int p[3][3];
  for (int i = 0; i < 3; i++)
    for (int j = 0; j < 3; j++)
      {
        int yy = CLAMP (y + i - 1, 0, picture->height - 1), xx = CLAMP (x + j - 1, 0, picture->width - 1);
        p[i][j] = picture->data[((gsize) yy * picture->width + xx) * picture->channels + channel];
      }
  *dx = p[0][2] - p[0][0] + 2 * (p[1][2] - p[1][0]) + p[2][2] - p[2][0];
  *dy = p[2][0] - p[0][0] + 2 * (p[2][1] - p[0][1]) + p[2][2] - p[0][2];
}

static void
find_gradients (Canny *self, const TacetImage *picture)
{
  int channels = MIN (picture->channels, 3);
  for (int y = 0; y < self->height; y++)
    for (int x = 0; x < self->width; x++)
      {
        int best = -1;
        gsize at = (gsize) y * self->width + x;
        for (int c = 0; c < channels; c++)
          {
            int dx, dy;
            sobel_pixel (picture, x, y, c, &dx, &dy);
            if (abs (dx) + abs (dy) <= best)
              continue;
            best = abs (dx) + abs (dy);
            self->dx[at] = (gint16) dx;
            self->dy[at] = (gint16) dy;
          }
        self->norm[(gsize) (y + 1) * (self->width + 2) + x + 1] = best;
      }
}

/* Is this the crest across the edge?  Ties go to the first in reading order. */
static gboolean
is_crest (const Canny *self, int x, int y)
{
  gsize at = (gsize) y * self->width + x, stride = self->width + 2;
  const int *m = self->norm + (y + 1) * stride + x + 1;
  gint64 ax = abs (self->dx[at]), ay = (gint64) abs (self->dy[at]) << 15;
  gint64 tangent_22 = ax * 13573, tangent_67 = tangent_22 + (ax << 16);
  if (ay < tangent_22)
    return m[0] > m[-1] && m[0] >= m[1];
  if (ay > tangent_67)
    return m[0] > *(m - stride) && m[0] >= *(m + stride);
  gssize side = (self->dx[at] ^ self->dy[at]) < 0 ? -1 : 1;
  return m[0] > *(m - (gssize) stride - side) && m[0] > *(m + (gssize) stride + side);
}

static void
find_crests (Canny *self, int low, int high)
{
  for (int y = 0; y < self->height; y++)
    for (int x = 0; x < self->width; x++)
      {
        gsize at = (gsize) (y + 1) * (self->width + 2) + x + 1;
        if (self->norm[at] <= low || !is_crest (self, x, y))
          continue;
        self->state[at] = self->norm[at] > high ? STRONG : WEAK;
        if (self->state[at] == STRONG)
          self->stack[self->n_stack++] = (int) at;
      }
}

/* A weak crest becomes an edge when it touches one; each position enters the stack once. */
static void
follow_edges (Canny *self)
{
  int stride = self->width + 2;
  while (self->n_stack > 0)
    {
      int at = self->stack[--self->n_stack];
      for (int i = 0; i < 9; i++)
        {
          int next = at + (i / 3 - 1) * stride + i % 3 - 1;
          if (self->state[next] != WEAK)
            continue;
          self->state[next] = STRONG;
          self->stack[self->n_stack++] = next;
        }
    }
}

TacetImage *
tacet_canny (const TacetImage *picture, double low, double high)
{
  Canny self = { 0 };
  TacetImage *edges = tacet_image_new (picture->width, picture->height, 1);
  if (edges != NULL && canny_init (&self, picture->width, picture->height))
    {
      find_gradients (&self, picture);
      find_crests (&self, (int) floor (CLAMP (MIN (low, high), 0.0, 1e6)),
                   (int) floor (CLAMP (MAX (low, high), 0.0, 1e6)));
      follow_edges (&self);
      for (int y = 0; y < self.height; y++)
        for (int x = 0; x < self.width; x++)
          if (self.state[(gsize) (y + 1) * (self.width + 2) + x + 1] == STRONG)
            edges->data[(gsize) y * self.width + x] = 255;
    }
  else
    g_clear_pointer (&edges, tacet_image_unref);
  canny_clear (&self);
  return edges;
}
