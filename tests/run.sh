#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Installs what the tests need, builds, and passes all of them: format and lint, C tests under sanitizers, then the real
# services under the property, service and end-to-end tests.
#
#   tests/run.sh             everything
#   tests/run.sh lint        clang-format, tidy, clang-tidy
#   tests/run.sh unit        C tests with ASan and UBSan
#   tests/run.sh tsan        not part of everything: C tests with ThreadSanitizer
#   tests/run.sh services    Python tests against release binaries, then a short round against sanitized ones
#   tests/run.sh browser     the page in the browser: its parts, then Debian's chromium against the real services
#   tests/run.sh bench       the benches on little data: do they work
#   tests/run.sh faults      of everything only a short round of kills, failing calls and power cuts. Rounds that say how much
#                            was lost, doubled or wrong: services killed, the n-th write, sync and malloc failing, the power
#                            cut, full disks, damage, hostile peers, restores, an hour's load; subscribers behind a network
#                            that fails, and by the thousand while reporting runs under valgrind; names that no server
#                            answers. As root. One kind: faults kill|nth|power|soak [N], tests/faults/rounds.py
#   tests/run.sh http [N]    not part of everything: N (20000) requests generated from docs/openapi.yaml, and as many malformed
#                            ones, to a gateway under sanitizers beside 2,000 idle connections and slow ones; briefly in services
#   tests/run.sh fuzz [S]    every parser of bytes from outside, S seconds each (10): ten minutes each is `fuzz 600`; what
#                            is found and what is learnt stays in build/fuzz-corpus
#   tests/run.sh demo        not part of everything: deploy/demo.sh as a newcomer meets it; it builds into build/release
#   tests/run.sh containers  not part of everything: image and compose file on a Docker engine of its own, as root
#   tests/run.sh fresh       not part of everything: deploy/demo.sh on a Debian that has nothing; as root
#   tests/run.sh packages    not part of everything: the .deb packages in a Debian of their own: installed, run, upgraded,
#                            removed, purged; as root
#
# HOSO_EXAMPLES  random histories of the recount (150); thousands make a long run
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
cmake_options=(-DHOSO_TESTS=ON) # the demo builds without, into the same place
. "$root/deploy/lib/setup.sh"
python=/usr/bin/python3

sources() {
    git -C "$root" ls-files '*.c' '*.h'
}

run_lint() {
    say "Formatting"
    (cd "$root" && sources | xargs clang-format --dry-run --Werror)
    say "Tidy"
    "$python" "$root/tests/tidy/tidy.py" "$root"
    say "clang-tidy"
    build lint hoso_proto hoso_language # what clang-tidy reads besides the sources
    (cd "$root" && sources | grep -E '^(common|services)/.*\.c$' |
        xargs -P "$(nproc)" -n 8 clang-tidy -p build/lint --quiet 2>/dev/null)
}

# c_tests PRESET
c_tests() {
    build "$1"
    ctest --test-dir "$root/build/$1" --output-on-failure -j "$(nproc)"
}

# python_tests PRESET PATH…: pytest against the binaries of one preset. Tests wait more than they work, so twice as many
# files run at once as there are processors.
python_tests() {
    local preset=$1
    shift
    (cd "$root" && HOSO_BIN="$root/build/$preset/services" "$python" -m pytest -q -p no:cacheprovider \
        -n "$((2 * $(nproc)))" --dist loadfile "$@")
}

run_services() {
    build release
    python_tests release tests/property tests/conformance tests/service tests/field tests/end_to_end
    build dev
    # Not what is about documents and packing, and runs the same code as others do.
    local apart=(documents examples guide http_examples kubernetes metrics packing settings doctor)
    apart=("${apart[@]/#/--ignore=tests/service/test_}")
    HOSO_EXAMPLES=${HOSO_EXAMPLES_SANITIZED:-25} python_tests dev tests/property/test_recount.py tests/service "${apart[@]/%/.py}"
}

# npm_packages FOLDER: what its package-lock.json names; without the network once npm has them.
npm_packages() {
    (cd "$1" && { [ node_modules/.package-lock.json -nt package-lock.json ] || npm_install; })
}

run_browser() {
    install_node
    install_packages chromium fonts-liberation
    npm_packages "$root/services/gateway/web"
    npm_packages "$root/tests/browser"
    npm_packages "$root/tests/openapi"
    say "docs/openapi.yaml"
    (cd "$root/tests/openapi" && npx --no-install spectral lint --ruleset spectral.yaml --fail-severity warn "$root/docs/openapi.yaml")
    say "The page: types"
    (cd "$root/services/gateway/web" && npm run --silent check)
    say "The page: its parts"
    (cd "$root/tests/browser" && node --test parts.test.mjs)
    build release
    say "The page in the browser"
    (cd "$root" && HOSO_BIN="$root/build/release/services" "$python" -m pytest -q -p no:cacheprovider tests/browser)
}

run_bench() {
    say "Benches, on little data"
    "$root/tests/bench/run.sh" --quick
}

# A finding ends the round; its input is in build/fuzz-corpus.
run_fuzz() {
    local corpus="$root/build/fuzz-corpus" target name leaks
    cmake -S "$root" -B "$root/build/fuzz" -G Ninja -DCMAKE_C_COMPILER=clang -DHOSO_FUZZ=ON -DHOSO_WEB=OFF \
        -DHOSO_SANITIZE=fuzzer-no-link,address,undefined >"$root/build/fuzz.log"
    cmake --build "$root/build/fuzz" --target fuzzers >>"$root/build/fuzz.log"
    for target in "$root"/build/fuzz/tests/fuzz/*_fuzz; do
        name=$(basename "$target" _fuzz)
        leaks=1
        [ "$name" != docx ] || leaks=0 # libarchive 3.6 does not free a writer that failed
        mkdir -p "$corpus/$name"
        say "Fuzzing: $name, $1 s"
        ASAN_OPTIONS=detect_leaks=$leaks "$target" -max_total_time="$1" -max_len=8192 -verbosity=0 \
            -detect_leaks=$leaks -artifact_prefix="$corpus/$name-" "$corpus/$name" "$root/tests/fuzz/seeds/$name" >"$corpus/$name.log" 2>&1 || {
            tail -n 40 "$corpus/$name.log" >&2
            return 1
        }
    done
}

run_demo() {
    say "The demo"
    (cd "$root" && "$python" -m pytest -q -p no:cacheprovider tests/demo)
}

# fault_rounds KIND [N]
fault_rounds() {
    HOSO_BIN="$root/build/release/services" "$python" "$root/tests/faults/rounds.py" "$@"
}

run_short_faults() {
    build release
    say "Rounds of faults"
    fault_rounds kill 20
    fault_rounds nth 300
    if unshare --mount true 2>/dev/null && losetup -f >/dev/null 2>&1 && { grep -qw xfs /proc/filesystems || modprobe -q xfs; }; then
        install_packages xfsprogs
        fault_rounds power 5
    else
        say "Power cuts: left out, this machine lets nobody mount a file system of its own"
    fi
}

# run_faults [KIND [N]]
run_faults() {
    install_packages valgrind iproute2 xfsprogs
    build release
    local HOSO_BIN="$root/build/release/services"
    export HOSO_BIN
    if [ $# -gt 0 ]; then
        fault_rounds "$@"
        return
    fi
    fault_rounds kill 1000
    fault_rounds nth 5
    fault_rounds power 100
    say "Full disks and maps, damage, hostile peers, backups and restores"
    (cd "$root/tests/service" && "$python" -m pytest -q -p no:cacheprovider test_failed_commit.py test_damage.py test_floods.py \
        test_limits.py test_backup.py test_rights.py test_totals_rights.py)
    fault_rounds soak 3600
    say "A network that fails"
    "$python" "$root/tests/faults/feed_network.py"
    say "Names that no server answers"
    "$python" "$root/tests/faults/names.py"
    say "Subscribers that come and go"
    "$python" "$root/tests/faults/feed_churn.py"
}

install_packages $build_packages $test_packages
install_node
case "${1:-all}" in
lint) run_lint ;;
unit) c_tests dev ;;
tsan) c_tests tsan ;;
services) run_services ;;
browser) run_browser ;;
bench) run_bench ;;
fuzz) run_fuzz "${2:-10}" ;;
demo) run_demo ;;
faults) run_faults "${@:2}" ;;
fresh) exec "$root/tests/demo/fresh.sh" ;;
http)
    build dev
    HOSO_EXAMPLES=${2:-20000} python_tests dev tests/service/test_gateway_fuzz.py
    ;;
packages) exec "$root/tests/packages/run.sh" ;;
containers | --containers) exec "$root/tests/containers/run.sh" ;;
all)
    run_lint
    c_tests dev
    run_services
    run_browser
    run_bench
    run_short_faults
    run_fuzz 2
    say "All tests passed."
    ;;
*)
    sed -n '4,/^set/s/^# \{0,1\}//p' "$0" >&2
    exit 2
    ;;
esac
