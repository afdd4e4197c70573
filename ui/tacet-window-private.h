/* tacet-window-private.h: what the files of the window share.  Room: ui. */
#pragma once

#include "engine/scene/tacet-layer-problem.h"
#include "engine/scene/tacet-recovery.h"
#include "ui/tacet-busy.h"
#include "ui/tacet-canvas.h"
#include "ui/tacet-compare.h"
#include "ui/tacet-drop.h"
#include "ui/tacet-import.h"
#include "ui/tacet-diagnostics.h"
#include "ui/tacet-history-list.h"
#include "ui/tacet-layer-panel.h"
#include "ui/tacet-settings.h"
#include "ui/tacet-staging.h"
#include "ui/tacet-window.h"

G_BEGIN_DECLS

struct _TacetWindow
{
  AdwApplicationWindow parent_instance;

  /* template */
  AdwToastOverlay *toasts;
  AdwWindowTitle *title;
  AdwFlap *flap;
  GtkWidget *undo, *redo;
  GtkMenuButton *history_button;
  TacetHistoryList *history;
  AdwSplitButton *open;
  GtkMenuButton *main_menu;
  TacetCanvas *canvas;
  TacetStaging *staging;
  TacetCompare *compare;
  TacetDiagnostics *diagnostics;
  GtkWidget *diagnostics_revealer;
  TacetSettings *settings;
  TacetLayerPanel *layers;
  GtkWidget *layer_popover; /* the menu of the chosen layer, on the canvas; NULL: never asked for */
  GtkWidget *empty_hint;
  GtkMenuButton *zoom_menu;
  GtkBox *tool_strip;
  GtkStack *tool_options; /* a page for each tool, by its id */
  GtkLabel *tool_hint;
  GtkWidget *picture_switch;
  GtkStack *run_stack; /* "generate", "cancel" */
  AdwSplitButton *generate;
  GtkWidget *cancel;
  GtkProgressBar *progress_bar;
  GtkLabel *status;

  TacetPreferences *preferences;
  TacetShortcuts *shortcuts;
  TacetBusy *busy;            /* over the canvas, as are */
  TacetDropZones *drop_zones; /* seen while something is dragged over it */
  GtkWidget *action_search;   /* NULL: closed */
  GtkLabel *layer_hint;       /* over the canvas, while the chosen layer is empty */
  GtkWidget *model_hint;      /* a button beside the reason why nothing can be generated */
  GMenu *recent_menu;         /* owned by the menu beside Open */
  char *wanted_path;          /* to be opened when nothing unsaved is at risk */
  gboolean panels_hidden, panel_was_shown, diagnostics_were_shown;

  /* a key that is held, and the tool and its uses when it went down (tacet-window-tools.c) */
  guint lent_code, lent_uses;
  TacetToolId lent_from;

  TacetModelStock *stock; /* NULL: not looked yet */
  GCancellable *stocking;
  char *layer_problems; /* that no run can begin with; NULL: none */
  guint problems_source;

  GHashTable *enabled; /* action to 1 (can be used) or 2 */

  /* document */
  TacetScene *scene;
  char *path;     /* NULL: never saved */
  char *origin;   /* the file that was opened, or NULL; saving asks before it takes that */
  guint n_opened; /* files that were asked for: only the newest counts */
  char *example;
  gboolean may_close;
  char *recovery_folder;   /* NULL: no copies of unsaved work */
  TacetRecovery *recovery; /* NULL: there can be none */

  /* run */
  TacetEngineThread *engine;
  char **model_folders;
  GCancellable *running;         /* NULL: no run */
  TacetProgress *progress;       /* newest of the current or last run */
  TacetRequest *request;         /* of the current or last run */
  TacetScene *snapshot;          /* the document when the run began */
  TacetImage *result;            /* the chosen result, or NULL */
  TacetCandidate *result_before; /* which one was chosen when the run began */
  TacetCandidate *compared;      /* the one that the chosen one is compared with, or NULL */
  GPtrArray *run_controls;       /* of TacetLayer, as in the request */
  int run_colours[TACET_MAX_CONTROLS];
};

/* --- layers (tacet-window-layers.c) --- */

void _tacet_window_class_init_layers (GtkWidgetClass *class);
void _tacet_window_init_layers (TacetWindow *self);
void _tacet_window_dispose_layers (TacetWindow *self);
void _tacet_window_update_layer_actions (TacetWindow *self);

/* --- results (tacet-window-results.c) --- */

void _tacet_window_class_init_results (GtkWidgetClass *class);
void _tacet_window_init_results (TacetWindow *self, GMenuModel *menu);
void _tacet_window_set_results_scene (TacetWindow *self, TacetScene *scene);
void _tacet_window_update_result_actions (TacetWindow *self);
/* The action that says when the canvas goes over to what a run makes is the preference. */
void _tacet_window_follow_result_switch (TacetWindow *self);
/* A run begins; it has a new progress; it ends (result NULL: without one). */
void _tacet_window_begin_results (TacetWindow *self);
void _tacet_window_show_preview (TacetWindow *self);
void _tacet_window_end_results (TacetWindow *self, TacetResult *result);
/* The colours of the controls of a run: by their places in the document when it began; returns their number. */
int _tacet_window_run_colours (TacetScene *scene, int colours[TACET_MAX_CONTROLS]);

/* --- everything else --- */

void _tacet_window_class_init_actions (GtkWidgetClass *class);
void _tacet_window_init_actions (TacetWindow *self);
void _tacet_window_class_init_tools (GtkWidgetClass *class);
void _tacet_window_init_tools (TacetWindow *self);
/* Options of the tools, from and to the preferences. */
void _tacet_window_restore_tools (TacetWindow *self);
void _tacet_window_keep_tools (TacetWindow *self);
void _tacet_window_class_init_pose (GtkWidgetClass *class);
void _tacet_window_init_pose (TacetWindow *self);
void _tacet_window_update_pose (TacetWindow *self);
void _tacet_window_enable (TacetWindow *self, const char *action, gboolean enabled);
/* Which actions can be used now, and why the picture cannot be made. */
void _tacet_window_update_actions (TacetWindow *self);

/* --- what is installed, and what keeps layers from working (tacet-window-problems.c) --- */

void _tacet_window_init_problems (TacetWindow *self);
void _tacet_window_clear_problems (TacetWindow *self);
/* Looks again, in the background. */
void _tacet_window_look_for_models (TacetWindow *self);
/* NULL: not known yet. */
const TacetModelStock *_tacet_window_get_stock (TacetWindow *self);
/* Now; or soon, after a change of the document. */
void _tacet_window_update_problems (TacetWindow *self);
void _tacet_window_queue_problems (TacetWindow *self);

/* --- preferences and keys (tacet-window-preferences.c) --- */

void _tacet_window_class_init_preferences (GtkWidgetClass *class);
void _tacet_window_init_preferences (TacetWindow *self);
void _tacet_window_dispose_preferences (TacetWindow *self);
/* What history and results may take, to the document. */
void _tacet_window_update_budgets (TacetWindow *self);
/* Size and panels, for the next start. */
void _tacet_window_keep_state (TacetWindow *self);

/* --- what stands where nothing is yet (tacet-window-hints.c) --- */

void _tacet_window_class_init_hints (GtkWidgetClass *class);
void _tacet_window_init_hints (TacetWindow *self);
void _tacet_window_update_hints (TacetWindow *self);
void _tacet_window_update_model_hint (TacetWindow *self);

/* --- parts of the window (tacet-window-panes.c) --- */

void _tacet_window_class_init_panes (GtkWidgetClass *class);
void _tacet_window_init_panes (TacetWindow *self);
void _tacet_window_show_panels (TacetWindow *self); /* those that were hidden together */

/* --- scenes that were open before (tacet-window-recent.c) --- */

void _tacet_window_class_init_recent (GtkWidgetClass *class);
void _tacet_window_init_recent (TacetWindow *self);
void _tacet_window_remember_document (TacetWindow *self, const char *path);

void _tacet_window_generate (TacetWindow *self);
void _tacet_window_cancel (TacetWindow *self);
/* Every reason why nothing can be generated, one a line; NULL: it can. */
char *_tacet_window_why_not (TacetWindow *self);
/* The line above the button; reason: why nothing can be generated. */
void _tacet_window_set_status (TacetWindow *self, const char *text, gboolean reason);
/* Forgets what the last run left. */
void _tacet_window_clear_run (TacetWindow *self);

/* --- asking for a file (tacet-window-ask.c) --- */

typedef void (*TacetFileFunc) (TacetWindow *self, const char *path, gpointer data);
/* Set it up further, then show it with _tacet_window_ask_now ().  free_data: NULL or for data. */
GtkFileChooser *_tacet_window_ask_file (TacetWindow *self, GtkFileChooserAction action, const char *title,
                                        const char *accept, TacetFileFunc func, gpointer data,
                                        GDestroyNotify free_data);
/* One or more, to be opened. */
typedef void (*TacetFilesFunc) (TacetWindow *self, const char *const *paths, gpointer data);
GtkFileChooser *_tacet_window_ask_files (TacetWindow *self, const char *title, TacetFilesFunc func, gpointer data,
                                         GDestroyNotify free_data);
void _tacet_window_ask_now (GtkFileChooser *chooser);
void _tacet_window_add_filter (GtkFileChooser *chooser, const char *name, const char *suffix);
void _tacet_window_add_picture_filter (GtkFileChooser *chooser);
void _tacet_window_add_open_filters (GtkFileChooser *chooser); /* everything that is opened as a document */
void _tacet_window_start_in_folder (TacetWindow *self, GtkFileChooser *chooser);
/* With or without the suffix typed, the file has it. */
char *_tacet_with_suffix (const char *path, const char *suffix);

/* --- documents and files --- */

void _tacet_window_set_scene (TacetWindow *self, TacetScene *scene, const char *path);
void _tacet_window_ask_open (TacetWindow *self);
void _tacet_window_open_path (TacetWindow *self, const char *path); /* by a thread if it is large */
void _tacet_window_save (TacetWindow *self);
void _tacet_window_save_as (TacetWindow *self);
void _tacet_window_save_picture (TacetWindow *self);
void _tacet_window_choose_model (TacetWindow *self);
void _tacet_window_choose_vae (TacetWindow *self);
void _tacet_window_add_lora (TacetWindow *self);
void _tacet_window_choose_control_model (TacetWindow *self, TacetLayer *control);
/* Asks for a picture file, which becomes the map of the control. */
void _tacet_window_import (TacetWindow *self, TacetLayer *control, gboolean find_edges);
/* People of a pose file, into the selected pose or a new one; and the other way. */
void _tacet_window_import_pose (TacetWindow *self);
void _tacet_window_import_pose_file (TacetWindow *self, const char *path);
void _tacet_window_export_pose (TacetWindow *self, TacetLayer *control);
/* --- pictures in and out (tacet-window-pictures.c, -drop.c, -clipboard.c, -export.c) --- */

void _tacet_window_class_init_pictures (GtkWidgetClass *class);
void _tacet_window_init_pictures (TacetWindow *self);
/* sources: of TacetSource, taken.  Each becomes a layer; all of them together are one undo step. */
void _tacet_window_import_sources (TacetWindow *self, GPtrArray *sources, TacetImportAs as);
/* What was left out of something that was read. */
void _tacet_window_report_notes (TacetWindow *self, GPtrArray *notes);
void _tacet_window_init_drop (TacetWindow *self);
/* A picture that does not say how it was made: it is opened as a new document that starts from it.  Looks into the
 * head of the file only. */
gboolean _tacet_window_is_plain_picture (const char *path);
void _tacet_window_open_picture (TacetWindow *self, const char *path);

void _tacet_window_class_init_clipboard (GtkWidgetClass *class);
void _tacet_window_update_clipboard_actions (TacetWindow *self);
/* The media type of a picture that can be read here, the best one first; NULL: none. */
const char *_tacet_window_find_image (GdkContentFormats *formats);
/* Reads what was dropped, as a picture or as a layer of Tacet's, and ends the drop. */
void _tacet_window_take_image (TacetWindow *self, GdkDrop *drop, TacetImportAs as);
void _tacet_window_take_layer (TacetWindow *self, GdkDrop *drop);

void _tacet_window_class_init_export (GtkWidgetClass *class);
void _tacet_window_update_export_actions (TacetWindow *self);
/* Calls func once the user agrees that those of the files that exist are replaced.  asked: the one about which the
 * chooser has asked already, or NULL.  free_data: NULL or for data. */
void _tacet_window_guard_files (TacetWindow *self, const char *const *paths, const char *asked, TacetFilesFunc func,
                                gpointer data, GDestroyNotify free_data);

/* Runs `then` once nothing unsaved is at risk. */
void _tacet_window_guard_unsaved (TacetWindow *self, void (*then) (TacetWindow *self));

void _tacet_window_select (TacetWindow *self, TacetLayer *control);
/* A short sentence, gone after a while. */
void _tacet_window_toast (TacetWindow *self, const char *text);
/* The same with a button that takes the step back which it tells of. */
void _tacet_window_toast_undo (TacetWindow *self, const char *text);
/* What went wrong, in whole: a toast with a button if it is long. */
void _tacet_window_report (TacetWindow *self, const char *what, const char *why);

G_END_DECLS
