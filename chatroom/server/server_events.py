"""
News of the server: what happened in no room is made true here, and told to those whom it concerns.

It knows who is connected, and neither rooms' talk nor who may do such a thing. It is long because many kinds of things
happen in no room; each is short.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from chatroom.core import inbox, staff
from chatroom.core.accounts import public_id
from chatroom.core.names import fold
from chatroom.core.permissions import in_force
from chatroom.events import (
    ALL_SESSIONS,
    MUTE,
    SERVER,
    AccountChanged,
    ActingSet,
    Announced,
    Audited,
    AwaySet,
    Became,
    BotSet,
    Erased,
    Event,
    Expelled,
    LockdownSet,
    Mailed,
    Noticed,
    OperatorsTold,
    Pardoned,
    ReportClosed,
    Reported,
    Revoked,
    Sanctioned,
    ServerRole,
    StaffSet,
    StaffTold,
    Tried,
    Whispered,
)
from chatroom.interfaces import Receipt
from chatroom.records import is_shell
from chatroom.server import enforcement as enforcing
from chatroom.server.connections import SESSION_ENDED, Connected, Connections
from chatroom.server.nicknames import NicknameEvents
from chatroom.server.services import Services
from chatroom.server.shared_tries import SharedTries
from chatroom.server.turn import TurnFanout

TOLD_OTHERWISE = frozenset({"lockdown", "report", "report-done", "wallops"})
"""Acts of the staff's log of which the staff is told by events of their own."""


TOLD_LATER = (Whispered, Mailed, OperatorsTold, Revoked, Announced, AccountChanged, Expelled, Sanctioned, Pardoned)
"""What is heard again, after a pause in which other nodes went on: done twice, it makes nothing true that is not."""


StaffEvent: TypeAlias = Audited | StaffSet | StaffTold | ActingSet | Sanctioned | Pardoned | Expelled
"""What staff did, and what is found out about staff."""


class ServerEvents:
    """What each kind of event means for this node."""

    def __init__(
        self, services: Services, connections: Connections, turn: TurnFanout, nicknames: NicknameEvents
    ) -> None:
        self._services = services
        self._connections = connections
        self._turn = turn
        self._nicknames = nicknames
        self._tries = SharedTries(services)

    def hear(self, event: Event) -> None:
        """This happened."""
        if isinstance(event, (Whispered, Mailed)):  # quicker than their union
            self._to_one(event)
        elif isinstance(event, OperatorsTold):
            self._tell_operators(event)
        elif isinstance(event, Revoked):
            self._revoke(event)
        elif isinstance(event, StaffEvent):
            self._keep_order(event)
        elif isinstance(event, Announced):
            self._announce(event)
        elif isinstance(event, BotSet):
            self._bot_set(event)
        elif isinstance(event, AccountChanged):
            self._read_account(event)
        elif isinstance(event, Tried):
            self._tries.hear(event)
        else:
            if isinstance(event, AwaySet):  # before it counts as something said
                self._tell_around(event)
            self._nicknames.apply(event)
            self._tell_of(event)

    def hear_again(self, event: Event) -> None:
        """This is true already and was not told here: tell those it concerns, as far as it is no old news to them."""
        if isinstance(event, TOLD_LATER) and event.room == SERVER:
            self.hear(event)

    def tell_one(self, event: Event, key: str) -> None:
        """Something for one person, who may not want to hear of the one who did it."""
        turn, who = self._turn, fold(event.nick)
        for caller in list(self._connections.of(key)):
            if not caller.ignored or who not in caller.ignored:
                if isinstance(event, Whispered):
                    caller.whisperer = self._services.chat.state.people.get(who)
                caller.ear.tell((event,))
                turn.touched[caller] = None

    def _tell_of(self, event: Event) -> None:
        """What has changed on the server, to those whom it concerns."""
        if isinstance(event, Became):
            self._renamed(event)
        elif isinstance(event, LockdownSet):
            self._tell_everybody(event)
        elif isinstance(event, Reported | ReportClosed):
            self._tell_of_report(event)
        elif isinstance(event, Erased):
            self._ask_lender(event.who)

    def _to_one(self, event: Whispered | Mailed) -> None:
        turn, key = self._turn, fold(event.to)
        receipt = self._services.batches.receipt_of(event)
        if receipt is not None and receipt.then is not None:
            turn.answered.add(receipt.caller)
        if isinstance(event, Whispered) and self._is_out_of_reach(key):
            self._keep_aside(event, key, receipt)
        if turn.runs:
            turn.tell_before(event.nick, key)
        self.tell_one(event, key)

    def _tell_operators(self, event: OperatorsTold) -> None:
        """The operators who are in the room now, but the one who said it."""
        room, doer = self._services.chat.state.rooms.get(event.to), fold(event.nick)
        for key in room.operators() if room is not None else ():
            if key != doer:
                if self._turn.runs:
                    self._turn.tell_before(event.nick, key)
                self.tell_one(event, key)

    def _is_out_of_reach(self, key: str) -> bool:
        """Whether nobody hears them any more, and it is this node that has to know."""
        services = self._services
        if self._connections.of(key):
            return False
        who = services.chat.state.people.get(key)
        return who is None or who.nodes == {services.node}

    def _keep_aside(self, event: Whispered, key: str, receipt: Receipt | None) -> None:
        """A whisper has crossed with a departure: whoever whispered here will post it, for others we do."""
        services = self._services
        if receipt is not None:
            receipt.reached = False
        elif key in services.chat.state.people:
            services.finish(self._post(event))

    async def _post(self, event: Whispered) -> None:
        services = self._services
        account = await services.backend.account(fold(event.to))
        letter = account and inbox.letter(event.at, event.nick, event.to, account, event.text)
        if letter:
            await services.backend.post(letter, services.limits.inbox_length)

    def _revoke(self, event: Revoked) -> None:
        for caller in list(self._connections.of(fold(event.nick))):
            session = public_id(caller.session)
            if session and (session == event.session or (event.session == ALL_SESSIONS and session != event.but)):
                caller.ear.hang_up(event.text or SESSION_ENDED)
        if event.session == ALL_SESSIONS:
            self._ask_lender(event.nick)

    def _read_account(self, event: AccountChanged) -> None:
        """Another node has changed it; this one knows what it has changed itself."""
        if self._services.batches.receipt_of(event) is None and self._connections.of(fold(event.nick)):
            self._services.finish(self._follow_account(fold(event.nick)))

    async def _follow_account(self, key: str) -> None:
        account = await self._services.backend.account(key)
        for caller in self._connections.of(key):
            if caller.account and account is not None:
                caller.ignored, caller.zone = frozenset(account.ignored), account.zone

    def _renamed(self, event: Became) -> None:
        services = self._services
        self._ignore_on(fold(event.nick), fold(event.new))
        callers = self._connections.rename(fold(event.nick), fold(event.new))
        if callers:
            for caller in callers:
                caller.ear.named(event.new)
            who = services.chat.state.people.get(fold(event.new))
            ban = services.chat.state.server_bans.own(who, services.now()) if who is not None else None
            if ban is not None:  # while it was taken
                enforcing.enforce(ban, list(callers), self._rank(ban.nick))

    def _ignore_on(self, old: str, new: str) -> None:
        """Whoever is ignored still is under another name. The old one stays: it may be an account's."""
        kept: dict[str, frozenset[str]] = {}
        for caller in self._connections.callers:
            ignored = caller.ignored
            if old in ignored:
                full = len(ignored) >= self._services.limits.ignores
                caller.ignored = (ignored - {old} if full else ignored) | {new}
                if caller.account and caller.presence is not None:
                    kept[caller.presence.key] = caller.ignored
        for key, keys in kept.items():
            self._services.finish(self._services.backend.change_account(key, ignored=sorted(keys)))

    def _announce(self, event: Announced) -> None:
        services = self._services
        notice = Noticed(services.now(), SERVER, services.name, code="announcement", text=event.text)
        self._tell(notice, self._connections.on_line())

    def _tell_around(self, event: AwaySet) -> None:
        """
        Those who share a room with somebody are told that they are away, once each; not where they are muted or it is
        too soon, as the words are their own, nor who ignores them.
        """
        services, key = self._services, fold(event.nick)
        who = services.chat.state.people.get(key)
        names = [room.name for room in services.chat.talk.rooms_reading(who, event.at)] if who is not None else []
        doer = services.batches.doer(event)
        around = {caller: None for name in names for caller in self._connections.ears_in.get(name, ())}
        self._tell(event, [caller for caller in around if key not in caller.ignored and caller is not doer])

    def _bot_set(self, event: BotSet) -> None:
        """All who share a room with a bot are told that it is one, once each; at login, it is in no room yet."""
        services, key = self._services, fold(event.who)
        who = services.chat.state.people.get(key)
        if services.chat.state.apply(event) and who is not None:
            doer = services.batches.doer(event)
            around = {caller: None for name in who.rooms for caller in self._connections.ears_in.get(name, ())}
            self._tell(event, [caller for caller in around if key not in caller.ignored and caller is not doer])

    def _tell_everybody(self, event: LockdownSet) -> None:
        """All who have a nickname, but the one who did it."""
        doer = self._services.batches.doer(event)
        self._tell(event, [caller for caller in self._connections.on_line() if caller is not doer])

    def _keep_order(self, event: StaffEvent) -> None:
        """What staff did, and what is found out about staff."""
        services = self._services
        if isinstance(event, StaffSet | Sanctioned):
            self._ask_lender(event.who if isinstance(event, StaffSet) else event.target)
        if isinstance(event, Audited | StaffTold):
            self._tell_staff(event)
        elif isinstance(event, ActingSet):
            services.chat.state.apply(event)
        elif isinstance(event, StaffSet):
            self._staff_set(event)
        elif isinstance(event, Pardoned):
            book = services.chat.state.server_mutes if event.act == MUTE else services.chat.state.server_bans
            lifted = book.entries.get(event.visit or fold(event.target)) if event.room == SERVER else None
            services.chat.state.apply(event)
            if lifted is not None and in_force(lifted, event.at):
                enforcing.relent(lifted, self._connections.callers)
        else:
            services.chat.state.apply(event)
            if event.room == SERVER:  # else the room has been told
                callers = list(self._connections.callers)  # those who are sent out leave it
                enforcing.enforce(event, callers, self._rank(event.nick))

    def _rank(self, nick: str) -> int:
        """Of the person who decided something for the whole server; a moderator's, where that person is gone."""
        who = staff.shell(nick) if is_shell(nick) else self._services.chat.state.people.get(fold(nick))
        return ServerRole.MODERATOR if who is None else max(staff.rank(who), ServerRole.MODERATOR)

    def _staff_set(self, event: StaffSet) -> None:
        """What was found out at login is no news."""
        if self._services.chat.state.apply(event) and event.nick != event.who:
            self._tell_staff(event)
            if ServerRole[event.role.upper()] is ServerRole.NONE:
                self.tell_one(event, fold(event.who))

    def _tell_of_report(self, event: Reported | ReportClosed) -> None:
        """The staff; and that it was seen to, the one who reported it, unless somebody else has the name by now."""
        self._tell_staff(event)
        if isinstance(event, ReportClosed):
            reporter = self._services.chat.state.people.get(fold(event.to))
            if reporter is not None and not reporter.shown_staff and event.reported >= reporter.since:
                self.tell_one(event, fold(event.to))

    def _tell_staff(self, event: Event) -> None:
        """All staff on line, but the one who did it; nothing that they are told already."""
        if isinstance(event, Audited) and event.act in TOLD_OTHERWISE:
            return
        people, doer = self._services.chat.state.people, self._services.batches.doer(event)
        if doer is not None and doer.presence is not None:
            key = doer.presence.key
        else:
            key = fold(getattr(event, "done_by", "") or event.nick)
        staff = [each for each in self._connections.local if people[each].shown_staff and each != key]
        self._tell(event, [caller for each in staff for caller in self._connections.local[each] if caller.staff])

    def _ask_lender(self, account: str) -> None:
        """An account has changed. Connections that act with its role learn whether they still may."""
        for caller in [each for each in self._connections.borrowers if each.lent and each.lent.key == fold(account)]:
            self._services.finish(caller.lent_role())

    def _tell(self, event: Event, callers: Sequence[Connected]) -> None:
        """@param callers: for the same reason, nothing that changes when one of them goes."""
        for caller in callers:
            caller.ear.tell((event,))
            self._turn.touched[caller] = None
