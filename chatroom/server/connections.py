"""
Who is connected to this node: every connection, whose it is, which rooms it hears, and who is about to be gone.

It knows of a connection what L{Connected} says, and neither what is written to it nor any rule.
"""

from __future__ import annotations

from collections.abc import Coroutine, Sequence
from typing import Any, Protocol

from twisted.internet.defer import Deferred

from chatroom.core.presence import Presence
from chatroom.interfaces import IEar, ServerRole
from chatroom.server.read_marks import ReadMarks
from chatroom.server.services import Services
from chatroom.server.session.brief import Brief
from chatroom.server.session.lent import Lent

SESSION_ENDED = "This session has ended."
"""What a connection reads as its last that lived by a session, where nobody knows any more who ended it."""


class Connected(Protocol):
    """
    A connection, as far as those need it who tell it something: L{chatroom.server.session.caller.Caller} is one.

    @ivar presence: who this is, or C{None} before registration.
    @ivar ignored: keys of those this person does not want to read.
    @ivar zone: the time zone in which this person reads times.
    @ivar whisperer: who whispered to it last.
    @ivar session: the digest of the token by which it is logged in, or C{""}.
    @ivar brief: that session ends soon after its connections.
    @ivar holder: in whose name the nickname is claimed.
    @ivar closed: the connection is gone.
    @ivar lent: the role of another account with which it acts.
    """

    ear: IEar
    address: str
    presence: Presence | None
    ignored: frozenset[str]
    zone: str
    whisperer: Presence | None
    session: str
    brief: bool
    holder: str
    closed: bool
    lent: Lent | None

    @property
    def nick(self) -> str | None:
        """The nickname, or C{None} before registration."""

    @property
    def account(self) -> bool:
        """Whether the nickname is proved to be that of an account."""

    @property
    def staff(self) -> ServerRole:
        """What the person may do on the server, by this connection."""

    async def lent_role(self) -> ServerRole:
        """The role that it acts with, read anew from the account."""

    def notice(self, code: str, sentence: str) -> None:
        """A sentence of the server, with a code for programs."""

    def left(self, name: str, by_choice: bool) -> None:
        """The person is out of a room."""

    def gone(self, reason: str) -> None:
        """The connection is lost or closed."""


class Connections:
    """
    @ivar callers: every connection of this node.
    @ivar local: those that have a nickname, by its key. No list of them is empty.
    @ivar ears_in: those that hear a room, by its name.
    @ivar told_once: those that are told once, and not in each room, of who departs and who is renamed.
    @ivar departing: keys of those whose departure is being kept, with those who wait for the end of it: see L{depart}.
    @ivar read_marks: how far accounts have read.
    @ivar borrowers: those that act with the role of another account.
    @ivar brief: sessions that end soon after their connections.
    """

    def __init__(self, services: Services) -> None:
        self._services = services
        self._people = services.chat.state.people
        self.callers: dict[Connected, None] = {}
        self.local: dict[str, list[Connected]] = {}
        self.ears_in: dict[str, dict[Connected, None]] = {}
        self.told_once: dict[Connected, None] = {}
        self.borrowers: dict[Connected, None] = {}
        self.brief = Brief(services, self._sessions)
        self.read_marks = ReadMarks(services)
        self.departing: dict[str, list[Deferred[None]]] = {}

    def add(self, caller: Connected) -> None:
        """Somebody has connected."""
        self.callers[caller] = None
        if caller.ear.once:
            self.told_once[caller] = None

    def remove(self, caller: Connected) -> None:
        """The connection is gone. L{detach} follows if it has a nickname."""
        self.callers.pop(caller, None)
        self.told_once.pop(caller, None)

    def of(self, key: str) -> Sequence[Connected]:
        """Those of one person; none, where that one is not here. It changes as they come and go."""
        return self.local.get(key, ())

    def on_line(self) -> list[Connected]:
        """Those that have a nickname, in a list of its own: some may go while it is used."""
        return [caller for callers in self.local.values() for caller in callers]

    def readers(self, name: str) -> int:
        """How many hear this room."""
        return len(self.ears_in.get(name, ()))

    def _sessions(self) -> set[str]:
        return {caller.session for callers in self.local.values() for caller in callers}

    # Nicknames and rooms.

    def attach(self, caller: Connected, key: str) -> None:
        """This connection has this person's nickname and hears what is said in their rooms."""
        self.local.setdefault(key, []).append(caller)
        for name in self._people[key].rooms:
            self.hear(name, caller)

    def detach(self, caller: Connected, key: str) -> None:
        """It has that nickname no more, and hears nothing any more."""
        self.local[key].remove(caller)
        if not self.local[key]:
            del self.local[key]
        for name in self._people[key].rooms if key in self._people else ():
            self.unhear(name, caller)
        if caller.brief and caller.session:
            self.brief.ended(caller.session)

    def rename(self, old: str, new: str) -> Sequence[Connected]:
        """The person of one key has another now. @return: their connections."""
        callers = self.local.pop(old, None)
        if callers is None:
            return ()
        self.local.setdefault(new, []).extend(callers)
        return callers

    def hear(self, name: str, caller: Connected) -> None:
        """It hears this room from now on."""
        ears = self.ears_in.setdefault(name, {})
        if caller not in ears:
            ears[caller] = None
            caller.ear.entered(name)

    def unhear(self, name: str, caller: Connected) -> None:
        """It hears this room no more."""
        ears = self.ears_in.get(name)
        if ears is not None and caller in ears:
            del ears[caller]
            if not ears:
                del self.ears_in[name]
            if not caller.closed:
                caller.ear.went(name)

    # Those on the way out: the last connection is gone, and the departure is being kept.

    def depart(self, key: str, departure: Coroutine[Any, Any, object]) -> None:
        """Let this run to its end, and those who wait for it in L{departed} wait until then."""
        self.departing[key] = []
        self._services.finish(self._depart(key, departure))

    async def _depart(self, key: str, departure: Coroutine[Any, Any, object]) -> None:
        try:
            await departure
        finally:
            for waiting in self.departing.pop(key):
                waiting.callback(None)

    def is_departing(self, key: str) -> bool:
        """Whether the departure of this person is under way."""
        return key in self.departing

    async def departed(self, key: str) -> None:
        """Wait until somebody who is on the way out is out."""
        while key in self.departing:
            waiting: Deferred[None] = Deferred()
            self.departing[key].append(waiting)
            await waiting
