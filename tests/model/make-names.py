#!/usr/bin/env python3
"""Names of weights in both layouts, as diffusers' own converters pair them.

    make-names.py references/names.json

The original names are made here from the structure of CompVis' and lllyasviel's classes; diffusers' converters turn
them into its own, and the result is held against what its classes ask for.  Of the networks of SD 1.5 only counts and
a checksum of the sorted list "original<TAB>diffusers" are kept, of two small relatives the lists.  Also the counts of
values.  Needs torch, diffusers, transformers.
"""
import hashlib, json, sys
import torch
from diffusers import AutoencoderKL, AutoencoderTiny, ControlNetModel, UNet2DConditionModel
from diffusers.loaders import single_file_utils as convert
from transformers import CLIPTextConfig, CLIPTextModel

SD15 = dict(channels=[320, 640, 1280, 1280], layers=2, down=[1, 1, 1, 0], cross=768, hint=[16, 32, 96, 256])
SMALL = dict(channels=[32, 32, 64], layers=1, down=[0, 1, 1], cross=24, hint=[8, 16])


def wb(name):
    return [f"{name}.weight", f"{name}.bias"]


def res(name, changes):
    names = ["in_layers.0", "in_layers.2", "emb_layers.1", "out_layers.0", "out_layers.3"]
    return sum((wb(f"{name}.{n}") for n in names + ["skip_connection"] * changes), [])


def attn(name):
    block = f"{name}.transformer_blocks.0"
    names = sum((wb(f"{name}.{n}") for n in ("norm", "proj_in", "proj_out")), [])
    for i in (1, 2):
        names += [f"{block}.attn{i}.to_{x}.weight" for x in "qkv"] + wb(f"{block}.attn{i}.to_out.0")
    return names + sum((wb(f"{block}.{n}") for n in ("norm1", "norm2", "norm3", "ff.net.0.proj", "ff.net.2")), [])


def trunk(c):
    names = wb("time_embed.0") + wb("time_embed.2") + wb("input_blocks.0.0")
    i, skips, x = 1, [c["channels"][0]], c["channels"][0]
    for level, out in enumerate(c["channels"]):
        for _ in range(c["layers"]):
            names += res(f"input_blocks.{i}.0", x != out)
            names += attn(f"input_blocks.{i}.1") if c["down"][level] else []
            x, i = out, i + 1
            skips.append(x)
        if level + 1 < len(c["channels"]):
            names += wb(f"input_blocks.{i}.0.op")
            i += 1
            skips.append(x)
    return names + res("middle_block.0", False) + attn("middle_block.1") + res("middle_block.2", False), skips


def unet(c):
    names, skips = trunk(c)
    i, x = 0, c["channels"][-1]
    for level, out in reversed(list(enumerate(c["channels"]))):
        for j in range(c["layers"] + 1):
            names += res(f"output_blocks.{i}.0", x + skips.pop() != out)
            names += attn(f"output_blocks.{i}.1") if c["down"][level] else []
            if j == c["layers"] and level:
                names += wb(f"output_blocks.{i}.{2 if c['down'][level] else 1}.conv")
            x, i = out, i + 1
    return names + wb("out.0") + wb("out.2")


def controlnet(c):
    names, skips = trunk(c)
    for i in range(len(skips)):
        names += wb(f"zero_convs.{i}.0")
    for i in range(2 * len(c["hint"])):
        names += wb(f"input_hint_block.{2 * i}")
    return names + wb("middle_block_out.0")


def vae(channels, layers):
    names = wb("quant_conv") + wb("post_quant_conv")
    block = lambda n, changes: sum((wb(f"{n}.{x}") for x in ["norm1", "conv1", "norm2", "conv2"] +
                                    ["nin_shortcut"] * changes), [])
    for half in ("encoder", "decoder"):
        for n in ("conv_in", "conv_out", "norm_out"):
            names += wb(f"{half}.{n}")
        names += block(f"{half}.mid.block_1", False) + block(f"{half}.mid.block_2", False)
        for n in ("norm", "q", "k", "v", "proj_out"):
            names += wb(f"{half}.mid.attn_1.{n}")
        levels = list(enumerate(channels))
        x = channels[0] if half == "encoder" else channels[-1]
        for level, out in levels if half == "encoder" else reversed(levels):
            side = "down" if half == "encoder" else "up"
            for j in range(layers + (half == "decoder")):
                names += block(f"{half}.{side}.{level}.block.{j}", x != out)
                x = out
            if level + 1 < len(channels) if half == "encoder" else level:
                names += wb(f"{half}.{side}.{level}.{side}sample.conv")
    return names


class Name(str):
    shape = ()


def pair(names, converter, config, model, prefix):
    """The converter is given the names themselves as values."""
    state = converter({prefix + n: Name(n) for n in names}, config)
    assert set(state) == set(model.state_dict()), set(state) ^ set(model.state_dict())
    pairs = sorted((v, k) for k, v in state.items())
    assert [a for a, _ in pairs] == sorted(names)
    return pairs


def networks(c, vae_channels, vae_layers):
    blocks = ["CrossAttnDownBlock2D" if a else "DownBlock2D" for a in c["down"]]
    common = dict(block_out_channels=c["channels"], layers_per_block=c["layers"], cross_attention_dim=c["cross"],
                  down_block_types=blocks)
    ups = ["CrossAttnUpBlock2D" if a else "UpBlock2D" for a in reversed(c["down"])]
    n = len(vae_channels)
    with torch.device("meta"):
        models = dict(unet=UNet2DConditionModel(up_block_types=ups, **common),
                      controlnet=ControlNetModel(conditioning_embedding_out_channels=c["hint"], **common),
                      vae=AutoencoderKL(block_out_channels=vae_channels, layers_per_block=vae_layers,
                                        down_block_types=["DownEncoderBlock2D"] * n,
                                        up_block_types=["UpDecoderBlock2D"] * n))
    return models, dict(
        unet=pair(unet(c), convert.convert_ldm_unet_checkpoint, dict(models["unet"].config), models["unet"],
                  "model.diffusion_model."),
        vae=pair(vae(vae_channels, vae_layers), convert.convert_ldm_vae_checkpoint, dict(models["vae"].config),
                 models["vae"], "first_stage_model."))


def pair_controlnet(c, model):
    """diffusers' converter knows the hint of SD 1.5 only; of smaller ones it converts the trunk."""
    def converter(state, config):
        result = convert.convert_controlnet_checkpoint(state, config)
        if c is not SD15:
            hint = [f"blocks.{i}" for i in range(2 * len(c["hint"]) - 2)] + ["conv_out"]
            result = {k: v for k, v in result.items() if "embedding.blocks" not in k and "embedding.conv_out" not in k}
            result.update({f"controlnet_cond_embedding.{name}.{what}": f"input_hint_block.{2 * i + 2}.{what}"
                           for i, name in enumerate(hint) for what in ("weight", "bias")})
        return result
    return pair(controlnet(c), converter, dict(model.config), model, "control_model.")


def describe(models, pairs):
    out = {}
    for part, list_ in pairs.items():
        text = "".join(f"{a}\t{b}\n" for a, b in list_)
        out[part] = {"tensors": len(list_), "sha256": hashlib.sha256(text.encode()).hexdigest(),
                     "values": sum(p.numel() for p in models[part].parameters())}
    return out


models, pairs = networks(SD15, [128, 256, 512, 512], 2)
pairs["controlnet"] = pair_controlnet(SD15, models["controlnet"])
with torch.device("meta"):
    models["text"] = CLIPTextModel(CLIPTextConfig(hidden_size=768, intermediate_size=3072, num_attention_heads=12,
                                                  vocab_size=49408))
    models["taesd"] = AutoencoderTiny()
text_names = sorted("text_model." + k.removeprefix("text_model.") for k, _ in models["text"].named_parameters())
pairs["text"] = [(n, n) for n in text_names]
pairs["taesd"] = []
for k in sorted(models["taesd"].state_dict()):
    half, _, number, rest = k.split(".", 3)
    pairs["taesd"].append((f"{half}.{int(number) + (half == 'decoder')}.{rest}", k))
pairs["taesd"].sort()
result = {"sd15": describe(models, pairs)}

models, pairs = networks(SMALL, [32, 64], 1)
pairs["controlnet"] = pair_controlnet(SMALL, models["controlnet"])
result["small"] = {part: [f"{a} {b}" for a, b in list_] for part, list_ in pairs.items()}
with open(sys.argv[1], "w") as file:
    json.dump(result, file, indent=1)
    file.write("\n")
for part, d in result["sd15"].items():
    print(part, d)
