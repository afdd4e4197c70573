#!/bin/bash
# studio.sh: a new user's first scene: pose, edges and depth with a region, a part of the edges erased, a layer
# transformed, the result applied, saved, opened by a second run, taken back.  Run inside tests/uirun.
#
#   studio.sh TACET MAKE_MODEL [FOLDER FOR SCREENSHOTS]
#
# Prints TAP.  The starter model is used if it is installed; else a random one stands in for it.
set -u
tacet=$1 make_model=$2 shots=${3:-}
model='' width=64 height=64
. "$(dirname "$0")/window.sh"
trap '[ -z "$pid" ] || kill "$pid" 2>/dev/null; rm -rf "$scratch" ${model:+"$model"}' EXIT
if ! "$tacet" models show starter >/dev/null 2>&1; then
  model=$("$make_model" starter) || exit 1
  export TACET_MODEL_PATH=$model
fi
document=$scratch/first.ora

# What the project holds, as one number: the scene and every layer of the archive.
held() {
  settled
  python3 - "$document" <<'END'
import hashlib, sys, zipfile
whole = hashlib.sha256()
with zipfile.ZipFile(sys.argv[1]) as archive:
    for name in sorted(archive.namelist()):
        if name == "tacet/scene.json" or name.startswith("data/"):
            whole.update(archive.read(name))
print(whole.hexdigest())
END
}
entries() { python3 -c 'import sys, zipfile; print("\n".join(zipfile.ZipFile(sys.argv[1]).namelist()))' "$document"; }
drawn() { # NAME: the canvas has changed since the last call
  local now
  now=$(canvas_pixels)
  check "$1" test "$now" != "${last:-}"
  last=$now
}

start
check "a window opens without anything" test -n "$window"
shot 1-empty
last=$(canvas_pixels)

uictl act win.add-pose then sleep 0.4
drawn "somebody stands there"
shot 2-pose

uictl act win.add-edge then act win.tool-brush then sleep 0.3
drag 40 30 58 30 58 56 && drag 40 30 40 56 && drag 40 42 58 42
drawn "edges are drawn"
shot 3-edges

uictl act win.tool-eraser then sleep 0.2
drag 52 38 60 58
drawn "a part of them is erased, and silent"
shot 4-erased

uictl act win.tool-move then sleep 0.3
drag 48 40 44 36
xdotool key --window "$window" Return
sleep 0.4
drawn "they are moved"
shot 5-moved

uictl act win.add-depth then act win.tool-gradient then sleep 0.3
drag 32 60 32 8
drawn "a gradient of depth lies behind"
shot 6-depth

uictl act win.add-region then act win.tool-shapes then sleep 0.3
drag 2 2 62 26
uictl set "Words of Region" "a brick wall" then set "Prompt" "a person in blue beside a red chair" then sleep 0.4
drawn "a region says what is above"
shot 7-region

uictl act win.generate then wait "Done in" 200 then sleep 0.5
drawn "a picture is made of it"
shot 8-generated
uictl act win.result-apply then sleep 0.4
shot 9-applied

uictl act win.save then sleep 1.5
xdotool key ctrl+a
xdotool type --delay 30 "$document"
shot 10-saving
xdotool key Return
sleep 1
check "it is saved" settled
check "as an OpenRaster file" grep -qx mimetype <(entries | sed -n 1p)
check "with the scene inside" grep -q '^tacet/scene.json$' <(entries)
first=$(held)

check "everything can be undone" uictl exhaust win.undo
uictl sleep 0.3
shot 11-undone
check "and done again" uictl exhaust win.redo
uictl act win.save then sleep 0.5
check "bit for bit" test "$(held)" = "$first"
leave

start "$document"
shot 12-reopened
uictl act win.add-mask then sleep 0.3 then act win.undo then sleep 0.3
check "a second run finds the same" not uictl can win.undo
uictl act win.layer-toggle-eye then act win.save then sleep 0.5
check "a change is saved" test "$(held)" != "$first"
uictl act win.undo then act win.save then sleep 0.5
check "what is taken back is as it was" test "$(held)" = "$first"
leave
conclude
