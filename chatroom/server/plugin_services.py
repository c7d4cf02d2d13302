"""
All services of plugins on one node: how they begin and end, what they hear, and what they hand over at an upgrade.

It knows what L{IPluginService} promises, and nothing of what any of them does. Where none is installed, nothing here is
called while people talk.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence

from twisted.logger import Logger
from twisted.python.failure import Failure

from chatroom.core.names import fold, nickname
from chatroom.errors import NickOwned, NickTaken, Refused, with_full_stop
from chatroom.events import Event, without_secrets
from chatroom.interfaces import IPluginService, PageAnswer, PageRequest, Wish
from chatroom.interfaces.plugin_services import TOPIC, WHISPER
from chatroom.plugins.options import read_options
from chatroom.plugins.watch import PluginName, PluginWatch, fault_of_refusal, file_of
from chatroom.server.plugin_server import PluginServer
from chatroom.server.services import Services

log = Logger()

HEARING = 100
"""Events that one service may be hearing at once, where it waits for something. It misses those that come meanwhile."""

PAGES = 100
"""Calls that one service may have under way before browsers get no page of it."""

ALLOWED = "It was allowed."
"""What follows from a check that fails."""

STATE = 1024 * 1024
"""Bytes that one service may hand over at an upgrade."""


class Running:
    """One service, from its start to its stop."""

    def __init__(
        self, service: IPluginService, server: PluginServer, watch: PluginWatch, within: Callable[[], float]
    ) -> None:
        """@param within: seconds that it may take for what it waits for."""
        self._watch = watch
        self.within = within
        self.service = service
        self.server = server
        self.holder = f"plugin:{service.name}"
        self.hearing = 0

    def hear(self, event: Event, within: float) -> None:
        """This has happened. Whatever it does with that harms nobody."""
        server = self.server
        if fold(event.nick) == fold(server.nick):
            return
        if self.hearing >= HEARING or server.is_full():
            self.is_wrong(f"has not ended what it began when it heard {HEARING} events, and misses those that come now")
            return
        heard = server.attempt(f"when it heard {event.kind!r}", lambda: self.service.heard(event), within)
        if heard is not None and not heard.called:
            self.hearing += 1
            heard.addBoth(self._heard)

    def _heard(self, outcome: object) -> object:
        self.hearing -= 1
        return outcome

    def is_wrong(self, fault: str, then: str = "") -> None:
        """Log it: see L{PluginWatch.was_wrong<chatroom.plugins.watch.PluginWatch.was_wrong>}."""
        self._watch.was_wrong(self.server.plugin, fault, then)

    async def check(self, wish: Wish) -> str | None:
        """
        What the service leaves of a text; C{None}: all of it.

        @raise Refused: it is against this wish.
        """
        refusals: list[Refused] = []
        left: list[object] = []

        async def ask() -> None:
            try:
                answer = self.service.check(wish)
                left.append(answer if answer is None or isinstance(answer, str) else await answer)
            except Refused as refused:
                refusals.append(refused)

        if self.server.is_full():
            self.is_wrong("has not ended earlier checks", ALLOWED)
            return None
        asking = self.server.attempt(f"when it checked a {wish.kind}", ask, self.within(), ALLOWED)
        if asking is not None:
            await asking
        if refusals:
            fault = fault_of_refusal(refusals[0])
            if fault is None:
                raise refusals[0]
            self.is_wrong(fault, ALLOWED)
        text = left[0] if left else None
        if text is not None and not (isinstance(text, str) and (text == wish.text or wish.kind in (WHISPER, TOPIC))):
            what = "text" if isinstance(text, str) else f"an object of the type {type(text).__name__}"
            self.is_wrong(f"gave back {what} for a {wish.kind}, which was ignored")
            return None
        return text


class PluginServices:
    """
    @ivar running: by name.
    @ivar options: what the operator has set, by service.
    @ivar states: what each has handed over when it was stopped last, as JSON text.
    """

    def __init__(
        self,
        services: Services,
        installed: Sequence[IPluginService] = (),
        settings: Mapping[str, Mapping[str, str]] | None = None,
    ) -> None:
        """
        @param settings: by service, values of its options as the operator wrote them.
        @raise ValueError: a setting cannot be taken; a sentence without its end.
        """
        self.running: dict[str, Running] = {}
        self.states: Mapping[str, str] = {}
        self._services = services
        self._installed = {each.name: each for each in installed}
        self.options = read_options(self._installed, settings or {})
        self._listeners: dict[str, list[Running]] = {}

    # Life.

    async def start(self, states: Mapping[str, str] | None = None) -> None:
        """
        Start all of them. One that cannot start is logged.

        @param states: what the process before has handed over.
        """
        for name, service in self._installed.items():
            state = (states or {}).get(name)
            plugin = PluginName("service", name, file_of(service))
            server = PluginServer(self._services, plugin, self.options[name], json.loads(state) if state else None)
            running = Running(service, server, self._services.watch, lambda: self._services.limits.plugin_time)
            try:
                await self._claim(running)
            except Refused as refused:
                server.end()
                log.error("The plugin {name} does not run: {reason}", name=name, reason=refused.sentence)
                continue
            self.running[name] = running
            self._begin(running)

    async def _claim(self, running: Running) -> None:
        """@raise Refused: somebody else has the nickname by which it wants to talk."""
        limits, backend, server = self._services.limits, self._services.backend, running.server
        nick = nickname(server.nick, limits.nick_length)
        hint = f"Set another by --plugin {server.name}:nick=NAME."
        if await backend.account(fold(nick)) is not None:
            raise NickOwned(f"The nickname {nick} belongs to an account. {hint}")
        if fold(nick) in self._services.chat.state.people or not await self._services.claims.claim(
            fold(nick), running.holder
        ):
            raise NickTaken(f"Someone has the nickname {nick}. {hint}")

    def _begin(self, running: Running) -> None:
        def started(good: bool) -> None:
            name = running.service.name
            if self.running.get(name) is not running:
                return
            if not good:
                self._services.finish(self._leave(running))
                return
            for kind in dict.fromkeys(running.service.hears):
                self._listeners.setdefault(kind, []).append(running)
            for kind in dict.fromkeys(running.service.checks):
                self._services.checks.add(kind, running.check)
            log.info("The plugin {name} runs", name=name)

        within = self._services.limits.plugin_time
        server, service = running.server, running.service
        starting = server.attempt("when it started", lambda: service.start(server), within, "It does not run.")
        if starting is None:
            started(True)
        else:
            starting.addCallback(started)

    async def stop(self) -> None:
        """Stop all of them, the last one first, and note what they hand over. They have a few seconds for that."""
        within, states = self._services.limits.plugin_time, dict[str, str]()
        self._listeners.clear()
        for running in reversed(list(self.running.values())):
            stopping = running.server.attempt("when it stopped", running.service.stop, within)
            if stopping is not None:
                await stopping
            state = self._state(running)
            if state:
                states[running.service.name] = state
            await self._leave(running)
        self.states = states

    async def _leave(self, running: Running) -> None:
        """It runs no more."""
        running.server.end()
        self._services.checks.remove(running.check)
        for listeners in self._listeners.values():
            if running in listeners:
                listeners.remove(running)
        self.running.pop(running.service.name, None)
        self._services.finish(self._services.claims.release(fold(running.server.nick), running.holder))

    def _state(self, running: Running) -> str:
        """What it hands over, as JSON text; C{""}: nothing, or nothing that can be handed over."""
        try:
            state = running.service.state()
            text = "" if state is None else json.dumps(state, ensure_ascii=False, allow_nan=False)
            if len(text.encode()) > STATE:
                raise ValueError(f"its state has more than {STATE} bytes")
        except BaseException as error:  # noqa: BLE001 code we know nothing of
            doing = "when it was asked for its state"
            self._services.watch.raised(running.server.plugin, Failure(error), "It hands over nothing.", doing)
            return ""
        return text

    # Hearing.

    def listens(self) -> bool:
        """Whether any of those installed wants to hear anything."""
        return any(each.hears for each in self._installed.values())

    def heard(self, events: Sequence[Event]) -> None:
        """These happened, and have been told. It never raises."""
        for event in events:
            listeners = self._listeners.get(event.kind)
            if listeners:
                shown = without_secrets(event)
                for running in tuple(listeners):
                    running.hear(shown, self._services.limits.plugin_time)

    # Pages.

    async def page(self, name: str, request: PageRequest) -> PageAnswer | None:
        """What a service answers a browser; C{None}: there is no such page. It never raises."""
        running = self.running.get(name)
        if running is None:
            return None
        if running.server.busy() >= PAGES:
            return PageAnswer("This page is busy. Try again in a moment.\n", "text/plain; charset=utf-8", 503)
        answers: list[object] = []

        async def answer() -> None:
            made = running.service.page(request)
            answers.append(made if made is None or isinstance(made, PageAnswer) else await made)

        done = running.server.attempt("when it made a page", answer, self._services.limits.plugin_time)
        if done is not None:
            await done
        if answers and answers[0] is None:
            return None
        if answers and isinstance(answers[0], PageAnswer) and self._is_sound(answers[0]):
            return answers[0]
        if answers:
            running.is_wrong(f"made {self._fault_of_page(answers[0])}, which cannot be shown")
        return PageAnswer("This page is broken. The log of the server says why.\n", "text/plain; charset=utf-8", 500)

    def _is_sound(self, page: PageAnswer) -> bool:
        try:
            return self._fits(page)
        except (AttributeError, TypeError):  # its fields may be anything
            return False

    def _fault_of_page(self, page: object) -> str:
        if not isinstance(page, PageAnswer):
            return f"an object of the type {type(page).__name__} as a page"
        return f"a page of more than {self._services.limits.plugin_page:,} bytes, or of no type or status"

    def _fits(self, page: PageAnswer) -> bool:
        length = len(page.body.encode(errors="replace") if isinstance(page.body, str) else page.body)
        good_type = page.type.isascii() and page.type.isprintable()
        return length <= self._services.limits.plugin_page and good_type and 200 <= page.status <= 599

    # Settings.

    def reload(self, settings: Mapping[str, Mapping[str, str]]) -> None:
        """Go by these settings, and let each service read its files again. What cannot be used is logged."""
        unknown = sorted(settings.keys() - self.options.keys())
        if unknown:
            log.error("No plugin with options is called {names}.", names=", ".join(unknown))
        for name, options in self.options.items():
            try:
                changed = options.become(settings.get(name, {}))
            except ValueError as error:
                log.error("The plugin {name} keeps its old options: {error}", name=name, error=with_full_stop(error))
                continue
            if "nick" in changed:
                log.warn("The plugin {name} takes its new nickname at the next start.", name=name)
            running = self.running.get(name)
            if running is not None:
                self._reload(running)

    def _reload(self, running: Running) -> None:
        try:
            running.service.reload()
        except ValueError as error:
            log.error(
                "The plugin {name} keeps its old options: {error}",
                name=running.service.name,
                error=with_full_stop(error),
            )
        except BaseException as error:  # noqa: BLE001 as above
            doing = "when it read its files again"
            self._services.watch.raised(running.server.plugin, Failure(error), doing=doing)
