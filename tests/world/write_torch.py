#!/usr/bin/env python3
"""write_torch.py tiny|control FILE: torch.save of the torch that runs this, whatever its version (1.10 and later).

tiny: the text encoder that test-world.py wants in data/torch-VERSION.bin.  control: the small model's ControlNet.
"""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import torch

import parts

TYPES = {"F16": torch.float16, "F32": torch.float32}


def state(tensors):
    return {k: torch.frombuffer(bytearray(t.data), dtype=TYPES[t.dtype]).reshape(t.shape) for k, t in tensors.items()}


def tiny():
    """As trainers leave it: parameters, one of them a view into another's storage, another transposed in memory."""
    result = {"text_model." + k: torch.nn.Parameter(v) for k, v in state(parts.tiny_text().weights()).items()}
    table = "text_model.embeddings.position_embedding.weight"
    storage = torch.cat([torch.zeros(3, result[table].shape[1], dtype=torch.float16), result[table].data])
    result[table] = storage[3:]
    matrix = "text_model.encoder.layers.0.mlp.fc1.weight"
    result[matrix] = result[matrix].data.t().contiguous().t()
    return result


what, path = sys.argv[1:]
torch.save(tiny() if what == "tiny" else {"state_dict": state(parts.small()["controlnet"].original())}, path)
print(torch.__version__.split("+")[0])
