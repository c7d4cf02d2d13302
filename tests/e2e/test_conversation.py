"""
People with nc and telnet in a real room: they meet, talk, sign up, are away and come back.
"""

from __future__ import annotations

from pathlib import Path

from tests.e2e.people import Peer, Person
from tests.e2e.room_case import RoomCase

PASSWORD = "correct horse battery"


class TalkTests(RoomCase):
    """The first minutes."""

    def test_talk(self) -> None:
        """What one says, everyone else reads, with the nickname before it."""
        alice = self.registered(self.nc("alice"))
        bob = self.registered(self.telnet("bob"))
        alice.reads("bob")
        alice.types("hello bob")
        bob.reads("<alice> hello bob")
        bob.types("hello alice")
        alice.reads("<bob> hello alice")

    def test_name_taken(self) -> None:
        """A nickname in use, in whatever letter case, is refused, and the next one may be tried at once."""
        self.registered(self.nc("alice"))
        second = self.nc("somebody")
        second.types("ALICE")
        second.reads("already taken")
        second.types("bob")
        second.reads("Registration successful")

    def test_whisper(self) -> None:
        """A whisper reaches one, and nobody else."""
        alice, bob, carol = (
            self.registered(person) for person in (self.nc("alice"), self.nc("bob"), self.telnet("carol"))
        )
        alice.types("@bob do not tell")
        bob.reads("[alice whispers] do not tell")
        alice.types("who wants tea?")
        carol.reads("<alice> who wants tea?")
        self.assertFalse(carol.has_read("do not tell"))

    def test_leaving(self) -> None:
        """QUIT, a closed terminal: the others are told."""
        alice, bob, carol = (
            self.registered(person) for person in (self.nc("alice"), self.nc("bob"), self.telnet("carol"))
        )
        bob.types("QUIT")
        bob.is_disconnected()
        alice.reads("bob left the chat")
        carol.closes()
        alice.reads("carol left the chat")

    def test_rooms(self) -> None:
        """A room of one's own: who is not in it reads nothing of it."""
        alice, bob, carol = (self.registered(person) for person in (self.nc("alice"), self.nc("bob"), self.nc("carol")))
        alice.types("/create attic")
        alice.reads("You created attic")
        bob.types("/join attic")
        bob.reads("You are in attic")
        alice.reads("bob joined")
        alice.types("only for the attic")
        bob.reads("only for the attic")
        bob.types("/look lobby", "down again")
        carol.reads("<bob> down again")
        self.assertFalse(carol.has_read("only for the attic"))
        alice.reads("[lobby] <bob> down again")

    def test_a_pipe(self) -> None:
        """C{printf ... | nc -N} says its lines and reads all the answers, though it closes its half at once."""
        alice = self.registered(self.nc("alice"))
        script = Peer(self.daemon.port)
        self.addCleanup(script.close)
        script.sends(b"robot\nhello from a script\n/who\n")
        script.sends_no_more()
        said = script.reads_to_the_end()
        self.assertIn(b"Registration successful", said)
        self.assertIn(b"alice", said.split(b"Registration successful")[1])
        alice.reads("<robot> hello from a script")

    def test_synch(self) -> None:
        """C{send synch} of telnet, of which one byte is urgent data, swallows no letter."""
        alice = self.registered(self.nc("alice"))
        dave = Peer(self.daemon.port)
        self.addCleanup(dave.close)
        dave.sends(b"dave\r\n")
        dave.reads(b"Registration successful")
        dave.sends(b"wrong\xff\xf4\xff")
        dave.sends_urgently(b"\xf2")
        dave.sends(b"hello\r\n")
        alice.reads("<dave> hello")


class AccountTests(RoomCase):
    """Names that stay one's own."""

    def sign_up(self, person: Person) -> Person:
        """Make an account of the nickname."""
        self.registered(person)
        person.types(f"/signup {PASSWORD}")
        person.reads("/resume")
        return person

    def test_password_is_not_shown_in_telnet(self) -> None:
        """Who logs in through telnet does not see the password on the screen."""
        bob = self.sign_up(self.nc("bob"))
        bob.types("QUIT")
        bob.is_disconnected()
        again = self.telnet("bob")
        again.types("bob")
        again.reads("It is not shown as you type.")
        again.types(PASSWORD)
        again.reads("Logged in as")
        again.types("visible")
        again.reads("visible")
        self.assertFalse(again.has_read(PASSWORD))

    def test_wrong_password(self) -> None:
        """It is refused, the connection stays, and the right one still opens."""
        bob = self.sign_up(self.nc("bob"))
        bob.types("QUIT")
        bob.is_disconnected()
        again = self.nc("bob")
        again.types("bob", "battery staple")
        again.reads("! ")
        again.types(f"/login bob {PASSWORD}")
        again.reads("Logged in as")

    def test_whisper_waits(self) -> None:
        """Whoever has an account and is away finds the whisper when they are back, and once only."""
        alice = self.registered(self.nc("alice"))
        bob = self.sign_up(self.nc("bob"))
        bob.types("QUIT")
        bob.is_disconnected()
        alice.types("@bob the key is under the mat")
        alice.reads("inbox")
        again = self.nc("bob")
        again.types(f"/login bob {PASSWORD}")
        again.reads("1 whisper waits")
        again.types("/inbox")
        again.reads("the key is under the mat")
        again.types("/inbox")
        again.reads("No new whispers")
        self.assertEqual(1, again.raw.count("the key is under the mat"))


class OtherCheckersTests(RoomCase):
    """C{--auth}: people whose passwords somebody else keeps."""

    options = ("--auth", "file:people.passwd")

    def setUp(self) -> None:
        folder = Path(self.mktemp()).absolute()
        folder.mkdir(parents=True)
        (folder / "people.passwd").write_text("bob:sesame street\n")
        self.start_in(folder)

    def test_account_without_signing_up(self) -> None:
        """Whoever is in the file logs in, and from then on the nickname is theirs."""
        bob = self.nc("bob")
        bob.types("/login bob sesame street")
        bob.reads("Logged in as")
        bob.types("QUIT")
        bob.is_disconnected()
        other = self.nc("other")
        other.types("bob")
        other.reads("belongs to an account")
        other.types("not the password")
        other.reads("! ")
        other.types("sesame street")
        other.reads("Logged in as")


class ListedCheckersTests(RoomCase):
    """C{--auth memory}, as it is listed."""

    options = ("--auth", "memory:carol:x:bob:sesame street")

    def test_right_and_wrong(self) -> None:
        """Bob gets in by the password that stands behind C{--auth}, typed with any kind of space, and by no other."""
        bob = self.nc("bob")
        bob.types("/login bob sesame")
        bob.reads("Wrong nickname or password")
        bob.types("/login bob sesame\u3000street")
        bob.reads("Logged in as")


class CrashTests(RoomCase):
    """C{kill -9}, and a start with the same data."""

    def test_history_and_inbox(self) -> None:
        """Every line that anybody has read, every waiting whisper and every account is there again."""
        alice = self.registered(self.nc("alice"))
        bob = self.registered(self.nc("bob"))
        alice.reads("bob")
        bob.types(f"/signup {PASSWORD}")
        bob.reads("/resume")
        bob.types("QUIT")
        bob.is_disconnected()
        carol = self.registered(self.nc("carol"))
        for number in range(20):
            alice.types(f"line {number} before the crash")
        carol.reads("line 19 before the crash")
        alice.types("@bob read this tomorrow")
        alice.reads("inbox")
        self.daemon.kill()
        alice.is_disconnected()
        self.daemon.start()

        again = self.nc("bob")
        again.types("bob")
        again.reads("assword")
        again.types(PASSWORD)
        again.reads("1 whisper waits")
        again.types("/history")
        for number in range(20):
            again.reads(f"line {number} before the crash")
        again.types("/inbox")
        again.reads("read this tomorrow")
        # Nobody who was connected when it crashed is still said to be here.
        again.types("/who")
        again.reads("(1 person)")
        self.registered(self.nc("alice"))
