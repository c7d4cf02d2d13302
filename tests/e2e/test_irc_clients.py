"""
irssi and WeeChat, each in a real tmux, in rooms with somebody who uses nc.
"""

from __future__ import annotations

import socket

from tests.e2e.daemon import PATIENCE, until
from tests.e2e.irc_clients import Ii, IrcCase, types
from tests.e2e.people import HOST, need


class IrcClientsTests(IrcCase):
    """Talk, rooms and history."""

    def test_talk(self) -> None:
        """What one says the others read, once: lines, /me, whispers, and a text that IRC has to split."""
        alice, wendy, nancy = self.met()
        nancy.types("hello from nc")
        alice.has("< nancy> hello from nc")
        wendy.has("hello from nc")
        types(alice, "hello from irssi", "/me waves")
        nancy.reads("<alice> hello from irssi")
        nancy.reads("* alice waves")
        wendy.has("hello from irssi")
        wendy.has("alice waves")
        self.assertEqual(1, "\n".join(alice.rows()).count("hello from irssi"))
        nancy.types("é" * 600)
        until("600 letters in irssi", lambda: "\n".join(alice.rows()).count("é") == 600)
        until("600 letters in WeeChat", lambda: "\n".join(wendy.rows()).count("é") == 600)
        types(wendy, "/msg nancy psst")
        nancy.reads("[wendy whispers] psst")
        nancy.types("@alice over here")
        types(alice, "/query nancy")
        alice.has("<nancy> over here")
        types(wendy, "/nick wilma")
        types(alice, "/window goto #lobby")
        alice.has("wendy is now known as wilma")
        types(alice, "/away lunch")
        nancy.reads("alice is away: lunch")

    def test_rooms(self) -> None:
        """A room that irssi makes is everybody's: topic, operators, kicks, and bans by the masks that irssi makes."""
        alice, wendy, nancy = self.met()
        types(alice, "/join #new")
        alice.has("[@alice]")
        types(wendy, "/join #new")
        alice.has("wendy [~wendy@wendy.chatroom] has joined")
        nancy.types("/join new")
        alice.has("nancy [~nancy@nancy.chatroom] has joined")
        types(alice, "/topic #new Tea at four", "/op wendy")
        nancy.reads("Tea at four")
        wendy.has("Tea at four")
        wendy.has("@wendy")
        types(alice, "/ban nancy")
        nancy.reads("banned")
        wendy.has("+b")
        nancy.types("/join new")
        nancy.reads("You are banned from new")
        types(alice, "/unban nancy!*@*")
        wendy.has("-b")
        nancy.types("/join new")
        nancy.reads("You are in new")

    def test_client_without_capabilities(self) -> None:
        """A client that asks for nothing, ii, reads old lines with their time, talks, and reads new nicknames."""
        need("ii")
        nancy, oscar = self.registered(self.nc("nancy")), self.registered(self.nc("oscar"))
        nancy.types("before ii was here")
        oscar.reads("<nancy> before ii was here")
        ivan = Ii(self.home(), "ivan", self.daemon.port)
        self.addCleanup(ivan.close)
        ivan.has("] before ii was here")
        nancy.types("hello ii")
        ivan.has("<nancy> hello ii")
        ivan.types("hello from ii")
        nancy.reads("<ivan> hello from ii")
        ivan.types("/t Tea at four")
        nancy.types("/nick nan")
        oscar.types("QUIT")
        nancy.reads("oscar left the chat")
        nancy.types("still here")
        ivan.has("<nan> still here")

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
