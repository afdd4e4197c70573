/* tacet-composite-rows.c: rows of pixels.  Room: ui, no widgets. */
#define G_LOG_DOMAIN "tacet-composite"

#include "config.h"

#include "ui/tacet-composite-rows.h"

#include <string.h>

/* x / 255, rounded, for x up to 255 * 255 */
static inline guint32
by255 (guint32 x)
{
  x += 128;
  return (x + (x >> 8)) >> 8;
}

static void
add_row (guint16 *restrict sums, const guint8 *restrict row, int n)
{
  for (int i = 0; i < n; i++)
    sums[i] += row[i];
}

/* Sums of columns become means of squares. */
static void
finish_reduce (const guint16 *sums, int channels, int columns, int rows, int level, guint8 *out)
{
  int side = 1 << level, n = columns >> level, shift = 2 * level;

  if (rows == side && level == 1)
    for (int i = 0; i < n; i++)
      for (int c = 0; c < channels; c++)
        out[i * channels + c] = (guint8) ((sums[2 * i * channels + c] + sums[(2 * i + 1) * channels + c] + 2) >> 2);
  for (int i = rows == side && level == 1 ? n : 0; i * side < columns; i++)
    {
      int from = i * side, to = MIN (from + side, columns), count = (to - from) * rows;

      for (int c = 0; c < channels; c++)
        {
          guint32 sum = (guint32) count / 2;

          for (int x = from; x < to; x++)
            sum += sums[x * channels + c];
          out[i * channels + c] = (guint8) (count == 1 << shift ? sum >> shift : sum / (guint32) count);
        }
    }
}

const guint8 *
tacet_rows_reduce (const guint8 *in, gsize stride, int channels, int columns, int rows, int level, guint8 *out)
{
  guint16 sums[4 * TACET_ROW];

  if (level == 0)
    return in;
  memset (sums, 0, sizeof (guint16) * (gsize) (columns * channels));
  for (int row = 0; row < rows; row++)
    add_row (sums, in + (gsize) row * stride, columns * channels);
  finish_reduce (sums, channels, columns, rows, level, out);
  return out;
}

static void
premultiply (const guint8 *restrict in, int n, guint8 *restrict out)
{
  for (int i = 0; i < n; i++)
    {
      guint32 alpha = in[4 * i + 3];

      out[4 * i] = (guint8) by255 (in[4 * i] * alpha);
      out[4 * i + 1] = (guint8) by255 (in[4 * i + 1] * alpha);
      out[4 * i + 2] = (guint8) by255 (in[4 * i + 2] * alpha);
      out[4 * i + 3] = (guint8) alpha;
    }
}

const guint8 *
tacet_rows_reduce_picture (const guint8 *in, gsize stride, int columns, int rows, int level, guint8 *out)
{
  guint16 sums[4 * TACET_ROW];
  guint8 row_out[4 * TACET_ROW];

  if (level == 0)
    {
      premultiply (in, columns, out);
      return out;
    }
  memset (sums, 0, sizeof (guint16) * 4 * (gsize) columns);
  for (int row = 0; row < rows; row++)
    {
      premultiply (in + (gsize) row * stride, columns, row_out);
      add_row (sums, row_out, 4 * columns);
    }
  finish_reduce (sums, 4, columns, rows, level, out);
  return out;
}

static inline guint32
pack (guint32 alpha, guint32 red, guint32 green, guint32 blue)
{
  return alpha << 24 | red << 16 | green << 8 | blue;
}

void
tacet_rows_picture (const guint8 *restrict rgba, int opacity, int n, guint32 *restrict out)
{
  guint32 share = (guint32) opacity;

  for (int i = 0; i < n; i++)
    out[i] = pack (by255 (rgba[4 * i + 3] * share), by255 (rgba[4 * i] * share), by255 (rgba[4 * i + 1] * share),
                   by255 (rgba[4 * i + 2] * share));
}

/* How much of a row counts. */
static void
shares (const guint8 *restrict value, const guint8 *restrict coverage, guint32 opacity, int n, guint8 *restrict out)
{
  if (value != NULL && coverage != NULL)
    for (int i = 0; i < n; i++)
      out[i] = (guint8) by255 (by255 (value[i] * (guint32) coverage[i]) * opacity);
  else if (value != NULL || coverage != NULL)
    {
      const guint8 *one = value != NULL ? value : coverage;

      for (int i = 0; i < n; i++)
        out[i] = (guint8) by255 (one[i] * opacity);
    }
  else
    memset (out, (int) opacity, (gsize) n);
}

void
tacet_rows_colour (const guint8 *value, const guint8 *coverage, guint32 rgb, int opacity, int n, guint32 *restrict out)
{
  guint32 red = rgb >> 16 & 255, green = rgb >> 8 & 255, blue = rgb & 255;
  guint8 share[TACET_ROW];

  shares (value, coverage, (guint32) opacity, n, share);
  for (int i = 0; i < n; i++)
    out[i] = pack (share[i], by255 (red * share[i]), by255 (green * share[i]), by255 (blue * share[i]));
}

void
tacet_rows_gray (const guint8 *restrict value, const guint8 *coverage, int opacity, int n, guint32 *restrict out)
{
  guint8 share[TACET_ROW];

  shares (NULL, coverage, (guint32) opacity, n, share);
  for (int i = 0; i < n; i++)
    out[i] = (guint32) share[i] << 24 | by255 (value[i] * (guint32) share[i]) * 0x010101;
}

void
tacet_rows_rgb (const guint8 *restrict rgb, const guint8 *coverage, int opacity, int n, guint32 *restrict out)
{
  guint8 share[TACET_ROW];

  shares (NULL, coverage, (guint32) opacity, n, share);
  for (int i = 0; i < n; i++)
    out[i] = pack (share[i], by255 (rgb[3 * i] * (guint32) share[i]), by255 (rgb[3 * i + 1] * (guint32) share[i]),
                   by255 (rgb[3 * i + 2] * (guint32) share[i]));
}

/* Limbs have 60 % of their colours' brightness and are opaque; soft borders are this much darker and as transparent. */
void
tacet_rows_figures (const guint8 *restrict rgb, const guint8 *coverage, int opacity, int n, guint32 *restrict out)
{
  guint8 share[TACET_ROW];

  shares (NULL, coverage, (guint32) opacity, n, share);
  for (int i = 0; i < n; i++)
    {
      guint32 red = rgb[3 * i], green = rgb[3 * i + 1], blue = rgb[3 * i + 2];
      guint32 strongest = MAX (red, MAX (green, blue)), alpha = MIN (strongest * 5 / 3, 255u);

      out[i] =
          pack (by255 (alpha * share[i]), by255 (red * share[i]), by255 (green * share[i]), by255 (blue * share[i]));
    }
}

void
tacet_rows_over (guint32 *restrict under, const guint32 *restrict over, int n)
{
  for (int i = 0; i < n; i++)
    {
      guint32 rest = 255 - (over[i] >> 24);
      guint32 even = (under[i] & 0x00ff00ff) * rest + 0x00800080,
              odd = (under[i] >> 8 & 0x00ff00ff) * rest + 0x00800080;

      even = (even + (even >> 8 & 0x00ff00ff)) >> 8 & 0x00ff00ff;
      odd = (odd + (odd >> 8 & 0x00ff00ff)) & 0xff00ff00;
      under[i] = over[i] + (even | odd);
    }
}

void
tacet_rows_mark (guint8 *restrict marks, const guint8 *restrict coverage, guint8 bits, int n)
{
  for (int i = 0; i < n; i++)
    marks[i] |= coverage[i] >= 128 ? bits : 0;
}

void
tacet_rows_unmark (guint8 *restrict marks, const guint32 *restrict over, int n)
{
  for (int i = 0; i < n; i++)
    marks[i] = over[i] >> 31 ? 0 : marks[i];
}

gboolean
tacet_rows_any (const guint8 *data, gsize n)
{
  guint8 any = 0;

  for (gsize i = 0; i < n; i++)
    any |= data[i];
  return any != 0;
}

gboolean
tacet_rows_all (const guint8 *data, gsize n)
{
  guint8 all = 255;

  for (gsize i = 0; i < n; i++)
    all &= data[i];
  return all == 255;
}
