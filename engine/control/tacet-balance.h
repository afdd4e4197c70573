/* tacet-balance.h: minimal impact: how several controls share one layer, and how much enters it.
 *
 * Room: engine/control.  Pure functions of Gram matrices, in double; no tensors here.
 * Source: arXiv 2506.01672, equations (8) to (12); the min-norm point after Wolfe 1976, Desideri 2012,
 * Sener & Koltun 2018.  docs/method.md says which details are ours.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define TACET_CONTROL_ERROR (tacet_control_error_quark ())
GQuark tacet_control_error_quark (void);

typedef enum
{
  TACET_CONTROL_ERROR_COMBINE, /* an unknown rule */
} TacetControlError;

#define TACET_MAX_CONTROLS 14
#define TACET_LAMBDA_CAP   20.0
#define TACET_SILENT_RATIO 1e-3

typedef enum
{
  TACET_COMBINE_MINIMAL_IMPACT, /* "minimal-impact": min-norm weights, injection with lambda */
  TACET_COMBINE_SUM,            /* "sum": f + sum_k s_k c_k (stock ControlNet) */
  TACET_COMBINE_STAR,           /* "star": minimal impact on stock weights (the paper's ControlNet*) */
  TACET_COMBINE_WEIGHTS,        /* "weights:0.5,1.5": f + sum_k s_k a_k c_k */
} TacetCombineKind;

typedef struct
{
  TacetCombineKind kind;
  int n_weights; /* TACET_COMBINE_WEIGHTS */
  double weights[TACET_MAX_CONTROLS];
  double lambda_cap;     /* 20 */
  gboolean silent_guard; /* TRUE */
  gboolean total_one;    /* weights sum to 1 instead of the number of controls */
} TacetCombine;

TacetCombine tacet_combine_default (void);
gboolean tacet_combine_parse (TacetCombine *self, const char *text, GError **error);
char *tacet_combine_to_string (const TacetCombine *self);

/* Weight of v1 in the min-norm point of {v1, v2}, from <v1,v1>, <v1,v2>, <v2,v2>.  Equation (12). */
double tacet_minnorm_pair (double g11, double g12, double g22);
/* Weights (n) of the min-norm point over the simplex, from the Gram matrix (n x n, row-major).  Equal
 * vectors share their weight equally. */
void tacet_minnorm (const double *gram, int n, double *weights);
/* Injection coefficient lambda from <f,f>, <f,h>, <h,h>.  Equations (8), (9). */
double tacet_injection (double ff, double fh, double hh, double cap);

/* One layer of one sample. gram: (1 + n) x (1 + n) inner products of f, c_1 .. c_n. */
typedef struct
{
  double unet_norm;         /* |f| */
  double combined_norm;     /* |c|, c = N sum_k w_k c_k without strengths */
  double unet_dot_combined; /* <f, c> */
  double lambda;
  double weights[TACET_MAX_CONTROLS];      /* sum to 1; 0 for dropped ones (fixed weights: a_k / N) */
  double coefficients[TACET_MAX_CONTROLS]; /* what multiplies c_k: lambda N s_k w_k, N = number kept;
                                              0 for a c_k that is 0 */
  gboolean dropped[TACET_MAX_CONTROLS];    /* by silent_guard */
} TacetBalance;

/* Sums and fixed weights fill the same record: lambda is 1 and nothing is dropped.  All-zero controls
 * have lambda = cap (the rule's value) and coefficients 0, so the layer's feature is f. */
void tacet_balance_layer (const TacetCombine *combine, const double *gram, int n, const double *strengths,
                          TacetBalance *balance);

G_END_DECLS
