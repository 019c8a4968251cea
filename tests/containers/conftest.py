# SPDX-License-Identifier: Apache-2.0
"""The stack of deploy/compose.yaml on the engine of run.sh, and the image's own `hoso` on the host."""
import pytest

from stack import Stack

FACTS = []


@pytest.fixture(scope="session")
def fact():
    """fact(text): something measured, printed at the end."""
    return FACTS.append


@pytest.fixture(scope="session")
def stack(fact):
    stack = Stack()
    try:
        stack.first_run()
        yield stack
    finally:
        stack.remove()


def pytest_terminal_summary(terminalreporter):
    for text in FACTS:
        terminalreporter.write_line(text)
