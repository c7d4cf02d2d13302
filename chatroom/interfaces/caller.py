"""
What a command or a door may ask of the server, for one connection.

It is one interface, and long because people may wish for much; C{chatroom/server/session/} fulfils it in families.
"""

from __future__ import annotations

from collections.abc import Awaitable, Mapping, Sequence

from zope.interface import Attribute, Interface

from chatroom.events import Event, LockdownSet, Reported, Role, RoomBanned, RoomMuted, Sanctioned, ServerRole
from chatroom.interfaces.plugins import ICommand
from chatroom.interfaces.values import Login, Outcome, Page, Person, Receipt, RoomSummary, RoomView
from chatroom.records import Account, AuditEntry, Found, Mail, Token
from chatroom.states import CallerSnapshot


class ICaller(Interface):
    """
    One connection, as the server knows it: all that a command or a door may ask of the server.

    Every method that changes something returns when the change is kept and told. Every one raises
    L{chatroom.errors.Refused} or one of its children; C{NotKept} can come from all that change something.
    A C{room} of C{None} is the room looked at. To name another, one has to be in it, or an operator of it.

    A method is for the same people as the command that asks for it: it raises C{NotRegistered}, C{NeedsAccount},
    C{NotInRoom} or C{NotAllowed} for all others, so a door may call it without a command. What somebody is on the
    server counts as it was read last; L{do} has it read anew first.
    """

    nick = Attribute("The nickname, or C{None} before registration.")
    account = Attribute("Whether the nickname is proved to be that of an account: L{bool}.")
    staff = Attribute("What the account is on the server, as it was read last: a L{ServerRole}.")
    room = Attribute("The room looked at: L{str} or C{None}.")
    motd = Attribute("The lines of the server's welcome text: a tuple of L{str}, empty where there is none.")
    lobby = Attribute("The name of the room that everybody joins first: L{str}.")
    rooms = Attribute("Names of the rooms this person is in: a tuple of L{str}, in order of joining.")
    address = Attribute("Where it comes from, as shown to nobody but its owner and moderators: L{str}.")
    ignored = Attribute("Keys of those this person does not want to read: a frozenset of L{str}.")
    page_lines = Attribute("Lines that one page of an answer may hold: L{int}. Each door may have its own.")
    page_bytes = Attribute("Bytes that one page of an answer may hold, but for a single row that is longer: L{int}.")

    # For doors.

    def do(word: str, arguments: str | Mapping[str, str]) -> Outcome | Awaitable[Outcome]:
        """
        Run a command.

        @param arguments: what a person typed behind the word, or what a program sent by name.
        @raise UnknownCommand: @raise BadArguments: @raise NotRegistered: @raise NotAllowed: and what the
            command itself raises.
        """

    def state() -> CallerSnapshot:
        """All that C{IServer.enter_again} needs in another process. Nothing that was asked for is under way."""

    def gone(reason: str) -> None:
        """
        The connection is lost or closed. The rooms are told, unless the same person is still here through
        another connection. Called once by the door; never raises.
        """

    async def barrier() -> None:
        """
        Return when all that this connection has wished before is kept and told, or is lost and that was said: who is
        answered now finds what they wrote, even if the power fails in the next moment. Nobody else waits for it.
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

    async def register(nick: str, lobby: bool = True) -> Login:
        """
        Take a nickname as a guest, and enter the lobby.

        @param lobby: without it, be on line and in no room.

        @raise Unlawful: @raise NickTaken: @raise NickOwned: @raise LockedDown:
        """

    async def login(name: str, password: str, keep: bool = False) -> Login:
        """
        Prove to be an account. Before registration, it registers; a guest takes the account's name
        along to the rooms they are in.

        @param keep: the session that begins is to live on without this connection. Another one ends a few minutes
            after it.
        @raise WrongPassword: also for a name nobody has, after the same time.
        @raise Throttled: @raise Busy:
        """

    async def prove(name: str, password: str) -> str:
        """
        Prove to be an account, and be nobody yet: no name is claimed, no session begins, and nobody is told. L{arrive}
        may follow, or nothing.

        @return: the name of the account, as its owner writes it.
        @raise WrongPassword: also for a name nobody has, after the same time.
        @raise Throttled: @raise Busy: @raise Banned: @raise AccountDisabled:
        @raise NotAllowed: logged in already.
        """

    async def arrive(keep: bool = False, lobby: bool = True) -> Login:
        """
        Log in to the account that was proved last. One proof is good for one arrival on this connection.

        @param keep: see L{login}. @param lobby: see L{register}. Who is here already by another connection is where
            they are.
        @raise WrongPassword: nothing was proved, or the password is another by now. @raise Banned:
        @raise AccountDisabled: @raise NotAllowed: logged in already.
        """

    async def resume(token: str) -> Login:
        """
        Log in with a session token; it lives on.

        @raise WrongPassword: it is unknown, revoked or expired.
        """

    async def signup(password: str, keep: bool = False) -> Login:
        """
        Make the nickname an account's, and log in to it.

        @param keep: see L{login}.
        @raise Unlawful: the password is too short or is the name.
        @raise NotAllowed: already logged in. @raise Throttled: @raise LockedDown: @raise Busy:
        """

    async def keep_session() -> Token:
        """Let this connection's session live on without it; returns it as it is now."""

    async def logout() -> None:
        """
        Revoke this connection's session, leave the server and stand at the nickname question again.

        @raise NeedsAccount:
        """

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

    async def set_away(text: str) -> Sequence[str]:
        """
        Be away, or back where C{text} is empty.

        @return: names of the rooms that are not told: one is muted there, or it is too soon after what one said last.
        """

    async def ignore(nick: str) -> None:
        """
        Hear nothing of this nickname any more; kept for accounts.

        @raise Unlawful: @raise LimitReached:
        """

    def ignore_again(nicks: Sequence[str]) -> None:
        """
        Ignore these from the beginning, before registration: whom a guest ignored on the connection before. An account
        remembers its own.

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

    def say(text: str, room: str | None = None, act: bool = False, auto: bool = False) -> Receipt:
        """
        Talk in a room; with C{act}, as C{/me}; with C{auto} and without C{act}, as a program that says it by itself and
        that no program is to answer. The one method on the path of every line: it makes no Deferred.

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
        told: then the receipt's C{reached} is false.

        @raise Unlawful: empty, too long.
        """

    async def leave_whisper(receipt: Receipt) -> None:
        """
        Put a whisper that reached nobody into an inbox. Whoever whispered may be gone as well.

        @raise NoSuchPerson: there is no account of that name. @raise LimitReached: the inbox is full.
        """

    correspondent = Attribute(
        """
        Who whispered to this connection last, by the nickname they have now; C{None} if nobody did, or a guest who is
        gone: whoever has that nickname next is somebody else.
        """
    )

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

        @raise NoSuchRoom: @raise RoomClosedToYou: @raise RoomWantsPassword: @raise WrongPassword:
        @raise RoomLocked: @raise Banned: @raise LimitReached: @raise Throttled:
        """

    async def leave(room: str | None = None, reason: str = "") -> str:
        """
        Go out of a room; returns its name. The next of one's rooms is looked at.

        @raise NotInRoom:
        """

    async def set_topic(text: str, room: str | None = None) -> None:
        """
        @raise Muted: @raise TooSoon:
        @raise NotAllowed: it is for the operators to set, or in the lobby for the staff, and one is none of them.
        """

    async def set_topic_by(by: str, room: str | None = None) -> None:
        """
        Choose who may set the topic.

        @param by: L{chatroom.events.MEMBERS} or L{chatroom.events.OPERATORS}.
        """

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

    async def mute(nick: str, until: float, reason: str = "", room: str | None = None) -> RoomMuted | Sanctioned:
        """
        A guest is muted by whatever nickname, and other guests from the same address are.

        @param until: seconds since 1970, or L{chatroom.events.FOREVER}.
        @return: what holds now: on a name, or on a guest (L{chatroom.events.GUEST}).
        @raise NotAllowed: @raise LimitReached:
        """

    async def unmute(nick: str, room: str | None = None) -> None:
        """@raise NotFound:"""

    async def ban(nick: str, until: float, reason: str = "", room: str | None = None) -> RoomBanned | Sanctioned:
        """
        As C{mute}; and the one who is meant is out of the room.

        @param until: seconds since 1970, or L{chatroom.events.FOREVER}.
        @raise NotAllowed: @raise LimitReached:
        """

    async def unban(nick: str, room: str | None = None) -> None:
        """@raise NotFound:"""

    def bans(room: str | None = None) -> Sequence[RoomBanned | RoomMuted | Sanctioned]:
        """Bans and mutes in force; those on guests are L{chatroom.events.Sanctioned}."""

    def called_now(act: RoomBanned | RoomMuted | Sanctioned) -> str | None:
        """The nickname that a banned or muted guest has now, if they are on line."""

    async def set_role(nick: str, role: Role, room: str | None = None) -> None:
        """@raise NoSuchPerson: @raise NotAllowed:"""

    # People.

    def people(room: str | None = None) -> Sequence[Person]:
        """
        Who is in the room looked at or named; with C{"*"}, on the server.

        @raise NotInRoom:
        """

    def person_now(nick: str) -> Person | None:
        """
        Who has this nickname now, in any letter case, without waiting for a disk; C{None}: nobody who is on line. The
        role is L{Role.NOBODY}, as no room is meant.
        """

    async def person(nick: str) -> tuple[Person | None, Account | None]:
        """
        What is known of somebody: on line or not, account or not.

        @raise NoSuchPerson: neither.
        """

    # The whole server. These go by the role as it was read last; a command's C{staff} has it read anew.

    async def server_role() -> ServerRole:
        """
        What this person is on the server, read anew from the account: C{chatroom-admin} may have changed it. If it is
        another than before, every node is told.
        """

    async def staff_of_the_server() -> Sequence[tuple[Account, bool]]:
        """Every account with a role, highest first, and whether it is on line."""

    async def set_server_role(nick: str, role: ServerRole) -> ServerRole:
        """
        Give an account a role on the server, or take it away; returns the one it had. For admins.

        @raise NoSuchPerson: there is no such account.
        @raise NotAllowed: one is no admin; the other is one, too; it is the last admin.
        """

    async def server_kick(target: str, reason: str = "") -> None:
        """
        Hang up on somebody; they may come back. For staff, as all that follows.

        @param target: a nickname, perhaps with C{@} before it; an address; or a network such as C{192.0.2.0/24}.
        @raise NotAllowed: the other's role on the server is not below one's own. @raise Unlawful: it is no target.
        @raise NoSuchPerson: nobody of that name is here.
        """

    async def server_ban(target: str, until: float, reason: str = "") -> Sanctioned:
        """
        Keep somebody out of the server; all their connections are closed.

        @param until: seconds since 1970, or L{chatroom.events.FOREVER}.
        @return: what holds now: its C{target} is the account, the nickname or the network meant.
        @raise NotAllowed: @raise LimitReached: @raise Unlawful: it is no target, or a network too wide.
        """

    async def server_mute(target: str, until: float, reason: str = "") -> Sanctioned:
        """Let somebody talk nowhere and to nobody but staff. See C{server_ban}."""

    async def server_unban(target: str) -> str:
        """
        Lift that; returns the target as it was meant.

        @raise NotFound: @raise NotAllowed: it is on oneself.
        """

    async def server_unmute(target: str) -> str:
        """See C{server_unban}."""

    def server_bans() -> Sequence[Sanctioned]:
        """Bans and mutes of the whole server in force."""

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
        L{chatroom.events.Audited} in the same turn is better: it is kept with them or not at all. For staff.

        @raise NotAllowed:
        """

    async def audit(
        who: str | None = None, limit: int | None = None, before: int | None = None
    ) -> Sequence[AuditEntry]:
        """
        The last entries of the audit log, oldest first, or those before an id. For staff.

        @param who: only what this person did, or what was done to them.
        @param limit: 1 to C{page_lines}.
        @raise NotAllowed:
        """

    def lockdown() -> LockdownSet | None:
        """The lockdown in force, or C{None}."""

    async def set_lockdown(level: str, until: float, reason: str = "") -> None:
        """
        Let fewer people to the server, or everybody again. Everybody is told. For staff.

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
        @param limit: 1 to C{page_lines}, or to the limit C{catch_up_lines} with C{since}.
        @raise NotInRoom:
        """

    async def number_at(at: float, room: str | None = None) -> int | None:
        """
        Where a moment stands in a room's history, for C{before} and C{since} of L{history}: see
        L{chatroom.interfaces.IBackend.number_at}.

        @param at: seconds since 1970. @return: C{None} where all that is kept happened before.
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
