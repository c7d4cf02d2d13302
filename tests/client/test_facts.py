"""
Answers of servers that may send anything.
"""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from chatroom import wire
from chatroom.client.facts import Facts, to_event
from chatroom.events import Said

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=12,
)
HI = Said(1767225600.0, "lobby", "bob", 7, "hi")


class FactsTests(SynchronousTestCase):
    """Reading without trust."""

    def test_as_promised(self) -> None:
        """What has the type it should have is read."""
        facts = Facts({"nick": "bob", "last": 7, "more": True, "lines": ["a", "b"], "gap": [1, 2], "view": {"x": 1}})
        self.assertEqual("bob", facts.text("nick"))
        self.assertEqual(7, facts.number("last"))
        self.assertTrue(facts.flag("more"))
        self.assertEqual(("a", "b"), facts.texts("lines"))
        self.assertEqual((1, 2), facts.numbers("gap"))
        self.assertEqual(1, facts.object("view").number("x"))

    def test_missing(self) -> None:
        """What is not there is empty."""
        facts = Facts({})
        self.assertEqual(
            ("", 0, False, (), ()),
            (facts.text("a"), facts.number("a"), facts.flag("a"), facts.texts("a"), facts.events()),
        )
        self.assertFalse(facts.object("a"))

    def test_truth_is_no_number(self) -> None:
        """C{true} is a flag and not the number 1."""
        self.assertEqual(0, Facts({"last": True}).number("last"))
        self.assertFalse(Facts({"more": 1}).flag("more"))

    @given(JSON)
    def test_anything(self, value: Any) -> None:
        """Whatever a server sends as a fact, reading it gives a value of the type asked for."""
        facts = Facts({"fact": value})
        self.assertIsInstance(facts.text("fact"), str)
        self.assertIsInstance(facts.number("fact"), int)
        self.assertTrue(all(isinstance(each, str) for each in facts.texts("fact")))
        self.assertTrue(all(isinstance(each, Facts) for each in facts.objects("fact")))
        self.assertIsInstance(facts.events("fact"), tuple)
        self.assertIsInstance(len(Facts(value)), int)

    def test_events(self) -> None:
        """Events in a list are events; what is none, or of a kind unknown, is left out."""
        known = wire.to_object(HI)
        facts = Facts({"events": [known, {"event": "levitated", "at": "x"}, 7, None, {"event": []}]})
        self.assertEqual((HI,), facts.events())
        self.assertEqual((HI,), facts.room_events())

    @given(st.dictionaries(st.sampled_from(["event", "at", "room", "seq", "nick", "text", "until"]), JSON))
    def test_any_event(self, made: dict[str, Any]) -> None:
        """No object makes reading an event fail."""
        to_event(made)
        to_event({**made, "event": "said"})
        to_event({**made, "event": "muted", "until": "9999-12-31T23:59:59Z"})
