"""
A message of several lines: BATCH opens it, PRIVMSG or NOTICE with its tag are its lines, BATCH closes it.

IRCv3 draft/multiline and client-initiated batches. It becomes one message, as one that a browser sends. Its bytes, its
lines and its seconds are counted while it comes: one connection has one such message open at a time. It knows the
speaker.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from chatroom.doors.irc.beside import CONCAT, MULTILINE, Beside, Piece, text_of
from chatroom.doors.irc.client_tags import client_tags
from chatroom.doors.irc.formatting import CTCP_MARK, without_formatting
from chatroom.doors.irc.numerics import ERR_NEEDMOREPARAMS
from chatroom.doors.irc.talking import is_kept_back, send_beside
from chatroom.doors.irc.wire import IrcMessage

if TYPE_CHECKING:
    from chatroom.doors.irc.response import Response
    from chatroom.doors.irc.speaker import IrcSpeaker

OPEN_SECONDS = 60.0
"""A message may take so long from its first line to its last."""


class OpenMessage:
    """
    One that is not whole yet.

    @ivar name: of its batch. @ivar target: the room or the person. @ivar label: of the command that opened it.
    @ivar tags: client-only tags of that command. @ivar word: PRIVMSG or NOTICE; C{""} before the first line.
    @ivar failed: it was refused, and what still comes of it is left out.
    """

    __slots__ = ("_bytes", "_pieces", "failed", "label", "name", "since", "tags", "target", "word")

    def __init__(self, message: IrcMessage, label: str, since: float) -> None:
        self.name = message.params[0][1:]
        self.target = message.params[2]
        self.label = label
        self.since = since
        self.tags = client_tags(message.tags)
        self.word = ""
        self.failed = False
        self._pieces: list[Piece] = []
        self._bytes = 0

    def add(self, piece: Piece) -> int:
        """One more line. @return: bytes so far, with their line breaks."""
        self._bytes += len(piece.text.encode()) + (1 if self._pieces and not piece.joins else 0)
        self._pieces.append(piece)
        return self._bytes

    def fail(self) -> None:
        """Hold nothing of it any more."""
        self.failed = True
        self._pieces = []

    @property
    def lines(self) -> int:
        """Lines so far, each as the client sent it."""
        return len(self._pieces)

    def beside(self) -> Beside:
        """What other clients read beside the text."""
        return Beside(self.tags, tuple(self._pieces))


def batch(speaker: IrcSpeaker, message: IrcMessage, response: Response) -> None:
    """BATCH: C{+name draft/multiline target} opens a message, C{-name} closes it."""
    name = message.params[0]
    if name.startswith("+") and len(message.params) > 2 and message.params[1] == MULTILINE:
        if speaker.open_message is not None and not speaker.open_message.failed:
            _fail(speaker, response, "MULTILINE_INVALID", "Your last message is not closed: it is lost.")
        speaker.open_message = OpenMessage(message, response.take_label(), speaker.caller.now())
        response.end()
    elif name.startswith("+"):
        _fail(speaker, response, "UNKNOWN_TYPE" if len(message.params) > 1 else "INVALID_REFTAG", _WHAT)
    elif name.startswith("-"):
        _close(speaker, name[1:], response)
    else:
        speaker.at_once(response, ERR_NEEDMOREPARAMS, "BATCH", _WHAT)


_WHAT = f"Only {MULTILINE} can be opened here: BATCH +NAME {MULTILINE} TARGET"


def collect(speaker: IrcSpeaker, message: IrcMessage, response: Response) -> None:
    """PRIVMSG or NOTICE that says it is a line of a message."""
    opened = speaker.open_message
    response.take_label()
    if opened is None or message.tags["batch"] != opened.name:
        if opened is None or not opened.failed:
            _fail(speaker, response, "MULTILINE_INVALID", "That is no line of the message that you have begun.")
    elif not opened.failed:
        _add(speaker, opened, message, response)
    response.end()


def _add(speaker: IrcSpeaker, opened: OpenMessage, message: IrcMessage, response: Response) -> None:
    most = speaker.network.server.limits
    target, text = (*message.params, "", "")[:2]
    joins = CONCAT in message.tags
    opened.word = opened.word or message.command
    if target != opened.target:
        sentence = "All lines of a message go to the same room or person."
        _fail(speaker, response, "MULTILINE_INVALID_TARGET", sentence, opened.target, target or "*")
    elif message.command != opened.word or CTCP_MARK in text or (joins and not text):
        _fail(speaker, response, "MULTILINE_INVALID", "That cannot be a line of this message.")
    elif opened.lines >= most.message_lines:
        sentence = f"A message can have {most.message_lines} lines."
        _fail(speaker, response, "MULTILINE_MAX_LINES", sentence, str(most.message_lines))
    elif opened.add(Piece(without_formatting(text), joins and opened.lines > 0)) > most.text_length:
        sentence = f"A message can have {most.text_length:,} bytes."
        _fail(speaker, response, "MULTILINE_MAX_BYTES", sentence, str(most.text_length))
    elif speaker.caller.now() - opened.since > OPEN_SECONDS:
        _fail(speaker, response, "TIMEOUT", "Your message took too long: it was not sent.", opened.name)


def _close(speaker: IrcSpeaker, name: str, response: Response) -> None:
    opened, speaker.open_message = speaker.open_message, None
    if opened is None or opened.name != name:
        _fail(speaker, response, "MULTILINE_INVALID", "You have begun no such message.")
    elif opened.failed:
        response.end()
    else:
        _send(speaker, opened, response)


def _send(speaker: IrcSpeaker, opened: OpenMessage, response: Response) -> None:
    beside = opened.beside()
    if not any(piece.text.strip() for piece in beside.pieces):
        _fail(speaker, response, "MULTILINE_INVALID", "There is no text to send.")
        return
    response.begin(opened.word, opened.label)
    text, auto = text_of(beside.pieces), opened.word == "NOTICE"
    if not is_kept_back(speaker, opened.target, text, response, auto):
        speaker.perform(response, partial(send_beside, speaker, opened.target, text, response, auto, False, beside))


def _fail(speaker: IrcSpeaker, response: Response, code: str, sentence: str, *about: str) -> None:
    if speaker.open_message is not None:
        speaker.open_message.fail()
    response.from_server("FAIL", "BATCH", code, *about, sentence)
    speaker.conversation.replies.in_order(response.end)
