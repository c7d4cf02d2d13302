"""
End to end: C{chatroom-admin} beside a real twistd, and whoever is on line notices.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import stat
import subprocess
import sys
from typing import Any

from chatroom.private import user_name
from tests.e2e.daemon import PATIENCE, Daemon, environment, until
from tests.e2e.daemon_case import DaemonCase

PASSWORD = "correct horse battery"
PROGRAM = "import sys; from chatroom.admin.main import main; sys.exit(main())"


class Person:
    """Somebody at the plain port."""

    def __init__(self, daemon: Daemon, *lines: str) -> None:
        self.socket = socket.create_connection(("127.0.0.1", daemon.port), PATIENCE)
        self._lines = self.socket.makefile("r", encoding="utf-8")
        self.types(*lines)

    def types(self, *lines: str) -> None:
        """Lines, each with the return key behind it."""
        self.socket.sendall("".join(f"{line}\n" for line in lines).encode())

    def reads(self, text: str) -> str:
        """The next line with this in it."""
        for line in self._lines:
            if text in line:
                return line.rstrip("\n")
        raise AssertionError(f"the connection ended before {text!r}")

    def is_let_go(self) -> str:
        """All there is to read until the end of the connection."""
        return self._lines.read()


class ShellTests(DaemonCase):
    """One server, and the one who runs it."""

    def setUp(self) -> None:
        super().setUp()
        self.server = self.daemon()
        self.server.start()

    def admin(self, *words: str, typed: str = "") -> tuple[int, str]:
        """Exit status and what it wrote."""
        ran = subprocess.run(
            [sys.executable, "-c", PROGRAM, *words],
            cwd=self.folder, env=environment(), input=typed, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, timeout=PATIENCE, check=False,
        )  # fmt: skip
        return ran.returncode, ran.stdout

    def does(self, *words: str, typed: str = "") -> str:
        """What it wrote, when it has done what was asked."""
        status, said = self.admin(*words, typed=typed)
        self.assertEqual(0, status, said)
        return said

    def person(self, *lines: str) -> Person:
        """Somebody who comes in and types this."""
        person = Person(self.server, *lines)
        self.addCleanup(person.socket.close)
        return person

    def test_socket_is_for_its_owner_alone(self) -> None:
        """Nobody else may open it, and it is gone when the daemon is."""
        control = self.folder / "chatroom-data" / "control"
        found = control.stat().st_mode
        self.assertTrue(stat.S_ISSOCK(found))
        self.assertEqual(0o600, stat.S_IMODE(found))
        self.assertEqual(0o700, stat.S_IMODE(control.parent.stat().st_mode))
        self.assertEqual(0, self.server.stop())
        self.assertFalse(control.exists())

    def test_what_is_left_of_a_killed_daemon(self) -> None:
        """Its socket is in nobody's way: neither while there is no daemon, nor for the next one."""
        self.server.kill()
        self.assertTrue((self.folder / "chatroom-data" / "control").exists())
        self.does("accounts", "create", "alice", typed=f"{PASSWORD}\n")
        self.server.start()
        self.assertIn("alice", self.does("accounts", "list"))

    def test_felt_at_once(self) -> None:
        """Who is made an admin may do what admins may; whose session ends, or who is erased, is let go."""
        self.does("accounts", "create", "alice", typed=f"{PASSWORD}\n")
        alice = self.person(f"/login alice {PASSWORD}", "a secret of mine")
        alice.reads("Logged in as")
        bob = self.person("bob", "hello")
        bob.reads("Registration successful")
        self.does("role", "alice", "admin")
        alice.reads("chatroom made you an admin of this server")
        alice.types("/audit")
        alice.reads(f"(shell: {user_name(os.getuid())}): role alice")
        self.assertIn("on line", self.does("accounts", "list"))
        self.does("tokens", "revoke", "alice")
        self.assertIn("An administrator has ended this session.", alice.is_let_go())
        self.does("accounts", "create", "eve", typed=f"{PASSWORD}\n")
        eve = self.person(f"/login eve {PASSWORD}")
        eve.reads("Logged in as")
        self.assertEqual("eve is now disabled. 1 session ended.\n", self.does("accounts", "disable", "eve"))
        self.assertIn("has disabled your account.", eve.is_let_go())
        self.person(f"/login eve {PASSWORD}").reads("! The account eve is disabled.")
        alice = self.person(f"/login alice {PASSWORD}", "and another")
        alice.reads("Logged in as")
        self.assertEqual(2, len(json.loads(self.does("export", "alice"))["lines"]))
        self.does("erase", "alice", "--yes", "--free-name")
        self.assertIn("Your account was erased.", alice.is_let_go())
        bob.types("/history")
        bob.reads("<(erased)> (erased)")
        self.server.stop()
        data = self.folder / "chatroom-data"
        self.assertEqual([], [path.name for path in data.iterdir() if b"secret of mine" in path.read_bytes()])

    def test_post(self) -> None:
        """What the server says, people read."""
        alice = self.person("alice")
        alice.reads("Registration successful")
        self.assertEqual("Sent to everyone: 1 person is online.\n", self.does("post", "We", "stop", "at six"))
        self.assertEqual("-- We stop at six", alice.reads("six"))
        self.does("post", "--room", "lobby", typed="Cake!\nIn the kitchen.\n")
        self.assertEqual("<chatroom> Cake!", alice.reads("Cake"))

    def tail(self, *words: str) -> Tail:
        """Somebody who reads along."""
        tail = Tail(self, words)
        self.addCleanup(tail.end)
        return tail

    def test_tail(self) -> None:
        """Lines come as they are said, over a restart and after a crash: none is lost, and none comes twice."""
        alice = self.person("alice", *[f"before {n}" for n in range(3)])
        alice.reads("Registration successful")
        tail = self.tail("tail", "--json", "-n", "2")
        tail.has("before 2")
        alice.types("first")
        tail.has("first")
        for end in (self.server.stop, self.server.kill):
            end()
            tail.warns("Waiting for it")
            self.server.start()
            alice = self.person("alice", *[f"{end.__name__} {n}" for n in range(5)])
            tail.has(f"{end.__name__} 4")
        said = [made["text"] for made in tail.events()]
        expected = ["before 1", "before 2", "first", *(f"{how} {n}" for how in ("stop", "kill") for n in range(5))]
        self.assertEqual(expected, said)
        self.assertEqual(0, tail.end())

    def test_tail_for_people(self) -> None:
        """A line says when, where, and who said what."""
        alice = self.person("alice", "/me waves")
        alice.reads("Registration successful")
        tail = self.tail("tail", "lobby", "--events")
        tail.has("* alice waves")
        self.assertRegex(tail.written(), r"(?m)^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \[lobby\] -- alice joined\.$")

    def test_after_an_upgrade(self) -> None:
        """A new process that has taken over is found at the same place, and whoever reads along goes on there."""
        alice = self.person("alice", "before")
        alice.reads("Registration successful")
        tail = self.tail("tail", "--json")
        tail.has("before")
        os.kill(self.server.pid, signal.SIGUSR2)
        self.server.logs("has taken over from")
        until("the old process's end", lambda: not self.server.alive())
        self.addCleanup(lambda: os.kill(new, signal.SIGKILL))
        new = json.loads((self.folder / "chatroom-data" / "chatroom.upgrade").read_text())["pid"]
        alice.types("after")
        tail.has("after")
        self.assertEqual(["before", "after"], [made["text"] for made in tail.events()])
        self.assertIn("There are no accounts.", self.does("accounts", "list"))


class Tail:
    """A C{chatroom-admin tail} that runs."""

    def __init__(self, case: ShellTests, words: tuple[str, ...]) -> None:
        self._out, self._err = case.folder / "tail.out", case.folder / "tail.err"
        with self._out.open("wb") as out, self._err.open("wb") as err:
            self._process = subprocess.Popen(
                [sys.executable, "-c", PROGRAM, *words],
                cwd=case.folder,
                env=environment(),
                stdout=out,
                stderr=err,
                preexec_fn=lambda: signal.signal(
                    signal.SIGINT, signal.SIG_DFL
                ),  # also where tests run in the background
            )

    def written(self) -> str:
        """All it has written."""
        return self._out.read_text()

    def events(self) -> list[dict[str, Any]]:
        """The same, of C{--json}."""
        return [json.loads(line) for line in self.written().splitlines()]

    def has(self, text: str) -> None:
        """Wait until it has written this."""
        until(f"{text!r} in what tail writes", lambda: text in self.written())

    def warns(self, text: str) -> None:
        """Wait until it has said this beside."""
        until(f"{text!r} in what tail says", lambda: text in self._err.read_text())

    def end(self) -> int:
        """Ctrl-C; its exit status."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
        return self._process.wait(PATIENCE)
