#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# README's first command on a Debian 12 that has nothing: a clone of what is committed here, in a chroot, and deploy/demo.sh --once.
# It installs from Debian's archive and from npm. Needs root, and some minutes.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
. "$root/deploy/lib/setup.sh"
. "$root/tests/lib/debian_base.sh"
base=$root/build/containers/base.tar
port=$((20000 + $$ % 20000)) # the chroot has this machine's loopback

skip() {
    say "SKIPPED: the demo on a Debian that has nothing: $*"
    exit 0
}

[ "$(id -u)" -eq 0 ] || skip "a system of its own needs root"
install_packages $debian_base_packages git || skip "cannot install $debian_base_packages"
mkdir -p "$(dirname "$base")"
debian_base "$base" || skip "cannot make a Debian from its archive"
debian_system "$base" "$root/build"
cp "${NODE_EXTRA_CA_CERTS:-/etc/ssl/certs/ca-certificates.crt}" "$system/root/trusted.crt" # as a proxy here may need it
git clone --quiet --no-hardlinks "$root" "$system/root/hoso"
said=$(unshare --mount --pid --fork sh -ec 'mount --rbind /dev "$1/dev"
    mount -t proc proc "$1/proc"
    exec chroot "$1" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root HOSO_DEMO_PORT="$2" \
        NODE_EXTRA_CA_CERTS=/root/trusted.crt \
        sh -c "cd /root/hoso && exec deploy/demo.sh --once"' sh "$system" "$port")
printf '%s\n' "$said"
case $said in
*"2.705 hồ sơ"*) say "The demo runs on a Debian that had nothing." ;;
*)
    say "The demo did not print the month's report."
    exit 1
    ;;
esac
