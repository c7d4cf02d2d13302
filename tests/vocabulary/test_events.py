"""
What events say about themselves: a backend knows nothing else about a chat room.
"""

from __future__ import annotations

import re
from dataclasses import FrozenInstanceError, fields
from typing import Any

from hypothesis import given
from twisted.trial.unittest import SynchronousTestCase

from chatroom import events
from chatroom.events import (
    ALL_SLOTS,
    KINDS,
    MEMBER_SLOT,
    NO_SLOTS,
    SERVER,
    ActingSet,
    Arrived,
    AwaySet,
    Became,
    Condition,
    Departed,
    Event,
    Invited,
    Joined,
    Kicked,
    Left,
    Renamed,
    RoleSet,
    RoomBanned,
    RoomClosed,
    RoomCreated,
    RoomEvent,
    RoomUnbanned,
    Said,
    Slots,
    StaffSet,
    UnknownKind,
    number,
    without_secrets,
)
from tests.vocabulary.strategies import any_event


class KindTests(SynchronousTestCase):
    """Every kind of event, as it is written down."""

    def test_every_class_has_a_kind_of_its_own(self) -> None:
        """What is missing here could be kept and never read again."""
        classes = {cls for cls in vars(events).values() if isinstance(cls, type) and issubclass(cls, Event)}
        self.assertEqual(classes - {Event, RoomEvent, events.UnknownKind}, set(KINDS.values()))
        for kind, cls in KINDS.items():
            self.assertEqual(kind, cls.kind)

    def test_kinds_are_words_for_programs(self) -> None:
        """Small letters and hyphens."""
        for kind in KINDS:
            self.assertRegex(kind, re.compile(r"\A[a-z]+(-[a-z]+)*\Z"))

    def test_kinds_do_not_change(self) -> None:
        """They stand in databases and programs out there; a new one may be added, none may go or be renamed."""
        promised = """
            said acted joined left renamed room-created room-closed topic room-password invite-only invited role
            kicked muted unmuted banned unbanned arrived departed became session-revoked away whispered mailed
            notice gap slow locked unlocked lockdown report report-closed staff audit sanctioned pardoned expelled
            announced uninvited erased auto-said plugin-stored plugin-added account-changed tried acting wallops
        """.split()
        self.assertEqual(set(), set(promised) - set(KINDS))

    def test_fields_can_be_written_as_json(self) -> None:
        """Text, numbers and truth values, each with a default behind those that every event has."""
        for cls in KINDS.values():
            names = [field.name for field in fields(cls)]
            self.assertEqual(["at", "room", "nick"], names[:3])
            for field in fields(cls)[3:]:
                self.assertIn((field.type, type(field.default).__name__), [(kind, kind) for kind in SCALARS], field)

    def test_secrets_are_fields(self) -> None:
        """What is kept from people exists."""
        for cls in KINDS.values():
            self.assertLessEqual(set(cls.secret), {field.name for field in fields(cls)})

    @given(any_event)
    def test_events_do_not_change(self, event: Any) -> None:
        """What happened has happened, for everybody who holds it."""
        for field in fields(event):
            self.assertRaises(FrozenInstanceError, setattr, event, field.name, "other")

    def test_events_are_equal_by_what_they_say(self) -> None:
        """Events are equal by what they say, and may be looked up."""
        self.assertEqual(Joined(1.0, "lobby", "alice", 3), Joined(1.0, "lobby", "alice", 3))
        self.assertNotEqual(Joined(1.0, "lobby", "alice", 3), Left(1.0, "lobby", "alice", 3))
        self.assertEqual(1, len({Joined(1.0, "lobby", "alice", 3), Joined(1.0, "lobby", "alice", 3)}))

    def test_number_is_given_once_it_is_kept(self) -> None:
        """By a backend."""
        event = Said(1.0, "lobby", "alice", text="hi")
        self.assertEqual(0, event.seq)
        number(event, 7)
        self.assertEqual(7, event.seq)


SCALARS = ("str", "int", "float", "bool")


class RecordedTests(SynchronousTestCase):
    """What belongs to a room's history."""

    def test_events_of_rooms_are_recorded_and_no_others(self) -> None:
        """Only what is recorded has a number."""
        for cls in KINDS.values():
            self.assertEqual(issubclass(cls, RoomEvent), cls.recorded, cls)

    def test_whispers_are_not(self) -> None:
        """They are kept nowhere but in inboxes."""
        self.assertFalse(KINDS["whispered"].recorded)
        self.assertFalse(KINDS["mailed"].recorded)


class SlotTests(SynchronousTestCase):
    """Facts that the last event of a kind stands for."""

    @given(any_event)
    def test_what_changes_nothing_sets_nothing(self, event: Any) -> None:
        """A backend need not even ask."""
        if not event.changes:
            self.assertEqual(NO_SLOTS, event.slots())

    @given(any_event)
    def test_nothing_is_set_and_cleared_at_once(self, event: Any) -> None:
        """It would depend on what comes first."""
        slots = event.slots()
        self.assertIsInstance(slots, Slots)
        self.assertNotIn(slots.sets, slots.clears)

    @given(any_event)
    def test_conditions_are_about_a_slot(self, event: Any) -> None:
        """The condition that a slot is not set needs one."""
        if event.only_if is Condition.ABSENT:
            self.assertIsNot(None, event.slots().sets)

    @given(any_event)
    def test_what_is_set_in_a_room_has_a_condition(self, event: Any) -> None:
        """Where another node has closed the room meanwhile, nothing of it may hold."""
        if isinstance(event, RoomEvent) and event.changes and not isinstance(event, UnknownKind):
            self.assertIsNot(Condition.ALWAYS, event.only_if)

    def test_letter_case_makes_no_difference(self) -> None:
        """A person is one person."""
        for one, other in (
            (Joined(1.0, "den", "Straße"), Joined(1.0, "den", "STRASSE")),
            (RoomBanned(1.0, "den", "alice", who="BOB"), RoomBanned(1.0, "den", "alice", who="bob")),
            (
                RoleSet(1.0, "den", "alice", who="BOB", role="owner"),
                RoleSet(1.0, "den", "eve", who="bob", role="owner"),
            ),
            (Arrived(1.0, SERVER, "BOB", node="n"), Arrived(1.0, SERVER, "bob", node="n")),
        ):
            self.assertEqual(one.slots(), other.slots())

    def test_every_way_out_clears_what_the_way_in_set(self) -> None:
        """Nobody stays in a room's slots who is out of the room."""
        member = Joined(1.0, "den", "Bob").slots().sets
        assert member is not None and member.startswith(MEMBER_SLOT)
        for out in (
            Left(2.0, "den", "BOB"),
            Kicked(2.0, "den", "alice", who="bob"),
            RoomBanned(2.0, "den", "alice", who="bob"),
            Renamed(2.0, "den", "bob", new="rob"),
        ):
            self.assertIn(member, out.slots().clears)

    def test_departure_clears_what_the_arrival_set(self) -> None:
        """For that node; being away, and being staff on line, only with the last."""
        person = Arrived(1.0, SERVER, "bob", node="north").slots().sets
        away = AwaySet(1.0, SERVER, "bob", text="lunch").slots().sets
        staff = StaffSet(1.0, SERVER, "bob", who="bob", role="admin").slots().sets
        gone = Departed(2.0, SERVER, "BOB", node="north", last=True)
        acting = ActingSet(1.0, SERVER, "Bob", "moderator", "north").slots().sets
        self.assertEqual((person, acting, away, staff, "bot:bob"), gone.slots().clears)
        self.assertEqual((person, acting), Departed(2.0, SERVER, "bob", node="north", last=False).slots().clears)
        self.assertNotIn(person, Departed(2.0, SERVER, "bob", node="south").slots().clears)
        renamed = Became(2.0, SERVER, "bob", new="rob", node="north")
        self.assertLessEqual({person, acting}, set(renamed.slots().clears))

    def test_what_is_lifted_is_cleared(self) -> None:
        """Bans, roles and being away."""
        ban = RoomBanned(1.0, "den", "alice", who="bob").slots().sets
        role = RoleSet(1.0, "den", "alice", who="bob", role="owner").slots().sets
        away = AwaySet(1.0, SERVER, "bob", text="lunch").slots().sets
        self.assertEqual((ban,), RoomUnbanned(2.0, "den", "alice", who="BOB").slots().clears)
        self.assertEqual((role,), RoleSet(2.0, "den", "alice", who="BOB").slots().clears)
        self.assertEqual((away,), AwaySet(2.0, SERVER, "BOB").slots().clears)
        staff = StaffSet(1.0, SERVER, "alice", who="bob", role="admin").slots().sets
        self.assertEqual((staff,), StaffSet(2.0, SERVER, "alice", who="BOB").slots().clears)
        acting = ActingSet(1.0, SERVER, "bob", "admin", "north").slots().sets
        self.assertEqual((acting,), ActingSet(2.0, SERVER, "BOB", node="north").slots().clears)

    def test_who_is_on_line_is_forgotten_when_nobody_is(self) -> None:
        """People, members, being away and the roles of guests; not those of accounts."""
        for event in (
            Arrived(1.0, SERVER, "bob", node="n"),
            Became(1.0, SERVER, "bob", new="rob", node="n"),
            AwaySet(1.0, SERVER, "bob", text="lunch"),
            StaffSet(1.0, SERVER, "alice", who="bob", role="admin"),
            ActingSet(1.0, SERVER, "bob", role="admin", node="n"),
            Joined(1.0, "den", "bob"),
            Renamed(1.0, "den", "bob", new="rob"),
            RoleSet(1.0, "den", "alice", who="bob", role="operator", guest=True),
            Invited(1.0, "den", "alice", who="bob", guest=True),
        ):
            self.assertTrue(event.slots().presence, event)
        self.assertFalse(RoleSet(1.0, "den", "alice", who="bob", role="operator").slots().presence)
        self.assertFalse(Invited(1.0, "den", "alice", who="bob").slots().presence)
        self.assertFalse(RoomCreated(1.0, "den", "alice").slots().presence)

    @given(any_event)
    def test_secrets_can_be_taken_out(self, event: Event) -> None:
        """An event without its secrets differs in those fields alone, and they are empty."""
        shown = without_secrets(event)
        for each in fields(event):
            was, now = getattr(event, each.name), getattr(shown, each.name)
            if each.name in event.secret:
                self.assertIn(now, ("", False, 0, None))
            else:
                self.assertEqual(was, now)

    def test_rooms_are_made_once_and_closed_when_empty(self) -> None:
        """In the backend's order, whatever a node thinks."""
        self.assertIs(Condition.ABSENT, RoomCreated.only_if)
        self.assertIs(Condition.EMPTY, RoomClosed.only_if)
        self.assertEqual((ALL_SLOTS,), RoomClosed(1.0, "den", "chatroom").slots().clears)
