"""
A chat room as simple as it can be thought: what L{tests.server.test_server} holds the real one to.

It knows names, sets and roles, no time, no order of events, and nothing of how any of it is done. A method returns
whether the wish is granted, and then it has come true.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

LOBBY = "lobby"
OWNER, OPERATOR, MEMBER = 4, 3, 1
ADMIN, MODERATOR = 2, 1


@dataclass(frozen=True)
class Person:
    """
    Somebody, here or about to be.

    @ivar visit: of a guest; C{""} for an account, or where nobody is meant but a name. @ivar origin: of a guest.
    """

    nick: str
    visit: str = ""
    origin: str = ""

    @property
    def key(self) -> str:
        """In any letter case."""
        return self.nick.casefold()


Holds = dict[str, Person]
"""Bans or mutes, by key or by visit: who was meant, and by what name."""


def own(holds: Holds, who: Person) -> bool:
    """Whether one is on this person."""
    return who.key in holds or (bool(who.visit) and who.visit in holds)


def on(holds: Holds, who: Person) -> bool:
    """Whether one holds for this person: also for a guest from where another is banned or muted."""
    return own(holds, who) or (bool(who.visit) and any(each.origin == who.origin for each in holds.values()))


def put(holds: Holds, who: Person) -> None:
    """On a guest it is not on the name."""
    holds[who.visit or who.key] = who


def called(holds: Holds, who: Person) -> list[str]:
    """What is meant by a name: what is on it, on guests who had it, and on the guest who has it now."""
    return [
        found for found, each in holds.items() if found in (who.key, who.visit) or (each.visit and each.key == who.key)
    ]


def names(holds: Holds) -> list[tuple[str, bool]]:
    """Who they are on, and whether that is a guest."""
    return sorted((each.key, bool(each.visit)) for each in holds.values())


@dataclass
class Room:
    """A room. Everything is by keys of people."""

    keep: bool = False
    topic: str = ""
    private: bool = False
    locked: bool = False
    members: set[str] = field(default_factory=set)
    roles: dict[str, int] = field(default_factory=dict)
    invited: set[str] = field(default_factory=set)
    bans: Holds = field(default_factory=dict)
    mutes: Holds = field(default_factory=dict)
    said: list[str] = field(default_factory=list)

    def role(self, key: str) -> int:
        """Of somebody here, or of an account wherever it is."""
        return self.roles.get(key, MEMBER if key in self.members else 0)

    def lets_in(self, who: Person) -> bool:
        """
        Operators always, nobody who is banned, and through a private or locked door the invited: so are those who are
        banned for their address alone.
        """
        shut = (self.private or self.locked) and who.key not in self.invited
        banned = own(self.bans, who) or (on(self.bans, who) and who.key not in self.invited)
        return self.role(who.key) >= OPERATOR or not (banned or shut)

    def come_in(self, key: str) -> None:
        """An invitation is for once."""
        self.members.add(key)
        self.invited.discard(key)


class Model:
    """
    The server.

    @ivar people: names as shown, by key, of those who are here.
    @ivar accounts: keys. @ivar mail: unread whispers, by account.
    @ivar visits: guests who are here, by key. @ivar formers: who had a nickname last, if that
        was a guest and is gone, as each node remembers it. @ivar node: through which somebody acts.
    @ivar staff: who keeps order on the whole server, by account: L{ADMIN} or L{MODERATOR}.
    @ivar bans: those whom the server keeps out. @ivar mutes: those who may talk nowhere.
    @ivar lockdown: C{off}, or who does not come in: C{guests}, new C{accounts}, or both: only the C{registered} do.
    """

    def __init__(self, count: int = 1) -> None:
        self.people: dict[str, str] = {}
        self.accounts: set[str] = set()
        self.rooms: dict[str, Room] = {LOBBY: Room(keep=True)}
        self.mail: dict[str, list[str]] = {}
        self.staff: dict[str, int] = {}
        self.visits: dict[str, Person] = {}
        self.formers: list[dict[str, Person]] = [{} for _ in range(count)]
        self.node = 0
        self.bans: Holds = {}
        self.mutes: Holds = {}
        self.lockdown = "off"

    # Who is who.

    def staff_here(self, key: str) -> int:
        """What somebody is on the server, while they are here."""
        return self.staff.get(key, 0) if key in self.people else 0

    def power(self, key: str, room: Room) -> int:
        """Moderators count as operators everywhere, and admins as owners."""
        return max(room.role(key), {0: 0, MODERATOR: OPERATOR, ADMIN: OWNER}[self.staff_here(key)])

    def rank(self, key: str, room: Room) -> int:
        """Staff stands above whatever anybody is in a room."""
        return OWNER + self.staff_here(key) if self.staff_here(key) else room.role(key)

    def outranks(self, actor: str, target: str, room: Room) -> bool:
        """Whether one may act against the other."""
        mine, theirs = self.rank(actor, room), max(self.rank(target, room), MEMBER)
        return actor != target and self.power(actor, room) >= OPERATOR and mine > theirs

    def person(self, key: str) -> Person:
        """Who that is, as far as order goes by it."""
        return self.visits.get(key) or Person(self.people.get(key, key))

    def meant(self, key: str) -> Person:
        """Whom a ban or a mute in a room is on: also a guest who is gone, or has another nickname by now."""
        former = self.formers[self.node].get(key)
        if key in self.people or key in self.accounts or former is None:
            return self.person(key)
        return next((each for each in self.visits.values() if each.visit == former.visit), former)

    # Coming and going.

    def may_come(self, who: Person) -> bool:
        """Bans and lockdown hold for all, but those who are here stay."""
        shut = self.lockdown in ("guests", "registered") and who.key not in self.accounts
        return not on(self.bans, who) and not shut

    def arrive(self, who: Person) -> None:
        """Somebody is here, and in the lobby if that lets them in, as it does the staff."""
        self.people[who.key] = who.nick
        if who.visit:
            self.visits[who.key] = who
        if self.rooms[LOBBY].lets_in(who) or self.staff_here(who.key):
            self.rooms[LOBBY].come_in(who.key)

    def depart(self, key: str) -> None:
        """Somebody is gone altogether."""
        for name in list(self.rooms):
            self.leave(key, name)
        self._uninvite(key)
        self._give_up(key)
        del self.people[key]

    def _give_up(self, key: str) -> None:
        """A guest's name is free, and it is remembered who had it."""
        guest = self.visits.pop(key, None)
        for former in self.formers:
            former.pop(key, None)
            if guest is not None:
                former[key] = guest

    def _uninvite(self, key: str) -> None:
        """The next guest of that name was not meant."""
        for room in self.rooms.values():
            if key not in self.accounts:
                room.invited.discard(key)

    def sign_up(self, key: str) -> bool:
        """A guest becomes an account."""
        if key in self.accounts or self.lockdown in ("accounts", "registered"):
            return False
        guest = self.visits.pop(key)
        self.accounts.add(key)
        self.mail[key] = []
        held = [self.mutes]
        for room in self.rooms.values():
            held += [room.bans, room.mutes] if room.role(key) < OPERATOR else []
        for holds in held:  # what is on the guest is on the account as well
            if own(holds, guest) and key not in holds:
                holds[key] = Person(guest.nick)
        return True

    def _may_become(self, key: str, renamed: Person) -> bool:
        """A guest any free name, and anybody theirs in other letters; if their rooms may read it."""
        if any(key in room.members and not self.may_talk(key, name) for name, room in self.rooms.items()):
            return False
        if renamed.key == key:
            return True
        taken = key in self.accounts or renamed.key in self.people or renamed.key in self.accounts
        return not taken and not on(self.bans, renamed)

    def rename(self, key: str, nick: str) -> bool:
        """Guests may take a free name, and anybody write theirs differently."""
        new, who = nick.casefold(), self.person(key)
        renamed = replace(who, nick=nick)
        if nick == self.people[key]:
            return True
        if not self._may_become(key, renamed):
            return False
        if new == key:
            self.people[key] = nick
            if key in self.visits:
                self.visits[key] = renamed
            return True
        for holds in [self.mutes, *(each for room in self.rooms.values() for each in (room.bans, room.mutes))]:
            if key in holds and who.visit not in holds and new not in holds:
                put(holds, renamed)  # what is on the name stays there, and is on the guest as well
        invited = [room for room in self.rooms.values() if key in room.invited]
        self._uninvite(key)
        self._give_up(key)
        del self.people[key]
        self.people[new] = nick
        self.visits[new] = renamed
        for room in invited:
            room.invited.add(new)
        self._rename_in_rooms(key, new)
        return True

    def _rename_in_rooms(self, key: str, new: str) -> None:
        """A role goes along; where the name is banned, they leave."""
        for name, room in list(self.rooms.items()):
            if key in room.members:
                role = room.roles.pop(key, MEMBER)
                room.members.remove(key)
                if new in room.bans:
                    self._close_if_empty(name)
                    continue
                room.members.add(new)
                room.invited.discard(new)
                if role > MEMBER:
                    room.roles[new] = role

    # Rooms.

    def create(self, key: str, name: str, keep: bool) -> bool:
        """One owns what one makes; only accounts keep rooms. A name is said to all, so the silent give none."""
        if name in self.rooms or (keep and key not in self.accounts) or self.muted(key):
            return False
        self.rooms[name] = Room(keep=keep, members={key}, roles={key: OWNER})
        return True

    def join(self, key: str, name: str) -> bool:
        """Bans, locks and private doors hold for all but operators, and staff of the server."""
        room = self.rooms.get(name)
        if room is None:
            return False
        if key in room.members:
            return True
        if not self.staff_here(key) and not room.lets_in(self.person(key)):
            return False
        room.come_in(key)
        return True

    def leave(self, key: str, name: str) -> None:
        """A guest's role goes with them, and a room with its last member."""
        room = self.rooms[name]
        if key in room.members:
            room.members.remove(key)
            if key not in self.accounts:
                room.roles.pop(key, None)
            self._close_if_empty(name)

    def _close_if_empty(self, name: str) -> None:
        if not self.rooms[name].members and not self.rooms[name].keep:
            del self.rooms[name]

    def set_topic(self, key: str, name: str, topic: str) -> bool:
        """For operators, where anybody has a role; and never for who is muted, in the room or the server."""
        room = self.rooms[name]
        others = not room.roles and name != LOBBY
        if not (others or self.power(key, room) >= OPERATOR) or not self.may_talk(key, name):
            return False
        room.topic = topic
        return True

    def set_private(self, key: str, name: str, private: bool) -> bool:
        """For operators."""
        room = self.rooms[name]
        if self.power(key, room) < OPERATOR:
            return False
        room.private = private
        return True

    def set_locked(self, key: str, name: str, locked: bool) -> bool:
        """For operators; only what is locked can be unlocked."""
        room = self.rooms[name]
        if self.power(key, room) < OPERATOR or not (locked or room.locked):
            return False
        room.locked = locked
        return True

    def invite(self, key: str, name: str, who: str) -> bool:
        """For operators: somebody here or with an account, and not inside."""
        room = self.rooms[name]
        known = who in self.people or who in self.accounts
        if self.power(key, room) < OPERATOR or not known or who in room.members or self.muted(key):
            return False
        room.invited.add(who)
        return True

    # Order.

    def kick(self, key: str, name: str, who: str) -> bool:
        """Somebody inside, of lower rank."""
        room = self.rooms[name]
        if who not in room.members or not self.outranks(key, who, room):
            return False
        self.leave(who, name)
        return True

    def ban(self, key: str, name: str, who: str) -> bool:
        """Anybody of lower rank; it takes their role, and their invitation."""
        room, meant = self.rooms[name], self.meant(who)
        who = meant.key
        if not self.outranks(key, who, room):
            return False
        put(room.bans, meant)
        room.invited.discard(who)
        room.roles.pop(who, None)
        self.leave(who, name)
        return True

    def mute(self, key: str, name: str, who: str) -> bool:
        """Anybody of lower rank."""
        room, meant = self.rooms[name], self.meant(who)
        if not self.outranks(key, meant.key, room):
            return False
        put(room.mutes, meant)
        return True

    def lift(self, key: str, name: str, who: str, what: str) -> bool:
        """A ban or a mute that there is."""
        room = self.rooms[name]
        held = room.bans if what == "unban" else room.mutes
        found = called(held, self.person(who))
        if self.power(key, room) < OPERATOR or not found:
            return False
        for each in found:
            del held[each]
        return True

    def set_role(self, key: str, name: str, who: str, role: int) -> bool:
        """By owners: to people inside and to accounts; not to equals, and not to the last owner's own loss."""
        room = self.rooms[name]
        if self.power(key, room) < OWNER or not (who in self.accounts or who in room.members):
            return False
        if who == key and role < OWNER and list(room.roles.values()).count(OWNER) == 1:
            return False
        if who != key and not self.outranks(key, who, room):
            return False
        room.roles.pop(who, None)
        if role > MEMBER:
            room.roles[who] = role
        return True

    # Talk.

    def may_talk(self, key: str, name: str) -> bool:
        """Whether they are not muted, in the room or the server."""
        room, who = self.rooms[name], self.person(key)
        spared = room.role(key) >= OPERATOR and not own(room.mutes, who)
        return not self.muted(key) and (spared or not on(room.mutes, who))

    def muted(self, key: str) -> bool:
        """In the whole server."""
        return on(self.mutes, self.person(key))

    def say(self, key: str, name: str, text: str) -> bool:
        """By whoever is not muted, in the room or the server."""
        if not self.may_talk(key, name):
            return False
        self.rooms[name].said.append(text)
        return True

    def whisper(self, key: str, to: str, text: str) -> bool:
        """To somebody here; or it waits for an account. Who is muted may only ask the staff why."""
        if self.muted(key) and not self.staff_here(to):
            return False
        if to in self.people:
            return True
        if to in self.accounts:
            self.mail[to].append(text)
            return True
        return False

    # The whole server.

    def give_staff(self, key: str, who: str, role: int) -> bool:
        """By admins, to accounts; not to another admin."""
        if self.staff_here(key) < ADMIN or who not in self.accounts:
            return False
        if who != key and self.staff.get(who, 0) >= ADMIN:
            return False
        return self.make_staff(who, role)

    def make_staff(self, who: str, role: int) -> bool:
        """From the shell; the last admin stays."""
        if role < ADMIN and [key for key, has in self.staff.items() if has == ADMIN] == [who]:
            return False
        self.staff.pop(who, None)
        if role:
            self.staff[who] = role
        return True

    def may_sanction(self, key: str, who: str) -> bool:
        """By staff, against whoever is below them on the server."""
        return bool(self.staff_here(key)) and who != key and self.staff.get(who, 0) < self.staff_here(key)

    def server_ban(self, key: str, who: str) -> bool:
        """Out, and not in again by this name."""
        if self.may_sanction(key, who):
            put(self.bans, self.person(who))
            return True
        return False

    def server_mute(self, key: str, who: str) -> bool:
        """Silent in every room."""
        if self.may_sanction(key, who):
            put(self.mutes, self.person(who))
            return True
        return False

    def server_lift(self, key: str, who: str, held: Holds) -> bool:
        """What there is, and is not one's own."""
        found = called(held, self.person(who))
        if not self.staff_here(key) or not found or any(each == key for each in found):
            return False
        for each in found:
            del held[each]
        return True

    def lock_down(self, key: str, level: str) -> bool:
        """By staff."""
        if not self.staff_here(key):
            return False
        self.lockdown = level
        return True
