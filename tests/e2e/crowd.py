"""
People and programs at one daemon, all at once.

One loop serves them all, so that it can be left at any moment, with every connection in the middle of something;
L{Crowd.finish} then reads what had still been sent.
"""

from __future__ import annotations

import select
import time
from collections import Counter
from collections.abc import Iterator
from random import Random

from tests.e2e.daemon import PATIENCE
from tests.e2e.guests import Guest, Listener, Program, Typist
from tests.e2e.witness import Witness

PAUSE = 0.03
"""Seconds between two things that one of them does, at the most."""

ROOMS_TO_TALK_IN = 5
"""Of the rooms that stay, people go to the newest ones."""


class Crowd:
    """
    @ivar absent: nicknames of accounts that are whispered to while they are away.
    @ivar refusals: how often what was refused, and why.
    """

    def __init__(self, port: int, dice: Random, witness: Witness, absent: list[str], nicks: Iterator[str]) -> None:
        """@param nicks: that nobody ever had."""
        self.port = port
        self.dice = dice
        self.witness = witness
        self.absent = absent
        self.refusals: Counter[str] = Counter()
        self._nicks = nicks
        self._guests: list[Guest] = []

    def comes(self, kind: type[Guest], times: int = 1, nick: str = "", stays: bool = True) -> None:
        """
        Let so many of a kind come in.

        @param nick: of an account, in place of a new one.
        """
        for _ in range(times):
            self._guests.append(kind(self, nick or next(self._nicks), stays))

    def listeners(self) -> list[str]:
        """Nicknames of those who only listen, and are on line."""
        return [one.nick for one in self._guests if isinstance(one, Listener) and one.rooms]

    def meeting_places(self) -> list[str]:
        """Rooms that stay, to go to."""
        return [name for name, room in self.witness.rooms.items() if room.certain][-ROOMS_TO_TALK_IN:]

    def guests(self) -> list[str]:
        """Nicknames of those on line that no account owns, or may own after all."""
        return [one.nick for one in self._guests if not (isinstance(one, Program) and one.account)]

    def runs(self, seconds: float) -> None:
        """Let them do as they like for so long."""
        end = time.monotonic() + seconds
        while (now := time.monotonic()) < end:
            for guest in [guest for guest in self._guests if guest.acts_at <= now]:
                guest.acts_at = now + self.dice.uniform(0, PAUSE)
                guest.acts()
            if self.dice.random() < 0.02:
                self._someone_comes_or_goes()
            self._listen(min(end, *(guest.acts_at for guest in self._guests)) - time.monotonic())
        self._nobody_was_dropped()

    def acts_at_once(self) -> None:
        """Everybody does something, and nobody waits for what comes of it."""
        for guest in self._guests:
            guest.acts()

    def _someone_comes_or_goes(self) -> None:
        passing = [guest for guest in self._guests if not guest.stays]
        if len(passing) < 3:
            back = self.dice.choice(self.absent) if self.dice.random() < 0.3 else ""
            self.comes(Program if back else self.dice.choice((Program, Typist)), nick=back, stays=False)
        else:
            self.dice.choice(passing).leaves()
            self._guests = [guest for guest in self._guests if guest.wire.open]

    def _listen(self, seconds: float) -> None:
        by_socket = {guest.wire.socket: guest for guest in self._guests if guest.wire.open}
        ready, _, _ = select.select(by_socket, (), (), max(0.0, seconds))
        for one in ready:
            guest = by_socket[one]
            for line in guest.wire.receives():
                guest.hears(line)

    def _nobody_was_dropped(self) -> None:
        for guest in self._guests:
            if not guest.wire.open:
                self.witness.fault(f"{guest.nick} was dropped")

    def finish(self) -> None:
        """The daemon is dead: read what it had sent, to the end."""
        while any(guest.wire.open for guest in self._guests):
            self._listen(PATIENCE)
        for guest in self._guests:
            guest.wire.socket.close()
        self.witness.killed()
