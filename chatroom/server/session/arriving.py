"""
How a connection comes to be somebody: a guest, or an account, alone or beside others of the same person.

A nickname is claimed in the backend before anybody hears of it, in the name of a holder: of this very connection for a
guest, of the account for all its connections. These functions cross each other, each of them being under way while the
others begin, so whatever was true before an C{await} is checked again after it.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from chatroom.addresses import place
from chatroom.core.accounts import check_enabled, digest
from chatroom.core.names import fold
from chatroom.core.presence import Presence
from chatroom.errors import Banned, NickTaken, NotKept, NotRegistered, Refused, WrongPassword, with_full_stop
from chatroom.events import SERVER, Arrived, BotSet, Event, Left, ServerRole
from chatroom.interfaces import Login, RoomView
from chatroom.records import Account
from chatroom.server.connections import SESSION_ENDED
from chatroom.server.session.base import NONE_IGNORED, SessionBase
from chatroom.server.session.leaving import forget
from chatroom.server.session.pages import unread
from chatroom.server.session.views import begin_mark, look_around, view_of

HALF_WAY = 10.0
"""Seconds after somebody came on line in which another node may bring them into the lobby, or is buried."""

LOOK = 0.05
"""Seconds between two looks whether it has."""


def would_be(
    caller: SessionBase, nick: str, account: bool, role: ServerRole = ServerRole.NONE, bot: bool = False
) -> Presence:
    """Who this connection would be by that name. A connection without an address comes from nowhere."""
    visit, where = ("", "") if account else (caller.visit, place(caller.address).origin)
    return Presence(nick, account, caller.services.node, caller.now(), visit, where, role, bot)


def check_may_come_in(caller: SessionBase, nick: str, account: bool) -> None:
    """@raise Banned: who this would be, or where the connection comes from, is banned from the server."""
    caller.services.chat.staff.check_may_come_in(would_be(caller, nick, account), caller.address, caller.now())


def check_may_log_in(caller: SessionBase, account: Account) -> None:
    """@raise Banned: @raise AccountDisabled:"""
    check_may_come_in(caller, account.key, True)
    check_enabled(account)


async def proved_account(caller: SessionBase, name: str, password: str) -> Account:
    """
    The account whose name and password these are.

    @raise WrongPassword: @raise Throttled: @raise Busy: @raise Banned: @raise AccountDisabled:
    """
    account = await caller.account_of(await caller.services.entrance.check(name, password, caller.asker))
    if account is None:
        raise WrongPassword("Wrong nickname or password.")
    check_may_log_in(caller, account)
    return account


async def claim(caller: SessionBase, nick: str, holder: str) -> None:
    """@raise NickTaken: another holder has this nickname."""
    if not await caller.services.claims.claim(fold(nick), holder):
        raise NickTaken(f"The nickname {nick} is already taken. Choose another nickname.")


async def log_in(caller: SessionBase, account: Account, token: str, brief: bool, lobby: bool = True) -> Login:
    """Be this account from now on: as a stranger, as a guest of another name, or as one of its own."""
    services, key, holder = caller.services, account.key, f"account:{account.key}"
    caller.act_no_more("You logged in")
    guest, zone = caller.presence, account.zone or caller.zone
    if guest is None or guest.key != key:  # else the name is held already, as a guest's
        await claim(caller, account.name, holder)
        await caller.connections.departed(key)
    caller.ignored = frozenset(account.ignored) or NONE_IGNORED
    if guest is not None and key in services.chat.state.people and guest.key != key:
        view = await merge(caller, account, holder)
    elif guest is not None:
        await become(caller, account.name, True, holder)
        for name, room in list(guest.rooms.items()):
            await begin_mark(caller, name, caller.since.get(name, room.last))
        view = view_of(caller, caller.looked_at(None)) if caller.room else None
    elif key in services.chat.state.people and services.node in services.chat.state.people[key].nodes:
        view = await join_in(caller, key, holder)
    else:
        view = await go_on_line(caller, account.name, True, holder, account.role, lobby, account.bot)
    caller.session, caller.brief, caller.zone = digest(token), brief, zone
    if await services.backend.token(caller.session) is None:  # ended when nobody knew yet that it is this connection's
        caller.ear.hang_up(SESSION_ENDED)
    if account.role is not caller.staff:
        with suppress(NotKept):  # it is asked again before it counts
            await caller.server_role()
    if account.bot and not caller.here().bot:  # a guest of another name is in rooms already
        with suppress(NotKept):
            await caller.happen(BotSet(caller.now(), SERVER, account.name, who=account.name, on=True))
    reports = len(services.chat.state.reports) if account.role > ServerRole.NONE else 0
    waiting = await unread(caller, key)
    return Login(caller.here().nick, True, token, waiting, view, caller.lockdown(), reports, not brief)


async def go_on_line(
    caller: SessionBase,
    nick: str,
    account: bool,
    holder: str,
    role: ServerRole = ServerRole.NONE,
    lobby: bool = True,
    bot: bool = False,
) -> RoomView | None:
    """The nickname is claimed: be on line through this node, and in the lobby, if it is wished and lets one in."""
    services, now, who = caller.services, caller.now(), would_be(caller, nick, account, role, bot)
    key, wishes_lobby = fold(nick), lobby and bool(services.lobby)
    known = services.chat.state.people.get(key)  # of a guest: another, whose goodbye this node has not heard yet
    elsewhere = account and known is not None and known.account
    events: list[Event] = [
        Arrived(now, SERVER, nick, account=account, node=services.node, visit=who.visit, origin=who.origin)
    ]
    if bot:
        events.append(BotSet(now, SERVER, nick, who=nick, on=True))
    if wishes_lobby and not elsewhere:  # else another node has them in rooms
        events += _arrive_in_lobby(caller, who)
    try:
        await caller.happen(*events)
        if wishes_lobby and elsewhere and await _is_left_outside(caller, key):
            here = services.chat.state.people[key]
            more = _arrive_in_lobby(caller, here)
            await caller.happen(*more)
            events += more
    except NotKept:
        services.finish(services.claims.release(key, holder))
        raise
    return await join_in(caller, key, holder, events)


async def _is_left_outside(caller: SessionBase, key: str) -> bool:
    """
    Whether somebody is in no room, whom another node had in rooms or was about to bring into the lobby: they have left
    that node, or it has died half-way. While it may still do so, wait.
    """
    services, people = caller.services, caller.services.chat.state.people
    online = max(0.0, caller.now() - people[key].since)  # the clocks of two nodes may differ
    end = services.clock.seconds() + HALF_WAY - online
    while (
        not people[key].has_joined
        and people[key].nodes != {services.node}
        and services.clock.seconds() < end
        and not caller.closed
    ):
        await services.pause(LOOK)
    here = people[key]
    return not here.rooms and (here.nodes == {services.node} or not here.has_joined)


def _arrive_in_lobby(caller: SessionBase, who: Presence) -> list[Event]:
    try:
        return caller.services.chat.membership.arrive_in_lobby(caller.now(), who)
    except Refused as refused:
        caller.notice(refused.code, refused.sentence)
        return []


async def join_in(caller: SessionBase, key: str, holder: str, events: Sequence[Event] = ()) -> RoomView | None:
    """Be one more connection of somebody who is on line through this node."""
    services = caller.services
    caller.presence, caller.holder = services.chat.state.people[key], holder
    caller.connections.attach(caller, key)
    if caller.closed:  # it went away while it came in
        forget(caller)
        raise NotRegistered("The connection is gone.")
    try:
        services.chat.staff.check_may_come_in(caller.presence, caller.address, caller.now())
    except Banned:  # while it came in
        forget(caller)
        raise
    caller.ear.named(caller.presence.nick)
    rooms = caller.rooms
    name = services.lobby if services.lobby in rooms else next(iter(rooms), None)
    return await look_around(caller, name, events, late=True) if name is not None else None


async def become(caller: SessionBase, nick: str, account: bool, holder: str) -> None:
    """A guest takes a nickname, in all rooms. It is claimed, unless it is the one they have."""
    who, services = caller.here(), caller.services
    old_key, old_holder, new_key, caller.changing = who.key, caller.holder, fold(nick), True
    events = services.chat.visits.rename(caller.now(), who, nick, account)
    lent = caller.lent
    if lent is not None:  # others see the role under the old nickname alone
        events.append(caller.acting_as(nick, lent.role))
    try:
        await caller.happen(*events)
        caller.holder = holder
        if new_key == old_key:  # signing up
            await services.claims.release(old_key, old_holder)
            await services.claims.get_back(new_key, holder)
        for event in events:
            if isinstance(event, Left):
                caller.notice("banned", f"You were removed from {event.room}: {with_full_stop(event.reason)}")
    except NotKept:
        if new_key != old_key:
            services.finish(services.claims.release(new_key, holder))
        raise
    finally:
        caller.changing = False
        if caller.closed:
            forget(caller)
        elif lent is not None:  # and perhaps no more
            caller.show_acting()
    if new_key != old_key:
        services.finish(services.claims.release(old_key, old_holder))


async def merge(caller: SessionBase, account: Account, holder: str) -> RoomView | None:
    """A guest turns out to be somebody who is here already: the guest goes, and takes them along."""
    rooms, looked_at = caller.rooms, caller.room
    chat, now, who = caller.services.chat, caller.now(), caller.here()
    carried = chat.visits.carried_along(now, who, account.name, True) + chat.visits.invited_as(
        now, who, account.name, True
    )
    await _join_as_account(caller, who, account.name)
    forget(caller, goes_on=account.key)
    services, caller.ignored = caller.services, frozenset(account.ignored) or NONE_IGNORED
    there = services.chat.state.people.get(account.key)
    if there is not None and services.node in there.nodes:
        view = await join_in(caller, account.key, holder)
    else:
        view = await go_on_line(caller, account.name, True, holder, account.role, bot=account.bot)
    await caller.happen(*carried)
    for name in rooms:
        if name in services.chat.state.rooms:
            who = caller.here()
            try:
                await caller.happen(*services.chat.membership.join(caller.now(), who, services.chat.state.rooms[name]))
            except Refused as refused:
                caller.notice(refused.code, refused.sentence)
    if looked_at in caller.rooms:
        caller.room = looked_at
        view = view_of(caller, caller.looked_at(None))
    return view


async def _join_as_account(caller: SessionBase, guest: Presence, account: str) -> None:
    """
    An account that is on line joins a guest's rooms, with the guest's roles, before the guest leaves: a room that
    nobody is in would be closed. What is refused here is refused once more, and said, when the guest has gone.
    """
    chat = caller.services.chat
    for room in list(guest.rooms.values()):
        with suppress(Refused):
            await caller.happen(*chat.visits.role_as_account(caller.now(), guest, room, account))
            there = chat.state.people.get(fold(account))
            if there is not None:
                await caller.happen(*chat.membership.join(caller.now(), there, room))
