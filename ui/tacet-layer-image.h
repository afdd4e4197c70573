/* tacet-layer-image.h: a layer as a picture that other programs understand, and names of files.  Room: ui, no widgets.
 */
#pragma once

#include "engine/scene/tacet-layer.h"

G_BEGIN_DECLS

/* Maps as ControlNet's tools expect them: white lines on black, light is near, people in OpenPose's colours; regions
 * and masks in gray, pictures in colour.  What is silent against the rule of its kind is transparent.  NULL: no memory.
 */
TacetImage *tacet_layer_dup_image (TacetLayer *layer);
/* Of any name (UTF-8) one that every folder takes. */
char *tacet_file_name (const char *name, const char *suffix);

G_END_DECLS
