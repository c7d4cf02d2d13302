"""
Filters: plugins of other packages that check each message before it is sent, and can refuse or replace it.

C{--filter} says which of them check, and in which order. A filter is tried when it is made: a server does not
start with one that cannot work. If a filter fails later, the line is sent as it was, because a bad plugin may not keep
a server silent, and the log has a sentence. It knows what filters promise
(L{ITalkFilter<chatroom.interfaces.ITalkFilter>}) and nothing of what they look for.
"""

from __future__ import annotations

from collections.abc import Sequence
from types import ModuleType
from typing import Any

from twisted.logger import Logger
from zope.interface.exceptions import Invalid
from zope.interface.verify import verifyObject

from chatroom.core.permissions import power
from chatroom.core.presence import Presence
from chatroom.core.rooms import Room
from chatroom.errors import Refused, with_full_stop
from chatroom.events import Role
from chatroom.interfaces import IFilterFactory, ITalkFilter, Utterance, interface
from chatroom.plugins.discovery import described, discover
from chatroom.plugins.watch import PluginName, PluginWatch, fault_of_refusal, file_of
from twisted import plugins

log = Logger()

TRIED = Utterance("lobby", "nobody", False, Role.MEMBER, "hello")
"""What each filter is tried with when it is made."""

SENT = "The message was sent as it was."

LONGEST = 100_000
"""Characters that a filter may make of a message. It is cut to C{text_length} in any case, and cleaned before."""


class Filters:
    """Those that the operator wants, in that order, as one: each sees what the one before has left."""

    def __init__(self, filters: Sequence[tuple[str, ITalkFilter]], watch: PluginWatch) -> None:
        """
        @param filters: what stands behind C{--filter}, and the filter made of it.
        @param watch: is told how they do.
        """
        self._filters = [(PluginName("filter", name, file_of(each)), each) for name, each in filters]
        self._watch = watch

    def __str__(self) -> str:
        return ", ".join(f"{name.name} ({name.file})" for name, _ in self._filters)

    def __call__(self, room: Room, who: Presence, text: str, act: bool) -> str:
        """
        What is said instead of the text, or the text as it is.

        @raise Refused: a filter says so.
        """
        watch = self._watch
        for name, each in self._filters:
            line = Utterance(room.name, who.nick, who.account, power(room, who), text, act)
            begun = watch.seconds()
            try:
                left = each.look(line)
            except Refused as refused:
                fault = fault_of_refusal(refused)
                if fault is None:
                    raise
                watch.was_wrong(name, fault, SENT)
            except BaseException as error:  # noqa: BLE001 code we know nothing of
                watch.raised_each_time(name, error, SENT)
            else:
                fault = _fault(left)
                if fault:
                    watch.was_wrong(name, fault, SENT)
                else:
                    text = left
            finally:
                watch.ran(name, begun)
        return text

    def reload(self) -> None:
        """Let each read its files again. What cannot be used is logged, and that filter goes on as it was."""
        for name, each in self._filters:
            try:
                each.reload()
            except ValueError as error:
                log.error(
                    "The filter {filter} keeps its old settings: {error}",
                    filter=name.name,
                    error=with_full_stop(error),
                )
            except BaseException as error:  # noqa: BLE001 as above
                self._watch.raised_each_time(name, error, "It keeps its old settings.")


def _fault(left: object) -> str | None:
    """What is wrong with what a filter has left of a message, as the rest of a sentence that begins with the filter."""
    if not isinstance(left, str):
        return f"gave back an object of the type {type(left).__name__}, and not text"
    return f"gave back {len(left):,} characters" if len(left) > LONGEST else None


def find_filters(package: ModuleType = plugins) -> dict[str, IFilterFactory]:
    """
    What is installed, by name. What does not keep the contract is logged in a line and left out.

    @param package: where plugins are looked for.
    @raise ValueError: two have one name; a sentence without its end, which names both files.
    """
    found: dict[str, IFilterFactory] = {}
    files: dict[str, str] = {}
    for factory, file in discover(interface(IFilterFactory), package):
        fault = _fault_of_factory(factory)
        if fault:
            log.warn("Skipped a filter in {file}: {fault}", file=file, fault=fault)
            continue
        if factory.name in found:
            raise ValueError(f"two filters are called {factory.name}, in {files[factory.name]} and in {file}")
        found[factory.name], files[factory.name] = factory, file
    return found


def _fault_of_factory(factory: Any) -> str | None:
    """What is wrong with it, as the end of a sentence, or C{None}."""
    try:
        verifyObject(IFilterFactory, factory)
        if not isinstance(factory.name, str) or ":" in factory.name or not factory.name:
            return f"its name is {factory.name!r}, and has to be text without a colon"
    except Invalid as error:
        return " ".join(str(error).split())
    except BaseException as error:  # noqa: BLE001 an attribute may be computed, by code we know nothing of
        return described(error)[0]
    return None


def make_filters(
    descriptions: Sequence[str], package: ModuleType = plugins, watch: PluginWatch | None = None
) -> Filters | None:
    """
    What C{--filter} asks for, tried; C{None}, where it asks for nothing.

    @param descriptions: each C{NAME} or C{NAME:ARGUMENT}. @param package: where plugins are looked for.
    @param watch: see L{Filters}; C{None}, where they are made only to find out if they can be.
    @raise ValueError: one cannot be made, or cannot work; a sentence without its end.
    """
    if not descriptions:
        return None
    installed = find_filters(package)
    made: list[tuple[str, ITalkFilter]] = []
    for description in descriptions:
        name, _, argument = description.partition(":")
        if name not in installed:
            known = ", ".join(sorted(installed)) or "none"
            raise ValueError(f"no filter called {name!r} is installed; installed are: {known}")
        made.append((description, _made(description, installed[name], argument)))
    return Filters(made, watch or PluginWatch(lambda: 0.0))


def _made(description: str, factory: IFilterFactory, argument: str) -> ITalkFilter:
    """@raise ValueError: see L{make_filters}."""
    try:
        made = factory.make(argument)
    except ValueError as error:
        raise ValueError(f"{description}: {error}") from None
    except BaseException as error:  # noqa: BLE001 code we know nothing of
        raise ValueError(f"{description}: it cannot be made: {' at '.join(described(error))}") from None
    if made is None:
        raise ValueError(f"{description}: make gave back None and not a filter ({file_of(factory)})")
    try:
        verifyObject(ITalkFilter, made, tentative=True)
        fault = _fault(made.look(TRIED))
    except Refused:
        fault = None
    except Invalid as error:
        raise ValueError(f"{description}: {' '.join(str(error).split())} ({file_of(made)})") from None
    except BaseException as error:  # noqa: BLE001 code we know nothing of
        raise ValueError(f"{description}: it fails on the message 'hello': {' at '.join(described(error))}") from None
    if fault:
        raise ValueError(f"{description}: for the message 'hello', it {fault} ({file_of(made)})")
    return made
