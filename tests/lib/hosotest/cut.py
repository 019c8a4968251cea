# SPDX-License-Identifier: Apache-2.0
"""A point of one journal, as the command prints it and as requests want it."""


class Cut(int):
    """The position as a number, which knows its journal; as text POSITION@INCARNATION."""

    def __new__(cls, position, incarnation):
        cut = super().__new__(cls, position)
        cut.incarnation = incarnation
        return cut

    @classmethod
    def parse(cls, text):
        return cls(*map(int, text.strip().split("@")))

    def __add__(self, more):
        return Cut(int(self) + more, self.incarnation)

    def __str__(self):
        return f"{int(self)}@{self.incarnation}"
