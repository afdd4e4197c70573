/* tacet-encoded.h: pixels as they lie in a project: encoded once, kept until they change.
 *
 * Room: engine/scene, private.  Whoever shows the same pixels (a document, its copies for other threads, the scenes of
 * its runs) shares one cache, and a change gives a layer a new one: what is in a cache is true as long as it lives.
 */
#pragma once

#include "engine/image/tacet-image.h"

G_BEGIN_DECLS

/* A file (mostly PNG), and what tells it from others. */
typedef struct
{
  gatomicrefcount refs;
  GBytes *bytes;
  char *sha; /* SHA-256 of the file */
} TacetEncoded;
TacetEncoded *_tacet_encoded_new (GBytes *bytes); /* references it */
TacetEncoded *_tacet_encoded_ref (TacetEncoded *self);
void _tacet_encoded_unref (TacetEncoded *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TacetEncoded, _tacet_encoded_unref)

typedef enum
{
  TACET_PART_MAIN,    /* what other programs see: colour and coverage */
  TACET_PART_BASE,    /* pose: the picture under its people */
  TACET_PART_OPINION, /* pose: what was said by hand */
  TACET_PART_REPORT,  /* candidate: its report (JSON) */
  TACET_N_PARTS
} TacetPart;

typedef struct _TacetEncodedCache TacetEncodedCache; /* any thread */
TacetEncodedCache *_tacet_encoded_cache_new (void);
TacetEncodedCache *_tacet_encoded_cache_ref (TacetEncodedCache *self);
void _tacet_encoded_cache_unref (TacetEncodedCache *self);
void _tacet_encoded_cache_renew (TacetEncodedCache **self);                       /* the pixels are others now */
TacetEncoded *_tacet_encoded_cache_get (TacetEncodedCache *self, TacetPart part); /* owned; NULL: not yet */
void _tacet_encoded_cache_set (TacetEncodedCache *self, TacetPart part, TacetEncoded *encoded);

/* Many at once, on all cores.  Images are let go as soon as they are done. */
typedef struct _TacetEncoding TacetEncoding;
TacetEncoding *_tacet_encoding_new (void);
/* As tacet_image_encode_png_fast (), or with texts as tacet_image_save_png (); nothing if the cache has it. */
void _tacet_encoding_add (TacetEncoding *self, TacetEncodedCache *cache, TacetPart part, TacetImage *color,
                          TacetImage *alpha, char **texts);
gboolean _tacet_encoding_run (TacetEncoding *self, GError **error); /* waits; frees it */

G_END_DECLS
