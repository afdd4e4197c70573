/* tiny-pipeline.h: a complete model of random numbers, small enough to run in milliseconds.
 *
 * Room: tests/sample.  Layout of diffusers; pictures are multiples of 4 pixels; five injection points;
 * ControlNets edge/, depth/, pose/ that speak, and silent/ whose zero convolutions are zero.
 */
#pragma once

#include "engine/model/tacet-models.h"
#include "engine/sample/tacet-generate.h"

typedef struct
{
  TacetUnetConfig unet;
  TacetVaeConfig vae;
  TacetTextConfig text;
  int hint_channels[3];
} TinySizes;

extern const TinySizes tiny_sizes;
extern const TinySizes starter_sizes; /* as the starter model, for measuring */

/* A new temporary folder with the model in FOLDER/tiny; NULL on failure. */
char *tiny_pipeline_new (guint64 seed);
void tiny_pipeline_write (const char *folder, guint64 seed, const TinySizes *sizes); /* FOLDER/tiny */
/* Writes one part (again), from another seed: "unet", "vae", "text_encoder", "edge" ...; "heavy-vae" is a vae whose
 * decoder costs more than a step, "unet9" an inpainting U-Net in a folder of its own. */
void tiny_pipeline_rewrite (const char *folder, const char *part, guint64 seed);
void tiny_pipeline_remove (char *folder); /* frees too */
/* 32 x 32, 4 steps, guidance 3, no controls */
TacetRequest *tiny_request_new (void);
/* A control with a map of its own; belongs to the request. */
TacetControlRequest *tiny_request_add (TacetRequest *request, TacetControlKind kind);
