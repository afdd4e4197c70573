#!/usr/bin/env python3
"""The rules of the house, as TAP: what the compiler does not check. See CONTRIBUTING.md.

With --potfiles: prints what po/POTFILES.in must list.
"""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

SOURCE = Path(os.environ.get("TACET_SOURCE", Path(__file__).resolve().parents[2]))
BUILD = Path(os.environ.get("TACET_BUILD", SOURCE / "build"))
MAX_LINES = 700

# A room may include itself and the rooms of the steps above its own (ARCHITECTURE.md).
STEPS = [["kernels"], ["engine/image", "engine/tensor"], ["engine/weights"], ["engine/model"], ["engine/control"],
         ["engine/sample"], ["engine/studio"], ["engine/train"], ["engine/measure"], ["engine/scene"], ["ui"], ["app"]]
STEP_OF = {room: step for step, rooms in enumerate(STEPS) for room in rooms}


class Skip(Exception):
    pass


def tracked():
    """Every file of the repository; of an unpacked archive, every file that is not a build product."""
    git = subprocess.run(["git", "-C", SOURCE, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                         capture_output=True, text=True) if (SOURCE / ".git").exists() else None
    if git and git.returncode == 0:
        names = git.stdout.split("\0")
    else:
        names = [os.path.relpath(os.path.join(folder, name), SOURCE)
                 for folder, _, files in os.walk(SOURCE) for name in files]
        names = [name for name in names if not re.match(r"(build[^/]*|out|_[^/]*|\.git)/", name)]
    return sorted({Path(name) for name in names if name and (SOURCE / name).is_file()})


FILES = tracked()
C_FILES = [path for path in FILES if path.suffix in (".c", ".h")]
# One machine's folders. A file that names one works there and nowhere else.
MACHINE_PATH = re.compile(rb"(?<![\w.~-])/(?:" + b"|".join([b"work", b"home", b"root", b"mnt", b"opt"]) + rb")/\w")


def text(path):
    return (SOURCE / path).read_text(encoding="utf-8")


def includes(path):
    return re.findall(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', text(path), re.M)


def room_of(path):
    parts = Path(path).parts
    name = "/".join(parts[:2]) if parts[0] == "engine" else parts[0]
    return name if name in STEP_OF else None


def tool(name):
    if not shutil.which(name):
        raise Skip(f"{name} is not installed")
    return name


def run(*command, **options):
    result = subprocess.run([str(part) for part in command], capture_output=True, text=True, **options)
    return result.returncode, (result.stdout + result.stderr).strip().splitlines()


def check_kernels_have_no_glib():
    """kernels/ includes no GLib"""
    return [f"{path}: {name}" for path in C_FILES if path.parts[0] == "kernels"
            for _, name in includes(path) if re.match(r"(glib|gio|gmodule|gobject)\b", name)]


def check_engine_has_no_gtk():
    """engine/ includes no GTK (gdk-pixbuf is none)"""
    return [f"{path}: {name}" for path in C_FILES if path.parts[0] in ("kernels", "engine")
            for _, name in includes(path) if re.match(r"(gtk|gdk(?!-pixbuf)|gsk|adwaita)\b", name)]


def check_arrows():
    """rooms include only rooms below them"""
    bad = []
    for path in C_FILES:
        room = room_of(path)
        for quote, name in includes(path) if room else []:
            target = os.path.normpath(path.parent / name)
            if quote != '"' or not (SOURCE / target).is_file():
                target = name
            other = room_of(target)
            if other and other != room and STEP_OF[other] >= STEP_OF[room]:
                bad.append(f"{path} includes {name}: {other} is not below {room}")
    return bad


def check_every_source_is_built():
    """every C file is in the meson.build of its folder, or of one above it"""
    bad = []
    for path in C_FILES:
        if path.suffix != ".c" or path.parts[0] not in ("kernels", "engine", "ui", "app", "tests"):
            continue
        folders = [path.parent, *path.parent.parents][:-1]
        found = False
        for folder in folders:
            build = SOURCE / folder / "meson.build"
            if build.is_file():
                lines = build.read_text()
                stem = re.sub("^(test|fuzz)-", "", path.stem)
                found |= re.search(rf"['/]{re.escape(path.name)}'|['-]{re.escape(stem)}'", lines) is not None
        if not found:
            bad.append(f"{path} is compiled by no meson.build")
    return bad


def check_length():
    """no file is longer than the limit"""
    long = []
    for path in FILES:
        if path.suffix in (".c", ".h", ".py", ".css", ".build") or path.parts[0] == "scripts":
            lines = text(path).count("\n")
            if lines > MAX_LINES:
                long.append(f"{path}: {lines} lines, limit {MAX_LINES}")
    return long


def check_paths():
    """no file names a folder of one machine"""
    bad = []
    for path in FILES:
        match = MACHINE_PATH.search((SOURCE / path).read_bytes())
        if match and path.suffix not in (".png", ".safetensors"):
            bad.append(f"{path}: {match.group(0).decode()}")
    return bad


def check_format():
    """C files are in the house style (make format)"""
    version = run(tool("clang-format"), "--version")[1]
    if not re.search(r"version 14\.", " ".join(version)):
        raise Skip("the style is that of clang-format 14")
    code, lines = run("clang-format", "--dry-run", "-Werror", *C_FILES, cwd=SOURCE)
    return sorted({line.split(":")[0] for line in lines if "clang-format-violations" in line}) if code else []


def check_test_names():
    """test names are unique (meson cannot log two of one name)"""
    code, lines = run(tool("meson"), "introspect", "--tests", BUILD)
    if code:
        raise Skip("no build folder")
    names = [test["name"] for test in json.loads("\n".join(lines))]
    return sorted({name for name in names if names.count(name) > 1})


def check_version():
    """meson.build, CHANGELOG.md and metainfo name the same version"""
    version = re.search(r"version: '([\d.]+)'", text("meson.build")).group(1)
    changelog = re.search(r"^## ([\d.]+)", text("CHANGELOG.md"), re.M)
    release = re.search(r'<release version="([\d.]+)"', text(f"data/{app_id()}.metainfo.xml.in"))
    return [f"{name}: {found.group(1) if found else 'none'}, not {version}"
            for name, found in (("CHANGELOG.md", changelog), ("metainfo", release))
            if not found or found.group(1) != version]


def check_links():
    """links inside the documents, and to them, lead somewhere"""
    bad = [f"{path}: {name}" for path in C_FILES for name in re.findall(r"\bdocs/[\w-]+\.md\b", text(path))
           if not (SOURCE / name).is_file()]
    for path in FILES:
        if path.suffix == ".md":
            for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", text(path)):
                if not re.match(r"[a-z]+:", target) and not (SOURCE / path.parent / target).exists():
                    bad.append(f"{path}: {target}")
    return bad


def check_scripts():
    """shell scripts parse"""
    bad = []
    for path in FILES:
        if path.suffix in ("", ".sh") and (SOURCE / path).read_bytes().startswith(b"#!/bin/bash"):
            code, lines = run("bash", "-n", SOURCE / path)
            bad += lines if code else []
            bad += [] if os.access(SOURCE / path, os.X_OK) else [f"{path} is not executable"]
    return bad


def check_count():
    """scripts/count-tests counts what happened"""
    taken = [("OK", "1..3\nok 1 a\nnot ok 2 b # TODO later\nok 3 c # SKIP no display\n"), ("OK", ""), ("SKIP", ""),
             ("FAIL", "1..2\nok 1 a\nnot ok 2 b\n    not ok 1 inner\n"), ("ERROR", "ok 1 a\n"), ("TIMEOUT", "")]
    bad = []
    with tempfile.TemporaryDirectory() as folder:
        os.mkdir(f"{folder}/meson-logs")
        for runs, line, status in ((taken, "5 passed, 3 failed, 2 skipped", 1), (taken[:3], "3 passed, 0 failed, 2 skipped", 0),
                                   ([], "0 passed, 0 failed, 0 skipped", 1)):
            with open(f"{folder}/meson-logs/testlog.json", "w", encoding="utf-8") as log:
                log.writelines(json.dumps({"name": "t", "result": result, "stdout": out}) + "\n" for result, out in runs)
            code, lines = run(SOURCE / "scripts/count-tests", folder)
            bad += [] if lines[-1] == line and code == status else [f"{lines[-1]} ({code}), expected {line} ({status})"]
        code, lines = run(SOURCE / "scripts/count-tests", f"{folder}/none")
        bad += [] if lines[-1] == "0 passed, 1 failed, 0 skipped" and code else [f"missing results: {lines[-1]}"]
    return bad


def app_id():
    return re.search(r"app_id = '([\w.]+)'", text("meson.build")).group(1)


def translatable_files():
    for path in FILES:
        if path.parts[0] not in ("kernels", "engine", "ui", "app", "data"):
            continue
        if path.suffix == ".c" and re.search(r"\b(N?_|C_|ngettext|g_dgettext)\s*\(\s*\"", text(path)):
            yield str(path)
        elif path.suffix == ".ui" and 'translatable="yes"' in text(path):
            yield str(path)
        elif path.name.endswith((".desktop.in", ".metainfo.xml.in", ".gschema.xml")):
            yield str(path)


def check_potfiles():
    """po/POTFILES.in lists every file with translatable text, and no other"""
    listed = [line for line in text("po/POTFILES.in").splitlines() if line and not line.startswith("#")]
    wanted = set(translatable_files())
    return ([f"not listed: {name}" for name in sorted(wanted - set(listed))] +
            [f"nothing to translate: {name}" for name in sorted(set(listed) - wanted)] +
            ([] if listed == sorted(listed) else ["not sorted"]))


def extract(folder):
    """All messages of the sources into tacet.pot: exit status and what was said."""
    return run(tool("xgettext"), "--from-code=UTF-8", "--keyword=_", "--keyword=N_", "--keyword=C_:1c,2",
               "--keyword=NC_:1c,2", "--keyword=g_dngettext:2,3", f"--directory={SOURCE}",
               f"--files-from={SOURCE}/po/POTFILES.in", "--check=ellipsis-unicode", "--output=tacet.pot", cwd=folder)


def check_xgettext():
    """xgettext reads every listed file without a warning"""
    with tempfile.TemporaryDirectory() as folder:
        code, lines = extract(folder)
        if code:
            return lines
        # A GLib format macro inside _() cuts the message off where xgettext sees it; PRId64 does not.
        cut = [line for line in Path(folder, "tacet.pot").read_text().splitlines() if re.search(r'(?<!%)(?<!\d )%"$', line)]
    return cut + [line for line in lines if "warning" in line]


def check_translations():
    """translations are well formed and their formats fit"""
    bad = []
    for language in text("po/LINGUAS").split():
        code, lines = run(tool("msgfmt"), "--check", "--output-file=/dev/null", SOURCE / f"po/{language}.po")
        bad += lines if code else []
    return bad


def check_languages():
    """every language has at least 95 of 100 messages of the program as it is"""
    bad = []
    with tempfile.TemporaryDirectory() as folder:
        extract(folder)
        for language in text("po/LINGUAS").split():
            run(tool("msgmerge"), "--quiet", "--no-fuzzy-matching", f"--output-file={folder}/{language}.po",
                SOURCE / f"po/{language}.po", f"{folder}/tacet.pot")
            _, lines = run(tool("msgfmt"), "--statistics", "--output-file=/dev/null", f"{folder}/{language}.po")
            figures = {kind: int(n) for n, kind in re.findall(r"(\d+) (\w+) message", "\n".join(lines))}
            done, whole = figures.get("translated", 0), sum(figures.values())
            print(f"# {language}: {done} of {whole} messages")
            if not whole or done < 0.95 * whole:
                bad.append(f"{language}: only {done} of {whole} messages are translated")
    return bad


def built_data(name):
    path = BUILD / "data" / name
    if not path.is_file():
        raise Skip(f"{name} was not built")
    return path


def check_desktop():
    """the desktop file is valid"""
    code, lines = run(tool("desktop-file-validate"), built_data(f"{app_id()}.desktop"))
    return lines if code or lines else []


def check_metainfo():
    """the metainfo file is valid"""
    code, lines = run(tool("appstreamcli"), "validate", "--no-net", "--explain",
                      built_data(f"{app_id()}.metainfo.xml"))
    return lines if code else []


def check_schema():
    """the settings schema is valid"""
    code, lines = run(tool("glib-compile-schemas"), "--strict", "--dry-run", SOURCE / "data")
    return lines if code else []


def check_icons():
    """the icons are where the desktop looks for them, and are well-formed SVG"""
    import xml.etree.ElementTree as tree
    bad = []
    for name, size in ((f"scalable/apps/{app_id()}.svg", "128"), (f"symbolic/apps/{app_id()}-symbolic.svg", "16")):
        root = tree.parse(SOURCE / "data/icons/hicolor" / name).getroot()
        if (root.get("width"), root.get("height")) != (size, size):
            bad.append(f"{name} is not {size} pixels wide and high")
    return bad


def check_flatpak():
    """the flatpak manifest is well formed and about this application"""
    name = f"flatpak/{app_id()}.json"
    manifest = json.loads(text(name))
    bad = [] if manifest["id"] == app_id() and manifest["command"] == "tacet" else ["wrong id or command"]
    if shutil.which("flatpak-builder"):
        with tempfile.TemporaryDirectory() as folder:  # it leaves a folder where it is called
            code, lines = run("flatpak-builder", "--show-manifest", SOURCE / name, cwd=folder)
        bad += lines if code else [line for line in lines if "Unknown property" in line]
    return bad


def main():
    if sys.argv[1:] == ["--potfiles"]:
        print("\n".join(sorted(translatable_files())))
        return 0
    checks = [check for name, check in globals().items() if name.startswith("check_")]
    print(f"1..{len(checks)}")
    failed = False
    for number, check in enumerate(checks, 1):
        skip, problems = "", []
        try:
            problems = check()
        except Skip as reason:
            skip = f" # SKIP {reason}"
        except Exception as error:  # a check that cannot run has not passed
            problems = [f"{type(error).__name__}: {error}"]
        for problem in problems:
            print(f"# {problem}")
        failed |= bool(problems)
        print(f"{'not ok' if problems else 'ok'} {number} {check.__doc__}{skip}", flush=True)
    return 1 if failed else 0


sys.exit(main())
