/* backend.c: the CPU backend: an instance, its memory budget, and the way from a step to its code.
 *
 * Room: kernels/.  Compiled once; the operations of its level stand in level.c.
 */
#include "cpu.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const TacetCpuOp *
find_op (TacetBackend *self, const TacetStep *step)
{
  return (unsigned) step->op < TACET_N_OPS ? ((TacetCpu *) self)->level->ops[step->op] : NULL;
}

static void *
cpu_alloc (TacetBackend *self, size_t bytes)
{
  TacetCpu *cpu = (TacetCpu *) self;
  void *data;

  if (bytes > SIZE_MAX - TACET_ALIGNMENT ||
      (self->budget > 0 && (self->used > self->budget || bytes > self->budget - self->used)))
    {
      snprintf (cpu->message, sizeof cpu->message,
                "%.1f MiB more memory is needed, but the limit is %.1f MiB and %.1f MiB are in use.", bytes / 1048576.0,
                self->budget / 1048576.0, self->used / 1048576.0);
      return NULL;
    }
  data = aligned_alloc (TACET_ALIGNMENT, tacet_aligned (bytes > 0 ? bytes : 1));
  if (data == NULL)
    {
      snprintf (cpu->message, sizeof cpu->message, "The system has no %.1f MiB of memory left.", bytes / 1048576.0);
      return NULL;
    }
  self->used += bytes;
  self->peak = self->used > self->peak ? self->used : self->peak;
  return data;
}

static void
cpu_free (TacetBackend *self, void *data, size_t bytes)
{
  if (data == NULL)
    return;
  free (data);
  self->used -= bytes < self->used ? bytes : self->used;
}

static TacetStatus
cpu_copy (TacetBackend *self, void *to, const void *from, size_t bytes)
{
  memcpy (to, from, bytes);
  return TACET_OK;
}

static bool
cpu_supports (TacetBackend *self, const TacetStep *step)
{
  return find_op (self, step) != NULL && tacet_step_fits (step);
}

static size_t
cpu_scratch (TacetBackend *self, const TacetStep *step)
{
  const TacetCpuOp *op = find_op (self, step);

  return op != NULL && op->scratch != NULL ? op->scratch ((TacetCpu *) self, step) : 0;
}

static size_t
cpu_packed_size (TacetBackend *self, const TacetStep *step)
{
  const TacetCpuOp *op = find_op (self, step);

  return op != NULL && op->packed_size != NULL ? op->packed_size ((TacetCpu *) self, step) : 0;
}

static uint64_t
cpu_pack_key (TacetBackend *self, const TacetStep *step)
{
  const TacetCpuOp *op = find_op (self, step);

  return op != NULL && op->pack_key != NULL ? op->pack_key ((TacetCpu *) self, step) : 0;
}

static TacetStatus
unsupported (TacetCpu *cpu, const TacetStep *step)
{
  snprintf (cpu->message, sizeof cpu->message, "The processor backend cannot run the operation %s on these operands.",
            tacet_op_name (step->op));
  return TACET_UNSUPPORTED;
}

static TacetStatus
cpu_pack (TacetBackend *self, const TacetStep *step, void *packed, void *scratch)
{
  const TacetCpuOp *op = find_op (self, step);

  if (op == NULL || op->pack == NULL)
    return unsupported ((TacetCpu *) self, step);
  return op->pack ((TacetCpu *) self, step, packed, scratch);
}

static TacetStatus
cpu_run (TacetBackend *self, const TacetStep *step, void *scratch)
{
  if (!cpu_supports (self, step))
    return unsupported ((TacetCpu *) self, step);
  return find_op (self, step)->run ((TacetCpu *) self, step, scratch);
}

static const char *
cpu_message (TacetBackend *self)
{
  return ((TacetCpu *) self)->message;
}

static void
cpu_destroy (TacetBackend *self)
{
  TacetCpu *cpu = (TacetCpu *) self;

  tacet_pool_free (cpu->pool);
  free (cpu);
}

static const TacetBackendClass cpu_class = {
  .name = "cpu",
  .alloc = cpu_alloc,
  .free = cpu_free,
  .upload = cpu_copy,
  .download = cpu_copy,
  .supports = cpu_supports,
  .scratch = cpu_scratch,
  .packed_size = cpu_packed_size,
  .pack_key = cpu_pack_key,
  .pack = cpu_pack,
  .run = cpu_run,
  .message = cpu_message,
  .destroy = cpu_destroy,
};

TacetBackend *
tacet_cpu_backend_new (int n_threads)
{
  TacetCpu *cpu = calloc (1, sizeof *cpu);

  if (cpu == NULL)
    return NULL;
  if (n_threads <= 0)
    n_threads = (int) sysconf (_SC_NPROCESSORS_ONLN);
  cpu->base.klass = &cpu_class;
  cpu->level = tacet_cpu_level_choose ();
  cpu->widens_beside = tacet_cpu_widens_beside ();
  cpu->pool = tacet_pool_new ((int) tacet_min (tacet_max (n_threads, 1), TACET_MAX_THREADS));
  if (cpu->pool == NULL)
    {
      free (cpu);
      return NULL;
    }
  return &cpu->base;
}

int
tacet_cpu_backend_threads (TacetBackend *self)
{
  return tacet_cpu_threads ((TacetCpu *) self);
}

const char *
tacet_cpu_backend_level (TacetBackend *self)
{
  return tacet_cpu_level_name (((TacetCpu *) self)->level);
}

typedef struct
{
  TacetTask task;
  void *context;
} PublicTask;

static void
public_task (void *context, int64_t index, int thread)
{
  PublicTask *public = context;

  public->task (public->context, index);
}

void
tacet_cpu_backend_parallel (TacetBackend *self, int64_t n_tasks, TacetTask task, void *context)
{
  PublicTask public = { task, context };

  tacet_pool_run (((TacetCpu *) self)->pool, n_tasks, public_task, &public);
}
