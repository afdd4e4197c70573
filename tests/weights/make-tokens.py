#!/usr/bin/env python3
"""Writes tokens.json: what transformers' CLIPTokenizer makes of texts.sample, with the vocabulary of
Stable Diffusion 1.x ("clip") and with a small one that the script writes as Tacet does ("tiny").

    make-tokens.py BPE_SIMPLE_VOCAB_16E6.txt.gz OUT.json

Needs transformers.  The vocabulary is openai/CLIP's; it is not part of this repository.
"""
import gzip, json, os, sys, tempfile
from transformers import CLIPTokenizer

TEXTS = [
    "", " ", "a red mug on a wooden floor, brick wall, light from the left",
    "A WOMAN on a chair,  brick wall;\tevening light\n", "it's the dog's, we'll see, I'd've, they're 'm 'S",
    "1234 5 objects at 3.50$", "naïve café — “quoted” … ﬁne", "Ångström İstanbul ΣΊΣΥΦΟΣ straße ǅ",
    "日本語の猫, 한국어, עברית, हिन्दी", "🙂👩‍👩‍👧 cat", "a<|endoftext|>b <|startoftext|>c <|STARTOFTEXT|>d!<|EndOfText|>!",
    "x²+y½=Ⅷ ٣", "e\u0301le\u0300ve A\u030angstro\u0308m", "tab\u00a0nbsp\u3000wide\u2009thin\u200bzero", "''s '''t !'s don''t",
    "(((masterpiece:1.2))), best_quality, 4k, ultra-detailed", "supercalifragilisticexpialidocious antidisestablishmentarianism",
    "a " * 100, "photo of an astronaut riding a horse on mars, trending on artstation, 8 k, hdr" * 3, "\u0378\ue000 odd \u0903",
]
WORDS = ["a", "red", "mug", "wooden", "floor", "brick", "wall", "light", "from", "the", "left", "hen", "then", "he",
         "abab", "ab", "bab", ",", "ball", "on", "'s", "1", "é"]


def bytes_to_unicode():
    keep = list(range(33, 127)) + list(range(0xA1, 0xAD)) + list(range(0xAE, 0x100))
    rest = [b for b in range(256) if b not in keep]
    return {**{b: chr(b) for b in keep}, **{b: chr(256 + i) for i, b in enumerate(rest)}}


def clip_files(archive, folder):
    merges = gzip.open(archive, "rt", encoding="utf-8").read().split("\n")[1:49152 - 256 - 2 + 1]
    letters = list(bytes_to_unicode().values())
    tokens = letters + [v + "</w>" for v in letters] + ["".join(m.split()) for m in merges]
    tokens += ["<|startoftext|>", "<|endoftext|>"]
    json.dump({t: i for i, t in enumerate(tokens)}, open(f"{folder}/vocab.json", "w"))
    open(f"{folder}/merges.txt", "w", encoding="utf-8").write("#version: 0.2\n" + "\n".join(merges) + "\n")


def tiny_files(folder):
    letters = list(bytes_to_unicode().values())
    tokens, merges = letters + [v + "</w>" for v in letters], []
    for word in ["a", "red", "wooden", "floor", "then", "hen", "he", "abab", "bab"]:
        def apply(symbols):
            while True:
                found = [(merges.index(p), i) for i, p in enumerate(zip(symbols, symbols[1:])) if p in merges]
                if not found:
                    return symbols
                i = min(found)[1]
                symbols = symbols[:i] + [symbols[i] + symbols[i + 1]] + symbols[i + 2:]
        symbols = apply(list(word[:-1]) + [word[-1] + "</w>"])
        while len(symbols) > 1:
            merges.append((symbols[0], symbols[1]))
            if symbols[0] + symbols[1] not in tokens:
                tokens.append(symbols[0] + symbols[1])
            symbols = apply(symbols)
    tokens += ["<|startoftext|>", "<|endoftext|>"]
    json.dump({t: i for i, t in enumerate(tokens)}, open(f"{folder}/vocab.json", "w"))
    open(f"{folder}/merges.txt", "w", encoding="utf-8").write("#version: 0.2\n" + "".join(f"{a} {b}\n" for a, b in merges))
    return tokens, merges


def encode(folder, length):
    tokenizer = CLIPTokenizer.from_pretrained(folder)
    return [tokenizer(t, padding="max_length", max_length=length, truncation=True).input_ids for t in TEXTS], \
           [len(tokenizer(t).input_ids) for t in TEXTS]


def main(archive, out):
    result = {"texts": TEXTS}
    with tempfile.TemporaryDirectory() as folder:
        clip_files(archive, folder)
        ids, lengths = encode(folder, 77)
        # The padding is the end token: cut it to its first.
        result["clip"] = {"ids": [row[:min(n, 77)] for row, n in zip(ids, lengths)], "lengths": lengths}
    with tempfile.TemporaryDirectory() as folder:
        tokens, merges = tiny_files(folder)
        ids, lengths = encode(folder, 24)
        result["tiny"] = {"vocab": tokens, "merges": [f"{a} {b}" for a, b in merges],
                          "ids": [row[:min(n, 24)] for row, n in zip(ids, lengths)], "lengths": lengths}
    with open(out, "w", encoding="utf-8") as file:
        json.dump(result, file, ensure_ascii=True, separators=(",", ":"))
        file.write("\n")


main(*sys.argv[1:])
