#!/bin/bash
# journey.sh: the real window from end to end: opens a scene, paints, erases, drags a joint, generates,
# and takes everything back.  Run inside tests/uirun.
#
#   journey.sh TACET MAKE_MODEL SCENE [FOLDER FOR SCREENSHOTS]
#
# Prints TAP. The scene's model is used if it is installed; else a random one stands in for it.
set -u
tacet=$1 make_model=$2 scene=$3 shots=${4:-}
here=$(cd "$(dirname "$0")" && pwd)
uictl() { "$here/../uictl" tacet "$@"; }
scratch=$(mktemp -d)
count=0 failed=0 pid= model=

finish() {
  [ -z "$pid" ] || kill "$pid" 2>/dev/null
  [ -z "$model" ] || rm -rf "$model"
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
    shot "failed-$count"
  fi
}
not() { ! "$@"; }
skip_all() { echo "1..0 # SKIP $1"; exit 0; }
shot() { [ -z "$shots" ] || import -window root "$shots/$1.png"; }
settle() { sleep "${1:-0.4}"; }

for tool in xdotool import python3; do
  command -v "$tool" >/dev/null || skip_all "$tool is not installed"
done
/usr/bin/python3 -c 'import gi; gi.require_version("Atspi", "2.0")' 2>/dev/null || skip_all "Atspi for python3 is not installed"

# A copy: the journey saves it again and again.
mkdir "$scratch/scene"
cp "$(dirname "$scene")"/* "$scratch/scene/"
document=$scratch/scene/$(basename "$scene")
name=$(sed -n 's/.*"model"[^"]*"\([^"]*\)".*/\1/p' "$document" | head -1)
if ! "$tacet" models show "$name" >/dev/null 2>&1; then
  model=$("$make_model" "$name") || exit 1
  export TACET_MODEL_PATH=$model
fi

# What is saved: the scene and the maps beside it.
saved() {
  uictl act win.save
  settle 0.6
  (cd "$scratch/scene" && python3 - "$(basename "$document")" <<'END'
import hashlib, json, sys
scene = open(sys.argv[1], "rb").read()
whole = hashlib.sha256(scene)
for control in json.loads(scene)["controls"]:
    for key in ("image", "mask"):
        if key in control:
            whole.update(open(control[key], "rb").read())
print(whole.hexdigest())
END
  )
}
# Part of the window as a digest of its pixels.
pixels() { # NAME OF THE WIDGET
  xdotool mousemove --window "$window" 20 600
  settle 0.2
  read -r x y w h < <(uictl extents "$1")
  import -window "$window" -crop "${w}x${h}+$((x + 5))+$((y + 5))" +repage rgb:- | sha256sum
}
# What the document says: width, height, and where the first joint of the first person is.
fact() { # PYTHON EXPRESSION over `scene` and `pose`
  python3 -c '
import json, sys
scene = json.load(open(sys.argv[1]))
kinds = [control["kind"] for control in scene["controls"]]
pose = scene["controls"][kinds.index("pose")]
print(eval(sys.argv[2]))' "$document" "$1"
}
# A point of the document in pixels of the window; the view is fitted as tacet_view_fit () does it.
at() { # X Y
  read -r x y w h < <(uictl extents Canvas)
  awk -v x="$x" -v y="$y" -v w="$w" -v h="$h" -v W="$width" -v H="$height" -v u="$1" -v v="$2" 'BEGIN {
    zoom = (w - 40) / W; if ((h - 40) / H < zoom) zoom = (h - 40) / H; if (zoom >= 2) zoom = int (zoom)
    printf "%d %d\n", x + 5 + (w - W * zoom) / 2 + u * zoom + 0.5, y + 5 + (h - H * zoom) / 2 + v * zoom + 0.5 }'
}
drag() { # X0 Y0 X1 Y1
  read -r x0 y0 < <(at "$1" "$2")
  read -r x1 y1 < <(at "$3" "$4")
  xdotool mousemove --window "$window" "$x0" "$y0" mousedown 1
  for i in 1 2 3 4 5 6 7 8; do
    xdotool mousemove --window "$window" $((x0 + (x1 - x0) * i / 8)) $((y0 + (y1 - y0) * i / 8))
    sleep .03
  done
  xdotool mouseup 1
  settle 0.3
}
select_kind() { # KIND: walks down the list to the first control of this kind
  for _ in 1 2 3 4 5 6 7 8; do uictl act win.previous-control; done
  for _ in $(seq "$(fact "kinds.index('$1')")"); do uictl act win.next-control; done
  settle
}
width=$(fact 'scene["width"]') height=$(fact 'scene["height"]')

started=$(date +%s%N)
"$tacet" "$document" >"$scratch/log" 2>&1 &
pid=$!
window=$(timeout 20 xdotool search --sync --onlyvisible --pid "$pid" | head -1)
check "a window opens" test -n "$window"
echo "# shown after $((($(date +%s%N) - started) / 1000000)) ms"
uictl wait Canvas
xdotool windowactivate --sync "$window"
settle 0.8
shot 1-opened

first=$(saved)
canvas_before=$(pixels Canvas)
check "nothing can be undone yet" not uictl can win.undo

select_kind edge
uictl act win.tool-brush
drag $((width / 4)) $((height / 5)) $((width * 3 / 4)) $((height / 3))
check "a stroke can be seen" test "$(pixels Canvas)" != "$canvas_before"
painted=$(saved)
check "a stroke changes what is saved" test "$painted" != "$first"
check "undo names the stroke" uictl wait "Undo " 2
shot 2-painted

uictl act win.tool-eraser
drag $((width / 3)) $((height / 2)) $((width * 2 / 3)) $((height * 2 / 3))
check "erasing changes what is saved" test "$(saved)" != "$painted"
shot 3-erased

select_kind pose
uictl act win.tool-pose
before=$(saved)
read -r joint_x joint_y < <(fact '"%d %d" % tuple(next(joint for joint in pose["people"][0] if joint[2] > 0)[:2])')
shot 4-pose
drag "$joint_x" "$joint_y" $((joint_x + width / 8)) $((joint_y - height / 10))
check "dragging a joint changes what is saved" test "$(saved)" != "$before"
shot 5-dragged

before=$(saved)
strength="Strength of $(fact 'pose.get("name", "Pose")')"
uictl set "$strength" 0.5
settle
check "the slider is part of the document" test "$(saved)" != "$before"

plot_before=$(pixels "Coefficients of the run")
canvas_before=$(pixels Canvas)
xdotool key ctrl+Return
settle 0.2
shot 6-running
check "the run ends" uictl wait "Done in" 120
settle
check "the picture stands on the canvas" test "$(pixels Canvas)" != "$canvas_before"
check "the plot has changed" test "$(pixels "Coefficients of the run")" != "$plot_before"
shot 7-done
picked=$(pixels "Coefficients of the run")
uictl act win.previous-step
settle
check "another step can be picked" test "$(pixels "Coefficients of the run")" != "$picked"

for _ in $(seq 50); do uictl can win.undo || break; uictl act win.undo; sleep .05; done
check "everything can be undone" not uictl can win.undo
check "the scene is the first one again, bit for bit" test "$(saved)" = "$first"
shot 8-undone

xdotool key ctrl+w
for _ in $(seq 100); do kill -0 "$pid" 2>/dev/null || break; sleep .1; done
check "the window closes" not kill -0 "$pid" 2>/dev/null
wait "$pid"
check "the program ends well" test $? = 0
pid=
check "no complaint was printed" test ! -s "$scratch/log"
[ -s "$scratch/log" ] && sed 's/^/# /' "$scratch/log"
echo "1..$count"
exit $failed
