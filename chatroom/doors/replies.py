"""
What one connection asks of the server, and how it is answered: in the order in which it asked.

Talk and whispers are promised: the peer may go on before they are kept. Of commands that take time, there is one under
way at a time, and what is heard meanwhile comes behind its answer.

It is long because all outcomes, now or later, kept or told or refused, stand in one order: each has to know the others.

It knows the caller, the outbox, and what an address may spend; not what messages mean, nor how a connection ends.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from types import CoroutineType
from typing import TYPE_CHECKING, Any, Protocol

from twisted.internet.defer import Deferred
from twisted.logger import Logger
from twisted.python.failure import Failure

from chatroom.doors.budget import FREE, UNIT
from chatroom.doors.conversation_states import Life
from chatroom.doors.outbox import Outbox
from chatroom.doors.running_commands import RunningCommands
from chatroom.errors import A_FEW_SECONDS, Refused, Throttled
from chatroom.events import Event, RoomEvent
from chatroom.interfaces import Answer, ISession, Outcome, Receipt, RunningCommand, Then

if TYPE_CHECKING:
    from chatroom.doors.conversation import Conversation
    from chatroom.doors.doorkeeper import Doorkeeper

log = Logger()

UNKEPT = 1000
"""So much of what one connection says may wait to be kept."""

OPEN = Life.OPEN

ENDS = "because its connection is about to end"
"""Why a command of another package is stopped there."""


class Bug(Refused):
    """What is said where something went wrong that is nobody's fault outside."""

    code = "internal"

    def __init__(self) -> None:
        super().__init__("The server made a mistake and logged it. Your command may not have worked.")


class ReplySink(Protocol):
    """Where the outcome of one message goes."""

    def answered(self, answer: Answer) -> None: ...

    def kept(self, event: Event) -> None:
        """What was said is kept and told."""

    def refused(self, refusal: Refused) -> None: ...


Unpaid = tuple[Callable[[], None], ReplySink]
"""What begins it, and where its outcome goes."""


class Replies:
    """
    @ivar caller: who is asked; C{None} until it is known how the peer speaks.
    @ivar origin: of whose purse requests are paid: see L{chatroom.doors.budget.Purses}.
    """

    __slots__ = (
        "_conversation", "_doorkeeper", "_following", "_outbox", "_promised", "_runs", "_told", "_unconfirmed",
        "_under_way", "_unkept", "_unpaid", "_when_kept", "caller", "origin",
    )  # fmt: skip

    def __init__(self, conversation: Conversation, doorkeeper: Doorkeeper, outbox: Outbox, origin: str) -> None:
        self.caller: ISession | None = None
        self.origin = origin
        # Whose replies these are; C{None} when that one is lost, and nothing is answered any more.
        self._conversation: Conversation | None = conversation
        self._doorkeeper = doorkeeper
        self._outbox = outbox
        # The command whose answer is awaited. While there is one, no other is begun, and the outbox holds back what
        # is heard. It is set with the awaiting, and cleared when that is answered.
        self._under_way: ReplySink | None = None
        # A command that waits until this address may ask for more; it stands in the line of its purse.
        self._unpaid: Unpaid | None = None
        # How much was said that is neither kept nor lost yet, whispers included.
        self._unkept = 0
        # The reply to which talk was promised last, and what is called when talk of it is kept: to a person, all
        # replies are one, so that the callback is made once and not for each line.
        self._promised: ReplySink | None = None
        self._when_kept: Callable[[Event | Exception], None] | None = None
        # Whispers that are not confirmed yet; of those, what is told already and waits for an answer before it; and
        # what follows on the last of them. While something follows, nothing is taken up.
        self._unconfirmed = 0
        self._told: deque[Callable[[], None]] | None = None
        self._following: Callable[[], None] | None = None
        # Commands of other packages that take time; C{None} until there is one.
        self._runs: RunningCommands | None = None

    # What is under way.

    def may_go_on(self) -> bool:
        """Whether one more message may be taken up."""
        waits = self._under_way is not None or self._following is not None or self._unpaid is not None
        return not (waits or self._unkept >= UNKEPT)

    def are_owed(self) -> bool:
        """Whether the peer still waits for an answer to what was taken up."""
        return self._under_way is not None or self._unpaid is not None or self._unkept > 0

    def is_asking(self) -> bool:
        """Whether a request waits for its answer."""
        return self._under_way is not None or self._unpaid is not None

    def is_busy(self) -> bool:
        """Whether anything is under way that an answer or a promise hangs on."""
        waits = self._under_way is not None or self._following is not None
        return waits or self._unkept + self._unconfirmed > 0

    # Asking the server.

    def do(self, word: str, arguments: str | Mapping[str, str], reply: ReplySink) -> None:
        """
        Run a command, or have it wait until this address may ask for more. What comes of it, also later, goes to
        C{reply}.
        """
        if word not in FREE and not self._doorkeeper.purses.has_some(self.origin):
            self._stand_in_line(partial(self._run, word, arguments, reply), reply)
        else:
            self._run(word, arguments, reply)

    def perform(self, work: Callable[[], Awaitable[Answer | None]], reply: ReplySink, free: bool = False) -> None:
        """
        The same for what a door does in several steps. Each of them that changes something is a command, which
        C{ICaller.do} guards.

        @param free: it waits for no purse.
        """
        if not free and not self._doorkeeper.purses.has_some(self.origin):
            self._stand_in_line(partial(self._begin, work, reply), reply)
        else:
            self._begin(work, reply)

    def _begin(self, work: Callable[[], Awaitable[Answer | None]], reply: ReplySink) -> None:
        self.in_order(lambda: self._wait_for(reply, work()))

    def _stand_in_line(self, begin: Callable[[], None], reply: ReplySink) -> None:
        self._unpaid = begin, reply
        self._doorkeeper.purses.stand_in_line(self.origin, self)

    def paid(self) -> None:
        """See L{chatroom.doors.budget.Waiter}."""
        unpaid, self._unpaid = self._unpaid, None
        if unpaid is not None:
            unpaid[0]()
            if self._conversation is not None:
                self._conversation.intake.go_on()

    def refuse_unpaid(self) -> None:
        """What waits for its turn does not get it any more."""
        unpaid, self._unpaid = self._unpaid, None
        if unpaid is not None:
            self._doorkeeper.purses.leave_line(self.origin, self)
            sentence = "Too many requests from your address. Try again in a few seconds."
            self.refuse(unpaid[1], Throttled(sentence, wait=A_FEW_SECONDS))
            self._outbox.flush()

    def forget_unpaid(self) -> None:
        """As L{refuse_unpaid}, where nobody can be told so."""
        if self._unpaid is not None:
            self._unpaid = None
            self._doorkeeper.purses.leave_line(self.origin, self)

    def _run(self, word: str, arguments: str | Mapping[str, str], reply: ReplySink) -> None:
        assert self.caller is not None
        try:
            outcome = self.caller.do(word, arguments)
        except Exception as error:  # noqa: BLE001 sorted there
            self.refuse(reply, error)
        else:
            if isinstance(outcome, Receipt):
                self._promise(reply, outcome)
            elif outcome is None or isinstance(outcome, Answer):
                self.in_order(partial(self._answer, reply, outcome))
            else:
                self.in_order(partial(self._wait_for, reply, outcome))

    def say(self, text: str, reply: ReplySink, room: str | None = None) -> None:
        """Talk in a room; C{None}: the current one."""
        assert self.caller is not None
        try:
            receipt = self.caller.say(text, room)
        except Exception as error:  # noqa: BLE001 sorted there
            self.refuse(reply, error)
        else:
            self._promise(reply, receipt)

    def refuse(self, reply: ReplySink, error: Exception) -> None:
        """
        Tell the peer that this is not done, when all before it is answered, and count it. Also for what is refused
        before it is a command.
        """
        self.in_order(partial(self._refuse, reply, error))

    def in_order(self, answer: Callable[[], None]) -> None:
        """Answer now or, if whispers before this are not confirmed yet, after them; until then, nothing is taken up."""
        if self._unconfirmed:
            self._following = answer
        else:
            answer()

    # What was promised.

    def _promise(self, reply: ReplySink, receipt: Receipt) -> None:
        self._unkept += 1
        if receipt.then is not None:
            self._unconfirmed += 1
            receipt.kept = partial(self._confirm, reply, receipt.then)
            return
        if reply is not self._promised:
            self._promised = reply
            self._when_kept = partial(self._kept, reply)
        receipt.kept = self._when_kept

    def _kept(self, reply: ReplySink, outcome: Event | Exception) -> None:
        self._unkept -= 1
        conversation = self._conversation
        if conversation is None:
            return
        outbox = self._outbox
        if isinstance(outcome, Exception):
            self._refuse(reply, outcome)
        else:
            if outbox.behind is not None and isinstance(outcome, RoomEvent):
                outbox.behind.spoke(outcome)
            reply.kept(outcome)
        if outbox.is_waiting() or conversation.intake.messages or conversation.life is not OPEN:
            self._doorkeeper.soon(conversation)

    def _confirm(self, reply: ReplySink, then: Then, outcome: Event | Exception) -> None:
        """A whisper is kept and told, or not. They are confirmed one after the other."""
        self._unkept -= 1
        if self._under_way is not None:  # one before it came when its hearer was gone
            if self._told is None:
                self._told = deque()
            self._told.append(partial(self._confirm_now, reply, then, outcome))
            return
        self._confirm_now(reply, then, outcome)
        if not self._unconfirmed:
            self._follow()
        if self._conversation is not None:
            self._doorkeeper.soon(self._conversation)

    def _confirm_now(self, reply: ReplySink, then: Then, outcome: Event | Exception) -> None:
        self._unconfirmed -= 1
        try:
            if isinstance(outcome, Exception):
                raise outcome
            answer = then()
        except Exception as error:  # noqa: BLE001 sorted there
            self._refuse(reply, error)
        else:
            if isinstance(answer, Answer):
                self._answer(reply, answer)
            else:
                self._wait_for(reply, answer)

    def _follow(self) -> bool:
        """Go on with what had to wait for an answer, until something has to be waited for again: is there such?"""
        while self._under_way is None:
            if self._told:
                self._told.popleft()()
            elif self._following is not None and not self._unconfirmed:
                following, self._following = self._following, None
                following()
            else:
                self._told = None
                return False
        return True

    # What takes time.

    def _wait_for(self, reply: ReplySink, outcome: Awaitable[Any]) -> None:
        """One command at a time; what is heard meanwhile comes behind its answer, unless it is set aside."""
        self._under_way = reply
        self._outbox.hold()
        if isinstance(outcome, RunningCommand):
            self._run_of_plugin(reply, outcome)
            return
        waiting = Deferred.fromCoroutine(outcome if isinstance(outcome, CoroutineType) else _result(outcome))
        waiting.addCallbacks(partial(self._answer_later, reply), partial(self._refuse_later, reply))
        waiting.addErrback(lambda failure: log.failure("An answer could not be written", failure))
        waiting.addCallback(self._free)

    def _answer_later(self, reply: ReplySink, outcome: Answer | Receipt | None) -> None:
        if isinstance(outcome, Receipt):
            self._promise(reply, outcome)
        else:
            self._answer(reply, outcome)

    def _refuse_later(self, reply: ReplySink, failure: Failure) -> None:
        self._refuse(reply, failure.value or Bug(), failure)

    def _free(self, _: object) -> None:
        self._under_way = None
        if self._follow():  # what is answered need not wait for that
            self._outbox.flush()
        elif self._conversation is not None:
            self._outbox.release()
            self._conversation.intake.go_on()

    # Commands of other packages.

    def _run_of_plugin(self, reply: ReplySink, run: RunningCommand) -> None:
        self._all_runs().begin(run, reply)

    def _all_runs(self) -> RunningCommands:
        if self._runs is None:
            ends = self._conversation is None or self._conversation.life is not OPEN
            self._runs = RunningCommands(
                self, self._doorkeeper.server.limits, self._doorkeeper.clock, ENDS if ends else ""
            )
        return self._runs

    def ran(self, reply: ReplySink, outcome: Outcome | Refused) -> None:
        """The command under way has ended, which is one of another package."""
        self._answer_run(reply, outcome)
        self._free(None)

    def ran_aside(self, reply: ReplySink, outcome: Outcome | Refused) -> None:
        """A command has ended that was set aside."""
        self._answer_run(reply, outcome)
        if self._conversation is not None:
            self._doorkeeper.soon(self._conversation)

    def set_aside(self) -> None:
        """The command under way takes too long for others to wait for it: it is answered when it has ended."""
        self._free(None)

    def hurry(self, why: str) -> None:
        """See L{RunningCommands.hurry}. Also for what still waits for its turn."""
        if self._runs is not None or self._following is not None:
            self._all_runs().hurry(why)

    def hurry_no_more(self) -> None:
        """See L{RunningCommands.hurry_no_more}."""
        if self._runs is not None:
            self._runs.hurry_no_more()

    def _answer_run(self, reply: ReplySink, outcome: Outcome | Refused) -> None:
        if isinstance(outcome, Refused):
            self._refuse(reply, outcome)
        else:
            self._answer_later(reply, outcome)

    # Answering.

    def _answer(self, reply: ReplySink, answer: Answer | None) -> None:
        conversation = self._conversation
        if conversation is None:
            return
        try:
            before = self._outbox.answered
            reply.answered(answer or Answer())
            size = self._outbox.answered - before
            if size > UNIT:
                conversation.charge(size / UNIT - 1)
            if answer is not None and answer.then is not None:
                self._outbox.flush()
                answer.then()
        except Exception as error:  # noqa: BLE001 sorted there
            self._refuse(reply, error)

    def _refuse(self, reply: ReplySink, error: BaseException, failure: Failure | None = None) -> None:
        """A refusal is for the peer to read; anything else is for us."""
        if self._conversation is None:
            return
        if not isinstance(error, Refused):
            log.failure("A command failed", failure or Failure(error))
            error = Bug()
        self.count(error)
        reply.refused(error)

    def count(self, refusal: Refused) -> None:
        """The peer is told why by somebody else, and it is counted here."""
        self._doorkeeper.refusals[refusal.code] += 1

    def let_go(self) -> None:
        """The conversation is lost: know it no more, and wait for nothing."""
        self.forget_unpaid()
        self._conversation = self._promised = self._when_kept = self._following = self._told = None
        if self._runs is not None:
            self._runs.stop()


async def _result(outcome: Awaitable[Any]) -> Any:
    """A command may give back anything that can be awaited, such as a Deferred of Twisted's."""
    return await outcome
