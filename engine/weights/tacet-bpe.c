/* tacet-bpe.c: byte-pair merging.
 *
 * Room: engine/weights.  The symbols are a list of which merged ones leave; the possible merges lie in
 * a heap by rank, then place.  A heap entry that no longer fits its place is left out when it comes up.
 */
#include "tacet-tokenizer-private.h"

typedef struct
{
  const TacetMerge *merge;
  int place;
} Candidate;

typedef struct
{
  GHashTable *merges;
  gint32 *symbols; /* -1: merged into one before it */
  int *next, *previous;
  Candidate *heap;
  int n_heap, n;
} Merging;

static const TacetMerge *
find_merge (GHashTable *merges, gint32 left, gint32 right)
{
  guint64 pair = tacet_pair (left, right);
  return g_hash_table_lookup (merges, &pair);
}

static gboolean
before (const Candidate *a, const Candidate *b)
{
  return a->merge->rank != b->merge->rank ? a->merge->rank < b->merge->rank : a->place < b->place;
}

static void
push (Merging *m, int place)
{
  if (place < 0 || m->next[place] >= m->n)
    return;
  Candidate candidate = { find_merge (m->merges, m->symbols[place], m->symbols[m->next[place]]), place };
  if (!candidate.merge)
    return;
  int i = m->n_heap++;
  for (; i > 0 && before (&candidate, &m->heap[(i - 1) / 2]); i = (i - 1) / 2)
    m->heap[i] = m->heap[(i - 1) / 2];
  m->heap[i] = candidate;
}

static Candidate
pop (Merging *m)
{
  Candidate top = m->heap[0], last = m->heap[--m->n_heap];
  int i = 0;
  for (int child; (child = 2 * i + 1) < m->n_heap; i = child)
    {
      child += child + 1 < m->n_heap && before (&m->heap[child + 1], &m->heap[child]);
      if (!before (&m->heap[child], &last))
        break;
      m->heap[i] = m->heap[child];
    }
  m->heap[i] = last;
  return top;
}

/* What stands at the candidate's place may have changed since it was found. */
static gboolean
still_fits (const Merging *m, const Candidate *candidate)
{
  int right = m->next[candidate->place];
  return m->symbols[candidate->place] >= 0 && right < m->n &&
         candidate->merge->pair == tacet_pair (m->symbols[candidate->place], m->symbols[right]);
}

int
tacet_bpe (GHashTable *merges, gint32 *symbols, int n)
{
  if (n < 2)
    return n;
  /* Every merge takes one candidate and brings at most two, and there are fewer than n. */
  g_autofree Candidate *heap = g_new (Candidate, 3 * (gsize) n);
  g_autofree int *links = g_new (int, 2 * (gsize) n);
  Merging m = { merges, symbols, links, links + n, heap, 0, n };
  for (int i = 0; i < n; i++)
    {
      m.next[i] = i + 1;
      m.previous[i] = i - 1;
    }
  for (int i = 0; i < n; i++)
    push (&m, i);
  while (m.n_heap > 0)
    {
      Candidate best = pop (&m);
      if (!still_fits (&m, &best))
        continue;
      int right = m.next[best.place];
      symbols[best.place] = best.merge->id;
      symbols[right] = -1;
      m.next[best.place] = m.next[right];
      if (m.next[right] < n)
        m.previous[m.next[right]] = best.place;
      push (&m, m.previous[best.place]);
      push (&m, best.place);
    }
  int left = 0;
  for (int i = 0; i < n; i = m.next[i])
    symbols[left++] = symbols[i];
  return left;
}
