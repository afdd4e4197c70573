/* tacet-tokenizer-save.c: a vocabulary as one tokenizer.json.
 *
 * Room: engine/weights.  One file, so that it is there whole or not at all.  What it says about cleaning
 * and words is the reference's, for other programs; Tacet's own reader needs vocabulary, merges, special
 * tokens and padding.
 */
#include "config.h"

#include "engine/image/tacet-image.h"
#include "tacet-json.h"
#include "tacet-tokenizer-private.h"

static const char cleaning[] =
    "\"normalizer\":{\"type\":\"Sequence\",\"normalizers\":[{\"type\":\"NFC\"},{\"type\":\"Replace\",\"pattern\":{"
    "\"Regex\":\"\\\\s+\"},\"content\":\" \"},{\"type\":\"Lowercase\"}]},\n"
    "\"pre_tokenizer\":{\"type\":\"Sequence\",\"pretokenizers\":[{\"type\":\"Split\",\"pattern\":{\"Regex\":"
    "\"<\\\\|startoftext\\\\|>|<\\\\|endoftext\\\\|>|'s|'t|'re|'ve|'m|'ll|'d|[\\\\p{L}]+|[\\\\p{N}]|[^\\\\s\\\\p{L}"
    "\\\\p{N}]+\"},\"behavior\":\"Removed\",\"invert\":true},{\"type\":\"ByteLevel\",\"add_prefix_space\":false,"
    "\"trim_offsets\":true,\"use_regex\":true}]},\n"
    "\"decoder\":{\"type\":\"ByteLevel\",\"add_prefix_space\":true,\"trim_offsets\":true,\"use_regex\":true},\n";

static void
append_specials (GString *json, TacetTokenizer *self)
{
  g_string_append (json, "\"added_tokens\":[");
  for (guint i = 0; i < self->specials->len; i++)
    {
      const TacetSpecial *special = &g_array_index (self->specials, TacetSpecial, i);
      g_string_append_printf (json, "%s{\"id\":%d,\"content\":", i > 0 ? "," : "", special->id);
      tacet_json_append_string (json, special->text);
      g_string_append_printf (json,
                              ",\"single_word\":false,\"lstrip\":false,\"rstrip\":false,\"normalized\":%s,"
                              "\"special\":true}",
                              special->after ? "true" : "false");
    }
  g_string_append (json, "],\n");
}

static void
append_padding (GString *json, TacetTokenizer *self)
{
  g_string_append_printf (json,
                          "\"padding\":{\"strategy\":\"BatchLongest\",\"direction\":\"Right\","
                          "\"pad_to_multiple_of\":null,\"pad_id\":%d,\"pad_type_id\":0,\"pad_token\":",
                          self->pad);
  tacet_json_append_string (json, g_ptr_array_index (self->tokens, self->pad));
  g_string_append_printf (json,
                          "},\n\"post_processor\":{\"type\":\"RobertaProcessing\",\"sep\":[\"%s\",%d],\"cls\":[\"%s\","
                          "%d],\"trim_offsets\":false,\"add_prefix_space\":false},\n",
                          TACET_TOKEN_END, self->end, TACET_TOKEN_START, self->start);
}

static int
compare_rank (gconstpointer a, gconstpointer b)
{
  const TacetMerge *left = *(const TacetMerge *const *) a, *right = *(const TacetMerge *const *) b;
  return left->rank < right->rank ? -1 : left->rank > right->rank;
}

static void
append_merges (GString *json, TacetTokenizer *self)
{
  g_autoptr (GPtrArray) merges = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer merge;
  g_hash_table_iter_init (&iter, self->merges);
  while (g_hash_table_iter_next (&iter, NULL, &merge))
    g_ptr_array_add (merges, merge);
  g_ptr_array_sort (merges, compare_rank);
  g_string_append (json, "\"merges\":[");
  for (guint i = 0; i < merges->len; i++)
    {
      guint64 pair = ((const TacetMerge *) g_ptr_array_index (merges, i))->pair;
      g_autofree char *text = g_strconcat (g_ptr_array_index (self->tokens, pair >> 32), " ",
                                           (const char *) g_ptr_array_index (self->tokens, pair & G_MAXUINT32), NULL);
      g_string_append (json, i > 0 ? ",\n" : "\n");
      tacet_json_append_string (json, text);
    }
  g_string_append (json, "]");
}

gboolean
tacet_tokenizer_save (TacetTokenizer *self, const char *path, GError **error)
{
  g_autoptr (GString) json = g_string_new ("{\"version\":\"1.0\",\"truncation\":null,\n");
  append_padding (json, self);
  append_specials (json, self);
  g_string_append (json, cleaning);
  g_string_append_printf (json,
                          "\"model\":{\"type\":\"BPE\",\"dropout\":null,\"unk_token\":\"%s\","
                          "\"continuing_subword_prefix\":\"\",\"end_of_word_suffix\":\"%s\",\"fuse_unk\":false,"
                          "\"byte_fallback\":false,\"ignore_merges\":false,\n\"vocab\":{",
                          TACET_TOKEN_END, TACET_TOKEN_WORD_END);
  for (guint i = 0; i < self->tokens->len; i++)
    {
      g_string_append (json, i > 0 ? ",\n" : "\n");
      tacet_json_append_string (json, g_ptr_array_index (self->tokens, i));
      g_string_append_printf (json, ":%u", i);
    }
  g_string_append (json, "},\n");
  append_merges (json, self);
  g_string_append (json, "}}\n");
  return tacet_write_file (path, json->str, json->len, error);
}
