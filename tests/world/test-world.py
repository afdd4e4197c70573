#!/usr/bin/env python3
"""TAP: a small model of Stable Diffusion 1.5's topology, in the forms of file that people have, against references.

The model's weights follow from names (parts.py), so the test makes the files itself; the references are what torch,
diffusers and transformers made of the same weights (world.py --model small references --keep).
"""
import json
import os
import shutil
import struct
import sys
import tempfile
import zlib

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.dont_write_bytecode = True

import parts
import tacet
import tensors

PROGRAM = os.path.join(os.environ.get("TACET_BUILD", "build"), "app", "tacet")
LIMIT = 1e-4
MODEL = parts.small()
TINY = parts.tiny_text()
WEIGHTS = {part: MODEL[part].weights() for part in MODEL}


def network(folder, part, weights, name=None, config=None):
    """A folder of one network: config.json and one file."""
    os.makedirs(folder)
    with open(f"{folder}/config.json", "w") as file:
        json.dump(config or MODEL[part].config, file)
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


def shards(folder, part, weights):
    """A folder whose weights lie in two files with an index."""
    network(folder, part, {})
    name = "diffusion_pytorch_model"
    os.remove(f"{folder}/{name}.safetensors")
    order = sorted(weights)
    files = {f"{name}-0000{i + 1}-of-00002.safetensors": order[i::2] for i in range(2)}
    for file, keys in files.items():
        write(f"{folder}/{file}", {key: weights[key] for key in keys})
    index = {"metadata": {"total_size": sum(len(t.data) for t in weights.values())},
             "weight_map": {key: file for file, keys in files.items() for key in keys}}
    with open(f"{folder}/{name}.safetensors.index.json", "w") as file:
        json.dump(index, file)
    return folder


def original(*names):
    return {name: t for part in names for name, t in MODEL[part].original(WEIGHTS[part]).items()}


def bare(part):
    return MODEL[part].original(WEIGHTS[part], prefix="")


def tables():
    """What else lies in an original file; the positions as half-precision conversions are known to leave them."""
    zeros = tensors.Tensor("F32", (1000,), bytes(4000))
    return {"betas": zeros, "alphas_cumprod": zeros, "logvar": zeros,
            "cond_stage_model.transformer.text_model.embeddings.position_ids":
                tensors.Tensor("F16", (1, 77), tensors.halves("positions", 77))}


def averages():
    """The running means of the U-Net's weights, under flattened names: other values, which are not the model's."""
    ema = {"model_ema." + ("diffusion_model." + e.original).replace(".", ""): tensors.weight("ema", e.diffusers, e.shape)
           for e in MODEL["unet"].entries}
    ema["model_ema.decay"] = tensors.Tensor("F32", (), b"\0\0\x80\x3f")
    ema["model_ema.num_updates"] = tensors.integers([470000])
    return ema


def difference():
    """The ControlNet minus the U-Net where both have a tensor."""
    base = as_type(bare("unet"), "F32")
    result = as_type(bare("controlnet"), "F32")
    for name in base.keys() & result.keys():
        values = [a - b for a, b in zip(tensors.floats(result[name]), tensors.floats(base[name]))]
        result[name] = result[name]._replace(data=struct.pack(f"<{len(values)}f", *values))
    return {"difference": tensors.Tensor("F32", (1,), bytes(4)), **result}


def whole(at, *more):
    """A file of the whole model; .ckpt: as the program that trained it wrote it."""
    state = {**original("unet", "vae", "text_encoder"), **tables()}
    for extra in more:
        state.update(extra)
    return write(at, state) if at.endswith(".safetensors") else write(at, tensors.lightning(state))


def torch_file(at, version):
    """The tiny text encoder as a version of torch wrote it (write_torch.py)."""
    os.makedirs(at)
    with open(f"{at}/config.json", "w") as file:
        json.dump(TINY.config, file)
    shutil.copy(os.path.join(HERE, "data", f"torch-{version}.bin"), f"{at}/pytorch_model.bin")
    return at


def tiny_half(which):
    return {name.removeprefix(which + "."): t for name, t in original("taesd").items() if name.startswith(which)}


# What to call the form, its part, and what writes it; at: a path that does not exist yet.
FOLDERS = [
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
    ("folder", "taesd", lambda at: network(at, "taesd", WEIGHTS["taesd"])),
    ("pytorch_model.bin", "text_encoder", lambda at: network(at, "text_encoder", text_4(WEIGHTS["text_encoder"]),
                                                             "pytorch_model.bin")),
    ("diffusion_pytorch_model.bin", "unet", lambda at: network(at, "unet", WEIGHTS["unet"],
                                                               "diffusion_pytorch_model.bin")),
    ("shards", "unet", lambda at: shards(at, "unet", WEIGHTS["unet"])),
    ("shards", "controlnet", lambda at: shards(at, "controlnet", WEIGHTS["controlnet"])),
]
# The same for files by themselves, with the ending of their name and the modules that they hold.
VAE = ["vae-encoder", "vae-decoder"]
WHOLE = ["text-encoder", "unet", "unet-controlled", *VAE]
FILES = [
    ("whole model", ".safetensors", WHOLE, whole),
    ("whole model", ".ckpt", WHOLE, whole),
    ("whole model with running means", ".safetensors", ["unet"],
     lambda at: whole(at, averages())),
    ("whole model in f32", ".ckpt", ["vae-decoder"],
     lambda at: write(at, as_type(original("unet", "vae", "text_encoder"), "F32"))),
    ("ControlNet", ".pth", ["controlnet"], lambda at: write(at, original("controlnet"))),
    ("ControlNet without prefix", ".safetensors", ["controlnet"], lambda at: write(at, bare("controlnet"))),
    ("ControlNet with its base", ".pth", ["controlnet"], lambda at: whole(at, original("controlnet"))),
    ("ControlNet as difference", ".safetensors", ["controlnet"], lambda at: write(at, difference())),
    ("VAE without prefix", ".safetensors", VAE, lambda at: write(at, bare("vae"))),
    ("VAE without prefix", ".pt", VAE, lambda at: write(at, {"state_dict": bare("vae")})),
    ("TAESD", "-encoder.pth", ["taesd-encoder"], lambda at: write(at, tiny_half("encoder"))),
    ("TAESD", "-decoder.pth", ["taesd-decoder"], lambda at: write(at, tiny_half("decoder"))),
    ("VAE in bf16", ".safetensors", VAE, lambda at: write(at, as_type(original("vae"), "BF16"))),
]
TORCH = ["1.13.1", "2.1.2", "2.15.0"]


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
    extra = ["--base", f"{folder}/whole model.safetensors"] if "difference" in form else []
    tacet.run_module(PROGRAM, module, model, inputs(module, side, folder), result, extra=extra)
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


def write_png(path, side):
    """A coloured pattern without a black place."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + bytes(40 + (x * (c + 3) ^ 5 * y) % 200 for x in range(side) for c in range(3))
                    for y in range(side))
    with open(path, "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)) +
                   chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def pixels(path):
    """The filtered rows of a PNG file, without what else is in it."""
    with open(path, "rb") as file:
        data, at, result = file.read(), 8, b""
    while at < len(data):
        size, kind = struct.unpack(">I4s", data[at:at + 8])
        result += data[at + 8:at + 8 + size] if kind == b"IDAT" else b""
        at += 12 + size
    return zlib.decompress(result)


def check_picture(folder):
    """Whole files give just the picture that a folder gives; the vocabulary is pointed to once."""
    side, pictures = 64, []
    home = {"XDG_DATA_HOME": f"{folder}/home"}
    pipeline = f"{folder}/pipeline"
    for part in ("unet", "vae", "text_encoder"):
        network(f"{pipeline}/{part}", part, WEIGHTS[part])
    os.makedirs(f"{pipeline}/scheduler")
    with open(f"{pipeline}/scheduler/scheduler_config.json", "w") as file:
        json.dump(parts.SCHEDULER, file)
    merges = [("r", "e"), ("re", "d</w>"), ("h", "o"), ("u", "s"), ("us", "e</w>"), ("ho", "use</w>")]
    parts.write_vocabulary(f"{pipeline}/tokenizer", merges)
    tacet.run(PROGRAM, "models", "vocabulary", f"{pipeline}/tokenizer", environment=home)
    write_png(f"{folder}/pose.png", side)
    control = network(f"{folder}/picture control", "controlnet", WEIGHTS["controlnet"])
    for n, (model, net) in enumerate([(pipeline, control), (f"{folder}/whole model.ckpt", f"{folder}/ControlNet.pth"),
                                      (f"{folder}/whole model.safetensors", f"{folder}/ControlNet as difference.safetensors")]):
        scene = {"format": "tacet-scene", "version": 1, "width": side, "height": side, "model": model,
                 "prompt": "a red house", "seed": 3, "steps": 2, "sampler": "ddim", "guidance_scale": 3,
                 "controls": [{"kind": "pose", "model": net, "image": "pose.png"}]}
        with open(f"{folder}/scene.json", "w") as file:
            json.dump(scene, file)
        tacet.run(PROGRAM, "generate", f"{folder}/scene.json", "-o", f"{folder}/{n}.png", environment=home)
        pictures.append(pixels(f"{folder}/{n}.png"))
    means = f"{folder}/whole model with running means.safetensors"
    for n, more in (("plain", []), ("means", ["--prefer-ema"])):
        tacet.run(PROGRAM, "generate", f"{folder}/scene.json", "--model", means, *more, "-o", f"{folder}/{n}.png",
                  environment=home)
    bad = [f"picture {n} is another" for n in range(1, len(pictures)) if pictures[n] != pictures[0]]
    if pixels(f"{folder}/plain.png") != pictures[0]:
        bad.append("running means beside the weights change the picture unasked")
    if pixels(f"{folder}/means.png") == pictures[0]:
        bad.append("the running means are not taken")
    return bad


def check_torch(version, folder):
    """The file of a torch gives to the bit what our own safetensors file gives."""
    source = f"{folder}/tiny-in.safetensors"
    results = []
    for name, model in (("own", f"{folder}/tiny"), (version, torch_file(f"{folder}/torch {version}", version))):
        result = f"{folder}/tiny-{name}.safetensors"
        tacet.run_module(PROGRAM, "text-encoder", model, source, result)
        results.append(tensors.read_safetensors(result))
    return [] if results[0] == results[1] else ["the outputs are not those of the same weights in safetensors"]


def cases(folder):
    """Name and function of each test.  The ControlNet first: its residuals are inputs of the U-Net."""
    with open(os.path.join(HERE, "references-small.json")) as file:
        kept = json.load(file)
    made = {}

    def case(module, form, path, make):
        def run():
            if path not in made:
                made[path] = make(path)
            return check(module, form, path, kept["side"], kept["modules"], folder)
        return f"{module}: {form}", run

    for form, part, make in sorted(FOLDERS, key=lambda row: row[1] != "controlnet"):
        for module in parts.MODULES[part]:
            yield case(module, form, f"{folder}/{part} {form}", make)
    for form, ending, modules, make in FILES:
        for module in modules:
            yield case(module, f"{form}, {ending}", f"{folder}/{form}{ending}", make)
    yield "generate: a picture from whole files", lambda: check_picture(folder)
    network(f"{folder}/tiny", "text_encoder", TINY.weights(), config=TINY.config)
    ids = tensors.integers([38, 3, 1, 4, 1, 5, 9, 2, 6, 39], 1, 10)
    tensors.write_safetensors(f"{folder}/tiny-in.safetensors", {"input_ids": ids})
    for version in TORCH:
        yield f"text-encoder: torch.save of {version}", lambda version=version: check_torch(version, folder)


def main():
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        tests = list(cases(folder))
        print(f"1..{len(tests)}")
        for n, (name, run) in enumerate(tests, 1):
            try:
                bad = run()
            except tacet.Failed as error:
                bad = [str(error)]
            failed += bool(bad)
            print(f"{'not ok' if bad else 'ok'} {n} - {name}", *[f"# {line}" for line in bad], sep="\n", flush=True)
    sys.exit(1 if failed else 0)


main()
