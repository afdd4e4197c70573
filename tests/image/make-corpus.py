#!/usr/bin/env python3
"""Writes corpus/: small PNG files that a reader must survive.  Only the standard library is needed.

"good" files hold a picture, "bad" ones must be refused with a message.
"""
import os
import struct
import zlib

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "corpus")
SIGNATURE = b"\x89PNG\r\n\x1a\n"


def chunk(kind, data, length=None, crc=None):
    length = len(data) if length is None else length
    crc = zlib.crc32(kind + data) if crc is None else crc
    return struct.pack(">I", length) + kind + data + struct.pack(">I", crc)


def header(w=4, h=4, depth=8, color=0, compression=0, filtering=0, interlace=0):
    return chunk(b"IHDR", struct.pack(">IIBBBBB", w, h, depth, color, compression, filtering, interlace))


def pixels(raw, level=9):
    return chunk(b"IDAT", zlib.compress(raw, level))


END = chunk(b"IEND", b"")
ROWS = b"".join(b"\0" + bytes(range(4 * y, 4 * y + 4)) for y in range(4))
FILES = {
    "good-gray": header() + pixels(ROWS) + END,
    "good-no-end": header() + pixels(ROWS),
    "good-text-bomb": header() + chunk(b"zTXt", b"k\0\0" + zlib.compress(bytes(40 << 20), 9)) + pixels(ROWS) + END,
    "good-unknown-chunks": header() + chunk(b"abCd", bytes(100)) * 50 + pixels(ROWS) + END,
    "good-split-pixels": header() + b"".join(chunk(b"IDAT", zlib.compress(ROWS)[i:i + 1])
                                            for i in range(len(zlib.compress(ROWS)))) + END,
    "good-bad-profile": header() + chunk(b"iCCP", b"p\0\0" + b"no zlib stream") + pixels(ROWS) + END,
    "good-bad-text-crc": header() + chunk(b"tEXt", b"k\0v", crc=1) + pixels(ROWS) + END,
    "bad-no-header": pixels(ROWS) + END,
    "bad-two-headers": header() + header(8, 8) + pixels(ROWS) + END,
    "bad-zero-width": header(0, 4) + pixels(ROWS) + END,
    "bad-depth": header(depth=3) + pixels(ROWS) + END,
    "bad-color": header(color=5) + pixels(ROWS) + END,
    "bad-interlace": header(interlace=7) + pixels(ROWS) + END,
    "bad-compression": header(compression=1) + pixels(ROWS) + END,
    "bad-no-palette": header(color=3) + pixels(ROWS) + END,
    "bad-palette-size": header(color=3) + chunk(b"PLTE", bytes(4)) + pixels(ROWS) + END,
    "bad-header-crc": SIGNATURE[:0] + chunk(b"IHDR", struct.pack(">IIBBBBB", 4, 4, 8, 0, 0, 0, 0), crc=5) + pixels(ROWS) + END,
    "bad-pixel-crc": header() + chunk(b"IDAT", zlib.compress(ROWS), crc=7) + END,
    "bad-chunk-length": header() + chunk(b"tEXt", b"k\0v", length=0x7FFFFFFF) + pixels(ROWS) + END,
    "bad-short-pixels": header(64, 64) + pixels(ROWS) + END,
    "bad-no-pixels": header() + END,
    "bad-zlib": header() + chunk(b"IDAT", b"\x78\x9c" + bytes(30)) + END,
    "bad-huge": header(16384, 16384, 16, 6) + pixels(ROWS) + END,
    "bad-truncated-header": header()[:15],
}

os.makedirs(HERE, exist_ok=True)
for name, data in FILES.items():
    with open(os.path.join(HERE, name + ".png"), "wb") as f:
        f.write(SIGNATURE + data)
