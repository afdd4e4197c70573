#!/bin/bash
# drag.sh: pictures are dragged from another program's window onto zones of the canvas.  Run inside tests/uirun.
#
#   drag.sh TACET SCENE PICTURE [FOLDER FOR SCREENSHOTS]
#
# Prints TAP.
set -u
tacet=$1 scene=$2 picture=$3 shots=${4:-}
source=''
. "$(dirname "$0")/window.sh"
trap '[ -z "$pid$source" ] || kill -9 $pid $source 2>/dev/null; rm -rf "$scratch"' EXIT
/usr/bin/python3 -c 'import gi; gi.require_version("Gtk", "4.0")' 2>/dev/null || skip_all "Gtk for Python is not installed"

"$tacet" "$scene" >&2 &
pid=$!
"$here/drag-source.py" "$picture" >&2 &
source=$!
window=$(timeout 60 xdotool search --sync --onlyvisible --pid "$pid" | head -1)
other=$(timeout 60 xdotool search --sync --onlyvisible --pid "$source" | head -1)
uictl wait Canvas 60 then sleep 1

# The zones are there once the pointer with its burden is over the canvas; then it goes to the one that is called so.
drag_to() { # NAME
  local x y width height
  xdotool windowactivate --sync "$other" windowmove "$other" 1050 20
  sleep 0.5
  eval "$(xdotool getwindowgeometry --shell "$other")"
  xdotool mousemove $((X + WIDTH / 2)) $((Y + HEIGHT / 2)) sleep 0.2 mousedown 1 sleep 0.2
  for _ in $(seq 10); do xdotool mousemove_relative -- -8 6 sleep 0.03; done
  for i in 1 2 3; do xdotool mousemove --window "$window" $((400 + i)) 300 sleep 0.2; done
  read -r x y width height < <(uictl extents "$1")
  for i in 1 2 3; do xdotool mousemove --window "$window" $((x + width / 2 + i)) $((y + height / 2)) sleep 0.2; done
  sleep 0.3
  shot "zone-${1// /-}"
  xdotool mouseup 1
}

drag_to "New Picture"
check "a file dropped on New Picture becomes one" uictl wait "Undo Add Picture"
drag_to "New Region"
check "a file dropped on New Region becomes one" uictl wait "Undo Add Region"
drag_to "Edges from It"
check "of a file dropped on Edges from It the edges become a control" uictl wait "Undo Edges from Picture"
check "the zones are gone" uictl gone "New Mask"
echo "1..$count"
exit "$failed"
