"""
Two real daemons on one real PostgreSQL, started by the commands of docs/cluster.rst: one server.
"""

from __future__ import annotations

import itertools
import os
import signal
from collections.abc import Sequence
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from chatroom.server.batching import OLDER
from tests.chaos.nodes import PLANTS
from tests.e2e import cluster
from tests.e2e import postgres as running
from tests.e2e.chromium import Tab, need_chromium
from tests.e2e.daemon import ROOT, free_port, until
from tests.e2e.pages import Program
from tests.e2e.people import Person, nc, need
from tests.e2e.upgrades import is_alive


class ClusterCase(SynchronousTestCase):
    """
    North and south.

    @ivar more: options of south that are not on the page.
    """

    more: tuple[str, ...] = ()

    def plants(self) -> None:
        """What is different in the daemons of a test."""

    def in_order(self) -> Sequence[cluster.Node]:
        """In which they are started."""
        return self.north, self.south

    def setUp(self) -> None:
        """A PostgreSQL runs, and two daemons on one database of it."""
        running.skip_or_fail()
        need("nc")
        self.postgres = running.OwnPostgres()
        self.addCleanup(self.postgres.remove)
        self.folder = Path(self.mktemp()).absolute()
        self.north, self.south = cluster.nodes_of_the_page(self.folder, self.postgres, *self.more)
        self.plants()
        for daemon in self.in_order():
            self.addCleanup(daemon.close)
            daemon.start()

    def joins(self, name: str, daemon: cluster.Node) -> Person:
        """Somebody with nc."""
        person = nc(name, daemon.port)
        self.addCleanup(person.closes)
        person.types(name)
        person.reads("Registration successful")
        return person

    def processes_of_the_south(self) -> list[int]:
        """Those that run in its folder, but for nothing that has ended."""
        found = []
        for each in Path("/proc").iterdir():
            if each.name.isdigit() and is_alive(int(each.name)):
                try:
                    if (each / "cwd").resolve() == self.south.folder:
                        found.append(int(each.name))
                except OSError:
                    continue
        return found

    def end_processes_of_the_south(self) -> None:
        """None is left."""
        for pid in self.processes_of_the_south():
            os.kill(pid, signal.SIGKILL)


class TranscriptTests(SynchronousTestCase):
    """docs/cluster.txt."""

    def test_documented_is_what_happens(self) -> None:
        """
        Playing the scene again gives what is in the file: two daemons start, people on both meet, one daemon is killed
        and its people are said goodbye to. If it should say something else now: C{python -m tests.e2e.cluster}.
        """
        running.skip_or_fail()
        need("nc")
        self.assertEqual("", cluster.difference(cluster.transcript(cluster.written())))


class PeopleTests(ClusterCase):
    """People at different doors of different daemons."""

    def setUp(self) -> None:
        """South has a page."""
        need_chromium()
        self.web = free_port()
        self.more = ("--web", f"tcp:{self.web}:interface=127.0.0.1")
        super().setUp()

    def test_one_server(self) -> None:
        """Alice with nc in the north, a program and a page in the south: one room, one history, one set of names."""
        alice = self.joins("alice", self.north)
        program = Program("robot", self.south.port)
        self.addCleanup(program.peer.close)
        program.says("a line in JSON")
        alice.reads("<robot> a line in JSON")
        page = Tab("bob", f"http://127.0.0.1:{self.web}/")
        self.addCleanup(page.closes)
        page.comes_in()
        alice.reads("bob joined")
        alice.types("hello from the north")
        page.hears("<robot> a line in JSON", "<alice> hello from the north")
        page.types("hello from a page in the south")
        alice.reads("<bob> hello from a page in the south")
        found = program.asks("history", room="lobby")
        texts = [event["text"] for event in found["events"] if event["event"] == "said"]
        self.assertEqual(["a line in JSON", "hello from the north", "hello from a page in the south"], texts)
        third = nc("carol", self.south.port)
        self.addCleanup(third.closes)
        third.types("ALICE")
        third.reads("already taken")
        self.assertEqual([], page.errors())


class FailureTests(ClusterCase):
    """What fails, and what people notice."""

    def test_database_restarts(self) -> None:
        """People read that messages wait; what was said is read when the database is back, and nobody leaves."""
        alice, bob = self.joins("alice", self.north), self.joins("bob", self.south)
        alice.reads("bob joined")
        self.postgres.stop()
        alice.types("into the dark")
        alice.reads("The database does not answer. Your messages wait")
        self.postgres.start()
        bob.reads("<alice> into the dark")
        alice.reads("The database answers again.")
        bob.types("it works again")
        alice.reads("<bob> it works again")
        self.assertFalse(alice.has_read("bob left the chat"))

    def test_upgrade(self) -> None:
        """
        South is upgraded: bob stays connected and reads what was said meanwhile, nobody reads that he left, and
        nobody else gets his nickname.
        """
        alice, bob = self.joins("alice", self.north), self.joins("bob", self.south)
        alice.reads("bob joined")
        old = self.south.pid
        self.addCleanup(self.end_processes_of_the_south)
        os.kill(old, signal.SIGUSR2)
        said = 0
        while is_alive(old) and said < 500:
            alice.types(f"line {said}")
            bob.reads(f"<alice> line {said}")
            said += 1
        until("the end of the old process", lambda: not is_alive(old))
        self.assertEqual(1, len(self.processes_of_the_south()))
        thief = nc("thief", self.north.port)
        self.addCleanup(thief.closes)
        thief.types("bob")
        thief.reads("already taken")
        bob.types("I have not noticed anything")
        alice.reads("<bob> I have not noticed anything")
        alice.types("nor have I")
        bob.reads("<alice> nor have I")
        self.assertFalse(alice.has_read("bob left"))
        for number in range(said):
            self.assertEqual(1, bob.raw.count(f"<alice> line {number}\r"))


class VersionsTests(ClusterCase):
    """
    South is of an older version, in which there are no topics: its program has the kind taken out of it, and to that of
    the north it is new. See next_version of tests/chaos/planting.
    """

    def plants(self) -> None:
        """As the file says that stands in the folder of an older daemon."""
        for daemon in (self.north, self.south):
            made = daemon.environment()
            made |= {"PYTHONPATH": f"{PLANTS}{os.pathsep}{ROOT}", "CHATROOM_PLANT": "next-version"}
            self.patch(daemon, "environment", lambda made=made: made)
        self.older = self.south.folder / "older"  # as next_version of tests/chaos/planting has it
        self.older.parent.mkdir(parents=True, exist_ok=True)
        self.older.touch()

    def in_order(self) -> Sequence[cluster.Node]:
        """The older one is there already."""
        return self.south, self.north

    def test_rolling_upgrade(self) -> None:
        """
        People of both talk. What the older one does not know is refused until it is upgraded, with its people
        connected, and is possible a moment later.
        """
        alice, bob = self.joins("alice", self.north), self.joins("bob", self.south)
        alice.types("/create den")
        alice.reads("You created den")
        bob.types("/join den")
        alice.reads("bob joined.")
        alice.types("/topic tea", "hello from the newer version")
        alice.reads(OLDER)
        bob.reads("<alice> hello from the newer version")
        bob.types("hello from the older one")
        alice.reads("<bob> hello from the older one")
        self.older.unlink()
        old = self.south.pid
        self.addCleanup(self.end_processes_of_the_south)
        os.kill(old, signal.SIGUSR2)
        until("the end of the old process", lambda: not is_alive(old))

        pings = itertools.count()

        def topic_is_set() -> bool:
            ping = f"ping {next(pings)}"
            alice.types("/topic tea", ping)
            bob.reads(f"<alice> {ping}\r")
            return bob.has_read("tea")

        until("the topic", topic_is_set)
        self.assertFalse(alice.has_read("bob left"))
