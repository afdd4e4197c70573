/* tacet-openraster-read.c: OpenRaster files of any program, read without trusting them.
 *
 * Room: engine/scene.  stack.xml is read as it comes: groups are flattened into one list, with what they say of
 * opacity and visibility given to their layers.
 */
#define G_LOG_DOMAIN "tacet-scene"
#include "config.h"

#include "engine/weights/tacet-zip.h"
#include "tacet-openraster.h"
#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_STACK   (4u << 20)   /* bytes of stack.xml */
#define MAX_ENTRY   (512u << 20) /* bytes of one picture */
#define MAX_ALL     (G_GUINT64_CONSTANT (2) << 30)
#define MAX_ENTRIES 20000
#define MAX_DEPTH   64 /* of groups */
#define MAX_OFFSET  1000000
#define MAX_NAME    4096
#define SOURCE_OVER "svg:src-over"
#define OWN_FOLDER  "tacet/"

gboolean
tacet_raster_is_file (const char *path)
{
  guint8 start[4];
  int fd = g_open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK, 0);
  gboolean archive = fd >= 0 && read (fd, start, 4) == 4 && memcmp (start, "PK\3\4", 4) == 0;
  if (fd >= 0)
    close (fd);
  return archive;
}

/* ---- stack.xml ---- */

typedef struct
{
  double opacity;
  gboolean visible, isolated;
  int x, y;
} Group;

typedef struct
{
  TacetRaster *raster;
  GArray *groups; /* of Group, the innermost last */
  gboolean flattened, blended, skipped;
} Stack;

static gboolean
set_invalid (GError **error, const char *message)
{
  g_set_error_literal (error, G_MARKUP_ERROR, G_MARKUP_ERROR_INVALID_CONTENT, message);
  return FALSE;
}

static const char *
attribute (const char **names, const char **values, const char *name)
{
  for (; *names; names++, values++)
    if (g_str_equal (*names, name))
      return *values;
  return NULL;
}

/* A whole number; what is none, or too large to mean anything, is the usual one.  Some programs write "12.0". */
static int
number (const char **names, const char **values, const char *name, int usual)
{
  const char *text = attribute (names, values, name);
  char *end = NULL;
  double value = text ? g_ascii_strtod (text, &end) : usual;
  return text && (end == text || !isfinite (value) || fabs (value) > MAX_OFFSET) ? usual : (int) floor (value);
}

static double
opacity_of (const char **names, const char **values)
{
  const char *text = attribute (names, values, "opacity");
  double value = text ? g_ascii_strtod (text, NULL) : 1;
  return isfinite (value) ? CLAMP (value, 0, 1) : 1;
}

static gboolean
open_image (Stack *self, const char **names, const char **values, GError **error)
{
  int w = number (names, values, "w", 0), h = number (names, values, "h", 0);
  if (w < 1 || h < 1 || w > TACET_IMAGE_MAX_SIDE || h > TACET_IMAGE_MAX_SIDE)
    {
      g_set_error (error, G_MARKUP_ERROR, G_MARKUP_ERROR_INVALID_CONTENT, _ ("its size must be 1 to %d pixels a side"),
                   TACET_IMAGE_MAX_SIDE);
      return FALSE;
    }
  self->raster = tacet_raster_new (w, h);
  return TRUE;
}

static gboolean
open_group (Stack *self, const char **names, const char **values, GError **error)
{
  Group group = { 1, TRUE, FALSE, 0, 0 };
  if (self->groups->len >= MAX_DEPTH)
    return set_invalid (error, _ ("its groups are nested too deeply"));
  if (self->groups->len)
    {
      group = g_array_index (self->groups, Group, self->groups->len - 1);
      self->flattened = TRUE;
    }
  group.opacity *= opacity_of (names, values);
  group.visible = group.visible && g_strcmp0 (attribute (names, values, "visibility"), "hidden") != 0;
  group.x += number (names, values, "x", 0);
  group.y += number (names, values, "y", 0);
  const char *op = attribute (names, values, "composite-op");
  self->blended = self->blended || (op && !g_str_equal (op, SOURCE_OVER));
  g_array_append_val (self->groups, group);
  return TRUE;
}

static gboolean
add_layer (Stack *self, const char **names, const char **values, GError **error)
{
  const Group *group = &g_array_index (self->groups, Group, self->groups->len - 1);
  const char *name = attribute (names, values, "name"), *op = attribute (names, values, "composite-op");
  const char *source = attribute (names, values, "src");
  if (self->raster->layers->len >= TACET_RASTER_MAX_LAYERS)
    {
      g_set_error (error, G_MARKUP_ERROR, G_MARKUP_ERROR_INVALID_CONTENT, _ ("it has more than %d layers"),
                   TACET_RASTER_MAX_LAYERS);
      return FALSE;
    }
  if ((name && strlen (name) > MAX_NAME) || !source || strlen (source) > MAX_NAME)
    return set_invalid (error, _ ("a layer has no picture, or a name that is too long"));
  TacetRasterLayer *layer = tacet_raster_layer_new (name ? name : "", source, NULL);
  g_ptr_array_add (self->raster->layers, layer);
  layer->visible = group->visible && g_strcmp0 (attribute (names, values, "visibility"), "hidden") != 0;
  layer->opacity = group->opacity * opacity_of (names, values);
  layer->locked = g_strcmp0 (attribute (names, values, "edit-locked"), "true") == 0;
  layer->x = group->x + number (names, values, "x", 0);
  layer->y = group->y + number (names, values, "y", 0);
  if (op && strlen (op) <= MAX_NAME)
    {
      g_free (layer->composite_op);
      layer->composite_op = g_strdup (op);
    }
  self->blended = self->blended || !g_str_equal (layer->composite_op, SOURCE_OVER);
  return TRUE;
}

static void
start_element (GMarkupParseContext *context, const char *element, const char **names, const char **values,
               gpointer data, GError **error)
{
  Stack *self = data;
  if (!self->raster)
    {
      if (g_str_equal (element, "image"))
        open_image (self, names, values, error);
      else
        set_invalid (error, _ ("it does not begin with an image"));
    }
  else if (g_str_equal (element, "stack"))
    open_group (self, names, values, error);
  else if (g_str_equal (element, "layer") && self->groups->len)
    add_layer (self, names, values, error);
  else
    self->skipped = TRUE; /* filters, text, and what later versions bring */
}

static void
end_element (GMarkupParseContext *context, const char *element, gpointer data, GError **error)
{
  Stack *self = data;
  if (g_str_equal (element, "stack") && self->groups->len)
    g_array_set_size (self->groups, self->groups->len - 1);
}

static TacetRaster *
parse_stack (GBytes *bytes, GError **error)
{
  const GMarkupParser parser = { .start_element = start_element, .end_element = end_element };
  Stack self = { .groups = g_array_new (FALSE, FALSE, sizeof (Group)) };
  g_autoptr (GMarkupParseContext) context =
      g_markup_parse_context_new (&parser, G_MARKUP_TREAT_CDATA_AS_TEXT, &self, NULL);
  gsize size;
  const char *text = g_bytes_get_data (bytes, &size);
  gboolean good = g_markup_parse_context_parse (context, text, (gssize) size, error) &&
                  g_markup_parse_context_end_parse (context, error);
  g_array_unref (self.groups);
  if (good && !self.raster)
    good = set_invalid (error, _ ("it does not begin with an image"));
  if (!good)
    {
      g_prefix_error (error, _ ("its list of layers (stack.xml) is damaged: "));
      g_clear_pointer (&self.raster, tacet_raster_free);
      return NULL;
    }
  if (self.flattened)
    g_ptr_array_add (self.raster->notes, g_strdup (_ ("Groups of layers were opened: their layers stand alone.")));
  if (self.blended)
    g_ptr_array_add (
        self.raster->notes,
        g_strdup (_ ("Some layers are blended in ways that Tacet does not know; they lie over each other.")));
  if (self.skipped)
    g_ptr_array_add (self.raster->notes, g_strdup (_ ("Text and filter layers were left out.")));
  return self.raster;
}

/* ---- the archive ---- */

typedef struct
{
  int fd;
  TacetZip *zip;
  guint64 left; /* bytes that may still be unpacked */
} Archive;

static GBytes *
unpack (Archive *self, const TacetZipEntry *entry, guint64 max, GError **error)
{
  GBytes *bytes = tacet_zip_unpack (self->fd, entry, MIN (max, self->left), error);
  if (bytes)
    self->left -= MIN (self->left, g_bytes_get_size (bytes));
  return bytes;
}

/* Layers may share a picture; it is unpacked once. */
static void
read_layer (Archive *self, TacetRaster *raster, guint index)
{
  TacetRasterLayer *layer = raster->layers->pdata[index];
  g_autoptr (GError) error = NULL;
  for (guint i = 0; i < index; i++)
    {
      const TacetRasterLayer *other = raster->layers->pdata[i];
      if (!g_str_equal (other->source, layer->source))
        continue;
      layer->png = other->png ? g_bytes_ref (other->png) : NULL;
      return;
    }
  const TacetZipEntry *entry = tacet_zip_find (self->zip, layer->source);
  layer->png = entry ? unpack (self, entry, MAX_ENTRY, &error) : NULL;
  if (layer->png)
    return;
  g_ptr_array_add (
      raster->notes,
      error ? g_strdup_printf (_ ("The picture of the layer “%s” cannot be read: %s"), layer->name, error->message)
            : g_strdup_printf (_ ("The picture of the layer “%s” is missing in the file."), layer->name));
}

static gboolean
read_files (Archive *self, TacetRaster *raster)
{
  for (guint i = 0; i < self->zip->entries->len; i++)
    {
      const TacetZipEntry *entry = self->zip->entries->pdata[i];
      g_autoptr (GError) error = NULL;
      if (!g_str_has_prefix (entry->name, OWN_FOLDER) || g_str_has_suffix (entry->name, "/"))
        continue;
      g_autoptr (GBytes) bytes = unpack (self, entry, MAX_ENTRY, &error);
      if (bytes)
        tacet_raster_add_file (raster, entry->name, bytes);
      else
        g_ptr_array_add (raster->notes, g_strdup (error->message));
    }
  return TRUE;
}

static TacetRaster *
read_archive (Archive *self, GError **error)
{
  const TacetZipEntry *stack = tacet_zip_find (self->zip, "stack.xml"), *type = tacet_zip_find (self->zip, "mimetype");
  g_autoptr (GBytes) kind = type ? unpack (self, type, 256, NULL) : NULL;
  g_autofree char *text = kind ? g_strndup (g_bytes_get_data (kind, NULL), g_bytes_get_size (kind)) : NULL;
  if (!stack || (text && !g_str_equal (g_strstrip (text), "image/openraster")))
    {
      g_set_error_literal (error, TACET_IMAGE_ERROR, TACET_IMAGE_ERROR_FORMAT,
                           _ ("it is an archive, but not an OpenRaster file"));
      return NULL;
    }
  if (self->zip->entries->len > MAX_ENTRIES)
    {
      g_set_error_literal (error, TACET_IMAGE_ERROR, TACET_IMAGE_ERROR_TOO_LARGE, _ ("it has too many files in it"));
      return NULL;
    }
  g_autoptr (GBytes) xml = unpack (self, stack, MAX_STACK, error);
  g_autoptr (TacetRaster) raster = xml ? parse_stack (xml, error) : NULL;
  if (!raster)
    return NULL;
  for (guint i = 0; i < raster->layers->len; i++)
    read_layer (self, raster, i);
  read_files (self, raster);
  return g_steal_pointer (&raster);
}

TacetRaster *
tacet_raster_read (const char *path, GError **error)
{
  Archive archive = { .fd = g_open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK, 0), .left = MAX_ALL };
  g_autofree char *name = g_filename_display_name (path);
  struct stat st;
  TacetRaster *raster = NULL;
  if (archive.fd < 0 || fstat (archive.fd, &st) != 0 || !S_ISREG (st.st_mode))
    g_set_error (error, G_FILE_ERROR, archive.fd < 0 ? g_file_error_from_errno (errno) : G_FILE_ERROR_ISDIR, "%s",
                 archive.fd < 0 ? g_strerror (errno) : _ ("it is not a regular file"));
  else
    archive.zip = tacet_zip_read (archive.fd, (guint64) st.st_size, error);
  if (archive.zip)
    raster = read_archive (&archive, error);
  g_clear_pointer (&archive.zip, tacet_zip_free);
  if (archive.fd >= 0)
    close (archive.fd);
  if (!raster)
    g_prefix_error (error, _ ("The file %s cannot be opened: "), name);
  return raster;
}
