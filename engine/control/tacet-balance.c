/* tacet-balance.c: one layer of one sample: who is silent, who gets how much, how much enters.
 *
 * Room: engine/control.  Source: arXiv 2506.01672, equations (8) to (12); docs/method.md.
 */
#include "config.h"
#include "tacet-balance.h"
#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

GQuark
tacet_control_error_quark (void)
{
  return g_quark_from_static_string ("tacet-control-error");
}

/* The signs decide, in this order, so that no denominator needs an epsilon. */
double
tacet_injection (double ff, double fh, double hh, double cap)
{
  double numerator = ff - fh, denominator = hh - fh;
  if (numerator <= 0 && denominator <= 0)
    return 1;
  if (numerator <= 0)
    return 0;
  if (denominator <= 0)
    return cap;
  return CLAMP (numerator / denominator, 0.0, cap);
}

/* controls that the guard lets through; a lone one always */
static int
keep_speaking (const TacetCombine *combine, const double *gram, int n, int *kept, gboolean *dropped)
{
  int n_kept = 0, stride = n + 1;
  double loudest = 0;
  for (int k = 1; k <= n; k++)
    loudest = MAX (loudest, gram[k * stride + k]);
  double threshold = TACET_SILENT_RATIO * TACET_SILENT_RATIO * loudest;
  for (int k = 0; k < n; k++)
    {
      dropped[k] = combine->silent_guard && n > 1 && gram[(k + 1) * stride + k + 1] < threshold;
      if (!dropped[k])
        kept[n_kept++] = k;
    }
  return n_kept;
}

/* <c, v> of the combination c = sum_k factor_k c_k with row `row` of the matrix */
static double
dot_combined (const double *gram, int n, const double *factors, int row)
{
  double sum = 0;
  for (int k = 0; k < n; k++)
    sum += factors[k] * gram[row * (n + 1) + k + 1];
  return sum;
}

static double
solve_minimal_impact (const TacetCombine *combine, const double *gram, int n, TacetBalance *balance)
{
  int kept[TACET_MAX_CONTROLS], n_kept = keep_speaking (combine, gram, n, kept, balance->dropped);
  double sub[TACET_MAX_CONTROLS * TACET_MAX_CONTROLS] = { 0 }, w[TACET_MAX_CONTROLS];
  for (int i = 0; i < n_kept; i++)
    for (int j = 0; j < n_kept; j++)
      sub[i * n_kept + j] = gram[(kept[i] + 1) * (n + 1) + kept[j] + 1];
  tacet_minnorm (sub, n_kept, w);
  for (int i = 0; i < n_kept; i++)
    balance->weights[kept[i]] = w[i];
  return combine->total_one ? 1 : n_kept;
}

/* Plain sums in the same terms: the total n times a weight is the factor of a control. */
static double
solve_fixed (const TacetCombine *combine, int n, TacetBalance *balance)
{
  for (int k = 0; k < n; k++)
    {
      gboolean given = combine->kind == TACET_COMBINE_WEIGHTS && k < combine->n_weights;
      balance->weights[k] = (given ? combine->weights[k] : 1.0) / n;
    }
  return n;
}

void
tacet_balance_layer (const TacetCombine *combine, const double *gram, int n, const double *strengths,
                     TacetBalance *balance)
{
  gboolean balanced = combine->kind == TACET_COMBINE_MINIMAL_IMPACT || combine->kind == TACET_COMBINE_STAR;
  double factors[TACET_MAX_CONTROLS], hh = 0;
  g_return_if_fail (n >= 0 && n <= TACET_MAX_CONTROLS);
  memset (balance, 0, sizeof *balance);
  balance->unet_norm = sqrt (MAX (gram[0], 0.0));
  if (n == 0)
    return;

  double total = balanced ? solve_minimal_impact (combine, gram, n, balance) : solve_fixed (combine, n, balance);
  for (int k = 0; k < n; k++)
    factors[k] = total * balance->weights[k];
  for (int k = 0; k < n; k++)
    hh += factors[k] * dot_combined (gram, n, factors, k + 1);
  hh = MAX (hh, 0.0);
  balance->combined_norm = sqrt (hh);
  balance->unet_dot_combined = dot_combined (gram, n, factors, 0);
  balance->lambda = balanced ? tacet_injection (gram[0], balance->unet_dot_combined, hh, combine->lambda_cap) : 1;

  for (int k = 0; k < n; k++)
    {
      /* A zero vector adds nothing; a coefficient of exactly 0 keeps even the signs of zeros of f. */
      gboolean silent = gram[(k + 1) * (n + 1) + k + 1] == 0;
      balance->coefficients[k] = silent ? 0 : balance->lambda * strengths[k] * factors[k];
    }
}

TacetCombine
tacet_combine_default (void)
{
  return (TacetCombine){ .kind = TACET_COMBINE_MINIMAL_IMPACT, .lambda_cap = TACET_LAMBDA_CAP, .silent_guard = TRUE };
}

static gboolean
parse_weights (TacetCombine *self, const char *list)
{
  g_auto (GStrv) parts = g_strsplit (list, ",", -1);
  self->n_weights = (int) g_strv_length (parts);
  if (self->n_weights < 1 || self->n_weights > TACET_MAX_CONTROLS)
    return FALSE;
  for (int k = 0; k < self->n_weights; k++)
    {
      char *end = NULL;
      const char *number = g_strstrip (parts[k]);
      self->weights[k] = g_ascii_strtod (number, &end);
      if (end == number || *end != '\0' || !isfinite (self->weights[k]) || fabs (self->weights[k]) > 1000)
        return FALSE;
    }
  return TRUE;
}

gboolean
tacet_combine_parse (TacetCombine *self, const char *text, GError **error)
{
  TacetCombine parsed = tacet_combine_default ();
  gboolean known = TRUE;
  if (g_strcmp0 (text, "minimal-impact") == 0)
    parsed.kind = TACET_COMBINE_MINIMAL_IMPACT;
  else if (g_strcmp0 (text, "sum") == 0)
    parsed.kind = TACET_COMBINE_SUM;
  else if (g_strcmp0 (text, "star") == 0)
    parsed.kind = TACET_COMBINE_STAR;
  else if (text != NULL && g_str_has_prefix (text, "weights:"))
    {
      parsed.kind = TACET_COMBINE_WEIGHTS;
      known = parse_weights (&parsed, text + strlen ("weights:"));
    }
  else
    known = FALSE;

  if (known)
    *self = parsed;
  else
    g_set_error (error, TACET_CONTROL_ERROR, TACET_CONTROL_ERROR_COMBINE,
                 _ ("“%s” is not a way to combine controls. Use minimal-impact, sum, star, or weights: and up to %d "
                    "numbers with commas between, as in weights:0.5,1.5."),
                 text != NULL ? text : "", TACET_MAX_CONTROLS);
  return known;
}

char *
tacet_combine_to_string (const TacetCombine *self)
{
  static const char *const names[] = { "minimal-impact", "sum", "star", "weights:" };
  GString *text = g_string_new (names[self->kind]);
  for (int k = 0; self->kind == TACET_COMBINE_WEIGHTS && k < self->n_weights; k++)
    {
      char number[G_ASCII_DTOSTR_BUF_SIZE];
      /* The shortest form that reads back as the same number. */
      for (int digits = 1; digits <= 17; digits++)
        {
          char format[8];
          g_snprintf (format, sizeof format, "%%.%dg", digits);
          g_ascii_formatd (number, sizeof number, format, self->weights[k]);
          if (g_ascii_strtod (number, NULL) == self->weights[k])
            break;
        }
      g_string_append_printf (text, "%s%s", k > 0 ? "," : "", number);
    }
  return g_string_free (text, FALSE);
}
