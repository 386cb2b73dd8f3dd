#!/bin/sh
# Makes the two locks anew: exact versions with hashes, no index address. Needs pip-tools in the environment.
#   station.txt  what a station and the embedded centre need
#   test.txt     the same and the tools of the tests
set -eu
cd "$(dirname "$0")/../.."
options="--quiet --generate-hashes --allow-unsafe --strip-extras --no-header --no-emit-options"
PATH="${PWD}/.venv/bin:$PATH"
# shellcheck disable=SC2086
pip-compile $options "$@" --extra centre -o packaging/requirements/station.txt pyproject.toml
# shellcheck disable=SC2086
pip-compile $options "$@" --extra centre --extra test -c packaging/requirements/station.txt \
    -o packaging/requirements/test.txt pyproject.toml
