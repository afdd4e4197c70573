/* tacet-window-drop.c: what is dragged over the canvas, and what becomes of it where it is dropped.
 *
 * Room: ui.  What is dragged is looked into while it is still in the air, so that only zones are shown that can be
 * used; one that is let go before that waits.
 */
#define G_LOG_DOMAIN "tacet-window-drop"

#include "config.h"

#include "ui/tacet-content.h"
#include "ui/tacet-window-private.h"

#include <glib/gi18n.h>

/* One drag over one window. */
typedef struct
{
  gatomicrefcount refs;
  TacetWindow *window;
  GdkDrop *drop;
  GStrv paths;          /* once they are known */
  TacetDragged *kinds;  /* of each path */
  TacetDragged dragged; /* all together */
  gboolean known;       /* it has been looked into */
  gboolean dropped;     /* let go over `zone` */
  TacetZone zone;
} Visit;

static Visit *
visit_ref (Visit *self)
{
  g_atomic_ref_count_inc (&self->refs);
  return self;
}

static void
visit_unref (Visit *self)
{
  if (!g_atomic_ref_count_dec (&self->refs))
    return;
  g_object_unref (self->window);
  g_object_unref (self->drop);
  g_strfreev (self->paths);
  g_free (self->kinds);
  g_free (self);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Visit, visit_unref)

/* The one that is over the window now; borrowed. */
static Visit *
current (TacetWindow *self)
{
  return g_object_get_data (G_OBJECT (self->drop_zones), "visit");
}

static void
show_zones (TacetWindow *self, Visit *visit)
{
  if (current (self) == visit)
    tacet_drop_zones_set (self->drop_zones, tacet_dragged_zones (visit->dragged));
}

/* ---- what is done with it ---- */

static GPtrArray *
sources_of (Visit *visit)
{
  GPtrArray *sources = g_ptr_array_new_with_free_func ((GDestroyNotify) tacet_source_free);

  for (int i = 0; visit->paths != NULL && visit->paths[i] != NULL; i++)
    if ((visit->kinds[i] & TACET_DRAGGED_PICTURE) != 0)
      g_ptr_array_add (sources, tacet_source_new_path (visit->paths[i]));
  return sources;
}

static const char *
first_path (Visit *visit, TacetDragged kind)
{
  for (int i = 0; visit->paths != NULL && visit->paths[i] != NULL; i++)
    if ((visit->kinds[i] & kind) != 0)
      return visit->paths[i];
  return NULL;
}

static void
open_dropped (TacetWindow *self)
{
  const char *path = g_object_get_data (G_OBJECT (self), "dropped-path");

  if (path != NULL)
    _tacet_window_open_path (self, path);
}

static void
act_on_files (TacetWindow *self, Visit *visit)
{
  const char *scene = first_path (visit, TACET_DRAGGED_SCENE), *pose = first_path (visit, TACET_DRAGGED_POSE);
  TacetImportAs as;

  if (tacet_zone_import (visit->zone, &as))
    {
      _tacet_window_import_sources (self, sources_of (visit), as);
    }
  else if (visit->zone == TACET_ZONE_PROJECT && scene != NULL)
    {
      g_object_set_data_full (G_OBJECT (self), "dropped-path", g_strdup (scene), g_free);
      _tacet_window_guard_unsaved (self, open_dropped);
    }
  else if (visit->zone == TACET_ZONE_POSE && pose != NULL)
    {
      _tacet_window_import_pose_file (self, pose);
    }
}

static gboolean
has_image (GdkContentFormats *formats)
{
  return _tacet_window_find_image (formats) != NULL;
}

/* Everything is known and it has been let go. */
static void
act (Visit *visit)
{
  TacetWindow *self = visit->window;
  GdkContentFormats *formats = gdk_drop_get_formats (visit->drop);
  TacetImportAs as = TACET_IMPORT_PICTURE;

  if (visit->paths != NULL && visit->paths[0] != NULL)
    {
      act_on_files (self, visit);
      gdk_drop_finish (visit->drop, GDK_ACTION_COPY);
    }
  else if (visit->zone == TACET_ZONE_LAYER)
    {
      _tacet_window_take_layer (self, visit->drop);
    }
  else if (tacet_zone_import (visit->zone, &as) && has_image (formats))
    {
      _tacet_window_take_image (self, visit->drop, as);
    }
  else
    {
      _tacet_window_toast (self, _ ("Only files of this computer can be used. Copy it here first."));
      gdk_drop_finish (visit->drop, 0);
    }
}

static void
let_go (Visit *visit)
{
  if (visit->dropped && visit->known && visit->window->canvas != NULL)
    act (visit);
}

/* ---- looking into it ---- */

static void
look_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Visit *visit = data;

  for (int i = 0; visit->paths[i] != NULL; i++)
    visit->kinds[i] = tacet_dragged_of_file (visit->paths[i]);
  g_task_return_boolean (task, TRUE);
}

static void
become_known (Visit *visit)
{
  visit->known = TRUE;
  if (visit->window->canvas == NULL)
    return;
  show_zones (visit->window, visit);
  let_go (visit);
}

static void
looked_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (Visit) visit = data;

  visit->dragged = 0;
  for (int i = 0; visit->paths[i] != NULL; i++)
    visit->dragged |= visit->kinds[i];
  become_known (visit);
}

static void
files_read_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (Visit) visit = data;
  g_autoptr (GStrvBuilder) paths = g_strv_builder_new ();
  const GValue *value = gdk_drop_read_value_finish (GDK_DROP (source), result, NULL);
  g_autoptr (GTask) task = NULL;

  for (GSList *at = value != NULL ? g_value_get_boxed (value) : NULL; at != NULL; at = at->next)
    {
      g_autofree char *path = g_file_get_path (at->data);

      if (path != NULL)
        g_strv_builder_add (paths, path);
    }
  visit->paths = g_strv_builder_end (paths);
  if (visit->paths[0] == NULL) /* from a browser: the picture itself may be there */
    {
      visit->dragged = has_image (gdk_drop_get_formats (visit->drop)) ? TACET_DRAGGED_PICTURE : 0;
      become_known (visit);
      return;
    }
  visit->kinds = g_new0 (TacetDragged, g_strv_length (visit->paths));
  task = g_task_new (NULL, NULL, looked_cb, visit_ref (visit));
  g_task_set_task_data (task, visit_ref (visit), (GDestroyNotify) visit_unref);
  g_task_run_in_thread (task, look_thread);
}

/* Until files are looked into they are taken for pictures. */
static void
look (Visit *visit)
{
  GdkContentFormats *formats = gdk_drop_get_formats (visit->drop);
  gboolean files = gdk_content_formats_contain_gtype (formats, GDK_TYPE_FILE_LIST) ||
                   gdk_content_formats_contain_mime_type (formats, "text/uri-list");

  if (gdk_content_formats_contain_mime_type (formats, TACET_LAYER_MIME_TYPE))
    visit->dragged |= TACET_DRAGGED_LAYER;
  if (has_image (formats) || files)
    visit->dragged |= TACET_DRAGGED_PICTURE;
  if (files && (visit->dragged & TACET_DRAGGED_LAYER) == 0)
    gdk_drop_read_value_async (visit->drop, GDK_TYPE_FILE_LIST, G_PRIORITY_DEFAULT, NULL, files_read_cb,
                               visit_ref (visit));
  else
    become_known (visit);
}

/* ---- the target ---- */

static GdkDragAction
enter_cb (TacetWindow *self, GdkDrop *drop)
{
  Visit *visit = current (self);

  if (visit == NULL || visit->drop != drop)
    {
      visit = g_new0 (Visit, 1);
      g_atomic_ref_count_init (&visit->refs);
      visit->window = g_object_ref (self);
      visit->drop = g_object_ref (drop);
      visit->zone = TACET_NO_ZONE;
      g_object_set_data_full (G_OBJECT (self->drop_zones), "visit", visit, (GDestroyNotify) visit_unref);
      look (visit);
    }
  show_zones (self, visit);
  gtk_widget_set_visible (GTK_WIDGET (self->drop_zones), TRUE);
  return GDK_ACTION_COPY;
}

static GdkDragAction
motion_cb (TacetWindow *self, GdkDrop *drop, double x, double y)
{
  TacetZone zone = tacet_drop_zones_at (self->drop_zones, x, y);

  tacet_drop_zones_point (self->drop_zones, zone);
  return zone != TACET_NO_ZONE ? GDK_ACTION_COPY : 0;
}

static void
leave_cb (TacetWindow *self, GdkDrop *drop)
{
  tacet_drop_zones_point (self->drop_zones, TACET_NO_ZONE);
  gtk_widget_set_visible (GTK_WIDGET (self->drop_zones), FALSE);
  g_object_set_data (G_OBJECT (self->drop_zones), "visit", NULL);
}

static gboolean
drop_cb (TacetWindow *self, GdkDrop *drop, double x, double y)
{
  g_autoptr (Visit) visit = current (self) != NULL ? visit_ref (current (self)) : NULL;
  TacetZone zone = tacet_drop_zones_at (self->drop_zones, x, y);

  leave_cb (self, drop);
  if (visit == NULL || zone == TACET_NO_ZONE)
    return FALSE;
  visit->zone = zone;
  visit->dropped = TRUE;
  let_go (visit);
  return TRUE;
}

static gboolean
accept_cb (TacetWindow *self, GdkDrop *drop)
{
  GdkContentFormats *formats = gdk_drop_get_formats (drop);

  return has_image (formats) || gdk_content_formats_contain_gtype (formats, GDK_TYPE_FILE_LIST) ||
         gdk_content_formats_contain_mime_type (formats, "text/uri-list") ||
         gdk_content_formats_contain_mime_type (formats, TACET_LAYER_MIME_TYPE);
}

void
_tacet_window_init_drop (TacetWindow *self)
{
  GtkDropTargetAsync *target = gtk_drop_target_async_new (NULL, GDK_ACTION_COPY);
  GtkWidget *overlay = gtk_widget_get_ancestor (GTK_WIDGET (self->canvas), GTK_TYPE_OVERLAY);

  self->drop_zones = TACET_DROP_ZONES (tacet_drop_zones_new ());
  gtk_widget_set_visible (GTK_WIDGET (self->drop_zones), FALSE);
  gtk_overlay_add_overlay (GTK_OVERLAY (overlay), GTK_WIDGET (self->drop_zones));
  g_signal_connect_object (target, "accept", G_CALLBACK (accept_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (target, "drag-enter", G_CALLBACK (enter_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (target, "drag-motion", G_CALLBACK (motion_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (target, "drag-leave", G_CALLBACK (leave_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (target, "drop", G_CALLBACK (drop_cb), self, G_CONNECT_SWAPPED);
  gtk_widget_add_controller (overlay, GTK_EVENT_CONTROLLER (target));
}
