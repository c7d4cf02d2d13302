"""
What every family of wishes stands on, and all that two of them share: the connection and who it is.

It knows the services, who is connected, and the ear, and no rule.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection
from functools import partial

from chatroom.core.audit import room_entry
from chatroom.core.permissions import check_power, in_force, power
from chatroom.core.presence import Acting, Presence
from chatroom.core.rooms import Room
from chatroom.errors import NeedsAccount, NoSuchRoom, NotAllowed, NotInRoom, NotKept, NotRegistered, Refused
from chatroom.events import SERVER, ActingSet, Condition, Event, LockdownSet, Noticed, Role, ServerRole, StaffSet
from chatroom.interfaces import Asker, IEar, Wish
from chatroom.records import Account
from chatroom.server.connections import Connections
from chatroom.server.services import Services
from chatroom.server.session.lent import Lent, highest, role_of

NONE_IGNORED: frozenset[str] = frozenset()
"""Whom most people ignore. It is one object, as an empty set takes 216 bytes."""

HASH = 10.0
"""Units of work that one password check costs: see L{IEar.charge}."""


class SessionBase:
    """
    @ivar presence: who this is, or C{None} before registration.
    @ivar room: the name of the room looked at.
    @ivar session: the digest of the token by which it is logged in, or C{""}.
    @ivar brief: nobody has asked to keep that session, so that it ends soon after its connections.
    @ivar holder: in whose name the nickname is claimed.
    @ivar zone: the time zone in which this person reads times; C{""} is UTC.
    @ivar whisperer: who whispered to it last, as they were then, or are now.
    @ivar since: by room, the number of the event by which this person came in; events before it were missed.
    @ivar closed: the connection is gone.
    @ivar visit: what it is known by while it is a guest's, whatever nickname that one takes.
    @ivar certificate: the fingerprint of the TLS certificate that the client has presented, or C{""}.
    @ivar proved_by: what has proved it: that fingerprint; C{""}: a password.
    @ivar proved: the account that was proved last, for L{ISession.arrive<chatroom.interfaces.ISession>}.
    @ivar lent: the role of another account with which this connection acts. L{SessionBase.lend} changes it.
    @ivar changing: a new name is being kept; until then nobody can say who has left.
    """

    __slots__ = (
        "services", "connections", "ear", "address", "door", "presence", "room", "session", "holder", "ignored",
        "whisperer", "since", "closed", "changing", "brief", "visit", "_asker", "proved", "_page_lines", "zone",
        "lent", "certificate", "proved_by", "__weakref__",
    )  # fmt: skip

    def __init__(
        self,
        services: Services,
        connections: Connections,
        ear: IEar,
        address: str,
        door: str,
        page_lines: int | None = None,
    ) -> None:
        self.services = services
        self.connections = connections
        self.ear = ear
        self.address = address
        self.door = door
        self.presence: Presence | None = None
        self.room: str | None = None
        self.session = ""
        self.brief = False
        self.holder = ""
        self.ignored = NONE_IGNORED
        self.zone = ""
        self.whisperer: Presence | None = None
        self.since: dict[str, int] = {}
        self.closed = False
        self.changing = False
        self.visit = f"~{secrets.token_hex(8)}"
        self._asker: Asker | None = None
        self._page_lines = page_lines
        self.proved: Account | None = None
        self.proved_by = self.certificate = ""
        self.lent: Lent | None = None

    @property
    def asker(self) -> Asker:
        """As the entrance knows this connection. Most never ask it for anything."""
        if self._asker is None:
            self._asker = Asker(self.address, partial(self.ear.charge, HASH))
        return self._asker

    @property
    def nick(self) -> str | None:
        return None if self.presence is None else self.presence.nick

    @property
    def identity(self) -> str | None:
        return None if self.presence is None else self.presence.pace_key

    @property
    def account(self) -> bool:
        return self.presence is not None and self.presence.account

    @property
    def staff(self) -> ServerRole:
        own = ServerRole.NONE if self.presence is None else self.presence.staff
        return own if self.lent is None else max(own, self.lent.role)

    @property
    def rooms(self) -> tuple[str, ...]:
        return () if self.presence is None else tuple(self.presence.rooms)

    @property
    def page_lines(self) -> int:
        return self._page_lines or self.services.limits.page_lines

    @property
    def page_bytes(self) -> int:
        return self.services.limits.page_bytes

    @property
    def lobby(self) -> str:
        return self.services.lobby

    @property
    def motd(self) -> tuple[str, ...]:
        return self.services.welcome.lines

    @property
    def correspondent(self) -> str | None:
        who = self.whisperer
        if who is None or not (who.account or self.services.chat.state.people.get(who.key) is who):
            return None
        return who.nick

    def now(self) -> float:
        return self.services.now()

    def tell(self, *parts: str | Event) -> None:
        self.ear.tell(parts)
        self.ear.flush_soon()

    def notice(self, code: str, sentence: str) -> None:
        """A sentence of the server, with a code for programs."""
        self.tell(Noticed(self.now(), SERVER, self.services.name, code=code, text=sentence))

    def not_kept(self, error: NotKept) -> None:
        """What was said a moment ago is lost: the one who said it has to know."""
        self.notice(error.code, error.sentence)

    def gone(self, reason: str, own: bool = False) -> None:
        """See L{chatroom.interfaces.ISession.gone}. @param own: the reason is what this person said themselves."""
        raise NotImplementedError  # a family's affair, and told to all that know a connection

    def left(self, name: str, by_choice: bool) -> None:
        """This person is out of a room, perhaps by another connection or by somebody else's will."""
        self.since.pop(name, None)
        if self.room == name:
            self.room = next(iter(self.rooms), None)
            if not by_choice:
                nowhere = "You are not in any room. /rooms lists them, /join ROOM joins one."
                self.notice("looking", f"Current room: {self.room}." if self.room else nowhere)

    # For the families.

    def be_nobody(self) -> None:
        """Have no nickname any more, and nothing that went with it."""
        self.brief, self.proved = False, None
        self.lend(None)
        self.presence, self.room, self.session, self.holder = None, None, "", ""
        self.ignored, self.zone, self.whisperer, self.since = NONE_IGNORED, "", None, {}

    def joined_at(self, name: str, number: int) -> int:
        """Note by which event this person joined a room, unless that is known. @return: the number noted."""
        return self.since.setdefault(name, number)

    def here(self) -> Presence:
        """
        Who this is, for a decision of this moment: with the role that this connection acts with.

        @raise NotRegistered:
        """
        if self.presence is None:
            raise NotRegistered("Choose a nickname first: type it alone on a line.")
        return self.presence if self.lent is None else Acting(self.presence, self.lent.account, self.lent.role)

    def own_account(self) -> str:
        """@raise NeedsAccount:"""
        if not self.here().account:
            raise NeedsAccount("That needs an account. /signup creates one.")
        return self.here().key

    def looked_at(self, room: str | None, least: Role = Role.MEMBER) -> Room:
        """
        The room named, or else the one looked at. One has to be in it, unless one is in charge there.

        @param least: what it takes to be asked for.
        @raise NotInRoom: @raise NoSuchRoom: @raise Unlawful:
        """
        name, who = room or self.room, self.here()
        if name is None:
            raise NotInRoom("You are not in any room. /rooms lists them, /join ROOM joins one.")
        if least >= Role.OPERATOR and name not in who.rooms:
            found = self.services.chat.directory.room(name, who)
            if power(found, who) >= least:
                return found
        return self.services.chat.directory.room_of(who, name)

    def governed(self, room: str | None, word: str, least: Role = Role.OPERATOR) -> Room:
        """
        The room named, or else the one looked at, for somebody in charge of it, wherever they are. Every wish about a
        room that not every member may have asks here, whether a command makes it or a door.

        @param word: the command that makes this wish. @param least: the role that it takes.
        @raise NotInRoom: @raise NoSuchRoom: @raise Unlawful: @raise NotAllowed:
        """
        found = self.looked_at(room, least)
        check_power(found, self.here(), least, word)
        return found

    async def check_is_the_owner(self, what: str) -> None:
        """
        @param what: it is about to change, in a word.
        @raise NotAllowed: a program logged in by a session that its owner can revoke: it gets no other way in.
        """
        session = await self.services.backend.token(self.session)
        if session is not None and session.service:
            raise NotAllowed(f"A program that logs in with a named session cannot change {what}. Log in yourself.")

    async def account_of(self, key: str) -> Account | None:
        """The account of this key, unless it was erased: then there is only a name that nobody may have."""
        account = await self.services.backend.account(key)
        return None if account is None or account.erased else account

    async def server_role(self) -> ServerRole:
        who = self.presence or self.here()
        account = await self.services.backend.account(who.key) if who.account else None
        role = ServerRole.NONE if account is None else account.role
        if role is not who.staff:
            await self.happen(StaffSet(self.now(), SERVER, who.nick, who=who.nick, role=role.name.lower()))
        return role if self.lent is None else max(role, await self.lent_role())

    # Acting with the role of another account.

    async def lent_role(self) -> ServerRole:
        """The role of the account with which this connection acts, read anew; if there is none any more, it is over."""
        lent = self.lent
        if lent is None:
            return ServerRole.NONE
        role = await role_of(self.services, lent)
        if self.lent is lent and role is ServerRole.NONE:
            self.act_no_more(f"{lent.account} cannot lend you its role any more")
        elif self.lent is lent and role is not lent.role:
            self.lend(lent._replace(role=role))
        if self.presence is not None:
            there = self.presence.acting.get(self.services.node, ServerRole.NONE)
            if there is not highest(self.connections.of(self.presence.key)):
                self.show_acting()
        return ServerRole.NONE if self.lent is None else self.lent.role

    def act_no_more(self, why: str) -> None:
        """@param why: the beginning of a sentence."""
        lent = self.lent
        if lent is not None:
            self.lend(None)
            self.show_acting()
            self.notice("acting" if self.staff else "acting-ended", f"{why}. You no longer act as {lent.account}.")

    def lend(self, lent: Lent | None) -> None:
        """Act with this role from now on, or with none but one's own. L{show_acting} follows, if anybody is shown."""
        self.lent = lent
        if lent is None:
            self.connections.borrowers.pop(self, None)
        else:
            self.connections.borrowers[self] = None

    def acting_as(self, nick: str, role: ServerRole) -> ActingSet:
        """Others see this role of the person called C{nick}, because connections through this node act with it."""
        return ActingSet(self.now(), SERVER, nick, role.name.lower(), self.services.node)

    def show_acting(self) -> None:
        """
        Let everybody see the highest role that this person's connections through this node act with. While a new
        nickname is being kept, nobody can say whom they see: who keeps it calls this afterwards.
        """
        if self.presence is not None and not self.changing:
            event = self.acting_as(self.presence.nick, highest(self.connections.of(self.presence.key)))
            self.services.finish(self.services.batches.owe(event))

    def lockdown(self) -> LockdownSet | None:
        found = self.services.chat.state.lockdown
        return found if in_force(found, self.now()) else None

    async def happen(self, *events: Event) -> list[bool]:
        """
        @param events: the first is what this person wished; the others follow from it.
        @raise NotKept: @raise NotAllowed: nobody else owns the room any more.
        @raise NoSuchRoom: the wish is about a room that somebody else has closed meanwhile.
        """
        self.services.batches.check_room()
        happened = await self.services.batches.happen(*events, caller=self)
        if events and not happened[0] and events[0].only_if is Condition.MADE:
            raise NoSuchRoom(f"{events[0].room} has just been closed. /create {events[0].room} creates it again.")
        if events and not happened[0] and events[0].only_if is Condition.OWNED:
            raise NotAllowed(f"You are the only owner of {events[0].room} now. Make somebody else owner first.")
        return happened

    def check_may_speak(self) -> None:
        """@raise Muted: on the whole server."""
        chat = self.services.chat
        if chat.state.server_mutes.entries:
            chat.staff.check_may_speak(self.here(), self.address, self.now())

    def own_words(self, text: str, rooms: Collection[Room]) -> str:
        """
        What somebody says by the way, for these rooms to read; nothing, where they are muted in one of them, or it is
        in slow mode and it is too soon.
        """
        if not (text and rooms):
            return text
        try:
            self.check_may_speak()
        except Refused:
            return ""
        return self.services.chat.talk.own_words(self.now(), self.here(), text, rooms)

    async def checked(self, kind: str, text: str = "", room: str = "", to: str = "") -> str:
        """
        Let services of plugins check what this person is about to do, if any of them wants to.

        @return: the text that they leave. @raise Refused: one of them is against it, or this person is gone meanwhile.
        """
        who = self.presence
        for check in self.services.checks.of(kind):
            wish = Wish(kind, self.nick or "", self.identity, self.account, room, to, text)
            text = await check(wish) or text
            if self.closed or self.presence is not who:
                raise Refused("You are not who you were. Try again.")
        return text

    async def decree(self, *events: Event) -> None:
        """
        Let this happen in a room; what staff of the server does there is written into the audit log.

        @raise NotKept:
        """
        who = self.here()
        entries = [room_entry(event, who) for event in events] if who.staff else ()
        await self.happen(*events, *(entry for entry in entries if entry is not None))
