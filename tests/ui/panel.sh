#!/bin/bash
# panel.sh: the list of layers, the history and the strip of results, worked with keys and pointer.  Run inside
# tests/uirun.
#
#   panel.sh TACET MAKE_MODEL SCENE [FOLDER FOR SCREENSHOTS]
#
# Prints TAP. The scene's model is used if it is installed; else a random one stands in for it.
set -u
tacet=$1 make_model=$2 scene=$3 shots=${4:-}
model=''
. "$(dirname "$0")/window.sh"

finish() {
  [ -z "$pid" ] || kill "$pid" 2>/dev/null
  [ -z "$model" ] || rm -rf "$model"
  rm -rf "$scratch"
}
trap finish EXIT

mkdir "$scratch/scene"
cp "$(dirname "$scene")"/* "$scratch/scene/"
document=$scratch/scene/$(basename "$scene")
model_name=$(python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["model"])' "$document")
if ! "$tacet" models show "$model_name" >/dev/null 2>&1; then
  model=$("$make_model" "$model_name") || exit 1
  export TACET_MODEL_PATH=$model
fi

key() { xdotool key "$1"; sleep 0.4; }
# The middle of what is called so, or a place beside it.
click() { # NAME [DX DY]
  local x y width height
  read -r x y width height < <(uictl extents "$1")
  xdotool mousemove --window "$window" $((x + width / 2 + 5 + ${2:-0})) $((y + height / 2 + 5 + ${3:-0})) click 1
  sleep 0.4
}
top_of() { uictl extents "$1" | cut -d' ' -f2; }
is_above() { # NAME OTHER; a busy machine moves late
  for _ in $(seq 20); do
    [ "$(top_of "$1")" -lt "$(top_of "$2")" ] && return 0
    sleep 0.2
  done
  return 1
}

start "$document"
# ---- layers ----
click "Menu of Edges" -150
key ctrl+Up
check "Ctrl+Up moves a layer up" is_above "Menu of Edges" "Menu of Pose"
key ctrl+Down
check "Ctrl+Down moves it back" is_above "Menu of Pose" "Menu of Edges"
key F2
key ctrl+a
xdotool type "Chair"
key Return
check "F2 renames in place" uictl wait "Menu of Chair" 5
uictl act win.add-region then sleep 0.3
click "Words of Region"
xdotool type "a red sky"
sleep 0.3
check "words are typed into the row of a region" uictl wait "Undo Edit Region Prompt" 5
shot layers
# ---- results ----
uictl set "Pictures in a Run" 3 then set "Noise seed" 8
uictl act win.generate
check "the run ends" uictl wait "Done in" 200
sleep 0.5
click "Result, seed 9"
key Right
key asterisk
check "Right goes to the next result, an asterisk gives it a star" uictl wait "Result with a star, seed 10" 5
key Home
key Return
check "Enter makes the first result a layer" uictl wait "Result with a star, seed 8" 5
click "Result, seed 9"
key Delete
check "Delete discards" uictl gone "seed 9" 5
key ctrl+z
check "and Undo brings it back" uictl wait "Result, seed 9" 5
uictl act win.result-compare
check "two results are compared" uictl wait "Side by Side" 5
sleep 0.3
shot compare
key m
key m
shot difference
check "M goes through the ways to compare" uictl wait "on average" 5
key Escape
check "Escape ends that" uictl gone "Side by Side" 5
shot results
# ---- history ----
uictl act win.show-history then sleep 0.5
shot history
check "the history says where the document is" uictl wait ", the present state" 5
key Home
key Return
check "its first row is the start" not uictl can win.undo
check "the layers are those of the start" uictl wait "Menu of Edges" 5
key Escape
uictl act win.save then sleep 0.3
settled
leave
conclude
