"""
The running of a command of another package: timed, ended when it takes too long, and its failures named in the log.

Such a command is code we know nothing of. It is given a L{CommandCaller}, and what it gives back is held against
L{chatroom.server.session.outcomes}. Whatever else it does, somebody is answered and the server goes on. A built-in
command does not come here. It knows the session's services; not what commands do, nor what doors do meanwhile.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Generator, Mapping
from contextvars import ContextVar
from functools import partial
from inspect import iscoroutine
from typing import Any

from twisted.internet.defer import CancelledError, Deferred
from twisted.logger import Logger
from twisted.python.failure import Failure

from chatroom.errors import CommandFailed, CommandStopped, Refused, counted
from chatroom.interfaces import Answer, ICommand, Outcome, Receipt, RunningCommand
from chatroom.plugins.watch import PluginName, fault_of_refusal, file_of
from chatroom.server.services import Services
from chatroom.server.session.base import SessionBase
from chatroom.server.session.given import CommandCaller, Given, to_the_end
from chatroom.server.session.outcomes import WrongOutcome, checked
from chatroom.server.steps import Steps, is_awaitable

log = Logger()

DEPTH: ContextVar[int] = ContextVar("DEPTH", default=0)
"""In how many commands, one in another, this one runs."""

DEEPEST = 10
"""So many may be: a command that runs itself does not fill the stack."""

LAST_STEPS = 100
"""So many times a command may wait for something after it was stopped: to close what it has opened."""

Check = Callable[[], Coroutine[Any, Any, None]]
"""What has to be asked before a command is run. It raises L{Refused}."""


def name_of(command: ICommand) -> PluginName:
    """A command as logs and metrics name it."""
    return PluginName("command", command.name, file_of(command))


def run_guarded(
    session: SessionBase, command: ICommand, arguments: Mapping[str, str], check: Check | None = None
) -> Outcome | RunningCommand:
    """
    Run a command of another package.

    @param check: is awaited first.
    @return: what it gave back, checked; or, if it waits for something, what is running.
    @raise Refused: the command has refused it. @raise CommandFailed: there is a bug in the command.
    """
    guard = CommandGuard(session.services, name_of(command))
    if DEPTH.get() >= DEEPEST:
        session.services.watch.was_wrong(guard.name, f"was run by a command, in more than {DEEPEST} one in another")
        raise CommandFailed(command.name)
    given = Given(session, guard.failed)
    if check is None:
        return guard.call(given, partial(command.run, CommandCaller(given), arguments))  # type: ignore[arg-type]

    async def run() -> Any:
        await to_the_end(check())
        outcome: Any = command.run(CommandCaller(given), arguments)  # type: ignore[arg-type]
        return await outcome if is_awaitable(outcome) else outcome

    return CommandRun(guard, given, run())


class CommandGuard:
    """What stands between one command and the server, while that one runs."""

    __slots__ = ("name", "services")

    def __init__(self, services: Services, name: PluginName) -> None:
        self.services = services
        self.name = name

    def call(self, given: Given, function: Callable[[], Any]) -> Outcome | RunningCommand:
        """
        Call a function of the plugin's, and check what it gives back.

        @raise Refused: the plugin has refused it. @raise CommandFailed:
        """
        watch = self.services.watch
        begun, before = watch.seconds(), DEPTH.set(DEPTH.get() + 1)
        try:
            outcome = function()
        except Refused as refusal:
            raise self.refused(refusal) from None
        except BaseException as error:  # noqa: BLE001 code we know nothing of; SystemExit as well
            raise self.failed(Failure(error)) from None
        finally:
            DEPTH.reset(before)
            watch.ran(self.name, begun)
        if is_awaitable(outcome):
            return CommandRun(self, given, outcome)
        return self.checked(given, outcome)

    def failed(self, failure: Failure) -> CommandFailed:
        """Write a bug down. @return: what to say about it."""
        self.services.watch.raised(self.name, failure)
        return CommandFailed(self.name.name)

    def refused(self, refusal: Refused) -> Refused:
        """@return: the refusal, where it can be shown; or what to say about the bug that it is."""
        fault = fault_of_refusal(refusal)
        if fault is None:
            return refusal
        self.services.watch.was_wrong(self.name, fault)
        return CommandFailed(self.name.name)

    def checked(self, given: Given, outcome: Any) -> Outcome:
        """@raise CommandFailed: it is nothing that a command may give back."""
        try:
            if isinstance(outcome, Answer):
                answer = checked(outcome, self.services.limits.answer_bytes)
                then = answer.then
                return answer if then is None else Answer(answer.parts, answer.facts, partial(self._then, then))
            if isinstance(outcome, Receipt):
                return self._receipt(given, outcome)
            if outcome is not None:
                what = type(outcome).__name__
                raise WrongOutcome(
                    f"gave back an object of the type {what}, and not an Answer, a Receipt of its caller, or None"
                )
        except WrongOutcome as wrong:
            self.services.watch.was_wrong(self.name, str(wrong))
            raise CommandFailed(self.name.name) from None
        except BaseException as error:  # noqa: BLE001 such as a mapping with code of its own
            raise self.failed(Failure(error)) from None
        return None

    def _then(self, then: Callable[[], Any]) -> None:
        """What follows on an answer: see L{Answer.then}."""
        watch = self.services.watch
        begun = watch.seconds()
        try:
            then()
        except Refused as refusal:
            raise self.refused(refusal) from None
        except BaseException as error:  # noqa: BLE001 code we know nothing of
            raise self.failed(Failure(error)) from None
        finally:
            watch.ran(self.name, begun)

    def _receipt(self, given: Given, receipt: Receipt) -> Receipt:
        real = given.receipt(receipt)
        if real is None:
            raise WrongOutcome("gave back a Receipt that no method of its caller has given it")
        then = receipt.then
        if then is not None:
            real.then = partial(self._confirm, given, receipt, real, then)
        return real

    def _confirm(self, given: Given, receipt: Receipt, real: Receipt, then: Callable[[], Any]) -> Any:
        receipt.reached = real.reached
        return self.call(given, then) or Answer()


class CommandRun(RunningCommand):
    """See L{RunningCommand}."""

    __slots__ = (
        "word", "_awaited", "_ended", "_given", "_guard", "_is_done", "_is_over", "_is_stepping", "_last_steps",
        "_timer", "_work",
    )  # fmt: skip

    def __init__(self, guard: CommandGuard, given: Given, awaited: Awaitable[Any]) -> None:
        """@param awaited: what the command gave back, or what runs it."""
        self.word = guard.name.name
        self._guard = guard
        self._given = given
        self._awaited = awaited
        self._ended: Callable[[Outcome | Refused], Any] | None = None
        self._work: Deferred[Any] | None = None
        self._timer: Any = None
        self._is_over = False  # somebody was answered
        self._is_done = False  # its code has ended
        self._is_stepping = False  # its code is on the stack
        self._last_steps = 0  # since it was stopped

    def __await__(self) -> Generator[Deferred[Outcome], Any, Outcome]:
        """Another command runs this one, and is ended if it is not done."""
        result: Deferred[Outcome] = Deferred(lambda _: self.stop(CommandStopped(f"/{self.word} was stopped.")))

        def ended(outcome: Outcome | Refused) -> None:
            if not result.called:
                result.errback(outcome) if isinstance(outcome, Refused) else result.callback(outcome)

        self.begin(ended)
        return (yield from result.__await__())

    def begin(self, ended: Callable[[Outcome | Refused], Any]) -> None:
        """See L{RunningCommand.begin}."""
        self._ended = ended
        self._work = Deferred.fromCoroutine(self._run())
        self._work.addBoth(self._done)
        self._work.addErrback(lambda failure: log.failure("an answer could not be given", failure))
        timeout = self._guard.services.limits.command_timeout
        if timeout and not self._is_over:
            self._timer = self._guard.services.clock.callLater(timeout, self._take_too_long, timeout)

    def stop(self, refusal: Refused) -> None:
        """See L{RunningCommand.stop}."""
        if self._is_over:
            return
        self._is_over = True
        self._rest()
        self._cancel()
        self._answer(refusal)

    def _take_too_long(self, timeout: float) -> None:
        self._timer = None
        limit = counted(int(timeout), "second") if timeout == int(timeout) else f"{timeout:g} seconds"
        self.stop(CommandStopped(f"/{self.word} took longer than {limit} and was stopped. Try again later."))
        self._guard.services.watch.was_stopped(self._guard.name, timeout, self._is_done)

    def _cancel(self) -> None:
        if self._work is None:  # it was never begun
            if iscoroutine(self._awaited):
                self._awaited.close()
            elif isinstance(self._awaited, Deferred):
                self._awaited.addErrback(lambda _: None).cancel()
        elif self._is_stepping:  # it is what ends the connection
            self._guard.services.clock.callLater(0, self._work.cancel)
        else:
            self._work.cancel()

    def _rest(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _done(self, result: Any) -> None:
        self._is_done = True
        if self._is_over:
            if isinstance(result, Failure) and not result.check(Refused, CommandFailed) and not _is_cancelled(result):
                self._guard.failed(result)
            return
        self._is_over = True
        self._rest()
        try:
            if not isinstance(result, Failure):
                self._answer(self._guard.checked(self._given, result))
            elif isinstance(result.value, Refused):
                self._answer(self._guard.refused(result.value))
            else:
                self._answer(self._guard.failed(result))
        except CommandFailed as failed:
            self._answer(failed)

    def _answer(self, outcome: Outcome | Refused) -> None:
        ended, self._ended = self._ended, None
        if ended is not None:
            ended(outcome)

    # One step after another.

    async def _run(self) -> Any:
        DEPTH.set(DEPTH.get() + 1)  # in the context of this coroutine alone
        return await Steps(self._awaited, self.step, "a command")

    def step(self, go_on: Callable[..., Any], *values: Any) -> Any:
        """
        Let its code run until it waits for something.

        @return: what it waits for: a Deferred.
        """
        watch = self._guard.services.watch
        begun = watch.seconds()
        self._is_stepping = True
        try:
            awaited = go_on(*values)
        finally:
            self._is_stepping = False
            watch.ran(self._guard.name, begun)
        if self._is_over:
            self._last_steps += 1
            if self._last_steps > LAST_STEPS:
                return Deferred()  # it was stopped, and goes on forever: not here
        return awaited


def _is_cancelled(failure: Failure) -> bool:
    return failure.check(CancelledError, GeneratorExit) is not None
