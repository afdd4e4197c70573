/* tacet-latents-make.c: rendering and encoding pictures into a cache, in order, on several threads.
 *
 * Room: engine/train.  Only whole batches are appended, so after a kill the file ends with a whole
 * record or is cut back to one; what is there is not made again.
 */
#include "config.h"

#include "tacet-latents.h"
#include "tacet-train-data.h"
#include "tacet-train-kinds.h"
#include "tacet-train-nets.h"

#include "engine/model/tacet-model-files.h"
#include "engine/weights/tacet-safetensors.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct
{
  const TacetTrainPlan *plan;
  TacetLatentsLayout layout;
  TacetTrainData *data;
  TacetVaeConfig config;
  TacetWeights *weights;
  int fd;
  gint64 done; /* records in the file, and the turn: the record that is written next */
  gint64 next; /* the record that is taken next */
  gint64 started;
  GCancellable *cancellable;
  GMutex lock;
  GCond turned;
  int n_running;
  GError *error;
} Maker;

typedef struct
{
  Maker *maker;
  TacetBackend *backend;
  TacetForward *encode;
  float *pictures, *latents;
  guint8 *records;
  GThread *thread;
} Encoder;

/* Sizes follow the picture, as in Canny's thresholds at 512 pixels. */
static void
keep_edges (const TacetTrainSample *sample, guint8 *bits, gsize pixels)
{
  g_autoptr (TacetImage) canny = tacet_canny (sample->picture, 100, 200);
  for (gsize i = 0; i < pixels; i++)
    bits[i] = (guint8) ((sample->edges && sample->edges->data[i] ? TACET_BIT_EDGE : 0) |
                        (canny && canny->data[i] ? TACET_BIT_CANNY : 0));
}

static void
write_record (const Maker *self, const TacetTrainSample *sample, const float *latent, guint8 *record)
{
  const TacetLatentsLayout *l = &self->layout;
  const gsize pixels = (gsize) l->size * l->size;
  const gint32 n_people = sample->n_people;
  memset (record, 0, l->bytes);
  const char *end = sample->caption;
  while (*end && g_utf8_next_char (end) - sample->caption < TACET_LATENTS_CAPTION)
    end = g_utf8_next_char (end);
  memcpy (record + l->caption_at, sample->caption, (gsize) (end - sample->caption));
  memcpy (record + l->people_at, &n_people, sizeof n_people);
  for (gsize k = 0; k < G_N_ELEMENTS (sample->people); k++)
    memcpy (record + l->people_at + 8 + k * sizeof sample->people[k].joints, sample->people[k].joints,
            sizeof sample->people[k].joints);
  tacet_floats_encode (TACET_FILE_F16, latent, record + l->latent_at, (gsize) l->side * l->side * l->channels);
  if (l->maps)
    {
      if (sample->depth)
        memcpy (record + l->depth_at, sample->depth->data, pixels);
      if (sample->objects)
        memcpy (record + l->objects_at, sample->objects->data, pixels);
      keep_edges (sample, record + l->bits_at, pixels);
    }
  if (l->own_map && sample->map)
    memcpy (record + l->map_at, sample->map->data, 3 * pixels);
}

static gboolean
append (Maker *self, const guint8 *data, gsize size, GError **error)
{
  while (size > 0)
    {
      const ssize_t n = write (self->fd, data, size);
      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        {
          const int code = n < 0 ? errno : ENOSPC;
          g_set_error (error, G_IO_ERROR, g_io_error_from_errno (code),
                       _ ("The cache “%s” cannot be written: %s. What is in it is kept; go on with --resume."),
                       self->plan->cache, g_strerror (code));
          return FALSE;
        }
      data += n;
      size -= (gsize) n;
    }
  return TRUE;
}

static gboolean
encode_batch (Encoder *encoder, gint64 first, int n, GError **error)
{
  Maker *self = encoder->maker;
  const gsize pixels = (gsize) self->layout.size * self->layout.size * 3;
  const gsize latent = (gsize) self->layout.side * self->layout.side * self->layout.channels;
  g_autofree TacetTrainSample *samples = g_new0 (TacetTrainSample, n);
  gboolean good = TRUE;
  for (int i = 0; i < n && good; i++)
    {
      good = tacet_train_data_get (self->data, (guint64) (first + i), &samples[i], error);
      if (good)
        tacet_train_from_image (samples[i].picture, encoder->pictures + pixels * i);
    }
  good = good && tacet_forward_run (encoder->encode, (const void *[]){ encoder->pictures }, &encoder->latents,
                                    self->cancellable, error);
  for (gsize k = 0; k < latent * n; k++)
    encoder->latents[k] *= self->config.scaling_factor;
  for (int i = 0; i < n; i++)
    {
      if (good)
        write_record (self, &samples[i], encoder->latents + latent * i, encoder->records + self->layout.bytes * i);
      tacet_train_sample_clear (&samples[i]);
    }
  return good;
}

static gpointer
encoder_main (gpointer data)
{
  Encoder *encoder = data;
  Maker *self = encoder->maker;
  GError *error = NULL;
  g_mutex_lock (&self->lock);
  while (!self->error && !error && self->next < self->layout.count)
    {
      const gint64 first = self->next;
      const int n = (int) MIN (self->plan->batch, self->layout.count - first);
      self->next += n;
      g_mutex_unlock (&self->lock);
      const gboolean good = encode_batch (encoder, first, n, &error);
      g_mutex_lock (&self->lock);
      while (good && self->done != first && !self->error)
        g_cond_wait (&self->turned, &self->lock);
      if (good && !self->error && append (self, encoder->records, self->layout.bytes * (gsize) n, &error))
        self->done += n;
      if (error && !self->error)
        self->error = g_steal_pointer (&error);
      g_cond_broadcast (&self->turned);
    }
  g_clear_error (&error);
  self->n_running--;
  g_cond_broadcast (&self->turned);
  g_mutex_unlock (&self->lock);
  return NULL;
}

/* Of the weights of a VAE that a plan made, else of the sizes and times of the model's files, which may be large. */
static char *
vae_digest (const char *base)
{
  g_autofree char *path = tacet_part_weights_path (base, "vae");
  g_autofree char *weights = NULL, *stamp = tacet_model_stamp (base);
  gsize length;
  return g_file_get_contents (path, &weights, &length, NULL)
             ? g_compute_checksum_for_data (G_CHECKSUM_SHA256, (guchar *) weights, length)
             : g_compute_checksum_for_string (G_CHECKSUM_SHA256, stamp, -1);
}

static char *
make_page (Maker *self)
{
  const TacetDataPlan *d = &self->plan->data;
  g_autofree char *digest = vae_digest (self->plan->base);
  g_autofree char *folder = g_strescape (d->folder ? d->folder : "", NULL);
  g_autofree char *text = g_strdup_printf (
      "{\"format\": \"tacet-latents\", \"version\": 1, \"count\": %" G_GINT64_FORMAT ", \"size\": %d, \"side\": %d, "
      "\"channels\": %d, \"maps\": %s, \"own_map\": %s, \"bytes\": %" G_GSIZE_FORMAT ", \"seed\": %" G_GUINT64_FORMAT
      ", \"samples\": %d, \"subject\": \"%s\", \"folder\": \"%s\", \"vae\": \"%s\"}\n",
      self->layout.count, self->layout.size, self->layout.side, self->layout.channels,
      self->layout.maps ? "true" : "false", self->layout.own_map ? "true" : "false", self->layout.bytes, d->seed,
      d->samples, d->subject ? d->subject : "", folder, digest);
  char *page = g_malloc0 (TACET_LATENTS_PAGE);
  g_strlcpy (page, text, TACET_LATENTS_PAGE);
  return page;
}

/* Opens or begins the file; self->done says how many records it has. */
static gboolean
open_file (Maker *self, gboolean resume, GError **error)
{
  struct stat status;
  g_autofree char *page = make_page (self);
  g_autofree char *there = g_malloc0 (TACET_LATENTS_PAGE);
  g_autofree char *folder = g_path_get_dirname (self->plan->cache);
  g_mkdir_with_parents (folder, 0777);
  self->fd = g_open (self->plan->cache, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (self->fd < 0 || fstat (self->fd, &status) != 0)
    {
      const int code = errno;
      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (code), _ ("The cache “%s” cannot be made: %s"),
                   self->plan->cache, g_strerror (code));
      return FALSE;
    }
  if (status.st_size < TACET_LATENTS_PAGE && ftruncate (self->fd, 0) == 0)
    return append (self, (guint8 *) page, TACET_LATENTS_PAGE, error);
  if (pread (self->fd, there, TACET_LATENTS_PAGE, 0) != TACET_LATENTS_PAGE ||
      memcmp (there, page, TACET_LATENTS_PAGE) != 0)
    {
      g_set_error (error, TACET_TRAIN_ERROR, TACET_TRAIN_ERROR_STATE,
                   _ ("“%s” is there already, made by another plan or with another VAE. Remove it, or name another "
                      "file."),
                   self->plan->cache);
      return FALSE;
    }
  self->done = (status.st_size - TACET_LATENTS_PAGE) / (gint64) self->layout.bytes;
  if (!resume && self->done < self->layout.count)
    {
      g_set_error (error, TACET_TRAIN_ERROR, TACET_TRAIN_ERROR_STATE,
                   _ ("“%s” has been begun by an earlier run. Go on with --resume, or remove it first."),
                   self->plan->cache);
      return FALSE;
    }
  self->done = MIN (self->done, self->layout.count);
  const off_t end = (off_t) (TACET_LATENTS_PAGE + self->done * (gint64) self->layout.bytes);
  if (ftruncate (self->fd, end) == 0 && lseek (self->fd, end, SEEK_SET) == end)
    return TRUE;
  const int code = errno;
  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (code), _ ("The cache “%s” cannot be written: %s."),
               self->plan->cache, g_strerror (code));
  return FALSE;
}

static gboolean
start_encoder (Encoder *encoder, GError **error)
{
  Maker *self = encoder->maker;
  const int n = self->plan->batch;
  encoder->backend = tacet_cpu_backend_new (1);
  encoder->pictures = g_try_new0 (float, (gsize) n * self->layout.size * self->layout.size * 3);
  encoder->latents = g_try_new0 (float, (gsize) n * self->layout.side * self->layout.side * self->layout.channels);
  encoder->records = g_try_malloc0 ((gsize) n * self->layout.bytes);
  if (!encoder->backend || !encoder->pictures || !encoder->latents || !encoder->records)
    {
      g_set_error (error, TACET_TRAIN_ERROR, TACET_TRAIN_ERROR_NO_MEMORY,
                   _ ("There is not enough memory to encode %d pictures at a time."), n);
      return FALSE;
    }
  encoder->encode = tacet_forward_encode (&self->config, self->weights, n, self->layout.size, encoder->backend, error);
  return encoder->encode != NULL;
}

static void
stop_encoder (Encoder *encoder)
{
  if (encoder->thread)
    g_thread_join (encoder->thread);
  g_clear_pointer (&encoder->encode, tacet_forward_free);
  if (encoder->backend)
    encoder->backend->klass->destroy (encoder->backend);
  g_free (encoder->pictures);
  g_free (encoder->latents);
  g_free (encoder->records);
}

static void
report (Maker *self, gint64 begun, TacetTrainProgressFunc func, gpointer user_data, const char *note)
{
  const double seconds = (double) (g_get_monotonic_time () - self->started) * 1e-6;
  const double rate = seconds > 0 ? (double) (self->done - begun) / seconds : 0;
  const TacetTrainProgress progress = { .plan = self->plan->name,
                                        .step = self->done,
                                        .n_steps = self->layout.count,
                                        .samples = self->done,
                                        .samples_per_second = rate,
                                        .loss = NAN,
                                        .smooth_loss = NAN,
                                        .held_out_loss = NAN,
                                        .held_out_metric = NAN,
                                        .learning_rate = NAN,
                                        .gradient_norm = NAN,
                                        .seconds = seconds,
                                        .seconds_left =
                                            rate > 0 ? (double) (self->layout.count - self->done) / rate : NAN,
                                        .note = note };
  if (func)
    func (&progress, user_data);
}

/* Starts the encoders and waits for them, telling of progress twice a second. */
static gboolean
encode_all (Maker *self, TacetTrainProgressFunc func, gpointer user_data, GError **error)
{
  const int n = self->plan->workers > 0 ? self->plan->workers : (int) g_get_num_processors ();
  g_autofree Encoder *encoders = g_new0 (Encoder, n);
  const gint64 begun = self->done;
  gboolean good = TRUE;
  self->next = self->done;
  for (int i = 0; i < n && good; i++)
    {
      encoders[i].maker = self;
      good = start_encoder (&encoders[i], error);
    }
  for (int i = 0; i < n && good; i++)
    {
      g_mutex_lock (&self->lock);
      self->n_running++;
      g_mutex_unlock (&self->lock);
      encoders[i].thread = g_thread_try_new ("encode", encoder_main, &encoders[i], i == 0 ? error : NULL);
      if (!encoders[i].thread)
        {
          g_mutex_lock (&self->lock);
          self->n_running--;
          g_mutex_unlock (&self->lock);
          good = i > 0; /* one thread is enough */
          break;
        }
    }
  g_mutex_lock (&self->lock);
  while (self->n_running > 0)
    {
      g_cond_wait_until (&self->turned, &self->lock, g_get_monotonic_time () + G_TIME_SPAN_SECOND / 2);
      report (self, begun, func, user_data, NULL);
    }
  g_mutex_unlock (&self->lock);
  for (int i = 0; i < n; i++)
    stop_encoder (&encoders[i]);
  if (!good)
    return FALSE;
  if (self->error)
    {
      g_propagate_error (error, g_steal_pointer (&self->error));
      return FALSE;
    }
  if (fsync (self->fd) != 0)
    {
      const int code = errno;
      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (code), _ ("The cache “%s” cannot be written: %s."),
                   self->plan->cache, g_strerror (code));
      return FALSE;
    }
  report (self, begun, func, user_data, _ ("cache complete"));
  return TRUE;
}

static gboolean
prepare (Maker *self, GError **error)
{
  const TacetTrainPlan *plan = self->plan;
  self->data = tacet_train_data_open (&plan->data, error);
  if (!self->data || !(self->weights = tacet_network_open (TACET_PART_VAE, plan->base, &self->config, NULL, error)))
    return FALSE;
  const int factor = tacet_vae_factor (&self->config);
  if (plan->data.size % factor != 0)
    {
      g_set_error (error, TACET_TRAIN_ERROR, TACET_TRAIN_ERROR_PLAN,
                   _ ("Pictures of %d pixels do not fit the VAE in “%s”: the size must be a multiple of %d."),
                   plan->data.size, plan->base, factor);
      return FALSE;
    }
  self->layout = (TacetLatentsLayout){ .count = (gint64) tacet_train_data_count (self->data),
                                       .size = plan->data.size,
                                       .side = plan->data.size / factor,
                                       .channels = self->config.latent_channels,
                                       .maps = plan->maps,
                                       .own_map = plan->data.folder && plan->maps };
  tacet_latents_layout (&self->layout);
  return TRUE;
}

gboolean
tacet_latents_make (const TacetTrainPlan *plan, gboolean resume, TacetTrainProgressFunc func, gpointer user_data,
                    GCancellable *cancellable, GError **error)
{
  Maker self = { .plan = plan, .fd = -1, .cancellable = cancellable, .started = g_get_monotonic_time () };
  g_mutex_init (&self.lock);
  g_cond_init (&self.turned);
  gboolean good = prepare (&self, error) && open_file (&self, resume, error);
  good = good && (self.done == self.layout.count || encode_all (&self, func, user_data, error));
  if (self.fd >= 0)
    close (self.fd);
  g_clear_pointer (&self.weights, tacet_weights_unref);
  g_clear_pointer (&self.data, tacet_train_data_free);
  g_clear_error (&self.error);
  g_mutex_clear (&self.lock);
  g_cond_clear (&self.turned);
  return good;
}
