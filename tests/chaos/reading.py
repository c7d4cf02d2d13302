"""
Somebody who looks at the cluster at the end, through one node: what is kept, and who is listed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from random import Random
from typing import Any

from chatroom.client.framing import LineFraming
from tests.chaos.ledger import Ledger, Object
from tests.chaos.nodes import Node
from tests.chaos.people import Program, Refusal


@dataclass
class View:
    """
    What a node says of its rooms.

    @ivar listed: by room, nicknames. @ivar rest: by room and name, all that has to be the same on every node.
    """

    listed: dict[str, list[str]]
    rest: dict[tuple[str, ...], Any]

    def differs(self, other: View) -> list[str]:
        """What is not the same there, as sentences."""
        keys = sorted({*self.rest, *other.rest})
        pairs = [(key, self.rest.get(key), other.rest.get(key)) for key in keys]
        return [f"{'/'.join(key)} is {here}, and elsewhere {there}" for key, here, there in pairs if here != there]


class Observer(Program):
    """A program that asks, and does not talk."""

    def __init__(self, reactor: Any, node: Node) -> None:
        super().__init__(reactor, Ledger(()), [node], Random(0), "", 0, account=False, web=False)
        self.node: Node = node

    async def enters(self, nick: str, password: str = "") -> None:
        """As a guest, or with a new account."""
        self.nick = nick
        await self.connects(LineFraming(), self.node.port)
        await self.asks("hello", nick=nick)
        if password:
            await self.asks("signup", password=password)

    async def history(self, room: str) -> list[Object]:
        """All events of a room."""
        found: list[Object] = []
        more = True
        while more:
            since = found[-1]["seq"] if found else 0
            page = await self.asks("history", room=room, since=since, talk=False)
            found += page["events"]
            more = page["more"]
        return found

    async def views(self, rooms: Iterable[str]) -> View:
        """Of these rooms, which it is in."""
        listed: dict[str, list[str]] = {}
        rest: dict[tuple[str, ...], Any] = {}
        for room in rooms:
            view = await self.asks("join", room=room)
            people = {}
            after: object = None
            while True:
                page = await self.asks("who", room=room, **({"after": after} if after else {}))
                people.update({each["nick"]: each for each in page["people"]})
                after = page["next"]
                if not after:
                    break
            listed[room] = list(people)
            for key in ("topic", "invite_only", "locked", "slow", "topic_by"):
                rest[room, key] = view[key]
            for nick, person in people.items():
                rest[room, nick] = {key: value for key, value in person.items() if key != "since"}
            try:
                bans: object = (await self.asks("bans", room=room))["bans"]
            except Refusal as refused:
                bans = refused.code
            rest[room, "bans"] = bans
        return View(listed, rest)

    async def leaves(self) -> None:
        """Say goodbye."""
        assert self.connection is not None
        self.connection.sends('{"id": 0, "do": "quit"}')
        await self.waits(0.5)
        self.hangs_up()
