#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# The whole of hoso on one machine: installs what it needs, builds, starts the three services on loopback, publishes
# the month of Cẩm Xuyên (19/01/2024 – 19/02/2024) through them and prints its report.
#
#   deploy/demo.sh          leaves the services running and says how to use them; Ctrl-C ends them
#   deploy/demo.sh --once   stops them at the end
#
# HOSO_DEMO_PORT  first of five loopback ports (7301)
# HOSO_DEMO_DIR   where keys, stores and logs go (build/demo); emptied at the start
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
cmake_options=(-DHOSO_TESTS=OFF)
. "$root/deploy/lib/setup.sh"

once=false
case "${1:-}" in
"") ;;
--once) once=true ;;
*)
    sed -n '4,12s/^# \{0,1\}//p' "$0" >&2
    exit 2
    ;;
esac

port=${HOSO_DEMO_PORT:-7301}
home=${HOSO_DEMO_DIR:-$root/build/demo}
bin=$root/build/release/services
hoso() {
    "$bin/hoso/hoso" "$@"
}

# The five endpoints of the demo.
intake=tcp://127.0.0.1:$port
journal=tcp://127.0.0.1:$((port + 1))
ledger=tcp://127.0.0.1:$((port + 2))
reporting=tcp://127.0.0.1:$((port + 3))
totals=tcp://127.0.0.1:$((port + 4))

public_key() {
    sed -n 's/^public *= *//p' "$home/keys/$1.key"
}

make_keys() {
    local name
    for name in intake aggregation reporting counter officer admin; do
        hoso key new "$home/keys/$name.key" >/dev/null
    done
    for name in intake aggregation reporting; do
        hoso key grant "$name" --key "$home/keys/$name.key" --role service --registry "$home/registry" >/dev/null
    done
    hoso key grant counter --key "$home/keys/counter.key" --role source --units H27 --registry "$home/registry" >/dev/null
    hoso key grant officer --key "$home/keys/officer.key" --role agency --units H27 --registry "$home/registry" >/dev/null
    hoso key grant admin --key "$home/keys/admin.key" --role admin --registry "$home/registry" >/dev/null
}

# write_service NAME LINE…: a service's configuration.
write_service() {
    local name=$1
    shift
    {
        printf '%s\n' "data = $home/$name" "key = $home/keys/$name.key" "registry = $home/registry" "any_filesystem = 1" "$@"
    } >"$home/$name.conf"
}

# write_client NAME: the command's configuration for one of the demo's people.
write_client() {
    printf '%s\n' "intake = $intake" "intake_key = $(public_key intake)" "journal = $journal" \
        "reporting = $reporting" "reporting_key = $(public_key reporting)" "totals = $totals" \
        "ledger = $ledger" "ledger_key = $(public_key aggregation)" \
        "key = $home/keys/$1.key" "outbox = $home/outbox-$1" >"$home/$1.conf"
}

write_configuration() {
    write_service intake "listen = $intake" "journal_listen = $journal"
    write_service aggregation "listen = $ledger" "journal = $journal" "journal_key = $(public_key intake)"
    write_service reporting "listen = $reporting" "totals_listen = $totals" \
        "aggregation = $ledger" "aggregation_key = $(public_key aggregation)"
    local name
    for name in counter officer admin; do
        write_client "$name"
    done
}

pids=()
start_services() {
    local name
    for name in intake aggregation reporting; do
        "$bin/$name/hoso-$name" --config "$home/$name.conf" 2>"$home/$name.log" &
        pids+=($!)
    done
}

stop_services() {
    local pid failed=0
    for pid in "${pids[@]}"; do
        kill "$pid" 2>/dev/null || failed=1
    done
    for pid in "${pids[@]}"; do
        wait "$pid" || failed=1
    done
    pids=()
    return $failed
}

finish() {
    local code=$?
    trap - EXIT
    if [ $code -ne 0 ] && [ -d "$home" ]; then
        say "The demo failed; what the services said:"
        tail -n 5 "$home"/*.log >&2 || true
        ! grep -q 'Address already in use' "$home"/*.log || say "HOSO_DEMO_PORT=8301 $0 takes other ports."
    fi
    stop_services || code=1
    exit $code
}

install_packages $build_packages
build release
rm -rf "$home"
mkdir -p "$home/keys"
chmod 700 "$home/keys"
trap finish EXIT
trap 'exit 0' INT TERM
make_keys
write_configuration
start_services

hoso --config "$home/admin.conf" catalogue import "$root/deploy/demo/catalogue" >&2
hoso simulate golden >"$home/golden.ndjson"
position=$(hoso --config "$home/counter.conf" publish "$home/golden.ndjson" --print-position)
hoso --config "$home/officer.conf" report bao-cao-thang --unit H27.45 --from 2024-01-19 --to 2024-02-19 \
    --min-position "$position"

if $once; then
    stop_services
    trap - EXIT
    say "Stopped. Everything it left behind is in $home."
    exit 0
fi
cat >&2 <<END

The services are running. In another terminal:

  export HOSO_CONFIG=$home/officer.conf
  $bin/hoso/hoso report II.06a --unit H27.45 --from 2024-01-19 --to 2024-02-19
  $bin/hoso/hoso report thong-ke --unit H27 --from 2023-12-01 --to 2024-02-29 --format csv
  $bin/hoso/hoso --config $home/admin.conf status
  $bin/hoso/hoso --config $home/admin.conf verify

Ctrl-C stops them.
END
wait -n "${pids[@]}" || true
say "A service ended by itself."
exit 1
