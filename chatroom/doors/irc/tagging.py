"""
TAGMSG: tags alone, from one client to others, such as that somebody is typing.

IRCv3 message-tags. They are passed on to clients of this node that want tags, and kept nowhere. Who may not talk may
not tag: the same people are refused. It knows the speaker.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import count
from typing import TYPE_CHECKING

from chatroom.doors.irc.channel_names import room_of
from chatroom.doors.irc.client_tags import client_tags
from chatroom.doors.irc.forms import IrcStyle
from chatroom.doors.irc.isupport import TARGETS
from chatroom.doors.irc.numerics import ERR_NORECIPIENT, ERR_NOSUCHNICK, ERR_TOOMANYTARGETS
from chatroom.doors.irc.services import is_service
from chatroom.doors.irc.wire import IrcMessage, written
from chatroom.errors import Refused
from chatroom.events import SERVER, Whispered
from chatroom.folding import fold

if TYPE_CHECKING:
    from chatroom.doors.irc.response import Response
    from chatroom.doors.irc.speaker import IrcSpeaker

_numbers = count(1)


def tagmsg(speaker: IrcSpeaker, message: IrcMessage, response: Response) -> None:
    """TAGMSG."""
    targets = message.params[0].split(",") if message.params else []
    if not targets or not targets[0]:
        speaker.at_once(response, ERR_NORECIPIENT, "TAGMSG needs somebody to send it to.")
        return
    if len(targets) > TARGETS:
        speaker.at_once(response, ERR_TOOMANYTARGETS, message.params[0], f"TAGMSG can have {TARGETS} targets at most.")
        return
    tags = client_tags(message.tags) if speaker.has("message-tags") else {}
    for target in dict.fromkeys(targets) if tags else ():
        try:
            _tag(speaker, target, dict(tags), response)
        except Refused as refused:
            response.refuse(refused, target)
    speaker.conversation.replies.in_order(response.end)


def _tag(speaker: IrcSpeaker, target: str, tags: dict[str, str], response: Response) -> None:
    """@raise Refused: the person may not talk there."""
    network = speaker.network
    if target.startswith("#"):
        room = speaker.caller.check_may_talk(room_of(target))
        target, readers = f"#{room}", [each for each in network.hearing(room) if each is not speaker]
    elif is_service(target) or target == network.host:
        return
    else:
        speaker.caller.check_may_talk()
        person = speaker.caller.person_now(target)
        if person is None:
            response.numeric(ERR_NOSUCHNICK, target or "*", "Nobody here has that nickname.")
            return
        target, readers = person.nick, list(network.clients(person.nick))
    nick = speaker.called
    me = speaker.caller.person_now(nick)
    told = Whispered(speaker.caller.now(), SERVER, nick, to=target, bot=me is not None and me.bot)
    written_for = _Written(told, {"msgid": f"t.{int(told.at)}.{next(_numbers)}", **tags})
    sent = tell(speaker, readers, written_for)
    if speaker.has("echo-message"):
        response.raw(written_for(speaker.style))
    speaker.conversation.charge(sent / network.server.limits.talk_bytes, shared=False)


def tell(speaker: IrcSpeaker, readers: Iterable[IrcSpeaker], written_for: _Written) -> int:
    """Each of them that wants tags and does not ignore this person. @return: how many bytes that was."""
    key, sent = fold(speaker.called), 0
    for reader in readers:
        if reader.has("message-tags") and key not in reader.caller.ignored:
            data = written_for(reader.style)
            sent += len(data)
            reader.tell_soon(data)
    return sent


class _Written:
    """The line, once for each style."""

    def __init__(self, told: Whispered, tags: dict[str, str]) -> None:
        self._told = told
        self._tags = tags
        self._made: dict[IrcStyle, bytes] = {}

    def __call__(self, style: IrcStyle) -> bytes:
        made = self._made.get(style)
        if made is None:
            form, told = style.form(True), self._told
            tags = {**form.tags(told), **self._tags}
            made = self._made[style] = written("TAGMSG", told.to, source=form.source(told.nick), tags=tags)
        return made
