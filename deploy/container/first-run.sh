#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Makes what deploy/compose.yaml or the units in deploy/systemd need, once: keys, registry and configuration. What is there
# already is left alone, so it can be run again at any time, also after it was interrupted.
#
#   hoso-first-run DIR            keys and configuration of the four services and of an administrator
#   hoso-first-run DIR --demo     also a counter and an officer of the province H27, for the demo
#   hoso-first-run DIR --systemd  for services without containers; DIR is /etc/hoso
#
# Afterwards DIR has
#   keys/NAME.key                 secret; keep a copy of this folder elsewhere
#   registry/registry             which public key may do what; changed with `hoso key grant` and `hoso key revoke`
#   intake.conf …                 the services' configuration
#   NAME.conf                     for the command `hoso` on this host
#   inside/NAME.conf              for the command `hoso` in a container
#   backup                        where containers put backups, until HOSO_BACKUP names a better place
#
# Run as root it gives the keys to those who need them: user 10001, as whom the containers run, or the units' users.
# $HOSO is the command hoso (hoso).
set -eu
umask 022
hoso=${HOSO:-hoso}
services="intake aggregation reporting gateway"
owner=10001

usage() {
    sed -n '4,20s/^# \{0,1\}//p' "$0" >&2
    exit 2
}

if [ $# -lt 1 ] || [ $# -gt 2 ]; then
    usage
fi
directory=$1
case $directory in -*) usage ;; esac
people="admin"
containers=true
case ${2:-} in
"") ;;
--demo) people="admin counter officer" ;;
--systemd) containers=false ;;
*) usage ;;
esac

# Where the services listen, and how they find each other.
if $containers; then
    listen=0.0.0.0 intake_host=intake aggregation_host=aggregation reporting_host=reporting
else
    listen=127.0.0.1 intake_host=127.0.0.1 aggregation_host=127.0.0.1 reporting_host=127.0.0.1
fi

make_key() {
    [ -e "$directory/keys/$1.key" ] || "$hoso" key new "$directory/keys/$1.key" >/dev/null
}

public_key() {
    sed -n 's/^public *= *//p' "$directory/keys/$1.key"
}

# grant NAME ROLE [UNITS]
grant() {
    registry=$directory/registry/registry
    if [ ! -e "$registry" ]; then
        : >"$registry"
    fi
    grep -q "^\[$1\]" "$registry" || "$hoso" key grant "$1" --key "$directory/keys/$1.key" --role "$2" \
        ${3:+--units "$3" --force} --registry "$registry" >&2
}

# write_file NAME LINE…: whole or not at all, and only if it is not there.
write_file() {
    file=$directory/$1
    shift
    if [ ! -e "$file" ]; then
        printf '%s\n' "$@" >"$file.new"
        mv "$file.new" "$file"
    fi
}

# write_service NAME LINE…
write_service() {
    name=$1
    shift
    if $containers; then
        write_file "$name.conf" "key = /run/secrets/$name" "registry = /etc/hoso/registry/registry" "$@"
    else
        write_file "$name.conf" "key = $directory/keys/$name.key" "registry = $directory/registry/registry" "$@"
    fi
}

# data_of NAME: where a service that keeps something keeps it.
data_of() {
    if $containers; then
        printf '/data'
    else
        printf '/var/lib/hoso-%s' "$1"
    fi
}

# write_client FILE HOST_OF_INTAKE HOST_OF_REPORTING LINE…
write_client() {
    file_name=$1 host=$2 other=$3
    shift 3
    write_file "$file_name" "$@" "intake = tcp://$host:7301" "intake_key = $(public_key intake)" \
        "reporting = tcp://$other:7304" "reporting_key = $(public_key reporting)" "totals = tcp://$other:7305"
}

# The endpoints that are not for the outside, as lines of a client's configuration.
private_endpoints() {
    printf '%s\n' "journal = tcp://$intake_host:7302" "ledger = tcp://$aggregation_host:7303" \
        "ledger_key = $(public_key aggregation)"
}

# write_person NAME: from the host, containers' private endpoints are out of reach.
write_person() {
    if $containers; then
        write_client "inside/$1.conf" intake reporting "key = /run/secrets/$1" "outbox = /data/outbox" \
            "$(private_endpoints)"
        write_client "$1.conf" 127.0.0.1 127.0.0.1 "key = keys/$1.key" "outbox = outbox-$1"
    else
        write_client "$1.conf" 127.0.0.1 127.0.0.1 "key = keys/$1.key" "outbox = outbox-$1" "$(private_endpoints)"
    fi
}

mkdir -p "$directory/keys" "$directory/registry"
if $containers; then
    mkdir -p "$directory/inside"
    mkdir -p -m 700 "$directory/backup"
fi
chmod 711 "$directory/keys"
for name in $services $people; do
    make_key "$name"
done
for name in intake aggregation reporting; do
    grant "$name" service
done
grant gateway gateway
grant admin admin
write_service intake "data = $(data_of intake)" "listen = tcp://$listen:7301" "journal_listen = tcp://$listen:7302" "http_listen = $listen:7311"
write_service aggregation "data = $(data_of aggregation)" "listen = tcp://$listen:7303" "journal = tcp://$intake_host:7302" \
    "journal_key = $(public_key intake)" "http_listen = $listen:7313"
write_service reporting "data = $(data_of reporting)" "listen = tcp://$listen:7304" "totals_listen = tcp://$listen:7305" \
    "aggregation = tcp://$aggregation_host:7303" "aggregation_key = $(public_key aggregation)" \
    "http_listen = $listen:7314"
write_service gateway "listen = $listen:7306" "intake = tcp://$intake_host:7301" "intake_key = $(public_key intake)" \
    "reporting = tcp://$reporting_host:7304" "reporting_key = $(public_key reporting)" \
    "totals = tcp://$reporting_host:7305" "audit = $(data_of gateway)/audit.log" "http_listen = $listen:7316"
case $people in *counter*)
    grant counter source H27
    grant officer agency H27
    ;;
esac
for name in $people; do
    write_person "$name"
done
if [ "$(id -u)" -ne 0 ]; then
    exit 0
elif $containers; then
    chown -R "$owner:$owner" "$directory/keys" "$directory/registry"
    chown "$owner:$owner" "$directory/backup"
else
    for name in $services; do
        chown "hoso-$name:" "$directory/keys/$name.key"
    done
fi
