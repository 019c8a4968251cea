# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# A small Debian 12 of its own for tests in containers and of packages, made from Debian's archive once and kept.
# Sourced, after deploy/lib/setup.sh.

debian_base_packages="mmdebstrap"

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
