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
        self.assertEqual(1, len(self.flushLoggedErrors(ZeroDivisionError)))
        self.assertEqual(1, len(self.flushLoggedErrors(TypeError)))


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
            Filters([("rules:rules.ini", each) for each in filters]).reload()
        self.assertEqual(["third"], read)
        self.assertIn(
            "The filter rules:rules.ini keeps its old settings: rules.ini: no such file or directory.", logged
        )
        self.assertEqual(1, len(self.flushLoggedErrors(ZeroDivisionError)))


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

    def test_broken_one_is_left_out(self) -> None:
        """With a line in the log."""
        self.install("shout_plugin.py", dedent(SHOUT).replace("def make(self, argument)", "def make(self)"))
        with warnings() as logged:
            self.assertEqual({}, find_filters(self.package))
        self.assertEqual(1, len(logged))
        self.assertIn("shout_plugin.py", logged[0])
