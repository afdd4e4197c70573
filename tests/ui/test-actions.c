/* test-actions.c: the table of actions, and how typed words find them.  Room: tests/ui.  No display. */
#include "ui/tacet-actions.h"

#include <string.h>

static void
test_table (void)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  gsize n;
  const TacetAction *actions = tacet_actions_get (&n);

  for (gsize i = 0; i < n; i++)
    {
      g_assert_true (g_hash_table_add (seen, (char *) actions[i].name));
      g_assert_true (tacet_actions_find (actions[i].name) == &actions[i]);
      g_assert_true (*actions[i].title != '\0');
      g_assert_cmpuint (actions[i].group, <, TACET_N_GROUPS);
      g_assert_true (*tacet_actions_group_title (actions[i].group) != '\0');
    }
  g_assert_null (tacet_actions_find ("win.no-such-action"));
}

static void
test_match (void)
{
  g_assert_cmpint (tacet_actions_match ("", "Zoom in"), >, 0);
  g_assert_cmpint (tacet_actions_match ("zoom", "Zoom in"), >, tacet_actions_match ("in", "Zoom in"));
  g_assert_cmpint (tacet_actions_match ("in", "Zoom in"), >, tacet_actions_match ("oo", "Zoom in"));
  g_assert_cmpint (tacet_actions_match ("oo", "Zoom in"), >, tacet_actions_match ("zmi", "Zoom in"));
  g_assert_cmpint (tacet_actions_match ("zmi", "Zoom in"), >, 0);
  g_assert_cmpint (tacet_actions_match ("in zoom", "Zoom in"), >, 0); /* in any order */
  g_assert_cmpint (tacet_actions_match ("zoom out", "Zoom in"), ==, 0);
  g_assert_cmpint (tacet_actions_match ("x", "Zoom in"), ==, 0);
  g_assert_cmpint (tacet_actions_match ("ni", "Zoom in"), ==, 0);
  g_assert_cmpint (tacet_actions_match ("  ZOOM  ", "Zoom in"), >, 0);
}

/* Accents and case are no obstacle, in either; letters that have no case are letters all the same. */
static void
test_match_languages (void)
{
  g_assert_cmpint (tacet_actions_match ("grosser", "Größerer Pinsel"), >, 0);
  g_assert_cmpint (tacet_actions_match ("oberflache", "Oberfläche"), >, 0);
  g_assert_cmpint (tacet_actions_match ("Éditer", "editer"), >, 0);
  g_assert_cmpint (tacet_actions_match ("筆", "大きな筆"), >, 0);
  g_assert_cmpint (tacet_actions_match ("\xff\xfe", "Zoom in"), >=, 0); /* no text at all */
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/actions/table", test_table);
  g_test_add_func ("/actions/match", test_match);
  g_test_add_func ("/actions/match-languages", test_match_languages);
  return g_test_run ();
}
