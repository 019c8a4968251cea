#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Makes the page in the browser into build/web/web_assets.c, for a build where there is no npm: the image of
# deploy/container is built from it. Without changes to the page it needs to be run once.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
. "$root/deploy/lib/setup.sh"
install_node
mkdir -p "$root/build/web"
cd "$root/services/gateway/web"
[ node_modules/.package-lock.json -nt package-lock.json ] || npm_install
node build.mjs "$root/build/web" >&2
