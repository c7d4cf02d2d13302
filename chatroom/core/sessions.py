"""
Who is here: one person, however many connections and nodes they use at once, and since when.

It knows nothing of connections, passwords or rooms' rules.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatroom.core.names import fold
from chatroom.events import HouseRole

if TYPE_CHECKING:
    from chatroom.core.rooms import Room


class Presence:
    """
    Somebody on line.

    @ivar staff: what they are in the house.
    @ivar nodes: the nodes they are connected through; when the last goes, so do they.
    @ivar rooms: by name, in order of joining.
    """

    __slots__ = ("nick", "key", "account", "staff", "nodes", "away", "since", "rooms")

    def __init__(self, nick: str, account: bool, node: str, since: float) -> None:
        self.nick = nick
        self.key = fold(nick)
        self.account = account
        self.staff = HouseRole.NONE
        self.nodes = {node}
        self.away = ""
        self.since = since
        self.rooms: dict[str, Room] = {}
