"""
Every seam of the house: what each part promises the others, in units, errors and who calls it.

Doors, commands and backends know each other only through this module. It holds no behaviour beyond
a few values that cross the seams, and knows events, records, errors and limits.

Methods that may wait are C{async def}. Callers of anything that is not run to its end must end the
chain in a logging errback.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, NamedTuple

from zope.interface import Attribute, Interface

from chatroom.events import Event, LockdownSet, Locked, Reported, RoomEvent, Sanctioned
from chatroom.events import HouseRole as HouseRole  # values that cross the seams
from chatroom.events import Role as Role
from chatroom.records import Account, AuditEntry, Found, Mail, Snapshot, Token
from chatroom.states import CallerState

# Values that cross the seams.


class Standing(IntEnum):
    """Who one has to be to use a command."""

    ANYBODY = 0
    """Also before a nickname is chosen."""
    GUEST = 1
    """Anyone with a nickname."""
    ACCOUNT = 2
    """Logged in."""


@dataclass(frozen=True)
class Parameter:
    """
    One argument of a command, in the order in which a person types them.

    @ivar name: as programs send it and as C{/help} shows it.
    @ivar rest: it takes the rest of the line, spaces and all. Only the last one may.
    @ivar secret: it is never logged or shown, and a telnet client is asked not to echo it.
    @ivar new: a secret that is made up now: where a person is asked for it, they are asked twice.
    @ivar by_name: only programs give it, by name; what a person types never fills it, and usage lines leave it
        out.
    """

    name: str
    required: bool = True
    rest: bool = False
    secret: bool = False
    help: str = ""
    by_name: bool = False
    new: bool = False

    @property
    def shown(self) -> str:
        """C{NICK} in a usage line, or C{[REASON ...]} where it takes the rest and may be left out."""
        text = self.name.upper().replace("_", "-") + (" ..." if self.rest else "")
        return text if self.required else f"[{text}]"


@dataclass(frozen=True)
class Answer:
    """
    What a command says to the one who asked.

    @ivar parts: sentences and events, in reading order, for people; doors write the events as they
        write any other.
    @ivar facts: the same for programs: names to values that JSON can hold, or events (also inside lists), which
        doors write as L{chatroom.wire} does.
    @ivar then: called with no arguments once the answer is written, such as to hang up.
    """

    parts: tuple[str | Event, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
    then: Callable[[], None] | None = None


class Receipt:
    """
    What one gets for talk at once: the promise that it will be kept, without the cost of a Deferred.

    @ivar event: what was said. Its C{seq} is 0 until it is kept.
    @ivar kept: set this, in the same turn, to be called with the event when it is kept and told, or
        with a L{chatroom.errors.Refused} when it could not be.
    @ivar then: a command may set this, to be asked what it answers when the event is kept and told. If it does not,
        the answer is that the event is kept.
    """

    __slots__ = ("event", "kept", "caller", "then")

    def __init__(self, event: Event, caller: Any = None) -> None:
        self.event = event
        self.caller = caller
        self.kept: Callable[[Event | Exception], None] | None = None
        self.then: Then | None = None


Then = Callable[[], Answer | Awaitable[Answer]]
"""What is answered, or something to wait for that gives it."""

Outcome = Answer | Receipt | None
"""What a command gives back: C{None} where there is nothing to say."""


class Person(NamedTuple):
    """
    Somebody on line, as others may see them. C{since} is when they arrived, C{role} what they are in the room meant,
    and C{staff} in the house.
    """

    nick: str
    account: bool
    away: str
    since: float
    role: Role = Role.MEMBER
    staff: HouseRole = HouseRole.NONE


SHOWN = 50
"""So many people of a room are shown to one who comes in; in a crowd, not everybody wants to see everybody."""


@dataclass(frozen=True)
class RoomView:
    """
    A room as one of its members sees it.

    @ivar people: the first L{SHOWN} of them; C{ICaller.people} gives them all.
    @ivar people_total: how many there are.
    @ivar recent: the last lines of talk, oldest first.
    @ivar last: the room's sequence number now; what comes next is heard live.
    @ivar missed: how many events happened between an account's last visit and this one: for C{/missed}.
    @ivar locked: it wants a password.
    @ivar slow: seconds that a plain member waits between two lines, or 0.
    @ivar lock: nobody new comes in: until when, by whom and why; C{None} where there is none in force.
    """

    name: str
    topic: str
    role: Role
    people: tuple[Person, ...]
    recent: tuple[RoomEvent, ...]
    last: int
    keep: bool
    invite_only: bool
    locked: bool
    created: float
    missed: int = 0
    people_total: int = 0
    slow: int = 0
    lock: Locked | None = None


@dataclass(frozen=True)
class RoomSummary:
    """A line of C{/rooms}. C{locked}: it wants a password. C{lock}: nobody new comes in."""

    name: str
    topic: str
    people: int
    invite_only: bool
    locked: bool
    joined: bool
    lock: Locked | None = None


@dataclass(frozen=True)
class Page:
    """
    Some of a room's history, oldest first.

    @ivar more: whether there is more beyond the page, in the direction it was asked in.
    @ivar gap: numbers C{(first, last)} that were asked for and are no longer kept, or C{None}.
    """

    room: str
    events: tuple[RoomEvent, ...]
    more: bool
    gap: tuple[int, int] | None = None


@dataclass(frozen=True)
class Login:
    """
    Somebody is now who they say they are.

    @ivar token: the session token, shown this once, or C{None} for a guest.
    @ivar waiting: how many whispers wait in the inbox.
    @ivar lockdown: the lockdown in force, or C{None}.
    @ivar reports: how many reports are open; 0 for those who are no staff.
    """

    nick: str
    account: bool
    token: str | None
    waiting: int
    view: RoomView | None
    lockdown: LockdownSet | None = None
    reports: int = 0


# Commands.


class ICommand(Interface):
    """
    One word a person may type. Providers also provide L{twisted.plugin.IPlugin}, are found by
    L{chatroom.commands.find} and keep no state: one object serves everybody.
    """

    name = Attribute("The word, in lower case, without the slash: L{str}.")
    aliases = Attribute("Other words for it: a tuple of L{str}.")
    family = Attribute("Under which heading /help lists it: L{str}.")
    summary = Attribute("What it does, in one line, for /help: L{str}.")
    details = Attribute("More, for /help WORD: L{str}, perhaps empty.")
    parameters = Attribute("Its arguments: a tuple of L{Parameter}.")
    standing = Attribute("The least L{Standing} that may use it; checked by the hub, never here.")
    role = Attribute(
        "The least L{Role} in the room meant (the argument C{room}, else the room looked at); checked by the hub, "
        "never here. C{Role.NOBODY}: it is not about a room."
    )
    staff = Attribute(
        "The least L{HouseRole} that may use it; checked by the hub, never here, and read from the account anew at "
        "each use. C{HouseRole.NONE}: anybody."
    )
    hidden = Attribute("Whether /help leaves it out, as a word for programs: L{bool}.")

    def run(caller: ICaller, arguments: Mapping[str, str]) -> Outcome | Awaitable[Outcome]:
        """
        Do it. Called by the hub in the reactor thread.

        @param arguments: the C{parameters} by name. Those that were not given are not in it.
        @raise Refused: shown to the caller as it stands.
        """


def usage(command: ICommand) -> str:
    """How a person types it: C{/kick NICK [REASON ...]}."""
    return " ".join(["/" + command.name, *(p.shown for p in command.parameters if not p.by_name)])


# Filters.


@dataclass(frozen=True, slots=True)
class Utterance:
    """
    What is about to be said in a room, as a filter sees it.

    @ivar account: whether C{nick} is logged in.
    @ivar role: what they may do in the room; staff of the house counts as its operators.
    @ivar text: clean, not blank, one or more lines parted by C{"\\n"}.
    @ivar act: it is C{/me}: nick does text.
    """

    room: str
    nick: str
    account: bool
    role: Role
    text: str
    act: bool = False


class ITalkFilter(Interface):
    """
    Looks at every line before it is said. It keeps nothing that a line depends on, so that the same line is treated the
    same every time, and sees no whispers.
    """

    def look(line: Utterance) -> str:
        """
        Called in the reactor thread for each line, so it does not wait for anything and is done in less than a
        millisecond. Any other exception than those below is logged, and lets the line pass.

        @return: what is said: the text as it is, or another, which is then cleaned and cut like any text, and shown to
            its author. Nothing is left where that is blank: then it is refused.
        @raise Refused: it is not said; the sentence is shown to its author as it stands. Use
            L{chatroom.errors.Filtered} where no other fits.
        """

    def reload() -> None:
        """
        Read again what is read from files. Called at each SIGHUP.

        @raise ValueError: that cannot be; a sentence without its end. The filter goes on as it was.
        """


class IFilterFactory(Interface):
    """
    Makes filters of one kind. Providers also provide L{twisted.plugin.IPlugin} and are found by
    L{chatroom.filters.find_filters}; an operator asks for one with C{--filter NAME:ARGUMENT}.
    """

    name = Attribute("What stands before the colon: L{str}, without one.")

    def make(argument: str) -> ITalkFilter:
        """
        A filter. Called before the daemon goes into the background, so relative paths are to be made absolute here.

        @param argument: what stands behind the colon, perhaps empty.
        @raise ValueError: it cannot be made; a sentence without its end.
        """


class ICaller(Interface):
    """
    One connection, as the house knows it: all that a command or a door may ask of the house.

    Every method that changes something returns when the change is kept and told. Every one raises
    L{chatroom.errors.Refused} or one of its children; C{NotKept} can come from all that change something.
    A C{room} of C{None} is the room looked at.
    """

    nick = Attribute("The nickname, or C{None} before registration.")
    account = Attribute("Whether the nickname is proved to be that of an account: L{bool}.")
    staff = Attribute("What the account is in the house, as it was read last: a L{HouseRole}.")
    room = Attribute("The room looked at: L{str} or C{None}.")
    rooms = Attribute("Names of the rooms this person is in: a tuple of L{str}, in order of joining.")
    address = Attribute("Where it comes from, as shown to nobody but its owner and moderators: L{str}.")
    ignored = Attribute("Keys of those this person does not want to read: a frozenset of L{str}.")

    # For doors.

    def do(word: str, arguments: str | Mapping[str, str]) -> Outcome | Awaitable[Outcome]:
        """
        Run a command.

        @param arguments: what a person typed behind the word, or what a program sent by name.
        @raise UnknownCommand: @raise BadArguments: @raise NotRegistered: @raise NotAllowed: and what the
            command itself raises.
        """

    def state() -> CallerState:
        """All that C{IHouse.enter_again} needs in another process. Nothing that was asked for is under way."""

    def gone(reason: str) -> None:
        """
        The connection is lost or closed. The rooms are told, unless the same person is still here through
        another connection. Called once by the door; never raises.
        """

    # For doors and commands.

    def now() -> float:
        """Seconds since 1970 in UTC."""

    def tell(*parts: str | Event) -> None:
        """Write something to this connection alone, outside an answer."""

    def commands() -> Sequence[ICommand]:
        """Every command this caller could use, sorted by family and name; hidden ones left out."""

    def command(word: str) -> ICommand:
        """
        The command of this word or alias.

        @raise UnknownCommand: there is none.
        """

    # Who one is.

    async def register(nick: str) -> Login:
        """
        Take a nickname as a guest, and enter the lobby.

        @raise Unlawful: @raise NickTaken: @raise NickOwned: @raise LockedDown:
        """

    async def login(name: str, password: str) -> Login:
        """
        Prove to be an account. Before registration, it registers; a guest takes the account's name
        along to the rooms they are in.

        @raise WrongPassword: also for a name nobody has, after the same time.
        @raise Throttled:
        """

    async def resume(token: str) -> Login:
        """
        Log in with a session token; it lives on.

        @raise WrongPassword: it is unknown, revoked or expired.
        """

    async def signup(password: str) -> Login:
        """
        Make the nickname an account's, and log in to it.

        @raise Unlawful: the password is too short or is the name.
        @raise NotAllowed: already logged in. @raise Throttled: @raise LockedDown:
        """

    async def logout() -> None:
        """Revoke this connection's session, leave the house and stand at the nickname question again."""

    async def passwd(old: str, new: str) -> int:
        """
        Change the password and revoke all other sessions; returns how many.

        @raise WrongPassword: @raise Unlawful: @raise Throttled:
        """

    async def sessions() -> Sequence[tuple[Token, bool]]:
        """This account's sessions, newest use first, and whether it is the one of this connection."""

    async def revoke(session: str) -> int:
        """
        End the session with this public id, or C{all} but this one; returns how many. Connections that came
        in by it are closed.

        @raise NotFound:
        """

    async def rename(nick: str) -> None:
        """
        Change a guest's nickname, or the letter case of anyone's.

        @raise Unlawful: @raise NickTaken: @raise NickOwned: @raise NotAllowed: logged in, and not only a
            change of letter case.
        """

    async def set_away(text: str) -> None:
        """Be away, or back where C{text} is empty."""

    async def ignore(nick: str) -> None:
        """
        Hear nothing of this nickname any more; kept for accounts.

        @raise Unlawful: @raise LimitReached:
        """

    async def unignore(nick: str) -> None:
        """
        Hear it again.

        @raise NotFound: it was not ignored.
        """

    def quit(reason: str) -> None:
        """Ask the door to hang up, in a friendly way, with C{reason} told to the rooms."""

    # Talk.

    def say(text: str, room: str | None = None, act: bool = False) -> Receipt:
        """
        Talk in a room; with C{act}, as C{/me}. The one method on the path of every line: it makes
        no Deferred.

        @raise Unlawful: empty, too long. @raise NotInRoom: @raise Muted: @raise TooSoon: @raise Filtered:
        """

    async def whisper(to: str, text: str) -> bool:
        """
        Say something to one person. True if they are on line, False if it waits in their inbox.

        @raise NoSuchPerson: neither on line nor an account. @raise LimitReached: the inbox is full.
        """

    def whisper_now(to: str, text: str) -> Receipt | None:
        """
        The same for somebody who is on line, without waiting; C{None} if they are not. They may be gone when it is
        told: ask C{reached}.

        @raise Unlawful: empty, too long.
        """

    def reached(receipt: Receipt) -> bool:
        """Whether there was somebody to hear a whisper when it was told. Asked once, when it is kept."""

    async def leave_whisper(receipt: Receipt) -> None:
        """
        Put a whisper that reached nobody into an inbox. Whoever whispered may be gone as well.

        @raise NoSuchPerson: there is no account of that name. @raise LimitReached: the inbox is full.
        """

    correspondent = Attribute("Who whispered to this connection last: a nickname or C{None}.")

    # Rooms.

    def look(room: str) -> None:
        """
        Look at another of the rooms one is in.

        @raise NotInRoom:
        """

    def view(room: str | None = None) -> RoomView:
        """
        The room as it is now, with no C{recent}.

        @raise NotInRoom:
        """

    def rooms_open() -> Sequence[RoomSummary]:
        """Every room that is not invite-only, and those one is in, most people first."""

    async def create(room: str, keep: bool = False) -> RoomView:
        """
        Make a room, own it and look at it.

        @param keep: it stays without members; for accounts.
        @raise Unlawful: @raise RoomExists: @raise NeedsAccount: @raise LimitReached:
        """

    async def join(room: str, password: str = "") -> RoomView:
        """
        Go into a room and look at it; again is harmless.

        @raise NoSuchRoom: @raise RoomClosedToYou: @raise RoomLocked: @raise Banned: @raise LimitReached:
        @raise Throttled:
        """

    async def leave(room: str | None = None, reason: str = "") -> str:
        """
        Go out of a room; returns its name. The next of one's rooms is looked at.

        @raise NotInRoom:
        """

    async def set_topic(text: str, room: str | None = None) -> None:
        """@raise NotAllowed: in a room that has operators, one is none of them."""

    async def set_password(password: str, room: str | None = None) -> None:
        """Let only those in who know the password, or everybody where C{password} is empty."""

    async def set_invite_only(on: bool, room: str | None = None) -> None:
        """Close the room to all but the invited, or open it."""

    async def set_slow(seconds: int, room: str | None = None) -> None:
        """
        Let plain members say one line in so many seconds; 0: as many as they like.

        @raise LimitReached: that is too long.
        """

    async def lock(until: float, reason: str = "", room: str | None = None) -> None:
        """
        Let nobody new in but the invited; whoever is inside stays.

        @param until: seconds since 1970, or L{chatroom.events.FOREVER}.
        """

    async def unlock(room: str | None = None) -> None:
        """@raise NotFound: it is not locked."""

    async def invite(nick: str, room: str | None = None) -> None:
        """
        Let somebody in, once, whatever the door says, and tell them if they are on line.

        @raise NoSuchPerson: @raise LimitReached:
        """

    async def kick(nick: str, reason: str = "", room: str | None = None) -> None:
        """@raise NotInRoom: @raise NotAllowed: the other's role is not below one's own."""

    async def mute(nick: str, until: float, reason: str = "", room: str | None = None) -> None:
        """
        @param until: seconds since 1970, or L{chatroom.events.FOREVER}.
        @raise NotAllowed: @raise LimitReached:
        """

    async def unmute(nick: str, room: str | None = None) -> None:
        """@raise NotFound:"""

    async def ban(nick: str, until: float, reason: str = "", room: str | None = None) -> None:
        """
        @param until: seconds since 1970, or L{chatroom.events.FOREVER}.
        @raise NotAllowed: @raise LimitReached:
        """

    async def unban(nick: str, room: str | None = None) -> None:
        """@raise NotFound:"""

    def bans(room: str | None = None) -> Sequence[Event]:
        """Bans and mutes in force: L{chatroom.events.Barred} and L{chatroom.events.Hushed}."""

    async def set_role(nick: str, role: Role, room: str | None = None) -> None:
        """@raise NoSuchPerson: @raise NotAllowed:"""

    # People.

    def people(room: str | None = None) -> Sequence[Person]:
        """
        Who is in the room looked at or named; with C{"*"}, in the house.

        @raise NotInRoom:
        """

    async def person(nick: str) -> tuple[Person | None, Account | None]:
        """
        What is known of somebody: on line or not, account or not.

        @raise NoSuchPerson: neither.
        """

    # The whole house. These go by the role as it was read last; a command's C{staff} has it read anew.

    async def house_role() -> HouseRole:
        """
        What this person is in the house, read anew from the account: C{chatroom-admin} may have changed it. If it is
        another than before, every node is told.
        """

    async def staff_of_the_house() -> Sequence[tuple[Account, bool]]:
        """Every account with a role, highest first, and whether it is on line."""

    async def set_house_role(nick: str, role: HouseRole) -> HouseRole:
        """
        Give an account a role in the house, or take it away; returns the one it had. For admins.

        @raise NoSuchPerson: there is no such account.
        @raise NotAllowed: one is no admin; the other is one, too; it is the last admin.
        """

    async def house_kick(target: str, reason: str = "") -> None:
        """
        Hang up on somebody; they may come back. For staff, as all that follows.

        @param target: a nickname, perhaps with C{@} before it; an address; or a network such as C{192.0.2.0/24}.
        @raise NotAllowed: the other's role in the house is not below one's own. @raise Unlawful: it is no target.
        @raise NoSuchPerson: nobody of that name is here.
        """

    async def house_ban(target: str, until: float, reason: str = "") -> Sanctioned:
        """
        Keep somebody out of the house; all their connections are closed.

        @param until: seconds since 1970, or L{chatroom.events.FOREVER}.
        @return: what holds now: its C{target} is the account, the nickname or the network meant.
        @raise NotAllowed: @raise LimitReached: @raise Unlawful: it is no target, or a network too wide.
        """

    async def house_mute(target: str, until: float, reason: str = "") -> Sanctioned:
        """Let somebody talk nowhere and to nobody but staff. See C{house_ban}."""

    async def house_unban(target: str) -> str:
        """
        Lift that; returns the target as it was meant.

        @raise NotFound: @raise NotAllowed: it is on oneself.
        """

    async def house_unmute(target: str) -> str:
        """See C{house_unban}."""

    def house_bans() -> Sequence[Sanctioned]:
        """Bans and mutes of the whole house in force."""

    def addresses(nick: str) -> Sequence[str]:
        """Where somebody is connected from, through this node: textual IP addresses."""

    async def close_room(room: str, reason: str = "") -> str:
        """
        Send everybody out of a room and forget it, with its history; returns its name.

        @raise NotAllowed: it is the lobby. @raise NoSuchRoom:
        """

    async def note(act: str, target: str, detail: str = "") -> None:
        """
        Write something into the audit log that was done by this person. For acts that are events, an
        L{chatroom.events.Audited} in the same turn is better: it is kept with them or not at all.
        """

    async def audit(
        who: str | None = None, limit: int | None = None, before: int | None = None
    ) -> Sequence[AuditEntry]:
        """
        The last entries of the audit log, oldest first, or those before an id. For staff.

        @param who: only what this person did, or what was done to them.
        @param limit: 1 to the limit C{page_lines}.
        @raise NotAllowed:
        """

    def lockdown() -> LockdownSet | None:
        """The lockdown in force, or C{None}."""

    async def set_lockdown(level: str, until: float, reason: str = "") -> None:
        """
        Let fewer people into the house, or everybody again. Everybody is told. For staff.

        @param level: C{off}, C{guests}, C{accounts} or C{registered}: see L{chatroom.events.LockdownSet}.
        @param until: seconds since 1970, or L{chatroom.events.FOREVER}.
        @raise BadArguments: there is no such level.
        """

    async def report(about: str, reason: str, room: str | None = None) -> Reported:
        """
        Tell the staff of somebody, or of a room; what somebody said last in the room goes with it.

        @param about: a nickname, or the name of a room, with or without C{#}.
        @param room: where it happened; the room looked at.
        @raise NoSuchPerson: neither a person nor a room is called so. @raise NotAllowed: it is oneself.
        @raise Unlawful: no reason. @raise LimitReached: it is open already, or too many are.
        @raise Throttled: too many from this address.
        """

    def reports() -> Sequence[Reported]:
        """
        Reports that are open, oldest first. For staff.

        @raise NotAllowed:
        """

    async def close_report(number: int, reason: str = "") -> None:
        """
        It has been seen to: nobody is told of it any more, but who reported it, of this. For staff.

        @raise NotFound: no such report is open. @raise NotAllowed:
        """

    # Reading.

    async def history(
        room: str | None = None,
        *,
        before: int | None = None,
        since: int | None = None,
        limit: int | None = None,
        talk: bool = True,
    ) -> Page:
        """
        A page of a room's history: the last lines, or those before or after a sequence number.

        @param talk: leave out comings and goings.
        @param limit: 1 to the limit C{page_lines}, or C{catch_up_lines} with C{since}.
        @raise NotInRoom:
        """

    async def missed(room: str | None = None) -> Page:
        """
        What was said between one's last visit and this one, page by page: each call moves on.

        @raise NeedsAccount: @raise NotInRoom:
        """

    async def search(words: str, room: str | None = None, before: int | None = None) -> Found:
        """
        Lines that hold all the words, in the room named or all rooms one is in.

        @raise BadArguments: no words. @raise NotInRoom:
        """

    async def inbox(everything: bool = False, before: int | None = None) -> tuple[Sequence[Mail], int, bool]:
        """
        Whispers that waited, oldest first; how many unread ones remain; and whether there is more. Unread ones are
        marked as read in the commit that reads them; with C{everything}, those read before, newest page first.

        @raise NeedsAccount:
        """


# Doors.


class IForm(Interface):
    """How a kind of door writes events. One object for all ears that read the same bytes."""

    def render(events: Sequence[Event]) -> list[bytes]:
        """
        Each event as the bytes to be written, line ends included; C{b""} where it is not shown.
        """


class IEar(Interface):
    """
    A connection's hearing: the hub tells it what happens. Nothing here may raise or block.
    """

    def form(room: str) -> IForm:
        """How events of this room are written to this ear now."""

    def hear(room: str, first: int, last: int, data: bytes) -> None:
        """
        A run of a room's events, numbered C{first} to C{last} (some may be left out), written in C{form(room)}. It
        need not be sent before C{flush}.
        """

    def tell(parts: Sequence[str | Event]) -> None:
        """Something for this connection alone; it needs no C{flush}."""

    def flush() -> None:
        """The turn is over: send what was heard, in one write."""

    def named(nick: str | None) -> None:
        """The connection's nickname is now this; C{None}: it has none any more."""

    def hang_up(sentence: str) -> None:
        """
        Say this as the last thing, behind the answer to the command under way, then close. C{caller.gone} follows as
        after any loss.
        """


class IHouse(Interface):
    """What a door needs to bring people in. Provided by the hub."""

    limits = Attribute("L{chatroom.limits.Limits}.")
    name = Attribute("What the greeting calls this place: L{str}.")
    lobby = Attribute("The room everybody enters first: L{str}.")

    def shut_out(address: str) -> str | None:
        """
        What to say to somebody who connects from there, before hanging up: the network is banned. C{None}: nothing.
        """

    def enter(ear: IEar, address: str, door: str) -> ICaller:
        """
        A new connection.

        @param address: a textual IP address, or C{""} where there is none.
        @param door: a word for logs: C{line}, C{json}, C{websocket}.
        """

    def enter_again(ear: IEar, address: str, state: CallerState) -> ICaller:
        """
        A connection that another process of this node had. Nobody is told; the ear is not told its nickname, either,
        which is the caller's.
        """


# Backends.


class IListener(Interface):
    """What a backend tells the hub of its node. Neither method may raise."""

    def heard(events: Sequence[Event]) -> None:
        """
        Events that are kept and in order, from this node and others: each event once, in one order per room and
        per sending node. Those of this node are the very objects that were given to C{keep}.
        """

    def lost(node: str) -> None:
        """
        Another node's lease ran out. Told to one of the nodes alive, which says goodbye for its people.
        """


class IBackend(Interface):
    """
    Keeps what was said, puts it in order, and carries it to every node. One object per node.

    Every method is called in the reactor thread, never blocks it (C{start} may: nobody is served yet), and may
    raise L{chatroom.errors.NotKept}: then nothing of that call was kept. What returned is durable. Times of events
    are kept to the millisecond.
    """

    async def start(node: str, listener: IListener, present: Sequence[Event] = ()) -> Snapshot:
        """
        Take part. Events after the snapshot reach the listener, none before this returns.

        @param node: a name no other node has.
        @param present: what L{present} said before a backend of this node was stopped, when its people are still
            here. It holds on, is in the snapshot, and is told to nobody. Claims have to be made again.
        @raise chatroom.errors.Refused: it cannot be used (in use, unwritable, of a newer version): a sentence.
        """

    def present() -> Sequence[Event]:
        """What holds of who is on line, for the C{start} that follows where people stay: see there."""

    async def stop() -> None:
        """Finish what is under way, give up all claims and leave. Idempotent."""

    async def keep(batch: Sequence[Event]) -> Sequence[bool]:
        """
        Keep a turn's events in one commit, in the order given.

        Recorded events are numbered; slots are set and cleared; audited ones are written into the audit log; all but
        those refused are told to every node's listener, this one's before this returns. Called again only after it
        has returned.

        @return: for each event, False if its C{only_if} did not hold: then it did not happen.
        """

    # Names.

    async def claim(key: str, holder: str) -> bool:
        """
        Hold a nickname for this node as long as its lease lives.

        @param holder: the same holder may claim again, on this node or another, and then holds it so many
            times.
        @return: False if another holder has it.
        """

    async def release(key: str, holder: str) -> bool:
        """
        Give up one claim. That of somebody else is left alone.

        @return: True if nobody holds the name any more.
        """

    # History.

    async def history(
        room: str, *, after: int | None, before: int | None, limit: int, talk: bool
    ) -> Sequence[RoomEvent]:
        """
        Recorded events of a room, oldest first: the first C{limit} after a number (and before another, if both are
        given), or the last C{limit} before one, or the last C{limit} of all.

        @param talk: only L{chatroom.events.Said} and L{chatroom.events.Acted}.
        """

    async def search(rooms: Sequence[str], words: Sequence[str], before: int | None, limit: int) -> Found:
        """
        Talk in these rooms that holds all the words, newest first. What a word is, L{chatroom.backends.words} says
        for every backend.

        @param before: C{next} of the page before.
        """

    async def expire(older_than: float | None, keep_last: int | None) -> int:
        """
        Forget history: what happened before a time, and all but so many of the last events of each room. What is
        left of a room has no holes, and numbers are never given again.

        @return: how many events were forgotten.
        """

    # Accounts.

    async def add_account(account: Account) -> bool:
        """@return: False if there is one of that key."""

    async def account(key: str) -> Account | None:
        """The account of this key."""

    async def save_account(account: Account) -> None:
        """
        Replace an account's record, all but its C{role}.

        @raise LookupError: there is none.
        """

    async def staff() -> Sequence[Account]:
        """All accounts that have a role in the house, highest first, then by key."""

    async def set_house_role(key: str, role: HouseRole, entry: AuditEntry) -> HouseRole:
        """
        Give an account a role, and write the entry into the audit log in the same commit.

        The role is kept here and nowhere else. A hub reads it when its owner logs in and again at each use of
        a command for staff, so that one that was set by another process, such as C{chatroom-admin} beside a running
        daemon, counts at once without anybody telling the hub. A hub that sets it itself tells the other nodes by
        L{chatroom.events.StaffSet}.

        @return: the role before.
        @raise LookupError: there is no such account.
        @raise chatroom.errors.NotAllowed: it is the last admin; there has to be one, once there was one.
        """

    # The audit log.

    async def audit(entry: AuditEntry) -> None:
        """Write down an act that is no event. Its id is given here."""

    async def audit_log(who: str | None, before: int | None, limit: int) -> Sequence[AuditEntry]:
        """
        Entries, oldest first: the last C{limit}, or those before an id.

        @param who: only where this is C{who} or C{target}, in any letter case.
        """

    async def expire_audit(older_than: float) -> int:
        """
        Forget entries of before this time.

        @return: how many.
        """

    async def accounts(after: str, limit: int) -> Sequence[Account]:
        """The first C{limit} accounts whose key is greater than C{after}, by key."""

    async def drop_account(key: str) -> bool:
        """
        Take an account away for good, with its sessions, its inbox and its read markers.

        @return: False if there was none; what else there was under that key is gone all the same.
        """

    # Everything of one person, for those who ask for it, or for nothing of it to be left.

    async def lines(key: str, since: float, after: int, limit: int) -> Found:
        """
        What somebody said in rooms that are open, oldest first, some at a time: at most C{limit} lines.

        @param key: their name, folded. @param since: nothing from before this time.
        @param after: 0, or C{next} of the page before.
        """

    async def erase(key: str, keep_text: bool) -> int:
        """
        Take a name out of the history of every room and out of all facts that name it, and what it said with it: see
        L{chatroom.backends.anonymous}. Whispers it left in inboxes are taken out of them. Numbers stay as they are.
        What was there is overwritten where it is kept. It may take its time; what is said meanwhile waits for none of
        it. Done twice, it does no harm.

        @param key: the name, folded. Nobody may be on line by it.
        @param keep_text: leave what was said, under nobody's name.
        @return: how many lines there were.
        """

    async def add_token(token: Token, keep: int) -> Sequence[Token]:
        """
        Add a session.

        @param keep: how many of the account may live, 1 or more; the least lately used beyond that are dropped,
            and never this one.
        @return: those dropped.
        """

    async def token(digest: str) -> Token | None:
        """The session of this digest, expired or not."""

    async def use_token(digest: str, used: float, expires: float) -> None:
        """Note a use. A session that is gone stays gone."""

    async def tokens(account: str) -> Sequence[Token]:
        """Sessions of an account, latest use first."""

    async def drop_tokens(digests: Sequence[str]) -> int:
        """@return: how many there were."""

    # Inbox.

    async def post(mail: Mail, room: int) -> int:
        """
        Put a whisper into the inbox of the account whose key is C{mail.to}; its id is given here.

        @param room: how many unread ones it may hold.
        @return: how many unread ones there are now.
        @raise chatroom.errors.LimitReached: it is full.
        """

    async def waiting(account: str) -> int:
        """How many unread whispers there are."""

    async def take_mail(account: str, limit: int) -> Sequence[Mail]:
        """The oldest unread whispers, oldest first, marked as read in the same commit."""

    async def letters(account: str, after: int, limit: int) -> Sequence[Mail]:
        """Whispers in the inbox, read or not, oldest first: the first C{limit} after an id. None of them is marked."""

    async def read_mail(account: str, before: int | None, limit: int) -> Sequence[Mail]:
        """Whispers already read, oldest first: the last C{limit}, or those before an id."""

    # Where one stopped reading.

    async def mark(account: str, marks: Mapping[str, int]) -> None:
        """Note the last sequence number read in each room; never moves back."""

    async def marks(account: str) -> Mapping[str, int]:
        """The last sequence numbers read, by room."""


class IPasswords(Interface):
    """Hashes passwords without blocking the reactor."""

    async def hash(password: str, network: str = "") -> str:
        """
        A new hash.

        @param network: from where it is asked for, as L{chatroom.limits.network} says it: where many wait, each
            network has its turn.
        @raise chatroom.errors.Throttled: too many are waiting.
        """

    async def verify(password: str, hash: str | None, network: str = "") -> tuple[bool, str | None]:
        """
        Check a password, in equal time where C{hash} is C{None} or empty (then it is never right).

        @param network: see L{hash}.
        @return: whether it is right, and a better hash to keep if the old one is out of date.
        @raise chatroom.errors.Throttled: too many are waiting.
        """


class ICredentials(Interface):
    """Knows who may log in: the house's own accounts, and whatever else the operator asks."""

    async def check(name: str, password: str, network: str = "") -> str | None:
        """
        Whose password is it?

        @param name: as typed; it need not be lawful.
        @param network: see L{IPasswords.hash}.
        @return: the key of the account, which exists now, or C{None}: nobody's, after the same time whether
            or not there is such an account. The key need not be that of C{name}: a directory may know people
            by other names.
        @raise chatroom.errors.Throttled: too many are being checked.
        @raise chatroom.errors.Refused: nobody can tell at the moment.
        """

    async def knows(account: str, origin: str) -> bool:
        """
        Whether the owner of an account has come from there before: a session of it that still lives began there.

        @param account: its key; there need not be such an account.
        @param origin: as L{chatroom.limits.origin} says it; C{""} is nowhere, and never known.
        """
