"""
A server that exists only as its rules: wishes are decided by L{Chat} and come true at once, in one order.

Hypothesis draws wishes, and a L{World} turns them into a history as it could have happened, on two nodes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from hypothesis import strategies as st

from chatroom.core import lockdown, reports
from chatroom.core.chat import Chat
from chatroom.core.names import fold
from chatroom.core.presence import Presence
from chatroom.core.rooms import Room
from chatroom.core.server_moderation import SanctionTarget
from chatroom.core.staff import shell
from chatroom.core.state import State
from chatroom.errors import Refused
from chatroom.events import (
    ADDRESS,
    ALL_SLOTS,
    BAN,
    FOREVER,
    MUTE,
    SERVER,
    Arrived,
    Event,
    Role,
    RoomClosed,
    RoomEvent,
    StaffSet,
    number,
)  # fmt: skip
from chatroom.limits import Limits

LIMITS = Limits(server_bans=4, rooms_per_person=3, bans_per_room=3, invites_per_room=3, kept_rooms_per_account=1)
NAMES = ("Alice", "bob", "Straße", "dora")
ROOMS = ("attic", "cellar")
NODES = ("north", "south")
LOBBY = "lobby"


class World:
    """
    Who is there and what happened so far.

    @ivar history: all events, in order.
    @ivar accounts: keys of names that are accounts.
    @ivar now: a moment that goes on with every wish.
    """

    def __init__(self, limits: Limits = LIMITS) -> None:
        self.chat = Chat(limits)
        self.history: list[Event] = []
        self.accounts: set[str] = set()
        self.now = 1000.0
        self._lasts: dict[str, int] = {}

    def happen(self, events: Event | Iterable[Event]) -> None:
        """Let these be kept, numbered and true."""
        for event in [events] if isinstance(events, Event) else events:
            if isinstance(event, RoomEvent):
                self._lasts[event.room] = self._lasts.get(event.room, 0) + 1
                number(event, self._lasts[event.room])
            self.history.append(event)
            self.chat.state.apply(event)
        for name, room in list(self.chat.state.rooms.items()):
            if not room.members and not room.keep and name != LOBBY:
                self.happen(RoomClosed(self.now, name, "chatroom"))

    def wish(self, verb: str, who: str, other: str, room: str, node: str, flag: bool) -> bool:
        """Try something; whether it was allowed and possible."""
        self.now += 1.0
        person = self.chat.state.people.get(fold(who))
        if verb == "arrive":
            return self.arrive(who, node)
        if person is None:
            return False
        try:
            events = getattr(self, f"_{verb}")(person, other, room, node, flag)
        except Refused:
            return False
        self.happen(events)
        return True

    def arrive(self, nick: str, node: str) -> bool:
        """Be on line; a guest through one node only."""
        key = fold(nick)
        present = self.chat.state.people.get(key)
        if present is not None and (not present.account or node in present.nodes):
            return False
        self.happen(Arrived(self.now, SERVER, nick, account=key in self.accounts, node=node))
        return True

    def _room(self, name: str) -> Room:
        return self.chat.directory.room(name)

    def _depart(self, who: Presence, other: str, room: str, node: str, flag: bool) -> Any:
        return self.chat.visits.depart(self.now, who, node, "bye") if node in who.nodes else []

    def _rename(self, who: Presence, other: str, room: str, node: str, flag: bool) -> Any:
        """As the server allows it: a guest to a free name, anybody to other letter case."""
        new = who.nick.swapcase() if flag else other
        if fold(new) != who.key and (who.account or fold(new) in self.chat.state.people or fold(new) in self.accounts):
            return []
        return self.chat.visits.rename(self.now, who, new, who.account)

    def _signup(self, who: Presence, other: str, room: str, node: str, flag: bool) -> Any:
        """Become an account: of the same name, or of an account that is not there."""
        new = who.nick if flag else other
        if who.account or (not flag and (fold(new) not in self.accounts or fold(new) in self.chat.state.people)):
            return []
        self.accounts.add(fold(new))
        return self.chat.visits.rename(self.now, who, new, True)

    def _create(self, who: Presence, other: str, room: str, node: str, flag: bool) -> Any:
        made = self.chat.membership.create(self.now, who, room, flag, self.chat.membership.kept_rooms(who.key))
        return [made, *self.chat.membership.settle(self.now, who, made.room)]

    def _join(self, who: Presence, other: str, room: str, node: str, flag: bool) -> Any:
        return self.chat.membership.join(self.now, who, self._room(room))

    def _leave(self, who: Presence, other: str, room: str, node: str, flag: bool) -> Any:
        return self.chat.membership.leave(self.now, who, self.chat.directory.room_of(who, room), "")

    def _topic(self, who: Presence, other: str, room: str, node: str, flag: bool) -> Any:
        return self.chat.settings.set_topic(self.now, who, self._room(room), f"topic {self.now}")

    def _password(self, who: Presence, other: str, room: str, node: str, flag: bool) -> Any:
        return self.chat.settings.set_password(self.now, who, self._room(room), "hash" if flag else "")

    def _invite_only(self, who: Presence, other: str, room: str, node: str, flag: bool) -> Any:
        return self.chat.settings.set_invite_only(self.now, who, self._room(room), flag)

    def _slow(self, who: Presence, other: str, room: str, node: str, flag: bool) -> Any:
        return self.chat.settings.set_slow(self.now, who, self._room(room), 5 if flag else 0)

    def _admit(self, who: Presence, other: str, room: str, node: str, flag: bool) -> Any:
        return self.chat.membership.admit(self.now, who, self._room(room), other, flag)

    def _moderated(self, who: Presence, other: str, room: str, node: str, flag: bool) -> Any:
        return self.chat.settings.set_moderated(self.now, who, self._room(room), flag)

    def _unlisted(self, who: Presence, other: str, room: str, node: str, flag: bool) -> Any:
        return self.chat.settings.set_unlisted(self.now, who, self._room(room), flag)

    def _capacity(self, who: Presence, other: str, room: str, node: str, flag: bool) -> Any:
        return self.chat.settings.set_capacity(self.now, who, self._room(room), 2 if flag else 0)

    def _voice(self, who: Presence, other: str, room: str, node: str, flag: bool) -> Any:
        account = fold(other) in self.accounts
        return self.chat.moderation.set_voice(self.now, who, self._room(room), other, account, flag)

    def _lock(self, who: Presence, other: str, room: str, node: str, flag: bool) -> Any:
        return self.chat.settings.lock(self.now, who, self._room(room), FOREVER if flag else self.now + 5, "")

    def _unlock(self, who: Presence, other: str, room: str, node: str, flag: bool) -> Any:
        return self.chat.settings.unlock(self.now, who, self._room(room))

    def _invite(self, who: Presence, other: str, room: str, node: str, flag: bool) -> Any:
        account = fold(other) in self.accounts
        if not account:
            self.chat.directory.person_on_line(other)
        return self.chat.membership.invite(self.now, who, self._room(room), other, account)

    def _role(self, who: Presence, other: str, room: str, node: str, flag: bool) -> Any:
        role = (Role.OWNER, Role.OPERATOR, Role.MEMBER)[int(self.now) % 3] if flag else Role.OPERATOR
        return self.chat.moderation.set_role(self.now, who, self._room(room), other, fold(other) in self.accounts, role)

    def _kick(self, who: Presence, other: str, room: str, node: str, flag: bool) -> Any:
        return self.chat.moderation.kick(self.now, who, self._room(room), other, "")

    def _ban(self, who: Presence, other: str, room: str, node: str, flag: bool) -> Any:
        return self.chat.moderation.ban(self.now, who, self._room(room), other, FOREVER if flag else self.now + 5, "")

    def _unban(self, who: Presence, other: str, room: str, node: str, flag: bool) -> Any:
        return self.chat.moderation.unban(self.now, who, self._room(room), other)

    def _mute(self, who: Presence, other: str, room: str, node: str, flag: bool) -> Any:
        return self.chat.moderation.mute(self.now, who, self._room(room), other, FOREVER if flag else self.now + 5, "")

    def _unmute(self, who: Presence, other: str, room: str, node: str, flag: bool) -> Any:
        return self.chat.moderation.unmute(self.now, who, self._room(room), other)

    def _lockdown(self, who: Presence, other: str, room: str, node: str, flag: bool) -> Any:
        level = lockdown.LEVELS[int(self.now) % len(lockdown.LEVELS)]
        return lockdown.set_level(self.now, who, level, FOREVER if flag else self.now + 5, "")

    def _report(self, who: Presence, other: str, room: str, node: str, flag: bool) -> Any:
        about = (other, room) if flag else ("", self._room(room).name)
        return reports.report(self.chat.state, self.now, who, about, "rude", "", 3)

    def _see_to(self, who: Presence, other: str, room: str, node: str, flag: bool) -> Any:
        return reports.close(self.chat.state, self.now, who, next(iter(self.chat.state.reports), 0), "")

    def _appoint(self, who: Presence, other: str, room: str, node: str, flag: bool) -> Any:
        """As the server allows it: to accounts, and it is told only of those on line."""
        present = self.chat.state.people.get(fold(other))
        if present is None or not present.account:
            return []
        role = "none" if flag else ("admin", "moderator")[int(self.now) % 2]
        return StaffSet(self.now, SERVER, who.nick, who=other, role=role)

    def _sanction(self, who: Presence, other: str, room: str, node: str, flag: bool) -> Any:
        target = SanctionTarget(other) if int(self.now) % 2 else SanctionTarget(f"192.0.2.{len(other)}/32", ADDRESS)
        end = FOREVER if flag else self.now + 5
        return self.chat.staff.sanction(self.now, shell(), MUTE if len(room) % 2 else BAN, target, end, "", ())

    def _pardon(self, who: Presence, other: str, room: str, node: str, flag: bool) -> Any:
        book = self.chat.state.server_mutes if flag else self.chat.state.server_bans
        target = next(iter(book.entries), other)
        return self.chat.staff.pardon(self.now, shell(), MUTE if flag else BAN, target)

    def _close(self, who: Presence, other: str, room: str, node: str, flag: bool) -> Any:
        return self.chat.staff.close(self.now, who, self._room(room), LOBBY, "")

    def _away(self, who: Presence, other: str, room: str, node: str, flag: bool) -> Any:
        return self.chat.talk.set_away(self.now, who, "lunch" if flag else "")

    def _say(self, who: Presence, other: str, room: str, node: str, flag: bool) -> Any:
        return self.chat.talk.say(self.now, who, room, "hi", flag)


VERBS = (
    "arrive", "depart", "rename", "signup", "create", "join", "leave", "topic", "password", "invite_only", "invite",
    "slow", "moderated", "unlisted", "capacity", "voice", "admit",
    "lock", "unlock", "lockdown", "report", "see_to", "appoint", "sanction", "sanction", "pardon", "close",
    "role", "kick", "ban", "unban", "mute", "unmute", "away", "say",
)  # fmt: skip

_LIKELY_PEOPLE = st.sampled_from((NAMES[0], NAMES[0], NAMES[1], NAMES[1], NAMES[2], NAMES[3]))
_LIKELY_ROOMS = st.sampled_from((ROOMS[0], ROOMS[0], ROOMS[0], ROOMS[1], LOBBY))
_LIKELY_NODES = st.sampled_from((NODES[0], NODES[0], NODES[1]))

wishes = st.lists(
    st.tuples(st.sampled_from(VERBS), _LIKELY_PEOPLE, _LIKELY_PEOPLE, _LIKELY_ROOMS, _LIKELY_NODES, st.booleans()),
    min_size=5,
    max_size=40,
)


def live(wishes: Iterable[tuple[str, str, str, str, str, bool]]) -> World:
    """A world in which two people have come into a room, and these wishes followed."""
    world = World()
    for name in NAMES[:2]:
        world.arrive(name, NODES[0])
    world.wish("create", NAMES[0], "", ROOMS[0], NODES[0], False)
    world.wish("join", NAMES[1], "", ROOMS[0], NODES[0], False)
    for wish in wishes:
        world.wish(*wish)
    return world


def remembered(history: Iterable[Event], lasting: bool = False) -> list[Event]:
    """
    The last event of every slot, as a backend keeps it: those of the server first, then room by room.

    @param lasting: after all nodes were gone: who was on line is forgotten.
    """
    slots: dict[str, dict[str, Event]] = {SERVER: {}}
    for event in history:
        made, room = event.slots(), slots.setdefault(event.room, {})
        for slot in made.clears:
            if slot == ALL_SLOTS:
                room.clear()
            room.pop(slot, None)
        if made.sets is not None:
            room.pop(made.sets, None)
            room[made.sets] = event
    kept = [event for room in slots.values() for event in room.values()]
    return [event for event in kept if not (lasting and event.slots().presence)]


def started(snapshot: Iterable[Event]) -> State:
    """The state of a node that has just started."""
    state = State()
    state.learn(snapshot)
    return state


def told(history: Iterable[Event]) -> State:
    """The state of a node that was there from the beginning."""
    state = State()
    for event in history:
        state.apply(event)
    return state


def everything(state: State) -> Any:
    """All of a state, down to the last number, to be compared. People and rooms know each other: each is shown once."""
    seen: dict[int, int] = {}

    def shown(thing: Any) -> Any:
        if isinstance(thing, dict):
            return [(shown(key), shown(value)) for key, value in thing.items()]
        if isinstance(thing, set | frozenset):
            return sorted(map(repr, thing))
        fields = [name for kind in type(thing).__mro__ for name in getattr(kind, "__slots__", ())]
        if isinstance(thing, State):
            fields = list(vars(thing))
        if not fields or isinstance(thing, Event):
            return thing
        if id(thing) in seen:
            return seen[id(thing)]
        seen[id(thing)] = len(seen)
        return [(name, shown(getattr(thing, name))) for name in fields]

    return shown(state)


def picture(state: State) -> dict[str, Any]:
    """All that is true in a state and matters, to be compared: times of arrival and the order of joining do not."""
    fields: dict[str, Callable[[Room], Any]] = {
        "created": lambda room: room.created,
        "keep": lambda room: room.keep,
        "topic": lambda room: room.topic,
        "password": lambda room: room.password,
        "invite only": lambda room: room.invite_only,
        "members": lambda room: {key: who.nick for key, who in room.members.items()},
        "roles": lambda room: dict(room.roles),
        "slow": lambda room: room.slow,
        "rules": lambda room: (room.moderated, room.unlisted, room.capacity),
        "topic from": lambda room: (room.topic_from, room.topic_at),
        "lock": lambda room: room.lock,
        "invited": lambda room: set(room.invited),
        "admitted": lambda room: dict(room.admitted),
        "bans": lambda room: dict(room.bans.entries),
        "mutes": lambda room: dict(room.mutes.entries),
    }
    return {
        "people": {
            key: (who.nick, who.key, who.account, who.staff, set(who.nodes), who.away, set(who.rooms))
            for key, who in state.people.items()
        },
        "server bans": dict(state.server_bans.entries),
        "server mutes": dict(state.server_mutes.entries),
        "lockdown": state.lockdown,
        "reports": dict(state.reports),
        "last report": state.last_report,
        "stored": {name: dict(facts) for name, facts in state.stored.items()},
        "rooms": {name: {what: see(room) for what, see in fields.items()} for name, room in state.rooms.items()},
    }
