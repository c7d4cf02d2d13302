"""
The server as one service of a plugin sees it: talk, time, work of its own, and what is kept for it.

It knows the services of the server, and not who is connected. What a plugin starts here is counted, and ends with it.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import Any

from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.python.failure import Failure

from chatroom.core.names import fold
from chatroom.errors import LimitReached, NoSuchRoom, Refused
from chatroom.events import Acted, AutoSaid, Event
from chatroom.interfaces import IPluginServer, IPluginStore, Person, provides
from chatroom.limits import OFF
from chatroom.plugins.options import NICK, PluginOptions
from chatroom.plugins.watch import PluginName
from chatroom.server.plugin_store import PluginStore
from chatroom.server.services import Services
from chatroom.server.steps import Steps, is_awaitable

WORK = 1000
"""Calls and coroutines of one service that may be under way at once."""

METRICS = 50
"""Names of numbers that one service may count."""

_METRIC = re.compile(r"[a-z][a-z0-9_]{0,63}", re.ASCII)


@provides(IPluginServer)
class PluginServer:
    """
    @ivar plugin: the service, as logs and metrics name it.
    @ivar counts: its numbers that only grow, by name. @ivar gauges: its other numbers.
    """

    def __init__(self, services: Services, plugin: PluginName, options: PluginOptions, handed_over: Any) -> None:
        self.plugin = plugin
        self._services = services
        self._options = options
        self._name = plugin.name
        self._nick = str(options[NICK])
        self._handed_over = handed_over
        self._stores: dict[str, PluginStore] = {}
        self._calls: dict[IDelayedCall, None] = {}
        self._work: dict[Deferred[Any], None] = {}
        self._tokens, self._seen = float(services.limits.talk_burst), services.clock.seconds()
        self._ended = False
        self.counts: dict[str, float] = {}
        self.gauges: dict[str, float] = {}

    @property
    def name(self) -> str:
        return self._name

    @property
    def nick(self) -> str:
        return self._nick

    @property
    def clock(self) -> IReactorTime:
        return self._services.clock

    @property
    def options(self) -> PluginOptions:
        return self._options

    @property
    def handed_over(self) -> Any:
        return self._handed_over

    def now(self) -> float:
        return self._services.now()

    def store(self, name: str = "") -> IPluginStore:
        name = name or self._name
        if name != self._name and not name.startswith(f"{self._name}-"):
            raise ValueError(f"the store {name!r} belongs to another plugin than {self._name}")
        if name not in self._stores:
            self._stores[name] = PluginStore(self._services, name)
        return self._stores[name]

    # Talk and people.

    def say(self, room: str, text: str, act: bool = False) -> Awaitable[None]:
        self._check_runs()
        found = self._services.chat.state.rooms.get(room)
        if found is None:
            raise NoSuchRoom(f"There is no room called {room[:64]}.")
        text = self._services.chat.talk.text(text)
        self._spend()
        event = (Acted if act else AutoSaid)(self.now(), found.name, self._nick, 0, text, bot=True)
        said: Deferred[Any] = self._services.batches.happen(event)
        return said.addCallback(lambda _: None)

    def _spend(self) -> None:
        """@raise LimitReached: this is one line too many."""
        limits, now = self._services.limits, self.clock.seconds()
        if limits.talk_rate == OFF:
            return
        self._tokens = min(float(limits.talk_burst), self._tokens + (now - self._seen) * limits.talk_rate)
        self._seen = now
        if self._tokens < 1:
            raise LimitReached(f"The plugin {self._name} talks too fast.")
        self._tokens -= 1

    def rooms(self) -> tuple[str, ...]:
        return tuple(self._services.chat.state.rooms)

    def is_public(self, room: str) -> bool:
        found = self._services.chat.state.rooms.get(room)
        return found is not None and found.is_listed() and not found.password

    def people(self, room: str) -> tuple[Person, ...]:
        found = self._services.chat.state.rooms.get(room)
        if found is None:
            return ()
        return tuple(
            Person(who.nick, who.account, who.away, who.since, found.role(who.key), who.staff)
            for who in found.members.values()
        )

    def identity(self, nick: str) -> str | None:
        who = self._services.chat.state.people.get(fold(nick))
        return None if who is None else who.pace_key

    def is_own(self, event: Event) -> bool:
        return self._services.batches.receipt_of(event) is not None

    # Numbers.

    def count(self, name: str, by: float = 1) -> None:
        if not by >= 0:
            raise ValueError(f"a number that only grows cannot grow by {by!r}")
        self._check_metric(name, self.counts)
        self.counts[name] = self.counts.get(name, 0) + by

    def gauge(self, name: str, value: float) -> None:
        self._check_metric(name, self.gauges)
        self.gauges[name] = float(value)

    def _check_metric(self, name: str, known: Mapping[str, float]) -> None:
        """@raise ValueError:"""
        if name not in known and (not _METRIC.fullmatch(name) or len(self.counts) + len(self.gauges) >= METRICS):
            raise ValueError(
                f"{name[:80]!r} is no name of a number: up to 64 of a-z, 0-9 and _, and {METRICS} names in all"
            )

    # Work of its own.

    def call_later(self, seconds: float, call: Callable[[], object]) -> IDelayedCall:
        self._check_has_room()

        def called() -> None:
            self._calls.pop(later, None)
            self.attempt("in a call that it had asked for", call)

        later: IDelayedCall = self.clock.callLater(seconds, called)
        self._calls[later] = None
        if len(self._calls) % 100 == 0:  # those that were cancelled
            self._calls = {each: None for each in self._calls if each.active()}
        return later

    def every(self, seconds: float, call: Callable[[], object]) -> Callable[[], None]:
        if seconds <= 0:
            raise ValueError("a call is repeated after more than 0 seconds")
        self._check_runs()
        going = [True]

        def again(_: object = None) -> None:
            if going[0] and not self._ended:
                self.call_later(seconds, once)

        def once() -> None:
            if going[0]:
                done = self.attempt("in a call that it repeats", call)
                again() if done is None else done.addBoth(again)

        def end() -> None:
            going[0] = False

        again()
        return end

    def run(self, work: Coroutine[Any, Any, object]) -> None:
        try:
            self._check_has_room()
        except Refused:
            work.close()
            raise
        self.attempt("in the background", lambda: work)

    def attempt(
        self, doing: str, call: Callable[[], object], within: float | None = None, then: str = ""
    ) -> Deferred[Any] | None:
        """
        Call something of the plugin's. What it raises is logged, and never raised here.

        @param doing: for the log, such as C{when it started}. @param within: seconds that it may wait. It is cancelled
            after that, and nobody waits for it any more. @param then: what follows from a failure, as a sentence.
        @return: where it waits for something: fires with whether it went well, and never fails.
        """
        watch = self._services.watch
        begun = watch.seconds()
        try:
            outcome = call()
        except BaseException as error:  # noqa: BLE001 code we know nothing of; SystemExit as well
            watch.raised(self.plugin, Failure(error), then, doing)
            return _fired(False)
        finally:
            watch.ran(self.plugin, begun, doing)
        if not is_awaitable(outcome):
            return None
        work: Deferred[Any] = (
            outcome if isinstance(outcome, Deferred) else Deferred.fromCoroutine(self._run(outcome, doing))  # type: ignore[arg-type]
        )
        return self._follow(work, doing, within, then)

    def _follow(self, work: Deferred[Any], doing: str, within: float | None, then: str) -> Deferred[Any]:
        """What is under way. @return: see L{attempt}."""
        done: Deferred[Any] = Deferred()
        timer: list[IDelayedCall] = []
        late: list[bool] = []
        self._work[work] = None

        def over(result: Any) -> None:
            self._work.pop(work, None)
            for each in timer:
                if each.active():
                    each.cancel()
            failed = isinstance(result, Failure)
            if failed and not ((late or self._ended) and result.check(CancelledError, GeneratorExit)):
                self._services.watch.raised(self.plugin, result, then, doing)
            if not late:
                done.callback(not failed)

        def end(seconds: float) -> None:
            late.append(True)
            self._cancel(work)
            self._services.watch.was_stopped(self.plugin, seconds, work not in self._work, then, doing)
            done.callback(False)

        work.addBoth(over)
        if within is not None and work in self._work:
            timer.append(self.clock.callLater(within, end, within))
        return done

    def _cancel(self, work: Deferred[Any]) -> None:
        try:
            work.cancel()
        except BaseException as error:  # noqa: BLE001 how it is cancelled is the plugin's
            self._services.watch.raised(self.plugin, Failure(error), doing="when it was cancelled")

    async def _run(self, awaited: Awaitable[Any], doing: str) -> Any:
        watch = self._services.watch

        def step(go_on: Callable[..., Any], *values: Any) -> Any:
            begun = watch.seconds()
            try:
                return go_on(*values)
            finally:
                watch.ran(self.plugin, begun, doing)

        return await Steps(awaited, step, "a plugin")

    def _check_has_room(self) -> None:
        """@raise LimitReached: @raise Refused: it is stopped."""
        self._check_runs()
        if len(self._calls) + len(self._work) >= WORK:
            self._calls = {each: None for each in self._calls if each.active()}
            if len(self._calls) + len(self._work) >= WORK:
                raise LimitReached(
                    f"The plugin {self._name} has {WORK} calls and coroutines under way, and may not begin more."
                )

    def _check_runs(self) -> None:
        if self._ended:
            raise Refused(f"The {self._name} plugin is not running. Ask the operator of this server.")

    def busy(self) -> int:
        """How many calls and coroutines are under way."""
        return len(self._work)

    def is_full(self) -> bool:
        """Whether so many are, that no more may begin: it does not end what was cancelled."""
        return len(self._work) >= WORK

    def end(self) -> None:
        """Cancel all that is under way. Nothing can be begun or said any more."""
        self._ended = True
        calls, self._calls = self._calls, {}
        for each in calls:
            if each.active():
                each.cancel()
        for work in list(self._work):
            self._cancel(work)


def _fired(outcome: bool) -> Deferred[Any]:
    done: Deferred[Any] = Deferred()
    done.callback(outcome)
    return done
