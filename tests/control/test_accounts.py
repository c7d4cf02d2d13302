"""
Accounts, sessions and roles, as the one who runs the server has them from the shell.
"""

from __future__ import annotations

import os
import struct
from types import SimpleNamespace

from chatroom.core.staff import rank, shell
from chatroom.private import user_name
from chatroom.testing import FakeTransport
from tests.control.shell import PASSWORD, Shell, ShellCase
from tests.doors.certificates import fingerprint, over_tls


class ListTests(ShellCase):
    """Which accounts there are."""

    def test_list(self) -> None:
        """Each with what an operator wants to know of it; guests have none."""
        self.server.guest("bob").types("@carol hello")
        self.asks("create", name="Carol", password=PASSWORD)
        self.server.guest("dave").types("@carol psst")
        answer = self.asks("accounts")
        self.assertIsNone(answer["next"])
        alice, carol = answer["accounts"]
        self.assertEqual(("alice", True, 1, 0), tuple(alice[key] for key in ("name", "online", "sessions", "unread")))
        self.assertEqual(("Carol", False, 0, 1), tuple(carol[key] for key in ("name", "online", "sessions", "unread")))
        self.assertEqual(
            ["none", False, "2026-01-01T00:00:00.000Z"], [alice[k] for k in ("staff", "erased", "created")]
        )

    def test_pages(self) -> None:
        """However many there are, an answer is only so long, and says where to go on."""
        self.patch(__import__("chatroom.control.accounts", fromlist=["PAGE"]), "PAGE", 1)
        self.asks("create", name="bob", password=PASSWORD)
        first = self.asks("accounts")
        second = self.asks("accounts", after=first["next"])
        self.assertEqual(["alice", "bob"], [each["accounts"][0]["name"] for each in (first, second)])


class CreateTests(ShellCase):
    """New accounts."""

    def test_create(self) -> None:
        """Its owner logs in with the password; it stands in the audit log, which does not hold it."""
        self.asks("create", name="Bob", password=PASSWORD)
        bob = self.server.connection()
        bob.types(f"/login bob {PASSWORD}")
        self.assertTrue(any("Logged in as" in line for line in bob.reads()))
        self.assertEqual([("create", "Bob", "")], self.log())
        self.assertNotIn(PASSWORD, str(self.asks("audit")))

    def test_taken(self) -> None:
        """There is one account of a name; and somebody who is on line by it as a guest keeps it."""
        self.assert_refused(
            "nick-owned", "There is already an account called ALICE", "create", name="ALICE", password=PASSWORD
        )
        bob = self.server.guest("bob")
        self.assert_refused("nick-taken", "online as bob", "create", name="bob", password=PASSWORD)
        bob.types(f"/signup {PASSWORD}")
        self.assertIn("/resume", "".join(bob.reads()))
        self.assertEqual([], self.log())

    def test_name_is_free_again(self) -> None:
        """A name that was asked for in vain is held by nobody."""
        self.assert_refused("unlawful", "8 characters", "create", name="bob", password="short")
        self.assert_refused("unlawful", "reserved", "create", name="admin", password=PASSWORD)
        self.server.guest("bob")

    def test_lawful(self) -> None:
        """The rules for names and passwords are those for everybody."""
        self.assert_refused("unlawful", "letters, digits", "create", name="two words", password=PASSWORD)
        self.assert_refused("unlawful", "must not be your nickname", "create", name="abcdefgh", password="abcdefgh")


class PasswordTests(ShellCase):
    """Another password."""

    def test_password(self) -> None:
        """The new one opens the account, the old one does not, and who was logged in is let go."""
        answer = self.asks("password", name="Alice", password="another horse battery")
        self.assertEqual(("alice", 1), (answer["name"], answer["revoked"]))
        self.assertTrue(self.alice.is_disconnected())
        again = self.server.connection()
        again.types(f"/login alice {PASSWORD}")
        self.assertIn("Wrong nickname or password", "".join(again.reads()))
        again.types("/login alice another horse battery")
        self.assertIn("Logged in as", "".join(again.reads()))
        self.assertEqual([("password", "alice", "")], self.log())

    def test_nobody(self) -> None:
        """There has to be such an account, and the password has to be lawful."""
        self.assert_refused("not-found", "no account called bob", "password", name="bob", password=PASSWORD)
        self.assert_refused("unlawful", "8 characters", "password", name="alice", password="short")
        self.assertFalse(self.alice.is_disconnected())


class SessionTests(ShellCase):
    """Sessions."""

    def test_list_and_revoke_one(self) -> None:
        """One is ended by its id; who is on line by it is let go, and the others stay."""
        second = self.server.connection("198.51.100.7")
        second.types(f"/login alice {PASSWORD}")
        there = {each["from"]: each["session"] for each in self.asks("tokens", name="alice")["sessions"]}
        self.assertEqual({"127.0.0.1", "198.51.100.7"}, set(there))
        self.asks("revoke", name="alice", session=there["198.51.100.7"].upper())
        self.assertEqual((False, True), (self.alice.is_disconnected(), second.is_disconnected()))
        self.assertEqual([there["127.0.0.1"]], [e["session"] for e in self.asks("tokens", name="alice")["sessions"]])
        self.assertEqual([("revoke", "alice", "1 session")], self.log())

    def test_revoke_all(self) -> None:
        """All are ended, and again is harmless."""
        self.assertEqual(1, self.asks("revoke", name="alice")["revoked"])
        self.assertTrue(self.alice.is_disconnected())
        self.assertEqual(0, self.asks("revoke", name="alice")["revoked"])
        self.assertEqual(1, len(self.log()))

    def test_no_such_session(self) -> None:
        """It is said that there is none, and nothing ends."""
        self.assert_refused("not-found", "alice has no session 12345678", "revoke", name="alice", session="12345678")
        self.assert_refused("not-found", "no account called bob", "revoke", name="bob")
        self.assertFalse(self.alice.is_disconnected())

    def test_digests_are_not_shown(self) -> None:
        """What a session could be taken over by does not leave the server."""
        (session,) = self.asks("tokens", name="alice")["sessions"]
        self.assertEqual(8, len(session["session"]))
        self.assertEqual({"session", "from", "created", "used", "expires", "kept", "service"}, set(session))


class BotTests(ShellCase):
    """Programs with an account."""

    def test_mark(self) -> None:
        """People see at once that an account is marked, also when its owner is offline, and the audit log has it."""
        bob = self.server.guest("bob")
        self.assertEqual({"name": "alice", "bot": True, "changed": True}, self.asks("bot", name="ALICE", on="true"))
        self.assertIn("-- alice is now marked as a bot.", bob.reads())
        self.assertFalse(self.asks("bot", name="alice", on="true")["changed"])
        self.alice.types("QUIT")
        self.assertTrue(self.asks("bot", name="alice", on="false")["changed"])
        self.assertEqual([("bot", "alice", "on"), ("bot", "alice", "off")], self.log())
        self.assert_refused("not-found", "no account called bob", "bot", name="bob", on="true")
        self.assert_refused("bad-arguments", "neither true nor false", "bot", name="alice", on="perhaps")

    def test_session(self) -> None:
        """A program logs in by the token until the session is revoked by its name; the token is in no log."""
        made = self.asks("service", name="alice", session="build")
        program = self.server.program()
        self.assertTrue(program.asks("hello", token=made["token"])["ok"])
        self.assertNotIn(made["token"], str(self.asks("audit")))
        again = "alice already has a session called BUILD. To replace it: chatroom-admin tokens revoke alice BUILD"
        self.assert_refused("not-allowed", again, "service", name="alice", session="BUILD")
        self.assertEqual(1, self.asks("revoke", name="alice", session="Build")["revoked"])
        self.assertTrue(program.is_disconnected())
        self.assertFalse(self.alice.is_disconnected())
        self.assertFalse(self.server.program().asks("hello", token=made["token"])["ok"])
        self.assertEqual([("session", "alice", "build"), ("revoke", "alice", "1 session")], self.log())

    def test_no_session(self) -> None:
        """A name that no session can have, too many sessions, and accounts that nobody can log in to are refused."""
        self.assert_refused("unlawful", "letters, digits", "service", name="alice", session="all")
        self.assert_refused("not-found", "no account called bob", "service", name="bob", session="build")
        for number in range(self.server.services.limits.sessions_per_account):
            self.asks("service", name="alice", session=f"n{number}")
        self.assert_refused("limit", "alice has", "service", name="alice", session="more")
        self.asks("disable", name="alice")
        self.assert_refused("not-allowed", "alice is disabled", "service", name="alice", session="build")


class CertificateTests(ShellCase):
    """Certificates that log in to an account, as the shell sees them."""

    def test_list_and_remove(self) -> None:
        """They are listed with their times; one that is removed logs in no more, and the audit log says so."""
        phone, laptop = fingerprint("phone"), fingerprint("laptop")
        self.alice.types(f"/cert add {phone}")
        self.server.wait(5)
        self.alice.types(f"/cert add {laptop}")
        client = over_tls(self.server.connection(), "phone")
        client.types("alice")
        self.assertIn("Logged in as alice.", client.reads())
        listed = self.asks("certificates", name="Alice")["certificates"]
        self.assertEqual([(phone, True), (laptop, False)], [(x["fingerprint"], x["used"] is not None) for x in listed])
        typed = bytes.fromhex(phone).hex(":").upper()
        self.assertEqual(1, self.asks("remove-certificate", name="alice", fingerprint=typed)["removed"])
        self.assert_refused("not-found", "has no certificate", "remove-certificate", name="alice", fingerprint=phone)
        again = over_tls(self.server.connection(), "phone")
        again.types("alice")
        self.assertNotIn("Logged in as alice.", again.reads())
        self.assertEqual(1, self.asks("remove-certificate", name="alice")["removed"])
        self.assertEqual(0, self.asks("remove-certificate", name="alice")["removed"])
        acts = [("certificate", "alice", f"removed {what}") for what in (phone, "all")]
        self.assertEqual(acts, self.log())

    def test_new_password(self) -> None:
        """An administrator who changes a password is told how many certificates still log in."""
        self.alice.types(f"/cert add {fingerprint('phone')}")
        answer = self.asks("password", name="alice", password="another horse battery")
        self.assertEqual((1, 1), (answer["revoked"], answer["certificates"]))

    def test_erased_account(self) -> None:
        """Its certificates are forgotten with it, and another account may have them."""
        self.alice.types(f"/cert add {fingerprint('phone')}")
        self.asks("erase", name="alice", free="true")
        client = over_tls(self.server.connection(), "phone")
        client.types("alice", f"/signup {PASSWORD}", "/cert", "/cert add")
        read = client.reads()
        self.assertIn("No certificate logs in to your account.", read)
        self.assertIn(f"This certificate logs in to alice now: {fingerprint('phone')}", read)


class SentenceTests(ShellCase):
    """Who is let go reads why."""

    def setUp(self) -> None:
        """Alice is on line once more, from a telephone."""
        super().setUp()
        self.phone = self.server.connection()
        self.phone.types(f"/login alice {PASSWORD}")
        self.phone.reads()

    def test_by_the_shell(self) -> None:
        """It was the one who runs the server, and not their owner."""
        self.asks("revoke", name="alice")
        for guest in (self.alice, self.phone):
            self.assertEqual("-- An administrator has ended this session.", guest.reads()[-1])

    def test_new_password_from_the_shell(self) -> None:
        """After a new password from the shell, the old one is of no use."""
        self.asks("password", name="alice", password="staple of the server")
        self.assertEqual("-- An administrator has changed your password.", self.phone.reads()[-1])

    def test_by_its_owner(self) -> None:
        """From another session, which goes on."""
        self.alice.types("/session revoke all")
        self.assertEqual("-- This session was ended from another session.", self.phone.reads()[-1])
        self.assertFalse(self.alice.is_disconnected())

    def test_new_password_by_its_owner(self) -> None:
        """Whoever came in by the old one, and is not the owner, knows it now as well."""
        self.alice.types("/passwd")
        self.alice.types(PASSWORD, "staple of the server", "staple of the server")
        self.assertEqual("-- The password was changed from another session.", self.phone.reads()[-1])
        self.assertFalse(self.alice.is_disconnected())


class DisableTests(ShellCase):
    """Accounts that nobody may log in to."""

    def resumes(self, token: str) -> str:
        """The last line that somebody reads who comes back by a token."""
        back = self.server.connection()
        back.types(f"/resume {token}")
        return back.reads()[-1]

    def test_let_go(self) -> None:
        """Who is on line is let go with the reason, on every node, and the sessions are gone."""
        north = self.another_node()
        there = north.connection()
        there.types(f"/login alice {PASSWORD}")
        token = next(line for line in there.reads() if "/resume" in line).split("/resume ")[1].split()[0]
        answer = self.asks("disable", name="ALICE")
        self.assertEqual(("alice", True, 2), (answer["name"], answer["changed"], answer["revoked"]))
        north.settle()
        for guest in (self.alice, there):
            self.assertEqual("-- An administrator has disabled your account.", guest.reads()[-1])
            self.assertTrue(guest.is_disconnected())
        self.assertEqual([], self.asks("tokens", name="alice")["sessions"])
        self.assertIn("Unknown or expired session", self.resumes(token))
        self.assertEqual([("disable", "alice", "")], self.log())

    def test_login_is_refused(self) -> None:
        """With the reason, to whoever knows the password; a stranger learns nothing, and cannot have the name."""
        self.asks("disable", name="alice")
        self.assertEqual([True], [each["disabled"] for each in self.asks("accounts")["accounts"]])
        owner = self.server.connection()
        owner.types("alice", PASSWORD)
        self.assertIn("! The account alice is disabled. Contact an admin.", owner.reads())
        wrong = self.server.connection()
        wrong.types("/login alice not the password")
        self.assertEqual("! Wrong nickname or password.", wrong.reads()[-1])
        program = self.server.program()
        answer = program.asks("hello", nick="alice", password=PASSWORD)
        self.assertEqual("account-disabled", answer["error"])
        self.assertEqual("nick-owned", self.server.program().asks("hello", nick="alice")["error"])
        self.assert_refused("nick-owned", "", "create", name="alice", password=PASSWORD)

    def test_enabled_again(self) -> None:
        """All is as it was: password, inbox and role. Twice is harmless."""
        self.asks("role", name="alice", role="moderator")
        self.assertEqual([True, False], [self.asks("disable", name="alice")["changed"] for _ in range(2)])
        self.server.guest("bob").types("@alice where are you?")
        self.assertEqual([True, False], [self.asks("enable", name="alice")["changed"] for _ in range(2)])
        answer = self.server.program().asks("hello", nick="alice", password=PASSWORD)
        self.assertEqual((True, 1), (answer["ok"], answer["waiting"]))
        self.assertEqual(["role", "disable", "enable"], [act for act, _, _ in self.log()])

    def test_no_staff_to_ask(self) -> None:
        """/staff lists those who can come."""
        self.asks("role", name="alice", role="moderator")
        bob = self.server.program("bob")
        self.assertEqual(["alice"], [each["nick"] for each in bob.asks("staff")["staff"]])
        self.asks("disable", name="alice")
        self.assertEqual([], bob.asks("staff")["staff"])

    def test_nobody(self) -> None:
        """There has to be an account."""
        for word in ("disable", "enable"):
            self.assert_refused("not-found", "no account called bob", word, name="bob")


class RoleTests(ShellCase):
    """Roles on the server."""

    def test_first_admin(self) -> None:
        """It is made from here, and counts at once for somebody on line."""
        self.alice.types("/promote bob")
        self.assertIn("!", self.alice.reads()[0])
        answer = self.asks("role", name="alice", role="admin")
        self.assertEqual(("admin", "none"), (answer["role"], answer["before"]))
        self.assertIn("chatroom made you an admin", self.alice.reads()[0])
        self.server.account("bob", PASSWORD)
        self.alice.reads()
        self.alice.types("/promote bob")
        self.assertIn("bob is now a moderator", "".join(self.alice.reads()))
        found = [(each["name"], each["role"], each["online"]) for each in self.asks("staff")["staff"]]
        self.assertEqual([("alice", "admin", True), ("bob", "moderator", True)], found)

    def test_reports_are_read_at_once(self) -> None:
        """By somebody who was made staff a moment ago, through whatever node they are here."""
        north = self.another_node()
        there = north.connection()
        there.types(f"/login alice {PASSWORD}")
        self.asks("role", name="alice", role="moderator")
        north.settle()
        there.reads()
        self.alice.reads()
        self.server.guest("bob").types("/report alice is rude")
        north.settle()
        for guest in (self.alice, there):
            self.assertIn("bob reported alice", "".join(guest.reads()))

    def test_taken_away(self) -> None:
        """A role that is taken away is written down as well; but there has to be an admin, once there was one."""
        self.asks("role", name="alice", role="admin")
        self.assert_refused("not-allowed", "the only admin", "role", name="alice", role="none")
        self.asks("create", name="bob", password=PASSWORD)
        self.asks("role", name="bob", role="admin")
        self.asks("role", name="alice", role="none")
        self.alice.reads()
        self.alice.types("/audit")
        self.assertTrue(self.alice.reads()[0].startswith("! "))
        self.assertIn(("role", "alice", "none, was admin"), self.log())

    def test_wrong(self) -> None:
        """Only accounts have roles, and there are only these."""
        self.server.guest("bob")
        self.assert_refused("not-found", "no account called bob", "role", name="bob", role="admin")
        self.assert_refused("bad-arguments", "admin, moderator or none", "role", name="alice", role="king")
        self.assertEqual("none", self.asks("role", name="alice", role="none")["before"])
        self.assertEqual([], self.log())


class AuditTests(ShellCase):
    """The log."""

    def test_of_one_person(self) -> None:
        """Only what was done by or to somebody, and only so much of it, the last things."""
        for name in ("bob", "carol"):
            self.asks("create", name=name, password=PASSWORD)
        self.asks("role", name="bob", role="moderator")
        acts = [entry["act"] for entry in self.asks("audit", who="BOB")["entries"]]
        self.assertEqual(["create", "role"], acts)
        (last,) = self.asks("audit", limit=1)["entries"]
        self.assertEqual("role", last["act"])
        (before,) = self.asks("audit", limit=1, before=last["number"])["entries"]
        self.assertEqual("carol", before["target"])


class BanTests(ShellCase):
    """Bans and mutes of the server."""

    def bans(self) -> list[tuple[str, str, str, str]]:
        """What there is, on whom, by whom and why."""
        return [(each["act"], each["target"], each["by"], each["reason"]) for each in self.asks("bans")["bans"]]

    def test_ban(self) -> None:
        """Who is here is let go and told why, and does not come in until it is over or lifted."""
        made = self.asks("ban", target="ALICE", duration="2h", reason="raid")
        self.assertEqual(
            ("alice", "account", "2026-01-01T02:00:00.000Z"), (made["target"], made["scope"], made["until"])
        )
        self.assertTrue(self.alice.is_disconnected())
        self.assertIn("raid", "".join(self.alice.reads()))
        self.assertEqual([("ban", "alice", "(shell)", "raid")], self.bans())
        again = self.server.connection()
        again.types(f"/login alice {PASSWORD}")
        self.assertIn("banned from this server", "".join(again.reads()))
        self.assertEqual("alice", self.asks("lift", target="alice")["target"])
        again = self.server.connection()
        again.types(f"/login alice {PASSWORD}")
        self.assertIn("Logged in as", "".join(again.reads()))
        self.assertEqual([("ban", "alice"), ("unban", "alice")], [(act, target) for act, target, _ in self.log()])

    def test_network(self) -> None:
        """A network is kept out for as long as nothing else is said."""
        made = self.asks("ban", target="198.51.100.0/24")
        self.assertEqual(("address", None), (made["scope"], made["until"]))
        self.assertTrue(self.server.connection("198.51.100.7").is_disconnected())
        self.assertFalse(self.alice.is_disconnected())

    def test_mute(self) -> None:
        """A mute lets one stay, and is lifted by itself."""
        self.asks("ban", target="alice", mute=True)
        self.alice.types("hello")
        self.assertIn("muted on this server", "".join(self.alice.reads()))
        self.assert_refused("not-found", "no ban on alice", "lift", target="alice")
        self.asks("lift", target="alice", mute=True)
        self.alice.reads()
        self.alice.types("hello")
        self.assertEqual([], self.alice.reads())

    def test_refused(self) -> None:
        """Networks and times have to be lawful."""
        self.assert_refused("unlawful", "too wide", "ban", target="192.0.0.0/2")
        self.assert_refused("bad-arguments", "not a duration", "ban", target="bob", duration="soon")
        self.assertEqual([], self.bans())
        self.assertFalse(self.alice.is_disconnected())


class UserTests(ShellCase):
    """Who of the machine's users asked."""

    def test_user_stands_in_the_log(self) -> None:
        """As the system says it, which nobody can feign; two who ask at once are told apart."""
        handle = SimpleNamespace(getsockopt=lambda level, option, size: struct.pack("3i", 1, os.getuid(), 0))
        FakeTransport.getHandle = lambda wire: handle  # type: ignore[attr-defined]
        try:
            first = Shell(self.server)
        finally:
            del FakeTransport.getHandle  # type: ignore[attr-defined]
        first.asks("create", name="bob", password=PASSWORD)
        self.asks("disable", name="bob")
        first.asks("ban", target="bob")
        first.asks("role", name="alice", role="moderator")
        user = f"(shell: {user_name(os.getuid())})"
        entries = self.asks("audit")["entries"]
        self.assertEqual([user, "(shell)", user, user], [entry["who"] for entry in entries])

    def test_shell_acts_against_admins(self) -> None:
        """By whichever user: it is above them all."""
        self.assertEqual(rank(shell("(shell: root)")), rank(shell()))
        self.asks("role", name="alice", role="admin")
        self.asks("ban", target="alice")


class VacuumTests(ShellCase):
    """Space on the disk that nothing is in."""

    def test_given_back(self) -> None:
        """It says how much; where it cannot be done while the daemon runs, it says what to type."""
        self.assertEqual(0, self.asks("vacuum")["freed"])

        async def cannot() -> None:
            return None

        self.patch(self.server.services.backend, "shrink", cannot)
        self.assert_refused("not-allowed", "Stop the daemon and run this again", "vacuum")


class ProcessTests(ShellCase):
    """Which process the daemon is."""

    def test_number(self) -> None:
        """It is the one that answers, so that it can be sent a signal."""
        self.assertEqual(os.getpid(), self.asks("process")["pid"])
