/* tacet-people-list.c: persons and their parts as a list, with eye, lock and group.
 *
 * Room: ui.  The list and the canvas show one selection.  It is made when it is looked at, and only what has changed is
 * set afterwards, so that the focus stays where it is.
 */
#define G_LOG_DOMAIN "tacet-people-list"

#include "config.h"

#include "ui/tacet-canvas.h"
#include "ui/tacet-tool-pose.h"
#include "ui/tacet-window-pose.h"

#include <glib/gi18n.h>

#define TACET_TYPE_PEOPLE_LIST (tacet_people_list_get_type ())
G_DECLARE_FINAL_TYPE (TacetPeopleList, tacet_people_list, TACET, PEOPLE_LIST, GtkBox)

struct _TacetPeopleList
{
  GtkBox parent_instance;

  TacetTool *tool;
  TacetLayer *layer; /* that is listened to, or NULL */
  GtkListBox *list;
  GtkWidget *scrolled, *nobody;
  GArray *shape; /* of guint16: `has` of each person in the list */
};

G_DEFINE_FINAL_TYPE (TacetPeopleList, tacet_people_list, GTK_TYPE_BOX)

typedef enum
{
  TOGGLE_EYE,
  TOGGLE_LOCK,
  TOGGLE_GROUP,
  N_TOGGLES,
} Toggle;

typedef struct
{
  int person;
  TacetBodyPart part;
  GtkToggleButton *toggles[N_TOGGLES]; /* NULL: it has none */
} Row;

static const TacetBodyPart parts[] = { TACET_BODY_HEAD,       TACET_BODY_FACE,     TACET_BODY_RIGHT_ARM,
                                       TACET_BODY_RIGHT_HAND, TACET_BODY_LEFT_ARM, TACET_BODY_LEFT_HAND,
                                       TACET_BODY_RIGHT_LEG,  TACET_BODY_LEFT_LEG };

static gboolean
get_state (const TacetPerson *person, TacetBodyPart part, Toggle toggle)
{
  switch (toggle)
    {
    case TOGGLE_EYE:
      return tacet_person_shows_part (person, part);
    case TOGGLE_LOCK:
      return (person->locked & (1u << part)) != 0;
    default:
      return (person->open & (1u << part)) != 0;
    }
}

/* ---- changes ---- */

static void
toggle_clicked_cb (GtkWidget *button, TacetPeopleList *self)
{
  GtkWidget *widget = gtk_widget_get_ancestor (button, GTK_TYPE_LIST_BOX_ROW);
  Row *row = g_object_get_data (G_OBJECT (widget), "row");
  int n_people, toggle = 0;
  const TacetPerson *people = tacet_tool_pose_get_people (self->tool, &n_people);
  static const char *const names[N_TOGGLES][2] = { { N_ ("Hide Part"), N_ ("Show Part") },
                                                   { N_ ("Unlock Part"), N_ ("Lock Part") },
                                                   { N_ ("Close Group"), N_ ("Open Group") } };
  TacetPerson person;
  gboolean on;

  while (toggle < N_TOGGLES - 1 && row->toggles[toggle] != GTK_TOGGLE_BUTTON (button))
    toggle++;
  if (people == NULL || row->person >= n_people)
    return;
  person = people[row->person];
  on = !get_state (&person, row->part, toggle);
  if (toggle == TOGGLE_EYE)
    tacet_person_show_part (&person, row->part, on);
  else if (toggle == TOGGLE_LOCK)
    person.locked ^= (guint16) (1u << row->part);
  else
    person.open ^= (guint16) (1u << row->part);
  tacet_tool_pose_change (self->tool, row->person, &person, _ (names[toggle][on]));
}

static void
row_selected_cb (TacetPeopleList *self, GtkListBoxRow *widget)
{
  Row *row = widget != NULL ? g_object_get_data (G_OBJECT (widget), "row") : NULL;
  TacetPoseRef ref = { -1, TACET_BODY_PERSON, -1 };
  int n_people;
  const TacetPerson *people = tacet_tool_pose_get_people (self->tool, &n_people);

  if (row == NULL || people == NULL || row->person >= n_people)
    return;
  ref.person = row->person;
  if (tacet_body_part_is_group (row->part))
    ref.part = row->part;
  /* A limb is told by its first joint. */
  for (int i = 0; i < TACET_POSE_JOINTS && row->part != TACET_BODY_PERSON && ref.part == TACET_BODY_PERSON; i++)
    if (tacet_point_part (i) == row->part)
      {
        ref.point = i;
        break;
      }
  tacet_tool_pose_select (self->tool, ref);
}

/* ---- rows ---- */

static void
set_toggle (GtkToggleButton *button, Toggle toggle, gboolean on)
{
  static const char *const icons[N_TOGGLES][2] = { { "view-conceal-symbolic", "view-reveal-symbolic" },
                                                   { "changes-allow-symbolic", "changes-prevent-symbolic" },
                                                   { "tacet-hand-symbolic", "view-grid-symbolic" } };

  gtk_toggle_button_set_active (button, on);
  gtk_button_set_icon_name (GTK_BUTTON (button), icons[toggle][on ? 1 : 0]);
}

static GtkToggleButton *
toggle_new (TacetPeopleList *self, Toggle toggle, const char *spoken)
{
  static const char *const tips[N_TOGGLES] = { N_ ("Visible"), N_ ("Locked"), N_ ("Points move singly") };
  GtkWidget *button = gtk_toggle_button_new ();
  /* Translators: a switch in the list of people: what it switches, and of what: "Locked: Right arm of person 2" */
  g_autofree char *label = g_strdup_printf (_ ("%s: %s"), _ (tips[toggle]), spoken);

  gtk_widget_add_css_class (button, "flat");
  gtk_widget_add_css_class (button, "quiet");
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_widget_set_tooltip_text (button, _ (tips[toggle]));
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
  g_signal_connect (button, "clicked", G_CALLBACK (toggle_clicked_cb), self);
  return GTK_TOGGLE_BUTTON (button);
}

static void
add_row (TacetPeopleList *self, int person, TacetBodyPart part)
{
  GtkWidget *widget = gtk_list_box_row_new (), *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0), *label;
  Row *row = g_new0 (Row, 1);
  g_autofree char *name = part == TACET_BODY_PERSON ? g_strdup_printf (_ ("Person %d"), person + 1) : NULL;
  g_autofree char *spoken = NULL;
  const char *part_name = tacet_pose_part_name (part);

  row->person = person;
  row->part = part;
  /* Translators: "Right arm of person 2" */
  spoken = name ? g_strdup (name) : g_strdup_printf (_ ("%s of person %d"), part_name, person + 1);
  label = gtk_label_new (name ? name : part_name);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_set_hexpand (label, TRUE);
  gtk_widget_set_margin_start (label, part == TACET_BODY_PERSON ? 6 : 24);
  gtk_widget_set_margin_end (label, 12);
  if (part == TACET_BODY_PERSON)
    gtk_widget_add_css_class (label, "heading");
  gtk_box_append (GTK_BOX (box), label);
  for (int i = N_TOGGLES - 1; i >= 0; i--)
    if (i != TOGGLE_GROUP || tacet_body_part_is_group (part))
      {
        row->toggles[i] = toggle_new (self, i, spoken);
        gtk_box_append (GTK_BOX (box), GTK_WIDGET (row->toggles[i]));
      }
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (widget), box);
  gtk_accessible_update_property (GTK_ACCESSIBLE (widget), GTK_ACCESSIBLE_PROPERTY_LABEL, spoken, -1);
  g_object_set_data_full (G_OBJECT (widget), "row", row, g_free);
  gtk_list_box_append (self->list, widget);
}

static gboolean
has_shape (TacetPeopleList *self, const TacetPerson *people, int n_people)
{
  if ((int) self->shape->len != n_people)
    return FALSE;
  for (int p = 0; p < n_people; p++)
    if (g_array_index (self->shape, guint16, p) != people[p].has)
      return FALSE;
  return TRUE;
}

/* The uppermost person first, as in the list of layers. */
static void
make_rows (TacetPeopleList *self, const TacetPerson *people, int n_people)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->list))) != NULL)
    gtk_list_box_remove (self->list, child);
  g_array_set_size (self->shape, 0);
  for (int p = 0; p < n_people; p++)
    g_array_append_val (self->shape, people[p].has);
  for (int p = n_people - 1; p >= 0; p--)
    {
      add_row (self, p, TACET_BODY_PERSON);
      for (gsize i = 0; i < G_N_ELEMENTS (parts); i++)
        if (tacet_person_has (&people[p], parts[i]))
          add_row (self, p, parts[i]);
    }
}

static void
refresh (TacetPeopleList *self)
{
  TacetPoseRef selected = tacet_tool_pose_get_selection (self->tool);
  TacetBodyPart part = selected.point >= 0 ? tacet_point_part (selected.point) : selected.part;
  int n_people;
  const TacetPerson *people = tacet_tool_pose_get_people (self->tool, &n_people);
  GtkWidget *widget;
  gboolean found = FALSE;

  if (!gtk_widget_get_mapped (GTK_WIDGET (self)))
    return;
  g_signal_handlers_block_by_func (self->list, row_selected_cb, self);
  if (!has_shape (self, people, n_people))
    make_rows (self, people, n_people);
  for (widget = gtk_widget_get_first_child (GTK_WIDGET (self->list)); widget != NULL;
       widget = gtk_widget_get_next_sibling (widget))
    {
      Row *row = g_object_get_data (G_OBJECT (widget), "row");

      for (int i = 0; i < N_TOGGLES; i++)
        if (row->toggles[i] != NULL)
          set_toggle (row->toggles[i], i, get_state (&people[row->person], row->part, i));
      if (row->person == selected.person && row->part == part)
        {
          gtk_list_box_select_row (self->list, GTK_LIST_BOX_ROW (widget));
          found = TRUE;
        }
    }
  if (!found)
    gtk_list_box_unselect_all (self->list);
  g_signal_handlers_unblock_by_func (self->list, row_selected_cb, self);
  gtk_widget_set_visible (self->scrolled, n_people > 0);
  gtk_widget_set_visible (self->nobody, n_people == 0);
}

static void
layer_changed_cb (TacetPeopleList *self)
{
  TacetLayer *layer = tacet_tool_get_layer (self->tool);

  if (layer != self->layer)
    {
      if (self->layer != NULL)
        g_signal_handlers_disconnect_by_func (self->layer, refresh, self);
      g_set_object (&self->layer, layer);
      if (layer != NULL)
        g_signal_connect_object (layer, "map-changed", G_CALLBACK (refresh), self, G_CONNECT_SWAPPED);
    }
  refresh (self);
}

static void
tacet_people_list_finalize (GObject *object)
{
  TacetPeopleList *self = TACET_PEOPLE_LIST (object);

  g_clear_object (&self->layer);
  g_clear_object (&self->tool);
  g_array_unref (self->shape);
  G_OBJECT_CLASS (tacet_people_list_parent_class)->finalize (object);
}

static void
tacet_people_list_class_init (TacetPeopleListClass *class)
{
  G_OBJECT_CLASS (class)->finalize = tacet_people_list_finalize;
}

static void
tacet_people_list_init (TacetPeopleList *self)
{
  GtkWidget *list = gtk_list_box_new (), *scrolled = gtk_scrolled_window_new ();

  self->shape = g_array_new (FALSE, FALSE, sizeof (guint16));
  self->list = GTK_LIST_BOX (list);
  self->scrolled = scrolled;
  self->nobody = gtk_label_new (_ ("Nobody is here yet. Add a person."));
  gtk_widget_add_css_class (self->nobody, "dim-label");
  gtk_widget_add_css_class (list, "navigation-sidebar");
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), list);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scrolled), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_propagate_natural_height (GTK_SCROLLED_WINDOW (scrolled), TRUE);
  gtk_scrolled_window_set_max_content_height (GTK_SCROLLED_WINDOW (scrolled), 420);
  gtk_widget_set_size_request (scrolled, 280, -1);
  gtk_accessible_update_property (GTK_ACCESSIBLE (list), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("People and their parts"),
                                  -1);
  gtk_orientable_set_orientation (GTK_ORIENTABLE (self), GTK_ORIENTATION_VERTICAL);
  gtk_box_append (GTK_BOX (self), self->nobody);
  gtk_box_append (GTK_BOX (self), scrolled);
  g_signal_connect_swapped (list, "row-selected", G_CALLBACK (row_selected_cb), self);
  g_signal_connect (self, "map", G_CALLBACK (refresh), NULL);
}

GtkWidget *
tacet_people_list_new (TacetTool *tool)
{
  TacetPeopleList *self = g_object_new (TACET_TYPE_PEOPLE_LIST, NULL);

  self->tool = g_object_ref (tool);
  g_signal_connect_object (tool, "selection-changed", G_CALLBACK (refresh), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (tacet_tool_get_canvas (tool), "notify::selected", G_CALLBACK (layer_changed_cb), self,
                           G_CONNECT_SWAPPED);
  layer_changed_cb (self);
  return GTK_WIDGET (self);
}
