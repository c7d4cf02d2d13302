"""
What a plugin promises that runs as long as the server does, and what the server gives it.

It knows events and the values that cross the seams, and nothing of how a service is found or run.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chatroom.events import Event
from chatroom.interfaces.contract import Contract
from chatroom.interfaces.plugin_store import IPluginStore
from chatroom.interfaces.values import Person

if TYPE_CHECKING:
    from twisted.internet.interfaces import IDelayedCall, IReactorTime

OptionValue = bool | int | float | str
"""What an option of a plugin may be. Its default says which of these it is."""


@dataclass(frozen=True)
class PluginOption:
    """
    One thing that an operator may set, by C{--plugin NAME:OPTION=VALUE} or in the section C{[plugin NAME]} of the file.

    @ivar name: small letters, digits and C{-}, a letter first.
    @ivar default: the value where nobody sets it. Its type is the option's.
    @ivar help: one line, for the operator.
    @ivar least: the smallest number accepted. @ivar most: the greatest.
    @ivar choices: the texts accepted, where only some are.
    """

    name: str
    default: OptionValue
    help: str = ""
    least: float | None = None
    most: float | None = None
    choices: tuple[str, ...] = ()


JOIN, WHISPER, TOPIC, NICKNAME = "join", "whisper", "topic", "nickname"
"""What a service may check before it happens: see L{Wish.kind}."""


@dataclass(frozen=True)
class Wish:
    """
    What somebody is about to do, and no rule of the server is against.

    @ivar kind: L{JOIN} a room, L{WHISPER}, set a L{TOPIC}, or take a L{NICKNAME} as a guest.
    @ivar nick: who; C{""}: a connection without a nickname. @ivar identity: as C{ICaller.identity} has it.
    @ivar account: whether they are logged in. @ivar room: which one, or C{""}. @ivar to: who is whispered to, or C{""}.
    @ivar text: the whisper, the topic, or the nickname; C{""} for L{JOIN}.
    """

    kind: str
    nick: str
    identity: str | None
    account: bool
    room: str = ""
    to: str = ""
    text: str = ""


@dataclass(frozen=True)
class PageRequest:
    """
    A browser asks for a page of a plugin.

    @ivar path: what stands behind C{/x/NAME/}, perhaps nothing. @ivar query: what stands behind the C{?}, by name.
    """

    path: str
    query: Mapping[str, str]


@dataclass(frozen=True)
class PageAnswer:
    """
    What a browser gets.

    @ivar body: text is sent as UTF-8. @ivar type: HTTP's C{Content-Type}. @ivar status: HTTP's, from 200 to 599.
    """

    body: str | bytes
    type: str = "text/html; charset=utf-8"
    status: int = 200


class IPluginServer(Contract):
    """
    The server, as one service of a plugin sees it. It is good from C{start} until C{stop} is done. Everything is called
    in the reactor thread.
    """

    @property
    def name(self) -> str:
        """The name of the service."""

    @property
    def nick(self) -> str:
        """
        The nickname by which the service talks. Nobody else can have it meanwhile. It is the service's name, or what
        the operator has set by the option C{nick}, which every service has.
        """

    @property
    def clock(self) -> IReactorTime:
        """The clock of the server. Use it, and no other: then tests need not wait."""

    @property
    def options(self) -> Mapping[str, OptionValue]:
        """The values of all options now. It is the same mapping after a SIGHUP, with what was changed by it."""

    @property
    def handed_over(self) -> Any:
        """What C{state} gave in the process before, at an upgrade; C{None} at every other start."""

    def now(self) -> float:
        """Seconds since 1970 in UTC, of the wall clock."""

    def store(self, name: str = "") -> IPluginStore:
        """
        The values that are kept for the plugin.

        @param name: of the store: the name of the service, or one that begins with it and C{-}; C{""} is its own.
        @raise ValueError: it is the store of another plugin.
        """

    def say(self, room: str, text: str, act: bool = False) -> Awaitable[None]:
        """
        Talk in a room by the service's nickname, as a program that says it by itself: no program answers it. It is on
        its way when this returns, in one commit with all that is stored in this turn.

        @param act: say it as C{/me} does.
        @return: fires when it is kept and everyone in the room has it; fails with L{chatroom.errors.NotKept}.
        @raise chatroom.errors.NoSuchRoom: @raise chatroom.errors.Unlawful: empty, or too long.
        @raise chatroom.errors.LimitReached: it talks faster than one connection may (C{--talk-burst}, C{--talk-rate}).
        """

    def rooms(self) -> tuple[str, ...]:
        """The names of all rooms."""

    def is_public(self, room: str) -> bool:
        """Whether there is such a room and everybody may join it and read it: no password, and not only the invited."""

    def people(self, room: str) -> tuple[Person, ...]:
        """Who is in a room, in the order in which they joined; nobody, if there is no such room."""

    def identity(self, nick: str) -> str | None:
        """C{ICaller.identity} of the person who has a nickname now; C{None}: nobody on line has it."""

    def is_own(self, event: Event) -> bool:
        """
        While C{heard} is called: whether it happened through this node. Of several nodes, this is true on one. So a
        service that answers, answers once.
        """

    def call_later(self, seconds: float, call: Callable[[], object]) -> IDelayedCall:
        """Call this later, unless the service is stopped before. It may be an C{async def}."""

    def every(self, seconds: float, call: Callable[[], object]) -> Callable[[], None]:
        """
        Call this again and again, for the first time after so many seconds, until the service is stopped. One call is
        over before the next begins.

        @return: call it to end that.
        """

    def count(self, name: str, by: float = 1) -> None:
        """
        Add to a number that only grows: C{chatroom_plugin_count_total} of the metrics, with this C{name}.

        @param name: small letters, digits and C{_}, a letter first.
        @raise ValueError: it is no such name, C{by} is less than 0, or the service has too many names.
        """

    def gauge(self, name: str, value: float) -> None:
        """Set a number that goes up and down: C{chatroom_plugin_value}. Names and errors as for L{count}."""

    def run(self, work: Coroutine[Any, Any, object]) -> None:
        """
        Do something that takes time. It is cancelled when the service is stopped, and its failure is logged.

        @raise chatroom.errors.LimitReached: too much is under way.
        """


class IPluginService(Contract):
    """
    What runs as long as the server does. Providers also provide C{twisted.plugin.IPlugin} and are found by
    L{chatroom.plugins.find_services}. L{chatroom.plugins.base.PluginService} has every default.

    A service that fails is logged, by its name, and the server goes on. C{start}, C{stop} and C{heard} may be C{async
    def}, and have C{--plugin-time} then. What they do without waiting must take milliseconds: everybody waits for it.
    """

    @property
    def name(self) -> str:
        """The word of the service: small letters, digits and C{-}, a letter first. No two installed ones share it."""

    @property
    def options(self) -> tuple[PluginOption, ...]:
        """What an operator may set."""

    @property
    def hears(self) -> tuple[str, ...]:
        """Kinds of events that C{heard} is called with: C{said}, C{acted}, C{joined} and others of a room; see docs."""

    @property
    def checks(self) -> tuple[str, ...]:
        """Kinds of wishes that C{check} is called with: C{join}, C{whisper}, C{topic}, C{nickname}."""

    def start(self, server: IPluginServer) -> Awaitable[None] | None:
        """
        Begin. The server knows its rooms and people by now. Called again after a C{stop}, where an upgrade failed.

        @raise chatroom.errors.Refused: it cannot; the sentence is logged, and the service does not run.
        """

    def stop(self) -> Awaitable[None] | None:
        """
        End. It may still say and store something. What C{call_later}, C{every} and C{run} have begun is cancelled
        after it, so nothing is to be done for that.
        """

    def state(self) -> Any:
        """
        At an upgrade, after C{stop}: what the next process is handed, as JSON holds it; C{None}: nothing. What has to
        outlive a crash belongs into the store.
        """

    def heard(self, event: Event) -> Awaitable[None] | None:
        """
        This has happened: it is kept, and everyone concerned has it. It is called on every node; see
        L{IPluginServer.is_own}. Not called for what the service itself has said.
        """

    def check(self, wish: Wish) -> Awaitable[str | None] | str | None:
        """
        Somebody is about to do this. It may be an C{async def}, and has C{--plugin-time} then: after that, and where it
        fails, the wish is granted and the log has a line.

        @return: another text in place of a whisper or a topic, which is then cleaned and shown to its author; C{None}:
            as it is.
        @raise chatroom.errors.Refused: it does not happen; the sentence is shown to the one who wished it. Use
            L{chatroom.errors.Filtered} where no other fits.
        """

    def page(self, request: PageRequest) -> Awaitable[PageAnswer | None] | PageAnswer | None:
        """
        A browser has asked for C{/x/NAME/} at the port of the web page, or for something below it. Anybody may ask, so
        it shows nothing of rooms that are not public. It may be an C{async def}, and has C{--plugin-time} then.

        The browser runs no script of it, and loads nothing for it but styles and images that stand in the page.

        @return: C{None}: there is no such page.
        """

    def reload(self) -> None:
        """
        The operator has sent SIGHUP: the options may be others. Files may be read again.

        @raise ValueError: that cannot be; a sentence without its end. The service goes on as it was.
        """
