"""
How rooms, people and pages look in an answer, where a whole server would be too much to ask.
"""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from chatroom.commands import views
from chatroom.events import Missed, Said
from chatroom.interfaces import Login, Page, Person, Role


def somebody(nick: str, role: Role = Role.MEMBER, away: str = "") -> Person:
    """On line since 1970."""
    return Person(nick, False, away, 0.0, role)


class NamesTests(SynchronousTestCase):
    """One line of names."""

    def test_what_others_should_know(self) -> None:
        """Rank, absence, and that anybody could be called so."""
        people = [somebody("alice", Role.OWNER, "lunch"), somebody("bob", Role.OPERATOR), somebody("carol", away="x")]
        self.assertEqual(
            "alice (owner, guest, away), bob (operator, guest), carol (guest, away)", views.names(people, 3)
        )

    def test_crowd(self) -> None:
        """Is counted from the first name that is left out."""
        people = [somebody(f"n{number}") for number in range(views.NAMES + 1)]
        self.assertFalse(views.names(people[:-1], views.NAMES).endswith("more"))
        self.assertTrue(views.names(people, views.NAMES + 1).endswith(f", n{views.NAMES - 1} (guest) and 1 more"))
        self.assertTrue(views.names(people[:10], 5000).endswith(", n9 (guest) and 4,990 more"))

    def test_a_list_that_has_changed(self) -> None:
        """Is read anew: only what cannot change is taken for the same."""
        people = [somebody("alice")]
        self.assertEqual("alice (guest)", views.names(people, 1))
        people.append(somebody("bob"))
        self.assertEqual("alice (guest), bob (guest)", views.names(people, 2))


class LaterTests(SynchronousTestCase):
    """Facts that only programs look at."""

    def test_worked_out_once_and_only_if_looked_at(self) -> None:
        """A crowd of people who come in does not pay for what no program reads."""
        made = []

        def make() -> dict[str, object]:
            made.append("made")
            return {"nick": "alice", "rooms": [1]}

        facts = views.Later(make)
        self.assertEqual([], made)
        self.assertEqual({"nick": "alice", "rooms": [1]}, facts)
        self.assertEqual(["nick", "rooms"], [name for name, _ in facts.items()])
        self.assertEqual(("alice", 2, True), (facts["nick"], len(facts), bool(facts)))
        self.assertEqual(["made"], made)


class PageTests(SynchronousTestCase):
    """A page of history."""

    def test_gap_comes_first(self) -> None:
        """What is not kept any more is older than what is."""
        said = Said(7.0, "lobby", "bob", 9, "hello")
        gap, event, hint = views.page_parts(Page("lobby", (said,), True, (3, 8)), 10.0, "/history 9")
        self.assertEqual(Missed(10.0, "lobby", "", 3, 8), gap)
        self.assertIs(said, event)
        self.assertEqual("More: /history 9", hint)

    def test_facts_hold_events_as_they_are(self) -> None:
        """Doors write them as they write any other; a gap is a list, as JSON has no pairs."""
        said = Said(7.0, "lobby", "bob", 9, "hello")
        facts = views.page_facts(Page("lobby", (said,), False, (3, 8)))
        self.assertEqual({"room": "lobby", "events": [said], "more": False, "gap": [3, 8]}, facts)


class WaitingTests(SynchronousTestCase):
    """The inbox, as it is announced."""

    def test_nothing_one_and_many(self) -> None:
        """In good English."""
        for waiting, said in {
            0: (),
            1: ("1 whisper waits for you: /inbox",),
            1200: ("1,200 whispers wait for you: /inbox",),
        }.items():
            self.assertEqual(said, views.waiting_parts(Login("dora", True, None, waiting, None)))
