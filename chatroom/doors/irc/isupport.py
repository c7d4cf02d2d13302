"""
What the server can do, as clients learn it in 005.

https://modern.ircdocs.horse/#rplisupport-parameters. It knows limits, and nobody who is connected.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from chatroom.doors.irc.channel_names import STATUS
from chatroom.doors.irc.masks import ACCOUNT, MUTE
from chatroom.doors.irc.modes import BOT, CHANMODES, MOST_CHANGES, PREFIX
from chatroom.limits import Limits

PER_LINE = 13
"""Words in one line of 005: with the nickname and the text, a line has 15 parameters."""

MONITOR = 100
"""Nicknames that one connection may watch."""

HISTORY = 1000
"""Lines in one answer of CHATHISTORY."""

NAMELEN = 150
"""Bytes of a real name."""

TARGETS = 4
"""Rooms or people that one command may name."""

ROOMS = 20
"""Rooms in one JOIN or PART: clients name all that they want to be in. Each costs as much as a line."""

_TARGETS = {
    "JOIN": ROOMS, "KICK": TARGETS, "LIST": 1, "NAMES": TARGETS, "NOTICE": TARGETS, "PART": ROOMS, "PRIVMSG": TARGETS,
    "WHOIS": 1,
}  # fmt: skip

_AS_IT_IS = frozenset(map(chr, range(0x21, 0x7F))) - {"\\", "="}


def value(text: str) -> str:
    r"""A value as it stands in 005: blanks and the like are C{\x20}. Letters of any script stay."""
    return "".join(each if each in _AS_IT_IS or ord(each) > 0x9F else f"\\x{ord(each):02X}" for each in text)


def words(limits: Limits, network: str, *, history: bool = True, rooms: int | None = None) -> list[str]:
    """
    All words of 005.

    @param network: the server's name. @param history: whether CHATHISTORY is there.
    @param rooms: how many rooms one may be in, if it is not the limit's number.
    """
    named = {
        "ACCOUNTEXTBAN": ACCOUNT[0],
        "AWAYLEN": limits.text_length,
        "BOT": BOT,
        "CASEMAPPING": "ascii",
        "CHANLIMIT": f"#:{rooms or limits.rooms_per_person}",
        "CHANMODES": CHANMODES,
        "CHANNELLEN": limits.room_length + 1,
        "CHANTYPES": "#",
        "CHATHISTORY": HISTORY,
        "ELIST": "CMNTU",
        "EXTBAN": f",{ACCOUNT[0]}{MUTE[0]}",
        "HOSTLEN": limits.nick_length + 1 + len(network),
        "INVEX": "I",
        "KICKLEN": limits.text_length,
        "MAXLIST": f"b:{limits.bans_per_room},I:{limits.invites_per_room}",
        "MAXTARGETS": TARGETS,
        "MODES": MOST_CHANGES,
        "MONITOR": MONITOR,
        "MSGREFTYPES": "msgid,timestamp",
        "NAMELEN": NAMELEN,
        "NETWORK": value(network),
        "NICKLEN": limits.nick_length,
        "PREFIX": PREFIX,
        "SAFELIST": "",
        "STATUSMSG": STATUS,
        "TARGMAX": ",".join(f"{word}:{most}" for word, most in _TARGETS.items()),
        "TOPICLEN": limits.topic_length,
        "USERLEN": limits.nick_length + 1,
        "UTF8ONLY": "",
        "WHOX": "",
    }
    if not history:
        del named["CHATHISTORY"]
    return [f"{name}={given}" if given != "" else name for name, given in named.items()]


def lines(said: Iterable[str]) -> Iterator[tuple[str, ...]]:
    """The words, as many as one line of 005 holds at a time."""
    left = list(said)
    for at in range(0, len(left), PER_LINE):
        yield tuple(left[at : at + PER_LINE])
