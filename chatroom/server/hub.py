"""
The hub: the only place where connections, the core and the backend meet.

Callers decide (by asking L{chatroom.core.chat}), L{chatroom.server.batching} has it kept, and the hub delivers it: what
the backend says has happened is applied to the state and given to the ears it concerns, in the backend's order and
never before it is kept. It knows no bytes: an ear's form renders events, once for all ears of the same form. It knows
no rules: those are the core's. Who is connected is in L{chatroom.server.connections}, what is being delivered in
L{chatroom.server.turn}, and what concerns the whole server in L{chatroom.server.server_events}. It is long because so
much meets here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from twisted.logger import Logger
from zope.interface import implementer

from chatroom.core import room_moderation
from chatroom.core.names import fold
from chatroom.events import (
    Event,
    Invited,
    Joined,
    Kicked,
    Left,
    RoomBanned,
    RoomCreated,
    RoomEvent,
    RoomUnbanned,
    RoomUnmuted,
    UnknownKind,
)
from chatroom.interfaces import IEar, IListener, IPluginStore, IServer, ISession, PageAnswer, PageRequest, Person, Role
from chatroom.records import StartState
from chatroom.server.batching import summary
from chatroom.server.burial import Burials
from chatroom.server.clock_watch import ClockWatch
from chatroom.server.connections import Connections
from chatroom.server.detached import DetachedSessions
from chatroom.server.fanout import RoomBatch
from chatroom.server.missed import MissedEvents
from chatroom.server.nicknames import NicknameEvents
from chatroom.server.node_settings import differences, settings_text
from chatroom.server.outage import Outage
from chatroom.server.plugin_services import PluginServices
from chatroom.server.plugin_store import PluginStore
from chatroom.server.recalling import recall_pace
from chatroom.server.retention import Retention
from chatroom.server.server_events import ServerEvents
from chatroom.server.services import SERVER_NICK, Services
from chatroom.server.session.caller import Caller
from chatroom.server.shown import person
from chatroom.server.turn import TurnFanout
from chatroom.states import CallerSnapshot

log = Logger()


@implementer(IServer, IListener)
class Hub:
    """
    @ivar connections: who is connected.
    @ivar at_eviction: called when this node is out: see L{IListener.evicted}. The process has to end.
    """

    def __init__(self, services: Services, plugins: PluginServices | None = None) -> None:
        self.limits = services.limits
        self.name = services.name
        self.lobby = services.lobby
        self._services = services
        self._chat = services.chat
        self._backend = services.backend
        self._batches = services.batches
        self.connections = Connections(services)
        self._watchers: list[Callable[[Sequence[Event]], None]] = []
        self._turn = TurnFanout(services, self.connections)
        self._nicknames = NicknameEvents(services, self.connections, self._turn)
        self._server_events = ServerEvents(services, self.connections, self._turn, self._nicknames)
        self._detached = DetachedSessions(services, self.connections)
        self._burials = Burials(services)
        self._forgetting = Retention(services.backend, services.limits, services.clock, services.now)
        self._clock_watch = ClockWatch(services.backend, services.clock)
        self._outage = Outage(services, self.connections)
        self._missed = MissedEvents(self.connections, self._turn, self._server_events)
        self._unknown: set[str] = set()
        self._evicted = False
        self.at_eviction: Callable[[], None] = lambda: None
        self._plugins = plugins or PluginServices(services)
        if self._plugins.listens():
            self.watch(self._plugins.heard)

    def people_there(self) -> int:
        """See L{IServer.people_there}."""
        return len(self._chat.state.people)

    def person_now(self, nick: str) -> Person | None:
        """See L{IServer.person_now}."""
        present = self._chat.state.people.get(fold(nick))
        return None if present is None else person(present, Role.NOBODY)

    def role(self, room: str, nick: str) -> Role:
        """See L{IServer.role}."""
        found = self._chat.state.rooms.get(fold(room))
        return Role.NOBODY if found is None or fold(nick) not in found.members else found.role(fold(nick))

    @property
    def motd(self) -> tuple[str, ...]:
        """See L{IServer}."""
        return self._services.welcome.lines

    # Life.

    async def start(
        self, present: Sequence[Event] = (), states: Mapping[str, str] | None = None, node: str = ""
    ) -> None:
        """
        Take part: learn what is true, and open the lobby.

        @param present: what L{suspend} gave in the process whose place this one takes. L{enter_again} follows for each
            of its connections, and then L{welcome_back}.
        @param states: what the services of plugins handed over there: see L{PluginServices.states}.
        @param node: as which that process took part, and this one goes on; C{""}: this one takes nobody's place.
        @raise Refused: the backend cannot be used.
        """
        services = self._services
        if node:
            services.identity.become(node)
        snapshot = await self._take_part(present, takes_over=bool(node))
        if not node and not snapshot.nodes:
            await self.connections.brief.begin()
        self._chat.state.learn(snapshot.events, snapshot.last)
        if not snapshot.nodes:  # else a room may be about to be joined through another node, or closed by that one
            await self._burials.close_empty(lambda room: True)
        for room in list(self._chat.state.paced.values()):
            await recall_pace(services, room)
        if self.lobby and self.lobby not in self._chat.state.rooms:
            await self._batches.happen(RoomCreated(services.now(), self.lobby, SERVER_NICK, keep=True))
        self._missed.events = snapshot.missed
        for lost in snapshot.lost:
            self.lost(lost)
        self._watch_over()
        await self._plugins.start(states)

    async def _take_part(self, present: Sequence[Event], takes_over: bool) -> StartState:
        services = self._services
        own = settings_text(self.limits, self.name, self.lobby)
        snapshot = await self._backend.start(services.node, self, present, takes_over=takes_over, settings=own)
        for node, told in differences(own, snapshot.nodes):
            log.warn("The settings of this node differ from those of {node}: {told}.", node=node, told=told)
        return snapshot

    def _watch_over(self) -> None:
        self._forgetting.start()
        self._clock_watch.start()

    def _watch_no_more(self) -> None:
        self._forgetting.stop()
        self._clock_watch.stop()
        self._outage.stop()

    async def stop(self, sentence: str = "The server is stopping. See you soon.") -> None:
        """Tell everybody, write down that they left, keep all that is under way, and let the backend go."""
        await self._plugins.stop()
        self._watch_no_more()
        for caller in list(self.connections.callers):
            caller.ear.hang_up(sentence)
            caller.gone("the server stopped")
        self._detached.stop("the server stopped")
        services = self._services
        end = services.clock.seconds() + services.limits.stop_time
        await services.background.drain(services.limits.stop_time)
        lost = await self._batches.close(max(0.0, end - services.clock.seconds()))
        if lost and not self._evicted:
            log.error("The database did not answer, so this is not written down: {what}.", what=summary(lost))
        await self._backend.stop()

    def is_quiet(self) -> bool:
        """Whether nothing is under way that nobody waits for."""
        return self._services.background.is_quiet() and self._batches.is_quiet()

    async def suspend(self) -> Sequence[Event]:
        """
        Let the backend go, and nobody else: people stay, for another process or L{resume}. The server has to be quiet.

        @return: who is on line, as the backend knows it. L{plugin_states} follows on it.
        """
        await self._plugins.stop()
        self._watch_no_more()
        await self._services.background.drain(self._services.limits.stop_time)
        await self._batches.drain()
        present = await self._backend.present()
        await self._backend.stop(handing_over=True)
        return present

    def plugin_states(self) -> Mapping[str, str]:
        """What the services of plugins handed over when they were stopped last: see L{PluginServices.states}."""
        return self._plugins.states

    async def resume(self, present: Sequence[Event]) -> None:
        """
        Go on after L{suspend}, as if nothing had been.

        @raise Refused: the backend cannot be used any more.
        """
        snapshot = await self._take_part(present, takes_over=True)
        if snapshot.missed:
            self.heard(snapshot.missed)
        for lost in snapshot.lost:
            self.lost(lost)
        self._services.finish(self._services.claims.again())
        self._watch_over()
        await self._plugins.start(self._plugins.states)

    def enter_again(self, ear: IEar, address: str, state: CallerSnapshot, page_lines: int | None = None) -> ISession:
        caller = self._made(ear, address, state.door, page_lines)
        caller.restore(state)
        if caller.presence is not None:
            self._services.claims.take_over(caller.presence.key, caller.holder)
        return caller

    def enter(
        self, ear: IEar, address: str, door: str, page_lines: int | None = None, certificate: str = ""
    ) -> ISession:
        caller = self._made(ear, address, door, page_lines)
        caller.certificate = certificate
        return caller

    def _made(self, ear: IEar, address: str, door: str, page_lines: int | None) -> Caller:
        caller = Caller(self._services, self.connections, ear, address, door, page_lines)
        first = not self.has_readers()
        self.connections.add(caller)
        if first:
            self._backend.hasten()
        return caller

    def welcome_back(self, patience: float) -> None:
        """See L{DetachedSessions.welcome_back}. They are told what the other nodes did meanwhile."""
        self._missed.tell()
        self._detached.welcome_back(patience)
        self._services.finish(self._services.claims.again())

    def watch(self, watch: Callable[[Sequence[Event]], None]) -> Callable[[], None]:
        """
        Be called with all that is heard, when it is told, as an operator is who looks on.

        @param watch: it may not raise.
        @return: call it to be told no more; once more does no harm.
        """
        first = not self.has_readers()
        self._watchers.append(watch)
        if first:
            self._backend.hasten()

        def stop() -> None:
            if watch in self._watchers:
                self._watchers.remove(watch)

        return stop

    async def plugin_page(self, name: str, request: PageRequest) -> PageAnswer | None:
        """See L{IServer.plugin_page}."""
        return await self._plugins.page(name, request)

    def watch_names(self, watch: Callable[[str, bool], None]) -> Callable[[], None]:
        return self._nicknames.watch(watch)

    def watch_people(self, watch: Callable[[Event], None]) -> Callable[[], None]:
        """See L{IServer.watch_people}."""
        return self._nicknames.watch_people(watch)

    def store(self, name: str) -> IPluginStore:
        """See L{IServer.store}."""
        return PluginStore(self._services, f"{name} door")

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
                    self._server_events.hear(event)
            except Exception:  # noqa: BLE001 one event that cannot be told must not silence the others
                log.failure("The event {event!r} could not be delivered", event=event)
        self._turn.end()
        for watch in self._watchers:
            watch(events)

    def has_readers(self) -> bool:
        return bool(self.connections.callers or self._watchers)

    def lost(self, node: str) -> None:
        """Another node is gone without a goodbye: say it for its people."""
        self._burials.begin(node)

    def evicted(self, sentence: str) -> None:
        """The others say goodbye for the people of this node: hang up on them, and keep nothing more."""
        log.critical("The other nodes have taken this one for lost, or another process goes on as it. It stops.")
        self._evicted = self._batches.closed = True
        self._watch_no_more()
        for caller in list(self.connections.callers):
            caller.ear.hang_up(sentence)
            caller.gone("the server stopped")
        self._detached.forget()
        self.at_eviction()

    def _in_room(self, event: RoomEvent) -> None:
        """What was true already is no news. Those who come in hear it, and those who go out hear it as their last."""
        name, turn, connections = event.room, self._turn, self.connections
        freed = room_moderation.freed(self._chat.state, event) if isinstance(event, RoomUnbanned | RoomUnmuted) else ()
        if not self._chat.state.apply(event):
            if isinstance(event, UnknownKind):
                self._note_unknown(event)
            return
        if not event.changes:
            (turn.runs.get(name) or turn.run(name)).events.append(event)
        elif isinstance(event, Joined):
            callers = connections.of(fold(event.nick))
            run = turn.run(name, callers)
            hearing = connections.ears_in.get(name, ())  # they may be among them already: see Left below
            run.comers.update({caller: len(run.events) for caller in callers if caller not in hearing})
            run.events.append(event)
            for caller in callers:
                connections.hear(name, caller)
        elif isinstance(event, Left) and event.gone and connections.of(fold(event.nick)):
            # Another node said goodbye for them when they were already here: they come in again.
            turn.run(name).events.append(event)
            who = self._chat.state.people.get(fold(event.nick))
            guest = who is not None and not who.account
            self._services.finish(self._batches.owe(Joined(self._services.now(), name, event.nick, guest=guest)))
        elif isinstance(event, Left | Kicked | RoomBanned):
            self._out_of(event)
        else:
            run = turn.run(name)
            run.events.append(event)
            self._note_concerned(run, event)
            if isinstance(event, Invited):
                self._server_events.tell_one(event, fold(event.who))
            for key in freed:  # they are not in the room, where it is read by everyone
                self._server_events.tell_one(event, key)

    def _note_concerned(self, run: RoomBatch, event: RoomEvent) -> None:
        """Remember the connections of the person to whom this happened, if it happened to a person."""
        who = getattr(event, "who", "")
        for caller in self.connections.of(fold(who)) if who else ():
            run.concerned[caller] = who

    def _out_of(self, event: Left | Kicked | RoomBanned) -> None:
        name, key = event.room, fold(event.nick if isinstance(event, Left) else event.who)
        turn, connections = self._turn, self.connections
        ears = connections.ears_in.get(name, {})
        callers = [caller for caller in connections.of(key) if caller in ears]
        run = turn.run(name, callers)
        run.events.append(event)
        run.goers.update(dict.fromkeys(callers, len(run.events)))
        self._note_concerned(run, event)
        if self._batches.receipt_of(event) is not None and name in self._chat.state.rooms:
            self._burials.close_if_empty(self._chat.state.rooms[name])  # else the node where it was wished does so

    def _note_unknown(self, event: UnknownKind) -> None:
        """Once for each kind: it has its place in the room, and nobody here can be told of it."""
        if event.name not in self._unknown:
            self._unknown.add(event.name)
            log.warn("A node of a newer version keeps {kind}, which this version does not know.", kind=event.name)
