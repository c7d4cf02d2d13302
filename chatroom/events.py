"""
What happened, as frozen facts.

An event is decided by L{chatroom.core}, kept and ordered by a backend, applied to the state of
every node and told to those it concerns, in this order. Each class says what a backend must do with
it, so that no backend knows what a chat room is:

  - C{recorded}: it belongs to its room's history and gets the room's next sequence number;
  - C{slots()}: which fact about the room (or the server) it sets and which it clears; the last event of
    each slot is what a node that starts needs to know;
  - C{only_if}: a condition the backend checks in the same commit.

One kind is for backends alone to read: L{Audited}, an entry for the audit log. The module is long because much can
happen; each event is short.

Times are seconds since 1970 in UTC. Nicknames and rooms are written as shown; L{fold} makes
the key. This module knows no other one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from enum import Enum, IntEnum
from typing import Any, ClassVar, NamedTuple, TypeVar

from chatroom.folding import fold

SERVER = ""
"""The C{room} of events that concern the whole server."""

ALL_SLOTS = "*"
"""In L{Slots.clears}: every slot of the room, and its history with them."""

FOREVER = 0.0
"""An C{until} that never comes."""

ROOM_CLOSED = "the room was closed"
"""How the reason of a kick begins where the room is closed, so that nobody can return."""

ROOM_SLOT = "room"
"""The slot that L{RoomCreated} sets, which L{Condition.MADE} asks for."""

ROLE_SLOT = "role:"
"""How the slots of roles in a room begin, which L{Condition.OWNED} asks for."""

MEMBER_SLOT = "member:"
"""How the slots of a room's members begin, which L{Condition.EMPTY} and L{Condition.MEMBER} ask for."""


class Role(IntEnum):
    """What one is in a room. The name in lower case stands in L{RoleSet} and on the wire."""

    NOBODY = 0
    """Not in the room."""
    MEMBER = 1
    VOICE = 2
    """May talk where a room is moderated."""
    OPERATOR = 3
    OWNER = 4


class ServerRole(IntEnum):
    """
    What an account is on the whole server. A guest is never anything, but may act with the role of an account: see
    L{ActingSet}. The name in lower case stands in L{StaffSet}, in databases and on the wire.
    """

    NONE = 0
    MODERATOR = 1
    """Keeps order: kicks, mutes and bans, and counts as an operator in every room."""
    ADMIN = 2
    """Gives and takes roles as well, and counts as an owner in every room."""


class Condition(Enum):
    """What must be true, in the backend's order, for an event to be kept at all."""

    ALWAYS = "always"
    ABSENT = "absent"
    """The slot that the event sets is not set."""
    EMPTY = "empty"
    """No slot of the room begins with L{MEMBER_SLOT}."""
    MEMBER = "member"
    """C{nick} is in the room: the slot of L{MEMBER_SLOT} and the key of that name is set."""
    MADE = "made"
    """The room was made, and not closed since: L{ROOM_SLOT} is set."""
    OWNED = "owned"
    """The same, and C{who} is not its only owner: not only their slot of L{ROLE_SLOT} has the role C{owner}."""


class Slots(NamedTuple):
    """
    @ivar sets: the slot of the room whose last event this now is, or C{None}.
    @ivar clears: slots of the room that hold no more.
    @ivar presence: it says who is on line. Only an event clears it, but a backend forgets all such slots
        when it starts with no other node alive.
    """

    sets: str | None = None
    clears: tuple[str, ...] = ()
    presence: bool = False


NO_SLOTS = Slots()


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened at C{at}, in C{room} or, if that is L{SERVER}, on the server."""

    at: float
    room: str
    nick: str
    kind: ClassVar[str] = "event"
    recorded: ClassVar[bool] = False
    only_if: ClassVar[Condition] = Condition.ALWAYS
    since: ClassVar[int] = 1
    """The version of the kinds that first had this one: see L{KINDS_VERSION}."""
    changes: ClassVar[bool] = True
    """Whether it changes the state of the server; talk does not."""
    begins: ClassVar[bool] = False
    """Whether its room begins with it: what was kept under that name before is not in its history."""
    secret: ClassVar[tuple[str, ...]] = ()
    """Fields that backends keep and nobody is told."""

    def slots(self) -> Slots:
        return NO_SLOTS


@dataclass(frozen=True, slots=True)
class RoomEvent(Event):
    """
    An event in a room's one order.

    @ivar seq: the room's sequence number, from 1, without holes; 0 until a backend has given it.
    """

    recorded: ClassVar[bool] = True
    seq: int = 0


def number(event: RoomEvent, seq: int) -> None:
    """
    Give a new event its place in the room. The one change an event ever sees: a backend makes it in
    the commit that keeps the event, before anybody but its author knows of it.
    """
    object.__setattr__(event, "seq", seq)


def _setter(cls: type[Event], name: str) -> Callable[[Event, Any], None]:
    """What fills a slot of a frozen event; C{object.__setattr__} would look it up by its name first."""
    setter: Callable[[Event, Any], None] = getattr(cls, name).__set__  # Python 3.10 gives each class all slots anew
    return setter


_E = TypeVar("_E", bound=Event)


def without_secrets(event: _E) -> _E:
    """The event as everyone may know it: the very same, unless it has fields that are C{secret}."""
    if not event.secret:
        return event
    defaults: dict[str, Any] = {each.name: each.default for each in fields(event) if each.name in event.secret}
    return replace(event, **defaults)


# Talk.


@dataclass(frozen=True, slots=True)
class Said(RoomEvent):
    """
    C{nick} said C{text}: clean text, one or more lines parted by C{"\\n"}.

    @ivar nonce: what the program that sent it calls it, so that it knows the message again; C{""} for people.
    @ivar bot: the account is marked as a bot's, so that no program answers it.
    """

    kind: ClassVar[str] = "said"
    changes: ClassVar[bool] = False
    text: str = ""
    nonce: str = ""
    bot: bool = False

    def __init__(
        self, at: float, room: str, nick: str, seq: int = 0, text: str = "", nonce: str = "", bot: bool = False
    ) -> None:
        """The one that a dataclass would be given, in half the time: most of what happens is somebody saying a line."""
        _set_at(self, at)
        _set_room(self, room)
        _set_nick(self, nick)
        _set_seq(self, seq)
        _set_text(self, text)
        _set_nonce(self, nonce)
        _set_bot(self, bot)


_set_at, _set_room, _set_nick = _setter(Said, "at"), _setter(Said, "room"), _setter(Said, "nick")
_set_seq, _set_text = _setter(Said, "seq"), _setter(Said, "text")
_set_nonce, _set_bot = _setter(Said, "nonce"), _setter(Said, "bot")


@dataclass(frozen=True, init=False)
class AutoSaid(Said):
    """
    A program said C{text} by itself, as IRC's NOTICE: people read it as talk, and no program answers it. It is L{Said}
    wherever one talk is like another; a program that answers looks at C{kind}.
    """

    __slots__ = ()  # by hand: Python 3.10 would make those of Said a second time, and leave them empty

    kind: ClassVar[str] = "auto-said"


@dataclass(frozen=True, slots=True)
class Acted(RoomEvent):
    """C{/me}: C{nick} does C{text}. C{nonce} and C{bot}: as in L{Said}."""

    kind: ClassVar[str] = "acted"
    changes: ClassVar[bool] = False
    text: str = ""
    nonce: str = ""
    bot: bool = False


# Who is in a room.


@dataclass(frozen=True, slots=True)
class Joined(RoomEvent):
    """
    C{nick} came into the room. An invitation is used up by it.

    @ivar guest: the person has no account, so that anybody can be called so tomorrow.
    @ivar bot: as in L{Said}.
    """

    kind: ClassVar[str] = "joined"
    only_if: ClassVar[Condition] = Condition.MADE
    guest: bool = False
    bot: bool = False

    def slots(self) -> Slots:
        key = fold(self.nick)
        return Slots(MEMBER_SLOT + key, ("invited:" + key,), presence=True)


@dataclass(frozen=True, slots=True)
class Left(RoomEvent):
    """
    C{nick} went out of the room. Whoever was sent out a moment before does not leave it as well.

    @ivar reason: the person's own words or the server's, perhaps empty.
    @ivar gone: the person left the server, by C{QUIT} or by a lost connection, not only the room.
    """

    kind: ClassVar[str] = "left"
    only_if: ClassVar[Condition] = Condition.MEMBER
    reason: str = ""
    gone: bool = False

    def slots(self) -> Slots:
        return Slots(None, (MEMBER_SLOT + fold(self.nick),))


@dataclass(frozen=True, slots=True)
class Renamed(RoomEvent):
    """
    C{nick}, in this room, is called C{new} from now on. Whoever was sent out a moment before does not come in again by
    it.
    """

    kind: ClassVar[str] = "renamed"
    only_if: ClassVar[Condition] = Condition.MEMBER
    new: str = ""

    def slots(self) -> Slots:
        old, new = fold(self.nick), fold(self.new)
        clears = () if old == new else (MEMBER_SLOT + old, "invited:" + new)
        return Slots(MEMBER_SLOT + new, clears, presence=True)


# What a room is.


@dataclass(frozen=True, slots=True)
class RoomCreated(RoomEvent):
    """
    C{nick} made the room, and joins it next.

    @ivar keep: it stays when its last member leaves.
    @ivar node: through which it was made. Should that node be lost before C{nick} is in it, another one closes it.
    """

    kind: ClassVar[str] = "room-created"
    only_if: ClassVar[Condition] = Condition.ABSENT
    begins: ClassVar[bool] = True
    secret: ClassVar[tuple[str, ...]] = ("node",)
    keep: bool = False
    node: str = ""

    def slots(self) -> Slots:
        return Slots(ROOM_SLOT)


@dataclass(frozen=True, slots=True)
class RoomClosed(RoomEvent):
    """The room is gone, and its history with it. Its numbers go on if it is made again."""

    kind: ClassVar[str] = "room-closed"
    only_if: ClassVar[Condition] = Condition.EMPTY

    def slots(self) -> Slots:
        return Slots(None, (ALL_SLOTS,))


@dataclass(frozen=True, slots=True)
class TopicSet(RoomEvent):
    """C{nick} set the topic, perhaps to nothing."""

    kind: ClassVar[str] = "topic"
    only_if: ClassVar[Condition] = Condition.MADE
    text: str = ""

    def slots(self) -> Slots:
        return Slots("topic")


MEMBERS, OPERATORS = "members", "operators"
"""What L{TopicRuleSet.by} may be."""


@dataclass(frozen=True, slots=True)
class TopicRuleSet(RoomEvent):
    """C{nick} lets every member set the topic, or the operators alone: C{by}."""

    kind: ClassVar[str] = "topic-rule"
    only_if: ClassVar[Condition] = Condition.MADE
    by: str = OPERATORS

    def slots(self) -> Slots:
        return Slots("topic-rule")


@dataclass(frozen=True, slots=True)
class PasswordSet(RoomEvent):
    """C{nick} set the room's password, or lifted it where C{hash} is empty."""

    kind: ClassVar[str] = "room-password"
    only_if: ClassVar[Condition] = Condition.MADE
    secret: ClassVar[tuple[str, ...]] = ("hash",)
    hash: str = ""
    on: bool = False

    def slots(self) -> Slots:
        return Slots("password")


@dataclass(frozen=True, slots=True)
class InviteOnlySet(RoomEvent):
    """C{nick} closed the room to all but the invited, or opened it."""

    kind: ClassVar[str] = "invite-only"
    only_if: ClassVar[Condition] = Condition.MADE
    on: bool = True

    def slots(self) -> Slots:
        return Slots("invite-only")


@dataclass(frozen=True, slots=True)
class SlowSet(RoomEvent):
    """C{nick} lets each member say one line in C{seconds}; 0: as many as they like."""

    kind: ClassVar[str] = "slow"
    only_if: ClassVar[Condition] = Condition.MADE
    seconds: int = 0

    def slots(self) -> Slots:
        return Slots("slow") if self.seconds else Slots(None, ("slow",))


@dataclass(frozen=True, slots=True)
class ModeratedSet(RoomEvent):
    """C{nick} lets only operators and people with voice talk, or everyone in the room."""

    kind: ClassVar[str] = "moderated"
    only_if: ClassVar[Condition] = Condition.MADE
    on: bool = True

    def slots(self) -> Slots:
        return Slots("moderated") if self.on else Slots(None, ("moderated",))


@dataclass(frozen=True, slots=True)
class UnlistedSet(RoomEvent):
    """C{nick} took the room off the list of rooms, or put it back. People who know its name can join it."""

    kind: ClassVar[str] = "unlisted"
    only_if: ClassVar[Condition] = Condition.MADE
    on: bool = True

    def slots(self) -> Slots:
        return Slots("unlisted") if self.on else Slots(None, ("unlisted",))


@dataclass(frozen=True, slots=True)
class CapacitySet(RoomEvent):
    """C{nick} lets so many people join the room, but for the invited; 0: as many as come."""

    kind: ClassVar[str] = "capacity"
    only_if: ClassVar[Condition] = Condition.MADE
    people: int = 0

    def slots(self) -> Slots:
        return Slots("capacity") if self.people else Slots(None, ("capacity",))


@dataclass(frozen=True, slots=True)
class Locked(RoomEvent):
    """C{nick} lets nobody new in until C{until} (L{FOREVER}: without end), but for the invited."""

    kind: ClassVar[str] = "locked"
    only_if: ClassVar[Condition] = Condition.MADE
    until: float = FOREVER
    reason: str = ""

    def slots(self) -> Slots:
        return Slots("lock")


@dataclass(frozen=True, slots=True)
class Unlocked(RoomEvent):
    """C{nick} lifted the lock."""

    kind: ClassVar[str] = "unlocked"
    only_if: ClassVar[Condition] = Condition.MADE

    def slots(self) -> Slots:
        return Slots(None, ("lock",))


@dataclass(frozen=True, slots=True)
class Invited(RoomEvent):
    """
    C{nick} invited C{who}.

    @ivar guest: C{who} has no account, so that the invitation ends with the visit.
    """

    kind: ClassVar[str] = "invited"
    only_if: ClassVar[Condition] = Condition.MADE
    who: str = ""
    guest: bool = False

    def slots(self) -> Slots:
        return Slots("invited:" + fold(self.who), presence=self.guest)


@dataclass(frozen=True, slots=True)
class Uninvited(RoomEvent):
    """C{who} is not invited any more. Told to nobody: C{who} is gone, or called otherwise."""

    kind: ClassVar[str] = "uninvited"
    only_if: ClassVar[Condition] = Condition.MADE
    who: str = ""

    def slots(self) -> Slots:
        return Slots(None, ("invited:" + fold(self.who),))


@dataclass(frozen=True, slots=True)
class AdmittedSet(RoomEvent):
    """
    C{nick} lets C{who} join the room at any time, as one who is invited, or no longer. It holds on the name, and not on
    a guest who has it now.
    """

    kind: ClassVar[str] = "admitted"
    only_if: ClassVar[Condition] = Condition.MADE
    who: str = ""
    on: bool = True

    def slots(self) -> Slots:
        slot = "admitted:" + fold(self.who)
        return Slots(slot) if self.on else Slots(None, (slot,))


@dataclass(frozen=True, slots=True)
class RoleSet(RoomEvent):
    """
    C{nick} made C{who} an C{owner}, C{operator} or plain C{member}, or gave C{who} C{voice}.

    @ivar guest: C{who} has no account, so that the role ends with the visit.
    @ivar was: the role before, as the node knew it that decided this; C{""}: not known.
    """

    kind: ClassVar[str] = "role"
    who: str = ""
    role: str = "member"
    guest: bool = False
    was: str = ""

    @property
    def only_if(self) -> Condition:  # type: ignore[override]
        """Who gives up their own role may be the only owner by then: another one may do so at the same time."""
        own = not self.guest and self.role != "owner" and fold(self.nick) == fold(self.who)
        return Condition.OWNED if own else Condition.MADE

    def slots(self) -> Slots:
        slot = ROLE_SLOT + fold(self.who)
        if self.role == "member":
            return Slots(None, (slot,))
        return Slots(slot, presence=self.guest)


# Order in a room.


@dataclass(frozen=True, slots=True)
class Kicked(RoomEvent):
    """C{nick} sent C{who} out of the room; C{who} may come back."""

    kind: ClassVar[str] = "kicked"
    only_if: ClassVar[Condition] = Condition.MADE
    who: str = ""
    reason: str = ""

    def slots(self) -> Slots:
        return Slots(None, (MEMBER_SLOT + fold(self.who),))


@dataclass(frozen=True, slots=True)
class RoomMuted(RoomEvent):
    """
    C{nick} muted C{who} until C{until} (L{FOREVER}: without end).

    @ivar guest: C{who} has no account, so that it does not hold on the name: a L{Sanctioned} of the room goes with it.
    """

    kind: ClassVar[str] = "muted"
    only_if: ClassVar[Condition] = Condition.MADE
    who: str = ""
    until: float = FOREVER
    reason: str = ""
    guest: bool = False

    def slots(self) -> Slots:
        return NO_SLOTS if self.guest else Slots("mute:" + fold(self.who))


@dataclass(frozen=True, slots=True)
class RoomUnmuted(RoomEvent):
    """C{nick} lets C{who} talk again. C{guest}: as in L{RoomMuted}; a L{Pardoned} goes with it."""

    kind: ClassVar[str] = "unmuted"
    only_if: ClassVar[Condition] = Condition.MADE
    who: str = ""
    guest: bool = False

    def slots(self) -> Slots:
        return NO_SLOTS if self.guest else Slots(None, ("mute:" + fold(self.who),))


@dataclass(frozen=True, slots=True)
class RoomBanned(RoomEvent):
    """
    C{nick} banned C{who} from the room until C{until}; C{who} is out of it now. C{guest}: see L{RoomMuted}.

    @ivar absent: C{who} was not in the room.
    """

    kind: ClassVar[str] = "banned"
    only_if: ClassVar[Condition] = Condition.MADE
    who: str = ""
    until: float = FOREVER
    reason: str = ""
    guest: bool = False
    absent: bool = False

    def slots(self) -> Slots:
        who = fold(self.who)
        return Slots(None if self.guest else "ban:" + who, (MEMBER_SLOT + who, "invited:" + who))


@dataclass(frozen=True, slots=True)
class RoomUnbanned(RoomEvent):
    """C{nick} lifted the ban on C{who}. C{guest}: as in L{RoomUnmuted}."""

    kind: ClassVar[str] = "unbanned"
    only_if: ClassVar[Condition] = Condition.MADE
    who: str = ""
    guest: bool = False

    def slots(self) -> Slots:
        return NO_SLOTS if self.guest else Slots(None, ("ban:" + fold(self.who),))


# Who keeps order on the server. Told to staff alone.

STAFF_SLOT = "staff:"


@dataclass(frozen=True, slots=True)
class StaffSet(Event):
    """
    C{who}, who is on line, has this L{ServerRole} from now on: C{nick} gave it or, if that is C{who}, it was found out
    at login. The role itself is kept with the account.
    """

    kind: ClassVar[str] = "staff"
    who: str = ""
    role: str = "none"

    def slots(self) -> Slots:
        slot = STAFF_SLOT + fold(self.who)
        if self.role == "none":
            return Slots(None, (slot,))
        return Slots(slot, presence=True)


def _acting(nick: str, node: str) -> str:
    return f"acting:{fold(nick)}@{node}"


@dataclass(frozen=True, slots=True)
class ActingSet(Event):
    """
    C{nick} is shown with this L{ServerRole} from now on, because a connection of theirs through C{node} acts as staff
    by the password of another account; with C{none}, no connection there does any more. It ends with the nickname,
    and with the last connection of C{nick} through that node. Told to nobody: an L{Audited} says who began it.
    """

    kind: ClassVar[str] = "acting"
    since: ClassVar[int] = 2
    role: str = "none"
    node: str = ""

    def slots(self) -> Slots:
        slot = _acting(self.nick, self.node)
        return Slots(None, (slot,)) if self.role == "none" else Slots(slot, presence=True)


@dataclass(frozen=True, slots=True)
class StaffTold(Event):
    """
    C{nick} told all staff who are online C{text}: clean text, one or more lines.

    @ivar acts_as: the account whose role C{nick} acts with; C{""}: their own.
    """

    kind: ClassVar[str] = "wallops"
    since: ClassVar[int] = 2
    changes: ClassVar[bool] = False
    text: str = ""
    acts_as: str = ""


BOT_SLOT = "bot:"


@dataclass(frozen=True, slots=True)
class BotSet(Event):
    """
    C{who}, who is on line, is marked as a bot from now on, or no longer: C{nick} did that or, if that is C{who}, the
    owner did, or it was found out at login. An account's mark is kept with it; a guest's ends with the visit, and with
    the nickname. Told to those in C{who}'s rooms.
    """

    kind: ClassVar[str] = "bot"
    who: str = ""
    on: bool = False

    def slots(self) -> Slots:
        slot = BOT_SLOT + fold(self.who)
        return Slots(slot, presence=True) if self.on else Slots(None, (slot,))


BAN, MUTE = "ban", "mute"
"""What L{Sanctioned.act} may be."""

ACCOUNT, NICK, ADDRESS, GUEST = "account", "nick", "address", "guest"
"""What L{Sanctioned.scope} may be."""


@dataclass(frozen=True, slots=True)
class Sanctioned(Event):
    """
    C{nick} banned C{target} from the whole server until C{until}, or muted it everywhere. Who is meant and here is out
    of the server from now on, or silent. Nobody is told but those it concerns: an address is nobody's business.

    With a C{room}, it holds in that room alone, and on a guest: the room is told of it by L{RoomBanned} or
    L{RoomMuted}.

    @ivar act: L{BAN} or L{MUTE}.
    @ivar target: a nickname, or a network as C{ipaddress} writes it, such as C{192.0.2.0/24}.
    @ivar scope: L{ACCOUNT}, L{NICK}, L{ADDRESS}, or L{GUEST}: this guest by whatever name, and other guests from there.
    @ivar visit: of the guest: see L{Arrived}. @ivar origin: where the guest is from: see L{Arrived}.
    """

    kind: ClassVar[str] = "sanctioned"
    secret: ClassVar[tuple[str, ...]] = ("visit", "origin")
    act: str = BAN
    target: str = ""
    scope: str = NICK
    until: float = FOREVER
    reason: str = ""
    visit: str = ""
    origin: str = ""

    def slots(self) -> Slots:
        return Slots(f"{self.act}:{self.visit or fold(self.target)}")


@dataclass(frozen=True, slots=True)
class Pardoned(Event):
    """C{nick} lifted that, or it had run out."""

    kind: ClassVar[str] = "pardoned"
    secret: ClassVar[tuple[str, ...]] = ("visit",)
    act: str = BAN
    target: str = ""
    visit: str = ""

    def slots(self) -> Slots:
        return Slots(None, (f"{self.act}:{self.visit or fold(self.target)}",))


@dataclass(frozen=True, slots=True)
class Expelled(Event):
    """C{nick} sent C{target} out of the server; whoever that is may come back. Fields as in L{Sanctioned}."""

    kind: ClassVar[str] = "expelled"
    changes: ClassVar[bool] = False
    target: str = ""
    scope: str = NICK
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Audited(Event):
    """
    An entry for the audit log: C{nick} did C{act} to C{target}. It happens together with what it tells of, or not at
    all.

    @ivar act: a word that never changes, such as C{ban}. @ivar detail: more, for people. No secret is ever in it.
    @ivar done_by: the nickname of the person who did it, where they acted as the account C{nick}; else C{""}.
    """

    kind: ClassVar[str] = "audit"
    act: str = ""
    target: str = ""
    detail: str = ""
    done_by: str = ""


# The server under pressure.

OPEN = "off"
"""The level of L{LockdownSet} at which everybody may come in."""


@dataclass(frozen=True, slots=True)
class LockdownSet(Event):
    """
    C{nick} lets fewer people to the server until C{until}, or everybody again. Told to everybody.

    @ivar level: L{OPEN}, C{guests} (no new ones), C{accounts} (no new ones) or C{registered} (neither).
    """

    kind: ClassVar[str] = "lockdown"
    level: str = OPEN
    until: float = FOREVER
    reason: str = ""

    def slots(self) -> Slots:
        return Slots(None, ("lockdown",)) if self.level == OPEN else Slots("lockdown")


@dataclass(frozen=True, slots=True)
class Reported(Event):
    """
    C{nick} tells the staff of C{who}, or of a room. Told to staff alone; holds until L{ReportClosed}.

    @ivar number: of the report; none has it twice.
    @ivar where: the room it is about, or in which C{who} did it; perhaps empty.
    @ivar quote: what C{who} said last in it, a line each, behind its sequence number.
    @ivar last: the room's sequence number at that time.
    """

    kind: ClassVar[str] = "report"
    only_if: ClassVar[Condition] = Condition.ABSENT
    number: int = 0
    who: str = ""
    where: str = ""
    reason: str = ""
    quote: str = ""
    last: int = 0

    def slots(self) -> Slots:
        return Slots(f"report:{self.number}")


@dataclass(frozen=True, slots=True)
class ReportClosed(Event):
    """
    C{nick} has seen to the report of C{to} about C{who}, a person or a room. Told to staff and to C{to}.

    @ivar reason: what came of it, perhaps empty. @ivar highest: the last number that was given to any report.
    @ivar reported: when it was made, in seconds since 1970.
    """

    kind: ClassVar[str] = "report-closed"
    number: int = 0
    who: str = ""
    to: str = ""
    reason: str = ""
    highest: int = 0
    reported: float = 0.0

    def slots(self) -> Slots:
        return Slots("reports-closed", (f"report:{self.number}",))


# Who is on the server. Not recorded: told to nodes, and to programs that asked.


_PERSON_SLOT = "person:"


def _person(nick: str, node: str) -> str:
    return f"{_PERSON_SLOT}{fold(nick)}@{node}"


def on_line_slot(slot: str) -> tuple[str, str]:
    """Of a slot that says that somebody is on line: the key, and the node through which. Else two empty strings."""
    if not slot.startswith(_PERSON_SLOT):
        return "", ""
    key, _, node = slot[len(_PERSON_SLOT) :].rpartition("@")
    return key, node


@dataclass(frozen=True, slots=True)
class Arrived(Event):
    """
    C{nick} is on line, through C{node}.

    @ivar account: whether the nickname is that of an account, logged in.
    @ivar visit: of a guest, what stays the same while the connection does, whatever they are called: C{~} and more.
    @ivar origin: of a guest, the address or the /64 they come from, perhaps C{""}.
    """

    kind: ClassVar[str] = "arrived"
    secret: ClassVar[tuple[str, ...]] = ("visit", "origin")
    account: bool = False
    node: str = ""
    visit: str = ""
    origin: str = ""

    def slots(self) -> Slots:
        return Slots(_person(self.nick, self.node), presence=True)


@dataclass(frozen=True, slots=True)
class Departed(Event):
    """
    C{nick} is on line no more through C{node}. The rooms are told by L{Left}.

    @ivar last: nor through any other node.
    @ivar reason: as in L{Left}.
    @ivar own: the reason is what they said themselves, which counts in slow mode as talk does.
    @ivar goes_on: the key by which slow mode counts what the same connection says next: of an account or, after a
        logout, the visit of the guest that it may become. C{""} where the connection ends.
    """

    kind: ClassVar[str] = "departed"
    secret: ClassVar[tuple[str, ...]] = ("own", "goes_on")
    node: str = ""
    last: bool = True
    reason: str = ""
    own: bool = False
    goes_on: str = ""

    def slots(self) -> Slots:
        key = fold(self.nick)
        with_the_last = ("away:" + key, STAFF_SLOT + key, BOT_SLOT + key) if self.last else ()
        return Slots(None, (_person(self.nick, self.node), _acting(self.nick, self.node), *with_the_last))


@dataclass(frozen=True, slots=True)
class Became(Event):
    """
    C{nick}, on line through C{node}, is C{new} from now on, with an account or without. The rooms are told by
    L{Renamed}. C{visit} and C{origin}: as in L{Arrived}.
    """

    kind: ClassVar[str] = "became"
    secret: ClassVar[tuple[str, ...]] = ("visit", "origin")
    new: str = ""
    account: bool = False
    node: str = ""
    visit: str = ""
    origin: str = ""

    def slots(self) -> Slots:
        old, new = _person(self.nick, self.node), _person(self.new, self.node)
        key = fold(self.nick)
        clears = () if old == new else (old, "away:" + key, BOT_SLOT + key, _acting(key, self.node))
        return Slots(new, clears, presence=True)


ALL_SESSIONS = "*"
"""What L{Revoked.session} may be besides an id."""


@dataclass(frozen=True, slots=True)
class Revoked(Event):
    """
    The session of C{nick} whose public id is C{session} has ended: connections that live by it are closed, with the
    sentence C{text}. L{ALL_SESSIONS}: every one but C{but}, also those that were given up for newer ones and are in no
    list any more.
    """

    kind: ClassVar[str] = "session-revoked"
    changes: ClassVar[bool] = False
    session: str = ""
    text: str = ""
    but: str = ""


@dataclass(frozen=True, slots=True)
class AwaySet(Event):
    """C{nick} is away for the reason C{text}, or back where C{text} is empty."""

    kind: ClassVar[str] = "away"
    text: str = ""

    def slots(self) -> Slots:
        slot = "away:" + fold(self.nick)
        if not self.text:
            return Slots(None, (slot,))
        return Slots(slot, presence=True)


@dataclass(frozen=True, slots=True)
class AccountChanged(Event):
    """
    Something that connections go by is another in the account of C{nick}, such as the names it ignores. Each node
    that C{nick} is connected to reads the account again. Told to nobody.
    """

    kind: ClassVar[str] = "account-changed"
    changes: ClassVar[bool] = False


@dataclass(frozen=True, slots=True)
class Tried(Event):
    """
    A wrong password, a new account or a report was counted on one node, and counts on all.

    @ivar node: where. @ivar count: which count: see L{chatroom.auth.entrance}. @ivar key: for whom, as a digest.
    @ivar forgotten: the right password was given, and what was counted for this key is not counted any more.
    """

    kind: ClassVar[str] = "tried"
    changes: ClassVar[bool] = False
    secret: ClassVar[tuple[str, ...]] = ("node", "count", "key", "forgotten")
    node: str = ""
    count: str = ""
    key: str = ""
    forgotten: bool = False


@dataclass(frozen=True, slots=True)
class Announced(Event):
    """The server says C{text} to everybody on line. Programs and people are told it as a L{Noticed}."""

    kind: ClassVar[str] = "announced"
    changes: ClassVar[bool] = False
    text: str = ""


@dataclass(frozen=True, slots=True)
class Erased(Event):
    """
    Nothing is kept of C{who} any more, so that nodes forget it as well. Kept nowhere, and told to nobody.

    @ivar who: a key. @ivar keep_text: but for what they said.
    """

    kind: ClassVar[str] = "erased"
    who: str = ""
    keep_text: bool = False


# What plugins keep.


@dataclass(frozen=True, slots=True)
class PluginStored(Event):
    """
    The plugin C{nick} stores a value under C{key}, in the place of one that may be there. Told to nodes alone.

    @ivar value: JSON text; C{""}: nothing is stored there any more.
    @ivar who: whose it is, by L{Presence.pace_key<chatroom.core.presence.Presence>}, or C{""}. It goes with that
        person's data.
    """

    kind: ClassVar[str] = "plugin-stored"
    key: str = ""
    value: str = ""
    who: str = ""

    def slots(self) -> Slots:
        slot = f"plugin:{self.nick}:{self.key}"
        return Slots(slot) if self.value else Slots(None, (slot,))


@dataclass(frozen=True, slots=True)
class PluginAdded(PluginStored):
    """The same, only if nothing is stored there. Two that are wished at once, on any nodes, do not both happen."""

    kind: ClassVar[str] = "plugin-added"
    only_if: ClassVar[Condition] = Condition.ABSENT

    def slots(self) -> Slots:
        return Slots(f"plugin:{self.nick}:{self.key}")


# One to one. Carried, and kept nowhere.


@dataclass(frozen=True, slots=True)
class Whispered(Event):
    """
    C{nick} whispered C{text} to C{to}, who is on line. C{bot}: as in L{Said}.

    @ivar auto: a program whispered it by itself, and no program answers it: as L{AutoSaid}.
    """

    kind: ClassVar[str] = "whispered"
    changes: ClassVar[bool] = False
    to: str = ""
    text: str = ""
    bot: bool = False
    auto: bool = False

    def __init__(
        self, at: float, room: str, nick: str, to: str = "", text: str = "", bot: bool = False, auto: bool = False
    ) -> None:
        """As that of L{Said}, and for its reason."""
        _whisper_at(self, at)
        _whisper_room(self, room)
        _whisper_nick(self, nick)
        _whisper_to(self, to)
        _whisper_text(self, text)
        _whisper_bot(self, bot)
        _whisper_auto(self, auto)


_whisper_at, _whisper_room, _whisper_nick = (_setter(Whispered, name) for name in ("at", "room", "nick"))
_whisper_to, _whisper_text = _setter(Whispered, "to"), _setter(Whispered, "text")
_whisper_bot, _whisper_auto = _setter(Whispered, "bot"), _setter(Whispered, "auto")


@dataclass(frozen=True, slots=True)
class Mailed(Event):
    """A whisper of C{nick} waits in the inbox of C{to}."""

    kind: ClassVar[str] = "mailed"
    changes: ClassVar[bool] = False
    to: str = ""


@dataclass(frozen=True, slots=True)
class OperatorsTold(Event):
    """
    C{nick} said C{text} to the operators and owners who are in the room C{to}. It is in no history. C{bot}: as in
    L{Said}.

    @ivar auto: as in L{Whispered}.
    """

    kind: ClassVar[str] = "operators-told"
    changes: ClassVar[bool] = False
    to: str = ""
    text: str = ""
    bot: bool = False
    auto: bool = False


# From a newer version.


@dataclass(frozen=True, slots=True)
class UnknownKind(RoomEvent):
    """
    An event of a kind that this version does not know: a node of a newer version has kept it. It has its place in the
    order of its room, and is told to nobody. This version keeps none itself.

    @ivar name: its C{kind} in the newer version.
    """

    kind: ClassVar[str] = "unknown"
    name: str = ""


# For one connection only: never kept, never carried.


@dataclass(frozen=True, slots=True)
class Noticed(Event):
    """The server tells one person something: a sentence C{text}, with a stable C{code} for programs."""

    kind: ClassVar[str] = "notice"
    changes: ClassVar[bool] = False
    code: str = "notice"
    text: str = ""


@dataclass(frozen=True, slots=True)
class Missed(Event):
    """Events C{first} to C{last} of the room could not be told and cannot be caught up with: a gap."""

    kind: ClassVar[str] = "gap"
    changes: ClassVar[bool] = False
    first: int = 0
    last: int = 0


KINDS: dict[str, type[Event]] = {
    cls.kind: cls
    for cls in (
        Said, AutoSaid, Acted, Joined, Left, Renamed,
        RoomCreated, RoomClosed, TopicSet, TopicRuleSet, PasswordSet, InviteOnlySet, SlowSet,
        ModeratedSet, UnlistedSet, CapacitySet, Locked, Unlocked,
        Invited, Uninvited, AdmittedSet, RoleSet,
        Kicked, RoomMuted, RoomUnmuted, RoomBanned, RoomUnbanned,
        Arrived, Departed, Became, Revoked, AwaySet, AccountChanged, Tried, Announced, Erased,
        StaffSet, ActingSet, StaffTold, BotSet, Sanctioned, Pardoned, Expelled, Audited,
        LockdownSet, Reported, ReportClosed,
        PluginStored, PluginAdded,
        Whispered, Mailed, OperatorsTold, Noticed, Missed,
    )
}  # fmt: skip
"""Every class of event by its C{kind}, as it stands on the wire and in a backend."""

KINDS_VERSION = max(cls.since for cls in KINDS.values())
"""
Which kinds there are. A kind that is added has the next number as its C{since}; no node sends it while another one is
of an older version (docs/adr/0065).
"""
