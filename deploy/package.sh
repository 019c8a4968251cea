#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Builds the .deb packages of deploy/debian into build/packages (or into DIR): hoso, hoso-services, libhoso0, libhoso-dev.
#
#   deploy/package.sh [DIR]
#
# It builds in a copy of the files that git knows, so that nothing else gets into a package.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
. "$root/deploy/lib/setup.sh"
out=${1:-$root/build/packages}
work=$out/work # always the same, so that a compiler's cache knows it again

copy_sources() {
    rm -rf "$work"
    mkdir -p "$work/hoso/build/web"
    git -C "$root" ls-files -z | tar -c -C "$root" --null --no-recursion -T - | tar -x -C "$work/hoso"
    cp "$root/build/web/web_assets.c" "$work/hoso/build/web/"
    ln -s deploy/debian "$work/hoso/debian"
}

pack() {
    (cd "$work/hoso" && dpkg-buildpackage --build=binary --no-sign)
}

install_packages $build_packages $package_packages
"$root/deploy/web.sh"
mkdir -p "$out"
copy_sources
: >"$out/log"
quietly "$out/log" "Building the packages" pack
rm -f "$out"/*.deb "$out"/*.changes "$out"/*.buildinfo
mv "$work"/*.deb "$work"/*.changes "$work"/*.buildinfo "$out/"
rm -rf "$work"
ls "$out"/*.deb
