/* tacet-openpose.h: people from and to pose files in OpenPose's JSON.
 *
 * Room: engine/scene.  Reads what OpenPose, the annotators of ControlNet and the pose editors around them write: 18 or
 * 25 body joints, hands of 21 points and faces of 70 or 68, in pixels or in shares of the canvas, one frame or a list
 * of frames (the first counts); also openpose-editor's lists of 18 pairs, and the 17 or 133 points of COCO as MMPose
 * writes them.  Writes OpenPose's form with 18 joints, hands, face and the size of the canvas.
 * Source: OpenPose, doc/02_output.md (COCO and BODY_25 orders).  Files are hostile.
 */
#pragma once

#include "engine/control/tacet-maps.h"

G_BEGIN_DECLS

/* The people in pixels of a picture of width x height: TacetPerson, at most TACET_MAX_PEOPLE of tacet-scene.h;
 * those of a file with a canvas of its own are fitted into it.  Points below a confidence of 0.1 come in hidden;
 * one without a place is put beside its neighbour.  left_out: NULL, or set to the number of hands and faces in a form
 * that is not known.  NULL with an error; a file with nobody in it is one. */
GArray *tacet_openpose_load (const char *path, int width, int height, guint *left_out, GError **error);
gboolean tacet_openpose_save (const char *path, const TacetPerson *people, int n_people, int width, int height,
                              GError **error);
/* The same of a text, as the clipboard holds it; name: of where it comes from, for messages. */
GArray *tacet_openpose_from_text (const char *text, const char *name, int width, int height, guint *left_out,
                                  GError **error);
char *tacet_openpose_to_text (const TacetPerson *people, int n_people, int width, int height);

G_END_DECLS
