"""
A telnet client in character mode, and the screen it writes to.
"""

from __future__ import annotations

import pyte

from chatroom.testing import Guest, Server

IAC, DONT, DO, WONT, WILL, SB, SE = b"\xff", b"\xfe", b"\xfd", b"\xfc", b"\xfb", b"\xfa", b"\xf0"


ECHO, SGA, NAWS = b"\x01", b"\x03", b"\x1f"


class TelnetScreen:
    """
    A telnet client that agrees to all it is asked for, and the screen it writes to.

    @ivar line: the connection.
    """

    def __init__(self, server: Server, columns: int = 60, rows: int = 24, agrees: bool = True) -> None:
        self.server = server
        self.line: Guest = server.connection()
        self.asked = b""
        self._agrees = agrees
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)

    def presses(self, *keys: str | bytes) -> None:
        """Keys, each in a piece of its own, as a keyboard sends them."""
        for key in keys:
            self.line.sends(key.encode() if isinstance(key, str) else key)
            self._answer()

    def types(self, text: str) -> None:
        """A text key by key, and Enter as telnet sends it."""
        self.presses(*text, b"\r\0")

    def comes_in(self, nick: str) -> None:
        """Connect, give a nickname in line mode, and negotiate."""
        self.line.server.wait(1)
        self.presses(f"{nick}\r\n")
        self.sees_all()

    def resizes(self, columns: int, rows: int = 24) -> None:
        """Another window."""
        self._screen.resize(rows, columns)
        self.presses(self.size(columns, rows))

    def size(self, columns: int, rows: int) -> bytes:
        """What NAWS says of a window."""
        data = columns.to_bytes(2, "big") + rows.to_bytes(2, "big")
        return IAC + SB + NAWS + data.replace(IAC, IAC + IAC) + IAC + SE

    def _answer(self) -> None:
        """Read, and answer every question of telnet's."""
        while data := self.line.receives():
            text = b""
            while IAC in data:
                before, _, rest = data.partition(IAC)
                command, option, data = rest[:1], rest[1:2], rest[2:]
                text += before
                self.asked += command + option
                yes, no = {DO: (WILL, WONT), WILL: (DO, DONT), WONT: (DONT, DONT), DONT: (WONT, WONT)}[command]
                self.line.sends(IAC + (yes if self._agrees else no) + option)
                if self._agrees and command + option == DO + NAWS:
                    self.line.sends(self.size(self._screen.columns, self._screen.lines))
            self._stream.feed(text + data)

    def sees(self) -> list[str]:
        """The rows of the screen down to the cursor."""
        self._answer()
        return [row.rstrip() for row in self._screen.display[: self._screen.cursor.y + 1]]

    def sees_all(self) -> list[str]:
        """The rows of the screen down to the cursor, and wipe them away."""
        rows = self.sees()
        last = rows[-1]
        self._screen.reset()
        self._stream.feed(last.encode())
        return rows

    @property
    def cursor(self) -> int:
        """In which column it stands."""
        self._answer()
        return int(self._screen.cursor.x)
