# window.sh: what the journeys through the real window share.  Sourced by them; prints TAP.
#
# Set by the journey before: tacet (the program), shots (a folder for screenshots, or empty).
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
scratch=$(mktemp -d)
count=0 failed=0 pid='' window='' canvas=''

skip_all() { echo "1..0 # SKIP $1"; exit 0; }
for tool in xdotool import python3; do
  command -v "$tool" >/dev/null || skip_all "$tool is not installed"
done
/usr/bin/python3 -c 'import gi; gi.require_version("Atspi", "2.0")' 2>/dev/null || skip_all "Atspi for Python is not installed"

shot() { [ -z "$shots" ] || import -window root "$shots/$1.png"; }
uictl() { "$here/../uictl" tacet "$@"; }
not() { ! "$@"; }
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

# Opens the window; its size stays what it is from here on.
start() { # ARGUMENTS...
  "$tacet" "$@" >>"$scratch/log" 2>&1 &
  pid=$!
  window=$(timeout 60 xdotool search --sync --onlyvisible --pid "$pid" | head -1)
  uictl wait Canvas 60 then sleep 0.5
  xdotool windowactivate --sync "$window"
  canvas=$(uictl extents Canvas)
}
# Closes it as a user does.
leave() {
  xdotool windowactivate --sync "$window" key ctrl+w
  for _ in $(seq 200); do kill -0 "$pid" 2>/dev/null || break; sleep .1; done
  check "the window closes" not kill -0 "$pid" 2>/dev/null
  wait "$pid"
  check "the program ends well" test $? = 0
  pid=''
}
# The dot before the name in the title goes away when everything is saved.
settled() {
  for _ in $(seq 100); do
    xdotool getwindowname "$window" 2>/dev/null | grep -q "•" || return 0
    sleep 0.1
  done
  return 1
}
# A part of the window as a digest of its pixels; the pointer leaves no brush there.
pixels() { # X Y WIDTH HEIGHT
  xdotool mousemove --window "$window" 20 600
  sleep 0.4
  import -window "$window" -crop "$3x$4+$(($1 + 5))+$(($2 + 5))" +repage rgb:- | sha256sum
}
# The canvas without its edge: the ring of the keyboard's focus leaves by itself some seconds after the last key.
canvas_pixels() {
  local x y w h
  read -r x y w h <<<"$canvas"
  pixels $((x + 4)) $((y + 4)) $((w - 8)) $((h - 8))
}
# A busy machine draws late.
canvas_becomes() { # SUM
  for _ in $(seq 20); do
    [ "$(canvas_pixels)" != "$1" ] || return 0
  done
  return 1
}
# A point of the document (width x height) in pixels of the window; the view is fitted as tacet_view_fit () does it.
at() { # X Y
  awk -v canvas="$canvas" -v W="$width" -v H="$height" -v u="$1" -v v="$2" 'BEGIN {
    split (canvas, c, " ")
    zoom = (c[3] - 40) / W; if ((c[4] - 40) / H < zoom) zoom = (c[4] - 40) / H; if (zoom >= 2) zoom = int (zoom)
    printf "%d %d\n", c[1] + 5 + (c[3] - W * zoom) / 2 + u * zoom + 0.5, c[2] + 5 + (c[4] - H * zoom) / 2 + v * zoom + 0.5 }'
}
drag() { # X0 Y0 X1 Y1 [X2 Y2 ...] in the document
  local x y to_x to_y i
  read -r x y < <(at "$1" "$2")
  xdotool mousemove --window "$window" "$x" "$y" mousedown 1
  shift 2
  while [ $# -ge 2 ]; do
    read -r to_x to_y < <(at "$1" "$2")
    for i in 1 2 3 4 5 6 7 8; do
      xdotool mousemove --window "$window" $((x + (to_x - x) * i / 8)) $((y + (to_y - y) * i / 8))
      sleep .03
    done
    x=$to_x y=$to_y
    shift 2
  done
  xdotool mouseup 1
  sleep 0.3
}
# The end of every journey.
conclude() {
  check "no complaint was printed" test ! -s "$scratch/log"
  sed 's/^/# /' "$scratch/log"
  echo "1..$count"
  exit $failed
}
