"""
A link on Twisted, for bots: L{ServerConnection<chatroom.client.connection.ServerConnection>}, with requests that can be
awaited::

    bot = TwistedLink("chat://robot@localhost", reactor, heard)
    answer = await bot.ask("say", room="lobby", text="hi")

What is heard is handed to one function, plain or C{async}.
"""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IStreamClientEndpoint
from twisted.logger import Logger
from twisted.python.failure import Failure

from chatroom.client import connection
from chatroom.client.connection import News, ServerConnection
from chatroom.client.facts import Facts
from chatroom.client.link import Link
from chatroom.client.reports import Disconnected, Value, Welcomed
from chatroom.client.url import Address, parse
from chatroom.client.waiting import NoAnswer, Waiting

log = Logger()


class TwistedLink:
    """
    Connected from the beginning until L{stop}.

    @ivar link: what is known of the server: our nickname, the token, rooms and their last numbers.
    """

    def __init__(
        self,
        url: str,
        reactor: Any,
        heard: Callable[[News], Awaitable[None] | None],
        *,
        password: str = "",
        token: str = "",
        seen: Mapping[str, int] | None = None,
        endpoint: IStreamClientEndpoint | None = None,
    ) -> None:
        """
        @param url: C{chat://nick@host:port/room}, C{chats://} for TLS, C{ws://host:port/ws#room} or C{wss://}.
        @param heard: called with each report, and each time the connection is lost or cannot be made.
        @param token: of a session, in place of a password: see C{session} in docs/protocol.rst.
        @param seen: rooms to go back to, with the last number that was dealt with in each: see L{Link.seen}.
        @param endpoint: in place of the one of the URL.
        @raise ValueError: it is no address. @raise CannotConnect:
        """
        self.address: Address = parse(url)
        self.link = Link(self.address.nick, password, token, seen=seen, nonce=lambda: secrets.token_hex(8))
        self._heard = heard
        self._waiting = Waiting()
        endpoint = endpoint or connection.endpoint_to(self.address, reactor)
        self._connection = ServerConnection(self.link, self.address, endpoint, reactor, self._told)
        self._connection.start()

    def ask(self, word: str, /, **arguments: Value) -> Deferred[Facts]:
        """
        Ask the server for anything in its vocabulary. The Deferred fires with the answer, or fails with
        L{RequestRefused<chatroom.client.waiting.RequestRefused>} or L{NoAnswer}.

        A message is answered when it is kept. If the connection is lost before that, the answer comes from the history,
        after the next connection.

        @raise NotConnected:
        """
        answer: Deferred[Facts] = Deferred(lambda cancelled: cancelled.errback(NoAnswer("Nobody waits any more.")))

        def done(facts: Facts) -> None:
            if not answer.called:
                answer.callback(facts)

        def failed(error: Exception) -> None:
            if not answer.called:
                answer.errback(Failure(error))

        self._waiting.wait(self._connection.ask(word, **arguments), done, failed)
        return answer

    def stop(self) -> Deferred[None]:
        """Disconnect, and try no more; fires when the connection is gone."""
        self._waiting.give_up()
        return self._connection.stop()

    def _told(self, report: News) -> None:
        if isinstance(report, Welcomed) and self.address.room and not report.again:
            self._connection.ask("join", room=self.address.room)
        if not isinstance(report, Disconnected):
            self._waiting.told(report)
        outcome = self._heard(report)
        if outcome is not None:
            done = Deferred.fromCoroutine(_awaited(outcome))
            done.addErrback(lambda failure: log.failure("{report!r} could not be taken", failure, report=report))


async def _awaited(outcome: Awaitable[None]) -> None:
    await outcome
