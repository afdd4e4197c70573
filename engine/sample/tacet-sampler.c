/* tacet-sampler.c: the samplers by name.
 *
 * Room: engine/sample.
 */
#include "config.h"
#include "tacet-schedule-private.h"
#include <string.h>

#define CLIPS  (TACET_SAMPLER_HAS_CLIP | TACET_SAMPLER_CLIPS)
#define SIGMAS (TACET_SAMPLER_SIGMAS | TACET_SAMPLER_UNSCALED | TACET_SAMPLER_FRACTIONAL)
#define SOLVER                                                                                                         \
  (TACET_SAMPLER_SIGMAS | TACET_SAMPLER_ONE_MORE | TACET_SAMPLER_HAS_ZERO_SNR | TACET_SAMPLER_HAS_KARRAS |             \
   TACET_SAMPLER_HAS_THRESHOLD | TACET_SAMPLER_HAS_FINAL_SIGMA)

static const TacetSamplerInfo samplers[TACET_N_SAMPLERS] = {
  [TACET_SAMPLER_DDIM] = { "ddim", "DDIM", TACET_SPACING_LEADING,
                           CLIPS | TACET_SAMPLER_HAS_ETA | TACET_SAMPLER_HAS_ZERO_SNR | TACET_SAMPLER_HAS_THRESHOLD, 2,
                           _tacet_ddim_step },
  [TACET_SAMPLER_EULER] = { "euler", "Euler", TACET_SPACING_LINSPACE,
                            SIGMAS | TACET_SAMPLER_HAS_ZERO_SNR | TACET_SAMPLER_HAS_KARRAS |
                                TACET_SAMPLER_HAS_FINAL_SIGMA,
                            0, _tacet_euler_step },
  [TACET_SAMPLER_DDPM] = { "ddpm", "DDPM", TACET_SPACING_LEADING,
                           CLIPS | TACET_SAMPLER_HAS_ZERO_SNR | TACET_SAMPLER_HAS_THRESHOLD, 2, _tacet_ddpm_step },
  [TACET_SAMPLER_PNDM] = { "pndm", "PNDM", TACET_SPACING_LEADING, 0, 7, _tacet_pndm_step },
  [TACET_SAMPLER_EULER_A] = { "euler-a", "Euler a", TACET_SPACING_LINSPACE, SIGMAS | TACET_SAMPLER_HAS_ZERO_SNR, 2,
                              _tacet_euler_a_step },
  [TACET_SAMPLER_HEUN] = { "heun", "Heun", TACET_SPACING_LINSPACE,
                           SIGMAS | TACET_SAMPLER_HAS_KARRAS | TACET_SAMPLER_HAS_CLIP | TACET_SAMPLER_SD_BETAS, 2,
                           _tacet_heun_step },
  [TACET_SAMPLER_DPMPP_2M] = { "dpmpp-2m", "DPM++ 2M", TACET_SPACING_LINSPACE, SOLVER, 3, _tacet_dpmpp_step },
  [TACET_SAMPLER_DPMPP_2M_SDE] = { "dpmpp-2m-sde", "DPM++ 2M SDE", TACET_SPACING_LINSPACE, SOLVER, 5,
                                   _tacet_dpmpp_sde_step },
  [TACET_SAMPLER_UNIPC] = { "unipc", "UniPC", TACET_SPACING_LINSPACE, SOLVER, 5, _tacet_unipc_step },
  [TACET_SAMPLER_LCM] = { "lcm", "LCM", TACET_SPACING_LEADING,
                          TACET_SAMPLER_OWN_GRID | TACET_SAMPLER_SD_BETAS | TACET_SAMPLER_HAS_CLIP |
                              TACET_SAMPLER_HAS_ZERO_SNR | TACET_SAMPLER_HAS_THRESHOLD,
                          2, _tacet_lcm_step },
};

static const char *const spacings[TACET_N_SPACINGS] = { "default", "leading", "trailing", "linspace" };

const TacetSamplerInfo *
_tacet_sampler_info (TacetSampler sampler)
{
  return &samplers[sampler];
}

const char *
tacet_sampler_id (TacetSampler sampler)
{
  g_return_val_if_fail (sampler < TACET_N_SAMPLERS, "");
  return samplers[sampler].id;
}

const char *
tacet_sampler_name (TacetSampler sampler)
{
  g_return_val_if_fail (sampler < TACET_N_SAMPLERS, "");
  return samplers[sampler].name;
}

gboolean
tacet_sampler_parse (const char *id, TacetSampler *sampler)
{
  for (int i = 0; id != NULL && i < TACET_N_SAMPLERS; i++)
    if (strcmp (id, samplers[i].id) == 0)
      {
        *sampler = (TacetSampler) i;
        return TRUE;
      }
  return FALSE;
}

char *
tacet_sampler_ids (void)
{
  GString *text = g_string_new (NULL);
  for (int i = 0; i < TACET_N_SAMPLERS; i++)
    g_string_append_printf (text, "%s%s", i > 0 ? ", " : "", samplers[i].id);
  return g_string_free (text, FALSE);
}

const char *
tacet_spacing_id (TacetSpacing spacing)
{
  g_return_val_if_fail (spacing < TACET_N_SPACINGS, "");
  return spacings[spacing];
}

gboolean
tacet_spacing_parse (const char *id, TacetSpacing *spacing)
{
  for (int i = 0; id != NULL && i < TACET_N_SPACINGS; i++)
    if (strcmp (id, spacings[i]) == 0)
      {
        *spacing = (TacetSpacing) i;
        return TRUE;
      }
  return FALSE;
}

gboolean
tacet_sampler_has_spacing (TacetSampler sampler)
{
  return (samplers[sampler].traits & TACET_SAMPLER_OWN_GRID) == 0;
}

gboolean
tacet_sampler_has_karras (TacetSampler sampler)
{
  return (samplers[sampler].traits & TACET_SAMPLER_HAS_KARRAS) != 0;
}

gboolean
tacet_sampler_has_eta (TacetSampler sampler)
{
  return (samplers[sampler].traits & TACET_SAMPLER_HAS_ETA) != 0;
}
