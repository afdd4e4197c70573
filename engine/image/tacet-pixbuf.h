/* tacet-pixbuf.h: pictures decoded by gdk-pixbuf.  Room: engine/image, private. */
#pragma once

#include "tacet-image-file.h"

/* What gdk-pixbuf calls the decoder of a format; NULL: ours. */
const char *tacet_pixbuf_loader_name (TacetImageFormat format);
/* header: of this file.  As stored, except that TIFF comes out upright.  Messages are the plain reason. */
TacetImage *tacet_pixbuf_decode (const TacetImageHeader *header, const guint8 *data, gsize size,
                                 const TacetImageLoading *loading, GError **error);
void tacet_image_report_progress (const TacetImageLoading *loading, double done);
