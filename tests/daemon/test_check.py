"""
C{twistd chatroom --check}: what a start would find out is found out without one.
"""

from __future__ import annotations

import os
import resource
from pathlib import Path

from twisted.trial.unittest import SkipTest, SynchronousTestCase

from chatroom.daemon import check
from chatroom.daemon.check import Fault, as_user, check_checkers, check_data, check_files, check_installed, check_places
from chatroom.daemon.options import ENDPOINTS, Options
from chatroom.limits import Limits


def wanted(**settings: list[str]) -> list[str]:
    """What is said of endpoints that these options describe."""
    return check_places({name.replace("_", "-"): values for name, values in settings.items()}, ENDPOINTS)


class PlaceTests(SynchronousTestCase):
    """Where it is to listen."""

    def refused(self, **settings: list[str]) -> str:
        """Why it could not listen there."""
        return str(self.assertRaises(Fault, wanted, **settings))

    def test_one_place_twice(self) -> None:
        """One port twice is refused with both options, whatever they are and however it is written."""
        for one, other in (
            ("tcp:7000", "tcp:7000"),
            ("tcp:7000", "tcp:port=7000"),
            ("tcp:7000", "tcp:7000:interface=127.0.0.1"),
            ("tcp:7000:interface=127.0.0.1", "haproxy:tcp:7000:interface=127.0.0.1"),
            ("tcp:7000:interface=0.0.0.0", "tcp:7000:interface=127.0.0.1"),
            ("tcp:7000", "tcp6:7000"),
            ("unix:chat.sock", "unix:chat.sock:mode=600"),
        ):
            self.assertEqual(f"--port {one} and --web {other} are one place", self.refused(port=[one], web=[other]))

    def test_different_places(self) -> None:
        """One port of two addresses is two places."""
        free = "tcp:0:interface=127.0.0.{}"
        self.assertEqual([], wanted(port=[free.format(1)], metrics=[free.format(2)]))

    def test_address_of_another_machine(self) -> None:
        """An address that this machine does not have is refused."""
        self.assertIn("cannot assign", self.refused(port=["tcp:7000:interface=192.0.2.1"]))

    def test_no_folder_for_a_socket(self) -> None:
        """A UNIX socket needs a directory."""
        path = f"{self.mktemp()}/chat.sock"
        self.assertIn("is not a directory that can be written to", self.refused(port=[f"unix:{path}"]))

    def test_no_endpoint(self) -> None:
        """What describes no endpoint is refused with the option's name."""
        self.assertIn("--web carrier:pigeon: ", self.refused(web=["carrier:pigeon"]))

    def test_systemd(self) -> None:
        """Sockets that only systemd has are no fault."""
        self.assertEqual([], wanted(port=["systemd:domain=INET:index=0", "haproxy:systemd:domain=INET:index=1"]))


class RestTests(SynchronousTestCase):
    """Everything else that a start needs."""

    def test_passwords_that_are_not_there(self) -> None:
        """A file of passwords that does not exist, or is no file, is refused."""
        missing, fifo = self.mktemp(), self.mktemp()
        os.mkfifo(fifo)
        for path in (missing, fifo):
            options = Options()
            options.parseOptions(["--auth", f"file:{path}"])
            error = str(self.assertRaises(Fault, check_checkers, options["credCheckers"]))
            self.assertIn(f"--auth file: {os.path.abspath(path)}", error)

    def test_data(self) -> None:
        """A folder that does not exist yet is right where it can be made; a file in its place is not."""
        there = Path(self.mktemp()).absolute()
        check_data(str(there / "deeper" / "still"))
        there.write_text("")
        for path in (there, there / "deeper"):
            self.assertIn(f"{there} is not a directory", str(self.assertRaises(Fault, check_data, str(path))))
        self.assertFalse(there.is_dir())

    def test_as_another_user(self) -> None:
        """It is checked with the rights of twistd's --uid, and ours come back."""
        if os.geteuid() != 0:
            raise SkipTest("Only root can take another user's rights")
        folder = Path(self.mktemp()).absolute()
        folder.mkdir(0o700)
        check_data(str(folder))
        with as_user({"uid": "nobody", "gid": "nogroup"}):
            self.assertRaises(Fault, check_data, str(folder))
        self.assertEqual((0, 0), (os.geteuid(), os.getegid()))
        check_data(str(folder))
        with self.assertRaises(Fault), as_user({"uid": "no-such-user"}):
            self.fail("There is no such user.")

    def test_open_files(self) -> None:
        """More connections than the system allows files are refused, with both numbers."""
        self.patch(resource, "getrlimit", lambda _: (1024, 1024))
        error = str(self.assertRaises(Fault, check_files, Limits(connections=1000)))
        self.assertIn("--connections 1000 needs 1100 open files, and the system allows 1024", error)
        check_files(Limits(connections=900))

    def test_not_installed(self) -> None:
        """An option whose package is not installed names what to install."""
        self.patch(check, "find_spec", lambda name: None)
        for option, extra in (("web", "web"), ("web-tls", "web"), ("metrics", "metrics")):
            error = str(self.assertRaises(Fault, check_installed, {option: ["tcp:1"]}))
            self.assertIn(f"pip install 'chatroom[{extra}]'", error)
        check_installed({"port": ["tcp:1"]})
