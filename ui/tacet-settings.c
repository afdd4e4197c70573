/* tacet-settings.c: prompt, negative prompt and how the picture is made.  Room: ui. */
#define G_LOG_DOMAIN "tacet-settings"

#include "config.h"

#include "ui/tacet-settings.h"
#include "ui/tacet-start-row.h"

#include <adwaita.h>
#include <glib/gi18n.h>
#include <math.h>
#include <stdlib.h>

struct _TacetSettings
{
  GtkWidget parent_instance;

  GtkTextView *prompt;
  GtkTextView *negative;
  GtkLabel *prompt_hint, *negative_hint;
  GtkSpinButton *steps, *guidance;
  GtkEntry *seed;
  AdwComboRow *sampler, *balance, *spacing, *karras;
  GtkWidget *eta_row;
  GtkSpinButton *eta, *rescale;
  AdwActionRow *model, *vae;
  TacetStartRow *start;

  TacetScene *scene;
  gboolean syncing;
};

G_DEFINE_FINAL_TYPE (TacetSettings, tacet_settings, GTK_TYPE_WIDGET)

/* In the order of the list in the template; the last stands for what only a file can hold. */
static const TacetCombineKind balance_kinds[] = { TACET_COMBINE_MINIMAL_IMPACT, TACET_COMBINE_SUM, TACET_COMBINE_STAR,
                                                  TACET_COMBINE_WEIGHTS };

/* ---- from the document ---- */

static void
show_text (GtkTextView *view, const char *text)
{
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (view);
  GtkTextIter start, end;
  g_autofree char *now = NULL;

  gtk_text_buffer_get_bounds (buffer, &start, &end);
  now = gtk_text_buffer_get_text (buffer, &start, &end, FALSE);
  /* Setting equal text would move the cursor while the user types. */
  if (g_strcmp0 (now, text != NULL ? text : "") != 0)
    gtk_text_buffer_set_text (buffer, text != NULL ? text : "", -1);
}

static void
show_combine (TacetSettings *self)
{
  TacetCombineKind kind = tacet_scene_get_combine (self->scene)->kind;

  for (guint i = 0; i < G_N_ELEMENTS (balance_kinds); i++)
    if (balance_kinds[i] == kind)
      adw_combo_row_set_selected (self->balance, i);
}

static void
show_schedule (TacetSettings *self)
{
  TacetSampler sampler = tacet_scene_get_sampler (self->scene);

  adw_combo_row_set_selected (self->sampler, sampler);
  adw_combo_row_set_selected (self->spacing, tacet_scene_get_spacing (self->scene));
  adw_combo_row_set_selected (self->karras, tacet_scene_get_karras (self->scene));
  gtk_spin_button_set_value (self->eta, tacet_scene_get_eta (self->scene));
  gtk_spin_button_set_value (self->rescale, tacet_scene_get_guidance_rescale (self->scene));
  gtk_widget_set_sensitive (GTK_WIDGET (self->spacing), tacet_sampler_has_spacing (sampler));
  gtk_widget_set_sensitive (GTK_WIDGET (self->karras), tacet_sampler_has_karras (sampler));
  gtk_widget_set_sensitive (self->eta_row, tacet_sampler_has_eta (sampler));
}

static void
scene_changed_cb (TacetSettings *self)
{
  g_autofree char *seed = NULL;
  const char *model, *vae;

  if (self->scene == NULL || self->syncing)
    return;
  self->syncing = TRUE;
  seed = g_strdup_printf ("%" G_GUINT64_FORMAT, tacet_scene_get_seed (self->scene));
  model = tacet_scene_get_model (self->scene);
  vae = tacet_scene_get_vae (self->scene);
  show_text (self->prompt, tacet_scene_get_prompt (self->scene));
  show_text (self->negative, tacet_scene_get_negative_prompt (self->scene));
  gtk_spin_button_set_value (self->steps, tacet_scene_get_steps (self->scene));
  gtk_spin_button_set_value (self->guidance, tacet_scene_get_guidance_scale (self->scene));
  if (g_strcmp0 (gtk_editable_get_text (GTK_EDITABLE (self->seed)), seed) != 0)
    gtk_editable_set_text (GTK_EDITABLE (self->seed), seed);
  gtk_widget_remove_css_class (GTK_WIDGET (self->seed), "error");
  show_schedule (self);
  show_combine (self);
  adw_action_row_set_subtitle (self->vae, vae != NULL ? vae : _ ("The model’s own"));
  adw_action_row_set_subtitle (self->model, model != NULL && *model != '\0' ? model : _ ("None chosen"));
  self->syncing = FALSE;
}

void
tacet_settings_set_scene (TacetSettings *self, TacetScene *scene)
{
  if (self->scene != NULL)
    g_signal_handlers_disconnect_by_func (self->scene, scene_changed_cb, self);
  g_set_object (&self->scene, scene);
  if (self->start != NULL)
    tacet_start_row_set_scene (self->start, scene);
  if (scene == NULL)
    return;
  g_signal_connect_object (scene, "changed", G_CALLBACK (scene_changed_cb), self, G_CONNECT_SWAPPED);
  scene_changed_cb (self);
}

GtkTextBuffer *
tacet_settings_get_prompt_buffer (TacetSettings *self)
{
  return gtk_text_view_get_buffer (self->prompt);
}

void
tacet_settings_focus_prompt (TacetSettings *self)
{
  gtk_widget_grab_focus (GTK_WIDGET (self->prompt));
}

/* ---- to the document ---- */

static char *
buffer_text (GtkTextBuffer *buffer)
{
  GtkTextIter start, end;

  gtk_text_buffer_get_bounds (buffer, &start, &end);
  return gtk_text_buffer_get_text (buffer, &start, &end, FALSE);
}

static void
prompt_changed_cb (TacetSettings *self, GtkTextBuffer *buffer)
{
  gboolean negative = buffer == gtk_text_view_get_buffer (self->negative);
  g_autofree char *text = buffer_text (buffer);

  gtk_widget_set_visible (GTK_WIDGET (negative ? self->negative_hint : self->prompt_hint), *text == '\0');
  if (self->syncing || self->scene == NULL)
    return;
  self->syncing = TRUE;
  if (negative)
    tacet_scene_set_negative_prompt (self->scene, text);
  else
    tacet_scene_set_prompt (self->scene, text);
  self->syncing = FALSE;
}

static void
steps_changed_cb (TacetSettings *self)
{
  if (!self->syncing && self->scene != NULL)
    tacet_scene_set_steps (self->scene, gtk_spin_button_get_value_as_int (self->steps));
}

static void
guidance_changed_cb (TacetSettings *self)
{
  if (!self->syncing && self->scene != NULL)
    tacet_scene_set_guidance_scale (self->scene, gtk_spin_button_get_value (self->guidance));
}

static void
seed_changed_cb (TacetSettings *self)
{
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->seed));
  guint64 seed = 0;

  if (self->syncing || self->scene == NULL)
    return;
  if (!g_ascii_string_to_unsigned (text, 10, 0, G_MAXUINT64, &seed, NULL))
    {
      gtk_widget_add_css_class (GTK_WIDGET (self->seed), "error");
      return;
    }
  gtk_widget_remove_css_class (GTK_WIDGET (self->seed), "error");
  self->syncing = TRUE;
  tacet_scene_set_seed (self->scene, seed);
  self->syncing = FALSE;
}

/* What is not a number goes back to the number that counts. */
static void
seed_done_cb (TacetSettings *self)
{
  scene_changed_cb (self);
}

static void
sampler_changed_cb (TacetSettings *self)
{
  if (!self->syncing && self->scene != NULL)
    tacet_scene_set_sampler (self->scene, adw_combo_row_get_selected (self->sampler));
}

static void
spacing_changed_cb (TacetSettings *self)
{
  if (!self->syncing && self->scene != NULL)
    tacet_scene_set_spacing (self->scene, adw_combo_row_get_selected (self->spacing));
}

static void
karras_changed_cb (TacetSettings *self)
{
  if (!self->syncing && self->scene != NULL)
    tacet_scene_set_karras (self->scene, adw_combo_row_get_selected (self->karras));
}

static void
eta_changed_cb (TacetSettings *self)
{
  if (!self->syncing && self->scene != NULL)
    tacet_scene_set_eta (self->scene, gtk_spin_button_get_value (self->eta));
}

static void
rescale_changed_cb (TacetSettings *self)
{
  if (!self->syncing && self->scene != NULL)
    tacet_scene_set_guidance_rescale (self->scene, gtk_spin_button_get_value (self->rescale));
}

static void
balance_changed_cb (TacetSettings *self)
{
  guint selected = adw_combo_row_get_selected (self->balance);
  TacetCombine combine;

  if (self->syncing || self->scene == NULL || selected >= G_N_ELEMENTS (balance_kinds))
    return;
  combine = *tacet_scene_get_combine (self->scene);
  if (combine.kind == balance_kinds[selected])
    return;
  combine.kind = balance_kinds[selected];
  if (combine.kind == TACET_COMBINE_WEIGHTS && combine.n_weights == 0)
    {
      combine.n_weights = TACET_MAX_CONTROLS;
      for (int i = 0; i < TACET_MAX_CONTROLS; i++)
        combine.weights[i] = 1;
    }
  tacet_scene_set_combine (self->scene, &combine);
}

/* ---- class ---- */

static void
tacet_settings_dispose (GObject *object)
{
  TacetSettings *self = TACET_SETTINGS (object);
  GtkWidget *child = gtk_widget_get_first_child (GTK_WIDGET (self));

  tacet_settings_set_scene (self, NULL);
  gtk_widget_dispose_template (GTK_WIDGET (self), TACET_TYPE_SETTINGS);
  g_clear_pointer (&child, gtk_widget_unparent);
  G_OBJECT_CLASS (tacet_settings_parent_class)->dispose (object);
}

static void
tacet_settings_class_init (TacetSettingsClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = tacet_settings_dispose;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/tacet/Tacet/ui/tacet-settings.ui");
  gtk_widget_class_bind_template_child (widget_class, TacetSettings, prompt);
  gtk_widget_class_bind_template_child (widget_class, TacetSettings, negative);
  gtk_widget_class_bind_template_child (widget_class, TacetSettings, prompt_hint);
  gtk_widget_class_bind_template_child (widget_class, TacetSettings, negative_hint);
  gtk_widget_class_bind_template_child (widget_class, TacetSettings, steps);
  gtk_widget_class_bind_template_child (widget_class, TacetSettings, guidance);
  gtk_widget_class_bind_template_child (widget_class, TacetSettings, seed);
  gtk_widget_class_bind_template_child (widget_class, TacetSettings, sampler);
  gtk_widget_class_bind_template_child (widget_class, TacetSettings, spacing);
  gtk_widget_class_bind_template_child (widget_class, TacetSettings, karras);
  gtk_widget_class_bind_template_child (widget_class, TacetSettings, eta_row);
  gtk_widget_class_bind_template_child (widget_class, TacetSettings, eta);
  gtk_widget_class_bind_template_child (widget_class, TacetSettings, rescale);
  gtk_widget_class_bind_template_child (widget_class, TacetSettings, balance);
  gtk_widget_class_bind_template_child (widget_class, TacetSettings, model);
  gtk_widget_class_bind_template_child (widget_class, TacetSettings, vae);
  gtk_widget_class_bind_template_child (widget_class, TacetSettings, start);
  gtk_widget_class_bind_template_callback (widget_class, steps_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, guidance_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, seed_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, seed_done_cb);
  gtk_widget_class_bind_template_callback (widget_class, sampler_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, spacing_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, karras_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, eta_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, rescale_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, balance_changed_cb);
}

static void
watch_text (TacetSettings *self, GtkTextView *view)
{
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (view);

  /* The document has one history; text has no second one of its own. */
  gtk_text_buffer_set_enable_undo (buffer, FALSE);
  g_signal_connect_object (buffer, "changed", G_CALLBACK (prompt_changed_cb), self, G_CONNECT_SWAPPED);
}

static void
tacet_settings_init (TacetSettings *self)
{
  g_autoptr (GtkStringList) samplers = gtk_string_list_new (NULL);

  g_type_ensure (TACET_TYPE_START_ROW);
  gtk_widget_init_template (GTK_WIDGET (self));
  /* Names, in the order of the type; no translation: these are what artists know everywhere. */
  for (int i = 0; i < TACET_N_SAMPLERS; i++)
    gtk_string_list_append (samplers, tacet_sampler_name ((TacetSampler) i));
  adw_combo_row_set_model (self->sampler, G_LIST_MODEL (samplers));
  watch_text (self, self->prompt);
  watch_text (self, self->negative);
}
