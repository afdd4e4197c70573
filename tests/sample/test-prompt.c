/* test-prompt.c: weights in prompts and long prompts, against AUTOMATIC1111's code; the engine's memory of prompts.
 *
 * Room: tests/sample.  References: make-prompt-references.py.
 */
#include "engine/sample/tacet-engine-private.h"
#include "engine/sample/tacet-prompt.h"
#include "engine/weights/tacet-json.h"
#include "tiny-pipeline.h"
#include <math.h>
#include <string.h>

#define SEED   300
#define LENGTH 16

typedef struct
{
  char *folder;
  TacetEngine *engine;
  JsonNode *node;
} Fixture;

static void
set_up (Fixture *self, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "sample", "data", "prompts.json", NULL);
  self->folder = tiny_pipeline_new (SEED);
  const char *const model_path[] = { self->folder, NULL };
  self->engine = tacet_engine_new (1, 0, &error);
  tacet_engine_set_model_path (self->engine, model_path);
  g_autoptr (TacetRequest) tiny = tiny_request_new ();
  g_assert_true (_tacet_engine_use_pipeline (self->engine, tiny, &error));
  self->node = tacet_json_load (path, 4 << 20, &error);
  g_assert_no_error (error);
}

static void
tear_down (Fixture *self, gconstpointer unused)
{
  tacet_engine_free (self->engine);
  json_node_unref (self->node);
  tiny_pipeline_remove (self->folder);
}

static JsonArray *
references (Fixture *self, const char *name)
{
  return json_object_get_array_member (json_node_get_object (self->node), name);
}

static void
assert_near (double found, double wanted, double tolerance)
{
  if (!(fabs (found - wanted) <= tolerance * (1 + fabs (wanted))))
    g_error ("%.9g instead of %.9g", found, wanted);
}

static void
test_parses (Fixture *self, gconstpointer unused)
{
  JsonArray *all = references (self, "parses");
  g_assert_cmpuint (json_array_get_length (all), >, 300);
  for (guint i = 0; i < json_array_get_length (all); i++)
    {
      JsonArray *one = json_array_get_array_element (all, i), *wanted = json_array_get_array_element (one, 1);
      const char *prompt = json_array_get_string_element (one, 0);
      g_autoptr (GArray) parts = tacet_prompt_parse (prompt);
      g_test_message ("%s", prompt);
      g_assert_cmpuint (parts->len, ==, json_array_get_length (wanted));
      for (guint k = 0; k < parts->len; k++)
        {
          const TacetPromptPart *part = &g_array_index (parts, TacetPromptPart, k);
          JsonArray *pair = json_array_get_array_element (wanted, k);
          g_assert_cmpstr (part->is_break ? "BREAK" : part->text, ==, json_array_get_string_element (pair, 0));
          if (!part->is_break)
            assert_near (part->weight, json_array_get_double_element (pair, 1), 1e-12);
        }
    }
}

/* What is our own: BREAK within brackets, weights that are no numbers or far too large. */
static void
test_own_parses (void)
{
  static const struct
  {
    const char *prompt;
    guint n, at;
    const char *text; /* NULL: a break */
    double weight;
  } cases[] = {
    { "(a BREAK b:1.5)", 3, 0, "a", 1.5 }, { "(a BREAK b:1.5)", 3, 1, NULL, 1 }, { "(a BREAK b:1.5)", 3, 2, "b", 1.5 },
    { "(a:1.2.3)", 1, 0, "a:1.2.3", 1.1 }, { "(a:.)", 1, 0, "a:.", 1.1 },        { "(a:-)", 1, 0, "a:-", 1.1 },
    { "(a:99999)", 1, 0, "a", 1000 },      { "(a:-99999)", 1, 0, "a", -1000 },   { "a\xff (b)", 1, 0, "a", 1 },
  };
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GArray) parts = tacet_prompt_parse (cases[i].prompt);
      g_test_message ("case %d", (int) i);
      g_assert_cmpuint (parts->len, ==, cases[i].n);
      const TacetPromptPart *part = &g_array_index (parts, TacetPromptPart, cases[i].at);
      g_assert_true (part->is_break == (cases[i].text == NULL));
      g_assert_cmpstr (part->text, ==, cases[i].text ? cases[i].text : "");
      assert_near (part->weight, cases[i].weight, 1e-12);
    }
}

/* Two prompts as one: brackets and escapes of the first end with it, a comma stands between words. */
static void
test_both (void)
{
  static const struct
  {
    const char *first, *second, *text; /* parts, each as text:weight, | for BREAK */
  } cases[] = {
    { "a", "b", "a, b:1" },
    { "(a", "b", "a:1.1 , b:1" },
    { "[a", "(b", "a:0.909091 , :1 b:1.1" },
    { "(a:1.2", "b)", "a:1.2:1.1 , b):1" },
    { "a\\", ") b", "a, ) b:1" },
    { "a BREAK", "b", "a:1 | b:1" },
    { "a", "BREAK b", "a:1 | b:1" },
    { "(a BREAK ", "BREAK(b)", "a:1.1 | :1.1 :1 | :1 b:1.1" },
    { NULL, "b", "b:1" },
    { "  ", "b", "  b:1" },
    { "\xff", "b", "b:1" },
    { "a", NULL, "a:1" },
    { "a", " \n", "a \n:1" },
    { NULL, NULL, ":1" },
  };
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GArray) parts = tacet_prompt_parse_both (cases[i].first, cases[i].second);
      g_autoptr (GString) text = g_string_new (NULL);
      for (guint k = 0; k < parts->len; k++)
        {
          const TacetPromptPart *part = &g_array_index (parts, TacetPromptPart, k);
          g_string_append (text, k > 0 ? " " : "");
          if (part->is_break)
            g_string_append (text, "|");
          else
            g_string_append_printf (text, "%s:%g", part->text, part->weight);
        }
      g_test_message ("%s + %s", cases[i].first, cases[i].second);
      g_assert_cmpstr (text->str, ==, cases[i].text);
    }
}

static void
compare_chunks (TacetTokenizer *tokenizer, JsonArray *all, int length)
{
  for (guint i = 0; i < json_array_get_length (all); i++)
    {
      JsonArray *one = json_array_get_array_element (all, i);
      JsonArray *ids = json_array_get_array_element (one, 1), *weights = json_array_get_array_element (one, 2);
      const char *prompt = json_array_get_string_element (one, 0);
      g_autoptr (TacetPromptChunks) chunks = tacet_prompt_chunks (tokenizer, prompt, NULL, length);
      g_test_message ("%s", prompt);
      g_assert_cmpuint ((guint) (chunks->n * chunks->length), ==, json_array_get_length (ids));
      g_assert_false (chunks->cut);
      for (guint k = 0; k < json_array_get_length (ids); k++)
        {
          g_assert_cmpint (chunks->ids[k], ==, json_array_get_int_element (ids, k));
          assert_near (chunks->weights[k], json_array_get_double_element (weights, k), 1e-6);
        }
    }
}

static void
test_chunks (Fixture *self, gconstpointer unused)
{
  g_autofree char *folder = g_test_build_filename (G_TEST_DIST, "weights", "tokens", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (TacetTokenizer) tokenizer = tacet_tokenizer_load (folder, &error);
  g_assert_no_error (error);
  compare_chunks (self->engine->pipeline->tokenizer, references (self, "chunks"), LENGTH);
  compare_chunks (tokenizer, references (self, "long"), 77);
}

static void
test_limits (Fixture *self, gconstpointer unused)
{
  static const char *const units[] = { "(",  ")", "[",  "a",      "(a",     "(a:1.1)",
                                       "\\", ":", ", ", "BREAK ", "(a:9)(", "\xc3\xa9" };
  TacetTokenizer *tokenizer = self->engine->pipeline->tokenizer;
  for (gsize i = 0; i < G_N_ELEMENTS (units); i++)
    for (int length = 3; length < 80; length += 37)
      {
        g_autoptr (GString) prompt = g_string_new (NULL);
        while (prompt->len < 70000)
          g_string_append (prompt, units[i]);
        g_test_message ("“%s” in chunks of %d", units[i], length);
        g_autoptr (TacetPromptChunks) chunks = tacet_prompt_chunks (tokenizer, prompt->str, NULL, length);
        g_assert_cmpint (chunks->n, <=, TACET_PROMPT_MAX_CHUNKS);
        g_assert_true (chunks->cut);
        for (int k = 0; k < chunks->n * length; k++)
          g_assert_true (isfinite (chunks->weights[k]));
      }
}

/* A run that is only its prompts. */
static TacetRun *
run_prompts (TacetEngine *engine, TacetRequest *request, int batch, GError **error)
{
  TacetRun *run = g_new0 (TacetRun, 1);
  run->engine = engine;
  run->request = request;
  run->batch = batch;
  run->n_texts = 1;
  run->notes = g_ptr_array_new_with_free_func (g_free);
  g_assert_true (_tacet_run_encode_prompts (run, error) == (run->context != NULL));
  return run;
}

static void
run_free (TacetRun *run)
{
  g_ptr_array_unref (run->notes);
  g_free (run->context);
  g_free (run);
}

static void
set_text (char **text, const char *value)
{
  g_free (*text);
  *text = g_strdup (value);
}

static void
test_encoded (Fixture *self, gconstpointer unused)
{
  JsonArray *all = references (self, "encoded");
  g_autoptr (TacetRequest) request = tiny_request_new ();
  for (guint i = 0; i < json_array_get_length (all); i++)
    {
      JsonArray *one = json_array_get_array_element (all, i), *wanted = json_array_get_array_element (one, 3);
      g_autoptr (GError) error = NULL;
      set_text (&request->prompt, json_array_get_string_element (one, 0));
      request->clip_skip = (int) json_array_get_int_element (one, 1);
      g_test_message ("%s, clip skip %d", request->prompt, request->clip_skip);
      TacetRun *run = run_prompts (self->engine, request, 1, &error);
      g_assert_no_error (error);
      g_assert_cmpint (run->texts[0].n_tokens, ==, json_array_get_int_element (one, 2));
      g_assert_cmpuint (run->n_context, ==, json_array_get_length (wanted));
      for (guint k = 0; k < run->n_context; k++)
        assert_near (run->context[k], json_array_get_double_element (wanted, k), 1e-5);
      run_free (run);
    }
  request->clip_skip = 100;
  g_autoptr (GError) error = NULL;
  run_free (run_prompts (self->engine, request, 1, &error));
  g_assert_error (error, TACET_SAMPLE_ERROR, TACET_SAMPLE_ERROR_REQUEST);
}

/* The shorter half is filled with what no text gives. */
static void
test_padding (Fixture *self, gconstpointer unused)
{
  g_autoptr (TacetRequest) request = tiny_request_new ();
  g_autoptr (GError) error = NULL;
  set_text (&request->prompt, "a red mug BREAK blue BREAK mug");
  set_text (&request->negative_prompt, "blue");
  TacetRun *both = run_prompts (self->engine, request, 2, &error);
  g_assert_no_error (error);
  set_text (&request->prompt, "blue BREAK BREAK (a:1)");
  set_text (&request->negative_prompt, "");
  TacetRun *other = run_prompts (self->engine, request, 2, &error);
  g_assert_no_error (error);
  g_assert_cmpint (both->texts[0].n_tokens, ==, 3 * LENGTH);
  g_assert_cmpint (other->texts[0].n_tokens, ==, 3 * LENGTH);
  gsize chunk = both->n_context / 3;
  g_assert_cmpmem (both->context, chunk * sizeof (float), other->context + 3 * chunk, chunk * sizeof (float));
  g_assert_cmpmem (both->context + chunk, chunk * sizeof (float), both->context + 2 * chunk, chunk * sizeof (float));
  g_assert_cmpmem (both->context + chunk, chunk * sizeof (float), other->context, chunk * sizeof (float));
  run_free (both);
  run_free (other);
}

/* A known prompt needs no text encoder; another model or clip skip does. */
static void
test_memory (Fixture *self, gconstpointer unused)
{
  g_autoptr (TacetRequest) request = tiny_request_new ();
  g_autoptr (GError) error = NULL;
  set_text (&request->prompt, "a red mug");
  TacetRun *first = run_prompts (self->engine, request, 2, &error);
  g_assert_no_error (error);
  TacetWeights *weights = g_steal_pointer (&self->engine->pipeline->text_weights);
  g_clear_pointer (&self->engine->text, _tacet_network_free);
  TacetRun *again = run_prompts (self->engine, request, 2, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (first->context, first->n_context * sizeof (float), again->context,
                   again->n_context * sizeof (float));
  g_assert_null (self->engine->text);
  self->engine->pipeline->text_weights = weights;

  guint known = self->engine->contexts->len;
  request->clip_skip = 2;
  TacetRun *skipped = run_prompts (self->engine, request, 2, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (self->engine->contexts->len, >, known);
  g_assert_true (memcmp (skipped->context, first->context, first->n_context * sizeof (float)) != 0);
  request->clip_skip = 1;
  tiny_pipeline_rewrite (self->folder, "text_encoder", 77);
  g_autoptr (TacetRequest) tiny = tiny_request_new ();
  g_assert_true (_tacet_engine_use_pipeline (self->engine, tiny, &error));
  TacetRun *changed = run_prompts (self->engine, request, 2, &error);
  g_assert_no_error (error);
  g_assert_true (memcmp (changed->context, first->context, first->n_context * sizeof (float)) != 0);
  for (int i = 0; i < 40; i++)
    {
      g_autofree char *text = g_strdup_printf ("a %d", i);
      set_text (&request->prompt, text);
      run_free (run_prompts (self->engine, request, 1, &error));
      g_assert_no_error (error);
    }
  g_assert_cmpuint (self->engine->contexts->len, <=, 48);
  run_free (first);
  run_free (again);
  run_free (skipped);
  run_free (changed);
}

/* Whole runs with prompts of several lengths. */
static void
test_runs (Fixture *self, gconstpointer unused)
{
  static const char *const prompts[] = { "a red mug", "a (red:1.4) mug BREAK blue",
                                         "a red mug, a blue mug, a person and a mug" };
  g_autoptr (TacetRequest) request = tiny_request_new ();
  for (gsize i = 0; i < G_N_ELEMENTS (prompts); i++)
    {
      g_autoptr (GError) error = NULL;
      set_text (&request->prompt, prompts[i]);
      g_autoptr (TacetResult) result = tacet_engine_generate (self->engine, request, NULL, NULL, NULL, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (result->progress->notes->len, ==, 0);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, func) g_test_add (path, Fixture, NULL, set_up, func, tear_down)
  ADD ("/prompt/parses", test_parses);
  g_test_add_func ("/prompt/own-parses", test_own_parses);
  g_test_add_func ("/prompt/both", test_both);
  ADD ("/prompt/chunks", test_chunks);
  ADD ("/prompt/limits", test_limits);
  ADD ("/prompt/encoded", test_encoded);
  ADD ("/prompt/padding", test_padding);
  ADD ("/prompt/memory", test_memory);
  ADD ("/prompt/runs", test_runs);
  return g_test_run ();
}
