#!/usr/bin/env python3
"""Writes engine/weights/tacet-unicode-table.h: what the tokenizers library, which transformers' CLIPTokenizer
runs on, takes for a letter and a number, its lower case, and the characters that its normaliser (of an older
Unicode) leaves alone.

    make-unicode.py > engine/weights/tacet-unicode-table.h

Needs tokenizers and a recent regex (for the classes of the newest Unicode).
"""
import regex
from tokenizers import Regex, normalizers, pre_tokenizers

EVERY = [c for c in range(0x110000) if not 0xD800 <= c < 0xE000]
# Later compositions have no old part to be known by: the blocks of what they are composed of.
NEW_COMPOSITIONS = [(0x105C0, 0x105FF), (0x11380, 0x113FF), (0x11930, 0x11938), (0x16100, 0x1613F), (0x16D40, 0x16D7F)]


def ranges(members):
    out = []
    for c in members:
        if out and out[-1][1] == c - 1:
            out[-1][1] = c
        else:
            out.append([c, c])
    return out


def members(pattern):
    split = pre_tokenizers.Split(Regex(pattern), behavior="removed", invert=True)
    return [c for c in EVERY if split.pre_tokenize_str(chr(c))]


def lower_runs():
    """[first, last, step, delta] of the characters with one lower-case character; step 2 is every second."""
    lower, runs = normalizers.Lowercase(), []
    for c in EVERY:
        to = lower.normalize_str(chr(c))
        if len(to) != 1 or to == chr(c):
            continue
        delta = ord(to) - c
        run = runs[-1] if runs else None
        step = c - run[1] if run else 0
        if run and delta == run[3] and step in (1, 2) and (run[0] == run[1] or step == run[2]):
            run[1], run[2] = c, step
        else:
            runs.append([c, c, 1, delta])
    return runs


def inert():
    nfc, nfd = normalizers.NFC(), normalizers.NFD()
    out = set()
    for c in EVERY:
        ch = chr(c)
        if not regex.match(r"\p{ccc=0}", ch) and not any(
                nfc.normalize_str(s) != s for s in ("a" + ch + "\u0334", "a\u0345" + ch)):
            out.add(c)
        if regex.match(r"\p{dt=canonical}", ch) and nfd.normalize_str(ch) == ch and not 0xAC00 <= c <= 0xD7A3:
            out.add(c)
    for first, last in NEW_COMPOSITIONS:
        out |= set(range(first, last + 1))
    return sorted(out)


def table(name, comment, kind, rows):
    print(f"\n/* {comment} */\nstatic const {kind} {name}[] = {{")
    line = " "
    for row in rows:
        item = " { " + ", ".join(row) + " },"
        if len(line) + len(item) > 119:
            print(line)
            line = " "
        line += item
    print(line + "\n};")


def main():
    print("""/* tacet-unicode-table.h: letters, numbers and lower case as the reference has them.
 *
 * Room: engine/weights, of tacet-unicode.c.  Made by tests/weights/make-unicode.py.
 */
#pragma once

#include <glib.h>

typedef struct
{
  gunichar first, last;
} TacetRange;

/* Every `step`th of the range has its lower case `delta` further on. */
typedef struct
{
  gunichar first, last;
  int step, delta;
} TacetLowerRange;

/* clang-format off */""")
    pair = lambda found: [[f"0x{a:x}", f"0x{b:x}"] for a, b in ranges(found)]
    table("letters", "Class L.", "TacetRange", pair(members(r"\p{L}")))
    table("numbers", "Class N.", "TacetRange", pair(members(r"\p{N}")))
    table("lowers", "One character to one; U+0130 becomes two.", "TacetLowerRange",
          [[f"0x{a:x}", f"0x{b:x}", str(s), str(d)] for a, b, s, d in lower_runs()])
    table("inert", "Neither reordered nor composed: newer than the reference's normaliser.", "TacetRange", pair(inert()))


main()
