"""
Who is ignored is read nowhere: neither live nor in any view of what was said before.
"""

from __future__ import annotations

import re

from twisted.trial.unittest import SynchronousTestCase

from chatroom.limits import Limits
from chatroom.testing import Guest, Server

PASSWORD = "correct horse battery"


class IgnoringTests(SynchronousTestCase):
    """Alice, who has an account, ignores eve; bob says something in between."""

    def setUp(self) -> None:
        self.server = Server(Limits(talk_rate=0, page_lines=10))
        self.alice = self.server.account("alice", PASSWORD)
        self.eve = self.server.account("eve", PASSWORD, "192.0.2.7")
        self.bob = self.server.guest("bob", "192.0.2.8")
        self.alice.types("/ignore eve")
        self.alice.reads()

    def reads(self, guest: Guest, *typed: str) -> str:
        """All that comes when this is typed."""
        guest.reads()
        guest.types(*typed)
        return "\n".join(guest.reads())

    def again(self) -> Guest:
        """Alice, by a new connection, as a page that is loaded again."""
        self.alice.disconnects()
        self.alice = self.server.connection()
        self.alice.types(f"/login alice {PASSWORD}")
        return self.alice

    def test_history(self) -> None:
        """A page of history is as long as any, however much of it was said by people ignored."""
        for number in range(12):
            self.eve.types(*(f"noise {number} {each}" for each in range(20)))
            self.bob.types(f"news {number}")
        read = self.reads(self.alice, "/history")
        self.assertNotIn("noise", read)
        self.assertEqual(list(range(2, 12)), [n for n in range(12) if re.search(rf"news {n}\b", read)])
        more = next(line for line in read.split("\n") if "/history " in line).rpartition("/history ")[2].strip()
        read = self.reads(self.alice, f"/history {more}")
        self.assertIn("news 0", read)
        self.assertNotIn("noise", read)

    def test_search(self) -> None:
        """Lines of people ignored are not found, and the others are."""
        self.bob.types("a word of bob")
        self.eve.types(*(f"a word of eve {number}" for number in range(30)))
        read = self.reads(self.alice, "/search word")
        self.assertIn("a word of bob", read)
        self.assertNotIn("eve", read)

    def test_joining_again(self) -> None:
        """What one is shown of a room holds nothing of them."""
        self.eve.types("noise")
        self.bob.types("news")
        read = self.reads(self.alice, "/leave", "/join lobby")
        self.assertIn("news", read)
        self.assertNotIn("noise", read)

    def test_missed(self) -> None:
        """People ignored are left out of what was missed, and are not counted."""
        self.alice.disconnects()
        self.eve.types("noise", "noise", "noise")
        self.bob.types("news")
        self.alice = self.server.connection()
        self.alice.types(f"/login alice {PASSWORD}")
        came = "\n".join(self.alice.reads())
        self.assertNotIn("noise", came)
        self.assertRegex(came, r"\b1 (line|event)")
        read = self.reads(self.alice, "/missed")
        self.assertIn("news", read)
        self.assertNotIn("noise", read)

    def test_nothing_missed_but_them(self) -> None:
        """Where only people ignored have talked, nothing was missed."""
        self.alice.disconnects()
        self.eve.types("noise")
        self.alice = self.server.connection()
        self.alice.types(f"/login alice {PASSWORD}")
        self.assertNotIn("missed", "\n".join(self.alice.reads()))

    def test_programs_catch_up_without_a_gap(self) -> None:
        """A program that asks for what is after a number is given the rest, and no gap."""
        self.again()
        robot = self.server.program()
        robot.asks("login", name="alice", password=PASSWORD)
        last = robot.asks("history")["events"]
        since = last[-1]["seq"] if last else 0
        self.eve.types("noise")
        self.bob.types("news")
        page = robot.asks("history", since=since, talk=False)
        self.assertIsNone(page["gap"])
        self.assertNotIn("noise", str(page))
        self.assertIn("news", str(page))

    def test_inbox(self) -> None:
        """A whisper that waited from before is not shown, nor counted; nor is an old one."""
        self.alice.types("/unignore eve")
        self.alice.disconnects()
        self.eve.types("@alice noise", "@alice noise")
        self.bob.types("@alice news")
        other = self.server.connection()
        other.types(f"/login alice {PASSWORD}", "/ignore eve", "/quit")
        self.again()
        self.assertRegex("\n".join(self.alice.reads()), r"\b1 whisper")
        for word in ("/inbox", "/inbox all"):
            read = self.reads(self.alice, word)
            self.assertIn("news", read)
            self.assertNotIn("noise", read)
        self.assertIn("No new whispers", self.reads(self.alice, "/inbox"))

    def test_invitations_and_farewells(self) -> None:
        """An invitation of somebody ignored is not read, nor the words of a farewell; that they left is."""
        self.eve.types("/create den", "/invite alice", "/leave den", "/look lobby", "/leave lobby noise")
        read = "\n".join(self.alice.reads())
        self.assertNotIn("noise", read)
        self.assertNotIn("invited", read)
        self.assertIn("eve left the room.", read)

    def test_renamed_and_loaded_again(self) -> None:
        """Who takes another nickname is ignored still, after a new connection as well."""
        self.alice.types("/ignore bob")
        self.bob.types("/nick rob", "noise")
        self.again()
        self.alice.reads()
        self.bob.types("noise")
        self.assertNotIn("noise", "\n".join(self.alice.reads()) + self.reads(self.alice, "/history"))

    def test_list_of_a_guest(self) -> None:
        """A guest's program says whom it ignores when it connects again, and is shown nothing of them then."""
        self.eve.types("noise")
        robot = self.server.program()
        answer = robot.asks("hello", nick="robot", ignored="eve  BOB")
        self.assertNotIn("noise", str(answer))
        self.assertEqual(["bob", "eve"], robot.asks("ignore")["ignored"])
        self.eve.types("noise")
        self.assertNotIn("noise", str(robot.hears()))
        self.assertEqual("unlawful", self.server.program().asks("hello", nick="r2", ignored="a b!c")["error"])
        many = " ".join(f"n{number}" for number in range(101))
        self.assertEqual("limit", self.server.program().asks("hello", nick="r2", ignored=many)["error"])
