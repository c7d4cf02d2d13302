"""
A pidfile whose number belongs to another process by now is removed; one of a twistd that runs is left alone.
"""

from __future__ import annotations

import os
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from chatroom.daemon.pidfile import remove_stale

BOOTED = 1_000_000
TICKS = os.sysconf("SC_CLK_TCK")


class RemoveTests(SynchronousTestCase):
    """
    A pidfile with the number 77, written at 2,000 seconds, in a system with a /proc of its own.
    """

    def setUp(self) -> None:
        self.proc = Path(self.mktemp())
        self.proc.mkdir()
        (self.proc / "stat").write_text(f"cpu 1 2 3\nbtime {BOOTED}\nprocesses 5\n")
        self.pidfile = Path(self.mktemp())
        self.pidfile.write_text("77")
        os.utime(self.pidfile, (BOOTED + 2000, BOOTED + 2000))

    def process(self, command: str, started: float, name: str = "python") -> None:
        """Let process 77 run this since so many seconds after the system was booted."""
        folder = self.proc / "77"
        folder.mkdir(exist_ok=True)
        (folder / "cmdline").write_bytes(command.replace(" ", "\0").encode())
        fields = ["S", *["0"] * 18, str(int(started * TICKS)), *["0"] * 10]
        (folder / "stat").write_text(f"77 ({name}) {' '.join(fields)}\n")

    def removed(self) -> bool:
        """Whether it is removed, as is said and as is so."""
        said = remove_stale(str(self.pidfile), self.proc)
        self.assertEqual(said, not self.pidfile.exists())
        return said

    def test_another_program(self) -> None:
        """A process that is no twistd has not written it."""
        self.process("sleep 1000", 10)
        self.assertTrue(self.removed())

    def test_younger_twistd(self) -> None:
        """A twistd that was started after the file was written has not written it."""
        self.process("python bin/twistd web", 2100)
        self.assertTrue(self.removed())

    def test_our_own(self) -> None:
        """The file of a twistd that runs is left alone, also where its name holds brackets and blanks."""
        self.process("python bin/twistd chatroom", 1999.5)
        self.assertFalse(self.removed())
        self.process("python bin/twistd chatroom", 1999.5, name="a) S 1 (b")
        self.assertFalse(self.removed())

    def test_no_process(self) -> None:
        """A file of a process that is gone is twistd's to remove."""
        self.assertFalse(self.removed())

    def test_not_a_number(self) -> None:
        """What holds no number, or is no file, is left to twistd, which says so."""
        self.process("sleep 1000", 10)
        for text in ("", "hello", "-77", "77 77", "../77", "7" * 200):
            self.pidfile.write_text(text)
            self.assertFalse(self.removed())
        self.assertFalse(remove_stale("", self.proc))
        self.assertFalse(remove_stale(self.mktemp(), self.proc))
