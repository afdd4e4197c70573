#!/usr/bin/env python3
"""TAP: a small model of Stable Diffusion 1.5's topology, in the forms of file that people have, against references.

The model's weights follow from names (parts.py), so the test makes the files itself; the references are what torch,
diffusers and transformers made of the same weights (world.py --model small references --keep).
"""
import json
import os
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.dont_write_bytecode = True

import parts
import tacet
import tensors

PROGRAM = os.path.join(os.environ.get("TACET_BUILD", "build"), "app", "tacet")
LIMIT = 1e-4
MODEL = parts.small()
WEIGHTS = {part: MODEL[part].weights() for part in MODEL}


def network(folder, part, weights, name=None):
    """A folder of one network: config.json and one file."""
    os.makedirs(folder)
    with open(f"{folder}/config.json", "w") as file:
        json.dump(MODEL[part].config, file)
    name = name or ("model.safetensors" if part == "text_encoder" else "diffusion_pytorch_model.safetensors")
    write(f"{folder}/{name}", weights)
    return folder


def write(path, weights):
    if path.endswith(".safetensors"):
        tensors.write_safetensors(path, weights, {"format": "pt"})
    else:
        tensors.write_torch(path, weights)
    return path


def as_type(weights, dtype):
    return {name: tensors.convert(t, dtype) for name, t in weights.items()}


def old_vae(weights):
    """The attention's names in diffusers before 0.17."""
    old = {"to_q": "query", "to_k": "key", "to_v": "value", "to_out.0": "proj_attn"}
    for now, then in old.items():
        weights = {k.replace(f".{now}.", f".{then}.") if ".attentions." in k else k: t for k, t in weights.items()}
    return weights


def text_4(weights):
    return {"text_model." + name: t for name, t in weights.items()}


# What to call the form, its part, and what writes it; at: a path that does not exist yet.
FORMS = [
    ("folder", "text_encoder", lambda at: network(at, "text_encoder", WEIGHTS["text_encoder"])),
    ("folder of transformers 4", "text_encoder", lambda at: network(at, "text_encoder", text_4(WEIGHTS["text_encoder"]))),
    ("folder", "unet", lambda at: network(at, "unet", WEIGHTS["unet"])),
    ("variant fp16", "unet", lambda at: network(at, "unet", WEIGHTS["unet"],
                                                "diffusion_pytorch_model.fp16.safetensors")),
    ("folder", "controlnet", lambda at: network(at, "controlnet", WEIGHTS["controlnet"])),
    ("folder, bf16", "controlnet", lambda at: network(at, "controlnet", as_type(WEIGHTS["controlnet"], "BF16"))),
    ("folder", "vae", lambda at: network(at, "vae", WEIGHTS["vae"])),
    ("folder, f32", "vae", lambda at: network(at, "vae", as_type(WEIGHTS["vae"], "F32"))),
    ("folder, f64", "vae", lambda at: network(at, "vae", as_type(WEIGHTS["vae"], "F64"))),
    ("folder of old diffusers", "vae", lambda at: network(at, "vae", old_vae(WEIGHTS["vae"]))),
]


def inputs(module, side, folder):
    """The file with a module's inputs; the controlled U-Net's residuals are those that the ControlNet gave."""
    path = f"{folder}/{module}-in.safetensors"
    if not os.path.exists(path):
        x = parts.inputs(MODEL, module, side)
        if module == "unet-controlled":
            x.update(tensors.read_safetensors(f"{folder}/controlnet-out.safetensors"))
        tensors.write_safetensors(path, x)
    return path


def check(module, form, model, side, references, folder):
    result = f"{folder}/{module}-out.safetensors"
    tacet.run_module(PROGRAM, module, model, inputs(module, side, folder), result)
    ours = tensors.read_safetensors(result)
    theirs = references[module]["outputs"]
    if ours.keys() != theirs.keys():
        return [f"outputs {sorted(ours)} instead of {sorted(theirs)}"]
    bad = []
    for name, t in ours.items():
        d = parts.distance(theirs[name], parts.digest(f"{module} {name}", t.shape, tensors.floats(t)))
        if d >= LIMIT:
            bad.append(f"{name}: relative error {d:.2e}")
    return bad


def main():
    with open(os.path.join(HERE, "references-small.json")) as file:
        kept = json.load(file)
    # The ControlNet first: its residuals are inputs of the U-Net.
    order = sorted(FORMS, key=lambda form: form[1] != "controlnet")
    tests = [(form, module) for form in order for module in parts.MODULES[form[1]]]
    print(f"1..{len(tests)}")
    failed, made = 0, {}
    with tempfile.TemporaryDirectory() as folder:
        for n, (form, module) in enumerate(tests, 1):
            name, part, make = form
            try:
                if form not in made:
                    made[form] = make(f"{folder}/{part} {name}".replace(",", ""))
                bad = check(module, name, made[form], kept["side"], kept["modules"], folder)
            except tacet.Failed as error:
                bad = [str(error)]
            failed += bool(bad)
            print(f"{'not ok' if bad else 'ok'} {n} - {module}: {name}", *[f"# {line}" for line in bad], sep="\n", flush=True)
    sys.exit(1 if failed else 0)


main()
