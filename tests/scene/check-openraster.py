#!/usr/bin/env python3
"""check-openraster.py MAKER: the files that MAKER writes are valid OpenRaster files.

MAKER FOLDER writes some .ora files.  They are read with Python's zipfile, xml and zlib alone and compared with the
specification (https://www.openraster.org, baseline: file layout and layer stack), and with what any PNG reader would make
of them: mergedimage.png must be the visible layers over each other.  Prints TAP.
"""
import os
import struct
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
import zipfile
import zlib

OPS = {"svg:src-over", "svg:multiply", "svg:screen", "svg:overlay", "svg:plus"}


def png(data):
    """Width, height, RGBA rows of an 8-bit PNG that is not interlaced."""
    assert data[:8] == b"\x89PNG\r\n\x1a\n", "not a PNG"
    at, idat, head = 8, b"", None
    while at < len(data):
        size, kind = struct.unpack(">I4s", data[at:at + 8])
        body = data[at + 8:at + 8 + size]
        assert struct.unpack(">I", data[at + 8 + size:at + 12 + size])[0] == zlib.crc32(kind + body), "checksum"
        if kind == b"IHDR":
            head = struct.unpack(">IIBBBBB", body)
        if kind == b"IDAT":
            idat += body
        at += 12 + size
    width, height, depth, color, _, _, interlace = head
    assert depth == 8 and interlace == 0, "8 bits, not interlaced"
    n = {0: 1, 2: 3, 4: 2, 6: 4}[color]
    raw, stride, previous, rows = zlib.decompress(idat), width * n, bytearray(width * n), []
    for y in range(height):
        kind, row = raw[y * (stride + 1)], bytearray(raw[y * (stride + 1) + 1:(y + 1) * (stride + 1)])
        for i in range(stride):
            left = row[i - n] if i >= n else 0
            up, corner = previous[i], previous[i - n] if i >= n else 0
            if kind == 4:
                p = left + up - corner
                best = min((abs(p - left), 0, left), (abs(p - up), 1, up), (abs(p - corner), 2, corner))[2]
            else:
                best = [0, left, up, (left + up) // 2][kind]
            row[i] = (row[i] + best) & 255
        previous = row
        px = [row[i:i + n] for i in range(0, stride, n)]
        rows.append([(p[0], p[0], p[0], p[1] if n == 2 else 255) if n < 3 else tuple(p) if n == 4 else (*p, 255) for p in px])
    return width, height, rows


def over(layers, width, height):
    merged = [[(0.0, 0.0, 0.0, 0.0)] * width for _ in range(height)]
    for x0, y0, opacity, (w, h, rows) in reversed(layers):
        for y in range(max(0, y0), min(height, y0 + h)):
            for x in range(max(0, x0), min(width, x0 + w)):
                r, g, b, a = rows[y - y0][x - x0]
                a = a / 255 * opacity
                below = merged[y][x]
                rest = below[3] * (1 - a)
                if a + rest:
                    merged[y][x] = (*((c * a + d * rest) / (a + rest) for c, d in zip((r, g, b), below)), a + rest)
    return merged


def check(path):
    with open(path, "rb") as f:
        start = f.read(54)
    assert start[:4] == b"PK\3\4" and start[30:54] == b"mimetypeimage/openraster", "where programs look for the type"
    with zipfile.ZipFile(path) as z:
        assert z.testzip() is None
        names = z.namelist()
        assert len(names) == len(set(names)), "every name once"
        assert names[0] == "mimetype" and z.infolist()[0].compress_type == zipfile.ZIP_STORED
        assert z.read("mimetype") == b"image/openraster"
        assert all(i.compress_type in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for i in z.infolist())
        assert not any(n.startswith("/") or ".." in n or "\\" in n for n in names)
        image = ET.fromstring(z.read("stack.xml"))
        assert image.tag == "image" and image.get("version")
        width, height = int(image.get("w")), int(image.get("h"))
        assert [c.tag for c in image] == ["stack"]
        used, seen = set(), []
        for layer in image[0]:
            assert layer.tag == "layer" and layer.get("name")
            assert 0 <= float(layer.get("opacity")) <= 1
            assert layer.get("visibility") in ("visible", "hidden") and layer.get("composite-op") in OPS
            x, y = int(layer.get("x")), int(layer.get("y"))
            used.add(layer.get("src"))
            picture = png(z.read(layer.get("src")))
            hidden = layer.get("name").startswith(("[Edges]", "[Depth]", "[Pose]", "[Region]", "[Mask]"))
            assert not hidden or layer.get("visibility") == "hidden"
            if layer.get("visibility") == "visible":
                seen.append((x, y, float(layer.get("opacity")), picture))
        assert {n for n in names if n.startswith("data/")} == used, "everything in data/ is a layer"
        w, h, small = png(z.read("Thumbnails/thumbnail.png"))
        assert max(w, h) <= 256 and (max(w, h) == 256 or (w, h) == (width, height))
        w, h, merged = png(z.read("mergedimage.png"))
        assert (w, h) == (width, height)
        wanted = over(seen, width, height)
        for y in range(height):
            for x in range(width):
                if merged[y][x][3]:
                    # Every blend is rounded to whole steps, which weigh more where little is there.
                    slack = 1 + len(seen) * 255 / merged[y][x][3]
                    assert all(abs(a - b) <= slack for a, b in zip(merged[y][x][:3], wanted[y][x][:3])), (x, y)
                assert abs(merged[y][x][3] - 255 * wanted[y][x][3]) <= 1 + len(seen), (x, y)
    return len(seen)


def main():
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.argv[1], folder], check=True)
        files = sorted(f for f in os.listdir(folder) if f.endswith(".ora"))
        print(f"1..{len(files)}")
        failed = not files
        for i, name in enumerate(files):
            try:
                seen = check(os.path.join(folder, name))
                print(f"ok {i + 1} {name} # {seen} visible layers".replace(" #", ":"))
            except Exception as fault:  # whatever it is, the file is not as it should be
                failed = True
                print(f"not ok {i + 1} {name}: {type(fault).__name__} {fault}")
    return failed


sys.exit(main())
