"""
The states of a conversation: what the table says happens, and nothing else does.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase

from chatroom.commands.base import Command
from chatroom.doors.conversation import Conversation
from chatroom.doors.conversation_states import LIFE, TURN, Life, Step, Turn
from chatroom.doors.intake import Intake
from chatroom.doors.line.text import LF
from chatroom.errors import Refused
from chatroom.events import Event
from chatroom.interfaces import Answer, ICaller
from chatroom.limits import Limits
from chatroom.plugins.find import find
from chatroom.testing import Server
from tests.doors.readers import Socket
from tests.doors.states_table import TABLE, drawn

BURST = 10
"""Messages that the one who is watched may send at once."""


MESSAGES = [b"hello", b"slow", b"quit", b"quit and cut", b"end in the middle"]
"""What L{Subject} knows what to do with."""


class Watched:
    """In place of a slot: it sees every change, and whether the table has it."""

    def __init__(self, slot: Any, table: Mapping[Any, Mapping[Step, Any]]) -> None:
        self.slot = slot
        self.table = table
        self.seen: set[tuple[Any, Any]] = set()
        self.unlisted: list[tuple[Any, Any]] = []

    def __get__(self, owner: Any, cls: type | None = None) -> Any:
        return self if owner is None else self.slot.__get__(owner, cls)

    def __set__(self, owner: Any, after: Any) -> None:
        before = self.slot.__get__(owner) if hasattr(owner, self.slot.__name__) else None
        if before is not None:
            self.seen.add((before, after))
            if after not in self.table[before].values():
                self.unlisted.append((before, after))
        self.slot.__set__(owner, after)


class Slow(Command):
    """A command that is answered when the test says so."""

    name = "slow"
    summary = "slow"

    def __init__(self) -> None:
        self.waiting: list[Deferred[Answer]] = []

    def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Deferred[Answer]:
        """Later."""
        self.waiting.append(Deferred())
        return self.waiting[-1]


class Subject:
    """
    One conversation, on a socket that can close its halves; and bob, who shares a room with alice, whose it is. It is
    its own speaker and reply.

    @ivar received: messages that were taken up, in order.
    """

    def __init__(self) -> None:
        self.life, self.turn = Watched(vars(Conversation)["life"], LIFE), Watched(vars(Intake)["turn"], TURN)
        setattr(Conversation, "life", self.life)  # noqa: B010 to mypy, nobody may set a slot
        setattr(Intake, "turn", self.turn)  # noqa: B010
        self.slow = Slow()
        limits = Limits(talk_burst=BURST, talk_rate=1, idle_time=0, register_time=1000)
        self.server = Server(limits, commands={**find(), "slow": self.slow})
        self.bob = self.server.guest("bob")
        self.wire = Socket(reactor=self.server.clock)  # type: ignore[arg-type]
        admitted = self.server.doorkeeper.admit(self.wire, LF)
        assert isinstance(admitted, Conversation)
        self.conversation = admitted
        self.received_late: list[bytes] = []
        self.received_all: list[bytes] = []
        self.conversation.enter(self, "test")
        self.conversation.replies.do("hello", {"nick": "alice"}, self)
        self.server.settle()
        self.bob.reads()

    def forget(self) -> None:
        """Put the slots back."""
        setattr(Conversation, "life", self.life.slot)  # noqa: B010
        setattr(Intake, "turn", self.turn.slot)  # noqa: B010

    # Speaker.

    def received(self, message: bytes) -> None:
        """Do what it says."""
        self.received_all.append(message)
        if not self.conversation.life.listens:
            self.received_late.append(message)
        if message == b"slow":
            self.conversation.replies.do("slow", "", self)
        elif message == b"quit":
            self.conversation.hang_up("Goodbye.")
        elif message == b"quit and cut":
            self.conversation.hang_up("Goodbye.")
            self.conversation.cut("test")
        elif message == b"end in the middle":
            self.conversation.end()
        else:
            self.conversation.replies.say(message.decode(), self)

    def too_long(self) -> None:
        """No message is."""

    def named(self, nick: str | None) -> None:
        """Known from elsewhere."""

    # Reply.

    def answered(self, answer: Answer) -> None:
        """Written, so that a goodbye can be seen to come behind it."""
        self.conversation.outbox.answer(b"answer\n")

    def kept(self, event: Event) -> None:
        """As to people."""

    def refused(self, refusal: Refused) -> None:
        """Written as well."""
        self.conversation.outbox.answer(b"refused\n")

    # What may happen.

    def sends(self, *messages: bytes) -> None:
        """As a door does, which listens as long as the conversation does, to a transport that reads."""
        if self.conversation.life.listens and self.conversation.life is not Life.ENDED:
            for message in messages:
                self.conversation.intake.put(message)
            self.conversation.intake.go_on()
        self.server.settle()

    def does(self, action: str) -> None:
        """One of L{ACTIONS}."""
        ACTIONS[action](self)
        self.server.settle()


def _answer(subject: Subject) -> None:
    waiting, subject.slow.waiting = subject.slow.waiting, []
    for each in waiting:
        each.callback(Answer(("Done.",)))


ACTIONS: Mapping[str, Any] = {
    "a line": lambda subject: subject.sends(b"hello"),
    "too many lines": lambda subject: subject.sends(*[b"hello"] * (BURST + 1)),
    "a slow command": lambda subject: subject.sends(b"slow"),
    "its answer": _answer,
    "a line that hangs up": lambda subject: subject.sends(b"quit"),
    "a line that is cut": lambda subject: subject.sends(b"quit and cut"),
    "time": lambda subject: subject.server.wait(2),
    "hang up": lambda subject: subject.conversation.hang_up("Goodbye."),
    "hang up in the middle": lambda subject: subject.conversation.hang_up("Goodbye.", linger=True),
    "end": lambda subject: subject.conversation.end(),
    "cut": lambda subject: subject.conversation.cut("test"),
    "lose": lambda subject: subject.conversation.lost(),
    "freeze": lambda subject: subject.conversation.freeze(),
    "thaw": lambda subject: subject.conversation.thaw(),
}

SCRIPTS: Mapping[tuple[Life | Turn, Step], tuple[str, ...]] = {
    (Life.OPEN, Step.END): ("end",),
    (Life.OPEN, Step.HANG_UP): ("hang up",),
    (Life.OPEN, Step.CUT): ("cut",),
    (Life.OPEN, Step.LOSE): ("lose",),
    (Life.ENDED, Step.END): ("a slow command", "end", "end"),
    (Life.ENDED, Step.HANG_UP): ("a slow command", "end", "hang up"),
    (Life.ENDED, Step.CLOSE): ("a slow command", "end", "its answer"),
    (Life.ENDED, Step.CUT): ("a slow command", "end", "cut"),
    (Life.ENDED, Step.LOSE): ("a slow command", "end", "lose"),
    (Life.CLOSING, Step.END): ("a slow command", "hang up", "end"),
    (Life.CLOSING, Step.CLOSE): ("a slow command", "hang up", "its answer"),
    (Life.CLOSING, Step.CUT): ("a slow command", "hang up", "cut"),
    (Life.CLOSING, Step.LOSE): ("a slow command", "hang up", "lose"),
    (Life.CLOSED, Step.END): ("hang up", "end"),
    (Life.CLOSED, Step.LINGER): ("hang up in the middle",),
    (Life.CLOSED, Step.CUT): ("hang up", "cut"),
    (Life.CLOSED, Step.LOSE): ("hang up", "lose"),
    (Life.LINGERING, Step.END): ("hang up in the middle", "end"),
    (Life.LINGERING, Step.CUT): ("hang up in the middle", "cut"),
    (Life.LINGERING, Step.LOSE): ("hang up in the middle", "lose"),
    (Life.CUT, Step.END): ("cut", "end"),
    (Life.CUT, Step.CUT): ("cut", "cut"),
    (Life.CUT, Step.LOSE): ("cut", "lose"),
    (Life.LOST, Step.END): ("lose", "end"),
    (Life.LOST, Step.CUT): ("lose", "cut"),
    (Life.LOST, Step.LOSE): ("lose", "lose"),
    (Turn.READY, Step.TAKE): ("a line",),
    (Turn.READY, Step.FREEZE): ("freeze",),
    (Turn.READY, Step.STOP): ("hang up",),
    (Turn.TAKING, Step.DONE): ("a line",),
    (Turn.TAKING, Step.REST): ("too many lines",),
    (Turn.TAKING, Step.STOP): ("a line that hangs up",),
    (Turn.LAST, Step.STOP): ("a line that is cut",),
    (Turn.LAST, Step.DONE): ("a line that hangs up",),
    (Turn.RESTING, Step.WAKE): ("too many lines", "time"),
    (Turn.RESTING, Step.FREEZE): ("too many lines", "freeze"),
    (Turn.RESTING, Step.STOP): ("too many lines", "hang up"),
    (Turn.FROZEN, Step.THAW): ("freeze", "thaw"),
    (Turn.FROZEN, Step.STOP): ("freeze", "hang up"),
    (Turn.OVER, Step.STOP): ("hang up", "cut"),
}
"""How each row of the table comes about."""


class TableTests(SynchronousTestCase):
    """The table, the code and the page."""

    def test_page_shows_the_table(self) -> None:
        """docs/conversation.csv is what C{python -m tests.doors.states_table} draws now."""
        self.assertEqual(drawn(), TABLE.read_text(encoding="utf-8"))

    def test_every_state_is_in_it(self) -> None:
        """Each state of a life and of a turn has a row, and every state but the first follows on another."""
        for table, states in ((LIFE, Life), (TURN, Turn)):
            self.assertEqual(set(states), set(table))
            followers = {after for before, steps in table.items() for after in steps.values() if after is not before}
            self.assertEqual({*states} - {Life.OPEN}, followers)

    def test_every_step_happens(self) -> None:
        """Each row of the table comes about, by what a peer, the server or the doorkeeper does."""
        rows = {
            (state, step): after
            for table in (LIFE, TURN)
            for state, steps in table.items()
            for step, after in steps.items()
        }
        self.assertEqual(set(rows), set(SCRIPTS))
        for (state, step), actions in SCRIPTS.items():
            subject = Subject()
            try:
                for action in actions:
                    subject.does(action)
                watched = subject.life if isinstance(state, Life) else subject.turn
                self.assertIn((state, rows[state, step]), watched.seen, (state, step))
                self.assertEqual([], subject.life.unlisted + subject.turn.unlisted)
            finally:
                subject.forget()


class Course(RuleBasedStateMachine):
    """Anything may happen, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.subject = Subject()
        self.sent: list[bytes] = []
        self.frozen_at: int | None = None
        self.silent_at: int | None = None

    def teardown(self) -> None:
        """Put the slots back."""
        self.subject.forget()

    @property
    def conversation(self) -> Conversation:
        return self.subject.conversation

    @rule(
        messages=st.lists(
            st.sampled_from([b"hello", b"slow", b"quit", b"quit and cut", b"end in the middle"]), max_size=15
        )
    )
    def sends(self, messages: list[bytes]) -> None:
        """The peer says something."""
        if self.conversation.life is Life.OPEN:
            self.sent += messages
        self.subject.sends(*messages)

    @rule(action=st.sampled_from(sorted({*ACTIONS} - {"freeze", "thaw"})))
    def happens(self, action: str) -> None:
        """Something happens."""
        lines = {"a line": [b"hello"], "too many lines": [b"hello"] * (BURST + 1), "a slow command": [b"slow"]}
        lines |= {"a line that hangs up": [b"quit"], "a line that is cut": [b"quit and cut"]}
        if self.conversation.life is Life.OPEN:
            self.sent += lines.get(action, [])
        self.subject.does(action)

    @precondition(lambda self: self.conversation.life is not Life.LOST and self.frozen_at is None)
    @rule()
    def freeze(self) -> None:
        """An upgrade begins."""
        self.subject.does("freeze")
        self.frozen_at = len(self.subject.received_all)

    @precondition(lambda self: self.frozen_at is not None)
    @rule()
    def thaw(self) -> None:
        """It did not come about."""
        self.frozen_at = None
        self.subject.does("thaw")

    @invariant()
    def nothing_outside_the_table(self) -> None:
        """Every change is a row of the table."""
        assert not self.subject.life.unlisted, self.subject.life.unlisted
        assert not self.subject.turn.unlisted, self.subject.turn.unlisted

    @invariant()
    def messages_come_in_order(self) -> None:
        """Each is taken up once, in order; none when nobody listens, and none while another process may take over."""
        taken = self.subject.received_all
        assert taken == self.sent[: len(taken)], (taken, self.sent)
        assert not self.subject.received_late
        if self.frozen_at is not None:
            assert len(taken) == self.frozen_at

    @invariant()
    def nothing_is_written_behind_the_end(self) -> None:
        """A goodbye is the last thing that the peer reads."""
        if not self.conversation.life.writes:
            if self.silent_at is None:
                self.silent_at = len(self.subject.wire.sent)
            assert len(self.subject.wire.sent) == self.silent_at

    @invariant()
    def server_knows_who_is_there(self) -> None:
        """The server is told as soon as nobody can be answered any more; the doorkeeper, when the transport is gone."""
        server, life = self.subject.server, self.conversation.life
        lingered = (Life.LINGERING, Life.CLOSED) in self.subject.life.seen  # and the server was told then
        here = "alice" in server.hub.connections.local
        assert here is (life not in (Life.LINGERING, Life.CUT, Life.LOST) and not lingered)
        assert (self.conversation in server.doorkeeper.present) is (life is not Life.LOST)

    @invariant()
    def transport_reads_only_for_one_who_listens(self) -> None:
        """Nothing is read while an upgrade may be under way, and all is read by one who waits for nothing."""
        if self.frozen_at is not None and self.conversation.intake.turn is Turn.FROZEN:
            assert not self.subject.wire.reading or self.conversation.life is not Life.OPEN
        elif self.conversation.life is Life.OPEN and not self.conversation.intake.waiting():
            assert self.subject.wire.reading


class CourseTests(SynchronousTestCase):
    """Whatever happens to a conversation, in whatever order."""

    def test_any_course(self) -> None:
        """Nothing outside the table happens, and each state keeps what it promises."""
        run_state_machine_as_test(Course, settings=settings(max_examples=60, stateful_step_count=25, deadline=None))
