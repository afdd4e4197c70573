#!/usr/bin/env python3
"""References for the tests of engine/sample: noise of PyTorch, trajectories of diffusers.

Needs torch, diffusers, numpy.  Writes data/noise.json and data/trajectories.json beside this file.
The network of the trajectories is a fixed function of the latents and the timestep, see network().
"""
import json
import os

import numpy as np
import torch
from diffusers import DDIMScheduler, EulerDiscreteScheduler

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
    index = torch.arange(x.numel(), dtype=torch.float32).reshape(x.shape)
    return 0.6 * x + 0.3 * torch.sin(3 * x + 0.01 * index) + 0.2 * (share - 0.5) * torch.roll(x, 1)


def run(cls, config, steps):
    scheduler = cls.from_config(config)
    scheduler.set_timesteps(steps)
    torch.manual_seed(11)
    x = torch.randn(32) * scheduler.init_noise_sigma
    rows = []
    for t in scheduler.timesteps:
        out = network(scheduler.scale_model_input(x, t), float(t), scheduler.config.num_train_timesteps)
        result = scheduler.step(out, t, x)
        x = result.prev_sample
        rows.append({"t": float(t), "x": numbers(x[:6]), "x0": numbers(result.pred_original_sample[:6])})
    keep = rows if steps <= 5 else [rows[0], rows[steps // 2], rows[-1]]
    at = list(range(steps)) if steps <= 5 else [0, steps // 2, steps - 1]
    return {
        "timesteps": [float(t) for t in scheduler.timesteps],
        "init_sigma": float(scheduler.init_noise_sigma),
        "at": at,
        "rows": keep,
        "final": numbers(x),
    }


SD = {"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear", "num_train_timesteps": 1000}


def trajectories():
    cases = []
    for name, sampler in (("DDIMScheduler", "ddim"), ("EulerDiscreteScheduler", "euler")):
        cls = {"DDIMScheduler": DDIMScheduler, "EulerDiscreteScheduler": EulerDiscreteScheduler}[name]
        for prediction in ("epsilon", "v_prediction", "sample"):
            for spacing in (None, "leading", "trailing", "linspace"):
                for steps in (1, 5, 20, 30):
                    extra = {} if spacing is None else {"timestep_spacing": spacing}
                    if name == "DDIMScheduler":
                        extra.update(clip_sample=False, set_alpha_to_one=steps == 30, steps_offset=steps % 3)
                    else:
                        extra.update(steps_offset=steps % 3)
                    config = dict(SD, prediction_type=prediction, **extra)
                    if steps == 20 and spacing is not None:
                        continue
                    cases.append({"sampler": sampler, "steps": steps, "config": config, **run(cls, config, steps)})
    more = [
        ({"beta_schedule": "linear", "beta_start": 0.0001, "beta_end": 0.02, "clip_sample": False}, 10),
        ({"beta_schedule": "squaredcos_cap_v2", "clip_sample": False}, 10),
        ({**SD, "clip_sample": True, "clip_sample_range": 1.5}, 10),
        ({**SD, "clip_sample": False, "rescale_betas_zero_snr": True, "prediction_type": "v_prediction",
          "timestep_spacing": "trailing"}, 10),
        ({"num_train_timesteps": 250, "clip_sample": False, **{k: v for k, v in SD.items() if k != "num_train_timesteps"}}, 7),
    ]
    for config, steps in more:
        for cls, sampler in ((DDIMScheduler, "ddim"), (EulerDiscreteScheduler, "euler")):
            cases.append({"sampler": sampler, "steps": steps, "config": config, **run(cls, config, steps)})
    return {"cases": cases}


def write(name, value):
    def short(v):
        return float(np.format_float_positional(np.float32(v), unique=True)) if isinstance(v, float) else v

    def walk(v):
        if isinstance(v, dict):
            return {k: walk(x) if k != "config" else x for k, x in v.items()}
        if isinstance(v, list):
            return [walk(x) for x in v]
        return short(v)

    with open(os.path.join(HERE, name), "w") as f:
        json.dump(walk(value), f, separators=(",", ":"))
        f.write("\n")


write("noise.json", noise())
write("trajectories.json", trajectories())
