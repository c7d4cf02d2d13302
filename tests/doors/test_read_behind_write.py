"""
Whoever reads finds what they wrote before, however closely behind: by nc and in JSON, whatever keeps it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from chatroom.backends.memory import MemoryBackend, MemoryStore
from chatroom.backends.sqlite.backend import SQLiteBackend
from chatroom.events import RoomEvent
from chatroom.interfaces import IBackend
from chatroom.limits import Limits
from chatroom.plugins.find import find
from chatroom.testing import NEW_YEAR, Server
from tests.backends.workers import AtOnce

COMMANDS = find()


class InMemoryTests(SynchronousTestCase):
    """With the backend that keeps all in memory."""

    def setUp(self) -> None:
        """A server with alice in it."""
        self.clock = Clock()
        self.server = Server(backend=self.backend(), clock=self.clock, commands=COMMANDS)
        self.addCleanup(self.server.stop)
        self.server.guest("bob")

    def backend(self) -> IBackend | None:
        """What keeps it."""
        return None

    def test_nc_history(self) -> None:
        """A line and C{/history} in one write."""
        alice = self.server.guest("alice")
        alice.types("green tea", "/history")
        self.assertIn("[00:00] <alice> green tea", alice.reads())

    def test_nc_search(self) -> None:
        """A line, an act and C{/search} in one write."""
        alice = self.server.guest("alice")
        alice.types("green tea", "/me drinks tea", "/search tea")
        read = "\n".join(alice.reads())
        self.assertIn("<alice> green tea", read)
        self.assertIn("* alice drinks tea", read)

    def test_nc_one_write_after_the_other(self) -> None:
        """Each search finds all lines before it, and none that is said later."""
        alice = self.server.guest("alice")
        alice.types(*(line for number in range(5) for line in (f"tea {number}", f"/search {number}")))
        found = [line for line in alice.reads() if "<alice> tea" in line]
        self.assertEqual([f"tea {number}" for number in range(5)], [line.rpartition("> ")[2] for line in found])

    def test_json_pipelined(self) -> None:
        """Requests in one write, which a program sends without waiting for answers."""
        robot = self.server.program("robot")
        requests = [
            {"id": 101, "do": "say", "text": "black tea"},
            {"id": 102, "do": "history"},
            {"id": 103, "do": "search", "words": "black"},
            {"id": 104, "do": "say", "text": "white tea"},
            {"id": 105, "do": "search", "words": "white"},
            {"id": 106, "do": "history", "since": 0, "talk": False},
        ]
        robot.sends("".join(json.dumps(each) + "\n" for each in requests).encode())
        answers = {}
        for line in robot.receives().decode().splitlines():
            made = json.loads(line)
            if "id" in made:
                answers[made["id"]] = made
        found = {id: [each.get("text") for each in answers[id].get("events", ())] for id in (102, 103, 105, 106)}
        self.assertIn("black tea", found[102])
        self.assertEqual((["black tea"], ["white tea"]), (found[103], found[105]))
        self.assertEqual("white tea", found[106][-1])
        self.assertEqual({True}, {answer["ok"] for answer in answers.values()})

    def test_others_are_not_waited_for(self) -> None:
        """What somebody else is about to say keeps nobody from reading."""
        alice, bob = self.server.guest("alice"), self.server.guest("carol")
        bob.protocol.dataReceived(b"tea\n")
        alice.protocol.dataReceived(b"/search nothing\n")
        self.assertFalse(
            self.server.services.batches.has_of(next(c for c in self.server.connections.callers if c.nick == "alice"))
        )
        self.server.settle()
        self.assertNotEqual([], alice.reads())


class SlowlyRead(MemoryBackend):
    """
    It answers for history when it is let go, with all that is kept by then.

    @ivar asked: what waits.
    """

    def __init__(self) -> None:
        super().__init__(MemoryStore())
        self.asked: list[Deferred[None]] = []

    async def history(self, *room: Any, **which: Any) -> Sequence[RoomEvent]:
        waiting = Deferred[None]()
        self.asked.append(waiting)
        await waiting
        return await super().history(*room, **which)


class WhileOneReadsTests(SynchronousTestCase):
    """A program asks for what it missed, and bob talks before it is answered."""

    def test_each_event_once(self) -> None:
        """What bob says meanwhile comes behind the answer, and is not in it."""
        backend = SlowlyRead()
        server = Server(backend=backend, clock=Clock(), commands=COMMANDS, limits=Limits(recent_lines=0))
        self.addCleanup(server.stop)
        bob, robot = server.guest("bob"), server.program("robot")
        bob.types("before")
        robot.receives()
        robot.sends(b'{"id": 1, "do": "history", "since": 0, "talk": false}\n')
        bob.types("meanwhile")
        while backend.asked:
            backend.asked.pop(0).callback(None)
            server.settle()
        answer, *live = map(json.loads, robot.receives().decode().splitlines())
        self.assertEqual("before", answer["events"][-1]["text"])
        self.assertEqual(["meanwhile"], [event["text"] for event in live])


class InAFileTests(InMemoryTests):
    """With the embedded backend, which puts words into its index when there is time."""

    def backend(self) -> IBackend:
        """In a file of its own."""
        path = Path(self.mktemp()) / "chatroom.sqlite"
        return SQLiteBackend(path, self.clock, lambda: NEW_YEAR + self.clock.seconds(), worker=AtOnce)
