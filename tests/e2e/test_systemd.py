"""
End to end: a real twistd, told by its environment that systemd has started it.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
from pathlib import Path

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from chatroom.daemon.systemd import notifier
from tests.e2e.daemon import PATIENCE, environment, free_port, twistd, until
from tests.e2e.people import Peer, need


class SupervisedTests(SynchronousTestCase):
    """C{Type=notify}, C{WatchdogSec=} and socket activation."""

    def setUp(self) -> None:
        self.folder = Path(self.mktemp()).resolve()
        self.folder.mkdir()
        self.port = free_port()

    def start(self, *words: str, **variables: str) -> subprocess.Popen[bytes]:
        """Start a program that ends with the test at the latest."""
        with (self.folder / "output.log").open("wb") as log:
            started = subprocess.Popen(
                words, cwd=self.folder, env={**environment(), **variables}, stdout=log, stderr=subprocess.STDOUT
            )
        self.addCleanup(started.wait, PATIENCE)
        self.addCleanup(started.kill)
        return started

    def comes(self) -> Peer | None:
        """Somebody who has connected, if there is a port already."""
        try:
            return Peer(self.port)
        except ConnectionRefusedError:
            return None

    def test_notify(self) -> None:
        """systemd hears that people can come in, that the daemon lives, reloads, and ends."""
        name = f"chatroom-e2e-{os.getpid()}"
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
            systemd.bind("\0" + name)
            systemd.settimeout(PATIENCE)

            def hears(word: bytes) -> None:
                while word not in systemd.recv(4096):
                    pass

            daemon = self.start(
                twistd(), "-n", "--pidfile=", "chatroom", "--port", str(self.port),
                NOTIFY_SOCKET="@" + name, WATCHDOG_USEC="200000",
            )  # fmt: skip
            hears(b"READY=1")
            Peer(self.port).reads(b"nickname")
            hears(b"WATCHDOG=1")
            daemon.send_signal(signal.SIGHUP)
            hears(b"RELOADING=1")
            hears(b"READY=1")
            daemon.send_signal(signal.SIGTERM)
            hears(b"STOPPING=1")
            self.assertEqual(0, daemon.wait(PATIENCE))

    def test_socket_activation(self) -> None:
        """The port is systemd's; who comes first starts the daemon, and is served by it."""
        need("systemd-socket-activate")
        self.start(
            "systemd-socket-activate", "--listen", f"127.0.0.1:{self.port}", "--fdname=chat", "--setenv=PYTHONPATH",
            twistd(), "-n", "--pidfile=", "chatroom", "--port", "systemd:domain=INET:name=chat",
        )  # fmt: skip
        peer = until("systemd's socket", self.comes)
        assert peer is not None
        peer.sends(b"alice\n")
        peer.reads(b"Registration successful")


class SocketTests(SynchronousTestCase):
    """Where systemd listens, as the environment says."""

    def test_path(self) -> None:
        """A path is a socket in the file system."""
        path = Path(self.mktemp())
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
            systemd.bind(str(path))
            notifier({"NOTIFY_SOCKET": str(path)}, 1, Clock()).stopping()
            self.assertIn(b"STOPPING=1", systemd.recv(4096))

    def test_abstract(self) -> None:
        """With an @ before it, it is a name in no file system."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
            name = f"chatroom-{os.getpid()}-{id(self)}"
            systemd.bind("\0" + name)
            notifier({"NOTIFY_SOCKET": "@" + name}, 1, Clock()).stopping()
            self.assertIn(b"STOPPING=1", systemd.recv(4096))
