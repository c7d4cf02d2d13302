"""
A connection to PostgreSQL in Twisted's own reactor: asked, woken, and made again.
"""

from __future__ import annotations

import socket
import time

from twisted.internet import reactor
from twisted.internet.defer import Deferred
from twisted.trial.unittest import TestCase

from tests.e2e import postgres as running


class ReactorTests(TestCase):
    """The same in a reactor."""

    def setUp(self) -> None:
        """PostgreSQL runs, and one link to it is there."""
        running.skip_or_fail()
        from chatroom.backends import refusals
        from chatroom.backends.postgres.link import DatabaseLink
        from chatroom.backends.postgres.reactor import ReactorDriver
        from chatroom.backends.postgres.reader import listen

        url = running.postgres().url(running.empty_database())
        self.link = DatabaseLink(ReactorDriver(reactor), url, reactor, refusals.unreadable, listen)
        self.addCleanup(lambda: Deferred.fromCoroutine(self.link.close()))

    async def test_asked(self) -> None:
        """An answer comes, however long it is, and the next one after it."""
        from chatroom.backends.postgres.talk import rows

        self.assertEqual([("x" * 3_000_000,)], await self.link.do(rows, "SELECT repeat('x', 3000000)"))
        self.assertEqual([(1,)], await self.link.do(rows, "SELECT 1"))

    async def test_woken(self) -> None:
        """A notification comes while nothing is asked."""
        from chatroom.backends.postgres.talk import rows

        await self.link.do(rows, "SELECT 1")
        woken: Deferred[None] = Deferred()
        self.link.idle = lambda: woken.called or woken.callback(None)  # type: ignore[assignment,func-returns-value]
        running.sql("SELECT pg_notify(channel, 'news') FROM server")
        await woken
        self.assertEqual(["news"], list(self.link.news))

    async def test_host_that_does_not_answer(self) -> None:
        """It stands first in the URL and accepts, and says nothing: the next one is used without delay."""
        from chatroom.backends.postgres.driver import CONNECT_TIME
        from chatroom.backends.postgres.talk import rows

        with socket.create_server(("127.0.0.1", 0)) as silent:
            folder, port = running.postgres().folder, silent.getsockname()[1]
            self.link._conninfo = f"host=127.0.0.1,{folder} port={port},5432 user=chat dbname={running.SHARED}"
            begun = time.monotonic()
            self.assertEqual([(1,)], await self.link.do(rows, "SELECT 1"))
            self.assertLess(time.monotonic() - begun, CONNECT_TIME)

    async def test_connected_again(self) -> None:
        """A connection that the server has ended is made again."""
        from chatroom.backends.postgres.errors import Unreachable
        from chatroom.backends.postgres.talk import rows

        ((pid,),) = await self.link.do(rows, "SELECT pg_backend_pid()")
        running.sql("SELECT pg_terminate_backend(%s, 5000)", pid)
        try:
            await self.link.do(rows, "SELECT 1")
        except Unreachable as lost:
            self.assertTrue(lost.sent)
        ((other,),) = await self.link.do(rows, "SELECT pg_backend_pid()")
        self.assertNotEqual(pid, other)
