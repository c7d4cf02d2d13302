"""
Messages that wait: none is lost, changed or passed by, and they take little more than their bytes.
"""

from __future__ import annotations

import sys

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from chatroom.doors.backlog import PACK, Backlog

messages = st.one_of(st.none(), st.sampled_from([b"", b"ab", b"\n", b"two\nlines"]), st.binary(max_size=20))


class BacklogTests(SynchronousTestCase):
    """A line of people, who do not push."""

    @given(st.lists(st.one_of(messages, st.just("take")), max_size=40), st.integers(0, 2 * PACK))
    def test_first_in_first_out(self, steps: list[bytes | str | None], many: int) -> None:
        """Whatever is put in comes out as it was, in order, however the two take turns."""
        backlog, put, taken = Backlog(), list[bytes | None](), list[bytes | None]()
        for step in [*steps, *([b"x"] * many), *steps]:
            if isinstance(step, str):
                taken += backlog.take()
            else:
                backlog.put(step)
                put.append(step)
            self.assertEqual(put[len(taken) :], list(backlog))
            self.assertEqual(put[len(taken) :] != [], bool(backlog))
        while backlog:
            some = list(backlog.take())
            self.assertTrue(some)
            taken += some
        self.assertEqual(put, taken)
        self.assertEqual([], list(backlog.take()))

    def test_small(self) -> None:
        """A hundred thousand empty lines, or thirty thousand short ones, take less than twice what was sent."""
        for message, count in ((b"", 98_304), (b"ab", 32_768)):
            backlog = Backlog()
            for _ in range(count):
                backlog.put(message)
            kept = sum(sys.getsizeof(pack) + 8 for pack in backlog._packs)
            self.assertLess(kept, 2 * count * len(message + b"\n"))
