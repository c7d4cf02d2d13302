"""
Events as JSON, and back: what programs, browsers, backends and other nodes read.
"""

from __future__ import annotations

import json
from dataclasses import fields
from datetime import datetime, timezone
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from chatroom import wire
from chatroom.events import FOREVER, KINDS, SERVER, Arrived, Joined, Noticed, PasswordSet, RoomBanned, Said
from tests.vocabulary.strategies import any_event, events_of, times

NOON = 1767268800.25
"""2026-01-01 12:00:00.250 UTC."""


class RoundTripTests(SynchronousTestCase):
    """Nothing is lost on the way."""

    @given(any_event)
    def test_every_event_comes_back(self, event: Any) -> None:
        """An event of any kind, with anything in its fields, is read as it was written."""
        again = wire.loads(wire.dumps(event, public=False))
        self.assertIs(type(event), type(again))
        self.assertEqual(event, again)

    @given(any_event)
    def test_every_event_is_one_line_of_utf8(self, event: Any) -> None:
        """Whatever is in it, it is one line for those who split at line ends."""
        line = wire.dumps(event).encode()
        self.assertNotIn(b"\n", line)
        self.assertNotIn(b"\r", line)
        self.assertEqual(event.kind, json.loads(line)["event"])

    @given(events_of(Said))
    def test_talk_is_written_like_everything_else(self, event: Any) -> None:
        """The fast way of writing the commonest event gives the same as the general one."""
        fast, general = json.loads(wire.dumps(event)), wire.to_object(event)
        self.assertEqual(general | {"room": event.room}, fast | {"room": event.room})

    @given(any_event)
    def test_bytes_are_read_as_text_is(self, event: Any) -> None:
        """Who reads from a socket need not decode first."""
        text = wire.dumps(event)
        self.assertEqual(wire.loads(text), wire.loads(text.encode()))

    def test_characters_are_written_as_they_are(self) -> None:
        """Also those beyond the Basic Multilingual Plane: no escapes to undo."""
        self.assertIn('"text":"grüß 🙂"', wire.dumps(Said(NOON, "lobby", "alice", text="grüß 🙂")))


class ObjectTests(SynchronousTestCase):
    """What stands in such an object."""

    def test_talk(self) -> None:
        """Kind, room, number, time, and the fields by their names."""
        self.assertEqual(
            {
                "event": "said",
                "room": "lobby",
                "seq": 7,
                "at": "2026-01-01T12:00:00.250Z",
                "nick": "alice",
                "text": "hi",
            },
            wire.to_object(Said(NOON, "lobby", "alice", 7, "hi")),
        )

    def test_events_of_the_server_have_no_room_and_no_number(self) -> None:
        """They belong to no room's order."""
        made = wire.to_object(Arrived(NOON, SERVER, "alice", account=True, node="n1"))
        self.assertNotIn("room", made)
        self.assertNotIn("seq", made)

    def test_endless_ban_ends_at_null(self) -> None:
        """A ban without end is no ban until 1970."""
        self.assertIs(None, wire.to_object(RoomBanned(NOON, "lobby", "alice", who="bob", until=FOREVER))["until"])

    def test_ban_ends_at_a_time(self) -> None:
        """Times are written alike wherever they stand."""
        made = wire.to_object(RoomBanned(NOON, "lobby", "alice", who="bob", until=NOON + 60))
        self.assertEqual("2026-01-01T12:01:00.250Z", made["until"])

    def test_secrets_are_written_for_backends_only(self) -> None:
        """The hash of a room's password never reaches a person or a program."""
        event = PasswordSet(NOON, "lobby", "alice", hash="$argon2id$secret", on=True)
        self.assertNotIn("secret", wire.dumps(event))
        self.assertNotIn("hash", wire.to_object(event))
        self.assertIn("$argon2id$secret", wire.dumps(event, public=False))

    @given(any_event)
    def test_no_secret_field_is_ever_public(self, event: Any) -> None:
        """Whatever kind gets a secret field, what is public lacks it, and has all others."""
        made = wire.to_object(event)
        wanted = {field.name for field in fields(event)} - set(event.secret)
        if event.room == SERVER:
            wanted.discard("room")
        wanted -= {name for name in wire.SPARING & wanted if not getattr(event, name)}
        self.assertEqual(wanted | {"event"}, set(made))


class TimeTests(SynchronousTestCase):
    """Times on the wire: RFC 3339, in UTC, to the millisecond."""

    @given(times)
    def test_every_time_comes_back(self, at: float) -> None:
        """From 1970 to the end of the year 9999."""
        text = wire.time_text(at)
        self.assertEqual(at, wire.time_value(text))
        self.assertEqual(len("2026-01-01T12:00:00.250Z"), len(text))

    @given(times)
    def test_later_times_are_later_texts(self, at: float) -> None:
        """Who sorts texts sorts times."""
        self.assertLess(wire.time_text(at), wire.time_text(at + 0.001))

    def test_fractions_are_rounded_into_the_next_second(self) -> None:
        """There is no millisecond 1000."""
        self.assertEqual("1970-01-01T00:00:02.000Z", wire.time_text(1.9999))

    def test_other_offsets_are_understood(self) -> None:
        """Whoever writes local time with its offset means the same moment."""
        self.assertEqual(NOON, wire.time_value("2026-01-01T14:00:00.250+02:00"))
        self.assertEqual(NOON, wire.time_value("2026-01-01t12:00:00.250z"))

    def test_any_number_of_decimals_is_understood(self) -> None:
        """RFC 3339 sets no number, and other programs write none, two or nine."""
        for fraction, value in (("", 0.0), (".5", 0.5), (".25", 0.25), (".250000", 0.25), (".250000123", 0.25)):
            self.assertEqual(1767268800 + value, wire.time_value(f"2026-01-01T12:00:00{fraction}Z"))

    def test_what_is_no_time_is_refused(self) -> None:
        """Also a time that does not say where on earth."""
        for text in ("", "noon", "2026-01-01", "2026-01-01T12:00:00", "2026-13-01T12:00:00Z", "2026-01-01T12:00:00.Z"):
            self.assertRaises(ValueError, wire.time_value, text)


class ReadingTests(SynchronousTestCase):
    """What others may send in place of an event."""

    def refused(self, **changes: Any) -> None:
        """A lawful event that is changed so is none."""
        made = wire.to_object(Joined(NOON, "lobby", "alice", 3)) | changes
        self.assertRaises(ValueError, wire.from_object, {k: v for k, v in made.items() if v is not ...})

    def test_unknown_fields_are_left_out(self) -> None:
        """A newer writer is understood."""
        event = Joined(NOON, "lobby", "alice", 3)
        self.assertEqual(event, wire.from_object(wire.to_object(event) | {"mood": "good"}))

    def test_missing_fields_have_their_defaults(self) -> None:
        """An older writer is understood."""
        made = wire.to_object(Noticed(NOON, SERVER, "chatroom", text="hi"))
        del made["code"]
        self.assertEqual(Noticed(NOON, SERVER, "chatroom", text="hi"), wire.from_object(made))

    def test_event_without_what_every_event_has_is_refused(self) -> None:
        """Who, and when."""
        self.refused(nick=...)
        self.refused(at=...)

    def test_unknown_kinds_are_refused(self) -> None:
        """Whatever stands in their place."""
        kinds: list[Any] = ["dreamt", "", None, 7, [], {}, ...]
        for kind in kinds:
            self.refused(event=kind)

    def test_wrong_types_are_refused(self) -> None:
        """Text is text, and a number no truth value."""
        self.refused(nick=7)
        self.refused(nick=None)
        self.refused(room=["lobby"])
        self.refused(seq="3")
        self.refused(seq=True)
        self.refused(seq=3.0)
        self.refused(at=NOON)
        self.refused(at=None)
        self.refused(at="yesterday")

    def test_what_is_no_object_is_refused(self) -> None:
        """What is no object is refused, and so is what is no JSON, no text, or nested past all reason."""
        for text in (b"", b"[]", b"7", b"null", b'"said"', b"{", b"\xff", b"[" * 100_000, b'{"event":' * 100_000):
            self.assertRaises(ValueError, wire.loads, text)

    @given(
        st.dictionaries(
            st.sampled_from(["event", "at", "room", "seq", "nick", "text", "until", "x"]),
            st.none() | st.booleans() | st.integers() | st.text(max_size=3) | st.lists(st.none(), max_size=1)
            | st.sampled_from(sorted(KINDS)) | times.map(wire.time_text),
        )
    )  # fmt: skip
    def test_anything_is_an_event_or_a_value_error(self, made: dict[str, Any]) -> None:
        """There is no third way, which would be a bug for a stranger to find."""
        try:
            event = wire.from_object(made)
        except ValueError:
            return
        self.assertEqual(event, wire.loads(wire.dumps(event, public=False)))

    def test_times_of_events_are_utc(self) -> None:
        """As a person reads them."""
        event = wire.loads('{"event":"said","room":"lobby","at":"2026-01-01T12:00:00Z","nick":"a","text":"x"}')
        self.assertEqual(datetime(2026, 1, 1, 12, tzinfo=timezone.utc).timestamp(), event.at)
