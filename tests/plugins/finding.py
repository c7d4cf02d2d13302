"""
Plugins that are looked for, and what is said of those that are broken.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from textwrap import dedent
from types import ModuleType

from twisted.logger import ILogObserver, LogEvent, LogLevel, capturedLogs, formatEvent, globalLogPublisher
from twisted.trial.unittest import SynchronousTestCase
from zope.interface import implementer

from chatroom.interfaces import ICommand
from chatroom.plugins.find import find

OLD, NEW = 1_000_000_000, 4_000_000_000
"""Moments long before and long after every test, for the times of files."""


@contextmanager
def warnings() -> Iterator[list[str]]:
    """What is logged as a warning or worse while this lasts, a sentence each."""
    sentences: list[str] = []
    with capturedLogs() as events:
        yield sentences
    sentences += [formatEvent(event) for event in events if _is_bad(event)]


def _is_bad(event: LogEvent) -> bool:
    level = event.get("log_level")
    return level is not None and level >= LogLevel.warn


class Finding(SynchronousTestCase):
    """
    A folder of plugins of our own, as if packages had been installed into it.
    """

    def setUp(self) -> None:
        """A package nobody else has, found on the path until the test is over."""
        self.top = Path(self.mktemp())
        name = "words_" + "".join(c for c in self.top.name if c.isalnum()).lower()
        self.folder = self.top / name
        self.folder.mkdir(parents=True)
        (self.folder / "__init__.py").write_text("")
        self.name = name
        self.patch(sys, "path", [str(self.top.resolve()), *sys.path])
        self.patch(sys, "dont_write_bytecode", True)
        self.addCleanup(self.forget)

    def forget(self) -> None:
        """As at the start of a new process."""
        for module in [m for m in sys.modules if m.partition(".")[0] == self.name]:
            del sys.modules[module]
        importlib.invalidate_caches()

    def install(self, file: str, source: str, at: int = NEW) -> str:
        """Put a plugin file there, of this age; returns its path."""
        path = self.folder / file
        path.write_text(dedent(source))
        os.utime(path, (at, at))
        return str(path.resolve())

    @property
    def package(self) -> ModuleType:
        """The package, imported anew after L{forget}."""
        return importlib.import_module(self.name)

    def restart(self) -> dict[str, ICommand]:
        """What a daemon that starts now finds."""
        self.forget()
        return find(self.package)


def logged(case: SynchronousTestCase) -> list[str]:
    """What is logged as a warning or worse from now on, a sentence each, until the test is over."""
    sentences: list[str] = []

    @implementer(ILogObserver)
    def observe(event: LogEvent) -> None:
        if _is_bad(event):
            sentences.append(formatEvent(event))

    globalLogPublisher.addObserver(observe)
    case.addCleanup(globalLogPublisher.removeObserver, observe)
    return sentences
