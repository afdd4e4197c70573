/* tacet-library.h: the models that are installed: found by name, and listed.
 *
 * Room: engine/model.  A folder of models may hold folders of diffusers, single files, and the folders that other
 * programs sort theirs into (checkpoints, Stable-diffusion, controlnet, vae, lora ...).  Names go without suffix
 * and without such a folder.  Listing reads indices and configurations only.
 * Threads: any; nothing is kept.
 */
#pragma once

#include "tacet-layout.h"

G_BEGIN_DECLS

typedef struct
{
  char *name, *path;
  TacetModelKind kind; /* a guess from the place if there is a problem */
  char *base;          /* "SD 1.x", "SD 2.x" or its widths, equal for what fits together; "": unknown, or any */
  char *precision;     /* "F16" ... of most of the values; "": unknown */
  guint64 bytes;
  gboolean original;   /* the layout: the original's, or diffusers' */
  gboolean inpainting; /* takes a mask and a masked picture beside the latents */
  const char *control; /* ControlNets: "edge", "depth", "pose" from the name; NULL: nothing to be told */
  char *problem;       /* why it cannot be used, translated; NULL: it can */
  gboolean hidden;     /* another of this kind and name comes first */
} TacetLibraryEntry;
void tacet_library_entry_free (TacetLibraryEntry *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TacetLibraryEntry, tacet_library_entry_free)

/* Array of TacetLibraryEntry, owned, in the order of the folders and then of names. */
GPtrArray *tacet_library_scan (const char *const *folders);
/* One file or folder. */
TacetLibraryEntry *tacet_library_look (const char *path);

/* The file or folder of that name; NULL: none.  A path is taken as it is.  Free with g_free. */
char *tacet_library_find (const char *const *folders, const char *name, TacetModelKind kind);
/* An installed ControlNet of that control which fits the base; NULL: none.  Free with g_free. */
char *tacet_library_find_control (const char *const *folders, const char *control, const char *base);
/* "SD 1.x" ...; free with g_free */
char *tacet_unet_base (const TacetUnetConfig *config);

G_END_DECLS
