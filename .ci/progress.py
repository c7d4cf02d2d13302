"""
Show how far trial is: trial --reporter=bwverbose ... | python .ci/progress.py.

Trial names thousands of tests that pass. This counts them instead, in one line that is written anew on a terminal, and
in a line for each tenth of them elsewhere. What does not pass is named at once. All that trial says at the end is
passed on as it is.
"""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Callable, Iterable
from typing import TextIO

BEGIN = re.compile(r"Running (\d+) tests?\.")
DONE = re.compile(r".*\[(OK|FAILURE|FAIL|ERROR|SKIPPED|TODO|SUCCESS!\?!)\]")
RULE = "=" * 79
END = "-" * 79
SOME = 500
"""Trial says how many tests there are only where it runs them side by side. Elsewhere there is a line for so many."""

FINE = frozenset(["OK", "SKIPPED", "TODO"])


class Progress:
    """Counts results, and writes where they stand."""

    def __init__(self, out: TextIO, clock: Callable[[], float]) -> None:
        """@param clock: seconds, from any moment on."""
        self._out = out
        self._clock = clock
        self._began = clock()
        self._total = self._done = self._tenths = self._wrong = 0
        self._ended = False

    def read(self, lines: Iterable[str]) -> None:
        """All that trial writes."""
        for line in lines:
            self._read(line.rstrip("\n"))

    def _read(self, line: str) -> None:
        if self._ended:
            self._out.write(line + "\n")
        elif line in (RULE, END):
            self._ended = True
            self._out.write(f"{self._wiped()}{line}\n")
        elif began := BEGIN.fullmatch(line):
            self._total = int(began[1])
            self._out.write(line + "\n")
        elif done := DONE.fullmatch(line):
            self._count(line, done[1])
        elif line:
            self._out.write(f"{self._wiped()}{line}\n")
        self._out.flush()

    def _count(self, line: str, result: str) -> None:
        self._done += 1
        if result not in FINE:
            self._wrong += 1
            self._out.write(f"{self._wiped()}{line}\n")
        tenths = 10 * self._done // self._total if self._total else self._done // SOME
        if self._out.isatty():
            self._out.write("\r" + self._where())
        elif tenths > self._tenths:
            self._out.write(self._where() + "\n")
        self._tenths = tenths

    def _where(self) -> str:
        wrong = f", {self._wrong} failed" if self._wrong else ""
        total = f" of {self._total:,}" if self._total else ""
        return f"{self._done:,}{total} tests after {self._clock() - self._began:.0f} s{wrong}"

    def _wiped(self) -> str:
        return "\r\033[K" if self._out.isatty() else ""


if __name__ == "__main__":
    Progress(sys.stdout, time.monotonic).read(sys.stdin)
