"""
Moments and messages, as clients name them when they scroll back.
"""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from chatroom.doors.irc.times import (
    AtMessage,
    AtMoment,
    BadSelection,
    HistoryRequest,
    TargetsRequest,
    msgid,
    parsed_history,
    parsed_msgid,
    parsed_point,
    server_time,
)

rooms = st.from_regex(r"[a-zé0-9_-]{1,20}", fullmatch=True)


class PointTests(SynchronousTestCase):
    """Places in a history."""

    @given(rooms, st.integers(1, 10**17))
    def test_msgid(self, room: str, seq: int) -> None:
        """A message's identity names its room and its number, also where the room has dashes and digits."""
        self.assertEqual((room, seq), parsed_msgid(msgid(room, seq)))
        self.assertEqual(AtMessage(room, seq), parsed_point(f"msgid={msgid(room, seq)}"))

    @given(st.integers(0, 4_000_000_000_000))
    def test_moment(self, milliseconds: int) -> None:
        """A moment is read as it was written, to the millisecond."""
        written = server_time(milliseconds / 1000)
        self.assertEqual(AtMoment(milliseconds / 1000), parsed_point(f"timestamp={written}"))

    @given(st.text(max_size=30))
    def test_anything(self, text: str) -> None:
        """Whatever a client names, it is a place or refused."""
        for start in ("", "msgid=", "timestamp="):
            try:
                self.assertIsInstance(parsed_point(start + text), AtMoment | AtMessage)
            except ValueError:
                continue

    def test_no_places(self) -> None:
        """Without a number, with number 0, or without a date, it is no place."""
        for text in (
            "*",
            "",
            "msgid=den",
            "msgid=den-0",
            "msgid=-1",
            "msgid=den-1x",
            "timestamp=now",
            "timestamp=5",
            "1",
        ):
            with self.assertRaises(ValueError):
                parsed_point(text)


class HistoryTests(SynchronousTestCase):
    """The parameters of CHATHISTORY."""

    def _refused(self, *params: str) -> tuple[str, tuple[str, ...]]:
        with self.assertRaises(BadSelection) as caught:
            parsed_history(params, 1000)
        return caught.exception.code, caught.exception.about

    def test_ways(self) -> None:
        """Each way has its places, and a limit that is never more than the server's."""
        when, den = "timestamp=1970-01-01T00:00:05.000Z", "msgid=den-7"
        for params, meant in {
            ("latest", "#den", "*", "5"): HistoryRequest("LATEST", "#den", None, None, 5),
            ("LATEST", "#den", den, "5"): HistoryRequest("LATEST", "#den", AtMessage("den", 7), None, 5),
            ("BEFORE", "#den", when, "99999"): HistoryRequest("BEFORE", "#den", AtMoment(5.0), None, 1000),
            ("AFTER", "#den", den, "1"): HistoryRequest("AFTER", "#den", AtMessage("den", 7), None, 1),
            ("AROUND", "bob", den, "9" * 400): HistoryRequest("AROUND", "bob", AtMessage("den", 7), None, 1000),
            ("BETWEEN", "#den", when, den, "5"): HistoryRequest(
                "BETWEEN", "#den", AtMoment(5.0), AtMessage("den", 7), 5
            ),
            ("TARGETS", when, when, "5"): TargetsRequest(5.0, 5.0, 5),
        }.items():
            self.assertEqual(meant, parsed_history(params, 1000))

    def test_faults(self) -> None:
        """What asks for nothing is refused with the word that was at fault."""
        for params in (
            ("BEFORE", "#den", "*", "5"), ("LATEST", "#den"), ("LATEST", "#den", "*"), ("LATEST", "#den", "*", "0"),
            ("LATEST", "#den", "*", "-1"), ("LATEST", "#den", "*", "x"), ("LATEST", "#den", "*", "²"), ("AFTER",),
            ("BETWEEN", "#den", "msgid=den-7", "5"), ("TARGETS", "msgid=den-7", "msgid=den-8", "5"), ("TARGETS",),
        ):  # fmt: skip
            self.assertEqual(("INVALID_PARAMS", (params[0],)), self._refused(*params), params)
        self.assertEqual(("INVALID_PARAMS", ("NEXT",)), self._refused("NEXT", "#den", "*", "5"))
        self.assertEqual(("INVALID_PARAMS", ("*",)), self._refused())

    @given(st.lists(st.text(max_size=12), max_size=6), st.sampled_from("LATEST BEFORE BETWEEN AROUND TARGETS".split()))
    def test_anything(self, params: list[str], way: str) -> None:
        """Whatever the parameters are, they ask for something or are refused."""
        try:
            asked = parsed_history((way, *params), 1000)
        except BadSelection as refused:
            self.assertTrue(refused.sentence)
        else:
            self.assertIn(asked.limit, range(1, 1001))
