/* test-vocabulary.c: the vocabulary that a user points to once: its forms, damaged ones, where it is found.
 *
 * Tests of engine/weights.
 */
#include "engine/weights/tacet-tokenizer.h"
#include "engine/weights/tacet-weights.h"
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <string.h>

static char *root;

static char *
place (const char *name)
{
  return g_build_filename (root, name, NULL);
}

static void
put (const char *name, const char *text, gssize length)
{
  g_autofree char *path = place (name), *folder = g_path_get_dirname (path);
  g_assert_cmpint (g_mkdir_with_parents (folder, 0755), ==, 0);
  g_assert_true (g_file_set_contents (path, text, length, NULL));
}

static void
copy (const char *from, const char *to)
{
  g_autofree char *path = g_build_filename (g_getenv ("TACET_SOURCE"), "tests", "weights", "tokens", from, NULL);
  g_autofree char *text = NULL;
  gsize length;
  g_assert_true (g_file_get_contents (path, &text, &length, NULL));
  put (to, text, (gssize) length);
}

static void
discard (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;
  while (dir && (name = g_dir_read_name (dir)))
    {
      g_autofree char *inner = g_build_filename (path, name, NULL);
      discard (inner);
    }
  g_assert_cmpint (g_remove (path), ==, 0);
}

/* As gzip would pack it. */
static void
put_packed (const char *name, const char *text, gsize length)
{
  g_autoptr (GZlibCompressor) zlib = g_zlib_compressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP, 9);
  g_autoptr (GInputStream) plain = g_memory_input_stream_new_from_data (text, (gssize) length, NULL);
  g_autoptr (GInputStream) packed = g_converter_input_stream_new (plain, G_CONVERTER (zlib));
  g_autoptr (GByteArray) all = g_byte_array_new ();
  guint8 buffer[4096];
  gssize n;
  while ((n = g_input_stream_read (packed, buffer, sizeof buffer, NULL, NULL)) > 0)
    g_byte_array_append (all, buffer, (guint) n);
  put (name, (const char *) all->data, all->len);
}

/* openai/CLIP's form with merges of its size, of pairs of bytes and pairs of these. */
static GString *
made_up_bpe (int merges)
{
  GString *text = g_string_new ("\"bpe_simple_vocab_16e6.txt#version: 0.2\n");
  for (int i = 0; i < merges; i++)
    {
      int a = i / 64 / 94 % 94, b = i / 64 % 94, c = i % 64;
      if (i < 94 * 94)
        g_string_append_printf (text, "%c %c\n", '!' + i / 94, '!' + i % 94);
      else
        g_string_append_printf (text, "%c%c %c%c\n", '!' + a, '!' + b, '!' + c, '!' + b);
    }
  return text;
}

static int
size_of (const char *name)
{
  g_autofree char *path = place (name);
  g_autoptr (GError) error = NULL;
  g_autoptr (TacetTokenizer) tokenizer = tacet_tokenizer_open (path, &error);
  g_assert_true ((tokenizer != NULL) == (error == NULL));
  if (error)
    g_test_message ("%s", error->message);
  return tokenizer ? tacet_tokenizer_size (tokenizer) : -1;
}

static void
test_forms (void)
{
  g_autoptr (GString) bpe = made_up_bpe (48894 + 300), shorter = made_up_bpe (48000);
  copy ("vocab.json", "model/tokenizer/vocab.json");
  copy ("merges.txt", "model/tokenizer/merges.txt");
  int tiny = size_of ("model");
  g_assert_cmpint (tiny, >, 1000);
  g_assert_cmpint (size_of ("model/tokenizer"), ==, tiny);
  g_assert_cmpint (size_of ("model/tokenizer/vocab.json"), ==, tiny);
  g_assert_cmpint (size_of ("model/tokenizer/merges.txt"), ==, tiny);
  put ("plain.txt", bpe->str, (gssize) bpe->len);
  put_packed ("packed.txt.gz", bpe->str, bpe->len);
  g_assert_cmpint (size_of ("plain.txt"), ==, 49408);
  g_assert_cmpint (size_of ("packed.txt.gz"), ==, 49408);
  put ("shorter.txt", shorter->str, (gssize) shorter->len);
  g_assert_cmpint (size_of ("shorter.txt"), ==, -1);
}

static void
test_damaged (void)
{
  static const struct
  {
    const char *name, *text;
  } cases[] = {
    { "empty.txt", "" },
    { "head.txt", "\"bpe_simple_vocab_16e6.txt#version: 0.2\n" },
    { "other.txt", "hello\nworld\n" },
    { "bad.json", "{\"model\":1}" },
    { "array.json", "[]" },
    { "kind.json", "{\"model\":{\"vocab\":{\"a\":0},\"merges\":[]}}" },
    { "start.json", "{\"model\":{\"end_of_word_suffix\":\"</w>\",\"vocab\":{\"a\":0},\"merges\":[]}}" },
    { "pair.json", "{\"model\":{\"end_of_word_suffix\":\"</w>\",\"vocab\":{\"<|startoftext|>\":0,\"<|endoftext|>\":1},"
                   "\"merges\":[[\"a\",\"b\"]]}}" },
    { "merge.json", "{\"model\":{\"end_of_word_suffix\":\"</w>\",\"vocab\":{\"<|startoftext|>\":0,\"<|endoftext|>\":1},"
                    "\"merges\":[{},1,null]}}" },
  };
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      put (cases[i].name, cases[i].text, -1);
      g_assert_cmpint (size_of (cases[i].name), ==, -1);
    }
  /* A bomb: 64 MB of one letter. */
  g_autofree char *zeros = g_strnfill (64 << 20, 'a');
  put_packed ("bomb.txt.gz", zeros, 64 << 20);
  g_assert_cmpint (size_of ("bomb.txt.gz"), ==, -1);
  put ("cut.txt.gz", "\x1f\x8b\x08\x00garbage", 12);
  g_assert_cmpint (size_of ("cut.txt.gz"), ==, -1);
  g_assert_cmpint (size_of ("nowhere"), ==, -1);
}

static void
test_store_and_find (void)
{
  g_autofree char *empty = place ("empty"), *models = place ("models"), *from = place ("models/some/tokenizer");
  g_autofree char *missing = place ("nothing"), *file = place ("checkpoints/model.safetensors");
  const char *const nowhere[] = { empty, NULL }, *const folders[] = { empty, models, NULL };
  g_autoptr (GError) error = NULL;
  copy ("vocab.json", "models/some/tokenizer/vocab.json");
  copy ("merges.txt", "models/some/tokenizer/merges.txt");
  g_autoptr (TacetTokenizer) known = tacet_tokenizer_open (from, &error);
  g_assert_no_error (error);
  int size = tacet_tokenizer_size (known);

  g_assert_null (tacet_vocabulary_find (NULL, nowhere, size, &error));
  g_assert_error (error, TACET_WEIGHTS_ERROR, TACET_WEIGHTS_ERROR_MISSING);
  g_assert_nonnull (strstr (error->message, "tacet models vocabulary"));
  g_clear_error (&error);
  g_assert_null (tacet_vocabulary_find (NULL, NULL, size, NULL));
  g_autoptr (TacetTokenizer) in_model = tacet_vocabulary_find (file, folders, size, &error);
  g_assert_no_error (error);
  g_assert_nonnull (in_model);
  g_assert_null (tacet_vocabulary_find (NULL, folders, size + 1, NULL));

  g_assert_null (tacet_vocabulary_store (missing, &error));
  g_assert_nonnull (error);
  g_clear_error (&error);
  g_autofree char *stored = tacet_vocabulary_store (from, &error);
  g_assert_no_error (error);
  g_autoptr (TacetTokenizer) kept = tacet_vocabulary_find (NULL, nowhere, size, &error);
  g_assert_no_error (error);
  g_assert_cmpint (tacet_tokenizer_size (kept), ==, size);
  /* What fails leaves the stored one as it is. */
  g_assert_null (tacet_vocabulary_store (missing, NULL));
  g_autoptr (TacetTokenizer) still = tacet_vocabulary_find (NULL, NULL, size, &error);
  g_assert_no_error (error);
  g_assert_nonnull (still);
  g_assert_cmpint (g_remove (stored), ==, 0);

  copy ("vocab.json", "checkpoints/vocab.json");
  copy ("merges.txt", "checkpoints/merges.txt");
  g_autoptr (TacetTokenizer) beside = tacet_vocabulary_find (file, NULL, size, &error);
  g_assert_no_error (error);
  g_assert_nonnull (beside);
}

int
main (int argc, char **argv)
{
  root = g_dir_make_tmp ("tacet-test-XXXXXX", NULL);
  g_assert_nonnull (root);
  g_autofree char *data = place ("data");
  g_setenv ("XDG_DATA_HOME", data, TRUE);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/vocabulary/forms", test_forms);
  g_test_add_func ("/vocabulary/damaged", test_damaged);
  g_test_add_func ("/vocabulary/store-and-find", test_store_and_find);
  int status = g_test_run ();
  discard (root);
  g_free (root);
  return status;
}
