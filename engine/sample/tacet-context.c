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

#define MOST_CONTEXTS 16
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

/* what: how the prompt is called, for the note */
static Context *
context_of (TacetRun *run, const char *prompt, const char *what, GError **error)
{
  TacetPipeline *pipeline = run->engine->pipeline;
  g_autofree char *key =
      g_strdup_printf ("%d\n%s\n%s\n%s", run->request->clip_skip, pipeline->folder, pipeline->stamp, prompt);
  g_autoptr (Context) context = find_context (run->engine->contexts, key);
  if (context == NULL)
    {
      g_autoptr (TacetPromptChunks) chunks =
          tacet_prompt_chunks (pipeline->tokenizer, prompt, pipeline->text.max_positions);
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

static gboolean
encode_prompts (TacetRun *run, GError **error)
{
  const TacetRequest *request = run->request;
  const TacetTextConfig *text = &run->engine->pipeline->text;
  if (request->clip_skip > text->n_layers + 1)
    {
      g_set_error (error, TACET_SAMPLE_ERROR, TACET_SAMPLE_ERROR_REQUEST,
                   _ ("A clip skip of %d is too large: the text encoder has %d layers."), request->clip_skip,
                   text->n_layers);
      return FALSE;
    }
  g_autoptr (Context) positive = context_of (run, request->prompt != NULL ? request->prompt : "", _ ("prompt"), error);
  g_autoptr (Context) negative = NULL;
  g_autoptr (Context) empty = NULL;
  if (positive == NULL)
    return FALSE;
  if (run->batch == 2 && (negative = context_of (run, request->negative_prompt != NULL ? request->negative_prompt : "",
                                                 _ ("negative prompt"), error)) == NULL)
    return FALSE;
  if (negative != NULL && negative->n != positive->n && (empty = context_of (run, "", "", error)) == NULL)
    return FALSE;
  int n = MAX (positive->n, negative != NULL ? negative->n : 0);
  run->n_tokens = n * text->max_positions;
  run->n_context = (gsize) run->n_tokens * text->hidden_size;
  run->context = g_try_new (float, run->n_context * run->batch);
  if (run->context == NULL)
    return _tacet_run_no_memory (error);
  if (negative != NULL)
    fill_context (negative, empty, run->context, run->n_context);
  fill_context (positive, empty, run->context + (run->batch - 1) * run->n_context, run->n_context);
  return TRUE;
}

gboolean
_tacet_run_encode_prompts (TacetRun *run, GError **error)
{
  gboolean done = encode_prompts (run, error);
  _tacet_engine_finish_text (run->engine);
  return done;
}
