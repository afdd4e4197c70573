#!/usr/bin/env python3
"""Writes foreign/: small pictures as another program (Pillow) writes them, each with what Pillow reads back.

foreign/NAME.SUFFIX is the file; foreign/expected/NAME-SUFFIX.png what it shows, upright, 8 bits a channel, straight
alpha.  foreign/bad/: files that must be refused with a message.  Needs Pillow 11 or newer.
"""
import io
import struct
import zlib
from pathlib import Path

from PIL import Image, ImageCms, ImageOps

HERE = Path(__file__).resolve().parent / "foreign"
W, H = 21, 13


def colours():
    """Smooth enough for lossy formats, and different in every corner."""
    image = Image.new("RGB", (W, H))
    image.putdata([(x * 255 // (W - 1), y * 255 // (H - 1), 200 if x + y < 9 else 40) for y in range(H) for x in range(W)])
    return image


def alpha():
    image = colours().convert("RGBA")
    image.putalpha(Image.frombytes("L", (W, H), bytes(min(255, x * 16) if y > 2 else 255 for y in range(H) for x in range(W))))
    return image


def profile(name):
    """The smallest thing that has a name: a header, a table of one tag, a description."""
    text = name.encode() + b"\0"
    tag = b"desc\0\0\0\0" + struct.pack(">I", len(text)) + text + bytes(78)
    body = struct.pack(">I4sII", 1, b"desc", 144, len(tag)) + tag
    head = struct.pack(">I4sI4s4s4s", 128 + len(body), b"none", 0x02400000, b"mntr", b"RGB ", b"XYZ ")
    return (head + bytes(12) + b"acsp").ljust(128, b"\0") + body


def unicode_profile(name):
    text = name.encode("utf-16-be")
    tag = b"mluc\0\0\0\0" + struct.pack(">II2s2sII", 1, 12, b"en", b"US", len(text), 28) + text
    return profile(name)[:128] + struct.pack(">I4sII", 1, b"desc", 144, len(tag)) + tag


def exif(orientation):
    tags = Image.Exif()
    tags[274] = orientation
    return tags.tobytes()


def save(name, image, **options):
    path = HERE / name
    image.save(path, **options)
    with Image.open(path) as file:
        back = ImageOps.exif_transpose(file)
    if back.mode in ("I;16", "I;16B", "I"):
        back = Image.frombytes("L", back.size, bytes((v + 128) // 257 for (v,) in struct.iter_unpack("<H", back.tobytes())))
    mode = "RGBA" if back.mode in ("RGBA", "LA", "PA") or "transparency" in back.info else "L" if back.mode in ("L", "1") else "RGB"
    back.convert(mode).save(HERE / "expected" / (name.replace(".", "-") + ".png"), optimize=True)


def cut():
    """Files without an end, of which the decoders show the beginning."""
    for name in ("plain.jpg", "alpha.webp"):
        data = (HERE / name).read_bytes()
        (HERE / ("cut-" + name)).write_bytes(data[: len(data) * 4 // 5])


def good():
    rgb, rgba, gray = colours(), alpha(), colours().convert("L")
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    srgb = srgb[:24] + bytes(12) + srgb[36:]  # without the time of today
    frames = [Image.new("RGB", (W, H), c) for c in ("red", "lime", "blue")]
    save("plain.jpg", rgb, quality=95, subsampling=0)
    save("usual.jpg", rgb, quality=85)
    save("gray.jpg", gray, quality=95)
    save("cmyk.jpg", rgb.convert("CMYK"), quality=95)
    save("progressive.jpg", rgb, quality=95, progressive=True)
    save("srgb.jpg", rgb, quality=95, icc_profile=srgb)
    save("profile.jpg", rgb, quality=95, icc_profile=profile("Display P3"))
    for i in range(1, 9):
        save(f"turned-{i}.jpg", rgb, quality=95, subsampling=0, exif=exif(i))
        save(f"turned-{i}.tiff", rgb, compression="tiff_deflate", exif=exif(i))
    save("plain.webp", rgb, quality=95)
    save("alpha.webp", rgba, lossless=True, exact=True)
    save("lossy-alpha.webp", rgba, quality=95)
    save("turned.webp", rgb, lossless=True, exif=exif(6))
    save("profile.webp", rgb, lossless=True, icc_profile=unicode_profile("Adobe RGB (1998)"))
    save("animated.webp", frames[0], save_all=True, append_images=frames[1:], lossless=True)
    save("plain.gif", rgb.quantize(64))
    save("clear.gif", rgb.quantize(16), transparency=3)
    save("animated.gif", frames[0], save_all=True, append_images=frames[1:])
    save("plain.tiff", rgb)
    save("alpha.tiff", rgba)
    save("packed.tiff", rgb, compression="tiff_lzw")
    save("gray.tiff", gray, compression="tiff_deflate")
    save("gray16.tiff", Image.frombytes("I;16", (W, H), b"".join(struct.pack("<H", 200 * i) for i in range(W * H))))
    save("pages.tiff", rgb, save_all=True, append_images=frames)
    save("plain.bmp", rgb)
    save("palette.bmp", rgb.quantize(16))
    save("gray.bmp", gray)
    save("alpha.bmp", rgba)
    save("plain.avif", rgb, quality=95, subsampling="4:4:4")
    save("alpha.avif", rgba, quality=95, subsampling="4:4:4")
    save("gray16.png", Image.frombytes("I;16", (W, H), b"".join(struct.pack("<H", 200 * i) for i in range(W * H))))
    save("palette.png", rgb.quantize(16), transparency=2)
    save("one-bit.png", gray.convert("1"))
    save("gray-alpha.png", rgba.convert("LA"))
    save("turned.png", rgb, exif=exif(5))
    save("profile.png", rgb, icc_profile=profile("ProPhoto RGB"))
    save("srgb.png", rgb, icc_profile=srgb)
    save("animated.png", frames[0], save_all=True, append_images=frames[1:], default_image=False)


def written(image, kind, **options):
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def bad():
    rgb = colours()
    jpeg, webp = written(rgb, "JPEG"), written(rgb, "WEBP", lossless=True)
    gif, tiff, bmp = written(rgb.quantize(8), "GIF"), written(rgb, "TIFF"), written(rgb, "BMP")
    avif = written(rgb, "AVIF")
    frame = jpeg.index(b"\xff\xc0")
    ispe = avif.index(b"ispe") + 8
    files = {
        "empty.jpg": b"",
        "text.jpg": b"This is no picture.\n",
        "picture.svg": b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>',
        "page.html": b"<html><body>404</body></html>",
        "head.jpg": jpeg[:3],
        "cut.jpg": jpeg[: frame + 6],
        "huge.jpg": jpeg[: frame + 5] + b"\xff\xff\xff\xff" + jpeg[frame + 9:],
        "flat.jpg": jpeg[: frame + 5] + bytes(4) + jpeg[frame + 9:],
        "cut.webp": webp[:24],
        "huge.webp": b"RIFF\x16\0\0\0WEBPVP8X\x0a\0\0\0" + bytes(4) + b"\xff\xff\xff\xff\xff\xff",
        "cut.gif": gif[:12],
        "huge.gif": gif[:6] + b"\xff\xff\xff\xff" + gif[10:],
        "cut.tiff": tiff[:9],
        "far.tiff": b"II*\0\xff\xff\xff\x7f",
        "cut.bmp": bmp[:40],
        "huge.bmp": bmp[:18] + struct.pack("<ii", 1 << 20, -(1 << 20)) + bmp[26:],
        "least.bmp": bmp[:18] + struct.pack("<iI", 9, 1 << 31) + bmp[26:],
        "cut.avif": avif[: ispe + 4],
        "half.avif": avif[: len(avif) - 40],
        "huge.avif": avif[:ispe] + b"\x7f\xff\xff\xff" * 2 + avif[ispe + 8:],
        "boxes.avif": b"\0\0\0\x10ftypavif\0\0\0\0" + b"\0\0\0\x0cmeta\0\0\0\0" * 200,
        "huge.png": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\1\0\0\0\1\0\0\x08\0\0\0\0" + struct.pack(">I", 0),
        "profile-bomb.png": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\0\0\0\0\0\x08\0\0\0\0\0\0\0\0" + iccp_bomb(),
    }
    for name, data in files.items():
        (HERE / "bad" / name).write_bytes(data)


def iccp_bomb():
    packed = b"x\0\0" + zlib.compress(bytes(20 << 20), 9)
    return struct.pack(">I", len(packed)) + b"iCCP" + packed + bytes(4)


for folder in (HERE, HERE / "expected", HERE / "bad"):
    folder.mkdir(exist_ok=True)
good()
cut()
bad()
