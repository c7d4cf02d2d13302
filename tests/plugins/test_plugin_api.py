"""
The number of the interface that a plugin was made for: a plugin of another number is left out, with a sentence.
"""

from __future__ import annotations

from textwrap import dedent

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from chatroom.interfaces import FIRST_PLUGIN_API, PLUGIN_API
from chatroom.plugins import plugin_api
from chatroom.plugins.filters import find_filters
from tests.plugins.finding import Finding, warnings
from twisted.plugins import chatroom_commands

ROLL = """
    from chatroom.commands.base import Command

    class Roll(Command):
        name = "roll"
        summary = "throw a die"

        def run(self, caller, arguments):
            return None

    roll = Roll()
"""

SHOUT = """
    from twisted.plugin import IPlugin
    from chatroom.interfaces import IFilterFactory, ITalkFilter, provides

    @provides(ITalkFilter)
    class Shout:
        def look(self, line):
            return line.text.upper()

        def reload(self):
            pass

    @provides(IPlugin, IFilterFactory)
    class Factory:
        name = "shout"

        def make(self, argument):
            return Shout()

    shout = Factory()
"""


class NumberTests(Finding):
    """Plugins that say which number they were made for."""

    def left_out(self, said: str, source: str = ROLL) -> str:
        """Install a plugin that says this beside one that is good; the one line that is logged."""
        file = self.install("bad_plugin.py", f"{said}\n{dedent(source).replace('roll', 'rock')}")
        self.install("dice_plugin.py", ROLL)
        with warnings() as logged:
            self.assertEqual(["roll"], list(self.restart()))
        self.assertEqual(1, len(logged), logged)
        self.assertIn(file, logged[0])
        self.assertIn("bad_plugin", logged[0])
        return logged[0]

    def test_number_of_this_server_is_found(self) -> None:
        """A plugin that was made for this server's number is there."""
        self.install("dice_plugin.py", f"plugin_api = {PLUGIN_API}\n{dedent(ROLL)}")
        with warnings() as logged:
            self.assertEqual(["roll"], list(self.restart()))
        self.assertEqual([], logged)

    def test_plugin_without_a_number_was_made_for_the_first(self) -> None:
        """A plugin that says no number is held to be of the time before there were numbers."""
        self.patch(plugin_api, "PLUGIN_API", FIRST_PLUGIN_API + 1)
        self.install("dice_plugin.py", ROLL)
        with warnings() as logged:
            self.assertEqual([], list(self.restart()))
        self.assertIn("made for plugin_api 1, and this server has plugin_api 2", logged[0])

    def test_plugin_of_a_newer_server_is_left_out(self) -> None:
        """The operator reads both numbers, and that the server is the one to upgrade."""
        said = self.left_out(f"plugin_api = {PLUGIN_API + 1}")
        self.assertIn(f"made for plugin_api {PLUGIN_API + 1}, and this server has plugin_api {PLUGIN_API}.", said)
        self.assertTrue(said.endswith("Upgrade the server."), said)

    def test_plugin_of_an_older_server_is_left_out(self) -> None:
        """The operator reads that the plugin is the one to upgrade."""
        self.patch(plugin_api, "PLUGIN_API", 3)
        self.install("dice_plugin.py", f"plugin_api = 2\n{dedent(ROLL)}")
        with warnings() as logged:
            self.assertEqual([], list(self.restart()))
        self.assertTrue(logged[0].endswith("Install a newer version of the plugin."), logged)

    def test_number_is_told_where_the_import_fails(self) -> None:
        """A plugin that imports what another server has names the missing thing and the number, in one line."""
        said = self.left_out("from chatroom.interfaces import ITelepath", "plugin_api = 7")
        self.assertIn("cannot import name 'ITelepath'", said)
        self.assertIn("made for plugin_api 7", said)

    def test_import_that_fails_by_itself_names_no_number(self) -> None:
        """A plugin of the right number that cannot be imported is told of as before."""
        said = self.left_out("from chatroom.interfaces import ITelepath", f"plugin_api: int = {PLUGIN_API}  # ours")
        self.assertNotIn("made for", said)

    def test_what_is_no_number_is_left_out(self) -> None:
        """A plugin whose number cannot be compared is left out, and the line quotes what it says."""
        for value in ("'1'", "1.0", "True", "None", "0", "-1", "(1,)", "'x' * 10000"):
            said = self.left_out(f"plugin_api = {value}")
            self.assertIn("and not a whole number from 1 up", said)
            self.assertLess(len(said), 500)

    def test_filters_are_held_to_it(self) -> None:
        """Every kind of plugin is held to the number, not only commands."""
        self.install("shout_plugin.py", f"plugin_api = {PLUGIN_API + 1}\n{dedent(SHOUT)}")
        with warnings() as logged:
            self.assertEqual({}, find_filters(self.package))
        self.assertIn("made for plugin_api", logged[0])


class FaultTests(SynchronousTestCase):
    """What is said of a number."""

    def test_built_in_commands_are_made_for_this_server(self) -> None:
        """The built-in commands are plugins, and follow the number."""
        self.assertEqual(PLUGIN_API, chatroom_commands.plugin_api)

    @given(st.one_of(st.integers(), st.text(), st.binary(), st.none(), st.booleans(), st.floats()))
    def test_any_value_gets_one_line(self, value: object) -> None:
        """Whatever a plugin says, the answer is nothing or one short line."""
        fault = plugin_api.fault(value)
        if value == PLUGIN_API and type(value) is int:
            self.assertIsNone(fault)
        else:
            assert fault is not None
            self.assertEqual(1, len(fault.splitlines()), fault)
            self.assertLess(len(fault), 300)

    def test_file_that_is_gone(self) -> None:
        """A file that cannot be read says no number."""
        self.assertEqual(FIRST_PLUGIN_API, plugin_api.said_in(self.mktemp()))
