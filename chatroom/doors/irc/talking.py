"""
Talk from IRC clients: to rooms and to people; and that they are still there.

RFC 2812, 3.3 and 3.7; CTCP. Colours are left out with their digits, ACTION is C{/me}, every other CTCP is for a program
and goes nowhere. It knows the speaker; what may be said, the server decides. It is long because a line goes one of five
ways, by whom it is for and what is beside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

from chatroom.doors.irc.beside import Beside
from chatroom.doors.irc.channel_names import channel_of, is_channel, is_status, room_of
from chatroom.doors.irc.client_tags import client_tags
from chatroom.doors.irc.formatting import ACTION_SIZE, ctcp, without_formatting
from chatroom.doors.irc.numerics import (
    ERR_INPUTTOOLONG,
    ERR_NOORIGIN,
    ERR_NORECIPIENT,
    ERR_NOTEXTTOSEND,
    ERR_TOOMANYTARGETS,
)
from chatroom.doors.irc.receipts import kept
from chatroom.doors.irc.services import is_service, serve
from chatroom.doors.irc.slips import refusal_of
from chatroom.doors.irc.wire import MOST_REST, IrcMessage
from chatroom.errors import Refused
from chatroom.events import SERVER, Event, OperatorsTold, Whispered
from chatroom.folding import fold
from chatroom.interfaces import Receipt

if TYPE_CHECKING:
    from chatroom.doors.irc.response import Response
    from chatroom.doors.irc.speaker import IrcSpeaker

SHORT = 100
"""Characters that fit into a line, whatever stands before them."""

FEW_TAGS = 256
"""Bytes of tags that cost nothing, such as which message is answered. So many characters of a text cost nothing."""

MOST_TARGETS = 4
"""So many rooms and people in one message: see TARGMAX in 005."""


def privmsg(speaker: IrcSpeaker, message: IrcMessage, response: Response) -> None:
    """PRIVMSG."""
    _say(speaker, message, response, False)


def notice(speaker: IrcSpeaker, message: IrcMessage, response: Response) -> None:
    """NOTICE: no program answers it."""
    _say(speaker, message, response, True)


def _say(speaker: IrcSpeaker, message: IrcMessage, response: Response, auto: bool) -> None:
    if message.tags and "batch" in message.tags:
        speaker.collect(message, response)
        return
    if not message.params or not message.params[0]:
        speaker.at_once(response, ERR_NORECIPIENT, f"{response.command} needs somebody to send it to.")
        return
    if len(message.params) < 2 or not message.params[1]:
        speaker.at_once(response, ERR_NOTEXTTOSEND, "There is no text to send.")
        return
    targets, text = message.params[0].split(","), message.params[1]
    tags = client_tags(message.tags) if message.tags else message.tags
    request = ctcp(text)
    if request is not None and request.word != "ACTION":
        speaker.conversation.replies.in_order(response.end)
        return
    act, text = request is not None, without_formatting(text if request is None else request.text)
    if len(targets) > MOST_TARGETS:
        speaker.at_once(
            response, ERR_TOOMANYTARGETS, message.params[0], f"A message can have {MOST_TARGETS} targets at most."
        )
    elif not _is_for_server(speaker, targets, text, response) and not is_kept_back(
        speaker, targets[0], text, response, auto
    ):
        _say_it(speaker, targets, text, response, auto, act, tags)


def _is_for_server(speaker: IrcSpeaker, targets: list[str], text: str, response: Response) -> bool:
    """What is sent to a service is for it alone: it may have a password in it."""
    served = next((target for target in targets if is_service(target) or target == speaker.network.host), "")
    if served and len(targets) == 1:
        speaker.perform(response, partial(serve, speaker, served, text, response))
    elif served:
        sentence = f"Send to {served} alone what is for {served}. Nobody has read your line."
        speaker.at_once(response, ERR_TOOMANYTARGETS, ",".join(targets), sentence)
    return bool(served)


def is_kept_back(speaker: IrcSpeaker, target: str, text: str, response: Response, auto: bool) -> bool:
    """Whether it may hold a password, and is refused. A program that writes a NOTICE (C{auto}) mistypes nothing."""
    refusal = None if auto else refusal_of(text)
    if refusal is not None:
        response.about = target
        speaker.conversation.replies.refuse(response, refusal)
    return refusal is not None


def _say_it(
    speaker: IrcSpeaker,
    targets: list[str],
    text: str,
    response: Response,
    auto: bool,
    act: bool,
    tags: Mapping[str, str],
) -> None:
    target = targets[0]
    if len(targets) > 1:
        speaker.perform(response, partial(_send_all, speaker, targets, text, response, auto, act))
    elif not (tags or (target[0] != "#" and _is_echoed(speaker))):
        _send(speaker, target, text, response, auto, act)
    elif not _is_refused_as_too_long(speaker, target, text, response, act):
        beside = Beside(tags)
        speaker.perform(response, partial(send_beside, speaker, target, text, response, auto, act, beside))


def _send(speaker: IrcSpeaker, target: str, text: str, response: Response, auto: bool, act: bool) -> None:
    """To one: this is the path of every line."""
    if _is_refused_as_too_long(speaker, target, text, response, act):
        return
    response.about = target
    if speaker.has("echo-message"):
        response.echo(partial(echoed, speaker, target, text, act, auto))
    replies = speaker.conversation.replies
    if is_channel(target) and not (auto or act):
        replies.say(text, response, target[1:])
        return
    try:
        word, arguments = _command(target, text, auto, act)
    except Refused as refusal:
        replies.refuse(response, refusal)
    else:
        replies.do(word, arguments, response)


async def send_beside(
    speaker: IrcSpeaker, target: str, text: str, response: Response, auto: bool, act: bool, beside: Beside
) -> None:
    """The same for a message with something beside it. @raise Refused:"""
    response.about = target
    word, arguments = _command(target, text, auto, act)
    outcome = speaker.caller.do(word, arguments)
    if not isinstance(outcome, Receipt):
        if speaker.has("echo-message"):
            response.echo(partial(echoed, speaker, target, text, act, auto))
        response.answered(await speaker.outcome(outcome))
        return
    _charge_tags(speaker, target, beside.tags)
    with speaker.network.beside.standing(outcome.event, beside):
        event = await kept(outcome)
        if speaker.has("echo-message"):
            response.raw(echoed(speaker, target, text, act, auto, event))
    if isinstance(event, Whispered | OperatorsTold):
        _tell_own(speaker, event, target)
    if outcome.then is not None:
        response.answered(await speaker.outcome(outcome.then()))


def _charge_tags(speaker: IrcSpeaker, target: str, tags: Mapping[str, str]) -> None:
    """
    Tags pay for the bytes that all their readers are sent, as a text does. A few bytes have paid by coming. Lines that
    wait do so behind this one: so the others read it at once.
    """
    size = sum(len(key) + len(value.encode()) for key, value in tags.items())
    if size <= FEW_TAGS:
        return
    network = speaker.network
    readers = network.hearing(fold(target[1:])) if target.startswith("#") else network.clients(target)
    wanted = sum(each.has("message-tags") for each in readers)
    speaker.conversation.charge(size * wanted / network.server.limits.talk_bytes, shared=False)


def _is_echoed(speaker: IrcSpeaker) -> bool:
    """Whether this client or another one of its person reads what the person whispers."""
    return speaker.has("echo-message") or len(speaker.network.clients(speaker.called)) > 1


def _tell_own(speaker: IrcSpeaker, event: Whispered | OperatorsTold, target: str) -> None:
    """The person's other clients that know their own messages read a whisper, too."""
    for other in speaker.network.clients(event.nick):
        if other is not speaker and other.has("echo-message"):
            other.tell_soon(other.style.form(True).addressed(event, target))


def _is_refused_as_too_long(speaker: IrcSpeaker, target: str, text: str, response: Response, act: bool) -> bool:
    refused = _is_too_long(speaker, response.command, target, text, act)
    if refused:
        speaker.at_once(response, ERR_INPUTTOOLONG, "Your line is too long with your name before it. Send parts.")
    return refused


def _is_too_long(speaker: IrcSpeaker, command: str, target: str, text: str, act: bool) -> bool:
    """
    Whether other clients would need two lines for it. One's own client knows how much fits, and breaks long lines up;
    what does not is told so, as its author has to know what others read.
    """
    if len(text) <= SHORT:
        return False
    head = f":{speaker.network.source(speaker.called)} {command} {target} :"
    return len(head.encode()) + len(text.encode()) + (ACTION_SIZE if act else 0) + 2 > MOST_REST


def _command(target: str, text: str, auto: bool, act: bool) -> tuple[str, dict[str, str]]:
    to_operators, channel = is_status(target), channel_of(target)
    aloud = channel.startswith("#")
    arguments = {"room": room_of(channel), "text": text} if aloud else {"to": target, "text": text}
    if aloud and act and not to_operators:
        return "me", arguments
    if auto:
        arguments["auto"] = "yes"
    return "tellops" if to_operators else "say" if aloud else "whisper", arguments


async def _send_all(
    speaker: IrcSpeaker, targets: list[str], text: str, response: Response, auto: bool, act: bool
) -> None:
    speaker.costs(len(targets))
    for target in dict.fromkeys(targets):
        try:
            word, arguments = _command(target, text, auto, act)
            outcome = await speaker.said(word, **arguments)
        except Refused as refused:
            response.refuse(refused, target)
        else:
            if speaker.has("echo-message"):
                response.raw(echoed(speaker, target, text, act, auto, outcome))


def echoed(speaker: IrcSpeaker, target: str, text: str, act: bool, auto: bool, event: Event | None) -> bytes:
    """One's own line as the others read it. Of a whisper that waits for somebody, there is no event."""
    if isinstance(event, Whispered | OperatorsTold):
        return speaker.style.form(True).addressed(event, target)
    if event is not None:
        return speaker.rendered(event)
    me = speaker.caller.person_now(speaker.called)
    bot = me is not None and me.bot
    whispered = Whispered(speaker.caller.now(), SERVER, speaker.called, to=target, text=text, bot=bot)
    return speaker.style.form(True).talk(whispered, "NOTICE" if auto else "PRIVMSG", target, act)


async def service(speaker: IrcSpeaker, message: IrcMessage, response: Response) -> None:
    """NICKSERV WORDS, CHANSERV WORDS and their short forms: as PRIVMSG to them."""
    name = "ChanServ" if response.command in ("CHANSERV", "CS") else "NickServ"
    await serve(speaker, name, " ".join(message.params), response)


def ping(speaker: IrcSpeaker, message: IrcMessage, response: Response) -> None:
    """PING: all that the client, and others, have said before it is kept and told when it is answered."""
    if not message.params or not message.params[0]:
        speaker.at_once(response, ERR_NOORIGIN, "PING needs a word to send back.")
    else:
        speaker.perform(response, partial(_pong, speaker, message.params[0], response), free=True)


async def _pong(speaker: IrcSpeaker, word: str, response: Response) -> None:
    await speaker.caller.barrier(everybody=True)
    speaker.conversation.outbox.release()  # what was heard meanwhile is read before the PONG, not behind it
    response.from_server("PONG", speaker.network.host, word)


def pong(speaker: IrcSpeaker, message: IrcMessage, response: Response) -> None:
    """PONG: nobody has asked."""
    response.end()


def leave(speaker: IrcSpeaker, message: IrcMessage, response: Response) -> None:
    """QUIT."""
    reason = message.params[0] if message.params else ""
    response.end()
    if speaker.called == "*":
        speaker.conversation.hang_up("Goodbye.")
    else:
        speaker.perform(response, partial(_leave, speaker, reason), free=True)


async def _leave(speaker: IrcSpeaker, reason: str) -> None:
    """The others have read it when the connection closes."""
    nick, caller = speaker.called, speaker.caller
    answer = await speaker.asks("quit", **({"reason": reason} if reason else {}))
    if answer.then is not None:
        answer.then()
    await caller.departed(nick)
