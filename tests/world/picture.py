"""Whole pictures: `tacet generate` and diffusers' StableDiffusionControlNetPipeline from the same files and seed."""
import json
import os

import numpy
import torch
from diffusers import DDIMScheduler, StableDiffusionControlNetPipeline
from diffusers.pipelines.controlnet.pipeline_controlnet import MultiControlNetModel
from PIL import Image

import parts
import references
import tacet
from tensors import floats

PROMPT, NEGATIVE, SEED, STRENGTHS = "a red house beside a tall tree, evening light", "blurred, text", 7, (1.0, 0.6)


def control_maps(folder, side):
    """A gray and a coloured map without a black place, as PNG files."""
    result = []
    for name, channels in (("edge", 1), ("pose", 3)):
        low = numpy.array(floats(parts.uniform(f"map {name}", 30, 255, channels, side // 16, side // 16)))
        level = low.reshape(channels, side // 16, side // 16).round().astype(numpy.uint8).repeat(16, 1).repeat(16, 2)
        Image.fromarray(level[0] if channels == 1 else level.transpose(1, 2, 0)).save(f"{folder}/{name}.png")
        result.append(torch.tensor(level / 255, dtype=torch.float32).expand(3, side, side)[None])
    return result


def write_scene(folder, model, controls, side, steps, guidance, combine="sum"):
    scene = {"format": "tacet-scene", "version": 1, "width": side, "height": side, "model": os.path.abspath(model),
             "prompt": PROMPT, "negative_prompt": NEGATIVE, "seed": SEED, "steps": steps, "sampler": "ddim",
             "guidance_scale": guidance, "combine": combine,
             "controls": [{"kind": kind, "model": os.path.abspath(path), "image": f"{kind}.png", "strength": strength}
                          for kind, path, strength in zip(("edge", "pose"), controls, STRENGTHS)]}
    with open(f"{folder}/scene.json", "w") as file:
        json.dump(scene, file, indent=1)


def theirs(networks, nets, tokenizer, scheduler, maps, side, steps, guidance):
    """networks: unet, vae, text_encoder.  Weights may lie in f16; the arithmetic is float32."""
    for model in [*networks.values(), *nets]:
        references.widen(model, torch.float32)
        type(model).dtype = torch.float32
    MultiControlNetModel.dtype = torch.float32
    common = {**networks, "tokenizer": tokenizer, "scheduler": DDIMScheduler.from_config(scheduler),
              "safety_checker": None, "feature_extractor": None, "requires_safety_checker": False}
    run = dict(prompt=PROMPT, negative_prompt=NEGATIVE, num_inference_steps=steps, guidance_scale=guidance, height=side,
               width=side, generator=torch.Generator().manual_seed(SEED), output_type="np")
    with torch.no_grad():
        pipeline = StableDiffusionControlNetPipeline(controlnet=nets, **common)
        pipeline.set_progress_bar_config(disable=True)
        return pipeline(image=maps, controlnet_conditioning_scale=list(STRENGTHS), **run).images[0]


def ours(program, folder):
    result = f"{folder}/ours.png"
    _, seconds, peak = tacet.run(program, "generate", f"{folder}/scene.json", "-o", result)
    return numpy.asarray(Image.open(result).convert("RGB")) / 255.0, seconds, peak


def difference(a, b):
    """In levels of 8 bits: the largest, and the share of values that differ."""
    levels = numpy.abs(numpy.round(a * 255) - numpy.round(b * 255))
    return float(levels.max()), float((levels > 0).mean())
