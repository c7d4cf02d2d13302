"""
The client behind its screen: what a connection tells becomes lines in buffers.

It knows a L{Display<chatroom.client.display.Display>} to show things on, which may be a full screen or plain lines; not
what either looks like, and no bytes. What is typed is carried out by its L{Prompt}.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from time import time
from typing import Any, Protocol

from chatroom.client.answers import Answers, WhoPages
from chatroom.client.buffers import Buffer, Buffers
from chatroom.client.clean import name as clean_name
from chatroom.client.config import Store
from chatroom.client.connection import Disconnected, News
from chatroom.client.display import Display, Question, Status
from chatroom.client.entrance import EntryQuestions
from chatroom.client.lines import Kind, ScreenLine, line_of, sentence_line
from chatroom.client.link import Link
from chatroom.client.prompt import Prompt
from chatroom.client.reports import Answered, Entered, Heard, Request, RequestDeclined, Unanswered, Value, Welcomed
from chatroom.client.url import Address
from chatroom.events import (
    Acted,
    AwaySet,
    BotSet,
    Event,
    Kicked,
    Left,
    Noticed,
    OperatorsTold,
    RoomBanned,
    RoomClosed,
    RoomEvent,
    Said,
    Whispered,
)

OLDER = 100
"""Lines that are read back at once when somebody scrolls to the top."""

FARTHEST = 50
"""So many times as many are read back for a line that was found."""

MEMBERS = 2000
"""So many people of a room are known by name; of a larger one, the rest are only counted."""

_TALK = frozenset({"say", "me", "whisper", "reply"})

Then = Callable[[Answered], None]


class Asking(Protocol):
    """What is needed of a L{chatroom.client.connection.ServerConnection}."""

    link: Link

    def ask(self, word: str, /, **arguments: Value) -> Request: ...
    def greet(self, nick: str = "", password: str = "", token: str = "") -> Request: ...
    def again(self) -> None: ...


class Client:
    """
    @ivar connection: to be set before anything is heard or typed.
    @ivar buffers: all that can be looked at.
    @ivar room_names: rooms that are known to exist.
    @ivar ignored: nicknames, folded, of those whose talk is not shown.
    @ivar trouble: why there is no connection, or C{""}.
    @ivar retry_at: when it will be tried again, in seconds of the clock.
    @ivar leaving: goodbye has been said.
    @ivar who: the pages of C{/who}.
    """

    connection: Asking

    def __init__(
        self,
        address: Address,
        display: Display,
        store: Store,
        seconds: Callable[[], float],
        now: Callable[[], float] = time,
    ) -> None:
        """
        @param seconds: a clock, for how long it is until the next try.
        @param now: seconds since 1970.
        """
        self.address = address
        self.store = store
        self.now = now
        self.buffers = Buffers()
        self.prompt = Prompt(self)
        self.entrance = EntryQuestions(self)
        self.room_names: set[str] = set()
        self.ignored: frozenset[str] = frozenset()
        self.trouble = ""
        self.retry_at = 0.0
        self.who = WhoPages()
        self._answers = Answers(self)
        self._display = display
        self._seconds = seconds
        self._then: dict[int, Then] = {}
        self._otherwise: dict[int, Callable[[str], None]] = {}
        self.leaving = False
        self._last_words = ""
        self._reading_back: set[str] = set()
        self._found: list[tuple[str, int]] = []
        self._taking: dict[type[Any], Callable[[Any], None]] = {
            Welcomed: self.entrance.welcomed,
            Entered: self._entered,
            Heard: self._happened,
            Answered: self._answered,
            RequestDeclined: self._declined,
            Unanswered: lambda news: self._unanswered(news.request),
            Disconnected: self._disconnected,
        }

    @property
    def link(self) -> Link:
        """What the connection speaks through."""
        return self.connection.link

    def is_token(self, text: str) -> bool:
        """Whether a sentence gives away our session's token: it is kept, and need not be on the screen."""
        return bool(self.link.token) and self.link.token in text

    # For the display.

    def look(self, buffer: Buffer) -> None:
        """Look at a buffer; what is typed goes there."""
        self.buffers.look(buffer)
        if buffer.joined and self.link.welcomed:
            self.ask("look", lambda answer: None, room=buffer.name)
        self._display.changed()

    def close(self, buffer: Buffer) -> None:
        """Have a buffer no longer that is no room we are in."""
        self.buffers.close(buffer)
        self.look(self.buffers.current)

    def read_back(self, buffer: Buffer, done: Callable[[int], None]) -> None:
        """
        Fetch lines from before those that a room's buffer has.

        @param done: called with how many there were; not called if none can be had now.
        """
        if buffer.whole or not buffer.joined or buffer.name in self._reading_back or not self.link.welcomed:
            return

        def answered(answer: Answered) -> None:
            self._reading_back.discard(buffer.name)
            me, events = self.link.nick, answer.facts.room_events()
            lines = [line for event in events if (line := line_of(event, me)) and not self.is_ignored(event)]
            buffer.whole = not answer.facts.flag("more")
            done(buffer.look_back(lines))

        self._reading_back.add(buffer.name)
        self.ask("history", answered, room=buffer.name, before=buffer.oldest or None, limit=OLDER, talk=False)

    def found(self, places: list[tuple[str, int]]) -> None:
        """These lines were found by a search, the newest last. None: there was no search."""
        if places:
            self._found = list(dict.fromkeys(places))

    def next_hit(self) -> tuple[str, int] | None:
        """The newest line that was found, then the one before it, round and round; C{None} without a search."""
        if not self._found:
            return None
        self._found.insert(0, self._found.pop())
        return self._found[0]

    def fetch(self, room: str, seq: int, done: Callable[[ScreenLine], None], pages: int = FARTHEST) -> None:
        """
        Switch to the room where a line was said, and read back until it is here.

        @param done: called with it. Not called if it cannot be had, which is said.
        """
        buffer = self.buffers.open(room) if room in self.buffers else None
        if buffer is None or not buffer.joined:
            self.hint(f"You are no longer in {room}. To join again: /join {room}")
            return
        line = buffer.find(seq)
        if line is not None:
            self.look(buffer)
            done(line)
        elif buffer.whole or not pages or buffer.oldest < seq:
            self.hint(f"That line is too far back to jump to. To read it: /history {seq + 1}")
        else:
            self.read_back(buffer, lambda count: self.fetch(room, seq, done, pages - 1))

    def leave(self, reason: str = "") -> None:
        """Say goodbye, and end when the server has heard it."""
        if self.leaving or not self.link.welcomed:
            self._display.leave(Status.OK, "")
            return
        self.leaving = True
        self.ask("quit", lambda answer: None, reason=reason or None)

    # For all who speak for the client.

    def ask(
        self, word: str, then: Then | None = None, otherwise: Callable[[str], None] | None = None, /, **arguments: Value
    ) -> None:
        """
        Ask the server.

        @param then: what to do with the answer, instead of showing it.
        @param otherwise: called if the request is refused or never answered, when that has been shown; with the code
            of the refusal, or C{""}.
        @raise NotConnected:
        """
        request = self.connection.ask(word, **arguments)
        if then is not None:
            self._then[request.id] = then
        if otherwise is not None:
            self._otherwise[request.id] = otherwise

    def question(self, prompt: str, answered: Callable[[str], None], secret: bool = False) -> None:
        """Ask the person."""
        self._display.ask(Question(prompt, answered, secret))

    def note(self, kind: Kind, text: str, buffer: Buffer | None = None) -> None:
        """Say something in a buffer, or in the one looked at."""
        self.put(buffer or self.buffers.current, sentence_line(kind, text))

    def hint(self, text: str) -> None:
        """Say something that concerns only the screen."""
        self.note(Kind.NOTE, text)

    def put(self, buffer: Buffer, line: ScreenLine, live: bool = False) -> None:
        """Put a line where it belongs; C{live}: it counts as unread where it is not looked at."""
        if self.buffers.put(buffer, line, live):
            self._display.show(buffer, line)

    def whispered(self, line: ScreenLine) -> None:
        """A whisper stands with the others of that person, and where one looks, so that it is not missed."""
        buffer = self.buffers.open("@" + (line.to if line.own else line.nick))
        here = self.buffers.current
        buffer.add(line)
        self.put(here, line) if buffer is not here else self._display.show(buffer, line)

    # What the connection tells.

    def heard(self, news: News) -> None:
        """Take what a L{chatroom.client.connection.ServerConnection} tells."""
        take = self._taking.get(type(news))
        if take is not None:
            take(news)
            self.entrance.keep_rooms()
            self._display.changed()

    def _disconnected(self, news: Disconnected) -> None:
        last_words, self._last_words = self._last_words, ""
        self._then.clear()
        self._reading_back.clear()
        if self.leaving:
            self._display.leave(Status.OK, "")
        elif news.tried and not self.entrance.registered:
            self._display.leave(Status.NO_CONNECTION, news.reason)
        else:
            reason = self.entrance.waiting or last_words or news.reason
            if not self.trouble:
                self.note(Kind.NOTE, f"{reason} Reconnecting ...")
            self.trouble = reason
            self.retry_at = self._seconds() + news.wait

    def _entered(self, news: Entered) -> None:
        buffer = self.buffers.open(clean_name(news.room))
        buffer.enter(news.facts)
        self.entrance.back_in(news.room)
        self.trouble = ""
        self.room_names.add(buffer.name)
        if not news.request.own:
            self.buffers.look(buffer)
            for text in news.facts.texts("lines"):
                self.note(Kind.ANSWER, text)
        for event in news.recent:
            line = line_of(event, self.link.nick)
            if line is not None and not self.is_ignored(event):
                self.put(buffer, line)
        if len(buffer.members) < buffer.people:
            self._meet(buffer, "")

    def _meet(self, buffer: Buffer, after: str) -> None:
        """Learn who is in a room, page by page."""

        def met(answer: Answered) -> None:
            buffer.meet(answer.facts.objects("people"))
            further = answer.facts.text("next")
            if further and len(buffer.members) < MEMBERS:
                self._meet(buffer, further)

        self.ask("who", met, room=buffer.name, after=after or None)

    # What happened.

    def _happened(self, news: Heard) -> None:
        event, line = news.event, line_of(news.event, self.link.nick, now=True)
        if line is None or (self.is_ignored(event) and not line.own):
            return
        if isinstance(event, Whispered):
            self.whispered(line)
        elif isinstance(event, RoomEvent) and event.room in self.buffers:
            self._happened_in(self.buffers.open(event.room), news, line)
        elif isinstance(event, OperatorsTold):
            self._told_as_operator(event, line)
        else:
            if isinstance(event, AwaySet | BotSet):
                for buffer in self.buffers:
                    buffer.follow(event)
            if isinstance(event, Noticed) and event.code == "closing":
                self._last_words = line.text  # shown when the connection is gone
            else:
                self.put(self.buffers.current, line)
        if line.mention and news.live:
            self._display.ring(line)

    def _told_as_operator(self, event: OperatorsTold, line: ScreenLine) -> None:
        """It stands in its room, and where one looks, so that it is not missed."""
        here = self.buffers.current
        if event.to in self.buffers and event.to != here.name:
            self.buffers.open(event.to).add(line)
        self.put(here, line)

    def _happened_in(self, buffer: Buffer, news: Heard, line: ScreenLine) -> None:
        self.put(buffer, line, live=True)
        if news.live:
            buffer.follow(news.event)
            if self._is_out(news.event):
                buffer.leave()

    def ignore(self, nicks: Iterable[str]) -> None:
        """Of these, by their folded nicknames, nothing is shown or counted from now on, nor what is here already."""
        more, self.ignored = frozenset(nicks) - self.ignored, frozenset(nicks)
        for buffer in self.buffers if more else ():
            buffer.hide(more)

    def is_ignored(self, event: Event) -> bool:
        """Whether it is talk of somebody whom we ignore."""
        return isinstance(event, Said | Acted | Whispered) and event.nick.casefold() in self.ignored

    def _is_out(self, event: Event) -> bool:
        me = self.link.nick.casefold()
        if isinstance(event, Left):
            return event.nick.casefold() == me
        if isinstance(event, Kicked | RoomBanned):
            return event.who.casefold() == me
        return isinstance(event, RoomClosed)

    # What became of requests.

    def _answered(self, news: Answered) -> None:
        then = self._then.pop(news.request.id, None)
        self._otherwise.pop(news.request.id, None)
        if then is not None:
            then(news)
        else:
            self._answers.answered(news)

    def _declined(self, news: RequestDeclined) -> None:
        request = news.request
        if request is None:
            self.note(Kind.REFUSAL, news.sentence)
            return
        self._then.pop(request.id, None)
        room = str(request.arguments.get("room") or "")
        self._reading_back.discard(room)
        if request.word == "join":
            self.entrance.back_in(room)
        if request.word == "hello":
            self.entrance.declined(news)
        elif request.own and room in self.buffers:  # back into a room that lets us in no more
            self.buffers.open(room).leave()
            self.note(Kind.REFUSAL, news.sentence, self.buffers.open(room))
        else:
            self.note(Kind.REFUSAL, news.sentence)
        self._do_otherwise(request, news.code)

    def _do_otherwise(self, request: Request, code: str) -> None:
        otherwise = self._otherwise.pop(request.id, None)
        if otherwise is not None:
            otherwise(code)

    def _unanswered(self, request: Request) -> None:
        if self._then.pop(request.id, None) is not None or self.leaving:
            return
        if request.word in _TALK:
            text = str(request.arguments.get("text"))
            self.note(Kind.REFUSAL, f"The connection was lost, and this line may not have been sent: {text}")
        else:
            self.note(Kind.REFUSAL, f"The connection was lost before /{request.word} was answered.")
        self._do_otherwise(request, "")
