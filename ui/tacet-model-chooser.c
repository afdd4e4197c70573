/* tacet-model-chooser.c: see tacet-model-chooser.h.  Room: ui. */
#define G_LOG_DOMAIN "tacet-model-chooser"

#include "config.h"

#include "ui/tacet-model-chooser.h"

#include <glib/gi18n.h>
#include <string.h>

struct _TacetModelChooser
{
  AdwWindow parent_instance;

  GtkSearchEntry *search;
  GtkStack *stack; /* "reading", "list", "none" */
  GtkListBox *list;
  AdwStatusPage *none;
  GtkButton *file, *folder;

  char **folders;
  TacetModelKind kind;
  char *model, *base; /* the base model, and what it is */
  char *current, *own;
  GPtrArray *library; /* NULL: being read */
  GCancellable *reading;
};

G_DEFINE_FINAL_TYPE (TacetModelChooser, tacet_model_chooser, ADW_TYPE_WINDOW)

enum
{
  SIGNAL_CHOSEN,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

static void
choose (TacetModelChooser *self, const char *name)
{
  g_signal_emit (self, signals[SIGNAL_CHOSEN], 0, name);
  gtk_window_close (GTK_WINDOW (self));
}

/* ---- the list ---- */

static gboolean
fits (TacetModelChooser *self, const TacetLibraryEntry *entry)
{
  return self->base == NULL || *self->base == '\0' || *entry->base == '\0' || g_str_equal (entry->base, self->base);
}

static gboolean
is_usable (TacetModelChooser *self, const TacetLibraryEntry *entry)
{
  return entry->problem == NULL && fits (self, entry);
}

/* "SD 1.x · F16 · 2.1 GB", or why it cannot be used */
static char *
describe (TacetModelChooser *self, const TacetLibraryEntry *entry)
{
  g_autofree char *size = g_format_size (entry->bytes);
  const char *parts[] = { entry->base, entry->inpainting ? _ ("for inpainting") : "", entry->precision,
                          entry->bytes > 0 ? size : "" };
  GString *text = NULL;

  if (entry->problem != NULL)
    return g_strdup (entry->problem);
  if (!fits (self, entry))
    /* Translators: %s is what the file was made for, such as "SD 2.x" */
    return g_strdup_printf (_ ("Made for another kind of model: %s"), entry->base);
  text = g_string_new (NULL);
  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    if (*parts[i] != '\0')
      g_string_append_printf (text, text->len > 0 ? " · %s" : "%s", parts[i]);
  return g_string_free (text, FALSE);
}

/* name: what choosing it means; NULL: none */
static void
add_row (TacetModelChooser *self, const char *title, const char *subtitle, const char *name, gboolean usable)
{
  GtkWidget *row = adw_action_row_new ();
  gboolean current = g_strcmp0 (name, self->current) == 0;

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), subtitle);
  adw_action_row_set_subtitle_lines (ADW_ACTION_ROW (row), 3);
  if (current)
    adw_action_row_add_suffix (ADW_ACTION_ROW (row), gtk_image_new_from_icon_name ("object-select-symbolic"));
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), usable);
  gtk_widget_set_sensitive (row, usable);
  g_object_set_data_full (G_OBJECT (row), "name", g_strdup (name), g_free);
  gtk_list_box_append (self->list, row);
}

static void
show_page (TacetModelChooser *self)
{
  gboolean empty = gtk_list_box_get_row_at_index (self->list, 0) == NULL;

  gtk_stack_set_visible_child_name (self->stack, self->library == NULL ? "reading" : empty ? "none" : "list");
}

static void
fill_list (TacetModelChooser *self)
{
  if (self->own != NULL)
    add_row (self, self->own, "", NULL, TRUE);
  /* First what can be used. */
  for (int usable = 1; usable >= 0; usable--)
    for (guint i = 0; i < self->library->len; i++)
      {
        const TacetLibraryEntry *entry = g_ptr_array_index (self->library, i);
        g_autofree char *subtitle = describe (self, entry);

        if (entry->kind == self->kind && !entry->hidden && is_usable (self, entry) == usable)
          add_row (self, entry->name, subtitle, entry->name, usable);
      }
  show_page (self);
}

static gboolean
matches (GtkListBoxRow *row, gpointer data)
{
  TacetModelChooser *self = data;
  g_autofree char *wanted = g_utf8_casefold (gtk_editable_get_text (GTK_EDITABLE (self->search)), -1);
  g_autofree char *title = g_utf8_casefold (adw_preferences_row_get_title (ADW_PREFERENCES_ROW (row)), -1);

  return strstr (title, wanted) != NULL;
}

static void
search_changed_cb (TacetModelChooser *self)
{
  gtk_list_box_invalidate_filter (self->list);
}

static void
row_activated_cb (TacetModelChooser *self, GtkListBoxRow *row)
{
  choose (self, g_object_get_data (G_OBJECT (row), "name"));
}

/* ---- reading the folders ---- */

static void
scan_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  g_task_return_pointer (task, tacet_library_scan (data), (GDestroyNotify) g_ptr_array_unref);
}

static void
scanned_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  TacetModelChooser *self = TACET_MODEL_CHOOSER (source);
  GPtrArray *library = g_task_propagate_pointer (G_TASK (result), NULL);

  /* NULL: the dialog was closed. */
  if (library == NULL)
    return;
  self->library = library;
  for (guint i = 0; i < library->len && self->model != NULL && self->base == NULL; i++)
    {
      const TacetLibraryEntry *entry = g_ptr_array_index (library, i);

      if (entry->kind == TACET_MODEL_BASE &&
          (g_str_equal (entry->name, self->model) || g_str_equal (entry->path, self->model)))
        self->base = g_strdup (entry->base);
    }
  fill_list (self);
}

static void
start_scan (TacetModelChooser *self)
{
  g_autoptr (GTask) task = g_task_new (self, self->reading, scanned_cb, NULL);

  g_task_set_source_tag (task, start_scan);
  g_task_set_task_data (task, g_strdupv (self->folders), (GDestroyNotify) g_strfreev);
  g_task_run_in_thread (task, scan_thread);
}

/* ---- other places ---- */

static void
file_response_cb (TacetModelChooser *self, int response, GtkNativeDialog *dialog)
{
  g_autoptr (GFile) file =
      response == GTK_RESPONSE_ACCEPT ? gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog)) : NULL;
  g_autofree char *path = file != NULL ? g_file_get_path (file) : NULL;

  gtk_native_dialog_destroy (dialog);
  g_object_unref (dialog);
  if (path != NULL)
    choose (self, path);
}

static void
browse_cb (TacetModelChooser *self, GtkButton *button)
{
  static const char *const patterns[] = { "*.safetensors", "*.ckpt", "*.pth", "*.pt", "*.bin" };
  gboolean folder = button == self->folder;
  GtkFileChooserNative *dialog = gtk_file_chooser_native_new (
      folder ? _ ("Choose Folder of a Model") : _ ("Choose Model File"), GTK_WINDOW (self),
      folder ? GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER : GTK_FILE_CHOOSER_ACTION_OPEN, _ ("_Choose"), _ ("_Cancel"));
  g_autoptr (GtkFileFilter) filter = gtk_file_filter_new ();

  gtk_file_filter_set_name (filter, _ ("Model Files"));
  for (gsize i = 0; i < G_N_ELEMENTS (patterns); i++)
    gtk_file_filter_add_pattern (filter, patterns[i]);
  if (!folder)
    gtk_file_chooser_add_filter (GTK_FILE_CHOOSER (dialog), filter);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (dialog), TRUE);
  g_signal_connect_object (dialog, "response", G_CALLBACK (file_response_cb), self, G_CONNECT_SWAPPED);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (dialog));
}

/* ---- class ---- */

static void
tacet_model_chooser_dispose (GObject *object)
{
  TacetModelChooser *self = TACET_MODEL_CHOOSER (object);

  g_cancellable_cancel (self->reading);
  gtk_widget_dispose_template (GTK_WIDGET (self), TACET_TYPE_MODEL_CHOOSER);
  G_OBJECT_CLASS (tacet_model_chooser_parent_class)->dispose (object);
}

static void
tacet_model_chooser_finalize (GObject *object)
{
  TacetModelChooser *self = TACET_MODEL_CHOOSER (object);

  g_object_unref (self->reading);
  g_clear_pointer (&self->library, g_ptr_array_unref);
  g_strfreev (self->folders);
  g_free (self->model);
  g_free (self->base);
  g_free (self->current);
  g_free (self->own);
  G_OBJECT_CLASS (tacet_model_chooser_parent_class)->finalize (object);
}

static void
tacet_model_chooser_class_init (TacetModelChooserClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = tacet_model_chooser_dispose;
  G_OBJECT_CLASS (class)->finalize = tacet_model_chooser_finalize;
  signals[SIGNAL_CHOSEN] = g_signal_new ("chosen", G_TYPE_FROM_CLASS (class), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                         G_TYPE_NONE, 1, G_TYPE_STRING);
  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/tacet/Tacet/ui/tacet-model-chooser.ui");
  gtk_widget_class_bind_template_child (widget_class, TacetModelChooser, search);
  gtk_widget_class_bind_template_child (widget_class, TacetModelChooser, stack);
  gtk_widget_class_bind_template_child (widget_class, TacetModelChooser, list);
  gtk_widget_class_bind_template_child (widget_class, TacetModelChooser, none);
  gtk_widget_class_bind_template_child (widget_class, TacetModelChooser, file);
  gtk_widget_class_bind_template_child (widget_class, TacetModelChooser, folder);
  gtk_widget_class_bind_template_callback (widget_class, search_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, row_activated_cb);
  gtk_widget_class_bind_template_callback (widget_class, browse_cb);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
}

static void
tacet_model_chooser_init (TacetModelChooser *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  self->reading = g_cancellable_new ();
  gtk_list_box_set_filter_func (self->list, matches, self, NULL);
  gtk_search_entry_set_key_capture_widget (self->search, GTK_WIDGET (self));
}

GtkWidget *
tacet_model_chooser_new (GtkWindow *parent, const char *const *folders, const TacetModelQuestion *question)
{
  TacetModelChooser *self =
      g_object_new (TACET_TYPE_MODEL_CHOOSER, "transient-for", parent, "title", question->title, NULL);
  g_autofree char *places = folders != NULL ? g_strjoinv ("\n", (char **) folders) : g_strdup ("");
  g_autofree char *text = g_strdup_printf (_ ("Put model files into one of these folders, or open one:\n%s"), places);

  self->folders = g_strdupv ((char **) folders);
  self->kind = question->kind;
  self->model = g_strdup (question->model);
  self->current = g_strdup (question->current);
  self->own = g_strdup (question->own);
  adw_status_page_set_description (self->none, text);
  start_scan (self);
  return GTK_WIDGET (self);
}
