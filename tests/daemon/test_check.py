"""
C{twistd chatroom --check}: what a start would find out is found out without one.
"""

from __future__ import annotations

import os
import resource
from pathlib import Path

from twisted.plugins.cred_unix import UNIXChecker
from twisted.python.usage import UsageError
from twisted.trial.unittest import SkipTest, SynchronousTestCase

from chatroom.daemon import check
from chatroom.daemon.check import Fault, as_user, check_checkers, check_data, check_files, check_installed, check_places
from chatroom.daemon.listeners import HOW
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
            ("tcp:7000:interface=127.0.0.1", "tcp:7000:interface=127.1"),
            ("tcp:7000:interface=localhost", "tcp:7000:interface=127.0.0.1"),
            ("tcp:7000:interface=127.0.0.1", r"tcp:7000:interface=\:\:ffff\:127.0.0.1"),
            (r"tcp6:7000:interface=\:\:1", r"tcp:7000:interface=0\:0\:0\:0\:0\:0\:0\:1"),
            ("unix:chat.sock", "unix:chat.sock:mode=600"),
            ("unix:chat.sock", "haproxy:unix:../" + os.path.basename(os.getcwd()) + "/chat.sock"),
            ("unix:chat.sock", f"unix:{os.getcwd()}/chat.sock"),
        ):
            self.assertEqual(
                f"--port {one} and --web {other} are the same place", self.refused(port=[one], web=[other])
            )

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

    def test_no_address(self) -> None:
        """A name that is no address is refused in the system's words, and so is a port that there cannot be."""
        self.assertIn("not known", self.refused(port=["tcp:7000:interface=nowhere.invalid"]))
        for port in ("tcp:99999", "tcp:-1", "tcp6:65536", "haproxy:tcp:70000"):
            self.assertIn(f"--port {port}: ", self.refused(port=[port]))

    def test_any_port_twice(self) -> None:
        """Any free port, twice, is two places."""
        self.assertEqual([], wanted(port=["tcp:0"], web=["tcp:0"]))

    def test_not_a_socket(self) -> None:
        """A file or folder where the UNIX socket should be, and a path longer than the system takes, are refused."""
        path = Path(self.mktemp())
        path.mkdir()
        (path / "file").write_text("")
        for there in (path, path / "file"):
            self.assertIn("not a UNIX socket", self.refused(port=[f"unix:{there}"]))
        self.assertIn("may have 107 bytes", self.refused(port=[f"unix:{'x' * 108}"]))

    def test_a_folder_to_run_in(self) -> None:
        """Relative paths of UNIX sockets go from where twistd will run."""
        folder = Path(self.mktemp())
        folder.mkdir()
        self.assertEqual(
            [], check_places({"port": ["unix:s"], "web": [f"unix:{Path.cwd()}/s"]}, ENDPOINTS, str(folder))
        )

    def test_python_is_not_quoted(self) -> None:
        """What is wrong with an endpoint is said in the operator's words, not in those of a function."""
        for port in ("tcp", "tcp:", "tcp:http", "tcp:7000:colour=red", "tcp:7000:interface=::1", "unix:s:mode=999"):
            self.assertEqual(f"--port {port}: {HOW}", self.refused(port=[port]))

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

    def test_passwords_of_the_machine(self) -> None:
        """They can be checked only by a daemon that may read them."""
        self.patch(check, "SHADOW", self.mktemp())
        error = str(self.assertRaises(Fault, check_checkers, [UNIXChecker()]))
        self.assertIn("--auth unix: the daemon's user cannot read", error)
        Path(check.SHADOW).write_text("")
        check_checkers([UNIXChecker()])

    def test_nothing_given(self) -> None:
        """An empty path, as of a variable that is not set, is refused: it is not the folder that twistd runs in."""
        for name in ("data", "control", "tls"):
            error = str(self.assertRaises(UsageError, Options().parseOptions, [f"--{name}", ""]))
            self.assertIn(f"--{name} is empty", error)

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
