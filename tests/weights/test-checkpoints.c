/* test-checkpoints.c: files that torch.save () wrote, shards, what is refused by name, and hostile files.
 *
 * Tests of engine/weights.  make-torch-files.py made the files.
 */
#include "engine/weights/tacet-checkpoint.h"
#include "engine/weights/tacet-pickle.h"
#include <glib/gstdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static char *
file (const char *name)
{
  return g_test_build_filename (G_TEST_DIST, "weights", "files", name, NULL);
}

static TacetCheckpoint *
open_good (const char *name)
{
  g_autofree char *path = file (name);
  g_autoptr (GError) error = NULL;
  TacetCheckpoint *checkpoint = tacet_checkpoint_open (path, &error);
  g_assert_no_error (error);
  return checkpoint;
}

/* Element i of a tensor of make-torch-files.py. */
static int
value (const char *name, gint64 i)
{
  gint64 sum = 0;
  for (const char *c = name; *c; c++)
    sum += (guchar) *c;
  return (int) ((sum + i) % 61) - 30;
}

static double
element (const TacetFileTensor *t, const guint8 *bytes, gint64 i)
{
  gint64 wide = 0;
  float x;
  const guint8 *p = bytes + i * (t->bits / 8);
  if (t->dtype <= TACET_FILE_F64)
    {
      tacet_floats_decode (t->dtype, p, &x, 1);
      return x;
    }
  memcpy (&wide, p, (gsize) t->bits / 8);
  return (double) ((gint64) ((guint64) wide << (64 - t->bits)) >> (64 - t->bits));
}

/* All elements, whole and in two parts. `as`: whose numbering, and in which order: place = start + sum index * step. */
static void
check (TacetCheckpoint *c, const char *name, const char *as, gint64 start, const gint64 *steps)
{
  const TacetFileTensor *t = tacet_checkpoint_find (c, name);
  g_assert_nonnull (t);
  const gint64 n = tacet_file_tensor_count (t);
  const gsize size = (gsize) (t->end - t->begin);
  g_assert_cmpuint (size, ==, (gsize) n * (gsize) t->bits / 8);
  g_autofree guint8 *bytes = g_malloc (size + 1), *parts = g_malloc (size + 1);
  g_autoptr (GError) error = NULL;
  g_assert_true (tacet_checkpoint_read (c, t, bytes, &error));
  const guint64 half = (guint64) n / 2;
  g_assert_true (
      tacet_checkpoint_read_part (c, t, 0, half, parts, &error) &&
      tacet_checkpoint_read_part (c, t, half, (guint64) n - half, parts + half * (gsize) t->bits / 8, &error));
  g_assert_no_error (error);
  g_assert_cmpmem (bytes, size, parts, size);
  for (gint64 i = 0; i < n; i++)
    {
      gint64 place = start, rest = i;
      for (int k = t->rank - 1; steps && k >= 0; k--)
        {
          place += rest % t->dims[k] * steps[k];
          rest /= t->dims[k];
        }
      g_assert_cmpfloat (element (t, bytes, i), ==, value (as, steps ? place : i));
    }
}

static void
check_plain (const char *name, const char *dtype)
{
  static const char *const names[] = { "bias", "conv.weight", "empty", "linear.weight", "scalar" };
  g_autoptr (TacetCheckpoint) c = open_good (name);
  g_test_message ("%s", name);
  g_assert_cmpuint (tacet_checkpoint_length (c), ==, G_N_ELEMENTS (names));
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      const TacetFileTensor *t = tacet_checkpoint_nth (c, i);
      g_assert_cmpstr (t->name, ==, names[i]);
      g_assert_cmpstr (t->dtype_name, ==, dtype);
      check (c, names[i], names[i], 0, NULL);
    }
  const TacetFileTensor *conv = tacet_checkpoint_find (c, "conv.weight");
  g_assert_true (conv->rank == 4 && conv->dims[0] == 4 && conv->dims[1] == 3 && conv->dims[2] == 3 &&
                 conv->dims[3] == 2);
  g_assert_null (tacet_checkpoint_find (c, "conv"));
}

static void
test_torch (void)
{
  static const char *const files[][2] = {
    { "f32.pt", "F32" },  { "f16.pt", "F16" },       { "bf16.pt", "BF16" },       { "f64.pt", "F64" },
    { "i64.pt", "I64" },  { "i32.pt", "I32" },       { "i16.pt", "I16" },         { "i8.pt", "I8" },
    { "ema.pth", "F32" }, { "protocol4.pt", "F32" }, { "parameters.pth", "F32" }, { "trainer.ckpt", "F32" },
  };
  for (gsize i = 0; i < G_N_ELEMENTS (files); i++)
    check_plain (files[i][0], files[i][1]);
  g_autoptr (TacetCheckpoint) c = open_good ("module.bin");
  g_assert_cmpuint (tacet_checkpoint_length (c), ==, 7);
  for (guint i = 0; i < 7; i++)
    check (c, tacet_checkpoint_nth (c, i)->name, tacet_checkpoint_nth (c, i)->name, 0, NULL);
}

static void
test_views (void)
{
  g_autoptr (TacetCheckpoint) c = open_good ("views.pt");
  check (c, "base", "base", 0, NULL);
  check (c, "rows", "base", 10, (const gint64[]){ 5, 1 });
  check (c, "column", "base", 3, (const gint64[]){ 5 });
  check (c, "turned", "base", 0, (const gint64[]){ 1, 5 });
  check (c, "every", "base", 1, (const gint64[]){ 10, 2 });
  check (c, "last", "last", 0, NULL);
  check (c, "repeated", "base", 5, (const gint64[]){ 0, 1 });
  check (c, "half", "half", 0, (const gint64[]){ 1, 4 });
}

/* As weights of a network, and through a file of ours. */
static void
test_store (void)
{
  g_autofree char *path = file ("f16.pt"), *copy = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (TacetWeights) w = tacet_weights_open (path, &error);
  g_assert_no_error (error);
  TacetTensor *conv = tacet_weights_get (w, "conv.weight", 4, tacet_shape (4, 3, 2, 3), TACET_INIT_ZERO, 1, &error);
  g_assert_no_error (error);
  g_assert_cmpint (conv->precision, ==, TACET_PRECISION_F16);
  for (int o = 0; o < 4; o++)
    for (int i = 0; i < 3; i++)
      for (int y = 0; y < 3; y++)
        for (int x = 0; x < 2; x++)
          g_assert_cmpfloat (tacet_tensor_f32 (conv)[((o * 3 + y) * 2 + x) * 3 + i], ==,
                             value ("conv.weight", ((o * 3 + i) * 3 + y) * 2 + x));
  int fd = g_file_open_tmp ("tacet-test-XXXXXX.safetensors", &copy, NULL);
  close (fd);
  g_assert_true (tacet_weights_save (w, copy, TACET_STORE_F32, &error));
  g_autoptr (TacetCheckpoint) c = tacet_checkpoint_open (copy, &error);
  g_assert_no_error (error);
  check (c, "conv.weight", "conv.weight", 0, NULL);
  check (c, "scalar", "scalar", 0, NULL);
  g_unlink (copy);
}

static void
test_shards (void)
{
  check_plain ("model.bin.index.json", "F32");
}

static const char *
refusal (const char *name)
{
  g_autofree char *path = file (name);
  g_autoptr (GError) error = NULL;
  g_autoptr (TacetCheckpoint) c = tacet_checkpoint_open (path, &error);
  g_test_message ("%s", error ? error->message : name);
  g_assert_null (c);
  g_assert_nonnull (error);
  g_assert_nonnull (strstr (error->message, name));
  return g_intern_string (error->message);
}

static void
test_foreign_torch (void)
{
  static const char *const files[][2] = {
    { "legacy.pth", "before 2020" },     { "object.pt", "Linear" },           { "script.pt", "TorchScript" },
    { "nothing.pt", "without tensors" }, { "zip-deflated.pt", "compressed" }, { "zip-other.pt", "zip archive" },
    { "zip-encrypted.pt", "encrypted" }, { "zip-over-next.pt", "overlap" },   { "zip-nested.pt", "overlap" },
    { "cut-100.pt", "cut short" },
  };
  for (gsize i = 0; i < G_N_ELEMENTS (files); i++)
    g_assert_nonnull (strstr (refusal (files[i][0]), files[i][1]));
}

static void
test_foreign (void)
{
  static const struct
  {
    const char *bytes;
    gsize size;
    const char *what;
  } cases[] = {
    { "", 0, "empty" },
    { "GGUF\3\0\0\0abcdefgh", 16, "GGUF" },
    { "\x89HDF\r\n\x1a\nabcdefgh", 16, "HDF5" },
    { "\x8\x7\x12\x7pytorch\x1a\x5", 13, "ONNX" },
    { "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 4265146304\n", 72, "LFS" },
    { "<!DOCTYPE html>\n<html>", 22, "web page" },
    { "\xef\xbb\xbf \n<html lang=\"en\">", 21, "web page" },
    { "<?xml version=\"1.0\"?><Error>", 28, "XML" },
    { "{\"error\":\"Repository not found\"}", 32, "JSON" },
    { "\x89PNG\r\n\x1a\n\0\0\0\rIHDR", 16, "PNG" },
    { "\xff\xd8\xff\xe0\0\x10JFIF\0", 11, "JPEG" },
    { "\x1f\x8b\x8\0\0\0\0\0\0\3", 10, "gzip" },
    { "\x80\4\x95\0\0\0\0\0\0\0\0}\x94.", 14, "pickle" },
    { "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 16, "zeros" },
    { "PK\5\6\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 22, "empty zip" },
    { "\xff\0\0\0\0\0\0\0{\"a\":", 13, "cut short" },
    { "nothing in particular", 21, "knows" },
    { "\x93NUMPY\1\0", 8, "NumPy" },
  };
  g_autofree char *path = NULL;
  close (g_file_open_tmp ("tacet-test-XXXXXX.ckpt", &path, NULL));
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_assert_true (g_file_set_contents (path, cases[i].bytes, (gssize) cases[i].size, NULL));
      g_assert_null (tacet_checkpoint_open (path, &error));
      g_test_message ("%s", error->message);
      g_assert_nonnull (strstr (error->message, cases[i].what));
    }
  /* A tar archive has its name in the middle. */
  char tar[1024] = "archive/";
  memcpy (tar + 257, "ustar", 5);
  g_autoptr (GError) error = NULL;
  g_assert_true (g_file_set_contents (path, tar, sizeof tar, NULL));
  g_assert_null (tacet_checkpoint_open (path, &error));
  g_assert_nonnull (strstr (error->message, "tar archive"));
  g_unlink (path);
  g_clear_error (&error);
  g_assert_null (tacet_checkpoint_open (g_get_tmp_dir (), &error));
  g_assert_nonnull (strstr (error->message, "folder"));
}

/* Every file whose name begins so is refused. */
static void
test_hostile (void)
{
  static const char *const prefixes[] = { "bad-", "zip-", "cut-", "index-", "pickle-", "big-" };
  g_autofree char *folder = g_test_build_filename (G_TEST_DIST, "weights", "files", NULL);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  g_assert_nonnull (dir);
  guint n = 0;
  for (const char *name; (name = g_dir_read_name (dir));)
    for (gsize i = 0; i < G_N_ELEMENTS (prefixes); i++)
      if (g_str_has_prefix (name, prefixes[i]))
        {
          refusal (name);
          n++;
        }
  g_assert_cmpuint (n, >, 45);
}

/* Pickles of the largest size that make as much as one byte can: all end at a limit. */
static void
test_bombs (void)
{
  static const struct
  {
    const char *once, *again;
  } cases[] = {
    { "\x80\2", "]" },                  /* objects */
    { "\x80\2", "]0" },                 /* objects that nobody has */
    { "\x80\2", "(" },                  /* marks */
    { "\x80\2Nq\1", "h\1" },            /* places on the stack */
    { "\x80\2]q\1", "(h\1h\1h\1h\1e" }, /* items of a list that contains itself */
    { "\x80\2}q\1", "h\1h\1s" },        /* and of a dict */
    { "\x80\4]", "\x94" },              /* memo */
    { "\x80\2", "c\n\n0" },             /* globals */
  };
  const gsize size = TACET_PICKLE_MAX_BYTES;
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const gsize first = strlen (cases[i].once), n = strlen (cases[i].again);
      g_autofree guint8 *bytes = g_malloc (size);
      memcpy (bytes, cases[i].once, first);
      for (gsize at = first; at < size; at++)
        bytes[at] = (guint8) cases[i].again[(at - first) % n];
      g_autoptr (GError) error = NULL;
      g_assert_null (tacet_pickle_parse (bytes, size, &error));
      g_test_message ("%s", error->message);
      g_assert_error (error, TACET_WEIGHTS_ERROR, TACET_WEIGHTS_ERROR_INVALID);
    }
  struct rusage usage;
  getrusage (RUSAGE_SELF, &usage);
  g_test_message ("%ld KiB at most", usage.ru_maxrss);
  g_assert_cmpint (usage.ru_maxrss, <, 800 << 10); /* a sanitizer keeps 256 MiB of what was freed */
}

/* The file has one tensor, w: 1, 2, 3, 4. */
static void
check_one_two (const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TacetCheckpoint) c = tacet_checkpoint_open (path, &error);
  g_assert_no_error (error);
  float w[4];
  g_assert_cmpuint (tacet_checkpoint_length (c), ==, 1);
  g_assert_true (tacet_checkpoint_read_floats (c, tacet_checkpoint_nth (c, 0), 0, 4, w, &error));
  for (int k = 0; k < 4; k++)
    g_assert_cmpfloat (w[k], ==, k + 1);
}

/* Without the entries of a newer PyTorch; with every number where an archive of more than 4 GiB has it. */
static void
test_archives (void)
{
  static const char *const files[] = { "fine-by-hand.pt", "fine-zip64.pt" };
  for (gsize i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *path = file (files[i]);
      check_one_two (path);
    }
}

/* A pickle that calls os.system () and its like loads as what it is beside that: data.  Nothing is called. */
static void
test_nothing_is_executed (void)
{
  g_autofree char *folder = g_dir_make_tmp ("tacet-test-XXXXXX", NULL), *before = g_get_current_dir ();
  g_autoptr (GPtrArray) paths = g_ptr_array_new_with_free_func (g_free);
  for (int i = 0; i < 5; i++)
    {
      g_autofree char *name = g_strdup_printf ("evil-%d.pt", i), *path = file (name);
      g_ptr_array_add (paths, g_canonicalize_filename (path, before));
    }
  g_assert_cmpint (g_chdir (folder), ==, 0);
  for (guint i = 0; i < paths->len; i++)
    check_one_two (g_ptr_array_index (paths, i));
  g_assert_false (g_file_test ("tacet-was-here", G_FILE_TEST_EXISTS));
  g_assert_cmpint (g_chdir (before), ==, 0);
  g_assert_cmpint (g_rmdir (folder), ==, 0); /* nothing is in it */
}

/* A good archive with some bytes changed, cut or doubled ends as tensors that can be read or as a message. */
static void
test_mutations (void)
{
  g_autofree char *good = NULL, *path = file ("views.pt"), *copy = NULL;
  gsize length;
  g_assert_true (g_file_get_contents (path, &good, &length, NULL));
  close (g_file_open_tmp ("tacet-test-XXXXXX.pt", &copy, NULL));
  g_autoptr (GRand) random = g_rand_new_with_seed (1);
  for (int i = 0; i < 1500; i++)
    {
      g_autofree char *bytes = g_memdup2 (good, length);
      gsize n = length;
      for (int k = g_rand_int_range (random, 1, 4); k > 0; k--)
        {
          const gsize at = (gsize) g_rand_int_range (random, 0, (gint32) n);
          if (g_rand_int_range (random, 0, 8) > 0)
            bytes[at] = (char) g_rand_int_range (random, 0, 256);
          else if (n > 100)
            memmove (bytes + at, bytes + at + 1, --n - at);
        }
      FILE *out = fopen (copy, "wb");
      g_assert_cmpuint (fwrite (bytes, 1, n, out), ==, n);
      fclose (out);
      g_autoptr (GError) error = NULL;
      g_autoptr (TacetCheckpoint) c = tacet_checkpoint_open (copy, &error);
      g_assert_true ((c == NULL) == (error != NULL));
      for (guint k = 0; c && k < tacet_checkpoint_length (c); k++)
        {
          const TacetFileTensor *t = tacet_checkpoint_nth (c, k);
          g_autofree guint8 *values = g_malloc (t->end - t->begin + 1);
          tacet_checkpoint_read (c, t, values, NULL);
        }
    }
  g_unlink (copy);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/checkpoints/torch", test_torch);
  g_test_add_func ("/checkpoints/views", test_views);
  g_test_add_func ("/checkpoints/archives", test_archives);
  g_test_add_func ("/checkpoints/store", test_store);
  g_test_add_func ("/checkpoints/shards", test_shards);
  g_test_add_func ("/checkpoints/foreign-torch", test_foreign_torch);
  g_test_add_func ("/checkpoints/foreign", test_foreign);
  g_test_add_func ("/checkpoints/hostile", test_hostile);
  g_test_add_func ("/checkpoints/bombs", test_bombs);
  g_test_add_func ("/checkpoints/nothing-is-executed", test_nothing_is_executed);
  g_test_add_func ("/checkpoints/mutations", test_mutations);
  return g_test_run ();
}
