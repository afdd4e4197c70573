/* tacet-project.h: projects: OpenRaster files with everything of the document in them.
 *
 * Room: engine/scene, private.  The format is in docs/formats.md.  stack.xml shows the document to other programs; the
 * document itself is tacet/scene.json, whose pictures are named by their place in the archive.  Names hold a hash of
 * the file, so that equal pixels are stored once and a change by another program is noticed.
 */
#pragma once

#include "tacet-openraster.h"
#include "tacet-scene-private.h"

G_BEGIN_DECLS

#define TACET_PROJECT_SCENE "tacet/scene.json"

/* scene: a copy for this thread alone. */
gboolean _tacet_project_save (TacetScene *scene, const char *path, GError **error);
/* The same as files in a folder that nobody else writes to: what is there already is not written again, and
 * tacet/scene.json comes last, whole or not at all. */
gboolean _tacet_project_save_folder (TacetScene *scene, const char *folder, GError **error);

/* Any OpenRaster file.  lenient: as tacet_scene_open (). */
TacetScene *_tacet_project_load (const char *path, gboolean lenient, GError **error);
TacetScene *_tacet_project_load_folder (const char *folder, GError **error); /* lenient */

/* "[Edges] name": how other programs see a layer, and back: the rest of the name. */
char *_tacet_project_layer_name (TacetLayer *layer);
const char *_tacet_project_parse_name (const char *name, TacetLayerKind *kind);

/* While a project is read: its pictures, and what was made of them. */
struct _TacetLoading
{
  const TacetRaster *raster;
  const char *folder; /* or a folder with the same files; raster is NULL then */
  JsonObject *files;  /* place -> SHA-256 as they were saved; NULL: none says */
  GHashTable *layers; /* what a layer's pixels were read from -> the first such layer */
  guint64 left;       /* bytes of pixels that may still be made */
};
/* The file's bytes, owned; NULL with an error. */
GBytes *_tacet_loading_find (TacetLoading *self, const char *path, GError **error);
/* Is it there as Tacet wrote it. */
gboolean _tacet_loading_is_ours (TacetLoading *self, const char *path, GBytes *bytes);

G_END_DECLS
