/* tacet-window.c: the window: document, list of controls, title.
 *
 * Room: ui.  Actions, files and runs have files of their own beside this one.
 */
#define G_LOG_DOMAIN "tacet-window"

#include "config.h"

#include "ui/tacet-window-private.h"

#include "tacet-resources.h"

#include <glib/gi18n.h>
#include <math.h>

#define NEW_DOCUMENT_SIDE 64
#define LONGEST_TOAST     100

G_DEFINE_FINAL_TYPE (TacetWindow, tacet_window, ADW_TYPE_APPLICATION_WINDOW)

/* ---- messages ---- */

void
_tacet_window_toast (TacetWindow *self, const char *text)
{
  AdwToast *toast;
  g_autofree char *escaped = NULL;

  if (self->toasts == NULL)
    return;
  escaped = g_markup_escape_text (text, -1);
  toast = adw_toast_new (escaped);
  adw_toast_set_timeout (toast, 4);
  adw_toast_overlay_add_toast (self->toasts, toast);
}

void
_tacet_window_toast_undo (TacetWindow *self, const char *text)
{
  AdwToast *toast;

  if (self->toasts == NULL)
    return;
  toast = adw_toast_new (text);
  adw_toast_set_timeout (toast, 5);
  adw_toast_set_button_label (toast, _ ("_Undo"));
  adw_toast_set_action_name (toast, "win.undo");
  /* After another step its button would take back that one. */
  g_signal_connect_object (self->scene, "changed", G_CALLBACK (adw_toast_dismiss), toast, G_CONNECT_SWAPPED);
  adw_toast_overlay_add_toast (self->toasts, toast);
}

static void
show_details_cb (AdwToast *toast, TacetWindow *self)
{
  const char *what = g_object_get_data (G_OBJECT (toast), "what"), *why = g_object_get_data (G_OBJECT (toast), "why");
  GtkWidget *dialog = adw_message_dialog_new (GTK_WINDOW (self), what, why);

  adw_message_dialog_add_response (ADW_MESSAGE_DIALOG (dialog), "close", _ ("_Close"));
  gtk_window_present (GTK_WINDOW (dialog));
}

void
_tacet_window_report (TacetWindow *self, const char *what, const char *why)
{
  g_autofree char *whole = g_strdup_printf ("%s %s", what, why);
  AdwToast *toast;

  if (self->toasts == NULL)
    return;
  if (g_utf8_strlen (whole, -1) <= LONGEST_TOAST)
    {
      _tacet_window_toast (self, whole);
      return;
    }
  toast = adw_toast_new (what);
  adw_toast_set_timeout (toast, 0);
  adw_toast_set_priority (toast, ADW_TOAST_PRIORITY_HIGH);
  adw_toast_set_button_label (toast, _ ("_Details"));
  g_object_set_data_full (G_OBJECT (toast), "what", g_strdup (what), g_free);
  g_object_set_data_full (G_OBJECT (toast), "why", g_strdup (why), g_free);
  g_signal_connect_object (toast, "button-clicked", G_CALLBACK (show_details_cb), self, 0);
  adw_toast_overlay_add_toast (self->toasts, toast);
}

static void
hint_cb (TacetWindow *self, const char *text)
{
  _tacet_window_toast (self, text);
}

/* ---- title ---- */

/* A file that is called as its kind is known by its folder. */
static char *
document_name (TacetWindow *self)
{
  g_autofree char *folder = NULL, *name = NULL;

  if (self->path == NULL)
    return g_strdup (_ ("New Scene"));
  name = g_path_get_basename (self->path);
  folder = g_path_get_dirname (self->path);
  if (g_strcmp0 (name, "scene.json") == 0 && g_path_is_absolute (folder))
    return g_path_get_basename (folder);
  if (g_str_has_suffix (name, ".json"))
    name[strlen (name) - strlen (".json")] = '\0';
  else if (tacet_scene_is_project_path (name))
    name[strlen (name) - strlen (TACET_PROJECT_SUFFIX)] = '\0';
  return g_steal_pointer (&name);
}

static void
update_title (TacetWindow *self)
{
  g_autofree char *name = document_name (self);
  g_autofree char *title = g_strdup_printf ("%s%s", tacet_scene_get_modified (self->scene) ? "• " : "", name);
  g_autofree char *subtitle =
      g_strdup_printf ("%d × %d", tacet_scene_get_width (self->scene), tacet_scene_get_height (self->scene));

  adw_window_title_set_title (self->title, title);
  adw_window_title_set_subtitle (self->title, subtitle);
  gtk_window_set_title (GTK_WINDOW (self), title);
}

static void
zoom_changed_cb (TacetWindow *self)
{
  /* Translators: how much the canvas is enlarged */
  g_autofree char *zoom = g_strdup_printf (_ ("%.0f %%"), tacet_canvas_get_zoom (self->canvas) * 100);
  /* Translators: by how many degrees the canvas is turned */
  g_autofree char *angle = g_strdup_printf (_ ("%.0f°"), tacet_canvas_get_angle (self->canvas));
  g_autofree char *text = g_strconcat (zoom, fabs (tacet_canvas_get_angle (self->canvas)) >= 0.5 ? " · " : "",
                                       fabs (tacet_canvas_get_angle (self->canvas)) >= 0.5 ? angle : "",
                                       tacet_canvas_get_mirrored (self->canvas) ? " · ⇋" : "", NULL);

  gtk_menu_button_set_label (self->zoom_menu, text);
}

/* ---- layers ---- */

void
_tacet_window_select (TacetWindow *self, TacetLayer *layer)
{
  tacet_layer_panel_set_selected (self->layers, layer);
}

static void
update_empty_hint (TacetWindow *self)
{
  gboolean empty = g_list_model_get_n_items (tacet_scene_get_layers (self->scene)) == 0;

  gtk_widget_set_visible (self->empty_hint, empty && self->result == NULL && self->running == NULL);
}

static void
layer_chosen_cb (TacetWindow *self)
{
  TacetLayer *control = tacet_layer_panel_get_selected (self->layers);
  TacetToolId tool = tacet_canvas_get_tool (self->canvas);

  /* Joints are dragged, maps are painted: choosing a layer chooses the tool that fits. */
  if (control != NULL && tacet_layer_get_kind (control) == TACET_LAYER_POSE && tool != TACET_TOOL_HAND)
    tacet_canvas_set_tool (self->canvas, TACET_TOOL_POSE);
  else if (control != NULL && tool == TACET_TOOL_POSE)
    tacet_canvas_set_tool (self->canvas, TACET_TOOL_BRUSH);
  _tacet_window_update_actions (self);
}

static void
layers_changed_cb (TacetWindow *self)
{
  update_empty_hint (self);
  _tacet_window_update_actions (self);
}

/* ---- the document ---- */

static void
scene_changed_cb (TacetWindow *self)
{
  update_title (self);
  _tacet_window_queue_problems (self);
  _tacet_window_update_actions (self);
}

static guint
recovery_delay (TacetWindow *self)
{
  return (guint) tacet_preferences_get_int (self->preferences, "autosave-interval") * 1000;
}

/* A document that cannot be guarded is one all the same. */
static void
guard_document (TacetWindow *self)
{
  g_autoptr (GError) error = NULL;

  g_clear_pointer (&self->recovery, tacet_recovery_free);
  if (self->recovery_folder == NULL || self->scene == NULL)
    return;
  self->recovery = tacet_recovery_new (self->recovery_folder, self->scene, self->path, recovery_delay (self), &error);
  if (self->recovery == NULL)
    g_message ("unsaved work is not kept: %s", error->message);
}

void
_tacet_window_set_scene (TacetWindow *self, TacetScene *scene, const char *path)
{
  if (self->scene != NULL)
    {
      g_signal_handlers_disconnect_by_func (self->scene, scene_changed_cb, self);
      g_signal_handlers_disconnect_by_func (tacet_scene_get_layers (self->scene), layers_changed_cb, self);
    }
  _tacet_window_clear_run (self);
  g_set_object (&self->scene, scene);
  g_free (self->path);
  self->path = path != NULL ? g_canonicalize_filename (path, NULL) : NULL;
  g_clear_pointer (&self->origin, g_free);
  tacet_canvas_set_scene (self->canvas, scene);
  tacet_settings_set_scene (self->settings, scene);
  tacet_layer_panel_set_scene (self->layers, scene);
  tacet_history_list_set_scene (self->history, scene);
  _tacet_window_set_results_scene (self, scene);
  g_signal_connect_object (scene, "changed", G_CALLBACK (scene_changed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (tacet_scene_get_layers (scene), "items-changed", G_CALLBACK (layers_changed_cb), self,
                           G_CONNECT_SWAPPED);
  _tacet_window_update_budgets (self);
  guard_document (self);
  layers_changed_cb (self);
  scene_changed_cb (self);
}

void
tacet_window_set_recovery_folder (TacetWindow *self, const char *folder)
{
  g_free (self->recovery_folder);
  self->recovery_folder = g_strdup (folder);
  guard_document (self);
}

gboolean
tacet_window_recover (TacetWindow *self, const TacetRecovered *recovered)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TacetScene) scene = tacet_recovered_load (recovered, &error);

  if (scene == NULL)
    {
      _tacet_window_report (self, _ ("The unsaved scene could not be recovered; its files are kept."), error->message);
      return FALSE;
    }
  _tacet_window_set_scene (self, scene, recovered->path);
  g_clear_pointer (&self->recovery, tacet_recovery_free);
  self->recovery = tacet_recovery_adopt (recovered, scene, recovery_delay (self));
  return TRUE;
}

TacetScene *
tacet_window_get_scene (TacetWindow *self)
{
  return self->scene;
}

gboolean
tacet_window_is_fresh (TacetWindow *self)
{
  return self->path == NULL && !tacet_scene_get_modified (self->scene) && self->result == NULL && self->running == NULL;
}

void
tacet_window_set_engine (TacetWindow *self, TacetEngineThread *engine, const char *const *model_folders)
{
  self->engine = engine;
  g_strfreev (self->model_folders);
  self->model_folders = g_strdupv ((char **) model_folders);
  _tacet_window_look_for_models (self);
  _tacet_window_update_actions (self);
}

/* ---- class ---- */

static void
close_now (TacetWindow *self)
{
  self->may_close = TRUE;
  gtk_window_close (GTK_WINDOW (self));
}

static gboolean
tacet_window_close_request (GtkWindow *window)
{
  TacetWindow *self = TACET_WINDOW (window);

  if (!self->may_close && tacet_scene_get_modified (self->scene))
    {
      _tacet_window_guard_unsaved (self, close_now);
      return TRUE;
    }
  _tacet_window_cancel (self);
  _tacet_window_keep_state (self);
  return GTK_WINDOW_CLASS (tacet_window_parent_class)->close_request (window);
}

/* A run holds the window; one that is destroyed must end its run first. */
static void
tacet_window_unrealize (GtkWidget *widget)
{
  TacetWindow *self = TACET_WINDOW (widget);

  if (self->running != NULL)
    g_cancellable_cancel (self->running);
  GTK_WIDGET_CLASS (tacet_window_parent_class)->unrealize (widget);
}

static void
tacet_window_dispose (GObject *object)
{
  TacetWindow *self = TACET_WINDOW (object);

  if (self->scene != NULL)
    {
      g_signal_handlers_disconnect_by_func (self->scene, scene_changed_cb, self);
      g_signal_handlers_disconnect_by_func (tacet_scene_get_layers (self->scene), layers_changed_cb, self);
    }
  _tacet_window_dispose_layers (self);
  g_clear_pointer (&self->action_search, gtk_widget_unparent);
  /* Options change while the canvas goes; nobody is there any more to hear of it. */
  gtk_widget_insert_action_group (GTK_WIDGET (self), "tool", NULL);
  gtk_widget_dispose_template (GTK_WIDGET (self), TACET_TYPE_WINDOW);
  _tacet_window_dispose_preferences (self);
  _tacet_window_clear_problems (self);
  g_clear_pointer (&self->recovery, tacet_recovery_free);
  g_clear_object (&self->scene);
  G_OBJECT_CLASS (tacet_window_parent_class)->dispose (object);
}

static void
tacet_window_finalize (GObject *object)
{
  TacetWindow *self = TACET_WINDOW (object);

  g_clear_object (&self->running);
  g_clear_pointer (&self->progress, tacet_progress_unref);
  g_clear_pointer (&self->result, tacet_image_unref);
  g_clear_pointer (&self->run_controls, g_ptr_array_unref);
  g_strfreev (self->model_folders);
  g_free (self->path);
  g_free (self->wanted_path);
  g_clear_object (&self->recent_menu);
  g_free (self->example);
  g_free (self->recovery_folder);
  g_clear_pointer (&self->request, tacet_request_free);
  g_clear_pointer (&self->enabled, g_hash_table_unref);
  g_clear_object (&self->snapshot);
  g_clear_object (&self->result_before);
  g_clear_object (&self->compared);
  G_OBJECT_CLASS (tacet_window_parent_class)->finalize (object);
}

static void
bind_children (GtkWidgetClass *class)
{
  gtk_widget_class_bind_template_child (class, TacetWindow, toasts);
  gtk_widget_class_bind_template_child (class, TacetWindow, title);
  gtk_widget_class_bind_template_child (class, TacetWindow, flap);
  gtk_widget_class_bind_template_child (class, TacetWindow, open);
  gtk_widget_class_bind_template_child (class, TacetWindow, main_menu);
  gtk_widget_class_bind_template_child (class, TacetWindow, undo);
  gtk_widget_class_bind_template_child (class, TacetWindow, redo);
  gtk_widget_class_bind_template_child (class, TacetWindow, canvas);
  gtk_widget_class_bind_template_child (class, TacetWindow, history_button);
  gtk_widget_class_bind_template_child (class, TacetWindow, history);
  gtk_widget_class_bind_template_child (class, TacetWindow, staging);
  gtk_widget_class_bind_template_child (class, TacetWindow, compare);
  gtk_widget_class_bind_template_child (class, TacetWindow, diagnostics);
  gtk_widget_class_bind_template_child (class, TacetWindow, diagnostics_revealer);
  gtk_widget_class_bind_template_child (class, TacetWindow, settings);
  gtk_widget_class_bind_template_child (class, TacetWindow, layers);
  gtk_widget_class_bind_template_child (class, TacetWindow, empty_hint);
  gtk_widget_class_bind_template_child (class, TacetWindow, zoom_menu);
  gtk_widget_class_bind_template_child (class, TacetWindow, tool_strip);
  gtk_widget_class_bind_template_child (class, TacetWindow, tool_options);
  gtk_widget_class_bind_template_child (class, TacetWindow, tool_hint);
  gtk_widget_class_bind_template_child (class, TacetWindow, picture_switch);
  gtk_widget_class_bind_template_child (class, TacetWindow, run_stack);
  gtk_widget_class_bind_template_child (class, TacetWindow, generate);
  gtk_widget_class_bind_template_child (class, TacetWindow, cancel);
  gtk_widget_class_bind_template_child (class, TacetWindow, progress_bar);
  gtk_widget_class_bind_template_child (class, TacetWindow, status);
  gtk_widget_class_bind_template_callback (class, hint_cb);
  gtk_widget_class_bind_template_callback (class, zoom_changed_cb);
}

static void
tacet_window_class_init (TacetWindowClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = tacet_window_dispose;
  G_OBJECT_CLASS (class)->finalize = tacet_window_finalize;
  widget_class->unrealize = tacet_window_unrealize;
  GTK_WINDOW_CLASS (class)->close_request = tacet_window_close_request;
  g_type_ensure (TACET_TYPE_CANVAS);
  g_type_ensure (TACET_TYPE_COMPARE);
  g_type_ensure (TACET_TYPE_DIAGNOSTICS);
  g_type_ensure (TACET_TYPE_HISTORY_LIST);
  g_type_ensure (TACET_TYPE_LAYER_PANEL);
  g_type_ensure (TACET_TYPE_SETTINGS);
  g_type_ensure (TACET_TYPE_STAGING);
  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/tacet/Tacet/ui/tacet-window.ui");
  bind_children (widget_class);
  _tacet_window_class_init_actions (widget_class);
  _tacet_window_class_init_layers (widget_class);
  _tacet_window_class_init_results (widget_class);
}

/* Menus stand in a file of their own; templates cannot refer to another one. */
static void
load_menus (TacetWindow *self)
{
  g_autoptr (GtkBuilder) builder = gtk_builder_new_from_resource ("/io/github/tacet/Tacet/ui/tacet-menus.ui");

  adw_split_button_set_menu_model (self->open, G_MENU_MODEL (gtk_builder_get_object (builder, "open_menu")));
  gtk_menu_button_set_menu_model (self->main_menu, G_MENU_MODEL (gtk_builder_get_object (builder, "primary_menu")));
  gtk_menu_button_set_menu_model (self->zoom_menu, G_MENU_MODEL (gtk_builder_get_object (builder, "zoom_menu")));
  adw_split_button_set_menu_model (self->generate, G_MENU_MODEL (gtk_builder_get_object (builder, "run_menu")));
  _tacet_window_init_results (self, G_MENU_MODEL (gtk_builder_get_object (builder, "result_menu")));
}

static void
tacet_window_init (TacetWindow *self)
{
  g_autoptr (TacetScene) scene = tacet_scene_new (NEW_DOCUMENT_SIDE, NEW_DOCUMENT_SIDE);

  self->enabled = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  gtk_widget_init_template (GTK_WIDGET (self));
  load_menus (self);
  _tacet_window_init_pictures (self);
  _tacet_window_init_drop (self);
  _tacet_window_init_actions (self);
  _tacet_window_init_preferences (self);
  _tacet_window_init_problems (self);
  _tacet_window_init_layers (self);
  g_signal_connect_object (self->layers, "notify::selected", G_CALLBACK (layer_chosen_cb), self, G_CONNECT_SWAPPED);
  _tacet_window_init_recent (self);
  _tacet_window_init_panes (self);
  _tacet_window_init_hints (self);
  _tacet_window_set_scene (self, scene, NULL);
  zoom_changed_cb (self);
  gtk_widget_grab_focus (GTK_WIDGET (self->canvas));
}

GtkWidget *
tacet_window_new (GtkApplication *application, const char *example)
{
  TacetWindow *self = g_object_new (TACET_TYPE_WINDOW, "application", application, NULL);

  self->example = g_strdup (example);
  _tacet_window_update_actions (self);
  return GTK_WIDGET (self);
}

void
tacet_ui_init (void)
{
  g_autoptr (GtkCssProvider) style = NULL;
  GdkDisplay *display = gdk_display_get_default ();

  g_resources_register (tacet_ui_get_resource ());
  if (display == NULL)
    return;
  /* To look at the window as those see it who write from right to left, without their language. */
  if (g_strcmp0 (g_getenv ("TACET_TEXT_DIRECTION"), "rtl") == 0)
    gtk_widget_set_default_direction (GTK_TEXT_DIR_RTL);
  style = gtk_css_provider_new ();
  gtk_css_provider_load_from_resource (style, "/io/github/tacet/Tacet/ui/style.css");
  gtk_style_context_add_provider_for_display (display, GTK_STYLE_PROVIDER (style),
                                              GTK_STYLE_PROVIDER_PRIORITY_APPLICATION);
  gtk_icon_theme_add_resource_path (gtk_icon_theme_get_for_display (display), "/io/github/tacet/Tacet/icons");
}
