#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The container `demo` of deploy/compose.demo.yaml: publishes the month of Cẩm Xuyên and prints its report and what each
# commune received online.
set -eu
hoso --config /etc/hoso/admin.conf --timeout 60000 catalogue import /catalogue >&2
position=$(hoso simulate golden | hoso --config /etc/hoso/counter.conf publish - --print-position)
for form in bao-cao-thang truc-tuyen; do
    hoso --config /etc/hoso/officer.conf report "$form" --unit H27.45 --from 2024-01-19 --to 2024-02-19 \
        --min-position "$position"
done
