/* tacet-tool-pose-add.c: where a new person goes.  Room: ui. */
#define G_LOG_DOMAIN "tacet-tool-pose"

#include "config.h"

#include "ui/tacet-canvas.h"
#include "ui/tacet-tool-pose.h"

#include <glib/gi18n.h>
#include <math.h>

/* The part of the document that is seen. */
static void
seen_area (TacetTool *tool, double *x, double *y, double *width, double *height)
{
  GtkWidget *canvas = GTK_WIDGET (tacet_tool_get_canvas (tool));
  TacetScene *scene = tacet_tool_get_scene (tool);
  double left = HUGE_VAL, top = HUGE_VAL, right = -HUGE_VAL, bottom = -HUGE_VAL;

  for (int i = 0; i < 4; i++)
    {
      double image_x, image_y;

      tacet_view_to_image (tacet_tool_get_view (tool), i & 1 ? gtk_widget_get_width (canvas) : 0,
                           i & 2 ? gtk_widget_get_height (canvas) : 0, &image_x, &image_y);
      left = MIN (left, image_x);
      right = MAX (right, image_x);
      top = MIN (top, image_y);
      bottom = MAX (bottom, image_y);
    }
  left = CLAMP (left, 0, tacet_scene_get_width (scene));
  right = CLAMP (right, 0, tacet_scene_get_width (scene));
  top = CLAMP (top, 0, tacet_scene_get_height (scene));
  bottom = CLAMP (bottom, 0, tacet_scene_get_height (scene));
  if (right - left < 1 || bottom - top < 1)
    {
      left = top = 0;
      right = tacet_scene_get_width (scene);
      bottom = tacet_scene_get_height (scene);
    }
  *x = (left + right) / 2;
  *y = (top + bottom) / 2;
  *width = right - left;
  *height = bottom - top;
}

/* Beside those who stand there already: where the row of their middles leaves room. */
static double
free_place (const TacetPerson *people, int n_people, double x, double width, double own_width)
{
  for (int i = 0; i < 8; i++)
    {
      double place = x + (i % 2 ? 1 : -1) * ((i + 1) / 2) * own_width;
      gboolean taken = fabs (place - x) > (width - own_width) / 2 && i > 0;

      for (int p = 0; p < n_people && !taken; p++)
        {
          double box[4];

          tacet_person_bounds (&people[p], TACET_BODY_PERSON, box);
          taken = fabs ((box[0] + box[2]) / 2 - place) < own_width * 0.6;
        }
      if (!taken)
        return place;
    }
  return x + width * 0.04 * n_people;
}

void
tacet_tool_pose_add (TacetTool *tool, TacetFigure figure)
{
  TacetCanvas *canvas = tacet_tool_get_canvas (tool);
  TacetScene *scene = tacet_tool_get_scene (tool);
  TacetLayer *layer = tacet_tool_get_layer (tool);
  TacetPerson person;
  double x, y, width, height, box[4];
  int n_people = 0;
  const TacetPerson *people;

  if (scene == NULL)
    return;
  tacet_scene_group_begin (scene, _ ("Add Person"));
  if (layer == NULL || tacet_layer_get_kind (layer) != TACET_LAYER_POSE)
    {
      layer = tacet_scene_add_layer (scene, TACET_LAYER_POSE);
      if (layer != NULL)
        tacet_canvas_set_selected (canvas, layer);
    }
  people = layer != NULL ? tacet_layer_get_people (layer, &n_people) : NULL;
  seen_area (tool, &x, &y, &width, &height);
  person = tacet_person_new (figure, x, y, width * 0.8, height * 0.8);
  tacet_person_bounds (&person, TACET_BODY_PERSON, box);
  if (n_people > 0)
    {
      const double shift[6] = { 1, 0, 0, 1, free_place (people, n_people, x, width, box[2] - box[0]) - x, 0 };

      tacet_person_transform (&person, TACET_BODY_PERSON, shift);
    }
  if (layer == NULL || tacet_scene_add_people (scene, layer, &person, 1) < 1)
    tacet_tool_hint (tool, _ ("No more people fit in. Remove one, or add another pose layer."));
  tacet_scene_group_end (scene);
  if (layer == NULL)
    return;
  if (!tacet_canvas_shows_layer (canvas, layer))
    g_object_set (canvas, "show-picture", FALSE, NULL);
  tacet_canvas_set_tool (canvas, TACET_TOOL_POSE);
  tacet_layer_get_people (layer, &n_people);
  tacet_tool_pose_select (tool, (TacetPoseRef){ n_people - 1, TACET_BODY_PERSON, -1 });
}
