"""
C{chatroom.testing}, as an author of a plugin uses it.
"""

from __future__ import annotations

from collections.abc import Mapping

from twisted.internet.defer import Deferred
from twisted.internet.task import deferLater
from twisted.plugin import IPlugin
from twisted.trial.unittest import SynchronousTestCase

from chatroom.commands.base import Command
from chatroom.errors import Filtered, NotFound
from chatroom.interfaces import (
    Answer,
    ICaller,
    IFilterFactory,
    ITalkFilter,
    Outcome,
    Parameter,
    ServerRole,
    Utterance,
    provides,
)
from chatroom.testing import Server


class Echo(Command):
    """Answers with what was typed."""

    name = "echo"
    aliases = ("parrot", "repeat")
    summary = "say a text back to you"
    parameters = (Parameter("text", rest=True, help="what to say"),)

    def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Outcome:
        return Answer((arguments["text"],), {"text": arguments["text"]})


class Oven(Command):
    """Answers when a test says so."""

    name = "bake"
    summary = "bake a cake, which takes a while"

    def __init__(self) -> None:
        self.done: Deferred[str] = Deferred()

    async def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Outcome:
        cake = await self.done
        return Answer((f"Your cake: {cake}.",), {"cake": cake})


class Kettle(Command):
    """Answers after twenty seconds."""

    name = "boil"
    summary = "boil water for twenty seconds"

    def __init__(self, clock: object) -> None:
        self._clock = clock

    async def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Outcome:
        await deferLater(self._clock, 20, lambda: None)  # type: ignore[arg-type]
        return Answer(("It boils.",))


class Bug(Command):
    """Fails."""

    name = "bug"
    summary = "divide by zero"

    def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Outcome:
        return Answer((str(1 / 0),))


@provides(ITalkFilter)
class Ban:
    """Blocks messages with one word."""

    def __init__(self, word: str) -> None:
        self._word = word

    def look(self, line: Utterance) -> str:
        """See L{ITalkFilter.look}."""
        if self._word in line.text:
            raise Filtered(f"Say it without {self._word}.")
        return line.text

    def reload(self) -> None:
        """There is no file."""


@provides(IPlugin, IFilterFactory)
class BanFactory:
    """Makes it, for C{--filter ban:WORD}."""

    name = "ban-word"

    def make(self, argument: str) -> ITalkFilter:
        """See L{IFilterFactory.make}."""
        if not argument:
            raise ValueError("name a word")
        return Ban(argument)


class PluginTests(SynchronousTestCase):
    """Servers with plugins that need not be installed."""

    def test_command_is_there_by_all_its_words(self) -> None:
        """A plugin's aliases lead to it, and the built-in commands are there beside it."""
        with Server(plugins=[Echo()]) as server:
            alice = server.guest("alice")
            for word in ("echo", "parrot", "repeat"):
                alice.types(f"/{word} a b")
                self.assertEqual(["a b"], alice.reads())
            alice.types("/help repeat")
            self.assertIn("/echo", alice.reads()[0])

    def test_plugin_that_the_daemon_would_leave_out_is_refused(self) -> None:
        """An author learns at once what an operator would read in the log."""

        class Shouted(Echo):
            name = "ECHO"

        class Untidy(Echo):
            summary = ""

        class Untyped(Command):
            name = "untyped"
            summary = "takes the wrong arguments"

            def run(self, caller: ICaller) -> Outcome:  # type: ignore[override]
                return None

        wrong = ((Shouted(), "'ECHO' is not a valid command word"), (Untidy(), "summary"), (Untyped(), "run"))
        for plugin, fault in wrong:
            with self.assertRaises(ValueError) as caught:
                Server(plugins=[plugin])
            self.assertIn(fault, str(caught.exception))
            self.assertIn(type(plugin).__name__, str(caught.exception))

    def test_word_that_is_taken_is_refused(self) -> None:
        """Two commands cannot have one word, and a built-in command cannot be replaced."""

        class Other(Echo):
            name = "copy"

        class Say(Echo):
            name = "say"

        for plugins, word in (([Echo(), Other()], "parrot"), ([Say()], "say")):
            with self.assertRaises(ValueError) as caught:
                Server(plugins=plugins)
            self.assertIn(f"'{word}'", str(caught.exception))

    def test_what_is_no_plugin_is_refused(self) -> None:
        """A class in place of its object, and an object of another kind, are told apart."""
        with self.assertRaises(ValueError) as caught:
            Server(plugins=[Echo])
        self.assertIn("Echo()", str(caught.exception))
        with self.assertRaises(ValueError) as caught:
            Server(plugins=["echo"])
        self.assertIn("ICommand", str(caught.exception))

    def test_filters_are_asked_for_by_name(self) -> None:
        """A filter is made as an operator has it made: by the name of its factory and an argument."""
        with Server(plugins=[BanFactory()], filters=["ban-word:rude"]) as server:
            alice, bob = server.guest("alice"), server.guest("bob")
            alice.reads()
            alice.types("a rude word", "a word")
            self.assertEqual(["! Say it without rude."], alice.reads())
            self.assertEqual(["<alice> a word"], bob.reads())

    def test_filter_that_cannot_be_made_is_refused(self) -> None:
        """The factory's own sentence reaches the author, and a name that nobody has is named."""
        for asked, sentence in (("ban-word", "name a word"), ("unheard-of:x", "'unheard-of'")):
            with self.assertRaises(ValueError) as caught:
                Server(plugins=[BanFactory()], filters=[asked])
            self.assertIn(sentence, str(caught.exception))

    def test_staff_by_name(self) -> None:
        """A moderator or an admin is one call away."""
        with Server(plugins=[]) as server:
            ann, bob = server.staff("ann"), server.staff("bob", ServerRole.ADMIN)
            ann.types("/whoami")
            self.assertIn("moderator", "\n".join(ann.reads()))
            bob.types("/whoami")
            self.assertIn("admin", "\n".join(bob.reads()))


class WaitingTests(SynchronousTestCase):
    """Commands that answer later."""

    def test_person_reads_the_answer_when_it_is_there(self) -> None:
        """A command that waits shows nothing until what it waits for has happened."""
        oven = Oven()
        with Server(plugins=[oven]) as server:
            alice = server.guest("alice")
            alice.types("/bake")
            self.assertEqual([], alice.reads())
            oven.done.callback("apple")
            self.assertEqual(["Your cake: apple."], alice.reads())

    def test_program_asks_and_reads_later(self) -> None:
        """A request of a program can be answered later, and not twice."""
        oven = Oven()
        with Server(plugins=[oven, Echo()]) as server:
            robot = server.program("robot")
            request = robot.requests("bake")
            self.assertFalse(request.is_answered())
            with self.assertRaises(AssertionError):
                request.answer()
            oven.done.callback("plum")
            self.assertEqual("plum", request.answer()["cake"])
            with self.assertRaises(AssertionError):
                request.answer()

    def test_program_that_expects_an_answer_at_once_is_told_what_to_do(self) -> None:
        """C{asks} fails with a sentence where the command waits, and not with a KeyError."""
        oven = Oven()
        with Server(plugins=[oven]) as server:
            robot = server.program("robot")
            with self.assertRaises(AssertionError) as caught:
                robot.asks("bake")
            self.assertIn("requests('bake')", str(caught.exception))
            oven.done.callback("plum")

    def test_time_passes_when_the_test_says_so(self) -> None:
        """A command that waits for twenty seconds is answered after C{wait(20)}, and the test does not wait."""
        from twisted.internet.task import Clock

        clock = Clock()
        with Server(plugins=[Kettle(clock)], clock=clock) as server:
            alice = server.guest("alice")
            alice.types("/boil")
            server.wait(19)
            self.assertEqual([], alice.reads())
            server.wait(1)
            self.assertEqual(["It boils."], alice.reads())


class ErrorTests(SynchronousTestCase):
    """What the server logs while a test runs."""

    def fails(self) -> str:
        """What a test says in which a command fails."""
        with self.assertRaises(AssertionError) as caught, Server(plugins=[Bug()]) as server:
            server.guest("alice").types("/bug")
        self.flushLoggedErrors(ZeroDivisionError)
        return str(caught.exception)

    def test_command_that_fails_makes_the_test_fail(self) -> None:
        """A bug in a command is no silent line in a log: the test says it, with the traceback."""
        said = self.fails()
        self.assertIn("ZeroDivisionError", said)
        self.assertIn("test_server.py", said)

    def test_expected_errors_can_be_taken(self) -> None:
        """A test that wants the error reads it, and passes."""
        with Server(plugins=[Bug()]) as server:
            server.guest("alice").types("/bug")
            self.assertEqual(1, len(server.errors()))
            self.assertEqual([], server.errors())
        self.flushLoggedErrors(ZeroDivisionError)

    def test_refusal_is_no_error(self) -> None:
        """What is refused with a sentence is no error of the server."""

        class Never(Command):
            name = "never"
            summary = "refuse"

            def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Outcome:
                raise NotFound("There is nothing.")

        with Server(plugins=[Never()]) as server:
            alice = server.guest("alice")
            alice.types("/never")
            self.assertEqual(["! There is nothing."], alice.reads())

    def test_failure_of_the_test_is_not_hidden(self) -> None:
        """Where the test itself fails, its own failure is what its author reads."""

        def breaks() -> None:
            with Server(plugins=[Bug()]) as server:
                server.guest("alice").types("/bug")
                raise KeyError("x")

        self.assertRaises(KeyError, breaks)
        self.flushLoggedErrors(ZeroDivisionError)


class RecipeTests(SynchronousTestCase):
    """Two nodes, and an upgrade."""

    def test_two_nodes_are_one_server(self) -> None:
        """People on two nodes meet in one room, and both nodes have the plugin."""
        with Server(plugins=[Echo()]) as north, north.another_node("south") as south:
            alice, bob = north.guest("alice"), south.guest("bob")
            alice.reads()
            alice.types("hello")
            self.assertEqual(["<alice> hello"], bob.reads())
            bob.types("/echo hi")
            self.assertEqual(["hi"], bob.reads())

    def test_upgrade_leaves_everybody_connected(self) -> None:
        """After an upgrade the same people talk on, and the new process has its own plugin objects."""
        with Server(plugins=[Echo()]) as old:
            alice, bob, robot = old.guest("alice"), old.guest("bob"), old.program("robot")
            alice.reads(), bob.reads()
            with old.upgraded(plugins=[Oven()]) as new:
                self.assertEqual(([], []), (alice.reads(), bob.reads()))
                alice.types("still here")
                self.assertEqual(["<alice> still here"], bob.reads())
                self.assertTrue(robot.asks("who")["ok"])
                bob.types("/echo gone")
                self.assertIn("There is no command /echo", bob.reads()[0])
                third = new.upgraded()
                alice.types("once more")
                self.assertEqual(["<alice> once more"], bob.reads())
                third.stop()

    def test_upgrade_with_a_command_that_never_ends(self) -> None:
        """An upgrade stops a plugin's command that never ends: its caller reads why, and stays."""
        with Server(plugins=[Oven()]) as old:
            alice = old.guest("alice")
            alice.types("/bake")
            alice.reads()
            with old.upgraded(plugins=[Oven()]):
                self.assertEqual(
                    ["! /bake was stopped because the server is being upgraded. Try it again."], alice.reads()
                )
                alice.types("/bake", "still here")
                self.assertEqual([], alice.reads())

    def test_upgrade_with_a_disk_that_hangs(self) -> None:
        """Where a message is never kept, an upgrade would fail, and the test says so."""
        never: Deferred[None] = Deferred()

        async def hang(batch: object) -> None:
            await never

        with self.assertRaises(AssertionError) as caught, Server(plugins=[]) as server:
            alice = server.guest("alice")
            self.patch(server.services.batches, "_keep", hang)
            alice.types("hello")
            server.upgraded()
        self.assertIn("still running", str(caught.exception))
