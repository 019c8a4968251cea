#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Asks reporting, from the proto files alone, and prints tables.

usage: report.py CLIENT.CONF report FORM UNIT FROM TO [POSITION]     dates YYYY-MM-DD, inclusive; POSITION: of a publisher
       report.py CLIENT.CONF forms
       report.py CLIENT.CONF units [UNIT [DAY]]     today's tree, or a day's
       report.py CLIENT.CONF status
       protoc -I proto --python_out=examples/python proto/hoso/v1/*.proto          once, before
"""
import sys

from hoso.v1 import common_pb2, ledger_pb2, reporting_pb2 as pb
from link import Link


def print_table(heads, rows):
    """The first column to the left, the others to the right."""
    rows = [[str(cell) for cell in row] for row in [heads, *rows]]
    widths = [max(map(len, column)) for column in zip(*rows)]
    for row in rows:
        print("  ".join(f"{cell:<{width}}" if n == 0 else f"{cell:>{width}}"
                        for n, (cell, width) in enumerate(zip(row, widths))).rstrip())


def cell_text(cell):
    kind = cell.WhichOneof("value")                       # neither in a heading
    return cell.ratio.text if kind == "ratio" else f"{cell.number:,}".replace(",", ".") if kind else ""


def report(link, form, unit, begin, end, cut="0@0"):
    """A form made of sentences has them in the rows' texts, other forms a table."""
    position, incarnation = map(int, cut.split("@"))       # as publish.py prints it
    answer = link.ask(run_report=pb.RunReportRequest(form=form, unit=unit, period=ledger_pb2.Period(**{"from": begin, "to": end}),
                                                     min_position=position, min_incarnation=incarnation, wait_ms=4000))
    print(answer.title, answer.unit_name, sep="\n")
    if any(row.text for row in answer.rows):
        print(*(row.text for row in answer.rows if row.text), sep="\n")
    else:
        print_table(["", *(column.label for column in answer.columns)],
                    [["  " * row.level + row.label, *map(cell_text, row.cells)] for row in answer.rows])
    for check in answer.checks:
        if not check.ok:
            print("!", check.text)                        # never seen so far: the numbers do not balance
    print(f"position {answer.cut.position} of journal {answer.cut.incarnation}")
    return all(check.ok for check in answer.checks)


def forms(link):
    print_table(["form", "title"], [[line.form, line.title] for line in link.ask(list_forms=pb.ListFormsRequest()).forms])
    return True


def units(link, unit="", day=""):
    lines = link.ask(list_units=pb.ListUnitsRequest(unit=unit, at=day)).units
    print_table(["unit", "name"], [["  " * line.depth + line.unit.id, line.unit.name] for line in lines])
    return True


def status(link):
    answer = link.ask(status=common_pb2.StatusRequest())
    print_table([f"{answer.service} {answer.version}", answer.cut.position],
                [[gauge.name, gauge.value] for gauge in answer.gauges])
    return True


def main(config, command, *arguments):
    commands = {each.__name__: each for each in (report, forms, units, status)}
    link = Link(config, "reporting", pb.ReportingRequest, pb.ReportingReply)
    sys.exit(0 if commands[command](link, *arguments) else 1)


if __name__ == "__main__":
    main(*sys.argv[1:]) if len(sys.argv) > 2 else sys.exit(__doc__)
