/* tacet-settings.h: prompt, negative prompt and how the picture is made.
 *
 * Room: ui.  Shows and changes the scene; every change can be undone there.
 */
#pragma once

#include "engine/scene/tacet-scene.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define TACET_TYPE_SETTINGS (tacet_settings_get_type ())
G_DECLARE_FINAL_TYPE (TacetSettings, tacet_settings, TACET, SETTINGS, GtkWidget)

void tacet_settings_set_scene (TacetSettings *self, TacetScene *scene);
GtkTextBuffer *tacet_settings_get_prompt_buffer (TacetSettings *self);
void tacet_settings_focus_prompt (TacetSettings *self);

G_END_DECLS
