#!/usr/bin/env python3
"""References for the tests of engine/sample: noise of PyTorch, trajectories of diffusers.

Needs torch, diffusers, numpy.  Writes data/noise.json and data/trajectories.json beside this file.
The network of the trajectories is a fixed function of the latents and the timestep, see network().
"""
import inspect
import json
import os
from types import SimpleNamespace

import numpy as np
import torch
from diffusers import (
    DDIMScheduler, DDPMScheduler, DPMSolverMultistepScheduler, EulerAncestralDiscreteScheduler, EulerDiscreteScheduler,
    HeunDiscreteScheduler, LCMScheduler, PNDMScheduler, StableDiffusionImg2ImgPipeline, UniPCMultistepScheduler
)

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "data")


def numbers(values):
    return [float(v) for v in values]


def noise():
    cases = []
    for seed in (0, 7, 1234567, 2**32 - 1, 2**32 + 5, 2**63 + 11):
        for n in (1, 2, 7, 15, 16, 17, 31, 32, 40, 100, 1000):
            torch.manual_seed(seed)
            values = torch.randn(n)
            keep = list(range(min(n, 20))) + list(range(max(20, n - 20), n))
            cases.append({"seed": str(seed), "n": n, "at": keep, "values": numbers(values[keep])})
    torch.manual_seed(3)
    cases.append({"seed": "3", "n": 5, "calls": 3, "values": numbers(torch.cat([torch.randn(5) for _ in range(3)]))})
    torch.manual_seed(9)
    latents = torch.randn(1, 4, 6, 5).permute(0, 2, 3, 1).reshape(-1)
    return {"cases": cases, "latents": {"seed": "9", "channels": 4, "height": 6, "width": 5, "values": numbers(latents)}}


def network(x, t, n_train):
    share = np.float32(t / n_train)
    flat = x.flatten()
    index = torch.arange(flat.numel(), dtype=torch.float32)
    out = 0.6 * flat + 0.3 * torch.sin(3 * flat + 0.01 * index) + 0.2 * (share - 0.5) * torch.roll(flat, 1)
    return out.reshape(x.shape)


CLASSES = {
    "ddim": DDIMScheduler, "ddpm": DDPMScheduler, "pndm": PNDMScheduler, "euler": EulerDiscreteScheduler,
    "euler-a": EulerAncestralDiscreteScheduler, "heun": HeunDiscreteScheduler, "dpmpp-2m": DPMSolverMultistepScheduler,
    "dpmpp-2m-sde": DPMSolverMultistepScheduler, "unipc": UniPCMultistepScheduler, "lcm": LCMScheduler,
}
WITH_KARRAS = ("euler", "heun", "dpmpp-2m", "dpmpp-2m-sde", "unipc")
SHAPE = (1, 4, 4, 2)
SEED = 11


def estimate(scheduler, result, x, out, t):
    """The clean latents, also where the scheduler does not tell."""
    for name in ("denoised", "pred_original_sample"):
        if getattr(result, name, None) is not None:
            return getattr(result, name)
    if hasattr(scheduler, "model_outputs") and getattr(scheduler, "predict_x0", True):
        return scheduler.model_outputs[-1]
    if hasattr(scheduler, "model_outputs"):
        sigma = scheduler.sigmas[scheduler.step_index - 1]
        signal, noise = 1 / (sigma**2 + 1) ** 0.5, sigma / (sigma**2 + 1) ** 0.5
    else:
        alpha = scheduler.alphas_cumprod[int(t)]
        signal, noise = alpha**0.5, (1 - alpha) ** 0.5
    if scheduler.config.prediction_type == "v_prediction":
        return signal * x - noise * out
    return (x - noise * out) / signal


def walk(sampler, config, steps, options):
    config = json.loads(json.dumps(config))  # the classes may not change it
    if options.get("spacing"):
        config["timestep_spacing"] = options["spacing"]
    if "karras" in options:
        config["use_karras_sigmas"] = options["karras"]
    if sampler.startswith("dpmpp"):
        config["algorithm_type"] = "sde-dpmsolver++" if sampler.endswith("sde") else "dpmsolver++"
    scheduler = CLASSES[sampler].from_config(config)
    scheduler.set_timesteps(steps)
    more, accepted = {}, inspect.signature(scheduler.step).parameters
    generator = torch.Generator().manual_seed(SEED)
    if "generator" in accepted:
        more["generator"] = generator
    if "eta" in accepted:
        more["eta"] = options.get("eta", 0.0)

    noise = torch.randn(SHAPE, generator=generator)
    clean = torch.sin(torch.arange(32, dtype=torch.float32)).reshape(SHAPE)
    timesteps, cut = scheduler.timesteps, "strength" in options
    if cut:  # as the pipelines do it
        pipeline = SimpleNamespace(scheduler=scheduler)
        timesteps, _ = StableDiffusionImg2ImgPipeline.get_timesteps(pipeline, steps, options["strength"], "cpu")
        x = scheduler.add_noise(clean, noise, timesteps[:1])
    else:
        x = noise * scheduler.init_noise_sigma
        if hasattr(scheduler, "set_begin_index"):  # else it looks for the first step by its number, which may occur twice
            scheduler.set_begin_index(0)
    start, rows = x, []
    for i, t in enumerate(timesteps):
        scaled = scheduler.scale_model_input(x, t)
        out = network(scaled, float(t), scheduler.config.num_train_timesteps)
        result = scheduler.step(out, t, x, **more)
        row = {"i": i, "t": float(t), "x0": numbers(estimate(scheduler, result, x, out, t).flatten()[::8])}
        x = result.prev_sample
        row["x"] = numbers(x.flatten()[::8])
        if cut and i + 1 < len(timesteps):
            row["noised"] = numbers(scheduler.add_noise(clean, noise, timesteps[i + 1 : i + 2]).flatten()[::8])
        rows.append(row)
    assert torch.isfinite(x).all(), (sampler, config, steps)
    n = len(rows)
    rows = [rows[i] for i in sorted({0, 1, n // 2, n - 2, n - 1}) if 0 <= i < n]
    return {"n": n, "t_sum": float(sum(float(t) for t in timesteps)), "start": numbers(start.flatten()[::8]),
            "rows": rows, "final": numbers(x.flatten()[::3])}


SD = {"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear", "num_train_timesteps": 1000,
      "clip_sample": False}
SD15 = {"_class_name": "PNDMScheduler", "_diffusers_version": "0.6.0", "beta_end": 0.012,
        "beta_schedule": "scaled_linear", "beta_start": 0.00085, "clip_sample": False, "num_train_timesteps": 1000,
        "set_alpha_to_one": False, "skip_prk_steps": True, "steps_offset": 1, "trained_betas": None}


def saved(cls, **fields):
    """What save_pretrained writes, infinities and all."""
    return json.loads(cls(**fields).to_json_string())


class Cases:
    def __init__(self):
        self.configs, self.cases = [], []

    def add(self, sampler, config, steps, **options):
        text = json.dumps(config)
        if text not in self.configs:
            self.configs.append(text)
        case = {"sampler": sampler, "config": self.configs.index(text), "steps": steps, **options}
        self.cases.append({**case, **walk(sampler, config, steps, options)})


def predictions(sampler):
    return ("epsilon", "v_prediction") if sampler in ("pndm", "euler-a") else ("epsilon", "v_prediction", "sample")


def add_grid(cases):
    """Every sampler, prediction, spacing, with and without Karras."""
    for sampler in CLASSES:
        for kind in predictions(sampler):
            config = dict(SD, prediction_type=kind, skip_prk_steps=True)
            for spacing in (None, "leading", "trailing", "linspace"):
                cases.add(sampler, config, 20, **({"spacing": spacing} if spacing else {}))
            if sampler in WITH_KARRAS:
                for steps in (1, 2, 5, 20, 30):
                    cases.add(sampler, config, steps, karras=True)
                cases.add(sampler, config, 20, karras=True, spacing="leading")
        config = dict(SD, skip_prk_steps=True, steps_offset=1)
        for steps in (1, 2, 5, 7, 30, 50):
            for spacing in ("leading", "trailing", "linspace"):
                if sampler != "lcm" or spacing == "leading":
                    cases.add(sampler, config, steps, spacing=spacing)
        if sampler not in ("pndm", "lcm"):
            cases.add(sampler, dict(SD, num_train_timesteps=250), 7)
            cases.add(sampler, dict(SD, beta_schedule="squaredcos_cap_v2"), 10)
            cases.add(sampler, dict(SD, beta_schedule="linear", beta_start=0.0001, beta_end=0.02), 10)
            cases.add(sampler, dict(SD, trained_betas=[0.001 * (i + 1) for i in range(40)], num_train_timesteps=40), 9)


def add_image_to_image(cases):
    for sampler in CLASSES:
        config = dict(SD, skip_prk_steps=True, steps_offset=1)
        for strength in (0.1, 0.5, 0.63, 0.99, 1.0):
            cases.add(sampler, config, 20, strength=strength)
        cases.add(sampler, dict(config, prediction_type="v_prediction"), 7, strength=0.8, spacing="trailing")
        if sampler in WITH_KARRAS:
            cases.add(sampler, config, 12, strength=0.7, karras=True)


def add_fields(cases):
    """What single classes know."""
    for eta in (0.3, 1.0):
        for kind in predictions("ddim"):
            cases.add("ddim", dict(SD, prediction_type=kind, set_alpha_to_one=False), 10, eta=eta)
    for sampler in ("ddim", "ddpm", "heun", "lcm"):
        cases.add(sampler, dict(SD, clip_sample=True, clip_sample_range=1.5), 10)
    for sampler in ("ddim", "ddpm", "lcm", "dpmpp-2m", "dpmpp-2m-sde", "unipc"):
        for ratio, most in ((0.995, 1.0), (0.8, 1.7)):
            extra = {"thresholding": True, "dynamic_thresholding_ratio": ratio, "sample_max_value": most}
            cases.add(sampler, dict(SD, **extra), 10)
    zero = dict(SD, rescale_betas_zero_snr=True, prediction_type="v_prediction", timestep_spacing="trailing")
    for sampler in CLASSES:
        cases.add(sampler, dict(zero, skip_prk_steps=True), 10)
    for steps in (4, 5, 7, 20, 50):
        for kind in predictions("pndm"):
            cases.add("pndm", dict(SD, prediction_type=kind, steps_offset=1), steps)
    cases.add("pndm", dict(SD, set_alpha_to_one=True), 10, spacing="trailing")
    cases.add("pndm", dict(SD, set_alpha_to_one=True, skip_prk_steps=True), 10)
    for kind in ("fixed_small", "fixed_small_log", "fixed_large"):
        cases.add("ddpm", dict(SD, variance_type=kind), 10)
    for steps in (10, 20):
        for sampler in ("dpmpp-2m", "dpmpp-2m-sde"):
            for order in (1, 2, 3):
                for kind in ("midpoint", "heun"):
                    for last in ("zero", "sigma_min"):
                        cases.add(sampler, dict(SD, solver_order=order, solver_type=kind, final_sigmas_type=last), steps)
            cases.add(sampler, dict(SD, lower_order_final=False), steps)
            cases.add(sampler, dict(SD, lower_order_final=False, final_sigmas_type="sigma_min"), steps)
            cases.add(sampler, dict(SD, euler_at_final=True, final_sigmas_type="sigma_min"), steps)
            cases.add(sampler, dict(SD, lambda_min_clipped=-1.5), steps)
            cases.add(sampler, dict(SD, lambda_min_clipped=-1.5), steps, spacing="trailing")
        for order in (1, 2, 3):
            for kind in ("bh1", "bh2"):
                for x0 in (True, False):
                    extra = dict(solver_order=order, solver_type=kind, predict_x0=x0, final_sigmas_type="sigma_min")
                    cases.add("unipc", dict(SD, **extra), steps)
            cases.add("unipc", dict(SD, solver_order=order), steps)
        cases.add("unipc", dict(SD, disable_corrector=[0, 1, 5], solver_order=3), steps)
        cases.add("unipc", dict(SD, lower_order_final=False, final_sigmas_type="sigma_min"), steps)
        cases.add("unipc", dict(SD, use_karras_sigmas=True, final_sigmas_type="sigma_min"), steps)
        cases.add("unipc", dict(SD, use_karras_sigmas=True, final_sigmas_type="sigma_min", sigma_min=0.05), steps)
    for sampler in WITH_KARRAS:
        cases.add(sampler, dict(SD, use_exponential_sigmas=True), 10)
        cases.add(sampler, dict(SD, use_karras_sigmas=True, sigma_min=0.05, sigma_max=12.0), 10)
        cases.add(sampler, dict(SD, use_karras_sigmas=True, beta_schedule="squaredcos_cap_v2"), 10)
        if sampler.startswith("dpmpp"):
            cases.add(sampler, dict(SD, use_lu_lambdas=True), 10)
            cases.add(sampler, dict(SD, use_lu_lambdas=True), 20)
        cases.add(sampler, dict(SD, use_karras_sigmas=True), 10, karras=False)
    cases.add("euler", dict(SD, interpolation_type="log_linear"), 10)
    for karras in (False, True):
        cases.add("euler", dict(SD, final_sigmas_type="sigma_min"), 10, karras=karras)
    for original, steps in ((50, 4), (50, 8), (100, 8), (20, 3)):
        cases.add("lcm", dict(SD, original_inference_steps=original, timestep_scaling=8.0), steps)


def add_foreign(cases):
    """The file of one class read by another: what it does not say is the reader's own default."""
    files = [SD15, {"_class_name": "DDIMScheduler"}, {"_class_name": "EulerDiscreteScheduler", "clip_sample": False}]
    files += [dict(saved(cls, beta_schedule="scaled_linear"), clip_sample=False) for cls in
              (PNDMScheduler, DPMSolverMultistepScheduler, UniPCMultistepScheduler, EulerDiscreteScheduler)]
    for config in files:
        for sampler in CLASSES:
            cases.add(sampler, config, 8)


def trajectories():
    cases = Cases()
    add_grid(cases)
    add_image_to_image(cases)
    add_fields(cases)
    add_foreign(cases)
    return {"configs": cases.configs, "cases": cases.cases}


def write(name, value):
    def short(v):
        return float(np.format_float_positional(np.float32(v), unique=True)) if isinstance(v, float) else v

    def shorten(v):
        if isinstance(v, dict):
            return {k: shorten(x) for k, x in v.items()}
        if isinstance(v, list):
            return [shorten(x) for x in v]
        return short(v)

    with open(os.path.join(HERE, name), "w") as f:
        json.dump(shorten(value), f, separators=(",", ":"))
        f.write("\n")


write("noise.json", noise())
write("trajectories.json", trajectories())
