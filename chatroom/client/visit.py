"""
One run of the program: a link and a connection, kept up until it is over. How one reads and types is decided by
L{chatroom.client.visit_screen}, L{chatroom.client.visit_plain} and L{chatroom.client.visit_pipe}.
"""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Callable
from typing import Any

from twisted.internet.defer import Deferred
from twisted.logger import (
    FilteringLogObserver,
    ILogObserver,
    LogEvent,
    LogLevel,
    LogLevelFilterPredicate,
    globalLogBeginner,
    textFileLogObserver,
)
from zope.interface import provider

from chatroom.client.clean import safe_lines
from chatroom.client.config import Store
from chatroom.client.connection import News, ServerConnection, endpoint_to
from chatroom.client.display import Status
from chatroom.client.link import Link
from chatroom.client.url import Address

BUG = "Bug in this client. For details, run it with --log FILE."


class Visit:
    """
    On a reactor that does not run yet.

    @ivar options: the command line, as L{chatroom.client.main.arguments} reads it.
    @ivar connection: the one that is kept up, or C{None}.
    """

    def __init__(self, reactor: Any, options: Namespace, store: Store, password: str) -> None:
        """@param password: of an account, or C{""}: from somewhere that is not shown."""
        self.reactor = reactor
        self.options = options
        self.store = store
        self.password = password
        self.connection: ServerConnection | None = None
        self._status = Status.OK
        self._sentence = ""

    def connect(self, address: Address, heard: Callable[[News], None], password: str = "") -> ServerConnection:
        """
        A connection that is not started yet, and ends with the visit.

        @raise CannotConnect:
        """
        link = Link(address.nick, password or self.password)
        if not password:
            link.token = self.store.token(address.server, address.nick)
        endpoint = endpoint_to(address, self.reactor, self.options.certificates)
        self.connection = ServerConnection(link, address, endpoint, self.reactor, heard)
        return self.connection

    def hang_up(self) -> Deferred[None] | None:
        """Be connected no more."""
        connection, self.connection = self.connection, None
        return connection.stop() if connection is not None else None

    def end(self, status: Status, sentence: str = "") -> None:
        """It is over. What a server has said may be in the sentence."""
        self._status, self._sentence = status, safe_lines(sentence)
        if self.reactor.running:
            self.reactor.stop()

    def start(self, address: Address, ask: bool) -> Status:
        """
        Visit that server, until it is over.

        @param ask: nobody has said to go there: ask first, with that address as the one offered.
        """
        raise NotImplementedError

    def run(self, begin: Callable[[], None]) -> Status:
        """Run the reactor, with C{begin} first in it, until L{end} is called."""
        self._begin_log()
        self.reactor.callWhenRunning(begin)
        self.reactor.addSystemEventTrigger("before", "shutdown", self.hang_up)
        self.reactor.run()
        if self._sentence:
            sys.stderr.write(f"{self._sentence}\n")
        return self._status

    def bug(self) -> None:
        """A mistake of ours was noticed: say so to the person. Called in the reactor thread."""

    def _begin_log(self) -> None:
        @provider(ILogObserver)
        def observe(event: LogEvent) -> None:
            self.bug()

        observers: list[Any] = [FilteringLogObserver(observe, [LogLevelFilterPredicate(LogLevel.critical)])]
        if self.options.log:
            file = open(self.options.log, "a", encoding="utf-8", errors="replace")  # noqa: SIM115 as long as the program runs
            observers.append(textFileLogObserver(file))
        globalLogBeginner.beginLoggingTo(observers, discardBuffer=True, redirectStandardIO=False)
