/* tacet-file-kind.c: what a file is, by its first bytes; what is no model is called by its name.
 *
 * Room: engine/weights.
 */
#include "config.h"

#include "tacet-checkpoint-private.h"
#include <glib/gi18n-lib.h>
#include <string.h>

static const struct
{
  guint offset, length;
  const char *bytes;
  const char *what;
} signatures[] = {
  /* The number that PyTorch before 1.6 began with, pickled. */
  { 0, 14, "\x80\2\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19",
    N_ ("it is a PyTorch file in the form from before 2020; load it in a current PyTorch and save it again, best as "
        "safetensors") },
  { 0, 4, "GGUF",
    N_ ("it is a GGUF file, whose weights are quantised; Tacet reads the original safetensors or PyTorch file") },
  { 0, 4, "lmgg", N_ ("it is a GGML file, whose weights are quantised; Tacet reads the original file") },
  { 0, 8, "\x89HDF\r\n\x1a\n",
    N_ ("it is an HDF5 file (Keras); Tacet reads safetensors and PyTorch files of the same model") },
  { 0, 6, "\x93NUMPY", N_ ("it is an array of NumPy, not a model") },
  { 257, 5, "ustar",
    N_ ("it is a tar archive; if a model lies in it, unpack it, and if it is a PyTorch file of old, "
        "load it in a current PyTorch and save it again") },
  { 0, 2, "\x1f\x8b", N_ ("it is a compressed file (gzip); unpack it") },
  { 0, 4, "\x28\xb5\x2f\xfd", N_ ("it is a compressed file (zstd); unpack it") },
  { 0, 6,
    "\xfd"
    "7zXZ",
    N_ ("it is a compressed file (xz); unpack it") },
  { 0, 3, "BZh", N_ ("it is a compressed file (bzip2); unpack it") },
  { 0, 6, "7z\xbc\xaf\x27\x1c", N_ ("it is a compressed archive (7z); unpack it") },
  { 0, 4, "Rar!", N_ ("it is a compressed archive (RAR); unpack it") },
  { 0, 27, "version https://git-lfs.git",
    N_ ("only the pointer to the file was downloaded (Git LFS), not the file itself; get it with “git lfs pull” or "
        "from "
        "its download page") },
  { 0, 8, "\x89PNG\r\n\x1a\n", N_ ("it is a picture (PNG), not a model") },
  { 0, 3, "\xff\xd8\xff", N_ ("it is a picture (JPEG), not a model") },
  { 8, 4, "WEBP", N_ ("it is a picture (WebP), not a model") },
  { 0, 4, "GIF8", N_ ("it is a picture (GIF), not a model") },
  { 0, 5, "%PDF-", N_ ("it is a PDF document, not a model") },
  { 4, 4, "TFL3", N_ ("it is a TensorFlow Lite model; Tacet reads safetensors and PyTorch files") },
};

/* Behind spaces and a byte order mark. */
static const char *
first_text (const guint8 *head, gsize n, gsize *left)
{
  gsize i = n >= 3 && memcmp (head, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
  while (i < n && g_ascii_isspace (head[i]))
    i++;
  *left = n - i;
  return (const char *) head + i;
}

static gboolean
begins (const char *text, gsize n, const char *with)
{
  const gsize length = strlen (with);
  return n >= length && g_ascii_strncasecmp (text, with, length) == 0;
}

static const char *
text_kind (const guint8 *head, gsize n)
{
  gsize left;
  const char *text = first_text (head, n, &left);
  if (begins (text, left, "<!doctype html") || begins (text, left, "<html") || begins (text, left, "<head") ||
      begins (text, left, "<!--"))
    return _ ("it is a web page: what was downloaded is the page about the file, or one that asks to sign in");
  if (begins (text, left, "<?xml") || begins (text, left, "<error"))
    return _ ("it is the answer of a web server (XML) and not the file that was asked for");
  if (begins (text, left, "{") || begins (text, left, "["))
    return _ ("it is a JSON text, not weights; if it is an index of weights its name must end in .json");
  return NULL;
}

/* Formats without a signature, by what they begin with in practice. */
static const char *
likely_kind (const guint8 *head, gsize n)
{
  gsize zeros = 0;
  while (zeros < n && head[zeros] == 0)
    zeros++;
  if (zeros == n)
    return _ ("its beginning is empty (zeros); the download may not have been finished");
  /* A protobuf message: version, then the name of the producer. */
  if (n > 4 && head[0] == 8 && head[1] > 0 && head[1] < 32 && head[2] == 0x12 && head[3] < 64)
    return _ ("it seems to be an ONNX model; Tacet reads safetensors and PyTorch files of the same model");
  if (n > 2 && head[0] == 0x80 && head[1] >= 2 && head[1] <= 5)
    return _ (
        "it is a bare Python pickle, perhaps of an old PyTorch; load it there and save its tensors as safetensors");
  if (n > 2 && ((head[0] > 0x80 && head[0] < 0x90) || head[0] == 0xde) &&
      ((head[1] >= 0xa1 && head[1] < 0xc0) || head[1] == 0xd9 || head[0] == 0xde))
    return _ ("it seems to be a Flax file (msgpack); Tacet reads safetensors and PyTorch files of the same model");
  return NULL;
}

static gboolean
is_safetensors (const guint8 *head, gsize n)
{
  guint64 length = 0;
  if (n < 9)
    return FALSE;
  for (int i = 7; i >= 0; i--)
    length = length << 8 | head[i];
  gsize left;
  const char *text = first_text (head + 8, n - 8, &left);
  return length > 0 && length >> 32 == 0 && left > 0 && *text == '{';
}

TacetFileKind
_tacet_file_kind (const guint8 *head, gsize n, guint64 size, GError **error)
{
  const char *what = NULL;
  if (n >= 4 && memcmp (head, "PK", 2) == 0 && (memcmp (head + 2, "\3\4", 2) == 0 || memcmp (head + 2, "\5\6", 2) == 0))
    return TACET_FILE_KIND_ZIP;
  if (is_safetensors (head, n))
    return TACET_FILE_KIND_SAFETENSORS;
  if (size == 0)
    what = _ ("it is empty");
  for (gsize i = 0; i < G_N_ELEMENTS (signatures) && !what; i++)
    if (n >= signatures[i].offset + signatures[i].length &&
        memcmp (head + signatures[i].offset, signatures[i].bytes, signatures[i].length) == 0)
      what = _ (signatures[i].what);
  if (!what)
    what = text_kind (head, n);
  if (!what)
    what = likely_kind (head, n);
  g_set_error_literal (error, TACET_WEIGHTS_ERROR,
                       size == 0 || !what ? TACET_WEIGHTS_ERROR_INVALID : TACET_WEIGHTS_ERROR_UNSUPPORTED,
                       what ? what : _ ("it is no model file that Tacet knows (safetensors, or what PyTorch saves)"));
  return TACET_FILE_KIND_FOREIGN;
}
