/* level.c: the table from operation to code, of one level of instructions.
 *
 * Room: kernels/.  Each operation lives in the file of its concern and is entered here.
 */
#include "cpu.h"

const TacetCpuLevel tacet_cpu_level = {
  .ops = {
    [TACET_OP_ADD] = &tacet_cpu_add,
    [TACET_OP_MUL] = &tacet_cpu_mul,
    [TACET_OP_AFFINE] = &tacet_cpu_affine,
    [TACET_OP_FN] = &tacet_cpu_fn,
    [TACET_OP_FN_MUL] = &tacet_cpu_fn_mul,
    [TACET_OP_SUM] = &tacet_cpu_sum,
    [TACET_OP_BROADCAST] = &tacet_cpu_broadcast,
    [TACET_OP_PERMUTE] = &tacet_cpu_permute,
    [TACET_OP_CONCAT] = &tacet_cpu_concat,
    [TACET_OP_SLICE] = &tacet_cpu_slice,
    [TACET_OP_PAD] = &tacet_cpu_pad,
    [TACET_OP_UPSAMPLE] = &tacet_cpu_upsample,
    [TACET_OP_DOWNSUM] = &tacet_cpu_downsum,
    [TACET_OP_GATHER] = &tacet_cpu_gather,
    [TACET_OP_SCATTER_ADD] = &tacet_cpu_scatter_add,
    [TACET_OP_MATMUL] = &tacet_cpu_matmul,
    [TACET_OP_CONV] = &tacet_cpu_conv,
    [TACET_OP_CONV_DATA] = &tacet_cpu_conv_data,
    [TACET_OP_CONV_WEIGHT] = &tacet_cpu_conv_weight,
    [TACET_OP_NORM] = &tacet_cpu_norm,
    [TACET_OP_NORM_BACK_DATA] = &tacet_cpu_norm_back_data,
    [TACET_OP_NORM_BACK_WEIGHT] = &tacet_cpu_norm_back_weight,
    [TACET_OP_SOFTMAX] = &tacet_cpu_softmax,
    [TACET_OP_SOFTMAX_BACK] = &tacet_cpu_softmax_back,
    [TACET_OP_ATTENTION] = &tacet_cpu_attention,
    [TACET_OP_ATTENTION_BACK] = &tacet_cpu_attention_back,
    [TACET_OP_GRAM] = &tacet_cpu_gram,
    [TACET_OP_COMBINE] = &tacet_cpu_combine,
    [TACET_OP_ADAMW] = &tacet_cpu_adamw,
  },
  .peak_loop = tacet_peak_loop,
};
