/* tacet-context.c: prompts into what the U-Net attends to.
 *
 * Room: engine/sample.  A prompt's context depends on its text, the model and how many layers of the text encoder
 * count; the engine keeps the latest ones, so that the next run with the same prompt needs no text encoder at all.
 */
#include "config.h"
#include "tacet-engine-private.h"
#include "tacet-prompt.h"
#include <glib/gi18n-lib.h>
#include <string.h>

#define MOST_CONTEXTS (2 * (TACET_MAX_REGIONS + 1) + 14) /* two runs with few regions, or one with all */
#define MOST_BYTES    ((gsize) 64 << 20)

typedef struct
{
  char *key;
  int n; /* chunks */
  gsize n_values;
  gboolean cut;
  float *values; /* n x T x c */
} Context;

static void
clear_context (gpointer data)
{
  Context *self = data;
  g_free (self->key);
  g_free (self->values);
}

static void
release_context (gpointer context)
{
  g_rc_box_release_full (context, clear_context);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Context, release_context)

GPtrArray *
_tacet_contexts_new (void)
{
  return g_ptr_array_new_with_free_func (release_context);
}

/* Forgets the oldest ones; the newest stays. */
static void
trim (GPtrArray *contexts)
{
  gsize bytes = 0;
  for (guint i = contexts->len; i-- > 0;)
    {
      bytes += ((Context *) g_ptr_array_index (contexts, i))->n_values * sizeof (float);
      if (i + 1 < contexts->len && (contexts->len - i > MOST_CONTEXTS || bytes > MOST_BYTES))
        {
          g_ptr_array_remove_range (contexts, 0, i + 1);
          return;
        }
    }
}

static Context *
find_context (GPtrArray *contexts, const char *key)
{
  for (guint i = 0; i < contexts->len; i++)
    {
      Context *context = g_ptr_array_index (contexts, i);
      if (!g_str_equal (context->key, key))
        continue;
      g_ptr_array_insert (contexts, -1, g_ptr_array_steal_index (contexts, i));
      return g_rc_box_acquire (context);
    }
  return NULL;
}

static gboolean
encode_chunks (TacetRun *run, const TacetPromptChunks *chunks, Context *context, GError **error)
{
  TacetPipeline *pipeline = run->engine->pipeline;
  TacetNetwork *network = _tacet_engine_text (run->engine, run->request->clip_skip, error);
  GError *cause = NULL;
  gsize n = context->n_values / (gsize) chunks->n;
  for (int i = 0; network != NULL && i < chunks->n; i++)
    {
      float *values = context->values + (gsize) i * n;
      if (!_tacet_network_run (network, chunks->ids + (gsize) i * chunks->length, values, run->cancellable, &cause))
        {
          _tacet_sample_propagate (error, cause, pipeline->folder);
          return FALSE;
        }
      if (chunks->weighted)
        tacet_prompt_weigh (values, chunks->weights + (gsize) i * chunks->length, chunks->length,
                            pipeline->text.hidden_size);
    }
  return network != NULL;
}

/* Of a region's words, or NULL, and the request's.  what: how the prompt is called, for the note */
static Context *
context_of (TacetRun *run, const char *first, const char *second, const char *what, GError **error)
{
  TacetPipeline *pipeline = run->engine->pipeline;
  g_autofree char *key = g_strdup_printf ("%d\n%s\n%s\n%zu\n%s%s", run->request->clip_skip, pipeline->folder,
                                          pipeline->stamp, strlen (first), first, second);
  g_autoptr (Context) context = find_context (run->engine->contexts, key);
  if (context == NULL)
    {
      g_autoptr (TacetPromptChunks) chunks =
          tacet_prompt_chunks (pipeline->tokenizer, first, second, pipeline->text.max_positions);
      context = g_rc_box_new0 (Context);
      context->key = g_steal_pointer (&key);
      context->n = chunks->n;
      context->cut = chunks->cut;
      context->n_values = (gsize) chunks->n * chunks->length * pipeline->text.hidden_size;
      context->values = g_try_new (float, context->n_values);
      if (context->values == NULL)
        {
          _tacet_run_no_memory (error);
          return NULL;
        }
      if (!encode_chunks (run, chunks, context, error))
        return NULL;
      g_ptr_array_add (run->engine->contexts, g_rc_box_acquire (context));
      trim (run->engine->contexts);
    }
  if (context->cut)
    _tacet_run_note (run, _ ("The %s is too long: only its first %d words or parts of words were read."), what,
                     context->n * (pipeline->text.max_positions - 2));
  return g_steal_pointer (&context);
}

/* One half of the batch; what it is shorter than the other is filled with empty chunks. */
static void
fill_context (const Context *context, const Context *empty, float *values, gsize n_values)
{
  memcpy (values, context->values, context->n_values * sizeof (float));
  for (gsize done = context->n_values; done < n_values; done += empty->n_values)
    memcpy (values + done, empty->values, empty->n_values * sizeof (float));
}

/* Both halves of one text; negative: NULL with a batch of 1 */
typedef struct
{
  Context *positive, *negative;
} Pair;

static void
clear_pair (gpointer data)
{
  Pair *pair = data;
  g_clear_pointer (&pair->positive, release_context);
  g_clear_pointer (&pair->negative, release_context);
}

static const char *
or_empty (const char *text)
{
  return text != NULL ? text : "";
}

static gboolean
encode_text (TacetRun *run, TacetRunText *text, Pair *pair, GError **error)
{
  const TacetRequest *request = run->request;
  const TacetRegionRequest *region = text->region;
  const char *name = region != NULL ? or_empty (region->name) : NULL;
  /* Translators: the name of a region; the whole goes into “The %s is too long ...” */
  g_autofree char *what = name != NULL ? g_strdup_printf (_ ("prompt of “%s”"), name) : g_strdup (_ ("prompt"));
  /* Translators: the name of a region; the whole goes into “The %s is too long ...” */
  g_autofree char *what_negative =
      name != NULL ? g_strdup_printf (_ ("negative prompt of “%s”"), name) : g_strdup (_ ("negative prompt"));
  pair->positive =
      context_of (run, or_empty (region != NULL ? region->prompt : NULL), or_empty (request->prompt), what, error);
  if (pair->positive == NULL)
    return FALSE;
  if (run->batch == 2)
    pair->negative = context_of (run, or_empty (region != NULL ? region->negative_prompt : NULL),
                                 or_empty (request->negative_prompt), what_negative, error);
  if (run->batch == 2 && pair->negative == NULL)
    return FALSE;
  int n = MAX (pair->positive->n, pair->negative != NULL ? pair->negative->n : 0);
  text->n_tokens = n * run->engine->pipeline->text.max_positions;
  return TRUE;
}

/* All texts of the negative half, then all of the other. */
static gboolean
fill_contexts (TacetRun *run, const GArray *pairs, GError **error)
{
  int width = run->engine->pipeline->text.hidden_size;
  g_autoptr (Context) empty = NULL;
  run->n_context = 0;
  for (int i = 0; i < run->n_texts; i++)
    {
      const Pair *pair = &g_array_index (pairs, Pair, i);
      run->n_context += (gsize) run->texts[i].n_tokens * width;
      if (pair->negative != NULL && pair->negative->n != pair->positive->n && empty == NULL &&
          (empty = context_of (run, "", "", "", error)) == NULL)
        return FALSE;
    }
  run->context = g_try_new (float, run->n_context * run->batch);
  if (run->context == NULL)
    return _tacet_run_no_memory (error);
  float *at = run->context;
  for (int half = 0; half < run->batch; half++)
    for (int i = 0; i < run->n_texts; i++)
      {
        const Pair *pair = &g_array_index (pairs, Pair, i);
        gsize n = (gsize) run->texts[i].n_tokens * width;
        fill_context (half < run->batch - 1 ? pair->negative : pair->positive, empty, at, n);
        at += n;
      }
  return TRUE;
}

static gboolean
encode_prompts (TacetRun *run, GError **error)
{
  const TacetTextConfig *text = &run->engine->pipeline->text;
  if (run->request->clip_skip > text->n_layers + 1)
    {
      g_set_error (error, TACET_SAMPLE_ERROR, TACET_SAMPLE_ERROR_REQUEST,
                   _ ("A clip skip of %d is too large: the text encoder has %d layers."), run->request->clip_skip,
                   text->n_layers);
      return FALSE;
    }
  g_autoptr (GArray) pairs = g_array_new (FALSE, TRUE, sizeof (Pair));
  g_array_set_clear_func (pairs, clear_pair);
  g_array_set_size (pairs, (guint) run->n_texts);
  for (int i = 0; i < run->n_texts; i++)
    if (!encode_text (run, &run->texts[i], &g_array_index (pairs, Pair, i), error))
      return FALSE;
  return fill_contexts (run, pairs, error);
}

gboolean
_tacet_run_encode_prompts (TacetRun *run, GError **error)
{
  gboolean done = encode_prompts (run, error);
  _tacet_engine_finish_text (run->engine);
  return done;
}
