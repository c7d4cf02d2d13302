"""
Requests that a program waits for: whom to tell what became of each.

It knows the link's reports, and nothing of loops: each is given two functions to call, one of which is called once.
"""

from __future__ import annotations

from collections.abc import Callable

from chatroom import wire
from chatroom.client.facts import Facts
from chatroom.client.reports import Answered, Heard, Report, Request, RequestDeclined, Unanswered
from chatroom.events import Acted, Said


class RequestRefused(Exception):
    """
    The server refused a request.

    @ivar code: a stable word: see docs/protocol.rst. @ivar sentence: for people.
    @ivar retry_after: seconds after which the same may be asked again; 0: waiting does not help.
    """

    def __init__(self, code: str, sentence: str, retry_after: int = 0) -> None:
        super().__init__(f"{code}: {sentence}")
        self.code = code
        self.sentence = sentence
        self.retry_after = retry_after


class NoAnswer(Exception):
    """The connection was lost before the answer, so that nobody knows whether the request was granted."""


class Waiting:
    """Of one link."""

    def __init__(self) -> None:
        self._waiting: dict[int, tuple[Callable[[Facts], None], Callable[[Exception], None]]] = {}
        self._by_nonce: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._waiting)

    def wait(self, request: Request, done: Callable[[Facts], None], failed: Callable[[Exception], None]) -> None:
        """
        Call C{done} with the answer, or C{failed} with a L{RequestRefused} or a L{NoAnswer}.

        A message that was found in the history after a lost connection is answered by its event.
        """
        self._waiting[request.id] = done, failed
        nonce = request.arguments.get("nonce")
        if nonce:
            self._by_nonce[str(nonce)] = request.id

    def told(self, report: Report) -> None:
        """The link reports this."""
        if isinstance(report, Answered):
            self._done(report.request, report.facts)
        elif isinstance(report, RequestDeclined) and report.request is not None:
            self._failed(report.request, RequestRefused(report.code, report.sentence, report.retry_after))
        elif isinstance(report, Unanswered):
            self._failed(report.request, NoAnswer("The connection was lost before the answer."))
        elif isinstance(report, Heard) and report.own and not report.live:
            event = report.event
            if isinstance(event, Said | Acted) and event.nonce in self._by_nonce:
                done, _ = self._waiting.pop(self._by_nonce.pop(event.nonce), (None, None))
                if done is not None:
                    done(Facts(wire.to_object(event)))

    def give_up(self) -> None:
        """The connection is stopped: nothing is answered any more."""
        waiting, self._waiting = list(self._waiting.values()), {}
        self._by_nonce.clear()
        for _, failed in waiting:
            failed(NoAnswer("The connection was stopped."))

    def _take(self, request: Request) -> tuple[Callable[[Facts], None] | None, Callable[[Exception], None] | None]:
        self._by_nonce.pop(str(request.arguments.get("nonce")), None)
        return self._waiting.pop(request.id, (None, None))

    def _done(self, request: Request, facts: Facts) -> None:
        done, _ = self._take(request)
        if done is not None:
            done(facts)

    def _failed(self, request: Request, error: Exception) -> None:
        _, failed = self._take(request)
        if failed is not None:
            failed(error)
