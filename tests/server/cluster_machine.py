"""
Several hubs on one backend, whose nodes hear of each other late, die, stop and start, while people do what they like.

Nothing here says what may happen in what order. When all has settled, every node holds the same for true, and so does a
node that starts then. A backend plugs in by the four methods that raise L{NotImplementedError}.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock

from chatroom.core.state import State
from chatroom.events import Event, Joined, Left, Renamed, RoomEvent, Said
from chatroom.limits import Limits
from chatroom.plugins.find import find
from chatroom.server.session.null_ear import NullEar
from chatroom.testing import Guest, Server

COMMANDS = find()
LIMITS = Limits(talk_rate=0, login_tries=1000, login_tries_per_address=1000, signups_per_address=0, new_per_minute=0)
PASSWORD = "correct horse battery"
ACCOUNTS = ("anna", "emil")

GUESTS = ("alice", "Bob")
ROOMS = ("attic", "cellar", "lobby")
ACTS = (
    "comes", "comes", "logs_in", "quits", "is_cut_off", "talks", "talks", "creates", "joins", "joins", "leaves",
    "renames", "governs", "is_away",
)  # fmt: skip
NODE_ACTS = (
    ("has_a_turn",) * 4
    + ("has_its_turns",) * 3
    + ("is_late",) * 2
    + ("time_passes", "crashes", "stops")
    + ("starts",) * 2
)

choices = st.integers(0, 1000)


class NoForm:
    """Writes nothing."""

    echoes = False

    def render(self, events: Sequence[Event], reader: str = "") -> list[bytes]:
        """See L{IForm.render}."""
        return [b""] * len(events)


NO_FORM = NoForm()


class Witness(NullEar):
    """Somebody who listens: which runs of each room this ear was given."""

    def form(self, room: str) -> Any:
        """One for all."""
        return NO_FORM

    def __init__(self) -> None:
        super().__init__()
        self.runs: dict[str, list[tuple[int, int]]] = {}

    def hear(self, room: str, first: int, last: int, data: bytes) -> None:
        """Remember its numbers."""
        self.runs.setdefault(room, []).append((first, last))


def truth(state: State) -> dict[str, Any]:
    """All that nodes have to agree on, as values that can be compared."""
    return {
        "people": {
            key: (who.nick, who.account, sorted(who.nodes), who.away, who.staff, who.visit, sorted(who.rooms))
            for key, who in state.people.items()
        },
        "rooms": {
            name: (
                room.created,
                room.last,
                room.made,
                room.maker_node,
                room.keep,
                room.topic,
                room.password,
                room.invite_only,
                sorted(room.members),
                dict(room.roles),
                sorted(room.invited),
                room.slow,
                (room.moderated, room.unlisted, room.capacity),
                room.lock,
                sorted(room.bans.entries),
                sorted(room.mutes.entries),
            )
            for name, room in state.rooms.items()
        },
        "invitations": {key: sorted(names) for key, names in state.invitations.items()},
    }


class ClusterMachine(RuleBasedStateMachine):
    """
    @ivar nodes: the daemons that are alive, by their names.
    @ivar people: connections, of daemons that are alive.
    @ivar witnesses: by node, one who listens in the lobby.
    @ivar arrived: guests who were given their nickname since all settled, and what they have read.
    """

    count = 2

    def __init__(self) -> None:
        super().__init__()
        self.seconds = 0.0
        self.nodes: dict[str, Server] = {}
        self.people: list[Guest] = []
        self.witnesses: dict[str, Witness] = {}
        self.arrived: list[tuple[Guest, list[str]]] = []
        self.started = 0
        self.lines = 0

    # What a backend has to say.

    def opened(self, node: str) -> Server:
        """A daemon of this name, on what is kept."""
        raise NotImplementedError

    def dies(self, node: str) -> None:
        """It vanishes as with C{kill -9}, and the others find out."""
        raise NotImplementedError

    def holds(self, node: str, holding: bool) -> None:
        """What other nodes keep waits before it reaches this one, or is let through."""
        raise NotImplementedError

    def claims(self) -> dict[str, int]:
        """How many times each nickname is held, over all nodes."""
        raise NotImplementedError

    def history(self, room: str) -> list[RoomEvent]:
        """All that is kept of a room."""
        server = next(iter(self.nodes.values()))
        found = server.backend.history(room, after=0, before=None, limit=100_000, talk=False)
        return list(self.done(found))

    # Verbs.

    def clock(self) -> Clock:
        """For one daemon, whose turns come when they come."""
        made = Clock()
        made.advance(self.seconds)
        return made

    def done(self, coroutine: Any, server: Server | None = None) -> Any:
        """What it comes to."""
        outcome: list[Any] = []
        Deferred.fromCoroutine(coroutine).addBoth(outcome.append)
        if server is not None:
            server.settle()
        (result,) = outcome
        if hasattr(result, "raiseException"):
            result.raiseException()
        return result

    def node(self, choice: int) -> str:
        """One of those alive."""
        return sorted(self.nodes)[choice % len(self.nodes)]

    def somebody(self, choice: int) -> Guest | None:
        """One of those connected."""
        self.people = [guest for guest in self.people if not guest.is_disconnected()]
        return self.people[choice % len(self.people)] if self.people else None

    def types(self, choice: int, *lines: str) -> None:
        """Somebody types something; what becomes of it is seen when that daemon has its turns."""
        guest = self.somebody(choice)
        if guest is not None:
            guest.protocol.dataReceived("".join(f"{line}\n" for line in lines).encode())

    def quietly(self) -> None:
        """Let all that is under way end, and all that waits arrive."""
        for _ in range(4):
            for _ in range(3):
                for node, server in self.nodes.items():
                    self.holds(node, False)
                    server.settle()
            self.pass_time(1.0)

    def pass_time(self, seconds: float) -> None:
        """On all clocks alike."""
        self.seconds += seconds
        for server in list(self.nodes.values()):
            server.clock.advance(seconds)

    # What may happen.

    @initialize()
    def begins(self) -> None:
        """All nodes are there; alice owns a room and Bob is in it; anna is here through two nodes."""
        for _ in range(self.count):
            self.starts(0)
        for nick in ACCOUNTS:
            account = self.nodes[self.node(0)].account(nick, PASSWORD)
            account.types("/quit")
        for choice, nick in enumerate(GUESTS):
            self.comes(choice, nick)
        self.people[0].types("/create attic")
        self.people[1].types("/join attic")
        for choice in (0, 1):
            self.logs_in(choice)
        self.quietly()

    @rule(acts=st.lists(st.tuples(st.sampled_from(ACTS), choices), min_size=1, max_size=6))
    def people_act(self, acts: list[tuple[str, int]]) -> None:
        """Several people do something, one after the other, and wait for nothing."""
        for act, choice in acts:
            getattr(self, act)(choice)

    @rule(late=choices, acts=st.lists(st.tuples(st.sampled_from(ACTS), choices), min_size=2, max_size=6))
    def people_cross(self, late: int, acts: list[tuple[str, int]]) -> None:
        """One node hears late, and people on all nodes do something: each decides by what their own node knows."""
        node = self.node(late)
        self.holds(node, True)
        for act, choice in acts:
            getattr(self, act)(choice)
            for server in list(self.nodes.values()):
                server.settle()
        self.holds(node, False)

    @rule(choice=choices)
    def stranger_takes_a_name(self, choice: int) -> None:
        """A node dies, and a stranger asks another one for the nickname of each guest who was on it, at once."""
        if len(self.nodes) > 1:
            node = self.node(choice)
            lost = [nick for nick in GUESTS if nick.casefold() in self.nodes[node].connections.local]
            self.crashes(choice)
            for nick in lost:
                self.comes(choice, nick)

    @rule(acts=st.lists(st.tuples(st.sampled_from(NODE_ACTS), choices), min_size=1, max_size=4))
    def nodes_act(self, acts: list[tuple[str, int]]) -> None:
        """Daemons have their turns, are late, die, stop and start."""
        for act, choice in acts:
            getattr(self, act)(choice)

    def starts(self, _: int) -> None:
        """One more daemon, if one is missing, with somebody who listens there."""
        if len(self.nodes) == self.count:
            return
        self.started += 1
        name = f"node~{self.started}"
        self.nodes[name] = self.opened(name)
        witness = self.witnesses[name] = Witness()
        session = self.nodes[name].hub.enter(witness, "", "line")
        self.done(session.register(f"witness{self.started}"), self.nodes[name])

    def crashes(self, choice: int) -> None:
        """Without a word, whatever it was doing; perhaps the others learn of it late."""
        if len(self.nodes) > 1:
            name = self.node(choice)
            self.forget(name)
            for other in self.nodes if choice % 2 else ():
                self.holds(other, True)
            self.dies(name)

    def stops(self, choice: int) -> None:
        """It says goodbye for its people."""
        if len(self.nodes) > 1:
            name = self.node(choice)
            server = self.nodes[name]
            self.forget(name)
            server.stop()

    def forget(self, name: str) -> None:
        """It is no daemon of ours any more."""
        server = self.nodes.pop(name)
        self.witnesses.pop(name)
        self.people = [guest for guest in self.people if guest.server is not server]

    def is_late(self, choice: int) -> None:
        """A node hears of the others late, or hears all that waits."""
        self.holds(self.node(choice), bool(choice % 3))

    def has_a_turn(self, choice: int) -> None:
        """One of the daemons does the next thing that it has to do."""
        calls = self.nodes[self.node(choice)].clock.calls
        if calls and calls[0].getTime() <= self.seconds:
            call = calls.pop(0)
            call.called = 1
            call.func(*call.args, **call.kw)

    def has_its_turns(self, choice: int) -> None:
        """One of the daemons does all that it has to do."""
        self.nodes[self.node(choice)].settle()

    def time_passes(self, _: int) -> None:
        """What has to be tried again is."""
        self.pass_time(1.5)

    def comes(self, choice: int, nick: str = "") -> None:
        """A guest, by any node, if that name is free; nothing of anybody who had it before is this one's."""
        nick, server = nick or GUESTS[choice % len(GUESTS)], self.nodes[self.node(choice)]
        guest = server.connection(f"192.0.2.{1 + choice % 9}")
        guest.types(nick)
        self.people.append(guest)
        read = guest.reads()
        if any("Registration successful" in line for line in read):
            self.arrived.append((guest, read))
            state, key = server.services.chat.state, nick.casefold()
            assert set(state.people[key].rooms) <= {"lobby"}, (nick, state.people[key].rooms)
            assert not [room.name for room in state.rooms.values() if key in room.roles], nick

    def logs_in(self, choice: int) -> None:
        """An account, by any node, also where it is on line already."""
        guest = self.nodes[self.node(choice)].connection()
        guest.types(ACCOUNTS[choice // 2 % len(ACCOUNTS)], PASSWORD)
        self.people.append(guest)

    def quits(self, choice: int) -> None:
        """By choice."""
        self.types(choice, "/quit bye")

    def is_cut_off(self, choice: int) -> None:
        """Without it."""
        guest = self.somebody(choice)
        if guest is not None:
            guest.transport.connectionLost()

    def talks(self, choice: int) -> None:
        """In the current room."""
        self.lines += 1
        self.types(choice, f"line {self.lines}")

    def creates(self, choice: int) -> None:
        """A room that may be there already."""
        self.types(choice, f"/create {ROOMS[choice % 2]}{' keep' if choice % 3 else ''}")

    def joins(self, choice: int) -> None:
        """A room that may be gone."""
        self.types(choice, f"/join {ROOMS[choice % 3]}")

    def leaves(self, choice: int) -> None:
        """A room, perhaps as the last one."""
        self.types(choice, f"/leave {ROOMS[choice % 3]}")

    def renames(self, choice: int) -> None:
        """To a name that somebody may have."""
        self.types(choice, f"/nick {GUESTS[choice % len(GUESTS)]}")

    def governs(self, choice: int) -> None:
        """Somebody else, where one may."""
        word, nick = ("kick", "ban", "op", "invite")[choice % 4], (*GUESTS, *ACCOUNTS)[choice // 4 % 4]
        self.types(choice, f"/look {ROOMS[choice % 2]}", f"/{word} {nick}")

    def is_away(self, choice: int) -> None:
        """Or back."""
        self.types(choice, "/away tea" if choice % 2 else "/back")

    # What has to be true.

    @rule()
    def settles(self) -> None:
        """All is the same everywhere, and as a node that starts now would have it."""
        self.quietly()
        self.check_arrivals()
        fresh = self.opened(f"fresh~{self.started}")
        try:
            now = truth(fresh.services.chat.state)
            self.check_states(now)
            self.check_claims(fresh)
        finally:
            fresh.stop()
        self.quietly()
        for room in list(now["rooms"]):
            self.check_history(room)
        self.check_witnesses()

    def check_arrivals(self) -> None:
        """A guest who was given a nickname has joined the lobby, unless their node or their connection was lost."""
        for guest, read in self.arrived:
            if guest.server in self.nodes.values() and not guest.is_disconnected():
                assert "You are in lobby." in [*read, *guest.reads()], read
        self.arrived.clear()

    def check_states(self, now: dict[str, Any]) -> None:
        """Every node holds for true what a node that starts now does, and every room was made."""
        for name, server in self.nodes.items():
            there = truth(server.services.chat.state)
            for part, expected in now.items():
                assert there[part] == expected, (name, part, there[part], expected)
            for room in server.services.chat.state.rooms.values():
                assert room.made, f"nobody made {room.name}"

    def check_claims(self, fresh: Server) -> None:
        """Each connection with a nickname holds it once, and nobody else holds any."""
        held: dict[str, int] = {}
        for server in (*self.nodes.values(), fresh):
            for key, callers in server.connections.local.items():
                held[key] = held.get(key, 0) + len(callers)
            assert not server.connections.departing
        assert self.claims() == held
        assert set(fresh.services.chat.state.people) == set(held)

    def check_history(self, room: str) -> None:
        """Numbers have no hole, and whoever was in a room left it once before they joined again."""
        kept = self.history(room)
        if kept:
            assert [event.seq for event in kept] == list(range(kept[0].seq, kept[-1].seq + 1))
        inside: set[str] = set()
        for event in kept:
            if isinstance(event, Left):
                assert event.nick.casefold() in inside, (room, event)
                inside.discard(event.nick.casefold())
            elif isinstance(event, Joined):
                assert not event.guest or event.nick.casefold() not in inside, f"no goodbye in {room} before {event}"
                inside.add(event.nick.casefold())
            elif isinstance(event, Renamed):
                inside.discard(event.nick.casefold())
                inside.add(event.new.casefold())
            elif event.kind in ("kicked", "banned"):
                inside.discard(event.who.casefold())  # type: ignore[attr-defined]
        members: set[str] = set(next(iter(self.nodes.values())).services.chat.state.rooms[room].members)
        assert inside == members, (room, inside, members)

    def check_witnesses(self) -> None:
        """Who listens in the lobby was told of every line, once and in order."""
        talk = {event.seq for event in self.history("lobby") if isinstance(event, Said)}
        for witness in self.witnesses.values():
            runs = witness.runs.get("lobby", [])
            for (_, before), (first, last) in pairwise(runs):
                assert before < first <= last, runs
                assert not talk & set(range(before + 1, first)), (before, first)

    def teardown(self) -> None:
        """At the end of everything, too."""
        if self.nodes:
            self.settles()
