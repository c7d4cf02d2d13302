"""
When it gets too much: a room's pace and its lock.

What they do to whom is the house's business; here is only what to type.
"""

from __future__ import annotations

from collections.abc import Mapping

from chatroom.commands.base import DURATION, REASON, ROOM, Command, meant
from chatroom.commands.times import count, duration, limit, stamp, term
from chatroom.errors import BadArguments
from chatroom.events import FOREVER
from chatroom.interfaces import Answer, ICaller, Parameter, Role


class Lock(Command):
    """Nobody new, for now."""

    name = "lock"
    family = "Rooms"
    summary = "let nobody new into the room for a while"
    details = (
        "Whoever is in it stays, and it stays on the list. Until /unlock, or for as long as you write: /lock 30m "
        "raid. /invite NICK lets somebody in all the same. To close a room for good and take it off the list: /private."
    )
    parameters = (DURATION, REASON, ROOM)
    role = Role.OPERATOR

    async def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Answer:
        """See L{ICaller.lock}."""
        room = meant(caller, arguments)
        end, reason = term(caller.now(), arguments, "forever")
        await caller.lock(end, reason, arguments.get("room"))
        how_long = "" if end == FOREVER else f" {limit(caller.now(), end)}"
        return Answer(
            (f"{room} is locked{how_long}: nobody new comes in but whom you /invite. /unlock ends it.",),
            {"room": room, "until": stamp(end), "reason": reason},
        )


class Unlock(Command):
    """The opposite of L{Lock}."""

    name = "unlock"
    family = "Rooms"
    summary = "let people into the room again"
    details = "A password stays, and so does /private."
    parameters = (ROOM,)
    role = Role.OPERATOR

    async def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Answer:
        """See L{ICaller.unlock}."""
        room = meant(caller, arguments)
        await caller.unlock(arguments.get("room"))
        return Answer((f"{room} is not locked any more.",), {"room": room})


class Slow(Command):
    """A room that can be read."""

    name = "slow"
    aliases = ("slowmode",)
    family = "Rooms"
    summary = "let everybody say only one line in so many seconds, or as many as they like: /slow off"
    details = "Write /slow 30 or /slow 2m; without a time it shows what is set. Operators need not wait."
    parameters = (Parameter("seconds", required=False, help="30, 2m or off"), ROOM)
    role = Role.OPERATOR

    async def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Answer:
        """
        See L{ICaller.set_slow}.

        @raise BadArguments: it is no time.
        """
        room, given = meant(caller, arguments), arguments.get("seconds")
        if given is None:
            seconds = caller.view(arguments.get("room")).slow
        else:
            seconds = _seconds(given)
            await caller.set_slow(seconds, arguments.get("room"))
        sentence = f"{room} is in slow mode: one line every {count(seconds, 'second')}. /slow off ends it."
        return Answer((sentence if seconds else f"{room} is not in slow mode.",), {"room": room, "seconds": seconds})


def _seconds(typed: str) -> int:
    if typed.casefold() in ("off", "no", "false", "0"):
        return 0
    seconds = duration(f"{typed}s" if typed.isascii() and typed.isdigit() else typed)
    if seconds is None:
        raise BadArguments("Slow mode takes a time such as 30 or 2m, or off.")
    return seconds
