#!/bin/bash
# recovery.sh: the program is killed with unsaved work; started again, it gives it back.  Run inside tests/uirun.
#
#   recovery.sh TACET SCENE MAKE-PROJECTS [FOLDER FOR SCREENSHOTS]
#
# Prints TAP.
set -u
tacet=$1 scene=$2 projects=$3 shots=${4:-}
. "$(dirname "$0")/window.sh"
trap '[ -z "$pid" ] || kill -9 "$pid" 2>/dev/null; rm -rf "$scratch"' EXIT

controls() { python3 -c 'import json, sys; scene = json.load(open(sys.argv[1])); print(len(scene.get("layers", scene.get("controls"))))' "$1"; }

mkdir "$scratch/scene"
cp "$(dirname "$scene")"/* "$scratch/scene/"
document=$scratch/scene/$(basename "$scene")
before=$(controls "$document")

start "$document"
uictl act win.add-depth then sleep 0.3
for _ in $(seq 100); do
  ls "$HOME"/.local/state/tacet/recovery/*/origin >/dev/null 2>&1 && break
  sleep 0.2
done
check "a copy of unsaved work is written" bash -c 'ls "$HOME"/.local/state/tacet/recovery/*/origin >/dev/null'
kill -9 "$pid"
wait "$pid" 2>/dev/null
check "the document on disk is as it was" test "$(controls "$document")" = "$before"

start
check "the next start offers it" uictl wait "Recover Unsaved Work?" 20
shot recovery
uictl press Recover then sleep 1
shot recovered
uictl act win.save then sleep 0.2
for _ in $(seq 50); do [ "$(controls "$document")" = "$before" ] || break; sleep 0.2; done
check "what was lost is back and can be saved in its place" test "$(controls "$document")" = $((before + 1))
window=$(xdotool search --onlyvisible --pid "$pid" | head -1)
xdotool windowactivate --sync "$window" key ctrl+w
for _ in $(seq 100); do kill -0 "$pid" 2>/dev/null || break; sleep .1; done
check "the window closes without a question" bash -c "! kill -0 $pid 2>/dev/null"
wait "$pid"
pid=''

# The same with a project, killed while it is being saved: the file is the old or the new one, whole.
"$projects" "$scratch"
project=$scratch/3.ora
whole() { python3 -c 'import sys, zipfile; sys.exit(zipfile.ZipFile(sys.argv[1]).testzip() is not None)' "$1"; }
start "$project"
uictl act win.add-depth then sleep 0.3
for _ in $(seq 100); do
  ls "$HOME"/.local/state/tacet/recovery/*/origin >/dev/null 2>&1 && break
  sleep 0.2
done
uictl act win.add-edge then act win.save
kill -9 "$pid"
wait "$pid" 2>/dev/null
check "a project that was being saved is whole" whole "$project"
check "no half-written file is left beside it" bash -c '! ls -A "$1" | grep -q "^\.tacet-"' - "$scratch"
start
# Offered unless the save was done before the end.
if uictl wait "Recover Unsaved Work?" 5 2>/dev/null; then uictl press Recover then sleep 1 then act win.save; fi
has_depth() { python3 -c 'import sys, zipfile; sys.exit(b"[Depth]" not in zipfile.ZipFile(sys.argv[1]).read("stack.xml"))' "$project"; }
for _ in $(seq 100); do has_depth && break; sleep 0.2; done
check "the project has the new layer" has_depth
sleep 1
shot project
window=$(xdotool search --onlyvisible --pid "$pid" | head -1)
xdotool windowactivate --sync "$window" key ctrl+w
for _ in $(seq 100); do kill -0 "$pid" 2>/dev/null || break; sleep .1; done
check "and its window closes without a question" bash -c "! kill -0 $pid 2>/dev/null"
kill -9 "$pid" 2>/dev/null
wait "$pid" 2>/dev/null
pid=''
check "nothing is left" bash -c '[ -z "$(ls "$HOME/.local/state/tacet/recovery")" ]'
conclude
