"""
The hub: the only place where core, doors, commands and the backend meet.

Callers decide (by asking L{chatroom.core.chat}), L{chatroom.turns} has it kept, and here it is told: what the backend
says has happened is applied to the state and given to the ears it concerns, in the backend's order and never before
it is kept. It knows no bytes: an ear's form renders events, once for all ears of the same form. It knows no
rules: those are the core's.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any

from twisted.internet.defer import Deferred, TimeoutError
from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger
from zope.interface import implementer

from chatroom import enforcing
from chatroom.caller.caller import Caller
from chatroom.caller.entrance import Entrance
from chatroom.caller.identity import Identity
from chatroom.core import inbox
from chatroom.core.accounts import public_id
from chatroom.core.chat import Chat, Filter
from chatroom.core.names import fold
from chatroom.core.sanctions import in_force
from chatroom.core.sessions import Presence
from chatroom.events import (
    MUTE,
    Announced,
    Audited,
    AwaySet,
    Barred,
    Became,
    Event,
    Expelled,
    HouseRole,
    Invited,
    Joined,
    Kicked,
    Left,
    LockdownSet,
    Mailed,
    Pardoned,
    ReportClosed,
    Reported,
    Revoked,
    RoomClosed,
    RoomCreated,
    RoomEvent,
    Sanctioned,
    StaffSet,
    Whispered,
)
from chatroom.forgetting import Forgetting
from chatroom.interfaces import IBackend, ICaller, ICommand, IEar, IForm, IHouse, IListener
from chatroom.limits import Limits
from chatroom.states import CallerState
from chatroom.telling import Run
from chatroom.turns import Turns

log = Logger()

HOUSE_NICK = "chatroom"
"""Who made the lobby; nobody else may be called so."""

TOLD_OTHERWISE = frozenset({"lockdown", "report", "report-done"})
"""Acts of the staff's log of which the staff is told by events of their own."""

STOP_TIME = 10.0
"""Seconds that departures may take to be written down when the house closes."""


@implementer(IEar)
class Nobody:
    """The ear of a connection that is gone."""

    def form(self, room: str) -> IForm:
        raise NotImplementedError  # nobody is told anything between coming in and going

    def hear(self, room: str, first: int, last: int, data: bytes) -> None: ...
    def tell(self, parts: Sequence[str | Event]) -> None: ...
    def flush(self) -> None: ...
    def named(self, nick: str | None) -> None: ...
    def hang_up(self, sentence: str) -> None: ...


@implementer(IHouse, IListener)
class Hub:
    """
    @ivar chat: what is true now.
    @ivar callers: every connection of this node.
    @ivar local: connections of this node that have a nickname, by its key.
    @ivar ears_in: connections of this node by the rooms they are in.
    @ivar watchers: called with all that is heard, when it is told, as by an operator who looks on. They do not raise.
    @ivar departing: keys of those whose last connection is gone and whose departure is being kept, with those who wait
        for the end of it.
    """

    def __init__(
        self,
        backend: IBackend,
        commands: Mapping[str, ICommand],
        entrance: Entrance,
        limits: Limits,
        clock: IReactorTime,
        now: Callable[[], float],
        *,
        node: str = "house",
        name: str = "chatroom",
        lobby: str = "lobby",
        filter: Filter | None = None,
    ) -> None:
        """
        @param commands: by word, aliases included.
        @param now: seconds since 1970, of the wall clock.
        @param node: this daemon's name among those that share the backend.
        @param filter: looks at what is about to be said.
        @param lobby: the room everybody enters first; C{""} in a house that nobody enters.
        """
        self.backend = backend
        self.vocabulary = commands
        self.entrance = entrance
        self.limits = limits
        self.clock = clock
        self.node = node
        self.name = name
        self.lobby = lobby
        self._now = now
        self.chat = Chat(limits, filter)
        self.turns = Turns(backend.keep, clock)
        self.callers: dict[Identity, None] = {}
        self.local: dict[str, list[Identity]] = {}
        self.ears_in: dict[str, dict[Identity, None]] = {}
        self.watchers: list[Callable[[Sequence[Event]], None]] = []
        self.departing: dict[str, list[Deferred[None]]] = {}
        self._runs: dict[str, Run] = {}
        self._touched: dict[Identity, None] = {}
        # Those whose whisper is about to be confirmed: what they hear is written together with that.
        self._answered: set[Identity] = set()
        self._unreached: set[int] = set()
        self._under_way = 0
        self._idle: list[Deferred[None]] = []
        self._forgetting = Forgetting(backend, limits, clock, now)

    def now(self) -> float:
        """Wall clock time, to the millisecond, as it stands on the wire."""
        return int(self._now() * 1000 + 0.5) / 1000  # a third of what round() takes

    # Life.

    async def start(self, present: Sequence[Event] = ()) -> None:
        """
        Take part: learn what is true, and open the lobby.

        @param present: what L{suspend} gave in the process whose place this one takes. L{enter_again} follows for each
            of its connections, and then L{welcome_back}.
        @raise Refused: the backend cannot be used.
        """
        snapshot = await self.backend.start(self.node, self, present)
        self.chat.learn(snapshot.events)
        made = {event.room: event.seq for event in snapshot.events if isinstance(event, RoomCreated)}
        for room in list(self.chat.rooms.values()):
            room.last = snapshot.last.get(room.name, room.last)
            self._close_if_empty(room.name, half_made=made.get(room.name) == room.last)
        if self.lobby and self.lobby not in self.chat.rooms:
            await self.turns.happen(RoomCreated(self.now(), self.lobby, HOUSE_NICK, keep=True))
        self._forgetting.start()

    async def stop(self, sentence: str = "The server is stopping. See you soon.") -> None:
        """Tell everybody, write down that they left, keep all that is under way, and let the backend go."""
        self._forgetting.stop()
        for caller in list(self.callers):
            caller.ear.hang_up(sentence)
            caller.gone("the server stopped")
        if self._under_way:
            idle: Deferred[None] = Deferred()
            self._idle.append(idle)
            try:
                await idle.addTimeout(STOP_TIME, self.clock)
            except TimeoutError:
                log.error("the backend keeps nothing; some departures are not written down")
        await self.turns.drain()
        await self.backend.stop()

    def is_quiet(self) -> bool:
        """Whether nothing is under way that nobody waits for."""
        return not self._under_way and self.turns.is_quiet()

    async def suspend(self) -> Sequence[Event]:
        """
        Let the backend go, and nobody else: people stay, for another process or L{resume}. The house has to be quiet.

        @return: who is on line, as the backend knows it.
        """
        self._forgetting.stop()
        await self.turns.drain()
        present = self.backend.present()
        await self.backend.stop()
        return present

    async def resume(self, present: Sequence[Event]) -> None:
        """
        Go on after L{suspend}, as if nothing had been.

        @raise Refused: the backend cannot be used any more.
        """
        await self.backend.start(self.node, self, present)
        await self._claim_again()
        self._forgetting.start()

    async def welcome_back(self, patience: float) -> None:
        """
        All who were handed over are here. Of the others, guests depart now; an account may come back with its token,
        and nobody will have noticed.

        @param patience: seconds in which it may.
        """
        await self._claim_again()
        for who in list(self.chat.people.values()):
            if self.node in who.nodes and who.key not in self.local:
                self.clock.callLater(patience if who.account else 0.0, self._see_off, who)

    async def _claim_again(self) -> None:
        for caller in self.callers:
            if caller.presence is not None and not await self.backend.claim(caller.presence.key, caller.holder):
                log.error("{nick} is claimed by somebody else", nick=caller.nick)

    def _see_off(self, who: Presence) -> None:
        """Somebody is on line whose connection is gone: by way of one that stands for it."""
        if self.chat.people.get(who.key) is who and who.key not in self.local and who.key not in self.departing:
            self.finish(self._depart_at_last(who))

    async def _depart_at_last(self, who: Presence) -> None:
        holder = f"account:{who.key}" if who.account else f"guest:{self.node}:absent"
        await self.backend.claim(who.key, holder)
        caller = Caller(self, Nobody(), "", "")
        caller.restore(CallerState("", who.nick, holder, rooms=tuple(who.rooms)))
        caller.gone("the server was upgraded")

    def enter_again(self, ear: IEar, address: str, state: CallerState) -> ICaller:
        caller = Caller(self, ear, address, state.door)
        self.callers[caller] = None
        caller.restore(state)
        return caller

    def enter(self, ear: IEar, address: str, door: str) -> ICaller:
        caller = Caller(self, ear, address, door)
        self.callers[caller] = None
        return caller

    def finish(self, coroutine: Coroutine[Any, Any, object]) -> None:
        """Run something nobody waits for, except at the very end; its failure is written down."""

        def done(_: object) -> None:
            self._under_way -= 1
            if self._under_way == 0:
                idle, self._idle = self._idle, []
                for waiting in idle:
                    waiting.callback(None)

        self._under_way += 1
        finishing = Deferred.fromCoroutine(coroutine)
        finishing.addErrback(lambda failure: log.failure("left undone", failure))
        finishing.addBoth(done)

    async def release(self, key: str, holder: str) -> None:
        """Give up a claim to a nickname, however long it takes: nobody else could ever have it."""
        await self.turns.insist(lambda: self.backend.release(key, holder))

    async def departed(self, key: str) -> None:
        """Wait until somebody who is on the way out is out."""
        while key in self.departing:
            waiting: Deferred[None] = Deferred()
            self.departing[key].append(waiting)
            await waiting

    # Who is where, of this node.

    def attach(self, caller: Identity, key: str) -> None:
        """This connection has this person's nickname and hears what is said in their rooms."""
        self.local.setdefault(key, []).append(caller)
        for name in self.chat.people[key].rooms:
            self.ears_in.setdefault(name, {})[caller] = None

    def detach(self, caller: Identity, key: str) -> None:
        """It hears nothing any more."""
        self.local[key].remove(caller)
        if not self.local[key]:
            del self.local[key]
        for name in self.chat.people[key].rooms if key in self.chat.people else ():
            self._unhear(name, caller)

    def _unhear(self, name: str, caller: Identity) -> None:
        ears = self.ears_in.get(name)
        if ears is not None:
            ears.pop(caller, None)
            if not ears:
                del self.ears_in[name]

    def unreached(self, event: Whispered) -> bool:
        """Whether this whisper, kept a moment ago, came when its hearer was gone. Asked once."""
        if id(event) in self._unreached:
            self._unreached.discard(id(event))
            return True
        return False

    # Hearing from the backend.

    def heard(self, events: Sequence[Event]) -> None:
        """This happened. What happened in one room is told together, when all is applied."""
        for event in events:
            try:
                if isinstance(event, RoomEvent):
                    self._in_room(event)
                else:
                    self._in_house(event)
            except Exception:  # noqa: BLE001 one event that cannot be told must not silence the others
                log.failure("{event!r} could not be told", event=event)
        alone = len(self._runs) == 1 and not self._touched
        for name in list(self._runs):
            self._tell(name, alone)
        touched, self._touched = self._touched, {}
        answered, self._answered = self._answered, set()
        for caller in touched:
            if caller not in answered:
                caller.ear.flush()
        for watch in self.watchers:
            watch(events)

    def lost(self, node: str) -> None:
        """Another node is gone without a goodbye: say it for its people."""
        now = self.now()
        for who in list(self.chat.people.values()):
            if node in who.nodes:
                events = self.chat.depart(now, who, node, "the connection to their server was lost")
                self.finish(self.turns.owe(*events))

    def _in_room(self, event: RoomEvent) -> None:
        """What was true already is no news. Those who come in hear it, and those who go out hear it as their last."""
        name = event.room
        if not self.chat.apply(event):
            return
        if not event.changes:
            (self._runs.get(name) or self._run(name)).events.append(event)
        elif isinstance(event, Joined):
            callers = self.local.get(fold(event.nick), [])
            run = self._run(name, callers)
            run.comers.update(dict.fromkeys(callers, len(run.events)))
            run.events.append(event)
            self.ears_in.setdefault(name, {}).update(dict.fromkeys(callers))
        elif isinstance(event, Left) and event.gone and fold(event.nick) in self.local:
            # Another node said goodbye for them when they were already here: they come in again.
            self._run(name).events.append(event)
            self.finish(self.turns.owe(Joined(self.now(), name, event.nick)))
        elif isinstance(event, Left | Kicked | Barred):
            self._out_of(event)
        else:
            self._run(name).events.append(event)
            if isinstance(event, Invited):
                self._tell_one(event, fold(event.who))

    def _out_of(self, event: Left | Kicked | Barred) -> None:
        name, key = event.room, fold(event.nick if isinstance(event, Left) else event.who)
        ears = self.ears_in.get(name, {})
        callers = [caller for caller in self.local.get(key, ()) if caller in ears]
        run = self._run(name, callers)
        run.events.append(event)
        run.goers.update(dict.fromkeys(callers, len(run.events)))
        if id(event) in self.turns.own:
            self._close_if_empty(name)

    def _run(self, name: str, moving: Sequence[Identity] = ()) -> Run:
        """What is to be told in this room; a new one, if somebody who moves now has moved in it before."""
        run = self._runs.get(name)
        if run is not None and moving and any(map(run.moved, moving)):
            self._tell(name)
            run = None
        if run is None:
            run = self._runs[name] = Run()
        return run

    def _tell(self, name: str, alone: bool = False) -> None:
        """@param alone: there is nothing else for its ears in this turn."""
        run = self._runs.pop(name)
        ears = list(self.ears_in.get(name, ()))  # one who does not read is cut, and gone, while others are told
        try:
            run.tell(name, ears, self.turns.own, alone)
        except Exception:  # noqa: BLE001 a room that cannot be told must not silence the others
            log.failure("{room} could not be told", room=name)
        if not alone:
            self._touched.update(dict.fromkeys(ears))
        for caller in run.goers:
            by_choice = isinstance(run.events[run.goers[caller] - 1], Left)
            self._unhear(name, caller)
            caller.left(name, by_choice)

    def _close_if_empty(self, name: str, half_made: bool = False) -> None:
        """@param half_made: its maker was not in it yet when the process ended, so that it has no owner."""
        room = self.chat.rooms.get(name)
        if room is not None and not room.members and (half_made or not room.keep) and name != self.lobby:
            self.finish(self.turns.owe(RoomClosed(self.now(), name, HOUSE_NICK)))

    def _in_house(self, event: Event) -> None:
        if isinstance(event, Whispered | Mailed):
            self._to_one(event)
        elif isinstance(event, Revoked):
            self._revoke(event)
        elif isinstance(event, Audited | StaffSet | Sanctioned | Pardoned | Expelled):
            self._keep_order(event)
        elif isinstance(event, Announced):
            self._announce(event)
        else:
            self.chat.apply(event)
            self._tell_of(event)

    def _tell_of(self, event: Event) -> None:
        """What has changed in the house, to those whom it concerns."""
        if isinstance(event, Became):
            self._renamed(event)
        elif isinstance(event, AwaySet):
            self._tell_around(event)
        elif isinstance(event, LockdownSet):
            self._tell_everybody(event)
        elif isinstance(event, Reported | ReportClosed):
            self._tell_of_report(event)

    def _to_one(self, event: Whispered | Mailed) -> None:
        key = fold(event.to)
        receipt = self.turns.own.get(id(event))
        if receipt is not None and receipt.then is not None:
            self._answered.add(receipt.caller)
        if isinstance(event, Whispered) and self._is_out_of_reach(key):
            self._keep_aside(event, key)
        if self._runs:
            self._tell_before(event.nick, key)
        self._tell_one(event, key)

    def _tell_before(self, nick: str, key: str) -> None:
        """What somebody did in the rooms of another, before the other alone hears of them: people read it in order."""
        who = self.chat.people.get(key)
        for name in who.rooms if who is not None else ():
            if name in self._runs and self._runs[name].is_of(nick):
                self._tell(name)

    def _revoke(self, event: Revoked) -> None:
        for caller in list(self.local.get(fold(event.nick), ())):
            if caller.session and public_id(caller.session) == event.session:
                caller.ear.hang_up("This session was ended from another one.")

    def _announce(self, event: Announced) -> None:
        for caller in [caller for callers in self.local.values() for caller in callers]:  # some may be cut meanwhile
            caller.notice("announcement", event.text)
            self._touched[caller] = None

    def _staff_set(self, event: StaffSet) -> None:
        """What was found out at login is no news."""
        if self.chat.apply(event) and event.nick != event.who:
            self._tell_staff(event)
            if HouseRole[event.role.upper()] is HouseRole.NONE:
                self._tell_one(event, fold(event.who))

    def _tell_everybody(self, event: LockdownSet) -> None:
        """All who have a nickname, but the one who did it."""
        receipt = self.turns.own.get(id(event))
        for callers in self.local.values():
            for caller in callers:
                if receipt is None or receipt.caller is not caller:
                    caller.ear.tell((event,))
                    self._touched[caller] = None

    def _tell_of_report(self, event: Reported | ReportClosed) -> None:
        """The staff; and that it was seen to, the one who reported it, unless somebody else has the name by now."""
        self._tell_staff(event)
        if isinstance(event, ReportClosed):
            reporter = self.chat.people.get(fold(event.to))
            if reporter is not None and not reporter.staff and event.reported >= reporter.since:
                self._tell_one(event, fold(event.to))

    def _keep_order(self, event: Audited | StaffSet | Sanctioned | Pardoned | Expelled) -> None:
        """What staff did, and what is found out about staff."""
        if isinstance(event, Audited):
            self._tell_staff(event)
        elif isinstance(event, StaffSet):
            self._staff_set(event)
        elif isinstance(event, Pardoned):
            book = self.chat.house_mutes if event.act == MUTE else self.chat.house_bans
            lifted = book.entries.get(book.key_of(event.target))
            self.chat.apply(event)
            if lifted is not None and in_force(lifted, event.at):
                enforcing.relent(lifted, self.callers)
        else:
            self.chat.apply(event)
            enforcing.enforce(event, list(self.callers))  # those who are sent out leave it

    def shut_out(self, address: str) -> str | None:
        return self.chat.shut_out(address, self.now())

    def _tell_staff(self, event: Event) -> None:
        """All staff on line, but the one who did it; nothing that they are told already."""
        if isinstance(event, Audited) and event.act in TOLD_OTHERWISE:
            return
        for key, callers in self.local.items():
            if self.chat.people[key].staff and key != fold(event.nick):
                for caller in callers:
                    caller.ear.tell((event,))
                    self._touched[caller] = None

    def _is_out_of_reach(self, key: str) -> bool:
        """Whether nobody hears them any more, and it is this node that has to know."""
        if key in self.local:
            return False
        who = self.chat.people.get(key)
        return who is None or who.nodes == {self.node}

    def _keep_aside(self, event: Whispered, key: str) -> None:
        """A whisper has crossed with a departure: whoever whispered here will post it, for others we do."""
        if id(event) in self.turns.own:
            self._unreached.add(id(event))
        elif key in self.chat.people:
            self.finish(self._post(event))

    async def _post(self, event: Whispered) -> None:
        account = await self.backend.account(fold(event.to))
        letter = account and inbox.letter(event.at, event.nick, event.to, account, event.text)
        if letter:
            await self.backend.post(letter, self.limits.inbox_length)

    def _renamed(self, event: Became) -> None:
        callers = self.local.pop(fold(event.nick), None)
        if callers is not None:
            self.local.setdefault(fold(event.new), []).extend(callers)
            for caller in callers:
                caller.ear.named(event.new)
            ban = self.chat.house_bans.entries.get(fold(event.new))
            if ban is not None and in_force(ban, self.now()):  # while it was taken
                enforcing.enforce(ban, list(callers))

    def _tell_one(self, event: Event, key: str) -> None:
        """Something for one person, who may not want to hear of the one who did it."""
        for caller in self.local.get(key, ()):
            if not caller.ignored or fold(event.nick) not in caller.ignored:
                if isinstance(event, Whispered):
                    caller.correspondent = event.nick
                caller.ear.tell((event,))
                self._touched[caller] = None

    def _tell_around(self, event: AwaySet) -> None:
        """Those who share a room with somebody are told that they are away, once each."""
        who = self.chat.people.get(fold(event.nick))
        names = who.rooms if who is not None else ()
        for caller in {caller: None for name in names for caller in self.ears_in.get(name, ())}:
            receipt = self.turns.own.get(id(event))
            if receipt is None or receipt.caller is not caller:
                caller.ear.tell((event,))
