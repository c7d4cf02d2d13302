"""
NickServ, ChanServ and their like: programs that clients write to, which are this door itself.

Clients are set up to send C{IDENTIFY} to NickServ at every connect. So these nicknames are nobody's, and what is sent
to them is never a whisper. Each has words of its own (L{chatroom.doors.irc.nickserv}, L{chatroom.doors.irc.chanserv}),
and knows those of the other one as well. Everything else that is sent to them, or to the server, is taken for one of
our own commands. It knows the speaker.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatroom.doors.irc import chanserv, nickserv
from chatroom.doors.irc.service_words import ServiceWord, Words, explained, ran
from chatroom.errors import Refused, UnknownCommand
from chatroom.folding import fold
from chatroom.meaning import split_word

if TYPE_CHECKING:
    from chatroom.doors.irc.response import Response
    from chatroom.doors.irc.speaker import IrcSpeaker

SERVICES = frozenset("nickserv chanserv saslserv memoserv operserv hostserv botserv authserv userserv".split())
"""Keys of the nicknames that are theirs. L{chatroom.core.lookalikes} reserves them."""

_ABOUT_OTHERS = (
    "NickServ looks after accounts: /msg NickServ HELP",
    "ChanServ looks after rooms: /msg ChanServ HELP",
)

_MORE = "HELP WORD explains one word. HELP COMMANDS lists the commands of this server, which work here as well."


def is_service(nick: str) -> bool:
    """Whether a program of this door has the nickname."""
    return fold(nick.partition("@")[0]) in SERVICES


async def serve(speaker: IrcSpeaker, service: str, text: str, response: Response) -> None:
    """What somebody has sent to one of them."""
    word, rest = split_word(text.strip())
    for line in await _answer(speaker, fold(service.partition("@")[0]), word.upper(), rest, response):
        response.raw(speaker.style.notice(line, speaker.called, source=speaker.network.service(service)))


def _words(service: str) -> tuple[Words, ...]:
    """The words of a service: its own, and then those of others."""
    return (chanserv.WORDS, nickserv.WORDS) if service == "chanserv" else (nickserv.WORDS, chanserv.WORDS)


def _found(service: str, word: str) -> ServiceWord | None:
    return next((words[word] for words in _words(service) if word in words), None)


async def _answer(speaker: IrcSpeaker, service: str, word: str, rest: str, response: Response) -> list[str]:
    try:
        if word in ("", "HELP"):
            return await _help(speaker, service, rest.strip().upper())
        known = _found(service, word)
        return await (ran(speaker, word.lower(), rest) if known is None else known.run(speaker, rest, response))
    except UnknownCommand:
        return [f"There is no command {word[:32]}. To see what there is, send HELP."]
    except Refused as refused:
        return [refused.sentence]


async def _help(speaker: IrcSpeaker, service: str, about: str) -> list[str]:
    """@param about: a word, C{COMMANDS}, or C{""}."""
    known = _found(service, about)
    if known is not None and known.summary:
        return [explained(about, known)]
    if known is not None:
        return [f"Usage: {about} {known.usage}"]
    if about:
        return await ran(speaker, "help", "" if about == "COMMANDS" else about.lower())
    if service not in ("nickserv", "chanserv"):
        return [*_ABOUT_OTHERS, _MORE]
    first = chanserv.ABOUT if service == "chanserv" else nickserv.ABOUT
    own = _words(service)[0].items()
    return [first, *(explained(word, each) for word, each in own if each.summary), _MORE]
