"""
The hall, held to what it promises, whoever comes and goes.
"""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from chatroom.doors.pending import PendingConnections
from chatroom.limits import Limits

steps = st.lists(st.tuples(st.sampled_from("abc"), st.booleans()), max_size=60)


class HallTests(SynchronousTestCase):
    """With room for five, and for three of one network."""

    @given(steps)
    def test_never_more_than_there_is_room_for(self, steps: list[tuple[str, bool]]) -> None:
        """There are never more than there is room for, in all or of one network; the first of the crowd has to go."""
        hall: PendingConnections[int] = PendingConnections(Limits(unregistered=5, unregistered_per_address=3))
        inside: dict[int, str] = {}
        for number, (network, goes) in enumerate(steps):
            if goes:
                first = next(iter(inside), -1)
                hall.leave(first)
                inside.pop(first, None)
                continue
            crowds = {each: [who for who, where in inside.items() if where == each] for each in "abc"}
            displaced = hall.enter(number, network, float(number))
            if len(crowds[network]) == 3:
                self.assertEqual(crowds[network][0], displaced)
            elif len(inside) == 5:
                assert displaced is not None
                crowd = crowds[inside[displaced]]
                self.assertEqual((displaced, max(map(len, crowds.values()))), (crowd[0], len(crowd)))
            else:
                self.assertIsNone(displaced)
            inside.pop(displaced if displaced is not None else -1, None)
            inside[number] = network
            self.assertEqual(len(inside), len(hall))
        self.assertEqual(list(inside), hall.overdue(1000.0))
        self.assertEqual((0, {}), (len(hall), hall._crowds))

    def test_overdue(self) -> None:
        """After their time, and not before; whoever has gone is not waited for."""
        hall: PendingConnections[str] = PendingConnections(Limits(register_time=60))
        for second, who in enumerate(("early", "gone", "late")):
            hall.enter(who, "", float(second))
        hall.leave("gone")
        self.assertEqual([[], ["early"], ["late"]], [hall.overdue(now) for now in (59.5, 61.5, 62.0)])
