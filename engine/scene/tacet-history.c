/* tacet-history.c: the list of steps: undo, redo, groups, merging, the byte budget, the saved state.
 *
 * Room: engine/scene.  The state of a document is told by how many steps lead to it; it is unmodified
 * when that number is the one at the last save and that state can still be reached.
 */
#define G_LOG_DOMAIN "tacet-scene"
#include "config.h"

#include "tacet-scene-private.h"

typedef struct
{
  TacetStep step;
  GPtrArray *steps; /* in the order they happened */
} GroupStep;

void
_tacet_step_free (TacetStep *self)
{
  if (self->clear)
    self->clear (self);
  g_clear_object (&self->layer);
  g_free (self->name);
  g_free (self);
}

static void
step_free (gpointer step)
{
  _tacet_step_free (step);
}

static void
group_swap (TacetStep *step, TacetScene *scene)
{
  GroupStep *self = (GroupStep *) step;
  guint n = self->steps->len;
  for (guint i = n; i-- > 0;)
    {
      TacetStep *part = self->steps->pdata[i];
      part->swap (part, scene);
    }
  /* The next swap goes through them in the other order. */
  for (guint i = 0; i < n / 2; i++)
    {
      gpointer part = self->steps->pdata[i];
      self->steps->pdata[i] = self->steps->pdata[n - 1 - i];
      self->steps->pdata[n - 1 - i] = part;
    }
}

static void
group_clear (TacetStep *step)
{
  g_ptr_array_unref (((GroupStep *) step)->steps);
}

struct _TacetHistoryItem
{
  GObject parent_instance;
  char *name;
};

G_DEFINE_FINAL_TYPE (TacetHistoryItem, tacet_history_item, G_TYPE_OBJECT)

static void
tacet_history_item_finalize (GObject *object)
{
  g_free (TACET_HISTORY_ITEM (object)->name);
  G_OBJECT_CLASS (tacet_history_item_parent_class)->finalize (object);
}

static void
tacet_history_item_class_init (TacetHistoryItemClass *class)
{
  G_OBJECT_CLASS (class)->finalize = tacet_history_item_finalize;
}

static void
tacet_history_item_init (TacetHistoryItem *self)
{
}

const char *
tacet_history_item_get_name (TacetHistoryItem *self)
{
  return self->name;
}

void
_tacet_history_init (TacetHistory *self)
{
  if (!self->names)
    self->names = g_list_store_new (TACET_TYPE_HISTORY_ITEM);
  if (!self->budget)
    self->budget = TACET_HISTORY_BUDGET;
  self->undo = g_ptr_array_new_with_free_func (step_free);
  self->redo = g_ptr_array_new_with_free_func (step_free);
}

void
_tacet_history_clear (TacetHistory *self)
{
  g_clear_pointer (&self->undo, g_ptr_array_unref);
  g_clear_pointer (&self->redo, g_ptr_array_unref);
  g_clear_pointer (&self->group, _tacet_step_free);
  g_clear_object (&self->names);
}

void
_tacet_history_forget (TacetHistory *self)
{
  GListStore *names = g_object_ref (self->names);
  _tacet_history_clear (self);
  g_list_store_remove_all (names);
  *self = (TacetHistory){ .names = names };
  _tacet_history_init (self);
}

static gint64
position (TacetHistory *self)
{
  return self->n_forgotten + self->undo->len;
}

static TacetStep *
newest (GPtrArray *steps)
{
  return steps->len ? steps->pdata[steps->len - 1] : NULL;
}

gboolean
_tacet_history_merges (TacetHistory *self, TacetChange change, TacetLayer *layer, int item)
{
  if (change == TACET_CHANGE_OTHER || (self->closed && !self->group))
    return FALSE;
  TacetStep *top = newest (self->group ? ((GroupStep *) self->group)->steps : self->undo);
  if (!top || top->change != change || top->layer != layer || top->item != item)
    return FALSE;
  gint64 now = g_get_monotonic_time ();
  if (!self->group && now - top->time > TACET_MERGE_TIME)
    return FALSE;
  top->time = now;
  return TRUE;
}

static void
forget_redo (TacetHistory *self)
{
  if (self->redo->len && self->saved > position (self))
    self->saved = -1;
  if (self->redo->len && self->saving > position (self))
    self->saving = -1;
  for (guint i = 0; i < self->redo->len; i++)
    self->size -= ((TacetStep *) self->redo->pdata[i])->size;
  if (self->redo->len)
    g_list_store_splice (self->names, self->undo->len, self->redo->len, NULL, 0);
  g_ptr_array_set_size (self->redo, 0);
}

static void
keep_budget (TacetHistory *self)
{
  while (self->size > self->budget && self->undo->len > TACET_HISTORY_MIN)
    {
      if (self->saved == self->n_forgotten)
        self->saved = -1;
      if (self->saving == self->n_forgotten)
        self->saving = -1;
      self->size -= ((TacetStep *) self->undo->pdata[0])->size;
      g_ptr_array_remove_index (self->undo, 0);
      g_list_store_remove (self->names, 0);
      self->n_forgotten++;
    }
}

void
tacet_scene_set_history_budget (TacetScene *self, gsize bytes)
{
  g_return_if_fail (TACET_IS_SCENE (self));
  self->history.budget = MAX (bytes, 1);
  keep_budget (&self->history);
}

void
_tacet_history_push (TacetScene *scene, TacetStep *step)
{
  TacetHistory *self = &scene->history;
  step->time = g_get_monotonic_time ();
  /* A group may still be taken back; what can be done again is forgotten at its end. */
  if (self->group)
    {
      g_ptr_array_add (((GroupStep *) self->group)->steps, step);
      self->group->size += step->size;
      return;
    }
  g_autoptr (TacetHistoryItem) item = g_object_new (TACET_TYPE_HISTORY_ITEM, NULL);
  item->name = g_strdup (step->name);
  forget_redo (self);
  self->size += step->size;
  g_ptr_array_add (self->undo, step);
  g_list_store_append (self->names, item);
  self->closed = FALSE;
  keep_budget (self);
}

void
_tacet_history_mark_saved (TacetHistory *self)
{
  self->saved = position (self);
  self->closed = TRUE;
}

void
_tacet_history_forget_saved (TacetHistory *self)
{
  self->saved = -1;
}

void
_tacet_history_begin_saving (TacetHistory *self)
{
  self->saving = position (self);
  self->closed = TRUE;
}

void
_tacet_history_end_saving (TacetHistory *self)
{
  self->saved = self->saving;
}

gboolean
_tacet_history_get_modified (TacetHistory *self)
{
  return self->saved != position (self) || (self->group && ((GroupStep *) self->group)->steps->len);
}

void
tacet_scene_group_begin (TacetScene *scene, const char *name)
{
  TacetHistory *self = &scene->history;
  _tacet_scene_finish_stroke (scene);
  if (self->depth++)
    return;
  GroupStep *group = _tacet_step_new (sizeof (GroupStep), name, TACET_CHANGE_OTHER, NULL);
  group->steps = g_ptr_array_new_with_free_func (step_free);
  group->step.swap = group_swap;
  group->step.clear = group_clear;
  self->group = &group->step;
}

void
tacet_scene_group_end (TacetScene *scene)
{
  TacetHistory *self = &scene->history;
  /* Whoever undoes in the middle of a drag has ended its group. */
  if (self->depth == 0)
    return;
  _tacet_scene_finish_stroke (scene);
  if (--self->depth)
    return;
  TacetStep *group = g_steal_pointer (&self->group);
  if (((GroupStep *) group)->steps->len)
    _tacet_history_push (scene, group);
  else
    _tacet_step_free (group);
  self->closed = TRUE;
  _tacet_scene_changed (scene);
}

GListModel *
tacet_scene_get_history (TacetScene *self)
{
  return G_LIST_MODEL (self->history.names);
}

guint
tacet_scene_get_history_position (TacetScene *self)
{
  return self->history.undo->len;
}

int
tacet_scene_get_history_saved (TacetScene *self)
{
  gint64 saved = self->history.saved - self->history.n_forgotten;
  return self->history.saved < 0 || saved < 0 ? -1 : (int) saved;
}

void
tacet_scene_group_cancel (TacetScene *scene)
{
  TacetHistory *self = &scene->history;
  if (self->depth == 0)
    return;
  _tacet_scene_finish_stroke (scene);
  TacetStep *group = g_steal_pointer (&self->group);
  self->depth = 0;
  group->swap (group, scene);
  _tacet_step_free (group);
  _tacet_scene_changed (scene);
}

static gboolean
move_step (TacetScene *scene, GPtrArray *from, GPtrArray *to)
{
  _tacet_scene_finish_stroke (scene);
  while (scene->history.depth)
    tacet_scene_group_end (scene);
  if (!from->len)
    return FALSE;
  TacetStep *step = g_ptr_array_steal_index (from, from->len - 1);
  step->swap (step, scene);
  g_ptr_array_add (to, step);
  scene->history.closed = TRUE;
  _tacet_scene_changed (scene);
  return TRUE;
}

gboolean
tacet_scene_undo (TacetScene *self)
{
  g_return_val_if_fail (TACET_IS_SCENE (self), FALSE);
  return move_step (self, self->history.undo, self->history.redo);
}

gboolean
tacet_scene_redo (TacetScene *self)
{
  g_return_val_if_fail (TACET_IS_SCENE (self), FALSE);
  return move_step (self, self->history.redo, self->history.undo);
}

void
tacet_scene_jump (TacetScene *self, guint position)
{
  g_return_if_fail (TACET_IS_SCENE (self));
  position = MIN (position, self->history.undo->len + self->history.redo->len);
  while (self->history.undo->len > position && tacet_scene_undo (self))
    ;
  while (self->history.undo->len < position && tacet_scene_redo (self))
    ;
}
