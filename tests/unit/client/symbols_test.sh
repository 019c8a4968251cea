#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# symbols_test.sh libhoso.so: the library's only symbols are hoso_*, every function of its headers is one of them, and it needs
# no library that only a service needs.
set -eu
headers=$(dirname "$0")/../../../common/client
exported=$(nm -D --defined-only "$1" | awk '$2 != "A" {sub(/@.*/, "", $3); print $3}' | sort)
declared=$(cat "$headers/hoso.h" "$headers/hoso_events.h" "$headers/hoso_period.h" "$headers/hoso_read.h" "$headers/hoso_report.h" "$headers/hoso_series.h" "$headers/hoso_watch.h" | tr '\n' ' ' |
    grep -o 'HOSO_API [^;(]*(' | grep -o 'hoso_[a-z_]*(' | tr -d '(' | sort)
[ "$exported" = "$declared" ] || {
    printf 'exported:\n%s\n\ndeclared:\n%s\n' "$exported" "$declared" >&2
    exit 1
}
! readelf -d "$1" | grep 'NEEDED.*microhttpd' >&2
