"""
A run: nodes, databases and people are started, disturbed for a while, and asked in the end whether all is well.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from twisted.internet.defer import Deferred, DeferredLock, gatherResults
from twisted.internet.task import LoopingCall, deferLater
from twisted.internet.threads import deferToThread
from twisted.python.failure import Failure

from tests.chaos.busy import Maker, Renamer, Thief, letters_in
from tests.chaos.databases import Pair
from tests.chaos.disturbances import DatabaseNemesis, Kill, NodeNemesis, all_at_once
from tests.chaos.evidence import Timeline, tables
from tests.chaos.ledger import Ledger
from tests.chaos.nodes import FENCED, Node, adopt_orphans
from tests.chaos.people import LOBBY, PASSWORD, Program, Resident, Typist
from tests.chaos.reading import Observer
from tests.chaos.report import WELL, goodbye_times
from tests.chaos.wires import Wires

NODES = ("north", "south", "west")

ROOMS = ("den", "attic")
"""Rooms that stay, besides the lobby."""

PEOPLE = ("ada", "gus", "ann", "bob", "hal", "ben", "cem", "ivy", "col")
"""At each node one with nc, a guest with a program, and an account with a program."""

LATE = 3.0
"""Seconds from the end of a daemon to the goodbyes of its people, at most."""

AWAY = ("cannot be used", "chatroom.tap#critical] The database does not answer")
"""What a daemon says that ends with status 1, because there was no database when it started."""

SETTLING = 60.0
"""Seconds after the last disturbance within which all has to be well again."""


@dataclass
class Options:
    """How a run is made. @ivar plant: a fault to plant in each daemon: see planting/."""

    seconds: float = 60.0
    seed: int = 1
    only: str = ""
    plant: str = ""
    namespaces: bool = False
    folder: Path | None = None
    report: Path | None = None


class Chaos:
    """One run."""

    def __init__(self, reactor: Any, options: Options) -> None:
        self.options = options
        self.ledger = Ledger((LOBBY, *ROOMS), reactor.seconds)
        self.timeline = Timeline(time.time, self._write)
        self.ledger.faults.at_fault = self.timeline.fault
        self.tables: list[str] = []
        self.people: list[Resident] = []
        self.nodes: list[Node] = []
        self.kills: list[tuple[Kill, str]] = []
        self.thefts = 0
        self.seconds = 0.0
        self.folder = options.folder or Path(tempfile.mkdtemp(prefix="chaos"))
        self.folder.mkdir(parents=True, exist_ok=True)
        self._reactor = reactor
        self._dice = Random(options.seed)

    async def run(self) -> None:
        """From the start to the verdict, which is in the ledger."""
        adopt_orphans()
        self.pair = await deferToThread(Pair)
        supervisor = LoopingCall(self._look_after)
        try:
            await self._start()
            supervisor.start(0.2, now=False)
            place, calm = (self._reactor, self.nodes, self.pair), DeferredLock()
            self.of_nodes = NodeNemesis(*place, Random(self._dice.random()), calm)
            self.of_nodes.at_kill = self._note_kill
            self.of_databases = DatabaseNemesis(*place, Random(self._dice.random()), calm)
            for nemesis in (self.of_nodes, self.of_databases):
                nemesis.note = self.timeline.disturbance
            await self._wait_for("people", lambda: all(each.is_there for each in self.people))
            end = self._reactor.seconds() + self.options.seconds
            raging = [each.rages(end, self.options.only) for each in (self.of_nodes, self.of_databases)]
            await all_at_once(*raging)
            self.seconds = self._reactor.seconds() - end + self.options.seconds
            await self._settle()
            await self._judge()
        except Exception:  # noqa: BLE001 whatever fails is said with what was found before
            self.ledger.faults.add("the harness failed", Failure().getTraceback())
        finally:
            if supervisor.running:
                supervisor.stop()
            for person in self.people:
                person.over = True
                person.hangs_up()
            for node in self.nodes:
                node.kill()
            await deferToThread(self.pair.remove)
        self._judge_logs()
        self._judge_goodbyes()
        if not self.options.folder and not self.ledger.faults.sentences():
            shutil.rmtree(self.folder, ignore_errors=True)

    async def _start(self) -> None:
        targets = [database.port for database in self.pair.both]
        for number, name in enumerate(NODES, 1):
            wires = Wires(self._reactor, number, targets, self.options.namespaces)
            self.nodes.append(Node(self._reactor, name, self.folder, wires, self.options.plant))
        for node in self.nodes:
            node.launch()
        for node in self.nodes:
            await node.ready()
        await self._make_rooms()
        for number, name in enumerate(PEOPLE):
            kind = number % 3
            place = self._reactor, self.ledger, self.nodes, Random(self._dice.random())
            if kind == 0:
                self._add(Typist(*place, name, number // 3))
            else:
                account, web = kind == 2, number // 3 % 2 == 0
                self._add(Program(*place, name, number // 3, account=account, web=web, rooms=ROOMS[: kind - 1]))

        here = self._reactor, self.ledger, self.nodes
        everybody = list(self.people)
        dice = Random(self._dice.random()), Random(self._dice.random())
        how: dict[str, Any] = {"web": False, "people": everybody}
        self._add(Maker(*here, dice[0], "maker", 1, account=True, rooms=ROOMS, **how))
        self._add(Renamer(*here, dice[1], "una", 2, account=False, **how))

    def _add(self, person: Resident) -> None:
        self.people.append(person)
        person.note = self.timeline.note
        self._note_failure(Deferred.fromCoroutine(person.lives()))

    def _note_failure(self, done: Deferred[None]) -> None:
        done.addErrback(lambda failure: self.ledger.faults.add("a bug of the harness", failure.getTraceback()))

    async def _make_rooms(self) -> None:
        """An account makes the rooms that stay, and goes."""
        owner = Observer(self._reactor, self.nodes[0])
        await owner.enters("maker", PASSWORD)
        for room in ROOMS:
            await owner.asks("create", room=room, keep=True)
        await owner.leaves()

    def _note_kill(self, kill: Kill) -> None:
        """Note whose daemon is killed, and let strangers try to get the nicknames of guests."""
        node = kill.node
        lost = [person for person in self.people if person.node is node and person.is_there]
        guests = [each for each in lost if not (isinstance(each, Program) and each.has_account)]
        # An account that is back at once did not leave, and of somebody who is renamed just now one does not know how.
        self.kills += [(kill, person.nick) for person in guests if not isinstance(person, Renamer)]
        others = [each for each in self.nodes if each is not node]
        for person in guests:
            thief = Thief(self._reactor, self.ledger, others, Random(0), person.nick, 0, account=False, web=False)
            self._note_failure(Deferred.fromCoroutine(self._let_steal(thief)))

    async def _let_steal(self, thief: Thief) -> None:
        self.thefts += await thief.steals()

    def _write(self, line: str) -> None:
        """What happens is written down, to be read where something is wrong."""
        with open(self.folder / "timeline", "a") as timeline:
            timeline.write(f"{line}\n")

    def evidence(self) -> list[str]:
        """Lines that may show why the faults happened."""
        for node in self.nodes:
            self.timeline.log(node.name, node.log)
        names = [*(person.nick for person in self.people), *(node.name for node in self.nodes)]
        return [*self.timeline.about_faults(names), *self.tables]

    def _look_after(self) -> None:
        for node in self.nodes:
            node.look_after()

    async def _wait_for(self, what: str, happens: Any) -> None:
        end = self._reactor.seconds() + SETTLING
        while not happens():
            if self._reactor.seconds() > end:
                self.ledger.faults.add("not settled", f"Waited {SETTLING:.0f} seconds for {what}.")
                return
            await deferLater(self._reactor, 0.1)

    async def _settle(self) -> None:
        """All are there again, nobody has to be buried, and nobody talks."""
        for node in self.nodes:
            await node.ready()
        await self._wait_for("all people", lambda: all(each.is_there for each in self.people))
        for person in self.people:
            person.talks = False
        await self._wait_for("the end of burials", self._has_no_burials)
        await deferLater(self._reactor, 2.0)

    def _has_no_burials(self) -> bool:
        nodes = self.pair.primary.sql("SELECT count(*) FROM node", database="chat")
        burials = self.pair.primary.sql("SELECT count(*) FROM burial", database="chat")
        return (nodes, burials) == ([len(NODES)], [0])

    async def _judge(self) -> None:
        there = [person.nick for person in self.people]
        observers = [Observer(self._reactor, node) for node in self.nodes]
        for number, observer in enumerate(observers):
            await observer.enters(f"observer{number}")
            there.append(observer.nick)
            for room in ROOMS:
                await observer.asks("join", room=room)
        await deferLater(self._reactor, 1.5)
        histories = {room: await observers[0].history(room) for room in self.ledger.rooms}
        ends = {room: histories[room][-1]["seq"] if histories[room] else 0 for room in histories}
        for run in self.ledger.runs:
            if run.last < ends[run.room]:
                self.ledger.faults.add("holes", f"{run.who} read {run.room} up to {run.last} of {ends[run.room]}")
        self.ledger.judge(histories)
        await self._judge_letters()
        views = [await observer.views(self.ledger.rooms) for observer in observers]
        for observer, view in zip(observers, views, strict=True):
            where = f"{LOBBY} on {observer.node.name}"
            self.ledger.judge_people(where, view.listed[LOBBY], there)
            for what in view.differs(views[0]):
                self.ledger.faults.add("states differ", f"{observer.node.name}: {what}")
        self.tables = tables(lambda query: self.pair.primary.sql(query, database="chat"))
        claims = self.pair.primary.sql("SELECT key FROM claim", database="chat")
        self.ledger.judge_people("the table of claims", claims, there)
        await gatherResults([Deferred.fromCoroutine(observer.leaves()) for observer in observers])

    async def _judge_letters(self) -> None:
        """What was delivered to a connection that is still there was heard, and the rest is in inboxes, once."""
        for person in self.people:
            heard = self.ledger.whispered
            for number in person.connection.letters - heard if person.connection else ():
                self.ledger.faults.add("lost", f"{person.nick} did not hear the whisper {number}, which was delivered")
            if not person.is_there:
                self.ledger.faults.add("not settled", f"{person.nick} has lost the connection again")
            elif isinstance(person, Program) and person.has_account:
                more = True
                while more:
                    page = await person.asks("inbox")
                    for number in letters_in(page):
                        self.ledger.whispers(person.nick, number)
                    more = page["more"]
        for number in self.ledger.posted - self.ledger.whispered:
            self.ledger.faults.add("lost", f"the whisper {number} for {self.ledger.letters[number]} was acknowledged")

    def _judge_goodbyes(self) -> None:
        """Where nothing else was the matter, the people of a killed daemon were said goodbye to soon."""
        if hasattr(self, "of_databases"):
            for seconds in goodbye_times(self)[WELL]:
                if seconds > LATE:
                    self.ledger.faults.add("late", f"a goodbye came {seconds:.1f} seconds after kill -9 of a daemon")

    def _judge_logs(self) -> None:
        for node in self.nodes:
            for status in node.ends:
                if status != FENCED and not (status == 1 and any(words in node.log for words in AWAY)):
                    self.ledger.faults.add("ended", f"{node.name} ended with status {status}")
            if "Traceback" in node.log:
                at = node.log.index("Traceback")
                self.ledger.faults.add("in the log", f"of {node.name}: {node.log[max(0, at - 500) : at + 3000]}")
