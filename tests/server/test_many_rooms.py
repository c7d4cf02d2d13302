"""
One reactor does not stop for many rooms or many people: the longest turn is as long with three times as many.

What is counted are steps of the interpreter, so that a busy machine changes nothing: see L{tests.server.stops}.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase

from chatroom.backends.memory import MemoryBackend, MemoryStore
from chatroom.events import SERVER, Arrived, Event, Joined, RoleSet, RoomCreated, TopicSet
from chatroom.interfaces import ServerRole
from chatroom.limits import OFF, Limits
from chatroom.testing import Guest, Server
from tests.server.stops import TurnClock

FEW, MANY = 700, 2100
"""Rooms, and people. Both are more than what one turn looks at."""

MORE = 1.3
"""So many times as long the longest turn may be: numbers have more digits, and lists more blocks."""

LIMITS = Limits(talk_rate=OFF, work_rate=OFF, new_per_minute=OFF)

Action = Callable[[Server, Guest], object]


class ManyRoomsTests(SynchronousTestCase):
    """A server with as many rooms as people, each of them in the lobby and in a room of their own."""

    def crowded(self, size: int) -> tuple[Server, Guest]:
        """One with so many, who are on line through the node north; and an admin who is connected here."""
        server = Server(LIMITS, node="south", clock=TurnClock(), backend=MemoryBackend(MemoryStore()))
        alice = server.staff("alice", ServerRole.ADMIN)
        at = server.now()
        events: list[Event] = []
        for number in range(size):
            room, nick = f"room-{number}", f"somebody-{number}"
            events += [
                RoomCreated(at, room, nick, keep=number % 2 == 0, node="north"),
                RoleSet(at, room, nick, who=nick, role="owner", guest=True),
                TopicSet(at, room, nick, text=f"what {room} is about"),
                Arrived(at, SERVER, nick, node="north", visit=f"~{nick}"),
                Joined(at, "lobby", nick, guest=True),
                Joined(at, room, nick, guest=True),
            ]
        self.happen(server, events)
        self.successResultOf(
            Deferred.fromCoroutine(server.backend.expire(None, 10, 10))
        )  # a list in memory is read whole
        alice.reads()
        return server, alice

    def happen(self, server: Server, events: Sequence[Event]) -> None:
        """This is kept and told."""
        done = server.services.batches.happen(*events)
        server.settle()
        self.successResultOf(done)

    def assert_no_longer(self, *actions: Action) -> None:
        """What is done takes no longer turn in a server that has three times as many."""
        found = []
        for size in (FEW, MANY):
            server, alice = self.crowded(size)
            clock = server.clock
            assert isinstance(clock, TurnClock)
            found.append([clock.longest_of(partial(action, server, alice)) for action in actions])
        for nth, (few, many) in enumerate(zip(*found, strict=True)):
            self.assertLessEqual(many, MORE * few, f"the action {nth} of {len(actions)}: {found}")

    def test_lists(self) -> None:
        """To list rooms, people, or who is in a crowded room, and to look for a room, stops no longer than with few."""
        words = "/rooms", "/rooms about", "/rooms zzz", "/who", "/who *", "/who lobby", "/info", "/info somebody-7"
        self.assert_no_longer(*(lambda server, alice, word=word: self.typed(alice, word) for word in words))

    def test_list_of_an_irc_client(self) -> None:
        """To look for rooms with LIST, by masks and ages, stops no longer than with few rooms."""

        def listed(server: Server, alice: Guest) -> None:
            irene = server.irc_client("irene")
            irene.reads()
            clock = server.clock
            assert isinstance(clock, TurnClock)
            clock.begin()  # to join the lobby counts for nobody
            irene.types("LIST *zzz,C<5")
            self.assertEqual(["321", "323"], [line.split()[1] for line in irene.reads()])

        self.assert_no_longer(listed)

    def test_one_person(self) -> None:
        """A guest's coming and going, a kept room, and a ban look at no more rooms and people than theirs."""

        def comes(server: Server, alice: Guest) -> None:
            bob = server.guest("bob")
            bob.types("/nick bobby", "/create den")
            bob.disconnects()
            server.settle()

        words = (
            "/create den keep",
            "/ban somebody-7",
            "/bans",
            "/unban somebody-7",
            "/gmute somebody-8",
            "/gunmute somebody-8",
        )
        self.assert_no_longer(comes, *(lambda server, alice, word=word: self.typed(alice, word) for word in words))

    def typed(self, alice: Guest, text: str) -> None:
        """She types this, and reads."""
        alice.types(text)
        alice.reads()

    def test_goodbyes(self) -> None:
        """When a node with all those people is lost, no turn of another says goodbye to more of them than with few."""

        def lost(server: Server, alice: Guest) -> None:
            server.hub.lost("north")
            for _ in range(MANY // 50):
                server.wait(0.05)

        for size in (FEW, MANY):
            server, alice = self.crowded(size)
            lost(server, alice)
            self.assertEqual(["alice"], [who.nick for who in server.services.chat.state.people.values()])
        self.assert_no_longer(lost)

    def test_much_at_once(self) -> None:
        """What thousands do in one turn is kept and told in several."""

        def come(server: Server, alice: Guest) -> None:
            clock = server.clock
            assert isinstance(clock, TurnClock)
            for number in range(len(server.services.chat.state.rooms)):
                server.services.batches.happen(Arrived(1.0, SERVER, f"new-{number}", node="north", visit=f"~{number}"))
            clock.begin()  # what was done here counts for nobody
            server.settle()

        self.assert_no_longer(come)
