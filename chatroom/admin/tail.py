"""
C{chatroom-admin tail}: what is said, as it is said, for as long as somebody reads it, and over restarts of the daemon.

It knows the vocabulary of L{chatroom.wire} and the sentences that doors write; not how a server keeps anything.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timezone
from typing import Any

from chatroom.admin.target import Daemon, DataPlace, NoDaemon
from chatroom.admin.words import place
from chatroom.events import SERVER, Acted, Event, RoomEvent, Said
from chatroom.layout import isolated_within, rows
from chatroom.sentences import sentence
from chatroom.wire import dumps, from_object

RETRY = 1.0
"""Seconds until a daemon that is not there is looked for again."""

Write = Callable[[str], object]


def tail(options: argparse.Namespace) -> str:
    """Do what C{tail} says, until it is interrupted."""
    following = Tail(place(options), options.room or "", options.events, options.lines, options.json)
    with suppress(KeyboardInterrupt):
        following.run(sys.stdout.write, sys.stderr.write, time.sleep)
    return ""


class Tail:
    """Somebody who reads along. @ivar last: by room, the number of the last event that was written."""

    def __init__(self, place: DataPlace, room: str, events: bool, lines: int, as_json: bool) -> None:
        self._place = place
        self._room = room
        self._events = str(events).lower()
        self._lines = lines
        self._as_json = as_json
        self.last: dict[str, int] = {}

    def run(self, write: Write, warn: Write, wait: Callable[[float], object]) -> None:
        """
        Write what comes, a line each, forever.

        @param warn: where it is said that there is no daemon, once each time.
        @raise Declined: the daemon that was there first has no such room.
        """
        there = True
        while True:
            try:
                daemon = Daemon(self._place)
            except NoDaemon as absent:
                if there:
                    warn(f"chatroom-admin: {absent}. Waiting for it.\n")
                there = False
            else:
                try:
                    self._follow(daemon, write)
                finally:
                    daemon.close()
                there = True
            wait(RETRY)

    def _follow(self, daemon: Daemon, write: Write) -> None:
        answer = daemon.ask(
            "follow", room=self._room, everything=self._events, lines=str(self._lines), since=json.dumps(self.last)
        )
        daemon.listen()
        self.last = {**answer["rooms"], **self.last}
        self._lines = 0  # when the daemon comes back, one goes on from there
        while (made := daemon.hear()) is not None:
            self._tell(made, write)

    def _tell(self, made: dict[str, Any], write: Write) -> None:
        if "event" not in made:
            return
        event = from_object(made)
        if isinstance(event, RoomEvent):
            self.last[event.room] = max(event.seq, self.last.get(event.room, 0))
        write((dumps(event) if self._as_json else line(event)) + "\n")
        sys.stdout.flush()


def line(event: Event) -> str:
    """An event as a person reads it in a shell: when in UTC, where, and what. Further lines of one are indented."""
    when = _moment(event.at)
    where = f"[{event.room}] " if event.room != SERVER else ""
    if isinstance(event, Said):
        what = f"<{event.nick}> {event.text}"
    elif isinstance(event, Acted):
        what = f"* {event.nick} {event.text}"
    else:
        what = f"-- {sentence(event, _moment)}"
    lines = f"{when} {where}{what}".replace("\n", "\n    ").split("\n")
    return "\n".join(row for each in lines for row in rows(isolated_within(each)))


def _moment(at: float) -> str:
    return datetime.fromtimestamp(at, timezone.utc).strftime("%Y-%m-%d %H:%M:%S")
