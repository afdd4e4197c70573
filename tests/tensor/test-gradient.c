/* test-gradient.c: every operation of the graph: reverse mode against central differences, forward mode
 * against reverse mode (<J v, u> = <v, J' u>), and both once more for the derivative of the gradient. */
#include "tests/tensor/graph-check.h"

typedef TacetValue *(*Build) (TacetGraph *g, TacetValue **x);

typedef struct
{
  const char *name;
  Build build;
  int n_inputs;
  TacetShape shapes[4];
  gboolean positive;
  gboolean no_second; /* a third derivative of the table would be needed, or the function is not smooth */
} Case;

#define S(n, h, w, c)                                                                                                  \
  {                                                                                                                    \
    {                                                                                                                  \
      n, h, w, c                                                                                                       \
    }                                                                                                                  \
  }

static TacetValue *
b_add (TacetGraph *g, TacetValue **x)
{
  return tacet_add_scaled (x[0], 0.5f, x[1], -2);
}

static TacetValue *
b_mul (TacetGraph *g, TacetValue **x)
{
  return tacet_mul (tacet_affine (x[0], 2, 1), x[1]);
}

static TacetValue *
b_functions (TacetGraph *g, TacetValue **x)
{
  TacetValue *y = tacet_fn (x[0], TACET_FN_EXP);
  y = tacet_add (y, tacet_fn (x[0], TACET_FN_SIN));
  y = tacet_add (y, tacet_fn (x[0], TACET_FN_COS));
  y = tacet_add (y, tacet_fn (x[0], TACET_FN_TANH));
  return tacet_add (y, tacet_fn (x[0], TACET_FN_SIGMOID));
}

static TacetValue *
b_positive (TacetGraph *g, TacetValue **x)
{
  return tacet_add (tacet_fn (x[0], TACET_FN_LOG), tacet_power (x[0], -0.5f));
}

static TacetValue *
b_activations (TacetGraph *g, TacetValue **x)
{
  TacetValue *y = tacet_fn (x[0], TACET_FN_SILU);
  y = tacet_add (y, tacet_fn (x[0], TACET_FN_GELU));
  return tacet_add (y, tacet_fn (x[0], TACET_FN_QUICK_GELU));
}

static TacetValue *
b_geglu (TacetGraph *g, TacetValue **x)
{
  return tacet_fn_mul (x[0], x[1], TACET_FN_GELU, 0, 0, 0);
}

static TacetValue *
b_kinks (TacetGraph *g, TacetValue **x)
{
  return tacet_add (tacet_fn (x[0], TACET_FN_ABS), tacet_clamp (x[0], -0.7f, 0.9f));
}

static TacetValue *
b_moving (TacetGraph *g, TacetValue **x)
{
  TacetValue *p = tacet_permute (x[0], 0, 3, 1, 2);
  TacetValue *s = tacet_slice (p, 1, 1, 2);
  TacetValue *parts[] = { s, tacet_pad (tacet_slice (p, 1, 0, 1), 1, 1, 2) };
  TacetValue *c = tacet_concat (parts, 2, 3);
  return tacet_mul (c, tacet_broadcast (tacet_sum_to (c, tacet_shape (c->shape.d[0], 1, 1, c->shape.d[3])), c->shape));
}

static TacetValue *
b_views (TacetGraph *g, TacetValue **x)
{
  return tacet_mul (tacet_view (x[0], 4, tacet_shape (1, 1, 2, 5)), tacet_view (x[0], 7, tacet_shape (1, 1, 2, 5)));
}

static TacetValue *
b_sampling (TacetGraph *g, TacetValue **x)
{
  TacetValue *up = tacet_upsample (x[0]);
  return tacet_mul (tacet_downsum (tacet_mul (up, up)), x[0]);
}

static TacetValue *
b_matmul (TacetGraph *g, TacetValue **x)
{
  TacetValue *y = tacet_matmul (x[0], false, x[1], false, 0.7f);
  y = tacet_matmul (y, true, x[0], false, 1);
  y = tacet_matmul (y, false, x[0], true, 1);
  return tacet_matmul (x[0], true, y, true, 1);
}

static TacetValue *
b_linear (TacetGraph *g, TacetValue **x)
{
  TacetValue *y = tacet_linear (x[0], x[1], x[2]);
  return tacet_mul (y, y);
}

static TacetValue *
b_conv (TacetGraph *g, TacetValue **x)
{
  TacetValue *y = tacet_conv (x[0], x[1], x[2], (TacetConv){ 1, 1, 1, 1, 1 });
  return tacet_mul (y, y);
}

static TacetValue *
b_conv_stride (TacetGraph *g, TacetValue **x)
{
  TacetValue *y = tacet_conv (x[0], x[1], NULL, (TacetConv){ 2, 0, 0, 1, 1 });
  return tacet_mul (y, y);
}

static TacetValue *
b_conv_triple (TacetGraph *g, TacetValue **x)
{
  TacetConv conv = { 2, 1, 1, 1, 1 };
  TacetValue *y = tacet_conv (x[0], x[1], NULL, conv);
  TacetValue *d = tacet_conv_data (tacet_mul (y, y), x[1], conv, x[0]->shape);
  TacetValue *w = tacet_conv_weight (d, y, conv, x[1]->shape);
  return tacet_mul (w, x[1]);
}

static TacetValue *
b_norm (TacetGraph *g, TacetValue **x)
{
  return tacet_fn (tacet_group_norm (x[0], x[1], x[2], 2, 1e-5f), TACET_FN_SILU);
}

static TacetValue *
b_layer_norm (TacetGraph *g, TacetValue **x)
{
  TacetValue *y = tacet_layer_norm (x[0], x[1], x[2], 1e-5f);
  return tacet_mul (y, tacet_layer_norm (x[0], NULL, NULL, 1e-5f));
}

static TacetValue *
b_softmax (TacetGraph *g, TacetValue **x)
{
  return tacet_mul (tacet_softmax (x[0], false), tacet_softmax (x[0], true));
}

static TacetValue *
b_attention (TacetGraph *g, TacetValue **x)
{
  return tacet_attention (x[0], x[1], x[2], 2, false, 0.6f);
}

static TacetValue *
b_self_attention (TacetGraph *g, TacetValue **x)
{
  return tacet_attention (x[0], x[0], tacet_mul (x[0], x[0]), 2, true, 0.6f);
}

static TacetValue *
b_combine (TacetGraph *g, TacetValue **x)
{
  return tacet_combine (tacet_mul (x[0], x[0]), x[1], &x[2], 2);
}

static const Case cases[] = {
  { "add", b_add, 2, { S (2, 3, 2, 5), S (1, 1, 1, 5) } },
  { "mul", b_mul, 2, { S (2, 3, 2, 5), S (2, 1, 1, 5) } },
  { "mul-outer", b_mul, 2, { S (2, 3, 1, 1), S (1, 1, 4, 5) } },
  { "functions", b_functions, 1, { S (1, 2, 3, 4) } },
  { "positive", b_positive, 1, { S (1, 2, 3, 4) }, TRUE },
  { "activations", b_activations, 1, { S (1, 3, 3, 5) } },
  { "geglu", b_geglu, 2, { S (2, 1, 3, 4), S (2, 1, 3, 4) } },
  { "kinks", b_kinks, 1, { S (1, 2, 3, 4) }, FALSE, TRUE },
  { "moving", b_moving, 1, { S (2, 2, 3, 3) } },
  { "views", b_views, 1, { S (1, 2, 3, 4) } },
  { "sampling", b_sampling, 1, { S (2, 2, 3, 3) } },
  { "matmul", b_matmul, 2, { S (2, 3, 4, 5), S (1, 3, 5, 2) } },
  { "linear", b_linear, 3, { S (2, 2, 3, 5), S (1, 1, 4, 5), S (1, 1, 1, 4) } },
  { "conv", b_conv, 3, { S (2, 4, 5, 3), S (2, 3, 3, 3), S (1, 1, 1, 2) } },
  { "conv-stride", b_conv_stride, 2, { S (1, 6, 5, 2), S (3, 3, 3, 2) } },
  { "conv-triple", b_conv_triple, 2, { S (1, 5, 6, 2), S (3, 3, 3, 2) } },
  { "norm", b_norm, 3, { S (2, 3, 2, 4), S (1, 1, 1, 4), S (1, 1, 1, 4) } },
  { "layer-norm", b_layer_norm, 3, { S (2, 1, 3, 6), S (1, 1, 1, 6), S (1, 1, 1, 6) } },
  { "softmax", b_softmax, 1, { S (1, 2, 4, 4) } },
  { "attention", b_attention, 3, { S (2, 1, 3, 4), S (2, 1, 5, 4), S (2, 1, 5, 4) } },
  { "self-attention", b_self_attention, 1, { S (1, 1, 4, 6) } },
  { "combine", b_combine, 4, { S (2, 2, 2, 3), S (2, 1, 1, 2), S (2, 2, 2, 3), S (2, 2, 2, 3) } },
};

/* Order 1: f = y.  Order 2: f = the gradients of <y, u> with respect to all inputs, side by side. */
static void
check_case (gconstpointer data)
{
  const Case *c = data;
  for (int order = 1; order <= (c->no_second ? 1 : 2); order++)
    {
      g_autoptr (TacetGraph) g = tacet_graph_new ();
      TacetValue *x[4], *outputs[4];
      int n_outputs = 1;
      for (int i = 0; i < c->n_inputs; i++)
        x[i] = tacet_input (g, "x", TACET_F32, c->shapes[i]);
      outputs[0] = c->build (g, x);
      if (order == 2)
        {
          g_autoptr (TacetTensor) weights = check_random_tensor (outputs[0]->shape, 99, FALSE);
          TacetValue *u = tacet_constant (g, weights);
          TacetValue *y = outputs[0];
          n_outputs = c->n_inputs;
          tacet_gradient (g, &y, &u, 1, x, c->n_inputs, outputs);
          for (int i = 0; i < c->n_inputs; i++)
            if (!outputs[i])
              outputs[i] = tacet_full (g, x[i]->shape, 0);
        }
      check_derivatives (g, x, c->n_inputs, outputs, n_outputs, c->positive);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strdup_printf ("/gradient/%s", cases[i].name);
      g_test_add_data_func (path, &cases[i], check_case);
    }
  return g_test_run ();
}
