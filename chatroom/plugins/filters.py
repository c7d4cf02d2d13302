"""
Filters: plugins of other packages that check each message before it is sent, and can refuse or replace it.

C{--filter} says which of them check, and in which order. A filter that fails is logged whole and the line is sent
unfiltered, because a bad plugin may not keep a server silent. It knows what filters promise
(L{ITalkFilter<chatroom.interfaces.ITalkFilter>}) and nothing of what they look for.
"""

from __future__ import annotations

from collections.abc import Sequence
from types import ModuleType

from twisted.logger import Logger
from zope.interface.exceptions import Invalid
from zope.interface.verify import verifyObject

from chatroom.core.permissions import power
from chatroom.core.presence import Presence
from chatroom.core.rooms import Room
from chatroom.errors import Refused, with_full_stop
from chatroom.interfaces import IFilterFactory, ITalkFilter, Utterance, interface
from chatroom.plugins.discovery import discover
from twisted import plugins

log = Logger()


class Filters:
    """Those that the operator wants, in that order, as one: each sees what the one before has left."""

    def __init__(self, filters: Sequence[tuple[str, ITalkFilter]]) -> None:
        """@param filters: what stands behind C{--filter}, and the filter made of it."""
        self._filters = list(filters)

    def __call__(self, room: Room, who: Presence, text: str, act: bool) -> str:
        """
        What is said instead of the text, or the text as it is.

        @raise Refused: a filter says so.
        """
        for description, each in self._filters:
            line = Utterance(room.name, who.nick, who.account, power(room, who), text, act)
            try:
                left = each.look(line)
                if not isinstance(left, str):
                    raise TypeError(f"a filter must return a string, not {left!r}")
            except Refused:
                raise
            except Exception:  # noqa: BLE001 code we know nothing of
                log.failure("The filter {filter} failed, so a line was sent unfiltered", filter=description)
            else:
                text = left
        return text

    def reload(self) -> None:
        """Let each read its files again. What cannot be used is logged, and that filter goes on as it was."""
        for description, each in self._filters:
            try:
                each.reload()
            except ValueError as error:
                log.error(
                    "The filter {filter} keeps its old settings: {error}",
                    filter=description,
                    error=with_full_stop(error),
                )
            except Exception:  # noqa: BLE001 as above
                log.failure("The filter {filter} could not be reloaded", filter=description)


def find_filters(package: ModuleType = plugins) -> dict[str, IFilterFactory]:
    """
    What is installed, by name. What does not keep the contract is logged in a line and left out.

    @param package: where plugins are looked for.
    @raise ValueError: two have one name; a sentence without its end, which names both files.
    """
    found: dict[str, IFilterFactory] = {}
    files: dict[str, str] = {}
    for factory, file in discover(interface(IFilterFactory), package):
        try:
            verifyObject(IFilterFactory, factory)
        except Invalid as error:
            log.warn("Skipped a filter in {file}: {fault}", file=file, fault=" ".join(str(error).split()))
            continue
        if factory.name in found:
            raise ValueError(f"two filters are called {factory.name}, in {files[factory.name]} and in {file}")
        found[factory.name], files[factory.name] = factory, file
    return found


def make_filters(descriptions: Sequence[str], package: ModuleType = plugins) -> Filters | None:
    """
    What C{--filter} asks for; C{None}, where it asks for nothing.

    @param descriptions: each C{NAME} or C{NAME:ARGUMENT}.
    @raise ValueError: one cannot be made; a sentence without its end.
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
        try:
            made.append((description, installed[name].make(argument)))
        except ValueError as error:
            raise ValueError(f"{description}: {error}") from None
    return Filters(made)
