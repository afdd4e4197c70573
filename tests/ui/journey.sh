#!/bin/bash
# journey.sh: the real window from end to end: opens a scene, paints, erases, drags a joint, generates,
# and takes everything back.  Run inside tests/uirun.
#
#   journey.sh TACET MAKE_MODEL SCENE [FOLDER FOR SCREENSHOTS]
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

# A copy: the journey saves it again and again.
mkdir "$scratch/scene"
cp "$(dirname "$scene")"/* "$scratch/scene/"
document=$scratch/scene/$(basename "$scene")

# What the document says: size, where the first joint of the first person is, what the controls are.
read -r width height joint_x joint_y edge pose name model_name < <(python3 -c '
import json, sys
scene = json.load(open(sys.argv[1]))
kinds = [control["kind"] for control in scene.get("layers", scene.get("controls"))]
pose = scene.get("layers", scene.get("controls"))[kinds.index("pose")]
x, y = next(joint for joint in pose["people"][0] if joint[2] > 0)[:2]
print(scene["width"], scene["height"], x, y, kinds.index("edge"), kinds.index("pose"), pose.get("name", "Pose"),
      scene["model"])' "$document")
if ! "$tacet" models show "$model_name" >/dev/null 2>&1; then
  model=$("$make_model" "$model_name") || exit 1
  export TACET_MODEL_PATH=$model
fi

# What is saved, as one number: the scene and the maps that it names.
saved() {
  uictl act win.save then sleep 0.3
  settled
  python3 - "$document" <<'END'
import hashlib, json, os, sys
text = open(sys.argv[1], "rb").read()
whole = hashlib.sha256(text)
for control in json.loads(text)["layers"]:
    for key in ("image", "mask"):
        if key in control:
            whole.update(open(os.path.join(os.path.dirname(sys.argv[1]), control[key]), "rb").read())
print(whole.hexdigest())
END
}
# Up to the first control of the list, then down to the one wanted.
select_control() { # INDEX, then COMMANDS for uictl
  local words=() i
  for i in 1 2 3 4; do words+=(act win.layer-previous then); done
  for ((i = 0; i < $1; i++)); do words+=(act win.layer-next then); done
  shift
  uictl "${words[@]}" "$@" then sleep 0.3
}

start "$document"
check "a window opens" test -n "$window"
uictl act win.show-diagnostics then sleep 0.5 # folded at first; the canvas gives it room
canvas=$(uictl extents Canvas)
plot=$(uictl extents "Coefficients of the run")
shot 1-opened

first=$(saved)
canvas_before=$(canvas_pixels)
check "nothing can be undone yet" not uictl can win.undo

select_control "$edge" act win.tool-brush
drag $((width / 4)) $((height / 5)) $((width * 3 / 4)) $((height / 3))
shot 2-painted
check "a stroke can be seen" test "$(canvas_pixels)" != "$canvas_before"
painted=$(saved)
check "a stroke changes what is saved" test "$painted" != "$first"
check "undo names its step" uictl wait "Undo " 2

uictl act win.tool-eraser then sleep 0.2
drag $((width / 3)) $((height / 2)) $((width * 2 / 3)) $((height * 2 / 3))
shot 3-erased
erased=$(saved)
check "erasing changes what is saved" test "$erased" != "$painted"

select_control "$pose" act win.tool-pose
shot 4-pose
drag "$joint_x" "$joint_y" "$(awk "BEGIN { print $joint_x + $width / 8 }")" "$(awk "BEGIN { print $joint_y - $height / 10 }")"
shot 5-dragged
dragged=$(saved)
check "dragging a joint changes what is saved" test "$dragged" != "$erased"
uictl set "Strength of $name" 0.5 then sleep 0.3
check "a slider changes what is saved" test "$(saved)" != "$dragged"

canvas_before=$(canvas_pixels)
plot_before=$(pixels $plot)
xdotool key ctrl+Return
sleep 0.3
shot 6-running
check "the run ends" uictl wait "Done in" 200
check "the picture stands on the canvas" test "$(canvas_pixels)" != "$canvas_before"
plot_after=$(pixels $plot)
check "the plot has changed" test "$plot_after" != "$plot_before"
shot 7-done
uictl act win.previous-step then sleep 0.3
check "another step can be picked" test "$(pixels $plot)" != "$plot_after"

uictl act win.next-step then sleep 0.3
canvas=$(uictl extents Canvas) # the strip of results has taken some of it
canvas_before=$(canvas_pixels)
check "a run can be cancelled" uictl act win.generate then act win.cancel then wait "Cancelled." 60
check "the last picture is back after that" canvas_becomes "$canvas_before"

check "everything can be undone" uictl exhaust win.undo
check "the scene is the first one again, bit for bit" test "$(saved)" = "$first"
shot 8-undone

leave
conclude
