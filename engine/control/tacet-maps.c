/* tacet-maps.c: kinds of control maps, and how their lengths grow with the size.
 *
 * Room: engine/control.
 */
#include "tacet-maps.h"
#include <math.h>
#include <string.h>

static const char *const kind_ids[TACET_N_CONTROL_KINDS] = { "edge", "depth", "pose" };

const char *
tacet_control_kind_id (TacetControlKind kind)
{
  g_return_val_if_fail (kind < TACET_N_CONTROL_KINDS, "");
  return kind_ids[kind];
}

gboolean
tacet_control_kind_parse (const char *id, TacetControlKind *kind)
{
  for (int i = 0; id != NULL && i < TACET_N_CONTROL_KINDS; i++)
    if (strcmp (id, kind_ids[i]) == 0)
      {
        *kind = (TacetControlKind) i;
        return TRUE;
      }
  return FALSE;
}

double
tacet_maps_scale (int width, int height)
{
  return hypot (width, height) / hypot (512, 512);
}
