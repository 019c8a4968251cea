# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# A small Debian 12 of its own for tests in containers and of packages, made from Debian's archive once and kept.
# Sourced, after deploy/lib/setup.sh.

debian_base_packages="mmdebstrap"
system=

# debian_base FILE: the tar of a minimal system, without manuals and translations.
debian_base() {
    [ ! -e "$1" ] || return 0
    say "Making the base image (once)"
    mmdebstrap --quiet --variant=minbase --mode=root --aptopt='Acquire::Languages "none"' \
        --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
        --dpkgopt='path-exclude=/usr/share/info/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
        bookworm "$1.new.tar" \
        "deb http://deb.debian.org/debian bookworm main" \
        "deb http://deb.debian.org/debian bookworm-updates main" \
        "deb http://deb.debian.org/debian-security bookworm-security main" >&2 || return 1
    mv "$1.new.tar" "$1"
}

# debian_system FILE FOLDER: unpacks such a tar into a folder of its own below FOLDER, $system, which goes when the script
# ends.
debian_system() {
    trap debian_system_end EXIT
    trap 'exit 1' INT TERM
    system=$(mktemp -d "$2/system-XXXXXX")
    chmod 755 "$system"
    tar -xf "$1" -C "$system"
    cp /etc/resolv.conf "$system/etc/resolv.conf"
}

debian_system_end() {
    local code=$?
    trap - EXIT
    [ -z "$system" ] || rm -rf --one-file-system "$system" || code=1
    exit $code
}
