/* cpu.h: what the files of the CPU backend share: the instance, its pool, the table entry of an
 * operation.
 *
 * Room: kernels/ (private).
 */
#pragma once

#include "kernels/tacet-kernels.h"
#include "names.h"

#define TACET_MAX_THREADS 64
#define TACET_LINE        16 /* floats of a line of the cache */
#define TACET_AHEAD       1024 /* floats: so far before their use lines are sent for; a processor itself stops at a page */

/* For loops over floats i: each line that will be read and written is sent for once. */
static inline void
tacet_send_for (const float *from, float *to, int64_t i)
{
  if (i % TACET_LINE != 0)
    return;
  __builtin_prefetch (from + i + TACET_AHEAD);
  __builtin_prefetch (to + i + TACET_AHEAD, 1);
}

/* A task also learns which thread of the pool runs it (0 .. n_threads - 1), to pick its scratch. */
typedef void (*TacetPoolTask) (void *context, int64_t index, int thread);

typedef struct TacetPool TacetPool;
TacetPool *tacet_pool_new (int n_threads);
int tacet_pool_threads (const TacetPool *pool);
void tacet_pool_run (TacetPool *pool, int64_t n_tasks, TacetPoolTask task, void *context);
void tacet_pool_free (TacetPool *pool);

typedef struct TacetCpuLevel TacetCpuLevel;

typedef struct
{
  TacetBackend base;
  const TacetCpuLevel *level;
  bool widens_beside; /* tacet_cpu_widens_beside () */
  TacetPool *pool;
  char message[192];
} TacetCpu;

/* What the backend knows about one operation; NULL members mean: no scratch, nothing to pack, no
 * condition beyond the dtypes. */
typedef struct
{
  TacetStatus (*run) (TacetCpu *cpu, const TacetStep *step, void *scratch);
  size_t (*scratch) (TacetCpu *cpu, const TacetStep *step);
  size_t (*packed_size) (TacetCpu *cpu, const TacetStep *step);
  uint64_t (*pack_key) (TacetCpu *cpu, const TacetStep *step); /* NULL: always the same form */
  TacetStatus (*pack) (TacetCpu *cpu, const TacetStep *step, void *packed, void *scratch);
} TacetCpuOp;

/* A level of instructions that the operations were compiled for (level.c). */
struct TacetCpuLevel
{
  const TacetCpuOp *ops[TACET_N_OPS]; /* NULL: no such operation */
  /* Works in registers for a fraction of a millisecond, multiplying and adding; returns how often, and a sum so that
   * none of it is left out. */
  double (*peak_loop) (float *sum);
};

/* The best level that this machine has, or a lower one that TACET_CPU_LEVEL names; its name (levels.c). */
const TacetCpuLevel *tacet_cpu_level_choose (void);
const char *tacet_cpu_level_name (const TacetCpuLevel *level);

/* Whether this processor turns 16 bits into f32 in other units than those that multiply, so that it costs nothing
 * beside products: AMD's since Zen 5. */
bool tacet_cpu_widens_beside (void);

extern const TacetCpuOp tacet_cpu_add, tacet_cpu_mul, tacet_cpu_affine, tacet_cpu_fn, tacet_cpu_fn_mul;
extern const TacetCpuOp tacet_cpu_sum, tacet_cpu_broadcast, tacet_cpu_permute, tacet_cpu_concat, tacet_cpu_slice;
extern const TacetCpuOp tacet_cpu_pad, tacet_cpu_upsample, tacet_cpu_downsum, tacet_cpu_gather, tacet_cpu_scatter_add;
extern const TacetCpuOp tacet_cpu_matmul, tacet_cpu_conv, tacet_cpu_conv_data, tacet_cpu_conv_weight;
extern const TacetCpuOp tacet_cpu_norm, tacet_cpu_norm_back_data, tacet_cpu_norm_back_weight;
extern const TacetCpuOp tacet_cpu_softmax, tacet_cpu_softmax_back, tacet_cpu_attention, tacet_cpu_attention_back;
extern const TacetCpuOp tacet_cpu_gram, tacet_cpu_combine, tacet_cpu_adamw;
/* out = g fn (x), n of each; a function without parameters */
void tacet_fn_mul_row (TacetFn fn, const float *g, const float *x, int64_t n, float *out);
double tacet_peak_loop (float *sum);

static inline int64_t
tacet_min (int64_t a, int64_t b)
{
  return a < b ? a : b;
}

static inline int64_t
tacet_max (int64_t a, int64_t b)
{
  return a > b ? a : b;
}

static inline int64_t
tacet_div_up (int64_t a, int64_t b)
{
  return (a + b - 1) / b;
}

/* Bytes rounded up so that whatever follows is aligned. */
static inline size_t
tacet_aligned (size_t bytes)
{
  return (bytes + TACET_ALIGNMENT - 1) / TACET_ALIGNMENT * TACET_ALIGNMENT;
}

static inline int
tacet_cpu_threads (const TacetCpu *cpu)
{
  return tacet_pool_threads (cpu->pool);
}

/* Elements per task of a memory-bound loop: a quarter of a small L2 cache, and fixed, so that the
 * partition never depends on the number of threads. */
#define TACET_GRAIN 16384

/* Runs body (context, first, last) over 0 .. count in pieces of GRAIN elements. */
typedef void (*TacetRange) (void *context, int64_t first, int64_t last);
void tacet_pool_range (TacetPool *pool, int64_t count, int64_t grain, TacetRange body, void *context);
