/* tacet-plan-layout.c: which values a plan computes, in which order, and where they lie in the arena.
 *
 * Room: engine/tensor.  Order is that of the graph, whose ids already respect dependence.  Memory is
 * given out best-fit along the order and taken back after the last use; an element-wise result may
 * take the place of an operand that dies with it. */
#define G_LOG_DOMAIN "tacet-plan-layout"
#include "tacet-plan-private.h"

#include <string.h>

#define KEPT_SHARE 64 /* results stay between runs if they need no more of the budget than this part */

typedef struct
{
  size_t offset, bytes;
} Hole;

typedef struct
{
  TacetPlan *plan;
  GArray *holes; /* sorted by offset, never adjacent */
  size_t end;    /* of the arena so far */
} Allocator;

static size_t
value_bytes (const TacetValue *y)
{
  size_t bytes = (size_t) tacet_shape_count (y->shape) * tacet_dtype_size (y->dtype);
  return (bytes + TACET_ALIGNMENT - 1) / TACET_ALIGNMENT * TACET_ALIGNMENT;
}

static size_t
take (Allocator *self, size_t bytes)
{
  int best = -1;
  for (guint i = 0; i < self->holes->len; i++)
    {
      Hole *hole = &g_array_index (self->holes, Hole, i);
      if (hole->bytes >= bytes && (best < 0 || hole->bytes < g_array_index (self->holes, Hole, best).bytes))
        best = (int) i;
    }
  if (best >= 0)
    {
      Hole *hole = &g_array_index (self->holes, Hole, best);
      size_t offset = hole->offset;
      hole->offset += bytes;
      hole->bytes -= bytes;
      if (hole->bytes == 0)
        g_array_remove_index (self->holes, (guint) best);
      return offset;
    }
  /* A last hole that touches the end grows with the arena. */
  size_t offset = self->end;
  if (self->holes->len > 0)
    {
      Hole *last = &g_array_index (self->holes, Hole, self->holes->len - 1);
      if (last->offset + last->bytes == self->end)
        {
          offset = last->offset;
          g_array_set_size (self->holes, self->holes->len - 1);
        }
    }
  self->end = offset + bytes;
  return offset;
}

static void
give_back (Allocator *self, size_t offset, size_t bytes)
{
  guint i = 0;
  while (i < self->holes->len && g_array_index (self->holes, Hole, i).offset < offset)
    i++;
  Hole hole = { offset, bytes };
  g_array_insert_val (self->holes, i, hole);
  for (guint k = i > 0 ? i - 1 : 0; k + 1 < self->holes->len && k <= i;)
    {
      Hole *a = &g_array_index (self->holes, Hole, k), *b = &g_array_index (self->holes, Hole, k + 1);
      if (a->offset + a->bytes != b->offset)
        {
          k++;
          continue;
        }
      a->bytes += b->bytes;
      g_array_remove_index (self->holes, k + 1);
    }
}

static void
mark_reachable (TacetPlan *self, TacetValue *const *outputs, int n_outputs, gboolean *wanted)
{
  for (int i = 0; i < n_outputs; i++)
    wanted[outputs[i]->id] = TRUE;
  for (guint id = self->n_values; id-- > 0;)
    if (wanted[id])
      {
        TacetValue *y = tacet_graph_nth (self->graph, id);
        for (int i = 0; i < y->n_inputs; i++)
          wanted[y->in[i]->id] = TRUE;
      }
}

/* Owners and aliases; `order` gets what has to be computed. */
static void
find_owners (TacetPlan *self, const gboolean *wanted)
{
  for (guint id = 0; id < self->n_values; id++)
    {
      TacetValue *y = tacet_graph_nth (self->graph, id);
      TacetStorageSlot *slot = &self->slots[id];
      slot->base = (int) id;
      slot->last_use = -1;
      if (!wanted[id])
        continue;
      switch (y->op)
        {
        case TACET_OP_VIEW:
        case TACET_OP_DETACH:
          {
            const TacetStorageSlot *from = &self->slots[y->in[0]->id];
            slot->place = TACET_PLACE_ALIAS;
            slot->base = from->base;
            slot->offset = (from->place == TACET_PLACE_ALIAS ? from->offset : 0) +
                           (size_t) y->attrs.offset * tacet_dtype_size (y->dtype);
            break;
          }
        case TACET_OP_WEIGHT:
        case TACET_OP_CONST:
          slot->place = TACET_PLACE_WEIGHT;
          slot->last_use = G_MAXINT;
          break;
        case TACET_OP_INPUT:
          slot->place = TACET_PLACE_ARENA;
          slot->last_use = G_MAXINT;
          break;
        default:
          slot->place = TACET_PLACE_ARENA;
          self->order[self->n_order++] = (int) id;
          break;
        }
    }
}

/* x is half a of y's channels, 0 or 1, and nobody but y reads it. */
static gboolean
is_half (const TacetValue *x, int half, const int *n_uses)
{
  return x->op == TACET_OP_SLICE && n_uses[x->id] == 1 && x->attrs.axis == 3 &&
         x->in[0]->shape.d[3] == 2 * x->shape.d[3] && x->attrs.start == half * x->shape.d[3];
}

/* The matrix product of whose columns y takes both halves, seen in rows of one sample or of all; NULL if there is none
 * or somebody else reads it. */
static const TacetValue *
gated_product (const TacetValue *y, const int *n_uses)
{
  const TacetValue *x = y->in[0]->in[0];
  int uses = 2;
  if (x != y->in[1]->in[0])
    return NULL;
  for (; x->op == TACET_OP_VIEW; x = x->in[0], uses = 1)
    if (n_uses[x->id] != uses || x->shape.d[3] != x->in[0]->shape.d[3] ||
        tacet_shape_count (x->shape) != tacet_shape_count (x->in[0]->shape))
      return NULL;
  return x->op == TACET_OP_MATMUL && n_uses[x->id] == uses ? x : NULL;
}

/* GEGLU of a matrix product: one half of its columns times a function of the other. */
static gboolean
is_gate (const TacetValue *y, const int *n_uses)
{
  if (y->op != TACET_OP_FN_MUL || y->attrs.fn != TACET_FN_GELU || y->attrs.order != 0 || y->in[0] == y->in[1] ||
      !is_half (y->in[0], 0, n_uses) || !is_half (y->in[1], 1, n_uses))
    return FALSE;
  const TacetValue *x = gated_product (y, n_uses);
  return x && x->in[1]->shape.d[0] == 1 && x->in[1]->shape.d[1] == 1;
}

/* SiLU of a normalisation and GEGLU of a matrix product, where nobody else reads those, become one step. */
static void
fuse (TacetPlan *self, const gboolean *wanted, TacetValue *const *outputs, int n_outputs)
{
  g_autofree int *n_uses = g_new0 (int, self->n_values);
  for (guint id = 0; id < self->n_values; id++)
    {
      TacetValue *y = tacet_graph_nth (self->graph, id);
      for (int i = 0; wanted[id] && i < y->n_inputs; i++)
        n_uses[y->in[i]->id]++;
    }
  for (int i = 0; i < n_outputs; i++)
    n_uses[outputs[i]->id]++;
  guint kept = 0;
  for (guint position = 0; position < self->n_order; position++)
    {
      TacetValue *y = tacet_graph_nth (self->graph, (guint) self->order[position]);
      TacetValue *x = y->n_inputs > 0 ? y->in[0] : NULL;
      if (y->op == TACET_OP_FN && y->attrs.fn == TACET_FN_SILU && y->attrs.order == 0 && x->op == TACET_OP_NORM &&
          n_uses[x->id] == 1)
        {
          self->slots[y->id].fused = TRUE;
          self->slots[x->id].place = TACET_PLACE_NONE;
        }
      if (is_gate (y, n_uses))
        {
          self->slots[y->id].fused = TRUE;
          self->slots[y->in[1]->id].place = TACET_PLACE_NONE;
          for (const TacetValue *v = y->in[0]; v != _tacet_plan_source (self, y)->in[0]; v = v->in[0])
            self->slots[v->id].place = TACET_PLACE_NONE;
        }
    }
  for (guint position = 0; position < self->n_order; position++)
    if (self->slots[self->order[position]].place != TACET_PLACE_NONE)
      self->order[kept++] = self->order[position];
  self->n_order = kept;
}

/* Outputs that have memory of their own, which is then the caller's. */
static void
place_outputs (TacetPlan *self, TacetValue *const *outputs, void *const *places, int n_outputs)
{
  for (int i = 0; i < n_outputs; i++)
    {
      TacetStorageSlot *slot = &self->slots[outputs[i]->id];
      if (!places[i] || slot->place != TACET_PLACE_ARENA || outputs[i]->op == TACET_OP_INPUT)
        continue;
      slot->place = TACET_PLACE_CALLER;
      slot->device = places[i];
    }
}

/* Whether values are to be kept between runs: somebody asked for it, and there are such. */
static gboolean
has_lasting (TacetPlan *self, const gboolean *wanted)
{
  const TacetPlanFlags both = TACET_PLAN_KEEP_LASTING | TACET_PLAN_CONSTANT_WEIGHTS;
  for (guint id = 0; (self->flags & both) == both && id < self->n_values; id++)
    if (wanted[id] && ((TacetValue *) tacet_graph_nth (self->graph, id))->lasting)
      return TRUE;
  return FALSE;
}

/* What depends on lasting inputs and weights alone comes first; the order among those and among the others stays. */
static void
put_kept_first (TacetPlan *self)
{
  for (guint id = 0; id < self->n_values; id++)
    {
      TacetValue *y = tacet_graph_nth (self->graph, id);
      gboolean kept = y->op == TACET_OP_INPUT ? y->lasting : y->op != TACET_OP_HOST;
      for (int i = 0; i < y->n_inputs; i++)
        kept = kept && self->slots[y->in[i]->id].kept;
      self->slots[id].kept = kept;
    }
  g_autofree int *others = g_new (int, MAX (self->n_order, 1));
  guint n_others = 0;
  for (guint position = 0; position < self->n_order; position++)
    if (self->slots[self->order[position]].kept)
      self->order[self->n_kept++] = self->order[position];
    else
      others[n_others++] = self->order[position];
  memcpy (self->order + self->n_kept, others, n_others * sizeof (int));
}

static void
find_last_uses (TacetPlan *self, TacetValue *const *outputs, int n_outputs)
{
  for (guint position = 0; position < self->n_order; position++)
    {
      TacetValue *y = tacet_graph_nth (self->graph, (guint) self->order[position]);
      TacetValue *in[TACET_MAX_INPUTS];
      int n_inputs = _tacet_plan_operands (self, y, in);
      for (int i = 0; i < n_inputs; i++)
        {
          TacetStorageSlot *owner = &self->slots[self->slots[in[i]->id].base];
          owner->last_use = owner->kept && position >= self->n_kept ? G_MAXINT : MAX (owner->last_use, (int) position);
        }
      /* A result that nobody reads still needs its memory while it is written. */
      TacetStorageSlot *slot = &self->slots[y->id];
      slot->last_use = MAX (slot->last_use, (int) position);
    }
  for (int i = 0; i < n_outputs; i++)
    self->slots[self->slots[outputs[i]->id].base].last_use = G_MAXINT;
}

/* Whether an operand lies in the memory of `base` in another arrangement than the result's. */
static gboolean
reads_elsewhere (TacetPlan *self, const TacetValue *y, int base)
{
  for (int i = 0; i < y->n_inputs; i++)
    {
      const TacetStorageSlot *slot = &self->slots[y->in[i]->id];
      if (slot->base == base &&
          (!tacet_shape_equal (y->in[i]->shape, y->shape) || (slot->place == TACET_PLACE_ALIAS && slot->offset != 0)))
        return TRUE;
    }
  return FALSE;
}

/* The owner of an operand whose memory the result may take over, or -1. */
static int
in_place_operand (TacetPlan *self, const TacetValue *y, int position)
{
  if (y->op != TACET_OP_ADD && y->op != TACET_OP_MUL && y->op != TACET_OP_AFFINE && y->op != TACET_OP_FN &&
      y->op != TACET_OP_FN_MUL)
    return -1;
  if (self->slots[y->id].fused || self->slots[y->id].place != TACET_PLACE_ARENA)
    return -1;
  for (int i = 0; i < y->n_inputs; i++)
    {
      TacetValue *x = y->in[i];
      TacetStorageSlot *slot = &self->slots[x->id], *owner = &self->slots[slot->base];
      size_t offset = slot->place == TACET_PLACE_ALIAS ? slot->offset : 0;
      if (owner->place == TACET_PLACE_ARENA && owner->last_use == position && offset == 0 &&
          tacet_shape_equal (x->shape, y->shape) && x->dtype == y->dtype &&
          value_bytes (tacet_graph_nth (self->graph, (guint) slot->base)) == value_bytes (y) &&
          !reads_elsewhere (self, y, slot->base))
        return slot->base;
    }
  return -1;
}

static void
free_dead_operands (Allocator *allocator, TacetValue *result, int position, int kept)
{
  TacetPlan *self = allocator->plan;
  TacetValue *in[TACET_MAX_INPUTS];
  int n_inputs = _tacet_plan_operands (self, result, in);
  for (int i = 0; i < n_inputs; i++)
    {
      int base = self->slots[in[i]->id].base;
      TacetStorageSlot *owner = &self->slots[base];
      if (owner->place != TACET_PLACE_ARENA || owner->last_use != position || base == kept)
        continue;
      give_back (allocator, owner->offset, value_bytes (tacet_graph_nth (self->graph, (guint) base)));
      owner->last_use = -2; /* freed; an operand may occur twice */
    }
}

/* Of results that later runs find where they were. */
static size_t
kept_bytes (TacetPlan *self)
{
  size_t bytes = 0;
  for (guint position = 0; position < self->n_kept; position++)
    {
      const TacetStorageSlot *slot = &self->slots[self->order[position]];
      if (slot->last_use == G_MAXINT)
        bytes += value_bytes (tacet_graph_nth (self->graph, (guint) self->order[position]));
    }
  return bytes;
}

static void
arrange (TacetPlan *self, TacetValue *const *outputs, void *const *places, int n_outputs, const gboolean *wanted,
         gboolean keep)
{
  memset (self->slots, 0, self->n_values * sizeof *self->slots);
  self->n_order = self->n_kept = 0;
  find_owners (self, wanted);
  fuse (self, wanted, outputs, n_outputs);
  if (places)
    place_outputs (self, outputs, places, n_outputs);
  if (keep)
    put_kept_first (self);
  find_last_uses (self, outputs, n_outputs);
}

void
_tacet_plan_layout (TacetPlan *self, TacetValue *const *outputs, void *const *places, int n_outputs)
{
  g_autofree gboolean *wanted = g_new0 (gboolean, self->n_values);
  mark_reachable (self, outputs, n_outputs, wanted);
  gboolean keep = has_lasting (self, wanted);
  arrange (self, outputs, places, n_outputs, wanted, keep);
  if (keep && self->backend->budget > 0 && kept_bytes (self) > self->backend->budget / KEPT_SHARE)
    arrange (self, outputs, places, n_outputs, wanted, FALSE);

  Allocator allocator = { self, g_array_new (FALSE, FALSE, sizeof (Hole)), 0 };
  for (guint id = 0; id < self->n_values; id++)
    if (wanted[id] && ((TacetValue *) tacet_graph_nth (self->graph, id))->op == TACET_OP_INPUT)
      self->slots[id].offset = take (&allocator, value_bytes (tacet_graph_nth (self->graph, id)));
  for (guint position = 0; position < self->n_order; position++)
    {
      TacetValue *y = tacet_graph_nth (self->graph, (guint) self->order[position]);
      TacetStorageSlot *slot = &self->slots[y->id];
      int kept = in_place_operand (self, y, (int) position);
      if (slot->place == TACET_PLACE_ARENA)
        slot->offset = kept >= 0 ? self->slots[kept].offset : take (&allocator, value_bytes (y));
      free_dead_operands (&allocator, y, (int) position, kept);
      if (slot->place == TACET_PLACE_ARENA && slot->last_use == (int) position)
        give_back (&allocator, slot->offset, value_bytes (y));
    }
  self->arena_bytes = allocator.end;
  g_array_unref (allocator.holes);
}
