#!/usr/bin/env python3
"""Every name that the files of one level of instructions define for others bears the level (kernels/cpu/names.h).

    test-symbols.py LIBRARY...      each named libtacet-kernels-LEVEL.a
"""
import re
import shutil
import subprocess
import sys


def problems(library):
    level = re.search(r"libtacet-kernels-(\w+)\.a$", library).group(1)
    listed = subprocess.run(["nm", "--extern-only", "--format=posix", library], capture_output=True, text=True, check=True)
    symbols = [line.split()[:2] for line in listed.stdout.splitlines() if re.match(r"\S+ [A-Za-z]( |$)", line)]
    defined = {name for name, kind in symbols if kind != "U"}
    bad = [f"{name} is not in kernels/cpu/names.h" for name in defined if not name.endswith(f"_{level}")]
    if f"tacet_cpu_level_{level}" not in defined:
        bad.append(f"tacet_cpu_level_{level} is not defined")
    return sorted(bad)


def main():
    libraries = sys.argv[1:]
    print(f"1..{len(libraries)}")
    failed = False
    for number, library in enumerate(libraries, 1):
        title = f"every name of {library.split('/')[-1]} bears its level"
        if not shutil.which("nm"):
            print(f"ok {number} {title} # SKIP nm is not installed")
            continue
        bad = problems(library)
        failed |= bool(bad)
        for line in bad:
            print(f"# {line}")
        print(f"{'not ok' if bad else 'ok'} {number} {title}")
    return 1 if failed else 0


sys.exit(main())
