/* test-draw.c: what the canvas draws, without a display.  Room: tests/ui. */
#include "draw-test.h"

#include "ui/tacet-canvas-draw.h"
#include "ui/tacet-composite.h"
#include "ui/tacet-pose-draw.h"

#include <string.h>

static guint32
surface_pixel (TacetSurface *surface, int x, int y)
{
  int stride;
  guint32 *pixels = tacet_surface_begin (surface, &stride);

  return pixels[y * stride + x];
}

/* ---- surface ---- */

static void
test_levels (void)
{
  g_autoptr (TacetSurface) surface = tacet_surface_new (1024, 512);
  TacetView view = { .zoom = 0.25 };
  int stride;
  guint32 *pixels = tacet_surface_begin (surface, &stride);
  g_autoptr (TacetImage) image = NULL;
  cairo_t *cr;

  g_assert_cmpint (tacet_surface_level_for (surface, 2), ==, 0);
  g_assert_cmpint (tacet_surface_level_for (surface, 0.5), ==, 0);
  g_assert_cmpint (tacet_surface_level_for (surface, 0.49), ==, 1);
  g_assert_cmpint (tacet_surface_level_for (surface, 0.2), ==, 2);
  /* Lines of one pixel, black and white by turns: only their mean is right when made small. */
  for (int y = 0; y < 512; y++)
    for (int x = 0; x < 1024; x++)
      pixels[y * stride + x] = x & 1 ? 0xffffffff : 0xff000000;
  tacet_surface_changed (surface, 0, 0, 1024, 512);
  cr = draw_begin (256, 128);
  tacet_surface_paint (surface, cr, &view, 1024, 512);
  image = draw_end (cr);
  for (int x = 4; x < 252; x += 13)
    g_assert_true (colour_near (pixel_at (image, x, 64), 0x808080, 2));
  /* A change must reach the halved copies, and only where it was made. */
  pixels = tacet_surface_begin (surface, &stride);
  for (int y = 100; y < 140; y++)
    for (int x = 200; x < 240; x++)
      pixels[y * stride + x] = 0xffff0000;
  tacet_surface_changed (surface, 200, 100, 40, 40);
  g_clear_pointer (&image, tacet_image_unref);
  cr = draw_begin (256, 128);
  tacet_surface_paint (surface, cr, &view, 1024, 512);
  image = draw_end (cr);
  g_assert_true (colour_near (pixel_at (image, 54, 30), 0xff0000, 2));
  g_assert_true (colour_near (pixel_at (image, 70, 30), 0x808080, 2));
}

static void
test_crisp (void)
{
  g_autoptr (TacetImage) picture = tacet_image_new (4, 4, 3);
  g_autoptr (TacetSurface) surface = NULL;
  g_autoptr (TacetImage) image = NULL;
  TacetView view = { 8, 0, 0 };
  cairo_t *cr = draw_begin (32, 32);

  memcpy (picture->data + 3 * 5, "\xff\x80\x01", 3); /* (1, 1) */
  surface = tacet_surface_new_from_image (picture);
  tacet_surface_paint (surface, cr, &view, 4, 4);
  image = draw_end (cr);
  for (int y = 0; y < 32; y++)
    for (int x = 0; x < 32; x++)
      g_assert_cmphex (pixel_at (image, x, y), ==, x / 8 == 1 && y / 8 == 1 ? 0xff8001 : 0);
}

/* A quarter turn stays crisp and moves every pixel where it belongs; mirrored, left and right change places. */
static void
test_turned (void)
{
  g_autoptr (TacetImage) picture = tacet_image_new (4, 4, 3);
  g_autoptr (TacetSurface) surface = NULL;
  TacetView view = { 8, 32, 0, 90, FALSE };

  memcpy (picture->data + 3 * 4, "\xff\x80\x01", 3); /* (0, 1) */
  surface = tacet_surface_new_from_image (picture);
  for (int mirrored = 0; mirrored < 2; mirrored++)
    {
      cairo_t *cr = draw_begin (32, 32);
      g_autoptr (TacetImage) image = NULL;

      view = mirrored ? (TacetView){ 8, 32, 0, 0, TRUE } : view;
      tacet_surface_paint (surface, cr, &view, 4, 4);
      image = draw_end (cr);
      for (int y = 0; y < 32; y++)
        for (int x = 0; x < 32; x++)
          g_assert_cmphex (pixel_at (image, x, y), ==,
                           x / 8 == (mirrored ? 3 : 2) && y / 8 == (mirrored ? 1 : 0) ? 0xff8001 : 0);
    }
}

static void
test_straight_alpha (void)
{
  g_autoptr (TacetImage) picture = tacet_image_new (1, 1, 4);
  g_autoptr (TacetSurface) surface = NULL;

  memcpy (picture->data, "\xff\x80\x00\x80", 4);
  surface = tacet_surface_new_from_image (picture);
  g_assert_cmphex (surface_pixel (surface, 0, 0), ==, 0x80804000);
}

/* ---- poses ---- */

static TacetPoseHit
hit_at (const TacetView *view, const TacetPerson *people, int n, double image_x, double image_y, double aside)
{
  double x, y;

  tacet_view_to_widget (view, image_x, image_y, &x, &y);
  return tacet_pose_hit (view, people, n, TACET_POSE_NONE, NULL, x + aside, y - aside);
}

static void
test_pose_hit (void)
{
  TacetPerson person = tacet_person_new (TACET_FIGURE_STANDING, 32, 32, 50, 50);
  const TacetJoint *joints = person.joints;
  TacetView view = { 7, 20, 30 };
  TacetPoseHit hit;

  for (int i = 0; i < TACET_POSE_JOINTS; i++)
    {
      hit = hit_at (&view, &person, 1, joints[i].x, joints[i].y, 0);
      g_assert_cmpint (hit.kind, ==, TACET_POSE_POINT);
      g_assert_cmpint (hit.ref.person, ==, 0);
      g_assert_cmpint (hit.ref.point, ==, i);
    }
  person.joints[4].confidence = 0; /* a hidden joint can still be taken, to be shown again */
  g_assert_cmpint (hit_at (&view, &person, 1, joints[4].x, joints[4].y, 4).ref.point, ==, 4);
  person.locked = 1u << TACET_BODY_RIGHT_ARM; /* a locked one cannot */
  g_assert_cmpint (hit_at (&view, &person, 1, joints[4].x, joints[4].y, 4).kind, ==, TACET_POSE_NOTHING);
  person.locked = 0;
  /* A shin is a bone, the trunk is the person, beside them is nothing. */
  hit = hit_at (&view, &person, 1, (joints[9].x + joints[10].x) / 2, (joints[9].y + joints[10].y) / 2, 2);
  g_assert_cmpint (hit.kind, ==, TACET_POSE_BONE);
  g_assert_cmpint (hit.ref.point, ==, TACET_RIGHT_ANKLE);
  hit = hit_at (&view, &person, 1, joints[1].x, (joints[1].y + joints[8].y) / 2, 0);
  g_assert_cmpint (hit.kind, ==, TACET_POSE_BODY);
  g_assert_cmpint (hit_at (&view, &person, 1, 5, 5, 0).kind, ==, TACET_POSE_NOTHING);
  g_assert_cmpint (hit_at (&view, NULL, 0, 5, 5, 0).kind, ==, TACET_POSE_NOTHING);
}

/* The frame stands around everybody's outermost points, turned and mirrored with the view; its handles are taken before
 * what lies under them. */
static void
test_pose_frame (void)
{
  TacetPerson people[2] = { tacet_person_new (TACET_FIGURE_STANDING, 100, 100, 120, 160) };
  TacetView view = { .zoom = 1.5, .off_x = 40, .off_y = 10, .angle = 30, .mirrored = TRUE };
  TacetPoseRef first = { 0, TACET_BODY_PERSON, -1 };
  TacetPoseFrame frame = tacet_pose_frame (&view, &people[0], TACET_BODY_PERSON);
  TacetPoseHit hit;

  people[1] = people[0];
  for (int i = 0; i <= 8; i++)
    {
      double image_x, image_y, x, y;

      tacet_pose_frame_handle (&frame, &view, i, &image_x, &image_y);
      tacet_view_to_widget (&view, image_x, image_y, &x, &y);
      hit = tacet_pose_hit (&view, people, 2, first, &frame, x + 2, y);
      g_assert_cmpint (hit.kind, ==, i == 8 ? TACET_POSE_TURN : TACET_POSE_SCALE);
      g_assert_cmpint (hit.handle, ==, i);
    }
  /* Of two on the same place the selected one, else the upper one. */
  hit = hit_at (&view, people, 2, people[0].joints[0].x, people[0].joints[0].y, 0);
  g_assert_cmpint (hit.ref.person, ==, 1);
  {
    double x, y;

    tacet_view_to_widget (&view, people[0].joints[0].x, people[0].joints[0].y, &x, &y);
    g_assert_cmpint (tacet_pose_hit (&view, people, 2, first, &frame, x, y).ref.person, ==, 0);
  }
}

static void
test_pose_words (void)
{
  TacetPerson people[2] = { 0 };
  g_autofree char *wrist = NULL, *hand = NULL, *finger = NULL, *whole = NULL;

  people[1] = tacet_person_new (TACET_FIGURE_PORTRAIT, 100, 100, 100, 100);
  people[1].joints[TACET_RIGHT_WRIST].confidence = 0;
  people[1].locked = 1u << TACET_BODY_LEFT_HAND;
  wrist = tacet_pose_describe (people, 2, (TacetPoseRef){ 1, TACET_BODY_PERSON, TACET_RIGHT_WRIST });
  hand = tacet_pose_describe (people, 2, (TacetPoseRef){ 1, TACET_BODY_LEFT_HAND, TACET_LEFT_HAND + 8 });
  people[1].open = 1u << TACET_BODY_LEFT_HAND;
  finger = tacet_pose_describe (people, 2, (TacetPoseRef){ 1, TACET_BODY_LEFT_HAND, TACET_LEFT_HAND + 8 });
  whole = tacet_pose_describe (people, 2, (TacetPoseRef){ 1, TACET_BODY_PERSON, -1 });
  g_assert_cmpstr (wrist, ==, "right wrist of person 2, hidden");
  g_assert_cmpstr (hand, ==, "left hand of person 2, locked");
  g_assert_cmpstr (finger, ==, "left hand, index finger, joint 4 of person 2, locked");
  g_assert_cmpstr (whole, ==, "person 2");
  g_assert_null (tacet_pose_describe (people, 2, TACET_POSE_NONE));
  for (int i = 0; i < TACET_PERSON_POINTS; i++)
    {
      g_autofree char *name = tacet_pose_point_name (i);

      g_assert_cmpstr (name, !=, "");
    }
}

/* ---- the whole canvas ---- */

static TacetCanvasState
small_state (void)
{
  return (TacetCanvasState){
    .view = { 12, 24, 18 },
    .width = 16,
    .height = 12,
  };
}

/* A cross that speaks on a silent ground, a pose over it, the brush beside. */
static void
draw_scene (gboolean dark, const char *golden)
{
  g_autoptr (TacetImage) map = tacet_image_new (16, 12, 1), coverage = tacet_image_new (16, 12, 1), image = NULL;
  g_autoptr (TacetComposite) composite = tacet_composite_new (16, 12);
  TacetCompositeLayer layer = { "edges", TACET_LAYER_EDGE, map, coverage, NULL, tacet_palette_control (0), 0, 1, TRUE };
  TacetPerson person = tacet_person_new (TACET_FIGURE_STANDING, 10.5, 6, 9, 9);
  TacetCanvasState state = small_state ();
  cairo_t *cr = draw_begin (240, 180);

  for (int i = 2; i < 10; i++)
    {
      map->data[i * 16 + 4] = map->data[5 * 16 + i] = 255;
      for (int j = 2; j < 10; j++)
        coverage->data[i * 16 + j] = 255;
    }
  tacet_composite_set_layers (composite, &layer, 1, FALSE);
  person.joints[7].confidence = 0;
  state.dark = dark;
  state.layers = tacet_composite_get_surface (composite);
  state.inks = tacet_composite_get_inks (composite);
  state.show_ring = TRUE;
  state.ring_x = 60;
  state.ring_y = 120;
  state.ring_diameter = 3;
  tacet_canvas_draw_document (&state, cr);
  tacet_pose_draw_handles (cr, &state.view, &person, 1, (TacetPoseRef){ 0, TACET_BODY_PERSON, 4 }, NULL, NULL);
  tacet_canvas_draw_ring (&state, cr);
  image = draw_end (cr);
  assert_golden (image, golden, 40);
}

static void
test_canvas_light (void)
{
  draw_scene (FALSE, "canvas-light");
}

static void
test_canvas_dark (void)
{
  draw_scene (TRUE, "canvas-dark");
}

static void
test_preview_frame (void)
{
  g_autoptr (TacetImage) picture = tacet_image_new (16, 12, 3), plain = NULL, framed = NULL;
  g_autoptr (TacetSurface) surface = NULL;
  TacetCanvasState state = small_state ();
  int light = 0, dark = 0;
  cairo_t *cr = draw_begin (240, 180);

  memset (picture->data, 128, 16 * 12 * 3);
  surface = tacet_surface_new_from_image (picture);
  state.picture = surface;
  tacet_canvas_draw (&state, cr);
  plain = draw_end (cr);
  state.frame_label = "Preview";
  cr = draw_begin (240, 180);
  tacet_canvas_draw (&state, cr);
  framed = draw_end (cr);
  g_assert_true (colour_near (pixel_at (plain, 100, 100), 0x808080, 0));
  g_assert_true (colour_near (pixel_at (framed, 100, 100), 0x808080, 0));
  /* Dashes: light and dark by turns along the edge of the document. */
  for (int x = 100; x < 200; x++)
    {
      light += colour_near (pixel_at (framed, x, 17), 0xffffff, 30);
      dark += colour_near (pixel_at (framed, x, 17), 0x202020, 60);
    }
  g_assert_cmpint (light, >, 25);
  g_assert_cmpint (dark, >, 25);
  g_assert_false (tacet_image_equal (plain, framed));
}

static void
test_ring_is_true (void)
{
  TacetCanvasState state = small_state ();
  g_autoptr (TacetImage) image = NULL;
  cairo_t *cr = draw_begin (240, 180);

  state.show_ring = TRUE;
  state.ring_x = 120;
  state.ring_y = 90;
  state.ring_diameter = 5; /* 60 pixels of the widget at this zoom */
  tacet_canvas_draw_ring (&state, cr);
  image = draw_end (cr);
  g_assert_true (colour_near (pixel_at (image, 150, 90), 0xffffff, 60));
  g_assert_true (colour_near (pixel_at (image, 120, 60), 0xffffff, 60));
  g_assert_true (colour_near (pixel_at (image, 120, 90), 0xf2f2f2, 2));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/surface/levels", test_levels);
  g_test_add_func ("/surface/crisp", test_crisp);
  g_test_add_func ("/surface/turned", test_turned);
  g_test_add_func ("/surface/straight-alpha", test_straight_alpha);
  g_test_add_func ("/pose/hit", test_pose_hit);
  g_test_add_func ("/pose/pose-frame", test_pose_frame);
  g_test_add_func ("/pose/pose-words", test_pose_words);
  g_test_add_func ("/canvas/light", test_canvas_light);
  g_test_add_func ("/canvas/dark", test_canvas_dark);
  g_test_add_func ("/canvas/preview-frame", test_preview_frame);
  g_test_add_func ("/canvas/ring-is-true", test_ring_is_true);
  return g_test_run ();
}
