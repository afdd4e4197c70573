/* tacet-actions.c: see tacet-actions.h.  Room: ui, no widgets. */
#define G_LOG_DOMAIN "tacet-actions"

#include "config.h"

#include "ui/tacet-actions.h"

#include <glib/gi18n.h>
#include <string.h>

/* Translators: why an action cannot be used now */
#define NEEDS_LAYER  N_ ("Choose a layer first.")
#define NEEDS_OTHER  N_ ("Choose a layer of another kind first.")
#define NEEDS_AREA   N_ ("Choose an unlocked control, region or mask first.")
#define NEEDS_POSE   N_ ("Choose a pose layer first.")
#define NEEDS_MAPS   N_ ("Add a layer first.")
#define NEEDS_PERSON N_ ("Choose a person with the pose tool first.")
#define NEEDS_RESULT N_ ("Generate a picture first.")
#define NEEDS_CHOICE N_ ("Choose a result first.")
#define NEEDS_RUN    N_ ("Nothing is being generated.")

/* clang-format off */
static const TacetAction actions[] = {
  { "app.new", N_ ("New scene"), TACET_GROUP_DOCUMENT, { "<Control>n" } },
  { "win.open", N_ ("Open a scene or picture"), TACET_GROUP_DOCUMENT, { "<Control>o" } },
  { "win.open-example", N_ ("Open the example"), TACET_GROUP_DOCUMENT, { NULL } },
  { "win.clear-recent", N_ ("Clear the list of recent scenes"), TACET_GROUP_DOCUMENT, { NULL } },
  { "win.save", N_ ("Save"), TACET_GROUP_DOCUMENT, { "<Control>s" } },
  { "win.save-as", N_ ("Save under another name"), TACET_GROUP_DOCUMENT, { "<Control><Shift>s" } },
  { "win.save-picture", N_ ("Save the picture"), TACET_GROUP_DOCUMENT, { "<Control><Alt>e" }, NEEDS_RESULT },
  { "win.export-map", N_ ("Export the map of the layer"), TACET_GROUP_DOCUMENT, { NULL }, NEEDS_LAYER },
  { "win.export-maps", N_ ("Export all maps to a folder"), TACET_GROUP_DOCUMENT, { NULL }, NEEDS_MAPS },
  { "app.picture-metadata", N_ ("Let pictures say how they were made"), TACET_GROUP_DOCUMENT, { NULL } },

  { "win.undo", N_ ("Undo"), TACET_GROUP_EDIT, { "<Control>z" }, N_ ("Nothing has been changed yet.") },
  { "win.redo", N_ ("Redo"), TACET_GROUP_EDIT, { "<Control><Shift>z", "<Control>y" }, N_ ("Nothing has been undone.") },
  { "win.show-history", N_ ("History"), TACET_GROUP_EDIT, { "<Control><Shift>h" } },
  { "win.copy", N_ ("Copy the layer"), TACET_GROUP_EDIT, { "<Control>c", "<Control>Insert" }, NEEDS_LAYER },
  { "win.cut", N_ ("Cut the layer"), TACET_GROUP_EDIT, { "<Control>x", "<Shift>Delete" }, NEEDS_LAYER },
  { "win.paste", N_ ("Paste"), TACET_GROUP_EDIT, { "<Control>v", "<Shift>Insert" } },
  { "win.paste-as-picture", N_ ("Paste as a picture"), TACET_GROUP_EDIT, { NULL } },
  { "win.paste-as-edges", N_ ("Paste the edges of the picture"), TACET_GROUP_EDIT, { "<Control><Shift>v" } },
  { "win.paste-as-edge-map", N_ ("Paste as an edge map"), TACET_GROUP_EDIT, { NULL } },
  { "win.paste-as-depth-map", N_ ("Paste as a depth map"), TACET_GROUP_EDIT, { NULL } },
  { "win.paste-as-region", N_ ("Paste as a region"), TACET_GROUP_EDIT, { NULL } },
  { "win.paste-as-mask", N_ ("Paste as a mask"), TACET_GROUP_EDIT, { NULL } },
  { "win.copy-picture", N_ ("Copy the picture"), TACET_GROUP_EDIT, { "<Control><Shift>c" }, NEEDS_RESULT },

  { "win.tool-move", N_ ("Move and transform"), TACET_GROUP_TOOLS, { "v", "<Shift>t" } },
  { "win.tool-brush", N_ ("Brush"), TACET_GROUP_TOOLS, { "b" } },
  { "win.tool-eraser", N_ ("Eraser"), TACET_GROUP_TOOLS, { "e" } },
  { "win.tool-silence", N_ ("Silence"), TACET_GROUP_TOOLS, { "s" } },
  { "win.tool-pen", N_ ("Edge pen"), TACET_GROUP_TOOLS, { "a" } },
  { "win.tool-shapes", N_ ("Shapes"), TACET_GROUP_TOOLS, { "u" } },
  { "win.tool-lasso", N_ ("Lasso"), TACET_GROUP_TOOLS, { "l" } },
  { "win.tool-bucket", N_ ("Bucket"), TACET_GROUP_TOOLS, { "k", "<Shift>g" } },
  { "win.tool-gradient", N_ ("Gradient"), TACET_GROUP_TOOLS, { "g" } },
  { "win.tool-picker", N_ ("Picker"), TACET_GROUP_TOOLS, { "i" } },
  { "win.tool-pose", N_ ("Pose"), TACET_GROUP_TOOLS, { "p" } },
  { "win.tool-hand", N_ ("Hand"), TACET_GROUP_TOOLS, { "h" } },
  { "win.brush-smaller", N_ ("Smaller brush"), TACET_GROUP_TOOLS, { "bracketleft" } },
  { "win.brush-larger", N_ ("Larger brush"), TACET_GROUP_TOOLS, { "bracketright" } },
  { "win.swap-colours", N_ ("Exchange the colours"), TACET_GROUP_TOOLS, { "x" } },
  { "win.default-colours", N_ ("Black on white, near on far"), TACET_GROUP_TOOLS, { "d" } },
  { "win.transform-apply", N_ ("Apply the transformation"), TACET_GROUP_TOOLS, { NULL } },
  { "win.transform-cancel", N_ ("Forget the transformation"), TACET_GROUP_TOOLS, { NULL } },
  { "win.transform-fit", N_ ("Fit the layer to the document"), TACET_GROUP_TOOLS, { NULL } },
  { "win.transform-mirror", N_ ("Flip the layer horizontally"), TACET_GROUP_TOOLS, { NULL } },
  { "win.transform-upside-down", N_ ("Flip the layer vertically"), TACET_GROUP_TOOLS, { NULL } },

  { "win.add-edge", N_ ("Add edges"), TACET_GROUP_LAYERS, { NULL } },
  { "win.add-depth", N_ ("Add a depth"), TACET_GROUP_LAYERS, { NULL } },
  { "win.add-pose", N_ ("Add a pose"), TACET_GROUP_LAYERS, { NULL } },
  { "win.add-region", N_ ("Add a region"), TACET_GROUP_LAYERS, { NULL } },
  { "win.add-mask", N_ ("Add a mask"), TACET_GROUP_LAYERS, { NULL } },
  { "win.add-picture", N_ ("Add a picture layer"), TACET_GROUP_LAYERS, { NULL } },
  { "win.add-edge-file", N_ ("Add an edge map from a file"), TACET_GROUP_LAYERS, { NULL } },
  { "win.add-depth-file", N_ ("Add a depth map from a file"), TACET_GROUP_LAYERS, { NULL } },
  { "win.add-picture-file", N_ ("Add a picture from a file"), TACET_GROUP_LAYERS, { NULL } },
  { "win.add-region-file", N_ ("Add a region from a file"), TACET_GROUP_LAYERS, { NULL } },
  { "win.add-mask-file", N_ ("Add a mask from a file"), TACET_GROUP_LAYERS, { NULL } },
  { "win.picture-fit::whole", N_ ("New pictures are seen whole"), TACET_GROUP_LAYERS, { NULL } },
  { "win.picture-fit::fill", N_ ("New pictures fill the canvas"), TACET_GROUP_LAYERS, { NULL } },
  { "win.picture-fit::stretch", N_ ("New pictures are stretched to the canvas"), TACET_GROUP_LAYERS, { NULL } },
  { "win.add-edge-from-picture", N_ ("Add the edges of a picture"), TACET_GROUP_LAYERS, { NULL } },
  { "win.import-map", N_ ("Import a map into the layer"), TACET_GROUP_LAYERS, { NULL },
    N_ ("Choose an edge or depth layer first.") },
  { "win.edges-from-picture", N_ ("Fill the layer with the edges of a picture"), TACET_GROUP_LAYERS, { NULL },
    N_ ("Choose an edge layer first.") },
  { "win.choose-control-model", N_ ("Choose the ControlNet of the layer"), TACET_GROUP_LAYERS, { NULL }, NEEDS_LAYER },
  { "win.layer-rename", N_ ("Rename the layer"), TACET_GROUP_LAYERS, { "F2" }, NEEDS_LAYER },
  { "win.layer-duplicate", N_ ("Duplicate the layer"), TACET_GROUP_LAYERS, { "<Control><Shift>d" }, NEEDS_LAYER },
  { "win.layer-merge-down", N_ ("Merge the layer with the one below"), TACET_GROUP_LAYERS, { "<Control>e" },
    N_ ("Choose a layer with another of its kind below it.") },
  { "win.layer-isolate", N_ ("Show the layer alone"), TACET_GROUP_LAYERS, { "Home" } },
  { "win.layer-toggle-eye", N_ ("Show or hide the layer"), TACET_GROUP_LAYERS, { NULL }, NEEDS_LAYER },
  { "win.layer-toggle-power", N_ ("Switch the layer on or off"), TACET_GROUP_LAYERS, { NULL }, NEEDS_LAYER },
  { "win.layer-lock", N_ ("Lock or unlock the layer"), TACET_GROUP_LAYERS, { NULL }, NEEDS_LAYER },
  { "win.layer-up", N_ ("Move the layer up"), TACET_GROUP_LAYERS, { NULL }, N_ ("It is the first of its group.") },
  { "win.layer-down", N_ ("Move the layer down"), TACET_GROUP_LAYERS, { NULL }, N_ ("It is the last of its group.") },
  { "win.layer-previous", N_ ("Previous layer"), TACET_GROUP_LAYERS, { "<Alt>bracketleft" } },
  { "win.layer-next", N_ ("Next layer"), TACET_GROUP_LAYERS, { "<Alt>bracketright" } },
  { "win.layer-fill-coverage", N_ ("Let the layer speak everywhere"), TACET_GROUP_LAYERS, { NULL }, NEEDS_AREA },
  { "win.layer-invert-coverage", N_ ("Invert where the layer speaks"), TACET_GROUP_LAYERS, { "<Shift>v" }, NEEDS_AREA },
  { "win.layer-rule-coverage", N_ ("Silence by the rule of the layer’s kind"), TACET_GROUP_LAYERS, { NULL },
    N_ ("Choose an edge or depth layer first.") },
  { "win.layer-convert-edge", N_ ("Convert the layer to edges"), TACET_GROUP_LAYERS, { NULL }, NEEDS_OTHER },
  { "win.layer-convert-depth", N_ ("Convert the layer to a depth"), TACET_GROUP_LAYERS, { NULL }, NEEDS_OTHER },
  { "win.layer-convert-pose", N_ ("Convert the layer to a pose"), TACET_GROUP_LAYERS, { NULL }, NEEDS_OTHER },
  { "win.layer-convert-region", N_ ("Convert the layer to a region"), TACET_GROUP_LAYERS, { NULL }, NEEDS_OTHER },
  { "win.layer-convert-mask", N_ ("Convert the layer to a mask"), TACET_GROUP_LAYERS, { NULL }, NEEDS_OTHER },
  { "win.layer-convert-picture", N_ ("Convert the layer to a picture layer"), TACET_GROUP_LAYERS, { NULL }, NEEDS_OTHER },
  { "win.layer-copy-to-edge", N_ ("Copy the layer to edges"), TACET_GROUP_LAYERS, { NULL }, NEEDS_OTHER },
  { "win.layer-copy-to-depth", N_ ("Copy the layer to a depth"), TACET_GROUP_LAYERS, { NULL }, NEEDS_OTHER },
  { "win.layer-copy-to-pose", N_ ("Copy the layer to a pose"), TACET_GROUP_LAYERS, { NULL }, NEEDS_OTHER },
  { "win.layer-copy-to-region", N_ ("Copy the layer to a region"), TACET_GROUP_LAYERS, { NULL }, NEEDS_OTHER },
  { "win.layer-copy-to-mask", N_ ("Copy the layer to a mask"), TACET_GROUP_LAYERS, { NULL }, NEEDS_OTHER },
  { "win.layer-copy-to-picture", N_ ("Copy the layer to a picture layer"), TACET_GROUP_LAYERS, { NULL }, NEEDS_OTHER },
  { "win.layer-clear", N_ ("Clear the layer"), TACET_GROUP_LAYERS, { NULL }, NEEDS_LAYER },
  { "win.layer-remove", N_ ("Delete the layer"), TACET_GROUP_LAYERS, { NULL }, NEEDS_LAYER },
  { "win.balance::minimal-impact", N_ ("Balance the controls automatically"), TACET_GROUP_LAYERS, { NULL } },
  { "win.balance::sum", N_ ("Add the controls up plainly"), TACET_GROUP_LAYERS, { NULL } },
  { "win.balance::star", N_ ("Balance plain controls"), TACET_GROUP_LAYERS, { NULL } },
  { "win.balance::weights", N_ ("Combine the controls by fixed weights"), TACET_GROUP_LAYERS, { NULL } },

  { "win.add-person", N_ ("Add a person"), TACET_GROUP_POSE, { NULL } },
  { "win.pose-next", N_ ("Next joint"), TACET_GROUP_POSE, { NULL } },
  { "win.pose-previous", N_ ("Previous joint"), TACET_GROUP_POSE, { NULL } },
  { "win.pose-hide", N_ ("Show or hide the joint"), TACET_GROUP_POSE, { NULL } },
  { "win.pose-hide-limb", N_ ("Show or hide the limb"), TACET_GROUP_POSE, { NULL }, NEEDS_PERSON },
  { "win.pose-hide-person", N_ ("Show or hide the person"), TACET_GROUP_POSE, { NULL }, NEEDS_PERSON },
  { "win.pose-lock", N_ ("Lock or unlock the part"), TACET_GROUP_POSE, { NULL }, NEEDS_PERSON },
  { "win.pose-flip", N_ ("Flip the person"), TACET_GROUP_POSE, { NULL }, NEEDS_PERSON },
  { "win.pose-add-hands", N_ ("Add hands"), TACET_GROUP_POSE, { NULL }, NEEDS_PERSON },
  { "win.pose-remove-hands", N_ ("Remove the hands"), TACET_GROUP_POSE, { NULL }, NEEDS_PERSON },
  { "win.pose-add-face", N_ ("Add a face"), TACET_GROUP_POSE, { NULL }, NEEDS_PERSON },
  { "win.pose-remove-face", N_ ("Remove the face"), TACET_GROUP_POSE, { NULL }, NEEDS_PERSON },
  { "win.pose-open", N_ ("Fingers singly, or the hand as one"), TACET_GROUP_POSE, { NULL }, NEEDS_PERSON },
  { "win.pose-copy", N_ ("Copy the person"), TACET_GROUP_POSE, { NULL }, NEEDS_PERSON },
  { "win.pose-paste", N_ ("Paste people"), TACET_GROUP_POSE, { NULL } },
  { "win.pose-duplicate", N_ ("Duplicate the person"), TACET_GROUP_POSE, { NULL }, NEEDS_PERSON },
  { "win.pose-forward", N_ ("Bring the person forward"), TACET_GROUP_POSE, { NULL }, NEEDS_PERSON },
  { "win.pose-backward", N_ ("Send the person back"), TACET_GROUP_POSE, { NULL }, NEEDS_PERSON },
  { "win.pose-remove", N_ ("Remove the person"), TACET_GROUP_POSE, { NULL }, NEEDS_PERSON },
  { "win.pose-keep-lengths", N_ ("Keep bone lengths"), TACET_GROUP_POSE, { NULL } },
  { "win.pose-add::standing", N_ ("Add a standing person"), TACET_GROUP_POSE, { NULL } },
  { "win.pose-add::at-ease", N_ ("Add a person at ease"), TACET_GROUP_POSE, { NULL } },
  { "win.pose-add::walking", N_ ("Add a walking person"), TACET_GROUP_POSE, { NULL } },
  { "win.pose-add::running", N_ ("Add a running person"), TACET_GROUP_POSE, { NULL } },
  { "win.pose-add::sitting", N_ ("Add a sitting person"), TACET_GROUP_POSE, { NULL } },
  { "win.pose-add::kneeling", N_ ("Add a kneeling person"), TACET_GROUP_POSE, { NULL } },
  { "win.pose-add::waving", N_ ("Add a waving person"), TACET_GROUP_POSE, { NULL } },
  { "win.pose-add::cheering", N_ ("Add a cheering person"), TACET_GROUP_POSE, { NULL } },
  { "win.pose-add::dancing", N_ ("Add a dancing person"), TACET_GROUP_POSE, { NULL } },
  { "win.pose-add::lying", N_ ("Add a lying person"), TACET_GROUP_POSE, { NULL } },
  { "win.pose-add::from-behind", N_ ("Add a person from behind"), TACET_GROUP_POSE, { NULL } },
  { "win.pose-add::portrait", N_ ("Add a portrait with hands and face"), TACET_GROUP_POSE, { NULL } },
  { "win.import-pose", N_ ("Import a pose"), TACET_GROUP_POSE, { NULL } },
  { "win.export-pose", N_ ("Export the pose"), TACET_GROUP_POSE, { NULL }, NEEDS_POSE },

  { "win.generate", N_ ("Generate"), TACET_GROUP_RUN, { "<Control>Return", "<Control>KP_Enter" } },
  { "win.generate-new-seed", N_ ("Generate with a new seed"), TACET_GROUP_RUN, { "<Control><Shift>Return" } },
  { "win.cancel", N_ ("Cancel the run"), TACET_GROUP_RUN, { "<Shift>x" }, NEEDS_RUN },
  { "win.random-seed", N_ ("New random seed"), TACET_GROUP_RUN, { "<Control>r" } },
  { "win.focus-prompt", N_ ("Edit the prompt"), TACET_GROUP_RUN, { "<Control>l" } },
  { "win.choose-model", N_ ("Choose the model"), TACET_GROUP_RUN, { NULL } },
  { "win.add-model-folder", N_ ("Add a folder with models"), TACET_GROUP_RUN, { NULL } },
  { "win.choose-vae", N_ ("Choose the VAE"), TACET_GROUP_RUN, { NULL } },
  { "win.add-lora", N_ ("Add a LoRA"), TACET_GROUP_RUN, { NULL } },
  { "win.result-apply", N_ ("Make the result a picture layer"), TACET_GROUP_RUN, { NULL }, NEEDS_CHOICE },
  { "win.result-apply-into", N_ ("Put the result into the chosen layer"), TACET_GROUP_RUN, { NULL }, NEEDS_CHOICE },
  { "win.result-as-edge", N_ ("Make the result edges"), TACET_GROUP_RUN, { NULL }, NEEDS_CHOICE },
  { "win.result-as-depth", N_ ("Make the result a depth"), TACET_GROUP_RUN, { NULL }, NEEDS_CHOICE },
  { "win.result-as-mask", N_ ("Make the result a mask"), TACET_GROUP_RUN, { NULL }, NEEDS_CHOICE },
  { "win.result-as-region", N_ ("Make the result a region"), TACET_GROUP_RUN, { NULL }, NEEDS_CHOICE },
  { "win.result-star", N_ ("Give the result a star, or take it"), TACET_GROUP_RUN, { NULL }, NEEDS_CHOICE },
  { "win.result-compare", N_ ("Compare results"), TACET_GROUP_RUN, { NULL }, NEEDS_CHOICE },
  { "win.result-reuse", N_ ("Reuse settings and seed of the result"), TACET_GROUP_RUN, { NULL }, NEEDS_CHOICE },
  { "win.result-copy-settings", N_ ("Copy the settings of the result"), TACET_GROUP_RUN, { NULL }, NEEDS_CHOICE },
  { "win.result-coefficients", N_ ("Show the coefficients of the result"), TACET_GROUP_RUN, { NULL }, NEEDS_CHOICE },
  { "win.result-discard", N_ ("Discard the result"), TACET_GROUP_RUN, { NULL }, NEEDS_CHOICE },
  { "win.result-previous", N_ ("Previous result"), TACET_GROUP_RUN, { "<Alt>Left" }, NEEDS_RESULT },
  { "win.result-next", N_ ("Next result"), TACET_GROUP_RUN, { "<Alt>Right" }, NEEDS_RESULT },
  { "win.result-switch::start", N_ ("Show what a run makes from its start"), TACET_GROUP_RUN, { NULL } },
  { "win.result-switch::finish", N_ ("Show what a run made when it is done"), TACET_GROUP_RUN, { NULL } },
  { "win.result-switch::off", N_ ("Keep what is shown during runs"), TACET_GROUP_RUN, { NULL } },
  { "win.previous-step", N_ ("Previous step"), TACET_GROUP_RUN, { "<Alt>comma" }, NEEDS_RESULT },
  { "win.next-step", N_ ("Next step"), TACET_GROUP_RUN, { "<Alt>period" }, NEEDS_RESULT },
  { "win.follow-steps", N_ ("Follow the steps of the run"), TACET_GROUP_RUN, { NULL } },
  { "win.show-table", N_ ("Coefficients as a table"), TACET_GROUP_RUN, { NULL } },

  { "win.zoom-in", N_ ("Zoom in"), TACET_GROUP_VIEW, { "<Control>plus", "<Control>equal", "<Control>KP_Add" } },
  { "win.zoom-out", N_ ("Zoom out"), TACET_GROUP_VIEW, { "<Control>minus", "<Control>KP_Subtract" } },
  { "win.zoom-fit", N_ ("Fit"), TACET_GROUP_VIEW, { "<Control>0" } },
  { "win.zoom-to(1.0)", N_ ("Zoom to 100 percent"), TACET_GROUP_VIEW, { "<Control>1" } },
  { "win.zoom-to(2.0)", N_ ("Zoom to 200 percent"), TACET_GROUP_VIEW, { "<Control>2" } },
  { "win.zoom-to(4.0)", N_ ("Zoom to 400 percent"), TACET_GROUP_VIEW, { "<Control>3" } },
  { "win.zoom-to(8.0)", N_ ("Zoom to 800 percent"), TACET_GROUP_VIEW, { "<Control>4" } },
  { "win.turn-left", N_ ("Turn the view left"), TACET_GROUP_VIEW, { "4", "KP_4" } },
  { "win.turn-right", N_ ("Turn the view right"), TACET_GROUP_VIEW, { "6", "KP_6" } },
  { "win.turn-upright", N_ ("Upright again"), TACET_GROUP_VIEW, { "5", "KP_5" } },
  { "win.mirror-view", N_ ("Mirror the view"), TACET_GROUP_VIEW, { "m" } },
  { "win.show-picture", N_ ("Picture or maps"), TACET_GROUP_VIEW, { "r" } },
  { "win.show-rulers", N_ ("Rulers"), TACET_GROUP_VIEW, { "<Control><Shift>r" } },
  { "win.show-hud", N_ ("Words in the corner of the canvas"), TACET_GROUP_VIEW, { NULL } },
  { "win.show-overlays", N_ ("Maps over the picture"), TACET_GROUP_VIEW, { "<Shift>h" } },
  { "win.show-diagnostics", N_ ("Coefficients"), TACET_GROUP_VIEW, { "F8" } },
  { "win.show-panel", N_ ("Panel of layers and prompt"), TACET_GROUP_VIEW, { "F9" } },
  { "win.panel-wider", N_ ("Wider panel"), TACET_GROUP_VIEW, { NULL } },
  { "win.panel-narrower", N_ ("Narrower panel"), TACET_GROUP_VIEW, { NULL } },
  { "win.toggle-panels", N_ ("Hide or show all panels"), TACET_GROUP_VIEW, { "Tab" }, NULL, TRUE },
  { "win.fullscreen", N_ ("Full screen"), TACET_GROUP_VIEW, { "F11" } },

  { "win.search-actions", N_ ("Search for an action"), TACET_GROUP_PROGRAM, { "<Control><Shift>p", "slash" } },
  { "win.preferences", N_ ("Preferences"), TACET_GROUP_PROGRAM, { "<Control>comma" } },
  { "win.next-pane", N_ ("Next part of the window"), TACET_GROUP_PROGRAM, { "F6" } },
  { "win.previous-pane", N_ ("Previous part of the window"), TACET_GROUP_PROGRAM, { "<Shift>F6" } },
  { "win.help", N_ ("First steps"), TACET_GROUP_PROGRAM, { "F1" } },
  { "win.show-shortcuts", N_ ("Keyboard shortcuts"), TACET_GROUP_PROGRAM, { "<Control>question" } },
  { "app.about", N_ ("About Tacet"), TACET_GROUP_PROGRAM, { NULL } },
  { "window.close", N_ ("Close the window"), TACET_GROUP_PROGRAM, { "<Control>w" } },
  { "app.quit", N_ ("Quit"), TACET_GROUP_PROGRAM, { "<Control>q" } },
};

static const TacetGesture gestures[] = {
  { N_ ("Straight line from the last stroke (hold while painting)"), TACET_GROUP_TOOLS, "Shift_L" },
  { N_ ("Size of the tool (hold and drag)"), TACET_GROUP_TOOLS, "f" },
  { N_ ("Finish what is unfinished"), TACET_GROUP_TOOLS, "Return" },
  { N_ ("Take back what is unfinished"), TACET_GROUP_TOOLS, "Escape" },
  { N_ ("Move the view (hold and drag)"), TACET_GROUP_VIEW, "space" },
  { N_ ("Next joint"), TACET_GROUP_POSE, "n" },
  { N_ ("Previous joint"), TACET_GROUP_POSE, "<Shift>n" },
  { N_ ("Move the joint by one pixel"), TACET_GROUP_POSE, "Left Right Up Down" },
  { N_ ("Move the joint by ten pixels"), TACET_GROUP_POSE, "<Shift>Left <Shift>Right" },
  { N_ ("Hide or show the joint"), TACET_GROUP_POSE, "Delete" },
  { N_ ("Main menu"), TACET_GROUP_PROGRAM, "F10" },
};
/* clang-format on */

const TacetAction *
tacet_actions_get (gsize *n)
{
  *n = G_N_ELEMENTS (actions);
  return actions;
}

const TacetAction *
tacet_actions_find (const char *name)
{
  for (gsize i = 0; i < G_N_ELEMENTS (actions); i++)
    if (g_strcmp0 (actions[i].name, name) == 0)
      return &actions[i];
  return NULL;
}

const TacetGesture *
tacet_actions_get_gestures (gsize *n)
{
  *n = G_N_ELEMENTS (gestures);
  return gestures;
}

const char *
tacet_actions_group_title (TacetActionGroup group)
{
  static const char *const titles[TACET_N_GROUPS] = { N_ ("Scene"), N_ ("Edit"), N_ ("Tools"), N_ ("Layers"),
                                                      N_ ("Pose"),  N_ ("Run"),  N_ ("View"),  N_ ("Program") };

  g_return_val_if_fail ((guint) group < TACET_N_GROUPS, "");
  return _ (titles[group]);
}

/* ---- matching ---- */

/* The letters of word in this order somewhere in text, the first at the start of one of its words. */
static gboolean
has_letters (const char *word, const char *text)
{
  for (const char *start = text; *start != '\0'; start = g_utf8_next_char (start))
    {
      const char *letter = word, *at = start;

      if (start != text && g_unichar_isalnum (g_utf8_get_char (g_utf8_prev_char (start))))
        continue;
      for (; *at != '\0' && *letter != '\0'; at = g_utf8_next_char (at))
        if (g_utf8_get_char (at) == g_utf8_get_char (letter))
          letter = g_utf8_next_char (letter);
      if (*letter == '\0')
        return TRUE;
    }
  return FALSE;
}

static int
match_word (const char *word, const char *text)
{
  const char *at = strstr (text, word);

  if (at == text)
    return 100;
  for (; at != NULL; at = strstr (at + 1, word))
    if (!g_unichar_isalnum (g_utf8_get_char (g_utf8_prev_char (at))))
      return 80;
  if (strstr (text, word) != NULL)
    return 50;
  return g_utf8_strlen (word, -1) >= 3 && has_letters (word, text) ? 20 : 0;
}

/* Accents are marks of their own in a decomposed text. */
static char *
fold (const char *text)
{
  g_autofree char *decomposed = g_utf8_normalize (text, -1, G_NORMALIZE_ALL);
  g_autofree char *cased = decomposed != NULL ? g_utf8_casefold (decomposed, -1) : g_strdup ("");
  GString *plain = g_string_new (NULL);

  for (const char *at = cased; *at != '\0'; at = g_utf8_next_char (at))
    if (!g_unichar_ismark (g_utf8_get_char (at)))
      g_string_append_unichar (plain, g_utf8_get_char (at));
  return g_string_free (plain, FALSE);
}

int
tacet_actions_match (const char *typed, const char *text)
{
  g_autofree char *folded = fold (text), *wanted = fold (typed);
  g_auto (GStrv) words = g_strsplit_set (wanted, " \t", -1);
  int score = 0, n = 0;

  for (int i = 0; words[i] != NULL; i++)
    {
      int fits = *words[i] != '\0' ? match_word (words[i], folded) : -1;

      if (fits == 0)
        return 0;
      if (fits > 0)
        {
          score += fits;
          n++;
        }
    }
  return n > 0 ? score / n : 1;
}
