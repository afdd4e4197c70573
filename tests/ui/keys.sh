#!/bin/bash
# keys.sh: the real window from the keyboard, and what is left of it at the next start, as TAP.  Run inside tests/uirun.
#
#   keys.sh TACET SCENE
tacet=$1 scene=$2 shots=${TACET_SHOTS:-}
. "$(dirname "$0")/window.sh"
trap '[ -z "$pid" ] || kill "$pid"; rm -rf "$scratch"' EXIT
# Settings in a file of the empty home: they outlast the first program.
export GSETTINGS_BACKEND=keyfile
mkdir "$scratch/scene"
cp "$(dirname "$scene")"/* "$scratch/scene/"
document=$scratch/scene/$(basename "$scene")

press() { xdotool key "$@"; sleep 0.4; }
focus_canvas() { # without a stroke: the strip of tools, then on with F6
  for _ in $(seq 12); do
    [ "$(focused)" != Canvas ] || return 0
    press F6
  done
  return 1
}
# The name of what has the focus.
focused() {
  /usr/bin/python3 -W ignore - <<'END'
import gi
gi.require_version("Atspi", "2.0")
from gi.repository import Atspi
def walk(node):
    if node.get_state_set().contains(Atspi.StateType.FOCUSED):
        yield node.get_name()
    for i in range(node.get_child_count()):
        child = node.get_child_at_index(i)
        if child is not None:
            yield from walk(child)
names = []
desktop = Atspi.get_desktop(0)
for i in range(desktop.get_child_count()):
    program = desktop.get_child_at_index(i)
    if program is not None and program.get_name() == "tacet":
        names += list(walk(program))
print(names[-1] if names else "")
END
}
width_of() { uictl extents "$1" | cut -d' ' -f3; }
settings_say() { grep -q "$1" "$HOME/.config/glib-2.0/settings/keyfile"; }

start "$document"
check "a window opens" test -n "$window"
check "F6 leads to the canvas" focus_canvas
before=$(width_of Canvas)
press Tab; sleep 0.6
check "Tab hides the panels" test "$(width_of Canvas)" -gt "$before"
shot 1-no-panels
press Tab; sleep 0.6
check "Tab shows them again" test "$(width_of Canvas)" = "$before"
press F6
check "F6 leads away from the canvas" test "$(focused)" != Canvas
press shift+F6
check "Shift+F6 leads back" test "$(focused)" = Canvas

# Plain keys are letters where a text is written, and tools elsewhere.
press ctrl+l
xdotool type "Xbe/4 "
sleep 0.5
press ctrl+s
settled
check "letters go into the prompt" grep -q "Xbe/4" "$document"
press ctrl+z
focus_canvas
press slash
xdotool type "coeff"
sleep 0.5
shot 2-search
press Return
sleep 0.8
press F1
check "F1 teaches the first steps" uictl wait "Erased means silent" 5
shot 3-first-steps
press Escape
sleep 0.5
press ctrl+comma
check "the preferences open" uictl wait "Tab hides the panels" 5
shot 4-preferences
press Escape
sleep 0.5
xdotool windowactivate --sync "$window"
press ctrl+s
settled
xdotool windowsize --sync "$window" 1010 640
sleep 0.5
uictl act win.panel-wider then sleep 0.5
leave
check "the search ran what was found" settings_say "show-diagnostics=true"
check "the size is kept" settings_say "window-height=640"
check "the panel's width is kept" settings_say "panel-width="

start
check "the last scene is open again" uictl wait "$(basename "$(dirname "$document")")" 10
check "the window has its size" test "$(xdotool getwindowgeometry "$window" | grep -c 1010x640)" = 1
shot 5-again
leave
conclude
