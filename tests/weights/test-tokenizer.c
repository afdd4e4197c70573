/* test-tokenizer.c: against transformers' CLIPTokenizer (tokens/prompts.json), the builder, damaged files.
 *
 * Tests of engine/weights.  TACET_CLIP_VOCABULARY may name bpe_simple_vocab_16e6.txt.gz of openai/CLIP; the
 * test with the real vocabulary is skipped without it.
 */
#include "engine/weights/tacet-json.h"
#include "engine/weights/tacet-tokenizer-private.h"
#include "engine/weights/tacet-weights.h"
#include <glib/gstdio.h>
#include <string.h>

static char *
scratch (void)
{
  char *folder = g_dir_make_tmp ("tacet-test-XXXXXX", NULL);
  g_assert_nonnull (folder);
  return folder;
}

static void
discard (char *folder)
{
  static const char *const files[] = {
    "vocab.json", "merges.txt", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json",
    "packed.gz",  "plain.txt"
  };
  for (gsize i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *path = g_build_filename (folder, files[i], NULL);
      (void) g_unlink (path);
    }
  g_assert_cmpint (g_rmdir (folder), ==, 0);
  g_free (folder);
}

static void
put (const char *folder, const char *name, const char *text)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
}

static char *
data_path (const char *name)
{
  return g_build_filename (g_getenv ("TACET_SOURCE"), "tests", "weights", "tokens", name, NULL);
}

static JsonNode *
expected (void)
{
  g_autofree char *path = data_path ("prompts.json");
  g_autoptr (GError) error = NULL;
  JsonNode *root = tacet_json_load (path, 4 << 20, &error);
  g_assert_no_error (error);
  return root;
}

static char *
tokens_text (TacetTokenizer *tokenizer, const char *text)
{
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (gint32));
  g_autoptr (GString) out = g_string_new (NULL);
  tacet_tokenizer_append (tokenizer, text, ids);
  for (guint i = 0; i < ids->len; i++)
    g_string_append_printf (out, i > 0 ? " %d" : "%d", g_array_index (ids, gint32, i));
  return g_string_free (g_steal_pointer (&out), FALSE);
}

/* Every text of an object, against what it says under `set`. */
static void
compare (TacetTokenizer *tokenizer, JsonObject *all, const char *set)
{
  JsonArray *texts = json_object_get_array_member (all, "texts"), *wanted = json_object_get_array_member (all, set);
  guint n = json_array_get_length (texts);
  g_assert_cmpuint (json_array_get_length (wanted), ==, n);
  for (guint i = 0; i < n; i++)
    {
      const char *text = json_array_get_string_element (texts, i);
      g_autofree char *found = tokens_text (tokenizer, text);
      g_test_message ("%s %u", set, i);
      g_assert_cmpstr (found, ==, json_array_get_string_element (wanted, i));
    }
}

static void
test_tiny (void)
{
  g_autofree char *folder = data_path ("");
  g_autoptr (JsonNode) root = expected ();
  g_autoptr (GError) error = NULL;
  g_autoptr (TacetTokenizer) tokenizer = tacet_tokenizer_load (folder, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (json_array_get_length (json_object_get_array_member (json_node_get_object (root), "texts")), >,
                    500);
  compare (tokenizer, json_node_get_object (root), "tiny");
}

/* The same tokens from one tokenizer.json, as Tacet writes it. */
static void
test_one_file (void)
{
  char *folder = scratch ();
  g_autofree char *from = data_path ("merges.txt"), *path = g_build_filename (folder, "tokenizer.json", NULL);
  g_autoptr (JsonNode) root = expected ();
  g_autoptr (GError) error = NULL;
  g_autoptr (TacetTokenizer) first = tacet_tokenizer_open (from, &error);
  g_assert_no_error (error);
  g_assert_true (tacet_tokenizer_save (first, path, &error));
  g_assert_no_error (error);
  g_autoptr (TacetTokenizer) file = tacet_tokenizer_open (path, &error);
  g_assert_no_error (error);
  g_autoptr (TacetTokenizer) whole = tacet_tokenizer_open (folder, &error);
  g_assert_no_error (error);
  g_assert_cmpint (tacet_tokenizer_size (whole), ==, tacet_tokenizer_size (first));
  g_assert_cmpint (tacet_tokenizer_lookup (whole, "a</w>"), ==, tacet_tokenizer_lookup (first, "a</w>"));
  compare (file, json_node_get_object (root), "tiny");
  discard (folder);
}

static void
copy_data (const char *folder, const char *name)
{
  g_autofree char *from = data_path (name), *text = NULL;
  g_assert_true (g_file_get_contents (from, &text, NULL, NULL));
  put (folder, name, text);
}

/* The ways in which folders declare the special tokens; each also after a round through our own file. */
static void
test_specials (void)
{
  static const char *const files[] = { "tokenizer_config.json", "special_tokens_map.json" };
  g_autoptr (JsonNode) root = expected ();
  JsonArray *cases = json_object_get_array_member (json_node_get_object (root), "specials");
  for (guint i = 0; i < json_array_get_length (cases); i++)
    {
      JsonObject *one = json_array_get_object_element (cases, i);
      char *folder = scratch ();
      g_autofree char *path = g_build_filename (folder, "tokenizer.json", NULL);
      g_autoptr (GError) error = NULL;
      copy_data (folder, "vocab.json");
      copy_data (folder, "merges.txt");
      for (gsize k = 0; k < G_N_ELEMENTS (files); k++)
        if (json_object_has_member (one, files[k]))
          put (folder, files[k], json_object_get_string_member (one, files[k]));
      g_test_message ("case %u", i);
      g_autoptr (TacetTokenizer) tokenizer = tacet_tokenizer_load (folder, &error);
      g_assert_no_error (error);
      g_assert_cmpint (tacet_tokenizer_pad (tokenizer), ==, json_object_get_int_member (one, "pad"));
      compare (tokenizer, one, "ids");
      discard (folder);
      folder = scratch ();
      g_free (path);
      path = g_build_filename (folder, "tokenizer.json", NULL);
      g_assert_true (tacet_tokenizer_save (tokenizer, path, &error));
      g_autoptr (TacetTokenizer) again = tacet_tokenizer_open (folder, &error);
      g_assert_no_error (error);
      g_assert_cmpint (tacet_tokenizer_pad (again), ==, json_object_get_int_member (one, "pad"));
      compare (again, one, "ids");
      discard (folder);
    }
}

static void
digest_word (const char *word, gsize length, const TacetSpecial *special, gpointer digest)
{
  g_checksum_update (digest, (const guchar *) word, (gssize) length);
  g_checksum_update (digest, (const guchar *) "", 1);
}

/* Every character there may be, between letters and alone, with marks: blocks of 4096 by their digest. */
static void
test_unicode (void)
{
  g_autoptr (JsonNode) root = expected ();
  JsonArray *digests = json_object_get_array_member (json_node_get_object (root), "unicode");
  for (guint block = 0; block < 0x110; block++)
    {
      g_autoptr (GString) text = g_string_new (NULL);
      g_autoptr (GChecksum) digest = g_checksum_new (G_CHECKSUM_SHA256);
      for (gunichar c = block * 4096; c < (block + 1) * 4096; c++)
        if (c != 0 && !(c >= 0xd800 && c < 0xe000))
          {
            g_string_append_c (text, 'x');
            g_string_append_unichar (text, c);
            g_string_append (text, "\u0327");
            g_string_append_unichar (text, c);
            g_string_append (text, "X ");
            g_string_append_unichar (text, c);
            g_string_append_c (text, ' ');
          }
      tacet_for_words (text->str, NULL, digest_word, digest);
      g_autofree char *found = g_strndup (g_checksum_get_string (digest), 16);
      g_test_message ("characters from %x", block * 4096);
      g_assert_cmpstr (found, ==, json_array_get_string_element (digests, block));
    }
}

static void
test_clip (void)
{
  const char *archive = g_getenv ("TACET_CLIP_VOCABULARY");
  if (!archive || !g_file_test (archive, G_FILE_TEST_EXISTS))
    {
      g_test_skip ("TACET_CLIP_VOCABULARY does not name CLIP's vocabulary (bpe_simple_vocab_16e6.txt.gz)");
      return;
    }
  g_autoptr (JsonNode) root = expected ();
  g_autoptr (GError) error = NULL;
  g_autoptr (TacetTokenizer) tokenizer = tacet_tokenizer_open (archive, &error);
  g_assert_no_error (error);
  g_assert_cmpint (tacet_tokenizer_size (tokenizer), ==, 49408);
  g_assert_cmpint (tacet_tokenizer_lookup (tokenizer, ",</w>"), ==, 267);
  compare (tokenizer, json_node_get_object (root), "clip");
}

/* A megabyte of each of what could make it slow: a word, marks out of order, markers, spaces.  Quadratic
 * work would take minutes. */
static void
test_large (void)
{
  static const char *const units[] = { "x",
                                       "ab",
                                       "\u0327\u0301",
                                       "\u0301\u0327",
                                       "<|startoftext|>",
                                       "<|endoftext|>",
                                       "<|STARTOFTEXT|>",
                                       " ",
                                       "'s",
                                       "a\u0301\u0327 ",
                                       "9",
                                       "a,",
                                       "<",
                                       "\xf0\x9f\x99\x82" };
  g_autofree char *folder = data_path ("");
  g_autoptr (TacetTokenizer) tokenizer = tacet_tokenizer_load (folder, NULL);
  g_assert_nonnull (tokenizer);
  for (gsize i = 0; i < G_N_ELEMENTS (units); i++)
    {
      g_autoptr (GString) text = g_string_new (NULL);
      g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (gint32));
      while (text->len < 1 << 20)
        g_string_append (text, units[i]);
      g_test_message ("unit %d", (int) i);
      tacet_tokenizer_append (tokenizer, text->str, ids);
      g_assert_true ((ids->len > 0) == (units[i][0] != ' '));
    }
}

static void
test_build (void)
{
  static const char *const words[] = { "a",    "red", "hen", "then", "the", "he",    "abab", "bab",  "ab",   "wooden",
                                       "left", ",",   "'s",  "1",    "é",   "Light", "...",  "日本", "aaaa", NULL };
  char *folder = scratch ();
  g_autoptr (GError) error = NULL;
  g_assert_true (tacet_tokenizer_build (words, folder, &error));
  g_assert_no_error (error);
  g_autoptr (TacetTokenizer) tokenizer = tacet_tokenizer_load (folder, &error);
  g_assert_no_error (error);
  gint32 ids[32];
  for (gsize i = 0; words[i]; i++)
    {
      g_test_message ("%s", words[i]);
      g_assert_cmpint (tacet_tokenizer_encode (tokenizer, words[i], ids, 32), ==, 3);
      g_autofree char *shown = tacet_tokenizer_show (tokenizer, ids[1]);
      g_assert_nonnull (shown);
      g_assert_cmpint (ids[2], ==, tacet_tokenizer_end (tokenizer));
    }
  /* Words that were not listed fall back to pieces; two listed ones stay two tokens. */
  g_assert_cmpint (tacet_tokenizer_encode (tokenizer, "xyz", ids, 32), ==, 5);
  g_assert_cmpint (tacet_tokenizer_encode (tokenizer, "red, HEN", ids, 32), ==, 5);
  g_assert_null (tacet_tokenizer_show (tokenizer, tacet_tokenizer_size (tokenizer)));
  static const char *const bad[] = { "two words", NULL };
  g_assert_false (tacet_tokenizer_build (bad, folder, &error));
  g_assert_error (error, TACET_WEIGHTS_ERROR, TACET_WEIGHTS_ERROR_INVALID);
  discard (folder);
}

static void
test_limits (void)
{
  static const char *const words[] = { "a", NULL };
  char *folder = scratch ();
  g_assert_true (tacet_tokenizer_build (words, folder, NULL));
  g_autoptr (TacetTokenizer) tokenizer = tacet_tokenizer_load (folder, NULL);
  g_assert_nonnull (tokenizer);
  g_autofree char *endless = g_strnfill (100000, 'x');
  gint32 ids[77];
  g_assert_cmpint (tacet_tokenizer_encode (tokenizer, endless, ids, 77), >, 77);
  g_assert_cmpint (ids[76], ==, tacet_tokenizer_end (tokenizer));
  g_assert_cmpint (ids[75], !=, tacet_tokenizer_end (tokenizer));
  g_assert_cmpint (tacet_tokenizer_encode (tokenizer, "a a\xff\xfe a", ids, 2), ==, 4);
  g_assert_cmpint (ids[0], ==, tacet_tokenizer_start (tokenizer));
  g_assert_cmpint (ids[1], ==, tacet_tokenizer_end (tokenizer));
  discard (folder);
}

/* Each pair of files must end as a message. */
static void
test_damaged (void)
{
  static const char *const good = "{\"a\":0,\"b</w>\":1,\"ab</w>\":2,\"<|startoftext|>\":3,\"<|endoftext|>\":4}";
  const struct
  {
    const char *vocabulary, *merges;
  } cases[] = {
    { "", "" },
    { "[]", "" },
    { "{}", "" },
    { "{\"a\":0}", "" },
    { "{\"<|startoftext|>\":0}", "" },
    { "{\"<|startoftext|>\":0,\"<|endoftext|>\":0}", "" },
    { "{\"<|startoftext|>\":0,\"<|endoftext|>\":2}", "" },
    { "{\"<|startoftext|>\":-1,\"<|endoftext|>\":0}", "" },
    { "{\"<|startoftext|>\":\"0\",\"<|endoftext|>\":1}", "" },
    { "{\"<|startoftext|>\":0.5,\"<|endoftext|>\":1}", "" },
    { "{\"<|startoftext|>\":0,\"<|endoftext|>\":1", "" },
    { good, "#version: 0.2\na\n" },
    { good, "#version: 0.2\na b</w> c\n" },
    { good, "a c\n" },
    { good, "b</w> a\n" },
    { good, "\xff\xfe\n" },
  };
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      char *folder = scratch ();
      g_autoptr (GError) error = NULL;
      put (folder, "vocab.json", cases[i].vocabulary);
      put (folder, "merges.txt", cases[i].merges);
      g_test_message ("case %d", (int) i);
      g_assert_null (tacet_tokenizer_load (folder, &error));
      g_assert_nonnull (error);
      discard (folder);
    }
  g_autoptr (GError) error = NULL;
  g_assert_null (tacet_tokenizer_load ("/nonexistent", &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tokenizer/tiny", test_tiny);
  g_test_add_func ("/tokenizer/one-file", test_one_file);
  g_test_add_func ("/tokenizer/specials", test_specials);
  g_test_add_func ("/tokenizer/unicode", test_unicode);
  g_test_add_func ("/tokenizer/clip", test_clip);
  g_test_add_func ("/tokenizer/large", test_large);
  g_test_add_func ("/tokenizer/build", test_build);
  g_test_add_func ("/tokenizer/limits", test_limits);
  g_test_add_func ("/tokenizer/damaged", test_damaged);
  return g_test_run ();
}
