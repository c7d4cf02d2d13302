"""
Who is here: one person, however many connections and nodes they use at once, and since when.

It knows nothing of connections, passwords or rooms' rules.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from chatroom.core.names import fold
from chatroom.events import ServerRole

if TYPE_CHECKING:
    from chatroom.core.rooms import Room


class Presence:
    """
    Somebody on line.

    @ivar staff: what they are on the server.
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
    def pace_key(self) -> str:
        """What counts for this person counts by this: for an account its key, for a guest the visit."""
        return self.visit or self.key


@lru_cache(maxsize=64)
def _only(node: str) -> frozenset[str]:
    """One node as a set, which is one object for all who are connected through it: a set takes 216 bytes."""
    return frozenset({node})


class PastGuest(NamedTuple):
    """A guest who had a nickname: see L{Presence}."""

    nick: str
    visit: str
    origin: str
