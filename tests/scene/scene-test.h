/* scene-test.h: what the tests of the scene room share.
 *
 * Tests of engine/scene.
 */
#pragma once

#include "engine/scene/tacet-scene.h"

/* A standing figure, `height` pixels high, its neck at (x, y). */
TacetPerson scene_test_person (float x, float y, float height);
/* One point of a person at a place, hidden or shown: steps that go on as a drag does. */
void scene_test_move (TacetScene *scene, TacetLayer *layer, int person, int point, double x, double y);
void scene_test_show (TacetScene *scene, TacetLayer *layer, int person, int point, gboolean visible);
/* One change drawn from the generator: settings, list, strokes, people, maps, groups. */
void scene_test_random_edit (TacetScene *scene, GRand *rand);
/* The n-th control; the scene keeps it. */
TacetLayer *scene_test_control (TacetScene *scene, guint n);
guint scene_test_n_controls (TacetScene *scene);
/* A straight stroke of three points. */
void scene_test_stroke (TacetScene *scene, TacetLayer *control, const TacetBrush *brush, double x0, double y0,
                        double x1, double y1);
void scene_test_assert_digest (TacetScene *scene, const char *expected);
/* A folder of its own; removed with its files by scene_test_remove_folder. */
char *scene_test_make_folder (void);
void scene_test_remove_folder (char *folder);
