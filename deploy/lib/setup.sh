# SPDX-License-Identifier: Apache-2.0
#
# What deploy/demo.sh and tests/run.sh share: install what is missing, build. Sourced, with $root set.

build_packages="gcc gettext cmake ninja-build pkg-config libzmq3-dev liblmdb-dev libprotobuf-c-dev protobuf-c-compiler
    protobuf-compiler libsodium-dev libxxhash-dev libjansson-dev libutf8proc-dev
    libmicrohttpd-dev libcyaml-dev libyaml-dev libarchive-dev libxml2-dev libxlsxwriter-dev zlib1g-dev"
test_packages="libcmocka-dev python3 python3-zmq python3-protobuf python3-hypothesis python3-pytest
    python3-pytest-xdist python3-openpyxl python3-yaml less git php-cli clang clang-format clang-tidy mandoc prometheus
    bindfs"
package_packages="debhelper dpkg-dev po-debconf"

say() {
    printf '%s\n' "$*" >&2
}

# quietly LOG WHAT COMMAND…: one line for what it does; what the command prints goes to the end of LOG, and is shown if it
# fails.
quietly() {
    local log=$1 what=$2
    shift 2
    say "$what …"
    ("$@") >>"$log" 2>&1 || {
        tail -n 30 "$log" >&2
        say "$what failed. All that was printed is in $log."
        return 1
    }
}

# install_packages NAME…: installs those that are missing, with apt-get, as root or through sudo.
install_packages() {
    local missing=() name
    for name in "$@"; do
        dpkg-query -W -f='${Status}' "$name" 2>/dev/null | grep -q 'install ok installed' || missing+=("$name")
    done
    [ ${#missing[@]} -eq 0 ] && return 0
    command -v apt-get >/dev/null || {
        say "hoso needs these packages, and there is no apt-get here to install them: ${missing[*]}"
        return 1
    }
    local as_root=()
    [ "$(id -u)" -eq 0 ] || as_root=(sudo)
    say "Installing: ${missing[*]}"
    "${as_root[@]}" apt-get update -qq >&2
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
        "${missing[@]}" >&2
    case " ${missing[*]} " in *" prometheus "*) stop_prometheus >&2 ;; esac
}

# Node 18 or later with npm, for the page in the browser: Debian's, unless there is one already.
install_node() {
    if ! command -v npm >/dev/null || ! node -e 'process.exit(parseInt(process.versions.node) >= 18 ? 0 : 1)' 2>/dev/null; then
        install_packages nodejs npm
    fi
}

# In a folder with a package-lock.json: exactly what it names, without running what comes with it.
npm_install() {
    npm ci --prefer-offline --ignore-scripts --no-audit --no-fund --loglevel=error >&2
}

# Of the package prometheus only promtool is wanted: a server that the installation just started is stopped, and does not
# start with the machine.
stop_prometheus() {
    local as_root=()
    [ "$(id -u)" -eq 0 ] || as_root=(sudo)
    if [ -d /run/systemd/system ]; then
        "${as_root[@]}" systemctl disable --quiet --now prometheus || say "stop the server prometheus yourself"
    else
        "${as_root[@]}" /usr/sbin/update-rc.d prometheus disable || true
        "${as_root[@]}" /usr/sbin/invoke-rc.d --quiet prometheus stop || true
    fi
}

# build PRESET [TARGET…]: configures and builds into build/PRESET.
build() {
    local preset=$1
    shift
    say "Building ($preset)"
    (cd "$root" && cmake --preset "$preset" "${cmake_options[@]}" >/dev/null &&
        cmake --build --preset "$preset" ${1:+--target "$@"} -- -k 0 >&2)
}
