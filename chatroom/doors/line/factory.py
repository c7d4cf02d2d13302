"""
All connections of the line door: made here, and greeted together where they say nothing at first.

It knows the doorkeeper and the clock; what a connection makes of its bytes is L{chatroom.doors.line.connection}'s.
"""

from __future__ import annotations

from collections import deque

from twisted.internet.protocol import ServerFactory

from chatroom.doors.doorkeeper import Doorkeeper
from chatroom.doors.irc.network import Network
from chatroom.doors.line.connection import LineConnection
from chatroom.doors.transport import Transport
from chatroom.limits import Limits
from chatroom.states import LineSnapshot

GREETING_DELAY = 0.2
"""
Seconds in which somebody who speaks first is listened to first, before a greeting. People do not notice; a browser
or a TLS client gets an answer it can read, and a program no lines that are not JSON.
"""


class LineFactory(ServerFactory["LineConnection"]):
    """
    Makes L{LineConnection}s; one factory may serve many ports.

    @ivar doorkeeper: who knows everybody who is connected, here and through other doors.
    @ivar telnet_editing: ask telnet clients to send each key, so that the line being typed is edited here.
    @ivar irc: what IRC clients share; C{None} where they are not served.
    @ivar only_irc: nothing else is spoken, and nobody is greeted.
    """

    protocol = LineConnection
    noisy = False

    def __init__(
        self,
        doorkeeper: Doorkeeper,
        telnet_editing: bool = True,
        irc: Network | None = None,
        only_irc: bool = False,
    ) -> None:
        self.doorkeeper = doorkeeper
        self.irc = irc
        self.only_irc = only_irc
        self.telnet_editing = telnet_editing
        self.limits: Limits = doorkeeper.server.limits
        self._ungreeted: deque[tuple[float, LineConnection]] = deque()

    def again(self, state: LineSnapshot) -> LineConnection:
        """A connection that another process has had. It goes on from this state when it is made and told to go on."""
        made = LineConnection(state)
        made.factory = self
        return made

    def transports(self, nick: str) -> list[Transport]:
        """The transports of all connections, of whatever door, through which a nickname is here."""
        return self.doorkeeper.transports(nick)

    def greet_soon(self, connection: LineConnection) -> None:
        """Greet it in L{GREETING_DELAY}, if it has not spoken by then. One timer for all that wait."""
        if self.only_irc:
            return
        clock = self.doorkeeper.clock
        if not self._ungreeted:
            clock.callLater(GREETING_DELAY, self._greet)
        self._ungreeted.append((clock.seconds() + GREETING_DELAY, connection))

    def _greet(self) -> None:
        clock = self.doorkeeper.clock
        now = clock.seconds()
        while self._ungreeted and self._ungreeted[0][0] <= now:
            _, connection = self._ungreeted.popleft()
            connection.greet()
            if connection.conversation is not None:
                connection.conversation.outbox.flush()
        if self._ungreeted:
            clock.callLater(self._ungreeted[0][0] - now, self._greet)
