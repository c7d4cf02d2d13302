"""
The whole server and those who keep order in it.
"""

from __future__ import annotations

from chatroom.backends.memory import MemoryStore
from chatroom.errors import NotKept
from chatroom.interfaces import ServerRole
from chatroom.limits import OFF, Limits
from chatroom.testing import Server
from tests.commands.staffed import Staffed


class StaffTests(Staffed):
    """C{/staff}, and where else one sees who is staff."""

    def test_everybody_can_see_whom_to_ask(self) -> None:
        """Highest first; those who are not here as well."""
        self.mia.types("QUIT")
        lines = self.answers(self.bob, "/staff")
        self.assertEqual(["ada is an admin, and online.", "mia is a moderator, and offline."], lines)

    def test_server_without_staff(self) -> None:
        """As it is until the shell makes the first admin."""
        bob = Server().guest("bob")
        self.assertEqual("This server has no staff.", self.answer(bob, "/staff"))

    def test_who_shows_them(self) -> None:
        """With their role on the server behind that in the room."""
        self.ada.types("/create den")
        self.mia.types("/join den")
        self.assertEqual("In den (2 people): ada (owner, admin), mia (moderator)", self.answer(self.mia, "/who"))
        people = self.server.program("robot").asks("who", room="*")["people"]
        self.assertEqual(["admin", "none", "none", "moderator", "none"], [person["staff"] for person in people])

    def test_whoami(self) -> None:
        """One's own place in it."""
        self.assertEqual(
            "You are mia, with an account, moderator of this server, in lobby.",
            self.answer(self.mia, "/whoami"),
        )
        self.assertEqual("You are bob, a guest, in lobby.", self.answer(self.bob, "/whoami"))

    def test_whoami_of_a_bot(self) -> None:
        """A program and its owner see the mark; a guest with the name of no account has none."""
        self.mia.types("/bot on")
        sentence = "You are mia, with an account, marked as a bot, moderator of this server, in lobby."
        self.assertEqual(sentence, self.answer(self.mia, "/whoami"))
        program = self.server.program()
        program.asks("hello", nick="mia", password="correct horse battery")
        self.assertIs(True, program.asks("whoami")["bot"])
        self.assertIs(False, self.server.program("robot").asks("whoami")["bot"])

    def test_info_about_them(self) -> None:
        """Also when they are away."""
        self.ada.types("QUIT")
        self.assertTrue(self.answer(self.bob, "/info ada").endswith("Admin of this server."))


class PromoteTests(Staffed):
    """C{/promote} and C{/demote}."""

    def test_role_counts_at_once(self) -> None:
        """The one who has it now is told, and so are the others of the staff; nobody else is."""
        self.assertEqual("dora is now a moderator of this server.", self.answer(self.ada, "/promote @dora"))
        self.assertEqual(["-- ada made you a moderator of this server."], self.dora.reads())
        self.assertEqual(["-- ada made dora a moderator of this server."], self.mia.reads())
        self.assertEqual([], self.bob.reads())
        self.assertIn("No entries", self.answer(self.dora, "/audit nobody"))

    def test_role_is_taken_away(self) -> None:
        """A role that is taken away counts no more."""
        self.assertEqual("mia no longer has a role on this server.", self.answer(self.ada, "/demote mia"))
        self.assertEqual(["-- ada removed your role on this server."], self.mia.reads())
        self.assertIn("Only server moderators can", self.answer(self.mia, "/audit"))

    def test_only_admins_may(self) -> None:
        """Whatever they are in a room."""
        for guest in (self.mia, self.dora, self.bob):
            for typed in ("/promote dora", "/demote ada"):
                self.assertIn("Only server admins can", self.answer(guest, typed))

    def test_only_accounts_have_roles(self) -> None:
        """A guest's name is anybody's tomorrow."""
        self.assertIn("There is no account called bob", self.answer(self.ada, "/promote bob"))

    def test_last_admin_stays(self) -> None:
        """Until there is another; then they may lay it down."""
        self.assertIn("ada is the only admin of this server", self.answer(self.ada, "/demote ada"))
        self.assertIn("ada is the only admin of this server", self.answer(self.ada, "/promote ada moderator"))
        self.ada.types("/promote mia admin")
        self.assertIn("ada no longer has a role", self.answer(self.ada, "/demote ada"))

    def test_admins_do_not_depose_each_other(self) -> None:
        """Who runs the server decides."""
        self.ada.types("/promote mia admin")
        self.assertIn("another admin", self.answer(self.mia, "/demote ada"))

    def test_other_words(self) -> None:
        """There are two roles."""
        self.assertEqual(
            "! The role must be moderator or admin. /demote removes it.", self.answer(self.ada, "/promote dora king")
        )

    def test_shell_counts_at_the_next_use(self) -> None:
        """Of one who is here all the while: what it gives and what it takes."""
        self.server.promote("dora", ServerRole.MODERATOR)
        self.assertIn("(shell): role", self.answers(self.dora, "/audit dora")[-1])
        self.server.promote("dora", ServerRole.NONE)
        self.assertIn("Only server moderators can", self.answer(self.dora, "/audit"))

    def test_role_outlives_a_visit(self) -> None:
        """By password or by token; a guest of the name before that has none of it."""
        self.mia.types("QUIT")
        mia = self.server.connection()
        mia.types("/login mia correct horse battery")
        self.assertIn("Here (4 people): ada (admin), dora, bob (guest), mia", mia.reads())
        self.assertIn("mia (moderator)", self.answer(self.bob, "/who"))

    def test_every_node(self) -> None:
        """A role that is given on one counts on all, and is seen there."""
        store = MemoryStore()
        north = Server(store=store, node="north")
        south = Server(store=store, node="south", clock=north.clock)
        ada, dora = north.staff("ada", ServerRole.ADMIN), south.account("dora")
        ada.types("/promote dora")
        self.assertEqual(["-- ada made you a moderator of this server."], dora.reads())
        self.assertIn("dora (moderator)", self.answer(ada, "/who"))
        late = Server(store=store, node="east", clock=north.clock)
        self.assertIn("dora (moderator)", late.guest("eve").server.program("robot").asks("who", room="*")["lines"][0])

    def test_nothing_half_done(self) -> None:
        """Where it cannot be kept, nobody has the role, and nobody is told."""
        store = MemoryStore()
        server = Server(store=store)
        ada, dora = server.staff("ada", ServerRole.ADMIN), server.account("dora")
        ada.reads()
        store.failing = NotKept("The disk is full.")
        self.assertEqual("! The disk is full.", self.answer(ada, "/promote dora"))
        self.assertEqual("! The disk is full.", self.answer(ada, "/gban dora"))
        store.failing = None
        self.assertEqual([], dora.reads())
        self.assertEqual("ada is an admin, and online.", self.answer(dora, "/staff"))
        self.assertEqual("No entries.", self.answer(ada, "/audit dora"))

    def test_help_lists_what_one_may(self) -> None:
        """No more, but explains it to anybody who asks."""
        self.assertFalse(any("/promote" in line for line in self.answers(self.mia, "/help all")))
        self.assertTrue(any("/audit" in line for line in self.answers(self.mia, "/help all")))
        self.assertFalse(any("/audit" in line for line in self.answers(self.bob, "/help all")))
        self.assertIn("For server admins.", [x.strip() for x in self.answers(self.bob, "/help promote")])


class AuditTests(Staffed):
    """C{/audit}."""

    def test_who_did_what_to_whom(self) -> None:
        """Newest last, with what was before."""
        self.ada.types("/promote dora")
        self.server.wait(60)
        self.ada.types("/demote dora")
        self.assertEqual(
            [
                "2026-01-01 00:00 UTC ada: role dora (moderator, was none)",
                "2026-01-01 00:01 UTC ada: role dora (none, was moderator)",
            ],
            self.answers(self.mia, "/audit @Dora"),
        )

    def test_so_many(self) -> None:
        """The last ones; with or without a name."""
        self.ada.types("/promote dora", "/demote dora")
        self.assertEqual(1, len(self.answers(self.mia, "/audit 1")))
        self.assertEqual(2, len(self.answers(self.mia, "/audit ada 9")) - 1)
        self.assertIn("whole number", self.answer(self.mia, "/audit ada all"))

    def test_programs_page_backwards(self) -> None:
        """By number."""
        robot = self.server.program()
        robot.asks("hello", nick="mia", password="correct horse battery")
        last = robot.asks("audit", count=1)["entries"][0]
        self.assertEqual(
            ("(shell)", "role", "mia", "moderator"), tuple(last[k] for k in ("who", "act", "target", "detail"))
        )
        [before] = robot.asks("audit", before=last["number"])["entries"]
        self.assertEqual("ada", before["target"])

    def test_no_secret_is_in_it(self) -> None:
        """Nothing that staff types as a password, token or whisper, or says; not even in a command that is refused."""
        store = MemoryStore()
        server = Server(Limits(talk_rate=OFF), store=store)
        mia, bob = server.staff("mia", ServerRole.ADMIN), server.guest("bob")
        token = server.program().asks("login", name="mia", password="correct horse battery")["token"]
        mia.types(
            "/create den keep", "/invite bob", "/password hush-hush", "/private", "/topic plans-for-monday",
            "@bob psst-psst", "said-aloud", "/away at-lunch", "/passwd correct horse new-secret-word",
            f"/resume {token}", "/gban bob spam", "/promote bob hush-hush", "/gkick hush-hush whisper",
        )  # fmt: skip
        server.wait(60)  # passwords that are checked cost their asker a while
        bob.reads()
        acts = [entry.act for entry in store.audit]
        self.assertEqual({"role", "room-password", "room-private", "ban"}, set(acts))
        written = " ".join(f"{entry.target} {entry.detail}" for entry in store.audit)
        for secret in (
            "hush-hush", "plans-for-monday", "psst-psst", "said-aloud", "at-lunch", "horse", "new-secret-word", token,
        ):  # fmt: skip
            self.assertNotIn(secret, written)

    def test_log_grows_no_older_than_it_may(self) -> None:
        """A year, if nothing else is said; here, a quarter of an hour."""
        server = Server(Limits(audit_days=0.01))
        mia = server.staff("mia")
        server.wait(900)
        self.assertEqual(1, len(self.answers(mia, "/audit mia")))
        server.wait(900)
        self.assertEqual("No entries.", self.answer(mia, "/audit"))
