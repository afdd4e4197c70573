/* fuzz-openpose.c: any bytes read as a pose file end as people or as a message. */
#include "fuzz.h"
#include "engine/scene/tacet-openpose.h"
#include <math.h>

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  char path[64];
  int fd = fuzz_open (data, size, path);
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) people = tacet_openpose_load (path, 96, 64, NULL, &error);

  g_assert ((people != NULL) == (error == NULL));
  for (guint i = 0; people != NULL && i < people->len; i++)
    {
      TacetPerson *person = &g_array_index (people, TacetPerson, i);
      for (int k = 0; k < TACET_PERSON_POINTS; k++)
        g_assert (isfinite (person->points[k].x + person->points[k].y + person->points[k].confidence));
    }
  if (people != NULL)
    {
      /* What was read can be written, and read again. */
      g_autofree char *text =
          tacet_openpose_to_text ((const TacetPerson *) (gpointer) people->data, (int) people->len, 96, 64);
      g_autoptr (GArray) again = tacet_openpose_from_text (text, "fuzz", 96, 64, NULL, NULL);
      g_assert (again == NULL || again->len <= people->len);
    }
  fuzz_close (fd);
  return 0;
}
