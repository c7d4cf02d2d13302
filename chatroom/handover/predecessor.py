"""
The old process of an upgrade: it hands over all that can be, or goes on as if nothing had been.

It knows the house's parts as far as they rest and go on, what is handed over, and the channel; not how the new process
goes on with it. Up to the word C{go}, every step can be taken back.
"""

from __future__ import annotations

import gc
import os
import socket
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Protocol

from twisted.internet.task import deferLater
from twisted.logger import Logger

from chatroom.doors.doorkeeper import Doorkeeper
from chatroom.errors import Refused
from chatroom.events import Event
from chatroom.handover.awaited import Awaited
from chatroom.handover.channel import MOST, Broken, Channel
from chatroom.handover.launch import Child, NotStarted, Start
from chatroom.handover.ports import Wire, wire_of
from chatroom.hub import Hub
from chatroom.notify import Notifier
from chatroom.plain import to_plain
from chatroom.states import VERSION, HouseState
from chatroom.wire import dumps

log = Logger()

START_TIME = 60.0
"""Seconds the new process has until it has read its settings and is willing."""

QUIET_TIME = 10.0
"""Seconds that what is under way may take to end, while people wait."""

TAKE_TIME = 300
"""Seconds the new process may take to open the database, which it may have to upgrade."""

OPEN_TIME = 30.0
"""Seconds in which the new process says that people are listened to again."""

LAST_WORDS_TIME = 2.0
"""Seconds in which a process that has closed its end of the channel ends by itself."""

PROMPT = 5.0
"""Seconds from the first byte of a message to its last."""

AT_ONCE = 200
"""Events written down while people talk, between two turns of the reactor: 2 ms."""

POLL = 0.002
"""Seconds between two looks whether anything is still under way."""


class UpgradeFailed(Exception):
    """There was no upgrade; the sentence says why. The old process goes on."""


class Ports(Protocol):
    """The daemon's ports, as far as they matter here."""

    def offers(self) -> Sequence[tuple[str, str, int]]:
        """Option, description and descriptor of each that can be handed over."""

    def rest(self) -> None:
        """Let nobody in, and let them wait."""

    def go_on(self) -> None:
        """Let them in."""


class Predecessor:
    """
    One attempt.

    @ivar pid: of the process that has taken over.
    @ivar people: how many connections were handed over.
    @ivar pause: seconds in which nobody was listened to.
    """

    def __init__(
        self,
        start: Start,
        hub: Hub,
        doorkeeper: Doorkeeper,
        ports: Ports,
        reactor: Any,
        notifier: Notifier,
    ) -> None:
        self.pid = 0
        self.people = 0
        self.pause = 0.0
        self._start = start
        self._hub = hub
        self._doorkeeper = doorkeeper
        self._ports = ports
        self._reactor = reactor
        self._notifier = notifier
        self._wires: list[Wire] = []
        self._written: dict[int, tuple[Event, str]] = {}

    async def run(self, pidfile: str) -> None:
        """
        Hand over. When this returns, the new process goes on with all who could be handed over; L{let_go} follows, and
        nothing here may touch the database or the ports any more.

        @param pidfile: which the new process is to write, or C{""}.
        @raise UpgradeFailed:
        """
        ours, theirs = socket.socketpair()
        channel = Channel(ours)
        try:
            with theirs:
                child = self._start.launch(self._reactor, theirs)
        except (NotStarted, OSError) as error:
            channel.close()
            raise UpgradeFailed(str(error)) from None
        try:
            await self._upgrade(channel, child, pidfile)
        except Broken as error:
            raise await self._failed(child, str(error)) from None
        except BaseException:
            await child.kill()
            raise
        finally:
            channel.close()

    async def _failed(self, child: Child, reason: str) -> UpgradeFailed:
        """Why, in the new process's own words where it has ended by itself."""
        deadline = self._reactor.seconds() + LAST_WORDS_TIME
        while not child.ended.called and self._reactor.seconds() < deadline:
            await deferLater(self._reactor, POLL, lambda: None)
        words = child.last_words() if child.ended.called else ""
        await child.kill()
        if child.all_words():
            log.error("The new process said:\n{words}", words=child.all_words())
        return UpgradeFailed(words or f"The new process failed: {reason}.")

    async def _upgrade(self, channel: Channel, child: Child, pidfile: str) -> None:
        offers = self._ports.offers()
        described = [[option, description] for option, description, _ in offers]
        about = {"version": VERSION, "ports": described, "pidfile": pidfile}
        channel.send("offer", about, [descriptor for _, _, descriptor in offers])
        await self._write_ahead()
        await Awaited(channel, self._reactor).within(START_TIME)
        _expect(channel, "willing")
        self._ports.rest()
        self._doorkeeper.freeze()
        begun = self._reactor.seconds()
        try:
            await self._quiet()
            present = await self._hub.suspend()
            try:
                self._give(channel, child.pid, present)
            except BaseException:
                await child.kill()  # it may have the database
                await self._resume(present)
                raise
        except BaseException:
            self._doorkeeper.thaw()
            self._ports.go_on()
            raise
        self.pause = self._reactor.seconds() - begun

    async def _write_ahead(self) -> None:
        """Write down who is on line, a few at a time, so that only what changes from now on is left for the pause."""
        present = self._hub.backend.present()
        for start in range(0, len(present), AT_ONCE):
            for event in present[start : start + AT_ONCE]:
                self._written[id(event)] = event, dumps(event, public=False)
            await deferLater(self._reactor, 0.0, lambda: None)

    def _text(self, event: Event) -> str:
        written = self._written.get(id(event))  # the event is held there, so that no other can have its number
        return dumps(event, public=False) if written is None else written[1]

    async def _resume(self, present: Sequence[Event]) -> None:
        try:
            await self._hub.resume(present)
        except Refused as refused:
            log.critical("There is no way back: {sentence}", sentence=refused.sentence)
            self._reactor.stop()

    async def _quiet(self) -> None:
        """Until nothing is under way that would be lost."""
        deadline = self._reactor.seconds() + QUIET_TIME
        while not self._is_quiet():
            if self._reactor.seconds() > deadline:
                raise UpgradeFailed(f"something was still under way after {QUIET_TIME:.0f} seconds")
            await deferLater(self._reactor, POLL, lambda: None)

    def _is_quiet(self) -> bool:
        return self._hub.is_quiet() and not any(each.is_busy() for each in self._doorkeeper.present)

    def _give(self, channel: Channel, pid: int, present: Sequence[Event]) -> None:
        """Everything at one stroke: the reactor stands still, so that nothing can happen to what was said already."""
        gc.disable()  # so much is made at once, and none of it is garbage
        found = (wire_of(each) for each in self._doorkeeper.in_order())
        self._wires = [wire for wire in found if wire is not None]
        house = HouseState(VERSION, tuple(map(self._text, present)), len(self._wires))
        channel.send("house", to_plain(house))
        try:
            for start in range(0, len(self._wires), MOST):
                wires = self._wires[start : start + MOST]
                states = [to_plain(wire.connection.state(wire.rest())) for wire in wires]
                channel.send("connections", states, [wire.descriptor() for wire in wires])
            self._wait_until_taken(channel)
        except BaseException:
            for wire in self._wires:
                wire.go_on()
            gc.enable()
            raise
        self._notifier.successor(pid)
        try:
            channel.send("go", descriptors=[1, 2])
        except Broken:
            self._notifier.successor(os.getpid())
            raise
        self.pid, self.people = pid, len(self._wires)
        with suppress(Broken, UpgradeFailed):  # it is not our affair any more; this is for the record
            if channel.has_news(OPEN_TIME):
                _expect(channel, "open")

    def let_go(self) -> None:
        """Forget those who were handed over; the others are still to be hung up on, of which the house is not told."""
        for wire in self._wires:
            wire.let_go()
        for conversation in self._doorkeeper.present:
            conversation.leave_house()
        self._doorkeeper.thaw()  # who is hung up on may still have to say goodbye, as with TLS

    def _wait_until_taken(self, channel: Channel) -> None:
        for _ in range(TAKE_TIME):
            self._notifier.alive()
            if channel.has_news(1.0):
                _expect(channel, "taken")
                return
        raise UpgradeFailed(f"The new process has not taken over in {TAKE_TIME} seconds.")


def _expect(channel: Channel, kind: str) -> None:
    """
    The other end has something to say, and this is hoped for.

    @raise UpgradeFailed: it refuses. @raise Broken:
    """
    message = channel.receive(PROMPT)
    if message.kind == "refused":
        raise UpgradeFailed(str(message.body))
    if message.kind != kind:
        raise Broken(f"it says {message.kind} and not {kind}")
