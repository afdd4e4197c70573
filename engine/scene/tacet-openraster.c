/* tacet-openraster.c: layers, what is seen of them, and writing.
 *
 * Room: engine/scene.
 */
#define G_LOG_DOMAIN "tacet-scene"
#include "config.h"

#include "engine/weights/tacet-zip.h"
#include "tacet-openraster.h"
#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#define THUMBNAIL_SIDE 256
#define SOURCE_OVER    "svg:src-over"

TacetRasterLayer *
tacet_raster_layer_new (const char *name, const char *source, GBytes *png)
{
  TacetRasterLayer *self = g_new0 (TacetRasterLayer, 1);
  self->name = g_strdup (name);
  self->visible = TRUE;
  self->opacity = 1;
  self->composite_op = g_strdup (SOURCE_OVER);
  self->source = g_strdup (source);
  self->png = png ? g_bytes_ref (png) : NULL;
  return self;
}

void
tacet_raster_layer_free (TacetRasterLayer *self)
{
  g_free (self->name);
  g_free (self->composite_op);
  g_free (self->source);
  g_clear_pointer (&self->png, g_bytes_unref);
  g_free (self);
}

static void
file_free (gpointer data)
{
  TacetRasterFile *self = data;
  g_free (self->path);
  g_bytes_unref (self->bytes);
  g_free (self);
}

TacetRaster *
tacet_raster_new (int width, int height)
{
  TacetRaster *self = g_new0 (TacetRaster, 1);
  self->width = width;
  self->height = height;
  self->layers = g_ptr_array_new_with_free_func ((GDestroyNotify) tacet_raster_layer_free);
  self->files = g_ptr_array_new_with_free_func (file_free);
  self->notes = g_ptr_array_new_with_free_func (g_free);
  return self;
}

void
tacet_raster_free (TacetRaster *self)
{
  g_ptr_array_unref (self->layers);
  g_ptr_array_unref (self->files);
  g_ptr_array_unref (self->notes);
  g_free (self);
}

void
tacet_raster_add_file (TacetRaster *self, const char *path, GBytes *bytes)
{
  TacetRasterFile *file = g_new0 (TacetRasterFile, 1);
  file->path = g_strdup (path);
  file->bytes = g_bytes_ref (bytes);
  g_ptr_array_add (self->files, file);
}

GBytes *
tacet_raster_find_file (const TacetRaster *self, const char *path)
{
  for (guint i = 0; i < self->files->len; i++)
    {
      const TacetRasterFile *file = self->files->pdata[i];
      if (g_str_equal (file->path, path))
        return file->bytes;
    }
  return NULL;
}

static gboolean
no_memory (GError **error)
{
  g_set_error_literal (error, TACET_IMAGE_ERROR, TACET_IMAGE_ERROR_NO_MEMORY, _ ("There is not enough memory."));
  return FALSE;
}

TacetImage *
tacet_raster_layer_image (const TacetRasterLayer *self, GError **error)
{
  gsize size = 0;
  gconstpointer data = self->png ? g_bytes_get_data (self->png, &size) : NULL;
  if (!data)
    {
      g_set_error (error, TACET_IMAGE_ERROR, TACET_IMAGE_ERROR_FORMAT,
                   _ ("The picture of the layer “%s” is missing in the file."), self->name);
      return NULL;
    }
  g_autoptr (TacetImage) image = tacet_image_decode_png (data, size, self->name, error);
  if (!image)
    return NULL;
  TacetImage *converted = image->channels == 4 ? g_steal_pointer (&image) : tacet_image_convert (image, 4);
  if (!converted)
    no_memory (error);
  return converted;
}

/* ---- what is seen ---- */

/* Straight alpha over straight alpha (W3C compositing, "source over"). */
static void
blend_pixel (guint8 *below, const guint8 *above, double opacity)
{
  double alpha = above[3] / 255.0 * opacity, rest = below[3] / 255.0 * (1 - alpha), sum = alpha + rest;
  if (alpha <= 0)
    return;
  for (int c = 0; c < 3; c++)
    below[c] = (guint8) ((above[c] * alpha + below[c] * rest) / sum + 0.5);
  below[3] = (guint8) (255 * sum + 0.5);
}

static void
blend (TacetImage *below, const TacetImage *above, const TacetRasterLayer *layer)
{
  int x0 = MAX (0, layer->x), x1 = MIN (below->width, layer->x + above->width);
  int y0 = MAX (0, layer->y), y1 = MIN (below->height, layer->y + above->height);
  for (int y = y0; y < y1 && x0 < x1; y++)
    {
      guint8 *to = below->data + 4 * ((gsize) y * below->width + x0);
      const guint8 *from = above->data + 4 * ((gsize) (y - layer->y) * above->width + x0 - layer->x);
      for (int x = x0; x < x1; x++, to += 4, from += 4)
        if (from[3] == 255 && layer->opacity == 1)
          memcpy (to, from, 4);
        else
          blend_pixel (to, from, layer->opacity);
    }
}

TacetImage *
tacet_raster_render (const TacetRaster *self, GError **error)
{
  g_autoptr (TacetImage) all = tacet_image_new (self->width, self->height, 4);
  if (!all)
    {
      no_memory (error);
      return NULL;
    }
  for (guint i = self->layers->len; i-- > 0;)
    {
      const TacetRasterLayer *layer = self->layers->pdata[i];
      g_autoptr (TacetImage) image = NULL;
      if (!layer->visible || !layer->png || layer->opacity <= 0)
        continue;
      if (!(image = tacet_raster_layer_image (layer, error)))
        return NULL;
      blend (all, image, layer);
    }
  return g_steal_pointer (&all);
}

/* ---- writing ---- */

/* As XML can hold it: no control characters. */
static void
append_attribute (GString *xml, const char *name, const char *value)
{
  g_autofree char *valid = g_utf8_make_valid (value, -1);
  for (char *c = valid; *c; c++)
    if (g_ascii_iscntrl (*c))
      *c = ' ';
  g_autofree char *escaped = g_markup_escape_text (valid, -1);
  g_string_append_printf (xml, " %s=\"%s\"", name, escaped);
}

static void
append_layer (GString *xml, const TacetRasterLayer *layer)
{
  char opacity[G_ASCII_DTOSTR_BUF_SIZE];
  g_ascii_formatd (opacity, sizeof opacity, "%.6f", CLAMP (layer->opacity, 0, 1));
  g_string_append (xml, "    <layer");
  append_attribute (xml, "name", layer->name);
  append_attribute (xml, "src", layer->source);
  g_string_append_printf (xml, " x=\"%d\" y=\"%d\" opacity=\"%s\"", layer->x, layer->y, opacity);
  append_attribute (xml, "visibility", layer->visible ? "visible" : "hidden");
  append_attribute (xml, "composite-op", layer->composite_op);
  if (layer->locked)
    append_attribute (xml, "edit-locked", "true");
  g_string_append (xml, "/>\n");
}

static char *
stack_xml (const TacetRaster *self)
{
  GString *xml = g_string_new ("<?xml version='1.0' encoding='UTF-8'?>\n");
  g_string_append_printf (xml, "<image version=\"0.0.5\" w=\"%d\" h=\"%d\" xres=\"72\" yres=\"72\">\n  <stack>\n",
                          self->width, self->height);
  for (guint i = 0; i < self->layers->len; i++)
    append_layer (xml, self->layers->pdata[i]);
  g_string_append (xml, "  </stack>\n</image>\n");
  return g_string_free (xml, FALSE);
}

static TacetImage *
thumbnail_of (const TacetImage *image)
{
  double scale = MIN (1.0, (double) THUMBNAIL_SIDE / MAX (image->width, image->height));
  return tacet_image_resize (image, MAX (1, (int) lround (image->width * scale)),
                             MAX (1, (int) lround (image->height * scale)), FALSE);
}

typedef struct
{
  const TacetRaster *raster;
  GBytes *merged, *thumbnail;
} Writing;

static int
add_bytes (TacetZipWriter *zip, const char *path, GBytes *bytes)
{
  gsize size;
  gconstpointer data = g_bytes_get_data (bytes, &size);
  return tacet_zip_writer_add (zip, path, data, size);
}

static int
write_archive (int fd, gpointer data, GError **error)
{
  const Writing *self = data;
  const TacetRaster *raster = self->raster;
  g_autoptr (TacetZipWriter) zip = tacet_zip_writer_new (fd);
  g_autoptr (GHashTable) written = g_hash_table_new (g_str_hash, g_str_equal); /* layers may share a picture */
  g_autofree char *xml = stack_xml (raster);
  int code = tacet_zip_writer_add (zip, "mimetype", "image/openraster", strlen ("image/openraster"));
  if (!code)
    code = tacet_zip_writer_add (zip, "stack.xml", xml, strlen (xml));
  for (guint i = 0; i < raster->layers->len && !code; i++)
    {
      const TacetRasterLayer *layer = raster->layers->pdata[i];
      if (layer->png && g_hash_table_add (written, layer->source))
        code = add_bytes (zip, layer->source, layer->png);
    }
  for (guint i = 0; i < raster->files->len && !code; i++)
    {
      const TacetRasterFile *file = raster->files->pdata[i];
      if (g_hash_table_add (written, file->path))
        code = add_bytes (zip, file->path, file->bytes);
    }
  if (!code)
    code = add_bytes (zip, "mergedimage.png", self->merged);
  if (!code)
    code = add_bytes (zip, "Thumbnails/thumbnail.png", self->thumbnail);
  return code ? code : tacet_zip_writer_finish (zip);
}

gboolean
tacet_raster_write (const TacetRaster *self, const char *path, GError **error)
{
  g_autoptr (TacetImage) all = tacet_raster_render (self, error);
  g_autoptr (TacetImage) small = all ? thumbnail_of (all) : NULL;
  if (!all || !small)
    return all ? no_memory (error) : FALSE;
  g_autoptr (GBytes) merged = tacet_image_encode_png_fast (all, NULL, error);
  g_autoptr (GBytes) thumbnail = merged ? tacet_image_encode_png (small, error) : NULL;
  Writing writing = { self, merged, thumbnail };
  return thumbnail && tacet_write_file_with (path, write_archive, &writing, error);
}
