#!/bin/bash
# tools.sh: that keys and the pointer reach the tools in the real window: tapped and held keys, the size by a drag, Space
# in the middle of a gesture, Escape.  Run inside tests/uirun.
#
#   tools.sh TACET [FOLDER FOR SCREENSHOTS]
#
# Prints TAP.
set -u
tacet=$1 shots=${2:-}
here=$(cd "$(dirname "$0")" && pwd)
scratch=$(mktemp -d)
count=0 failed=0 pid=''

finish() {
  [ -z "$pid" ] || kill "$pid" 2>/dev/null
  rm -rf "$scratch"
}
trap finish EXIT

check() { # NAME COMMAND...
  local name=$1
  shift
  count=$((count + 1))
  if "$@"; then
    echo "ok $count $name"
  else
    echo "not ok $count $name"
    failed=1
  fi
}
not() { ! "$@"; }
skip_all() { echo "1..0 # SKIP $1"; exit 0; }
shot() { [ -z "$shots" ] || import -window "$window" "$shots/$1.png"; }
uictl() { "$here/../uictl" tacet "$@"; }

for tool in xdotool import python3; do
  command -v "$tool" >/dev/null || skip_all "$tool is not installed"
done
/usr/bin/python3 -c 'import gi; gi.require_version("Atspi", "2.0")' 2>/dev/null || skip_all "Atspi for Python is not installed"

cat >"$scratch/scene.json" <<'END'
{ "format": "tacet-scene", "version": 2, "width": 640, "height": 480, "layers": [ { "kind": "depth" } ] }
END
"$tacet" "$scratch/scene.json" >"$scratch/log" 2>&1 &
pid=$!
window=$(timeout 60 xdotool search --sync --onlyvisible --pid "$pid" | head -1)
uictl wait Canvas then sleep 1
xdotool windowactivate --sync "$window"
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
check "no complaint was printed" test ! -s "$scratch/log"
sed 's/^/# /' "$scratch/log"
echo "1..$count"
exit $failed
