"""Running the built program and measuring it.  Standard library only."""
import json
import os
import subprocess
import sys
import tempfile

# A child's peak of memory counts from before exec, so a small process between us and the program keeps ours out of it.
MEASURE = """
import json, os, subprocess, sys, time
start = time.monotonic()
child = subprocess.Popen(sys.argv[2:], stdin=subprocess.DEVNULL)
_, status, usage = os.wait4(child.pid, 0)
json.dump([os.waitstatus_to_exitcode(status), time.monotonic() - start, usage.ru_maxrss * 1024], open(sys.argv[1], "w"))
"""


class Failed(Exception):
    pass


def run(program, *arguments, environment=None):
    """Returns what it printed, seconds and the peak of its resident memory in bytes."""
    with tempfile.TemporaryDirectory() as folder:
        figures = os.path.join(folder, "figures.json")
        said = subprocess.run([sys.executable, "-S", "-c", MEASURE, figures, program, *map(str, arguments)],
                              capture_output=True, text=True, env={**os.environ, **(environment or {})})
        with open(figures) as file:
            status, seconds, peak = json.load(file)
    if status != 0:
        raise Failed((said.stderr.strip().split("\n")[-1] or "nothing said") + f" (exit status {status})")
    return said.stdout, seconds, peak


def run_module(program, module, model, source, result, threads=0, extra=()):
    """unet-controlled is the U-Net with residuals among its inputs."""
    return run(program, "run-module", module.removesuffix("-controlled"), "--model", model, "--in", source, "--out",
               result, "--threads", threads, *extra)
