"""
A chat room as simple as it can be thought: what L{tests.test_house} holds the real one to.

It knows names, sets and roles, no time, no order of events, and nothing of how any of it is done. A method returns
whether the wish is granted, and then it has come true.
"""

from __future__ import annotations

from dataclasses import dataclass, field

LOBBY = "lobby"
OWNER, OPERATOR, MEMBER = 3, 2, 1
ADMIN, MODERATOR = 2, 1


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
    bans: set[str] = field(default_factory=set)
    mutes: set[str] = field(default_factory=set)
    said: list[str] = field(default_factory=list)

    def role(self, key: str) -> int:
        """Of somebody here, or of an account wherever it is."""
        return self.roles.get(key, MEMBER if key in self.members else 0)

    def lets_in(self, key: str) -> bool:
        """Operators always, nobody who is banned, and through a private or locked door the invited."""
        shut = (self.private or self.locked) and key not in self.invited
        return self.role(key) >= OPERATOR or not (key in self.bans or shut)

    def come_in(self, key: str) -> None:
        """An invitation is for once."""
        self.members.add(key)
        self.invited.discard(key)


class Model:
    """
    The house.

    @ivar people: names as shown, by key, of those who are here.
    @ivar accounts: keys. @ivar mail: unread whispers, by account.
    @ivar staff: who keeps order in the whole house, by account: L{ADMIN} or L{MODERATOR}.
    @ivar bans: keys of those whom the house keeps out. @ivar mutes: of those who may talk nowhere.
    @ivar lockdown: C{off}, or who does not come in: C{guests}, new C{accounts}, or both: only the C{registered} do.
    """

    def __init__(self) -> None:
        self.people: dict[str, str] = {}
        self.accounts: set[str] = set()
        self.rooms: dict[str, Room] = {LOBBY: Room(keep=True)}
        self.mail: dict[str, list[str]] = {}
        self.staff: dict[str, int] = {}
        self.bans: set[str] = set()
        self.mutes: set[str] = set()
        self.lockdown = "off"

    # Who is who.

    def staff_here(self, key: str) -> int:
        """What somebody is in the house, while they are here."""
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

    # Coming and going.

    def may_come(self, key: str) -> bool:
        """Bans and lockdown hold for all, but those who are here stay."""
        shut = self.lockdown in ("guests", "registered") and key not in self.accounts
        return key not in self.bans and not shut

    def arrive(self, nick: str) -> None:
        """Somebody is here, and in the lobby if that lets them in, whoever they are in the house: staff may join it."""
        self.people[nick.casefold()] = nick
        if self.rooms[LOBBY].lets_in(nick.casefold()):
            self.rooms[LOBBY].come_in(nick.casefold())

    def depart(self, key: str) -> None:
        """Somebody is gone altogether."""
        for name in list(self.rooms):
            self.leave(key, name)
        self._uninvite(key)
        del self.people[key]

    def _uninvite(self, key: str) -> None:
        """The next guest of that name was not meant."""
        for room in self.rooms.values():
            if key not in self.accounts:
                room.invited.discard(key)

    def sign_up(self, key: str) -> bool:
        """A guest becomes an account."""
        if key in self.accounts or self.lockdown in ("accounts", "registered"):
            return False
        self.accounts.add(key)
        self.mail[key] = []
        return True

    def rename(self, key: str, nick: str) -> bool:
        """Guests may take a free name, and anybody write theirs differently."""
        new = nick.casefold()
        if new == key:
            self.people[key] = nick
            return True
        if key in self.accounts or new in self.people or new in self.accounts or new in self.bans:
            return False
        if key in self.mutes:
            self.mutes.add(new)
        self._uninvite(key)
        del self.people[key]
        self.people[new] = nick
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
                if key in room.mutes:
                    room.mutes.add(new)
        return True

    # Rooms.

    def create(self, key: str, name: str, keep: bool) -> bool:
        """One owns what one makes; only accounts keep rooms. A name is said to all, so the silent give none."""
        if name in self.rooms or (keep and key not in self.accounts) or key in self.mutes:
            return False
        self.rooms[name] = Room(keep=keep, members={key}, roles={key: OWNER})
        return True

    def join(self, key: str, name: str) -> bool:
        """Bans, locks and private doors hold for all but operators, and staff of the house."""
        room = self.rooms.get(name)
        if room is None:
            return False
        if key in room.members:
            return True
        if not self.staff_here(key) and not room.lets_in(key):
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
        """For operators, where anybody has a role; and never for who is muted, in the room or the house."""
        room = self.rooms[name]
        if (room.roles and self.power(key, room) < OPERATOR) or not self.may_talk(key, name):
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
        if self.power(key, room) < OPERATOR or not known or who in room.members or key in self.mutes:
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
        room = self.rooms[name]
        if not self.outranks(key, who, room):
            return False
        room.bans.add(who)
        room.invited.discard(who)
        room.roles.pop(who, None)
        self.leave(who, name)
        return True

    def mute(self, key: str, name: str, who: str) -> bool:
        """Anybody of lower rank."""
        room = self.rooms[name]
        if not self.outranks(key, who, room):
            return False
        room.mutes.add(who)
        return True

    def lift(self, key: str, name: str, who: str, what: str) -> bool:
        """A ban or a mute that there is."""
        room = self.rooms[name]
        held = room.bans if what == "unban" else room.mutes
        if self.power(key, room) < OPERATOR or who not in held:
            return False
        held.remove(who)
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
        """Whether they are not muted, in the room or the house."""
        return key not in self.rooms[name].mutes | self.mutes

    def say(self, key: str, name: str, text: str) -> bool:
        """By whoever is not muted, in the room or the house."""
        if not self.may_talk(key, name):
            return False
        self.rooms[name].said.append(text)
        return True

    def whisper(self, key: str, to: str, text: str) -> bool:
        """To somebody here; or it waits for an account. Who is muted may only ask the staff why."""
        if key in self.mutes and not self.staff_here(to):
            return False
        if to in self.people:
            return True
        if to in self.accounts:
            self.mail[to].append(text)
            return True
        return False

    # The whole house.

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
        """By staff, against whoever is below them in the house."""
        return bool(self.staff_here(key)) and who != key and self.staff.get(who, 0) < self.staff_here(key)

    def house_ban(self, key: str, who: str) -> bool:
        """Out, and not in again by this name."""
        if self.may_sanction(key, who):
            self.bans.add(who)
            return True
        return False

    def house_mute(self, key: str, who: str) -> bool:
        """Silent in every room."""
        if self.may_sanction(key, who):
            self.mutes.add(who)
            return True
        return False

    def house_lift(self, key: str, who: str, held: set[str]) -> bool:
        """What there is, and is not one's own."""
        if not self.staff_here(key) or who not in held or who == key:
            return False
        held.remove(who)
        return True

    def lock_down(self, key: str, level: str) -> bool:
        """By staff."""
        if not self.staff_here(key):
            return False
        self.lockdown = level
        return True
