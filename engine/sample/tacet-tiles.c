/* tacet-tiles.c: the local part of the autoencoder in tiles, without seams.
 *
 * Room: engine/sample.  With enough neighbours around it a tile comes out as it does in the whole picture, but for
 * GroupNorm, whose mean and deviation are the whole picture's.  So every norm becomes a factor and an offset per
 * channel, the same in all tiles: no border can show.  They are found in two steps: a few small crops all over the map
 * go through the network together and give a first estimate; then every tile goes through with it, the sums of its
 * core are added up, and the norms are computed anew from these, until they change no more.  A last pass makes the
 * result.  Each pass makes one more norm exact, and all behind it better: trained networks settle within a few, and
 * after as many passes as there are norms nothing is left of the estimate.
 */
#include "config.h"
#include "tacet-sample-private.h"
#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#define CROPS   4    /* a side */
#define SETTLED 0.01 /* relative change of a factor; what is left then is less, and no picture shows it */

typedef struct
{
  TacetValue *scale, *shift; /* {1,1,1,c}: inputs */
  TacetValue *sum, *square;  /* {1,1,1,c}: of this tile, outputs */
  TacetTensor *gamma, *beta; /* or NULL */
  int channels, groups;
  float eps;
  double *sums, *squares; /* of all tiles so far */
  float *scales, *shifts;
} Norm;

typedef struct
{
  TacetGraph *graph;
  TacetValue *in, *out;
  GPtrArray *norms; /* of Norm */
  GPtrArray *masks; /* of TacetValue: 1 in the core of a tile, one per size */
} Network;

static void
norm_free (gpointer data)
{
  Norm *self = data;
  g_clear_pointer (&self->gamma, tacet_tensor_unref);
  g_clear_pointer (&self->beta, tacet_tensor_unref);
  g_free (self->sums);
  g_free (self->squares);
  g_free (self->scales);
  g_free (self->shifts);
  g_free (self);
}

static Norm *
norm_new (Network *net, TacetValue *x, TacetValue *gamma, TacetValue *beta, int groups, float eps)
{
  Norm *self = g_new0 (Norm, 1);
  self->channels = (int) x->shape.d[3];
  self->groups = groups;
  self->eps = eps;
  self->gamma = gamma != NULL && gamma->tensor != NULL ? tacet_tensor_ref (gamma->tensor) : NULL;
  self->beta = beta != NULL && beta->tensor != NULL ? tacet_tensor_ref (beta->tensor) : NULL;
  self->sums = g_new0 (double, self->channels);
  self->squares = g_new0 (double, self->channels);
  self->scales = g_new0 (float, self->channels);
  self->shifts = g_new0 (float, self->channels);
  g_ptr_array_add (net->norms, self);
  return self;
}

/* All crops are one picture: their height is added up. */
static TacetValue *
estimating_norm (gpointer data, TacetValue *x, TacetValue *gamma, TacetValue *beta, int groups, float eps)
{
  Network *net = data;
  TacetShape s = x->shape, line = tacet_shape (1, 1, 1, s.d[3]);
  Norm *norm = norm_new (net, x, gamma, beta, groups, eps);
  TacetValue *tall = tacet_reshape (x, tacet_shape (1, s.d[0] * s.d[1], s.d[2], s.d[3]));
  norm->sum = tacet_sum_to (tall, line);
  norm->square = tacet_sum_to (tacet_mul (tall, tall), line);
  return tacet_reshape (tacet_group_norm (tall, gamma, beta, groups, eps), s);
}

static TacetValue *
mask_of_size (Network *net, TacetShape s)
{
  for (guint i = 0; i < net->masks->len; i++)
    {
      TacetValue *mask = g_ptr_array_index (net->masks, i);
      if (mask->shape.d[1] == s.d[1])
        return mask;
    }
  TacetValue *mask = tacet_input (net->graph, "core", TACET_F32, tacet_shape (1, s.d[1], s.d[2], 1));
  g_ptr_array_add (net->masks, mask);
  return mask;
}

static TacetValue *
frozen_norm (gpointer data, TacetValue *x, TacetValue *gamma, TacetValue *beta, int groups, float eps)
{
  Network *net = data;
  TacetShape line = tacet_shape (1, 1, 1, x->shape.d[3]);
  Norm *norm = norm_new (net, x, gamma, beta, groups, eps);
  TacetValue *core = tacet_mul (x, mask_of_size (net, x->shape));
  norm->sum = tacet_sum_to (core, line);
  norm->square = tacet_sum_to (tacet_mul (core, x), line);
  norm->scale = tacet_input (net->graph, "scale", TACET_F32, line);
  norm->shift = tacet_input (net->graph, "shift", TACET_F32, line);
  return tacet_add (tacet_mul (x, norm->scale), norm->shift);
}

static void
network_clear (Network *net)
{
  g_clear_pointer (&net->graph, tacet_graph_free);
  g_clear_pointer (&net->norms, g_ptr_array_unref);
  g_clear_pointer (&net->masks, g_ptr_array_unref);
}

static void
network_init (Network *net, const TacetTiles *tiles, TacetShape in, gboolean frozen)
{
  TacetTileNorm norm = { frozen ? frozen_norm : estimating_norm, net };
  *net = (Network){ .graph = tacet_graph_new (),
                    .norms = g_ptr_array_new_with_free_func (norm_free),
                    .masks = g_ptr_array_new () };
  net->in = tacet_input (net->graph, "map", TACET_F32, in);
  net->out = tiles->build (tiles->data, net->graph, net->in, &norm);
}

/* Plans of one network share its weights; picture: the result, else the sums. */
static TacetPlan *
network_plan (Network *net, TacetBackend *backend, gboolean picture, GError **error)
{
  g_autoptr (GPtrArray) outputs = g_ptr_array_new ();
  if (picture)
    g_ptr_array_add (outputs, net->out);
  for (guint i = 0; !picture && i < net->norms->len; i++)
    {
      Norm *norm = g_ptr_array_index (net->norms, i);
      g_ptr_array_add (outputs, norm->sum);
      g_ptr_array_add (outputs, norm->square);
    }
  return tacet_plan_new (net->graph, (TacetValue *const *) outputs->pdata, (int) outputs->len, backend,
                         TACET_PLAN_CONSTANT_WEIGHTS, error);
}

static gboolean
add_sums (Network *net, TacetPlan *plan, GError **error)
{
  for (guint i = 0; i < net->norms->len; i++)
    {
      Norm *norm = g_ptr_array_index (net->norms, i);
      g_autofree float *sum = g_new (float, norm->channels), *square = g_new (float, norm->channels);
      if (!tacet_plan_get (plan, norm->sum, sum, error) || !tacet_plan_get (plan, norm->square, square, error))
        return FALSE;
      for (int c = 0; c < norm->channels; c++)
        {
          norm->sums[c] += sum[c];
          norm->squares[c] += square[c];
        }
    }
  return TRUE;
}

static float *
line_of (TacetTensor *tensor, int channels, float otherwise, GError **error)
{
  float *line = g_new (float, channels);
  for (int c = 0; c < channels; c++)
    line[c] = otherwise;
  if (tensor == NULL || tacet_tensor_read (tensor, line, error))
    return line;
  g_free (line);
  return NULL;
}

/* From sums over so many pixels; clears them.  change: made the largest relative change of a factor, if that is larger.
 */
static gboolean
solve_norm (Norm *self, double pixels, double *change, GError **error)
{
  int per = self->channels / self->groups;
  g_autofree float *gamma = line_of (self->gamma, self->channels, 1, error);
  g_autofree float *beta = gamma != NULL ? line_of (self->beta, self->channels, 0, error) : NULL;
  if (beta == NULL)
    return FALSE;
  for (int first = 0; first < self->channels; first += per)
    {
      double sum = 0, square = 0;
      for (int c = first; c < first + per; c++)
        {
          sum += self->sums[c];
          square += self->squares[c];
          self->sums[c] = self->squares[c] = 0;
        }
      double mean = sum / (per * pixels), variance = square / (per * pixels) - mean * mean;
      double inverse = 1 / sqrt (MAX (variance, 0) + self->eps);
      for (int c = first; c < first + per; c++)
        {
          double before = self->scales[c], after = gamma[c] * inverse;
          *change = MAX (*change, fabs (after - before) / MAX (fabs (after), 1e-9));
          self->scales[c] = (float) after;
          self->shifts[c] = (float) (beta[c] - mean * gamma[c] * inverse);
        }
    }
  return TRUE;
}

/* pixels: of the input; the norms' maps may be larger or smaller. */
static gboolean
solve (Network *net, double pixels, double *change, GError **error)
{
  *change = 0;
  for (guint i = 0; i < net->norms->len; i++)
    {
      Norm *norm = g_ptr_array_index (net->norms, i);
      const TacetShape in = net->in->shape, s = norm->sum->in[0]->shape;
      double ratio = (double) s.d[1] * s.d[2] / ((double) in.d[0] * in.d[1] * in.d[2]);
      if (!solve_norm (norm, pixels * ratio, change, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
set_norms (Network *net, TacetPlan *plan, GError **error)
{
  for (guint i = 0; i < net->norms->len; i++)
    {
      const Norm *norm = g_ptr_array_index (net->norms, i);
      if (!tacet_plan_set (plan, norm->scale, norm->scales, error) ||
          !tacet_plan_set (plan, norm->shift, norm->shifts, error))
        return FALSE;
    }
  return TRUE;
}

/* --- windows --- */

/* Along one side: tile i is made for core .. core + core_size and sees window .. window + window_size. */
typedef struct
{
  int n, size, step, window_size;
} Side;

static Side
cut (int size, int core, int halo, int unit)
{
  Side side = { .n = 1, .size = size, .step = size, .window_size = size };
  if (size <= core + 2 * halo)
    return side;
  side.n = (size + core - 1) / core;
  side.step = ((size + side.n - 1) / side.n + unit - 1) / unit * unit;
  side.n = (size + side.step - 1) / side.step;
  side.window_size = MIN (size, side.step + 2 * halo);
  return side;
}

static int
core_at (const Side *side, int i)
{
  return i * side->step;
}

static int
core_size (const Side *side, int i)
{
  return MIN (side->step, side->size - i * side->step);
}

static int
window_at (const Side *side, int i, int halo)
{
  return CLAMP (core_at (side, i) - halo, 0, side->size - side->window_size);
}

/* {height, width, c} from a map {?, map_width, c} */
static void
copy_window (const float *map, int map_width, int c, int y, int x, int height, int width, float *out)
{
  for (int i = 0; i < height; i++)
    memcpy (out + (gsize) i * width * c, map + ((gsize) (y + i) * map_width + x) * c,
            (gsize) width * c * sizeof (float));
}

/* --- the passes --- */

static gboolean
estimate (const TacetTiles *tiles, TacetBackend *backend, const Side *down, const Side *across, const float *map,
          GPtrArray **norms, GCancellable *cancellable, GError **error)
{
  int unit = tiles->unit, c = tiles->channels;
  int height = MAX (unit, down->window_size / CROPS / unit * unit);
  int width = MAX (unit, across->window_size / CROPS / unit * unit);
  gsize n = (gsize) height * width * c;
  Network net;
  network_init (&net, tiles, tacet_shape (CROPS * CROPS, height, width, c), FALSE);
  g_autofree float *crops = g_try_new (float, n *CROPS *CROPS);
  g_autoptr (TacetPlan) plan = NULL;
  gboolean done = FALSE;
  double change;
  for (int i = 0; crops != NULL && i < CROPS; i++)
    for (int j = 0; j < CROPS; j++)
      copy_window (map, across->size, c, (down->size - height) * i / (CROPS - 1) / unit * unit,
                   (across->size - width) * j / (CROPS - 1) / unit * unit, height, width, crops + n * (i * CROPS + j));
  if (crops == NULL)
    g_set_error (error, TACET_TENSOR_ERROR, TACET_TENSOR_ERROR_NO_MEMORY, "crops");
  else if ((plan = network_plan (&net, backend, FALSE, error)) != NULL)
    done = tacet_plan_set (plan, net.in, crops, error) && tacet_plan_run (plan, cancellable, error) &&
           add_sums (&net, plan, error) && solve (&net, (double) CROPS * CROPS * height * width, &change, error);
  g_clear_pointer (&plan, tacet_plan_free);
  *norms = done ? g_ptr_array_ref (net.norms) : NULL;
  network_clear (&net);
  return done;
}

static gboolean
set_masks (Network *net, TacetPlan *plan, int y, int x, int height, int width, GError **error)
{
  for (guint i = 0; i < net->masks->len; i++)
    {
      TacetValue *mask = g_ptr_array_index (net->masks, i);
      const TacetShape s = mask->shape, in = net->in->shape;
      g_autofree float *values = g_new0 (float, s.d[1] * s.d[2]);
      for (gint64 row = y * s.d[1] / in.d[1]; row < (y + height) * s.d[1] / in.d[1]; row++)
        for (gint64 column = x * s.d[2] / in.d[2]; column < (x + width) * s.d[2] / in.d[2]; column++)
          values[row * s.d[2] + column] = 1;
      if (!tacet_plan_set (plan, mask, values, error))
        return FALSE;
    }
  return TRUE;
}

/* Every tile once: its sums are added, or, with out, its core is written there. */
static gboolean
pass (const TacetTiles *tiles, Network *net, TacetBackend *backend, const Side *down, const Side *across,
      const float *map, float *out, GCancellable *cancellable, GError **error)
{
  const TacetShape to = net->out->shape, from = net->in->shape;
  g_autoptr (TacetPlan) plan = network_plan (net, backend, out != NULL, error);
  g_autofree float *window = g_try_new (float, (gsize) tacet_shape_count (from));
  if (plan == NULL || !set_norms (net, plan, error))
    return FALSE;
  if (window == NULL)
    {
      g_set_error (error, TACET_TENSOR_ERROR, TACET_TENSOR_ERROR_NO_MEMORY, "a tile");
      return FALSE;
    }
  for (int i = 0; i < down->n; i++)
    for (int j = 0; j < across->n; j++)
      {
        int y = window_at (down, i, tiles->halo), x = window_at (across, j, tiles->halo);
        int core_y = core_at (down, i), core_x = core_at (across, j);
        int height = core_size (down, i), width = core_size (across, j);
        copy_window (map, across->size, (int) from.d[3], y, x, (int) from.d[1], (int) from.d[2], window);
        if (!tacet_plan_set (plan, net->in, window, error) ||
            !set_masks (net, plan, core_y - y, core_x - x, height, width, error) ||
            !tacet_plan_run (plan, cancellable, error) || (out == NULL && !add_sums (net, plan, error)))
          return FALSE;
        const float *result = tacet_plan_data (plan, net->out);
        gsize row_floats = (gsize) (width * to.d[2] / from.d[2] * to.d[3]);
        for (gint64 row = 0; out != NULL && row < height * to.d[1] / from.d[1]; row++)
          memcpy (out + ((core_y * to.d[1] / from.d[1] + row) * across->size + core_x) * to.d[2] / from.d[2] * to.d[3],
                  result + (((core_y - y) * to.d[1] / from.d[1] + row) * to.d[2] + (core_x - x) * to.d[2] / from.d[2]) *
                               to.d[3],
                  row_floats * sizeof (float));
      }
  return TRUE;
}

static gboolean
run (const TacetTiles *tiles, TacetBackend *backend, const float *map, int core, float *out, GCancellable *cancellable,
     GError **error)
{
  Side down = cut (tiles->height, core, tiles->halo, tiles->unit);
  Side across = cut (tiles->width, core, tiles->halo, tiles->unit);
  g_autoptr (GPtrArray) norms = NULL;
  Network net;
  if (!estimate (tiles, backend, &down, &across, map, &norms, cancellable, error))
    return FALSE;
  network_init (&net, tiles, tacet_shape (1, down.window_size, across.window_size, tiles->channels), TRUE);
  for (guint i = 0; i < norms->len && i < net.norms->len; i++)
    {
      const Norm *known = g_ptr_array_index (norms, i);
      Norm *norm = g_ptr_array_index (net.norms, i);
      memcpy (norm->scales, known->scales, norm->channels * sizeof (float));
      memcpy (norm->shifts, known->shifts, norm->channels * sizeof (float));
    }
  gboolean done = TRUE;
  double change = 1, pixels = (double) tiles->height * tiles->width;
  for (guint i = 0; i < net.norms->len && done && change > SETTLED; i++)
    done = pass (tiles, &net, backend, &down, &across, map, NULL, cancellable, error) &&
           solve (&net, pixels, &change, error);
  done = done && pass (tiles, &net, backend, &down, &across, map, out, cancellable, error);
  network_clear (&net);
  return done;
}

gboolean
_tacet_tiles_run (const TacetTiles *tiles, TacetBackend *backend, const float *map, float *out,
                  GCancellable *cancellable, GError **error)
{
  for (int core = tiles->core;; core /= 2)
    {
      GError *cause = NULL;
      if (run (tiles, backend, map, core / tiles->unit * tiles->unit, out, cancellable, &cause))
        return TRUE;
      if (!g_error_matches (cause, TACET_TENSOR_ERROR, TACET_TENSOR_ERROR_NO_MEMORY) || core / 2 < 2 * tiles->halo)
        {
          g_propagate_error (error, cause);
          return FALSE;
        }
      g_error_free (cause);
    }
}
