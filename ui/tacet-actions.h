/* tacet-actions.h: the table of everything the user can do, by name.
 *
 * Room: ui, no widgets.  From this one table come the keys, the window of shortcuts, the search for actions, the page
 * of shortcuts in the preferences and the keys in tooltips.  A new action is one line here, one in a menu
 * (data/ui/tacet-menus.ui) and its function; tests/ui/test-shortcuts.c holds the three together.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  TACET_GROUP_DOCUMENT,
  TACET_GROUP_EDIT,
  TACET_GROUP_TOOLS,
  TACET_GROUP_LAYERS,
  TACET_GROUP_POSE,
  TACET_GROUP_RUN,
  TACET_GROUP_VIEW,
  TACET_GROUP_PROGRAM,
  TACET_N_GROUPS,
} TacetActionGroup;

typedef struct
{
  const char *name;  /* with its target: "win.zoom-to(2.0)" */
  const char *title; /* what it does, not translated yet: use _ () */
  TacetActionGroup group;
  const char *keys[4]; /* as gtk_accelerator_parse () reads them, NULL-terminated; the first is the one that is shown */
  const char *needs;   /* what is missing while it cannot be used, not translated yet; NULL: evident */
  gboolean on_canvas;  /* its plain keys work only while the canvas has the focus */
} TacetAction;

/* What keys and buttons do while a tool is at work: no actions, but their keys are taken. */
typedef struct
{
  const char *title;
  TacetActionGroup group;
  const char *keys; /* as a GtkShortcutsShortcut shows them */
} TacetGesture;

const TacetAction *tacet_actions_get (gsize *n);
const TacetAction *tacet_actions_find (const char *name);
const TacetGesture *tacet_actions_get_gestures (gsize *n);
const char *tacet_actions_group_title (TacetActionGroup group); /* translated */

/* How well the words that were typed fit a text: 0 not at all; more is better.  Every word must be found, as the start
 * of a word, as a part of one, or (three letters and more) as its letters in order.  Letters count without their
 * accents and case. */
int tacet_actions_match (const char *typed, const char *text);

G_END_DECLS
