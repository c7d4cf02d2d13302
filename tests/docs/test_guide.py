"""
The guides for people and operators: they name what there is, and nothing else.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from chatroom.daemon.option_groups import listed
from chatroom.interfaces import ICommand, usage
from chatroom.limits import each
from chatroom.tap import Options
from twisted.plugins import chatroom_commands

DOCS = Path(__file__).resolve().parent.parent.parent / "docs"


def commands() -> list[ICommand]:
    """Those that come with chatroom."""
    return [one for one in vars(chatroom_commands).values() if ICommand.providedBy(one)]


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


class OperationsTests(SynchronousTestCase):
    """docs/operations.rst, for operators."""

    def setUp(self) -> None:
        self.text = (DOCS / "operations.rst").read_text(encoding="utf-8")

    def test_every_option_is_explained(self) -> None:
        """Each that twistd chatroom --help lists, but for help itself, and no other."""
        options = {f"--{name.rstrip('=')}" for name in Options().longOpt} - {
            "--version",
            "--help",
            "--help-auth",
            "--help-auth-type",
        }
        named = set(re.findall(r"``(--[a-z][\w-]*)", self.text)) - {
            "--nodaemon",
            "--pidfile",
            "--chroot",
            "--uid",
            "--help",
        }
        self.assertEqual(options, named)

    def test_limits_are_the_code_s(self) -> None:
        """Every limit is there, in order, with its default and its meaning; those that can be lifted say so."""
        rows = re.findall(r"^   \* - ``(--[\w-]+)``\n     - (.+)\n     - (.+)$", self.text, re.MULTILINE)
        options = [listed()[limit.name.replace("_", "-")] for limit in each()]
        expected = [(f"--{option.name}", option.usual, option.help) for option in options]
        wanted = "\n".join(
            f"   * - ``{option}``\n     - {default}\n     - {help}" for option, default, help in expected
        )
        self.assertEqual(expected, rows, f"The table should be:\n\n{wanted}\n")


def shown(default: Any, liftable: bool) -> str:
    """A default as the table writes it."""
    if default == 0 and liftable:
        return "off"
    number = f"{int(default):,}" if default == int(default) else str(default)
    return f"{number} (or off)" if liftable else number
