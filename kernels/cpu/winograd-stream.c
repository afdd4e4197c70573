/* winograd-stream.c: Winograd's way with weights that rest as they are and are transformed while they are used.
 *
 * Room: kernels/.  Transformed weights are four times as many: for 1280 channels 236 MB, more than a picture of
 * SD 1.5 has pixels for at 16x16.  So the input is transformed first, {ci / 16, 36, tiles, 16}; then a task takes 16
 * outputs, transforms their weights of some channels, a pair of rows of the 36 at a time, multiplies and goes on: what
 * it works on stays in the second cache, most of it in the first.
 *
 * A large picture has many bands of tiles, and each thread does bands of its own; the threads share those of a small
 * one.
 */
#include "winograd-stream.h"
#include "winograd-tiles.h"
#include "winograd-transform.h"

#include <string.h>

#define PANEL      TACET_TILE_COLUMNS
#define CHANNELS   64 /* whose weights are transformed at once, at most */
#define PLANES     TACET_STREAM_PLANES
#define MOST_TILES 128
#define MOST_INPUT (1 << 22) /* floats of transformed input of a band: half of a third cache */
#define LARGE      50000     /* ci co from which on the transform costs less than reading its result */
#define READ_TILES 6
#define PARTS      (PANEL / TACET_LANES)                                                   /* registers of a panel */
#define MOST_ROWS  ((TACET_REGISTERS - 4) / PARTS < 8 ? (TACET_REGISTERS - 4) / PARTS : 8) /* their sums fit */
#define MOST_PAIRS 12 /* rows of two panels whose sums fit, where a panel is one register */
#define FEW_TASKS  4  /* of a thread, with fewer a task takes one panel */
#define FEW_TILES  12 /* up to these the transformed weights are used too little to be read from the second cache */

bool
tacet_winograd_streams (const TacetConv *g)
{
  return g->kh == 3 && g->kw == 3 && g->stride == 1 && g->out_column == g->co && g->ci % PANEL == 0 &&
         g->co % PANEL == 0 && g->ci * g->co >= LARGE && g->ho >= 4 && g->wo >= 4;
}

typedef struct
{
  const TacetConv *g;
  TacetWinogradTiles tiles;
  const TacetWinogradKernel *kernel;
  const float *x, *bias;
  float *out, *zeros, *in, *memory;
  int64_t band, first, count; /* tiles of a band; those of this one */
  int64_t panel;              /* floats between 16 channels of the input */
  bool alone;                 /* a thread does all of a band */
  int panels;                 /* of 16 outputs that a task takes: 1, or 2 so that the input is read half as often */
  int64_t channels;           /* whose weights are transformed at once */
  bool few;                   /* transformed weights stay in registers */
  int64_t weight_plane;       /* floats from one of the 36 of transformed weights to the next: no multiple of a page */
} Stream;

/* Whether threads that each do bands of their own all have work, but for a tenth of the time. */
static bool
is_even (int64_t bands, int64_t threads)
{
  return tacet_div_up (bands, threads) * threads * 10 <= bands * 11;
}

static void
stream_init (Stream *w, TacetCpu *cpu, const TacetConv *g)
{
  const int64_t threads = tacet_cpu_threads (cpu);

  *w = (Stream){ .g = g, .tiles = { .down = tacet_div_up (g->ho, 4), .across = tacet_div_up (g->wo, 4) } };
  w->tiles.all = g->n * w->tiles.down * w->tiles.across;
  w->band = tacet_max (16, tacet_min (MOST_TILES, MOST_INPUT / (36 * g->ci)));
  w->band = tacet_div_up (w->tiles.all, tacet_div_up (w->tiles.all, w->band));
  w->tiles.in_plane = w->band * PANEL + 16;
  w->panel = 36 * w->tiles.in_plane;
  w->tiles.out_plane = w->tiles.in_plane;
  w->few = w->band <= TACET_STREAM_FEW;
  w->channels = w->band > FEW_TILES || w->few ? CHANNELS : PANEL;
  w->weight_plane = w->channels * PANEL + PANEL;
  w->alone = is_even (tacet_div_up (w->tiles.all, w->band), threads);
  w->panels = PARTS == 1 && !w->few && g->co / PANEL >= 2 * FEW_TASKS * (w->alone ? 1 : threads) ? 2 : 1;
}

static void
read_task (void *context, int64_t index, int thread)
{
  const Stream *w = context;

  for (int64_t i = index * READ_TILES; i < tacet_min ((index + 1) * READ_TILES, w->count); i++)
    tacet_winograd_read (w->g, &w->tiles, w->x, w->first + i, w->zeros, w->in + i * PANEL, w->panel);
}

/* ---- products ---- */

/* What a thread works on: some channels of 16 outputs, or of 32. */
typedef struct
{
  int panels;
  int64_t c, channels;
  const char *next[2]; /* packed weights of the next channels */
  float *lines;        /* {panels, channels, 9, 16}: weights that are not packed */
  float *weights;      /* {panels, 12, channels, 16} */
  float *products;     /* {panels, 36, tiles, 16} */
} Block;

/* Floats from a panel to the next. */
static inline int64_t
second_lines (const Stream *w)
{
  return w->channels * 9 * PANEL;
}

static inline int64_t
second_weights (const Stream *w)
{
  return PLANES * w->weight_plane;
}

static inline int64_t
second_products (const Stream *w)
{
  return 36 * w->tiles.out_plane;
}

/* Some tiles of one of the 36: c {rows, 16} = or += a {rows, channels} b {channels, 16}; 16 channels of a in a row, the
 * next ones a panel further on.  Of two panels the second b and c lie so far behind the first. */
static inline __attribute__ ((always_inline)) void
multiply_rows (const int rows, const int panels, const float *a, int64_t panel, const float *b, int64_t second_b,
               int64_t channels, bool add, float *c, int64_t second_c)
{
  VR sum[MOST_PAIRS][2 * PARTS];

  for (int r = 0; r < rows; r++)
    for (int h = 0; h < panels * PARTS; h++)
      sum[r][h] = add ? vr_load (c + h / PARTS * second_c + r * PANEL + h % PARTS * TACET_LANES) : (VR){ 0 };
  for (int64_t i = 0; i < channels; i += PANEL, a += panel)
    {
      for (int r = 0; panels == 2 && r < rows; r++)
        __builtin_prefetch (a + (rows + r) * PANEL);
      for (int k = 0; k < PANEL; k++, b += PANEL)
        for (int r = 0; r < rows; r++)
          for (int h = 0; h < panels * PARTS; h++)
            sum[r][h] += a[r * PANEL + k] * vr_load (b + h / PARTS * second_b + h % PARTS * TACET_LANES);
    }
  for (int r = 0; r < rows; r++)
    for (int h = 0; h < panels * PARTS; h++)
      vr_store (c + h / PARTS * second_c + r * PANEL + h % PARTS * TACET_LANES, sum[r][h]);
}

/* All tiles. */
static inline __attribute__ ((always_inline)) void
multiply_tiles (const int panels, const Stream *w, const Block *block, const float *a, const float *b, float *c)
{
  const int most = panels == 2 ? MOST_PAIRS : MOST_ROWS;
  int64_t rows;

  for (int64_t left = w->count; left > 0; left -= rows, a += rows * PANEL, c += rows * PANEL)
    {
      rows = tacet_tile_strip (left, most);
      switch (rows)
        {
#define ROWS(N)                                                                                                        \
  case N:                                                                                                              \
    if (N > most)                                                                                                      \
      __builtin_unreachable ();                                                                                        \
    multiply_rows (N, panels, a, w->panel, b, second_weights (w), block->channels, block->c != 0, c,                   \
                   second_products (w));                                                                               \
    break;
          ROWS (1)
          ROWS (2)
          ROWS (3)
          ROWS (4)
          ROWS (5)
          ROWS (6)
          ROWS (7)
          ROWS (8)
          ROWS (9)
          ROWS (10)
          ROWS (11)
          ROWS (12)
        }
    }
}

/* A pair of rows of the 36; meanwhile a third of the next weights is sent for, which have `ahead` bytes. */
static void
multiply (const Stream *w, const Block *b, int pair, int64_t ahead)
{
  for (int i = 0; i < PLANES; i++)
    {
      const int t = tacet_winograd_row (pair, i / 6) * 6 + i % 6, plane = pair * PLANES + i;

      for (int p = 0; p < b->panels; p++)
        for (int64_t byte = ahead * plane / 36; byte < ahead * (plane + 1) / 36; byte += TACET_ALIGNMENT)
          __builtin_prefetch (b->next[p] + byte);
      const float *from = w->in + b->c / PANEL * w->panel + t * w->tiles.in_plane,
                  *weights = b->weights + i * w->weight_plane;
      float *to = b->products + t * w->tiles.out_plane;
      if (PARTS == 1 && b->panels == 2)
        multiply_tiles (2, w, b, from, weights, to);
      else
        multiply_tiles (1, w, b, from, weights, to);
    }
}

/* Some channels of 16 outputs: those of few tiles. */
static void
multiply_few (const Stream *w, const Block *b, TacetPrecision precision, const void *weights, int64_t ahead)
{
#if TACET_STREAM_FEW > 0
  const TacetStreamFew few = { .precision = precision,
                               .weights = weights,
                               .channels = b->channels,
                               .add = b->c != 0,
                               .panel = w->panel,
                               .in_plane = w->tiles.in_plane,
                               .out_plane = w->tiles.out_plane,
                               .next = b->next[0],
                               .ahead = ahead };

  tacet_winograd_stream_few (&few, w->count, w->in + b->c / PANEL * w->panel, b->products);
#endif
}

/* ---- all of it ---- */

/* Of one thread. */
static int64_t
thread_floats (const Stream *w)
{
  return w->panels * (second_lines (w) + second_weights (w) + second_products (w));
}

static void
run_task (void *context, int64_t index, int thread)
{
  const Stream *w = context;
  const TacetConv *g = w->g;
  const int64_t o = index * w->panels * PANEL;
  const bool packed = w->kernel->packed != NULL;
  const TacetPrecision precision = tacet_winograd_stream_precision (w->kernel);
  Block b = { .panels = tacet_min (w->panels, (g->co - o) / PANEL), .lines = w->memory + thread * thread_floats (w) };

  b.weights = b.lines + w->panels * second_lines (w);
  b.products = b.weights + w->panels * second_weights (w);
  for (; b.c < g->ci; b.c += b.channels)
    {
      b.channels = tacet_min (w->channels, g->ci - b.c);
      const int64_t bytes = b.channels * 9 * PANEL * tacet_precision_bytes (precision);
      const void *weights[2];

      for (int p = 0; p < b.panels; p++)
        {
          weights[p] = tacet_winograd_stream_weights (g, w->kernel, o + p * PANEL, b.c, b.channels,
                                                      b.lines + p * second_lines (w));
          b.next[p] = (const char *) weights[p] + bytes;
        }
      if (w->few)
        multiply_few (w, &b, precision, weights[0], packed ? bytes : 0);
      else
        for (int pair = 0; pair < WINOGRAD_PAIRS; pair++)
          {
            for (int p = 0; p < b.panels; p++)
              tacet_winograd_stream_transform (precision, pair, weights[p], b.channels,
                                               b.weights + p * second_weights (w), w->weight_plane);
            multiply (w, &b, pair, packed ? bytes : 0);
          }
    }
  for (int64_t i = 0; i < w->count; i++)
    for (int p = 0; p < b.panels; p++)
      tacet_winograd_write (g, &w->tiles, b.products + p * second_products (w) + i * PANEL, PANEL,
                            w->bias != NULL ? w->bias + o + p * PANEL : NULL, w->first + i, w->out + o + p * PANEL);
}

static int64_t
in_floats (const Stream *w)
{
  return w->panel * (w->g->ci / PANEL);
}

static int64_t
read_tasks (const Stream *w)
{
  return tacet_div_up (w->count, READ_TILES);
}

static int64_t
run_tasks (const Stream *w)
{
  return tacet_div_up (w->g->co, w->panels * PANEL);
}

static void
open_band (Stream *w, int64_t index)
{
  w->first = index * w->band;
  w->count = tacet_min (w->band, w->tiles.all - w->first);
}

static void
band_task (void *context, int64_t index, int thread)
{
  Stream w = *(const Stream *) context;

  open_band (&w, index);
  w.in += thread * in_floats (&w);
  for (int64_t i = 0; i < read_tasks (&w); i++)
    read_task (&w, i, thread);
  for (int64_t i = 0; i < run_tasks (&w); i++)
    run_task (&w, i, thread);
}

static int64_t
all_in_floats (const Stream *w, TacetCpu *cpu)
{
  return in_floats (w) * (w->alone ? tacet_cpu_threads (cpu) : 1);
}

size_t
tacet_winograd_stream_scratch (TacetCpu *cpu, const TacetConv *g)
{
  Stream w;

  stream_init (&w, cpu, g);
  return tacet_aligned (g->ci * sizeof (float)) +
         (all_in_floats (&w, cpu) + thread_floats (&w) * tacet_cpu_threads (cpu)) * sizeof (float);
}

void
tacet_winograd_stream_run (TacetCpu *cpu, const TacetConv *g, const TacetWinogradKernel *kernel, const float *x,
                           const float *bias, float *out, void *scratch)
{
  Stream w;

  stream_init (&w, cpu, g);
  w.kernel = kernel;
  w.x = x;
  w.bias = bias;
  w.out = out;
  w.zeros = scratch;
  w.in = (float *) ((char *) scratch + tacet_aligned (g->ci * sizeof (float)));
  w.memory = w.in + all_in_floats (&w, cpu);
  memset (w.zeros, 0, g->ci * sizeof (float));
  const int64_t bands = tacet_div_up (w.tiles.all, w.band);
  if (w.alone)
    {
      tacet_pool_run (cpu->pool, bands, band_task, &w);
      return;
    }
  for (int64_t i = 0; i < bands; i++)
    {
      open_band (&w, i);
      tacet_pool_run (cpu->pool, read_tasks (&w), read_task, &w);
      tacet_pool_run (cpu->pool, run_tasks (&w), run_task, &w);
    }
}
