"""
An IRC client: what its lines mean, before and after it has a nickname.

Each line is one command, which a table finds (C{chatroom.doors.irc.commands}). What it does goes through the commands
of the server, with all their guards. Here is what all of them share: who the client is, what it can read, which rooms
it knows that it is in, and how it is answered. It is long because commands, what
is heard meanwhile and upgrades all change what the client knows.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial

from chatroom.doors.conversation import Conversation
from chatroom.doors.irc import metadata, read_marks
from chatroom.doors.irc.commands import NO_NICKNAME, QUICK, SLOW
from chatroom.doors.irc.framing import STREAM, IrcFraming
from chatroom.doors.irc.history import Playback
from chatroom.doors.irc.monitor import Monitor
from chatroom.doors.irc.multiline import OpenMessage, collect
from chatroom.doors.irc.names import show_room
from chatroom.doors.irc.network import Network, Profile
from chatroom.doors.irc.numerics import (
    ERR_NEEDMOREPARAMS,
    ERR_NOTREGISTERED,
    RPL_LOGGEDIN,
)
from chatroom.doors.irc.receipts import kept
from chatroom.doors.irc.registration import Registration
from chatroom.doors.irc.response import Response
from chatroom.doors.irc.wire import BadLine, IrcMessage, parse, written
from chatroom.doors.transport import Encryption
from chatroom.errors import Refused
from chatroom.events import Event
from chatroom.folding import fold
from chatroom.interfaces import Answer, ISession, Receipt, RoomView
from chatroom.states import IrcSnapshot


class IrcSpeaker:
    """
    A L{chatroom.doors.intake.Speaker}.

    @ivar network: what it shares with others. @ivar capabilities: those that the client has asked for.
    @ivar registration: how far it is with becoming somebody.
    @ivar subscriptions: keys of metadata.
    @ivar markers: how far its person has read.
    @ivar passwords: by room, the one that the client has given there, and the L{RoomView.password_mark} of then.
    @ivar leaving: the room that it is about to leave by a command of its own, and why.
    @ivar open_message: a message of several lines that is not whole yet.
    """

    __slots__ = (
        "_batches", "_framing", "_heard", "_looks", "_nick", "_response", "_shown", "capabilities", "conversation",
        "leaving", "markers", "monitor", "network", "open_message", "passwords", "playback", "profile", "registration",
        "style", "subscriptions",
    )  # fmt: skip

    def __init__(self, conversation: Conversation, network: Network, framing: IrcFraming = STREAM) -> None:
        """@param framing: what carries its lines."""
        self.network = network
        self._framing = framing
        self.conversation = conversation
        self.capabilities: frozenset[str] = frozenset()
        encryption = conversation.encryption if framing is STREAM else Encryption.UNKNOWN
        self.registration = Registration(network.offered(conversation.certificate, encryption))
        self.profile: Profile | None = None
        self.leaving: tuple[str, str] | None = None
        self.open_message: OpenMessage | None = None
        self.markers = read_marks.ReadMarkers()
        self.passwords: dict[str, tuple[int, str]] = {}
        self.subscriptions: set[str] = set()
        self.monitor = Monitor(self)
        self.playback = Playback()
        self._nick: str | None = None
        self._shown: set[str] = set()
        self._heard: set[str] = set()
        self._response: Response | None = None
        self._batches = 0
        self._looks = False
        conversation.outbox.once = True
        conversation.outbox.moves = self
        self.can(self.capabilities)

    @property
    def caller(self) -> ISession:
        """Whom the server knows this client as."""
        caller = self.conversation.caller
        assert caller is not None
        return caller

    @property
    def called(self) -> str:
        """What it is called: C{*} before it has a nickname."""
        return self._nick or "*"

    def has(self, capability: str) -> bool:
        """Whether the client has asked for it."""
        return capability in self.capabilities

    def can(self, capabilities: frozenset[str]) -> None:
        """It has asked for these, and no others."""
        self.capabilities = capabilities
        self.style = self.network.style(capabilities)
        self.conversation.outbox.style = self._framing.style(self.style)

    # Speaker.

    def received(self, message: bytes) -> None:
        """One line."""
        try:
            made = parse(message)
        except BadLine as error:
            self.conversation.replies.in_order(partial(self._bad, error))
            return
        if made is not None:
            self.take(made)

    def too_long(self) -> None:
        """See L{chatroom.doors.intake.Speaker}."""
        self._bad(BadLine("417", (), "Your line is too long. Send it in parts."))

    def refused(self, refusal: Refused) -> None:
        """See L{chatroom.doors.intake.Speaker}."""
        Response(self, "*").refused(refusal)

    def _bad(self, error: BadLine) -> None:
        response = Response(self, "*")
        if error.command.isdigit():
            response.numeric(error.command, *error.parameters, error.sentence)
        else:
            response.from_server(error.command, *error.parameters, error.sentence)
        response.end()

    def named(self, nick: str | None) -> None:
        """It is called otherwise. Nobody else tells it so."""
        old, self._nick = self._nick, nick
        self.network.is_called(self, old, nick)
        if nick is None:
            self._is_nobody(old)
            return
        self.markers = self.network.markers(self)
        if self.profile is not None:
            if old is not None:
                self.network.is_profiled_no_more(old, self.profile)
            self.network.is_profiled(nick, self.profile)
        if old is not None and old != nick:
            self.tell(written("NICK", nick, source=self.network.source(old)))

    def _is_nobody(self, old: str | None) -> None:
        """Its person has logged out, perhaps to log in to another account."""
        self.markers = read_marks.ReadMarkers()
        if self.profile is not None and old is not None:
            self.network.has_left(old, self.profile)
            self.profile = Profile(self.profile.user, self.profile.real)
        if not self.registration.changes:
            self.conversation.hang_up("You are logged out. Connect again to choose a nickname.")

    def take(self, message: IrcMessage) -> None:
        """What a line means."""
        label = message.tags.get("label", "") if message.tags and self.has("labeled-response") else ""
        word = message.command
        response = Response(self, word, label)
        least, quick = QUICK.get(word, (0, None))
        if quick is None:
            least, slow = SLOW.get(word, (0, None))
        if self._nick is None and word not in NO_NICKNAME:
            self.at_once(response, ERR_NOTREGISTERED, "Register first: send NICK and USER.")
        elif len(message.params) < least:
            self.at_once(response, ERR_NEEDMOREPARAMS, word, "That command needs more parameters.")
        elif quick is not None:
            quick(self, message, response)
        elif slow is not None:
            self.perform(response, partial(slow, self, message, response))
        else:
            self.run(word, " ".join(message.params), response)

    def collect(self, message: IrcMessage, response: Response) -> None:
        """A line of a message of several lines."""
        collect(self, message, response)

    def response(self, command: str) -> Response:
        """For what the client has not asked for by one command alone."""
        return Response(self, command)

    def at_once(self, response: Response, number: str, *params: str) -> None:
        """Answer with one line."""
        response.numeric(number, *params)
        self.conversation.replies.in_order(response.end)

    # Doing it.

    def perform(self, response: Response, work: Callable[[], Awaitable[None]], free: bool = False) -> None:
        """Do something of several steps. What was said meanwhile comes behind the answer."""
        self.conversation.replies.perform(partial(self._performed, response, work), response, free)

    async def _performed(self, response: Response, work: Callable[[], Awaitable[None]]) -> None:
        self._response = response
        was_account = self.caller.account
        try:
            await work()
            if self._nick is not None and self.caller.account and not was_account:
                self._logged_in(self._nick, response)
                await metadata.take_along(self)
            await self.look_around(response)
        finally:
            self._response = None

    def _logged_in(self, nick: str, response: Response) -> None:
        if not self.registration.announced:  # SASL has said so
            source = self.network.source(nick)
            response.numeric(RPL_LOGGEDIN, source, nick, f"You are now logged in as {nick}.")
        if self.has("account-notify"):
            response.from_person("ACCOUNT", nick)

    def run(self, word: str, typed: str, response: Response) -> None:
        """Run one of our own commands, as a person would."""
        self.perform(response, partial(self._run, word.lower(), typed, response))

    async def _run(self, word: str, typed: str, response: Response) -> None:
        self.show(await self.outcome(self.caller.do(word, typed)), response)

    def costs(self, targets: int) -> None:
        """A line that does something for several rooms or people costs as much as a line for each of them."""
        if targets > 1:
            self.conversation.charge(targets - 1, shared=False)

    async def asks(self, word: str, /, **arguments: str) -> Answer:
        """Run one of our own commands, as a program would. @raise Refused:"""
        return await self.outcome(self.caller.do(word, arguments))

    async def said(self, word: str, /, **arguments: str) -> Event | None:
        """Talk, and wait until it is kept and told. @return: C{None} for a whisper. @raise Refused:"""
        outcome = self.caller.do(word, arguments)
        if not isinstance(outcome, Receipt):
            await self.outcome(outcome)
            return None
        event = await kept(outcome)
        if outcome.then is None:
            return event
        await self.outcome(outcome.then())
        return None

    async def outcome(self, outcome: object) -> Answer:
        """What came of a command, when it is done."""
        if isinstance(outcome, Awaitable):
            outcome = await outcome
        if isinstance(outcome, Receipt):
            await kept(outcome)
            return Answer() if outcome.then is None else await self.outcome(outcome.then())
        return outcome if isinstance(outcome, Answer) else Answer()

    def show(self, answer: Answer, response: Response) -> None:
        """What one of our own commands answers, for a person."""
        for part in answer.parts:
            if isinstance(part, str):
                response.notice(part)
            else:
                response.raw(self.style.past(part, self.called))
        if answer.then is not None:
            response.end()
            answer.then()

    # Where it is.

    def entered(self, room: str) -> None:
        """It hears a room. Unless a command of its own is the cause, it reads so with what happens in the room."""
        self._heard.add(room)
        self.network.hears(self, room)
        if self._response is None and not self._looks:
            self._looks = True
            self.conversation.later(self._look_later)

    def went(self, room: str) -> None:
        """It hears a room no more."""
        self._heard.discard(room)
        self.network.hears_no_more(self, room)
        self.passwords.pop(room, None)
        if room in self._shown:
            self._shown.discard(room)
            if self.leaving is not None and self.leaving[0] == room and self._response is not None:
                reason = (self.leaving[1],) if self.leaving[1] else ()
                self._response.raw(written("PART", "#" + room, *reason, source=self.network.source(self.called)))

    def gone(self) -> None:
        """See L{chatroom.doors.outbox.Moves}."""
        self.monitor.clear()
        for room in self._heard:
            self.network.hears_no_more(self, room)
        self.network.is_called(self, self._nick, None)
        if self._nick is not None and self.profile is not None:
            self.network.has_left(self._nick, self.profile)

    def _look_later(self) -> None:
        self._looks = False
        if self._nick is not None and self._response is None:
            response = Response(self, "JOIN")
            for room in self.caller.rooms:
                if room not in self._shown:
                    self._shown.add(room)
                    marker = read_marks.shown_now(self, room)
                    show_room(self, room, response, joined=False, marker=marker)
            response.end()
            self.conversation.soon()

    async def look_around(self, response: Response) -> None:
        """Show the client the rooms that it is in and does not know of."""
        if self._nick is not None:
            for room in self.caller.rooms:
                if room not in self._shown:
                    self._shown.add(room)
                    marker = await read_marks.shown(self, room)
                    show_room(self, room, response, joined=True, marker=marker)
                    metadata.joined(self, room, response)
                    await self.playback.play(self, room, response)

    def gave(self, room: str, password: str) -> None:
        """The client has joined this room with a password, or has set it."""
        view = self.caller.view(room)
        if view.locked:
            self.passwords[view.name] = view.password_mark, password

    def password_of(self, view: RoomView) -> str:
        """The password of a room, if the client has given it; else C{""}."""
        mark, password = self.passwords.get(view.name, (0, ""))
        return password if mark == view.password_mark else ""

    def knows(self, room: str) -> bool:
        """Whether the client knows that it is in this room."""
        return room in self._shown

    # Writing.

    def write(self, data: bytes) -> None:
        """An answer."""
        self.conversation.outbox.answer(self._framing.framed(data))

    def tell(self, data: bytes) -> None:
        """What it has not asked for, or a part of the answer to what it asks for now."""
        if self._response is not None:
            self._response.raw(data)
        else:
            self.conversation.outbox.put(self._framing.framed(data))

    def tell_soon(self, data: bytes) -> None:
        """What happens at any time, written when this turn of the reactor is over."""
        self.tell(data)
        self.conversation.soon()

    def batch(self) -> str:
        """A name for one more batch."""
        self._batches += 1
        return f"b{self._batches}"

    def meets(self, nick: str) -> bool:
        """Whether this client is in a room with somebody."""
        return any(self.network.role(room, nick) for room in self._heard)

    def is_me(self, nick: str) -> bool:
        """Whether somebody is meant who is at this client."""
        return self._nick is not None and fold(nick) == fold(self._nick)

    def rendered(self, event: Event) -> bytes:
        """A line of its own talk."""
        return b"".join(self.style.form(True).render([event]))

    # From one process to the next.

    def state(self) -> IrcSnapshot:
        """What the next process has to know."""
        profile = self.profile
        return IrcSnapshot(
            user="" if profile is None else profile.user,
            real="" if profile is None else profile.real,
            registration=self.registration.state(),
            watched=tuple(self.monitor.names.values()),
            read=dict(self.playback.read),
            subscriptions=tuple(sorted(self.subscriptions)),
            metadata={} if profile is None else dict(profile.metadata),
            marked=dict(self.markers.times),
        )

    def restore(self, state: IrcSnapshot) -> None:
        """Go on from there."""
        self.registration.restore(state.registration)
        self.can(self.registration.capabilities.active)
        self.monitor.add(state.watched)
        self.playback.read.update(state.read)
        self.subscriptions.update(state.subscriptions)
        self._nick = self.caller.nick
        self.network.is_called(self, None, self._nick)
        self.markers = self.network.markers(self)
        self.markers.times.update(state.marked)
        self._shown = set(self.caller.rooms)
        if state.user:
            self.profile = Profile(state.user, state.real)
            self.profile.metadata = state.metadata
            if self._nick is not None:
                self.network.is_profiled(self._nick, self.profile)
