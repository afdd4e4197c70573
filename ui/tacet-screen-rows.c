/* tacet-screen-rows.c: rows of the screen.  Room: ui, no widgets.
 *
 * Eight pixels at a time where the program was compiled for AVX2 (meson option avx2), else one by one.
 */
#define G_LOG_DOMAIN "tacet-screen"

#include "config.h"

#include "ui/tacet-screen-rows.h"

#ifdef __AVX2__

#include <immintrin.h>
#include <string.h>

typedef struct
{
  __m256i x, y, dx, dy; /* of eight pixels; eight steps on */
} Eight;

static inline Eight
eight_begin (TacetWalk walk, gint32 less)
{
  const __m256i lanes = _mm256_setr_epi32 (0, 1, 2, 3, 4, 5, 6, 7);

  return (Eight){
    _mm256_add_epi32 (_mm256_set1_epi32 (walk.x - less), _mm256_mullo_epi32 (lanes, _mm256_set1_epi32 (walk.dx))),
    _mm256_add_epi32 (_mm256_set1_epi32 (walk.y - less), _mm256_mullo_epi32 (lanes, _mm256_set1_epi32 (walk.dy))),
    _mm256_set1_epi32 (8 * walk.dx),
    _mm256_set1_epi32 (8 * walk.dy),
  };
}

static inline void
eight_step (Eight *self)
{
  self->x = _mm256_add_epi32 (self->x, self->dx);
  self->y = _mm256_add_epi32 (self->y, self->dy);
}

static inline __m256i
within (__m256i at, int last)
{
  return _mm256_max_epi32 (_mm256_min_epi32 (at, _mm256_set1_epi32 (last)), _mm256_setzero_si256 ());
}

static inline __m256i
nearest_places (const TacetLevel *level, const Eight *at)
{
  __m256i x = within (_mm256_srai_epi32 (at->x, 16), level->width - 1);
  __m256i y = within (_mm256_srai_epi32 (at->y, 16), level->height - 1);

  return _mm256_add_epi32 (_mm256_mullo_epi32 (y, _mm256_set1_epi32 (level->width)), x);
}

static inline void
store (guint32 *out, __m256i pixels, int n)
{
  guint32 last[8];

  if (n >= 8)
    {
      _mm256_storeu_si256 ((__m256i *) (void *) out, pixels);
      return;
    }
  _mm256_storeu_si256 ((__m256i *) (void *) last, pixels);
  memcpy (out, last, 4 * (gsize) n);
}

void
tacet_screen_nearest (const TacetLevel *level, TacetWalk walk, int n, guint32 *out)
{
  Eight at = eight_begin (walk, 0);

  for (int i = 0; i < n; i += 8, eight_step (&at))
    store (out + i, _mm256_i32gather_epi32 ((const int *) level->pixels, nearest_places (level, &at), 4), n - i);
}

/* Reads up to three bytes more than there are: marks have them (tacet-surface.c). */
void
tacet_screen_marks (const TacetLevel *level, TacetWalk walk, int n, guint8 *out)
{
  const __m256i bytes = _mm256_setr_epi8 (0, 4, 8, 12, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 0, 4, 8, 12, -1,
                                          -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1);
  Eight at = eight_begin (walk, 0);

  for (int i = 0; i < n; i += 8, eight_step (&at))
    {
      __m256i marks =
          _mm256_i32gather_epi32 ((const int *) (const void *) level->marks, nearest_places (level, &at), 1);
      guint32 halves[2];

      marks = _mm256_shuffle_epi8 (marks, bytes);
      halves[0] = (guint32) _mm256_extract_epi32 (marks, 0);
      halves[1] = (guint32) _mm256_extract_epi32 (marks, 4);
      memcpy (out + i, halves, (gsize) MIN (8, n - i));
    }
}

/* Four pixels of 16-bit channels: a + (b - a) * share / 256. */
static inline __m256i
mix (__m256i a, __m256i b, __m256i share)
{
  __m256i sum = _mm256_add_epi16 (_mm256_mullo_epi16 (a, _mm256_sub_epi16 (_mm256_set1_epi16 (256), share)),
                                  _mm256_mullo_epi16 (b, share));

  return _mm256_srli_epi16 (_mm256_add_epi16 (sum, _mm256_set1_epi16 (128)), 8);
}

/* Spreads the lowest byte of each 32-bit share over the 16-bit channels of its pixel, of the lower or upper pixels of
 * each half. */
static inline __m256i
spread (__m256i share, gboolean upper)
{
  const __m256i low = _mm256_setr_epi8 (0, -1, 0, -1, 0, -1, 0, -1, 4, -1, 4, -1, 4, -1, 4, -1, 0, -1, 0, -1, 0, -1, 0,
                                        -1, 4, -1, 4, -1, 4, -1, 4, -1);
  const __m256i high = _mm256_setr_epi8 (8, -1, 8, -1, 8, -1, 8, -1, 12, -1, 12, -1, 12, -1, 12, -1, 8, -1, 8, -1, 8,
                                         -1, 8, -1, 12, -1, 12, -1, 12, -1, 12, -1);

  return _mm256_shuffle_epi8 (share, upper ? high : low);
}

static inline __m256i
mix_square (const __m256i p[4], __m256i share_x, __m256i share_y, gboolean upper)
{
  __m256i zero = _mm256_setzero_si256 (), x = spread (share_x, upper), y = spread (share_y, upper), wide[4];

  for (int i = 0; i < 4; i++)
    wide[i] = upper ? _mm256_unpackhi_epi8 (p[i], zero) : _mm256_unpacklo_epi8 (p[i], zero);
  return mix (mix (wide[0], wide[1], x), mix (wide[2], wide[3], x), y);
}

void
tacet_screen_smooth (const TacetLevel *level, TacetWalk walk, int n, guint32 *out)
{
  Eight at = eight_begin (walk, 32768);
  const __m256i byte = _mm256_set1_epi32 (255), one = _mm256_set1_epi32 (1);
  const int *pixels = (const int *) level->pixels;

  for (int i = 0; i < n; i += 8, eight_step (&at))
    {
      __m256i x = _mm256_srai_epi32 (at.x, 16), y = _mm256_srai_epi32 (at.y, 16);
      __m256i x0 = within (x, level->width - 1), x1 = within (_mm256_add_epi32 (x, one), level->width - 1);
      __m256i row0 = within (y, level->height - 1), row1 = within (_mm256_add_epi32 (y, one), level->height - 1);
      __m256i share_x = _mm256_and_si256 (_mm256_srli_epi32 (at.x, 8), byte);
      __m256i share_y = _mm256_and_si256 (_mm256_srli_epi32 (at.y, 8), byte), p[4];

      row0 = _mm256_mullo_epi32 (row0, _mm256_set1_epi32 (level->width));
      row1 = _mm256_mullo_epi32 (row1, _mm256_set1_epi32 (level->width));
      p[0] = _mm256_i32gather_epi32 (pixels, _mm256_add_epi32 (row0, x0), 4);
      p[1] = _mm256_i32gather_epi32 (pixels, _mm256_add_epi32 (row0, x1), 4);
      p[2] = _mm256_i32gather_epi32 (pixels, _mm256_add_epi32 (row1, x0), 4);
      p[3] = _mm256_i32gather_epi32 (pixels, _mm256_add_epi32 (row1, x1), 4);
      store (out + i,
             _mm256_packus_epi16 (mix_square (p, share_x, share_y, FALSE), mix_square (p, share_x, share_y, TRUE)),
             n - i);
    }
}

#else

static inline int
within (int at, int last)
{
  return CLAMP (at, 0, last);
}

static inline gsize
nearest_place (const TacetLevel *level, TacetWalk at)
{
  return (gsize) within (at.y >> 16, level->height - 1) * (gsize) level->width +
         (gsize) within (at.x >> 16, level->width - 1);
}

/* What lies far outside may go round the end of the numbers, as it does eight by eight. */
static inline void
walk_on (TacetWalk *at)
{
  at->x = (gint32) ((guint32) at->x + (guint32) at->dx);
  at->y = (gint32) ((guint32) at->y + (guint32) at->dy);
}

void
tacet_screen_nearest (const TacetLevel *level, TacetWalk walk, int n, guint32 *out)
{
  for (int i = 0; i < n; i++, walk_on (&walk))
    out[i] = level->pixels[nearest_place (level, walk)];
}

void
tacet_screen_marks (const TacetLevel *level, TacetWalk walk, int n, guint8 *out)
{
  for (int i = 0; i < n; i++, walk_on (&walk))
    out[i] = level->marks[nearest_place (level, walk)];
}

/* Two channels, 16 bits apart: a + (b - a) * share / 256. */
static inline guint32
mix_pair (guint32 a, guint32 b, guint32 share)
{
  return ((a & 0x00ff00ff) * (256 - share) + (b & 0x00ff00ff) * share + 0x00800080) >> 8 & 0x00ff00ff;
}

static inline guint32
mix (guint32 a, guint32 b, guint32 share)
{
  return mix_pair (a, b, share) | mix_pair (a >> 8, b >> 8, share) << 8;
}

void
tacet_screen_smooth (const TacetLevel *level, TacetWalk walk, int n, guint32 *out)
{
  walk.x -= 32768;
  walk.y -= 32768;
  for (int i = 0; i < n; i++, walk_on (&walk))
    {
      const int x0 = within (walk.x >> 16, level->width - 1), x1 = within ((walk.x >> 16) + 1, level->width - 1);
      const guint32 *row0 = level->pixels + (gsize) within (walk.y >> 16, level->height - 1) * (gsize) level->width;
      const guint32 *row1 =
          level->pixels + (gsize) within ((walk.y >> 16) + 1, level->height - 1) * (gsize) level->width;
      const guint32 share_x = (guint32) walk.x >> 8 & 255, share_y = (guint32) walk.y >> 8 & 255;
      out[i] = mix (mix (row0[x0], row0[x1], share_x), mix (row1[x0], row1[x1], share_x), share_y);
    }
}

#endif

static void
ink_piece (guint32 *restrict row, const guint8 *restrict marks, guint32 bit, const guint8 *restrict pattern,
           guint32 ink, int n)
{
  guint32 most = ink >> 24, rgb = ink & 0xffffff;

  for (int i = 0; i < n; i++)
    {
      guint32 share = marks[i] & bit ? (pattern[i] * most) >> 8 : 0, rest = 256 - share;
      guint32 even = (row[i] & 0x00ff00ff) * rest + (rgb & 0x00ff00ff) * share + 0x00800080;
      guint32 odd = (row[i] >> 8 & 0xff) * rest + (rgb >> 8 & 0xff) * share + 0x80;

      row[i] = 0xff000000 | (even >> 8 & 0x00ff00ff) | (odd & 0xff00);
    }
}

void
tacet_screen_ink (guint32 *row, const guint8 *marks, int bit, const guint8 *pattern, int period, int at, guint32 ink,
                  int n)
{
  for (int i = 0, length; i < n; i += length, at = 0)
    {
      length = MIN (period - at, n - i);
      ink_piece (row + i, marks + i, 1u << bit, pattern + at, ink, length);
    }
}

void
tacet_screen_fade (guint32 *restrict row, const guint8 *restrict shares, int n)
{
  for (int i = 0; i < n; i++)
    {
      guint32 share = shares[i] + (shares[i] >> 7);
      guint32 even = (row[i] & 0x00ff00ff) * share, odd = (row[i] >> 8 & 0x00ff00ff) * share;

      row[i] = (even >> 8 & 0x00ff00ff) | (odd & 0xff00ff00);
    }
}
