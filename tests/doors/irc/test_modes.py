"""
Modes: signs, letters and their parameters.
"""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from chatroom.doors.irc.modes import MOST_CHANGES, ModeChange, room_modes, user_modes, written_modes

changes = st.lists(
    st.builds(
        lambda on, letter, parameter: ModeChange(on, letter, parameter if letter in "bko" else None),
        st.booleans(),
        st.sampled_from("bkoint"),
        st.from_regex(r"[a-z*!@.]{1,8}", fullmatch=True),
    ),
    min_size=1,
    max_size=MOST_CHANGES,
)


class ModeTests(SynchronousTestCase):
    """What MODE asks for."""

    def test_changes(self) -> None:
        """Signs hold until the next one, letters take their parameters in order, and lists can be asked for."""
        for params, meant in {
            ("+k", "secret"): [(True, "k", "secret")],
            ("+kb-i", "secret", "bob"): [(True, "k", "secret"), (True, "b", "bob"), (False, "i", None)],
            ("b",): [(True, "b", None)],
            ("+b", "bob", "+b", "eve"): [(True, "b", "bob"), (True, "b", "eve")],
            ("-k",): [(False, "k", None)],
            ("-+i",): [(True, "i", None)],
            ("+o-o", "bob", "eve"): [(True, "o", "bob"), (False, "o", "eve")],
            ("+",): [],
            (): [],
        }.items():
            self.assertEqual(meant, list(room_modes(params).changes), params)

    def test_unknown(self) -> None:
        """Letters that are none are named once each, and the others are done all the same."""
        asked = room_modes(("+Zixz", "5"))
        self.assertEqual("Zxz", asked.unknown)
        self.assertEqual((ModeChange(True, "i"),), asked.changes)
        self.assertEqual("Z", user_modes(("+iZ",)).unknown)

    def test_most(self) -> None:
        """A line asks for no more changes than 005 says."""
        asked = room_modes(("+" + "i" * (MOST_CHANGES + 1),))
        self.assertEqual((MOST_CHANGES, True), (len(asked.changes), asked.left_over))
        self.assertFalse(room_modes(("+" + "i" * MOST_CHANGES,)).left_over)

    @given(changes)
    def test_read_again(self, made: list[ModeChange]) -> None:
        """What is written is read again as it was."""
        self.assertEqual(tuple(made), room_modes(written_modes(made)).changes)

    @given(st.lists(st.text(max_size=30), max_size=8))
    def test_anything(self, params: list[str]) -> None:
        """Whatever the parameters are, each letter is a change or unknown."""
        for asked in (room_modes(params), user_modes(params)):
            self.assertLessEqual(len(asked.changes), MOST_CHANGES)
            self.assertFalse({change.letter for change in asked.changes} & set(asked.unknown))
