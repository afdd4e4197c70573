/* tacet-window-models.c: which files the scene's models come from.  Room: ui. */
#define G_LOG_DOMAIN "tacet-window-models"

#include "config.h"

#include "ui/tacet-model-chooser.h"
#include "ui/tacet-window-private.h"

#include <glib/gi18n.h>

static void
ask (TacetWindow *self, const TacetModelQuestion *question, GCallback chosen)
{
  GtkWidget *chooser = tacet_model_chooser_new (GTK_WINDOW (self), (const char *const *) self->model_folders, question);

  g_signal_connect_object (chooser, "chosen", chosen, self, G_CONNECT_SWAPPED);
  gtk_window_present (GTK_WINDOW (chooser));
}

static void
model_chosen_cb (TacetWindow *self, const char *name)
{
  tacet_scene_set_model (self->scene, name);
}

void
_tacet_window_choose_model (TacetWindow *self)
{
  ask (self,
       &(TacetModelQuestion){
           .kind = TACET_MODEL_BASE, .title = _ ("Base Model"), .current = tacet_scene_get_model (self->scene) },
       G_CALLBACK (model_chosen_cb));
}

static void
vae_chosen_cb (TacetWindow *self, const char *name)
{
  tacet_scene_set_vae (self->scene, name);
}

void
_tacet_window_choose_vae (TacetWindow *self)
{
  ask (self,
       &(TacetModelQuestion){ .kind = TACET_MODEL_VAE,
                              .title = _ ("VAE"),
                              .current = tacet_scene_get_vae (self->scene),
                              .own = _ ("The Model’s Own") },
       G_CALLBACK (vae_chosen_cb));
}

static void
lora_chosen_cb (TacetWindow *self, const char *name)
{
  GPtrArray *old = tacet_scene_get_loras (self->scene);
  g_autoptr (GPtrArray) loras = g_ptr_array_new_with_free_func ((GDestroyNotify) tacet_lora_free);

  for (guint i = 0; old != NULL && i < old->len; i++)
    {
      const TacetLora *lora = old->pdata[i];

      g_ptr_array_add (loras, tacet_lora_new (lora->path, lora->weight));
    }
  if (name == NULL)
    return;
  if (loras->len >= TACET_SCENE_MAX_LORAS)
    {
      _tacet_window_toast (self, _ ("No more LoRAs fit. Remove one first."));
      return;
    }
  g_ptr_array_add (loras, tacet_lora_new (name, 1));
  tacet_scene_set_loras (self->scene, loras);
}

void
_tacet_window_add_lora (TacetWindow *self)
{
  ask (self,
       &(TacetModelQuestion){
           .kind = TACET_MODEL_LORA, .title = _ ("Add LoRA"), .model = tacet_scene_get_model (self->scene) },
       G_CALLBACK (lora_chosen_cb));
}

/* The control may be gone by the time its model is chosen. */
static void
control_model_chosen_cb (TacetWindow *self, const char *name, GtkWidget *chooser)
{
  TacetLayer *control = g_object_get_data (G_OBJECT (chooser), "control");

  if (tacet_layer_panel_get_row (self->layers, control) != NULL)
    tacet_scene_set_layer_model (self->scene, control, name);
}

void
_tacet_window_choose_control_model (TacetWindow *self, TacetLayer *control)
{
  g_autofree char *title = g_strdup_printf (_ ("ControlNet for %s"), tacet_layer_get_name (control));
  TacetModelQuestion question = { .kind = TACET_MODEL_CONTROLNET,
                                  .title = title,
                                  .model = tacet_scene_get_model (self->scene),
                                  .current = tacet_layer_get_model (control),
                                  .own = _ ("Found by Its Kind") };
  GtkWidget *chooser =
      tacet_model_chooser_new (GTK_WINDOW (self), (const char *const *) self->model_folders, &question);

  g_object_set_data_full (G_OBJECT (chooser), "control", g_object_ref (control), g_object_unref);
  g_signal_connect_object (chooser, "chosen", G_CALLBACK (control_model_chosen_cb), self, G_CONNECT_SWAPPED);
  gtk_window_present (GTK_WINDOW (chooser));
}
