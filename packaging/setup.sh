#!/bin/sh
# Sets up a Debian 12 (or newer) machine for Doorstep: sourced by demo.sh, test.sh and install.sh, all in this folder.
#
# setup_system PACKAGE…   installs the Debian packages that are missing (root, or sudo), saying which
# setup_python ENV LOCK [MORE]   makes a virtual environment at ENV with exactly what LOCK names; one made from the
#                         lock MORE, which holds all of LOCK, serves as well
# Nothing here asks a question.

# shellcheck disable=SC2034  # the package lists are for those who source this

say() { printf '%s\n' "doorstep: $*"; }

# What the program needs to run, and what pyscard needs to be built (it ships no wheel for Linux).
RUN_PACKAGES="python3 python3-venv python3-dev gcc swig pkg-config libpcsclite-dev libpcsclite1 libzbar0 \
libgl1 libegl1 libxkbcommon0 libxkbcommon-x11-0 libdbus-1-3 libfontconfig1 libxcb-cursor0 libxcb-icccm4 libxcb-image0 \
libxcb-keysyms1 libxcb-randr0 libxcb-render-util0 libxcb-shape0 libxcb-xinerama0 libxcb-xfixes0 \
fonts-noto-cjk fonts-hanazono fonts-dejavu-core ca-certificates"
# The real way to cards; the demo uses the virtual reader where it can be had.
CARD_PACKAGES="pcscd vsmartcard-vpcd"
SCREEN_PACKAGES="xvfb xauth xdotool openbox"
# The virtual machine in which the slow tests have real USB devices and cameras (tests/guest).
GUEST_PACKAGES="qemu-system-x86 busybox-static cpio kmod udev"

as_root() {
    if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi
}

setup_system() {
    missing=""
    for package in "$@"; do
        dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"
    done
    [ -n "$missing" ] || { say "system packages: all there"; return 0; }
    say "installing system packages:$missing"
    as_root apt-get update -q >&2
    # shellcheck disable=SC2086
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $missing >&2
}

# A Python of 3.11 to 3.13 that can make virtual environments.
find_python() {
    for candidate in ${DOORSTEP_PYTHON:-} python3 /usr/bin/python3 python3.13 python3.12 python3.11; do
        if "$candidate" -c 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' \
            2>/dev/null; then
            printf '%s\n' "$candidate"
            return 0
        fi
    done
    say "no Python 3.11, 3.12 or 3.13 found" >&2
    return 1
}

setup_python() {
    environment=$1
    lock=$2
    python=$(find_python)
    stamp="$environment/.doorstep-lock"
    version=$("$python" -c 'import sys; print(sys.version)')
    wanted="$version $(sha256sum "$lock" | cut -d' ' -f1)"
    for known in "$lock" ${3:+"$3"}; do
        if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$version $(sha256sum "$known" | cut -d' ' -f1)" ]; then
            say "Python packages: all there"
            return 0
        fi
    done
    say "installing the Python packages of $(basename "$lock") into $(basename "$environment")"
    if ! "$environment/bin/python" -c '' 2>/dev/null; then
        "$python" -m venv --clear "$environment"
    fi
    "$environment/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r "$lock"
    printf '%s' "$wanted" > "$stamp"
}
