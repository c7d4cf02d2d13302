"""
The new process of an upgrade: it takes over what the old one hands to it.

It knows the parts of the server that people connect to, what is handed over, and the channel; not how the old process
comes to rest. Up to the word C{go}, nothing is read from anybody or written to them.
"""

from __future__ import annotations

import errno
import gc
import os
import signal
import socket
from collections.abc import MutableMapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from twisted.internet.interfaces import IStreamServerEndpoint
from twisted.logger import Logger

from chatroom.dataclass_json import from_plain
from chatroom.doors.line.connection import LineConnection
from chatroom.doors.line.factory import LineFactory
from chatroom.errors import counted, with_full_stop
from chatroom.server.hub import Hub
from chatroom.states import OLDEST, VERSION, LineSnapshot, ServerSnapshot
from chatroom.upgrade.channel import Broken, Channel, Message
from chatroom.upgrade.launch import VARIABLE, Start
from chatroom.upgrade.ports import adopt, endpoint
from chatroom.wire import loads

log = Logger()

PATIENCE = 60.0
"""Seconds the old process may be silent."""

RETURN_TIME = 30.0
"""Seconds in which accounts whose connections could not be handed over may come back unnoticed."""


class NotTaken(Exception):
    """Nothing can be taken over; the sentence says why."""


class Successor:
    """What this process takes over."""

    def __init__(self, channel: Channel, start: Start, parent: MutableMapping[str, Any]) -> None:
        """
        @param parent: twistd's options.
        @raise NotTaken: what is offered is of a version that nobody here knows.
        """
        self._channel = channel
        self._start = start
        self._parent = parent
        offer = self._receive("offer")
        if not OLDEST <= offer.body["version"] <= VERSION:
            raise self.refuse(
                f"The running daemon hands over version {offer.body['version']}, and this chatroom knows {OLDEST} to "
                f"{VERSION}. Stop the daemon and start it again."
            )
        self._output: Sequence[int] = ()
        self._pidfile: str = offer.body["pidfile"]
        self._ports = {tuple(port): each for port, each in zip(offer.body["ports"], offer.descriptors, strict=True)}

    @classmethod
    def of(
        cls, environment: MutableMapping[str, str], start: Start, parent: MutableMapping[str, Any]
    ) -> Successor | None:
        """
        For a process with this environment, where another has started it in order to be taken over.

        @param parent: twistd's options.
        @raise NotTaken:
        """
        number = environment.pop(VARIABLE, None)
        if number is None:
            return None
        os.set_inheritable(int(number), False)
        return cls(Channel(socket.socket(fileno=int(number))), start, parent)

    def endpoint(self, reactor: Any, option: str, description: str, own: str) -> IStreamServerEndpoint | None:
        """
        What listens already, by its option and its whole description, or C{None}.

        @param own: the description without what stands before the endpoint's.
        @raise ValueError: it describes no endpoint.
        """
        descriptor = self._ports.pop((option, description), None)
        return None if descriptor is None else endpoint(reactor, own, descriptor)

    def refuse(self, sentence: str) -> NotTaken:
        """Tell the old process, which goes on then, why."""
        with suppress(Broken):
            self._channel.send("refused", sentence)
        return NotTaken(sentence)

    async def take(self, hub: Hub, factory: LineFactory, reactor: Any) -> None:
        """
        Take over: the server, and everybody of the line door who could be handed over.

        @param factory: which goes on with them.
        @raise NotTaken: @raise Refused: the database cannot be used.
        """
        for descriptor in self._ports.values():  # no option asks for them any more
            os.close(descriptor)
        self._channel.send("willing", {"raw": True})
        gc.disable()  # so much is made at once, and none of it is garbage
        try:
            try:
                message = self._receive("server")
                self._output = message.descriptors
                server = from_plain(ServerSnapshot, message.body)
                lines = self._lines(server.connections, factory, reactor)
                present = [loads(text) for text in server.present]
            except (KeyError, ValueError) as error:
                raise self.refuse(f"The data handed over cannot be read: {error}") from error
            await hub.start(present, server.plugins, server.node)
            if signal.getsignal(signal.SIGTERM) == signal.SIG_DFL:  # it waits until there is somebody to take it
                signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
            with suppress(Broken):  # see below
                self._channel.send("taken")
            self._go()
            taken = sum(map(_goes_on, lines))
            hub.welcome_back(RETURN_TIME)
            gc.freeze()
        finally:
            gc.enable()
        self._write_pidfile()
        with suppress(Broken):
            self._channel.send("open")
        self._channel.close()
        log.info("Taken over: {taken}.", taken=counted(taken, "connection"))

    def _write_pidfile(self) -> None:
        """In the place of the old process; twistd removes it at the end."""
        if not self._pidfile:
            return
        try:
            with open(self._pidfile, "w") as file:
                file.write(str(os.getpid()))
        except OSError as error:
            log.error("Cannot write the number of this process: {error}", error=error)
        else:
            self._parent["pidfile"] = self._pidfile

    def _lines(self, count: int, factory: LineFactory, reactor: Any) -> list[LineConnection]:
        """So many connections, made while the old process says more of them, and at rest."""
        lines: list[LineConnection] = []
        while len(lines) < count:
            message = self._receive("connections")
            unread = message.raw or (None,) * len(message.body)  # an older process has it in the state
            for made, descriptor, unsent in zip(message.body, message.descriptors, unread, strict=True):
                state = from_plain(LineSnapshot, made)
                lines.append(factory.again(state if unsent is None else replace(state, unsent=unsent)))
                self._adopt(reactor, descriptor, lines[-1])
        return lines

    def _adopt(self, reactor: Any, descriptor: int, line: LineConnection) -> None:
        """@raise NotTaken: there is no room for it."""
        try:
            adopt(reactor, descriptor, line)
        except OSError as error:  # mostly, whoever that was has hung up meanwhile
            if error.errno in (errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ENOBUFS):
                raise self.refuse(f"Not all connections can be taken over: {os.strerror(error.errno)}.") from None

    def _go(self) -> None:
        """
        From now on, it is our server. Should the old process be gone, it is all the more; as long as it is only
        silent, it may go on itself.
        """
        while not self._channel.has_news(PATIENCE):
            log.warn("The old process is silent")
        try:
            message = self._receive("go")
        except NotTaken:
            self._write_to(self._output)
            log.warn("The old process is gone")
        else:
            self._write_to(message.descriptors)

    def _write_to(self, output: Sequence[int]) -> None:
        """What the old process has for its output and errors."""
        for number, descriptor in zip((1, 2), output, strict=False):
            os.dup2(descriptor, number)
        for descriptor in {*self._output, *output}:
            os.close(descriptor)

    def _receive(self, kind: str) -> Message:
        """@raise NotTaken: the old process says something else, or nothing."""
        try:
            message = self._channel.receive(PATIENCE)
        except Broken as error:
            raise NotTaken(f"The old process does not hand over: {with_full_stop(error)}") from None
        if message.kind != kind:
            raise NotTaken(f"The old process says {message.kind} and not {kind}.")
        return message


def _goes_on(line: LineConnection) -> bool:
    """Whether a connection that was handed over is one of ours now."""
    transport: Any = line.transport
    if transport is None:
        return False
    try:
        line.go_on()
        transport.startReading()
    except Exception:  # noqa: BLE001 one that cannot go on must not cost the others their connection
        log.failure("a connection could not be taken over")
        transport.abortConnection()
        return False
    return True
