"""
The body of a turn: what goes to the database comes back as it was.
"""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from chatroom.events import Acted, Event, Said
from tests.e2e import postgres as running

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
FIELDS = st.one_of(TEXT, st.sampled_from(["a\x1eb", "\x1f", "\x1e", "", "[1]", '"']))
LINES = st.builds(
    lambda made, at, room, nick, text, nonce, bot: made(at / 1000, room, nick, 0, text, nonce, bot),
    st.sampled_from([Said, Acted]),
    st.integers(0, 2**41),
    FIELDS,
    FIELDS,
    FIELDS,
    FIELDS,
    st.booleans(),
)


class BodyTests(SynchronousTestCase):
    """What is said, as one node writes it and another reads it."""

    def setUp(self) -> None:
        """psycopg is there."""
        running.skip_or_fail()

    @given(st.lists(LINES, min_size=1, max_size=8))
    def test_lines(self, lines: list[Event]) -> None:
        """Whatever a line holds, also what stands between fields, the other node reads it as it was."""
        from chatroom.backends.postgres.turn import body_of, events_of

        _, body = body_of(lines)
        seqs = list(range(7, 7 + len(lines)))
        told = [replace(line, seq=seq) for line, seq in zip(lines, seqs, strict=True)]  # type: ignore[call-arg]
        self.assertEqual(told, events_of(body, seqs))

    def test_what_it_is(self) -> None:
        """Plain talk is kept in columns; what holds the end of a field is kept like any other event."""
        from chatroom.backends.postgres.turn import ANY, ONE, TALK, body_of

        plain, odd = Said(1.0, "lobby", "alice", text="hello"), Said(1.0, "lobby", "alice", text="a\x1fb")
        kinds = [body_of(batch)[0] for batch in ([plain], [plain, plain], [odd], [plain, odd])]
        self.assertEqual([ONE, TALK, ANY, ANY], kinds)

    @given(st.lists(st.tuples(LINES, st.integers(1, 2**40)), max_size=5))
    def test_facts(self, facts: list[tuple[Event, int]]) -> None:
        """What many slots hold is read at once as it is read one by one."""
        from chatroom.backends.postgres.turn import event_of, events_kept, kept_text

        found = [(kept_text(event), seq) for event, seq in facts]
        self.assertEqual(tuple(event_of(text, seq) for text, seq in found), events_kept(found))
