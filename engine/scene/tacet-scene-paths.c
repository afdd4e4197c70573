/* tacet-scene-paths.c: paths in a scene file are relative to the file.
 *
 * Room: engine/scene.
 */
#define G_LOG_DOMAIN "tacet-scene"
#include "config.h"

#include "tacet-scene-private.h"

static gboolean
is_relative_path (const char *text)
{
  return g_str_equal (text, ".") || g_str_equal (text, "..") || g_str_has_prefix (text, "./") ||
         g_str_has_prefix (text, "../");
}

char *
_tacet_path_resolve (const char *folder, const char *path)
{
  if (!path || !is_relative_path (path))
    return g_strdup (path);
  return g_canonicalize_filename (path, folder);
}

char *
_tacet_path_relative (const char *folder, const char *path)
{
  g_autofree char *from = g_canonicalize_filename (folder, NULL), *to = g_canonicalize_filename (path, NULL);
  g_auto (GStrv) a = g_strsplit (from, "/", -1), b = g_strsplit (to, "/", -1);
  GString *result = g_string_new (NULL);
  int same = 0;
  while (a[same] && b[same] && g_str_equal (a[same], b[same]))
    same++;
  for (int i = same; a[i] && *a[i]; i++)
    g_string_append (result, "../");
  if (!result->len)
    g_string_append (result, "./");
  for (int i = same; b[i]; i++)
    g_string_append_printf (result, "%s%s", b[i], b[i + 1] ? "/" : "");
  return g_string_free (result, FALSE);
}

char *
_tacet_path_rebase (const char *old_folder, const char *new_folder, const char *path)
{
  if (!path || !is_relative_path (path))
    return g_strdup (path);
  g_autofree char *absolute = g_canonicalize_filename (path, old_folder);
  return _tacet_path_relative (new_folder, absolute);
}
