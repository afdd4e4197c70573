/* tacet-layer-problem.h: why a layer does nothing, or cannot be painted on, in words, with what helps.
 *
 * Room: engine/scene.  Pure functions of the document and of what is installed.  Main thread; the stock is made on any.
 */
#pragma once

#include "tacet-scene.h"

G_BEGIN_DECLS

typedef enum
{
  TACET_PROBLEM_NONE,
  TACET_PROBLEM_OFF,
  TACET_PROBLEM_NO_MODEL,     /* no ControlNet of this kind for the model */
  TACET_PROBLEM_FILE_MISSING, /* the one that was chosen is not there */
  TACET_PROBLEM_NO_STRENGTH,
  TACET_PROBLEM_NO_STEPS, /* it ends before it starts */
  TACET_PROBLEM_EMPTY,
  TACET_PROBLEM_SILENT,     /* something is there, and all of it was erased or hidden */
  TACET_PROBLEM_NO_WORDS,   /* a region without a prompt */
  TACET_PROBLEM_COVERED,    /* a region under others */
  TACET_PROBLEM_NO_PICTURE, /* a mask, and nothing that it could leave as it is */
  TACET_PROBLEM_LOCKED,     /* these two keep a brush away */
  TACET_PROBLEM_HIDDEN,
} TacetProblemKind;

typedef enum
{
  TACET_SEVERITY_NOTE,    /* as somebody wanted it */
  TACET_SEVERITY_WARNING, /* a run leaves the layer out */
  TACET_SEVERITY_ERROR,   /* no run can begin */
} TacetSeverity;

typedef struct
{
  TacetProblemKind kind;
  TacetSeverity severity;
  char *text; /* the reason and the remedy, translated; NULL: no problem */
} TacetProblem;
void tacet_problem_clear (TacetProblem *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (TacetProblem, tacet_problem_clear)

/* What is installed, as far as the layers of one document ask. */
typedef struct
{
  char *model;                              /* the name that was looked for */
  char *model_problem;                      /* why no run can begin with it; NULL: it is there */
  gboolean controls[TACET_N_CONTROL_KINDS]; /* a ControlNet of this kind goes with the model */
  GHashTable *missing;                      /* set of the names of ControlNets that are not there */
  gboolean any_model;                       /* some model is installed */
} TacetModelStock;
/* Reads folders and the heads of files: not on the main thread.  controlnets: chosen by layers, NULL-terminated. */
TacetModelStock *tacet_model_stock_new (const char *const *folders, const char *model, const char *const *controlnets);
void tacet_model_stock_free (TacetModelStock *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TacetModelStock, tacet_model_stock_free)

/* Why a run makes nothing of the layer; FALSE: it does.  One problem at a time, the nearest first.  stock NULL: not
 * known yet, and nothing is said about models. */
gboolean tacet_layer_problem (TacetScene *scene, TacetLayer *layer, const TacetModelStock *stock,
                              TacetProblem *problem);
/* Why no tool can change its pixels; FALSE: they can. */
gboolean tacet_layer_paint_problem (TacetLayer *layer, TacetProblem *problem);
/* What keeps a run from beginning, one a line; NULL: nothing.  Free with g_free. */
char *tacet_scene_why_no_run (TacetScene *scene, const TacetModelStock *stock);

G_END_DECLS
