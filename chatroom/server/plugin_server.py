"""
The server as one service of a plugin sees it: talk, time, work of its own, and what is kept for it.

It knows the services of the server, and not who is connected. What a plugin starts here is counted, and ends with it.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import Any

from twisted.internet.defer import CancelledError, Deferred, TimeoutError
from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.logger import Logger
from twisted.python.failure import Failure

from chatroom.core.names import fold
from chatroom.errors import LimitReached, NoSuchRoom, Refused
from chatroom.events import Acted, AutoSaid, Event
from chatroom.interfaces import IPluginServer, IPluginStore, Person, provides
from chatroom.limits import OFF
from chatroom.plugins.options import NICK, PluginOptions
from chatroom.plugins.watch import BLOCKS
from chatroom.server.plugin_store import PluginStore
from chatroom.server.services import Services

log = Logger()

WORK = 1000
"""Calls and coroutines of one service that may be under way at once."""

METRICS = 50
"""Names of numbers that one service may count."""

_METRIC = re.compile(r"[a-z][a-z0-9_]{0,63}", re.ASCII)

BETWEEN = 60.0
"""Seconds between two lines of the log about one service. What comes meanwhile is counted."""


class _Complaints:
    """
    What the log says of one service: no more than a line a minute, however often it fails.

    @ivar failures: how often that was.
    """

    def __init__(self, name: str, clock: IReactorTime) -> None:
        self._name = name
        self._clock = clock
        self._next = 0.0
        self._more = 0
        self.failures = 0

    def failed(self, what: str, failure: Failure) -> None:
        """It raised, doing this. A refusal is a sentence; all else is a bug of the plugin."""
        self.failures += 1
        if not self._may():
            return
        more = f" (and {self._more} times before)" if self._more else ""
        self._more = 0
        if failure.check(Refused):
            log.warn(
                "The plugin {name} failed {what}{more}: {error}",
                name=self._name, what=what, more=more, error=str(failure.value),
            )  # fmt: skip
        else:
            log.failure("The plugin {name} failed {what}{more}", failure, name=self._name, what=what, more=more)

    def say(self, sentence: str) -> None:
        """Something else is wrong with it."""
        if self._may():
            log.warn("The plugin {name} {sentence}", name=self._name, sentence=sentence)

    def _may(self) -> bool:
        now = self._clock.seconds()
        if now < self._next:
            self._more += 1
            return False
        self._next = now + BETWEEN
        return True


@provides(IPluginServer)
class PluginServer:
    """
    @ivar complaints: what the log says of the service.
    @ivar counts: its numbers that only grow, by name. @ivar gauges: its other numbers.
    """

    def __init__(self, services: Services, name: str, options: PluginOptions, handed_over: Any) -> None:
        self._services = services
        self._options = options
        self._name = name
        self._nick = str(options[NICK])
        self._handed_over = handed_over
        self._stores: dict[str, PluginStore] = {}
        self._calls: dict[IDelayedCall, None] = {}
        self._work: dict[Deferred[Any], None] = {}
        self._tokens, self._seen = float(services.limits.talk_burst), services.clock.seconds()
        self._ended = False
        self.counts: dict[str, float] = {}
        self.gauges: dict[str, float] = {}
        self.complaints = _Complaints(name, services.clock)

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
        return found is not None and not found.invite_only and not found.password

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
            self.attempt("in a call it had asked for", call)

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

    def attempt(self, what: str, call: Callable[[], object], within: float | None = None) -> Deferred[Any] | None:
        """
        Call something of the plugin's. What it raises is logged, and never raised here.

        @param what: for the log, such as C{when it was started}. @param within: seconds that it may wait.
        @return: where it waits for something: fires with whether it went well, and never fails.
        """
        begun = self.clock.seconds()
        try:
            outcome = call()
        except Exception:  # noqa: BLE001 code we know nothing of
            self.complaints.failed(what, Failure())
            return _fired(False)
        finally:
            self._note_time(what, self.clock.seconds() - begun)
        if not isinstance(outcome, Deferred | Coroutine):
            return None
        done: Deferred[Any] = outcome if isinstance(outcome, Deferred) else Deferred.fromCoroutine(outcome)
        if within is not None:
            done.addTimeout(within, self.clock)
        self._work[done] = None
        return done.addCallbacks(lambda _: True, lambda failure: self._broken(what, failure)).addBoth(self._over, done)

    def _broken(self, what: str, failure: Failure) -> bool:
        if failure.check(TimeoutError):
            self._services.watch.stopped["service", self._name] += 1
            self.complaints.say(f"took too long {what}")
        elif not (self._ended and failure.check(CancelledError)):
            self.complaints.failed(what, failure)
        return False

    def _over(self, outcome: Any, done: Deferred[Any]) -> Any:
        self._work.pop(done, None)
        return outcome

    def _note_time(self, what: str, seconds: float) -> None:
        if seconds > BLOCKS:
            self._services.watch.count_blocked("service", self._name, seconds)
            self.complaints.say(f"kept everybody waiting for {seconds * 1000:.0f} ms {what}")

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

    def end(self) -> None:
        """Cancel all that is under way. Nothing can be begun or said any more."""
        self._ended = True
        calls, self._calls = self._calls, {}
        for each in calls:
            if each.active():
                each.cancel()
        for work in list(self._work):
            work.cancel()


def _fired(outcome: bool) -> Deferred[Any]:
    done: Deferred[Any] = Deferred()
    done.callback(outcome)
    return done
