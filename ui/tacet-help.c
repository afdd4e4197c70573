/* tacet-help.c: see tacet-help.h.  Room: ui. */
#define G_LOG_DOMAIN "tacet-help"

#include "config.h"

#include "ui/tacet-help.h"
#include "ui/tacet-help-draw.h"

#include <adwaita.h>
#include <glib/gi18n.h>

#define PICTURE_WIDTH  180
#define PICTURE_HEIGHT 120

typedef struct
{
  const char *title, *text;
} Step;

static const Step steps[TACET_N_HELPS] = {
  [TACET_HELP_SHAPES] = { N_ ("Shape here"),
                          N_ ("Add layers that say where something stands: edges that you draw or take from a picture, "
                              "a depth that you paint, people whose joints you drag. As many as you need.") },
  [TACET_HELP_SILENCE] = { N_ ("Erased means silent"),
                           N_ ("Where you have nothing to say, erase. A silent part of a layer says nothing: there the "
                               "picture is free, and another layer may speak.") },
  [TACET_HELP_WORDS] = { N_ ("Words here"),
                         N_ ("The prompt is for the whole picture. Regions carry words of their own: paint where they "
                             "apply. They do not place shapes; layers of edges, depth and pose do.") },
  [TACET_HELP_RESULTS] = { N_ ("Results wait"),
                           N_ ("Generate as often as you like. Every result waits in the strip below the canvas, with "
                               "all "
                               "it was made from. Enter makes one a layer, a star keeps it. Nothing is lost.") },
  [TACET_HELP_BALANCE] = { N_ ("See who leads"), N_ ("Several layers share at every step, so that none drowns the "
                                                     "others. The coefficients show "
                                                     "how; the balance is automatic.") },
};

/* Actions that somebody who begins may want the keys of. */
static const char *const useful[] = { "win.search-actions", "win.tool-brush",    "win.tool-eraser",
                                      "win.brush-larger",   "win.generate",      "win.undo",
                                      "win.zoom-fit",       "win.toggle-panels", "win.next-pane" };

static void
draw_cb (GtkDrawingArea *area, cairo_t *cr, int width, int height, gpointer data)
{
  tacet_help_draw (GPOINTER_TO_INT (data), cr, width, height,
                   adw_style_manager_get_dark (adw_style_manager_get_default ()));
}

static GtkWidget *
make_text (const char *text, const char *class)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_natural_wrap_mode (GTK_LABEL (label), GTK_NATURAL_WRAP_NONE);
  gtk_label_set_max_width_chars (GTK_LABEL (label), 44);
  if (class != NULL)
    gtk_widget_add_css_class (label, class);
  return label;
}

static GtkWidget *
make_step (int step)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 18), *area = gtk_drawing_area_new ();
  GtkWidget *texts = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);

  gtk_drawing_area_set_content_width (GTK_DRAWING_AREA (area), PICTURE_WIDTH);
  gtk_drawing_area_set_content_height (GTK_DRAWING_AREA (area), PICTURE_HEIGHT);
  gtk_drawing_area_set_draw_func (GTK_DRAWING_AREA (area), draw_cb, GINT_TO_POINTER (step), NULL);
  g_signal_connect_object (adw_style_manager_get_default (), "notify::dark", G_CALLBACK (gtk_widget_queue_draw), area,
                           G_CONNECT_SWAPPED);
  gtk_widget_set_valign (area, GTK_ALIGN_CENTER);
  gtk_box_append (GTK_BOX (texts), make_text (_ (steps[step].title), "title-4"));
  gtk_box_append (GTK_BOX (texts), make_text (_ (steps[step].text), NULL));
  gtk_widget_set_valign (texts, GTK_ALIGN_CENTER);
  gtk_widget_set_hexpand (texts, TRUE);
  gtk_box_append (GTK_BOX (box), area);
  gtk_box_append (GTK_BOX (box), texts);
  gtk_widget_add_css_class (box, "card");
  gtk_widget_add_css_class (box, "help-step");
  return box;
}

static GtkWidget *
make_keys (TacetShortcuts *shortcuts)
{
  GtkWidget *group = adw_preferences_group_new ();

  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (group), _ ("Good to know"));
  for (gsize i = 0; i < G_N_ELEMENTS (useful); i++)
    {
      const TacetAction *action = tacet_actions_find (useful[i]);
      g_auto (GStrv) keys = tacet_shortcuts_dup_keys (shortcuts, useful[i]);
      GtkWidget *row = adw_action_row_new ();

      adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), _ (action->title));
      if (keys[0] != NULL)
        adw_action_row_add_suffix (ADW_ACTION_ROW (row), gtk_shortcut_label_new (keys[0]));
      adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), row);
    }
  return group;
}

GtkWidget *
tacet_help_new (GtkWindow *parent, TacetShortcuts *shortcuts)
{
  GtkWidget *window = g_object_new (ADW_TYPE_WINDOW, "transient-for", parent, "title", _ ("First Steps"), NULL);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0), *content = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12);
  GtkWidget *clamp = adw_clamp_new (), *scrolled = gtk_scrolled_window_new ();
  GtkEventController *keys = gtk_shortcut_controller_new ();

  for (int step = 0; step < TACET_N_HELPS; step++)
    gtk_box_append (GTK_BOX (content), make_step (step));
  gtk_box_append (GTK_BOX (content), make_keys (shortcuts));
  gtk_widget_add_css_class (content, "help");
  adw_clamp_set_maximum_size (ADW_CLAMP (clamp), 640);
  adw_clamp_set_child (ADW_CLAMP (clamp), content);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scrolled), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), clamp);
  gtk_widget_set_vexpand (scrolled, TRUE);
  gtk_box_append (GTK_BOX (box), adw_header_bar_new ());
  gtk_box_append (GTK_BOX (box), scrolled);
  adw_window_set_content (ADW_WINDOW (window), box);
  gtk_window_set_default_size (GTK_WINDOW (window), 680, 640);
  gtk_shortcut_controller_add_shortcut (
      GTK_SHORTCUT_CONTROLLER (keys),
      gtk_shortcut_new (gtk_keyval_trigger_new (GDK_KEY_Escape, 0), gtk_named_action_new ("window.close")));
  gtk_widget_add_controller (window, keys);
  return window;
}
