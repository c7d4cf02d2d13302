"""
A chat room as simple as it can be thought: what L{tests.test_house} holds the real one to.

It knows names, sets and roles, no time, no order of events, and nothing of how any of it is done. A method returns
whether the wish is granted, and then it has come true.
"""

from __future__ import annotations

from dataclasses import dataclass, field

LOBBY = "lobby"
OWNER, OPERATOR, MEMBER = 3, 2, 1


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

    def outranks(self, actor: str, target: str) -> bool:
        """Whether one may act against the other."""
        return actor != target and self.role(actor) >= OPERATOR and self.role(actor) > max(self.role(target), MEMBER)


class Model:
    """
    The house.

    @ivar people: names as shown, by key, of those who are here.
    @ivar accounts: keys. @ivar mail: unread whispers, by account.
    """

    def __init__(self) -> None:
        self.people: dict[str, str] = {}
        self.accounts: set[str] = set()
        self.rooms: dict[str, Room] = {LOBBY: Room(keep=True)}
        self.mail: dict[str, list[str]] = {}

    # Coming and going.

    def arrive(self, nick: str) -> None:
        """Somebody is here, in the lobby."""
        self.people[nick.casefold()] = nick
        self.rooms[LOBBY].members.add(nick.casefold())

    def depart(self, key: str) -> None:
        """Somebody is gone altogether."""
        for name in list(self.rooms):
            self.leave(key, name)
        del self.people[key]

    def sign_up(self, key: str) -> None:
        """A guest becomes an account."""
        self.accounts.add(key)
        self.mail[key] = []

    def rename(self, key: str, nick: str) -> bool:
        """Guests may take a free name, and anybody write theirs differently."""
        new = nick.casefold()
        if new == key:
            self.people[key] = nick
            return True
        if key in self.accounts or new in self.people or new in self.accounts:
            return False
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
        """One owns what one makes; only accounts keep rooms."""
        if name in self.rooms or (keep and key not in self.accounts):
            return False
        self.rooms[name] = Room(keep=keep, members={key}, roles={key: OWNER})
        return True

    def join(self, key: str, name: str) -> bool:
        """Bans, locks and private doors hold for all but operators."""
        room = self.rooms.get(name)
        if room is None:
            return False
        if key in room.members:
            return True
        if room.role(key) < OPERATOR and (
            key in room.bans or ((room.private or room.locked) and key not in room.invited)
        ):
            return False
        room.members.add(key)
        room.invited.discard(key)
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
        """For operators, where anybody has a role."""
        room = self.rooms[name]
        if room.roles and room.role(key) < OPERATOR:
            return False
        room.topic = topic
        return True

    def set_private(self, key: str, name: str, private: bool) -> bool:
        """For operators."""
        room = self.rooms[name]
        if room.role(key) < OPERATOR:
            return False
        room.private = private
        return True

    def set_locked(self, key: str, name: str, locked: bool) -> bool:
        """For operators; only what is locked can be unlocked."""
        room = self.rooms[name]
        if room.role(key) < OPERATOR or not (locked or room.locked):
            return False
        room.locked = locked
        return True

    def invite(self, key: str, name: str, who: str) -> bool:
        """For operators: somebody here or with an account, and not inside."""
        room = self.rooms[name]
        known = who in self.people or who in self.accounts
        if room.role(key) < OPERATOR or not known or who in room.members:
            return False
        room.invited.add(who)
        return True

    # Order.

    def kick(self, key: str, name: str, who: str) -> bool:
        """Somebody inside, of lower rank."""
        room = self.rooms[name]
        if who not in room.members or not room.outranks(key, who):
            return False
        self.leave(who, name)
        return True

    def ban(self, key: str, name: str, who: str) -> bool:
        """Anybody of lower rank; it takes their role, and their invitation."""
        room = self.rooms[name]
        if not room.outranks(key, who):
            return False
        room.bans.add(who)
        room.invited.discard(who)
        room.roles.pop(who, None)
        self.leave(who, name)
        return True

    def mute(self, key: str, name: str, who: str) -> bool:
        """Anybody of lower rank."""
        room = self.rooms[name]
        if not room.outranks(key, who):
            return False
        room.mutes.add(who)
        return True

    def lift(self, key: str, name: str, who: str, what: str) -> bool:
        """A ban or a mute that there is."""
        room = self.rooms[name]
        held = room.bans if what == "unban" else room.mutes
        if room.role(key) < OPERATOR or who not in held:
            return False
        held.remove(who)
        return True

    def set_role(self, key: str, name: str, who: str, role: int) -> bool:
        """By owners: to people inside and to accounts; not to equals, and not to the last owner's own loss."""
        room = self.rooms[name]
        if room.role(key) < OWNER or not (who in self.accounts or who in room.members):
            return False
        if who == key and role < OWNER and list(room.roles.values()).count(OWNER) == 1:
            return False
        if who != key and room.role(who) >= OWNER:
            return False
        room.roles.pop(who, None)
        if role > MEMBER:
            room.roles[who] = role
        return True

    # Talk.

    def say(self, key: str, name: str, text: str) -> bool:
        """By whoever is not muted."""
        if key in self.rooms[name].mutes:
            return False
        self.rooms[name].said.append(text)
        return True

    def whisper(self, to: str, text: str) -> bool:
        """To somebody here; or it waits for an account."""
        if to in self.people:
            return True
        if to in self.accounts:
            self.mail[to].append(text)
            return True
        return False
