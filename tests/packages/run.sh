#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Builds the .deb packages, has lintian look at them, and installs, runs, upgrades, removes and purges them in a minimal
# Debian: a chroot whose network is its own. Needs root. Where Debian's archive cannot be reached it says SKIPPED and why.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
. "$root/deploy/lib/setup.sh"
. "$root/tests/lib/debian_base.sh"
work=$root/build/packages
base=$root/build/containers/base.tar # the tests in containers use it, too

skip() {
    say "SKIPPED: the tests of the packages: $*"
    exit 0
}

# Everything that the packages need comes into the chroot's cache while there is a network.
fetch_dependencies() {
    rm -f "$system/etc/dpkg/dpkg.cfg.d/"*mmdebstrap* # it left out translations
    chroot "$system" sh -ec 'apt-get update -qq
        apt-get install -y -qq --download-only --no-install-recommends bash-completion man-db mandoc /packages/*.deb' >&2
}

[ "$(id -u)" -eq 0 ] || skip "a system of their own needs root"
unshare --net --mount true 2>/dev/null || skip "namespaces of their own are not allowed here"
install_packages $debian_base_packages lintian python3 python3-pytest || skip "cannot install $debian_base_packages"
mkdir -p "$work" "$(dirname "$base")"
exec 9>"$work/lock"
flock -n 9 || {
    say "The tests of the packages are running already, in $work"
    exit 1
}
if command -v ccache >/dev/null; then
    export CMAKE_C_COMPILER_LAUNCHER=ccache
fi
DEB_BUILD_OPTIONS="terse noautodbgsym" "$root/deploy/package.sh" "$work" >&2
say "lintian"
lintian --allow-root --fail-on error,warning "$work"/*.changes
debian_base "$base" || skip "cannot make a Debian from its archive"
debian_system "$base" "$work"
mkdir "$system/packages"
cp "$work"/*.deb "$system/packages/"
fetch_dependencies || skip "the packages' dependencies cannot be fetched"
say "Installing and running the packages"
cd "$root"
HOSO_SYSTEM=$system unshare --net --mount sh -ec 'ip link set lo up
    mount --rbind /dev "$HOSO_SYSTEM/dev"
    mount -t proc proc "$HOSO_SYSTEM/proc"
    exec /usr/bin/python3 -m pytest -q -x -p no:cacheprovider tests/packages'
