"""
The last lines of the log at a start.
"""

from __future__ import annotations

import os
from pathlib import Path
from unittest import mock

from twisted.trial.unittest import SynchronousTestCase

from chatroom.daemon.joining import admin_command, sentences
from chatroom.daemon.listeners import Place


class SentenceTests(SynchronousTestCase):
    """How to join, as the log says it."""

    def said(self, *places: tuple[str, str, int], admin: str | None = None) -> str:
        return "\n".join(sentences([Place(*place) for place in places], admin))

    def test_terminal_and_browser(self) -> None:
        """A server that listens on this machine alone says what to type and what to open, and nothing else."""
        said = self.said(
            ("port", "tcp:64700:interface=127.0.0.1", 64700), ("web", "tcp:8080:interface=127.0.0.1", 8080)
        )
        self.assertEqual("Join in a terminal: nc localhost 64700\nJoin in a browser: http://localhost:8080/", said)

    def test_irc(self) -> None:
        """Ports for IRC clients are named with the host, and whether they want TLS."""
        said = self.said(
            ("irc", "tcp:6667:interface=127.0.0.1", 6667), ("irc-tls", "tcp:6697:interface=127.0.0.1", 6697)
        )
        self.assertEqual(
            "Join with an IRC client: localhost port 6667\nJoin with an IRC client over TLS: localhost port 6697", said
        )

    def test_all_interfaces(self) -> None:
        """Ports that anyone can reach are named, with what to write instead."""
        for everywhere in ("tcp:64700", "tcp6:64700", "tcp:64700:interface=0.0.0.0", "tcp6:64700:interface=\\:\\:"):
            said = self.said(("port", everywhere, 64700), ("web", "tcp:8080", 8080))
            self.assertIn("Open on all network interfaces: port 64700 and 8080. Anyone who can reach", said)
            self.assertIn("tcp:64700:interface=127.0.0.1", said)

    def test_other_addresses(self) -> None:
        """A server that listens on one address is reached by that address, IPv6 in brackets in a browser."""
        said = self.said(
            ("port", "tcp6:64700:interface=2001\\:db8\\:\\:1", 64700),
            ("web-tls", "tcp6:8443:interface=2001\\:db8\\:\\:1", 8443),
        )
        self.assertEqual(
            "Join in a terminal: nc 2001:db8::1 64700\nJoin in a browser: https://[2001:db8::1]:8443/", said
        )

    def test_what_nobody_connects_to(self) -> None:
        """Ports behind a proxy, UNIX sockets, metrics and the control socket are no way to join."""
        said = self.said(
            ("port", "haproxy:tcp:64700", 64700),
            ("port", "unix:/run/chat.sock", 0),
            ("metrics", "tcp:9470:interface=127.0.0.1", 9470),
            ("control", "/data/control", 0),
        )
        self.assertEqual("", said)

    def test_first_admin(self) -> None:
        """A server without an admin says how to make one; a server that has one does not."""
        said = self.said(("port", "tcp:64700:interface=127.0.0.1", 64700), admin="chatroom-admin role NICK admin")
        self.assertTrue(said.endswith("This server has no admin yet. Join, type /signup, and then type in another"
                                      " terminal: chatroom-admin role NICK admin"), said)  # fmt: skip
        self.assertNotIn("admin", self.said(("port", "tcp:64700", 64700)))


class AdminCommandTests(SynchronousTestCase):
    """What makes somebody an admin."""

    def setUp(self) -> None:
        self.folder = Path(self.mktemp()).absolute()
        self.folder.mkdir(parents=True)
        for name in ("twistd", "chatroom-admin"):
            (self.folder / name).touch(mode=0o755)

    def test_beside_the_program(self) -> None:
        """A twistd that was started by its path has chatroom-admin beside it."""
        made = admin_command(str(self.folder / "twistd"), "chatroom-data")
        path = os.path.relpath(self.folder / "chatroom-admin")
        self.assertEqual(f"{path} role NICK admin", made)

    def test_on_the_path(self) -> None:
        """The plain name is enough where a shell finds the same one."""
        with mock.patch.dict(os.environ, {"PATH": str(self.folder)}):
            self.assertEqual(
                "chatroom-admin role NICK admin --data '/var/lib/my chat'",
                admin_command(str(self.folder / "twistd"), "/var/lib/my chat"),
            )

    def test_not_installed(self) -> None:
        """The plain name is said where there is none beside the program."""
        self.assertEqual("chatroom-admin role NICK admin", admin_command("/nowhere/twistd", "chatroom-data"))
