#!/usr/bin/env python3
"""Tacet against torch, diffusers and transformers on models of Stable Diffusion 1.5's size.

    make world                                     everything, in out/world (about 20 GB, an hour or two)
    tests/world/world.py FOLDER [STEP ...]         STEP: references models open compare picture starter torch
        --model full|small   which model (full)
        --tacet PROGRAM      the program to test (build/app/tacet)
        --bpe FILE           CLIP's merges, bpe_simple_vocab_16e6.txt.gz; else those of an installed open_clip or clip
        --torch PYTHON       another torch's interpreter, for the step torch; as often as you like
        --only TEXT          of the comparison only lines that hold this text
        --keep               write what has been found into the repository (references, results)

Needs what requirements.txt names.  README.md beside this says what is compared and what came out.
"""
import argparse
import importlib.util
import json
import math
import os
import sys

os.environ.update(HF_HUB_OFFLINE="1", TRANSFORMERS_VERBOSITY="error", DIFFUSERS_VERBOSITY="error")
HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
SIDE = {"full": 64, "small": 16}
LIMIT = 1e-4


def parse():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("folder")
    parser.add_argument("steps", nargs="*")
    parser.add_argument("--model", default="full")
    parser.add_argument("--tacet", default=os.path.join(ROOT, "build", "app", "tacet"))
    parser.add_argument("--bpe", default=os.environ.get("CLIP_BPE"))
    parser.add_argument("--torch", action="append", default=[])
    parser.add_argument("--only", default="")
    parser.add_argument("--keep", action="store_true")
    options = parser.parse_intermixed_args()
    options.steps = options.steps or ["references", "models", "open", "compare", "picture", "starter", "torch"]
    return options


def find_bpe(options):
    if options.bpe:
        return options.bpe
    for package in ("open_clip", "clip"):
        spec = importlib.util.find_spec(package)
        path = spec and os.path.join(os.path.dirname(spec.origin), "bpe_simple_vocab_16e6.txt.gz")
        if path and os.path.exists(path):
            return path
    raise SystemExit("CLIP's merges are missing: give bpe_simple_vocab_16e6.txt.gz with --bpe or CLIP_BPE")


def paths(options, module):
    folder = os.path.join(options.folder, options.model, "references")
    os.makedirs(folder, exist_ok=True)
    return os.path.join(folder, f"{module}-in.safetensors"), os.path.join(folder, f"{module}-out.safetensors")


def step_references(options, model):
    """Inputs and outputs into the folder; their digests must be those of the repository."""
    import torch
    import parts
    import references
    from safetensors.torch import save_file
    kept = os.path.join(HERE, f"references-{options.model}.json")
    result = {"torch": torch.__version__.split("+")[0], "side": SIDE[options.model], "modules": {}}
    for module, inputs, exact, coarse in references.make(model, SIDE[options.model]):
        source, target = paths(options, module)
        save_file({k: v.contiguous() for k, v in inputs.items()}, source)
        save_file({k: v.float().contiguous() for k, v in exact.items()}, target)
        digests = {k: parts.digest(f"{module} {k}", v.shape, v.flatten().tolist()) for k, v in exact.items()}
        result["modules"][module] = {"torch_f32": float(f"{coarse:.2e}"), "outputs": digests}
        print(f"{module}: float32 of torch is {coarse:.1e} from float64", flush=True)
    if options.keep:
        with open(kept, "w") as file:
            json.dump(round_numbers(result), file, indent=0, separators=(",", ":"))
            file.write("\n")
    check_kept(result, kept)


def round_numbers(value):
    """Eight digits."""
    if isinstance(value, dict):
        return {k: round_numbers(v) for k, v in value.items()}
    if isinstance(value, list):
        return [round_numbers(v) for v in value]
    return float(f"{value:.8g}") if isinstance(value, float) else value


def check_kept(result, kept):
    import parts
    with open(kept) as file:
        before = json.load(file)
    for module, found in result["modules"].items():
        for name, digest in found["outputs"].items():
            d = parts.distance(before["modules"][module]["outputs"][name], digest)
            if d > 1e-5:
                raise SystemExit(f"{module} {name}: this machine's reference is {d:.1e} from the repository's")
    print("the references are those of the repository")


def step_models(options, model):
    import forms
    folder = os.path.join(options.folder, options.model)
    forms.write(model, folder, find_bpe(options), "400MB" if options.model == "full" else "2MB")
    forms.prove(model, folder)


def step_compare(options, model):
    """Every module in every form of file: relative L2 of the worst output, seconds, memory."""
    import forms
    import parts
    rows = []
    print(f"{'module':16} {'form of the file':34} {'rel. L2':>9} {'seconds':>8} {'peak GB':>8}", flush=True)
    for part in forms.FORMS:
        for form, path in forms.forms(model, part).items():
            for module in parts.MODULES[part]:
                if options.only in f"{module} {form}":
                    rows.append(compare(options, module, form, path.format(module=module)))
    if options.keep:
        keep(options, "compare", rows)
    return all(isinstance(row["error"], float) and row["error"] < LIMIT for row in rows)


def compare(options, module, form, path):
    import tacet
    from references import relative
    from safetensors.torch import load_file
    source, target = paths(options, module)
    row = {"module": module, "form": form}
    folder = os.path.join(options.folder, options.model)
    extra = ("--base", os.path.join(folder, "sd15")) if "difference" in form else ()
    result = os.path.join(folder, "result.safetensors")
    try:
        _, seconds, peak = tacet.run_module(options.tacet, module, os.path.join(folder, path), source, result, extra=extra)
        theirs, ours = load_file(target), load_file(result)
        error = max(relative(ours[k], v.double()) if ours[k].shape == v.shape else math.inf for k, v in theirs.items())
        row.update(error=float(f"{error:.2e}"), seconds=round(seconds, 1), peak_gb=round(peak / 1e9, 2))
        print(f"{module:16} {form:34} {error:9.1e} {seconds:8.1f} {peak / 1e9:8.2f}", flush=True)
    except (tacet.Failed, KeyError) as failure:
        row.update(error=str(failure))
        print(f"{module:16} {form:34} failed: {failure}", flush=True)
    return row


def step_picture(options, model):
    """Two ControlNets and guidance: the picture of both programs, and the memory that Tacet needed at 512 x 512."""
    import forms
    import picture
    import references
    from transformers import CLIPTokenizer
    folder, side, steps, guidance = os.path.join(options.folder, options.model), 8 * SIDE[options.model], 2, 5.0
    maps = picture.control_maps(folder, side)
    nets = [references.load(model["controlnet"]), references.load(forms.second(options.model))]
    picture.write_scene(folder, f"{folder}/sd15", [f"{folder}/control", f"{folder}/control-2"], side, steps, guidance)
    got, seconds, peak = picture.ours(options.tacet, folder)
    print(f"sum: {seconds:.1f} seconds, peak {peak / 1e9:.2f} GB", flush=True)
    picture.write_scene(folder, f"{folder}/sd15", [f"{folder}/control", f"{folder}/control-2"], side, steps, guidance,
                        "minimal-impact")
    _, seconds_impact, peak_impact = picture.ours(options.tacet, folder)
    print(f"minimal impact: {seconds_impact:.1f} seconds, peak {peak_impact / 1e9:.2f} GB", flush=True)
    networks = {part: references.load(model[part]) for part in ("unet", "vae", "text_encoder")}
    expected = picture.theirs(networks, nets, CLIPTokenizer.from_pretrained(f"{folder}/sd15/tokenizer"),
                              parts_scheduler(), maps, side, steps, guidance)
    largest, share = picture.difference(got, expected)
    print(f"against diffusers: differs by {largest:.0f} levels of 255 at most, at {share:.3%} of all values")
    if options.keep:
        keep(options, "picture", {"seconds": round(seconds, 1), "peak_gb": round(peak / 1e9, 2), "levels": largest,
                                  "share": share, "minimal_impact_seconds": round(seconds_impact, 1),
                                  "minimal_impact_peak_gb": round(peak_impact / 1e9, 2)})
    return largest <= 1 and max(peak, peak_impact) < 8e9


def parts_scheduler():
    import parts
    return {k: v for k, v in parts.SCHEDULER.items() if not k.startswith("_")}


def step_starter(options, model):
    """The model that Tacet trained and wrote, in diffusers."""
    import starter
    folder, path = os.path.join(options.folder, "starter"), os.path.join(ROOT, "data", "models", "starter")
    os.makedirs(folder, exist_ok=True)
    starter.read_with_safetensors(path)
    good = True
    for module, error in starter.compare(options.tacet, path, folder):
        print(f"{module:24} {error:9.1e}", flush=True)
        good &= error < LIMIT
    largest, share = starter.pictures(options.tacet, path, folder)
    print(f"a picture: differs by {largest:.0f} levels of 255 at most, at {share:.3%} of all values")
    return good and largest <= 1


def step_torch(options, model):
    """The small ControlNet as several versions of torch save it."""
    import subprocess
    small = argparse.Namespace(**{**vars(options), "model": "small"})
    rows = []
    for python in [sys.executable, *options.torch]:
        path = os.path.join(options.folder, "small", "control-torch.pth")
        write = lambda what, to: subprocess.run([python, os.path.join(HERE, "write_torch.py"), what, to], check=True,
                                                capture_output=True, text=True).stdout.strip()
        version = write("control", path)
        rows.append(compare(small, "controlnet", f"torch.save of {version}", os.path.basename(path)))
        if options.keep:
            write("tiny", os.path.join(HERE, "data", f"torch-{version}.bin"))
    if options.keep:
        keep(options, "torch", rows)
    return all(isinstance(row["error"], float) and row["error"] < LIMIT for row in rows)


def step_open(options, model):
    """How long a model takes until every weight is known by name, type and place; what that needs of memory."""
    import tacet
    program = os.path.join(os.path.dirname(os.path.dirname(options.tacet)), "tests", "world", "open-model")
    folder, rows = os.path.join(options.folder, options.model), []
    for path in ("sd15", "sd15.safetensors", "sd15.ckpt"):
        said, _, _ = tacet.run(program, os.path.join(folder, path))
        seconds, megabytes = map(float, said.split()[:2])
        print(f"{path:20} opened in {seconds:.3f} seconds, {megabytes:.1f} MB more", flush=True)
        rows.append({"path": path, "seconds": seconds, "megabytes": megabytes})
    if options.keep:
        keep(options, "open", rows)
    return all(row["seconds"] < 1 for row in rows)


def keep(options, step, rows):
    path = os.path.join(HERE, f"results-{options.model}.json")
    results = json.load(open(path)) if os.path.exists(path) else {}
    results[step] = rows
    with open(path, "w") as file:
        json.dump(results, file, indent=1)
        file.write("\n")


def main():
    options = parse()
    sys.path.insert(0, HERE)
    import diffusers
    import torch
    import transformers
    import parts
    for library in (diffusers, transformers):
        library.utils.logging.disable_progress_bar()
    torch.set_num_threads(min(2, os.cpu_count()))
    model = getattr(parts, options.model)()
    good = True
    for step in options.steps:
        print(f"--- {step}", flush=True)
        good &= globals()[f"step_{step}"](options, model) is not False
    print("all within bounds" if good else "NOT all within bounds")
    sys.exit(0 if good else 1)


main()
