"""
People: who is here, what they are called, and whom one would rather not read.
"""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from chatroom import __version__
from chatroom.commands.views import NAMES
from chatroom.limits import Limits
from chatroom.testing import Guest, Server

CROWD = 510
"""People in one room, of whom a program is told in more answers than one."""


class People(SynchronousTestCase):
    """Alice and bob are in the lobby."""

    def setUp(self) -> None:
        """Both have read everything."""
        self.server = Server()
        self.alice, self.bob = self.server.guest("alice"), self.server.guest("bob")
        self.alice.reads()

    def answer(self, guest: Guest, typed: str) -> str:
        """The one line that comes when this is typed."""
        guest.reads()
        guest.types(typed)
        (line,) = guest.reads()
        return line


class WhoTests(People):
    """C{/who}."""

    def test_room_looked_at(self) -> None:
        """In the order of their names, with what one should know of them."""
        self.bob.types("/create attic")
        carol = self.server.guest("Carol")
        carol.types("/join attic", "/away lunch")
        self.assertEqual("In attic (2 people): bob (owner, guest), Carol (guest, away)", self.answer(self.bob, "/who"))

    def test_other_rooms_and_the_server(self) -> None:
        """A room one is in, or everybody."""
        self.bob.types("/create attic")
        self.assertEqual("In lobby (2 people): alice (guest), bob (guest)", self.answer(self.bob, "/names lobby"))
        self.assertEqual("In attic (1 person): bob (owner, guest)", self.answer(self.bob, "/who #Attic"))
        self.assertEqual("On the server (2 people): alice (guest), bob (guest)", self.answer(self.bob, "/who *"))
        self.assertTrue(self.answer(self.alice, "/who attic").startswith("! You are not in attic"))

    def test_from_no_room(self) -> None:
        """Whoever is in no room sees the server."""
        self.alice.types("/leave")
        self.assertEqual("On the server (2 people): alice (guest), bob (guest)", self.answer(self.alice, "/who"))

    def test_crowd(self) -> None:
        """People read so many names and how many more; programs get all of them, page by page."""
        server = Server(Limits(max_per_address=0, new_per_minute=0))
        for number in range(CROWD):
            server.guest(f"guest{number:03}")
        robot = server.program("robot")
        answer = robot.asks("who")
        self.assertEqual(CROWD + 1, answer["people_total"])
        self.assertTrue(answer["lines"][0].endswith(f" and {CROWD + 1 - NAMES:,} more"))
        people = answer["people"]
        while answer["next"] is not None:
            answer = robot.asks("who", after=answer["next"])
            people += answer["people"]
        names = [person["nick"] for person in people]
        self.assertEqual([f"guest{number:03}" for number in range(CROWD)] + ["robot"], names)

    def test_programs_read_facts(self) -> None:
        """Of each person."""
        self.alice.types("/away lunch")
        answer = self.server.program("robot").asks("who", room="*")
        self.assertIsNone(answer["room"])
        alice = answer["people"][0]
        self.assertEqual(
            {
                "nick": "alice", "account": False, "away": "lunch", "since": alice["since"], "role": "nobody",
                "staff": "none", "bot": False,
            },
            alice,
        )  # fmt: skip
        self.assertTrue(alice["since"].startswith("2026-01-01T00:00:"), alice["since"])


class NickTests(People):
    """C{/nick}."""

    def test_change_is_told_to_all(self) -> None:
        """All read of another nickname, and the person is called by it from then on."""
        self.assertEqual("You are alicia.", self.answer(self.alice, "/nick alicia"))
        self.assertEqual(["-- alice is now called alicia."], self.bob.reads())
        self.assertEqual("You are alicia.", self.answer(self.alice, "/nick"))

    def test_name_of_somebody_else(self) -> None:
        """Is refused, in any letter case."""
        self.assertIn("already taken", self.answer(self.alice, "/nick BOB"))


class AwayTests(People):
    """C{/away} and C{/back}."""

    def test_others_are_told(self) -> None:
        """When one goes, why, and when one is back."""
        self.assertEqual("You are away: lunch. /back ends it.", self.answer(self.alice, "/away lunch"))
        self.assertEqual(["-- alice is away: lunch"], self.bob.reads())
        self.assertEqual("Welcome back.", self.answer(self.alice, "/back"))
        self.assertEqual(["-- alice is back."], self.bob.reads())

    def test_a_reason_that_is_a_sentence(self) -> None:
        """A reason that ends a sentence gets no second full stop, for its author and for others."""
        for reason in ("Lunch.", "later..", "Lunch?", "\u5403\u996d\u3002", "later\u2026"):
            self.assertEqual(f"You are away: {reason} /back ends it.", self.answer(self.alice, f"/away {reason}"))
            self.bob.reads()
            self.assertIn(f" Away: {reason} A guest", self.answer(self.bob, "/info alice"))

    def test_without_a_reason(self) -> None:
        """There is always one to read."""
        self.alice.types("/away")
        self.assertEqual(["-- alice is away: not at the keyboard"], self.bob.reads())


class InfoTests(People):
    """C{/info}."""

    def test_guest(self) -> None:
        """Since when, and that the name is not proved."""
        self.server.wait(7500)
        self.assertEqual(
            "alice connected 2 hours 5 minutes ago. A guest, without an account.", self.answer(self.bob, "/info alice")
        )

    def test_account(self) -> None:
        """Also when nobody is logged in to it."""
        dora = self.server.account("Dora")
        dora.types("/away lunch")
        self.assertEqual(
            "Dora connected just now. Away: lunch. With an account since 2026-01-01.",
            self.answer(self.bob, "/whois @dora"),
        )
        dora.types("/quit")
        self.assertEqual("Dora is not here. With an account since 2026-01-01.", self.answer(self.bob, "/info dora"))
        facts = self.server.program("robot").asks("info", nick="dora")
        self.assertEqual(("Dora", True, False), (facts["nick"], facts["account"], facts["online"]))
        self.assertEqual((None, ""), (facts["since"], facts["away"]))
        self.assertTrue(facts["created"].startswith("2026-01-01T00:00:"), facts["created"])

    def test_nobody(self) -> None:
        """A refusal."""
        self.assertTrue(
            self.answer(self.bob, "/info nobody").startswith("! There is no person or account of that name")
        )

    def test_server(self) -> None:
        """Its version, how full it is, and who one is oneself."""
        self.alice.types("/info")
        self.assertEqual(
            [
                f"This is chatroom {__version__}, with 2 people in 1 room.",
                "You are alice, a guest, in lobby.",
            ],
            self.alice.reads(),
        )
        facts = self.server.program("robot").asks("info")
        self.assertEqual((__version__, 3, 1), (facts["version"], facts["people_total"], facts["rooms_total"]))
        self.assertEqual(("robot", False, ["lobby"]), (facts["nick"], facts["account"], facts["rooms"]))


class IgnoreTests(People):
    """C{/ignore} and C{/unignore}."""

    def test_ignored_people_are_not_read(self) -> None:
        """Until one wants to again."""
        self.assertEqual("You are now ignoring alice. /unignore alice ends it.", self.answer(self.bob, "/ignore alice"))
        self.alice.types("hello", "@bob hello")
        self.assertEqual("You are ignoring: alice", self.answer(self.bob, "/ignore"))
        self.assertEqual("You are no longer ignoring alice.", self.answer(self.bob, "/unignore @alice"))
        self.assertEqual("You are not ignoring anyone.", self.answer(self.bob, "/ignore"))
        self.alice.types("hello")
        self.assertEqual(["<alice> hello"], self.bob.reads())

    def test_ignored_people_are_not_heard_going_away(self) -> None:
        """What they write behind C{/away} is theirs as much as a line is."""
        self.bob.types("/ignore alice")
        self.bob.reads()
        self.alice.types("/away buy my watches", "/back")
        self.assertEqual([], self.bob.reads())

    def test_another_nickname_does_not_help(self) -> None:
        """Whoever is ignored stays so under it, in talk and in whispers."""
        self.bob.types("/ignore alice")
        self.alice.types("/nick mallory", "hello", "@bob hello", "/nick mallet", "hello again")
        self.assertFalse(any("hello" in line for line in self.bob.reads()))
        self.assertEqual("You are ignoring: alice, mallet, mallory", self.answer(self.bob, "/ignore"))

    def test_list_grows_no_longer_than_it_may(self) -> None:
        """However often somebody takes another nickname: then only the new one is in it."""
        self.server.limits.become(Limits(ignores=2))
        self.bob.types("/ignore alice")
        self.alice.types("/nick mallory", "/nick mallet", "/nick maggot", "hello")
        self.assertEqual("You are ignoring: alice, maggot", self.answer(self.bob, "/ignore"))
        self.assertFalse(any("hello" in line for line in self.bob.reads()))

    def test_somebody_not_ignored(self) -> None:
        """Cannot be unignored."""
        self.assertTrue(self.answer(self.bob, "/unignore alice").startswith("! "))

    def test_programs_read_the_list(self) -> None:
        """In every answer."""
        robot = self.server.program("robot")
        self.assertEqual(["alice"], robot.asks("ignore", nick="Alice")["ignored"])
        self.assertEqual(["alice"], robot.asks("ignore")["ignored"])
        self.assertEqual([], robot.asks("unignore", nick="alice")["ignored"])
