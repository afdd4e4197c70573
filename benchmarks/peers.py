"""Tacet beside PyTorch: the table of README.md.

    benchmarks/run [--quick] [--only TEXT] [--rounds N] [--threads N] [--no-compile] [--json FILE] [--markdown FILE]

--quick: a small model of the same topology instead of Stable Diffusion 1.5's size; proves the tool, says little of speed.
"""
import argparse
import json
import os
import platform
import re
import select
import subprocess
import sys
import tempfile
import time

os.environ.update(HF_HUB_OFFLINE="1", TRANSFORMERS_VERBOSITY="error", DIFFUSERS_VERBOSITY="error")
LOAD = os.getloadavg()[0]  # before torch is imported, which keeps a processor busy for a while
HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
sys.path.insert(0, os.path.join(ROOT, "tests", "world"))

import forms  # noqa: E402
import parts  # noqa: E402
import picture  # noqa: E402
import references  # noqa: E402
import tacet  # noqa: E402
from safetensors.torch import load_file, save_file  # noqa: E402
from tensors import noise  # noqa: E402
from transformers import CLIPTokenizer  # noqa: E402

LIMIT = 1e-4
COMPILE_SECONDS = 900
PASSES = {"unet": "unet", "controlnet": "controlnet", "vae-decoder": "vae"}
GOALS = {"unet": 2, "controlnet": 2, "vae-decoder": 3, "starter training": 1.5, "ControlNet training step": 1.5}
# Weights of a ControlNet whose gradients are compared: of every kind, from the first layer to the last.
WATCHED = ["conv_in.weight", "controlnet_cond_embedding.conv_in.weight", "controlnet_cond_embedding.blocks.3.weight",
           "time_embedding.linear_1.weight", "down_blocks.0.resnets.0.conv1.weight", "down_blocks.0.resnets.1.norm2.weight",
           "down_blocks.1.attentions.0.transformer_blocks.0.attn1.to_q.weight", "down_blocks.1.downsamplers.0.conv.weight",
           "down_blocks.2.attentions.1.transformer_blocks.0.attn2.to_k.weight",
           "down_blocks.2.attentions.1.transformer_blocks.0.ff.net.0.proj.weight", "down_blocks.3.resnets.0.conv2.weight",
           "mid_block.resnets.1.conv2.weight", "controlnet_down_blocks.0.weight", "controlnet_mid_block.bias"]


def parse():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--folder", default=os.path.join(ROOT, "out", "world"))
    parser.add_argument("--build", default=os.path.join(ROOT, "build"))
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--only", default="")
    parser.add_argument("--rounds", type=int, default=0)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--no-compile", action="store_true")
    parser.add_argument("--json")
    parser.add_argument("--markdown")
    options = parser.parse_args()
    options.rounds = options.rounds or (5 if options.quick else 3)
    options.model = "small" if options.quick else "full"
    options.tacet = os.path.join(options.build, "app", "tacet")
    return options


class Failed(Exception):
    pass


class Peer:
    """torch_worker.py in its process."""

    def __init__(self):
        self.process = subprocess.Popen([sys.executable, os.path.join(HERE, "torch_worker.py")], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)

    def tell(self, do, limit=3600, **order):
        self.process.stdin.write(json.dumps({"do": do, **order}) + "\n")
        self.process.stdin.flush()
        if not select.select([self.process.stdout], [], [], limit)[0]:
            self.end()
            raise Failed(f"{do}: more than {limit} s")
        line = self.process.stdout.readline()
        answer = json.loads(line) if line else {"failed": "the process ended (out of memory?)"}
        if "failed" in answer:
            raise Failed(answer["failed"])
        return answer

    def end(self):
        self.process.kill()
        self.process.wait()


def ensure(options, model, part):
    """The folder of a network with its f16 weights, where `make world` has it too."""
    base = os.path.join(options.folder, options.model)
    path = os.path.join(base, "control") if part == "controlnet" else os.path.join(base, "sd15", part)
    if not os.path.exists(os.path.join(path, "config.json")):
        references.load(model[part]).save_pretrained(path)
    return path


def write_inputs(options, model, module):
    path = os.path.join(options.folder, options.model, f"benchmark-{module}.safetensors")
    save_file({k: references.to_torch(t) for k, t in parts.inputs(model, module, 16 if options.quick else 64).items()}, path)
    return path


def run_ours(options, module, path, source, result, *more):
    """The profile of the pass, seconds of the whole process, its peak of memory."""
    figures = result + ".json"
    _, whole, peak = tacet.run_module(options.tacet, module, path, source, result, options.threads,
                                      ("--profile-json", figures, *more))
    with open(figures) as file:
        return json.load(file), whole, peak


def distance(ours, theirs):
    a, b = load_file(ours), load_file(theirs)
    return max(references.relative(a[name], value.double()) for name, value in b.items())


def take_turns(options, peer, layout, module, path, source, row):
    """A pass each, by turns: the machine is not the same a minute later.

    Both programs have made a pass before the one that counts. Of U-Net and ControlNet it is a step of a generation: what
    our first one kept of text and control map is there, as PyTorch has whatever diffusers keeps. Ours also starts anew
    for a single pass, which tells what opening and a first step take.
    """
    warm = ("--repeat", 2) if module == "vae-decoder" else ("--later-steps",)
    result = os.path.join(options.folder, options.model, "benchmark-ours.safetensors")
    for _ in range(options.rounds):
        seconds = peer.tell("once")["seconds"]
        row["torch"][layout] = min(seconds, row["torch"].get(layout, seconds))
        first, whole, peak = run_ours(options, module, path, source, result)
        profile, _, _ = run_ours(options, module, path, source, result, *warm)
        seconds = profile["run_seconds"]
        if seconds < row.get("ours", float("inf")):
            row.update(ours=seconds, peak=peak, profile=profile)
        # Every round measures the machine anew; one that others were using at that moment looks slower than it is.
        row["roofline"] = min(profile["roofline_seconds"], row.get("roofline", float("inf")))
        row["open"] = min(whole - first["run_seconds"] - first["peak_seconds"], row.get("open", whole))
        row["first"] = min(first["run_seconds"], row.get("first", whole))


def pass_row(options, model, module):
    part = PASSES[module]
    path, source = ensure(options, model, part), write_inputs(options, model, module)
    theirs = os.path.join(options.folder, options.model, "benchmark-torch.safetensors")
    row, peer = {"name": module, "torch": {}, "failed": {}, "notes": []}, Peer()
    try:
        peer.tell("load", part=part, path=path, threads=options.threads)
        peer.tell("inputs", module=module, path=source)
        for layout in ("contiguous", "channels-last", "compiled"):
            if layout == "compiled" and options.no_compile:
                row["failed"][layout] = "not tried (--no-compile)"
                continue
            try:
                peer.tell("layout", name=layout)
                peer.tell("once", limit=COMPILE_SECONDS)
                take_turns(options, peer, layout, module, path, source, row)
            except Failed as failure:
                row["failed"][layout] = str(failure)
                if peer.process.poll() is not None:
                    break
            if layout == "contiguous":
                peer.tell("save", path=theirs)
                row["error"] = distance(os.path.join(options.folder, options.model, "benchmark-ours.safetensors"), theirs)
                row["torch_peak"] = peer.tell("peak")["bytes"]
    finally:
        peer.end()
    row["notes"].append(f"the first pass of a process takes us {row['first']:.3f} s" if "first" in row else "no pass of ours")
    return row


def training_row(options):
    """The starter's edge ControlNet: Tacet's own plan (with minimal impact and losses) beside the plain step."""
    row = {"name": "starter training", "torch": {}, "notes": ["Tacet's step also balances and reads its data"]}
    starter, peer = os.path.join(ROOT, "data", "models", "starter"), Peer()
    try:
        row["torch"] = peer.tell("train", unet=f"{starter}/unet", controlnet=f"{starter}/edge", batch=32, side=16, tokens=8,
                                 threads=options.threads)["seconds"]
    finally:
        peer.end()
    said = subprocess.run([os.path.join(options.build, "tests", "train", "benchmark-train")], capture_output=True, text=True,
                          check=True).stdout
    row["ours"] = float(re.search(r"starter-4-edge\s+([\d.]+)", said)[1])
    return row


def training_inputs(options, model):
    path, side = os.path.join(options.folder, options.model, "benchmark-training.safetensors"), 16 if options.quick else 32
    tensors = {**parts.inputs(model, "controlnet", side), "target": noise(f"{model['unet'].seed} target", 1, 4, side, side)}
    save_file({name: references.to_torch(t) for name, t in tensors.items()}, path)
    return path


def our_steps(options, unet, controlnet, source, result, row):
    program = os.path.join(options.build, "tests", "train", "benchmark-controlnet")
    said, _, peak = tacet.run(program, unet, controlnet, source, options.threads, 1 + options.rounds, "--save", result,
                              *WATCHED)
    steps = [tuple(map(float, step)) for step in re.findall(r"step \d+: ([\d.]+) s, loss (\S+), gradient (\S+)", said)]
    row["ours"] = min([seconds for seconds, _, _ in steps[1:]] + [row.get("ours", float("inf"))])
    row["peak"] = peak
    return {"loss": steps[0][1], "norm": steps[0][2]}


def in_torch_layout(ours, like):
    """The kernels' {o,kh,kw,i}, of linear layers {1,1,o,i}, of vectors {1,1,1,n}."""
    return ours.permute(0, 3, 1, 2) if like.dim() == 4 and like.shape[2] * like.shape[3] > 1 else ours.reshape(like.shape)


def same_training(row, ours, theirs, result, reference):
    """Loss, norm of the gradient, gradients, and where they are not next to nothing the first step of AdamW."""
    a, b = load_file(result), load_file(reference)
    gradients = {name: references.relative(in_torch_layout(a[f"gradient.{name}"], b[f"gradient.{name}"]),
                                           b[f"gradient.{name}"].double()) for name in WATCHED}
    changes = {}
    for name in WATCHED:
        gradient, change = b[f"gradient.{name}"], b[f"change.{name}"]
        found, clear = in_torch_layout(a[f"change.{name}"], change), gradient.abs() > 1e-3 * gradient.abs().max()
        changes[name] = references.relative(found[clear], change[clear].double())
    loss, norm = (abs(ours[k] / theirs[k] - 1) for k in ("loss", "norm"))
    row["error"] = max([loss, norm, *gradients.values()])
    row["notes"].append(f"the first step: loss agrees to {loss:.1e}, norm of the gradient to {norm:.1e}, gradients of "
                        f"{len(WATCHED)} weights to {max(gradients.values()):.1e}, what AdamW changed to {max(changes.values()):.1e}")
    if max(changes.values()) > 1e-2:
        raise Failed(row["notes"][-1])


def controlnet_training_row(options, model):
    """Forward, backward and AdamW of a ControlNet beside a frozen U-Net, the same weights and inputs in both programs."""
    unet, controlnet = ensure(options, model, "unet"), ensure(options, model, "controlnet")
    source, folder = training_inputs(options, model), os.path.join(options.folder, options.model)
    result, reference = f"{folder}/benchmark-trained.safetensors", f"{folder}/benchmark-trained-torch.safetensors"
    row, peer = {"name": "ControlNet training step", "torch": {}, "notes": []}, None
    ours = our_steps(options, unet, controlnet, source, result, row)
    try:  # not both in memory at once
        peer = Peer()
        peer.tell("prepare", unet=unet, controlnet=controlnet, inputs=source, threads=options.threads)
        theirs = peer.tell("train_and_save", path=reference, names=WATCHED)
        for layout in ("contiguous", "channels-last"):
            peer.tell("train_as", layout=layout)
            row["torch"][layout] = min(peer.tell("train_once")["seconds"] for _ in range(1 + options.rounds))
        row["torch_peak"] = peer.tell("peak")["bytes"]
    finally:
        if peer:
            peer.end()
    our_steps(options, unet, controlnet, source, result, row)
    same_training(row, ours, theirs, result, reference)
    return row


def live_row(options):
    said = subprocess.run([os.path.join(options.build, "tests", "sample", "benchmark-generate"), "live"], capture_output=True,
                          text=True, check=True).stdout
    return {"name": "live mode, starter, 3 controls, 12 steps", "torch": {}, "notes": ["goal 0.7 s; no peer"],
            "ours": float(re.search(r"live\s+([\d.]+)", said)[1])}


def generation(options, model):
    """The files of a whole generation, where `make world` has them too: folder, model, two ControlNets.

    `make world` takes CLIP's words; where it has not run, invented ones do: any prompt is as long for both programs."""
    for part in ("unet", "vae", "text_encoder", "controlnet"):
        ensure(options, model, part)
    folder = os.path.join(options.folder, options.model)
    base, again = f"{folder}/sd15", f"{folder}/control-2"
    if not os.path.exists(f"{again}/config.json"):
        references.load(forms.second(model["controlnet"].seed)).save_pretrained(again)
    if not os.path.exists(f"{base}/tokenizer"):
        invent_words(model["text_encoder"].config["vocab_size"], f"{base}/tokenizer")
    if not os.path.exists(f"{base}/scheduler"):
        forms.scheduler().save_pretrained(f"{base}/scheduler")
    if not os.path.exists(f"{base}/model_index.json"):
        with open(f"{base}/model_index.json", "w") as file:
            json.dump({"_class_name": "StableDiffusionPipeline"}, file)
    return folder, base, [f"{folder}/control", again]


def invent_words(size, path):
    """Merges of any two letters, as many as a vocabulary of this size has."""
    letters = [chr(c) for c in [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)]]
    letters += [chr(256 + i) for i in range(256 - len(letters))]
    pairs = [(a, b) for a in reversed(letters) for b in letters]
    with tempfile.TemporaryDirectory() as rest:
        parts.write_vocabulary(f"{rest}/words", pairs[:size - 514])
        words = CLIPTokenizer(f"{rest}/words/vocab.json", f"{rest}/words/merges.txt", model_max_length=77)
        words.save_pretrained(path)


def memory_row(options, model):
    """Most resident memory of a process that makes a picture with two ControlNets and guidance."""
    folder, base, controls = generation(options, model)
    side, peer = 128 if options.quick else 512, Peer()
    row = {"name": "generation, 2 controls, 1 step", "notes": ["goal: at most 0.60 of PyTorch's memory"]}
    picture.control_maps(folder, side)
    picture.write_scene(folder, base, controls, side, 1, 5.0, "minimal-impact")
    _, row["ours"], row["peak"] = picture.ours(options.tacet, folder)
    try:
        row["torch"] = {"pipeline": peer.tell("generate", folder=folder, model=base, controls=controls, side=side, steps=1,
                                              guidance=5.0, threads=options.threads)["seconds"]}
        row["torch_peak"] = peer.tell("peak")["bytes"]
    finally:
        peer.end()
    row["notes"].append("Tacet s: the whole process, files read included; torch s: without reading the files")
    return row


def overhead_row(options, name, steps, side, files):
    """What balance, report and preview take of a step with guidance and three controls that are partly silent."""
    program = os.path.join(options.build, "tests", "sample", "benchmark-overhead")
    said = subprocess.run([program, *map(str, (steps, options.threads, side)), *files], capture_output=True, text=True,
                          check=True).stdout
    found = json.loads(said)
    networks = found["networks"]["middle"]
    share = lambda *parts: sum(found[part]["middle"] for part in parts) / networks  # noqa: E731
    # Previews cost more at some steps than at others, so of these the mean counts.
    balance, show = share("gram", "solve", "combine", "masks"), found["show"]["mean"] / networks
    difference, plain = found["difference"], found["plain"]["middle"]
    return {"name": name, "torch": {}, "ours": found["whole"]["middle"], "overhead": balance + show, "parts": found, "notes": [
        f"{balance + show:.2%} of what the networks take (goal: at most 2 %): balance {balance:.2%} (of it masks "
        f"{share('masks'):.2%}), preview and report {show:.2%}; the report's file {found['report_file'] / networks:.2%} more",
        f"{found['steps']} steps beside as many without: {difference['middle'] / plain:+.1%}, half of them between "
        f"{difference['low'] / plain:+.1%} and {difference['high'] / plain:+.1%}"]}


def starter_overhead(options):
    return overhead_row(options, "step, starter, 3 controls, guidance", 100, 64, [os.path.join(ROOT, "data", "models", "starter")])


def model_overhead(options, model):
    _, base, controls = generation(options, model)
    side = 128 if options.quick else 512
    return overhead_row(options, f"step, {side} px, 3 controls, guidance", 20 if options.quick else 3, side, [base, *controls])


def rows(options):
    model = getattr(parts, options.model)()
    makers = {module: lambda module=module: pass_row(options, model, module) for module in PASSES}
    makers["starter training"] = lambda: training_row(options)
    makers["ControlNet training step"] = lambda: controlnet_training_row(options, model)
    makers["live mode"] = lambda: live_row(options)
    makers["overhead, starter"] = lambda: starter_overhead(options)
    makers["overhead"] = lambda: model_overhead(options, model)
    makers["generation"] = lambda: memory_row(options, model)
    for name, make in makers.items():
        if options.only not in name:
            continue
        try:
            row = make()
        except (Failed, tacet.Failed, subprocess.CalledProcessError, OSError) as failure:
            row = {"name": name, "torch": {}, "notes": [f"not measured: {failure}"]}
        show(row)
        yield row


def number(value, form):
    return format(value, form) if value is not None else "-".rjust(int(form.split(".")[0]))


def best_of(row):
    """PyTorch's best way, its seconds, ours."""
    best = min(row["torch"], key=row["torch"].get, default=None)
    return best, row["torch"].get(best), row.get("ours")


def memory_share(row):
    return row["peak"] / row["torch_peak"] if row.get("torch_peak") and row.get("peak") else None


def busy():
    return LOAD > 0.3


def show(row):
    best, peer, ours = best_of(row)
    ratio = peer / ours if peer and ours else None
    share = ours / row["roofline"] if ours and row.get("roofline") else None
    memory = memory_share(row)
    goal = GOALS.get(row["name"])
    print(f"{row['name']:42} {number(ours, '8.3f')} {number(peer, '8.3f')} {best or '-':13} {number(ratio, '6.2f')} "
          f"{number(goal, '5.1f')} {number(share, '9.2f')} {number(row.get('error'), '9.1e')} "
          f"{number(row.get('peak') and row['peak'] / 1e9, '6.2f')} {number(memory, '7.2f')} {number(row.get('open'), '6.2f')}")
    for layout, seconds in row["torch"].items():
        if layout != best:
            print(f"{'':42}          {seconds:8.3f} {layout}")
    for layout, reason in row.get("failed", {}).items():
        print(f"{'':42}                 - {layout}: {reason}")
    for note in row["notes"]:
        print(f"{'':4}{note}")
    sys.stdout.flush()


def cell(value, form):
    return format(value, form) if value is not None else ""


def markdown(options, found):
    """The table as README.md of this folder has it."""
    lines = [f"{processor()}, {os.cpu_count()} cores, {options.threads} threads, {time.strftime('%Y-%m-%d')}; "
             f"{'a small model' if options.quick else 'Stable Diffusion 1.5 size, 512 px'}; load before: {LOAD:.1f}."
             + (" **The machine was busy: do not quote.**" if busy() else ""), "",
             "| | Tacet s | PyTorch s | its best | compiled s | ratio | goal | x roofline | relative L2 | peak GB | of PyTorch's "
             "| open s |", "|---|---|---|---|---|---|---|---|---|---|---|---|"]
    for row in found:
        best, peer, ours = best_of(row)
        compiled = cell(row["torch"].get("compiled"), ".3f") or row.get("failed", {}).get("compiled", "")
        cells = [row["name"], cell(ours, ".3f"), cell(peer, ".3f"), best or "", compiled,
                 cell(peer / ours if peer and ours else None, ".2f"), cell(GOALS.get(row["name"]), "g"),
                 cell(ours / row["roofline"] if ours and row.get("roofline") else None, ".2f"), cell(row.get("error"), ".0e"),
                 cell(row["peak"] / 1e9 if row.get("peak") else None, ".2f"), cell(memory_share(row), ".2f"),
                 cell(row.get("open"), ".2f")]
        lines.append("| " + " | ".join(cells) + " |")
    lines += [""] + [f"- {row['name']}: {note}" for row in found for note in row["notes"]]
    with open(options.markdown, "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")


def processor():
    with open("/proc/cpuinfo") as file:
        names = [line.split(":")[1].strip() for line in file if line.startswith("model name")]
    return names[0] if names else platform.processor()


def head(options):
    import diffusers
    import torch
    print(f"{processor()}, {os.cpu_count()} cores, {options.threads} threads; {time.strftime('%Y-%m-%d')}")
    print(f"torch {torch.__version__}, diffusers {diffusers.__version__}; f32 arithmetic, f16 weights in the files, "
          f"batch 1, {'small model' if options.quick else 'Stable Diffusion 1.5 size, 512 px'}")
    print(f"best of {options.rounds} passes each, in turns. Load before: {LOAD:.1f}"
          + (": this machine was BUSY, do not quote" if busy() else ""))
    print(f"\n{'':42} {'Tacet s':>8} {'torch s':>8} {'its best':13} {'ratio':>6} {'goal':>5} {'x roofl.':>9} "
          f"{'rel. L2':>9} {'peak GB':>6} {'/ torch':>7} {'open s':>6}", flush=True)


def main():
    options = parse()
    os.makedirs(os.path.join(options.folder, options.model), exist_ok=True)
    head(options)
    found = list(rows(options))
    if options.json:
        with open(options.json, "w") as file:
            json.dump(found, file, indent=1)
    if options.markdown:
        markdown(options, found)
    wrong = [row["name"] for row in found if row.get("error", 0) > LIMIT]
    print("\noutputs agree" if not wrong else f"\nNOT the same outputs: {', '.join(wrong)}")
    sys.exit(1 if wrong else 0)


main()
