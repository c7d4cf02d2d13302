"""
Dice for a chat room: C{/roll}, C{/roll 2d6}.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from random import SystemRandom

from chatroom.commands.base import ROOM, Command
from chatroom.errors import BadArguments
from chatroom.interfaces import ICaller, Parameter, Receipt, Role

DICE = re.compile(r"(\d{0,2})d(\d{1,4})", re.ASCII | re.IGNORECASE)


def fair(sides: int) -> int:
    """What a die with so many sides shows."""
    return SystemRandom().randint(1, sides)


class Roll(Command):
    """Throws dice where everybody in the room can see it."""

    name = "roll"
    aliases = ("dice",)
    family = "Games"
    summary = "throw dice for all to see: /roll 2d6"
    details = "2d6 is two dice with six sides. Up to 99 dice, with 2 to 9999 sides."
    parameters = (
        Parameter("dice", required=False, help="how many, and with how many sides; 1d6 if left out"),
        ROOM,
    )
    role = Role.MEMBER

    def __init__(self, throw: Callable[[int], int] = fair) -> None:
        """@param throw: makes a number from 1 to the number of sides. Tests bring their own luck."""
        self._throw = throw

    def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Receipt:
        """
        Say it as C{/me} does. The one who rolls does not hear their own words, and so is told.

        @raise BadArguments: these are no dice.
        """
        dice = arguments.get("dice", "1d6")
        match = DICE.fullmatch(dice)
        count, sides = (int(match[1] or 1), int(match[2])) if match else (0, 0)
        if count < 1 or sides < 2:
            raise BadArguments(f"{dice!r} are no dice. Write 2d6 for two dice with six sides.")
        thrown = [self._throw(sides) for _ in range(count)]
        points = " + ".join(map(str, thrown))
        result = f"{count}d{sides}: {points}" + (f" = {sum(thrown)}" if count > 1 else "")
        receipt = caller.say(f"rolls {result}", arguments.get("room"), act=True)
        caller.tell(f"You roll {result}")
        return receipt
