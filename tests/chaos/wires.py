"""
What lies between a node and the databases: wires that can be cut, slow or far.

With namespaces of the network (Linux, as root), each node has a network of its own, and a cut is a link that is down:
what is sent gets lost, and nobody says so. Elsewhere a proxy stops reading. Delay is a proxy's in any case.
"""

from __future__ import annotations

import os
import subprocess
from collections import deque
from collections.abc import Callable
from typing import Any

from twisted.internet.endpoints import TCP4ClientEndpoint, connectProtocol
from twisted.internet.interfaces import IDelayedCall, IListeningPort, IReactorTCP, IReactorTime, ITCPTransport
from twisted.internet.protocol import Protocol, ServerFactory, connectionDone
from twisted.python.failure import Failure

LONGEST = 5.0
"""Seconds of a cut after which a connection is given up: the daemon's C{tcp_user_timeout}."""


class Slowness:
    """
    How slow a wire is now.

    @ivar delay: seconds until what is sent is there. @ivar rate: bytes in a second; 0: no limit.
    @ivar is_cut: nothing goes through.
    """

    def __init__(self) -> None:
        self.delay = 0.0
        self.rate = 0
        self.is_cut = False


class End(Protocol):
    """One end of a connection through a proxy: what it reads, the other end sends, later."""

    def __init__(self, slowness: Slowness, clock: IReactorTime) -> None:
        self.other: End | None = None
        self._slowness = slowness
        self._clock = clock
        self._due: deque[tuple[float, bytes]] = deque()
        self._free_at = 0.0
        self._call: IDelayedCall | None = None
        self.lost = False

    def dataReceived(self, data: bytes) -> None:
        """Something to send on."""
        slow = self._slowness
        at = max(self._clock.seconds() + slow.delay, self._free_at)
        self._free_at = at + (len(data) / slow.rate if slow.rate else 0.0)
        self._due.append((self._free_at, data))
        self.flush()

    def flush(self) -> None:
        """Send on what is due."""
        now = self._clock.seconds()
        while self._due and self._due[0][0] <= now and not self._slowness.is_cut and self._can_send():
            self._write(self._due.popleft()[1])
        if self._due and not self._slowness.is_cut and self._call is None and self._can_send():
            self._call = self._clock.callLater(max(0.0, self._due[0][0] - now), self._again)

    def _again(self) -> None:
        self._call = None
        self.flush()

    def _can_send(self) -> bool:
        return self.other is not None and self.other.transport is not None

    def _write(self, data: bytes) -> None:
        assert self.other is not None and self.other.transport is not None
        if data:
            self.other.transport.write(data)
        else:
            self.other.transport.loseConnection()

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """The other end learns it behind all that was sent before."""
        self.lost = True
        self._due.append((max(self._clock.seconds() + self._slowness.delay, self._free_at), b""))
        self.flush()

    def abort(self) -> None:
        """Close it at once."""
        if ITCPTransport.providedBy(self.transport):
            self.transport.abortConnection()


class Proxy(ServerFactory):
    """A port whose connections go to another one."""

    def __init__(self, reactor: IReactorTCP, slowness: Slowness, target: int) -> None:
        """@param target: a port of 127.0.0.1."""
        self.ends: list[End] = []
        self._reactor = reactor
        self._slowness = slowness
        self._target = target

    def buildProtocol(self, addr: object) -> End:
        """Somebody connects."""
        self.ends = [end for end in self.ends if not end.lost]
        clock = IReactorTime(self._reactor)
        near, far = End(self._slowness, clock), End(self._slowness, clock)
        near.other = far
        self.ends += [near, far]
        made = connectProtocol(TCP4ClientEndpoint(self._reactor, "127.0.0.1", self._target), far)

        def connected(_: object) -> None:
            far.other = near
            near.flush()
            far.flush()

        made.addCallbacks(connected, lambda _: near.abort())
        return near

    def heal(self, seconds: float) -> None:
        """What was cut for so many seconds works again."""
        for end in self.ends:
            if seconds > LONGEST:
                end.abort()
            else:
                end.flush()


class Wires:
    """
    Those of one node.

    @ivar within: what a command begins with that is to run in the node's network.
    @ivar host: where people reach the node.
    """

    def __init__(self, reactor: IReactorTCP, number: int, targets: list[int], namespaces: bool) -> None:
        """
        @param number: of the node, from 1 on. @param targets: the ports of the databases.
        """
        self.within: list[str] = []
        self.host = "127.0.0.1"
        self.slowness = Slowness()
        self._reactor = reactor
        self._clock = IReactorTime(reactor)
        self._link = ""
        self._cut_at = 0.0
        here = "127.0.0.1"
        if namespaces:
            here = self._make_network(number)
        self._ports: list[IListeningPort] = []
        self._proxies = [Proxy(reactor, self.slowness, target) for target in targets]
        self._ports = [reactor.listenTCP(0, proxy, interface=here) for proxy in self._proxies]
        numbers: list[Any] = [port.getHost() for port in self._ports]
        hosts = ",".join(f"{here}:{each.port}" for each in numbers)
        self.url = f"postgresql://chat@{hosts}/chat?connect_timeout=3"

    def _make_network(self, number: int) -> str:
        """A network with one link to people and one to the databases. @return: the address of those."""
        name, self._link = f"node{number}", f"db{number}"
        _ip("netns", "add", name)
        self.within = ["nsenter", f"--net=/run/netns/{name}"]
        for link, address in ((f"people{number}", f"10.77.{number}"), (self._link, f"10.78.{number}")):
            _ip("link", "add", link, "type", "veth", "peer", "name", "e" + link, "netns", name)
            _ip("address", "add", f"{address}.1/24", "dev", link)
            _ip("link", "set", link, "up")
            _ip("-n", name, "address", "add", f"{address}.2/24", "dev", "e" + link)
            _ip("-n", name, "link", "set", "e" + link, "up")
        _ip("-n", name, "link", "set", "lo", "up")
        self.host = f"10.77.{number}.2"
        return f"10.78.{number}.1"

    def cut(self) -> None:
        """Nothing goes through any more, and nobody is told."""
        self._cut_at = self._clock.seconds()
        if self._link:
            _ip("link", "set", self._link, "down")
        else:
            self.slowness.is_cut = True

    def mend(self) -> None:
        """It works again."""
        if self._link:
            _ip("link", "set", self._link, "up")
        else:
            self.slowness.is_cut = False
            for proxy in self._proxies:
                proxy.heal(self._clock.seconds() - self._cut_at)


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)


PRIVATE = "CHATROOM_CHAOS_NETWORK"
"""Set in the environment of a process that has a network of its own."""


def with_own_network(command: list[str], run: Callable[[list[str]], object] = lambda c: os.execvp(c[0], c)) -> None:
    """Begin again in a network that nobody else sees, with no namespaces in it yet. Return where that cannot be."""
    if os.environ.get(PRIVATE) or os.geteuid() != 0:
        return
    script = 'mkdir -p /run/netns && mount -t tmpfs tmpfs /run/netns && ip link set lo up && exec "$@"'
    inside = ["unshare", "--net", "--mount", "sh", "-c", script]
    try:
        tried = subprocess.run([*inside, "sh", "ip", "netns", "add", "try"], capture_output=True, check=False)
    except FileNotFoundError:
        return
    if tried.returncode == 0:
        os.environ[PRIVATE] = "1"
        run([*inside, "sh", *command])
