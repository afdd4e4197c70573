/* tacet-openpose.h: people from and to pose files in OpenPose's JSON.
 *
 * Room: engine/scene.  Reads what OpenPose, the annotators of ControlNet and the pose editors around them
 * write: 18 or 25 body joints, in pixels or in shares of the canvas, one frame or a list of frames (the
 * first counts).  Writes the form with 18 joints and the size of the canvas.
 * Source: OpenPose, doc/02_output.md (COCO and BODY_25 orders).  Files are hostile.
 */
#pragma once

#include "engine/control/tacet-maps.h"

G_BEGIN_DECLS

/* The people in pixels of a picture of width x height: TacetPerson, at most TACET_MAX_PEOPLE of tacet-scene.h;
 * those of a file with a canvas of its own are fitted into it.  Joints below a confidence of 0.1 come in hidden;
 * one without a place is put beside its neighbour.  left_out: NULL, or set to the number of hands and faces,
 * which a person of Tacet does not have.  NULL with an error; a file with nobody in it is one. */
GArray *tacet_openpose_load (const char *path, int width, int height, guint *left_out, GError **error);
gboolean tacet_openpose_save (const char *path, const TacetPerson *people, int n_people, int width, int height,
                              GError **error);

G_END_DECLS
