"""
IRC clients in windows of their own, and IRC spoken by hand, for tests.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.doors.web.client_frames import masked_frame
from tests.e2e.daemon import until
from tests.e2e.people import HOST, Peer, Person, need
from tests.e2e.room_case import RoomCase
from tests.e2e.windows import Window

SIZE = (120, 50)

HANDSHAKE = (
    "GET /ws HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    "Sec-WebSocket-Protocol: text.ircv3.net\r\n\r\n"
)


class IrcPeer(Peer):
    """A program that sends lines of IRC as a test writes them."""

    def types(self, *lines: str) -> None:
        """Lines, each with CR LF behind it."""
        self.sends("".join(f"{line}\r\n" for line in lines).encode())

    def registers(self, nick: str, *capabilities: str) -> None:
        """Have a nickname."""
        asked = (f"CAP REQ :{' '.join(capabilities)}", "CAP END") if capabilities else ()
        self.types(*asked[:1], f"NICK {nick}", f"USER {nick} 0 * :{nick}", *asked[1:])
        self.has(f" 001 {nick} ")

    def has(self, text: str) -> None:
        """Wait until this has come, behind what was waited for before."""
        self.reads_next(text.encode())

    def lines(self) -> list[str]:
        """All lines that have come so far."""
        return self.received.decode().split("\r\n")


class IrcPage(IrcPeer):
    """The same in a browser: each line is a message of a WebSocket."""

    def __init__(self, port: int) -> None:
        super().__init__(port)
        self.sends(HANDSHAKE.format(host=f"{HOST}:{port}").encode())
        self.has("Sec-WebSocket-Protocol: text.ircv3.net\r\n\r\n")

    def types(self, *lines: str) -> None:
        """Lines, each in a message."""
        self.sends(b"".join(masked_frame(1, line.encode()) for line in lines))

    def lines(self) -> list[str]:
        """The same, of messages."""
        data, made = self.received.partition(b"\r\n\r\n")[2], []
        while data:
            size, start = (int.from_bytes(data[2:4], "big"), 4) if data[1] == 126 else (data[1], 2)
            made.append(data[start : start + size].decode())
            data = data[start + size :]
        return made


class Ii:
    """ii, which asks for no capability, and whose window is two files: one to write to, and one to read."""

    def __init__(self, folder: Path, nick: str, port: int) -> None:
        folder.mkdir()
        command = ["ii", "-s", HOST, "-p", str(port), "-n", nick, "-i", str(folder)]
        self._client = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        self._room = folder / HOST / "#lobby"
        until("ii is in the lobby", lambda: (self._room / "in").exists())

    def types(self, line: str) -> None:
        """Say it in the lobby."""
        with open(self._room / "in", "w", encoding="utf-8") as told:
            told.write(f"{line}\n")

    def has(self, text: str) -> None:
        """Wait until this stands in what it has read in the lobby."""
        until(f"ii reads {text}", lambda: text in (self._room / "out").read_text(encoding="utf-8"))

    def close(self) -> None:
        """It is gone."""
        self._client.terminate()
        self._client.wait()


def irssi(home: Path, nick: str, port: int) -> Window:
    """irssi, on its way to a server at this machine's port."""
    if not home.exists():
        home.mkdir()
        (home / "config").write_text('settings = { "fe-common/core" = { autoclose_query = "0"; }; };\n')
    return Window(*SIZE, "irssi", "--home", str(home), "--nick", nick, "-c", HOST, "-p", str(port))


def weechat(home: Path, nick: str, port: int, *options: str) -> Window:
    """WeeChat, the same. @param options: of the server, such as C{-sasl_username=bob}."""
    server = " ".join((f"/server add chat {HOST}/{port} -notls -nicks={nick}", *options))
    words = [word for command in (server, "/connect chat") for word in ("-r", command)]
    return Window(*SIZE, "weechat-curses", "--dir", str(home), *words)


def types(window: Window, *lines: str) -> None:
    """Lines, each with Enter behind it."""
    for line in lines:
        window.presses("-l", line)
        window.presses("Enter")


class IrcCase(RoomCase):
    """
    People with irssi, WeeChat and nc, who connect to the port that people use.

    @ivar web: the port of the page.
    """

    def setUp(self) -> None:
        need("tmux", "irssi", "weechat-curses")
        super().setUp()

    def _shown(self, window: Window) -> Window:
        self.addCleanup(window.close)
        return window

    def home(self) -> Path:
        """A folder for a client's configuration, not made yet."""
        return Path(self.mktemp()).absolute()

    def irssi(self, nick: str) -> Window:
        """irssi, connected, with the lobby in its second window."""
        window = self._shown(irssi(self.home(), nick, self.daemon.port))
        window.has("There is no welcome text")
        types(window, "/window goto #lobby")
        window.has("[Users #lobby]")
        return window

    def weechat(self, nick: str, *options: str) -> Window:
        """WeeChat, connected, with the lobby in its second buffer."""
        window = self._shown(weechat(self.home(), nick, self.daemon.port, *options))
        window.has("#lobby")
        types(window, "/buffer #lobby")
        window.has(f"(~{nick}@{nick}.chatroom) has joined")
        return window

    def peer(self) -> IrcPeer:
        """A program that speaks IRC by hand."""
        peer = IrcPeer(self.daemon.port)
        self.addCleanup(peer.close)
        return peer

    def met(self) -> tuple[Window, Window, Person]:
        """alice with irssi, wendy with WeeChat, nancy with nc, in this order."""
        alice, wendy, nancy = self.irssi("alice"), self.weechat("wendy"), self.registered(self.nc("nancy"))
        alice.has("nancy [~nancy@nancy.chatroom] has joined")
        return alice, wendy, nancy
