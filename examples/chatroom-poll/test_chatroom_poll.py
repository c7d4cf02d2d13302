"""
Polls, in a whole chat room that exists in memory only.
"""

from __future__ import annotations

from chatroom_poll import Ballot, EndPoll, OpenPoll, Poll, Results, Vote
from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase
from zope.interface.verify import verifyObject

from chatroom.backends.memory import MemoryBackend, MemoryStore
from chatroom.commands.base import Command
from chatroom.errors import Filtered, NotKept
from chatroom.interfaces import ICommand, IPluginService, ITalkFilter, PageRequest, Utterance, interface, provides
from chatroom.plugins.find import find
from chatroom.testing import Guest, Server


def words(poll: Poll) -> dict[str, Command]:
    """All commands, and those of polls: they need not be installed."""
    own = [made(poll) for made in (OpenPoll, Vote, Results, EndPoll)]
    return {**find(), **{each.name: each for each in own}}


class PollCase(SynchronousTestCase):
    """Alice and bob are in the lobby."""

    options: dict[str, str] = {}

    def setUp(self) -> None:
        """A server with polls on a store that outlives it."""
        self.disk = MemoryStore()
        self.open_server()
        self.alice, self.bob = self.server.guest("alice"), self.server.guest("bob")
        self.alice.reads()

    def open_server(self) -> None:
        """A server that starts on what the last one has kept."""
        self.poll = Poll()
        self.server = Server(
            store=self.disk,
            commands=words(self.poll),
            services=[self.poll],
            plugin_options={"poll": self.options},
        )

    def does(self, who: Guest, typed: str) -> list[str]:
        """What somebody reads who types this; all others have read everything then."""
        for each in (self.alice, self.bob):
            each.reads()
        who.types(typed)
        return who.reads()

    def opens(self, typed: str = '/poll "Tea or coffee?" tea "black coffee" time=10m') -> None:
        """Alice opens a poll."""
        self.assertRegex(self.does(self.alice, typed)[-1], "You opened poll")


class OpenTests(PollCase):
    """A poll begins."""

    def test_the_room_reads_it(self) -> None:
        """The room reads the question and the numbered choices, in the name of the person who asks."""
        self.opens()
        self.assertEqual(
            ["* alice opens poll 1: Tea or coffee? 1 tea, 2 black coffee. Vote with /vote NUMBER, within 10 minutes."],
            self.bob.reads(),
        )

    def test_programs_ask_with_a_list(self) -> None:
        """A program sends the choices as a list, and has the number in the answer."""
        robot = self.server.program("robot")
        answer = robot.asks("poll", question="Tea?", choices=["yes", "no, thanks"], time="2h")
        self.assertEqual((True, 1, ["yes", "no, thanks"]), (answer["ok"], answer["poll"], answer["choices"]))
        self.assertEqual("bad-arguments", robot.asks("poll", question=["Tea?"], choices=["yes", "no"])["error"])

    def test_what_is_no_poll(self) -> None:
        """What is no poll is refused with what to type, and the room reads nothing."""
        for typed, sentence in {
            "/poll": "Missing QUESTION. Usage: /poll QUESTION CHOICES ...",
            "/poll Tea?": "Missing CHOICES",
            "/poll Tea? yes": "A poll has 2 to 10 choices",
            "/poll Tea? " + "a b c d e f g h i j k": "A poll has 2 to 10 choices",
            "/poll Tea? yes YES": "no choice stands there twice",
            '/poll "" yes no': "Missing QUESTION",
            '/poll " " yes no': "need words",
            '/poll Tea? yes ""': "need words",
            '/poll "Tea? yes no': "The quote before 'Tea? yes no' is not closed",
            '/poll Tea? yes "no': "The quote before 'no' is not closed",
            "/poll Tea? yes no time=1s": "A poll is open from 1m to 28d.",
            "/poll Tea? yes no time=forever": "A poll is open from 1m to 28d.",
            "/poll Tea? yes no time=soon": "'soon' is not a duration",
            f"/poll {'x' * 201} yes no": "at most 200 characters",
        }.items():
            self.assertIn(sentence, " ".join(self.does(self.alice, typed)), typed)
            self.assertEqual([], self.bob.reads())
        self.assertEqual([], self.poll.polls())

    def test_so_many_in_one_room(self) -> None:
        """One room has three open polls, and one more when one is closed."""
        for _ in range(3):
            self.opens()
        self.assertIn("lobby has 3 open polls.", self.does(self.alice, "/poll Tea? yes no")[-1])
        self.does(self.alice, "/endpoll 2")
        self.opens()

    def test_who_is_muted_asks_nothing(self) -> None:
        """Who may not talk may not ask."""
        mia = self.server.staff("mia")
        mia.types("/mute alice 1h")
        self.assertIn("muted", " ".join(self.does(self.alice, "/poll Tea? yes no")))
        self.assertEqual([], self.poll.polls())

    def test_nothing_is_kept_where_nothing_can_be(self) -> None:
        """When the disk fails, there is neither the line nor the poll."""
        self.disk.failing = NotKept("The disk is full.")
        self.assertIn("The disk is full", " ".join(self.does(self.alice, "/poll Tea? yes no")))
        self.disk.failing = None
        self.assertEqual(([], []), (self.poll.polls(), self.bob.reads()))


@provides(ITalkFilter)
class Stars:
    """A filter that stars a word out, and refuses another one."""

    def look(self, line: Utterance) -> str:
        """See L{ITalkFilter.look}."""
        if "darn" in line.text:
            raise Filtered("No.")
        return line.text.replace("heck", "****")

    def reload(self) -> None:
        """Nothing."""


class PollFilterTests(SynchronousTestCase):
    """Polls are talk."""

    def test_filtered(self) -> None:
        """What a filter refuses or changes is no poll."""
        poll = Poll()
        server = Server(commands=words(poll), services=[poll], filters=[Stars()])
        alice = server.guest("alice")
        alice.types("/poll darn? yes no", "/poll heck? yes no")
        read = "\n".join(alice.reads())
        self.assertIn("! No.", read)
        self.assertIn("! A filter changed your words, so no poll was opened.", read)
        self.assertEqual([], poll.polls())


class VoteTests(PollCase):
    """Votes."""

    def setUp(self) -> None:
        super().setUp()
        self.opens()

    def test_by_number_and_by_word(self) -> None:
        """A vote is a number or the words of a choice; only the voter reads of it."""
        self.assertEqual(["You voted for black coffee in poll 1."], self.does(self.bob, "/vote 2"))
        self.assertEqual([], self.alice.reads())
        self.assertEqual(["You voted for tea in poll 1."], self.does(self.alice, "/vote TEA 1"))
        self.assertEqual(
            ["Poll 1, open for 10 minutes: Tea or coffee? tea 1, black coffee 1."], self.does(self.bob, "/results")
        )

    def test_one_vote_each(self) -> None:
        """Nobody has two votes: not by asking twice, nor under another nickname."""
        self.does(self.bob, "/vote 2")
        for typed in ("/vote 1", "/nick carol", '/vote "black coffee"'):
            read = self.does(self.bob, typed)
        self.assertEqual(["! You have voted in poll 1 already."], read)
        self.assertEqual((0, 1), self.poll.counts(self.poll.polls()[0]))

    def test_one_account_has_one_vote(self) -> None:
        """Whoever is connected twice by one account has one vote."""
        one = self.server.account("dora")
        two = self.server.connection()
        two.types("/login dora correct horse battery")
        one.types("/vote 1")
        self.assertIn("You have voted in poll 1 already.", self.does(two, "/vote 2")[-1])

    def test_two_votes_in_one_moment(self) -> None:
        """Of two votes by one account in the same turn, one counts."""
        one = self.server.account("dora")
        two = self.server.connection()
        two.types("/login dora correct horse battery")
        one.protocol.dataReceived(b"/vote 1\n")
        two.protocol.dataReceived(b"/vote 2\n")
        self.server.settle()
        self.assertEqual(1, sum(self.poll.counts(self.poll.polls()[0])))

    def test_what_is_no_vote(self) -> None:
        """What is no choice, no poll, or a poll of another room is refused."""
        for typed, sentence in {
            "/vote": "Missing CHOICE",
            "/vote 3": "Poll 1 has no such choice. Tea or coffee? 1 tea, 2 black coffee",
            "/vote 0": "no such choice",
            "/vote -1": "no such choice",
            "/vote 99999999999999999999": "no such choice",
            "/vote \u0662": "no such choice",
            "/vote 1 7": "There is no poll 7 here.",
            "/vote 1 x": "poll must be a whole number",
        }.items():
            self.assertIn(sentence, " ".join(self.does(self.bob, typed)), typed)
        self.does(self.bob, "/create den")
        self.assertIn("There is no poll 1 here.", self.does(self.bob, "/vote 1 1")[-1])
        self.assertIn("There is no poll 1 here.", self.does(self.bob, "/results 1")[-1])

    @given(st.text(max_size=30))
    def test_any_vote(self, typed: str) -> None:
        """Whatever is typed is a choice, or none."""
        found = Ballot(1, "lobby", "?", ("tea", "coffee"), "x", 0.0).index(typed)
        self.assertIn(found, (None, 0, 1))


class AccountsTests(PollCase):
    """Where only accounts vote."""

    options = {"voters": "accounts"}

    def test_guests(self) -> None:
        """A guest is told so."""
        self.opens()
        self.assertIn("Only people with an account vote here.", self.does(self.bob, "/vote 1")[-1])
        dora = self.server.account("dora")
        self.assertEqual(["You voted for tea in poll 1."], self.does(dora, "/vote 1"))


class CloseTests(PollCase):
    """A poll ends."""

    def test_in_time(self) -> None:
        """When its time is over, the room reads the result, and no vote counts any more."""
        self.opens()
        self.does(self.bob, "/vote 2")
        self.server.wait(599)
        self.assertEqual([], self.alice.reads())
        self.server.wait(1)
        self.assertEqual(["<poll> Poll 1 is closed: Tea or coffee? black coffee 1, tea 0."], self.alice.reads())
        self.assertIn("Poll 1 is closed.", self.does(self.alice, "/vote 1")[-1])
        self.assertIn("Poll 1, closed: Tea or coffee? black coffee 1, tea 0.", self.does(self.alice, "/results")[-1])
        self.assertEqual(("poll:1",), self.server.plugins.running["poll"].server.store().keys())

    def test_by_who_opened_it_and_by_operators(self) -> None:
        """Nobody else may close it."""
        self.opens()
        self.assertIn("Only the person who opened poll 1", self.does(self.bob, "/endpoll")[-1])
        self.does(self.alice, "/endpoll")
        self.assertIn("Poll 1 is closed", self.bob.reads()[-1])
        self.assertIn("Poll 1 is closed already.", self.does(self.alice, "/endpoll")[-1])
        self.opens()
        mia = self.server.staff("mia")
        self.does(mia, "/endpoll")
        self.assertIsNotNone(self.poll.polls()[-1].counts)

    def test_vote_that_crosses_with_the_end(self) -> None:
        """A vote of the same moment counts, or its voter is told that it does not."""
        for first, second in ((b"/vote 1\n", b"/endpoll\n"), (b"/endpoll\n", b"/vote 1\n")):
            self.opens()
            self.does(self.alice, "")
            by = {b"/vote 1\n": self.bob, b"/endpoll\n": self.alice}
            self.bob.reads()
            for typed in (first, second):
                by[typed].protocol.dataReceived(typed)
            self.server.settle()
            voted = "You voted" in "\n".join(self.bob.reads())
            self.assertEqual((int(voted), 0), self.poll.polls()[-1].counts)

    def test_closed_ones_are_forgotten(self) -> None:
        """So many closed polls are kept, and the oldest go."""
        self.server.plugins.reload({"poll": {"keep": "2"}})
        for _ in range(4):
            self.opens()
            self.does(self.alice, "/endpoll")
        self.assertEqual([3, 4], [each.number for each in self.poll.polls()])

    def test_room_that_is_closed(self) -> None:
        """The polls of a room end with it."""
        self.does(self.alice, "/create den")
        self.opens()
        self.does(self.alice, "/leave")
        self.assertEqual([], self.poll.polls())
        self.server.wait(700)
        self.assertEqual([], self.flushLoggedErrors())


class RemindTests(PollCase):
    """Who joins reads of an open poll."""

    def test_at_most_so_often(self) -> None:
        """The first who joins reads of it, and the next one after ten minutes."""
        self.opens('/poll "Tea?" yes no time=1h')
        reminder = "<poll> Poll 1 is open: Tea? 1 yes, 2 no. Vote with /vote NUMBER."
        self.server.guest("carol")
        self.assertIn(reminder, self.bob.reads())
        self.server.guest("dora")
        self.assertNotIn(reminder, self.bob.reads())
        self.server.wait(600)
        self.server.guest("eve")
        self.assertIn(reminder, self.bob.reads())


class BrowserTests(PollCase):
    """The page, and the numbers for the operator."""

    def html(self) -> str:
        """The page."""
        answer = self.poll.page(PageRequest("", {}))
        assert answer is not None and isinstance(answer.body, str)
        return answer.body

    def test_results(self) -> None:
        """The page shows each choice with its votes, and no other page is there."""
        self.assertIn("There are no polls.", self.html())
        self.opens()
        self.does(self.bob, "/vote 2")
        for part in (
            "<h2>Tea or coffee?</h2>",
            "Poll 1 in lobby, open",
            "<td>black coffee</td><td>1</td>",
            "<td>tea</td><td>0</td>",
        ):
            self.assertIn(part, self.html())
        self.does(self.alice, "/endpoll")
        self.assertIn("Poll 1 in lobby, closed", self.html())
        self.assertIsNone(self.poll.page(PageRequest("1", {})))

    def test_text_of_people(self) -> None:
        """What people wrote is text, whatever is in it."""
        self.opens('/poll "<script>alert(1)</script>" "<b>" "&amp;"')
        self.assertNotIn("<script>alert", self.html())
        self.assertIn("&lt;script&gt;alert(1)&lt;/script&gt;", self.html())
        self.assertIn("<td>&amp;amp;</td>", self.html())

    def test_rooms_that_are_not_public(self) -> None:
        """Polls of a room that is invite-only are on no page."""
        self.does(self.alice, "/create den")
        self.opens()
        self.does(self.alice, "/private")
        self.assertNotIn("Tea or coffee", self.html())

    def test_numbers(self) -> None:
        """Votes and open polls are counted."""
        self.opens()
        self.does(self.bob, "/vote 2")
        running = self.server.plugins.running["poll"].server
        self.assertEqual(({"votes": 1}, {"open": 1}), (running.counts, running.gauges))


class LifeTests(PollCase):
    """Restarts, upgrades and several nodes."""

    def test_restart(self) -> None:
        """After a restart, a poll has its votes, takes more, and ends when it should."""
        self.opens()
        self.does(self.bob, "/vote 2")
        self.server.wait(300)
        now = self.server.now()
        self.server.stop()
        self.open_server()
        self.server.jump(now - self.server.now())
        self.open_server_again(now)

    def open_server_again(self, now: float) -> None:
        """The rest of the test: half of the time is over."""
        carol = self.server.guest("carol")
        carol.types("/vote 1")
        self.assertIn("You voted for tea in poll 1.", carol.reads())
        self.assertEqual((1, 1), self.poll.counts(self.poll.polls()[0]))

    def test_time_that_passed_while_it_was_stopped(self) -> None:
        """A poll whose time was over meanwhile is closed at the start."""
        self.opens()
        self.server.stop()
        clock = Clock()
        clock.advance(3600)
        poll = Poll()
        server = Server(store=self.disk, commands=words(poll), services=[poll], clock=clock)
        server.settle()
        self.assertEqual((0, 0), poll.polls()[0].counts)

    def test_upgrade(self) -> None:
        """The next process has the poll, and does not remind again."""
        self.opens()
        self.server.guest("carol")
        suspending = Deferred.fromCoroutine(self.server.hub.suspend())
        self.server.settle()
        poll = Poll()
        server = Server(
            store=self.disk,
            commands=words(poll),
            services=[poll],
            present=self.successResultOf(suspending),
            states=self.server.plugins.states,
        )
        dora, eve = server.guest("dora"), server.guest("eve")
        self.assertFalse([line for line in dora.reads() if "is open" in line])
        eve.types("/vote 1")
        self.assertIn("You voted for tea in poll 1.", eve.reads())

    def test_two_nodes(self) -> None:
        """A poll is one poll on all nodes: one vote each, and one result."""
        clock, disk = Clock(), MemoryStore()
        polls = Poll(), Poll()
        north, south = (
            Server(node=name, clock=clock, backend=MemoryBackend(disk, clock), commands=words(poll), services=[poll])
            for name, poll in zip(("north", "south"), polls, strict=True)
        )
        alice, bob = north.guest("alice"), south.guest("bob")
        alice.types('/poll "Tea?" yes no time=10m')
        bob.types("/vote 1")
        alice.types("/vote 2")
        self.assertEqual([(1, 1), (1, 1)], [poll.counts(poll.polls()[0]) for poll in polls])
        bob.reads()
        north.wait(700)
        self.assertEqual(["<poll> Poll 1 is closed: Tea? yes 1, no 1."], bob.reads())

    def test_node_that_dies(self) -> None:
        """Another node closes the poll of one that is gone."""
        clock, disk = Clock(), MemoryStore()
        polls = Poll(), Poll()
        north, south = (
            Server(node=name, clock=clock, backend=MemoryBackend(disk, clock), commands=words(poll), services=[poll])
            for name, poll in zip(("north", "south"), polls, strict=True)
        )
        north.guest("alice").types('/poll "Tea?" yes no time=10m')
        bob = south.guest("bob")
        south.settle()
        disk.kill("north")
        polls[0].server.end()  # type: ignore[attr-defined]
        bob.reads()
        south.wait(700)
        self.assertIn("<poll> Poll 1 is closed: Tea? yes 0, no 0.", bob.reads())

    def test_contracts_are_kept(self) -> None:
        """The server would leave them out otherwise."""
        self.assertTrue(verifyObject(interface(IPluginService), self.poll))
        for made in (OpenPoll, Vote, Results, EndPoll):
            self.assertTrue(verifyObject(interface(ICommand), made(self.poll)))
