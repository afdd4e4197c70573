#!/usr/bin/env python3
"""make-torch-files.py: writes tests/weights/files: what torch.save () makes of a state, and hostile relatives.

Needs torch (and numpy); the results are committed, the tests need neither.
Value i of the tensor named N is ((sum of the bytes of N) + i) % 61 - 30, so that every type holds it exactly.
"""
import json
import struct
import warnings
import zipfile
from collections import OrderedDict, defaultdict
from pathlib import Path

import numpy
import torch

OUT = Path(__file__).parent / "files"
OUT.mkdir(exist_ok=True)


def values(name, *shape):
    n = 1
    for d in shape:
        n *= d
    return ((torch.arange(n) + sum(name.encode())) % 61 - 30).reshape(shape)


def plain(dtype):
    return {name: values(name, *shape).to(dtype) for name, shape in
            {"conv.weight": (4, 3, 3, 2), "linear.weight": (5, 6), "bias": (7,), "scalar": (), "empty": (0, 3)}.items()}


def good():
    for name, dtype in {"f32": torch.float32, "f16": torch.float16, "bf16": torch.bfloat16, "f64": torch.float64,
                        "i64": torch.int64, "i32": torch.int32, "i16": torch.int16, "i8": torch.int8}.items():
        torch.save(plain(dtype), OUT / f"{name}.pt")
    torch.save(plain(torch.float32), OUT / "protocol4.pt", pickle_protocol=4)
    # Parameters, an ordered dict with attributes, buffers: a module's own state.
    module = torch.nn.Sequential(torch.nn.Conv2d(3, 4, (3, 2)), torch.nn.BatchNorm2d(4))
    for key, value in module.state_dict().items():
        value.copy_(values(key, *value.shape))
    torch.save(module.state_dict(), OUT / "module.bin")
    torch.save({k: torch.nn.Parameter(v) for k, v in plain(torch.float32).items()}, OUT / "parameters.pth")
    # Views of one storage: rows, a transposed one, channels last, a repeated row.
    base = values("base", 6, 5).float()
    torch.save({"base": base, "rows": base[2:4], "column": base[:, 3], "turned": base.t(), "every": base[::2, 1::2],
                "last": values("last", 2, 3, 4, 5).float().contiguous(memory_format=torch.channels_last),
                "repeated": base[1:2].expand(4, 5), "half": values("half", 3, 4).half().t()}, OUT / "views.pt")
    # A trainer's checkpoint with everything that lies around in them.
    optimizer = torch.optim.AdamW(module.parameters())
    torch.save({"epoch": 3, "global_step": 12345678901234567890, "version": "1.2.3", "loss": numpy.float64(0.25),
                "array": numpy.zeros(3), "optimizer_states": [optimizer.state_dict()], "when": slice(1, 2), "set": {1},
                "callbacks": {"x": defaultdict(list), "shape": torch.Size([1, 2]), "dtype": torch.float16},
                "state_dict": OrderedDict(plain(torch.float32))}, OUT / "trainer.ckpt")
    torch.save({"params": {"a": values("a", 2)}, "params_ema": plain(torch.float32)}, OUT / "ema.pth")
    # Shards.
    state = plain(torch.float32)
    names = sorted(state)
    torch.save({k: state[k] for k in names[:2]}, OUT / "model-1.bin")
    torch.save({k: state[k] for k in names[2:]}, OUT / "model-2.bin")
    weight_map = {k: f"model-{1 + (i >= 2)}.bin" for i, k in enumerate(names)}
    (OUT / "model.bin.index.json").write_text(json.dumps({"metadata": {"total_size": 1}, "weight_map": weight_map}))


def foreign():
    torch.save(plain(torch.float32), OUT / "legacy.pth", _use_new_zipfile_serialization=False)
    torch.save(torch.nn.Linear(2, 2), OUT / "object.pt")
    torch.jit.save(torch.jit.script(torch.nn.Linear(2, 2)), OUT / "script.pt")
    torch.save({"a": "no tensor"}, OUT / "nothing.pt")



def evil_pickle(module, name, argument):
    """A dict with a tensor, after a call that does harm when executed."""
    out = b"\x80\x02}q\x00(X\x04\x00\x00\x00evilc" + module + b"\n" + name + b"\nX" + struct.pack("<I", len(argument)) \
        + argument + b"\x85R"
    return out + TENSOR_ITEM + b"u."


def text(t):
    return b"X" + struct.pack("<I", len(t)) + t


def tensor(key=b"0", numel=4, offset=0, size=(4,), stride=(1,), storage=b"FloatStorage"):
    def number(n):
        return b"\x8a\x08" + struct.pack("<q", n)

    def numbers(v):
        return b"(" + b"".join(number(n) for n in v) + b"t"
    return (b"ctorch._utils\n_rebuild_tensor_v2\n((" + text(b"storage") + b"ctorch\n" + storage + b"\n" + text(key)
            + text(b"cpu") + number(numel) + b"tQ" + number(offset) + numbers(size) + numbers(stride)
            + b"\x89ccollections\nOrderedDict\n)RtR")


TENSOR_ITEM = text(b"w") + tensor()


def put(z, name, data):
    z.writestr(zipfile.ZipInfo(name), data, z.compression)  # without the time of the day


def archive(name, data, **entries):
    """A stored zip as torch writes it."""
    with zipfile.ZipFile(OUT / name, "w", zipfile.ZIP_STORED) as z:
        put(z, "archive/data.pkl", data)
        for key, value in {"data/0": struct.pack("<4f", 1, 2, 3, 4), "version": b"3\n", **entries}.items():
            put(z, "archive/" + key, value)
    return (OUT / name).read_bytes()


def by_hand(name, data, wide=False, claim={}, nested=False):
    """wide: every number in ZIP64's fields; claim: sizes that reach over the next entry; nested: an entry in another."""
    out, directory = b"", b""
    entries = {"archive/data.pkl": data, "archive/data/0": struct.pack("<4f", 1, 2, 3, 4), "archive/version": b"3\n"}

    def local(key, size):
        extra = struct.pack("<HHQQ", 1, 16, size, size) if wide else b""
        sizes = (0xffffffff, 0xffffffff) if wide else (size, size)
        return struct.pack("<IHHHHHIIIHH", 0x04034b50, 45, 0, 0, 0, 0, 0, *sizes, len(key), len(extra)) \
            + key.encode() + extra

    def central(key, size, start):
        extra = struct.pack("<HHQQQ", 1, 24, size, size, start) if wide else b""
        places = (0xffffffff,) * 3 if wide else (size, size, start)
        return struct.pack("<IHHHHHHIIIHHHHHII", 0x02014b50, 45, 45, 0, 0, 0, 0, 0, *places[:2], len(key), len(extra),
                           0, 0, 0, 0, places[2]) + key.encode() + extra
    if nested:
        inner = local("archive/data/1", 4) + b"abcd"
        entries["archive/data/0"] += inner
    for key, value in entries.items():
        size = claim.get(key, len(value))
        directory += central(key, size, len(out))
        out += local(key, size) + value
        if nested and key == "archive/data/0":
            directory += central("archive/data/1", 4, len(out) - len(inner))
    n = len(entries) + nested
    end = struct.pack("<IQHHIIQQQQ", 0x06064b50, 44, 45, 45, 0, 0, n, n, len(directory), len(out)) \
        + struct.pack("<IIQI", 0x07064b50, 0, len(out) + len(directory), 1) if wide else b""
    small = (0xffff, 0xffff, 0xffffffff, 0xffffffff) if wide else (n, n, len(directory), len(out))
    (OUT / name).write_bytes(out + directory + end + struct.pack("<IHHHHIIH", 0x06054b50, 0, 0, *small, 0))


def hostile():
    one = b"\x80\x02}(" + TENSOR_ITEM + b"u."
    whole = archive("fine-by-hand.pt", one)
    for i, (module, name, argument) in enumerate([(b"os", b"system", b"touch tacet-was-here"),
                                                  (b"posix", b"system", b"touch tacet-was-here"),
                                                  (b"builtins", b"exec", b"open('tacet-was-here','w')"),
                                                  (b"builtins", b"eval", b"open('tacet-was-here','w')"),
                                                  (b"subprocess", b"Popen", b"touch tacet-was-here")]):
        archive(f"evil-{i}.pt", evil_pickle(module, name, argument))
    bad = {"outside": tensor(size=(5,)), "offset": tensor(offset=1), "stride": tensor(size=(2, 2), stride=(3, 1)),
           "negative": tensor(stride=(-1,)), "negative-size": tensor(size=(-4,)), "negative-offset": tensor(offset=-1),
           "numel": tensor(numel=5), "huge": tensor(numel=1 << 62, size=(1 << 62,)),
           "overflow": tensor(numel=1 << 62, size=(1 << 32, 1 << 32)),
           "terabytes": tensor(size=(1 << 20, 1 << 20), stride=(0, 0)),
           "overflow-stride": tensor(size=(3, 3), stride=(1 << 62, 1 << 62)),
           "no-storage": tensor(key=b"7"), "path": tensor(key=b"../../etc/passwd"),
           "rank": tensor(size=(1,) * 9, stride=(1,) * 9), "type": tensor(storage=b"DoubleStorage")}
    for name, value in bad.items():
        archive(f"bad-{name}.pt", b"\x80\x02}(" + text(b"w") + value + b"u.")
    pickles = {"twice": b"\x80\x02}(" + TENSOR_ITEM + TENSOR_ITEM + b"u.", "deep": b"\x80\x02" + b"(" * 300000 + b".",
               "deep-lists": b"\x80\x02" + b"]" * 3000 + b"a" * 2999 + b".", "unfinished": one[:-1],
               "underflow": b"\x80\x02R.", "memo": b"\x80\x02h\x07.", "far-memo": b"\x80\x02Nr\xff\xff\xff\xff.",
               "long-text": b"\x80\x02X\xff\xff\xff\x7fabc.", "longer-text": b"\x80\x04\x8d" + b"\xff" * 8 + b"abc.",
               "inst": b"\x80\x02(ios\nsystem\n.", "ext": b"\x80\x02\x82\x01.", "protocol": b"\x80\x09N.",
               "odd": b"\x80\x02}(Nu.", "none": b"", "no-stop": b"\x80\x02N",
               "name": b"\x80\x02}(" + text(b"x\0y") + tensor() + b"u.",
               "laughs": b"\x80\x02]q\0" + b"".join(b"](" + b"h%c" % i * 20 + b"eq%c" % (i + 1) for i in range(99)) + b".",
               "circle": b"\x80\x02}q\0(" + text(b"state_dict") + b"h\0u."}
    for name, data in pickles.items():
        archive(f"pickle-{name}.pt", data)
    archive("big-endian.pt", one, byteorder=b"big")
    for cut in (10, 100, len(whole) // 2, len(whole) - 30, len(whole) - 1):
        (OUT / f"cut-{cut}.pt").write_bytes(whole[:cut])
    # The directory's numbers, one at a time: compressed, sizes, place, names.
    central = whole.index(b"PK\1\2")
    second = whole.index(b"PK\1\2", central + 4)
    end = whole.rindex(b"PK\5\6")

    def patched(name, at, data):
        (OUT / f"zip-{name}.pt").write_bytes(whole[:at] + data + whole[at + len(data):])
    patched("huge-size", central + 20, b"\xff\xff\xff\x7f\xff\xff\xff\x7f")
    patched("place", central + 42, b"\xff\xff\xff\x7f")
    patched("overlap", second + 42, struct.pack("<I", 1))
    patched("same-place", second + 42, struct.pack("<I", 0))
    patched("method", central + 10, b"\x08\0")
    patched("encrypted", central + 8, b"\x01\0")
    patched("name-differs", central + 46, b"brchive")
    patched("count", end + 8, b"\xff\x7f\xff\x7f")
    patched("directory-place", end + 16, b"\xff\xff\xff\x7f")
    patched("directory-size", end + 12, b"\xff\xff\xff\x7f")
    patched("name-length", central + 28, b"\xff\xff")
    by_hand("fine-zip64.pt", one, wide=True)
    by_hand("zip-over-next.pt", one, claim={"archive/data/0": 40})
    by_hand("zip-nested.pt", one, nested=True)
    with zipfile.ZipFile(OUT / "zip-twice.pt", "w", zipfile.ZIP_STORED) as z:
        warnings.simplefilter("ignore")
        for _ in range(2):
            put(z, "archive/data.pkl", one)
        put(z, "archive/data/0", bytes(16))
    with zipfile.ZipFile(OUT / "zip-deflated.pt", "w", zipfile.ZIP_DEFLATED) as z:
        put(z, "archive/data.pkl", one + bytes(1000))
    with zipfile.ZipFile(OUT / "zip-other.pt", "w", zipfile.ZIP_STORED) as z:
        put(z, "word/document.xml", b"<a/>")
    for name, index in {"up": {"weight_map": {"bias": "../model-1.bin"}}, "absolute": {"weight_map": {"bias": "/etc/passwd"}},
                        "itself": {"weight_map": {"bias": "index-itself.index.json"}}, "array": {"weight_map": []},
                        "number": {"weight_map": {"bias": 3}}, "lacks": {"weight_map": {"nothing": "model-1.bin"}},
                        "no-file": {"weight_map": {"bias": "model-3.bin"}}, "none": {"a": {}}}.items():
        (OUT / f"index-{name}.index.json").write_text(json.dumps(index))


if __name__ == "__main__":
    torch.manual_seed(0)
    torch.set_num_threads(1)
    good()
    foreign()
    hostile()
    print(len(list(OUT.iterdir())), "files by torch", torch.__version__)
