/* test-tokenizer.c: against transformers' CLIPTokenizer (tokens.json), the builder, damaged files.
 *
 * Tests of engine/weights.  TACET_CLIP_VOCAB may name bpe_simple_vocab_16e6.txt.gz of openai/CLIP; the
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
  static const char *const files[] = { "vocab.json", "merges.txt" };
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

static JsonNode *
expected (void)
{
  g_autofree char *path = g_build_filename (g_getenv ("TACET_SOURCE"), "tests", "weights", "tokens.json", NULL);
  g_autoptr (GError) error = NULL;
  JsonNode *root = tacet_json_load (path, 1 << 20, &error);
  g_assert_no_error (error);
  return root;
}

/* Every text of tokens.json, in a window of n. */
static void
compare (TacetTokenizer *tokenizer, JsonObject *all, const char *set, int n)
{
  JsonArray *texts = json_object_get_array_member (all, "texts");
  JsonObject *wanted = json_object_get_object_member (all, set);
  JsonArray *rows = json_object_get_array_member (wanted, "ids");
  JsonArray *lengths = json_object_get_array_member (wanted, "lengths");
  g_autofree gint32 *ids = g_new (gint32, n);
  for (guint i = 0; i < json_array_get_length (texts); i++)
    {
      const char *text = json_array_get_string_element (texts, i);
      JsonArray *row = json_array_get_array_element (rows, i);
      g_test_message ("%s: %s", set, text);
      g_assert_cmpint (tacet_tokenizer_encode (tokenizer, text, ids, n), ==, json_array_get_int_element (lengths, i));
      for (int k = 0; k < n; k++)
        {
          gint64 want = (guint) k < json_array_get_length (row) ? json_array_get_int_element (row, (guint) k)
                                                                : tacet_tokenizer_end (tokenizer);
          g_assert_cmpint (ids[k], ==, want);
        }
    }
}

static void
test_tiny (void)
{
  g_autoptr (JsonNode) root = expected ();
  JsonObject *all = json_node_get_object (root), *tiny = json_object_get_object_member (all, "tiny");
  JsonArray *tokens = json_object_get_array_member (tiny, "vocab"),
            *merges = json_object_get_array_member (tiny, "merges");
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (GString) lines = g_string_new ("#version: 0.2\r\n");
  json_builder_begin_object (builder);
  for (guint i = 0; i < json_array_get_length (tokens); i++)
    {
      json_builder_set_member_name (builder, json_array_get_string_element (tokens, i));
      json_builder_add_int_value (builder, i);
    }
  json_builder_end_object (builder);
  for (guint i = 0; i < json_array_get_length (merges); i++)
    g_string_append_printf (lines, "%s\r\n", json_array_get_string_element (merges, i));
  g_autoptr (JsonNode) vocabulary = json_builder_get_root (builder);
  g_autofree char *text = json_to_string (vocabulary, FALSE);
  char *folder = scratch ();
  put (folder, "vocab.json", text);
  put (folder, "merges.txt", lines->str);
  g_autoptr (GError) error = NULL;
  g_autoptr (TacetTokenizer) tokenizer = tacet_tokenizer_load (folder, &error);
  g_assert_no_error (error);
  compare (tokenizer, all, "tiny", 24);
  discard (folder);
}

static char *
unzip (const char *path)
{
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GFileInputStream) raw = g_file_read (file, NULL, NULL);
  g_assert_nonnull (raw);
  g_autoptr (GZlibDecompressor) zlib = g_zlib_decompressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP);
  g_autoptr (GInputStream) plain = g_converter_input_stream_new (G_INPUT_STREAM (raw), G_CONVERTER (zlib));
  g_autoptr (GString) text = g_string_new (NULL);
  char buffer[4096];
  for (gssize n; (n = g_input_stream_read (plain, buffer, sizeof buffer, NULL, NULL)) > 0;)
    g_string_append_len (text, buffer, n);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static void
json_token (GString *json, const char *token)
{
  g_string_append (json, json->len > 1 ? ",\"" : "\"");
  for (const char *p = token; *p; p++)
    g_string_append_printf (json, *p == '"' || *p == '\\' ? "\\%c" : "%c", *p);
  g_string_append_c (json, '"');
}

/* The vocabulary of Stable Diffusion 1.x: the first 48,894 merges. */
static void
write_clip (const char *folder, const char *archive)
{
  g_autofree char *text = unzip (archive);
  g_autoptr (GString) json = g_string_new ("{"), merges = g_string_new ("#version: 0.2\n");
  guint8 order[256];
  int id = 0;
  tacet_byte_order (order);
  for (int i = 0; i < 512; i++)
    {
      char token[16] = "";
      g_unichar_to_utf8 (tacet_byte_letter (order[i % 256]), token);
      g_strlcat (token, i < 256 ? "" : "</w>", sizeof token);
      json_token (json, token);
      g_string_append_printf (json, ":%d", id++);
    }
  char *line = text, *end = text + strlen (text);
  for (int i = 0; i <= 48894; i++)
    {
      char *next = memchr (line, '\n', (gsize) (end - line));
      g_assert_nonnull (next);
      *next = 0;
      g_auto (GStrv) pair = g_strsplit (line, " ", 2);
      line = next + 1;
      if (i == 0)
        continue; /* a comment */
      g_autofree char *token = g_strconcat (pair[0], pair[1], NULL);
      json_token (json, token);
      g_string_append_printf (json, ":%d", id++);
      g_string_append_printf (merges, "%s %s\n", pair[0], pair[1]);
    }
  g_string_append_printf (json, ",\"<|startoftext|>\":%d,\"<|endoftext|>\":%d}", id, id + 1);
  put (folder, "vocab.json", json->str);
  put (folder, "merges.txt", merges->str);
}

static void
test_clip (void)
{
  const char *archive = g_getenv ("TACET_CLIP_VOCAB");
  if (!archive || !g_file_test (archive, G_FILE_TEST_EXISTS))
    {
      g_test_skip ("TACET_CLIP_VOCAB does not name openai/CLIP's bpe_simple_vocab_16e6.txt.gz");
      return;
    }
  g_autoptr (JsonNode) root = expected ();
  char *folder = scratch ();
  write_clip (folder, archive);
  g_autoptr (GError) error = NULL;
  g_autoptr (TacetTokenizer) tokenizer = tacet_tokenizer_load (folder, &error);
  g_assert_no_error (error);
  g_assert_cmpint (tacet_tokenizer_size (tokenizer), ==, 49408);
  compare (tokenizer, json_node_get_object (root), "clip", 77);
  discard (folder);
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
  g_test_add_func ("/tokenizer/clip", test_clip);
  g_test_add_func ("/tokenizer/build", test_build);
  g_test_add_func ("/tokenizer/limits", test_limits);
  g_test_add_func ("/tokenizer/damaged", test_damaged);
  return g_test_run ();
}
