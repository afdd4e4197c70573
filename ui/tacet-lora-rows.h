/* tacet-lora-rows.h: the LoRAs of the document: each with its weight, and a way to add one.  Room: ui. */
#pragma once

#include "engine/scene/tacet-scene.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define TACET_TYPE_LORA_ROWS (tacet_lora_rows_get_type ())
G_DECLARE_FINAL_TYPE (TacetLoraRows, tacet_lora_rows, TACET, LORA_ROWS, AdwExpanderRow)

/* New ones come by the window's action "win.add-lora". */
void tacet_lora_rows_set_scene (TacetLoraRows *self, TacetScene *scene);

G_END_DECLS
