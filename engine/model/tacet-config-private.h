/* tacet-config-private.h: reading fields of foreign configurations.
 *
 * Room: engine/model, for its own files.  Each function returns FALSE with an error that names the
 * field; a missing or null field leaves the value as it was.
 */
#pragma once

#include "engine/weights/tacet-json.h"
#include "tacet-models.h"

G_BEGIN_DECLS

#define TACET_CONFIG_MAX_BYTES  (1u << 20)
#define TACET_CONFIG_MAX_WIDTH  16384
#define TACET_CONFIG_MAX_LAYERS 64

/* A number, or a list of at most max numbers; *n: their count, 0 if the field is missing. */
gboolean tacet_config_ints (JsonObject *o, const char *name, int max, int low, int high, int *values, int *n,
                            GError **error);
/* A number, or a list that repeats one number. */
gboolean tacet_config_same_int (JsonObject *o, const char *name, int low, int high, int *value, GError **error);
/* A list of texts, each of which must be `plain` (FALSE) or `other` (TRUE; may be NULL). */
gboolean tacet_config_types (JsonObject *o, const char *name, const char *plain, const char *other, gboolean *values,
                             int *n, GError **error);

/* A field and its values that Tacet can compute, separated by '|'; "null" must be among them to be allowed. */
typedef struct
{
  const char *name, *allowed;
} TacetConfigRule;
gboolean tacet_config_check (JsonObject *o, const TacetConfigRule *rules, gsize n_rules, GError **error);
gboolean tacet_config_refuse (GError **error, const char *format, ...) G_GNUC_PRINTF (2, 3); /* always FALSE */

G_END_DECLS
