/* tacet-lora-rows.c: see tacet-lora-rows.h.  Room: ui. */
#define G_LOG_DOMAIN "tacet-lora-rows"

#include "config.h"

#include "ui/tacet-lora-rows.h"

#include <glib/gi18n.h>

struct _TacetLoraRows
{
  AdwExpanderRow parent_instance;

  TacetScene *scene;
  GPtrArray *rows; /* of AdwActionRow, as the document has them; borrowed */
  gboolean syncing;
};

G_DEFINE_FINAL_TYPE (TacetLoraRows, tacet_lora_rows, ADW_TYPE_EXPANDER_ROW)

static GtkSpinButton *
spin_of (GtkWidget *row)
{
  return GTK_SPIN_BUTTON (g_object_get_data (G_OBJECT (row), "weight"));
}

static guint
index_of (TacetLoraRows *self, gpointer row)
{
  guint index = 0;

  g_ptr_array_find (self->rows, row, &index);
  return index;
}

/* A copy of what the document has, without number `left_out`. */
static GPtrArray *
copy_loras (TacetLoraRows *self, int left_out)
{
  GPtrArray *old = tacet_scene_get_loras (self->scene);
  GPtrArray *loras = g_ptr_array_new_with_free_func ((GDestroyNotify) tacet_lora_free);

  for (guint i = 0; old != NULL && i < old->len; i++)
    {
      const TacetLora *lora = old->pdata[i];

      if ((int) i != left_out)
        g_ptr_array_add (loras, tacet_lora_new (lora->path, lora->weight));
    }
  return loras;
}

static void
weight_changed_cb (GtkSpinButton *spin, GtkWidget *row)
{
  TacetLoraRows *self = TACET_LORA_ROWS (g_object_get_data (G_OBJECT (row), "list"));
  g_autoptr (GPtrArray) loras = NULL;
  guint index = index_of (self, row);

  if (self->syncing || self->scene == NULL)
    return;
  loras = copy_loras (self, -1);
  if (index >= loras->len)
    return;
  ((TacetLora *) loras->pdata[index])->weight = gtk_spin_button_get_value (spin);
  tacet_scene_set_loras (self->scene, loras);
}

static void
remove_clicked_cb (GtkButton *button, GtkWidget *row)
{
  TacetLoraRows *self = TACET_LORA_ROWS (g_object_get_data (G_OBJECT (row), "list"));
  g_autoptr (GPtrArray) loras = copy_loras (self, (int) index_of (self, row));

  tacet_scene_set_loras (self->scene, loras);
}

static GtkWidget *
make_row (TacetLoraRows *self, const TacetLora *lora)
{
  GtkWidget *row = adw_action_row_new (), *remove = gtk_button_new_from_icon_name ("user-trash-symbolic");
  GtkWidget *spin = gtk_spin_button_new_with_range (-TACET_SCENE_MAX_LORA_WEIGHT, TACET_SCENE_MAX_LORA_WEIGHT, 0.05);
  g_autofree char *name = g_path_get_basename (lora->path), *escaped = g_markup_escape_text (name, -1);
  /* Translators: accessible names; %s is the name of a LoRA */
  g_autofree char *weight_label = g_strdup_printf (_ ("Weight of %s"), name);
  g_autofree char *remove_label = g_strdup_printf (_ ("Remove %s"), name);

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), escaped);
  adw_action_row_set_title_lines (ADW_ACTION_ROW (row), 1);
  gtk_widget_set_tooltip_text (row, lora->path);
  gtk_spin_button_set_digits (GTK_SPIN_BUTTON (spin), 2);
  gtk_widget_set_valign (spin, GTK_ALIGN_CENTER);
  gtk_accessible_update_property (GTK_ACCESSIBLE (spin), GTK_ACCESSIBLE_PROPERTY_LABEL, weight_label, -1);
  gtk_widget_set_valign (remove, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (remove, "flat");
  gtk_widget_set_tooltip_text (remove, _ ("Remove"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (remove), GTK_ACCESSIBLE_PROPERTY_LABEL, remove_label, -1);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), spin);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), remove);
  g_object_set_data (G_OBJECT (row), "weight", spin);
  g_object_set_data (G_OBJECT (row), "list", self);
  g_object_set_data_full (G_OBJECT (row), "path", g_strdup (lora->path), g_free);
  g_signal_connect (spin, "value-changed", G_CALLBACK (weight_changed_cb), row);
  g_signal_connect (remove, "clicked", G_CALLBACK (remove_clicked_cb), row);
  return row;
}

static gboolean
same_paths (TacetLoraRows *self, GPtrArray *loras)
{
  guint n = loras != NULL ? loras->len : 0;

  if (n != self->rows->len)
    return FALSE;
  for (guint i = 0; i < n; i++)
    if (g_strcmp0 (((TacetLora *) loras->pdata[i])->path, g_object_get_data (self->rows->pdata[i], "path")) != 0)
      return FALSE;
  return TRUE;
}

static void
scene_changed_cb (TacetLoraRows *self)
{
  GPtrArray *loras = tacet_scene_get_loras (self->scene);
  guint n = loras != NULL ? loras->len : 0;
  g_autofree char *subtitle = n > 0 ? g_strdup_printf ("%u", n) : g_strdup (_ ("None"));

  self->syncing = TRUE;
  if (!same_paths (self, loras))
    {
      for (guint i = 0; i < self->rows->len; i++)
        adw_expander_row_remove (ADW_EXPANDER_ROW (self), self->rows->pdata[i]);
      g_ptr_array_set_size (self->rows, 0);
      for (guint i = 0; i < n; i++)
        {
          GtkWidget *row = make_row (self, loras->pdata[i]);

          g_ptr_array_add (self->rows, row);
          adw_expander_row_add_row (ADW_EXPANDER_ROW (self), row);
        }
      adw_expander_row_set_subtitle (ADW_EXPANDER_ROW (self), subtitle);
    }
  for (guint i = 0; i < n; i++)
    gtk_spin_button_set_value (spin_of (self->rows->pdata[i]), ((TacetLora *) loras->pdata[i])->weight);
  self->syncing = FALSE;
}

void
tacet_lora_rows_set_scene (TacetLoraRows *self, TacetScene *scene)
{
  if (self->scene != NULL)
    g_signal_handlers_disconnect_by_func (self->scene, scene_changed_cb, self);
  g_set_object (&self->scene, scene);
  if (scene == NULL)
    return;
  g_signal_connect_object (scene, "changed", G_CALLBACK (scene_changed_cb), self, G_CONNECT_SWAPPED);
  scene_changed_cb (self);
}

static void
tacet_lora_rows_dispose (GObject *object)
{
  tacet_lora_rows_set_scene (TACET_LORA_ROWS (object), NULL);
  G_OBJECT_CLASS (tacet_lora_rows_parent_class)->dispose (object);
}

static void
tacet_lora_rows_finalize (GObject *object)
{
  g_clear_pointer (&TACET_LORA_ROWS (object)->rows, g_ptr_array_unref);
  G_OBJECT_CLASS (tacet_lora_rows_parent_class)->finalize (object);
}

static void
tacet_lora_rows_class_init (TacetLoraRowsClass *class)
{
  G_OBJECT_CLASS (class)->dispose = tacet_lora_rows_dispose;
  G_OBJECT_CLASS (class)->finalize = tacet_lora_rows_finalize;
}

static void
tacet_lora_rows_init (TacetLoraRows *self)
{
  GtkWidget *add = gtk_button_new_from_icon_name ("list-add-symbolic");

  self->rows = g_ptr_array_new ();
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self), _ ("LoRAs"));
  adw_expander_row_set_subtitle (ADW_EXPANDER_ROW (self), _ ("None"));
  gtk_actionable_set_action_name (GTK_ACTIONABLE (add), "win.add-lora");
  gtk_widget_set_valign (add, GTK_ALIGN_CENTER);
  gtk_widget_set_tooltip_text (add, _ ("Add a LoRA"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (add), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Add a LoRA"), -1);
  gtk_widget_add_css_class (add, "flat");
  adw_expander_row_add_action (ADW_EXPANDER_ROW (self), add);
}
