/* tacet-settings.c: prompt, negative prompt and how the picture is made.  Room: ui. */
#define G_LOG_DOMAIN "tacet-settings"

#include "config.h"

#include "ui/tacet-lora-rows.h"
#include "ui/tacet-settings.h"

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
  GtkScale *change;
  GtkSpinButton *count, *steps, *guidance;
  GtkEntry *seed;
  AdwComboRow *sampler, *spacing, *karras, *guess;
  GtkWidget *eta_row;
  GtkSpinButton *eta, *rescale;
  AdwActionRow *model, *vae;
  TacetLoraRows *loras;

  TacetScene *scene;
  gboolean syncing;
};

G_DEFINE_FINAL_TYPE (TacetSettings, tacet_settings, GTK_TYPE_WIDGET)

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
  gtk_range_set_value (GTK_RANGE (self->change), tacet_scene_get_denoising_strength (self->scene));
  gtk_widget_set_sensitive (GTK_WIDGET (self->change), tacet_scene_has_picture (self->scene));
  gtk_spin_button_set_value (self->count, tacet_scene_get_count (self->scene));
  adw_combo_row_set_selected (self->guess, tacet_scene_get_guess (self->scene));
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
  if (self->loras != NULL)
    tacet_lora_rows_set_scene (self->loras, scene);
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
change_changed_cb (TacetSettings *self)
{
  if (!self->syncing && self->scene != NULL)
    tacet_scene_set_denoising_strength (self->scene, gtk_range_get_value (GTK_RANGE (self->change)));
}

static void
count_changed_cb (TacetSettings *self)
{
  if (!self->syncing && self->scene != NULL)
    tacet_scene_set_count (self->scene, gtk_spin_button_get_value_as_int (self->count));
}

static void
guess_changed_cb (TacetSettings *self)
{
  if (!self->syncing && self->scene != NULL)
    tacet_scene_set_guess (self->scene, adw_combo_row_get_selected (self->guess));
}

static char *
format_change (GtkScale *scale, double value, gpointer data)
{
  /* Translators: a share in percent */
  return g_strdup_printf (_ ("%.0f %%"), 100 * value);
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
  gtk_widget_class_bind_template_child (widget_class, TacetSettings, guess);
  gtk_widget_class_bind_template_child (widget_class, TacetSettings, change);
  gtk_widget_class_bind_template_child (widget_class, TacetSettings, count);
  gtk_widget_class_bind_template_child (widget_class, TacetSettings, model);
  gtk_widget_class_bind_template_child (widget_class, TacetSettings, vae);
  gtk_widget_class_bind_template_child (widget_class, TacetSettings, loras);
  gtk_widget_class_bind_template_callback (widget_class, steps_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, guidance_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, seed_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, seed_done_cb);
  gtk_widget_class_bind_template_callback (widget_class, sampler_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, spacing_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, karras_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, eta_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, rescale_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, change_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, count_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, guess_changed_cb);
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

  g_type_ensure (TACET_TYPE_LORA_ROWS);
  gtk_widget_init_template (GTK_WIDGET (self));
  /* Names, in the order of the type; no translation: these are what artists know everywhere. */
  for (int i = 0; i < TACET_N_SAMPLERS; i++)
    gtk_string_list_append (samplers, tacet_sampler_name ((TacetSampler) i));
  adw_combo_row_set_model (self->sampler, G_LIST_MODEL (samplers));
  gtk_scale_set_format_value_func (self->change, format_change, NULL, NULL);
  watch_text (self, self->prompt);
  watch_text (self, self->negative);
}
