"""
IRC clients in browsers, for tests: a handshake by hand, and lines in frames.
"""

from __future__ import annotations

from tests.doors.web.browsers import Place, Response
from tests.doors.web.client_frames import masked_frame

TEXT, BINARY, CLOSE, PONG = 1, 2, 8, 10
"""Kinds of frames: RFC 6455, 5.2."""


class IrcTab:
    """
    An IRC client that speaks WebSocket.

    @ivar wire: what carries it. @ivar answer: to its handshake.
    @ivar agreed: the subprotocol; C{""} for none.
    """

    def __init__(self, place: Place, *offered: str, address: str = "192.0.2.1", **headers: str) -> None:
        """@param offered: subprotocols. @param headers: others of the handshake."""
        named = {"Sec_WebSocket_Protocol": ", ".join(offered)} if offered else {}
        self.wire = place.wire(address)
        self.answer: Response = self.wire.shakes_hands(**named, **headers)
        self.agreed = self.answer.headers.get("sec-websocket-protocol", "")
        self._came = self.answer.body
        self._kind = BINARY if self.agreed.startswith("binary") else TEXT

    def types(self, *lines: str) -> None:
        """Lines, each in a message of its own."""
        for line in lines:
            self.sends(self._kind, line.encode())

    def sends(self, kind: int, payload: bytes) -> None:
        """A message as it is."""
        self.wire.sends(masked_frame(kind, payload))

    def registers(self, nick: str, *capabilities: str) -> IrcTab:
        """Have a nickname, and read all that there is to read."""
        asked = (f"CAP REQ :{' '.join(capabilities)}", "CAP END") if capabilities else ()
        self.types(*asked[:1], f"NICK {nick}", f"USER {nick} 0 * :{nick.title()}", *asked[1:])
        came = self.reads()
        assert any(line.split(" ")[1] == "001" for line in came), came
        return self

    def frames(self) -> list[tuple[int, bytes]]:
        """Kinds and payloads of the frames that came since the last time."""
        self.wire.settle()
        data, self._came = self._came + self.wire.reads(), b""
        made = []
        while data:
            size, start = data[1], 2
            if size == 126:
                size, start = int.from_bytes(data[2:4], "big"), 4
            assert data[0] & 0xF0 == 0x80, data[:20]
            made.append((data[0] & 0x0F, data[start : start + size]))
            data = data[start + size :]
        return made

    def reads(self) -> list[str]:
        """Lines that came since the last time: one a message."""
        return [payload.decode() for kind, payload in self.frames() if kind == self._kind]

    def is_disconnected(self) -> bool:
        """Whether the server has closed the connection."""
        return self.wire.is_disconnected()

    def disconnects(self) -> None:
        """The connection is lost."""
        self.wire.disconnects()
