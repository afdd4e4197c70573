"""A model of parts.py in the forms in which people have such files, written by torch, diffusers and transformers.

write(model, folder, bpe) makes what is missing; forms(model, part) says what there is of a part: the name of each form
and its path below the folder.  Every form holds the same numbers, so each has to give the same results.
"""
import gzip
import json
import os
import sys

import torch
from diffusers import ControlNetModel, PNDMScheduler, StableDiffusionPipeline
from safetensors.torch import save_file
from transformers import CLIPTokenizer

import parts
import references
import tensors

WHOLE = {"diffusers folder, safetensors": "sd15", "single file, safetensors": "sd15.safetensors",
         "single file, .ckpt of torch.save": "sd15.ckpt"}
FORMS = {
    "text_encoder": {**WHOLE, "names of transformers 4": "text-4", "pytorch_model.bin": "text-bin"},
    "unet": {**WHOLE, "shards, safetensors": "unet-shards", "diffusion_pytorch_model.bin": "unet-bin",
             "variant fp16": "unet-fp16"},
    "controlnet": {"diffusers folder, safetensors": "control", "control_model., .pth of torch.save": "control.pth",
                   "no prefix, safetensors": "control-plain.safetensors", "shards, safetensors": "control-shards",
                   "difference, safetensors": "control-difference.safetensors"},
    "vae": {**WHOLE, "original names alone, safetensors": "vae.safetensors", "original names alone, .pt": "vae.pt",
            "names of old diffusers": "vae-old", "f32 folder": "vae-f32", "bf16 single file": "vae-bf16.safetensors"},
    # Original files hold one half each.
    "taesd": {"diffusers folder, safetensors": "taesd", "original, .pth of torch.save": "{module}.pth",
              "original, safetensors": "{module}.safetensors"},
}


def forms(model, part):
    """Only the small model's numbers fit into bf16."""
    return {form: path for form, path in FORMS[part].items() if model[part].coarse or "bf16" not in form}


def second(seed):
    """A ControlNet of the same shape with other weights."""
    return getattr(parts, seed)(seed + " again")["controlnet"]


def published_merges(bpe, size):
    """As many of CLIP's merges, in their order, as a vocabulary of this size has."""
    with gzip.open(bpe, "rt", encoding="utf-8") as file:
        return [tuple(line.split()) for line in file.read().split("\n")[1:size - 514 + 1]]


def scheduler():
    return PNDMScheduler.from_config({k: v for k, v in parts.SCHEDULER.items() if not k.startswith("_")})


def write_pipeline(model, folder, tokenizer):
    text = references.load(model["text_encoder"])
    pipeline = StableDiffusionPipeline(
        unet=references.load(model["unet"]), vae=references.load(model["vae"]), text_encoder=text,
        tokenizer=CLIPTokenizer(f"{tokenizer}/vocab.json", f"{tokenizer}/merges.txt", model_max_length=77),
        scheduler=scheduler(),
        safety_checker=None, feature_extractor=None, requires_safety_checker=False)
    pipeline.save_pretrained(folder, safe_serialization=True)


def single(model, controlnet=False):
    """An original file of a whole model, with the tables that lie beside the networks there."""
    result = {}
    for part in ("unet", "vae", "text_encoder") + (("controlnet",) if controlnet else ()):
        result.update(references.state_dict(model[part].original()))
    betas = torch.linspace(0.00085 ** 0.5, 0.012 ** 0.5, 1000, dtype=torch.float64) ** 2
    result.update(betas=betas.float(), alphas_cumprod=torch.cumprod(1 - betas, 0).float(), logvar=torch.zeros(1000))
    result["cond_stage_model.transformer.text_model.embeddings.position_ids"] = torch.arange(77)[None]
    return result


def save_lightning(state, path):
    """Torch's pickler looks up the class that the file names."""
    modules = {k: v for k, v in tensors.stand_ins().items() if not k.startswith("torch")}
    sys.modules.update(modules)
    torch.save(tensors.lightning(state), path)
    for name in modules:
        del sys.modules[name]


def difference(model):
    """ControlNet minus U-Net where both have a tensor, in f32, so that the sum is the ControlNet again."""
    control = references.state_dict(model["controlnet"].original(prefix=""))
    base = references.state_dict(model["unet"].original(prefix=""))
    result = {k: v.float() - base[k].float() if k in base else v.float() for k, v in control.items()}
    return {"difference": torch.zeros(1), **result}


def old_attention(state):
    """The VAE's attention as diffusers named it before 0.17."""
    for now, then in ((".to_q.", ".query."), (".to_k.", ".key."), (".to_v.", ".value."), (".to_out.0.", ".proj_attn.")):
        state = {k.replace(now, then) if ".attentions." in k else k: v for k, v in state.items()}
    return state


def bare(part, folder, name, state):
    os.makedirs(folder, exist_ok=True)
    with open(f"{folder}/config.json", "w") as file:
        json.dump(part.config, file, indent=2)
    if name.endswith(".bin"):
        torch.save(state, f"{folder}/{name}")
    else:
        save_file(state, f"{folder}/{name}", metadata={"format": "pt"})


def writers(model, folder, shard):
    """Path below the folder -> what makes it."""
    text, unet, control, vae, tiny = (model[k] for k in ("text_encoder", "unet", "controlnet", "vae", "taesd"))
    state = lambda part: references.state_dict(part.weights())
    original = lambda part, **keys: references.state_dict(part.original(**keys))
    load, at = references.load, lambda name: f"{folder}/{name}"
    half = lambda which: {k.removeprefix(which + "."): v for k, v in original(tiny).items() if k.startswith(which)}
    return {
        "taesd": lambda p: load(tiny).save_pretrained(p),
        "taesd-encoder.pth": lambda p: torch.save(half("encoder"), p),
        "taesd-decoder.pth": lambda p: torch.save(half("decoder"), p),
        "taesd-encoder.safetensors": lambda p: save_file(half("encoder"), p),
        "taesd-decoder.safetensors": lambda p: save_file(half("decoder"), p),
        "sd15": lambda p: write_pipeline(model, p, at("tokenizer")),
        "sd15.safetensors": lambda p: save_file(single(model), p, metadata={"format": "pt"}),
        "sd15.ckpt": lambda p: save_lightning(single(model), p),
        "text-4": lambda p: bare(text, p, "model.safetensors", {"text_model." + k: v for k, v in state(text).items()}),
        "text-bin": lambda p: bare(text, p, "pytorch_model.bin", {"text_model." + k: v for k, v in state(text).items()}),
        "unet-shards": lambda p: load(unet).save_pretrained(p, max_shard_size=shard),
        "unet-bin": lambda p: load(unet).save_pretrained(p, safe_serialization=False),
        "unet-fp16": lambda p: load(unet).save_pretrained(p, variant="fp16"),
        "control": lambda p: load(control).save_pretrained(p),
        "control-2": lambda p: load(second(model["controlnet"].seed)).save_pretrained(p),
        "control.pth": lambda p: torch.save(original(control), p),
        "control-plain.safetensors": lambda p: save_file(original(control, prefix=""), p),
        "control-shards": lambda p: load(control).save_pretrained(p, max_shard_size=shard),
        "control-difference.safetensors": lambda p: save_file(difference(model), p),
        "vae.safetensors": lambda p: save_file(original(vae, prefix=""), p),
        "vae.pt": lambda p: torch.save({"state_dict": original(vae, prefix="")}, p),
        "vae-old": lambda p: bare(vae, p, "diffusion_pytorch_model.safetensors", old_attention(state(vae))),
        "vae-f32": lambda p: load(vae).float().save_pretrained(p),
        "vae-bf16.safetensors": lambda p: save_file({k: v.bfloat16() for k, v in original(vae).items()}, p),
    }


def write(model, folder, bpe, shard="400MB"):
    os.makedirs(folder, exist_ok=True)
    if not os.path.exists(f"{folder}/tokenizer"):
        size = model["text_encoder"].config["vocab_size"]
        parts.write_vocabulary(f"{folder}/tokenizer.part", published_merges(bpe, size))
        os.rename(f"{folder}/tokenizer.part", f"{folder}/tokenizer")
    for name, make in writers(model, folder, shard).items():
        path = f"{folder}/{name}"
        if not os.path.exists(path):
            print("writing", path, flush=True)
            part = f"{folder}/part-{name}"
            make(part)
            os.rename(part, path)


def prove(model, folder):
    """Diffusers reads our original files, and finds in them just what its own folders hold.

    Not sd15.ckpt: torch refuses a file that names an unknown class, where Tacet skips what is no tensor.
    """
    pairs = [(references.CLASSES["unet"], "sd15.safetensors", "sd15", "unet"),
             (references.CLASSES["vae"], "vae.pt", "sd15", "vae"),
             (references.CLASSES["vae"], "vae.safetensors", "sd15", "vae"),
             (ControlNetModel, "control.pth", "control", None),
             (ControlNetModel, "control-plain.safetensors", "control", None)]
    for cls, path, config, subfolder in pairs:
        place = {"subfolder": subfolder} if subfolder else {}
        theirs = cls.from_single_file(f"{folder}/{path}", config=f"{folder}/{config}", local_files_only=True,
                                      torch_dtype=torch.float16, **place).state_dict()
        own = references.load(model[subfolder or "controlnet"]).state_dict()
        if theirs.keys() != own.keys() or any(not torch.equal(v, own[k]) for k, v in theirs.items()):
            raise SystemExit(f"diffusers reads other weights from {path} than from its own folder")
        print("diffusers reads", path)
