#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Publishes events over HTTP with curl: publish.sh URL FILE, the token in $HOSO_TOKEN. FILE has one event a line
# (hoso-events(5)), at most 4,096 and 4 MiB. Prints what the gateway answers: a result for each event.
#
# Safe to repeat: what was taken before is a duplicate and counts once. So after a failure send the whole again.
set -eu
url=$1 file=$2

until answer=$(printf 'header = "Authorization: Bearer %s"\n' "$HOSO_TOKEN" |
    curl --config - --silent --show-error --max-time 60 --write-out '\n%{http_code}' \
        --header 'Content-Type: application/x-ndjson' --data-binary "@$file" "$url/v1/events") &&
    [ "${answer##*
}" != 503 ]; do
    echo "not taken yet; sending the same again in 5 s" >&2
    sleep 5
done
printf '%s\n' "${answer%
*}"
[ "${answer##*
}" = 200 ]
