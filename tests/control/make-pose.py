#!/usr/bin/env python3
"""References for tacet_pose_draw: two people with hands and faces as controlnet_aux draws them.

Needs controlnet_aux (0.0.10; of it only open_pose/util.py is run), opencv-python-headless, matplotlib, numpy, pillow.
Writes data/pose.png beside this file.  The points are not stored: person () here and in the test place the same.
"""
import importlib.util
import os
import sys
import types
from collections import namedtuple

import numpy as np
from PIL import Image

SIZE = 512
Keypoint = namedtuple("Keypoint", "x y")


def drawing():
    """open_pose/util.py without the network that stands beside it, which needs torch."""
    where = os.path.join(os.path.dirname(importlib.util.find_spec("controlnet_aux").origin), "open_pose")
    for name in ("aux_pose", "aux_pose.body"):
        sys.modules[name] = types.ModuleType(name)
    sys.modules["aux_pose"].__path__ = [where]
    sys.modules["aux_pose.body"].Keypoint = Keypoint
    sys.modules["aux_pose.body"].BodyResult = object
    spec = importlib.util.spec_from_file_location("aux_pose.util", os.path.join(where, "util.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


BODY = [(90, 90), (90, 130), (60, 130), (40, 190), (30, 250), (120, 130), (150, 180), (170, 230), (70, 250), (68, 340),
        (66, 430), (110, 250), (112, 340), (116, 430), (80, 80), (100, 80), (68, 86), (112, 86)]


def hand(x, y):
    return [(x, y)] + [(x + (i // 4 - 2) * (3 + 4 * (i % 4)), y + 12 + 11 * (i % 4)) for i in range(20)]


def face(x, y):
    return [(x + 12 * (i % 10), y + 11 * (i // 10)) for i in range(70)]


def person(x):
    body = [(x + a, b) for a, b in BODY]
    return body, hand(*body[7]), hand(*body[4]), face(x + 140, 300)


def main():
    util = drawing()
    canvas = np.zeros((SIZE, SIZE, 3), np.uint8)
    for x in (0, 250):
        body, left, right, points = ([Keypoint((a + 0.25) / SIZE, (b + 0.25) / SIZE) for a, b in part]
                                     for part in person(x))
        canvas = util.draw_bodypose(canvas, body)
        canvas = util.draw_handpose(canvas, left)
        canvas = util.draw_handpose(canvas, right)
        canvas = util.draw_facepose(canvas, points)
    here = os.path.join(os.path.dirname(os.path.abspath(__file__)), "data", "pose.png")
    Image.fromarray(canvas).save(here, optimize=True)


main()
