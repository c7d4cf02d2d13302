"""
Nicknames that come on line, go and change: each observer learns of it once, and not in each room.

It knows who is connected and what is being delivered, and not why people come or go.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from chatroom.core.ignoring import without_words
from chatroom.core.names import fold
from chatroom.core.presence import Presence
from chatroom.events import Arrived, AwaySet, Became, Departed, Event
from chatroom.server.connections import Connections
from chatroom.server.services import Services
from chatroom.server.turn import TurnFanout

T = TypeVar("T")


class NicknameEvents:
    """Those who watch nicknames, by L{watch} or as ears that are told once."""

    def __init__(self, services: Services, connections: Connections, turn: TurnFanout) -> None:
        self._services = services
        self._connections = connections
        self._turn = turn
        self._watchers: dict[object, Callable[[str, bool], None]] = {}
        self._people_watchers: dict[object, Callable[[Event], None]] = {}

    def watch(self, watch: Callable[[str, bool], None]) -> Callable[[], None]:
        """See L{chatroom.interfaces.IServer.watch_names}."""
        return _added(self._watchers, watch)

    def watch_people(self, watch: Callable[[Event], None]) -> Callable[[], None]:
        """See L{chatroom.interfaces.IServer.watch_people}."""
        return _added(self._people_watchers, watch)

    def apply(self, event: Event) -> None:
        """Make it true; those who want to know it hear of people who come, go and are renamed by it."""
        connections, services = self._connections, self._services
        if self._people_watchers and isinstance(event, AwaySet | Became):
            self._show(event)
        if not ((self._watchers or connections.told_once) and isinstance(event, Arrived | Departed | Became)):
            services.chat.state.apply(event)
            return
        people = services.chat.state.people
        who = people.get(fold(event.nick))
        nick, account = ("", False) if who is None else (who.nick, who.account)
        names = {fold(event.nick): event.nick}
        if isinstance(event, Became):
            names[fold(event.new)] = event.new
        before = {key: key in people for key in names}
        services.chat.state.apply(event)
        for key, name in names.items():
            if (key in people) is not before[key]:
                for watch in list(self._watchers.values()):
                    watch(name, key in people)
        became = isinstance(event, Became) and (
            nick == event.nick != event.new or event.account is not account  # and not for one more of their nodes
        )
        if who is not None and (became or (isinstance(event, Departed) and not who.nodes)):
            self._tell_once(event, who)

    def _show(self, event: AwaySet | Became) -> None:
        """Before it is true: a login is news once, and not for one more of their nodes."""
        who = self._services.chat.state.people.get(fold(event.nick))
        if who is not None and (isinstance(event, AwaySet) or (event.account and not who.account)):
            for watch in list(self._people_watchers.values()):
                watch(event)

    def _tell_once(self, event: Event, who: Presence) -> None:
        """Somebody is gone or renamed: once to each who is told so, shares a room with them, and did not do it."""
        connections, turn = self._connections, self._turn
        doer = self._services.batches.doer(event)
        for caller in list(connections.told_once):
            if caller.presence is None or caller is doer:
                continue
            if any(caller in connections.ears_in.get(name, ()) for name in who.rooms):
                turn.tell_before(event.nick, caller.presence.key)
                caller.ear.tell((without_words(event, caller.ignored),))
                turn.touched[caller] = None


def _added(watchers: dict[object, T], watch: T) -> Callable[[], None]:
    """One more of them. @return: call it to take that one out again; once more does no harm."""
    mine = object()
    watchers[mine] = watch

    def stop() -> None:
        watchers.pop(mine, None)

    return stop
