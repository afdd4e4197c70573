#!/usr/bin/env python3
"""References for tacet_canny: edges by OpenCV.  Needs opencv-python-headless and numpy.

Writes data/canny.bin beside this file: per case a line of text "W H CHANNELS LOW HIGH PATTERN SEED" and the
edges, one bit a pixel (numpy.packbits).  The pictures are not stored: pattern () here and in the test draw
the same from integers.
"""
import os

import cv2
import numpy as np

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "data")


def pattern(kind, width, height, channels, seed):
    y, x, c = np.meshgrid(np.arange(height), np.arange(width), np.arange(channels), indexing="ij")
    state = (x * 374761393 + y * 668265263 + c * 2246822519 + seed * 3266489917) & 0xFFFFFFFF
    state = ((state ^ (state >> 13)) * 1274126177) & 0xFFFFFFFF
    noise = (state ^ (state >> 16)) & 0xFF
    if kind == 0:  # noise
        return noise.astype(np.uint8)
    if kind == 1:  # discs and noise
        v = np.where((x - width // 3) ** 2 + (y - height // 2) ** 2 < (height // 3) ** 2, 60 + 50 * c, 190 - 40 * c)
        return np.clip(v + noise // 16, 0, 255).astype(np.uint8)
    if kind == 2:  # soft ramps in several directions
        v = (x * (3 + c) + y * (5 - c)) % 256
        v = np.where(x > y, v, 255 - v)
        return (v // 2 + noise // 32).astype(np.uint8)
    v = ((x // 7 + y // 5 + c) % 2) * 140 + (x * 70) // width + noise // 24  # tiles
    return np.clip(v, 0, 255).astype(np.uint8)


with open(os.path.join(HERE, "canny.bin"), "wb") as out:
    seed = 0
    for width, height in ((64, 64), (97, 53), (128, 96), (5, 7), (1, 9), (3, 1)):
        for channels in (1, 3):
            for kind in range(4):
                for low, high in ((100, 200), (40.5, 90.7), (200, 100), (10, 30)):
                    seed += 1
                    picture = pattern(kind, width, height, channels, seed)
                    edges = cv2.Canny(np.ascontiguousarray(picture if channels == 3 else picture[:, :, 0]), low, high)
                    out.write(f"{width} {height} {channels} {low} {high} {kind} {seed}\n".encode())
                    out.write(np.packbits(edges > 0).tobytes())
