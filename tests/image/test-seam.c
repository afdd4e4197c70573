/* test-seam.c: a picture made new inside a mask: what stays, and that no seam shows.
 *
 * Room: tests/image.
 */
#include "engine/image/tacet-image.h"
#include <stdlib.h>
#include <string.h>

#define SIDE 96

/* A slope of colours; the disc in the middle is the mask. */
static TacetImage *
slope_new (int channels, int offset)
{
  TacetImage *image = tacet_image_new (SIDE, SIDE, channels);
  for (int i = 0; i < SIDE * SIDE; i++)
    for (int c = 0; c < channels; c++)
      image->data[i * channels + c] = (guint8) (c == 3 ? 255 : 60 + i % SIDE + i / SIDE / 4 + 10 * c + offset);
  return image;
}

static gboolean
inside (int i)
{
  int x = i % SIDE - SIDE / 2, y = i / SIDE - SIDE / 2;
  return x * x + y * y < 30 * 30;
}

static TacetImage *
disc_new (void)
{
  TacetImage *mask = tacet_image_new (SIDE, SIDE, 1);
  for (int i = 0; i < SIDE * SIDE; i++)
    mask->data[i] = inside (i) ? 255 : 0;
  return mask;
}

/* The greatest step from a kept pixel to the new one beside it. */
static int
worst_step (const TacetImage *image)
{
  int worst = 0;
  for (int i = 0; i + 1 < SIDE * SIDE; i++)
    for (int c = 0; c < 3 && inside (i) != inside (i + 1); c++)
      worst = MAX (worst, abs (image->data[3 * i + c] - image->data[3 * i + 3 + c]));
  return worst;
}

static void
test_seam (void)
{
  g_autoptr (TacetImage) old = slope_new (3, 0), fresh = slope_new (3, 25), mask = disc_new ();
  for (int feather = 0; feather <= 8; feather += 8)
    {
      g_autoptr (TacetImage) out = tacet_image_inpaint (old, fresh, mask, feather);
      g_assert_nonnull (out);
      for (int i = 0; i < SIDE * SIDE * 3; i++)
        if (!inside (i / 3))
          g_assert_cmpint (out->data[i], ==, old->data[i]);
        else if (feather == 0)
          g_assert_cmpint (out->data[i], ==, fresh->data[i]);
      g_test_message ("feather %d: steps of up to %d", feather, worst_step (out));
      if (feather == 0)
        g_assert_cmpint (worst_step (out), >, 20);
      else
        g_assert_cmpint (worst_step (out), <=, 3);
      /* Far from the border it is the new picture. */
      int centre = 3 * (SIDE / 2 * SIDE + SIDE / 2);
      g_assert_cmpint (abs (out->data[centre] - fresh->data[centre]), <=, 3);
    }
}

/* Where the old picture has nothing, nothing of it may show: colours are taken from beside, not from below. */
static void
test_outpaint (void)
{
  g_autoptr (TacetImage) old = slope_new (4, 0), fresh = slope_new (3, 25), mask = disc_new ();
  for (int i = 0; i < SIDE * SIDE; i++)
    if (inside (i))
      memset (old->data + 4 * i, 0, 4);
  g_autoptr (TacetImage) out = tacet_image_inpaint (old, fresh, mask, 8);
  g_assert_cmpint (worst_step (out), <=, 5);
  for (int i = 0; i < SIDE * SIDE * 3; i++)
    if (inside (i / 3))
      g_assert_cmpint (out->data[i], >=, fresh->data[i] - 30);
}

static void
test_whole (void)
{
  g_autoptr (TacetImage) old = slope_new (3, 0), fresh = slope_new (3, 25);
  g_autoptr (TacetImage) mask = tacet_image_new (SIDE, SIDE, 1);
  g_autoptr (TacetImage) nothing = tacet_image_inpaint (old, fresh, mask, 8);
  g_assert_true (tacet_image_equal (nothing, old));
  memset (mask->data, 255, SIDE * SIDE);
  g_autoptr (TacetImage) everything = tacet_image_inpaint (old, fresh, mask, 8);
  g_assert_true (tacet_image_equal (everything, fresh));
}

static void
test_fill (void)
{
  g_autoptr (TacetImage) image = slope_new (4, 0), rgb = slope_new (3, 0);
  for (int i = 0; i < SIDE * SIDE; i++)
    if (inside (i))
      memset (image->data + 4 * i, 0, 4);
  g_autoptr (TacetImage) filled = tacet_image_fill_transparent (image);
  g_assert_cmpint (filled->channels, ==, 3);
  for (int i = 0; i < SIDE * SIDE * 3; i++)
    g_assert_cmpint (abs (filled->data[i] - rgb->data[i]), <=, inside (i / 3) ? 40 : 0);
  for (int i = 0; i < SIDE * SIDE; i++)
    image->data[4 * i + 3] = 0;
  g_autoptr (TacetImage) gray = tacet_image_fill_transparent (image);
  g_assert_cmpint (gray->data[0], ==, 128);
  g_autoptr (TacetImage) same = tacet_image_fill_transparent (rgb);
  g_assert_true (tacet_image_equal (same, rgb));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/seam/seam", test_seam);
  g_test_add_func ("/seam/outpaint", test_outpaint);
  g_test_add_func ("/seam/whole", test_whole);
  g_test_add_func ("/seam/fill", test_fill);
  return g_test_run ();
}
