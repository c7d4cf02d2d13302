"""
People with nc who do what they like, in any order, on a server that stops and starts; and a simple model of it.

After every step the server has to grant and refuse what the model does, exactly those have to read a line who should,
and everything true on the server has to be true in the model. It is long because people can do many things; each is
short.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import product
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from chatroom.core.holds import held
from chatroom.errors import NotAllowed
from chatroom.events import GUEST, Role, Sanctioned, ServerRole
from chatroom.limits import Limits
from chatroom.plugins.find import find
from chatroom.testing import Guest, Server
from tests.server.model import ADMIN, LOBBY, MEMBER, MODERATOR, OPERATOR, OWNER, Model, Person
from tests.server.model import names as names_of

COMMANDS = find()
LEVELS = ("off", "guests", "accounts", "registered")
LIMITS = Limits(talk_rate=0, login_tries=1000, login_tries_per_address=1000, signups_per_address=0)
PASSWORD = "correct horse battery"

names = st.sampled_from(["alice", "Bob", "BOB", "carl", "Zoë"])
rooms = st.sampled_from(["attic", "cellar"])
choices = st.integers(0, 1000)
targets = names | st.integers(0, 9) | st.integers(0, 9)


def held_by(book: Any) -> list[tuple[str, bool]]:
    """Who the bans or mutes of a server or a room are on, and whether that is a guest."""
    acts = book.entries.values()
    return sorted((held(act).casefold(), isinstance(act, Sanctioned) and act.scope == GUEST) for act in acts)


class ServerMachine(RuleBasedStateMachine):
    """
    @ivar nodes: the daemons that are the server together: so many as L{count} says.
    @ivar connections: everybody who is connected, with the key of who they are.
    """

    count = 1

    def __init__(self) -> None:
        super().__init__()
        self.nodes = [self.opened(number) for number in range(self.count)]
        self.model = Model(self.count)
        self.connections: list[tuple[Guest, str]] = []
        self.visits = 0
        self.lines = 0

    def opened(self, number: int) -> Server:
        """One of the daemons, on what was kept so far."""
        raise NotImplementedError

    # Verbs.

    def does(self, guest: Guest, *lines: str) -> bool:
        """Somebody types something; whether it was granted."""
        self.read_out()
        self.model.node = self.nodes.index(guest.server)
        guest.types(*lines)
        return not any(line.startswith("! ") for line in guest.reads())

    def read_out(self) -> None:
        """Everybody has read everything."""
        for guest, _ in self.connections:
            guest.reads()

    def somebody(self, choice: int) -> tuple[Guest, str]:
        """One of those who are connected."""
        return self.connections[choice % len(self.connections)]

    def in_a_room(self, choice: int) -> tuple[Guest, str, str] | None:
        """Somebody who looks at one of their rooms, if anybody is in any: more often one in charge there."""
        everybody = [
            (guest, key, name)
            for name, room in sorted(self.model.rooms.items())
            for guest, key in self.connections
            if key in room.members
            for _ in range(4 if room.role(key) >= OPERATOR else 1)
        ]
        if not everybody:
            return None
        guest, key, name = everybody[choice % len(everybody)]
        assert self.does(guest, f"/look {name}")
        return guest, key, name

    def act(self, choice: int, typed: str, wish: Callable[[str, str], bool]) -> None:
        """Somebody wishes something in one of their rooms."""
        found = self.in_a_room(choice)
        if found is not None:
            guest, key, name = found
            assert self.does(guest, typed) == wish(key, name), typed

    def act_on(self, choice: int, who: str | int, typed: str, wish: Callable[[str, str, str], bool]) -> None:
        """Somebody does something to somebody: by name, or to one of those the room has anything to do with."""
        found = self.in_a_room(choice)
        if found is not None:
            guest, key, name = found
            room = self.model.rooms[name]
            if isinstance(who, int):
                held = {each.key for each in [*room.bans.values(), *room.mutes.values()]}
                known = sorted(room.members - {key}) + sorted(held)
                who = known[who % len(known)] if known else "nobody-here"
            assert self.does(guest, typed.format(who)) == wish(key, name, who.casefold()), typed

    def text(self) -> str:
        """A line nobody has said before."""
        self.lines += 1
        return f"line {self.lines} of many"

    # Coming and going.

    @initialize(keep=st.booleans(), open=st.booleans(), staff=st.sampled_from([0, MODERATOR, ADMIN]))
    def has_a_scene(self, keep: bool, open: bool, staff: int) -> None:
        """Three people are here, and one of them owns a room that the others may be in, or is of the staff, or both."""
        for nick in ("alice", "Bob", "carl"):
            self.comes(nick, len(nick))
        if keep or staff:
            self.signs_up(0)
        if staff:
            self.is_made_staff(0, staff)
        self.creates(0, "attic", keep)
        for number in (1, 2) if open else ():
            self.joins(number, "attic")

    @rule(nick=names, node=choices, place=st.integers(1, 3))
    def comes(self, nick: str, node: int, place: int = 1) -> None:
        """Somebody new, or one more connection of an account."""
        address = f"192.0.2.{place}"
        key, guest = nick.casefold(), self.nodes[node % self.count].connection(address)
        self.visits += 1
        who = Person(nick) if key in self.model.accounts else Person(nick, f"visit {self.visits}", address)
        guest.types(nick)
        if key in self.model.accounts:
            guest.types(PASSWORD)
            nick = self.model.people.get(key, str(guest.protocol.conversation and guest.protocol.conversation.nick))
        came = guest.reads()
        if not self.model.may_come(who):
            assert any(line.startswith("! ") for line in came), came
            guest.disconnects()
            return
        if key in self.model.people and key not in self.model.accounts:
            assert any("already taken" in line for line in came), came
            guest.disconnects()
            return
        assert not any(line.startswith("! ") and "belongs to an account" not in line for line in came), came
        self.connections.append((guest, key))
        if key not in self.model.people:
            self.model.arrive(replace(who, nick=nick))

    @precondition(lambda self: self.connections)
    @rule(choice=choices, quits=st.booleans())
    def goes(self, choice: int, quits: bool) -> None:
        """A connection ends; with the last one, the person is gone."""
        guest, _ = self.connections.pop(choice % len(self.connections))
        if quits:
            guest.types("/quit")
            assert guest.is_disconnected()
        else:
            guest.disconnects()
        self.depart_without_connections()

    def depart_without_connections(self) -> None:
        """People whose last connection is gone are gone."""
        for key in set(self.model.people) - {key for _, key in self.connections}:
            self.model.depart(key)

    @precondition(lambda self: self.connections)
    @rule(choice=choices)
    def signs_up(self, choice: int) -> None:
        """A guest becomes an account."""
        guest, key = self.somebody(choice)
        assert self.does(guest, f"/signup {PASSWORD}") == self.model.sign_up(key)

    @precondition(lambda self: self.connections)
    @rule(choice=choices, nick=names)
    def renames(self, choice: int, nick: str) -> None:
        """Another name, or the same in other letters."""
        guest, key = self.somebody(choice)
        granted = self.model.rename(key, nick)
        assert self.does(guest, f"/nick {nick}") == granted
        if granted and nick.casefold() != key:
            self.connections = [(g, nick.casefold() if k == key else k) for g, k in self.connections]

    @rule(node=choices)
    def restarts(self, node: int) -> None:
        """A daemon stops, and starts on what was kept."""
        self.nodes[node % self.count].stop()
        self.is_gone(node % self.count)
        self.nodes[node % self.count] = self.opened(node % self.count)

    def is_gone(self, node: int) -> None:
        """Everybody who came by this daemon has lost the connection."""
        gone = [each for each in self.connections if each[0].server is self.nodes[node]]
        self.connections = [each for each in self.connections if each not in gone]
        self.depart_without_connections()
        self.model.formers[node].clear()

    # Rooms.

    @precondition(lambda self: self.connections)
    @rule(choice=choices, name=rooms, keep=st.booleans())
    def creates(self, choice: int, name: str, keep: bool) -> None:
        """A room, to be kept or not."""
        guest, key = self.somebody(choice)
        assert self.does(guest, f"/create {name} {'keep' if keep else ''}") == self.model.create(key, name, keep)

    @precondition(lambda self: self.connections)
    @rule(choice=choices, name=rooms | st.just(LOBBY))
    def joins(self, choice: int, name: str) -> None:
        """Into a room, if its door lets them in."""
        guest, key = self.somebody(choice)
        assert self.does(guest, f"/join {name}") == self.model.join(key, name)

    @precondition(lambda self: self.connections)
    @rule(choice=choices)
    def leaves(self, choice: int) -> None:
        """Out of one of their rooms."""
        found = self.in_a_room(choice)
        if found is not None:
            guest, key, name = found
            assert self.does(guest, "/leave")
            self.model.leave(key, name)

    @precondition(lambda self: self.connections)
    @rule(choice=choices)
    def sets_the_topic(self, choice: int) -> None:
        """Where they may."""
        topic = self.text()
        self.act(choice, f"/topic {topic}", lambda key, name: self.model.set_topic(key, name, topic))

    @precondition(lambda self: self.connections)
    @rule(choice=choices, private=st.booleans())
    def closes_or_opens_the_door(self, choice: int, private: bool) -> None:
        """To all but the invited."""
        word = "/private" if private else "/public"
        self.act(choice, word, lambda key, name: self.model.set_private(key, name, private))

    @precondition(lambda self: self.connections)
    @rule(choice=choices, locked=st.booleans())
    def locks_or_unlocks(self, choice: int, locked: bool) -> None:
        """For those who are not inside."""
        word = "/lock" if locked else "/unlock"
        self.act(choice, word, lambda key, name: self.model.set_locked(key, name, locked))

    @precondition(lambda self: self.connections)
    @rule(choice=choices, who=names)
    def invites(self, choice: int, who: str) -> None:
        """Somebody."""
        self.act(choice, f"/invite {who}", lambda key, name: self.model.invite(key, name, who.casefold()))

    # Order.

    @precondition(lambda self: self.connections)
    @rule(choice=choices, who=targets, word=st.sampled_from(["kick", "ban", "mute"]))
    def acts_against(self, choice: int, who: str | int, word: str) -> None:
        """Sends out, bans or mutes somebody."""
        wish = {"kick": self.model.kick, "ban": self.model.ban, "mute": self.model.mute}[word]
        self.act_on(choice, who, f"/{word} {{}}{' forever' if word == 'mute' else ''}", wish)

    @precondition(lambda self: self.connections)
    @rule(choice=choices, who=targets, word=st.sampled_from(["unban", "unmute"]))
    def forgives(self, choice: int, who: str | int, word: str) -> None:
        """Lifts a ban or a mute."""
        self.act_on(choice, who, f"/{word} {{}}", lambda key, name, who: self.model.lift(key, name, who, word))

    @precondition(lambda self: self.connections)
    @rule(choice=choices, who=targets, role=st.sampled_from([OWNER, OPERATOR, MEMBER]))
    def gives_a_role(self, choice: int, who: str | int, role: int) -> None:
        """Or takes it."""
        typed = {OWNER: "/op {} owner", OPERATOR: "/op {}", MEMBER: "/deop {}"}[role]
        self.act_on(choice, who, typed, lambda key, name, who: self.model.set_role(key, name, who, role))

    # Order on the whole server.

    def staff_member(self, choice: int) -> tuple[Guest, str]:
        """One of the staff, if any is here and dice want it; else anybody."""
        staff = [each for each in self.connections if self.model.staff_here(each[1])]
        return staff[choice % len(staff)] if staff and choice % 5 else self.somebody(choice)

    @precondition(lambda self: any(key in self.model.accounts for _, key in self.connections))
    @rule(choice=choices, role=st.sampled_from([MODERATOR, ADMIN, 0]))
    def is_made_staff(self, choice: int, role: int) -> None:
        """From the shell; it is true from the next thing on that the account does as staff, or asks."""
        accounts = [each for each in self.connections if each[1] in self.model.accounts]
        guest, key = accounts[choice % len(accounts)]
        granted = True
        try:
            guest.server.promote(self.model.people[key], ServerRole(role))
        except NotAllowed:
            granted = False
        assert granted == self.model.make_staff(key, role)
        assert self.does(guest, "/whoami")

    @precondition(lambda self: self.connections)
    @rule(choice=choices, who=names, role=st.sampled_from([MODERATOR, ADMIN, 0]))
    def gives_a_role_in_the_server(self, choice: int, who: str, role: int) -> None:
        """Or takes it."""
        guest, key = self.staff_member(choice)
        word = {MODERATOR: f"/promote {who}", ADMIN: f"/promote {who} admin", 0: f"/demote {who}"}[role]
        assert self.does(guest, word) == self.model.give_staff(key, who.casefold(), role), word

    @precondition(lambda self: self.connections)
    @rule(choice=choices, who=names, word=st.sampled_from(["gkick", "gban"]))
    def sends_out_of_the_server(self, choice: int, who: str, word: str) -> None:
        """All connections of somebody are closed, and perhaps that name is kept out."""
        (guest, key), target = self.staff_member(choice), who.casefold()
        if word == "gban":
            granted = self.model.server_ban(key, target)
        else:
            granted = self.model.may_sanction(key, target) and target in self.model.people
        assert self.does(guest, f"/{word} {who}") == granted, word
        for server in self.nodes:
            server.settle()
        if granted:
            assert all(other.is_disconnected() for other, name in self.connections if name == target)
            self.connections = [each for each in self.connections if each[1] != target]
            self.depart_without_connections()

    @precondition(lambda self: self.connections)
    @rule(choice=choices, who=names)
    def silences_in_the_server(self, choice: int, who: str) -> None:
        """In every room, and for good."""
        guest, key = self.staff_member(choice)
        assert self.does(guest, f"/gmute {who} forever") == self.model.server_mute(key, who.casefold())

    @precondition(lambda self: self.model.bans or self.model.mutes)
    @rule(choice=choices, word=st.sampled_from(["gunban", "gunmute"]), who=choices)
    def pardons(self, choice: int, word: str, who: int) -> None:
        """Somebody whom the server keeps out or silent."""
        if not self.connections:
            return
        everybody = [*self.model.bans.values(), *self.model.mutes.values()]
        (guest, key), known = self.staff_member(choice), sorted({each.key for each in everybody})
        held = self.model.bans if word == "gunban" else self.model.mutes
        target = known[who % len(known)]
        assert self.does(guest, f"/{word} {target}") == self.model.server_lift(key, target, held), (word, target)

    @precondition(lambda self: self.connections)
    @rule(choice=choices, level=st.sampled_from(LEVELS) | st.just("off"))
    def locks_down(self, choice: int, level: str) -> None:
        """The server, or opens it."""
        guest, key = self.staff_member(choice)
        assert self.does(guest, f"/lockdown {level}") == self.model.lock_down(key, level)

    # Talk.

    @precondition(lambda self: self.connections)
    @rule(choice=choices)
    def talks(self, choice: int) -> None:
        """Everybody else in the room reads it once, and nobody else does."""
        found, text = self.in_a_room(choice), self.text()
        if found is None:
            return
        guest, key, name = found
        granted = self.model.say(key, name, text)
        assert self.does(guest, text) == granted
        line = f"<{self.model.people[key]}> {text}"
        for reader, who in self.connections:
            if reader is not guest:
                heard = sum(each.endswith(line) for each in reader.reads())
                assert heard == (granted and who in self.model.rooms[name].members), (who, line)

    @precondition(lambda self: self.connections)
    @rule(choice=choices, to=names)
    def whispers(self, choice: int, to: str) -> None:
        """Only that person reads it, now or at the next visit."""
        (guest, key), text = self.somebody(choice), self.text()
        assert self.does(guest, f"@{to} {text}") == self.model.whisper(key, to.casefold(), text)
        silent = self.model.muted(key) and not self.model.staff_here(to.casefold())
        line = f"[{self.model.people[key]} whispers] {text}"
        for reader, who in self.connections:
            if reader is not guest:
                assert (line in reader.reads()) == (who == to.casefold() and not silent), (who, line)

    @precondition(lambda self: self.connections)
    @rule(choice=choices)
    def reads_the_inbox(self, choice: int) -> None:
        """Every whisper that waited, once, oldest first."""
        guest, key = self.somebody(choice)
        if key in self.model.accounts:
            self.read_out()
            guest.types("/inbox")
            read = [text for line in guest.reads() for text in self.model.mail[key] if line.endswith(text)]
            assert read == self.model.mail[key]
            self.model.mail[key] = []

    @precondition(lambda self: self.connections)
    @rule(choice=choices)
    def reads_the_history(self, choice: int) -> None:
        """All that was said in the room, by anybody, before any restart."""
        found = self.in_a_room(choice)
        if found is not None:
            guest, _, name = found
            self.read_out()
            guest.types("/history")
            lines = [line for line in guest.reads() if "> line " in line]
            assert [line.partition("> ")[2] for line in lines] == self.model.rooms[name].said[-LIMITS.page_lines :]

    # What is true.

    @invariant()
    def same_people(self) -> None:
        """Who is here, by what name, and whether with an account."""
        model = self.model
        for server in self.nodes:
            people = server.services.chat.state.people
            assert {key: who.nick for key, who in people.items()} == model.people
            assert {key for key, who in people.items() if who.account} == model.accounts & set(model.people)
        assert not any(guest.is_disconnected() for guest, _ in self.connections)

    @invariant()
    def same_order(self) -> None:
        """Who is of the staff, whom the server keeps out or silent, and whether it is locked down."""
        for server in self.nodes:
            chat: Any = server.services.chat
            staff = {key: int(who.staff) for key, who in chat.state.people.items() if who.staff}
            assert staff == {key: role for key, role in self.model.staff.items() if key in self.model.people}
            assert held_by(chat.state.server_bans) == names_of(self.model.bans)
            assert held_by(chat.state.server_mutes) == names_of(self.model.mutes)
            assert (chat.state.lockdown.level if chat.state.lockdown is not None else "off") == self.model.lockdown

    @invariant()
    def same_rooms(self) -> None:
        """Which rooms there are, and everything about them."""
        for server, (name, room) in product(self.nodes, self.model.rooms.items()):
            other: Any = server.services.chat.state.rooms[name]
            assert set(other.members) == room.members, name
            assert other.roles == {key: Role(role) for key, role in room.roles.items()}, name
            assert (other.topic, other.invite_only, other.keep) == (room.topic, room.private, room.keep), name
            assert (other.lock is not None) == room.locked, name
            assert other.invited == room.invited, name
            assert (held_by(other.bans), held_by(other.mutes)) == (names_of(room.bans), names_of(room.mutes)), name
        for server in self.nodes:
            assert set(server.services.chat.state.rooms) == set(self.model.rooms)

    @invariant()
    def nobody_is_forgotten(self) -> None:
        """Connections are those of the people who are here, and nobody is half gone."""
        for server in self.nodes:
            assert set(server.connections.local) == {key for guest, key in self.connections if guest.server is server}
            assert not server.connections.departing
