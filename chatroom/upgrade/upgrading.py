"""
What a request for an upgrade begins in the old process, and how it ends: with this process, or with nothing.

It knows one attempt (L{chatroom.upgrade.predecessor}), twistd's pidfile, and the file in the data folder by which
C{chatroom-admin upgrade} learns what became of it.
"""

from __future__ import annotations

import os
import signal
from collections.abc import MutableMapping
from contextlib import suppress
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.error import ReactorNotRunning
from twisted.logger import Logger

from chatroom.daemon.listeners import Listeners
from chatroom.daemon.systemd import Notifier
from chatroom.doors.doorkeeper import Doorkeeper
from chatroom.errors import counted
from chatroom.server.hub import Hub
from chatroom.server.services import Services
from chatroom.upgrade.launch import Start
from chatroom.upgrade.outcome import Outcome
from chatroom.upgrade.predecessor import NoWayBack, Predecessor
from chatroom.upgrade.transfer import UpgradeFailed

log = Logger()

UPGRADED = "The server has been upgraded. Connect again: you will find everything as it was."


def end_with_failure(reactor: Any, status: int = 1) -> None:
    """Stop, with this exit status: there is no other way to make twistd end with a status of its own once it runs."""
    reactor.addSystemEventTrigger("after", "shutdown", os._exit, status)
    with suppress(ReactorNotRunning):
        reactor.stop()


class Upgrading:
    """
    The upgrades of one process, of which the last one ends it.

    @ivar over: another process has taken over.
    """

    def __init__(
        self,
        start: Start,
        services: Services,
        hub: Hub,
        doorkeeper: Doorkeeper,
        entries: Listeners,
        notifier: Notifier,
        reactor: Any,
        parent: MutableMapping[str, Any],
        data: str | None,
    ) -> None:
        """
        @param parent: twistd's options.
        @param data: the data folder; C{None} where nothing outlives the process.
        """
        self.over = False
        self._start = start
        self._services = services
        self._hub = hub
        self._doorkeeper = doorkeeper
        self._entries = entries
        self._notifier = notifier
        self._reactor = reactor
        self._parent = parent
        self._data = data
        self._waiting: list[Deferred[None]] | None = None
        self._predecessor: Predecessor | None = None
        self._outcome: Outcome | None = None

    def begin(self) -> None:
        """Have a new process take over, if none is about to or has."""
        if self._waiting is not None or self.over:
            log.info("An upgrade is already running")
            return
        self._waiting = []
        upgrading = Deferred.fromCoroutine(self._upgrade())
        upgrading.addErrback(lambda failure: log.failure("The upgrade failed", failure))
        upgrading.addCallback(self._ended)

    def _ended(self, _: object) -> None:
        waiting, self._waiting = self._waiting or [], None
        for each in waiting:
            each.callback(None)

    def end(self) -> None:
        """Somebody wants the daemon to stop, whichever process it is now."""
        if self.over and self._predecessor is not None:
            with suppress(ProcessLookupError):
                os.kill(self._predecessor.pid, signal.SIGTERM)

    async def settled(self) -> None:
        """
        This process is about to stop: wait until no upgrade is under way, and have none where that is possible. If
        another process has taken over, wait until the people who are left here have read why they are disconnected.
        """
        if self._waiting is not None:
            ended: Deferred[None] = Deferred()
            self._waiting.append(ended)
            if self._predecessor is not None and not self.over:
                await self._predecessor.give_up()
            await ended

    async def _upgrade(self) -> None:
        begun = self._reactor.seconds()
        try:
            self._outcome = None if self._data is None else Outcome(self._data)
        except OSError as error:
            log.error(
                "No upgrade: its result cannot be written into the data folder. {error}",
                error=error,
            )
            return
        try:
            predecessor = await self._hand_over()
        except NoWayBack as error:
            self._stop(str(error))
            return
        except UpgradeFailed as error:
            self._failed(str(error))
            return
        except Exception as error:
            self._failed(f"There is a bug in the program ({error!r}); see the log.")
            raise
        self.over = True
        predecessor.let_go()  # at once: what this process closes from now on is not closed for the next one
        self._parent["pidfile"] = ""  # it is the other process's, and twistd would remove it
        seconds, pause = self._reactor.seconds() - begun, predecessor.pause
        people = counted(predecessor.people, "connection")
        sentence = (
            f"Process {predecessor.pid} has taken over from {os.getpid()} with {people}. "
            f"It took {seconds:.1f} seconds, of which people waited {pause * 1000:.0f} ms."
        )
        log.info("{sentence}", sentence=sentence)
        self._note({"ok": True, "pid": predecessor.pid, "sentence": sentence})
        await self._entries.let_go()
        await self._doorkeeper.close(UPGRADED)
        with suppress(ReactorNotRunning):  # somebody has asked for that meanwhile
            self._reactor.stop()

    def _stop(self, reason: str) -> None:
        """Tell everybody, and end with a status by which a supervisor knows that the daemon is to be started again."""
        log.critical("The upgrade failed and cannot be undone: the daemon stops. {reason}", reason=reason)
        self._note({"ok": False, "stopped": True, "pid": os.getpid(), "sentence": reason})
        end_with_failure(self._reactor)

    def _failed(self, reason: str) -> None:
        log.error("The upgrade failed; the old version goes on. {reason}", reason=reason)
        self._note({"ok": False, "pid": os.getpid(), "sentence": reason})

    async def _hand_over(self) -> Predecessor:
        """@raise UpgradeFailed:"""
        if self._data is None:
            raise UpgradeFailed("With --backend memory there can be no upgrade: all data ends with this process.")
        predecessor = self._predecessor = Predecessor(
            self._start, self._services, self._hub, self._doorkeeper, self._entries, self._reactor, self._notifier
        )
        pidfile = self._parent["pidfile"]
        await predecessor.run(os.path.abspath(pidfile) if pidfile else "")
        return predecessor

    def _note(self, outcome: dict[str, Any]) -> None:
        """Write it down for C{chatroom-admin}."""
        made, self._outcome = self._outcome, None
        if made is None:
            return
        try:
            made.end(outcome)
        except OSError as error:
            log.error("Cannot write the result of the upgrade: {error}", error=error)
        made.close()
