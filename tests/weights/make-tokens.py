#!/usr/bin/env python3
"""Writes tokens/: what transformers' CLIPTokenizer makes of hard_prompts.py.

    make-tokens.py BPE_SIMPLE_VOCAB_16E6.txt.gz

tokens/vocab.json, merges.txt: a small vocabulary, trained on the prompts.  It lacks some bytes, so that the
unknown token comes up too.
tokens/prompts.json: the texts; their tokens without start and end, with the vocabulary of Stable Diffusion 1.x
("clip") and the small one ("tiny"); what the ways to declare special tokens lead to ("specials"); and digests of
every character's words ("unicode").

Needs transformers 5.  The vocabulary is openai/CLIP's; it is not part of this repository.
"""
import gzip, hashlib, json, os, shutil, sys, tempfile
from tokenizers import Tokenizer, models, pre_tokenizers, trainers
from transformers import CLIPTokenizer
import hard_prompts
from hard_prompts import START, END

OUT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "tokens")


def bytes_to_unicode():
    keep = list(range(33, 127)) + list(range(0xA1, 0xAD)) + list(range(0xAE, 0x100))
    rest = [b for b in range(256) if b not in keep]
    return {**{b: chr(b) for b in keep}, **{b: chr(256 + i) for i, b in enumerate(rest)}}


def write(folder, tokens, merges):
    with open(f"{folder}/vocab.json", "w", encoding="utf-8") as file:
        json.dump({t: i for i, t in enumerate(tokens)}, file, ensure_ascii=False, separators=(",", ":"))
        file.write("\n")
    with open(f"{folder}/merges.txt", "w", encoding="utf-8") as file:
        file.write("#version: 0.2\n" + "\n".join(merges) + "\n")


def clip_files(archive, folder):
    merges = gzip.open(archive, "rt", encoding="utf-8").read().split("\n")[1:49152 - 256 - 2 + 1]
    letters = list(bytes_to_unicode().values())
    tokens = letters + [v + "</w>" for v in letters] + ["".join(m.split()) for m in merges]
    write(folder, tokens + [START, END], merges)


def tiny_files(folder, texts):
    reference = CLIPTokenizer(vocab={START: 0, END: 1}, merges=[]).backend_tokenizer
    tokenizer = Tokenizer(models.BPE(end_of_word_suffix="</w>"))
    tokenizer.normalizer, tokenizer.pre_tokenizer = reference.normalizer, reference.pre_tokenizer
    tokenizer.train_from_iterator(texts, trainers.BpeTrainer(
        vocab_size=1600, special_tokens=[START, END], end_of_word_suffix="</w>", show_progress=False,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet()))
    model = json.loads(tokenizer.to_str())["model"]
    order = sorted(model["vocab"], key=model["vocab"].get)
    write(folder, order, [" ".join(m) if isinstance(m, list) else m for m in model["merges"]])


def encode(folder, texts):
    tokenizer = CLIPTokenizer.from_pretrained(folder)
    return [" ".join(map(str, tokenizer(t, add_special_tokens=False).input_ids)) for t in texts]


def added(text, after, **more):
    return {"content": text, "lstrip": False, "normalized": after, "rstrip": False, "single_word": False, **more}


def special_cases(folder):
    s, e, old = added(START, True), added(END, True), {"__type": "AddedToken"}
    texts = ["a<|STARTOFTEXT|>!<|ENDOFTEXT|>b", "hi! wow!!! <|endoftext|>", "<|StartOfText|><|startoftext|>"]
    names = dict(bos_token=START, eos_token=END, pad_token=END, unk_token=END)
    decoder = lambda a, b: {"100": added(START, a, special=True), "101": added(END, b, special=True)}
    cases = [
        ({"bos_token": {**s, **old}, "eos_token": {**e, **old}, "pad_token": END, "unk_token": {**e, **old}}, None),
        ({"bos_token": {**s, **old}, "eos_token": {**e, **old}, "unk_token": {**e, **old}}, None),
        ({"bos_token": {**s, **old}, "eos_token": {**e, **old}, "pad_token": {**e, **old}, "unk_token": {**e, **old}}, None),
        ({"bos_token": {**s, **old}, "eos_token": {**e, **old}, "pad_token": {**e, **old}, "unk_token": END}, None),
        (names, None), (None, None), ({}, None),
        ({**names, "added_tokens_decoder": decoder(True, True)}, None),
        ({**names, "added_tokens_decoder": decoder(True, False)}, None),
        ({**names, "added_tokens_decoder": decoder(False, True)}, None),
        (None, {"bos_token": s, "eos_token": e, "pad_token": END, "unk_token": e}),
        ({}, {"bos_token": s, "eos_token": e, "pad_token": "!", "unk_token": e}),
        (names, {"bos_token": s, "eos_token": e, "pad_token": "!", "unk_token": e}),
    ]
    vocab = json.load(open(f"{OUT}/vocab.json", encoding="utf-8"))
    out = []
    for config, mapping in cases:
        for name, content in (("tokenizer_config.json", config), ("special_tokens_map.json", mapping)):
            if os.path.exists(f"{folder}/{name}"):
                os.remove(f"{folder}/{name}")
            if content is not None:
                if "added_tokens_decoder" in content:
                    content = dict(content, added_tokens_decoder={
                        str(vocab[t["content"]]): t for t in content["added_tokens_decoder"].values()})
                with open(f"{folder}/{name}", "w") as file:
                    json.dump(content if name[0] == "s" else dict(content, tokenizer_class="CLIPTokenizer"), file)
        tokenizer = CLIPTokenizer.from_pretrained(folder)
        case = {"texts": texts, "ids": encode(folder, texts), "pad": tokenizer.pad_token_id}
        for name in ("tokenizer_config.json", "special_tokens_map.json"):
            if os.path.exists(f"{folder}/{name}"):
                case[name] = open(f"{folder}/{name}").read()
        out.append(case)
    return out


def unicode_digests():
    """Of every block of 4096 characters: the words of "xC,Cx" for each, with a mark in between."""
    reference = CLIPTokenizer(vocab={START: 0, END: 1}, merges=[]).backend_tokenizer
    back, out = {v: k for k, v in bytes_to_unicode().items()}, []
    for block in range(0, 0x110000, 4096):
        text = "".join(f"x{chr(c)}\u0327{chr(c)}X {chr(c)} " for c in range(block, block + 4096)
                       if c and not 0xD800 <= c < 0xE000)
        digest = hashlib.sha256()
        if text:
            for word, _ in reference.pre_tokenizer.pre_tokenize_str(reference.normalizer.normalize_str(text)):
                digest.update(bytes(back[letter] for letter in word) + b"\0")
        out.append(digest.hexdigest()[:16])
    return out


def main(archive):
    texts = hard_prompts.texts()
    os.makedirs(OUT, exist_ok=True)
    tiny_files(OUT, texts)
    result = {"texts": texts, "tiny": encode(OUT, texts)}
    with tempfile.TemporaryDirectory() as folder:
        clip_files(archive, folder)
        result["clip"] = encode(folder, texts)
    with tempfile.TemporaryDirectory() as folder:
        for name in ("vocab.json", "merges.txt"):
            shutil.copy(f"{OUT}/{name}", folder)
        result["specials"] = special_cases(folder)
    result["unicode"] = unicode_digests()
    with open(f"{OUT}/prompts.json", "w", encoding="utf-8") as file:
        json.dump(result, file, ensure_ascii=True, indent=0, separators=(",", ":"))
        file.write("\n")
    print(len(texts), "texts")


main(*sys.argv[1:])
