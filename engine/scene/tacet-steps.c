/* tacet-steps.c: the kinds of undo steps; each exchanges what it holds with the document.
 *
 * Room: engine/scene.
 */
#define G_LOG_DOMAIN "tacet-scene"
#include "config.h"

#include "tacet-scene-private.h"
#include <string.h>

gpointer
_tacet_step_new (gsize size, const char *name, TacetChange change, TacetLayer *layer)
{
  TacetStep *self = g_malloc0 (size);
  self->name = g_strdup (name);
  self->change = change;
  self->layer = layer ? g_object_ref (layer) : NULL;
  self->size = size;
  return self;
}

#define SWAP(a, b)                                                                                                     \
  G_STMT_START                                                                                                         \
  {                                                                                                                    \
    __typeof__ (a) swap_ = (a);                                                                                        \
    (a) = (b);                                                                                                         \
    (b) = swap_;                                                                                                       \
  }                                                                                                                    \
  G_STMT_END

/* Settings of the scene. */
typedef struct
{
  TacetStep step;
  TacetSceneSettings settings;
} SettingsStep;

static void
settings_swap (TacetStep *step, TacetScene *scene)
{
  SettingsStep *self = (SettingsStep *) step;
  SWAP (self->settings, scene->settings);
  _tacet_scene_notify (scene);
}

static void
settings_clear (TacetStep *step)
{
  _tacet_scene_settings_clear (&((SettingsStep *) step)->settings);
}

TacetStep *
_tacet_step_settings (TacetScene *scene, const char *name, TacetChange change)
{
  SettingsStep *self = _tacet_step_new (sizeof (SettingsStep), name, change, NULL);
  self->settings = _tacet_scene_settings_copy (&scene->settings);
  self->step.size += strlen (self->settings.prompt) + strlen (self->settings.negative_prompt);
  self->step.swap = settings_swap;
  self->step.clear = settings_clear;
  return &self->step;
}

/* Settings of a control. */
typedef struct
{
  TacetStep step;
  TacetLayerSettings settings;
} ControlStep;

static void
control_swap (TacetStep *step, TacetScene *scene)
{
  ControlStep *self = (ControlStep *) step;
  SWAP (self->settings, step->layer->settings);
  _tacet_layer_notify (step->layer);
}

static void
control_clear (TacetStep *step)
{
  _tacet_layer_settings_clear (&((ControlStep *) step)->settings);
}

TacetStep *
_tacet_step_layer_settings (TacetLayer *layer, const char *name, TacetChange change)
{
  ControlStep *self = _tacet_step_new (sizeof (ControlStep), name, change, layer);
  self->settings = _tacet_layer_settings_copy (&layer->settings);
  self->step.swap = control_swap;
  self->step.clear = control_clear;
  return &self->step;
}

/* Is a layer in the list, and where. */
typedef struct
{
  TacetStep step;
  guint position;
} ListStep;

static void
list_swap (TacetStep *step, TacetScene *scene)
{
  ListStep *self = (ListStep *) step;
  if (g_list_store_find (scene->layers, step->layer, NULL))
    g_list_store_remove (scene->layers, self->position);
  else
    g_list_store_insert (scene->layers, self->position, step->layer);
}

TacetStep *
_tacet_step_list (TacetScene *scene, const char *name, TacetLayer *layer)
{
  ListStep *self = _tacet_step_new (sizeof (ListStep), name, TACET_CHANGE_OTHER, layer);
  g_list_store_find (scene->layers, layer, &self->position);
  self->step.size +=
      tacet_image_bytes (layer->picture) + tacet_image_bytes (layer->map) + tacet_image_bytes (layer->coverage);
  self->step.swap = list_swap;
  return &self->step;
}

static void
move_swap (TacetStep *step, TacetScene *scene)
{
  ListStep *self = (ListStep *) step;
  guint position;
  if (!g_list_store_find (scene->layers, step->layer, &position))
    return;
  _tacet_scene_place (scene, step->layer, self->position);
  self->position = position;
}

TacetStep *
_tacet_step_move (TacetScene *scene, const char *name, TacetLayer *layer)
{
  ListStep *self = _tacet_step_new (sizeof (ListStep), name, TACET_CHANGE_OTHER, layer);
  g_list_store_find (scene->layers, layer, &self->position);
  self->step.swap = move_swap;
  return &self->step;
}

/* The people of a pose control. */
typedef struct
{
  TacetStep step;
  GArray *people;
} PeopleStep;

static void
people_swap (TacetStep *step, TacetScene *scene)
{
  PeopleStep *self = (PeopleStep *) step;
  SWAP (self->people, step->layer->people);
  _tacet_layer_redraw_people (step->layer, self->people);
}

static void
people_clear (TacetStep *step)
{
  g_array_unref (((PeopleStep *) step)->people);
}

TacetStep *
_tacet_step_people (TacetLayer *layer, const char *name, int item)
{
  PeopleStep *self =
      _tacet_step_new (sizeof (PeopleStep), name, item < 0 ? TACET_CHANGE_OTHER : TACET_CHANGE_JOINT, layer);
  self->people = g_array_copy (layer->people);
  self->step.item = item;
  self->step.size += self->people->len * sizeof (TacetPerson);
  self->step.swap = people_swap;
  self->step.clear = people_clear;
  return &self->step;
}

/* Whole planes: the images themselves, not copies; whoever changes them afterwards makes new ones. */
typedef struct
{
  TacetStep step;
  TacetImage *planes[2], *base;
  GArray *people; /* pose */
} PlanesStep;

static void
planes_swap (TacetStep *step, TacetScene *scene)
{
  PlanesStep *self = (PlanesStep *) step;
  TacetImage **slots[2];
  int n = _tacet_layer_slots (step->layer, slots);
  for (int i = 0; i < n; i++)
    SWAP (self->planes[i], *slots[i]);
  if (self->people)
    {
      SWAP (self->base, step->layer->base);
      SWAP (self->people, step->layer->people);
      _tacet_layer_redraw (step->layer);
    }
  _tacet_layer_damage (step->layer, 0, 0, scene->width, scene->height);
}

static void
planes_clear (TacetStep *step)
{
  PlanesStep *self = (PlanesStep *) step;
  for (int i = 0; i < 2; i++)
    g_clear_pointer (&self->planes[i], tacet_image_unref);
  g_clear_pointer (&self->base, tacet_image_unref);
  g_clear_pointer (&self->people, g_array_unref);
}

TacetStep *
_tacet_step_planes (TacetLayer *layer, const char *name)
{
  PlanesStep *self = _tacet_step_new (sizeof (PlanesStep), name, TACET_CHANGE_OTHER, layer);
  TacetImage **slots[2];
  int n = _tacet_layer_slots (layer, slots);
  for (int i = 0; i < n; i++)
    {
      self->planes[i] = tacet_image_ref (*slots[i]);
      self->step.size += tacet_image_bytes (*slots[i]);
    }
  self->base = layer->base ? tacet_image_ref (layer->base) : NULL;
  self->step.size += tacet_image_bytes (layer->base);
  if (layer->people)
    self->people = g_array_copy (layer->people);
  self->step.swap = planes_swap;
  self->step.clear = planes_clear;
  return &self->step;
}

/* Tiles that a stroke touched. */
TacetTile *
_tacet_tile_new (const TacetImage *image, int plane, int x, int y)
{
  int width = MIN (TACET_TILE, image->width - x * TACET_TILE);
  int height = MIN (TACET_TILE, image->height - y * TACET_TILE), row_bytes = width * image->channels;
  TacetTile *self = g_try_malloc (sizeof (TacetTile) + (gsize) row_bytes * height);
  if (!self)
    return NULL;
  *self = (TacetTile){ plane, x, y, width, height, row_bytes };
  for (int row = 0; row < height; row++)
    memcpy (self->data + row * row_bytes, _tacet_tile_row (self, image, row), row_bytes);
  return self;
}

guint8 *
_tacet_tile_row (const TacetTile *self, const TacetImage *image, int row)
{
  gsize pixel = (gsize) (self->y * TACET_TILE + row) * image->width + self->x * TACET_TILE;
  return image->data + pixel * image->channels;
}

gboolean
_tacet_tile_same (const TacetTile *self, const TacetImage *image)
{
  for (int row = 0; row < self->height; row++)
    if (memcmp (self->data + row * self->row_bytes, _tacet_tile_row (self, image, row), self->row_bytes))
      return FALSE;
  return TRUE;
}

void
_tacet_tile_swap (TacetTile *self, TacetImage *image)
{
  guint8 saved[TACET_TILE * 4];
  for (int row = 0; row < self->height; row++)
    {
      memcpy (saved, self->data + row * self->row_bytes, self->row_bytes);
      memcpy (self->data + row * self->row_bytes, _tacet_tile_row (self, image, row), self->row_bytes);
      memcpy (_tacet_tile_row (self, image, row), saved, self->row_bytes);
    }
}

typedef struct
{
  TacetStep step;
  GPtrArray *tiles; /* of TacetTile */
} TilesStep;

static void
tiles_swap (TacetStep *step, TacetScene *scene)
{
  TilesStep *self = (TilesStep *) step;
  TacetImage *planes[2];
  int x0 = scene->width, y0 = scene->height, x1 = 0, y1 = 0;
  _tacet_layer_planes (step->layer, planes);
  for (guint i = 0; i < self->tiles->len; i++)
    {
      TacetTile *tile = self->tiles->pdata[i];
      _tacet_tile_swap (tile, planes[tile->plane]);
      x0 = MIN (x0, tile->x * TACET_TILE);
      y0 = MIN (y0, tile->y * TACET_TILE);
      x1 = MAX (x1, tile->x * TACET_TILE + tile->width);
      y1 = MAX (y1, tile->y * TACET_TILE + tile->height);
    }
  if (step->layer->kind == TACET_LAYER_POSE)
    _tacet_layer_apply_opinion (step->layer, x0, y0, x1 - x0, y1 - y0);
  _tacet_layer_damage (step->layer, x0, y0, x1 - x0, y1 - y0);
}

static void
tiles_clear (TacetStep *step)
{
  g_ptr_array_unref (((TilesStep *) step)->tiles);
}

TacetStep *
_tacet_step_tiles (TacetLayer *layer, const char *name, GPtrArray *tiles)
{
  TilesStep *self = _tacet_step_new (sizeof (TilesStep), name, TACET_CHANGE_OTHER, layer);
  self->tiles = tiles;
  for (guint i = 0; i < tiles->len; i++)
    {
      const TacetTile *tile = tiles->pdata[i];
      self->step.size += sizeof (TacetTile) + (gsize) tile->row_bytes * tile->height;
    }
  self->step.swap = tiles_swap;
  self->step.clear = tiles_clear;
  return &self->step;
}
