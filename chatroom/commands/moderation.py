"""
Order in a room: what its operators can do to people, and its owners to operators.

Who outranks whom is the server's business; here is only what to type.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from chatroom.commands import shapes
from chatroom.commands.base import DURATION, OTHER_ROOM, REASON, ROOM, SKIP, Command, meant, number, person
from chatroom.commands.times import limit, stamp, still, stray, term
from chatroom.commands.views import Listed
from chatroom.errors import BadArguments
from chatroom.events import BAN, RoomBanned, RoomMuted, Sanctioned
from chatroom.interfaces import Answer, ICaller, Parameter, Role

_NICK = Parameter("nick", help="the nickname")
_GUESTS = "On a guest, it holds under any nickname, and for other guests from the same address."


def _because(reason: str) -> str:
    return f" ({reason})" if reason else ""


class Kick(Command):
    """Out, and free to come back."""

    name = "kick"
    family = "Moderation"
    summary = "kick somebody from the room"
    details = "A kicked person can join again at once; /ban prevents that."
    parameters = (_NICK, REASON, ROOM)
    role = Role.OPERATOR
    facts = (shapes.RoomNickFacts,)

    async def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Answer:
        """
        See L{ICaller.kick}.

        @raise BadArguments: with a length of time, somebody was to be banned.
        """
        room, nick = meant(caller, arguments), person(arguments)
        time = stray(arguments.get("reason", ""))
        if time:
            raise BadArguments(f"A kick does not last. To keep {nick} out, type /ban {nick} {time}.")
        await caller.kick(nick, arguments.get("reason", ""), arguments.get("room"))
        return Answer((f"Kicked {nick} from {room}.",), {"room": room, "nick": nick})


class Mute(Command):
    """Here, and silent."""

    name = "mute"
    family = "Moderation"
    summary = "mute somebody: they can read the room, but not talk in it"
    details = "Default: ten minutes. You can give a time and a reason: /mute NICK 2h shouting. " + _GUESTS
    parameters = (_NICK, DURATION, REASON, ROOM)
    role = Role.OPERATOR
    facts = (shapes.BanFacts,)

    async def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Answer:
        """See L{ICaller.mute}."""
        room, nick = meant(caller, arguments), person(arguments)
        end, reason = term(caller.now(), arguments, "10m")
        made = await caller.mute(nick, end, reason, arguments.get("room"))
        how_long, nick = limit(caller.now(), end), _whom(made)
        return Answer(
            (f"{nick} is muted in {room} {how_long}{_because(reason)}. /unmute {nick} ends it.", *_reach(made, room)),
            _bar_facts(caller, made),
        )


class Unmute(Command):
    """The opposite of L{Mute}."""

    name = "unmute"
    family = "Moderation"
    summary = "unmute somebody"
    parameters = (_NICK, OTHER_ROOM)
    role = Role.OPERATOR
    facts = (shapes.RoomNickFacts,)

    async def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Answer:
        """See L{ICaller.unmute}."""
        room, nick = meant(caller, arguments), person(arguments)
        await caller.unmute(nick, arguments.get("room"))
        return Answer((f"{nick} can talk in {room} again.",), {"room": room, "nick": nick})


class Ban(Command):
    """Out, and not to come back."""

    name = "ban"
    family = "Moderation"
    summary = "ban somebody from the room"
    details = "Default: forever. You can give a time and a reason: /ban NICK 7d spam. Survives restarts. " + _GUESTS
    parameters = (_NICK, DURATION, REASON, ROOM)
    role = Role.OPERATOR
    facts = (shapes.BanFacts,)

    async def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Answer:
        """See L{ICaller.ban}."""
        room, nick = meant(caller, arguments), person(arguments)
        end, reason = term(caller.now(), arguments, "forever")
        made = await caller.ban(nick, end, reason, arguments.get("room"))
        how_long, nick = limit(caller.now(), end), _whom(made)
        return Answer(
            (f"{nick} is banned from {room} {how_long}{_because(reason)}. /unban {nick} ends it.", *_reach(made, room)),
            _bar_facts(caller, made),
        )


class Unban(Command):
    """The opposite of L{Ban}."""

    name = "unban"
    family = "Moderation"
    summary = "lift a ban"
    parameters = (_NICK, OTHER_ROOM)
    role = Role.OPERATOR
    facts = (shapes.RoomNickFacts,)

    async def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Answer:
        """See L{ICaller.unban}."""
        room, nick = meant(caller, arguments), person(arguments)
        await caller.unban(nick, arguments.get("room"))
        return Answer((f"Ban on {nick} lifted: {nick} can join {room} again.",), {"room": room, "nick": nick})


class Bans(Command):
    """Bans and mutes in force."""

    name = "bans"
    aliases = ("mutes",)
    family = "Moderation"
    summary = "list the bans and mutes of the room"
    parameters = (SKIP, ROOM)
    role = Role.OPERATOR
    facts = (shapes.BansFacts,)

    def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Answer:
        """
        See L{ICaller.bans}.

        @raise BadArguments: the number is none.
        """
        room = meant(caller, arguments)
        rows = caller.bans(arguments.get("room"))
        page = Listed(rows, partial(_bar_facts, caller), caller.page_bytes, number(arguments, "skip"))
        parts = (*(_bar_line(row, caller) for row in page.rows), *page.hint(self.name))
        nothing = "No more." if rows else f"No bans or mutes in {room}."
        return Answer(parts or (nothing,), {"room": room, "bans": page.facts, "next": page.next})


def _kind(row: RoomBanned | RoomMuted | Sanctioned) -> str:
    return "banned" if isinstance(row, RoomBanned) or (isinstance(row, Sanctioned) and row.act == BAN) else "muted"


def _whom(row: RoomBanned | RoomMuted | Sanctioned) -> str:
    return row.target if isinstance(row, Sanctioned) else row.who


def _reach(row: RoomBanned | RoomMuted | Sanctioned, room: str) -> tuple[str, ...]:
    """Whom it concerns besides the one who is named, for who did it to know."""
    if not isinstance(row, Sanctioned):
        return ()
    nick, banned = row.target, row.act == BAN
    if not row.origin:
        return (f"{nick} is a guest: this holds under any nickname, until {nick} disconnects.",)
    others = "cannot join" if banned else "cannot talk in"
    exception = f" /invite NICK lets one of them join {room} anyway." if banned else ""
    return (
        f"{nick} is a guest: this holds under any nickname. Other guests from the same address {others} {room} either; "
        f"people with an account can.{exception}",
    )


def _bar_line(row: RoomBanned | RoomMuted | Sanctioned, caller: ICaller) -> str:
    now = caller.now()
    notes = []
    if isinstance(row, Sanctioned):
        called = caller.called_now(row)
        notes += [f"now called {called}"] if called not in (None, row.target) else []
        notes.append("a guest, with all guests from the same address" if row.origin else "a guest")
    note = f" ({', '.join(notes)})" if notes else ""
    return f"{_whom(row)}{note} is {_kind(row)} {still(now, row.until)}, by {row.nick}{_because(row.reason)}."


def _bar_facts(caller: ICaller, row: RoomBanned | RoomMuted | Sanctioned) -> dict[str, object]:
    return {
        "room": row.room,
        "kind": _kind(row),
        "nick": _whom(row),
        "by": row.nick,
        "at": stamp(row.at),
        "until": stamp(row.until),
        "reason": row.reason,
        "guest": isinstance(row, Sanctioned),
        "address": isinstance(row, Sanctioned) and bool(row.origin),
        "now": caller.called_now(row),
    }


class Op(Command):
    """Sharing the work."""

    name = "op"
    family = "Moderation"
    summary = "make somebody an operator or co-owner of the room"
    details = (
        "Operators set the topic and who can join, invite, kick, mute and ban. /op NICK owner makes somebody "
        "co-owner. A guest's role ends when they leave the server."
    )
    parameters = (_NICK, Parameter("role", required=False, help="the word owner, for a co-owner"), ROOM)
    role = Role.OWNER
    facts = (shapes.RoleFacts,)

    async def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Answer:
        """
        See L{ICaller.set_role}.

        @raise BadArguments: there is no such role to give.
        """
        role = arguments.get("role", "operator").casefold()
        if role not in ("operator", "owner"):
            raise BadArguments("The role must be operator or owner.")
        return await _give(caller, arguments, Role[role.upper()])


class Deop(Command):
    """The opposite of L{Op}."""

    name = "deop"
    family = "Moderation"
    summary = "remove somebody's role in the room"
    parameters = (_NICK, ROOM)
    role = Role.OWNER
    facts = (shapes.RoleFacts,)

    async def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Answer:
        """See L{ICaller.set_role}."""
        return await _give(caller, arguments, Role.MEMBER)


async def _give(caller: ICaller, arguments: Mapping[str, str], role: Role) -> Answer:
    room, nick, word = meant(caller, arguments), person(arguments), role.name.lower()
    await caller.set_role(nick, role, arguments.get("room"))
    done = f"no longer has a role in {room}" if role is Role.MEMBER else f"is now an {word} of {room}"
    return Answer((f"{nick} {done}.",), {"room": room, "nick": nick, "role": word})
