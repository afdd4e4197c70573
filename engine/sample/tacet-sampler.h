/* tacet-sampler.h: the samplers by name, and what can be chosen about the way they walk.
 *
 * Room: engine/sample.  docs/sampling.md says which is which, with the sources.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  TACET_SAMPLER_DDIM,
  TACET_SAMPLER_EULER,
  TACET_SAMPLER_DDPM,
  TACET_SAMPLER_PNDM,
  TACET_SAMPLER_EULER_A,
  TACET_SAMPLER_HEUN,
  TACET_SAMPLER_DPMPP_2M,
  TACET_SAMPLER_DPMPP_2M_SDE,
  TACET_SAMPLER_UNIPC,
  TACET_SAMPLER_LCM,
  TACET_N_SAMPLERS
} TacetSampler;

/* Which of the steps of training are visited. */
typedef enum
{
  TACET_SPACING_DEFAULT, /* as the model says, else the sampler's own */
  TACET_SPACING_LEADING,
  TACET_SPACING_TRAILING,
  TACET_SPACING_LINSPACE,
  TACET_N_SPACINGS
} TacetSpacing;

/* Noise levels by the rule of Karras et al. 2022 (rho = 7) instead of those of the time steps. */
typedef enum
{
  TACET_KARRAS_DEFAULT, /* as the model says, else off */
  TACET_KARRAS_OFF,
  TACET_KARRAS_ON,
} TacetKarras;

const char *tacet_sampler_id (TacetSampler sampler);   /* "ddim" ...; for files and the command line */
const char *tacet_sampler_name (TacetSampler sampler); /* "DDIM" ...; for people, the same in every language */
gboolean tacet_sampler_parse (const char *id, TacetSampler *sampler);
char *tacet_sampler_ids (void); /* all of them, for messages: "ddim, euler ..." */

const char *tacet_spacing_id (TacetSpacing spacing); /* "default", "leading" ... */
gboolean tacet_spacing_parse (const char *id, TacetSpacing *spacing);

/* What a sampler looks at. */
gboolean tacet_sampler_has_spacing (TacetSampler sampler);
gboolean tacet_sampler_has_karras (TacetSampler sampler);
gboolean tacet_sampler_has_eta (TacetSampler sampler);

G_END_DECLS
