/* import-test.h: a window and what tests of pictures coming in and going out ask of it.  Room: tests/ui. */
#pragma once

#include "ui/tacet-window-private.h"

typedef struct
{
  TacetWindow *window;
  char *folder;
  guint wanted; /* number of layers that is waited for */
} ImportTest;

TacetImage *import_test_red (int width, int height, gboolean half);
int import_test_value_at (const TacetImage *image, int x, int y, int channel);
char *import_test_source_file (const char *name);
void import_test_spin_while (gboolean (*func) (ImportTest *), ImportTest *f);
void import_test_spin_for (guint milliseconds);
TacetWindow *import_test_make_window (const char *scene);
void import_test_destroy_window (TacetWindow *window);
void import_test_set_up (ImportTest *f, gconstpointer data);
void import_test_tear_down (ImportTest *f, gconstpointer data);
void import_test_act (TacetWindow *window, const char *name);
guint import_test_n_layers (TacetWindow *window);
TacetLayer *import_test_nth_layer (TacetWindow *window, guint n);
TacetLayer *import_test_layer_of_kind (TacetWindow *window, TacetLayerKind kind);
TacetLayer *import_test_newest (TacetWindow *window, TacetLayerKind kind);
void import_test_wait_for_layers (ImportTest *f, guint n);
GPtrArray *import_test_sources_of (const char *const *names, int n);
gboolean import_test_has_label (GtkWidget *widget, const char *text);
