#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Builds what the benches need, runs them against the real services on loopback, and stops everything. JSON lines on
# stdout, progress on stderr; README.md says what they mean.
#
#   tests/bench/run.sh > full.jsonl            a quarter of an hour
#   tests/bench/run.sh --quick                 a minute or two: does it work
#   tests/bench/run.sh --only acknowledge      one part: acknowledge, beside, history, even, feed
#   tests/bench/run.sh --only even --even 20000000   the even load of another size
#   tests/bench/run.sh --directory DIR         on another disk than /var/tmp's
#   tests/bench/run.sh --build DIR             with what is built there already
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
cmake_options=(-DHOSO_TESTS=ON) # the demo builds without, into the same place
. "$root/deploy/lib/setup.sh"

case " $* " in
*" --build "* | *" --help "*) ;;
*)
    install_packages $build_packages $test_packages
    build release hoso hoso-intake hoso-aggregation hoso-reporting append_bench report_bench feed_bench floor_bench even_load
    set -- --build "$root/build/release" "$@"
    ;;
esac
ulimit -n "$(ulimit -Hn)" # two hundred subscribers, several sockets and descriptors each
exec /usr/bin/python3 "$root/tests/bench/run.py" "$@"
