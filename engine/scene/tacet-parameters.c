/* tacet-parameters.c: the text "parameters": writing.
 *
 * Room: engine/scene.
 */
#define G_LOG_DOMAIN "tacet-scene"
#include "config.h"

#include "engine/weights/tacet-json.h"
#include "tacet-json-text.h"
#include "tacet-parameters.h"
#include <string.h>

/* A file's or folder's name without what says its kind. */
static char *
short_name (const char *path)
{
  static const char *const suffixes[] = { ".safetensors", ".ckpt", ".pth", ".pt", ".bin" };
  char *name = g_path_get_basename (path);
  for (gsize i = 0; i < G_N_ELEMENTS (suffixes); i++)
    if (g_str_has_suffix (name, suffixes[i]))
      name[strlen (name) - strlen (suffixes[i])] = '\0';
  return name;
}

static void
append_number (GString *text, const char *key, double value)
{
  char number[G_ASCII_DTOSTR_BUF_SIZE];
  g_ascii_formatd (number, sizeof number, "%.6g", value);
  g_string_append_printf (text, ", %s: %s", key, number);
}

/* As it is, or quoted where a comma or a colon would end it. */
static void
append_text (GString *text, const char *key, const char *value)
{
  g_string_append_printf (text, ", %s: ", key);
  if (strpbrk (value, ",:\"\n\\") == NULL)
    {
      g_string_append (text, value);
      return;
    }
  g_string_append_c (text, '"');
  for (const char *c = value; *c; c++)
    if (*c == '"' || *c == '\\')
      g_string_append_printf (text, "\\%c", *c);
    else
      g_string_append_c (text, *c == '\n' ? ' ' : *c);
  g_string_append_c (text, '"');
}

/* As the extension for ControlNets writes its units. */
static void
append_control (GString *text, const TacetRequest *request, guint index)
{
  const TacetControlRequest *control = g_ptr_array_index (request->controls, index);
  g_autofree char *key = g_strdup_printf ("ControlNet %u", index);
  g_autofree char *name = short_name (control->model ? control->model : tacet_control_kind_id (control->kind));
  g_autoptr (GString) unit = g_string_new ("Module: none");
  gboolean strong = request->guess == TACET_GUESS_CLDM; /* the same rule under its name there */
  append_text (unit, "Model", name);
  append_number (unit, "Weight", control->strength);
  append_text (unit, "Resize Mode", "Just Resize");
  append_number (unit, "Guidance Start", control->start);
  append_number (unit, "Guidance End", control->end);
  append_text (unit, "Control Mode", strong ? "ControlNet is more important" : "Balanced");
  append_text (text, key, unit->str);
}

char *
tacet_parameters_write (const TacetRequest *request, guint64 seed)
{
  GString *text = g_string_new (request->prompt);
  g_autofree char *model = short_name (request->model);
  for (guint i = 0; i < request->loras->len; i++)
    {
      const TacetLora *lora = g_ptr_array_index (request->loras, i);
      g_autofree char *name = short_name (lora->path);
      char number[G_ASCII_DTOSTR_BUF_SIZE];
      g_ascii_formatd (number, sizeof number, "%.6g", lora->weight);
      g_string_append_printf (text, " <lora:%s:%s>", name, number);
    }
  if (request->negative_prompt && *request->negative_prompt)
    g_string_append_printf (text, "\nNegative prompt: %s", request->negative_prompt);
  g_string_append_printf (text, "\nSteps: %d", request->steps);
  append_text (text, "Sampler", tacet_sampler_name (request->sampler));
  if (request->karras == TACET_KARRAS_ON)
    append_text (text, "Schedule type", "Karras");
  append_number (text, "CFG scale", request->guidance_scale);
  g_string_append_printf (text, ", Seed: %" G_GUINT64_FORMAT ", Size: %dx%d", seed, request->width, request->height);
  append_text (text, "Model", model);
  if (request->vae)
    {
      g_autofree char *vae = g_path_get_basename (request->vae);
      append_text (text, "VAE", vae);
    }
  if (request->image)
    append_number (text, "Denoising strength", request->denoising_strength);
  if (request->clip_skip > 1)
    g_string_append_printf (text, ", Clip skip: %d", request->clip_skip);
  for (guint i = 0; i < request->controls->len; i++)
    append_control (text, request, i);
  g_string_append (text, ", RNG: CPU, Version: Tacet " TACET_VERSION);
  return g_string_free (text, FALSE);
}

char *
tacet_picture_path (const char *path, guint64 seed, gboolean several)
{
  const char *name = strrchr (path, '/'), *dot = strrchr (name ? name : path, '.');
  if (!several)
    return g_strdup (path);
  if (!dot || dot == path || dot[-1] == '/')
    dot = path + strlen (path);
  return g_strdup_printf ("%.*s-%" G_GUINT64_FORMAT "%s", (int) (dot - path), path, seed, dot);
}

/* The scene of one picture of its run alone. */
static char *
scene_of_seed (const char *scene, guint64 seed, GError **error)
{
  g_autoptr (JsonNode) root = tacet_json_parse (scene, strlen (scene), TACET_SCENE_KEY, error);
  if (!root)
    return NULL;
  g_autoptr (JsonNode) own = json_node_new (JSON_NODE_OBJECT);
  JsonObject *object = json_object_new ();
  g_autoptr (GList) names = json_object_get_members (json_node_get_object (root));
  for (GList *l = names; l; l = l->next)
    if (!g_str_equal (l->data, "count"))
      json_object_set_member (object, l->data,
                              json_node_copy (json_object_get_member (json_node_get_object (root), l->data)));
  json_object_set_int_member (object, "seed", (gint64) seed);
  json_node_take_object (own, object);
  return tacet_json_text (own);
}

gboolean
tacet_picture_save (const TacetPicture *picture, const TacetRequest *request, const char *scene, const char *path,
                    GError **error)
{
  if (!scene)
    return tacet_image_save_png (picture->image, path, NULL, error);
  g_autofree char *own = scene_of_seed (scene, picture->seed, error);
  g_autofree char *parameters = tacet_parameters_write (request, picture->seed);
  g_autofree char *valid = g_utf8_make_valid (parameters, -1);
  g_autofree char *prompt = g_utf8_make_valid (request->prompt, -1);
  const char *const texts[] = { "Software", "Tacet " TACET_VERSION, "Description", prompt, TACET_PARAMETERS_KEY,
                                valid,      TACET_SCENE_KEY,        own,           NULL };
  return own && tacet_image_save_png (picture->image, path, texts, error);
}
