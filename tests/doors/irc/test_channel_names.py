"""
Names of channels: what none of the commands takes for a room.
"""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from chatroom.doors.irc.channel_names import is_channel, room_of
from chatroom.errors import NoSuchRoom
from chatroom.testing import Server
from tests.doors.irc.asking import LOTS

COMMANDS = (
    "PRIVMSG {} :x", "PRIVMSG {} :\x01ACTION x\x01", "PRIVMSG #lobby,{} :x", "@+typing=active PRIVMSG {} :x",
    "TOPIC {}", "TOPIC {} :x", "MODE {}", "MODE {} +i", "MODE {} +b bob!*@*", "JOIN {}", "PART {}", "KICK {} bob",
    "INVITE bob {}", "CHATHISTORY LATEST {} * 5", "METADATA {} GET avatar", "METADATA {} SET avatar x",
    "@+typing=active TAGMSG {}", "SEARCH text=x;in={}",
)  # fmt: skip
"""Commands that name a channel, each of which is refused."""


class ChannelNameTests(SynchronousTestCase):
    """C{#} alone, and C{##lobby}, are no channels, and never the current room."""

    def test_names(self) -> None:
        """A channel is a room with C{#} before it, once."""
        self.assertEqual("den", room_of("#den"))
        for text in ("", "#", "##", "##den", "den"):
            self.assertFalse(is_channel(text), text)
            self.assertRaises(NoSuchRoom, room_of, text)

    def test_no_command_means_another_room(self) -> None:
        """Whatever is asked of such a name is refused or empty; nobody reads anything, and nothing changes."""
        for name in ("#", "##lobby", "##"):
            server = Server(LOTS)
            alice = server.irc_client("alice", "message-tags", "batch", "draft/chathistory", "soju.im/search")
            bob = server.guest("bob")
            alice.types("JOIN #den")
            bob.types("/join den")
            alice.reads(), bob.reads()
            for command in COMMANDS:
                alice.types(command.format(name))
                words = {line.split(" ")[1] for line in alice.reads() if not line.startswith("@")}
                self.assertTrue(words & {"403", "442", "476", "401", "FAIL"}, (name, command, words))
            for quiet in ("NAMES {}", "WHO {}", "NOTICE {} :x"):
                alice.types(quiet.format(name))
                self.assertLessEqual({line.split(" ")[1] for line in alice.reads()}, {"366", "315"}, quiet)
            self.assertEqual(["[lobby] <alice> x"], bob.reads(), "what is said to #lobby as well, and nothing in den")
            alice.types("LIST")
            rooms = {line.split(" ")[3] for line in alice.reads() if line.split(" ")[1] == "322"}
            self.assertEqual({"#den", "#lobby"}, rooms)
