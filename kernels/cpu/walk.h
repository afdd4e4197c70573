/* walk.h: one loop nest for operands of different strides: dimensions of size 1 are dropped and
 * dimensions that lie behind each other in every operand are merged, so that what remains is as few
 * and as long rows as possible.
 *
 * Room: kernels/ (private).
 */
#pragma once

#include "cpu.h"

#define TACET_WALK_OPERANDS 3

typedef struct
{
  int rank; /* 1 .. 4 */
  int n_operands;
  int64_t d[TACET_RANK];
  int64_t stride[TACET_WALK_OPERANDS][TACET_RANK]; /* in elements */
} TacetWalk;

/* Strides of a dense operand; 0 where it is 1 and the shape of the loop is not. */
static inline void
tacet_walk_strides (int64_t stride[TACET_RANK], TacetShape loop, TacetShape operand)
{
  int64_t s = 1;

  for (int i = TACET_RANK - 1; i >= 0; i--)
    {
      stride[i] = operand.d[i] == 1 && loop.d[i] != 1 ? 0 : s;
      s *= operand.d[i];
    }
}

static inline void
tacet_walk_merge (TacetWalk *walk)
{
  int rank = 0;

  for (int i = 0; i < TACET_RANK; i++)
    {
      bool joins = rank > 0;
      if (walk->d[i] == 1)
        continue;
      for (int k = 0; k < walk->n_operands; k++)
        joins = joins && walk->stride[k][rank - 1] == walk->stride[k][i] * walk->d[i];
      if (!joins)
        rank++;
      walk->d[rank - 1] = joins ? walk->d[rank - 1] * walk->d[i] : walk->d[i];
      for (int k = 0; k < walk->n_operands; k++)
        walk->stride[k][rank - 1] = walk->stride[k][i];
    }
  if (rank == 0)
    {
      walk->d[0] = 1;
      for (int k = 0; k < walk->n_operands; k++)
        walk->stride[k][0] = 1;
      rank = 1;
    }
  walk->rank = rank;
}

static inline void
tacet_walk_init (TacetWalk *walk, TacetShape loop, int n_operands, const TacetShape *operands)
{
  walk->n_operands = n_operands;
  for (int i = 0; i < TACET_RANK; i++)
    walk->d[i] = loop.d[i];
  for (int k = 0; k < n_operands; k++)
    tacet_walk_strides (walk->stride[k], loop, operands[k]);
  tacet_walk_merge (walk);
}

/* Rows are everything but the last dimension. */
static inline int64_t
tacet_walk_rows (const TacetWalk *walk)
{
  int64_t rows = 1;

  for (int i = 0; i < walk->rank - 1; i++)
    rows *= walk->d[i];
  return rows;
}

/* A row on the way through all of them. */
typedef struct
{
  int64_t at[TACET_RANK];
  int64_t offset[TACET_WALK_OPERANDS];
} TacetRowAt;

static inline void
tacet_walk_seek (const TacetWalk *walk, int64_t row, TacetRowAt *r)
{
  for (int k = 0; k < walk->n_operands; k++)
    r->offset[k] = 0;
  for (int i = walk->rank - 2; i >= 0; i--)
    {
      r->at[i] = row % walk->d[i];
      row /= walk->d[i];
      for (int k = 0; k < walk->n_operands; k++)
        r->offset[k] += r->at[i] * walk->stride[k][i];
    }
}

/* To the next row; behind the last one the offsets mean nothing. */
static inline void
tacet_walk_next (const TacetWalk *walk, TacetRowAt *r)
{
  for (int i = walk->rank - 2; i >= 0; i--)
    {
      for (int k = 0; k < walk->n_operands; k++)
        r->offset[k] += walk->stride[k][i];
      if (++r->at[i] < walk->d[i])
        return;
      r->at[i] = 0;
      for (int k = 0; k < walk->n_operands; k++)
        r->offset[k] -= walk->d[i] * walk->stride[k][i];
    }
}
