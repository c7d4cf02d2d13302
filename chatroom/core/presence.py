"""
Who is here: one person, however many connections and nodes they use at once, and since when.

It knows nothing of connections, passwords or rooms' rules.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from chatroom.core.names import fold
from chatroom.events import ServerRole

if TYPE_CHECKING:
    from chatroom.core.rooms import Room


NOBODY_ACTS: Mapping[str, ServerRole] = MappingProxyType({})
"""The roles with which the connections of most people act. It is one object, as an empty mapping takes 64 bytes."""


class Presence:
    """
    Somebody on line.

    @ivar staff: what they are on the server.
    @ivar acting: by node, the highest role that another account lends to a connection of theirs. No rule asks for it
        but those that protect staff: what such a connection may do, L{Acting} says.
    @ivar nodes: the nodes they are connected through; when the last goes, so do they.
    @ivar rooms: by name, in order of joining. @ivar has_joined: a room, since they came on line.
    @ivar visit: of a guest, what stays the same whatever they are called; C{""} for an account.
    @ivar bot: a program uses the account.
    @ivar origin: of a guest, the address or the /64 they come from, if any; C{""} for an account.
    """

    __slots__ = (
        "nick",
        "key",
        "account",
        "staff",
        "acting",
        "nodes",
        "away",
        "since",
        "rooms",
        "has_joined",
        "visit",
        "origin",
        "bot",
    )

    def __init__(
        self,
        nick: str,
        account: bool,
        node: str,
        since: float,
        visit: str = "",
        origin: str = "",
        staff: ServerRole = ServerRole.NONE,
        bot: bool = False,
    ) -> None:
        self.nick = nick
        key = fold(nick)
        self.key = nick if key == nick else key  # most are equal, and need no second object
        self.account = account
        self.staff = staff
        self.acting = NOBODY_ACTS
        self.nodes = _only(node)
        self.away = ""
        self.since = since
        self.rooms: dict[str, Room] = {}
        self.has_joined = False
        self.visit = visit
        self.bot = bot
        self.origin = origin

    def is_at(self, node: str) -> None:
        """They are connected through this node, perhaps besides others."""
        if node not in self.nodes:
            self.nodes |= {node}

    @property
    def shown_staff(self) -> ServerRole:
        """What others see, and what protects them: their own role on the server, or a higher one that they act with."""
        return max(self.staff, *self.acting.values()) if self.acting else self.staff

    @property
    def actor(self) -> str:
        """In whose name they act on the whole server."""
        return self.nick

    @property
    def by(self) -> str:
        """The nickname, where they act in another name: C{done_by} of L{Audited<chatroom.events.Audited>}."""
        return ""

    @property
    def pace_key(self) -> str:
        """What counts for this person counts by this: for an account its key, for a guest the visit."""
        return self.visit or self.key


class Acting(Presence):
    """
    Somebody as one of their connections is, to which another account lends its role: made for one decision, as it
    learns nothing of what happens later.
    """

    __slots__ = ("_account",)

    def __init__(self, who: Presence, account: str, role: ServerRole) -> None:
        """@param account: its name. @param role: what it is on the server."""
        super().__init__(who.nick, who.account, "", who.since, who.visit, who.origin, max(who.staff, role), who.bot)
        self.acting, self.nodes, self.away, self.rooms = who.acting, who.nodes, who.away, who.rooms
        self.has_joined = who.has_joined
        self._account = account

    @property
    def actor(self) -> str:
        """See L{Presence.actor}."""
        return self._account

    @property
    def by(self) -> str:
        """See L{Presence.by}."""
        return self.nick


@lru_cache(maxsize=64)
def _only(node: str) -> frozenset[str]:
    """One node as a set, which is one object for all who are connected through it: a set takes 216 bytes."""
    return frozenset({node})


class PastGuest(NamedTuple):
    """A guest who had a nickname: see L{Presence}."""

    nick: str
    visit: str
    origin: str
