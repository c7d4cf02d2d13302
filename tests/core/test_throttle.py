"""
How often something may be tried: so many times in any so many seconds, and no more.
"""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from chatroom.core import throttle
from chatroom.core.throttle import Throttle

moments = st.lists(st.integers(0, 60), max_size=40).map(sorted)


class ThrottleTests(SynchronousTestCase):
    """Three tries in ten seconds."""

    def setUp(self) -> None:
        """Nobody has tried anything."""
        self.throttle = Throttle(3, 10.0)

    def tries(self, key: str, *moments: float) -> None:
        """So many tries, at these times."""
        for at in moments:
            self.throttle.note(key, at)

    def test_so_many_are_free(self) -> None:
        """A number of tries are free, and the next one waits."""
        self.tries("a", 0, 1)
        self.assertEqual(0.0, self.throttle.wait("a", 2))
        self.tries("a", 2)
        self.assertEqual(8.0, self.throttle.wait("a", 2))

    def test_waiting_is_over_when_the_first_is_old(self) -> None:
        """To the moment."""
        self.tries("a", 0, 1, 2)
        self.assertGreater(self.throttle.wait("a", 9.99), 0)
        self.assertEqual(0.0, self.throttle.wait("a", 10))
        self.tries("a", 10)
        self.assertEqual(1.0, self.throttle.wait("a", 10))

    def test_keys_do_not_wait_for_each_other(self) -> None:
        """Nobody pays for somebody else."""
        self.tries("a", 0, 0, 0)
        self.assertEqual(0.0, self.throttle.wait("b", 0))

    def test_forgotten_key_starts_afresh(self) -> None:
        """It proved to be honest."""
        self.tries("a", 0, 0, 0)
        self.throttle.forget("a")
        self.assertEqual(0.0, self.throttle.wait("a", 0))
        self.throttle.forget("nobody")

    def test_tries_under_way_take_places(self) -> None:
        """All that are under way may turn out to count; until one does, nobody has to wait for time to pass."""
        self.tries("a", 0)
        for _ in range(2):
            self.assertTrue(self.throttle.has_place("a", 1))
            self.throttle.begin("a")
        self.assertFalse(self.throttle.has_place("a", 1))
        self.assertEqual(0.0, self.throttle.wait("a", 1))
        self.throttle.end("a")
        self.assertTrue(self.throttle.has_place("a", 1))
        self.throttle.end("a")
        self.tries("a", 2, 2)
        self.assertFalse(self.throttle.has_place("a", 3))
        self.assertEqual(7.0, self.throttle.wait("a", 3))

    def test_memory_is_bounded(self) -> None:
        """A flood of names forgets those longest quiet, not those who try now."""
        self.patch(throttle, "_KEYS", 10)
        self.tries("a", 0, 0)
        for number in range(20):
            self.tries(f"flood {number}", 1)
            if number == 5:
                self.tries("a", 1)
        self.assertEqual(0.0, self.throttle.wait("flood 0", 1))
        self.tries("flood 19", 1, 1)
        self.assertGreater(self.throttle.wait("flood 19", 1), 0)

    @given(moments)
    def test_never_more_than_so_many_in_any_window(self, moments: list[int]) -> None:
        """Whoever tries only when they may never tries more often than that; and waiting is never in vain."""
        throttle, allowed = Throttle(3, 10.0), []
        for at in moments:
            wait = throttle.wait("a", at)
            if wait == 0:
                throttle.note("a", at)
                allowed.append(at)
            else:
                self.assertLessEqual(wait, 10.0)
        for at in allowed:
            self.assertLessEqual(sum(at <= other < at + 10 for other in allowed), 3)

    @given(moments)
    def test_waiting_so_long_is_enough(self, moments: list[int]) -> None:
        """What it says is true."""
        throttle = Throttle(3, 10.0)
        for at in moments:
            throttle.note("a", at)
        last = moments[-1] if moments else 0
        self.assertEqual(0.0, throttle.wait("a", last + throttle.wait("a", last)))
