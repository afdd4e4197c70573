/* tacet-shortcut-dialog.c: see tacet-shortcut-dialog.h.  Room: ui. */
#define G_LOG_DOMAIN "tacet-shortcut-dialog"

#include "config.h"

#include "ui/tacet-shortcut-dialog.h"

#include <adwaita.h>
#include <glib/gi18n.h>

typedef struct
{
  TacetShortcuts *shortcuts;
  const TacetAction *action;
  GtkWidget *label, *note;
  char *key; /* NULL: none was pressed yet */
} Capture;

static void
capture_free (gpointer data)
{
  Capture *capture = data;

  g_object_unref (capture->shortcuts);
  g_free (capture->key);
  g_free (capture);
}

static Capture *
get_capture (GtkWidget *dialog)
{
  return g_object_get_data (G_OBJECT (dialog), "capture");
}

/* Whom the key belongs to so far. */
static char *
describe_conflict (Capture *capture, guint key, GdkModifierType modifiers)
{
  const TacetAction *other = tacet_shortcuts_find (capture->shortcuts, key, modifiers);
  const TacetGesture *gesture = tacet_shortcuts_find_gesture (key, modifiers);

  if (gesture != NULL)
    /* Translators: %s is what a key does on the canvas, such as "Next joint" */
    return g_strdup_printf (_ ("On the canvas this key already means “%s”. Choose another."), _ (gesture->title));
  if (other != NULL && other != capture->action)
    /* Translators: %s is an action, such as "Zoom in" */
    return g_strdup_printf (_ ("These keys are those of “%s”, which loses them if you set them here."),
                            _ (other->title));
  if (tacet_key_is_plain (key, modifiers))
    return g_strdup (_ ("Works while no text is being written."));
  return g_strdup ("");
}

void
tacet_shortcut_dialog_take (GtkWidget *dialog, guint key, GdkModifierType modifiers)
{
  Capture *capture = get_capture (dialog);
  g_autofree char *note = describe_conflict (capture, key, modifiers);
  gboolean usable = tacet_shortcuts_find_gesture (key, modifiers) == NULL;

  g_free (capture->key);
  capture->key = gtk_accelerator_name (key, modifiers);
  gtk_shortcut_label_set_accelerator (GTK_SHORTCUT_LABEL (capture->label), capture->key);
  gtk_label_set_text (GTK_LABEL (capture->note), note);
  gtk_widget_set_visible (capture->note, *note != '\0');
  adw_message_dialog_set_response_enabled (ADW_MESSAGE_DIALOG (dialog), "set", usable);
}

static gboolean
key_pressed_cb (GtkWidget *dialog, guint keyval, guint code, GdkModifierType state, GtkEventController *controller)
{
  GdkEvent *event = gtk_event_controller_get_current_event (controller);
  Capture *capture = get_capture (dialog);
  GdkModifierType modifiers;
  guint key;

  tacet_key_event_get (event, &key, &modifiers);
  if (gdk_key_event_is_modifier (event) || key == 0)
    return FALSE;
  if (modifiers == 0 && key == GDK_KEY_Escape)
    return FALSE;
  if (modifiers == 0 && key == GDK_KEY_BackSpace)
    {
      adw_message_dialog_response (ADW_MESSAGE_DIALOG (dialog), "clear");
      return TRUE;
    }
  /* Once there is an answer, the dialog is worked as any other. */
  if (capture->key != NULL && (modifiers & ~GDK_SHIFT_MASK) == 0 &&
      (key == GDK_KEY_Return || key == GDK_KEY_KP_Enter || key == GDK_KEY_Tab || key == GDK_KEY_space))
    return FALSE;
  tacet_shortcut_dialog_take (dialog, key, modifiers);
  return TRUE;
}

/* The other action keeps its other keys. */
static void
take_from (TacetShortcuts *shortcuts, const TacetAction *other, guint key, GdkModifierType modifiers)
{
  g_auto (GStrv) keys = tacet_shortcuts_dup_keys (shortcuts, other->name);
  g_autoptr (GPtrArray) rest = g_ptr_array_new ();

  for (int i = 0; keys[i] != NULL; i++)
    {
      g_autofree char *wanted = gtk_accelerator_name (key, modifiers), *this = NULL;
      GdkModifierType its_modifiers;
      guint its_key;

      if (!gtk_accelerator_parse (keys[i], &its_key, &its_modifiers))
        continue;
      this = gtk_accelerator_name (its_key, its_modifiers);
      if (g_strcmp0 (this, wanted) != 0)
        g_ptr_array_add (rest, keys[i]);
    }
  g_ptr_array_add (rest, NULL);
  tacet_shortcuts_set_keys (shortcuts, other->name, (const char *const *) rest->pdata);
}

static void
response_cb (GtkWidget *dialog, const char *response)
{
  Capture *capture = get_capture (dialog);
  const char *keys[] = { NULL, NULL };
  const TacetAction *other;
  GdkModifierType modifiers;
  guint key;

  if (g_strcmp0 (response, "clear") == 0)
    tacet_shortcuts_set_keys (capture->shortcuts, capture->action->name, keys);
  if (g_strcmp0 (response, "set") != 0 || capture->key == NULL ||
      !gtk_accelerator_parse (capture->key, &key, &modifiers))
    return;
  other = tacet_shortcuts_find (capture->shortcuts, key, modifiers);
  if (other != NULL && other != capture->action)
    take_from (capture->shortcuts, other, key, modifiers);
  keys[0] = capture->key;
  tacet_shortcuts_set_keys (capture->shortcuts, capture->action->name, keys);
}

GtkWidget *
tacet_shortcut_dialog_new (GtkWindow *parent, TacetShortcuts *shortcuts, const TacetAction *action)
{
  /* Translators: %s is an action, such as "Zoom in" */
  g_autofree char *title = g_strdup_printf (_ ("Keys for “%s”"), _ (action->title));
  GtkWidget *dialog =
      adw_message_dialog_new (parent, title, _ ("Press the keys. Backspace: no key. Escape: leave it as it is."));
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12);
  GtkEventController *keys = gtk_event_controller_key_new ();
  Capture *capture = g_new0 (Capture, 1);

  capture->shortcuts = g_object_ref (shortcuts);
  capture->action = action;
  capture->label = gtk_shortcut_label_new ("");
  gtk_shortcut_label_set_disabled_text (GTK_SHORTCUT_LABEL (capture->label), "…");
  gtk_widget_set_halign (capture->label, GTK_ALIGN_CENTER);
  capture->note = gtk_label_new ("");
  gtk_label_set_wrap (GTK_LABEL (capture->note), TRUE);
  gtk_label_set_justify (GTK_LABEL (capture->note), GTK_JUSTIFY_CENTER);
  gtk_widget_hide (capture->note);
  gtk_box_append (GTK_BOX (box), capture->label);
  gtk_box_append (GTK_BOX (box), capture->note);
  adw_message_dialog_set_extra_child (ADW_MESSAGE_DIALOG (dialog), box);
  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "cancel", _ ("_Cancel"), "clear", _ ("_No Key"), "set",
                                    _ ("_Set"), NULL);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "set", ADW_RESPONSE_SUGGESTED);
  adw_message_dialog_set_response_enabled (ADW_MESSAGE_DIALOG (dialog), "set", FALSE);
  adw_message_dialog_set_default_response (ADW_MESSAGE_DIALOG (dialog), "set");
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  g_object_set_data_full (G_OBJECT (dialog), "capture", capture, capture_free);
  gtk_event_controller_set_propagation_phase (keys, GTK_PHASE_CAPTURE);
  g_signal_connect_object (keys, "key-pressed", G_CALLBACK (key_pressed_cb), dialog, G_CONNECT_SWAPPED);
  gtk_widget_add_controller (dialog, keys);
  g_signal_connect (dialog, "response", G_CALLBACK (response_cb), NULL);
  return dialog;
}
