/* tacet-import.h: foreign pictures made into what a layer is made of, on a thread of their own.
 *
 * Room: ui, without widgets.
 */
#pragma once

#include "engine/image/tacet-image-file.h"
#include "engine/scene/tacet-layer.h"

G_BEGIN_DECLS

/* What becomes of a picture. */
typedef enum
{
  TACET_IMPORT_PICTURE,
  TACET_IMPORT_EDGES, /* a control of the edges found in it */
  TACET_IMPORT_EDGE_MAP,
  TACET_IMPORT_DEPTH_MAP,
  TACET_IMPORT_REGION, /* where it is opaque; where it is light, if it is opaque everywhere */
  TACET_IMPORT_MASK,
  TACET_N_IMPORTS,
} TacetImportAs;
TacetLayerKind tacet_import_kind (TacetImportAs as);

/* How a picture of other proportions stands in the document. */
typedef enum
{
  TACET_FIT_WHOLE,   /* all of it is seen, and nothing is said beside it */
  TACET_FIT_FILL,    /* nothing is left free, what stands out is cut */
  TACET_FIT_STRETCH, /* both, and it is distorted */
  TACET_N_FITS,
} TacetFit;
const char *tacet_fit_id (TacetFit fit); /* "whole" ... */
gboolean tacet_fit_parse (const char *id, TacetFit *fit);

typedef struct
{
  int x, y, width, height;
} TacetPlace;
/* Where a picture lies in a document; TACET_FIT_FILL: partly outside.  No side is below 1. */
TacetPlace tacet_fit_place (TacetFit fit, int picture_width, int picture_height, int width, int height);

/* The size of a document for a picture: its longest side at most `longest`, both multiples of 8. */
void tacet_import_document_size (int picture_width, int picture_height, int longest, int *width, int *height);

/* Pixels of a layer, of the document's size. */
typedef struct
{
  char *name;           /* of the layer; NULL: no better one than that of its kind */
  TacetImage *pixels;   /* picture: RGBA; edges, depth: gray map; region, mask: gray coverage */
  TacetImage *coverage; /* where a map speaks; NULL: by the rule of its kind */
} TacetImported;
void tacet_imported_free (TacetImported *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TacetImported, tacet_imported_free)
/* NULL: no memory. */
TacetImported *tacet_import_picture (const TacetImage *picture, TacetImportAs as, TacetFit fit, int width, int height);

/* Where a picture comes from: one of the three. */
typedef struct
{
  char *path;
  GBytes *bytes;
  TacetImage *image;
  char *name; /* in messages, and of the layer; NULL: from the path, or none */
} TacetSource;
TacetSource *tacet_source_new_path (const char *path);
TacetSource *tacet_source_new_bytes (GBytes *bytes);
TacetSource *tacet_source_new_image (TacetImage *image, const char *name);
void tacet_source_free (TacetSource *self);

typedef void (*TacetImportProgress) (double done, gpointer data); /* main thread, 0 .. 1 */

/* sources: of TacetSource, taken.  Pictures that cannot be read are left out and noted, unless all of them are.
 * progress: NULL, or called until the callback; no more often than the main loop turns. */
void tacet_import_async (GPtrArray *sources, TacetImportAs as, TacetFit fit, int width, int height,
                         TacetImportProgress progress, gpointer progress_data, GCancellable *cancellable,
                         GAsyncReadyCallback callback, gpointer user_data);
/* Of TacetImported; notes: of translated sentences, may be empty.  Both to be unreffed. */
GPtrArray *tacet_import_finish (GAsyncResult *result, GPtrArray **notes, GError **error);

/* One picture, as it is. */
void tacet_import_load_async (TacetSource *source, TacetImportProgress progress, gpointer progress_data,
                              GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
TacetImage *tacet_import_load_finish (GAsyncResult *result, GPtrArray **notes, GError **error);

G_END_DECLS
