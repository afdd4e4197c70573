/* tacet-latents.h: a cache of encoded pictures with captions and everything control maps are made from.
 *
 * Room: engine/train.  One file: a page of JSON (what it holds and what it was made from), then records
 * of one size.  A record: caption, number of people, joints, latent (f16, times the scaling factor), and
 * if asked for depth, edge bits, object numbers (a byte each per pixel), the folder's own map (RGB).
 * Threads: an opened cache is constant.
 */
#pragma once

#include "engine/control/tacet-maps.h"

G_BEGIN_DECLS

#define TACET_LATENTS_PAGE    4096
#define TACET_LATENTS_CAPTION 256 /* bytes, NUL-terminated */

enum
{
  TACET_BIT_EDGE = 1,  /* jumps of identity, depth, normal */
  TACET_BIT_CANNY = 2, /* edges of the picture */
};

typedef struct
{
  gint64 count;
  int size;                                                                             /* pixels */
  int side, channels;                                                                   /* of the latent */
  gboolean maps;                                                                        /* depth, bits, objects */
  gboolean own_map;                                                                     /* the folder's */
  gsize caption_at, people_at, latent_at, depth_at, bits_at, objects_at, map_at, bytes; /* in a record */
} TacetLatentsLayout;

void tacet_latents_layout (TacetLatentsLayout *layout); /* fills the offsets */

typedef struct
{
  TacetLatentsLayout layout;
  GMappedFile *file;
  const guint8 *records;
} TacetLatents;

/* A complete cache. */
TacetLatents *tacet_latents_open (const char *path, GError **error);
void tacet_latents_free (TacetLatents *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TacetLatents, tacet_latents_free)

const char *tacet_latents_caption (const TacetLatents *self, gint64 i);
void tacet_latents_get (const TacetLatents *self, gint64 i, float *latent);         /* {side,side,channels} */
int tacet_latents_people (const TacetLatents *self, gint64 i, TacetPerson *people); /* room for 4 */
/* size x size bytes (map: times 3); NULL: not kept */
const guint8 *tacet_latents_depth (const TacetLatents *self, gint64 i);
const guint8 *tacet_latents_bits (const TacetLatents *self, gint64 i);
const guint8 *tacet_latents_objects (const TacetLatents *self, gint64 i);
const guint8 *tacet_latents_map (const TacetLatents *self, gint64 i);

G_END_DECLS
