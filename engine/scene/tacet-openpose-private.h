/* tacet-openpose-private.h: what the files of the pose reader share.
 *
 * Room: engine/scene.
 */
#pragma once

#include "tacet-openpose.h"
#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* tacet-openpose-person.c: FALSE: it is not a person in any order we know. */
gboolean _tacet_openpose_read_person (JsonObject *object, TacetPerson *person, guint *left_out);
/* object: where the scores of the points may stand, or NULL */
gboolean _tacet_openpose_read_points (JsonArray *array, JsonObject *object, TacetPerson *person);
/* A point that was not found has no place; what it hangs on has. */
gboolean _tacet_joint_is_lost (const TacetJoint *joint);
void _tacet_openpose_place_lost (TacetPerson *person, float step);

G_END_DECLS
