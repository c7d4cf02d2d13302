"""
The welcome text of --motd: what an operator may write into its file, and when the daemon reads it.
"""

from __future__ import annotations

import io
import os
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.testing import MemoryReactorClock
from twisted.logger import capturedLogs
from twisted.python.usage import UsageError
from twisted.trial.unittest import SynchronousTestCase

from chatroom.daemon.options import Options
from chatroom.daemon.welcome_text import read_welcome_text
from chatroom.limits import Limits
from chatroom.tap import ChatService, makeService


class WelcomeFileTests(SynchronousTestCase):
    """What the file may hold."""

    def setUp(self) -> None:
        self.path = Path(self.mktemp())

    def lines(self, content: bytes) -> tuple[str, ...]:
        """The lines of a file with this content."""
        self.path.write_bytes(content)
        return read_welcome_text(str(self.path), Limits())

    def refused(self, content: bytes) -> str:
        """Why a file with this content cannot be used, without its path."""
        error = self.assertRaises(ValueError, self.lines, content)
        return str(error).replace(str(self.path), "FILE")

    def test_lines(self) -> None:
        """Lines stay as they were written, empty ones between them too; line ends may be those of Windows."""
        self.assertEqual(("Be kind.", "", "  - no spam"), self.lines(b"\n\nBe kind.\r\n\r\n  - no spam  \n\n"))
        self.assertEqual(("Żółw",), self.lines("\ufeffŻółw".encode()))
        self.assertEqual((), self.lines(b""))
        self.assertEqual((), self.lines(b"\n \n"))

    def test_characters_that_could_harm_a_terminal_are_left_out(self) -> None:
        """Escape sequences and marks that turn the direction of writing do not reach anybody."""
        self.assertEqual(("[31mred", "ab", "a    b"), self.lines("\x1b[31mred\na\u202eb\na\tb".encode()))

    def test_what_is_too_long_is_refused(self) -> None:
        """The sentence names the file, the limit and its option."""
        self.assertEqual("FILE has 41 lines; the limit is 40 (--motd-lines)", self.refused(b"x\n" * 41))
        self.assertEqual("FILE has more than 4,096 bytes", self.refused(b"x" * 4097))

    def test_what_is_no_text_is_refused(self) -> None:
        """Bytes that are not UTF-8 are named."""
        self.assertEqual("FILE is not UTF-8", self.refused(b"caf\xe9"))

    @given(st.binary(max_size=200))
    def test_any_file_is_used_or_refused(self, content: bytes) -> None:
        """Whatever is in the file, each line of it can be shown, or a sentence says why not."""
        path = Path(self.mktemp())
        path.write_bytes(content)
        try:
            lines = read_welcome_text(str(path), Limits())
        except ValueError:
            return
        for line in lines:
            self.assertNotRegex(line, "[\x00-\x1f\x7f-\x9f\u202a-\u202e]")


class MotdOptionTests(SynchronousTestCase):
    """When the daemon reads the file."""

    def setUp(self) -> None:
        self.path = Path(self.mktemp()).absolute()

    def options(self, *more: str) -> Options:
        """Options that name the file."""
        options = Options()
        options.parseOptions(["--backend", "memory", "--motd", str(self.path), *more])
        return options

    def service(self) -> ChatService:
        """What they make."""
        made = makeService(self.options(), MemoryReactorClock())
        assert isinstance(made, ChatService)
        return made

    def test_at_start(self) -> None:
        """People read what the file says."""
        self.path.write_text("Be kind.\n")
        self.assertEqual(("Be kind.",), self.service().hub.motd)

    def test_a_file_that_cannot_be_used_ends_the_start(self) -> None:
        """With one sentence that names the option and the file."""
        error = self.assertRaises(SystemExit, self.service)
        self.assertEqual(f"twistd chatroom: --motd {self.path}: no such file or directory.", str(error))

    def test_check_reads_it(self) -> None:
        """C{--check} finds the same fault."""
        with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
            error = self.assertRaises(UsageError, self.options, "--check", "--port", "tcp:0:interface=127.0.0.1")
            self.assertEqual(f"--motd {self.path}: no such file or directory.", str(error))
            os.mkfifo(self.path)
            error = self.assertRaises(UsageError, self.options, "--check", "--port", "tcp:0:interface=127.0.0.1")
        self.assertEqual(f"--motd {self.path} is not a regular file.", str(error))

    def test_sighup_reads_it_again(self) -> None:
        """People who join from then on read the new text; a file that cannot be used changes nothing, and is logged."""
        self.path.write_text("Be kind.\n")
        service = self.service()
        self.path.write_text("Be very kind.\n")
        service.reload()
        self.assertEqual(("Be very kind.",), service.hub.motd)
        self.path.unlink()
        with capturedLogs() as logs:
            service.reload()
        self.assertEqual(("Be very kind.",), service.hub.motd)
        (event,) = [each for each in logs if "error" in each]
        self.assertEqual(f"--motd {self.path}: no such file or directory.", str(event["error"]))
