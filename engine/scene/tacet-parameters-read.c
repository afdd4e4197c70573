/* tacet-parameters-read.c: the text "parameters" of other programs, as far as it can be taken over.
 *
 * Room: engine/scene.  The text comes from files of strangers: everything is read as something, nothing is trusted.
 */
#define G_LOG_DOMAIN "tacet-scene"
#include "config.h"

#include "tacet-parameters.h"
#include "tacet-scene-private.h"
#include <errno.h>
#include <glib/gi18n-lib.h>
#include <string.h>

#define MAX_PAIRS 200
#define MAX_TEXT  (1u << 20)

typedef struct
{
  TacetScene *scene;
  int width, height;
  const char *schedule; /* type of noise levels, from the sampler's name or a key of its own */
  GPtrArray *loras;
  GString *left; /* keys that were not taken over */
} Reading;

static void
leave (Reading *self, const char *key)
{
  g_string_append_printf (self->left, "%s%s", self->left->len ? ", " : "", key);
}

/* --- the last line: Key: value, Key: "quoted, value", ... --- */

/* Of a list or object as JSON writes it, brackets counted outside its strings. */
static gsize
json_length (const char *text)
{
  int depth = 0;
  gboolean quoted = FALSE;
  const char *c = text;
  for (; *c; c++)
    {
      if (quoted && *c == '\\' && c[1])
        c++;
      else if (*c == '"')
        quoted = !quoted;
      else if (!quoted && (*c == '[' || *c == '{'))
        depth++;
      else if (!quoted && (*c == ']' || *c == '}') && --depth == 0)
        return (gsize) (c + 1 - text);
    }
  return (gsize) (c - text);
}

/* Moves *at behind the value and its comma. */
static char *
take_value (const char **at)
{
  GString *value = g_string_new (NULL);
  const char *c = *at;
  if (*c == '"')
    {
      for (c++; *c && *c != '"'; c++)
        {
          if (*c == '\\' && c[1])
            c++;
          g_string_append_c (value, *c);
        }
      c += *c == '"';
      c += strcspn (c, ",");
    }
  else if (*c == '[' || *c == '{')
    {
      gsize length = json_length (c);
      g_string_append_len (value, c, (gssize) length);
      c += length;
      c += strcspn (c, ",");
    }
  else
    {
      gsize length = strcspn (c, ",");
      g_string_append_len (value, c, (gssize) length);
      c += length;
    }
  *at = *c ? c + 1 : c;
  return g_strstrip (g_string_free (value, FALSE));
}

/* key, value, key, value ... */
static GPtrArray *
split_pairs (const char *line)
{
  GPtrArray *pairs = g_ptr_array_new_with_free_func (g_free);
  const char *at = line;
  while (*at && pairs->len < 2 * MAX_PAIRS)
    {
      gsize length = strcspn (at, ":,");
      if (at[length] != ':')
        {
          at += length + (at[length] == ',');
          continue;
        }
      g_ptr_array_add (pairs, g_strstrip (g_strndup (at, length)));
      at += length + 1;
      at += strspn (at, " ");
      g_ptr_array_add (pairs, take_value (&at));
    }
  return pairs;
}

static gboolean
take_number (const char *value, double *number)
{
  char *end;
  *number = g_ascii_strtod (value, &end);
  return end != value && *end == '\0';
}

static gboolean
take_int (const char *value, gint64 *number)
{
  return g_ascii_string_to_signed (value, 10, G_MININT64, G_MAXINT64, number, NULL);
}

static gboolean
take_size (Reading *self, const char *value)
{
  char *end;
  gint64 width = g_ascii_strtoll (value, &end, 10), height = *end == 'x' ? g_ascii_strtoll (end + 1, NULL, 10) : 0;
  if (width < TACET_SCENE_MIN_SIDE || width > TACET_SCENE_MAX_SIDE || height < TACET_SCENE_MIN_SIDE ||
      height > TACET_SCENE_MAX_SIDE)
    return FALSE;
  self->width = (int) width;
  self->height = (int) height;
  return TRUE;
}

/* "Euler a", "DPM++ 2M Karras" of old, or a name that has become another. */
static gboolean
take_sampler (Reading *self, const char *value)
{
  static const char *const others[][2] = { { "PLMS", "pndm" }, { "Euler Ancestral", "euler-a" } };
  g_autofree char *name = g_strdup (value);
  TacetSampler sampler;
  if (g_str_has_suffix (name, " Karras"))
    {
      name[strlen (name) - strlen (" Karras")] = '\0';
      self->schedule = "Karras";
    }
  for (int i = 0; i < TACET_N_SAMPLERS; i++)
    if (g_ascii_strcasecmp (name, tacet_sampler_name ((TacetSampler) i)) == 0)
      {
        tacet_scene_set_sampler (self->scene, (TacetSampler) i);
        return TRUE;
      }
  for (gsize i = 0; i < G_N_ELEMENTS (others); i++)
    if (g_ascii_strcasecmp (name, others[i][0]) == 0 && tacet_sampler_parse (others[i][1], &sampler))
      {
        tacet_scene_set_sampler (self->scene, sampler);
        return TRUE;
      }
  return FALSE;
}

static gboolean
take_int_key (Reading *self, const char *key, const char *value)
{
  gint64 number;
  if (!take_int (value, &number))
    return FALSE;
  if (g_str_equal (key, "Steps") && number > 0 && number <= TACET_SCENE_MAX_STEPS)
    tacet_scene_set_steps (self->scene, (int) number);
  else if (g_str_equal (key, "Seed") && number >= 0)
    tacet_scene_set_seed (self->scene, (guint64) number);
  else if (g_str_equal (key, "Clip skip") && number >= 1 && number <= TACET_SCENE_MAX_CLIP_SKIP)
    tacet_scene_set_clip_skip (self->scene, (int) number);
  else
    return FALSE;
  return TRUE;
}

static gboolean
take_number_key (Reading *self, const char *key, const char *value)
{
  double number;
  if (!take_number (value, &number))
    return FALSE;
  if (g_str_equal (key, "CFG scale") && number >= 0 && number <= TACET_SCENE_MAX_GUIDANCE)
    tacet_scene_set_guidance_scale (self->scene, number);
  else if (g_str_equal (key, "Denoising strength") && number >= 0 && number <= 1)
    tacet_scene_set_denoising_strength (self->scene, number);
  else
    return FALSE;
  return TRUE;
}

static gboolean
take_pair (Reading *self, const char *key, const char *value)
{
  static const char *const nothing_said[] = { "Model hash", "VAE hash", "Lora hashes", "TI hashes", "Hashes",
                                              "Version",    "Eta",      "RNG",         NULL };
  if (g_str_equal (key, "Size"))
    return take_size (self, value);
  if (g_str_equal (key, "Sampler"))
    return take_sampler (self, value);
  if (g_str_equal (key, "Model") && *value)
    tacet_scene_set_model (self->scene, value);
  else if (g_str_equal (key, "VAE"))
    tacet_scene_set_vae (self->scene, g_ascii_strcasecmp (value, "Automatic") == 0 ? NULL : value);
  else if (g_str_equal (key, "Schedule type"))
    self->schedule = g_ascii_strcasecmp (value, "Karras") == 0      ? "Karras"
                     : g_ascii_strcasecmp (value, "Automatic") == 0 ? self->schedule
                                                                    : "?";
  else if (!g_strv_contains (nothing_said, key))
    return take_int_key (self, key, value) || take_number_key (self, key, value);
  return TRUE;
}

/* --- the prompt --- */

/* <lora:name:weight> inside the prompt is a file that changes the model, not words. */
static char *
take_loras (Reading *self, const char *prompt)
{
  g_autoptr (GRegex) regex =
      g_regex_new ("\\s*<lora:([^:>]{1,200})(?::([-+0-9.]{1,20}))?(?::[^>]{0,200})?>", 0, 0, NULL);
  g_autoptr (GMatchInfo) match = NULL;
  if (!g_regex_match (regex, prompt, 0, &match))
    return g_strdup (prompt);
  for (; g_match_info_matches (match) && self->loras->len < TACET_SCENE_MAX_LORAS; g_match_info_next (match, NULL))
    {
      g_autofree char *name = g_match_info_fetch (match, 1), *text = g_match_info_fetch (match, 2);
      double weight = 1;
      if (text && *text && !take_number (text, &weight))
        weight = 1;
      g_ptr_array_add (self->loras, tacet_lora_new (name, CLAMP (weight, -TACET_SCENE_MAX_LORA_WEIGHT,
                                                                 TACET_SCENE_MAX_LORA_WEIGHT)));
    }
  return g_regex_replace_literal (regex, prompt, -1, 0, "", 0, NULL);
}

/* Where the line of pairs begins: the last that starts like one; NULL: there is none. */
static char *
find_pairs (char *text)
{
  char *last = NULL;
  for (char *line = text; line; line = strchr (line, '\n') ? strchr (line, '\n') + 1 : NULL)
    if (g_str_has_prefix (line, "Steps: "))
      last = line;
  return last;
}

static void
read_prompts (Reading *self, char *text)
{
  static const char key[] = "Negative prompt:";
  char *negative = g_str_has_prefix (text, key) ? text : strstr (text, "\nNegative prompt:");
  if (negative)
    {
      const char *words = negative + strlen (key) + (*negative == '\n');
      g_autofree char *stripped = g_strstrip (g_strdup (words));
      tacet_scene_set_negative_prompt (self->scene, stripped);
      *negative = '\0';
    }
  g_autofree char *prompt = take_loras (self, text);
  tacet_scene_set_prompt (self->scene, g_strstrip (prompt));
  tacet_scene_set_loras (self->scene, self->loras);
}

static void
note_left (Reading *self, gboolean known_noise)
{
  if (g_strcmp0 (self->schedule, "?") == 0)
    leave (self, "Schedule type");
  if (self->left->len)
    {
      g_autofree char *note =
          g_strdup_printf (_ ("Not taken over from the picture's parameters: %s."), self->left->str);
      _tacet_scene_note (self->scene, note);
    }
  if (!known_noise)
    _tacet_scene_note (self->scene,
                       _ ("The picture was made by another program: it may have drawn its noise in another "
                          "way, so that the same seed gives another picture here."));
}

TacetScene *
tacet_parameters_read (const char *text, int width, int height)
{
  g_autofree char *valid = g_utf8_make_valid (text, (gssize) strnlen (text, MAX_TEXT));
  g_autoptr (TacetScene) scene = tacet_scene_new (width, height);
  Reading self = {
    .scene = scene, .width = width, .height = height, .left = g_string_new (NULL), .loras = _tacet_loras_new (NULL)
  };
  gboolean known_noise = FALSE;
  char *pairs_at = find_pairs (valid);
  if (pairs_at)
    {
      g_autoptr (GPtrArray) pairs = split_pairs (pairs_at);
      for (guint i = 0; i + 1 < pairs->len; i += 2)
        {
          const char *key = pairs->pdata[i], *value = pairs->pdata[i + 1];
          known_noise = known_noise || (g_str_equal (key, "RNG") && g_str_equal (value, "CPU"));
          if (!take_pair (&self, key, value))
            leave (&self, key);
        }
      *pairs_at = '\0';
    }
  read_prompts (&self, valid);
  if (g_strcmp0 (self.schedule, "Karras") == 0)
    tacet_scene_set_karras (scene, TACET_KARRAS_ON);
  note_left (&self, known_noise);
  scene->width = CLAMP (self.width, TACET_SCENE_MIN_SIDE, TACET_SCENE_MAX_SIDE);
  scene->height = CLAMP (self.height, TACET_SCENE_MIN_SIDE, TACET_SCENE_MAX_SIDE);
  _tacet_history_clear (&scene->history);
  _tacet_history_init (&scene->history);
  g_ptr_array_unref (self.loras);
  g_string_free (self.left, TRUE);
  return g_steal_pointer (&scene);
}
