"""
A connection from one process to the next: all that it is, as a value, and being that again.

It knows neither where the value goes nor where it comes from.
"""

from __future__ import annotations

from chatroom.addresses import place
from chatroom.core.names import fold
from chatroom.core.presence import Presence
from chatroom.core.recollections import PersonHandedOver
from chatroom.events import ServerRole
from chatroom.server.session.base import NONE_IGNORED, SessionBase
from chatroom.server.session.lent import Lent
from chatroom.states import CallerSnapshot, LentSnapshot


class SnapshotActions(SessionBase):
    """What an upgrade asks of a connection."""

    __slots__ = ()

    def state(self) -> CallerSnapshot:
        return CallerSnapshot(
            self.door,
            self.nick,
            self.holder,
            self.session,
            self.room,
            self.rooms,
            tuple(sorted(self.ignored)),
            self.correspondent,
            dict(self.since),
            self.brief,
            self.visit,
            {} if self.presence is None else self.services.chat.talk.paces(self.presence, self.now()),
            self.zone,
            None if self.lent is None else LentSnapshot(*self.lent[:2], self.lent.role.name.lower()),
        )

    def restore(self, state: CallerSnapshot) -> None:
        """Be who this connection was. Its nickname has to be claimed again."""
        who = None if state.nick is None else self.services.chat.state.people.get(fold(state.nick))
        if who is None:
            return
        self.presence, self.holder, self.session, self.brief = who, state.holder, state.session, state.brief
        self.visit = state.visit or who.visit or self.visit
        told = PersonHandedOver(who.nick, place(self.address).origin, state.rooms, state.paces)
        self.services.chat.state.apply(told)
        self.connections.attach(self, who.key)
        self.room = state.room if state.room in who.rooms else next(iter(who.rooms), None)
        self.ignored, self.zone = frozenset(state.ignored) or NONE_IGNORED, state.zone
        if state.correspondent is not None:  # who is not here has an account, or would not be named
            absent = Presence(state.correspondent, True, "", self.now())
            self.whisperer = self.services.chat.state.people.get(absent.key, absent)
        self.since = dict(state.since)
        if state.lent is not None:
            self.lend(Lent(state.lent.account, state.lent.proof, ServerRole[state.lent.role.upper()]))
            self.services.finish(self.lent_role())
