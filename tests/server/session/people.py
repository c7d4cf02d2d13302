"""
Somebody connected by no door: wishes are method calls, and what is heard is written down.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any, TypeVar

from twisted.internet.defer import Deferred
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase
from zope.interface import implementer

from chatroom.errors import Refused
from chatroom.events import Event, Noticed
from chatroom.interfaces import IEar, IForm, ISession
from chatroom.limits import Limits
from chatroom.plugins.find import find
from chatroom.testing import Server
from chatroom.wire import dumps, loads

T = TypeVar("T")

COMMANDS = find()
PASSWORD = "correct horse battery"


@implementer(IForm)
class Lines:
    """Events as they are on the wire, a line each."""

    echoes = False

    def render(self, events: Sequence[Event], reader: str = "") -> list[bytes]:
        """See L{IForm.render}."""
        return [dumps(event).encode() + b"\n" for event in events]


LINES = Lines()


@implementer(IEar)
class Ear:
    """
    Writes down what it is told.

    @ivar heard: events of rooms. @ivar told: what was for this connection alone.
    @ivar charged: units of work. @ivar rooms: where it hears that it is.
    @ivar nick: what it was told to be called. @ivar goodbye: what it was hung up with.
    @ivar waits: it was told something, and nobody has had that sent yet.
    @ivar flushes: how often that was done.
    """

    once = False

    def __init__(self) -> None:
        self.waits = False
        self.flushes = 0
        self.heard: list[Event] = []
        self.told: list[str | Event] = []
        self.nick: str | None = None
        self.goodbye: str | None = None
        self.charged = 0.0
        self.rooms: list[str] = []

    def form(self, room: str) -> IForm:
        """See L{IEar.form}."""
        return LINES

    def hear(self, room: str, first: int, last: int, data: bytes) -> None:
        """See L{IEar.hear}."""
        self.heard += [loads(line) for line in data.splitlines()]
        self.waits = True

    def tell(self, parts: Sequence[str | Event]) -> None:
        """See L{IEar.tell}."""
        self.told += parts
        self.waits = True

    def flush(self) -> None:
        """See L{IEar.flush}."""
        self.waits = False
        self.flushes += 1

    def flush_soon(self) -> None:
        """See L{IEar.flush_soon}."""
        self.flush()

    def charge(self, units: float, shared: bool = True) -> None:
        """See L{IEar.charge}."""
        self.charged += units

    def named(self, nick: str | None) -> None:
        """See L{IEar.named}."""
        self.nick = nick

    def entered(self, room: str) -> None:
        """See L{IEar.entered}."""
        assert room not in self.rooms, "it was there already"
        self.rooms.append(room)

    def went(self, room: str) -> None:
        """See L{IEar.went}."""
        self.rooms.remove(room)

    def hang_up(self, sentence: str) -> None:
        """See L{IEar.hang_up}."""
        self.goodbye = sentence


async def _outcome(wish: Awaitable[T]) -> T:
    return await wish


class Somebody:
    """
    A connection.

    @ivar caller: what its wishes are made of. @ivar ear: what it heard.
    """

    def __init__(self, server: Server, address: str = "192.0.2.1") -> None:
        self.server = server
        self.ear = Ear()
        self.caller: ISession = server.hub.enter(self.ear, address, "test")

    def gets(self, wish: Awaitable[T]) -> T:
        """What comes of a wish, when all has happened that needs no time; or the refusal."""
        outcomes: list[Any] = []
        waiting = Deferred.fromCoroutine(_outcome(wish))
        waiting.addBoth(outcomes.append)
        self.server.settle()
        [outcome] = outcomes
        if isinstance(outcome, Failure):
            outcome.raiseException()
        result: T = outcome
        return result

    def says(self, text: str, room: str | None = None) -> None:
        """Talk, and let it be told."""
        self.caller.say(text, room)
        self.server.settle()

    def hears(self) -> list[Event]:
        """Events of rooms since the last time."""
        assert not self.ear.waits, "nobody has flushed it"
        heard, self.ear.heard = self.ear.heard, []
        return heard

    def is_told(self) -> list[str | Event]:
        """What was for this connection alone since the last time."""
        assert not self.ear.waits, "nobody has flushed it"
        told, self.ear.told = self.ear.told, []
        return told

    def notices(self) -> list[str]:
        """Codes of the server's words to this connection since the last time."""
        return [part.code for part in self.is_told() if isinstance(part, Noticed)]

    def goes(self) -> None:
        """The connection is lost."""
        self.caller.gone("connection lost")
        self.server.settle()


class CallerTestCase(SynchronousTestCase):
    """A server, and the verbs of these tests."""

    limits = Limits()

    def setUp(self) -> None:
        """It is open and empty."""
        self.server = Server(self.limits, commands=COMMANDS)

    def somebody(self) -> Somebody:
        """A connection without a nickname."""
        return Somebody(self.server)

    def guest(self, nick: str) -> Somebody:
        """A guest in the lobby, who has heard all there was to hear."""
        guest = self.somebody()
        guest.gets(guest.caller.register(nick))
        guest.hears()
        return guest

    def account(self, nick: str) -> Somebody:
        """Somebody with an account, just made."""
        guest = self.guest(nick)
        guest.gets(guest.caller.signup(PASSWORD))
        guest.hears()
        return guest

    def again(self, nick: str) -> Somebody:
        """One more connection of this account."""
        somebody = self.somebody()
        somebody.gets(somebody.caller.login(nick, PASSWORD))
        somebody.hears()
        return somebody

    def refused(self, kind: type[Refused], who: Somebody, wish: Callable[[], Coroutine[Any, Any, object]]) -> str:
        """The sentence with which a wish is refused."""
        refusal: Refused = self.assertRaises(kind, lambda: who.gets(wish()))
        return refusal.sentence
