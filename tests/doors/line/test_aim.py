"""
Lines typed for one room are not sent to another.
"""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from chatroom.testing import Server


class AimTests(SynchronousTestCase):
    """Alice and Bob are in the lobby, Bob in his den as well."""

    def setUp(self) -> None:
        self.server = Server()
        self.alice, self.bob = self.server.guest("alice"), self.server.guest("bob")
        self.bob.types("/create den", "/look lobby")
        self.bob.reads(), self.alice.reads()

    def public(self) -> list[str]:
        """What was said where Bob reads it."""
        return [line for line in self.bob.reads() if "<" in line or "* " in line or "topic" in line]

    def test_refused_moves_say_where_lines_go(self) -> None:
        """A room that is not there, cannot be made, or is not joined: the refusal names the current room."""
        for typed in ("/join nowhere", "/j nowhere", "/look nowhere", "/switch den", "/create den", "/create !"):
            self.alice.types(typed)
            (line,) = self.alice.reads()
            self.assertTrue(line.startswith("! ") and line.endswith(" You are still in lobby."), line)

    def test_refused_without_a_room(self) -> None:
        """Who is in no room reads that."""
        self.alice.types("/leave")
        self.alice.reads()
        self.alice.types("/join nowhere")
        self.assertIn("You are not in a room", self.alice.reads()[0])

    def test_lines_of_the_same_write(self) -> None:
        """What was written together with a refused move is not said, and each such line is answered."""
        for move in ("/join nowhere", "/look den", "/create den"):
            self.alice.types(move, "for nowhere", "/me waves", "//slash", "/topic x", "héllo")
            self.assertEqual([], self.public())
            self.assertEqual(6, sum(line.startswith("! ") for line in self.alice.reads()))
            self.alice.types("for the lobby")
            self.assertEqual(["<alice> for the lobby"], self.public())
            self.server.wait(60)

    def test_line_begun_in_the_same_write(self) -> None:
        """A line whose beginning came in one write with a refused join is not said anywhere."""
        self.alice.sends(b"/join nowhere\nfor now")
        self.alice.sends(b"here\n")
        self.assertEqual([], self.public())

    def test_whispers_of_the_same_write(self) -> None:
        """A whisper goes where it says, and so does what follows a move that is not refused."""
        self.alice.types("/join nowhere", "@bob psst", "/join den", "for the den")
        self.assertEqual(
            ["[alice whispers] psst", "[den] -- alice joined.", "[den] <alice> for the den"], self.bob.reads()
        )

    def test_moves_that_succeed(self) -> None:
        """What is written together with a move is said where it leads."""
        self.alice.types("/join den", "for the den", "/look lobby", "for the lobby", "/create mine", "for mine")
        self.assertEqual(["[den] <alice> for the den", "<alice> for the lobby"], self.public())

    def test_leaving(self) -> None:
        """Behind a /leave, what was written with it is not said in the room that comes next."""
        self.alice.types("/join den", "/leave den", "bye")
        self.assertEqual([], self.public())
        self.alice.types("hello lobby")
        self.assertEqual(["<alice> hello lobby"], self.public())

    def test_leaving_another_room(self) -> None:
        """Who leaves a room that is not the current one goes on talking."""
        self.alice.types("/join den", "/leave lobby", "still here")
        self.assertEqual(["[den] <alice> still here"], self.public())

    def test_kicked(self) -> None:
        """The first line behind a kick is not said elsewhere; typed again, it is."""
        self.alice.types("/join den")
        self.bob.types("/look den", "/kick alice", "/look lobby")
        self.bob.reads(), self.alice.reads()
        self.alice.types("for the den")
        self.assertEqual([], self.public())
        (line,) = self.alice.reads()
        self.assertIn("you are no longer in den. Current room: lobby.", line)
        self.alice.types("for the lobby")
        self.assertEqual(["<alice> for the lobby"], self.public())

    def test_kicked_while_lines_come(self) -> None:
        """Everybody who acts on a room behind a kick is told first that it is another one."""
        self.alice.types("/join den")
        self.bob.types("/look den", "/kick alice", "/look lobby")
        self.bob.reads(), self.alice.reads()
        self.alice.types("/me was in the den")
        self.assertEqual([], self.public())

    def test_kicked_from_another_room(self) -> None:
        """A kick out of a room that is not the current one stops nobody."""
        self.alice.types("/join den", "/look lobby")
        self.bob.types("/look den", "/kick alice", "/look lobby")
        self.bob.reads()
        self.alice.types("for the lobby")
        self.assertEqual(["<alice> for the lobby"], self.public())

    def test_left_through_another_connection(self) -> None:
        """An account that leaves a room through one connection does not talk elsewhere through the other."""
        ann = self.server.account("ann")
        ann.types("/join den")
        other = self.server.connection()
        other.types("/login ann correct horse battery", "/leave den")
        self.bob.reads()
        ann.types("for the den")
        self.assertEqual([], self.public())

    def test_many_lines(self) -> None:
        """However many lines come with a refused move, none of them is said."""
        self.alice.types("/join nowhere", *(f"line {number}" for number in range(500)))
        self.server.wait(200)
        self.assertEqual([], self.public())
