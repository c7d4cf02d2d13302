"""
The old process of an upgrade: it hands over all that can be, or goes on as if nothing had been.

It knows the server's parts as far as they rest and go on, what is handed over, and the channel; not how the new process
goes on with it. Up to the word C{go}, every step can be taken back.
"""

from __future__ import annotations

import socket
from collections.abc import Sequence
from typing import Any, Protocol

from twisted.internet.defer import Deferred, TimeoutError
from twisted.internet.task import deferLater
from twisted.logger import Logger

from chatroom.daemon.systemd import Notifier
from chatroom.doors.doorkeeper import Doorkeeper
from chatroom.errors import NotKept, Refused, with_full_stop
from chatroom.events import Event
from chatroom.server.hub import Hub
from chatroom.server.services import Services
from chatroom.states import VERSION
from chatroom.upgrade.awaited import Awaited
from chatroom.upgrade.channel import Broken, Channel
from chatroom.upgrade.launch import Child, NotStarted, Start
from chatroom.upgrade.transfer import Transfer, UpgradeFailed, expect

log = Logger()

START_TIME = 60.0
"""Seconds the new process has until it has read its settings and is willing."""

PROBE_TIME = 15.0
"""Seconds that the database may take to answer, while people go on talking."""

QUIET_TIME = 10.0
"""Seconds that what is under way may take to end, while people wait."""

RESUME_TIME = 5.0
"""Seconds the database may be out of reach before the old process gives up: somebody may look into it just now."""

RESUME_POLL = 0.1
"""Seconds between two tries."""

LAST_WORDS_TIME = 2.0
"""Seconds in which a process that has closed its end of the channel ends by itself."""

POLL = 0.002
"""Seconds between two looks whether anything is still under way."""


class NoWayBack(UpgradeFailed):
    """There was no upgrade, and the old process cannot go on either."""


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
    @ivar pause: seconds in which nobody was listened to.
    """

    def __init__(
        self,
        start: Start,
        services: Services,
        hub: Hub,
        doorkeeper: Doorkeeper,
        ports: Ports,
        reactor: Any,
        notifier: Notifier,
    ) -> None:
        self.pid = 0
        self.pause = 0.0
        self._start = start
        self._services = services
        self._hub = hub
        self._doorkeeper = doorkeeper
        self._ports = ports
        self._reactor = reactor
        self._child: Child | None = None
        self._transfer = Transfer(services, doorkeeper, notifier)
        self._unwanted = False

    async def run(self, pidfile: str) -> None:
        """
        Hand over. When this returns, the new process goes on with all who could be handed over; L{let_go} follows, and
        nothing here may touch the database or the ports any more.

        @param pidfile: which the new process is to write, or C{""}.
        @raise UpgradeFailed: @raise NoWayBack:
        """
        channel, child = self._launch()
        try:
            await self._upgrade(channel, child, pidfile)
        except Broken as error:
            raise await self._failed(child, str(error)) from None
        except NoWayBack:
            _quote(child)
            raise
        except BaseException:
            await child.kill()
            raise
        finally:
            self._child = None
            channel.close()

    def _launch(self) -> tuple[Channel, Child]:
        """@raise UpgradeFailed:"""
        try:
            ours, theirs = socket.socketpair()
        except OSError as error:
            raise UpgradeFailed(f"Cannot start a new process: {error.strerror}.") from None
        channel = Channel(ours)
        try:
            with theirs:
                self._child = self._start.launch(self._reactor, theirs)
        except (NotStarted, OSError) as error:
            channel.close()
            raise UpgradeFailed(str(error)) from None
        return channel, self._child

    async def give_up(self) -> None:
        """There is to be no upgrade after all, if it is not too late for that."""
        self._unwanted = True
        if self._child is not None:
            await self._child.kill()

    @property
    def people(self) -> int:
        """How many connections were handed over."""
        return len(self._transfer.wires)

    def let_go(self) -> None:
        """Forget those who were handed over; the others are still to be hung up on, of which the server is not told."""
        self._transfer.let_go()

    async def _failed(self, child: Child, reason: str) -> UpgradeFailed:
        """Why, in the new process's own words where it has ended by itself."""
        deadline = self._reactor.seconds() + LAST_WORDS_TIME
        while not child.ended.called and self._reactor.seconds() < deadline:
            await deferLater(self._reactor, POLL, lambda: None)
        words = child.last_words() if child.ended.called else ""
        words = "The daemon is stopping." if self._unwanted else words
        await child.kill()
        _quote(child)
        return UpgradeFailed(words or f"The new process failed: {with_full_stop(reason)}")

    async def _upgrade(self, channel: Channel, child: Child, pidfile: str) -> None:
        offers = self._ports.offers()
        described = [[option, description] for option, description, _ in offers]
        about = {"version": VERSION, "ports": described, "pidfile": pidfile}
        channel.send("offer", about, [descriptor for _, _, descriptor in offers])
        await self._transfer.write_ahead(self._reactor)
        await Awaited(channel, self._reactor).within(START_TIME)
        willing = expect(channel, "willing")
        self._transfer.raw = isinstance(willing, dict) and willing.get("raw") is True  # an older one says nothing more
        await self._check_database()
        self._ports.rest()
        self._doorkeeper.freeze()
        self._services.entrance.close_queues()  # else everybody waits for all hashes that were asked for
        begun = self._reactor.seconds()
        try:
            await self._quiet()
            present = await self._suspend()
            try:
                self._transfer.give(channel, child.pid, present, self._hub.plugin_states())
            except BaseException:
                await child.kill()  # it may have the database
                await self._resume(present)
                raise
        except BaseException as error:
            self._services.entrance.open_queues()
            self._doorkeeper.thaw()
            if not isinstance(error, NoWayBack):
                self._ports.go_on()
            raise
        self.pid, self.pause = child.pid, self._reactor.seconds() - begun

    async def _suspend(self) -> Sequence[Event]:
        """@raise UpgradeFailed: the new process would not know where to go on. @raise NoWayBack:"""
        try:
            return await self._hub.suspend()
        except NotKept as failed:
            await self._resume(())
            raise UpgradeFailed("The database failed when this process let go of it.") from failed

    async def _check_database(self) -> None:
        """
        That the database can be let go of and had again: while another program has it locked, neither process could.

        @raise UpgradeFailed:
        """
        probing = Deferred.fromCoroutine(self._services.backend.probe())
        try:
            await probing.addTimeout(PROBE_TIME, self._reactor)
        except (NotKept, TimeoutError):
            raise UpgradeFailed("The database cannot be written at the moment: another program may use it.") from None

    async def _resume(self, present: Sequence[Event]) -> None:
        """@raise NoWayBack:"""
        deadline = self._reactor.seconds() + RESUME_TIME
        while True:
            try:
                await self._hub.resume(present)
                return
            except Refused as refused:
                if self._reactor.seconds() > deadline:
                    raise NoWayBack(refused.sentence) from None
            except Exception as error:  # noqa: BLE001 whatever it is, people have to be told
                log.failure("The database cannot be used again")
                raise NoWayBack(f"There is a bug in the program ({error!r}).") from None
            await deferLater(self._reactor, RESUME_POLL, lambda: None)

    async def _quiet(self) -> None:
        """Until nothing is under way that would be lost."""
        deadline = self._reactor.seconds() + QUIET_TIME
        while not self._is_quiet():
            if self._reactor.seconds() > deadline:
                raise UpgradeFailed(f"something was still running after {QUIET_TIME:.0f} seconds")
            await deferLater(self._reactor, POLL, lambda: None)

    def _is_quiet(self) -> bool:
        return self._hub.is_quiet() and not any(each.is_busy() for each in self._doorkeeper.present)


def _quote(child: Child) -> None:
    """Its last words, for the log."""
    if child.all_words():
        log.error("The new process said:\n{words}", words=child.all_words())
