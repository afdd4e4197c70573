#!/usr/bin/env python3
"""pickles.py FOLDER FILES: copies the pickles of PyTorch files into a folder, as seeds."""
import sys
import zipfile
from pathlib import Path

for path in map(Path, sys.argv[2:]):
    try:
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                if name.endswith("/data.pkl"):
                    Path(sys.argv[1], path.name + ".pickle").write_bytes(archive.read(name))
    except Exception:  # whatever zipfile thinks of the hostile ones
        pass
