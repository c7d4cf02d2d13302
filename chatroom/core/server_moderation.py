"""
What staff can do on the whole server: ban, mute and kick. As in L{chatroom.core.chat}, a method returns the events that
would fulfil it, or raises; each act brings its entry for the audit log.

It knows the state, times and roles; the caller says who is connected from where.
"""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import ip_network
from typing import NamedTuple

from chatroom.core import permissions, sanctions
from chatroom.core.audit import entry_of
from chatroom.core.cleaning import quoted
from chatroom.core.names import fold
from chatroom.core.permissions import because, until_text
from chatroom.core.presence import Presence
from chatroom.core.rooms import Room
from chatroom.core.rules import Rules
from chatroom.core.staff import check_is, rank
from chatroom.errors import Banned, LimitReached, Muted, NotAllowed, NotFound, counted
from chatroom.events import (
    ADDRESS,
    GUEST,
    NICK,
    ROOM_CLOSED,
    SERVER,
    Event,
    Expelled,
    Kicked,
    Left,
    Pardoned,
    RoomClosed,
    Sanctioned,
    ServerRole,
)


class SanctionTarget(NamedTuple):
    """
    Whom an act is about.

    @ivar name: a nickname as shown, or a network. @ivar scope: as in L{Sanctioned}, and with it visit and origin.
    @ivar staff: what the account is on the server, or acts as.
    @ivar typed: a network as somebody wrote it, for a refusal to name.
    """

    name: str
    scope: str = NICK
    staff: ServerRole = ServerRole.NONE
    visit: str = ""
    origin: str = ""
    typed: str = ""


class Guard(NamedTuple):
    """One of the staff who is here, and from where."""

    who: Presence
    address: str


class StaffRules(Rules):
    """What staff may do on the whole server, and what holds on whom."""

    __slots__ = ()

    # Deciding.

    def sanction(
        self,
        at: float,
        who: Presence,
        act: str,
        target: SanctionTarget,
        until: float,
        reason: str,
        guards: Iterable[Guard],
    ) -> list[Event]:
        """
        A ban or a mute, in place of one on the same target. Those that have run out are cleared away.

        @param act: L{BAN} or L{MUTE}. @param guards: the staff that is here, C{who} as well.
        @raise NotAllowed: @raise Unlawful: the network is too wide. @raise LimitReached:
        """
        check_is(who, ServerRole.MODERATOR, "do that")
        if target.scope == ADDRESS:
            sanctions.check_width(ip_network(target.name), self.limits, target.typed)
        self._check_may_act(who, act, target, guards)
        book = self.state.book(act, SERVER)
        key = target.visit or fold(target.name)
        old: list[Event] = [
            Pardoned(at, SERVER, who.actor, act=each.act, target=each.target, visit=each.visit)
            for each in [*self.state.server_bans.entries.values(), *self.state.server_mutes.entries.values()]
            if not permissions.in_force(each, at) and each is not book.entries.get(key)
        ]
        left = len(self.state.server_bans.entries) + len(self.state.server_mutes.entries) - len(old)
        if left >= self.limits.server_bans and key not in book.entries:
            most = counted(left, "ban or mute", "bans and mutes")
            raise LimitReached(
                f"This server has {most}; that is the limit. /gbans lists them.", most=self.limits.server_bans
            )
        reason = self.reason(reason)
        made = Sanctioned(
            at, SERVER, who.actor,
            act=act, target=target.name, scope=target.scope, until=until, reason=reason,
            visit=target.visit, origin=target.origin,
        )  # fmt: skip
        return [
            *old,
            made,
            entry_of(at, who, act, target.name, until_text(until) + because(reason).removesuffix(".")),
        ]

    def pardon(self, at: float, who: Presence, act: str, target: str, typed: str = "") -> list[Event]:
        """
        Lift a ban or a mute.

        @param typed: the target as somebody wrote it, for a refusal to name.
        @raise NotFound: @raise NotAllowed: it is one's own.
        """
        check_is(who, ServerRole.MODERATOR, "do that")
        book = self.state.book(act, SERVER)
        found = book.called(target, self.state.people.get(fold(target)))
        if not found:
            others = sanctions.overlapping(book.entries.values(), target)
            but = f", but one on {', '.join(others)}" if others else ""
            named = quoted(typed or target)
            raise NotFound(f"There is no {act} on {named} on this server{but}. /gbans lists bans and mutes.")
        if any(not each.visit and fold(each.target) == who.key for each in found):
            raise NotAllowed(f"You cannot lift your own {act}.")
        pardoned = [Pardoned(at, SERVER, who.actor, act=act, target=each.target, visit=each.visit) for each in found]
        return [*pardoned, entry_of(at, who, f"un{act}", found[0].target)]

    def expel(
        self, at: float, who: Presence, target: SanctionTarget, reason: str, guards: Iterable[Guard]
    ) -> list[Event]:
        """@raise NotAllowed:"""
        self._check_may_act(who, "kick", target, guards)
        reason = self.reason(reason)
        scope = NICK if target.scope == GUEST else target.scope
        made = Expelled(at, SERVER, who.actor, target=target.name, scope=scope, reason=reason)
        return [made, entry_of(at, who, "kick", target.name, reason)]

    def close(self, at: float, who: Presence, room: Room, lobby: str, reason: str) -> list[Event]:
        """
        Send everybody out of a room, and let it be no more: without members, only a kept room would stay.

        @raise NotAllowed: it is the lobby.
        """
        check_is(who, ServerRole.MODERATOR, "close a room")
        if room.name == lobby:
            raise NotAllowed(f"{lobby} cannot be closed, because everyone starts there.")
        reason = self.reason(reason)
        told = f"{ROOM_CLOSED}{because(reason)}".removesuffix(".")
        events: list[Event] = [
            Kicked(at, room.name, who.nick, who=each.nick, reason=told)
            for each in room.members.values()
            if each.key != who.key
        ]
        if who.key in room.members:
            events.append(Left(at, room.name, who.nick, reason=told))
        if room.keep:
            events.append(RoomClosed(at, room.name, who.nick))
        return [*events, entry_of(at, who, "close", room.name, reason)]

    def _check_may_act(self, who: Presence, what: str, target: SanctionTarget, guards: Iterable[Guard]) -> None:
        """
        Nobody acts against themselves, or against staff whose role is not below their own, by whatever network.

        @raise NotAllowed:
        """
        check_is(who, ServerRole.MODERATOR, "do that")
        if target.scope != ADDRESS:
            if fold(target.name) == who.key:
                raise NotAllowed(f"You cannot {what} yourself.")
            if target.staff >= rank(who):
                raise NotAllowed(f"You can only {what} people with a lower role than yours on this server.")
            return
        network = ip_network(target.name)
        there = [guard.who for guard in guards if sanctions.is_in(guard.address, network)]
        if any(other.key == who.key for other in there):
            raise NotAllowed(f"That would include you: you are connected from {target.name}.")
        for other in there:
            if other.shown_staff >= rank(who):
                raise NotAllowed(f"That would include {other.nick}, whose role on this server is not lower than yours.")

    # Asking.

    def check_may_come_in(self, who: Presence, address: str, at: float) -> None:
        """
        Whether somebody may be here, as who they are or would be, from there.

        @raise Banned: with until when and why.
        """
        if self.state.server_bans.entries:
            ban = self.state.server_bans.on(who, address, at)
            if ban is not None:
                raise Banned(ban_text(ban, who), ban.until)

    def check_may_speak(self, who: Presence, address: str, at: float) -> None:
        """
        Whether somebody is silent everywhere. Where a network is, that does not mean staff in it.

        @raise Muted: with until when and why.
        """
        mute = self.state.server_mutes.on(who, address, at)
        if mute is not None and not (mute.scope == ADDRESS and who.staff):
            raise Muted(mute_text(mute, who), mute.until)

    def shut_out(self, address: str, at: float) -> str | None:
        """What somebody is told who comes from a banned network; C{None} for others."""
        ban = self.state.server_bans.on(None, address, at) if self.state.server_bans.entries else None
        return None if ban is None else ban_text(ban)

    def server_sanctions(self, at: float) -> list[Sanctioned]:
        """Bans and mutes in force."""
        found = [*self.state.server_bans.entries.values(), *self.state.server_mutes.entries.values()]
        return [each for each in found if permissions.in_force(each, at)]


def _whose(act: Sanctioned, who: Presence | None) -> str:
    if act.scope == ADDRESS:
        return "Your network is"
    return "You are" if who is None else permissions.whom(act, who)


def ban_text(ban: Sanctioned, who: Presence | None = None) -> str:
    """
    What the one reads who is banned: not by whom, so that nobody has it out with them, nor how wide it is.
    """
    told = f"{_whose(ban, who)} banned from this server {until_text(ban.until)}{because(ban.reason)}"
    if ban.scope == GUEST and who is not None and who.visit != ban.visit:
        told = f"{told.removesuffix('.')}. If you have an account, log in: /login NAME"
    return told


def mute_text(mute: Sanctioned, who: Presence | None = None) -> str:
    """What the one reads who is muted."""
    return f"{_whose(mute, who)} muted on this server {until_text(mute.until)}{because(mute.reason)}"


def expelled_text(act: Expelled) -> str:
    """What the one reads who is sent out."""
    return f"You were kicked from this server{because(act.reason)}"
