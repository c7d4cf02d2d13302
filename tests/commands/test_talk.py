"""
Talking: /me, /whisper, /reply, and /say for programs.
"""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from chatroom.testing import Server


class ActingTests(SynchronousTestCase):
    """C{/me}."""

    def test_everyone_reads_what_one_does(self) -> None:
        """As a third person would tell it."""
        server = Server()
        alice, bob = server.guest("alice"), server.guest("bob")
        alice.reads()
        alice.types("/me waves to the room")
        self.assertEqual(["* alice waves to the room"], bob.reads())
        self.assertEqual([], alice.reads())

    def test_doing_nothing_is_refused(self) -> None:
        """The refusal says how it is typed."""
        alice = Server().guest("alice")
        alice.types("/me")
        self.assertEqual(["! Missing TEXT. Usage: /me TEXT ..."], alice.reads())


class NonceTests(SynchronousTestCase):
    """What a program calls a message of its own, so that it knows it again."""

    def setUp(self) -> None:
        """A program that says things, and one that reads them."""
        self.server = Server()
        self.robot, self.parrot = self.server.program("robot"), self.server.program("parrot")
        self.robot.hears()

    def test_it_is_repeated_everywhere(self) -> None:
        """In the answer, in the event that others get, and in the history; messages without one have no such key."""
        for word in ("say", "me"):
            self.assertEqual("7f3a", self.robot.asks(word, text="tea", nonce="7f3a")["nonce"])
            self.assertNotIn("nonce", self.robot.asks(word, text="cake"))
            for events in (self.parrot.hears(), self.parrot.asks("history")["events"][-2:]):
                self.assertEqual([("tea", "7f3a"), ("cake", None)], [(e["text"], e.get("nonce")) for e in events])
        self.assertEqual("5", self.robot.asks("say", text="tea", nonce=5)["nonce"])

    def test_it_finds_a_doubtful_message(self) -> None:
        """After a lost connection, the history says whether the message was said."""
        last = self.robot.asks("say", text="tea")["seq"]
        self.robot.sends(b'{"id": 9, "do": "say", "text": "cake", "nonce": "n1"}\n')
        self.robot.disconnects()  # before it reads the answer
        again = self.server.program("robot")
        page = again.asks("history", room="lobby", since=last, talk=False)
        self.assertEqual([("robot", "n1")], [(e["nick"], e["nonce"]) for e in page["events"] if "nonce" in e])

    def test_what_is_none_is_refused(self) -> None:
        """With the limit, where it is too long, and nothing is said."""
        answer = self.robot.asks("say", text="tea", nonce="n" * 10_000)
        self.assertEqual(("unlawful", 64), (answer["error"], answer["max"]))
        self.assertEqual("unlawful", self.robot.asks("say", text="tea", nonce="\u202e")["error"])
        self.assertEqual([], self.parrot.hears())


class AutoTests(SynchronousTestCase):
    """What a program says by itself."""

    def setUp(self) -> None:
        """A person and two programs in the lobby."""
        self.server = Server()
        self.alice = self.server.guest("alice")
        self.robot, self.parrot = self.server.program("robot"), self.server.program("parrot")
        self.alice.reads()
        self.parrot.hears()

    def test_people_read_it_as_talk(self) -> None:
        """Live and in the history, in as many lines as it has."""
        self.robot.asks("say", text="green\ntea", auto=True)
        self.assertEqual(["<robot> green", "<robot> tea"], self.alice.reads())
        self.alice.types("/history")
        self.assertIn("[00:00] <robot> green", self.alice.reads())

    def test_programs_know_it(self) -> None:
        """By its kind, live and in the history, so that what answers talk does not answer it."""
        self.robot.asks("say", text="tea", auto=True)
        self.robot.asks("say", text="cake", auto=False)
        for events in (self.parrot.hears(), self.parrot.asks("history")["events"]):
            self.assertEqual([("auto-said", "tea"), ("said", "cake")], [(e["event"], e["text"]) for e in events])
        self.assertEqual("bad-arguments", self.robot.asks("say", text="tea", auto="perhaps")["error"])

    def test_it_is_held_to_the_rules_of_talk(self) -> None:
        """Who is ignored or muted is so by itself as well, and slow mode counts it."""
        self.alice.types("/ignore robot")
        self.alice.reads()
        self.robot.asks("say", text="tea", auto=True)
        self.assertEqual([], self.alice.reads())
        owner = self.server.program("owner2")
        owner.asks("create", room="den")
        self.robot.asks("join", room="den")
        owner.asks("slow", seconds="30")
        self.assertTrue(self.robot.asks("say", text="tea", auto=True)["ok"])
        self.assertEqual("too-soon", self.robot.asks("say", text="tea", auto=True)["error"])
        owner.asks("mute", nick="robot")
        self.assertEqual("muted", self.robot.asks("say", text="tea", auto=True)["error"])


NOBODY = "! Nobody has whispered to you, or that person has left. To start: @nick text"


class WhisperTests(SynchronousTestCase):
    """C{/whisper} and C{/reply}."""

    def setUp(self) -> None:
        """Three people in the lobby."""
        self.server = Server()
        self.alice, self.bob, self.carol = (self.server.guest(nick) for nick in ("alice", "bob", "carol"))
        self.alice.reads(), self.bob.reads()

    def test_one_person_reads_it(self) -> None:
        """One person reads the whisper, and the sender gets one line that says so."""
        words = ("/whisper bob psst", "/w bob psst", "/msg bob psst", "/tell @bob psst")
        for typed in (*words, "@bob psst", "@bob: psst", "@bob, psst"):
            self.alice.types(typed)
            self.assertEqual(["Whispered to bob."], self.alice.reads())
            self.assertEqual(["[alice whispers] psst"], self.bob.reads())
        self.assertEqual([], self.carol.reads())

    def test_reply_goes_to_whoever_whispered_last(self) -> None:
        """Without typing their name."""
        self.alice.types("@bob one")
        self.carol.types("@bob two")
        self.bob.reads()
        self.bob.types("/reply yes")
        self.assertEqual(["Whispered to carol."], self.bob.reads())
        self.carol.types("/r good")
        self.assertEqual(["[carol whispers] good"], self.bob.reads())
        self.assertEqual(["Whispered to bob."], self.alice.reads())

    def test_reply_to_nobody(self) -> None:
        """Says how to begin."""
        self.alice.types("/r hello?")
        self.assertEqual([NOBODY], self.alice.reads())

    def test_reply_follows_a_new_nickname(self) -> None:
        """It goes to the person, whatever they are called now, and not to whoever took the old nickname."""
        self.alice.types("@bob one", "/nick alicia")
        self.carol.types("/nick alice")
        self.bob.types("/reply secret")
        self.assertIn("[bob whispers] secret", self.alice.reads())
        self.assertNotIn("[bob whispers] secret", self.carol.reads())
        self.assertIn("Whispered to alicia.", self.bob.reads())

    def test_reply_to_a_guest_who_is_gone(self) -> None:
        """Whoever comes in by that nickname next is somebody else."""
        self.alice.types("@bob one", "QUIT")
        stranger = self.server.guest("alice")
        self.bob.reads(), stranger.reads()
        self.bob.types("/reply secret")
        self.assertEqual([NOBODY], self.bob.reads())
        self.assertEqual([], stranger.reads())

    def test_reply_to_an_account_that_is_gone(self) -> None:
        """It waits: nobody else can have that nickname."""
        dora = self.server.account("dora")
        dora.types("@bob one", "QUIT")
        self.bob.reads()
        self.bob.types("/reply two")
        self.assertEqual(["dora is offline. Your whisper is in their inbox."], self.bob.reads())

    def test_whisper_to_the_absent_waits(self) -> None:
        """Where they have an account; the sender is told so."""
        dora = self.server.account("dora")
        dora.types("/quit")
        self.alice.reads()
        self.alice.types("@dora later")
        self.assertEqual(["dora is offline. Your whisper is in their inbox."], self.alice.reads())

    def test_whisper_to_nobody(self) -> None:
        """There is nobody who could ever read it."""
        self.alice.types("@nobody psst")
        (line,) = self.alice.reads()
        self.assertTrue(line.startswith("! "), line)

    def test_programs_are_told_whether_it_was_heard(self) -> None:
        """As a fact."""
        robot = self.server.program("robot")
        self.assertTrue(robot.asks("whisper", to="bob", text="beep")["delivered"])
        self.assertEqual(["-- robot joined.", "[robot whispers] beep"], self.bob.reads())
        self.server.account("dora").types("/quit")
        self.assertEqual(False, robot.asks("whisper", to="dora", text="beep")["delivered"])


class SayTests(SynchronousTestCase):
    """C{say} is for programs, and for lines that begin with an at sign."""

    def test_program_says_it_in_a_room(self) -> None:
        """A program says something in a room, and learns its number."""
        server = Server()
        alice = server.guest("alice")
        robot = server.program("robot")
        alice.reads()
        answer = robot.asks("say", room="lobby", text="beep")
        self.assertEqual(["<robot> beep"], alice.reads())
        self.assertEqual(("lobby", True), (answer["room"], answer["seq"] > 0))

    def test_line_may_begin_with_an_at_sign(self) -> None:
        """If somebody insists."""
        server = Server()
        alice, bob = server.guest("alice"), server.guest("bob")
        alice.types("/say @bob is not a whisper")
        self.assertEqual(["<alice> @bob is not a whisper"], bob.reads())
