/* tacet-text.c: the CLIP text encoder.
 *
 * Room: engine/model.  Reference: transformers CLIPTextModel.
 */
#include "config.h"

#include "tacet-layers.h"
#include <glib/gi18n-lib.h>
#include <math.h>

/* h {n,1,T,c} after layer_norm1 -> {n,1,T,c} */
static TacetValue *
self_attention (const TacetNet *net, const char *name, TacetValue *h, int heads)
{
  char part[TACET_NAME_SIZE];
  int c = (int) h->shape.d[3];
  TacetValue *q = tacet_net_linear (net, tacet_layer_name (part, "%s.q_proj", name), h, c, TRUE);
  TacetValue *k = tacet_net_linear (net, tacet_layer_name (part, "%s.k_proj", name), h, c, TRUE);
  TacetValue *v = tacet_net_linear (net, tacet_layer_name (part, "%s.v_proj", name), h, c, TRUE);
  TacetValue *y = tacet_attention (q, k, v, heads, true, 1.0f / sqrtf ((float) c / (float) heads));
  return tacet_net_linear (net, tacet_layer_name (part, "%s.out_proj", name), y, c, TRUE);
}

/* x {n,1,T,c} -> like x */
static TacetValue *
text_layer (const TacetNet *net, const TacetTextConfig *config, const char *name, TacetValue *x)
{
  char part[TACET_NAME_SIZE];
  TacetValue *h = tacet_net_layer_norm (net, tacet_layer_name (part, "%s.layer_norm1", name), x, config->eps);
  x = tacet_add (x, self_attention (net, tacet_layer_name (part, "%s.self_attn", name), h, config->n_heads));
  h = tacet_net_layer_norm (net, tacet_layer_name (part, "%s.layer_norm2", name), x, config->eps);
  h = tacet_net_linear (net, tacet_layer_name (part, "%s.mlp.fc1", name), h, config->intermediate_size, TRUE);
  h = tacet_fn (h, config->activation);
  return tacet_add (x,
                    tacet_net_linear (net, tacet_layer_name (part, "%s.mlp.fc2", name), h, config->hidden_size, TRUE));
}

/* ids {n,1,T,1} -> {n,1,T,c}: token and position, both standard deviation 0.02 when new */
static TacetValue *
embed (const TacetNet *net, const TacetTextConfig *config, const char *prefix, TacetValue *ids)
{
  char part[TACET_NAME_SIZE];
  int64_t length = ids->shape.d[2];
  tacet_layer_name (part, "%sembeddings.token_embedding.weight", prefix);
  TacetValue *tokens =
      tacet_weights_value (net->weights, net->g, part, 2, tacet_shape (1, 1, config->vocab_size, config->hidden_size),
                           TACET_INIT_NORMAL, 0.02f);
  tacet_layer_name (part, "%sembeddings.position_embedding.weight", prefix);
  TacetValue *places =
      tacet_weights_value (net->weights, net->g, part, 2,
                           tacet_shape (1, 1, config->max_positions, config->hidden_size), TACET_INIT_NORMAL, 0.02f);
  if (length > config->max_positions)
    tacet_graph_set_error (net->g, _ ("%d tokens are more than the text encoder's %d positions"), (int) length,
                           config->max_positions);
  else if (length < config->max_positions)
    places = tacet_view (places, 0, tacet_shape (1, 1, length, config->hidden_size));
  return tacet_add (tacet_gather (tokens, ids), places);
}

TacetValue *
tacet_text_encoder (TacetGraph *g, const TacetTextConfig *config, TacetWeights *weights, TacetValue *ids)
{
  TacetNet net = {
    .g = g, .weights = weights, .groups = 1, .eps = config->eps, .init = TACET_INIT_LINEAR, .gain = 1.0f
  };
  char part[TACET_NAME_SIZE];
  const char *prefix = "text_model.";
  TacetValue *x = embed (&net, config, prefix, ids);
  for (int i = 0; i < config->n_layers; i++)
    x = text_layer (&net, config, tacet_layer_name (part, "%sencoder.layers.%d", prefix, i), x);
  return tacet_net_layer_norm (&net, tacet_layer_name (part, "%sfinal_layer_norm", prefix), x, config->eps);
}
