"""
The one who runs a server in memory, at the other end of its control socket.
"""

from __future__ import annotations

import json
from itertools import count
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from chatroom.backends.memory import MemoryStore
from chatroom.control.control import Control
from chatroom.control.door import ControlConnection, ControlFactory
from chatroom.testing import FakeTransport, Server

PASSWORD = "correct horse battery"


class Shell:
    """
    A connection to the control socket.

    @ivar events: what it was told while it followed.
    """

    def __init__(self, server: Server, factory: ControlFactory | None = None) -> None:
        self.server = server
        self.protocol = ControlConnection()
        self.protocol.factory = factory or ControlFactory(Control(server.services, server.hub))
        self.transport = FakeTransport("", self.protocol)
        self.protocol.makeConnection(self.transport)
        self.events: list[dict[str, Any]] = []
        self._ids = count(1)

    def sends(self, data: bytes) -> list[dict[str, Any]]:
        """Bytes as they are; what comes back."""
        self.protocol.dataReceived(data)
        return self.hears()

    def hears(self) -> list[dict[str, Any]]:
        """What came since the last time."""
        self.server.settle()
        data: bytes = self.transport.value()
        self.transport.clear()
        return [json.loads(line) for line in data.splitlines()]

    def asks(self, word: str, **arguments: Any) -> dict[str, Any]:
        """A request; its answer."""
        id = next(self._ids)
        heard = self.sends(json.dumps({"id": id, "do": word, **arguments}).encode() + b"\n")
        self.events += [made for made in heard if "event" in made]
        (answer,) = [made for made in heard if "event" not in made]
        assert answer.pop("id") == id
        return answer

    def texts(self) -> list[str]:
        """Of what it was told since the last time, in short."""
        made, self.events = self.events + self.hears(), []
        return [f"{each.get('room', '')}: {each.get('text', each['event'])}" for each in made]


class ShellCase(SynchronousTestCase):
    """
    A server, and the one who runs it.

    @ivar store: what it keeps.
    @ivar alice: somebody with an account, on line.
    """

    def setUp(self) -> None:
        self.store = MemoryStore()
        self.server = Server(store=self.store)
        self.shell = Shell(self.server)
        self.alice = self.server.account("alice", PASSWORD)
        self.alice.reads()

    def another_node(self) -> Server:
        """The same server, from another daemon."""
        return Server(store=self.store, clock=self.server.clock, node="north")

    def asks(self, word: str, **arguments: Any) -> dict[str, Any]:
        """What the shell is answered, which is not a refusal."""
        answer = self.shell.asks(word, **arguments)
        self.assertTrue(answer.pop("ok"), answer)
        return answer

    def assert_refused(self, error: str, words: str, word: str, **arguments: Any) -> None:
        """It is refused by this code, with a sentence that has these words in it."""
        answer = self.shell.asks(word, **arguments)
        self.assertEqual((False, error), (answer["ok"], answer.get("error")), answer)
        self.assertIn(words, answer["sentence"])

    def log(self) -> list[tuple[str, str, str]]:
        """The audit log: what was done to whom, and how it says so. All of it by the shell."""
        entries = self.asks("audit")["entries"]
        self.assertEqual({"(shell)"} if entries else set(), {entry["who"] for entry in entries})
        return [(entry["act"], entry["target"], entry["detail"]) for entry in entries]
