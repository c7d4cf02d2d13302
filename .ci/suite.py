"""
Run tests, show how far they are, and in CI give those that fail a second try: python .ci/suite.py ARGUMENTS OF TRIAL.

A real twistd and a browser on a busy machine fail now and then for reasons of their own. Where CI is set, the tests
that failed, if they are few, are run once more, one after the other. A test that passes then is named at the end and
does not fail the suite. On a developer's machine nothing is tried again.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Sequence

from progress import Progress
from why import failures

MOST = 5
"""More tests than these do not fail by accident: none of them is tried again."""

FINE = ("[SKIPPED]", "[TODO]")
"""What trial also reports at its end, and is no failure."""


def kept(lines: Iterable[str], into: list[str]) -> Iterator[str]:
    """Those lines, each of which is noted as well."""
    for line in lines:
        into.append(line.rstrip("\n"))
        yield line


def run(arguments: Sequence[str]) -> tuple[int, list[str]]:
    """Run trial: its exit status, and all that it wrote."""
    command = [sys.executable, "-m", "twisted.trial", "--reporter=bwverbose", *arguments]
    wrote: list[str] = []
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", errors="replace"
    ) as trial:
        assert trial.stdout is not None
        Progress(sys.stdout, time.monotonic).read(kept(trial.stdout, wrote))
    return trial.returncode, wrote


def failed(wrote: Sequence[str]) -> list[str]:
    """The names of the tests that failed; nothing, if something else than a test went wrong."""
    names = sorted({name for failure in failures(wrote) if failure.kind not in FINE for name in failure.tests})
    return names if all(name.count(".") > 1 for name in names) else []


def options(arguments: Sequence[str]) -> list[str]:
    """Those of trial's arguments that name no tests, and do not have tests run side by side."""
    return [each for each in arguments if each.startswith("--") and not each.startswith("--jobs")]


def main(arguments: Sequence[str]) -> int:
    """@return: the exit status."""
    status, wrote = run(arguments)
    names = failed(wrote)
    if status == 0 or not names or len(names) > MOST or "CI" not in os.environ:
        return status
    sys.stdout.write(f"\nOnce more, one after the other: {' '.join(names)}\n")
    status, _ = run([*options(arguments), *names])
    if status == 0:
        sys.stdout.write(f"\nFailed once, and passed when run again: {' '.join(names)}\n")
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
