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
run_tests() {
    xvfb-run --auto-servernum --server-args="-screen 0 1920x1080x24" "$bin/python" -m pytest -m "$marks" "$@"
}
failed() {
    "$bin/python" -c 'import json; print(*json.load(open(".pytest_cache/v/cache/lastfailed")), sep="\n")'
}
status=0
run_tests --cache-clear -n 3 --dist loadgroup "$@" || status=$?
# Most tests wait for devices, processes and lines; a few failures on a crowded machine may be the crowd's. Each of
# these is named and run once more by itself. What fails then has failed, and so has a run with more of them.
[ "$status" -eq 1 ] && [ "$(failed | wc -l)" -le 5 ] || exit "$status"
names=$(failed)
say "failed beside other tests, and run again by themselves:"
printf '  %s\n' "$names"
run_tests --last-failed --last-failed-no-failures none "$@"
say "failed beside other tests and passed by themselves; each is worth a look:"
printf '  %s\n' "$names"
