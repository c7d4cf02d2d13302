"""
What the old process of an upgrade says of its server, and of everybody in it, to the new one.

It knows who is here, what is handed over, and the channel; not how people come to rest before, or what is done where
this fails.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from twisted.internet.task import deferLater

from chatroom.daemon.systemd import Notifier
from chatroom.dataclass_json import to_plain
from chatroom.doors.doorkeeper import Doorkeeper
from chatroom.events import Event
from chatroom.server.services import Services
from chatroom.states import VERSION, ServerSnapshot
from chatroom.upgrade.channel import MOST, Broken, Channel
from chatroom.upgrade.ports import TakenConnection, wire_of
from chatroom.wire import dumps

TAKE_TIME = 300
"""Seconds the new process may take to open the database, which it may have to upgrade."""

OPEN_TIME = 30.0
"""Seconds in which the new process says that people are listened to again."""

PROMPT = 5.0
"""Seconds from the first byte of a message to its last."""

AT_ONCE = 200
"""Events written down while people talk, between two turns of the reactor: 2 ms."""


OUTPUT = (1, 2)
"""Where this process writes to: up to C{go}, the new one writes to this one."""


class UpgradeFailed(Exception):
    """There was no upgrade; the sentence says why. The old process goes on."""


class Transfer:
    """
    One attempt.

    @ivar wires: the connections that go over.
    @ivar raw: the new process takes what people have not read as it is, and need not be told it in JSON.
    """

    def __init__(self, services: Services, doorkeeper: Doorkeeper, notifier: Notifier) -> None:
        self.wires: list[TakenConnection] = []
        self.raw = False
        self._services = services
        self._doorkeeper = doorkeeper
        self._notifier = notifier
        self._written: dict[int, tuple[Event, str]] = {}

    async def write_ahead(self, reactor: Any) -> None:
        """Write down who is on line, a few at a time, so that only what changes from now on is left for the pause."""
        present = await self._services.backend.present()
        for start in range(0, len(present), AT_ONCE):
            for event in present[start : start + AT_ONCE]:
                self._written[id(event)] = event, dumps(event, public=False)
            await deferLater(reactor, 0.0, lambda: None)

    def _text(self, event: Event) -> str:
        written = self._written.get(id(event))  # the event is held there, so that no other can have its number
        return dumps(event, public=False) if written is None else written[1]

    def give(self, channel: Channel, pid: int, present: Sequence[Event], plugins: Mapping[str, str]) -> None:
        """
        Everything at one stroke: the reactor stands still, so that nothing can happen to what was said already.

        @param pid: of the new process. @param present: who is on line. @param plugins: what their services hand over.
        @raise UpgradeFailed: @raise Broken: nobody was handed over.
        """
        gc.disable()  # so much is made at once, and none of it is garbage
        try:
            self._describe(channel, present, plugins)
            self._wait_until_taken(channel)
            self._commit(channel, pid)
        except BaseException:
            for wire in self.wires:
                wire.go_on()
            raise
        finally:
            gc.enable()
        with suppress(Broken, UpgradeFailed):  # it is not our affair any more; this is for the record
            if channel.has_news(OPEN_TIME):
                expect(channel, "open")

    def _describe(self, channel: Channel, present: Sequence[Event], plugins: Mapping[str, str]) -> None:
        found = (wire_of(each) for each in self._doorkeeper.in_order())
        self.wires = [wire for wire in found if wire is not None]
        events, node = tuple(map(self._text, present)), self._services.node
        server = ServerSnapshot(VERSION, events, len(self.wires), plugins, node)
        channel.send("server", to_plain(server), OUTPUT)
        for start in range(0, len(self.wires), MOST):
            wires = self.wires[start : start + MOST]
            unread = [wire.rest() for wire in wires]
            told = [b""] * len(wires) if self.raw else unread
            states = [to_plain(wire.connection.state(each)) for wire, each in zip(wires, told, strict=True)]
            descriptors = [wire.descriptor() for wire in wires]
            channel.send("connections", states, descriptors, raw=unread if self.raw else ())

    def _wait_until_taken(self, channel: Channel) -> None:
        for _ in range(TAKE_TIME):
            self._notifier.alive()
            if channel.has_news(1.0):
                expect(channel, "taken")
                return
        raise UpgradeFailed(f"The new process did not take over within {TAKE_TIME} seconds.")

    def _commit(self, channel: Channel, pid: int) -> None:
        self._notifier.successor(pid)
        try:
            channel.send("go", descriptors=OUTPUT)
        except Broken:
            self._notifier.successor(os.getpid())
            raise

    def let_go(self) -> None:
        """Forget those who were handed over; the others are still to be hung up on, of which the server is not told."""
        for wire in self.wires:
            wire.let_go()
        for conversation in self._doorkeeper.present:
            conversation.leave_server()
        self._doorkeeper.thaw()  # who is hung up on may still have to say goodbye, as with TLS


def expect(channel: Channel, kind: str) -> Any:
    """
    The other end has something to say, and this is hoped for.

    @return: what it says beside the word.
    @raise UpgradeFailed: it refuses. @raise Broken:
    """
    message = channel.receive(PROMPT)
    if message.kind == "refused":
        raise UpgradeFailed(str(message.body))
    if message.kind != kind:
        raise Broken(f"it says {message.kind} and not {kind}")
    return message.body
