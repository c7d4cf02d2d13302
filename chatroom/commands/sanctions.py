"""
Sanctions of the whole server: the words of a room, with a C{g} for global before them.

A target is a nickname, an account, an address or a network; which it is, and who may do it to whom, is the server's
business.
"""

from __future__ import annotations

from collections.abc import Mapping

from chatroom.commands.base import DURATION, SKIP, Command, number
from chatroom.commands.times import limit, stamp, stray, term
from chatroom.commands.views import Listed
from chatroom.errors import BadArguments
from chatroom.events import ADDRESS, BAN, FOREVER, GUEST, Sanctioned
from chatroom.interfaces import Answer, ICaller, Parameter, ServerRole

_TARGET = Parameter("target", help="a nickname, an address, or a network such as 192.0.2.0/24")
_REASON = Parameter("reason", required=False, rest=True, help="told to those it concerns, and kept in the log")
_WHOM = (
    "With an account, that account is meant, wherever it comes from; a single IPv6 address stands for its /64. "
    "@NICK is a nickname even if it looks like an address. A guest's holds under any nickname, and for other guests "
    "from the same address."
)


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
    summary = "send somebody out of the server"
    details = "They may come back at once; /gban keeps them out. " + _WHOM
    parameters = (_TARGET, _REASON)

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
        return Answer((f"{target} is out of the server.",), {"target": target})


class MuteInServer(_Sanction):
    """Here, and silent in every room."""

    name = "gmute"
    aliases = ("shun",)
    summary = "let somebody talk nowhere on the server, and to nobody but staff"
    details = "For an hour, or as long as you write: /gmute NICK 1d flooding. " + _WHOM
    parameters = (_TARGET, DURATION, _REASON)

    async def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Answer:
        """See L{ICaller.server_mute}."""
        end, reason = term(caller.now(), arguments, "1h")
        made = await caller.server_mute(arguments["target"], end, reason)
        return Answer((_made_line(made), *_reach(made)), _facts(made))


class UnmuteInServer(_Sanction):
    """The opposite of L{MuteInServer}."""

    name = "gunmute"
    summary = "let somebody talk on the server again"
    parameters = (_TARGET,)

    async def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Answer:
        """See L{ICaller.server_unmute}."""
        target = await caller.server_unmute(arguments["target"])
        return Answer((f"{target} may talk on this server again.",), {"target": target})


class BanFromServer(_Sanction):
    """Out of the server, and not to come back."""

    name = "gban"
    aliases = ("gline", "kline")
    summary = "send somebody out of the server and keep them out"
    details = (
        "For ever, or as long as you write: /gban 192.0.2.0/24 7d raid. It holds across restarts and at every door. "
        + _WHOM
    )
    parameters = (_TARGET, DURATION, _REASON)

    async def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Answer:
        """See L{ICaller.server_ban}."""
        end, reason = term(caller.now(), arguments, "forever")
        places = caller.addresses(arguments["target"].removeprefix("@"))
        made = await caller.server_ban(arguments["target"], end, reason)
        keep = "keep out people with an account from there" if made.scope == GUEST else "keep that address out"
        hints = [f"They came from {place}; /gban {place} would {keep} as well." for place in places]
        return Answer((_made_line(made), *_reach(made), *hints), {**_facts(made), "addresses": list(places)})


class UnbanFromServer(_Sanction):
    """The opposite of L{BanFromServer}."""

    name = "gunban"
    summary = "let somebody to the server again"
    parameters = (_TARGET,)

    async def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Answer:
        """See L{ICaller.server_unban}."""
        target = await caller.server_unban(arguments["target"])
        return Answer((f"{target} may connect to this server again.",), {"target": target})


class BansOfServer(_Sanction):
    """Bans and mutes in force."""

    name = "gbans"
    aliases = ("gmutes",)
    summary = "list who is banned from the server or muted in it"
    details = "Programs get `next`, where it is not null: what to send as `skip` for the next page."
    parameters = (SKIP,)

    async def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Answer:
        """
        See L{ICaller.server_bans}.

        @raise BadArguments: the number is none.
        """
        rows = caller.server_bans()
        page = Listed(rows, _facts, caller.page_bytes, number(arguments, "skip"))
        parts = (*(_line(row, caller.now()) for row in page.rows), *page.hint(self.name))
        nothing = "There are no more." if rows else "Nobody is banned from this server or muted in it."
        return Answer(parts or (nothing,), {"bans": page.facts, "next": page.next})


class Close(_Sanction):
    """The end of a room."""

    name = "close"
    summary = "send everybody out of a room and forget it, with its history"
    parameters = (Parameter("room", help="its name"), _REASON)

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
        return ("It holds under any nickname, until they disconnect.",)
    where = "cannot connect" if row.act == BAN else "cannot talk"
    return (f"It holds under any nickname. Other guests from {row.origin} {where} either.",)


def _line(row: Sanctioned, now: float) -> str:
    left = limit(now, row.until) if row.until == FOREVER else limit(now, row.until) + " more"
    return f"{_named(row)} is {_kind(row)} {left}, by {row.nick}{_because(row.reason)}."


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
