#!/usr/bin/env python3
"""References for the kinds of runs: diffusers' pipelines on the tiny model that the test writes.

  test-sample-runs --write DIR        writes the tiny model
  make-run-references.py DIR/tiny     reads it and writes data/runs.json beside this file

Needs torch, diffusers, transformers, numpy.  Pictures are bytes in base64.  Where diffusers has no name for a mode
(control on the conditional half alone, cldm's guess mode) its own guess mode runs with other factors per layer.
"""
import base64
import json
import os
import sys

os.environ["HF_HUB_OFFLINE"] = "1"

import diffusers as d
import numpy as np
import torch
from transformers import CLIPTextModel, CLIPTokenizer

FOLDER = sys.argv[1]
OUT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "data", "runs.json")
PROMPT, NEGATIVE, SEED, STEPS, GUIDANCE, WIDTH, HEIGHT = "a red mug", "blue", 7, 6, 3.0, 36, 20
STRENGTHS, STARTS, ENDS = (1.0, 0.7, 0.5, 0.8), (0.0, 0.0, 0.25, 0.0), (1.0, 0.5, 1.0, 1.0)
torch.set_grad_enabled(False)
torch.set_num_threads(1)

unet = d.UNet2DConditionModel.from_pretrained(f"{FOLDER}/unet").eval()
unet9 = d.UNet2DConditionModel.from_pretrained(f"{FOLDER}/unet9").eval()
nets = [d.ControlNetModel.from_pretrained(f"{FOLDER}/{kind}").eval() for kind in ("edge", "depth", "pose", "shuffle")]
nets[3].register_to_config(global_pool_conditions=True)
text = CLIPTextModel.from_pretrained(f"{FOLDER}/text_encoder").eval()
tokenizer = CLIPTokenizer(f"{FOLDER}/tokenizer/vocab.json", f"{FOLDER}/tokenizer/merges.txt", model_max_length=16)
vae = d.AutoencoderKL.from_pretrained(f"{FOLDER}/vae").eval()

SAMPLERS = {
    "ddim": (d.DDIMScheduler, {}),
    "euler": (d.EulerDiscreteScheduler, {}),
    "ddpm": (d.DDPMScheduler, {}),
    "pndm": (d.PNDMScheduler, {}),
    "euler-a": (d.EulerAncestralDiscreteScheduler, {}),
    "heun": (d.HeunDiscreteScheduler, {}),
    "dpmpp-2m": (d.DPMSolverMultistepScheduler, {}),
    "dpmpp-2m-sde": (d.DPMSolverMultistepScheduler, {"algorithm_type": "sde-dpmsolver++"}),
    "unipc": (d.UniPCMultistepScheduler, {}),
    "lcm": (d.LCMScheduler, {}),
}


def pattern(width, height, factor):
    """A smooth picture in bytes, {1, 3, height, width} in [0, 1]."""
    y, x, c = np.mgrid[0:height, 0:width, 0:3]
    value = (x * factor + y * (factor + 2) + c * 40 + (x * y) // 16) % 256
    return torch.tensor(value / 255.0, dtype=torch.float32).permute(2, 0, 1)[None]


def control_map(kind):
    i = np.arange(WIDTH * HEIGHT * 3)
    return torch.tensor(((i * (kind + 3)) ^ (i >> 4)) % 256 / 255.0, dtype=torch.float32).reshape(
        1, HEIGHT, WIDTH, 3).permute(0, 3, 1, 2)


def mask():
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    return torch.tensor(((x - 20) ** 2 + (y - 8) ** 2 < 60) * 1.0, dtype=torch.float32)[None, None]


def run(pipe, sampler, net=None, nets_used=(), **more):
    pipe.check_inputs = lambda *a, **k: None  # it asks for multiples of 8; this VAE's factor is 4
    kind, options = SAMPLERS[sampler]
    scheduler = kind.from_config(json.load(open(f"{FOLDER}/scheduler/scheduler_config.json")), **options)
    parts = dict(vae=vae, text_encoder=text, tokenizer=tokenizer, unet=net or unet, scheduler=scheduler,
                 safety_checker=None, feature_extractor=None, requires_safety_checker=False)
    if nets_used:
        used = list(nets_used)
        parts["controlnet"] = [nets[k] for k in used] if len(used) > 1 else nets[used[0]]
        single = len(used) == 1
        pick = lambda values: values[used[0]] if single else [values[k] for k in used]
        more |= dict(controlnet_conditioning_scale=pick(STRENGTHS), control_guidance_start=pick(STARTS),
                     control_guidance_end=pick(ENDS))
    image = pipe(**parts)(prompt=PROMPT, negative_prompt=NEGATIVE, num_inference_steps=STEPS, guidance_scale=GUIDANCE,
                          generator=torch.Generator().manual_seed(SEED), output_type="np", **more).images[0]
    return base64.b64encode(np.round(image * 255).astype(np.uint8).tobytes()).decode()


def maps(*kinds):
    return [control_map(k) for k in kinds] if len(kinds) > 1 else control_map(kinds[0])


def with_factors(function, factors):
    plain = torch.logspace
    torch.logspace = lambda start, end, n, **more: torch.tensor([factors(i, n) for i in range(n)], dtype=torch.float32)
    try:
        return function()
    finally:
        torch.logspace = plain


results = {}
size = dict(height=HEIGHT, width=WIDTH)
image, part = pattern(WIDTH, HEIGHT, 3), mask()
for sampler in SAMPLERS:
    thorough = sampler in ("ddim", "euler")
    results[f"plain-{sampler}"] = run(d.StableDiffusionPipeline, sampler, **size)
    for strength in (0.3, 0.75, 1.0) if thorough else (0.75,):
        results[f"img2img-{strength}-{sampler}"] = run(d.StableDiffusionImg2ImgPipeline, sampler, image=image,
                                                       strength=strength)
    for strength in (0.6, 1.0) if thorough else (0.6,):
        results[f"inpaint-{strength}-{sampler}"] = run(d.StableDiffusionInpaintPipeline, sampler, image=image,
                                                       mask_image=part, strength=strength, **size)
        results[f"inpaint9-{strength}-{sampler}"] = run(d.StableDiffusionInpaintPipeline, sampler, net=unet9,
                                                        image=image, mask_image=part, strength=strength, **size)
for sampler in ("ddim", "euler"):
    sum_ = lambda *kinds, **more: run(d.StableDiffusionControlNetPipeline, sampler, nets_used=kinds,
                                      image=maps(*kinds), **more, **size)
    results[f"sum-{sampler}"] = sum_(0, 1, 2)
    results[f"guess-diffusers-{sampler}"] = sum_(0, 1, 2, guess_mode=True)
    results[f"guess-cldm-{sampler}"] = with_factors(lambda: sum_(0, 1, 2, guess_mode=True),
                                                    lambda i, n: 0.825 ** (n - 1 - i))
    results[f"conditional-only-{sampler}"] = with_factors(lambda: sum_(0, 1, 2, guess_mode=True), lambda i, n: 1.0)
    results[f"shuffle-{sampler}"] = sum_(3)
    results[f"shuffle-guess-{sampler}"] = sum_(3, guess_mode=True)
    results[f"shuffle-all-guess-{sampler}"] = sum_(0, 3, guess_mode=True)
    results[f"control-img2img-{sampler}"] = run(d.StableDiffusionControlNetImg2ImgPipeline, sampler,
                                                nets_used=(0, 1, 2), image=image, control_image=maps(0, 1, 2),
                                                strength=0.75, **size)
    for name, net in (("control-inpaint", unet), ("control-inpaint9", unet9)):
        results[f"{name}-{sampler}"] = run(d.StableDiffusionControlNetInpaintPipeline, sampler, net=net,
                                           nets_used=(0, 1, 2), image=image, mask_image=part,
                                           control_image=maps(0, 1, 2), strength=0.75, **size)
with open(OUT, "w") as out:
    json.dump(results, out, indent=0)
    out.write("\n")
