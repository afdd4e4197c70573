/* tacet-layer.c: one layer: its kind, its settings, its pixels.
 *
 * Room: engine/scene.  The map and coverage of a pose are derived: people drawn over a base picture give the map, the
 * kind's rule gives the coverage, the artist's opinion overrides the rule.
 */
#define G_LOG_DOMAIN "tacet-scene"
#include "config.h"

#include "tacet-scene-private.h"
#include <glib/gi18n-lib.h>
#include <string.h>

G_DEFINE_FINAL_TYPE (TacetLayer, tacet_layer, G_TYPE_OBJECT)

enum
{
  PROP_0,
  PROP_NAME,
  PROP_PROMPT,
  PROP_NEGATIVE_PROMPT,
  PROP_VISIBLE,
  PROP_ENABLED,
  PROP_LOCKED,
  PROP_OPACITY,
  PROP_STRENGTH,
  PROP_START,
  PROP_END,
  N_PROPS
};
static GParamSpec *properties[N_PROPS];

enum
{
  SIGNAL_MAP_CHANGED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

void
_tacet_layer_settings_clear (TacetLayerSettings *self)
{
  g_clear_pointer (&self->name, g_free);
  g_clear_pointer (&self->model, g_free);
  g_clear_pointer (&self->prompt, g_free);
  g_clear_pointer (&self->negative_prompt, g_free);
}

TacetLayerSettings
_tacet_layer_settings_copy (const TacetLayerSettings *self)
{
  TacetLayerSettings copy = *self;
  copy.name = g_strdup (self->name);
  copy.model = g_strdup (self->model);
  copy.prompt = g_strdup (self->prompt);
  copy.negative_prompt = g_strdup (self->negative_prompt);
  return copy;
}

static void
tacet_layer_finalize (GObject *object)
{
  TacetLayer *self = TACET_LAYER (object);
  _tacet_layer_settings_clear (&self->settings);
  g_clear_pointer (&self->picture, tacet_image_unref);
  g_clear_pointer (&self->map, tacet_image_unref);
  g_clear_pointer (&self->coverage, tacet_image_unref);
  g_clear_pointer (&self->base, tacet_image_unref);
  g_clear_pointer (&self->rule, tacet_image_unref);
  g_clear_pointer (&self->opinion, tacet_image_unref);
  g_clear_pointer (&self->people, g_array_unref);
  g_clear_pointer (&self->extra, json_object_unref);
  g_clear_pointer (&self->encoded, _tacet_encoded_cache_unref);
  G_OBJECT_CLASS (tacet_layer_parent_class)->finalize (object);
}

static void
tacet_layer_get_property (GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  TacetLayer *self = TACET_LAYER (object);
  switch (id)
    {
    case PROP_NAME:
      g_value_set_string (value, self->settings.name);
      break;
    case PROP_PROMPT:
      g_value_set_string (value, self->settings.prompt);
      break;
    case PROP_NEGATIVE_PROMPT:
      g_value_set_string (value, self->settings.negative_prompt);
      break;
    case PROP_VISIBLE:
      g_value_set_boolean (value, self->settings.visible);
      break;
    case PROP_ENABLED:
      g_value_set_boolean (value, self->settings.enabled);
      break;
    case PROP_LOCKED:
      g_value_set_boolean (value, self->settings.locked);
      break;
    case PROP_OPACITY:
      g_value_set_double (value, self->settings.opacity);
      break;
    case PROP_STRENGTH:
      g_value_set_double (value, self->settings.strength);
      break;
    case PROP_START:
      g_value_set_double (value, self->settings.start);
      break;
    case PROP_END:
      g_value_set_double (value, self->settings.end);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
    }
}

static void
tacet_layer_class_init (TacetLayerClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GParamFlags flags = G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;
  object_class->finalize = tacet_layer_finalize;
  object_class->get_property = tacet_layer_get_property;
  properties[PROP_NAME] = g_param_spec_string ("name", NULL, NULL, NULL, flags);
  properties[PROP_PROMPT] = g_param_spec_string ("prompt", NULL, NULL, NULL, flags);
  properties[PROP_NEGATIVE_PROMPT] = g_param_spec_string ("negative-prompt", NULL, NULL, NULL, flags);
  properties[PROP_VISIBLE] = g_param_spec_boolean ("visible", NULL, NULL, TRUE, flags);
  properties[PROP_LOCKED] = g_param_spec_boolean ("locked", NULL, NULL, FALSE, flags);
  properties[PROP_OPACITY] = g_param_spec_double ("opacity", NULL, NULL, 0, 1, 1, flags);
  properties[PROP_ENABLED] = g_param_spec_boolean ("enabled", NULL, NULL, TRUE, flags);
  properties[PROP_STRENGTH] = g_param_spec_double ("strength", NULL, NULL, 0, 2, 1, flags);
  properties[PROP_START] = g_param_spec_double ("start", NULL, NULL, 0, 1, 0, flags);
  properties[PROP_END] = g_param_spec_double ("end", NULL, NULL, 0, 1, 1, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  signals[SIGNAL_MAP_CHANGED] =
      g_signal_new ("map-changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 4,
                    G_TYPE_INT, G_TYPE_INT, G_TYPE_INT, G_TYPE_INT);
}

static void
tacet_layer_init (TacetLayer *self)
{
  self->settings.visible = TRUE;
  self->settings.enabled = TRUE;
  self->settings.opacity = 1.0;
  self->settings.strength = 1.0;
  self->settings.end = 1.0;
  self->settings.prompt = g_strdup ("");
  self->settings.negative_prompt = g_strdup ("");
  self->encoded = _tacet_encoded_cache_new ();
}

static gboolean
make_pose (TacetLayer *self, int width, int height)
{
  self->people = g_array_new (FALSE, TRUE, sizeof (TacetPerson));
  self->rule = tacet_image_new (width, height, 1);
  self->opinion = tacet_image_new (width, height, 1);
  if (!self->rule || !self->opinion)
    return FALSE;
  memset (self->opinion->data, TACET_NEUTRAL, (gsize) width * height);
  return TRUE;
}

TacetLayer *
_tacet_layer_new (TacetLayerKind kind, const char *name, int width, int height)
{
  g_autoptr (TacetLayer) self = g_object_new (TACET_TYPE_LAYER, NULL);
  gboolean pose = kind == TACET_LAYER_POSE, control = tacet_layer_kind_is_control (kind);
  self->kind = kind;
  self->settings.name = g_strdup (name);
  if (kind == TACET_LAYER_PICTURE)
    return (self->picture = tacet_image_new (width, height, 4)) ? g_steal_pointer (&self) : NULL;
  self->coverage = tacet_image_new (width, height, 1);
  if (control)
    self->map = tacet_image_new (width, height, pose ? 3 : 1);
  if (!self->coverage || (control && !self->map) || (pose && !make_pose (self, width, height)))
    return NULL;
  return g_steal_pointer (&self);
}

void
_tacet_layer_notify (TacetLayer *self)
{
  for (int id = 1; id < N_PROPS; id++)
    g_object_notify_by_pspec (G_OBJECT (self), properties[id]);
}

void
_tacet_layer_damage (TacetLayer *self, int x, int y, int width, int height)
{
  _tacet_encoded_cache_renew (&self->encoded);
  g_signal_emit (self, signals[SIGNAL_MAP_CHANGED], 0, x, y, width, height);
}

/* rule 0 .. 255 under an opinion: 0 silences, TACET_NEUTRAL leaves, 255 makes it speak */
static guint8
coverage_of (int rule, int opinion)
{
  if (opinion <= TACET_NEUTRAL)
    return (rule * opinion + TACET_NEUTRAL / 2) / TACET_NEUTRAL;
  return rule + ((255 - rule) * (opinion - TACET_NEUTRAL) + 63) / (255 - TACET_NEUTRAL);
}

/* Almost every row: nothing was said by hand. */
static gboolean
is_neutral (const guint8 *opinion, int n)
{
  guint8 other = 0;
  for (int i = 0; i < n; i++)
    other |= opinion[i] ^ TACET_NEUTRAL;
  return !other;
}

void
_tacet_layer_apply_opinion (TacetLayer *self, int x, int y, int width, int height)
{
  tacet_image_make_writable (&self->coverage);
  for (int row = y; row < y + height; row++)
    {
      gsize at = (gsize) row * self->coverage->width + x;
      if (is_neutral (self->opinion->data + at, width))
        {
          memcpy (self->coverage->data + at, self->rule->data + at, width);
          continue;
        }
      for (int i = 0; i < width; i++, at++)
        self->coverage->data[at] = coverage_of (self->rule->data[at], self->opinion->data[at]);
    }
}

void
_tacet_layer_derive_opinion (TacetLayer *self, const TacetImage *coverage)
{
  gsize n = (gsize) coverage->width * coverage->height;
  tacet_image_make_writable (&self->opinion);
  for (gsize i = 0; i < n; i++)
    {
      int rule = self->rule->data[i], want = coverage->data[i];
      if (want == rule)
        self->opinion->data[i] = TACET_NEUTRAL;
      else if (want < rule)
        self->opinion->data[i] = want * TACET_NEUTRAL / rule;
      else
        self->opinion->data[i] =
            TACET_NEUTRAL + ((want - rule) * (255 - TACET_NEUTRAL) + (255 - rule) / 2) / (255 - rule);
    }
}

/* The people over the base picture: where nobody is drawn, the base shows. */
static void
draw_people (TacetLayer *self, TacetImage *map, int x, int y, int width, int height)
{
  tacet_pose_redraw (map, (const TacetPerson *) (gpointer) self->people->data, (int) self->people->len, x, y, width,
                     height);
  for (int row = y; self->base && row < y + height; row++)
    for (gsize i = (gsize) row * map->width + x; i < (gsize) row * map->width + x + width; i++)
      if (!map->data[3 * i] && !map->data[3 * i + 1] && !map->data[3 * i + 2])
        memcpy (map->data + 3 * i, self->base->data + 3 * i, 3);
}

/* A change of a part of the map and the coverage around it; without the memory for it, of all, as far as that goes. */
void
_tacet_layer_redraw_people (TacetLayer *self, GArray *before)
{
  int area[4], reach = tacet_coverage_reach (self->map->width, self->map->height), right, bottom;
  _tacet_people_area (before, self->people, self->map->width, self->map->height, area);
  if (area[2] <= 0 || area[3] <= 0)
    {
      _tacet_layer_damage (self, 0, 0, 0, 0); /* a lock, a place far outside: nothing that is drawn */
      return;
    }
  gboolean done = tacet_image_make_writable (&self->map) && tacet_image_make_writable (&self->rule);
  if (done)
    {
      draw_people (self, self->map, area[0], area[1], area[2], area[3]);
      done = tacet_coverage_update (TACET_CONTROL_POSE, self->map, self->rule, area[0], area[1], area[2], area[3]);
    }
  if (!done)
    {
      _tacet_layer_redraw (self);
      _tacet_layer_damage (self, 0, 0, self->map->width, self->map->height);
      return;
    }
  right = MIN (area[0] + area[2] + reach, self->map->width);
  bottom = MIN (area[1] + area[3] + reach, self->map->height);
  area[0] = MAX (area[0] - reach, 0);
  area[1] = MAX (area[1] - reach, 0);
  _tacet_layer_apply_opinion (self, area[0], area[1], right - area[0], bottom - area[1]);
  _tacet_layer_damage (self, area[0], area[1], right - area[0], bottom - area[1]);
}

gboolean
_tacet_layer_redraw (TacetLayer *self)
{
  g_autoptr (TacetImage) map = tacet_image_new (self->coverage->width, self->coverage->height, 3);
  if (map)
    draw_people (self, map, 0, 0, map->width, map->height);
  g_autoptr (TacetImage) rule = map ? tacet_coverage_from_map (TACET_CONTROL_POSE, map) : NULL;
  if (!rule)
    return FALSE;
  tacet_image_unref (self->map);
  tacet_image_unref (self->rule);
  self->map = g_steal_pointer (&map);
  self->rule = g_steal_pointer (&rule);
  _tacet_layer_apply_opinion (self, 0, 0, self->coverage->width, self->coverage->height);
  return TRUE;
}

int
_tacet_layer_slots (TacetLayer *self, TacetImage **slots[2])
{
  int n = 0;
  if (self->kind == TACET_LAYER_PICTURE)
    slots[n++] = &self->picture;
  else if (self->kind == TACET_LAYER_POSE)
    slots[n++] = &self->opinion;
  else
    {
      if (self->map)
        slots[n++] = &self->map;
      slots[n++] = &self->coverage;
    }
  return n;
}

int
_tacet_layer_planes (TacetLayer *self, TacetImage *planes[2])
{
  TacetImage **slots[2];
  int n = _tacet_layer_slots (self, slots);
  planes[1] = NULL;
  for (int i = 0; i < n; i++)
    {
      /* Without memory for a copy it is written in place: what a save under way still reads may then be newer. */
      tacet_image_make_writable (slots[i]);
      planes[i] = *slots[i];
    }
  return n;
}

gboolean
tacet_layer_is_empty (TacetLayer *self)
{
  const TacetImage *image = self->picture ? self->picture : self->coverage;
  if (self->people && self->people->len)
    return FALSE;
  /* A row at a time, which the compiler makes vectors of. */
  for (int y = 0; y < image->height; y++)
    {
      const guint8 *row = image->data + (gsize) y * image->width * image->channels;
      guint8 any = 0;
      if (image->channels == 4)
        for (int x = 0; x < image->width; x++)
          any |= row[4 * x + 3];
      else
        for (int x = 0; x < image->width; x++)
          any |= row[x];
      if (any)
        return FALSE;
    }
  return TRUE;
}

/* ---- kinds ---- */

const char *
tacet_layer_kind_id (TacetLayerKind kind)
{
  switch (kind)
    {
    case TACET_LAYER_EDGE:
    case TACET_LAYER_DEPTH:
    case TACET_LAYER_POSE:
      return tacet_control_kind_id ((TacetControlKind) kind);
    case TACET_LAYER_REGION:
      return "region";
    case TACET_LAYER_MASK:
      return "mask";
    case TACET_LAYER_PICTURE:
      return "picture";
    default:
      return "";
    }
}

gboolean
tacet_layer_kind_parse (const char *id, TacetLayerKind *kind)
{
  for (int i = 0; i < TACET_N_LAYER_KINDS; i++)
    if (g_strcmp0 (id, tacet_layer_kind_id (i)) == 0)
      {
        *kind = (TacetLayerKind) i;
        return TRUE;
      }
  return FALSE;
}

const char *
tacet_layer_kind_label (TacetLayerKind kind)
{
  switch (kind)
    {
    case TACET_LAYER_EDGE:
      return _ ("Edges");
    case TACET_LAYER_DEPTH:
      return _ ("Depth");
    case TACET_LAYER_POSE:
      return _ ("Pose");
    case TACET_LAYER_REGION:
      /* Translators: a layer that says in words what stands in a part of the picture */
      return _ ("Region");
    case TACET_LAYER_MASK:
      /* Translators: a layer that says which part of a picture may change */
      return _ ("Mask");
    case TACET_LAYER_PICTURE:
      return _ ("Picture");
    default:
      return "";
    }
}

gboolean
tacet_layer_kind_is_control (TacetLayerKind kind)
{
  return kind < TACET_LAYER_REGION;
}

TacetLayerFamily
tacet_layer_kind_family (TacetLayerKind kind)
{
  if (tacet_layer_kind_is_control (kind))
    return TACET_FAMILY_CONTROLS;
  return (TacetLayerFamily) (TACET_FAMILY_REGIONS + (int) (kind - TACET_LAYER_REGION));
}

/* ---- getters ---- */

TacetLayerKind
tacet_layer_get_kind (TacetLayer *self)
{
  return self->kind;
}

const char *
tacet_layer_get_name (TacetLayer *self)
{
  return self->settings.name;
}

const char *
tacet_layer_get_model (TacetLayer *self)
{
  return self->settings.model;
}

const char *
tacet_layer_get_prompt (TacetLayer *self)
{
  return self->settings.prompt;
}

const char *
tacet_layer_get_negative_prompt (TacetLayer *self)
{
  return self->settings.negative_prompt;
}

gboolean
tacet_layer_get_visible (TacetLayer *self)
{
  return self->settings.visible;
}

gboolean
tacet_layer_get_locked (TacetLayer *self)
{
  return self->settings.locked;
}

double
tacet_layer_get_opacity (TacetLayer *self)
{
  return self->settings.opacity;
}

gboolean
tacet_layer_get_enabled (TacetLayer *self)
{
  return self->settings.enabled;
}

double
tacet_layer_get_strength (TacetLayer *self)
{
  return self->settings.strength;
}

double
tacet_layer_get_start (TacetLayer *self)
{
  return self->settings.start;
}

double
tacet_layer_get_end (TacetLayer *self)
{
  return self->settings.end;
}

const TacetImage *
tacet_layer_get_map (TacetLayer *self)
{
  return self->map;
}

const TacetImage *
tacet_layer_get_coverage (TacetLayer *self)
{
  return self->coverage;
}

const TacetImage *
tacet_layer_get_picture (TacetLayer *self)
{
  return self->picture;
}

const TacetPerson *
tacet_layer_get_people (TacetLayer *self, int *n_people)
{
  *n_people = self->people ? (int) self->people->len : 0;
  return self->people ? (const TacetPerson *) (gpointer) self->people->data : NULL;
}
