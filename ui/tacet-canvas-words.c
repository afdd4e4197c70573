/* tacet-canvas-words.c: what the canvas says about the document, the view and the tool.  Room: ui. */
#define G_LOG_DOMAIN "tacet-canvas"

#include "config.h"

#include "ui/tacet-canvas-private.h"

#include <glib/gi18n.h>
#include <math.h>

/* Why nothing can be painted, in a word; NULL: it can. */
static const char *
obstacle (TacetCanvas *self)
{
  if (self->selected == NULL)
    return NULL;
  if (tacet_layer_get_locked (self->selected))
    /* Translators: of a layer: it cannot be painted */
    return C_ ("layer", "locked");
  if (!tacet_canvas_get_control_visible (self, self->selected))
    /* Translators: of a layer: it is not seen on the canvas, so it cannot be painted */
    return C_ ("layer", "hidden");
  if (!tacet_layer_get_enabled (self->selected))
    /* Translators: of a layer: it has no effect on the picture */
    return C_ ("layer", "off");
  return NULL;
}

static char *
name_layer (TacetCanvas *self)
{
  const char *why = obstacle (self), *name = tacet_layer_get_name (self->selected);

  /* Translators: the name of a layer, and why it cannot be painted: "Edges 1 (locked)" */
  return why != NULL ? g_strdup_printf (_ ("%s (%s)"), name, why) : g_strdup (name);
}

void
_tacet_canvas_update_description (TacetCanvas *self)
{
  g_autofree char *text = NULL, *layer = self->selected != NULL ? name_layer (self) : NULL;

  if (self->scene == NULL)
    text = g_strdup (_ ("No document"));
  else
    text = g_strdup_printf (layer != NULL ? _ ("%d by %d pixels, active layer: %s") : _ ("%d by %d pixels"),
                            tacet_scene_get_width (self->scene), tacet_scene_get_height (self->scene),
                            layer != NULL ? layer : "");
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, text, -1);
}

void
_tacet_canvas_update_hud (TacetCanvas *self)
{
  TacetTool *tool = self->tools[self->tool];
  const char *hints = TACET_TOOL_GET_CLASS (tool)->hints (tool);
  GString *text = g_string_new (NULL);

  /* Translators: in a corner of the canvas: how much it is enlarged, and the size of the document */
  g_string_append_printf (text, _ ("%.0f %%  ·  %d × %d"), self->view.zoom * 100, tacet_scene_get_width (self->scene),
                          tacet_scene_get_height (self->scene));
  if (fabs (self->view.angle) >= 0.5)
    g_string_append_printf (text, "  ·  %.0f°", self->view.angle);
  if (self->selected != NULL)
    {
      g_autofree char *layer = name_layer (self);

      g_string_append_printf (text, "  ·  %s", layer);
    }
  if (self->isolate && self->selected != NULL)
    /* Translators: one layer is shown, all others are not */
    g_string_append_printf (text, "  ·  %s", _ ("shown alone"));
  if (hints != NULL && *hints != '\0')
    g_string_append_printf (text, "\n%s", hints);
  g_free (self->hud);
  self->hud = g_string_free (text, FALSE);
}
