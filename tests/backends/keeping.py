"""
The contract, first part: keeping, numbering and telling; what a node that starts is told; holding nicknames.
"""

from __future__ import annotations

from dataclasses import replace

from zope.interface.verify import verifyObject

from chatroom.errors import NotKept
from chatroom.events import (
    Arrived,
    AwaySet,
    Condition,
    Kicked,
    Mailed,
    PasswordSet,
    Renamed,
    RoleSet,
    RoomBanned,
    RoomClosed,
    RoomCreated,
    RoomEvent,
    RoomUnbanned,
    Said,
    TopicSet,
    Whispered,
)
from chatroom.interfaces import IBackend, IListener
from chatroom.records import StartState
from tests.backends.verbs import NOON, Contract, closed, created, joined, left, one_of_each, said


class KeepContract(Contract):
    """Keeping, numbering and telling."""

    def test_provides_the_interface(self) -> None:
        """It has all methods, with the right arguments."""
        verifyObject(IBackend, self.backend)
        verifyObject(IListener, self.listener)

    def test_new_server_is_empty(self) -> None:
        """A backend that has kept nothing knows nothing."""
        self.assertEqual(StartState((), {}), self.snapshot)

    def test_nothing_is_told_before_start_returns(self) -> None:
        """What was kept before one came is in the snapshot, and is not told."""
        self.keep(created(), said())
        self.restart()
        self.assertEqual([], self.listener.events)

    def test_people_stay_where_another_process_takes_over(self) -> None:
        """Who is on line goes on being so, which is told to nobody and written down nowhere."""
        away = AwaySet(NOON, "", "alice", text="tea")
        came = [Arrived(NOON, "", "alice", node="north"), joined(), away]
        self.keep(created(), *came)
        for _ in range(2):
            snapshot = self.hand_over()
            kinds = {event.kind for event in snapshot.events}
            self.assertEqual({created().kind, *(event.kind for event in came)}, kinds)
            self.assertEqual([], self.listener.events)
            self.assertEqual([1, 2], self.numbers())

    def test_room_of_those_who_stay_is_not_empty(self) -> None:
        """Who was in it leaves it, and only then can it be closed."""
        self.keep(created(), Arrived(NOON, "", "alice", node="north"), joined())
        self.hand_over()
        self.assertEqual([False, True, True], self.keep(closed(), left(), closed()))

    def test_events_of_a_room_are_numbered_from_one(self) -> None:
        """Each room counts for itself, without holes, from batch to batch."""
        first, second, other, third = said("a"), said("b"), said("c", "attic"), said("d")
        self.keep(first, second, other)
        self.keep(third)
        self.assertEqual([1, 2, 1, 3], [event.seq for event in (first, second, other, third)])

    def test_all_that_belongs_to_a_room_is_numbered(self) -> None:
        """Talk and everything else are in one order."""
        batch = [created(), joined(), said(), TopicSet(NOON, "lobby", "alice", text="tea"), left()]
        self.keep(*batch)
        self.assertEqual([1, 2, 3, 4, 5], self.numbers())
        self.assertEqual(batch, self.history())

    def test_own_listener_hears_the_very_objects(self) -> None:
        """Before keep returns, in the order in which they were given."""
        batch = [created(), said("a"), Whispered(NOON, "", "alice", to="bob", text="psst"), said("b")]
        self.keep(*batch)
        self.assertEqual([id(event) for event in batch], [id(event) for event in self.listener.events])

    def test_told_events_have_their_number(self) -> None:
        """Nobody is told an event without its place in the room."""
        numbers: list[int] = []
        backend, listener = self.backend, self.listener
        listener.heard = lambda events: numbers.extend(e.seq for e in events if isinstance(e, Said))  # type: ignore[method-assign]
        self.done(backend.keep([said(), said()]))
        self.assertEqual([1, 2], numbers)

    def test_what_concerns_no_room_is_told_and_kept_nowhere(self) -> None:
        """Whispers, news of mail and who is on line are in no history."""
        batch = [
            Whispered(NOON, "", "alice", to="bob", text="psst"),
            Mailed(NOON, "", "alice", to="carol"),
            Arrived(NOON, "", "alice", node="north"),
            AwaySet(NOON, "", "alice", text="tea"),
        ]
        self.assertEqual([True] * 4, self.keep(*batch))
        self.assertEqual(batch, self.listener.events)
        self.assertEqual([], self.history(""))
        self.assertEqual({}, self.restart().last)

    def test_empty_batch(self) -> None:
        """A turn without events is no trouble."""
        self.assertEqual([], self.keep())
        self.assertEqual([], self.listener.events)

    def test_large_batch(self) -> None:
        """A turn may hold any number of events, and keeps their order."""
        batch = [said(str(index), f"room-{index % 3}") for index in range(5000)]
        self.assertEqual([True] * 5000, self.keep(*batch))
        self.assertEqual(batch, self.listener.events)
        self.assertEqual(list(range(1, 1668)), self.numbers("room-0", limit=5000))

    def test_every_kind_of_event_comes_back_as_it_was(self) -> None:
        """History gives what was kept, field by field, secrets too."""
        for event in one_of_each():
            if isinstance(event, RoomEvent) and not isinstance(event, RoomClosed):
                if event.only_if in (Condition.MEMBER, Condition.MADE, Condition.OWNED):
                    self.keep(created())
                if event.only_if is Condition.MEMBER:
                    self.keep(joined(event.nick))
                if isinstance(event, RoomCreated):
                    event = replace(event, room="attic")
                self.keep(event)
                self.assertEqual([event], self.history(event.room, after=event.seq - 1))

    def test_room_is_created_once(self) -> None:
        """Of two who create a room at the same time, one does; the other's event never happened."""
        mine, yours = created(), RoomCreated(NOON, "lobby", "bob")
        self.assertEqual([True, False], self.keep(mine, yours))
        self.assertEqual([False], self.keep(yours))
        self.assertEqual([mine], self.listener.events)
        self.assertEqual([mine], self.history())
        self.assertEqual(0, yours.seq)

    def test_room_with_people_is_not_closed(self) -> None:
        """Somebody came in while it was to be closed: it stays."""
        self.keep(created(), joined())
        self.assertEqual([False], self.keep(closed()))
        self.assertEqual([1, 2], self.numbers())

    def test_nothing_is_set_in_a_room_that_nobody_made(self) -> None:
        """Whoever joins a room while it is closed is in none, and nothing of the room holds."""
        made = created()
        self.keep(made, said("a"))
        banned = RoomBanned(NOON, "lobby", "alice", who="bob")
        batch = [closed(), joined(), TopicSet(NOON, "lobby", "alice", text="tea"), banned]
        self.assertEqual([True, False, False, False], self.keep(*batch))
        self.assertEqual([False, False], self.keep(joined("bob"), joined(room="attic")))
        self.assertEqual([], self.history())
        self.assertEqual((), self.restart().events)
        self.assertEqual([True, True], self.keep(created(), joined()))
        self.assertEqual([4, 5], self.numbers())

    def test_a_room_keeps_an_owner(self) -> None:
        """Two owners give up their role at the same moment: one of them stays. Operators may, and guests who leave."""

        def role(who: str, role: str, by: str = "", guest: bool = False) -> RoleSet:
            return RoleSet(NOON, "lobby", by or who, who=who, role=role, guest=guest)

        made = [created(), role("alice", "owner"), role("bob", "owner", "alice"), role("eve", "operator", "alice")]
        self.assertEqual([True] * 4, self.keep(*made))
        gives_up = [role("alice", "operator"), role("Bob", "member"), role("eve", "member")]
        self.assertEqual([True, False, True], self.keep(*gives_up))
        self.assertEqual([False, True], self.keep(role("bob", "operator"), role("bob", "member", guest=True)))
        self.assertEqual([True], self.keep(role("alice", "member")))

    def test_conditions_see_what_went_before_in_the_batch(self) -> None:
        """The last one leaves and the room is closed, in one turn."""
        self.keep(created(), joined())
        self.assertEqual([True, True, True, False], self.keep(left(), closed(), created(), created()))
        self.assertEqual([5], self.numbers())

    def test_members_are_known_by_what_moves_them(self) -> None:
        """Renamed, kicked and banned members count as the events say."""
        self.keep(created(), joined())
        self.keep(Renamed(NOON, "lobby", "alice", new="ALICE"), Renamed(NOON, "lobby", "ALICE", new="eve"))
        self.assertEqual([False], self.keep(closed()))
        self.assertEqual([True, True], self.keep(RoomBanned(NOON, "lobby", "bob", who="Eve"), closed()))

    def test_only_members_take_another_name_in_a_room(self) -> None:
        """Who was sent out a moment before is not in it again by another name, though others are in it."""
        kicked, renamed = Kicked(NOON, "lobby", "bob", who="alice"), Renamed(NOON, "lobby", "alice", new="eve")
        self.keep(created(), joined(), joined("bob"))
        self.assertEqual([True, False], self.keep(kicked, renamed))
        self.assertEqual([kicked], self.listener.events[-1:])
        self.assertEqual([False], self.keep(Renamed(NOON, "lobby", "alice", new="ALICE")))
        self.assertEqual([True, True], self.keep(Kicked(NOON, "lobby", "alice", who="bob"), closed()))

    def test_closed_room_is_gone_with_its_history(self) -> None:
        """Nothing of it can be read, found or learnt at a start."""
        self.keep(created(), said("tea"), TopicSet(NOON, "lobby", "alice", text="tea"), closed())
        self.assertEqual([], self.history())
        self.assertEqual([], self.texts("tea"))
        self.assertEqual((), self.restart().events)
        self.assertEqual([], self.history())

    def test_line_that_crosses_with_the_closing_of_its_room(self) -> None:
        """It has a number, and the next room of that name begins without it, also after a restart, and in one turn."""
        self.keep(created(), said("tea"), closed())
        self.keep(said("crosses"))
        self.restart()
        self.keep(said("crosses too"), created(), said("hello"))
        self.assertEqual(["room-created", "said"], [event.kind for event in self.history()])
        self.assertEqual([6, 7], self.numbers())
        self.keep(closed())
        self.keep(created(), said("once more"))
        self.restart()
        self.assertEqual([9, 10], self.numbers())

    def test_numbers_go_on_when_a_room_is_made_again(self) -> None:
        """A client that resumes never takes a new line for one it has read, also after a restart."""
        self.keep(created(), said(), closed())
        self.assertEqual({"lobby": 3}, self.restart().last)
        again = created()
        self.keep(again, said())
        self.assertEqual(4, again.seq)
        self.assertEqual([4, 5], self.numbers())
        self.assertEqual({"lobby": 5}, self.restart().last)

    def test_failure_keeps_nothing_of_the_batch(self) -> None:
        """Nobody hears of it, and it is as if it had never been asked."""
        self.keep(created(), said("before"))
        heard = list(self.listener.events)
        self.break_down(self.backend, True)
        batch = [said("lost"), TopicSet(NOON, "lobby", "alice", text="lost"), joined("bob"), created("attic")]
        sentence = self.refused(self.backend.keep(batch), NotKept)
        self.assertTrue(sentence.endswith("."), sentence)
        self.assertEqual([0, 0, 0, 0], [event.seq for event in batch])
        self.assertEqual(heard, self.listener.events)
        self.break_down(self.backend, False)
        self.assertEqual([1, 2], self.numbers())
        self.assertEqual([], self.history("attic"))

    def test_work_goes_on_after_a_failure(self) -> None:
        """Numbers have no hole where something was not kept, and facts are as they were."""
        self.keep(created(), joined())
        self.break_down(self.backend, True)
        self.refused(self.backend.keep([said("lost"), left(), closed(), created("attic")]), NotKept)
        self.break_down(self.backend, False)
        self.assertEqual([False, True, True], self.keep(closed(), said("kept"), created("attic")))
        self.assertEqual([1, 2, 3], self.numbers())
        self.assertEqual({"lobby": 3, "attic": 1}, dict(self.restart().last))

    def test_stopped_backend_keeps_nothing(self) -> None:
        """It says so, and does not break."""
        self.done(self.backend.stop())
        self.refused(self.backend.keep([said()]), NotKept)
        self.refused(self.backend.claim("alice", "alice"), NotKept)
        self.refused(self.backend.mark("alice", {"lobby": 1}), NotKept)

    def test_stop_twice(self) -> None:
        """Stopping again, or before it has started, is harmless."""
        self.done(self.backend.stop())
        self.done(self.backend.stop())
        self.done(self.make_backend().stop())


class SnapshotContract(Contract):
    """What a node that starts is told."""

    def test_last_event_of_each_slot(self) -> None:
        """The last topic counts and not the one before; so for each fact."""
        first, second = TopicSet(NOON, "lobby", "alice", text="tea"), TopicSet(NOON, "lobby", "bob", text="cake")
        role = RoleSet(NOON, "lobby", "alice", who="bob", role="operator")
        room = created()
        self.keep(room, first, role, second)
        self.assertEqual((room, role, second), self.restart().events)

    def test_talk_is_no_fact(self) -> None:
        """What was said is history, and not told at a start."""
        self.keep(said())
        self.assertEqual(StartState((), {"lobby": 1}), self.restart())

    def test_cleared_facts_hold_no_more(self) -> None:
        """Who is banned no more, or operator no more, is not spoken of."""
        made = created()
        self.keep(
            made,
            RoomBanned(NOON, "lobby", "alice", who="Bob"),
            RoleSet(NOON, "lobby", "alice", who="carol", role="operator"),
        )
        self.keep(
            RoomUnbanned(NOON, "lobby", "alice", who="BOB"),
            RoleSet(NOON, "lobby", "alice", who="carol", role="member"),
        )
        self.assertEqual((made,), self.restart().events)

    def test_secrets_are_kept(self) -> None:
        """A room's password still locks it after a restart."""
        made, locked = created(), PasswordSet(NOON, "lobby", "alice", hash="$argon2id$...", on=True)
        self.keep(made, locked)
        self.assertEqual((made, locked), self.restart().events)

    def test_nobody_is_on_line_in_a_server_without_nodes(self) -> None:
        """After a crash of the only daemon there are no ghosts; a guest's role is gone with the guest."""
        self.keep(
            Arrived(NOON, "", "bob", node="north"),
            AwaySet(NOON, "", "bob", text="tea"),
            created(),
            joined("bob"),
            RoleSet(NOON, "lobby", "alice", who="bob", role="operator", guest=True),
        )
        self.assertEqual([RoomCreated], [type(event) for event in self.restart().events])
        self.assertEqual([True], self.keep(closed()))

    def test_a_visit_takes_the_place_of_what_was_lasting(self) -> None:
        """The last event of a slot counts, also if it ends with the visit."""
        made = created()
        self.keep(made, RoleSet(NOON, "lobby", "alice", who="bob", role="owner"))
        self.keep(RoleSet(NOON, "lobby", "alice", who="bob", role="operator", guest=True))
        self.assertEqual((made,), self.restart().events)

    def test_server_comes_first_then_the_order_in_which_facts_were_set(self) -> None:
        """A room's bans are told after the room."""
        topic, ban = TopicSet(NOON, "lobby", "alice", text="tea"), RoomBanned(NOON, "lobby", "alice", who="bob")
        later = TopicSet(NOON, "lobby", "alice", text="cake")
        self.keep(created(), topic, ban)
        self.keep(later)
        self.assertEqual(["room-created", "banned", "topic"], [event.kind for event in self.restart().events])


class ProbeContract(Contract):
    """Whether something could be kept."""

    def test_probe(self) -> None:
        """It says so, and keeps nothing."""
        self.done(self.backend.probe())
        self.break_down(self.backend, True)
        self.refused(self.backend.probe(), NotKept)
        self.break_down(self.backend, False)
        self.done(self.backend.probe())
        self.assertEqual([], self.listener.events)

    def test_sound(self) -> None:
        """A backend that works has no trouble, and nothing waits."""
        sound = self.backend.soundness()
        self.assertEqual(("", 0.0, 0), (sound.trouble, sound.waiting, sound.unindexed))


class ClaimContract(Contract):
    """Holding nicknames."""

    def claim(self, key: str, holder: str) -> bool:
        """Try to."""
        return self.done(self.backend.claim(key, holder))

    def release(self, key: str, holder: str) -> bool:
        """Let it go."""
        return self.done(self.backend.release(key, holder))

    def test_one_holder_at_a_time(self) -> None:
        """Whoever comes second does not get it, until it is let go."""
        self.assertTrue(self.claim("alice", "guest-1"))
        self.assertFalse(self.claim("alice", "guest-2"))
        self.assertTrue(self.claim("bob", "guest-2"))
        self.assertTrue(self.release("alice", "guest-1"))
        self.assertTrue(self.claim("alice", "guest-2"))

    def test_same_holder_counts(self) -> None:
        """An account connected twice keeps its name until both connections are gone."""
        self.assertEqual([True, True], [self.claim("alice", "account") for _ in range(2)])
        self.assertFalse(self.release("alice", "account"))
        self.assertFalse(self.claim("alice", "guest"))
        self.assertTrue(self.release("alice", "account"))
        self.assertTrue(self.claim("alice", "guest"))

    def test_release_by_somebody_else_changes_nothing(self) -> None:
        """One cannot let go of what one does not hold."""
        self.claim("alice", "account")
        self.assertFalse(self.release("alice", "guest"))
        self.assertFalse(self.claim("alice", "guest"))
        self.assertTrue(self.release("nobody", "guest"))

    def test_claims_of_the_one_who_takes_over(self) -> None:
        """After a hand-over exactly those nicknames are held that it says, and so many times; all others are free."""
        for key in ("alice", "bob", "bob"):
            self.claim(key, "account")
        self.claim("carol", "guest-1")
        self.hand_over()
        self.assertEqual([], list(self.done(self.backend.claim_all({"bob": ("account", 2), "carol": ("guest-2", 1)}))))
        self.assertTrue(self.claim("alice", "guest-3"))
        self.assertFalse(self.release("bob", "account"))
        self.assertTrue(self.release("bob", "account"))
        self.assertFalse(self.release("carol", "guest-1"))
        self.assertTrue(self.release("carol", "guest-2"))

    def test_one_node_is_elected(self) -> None:
        """A node that is alone does all that has to be done once."""
        self.assertTrue(self.done(self.backend.is_elected()))

    def test_claims_end_with_the_node(self) -> None:
        """After a restart every name is free."""
        self.claim("alice", "guest-1")
        self.restart()
        self.assertTrue(self.claim("alice", "guest-2"))
