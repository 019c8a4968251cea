#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Builds the image from deploy/container/Containerfile and runs deploy/compose.yaml on an engine of its own: the golden
# month from the host and from a container, crashes and stops under load, and what the containers may do. Needs root.
# Where no engine can run it says SKIPPED and why.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
. "$root/deploy/lib/setup.sh"
. "$root/tests/lib/debian_base.sh"
. "$root/tests/containers/engine.sh"
work=$root/build/containers
engine_data=$work/engine
engine_run=

skip() {
    say "SKIPPED: the tests in containers: $*"
    exit 0
}

finish() {
    local code=$?
    trap - EXIT
    engine_stop
    [ -z "$engine_run" ] || rm -rf "$engine_run" || code=1
    exit $code
}

start_or_skip() {
    engine_start "$1" || skip "no Docker engine starts here: $(grep -i -E 'fail|error' "$engine_run/engine.log" | tail -n 1)"
}

[ "$(id -u)" -eq 0 ] || skip "an engine of their own needs root"
install_packages $engine_packages python3 python3-pytest || skip "cannot install $engine_packages"
mkdir -p "$engine_data"
exec 9>"$work/lock"
flock -n 9 || {
    say "The tests in containers are running already, in $work"
    exit 1
}
engine_run=$(mktemp -d /tmp/hoso-engine-XXXXXX)
export DOCKER_HOST=unix://$engine_run/docker.sock
trap finish EXIT
trap 'exit 1' INT TERM

start_or_skip build
engine_base "$work/base.tar" || skip "cannot make the base image from Debian's archive"
"$root/deploy/web.sh" || skip "the page in the browser cannot be built"
say "Building the image"
version=$(sed -n 's/^project(hoso VERSION \([0-9.]*\).*/\1/p' "$root/CMakeLists.txt")
docker build --quiet --network host -f "$root/deploy/container/Containerfile" -t "hoso:$version" "$root" >&2
engine_stop
sync # the image's pages; a stop under load would wait for them
start_or_skip private
say "Running the containers"
cd "$root"
HOSO_VERSION=$version HOSO_CONTAINERS_DIR=$work nsenter --net="/proc/$engine_pid/ns/net" \
    /usr/bin/python3 -m pytest -q -x -p no:cacheprovider tests/containers
