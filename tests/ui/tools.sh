#!/bin/bash
# tools.sh: that keys and the pointer reach the tools in the real window: tapped and held keys, the size by a drag, Space
# in the middle of a gesture, Escape.  Run inside tests/uirun.
#
#   tools.sh TACET [FOLDER FOR SCREENSHOTS]
#
# Prints TAP.
set -u
tacet=$1 shots=${2:-}
. "$(dirname "$0")/window.sh"
trap '[ -z "$pid" ] || kill "$pid" 2>/dev/null; rm -rf "$scratch"' EXIT

cat >"$scratch/scene.json" <<'END'
{ "format": "tacet-scene", "version": 2, "width": 640, "height": 480, "layers": [ { "kind": "depth" } ] }
END
start "$scratch/scene.json"
read -r left top width height < <(uictl extents Canvas)

# A point of the canvas in parts of its size.
at() { awk -v x="$left" -v y="$top" -v w="$width" -v h="$height" -v u="$1" -v v="$2" \
  'BEGIN { printf "%d %d", x + 5 + u * w, y + 5 + v * h }'; }
point() { xdotool mousemove --window "$window" $(at "$1" "$2"); sleep .05; }
drag() { # U0 V0 U1 V1 [hold]
  local i
  point "$1" "$2"
  xdotool mousedown 1
  for i in 1 2 3 4 5 6; do
    point "$(awk "BEGIN { print $1 + ($3 - $1) * $i / 6 }")" "$(awk "BEGIN { print $2 + ($4 - $2) * $i / 6 }")"
  done
  [ -n "${5:-}" ] || xdotool mouseup 1
  sleep .2
}
# Undo names the last step.
step_is() { uictl wait "Undo $1" 3; }
undo() { uictl act win.undo then sleep .1; }

point 0.5 0.5
xdotool click 1 # the focus is the canvas's
sleep .2
undo
xdotool key u
drag 0.35 0.3 0.6 0.6
shot shapes
check "a tapped key switches the tool" step_is Rectangle
undo
xdotool key b
xdotool keydown u
drag 0.35 0.3 0.6 0.6
xdotool keyup u
sleep .2
check "a held key borrows a tool" step_is Rectangle
drag 0.35 0.8 0.6 0.8
check "and gives it back" step_is Paint
undo
undo
check "nothing is left to undo" not uictl can win.undo
xdotool key l
drag 0.3 0.3 0.6 0.3 hold
xdotool keydown space
point 0.65 0.35
xdotool keyup space
point 0.6 0.6
shot lasso
xdotool mouseup 1
sleep .2
check "Space moves the view in the middle of a gesture" step_is "Fill Area"
undo
xdotool key b
drag 0.3 0.3 0.6 0.6 hold
xdotool key Escape
xdotool mouseup 1
sleep .2
check "Escape takes an unfinished stroke back" not uictl can win.undo
xdotool key bracketright bracketright
drag 0.3 0.3 0.6 0.6
shot brush
check "a stroke is painted" step_is Paint
xdotool key g Return
sleep .2
xdotool key Left Left
shot gradient
xdotool key Return
sleep .2
check "a gradient is made with keys alone" step_is Gradient
xdotool key v
sleep .3
xdotool key Right Down
sleep .2
shot move
xdotool key b
sleep .3
check "what was moved stays moved when another tool is chosen" step_is "Transform"
kill "$pid"
wait "$pid" 2>/dev/null
pid=''
conclude
