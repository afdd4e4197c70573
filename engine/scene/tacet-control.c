/* tacet-control.c: one control layer: its settings, its map and where it speaks.
 *
 * Room: engine/scene.  The map and coverage of a pose control are derived: people drawn over a base
 * picture give the map, the kind's rule gives the coverage, the artist's opinion overrides the rule.
 */
#define G_LOG_DOMAIN "tacet-scene"
#include "config.h"

#include "tacet-scene-private.h"
#include <glib/gi18n-lib.h>
#include <string.h>

G_DEFINE_FINAL_TYPE (TacetControl, tacet_control, G_TYPE_OBJECT)

enum
{
  PROP_0,
  PROP_NAME,
  PROP_ENABLED,
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
_tacet_control_settings_clear (TacetControlSettings *self)
{
  g_clear_pointer (&self->name, g_free);
  g_clear_pointer (&self->model, g_free);
}

TacetControlSettings
_tacet_control_settings_copy (const TacetControlSettings *self)
{
  TacetControlSettings copy = *self;
  copy.name = g_strdup (self->name);
  copy.model = g_strdup (self->model);
  return copy;
}

static void
tacet_control_finalize (GObject *object)
{
  TacetControl *self = TACET_CONTROL (object);
  _tacet_control_settings_clear (&self->settings);
  g_clear_pointer (&self->map, tacet_image_unref);
  g_clear_pointer (&self->coverage, tacet_image_unref);
  g_clear_pointer (&self->base, tacet_image_unref);
  g_clear_pointer (&self->rule, tacet_image_unref);
  g_clear_pointer (&self->opinion, tacet_image_unref);
  g_clear_pointer (&self->people, g_array_unref);
  g_clear_pointer (&self->extra, json_object_unref);
  G_OBJECT_CLASS (tacet_control_parent_class)->finalize (object);
}

static void
tacet_control_get_property (GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  TacetControl *self = TACET_CONTROL (object);
  switch (id)
    {
    case PROP_NAME:
      g_value_set_string (value, self->settings.name);
      break;
    case PROP_ENABLED:
      g_value_set_boolean (value, self->settings.enabled);
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
tacet_control_class_init (TacetControlClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GParamFlags flags = G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;
  object_class->finalize = tacet_control_finalize;
  object_class->get_property = tacet_control_get_property;
  properties[PROP_NAME] = g_param_spec_string ("name", NULL, NULL, NULL, flags);
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
tacet_control_init (TacetControl *self)
{
  self->settings.enabled = TRUE;
  self->settings.strength = 1.0;
  self->settings.end = 1.0;
}

TacetControl *
_tacet_control_new (TacetControlKind kind, const char *name, int width, int height)
{
  g_autoptr (TacetControl) self = g_object_new (TACET_TYPE_CONTROL, NULL);
  gboolean pose = kind == TACET_CONTROL_POSE;
  self->kind = kind;
  self->settings.name = g_strdup (name);
  self->map = tacet_image_new (width, height, pose ? 3 : 1);
  self->coverage = tacet_image_new (width, height, 1);
  if (!self->map || !self->coverage)
    return NULL;
  if (pose)
    {
      self->people = g_array_new (FALSE, TRUE, sizeof (TacetPerson));
      self->rule = tacet_image_new (width, height, 1);
      self->opinion = tacet_image_new (width, height, 1);
      if (!self->rule || !self->opinion)
        return NULL;
      memset (self->opinion->data, TACET_NEUTRAL, (gsize) width * height);
    }
  return g_steal_pointer (&self);
}

void
_tacet_control_notify (TacetControl *self)
{
  for (int id = 1; id < N_PROPS; id++)
    g_object_notify_by_pspec (G_OBJECT (self), properties[id]);
}

void
_tacet_control_damage (TacetControl *self, int x, int y, int width, int height)
{
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

void
_tacet_control_apply_opinion (TacetControl *self, int x, int y, int width, int height)
{
  for (int row = y; row < y + height; row++)
    {
      gsize at = (gsize) row * self->coverage->width + x;
      for (int i = 0; i < width; i++, at++)
        self->coverage->data[at] = coverage_of (self->rule->data[at], self->opinion->data[at]);
    }
}

void
_tacet_control_derive_opinion (TacetControl *self, const TacetImage *coverage)
{
  gsize n = (gsize) coverage->width * coverage->height;
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
static TacetImage *
pose_map (TacetControl *self)
{
  TacetImage *map = tacet_pose_draw ((const TacetPerson *) (gpointer) self->people->data, self->people->len,
                                     self->coverage->width, self->coverage->height);
  if (!map || !self->base)
    return map;
  gsize n = (gsize) map->width * map->height;
  for (gsize i = 0; i < n; i++)
    if (!map->data[3 * i] && !map->data[3 * i + 1] && !map->data[3 * i + 2])
      memcpy (map->data + 3 * i, self->base->data + 3 * i, 3);
  return map;
}

gboolean
_tacet_control_redraw (TacetControl *self)
{
  g_autoptr (TacetImage) map = pose_map (self);
  g_autoptr (TacetImage) rule = map ? tacet_coverage_from_map (TACET_CONTROL_POSE, map) : NULL;
  if (!rule)
    return FALSE;
  tacet_image_unref (self->map);
  tacet_image_unref (self->rule);
  self->map = g_steal_pointer (&map);
  self->rule = g_steal_pointer (&rule);
  _tacet_control_apply_opinion (self, 0, 0, self->coverage->width, self->coverage->height);
  return TRUE;
}

int
_tacet_control_planes (TacetControl *self, TacetImage *planes[2])
{
  planes[0] = self->kind == TACET_CONTROL_POSE ? self->opinion : self->map;
  planes[1] = self->kind == TACET_CONTROL_POSE ? NULL : self->coverage;
  return planes[1] ? 2 : 1;
}

const char *
tacet_control_kind_label (TacetControlKind kind)
{
  switch (kind)
    {
    case TACET_CONTROL_EDGE:
      return _ ("Edges");
    case TACET_CONTROL_DEPTH:
      return _ ("Depth");
    case TACET_CONTROL_POSE:
      return _ ("Pose");
    default:
      return "";
    }
}

TacetControlKind
tacet_control_get_kind (TacetControl *self)
{
  return self->kind;
}

const char *
tacet_control_get_name (TacetControl *self)
{
  return self->settings.name;
}

const char *
tacet_control_get_model (TacetControl *self)
{
  return self->settings.model;
}

gboolean
tacet_control_get_enabled (TacetControl *self)
{
  return self->settings.enabled;
}

double
tacet_control_get_strength (TacetControl *self)
{
  return self->settings.strength;
}

double
tacet_control_get_start (TacetControl *self)
{
  return self->settings.start;
}

double
tacet_control_get_end (TacetControl *self)
{
  return self->settings.end;
}

const TacetImage *
tacet_control_get_map (TacetControl *self)
{
  return self->map;
}

const TacetImage *
tacet_control_get_coverage (TacetControl *self)
{
  return self->coverage;
}

const TacetPerson *
tacet_control_get_people (TacetControl *self, int *n_people)
{
  *n_people = self->people ? (int) self->people->len : 0;
  return self->people ? (const TacetPerson *) (gpointer) self->people->data : NULL;
}
