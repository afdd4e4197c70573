/* tacet-badge.c: see tacet-badge.h.  Room: ui. */
#define G_LOG_DOMAIN "tacet-badge"

#include "config.h"

#include "ui/tacet-badge.h"

#include <glib/gi18n.h>

gboolean
tacet_problem_remedy (TacetProblemKind problem, TacetLayerKind layer, const char **action, const char **label)
{
  static const struct
  {
    TacetProblemKind kind;
    const char *action, *label;
  } remedies[] = {
    { TACET_PROBLEM_OFF, "win.layer-toggle-power", N_ ("Switch _On") },
    { TACET_PROBLEM_NO_MODEL, "win.choose-control-model", N_ ("_Choose…") },
    { TACET_PROBLEM_FILE_MISSING, "win.choose-control-model", N_ ("_Choose…") },
    { TACET_PROBLEM_EMPTY, "win.tool-brush", N_ ("_Paint") },
    { TACET_PROBLEM_COVERED, "win.layer-up", N_ ("Move _Up") },
    { TACET_PROBLEM_LOCKED, "win.layer-lock", N_ ("_Unlock") },
    { TACET_PROBLEM_HIDDEN, "win.layer-toggle-eye", N_ ("_Show") },
  };

  if (problem == TACET_PROBLEM_EMPTY && layer == TACET_LAYER_POSE)
    {
      *action = "win.add-person";
      *label = _ ("Add _Person");
      return TRUE;
    }
  for (gsize i = 0; i < G_N_ELEMENTS (remedies); i++)
    if (remedies[i].kind == problem)
      {
        *action = remedies[i].action;
        *label = _ (remedies[i].label);
        return TRUE;
      }
  return FALSE;
}

static GtkWidget *
make_popover (TacetLayer *layer, const TacetProblem *problem)
{
  GtkWidget *popover = gtk_popover_new (), *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 10);
  GtkWidget *text = gtk_label_new (problem->text), *button;
  const char *action, *label;

  gtk_label_set_wrap (GTK_LABEL (text), TRUE);
  gtk_label_set_max_width_chars (GTK_LABEL (text), 36);
  gtk_label_set_xalign (GTK_LABEL (text), 0);
  gtk_box_append (GTK_BOX (box), text);
  if (tacet_problem_remedy (problem->kind, tacet_layer_get_kind (layer), &action, &label))
    {
      button = gtk_button_new_with_mnemonic (label);
      gtk_widget_set_halign (button, GTK_ALIGN_END);
      gtk_actionable_set_action_name (GTK_ACTIONABLE (button), action);
      g_signal_connect_swapped (button, "clicked", G_CALLBACK (gtk_popover_popdown), popover);
      gtk_box_append (GTK_BOX (box), button);
    }
  gtk_widget_add_css_class (popover, "badge-popover");
  gtk_popover_set_child (GTK_POPOVER (popover), box);
  return popover;
}

void
tacet_badge_set_problem (GtkWidget *self, TacetLayer *layer, const TacetProblem *problem)
{
  gboolean any = problem != NULL && problem->text != NULL;
  g_autofree char *label = NULL;

  gtk_widget_set_visible (self, any);
  /* The popover may be open, and its button be what changed the layer. */
  if (!any || g_strcmp0 (gtk_widget_get_tooltip_text (self), problem->text) == 0)
    return;
  /* Translators: %s is the name of a layer */
  label = g_strdup_printf (_ ("Problem of %s"), tacet_layer_get_name (layer));
  gtk_menu_button_set_icon_name (GTK_MENU_BUTTON (self), problem->severity == TACET_SEVERITY_NOTE
                                                             ? "dialog-information-symbolic"
                                                             : "dialog-warning-symbolic");
  gtk_menu_button_set_popover (GTK_MENU_BUTTON (self), make_popover (layer, problem));
  gtk_widget_set_tooltip_text (self, problem->text);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, label,
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, problem->text, -1);
  gtk_widget_remove_css_class (self, "badge-error");
  gtk_widget_remove_css_class (self, "badge-warning");
  if (problem->severity != TACET_SEVERITY_NOTE)
    gtk_widget_add_css_class (self, problem->severity == TACET_SEVERITY_ERROR ? "badge-error" : "badge-warning");
}

GtkWidget *
tacet_badge_new (void)
{
  GtkWidget *self = gtk_menu_button_new ();

  gtk_widget_set_visible (self, FALSE);
  gtk_widget_set_valign (self, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (self, "flat");
  gtk_widget_add_css_class (self, "badge");
  return self;
}
