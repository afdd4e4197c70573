/* tacet-layer-menu.c: the menu of a layer.  All its actions are the window's and work on the chosen layer.  Room: ui.
 */
#define G_LOG_DOMAIN "tacet-layer-menu"

#include "config.h"

#include "ui/tacet-layer-row.h"

#include <glib/gi18n.h>

const char *
tacet_layer_kind_icon (TacetLayerKind kind)
{
  static const char *const icons[TACET_N_LAYER_KINDS] = {
    "tacet-edge-symbolic",   "tacet-depth-symbolic", "tacet-pose-symbolic",
    "tacet-region-symbolic", "tacet-mask-symbolic",  "tacet-picture-symbolic",
  };

  return kind >= 0 && kind < TACET_N_LAYER_KINDS ? icons[kind] : "image-missing";
}

static void
append_section (GMenu *menu, GMenu *section)
{
  if (g_menu_model_get_n_items (G_MENU_MODEL (section)) > 0)
    g_menu_append_section (menu, NULL, G_MENU_MODEL (section));
  g_object_unref (section);
}

/* What fills it. */
static GMenu *
fill_section (TacetLayerKind kind)
{
  GMenu *menu = g_menu_new ();

  if (kind == TACET_LAYER_POSE)
    {
      g_menu_append (menu, _ ("Add _Person"), "win.add-person");
      g_menu_append (menu, _ ("_Import Pose…"), "win.import-pose");
      g_menu_append (menu, _ ("E_xport Pose…"), "win.export-pose");
    }
  else if (tacet_layer_kind_is_control (kind))
    g_menu_append (menu, _ ("_Import Map…"), "win.import-map");
  if (kind == TACET_LAYER_EDGE)
    g_menu_append (menu, _ ("Edges from Pict_ure…"), "win.edges-from-picture");
  if (tacet_layer_kind_is_control (kind))
    g_menu_append (menu, _ ("Choose Control_Net…"), "win.choose-control-model");
  return menu;
}

static GMenu *
edit_section (TacetLayerKind kind)
{
  GMenu *menu = g_menu_new ();

  g_menu_append (menu, _ ("Rena_me"), "win.layer-rename");
  g_menu_append (menu, _ ("Cop_y"), "win.copy");
  g_menu_append (menu, _ ("_Duplicate"), "win.layer-duplicate");
  g_menu_append (menu, _ ("Mer_ge Down"), "win.layer-merge-down");
  g_menu_append (menu, _ ("Show _Alone"), "win.layer-isolate");
  return menu;
}

/* All kinds but its own; to: the action's name up to the kind. */
static GMenu *
kinds_submenu (TacetLayerKind own, const char *to)
{
  GMenu *menu = g_menu_new ();

  for (int kind = 0; kind < TACET_N_LAYER_KINDS; kind++)
    {
      g_autofree char *action = g_strconcat (to, tacet_layer_kind_id (kind), NULL);
      g_autoptr (GMenuItem) item = g_menu_item_new (tacet_layer_kind_label (kind), action);

      if (kind != (int) own)
        g_menu_append_item (menu, item);
    }
  return menu;
}

static GMenu *
convert_section (TacetLayerKind kind)
{
  GMenu *menu = g_menu_new ();
  g_autoptr (GMenu) convert = kinds_submenu (kind, "win.layer-convert-");
  g_autoptr (GMenu) copy = kinds_submenu (kind, "win.layer-copy-to-");

  g_menu_append_submenu (menu, _ ("Con_vert To"), G_MENU_MODEL (convert));
  g_menu_append_submenu (menu, _ ("_Copy To"), G_MENU_MODEL (copy));
  return menu;
}

static GMenu *
area_section (TacetLayerKind kind)
{
  GMenu *menu = g_menu_new ();

  if (kind == TACET_LAYER_PICTURE)
    return menu;
  g_menu_append (menu, tacet_layer_kind_is_control (kind) ? _ ("Speak _Everywhere") : _ ("Cover _Everything"),
                 "win.layer-fill-coverage");
  g_menu_append (menu, tacet_layer_kind_is_control (kind) ? _ ("Swap _Silent and Spoken") : _ ("In_vert"),
                 "win.layer-invert-coverage");
  if (tacet_layer_kind_is_control (kind) && kind != TACET_LAYER_POSE)
    g_menu_append (menu, _ ("Silence by the _Rule of Its Kind"), "win.layer-rule-coverage");
  return menu;
}

static GMenu *
end_section (TacetLayerKind kind)
{
  GMenu *menu = g_menu_new ();

  if (tacet_layer_kind_is_control (kind))
    g_menu_append (menu, _ ("E_xport Map…"), "win.export-map");
  else
    g_menu_append (menu, _ ("E_xport as PNG…"), "win.export-map");
  g_menu_append (menu, _ ("Move _Up"), "win.layer-up");
  g_menu_append (menu, _ ("Move Do_wn"), "win.layer-down");
  g_menu_append (menu, _ ("C_lear"), "win.layer-clear");
  g_menu_append (menu, _ ("De_lete"), "win.layer-remove");
  return menu;
}

GMenuModel *
_tacet_layer_menu_new (TacetLayer *layer)
{
  TacetLayerKind kind = tacet_layer_get_kind (layer);
  GMenu *menu = g_menu_new ();

  append_section (menu, fill_section (kind));
  append_section (menu, edit_section (kind));
  append_section (menu, area_section (kind));
  append_section (menu, convert_section (kind));
  append_section (menu, end_section (kind));
  return G_MENU_MODEL (menu);
}
