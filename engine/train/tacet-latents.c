/* tacet-latents.c: reading a cache of encoded pictures.
 *
 * Room: engine/train.
 */
#include "config.h"

#include "tacet-latents.h"
#include "tacet-train.h"

#include "engine/weights/tacet-json.h"
#include "engine/weights/tacet-safetensors.h"
#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <string.h>

#define PEOPLE 4

typedef struct
{
  gint32 n;
  gint32 reserved;
  TacetJoint people[PEOPLE][TACET_POSE_JOINTS]; /* bodies only */
} PeopleRecord;

void
tacet_latents_layout (TacetLatentsLayout *l)
{
  const gsize pixels = (gsize) l->size * l->size;
  l->caption_at = 0;
  l->people_at = TACET_LATENTS_CAPTION;
  l->latent_at = l->people_at + sizeof (PeopleRecord);
  l->depth_at = l->latent_at + (gsize) l->side * l->side * l->channels * sizeof (guint16);
  l->bits_at = l->depth_at + (l->maps ? pixels : 0);
  l->objects_at = l->bits_at + (l->maps ? pixels : 0);
  l->map_at = l->objects_at + (l->maps ? pixels : 0);
  l->bytes = (l->map_at + (l->own_map ? 3 * pixels : 0) + 7) / 8 * 8;
}

static gboolean
read_page (TacetLatentsLayout *layout, const char *page, const char *path, GError **error)
{
  g_autofree char *text = g_strndup (page, TACET_LATENTS_PAGE);
  const char *format = NULL;
  int count = 0, version = 0;
  g_autoptr (JsonNode) node = tacet_json_parse (text, strlen (text), path, error);
  if (!node)
    return FALSE;
  JsonObject *object = json_node_get_object (node);
  if (!tacet_json_get_string (object, "format", &format, error) ||
      !tacet_json_get_int (object, "version", 1, 1, &version, error) ||
      !tacet_json_get_int (object, "count", 1, G_MAXINT, &count, error) ||
      !tacet_json_get_int (object, "size", 1, 4096, &layout->size, error) ||
      !tacet_json_get_int (object, "side", 1, 4096, &layout->side, error) ||
      !tacet_json_get_int (object, "channels", 1, 64, &layout->channels, error) ||
      !tacet_json_get_boolean (object, "maps", &layout->maps, error) ||
      !tacet_json_get_boolean (object, "own_map", &layout->own_map, error))
    return FALSE;
  if (g_strcmp0 (format, "tacet-latents") != 0 || version != 1 || count < 1 || layout->size < 1 || layout->side < 1 ||
      layout->channels < 1)
    {
      g_set_error (error, TACET_TRAIN_ERROR, TACET_TRAIN_ERROR_DATA, _ ("it is no cache of latents"));
      return FALSE;
    }
  layout->count = count;
  tacet_latents_layout (layout);
  return TRUE;
}

TacetLatents *
tacet_latents_open (const char *path, GError **error)
{
  g_autoptr (TacetLatents) self = g_new0 (TacetLatents, 1);
  self->file = g_mapped_file_new (path, FALSE, error);
  if (!self->file)
    {
      g_prefix_error (error, _ ("The cache of latents cannot be opened: "));
      return NULL;
    }
  const gsize length = g_mapped_file_get_length (self->file);
  const char *contents = g_mapped_file_get_contents (self->file);
  if (length < TACET_LATENTS_PAGE)
    {
      g_set_error (error, TACET_TRAIN_ERROR, TACET_TRAIN_ERROR_DATA, _ ("The cache “%s” is cut off."), path);
      return NULL;
    }
  if (!read_page (&self->layout, contents, path, error))
    {
      g_prefix_error (error, _ ("The cache “%s” cannot be used: "), path);
      return NULL;
    }
  const guint64 complete = (length - TACET_LATENTS_PAGE) / self->layout.bytes;
  if (complete < (guint64) self->layout.count)
    {
      g_set_error (
          error, TACET_TRAIN_ERROR, TACET_TRAIN_ERROR_DATA,
          _ ("The cache “%s” holds %" PRIu64 " of %" PRId64 " pictures. Finish it first: run its plan with --resume."),
          path, complete, self->layout.count);
      return NULL;
    }
  self->records = (const guint8 *) contents + TACET_LATENTS_PAGE;
  return g_steal_pointer (&self);
}

void
tacet_latents_free (TacetLatents *self)
{
  g_clear_pointer (&self->file, g_mapped_file_unref);
  g_free (self);
}

static const guint8 *
record (const TacetLatents *self, gint64 i)
{
  return self->records + (gsize) i * self->layout.bytes;
}

const char *
tacet_latents_caption (const TacetLatents *self, gint64 i)
{
  const char *caption = (const char *) record (self, i) + self->layout.caption_at;
  return memchr (caption, 0, TACET_LATENTS_CAPTION) ? caption : "";
}

void
tacet_latents_get (const TacetLatents *self, gint64 i, float *latent)
{
  const TacetLatentsLayout *l = &self->layout;
  tacet_floats_decode (TACET_FILE_F16, record (self, i) + l->latent_at, latent,
                       (gsize) l->side * l->side * l->channels);
}

int
tacet_latents_people (const TacetLatents *self, gint64 i, TacetPerson *people)
{
  const PeopleRecord *r = (const PeopleRecord *) (record (self, i) + self->layout.people_at);
  memset (people, 0, PEOPLE * sizeof (TacetPerson));
  for (int k = 0; k < PEOPLE; k++)
    memcpy (people[k].joints, r->people[k], sizeof r->people[k]);
  return CLAMP (r->n, 0, PEOPLE);
}

const guint8 *
tacet_latents_depth (const TacetLatents *self, gint64 i)
{
  return self->layout.maps ? record (self, i) + self->layout.depth_at : NULL;
}

const guint8 *
tacet_latents_bits (const TacetLatents *self, gint64 i)
{
  return self->layout.maps ? record (self, i) + self->layout.bits_at : NULL;
}

const guint8 *
tacet_latents_objects (const TacetLatents *self, gint64 i)
{
  return self->layout.maps ? record (self, i) + self->layout.objects_at : NULL;
}

const guint8 *
tacet_latents_map (const TacetLatents *self, gint64 i)
{
  return self->layout.own_map ? record (self, i) + self->layout.map_at : NULL;
}
