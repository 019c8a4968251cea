#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# The whole of hoso on one machine: installs what it needs, builds, starts the services on loopback, publishes
# the month of Cẩm Xuyên (19/01/2024 – 19/02/2024) through them and prints its report.
#
#   deploy/demo.sh           leaves the services running, with events of today that go on coming, and says how to use
#                            them; Ctrl-C ends them
#   deploy/demo.sh --once    stops them at the end
#   deploy/demo.sh --fresh   forgets what an earlier demo kept; without it everything published is still there
#
# HOSO_DEMO_PORT  first of six loopback ports (7301)
# HOSO_DEMO_DIR   where keys, stores and logs go (build/demo): an empty folder, or one of an earlier demo
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
cmake_options=(-DHOSO_TESTS=OFF)
. "$root/deploy/lib/setup.sh"

once=false
fresh=false
for option in "$@"; do
    case "$option" in
    --once) once=true ;;
    --fresh) fresh=true ;;
    *)
        sed -n '4,14s/^# \{0,1\}//p' "$0" >&2
        exit 2
        ;;
    esac
done

port=${HOSO_DEMO_PORT:-7301}
home=${HOSO_DEMO_DIR:-$root/build/demo}
mark=$home/.hoso-demo # a folder with it is a demo's, and may be emptied
bin=$root/build/release/services
hoso() {
    "$bin/hoso/hoso" "$@"
}

# The endpoints of the demo.
intake=tcp://127.0.0.1:$port
journal=tcp://127.0.0.1:$((port + 1))
ledger=tcp://127.0.0.1:$((port + 2))
reporting=tcp://127.0.0.1:$((port + 3))
totals=tcp://127.0.0.1:$((port + 4))
web=127.0.0.1:$((port + 5))
password=hoso-demo # of officer and admin, in the browser

public_key() {
    sed -n 's/^public *= *//p' "$home/keys/$1.key"
}

make_keys() {
    local name
    mkdir "$home/keys"
    chmod 700 "$home/keys"
    for name in intake aggregation reporting counter communes officer admin; do
        hoso key new "$home/keys/$name.key" >/dev/null
    done
    for name in intake aggregation reporting; do
        hoso key grant "$name" --key "$home/keys/$name.key" --role service --registry "$home/registry" >/dev/null
    done
    for name in counter communes; do
        hoso key grant "$name" --key "$home/keys/$name.key" --role source --units H27 --force --registry "$home/registry" >/dev/null
    done
    hoso key grant officer --key "$home/keys/officer.key" --role agency --units H27 --force --registry "$home/registry" >/dev/null
    hoso key grant admin --key "$home/keys/admin.key" --role admin --registry "$home/registry" >/dev/null
}

# The gateway's key, and passwords for those who may log in there; an earlier demo may have none.
make_gateway() {
    local name
    hoso key new "$home/keys/gateway.key" >/dev/null
    hoso key grant gateway --key "$home/keys/gateway.key" --role gateway --registry "$home/registry" >/dev/null
    for name in officer admin; do
        hoso key password "$name" --registry "$home/registry" <<<"$password"
    done
}

# write_service NAME LINE…: a service's configuration.
write_service() {
    local name=$1
    shift
    printf '%s\n' "key = $home/keys/$name.key" "registry = $home/registry" "$@" >"$home/$name.conf"
}

# write_keeper NAME LINE…: the same of one that keeps a store.
write_keeper() {
    local name=$1
    shift
    write_service "$name" "data = $home/$name" "any_filesystem = 1" "$@"
}

# write_client NAME LINE…: the command's configuration for one of the demo's people: reporting and live totals for all.
write_client() {
    local name=$1
    shift
    printf '%s\n' "reporting = $reporting" "reporting_key = $(public_key reporting)" "totals = $totals" \
        "key = $home/keys/$name.key" "$@" >"$home/$name.conf"
}

write_configuration() {
    write_keeper intake "listen = $intake" "journal_listen = $journal"
    write_keeper aggregation "listen = $ledger" "journal = $journal" "journal_key = $(public_key intake)"
    write_keeper reporting "listen = $reporting" "totals_listen = $totals" \
        "aggregation = $ledger" "aggregation_key = $(public_key aggregation)"
    local publishing=("intake = $intake" "intake_key = $(public_key intake)")
    write_service gateway "listen = $web" "${publishing[@]}" "reporting = $reporting" \
        "reporting_key = $(public_key reporting)" "aggregation = $ledger" "aggregation_key = $(public_key aggregation)" \
        "totals = $totals" "audit = $home/audit.log"
    write_client officer
    write_client counter "${publishing[@]}" "outbox = $home/outbox-counter"
    write_client communes "${publishing[@]}" "outbox = $home/outbox-communes"
    write_client admin "${publishing[@]}" "outbox = $home/outbox-admin" "journal = $journal" \
        "ledger = $ledger" "ledger_key = $(public_key aggregation)"
}

# Nothing is deleted but what a demo made.
prepare_home() {
    if [ -d "$home" ] && [ "$home" != "$root/build/demo" ] && [ ! -e "$mark" ] && [ -n "$(ls -A "$home")" ]; then
        say "$home is not empty and no earlier demo made it: set HOSO_DEMO_DIR to an empty folder."
        exit 2
    fi
    ! $fresh || rm -rf "$home"
    mkdir -p "$home"
    touch "$mark"
}

# Stores of an earlier version that are made anew from the journal; what was published stays.
empty_old_copies() {
    local name said
    for name in aggregation reporting; do
        said=$("$bin/$name/hoso-$name" --config "$home/$name.conf" --check 2>&1) || case $said in
            *"schema version"*) rm -rf "${home:?}/$name" ;;
        esac
    done
}

# In sessions of their own: Ctrl-C reaches this script alone, which stops them.
pids=()
start_services() {
    local name
    for name in intake aggregation reporting gateway; do
        setsid "$bin/$name/hoso-$name" --config "$home/$name.conf" 2>"$home/$name.log" &
        pids+=($!)
    done
}

# What happened in today's communes in the last month and a half, once, and from now on an event every other second. They
# have a source of their own: the counter's outbox is for whoever tries the demo.
live_pid=
publish_today() {
    local communes="--units-from $root/deploy/demo/catalogue" log=$home/communes.publish.log
    local today yesterday begin
    today=$(TZ=UTC-7 date +%F)
    yesterday=$(TZ=UTC-7 date -d yesterday +%F)
    begin=$(TZ=UTC-7 date -d '45 days ago' +%F)
    if [ ! -e "$home/recent.ndjson" ]; then
        hoso simulate random --events 6000 --days 45 --start "$begin" --until "$yesterday" $communes >"$home/recent.new"
        mv "$home/recent.new" "$home/recent.ndjson"
    fi
    hoso --config "$home/communes.conf" publish "$home/recent.ndjson" 2>>"$log"
    setsid "$bin/hoso/hoso" --config "$home/communes.conf" publish - 2>>"$log" < <(exec setsid "$bin/hoso/hoso" \
        simulate random --events 1000000 --days 15000 --start "$today" --every 2000 $communes) &
    live_pid=$!
}

stop_publishing() {
    [ -n "$live_pid" ] || return 0
    kill "$live_pid" 2>/dev/null || true
    wait "$live_pid" || true
    live_pid=
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
    trap '' INT TERM
    if [ $code -ne 0 ] && [ -d "$home" ]; then
        say "The demo failed; what the services said:"
        tail -n 5 "$home"/*.log >&2 || true
        ! grep -q 'Address already in use' "$home"/*.log || say "HOSO_DEMO_PORT=8301 $0 takes other ports."
        say "$0 --fresh starts with empty stores."
    fi
    stop_publishing
    stop_services || code=1
    [ $code -ne 0 ] || say "Stopped. Everything it left behind is in $home."
    exit $code
}

mkdir -p "$root/build"
log=$root/build/demo.log
quietly "$log" "Installing packages that are missing" install_packages $build_packages curl
quietly "$log" "Looking for Node.js" install_node
quietly "$log" "Building" build release
prepare_home
trap finish EXIT
trap 'exit 0' INT TERM
[ -d "$home/keys" ] || quietly "$log" "Making keys" make_keys
[ -e "$home/keys/gateway.key" ] || quietly "$log" "Making the gateway's key" make_gateway
write_configuration
empty_old_copies
start_services

hoso --config "$home/admin.conf" --timeout 60000 catalogue import "$root/deploy/demo/catalogue" >&2
hoso simulate golden >"$home/golden.ndjson"
position=$(hoso --config "$home/counter.conf" publish "$home/golden.ndjson" --print-position)
month="--unit H27.45 --from 2024-01-19 --to 2024-02-19"
hoso --config "$home/officer.conf" report bao-cao-thang $month --min-position "$position" --no-pager
printf '\n'
hoso --config "$home/officer.conf" report truc-tuyen $month --min-position "$position" --no-pager


# The same report over HTTP, as the page asks for it: cut for cut and figure for figure what the command prints.
over_http() {
    local cookies=$home/cookies
    curl -sS --fail-with-body --retry 30 --retry-connrefused --retry-delay 1 -o /dev/null -c "$cookies" \
        -H "Content-Type: application/json" -d "{\"name\":\"officer\",\"password\":\"$password\"}" "http://$web/v1/session"
    curl -sS --fail-with-body -b "$cookies" -o "$home/http.json" \
        "http://$web/v1/reports/truc-tuyen?unit=H27.45&from=2024-01-19&to=2024-02-19&minPosition=$position"
    hoso --config "$home/officer.conf" report truc-tuyen $month --min-position "$position" --format json >"$home/command.json"
    cmp "$home/http.json" "$home/command.json"
}
over_http
say "http://$web/v1/reports/truc-tuyen answers the same, to who logs in."

! $once || exit 0
publish_today
cat >&2 <<END

The services are running. In the browser: http://$web (officer or admin, password $password). In another terminal:

  export PATH=$bin/hoso:\$PATH HOSO_CONFIG=$home/officer.conf
  hoso report II.06a --unit H27.45 --from 2024-01-19 --to 2024-02-19
  hoso report thong-ke --unit H27 --from 2023-12-01 --to 2024-02-29 --format csv
  hoso watch --unit H27
  hoso --config $home/admin.conf status
  hoso --config $home/admin.conf verify

Ctrl-C stops them.
END
wait -n "${pids[@]}" || true
say "A service ended by itself."
exit 1
