/* tacet-judge.c: the judge's network, and one look at one picture.  Room: engine/measure. */
#include "config.h"

#include "tacet-judge.h"
#include "engine/studio/tacet-studio.h"

#include <math.h>
#include <string.h>

struct _TacetJudge
{
  TacetWeights *weights;
  TacetBackend *backend;
  TacetGraph *graph;
  TacetPlan *plan;
  TacetValue *picture;
  TacetJudgeOutputs outputs;
};

int
tacet_judge_n_subjects (void)
{
  return (int) g_strv_length ((char **) tacet_studio_subjects ());
}

/* Convolution 3x3, group norm, SiLU: {n,h,w,ci} -> {n,h/stride,w/stride,co} */
static TacetValue *
block (TacetGraph *g, TacetWeights *weights, const char *name, TacetValue *x, int channels, int stride)
{
  g_autofree char *w = g_strdup_printf ("%s.conv.weight", name), *b = g_strdup_printf ("%s.conv.bias", name);
  g_autofree char *gamma = g_strdup_printf ("%s.norm.weight", name), *beta = g_strdup_printf ("%s.norm.bias", name);
  const TacetShape vector = tacet_shape (1, 1, 1, channels);
  const TacetConv conv = { stride, 1, 1, 1, 1 };
  x = tacet_conv (
      x, tacet_weights_value (weights, g, w, 4, tacet_shape (channels, 3, 3, x->shape.d[3]), TACET_INIT_KAIMING, 1.4f),
      tacet_weights_value (weights, g, b, 1, vector, TACET_INIT_ZERO, 0), conv);
  x = tacet_group_norm (x, tacet_weights_value (weights, g, gamma, 1, vector, TACET_INIT_ONE, 0),
                        tacet_weights_value (weights, g, beta, 1, vector, TACET_INIT_ZERO, 0), 8, 1e-5f);
  return tacet_fn (x, TACET_FN_SILU);
}

static TacetValue *
linear (TacetGraph *g, TacetWeights *weights, const char *name, TacetValue *x, int channels)
{
  g_autofree char *w = g_strdup_printf ("%s.weight", name), *b = g_strdup_printf ("%s.bias", name);
  return tacet_linear (
      x, tacet_weights_value (weights, g, w, 2, tacet_shape (1, 1, channels, x->shape.d[3]), TACET_INIT_KAIMING, 1),
      tacet_weights_value (weights, g, b, 1, tacet_shape (1, 1, 1, channels), TACET_INIT_ZERO, 0));
}

static TacetValue *
join (TacetValue *coarse, TacetValue *fine)
{
  TacetValue *both[] = { tacet_upsample (coarse), fine };
  return tacet_concat (both, 2, 3);
}

void
tacet_judge_build (TacetGraph *g, TacetWeights *weights, TacetValue *picture, TacetJudgeOutputs *outputs)
{
  const gint64 n = picture->shape.d[0], grid = TACET_JUDGE_GRID;
  TacetValue *x = block (g, weights, "down.0", picture, 24, 2); /* 32x32 */
  TacetValue *x16 = block (g, weights, "down.2", block (g, weights, "down.1", x, 48, 2), 64, 1);
  TacetValue *x8 = block (g, weights, "down.4", block (g, weights, "down.3", x16, 96, 2), 96, 1);
  TacetValue *x4 = block (g, weights, "down.6", block (g, weights, "down.5", x8, 128, 2), 128, 1);
  TacetValue *pooled = tacet_scale (tacet_sum_to (x4, tacet_shape (n, 1, 1, 128)), 1.0f / 16);
  outputs->subjects = linear (g, weights, "subjects", pooled, tacet_judge_n_subjects ());

  x = block (g, weights, "up.0", join (x4, x8), 96, 1);
  x = block (g, weights, "up.1", join (x, x16), 64, 1);
  x = linear (g, weights, "maps", x, 1 + TACET_POSE_JOINTS); /* {n,16,16,19} */
  outputs->depth = tacet_fn (tacet_slice (x, 3, 0, 1), TACET_FN_SIGMOID);
  x = tacet_reshape (tacet_slice (x, 3, 1, TACET_POSE_JOINTS), tacet_shape (n, 1, grid * grid, TACET_POSE_JOINTS));
  outputs->joints = tacet_permute (x, 0, 1, 3, 2);
}

TacetJudge *
tacet_judge_open (const char *weights_path, GError **error)
{
  g_autoptr (TacetJudge) self = g_new0 (TacetJudge, 1);
  if (!(self->weights = tacet_weights_open (weights_path, error)))
    return NULL;
  self->backend = tacet_cpu_backend_new (1);
  self->graph = tacet_graph_new ();
  self->picture =
      tacet_input (self->graph, "picture", TACET_F32, tacet_shape (1, TACET_JUDGE_SIZE, TACET_JUDGE_SIZE, 3));
  tacet_judge_build (self->graph, self->weights, self->picture, &self->outputs);
  TacetValue *wanted[] = { self->outputs.subjects, self->outputs.depth, self->outputs.joints };
  self->plan = tacet_plan_new (self->graph, wanted, 3, self->backend, TACET_PLAN_CONSTANT_WEIGHTS, error);
  return self->plan ? g_steal_pointer (&self) : NULL;
}

void
tacet_judge_free (TacetJudge *self)
{
  if (!self)
    return;
  g_clear_pointer (&self->plan, tacet_plan_free);
  g_clear_pointer (&self->graph, tacet_graph_free);
  g_clear_pointer (&self->weights, tacet_weights_unref);
  if (self->backend)
    self->backend->klass->destroy (self->backend);
  g_free (self);
}

/* Index of the largest of n logits, and its probability. */
static int
peak (const float *logits, int n, double *probability)
{
  int best = 0;
  double sum = 0;
  for (int i = 1; i < n; i++)
    best = logits[i] > logits[best] ? i : best;
  for (int i = 0; i < n; i++)
    sum += exp ((double) logits[i] - logits[best]);
  *probability = 1 / sum;
  return best;
}

gboolean
tacet_judge_look (TacetJudge *self, const TacetImage *picture, TacetVerdict *verdict, GError **error)
{
  g_autoptr (TacetImage) rgb = tacet_image_convert (picture, 3);
  g_autoptr (TacetImage) small = rgb ? tacet_image_resize (rgb, TACET_JUDGE_SIZE, TACET_JUDGE_SIZE, FALSE) : NULL;
  float pixels[TACET_JUDGE_SIZE * TACET_JUDGE_SIZE * 3];
  if (!small)
    {
      g_set_error (error, TACET_TENSOR_ERROR, TACET_TENSOR_ERROR_NO_MEMORY, "Not enough memory to look at a picture.");
      return FALSE;
    }
  for (gsize i = 0; i < G_N_ELEMENTS (pixels); i++)
    pixels[i] = (float) small->data[i] / 127.5f - 1;
  if (!tacet_plan_set (self->plan, self->picture, pixels, error) || !tacet_plan_run (self->plan, NULL, error))
    return FALSE;
  verdict->subject =
      peak (tacet_plan_data (self->plan, self->outputs.subjects), tacet_judge_n_subjects (), &verdict->certainty);
  memcpy (verdict->depth, tacet_plan_data (self->plan, self->outputs.depth), sizeof verdict->depth);
  const float *joints = tacet_plan_data (self->plan, self->outputs.joints);
  verdict->person = (TacetPerson){ 0 };
  for (int j = 0; j < TACET_POSE_JOINTS; j++)
    {
      double probability;
      const int cell =
          peak (joints + j * TACET_JUDGE_GRID * TACET_JUDGE_GRID, TACET_JUDGE_GRID * TACET_JUDGE_GRID, &probability);
      verdict->person.joints[j].x =
          ((float) (cell % TACET_JUDGE_GRID) + 0.5f) * (float) picture->width / TACET_JUDGE_GRID;
      verdict->person.joints[j].y =
          ((float) (cell / TACET_JUDGE_GRID) + 0.5f) * (float) picture->height / TACET_JUDGE_GRID;
      verdict->person.joints[j].confidence = (float) probability;
    }
  return TRUE;
}
