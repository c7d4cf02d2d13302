"""
Moderation: in a room, by its operators, and on the whole server, by its staff.

It is a part of L{ICaller<chatroom.interfaces.ICaller>}, which says what holds for all of it.
"""

from __future__ import annotations

from collections.abc import Sequence

from chatroom.events import AdmittedSet, LockdownSet, Reported, Role, RoomBanned, RoomMuted, Sanctioned, ServerRole
from chatroom.interfaces.contract import Contract
from chatroom.records import Account, AuditEntry


class IModeration(Contract):
    """
    What operators decide in a room, and staff on the server.

    In a room, the role there counts, or the role on the server if it is higher. On the whole server, the role counts as
    it was read last; a command's C{staff} reads it anew.
    """

    @property
    def staff(self) -> ServerRole:
        """What the account is on the server, as it was read last: a L{ServerRole}."""

    async def set_topic_by(self, by: str, room: str | None = None) -> None:
        """
        Choose who may set the topic.

        @param by: L{chatroom.events.MEMBERS} or L{chatroom.events.OPERATORS}.
        """

    async def set_password(self, password: str, room: str | None = None) -> None:
        """Let people join only with this password, or without one if C{password} is empty."""

    async def set_invite_only(self, on: bool, room: str | None = None) -> None:
        """Close the room to all but the invited, or open it."""

    async def set_slow(self, seconds: int, room: str | None = None) -> None:
        """
        Let plain members say one line in so many seconds; 0: as many as they like.

        @raise LimitReached: that is too long.
        """

    async def set_moderated(self, on: bool, room: str | None = None) -> None:
        """Let only operators and people with voice talk, or everyone in the room."""

    async def set_unlisted(self, on: bool, room: str | None = None) -> None:
        """Take the room off the list of rooms, or put it back. Everybody who knows its name can join it."""

    async def set_capacity(self, people: int, room: str | None = None) -> None:
        """
        Let so many people join the room, and the invited; 0: as many as come. People in the room stay.

        @raise Unlawful: it is no number of people.
        """

    async def set_voice(self, nick: str, on: bool, room: str | None = None) -> None:
        """
        Give somebody voice, or take it away: with voice, one can talk in a moderated room. It lifts a mute. Operators
        and owners need none.

        @raise NoSuchPerson: @raise NotInRoom: it is a guest who is not in the room.
        """

    async def lock(self, until: float, reason: str = "", room: str | None = None) -> None:
        """
        Only people with an invitation can join from now on. People in the room stay.

        @param until: seconds since 1970, or L{chatroom.events.FOREVER}.
        """

    async def unlock(self, room: str | None = None) -> None:
        """@raise NotFound: it is not locked."""

    async def invite(self, nick: str, room: str | None = None) -> None:
        """
        Let one person join once, even if the room is locked or invite-only. The person reads it if they are online.

        @raise NoSuchPerson: @raise LimitReached:
        """

    async def set_admitted(self, nick: str, on: bool, room: str | None = None) -> None:
        """
        Let somebody join at any time, as one who is invited, or no longer. It holds on the name.

        @raise LimitReached: @raise NotFound: they are not admitted.
        """

    def admitted(self, room: str | None = None) -> Sequence[AdmittedSet]:
        """Who can join at any time, in the order in which it was decided."""

    async def kick(self, nick: str, reason: str = "", room: str | None = None) -> None:
        """@raise NotInRoom: @raise NotAllowed: the other's role is not below one's own."""

    async def mute(self, nick: str, until: float, reason: str = "", room: str | None = None) -> RoomMuted | Sanctioned:
        """
        A guest is muted under any nickname, and so are other guests from the same address.

        @param until: seconds since 1970, or L{chatroom.events.FOREVER}.
        @return: what holds now: on a name, or on a guest (L{chatroom.events.GUEST}).
        @raise NotAllowed: @raise LimitReached:
        """

    async def unmute(self, nick: str, room: str | None = None) -> None:
        """@raise NotFound:"""

    async def ban(self, nick: str, until: float, reason: str = "", room: str | None = None) -> RoomBanned | Sanctioned:
        """
        As C{mute}; the person also leaves the room and cannot join it.

        @param until: seconds since 1970, or L{chatroom.events.FOREVER}.
        @raise NotAllowed: @raise LimitReached:
        """

    async def unban(self, nick: str, room: str | None = None) -> None:
        """@raise NotFound:"""

    def bans(self, room: str | None = None) -> Sequence[RoomBanned | RoomMuted | Sanctioned]:
        """Bans and mutes in force; those on guests are L{chatroom.events.Sanctioned}."""

    def holds_on_me(self, room: str | None = None) -> Sequence[RoomBanned | RoomMuted | Sanctioned]:
        """The ban and the mute of the room that are in force on oneself."""

    def called_now(self, act: RoomBanned | RoomMuted | Sanctioned) -> str | None:
        """The nickname that a banned or muted guest has now, if they are on line."""

    async def set_role(self, nick: str, role: Role, room: str | None = None) -> None:
        """@raise NoSuchPerson: @raise NotAllowed:"""

    async def server_role(self) -> ServerRole:
        """
        What this person is on the server, read anew from the account: C{chatroom-admin} may have changed it. If it has
        changed, every node learns of it. A role that another account lends this connection counts: see C{borrow_role}.
        """

    async def borrow_role(self, name: str, password: str) -> ServerRole:
        """
        Act as staff by the password of an account that has a role, without being that account: this connection alone,
        until it ends, logs in or out, or the account loses the role, its password changes, or it may not log in any
        more. The nickname stays. What is done so stands in the audit log under the account's name.

        @param name: of the account, in any case. @return: the role of the account, above one's own.
        @raise WrongPassword: @raise Throttled: @raise Busy: as at a login. @raise Banned: @raise AccountDisabled:
        @raise NotAllowed: the account has no role, or none above one's own.
        """

    async def return_role(self) -> str:
        """
        Act as oneself again; returns the name of the account.

        @raise NotAllowed: this connection acts with no role of another account.
        """

    async def tell_staff(self, text: str) -> None:
        """
        Say something to all staff who are online. For staff.

        @param text: one or more lines, as long as a message may be. @raise Unlawful: nothing is left of it.
        @raise Muted: on the whole server.
        """

    async def staff_of_the_server(self) -> Sequence[tuple[Account, bool]]:
        """Every account with a role, highest first, and whether it is on line."""

    async def set_server_role(self, nick: str, role: ServerRole) -> ServerRole:
        """
        Give an account a role on the server, or take it away; returns the one it had. For admins.

        @raise NoSuchPerson: there is no such account.
        @raise NotAllowed: one is no admin; the other is one, too; it is the last admin.
        """

    async def server_kick(self, target: str, reason: str = "") -> None:
        """
        Disconnect a person, who can connect again. For staff, as all that follows.

        @param target: a nickname, perhaps with C{@} before it; an address; or a network such as C{192.0.2.0/24}.
        @raise NotAllowed: the other's role on the server is not below one's own. @raise Unlawful: it is no target.
        @raise NoSuchPerson: nobody of that name is here.
        """

    async def server_ban(self, target: str, until: float, reason: str = "") -> Sanctioned:
        """
        Ban a person from the server; all their connections are closed.

        @param until: seconds since 1970, or L{chatroom.events.FOREVER}.
        @return: what holds now: its C{target} is the account, the nickname or the network meant.
        @raise NotAllowed: @raise LimitReached: @raise Unlawful: it is no target, or a network too wide.
        """

    async def server_mute(self, target: str, until: float, reason: str = "") -> Sanctioned:
        """Mute a person everywhere: they can talk only to staff. See C{server_ban}."""

    async def server_unban(self, target: str) -> str:
        """
        Lift that; returns the target as it was meant.

        @raise NotFound: @raise NotAllowed: it is on oneself.
        """

    async def server_unmute(self, target: str) -> str:
        """See C{server_unban}."""

    def server_bans(self) -> Sequence[Sanctioned]:
        """Bans and mutes of the whole server in force."""

    def addresses(self, nick: str) -> Sequence[str]:
        """The addresses of a person's connections to this node: textual IP addresses."""

    def other_nodes(self, nick: str) -> Sequence[str]:
        """
        Names of the other nodes through which a person is connected: only those know the addresses.

        @raise NotAllowed: for staff alone.
        """

    async def close_room(self, room: str, reason: str = "") -> str:
        """
        Kick everyone from a room and delete it, with its history; returns its name.

        @raise NotAllowed: it is the lobby. @raise NoSuchRoom:
        """

    async def note(self, act: str, target: str, detail: str = "") -> None:
        """
        Write something into the audit log that was done by this person. For acts that are events, an
        L{chatroom.events.Audited} in the same turn is better: it is kept with them or not at all. For staff.

        @raise NotAllowed:
        """

    async def audit(
        self, who: str | None = None, limit: int | None = None, before: int | None = None
    ) -> Sequence[AuditEntry]:
        """
        The last entries of the audit log, oldest first, or those before an id. For staff.

        @param who: only what this person did, or what was done to them.
        @param limit: 1 to C{page_lines}.
        @raise NotAllowed:
        """

    def lockdown(self) -> LockdownSet | None:
        """The lockdown in force, or C{None}."""

    async def set_lockdown(self, level: str, until: float, reason: str = "") -> None:
        """
        Set who can connect to the server. Everyone reads it. For staff.

        @param level: C{off}, C{guests}, C{accounts} or C{registered}: see L{chatroom.events.LockdownSet}.
        @param until: seconds since 1970, or L{chatroom.events.FOREVER}.
        @raise BadArguments: there is no such level.
        """

    async def report(self, about: str, reason: str, room: str | None = None) -> Reported:
        """
        Report a person or a room to the staff, together with the last lines that the person said in the room.

        @param about: a nickname, or the name of a room, with or without C{#}.
        @param room: where it happened; C{None}: the current room.
        @raise NoSuchPerson: neither a person nor a room is called so. @raise NotAllowed: it is oneself.
        @raise Unlawful: no reason. @raise LimitReached: it is open already, or too many are.
        @raise Throttled: too many from this address.
        """

    def reports(self) -> Sequence[Reported]:
        """
        Reports that are open, oldest first. For staff.

        @raise NotAllowed:
        """

    async def close_report(self, number: int, reason: str = "") -> None:
        """
        Close a report: it is no longer listed, and the person who reported it reads that it is closed. For staff.

        @raise NotFound: no such report is open. @raise NotAllowed:
        """
