/* fuzz-layout.c: any index of tensors ends as a layout with configurations and tables, or as a message.
 *
 * The input is a list of lines "name dims ...", so that names and shapes are what mutates and no data are needed.
 */
#include "engine/model/tacet-layout.h"
#include "engine/model/tacet-table.h"
#include "fuzz.h"
#include <stdlib.h>
#include <string.h>

#define MAX_TENSORS 2000

static int
compare (gconstpointer a, gconstpointer b)
{
  return strcmp ((*(TacetFileTensor *const *) a)->name, (*(TacetFileTensor *const *) b)->name);
}

static TacetFileTensor *
parse (const char *line)
{
  gint64 dims[TACET_FILE_MAX_RANK];
  int rank = 0;
  const char *space = strchr (line, ' ');
  g_autofree char *name = space ? g_strndup (line, (gsize) (space - line)) : g_strdup (line);
  while (space && rank < TACET_FILE_MAX_RANK && g_ascii_isdigit (space[1]))
    {
      dims[rank++] = (gint64) (g_ascii_strtoull (space + 1, NULL, 10) >> 1);
      space = strchr (space + 1, ' ');
    }
  return tacet_file_tensor_new (name, TACET_FILE_F16, rank, dims);
}

static void
infer (TacetPart part, GHashTable *names)
{
  union
  {
    TacetUnetConfig unet;
    TacetVaeConfig vae;
    TacetTextConfig text;
    TacetControlnetConfig controlnet;
    TacetTaesdConfig taesd;
  } c;
  g_autoptr (GPtrArray) table = NULL;
  if (part == TACET_PART_UNET && tacet_unet_config_infer (&c.unet, names, NULL))
    table = tacet_unet_table (&c.unet);
  else if (part == TACET_PART_VAE && tacet_vae_config_infer (&c.vae, names, NULL))
    table = tacet_vae_table (&c.vae);
  else if (part == TACET_PART_TEXT && tacet_text_config_infer (&c.text, names, NULL))
    table = tacet_text_table (&c.text);
  else if (part == TACET_PART_CONTROLNET && tacet_controlnet_config_infer (&c.controlnet, names, NULL))
    table = tacet_controlnet_table (&c.controlnet);
  else if (part == TACET_PART_TAESD && tacet_taesd_config_infer (&c.taesd, names, NULL))
    table = tacet_taesd_table (&c.taesd, TRUE, TRUE);
  g_autoptr (GError) error = NULL;
  if (table && tacet_layout_check (names, table, &error) == (error != NULL))
    abort ();
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *text = g_strndup ((const char *) data, size);
  g_auto (GStrv) lines = g_strsplit (text, "\n", MAX_TENSORS);
  g_autoptr (GPtrArray) tensors = g_ptr_array_new_with_free_func ((GDestroyNotify) tacet_file_tensor_free);
  for (int i = 0; lines[i]; i++)
    g_ptr_array_add (tensors, parse (lines[i]));
  g_ptr_array_sort (tensors, compare);
  g_autoptr (GError) error = NULL;
  g_autoptr (TacetLayout) layout =
      tacet_layout_new ((const TacetFileTensor *const *) tensors->pdata, tensors->len, NULL, &error);
  if (!layout != (error != NULL))
    abort ();
  for (int part = 0; layout && part < TACET_N_PARTS; part++)
    infer ((TacetPart) part, layout->parts[part]);
  return 0;
}
