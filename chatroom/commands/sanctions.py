"""
Sanctions of the whole server: the words of a room, with a C{g} for global before them.

A target is a nickname, an account, an address or a network; which it is, and who may do it to whom, is the server's
business.
"""

from __future__ import annotations

from collections.abc import Mapping

from chatroom.commands import shapes
from chatroom.commands.base import DURATION, SKIP, Command, number
from chatroom.commands.times import limit, stamp, still, stray, term
from chatroom.commands.views import Listed
from chatroom.errors import BadArguments
from chatroom.events import ADDRESS, BAN, GUEST, Sanctioned
from chatroom.interfaces import Answer, ICaller, Parameter, ServerRole

_TARGET = Parameter("target", help="a nickname, an address, or a network such as 192.0.2.0/24")
_REASON = Parameter("reason", required=False, rest=True, help="shown to the person and kept in the log")
_WHOM = (
    "A nickname with an account means the account, from any address; a single IPv6 address means its /64. @NICK is "
    "a nickname even if it looks like an address."
)
_ON_GUESTS = f"{_WHOM} On a guest, it holds under any nickname, and for other guests from the same address."


def _because(reason: str) -> str:
    return f" ({reason})" if reason else ""


class _Sanction(Command):
    """What all of these are."""

    family = "Staff"
    staff = ServerRole.MODERATOR


class KickFromServer(_Sanction):
    """Out of the server, and free to come back."""

    name = "gkick"
    aliases = ("kill",)
    summary = "kick somebody from the server"
    details = "A kicked person can connect again at once; /gban prevents that. " + _WHOM
    parameters = (_TARGET, _REASON)
    facts = (shapes.TargetFacts,)

    async def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Answer:
        """
        See L{ICaller.server_kick}.

        @raise BadArguments: with a length of time, somebody was to be banned.
        """
        target = arguments["target"]
        time = stray(arguments.get("reason", ""))
        if time:
            raise BadArguments(f"A kick does not last. To keep {target} out, type /gban {target} {time}.")
        await caller.server_kick(target, arguments.get("reason", ""))
        return Answer((f"Kicked {target} from the server.",), {"target": target})


class MuteInServer(_Sanction):
    """Here, and silent in every room."""

    name = "gmute"
    aliases = ("shun",)
    summary = "mute somebody everywhere; they can still whisper to staff"
    details = "Default: one hour. You can give a time and a reason: /gmute NICK 1d flooding. " + _ON_GUESTS
    parameters = (_TARGET, DURATION, _REASON)
    facts = (shapes.ServerBanFacts,)

    async def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Answer:
        """See L{ICaller.server_mute}."""
        end, reason = term(caller.now(), arguments, "1h")
        made = await caller.server_mute(arguments["target"], end, reason)
        return Answer((_made_line(made), *_reach(made)), _facts(made))


class UnmuteInServer(_Sanction):
    """The opposite of L{MuteInServer}."""

    name = "gunmute"
    summary = "lift a server mute"
    parameters = (_TARGET,)
    facts = (shapes.TargetFacts,)

    async def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Answer:
        """See L{ICaller.server_unmute}."""
        target = await caller.server_unmute(arguments["target"])
        return Answer((f"{target} can talk on this server again.",), {"target": target})


class BanFromServer(_Sanction):
    """Out of the server, and not to come back."""

    name = "gban"
    aliases = ("gline", "kline")
    summary = "ban somebody from the server"
    details = (
        "Default: forever. You can give a time and a reason: /gban 192.0.2.0/24 7d raid. Survives restarts. "
        + _ON_GUESTS
    )
    parameters = (_TARGET, DURATION, _REASON)
    facts = (shapes.MadeServerBanFacts,)

    async def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Answer:
        """See L{ICaller.server_ban}."""
        end, reason = term(caller.now(), arguments, "forever")
        places = caller.addresses(arguments["target"].removeprefix("@"))
        made = await caller.server_ban(arguments["target"], end, reason)
        keep = "bans accounts from there too" if made.scope == GUEST else "bans that address too"
        hints = [f"{made.target} connected from {place}; /gban {place} {keep}." for place in places]
        return Answer((_made_line(made), *_reach(made), *hints), {**_facts(made), "addresses": list(places)})


class UnbanFromServer(_Sanction):
    """The opposite of L{BanFromServer}."""

    name = "gunban"
    summary = "lift a server ban"
    parameters = (_TARGET,)
    facts = (shapes.TargetFacts,)

    async def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Answer:
        """See L{ICaller.server_unban}."""
        target = await caller.server_unban(arguments["target"])
        return Answer((f"{target} can connect to this server again.",), {"target": target})


class BansOfServer(_Sanction):
    """Bans and mutes in force."""

    name = "gbans"
    aliases = ("gmutes",)
    summary = "list server bans and mutes"
    parameters = (SKIP,)
    facts = (shapes.ServerBansFacts,)

    async def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Answer:
        """
        See L{ICaller.server_bans}.

        @raise BadArguments: the number is none.
        """
        rows = caller.server_bans()
        page = Listed(rows, _facts, caller.page_bytes, number(arguments, "skip"))
        parts = (*(_line(row, caller.now()) for row in page.rows), *page.hint(self.name))
        nothing = "No more." if rows else "No server bans or mutes."
        return Answer(parts or (nothing,), {"bans": page.facts, "next": page.next})


class Close(_Sanction):
    """The end of a room."""

    name = "close"
    summary = "close a room and delete its history"
    parameters = (Parameter("room", help="its name"), _REASON)
    facts = (shapes.RoomNameFacts,)

    async def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Answer:
        """See L{ICaller.close_room}."""
        room = await caller.close_room(arguments["room"], arguments.get("reason", ""))
        return Answer((f"{room} is closed.",), {"room": room})


def _kind(row: Sanctioned) -> str:
    return "banned" if row.act == BAN else "muted"


def _named(row: Sanctioned) -> str:
    """C{The account bob}, C{The nickname eve}, C{The guest eve}, C{192.0.2.0/24}."""
    if row.scope == ADDRESS:
        return row.target
    return f"The {'nickname' if row.scope == 'nick' else row.scope} {row.target}"


def _made_line(row: Sanctioned) -> str:
    where = "from this server" if row.act == BAN else "on this server"
    undo = f"/gun{row.act} {row.target} ends it."
    return f"{_named(row)} is {_kind(row)} {where} {limit(row.at, row.until)}{_because(row.reason)}. {undo}"


def _reach(row: Sanctioned) -> tuple[str, ...]:
    """Whom it concerns besides the one who is named, for who did it to know."""
    if row.scope != GUEST:
        return ()
    if not row.origin:
        return ("This holds under any nickname, until they disconnect.",)
    where = "cannot connect" if row.act == BAN else "cannot talk"
    return (f"This holds under any nickname. Other guests from {row.origin} {where} either.",)


def _line(row: Sanctioned, now: float) -> str:
    return f"{_named(row)} is {_kind(row)} {still(now, row.until)}, by {row.nick}{_because(row.reason)}."


def _facts(row: Sanctioned) -> dict[str, object]:
    return {
        "kind": _kind(row),
        "target": row.target,
        "scope": row.scope,
        **({"address": row.origin} if row.origin else {}),
        "by": row.nick,
        "at": stamp(row.at),
        "until": stamp(row.until),
        "reason": row.reason,
    }
