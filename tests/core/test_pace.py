"""
Slow mode: who said something last, and what counts while it is not kept yet.
"""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from chatroom.core import pace
from chatroom.core.pace import Pace, Reservations
from chatroom.core.throttle import Throttle
from chatroom.errors import TooSoon
from chatroom.events import MEMBERS, SlowSet
from tests.core.world import World

keys = st.sampled_from("abc")
times = st.integers(0, 20).map(float)
steps = st.lists(st.tuples(st.sampled_from(("note", "wait", "forget")), keys, keys, times))


class PaceTests(SynchronousTestCase):
    """One thing in so many seconds."""

    @given(steps)
    def test_it_counts_as_a_throttle_does(self, steps: list[tuple[str, str, str, float]]) -> None:
        """Everybody has to wait as long as a throttle of one try would let them, whatever was asked before."""
        paced, throttle, now = Pace(5), Throttle(1, 5), 0.0
        for verb, key, other, passed in steps:
            now += passed
            self.assertEqual(throttle.wait(key, now), paced.wait(key, now))
            throttle.wait(other, now)
            if verb == "note":
                paced.note(key, now)
                throttle.note(key, now)
            elif verb == "forget":
                paced.forget(key)
                throttle.forget(key)

    def test_a_wait_goes_along_with_another_key(self) -> None:
        """What counted for one key counts for another, and the first is free of it."""
        paced = Pace(5)
        paced.note("a", 1.0)
        paced.rename("a", "b")
        self.assertEqual((0.0, 4.0), (paced.wait("a", 2.0), paced.wait("b", 2.0)))
        paced.rename("nobody", "b")
        self.assertEqual(4.0, paced.wait("b", 2.0))

    def test_asking_changes_nothing(self) -> None:
        """A clock that was ahead when somebody asked, and is set back, has not let anybody off."""
        paced = Pace(5)
        paced.note("alice", 100.0)
        self.assertEqual(0.0, paced.wait("alice", 1000.0))
        self.assertEqual(4.0, paced.wait("alice", 101.0))

    def test_longest_quiet_are_forgotten_first(self) -> None:
        """The number of people remembered is bounded."""
        self.patch(pace, "_KEYS", 2)
        paced = Pace(5)
        for key in ("alice", "bob", "alice", "carol"):
            paced.note(key, 1.0)
        self.assertEqual([5.0, 0.0, 5.0], [paced.wait(key, 1.0) for key in ("alice", "bob", "carol")])


class ReservationTests(SynchronousTestCase):
    """What was decided and is not kept yet, in an attic in slow mode."""

    def setUp(self) -> None:
        """Alice owns the attic; bob and carl are in it."""
        self.world = World()
        self.chat = self.world.chat
        for nick in ("alice", "bob", "carl"):
            self.world.arrive(nick, "north")
        self.world.wish("create", "alice", "", "attic", "north", False)
        for nick in ("bob", "carl"):
            self.world.wish("join", nick, "", "attic", "north", False)
        self.world.happen(SlowSet(1.0, "attic", "alice", seconds=30))
        self.alice, self.bob, self.carl = (
            self.chat.directory.person_on_line(nick) for nick in ("alice", "bob", "carl")
        )

    def test_second_line_of_a_batch_waits(self) -> None:
        """The first is not kept yet, and counts all the same; for others, and for operators, it does not."""
        self.chat.talk.say(5.0, self.bob, "attic", "one", False)
        refusal = self.assertRaises(TooSoon, self.chat.talk.say, 5.0, self.bob, "attic", "two", False)
        self.assertIn("Try again in 30 seconds.", refusal.sentence)
        self.chat.talk.say(5.0, self.carl, "attic", "one", False)
        for text in ("one", "two"):
            self.chat.talk.say(5.0, self.alice, "attic", text, False)

    def test_lines_of_the_batch_under_way_count(self) -> None:
        """While a batch is being written, the next one fills, and knows of it."""
        self.chat.talk.say(5.0, self.bob, "attic", "one", False)
        self.chat.reserved.begin()
        self.assertRaises(TooSoon, self.chat.talk.say, 6.0, self.bob, "attic", "two", False)

    def test_lost_line_costs_no_wait(self) -> None:
        """A batch that is not kept takes its reservations with it."""
        self.chat.talk.say(5.0, self.bob, "attic", "one", False)
        self.chat.reserved.begin()
        self.chat.reserved.end()
        self.chat.talk.say(6.0, self.bob, "attic", "one", False)

    def test_kept_line_counts_by_the_state(self) -> None:
        """When the reservation ends, what happened has taken its place."""
        line = self.chat.talk.say(5.0, self.bob, "attic", "one", False)
        self.chat.reserved.begin()
        self.world.happen(line)
        self.chat.reserved.end()
        self.assertRaises(TooSoon, self.chat.talk.say, 6.0, self.bob, "attic", "two", False)
        self.chat.talk.say(35.0, self.bob, "attic", "two", False)

    def test_all_that_a_room_reads_is_reserved(self) -> None:
        """A line, a topic, another nickname and a farewell with words are the same to slow mode."""
        room = self.chat.directory.room("attic")
        self.world.happen(self.chat.settings.set_topic_by(4.0, self.alice, room, MEMBERS))
        wishes: list[Callable[[], object]] = [
            lambda: self.chat.talk.say(5.0, self.bob, "attic", "one", False),
            lambda: self.chat.settings.set_topic(5.0, self.bob, room, "tea"),
            lambda: self.chat.visits.rename(5.0, self.bob, "rob", False),
            lambda: self.chat.membership.leave(5.0, self.bob, room, "bye"),
        ]
        for wish in wishes:
            wish()
            self.assertRaises(TooSoon, self.chat.talk.check_pace, room, self.bob, 5.0)
            self.chat.reserved.begin()
            self.chat.reserved.end()
        self.chat.membership.leave(5.0, self.bob, room, "")
        self.chat.talk.check_pace(room, self.bob, 5.0)

    def test_nothing_is_reserved_elsewhere(self) -> None:
        """Where there is no slow mode, a batch need not ask."""
        self.world.happen(SlowSet(2.0, "attic", "alice", seconds=0))
        self.chat.talk.say(5.0, self.bob, "attic", "one", False)
        self.assertFalse(self.chat.reserved.any)

    def test_reservations_end_with_their_own_batch(self) -> None:
        """The end of the batch before does not end what was decided meanwhile."""
        reserved = Reservations()
        reserved.reserve("attic", "bob", 1.0)
        reserved.begin()
        reserved.reserve("attic", "carl", 2.0)
        reserved.end()
        self.assertEqual(
            (None, 2.0, True), (reserved.last("attic", "bob"), reserved.last("attic", "carl"), reserved.any)
        )
