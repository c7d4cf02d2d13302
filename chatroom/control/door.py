"""
The door for C{chatroom-admin}: JSON lines, as docs/protocol.rst has them, over a UNIX socket that only its owner may
use.

A request says what to C{do}, and is answered when it is done, one after the other. C{follow} turns a connection into
one that only listens. It knows the words' names and how they are framed, and nothing of what they do.
"""

from __future__ import annotations

import json
import socket
import struct
from collections import deque
from collections.abc import Mapping
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IPushProducer
from twisted.internet.protocol import ServerFactory, connectionDone
from twisted.logger import Logger
from twisted.protocols.basic import LineReceiver
from twisted.python.failure import Failure
from zope.interface import implementer

from chatroom.control.base import ACTING, number, truth
from chatroom.control.control import Control
from chatroom.control.following import Following
from chatroom.doors.json.json_speaker import arguments, parse
from chatroom.doors.replies import Bug
from chatroom.errors import BadRequest, Refused
from chatroom.events import Event
from chatroom.private import user_name
from chatroom.records import shell_of
from chatroom.wire import dumps

log = Logger()

LONGEST = 1024 * 1024
"""Bytes in one request: the longest are those that say how far somebody has followed each room."""

UNREAD = 4 * 1024 * 1024
"""Bytes that may wait for one who follows and does not read. Then it is cut off; it may come again, and go on."""


@implementer(IPushProducer)
class ControlConnection(LineReceiver):
    """One C{chatroom-admin}."""

    delimiter = b"\n"
    MAX_LENGTH = LONGEST
    factory: ControlFactory
    transport: Any

    def __init__(self) -> None:
        self._waiting: deque[bytes] = deque()
        self._busy = False
        self._following: Following | None = None
        self._unread: int | None = None

    def connectionMade(self) -> None:
        """Somebody who runs this server."""
        self.factory.present.add(self)
        self.transport.registerProducer(self, True)
        self._user = user_of(self.transport)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Gone."""
        self.factory.present.discard(self)
        self._waiting.clear()
        if self._following is not None:
            self._following.stop()

    # What comes.

    def lineReceived(self, line: bytes) -> None:
        """A request."""
        self._waiting.append(line)
        self._go_on()

    def lineLengthExceeded(self, line: bytes) -> None:
        """Nobody who means it well asks for so much."""
        self._refuse(None, BadRequest(f"That request is too long ({LONGEST} bytes at most)."))
        self.hang_up()

    def _go_on(self) -> None:
        if self._waiting and not self._busy:
            self._busy = True
            doing = Deferred.fromCoroutine(self._take(self._waiting.popleft()))
            doing.addErrback(lambda failure: log.failure("an answer could not be sent", failure))
            doing.addCallback(self._free)

    def _free(self, _: object) -> None:
        self._busy = False
        self._go_on()

    async def _take(self, line: bytes) -> None:
        id: Any = None
        try:
            made = parse(line)
            id = made.pop("id", None)
            word = made.pop("do", None)
            if not isinstance(word, str):
                raise BadRequest('A request needs a command in "do": {"id": 1, "do": "accounts"}')
            values = arguments(made)
            if word == "follow":
                await self._follow(id, values)
            else:
                self._write({"id": id, "ok": True, **await self.factory.control.do(word, values, self._user)})
        except Refused as refusal:
            self._refuse(id, refusal)
        except Exception:  # noqa: BLE001 whoever asks is told that it went wrong, and the log says how
            log.failure("a request of the shell failed")
            self._refuse(id, Bug())

    def _refuse(self, id: Any, refusal: Refused) -> None:
        self._write({"id": id, "ok": False, "error": refusal.code, "sentence": refusal.sentence})

    async def _follow(self, id: Any, values: Mapping[str, str]) -> None:
        """
        Listen from now on.

        @raise NoSuchRoom: @raise BadRequest: C{since} is no object of numbers.
        """
        control, room = self.factory.control, values.get("room", "")
        since = parse(values.get("since", "{}").encode())
        if self._following is not None or not all(isinstance(seq, int) for seq in since.values()):
            raise BadRequest("One follows once, from the numbers of rooms on.")
        everything, lines = truth(values.get("everything", "false")), number(values.get("lines", "0"))
        rooms = control.services.chat.state.rooms
        name = control.services.chat.directory.room(room).name if room else ""
        if name and (not rooms[name].is_listed() or rooms[name].password):
            ACTING.set(shell_of(self._user))
            await self.factory.control.note("tail", name)
        self._following = Following(control.services, control.hub, self._pass_on, name, everything)
        self._write({"id": id, "ok": True, "rooms": self._following.rooms()})
        await self._following.start(since, max(0, min(lines, UNREAD)))

    # What goes.

    def _pass_on(self, event: Event) -> None:
        self._send(dumps(event).encode(errors="replace") + b"\n")

    def _write(self, made: Mapping[str, Any]) -> None:
        self._send(json.dumps(made, ensure_ascii=False, separators=(",", ":")).encode(errors="replace") + b"\n")

    def _send(self, data: bytes) -> None:
        if self not in self.factory.present:
            return
        if self._unread is not None:
            self._unread += len(data)
            if self._unread > UNREAD:
                self.transport.abortConnection()
                return
        self.transport.write(data)

    def pauseProducing(self) -> None:
        """It does not read as fast as it is written to."""
        self._unread = 0

    def resumeProducing(self) -> None:
        """It has read all."""
        self._unread = None

    def stopProducing(self) -> None:
        """It is gone."""

    def hang_up(self) -> None:
        """Write what there is to write, and no more."""
        self.transport.unregisterProducer()
        self.transport.loseConnection()


def user_of(transport: Any) -> str:
    """
    The user of the machine at the other end of a UNIX socket (unix(7), SO_PEERCRED), by name or number; C{""} where the
    system does not say.
    """
    try:
        asked = transport.getHandle().getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    except (AttributeError, OSError):
        return ""
    return user_name(struct.unpack("3i", asked)[1])


class ControlFactory(ServerFactory[ControlConnection]):
    """
    @ivar present: every connection.
    """

    protocol = ControlConnection
    noisy = False

    def __init__(self, control: Control) -> None:
        self.control = control
        self.present: set[ControlConnection] = set()

    def stopFactory(self) -> None:
        """The server closes, or another process has it."""
        for connection in list(self.present):
            connection.hang_up()
