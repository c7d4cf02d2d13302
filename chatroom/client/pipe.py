"""
The line mode, for scripts: each line of input is a message, each message heard a line of output, errors go elsewhere::

    echo "The backup is done." | chatroom backup chat://localhost/ops
    chatroom --follow watcher chat://localhost/ops < /dev/null | grep ERROR

It is long because it reads and writes in two ways, lines and JSON, that share what is under way.

It asks nobody anything: what a person would have to answer ends it. It knows lines, and neither files nor threads.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from chatroom import wire
from chatroom.client.answers import as_lines
from chatroom.client.clean import safe
from chatroom.client.client import Asking
from chatroom.client.connection import Disconnected, News
from chatroom.client.display import Status
from chatroom.client.lines import line_of, plain
from chatroom.client.link import NotConnected
from chatroom.client.prompt import pieces
from chatroom.client.reports import Answered, Entered, Heard, RequestDeclined, Unanswered, Welcomed
from chatroom.client.vocabulary import Vocabulary
from chatroom.errors import BadArguments
from chatroom.events import SERVER
from chatroom.meaning import Slip, TypedCommand, TypedTalk, TypedWhisper, understand

UNANSWERED = 20
"""Requests that may be under way before more is read."""


@dataclass(frozen=True)
class Manner:
    """
    How to read and write.

    @ivar room: what to say goes there, and only from there is talk written; C{""}: the lobby, and every room.
    @ivar json: write what the server sends as it sends it, and take requests in JSON as well.
    @ivar text: every line is talk, whatever it begins with.
    @ivar follow: go on when there is no more input.
    @ivar last: so many lines of the past to begin with.
    @ivar times: begin lines with date and time.
    """

    room: str = ""
    json: bool = False
    text: bool = False
    follow: bool = False
    last: int = 0
    times: bool = False


@dataclass(frozen=True)
class _Asked:
    """
    A request under way.

    @ivar id: what its answer is to carry, in JSON.
    @ivar whole: with its answer, a line of input is done with; else there is more of that line.
    """

    id: Any
    whole: bool


class Pipe:
    """
    @ivar connection: to be set before anything is heard or read.
    """

    connection: Asking

    def __init__(
        self,
        manner: Manner,
        write: Callable[[str], None],
        complain: Callable[[str], None],
        end: Callable[[Status], None],
        taken: Callable[[], None] = lambda: None,
        password: str = "",
        remember: Callable[[str], None] = lambda token: None,
    ) -> None:
        """
        @param write: one line to where talk goes.
        @param complain: one clean line to where complaints go.
        @param end: called when it is over.
        @param taken: called for each line that was read, once it is done with.
        @param password: for when a token is no longer good.
        @param remember: called with the token of a new session, or with C{""} when one is no longer good.
        """
        self._manner = manner
        self._write = write
        self._complain_in = complain
        self._end = end
        self._taken = taken
        self._password = password
        self._remember = remember
        self._waiting: deque[str] = deque()
        self._under_way: dict[int, _Asked] = {}
        self._vocabulary = Vocabulary()
        self._status = Status.OK
        self._registered = False
        self._entered_room = False
        self._learnt = False
        self._ended = False
        self._leaving = False

    # Reading.

    def line(self, text: str) -> None:
        """A line of input, without its end."""
        self._waiting.append(text)
        self._go_on()

    def no_more(self) -> None:
        """There is no more input."""
        self._ended = True
        self._go_on()

    def stop(self) -> None:
        """Say goodbye, and end."""
        if not self._leaving:
            self._leaving = True
            try:
                self.connection.ask("quit")
            except NotConnected:
                self._end(self._status)

    def _go_on(self) -> None:
        while self._ready and self._waiting and len(self._under_way) < UNANSWERED:
            self._carry_out(self._waiting.popleft())
        if self._ended and self._ready and not (self._waiting or self._under_way or self._manner.follow):
            self.stop()

    @property
    def _ready(self) -> bool:
        """We are where we want to be, and know the server's commands."""
        return self._entered_room and self._learnt and self.connection.link.welcomed

    def _carry_out(self, text: str) -> None:
        try:
            asked = self._ask(text)
        except (BadArguments, ValueError) as error:
            self._refused(getattr(error, "sentence", str(error)))
            asked = False
        if not asked:
            self._taken()

    def _ask(self, text: str) -> bool:
        """
        Ask for what a line says. False if it says nothing.

        @raise BadArguments: @raise ValueError: it is JSON, and no request.
        """
        if self._manner.json and text.startswith("{"):
            return self._ask_json(text)
        meaning = TypedTalk(text) if self._manner.text and text.strip() else understand(text)
        if isinstance(meaning, TypedTalk):
            made = list(pieces(meaning.text))
            for number, piece in enumerate(made, 1):
                self._send("say", {"room": self._manner.room or None, "text": piece}, whole=number == len(made))
        elif isinstance(meaning, TypedWhisper):
            self._send("whisper", {"to": meaning.to, "text": meaning.text})
        elif isinstance(meaning, TypedCommand):
            self._ask_word(meaning)
        elif isinstance(meaning, Slip):
            raise BadArguments(meaning.sentence)
        return meaning is not None

    def _ask_word(self, typed: TypedCommand) -> None:
        command = self._vocabulary.find(typed.word)
        if command is None and typed.rest:
            raise BadArguments(
                f"Unknown command: /{typed.word}. /help lists the commands. To send any line as it is, use --text."
            )
        arguments: dict[str, Any] = command.arguments(command.behind(typed)) if command is not None else {}
        if command is not None and command.takes_room and self._manner.room:
            arguments["room"] = self._manner.room
        self._send(command.word if command is not None else typed.word, arguments)

    def _ask_json(self, text: str) -> bool:
        made = json.loads(text)
        word, id = made.pop("do", None), made.pop("id", None)
        if not isinstance(word, str):
            raise ValueError('A request needs "do", such as {"id": 1, "do": "help"}')
        self._send(word, made, id)
        return True

    def _send(self, word: str, arguments: dict[str, Any], id: Any = None, whole: bool = True) -> None:
        request = self.connection.ask(word, **arguments)
        self._under_way[request.id] = _Asked(id, whole)

    # Writing.

    def heard(self, news: News) -> None:
        """Take what a L{chatroom.client.connection.ServerConnection} tells."""
        if isinstance(news, Heard):
            self._happened(news)
        elif isinstance(news, Answered | RequestDeclined | Unanswered):
            self._came_of_it(news)
        elif isinstance(news, Welcomed):
            self._welcomed(news)
        elif isinstance(news, Entered):
            self._entered(news)
        elif isinstance(news, Disconnected):
            self._disconnected(news)
        elif self._manner.json:
            self._write(json.dumps(news.made, ensure_ascii=False))

    def _happened(self, news: Heard) -> None:
        event = news.event
        if self._manner.json:
            self._write(wire.dumps(event))
            return
        elsewhere = self._manner.room and event.room not in (SERVER, self._manner.room)
        line = line_of(event, self.connection.link.nick, now=True)
        if line is not None and not (news.own or elsewhere or self._leaving):
            here = self._manner.room or self.connection.link.room
            for text in plain(line, here, self._manner.times):
                self._write(text)

    def _welcomed(self, news: Welcomed) -> None:
        if news.token:
            self._remember(news.token)
        if self._registered:
            return
        self._registered = True
        self.connection.ask("help")
        if self._manner.room and self._manner.room != self.connection.link.room:
            self.connection.ask("join", room=self._manner.room)

    def _entered(self, news: Entered) -> None:
        wanted = self._manner.room or news.room
        if self._entered_room or news.room.casefold() != wanted.casefold():
            return
        if self._manner.last:
            self.connection.ask("history", room=news.room, limit=self._manner.last)
        else:
            self._begin()

    def _begin(self) -> None:
        self._entered_room = True
        self._go_on()

    def _disconnected(self, news: Disconnected) -> None:
        hopeless = not self._registered or (self._ended and not self._manner.follow)
        if self._leaving:
            self._end(self._status)
        elif hopeless:
            self._complain(news.reason)
            self._end(Status.NO_CONNECTION)
        else:
            self._complain(f"{news.reason} Reconnecting ...")

    # What became of requests.

    def _came_of_it(self, news: Answered | RequestDeclined | Unanswered) -> None:
        asked = self._under_way.get(news.request.id) if news.request is not None else None
        if isinstance(news, Unanswered):
            what = news.request.arguments.get("text") or news.request.word
            self._refused(f"The connection was lost before this was answered: {what}")
        elif asked is not None and self._manner.json:
            self._write_answer(news, asked)
        elif isinstance(news, RequestDeclined):
            self._declined(news)
        elif asked is not None:
            self._write_lines(news)
        else:
            self._answered_us(news)
        if asked is not None and news.request is not None:
            del self._under_way[news.request.id]
            if asked.whole:
                self._taken()
            self._go_on()

    def _answered_us(self, news: Answered) -> None:
        """What we asked for ourselves, to be ready for the first line."""
        if news.request.word == "help":
            self._vocabulary.learn(news.facts)
            self._learnt = True
            self._go_on()
        elif news.request.word == "history":
            for event in news.facts.room_events():
                self._happened(Heard(event))
            self._begin()

    def _write_lines(self, news: Answered) -> None:
        if news.request.word not in ("say", "me", "whisper", "reply"):
            for line in as_lines(news, self.connection.link.nick, self._manner.room):
                self._write(line.text)

    def _write_answer(self, news: Answered | RequestDeclined, asked: _Asked) -> None:
        made: dict[str, Any] = {"id": asked.id}
        if isinstance(news, Answered):
            made.update({name: value for name, value in news.facts.items() if name != "id"})
        else:
            made.update({"ok": False, "error": news.code, "sentence": news.sentence})
            self._status = Status.REFUSED
        self._write(json.dumps(made, ensure_ascii=False))

    def _declined(self, news: RequestDeclined) -> None:
        request = news.request
        if request is not None and request.word == "hello":
            self._not_welcome(news)
        elif request is not None and request.word == "join" and not self._entered_room:
            self._complain(news.sentence)
            self._end(Status.REFUSED)
        else:
            self._refused(news.sentence)

    def _not_welcome(self, news: RequestDeclined) -> None:
        link = self.connection.link
        if self._registered and news.code == "nick-taken":  # by our own old connection: it will be free soon
            self.connection.again()
            return
        if news.code == "wrong-password" and link.token:
            self._remember("")
            if self._password:
                self.connection.greet(link.nick, self._password)
                return
        self._complain(_advice(news))
        self._end(Status.REFUSED)

    def _complain(self, sentence: str) -> None:
        """A server may say anything, and a terminal is where most complaints go."""
        self._complain_in(safe(sentence.replace("\n", " ")))

    def _refused(self, sentence: str) -> None:
        self._complain(sentence)
        self._status = Status.REFUSED


def _advice(refusal: RequestDeclined) -> str:
    """What somebody can do who writes a script."""
    if refusal.code in ("nick-owned", "wrong-password"):
        return f"{refusal.sentence} In a script, put the password into the environment variable CHATROOM_PASSWORD."
    return refusal.sentence
