/* tacet-coefficient-plot-draw.c: stacked weights per layer and, on a second axis, lambda.
 *
 * Room: ui, no widgets.
 */
#define G_LOG_DOMAIN "tacet-coefficient-plot"

#include "config.h"

#include "ui/tacet-coefficient-plot-draw.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <pango/pangocairo.h>
#include <string.h>

#define MARGIN_LEFT   46.0
#define MARGIN_RIGHT  42.0
#define MARGIN_TOP    30.0
#define MARGIN_BOTTOM 36.0
#define MARKER        4.0

typedef struct
{
  cairo_t *cr;
  double x, y, width, height; /* inside the axes */
  double weight_max;
  TacetRgb ink, paper;
  const TacetProgress *progress;
  const TacetStepReport *report;
  const TacetPlotStyle *style;
} Plot;

const TacetStepReport *
tacet_coefficient_plot_find (const TacetProgress *progress, int step)
{
  const TacetStepReport *found = NULL;

  if (progress == NULL || progress->reports == NULL)
    return NULL;
  for (guint i = 0; i < progress->reports->len; i++)
    {
      const TacetStepReport *report = g_ptr_array_index (progress->reports, i);

      if (step != TACET_PLOT_LAST_STEP && report->step != step)
        continue;
      if (found == NULL || report->step > found->step || (report->step == found->step && report->conditional))
        found = report;
    }
  return found;
}

int
tacet_coefficient_plot_layer_at (double width, int n_layers, double x)
{
  double inner = width - MARGIN_LEFT - MARGIN_RIGHT;

  if (n_layers <= 0 || inner <= 0 || x < MARGIN_LEFT || x >= MARGIN_LEFT + inner)
    return -1;
  return MIN ((int) ((x - MARGIN_LEFT) / inner * n_layers), n_layers - 1);
}

char *
tacet_coefficient_plot_layer_name (const TacetStepReport *report, int index)
{
  /* Translators: the middle block of the network, the last place where controls enter */
  if (index == report->n_layers - 1)
    return g_strdup (_ ("middle"));
  return g_strdup_printf ("%d", report->layers[index].layer + 1);
}

static const char *
control_name (const TacetProgress *progress, int control)
{
  if (progress->control_names != NULL && control >= 0 && control < (int) progress->control_names->len)
    return g_ptr_array_index (progress->control_names, control);
  return "?";
}

char *
tacet_coefficient_plot_read_out (const TacetProgress *progress, const TacetStepReport *report, int index)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree char *name = tacet_coefficient_plot_layer_name (report, index);
  const TacetBalance *balance = &report->layers[index].balance;
  double norms = balance->unet_norm * balance->combined_norm;

  /* Translators: which injection point of the network; then its weights and coefficients follow */
  g_string_append_printf (text, _ ("Layer %s"), name);
  for (int i = 0; i < report->n_controls; i++)
    {
      g_string_append_printf (text, "  ·  %s %.2f", control_name (progress, report->controls[i]), balance->weights[i]);
      if (balance->dropped[i])
        /* Translators: this control has nothing to say in this layer */
        g_string_append_printf (text, " (%s)", _ ("silent"));
    }
  g_string_append_printf (text, "  ·  λ %.2f  ·  |f| %.4g  ·  |c| %.4g", balance->lambda, balance->unet_norm,
                          balance->combined_norm);
  if (norms > 0)
    g_string_append_printf (text, "  ·  cos %.3f", balance->unet_dot_combined / norms);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* Over all steps, so that the axis stands still while the scrubber moves. */
static double
weight_axis_end (const TacetProgress *progress)
{
  double most = 1;

  for (guint r = 0; progress != NULL && progress->reports != NULL && r < progress->reports->len; r++)
    {
      const TacetStepReport *report = g_ptr_array_index (progress->reports, r);

      for (int l = 0; l < report->n_layers; l++)
        {
          double sum = 0;
          for (int i = 0; i < report->n_controls; i++)
            sum += MAX (report->layers[l].balance.weights[i], 0);
          most = MAX (most, sum);
        }
    }
  return most < 1.001 ? 1 : ceil (most);
}

static TacetRgb
control_colour (const Plot *plot, int control)
{
  const TacetPlotStyle *style = plot->style;

  if (style->colour_of_control != NULL && control >= 0 && control < style->n_colours)
    return tacet_palette_control (style->colour_of_control[control]);
  return tacet_palette_control (control);
}

/* align: 0 left of x, 0.5 centred, 1 right; y is the middle of the line.  Returns the width. */
static double
draw_text (const Plot *plot, double x, double y, double align, double alpha, double scale, const char *text)
{
  g_autoptr (PangoLayout) layout = pango_cairo_create_layout (plot->cr);
  g_autoptr (PangoFontDescription) font = plot->style->font ? pango_font_description_copy (plot->style->font)
                                                            : pango_font_description_from_string ("Sans 10");
  int width, height;

  if (pango_font_description_get_size_is_absolute (font))
    pango_font_description_set_absolute_size (font, pango_font_description_get_size (font) * scale);
  else
    pango_font_description_set_size (font, (int) (pango_font_description_get_size (font) * scale));
  pango_layout_set_font_description (layout, font);
  pango_layout_set_text (layout, text, -1);
  pango_layout_get_pixel_size (layout, &width, &height);
  tacet_palette_set (plot->cr, plot->ink, alpha);
  cairo_move_to (plot->cr, floor (x - width * align), floor (y - height / 2.0));
  pango_cairo_show_layout (plot->cr, layout);
  return width;
}

static double
column_centre (const Plot *plot, int layer, int n_layers)
{
  return plot->x + plot->width * (layer + 0.5) / n_layers;
}

static double
weight_y (const Plot *plot, double weight)
{
  return plot->y + plot->height * (1 - weight / plot->weight_max);
}

static double
lambda_y (const Plot *plot, double lambda)
{
  return plot->y + plot->height * (1 - CLAMP (lambda, 0, TACET_LAMBDA_CAP) / TACET_LAMBDA_CAP);
}

static void
draw_axes (const Plot *plot)
{
  for (int i = 0; i <= 4; i++)
    {
      double share = i / 4.0, y = plot->y + plot->height * (1 - share);
      g_autofree char *weight = g_strdup_printf ("%.4g", share * plot->weight_max);
      g_autofree char *lambda = g_strdup_printf ("%.0f", share * TACET_LAMBDA_CAP);

      tacet_palette_set (plot->cr, plot->ink, i == 0 ? 0.35 : 0.10);
      cairo_set_line_width (plot->cr, 1);
      cairo_move_to (plot->cr, plot->x, floor (y) + 0.5);
      cairo_line_to (plot->cr, plot->x + plot->width, floor (y) + 0.5);
      cairo_stroke (plot->cr);
      draw_text (plot, plot->x - 8, y, 1, 0.6, 0.85, weight);
      draw_text (plot, plot->x + plot->width + 8, y, 0, 0.6, 0.85, lambda);
    }
}

static double
legend_entry (const Plot *plot, double x, double y, TacetRgb colour, const char *name)
{
  cairo_new_sub_path (plot->cr);
  cairo_rectangle (plot->cr, x, y - 5, 10, 10);
  tacet_palette_set (plot->cr, colour, 1);
  cairo_fill (plot->cr);
  return x + 16 + draw_text (plot, x + 16, y, 0, 0.85, 0.9, name) + 18;
}

static void
draw_marker (const Plot *plot, double x, double y, gboolean hollow)
{
  cairo_arc (plot->cr, x, y, MARKER + 1.5, 0, 2 * G_PI);
  tacet_palette_set (plot->cr, plot->paper, 1);
  cairo_fill (plot->cr);
  cairo_arc (plot->cr, x, y, MARKER - (hollow ? 0.75 : 0), 0, 2 * G_PI);
  tacet_palette_set (plot->cr, plot->ink, 1);
  cairo_set_line_width (plot->cr, 1.5);
  if (hollow)
    cairo_stroke (plot->cr);
  else
    cairo_fill (plot->cr);
}

static void
draw_legend (const Plot *plot)
{
  double x = plot->x, y = MARGIN_TOP / 2 - 2, left;
  g_autofree char *step = NULL;

  /* Translators: title of the left axis: share of each control in a layer */
  left = 8 + draw_text (plot, 8, y, 0, 0.6, 0.85, _ ("weight")) + 16;
  x = MAX (x, left);

  for (int i = 0; plot->report != NULL && i < plot->report->n_controls; i++)
    {
      int control = plot->report->controls[i];
      x = legend_entry (plot, x, y, control_colour (plot, control), control_name (plot->progress, control));
    }
  draw_marker (plot, x + 5, y, FALSE);
  /* Translators: lambda is the injection coefficient; a hollow marker stands at its limit of 20 */
  x += 18 + draw_text (plot, x + 18, y, 0, 0.85, 0.9, _ ("λ (hollow: at its limit)"));
  if (plot->report == NULL)
    return;
  if (plot->progress->n_evaluations > plot->progress->n_steps)
    /* Translators: some samplers ask the network more than once per step; t is the network's time */
    step = g_strdup_printf (_ ("Evaluation %d of %d, t = %d"), plot->report->step + 1, plot->progress->n_evaluations,
                            plot->report->timestep);
  else
    /* Translators: which step of the run is shown, and the network's time at this step */
    step = g_strdup_printf (_ ("Step %d of %d, t = %d"), plot->report->step + 1, plot->progress->n_steps,
                            plot->report->timestep);
  draw_text (plot, plot->x + plot->width, y, 1, 0.6, 0.9, step);
}

static void
draw_column (const Plot *plot, int layer)
{
  const TacetStepReport *report = plot->report;
  const TacetBalance *balance = &report->layers[layer].balance;
  double slot = plot->width / report->n_layers, bar = MIN (slot * 0.62, 44);
  double x = round (column_centre (plot, layer, report->n_layers) - bar / 2), below = 0;
  g_autofree char *name = tacet_coefficient_plot_layer_name (report, layer);

  if (layer == plot->style->hover_layer)
    {
      cairo_rectangle (plot->cr, plot->x + slot * layer, plot->y, slot, plot->height);
      tacet_palette_set (plot->cr, plot->ink, 0.07);
      cairo_fill (plot->cr);
    }
  for (int i = 0; i < report->n_controls; i++)
    {
      double weight = MAX (balance->weights[i], 0);
      double top = weight_y (plot, below + weight), bottom = weight_y (plot, below);

      below += weight;
      /* A gap of one pixel keeps neighbours apart, also in gray. */
      if (bottom - top > 1)
        bottom -= 1;
      cairo_rectangle (plot->cr, x, top, round (bar), bottom - top);
      tacet_palette_set (plot->cr, control_colour (plot, report->controls[i]), 0.9);
      cairo_fill (plot->cr);
    }
  draw_text (plot, column_centre (plot, layer, report->n_layers), plot->y + plot->height + 11, 0.5, 0.6, 0.85, name);
}

static void
draw_lambda (const Plot *plot)
{
  const TacetStepReport *report = plot->report;

  cairo_new_path (plot->cr);
  for (int l = 0; l < report->n_layers; l++)
    cairo_line_to (plot->cr, column_centre (plot, l, report->n_layers),
                   lambda_y (plot, report->layers[l].balance.lambda));
  tacet_palette_set (plot->cr, plot->ink, 0.45);
  cairo_set_line_width (plot->cr, 1.25);
  cairo_stroke (plot->cr);
  for (int l = 0; l < report->n_layers; l++)
    {
      double lambda = report->layers[l].balance.lambda;
      draw_marker (plot, column_centre (plot, l, report->n_layers), lambda_y (plot, lambda),
                   lambda >= TACET_LAMBDA_CAP - 1e-9);
    }
}

void
tacet_coefficient_plot_draw (cairo_t *cr, double width, double height, const TacetProgress *progress, int step,
                             const TacetPlotStyle *style)
{
  Plot plot = {
    .cr = cr,
    .x = MARGIN_LEFT,
    .y = MARGIN_TOP,
    .width = width - MARGIN_LEFT - MARGIN_RIGHT,
    .height = height - MARGIN_TOP - MARGIN_BOTTOM,
    .weight_max = weight_axis_end (progress),
    .ink = tacet_palette_ink (style->dark),
    .paper = tacet_palette_paper (style->dark),
    .progress = progress,
    .report = tacet_coefficient_plot_find (progress, step),
    .style = style,
  };

  if (plot.width < 40 || plot.height < 30)
    return;
  draw_axes (&plot);
  draw_text (&plot, width - 8, MARGIN_TOP / 2 - 2, 1, 0.6, 0.85, "λ");
  draw_text (&plot, plot.x + plot.width / 2, height - 9, 0.5, 0.6, 0.85,
             _ ("injection points, from the picture inwards"));
  draw_legend (&plot);
  if (plot.report == NULL)
    return;
  if (plot.report->n_controls == 0 || plot.report->n_layers == 0)
    {
      draw_text (&plot, plot.x + plot.width / 2, plot.y + plot.height / 2, 0.5, 0.6, 1,
                 _ ("No control took part in this step."));
      return;
    }
  for (int l = 0; l < plot.report->n_layers; l++)
    draw_column (&plot, l);
  draw_lambda (&plot);
}

static TacetImage *
image_from_rgb24 (cairo_surface_t *surface, int width, int height)
{
  g_autoptr (TacetImage) image = tacet_image_new (width, height, 3);
  const guint8 *rows = cairo_image_surface_get_data (surface);
  int stride = cairo_image_surface_get_stride (surface);

  for (int y = 0; image != NULL && y < height; y++)
    for (int x = 0; x < width; x++)
      {
        guint32 pixel;
        guint8 *out = image->data + ((gsize) y * width + x) * 3;

        memcpy (&pixel, rows + (gsize) y * stride + x * 4, 4);
        out[0] = pixel >> 16;
        out[1] = pixel >> 8;
        out[2] = pixel;
      }
  return g_steal_pointer (&image);
}

gboolean
tacet_coefficient_plot_write_png (const TacetProgress *progress, int step, const char *path, GError **error)
{
  const int width = 960, height = 420;
  TacetPlotStyle style = { .hover_layer = -1 };
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, width, height);
  g_autoptr (TacetImage) image = NULL;
  cairo_t *cr = cairo_create (surface);

  cairo_set_source_rgb (cr, 1, 1, 1);
  cairo_paint (cr);
  tacet_coefficient_plot_draw (cr, width, height, progress, step, &style);
  cairo_destroy (cr);
  cairo_surface_flush (surface);
  if (cairo_surface_status (surface) == CAIRO_STATUS_SUCCESS)
    image = image_from_rgb24 (surface, width, height);
  cairo_surface_destroy (surface);
  if (image == NULL)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED,
                           _ ("There is not enough memory to draw the plot. Close other programs and try again."));
      return FALSE;
    }
  return tacet_image_save_png (image, path, NULL, error);
}
