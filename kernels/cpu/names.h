/* names.h: the names that the files of one level of instructions share among themselves.
 *
 * Room: kernels/ (private).
 *
 * Most files of this folder are compiled once for each level (meson.build), from one source.  Whatever they define
 * for each other must bear the level in its name: of two definitions of one name the linker would keep either, and a
 * processor might meet instructions that it does not have.  tests/kernels/test-symbols.py finds what is missing here.
 */
#pragma once

#ifdef TACET_LEVEL
/* Not aligned, so that a new name changes one line. */
/* clang-format off */
#define TACET_JOIN(name, level) name##_##level
#define TACET_NAME_AT(name, level) TACET_JOIN (name, level)
#define TACET_NAME(name) TACET_NAME_AT (name, TACET_LEVEL)

#define tacet_attention_init TACET_NAME (tacet_attention_init)
#define tacet_attention_panel TACET_NAME (tacet_attention_panel)
#define tacet_conv_block_bytes TACET_NAME (tacet_conv_block_bytes)
#define tacet_conv_block_open TACET_NAME (tacet_conv_block_open)
#define tacet_conv_blocks TACET_NAME (tacet_conv_blocks)
#define tacet_conv_direct TACET_NAME (tacet_conv_direct)
#define tacet_conv_direct_scratch TACET_NAME (tacet_conv_direct_scratch)
#define tacet_conv_geometry TACET_NAME (tacet_conv_geometry)
#define tacet_cpu_adamw TACET_NAME (tacet_cpu_adamw)
#define tacet_cpu_add TACET_NAME (tacet_cpu_add)
#define tacet_cpu_affine TACET_NAME (tacet_cpu_affine)
#define tacet_cpu_attention TACET_NAME (tacet_cpu_attention)
#define tacet_cpu_attention_back TACET_NAME (tacet_cpu_attention_back)
#define tacet_cpu_broadcast TACET_NAME (tacet_cpu_broadcast)
#define tacet_cpu_combine TACET_NAME (tacet_cpu_combine)
#define tacet_cpu_concat TACET_NAME (tacet_cpu_concat)
#define tacet_cpu_conv TACET_NAME (tacet_cpu_conv)
#define tacet_cpu_conv_data TACET_NAME (tacet_cpu_conv_data)
#define tacet_cpu_conv_weight TACET_NAME (tacet_cpu_conv_weight)
#define tacet_cpu_downsum TACET_NAME (tacet_cpu_downsum)
#define tacet_cpu_fn TACET_NAME (tacet_cpu_fn)
#define tacet_cpu_fn_mul TACET_NAME (tacet_cpu_fn_mul)
#define tacet_cpu_gather TACET_NAME (tacet_cpu_gather)
#define tacet_cpu_gram TACET_NAME (tacet_cpu_gram)
#define tacet_cpu_level TACET_NAME (tacet_cpu_level)
#define tacet_cpu_matmul TACET_NAME (tacet_cpu_matmul)
#define tacet_cpu_mul TACET_NAME (tacet_cpu_mul)
#define tacet_cpu_norm TACET_NAME (tacet_cpu_norm)
#define tacet_cpu_norm_back_data TACET_NAME (tacet_cpu_norm_back_data)
#define tacet_cpu_norm_back_weight TACET_NAME (tacet_cpu_norm_back_weight)
#define tacet_cpu_pad TACET_NAME (tacet_cpu_pad)
#define tacet_cpu_permute TACET_NAME (tacet_cpu_permute)
#define tacet_cpu_scatter_add TACET_NAME (tacet_cpu_scatter_add)
#define tacet_cpu_slice TACET_NAME (tacet_cpu_slice)
#define tacet_cpu_softmax TACET_NAME (tacet_cpu_softmax)
#define tacet_cpu_softmax_back TACET_NAME (tacet_cpu_softmax_back)
#define tacet_cpu_sum TACET_NAME (tacet_cpu_sum)
#define tacet_cpu_upsample TACET_NAME (tacet_cpu_upsample)
#define tacet_gemm_pack TACET_NAME (tacet_gemm_pack)
#define tacet_gemm_pack_as TACET_NAME (tacet_gemm_pack_as)
#define tacet_gemm_run TACET_NAME (tacet_gemm_run)
#define tacet_gemm_work TACET_NAME (tacet_gemm_work)
#define tacet_narrow TACET_NAME (tacet_narrow)
#define tacet_norm_group TACET_NAME (tacet_norm_group)
#define tacet_norm_init TACET_NAME (tacet_norm_init)
#define tacet_norm_is_rows TACET_NAME (tacet_norm_is_rows)
#define tacet_norm_place TACET_NAME (tacet_norm_place)
#define tacet_norm_row TACET_NAME (tacet_norm_row)
#define tacet_norm_sum_slice TACET_NAME (tacet_norm_sum_slice)
#define tacet_norm_total TACET_NAME (tacet_norm_total)
#define tacet_peak_loop TACET_NAME (tacet_peak_loop)
#define tacet_softmax_row TACET_NAME (tacet_softmax_row)
#define tacet_tile_run TACET_NAME (tacet_tile_run)
#define tacet_transpose TACET_NAME (tacet_transpose)
#define tacet_widen TACET_NAME (tacet_widen)
#define tacet_winograd_pack TACET_NAME (tacet_winograd_pack)
#define tacet_winograd_packed_bytes TACET_NAME (tacet_winograd_packed_bytes)
#define tacet_winograd_pays TACET_NAME (tacet_winograd_pays)
#define tacet_winograd_read TACET_NAME (tacet_winograd_read)
#define tacet_winograd_run TACET_NAME (tacet_winograd_run)
#define tacet_winograd_scratch TACET_NAME (tacet_winograd_scratch)
#define tacet_winograd_stream_pack TACET_NAME (tacet_winograd_stream_pack)
#define tacet_winograd_stream_packed_bytes TACET_NAME (tacet_winograd_stream_packed_bytes)
#define tacet_winograd_stream_run TACET_NAME (tacet_winograd_stream_run)
#define tacet_winograd_stream_scratch TACET_NAME (tacet_winograd_stream_scratch)
#define tacet_winograd_streams TACET_NAME (tacet_winograd_streams)
#define tacet_winograd_tiles TACET_NAME (tacet_winograd_tiles)
#define tacet_winograd_weight TACET_NAME (tacet_winograd_weight)
#define tacet_winograd_weight_scratch TACET_NAME (tacet_winograd_weight_scratch)
#define tacet_winograd_write TACET_NAME (tacet_winograd_write)
/* clang-format on */
#endif
