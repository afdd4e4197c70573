#!/usr/bin/env python3
"""References for whole generations: diffusers, and minimal impact written again in PyTorch and numpy.

  test-sample-reference --write DIR        writes the tiny model that the test uses
  make-pipeline-references.py DIR/tiny     reads it and writes data/pipeline.json beside this file

Needs torch, diffusers, transformers, numpy.  Plain sums come from StableDiffusionControlNetPipeline as it is.
Minimal impact: the features are read with hooks, the balance is solved here by trying all supports, and the
result is handed to the U-Net as additional residuals.
"""
import itertools
import json
import os
import sys

os.environ["HF_HUB_OFFLINE"] = "1"

import numpy as np
import torch
from diffusers import (AutoencoderKL, ControlNetModel, DDIMScheduler, DDPMScheduler, DPMSolverMultistepScheduler,
                       EulerAncestralDiscreteScheduler, EulerDiscreteScheduler, HeunDiscreteScheduler, LCMScheduler,
                       PNDMScheduler, StableDiffusionControlNetPipeline, StableDiffusionPipeline, UNet2DConditionModel,
                       UniPCMultistepScheduler)
from transformers import CLIPTextModel, CLIPTokenizer

FOLDER = sys.argv[1]
OUT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "data", "pipeline.json")
PROMPT, NEGATIVE, SEED, STEPS, GUIDANCE, SIDE = "a red mug", "blue", 7, 4, 3.0, 32
KINDS = ("edge", "depth", "pose")
STRENGTHS, STARTS, ENDS = (1.0, 0.7, 0.5), (0.0, 0.0, 0.25), (1.0, 0.5, 1.0)
torch.set_grad_enabled(False)

unet = UNet2DConditionModel.from_pretrained(f"{FOLDER}/unet").eval()
nets = [ControlNetModel.from_pretrained(f"{FOLDER}/{kind}").eval() for kind in KINDS]
text = CLIPTextModel.from_pretrained(f"{FOLDER}/text_encoder").eval()
tokenizer = CLIPTokenizer(f"{FOLDER}/tokenizer/vocab.json", f"{FOLDER}/tokenizer/merges.txt", model_max_length=16)
vae = AutoencoderKL.from_pretrained(f"{FOLDER}/vae", low_cpu_mem_usage=False).eval()


def control_map(kind):
    i = np.arange(SIDE * SIDE * 3)
    return torch.tensor(((i * (kind + 3)) ^ (i >> 4)) % 256 / 255.0, dtype=torch.float32).reshape(
        1, SIDE, SIDE, 3).permute(0, 3, 1, 2)


def coverage(kind):
    if kind != 1:
        return None
    y, x = np.mgrid[0:SIDE, 0:SIDE]
    return torch.tensor((x + 2 * y > 40) * 1.0, dtype=torch.float32).reshape(1, 1, SIDE, SIDE)


def hint(kind):
    """Black where the control is silent, as in training."""
    return control_map(kind) if coverage(kind) is None else control_map(kind) * coverage(kind)


def ids(prompt):
    return tokenizer(prompt, padding="max_length", max_length=16, truncation=True, return_tensors="pt").input_ids


SAMPLERS = {"ddim": DDIMScheduler, "euler": EulerDiscreteScheduler, "ddpm": DDPMScheduler, "pndm": PNDMScheduler,
            "euler-a": EulerAncestralDiscreteScheduler, "heun": HeunDiscreteScheduler,
            "dpmpp-2m": DPMSolverMultistepScheduler, "dpmpp-2m-sde": DPMSolverMultistepScheduler,
            "unipc": UniPCMultistepScheduler, "lcm": LCMScheduler}


def schedulers(sampler, **more):
    config = json.load(open(f"{FOLDER}/scheduler/scheduler_config.json"))
    if sampler == "dpmpp-2m-sde":
        more["algorithm_type"] = "sde-dpmsolver++"
    return SAMPLERS[sampler].from_config(config, **more)


def levels(picture):
    return [int(v) for v in np.round(np.asarray(picture[0]) * 255).reshape(-1)]


def common():
    return dict(prompt=PROMPT, negative_prompt=NEGATIVE, num_inference_steps=STEPS, guidance_scale=GUIDANCE,
                height=SIDE, width=SIDE, generator=torch.Generator().manual_seed(SEED), output_type="np")


def parts(sampler, **more):
    return dict(vae=vae, text_encoder=text, tokenizer=tokenizer, unet=unet, scheduler=schedulers(sampler, **more),
                safety_checker=None, feature_extractor=None, requires_safety_checker=False)


def plain(sampler):
    return levels(StableDiffusionPipeline(**parts(sampler))(**common()).images)


def detailed(sampler, arguments, **more):
    return levels(StableDiffusionPipeline(**parts(sampler, **more))(**common(), **arguments).images)


def summed(sampler):
    pipe = StableDiffusionControlNetPipeline(controlnet=nets, **parts(sampler))
    return levels(pipe(image=[control_map(k) for k in range(3)], controlnet_conditioning_scale=list(STRENGTHS),
                       control_guidance_start=list(STARTS), control_guidance_end=list(ENDS), **common()).images)


def minnorm(gram):
    n = len(gram)
    best, best_w = None, None
    for size in range(1, n + 1):
        for support in itertools.combinations(range(n), size):
            m = np.zeros((size + 1, size + 1))
            m[0, 1:] = m[1:, 0] = 1
            m[1:, 1:] = gram[np.ix_(support, support)] / np.trace(gram)
            y = np.linalg.lstsq(m, np.eye(size + 1)[0], rcond=None)[0][1:]
            if (y < 0).any():
                continue
            w = np.zeros(n)
            w[list(support)] = y
            value = w @ gram @ w
            if best is None or value < best * (1 - 1e-12):
                best, best_w = value, w
    return best_w


def balance(f, residuals, strengths):
    """Features per sample: f, [c_k] flat double vectors -> coefficients, record."""
    gram = np.array([[a @ b for b in residuals] for a in residuals])
    loud = gram.diagonal() >= 1e-6 * gram.diagonal().max()
    kept = [k for k in range(len(residuals)) if loud[k]]
    w = np.zeros(len(residuals))
    w[kept] = minnorm(gram[np.ix_(kept, kept)])
    c = len(kept) * sum(w[k] * residuals[k] for k in kept)
    g = np.clip((c - f) @ c / ((c - f) @ (c - f)), 0, 1)
    lam = 20.0 if g == 0 else min((1 - g) / g, 20.0)
    return [lam * len(kept) * w[k] * strengths[k] for k in range(len(residuals))], \
        {"lambda": lam, "weights": w.tolist(), "unet_norm": float(np.sqrt(f @ f)), "combined_norm": float(np.sqrt(c @ c))}


def features(sample, t, context):
    seen = {}
    hooks = [unet.conv_in.register_forward_hook(lambda m, i, o: seen.__setitem__("in", o)),
             unet.mid_block.register_forward_hook(lambda m, i, o: seen.__setitem__("mid", o))]
    for j, block in enumerate(unet.down_blocks):
        hooks.append(block.register_forward_hook(lambda m, i, o, j=j: seen.__setitem__(j, o[1])))
    unet(sample, t, encoder_hidden_states=context)
    for hook in hooks:
        hook.remove()
    return [seen["in"]] + [r for j in range(len(unet.down_blocks)) for r in seen[j]] + [seen["mid"]]


def minimal(sampler):
    scheduler = schedulers(sampler)
    scheduler.set_timesteps(STEPS)
    context = text(torch.cat([ids(NEGATIVE), ids(PROMPT)])).last_hidden_state
    latents = torch.randn(1, 4, SIDE // 4, SIDE // 4, generator=torch.Generator().manual_seed(SEED))
    latents = latents * scheduler.init_noise_sigma
    records = []
    for i, t in enumerate(scheduler.timesteps):
        sample = scheduler.scale_model_input(torch.cat([latents] * 2), t)
        active = [k for k in range(3) if i / STEPS >= STARTS[k] and (i + 1) / STEPS <= ENDS[k]]
        f = features(sample, t, context)
        c = []
        for k in active:
            down, mid = nets[k](sample, t, encoder_hidden_states=context, controlnet_cond=torch.cat([hint(k)] * 2),
                                return_dict=False)
            rows = list(down) + [mid]
            if coverage(k) is not None:
                rows = [r * torch.nn.functional.interpolate(coverage(k), size=r.shape[2:], mode="area") for r in rows]
            c.append(rows)
        added, step = [], {"step": i, "conditional": [], "unconditional": []}
        for layer in range(len(f)):
            total = torch.zeros_like(f[layer])
            for half in range(2):
                flat = [rows[layer][half].double().numpy().reshape(-1) for rows in c]
                coefficients, record = balance(f[layer][half].double().numpy().reshape(-1), flat,
                                               [STRENGTHS[k] for k in active])
                for rows, a in zip(c, coefficients):
                    total[half] += a * rows[layer][half]
                step[("unconditional", "conditional")[half]].append(record)
            added.append(total)
        out = unet(sample, t, encoder_hidden_states=context, down_block_additional_residuals=added[:-1],
                   mid_block_additional_residual=added[-1]).sample
        u, v = out.chunk(2)
        latents = scheduler.step(u + GUIDANCE * (v - u), t, latents).prev_sample
        step["active"] = active
        records.append(step)
    picture = vae.decode(latents / vae.config.scaling_factor).sample
    return levels((picture / 2 + 0.5).clamp(0, 1).permute(0, 2, 3, 1).numpy()), records


picture, records = minimal("ddim")
euler_picture, _ = minimal("euler")
with open(OUT, "w") as out:
    pictures = {f"plain-{sampler}": plain(sampler) for sampler in SAMPLERS}
    pictures |= {f"sum-{sampler}": summed(sampler) for sampler in ("ddim", "euler", "heun")}
    pictures["eta"] = detailed("ddim", {"eta": 0.7}, timestep_spacing="trailing")
    pictures["karras"] = detailed("dpmpp-2m", {"guidance_rescale": 0.7}, use_karras_sigmas=True)
    json.dump({**pictures, "minimal-ddim": picture, "minimal-euler": euler_picture, "steps": records}, out,
              separators=(",", ":"))
    out.write("\n")
