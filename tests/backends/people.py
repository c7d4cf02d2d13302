"""
The contract, third part: accounts, sessions, certificates, inboxes and read markers.
"""

from __future__ import annotations

from dataclasses import replace

from chatroom.errors import LimitReached, NotKept
from chatroom.records import Account, Certificate, Mail, Token
from tests.backends.verbs import NOON, Contract

ALICE = Account("Alice", "alice", "$argon2id$alice", NOON, ("mallory", "trent"), zone="Asia/Tokyo")


def token(digest: str, account: str = "alice", used: float = NOON) -> Token:
    """A session."""
    return Token(digest, account, NOON, used, NOON + 86400, "192.0.2.1")


def certificate(fingerprint: str, account: str = "alice", added: float = NOON) -> Certificate:
    """One that nobody has used."""
    return Certificate(fingerprint, account, added)


class PeopleContract(Contract):
    """Accounts, sessions, certificates, inboxes and read markers."""

    def test_account(self) -> None:
        """An account is as it was made, also after a restart."""
        self.assertIsNone(self.done(self.backend.account("alice")))
        self.assertTrue(self.done(self.backend.add_account(ALICE)))
        self.restart()
        self.assertEqual(ALICE, self.done(self.backend.account("alice")))

    def test_names_that_no_database_can_hold(self) -> None:
        """Whatever somebody types as a name, it is no account's: neither with a NUL nor with half a character."""
        self.done(self.backend.add_account(ALICE))
        for key in ("alice\0", "\0", "alice\ud800", "\udfff"):
            self.assertIsNone(self.done(self.backend.account(key)))

    def test_name_is_given_once(self) -> None:
        """The second to sign up with a name does not get it, and changes nothing."""
        self.done(self.backend.add_account(ALICE))
        self.assertFalse(self.done(self.backend.add_account(ALICE)))
        self.assertFalse(self.done(self.backend.add_account(replace(ALICE, password="stolen"))))
        self.assertEqual(ALICE, self.done(self.backend.account("alice")))

    def test_change_account(self) -> None:
        """What is given replaces the old: a spelling, a password, the ignored, a time zone, the mark of a bot."""
        self.done(self.backend.add_account(ALICE))
        self.assertTrue(self.done(self.backend.change_account("alice", name="ALICE")))
        self.assertTrue(self.done(self.backend.change_account("alice", ignored=["eve", "bob"])))
        self.assertTrue(self.done(self.backend.change_account("alice", password="new")))
        self.assertTrue(self.done(self.backend.change_account("alice", zone="Europe/Rome")))
        self.assertTrue(self.done(self.backend.change_account("alice", bot=True)))
        self.restart()
        changed = replace(ALICE, name="ALICE", password="new", ignored=("eve", "bob"), zone="Europe/Rome", bot=True)
        self.assertEqual(changed, self.done(self.backend.account("alice")))
        self.assertTrue(
            self.done(
                self.backend.change_account("alice", name="alice", password="newer", ignored=(), zone="", bot=False)
            )
        )
        changed = replace(ALICE, name="alice", password="newer", ignored=(), zone="")
        self.assertEqual(changed, self.done(self.backend.account("alice")))

    def test_password_is_changed_only_if_it_is_the_one_meant(self) -> None:
        """Somebody else may have changed it; also one that is kept elsewhere, of which there is no hash."""
        self.done(self.backend.add_account(ALICE))
        late = self.backend.change_account("alice", password="late", instead_of="another")
        self.assertFalse(self.done(late))
        self.assertEqual(ALICE, self.done(self.backend.account("alice")))
        self.assertTrue(
            self.done(self.backend.change_account("alice", password="", instead_of=ALICE.password)),
        )
        self.assertTrue(self.done(self.backend.change_account("alice", password="new", instead_of="")))
        self.assertEqual(replace(ALICE, password="new"), self.done(self.backend.account("alice")))

    def test_change_no_account(self) -> None:
        """There must be one."""
        self.assertFalse(self.done(self.backend.change_account("alice", name="Alice")))
        self.assertIsNone(self.done(self.backend.account("alice")))

    def add_token(self, made: Token, keep: int = 9) -> list[Token]:
        """Add a session."""
        return list(self.done(self.backend.add_token(made, keep)))

    def tokens(self, account: str = "alice") -> list[str]:
        """The digests of an account's sessions."""
        return [each.digest for each in self.done(self.backend.tokens(account))]

    def test_session(self) -> None:
        """A session is as it was made, also after a restart."""
        self.add_token(token("d1"))
        self.restart()
        self.assertEqual(token("d1"), self.done(self.backend.token("d1")))
        self.assertIsNone(self.done(self.backend.token("d2")))

    def test_sessions_latest_use_first(self) -> None:
        """Each account's own; the one used last stands first."""
        self.add_token(token("d1"))
        self.add_token(token("d2"))
        self.add_token(token("d3", "bob"))
        self.assertEqual(["d2", "d1"], self.tokens())
        self.done(self.backend.use_token("d1", NOON + 5, NOON + 99))
        self.assertEqual(["d1", "d2"], self.tokens())
        self.restart()
        self.assertEqual(replace(token("d1"), used=NOON + 5, expires=NOON + 99), self.done(self.backend.token("d1")))

    def test_too_many_sessions(self) -> None:
        """The least lately used ones go, and it is said which."""
        for number in (3, 1, 2):
            self.assertEqual([], self.add_token(token(f"d{number}", used=NOON + number), keep=3))
        dropped = self.add_token(token("d4", used=NOON + 4), keep=2)
        self.assertEqual(["d2", "d1"], [each.digest for each in dropped])
        self.assertEqual(["d4", "d3"], self.tokens())

    def test_newest_session_stays(self) -> None:
        """Also where the clock was set back, and all others seem to have been used later."""
        self.add_token(token("d1", used=NOON + 5))
        self.add_token(token("d2", used=NOON + 4))
        dropped = self.add_token(token("d3", used=NOON - 86400), keep=2)
        self.assertEqual(["d2"], [each.digest for each in dropped])
        self.assertEqual(["d1", "d3"], self.tokens())

    def test_sessions_that_are_not_kept(self) -> None:
        """They have a limit of their own, and push out none that is."""
        self.add_token(token("d1", used=NOON))
        for number in (2, 3, 4):
            self.add_token(replace(token(f"d{number}", used=NOON + number), kept=False), keep=2)
        self.assertEqual(["d4", "d3", "d1"], self.tokens())
        self.assertEqual([], self.add_token(token("d5", used=NOON + 5), keep=2))
        self.assertEqual(["d5", "d4", "d3", "d1"], self.tokens())

    def test_sessions_of_services(self) -> None:
        """They have names and a limit of their own: no login of the owner pushes one out, nor the other way round."""
        bridge = replace(token("d1", used=NOON), service="bridge")
        self.add_token(bridge)
        for number in (2, 3, 4):
            self.add_token(token(f"d{number}", used=NOON + number), keep=2)
        self.assertEqual(["d4", "d3", "d1"], self.tokens())
        self.restart()
        self.assertEqual(bridge, self.done(self.backend.token("d1")))
        self.assertEqual([], self.add_token(replace(token("d5", used=NOON + 5), service="feed"), keep=2))

    def test_keep_a_session(self) -> None:
        """Added again, a session is changed, and counts with those that are kept from then on."""
        self.add_token(token("d1", used=NOON))
        self.add_token(replace(token("d2", used=NOON + 1), kept=False))
        kept = replace(token("d2", used=NOON + 2), expires=NOON + 99)
        dropped = self.add_token(kept, keep=1)
        self.assertEqual(["d1"], [each.digest for each in dropped])
        self.assertEqual(kept, self.done(self.backend.token("d2")))

    def test_shorten_sessions(self) -> None:
        """Those named, or all that would expire later; and none that is kept."""
        for number in (1, 2, 3):
            self.add_token(replace(token(f"d{number}"), kept=number == 1, expires=NOON + 100 * number))
        self.done(self.backend.shorten_tokens(["d1", "d2", "d9"], NOON + 250))
        self.assertEqual([NOON + 100, NOON + 250, NOON + 300], self.ends())
        self.done(self.backend.shorten_tokens(None, NOON + 260))
        self.assertEqual([NOON + 100, NOON + 250, NOON + 260], self.ends())
        self.done(self.backend.shorten_tokens(None, NOON))
        self.assertEqual([NOON + 100, NOON, NOON], self.ends())

    def ends(self) -> list[float]:
        """When each of three sessions expires."""
        found = [self.done(self.backend.token(f"d{number}")) for number in (1, 2, 3)]
        return [each.expires for each in found if each is not None]

    def test_session_that_is_gone_stays_gone(self) -> None:
        """Using it does not bring it back."""
        self.done(self.backend.use_token("d1", NOON, NOON))
        self.assertIsNone(self.done(self.backend.token("d1")))

    def test_drop_sessions(self) -> None:
        """It is said how many there were."""
        self.add_token(token("d1"))
        self.add_token(token("d2"))
        self.assertEqual(1, self.done(self.backend.drop_tokens(["d1", "d9"])))
        self.assertEqual(0, self.done(self.backend.drop_tokens([])))
        self.assertEqual(["d2"], self.tokens())

    def post(self, text: str, to: str = "alice", room: int = 9) -> int:
        """Leave a whisper."""
        return self.done(self.backend.post(Mail(NOON, "Bob", to, text), room))

    def take(self, limit: int = 9, account: str = "alice") -> list[str]:
        """Read what waits."""
        return [mail.text for mail in self.done(self.backend.take_mail(account, limit))]

    def test_whisper_waits(self) -> None:
        """It is as it was sent, also after a restart, and waits for one account alone."""
        self.assertEqual(1, self.post("a"))
        self.assertEqual(2, self.post("b"))
        self.assertEqual(1, self.post("c", to="carol"))
        self.restart()
        self.assertEqual(2, self.done(self.backend.waiting("alice")))
        [first, second] = self.done(self.backend.take_mail("alice", 9))
        self.assertEqual(Mail(NOON, "Bob", "alice", "a", first.id, read=True), first)
        self.assertEqual("b", second.text)
        self.assertLess(0, first.id)
        self.assertLess(first.id, second.id)

    def test_whispers_are_read_as_they_fit_on_a_page(self) -> None:
        """By lines and by bytes, one in any case; those that did not fit are not marked as read."""
        for text in ("a\nb\nc", "d", "e" * 500, "f"):
            self.post(text)
        self.assertEqual(["a\nb\nc"], self.take(limit=2))
        mails = self.done(self.backend.take_mail("alice", 9, 650))
        self.assertEqual(["d"], [mail.text for mail in mails])
        self.assertEqual(2, self.done(self.backend.waiting("alice")))
        self.assertEqual(["e" * 500, "f"], self.take())

    def test_whisper_is_read_once(self) -> None:
        """Oldest first; what was read is never unread again."""
        for text in "abc":
            self.post(text)
        self.assertEqual(["a", "b"], self.take(limit=2))
        self.restart()
        self.assertEqual(1, self.done(self.backend.waiting("alice")))
        self.assertEqual(["c"], self.take())
        self.assertEqual([], self.take())

    def test_read_whispers(self) -> None:
        """Page by page backwards, oldest first on a page; unread ones are not among them."""
        for text in "abcd":
            self.post(text)
        self.take(limit=3)
        [b, c] = self.done(self.backend.read_mail("alice", None, 2))
        self.assertEqual(["b", "c"], [b.text, c.text])
        self.assertTrue(c.read)
        self.assertEqual(["a"], [mail.text for mail in self.done(self.backend.read_mail("alice", b.id, 2))])
        self.assertEqual([], list(self.done(self.backend.read_mail("carol", None, 2))))
        self.assertEqual(3, len(self.done(self.backend.read_mail("alice", 10**30, 9))))

    def test_full_inbox(self) -> None:
        """The sender is told; reading makes room."""
        self.post("a", room=1)
        sentence = self.refused(self.backend.post(Mail(NOON, "Bob", "alice", "b"), 1), LimitReached)
        self.assertIn("alice", sentence)
        self.assertEqual(["a"], self.take())
        self.assertEqual(1, self.post("c", room=1))

    def certificates(self, account: str = "alice") -> list[Certificate]:
        """Those of somebody."""
        return list(self.done(self.backend.certificates(account)))

    def add_certificate(self, made: Certificate, most: int = 9) -> bool:
        """Whether the account has it now."""
        return self.done(self.backend.add_certificate(made, most))

    def test_certificate(self) -> None:
        """A certificate is as it was added, also after a restart, and is noted when it is used."""
        self.done(self.backend.add_account(ALICE))
        self.assertIsNone(self.done(self.backend.certificate("c1")))
        self.assertTrue(self.add_certificate(certificate("c1")))
        self.restart()
        self.assertEqual(certificate("c1"), self.done(self.backend.certificate("c1")))
        self.done(self.backend.use_certificate("c1", NOON + 5))
        self.assertEqual(replace(certificate("c1"), used=NOON + 5), self.done(self.backend.certificate("c1")))
        self.assertIsNone(self.done(self.backend.certificate("c2")))

    def test_certificates_oldest_first(self) -> None:
        """Those of one account, in the order in which they were added."""
        for name in ("alice", "bob"):
            self.done(self.backend.add_account(replace(ALICE, name=name, key=name)))
        for made in (certificate("c3", added=NOON + 1), certificate("c9"), certificate("c1", "bob"), certificate("c2")):
            self.assertTrue(self.add_certificate(made))
        self.assertEqual(["c2", "c9", "c3"], [each.fingerprint for each in self.certificates()])
        self.assertEqual(["c1"], [each.fingerprint for each in self.certificates("bob")])
        self.assertEqual([], self.certificates("carol"))

    def test_certificate_has_one_account(self) -> None:
        """A second account does not get it, nor does one that is not there; to add it again changes nothing."""
        for name in ("alice", "bob"):
            self.done(self.backend.add_account(replace(ALICE, name=name, key=name)))
        self.assertTrue(self.add_certificate(certificate("c1")))
        self.assertTrue(self.add_certificate(certificate("c1", added=NOON + 5)))
        self.assertFalse(self.add_certificate(certificate("c1", "bob")))
        self.assertFalse(self.add_certificate(certificate("c2", "carol")))
        self.assertEqual([certificate("c1")], self.certificates())
        self.assertEqual([], [*self.certificates("bob"), *self.certificates("carol")])

    def test_too_many_certificates(self) -> None:
        """An account that has as many as it may have gets no more, until one is dropped."""
        self.done(self.backend.add_account(ALICE))
        for fingerprint in ("c1", "c2"):
            self.add_certificate(certificate(fingerprint), most=2)
        self.refused(self.backend.add_certificate(certificate("c3"), 2), LimitReached)
        self.assertTrue(self.add_certificate(certificate("c2"), most=2))
        self.assertEqual(1, self.done(self.backend.drop_certificates("alice", ["c1"])))
        self.assertTrue(self.add_certificate(certificate("c3"), most=2))

    def test_drop_certificates(self) -> None:
        """Those of the account that are named go, and stay gone when one is used; those of others stay."""
        for name in ("alice", "bob"):
            self.done(self.backend.add_account(replace(ALICE, name=name, key=name)))
        for made in (certificate("c1"), certificate("c2"), certificate("c3", "bob")):
            self.add_certificate(made)
        self.assertEqual(1, self.done(self.backend.drop_certificates("alice", ["c1", "c3", "c9", "c1"])))
        self.assertEqual(0, self.done(self.backend.drop_certificates("alice", [])))
        self.done(self.backend.use_certificate("c1", NOON + 5))
        self.restart()
        self.assertEqual(["c2"], [each.fingerprint for each in self.certificates()])
        self.assertEqual(["c3"], [each.fingerprint for each in self.certificates("bob")])
        self.assertTrue(self.add_certificate(certificate("c1", "bob")))

    def marks(self, account: str = "alice") -> dict[str, int]:
        """How far somebody has read."""
        return dict(self.done(self.backend.marks(account)))

    def test_read_markers(self) -> None:
        """One for each room, kept, and never moved back."""
        self.done(self.backend.mark("alice", {"lobby": 5, "attic": 2}))
        self.done(self.backend.mark("alice", {"lobby": 3, "attic": 4}))
        self.done(self.backend.mark("bob", {"lobby": 1}))
        self.restart()
        self.assertEqual({"lobby": 5, "attic": 4}, self.marks())
        self.assertEqual({}, self.marks("carol"))

    def test_nothing_changes_when_it_cannot_be_kept(self) -> None:
        """Each is refused, and what was kept before is still there."""
        self.done(self.backend.add_account(ALICE))
        self.add_token(token("d1"))
        self.done(self.backend.add_certificate(certificate("c1"), 9))
        self.post("a")
        self.break_down(self.backend, True)
        for refused in (
            self.backend.add_account(replace(ALICE, key="bob")),
            self.backend.change_account("alice", name="x"),
            self.backend.add_token(token("d2"), 1),
            self.backend.use_token("d1", NOON + 9, NOON + 9),
            self.backend.shorten_tokens(None, NOON),
            self.backend.drop_tokens(["d1"]),
            self.backend.add_certificate(certificate("c2"), 9),
            self.backend.use_certificate("c1", NOON + 9),
            self.backend.drop_certificates("alice", ["c1"]),
            self.backend.post(Mail(NOON, "Bob", "alice", "b"), 9),
            self.backend.take_mail("alice", 9),
            self.backend.mark("alice", {"lobby": 9}),
        ):
            self.refused(refused, NotKept)
        self.break_down(self.backend, False)
        self.assertEqual(ALICE, self.done(self.backend.account("alice")))
        self.assertIsNone(self.done(self.backend.account("bob")))
        self.assertEqual([token("d1")], list(self.done(self.backend.tokens("alice"))))
        self.assertEqual([certificate("c1")], self.certificates())
        self.assertEqual(["a"], self.take())
        self.assertEqual({}, self.marks())
