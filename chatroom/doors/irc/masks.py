"""
People as IRC names them, C{alice!~alice@alice.chatroom}, and which one a mask means.

The host names the person, so the ban masks that clients make of it mean one person. Bans hold by name here: a mask
that means several is answered with a sentence. It knows names, and nobody who has one.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from chatroom.errors import BadArguments
from chatroom.folding import fold

MUTE = "m:"
"""How a mask begins that mutes: C{EXTBAN=,am} in 005."""

ACCOUNT = "a:"
"""How a mask begins that means an account by its name: IRCv3 account-extban."""

_WILD = re.compile(r"[*?]")


class Mask(NamedTuple):
    """
    Whom a mask means.

    @ivar nick: the name, as the mask writes it; perhaps nobody has it.
    @ivar mute: the person is to be muted, and not banned. @ivar account: nobody is meant but the account of that name.
    """

    nick: str
    mute: bool
    account: bool = False


def host_of(nick: str, server: str) -> str:
    """C{alice.chatroom}: what stands for a person's host."""
    return f"{nick}.{server}"


def source_of(nick: str, server: str) -> str:
    """C{alice!~alice@alice.chatroom}: how a line names the person whom it comes from."""
    return f"{nick}!~{nick}@{nick}.{server}"


def mask_of(nick: str, *, mute: bool = False) -> str:
    """C{alice!*@*}: how a ban or a mute is listed. L{parsed_mask} reads it."""
    return f"{MUTE if mute else ''}{nick}!*@*"


def parsed_mask(text: str, server: str) -> Mask:
    """
    Whom a mask means: a nickname alone, C{nick!*@*}, C{*!*@nick.server} and the like, or C{a:name}; C{m:} before it
    mutes.

    The part between C{!} and C{@} says nothing: it is what a client says of its user, and not who somebody is.

    @param server: the server's name, as in L{host_of}.
    @raise BadArguments: it means nobody, or more than one.
    """
    mute = text[: len(MUTE)].lower() == MUTE
    meant = text[len(MUTE) :] if mute else text
    account = meant[: len(ACCOUNT)].lower() == ACCOUNT
    nick, host = (meant[len(ACCOUNT) :], "*") if account else _parts(meant)
    names = [*_literal(nick), *_literal(_person_of(host, server))]
    if not names:
        raise BadArguments(
            f"The mask {text[:64]} fits more than one person. A ban is for one person here. Use the nickname instead."
        )
    if len({fold(name) for name in names}) > 1 or _WILD.search(names[0]):
        raise BadArguments(f"The mask {text[:64]} fits nobody. Use the nickname instead.")
    return Mask(names[0], mute, account)


def _parts(mask: str) -> tuple[str, str]:
    """The nickname and the host of a mask."""
    nick, bang, rest = mask.partition("!")
    if not bang and "@" in mask:
        nick, rest = "*", mask
    return nick or "*", rest.rpartition("@")[2] or "*" if "@" in rest else "*"


def _literal(part: str) -> list[str]:
    """The part, where it names one person: not where it fits any, or begins or ends somehow."""
    return [] if not part.strip("*") or _WILD.search(part) else [part]


def _person_of(host: str, server: str) -> str:
    """The person in a host; a host of somewhere else is nobody's, and C{*} fits all."""
    if not host.strip("*"):
        return "*"
    ending = f".{server}"
    if not host.lower().endswith(ending.lower()):
        return "*" if _WILD.search(host) else host
    return host[: -len(ending)]
