# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# A Docker engine for the tests alone, sourced by run.sh: its own data, socket and (while the containers run) its own
# network, so that neither the machine's engine nor its firewall is touched. Only while the image is built is it in the
# machine's network, without a bridge and without rules, because apt needs the network then.
#
# $engine_data stays between runs and makes the next build quick; $engine_run goes.

engine_packages="docker.io docker-compose iproute2 $debian_base_packages"
engine_pid=

# engine_start build|private
engine_start() {
    local options=(--data-root "$engine_data" --exec-root "$engine_run/exec" --host "$DOCKER_HOST"
        --pidfile "$engine_run/pid")
    if [ "$1" = build ]; then
        dockerd "${options[@]}" --bridge=none --iptables=false --ip6tables=false --ip-forward=false \
            >"$engine_run/engine.log" 2>&1 9>&- &
    else
        unshare --net sh -c 'ip link set lo up && exec dockerd "$@"' dockerd "${options[@]}" \
            >"$engine_run/engine.log" 2>&1 9>&- &
    fi
    engine_pid=$!
    local end=$((SECONDS + 60))
    until docker info >/dev/null 2>&1; do
        if ! kill -0 "$engine_pid" 2>/dev/null || [ $SECONDS -ge $end ]; then
            return 1
        fi
        sleep 0.2
    done
}

engine_stop() {
    [ -n "$engine_pid" ] || return 0
    kill "$engine_pid" 2>/dev/null || true
    wait "$engine_pid" 2>/dev/null || true
    engine_pid=
    local mounted
    for mounted in "$engine_run"/exec/netns/*; do
        umount "$mounted" 2>/dev/null || true
    done
}

# engine_base FILE: debian:bookworm-slim, made from Debian's archive and kept in FILE.
engine_base() {
    debian_base "$1" || return 1
    docker image inspect debian:bookworm-slim >/dev/null 2>&1 ||
        docker import -c 'CMD ["bash"]' "$1" debian:bookworm-slim >/dev/null
}
