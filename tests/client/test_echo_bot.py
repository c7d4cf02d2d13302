"""
The bot in examples/, on a server in memory.
"""

from __future__ import annotations

import runpy
from typing import Any

from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase

from chatroom.client import connection
from chatroom.client.url import Address
from chatroom.testing import Server
from tests.arrows import ROOT
from tests.client.visitors import Street


class EchoBotTests(SynchronousTestCase):
    """A bot of twenty lines."""

    def setUp(self) -> None:
        self.server = Server()
        self.street = Street(self.server)
        self.visited: list[Address] = []
        self.patch(connection, "endpoint_to", self.endpoint_to)
        self.bob = self.server.guest("bob")
        running = runpy.run_path(str(ROOT / "examples" / "echo_bot_twisted.py"))["main"](
            self.server.clock, "chat://echo@server.example"
        )
        self.assertIsInstance(running, Deferred)
        self.assertNoResult(running)
        self.street.settle()

    def endpoint_to(self, address: Address, reactor: Any, certificates: str = "") -> Street:
        """The way to the server in memory."""
        self.visited.append(address)
        return self.street

    def test_echoes(self) -> None:
        """What begins with !echo is said again, in the room where it was said; nothing else is."""
        self.bob.types("!echo hello", "hello")
        self.street.settle()
        self.bob.types("/create attic", "!echo nobody here")
        self.street.settle()
        self.assertEqual(["-- echo joined.", "<echo> hello"], [line for line in self.bob.reads() if "echo" in line])
        self.assertEqual([Address("server.example", nick="echo")], self.visited)

    def test_after_a_broken_line(self) -> None:
        """It comes back, and does not answer the past."""
        self.street.breaks()
        self.bob.types("!echo are you there?")
        self.street.wait(5)
        self.bob.types("!echo now")
        self.street.settle()
        self.assertEqual(["<echo> now"], [line for line in self.bob.reads() if line.startswith("<echo>")])

    def test_does_not_answer_programs(self) -> None:
        """What a bot says, or a program by itself, is not said again: no two of them go on for ever."""
        parrot = self.server.program("parrot")
        parrot.asks("say", text="!echo !echo a", auto=True)
        parrot.asks("signup", password="correct horse battery")
        parrot.asks("bot", on=True)
        parrot.asks("say", text="!echo b")
        parrot.asks("bot", on=False)
        parrot.asks("say", text="!echo c")
        self.street.settle()
        self.assertEqual(["<echo> c"], [line for line in self.bob.reads() if line.startswith("<echo>")])

    def test_are_short(self) -> None:
        """They are what one shows to somebody who asks whether that is hard."""
        for way in ("raw", "asyncio", "twisted"):
            lines = (ROOT / "examples" / f"echo_bot_{way}.py").read_text().splitlines()
            skipped = ('"""', "#", "import", "from")
            code = [line for line in lines if line.strip() and not line.strip().startswith(skipped)]
            self.assertLessEqual(len(code), 20, way)
