"""
What one command of a client is answered: lines that are collected and written together, with the label that the command
had.

IRCv3 labeled-response. It knows lines, and no command.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from chatroom.doors.irc.channel_names import channel_of
from chatroom.doors.irc.numerics import FAIL, RPL_AWAY, reply_to
from chatroom.doors.irc.wire import escaped, written
from chatroom.doors.line.text import safe
from chatroom.errors import Refused
from chatroom.events import Event
from chatroom.interfaces import Answer

if TYPE_CHECKING:
    from chatroom.doors.irc.speaker import IrcSpeaker


def tagged(line: bytes, tag: bytes) -> bytes:
    """A line with one tag more."""
    return b"@" + tag + b";" + line[1:] if line.startswith(b"@") else b"@" + tag + b" " + line


def nested(data: bytes, inside: bytes) -> Iterator[bytes]:
    """Lines in one more batch; those of a batch that is in it say so by that one."""
    for line in data.splitlines(keepends=True):
        yield line if line.startswith(b"@batch=") else tagged(line, inside)


class Response:
    """
    A L{chatroom.doors.replies.ReplySink}, and more than that for commands of several steps.

    @ivar command: the command, in capital letters.
    @ivar about: what it was about, for a refusal: a channel or a nickname; C{""} for neither.
    @ivar who: a nickname, where it was about a channel and a person.
    """

    __slots__ = ("_done", "_echo", "_label", "_lines", "_speaker", "about", "command", "who")

    def __init__(self, speaker: IrcSpeaker, command: str, label: str = "", about: str = "") -> None:
        self._speaker = speaker
        self._label = label
        self._lines: list[bytes] = []
        self._echo: Callable[[Event | None], bytes] | None = None
        self._done = False
        self.command = command
        self.about = about
        self.who = ""

    def take_label(self) -> str:
        """The label, which what follows is not answered with."""
        label, self._label = self._label, ""
        return label

    def begin(self, command: str, label: str) -> None:
        """It is the answer to another command, which had this label."""
        self.command, self._label = command, label

    # What is said.

    def numeric(self, number: str, *params: str) -> None:
        """A reply by its number, to the person. What the client sent is sent back without what moves a cursor."""
        speaker = self._speaker
        self._lines.append(written(number, speaker.called, *map(safe, params), source=speaker.network.host))

    def from_server(self, command: str, *params: str) -> None:
        """A line of the server's own."""
        self._lines.append(written(command, *map(safe, params), source=self._speaker.network.host))

    def from_person(self, command: str, *params: str) -> None:
        """A line that says what the person has done."""
        self._lines.append(written(command, *params, source=self._speaker.network.source(self._speaker.called)))

    def notice(self, text: str) -> None:
        """A sentence."""
        self._lines.append(self._speaker.style.notice(text, self._speaker.called))

    def raw(self, data: bytes) -> None:
        """Lines that are written already."""
        if data:
            self._lines.append(data)

    def fail(self, code: str, sentence: str, *about: str) -> None:
        """A refusal that has a code of the command's own and no number: IRCv3 standard-replies."""
        self.from_server(FAIL, self.command, code, *about, sentence)

    def batch(self, data: Iterable[bytes], kind: str, *about: str) -> None:
        """
        Lines in a batch of their own.

        @param data: one or several whole lines each. @param kind: of the batch. @param about: its other parameters.
        """
        name = self._speaker.batch()
        inside = b"batch=" + name.encode()
        self.from_server("BATCH", f"+{name}", kind, *about)
        for some in data:
            self._lines += nested(some, inside)
        self.from_server("BATCH", f"-{name}")

    def echo(self, made: Callable[[Event | None], bytes]) -> None:
        """What is written when it is done: of talk, the event that is kept is given."""
        self._echo = made

    def taken(self) -> bytes:
        """What has been said so far, which is not written here any more."""
        lines, self._lines = self._lines, []
        return b"".join(lines)

    # How it ends.

    def end(self) -> None:
        """Write all of it."""
        if self._done:
            return
        self._done = True
        lines = [line for data in self._lines for line in data.splitlines(keepends=True)]
        self._lines = []
        if self._label:
            lines = self._labelled(lines)
        if lines:
            self._speaker.write(b"".join(lines))

    def _labelled(self, lines: list[bytes]) -> list[bytes]:
        label = b"label=" + escaped(self._label).encode()
        host = self._speaker.network.host
        if not lines:
            return [tagged(written("ACK", source=host), label)]
        if len(lines) == 1 or _is_batch(lines):
            return [tagged(lines[0], label), *lines[1:]]
        name = self._speaker.batch()
        inside = b"batch=" + name.encode()
        return [
            tagged(written("BATCH", f"+{name}", "labeled-response", source=host), label),
            *(each for line in lines for each in nested(line, inside)),
            written("BATCH", f"-{name}", source=host),
        ]

    def answered(self, answer: Answer) -> None:
        """See L{chatroom.doors.replies.ReplySink}. Commands of several steps have said what there is to say."""
        if self._echo is not None:
            self.raw(self._echo(None))
        if answer.facts.get("delivered") is False:  # the whisper waits for somebody who is not here
            for part in answer.parts:
                self.notice(str(part))
        elif answer.facts.get("delivered") and self.command == "PRIVMSG":
            self._say_if_away()
        self.end()

    def _say_if_away(self) -> None:
        who = self._speaker.caller.person_now(self.about)
        if who is not None and who.away:
            self.numeric(RPL_AWAY, who.nick, who.away)

    def kept(self, event: Event) -> None:
        """See L{chatroom.doors.replies.ReplySink}."""
        if self._echo is not None:
            self.raw(self._echo(event))
        self.end()

    def refused(self, refusal: Refused) -> None:
        """See L{chatroom.doors.replies.ReplySink}."""
        self.refuse(refusal)
        self.end()

    def refuse(self, refusal: Refused, about: str | None = None, who: str = "") -> None:
        """
        One thing was not done.

        A NOTICE is never answered (RFC 2812, 3.3.2).

        @param about: see C{about}. @param who: a person it was about as well, where it was about a room.
        """
        if self.command == "NOTICE":
            return
        if about is None:
            about, who = self.about, who or self.who
        channel = channel_of(about)  # clients show it in the window of the channel
        room, nick = (channel, who) if channel.startswith("#") else ("", about or who)
        command, params = reply_to(refusal, self.command, room=room, nick=nick)
        if command == FAIL:
            self.from_server(command, *params, refusal.sentence)
        else:
            self.numeric(command, *params, refusal.sentence)


def _is_batch(lines: list[bytes]) -> bool:
    """Whether all of them are one batch already."""
    first, last = (line.split(b" ") for line in (lines[0], lines[-1]))
    if first[0].startswith(b"@"):
        del first[0]
    return first[1:2] == [b"BATCH"] and last[1:] == [b"BATCH", b"-" + first[2].strip()[1:] + b"\r\n"]
