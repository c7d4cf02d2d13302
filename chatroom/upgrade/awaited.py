"""
Waiting for what a channel says next while the reactor turns, as in the old process, which has people to serve.
"""

from __future__ import annotations

from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.defer import TimeoutError as TookTooLong
from twisted.internet.interfaces import IReadDescriptor
from twisted.python.failure import Failure
from zope.interface import implementer

from chatroom.upgrade.channel import Broken, Channel


@implementer(IReadDescriptor)
class Awaited:
    """Waits until a channel can be read from, while the reactor turns."""

    def __init__(self, channel: Channel, reactor: Any) -> None:
        self.readable: Deferred[None] = Deferred()
        self._channel = channel
        self._reactor = reactor
        reactor.addReader(self)

    async def within(self, seconds: float) -> None:
        """@raise Broken: there is nothing yet."""
        try:
            await self.readable.addTimeout(seconds, self._reactor)
        except TookTooLong:
            raise Broken(f"it has sent nothing for {seconds:.0f} seconds") from None
        finally:
            self._reactor.removeReader(self)

    def fileno(self) -> int:
        return self._channel.fileno()

    def doRead(self) -> None:  # noqa: N802 Twisted's
        if not self.readable.called:
            self.readable.callback(None)

    def connectionLost(self, reason: Failure) -> None:
        self.doRead()

    def logPrefix(self) -> str:
        return "upgrade"
