"""
MONITOR: a client hears when the people that it names come online or leave.

IRCv3 monitor. One watch of the server's serves all clients of a daemon. It knows the speaker.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from chatroom.doors.irc.isupport import MONITOR
from chatroom.doors.irc.numerics import (
    ERR_MONLISTFULL,
    RPL_ENDOFMONLIST,
    RPL_MONLIST,
    RPL_MONOFFLINE,
    RPL_MONONLINE,
)
from chatroom.doors.irc.wire import IrcMessage, written
from chatroom.events import AwaySet, Event
from chatroom.folding import fold
from chatroom.interfaces import IServer

if TYPE_CHECKING:
    from chatroom.doors.irc.response import Response
    from chatroom.doors.irc.speaker import IrcSpeaker

ROW = 350
"""Bytes of names in one line of an answer."""


class NameWatches:
    """
    Who watches which names, of all clients of a daemon.

    The server is asked when the first name is watched.
    """

    def __init__(self, server: IServer) -> None:
        self._server = server
        self._stop: Sequence[Callable[[], None]] = ()
        self._watchers: dict[str, dict[IrcSpeaker, None]] = {}

    def begin(self, speaker: IrcSpeaker, key: str) -> None:
        """Tell this client of that name."""
        self._watchers.setdefault(key, {})[speaker] = None
        if not self._stop:
            self._stop = self._server.watch_names(self._seen), self._server.watch_people(self._changed)

    def end(self, speaker: IrcSpeaker, key: str) -> None:
        """Tell it no more."""
        watchers = self._watchers.get(key)
        if watchers is None or speaker not in watchers:
            return
        del watchers[speaker]
        if not watchers:
            del self._watchers[key]
        if not self._watchers:
            for stop in self._stop:
                stop()
            self._stop = ()

    def of(self, nick: str) -> Sequence[IrcSpeaker]:
        """Clients that watch this name."""
        return tuple(self._watchers.get(fold(nick), ()))

    def _seen(self, nick: str, here: bool) -> None:
        for speaker in self.of(nick):
            speaker.monitor.seen(nick, here)

    def _changed(self, event: Event) -> None:
        for speaker in self.of(event.nick):
            speaker.monitor.changed(event)


class Monitor:
    """
    The names that one client watches.

    @ivar names: as the client writes them, by their keys.
    """

    def __init__(self, speaker: IrcSpeaker) -> None:
        self.names: dict[str, str] = {}
        self._speaker = speaker

    def add(self, names: Iterable[str]) -> tuple[list[str], list[str]]:
        """@return: those that are watched now, and those that are too many."""
        added, left = list[str](), list[str]()
        for name in names:
            key = fold(name)
            if key in self.names:
                added.append(name)
            elif len(self.names) == MONITOR:
                left.append(name)
            else:
                self.names[key] = name
                self._speaker.network.watches.begin(self._speaker, key)
                added.append(name)
        return added, left

    def remove(self, names: Iterable[str]) -> None:
        """Watch these no more."""
        for name in names:
            key = fold(name)
            if self.names.pop(key, None) is not None:
                self._speaker.network.watches.end(self._speaker, key)

    def clear(self) -> None:
        """Watch nobody. The connection may be gone."""
        self.remove(tuple(self.names.values()))

    def changed(self, event: Event) -> None:
        """Somebody whom it watches is away, back or logged in. With a room in common, the client reads it anyway."""
        speaker = self._speaker
        same = isinstance(event, AwaySet) or fold(getattr(event, "new", "")) == fold(event.nick)
        if same and speaker.has("extended-monitor") and not speaker.meets(event.nick):
            speaker.tell_soon(speaker.style.told((event,), None, event.at, speaker.called))

    def seen(self, nick: str, here: bool) -> None:
        """See L{NameWatches}."""
        speaker = self._speaker
        shown = speaker.network.source(nick) if here else nick
        number = RPL_MONONLINE if here else RPL_MONOFFLINE
        speaker.tell_soon(written(number, speaker.called, shown, source=speaker.network.host))


async def monitor(speaker: IrcSpeaker, message: IrcMessage, response: Response) -> None:
    """MONITOR: C{+}, C{-}, C{C}, C{L} and C{S}."""
    word = message.params[0].upper()
    names = [name for name in (message.params[1] if len(message.params) > 1 else "").split(",") if _may_be_name(name)]
    if word == "+":
        added, left = speaker.monitor.add(names)
        _status(speaker, added, response)
        if left:
            response.numeric(ERR_MONLISTFULL, str(MONITOR), ",".join(left), "You watch as many names as you can.")
    elif word == "-":
        speaker.monitor.remove(names)
    elif word == "C":
        speaker.monitor.clear()
    elif word == "L":
        for row in _rows(speaker.monitor.names.values()):
            response.numeric(RPL_MONLIST, row)
        response.numeric(RPL_ENDOFMONLIST, "End of MONITOR list")
    elif word == "S":
        _status(speaker, speaker.monitor.names.values(), response)


def _may_be_name(name: str) -> bool:
    return bool(name) and not {"*", "?", "!", "@", " "} & set(name)


def _status(speaker: IrcSpeaker, names: Iterable[str], response: Response) -> None:
    here, gone = list[str](), list[str]()
    for name in names:
        person = speaker.caller.person_now(name)
        if person is None:
            gone.append(name)
        else:
            here.append(speaker.network.source(person.nick))
    for number, some in ((RPL_MONONLINE, here), (RPL_MONOFFLINE, gone)):
        for row in _rows(some):
            response.numeric(number, row)


def _rows(names: Iterable[str]) -> Iterator[str]:
    row = ""
    for name in names:
        if row and len(f"{row},{name}".encode()) > ROW:
            yield row
            row = name
        else:
            row = f"{row},{name}" if row else name
    if row:
        yield row
