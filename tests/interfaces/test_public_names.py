"""
What plugins build on stays as long as plugin_api has its number: docs/plugin-api.names says what that is.
"""

from __future__ import annotations

import re
from configparser import ConfigParser

from twisted.trial.unittest import SynchronousTestCase

from chatroom.interfaces import PLUGIN_API
from tests.arrows import ROOT
from tests.public_names import LIST, modules, names, not_for_plugins

Arguments = list[tuple[str, bool]]
"""Each by its name, and whether it may be left out."""


def taken_apart(line: str) -> tuple[str, Arguments]:
    """A name and its arguments."""
    name, _, rest = line.partition("(")
    arguments = [each for each in re.split(r", (?=[*\w])", rest.removesuffix(")")) if each]
    return name, [(each.split("=")[0].strip(), "=" in each or each.startswith("*")) for each in arguments]


def broken(old: Arguments, new: Arguments) -> bool:
    """Whether a call that was right before may be wrong now."""
    kept = all(
        place < len(new) and new[place][0] == name and (new[place][1] or not optional)
        for place, (name, optional) in enumerate(old)
    )
    return not kept or not all(optional for _, optional in new[len(old) :])


class PublicNameTests(SynchronousTestCase):
    """The promise of docs/api.rst."""

    def test_nothing_is_lost(self) -> None:
        """
        Every name of the list is there, and is called as before. If that has to change: deprecate it first, and later
        raise PLUGIN_API and write the list anew with C{python -m tests.public_names}.
        """
        number, *recorded = LIST.read_text(encoding="utf-8").split("\n")
        self.assertEqual(f"plugin_api {PLUGIN_API}", number)
        now = dict(map(taken_apart, names()))
        lost, changed = [], []
        for line in filter(None, recorded):
            name, arguments = taken_apart(line)
            if name not in now:
                lost.append(line)
            elif broken(arguments, now[name]):
                changed.append(line)
        self.assertGreater(len(recorded), 500)
        self.assertEqual(([], []), (lost, changed))

    def test_what_breaks_a_call(self) -> None:
        """An argument that is gone, moved, renamed or newly required breaks callers; a new optional one does not."""
        old = taken_apart("x.say(text, room=None)")[1]
        for new, breaks in (
            ("x.say(text, room=None)", False),
            ("x.say(text, room=None, act=False)", False),
            ("x.say(text=..., room=...)", False),
            ("x.say(text)", True),
            ("x.say(text, room)", True),
            ("x.say(room=None, text=None)", True),
            ("x.say(text, room=None, act)", True),
            ("x.say(words, room=None)", True),
        ):
            self.assertEqual(breaks, broken(old, taken_apart(new)[1]), new)

    def test_reference_shows_the_public_modules(self) -> None:
        """The modules of the page are those that pydoctor shows, and the names that are for the server are hidden."""
        setup = ConfigParser()
        setup.read(ROOT / "setup.cfg", encoding="utf-8")
        shown = set(setup["tool:pydoctor"]["privacy"].split())
        self.assertLess(5, len(modules()))
        for module in modules():
            self.assertIn(f"PUBLIC:{module}", shown)
            self.assertIn(f"PUBLIC:{module}.*", shown)
        self.assertLess(5, len(not_for_plugins()))
        for name in not_for_plugins():
            self.assertIn(f"HIDDEN:chatroom.interfaces.{name}", shown)
