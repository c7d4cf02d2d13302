"""
A chat room with people in it, and a stranger who sends whatever they like.

alice sits there with nc, and bob is a program. The first byte of what the stranger sends is a dice: it decides in which
pieces the rest comes, and what happens between two of them. So the same bytes are always the same story.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

from twisted.internet.error import ConnectionLost
from twisted.internet.interfaces import IHalfCloseableProtocol

from chatroom.doors.line.factory import GREETING_DELAY
from chatroom.limits import Limits
from chatroom.plugins.find import find
from chatroom.testing import Server
from fuzz.invariants import Finding, lines_of, nothing_is_logged, objects_of
from tests.doors.readers import SlowWire

COMMANDS = find()

STRANGER = "192.0.2.66"

LIMITS = Limits(line_length=256, text_length=200, json_length=768, unread_soft=4096, unread_hard=16384)
"""Small, so that short inputs reach them."""

A_MOMENT = 1.0
"""Seconds after which the server is as quiet as it was: under load it keeps several turns at once."""

PATIENCE = 600
"""Seconds in which everything that was sent has to be taken up, at the talk rate."""


class Scene:
    """
    @ivar server: the room.
    @ivar alice: with nc. @ivar bob: a program.
    """

    def __init__(self, limits: Limits = LIMITS) -> None:
        self.server = Server(limits, commands=COMMANDS)
        self.alice = self.server.guest("alice", "192.0.2.1")
        self.bob = self.server.program("bob", "192.0.2.2")
        self.alice.reads()

    def check(self) -> None:
        """
        The two read nothing harmful, and can talk to each other; so can somebody who comes now. Then the server closes,
        and nothing is left behind.
        """
        self.server.wait(A_MOMENT)
        lines_of(self.alice.receives())
        objects_of(lines_of(self.bob.receives()))
        self.bob.asks("say", text="Are you still there?", room="lobby")
        if "<bob> Are you still there?" not in lines_of(self.alice.receives()):
            raise Finding("alice does not hear bob")
        carol = self.server.guest("carol-of-later", "192.0.2.3")
        carol.types("So am I.")
        if "<carol-of-later> So am I." not in lines_of(self.alice.receives()):
            raise Finding("alice does not hear somebody who came later")
        self.server.stop()
        self.server.wait(GREETING_DELAY)
        if self.server.clock.getDelayedCalls():
            raise Finding(f"left behind: {self.server.clock.getDelayedCalls()}")


class Wire(SlowWire):
    """
    The server's end of the stranger's connection. As with TCP, what was written is read before it is closed, and that
    it is closed is known a turn later.
    """

    server: Server
    closing = False

    def loseConnection(self) -> None:
        """See L{twisted.internet.interfaces.ITransport}."""
        self.closing = self.disconnecting = True
        self.closes_when_all_is_read()

    def abortConnection(self) -> None:
        """See L{twisted.internet.interfaces.ITCPTransport}."""
        self.closing = True
        self.backlog = b""
        self.server.clock.callLater(0, self.connectionLost, ConnectionLost())

    def closes_when_all_is_read(self) -> None:
        """If it is to be closed."""
        if self.closing and not self.backlog:
            self.server.clock.callLater(0, self.connectionLost)


class Stranger:
    """
    Somebody at a door of a scene, whose bytes are anybody's guess.

    @ivar wire: the server's end of their connection.
    """

    def __init__(self, scene: Scene, protocol: Any, between: Callable[[Stranger], None] | None = None) -> None:
        """@param between: called after each piece: a look at what must be true all the time."""
        self.scene = scene
        self.protocol = protocol
        self.wire = Wire(STRANGER, protocol)
        self.wire.server = scene.server
        self._between = between
        protocol.makeConnection(self.wire)
        scene.server.settle()

    def sends(self, data: bytes) -> None:
        """As it is, in one piece, as soon as the server reads."""
        server = self.scene.server
        for _ in range(PATIENCE):
            if self.wire.lost or self.wire.closing or self.wire.producerState != "paused":
                break
            self.reads_on()
            server.wait(1.0)
        else:
            raise Finding("the server does not read any more")
        if not (self.wire.lost or self.wire.closing):
            self.protocol.dataReceived(data)
        server.settle()
        if self._between is not None:
            self._between(self)

    def plays(self, data: bytes) -> None:
        """All of it, as the dice has it; then it ends in one way or another."""
        dice = Random(data[0] if data else 0)
        cut = pieces(data[1:], dice)
        for piece in cut:
            self.sends(piece)
            if dice.random() < now_and_then(cut):
                self._something_happens(dice)
        self._comes_to_an_end(dice)

    def _something_happens(self, dice: Random) -> None:
        what = dice.random()
        if what < 0.2:
            self.scene.server.wait(dice.choice((0.1, 1.0, 20.0)))
        elif what < 0.5:
            self.scene.alice.types("@stranger psst", "hello, all of you")
        elif what < 0.7:
            self.wire.reading = False
        else:
            self.reads_on()

    def reads_on(self) -> None:
        """They read what waits for them, and go on reading."""
        self.wire.reading = True
        while self.wire.backlog:
            self.wire.reads_bytes(len(self.wire.backlog))
            self.scene.server.settle()
        self.wire.closes_when_all_is_read()
        self.scene.server.settle()

    def _comes_to_an_end(self, dice: Random) -> None:
        server = self.scene.server
        how = dice.randrange(3)
        if how == 0:
            self.reads_on()
            if not self.wire.lost and IHalfCloseableProtocol.providedBy(self.protocol):
                self.protocol.readConnectionLost()
            self._is_let_go()
        elif how == 1:
            self.reads_on()
            server.wait(20.0)
        self.reads_on()
        self.wire.connectionLost()
        server.settle()

    def _is_let_go(self) -> None:
        """Whoever sends no more is answered, and then the connection is closed."""
        if not IHalfCloseableProtocol.providedBy(self.protocol):
            return
        for _ in range(PATIENCE):
            if self.wire.lost:
                return
            self.scene.server.wait(1.0)
            self.reads_on()
        raise Finding("the connection is not closed")

    def received(self) -> bytes:
        """All that ever came."""
        data: bytes = self.wire.value()  # type: ignore[no-untyped-call]
        return data


def pieces(data: bytes, dice: Random) -> list[bytes]:
    """The data whole, byte by byte, or in pieces of any size."""
    size = dice.choice((len(data), 1, 3, 20, 100))
    cut, at = [], 0
    while at < len(data):
        step = max(1, size if size == len(data) or dice.random() < 0.5 else dice.randrange(1, size + 1))
        cut.append(data[at : at + step])
        at += step
    return cut


def now_and_then(cut: list[bytes]) -> float:
    """How likely it is that something happens behind a piece: a few times in a story, however long it is."""
    return min(0.5, 6 / max(1, len(cut)))


def story(scene: Scene, play: Callable[[], None]) -> None:
    """
    Let something happen, and look at the server after it.

    @raise Finding: it is not well.
    """
    with nothing_is_logged():
        play()
        scene.check()
