"""
Arguments of commands: as people type them, and as programs name them.
"""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from chatroom.commands.base import Command
from chatroom.errors import BadArguments
from chatroom.interfaces import Parameter
from chatroom.server.session.arguments import named, parse


class Send(Command):
    """Two words and the rest of the line; and something only programs give."""

    name = "send"
    parameters = (
        Parameter("nick"),
        Parameter("thing", required=False),
        Parameter("note", required=False, rest=True),
        Parameter("before", required=False, by_name=True),
    )


class Nothing(Command):
    """No argument at all."""

    name = "nothing"


SEND, NOTHING = Send(), Nothing()


class TypedTests(SynchronousTestCase):
    """What a person types behind the word."""

    def test_words_in_order(self) -> None:
        """Each fills the next parameter."""
        self.assertEqual({"nick": "bob"}, parse(SEND, "bob"))
        self.assertEqual({"nick": "bob", "thing": "cake"}, parse(SEND, "bob cake"))

    def test_rest_is_kept_as_typed(self) -> None:
        """Spaces and all, but for those around it."""
        self.assertEqual({"nick": "bob", "thing": "cake", "note": "with  love"}, parse(SEND, " bob  cake  with  love "))

    def test_too_little_is_refused_with_the_usage(self) -> None:
        """Too little is refused with the usage, so that one can copy it."""
        refusal = self.assertRaises(BadArguments, parse, SEND, "  ")
        self.assertIn("/send NICK [THING] [NOTE ...]", refusal.sentence)

    def test_too_much_is_refused_with_the_usage(self) -> None:
        """Rather than thrown away silently."""
        self.assertEqual({}, parse(NOTHING, ""))
        refusal = self.assertRaises(BadArguments, parse, NOTHING, "at all")
        self.assertIn("/nothing", refusal.sentence)

    @given(st.text(max_size=30))
    def test_what_is_typed_never_fills_what_only_programs_give(self, typed: str) -> None:
        """What is typed never fills what only programs give, and breaks nothing."""
        try:
            made = parse(SEND, typed)
        except BadArguments:
            return
        self.assertNotIn("before", made)
        self.assertTrue(all(made.values()))


class NamedTests(SynchronousTestCase):
    """What a program sends by name."""

    def test_in_any_order(self) -> None:
        """Also what people cannot give."""
        sent = {"before": "7", "nick": "bob"}
        self.assertEqual(sent, named(SEND, sent))

    def test_missing_is_refused(self) -> None:
        """By its name; what is empty is missing."""
        for sent in ({}, {"thing": "cake"}, {"nick": ""}):
            refusal = self.assertRaises(BadArguments, named, SEND, sent)
            self.assertTrue(refusal.sentence.startswith("Missing NICK. Usage: /"), refusal.sentence)

    def test_unknown_is_refused_with_what_there_is(self) -> None:
        """A typing error in a program is found at once."""
        refusal = self.assertRaises(BadArguments, named, SEND, {"nick": "bob", "nikc": "bob"})
        self.assertIn("nick, thing, note, before", refusal.sentence)
        self.assertRaises(BadArguments, named, NOTHING, {"x": "y"})
