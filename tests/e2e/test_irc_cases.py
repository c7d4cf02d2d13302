"""
IRC clients with accounts, in closed rooms, through an upgrade, and beside a client that sends what nobody should.

Each is a scene that a person could play with irssi, WeeChat and nc. What needs no client of somebody else's is sent by
hand.
"""

from __future__ import annotations

import base64
import json
import os
import re
import signal

from tests.e2e.daemon import free_port, until
from tests.e2e.irc_clients import IrcCase, IrcPage, IrcPeer, irssi, types, weechat
from tests.e2e.pages import CHEAP, Program
from tests.e2e.people import HOST, Peer, need
from tests.e2e.upgrades import UpgradeCase
from tests.e2e.windows import Window

PASSWORD = "correct-horse-battery"


class IrcRoomTests(IrcCase):
    """A room that not everybody may join."""

    def test_closed_room(self) -> None:
        """A password, then by invitation alone: WeeChat says why it stays outside, and an invitation opens the room."""
        alice, wendy = self.irssi("alice"), self.weechat("wendy")
        types(alice, "/join #vault")
        alice.has("[@alice]")
        types(alice, "/mode #vault +k s3cret")
        alice.has("mode/#vault [+k *]")
        types(wendy, "/join #vault", "/buffer chat")
        wendy.has("vault has a password")
        types(alice, "/mode #vault +i")
        alice.has("mode/#vault [+i]")
        types(wendy, "/join -server chat #vault s3cret")
        wendy.has("Only invited people can join")
        types(alice, "/invite wendy")
        wendy.has("You have been invited to #vault by alice")
        types(wendy, "/join -server chat #vault", "/buffer #vault")
        wendy.has("has joined #vault")
        alice.has("wendy [~wendy@wendy.chatroom] has joined")
        types(alice, "/mode #vault")
        alice.has("mode/#vault [+iknt s3cret]")
        types(wendy, "/mode #vault")
        wendy.has("+iknt *")
        self.assertNotIn("s3cret", "\n".join(row for row in wendy.rows() if "/join" not in row))


class IrcAccountTests(IrcCase):
    """Logging in, and being connected twice."""

    options = (
        *CHEAP,
        "--new-per-minute",
        "off",
        "--max-per-address",
        "off",
        "--talk-rate",
        "off",
        "--work-rate",
        "off",
    )

    def sasl(self, name: str, password: str) -> IrcPeer:
        """A client that logs in before it registers; what it is answered is still to be read."""
        peer = self.peer()
        secret = base64.b64encode(f"\0{name}\0{password}".encode()).decode()
        peer.types("CAP LS 302", f"NICK {name}", f"USER {name} 0 * :{name}", "CAP REQ sasl", "AUTHENTICATE PLAIN")
        peer.types(f"AUTHENTICATE {secret}", "CAP END")
        return peer

    def test_sasl(self) -> None:
        """WeeChat logs in by SASL before others see it; with a wrong password nobody sees anybody."""
        Program("wendy", self.daemon.port).asks("signup", password=PASSWORD)
        nancy = self.registered(self.nc("nancy"))
        nancy.settle()
        wrong = self.sasl("wendy", "not-this-one")
        wrong.has(" 904 ")
        wrong.has(" 433 ")
        wrong.close()
        nancy.settle()
        self.assertFalse(nancy.has_read("wendy joined"))
        right = self.sasl("wendy", PASSWORD)
        for number in ("900", "903", "001"):
            right.has(f" {number} ")
        nancy.reads("wendy joined")
        options = ("-sasl_mechanism=plain", "-sasl_username=wendy", f"-sasl_password={PASSWORD}")
        window = self.weechat("wendy", *options)
        types(window, "/buffer chat")
        window.has("You are now logged in as wendy")
        types(window, "/buffer #lobby", "hello from an account")
        nancy.reads("<wendy> hello from an account")

    def test_nickserv(self) -> None:
        """A guest with irssi becomes an account, and logs in again later; nobody can be called NickServ."""
        home = self.home()
        first = irssi(home, "alice", self.daemon.port)
        self.addCleanup(first.close)
        first.has("There is no welcome text")
        types(first, f"/msg NickServ REGISTER {PASSWORD}")
        first.has("You are now logged in as alice")
        types(first, "/quit")
        nancy = self.nc("NickServ")
        nancy.types("NickServ")
        nancy.reads("reserved")
        nancy.types("nancy")
        nancy.reads("Registration successful")
        again = irssi(self.home(), "guest", self.daemon.port)
        self.addCleanup(again.close)
        again.has("There is no welcome text")
        types(again, f"/msg NickServ IDENTIFY alice {PASSWORD}")
        again.has("You are now logged in as alice")
        nancy.types("/who")
        nancy.reads("alice")

    def test_two_clients_of_one_account(self) -> None:
        """One account in irssi and WeeChat is one person; 21 logins of a client leave a page's session as it was."""
        page = Program("alice", self.daemon.port)
        page.asks("signup", password=PASSWORD)
        page.peer.close()
        page = Program("visitor", self.daemon.port)
        token = page.asks("login", name="alice", password=PASSWORD, keep=True)["token"]
        options = ("-sasl_mechanism=plain", "-sasl_username=alice", f"-sasl_password={PASSWORD}")
        wendy, alice = self.weechat("alice", *options), self.irssi("other")
        types(alice, f"/msg NickServ IDENTIFY alice {PASSWORD}", "/window goto 1")
        alice.has("You are now logged in as alice")
        types(alice, "/join #x")
        alice.has("[Users #x]")
        types(alice, "/window goto #x", "from irssi")
        wendy.has("#x")
        types(wendy, "/buffer #x")
        wendy.has("from irssi")
        wendy.has("@alice")
        for _ in range(21):
            peer = self.sasl("alice", PASSWORD)
            peer.has(" 001 alice ")
            peer.close()
        again = Peer(self.daemon.port)
        self.addCleanup(again.close)
        again.sends(json.dumps({"id": 1, "do": "resume", "token": token}).encode() + b"\n")
        again.reads(b'"ok":true')


class IrcLabelTests(IrcCase):
    """What clients ask for by label."""

    def test_labels(self) -> None:
        """The label comes back on one's own message, on a list as a batch, and on the answer to PING."""
        peer = self.peer()
        peer.registers("robbie", "labeled-response", "echo-message", "batch", "message-tags")
        peer.has(" 366 ")
        peer.types("@label=a PRIVMSG #lobby :hello", "@label=b WHO #lobby", "@label=c PING :now", "@label=d PONG :now")
        peer.has("@label=d :chatroom ACK")
        for wanted in (
            r"@label=a;msgid=lobby-\d+ :robbie!~robbie@robbie\.chatroom PRIVMSG #lobby :hello",
            r"@label=b :chatroom BATCH \+(\S+) labeled-response",
            r"@batch=\S+ :chatroom 352 robbie #lobby",
            r"@label=c :chatroom PONG chatroom :now",
        ):
            self.assertRegex("\n".join(peer.lines()), wanted)


class IrcUpgradeTests(UpgradeCase):
    """The server is upgraded while clients are connected."""

    def test_upgrade(self) -> None:
        """Users of irssi and WeeChat stay connected, a line that is said meanwhile arrives, and PING is answered."""
        need("tmux", "irssi", "weechat-curses")
        self.daemon.start()
        home = self.folder / "irssi"
        alice = irssi(home, "alice", self.daemon.port)
        wendy = weechat(self.folder / "weechat", "wendy", self.daemon.port)
        self.addCleanup(alice.close)
        self.addCleanup(wendy.close)
        bob = self.guest("bob")
        alice.has("There is no welcome text")
        types(alice, "/window goto #lobby")
        alice.has("bob")
        types(wendy, "/buffer #lobby")
        wendy.has("bob")
        before = self.daemon.runs_as
        os.kill(before, signal.SIGUSR2)
        bob.sends(b"said in the pause\n")
        self.daemon.old_process_has_ended(before)
        for window in (alice, wendy):
            window.has("said in the pause")
        types(alice, "/window goto #lobby", "irssi is here")
        wendy.has("irssi is here")
        types(wendy, "weechat is here", "/ping alice")
        alice.has("weechat is here")
        types(alice, "/quote PING :still-there")
        bob.reads_next(b"<wendy> weechat is here")
        said = bob.received
        self.assertEqual(1, said.count(b"irssi is here"))
        self.assertNotIn(b"left", said)
        until("PONG in it", lambda: "PONG chatroom :still-there" in self.raw(alice))

    def raw(self, alice: Window) -> str:
        """What irssi has read."""
        file = self.folder / "raw"
        types(alice, f"/rawlog save {file}")
        until("the raw log of irssi", file.exists)
        return file.read_text()


class IrcHostileTests(IrcCase):
    """A client that sends what nobody should, beside people who talk."""

    options: tuple[str, ...] = ("--max-per-address", "off", "--new-per-minute", "off")

    def setUp(self) -> None:
        self.web = free_port()
        self.options = (*self.options, "--web", f"tcp:{self.web}:interface={HOST}")
        super().setUp()
        self.bob = self.registered(self.nc("bob"))
        self.carol = self.peer()
        self.carol.registers("carol")

    def unharmed(self) -> None:
        """The others talk to each other, nothing that was not said is read, and the log has no bug."""
        self.bob.types("all is well")
        self.carol.has(":bob!~bob@bob.chatroom PRIVMSG #lobby :all is well")
        self.carol.types("PRIVMSG #lobby :so it is")
        self.bob.reads("<carol> so it is")
        self.assertNotIn("Traceback", self.daemon.log)
        self.assertNotIn("Unhandled", self.daemon.log)

    def test_bad_lines(self) -> None:
        """Endless tags, endless lines, bytes that are no UTF-8, colours and CTCP: 417 and FAIL where due."""
        for mallory in (self.peer(), IrcPage(self.web)):
            self.addCleanup(mallory.close)
            mallory.registers("mallory")
            mallory.types("@" + "x" * 9000 + " PRIVMSG #lobby :tagged", "PING :1")
            mallory.has(" 417 ")
            mallory.types("PRIVMSG #lobby :" + "long " * 200, "PING :2")
            mallory.has(" 417 ")
            mallory.types("PRIVMSG #lobby :\x01VERSION\x01", "PRIVMSG #lobby :\x0304red\x03 words", "PING :3")
            mallory.has("PONG chatroom :3")
            self.bob.reads("<mallory> red words")
            mallory.types("QUIT")
            self.bob.reads("mallory left")
        mallory = self.peer()
        mallory.registers("mallory")
        mallory.sends(b"PRIVMSG #lobby :\xff\xfe\r\n")
        mallory.has("FAIL PRIVMSG INVALID_UTF8")
        self.unharmed()
        for text in ("tagged", "VERSION", "long long", "04red"):
            self.assertFalse(self.bob.has_read(text), text)

    def test_ten_thousand_lines(self) -> None:
        """10,000 lines at once are slowed down, and never an Excess Flood; meanwhile the others talk."""
        mallory = self.peer()
        mallory.registers("mallory")
        mallory.sends(b"".join(b"PRIVMSG #lobby :%d\r\n" % number for number in range(10_000)))
        self.bob.reads("<mallory> 0")
        self.unharmed()
        self.assertFalse(self.bob.has_read("<mallory> 9999"))

    def test_a_thousand_nicknames(self) -> None:
        """NICK a thousand times, before and after registration: refused from some number on, and nobody is harmed."""
        early = self.peer()
        early.types(*(f"NICK name{number}x" for number in range(1000)), "USER e 0 * :e")
        late = self.peer()
        late.registers("mallory")
        late.types(*(f"NICK other{number}x" for number in range(1000)))
        self.unharmed()
        early.close()
        late.close()
        self.unharmed()
        renames = len(re.findall(rb" NICK :?other", self.carol.received))
        self.assertLess(renames, 100, "as fast as --talk-rate allows")

    def test_a_browsers_post(self) -> None:
        """A page that is made to send a form here gets no further, at the port that people use."""
        for body in ("USER a b c d\r\nNICK evil\r\nPRIVMSG #lobby :evil\r\n", "\r\n" * 50 + "QUIT\r\n"):
            peer = Peer(self.daemon.port)
            self.addCleanup(peer.close)
            head = f"POST / HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: {len(body)}\r\n\r\n"
            peer.sends_in_any_case((head + body).encode())
            self.assertIn(b"HTTP/1.1 400", peer.reads_to_the_end())
        self.unharmed()
        self.assertFalse(self.bob.has_read("evil"))


class OneHistoryTests(IrcCase):
    """However it is read, a room's history is the same texts, numbers and times."""

    def test_one_history(self) -> None:
        """By CHATHISTORY, as JSON by line and by WebSocket, and with nc's /history."""
        web = free_port()
        self.daemon.close()
        self.options = ("--web", f"tcp:{web}:interface={HOST}", "--talk-rate", "off")
        self.daemon = self.DAEMON(self.daemon.folder, *self.options)
        self.addCleanup(self.daemon.close)
        self.daemon.start()
        robot, nancy, carol = Program("robot", self.daemon.port), self.registered(self.nc("nancy")), self.peer()
        carol.registers("carol", "batch", "message-tags", "server-time", "draft/chathistory")
        texts = ["one", "zwei ä", "日本語 👩‍🚀", "-> :x", "* stars", "#hash", "@at", "e\u0301", "5 : 6"]
        for at, text in enumerate(texts):
            if at % 3 == 0:
                robot.says(text)
            elif at % 3 == 1:
                nancy.types(text)
                carol.has(f"PRIVMSG #lobby :{text}")
            else:
                carol.types(f"PRIVMSG #lobby :{text}", f"PING :{at}")
                carol.has(f"PONG chatroom :{at}")
        known = robot.asks("history", room="lobby", talk=True, limit=50)["events"]
        said = [(event["seq"], event["at"], event["nick"], event["text"]) for event in known]
        self.assertEqual(texts, [text for *_, text in said])
        self.assertEqual(said, self.by_irc(carol, len(texts)))
        self.assertEqual(said, self.by_irc(self.irc_page(web), len(texts)))
        self.assertEqual([text for *_, text in said], self.by_nc(texts[-1], len(texts)))

    def irc_page(self, web: int) -> IrcPage:
        """A client in a browser."""
        page = IrcPage(web)
        self.addCleanup(page.close)
        page.registers("dora", "batch", "message-tags", "server-time", "draft/chathistory")
        return page

    def by_irc(self, peer: IrcPeer, count: int) -> list[tuple[int, str, str, str]]:
        """Numbers, times, nicknames and texts as CHATHISTORY shows them."""
        peer.types(f"CHATHISTORY LATEST #lobby * {count}", "PING :history")
        peer.has("PONG chatroom :history")
        line = r"@batch=\S+?;time=(\S+?);msgid=lobby-(\d+) :(\w+)!\S+ PRIVMSG #lobby :(.*)"
        found = [found for each in peer.lines() for found in re.findall(line, each)][-count:]
        return [(int(number), at, nick, text) for at, number, nick, text in found]

    def by_nc(self, last: str, count: int) -> list[str]:
        """So many texts as /history shows them to who uses nc. @param last: the last of them."""
        reader = Peer(self.daemon.port)
        self.addCleanup(reader.close)
        reader.sends(b"reader\n")
        reader.reads(b"Registration successful")
        reader.reads_what_is_there()
        reader.sends(b"/history\n")
        reader.reads(f"> {last}\n".encode())
        return re.findall(r"<\w+> (.*)", reader.received.decode())[-count:]
