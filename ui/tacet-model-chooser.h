/* tacet-model-chooser.h: a dialog that lists the installed models of one kind, and opens others.
 *
 * Room: ui.  The folders are read on a thread of their own; the dialog is there at once.
 */
#pragma once

#include "engine/model/tacet-library.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define TACET_TYPE_MODEL_CHOOSER (tacet_model_chooser_get_type ())
G_DECLARE_FINAL_TYPE (TacetModelChooser, tacet_model_chooser, TACET, MODEL_CHOOSER, AdwWindow)

typedef struct
{
  TacetModelKind kind;
  const char *title;   /* of the dialog */
  const char *model;   /* the base model that it is to fit, NULL: any; others are listed as not fitting */
  const char *current; /* name or path, or NULL */
  const char *own;     /* what choosing none means, "The Model's Own"; NULL: one must be chosen */
} TacetModelQuestion;

/* folders: where models are looked for, copied, as the question is.  Signal "chosen" (string: a name of the library
 * or a path; NULL: none), then the dialog closes itself. */
GtkWidget *tacet_model_chooser_new (GtkWindow *parent, const char *const *folders, const TacetModelQuestion *question);

G_END_DECLS
