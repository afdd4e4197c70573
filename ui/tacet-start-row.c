/* tacet-start-row.c: see tacet-start-row.h.  Room: ui. */
#define G_LOG_DOMAIN "tacet-start-row"

#include "config.h"

#include "ui/tacet-start-row.h"

#include <glib/gi18n.h>

#define THUMBNAIL 96 /* pixels of the longer side, for twice the size that is shown */

struct _TacetStartRow
{
  AdwExpanderRow parent_instance;

  AdwActionRow *picture, *change_row, *mask, *feather_row;
  GtkPicture *picture_view, *mask_view;
  GtkScale *change;
  GtkSpinButton *feather;
  GtkWidget *no_picture, *no_mask;

  TacetScene *scene;
  TacetImage *shown_picture, *shown_mask; /* as the thumbnails are */
  gboolean syncing;
};

G_DEFINE_FINAL_TYPE (TacetStartRow, tacet_start_row, ADW_TYPE_EXPANDER_ROW)

/* ---- from the document ---- */

static GdkTexture *
make_texture (const TacetImage *image)
{
  double scale = (double) THUMBNAIL / MAX (image->width, image->height);
  g_autoptr (TacetImage) small =
      tacet_image_resize (image, MAX ((int) (image->width * scale), 1), MAX ((int) (image->height * scale), 1), FALSE);
  g_autoptr (TacetImage) rgb = small != NULL ? tacet_image_convert (small, 3) : NULL;
  g_autoptr (GBytes) bytes = NULL;

  if (rgb == NULL)
    return NULL;
  bytes = g_bytes_new (rgb->data, (gsize) rgb->width * rgb->height * 3);
  return gdk_memory_texture_new (rgb->width, rgb->height, GDK_MEMORY_R8G8B8, bytes, (gsize) rgb->width * 3);
}

/* Scaling a large picture at every change of the scene would be felt. */
static void
show_image (AdwActionRow *row, GtkPicture *view, TacetImage **shown, const TacetImage *image, const char *none)
{
  g_autofree char *size = image != NULL ? g_strdup_printf ("%d × %d", image->width, image->height) : g_strdup (none);
  g_autoptr (GdkTexture) texture = NULL;

  adw_action_row_set_subtitle (row, size);
  if (*shown == image)
    return;
  g_clear_pointer (shown, tacet_image_unref);
  *shown = image != NULL ? tacet_image_ref ((TacetImage *) image) : NULL;
  texture = image != NULL ? make_texture (image) : NULL;
  gtk_picture_set_paintable (view, GDK_PAINTABLE (texture));
  gtk_widget_set_visible (GTK_WIDGET (view), texture != NULL);
}

/* The topmost layer of the kind that takes part, or NULL; borrowed. */
static TacetLayer *
first_layer (TacetScene *scene, TacetLayerKind kind)
{
  GListModel *layers = tacet_scene_get_layers (scene);

  for (guint i = 0; i < g_list_model_get_n_items (layers); i++)
    {
      g_autoptr (TacetLayer) layer = g_list_model_get_item (layers, i);

      if (tacet_layer_get_kind (layer) == kind && tacet_layer_get_enabled (layer))
        return layer;
    }
  return NULL;
}

static char *
summary (TacetScene *scene)
{
  int percent = (int) (100 * tacet_scene_get_denoising_strength (scene) + 0.5);

  if (!tacet_scene_has_picture (scene))
    return g_strdup (_ ("From nothing"));
  /* Translators: how much of the start picture is changed, in percent, and that only a part of it is */
  return g_strdup_printf (tacet_scene_has_mask (scene) ? _ ("%d %% changed, inside the mask") : _ ("%d %% changed"),
                          percent);
}

static void
scene_changed_cb (TacetStartRow *self)
{
  const TacetImage *picture, *mask;
  TacetLayer *layer;
  g_autofree char *text = NULL;

  if (self->scene == NULL || self->syncing)
    return;
  self->syncing = TRUE;
  layer = first_layer (self->scene, TACET_LAYER_PICTURE);
  picture = layer != NULL ? tacet_layer_get_picture (layer) : NULL;
  layer = first_layer (self->scene, TACET_LAYER_MASK);
  mask = layer != NULL ? tacet_layer_get_coverage (layer) : NULL;
  text = summary (self->scene);
  adw_expander_row_set_subtitle (ADW_EXPANDER_ROW (self), text);
  show_image (self->picture, self->picture_view, &self->shown_picture, picture, _ ("None"));
  show_image (self->mask, self->mask_view, &self->shown_mask, mask, _ ("None: all of it changes"));
  gtk_range_set_value (GTK_RANGE (self->change), tacet_scene_get_denoising_strength (self->scene));
  gtk_spin_button_set_value (self->feather, tacet_scene_get_mask_feather (self->scene));
  gtk_widget_set_sensitive (GTK_WIDGET (self->change_row), picture != NULL);
  gtk_widget_set_sensitive (GTK_WIDGET (self->mask), picture != NULL);
  gtk_widget_set_sensitive (GTK_WIDGET (self->feather_row), picture != NULL && mask != NULL);
  gtk_widget_set_visible (self->no_picture, picture != NULL);
  gtk_widget_set_visible (self->no_mask, mask != NULL);
  self->syncing = FALSE;
}

void
tacet_start_row_set_scene (TacetStartRow *self, TacetScene *scene)
{
  if (self->scene != NULL)
    g_signal_handlers_disconnect_by_func (self->scene, scene_changed_cb, self);
  g_set_object (&self->scene, scene);
  if (scene == NULL)
    return;
  g_signal_connect_object (scene, "changed", G_CALLBACK (scene_changed_cb), self, G_CONNECT_SWAPPED);
  scene_changed_cb (self);
}

/* ---- to the document ---- */

static void
change_changed_cb (TacetStartRow *self)
{
  if (!self->syncing && self->scene != NULL)
    tacet_scene_set_denoising_strength (self->scene, gtk_range_get_value (GTK_RANGE (self->change)));
}

static void
feather_changed_cb (TacetStartRow *self)
{
  if (!self->syncing && self->scene != NULL)
    tacet_scene_set_mask_feather (self->scene, gtk_spin_button_get_value (self->feather));
}

static char *
format_change (GtkScale *scale, double value, gpointer data)
{
  /* Translators: a share in percent */
  return g_strdup_printf (_ ("%.0f %%"), 100 * value);
}

/* ---- class ---- */

static void
tacet_start_row_dispose (GObject *object)
{
  TacetStartRow *self = TACET_START_ROW (object);

  tacet_start_row_set_scene (self, NULL);
  g_clear_pointer (&self->shown_picture, tacet_image_unref);
  g_clear_pointer (&self->shown_mask, tacet_image_unref);
  gtk_widget_dispose_template (GTK_WIDGET (self), TACET_TYPE_START_ROW);
  G_OBJECT_CLASS (tacet_start_row_parent_class)->dispose (object);
}

static void
tacet_start_row_class_init (TacetStartRowClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = tacet_start_row_dispose;
  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/tacet/Tacet/ui/tacet-start-row.ui");
  gtk_widget_class_bind_template_child (widget_class, TacetStartRow, picture);
  gtk_widget_class_bind_template_child (widget_class, TacetStartRow, picture_view);
  gtk_widget_class_bind_template_child (widget_class, TacetStartRow, no_picture);
  gtk_widget_class_bind_template_child (widget_class, TacetStartRow, change_row);
  gtk_widget_class_bind_template_child (widget_class, TacetStartRow, change);
  gtk_widget_class_bind_template_child (widget_class, TacetStartRow, mask);
  gtk_widget_class_bind_template_child (widget_class, TacetStartRow, mask_view);
  gtk_widget_class_bind_template_child (widget_class, TacetStartRow, no_mask);
  gtk_widget_class_bind_template_child (widget_class, TacetStartRow, feather_row);
  gtk_widget_class_bind_template_child (widget_class, TacetStartRow, feather);
  gtk_widget_class_bind_template_callback (widget_class, change_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, feather_changed_cb);
}

static void
tacet_start_row_init (TacetStartRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_scale_set_format_value_func (self->change, format_change, NULL, NULL);
}
