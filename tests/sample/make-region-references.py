#!/usr/bin/env python3
"""References for regions: diffusers' pipelines with an attention processor written here from docs/method.md 4.7.

  test-sample-regions --write DIR        writes the tiny model
  make-region-references.py DIR/tiny     reads it and writes data/regions.json beside this file

Needs torch, diffusers, transformers, numpy.  Pictures are bytes in base64.
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
OUT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "data", "regions.json")
PROMPT, NEGATIVE, SEED, STEPS, GUIDANCE, WIDTH, HEIGHT, FACTOR, LENGTH = "a red mug", "blue", 7, 6, 3.0, 36, 20, 4, 16
STRENGTHS, STARTS, ENDS = [1.0, 0.7, 0.5], [0.0, 0.0, 0.25], [1.0, 0.5, 1.0]
torch.set_grad_enabled(False)
torch.set_num_threads(1)

unet = d.UNet2DConditionModel.from_pretrained(f"{FOLDER}/unet").eval()
nets = [d.ControlNetModel.from_pretrained(f"{FOLDER}/{kind}").eval() for kind in ("edge", "depth", "pose")]
text = CLIPTextModel.from_pretrained(f"{FOLDER}/text_encoder").eval()
tokenizer = CLIPTokenizer(f"{FOLDER}/tokenizer/vocab.json", f"{FOLDER}/tokenizer/merges.txt", model_max_length=LENGTH)
vae = d.AutoencoderKL.from_pretrained(f"{FOLDER}/vae").eval()

SAMPLERS = {
    "ddim": (d.DDIMScheduler, {}),
    "ddpm": (d.DDPMScheduler, {}),
    "pndm": (d.PNDMScheduler, {}),
    "euler": (d.EulerDiscreteScheduler, {}),
    "euler-a": (d.EulerAncestralDiscreteScheduler, {}),
    "heun": (d.HeunDiscreteScheduler, {}),
    "dpmpp-2m": (d.DPMSolverMultistepScheduler, {}),
    "dpmpp-2m-sde": (d.DPMSolverMultistepScheduler, {"algorithm_type": "sde-dpmsolver++"}),
    "unipc": (d.UniPCMultistepScheduler, {}),
    "lcm": (d.LCMScheduler, {}),
}


# --- masks and shares ---

def masks():
    """Of the pictures' size but for the disc: gray levels."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    fine_y, fine_x = np.mgrid[0:2 * HEIGHT, 0:2 * WIDTH]
    return {
        "corner": np.where((x < 20) & (y < 13), 255, 0),
        "fading": np.clip((x - 14) * 23, 0, 255),
        "disc": np.where((fine_x - 40) ** 2 + (fine_y - 18) ** 2 < 300, 255, 0),
        "whole": np.full((HEIGHT, WIDTH), 255),
    }


def averages(n_from, n_to):
    """Matrix of area averages: how much of each cell lies in each of the fewer, larger ones."""
    edges = np.arange(n_to + 1) * n_from / n_to
    low, high = np.arange(n_from), np.arange(n_from) + 1
    overlap = np.minimum(edges[1:, None], high) - np.maximum(edges[:-1, None], low)
    return np.clip(overlap, 0, None) * n_to / n_from


def shrink(image, height, width):
    return averages(image.shape[0], height) @ image @ averages(image.shape[1], width).T


def shares_of(names):
    """Levels that add up to 255: upper masks take first, the rest comes last."""
    rest, shares = np.full((HEIGHT, WIDTH), 255), []
    for name in names:
        mask = np.floor(shrink(masks()[name].astype(float), HEIGHT, WIDTH) + 0.5).astype(int)
        share = (mask * rest + 127) // 255
        rest = rest - share
        shares.append(share)
    return shares + [rest]


# --- texts ---

def encode(prompt, n_chunks):
    chunks = prompt.split(" BREAK ")
    chunks += [""] * (n_chunks - len(chunks))
    ids = [tokenizer(c, padding="max_length", max_length=LENGTH, return_tensors="pt").input_ids for c in chunks]
    return torch.cat([text(i).last_hidden_state for i in ids], 1)


def join(first, second):
    return f"{first}, {second}" if first else second


class RegionalAttention:
    """sum_r share_r softmax (q k_r^T / sqrt (d)) v_r, then the output layer."""

    def __init__(self, lengths, shares):
        self.lengths, self.by_count = lengths, {}
        height, width = HEIGHT // FACTOR, WIDTH // FACTOR
        for _ in range(2):
            self.by_count[height * width] = [torch.tensor(shrink(s / 255, height, width).reshape(1, -1, 1),
                                                          dtype=torch.float32) for s in shares]
            height, width = (height + 1) // 2, (width + 1) // 2

    def __call__(self, attn, hidden_states, encoder_hidden_states=None, attention_mask=None, temb=None):
        q = attn.to_q(hidden_states)
        batch, count, channels = q.shape
        split = lambda z: z.view(batch, -1, attn.heads, channels // attn.heads).transpose(1, 2)
        result = torch.zeros_like(q)
        for share, context in zip(self.by_count[count], encoder_hidden_states.split(self.lengths, 1)):
            k, v = attn.to_k(context), attn.to_v(context)
            weights = (split(q) @ split(k).transpose(2, 3) * (channels // attn.heads) ** -0.5).softmax(-1)
            result += share * (weights @ split(v)).transpose(1, 2).reshape(batch, count, channels)
        return attn.to_out[0](result)


def use_regions(lengths, shares):
    for net in [unet] + nets:
        net.set_attn_processor({name: RegionalAttention(lengths, shares) if ".attn2." in name else processor
                                for name, processor in net.attn_processors.items()})


# --- runs ---

def pattern(width, height, factor):
    """A smooth picture in bytes, {1, 3, height, width} in [0, 1]."""
    y, x, c = np.mgrid[0:height, 0:width, 0:3]
    value = (x * factor + y * (factor + 2) + c * 40 + (x * y) // 16) % 256
    return torch.tensor(value / 255.0, dtype=torch.float32).permute(2, 0, 1)[None]


def repainted():
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    return torch.tensor(((x - 20) ** 2 + (y - 8) ** 2 < 60) * 1.0, dtype=torch.float32)[None, None]


def control_map(kind):
    i = np.arange(WIDTH * HEIGHT * 3)
    return torch.tensor(((i * (kind + 3)) ^ (i >> 4)) % 256 / 255.0, dtype=torch.float32).reshape(
        1, HEIGHT, WIDTH, 3).permute(0, 3, 1, 2)


def run(pipe, sampler, regions, controls=False, **more):
    """regions: (mask, prompt, negative prompt), topmost first"""
    texts = [(join(p, PROMPT), join(n, NEGATIVE)) for _, p, n in regions] + [(PROMPT, NEGATIVE)]
    n_chunks = [max(p.count("BREAK"), n.count("BREAK")) + 1 for p, n in texts]
    use_regions([n * LENGTH for n in n_chunks], shares_of([m for m, _, _ in regions]))
    embeds = [torch.cat([encode(t[half], n) for t, n in zip(texts, n_chunks)], 1) for half in range(2)]
    pipe.check_inputs = lambda *a, **k: None  # it asks for multiples of 8; this VAE's factor is 4
    kind, options = SAMPLERS[sampler]
    scheduler = kind.from_config(json.load(open(f"{FOLDER}/scheduler/scheduler_config.json")), **options)
    parts = dict(vae=vae, text_encoder=text, tokenizer=tokenizer, unet=unet, scheduler=scheduler,
                 safety_checker=None, feature_extractor=None, requires_safety_checker=False)
    if controls:
        parts["controlnet"] = nets
        more |= dict(image=[control_map(k) for k in range(3)], controlnet_conditioning_scale=STRENGTHS,
                     control_guidance_start=STARTS, control_guidance_end=ENDS)
    image = pipe(**parts)(prompt_embeds=embeds[0], negative_prompt_embeds=embeds[1], num_inference_steps=STEPS,
                          guidance_scale=GUIDANCE, generator=torch.Generator().manual_seed(SEED), output_type="np",
                          **more).images[0]
    return base64.b64encode(np.round(image * 255).astype(np.uint8).tobytes()).decode()


TWO = [("corner", "a blue person", ""), ("disc", "mug", "red")]
SOFT = [("fading", "a person", "person"), ("corner", "blue BREAK a red mug", ""), ("disc", "red red", "mug BREAK a")]
FULL = [("fading", "a person", ""), ("whole", "blue", "")]
size, results = dict(height=HEIGHT, width=WIDTH), {}
for sampler in SAMPLERS:
    results[f"two-{sampler}"] = run(d.StableDiffusionPipeline, sampler, TWO, **size)
for sampler in ("ddim", "euler"):
    results[f"soft-{sampler}"] = run(d.StableDiffusionPipeline, sampler, SOFT, **size)
    results[f"full-{sampler}"] = run(d.StableDiffusionPipeline, sampler, FULL, **size)
    results[f"controls-{sampler}"] = run(d.StableDiffusionControlNetPipeline, sampler, SOFT, controls=True, **size)
    results[f"img2img-{sampler}"] = run(d.StableDiffusionImg2ImgPipeline, sampler, SOFT,
                                        image=pattern(WIDTH, HEIGHT, 3), strength=0.75)
    results[f"inpaint-{sampler}"] = run(d.StableDiffusionInpaintPipeline, sampler, SOFT, image=pattern(WIDTH, HEIGHT, 3),
                                        mask_image=repainted(), strength=0.6, **size)
with open(OUT, "w") as out:
    json.dump(results, out, indent=0)
    out.write("\n")
