/* tacet-window-hints.c: what stands where nothing is yet, and says what can be done.  Room: ui. */
#define G_LOG_DOMAIN "tacet-window-hints"

#include "config.h"

#include "ui/tacet-help.h"
#include "ui/tacet-window-private.h"

#include <glib/gi18n.h>

/* ---- the chosen layer is empty ---- */

static const char *
layer_hint (TacetLayer *layer)
{
  switch (tacet_layer_get_kind (layer))
    {
    case TACET_LAYER_EDGE:
      return _ (
          "Shape here. Draw on the canvas, take the edges of a picture, or drop a map. What you erase is silent.");
    case TACET_LAYER_DEPTH:
      return _ ("Shape here. Paint what is near and what is far, or drop a map. What you erase is silent.");
    case TACET_LAYER_POSE:
      return _ ("Shape here. Add a person and drag the joints. Where nobody is, the layer is silent.");
    case TACET_LAYER_REGION:
      return _ ("Words here. Paint where these words apply. Regions do not place shapes: use a control for that.");
    case TACET_LAYER_MASK:
      return _ ("Paint what may change. The rest of the picture stays as it is.");
    default:
      return _ ("Paint here, or drop a picture.");
    }
}

void
_tacet_window_update_hints (TacetWindow *self)
{
  TacetLayer *layer = tacet_canvas_get_selected (self->canvas);
  gboolean picture;

  if (self->layer_hint == NULL)
    return;
  g_object_get (self->canvas, "show-picture", &picture, NULL);
  if (layer == NULL || !tacet_layer_is_empty (layer) || gtk_widget_get_visible (self->empty_hint) ||
      self->running != NULL || (picture && self->result != NULL))
    {
      gtk_widget_hide (GTK_WIDGET (self->layer_hint));
      return;
    }
  gtk_label_set_text (self->layer_hint, layer_hint (layer));
  gtk_widget_show (GTK_WIDGET (self->layer_hint));
}

/* ---- there is no model ---- */

static void
folder_response_cb (TacetWindow *self, int response, GtkNativeDialog *dialog)
{
  g_autoptr (GFile) file =
      response == GTK_RESPONSE_ACCEPT ? gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog)) : NULL;
  g_autofree char *path = file != NULL ? g_file_get_path (file) : NULL;
  g_auto (GStrv) folders = NULL;
  g_autoptr (GStrvBuilder) all = g_strv_builder_new ();

  gtk_native_dialog_destroy (dialog);
  g_object_unref (dialog);
  if (path == NULL || self->preferences == NULL)
    return;
  g_object_get (self->preferences, "model-folders", &folders, NULL);
  for (int i = 0; folders[i] != NULL; i++)
    if (g_strcmp0 (folders[i], path) != 0)
      g_strv_builder_add (all, folders[i]);
  g_strv_builder_add (all, path);
  g_strfreev (folders);
  folders = g_strv_builder_end (all);
  g_object_set (self->preferences, "model-folders", folders, NULL);
}

static void
add_model_folder_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  TacetWindow *self = TACET_WINDOW (widget);
  GtkFileChooserNative *dialog = gtk_file_chooser_native_new (
      _ ("Folder with Models"), GTK_WINDOW (self), GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER, _ ("_Add"), _ ("_Cancel"));

  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (dialog), TRUE);
  g_signal_connect_object (dialog, "response", G_CALLBACK (folder_response_cb), self, G_CONNECT_SWAPPED);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (dialog));
}

/* Beside the reason why nothing can be generated stands what helps. */
void
_tacet_window_update_model_hint (TacetWindow *self)
{
  const TacetModelStock *stock = self->stock;
  gboolean needed = self->engine != NULL && stock != NULL && stock->model_problem != NULL && self->running == NULL;

  if (self->model_hint == NULL)
    return;
  gtk_widget_set_visible (self->model_hint, needed);
  if (!needed)
    return;
  gtk_button_set_label (GTK_BUTTON (self->model_hint), stock->any_model ? _ ("_Choose Model…") : _ ("_Add Folder…"));
  gtk_actionable_set_action_name (GTK_ACTIONABLE (self->model_hint),
                                  stock->any_model ? "win.choose-model" : "win.add-model-folder");
}

/* ---- help ---- */

static void
help_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  gtk_window_present (GTK_WINDOW (tacet_help_new (GTK_WINDOW (widget), TACET_WINDOW (widget)->shortcuts)));
}

void
_tacet_window_class_init_hints (GtkWidgetClass *class)
{
  gtk_widget_class_install_action (class, "win.help", NULL, help_cb);
  gtk_widget_class_install_action (class, "win.add-model-folder", NULL, add_model_folder_cb);
}

void
_tacet_window_init_hints (TacetWindow *self)
{
  GtkWidget *overlay = gtk_widget_get_parent (GTK_WIDGET (self->canvas));
  GtkWidget *run_bar = gtk_widget_get_parent (GTK_WIDGET (self->status));

  self->layer_hint = GTK_LABEL (gtk_label_new (""));
  gtk_label_set_wrap (self->layer_hint, TRUE);
  gtk_label_set_max_width_chars (self->layer_hint, 46);
  gtk_label_set_justify (self->layer_hint, GTK_JUSTIFY_CENTER);
  gtk_widget_set_halign (GTK_WIDGET (self->layer_hint), GTK_ALIGN_CENTER);
  gtk_widget_set_valign (GTK_WIDGET (self->layer_hint), GTK_ALIGN_START);
  gtk_widget_set_can_target (GTK_WIDGET (self->layer_hint), FALSE); /* the brush goes through */
  gtk_widget_add_css_class (GTK_WIDGET (self->layer_hint), "layer-hint");
  gtk_widget_hide (GTK_WIDGET (self->layer_hint));
  if (GTK_IS_OVERLAY (overlay))
    gtk_overlay_add_overlay (GTK_OVERLAY (overlay), GTK_WIDGET (self->layer_hint));
  self->model_hint = gtk_button_new ();
  gtk_button_set_use_underline (GTK_BUTTON (self->model_hint), TRUE);
  gtk_widget_hide (self->model_hint);
  if (GTK_IS_BOX (run_bar))
    gtk_box_insert_child_after (GTK_BOX (run_bar), self->model_hint, GTK_WIDGET (self->status));
  g_signal_connect_object (self->canvas, "notify::selected", G_CALLBACK (_tacet_window_update_hints), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->canvas, "notify::show-picture", G_CALLBACK (_tacet_window_update_hints), self,
                           G_CONNECT_SWAPPED);
}
