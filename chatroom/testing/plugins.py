"""
Plugins that a test hands to a server: held to what the daemon holds installed ones to, and refused with a traceback.

It knows how commands and filters are found, and nothing of the server that gets them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from chatroom.interfaces import ICommand, IFilterFactory, IPluginService, ITalkFilter, interface
from chatroom.plugins.filters import find_filters
from chatroom.plugins.find import check
from chatroom.plugins.find_services import fault_of
from twisted.plugins import chatroom_commands


def commands_with(plugins: Iterable[object]) -> dict[str, ICommand]:
    """
    The built-in commands and those among the plugins, by each of their words. Commands of other packages are left out,
    so that a test finds the same whether or not its plugin is installed.

    @raise ValueError: one of the plugins would be left out by the daemon, or claims a word that is taken.
    """
    found: dict[str, ICommand] = {}
    for each in (*vars(chatroom_commands).values(), *plugins):
        if interface(ICommand).providedBy(each):
            check(each)
            for word in (each.name, *each.aliases):
                if found.setdefault(word, each) is not each:
                    raise ValueError(f"Two commands claim the word {word!r}: {found[word]!r} and {each!r}.")
    return found


def filters_of(plugins: Sequence[object], asked: Iterable[ITalkFilter | str]) -> list[tuple[str, ITalkFilter]]:
    """
    Filters with their names, in the order in which they are asked for.

    @param asked: filters, or what stands behind C{--filter}: the name of a factory among the plugins or of an installed
        one, a colon, and an argument.
    @raise ValueError: there is no such factory, or it cannot make the filter.
    """
    factories: Iterable[Any] = filter(interface(IFilterFactory).providedBy, plugins)
    ours: dict[str, IFilterFactory] = {each.name: each for each in factories}
    return [(each, _made(each, ours)) if isinstance(each, str) else (type(each).__name__, each) for each in asked]


def _made(description: str, ours: Mapping[str, IFilterFactory]) -> ITalkFilter:
    name, _, argument = description.partition(":")
    factory = ours.get(name) or find_filters().get(name)
    if factory is None:
        raise ValueError(f"No filter {name!r} is among the plugins, and none is installed.")
    return factory.make(argument)


def services_of(plugins: Iterable[object], more: Sequence[IPluginService]) -> list[IPluginService]:
    """
    The services among the plugins, and these.

    @raise ValueError: the daemon would leave one of them out.
    """
    given: Iterable[Any] = filter(interface(IPluginService).providedBy, plugins)
    services = [*given, *more]
    for each in services:
        fault = fault_of(each)
        if fault:
            raise ValueError(fault)
    return services


KINDS = tuple(map(interface, (ICommand, IFilterFactory, IPluginService)))
"""What a plugin may be."""


def check_kinds(plugins: Iterable[object]) -> None:
    """@raise ValueError: one of them is no plugin; a sentence that says what to do."""
    for each in plugins:
        if isinstance(each, type):
            raise ValueError(f"{each.__qualname__} is a class: hand over an object of it, {each.__qualname__}().")
        if not any(kind.providedBy(each) for kind in KINDS):
            kinds = ", ".join(kind.__name__ for kind in KINDS)
            raise ValueError(f"{each!r} is no plugin: it provides none of {kinds}.")
