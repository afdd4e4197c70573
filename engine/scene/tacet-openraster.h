/* tacet-openraster.h: OpenRaster files as plain data: a stack of layers, and whatever else lies in the archive.
 *
 * Room: engine/scene.  Any thread.  Source: the baseline of the OpenRaster specification, 0.0.5 and 0.0.6.  Files are
 * hostile: the archive is checked (engine/weights/tacet-zip.h), sizes, numbers and nesting are limited, nothing is
 * looked up outside of the archive.
 */
#pragma once

#include "engine/image/tacet-image.h"

G_BEGIN_DECLS

#define TACET_RASTER_MAX_LAYERS 256

typedef struct
{
  char *name;
  gboolean visible, locked;
  double opacity;
  char *composite_op; /* "svg:src-over" ... */
  int x, y;           /* of its left upper corner in the picture */
  char *source;       /* where its PNG lies in the archive */
  GBytes *png;        /* it; NULL: it is missing or cannot be read, and a note says so */
} TacetRasterLayer;
TacetRasterLayer *tacet_raster_layer_new (const char *name, const char *source, GBytes *png); /* references it */
void tacet_raster_layer_free (TacetRasterLayer *self);
/* RGBA, of its own size, or an error that names the layer. */
TacetImage *tacet_raster_layer_image (const TacetRasterLayer *self, GError **error);

/* A file in the archive that is no layer. */
typedef struct
{
  char *path;
  GBytes *bytes;
} TacetRasterFile;

typedef struct
{
  int width, height;
  GPtrArray *layers; /* of TacetRasterLayer, the topmost first; groups are flattened */
  GPtrArray *files;  /* of TacetRasterFile: those in "tacet/"; those of the format itself are not listed */
  GPtrArray *notes;  /* of char*, translated: what could not be read, or is shown in another way */
} TacetRaster;
TacetRaster *tacet_raster_new (int width, int height);
void tacet_raster_free (TacetRaster *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TacetRaster, tacet_raster_free)
void tacet_raster_add_file (TacetRaster *self, const char *path, GBytes *bytes); /* references them */
GBytes *tacet_raster_find_file (const TacetRaster *self, const char *path);      /* borrowed; NULL: none */

gboolean tacet_raster_is_file (const char *path); /* an archive by its first bytes */
TacetRaster *tacet_raster_read (const char *path, GError **error);
/* Whole or not at all.  The merged picture and the thumbnail are made from the visible layers. */
gboolean tacet_raster_write (const TacetRaster *self, const char *path, GError **error);
/* What is seen of it, RGBA.  NULL with an error: no memory, or a damaged layer. */
TacetImage *tacet_raster_render (const TacetRaster *self, GError **error);

G_END_DECLS
