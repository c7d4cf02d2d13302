"""
The command line.
"""

from __future__ import annotations

import contextlib
import io
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from chatroom import __version__
from chatroom.client.config import Store
from chatroom.client.display import Status
from chatroom.client.main import arguments, main, where
from chatroom.client.url import Address
from chatroom.client.visit import Visit

LAST = Address("chat.example.org", 6000, False, "luca", "attic")


class WhereTests(SynchronousTestCase):
    """Which server is meant, and as whom."""

    def where(self, *argv: str, last: Address | None = LAST) -> Address | None:
        """What this command line means."""
        return where(arguments().parse_args(argv), last)

    def test_nickname_and_address(self) -> None:
        """In the usual order; the nickname may stand in the address."""
        self.assertEqual(Address("localhost", 7, False, "bob"), self.where("bob", "chat://localhost:7"))
        self.assertEqual(Address("localhost", 7, False, "bob"), self.where("chat://bob@localhost:7"))
        self.assertEqual(Address("localhost", nick="bob"), self.where("bob", "localhost"))

    def test_address_alone(self) -> None:
        """An address without a nickname is taken as it is, and the nickname is asked for."""
        self.assertEqual(Address("localhost"), self.where("chat://localhost"))

    def test_nickname_alone(self) -> None:
        """It is the server that was visited last, or the one on this machine."""
        self.assertEqual(Address("chat.example.org", 6000, False, "bob", "attic"), self.where("bob"))
        self.assertEqual(Address("localhost", nick="bob"), self.where("bob", last=None))

    def test_nothing(self) -> None:
        """It is all as it was, or unknown."""
        self.assertEqual(LAST, self.where())
        self.assertIsNone(self.where(last=None))

    def test_two_nicknames(self) -> None:
        """One of them is too many."""
        self.assertRaises(ValueError, self.where, "bob", "chat://luca@localhost")
        self.assertEqual("bob", (self.where("bob", "chat://bob@localhost") or LAST).nick)


class CommandLineTests(SynchronousTestCase):
    """What needs no server."""

    def run_main(self, *argv: str) -> tuple[int, str]:
        """The exit status, and all that was written."""
        written = io.StringIO()
        with contextlib.redirect_stdout(written), contextlib.redirect_stderr(written):
            try:
                status = main(argv)
            except SystemExit as end:
                status = int(str(end.code or 0))
        return status, written.getvalue()

    def test_help(self) -> None:
        """It fits on a terminal, and has every option, examples and exit statuses."""
        status, shown = self.run_main("--help")
        self.assertEqual(0, status)
        for word in ("--plain", "--json", "--follow", "chat://localhost", "exit status: 0 success"):
            self.assertIn(word, shown)
        self.assertEqual([], [line for line in shown.splitlines() if len(line) > 110])

    def test_version(self) -> None:
        """The one of the whole distribution."""
        self.assertEqual((0, f"chatroom {__version__}\n"), self.run_main("--version"))

    def test_wrong_usage(self) -> None:
        """It is status 2, with a sentence that says why."""
        for argv, why in (
            (["bob", "http://localhost"], "starts with chat://"),
            (["bob", "chat://localhost", "more"], "unrecognized arguments"),
            (["--last", "many"], "'many' is not a number"),
            (["--json", "chat://localhost"], "A script needs a nickname and an address"),
        ):
            status, shown = self.run_main(*argv)
            self.assertEqual(2, status, argv)
            self.assertIn(why, shown)


class VisitTests(SynchronousTestCase):
    """What is left on the terminal when it is over."""

    def test_last_words_of_a_server(self) -> None:
        """They are in the sentence that says why it is over, and drive no terminal."""
        visit = Visit(StillReactor(), Namespace(log=""), Store(Path(self.mktemp())), "")
        self.patch(visit, "_begin_log", lambda: None)
        written = io.StringIO()
        with contextlib.redirect_stderr(written):
            visit.run(lambda: visit.end(Status.NO_CONNECTION, "The server says: \x1b[2J\x1b]0;mine\x07\x9b31m go away"))
        self.assertEqual("The server says: [2J]0;mine31m go away\n", written.getvalue())


class StillReactor:
    """It begins, and ends at once."""

    running = False

    def callWhenRunning(self, begin: Callable[[], None]) -> None:  # noqa: N802 Twisted's
        """Now."""
        begin()

    def addSystemEventTrigger(self, *_: object) -> None:  # noqa: N802 Twisted's
        """Nothing is ever shut down."""

    def run(self) -> None:
        """That was all."""
