/* tacet-png.h: what reading and writing PNG share.
 *
 * Room: engine/image, private.  libpng reports errors by longjmp; everything that lives across one
 * is a field of a TacetPng, never a local variable.
 */
#pragma once

#include "tacet-image.h"
#include <png.h>
#include <stdio.h>

typedef struct
{
  png_structp png;
  png_infop info;
  TacetImage *image;
  const char *path;
  GError *error; /* the reason; set before every longjmp of ours */

  FILE *file; /* reading */
  goffset file_size;

  guint8 *bytes; /* the file: read instead of path unless NULL; or written */
  gsize n_bytes, capacity;
  png_text *texts;
} TacetPng;

/* TRUE: file is open and stands after the signature; else error is set. */
gboolean tacet_png_open_file (TacetPng *self);
/* For png_create_*_struct: keeps the message and jumps. */
void tacet_png_fail (png_structp png, png_const_charp message) G_GNUC_NORETURN;
void tacet_png_ignore (png_structp png, png_const_charp message);
void tacet_png_limit (TacetPng *self);
