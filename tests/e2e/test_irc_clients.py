"""
irssi and WeeChat, each in a real tmux, in rooms with somebody who uses nc.
"""

from __future__ import annotations

import socket
from pathlib import Path

from tests.e2e.daemon import PATIENCE, until
from tests.e2e.people import HOST, Person, need
from tests.e2e.room_case import RoomCase
from tests.e2e.windows import Window

SIZE = (120, 50)


class IrcClientsTests(RoomCase):
    """They connect to the port that people use."""

    def setUp(self) -> None:
        need("tmux", "irssi", "weechat-curses")
        super().setUp()

    def _window(self, *command: str) -> Window:
        window = Window(*SIZE, *command)
        self.addCleanup(window.close)
        return window

    def irssi(self, nick: str) -> Window:
        """irssi, connected, with the lobby in its second window."""
        home = Path(self.mktemp()).absolute()
        home.mkdir()
        (home / "config").write_text('settings = { "fe-common/core" = { autoclose_query = "0"; }; };\n')
        port = str(self.daemon.port)
        window = self._window("irssi", "--home", str(home), "--nick", nick, "-c", HOST, "-p", port)
        window.has("There is no welcome text")
        self.types(window, "/window goto #lobby")
        window.has("[Users #lobby]")
        return window

    def weechat(self, nick: str) -> Window:
        """WeeChat, connected, with the lobby in its second buffer."""
        home = Path(self.mktemp()).absolute()
        commands = (f"/server add chat {HOST}/{self.daemon.port} -nicks={nick}", "/connect chat")
        words = [word for command in commands for word in ("-r", command)]
        window = self._window("weechat-curses", "--dir", str(home), *words)
        window.has("#lobby")
        self.types(window, "/buffer #lobby")
        window.has(f"(~{nick}@{nick}.chatroom) has joined")
        return window

    def types(self, window: Window, *lines: str) -> None:
        """Lines, each with Enter behind it."""
        for line in lines:
            window.presses("-l", line)
            window.presses("Enter")

    def met(self) -> tuple[Window, Window, Person]:
        """alice with irssi, wendy with WeeChat, nancy with nc, in this order."""
        alice, wendy, nancy = self.irssi("alice"), self.weechat("wendy"), self.registered(self.nc("nancy"))
        alice.has("nancy [~nancy@nancy.chatroom] has joined")
        return alice, wendy, nancy

    def test_talk(self) -> None:
        """What one says the others read, once: lines, /me, whispers, and a text that IRC has to split."""
        alice, wendy, nancy = self.met()
        nancy.types("hello from nc")
        alice.has("< nancy> hello from nc")
        wendy.has("hello from nc")
        self.types(alice, "hello from irssi", "/me waves")
        nancy.reads("<alice> hello from irssi")
        nancy.reads("* alice waves")
        wendy.has("hello from irssi")
        wendy.has("alice waves")
        self.assertEqual(1, "\n".join(alice.rows()).count("hello from irssi"))
        nancy.types("é" * 600)
        until("600 letters in irssi", lambda: "\n".join(alice.rows()).count("é") == 600)
        until("600 letters in WeeChat", lambda: "\n".join(wendy.rows()).count("é") == 600)
        self.types(wendy, "/msg nancy psst")
        nancy.reads("[wendy whispers] psst")
        nancy.types("@alice over here")
        self.types(alice, "/query nancy")
        alice.has("<nancy> over here")
        self.types(wendy, "/nick wilma")
        self.types(alice, "/window goto #lobby")
        alice.has("wendy is now known as wilma")
        self.types(alice, "/away lunch")
        nancy.reads("alice is away: lunch")

    def test_rooms(self) -> None:
        """A room that irssi makes is everybody's: topic, operators, kicks, and bans by the masks that irssi makes."""
        alice, wendy, nancy = self.met()
        self.types(alice, "/join #new")
        alice.has("[@alice]")
        self.types(wendy, "/join #new")
        alice.has("wendy [~wendy@wendy.chatroom] has joined")
        nancy.types("/join new")
        alice.has("nancy [~nancy@nancy.chatroom] has joined")
        self.types(alice, "/topic #new Tea at four", "/op wendy")
        nancy.reads("Tea at four")
        wendy.has("Tea at four")
        wendy.has("@wendy")
        self.types(alice, "/ban nancy")
        nancy.reads("banned")
        wendy.has("+b")
        nancy.types("/join new")
        nancy.reads("You are banned from new")
        self.types(alice, "/unban nancy!*@*")
        wendy.has("-b")
        nancy.types("/join new")
        nancy.reads("You are in new")

    def test_kept(self) -> None:
        """What is said before a PING is on disk when its PONG comes; after a kill, irssi shows it to who joins."""
        with socket.create_connection((HOST, self.daemon.port), PATIENCE) as bot:
            bot.sendall(b"NICK robbie\r\nUSER robbie 0 * :Robbie\r\nPRIVMSG #lobby :kept for you\r\nPING :now\r\n")
            came = b""
            while b"PONG chatroom :now" not in came:
                came += bot.recv(4096)
            self.daemon.kill()
        self.daemon.start()
        alice = self.irssi("alice")
        alice.has("< robbie> kept for you")
