#!/bin/bash
# screenshot.sh: a picture of the window after one run, for the README.  Run inside tests/uirun.
#
#   tests/uirun tests/ui/screenshot.sh TACET SCENE OUT.png [ACTION ...]
#
# Actions such as win.show-overlays are run after the picture is done. ADW_DEBUG_COLOR_SCHEME=prefer-dark
# makes it dark.
set -eu
tacet=$1 scene=$2 out=$3
shift 3
uictl() { "$(dirname "$0")/../uictl" tacet "$@"; }

"$tacet" "$scene" &
pid=$!
trap 'kill "$pid" 2>/dev/null' EXIT
window=$(timeout 60 xdotool search --sync --onlyvisible --pid "$pid" | head -1)
uictl wait Canvas then sleep 1
xdotool windowactivate --sync "$window"
uictl act win.show-diagnostics then sleep 0.5
uictl act win.generate then wait "Done in" 300 then sleep 0.5
for action in "$@"; do uictl act "$action" then sleep 0.3; done
# The pointer rests where it shows nothing; the edge for resizing, which no compositor makes soft, is cut off.
xdotool mousemove --window "$window" 20 600
sleep 0.5
import -window "$window" png:- | convert - -shave 5x5 +repage "$out"
