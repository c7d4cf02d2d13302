"""
Filters: what they may do to a line, what happens when they fail, and how they are found.
"""

from __future__ import annotations

from collections.abc import Callable
from textwrap import dedent

from twisted.trial.unittest import SynchronousTestCase

from chatroom.errors import Filtered
from chatroom.interfaces import ITalkFilter, Role, Utterance, provides
from chatroom.limits import Limits
from chatroom.plugins.filters import Filters, find_filters, make_filters
from chatroom.plugins.watch import PluginWatch
from chatroom.testing import Server
from tests.plugins.finding import Finding, warnings


@provides(ITalkFilter)
class Made:
    """A filter that does what a test says, and writes down what it sees."""

    def __init__(self, look: Callable[[Utterance], object], reload: Callable[[], None] = lambda: None) -> None:
        self.seen: list[Utterance] = []
        self._look = look
        self.reload = reload

    def look(self, line: Utterance) -> str:
        """See L{ITalkFilter.look}."""
        self.seen.append(line)
        return self._look(line)  # type: ignore[return-value]  # some tests want just that


def passes(line: Utterance) -> str:
    """Everything is well."""
    return line.text


class FilterTests(SynchronousTestCase):
    """Alice says something, and bob reads what is left of it."""

    def server(self, *filters: Made, limits: Limits | None = None) -> Server:
        """Both are in the lobby, and have read everything."""
        server = Server(limits, filters=filters)
        self.bob, self.alice = server.guest("bob"), server.guest("alice")
        self.bob.reads()
        return server

    def test_what_it_sees(self) -> None:
        """Who says what where, clean; and no whispers, commands or refused lines."""
        made = Made(passes)
        server = self.server(made, limits=Limits(text_length=20))
        self.alice.types("hel\x1blo", "/me waves", "@bob psst", "/who", "x" * 30, "/create attic", "up here")
        carol = server.account("carol")
        carol.types("hi")
        self.assertEqual(
            [
                Utterance("lobby", "alice", False, Role.MEMBER, "hello"),
                Utterance("lobby", "alice", False, Role.MEMBER, "waves", act=True),
                Utterance("attic", "alice", False, Role.OWNER, "up here"),
                Utterance("lobby", "carol", True, Role.MEMBER, "hi"),
            ],
            made.seen,
        )

    def test_refuses(self) -> None:
        """With its own sentence; programs read its code."""

        def refuse(line: Utterance) -> str:
            raise Filtered("Not on this server.")

        server = self.server(Made(refuse))
        self.alice.types("hello")
        self.assertEqual((["! Not on this server."], []), (self.alice.reads(), self.bob.reads()))
        self.assertEqual("filtered", server.program("robot").asks("say", text="hello")["error"])

    def test_refused_line_does_not_count_in_slow_mode(self) -> None:
        """Nothing was said."""

        def refuse(line: Utterance) -> str:
            if "heck" in line.text:
                raise Filtered("Not on this server.")
            return line.text

        self.server(Made(refuse))
        self.alice.types("/create attic", "/slow 30")
        self.bob.types("/join attic")
        self.bob.reads()
        self.bob.types("heck", "hello")
        self.assertEqual(["! Not on this server."], self.bob.reads())

    def test_replaces(self) -> None:
        """The author is told; a program by an event."""
        server = self.server(Made(lambda line: line.text.replace("heck", "goodness")))
        self.alice.types("heck", "hello")
        self.assertEqual(["<alice> goodness", "<alice> hello"], self.bob.reads())
        told = "A filter changed your message; others see: goodness"
        self.assertEqual([f"-- {told}"], self.alice.reads())
        robot = server.program("robot")
        robot.asks("say", text="heck")
        self.assertEqual([("changed", told)], [(event["code"], event["text"]) for event in robot.hears()])

    def test_what_it_leaves_is_clean_and_no_longer_than_allowed(self) -> None:
        """A filter can be wrong, and terminals are not to suffer for it."""
        self.server(Made(lambda line: "\x1b[31m" + line.text * 10), limits=Limits(text_length=20))
        self.alice.types("red")
        self.assertEqual(["<alice> [31mredredredredredr"], self.bob.reads())

    def test_nothing_left(self) -> None:
        """Is refused."""
        self.server(Made(lambda line: "\x1b "))
        self.alice.types("hello")
        (line,) = self.alice.reads()
        self.assertEqual("! Your message was blocked by a filter.", line)

    def test_several_in_order(self) -> None:
        """Each sees what the one before has left."""
        second = Made(lambda line: line.text + "!")
        self.server(Made(lambda line: line.text.upper()), second)
        self.alice.types("hello")
        self.assertEqual(["<alice> HELLO!"], self.bob.reads())
        self.assertEqual("HELLO", second.seen[0].text)

    def test_fails(self) -> None:
        """It is written down, and the line passes: a bad plugin may not keep a server silent."""
        self.server(Made(lambda line: 1 / 0), Made(lambda line: None), Made(lambda line: line.text + "!"))
        self.alice.types("hello")
        self.assertEqual(["<alice> hello!"], self.bob.reads())

    def test_failure_is_a_sentence(self) -> None:
        """The log has one sentence a minute for a filter that fails at every line: its name, its file, and the line."""
        self.server(Made(lambda line: 1 / 0))
        with warnings() as logged:
            self.alice.types(*["hello"] * 10)
        self.assertEqual(10, len(self.bob.reads()))
        [sentence] = logged
        for word in (
            "The filter Made (",
            "test_filters.py) failed: ZeroDivisionError",
            "test_filters.py:",
            "as it was.",
        ):
            self.assertIn(word, sentence)
        self.assertNotIn("Traceback", sentence)

    def test_whatever_it_raises(self) -> None:
        """A filter that tries to end the process does not silence the server."""

        def exits(line: Utterance) -> str:
            raise SystemExit(1)

        class Wordless(Filtered):
            def __init__(self) -> None:
                pass

        def refuses(line: Utterance) -> str:
            raise Wordless

        self.server(Made(exits), Made(refuses), Made(lambda line: "x" * 1_000_000), Made(lambda line: line.text + "!"))
        self.alice.types("hello")
        self.assertEqual(["<alice> hello!"], self.bob.reads())

    def test_blocking_is_noticed(self) -> None:
        """A filter that keeps everybody waiting is named in the log, with how long, and counted."""

        def slow(line: Utterance) -> str:
            server.clock.rightNow += 0.3
            return line.text

        server = self.server(Made(slow))
        with warnings() as logged:
            self.alice.types("hello")
        self.assertEqual(["<alice> hello"], self.bob.reads())
        self.assertIn("test_filters.py) blocked the server for 0.30 seconds.", logged[0])
        self.assertEqual(1, server.services.watch.blocked["filter", "Made"])

    def test_without_filters_nothing_is_timed(self) -> None:
        """A line costs nothing for filters that are not there."""
        server = self.server()
        self.patch(server.services.watch, "ran", None)
        self.patch(server.services.watch, "seconds", None)
        self.alice.types("hello")
        self.assertEqual(["<alice> hello"], self.bob.reads())


class ReloadTests(SynchronousTestCase):
    """At SIGHUP."""

    def test_each_reads_its_files_again(self) -> None:
        """One that cannot is told of in a sentence, and does not keep the others from it."""
        read: list[str] = []

        def unreadable() -> None:
            raise ValueError("rules.ini: no such file or directory")

        def broken() -> None:
            raise ZeroDivisionError

        filters = [Made(passes, unreadable), Made(passes, broken), Made(passes, lambda: read.append("third"))]
        with warnings() as logged:
            Filters([("rules:rules.ini", each) for each in filters], PluginWatch(lambda: 0.0)).reload()
        self.assertEqual(["third"], read)
        self.assertIn(
            "The filter rules:rules.ini keeps its old settings: rules.ini: no such file or directory.", logged
        )
        self.assertIn("ZeroDivisionError", logged[1])
        self.assertIn("It keeps its old settings.", logged[1])


SHOUT = """
    from twisted.plugin import IPlugin
    from zope.interface import implementer
    from chatroom.interfaces import IFilterFactory, ITalkFilter

    @implementer(ITalkFilter)
    class Shout:
        def look(self, line):
            return line.text.upper()

        def reload(self):
            pass

    @implementer(IPlugin, IFilterFactory)
    class Factory:
        name = "shout"

        def make(self, argument):
            if argument:
                raise ValueError("it takes nothing behind the colon")
            return Shout()

    shout = Factory()
"""


class FindingTests(Finding):
    """What is installed."""

    def test_found_and_made(self) -> None:
        """By its name."""
        self.install("shout_plugin.py", SHOUT)
        self.assertEqual(["shout"], list(find_filters(self.package)))
        self.assertIsInstance(make_filters(["shout", "shout:"], self.package), Filters)

    def test_none_wanted(self) -> None:
        """Without a filter there is nothing to ask, whatever is installed."""
        self.install("shout_plugin.py", SHOUT)
        self.assertIsNone(make_filters([], self.package))

    def test_unknown(self) -> None:
        """The refusal says which there are."""
        self.install("shout_plugin.py", SHOUT)
        error = self.assertRaises(ValueError, make_filters, ["rules:x"], self.package)
        self.assertEqual("no filter called 'rules' is installed; installed are: shout", str(error))

    def test_not_made(self) -> None:
        """With what the factory has to say, and of which."""
        self.install("shout_plugin.py", SHOUT)
        error = self.assertRaises(ValueError, make_filters, ["shout:loud"], self.package)
        self.assertEqual("shout:loud: it takes nothing behind the colon", str(error))

    def test_two_of_one_name(self) -> None:
        """Both files are named."""
        first, second = self.install("a_shout.py", SHOUT), self.install("b_shout.py", SHOUT)
        error = str(self.assertRaises(ValueError, make_filters, ["shout"], self.package))
        self.assertIn(first, error)
        self.assertIn(second, error)

    def cannot_be_made(self, was: str, now: str) -> str:
        """Why a filter that is this in place of that does not come into force."""
        self.install("shout_plugin.py", dedent(SHOUT).replace(was, now))
        self.forget()
        return str(self.assertRaises(ValueError, make_filters, ["shout"], self.package))

    def test_none_is_made(self) -> None:
        """A factory that forgets to give its filter back is told so when the server starts."""
        error = self.cannot_be_made("return Shout()", "Shout()")
        self.assertIn("shout: make gave back None and not a filter (", error)
        self.assertIn("shout_plugin.py", error)

    def test_filter_that_forgets_to_give_text_back(self) -> None:
        """A filter is tried before it is in force, and named with its file."""
        error = self.cannot_be_made("return line.text.upper()", "line.text.upper()")
        self.assertIn(
            "shout: for the message 'hello', it gave back an object of the type NoneType, and not text", error
        )
        self.assertIn("shout_plugin.py", error)

    def test_filter_that_lacks_a_method(self) -> None:
        """What a filter has to have is asked for when it is made."""
        self.assertIn("reload", self.cannot_be_made("def reload(self)", "def reread(self)"))
        self.assertIn("look", self.cannot_be_made("def look(self, line)", "def look(self)"))

    def test_filter_that_fails_at_once(self) -> None:
        """The sentence has the file and the line."""
        error = self.cannot_be_made("return line.text.upper()", "return line.txt")
        self.assertIn("shout: it fails on the message 'hello': AttributeError", error)
        self.assertIn("shout_plugin.py:", error)

    def test_factory_that_fails(self) -> None:
        """Whatever it raises."""
        self.assertIn("it cannot be made: ZeroDivisionError", self.cannot_be_made("return Shout()", "return 1 / 0"))
        self.assertIn("it cannot be made: SystemExit", self.cannot_be_made("return Shout()", "raise SystemExit(1)"))

    def test_filter_that_refuses_all(self) -> None:
        """To refuse is no fault."""
        source = dedent(SHOUT).replace("return line.text.upper()", "raise Filtered('No.')")
        self.install("shout_plugin.py", "from chatroom.errors import Filtered\n" + source)
        self.assertIsInstance(make_filters(["shout"], self.package), Filters)

    def test_name_that_cannot_be_asked_for(self) -> None:
        """A factory without a name, or with a colon in it, is left out with a line in the log."""
        for name in ("''", "'a:b'", "None", "5"):
            self.install("shout_plugin.py", dedent(SHOUT).replace('"shout"', name))
            self.forget()
            with warnings() as logged:
                self.assertEqual({}, find_filters(self.package))
            self.assertIn("text without a colon", logged[0])

    def test_those_in_force_are_listed(self) -> None:
        """An operator can read which filters are in force, with their files."""
        path = self.install("shout_plugin.py", SHOUT)
        self.assertEqual(f"shout: ({path})", str(make_filters(["shout:"], self.package)))

    def test_broken_one_is_left_out(self) -> None:
        """With a line in the log."""
        self.install("shout_plugin.py", dedent(SHOUT).replace("def make(self, argument)", "def make(self)"))
        with warnings() as logged:
            self.assertEqual({}, find_filters(self.package))
        self.assertEqual(1, len(logged))
        self.assertIn("shout_plugin.py", logged[0])
