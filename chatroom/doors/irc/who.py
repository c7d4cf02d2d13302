"""
WHO and WHOX: which fields a client asks for, and a person as a row of them.

RFC 2812, 3.6.1; WHOX as https://ircv3.net/specs/extensions/whox. It knows rows, and not who is in them.
"""

from __future__ import annotations

import re
from typing import NamedTuple

FIELDS = "tcuihsnfdlaor"
"""Fields of 354, in the order in which they are sent, whatever the order in which they are asked for."""

LONGEST_TOKEN = 3
"""Digits of the token that a client may send along."""

_WHOX = re.compile(r"[^%]*%([^,]*)(?:,([0-9]{1,3}))?", re.ASCII)


class WhoRequest(NamedTuple):
    """
    What WHO asks for.

    @ivar mask: a room, a nickname or a mask, as the client writes it; C{""} and C{0} mean everybody one may see.
    @ivar operators: only staff of the server.
    @ivar fields: those of L{FIELDS} that 354 is to have, in that order; C{None}: 352 is wanted.
    @ivar token: digits to send back as field C{t}.
    """

    mask: str
    operators: bool
    fields: str | None
    token: str


class WhoRow(NamedTuple):
    """
    One person, as WHO shows them.

    @ivar room: one room that the reader may see them in, or C{*}.
    @ivar flags: C{H} or C{G} (away), C{*} for staff, C{~@} in the room, C{B} for bots: L{flags}.
    @ivar account: the name of the account, C{0} for guests. @ivar idle: seconds.
    """

    room: str
    user: str
    host: str
    server: str
    nick: str
    flags: str
    account: str
    realname: str
    ip: str = "255.255.255.255"
    hops: int = 0
    idle: int = 0
    rank: str = "n/a"


def parsed_who(params: tuple[str, ...]) -> WhoRequest:
    """What the parameters of WHO ask for; what cannot be understood asks for 352."""
    mask = params[0] if params else ""
    asked = params[1] if len(params) > 1 else ""
    found = _WHOX.fullmatch(asked)
    if found is None:
        return WhoRequest(mask, "o" in asked, None, "0")
    wanted = found[1].lower()
    fields = "".join(each for each in FIELDS if each in wanted)
    return WhoRequest(mask, "o" in asked.partition("%")[0], fields, found[2] or "0")


def flags(*, away: bool, staff: bool, bot: bool, signs: str) -> str:
    """The flags of a person. @param signs: those of the room, all or the greatest one."""
    return ("G" if away else "H") + ("*" if staff else "") + signs + ("B" if bot else "")


def short_row(row: WhoRow) -> tuple[str, ...]:
    """The parameters of 352 behind the nickname of the client."""
    return (row.room, row.user, row.host, row.server, row.nick, row.flags, f"{row.hops} {row.realname}")


def long_row(row: WhoRow, fields: str, token: str) -> tuple[str, ...]:
    """
    The parameters of 354 behind the nickname of the client.

    @param fields: as L{WhoRequest} has them.
    """
    given = {
        "t": token, "c": row.room, "u": row.user, "i": row.ip, "h": row.host, "s": row.server, "n": row.nick,
        "f": row.flags, "d": str(row.hops), "l": str(row.idle), "a": row.account, "o": row.rank, "r": row.realname,
    }  # fmt: skip
    return tuple(given[each] for each in fields)
