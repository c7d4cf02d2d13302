"""
Accounts and sessions: coming in, proving who one is, and going.
"""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from chatroom.commands.views import RECORDED
from chatroom.events import Role
from chatroom.testing import Guest, Server

PASSWORD = "correct horse battery"
RESUME = "To skip the password next time, type /session remember now, and next time: /resume "


class Accounts(SynchronousTestCase):
    """Dora has an account and is here."""

    def setUp(self) -> None:
        """She has read everything."""
        self.server = Server()
        self.dora = self.server.account("dora", PASSWORD)

    def answer(self, guest: Guest, typed: str) -> str:
        """The one line that comes when this is typed."""
        guest.reads()
        guest.types(typed)
        (line,) = guest.reads()
        return line


class ArrivalTests(SynchronousTestCase):
    """What somebody reads who has just come in."""

    def test_guest(self) -> None:
        """A welcome, what to type next, and the lobby."""
        server = Server()
        alice = server.staff("alice")
        alice.types("/topic be kind", "hello")
        bob = server.connection()
        bob.types("bob")
        welcome, what_next, *lobby = [line for line in bob.reads() if "nickname?" not in line][-7:]
        self.assertEqual("Registration successful. You are bob.", welcome)
        for hint in ("@nick", "/help", "QUIT"):
            self.assertIn(hint, what_next)
        self.assertEqual(
            [
                "You are in lobby. Topic: be kind",
                "Here (2 people): alice (moderator), bob (guest)",
                RECORDED,
                "-- 2026-01-01 (UTC)",
                "[00:00] <alice> hello",
            ],
            lobby,
        )

    def test_account(self) -> None:
        """The same, with the whispers that wait and a token for the next time."""
        server = Server()
        server.account("dora", PASSWORD).types("/quit")
        alice = server.guest("alice")
        alice.types("@dora one", "@dora two")
        dora = server.connection()
        dora.types(f"/login dora {PASSWORD}")
        lines = dora.reads()
        welcome = lines.index("Logged in as dora.")
        self.assertTrue(lines[welcome + 2].startswith(RESUME))
        self.assertEqual(["2 whispers wait for you: /inbox", "You are in lobby."], lines[welcome + 3 : welcome + 5])


class HelloTests(Accounts):
    """C{hello}, the first word of programs."""

    def test_guest(self) -> None:
        """A nickname is enough."""
        answer = self.server.program().asks("hello", nick="robot")
        self.assertEqual(
            ("robot", False, None, 0), tuple(answer[name] for name in ("nick", "account", "token", "waiting"))
        )
        self.assertEqual(("lobby", 2), (answer["view"]["room"], answer["view"]["people_total"]))

    def test_account(self) -> None:
        """With its password; and later with the token."""
        first = self.server.program().asks("hello", nick="dora", password=PASSWORD)
        self.assertEqual(("dora", True), (first["nick"], first["account"]))
        second = self.server.program().asks("hello", token=first["token"])
        self.assertEqual(("dora", True, None), (second["nick"], second["account"], second["token"]))

    def test_wrong_password_and_token(self) -> None:
        """Have the same stable code."""
        program = self.server.program()
        self.assertEqual("wrong-password", program.asks("hello", nick="dora", password="wrong")["error"])
        self.assertEqual("wrong-password", program.asks("hello", token="wrong")["error"])

    def test_name_of_an_account(self) -> None:
        """Is not a guest's to take."""
        self.assertEqual("nick-owned", self.server.program().asks("hello", nick="Dora")["error"])

    def test_neither_nick_nor_token(self) -> None:
        """The refusal says what is missing."""
        answer = self.server.program().asks("hello")
        self.assertEqual("bad-arguments", answer["error"])
        self.assertIn("nick", answer["sentence"])


class LoginTests(Accounts):
    """C{/signup}, C{/login}, C{/resume} and C{/logout}."""

    def test_signing_up(self) -> None:
        """The nickname is an account's from now on; nothing of the room is told again."""
        alice = self.server.guest("alice")
        alice.types("/signup another horse battery")
        account, token = alice.reads()
        self.assertEqual("alice is now your account; its password is asked for from now on.", account)
        self.assertTrue(token.startswith(RESUME))

    def test_guest_logs_in(self) -> None:
        """A guest who logs in is called by the account's name in all rooms."""
        self.dora.types("/quit")
        alice, bob = self.server.guest("alice"), self.server.guest("bob")
        alice.reads()
        alice.types(f"/login @dora {PASSWORD}")
        self.assertEqual("Logged in as dora.", alice.reads()[0])
        self.assertEqual(["-- alice is now called dora."], bob.reads())

    def test_guest_logs_in_to_an_account_that_is_online(self) -> None:
        """Rooms and roles go along, also where the guest was alone, or where nobody may join without an invitation."""
        alice = self.server.guest("alice")
        alice.types("/create den", "/create attic", "/private on", "/create nook")
        bob = self.server.guest("bob")
        bob.types("/join den")
        bob.reads()
        alice.types(f"/login dora {PASSWORD}")
        self.assertIn("Logged in as dora.", alice.reads())
        rooms = self.server.services.chat.state.people["dora"].rooms
        self.assertEqual({"lobby", "den", "attic", "nook"}, set(rooms))
        self.assertEqual({Role.OWNER}, {rooms[name].role("dora") for name in ("den", "attic", "nook")})
        told = [line for line in bob.reads() if not line.startswith("[lobby]")]
        self.assertEqual(["-- alice made dora an owner.", "-- dora joined.", "-- alice left the chat."], told)

    def test_guest_brings_no_role_to_an_account_that_is_banned(self) -> None:
        """Dora, who is online, stays out, and is no owner either."""
        alice, bob = self.server.guest("alice"), self.server.guest("bob")
        alice.types("/create den")
        bob.types("/join den")
        alice.types("/ban dora", f"/login dora {PASSWORD}")
        self.assertEqual({"lobby"}, set(self.server.services.chat.state.people["dora"].rooms))
        self.assertEqual({}, self.server.services.chat.state.rooms["den"].roles)

    def test_token_resumes(self) -> None:
        """As a first line, or later."""
        self.dora.types("/quit")
        stranger = self.server.connection()
        stranger.types(f"/login dora {PASSWORD}")
        (line,) = [line for line in stranger.reads() if line.startswith(RESUME)]
        stranger.disconnects()
        token = line.removeprefix(RESUME)
        again = self.server.connection()
        again.types(f"/resume {token}")
        self.assertIn("Logged in as dora.", again.reads())
        again.disconnects()
        self.assertEqual("Logged in as dora.", self.answer(self.server.guest("alice"), f"/resume {token}"))

    def test_logging_out(self) -> None:
        """One stands at the nickname question again."""
        self.dora.types("/logout")
        self.assertIn("You are logged out. Type a nickname to join again, or QUIT.", self.dora.reads())
        self.dora.types("somebody")
        self.assertIn("Registration successful. You are somebody.", self.dora.reads())

    def test_guests_have_nothing_to_log_out_of(self) -> None:
        """The hub says so."""
        self.assertIn("needs an account", self.answer(self.server.guest("alice"), "/logout"))


class SessionTests(Accounts):
    """C{/session}."""

    def elsewhere(self) -> Guest:
        """Dora at another computer."""
        other = self.server.connection("10.0.0.9")
        other.types(f"/login dora {PASSWORD}")
        other.reads()
        return other

    def test_list(self) -> None:
        """Where, when last, how long still, and which of them this one is."""
        self.elsewhere()
        self.server.wait(3600)
        self.dora.reads()
        self.dora.types("/session")
        lines = sorted(self.dora.reads(), key=lambda line: "this one" in line)
        self.assertEqual(2, len(lines))
        self.assertRegex(
            lines[0], r"^[0-9a-f]{8} from 10\.0\.0\.9, last used 1 hour ago, ends soon after its connection\.$"
        )
        self.assertRegex(lines[1], r"^[0-9a-f]{8} \(this one\) from 127\.0\.0\.1, last used ")

    def test_revoking_one(self) -> None:
        """It is closed, and its token is worth nothing."""
        other = self.elsewhere()
        self.dora.reads()
        self.dora.types("/session list")
        (line,) = [line for line in self.dora.reads() if "this one" not in line]
        self.assertEqual("1 session ended.", self.answer(self.dora, f"/session revoke {line[:8]}"))
        self.assertTrue(other.is_disconnected())

    def test_revoking_all_others(self) -> None:
        """This one stays."""
        others = [self.elsewhere(), self.elsewhere()]
        self.assertEqual("2 sessions ended.", self.answer(self.dora, "/sessions revoke all"))
        self.assertEqual([True, True], [other.is_disconnected() for other in others])
        self.assertFalse(self.dora.is_disconnected())

    def test_all_others_are_those_that_are_not_listed_as_well(self) -> None:
        """A session is given up for newer ones, and whoever is here by it stays; until all are ended."""
        thief = self.elsewhere()
        for _ in range(self.server.limits.sessions_per_account):
            self.server.wait(1)
            self.elsewhere().disconnects()
        self.assertFalse(thief.is_disconnected())
        self.dora.types("/passwd", PASSWORD, "another horse battery", "another horse battery")
        self.assertTrue(thief.is_disconnected())
        self.assertFalse(self.dora.is_disconnected())

    def test_logging_out_ends_the_session_for_all_who_came_by_it(self) -> None:
        """Nobody could end it any more; other sessions go on."""
        robot, again = self.server.program(), self.server.program()
        token = robot.asks("hello", nick="dora", password=PASSWORD)["token"]
        again.asks("hello", token=token)
        self.assertTrue(robot.asks("logout")["ok"])
        self.assertTrue(again.is_disconnected())
        self.assertFalse(robot.is_disconnected())
        self.assertFalse(self.dora.is_disconnected())

    def test_anything_else(self) -> None:
        """The refusal says what there is."""
        for typed in ("/session delete x", "/session revoke"):
            self.assertIn("/session revoke all", self.answer(self.dora, typed))

    def test_remember(self) -> None:
        """C{/session remember} keeps the session, so that its token opens when nobody was connected for days."""
        other = self.server.connection()
        other.types(f"/login dora {PASSWORD}")
        (line,) = [line for line in other.reads() if line.startswith(RESUME)]
        self.assertRegex(self.answer(other, "/session remember"), "^This session is kept. It expires after 30 d")
        self.assertIn("expires after", next(line for line in self.listed(other) if "this one" in line))
        other.disconnects()
        self.dora.disconnects()
        self.server.jump(20 * 86400)
        again = self.server.connection()
        again.types(f"/resume {line.removeprefix(RESUME)}")
        self.assertIn("Logged in as dora.", again.reads())

    def listed(self, guest: Guest) -> list[str]:
        """What C{/session} lists."""
        guest.reads()
        guest.types("/session")
        return guest.reads()

    def test_programs_ask_to_keep(self) -> None:
        """C{keep} does the same for programs, with each word that begins a session; the answer says C{kept}."""
        for keep in (True, False):
            for word, arguments in (("hello", {"nick": "dora"}), ("login", {"name": "dora"})):
                robot = self.server.program()
                answer = robot.asks(word, **arguments, password=PASSWORD, keep=keep)
                self.assertEqual((True, keep), (answer["ok"], answer["kept"]))
                robot.disconnects()
            robot = self.server.program(f"new{keep}")
            self.assertEqual(keep, robot.asks("signup", password="another horse battery", keep=keep)["kept"])
        self.assertEqual("bad-arguments", robot.asks("login", name="dora", password=PASSWORD, keep="perhaps")["error"])

    def test_programs_read_facts(self) -> None:
        """Of each session; nothing that could be used to log in."""
        robot = self.server.program()
        token = robot.asks("hello", nick="dora", password=PASSWORD)["token"]
        answer = robot.asks("session")
        self.assertEqual(2, len(answer["sessions"]))
        (current,) = [session for session in answer["sessions"] if session["current"]]
        self.assertEqual({"session", "current", "label", "created", "used", "expires", "kept", "service"}, set(current))
        self.assertNotIn(token, str(answer))
        self.assertEqual(1, robot.asks("session", action="revoke", session="all")["revoked"])


class PasswdTests(Accounts):
    """C{/passwd}."""

    def test_new_password(self) -> None:
        """Logs in from then on, and the old one does not; asked for one by one where they are left out."""
        self.dora.types("/passwd", PASSWORD, "a newer battery", "a newer battery")
        self.assertEqual("Your password has been changed.", self.dora.reads()[-1])
        program = self.server.program()
        self.assertEqual("wrong-password", program.asks("hello", nick="dora", password=PASSWORD)["error"])
        self.assertTrue(program.asks("hello", nick="dora", password="a newer battery")["ok"])

    def test_other_sessions_end(self) -> None:
        """Whoever knew the old password is out."""
        robot = self.server.program()
        robot.asks("hello", nick="dora", password=PASSWORD)
        self.dora.types("/passwd", PASSWORD, "a newer battery", "a newer battery")
        self.assertEqual("Your password has been changed. 1 other session ended.", self.dora.reads()[-1])
        self.assertTrue(robot.is_disconnected())


class QuitTests(Accounts):
    """C{/quit}."""

    def test_others_read_the_reason(self) -> None:
        """The others read the reason, and the connection is closed behind a friendly word."""
        for typed in ("/quit gone fishing", "/bye gone fishing", "/exit gone fishing"):
            alice = self.server.guest("alice")
            self.dora.reads()
            alice.types(typed)
            self.assertEqual(["-- Goodbye."], alice.reads())
            self.assertTrue(alice.is_disconnected())
            self.assertEqual(["-- alice left the chat: gone fishing"], self.dora.reads())

    def test_before_there_is_a_nickname(self) -> None:
        """One may change one's mind."""
        stranger = self.server.connection()
        stranger.types("/quit")
        self.assertTrue(stranger.is_disconnected())
