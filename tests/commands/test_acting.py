"""
C{/oper}: to act with the role of a staff account, under one's own nickname; and C{/wallops}, what staff tells staff.
"""

from __future__ import annotations

from typing import Any

from chatroom.core.names import fold
from chatroom.events import ServerRole
from chatroom.limits import OFF, Limits
from chatroom.records import SHELL, AuditEntry
from chatroom.testing import Guest, Server
from tests.commands.staffed import Staffed

RIGHT = "correct horse battery"
NOT_STAFF = "! Only server moderators can use /gkick. /staff lists them."


class ActingTests(Staffed):
    """Bob is a guest, and dora an account, who know the password of a staff account."""

    limits = Limits(talk_rate=OFF, work_rate=OFF)

    def acts(self, guest: Guest, name: str = "mia") -> None:
        """Somebody acts with the role of this account."""
        self.assertIn(f"You act as {name}", self.answers(guest, f"/oper {name} {RIGHT}")[0])

    def may(self, guest: Guest) -> bool:
        """Whether somebody may do what staff does."""
        return NOT_STAFF not in self.answers(guest, "/gkick nobody")

    def shown(self, nick: str, through: Guest | None = None) -> str:
        """What others see of somebody's role."""
        (line,) = [each for each in self.answers(through or self.ada, "/who *") if nick in each]
        (mine,) = [each for each in line.split(": ", 1)[1].split(", ") if each.startswith(nick)] or [""]
        return "moderator" if "moderator" in mine else "admin" if "admin" in mine else ""

    def test_a_guest_keeps_order(self) -> None:
        """A guest with the password of a moderator keeps the nickname, and may do what the moderator may."""
        self.assertFalse(self.may(self.bob))
        self.assertEqual(
            ["You act as mia, a moderator of this server. /unoper ends it."],
            self.answers(self.bob, f"/oper MIA {RIGHT}"),
        )
        self.assertEqual("You are bob, a guest, moderator of this server, in lobby.", self.answer(self.bob, "/whoami"))
        self.answers(self.bob, "/gkick dora spam")
        self.assertTrue(self.dora.is_disconnected())

    def test_the_log_names_the_account(self) -> None:
        """Each act stands in the audit log under the account's name, with the nickname; and the account reads it."""
        self.acts(self.bob)
        self.assertEqual(["-- Staff log: mia, oper bob (moderator)"], self.mia.reads())
        self.answers(self.bob, "/gmute dora 1h spam")
        self.answers(self.bob, "/unoper")
        log = [line.split(" ", 3)[-1] for line in self.answers(self.ada, "/audit mia")]
        self.assertEqual("mia: oper bob (moderator)", log[1])
        self.assertTrue(log[2].startswith("mia: mute dora (until ") and log[2].endswith(": spam, as bob)"), log)
        self.assertEqual("mia: unoper bob (as bob)", log[3])
        self.assertTrue([line for line in self.mia.reads() if "as bob" in line])

    def test_acts_in_rooms_are_written_down_too(self) -> None:
        """What somebody does in a room by a lent role stands in the log, and the room reads the nickname."""
        self.dora.types("/create den")
        self.dora.reads()
        self.acts(self.bob, "ada")
        self.answers(self.bob, "/topic tea")
        self.bob.types("/join den", "/private den")
        self.assertIn("-- bob made the room invite-only.", self.dora.reads())
        self.assertTrue(
            [line for line in self.answers(self.mia, "/audit ada") if "room-private den (on, as bob)" in line]
        )

    def test_it_ends_when_asked(self) -> None:
        """/unoper ends it, once."""
        self.acts(self.bob)
        self.assertEqual("You no longer act as mia.", self.answer(self.bob, "/unoper"))
        self.assertFalse(self.may(self.bob))
        self.assertEqual("", self.shown("bob"))
        self.assertEqual(
            "! You do not act as another account. /oper NAME PASSWORD begins it.", self.answer(self.bob, "/unoper")
        )

    def test_others_see_it_on_all_doors_and_nodes(self) -> None:
        """/who, programs and IRC show the mark, also through another node, and one that starts later."""
        self.acts(self.bob)
        there = self.server.another_node("b")
        guest = there.guest("visitor")
        there.settle()
        self.assertEqual("moderator", self.shown("bob"))
        self.assertEqual("moderator", self.shown("bob", guest))
        staff = {each["nick"]: each["staff"] for each in there.program("parrot").asks("who", room="*")["people"]}
        self.assertEqual("moderator", staff["bob"])
        client = there.irc_client("irene")
        client.types("WHO bob", "WHOIS bob")
        told = client.reads()
        self.assertTrue([line for line in told if " 352 " in line and " bob H* " in line], told)
        self.assertTrue([line for line in told if line.endswith(" 313 irene bob :is a moderator of this server")], told)
        self.bob.types("/unoper")
        self.server.settle()
        there.settle()
        self.assertEqual("", self.shown("bob", guest))

    def test_protects_as_staff_is_protected(self) -> None:
        """A moderator cannot kick or ban a person who acts as a moderator, neither from the server nor from a room."""
        self.dora.types("/create den")
        self.bob.types("/join den")
        self.acts(self.bob)
        refused = "! You can only kick people with a lower role than yours on this server."
        self.assertEqual(refused, self.answer(self.mia, "/gkick bob"))
        self.assertEqual(
            "! You can only kick people with a lower role than yours in den.", self.answer(self.dora, "/kick bob")
        )
        self.assertEqual(refused, self.answer(self.bob, "/gkick ada"))
        self.answers(self.ada, "/gkick bob")
        self.assertTrue(self.bob.is_disconnected())

    def test_network_with_oneself_in_it(self) -> None:
        """Somebody who acts as staff cannot ban the network from which they are connected."""
        self.acts(self.bob)
        self.assertIn("That would include you", self.answer(self.bob, "/gban 192.0.2.4 1h"))
        self.answers(self.bob, "/unoper")
        self.acts(self.bob, "ada")
        self.assertIn("192.0.2.5", self.answer(self.bob, "/gban 192.0.2.5 1h"))

    # How it ends.

    def test_demoted_account(self) -> None:
        """The role goes with the account's role, at once, and the person reads why."""
        self.acts(self.bob)
        self.answers(self.ada, "/demote mia")
        self.assertEqual(
            ["-- mia cannot lend you its role any more. You no longer act as mia."],
            [line for line in self.bob.reads() if "act as" in line],
        )
        self.assertFalse(self.may(self.bob))
        self.assertEqual("", self.shown("bob"))

    def test_role_is_read_anew_at_each_act(self) -> None:
        """What happens to the account beside the server holds for the next act: no role, and a lower one."""
        entry = AuditEntry(self.server.now(), SHELL, "role", "mia", "none")
        self.acts(self.bob)
        self.server.finish(self.server.backend.set_server_role(fold("mia"), ServerRole.NONE, entry))
        self.assertFalse(self.may(self.bob))
        self.acts(self.bob, "ada")
        self.server.promote("mia", ServerRole.ADMIN)
        self.server.promote("ada", ServerRole.MODERATOR)
        self.assertEqual(
            "! Only server admins can use /promote. /staff lists them.", self.answer(self.bob, "/promote dora")
        )
        self.assertEqual("moderator", self.shown("bob", self.dora))

    def test_disabled_and_banned_accounts_lend_nothing(self) -> None:
        """An account that may not log in any more lends its role no longer; nor does it begin to."""
        self.acts(self.bob)
        entry = AuditEntry(self.server.now(), SHELL, "disable", "mia")
        self.server.finish(self.server.backend.set_disabled("mia", True, entry))
        self.assertFalse(self.may(self.bob))
        self.assertIn("disabled", self.answers(self.bob, f"/oper MIA {RIGHT}")[0])
        self.acts(self.bob, "ada")
        self.server.promote("mia", ServerRole.NONE)
        self.server.promote("dora", ServerRole.MODERATOR)
        self.bob.types("/unoper")
        self.acts(self.bob, "dora")
        self.answers(self.ada, "/gban dora 1h")
        self.assertFalse(self.may(self.bob))
        self.assertIn("banned", self.answer(self.bob, f"/oper dora {RIGHT}"))

    def test_new_password_ends_it(self) -> None:
        """A changed password ends all that was begun with the old one."""
        self.acts(self.bob)
        self.answers(self.mia, f"/passwd {RIGHT.replace(' ', '_')} x")  # wrong
        self.assertTrue(self.may(self.bob))
        self.mia.types("/passwd", RIGHT, "a new password here", "a new password here")
        self.assertTrue([line for line in self.bob.reads() if line.endswith("You no longer act as mia.")])
        self.assertFalse(self.may(self.bob))

    def test_logging_in_and_out_ends_it(self) -> None:
        """Somebody who logs in, signs up or logs out acts with no role of before."""
        self.acts(self.bob)
        self.bob.types(f"/login dora {RIGHT}")
        self.assertTrue(
            [line for line in self.bob.reads() if line.startswith("-- You logged in. You no longer act as mia")]
        )
        self.assertFalse(self.may(self.bob))
        self.assertEqual("", self.shown("dora"))
        self.acts(self.bob)
        self.bob.types("/logout", "bob")
        self.assertFalse(self.may(self.bob))
        self.acts(self.bob)
        self.bob.types(f"/signup {RIGHT}")
        self.assertFalse(self.may(self.bob))
        self.assertEqual("", self.shown("bob"))

    def test_the_connection_takes_it_along(self) -> None:
        """A lost connection ends it, and the next guest of that name is nobody."""
        self.acts(self.bob)
        self.bob.disconnects()
        bob = self.server.guest("bob")
        self.assertEqual("", self.shown("bob"))
        self.assertFalse(self.may(bob))

    def test_another_nickname_changes_nothing(self) -> None:
        """With another nickname, the role and its mark stay, and the old nickname has neither."""
        self.acts(self.bob)
        self.bob.types("/nick rob")
        self.assertTrue(self.may(self.bob))
        self.assertEqual("moderator", self.shown("rob"))
        bob = self.server.guest("bob")
        self.assertEqual("", self.shown("bob"))
        self.assertFalse(self.may(bob))

    def test_demoted_while_the_nickname_changes(self) -> None:
        """A role that ends while a new nickname is being kept is shown under neither; nor does one begin then."""
        self.acts(self.bob)
        caller: Any = self.server.hub.connections.of("bob")[0]
        caller.changing = True
        self.answers(self.ada, "/demote mia")
        self.assertEqual("moderator", self.shown("bob"))
        self.assertIn(
            "! Your nickname is changing at the moment. Try again.", self.answers(self.bob, f"/oper ada {RIGHT}")
        )
        caller.changing = False
        self.bob.types("/nick rob")
        self.assertEqual("", self.shown("rob"))
        self.assertFalse(self.may(self.bob))

    # Who may, and what is not given.

    def test_one_connection_of_two(self) -> None:
        """Of an account's connections, only the one that did it has the role; others see the person with it."""
        other = self.server.connection("192.0.2.9")
        other.types("dora", RIGHT)
        other.reads()
        self.acts(self.dora)
        self.assertTrue(self.may(self.dora))
        self.assertFalse(self.may(other))
        self.assertEqual("moderator", self.shown("dora"))
        self.assertNotIn("moderator", self.answer(other, "/whoami"))
        self.ada.types("/gmute bob 1h")
        self.assertEqual([], [line for line in other.reads() if "Staff log" in line])
        self.assertTrue([line for line in self.dora.reads() if "Staff log" in line])
        self.acts(other, "ada")
        self.assertEqual("admin", self.shown("dora"))
        other.disconnects()
        self.assertEqual("moderator", self.shown("dora"))
        self.dora.types("/unoper")
        self.assertEqual("", self.shown("dora"))

    def test_the_second_takes_the_place_of_the_first(self) -> None:
        """With a second account, its role counts alone; where that fails, the first stays."""
        self.acts(self.bob, "ada")
        self.assertIn("! Wrong nickname or password.", self.answers(self.bob, "/oper mia wrong"))
        self.assertIn("admin", self.answer(self.bob, "/whoami"))
        self.acts(self.bob, "mia")
        self.assertIn("moderator", self.answer(self.bob, "/whoami"))
        self.assertIn("! Only server admins", self.answer(self.bob, "/promote dora"))

    def test_no_role_is_lent_that_there_is_not(self) -> None:
        """An account without a role lends none, nor one that is not above one's own."""
        self.assertEqual(
            "! dora has no role on this server. /staff lists who has.", self.answer(self.bob, f"/oper dora {RIGHT}")
        )
        for whom in ("mia", "ada"):
            refused = f"! ada has no lower role than {whom}, and it counts already."
            self.assertEqual(refused, self.answer(self.ada, f"/oper {whom} {RIGHT}"))
        self.assertFalse(self.may(self.bob))

    def test_guessing_counts_as_at_a_login(self) -> None:
        """Wrong passwords have one budget with those of /login, for the address and for the account."""
        server = Server(Limits(login_tries=3, talk_rate=OFF, work_rate=OFF))
        server.staff("mia", address="192.0.2.1").disconnects()
        bob = server.guest("bob", address="192.0.2.7")
        for typed in ("/oper mia a", "/login mia b", "/oper mia c"):
            self.assertIn("! Wrong nickname or password.", self.answers(bob, typed))
        for typed in (f"/oper mia {RIGHT}", f"/login mia {RIGHT}"):
            self.assertIn("Too many wrong passwords", self.answer(bob, typed))

    def test_the_server_survives_an_upgrade_with_it(self) -> None:
        """After an upgrade the role is there, with its mark, and goes with the account's as before."""
        self.acts(self.bob)
        self.server.upgraded()
        self.server = self.bob.server
        ada = self.server.connection("192.0.2.1")
        ada.types("ada", RIGHT)
        self.assertTrue(self.may(self.bob))
        self.assertEqual("moderator", self.shown("bob", ada))
        ada.types("/demote mia")
        self.assertTrue([line for line in self.bob.reads() if line.endswith("You no longer act as mia.")])
        self.assertFalse(self.may(self.bob))
        self.assertEqual("", self.shown("bob", ada))

    def test_the_account_is_on_another_node(self) -> None:
        """What happens to the account through another node is known at once, and at each act."""
        there = self.server.another_node("b")
        admin = there.connection("192.0.2.1")
        admin.types("ada", RIGHT)
        self.acts(self.bob)
        there.settle()
        self.assertTrue(self.may(self.bob))
        admin.types("/demote mia")
        self.server.settle()
        self.assertTrue([line for line in self.bob.reads() if line.endswith("You no longer act as mia.")])
        there.settle()
        self.assertEqual("", self.shown("bob", admin))

    def test_a_slip_says_no_password(self) -> None:
        """Without its slash, or mistyped, the command is published nowhere; and it asks for a password left out."""
        self.dora.reads()
        for typed in (f"oper mia {RIGHT}", f"opper mia {RIGHT}", f".oper mia {RIGHT}", f"oper: mia {RIGHT}"):
            self.assertIn("looks like a mistyped /oper", " ".join(self.answers(self.bob, typed)))
        self.assertEqual([], self.dora.reads())
        self.bob.types("/oper mia", RIGHT)
        self.assertTrue(self.may(self.bob))
        self.assertEqual([], self.dora.reads())


class WallopsTests(Staffed):
    """Staff talks to staff."""

    def test_staff_reads_it_and_nobody_else(self) -> None:
        """All other staff who are online read it, on every node, with who it is from; the log says that it was sent."""
        there = self.server.another_node("b")
        guest = there.staff("otto")
        self.bob.types(f"/oper mia {RIGHT}")
        self.clear()
        guest.reads()
        self.assertEqual(
            ["All other staff who are online have read it."], self.answers(self.bob, "/wallops look at the lobby")
        )
        there.settle()
        told = "-- bob (as mia) to all staff: look at the lobby"
        for reader in (self.ada, self.mia, guest):
            self.assertEqual([told], reader.reads())
        self.assertEqual([], self.dora.reads())
        self.assertIn("mia: wallops staff (as bob)", self.answers(self.ada, "/audit")[-1])

    def test_is_for_staff(self) -> None:
        """Nobody else can send it, and a person who is muted cannot either."""
        self.assertEqual(
            "! Only server moderators can use /wallops. /staff lists them.", self.answer(self.dora, "/wallops hi")
        )
        self.answers(self.ada, "/gmute mia 1h")
        self.assertIn("You are muted", self.answer(self.mia, "/wallops hi"))
        self.assertEqual([], [line for line in self.ada.reads() if "hi" in line])
