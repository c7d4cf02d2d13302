"""
Two real daemons behind a real HAProxy, with the file of docs/cluster.rst.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from tests.e2e import postgres as running
from tests.e2e.blocks import blocks
from tests.e2e.daemon import Daemon, free_port, until
from tests.e2e.people import HOST, Person, nc, need

PAGE = "docs/cluster.rst"


def file_of_the_page() -> str:
    """What the page puts into haproxy.cfg."""
    (found,) = [block for block in blocks(PAGE) if "listen chat" in block.text]
    return found.text


class BalancerTests(SynchronousTestCase):
    """People connect to HAProxy."""

    def setUp(self) -> None:
        """North and south run, and HAProxy is in front of them."""
        running.skip_or_fail()
        need("nc", "haproxy")
        self.folder = Path(self.mktemp()).absolute()
        self.port = free_port()
        self.control = Path("/tmp") / f"haproxy{self.port}.sock"  # the path of a socket must be short
        url = running.postgres().url(running.new_database())
        text = file_of_the_page().replace(":64700\n", f"{HOST}:{self.port}\n", 1)
        text = text.replace("/run/haproxy/admin.sock", str(self.control))
        self.daemons: dict[str, Daemon] = {}
        for name, host in (("north", "10.0.0.1"), ("south", "10.0.0.2")):
            chat, metrics = free_port(), free_port()
            ports = ["--port", f"haproxy:tcp:{chat}:interface={HOST}", "--metrics", f"tcp:{metrics}:interface={HOST}"]
            daemon = Daemon(self.folder / name, "--backend", url, "--node", name, "--data", name, *ports)
            self.addCleanup(daemon.close)
            daemon.start()
            self.daemons[name] = daemon
            shown = f"{host}:64700 check port 9470"
            self.assertIn(shown, text)
            text = text.replace(shown, f"{HOST}:{chat} check port {metrics}")
        (self.folder / "haproxy.cfg").write_text(text)
        started = shutil.which("haproxy") or ""
        self.haproxy = subprocess.Popen([started, "-db", "-f", str(self.folder / "haproxy.cfg")])
        self.addCleanup(self.haproxy.wait)
        self.addCleanup(self.haproxy.kill)
        until("HAProxy", self.control.exists)
        for name in self.daemons:
            until(f"{name} to be up", lambda name=name: self.column(name, "status") == "UP")  # type: ignore[misc]

    def tells(self, command: str) -> str:
        """What HAProxy answers at its socket."""
        with socket.socket(socket.AF_UNIX) as there:
            there.connect(str(self.control))
            there.sendall(f"{command}\n".encode())
            there.shutdown(socket.SHUT_WR)
            return b"".join(iter(lambda: there.recv(65536), b"")).decode()

    def column(self, name: str, column: str) -> str:
        """Of its table, that of a server."""
        head, *rows = [row.split(",") for row in self.tells("show stat").splitlines() if row]
        (row,) = [row for row in rows if row[1] == name]
        return row[head.index(column)]

    def joins(self, name: str) -> Person:
        """Somebody with nc, through HAProxy."""
        person = nc(name, self.port)
        self.addCleanup(person.closes)
        person.types(name)
        person.reads("Registration successful")
        return person

    def test_daemon_that_is_killed(self) -> None:
        """People are spread over both; when one is killed, the next ones go to the other, with their nicknames."""
        people = {name: self.joins(name) for name in ("alice", "bob")}
        self.assertEqual(["1", "1"], [self.column(name, "scur") for name in self.daemons])
        people["alice"].types("hello")
        people["bob"].reads("<alice> hello")
        self.daemons["north"].kill()
        until("HAProxy to see it", lambda: self.column("north", "status") == "DOWN")
        self.joins("carol")
        self.assertEqual("2", self.column("south", "scur"))

    def test_drain(self) -> None:
        """A daemon that is drained keeps its people and gets no others, until it is stopped."""
        self.joins("alice")
        self.joins("bob")
        self.tells("set server chat/north state drain")
        carol = self.joins("carol")
        self.assertEqual(["1", "2"], [self.column(name, "scur") for name in self.daemons])
        self.daemons["north"].stop()
        carol.reads("left the chat")
        self.tells("set server chat/north state ready")
        until("HAProxy to see it", lambda: self.column("north", "status") == "DOWN")  # a quick restart, it does not see
        until("HAProxy to have let go of alice", lambda: self.column("north", "scur") == "0")
        self.daemons["north"].start()
        until("north to be up again", lambda: self.column("north", "status") == "UP")
        self.joins("dave")
        self.assertEqual("1", self.column("north", "scur"))
