/* test-zip.c: archives that we write are read back, wherever they lie in a file.
 *
 * Tests of engine/weights.  Archives of others, good and bad, are in test-checkpoints.c and in tests/scene/archives.
 */
#include "engine/weights/tacet-zip.h"
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int
open_scratch (void)
{
  g_autofree char *path = g_build_filename (g_get_tmp_dir (), "tacet-zip-XXXXXX", NULL);
  int fd = g_mkstemp_full (path, O_RDWR | O_CLOEXEC, 0600);
  g_assert_cmpint (fd, >=, 0);
  unlink (path);
  return fd;
}

static guint64
size_of (int fd)
{
  struct stat st;
  g_assert_cmpint (fstat (fd, &st), ==, 0);
  return (guint64) st.st_size;
}

static void
write_archive (int fd)
{
  g_autoptr (TacetZipWriter) writer = tacet_zip_writer_new (fd);
  g_assert_cmpint (tacet_zip_writer_add (writer, "mimetype", "image/openraster", 16), ==, 0);
  g_assert_cmpint (tacet_zip_writer_add (writer, "empty", "", 0), ==, 0);
  g_assert_cmpint (tacet_zip_writer_add (writer, "data/größe.txt", "abc", 3), ==, 0);
  g_assert_cmpint (tacet_zip_writer_finish (writer), ==, 0);
}

static void
check_entry (int fd, TacetZip *zip, const char *name, const char *expected)
{
  g_autoptr (GError) error = NULL;
  const TacetZipEntry *entry = tacet_zip_find (zip, name);
  g_assert_nonnull (entry);
  g_autoptr (GBytes) bytes = tacet_zip_unpack (fd, entry, 100, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), expected, strlen (expected));
}

static void
check_archive (int fd)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TacetZip) zip = tacet_zip_read (fd, size_of (fd), &error);
  g_assert_no_error (error);
  g_assert_cmpuint (zip->entries->len, ==, 3);
  check_entry (fd, zip, "mimetype", "image/openraster");
  check_entry (fd, zip, "empty", "");
  check_entry (fd, zip, "data/größe.txt", "abc");
  g_autoptr (GBytes) bytes = tacet_zip_unpack (fd, tacet_zip_find (zip, "data/größe.txt"), 2, &error);
  g_assert_null (bytes);
  g_assert_nonnull (strstr (error->message, "too large"));
}

static void
test_round_trip (void)
{
  guint8 start[54];
  int fd = open_scratch ();
  write_archive (fd);
  check_archive (fd);
  g_assert_cmpint (pread (fd, start, sizeof start, 0), ==, sizeof start);
  g_assert_cmpmem (start, 4, "PK\3\4", 4);
  g_assert_cmpmem (start + 30, 24, "mimetypeimage/openraster", 24); /* where shared-mime-info looks */
  close (fd);
}

/* A hole of five gigabytes before it: the places no longer fit 32 bits. */
static void
test_large (void)
{
  int fd = open_scratch ();
  if (lseek (fd, G_GINT64_CONSTANT (5) << 30, SEEK_SET) < 0)
    {
      g_test_skip ("no large files here");
      return;
    }
  write_archive (fd);
  check_archive (fd);
  close (fd);
}

static void
test_damaged (void)
{
  int fd = open_scratch ();
  g_autoptr (GError) error = NULL;
  write_archive (fd);
  g_assert_cmpint (pwrite (fd, "x", 1, 40), ==, 1);
  g_autoptr (TacetZip) zip = tacet_zip_read (fd, size_of (fd), &error);
  g_assert_no_error (error);
  g_autoptr (GBytes) bytes = tacet_zip_unpack (fd, tacet_zip_find (zip, "mimetype"), 100, &error);
  g_assert_null (bytes);
  g_assert_nonnull (strstr (error->message, "damaged"));
  close (fd);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/zip/round-trip", test_round_trip);
  g_test_add_func ("/zip/large", test_large);
  g_test_add_func ("/zip/damaged", test_damaged);
  return g_test_run ();
}
