/* test-safetensors.c: the format: what is read, what is refused, what is written.
 *
 * Tests of engine/weights.
 */
#include "engine/weights/tacet-safetensors.h"
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

static char *
scratch_file (void)
{
  char *path = NULL;
  int fd = g_file_open_tmp ("tacet-test-XXXXXX.safetensors", &path, NULL);
  g_assert_cmpint (fd, >=, 0);
  close (fd);
  return path;
}

#define T(dtype, shape, offsets) "{\"dtype\":\"" dtype "\",\"shape\":" shape ",\"data_offsets\":" offsets "}"

static void
test_accepted (void)
{
  const struct
  {
    const char *json;
    guint64 size;
    guint n;
  } cases[] = {
    { "{}", 0, 0 },
    { "  \n{ } \t ", 0, 0 },
    { "{\"a\":" T ("F32", "[2,3]", "[0,24]") "}", 24, 1 },
    { " { \"a\" : { \"shape\" : [ 2 , 3 ] , \"data_offsets\" : [ 0 , 24 ] , \"dtype\" : \"F32\" } } ", 24, 1 },
    { "{\"b\":" T ("F16", "[1]", "[8,10]") ",\"a\":" T ("F64", "[]", "[0,8]") "}", 10, 2 },
    { "{\"a\":" T ("F32", "[0]", "[0,0]") ",\"b\":" T ("F32", "[9223372036854775807,9,0]", "[0,0]") "}", 0, 2 },
    { "{\"__metadata__\":{\"format\":\"pt\",\"k\":\"\\u00e9\\ud83d\\ude42\\n\"},\"a\":" T ("U8", "[3]", "[0,3]") "}", 3,
      1 },
    { "{\"__metadata__\":{}}", 0, 0 },
    { "{\"a\":{\"dtype\":\"I64\",\"later\":null,\"shape\":[1],\"x\":\"y\",\"data_offsets\":[0,8],\"z\":-1.5e3}}", 8,
      1 },
    { "{\"a\":" T ("F4", "[4]", "[0,2]") "}", 2, 1 },
  };
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_test_message ("%s", cases[i].json);
      g_autoptr (TacetFileIndex) index =
          tacet_file_index_parse (cases[i].json, strlen (cases[i].json), cases[i].size, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (index->tensors->len, ==, cases[i].n);
    }
  g_autoptr (TacetFileIndex) index = tacet_file_index_parse (cases[6].json, strlen (cases[6].json), 3, NULL);
  g_assert_cmpstr (g_hash_table_lookup (index->metadata, "k"), ==, "é🙂\n");
}

static void
test_refused (void)
{
  static const struct
  {
    const char *json;
    guint64 size;
  } cases[] = {
    { "", 0 },
    { "[]", 0 },
    { "{", 0 },
    { "{}x", 0 },
    { "null", 0 },
    { "{\"a\":1}", 0 },
    { "{\"a\"}", 0 },
    { "{\"a\":{}}", 0 },
    { "{\"a\":[]}", 0 },
    { "{\"a\":" T ("F32", "[1]", "[0,4]") ",}", 4 },
    { "{\"a\":" T ("F32", "[1]", "[0,4]") ",\"a\":" T ("F32", "[1]", "[4,8]") "}", 8 }, /* twice */
    { "{\"a\":" T ("F32", "[1]", "[0,4]") "}", 3 },                                     /* cut short */
    { "{\"a\":" T ("F32", "[1]", "[0,4]") "}", 5 },                                     /* trailing bytes */
    { "{\"a\":" T ("F32", "[1]", "[4,8]") "}", 8 },                                     /* a hole */
    { "{\"a\":" T ("F32", "[1]", "[0,4]") ",\"b\":" T ("F32", "[1]", "[0,4]") "}", 4 }, /* overlap */
    { "{\"a\":" T ("F32", "[1]", "[0,4]") ",\"b\":" T ("F32", "[1]", "[2,6]") "}", 6 }, /* overlap */
    { "{\"a\":" T ("F32", "[1]", "[4,0]") "}", 4 },                                     /* backwards */
    { "{\"a\":" T ("F32", "[2]", "[0,4]") "}", 4 },                                     /* wrong size */
    { "{\"a\":" T ("F4", "[3]", "[0,1]") "}", 1 },                                      /* half a byte */
    { "{\"a\":" T ("F32", "[-1]", "[0,4]") "}", 4 },
    { "{\"a\":" T ("F32", "[1.0]", "[0,4]") "}", 4 },
    { "{\"a\":" T ("F32", "[1e0]", "[0,4]") "}", 4 },
    { "{\"a\":" T ("F32", "[01]", "[0,4]") "}", 4 },
    { "{\"a\":" T ("F32", "[1,]", "[0,4]") "}", 4 },
    { "{\"a\":" T ("F32", "[1", "[0,4]") "}", 4 },
    { "{\"a\":" T ("F32", "[1]", "[0]") "}", 4 },
    { "{\"a\":" T ("F32", "[1]", "[0,4,8]") "}", 4 },
    { "{\"a\":" T ("F32", "[1,1,1,1,1,1,1,1,1]", "[0,4]") "}", 4 },     /* too many dimensions */
    { "{\"a\":" T ("F32", "[4611686018427387904,4]", "[0,0]") "}", 0 }, /* overflows to 0 */
    { "{\"a\":" T ("F32", "[18446744073709551616]", "[0,0]") "}", 0 },
    { "{\"a\":" T ("F32", "[9223372036854775808]", "[0,0]") "}", 0 },
    { "{\"a\":" T ("F32", "[1]", "[18446744073709551612,0]") "}", 4 },
    { "{\"a\":" T ("F64", "[288230376151711744]", "[0,2305843009213693952]") "}", 0 },
    { "{\"a\":" T ("X32", "[1]", "[0,4]") "}", 4 },
    { "{\"a\":" T ("f32", "[1]", "[0,4]") "}", 4 },
    { "{\"a\":{\"dtype\":\"F32\",\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", 4 },
    { "{\"a\":{\"dtype\":\"F32\",\"shape\":[1]}}", 4 },
    { "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4],\"x\":{\"y\":[[[[]]]]}}}", 4 },
    { "{\"__metadata__\":{\"a\":1}}", 0 },
    { "{\"__metadata__\":{\"a\":\"b\",\"a\":\"c\"}}", 0 },
    { "{\"__metadata__\":[]}", 0 },
    { "{\"__metadata__\":{},\"__metadata__\":{}}", 0 },
    { "{\"\\u0000\":" T ("F32", "[1]", "[0,4]") "}", 4 },
    { "{\"\\ud800\":" T ("F32", "[1]", "[0,4]") "}", 4 },
    { "{\"\\q\":" T ("F32", "[1]", "[0,4]") "}", 4 },
    { "{\"\xff\":" T ("F32", "[1]", "[0,4]") "}", 4 },
    { "{\"a\n\":" T ("F32", "[1]", "[0,4]") "}", 4 },
  };
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (TacetFileIndex) index =
          tacet_file_index_parse (cases[i].json, strlen (cases[i].json), cases[i].size, &error);
      g_test_message ("%s: %s", cases[i].json, error ? error->message : "accepted!");
      g_assert_null (index);
      g_assert_error (error, TACET_WEIGHTS_ERROR, TACET_WEIGHTS_ERROR_INVALID);
    }
}

/* Names and nesting without end. */
static void
test_endless (void)
{
  g_autoptr (GString) deep = g_string_new ("{\"a\":{\"dtype\":\"F32\",\"shape\":");
  for (int i = 0; i < 1000000; i++)
    g_string_append_c (deep, '[');
  g_autoptr (GString) name = g_string_new ("{\"");
  for (int i = 0; i < 5000; i++)
    g_string_append_c (name, 'x');
  g_string_append (name, "\":" T ("F32", "[0]", "[0,0]") "}");
  g_assert_null (tacet_file_index_parse (deep->str, deep->len, 0, NULL));
  g_assert_null (tacet_file_index_parse (name->str, name->len, 0, NULL));
}

/* A good header with bytes changed, cut or doubled must end as an index or as a message. */
static void
test_mutations (void)
{
  static const char good[] =
      "{\"__metadata__\":{\"format\":\"pt\"},\"a.weight\":" T ("F32", "[2,3,1,1]", "[0,24]") ",\"b\":" T (
          "BF16", "[4]", "[24,32]") ",\"\\u00e9\":" T ("I64", "[]", "[32,40]") "}";
  g_autoptr (GRand) random = g_rand_new_with_seed (1);
  int accepted = 0;
  for (int i = 0; i < 30000; i++)
    {
      g_autofree char *text = g_memdup2 (good, sizeof good);
      gsize length = sizeof good - 1;
      for (int k = g_rand_int_range (random, 1, 4); k > 0; k--)
        {
          gsize at = (gsize) g_rand_int_range (random, 0, (gint32) length);
          int what = g_rand_int_range (random, 0, 4);
          if (what == 0)
            text[at] = (char) g_rand_int_range (random, 0, 256);
          else if (what == 1)
            text[at] = "{}[]\",:0129\\"[g_rand_int_range (random, 0, 12)];
          else if (what == 2 && length > 1)
            memmove (text + at, text + at + 1, --length - at);
          else if (length > 8)
            length = at + 1;
        }
      g_autoptr (GError) error = NULL;
      g_autoptr (TacetFileIndex) index = tacet_file_index_parse (text, length, 40, &error);
      g_assert_true ((index == NULL) == (error != NULL));
      accepted += index != NULL;
    }
  /* Changes within names and metadata are harmless, so some pass. */
  g_assert_cmpint (accepted, >, 100);
  g_assert_cmpint (accepted, <, 10000);
}

static void
test_files (void)
{
  static const struct
  {
    const char *bytes;
    gsize size;
  } cases[] = {
    { "", 0 },
    { "\2\0\0\0\0\0\0", 7 },
    { "\0\0\0\0\0\0\0\0", 8 },
    { "\3\0\0\0\0\0\0\0{}", 10 },
    { "\xff\xff\xff\xff\xff\xff\xff\xff{}", 10 },
    { "\2\0\0\0\0\0\0\x80{}", 10 },
    { "\2\0\0\0\0\0\0\0{}x", 11 },
    { "PK\3\4abcdefghijkl", 16 },
    { "\x80\2}q\1.abcdefgh", 14 },
  };
  g_autofree char *path = scratch_file ();
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_assert_true (g_file_set_contents (path, cases[i].bytes, (gssize) cases[i].size, NULL));
      g_assert_null (tacet_weights_open (path, &error));
      g_test_message ("%s", error->message);
      g_assert_nonnull (strstr (error->message, path));
      g_assert_null (tacet_safetensors_read (path, NULL));
    }
  g_unlink (path);
  g_autoptr (GError) error = NULL;
  g_assert_null (tacet_weights_open (path, &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
  g_clear_error (&error);
  g_assert_null (tacet_weights_open ("/", &error));
  g_assert_nonnull (error);
  g_clear_error (&error);
  g_assert_null (tacet_safetensors_read ("/dev/zero", &error));
  g_assert_nonnull (error);
}

static void
test_raw (void)
{
  static const int64_t dims[] = { 2, 3 };
  g_autofree char *path = scratch_file ();
  g_autoptr (GPtrArray) tensors = g_ptr_array_new_with_free_func ((GDestroyNotify) tacet_raw_tensor_free);
  g_autoptr (GHashTable) metadata = g_hash_table_new (g_str_hash, g_str_equal);
  static const char *const names[] = { "z", "a \"quoted\"\n", "ints" };
  static const TacetDtype dtypes[] = { TACET_F32, TACET_F64, TACET_I32 };
  for (int k = 0; k < 3; k++)
    {
      TacetRawTensor *raw = tacet_raw_tensor_new (names[k], dtypes[k], k == 1 ? 0 : 2, dims);
      for (int i = 0; i < tacet_raw_tensor_count (raw); i++)
        if (k == 0)
          ((float *) raw->data)[i] = 0.1f * (float) i;
        else if (k == 1)
          ((double *) raw->data)[i] = 1.0 / 3.0;
        else
          ((gint32 *) raw->data)[i] = i - 3;
      g_ptr_array_add (tensors, raw);
    }
  g_hash_table_insert (metadata, (gpointer) "who", (gpointer) "tacet \\ test");
  g_autoptr (GError) error = NULL;
  g_assert_true (tacet_safetensors_write (path, tensors, metadata, &error));
  g_assert_no_error (error);
  g_autoptr (GPtrArray) back = tacet_safetensors_read (path, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (back->len, ==, 3);
  for (int k = 0; k < 3; k++)
    {
      TacetRawTensor *raw = tacet_raw_tensor_find (back, names[k]), *first = g_ptr_array_index (tensors, k);
      g_assert_cmpint (raw->dtype, ==, dtypes[k]);
      gsize size = (gsize) tacet_raw_tensor_count (first) * tacet_dtype_size (first->dtype);
      g_assert_cmpmem (raw->data, size, first->data, size);
    }
  g_assert_null (tacet_raw_tensor_find (back, "nothing"));
  g_autoptr (TacetWeights) weights = tacet_weights_open (path, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (tacet_weights_metadata (weights, "who"), ==, "tacet \\ test");
  g_unlink (path);
  /* A folder that cannot be written, and one that does not exist. */
  g_assert_false (tacet_safetensors_write ("/nonexistent/a.safetensors", tensors, NULL, &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
  g_clear_error (&error);
  if (g_file_test ("/dev/full", G_FILE_TEST_EXISTS))
    {
      g_assert_false (tacet_safetensors_write ("/proc/a.safetensors", tensors, NULL, &error));
      g_assert_nonnull (error);
    }
}

/* Every half and every bfloat there is; and rounding between neighbours. */
static void
test_halves (void)
{
  for (int k = 0; k < 2; k++)
    {
      TacetFileDtype dtype = k ? TACET_FILE_BF16 : TACET_FILE_F16;
      float previous = 0;
      for (guint32 h = 0; h < 0x10000; h++)
        {
          guint8 bytes[2] = { h & 0xff, (guint8) (h >> 8) }, back[2];
          float x, middle;
          tacet_floats_decode (dtype, bytes, &x, 1);
          g_assert_true (tacet_floats_encode (dtype, &x, back, 1));
          if (!isnan (x))
            g_assert_cmpmem (bytes, 2, back, 2);
          else
            {
              tacet_floats_decode (dtype, back, &middle, 1);
              g_assert_true (isnan (middle));
            }
          if (h > 0 && h < 0x8000 && isfinite (x))
            {
              /* Half way: to the even one. */
              middle = (float) (0.5 * ((double) previous + (double) x));
              tacet_floats_encode (dtype, &middle, back, 1);
              g_assert_cmpuint ((guint) back[0] | (guint) back[1] << 8, ==, h & 1 ? h - 1 : h);
              g_assert_cmpfloat (x, >, previous);
            }
          previous = x;
        }
    }
  /* Many at once, from any place, as one by one. */
  g_autofree guint8 *all = g_malloc (2 * 0x10000 + 1);
  g_autofree float *many = g_new (float, 0x10000);
  for (guint32 h = 0; h < 0x10000; h++)
    {
      all[1 + 2 * h] = h & 0xff;
      all[2 + 2 * h] = (guint8) (h >> 8);
    }
  tacet_floats_decode (TACET_FILE_F16, all + 1, many, 0x10000);
  for (guint32 h = 0; h < 0x10000; h++)
    {
      float one;
      tacet_floats_decode (TACET_FILE_F16, all + 1 + 2 * h, &one, 1);
      g_assert_true (isnan (one) ? isnan (many[h]) : memcmp (&one, &many[h], 4) == 0);
    }
  float known[] = { 1.0f, 65504.0f, 6.1035156e-05f, 5.9604645e-08f, 0.333251953125f };
  static const guint16 bits[] = { 0x3c00, 0x7bff, 0x0400, 0x0001, 0x3555 };
  guint8 bytes[2];
  for (int i = 0; i < 5; i++)
    {
      g_assert_true (tacet_floats_encode (TACET_FILE_F16, &known[i], bytes, 1));
      g_assert_cmphex ((guint) bytes[0] | (guint) bytes[1] << 8, ==, bits[i]);
    }
  float large = 65520.0f, infinite = INFINITY;
  g_assert_false (tacet_floats_encode (TACET_FILE_F16, &large, bytes, 1));
  g_assert_true (tacet_floats_encode (TACET_FILE_BF16, &large, bytes, 1));
  g_assert_true (tacet_floats_encode (TACET_FILE_F16, &infinite, bytes, 1));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/safetensors/accepted", test_accepted);
  g_test_add_func ("/safetensors/refused", test_refused);
  g_test_add_func ("/safetensors/endless", test_endless);
  g_test_add_func ("/safetensors/mutations", test_mutations);
  g_test_add_func ("/safetensors/files", test_files);
  g_test_add_func ("/safetensors/raw", test_raw);
  g_test_add_func ("/safetensors/halves", test_halves);
  return g_test_run ();
}
