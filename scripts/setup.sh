#!/bin/sh
# Makes .venv with what requirements.txt pins ("dev": what the checks need, too); quick when nothing changed.
set -eu
cd "$(dirname "$0")/.."
kind=${1:-run}
[ "$kind" = dev ] && requirements=requirements-dev.txt || requirements=requirements.txt
# Weights alone: the package would have a second server for them compiled.
alone=$([ "$kind" = dev ] && echo requirements-alone.txt || true)
# The checks load a third of what they install, and Python compiles that when it is loaded.
lazily=$([ "$kind" = dev ] && echo --no-compile || true)
needed_mb=$([ "$kind" = dev ] && echo 2500 || echo 1500)

stop() {
    printf '%s\n' "$*" >&2
    exit 1
}

is_new_enough() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

find_python() {
    if [ -n "${PYTHON:-}" ]; then
        is_new_enough "$PYTHON" && { echo "$PYTHON"; return; }
        stop "PYTHON=$PYTHON is not a Python 3.11 or newer. Install Python 3.11 or newer, or set PYTHON to one."
    fi
    for candidate in python3.13 python3.12 python3.11 python3; do
        is_new_enough "$candidate" && { echo "$candidate"; return; }
    done
    found=$(python3 --version 2>/dev/null || echo "no Python")
    stop "Python 3.11 or newer is needed, and this machine has $found. Install one (on Debian or Ubuntu: sudo apt install python3 python3-venv; on macOS: brew install python@3.12), then run this again."
}

require_disk() {
    free_mb=$(($(df -Pk . | awk 'NR == 2 { print $4 }') / 1024))
    [ "$free_mb" -ge "$needed_mb" ] ||
        stop "Only $free_mb MB are free on the disk of $(pwd), and the packages need $needed_mb MB. Free some space, then run this again."
}

make_venv() {
    if .venv/bin/python -c 'import sys, pip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
        return
    fi
    python=$(find_python)
    require_disk
    "$python" -c 'import venv, ensurepip' >/dev/null 2>&1 ||
        stop "$python cannot make virtual environments. Install its venv module (on Debian or Ubuntu: sudo apt install python3-venv), then run this again."
    echo "Making .venv with $("$python" --version)."
    "$python" -m venv --clear .venv || stop "The folder .venv could not be made; the lines above say why."
}

digest() {
    { cat requirements.txt "$requirements" $alone; .venv/bin/python -VV; } | cksum
}

install() {
    stamp=.venv/installed-$kind
    now=$(digest)
    [ "$(cat "$stamp" 2>/dev/null || true)" = "$now" ] && return
    require_disk
    echo "Installing the packages of $requirements; the first time takes some minutes."
    : >.venv/pip.log
    pip_install -r "$requirements"
    [ -z "$alone" ] || pip_install --no-deps -r "$alone"
    echo "$now" >"$stamp"
}

pip_install() {
    .venv/bin/python -m pip install $lazily --disable-pip-version-check --no-input "$@" >>.venv/pip.log 2>&1 || blame_pip
}

blame_pip() {
    tail -n 5 .venv/pip.log >&2
    if grep -q 'No space left on device' .venv/pip.log; then
        stop "The disk is full. Free $needed_mb MB, then run this again."
    fi
    stop "The packages could not be installed; the lines above say why, and .venv/pip.log says all. Without a way to the package index nothing can be installed: check the network, then run this again."
}

make_venv
install
