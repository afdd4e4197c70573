/* tacet-profile.c: see tacet-profile.h.
 *
 * Room: engine/model.
 */
#include "config.h"

#include "tacet-profile.h"
#include "engine/weights/tacet-json.h"
#include "kernels/tacet-roofline.h"
#include <glib/gi18n-lib.h>

typedef struct
{
  guint index; /* of the step; of sums: how many steps */
  TacetOp op;
  const TacetStep *step;
  const char *name; /* of the weight or of the value, or "" */
  double seconds, flops, bytes;
  TacetLeast least;
} Row;

struct _TacetProfile
{
  TacetPeak peak;
  GArray *rows; /* Row, slowest first */
  Row ops[TACET_N_OPS], total;
  double wall;      /* best seconds of a whole run */
  double measuring; /* seconds that measuring the machine took */
  int repeat, threads;
  const char *level; /* of instructions */
};

/* Steps have no names of their own: that of the weight says most.  Of a fused one it is an input of the operation that
 * reads it, somewhere behind y. */
static const char *
find_name (const TacetValue *y, TacetOp op)
{
  const TacetValue *source = y;
  if (y->name)
    return y->name;
  while (source->op != op)
    source = source->in[0];
  for (int i = 0; i < source->n_inputs; i++)
    {
      const TacetValue *x = source->in[i];
      while (x->op == TACET_OP_VIEW || x->op == TACET_OP_DETACH)
        x = x->in[0];
      if (x->op == TACET_OP_WEIGHT && x->name)
        return x->name;
    }
  return "";
}

static int
slowest_first (gconstpointer a, gconstpointer b)
{
  double x = ((const Row *) a)->seconds, y = ((const Row *) b)->seconds;
  return x < y ? 1 : x > y ? -1 : (int) ((const Row *) a)->index - (int) ((const Row *) b)->index;
}

static void
add_row (Row *sum, const Row *row)
{
  sum->index++;
  sum->op = row->op;
  sum->seconds += row->seconds;
  sum->flops += row->flops;
  sum->bytes += row->bytes;
  sum->least.flops += row->least.flops;
  sum->least.bytes += row->least.bytes;
  sum->least.seconds += row->least.seconds;
}

static void
collect (TacetProfile *self, TacetPlan *plan)
{
  for (guint i = 0; i < tacet_plan_n_steps (plan); i++)
    {
      const TacetStep *step = tacet_plan_step (plan, i);
      if (tacet_plan_step_seconds (plan, i) == 0)
        continue; /* its result was kept from an earlier run */
      Row row = { .index = i,
                  .op = step->op,
                  .step = step,
                  .name = find_name (tacet_plan_step_value (plan, i), step->op),
                  .seconds = tacet_plan_step_seconds (plan, i) };
      if (step->op != TACET_OP_HOST)
        {
          row.flops = tacet_step_flops (step);
          row.bytes = tacet_step_bytes (step);
          row.least = tacet_step_least (step, &self->peak);
        }
      g_array_append_val (self->rows, row);
      add_row (&self->ops[step->op], &row);
      add_row (&self->total, &row);
    }
  g_array_sort (self->rows, slowest_first);
}

/* What two measurements of the machine saw: the faster of each. */
static gboolean
measure_machine (TacetProfile *self, TacetBackend *backend, GError **error)
{
  double start = tacet_cpu_backend_clock (backend);
  TacetPeak peak;
  if (!tacet_cpu_backend_peak (backend, &peak))
    {
      g_set_error (error, TACET_TENSOR_ERROR, TACET_TENSOR_ERROR_NO_MEMORY, "%s",
                   _ ("There is not enough memory to measure the machine"));
      return FALSE;
    }
  self->peak.flops = MAX (self->peak.flops, peak.flops);
  self->peak.bytes = MAX (self->peak.bytes, peak.bytes);
  self->measuring += tacet_cpu_backend_clock (backend) - start;
  return TRUE;
}

TacetProfile *
tacet_profile_new (TacetPlan *plan, TacetBackend *backend, int repeat, GError **error)
{
  g_autoptr (TacetProfile) self = g_new0 (TacetProfile, 1);
  self->rows = g_array_new (FALSE, FALSE, sizeof (Row));
  self->repeat = repeat;
  self->threads = tacet_cpu_backend_threads (backend);
  self->level = tacet_cpu_backend_level (backend);
  self->wall = G_MAXDOUBLE;
  if (!measure_machine (self, backend, error))
    return NULL;
  tacet_plan_measure (plan);
  for (int i = 0; i < repeat; i++)
    {
      double start = tacet_cpu_backend_clock (backend);
      if (!tacet_plan_run (plan, NULL, error))
        return NULL;
      self->wall = MIN (self->wall, tacet_cpu_backend_clock (backend) - start);
    }
  /* Once more: while it was measured first others may have used it. */
  if (!measure_machine (self, backend, error))
    return NULL;
  collect (self, plan);
  return g_steal_pointer (&self);
}

void
tacet_profile_free (TacetProfile *self)
{
  if (!self)
    return;
  g_array_unref (self->rows);
  g_free (self);
}

/* ---- for people ---- */

static double
rate (double amount, double seconds)
{
  return seconds > 0 ? amount / seconds * 1e-9 : 0;
}

static double
share (double part, double whole)
{
  return whole > 0 ? 100 * part / whole : 0;
}

static void
append_numbers (GString *out, const TacetProfile *self, const Row *row)
{
  g_string_append_printf (out, "%10.3f %6.1f %9.1f %8.1f %8.0f", row->seconds * 1e3,
                          share (row->seconds, self->total.seconds), rate (row->flops, row->seconds),
                          rate (row->bytes, row->seconds), share (row->least.seconds, row->seconds));
}

static void
append_ops (GString *out, const TacetProfile *self)
{
  GArray *ops = g_array_new (FALSE, FALSE, sizeof (Row));
  for (int op = 0; op < TACET_N_OPS; op++)
    if (self->ops[op].index > 0)
      g_array_append_val (ops, self->ops[op]);
  g_array_sort (ops, slowest_first);
  for (guint i = 0; i < ops->len; i++)
    {
      const Row *row = &g_array_index (ops, Row, i);
      g_string_append_printf (out, "%5u  %-16s", row->index, tacet_op_name (row->op));
      append_numbers (out, self, row);
      g_string_append_c (out, '\n');
    }
  g_array_unref (ops);
}

char *
tacet_profile_text (TacetProfile *self)
{
  GString *out = g_string_new (NULL);
  g_string_append_printf (out, "%d threads, %s, %.1f GFLOP/s, %.1f GB/s; best of %d runs\n\n", self->threads,
                          self->level, self->peak.flops * 1e-9, self->peak.bytes * 1e-9, self->repeat);
  g_string_append_printf (out, "%5s  %-16s%10s %6s %9s %8s %8s  %s\n", "step", "operation", "ms", "%", "GFLOP/s",
                          "GB/s", "roofline", "result");
  for (guint i = 0; i < self->rows->len; i++)
    {
      const Row *row = &g_array_index (self->rows, Row, i);
      const gint64 *d = row->step->out.shape.d;
      g_string_append_printf (out, "%5u  %-16s", row->index, tacet_op_name (row->op));
      append_numbers (out, self, row);
      g_string_append_printf (
          out, "  {%" G_GINT64_FORMAT ",%" G_GINT64_FORMAT ",%" G_GINT64_FORMAT ",%" G_GINT64_FORMAT "} %s\n", d[0],
          d[1], d[2], d[3], row->name);
    }
  g_string_append_c (out, '\n');
  g_string_append_printf (out, "%5s  %-16s%10s %6s %9s %8s %8s\n", "steps", "operation", "ms", "%", "GFLOP/s", "GB/s",
                          "roofline");
  append_ops (out, self);
  g_string_append_printf (out, "\nall %.3f ms (whole runs %.3f ms), roofline %.3f ms: %.2f times as long\n",
                          self->total.seconds * 1e3, self->wall * 1e3, self->total.least.seconds * 1e3,
                          self->total.least.seconds > 0 ? self->total.seconds / self->total.least.seconds : 0);
  return g_string_free (out, FALSE);
}

/* ---- for programs ---- */

static void
append_number (GString *out, const char *name, double value)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];
  g_string_append_printf (out, "\"%s\": %s", name, g_ascii_formatd (text, sizeof text, "%.9g", value));
}

static void
append_members (GString *out, const Row *row)
{
  append_number (out, "seconds", row->seconds);
  g_string_append (out, ", ");
  append_number (out, "flops", row->flops);
  g_string_append (out, ", ");
  append_number (out, "bytes", row->bytes);
  g_string_append (out, ", ");
  append_number (out, "roofline_seconds", row->least.seconds);
}

char *
tacet_profile_json (TacetProfile *self)
{
  GString *out = g_string_new ("{ \"format\": \"tacet-profile\", \"version\": 1, ");
  g_string_append_printf (out, "\"threads\": %d, \"level\": \"%s\", \"repeat\": %d, ", self->threads, self->level,
                          self->repeat);
  append_number (out, "peak_flops", self->peak.flops);
  g_string_append (out, ", ");
  append_number (out, "peak_bytes", self->peak.bytes);
  g_string_append (out, ", ");
  append_number (out, "peak_seconds", self->measuring);
  g_string_append (out, ", ");
  append_number (out, "run_seconds", self->wall);
  g_string_append (out, ", ");
  append_members (out, &self->total);
  g_string_append (out, ",\n  \"steps\": [");
  for (guint i = 0; i < self->rows->len; i++)
    {
      const Row *row = &g_array_index (self->rows, Row, i);
      const gint64 *d = row->step->out.shape.d;
      g_string_append_printf (out, "%s\n    { \"step\": %u, \"operation\": \"%s\", \"name\": ", i > 0 ? "," : "",
                              row->index, tacet_op_name (row->op));
      tacet_json_append_string (out, row->name);
      g_string_append_printf (out,
                              ", \"shape\": [%" G_GINT64_FORMAT ", %" G_GINT64_FORMAT ", %" G_GINT64_FORMAT
                              ", %" G_GINT64_FORMAT "], ",
                              d[0], d[1], d[2], d[3]);
      append_members (out, row);
      g_string_append (out, " }");
    }
  g_string_append (out, " ]\n}\n");
  return g_string_free (out, FALSE);
}
