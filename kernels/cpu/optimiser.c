/* optimiser.c: AdamW (Loshchilov and Hutter 2019, https://arxiv.org/abs/1711.05101), in place.
 *
 * Room: kernels/.
 */
#include "cpu.h"
#include "vector.h"

#include <math.h>

typedef struct
{
  const float *grad;
  float *m, *v, *p, *average; /* average: NULL, or what follows p */
  float beta1, beta2, scale, keep, rate, root, eps, rest;
} Adam;

static void
adam_range (void *context, int64_t first, int64_t last)
{
  const Adam *w = context;
  int64_t i = first;

  for (; i + 8 <= last; i += 8)
    {
      V8 g = v8_load (w->grad + i) * w->scale, p = v8_load (w->p + i) * w->keep;
      V8 m = v8_load (w->m + i) * w->beta1 + g * (1 - w->beta1);
      V8 v = v8_load (w->v + i) * w->beta2 + g * g * (1 - w->beta2);
      v8_store (w->m + i, m);
      v8_store (w->v + i, v);
      p -= w->rate * m / (v8_sqrt (v) * w->root + w->eps);
      v8_store (w->p + i, p);
      if (w->average != NULL)
        v8_store (w->average + i, v8_load (w->average + i) + (p - v8_load (w->average + i)) * w->rest);
    }
  for (; i < last; i++)
    {
      const float g = w->grad[i] * w->scale;
      w->m[i] = w->m[i] * w->beta1 + g * (1 - w->beta1);
      w->v[i] = w->v[i] * w->beta2 + g * g * (1 - w->beta2);
      w->p[i] = w->p[i] * w->keep - w->rate * w->m[i] / (sqrtf (w->v[i]) * w->root + w->eps);
      if (w->average != NULL)
        w->average[i] += (w->p[i] - w->average[i]) * w->rest;
    }
}

static TacetStatus
run_adamw (TacetCpu *cpu, const TacetStep *step, void *scratch)
{
  const TacetAttrs *a = &step->attrs;
  Adam w = {
    .grad = step->in[0].data,
    .m = step->in[1].data,
    .v = step->in[2].data,
    .p = step->out.data,
    .average = step->n_inputs > 3 ? step->in[3].data : NULL,
    .beta1 = a->beta1,
    .beta2 = a->beta2,
    .scale = a->scale,
    .keep = (float) (1 - (double) a->lr * a->b),
    .rate = (float) (a->lr / (1 - pow (a->beta1, (double) a->step))),
    .root = (float) (1 / sqrt (1 - pow (a->beta2, (double) a->step))),
    .eps = a->a,
    .rest = a->rest,
  };

  tacet_pool_range (cpu->pool, tacet_shape_count (step->out.shape), TACET_GRAIN, adam_range, &w);
  return TACET_OK;
}

const TacetCpuOp tacet_cpu_adamw = { .run = run_adamw };
