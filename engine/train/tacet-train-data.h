/* tacet-train-data.h: pictures with captions and maps, from the studio or from a folder.
 *
 * Room: engine/train.  Reentrant: tacet_train_data_get () may be called by several threads.
 */
#pragma once

#include "tacet-train-plan.h"

G_BEGIN_DECLS

typedef struct
{
  TacetImage *picture;                 /* RGB, size x size */
  TacetImage *depth, *edges, *objects; /* gray; NULL: not known (objects: a folder may have regions) */
  TacetImage *map;                     /* RGB: the folder's control map; NULL: none */
  TacetPerson people[4];
  int n_people;
  char *caption;
} TacetTrainSample;

void tacet_train_sample_clear (TacetTrainSample *self);

typedef struct _TacetTrainData TacetTrainData;

TacetTrainData *tacet_train_data_open (const TacetDataPlan *plan, GError **error);
void tacet_train_data_free (TacetTrainData *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TacetTrainData, tacet_train_data_free)
guint64 tacet_train_data_count (TacetTrainData *self); /* 0: without end, every number is a scene */
gboolean tacet_train_data_get (TacetTrainData *self, guint64 index, TacetTrainSample *sample, GError **error);

/* RGB {size,size,3} to [-1, 1] and back, clamped. */
void tacet_train_from_image (const TacetImage *image, float *x);
void tacet_train_to_image (const float *x, TacetImage *image, int left, int top, int size);

G_END_DECLS
