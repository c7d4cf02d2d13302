"""
The fuzzing targets without a fuzzer: with what they begin with, and with all that was ever found.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path

from twisted.internet.error import ConnectionLost
from twisted.logger import Logger
from twisted.trial.unittest import SynchronousTestCase

from chatroom.commands.base import Command
from chatroom.interfaces import Answer, ICaller
from fuzz import scene
from fuzz.__main__ import NAMES, main, options
from fuzz.invariants import Finding, lines_of, nothing_is_logged, objects_of
from fuzz.seeds import seeds, words
from fuzz.targets import TARGETS, member, texts_of

FINDINGS = Path(__file__).parent.parent.parent / "fuzz" / "findings"


class TargetTests(SynchronousTestCase):
    """Every way in, with real sessions and with what once broke it."""

    def test_seeds(self) -> None:
        """A real session does no harm, in whatever pieces it comes."""
        for name, target in TARGETS.items():
            begins_with = seeds(name)
            self.assertTrue(begins_with and words(name), name)
            for data in begins_with:
                try:
                    target(data)
                except Exception as error:
                    raise AssertionError(f"{name}: {data!r}") from error

    def test_findings(self) -> None:
        """What was found once is found no more."""
        found = sorted(FINDINGS.glob("*/*"))
        self.assertTrue(found)
        for path in found:
            try:
                TARGETS[path.parent.name](path.read_bytes())
            except Exception as error:
                raise AssertionError(f"{path.parent.name}/{path.name} is back") from error

    def test_names(self) -> None:
        """The command knows every target before it imports them."""
        self.assertEqual(NAMES, tuple(TARGETS))


class Boom(Command):
    """A command with a bug."""

    name = "boom"
    summary = "break"

    def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Answer:
        """Break."""
        raise ZeroDivisionError


class InvariantTests(SynchronousTestCase):
    """What is not as it has to be is found."""

    def test_bug(self) -> None:
        """An exception that is no refusal, behind a polite answer."""
        self.patch(scene, "COMMANDS", {**scene.COMMANDS, "boom": Boom()})
        self.assertIn("ZeroDivisionError", str(self.assertRaises(Finding, member, b"\x00/boom\n")))
        self.flushLoggedErrors(ZeroDivisionError)

    def test_logged(self) -> None:
        """Errors in the log, and nothing less."""
        log = Logger()
        with nothing_is_logged():
            log.info("all is well")
            log.warn("it may rain")
        with self.assertRaises(Finding), nothing_is_logged():
            log.error("it rains")

    def test_lines(self) -> None:
        """Text, in whole lines, and nothing for a terminal to obey."""
        self.assertEqual(["one", "two"], lines_of(b"one\r\n\xff\xfb\x01two\n", telnet=True))
        for data in (b"\xff\n", b"\x1b[2J\n", b"half", b"a\tb\n", "\u202eabc\n".encode(), b"\xff\xfb\x01\n", b"a\rb\n"):
            self.assertRaises(Finding, lines_of, data)

    def test_objects(self) -> None:
        """Answers and events, clean ones."""
        self.assertEqual(1, len(objects_of(['{"id": "\\u001b", "ok": true, "lines": ["fine"]}'])))
        for line in (
            "hello",
            "[]",
            "{}",
            '{"ok": false}',
            '{"ok": true, "lines": ["\\u001b[2J"]}',
            '{"event": "\\u009b"}',
        ):
            self.assertRaises(Finding, objects_of, [line])
        self.assertRaises(Finding, objects_of, ['{"ok": false, "error": "internal", "sentence": "Oh."}'])

    def test_frames(self) -> None:
        """Those of a server, the last perhaps cut off."""
        self.assertEqual(["hi"], texts_of(b"\x89\x00\x81\x02hi\x81\x05he"))
        self.assertRaises(Finding, texts_of, b"\x82\x01a")

    def test_neighbours(self) -> None:
        """Somebody else is not served any more, or something is left behind."""
        broken = scene.Scene()
        broken.alice.transport.connectionLost(ConnectionLost())
        self.assertRaises(Finding, broken.check)
        broken = scene.Scene()
        broken.server.clock.callLater(3600.0, str)
        self.assertIn("left behind", str(self.assertRaises(Finding, broken.check)))


class CommandTests(SynchronousTestCase):
    """C{python -m fuzz}."""

    def test_replay(self) -> None:
        """What was found can be looked at without a fuzzer."""
        path = Path(self.mktemp())
        path.write_bytes(b"[chatroom]\n")
        with redirect_stdout(StringIO()) as written:
            self.assertEqual(0, main(["--replay", str(path), "config"]))
        self.assertEqual("It is well.\n", written.getvalue())

    def test_arguments(self) -> None:
        """A target that is none, or a file for no target, is refused."""
        for arguments, sentence in ((["nowhere"], "no target nowhere"), (["--replay", "x"], "name the one target")):
            with redirect_stderr(StringIO()) as written:
                self.assertRaises(SystemExit, options, arguments)
            self.assertIn(sentence, written.getvalue())
        self.assertEqual(["line"], options(["line", "--seconds", "3"]).targets)
