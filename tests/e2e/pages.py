"""
A daemon with a page, for tests in which people look at it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from tests.e2e.chromium import Tab, need_chromium
from tests.e2e.daemon import Daemon, free_port
from tests.e2e.people import Peer, Person, nc, need
from tests.e2e.quick import QuickDaemon

PASSWORD = "correct horse battery"
CHEAP = ("--argon2-memory", "1024", "--argon2-time", "1")


class PageCase(SynchronousTestCase):
    """
    A daemon with a page; everybody leaves at the end, and no browser has complained.

    @cvar DAEMON: L{Daemon} itself for tests of upgrades.
    """

    DAEMON: type[Daemon] = QuickDaemon
    options: tuple[str, ...] = ()

    def setUp(self) -> None:
        need("nc")
        need_chromium()
        self.web = free_port()
        folder = Path(self.mktemp()).absolute()
        self.daemon = self.DAEMON(folder, "--web", f"tcp:{self.web}:interface=127.0.0.1", *CHEAP, *self.options)
        self.addCleanup(self.daemon.close)
        self.daemon.start()
        self.address = f"http://127.0.0.1:{self.web}/"

    def tab(self, name: str, **how: Any) -> Tab:
        """Somebody in front of the form."""
        tab = Tab(name, self.address, **how)
        self.addCleanup(tab.closes)
        self.addCleanup(lambda: self.assertEqual([], tab.errors()))
        return tab

    def page(self, name: str, **how: Any) -> Tab:
        """Somebody in the lobby."""
        tab = self.tab(name, **how)
        tab.comes_in()
        return tab

    def nc(self, name: str) -> Person:
        """Somebody in the lobby, with nc."""
        person = nc(name, self.daemon.port)
        self.addCleanup(person.closes)
        person.types(name)
        person.reads("Registration successful")
        return person

    def program(self, name: str) -> Program:
        """A program in the lobby."""
        program = Program(name, self.daemon.port)
        self.addCleanup(program.peer.close)
        return program


class Program:
    """Somebody who speaks JSON lines, for what would take a person long."""

    def __init__(self, name: str, port: int) -> None:
        self.peer = Peer(port)
        self._id = 0
        self.asks("hello", nick=name)

    def asks(self, word: str, **arguments: Any) -> dict[str, Any]:
        """A request; its answer."""
        self._id += 1
        self.peer.sends(json.dumps({"id": self._id, "do": word, **arguments}).encode() + b"\n")
        while True:
            made: dict[str, Any] = json.loads(self.peer.reads_line())
            if made.get("id") == self._id and "ok" in made:
                assert made["ok"], made
                return made

    def says(self, *lines: str, room: str = "lobby") -> None:
        """Lines, one after the other."""
        for line in lines:
            self.asks("say", text=line, room=room)
