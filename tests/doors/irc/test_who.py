"""
WHO: rows of people, with the fields that a client asks for.
"""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from chatroom.doors.irc.who import FIELDS, WhoRequest, WhoRow, flags, long_row, parsed_who, short_row

ROW = WhoRow("#den", "~bob", "bob.chat", "chat", "bob", "H@", "bob", "Bob B.", idle=7)


class WhoTests(SynchronousTestCase):
    """What WHO asks for, and what it is answered with."""

    def test_as_clients_ask(self) -> None:
        """What irssi, WeeChat and old clients send is understood."""
        for params, meant in {
            ("#den", "%tcuhnfdar,743"): WhoRequest("#den", False, "tcuhnfdar", "743"),
            ("#den", "%cuhsnfdar"): WhoRequest("#den", False, "cuhsnfdar", "0"),
            ("bob",): WhoRequest("bob", False, None, "0"),
            (): WhoRequest("", False, None, "0"),
            ("*", "o"): WhoRequest("*", True, None, "0"),
            ("*", "o%nt,1"): WhoRequest("*", True, "tn", "1"),
            ("*", "%"): WhoRequest("*", False, "", "0"),
            ("*", "%n,1234"): WhoRequest("*", False, None, "0"),
        }.items():
            self.assertEqual(meant, parsed_who(params), params)

    def test_rows(self) -> None:
        """Fields come in the order of the specification, whatever the order in which they are asked for."""
        self.assertEqual(("#den", "~bob", "bob.chat", "chat", "bob", "H@", "0 Bob B."), short_row(ROW))
        fields = parsed_who(("#den", "%ratn,42")).fields or ""
        self.assertEqual(("42", "bob", "bob", "Bob B."), long_row(ROW, fields, "42"))
        self.assertEqual(len(FIELDS), len(long_row(ROW, FIELDS, "1")))

    def test_flags(self) -> None:
        """Here or gone, staff, the signs of the room, a bot: in this order."""
        self.assertEqual("H", flags(away=False, staff=False, bot=False, signs=""))
        self.assertEqual("G*~@B", flags(away=True, staff=True, bot=True, signs="~@"))

    @given(st.lists(st.text(max_size=20), max_size=4))
    def test_anything(self, params: list[str]) -> None:
        """Whatever a client asks for, each field comes once."""
        asked = parsed_who(tuple(params))
        if asked.fields is not None:
            self.assertEqual(len(asked.fields), len(long_row(ROW, asked.fields, asked.token)))
            self.assertEqual(len(set(asked.fields)), len(asked.fields))
