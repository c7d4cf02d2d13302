"""
How plugins do: which of them block the server, fail, or take too long. It is counted for the metrics, and logged.

The log names the plugin and its file, and says the same of the same plugin at most once a minute, with how often it
happened: a plugin that fails on every line, or a person who makes one fail, cannot fill the disk. It is given the time
as a function, and knows nothing of what plugins are for.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable
from typing import NamedTuple

from twisted.logger import Logger
from twisted.python.failure import Failure

from chatroom.errors import Refused, with_full_stop
from chatroom.plugins.discovery import described

log = Logger()

BLOCKS = 0.1
"""Seconds for which code of a plugin may keep everybody waiting before it is logged."""

MINUTE = 60.0
"""Seconds until the same is logged again of the same plugin."""

LONGEST_SENTENCE = 2000
"""Characters of a refusal."""

KNOWN = 1000
"""So much of what was logged is remembered, to log it no more than once a minute."""


class PluginName(NamedTuple):
    """
    A plugin, as logs and metrics name it.

    @ivar kind: C{command}, C{filter} or C{service}.
    @ivar name: a command's word without the slash; of a filter, what C{--filter} says.
    @ivar file: where its code is.
    """

    kind: str
    name: str
    file: str

    def __str__(self) -> str:
        return f"The {self.kind} {'/' if self.kind == 'command' else ''}{self.name} ({self.file})"


def file_of(provider: object) -> str:
    """Where the class of a plugin's object is written."""
    module = sys.modules.get(type(provider).__module__)
    return getattr(module, "__file__", None) or "a file without a name"


def fault_of_refusal(refusal: Refused) -> str | None:
    """What is wrong with a refusal of a plugin's, as the end of a sentence; C{None}: a door can show it."""
    sentence = getattr(refusal, "sentence", None)
    if isinstance(sentence, str) and len(sentence) <= LONGEST_SENTENCE and isinstance(refusal.code, str):
        return None
    return "refused without a sentence, or with one that is too long"


class PluginWatch:
    """
    Counts since the start, each by C{(kind, name)} of a plugin.

    @ivar blocked: how often its code ran for longer than L{BLOCKS}. @ivar seconds_blocked: for how long in all.
    @ivar failed: how often it raised what it must not raise, or gave back what it must not.
    @ivar stopped: how often it was stopped because it took too long.
    @ivar seconds: the time, which never goes back.
    """

    def __init__(self, seconds: Callable[[], float]) -> None:
        self.seconds = seconds
        self.blocked: Counter[tuple[str, str]] = Counter()
        self.seconds_blocked: Counter[tuple[str, str]] = Counter()
        self.failed: Counter[tuple[str, str]] = Counter()
        self.stopped: Counter[tuple[str, str]] = Counter()
        self._said: dict[tuple[PluginName, str], float] = {}
        self._unsaid: Counter[tuple[PluginName, str]] = Counter()

    def ran(self, plugin: PluginName, begun: float, doing: str = "") -> None:
        """
        Its code ran in the reactor's thread, from C{begun} until now.

        @param doing: when that was, as the end of a sentence: C{when it made a page}.
        """
        took = self.seconds() - begun
        if took <= BLOCKS:
            return
        self.blocked[plugin[:2]] += 1
        self.seconds_blocked[plugin[:2]] += took  # type: ignore[assignment]  # a Counter counts seconds as well
        self._say(
            plugin, f"blocked{doing}", log.warn,
            "{plugin} blocked the server for {took:.2f} seconds{doing}. Slow work belongs into a thread.",
            took=took, doing=f" {doing}" if doing else "",
        )  # fmt: skip

    def raised(self, plugin: PluginName, failure: Failure, then: str = "", doing: str = "") -> None:
        """
        It raised what it must not raise. The log says what and where, with the traceback; of a refusal, its sentence.

        @param then: what follows from that, as a sentence. @param doing: see L{ran}.
        """
        self.failed[plugin[:2]] += 1
        error = failure.value or Exception("nothing was raised")
        what, where = described(error)
        then, doing = f" {then}" if then else "", f" {doing}" if doing else ""
        if isinstance(error, Refused) and fault_of_refusal(error) is None:
            self._say(plugin, where, log.warn, "{plugin} failed{doing}{more}: {refusal}{then}",
                      refusal=with_full_stop(error.sentence), doing=doing, then=then)  # fmt: skip
            return
        more = self._more(plugin, where)
        if more is not None:
            log.failure("{plugin} failed{doing}: {what} ({where}){more}.{then}", failure, plugin=plugin, more=more,
                        what=what, where=where, doing=doing, then=then)  # fmt: skip

    def was_wrong(self, plugin: PluginName, fault: str, then: str = "") -> None:
        """
        It gave back, or asked for, what it must not.

        @param fault: as the rest of a sentence that begins with the plugin, without its end. It holds nothing that
            somebody typed. @param then: what follows from that, as a sentence.
        """
        self.failed[plugin[:2]] += 1
        self._say(plugin, fault, log.error, "{plugin} {fault}{more}.{then}", fault=fault,
                  then=f" {then}" if then else "")  # fmt: skip

    def raised_each_time(self, plugin: PluginName, error: BaseException, then: str) -> None:
        """As L{raised}, where a traceback would be too much: for what runs at every line."""
        self.failed[plugin[:2]] += 1
        what, where = described(error)
        self._say(plugin, where, log.error, "{plugin} failed: {what} ({where}){more}. {then}",
                  what=what, where=where, then=then)  # fmt: skip

    def was_stopped(self, plugin: PluginName, seconds: float, ended: bool, then: str = "", doing: str = "") -> None:
        """
        It took longer than it may.

        @param seconds: so long. @param ended: it has ended by that.
        @param then: see L{raised}. @param doing: see L{ran}.
        """
        self.stopped[plugin[:2]] += 1
        still = "" if ended else " It catches CancelledError and goes on; nobody waits for it any more."
        self._say(
            plugin, f"stopped{ended}{doing}", log.warn,
            "{plugin} was stopped after {seconds:g} seconds{doing}{more}.{then}{still}", seconds=seconds,
            doing=f" {doing}" if doing else "", then=f" {then}" if then else "", still=still,
        )  # fmt: skip

    def _say(self, plugin: PluginName, key: str, say: Callable[..., None], sentence: str, **values: object) -> None:
        more = self._more(plugin, key)
        if more is not None:
            say(sentence, plugin=plugin, more=more, **values)

    def _more(self, plugin: PluginName, key: str) -> str | None:
        """How often it happened since it was logged last, for the log; C{None}: it is too soon to log it again."""
        known, now = (plugin, key), self.seconds()
        if now < self._said.get(known, now - MINUTE) + MINUTE:
            self._unsaid[known] += 1
            return None
        if len(self._said) > KNOWN:
            self._said.clear()
            self._unsaid.clear()
        self._said[known] = now
        unsaid = self._unsaid.pop(known, 0)
        return f" (and {unsaid:,} more times since this was last logged)" if unsaid else ""
