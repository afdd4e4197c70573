/* tacet-pose-draw.c: bones, handles and hits of people.  Room: ui, no widgets. */
#define G_LOG_DOMAIN "tacet-pose"

#include "config.h"

#include "ui/tacet-pose-draw.h"

#include "ui/tacet-palette.h"

#include <glib/gi18n-lib.h>

#define HANDLE 5.0
#define REACH  12.0

static const char *const joint_names[TACET_POSE_JOINTS] = {
  N_ ("nose"),          N_ ("neck"),       N_ ("right shoulder"), N_ ("right elbow"), N_ ("right wrist"),
  N_ ("left shoulder"), N_ ("left elbow"), N_ ("left wrist"),     N_ ("right hip"),   N_ ("right knee"),
  N_ ("right ankle"),   N_ ("left hip"),   N_ ("left knee"),      N_ ("left ankle"),  N_ ("right eye"),
  N_ ("left eye"),      N_ ("right ear"),  N_ ("left ear"),
};

/* A relaxed figure in a box of height 1, x right, y down, origin at its middle. */
static const float standing[TACET_POSE_JOINTS][2] = {
  { 0.000f, -0.410f }, { 0.000f, -0.315f },  { -0.105f, -0.310f }, { -0.150f, -0.155f }, { -0.165f, -0.010f },
  { 0.105f, -0.310f }, { 0.150f, -0.155f },  { 0.165f, -0.010f },  { -0.065f, 0.010f },  { -0.075f, 0.245f },
  { -0.080f, 0.470f }, { 0.065f, 0.010f },   { 0.075f, 0.245f },   { 0.080f, 0.470f },   { -0.022f, -0.432f },
  { 0.022f, -0.432f }, { -0.050f, -0.420f }, { 0.050f, -0.420f },
};

gboolean
tacet_joint_ref_equal (TacetJointRef a, TacetJointRef b)
{
  return a.person == b.person && a.joint == b.joint;
}

const char *
tacet_pose_joint_name (int joint)
{
  g_return_val_if_fail (joint >= 0 && joint < TACET_POSE_JOINTS, "");
  return _ (joint_names[joint]);
}

TacetPerson
tacet_pose_standing (double x, double y, double height)
{
  TacetPerson person = { 0 };

  for (int i = 0; i < TACET_POSE_JOINTS; i++)
    person.joints[i] = (TacetJoint){ (float) (x + standing[i][0] * height), (float) (y + standing[i][1] * height), 1 };
  return person;
}

static void
draw_bones (cairo_t *cr, const TacetView *view, const TacetPerson *person)
{
  cairo_set_line_cap (cr, CAIRO_LINE_CAP_ROUND);
  for (int i = 0; i < TACET_POSE_LIMBS; i++)
    {
      const TacetJoint *from = &person->joints[tacet_pose_limbs[i][0]], *to = &person->joints[tacet_pose_limbs[i][1]];
      double x0, y0, x1, y1;

      if (from->confidence <= 0 || to->confidence <= 0)
        continue;
      tacet_view_to_widget (view, from->x, from->y, &x0, &y0);
      tacet_view_to_widget (view, to->x, to->y, &x1, &y1);
      cairo_move_to (cr, x0, y0);
      cairo_line_to (cr, x1, y1);
      cairo_set_source_rgba (cr, 0, 0, 0, 0.55);
      cairo_set_line_width (cr, 4.5);
      cairo_stroke_preserve (cr);
      tacet_palette_set (cr, tacet_palette_joint (i), 1);
      cairo_set_line_width (cr, 2.5);
      cairo_stroke (cr);
    }
}

static void
draw_handle (cairo_t *cr, double x, double y, int joint, gboolean visible, gboolean selected, gboolean hovered)
{
  double radius = HANDLE + (hovered || selected ? 2 : 0);

  cairo_new_path (cr);
  if (selected)
    {
      cairo_arc (cr, x, y, radius + 3, 0, 2 * G_PI);
      cairo_set_source_rgba (cr, 1, 1, 1, 0.9);
      cairo_set_line_width (cr, 2);
      cairo_stroke (cr);
    }
  cairo_arc (cr, x, y, radius, 0, 2 * G_PI);
  cairo_set_source_rgba (cr, 0, 0, 0, 0.6);
  cairo_set_line_width (cr, visible ? 4 : 3);
  cairo_stroke_preserve (cr);
  if (visible)
    {
      tacet_palette_set (cr, tacet_palette_joint (joint), 1);
      cairo_fill_preserve (cr);
      cairo_set_source_rgb (cr, 1, 1, 1);
    }
  else
    tacet_palette_set (cr, tacet_palette_joint (joint), 1);
  cairo_set_line_width (cr, 1.5);
  cairo_stroke (cr);
}

void
tacet_pose_draw_handles (cairo_t *cr, const TacetView *view, const TacetPerson *people, int n_people,
                         TacetJointRef selected, TacetJointRef hovered)
{
  for (int p = 0; p < n_people; p++)
    {
      draw_bones (cr, view, &people[p]);
      for (int i = 0; i < TACET_POSE_JOINTS; i++)
        {
          const TacetJoint *joint = &people[p].joints[i];
          TacetJointRef here = { p, i };
          double x, y;

          tacet_view_to_widget (view, joint->x, joint->y, &x, &y);
          draw_handle (cr, x, y, i, joint->confidence > 0, tacet_joint_ref_equal (here, selected),
                       tacet_joint_ref_equal (here, hovered));
        }
    }
}

TacetJointRef
tacet_pose_hit (const TacetView *view, const TacetPerson *people, int n_people, double x, double y)
{
  TacetJointRef best = TACET_JOINT_NONE;
  double best_distance = REACH * REACH;

  for (int p = 0; p < n_people; p++)
    for (int i = 0; i < TACET_POSE_JOINTS; i++)
      {
        double joint_x, joint_y, distance;

        tacet_view_to_widget (view, people[p].joints[i].x, people[p].joints[i].y, &joint_x, &joint_y);
        distance = (joint_x - x) * (joint_x - x) + (joint_y - y) * (joint_y - y);
        if (distance > best_distance)
          continue;
        best = (TacetJointRef){ p, i };
        best_distance = distance;
      }
  return best;
}
