"""
The power fails while people talk. What the daemon asked of the disk, call by call, says what is there afterwards.
"""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

from twisted.trial.unittest import SkipTest, SynchronousTestCase

from chatroom.backends.sqlite.file import DatabaseFile
from chatroom.backends.sqlite.people import token
from chatroom.backends.sqlite.talk import history
from chatroom.core.accounts import digest
from chatroom.wire import to_object
from tests.e2e.crash import OPTIONS, PEOPLE
from tests.e2e.crowd import Crowd
from tests.e2e.daemon import Daemon
from tests.e2e.guests import PASSWORD
from tests.e2e.inspection import signed_up
from tests.e2e.people import need
from tests.e2e.power import STRACE, Call, Disk, calls
from tests.e2e.witness import Object, Witness

QUIET = 2.0
"""So long nobody talks in between: only then the log is copied into the database to its end, and that is synced."""

SECONDS = 3.0
"""So long people talk: the log is copied into the database more than once."""

MOMENTS = int(os.environ.get("POWER_LOSSES", "40"))
"""So many times the power fails, all in the same few seconds."""

YEARS = 10**9


class TracedDaemon(Daemon):
    """A daemon whose system calls are written down."""

    @property
    def trace(self) -> Path:
        """Where."""
        return self.folder / "trace"

    def program(self) -> list[str]:
        """twistd, watched."""
        return [*STRACE, "-o", str(self.trace), *super().program()]

    def calls(self) -> Iterator[Call]:
        """What it did, when it is dead."""
        with self.trace.open() as lines:
            yield from calls(lines)


class Told:
    """What programs had been sent at some moment."""

    def __init__(self) -> None:
        self.events: dict[tuple[str, int], Object] = {}
        self.tokens: list[str] = []
        self.letters = 0
        self._read: dict[str, int] = {}

    def read(self, sent: dict[str, bytearray]) -> None:
        """All lines that are whole by now. What people are sent is the same, in other words."""
        for connection, data in sent.items():
            start, end = self._read.get(connection, 0), data.rfind(b"\n") + 1
            self._read[connection] = end
            for line in data[start:end].splitlines():
                if line.startswith(b"{"):
                    self._take(json.loads(line))

    def _take(self, made: Object) -> None:
        if "event" in made and "seq" in made:
            self.events[made["room"], made["seq"]] = made
        self.letters += made.get("delivered") is False
        if made.get("token"):
            self.tokens.append(made["token"])


class PowerLossTests(SynchronousTestCase):
    """Once at a time is not enough to be sure."""

    def setUp(self) -> None:
        need("strace")
        tried = subprocess.run(["strace", "-o", "/dev/null", "true"], capture_output=True, text=True, check=False)
        if tried.returncode != 0:
            raise SkipTest(f"Nobody may be traced here: {tried.stderr.strip()}")
        self.folder = Path(self.mktemp()).absolute()
        self.daemon = TracedDaemon(self.folder / "daemon", *OPTIONS)
        self.addCleanup(self.daemon.close)
        self.dice = Random()
        self.seed = self.dice.randrange(2**32)
        self.dice.seed(self.seed)

    def talk(self) -> None:
        """People do as they like for a while, and the power fails."""
        self.daemon.start()
        witness = Witness()
        for nick in ("ann", "ben"):
            witness.tokens[nick] = signed_up(self.daemon.port, nick, PASSWORD)
        nicks = (f"guest{number}" for number in count(1))
        crowd = Crowd(self.daemon.port, self.dice, witness, ["ann", "ben"], nicks)
        for kind, times in PEOPLE.items():
            crowd.comes(kind, times)
        crowd.runs(SECONDS)
        time.sleep(QUIET)
        crowd.runs(SECONDS)
        self.daemon.kill()
        crowd.finish()
        self.assertEqual([], witness.faults)

    def test_nothing_is_lost(self) -> None:
        """Whatever was sent to anybody is there when the power is back; the database is sound, and has no holes."""
        self.talk()
        trace = list(self.daemon.calls())
        self.daemon.trace.unlink()
        sends = [index for index, call in enumerate(trace) if call.name == "sendto" and b'"seq"' in call.data]
        moments = set(self.dice.sample(sends, min(MOMENTS, len(sends))))
        disk, told = Disk(self.daemon.folder), Told()
        for index, call in enumerate(trace):
            disk.happens(call)
            if index in moments:
                told.read(disk.sent)
                for dice in (None, self.dice):
                    self.assert_recovered(disk.image(dice), told)
        self.assertGreater(len(told.events), 100)
        copies = [call for call in trace[sends[0] :] if call.name == "fdatasync" and call.path == str(self.database)]
        self.assertTrue(copies, "The log was never copied into the database. Let people talk for longer.")

    @property
    def database(self) -> Path:
        """Where the daemon has its database."""
        return self.daemon.folder / "chatroom-data" / "chatroom.sqlite"

    def assert_recovered(self, image: dict[str, bytes], told: Told) -> None:
        """A daemon that is started on this finds whatever was told."""
        found = self.folder / "found"
        found.mkdir(exist_ok=True)
        for path in found.iterdir():
            path.unlink()
        for name, content in image.items():
            if Path(name).parent == self.database.parent:
                (found / Path(name).name).write_bytes(content)
        self.assertIn(str(self.database), image, self.seed)
        file = DatabaseFile(found / self.database.name)
        file.open(0.0)
        with closing(file.connect()) as database:
            self.assertEqual("ok", database.execute("PRAGMA integrity_check").fetchone()[0])
            self.assert_history(database, told)
            (letters,) = database.execute("SELECT count(*) FROM mail").fetchone()
            self.assertLessEqual(told.letters, letters, self.seed)
            self.assertEqual([], [one for one in told.tokens if token(database, digest(one)) is None], self.seed)
        file.close()

    def assert_history(self, database: Any, told: Told) -> None:
        """Of the rooms that stay."""
        for room in {room for room, _ in told.events if room == "lobby" or room.startswith("keep")}:
            events = [to_object(event) for event in history(database, room, 0, None, YEARS, False)]
            self.assertEqual(list(range(1, len(events) + 1)), [event["seq"] for event in events], self.seed)
            for (where, seq), event in told.events.items():
                if where == room:
                    self.assertLessEqual(seq, len(events), (event, self.seed))
                    self.assertEqual(event, events[seq - 1], self.seed)
