"""
What every part of the server works with: the rules, the backend, the batches, the limits, the time.

L{make_services} puts it together once, for L{chatroom.tap}, L{chatroom.testing} and C{chatroom-admin}. It knows what
there is, and not who is connected: L{chatroom.server.connections} knows that.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime

from chatroom.auth.entrance import Entrance
from chatroom.core.chat import Chat
from chatroom.core.talk import Filter
from chatroom.interfaces import IBackend, ICommand
from chatroom.limits import Limits
from chatroom.plugins.watch import PluginWatch
from chatroom.server.background import Background
from chatroom.server.batching import Batches
from chatroom.server.claims import NicknameClaims
from chatroom.server.plugin_checks import PluginChecks
from chatroom.server.shown import Shown

T = TypeVar("T")

PIECE = 500
"""So many rooms or people are looked at in one turn of the reactor."""

SERVER_NICK = "chatroom"
"""Who made the lobby, and does what the operator asks for. Nobody else may have this nickname."""


class WelcomeText:
    """@ivar lines: what everyone reads who joins; none, where there is no such text. Who changes it sets another."""

    __slots__ = ("lines",)

    def __init__(self) -> None:
        self.lines: tuple[str, ...] = ()


class NodeName:
    """@ivar name: of this daemon among those that share the backend; a process that takes over has the former one's."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def become(self, name: str) -> None:
        """This process goes on as that node."""
        self.name = name


@dataclass(frozen=True, slots=True, eq=False)
class Services:
    """
    Never changed once it is made, so everybody may hold on to it, or to a part of it.

    @ivar chat: what is true now, and the rules.
    @ivar backend: keeps what happens.
    @ivar batches: what is decided in one turn, on its way to the backend.
    @ivar entrance: checks passwords, and how often they are tried.
    @ivar limits: every limit. What a number is may change while people are here.
    @ivar commands: by word, aliases included.
    @ivar clock: for what is to happen later. It never goes back.
    @ivar background: work that nobody waits for.
    @ivar claims: the nicknames that this node holds.
    @ivar watch: how commands and filters of other packages do.
    @ivar shown: the people of a room, looked up once for a crowd that joins.
    @ivar welcome: the welcome text and rules.
    @ivar checks: what services of plugins check before it happens.
    @ivar identity: this daemon among those that share the backend.
    @ivar name: of the server, as the greeting gives it.
    @ivar lobby: the room everybody enters first; C{""} on a server that nobody enters.
    """

    chat: Chat
    backend: IBackend
    batches: Batches
    entrance: Entrance
    limits: Limits
    commands: Mapping[str, ICommand]
    clock: IReactorTime
    background: Background
    claims: NicknameClaims
    watch: PluginWatch
    shown: Shown
    welcome: WelcomeText
    checks: PluginChecks
    identity: NodeName
    name: str
    lobby: str
    _now: Callable[[], float]

    @property
    def node(self) -> str:
        """This daemon's name among those that share the backend. No two processes ever have the same at once."""
        return self.identity.name

    def now(self) -> float:
        """Seconds since 1970 of the wall clock, to the millisecond, as they stand on the wire."""
        return int(self._now() * 1000 + 0.5) / 1000  # a third of what round() takes

    def pause(self, seconds: float = 0.0) -> Deferred[None]:
        """@return: fires after so many seconds; with none, in another turn of the reactor."""
        over: Deferred[None] = Deferred()
        self.clock.callLater(seconds, over.callback, None)
        return over

    async def pieces(self, all: Iterable[T]) -> AsyncIterator[list[T]]:
        """What there is now, so much of it in one turn of the reactor that nobody waits for it."""
        left = list(all)
        for first in range(0, len(left), PIECE):
            if first:
                await self.pause()
            yield left[first : first + PIECE]

    def finish(self, coroutine: Coroutine[Any, Any, object]) -> None:
        """Run something nobody waits for, except at the very end; its failure is written down."""
        self.background.run(coroutine)


def make_services(
    backend: IBackend,
    commands: Mapping[str, ICommand],
    entrance: Entrance,
    limits: Limits,
    clock: IReactorTime,
    now: Callable[[], float],
    *,
    node: str = "server",
    name: str = "chatroom",
    lobby: str = "lobby",
    filter: Filter | None = None,
    watch: PluginWatch | None = None,
) -> Services:
    """
    Everything, before anybody is connected. See L{Services} for what is not said here.

    @param now: seconds since 1970, of the wall clock.
    @param filter: sees what is about to be said. @param watch: the one that the filters have, if there are any.
    """
    chat = Chat(limits, filter, lobby)
    batches = Batches(backend.keep, clock, chat.reserved, limits)
    batches.known = lambda: backend.soundness().kinds
    return Services(
        chat, backend, batches, entrance, limits, commands, clock, Background(batches, clock),
        NicknameClaims(backend, batches), watch or PluginWatch(clock.seconds), Shown(chat), WelcomeText(),
        PluginChecks(), NodeName(node), name, lobby, now,
    )  # fmt: skip
