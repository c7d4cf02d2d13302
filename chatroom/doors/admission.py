"""
What a door holds people to: how fast they talk, how many of them come, and from where.

Clocks are arguments. It knows transports only to set their keepalive, and nothing of what is said.
"""

from __future__ import annotations

import socket
from typing import Any

from chatroom.addresses import AddressGroup
from chatroom.doors.transport import Transport
from chatroom.doors.turned_away import TurnedAway
from chatroom.errors import counted
from chatroom.limits import OFF, Limits
from chatroom.states import RateSnapshot

MINUTE = 60.0


class TalkRate:
    """
    A token bucket: a burst at once, then so many a second. It delays, and drops nothing.

    Seconds are those of any clock that does not run backwards.
    """

    __slots__ = ("_burst", "_rate", "_since", "_tokens")

    def __init__(self, burst: int, rate: float, now: float) -> None:
        self._burst = self._tokens = float(burst)
        self._rate = rate
        self._since = now

    def wait(self, now: float) -> float:
        """
        Take one token if there is one.

        @return: 0.0 if it was taken, else the seconds until there is one to take.
        """
        self._tokens = min(self._burst, self._tokens + max(0.0, now - self._since) * self._rate)
        self._since = now
        # A float that was waited for may come out a hair short; without the slack, the wait never ends.
        if self._tokens > 1 - 1e-6:
            self._tokens -= 1
            return 0.0
        return (1 - self._tokens) / self._rate

    def spend(self, tokens: float) -> None:
        """Take so many more, whether or not they are there: what is missing is waited for next time."""
        self._tokens -= tokens

    def state(self, now: float) -> RateSnapshot:
        """What is left, for another clock."""
        return RateSnapshot(self._tokens, max(0.0, now - self._since))

    def restore(self, state: RateSnapshot, now: float) -> None:
        """Go on from there, within what is allowed now."""
        self._tokens = min(self._burst, state.tokens)
        self._since = now - state.age


def talk_rate(limits: Limits, now: float) -> TalkRate | None:
    """The rate one connection is held to, or C{None} where that is off."""
    return None if limits.talk_rate == OFF else TalkRate(limits.talk_burst, limits.talk_rate, now)


class PerMinute:
    """
    At most so many from one place in any minute.

    Whoever is over it pays nothing for trying: what was not allowed is not counted.
    """

    def __init__(self) -> None:
        self._times: dict[str, list[float]] = {}
        self._swept = 0.0

    def may(self, where: str, now: float, most: int) -> bool:
        """
        Whether one more may be now; if so, it is remembered for a minute.

        @param where: C{""} is no place, and always may.
        @param most: L{OFF} for as many as they like.
        """
        if most == OFF or not where:
            return True
        self._sweep(now)
        times = self._times.setdefault(where, [])
        old = 0
        while old < len(times) and now - times[old] >= MINUTE:
            old += 1
        if old:
            del times[:old]
        if len(times) >= most:
            return False
        times.append(now)
        return True

    def _sweep(self, now: float) -> None:
        """Forget places nobody came from for a minute."""
        if now - self._swept < MINUTE:
            return
        self._swept = now
        for where in [where for where, times in self._times.items() if not times or now - times[-1] >= MINUTE]:
            del self._times[where]


TOO_MANY = "Too many connections from your address in one minute. Please wait a minute."


class Gate:
    """
    Counts connections: in all, per address and per network, and new ones in a minute. One gate serves all doors.

    @ivar inside: how many there are now.
    """

    def __init__(self, limits: Limits, per_minute: bool = True) -> None:
        """@param per_minute: new ones are held to their limit as well."""
        self._limits = limits
        self._per_minute = per_minute
        self.inside = 0
        self._of: dict[str, int] = {}
        self._new = PerMinute()

    def admit(self, where: AddressGroup, now: float) -> TurnedAway | None:
        """
        Count a connection in, if it may come in.

        @param where: it comes from. Who comes from nowhere is counted in all, and held to no limit of its own.
        @return: C{None}, or why it is turned away. Who was turned away was not counted.
        """
        limits, origin, network = self._limits, *where
        if self.inside >= limits.connections:
            return TurnedAway("connections", "The server is full. Please try again later.")
        if limits.max_per_address != OFF and self._of.get(origin, 0) >= limits.max_per_address:
            return TurnedAway("max-per-address", _already(int(limits.max_per_address), "address"))
        wide = network != origin
        if wide and limits.max_per_network != OFF and self._of.get(network, 0) >= limits.max_per_network:
            return TurnedAway("max-per-network", _already(int(limits.max_per_network), "network"))
        if self._per_minute:
            if not self._new.may(origin, now, limits.new_per_minute):
                return TurnedAway("new-per-minute", TOO_MANY)
            if wide and not self._new.may(network, now, limits.new_per_network):
                return TurnedAway("new-per-network", TOO_MANY)
        self.readmit(where)
        return None

    def readmit(self, where: AddressGroup) -> None:
        """Count one in that was let in before, by another process."""
        for each in {*where} - {""}:
            self._of[each] = self._of.get(each, 0) + 1
        self.inside += 1

    def leave(self, where: AddressGroup) -> None:
        """Count one out that was let in."""
        self.inside -= 1
        for each in {*where} - {""}:
            self._of[each] -= 1
            if not self._of[each]:
                del self._of[each]


def keep_alive(transport: Transport, seconds: int) -> None:
    """
    Let the operating system find out that a silent peer is gone, and do not hold small lines back (RFC 1122,
    4.2.3.4 and 4.2.3.6). Does nothing to what is not TCP.

    @param transport: any, also one that a wrapper stands before.
    @param seconds: of silence before the first probe; L{OFF} leaves it to the system.
    """
    tcp: Any = transport
    if not hasattr(tcp, "setTcpKeepAlive"):
        return
    tcp.setTcpNoDelay(True)
    if seconds == OFF:
        return
    tcp.setTcpKeepAlive(True)
    handle = getattr(tcp, "socket", None)  # getHandle() of TLS is not a socket; wrappers pass this on
    if not isinstance(handle, socket.socket) or handle.family not in (socket.AF_INET, socket.AF_INET6):
        return  # Twisted's UNIX sockets have the methods of TCP as well, which do nothing
    if hasattr(socket, "TCP_KEEPIDLE"):
        handle.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, seconds)
        handle.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, max(1, seconds // 6))
        handle.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 4)


def _already(connections: int, where: str) -> str:
    """Why one more connection is turned away."""
    verb = "is" if connections == 1 else "are"
    return f"There {verb} already {counted(connections, 'connection')} from your {where}. Close one of them."
