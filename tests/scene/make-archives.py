#!/usr/bin/env python3
"""Writes archives/: small OpenRaster files that a reader must survive.  Only the standard library is needed.

"good" files open, "bad" ones must be refused with a message.
"""
import io
import os
import struct
import zipfile
import zlib

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "archives")
TYPE = b"image/openraster"


def png(width, height, pixel=b"\xff\0\0\xff"):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    rows = (b"\0" + pixel * width) * height
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)) +
            chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b""))


def stack(layers, size='w="16" h="16"'):
    return f"<?xml version='1.0' encoding='UTF-8'?>\n<image version=\"0.0.5\" {size}><stack>{layers}</stack></image>".encode()


ONE = '<layer name="one" src="data/0.png" x="2" y="-3" opacity="0.5" visibility="hidden" edit-locked="true"/>'


def archive(files, method=zipfile.ZIP_STORED, kind=TYPE):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as z:
        if kind is not None:
            z.writestr(zipfile.ZipInfo("mimetype"), kind)
        for name, data in files:
            info = zipfile.ZipInfo(name)
            info.compress_type = method
            z.writestr(info, data)
    return out.getvalue()


def simple(layers=ONE, size='w="16" h="16"', pictures=(("data/0.png", png(4, 4)),), **rest):
    return archive([("stack.xml", stack(layers, size)), *pictures], **rest)


def damaged(data, offset, with_what):
    return data[:offset] + with_what + data[offset + len(with_what):]


LONG = "<stack>" * 70 + ONE + "</stack>" * 70
GOOD = simple()
LIE = simple(method=zipfile.ZIP_DEFLATED)
AT = LIE.rindex(b"PK\1\2")  # the last entry of the directory: data/0.png

FILES = {
    "good-stored": GOOD,
    "good-deflated": LIE,
    "good-no-type": simple(kind=None),
    "good-type-with-newline": simple(kind=TYPE + b"\n"),
    "good-groups": simple('<stack opacity="0.5" visibility="hidden"><stack name="in"><layer name="deep" src="data/0.png"/>'
                          '</stack></stack><layer name="flat" src="data/0.png"/>'),
    "good-no-picture": simple(pictures=()),
    "good-broken-picture": simple(pictures=(("data/0.png", b"no picture"),)),
    "good-unknown-elements": simple('<filter type="x"/><text x="1">a</text><layer src="data/0.png" composite-op="svg:multiply"/>'),
    "good-strange-numbers": simple('<layer name="a" src="data/0.png" x="1e99" y="12.0" opacity="nan"/>'),
    "good-outside-source": simple('<layer name="a" src="../../etc/passwd"/><layer name="b" src="/etc/passwd"/>'),
    "good-own-files": archive([("stack.xml", stack(ONE)), ("data/0.png", png(4, 4)), ("tacet/", b""), ("tacet/x", b"y")]),
    "good-no-layers": simple("", pictures=()),
    "bad-empty": b"",
    "bad-cut": GOOD[:-30],
    "bad-no-stack": archive([("data/0.png", png(4, 4))]),
    "bad-other-type": simple(kind=b"application/epub+zip"),
    "bad-no-size": simple(size=""),
    "bad-zero-size": simple(size='w="0" h="16"'),
    "bad-huge-size": simple(size='w="99999" h="16"'),
    "bad-not-xml": archive([("stack.xml", b"<image w='1' h='1'><stack>")]),
    "bad-not-utf8": archive([("stack.xml", b"<image w='1' h='1'><stack><layer src='\xff\xfe'/></stack></image>")]),
    "bad-other-root": archive([("stack.xml", b"<svg/>")]),
    "bad-deep": simple(LONG),
    "bad-many-layers": simple('<layer src="data/0.png"/>' * 300),
    "bad-no-source": simple('<layer name="a"/>'),
    "bad-entities": archive([("stack.xml", b'<!DOCTYPE image [<!ENTITY a "b">]><image w="4" h="4"><stack>'
                                           b'<layer name="&a;" src="data/0.png"/></stack></image>')]),
    "bad-huge-stack": archive([("stack.xml", stack("<!--" + "x" * (5 << 20) + "-->"))], zipfile.ZIP_DEFLATED),
    "bad-two-stacks": archive([("stack.xml", stack(ONE)), ("stack.xml", stack(ONE))]),
    # The directory says other sizes than the bytes have.
    "good-picture-larger-than-said": damaged(LIE, AT + 24, struct.pack("<I", 10)),
    "good-picture-smaller-than-said": damaged(LIE, AT + 24, struct.pack("<I", 100000)),
    "good-picture-claims-gigabytes": damaged(LIE, AT + 24, struct.pack("<I", 0xfffffff0)),
    "good-picture-of-other-method": damaged(damaged(LIE, AT + 10, struct.pack("<H", 99)), LIE.rindex(b"PK\3\4") + 8,
                                            struct.pack("<H", 99)),
    "good-picture-with-wrong-checksum": damaged(GOOD, GOOD.rindex(b"PK\1\2") + 16, b"abcd"),
}

os.makedirs(HERE, exist_ok=True)
for name, data in FILES.items():
    with open(os.path.join(HERE, name + ".ora"), "wb") as f:
        f.write(data)
