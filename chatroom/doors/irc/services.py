"""
NickServ, ChanServ and their like: programs that clients write to, which are this door itself.

Clients are set up to send C{IDENTIFY} to NickServ at every connect. So these nicknames are nobody's, and what is sent
to them is never a whisper. Each word is one of our own commands; everything else that is sent to them, or to the
server, is taken for one as well. It knows the speaker.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

from chatroom.errors import Refused, UnknownCommand
from chatroom.folding import fold
from chatroom.meaning import split_word

if TYPE_CHECKING:
    from chatroom.doors.irc.response import Response
    from chatroom.doors.irc.speaker import IrcSpeaker

SERVICES = frozenset("nickserv chanserv saslserv memoserv operserv hostserv botserv authserv userserv".split())
"""Keys of the nicknames that are theirs. L{chatroom.core.lookalikes} reserves them."""

_HELP = (
    "REGISTER PASSWORD makes your nickname an account.",
    "IDENTIFY PASSWORD or IDENTIFY NAME PASSWORD logs in to an account.",
    "GHOST NAME PASSWORD logs in as well: your account may be connected as often as you like.",
    "LOGOUT logs out. SET PASSWORD OLD NEW changes your password. INFO NICK shows what is known of somebody.",
    "OP #ROOM NICK, DEOP, KICK, BAN, UNBAN, INVITE and TOPIC change a room.",
    "Every other command of this server works here as well: HELP COMMANDS lists them.",
)


def is_service(nick: str) -> bool:
    """Whether a program of this door has the nickname."""
    return fold(nick.partition("@")[0]) in SERVICES


async def serve(speaker: IrcSpeaker, service: str, text: str, response: Response) -> None:
    """What somebody has sent to one of them."""
    word, rest = split_word(text.strip())
    word = word.upper()
    for line in await _answer(speaker, word, rest):
        response.raw(speaker.style.notice(line, speaker.called, source=speaker.network.service(service)))


async def _answer(speaker: IrcSpeaker, word: str, rest: str) -> list[str]:
    try:
        if word in ("", "HELP") and not rest:
            return list(_HELP)
        if word == "HELP" and rest.upper() == "COMMANDS":
            rest = ""
        make = _WORDS.get(word)
        command: str
        typed: str | dict[str, str]
        command, typed = (word.lower(), rest) if make is None else make(speaker, rest)
        answer = await speaker.outcome(speaker.caller.do(command, typed))
    except UnknownCommand:
        return [f"There is no command {word[:32]}. To see what there is, send HELP."]
    except Refused as refused:
        return [refused.sentence]
    if answer.then is not None:
        answer.then()
    said = [line for part in answer.parts if isinstance(part, str) for line in part.split("\n")]
    return [line for line in said if "/resume" not in line] or ["Done."]


def _identify(speaker: IrcSpeaker, rest: str) -> tuple[str, dict[str, str]]:
    """C{PASSWORD}, or C{NAME PASSWORD}."""
    name, secret = split_word(rest)
    return "login", {"name": name, "password": secret} if secret else {"name": speaker.called, "password": name}


def _register(speaker: IrcSpeaker, rest: str) -> tuple[str, dict[str, str]]:
    """C{PASSWORD}, perhaps with an address for mail behind it, as other servers ask for."""
    words = rest.split()
    if len(words) > 1 and "@" in words[-1]:
        rest = rest.strip()[: -len(words[-1])].rstrip()
    return "signup", {"password": rest}


def _set(speaker: IrcSpeaker, rest: str) -> tuple[str, dict[str, str]]:
    """C{SET PASSWORD OLD NEW}."""
    word, secrets = split_word(rest)
    if word.upper() != "PASSWORD":
        raise UnknownCommand("There is no such setting.")
    old, new = split_word(secrets)
    return "passwd", {"old": old, "new": new}


def _in_room(word: str) -> Words:
    """C{OP #room nick reason}: ChanServ's order of words."""

    def made(speaker: IrcSpeaker, rest: str) -> tuple[str, dict[str, str]]:
        room, others = split_word(rest)
        nick, reason = split_word(others)
        arguments = {"room": room.lstrip("#"), "nick": nick}
        if reason and word in ("kick", "ban"):
            arguments["reason"] = reason
        return word, arguments

    return made


Words: TypeAlias = "Callable[[IrcSpeaker, str], tuple[str, dict[str, str]]]"

_WORDS: dict[str, Words] = {
    "REGISTER": _register,
    "IDENTIFY": _identify,
    "ID": _identify,
    "LOGIN": _identify,
    "GHOST": _identify,
    "SET": _set,
    **{word: _in_room(word.lower()) for word in ("OP", "DEOP", "KICK", "BAN", "UNBAN", "MUTE", "UNMUTE")},
}
"""Words that are called otherwise here, or whose arguments stand in another order."""
