/* tacet-encoded.c: see tacet-encoded.h.
 *
 * Room: engine/scene.
 */
#define G_LOG_DOMAIN "tacet-scene"
#include "config.h"

#include "tacet-encoded.h"

#define MAX_THREADS 4 /* each holds a picture or two, beside all that was encoded */

TacetEncoded *
_tacet_encoded_new (GBytes *bytes)
{
  TacetEncoded *self = g_new0 (TacetEncoded, 1);
  g_atomic_ref_count_init (&self->refs);
  self->bytes = g_bytes_ref (bytes);
  self->sha = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, bytes);
  return self;
}

TacetEncoded *
_tacet_encoded_ref (TacetEncoded *self)
{
  g_atomic_ref_count_inc (&self->refs);
  return self;
}

void
_tacet_encoded_unref (TacetEncoded *self)
{
  if (!g_atomic_ref_count_dec (&self->refs))
    return;
  g_bytes_unref (self->bytes);
  g_free (self->sha);
  g_free (self);
}

struct _TacetEncodedCache
{
  gatomicrefcount refs;
  GMutex lock;
  TacetEncoded *parts[TACET_N_PARTS];
};

TacetEncodedCache *
_tacet_encoded_cache_new (void)
{
  TacetEncodedCache *self = g_new0 (TacetEncodedCache, 1);
  g_atomic_ref_count_init (&self->refs);
  g_mutex_init (&self->lock);
  return self;
}

TacetEncodedCache *
_tacet_encoded_cache_ref (TacetEncodedCache *self)
{
  g_atomic_ref_count_inc (&self->refs);
  return self;
}

static void
forget (TacetEncodedCache *self)
{
  for (int i = 0; i < TACET_N_PARTS; i++)
    g_clear_pointer (&self->parts[i], _tacet_encoded_unref);
}

void
_tacet_encoded_cache_unref (TacetEncodedCache *self)
{
  if (!g_atomic_ref_count_dec (&self->refs))
    return;
  forget (self);
  g_mutex_clear (&self->lock);
  g_free (self);
}

void
_tacet_encoded_cache_renew (TacetEncodedCache **self)
{
  if (g_atomic_ref_count_compare (&(*self)->refs, 1))
    {
      forget (*self);
      return;
    }
  _tacet_encoded_cache_unref (*self);
  *self = _tacet_encoded_cache_new ();
}

TacetEncoded *
_tacet_encoded_cache_get (TacetEncodedCache *self, TacetPart part)
{
  g_mutex_lock (&self->lock);
  TacetEncoded *encoded = self->parts[part] ? _tacet_encoded_ref (self->parts[part]) : NULL;
  g_mutex_unlock (&self->lock);
  return encoded;
}

void
_tacet_encoded_cache_set (TacetEncodedCache *self, TacetPart part, TacetEncoded *encoded)
{
  g_mutex_lock (&self->lock);
  if (!self->parts[part]) /* another copy of the document may have been quicker */
    self->parts[part] = _tacet_encoded_ref (encoded);
  g_mutex_unlock (&self->lock);
}

/* ---- many at once ---- */

typedef struct
{
  TacetEncodedCache *cache;
  TacetPart part;
  TacetImage *color, *alpha;
  char **texts;
} Job;

struct _TacetEncoding
{
  GPtrArray *jobs;
  GMutex lock;
  GError *error; /* the first */
};

static void
job_free (gpointer data)
{
  Job *job = data;
  _tacet_encoded_cache_unref (job->cache);
  g_clear_pointer (&job->color, tacet_image_unref);
  g_clear_pointer (&job->alpha, tacet_image_unref);
  g_strfreev (job->texts);
  g_free (job);
}

TacetEncoding *
_tacet_encoding_new (void)
{
  TacetEncoding *self = g_new0 (TacetEncoding, 1);
  self->jobs = g_ptr_array_new_with_free_func (job_free);
  g_mutex_init (&self->lock);
  return self;
}

void
_tacet_encoding_add (TacetEncoding *self, TacetEncodedCache *cache, TacetPart part, TacetImage *color,
                     TacetImage *alpha, char **texts)
{
  g_autoptr (TacetEncoded) there = _tacet_encoded_cache_get (cache, part);
  for (guint i = 0; i < self->jobs->len && !there; i++)
    {
      const Job *other = self->jobs->pdata[i];
      if (other->cache == cache && other->part == part)
        return;
    }
  if (there)
    return;
  Job *job = g_new0 (Job, 1);
  job->cache = _tacet_encoded_cache_ref (cache);
  job->part = part;
  job->color = color ? tacet_image_ref (color) : NULL;
  job->alpha = alpha ? tacet_image_ref (alpha) : NULL;
  job->texts = g_strdupv (texts);
  g_ptr_array_add (self->jobs, job);
}

static void
encode (gpointer data, gpointer user_data)
{
  Job *job = data;
  TacetEncoding *self = user_data;
  GError *error = NULL;
  g_autoptr (GBytes) png = job->texts
                               ? tacet_image_encode_png_texts (job->color, (const char *const *) job->texts, &error)
                               : tacet_image_encode_png_fast (job->color, job->alpha, &error);
  g_clear_pointer (&job->color, tacet_image_unref);
  g_clear_pointer (&job->alpha, tacet_image_unref);
  if (png)
    {
      g_autoptr (TacetEncoded) encoded = _tacet_encoded_new (png);
      _tacet_encoded_cache_set (job->cache, job->part, encoded);
      return;
    }
  g_mutex_lock (&self->lock);
  if (self->error)
    g_error_free (error);
  else
    self->error = error;
  g_mutex_unlock (&self->lock);
}

gboolean
_tacet_encoding_run (TacetEncoding *self, GError **error)
{
  int n = (int) MIN (MIN (MAX_THREADS, g_get_num_processors ()), self->jobs->len);
  GThreadPool *pool = n > 1 ? g_thread_pool_new (encode, self, n, FALSE, NULL) : NULL;
  for (guint i = 0; i < self->jobs->len; i++)
    if (pool)
      g_thread_pool_push (pool, self->jobs->pdata[i], NULL);
    else
      encode (self->jobs->pdata[i], self);
  if (pool)
    g_thread_pool_free (pool, FALSE, TRUE);
  GError *fault = g_steal_pointer (&self->error);
  g_ptr_array_unref (self->jobs);
  g_mutex_clear (&self->lock);
  g_free (self);
  if (fault)
    g_propagate_error (error, fault);
  return !fault;
}
