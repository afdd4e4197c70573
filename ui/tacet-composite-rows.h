/* tacet-composite-rows.h: rows of pixels: made smaller, laid over each other.
 *
 * Room: ui, the part without widgets.  Straight loops over whole rows that the compiler turns into vector code: what
 * kind of layer a row comes from is decided once for the row, never for a pixel.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define TACET_ROW 256 /* pixels, at most */

/* Mean of squares of 2^level pixels; of `columns` by `rows` (at most 2^level) pixels, those that are missing at the end
 * do not count.  Answers out, or `in` itself at level 0. */
const guint8 *tacet_rows_reduce (const guint8 *in, gsize stride, int channels, int columns, int rows, int level,
                                 guint8 *out);
/* The same of straight RGBA; the result is multiplied by its alpha, at level 0 too. */
const guint8 *tacet_rows_reduce_picture (const guint8 *in, gsize stride, int columns, int rows, int level, guint8 *out);

/* What a row of a layer looks like, as premultiplied ARGB32.  coverage NULL: 255 everywhere; opacity 0 .. 255. */
void tacet_rows_picture (const guint8 *rgba, int opacity, int n, guint32 *out);
/* A colour, as much as there is of value (NULL: 255 everywhere) and coverage. */
void tacet_rows_colour (const guint8 *value, const guint8 *coverage, guint32 rgb, int opacity, int n, guint32 *out);
void tacet_rows_gray (const guint8 *value, const guint8 *coverage, int opacity, int n, guint32 *out);
void tacet_rows_rgb (const guint8 *rgb, const guint8 *coverage, int opacity, int n, guint32 *out);
/* People: black is no colour of theirs but where there is nothing. */
void tacet_rows_figures (const guint8 *rgb, const guint8 *coverage, int opacity, int n, guint32 *out);

void tacet_rows_over (guint32 *under, const guint32 *over, int n);
/* Sets bits where coverage is half or more; takes all bits away where a row is that opaque. */
void tacet_rows_mark (guint8 *marks, const guint8 *coverage, guint8 bits, int n);
void tacet_rows_unmark (guint8 *marks, const guint32 *over, int n);
gboolean tacet_rows_any (const guint8 *data, gsize n); /* is one not 0 */
gboolean tacet_rows_all (const guint8 *data, gsize n); /* are all 255 */

G_END_DECLS
