/* levels.c: which levels of instructions were compiled, and which of them this machine has.
 *
 * Room: kernels/.  Compiled once.  The levels of x86-64 are those of its psABI; what -march=x86-64-v3 and -v4 let the
 * compiler use is asked for here, item by item.
 */
#include "cpu.h"

#include <stdlib.h>
#include <string.h>

extern const TacetCpuLevel tacet_cpu_level_base;

/* What the compiler may use without being asked. */
#ifdef __x86_64__
#define BASE_NAME "x86-64"
#elif defined __aarch64__
#define BASE_NAME "aarch64"
#else
#define BASE_NAME "generic"
#endif

#ifdef __x86_64__
#include <cpuid.h>

extern const TacetCpuLevel tacet_cpu_level_v3, tacet_cpu_level_v4;

/* The builtin also asks whether the system keeps the wide registers. */
static bool
has_v3 (void)
{
  unsigned a, b, c = 0, d, extended = 0;

  /* F16C, MOVBE and LZCNT are names that the builtin of clang does not know. */
  return __builtin_cpu_supports ("avx2") && __builtin_cpu_supports ("fma") && __builtin_cpu_supports ("bmi") &&
         __builtin_cpu_supports ("bmi2") && __get_cpuid (1, &a, &b, &c, &d) && (c & bit_F16C) != 0 &&
         (c & bit_MOVBE) != 0 && __get_cpuid (0x80000001, &a, &b, &extended, &d) && (extended & bit_LZCNT) != 0;
}

static bool
has_v4 (void)
{
  return has_v3 () && __builtin_cpu_supports ("avx512f") && __builtin_cpu_supports ("avx512bw") &&
         __builtin_cpu_supports ("avx512cd") && __builtin_cpu_supports ("avx512dq") &&
         __builtin_cpu_supports ("avx512vl");
}

bool
tacet_cpu_widens_beside (void)
{
  unsigned a, b, c, d;

  if (!__get_cpuid (0, &a, &b, &c, &d) || b != signature_AMD_ebx || d != signature_AMD_edx || c != signature_AMD_ecx)
    return false;
  return __get_cpuid (1, &a, &b, &c, &d) && (a >> 8 & 15) + (a >> 20 & 255) >= 0x1a; /* family */
}
#else
bool
tacet_cpu_widens_beside (void)
{
  return false;
}
#endif

static bool
has_base (void)
{
  return true;
}

/* The best first; the last is everywhere. */
static const struct
{
  const char *name;
  const TacetCpuLevel *level;
  bool (*available) (void);
} levels[] = {
#ifdef __x86_64__
  { "x86-64-v4", &tacet_cpu_level_v4, has_v4 },
  { "x86-64-v3", &tacet_cpu_level_v3, has_v3 },
#endif
  { BASE_NAME, &tacet_cpu_level_base, has_base },
};

#define N_LEVELS (int) (sizeof levels / sizeof *levels)

const TacetCpuLevel *
tacet_cpu_level_choose (void)
{
  const char *wanted = getenv ("TACET_CPU_LEVEL");
  const TacetCpuLevel *best = NULL;

  for (int i = 0; i < N_LEVELS; i++)
    if (levels[i].available ())
      {
        if (wanted != NULL && strcmp (levels[i].name, wanted) == 0)
          return levels[i].level;
        best = best != NULL ? best : levels[i].level;
      }
  return best;
}

const char *
tacet_cpu_level_name (const TacetCpuLevel *level)
{
  int i = 0;

  while (i < N_LEVELS - 1 && levels[i].level != level)
    i++;
  return levels[i].name;
}
