#!/bin/sh
# Takes a fresh Debian 12 machine (root or sudo) to passed checks and tests.
#
#   sh packaging/test.sh            checks (ruff, mypy, import-linter, qmllint) and tests
#   sh packaging/test.sh --all      the slow tests too, some in a virtual machine with real USB devices
#   sh packaging/test.sh PATH…      only these tests
set -eu
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/.."
. "$here/setup.sh"
marks="not slow and not benchmark and not hardware"
guest=""
if [ "${1:-}" = "--all" ]; then
    marks="not benchmark and not hardware"
    guest=$GUEST_PACKAGES
    shift
fi
# shellcheck disable=SC2086
setup_system $guest $RUN_PACKAGES $CARD_PACKAGES $SCREEN_PACKAGES chromium poppler-utils ibus ibus-libpinyin dbus xdotool
setup_python "$PWD/.venv" "$here/requirements/test.txt"
export PYTHONPATH="$PWD" PYTHONDONTWRITEBYTECODE=1
bin="$PWD/.venv/bin"
say "ruff"
"$bin/ruff" check .
"$bin/ruff" format --check .
say "mypy"
"$bin/mypy"
say "import-linter"
"$bin/lint-imports" --no-logo 2>/dev/null || "$bin/lint-imports"
say "tests"
exec xvfb-run --auto-servernum --server-args="-screen 0 1920x1080x24" \
    "$bin/python" -m pytest -n 3 --dist loadgroup -m "$marks" "$@"
