"""
People who do more than talk: they make rooms, set topics, ban, whisper and rename themselves; and thieves, who want the
nicknames of people whose daemon has just been killed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from itertools import count
from typing import Any

from chatroom.client.framing import LineFraming
from tests.chaos.ledger import Object, letter_in
from tests.chaos.people import LOBBY, LOST, Program, Refusal, Resident

_tries = count(1)

UNEXPECTED = ("internal-error", "bad-arguments", "bad-request", "unknown-command")
"""Why nobody may be refused. Other reasons are part of life."""

WAITS = 20.0
"""Seconds for which a thief tries."""


class BusyProgram(Program):
    """
    A program that does something else now and then.

    @ivar did: how often it did what, and was not refused.
    """

    def __init__(self, *place: Any, people: Sequence[Resident], **how: Any) -> None:
        """@param people: to whom it whispers."""
        super().__init__(*place, **how)
        self.did: Counter[str] = Counter()
        self._people = people

    def deeds(self) -> Sequence[Callable[[], Any]]:
        """What it does besides."""
        return (self._whispers,)

    async def says(self) -> None:
        if self.dice.random() < 0.5:
            await super().says()
            return
        deed = self.dice.choice(self.deeds())
        try:
            await deed()
        except Refusal as refused:
            if refused.code in UNEXPECTED:
                raise
        else:
            self.did[deed.__name__.strip("_")] += 1

    async def _whispers(self) -> None:
        """To one of the others. Where it was delivered, and their connection stays, they hear it."""
        other = self.dice.choice(self._people)
        number, text = self.ledger.letter(other.nick)
        connection = other.connection if other.is_there else None  # else it may go to the connection that they lost
        answer = await self.asks("whisper", to=other.nick, text=text)
        if not answer["delivered"]:
            self.ledger.posted.add(number)
        elif connection is not None and other.connection is connection:
            connection.letters.add(number)


class Maker(BusyProgram):
    """The owner of the rooms that stay."""

    def deeds(self) -> Sequence[Callable[[], Any]]:
        return (self._whispers, self._sets_topic, self._bans, self._makes_room)

    async def _sets_topic(self) -> None:
        await self.asks("topic", room="attic", text=f"topic {self.dice.randrange(10**6)}")

    async def _bans(self) -> None:
        """Somebody who is not there, or no longer."""
        word, nick = self.dice.choice(("ban", "unban")), self.dice.choice(("mallory", "trudy"))
        await self.asks(word, room="attic", nick=nick)

    async def _makes_room(self) -> None:
        """And leaves it, so that it is closed."""
        room = f"try{next(_tries)}"
        await self.asks("create", room=room)
        await self.asks("say", room=room, text="Is anybody here?")
        await self.asks("leave", room=room)


class Renamer(BusyProgram):
    """A guest with two nicknames in turn, who owns a room that is closed when they leave."""

    def deeds(self) -> Sequence[Callable[[], Any]]:
        return (self._whispers, self._renames, self._opens_room)

    async def _renames(self) -> None:
        new = self.nick[:-1] if self.nick.endswith("2") else f"{self.nick}2"
        await self.asks("nick", nick=new)
        self.nick = new
        for run in self.runs.values():
            run.who = new

    async def _opens_room(self) -> None:
        await self.asks("create", room=f"of-{self.nick}")


class Thief(Program):
    """
    Somebody who takes the nickname of a guest whose daemon was killed, as soon as it is free, and looks what else
    there is to have.
    """

    async def steals(self) -> bool:
        """@return: whether it got the nickname."""
        end = self.reactor.seconds() + WAITS
        self.node = self._nodes[0]
        try:
            await self.connects(LineFraming(), self.node.port)
            while self.reactor.seconds() < end:
                try:
                    await self.asks("hello", nick=self.nick)
                except Refusal:
                    await self.waits(0.2)
                    continue
                me = await self.asks("whoami")
                if me["rooms"] != [LOBBY]:
                    self.ledger.faults.add("ghosts", f"a stranger called {self.nick} is in {me['rooms']} at once")
                await self.asks("quit")
                return True
        except LOST:
            pass
        except Refusal as refused:
            self.ledger.faults.add("refused", f"a stranger called {self.nick}: {refused}")
        finally:
            self.hangs_up()
        return False


def letters_in(answer: Object) -> list[int]:
    """The numbers of the whispers in an inbox."""
    found = [letter_in(each["text"]) for each in answer["whispers"]]
    return [number for number in found if number is not None]
