"""
How a connection is watched by the reactor: when it is listened to, and when notifications wait unread.
"""

from __future__ import annotations

import os
from collections.abc import Generator
from typing import Any

from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase

from tests.e2e import postgres as running


class Watching:
    """
    A reactor, as far as it watches.

    @ivar reads: what it would call when there is something to read.
    """

    def __init__(self) -> None:
        self.reads: set[object] = set()

    def addReader(self, reader: object) -> None:  # noqa: N802
        """Watch."""
        self.reads.add(reader)

    def removeReader(self, reader: object) -> None:  # noqa: N802
        """Watch no more."""
        self.reads.discard(reader)

    addWriter = removeWriter = removeReader  # noqa: N815


class RestTests(SynchronousTestCase):
    """A connection that rests is not read, unless something was asked on it."""

    def setUp(self) -> None:
        """Something is connected, and listened to."""
        running.skip_or_fail()
        from chatroom.backends.postgres.reactor import READ, Socket

        self.read = READ
        self.reactor = Watching()
        near, far = os.pipe()
        self.socket = Socket(self.reactor)  # type: ignore[arg-type]
        self.socket._move(near)
        for number in (near, far, self.socket.fileno()):
            self.addCleanup(os.close, number)
        self.noticed = 0
        self.socket.listen(self.notice)

    def notice(self) -> None:
        """Something has come that nobody asked for."""
        self.noticed += 1

    def is_watched(self) -> bool:
        """Whether the reactor would read from it."""
        return self.socket in self.reactor.reads

    def ask(self) -> Deferred[Any]:
        """Ask for something, whose answer is there when the connection is read once."""

        def waits() -> Generator[int, int, str]:
            yield self.read
            return "answer"

        return self.socket.run(waits())

    def test_rest(self) -> None:
        """While it rests, the reactor does not read it; then it is read at once, as nobody knows what has come."""
        self.assertTrue(self.is_watched())
        self.socket.rest()
        self.assertFalse(self.is_watched())
        self.socket.attend()
        self.assertEqual((True, 1), (self.is_watched(), self.noticed))

    def test_asked_while_it_rests(self) -> None:
        """An answer is read while the connection rests, and it rests on behind it."""
        self.socket.rest()
        answer = self.ask()
        self.assertTrue(self.is_watched())
        self.socket.doRead()
        self.assertEqual("answer", self.successResultOf(answer))
        self.assertFalse(self.is_watched())

    def test_attends_while_something_is_asked(self) -> None:
        """Who waits for an answer reads what comes before it, and nobody else does; then it is listened to again."""
        self.socket.rest()
        answer = self.ask()
        self.socket.attend()
        self.assertEqual(0, self.noticed)
        self.socket.doRead()
        self.assertEqual("answer", self.successResultOf(answer))
        self.assertTrue(self.is_watched())

    def test_rests_while_something_is_asked(self) -> None:
        """It may begin to rest while an answer is awaited, which is read all the same."""
        answer = self.ask()
        self.socket.rest()
        self.assertTrue(self.is_watched())
        self.socket.doRead()
        self.assertEqual("answer", self.successResultOf(answer))
        self.assertFalse(self.is_watched())
