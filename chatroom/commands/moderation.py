"""
Order in a room: what its operators can do to people, and its owners to operators.

Who outranks whom is the house's business; here is only what to type.
"""

from __future__ import annotations

from collections.abc import Mapping

from chatroom.commands.base import DURATION, REASON, ROOM, SKIP, Command, meant, number, person
from chatroom.commands.times import limit, stamp, term
from chatroom.commands.views import Listed
from chatroom.errors import BadArguments
from chatroom.events import FOREVER, Barred, Event, Hushed
from chatroom.interfaces import Answer, ICaller, Parameter, Role

_NICK = Parameter("nick", help="whom")


def _because(reason: str) -> str:
    return f" ({reason})" if reason else ""


class Kick(Command):
    """Out, and free to come back."""

    name = "kick"
    family = "Moderation"
    summary = "send somebody out of the room"
    details = "They may come back at once; /ban keeps them out."
    parameters = (_NICK, REASON, ROOM)
    role = Role.OPERATOR

    async def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Answer:
        """See L{ICaller.kick}."""
        room, nick = meant(caller, arguments), person(arguments)
        await caller.kick(nick, arguments.get("reason", ""), arguments.get("room"))
        return Answer((f"{nick} is out of {room}.",), {"room": room, "nick": nick})


class Mute(Command):
    """Here, and silent."""

    name = "mute"
    family = "Moderation"
    summary = "let somebody read the room but say nothing"
    details = "For ten minutes, or as long as you write: /mute NICK 2h shouting"
    parameters = (_NICK, DURATION, REASON, ROOM)
    role = Role.OPERATOR

    async def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Answer:
        """See L{ICaller.mute}."""
        room, nick = meant(caller, arguments), person(arguments)
        end, reason = term(caller.now(), arguments, "10m")
        await caller.mute(nick, end, reason, arguments.get("room"))
        how_long = limit(caller.now(), end)
        return Answer(
            (f"{nick} is muted in {room} {how_long}{_because(reason)}. /unmute {nick} ends it.",),
            {"room": room, "nick": nick, "until": stamp(end), "reason": reason},
        )


class Unmute(Command):
    """The opposite of L{Mute}."""

    name = "unmute"
    family = "Moderation"
    summary = "let somebody talk again"
    parameters = (_NICK, ROOM)
    role = Role.OPERATOR

    async def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Answer:
        """See L{ICaller.unmute}."""
        room, nick = meant(caller, arguments), person(arguments)
        await caller.unmute(nick, arguments.get("room"))
        return Answer((f"{nick} may talk in {room} again.",), {"room": room, "nick": nick})


class Ban(Command):
    """Out, and not to come back."""

    name = "ban"
    family = "Moderation"
    summary = "send somebody out of the room and keep them out"
    details = "For ever, or as long as you write: /ban NICK 7d advertising. It holds across restarts."
    parameters = (_NICK, DURATION, REASON, ROOM)
    role = Role.OPERATOR

    async def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Answer:
        """See L{ICaller.ban}."""
        room, nick = meant(caller, arguments), person(arguments)
        end, reason = term(caller.now(), arguments, "forever")
        await caller.ban(nick, end, reason, arguments.get("room"))
        how_long = limit(caller.now(), end)
        return Answer(
            (f"{nick} is banned from {room} {how_long}{_because(reason)}. /unban {nick} ends it.",),
            {"room": room, "nick": nick, "until": stamp(end), "reason": reason},
        )


class Unban(Command):
    """The opposite of L{Ban}."""

    name = "unban"
    family = "Moderation"
    summary = "let somebody into the room again"
    parameters = (_NICK, ROOM)
    role = Role.OPERATOR

    async def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Answer:
        """See L{ICaller.unban}."""
        room, nick = meant(caller, arguments), person(arguments)
        await caller.unban(nick, arguments.get("room"))
        return Answer((f"{nick} may come into {room} again.",), {"room": room, "nick": nick})


class Bans(Command):
    """Bans and mutes in force."""

    name = "bans"
    aliases = ("mutes",)
    family = "Moderation"
    summary = "list who is banned from the room or muted in it"
    details = "Programs get `next`, where it is not null: what to send as `skip` for the next page."
    parameters = (SKIP, ROOM)
    role = Role.OPERATOR

    def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Answer:
        """
        See L{ICaller.bans}.

        @raise BadArguments: the number is none.
        """
        room = meant(caller, arguments)
        rows = [row for row in caller.bans(arguments.get("room")) if isinstance(row, (Barred, Hushed))]
        page = Listed(rows, _bar_facts, caller.page_bytes, number(arguments, "skip"))
        parts = (*(_bar_line(row, caller.now()) for row in page.rows), *page.hint(self.name))
        nothing = "There are no more." if rows else f"Nobody is banned from {room} or muted in it."
        return Answer(parts or (nothing,), {"room": room, "bans": page.facts, "next": page.next})


def _kind(row: Event) -> str:
    return "banned" if isinstance(row, Barred) else "muted"


def _bar_line(row: Barred | Hushed, now: float) -> str:
    left = limit(now, row.until) if row.until == FOREVER else limit(now, row.until) + " more"
    return f"{row.who} is {_kind(row)} {left}, by {row.nick}{_because(row.reason)}."


def _bar_facts(row: Barred | Hushed) -> dict[str, object]:
    return {
        "kind": _kind(row),
        "nick": row.who,
        "by": row.nick,
        "at": stamp(row.at),
        "until": stamp(row.until),
        "reason": row.reason,
    }


class Op(Command):
    """Sharing the work."""

    name = "op"
    family = "Moderation"
    summary = "make somebody an operator of the room"
    details = (
        "Operators set the topic and the door, invite, kick, mute and ban. With the word owner behind the name, "
        "somebody owns the room beside you. A guest's role ends with the visit."
    )
    parameters = (_NICK, Parameter("role", required=False, help="the word owner, to share the room"), ROOM)
    role = Role.OWNER

    async def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Answer:
        """
        See L{ICaller.set_role}.

        @raise BadArguments: there is no such role to give.
        """
        role = arguments.get("role", "operator").casefold()
        if role not in ("operator", "owner"):
            raise BadArguments("The role is operator or owner.")
        return await _give(caller, arguments, Role[role.upper()])


class Deop(Command):
    """The opposite of L{Op}."""

    name = "deop"
    family = "Moderation"
    summary = "make an operator a plain member again"
    parameters = (_NICK, ROOM)
    role = Role.OWNER

    async def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Answer:
        """See L{ICaller.set_role}."""
        return await _give(caller, arguments, Role.MEMBER)


async def _give(caller: ICaller, arguments: Mapping[str, str], role: Role) -> Answer:
    room, nick, word = meant(caller, arguments), person(arguments), role.name.lower()
    await caller.set_role(nick, role, arguments.get("room"))
    article = "a" if role is Role.MEMBER else "an"
    return Answer((f"{nick} is {article} {word} of {room} now.",), {"room": room, "nick": nick, "role": word})
