"""
What a door may ask for the connection that it holds, beyond what commands may.

It knows L{ICaller<chatroom.interfaces.ICaller>}, and what one process hands over to the next.
"""

from __future__ import annotations

from chatroom.interfaces.caller import ICaller
from chatroom.interfaces.contract import Contract
from chatroom.states import CallerSnapshot


class ISession(ICaller, Contract):
    """
    A connection for the door that holds it. Plugins do not see this: they are given L{ICaller}.
    """

    def state(self) -> CallerSnapshot:
        """All that C{IServer.enter_again} needs in another process. Nothing that was asked for is under way."""

    def gone(self, reason: str) -> None:
        """
        The connection is lost or closed. The rooms read it, unless the same person is still here through
        another connection. Called once by the door; never raises.
        """

    async def barrier(self) -> None:
        """
        Return when all that this connection has wished before is kept and told, or is lost and that was said: who is
        answered now finds what they wrote, even if the power fails in the next moment. Nobody else waits for it.
        """
