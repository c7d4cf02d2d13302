"""
C{make debian} follows every block of the pages for operators, none twice, and takes them apart as they are meant.
"""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from tests.e2e.blocks import Block, Command, blocks, commands, pattern
from tests.e2e.operations import PAGES
from tests.e2e.operator import any_numbers


class CompletenessTests(SynchronousTestCase):
    """tests/e2e/operations.py beside what it follows."""

    def test_every_block_is_followed(self) -> None:
        """Each section that shows something has a function, which takes as many blocks as there are."""
        self.assertEqual({key: len(shown) for key, shown in PAGES.shown().items()}, PAGES.numbers())

    def test_every_command_is_one(self) -> None:
        """Every line of a console block belongs to a command, or is what one answers."""
        for page in ("README.rst", "docs/install.rst", *{page for page, _ in PAGES.numbers()}):
            console = [block for block in blocks(page) if block.kind == "console"]
            self.assertNotEqual([], console, page)
            for block in console:
                self.assertNotEqual([], list(commands(block)), str(block))


class BlockTests(SynchronousTestCase):
    """A page taken apart."""

    def read(self, text: str) -> list[Command]:
        """The commands of a console block."""
        return list(commands(Block("page", "section", "console", text)))

    def test_prompts(self) -> None:
        """The prompt says whose command it is; what follows is its answer."""
        self.assertEqual(
            [Command(True, "id -u", ("0",)), Command(False, "true", ())], self.read("# id -u\n0\n\n$ true\n")
        )

    def test_a_command_goes_on(self) -> None:
        """Within quotes, and behind a backslash."""
        self.assertEqual(
            ["echo 'one\n  two'", "echo \\\n  three"],
            [command.typed for command in self.read("$ echo 'one\n  two'\n$ echo \\\n  three\n")],
        )

    def test_no_prompt(self) -> None:
        """A block that begins with something else is no console."""
        with self.assertRaisesRegex(ValueError, "begins with no command"):
            self.read("0 4 * * * true\n")

    def test_answers(self) -> None:
        """Three dots are anything; in a page for operators, any number is as good as another."""
        self.assertRegex("it took 17 s.", pattern("it ... s."))
        self.assertNotRegex("it took 17 s.", pattern("it took 18 s."))
        self.assertRegex("Process 12 took 1.5 s, 1,000 people.", any_numbers("Process 4711 took 0.9 s, 3 people."))
        self.assertNotRegex("Process 12 took long.", any_numbers("Process 4711 took 0.9 s."))
