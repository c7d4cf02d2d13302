"""
People at the other end: nc and telnet in a terminal, and programs with a bare socket.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import pexpect
import pyte
from twisted.trial.unittest import SkipTest

from tests.e2e.daemon import PATIENCE, until

HOST = "127.0.0.1"


def need(*programs: str) -> None:
    """
    Skip a test for which these are not installed.

    @raise AssertionError: instead, where CI runs, which installs them all.
    """
    missing = [program for program in programs if shutil.which(program) is None]
    if missing:
        sentence = f"Not installed here: {', '.join(missing)}"
        if os.environ.get("CI") == "true":
            raise AssertionError(sentence)
        raise SkipTest(sentence)


def close_window(terminal: Any) -> None:
    """
    Close a terminal, and see the program in it end. pexpect alone waits for fixed times, and gives up after them.

    @param terminal: a C{pexpect.spawn}.
    """
    terminal.ptyproc.fileobj.close()  # the program is sent SIGHUP
    terminal.kill(signal.SIGKILL)
    until("the end of a program whose window was closed", lambda: not terminal.isalive())
    terminal.ptyproc.delayafterclose = 0
    terminal.close()


class Person:
    """
    Somebody who has started a program in a terminal.

    @ivar raw: every byte that ever reached the terminal, its own echo included.
    """

    def __init__(self, name: str, command: Sequence[str]) -> None:
        self.name = name
        self.raw = ""
        self._screen = pyte.Screen(columns=160, lines=1000)
        self._stream = pyte.Stream(self._screen)
        self._read_to = 0
        self._terminal: Any = pexpect.spawn(
            command[0], list(command[1:]), encoding="utf-8", codec_errors="replace", dimensions=(1000, 160)
        )
        self._terminal.delaybeforesend = None

    def types(self, *lines: str) -> None:
        """Type lines, each with the Enter key."""
        for line in lines:
            self._terminal.sendline(line)

    def reads(self, text: str, seconds: float = PATIENCE) -> None:
        """
        Wait until this stands on the screen, below what was waited for before.

        @raise AssertionError: it did not come, with all that is on the screen.
        """
        while (found := self.raw.find(text, self._read_to)) < 0:
            if not self._receive(seconds):
                raise AssertionError(f"{self.name} did not read {text!r}, but:\n{self.raw[self._read_to :][-3000:]}")
        self._read_to = found + len(text)

    def is_disconnected(self) -> None:
        """
        Wait until the program has ended, because the connection was closed. nc finds out when it has something to
        send, so the Enter key is pressed as well.
        """

        def ended() -> bool:
            if not self._receive(0.2) and self._terminal.isalive():
                with suppress(OSError):  # it ended just now
                    self.types("")
            return not self._terminal.isalive()

        until(f"the end of {self.name}'s connection", ended)

    def settle(self, seconds: float = 0.2) -> None:
        """Read on until nothing has come for so long."""
        while self._receive(seconds):
            pass

    def has_read(self, text: str) -> bool:
        """Whether this has ever stood on the screen."""
        return text in self.raw

    def screen(self) -> list[str]:
        """What a terminal with endless lines shows, down to the last line with anything in it."""
        rows = (self._screen.buffer[row] for row in range(self._screen.cursor.y + 1))
        lines = ("".join(row[column].data for column in range(self._screen.columns)).rstrip() for row in rows)
        return "\n".join(lines).rstrip("\n").split("\n")

    def closes(self) -> None:
        """Close the terminal window, without a goodbye."""
        close_window(self._terminal)

    def _receive(self, seconds: float) -> bool:
        """Take what has come, or comes within so many seconds. False: nothing, or the end."""
        try:
            text = self._terminal.read_nonblocking(65536, timeout=seconds)
        except (pexpect.TIMEOUT, pexpect.EOF):
            return False
        self.raw += text
        self._stream.feed(text)
        return True


def nc(name: str, port: int) -> Person:
    """Somebody with nc in a terminal, who is asked for a nickname."""
    return _asked(Person(name, ["nc", HOST, str(port)]))


def telnet(name: str, port: int) -> Person:
    """Somebody with telnet in a terminal, who is asked for a nickname."""
    return _asked(Person(name, ["telnet", HOST, str(port)]))


def _asked(person: Person) -> Person:
    person.reads("What is your nickname?")
    return person


class Peer:
    """
    A program with a socket, which sends and reads bytes as it likes.

    @ivar received: all bytes that have come so far.
    """

    def __init__(self, port: int, source: str = HOST, buffer: int | None = None) -> None:
        """
        @param source: the address it comes from.
        @param buffer: how many bytes may wait unread in the system.
        """
        self.received = b""
        self._read_to = 0
        self._socket = socket.socket()
        if buffer is not None:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        self._socket.settimeout(PATIENCE)
        self._socket.bind((source, 0))
        self._socket.connect((HOST, port))

    def sends(self, data: bytes) -> None:
        """
        All of it.

        @raise OSError: the other side has closed the connection.
        """
        self._socket.sendall(data)

    def sends_urgently(self, byte: bytes) -> None:
        """One byte as urgent data, as telnet's synch does."""
        self._socket.send(byte, socket.MSG_OOB)

    def sends_in_any_case(self, data: bytes) -> None:
        """As much of it as the other side takes: it may close the connection, and what it said is still read."""
        with suppress(BrokenPipeError, ConnectionResetError):
            self._socket.sendall(data)

    def sends_no_more(self) -> None:
        """Close its half of the connection, as C{nc -N} does at the end of its input."""
        self._socket.shutdown(socket.SHUT_WR)

    def reads(self, text: bytes) -> None:
        """Wait until this has come, at any time."""
        while text not in self.received:
            if not self._receive():
                raise AssertionError(f"The connection was closed, and {text!r} not in {self.received[-2000:]!r}")

    def reads_next(self, text: bytes) -> None:
        """Wait until this has come, behind what was waited for in this way before."""
        while (found := self.received.find(text, self._read_to)) < 0:
            if not self._receive():
                raise AssertionError(f"The connection was closed, and {text!r} not in {self.received[-2000:]!r}")
        self._read_to = found + len(text)

    def reads_line(self) -> bytes:
        """The next line."""
        while b"\n" not in self.received[self._read_to :]:
            if not self._receive():
                raise AssertionError(f"The connection was closed after {self.received[-2000:]!r}")
        start, self._read_to = self._read_to, self.received.index(b"\n", self._read_to) + 1
        return self.received[start : self._read_to]

    def reads_to_the_end(self) -> bytes:
        """All that comes until the other side closes the connection."""
        while self._receive():
            pass
        return self.received

    def reads_what_is_there(self) -> None:
        """All that has come by now, and forget it."""
        self._socket.setblocking(False)
        with suppress(BlockingIOError):
            while self._socket.recv(1 << 20):
                pass
        self._socket.settimeout(PATIENCE)
        self.received, self._read_to = b"", 0

    def _receive(self) -> bool:
        try:
            data = self._socket.recv(1 << 20)
        except TimeoutError:
            raise AssertionError(f"Nothing came for {PATIENCE:.0f} seconds after {self.received[-2000:]!r}") from None
        except ConnectionResetError:
            return False
        self.received += data
        return bool(data)

    def close(self) -> None:
        """Hang up."""
        self._socket.close()
