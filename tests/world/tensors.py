"""Named tensors as bytes: values that a seed and a name decide, safetensors files, and the zips of torch.save.

Standard library only, so that the test makes its models itself and the full-size ones are the same everywhere.
"""
import array
import collections
import json
import math
import pickle
import random
import statistics
import struct
import sys
import types
import zipfile

Tensor = collections.namedtuple("Tensor", "dtype shape data")
SIZE = {"F16": 2, "BF16": 2, "F32": 4, "F64": 8, "I64": 8, "U8": 1}


def high_bytes(mean, deviation):
    """For each of 256 equally likely byte values the high byte of a half-precision normal number."""
    normal = statistics.NormalDist(mean, deviation)
    return bytes(struct.pack("<e", normal.inv_cdf((k + 0.5) / 256))[1] for k in range(256))


def halves(seed, count, mean=0.0, deviation=1.0, coarse=False):
    """count f16 values, nearly normal.  coarse: of 7 bits of mantissa, so that bf16 holds them exactly."""
    source = random.Random(seed)
    data = bytearray(2 * count)
    low = source.randbytes(count)
    data[0::2] = low.translate(bytes(k & 0xF8 for k in range(256))) if coarse else low
    data[1::2] = source.randbytes(count).translate(high_bytes(mean, deviation))
    return bytes(data)


def noise(seed, *shape):
    """Standard normal f32."""
    return convert(Tensor("F16", shape, halves(seed, math.prod(shape))), "F32")


def weight(seed, name, shape, coarse=False):
    """Values that keep a signal's size through the depth of a network."""
    if len(shape) > 1:
        mean, deviation = 0.0, math.prod(shape[1:]) ** -0.5
    else:
        mean, deviation = (1.0, 0.2) if name.endswith("weight") else (0.0, 0.2)
    return Tensor("F16", tuple(shape), halves(f"{seed} {name}", math.prod(shape), mean, deviation, coarse))


def floats(tensor):
    count = len(tensor.data) // SIZE[tensor.dtype]
    if tensor.dtype == "F16":
        return struct.unpack(f"<{count}e", tensor.data)
    return struct.unpack(f"<{count}{'f' if tensor.dtype == 'F32' else 'd'}", tensor.data)


def convert(tensor, dtype):
    """From f16, exactly."""
    if tensor.dtype == dtype or tensor.dtype != "F16":
        return tensor
    values = floats(tensor)
    if dtype == "F64":
        return Tensor(dtype, tensor.shape, array.array("d", values).tobytes())
    data = array.array("f", values).tobytes()
    if dtype == "BF16":
        half = bytearray(len(data) // 2)
        half[0::2], half[1::2] = data[2::4], data[3::4]
        data = bytes(half)
    return Tensor(dtype, tensor.shape, data)


def integers(values, *shape):
    return Tensor("I64", tuple(shape), struct.pack(f"<{len(values)}q", *values))


def write_safetensors(path, tensors, metadata=None):
    header, offset = {"__metadata__": metadata} if metadata else {}, 0
    order = sorted(tensors, key=lambda name: (-SIZE[tensors[name].dtype], name))
    for name in order:
        t = tensors[name]
        header[name] = {"dtype": t.dtype, "shape": list(t.shape), "data_offsets": [offset, offset + len(t.data)]}
        offset += len(t.data)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for name in order:
            file.write(tensors[name].data)


def read_safetensors(path):
    with open(path, "rb") as file:
        header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
        start, result = file.tell(), {}
        for name, t in header.items():
            if name != "__metadata__":
                file.seek(start + t["data_offsets"][0])
                result[name] = Tensor(t["dtype"], tuple(t["shape"]),
                                      file.read(t["data_offsets"][1] - t["data_offsets"][0]))
        return result


# --- what torch.save writes -----------------------------------------------------------------------------------------

STORAGE = {"F16": "HalfStorage", "BF16": "BFloat16Storage", "F32": "FloatStorage", "F64": "DoubleStorage",
           "I64": "LongStorage"}


class Storage:
    def __init__(self, key, tensor):
        self.key, self.tensor = key, tensor


class Rebuilt:
    def __init__(self, storage):
        self.storage = storage

    def __reduce__(self):
        shape = self.storage.tensor.shape
        strides = tuple(math.prod(shape[i + 1:]) for i in range(len(shape)))
        return (sys.modules["torch._utils"]._rebuild_tensor_v2,
                (self.storage, 0, shape, strides, False, collections.OrderedDict()))


class Pickler(pickle.Pickler):
    def persistent_id(self, value):
        if not isinstance(value, Storage):
            return None
        t = value.tensor
        return ("storage", getattr(sys.modules["torch"], STORAGE[t.dtype]), value.key, "cpu",
                len(t.data) // SIZE[t.dtype])


class ModelCheckpoint:
    """A class of the program that trained the first models; its files name it."""
    __module__ = "pytorch_lightning.callbacks.model_checkpoint"


def lightning(state):
    """What that program put around the weights."""
    return {"epoch": 12, "global_step": 470000, "pytorch-lightning_version": "1.4.2", "state_dict": state,
            "callbacks": {ModelCheckpoint: {"monitor": None, "best_model_score": None, "dirpath": "checkpoints"}},
            "optimizer_states": [{"state": {}, "param_groups": [{"lr": 1e-4, "betas": (0.9, 0.999)}]}],
            "lr_schedulers": [{"base_lrs": [1e-4], "last_epoch": 470000}]}


def stand_ins():
    """Modules with the names that such a pickle refers to; pickling looks them up, nothing calls them."""
    torch, utils = types.ModuleType("torch"), types.ModuleType("torch._utils")
    torch._utils = utils
    parents = ("pytorch_lightning", "pytorch_lightning.callbacks", ModelCheckpoint.__module__)
    modules = {name: types.ModuleType(name) for name in parents}
    modules[ModelCheckpoint.__module__].ModelCheckpoint = ModelCheckpoint
    for name in STORAGE.values():
        setattr(torch, name, type(name, (), {"__module__": "torch"}))

    def rebuild():
        pass

    rebuild.__module__, rebuild.__name__, rebuild.__qualname__ = "torch._utils", "_rebuild_tensor_v2", "_rebuild_tensor_v2"
    utils._rebuild_tensor_v2 = rebuild
    return {**modules, "torch": torch, "torch._utils": utils}


def write_torch(path, value, root="archive"):
    """value: containers and plain values, with Tensor for tensors; the form of torch 1.6 and later."""
    storages = []

    def prepare(v):
        if isinstance(v, Tensor):
            storages.append(Storage(str(len(storages)), v))
            return Rebuilt(storages[-1])
        if isinstance(v, dict):
            return type(v)((k, prepare(w)) for k, w in v.items())
        return [prepare(w) for w in v] if isinstance(v, list) else v

    value = prepare(value)
    modules = stand_ins()
    before = {name: sys.modules.get(name) for name in modules}
    sys.modules.update(modules)
    try:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as file:
            with file.open(f"{root}/data.pkl", "w") as stream:
                Pickler(stream, protocol=2).dump(value)
            for storage in storages:
                file.writestr(f"{root}/data/{storage.key}", storage.tensor.data)
            file.writestr(f"{root}/version", "3\n")
    finally:
        for name, module in before.items():
            if module is None:
                del sys.modules[name]
            else:
                sys.modules[name] = module
