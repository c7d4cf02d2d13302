"""
What a command of another package is given as its caller: L{ICaller}, and no way to what is behind it.

Whatever such a command asks for is done to its end, also when the command is stopped meanwhile: the server's own work
is never left half done. Python hides nothing from code that is out to find it; here, no attribute leads from what a
plugin is given to the server, so that none is found by chance and relied on. It knows the session and nothing of doors.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from functools import partial
from inspect import iscoroutine
from typing import Any

from twisted.internet.defer import Deferred
from twisted.logger import Logger
from twisted.python.failure import Failure
from zope.interface import implementer
from zope.interface.interface import Method

from chatroom.errors import NotKept, Refused
from chatroom.events import Event
from chatroom.interfaces import ICaller, Receipt, RunningCommand, interface
from chatroom.server.session.base import SessionBase
from chatroom.server.session.outcomes import WrongOutcome, check_told

log = Logger()


class Given:
    """
    What is behind one L{CommandCaller}, for those who run the command.

    @ivar session: who asks.
    """

    __slots__ = ("_blames", "_receipts", "session")

    def __init__(self, session: SessionBase, blames: Callable[[Failure], Any]) -> None:
        """@param blames: is told of a bug of the command's."""
        self.session = session
        self._blames = blames
        self._receipts: dict[int, tuple[GivenReceipt, Receipt]] = {}  # by the id of the first: what is not kept yet

    def give(self, value: Any) -> Any:
        """The same value for a command. A receipt knows its caller, and one that is given to a command does not."""
        if not isinstance(value, Receipt):
            return value
        given = GivenReceipt(value.event)
        self._receipts[id(given)] = given, value
        value.kept = partial(self._kept, given, value)
        return given

    def _kept(self, given: GivenReceipt, real: Receipt, outcome: Event | Exception) -> None:
        self._receipts.pop(id(given), None)
        given.reached, given.outcome = real.reached, outcome
        if given.kept is not None:
            try:
                given.kept(outcome)
            except BaseException as error:  # noqa: BLE001 code we know nothing of
                self._blames(Failure(error))
        elif isinstance(outcome, NotKept):
            self.session.not_kept(outcome)

    def receipt(self, given: Receipt) -> Receipt | None:
        """What stands behind a receipt that a command gives back; C{None}: it is none of its own."""
        found = self._receipts.pop(id(given), None)
        if found is not None:
            return found[1]
        if not isinstance(given, GivenReceipt) or given.outcome is None:
            return None
        late, outcome = Receipt(given.event), given.outcome  # it was kept before the command was done
        late.reached = given.reached
        self.session.services.clock.callLater(0, lambda: late.kept is not None and late.kept(outcome))
        return late


class GivenReceipt(Receipt):
    """@ivar outcome: what C{kept} is called with, once that is known."""

    __slots__ = ("outcome",)

    def __init__(self, event: Event) -> None:
        super().__init__(event)
        self.outcome: Event | Exception | None = None


async def to_the_end(work: Coroutine[Any, Any, Any]) -> Any:
    """Wait for work of the server's. It goes on if the one who waits is stopped."""
    waiting: Deferred[Any] = Deferred()  # which can be cancelled, and the work cannot

    def done(result: Any) -> None:
        if not waiting.called:
            waiting.callback(result)
        elif isinstance(result, Failure) and not result.check(Refused):
            log.failure("what a command had asked for failed after the command", result)

    Deferred.fromCoroutine(work).addBoth(done)
    return await waiting


class CommandCaller:
    """
    See L{ICaller}. Its methods are made from that interface, below.
    """

    __slots__ = ("_given",)

    def __init__(self, given: Given) -> None:
        _set_given(self, given)

    def __repr__(self) -> str:
        return f"<caller {self.nick}>"  # type: ignore[attr-defined]  # made below


# The one way from a caller to what is behind it. The class knows it no more.
_given: Callable[[CommandCaller], Given] = CommandCaller.__dict__["_given"].__get__
_set_given: Callable[[CommandCaller, Given], None] = CommandCaller.__dict__["_given"].__set__
del CommandCaller._given  # type: ignore[attr-defined]  # a slot of the class


def _method(name: str, doc: str) -> Callable[..., Any]:
    def method(self: CommandCaller, /, *args: Any, **kwargs: Any) -> Any:
        given = _given(self)
        result = getattr(given.session, name)(*args, **kwargs)
        if iscoroutine(result):
            return _awaited(given, to_the_end(result))
        return _awaited(given, result) if isinstance(result, RunningCommand) else given.give(result)

    method.__name__, method.__qualname__, method.__doc__ = name, f"CommandCaller.{name}", doc
    return method


async def _awaited(given: Given, work: Awaitable[Any]) -> Any:
    return given.give(await work)


def _attribute(name: str, doc: str) -> property:
    return property(lambda self: getattr(_given(self).session, name), doc=doc)


def _tell(self: CommandCaller, *parts: str | Event) -> None:
    """See L{ICaller.tell}. @raise TypeError: it is no text, or an event of a room."""
    session = _given(self).session
    try:
        check_told(parts, session.services.limits.answer_bytes)
    except WrongOutcome as wrong:
        raise TypeError(f"it {wrong}") from None
    session.tell(*parts)


for _name, _described in interface(ICaller).namesAndDescriptions(all=True):
    _make = _method if isinstance(_described, Method) else _attribute
    setattr(CommandCaller, _name, _make(_name, _described.__doc__))
CommandCaller.tell = _tell  # type: ignore[attr-defined]
implementer(interface(ICaller))(CommandCaller)
