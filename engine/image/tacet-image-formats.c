/* tacet-image-formats.c: the formats of picture files, and which of them this computer can decode.
 *
 * Room: engine/image.
 */
#include "tacet-image-file.h"
#include "tacet-pixbuf.h"
#include <gdk-pixbuf/gdk-pixbuf.h>
#include <string.h>

static const struct
{
  const char *name;
  const char *loader; /* as gdk-pixbuf calls it; NULL: our own */
  const char *mime_types[4], *suffixes[6];
} formats[TACET_N_FORMATS] = {
  [TACET_FORMAT_NONE] = { "", "" },
  [TACET_FORMAT_PNG] = { "PNG", NULL, { "image/png" }, { "png" } },
  [TACET_FORMAT_JPEG] = { "JPEG", "jpeg", { "image/jpeg", "image/jpg" }, { "jpg", "jpeg", "jpe", "jfif" } },
  [TACET_FORMAT_WEBP] = { "WebP", "webp", { "image/webp" }, { "webp" } },
  [TACET_FORMAT_AVIF] = { "AVIF",
                          "heif/avif",
                          { "image/avif", "image/heic", "image/heif" },
                          { "avif", "heic", "heif" } },
  [TACET_FORMAT_TIFF] = { "TIFF", "tiff", { "image/tiff" }, { "tiff", "tif" } },
  [TACET_FORMAT_GIF] = { "GIF", "gif", { "image/gif" }, { "gif" } },
  [TACET_FORMAT_BMP] = { "BMP", "bmp", { "image/bmp", "image/x-bmp" }, { "bmp" } },
};

const char *
tacet_image_format_name (TacetImageFormat format)
{
  return formats[format].name;
}

const char *const *
tacet_image_format_mime_types (TacetImageFormat format)
{
  return formats[format].mime_types;
}

const char *const *
tacet_image_format_suffixes (TacetImageFormat format)
{
  return formats[format].suffixes;
}

const char *
tacet_pixbuf_loader_name (TacetImageFormat format)
{
  return formats[format].loader;
}

gboolean
tacet_image_format_is_installed (TacetImageFormat format)
{
  const char *loader = formats[format].loader;
  g_autoptr (GSList) installed = loader != NULL ? gdk_pixbuf_get_formats () : NULL;
  gboolean found = loader == NULL;
  for (GSList *at = installed; at != NULL && !found; at = at->next)
    {
      g_autofree char *name = gdk_pixbuf_format_get_name (at->data);
      found = g_str_equal (name, loader) && !gdk_pixbuf_format_is_disabled (at->data);
    }
  return found;
}

gboolean
tacet_image_has_suffix (const char *name)
{
  const char *dot = name != NULL ? strrchr (name, '.') : NULL;
  for (TacetImageFormat format = TACET_FORMAT_PNG; dot != NULL && format < TACET_N_FORMATS; format++)
    for (const char *const *suffix = formats[format].suffixes; *suffix != NULL; suffix++)
      if (g_ascii_strcasecmp (dot + 1, *suffix) == 0)
        return tacet_image_format_is_installed (format);
  return FALSE;
}
