#!/bin/sh
# Takes a fresh Debian 12 machine (root or sudo) to a running demo: one station with five simulated devices, the
# embedded acceptance centre, and the window. Arguments go to `kiosk demo`, for example:
#
#   sh packaging/demo.sh                        a window to play with
#   sh packaging/demo.sh --auto --out OUT       one whole visit by real input events; OUT holds what came of it
#
# Without a screen it starts a virtual one.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/setup.sh"
# shellcheck disable=SC2086
setup_system $RUN_PACKAGES $CARD_PACKAGES $SCREEN_PACKAGES
setup_python "$here/../.venv" "$here/requirements/station.txt" "$here/requirements/test.txt"
export PYTHONPATH="$here/..${PYTHONPATH:+:$PYTHONPATH}"
python="$here/../.venv/bin/python"
if [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}${QT_QPA_PLATFORM:-}" ]; then
    exec "$python" -m kiosk demo "$@"
fi
say "no screen here: using a virtual one (Xvfb)"
exec xvfb-run --auto-servernum --server-args="-screen 0 1920x1080x24" "$python" -m kiosk demo "$@"
