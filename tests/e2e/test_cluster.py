"""
Two real daemons on one real PostgreSQL, as docs/cluster.rst starts them: one server.
"""

from __future__ import annotations

import shlex
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from tests.e2e import postgres as running
from tests.e2e.blocks import blocks, commands
from tests.e2e.daemon import Daemon
from tests.e2e.pages import Program
from tests.e2e.people import Person, nc, need

PAGE = "docs/cluster.rst"


def daemons_of_the_page() -> list[list[str]]:
    """The options of the daemons that the page starts, without their ports."""
    typed = [command.typed for block in blocks(PAGE) for command in commands(block)]
    started = [shlex.split(each) for each in typed if " chatroom " in each]
    return [each[each.index("chatroom") + 1 : each.index("--port")] for each in started]


class ClusterTests(SynchronousTestCase):
    """North and south."""

    def setUp(self) -> None:
        """A PostgreSQL runs, and two daemons on one database of it."""
        running.skip_or_fail()
        need("nc")
        self.folder = Path(self.mktemp()).absolute()
        self.url = running.postgres().url(running.new_database())
        self.north, self.south = map(self.daemon, daemons_of_the_page())
        for daemon in (self.north, self.south):
            daemon.start()

    def daemon(self, options: list[str]) -> Daemon:
        """One that the page starts, on this test's database."""
        own = [self.url if each == "postgresql:///chat" else each for each in options]
        made = Daemon(self.folder / own[own.index("--node") + 1], *own)
        self.addCleanup(made.close)
        return made

    def joins(self, name: str, daemon: Daemon) -> Person:
        """Somebody with nc."""
        person = nc(name, daemon.port)
        self.addCleanup(person.closes)
        person.types(name)
        person.reads("Registration successful")
        return person

    def test_one_server(self) -> None:
        """People on both daemons meet, with nc and with a program: one room, one history, one set of names."""
        alice = self.joins("alice", self.north)
        bob = self.joins("bob", self.south)
        alice.reads("bob joined")
        bob.reads("alice")
        alice.types("hello from the north")
        bob.reads("<alice> hello from the north")
        bob.types("@alice a whisper from the south")
        alice.reads("[bob whispers] a whisper from the south")
        program = Program("robot", self.south.port)
        self.addCleanup(program.peer.close)
        program.says("a line in JSON")
        alice.reads("<robot> a line in JSON")
        found = program.asks("history", room="lobby")
        texts = [event["text"] for event in found["events"] if event["event"] == "said"]
        self.assertEqual(["hello from the north", "a line in JSON"], texts)
        third = nc("carol", self.south.port)
        self.addCleanup(third.closes)
        third.types("ALICE")
        third.reads("already taken")

    def test_killed_daemon(self) -> None:
        """Its people are said goodbye to on the other one, once, and their names are free; what they said is there."""
        alice = self.joins("alice", self.north)
        bob = self.joins("bob", self.south)
        alice.reads("bob joined")
        bob.types("last words")
        alice.reads("<bob> last words")
        self.south.kill()
        alice.reads("bob left the chat")
        again = self.joins("bob", self.north)
        again.reads("last words")
        self.assertEqual(1, sum("bob left the chat" in line for line in alice.screen()))

    def test_database_restarts(self) -> None:
        """A line said while the database is away is read when it is back, and nobody leaves."""
        own = running.OwnPostgres()
        self.addCleanup(own.remove)
        own.sql("CREATE DATABASE chat")
        self.url = own.url("chat")
        self.north, self.south = map(self.daemon, daemons_of_the_page())
        for daemon in (self.north, self.south):
            daemon.start()
        alice = self.joins("alice", self.north)
        bob = self.joins("bob", self.south)
        alice.reads("bob joined")
        own.stop()
        alice.types("into the dark")
        alice.settle()
        own.start()
        bob.reads("<alice> into the dark")
        bob.types("it works again")
        alice.reads("<bob> it works again")
        self.assertFalse(alice.has_read("bob left the chat"))
