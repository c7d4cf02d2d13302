"""
The guides for people and operators: they name what there is, and nothing else.
"""

from __future__ import annotations

import re
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from chatroom.daemon.option_groups import GROUPS, listed
from chatroom.interfaces import ICommand, interface, usage
from chatroom.tap import Options
from twisted.plugins import chatroom_commands

DOCS = Path(__file__).resolve().parent.parent.parent / "docs"


def commands() -> list[ICommand]:
    """Those that come with chatroom."""
    return [one for one in vars(chatroom_commands).values() if interface(ICommand).providedBy(one)]


class GuideTests(SynchronousTestCase):
    """docs/guide.rst, for people who chat."""

    def setUp(self) -> None:
        self.text = (DOCS / "guide.rst").read_text(encoding="utf-8")

    def test_every_command_is_listed(self) -> None:
        """Each is there as /help writes it, under the heading of its family."""
        listed = self.text.split("All commands\n")[1].split("From a script\n")[0]
        for command in commands():
            if not command.hidden:
                self.assertIn(f"``{usage(command)}``", listed)
                self.assertRegex(listed, rf"(?m)^{command.family}$")

    def test_every_command_named_exists(self) -> None:
        """Whatever the guide says one could type is a command, or one of its other words."""
        words = {word for command in commands() for word in (command.name, *command.aliases)}
        named = set(re.findall(r"``/(\w+)", self.text)) - {"shrug"}
        self.assertEqual(set(), named - words)


class OptionsTests(SynchronousTestCase):
    """docs/options.rst and docs/operations.rst, for operators."""

    def test_every_group_is_shown(self) -> None:
        """The page has a section for each group of --help, in the same order, with the table made from the code."""
        text = (DOCS / "options.rst").read_text(encoding="utf-8")
        shown = re.findall(r"^(.+)\n-+\n\n\.\. option-table:: (.+)$", text, re.MULTILINE)
        self.assertEqual([(group.title, group.title) for group in GROUPS], shown)

    def test_every_option_is_in_a_group(self) -> None:
        """Each option that the parser takes has a row in one of the tables, and each row is an option."""
        self.assertEqual({name.rstrip("=") for name in Options().longOpt}, set(listed()))

    def test_options_named_exist(self) -> None:
        """Each option that a page for operators names is one of the server's, or one of twistd's."""
        twistds = {"--nodaemon", "--pidfile", "--chroot", "--uid", "--logger", "--logfile", "--history"}
        for page in ("options", "operations"):
            named = set(re.findall(r"``(--[a-z][\w-]*)", (DOCS / f"{page}.rst").read_text(encoding="utf-8")))
            known = {f"--{name}" for name in listed()} | twistds
            self.assertEqual(set(), {each for each in named - known if not each.startswith("--argon2")}, page)
