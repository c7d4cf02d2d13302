"""
A link on asyncio, for bots: a connection that is made again whenever it is lost::

    async with AsyncioLink("chat://robot@localhost") as bot:
        async for report in bot:
            ...
            await bot.ask("say", room="lobby", text="hi")

It needs the standard library alone: neither Twisted nor any part of the server is imported. It moves bytes and waits;
what is said is the affair of the L{Link<chatroom.client.link.Link>}.
"""

from __future__ import annotations

import asyncio
import random
import secrets
import socket
import ssl
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from types import TracebackType
from typing import Any

from chatroom.client.facts import Facts
from chatroom.client.framing import Framing, LineFraming, framing_of
from chatroom.client.link import Link, LinkError
from chatroom.client.reports import Disconnected, Report, Value, Welcomed
from chatroom.client.url import Address, parse
from chatroom.client.waiting import Waiting

PATIENCE = 20.0
"""Seconds in which a connection is made, and in which the server has to answer hello."""

LONGEST_WAIT = 60.0
"""Seconds between two tries, at the most."""

UNREAD = 1000
"""Reports that may wait for the bot. While there are more, no more is read, unless the bot waits for an answer."""

_PIECE = 64 * 1024


class AsyncioLink:
    """
    An asynchronous context manager, and an asynchronous iterator over reports: see L{chatroom.client.reports}.

    @ivar link: what is known of the server: our nickname, the token, rooms and their last numbers.
    """

    def __init__(
        self,
        url: str,
        *,
        password: str = "",
        token: str = "",
        seen: Mapping[str, int] | None = None,
        tls: ssl.SSLContext | None = None,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        """
        @param url: C{chat://nick@host:port/room}, C{chats://} for TLS, C{ws://host:port/ws#room} or C{wss://}.
        @param token: of a session, in place of a password: see C{session} in docs/protocol.rst.
        @param seen: rooms to go back to, with the last number that was dealt with in each: see L{Link.seen}.
        @param tls: in place of the system's certificates.
        @raise ValueError: it is no address.
        """
        self.address: Address = parse(url)
        self.link = Link(self.address.nick, password, token, seen=seen, nonce=lambda: secrets.token_hex(8))
        self._tls = tls
        self._jitter = jitter
        self._waiting = Waiting()
        self._unread: deque[Report | Disconnected] = deque()
        self._changed = asyncio.Event()
        self._writer: asyncio.StreamWriter | None = None
        self._framing: Framing = LineFraming()
        self._task: asyncio.Task[None] | None = None
        self._tries = 0

    async def __aenter__(self) -> AsyncioLink:
        """Connect, and from then on be connected."""
        self._task = asyncio.create_task(self._run())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Disconnect, and try no more."""
        assert self._task is not None
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task
        self._waiting.give_up()

    def __aiter__(self) -> AsyncioLink:
        return self

    async def __anext__(self) -> Report | Disconnected:
        """The next report."""
        while not self._unread:
            if self._task is None or self._task.done():
                if self._task is not None and not self._task.cancelled():
                    self._task.result()  # raises what went wrong here
                raise StopAsyncIteration
            self._changed.clear()
            waiter = asyncio.ensure_future(self._changed.wait())
            await asyncio.wait((waiter, self._task), return_when=asyncio.FIRST_COMPLETED)
            waiter.cancel()
        report = self._unread.popleft()
        self._changed.set()
        return report

    async def ask(self, word: str, /, **arguments: Value) -> Facts:
        """
        Ask the server for anything in its vocabulary, and wait for the answer: C{await bot.ask("who", room="lobby")}.

        A message is answered when it is kept. If the connection is lost before that, the answer comes from the history,
        after the next connection.

        @raise NotConnected: @raise RequestRefused: @raise NoAnswer: see L{chatroom.client.waiting}.
        """
        answer: asyncio.Future[Facts] = asyncio.get_running_loop().create_future()

        def done(facts: Facts) -> None:
            if not answer.done():
                answer.set_result(facts)

        def failed(error: Exception) -> None:
            if not answer.done():
                answer.set_exception(error)

        self._waiting.wait(self.link.ask(word, **arguments), done, failed)
        self._changed.set()
        self._flush()
        return await answer

    # The connection.

    async def _run(self) -> None:
        while True:
            reason, tried = await self._connect()
            for report in self.link.lost():
                self._tell(report)
            self._tries += 1
            wait = min(LONGEST_WAIT, 2.0 ** min(self._tries - 1, 10)) + self._jitter()
            if self.link.greeting:
                reason = f"The server says: {self.link.greeting.splitlines()[-1].removeprefix('! ')}"
            self._tell(Disconnected(reason, wait, tried))
            await asyncio.sleep(wait)

    async def _connect(self) -> tuple[str, bool]:
        """One connection, from its beginning to its end. @return: why it ended, and whether it could not be made."""
        where = f"{self.address.host} port {self.address.port}"
        context = (self._tls or ssl.create_default_context()) if self.address.tls else None
        try:
            opening = asyncio.open_connection(self.address.host, self.address.port, ssl=context)
            reader, writer = await asyncio.wait_for(opening, PATIENCE)
        except (OSError, asyncio.TimeoutError) as error:
            return f"No connection to {where}: {str(error) or 'it does not answer'}", True
        try:
            _keep_alive(writer.get_extra_info("socket"))
            return await self._talk(reader, writer), False
        except LinkError as error:
            for report in error.reports:
                self._tell(report)
            return f"{error} Is {where} a chatroom server?", False
        except OSError:
            return "The connection was lost.", False
        finally:
            self._writer = None
            writer.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> str:
        framing = self._framing = framing_of(self.address)
        loop = asyncio.get_running_loop()
        end = loop.time() + PATIENCE
        writer.write(framing.opening())
        if framing.opened:
            self._opened(writer)
        while True:
            await self._until_read()
            patience = None if self.link.welcomed else max(0.0, end - loop.time())
            try:
                data = await asyncio.wait_for(reader.read(_PIECE), patience)
            except asyncio.TimeoutError:
                return f"The server did not answer within {PATIENCE:.0f} seconds."
            if not data:
                return "The server closed the connection."
            lines = framing.unwrap(data)
            if framing.opened and self._writer is None:
                self._opened(writer)
            for report in self.link.receive(lines):
                self._tell(report)
            writer.write(framing.replies())
            self._flush()
            await writer.drain()

    def _opened(self, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        self.link.connected()
        self._flush()

    def _flush(self) -> None:
        if self._writer is not None:
            self._writer.write(self._framing.wrap(self.link.data_to_send()))

    async def _until_read(self) -> None:
        """Read no more while the bot is far behind. While it waits for an answer, it may be that which comes next."""
        while len(self._unread) > UNREAD and not len(self._waiting):
            self._changed.clear()
            await self._changed.wait()

    def _tell(self, report: Report | Disconnected) -> None:
        if isinstance(report, Welcomed):
            self._tries = 0
            if self.address.room and not report.again:
                self.link.ask("join", room=self.address.room)
        if not isinstance(report, Disconnected):
            self._waiting.told(report)
        self._unread.append(report)
        self._changed.set()


def _keep_alive(sock: Any) -> None:
    """Have the operating system notice within two minutes that the other side is gone (RFC 1122, 4.2.3.6)."""
    if not hasattr(sock, "setsockopt") or sock.family not in (socket.AF_INET, socket.AF_INET6):
        return
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    if hasattr(socket, "TCP_KEEPIDLE"):
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 60)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 10)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 4)
