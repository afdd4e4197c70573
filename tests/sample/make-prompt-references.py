#!/usr/bin/env python3
"""References for weights in prompts and for long prompts: AUTOMATIC1111's own code over transformers' CLIPTextModel.

  test-sample-reference --write DIR               writes the tiny model that the test uses
  make-prompt-references.py DIR/tiny WEBUI        reads it and writes data/prompts.json beside this file

Needs torch, transformers and a copy of stable-diffusion-webui's modules/prompt_parser.py, sd_hijack_clip.py and
sd_emphasis.py in WEBUI/modules; the rest of that program is stood in for here.
"""
import importlib
import json
import os
import random
import sys
import types

os.environ["HF_HUB_OFFLINE"] = "1"

import torch
from transformers import CLIPTextModel, CLIPTokenizer

FOLDER, WEBUI = sys.argv[1:]
OUT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "data", "prompts.json")
LENGTH = 16
torch.set_grad_enabled(False)

PARSES = [
    "", "normal text", "an (important) word", "(unbalanced", "unbalanced)", "[unbalanced", "unbalanced]", r"\(literal\]",
    "(unnecessary)(parens)", "a (((house:1.3)) [on] a (hill:0.5), sun, (((sky))).", "((a))", "[[a]]", "([a])", "[(a)]",
    "(a:1.5)", "(a:0)", "(a:-1)", "(a:+2)", "(a:.5)", "(a:2.)", "(a: 1.5)", "(a:1.5 )", "(a :1.5)", "(a:b)", "(a:1.5:2)",
    "[a:1.5]", "[a:1.5)", "(a:1.5]", "a:1.5)", ":1.5)", ":", "::", "(:1.5)", "()", "[]", "(())", "(a(b:2)c)", "(a[b]c:1.2)",
    "a) (b", "a] [b", "((a)", "(a))", "((((((", "))))))", "[[[[", "]]]]", "([)]", "[(])", "(a [b) c]",
    r"\\", r"\\(a\\)", r"\a", "\\", r"a\:b", r"\[a\] (b\))", r"(a\:1.5)", r"(\(a\):1.3)", r"\\\(", r"\\\\", r"(a\\:2)",
    "a BREAK b", "BREAK", "BREAK BREAK", "a BREAK", "BREAK a", "aBREAK b", "a BREAKb", "a_BREAK", "a,BREAK,b", "a-BREAK-b",
    "a\nBREAK\nb", "a  BREAK   b", "BREAKBREAK", "break", "(a) BREAK (b)", "aBREAKb BREAK c", "éBREAK", "BREAKé", "9BREAK",
    "a (b:1.2) (c:1.2) d", "(a:1.1) (b)", "(a)(b:1.1)", "[a]" * 9, "(" * 30 + "a" + ")" * 30, "(a:1.000)", "(a:01.5)",
    "masterpiece, (best quality:1.4), [lowres], ((1girl)), smile :) :( :D", "(a,b,c:0.8), d", "日本 (語:1.3) 🙂", "a\t(b\n)",
    "<lora:x:0.8> (a)", "{a}", "(red:1.2)(blue:1.3)[mug]", "photo (of (a (red (mug)))) [with [blue [person]]]",
]
CHUNKS = [
    "", "a red mug", "a red mug " * 4 + "a red", "a red mug " * 5, "a red, blue mug, " * 6, "," * 40, "a," * 14 + "b",
    "a red mug a red mug a red mug a, red", "a red mug a, red mug blue person red mug a red mug", "a BREAK b BREAK c", "BREAK",
    "BREAK BREAK a", "a red mug " * 4 + "a red BREAK blue", "(a red mug:1.3) " * 6, "(a (red [mug])), " * 5,
    "person" * 20, "a<|endoftext|>b (c:2)", "<|startoftext|> a", "a red mug, a blue mug, a person and a mug, red, blue, mug",
    "(red:0), blue", "(red:-1.5) mug", "mug " * 13 + "mug", "mug " * 13 + ", mug", "mug " * 14 + ", mug", ", " + "mug " * 20,
]
ENCODED = ["a red mug", "a (red:1.5) mug", "(a [red] mug:0.6), ((blue)) person", "a red mug, a blue mug, (a person:1.3) and a mug",
           "a (red:0) mug", "a (red:-1) mug BREAK blue", "blue " * 30, "(a:1.1) red (mug:1.2) " * 4]


def random_prompts(r):
    pieces = ["(", ")", "[", "]", ":1.2)", ":0.5)", ":", "\\", "\\(", "\\]", " ", "a", "red mug", ", ", "BREAK", " BREAK ", "b", "é"]
    return ["".join(r.choice(pieces) for _ in range(r.randrange(1, 16))) for _ in range(300)]


def long_prompts(r):
    """For chunks of 77: commas at every distance from the end, with the vocabulary of tests/weights/tokens."""
    words = "portrait woman castle neon it's 8k (red:1.2) [ocean] ((sharp_focus)) BREAK".split(" ")
    for distance in range(14, 26):
        for before in (74, 75, 76):
            yield "a " * (before - distance) + ", " + "a " * (distance + 20)
    for _ in range(30):
        yield "".join(r.choice(words) + r.choice([" ", " ", ", ", " " * 2]) for _ in range(r.randrange(40, 160)))


def stand_in():
    opts = types.SimpleNamespace(emphasis="Original", comma_padding_backtrack=20, CLIP_stop_at_last_layers=1,
                                 use_old_emphasis_implementation=False, textual_inversion_add_hashes_to_infotext=False)
    package = types.ModuleType("modules")
    package.__path__ = [os.path.join(WEBUI, "modules")]
    sys.modules["modules"] = package
    for name, values in (("devices", {"device": "cpu", "torch_npu_set_device": lambda: None}), ("shared", {"opts": opts}),
                         ("sd_hijack", {"StableDiffusionModelHijack": object})):
        module = types.ModuleType("modules." + name)
        module.__dict__.update(values)
        sys.modules["modules." + name] = module
        setattr(package, name, module)
    sys.modules.setdefault("lark", types.SimpleNamespace(Lark=lambda *a, **k: None))
    return opts


def spoilt(parsed):
    """A BREAK within brackets: there its weight is multiplied too and it becomes a word.  Tacet breaks."""
    return any(text.startswith("BREAK") and weight != 1 and weight != -1 or (weight == -1 and text != "BREAK")
               for text, weight in parsed) or any("BREAK" in text and text != "BREAK" and weight != 1 for text, weight in parsed)


def main():
    opts = stand_in()
    parser = importlib.import_module("modules.prompt_parser")
    clip = importlib.import_module("modules.sd_hijack_clip")
    text = CLIPTextModel.from_pretrained(f"{FOLDER}/text_encoder").eval()
    if not hasattr(text, "text_model"):
        object.__setattr__(text, "text_model", text)
    tokenizer = CLIPTokenizer.from_pretrained(f"{FOLDER}/tokenizer")
    hijack = types.SimpleNamespace(embedding_db=types.SimpleNamespace(find_embedding_at_position=lambda *a: (None, None)),
                                   extra_generation_params={})
    embedder = clip.FrozenCLIPEmbedderWithCustomWords(types.SimpleNamespace(tokenizer=tokenizer, transformer=text), hijack)
    embedder.chunk_length = LENGTH - 2
    result = {"parses": [], "chunks": [], "encoded": []}
    for prompt in PARSES + random_prompts(random.Random(5)):
        parsed = parser.parse_prompt_attention(prompt)
        if not spoilt(parsed):
            result["parses"].append([prompt, parsed])
    for prompt in CHUNKS:
        chunks, _ = embedder.tokenize_line(prompt)
        result["chunks"].append([prompt, sum((c.tokens for c in chunks), []), sum((c.multipliers for c in chunks), [])])
    long = CLIPTokenizer.from_pretrained(os.path.join(os.path.dirname(OUT), "..", "..", "weights", "tokens"))
    longer = clip.FrozenCLIPEmbedderWithCustomWords(types.SimpleNamespace(tokenizer=long, transformer=text), hijack)
    result["long"] = []
    for prompt in long_prompts(random.Random(3)):
        chunks, _ = longer.tokenize_line(prompt)
        result["long"].append([prompt, sum((c.tokens for c in chunks), []), sum((c.multipliers for c in chunks), [])])
    for prompt in ENCODED:
        for skip in (1, 2):
            opts.CLIP_stop_at_last_layers = skip
            values = embedder([prompt])[0]
            result["encoded"].append([prompt, skip, values.shape[0], [float(f"{v:.7g}") for v in values.flatten().tolist()]])
    with open(OUT, "w", encoding="utf-8") as file:
        for name, rows in result.items():
            file.write(("{" if name == "parses" else ",\n") + json.dumps(name) + ":[\n")
            file.write(",\n".join(json.dumps(row, separators=(",", ":")) for row in rows) + "]")
        file.write("}\n")
    print(len(result["parses"]), "parses", len(result["chunks"]), "chunks", len(result["encoded"]), "encoded")


main()
