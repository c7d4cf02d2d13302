"""
Say in few lines why a step of .ci/run failed: python .ci/why.py STEP FILE, with what the step wrote in FILE.

Whoever reads a long log sees its end first, and sometimes only that. So the tests that failed are named once more,
each with the place and the sentence of its failure; where trial has reported none, the last lines are repeated.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

MOST = 50
"""Lines in all."""

LEAST = 4
"""Lines for each test, if they are named at all."""

LONGEST = 300
"""Letters of a line."""

RULE = "=" * 79
END = "-" * 79


class Failure(NamedTuple):
    """
    @ivar suite: whose suite it was: C{Python 3.12}, or nothing.
    @ivar kind: C{[FAIL]}, C{[ERROR]}.
    @ivar tests: which, one or more.
    @ivar report: all that trial says of it.
    """

    suite: str
    kind: str
    tests: Sequence[str]
    report: Sequence[str]


def failures(lines: Sequence[str]) -> Iterator[Failure]:
    """What trial has reported, in its order."""
    suite, start = "", None
    for number, line in enumerate(lines):
        if start is not None and line in (RULE, END):
            yield failure(suite, lines[start:number])
            start = None
        if line == RULE:
            start = number + 1
        elif start is None and (named := re.match(r"Python \d+\.\d+(?=: )", line)):
            suite = named.group()
    if start is not None:
        yield failure(suite, lines[start:])


def failure(suite: str, block: Sequence[str]) -> Failure:
    """One, from the lines between two rules: its kind, a traceback, an empty line, the tests."""
    body = list(block)
    while body and not body[-1]:
        body.pop()
    tests: list[str] = []
    while body and re.fullmatch(r"[\w.<>-]+", body[-1]):
        tests.insert(0, body.pop())
    kind = body.pop(0) if body else "[?]"
    return Failure(suite, kind, tests or ["(unnamed)"], [line for line in body if line])


def gist(report: Sequence[str], most: int) -> list[str]:
    """The last place in the tests, and what was wrong there: the beginning of it, if it is long."""
    places = [number for number, line in enumerate(report) if line.startswith("  File ")]
    message = list(report[places[-1] + 1 :] if places else report)
    while message and message[0].startswith("    "):
        message.pop(0)
    ours = [report[number] for number in places if "tests" in report[number]]
    return [*ours[-1:], *(message or report[-most:])][:most]


def why(lines: Sequence[str]) -> list[str]:
    """At most L{MOST} lines."""
    found = list(failures(lines))
    if not found:
        return list(lines[-MOST:])
    shown = found[: MOST // (LEAST + 1)]
    share = max(LEAST, MOST // len(shown) - 1)
    said = []
    for each in shown:
        where = f" on {each.suite}" if each.suite else ""
        more = f" and {len(each.tests) - 1} more" if len(each.tests) > 1 else ""
        said += [f"{each.kind} {each.tests[0]}{more}{where}", *gist(each.report, share - 1)]
    if len(found) > len(shown):
        said.append(f"... and {len(found) - len(shown)} more failures")
    return said


def short(line: str) -> str:
    """Its beginning and its end."""
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 100]} ... {line[-100:]}"


if __name__ == "__main__":
    step, path = sys.argv[1:]
    wrote = Path(path).read_text(encoding="utf-8", errors="replace").splitlines()
    sys.stdout.write(f"What failed in {step}, once more:\n")
    sys.stdout.write("".join(f"{short(line)}\n" for line in why(wrote)))
