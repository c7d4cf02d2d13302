"""
The contract, fourth part: roles on the server and the audit log.
"""

from __future__ import annotations

from chatroom.errors import NotAllowed, NotKept
from chatroom.events import SERVER, Audited, ServerRole
from chatroom.records import SHELL, Account, AuditEntry, shell_of
from tests.backends.verbs import NOON, Contract, said

ADMIN, MODERATOR, NONE = ServerRole.ADMIN, ServerRole.MODERATOR, ServerRole.NONE


class StaffContract(Contract):
    """Roles on the server and the audit log."""

    def give(self, key: str, role: ServerRole) -> ServerRole:
        """A role, from the shell."""
        entry = AuditEntry(NOON, SHELL, "role", key, role.name.lower())
        return self.done(self.backend.set_server_role(key, role, entry))

    def sign_up(self, *keys: str) -> None:
        """Accounts without a role."""
        for key in keys:
            self.assertTrue(self.done(self.backend.add_account(Account(key.title(), key, "hash", NOON))))

    def roles(self) -> list[tuple[str, ServerRole]]:
        """Who has one."""
        return [(account.key, account.role) for account in self.done(self.backend.staff())]

    def log(self, who: str | None = None, before: int | None = None, limit: int = 9) -> list[tuple[str, str, str]]:
        """Who did what to whom."""
        entries = self.done(self.backend.audit_log(who, before, limit))
        return [(entry.who, entry.act, entry.target) for entry in entries]

    def test_staff_are_as_they_are_now(self) -> None:
        """Whatever changes an account changes what is read of the staff next."""
        self.sign_up("alice", "bob")
        self.give("alice", ADMIN)
        self.assertEqual([("alice", ADMIN)], self.roles())
        self.give("bob", MODERATOR)
        self.assertEqual([("alice", ADMIN), ("bob", MODERATOR)], self.roles())
        self.done(self.backend.change_account("bob", name="BOB", password="other"))
        self.done(self.backend.set_disabled("bob", True, AuditEntry(NOON, SHELL, "disable", "bob")))
        bob = self.done(self.backend.staff())[1]
        self.assertEqual(("BOB", "other", True), (bob.name, bob.password, bob.disabled))
        self.assertTrue(self.done(self.backend.drop_account("bob")))
        self.assertEqual([("alice", ADMIN)], self.roles())

    def test_role_is_kept_with_the_account(self) -> None:
        """Highest first, also after a restart; the one before is told."""
        self.sign_up("alice", "bob", "carol", "dora")
        self.assertIs(NONE, self.give("bob", MODERATOR))
        self.give("carol", MODERATOR)
        self.give("alice", MODERATOR)
        self.assertIs(MODERATOR, self.give("carol", ADMIN))
        self.restart()
        self.assertEqual([("carol", ADMIN), ("alice", MODERATOR), ("bob", MODERATOR)], self.roles())
        account = self.done(self.backend.account("carol"))
        assert account is not None
        self.assertIs(ADMIN, account.role)

    def test_last_admin_stays(self) -> None:
        """Neither a slip nor the shell leaves a server without one."""
        self.sign_up("alice", "bob")
        self.give("alice", ADMIN)
        for role in (NONE, MODERATOR):
            entry = AuditEntry(NOON, "Alice", "role", "alice")
            sentence = self.refused(self.backend.set_server_role("alice", role, entry), NotAllowed)
            self.assertIn("Alice is the only admin", sentence)
        self.give("bob", ADMIN)
        self.assertIs(ADMIN, self.give("alice", NONE))
        self.assertEqual([("bob", ADMIN)], self.roles())
        self.assertEqual(3, len(self.log()))

    def test_nobody_has_a_role_without_an_account(self) -> None:
        """A role for somebody without an account is refused, and nothing is written down."""
        self.refused(self.backend.set_server_role("eve", ADMIN, AuditEntry(NOON, SHELL, "role", "eve")), LookupError)
        self.assertEqual([], self.log())

    def test_the_shell_is_every_user_of_it(self) -> None:
        """Whoever asks for what the shell did finds all its users, and whoever names one finds that one."""
        for who in (SHELL, shell_of("root"), shell_of("Ann"), "ann"):
            self.done(self.backend.audit(AuditEntry(NOON, who, "export", "bob")))
        self.assertEqual([SHELL, "(shell: root)", "(shell: Ann)"], [who for who, *_ in self.log(SHELL)])
        self.assertEqual(["(shell: Ann)"], [who for who, *_ in self.log("(shell: ann)")])
        self.assertEqual(["ann"], [who for who, *_ in self.log("ann")])

    def test_changing_an_account_leaves_its_role_alone(self) -> None:
        """A password that is changed while a role is given does not take it away."""
        self.sign_up("alice")
        self.give("alice", MODERATOR)
        self.done(self.backend.change_account("alice", password="new"))
        self.assertEqual([("alice", MODERATOR)], self.roles())

    def disable(self, key: str, disabled: bool = True) -> bool:
        """Disable an account or enable it, from the shell."""
        entry = AuditEntry(NOON, SHELL, "disable" if disabled else "enable", key)
        return self.done(self.backend.set_disabled(key, disabled, entry))

    def is_disabled(self, key: str) -> bool:
        """Whether an account is."""
        account = self.done(self.backend.account(key))
        assert account is not None
        return account.disabled

    def test_account_is_disabled(self) -> None:
        """Until it is enabled, also after a restart, whatever else of it is changed; each is done and written once."""
        self.sign_up("alice")
        self.assertFalse(self.is_disabled("alice"))
        self.assertEqual([True, False], [self.disable("alice"), self.disable("alice")])
        self.assertTrue(self.done(self.backend.change_account("alice", name="ALICE", password="new")))
        self.restart()
        self.assertTrue(self.is_disabled("alice"))
        self.assertEqual([True, False], [self.disable("alice", False), self.disable("alice", False)])
        self.assertFalse(self.is_disabled("alice"))
        self.assertEqual([(SHELL, "disable", "alice"), (SHELL, "enable", "alice")], self.log())
        self.refused(self.backend.set_disabled("eve", True, AuditEntry(NOON, SHELL, "disable", "eve")), LookupError)
        self.assertEqual(2, len(self.log()))

    def test_admin_who_cannot_log_in_is_not_the_one_who_stays(self) -> None:
        """The last one has to be able to; one who is disabled may lose the role."""
        self.sign_up("alice", "bob")
        self.give("alice", ADMIN)
        self.give("bob", ADMIN)
        self.disable("bob")
        entry = AuditEntry(NOON, SHELL, "role", "alice")
        self.refused(self.backend.set_server_role("alice", NONE, entry), NotAllowed)
        self.assertIs(ADMIN, self.give("bob", NONE))

    def test_log_is_kept_in_order(self) -> None:
        """Whether an act was an event or not, and after a restart; each entry is as it was written."""
        self.done(self.backend.audit(AuditEntry(NOON, SHELL, "erase", "mallory", "asked to")))
        self.keep(Audited(NOON + 1, SERVER, "Mia", act="ban", target="eve", detail="spam"), said("hello"))
        self.sign_up("alice")
        self.give("alice", ADMIN)
        self.restart()
        self.assertEqual([(SHELL, "erase", "mallory"), ("Mia", "ban", "eve"), (SHELL, "role", "alice")], self.log())
        [entry] = self.done(self.backend.audit_log("EVE", None, 9))
        self.assertEqual(AuditEntry(NOON + 1, "Mia", "ban", "eve", "spam", entry.id), entry)

    def test_log_is_read_page_by_page(self) -> None:
        """Backwards, oldest first on a page; of one person, what they did and what was done to them."""
        for number in range(5):
            self.done(self.backend.audit(AuditEntry(NOON, f"Mod{number % 2}", "kick", f"guest{number}")))
        entries = self.done(self.backend.audit_log(None, None, 2))
        self.assertEqual(["guest3", "guest4"], [entry.target for entry in entries])
        earlier = self.done(self.backend.audit_log(None, entries[0].id, 2))
        self.assertEqual(["guest1", "guest2"], [entry.target for entry in earlier])
        self.assertEqual(["guest1", "guest3"], [target for _, _, target in self.log("mod1")])
        self.assertEqual(["guest3"], [target for _, _, target in self.log("mod1", limit=1)])
        self.assertEqual([("Mod0", "kick", "guest2")], self.log("GUEST2"))
        self.assertEqual([], self.log("nobody"))
        self.assertEqual(5, len(self.log(before=10**30)))

    def test_log_is_forgotten_by_age(self) -> None:
        """What is older than a time; numbers are never given again."""
        for number in range(4):
            self.done(self.backend.audit(AuditEntry(NOON + number, SHELL, "post", f"room{number}")))
        last = self.done(self.backend.audit_log(None, None, 1))[0].id
        self.assertEqual(2, self.done(self.backend.expire_audit(NOON + 2)))
        self.assertEqual(["room2", "room3"], [target for _, _, target in self.log()])
        self.assertEqual(2, self.done(self.backend.expire_audit(NOON + 99)))
        self.done(self.backend.audit(AuditEntry(NOON, SHELL, "post", "again")))
        self.assertGreater(self.done(self.backend.audit_log(None, None, 1))[0].id, last)

    def test_entries_are_no_facts(self) -> None:
        """They are told, and a node that starts learns none of them."""
        self.keep(Audited(NOON, SERVER, "Mia", act="ban", target="eve"))
        self.assertEqual(["audit"], [event.kind for event in self.listener.events])
        self.assertEqual((), self.restart().events)

    def test_neither_role_nor_entry_when_it_cannot_be_kept(self) -> None:
        """All of it or nothing."""
        self.sign_up("alice")
        self.break_down(self.backend, True)
        entry = AuditEntry(NOON, SHELL, "role", "alice")
        self.refused(self.backend.set_server_role("alice", ADMIN, entry), NotKept)
        self.refused(self.backend.audit(entry), NotKept)
        self.refused(self.backend.keep([Audited(NOON, SERVER, "Mia", act="ban", target="eve")]), NotKept)
        self.refused(self.backend.expire_audit(NOON + 1), NotKept)
        self.break_down(self.backend, False)
        self.assertEqual([], self.roles())
        self.assertEqual([], self.log())
