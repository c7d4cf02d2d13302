"""
The hub: the only place where core, doors, commands and the backend meet.

Callers decide (by asking L{chatroom.core.chat}), L{chatroom.server.batching} has it kept, and here it is told: what
the backend says has happened is applied to the state and given to the ears it concerns, in the backend's order and
never before it is kept. It knows no bytes: an ear's form renders events, once for all ears of the same form. It knows
no rules: those are the core's. It is long because who is connected, and what a room is told in a turn, change
together; what concerns the whole server is in L{chatroom.server.server_events}.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from twisted.internet.defer import Deferred
from twisted.logger import Logger
from zope.interface import implementer

from chatroom.core.names import fold
from chatroom.core.presence import Presence
from chatroom.core.recollections import LineRecalled
from chatroom.core.rooms import Room
from chatroom.events import (
    Event,
    Invited,
    Joined,
    Kicked,
    Left,
    RoomBanned,
    RoomClosed,
    RoomCreated,
    RoomEvent,
)
from chatroom.interfaces import ICaller, IEar, IListener, IServer
from chatroom.server.batching import summary
from chatroom.server.detached import DetachedSessions
from chatroom.server.fanout import RoomBatch
from chatroom.server.retention import Retention
from chatroom.server.server_events import ServerEvents
from chatroom.server.services import SERVER_NICK, Services
from chatroom.server.session.brief import Brief
from chatroom.server.session.caller import Caller
from chatroom.server.session.identity import IdentityActions
from chatroom.states import CallerSnapshot

log = Logger()

PAGE = 500
"""Lines of history that are read at once."""


@implementer(IServer, IListener)
class Hub:
    """
    @ivar callers: every connection of this node.
    @ivar local: connections of this node that have a nickname, by its key.
    @ivar ears_in: connections of this node by the rooms they are in.
    @ivar watchers: called with all that is heard, when it is told, as by an operator who looks on. They do not raise.
    @ivar told_once: connections that are told once, and not in each room, of who departs and who is renamed.
    @ivar motd: lines of the welcome text. Whoever changes them sets another tuple.
    @ivar name_watchers: called with nicknames that come and go: see L{watch_names}.
    @ivar departing: keys of those whose last connection is gone and whose departure is being kept, with those who wait
        for the end of it.
    """

    def __init__(self, services: Services) -> None:
        self.limits = services.limits
        self.name = services.name
        self.lobby = services.lobby
        self.motd: tuple[str, ...] = ()
        self._services = services
        self._chat = services.chat
        self._backend = services.backend
        self._batches = services.batches
        self.callers: dict[IdentityActions, None] = {}
        self.local: dict[str, list[IdentityActions]] = {}
        self.ears_in: dict[str, dict[IdentityActions, None]] = {}
        self.watchers: list[Callable[[Sequence[Event]], None]] = []
        self.told_once: dict[IdentityActions, None] = {}
        self.name_watchers: dict[object, Callable[[str, bool], None]] = {}
        self.departing: dict[str, list[Deferred[None]]] = {}
        self.runs: dict[str, RoomBatch] = {}
        self.touched: dict[IdentityActions, None] = {}
        # Those whose whisper is about to be confirmed: what they hear is written together with that.
        self.answered: set[IdentityActions] = set()
        self.server_events = ServerEvents(services, self)
        self.detached = DetachedSessions(services, self)
        self.brief = Brief(services, self)
        self._forgetting = Retention(services.backend, services.limits, services.clock, services.now)

    def people_there(self) -> int:
        """See L{IServer.people_there}."""
        return len(self._chat.state.people)

    # Life.

    async def start(self, present: Sequence[Event] = ()) -> None:
        """
        Take part: learn what is true, and open the lobby.

        @param present: what L{suspend} gave in the process whose place this one takes. L{enter_again} follows for each
            of its connections, and then L{DetachedSessions.welcome_back}.
        @raise Refused: the backend cannot be used.
        """
        snapshot = await self._backend.start(self._services.node, self, present)
        if not present:
            await self.brief.begin()
        self._chat.state.learn(snapshot.events, snapshot.last)
        made = {event.room: event.seq for event in snapshot.events if isinstance(event, RoomCreated)}
        for room in list(self._chat.state.rooms.values()):
            self._close_if_empty(room.name, half_made=made.get(room.name) == room.last)
            if room.pace is not None:
                await self._recall_pace(room)
        if self.lobby and self.lobby not in self._chat.state.rooms:
            await self._batches.happen(RoomCreated(self._services.now(), self.lobby, SERVER_NICK, keep=True))
        self._forgetting.start()

    async def _recall_pace(self, room: Room) -> None:
        """Who has said something a moment ago in a room in slow mode waits, also when the server has begun anew."""
        since, before = self._services.now() - room.slow, room.last + 1
        while lines := await self._backend.history(room.name, after=None, before=before, limit=PAGE, talk=True):
            for line in lines:
                if line.at > since:
                    self._chat.state.apply(LineRecalled(line))
            before = lines[0].seq
            if lines[0].at <= since:
                return

    async def stop(self, sentence: str = "The server is stopping. See you soon.") -> None:
        """Tell everybody, write down that they left, keep all that is under way, and let the backend go."""
        self._forgetting.stop()
        self.brief.stop()
        for caller in list(self.callers):
            caller.ear.hang_up(sentence)
            caller.gone("the server stopped")
        services = self._services
        end = services.clock.seconds() + services.limits.stop_time
        await services.background.drain(services.limits.stop_time)
        lost = await self._batches.close(max(0.0, end - services.clock.seconds()))
        if lost:
            log.error("The database did not answer, so this is not written down: {what}.", what=summary(lost))
        await self._backend.stop()

    def is_quiet(self) -> bool:
        """Whether nothing is under way that nobody waits for."""
        return self._services.background.is_quiet() and self._batches.is_quiet()

    async def suspend(self) -> Sequence[Event]:
        """
        Let the backend go, and nobody else: people stay, for another process or L{resume}. The server has to be quiet.

        @return: who is on line, as the backend knows it.
        """
        self._forgetting.stop()
        await self._batches.drain()
        present = self._backend.present()
        await self._backend.stop()
        return present

    async def resume(self, present: Sequence[Event]) -> None:
        """
        Go on after L{suspend}, as if nothing had been.

        @raise Refused: the backend cannot be used any more.
        """
        await self._backend.start(self._services.node, self, present)
        await self.detached.claim_again()
        self._forgetting.start()

    def enter_again(self, ear: IEar, address: str, state: CallerSnapshot, page_lines: int | None = None) -> ICaller:
        caller = self._made(ear, address, state.door, page_lines)
        caller.restore(state)
        return caller

    def enter(self, ear: IEar, address: str, door: str, page_lines: int | None = None) -> ICaller:
        return self._made(ear, address, door, page_lines)

    def _made(self, ear: IEar, address: str, door: str, page_lines: int | None) -> Caller:
        caller = Caller(self._services, self, ear, address, door, page_lines)
        self.callers[caller] = None
        if ear.once:
            self.told_once[caller] = None
        return caller

    async def departed(self, key: str) -> None:
        """Wait until somebody who is on the way out is out."""
        while key in self.departing:
            waiting: Deferred[None] = Deferred()
            self.departing[key].append(waiting)
            await waiting

    # Who is where, of this node.

    def attach(self, caller: IdentityActions, key: str) -> None:
        """This connection has this person's nickname and hears what is said in their rooms."""
        self.local.setdefault(key, []).append(caller)
        for name in self._chat.state.people[key].rooms:
            self._hear(name, caller)

    def detach(self, caller: IdentityActions, key: str) -> None:
        """It hears nothing any more."""
        self.local[key].remove(caller)
        if not self.local[key]:
            del self.local[key]
        for name in self._chat.state.people[key].rooms if key in self._chat.state.people else ():
            self._unhear(name, caller)

    def _hear(self, name: str, caller: IdentityActions) -> None:
        ears = self.ears_in.setdefault(name, {})
        if caller not in ears:
            ears[caller] = None
            caller.ear.entered(name)

    def _unhear(self, name: str, caller: IdentityActions) -> None:
        ears = self.ears_in.get(name)
        if ears is not None and caller in ears:
            del ears[caller]
            if not ears:
                del self.ears_in[name]
            if not caller.closed:
                caller.ear.went(name)

    def watch_names(self, watch: Callable[[str, bool], None]) -> Callable[[], None]:
        mine = object()
        self.name_watchers[mine] = watch

        def stop() -> None:
            self.name_watchers.pop(mine, None)

        return stop

    def shut_out(self, address: str) -> str | None:
        return self._chat.staff.shut_out(address, self._services.now())

    # Hearing from the backend.

    def heard(self, events: Sequence[Event]) -> None:
        """This happened. What happened in one room is told together, when all is applied."""
        for event in events:
            try:
                if isinstance(event, RoomEvent):
                    self._in_room(event)
                else:
                    self.server_events.hear(event)
            except Exception:  # noqa: BLE001 one event that cannot be told must not silence the others
                log.failure("{event!r} could not be told", event=event)
        alone = len(self.runs) == 1 and not self.touched
        for name in list(self.runs):
            self._tell(name, alone)
        touched, self.touched = self.touched, {}
        answered, self.answered = self.answered, set()
        for caller in touched:
            if caller not in answered:
                caller.ear.flush()
        for watch in self.watchers:
            watch(events)

    def lost(self, node: str) -> None:
        """Another node is gone without a goodbye: say it for its people."""
        for who in list(self._chat.state.people.values()):
            if node in who.nodes:
                self._services.finish(self.see_off(who, node, "the connection to their server was lost"))

    async def see_off(self, who: Presence, node: str, reason: str, own: bool = False) -> list[Event]:
        """
        Let somebody be gone from one of the nodes, and from their rooms if it was the last.

        @param own: the reason is what they said themselves.
        @return: what happened, numbered.
        """
        events = self._chat.visits.depart(self._services.now(), who, node, reason, own)
        await self._batches.owe(*events)
        if who.rooms and not who.nodes:  # another node's farewell crossed with it: neither knew that it was the last
            events = self._chat.visits.depart(self._services.now(), who, node, reason)
            await self._batches.owe(*events)
        return events

    def _in_room(self, event: RoomEvent) -> None:
        """What was true already is no news. Those who come in hear it, and those who go out hear it as their last."""
        name = event.room
        if not self._chat.state.apply(event):
            return
        if not event.changes:
            (self.runs.get(name) or self._run(name)).events.append(event)
        elif isinstance(event, Joined):
            callers = self.local.get(fold(event.nick), [])
            run = self._run(name, callers)
            run.comers.update(dict.fromkeys(callers, len(run.events)))
            run.events.append(event)
            for caller in callers:
                self._hear(name, caller)
        elif isinstance(event, Left) and event.gone and fold(event.nick) in self.local:
            # Another node said goodbye for them when they were already here: they come in again.
            self._run(name).events.append(event)
            who = self._chat.state.people.get(fold(event.nick))
            guest = who is not None and not who.account
            self._services.finish(self._batches.owe(Joined(self._services.now(), name, event.nick, guest=guest)))
        elif isinstance(event, Left | Kicked | RoomBanned):
            self._out_of(event)
        else:
            self._run(name).events.append(event)
            if isinstance(event, Invited):
                self.server_events.tell_one(event, fold(event.who))

    def _out_of(self, event: Left | Kicked | RoomBanned) -> None:
        name, key = event.room, fold(event.nick if isinstance(event, Left) else event.who)
        ears = self.ears_in.get(name, {})
        callers = [caller for caller in self.local.get(key, ()) if caller in ears]
        run = self._run(name, callers)
        run.events.append(event)
        run.goers.update(dict.fromkeys(callers, len(run.events)))
        if self._batches.receipt_of(event) is not None:  # else the node where it was wished does so
            self._close_if_empty(name)

    def _run(self, name: str, moving: Sequence[IdentityActions] = ()) -> RoomBatch:
        """What is to be told in this room; a new one, if somebody who moves now has moved in it before."""
        run = self.runs.get(name)
        if run is not None and moving and any(map(run.moved, moving)):
            self._tell(name)
            run = None
        if run is None:
            run = self.runs[name] = RoomBatch()
        return run

    def _tell(self, name: str, alone: bool = False) -> None:
        """@param alone: there is nothing else for its ears in this turn."""
        run = self.runs.pop(name)
        ears = list(self.ears_in.get(name, ()))  # one who does not read is cut, and gone, while others are told
        try:
            run.tell(name, ears, self._batches.own, alone)
        except Exception:  # noqa: BLE001 a room that cannot be told must not silence the others
            log.failure("{room} could not be told", room=name)
        if not alone:
            self.touched.update(dict.fromkeys(ears))
        for caller in run.goers:
            by_choice = isinstance(run.events[run.goers[caller] - 1], Left)
            self._unhear(name, caller)
            caller.left(name, by_choice)

    def _close_if_empty(self, name: str, half_made: bool = False) -> None:
        """@param half_made: its maker was not in it yet when the process ended, so that it has no owner."""
        room = self._chat.state.rooms.get(name)
        if room is not None and not room.members and (half_made or not room.keep) and name != self.lobby:
            self._services.finish(self._batches.owe(RoomClosed(self._services.now(), name, SERVER_NICK)))

    def tell_before(self, nick: str, key: str) -> None:
        """What somebody did in the rooms of another, before the other alone hears of them: people read it in order."""
        who = self._chat.state.people.get(key)
        for name in who.rooms if who is not None else ():
            if name in self.runs and self.runs[name].is_of(nick):
                self._tell(name)
