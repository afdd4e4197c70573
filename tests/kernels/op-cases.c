/* op-cases.c: see op-cases.h.
 *
 * Room: tests/kernels.
 */
#include "op-cases.h"

#include <string.h>

/* clang-format off */
#define S(...)   { { __VA_ARGS__ } }
#define F(...)   { NULL, S (__VA_ARGS__), TACET_F32 }
#define I(...)   { NULL, S (__VA_ARGS__), TACET_I32 }
#define D(...)   { NULL, S (__VA_ARGS__), TACET_F64 }
#define IN(...)  sizeof ((TacetOperand[]){ __VA_ARGS__ }) / sizeof (TacetOperand), { __VA_ARGS__ }
#define A(...)   { __VA_ARGS__ }
#define CASE(NAME, OP, ATTRS, INPUTS, OUT) { NAME, { TACET_OP_##OP, ATTRS, INPUTS, OUT, NULL } }

#define ONE_FN(KIND, ORDER, LOW, HIGH)                                                                                 \
  CASE ("fn " #KIND " " #ORDER, FN, A (.fn = TACET_FN_##KIND, .order = ORDER, .a = LOW, .b = HIGH),                    \
        IN (F (1, 3, 5, 7)), F (1, 3, 5, 7))
#define FN_ORDERS(KIND, LOW, HIGH)                                                                                     \
  ONE_FN (KIND, 0, LOW, HIGH), ONE_FN (KIND, 1, LOW, HIGH), ONE_FN (KIND, 2, LOW, HIGH), ONE_FN (KIND, 3, LOW, HIGH)
#define BINARY(NAME, OP, SA, SB, OUT) CASE (NAME, OP, A (.a = 0.7f, .b = -1.3f), IN (F SA, F SB), F OUT)
#define BINARIES(HOW, SA, SB, OUT) BINARY ("add " HOW, ADD, SA, SB, OUT), BINARY ("mul " HOW, MUL, SA, SB, OUT)
#define SUM(HOW, SX, OUT) CASE ("sum " HOW, SUM, A (0), IN (F SX), F OUT)
#define PERM(N, SX, OUT, ...) CASE ("permute " N, PERMUTE, A (.perm = { __VA_ARGS__ }), IN (F SX), F OUT)
/* one geometry, three operations */
#define CONV(HOW, SX, SW, SOUT, STRIDE, TOP, LEFT)                                                                     \
  CASE ("conv " HOW, CONV, A (.stride = STRIDE, .pad_top = TOP, .pad_left = LEFT), IN (F SX, F SW), F SOUT),           \
  CASE ("conv-data " HOW, CONV_DATA, A (.stride = STRIDE, .pad_top = TOP, .pad_left = LEFT), IN (F SOUT, F SW), F SX), \
  CASE ("conv-weight " HOW, CONV_WEIGHT, A (.stride = STRIDE, .pad_top = TOP, .pad_left = LEFT), IN (F SX, F SOUT), F SW)
#define NORM(HOW, SX, C, GROUPS)                                                                                       \
  CASE ("norm " HOW, NORM, A (.groups = GROUPS, .a = 1e-5f), IN (F SX, F (1, 1, 1, C), F (1, 1, 1, C)), F SX),         \
  CASE ("norm silu " HOW, NORM, A (.groups = GROUPS, .a = 1e-5f, .silu = true),                                        \
        IN (F SX, F (1, 1, 1, C), F (1, 1, 1, C)), F SX),                                                              \
  CASE ("norm plain " HOW, NORM, A (.groups = GROUPS, .a = 1e-5f), IN (F SX), F SX),                                   \
  CASE ("norm-back-data " HOW, NORM_BACK_DATA, A (.groups = GROUPS, .a = 1e-5f), IN (F SX, F SX, F (1, 1, 1, C)),      \
        F SX),                                                                                                         \
  CASE ("norm-back-data plain " HOW, NORM_BACK_DATA, A (.groups = GROUPS, .a = 1e-5f), IN (F SX, F SX), F SX),         \
  CASE ("norm-back-weight " HOW, NORM_BACK_WEIGHT, A (.groups = GROUPS, .a = 1e-5f), IN (F SX, F SX), F (1, 1, 2, C))
#define ATTENTION(HOW, HEADS, CAUSAL, SQ, SK, FLAT)                                                                    \
  CASE ("attention " HOW, ATTENTION, A (.heads = HEADS, .causal = CAUSAL, .a = 0.3f), IN (F SQ, F SK, F SK), F SQ),    \
  CASE ("attention-back " HOW, ATTENTION_BACK, A (.heads = HEADS, .causal = CAUSAL, .a = 0.3f),                        \
        IN (F SQ, F SQ, F SK, F SK), F (1, 1, 1, FLAT))
#define BIAS(P, Q, M, N) F (1, 1, 1, 2 * (N))
#define GATED(HOW, TB, ALPHA, SA, SB, OUT)                                                                             \
  CASE ("matmul gated " HOW, MATMUL, A (.a = ALPHA, .trans_b = TB, .gated = true, .fn = TACET_FN_GELU),                \
        IN (F SA, F SB, BIAS OUT), F OUT)
#define MATMUL(HOW, TA, TB, SA, SB, OUT)                                                                               \
  CASE ("matmul " HOW, MATMUL, A (.a = 0.9f, .trans_a = TA, .trans_b = TB), IN (F SA, F SB), F OUT)

static const TacetCase cases[] = {
  FN_ORDERS (POWER, 2, 0), FN_ORDERS (POWER, 0.5f, 0), FN_ORDERS (POWER, -1, 0), FN_ORDERS (POWER, 1.7f, 0),
  ONE_FN (POWER, 0, -0.5f, 0), ONE_FN (POWER, 0, 3, 0), ONE_FN (POWER, 0, -2, 0), ONE_FN (POWER, 0, -1.5f, 0),
  FN_ORDERS (EXP, 0, 0), FN_ORDERS (LOG, 0, 0), FN_ORDERS (SIN, 0, 0), FN_ORDERS (COS, 0, 0), FN_ORDERS (TANH, 0, 0),
  FN_ORDERS (SIGMOID, 0, 0), FN_ORDERS (SILU, 0, 0), FN_ORDERS (GELU, 0, 0), FN_ORDERS (QUICK_GELU, 0, 0),
  FN_ORDERS (ABS, 0, 0), FN_ORDERS (CLAMP, -0.5f, 1.25f),
  CASE ("fn-mul silu 1", FN_MUL, A (.fn = TACET_FN_SILU, .order = 1), IN (F (3, 17, 19, 23), F (3, 17, 19, 23)),
        F (3, 17, 19, 23)),
  CASE ("fn-mul gelu 0", FN_MUL, A (.fn = TACET_FN_GELU, .order = 0), IN (F (1, 1, 5, 9), F (1, 1, 5, 9)),
        F (1, 1, 5, 9)),
  CASE ("affine", AFFINE, A (.a = 2.5f, .b = -0.25f), IN (F (2, 3, 5, 7)), F (2, 3, 5, 7)),

  BINARIES ("same", (2, 40, 30, 17), (2, 40, 30, 17), (2, 40, 30, 17)),
  BINARIES ("channel", (2, 30, 40, 24), (1, 1, 1, 24), (2, 30, 40, 24)),
  BINARIES ("channel odd", (2, 3, 4, 5), (1, 1, 1, 5), (2, 3, 4, 5)),
  BINARIES ("sample", (3, 4, 5, 6), (3, 1, 1, 1), (3, 4, 5, 6)),
  BINARIES ("sample channel", (3, 4, 5, 10), (3, 1, 1, 10), (3, 4, 5, 10)),
  BINARIES ("pixel", (3, 4, 5, 6), (3, 4, 5, 1), (3, 4, 5, 6)),
  BINARIES ("picture", (3, 4, 5, 6), (1, 4, 5, 1), (3, 4, 5, 6)),
  BINARIES ("scalar", (3, 4, 5, 6), (1, 1, 1, 1), (3, 4, 5, 6)),
  BINARIES ("scalar first", (1, 1, 1, 1), (3, 4, 5, 6), (3, 4, 5, 6)),
  BINARIES ("each other", (3, 1, 5, 1), (1, 4, 1, 6), (3, 4, 5, 6)),
  BINARIES ("rows and columns", (1, 1, 7, 1), (1, 1, 1, 9), (1, 1, 7, 9)),
  BINARIES ("both repeated", (2, 1, 1, 3), (1, 1, 1, 3), (2, 5, 4, 3)),
  BINARIES ("one element", (1, 1, 1, 1), (1, 1, 1, 1), (1, 1, 1, 1)),
  BINARIES ("long row", (1, 1, 1, 40001), (1, 1, 1, 40001), (1, 1, 1, 40001)),

  SUM ("all", (3, 17, 19, 23), (1, 1, 1, 1)), SUM ("channels kept", (3, 67, 19, 23), (1, 1, 1, 23)),
  SUM ("channels kept even", (4, 40, 40, 32), (1, 1, 1, 32)), SUM ("samples kept", (3, 7, 9, 23), (3, 1, 1, 1)),
  SUM ("both kept", (3, 7, 9, 23), (3, 1, 1, 23)), SUM ("pixels kept", (3, 7, 9, 23), (3, 7, 9, 1)),
  SUM ("samples summed", (3, 7, 9, 23), (1, 7, 9, 23)), SUM ("height kept", (3, 7, 9, 23), (1, 7, 1, 1)),
  SUM ("width kept", (3, 7, 9, 23), (1, 1, 9, 1)), SUM ("height summed", (3, 7, 9, 23), (3, 1, 9, 23)),
  SUM ("nothing summed", (2, 3, 4, 5), (2, 3, 4, 5)), SUM ("one element", (1, 1, 1, 1), (1, 1, 1, 1)),
  SUM ("long", (1, 1, 1, 70001), (1, 1, 1, 1)), SUM ("height channels", (2, 7, 9, 23), (1, 7, 1, 23)),
  CASE ("broadcast all", BROADCAST, A (0), IN (F (1, 1, 1, 1)), F (2, 3, 4, 5)),
  CASE ("broadcast channel", BROADCAST, A (0), IN (F (1, 1, 1, 5)), F (2, 3, 4, 5)),
  CASE ("broadcast sample", BROADCAST, A (0), IN (F (2, 1, 1, 1)), F (2, 30, 4, 5)),
  CASE ("broadcast rows", BROADCAST, A (0), IN (F (2, 1, 4, 1)), F (2, 3, 4, 5)),

  PERM ("nothing", (2, 3, 4, 5), (2, 3, 4, 5), 0, 1, 2, 3), PERM ("to NCHW", (2, 3, 4, 5), (2, 5, 3, 4), 0, 3, 1, 2),
  PERM ("to NHWC", (2, 35, 14, 15), (2, 14, 15, 35), 0, 2, 3, 1), PERM ("heads", (2, 9, 4, 8), (2, 4, 9, 8), 0, 2, 1, 3),
  PERM ("matrix", (1, 1, 37, 53), (1, 1, 53, 37), 0, 1, 3, 2), PERM ("reversed", (2, 3, 4, 5), (5, 4, 3, 2), 3, 2, 1, 0),
  PERM ("samples last", (3, 2, 5, 1), (2, 5, 1, 3), 1, 2, 3, 0),
  CASE ("concat 3", CONCAT, A (.axis = 3), IN (F (2, 3, 4, 5), F (2, 3, 4, 1), F (2, 3, 4, 7)), F (2, 3, 4, 13)),
  CASE ("concat 0", CONCAT, A (.axis = 0), IN (F (2, 3, 4, 5), F (1, 3, 4, 5)), F (3, 3, 4, 5)),
  CASE ("concat 1", CONCAT, A (.axis = 1), IN (F (2, 3, 4, 5), F (2, 6, 4, 5)), F (2, 9, 4, 5)),
  CASE ("concat 2", CONCAT, A (.axis = 2), IN (F (2, 3, 4, 5), F (2, 3, 1, 5)), F (2, 3, 5, 5)),
  CASE ("slice 3", SLICE, A (.axis = 3, .start = 2), IN (F (2, 3, 4, 9)), F (2, 3, 4, 5)),
  CASE ("slice 2", SLICE, A (.axis = 2, .start = 1), IN (F (2, 3, 4, 9)), F (2, 3, 2, 9)),
  CASE ("slice 1", SLICE, A (.axis = 1, .start = 0), IN (F (2, 3, 4, 9)), F (2, 1, 4, 9)),
  CASE ("slice 0", SLICE, A (.axis = 0, .start = 1), IN (F (2, 3, 4, 9)), F (1, 3, 4, 9)),
  CASE ("pad 3", PAD, A (.axis = 3, .start = 2), IN (F (2, 3, 4, 5)), F (2, 3, 4, 9)),
  CASE ("pad 2", PAD, A (.axis = 2, .start = 0), IN (F (2, 3, 4, 5)), F (2, 3, 6, 5)),
  CASE ("pad 1", PAD, A (.axis = 1, .start = 3), IN (F (2, 3, 4, 5)), F (2, 6, 4, 5)),
  CASE ("pad 0", PAD, A (.axis = 0, .start = 1), IN (F (2, 3, 4, 5)), F (4, 3, 4, 5)),
  CASE ("upsample", UPSAMPLE, A (0), IN (F (2, 3, 5, 7)), F (2, 6, 10, 7)),
  CASE ("upsample even", UPSAMPLE, A (0), IN (F (1, 8, 8, 16)), F (1, 16, 16, 16)),
  CASE ("downsum", DOWNSUM, A (0), IN (F (2, 6, 10, 11)), F (2, 3, 5, 11)),
  CASE ("gather", GATHER, A (0), IN (F (1, 1, 29, 7), I (2, 1, 6, 1)), F (2, 1, 6, 7)),
  CASE ("scatter-add", SCATTER_ADD, A (0), IN (F (2, 1, 60, 7), I (2, 1, 60, 1)), F (1, 1, 29, 7)),

  MATMUL ("nn", false, false, (1, 1, 13, 17), (1, 1, 17, 11), (1, 1, 13, 11)),
  MATMUL ("nt", false, true, (1, 1, 13, 17), (1, 1, 11, 17), (1, 1, 13, 11)),
  MATMUL ("tn", true, false, (1, 1, 17, 13), (1, 1, 17, 11), (1, 1, 13, 11)),
  MATMUL ("tt", true, true, (1, 1, 17, 13), (1, 1, 11, 17), (1, 1, 13, 11)),
  MATMUL ("batches", false, true, (2, 3, 5, 7), (2, 3, 9, 7), (2, 3, 5, 9)),
  MATMUL ("shared b", false, false, (2, 3, 5, 7), (1, 1, 7, 9), (2, 3, 5, 9)),
  MATMUL ("shared b tn", true, false, (2, 3, 7, 5), (1, 1, 7, 9), (2, 3, 5, 9)),
  MATMUL ("shared a", false, false, (1, 1, 5, 7), (2, 3, 7, 9), (2, 3, 5, 9)),
  MATMUL ("partly shared", false, true, (2, 1, 5, 7), (1, 3, 9, 7), (2, 3, 5, 9)),
  MATMUL ("one row", false, true, (1, 1, 1, 300), (1, 1, 700, 300), (1, 1, 1, 700)),
  MATMUL ("one column", false, false, (1, 1, 130, 65), (1, 1, 65, 1), (1, 1, 130, 1)),
  MATMUL ("tall", false, false, (2, 1, 401, 33), (1, 1, 33, 21), (2, 1, 401, 21)),
  MATMUL ("deep", false, true, (1, 1, 30, 700), (1, 1, 50, 700), (1, 1, 30, 50)),
  MATMUL ("wide", true, false, (1, 1, 90, 40), (1, 1, 90, 803), (1, 1, 40, 803)),
  GATED ("small", false, 1, (2, 3, 5, 7), (1, 1, 7, 22), (2, 3, 5, 11)),
  GATED ("odd panels", true, 1, (1, 1, 31, 40), (1, 1, 176, 40), (1, 1, 31, 88)),
  GATED ("blocks", true, 0.5f, (2, 1, 200, 330), (1, 1, 704, 330), (2, 1, 200, 352)),
  GATED ("one row", true, 1, (1, 1, 1, 64), (1, 1, 128, 64), (1, 1, 1, 64)),
  CASE ("matmul bias", MATMUL, A (.a = 0.5f, .trans_b = true), IN (F (2, 1, 301, 37), F (1, 1, 29, 37), F (1, 1, 1, 29)),
        F (2, 1, 301, 29)),
  CASE ("matmul bias wide", MATMUL, A (.a = 1), IN (F (1, 1, 3, 37), F (1, 1, 37, 777), F (1, 1, 1, 777)),
        F (1, 1, 3, 777)),

  CONV ("3x3", (2, 7, 9, 5), (6, 3, 3, 5), (2, 7, 9, 6), 1, 1, 1),
  CONV ("3x3 even", (2, 12, 12, 16), (24, 3, 3, 16), (2, 12, 12, 24), 1, 1, 1),
  CONV ("3x3 winograd", (2, 16, 16, 64), (64, 3, 3, 64), (2, 16, 16, 64), 1, 1, 1),
  CONV ("3x3 winograd odd", (3, 15, 18, 70), (50, 3, 3, 70), (3, 15, 18, 50), 1, 1, 1),
  CONV ("3x3 winograd small", (8, 5, 4, 130), (96, 3, 3, 130), (8, 5, 4, 96), 1, 1, 1),
  CONV ("3x3 winograd streamed", (1, 9, 6, 240), (240, 3, 3, 240), (1, 9, 6, 240), 1, 1, 1),
  CONV ("3x3 winograd one tile", (1, 4, 4, 240), (240, 3, 3, 240), (1, 4, 4, 240), 1, 1, 1),
  CONV ("3x3 winograd two tiles", (2, 4, 4, 224), (240, 3, 3, 224), (2, 4, 4, 240), 1, 1, 1),
  CONV ("3x3 winograd three tiles", (1, 10, 4, 240), (240, 3, 3, 240), (1, 10, 4, 240), 1, 1, 1),
  CONV ("3x3 winograd four tiles", (1, 7, 8, 240), (240, 3, 3, 240), (1, 7, 8, 240), 1, 1, 1),
  CONV ("3x3 winograd bands", (33, 5, 5, 240), (240, 3, 3, 240), (33, 5, 5, 240), 1, 1, 1),
  CASE ("conv 3x3 winograd streamed bands", CONV, A (.stride = 1, .pad_top = 1, .pad_left = 1),
        IN (F (33, 5, 5, 256), F (208, 3, 3, 256), F (1, 1, 1, 208)), F (33, 5, 5, 208)),
  CONV ("3x3 deep", (1, 3, 5, 300), (20, 3, 3, 300), (1, 3, 5, 20), 1, 1, 1),
  CONV ("3x3 many pixels", (1, 65, 67, 8), (8, 3, 3, 8), (1, 65, 67, 8), 1, 1, 1),
  CONV ("3x3 from picture", (1, 33, 20, 3), (16, 3, 3, 3), (1, 33, 20, 16), 1, 1, 1),
  CONV ("3x3 to picture", (1, 20, 33, 16), (3, 3, 3, 16), (1, 20, 33, 3), 1, 1, 1),
  CONV ("3x3 to four", (2, 9, 7, 24), (4, 3, 3, 24), (2, 5, 4, 4), 2, 1, 1),
  CONV ("5x1 to two", (1, 8, 6, 40), (2, 5, 1, 40), (1, 8, 6, 2), 1, 2, 0),
  CONV ("3x3 to one", (1, 6, 5, 8), (1, 3, 3, 8), (1, 6, 5, 1), 1, 1, 1),
  CONV ("3x3 no padding", (2, 9, 8, 4), (3, 3, 3, 4), (2, 7, 6, 3), 1, 0, 0),
  CONV ("3x3 wide padding", (1, 5, 6, 4), (3, 3, 3, 4), (1, 7, 8, 3), 1, 2, 2),
  CONV ("3x3 stride 2", (2, 9, 12, 10), (7, 3, 3, 10), (2, 5, 6, 7), 2, 1, 1),
  CONV ("3x3 stride 2 one side", (2, 8, 12, 10), (7, 3, 3, 10), (2, 4, 6, 7), 2, 0, 0),
  CONV ("3x3 one pixel", (2, 1, 1, 5), (4, 3, 3, 5), (2, 1, 1, 4), 1, 1, 1),
  CONV ("1x1", (2, 7, 9, 5), (6, 1, 1, 5), (2, 7, 9, 6), 1, 0, 0),
  CONV ("1x1 stride 2", (2, 8, 6, 5), (6, 1, 1, 5), (2, 4, 3, 6), 2, 0, 0),
  CONV ("1x1 padded", (1, 3, 4, 5), (6, 1, 1, 5), (1, 5, 6, 6), 1, 1, 1),
  CONV ("5x5", (1, 8, 11, 3), (4, 5, 5, 3), (1, 8, 11, 4), 1, 2, 2),
  CONV ("4x4 stride 2", (1, 8, 10, 3), (4, 4, 4, 3), (1, 4, 5, 4), 2, 1, 1),
  CONV ("4x4 stride 4", (1, 8, 12, 3), (5, 4, 4, 3), (1, 2, 3, 5), 4, 0, 0),
  CONV ("7x1 stride 3", (1, 14, 5, 3), (2, 7, 1, 3), (1, 4, 2, 2), 3, 1, 0),
  CONV ("one kernel for all", (3, 4, 5, 6), (7, 4, 5, 6), (3, 1, 1, 7), 1, 0, 0),
  CASE ("conv bias", CONV, A (.stride = 1, .pad_top = 1, .pad_left = 1),
        IN (F (1, 17, 20, 12), F (20, 3, 3, 12), F (1, 1, 1, 20)), F (1, 17, 20, 20)),
  CASE ("conv bias winograd", CONV, A (.stride = 1, .pad_top = 1, .pad_left = 1),
        IN (F (2, 13, 10, 64), F (72, 3, 3, 64), F (1, 1, 1, 72)), F (2, 13, 10, 72)),
  CASE ("conv bias 1x1", CONV, A (.stride = 1), IN (F (1, 37, 40, 12), F (20, 1, 1, 12), F (1, 1, 1, 20)),
        F (1, 37, 40, 20)),
  CASE ("conv bias stride 2", CONV, A (.stride = 2, .pad_top = 1, .pad_left = 1),
        IN (F (2, 8, 8, 12), F (20, 3, 3, 12), F (1, 1, 1, 20)), F (2, 4, 4, 20)),

  NORM ("groups", (2, 5, 7, 12), 12, 4), NORM ("even", (3, 8, 8, 32), 32, 8), NORM ("one group", (2, 3, 3, 7), 7, 1),
  NORM ("each channel", (2, 6, 5, 9), 9, 9), NORM ("slices", (1, 90, 90, 16), 16, 4),
  NORM ("layer", (77, 1, 1, 20), 20, 1), NORM ("layer odd", (300, 1, 1, 67), 67, 1), NORM ("pixel groups", (9, 1, 1, 24), 24, 3),

  CASE ("softmax", SOFTMAX, A (0), IN (F (2, 3, 5, 19)), F (2, 3, 5, 19)),
  CASE ("softmax long", SOFTMAX, A (0), IN (F (1, 1, 3, 1037)), F (1, 1, 3, 1037)),
  CASE ("softmax one", SOFTMAX, A (0), IN (F (1, 1, 3, 1)), F (1, 1, 3, 1)),
  CASE ("softmax causal", SOFTMAX, A (.causal = true), IN (F (2, 3, 19, 19)), F (2, 3, 19, 19)),
  CASE ("softmax-back", SOFTMAX_BACK, A (0), IN (F (2, 3, 5, 19), F (2, 3, 5, 19)), F (2, 3, 5, 19)),
  ATTENTION ("one head", 1, false, (2, 1, 9, 5), (2, 1, 7, 5), 230),
  ATTENTION ("heads", 4, false, (2, 1, 70, 32), (2, 1, 11, 32), 5888),
  ATTENTION ("self", 2, false, (1, 1, 130, 16), (1, 1, 130, 16), 6240),
  ATTENTION ("causal", 3, true, (2, 1, 77, 12), (2, 1, 77, 12), 5544),
  ATTENTION ("long", 2, false, (1, 1, 66, 10), (1, 1, 1100, 10), 22660),
  ATTENTION ("long causal", 1, true, (1, 1, 600, 8), (1, 1, 600, 8), 14400),
  ATTENTION ("many", 2, false, (2, 1, 513, 10), (2, 1, 530, 10), 31460),
  ATTENTION ("odd", 2, false, (2, 1, 70, 42), (2, 1, 100, 42), 22680),
  ATTENTION ("one key", 2, false, (2, 1, 5, 6), (2, 1, 1, 6), 84),

  CASE ("gram 1", GRAM, A (0), IN (F (3, 4, 5, 6)), D (3, 1, 1, 1)),
  CASE ("gram 2", GRAM, A (0), IN (F (2, 5, 7, 9), F (2, 5, 7, 9)), D (2, 1, 2, 2)),
  CASE ("gram 4", GRAM, A (0), IN (F (2, 31, 30, 19), F (2, 31, 30, 19), F (2, 31, 30, 19), F (2, 31, 30, 19)),
        D (2, 1, 4, 4)),
  CASE ("gram 3", GRAM, A (0), IN (F (2, 40, 30, 17), F (2, 40, 30, 17), F (2, 40, 30, 17)), D (2, 1, 3, 3)),
  CASE ("gram 5", GRAM, A (0), IN (F (2, 2, 3, 3), F (2, 2, 3, 3), F (2, 2, 3, 3), F (2, 2, 3, 3), F (2, 2, 3, 3)),
        D (2, 1, 5, 5)),
  CASE ("combine 1", COMBINE, A (0), IN (F (3, 4, 5, 6), F (3, 1, 1, 1), F (3, 4, 5, 6)), F (3, 4, 5, 6)),
  CASE ("combine 3", COMBINE, A (0),
        IN (F (2, 40, 30, 17), F (2, 1, 1, 3), F (2, 40, 30, 17), F (2, 40, 30, 17), F (2, 40, 30, 17)),
        F (2, 40, 30, 17)),
  CASE ("adamw", ADAMW, A (.lr = 0.01f, .beta1 = 0.9f, .beta2 = 0.99f, .a = 1e-6f, .b = 0.1f, .scale = 0.5f, .step = 3),
        IN (F (4, 3, 3, 701), F (4, 3, 3, 701), F (4, 3, 3, 701)), F (4, 3, 3, 701)),
  CASE ("adamw first", ADAMW, A (.lr = 0.1f, .beta1 = 0.9f, .beta2 = 0.999f, .a = 1e-8f, .scale = 1, .step = 1),
        IN (F (1, 1, 1, 13), F (1, 1, 1, 13), F (1, 1, 1, 13)), F (1, 1, 1, 13)),
  CASE ("adamw average", ADAMW,
        A (.lr = 0.01f, .beta1 = 0.9f, .beta2 = 0.99f, .a = 1e-6f, .b = 0.1f, .scale = 0.5f, .rest = 0.25f, .step = 3),
        IN (F (4, 3, 3, 701), F (4, 3, 3, 701), F (4, 3, 3, 701), F (4, 3, 3, 701)), F (4, 3, 3, 701)),
};

/* Names say where the shape comes from: the starter model in training, a 512 pixel picture. */
#define TRAIN_CONV(HOW, N, PX, CI, CO) CONV (HOW, (N, PX, PX, CI), (CO, 3, 3, CI), (N, PX, PX, CO), 1, 1, 1)
#define TRAIN_NORM(HOW, N, PX, C, GROUPS)                                                                              \
  CASE ("norm silu " HOW, NORM, A (.groups = GROUPS, .a = 1e-5f, .silu = true),                                        \
        IN (F (N, PX, PX, C), F (1, 1, 1, C), F (1, 1, 1, C)), F (N, PX, PX, C)),                                      \
  CASE ("norm-back-data " HOW, NORM_BACK_DATA, A (.groups = GROUPS, .a = 1e-5f),                                       \
        IN (F (N, PX, PX, C), F (N, PX, PX, C), F (1, 1, 1, C)), F (N, PX, PX, C)),                                    \
  CASE ("norm-back-weight " HOW, NORM_BACK_WEIGHT, A (.groups = GROUPS, .a = 1e-5f),                                   \
        IN (F (N, PX, PX, C), F (N, PX, PX, C)), F (1, 1, 2, C))

#define SD_CONV(HOW, N, PX, CI, CO)                                                                                    \
  CASE ("conv SD " HOW, CONV, A (.stride = 1, .pad_top = 1, .pad_left = 1), IN (F (N, PX, PX, CI), F (CO, 3, 3, CI)),  \
        F (N, PX, PX, CO))

static const TacetCase bench[] = {
  TRAIN_CONV ("vae 64 16-16", 8, 64, 16, 16), TRAIN_CONV ("vae 32 48-48", 8, 32, 48, 48),
  TRAIN_CONV ("vae 16 96-96", 8, 16, 96, 96), TRAIN_CONV ("unet 16 64-64", 16, 16, 64, 64),
  TRAIN_CONV ("unet 16 128-64", 16, 16, 128, 64), TRAIN_CONV ("unet 16 192-64", 16, 16, 192, 64),
  TRAIN_CONV ("unet 8 128-128", 16, 8, 128, 128), TRAIN_CONV ("unet 8 288-128", 16, 8, 288, 128),
  TRAIN_CONV ("unet 4 160-160", 16, 4, 160, 160), TRAIN_CONV ("unet 4 320-160", 16, 4, 320, 160),
  TRAIN_CONV ("unet 4 320-160 b2", 2, 4, 320, 160), TRAIN_CONV ("picture 64 3-16", 8, 64, 3, 16),
  TRAIN_CONV ("picture 64 16-3", 8, 64, 16, 3),
  CONV ("down 16 64-64", (16, 16, 16, 64), (64, 3, 3, 64), (16, 8, 8, 64), 2, 1, 1),
  CONV ("1x1 16 128-64", (16, 16, 16, 128), (64, 1, 1, 128), (16, 16, 16, 64), 1, 0, 0),
  TRAIN_CONV ("512 px 64 320-320", 1, 64, 320, 320), TRAIN_CONV ("256 px 32 320-320", 1, 32, 320, 320),
  TRAIN_CONV ("256 px 16 640-640", 1, 16, 640, 640), TRAIN_CONV ("256 px 8 1280-1280", 1, 8, 1280, 1280),
  TRAIN_CONV ("256 px 4 1280-1280", 1, 4, 1280, 1280),
  SD_CONV ("64 640-320", 2, 64, 640, 320), SD_CONV ("64 960-320", 2, 64, 960, 320),
  SD_CONV ("32 320-640", 2, 32, 320, 640), SD_CONV ("32 640-640", 2, 32, 640, 640),
  SD_CONV ("32 1920-640", 2, 32, 1920, 640), SD_CONV ("16 1280-1280", 2, 16, 1280, 1280),
  SD_CONV ("16 2560-1280", 2, 16, 2560, 1280), SD_CONV ("8 1280-1280", 2, 8, 1280, 1280),
  SD_CONV ("8 1280-1280 b1", 1, 8, 1280, 1280), SD_CONV ("16 1280-1280 b1", 1, 16, 1280, 1280),
  SD_CONV ("32 640-640 b1", 1, 32, 640, 640), SD_CONV ("64 320-320 b1", 1, 64, 320, 320), SD_CONV ("vae 64 512-512", 1, 64, 512, 512),
  SD_CONV ("vae 256 256-256", 1, 256, 256, 256), SD_CONV ("vae 512 128-128", 1, 512, 128, 128),

  MATMUL ("linear 1024 128-1024", false, true, (1, 1, 1024, 128), (1, 1, 1024, 128), (1, 1, 1024, 1024)),
  MATMUL ("linear 1024 512-128", false, true, (1, 1, 1024, 512), (1, 1, 128, 512), (1, 1, 1024, 128)),
  MATMUL ("linear data", false, false, (1, 1, 1024, 1024), (1, 1, 1024, 128), (1, 1, 1024, 128)),
  MATMUL ("linear weight", true, false, (1, 1, 1024, 1024), (1, 1, 1024, 128), (1, 1, 1024, 128)),
  MATMUL ("linear 256 160-160", false, true, (1, 1, 256, 160), (1, 1, 160, 160), (1, 1, 256, 160)),
  MATMUL ("linear time", false, true, (1, 1, 16, 256), (1, 1, 256, 256), (1, 1, 16, 256)),
  MATMUL ("linear text", false, true, (1, 1, 128, 128), (1, 1, 128, 128), (1, 1, 128, 128)),
  MATMUL ("SD linear 64 320-320", false, true, (2, 1, 4096, 320), (1, 1, 320, 320), (2, 1, 4096, 320)),
  MATMUL ("SD linear 64 320-2560", false, true, (2, 1, 4096, 320), (1, 1, 2560, 320), (2, 1, 4096, 2560)),
  GATED ("SD 64 320-2560", true, 1, (1, 1, 4096, 320), (1, 1, 2560, 320), (1, 1, 4096, 1280)),
  GATED ("SD 16 1280-10240", true, 1, (1, 1, 256, 1280), (1, 1, 10240, 1280), (1, 1, 256, 5120)),
  MATMUL ("SD linear 16 5120-1280", false, true, (2, 1, 256, 5120), (1, 1, 1280, 5120), (2, 1, 256, 1280)),
  MATMUL ("SD linear 16 5120-1280 b1", false, true, (1, 1, 256, 5120), (1, 1, 1280, 5120), (1, 1, 256, 1280)),
  MATMUL ("SD linear 16 1280-1280 b1", false, true, (1, 1, 256, 1280), (1, 1, 1280, 1280), (1, 1, 256, 1280)),
  MATMUL ("SD linear 16 1280-10240 b1", false, true, (1, 1, 256, 1280), (1, 1, 10240, 1280), (1, 1, 256, 10240)),
  MATMUL ("SD linear 32 640-640 b1", false, true, (1, 1, 1024, 640), (1, 1, 640, 640), (1, 1, 1024, 640)),
  MATMUL ("SD linear text 768-1280", false, true, (2, 1, 77, 768), (1, 1, 1280, 768), (2, 1, 77, 1280)),
  MATMUL ("SD linear time", false, true, (1, 1, 2, 1280), (1, 1, 1280, 1280), (1, 1, 2, 1280)),
  ATTENTION ("self 8", 4, false, (16, 1, 64, 128), (16, 1, 64, 128), 393216),
  ATTENTION ("cross 8", 4, false, (16, 1, 64, 128), (16, 1, 8, 128), 163840),
  ATTENTION ("512 px", 8, false, (1, 1, 1024, 320), (1, 1, 1024, 320), 983040),
  ATTENTION ("512 px 64 40", 8, false, (1, 1, 4096, 320), (1, 1, 4096, 320), 3932160),
  ATTENTION ("512 px 32 80", 8, false, (1, 1, 1024, 640), (1, 1, 1024, 640), 1966080),
  ATTENTION ("512 px 16 160", 8, false, (1, 1, 256, 1280), (1, 1, 256, 1280), 983040),
  ATTENTION ("512 px 8 160", 8, false, (1, 1, 64, 1280), (1, 1, 64, 1280), 245760),
  ATTENTION ("512 px 64 text", 8, false, (1, 1, 4096, 320), (1, 1, 77, 320), 1360000),
  ATTENTION ("512 px 16 text", 8, false, (1, 1, 256, 1280), (1, 1, 77, 1280), 524800),
  ATTENTION ("512 px vae", 1, false, (1, 1, 4096, 512), (1, 1, 4096, 512), 6291456),

  CASE ("norm silu SD vae 512 128", NORM, A (.groups = 32, .a = 1e-6f, .silu = true),
        IN (F (1, 512, 512, 128), F (1, 1, 1, 128), F (1, 1, 1, 128)), F (1, 512, 512, 128)),
  TRAIN_NORM ("vae 64 16", 8, 64, 16, 8), TRAIN_NORM ("unet 16 128", 16, 16, 128, 32),
  TRAIN_NORM ("vae 512 128", 1, 512, 128, 32),
  TRAIN_NORM ("unet 4 320", 16, 4, 320, 32), TRAIN_NORM ("layer 128", 1024, 1, 128, 1),
  CASE ("fn silu", FN, A (.fn = TACET_FN_SILU), IN (F (16, 16, 16, 128)), F (16, 16, 16, 128)),
  CASE ("fn-mul silu 1", FN_MUL, A (.fn = TACET_FN_SILU, .order = 1), IN (F (16, 16, 16, 128), F (16, 16, 16, 128)),
        F (16, 16, 16, 128)),
  CASE ("fn-mul gelu 0", FN_MUL, A (.fn = TACET_FN_GELU), IN (F (1, 1, 1024, 512), F (1, 1, 1024, 512)),
        F (1, 1, 1024, 512)),
  BINARY ("add same", ADD, (16, 16, 16, 128), (16, 16, 16, 128), (16, 16, 16, 128)),
  BINARY ("add channel", ADD, (8, 64, 64, 16), (1, 1, 1, 16), (8, 64, 64, 16)),
  BINARY ("add sample channel", ADD, (16, 16, 16, 128), (16, 1, 1, 128), (16, 16, 16, 128)),
  SUM ("channels 64 16", (8, 64, 64, 16), (1, 1, 1, 16)), SUM ("channels 16 128", (16, 16, 16, 128), (1, 1, 1, 128)),
  SUM ("sample channels", (16, 16, 16, 128), (16, 1, 1, 128)), SUM ("all", (16, 16, 16, 128), (1, 1, 1, 1)),
  CASE ("concat", CONCAT, A (.axis = 3), IN (F (16, 16, 16, 64), F (16, 16, 16, 64)), F (16, 16, 16, 128)),
  CASE ("upsample", UPSAMPLE, A (0), IN (F (16, 8, 8, 128)), F (16, 16, 16, 128)),
  CASE ("downsum", DOWNSUM, A (0), IN (F (16, 16, 16, 128)), F (16, 8, 8, 128)),
  PERM ("to NCHW", (16, 16, 16, 128), (16, 128, 16, 16), 0, 3, 1, 2),
  CASE ("gram 3", GRAM, A (0), IN (F (4, 16, 16, 128), F (4, 16, 16, 128), F (4, 16, 16, 128)), D (4, 1, 3, 3)),
  CASE ("combine 2", COMBINE, A (0), IN (F (4, 16, 16, 128), F (4, 1, 1, 2), F (4, 16, 16, 128), F (4, 16, 16, 128)),
        F (4, 16, 16, 128)),
  CASE ("adamw", ADAMW, A (.lr = 1e-3f, .beta1 = 0.9f, .beta2 = 0.99f, .a = 1e-8f, .b = 0.01f, .scale = 1, .step = 10),
        IN (F (1, 1, 1, 1000000), F (1, 1, 1, 1000000), F (1, 1, 1, 1000000)), F (1, 1, 1, 1000000)),
};
/* clang-format on */

const TacetCase *
tacet_op_cases (int *n_cases)
{
  *n_cases = sizeof cases / sizeof *cases;
  return cases;
}

const TacetCase *
tacet_bench_cases (int *n_cases)
{
  *n_cases = sizeof bench / sizeof *bench;
  return bench;
}

/* In [-1, 1); the same for the same seed and index everywhere. */
static float
number (uint64_t seed, uint64_t index)
{
  uint64_t z = (seed * 1000003 + index + 1) * 0x9e3779b97f4a7c15u;

  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  z ^= z >> 31;
  return (float) (z >> 40) / 8388608.0f - 1.0f;
}

static bool
must_be_positive (const TacetStep *step, int input)
{
  if (step->op == TACET_OP_FN)
    return step->attrs.fn == TACET_FN_LOG || step->attrs.fn == TACET_FN_POWER;
  return step->op == TACET_OP_ADAMW && input == 2;
}

void
tacet_case_fill (const TacetStep *step, int input, void *data)
{
  const TacetOperand *operand = &step->in[input];
  const bool table = step->op == TACET_OP_GATHER || step->op == TACET_OP_SCATTER_ADD;
  const int64_t rows = step->op == TACET_OP_GATHER ? step->in[0].shape.d[2] : step->out.shape.d[2];
  const bool normed =
      step->op == TACET_OP_NORM || step->op == TACET_OP_NORM_BACK_DATA || step->op == TACET_OP_NORM_BACK_WEIGHT;

  for (int64_t i = 0; i < tacet_shape_count (operand->shape); i++)
    {
      float x = number (input + 1, i);
      if (table && input == 1)
        ((int32_t *) data)[i] = (int32_t) ((x + 1) / 2 * rows);
      else if (must_be_positive (step, input))
        ((float *) data)[i] = x + 1.05f;
      else if (step->op == TACET_OP_FN)
        ((float *) data)[i] = 4 * x;
      else if (normed && tacet_shape_equal (operand->shape, step->in[0].shape))
        ((float *) data)[i] = x + 3; /* a mean well off 0 */
      else
        ((float *) data)[i] = x;
    }
  /* One sample without any control. */
  if (step->op == TACET_OP_COMBINE && input == 1)
    for (int64_t i = 0; i < operand->shape.d[3]; i++)
      ((float *) data)[i] = 0;
}

void
tacet_case_round (TacetPrecision precision, float *values, int64_t n)
{
  /* 8 or 11 significant bits; the numbers of the cases are far from the ends of the range of f16. */
  const uint32_t cut = precision == TACET_PRECISION_BF16 ? 16 : precision == TACET_PRECISION_F16 ? 13 : 0;

  for (int64_t i = 0; i < n; i++)
    {
      uint32_t bits;
      memcpy (&bits, values + i, sizeof bits);
      bits = bits >> cut << cut;
      memcpy (values + i, &bits, sizeof bits);
      if (precision == TACET_PRECISION_F16 && values[i] < 6.2e-5f && values[i] > -6.2e-5f)
        values[i] = 0;
    }
}

void
tacet_case_fill_out (const TacetStep *step, void *data)
{
  if (step->out.dtype == TACET_F32)
    for (int64_t i = 0; i < tacet_shape_count (step->out.shape); i++)
      ((float *) data)[i] = number (99, i);
}
