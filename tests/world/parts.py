"""The two models of this room: Stable Diffusion 1.5 in full size, and a small one of the same topology.

Standard library only.  A model is {part: Part}; its weights and the inputs of its modules follow from names alone.
"""
import json
import math
import os
import random
import struct

import names
from tensors import Tensor, convert, halves, integers, noise, weight

MODULES = {"text_encoder": ["text-encoder"], "unet": ["unet", "unet-controlled"], "controlnet": ["controlnet"],
           "vae": ["vae-encoder", "vae-decoder"], "taesd": ["taesd-encoder", "taesd-decoder"]}


class Part:
    def __init__(self, part, entries, config, coarse, seed):
        self.part, self.entries, self.config, self.coarse, self.seed = part, list(entries), config, coarse, seed

    def weights(self):
        """Diffusers' names."""
        return {e.diffusers: weight(f"{self.seed} {self.part}", e.diffusers, e.shape, self.coarse) for e in self.entries}

    def original(self, weights=None, prefix=None):
        """The same under original names and shapes."""
        prefix = names.PREFIX[self.part] if prefix is None else prefix
        weights = weights or self.weights()
        return {prefix + e.original: weights[e.diffusers]._replace(shape=names.original_shape(e)) for e in self.entries}


def unet_blocks(n):
    return {"down_block_types": ["CrossAttnDownBlock2D"] * (n - 1) + ["DownBlock2D"],
            "up_block_types": ["UpBlock2D"] + ["CrossAttnUpBlock2D"] * (n - 1)}


def network_config(kind, widths, cross):
    return {"_class_name": kind, "_diffusers_version": "0.6.0", "act_fn": "silu", "attention_head_dim": 8,
            "block_out_channels": list(widths), "cross_attention_dim": cross, "downsample_padding": 1,
            "flip_sin_to_cos": True, "freq_shift": 0, "in_channels": 4, "layers_per_block": 2,
            "mid_block_scale_factor": 1, "norm_eps": 1e-05, "norm_num_groups": 32}


def unet_config(widths, cross):
    blocks = unet_blocks(len(widths))
    return {**network_config("UNet2DConditionModel", widths, cross), **blocks, "center_input_sample": False,
            "out_channels": 4, "sample_size": 64}


def controlnet_config(widths, cross):
    blocks = unet_blocks(len(widths))
    return {**network_config("ControlNetModel", widths, cross), "down_block_types": blocks["down_block_types"],
            "conditioning_embedding_out_channels": [16, 32, 96, 256], "controlnet_conditioning_channel_order": "rgb"}


def vae_config(widths):
    return {"_class_name": "AutoencoderKL", "_diffusers_version": "0.6.0", "act_fn": "silu", "in_channels": 3,
            "out_channels": 3, "latent_channels": 4, "layers_per_block": 2, "norm_num_groups": 32,
            "block_out_channels": list(widths), "down_block_types": ["DownEncoderBlock2D"] * len(widths),
            "up_block_types": ["UpDecoderBlock2D"] * len(widths), "sample_size": 512, "scaling_factor": 0.18215}


TAESD = {"_class_name": "AutoencoderTiny", "_diffusers_version": "0.20.0", "act_fn": "relu", "in_channels": 3,
         "out_channels": 3, "latent_channels": 4, "encoder_block_out_channels": [64] * 4,
         "decoder_block_out_channels": [64] * 4, "num_encoder_blocks": [1, 3, 3, 3], "num_decoder_blocks": [3, 3, 3, 1],
         "latent_magnitude": 3, "latent_shift": 0.5, "upsampling_scaling_factor": 2, "scaling_factor": 1.0}


def text_config(vocabulary, width, inner, layers, heads):
    return {"architectures": ["CLIPTextModel"], "model_type": "clip_text_model", "vocab_size": vocabulary,
            "hidden_size": width, "intermediate_size": inner, "num_hidden_layers": layers,
            "num_attention_heads": heads, "max_position_embeddings": 77, "hidden_act": "quick_gelu",
            "layer_norm_eps": 1e-05, "projection_dim": 768, "bos_token_id": 0, "eos_token_id": 2, "pad_token_id": 1}


def make(seed, widths, cross, vae_widths, text, coarse):
    vocabulary, inner, layers, heads = text
    parts = {
        "text_encoder": (names.text_encoder(vocabulary, 77, cross, inner, layers),
                         text_config(vocabulary, cross, inner, layers, heads)),
        "unet": (names.unet(widths, 2, cross), unet_config(widths, cross)),
        "controlnet": (names.controlnet(widths, 2, cross), controlnet_config(widths, cross)),
        "vae": (names.vae(vae_widths, 2), vae_config(vae_widths)),
        "taesd": (names.taesd(), TAESD),
    }
    return {part: Part(part, entries, config, coarse, seed) for part, (entries, config) in parts.items()}


def full(seed="full"):
    return make(seed, (320, 640, 1280, 1280), 768, (128, 256, 512, 512), (49408, 3072, 12, 12), coarse=False)


def small(seed="small"):
    return make(seed, (32, 64, 64, 64), 128, (32, 32, 64, 64), (520, 256, 2, 2), coarse=True)


def tiny_text():
    """A text encoder of a few kilobytes, of which files by several versions of torch lie in data/."""
    config = text_config(40, 16, 24, 1, 2)
    return Part("text_encoder", names.text_encoder(40, 77, 16, 24, 1), config, coarse=True, seed="tiny")


def write_vocabulary(folder, merges):
    """CLIP's form: 256 letters, the same ending a word, what the merges make, start and end.  merges: pairs."""
    os.makedirs(folder)
    printable = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)]
    letters = [chr(b) for b in printable] + [chr(256 + i) for i in range(256 - len(printable))]
    words = letters + [x + "</w>" for x in letters] + ["".join(m) for m in merges]
    words += ["<|startoftext|>", "<|endoftext|>"]
    with open(f"{folder}/vocab.json", "w", encoding="utf-8") as file:
        json.dump({word: i for i, word in enumerate(words)}, file, ensure_ascii=False)
    with open(f"{folder}/merges.txt", "w", encoding="utf-8") as file:
        file.write("#version: 0.2\n" + "".join(f"{a} {b}\n" for a, b in merges))


SCHEDULER = {"_class_name": "PNDMScheduler", "_diffusers_version": "0.6.0", "beta_start": 0.00085, "beta_end": 0.012,
             "beta_schedule": "scaled_linear", "num_train_timesteps": 1000, "set_alpha_to_one": False,
             "skip_prk_steps": True, "steps_offset": 1, "trained_betas": None, "clip_sample": False}


def uniform(seed, low, high, *shape):
    """f32, through f16 numbers of [1, 2)."""
    data = bytearray(halves(seed, math.prod(shape)))
    data[1::2] = bytes(0x3C | b & 3 for b in data[1::2])
    values = [low + (high - low) * (v - 1) for v in struct.unpack(f"<{len(data) // 2}e", data)]
    return Tensor("F32", tuple(shape), struct.pack(f"<{len(values)}f", *values))


def inputs(model, module, side):
    """For `tacet run-module`.  side: of the latent picture.  unet-controlled wants the residuals besides."""
    text, cross = model["text_encoder"].config, model["unet"].config["cross_attention_dim"]
    seed = model["unet"].seed
    if module == "text-encoder":
        source, n = random.Random(f"{seed} ids"), text["vocab_size"]
        ids = [n - 2] + [int(source.random() * (n - 2)) for _ in range(40)] + [n - 1] * 36
        return {"input_ids": integers(ids, 1, 77)}
    if module == "vae-encoder":
        return {"sample": uniform(f"{seed} picture", -1, 1, 1, 3, 8 * side, 8 * side)}
    if module == "taesd-encoder":
        return {"sample": uniform(f"{seed} picture", 0, 1, 1, 3, 8 * side, 8 * side)}
    if module in ("vae-decoder", "taesd-decoder"):
        return {"latent": noise(f"{seed} latent", 1, 4, side, side)}
    result = {"sample": noise(f"{seed} sample", 1, 4, side, side), "timestep": integers([481], 1),
              "encoder_hidden_states": noise(f"{seed} context", 1, 77, cross)}
    if module == "controlnet":
        result["controlnet_cond"] = uniform(f"{seed} hint", 0, 1, 1, 3, 8 * side, 8 * side)
    return result


def places(name, count, keep=64):
    """Where an output of `count` values is sampled."""
    source = random.Random(f"places {name}")
    return [int(source.random() * count) for _ in range(keep)]


def digest(name, shape, values):
    """What the repository keeps of an output: its norm, its mean, and some of its values.  values: flat numbers."""
    return {"shape": list(shape), "norm": math.sqrt(math.fsum(v * v for v in values)),
            "mean": math.fsum(values) / len(values), "values": [values[i] for i in places(name, len(values))]}


def distance(theirs, ours):
    """Between two digests: relative L2 of the values, or of the norms where that is larger; infinite for other shapes."""
    if theirs["shape"] != ours["shape"]:
        return math.inf
    difference = math.sqrt(math.fsum((a - b) ** 2 for a, b in zip(theirs["values"], ours["values"])))
    size = math.sqrt(math.fsum(a * a for a in theirs["values"]))
    worst = max(difference / size, abs(theirs["norm"] - ours["norm"]) / theirs["norm"])
    return worst if worst == worst else math.inf
