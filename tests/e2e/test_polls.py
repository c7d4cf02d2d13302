"""
The polls of examples/chatroom-poll on a real daemon: on three doors, over a sudden end of the process and an upgrade.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
from pathlib import Path
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from chatroom.client.framing import Framing, LineFraming, WebSocketFraming
from tests.e2e.daemon import PATIENCE, ROOT, free_port, until
from tests.e2e.people import HOST, Person, nc, need
from tests.e2e.upgrades import UpgradableDaemon

POLL = ROOT / "examples" / "chatroom-poll"


class PollDaemon(UpgradableDaemon):
    """A daemon with the poll plugin in its code, and a port for browsers."""

    def __init__(self, folder: Path) -> None:
        self.web = free_port()
        super().__init__(folder, "--web", f"tcp:{self.web}:interface={HOST}")
        shutil.copytree(POLL / "chatroom_poll", self.code / "chatroom_poll")
        shutil.copy(POLL / "twisted" / "plugins" / "chatroom_poll_plugin.py", self.code / "twisted" / "plugins")


class Robot:
    """A program that speaks JSON, by lines or by WebSocket."""

    def __init__(self, nick: str, port: int, framing: Framing) -> None:
        self._framing = framing
        self._lines: list[dict[str, Any]] = []
        self._rest = b""
        self._socket = socket.create_connection((HOST, port), PATIENCE)
        self._socket.sendall(framing.opening())
        if framing.opening():
            self._receive()  # nothing may be sent before the handshake is answered
        assert self.asks("hello", nick=nick)["ok"]

    def asks(self, word: str, **arguments: Any) -> dict[str, Any]:
        """What it is answered."""
        self._socket.sendall(self._framing.wrap(json.dumps({"id": word, "do": word, **arguments}).encode() + b"\n"))
        return self.hears(lambda made: made.get("id") == word)

    def hears(self, wanted: Any) -> dict[str, Any]:
        """The next object that a function wants."""
        while True:
            while self._lines:
                made = self._lines.pop(0)
                if wanted(made):
                    return made
            self._receive()

    def _receive(self) -> None:
        data = self._socket.recv(1 << 16)
        assert data, "the connection was closed"
        *lines, self._rest = (self._rest + self._framing.unwrap(data)).split(b"\n")
        self._socket.sendall(self._framing.replies())
        self._lines += [json.loads(line) for line in lines if line.startswith(b"{")]

    def close(self) -> None:
        """Hang up."""
        self._socket.close()


class PollTests(SynchronousTestCase):
    """A poll that alice makes with nc, and programs vote in."""

    def setUp(self) -> None:
        need("nc")
        self.daemon = PollDaemon(Path(self.mktemp()).absolute())
        self.addCleanup(self.daemon.close)
        self.daemon.start()
        self.daemon.logs("The plugin poll runs")

    def robot(self, nick: str) -> Robot:
        """A program at the port for lines."""
        made = Robot(nick, self.daemon.port, LineFraming())
        self.addCleanup(made.close)
        return made

    def browser(self, nick: str) -> Robot:
        """A program at the port of the page."""
        made = Robot(nick, self.daemon.web, WebSocketFraming(f"{HOST}:{self.daemon.web}", "/ws"))
        self.addCleanup(made.close)
        return made

    def alice(self, *lines: str) -> Person:
        """alice, with nc, when she has typed these lines instead of a nickname."""
        made = nc("alice", self.daemon.port)
        self.addCleanup(made.closes)
        made.types(*lines)
        return made

    def results(self, alice: Person, *programs: Robot, tea: int, coffee: int) -> None:
        """All read the same result."""
        alice.types("/results")
        alice.reads("Poll 1, open for ")
        in_order = sorted({"tea": tea, "black coffee": coffee}.items(), key=lambda pair: -pair[1])
        alice.reads("Tea or coffee? " + ", ".join(f"{choice} {votes}" for choice, votes in in_order))
        wanted = [{"choice": "tea", "votes": tea}, {"choice": "black coffee", "votes": coffee}]
        for program in programs:
            self.assertEqual(wanted, program.asks("results")["choices"])

    def runs_anew(self, old: int) -> bool:
        """Whether another process has the database than that one."""
        with contextlib.suppress(ValueError):  # its number is being written
            return self.daemon.runs_as != old
        return False

    def test_on_all_doors_over_a_sudden_end_and_an_upgrade(self) -> None:
        """Votes of all doors count once, and are there after the process was killed, and after an upgrade."""
        alice = self.alice("alice")
        alice.reads("Registration successful")
        alice.types("/signup correct horse battery", '/poll "Tea or coffee?" tea "black coffee" time=1h')
        alice.reads("You opened poll 1.")
        robot, browser = self.robot("robot"), self.browser("browser")
        self.assertEqual("black coffee", robot.asks("vote", choice=2)["choice"])
        self.assertEqual("tea", browser.asks("vote", choice="tea")["choice"])
        self.assertEqual("not-allowed", browser.asks("vote", choice=2)["error"])
        self.results(alice, robot, browser, tea=1, coffee=1)

        self.daemon.kill()
        for each in (alice, robot, browser):
            each.closes() if isinstance(each, Person) else each.close()
        self.daemon.start()
        alice = self.alice("/login alice correct horse battery")
        alice.reads("Logged in as alice.")
        robot, browser = self.robot("robot2"), self.browser("browser2")
        self.results(alice, robot, browser, tea=1, coffee=1)
        self.assertTrue(robot.asks("vote", choice="black coffee")["ok"])

        old = self.daemon.runs_as
        os.kill(old, signal.SIGUSR2)
        until("the next process", lambda: self.runs_anew(old))
        self.daemon.old_process_has_ended(old)
        browser.close()  # an upgrade ends WebSockets, and pages come back
        browser = self.browser("browser3")
        self.results(alice, robot, browser, tea=1, coffee=2)
        alice.types("/vote tea")
        alice.reads("You voted for tea in poll 1.")
        self.assertEqual("not-allowed", robot.asks("vote", choice=1)["error"])
        self.assertEqual("tea", browser.asks("vote", choice=1)["choice"])
        self.results(alice, robot, browser, tea=3, coffee=2)
        alice.types("/endpoll")
        closed = "Poll 1 is closed: Tea or coffee? tea 3, black coffee 2."
        alice.reads(f"<poll> {closed}")
        for program in (robot, browser):
            program.hears(lambda made: made.get("text") == closed)
        self.assertNotIn("Traceback", self.daemon.log)
