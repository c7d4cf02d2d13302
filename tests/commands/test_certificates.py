"""
C{/cert}, and a login by a TLS certificate at the doors of people and programs.
"""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from chatroom.backends.memory import MemoryStore
from chatroom.core.accounts import fingerprint_of
from chatroom.errors import Unlawful
from chatroom.events import ServerRole
from chatroom.limits import Limits
from chatroom.records import AuditEntry
from chatroom.testing import Guest, Server
from tests.doors.certificates import fingerprint, over_tls

PASSWORD = "correct horse battery"
LAPTOP, PHONE = fingerprint("laptop"), fingerprint("phone")


class FingerprintTests(SynchronousTestCase):
    """What a person may type as a fingerprint."""

    @given(st.binary(min_size=32, max_size=32), st.sampled_from(["", ":", " "]), st.booleans(), st.booleans())
    def test_spellings(self, digest: bytes, between: str, capitals: bool, whole: bool) -> None:
        """Capitals, colons, blanks and what openssl prints before it make no difference."""
        text = digest.hex(between) if between else digest.hex()
        text = ("sha256 Fingerprint=" if whole else "") + (text.upper() if capitals else text)
        self.assertEqual(digest.hex(), fingerprint_of(text))

    @given(st.text(max_size=200))
    def test_everything_else_is_refused(self, text: str) -> None:
        """Whatever is typed is a fingerprint of 64 digits, or refused with a sentence."""
        try:
            self.assertRegex(fingerprint_of(text), "^[0-9a-f]{64}$")
        except Unlawful as refused:
            self.assertIn("openssl x509", refused.sentence)

    def test_other_lengths(self) -> None:
        """SHA-1, a digit less, a digit more, other digits and a long text are no fingerprints."""
        for text in ("", "ab" * 20, "ab" * 31 + "a", "ab" * 32 + "a", "gg" * 32, "\u0663" * 64, "ab" * 5000, "=" * 9):
            self.assertRaises(Unlawful, fingerprint_of, text)


class CertificateCase(SynchronousTestCase):
    """Alice has an account, and types at the port that people use over TLS."""

    limits = Limits()

    def setUp(self) -> None:
        """She is logged in, with the certificate of her laptop."""
        self.server = Server(self.limits)
        self.alice = self.server.account("alice", PASSWORD)
        self.alice.disconnects()
        self.alice = self.login("alice", "laptop")

    def login(self, name: str, certificate: str | None = None) -> Guest:
        """A person who has logged in by password."""
        person = over_tls(self.server.connection(), certificate)
        person.types(f"/login {name} {PASSWORD}")
        assert f"Logged in as {name}." in person.reads()
        return person

    def arrives(self, name: str, certificate: str | None) -> list[str]:
        """What somebody reads who types this nickname first."""
        self.person = over_tls(self.server.connection(), certificate)
        self.person.types(name)
        return self.person.reads()

    def answer(self, person: Guest, typed: str) -> list[str]:
        """What somebody reads when this is typed."""
        person.reads()
        person.types(typed)
        return person.reads()


class ListTests(CertificateCase):
    """Certificates are added, listed and removed."""

    limits = Limits(certificates_per_account=2)

    def test_that_of_the_connection(self) -> None:
        """It is added without being typed, listed as this one, and removed by its beginning."""
        self.assertEqual(["No certificate logs in to your account."], self.answer(self.alice, "/cert"))
        self.assertEqual([f"This certificate logs in to alice now: {LAPTOP}"], self.answer(self.alice, "/cert add"))
        self.server.wait(120)
        listed = [f"{LAPTOP} (this one), added 2 minutes ago, never used."]
        self.assertEqual(listed, self.answer(self.alice, "/cert list"))
        self.assertEqual(listed, self.answer(self.alice, "/certs"))
        removed = self.answer(self.alice, f"/cert del {LAPTOP[:8].upper()}")
        self.assertEqual(["1 certificate removed. /session lists your sessions."], removed)
        self.assertEqual(["No certificate logs in to your account."], self.answer(self.alice, "/cert"))

    def test_one_that_is_typed(self) -> None:
        """From any connection, as openssl prints it."""
        plain = self.login("alice")
        typed = bytes.fromhex(PHONE).hex(":").upper()
        self.assertEqual([f"This certificate logs in to alice now: {PHONE}"], self.answer(plain, f"/cert add {typed}"))
        self.assertEqual([f"This certificate logs in to alice now: {PHONE}"], self.answer(plain, f"/cert add {typed}"))
        self.assertEqual(1, len(self.answer(plain, "/cert")))

    def test_connection_without_one(self) -> None:
        """Who presents none is told what to type."""
        plain = self.login("alice")
        sentence = "! Your client has presented no certificate. To add one: /cert add FINGERPRINT"
        self.assertEqual([sentence], self.answer(plain, "/cert add"))

    def test_what_is_no_fingerprint(self) -> None:
        """SHA-1 and words are refused, and so is an action that there is not."""
        for typed in ("/cert add " + "ab" * 20, "/cert add alice"):
            self.assertTrue(self.answer(self.alice, typed)[0].startswith("! A fingerprint has 64 digits"), typed)
        for typed in ("/cert burn", "/cert remove", "/cert list all"):
            self.assertTrue(self.answer(self.alice, typed)[0].startswith("! Usage: /cert list"), typed)

    def test_there_are_not_too_many(self) -> None:
        """An account that has as many certificates as it may have gets no more, until one is removed."""
        self.answer(self.alice, "/cert add")
        self.answer(self.alice, f"/cert add {PHONE}")
        more = f"/cert add {fingerprint('tablet')}"
        sentence = "! Your account has 2 certificates; that is the limit. Remove one: /cert remove FINGERPRINT"
        self.assertEqual([sentence], self.answer(self.alice, more))
        self.assertEqual(2, len(self.answer(self.alice, "/cert")))
        self.answer(self.alice, f"/cert remove {PHONE}")
        self.assertIn("logs in to alice now", self.answer(self.alice, more)[0])
        self.assertIn("2 certificates removed.", self.answer(self.alice, "/cert remove all")[0])
        self.assertEqual(["! Your account has no certificates."], self.answer(self.alice, "/cert remove all"))

    def test_removed_by_its_beginning(self) -> None:
        """Too short a beginning, one of several certificates, and one of none are refused."""
        self.answer(self.alice, "/cert add " + "ab" * 32)
        self.answer(self.alice, "/cert add " + "ab" * 31 + "cd")
        self.assertTrue(self.answer(self.alice, "/cert remove abababa")[0].startswith("! Your account has no"))
        self.assertTrue(self.answer(self.alice, "/cert remove abababab")[0].startswith("! Several of your"))
        self.assertTrue(self.answer(self.alice, "/cert remove cdcdcdcd")[0].startswith("! Your account has no"))
        self.assertEqual(2, len(self.answer(self.alice, "/cert")))

    def test_programs_read_it(self) -> None:
        """A program is given fingerprints and times, and whether one is its own."""
        program = over_tls(self.server.program(), "laptop")
        program.asks("hello", nick="alice", password=PASSWORD)
        self.assertEqual(LAPTOP, program.asks("cert", action="add")["fingerprint"])
        (listed,) = program.asks("cert")["certificates"]
        self.assertEqual((LAPTOP, True, None), tuple(listed[key] for key in ("fingerprint", "current", "used")))
        self.assertEqual(1, program.asks("cert", action="remove", fingerprint=LAPTOP)["removed"])

    def test_a_guest_has_none(self) -> None:
        """A certificate belongs to an account."""
        guest = over_tls(self.server.connection(), "phone")
        self.assertIn("Registration successful. You are bob.", self.answer(guest, "bob"))
        self.assertEqual(["! /cert needs an account. /signup creates one."], self.answer(guest, "/cert add"))

    def test_a_program_adds_none(self) -> None:
        """Whoever steals the token of a program can neither add a certificate nor remove one of the owner."""
        self.answer(self.alice, "/cert add")
        self.answer(self.alice, "/session create bridge")
        token = self.answer(self.alice, "/session create feed")[0].split()[-1]
        program = over_tls(self.server.program(), "phone")
        self.assertTrue(program.asks("hello", token=token)["ok"])
        for arguments in ({"action": "add"}, {"action": "remove", "fingerprint": "all"}):
            self.assertEqual("not-allowed", program.asks("cert", **arguments)["error"])
        self.assertEqual(1, len(program.asks("cert")["certificates"]))


class LoginTests(CertificateCase):
    """The nickname is enough for a client with a certificate of that account."""

    def test_nickname_alone(self) -> None:
        """With the certificate, the nickname is the login; without, with another one or elsewhere, it is not."""
        self.answer(self.alice, "/cert add")
        came = self.arrives("Alice", "laptop")
        self.assertIn("Logged in as alice.", came)
        self.assertTrue(any("/resume" in line for line in came))
        self.assertIn("(this one), added", self.answer(self.person, "/cert")[0])
        self.assertTrue(self.answer(self.person, "/cert")[0].endswith("last used just now."))
        for certificate in ("phone", None):
            self.assertNotIn("Logged in as alice.", self.arrives("alice", certificate))
        self.assertIn("Registration successful. You are bob.", self.arrives("bob", "laptop"))

    def test_program(self) -> None:
        """A program that says hello with the nickname alone is given a session, as after a password."""
        self.answer(self.alice, "/cert add")
        program = over_tls(self.server.program(), "laptop")
        answer = program.asks("hello", nick="alice")
        self.assertEqual(("alice", True), (answer["nick"], answer["account"]))
        again = self.server.program().asks("hello", token=answer["token"])
        self.assertTrue(again["ok"])

    def test_new_password(self) -> None:
        """It removes no certificate, and says so."""
        self.answer(self.alice, "/cert add")
        changed = self.answer(self.alice, f"/passwd {PASSWORD.replace(' ', '-')} x")
        self.assertTrue(changed[0].startswith("! "), changed)
        self.alice.types("/passwd", PASSWORD, "another horse battery", "another horse battery")
        still = "1 certificate can still log in without it. /cert lists them."
        self.assertIn(still, self.alice.reads())
        self.assertIn("Logged in as alice.", self.arrives("alice", "laptop"))

    def test_removed_certificate(self) -> None:
        """It logs in no more, and who is connected by it stays."""
        self.answer(self.alice, "/cert add")
        self.arrives("alice", "laptop")
        self.answer(self.alice, f"/cert remove {LAPTOP}")
        self.assertFalse(self.person.is_disconnected())
        self.assertNotIn("Logged in as alice.", self.arrives("alice", "laptop"))

    def test_who_may_not_log_in(self) -> None:
        """The owner of an account that is banned or disabled is refused with the certificate as with the password."""
        self.answer(self.alice, "/cert add")
        moderator = self.server.staff("anna", ServerRole.ADMIN)
        moderator.types("/gban alice")
        self.assertIn("banned", "".join(self.arrives("alice", "laptop")))
        moderator.types("/gunban alice")
        self.assertIn("Logged in as alice.", self.arrives("alice", "laptop"))
        self.person.disconnects()
        entry = AuditEntry(self.server.now(), "anna", "disable", "alice")
        self.server.finish(self.server.backend.set_disabled("alice", True, entry))
        self.assertIn("disabled", "".join(self.arrives("alice", "laptop")))

    def test_another_spelling_of_the_name(self) -> None:
        """Whose letters are written otherwise from now on logs in by the same certificate."""
        self.answer(self.alice, "/cert add")
        self.answer(self.alice, "/nick ALICE")
        self.assertIn("Logged in as ALICE.", self.arrives("alice", "laptop"))

    def test_all_nodes_know_it(self) -> None:
        """A certificate that was added on one node logs in on another."""
        store = MemoryStore()
        self.server = Server(store=store)
        owner = over_tls(self.server.connection(), "laptop")
        owner.types("alice", f"/signup {PASSWORD}", "/cert add")
        self.server = self.server.another_node("north")
        self.assertIn("Logged in as alice.", self.arrives("alice", "laptop"))


class TwoAccountsTests(CertificateCase):
    """No certificate logs in to two accounts."""

    def setUp(self) -> None:
        """Mallory has an account as well."""
        super().setUp()
        self.server.account("mallory", PASSWORD).disconnects()
        self.mallory = self.login("mallory")

    def test_one_that_is_in_use(self) -> None:
        """A certificate of one account is refused to another one that only names it, however it is spelled."""
        self.answer(self.alice, "/cert add")
        self.arrives("alice", "laptop")
        refusal = ["! Another account has this certificate. Use another one."]
        self.assertEqual(refusal, self.answer(self.mallory, f"/cert add {LAPTOP.upper()}"))
        self.assertIn("Logged in as alice.", self.arrives("alice", "laptop"))

    def test_one_that_has_logged_in_elsewhere(self) -> None:
        """Who presents a certificate gets it back, also if it has logged in to the account that named it first."""
        self.answer(self.mallory, f"/cert add {LAPTOP}")
        self.arrives("mallory", "laptop")
        self.assertIn("logs in to alice now", self.answer(self.alice, "/cert add")[0])
        self.assertEqual(["No certificate logs in to your account."], self.answer(self.mallory, "/cert"))

    def test_one_that_another_account_has_only_named(self) -> None:
        """Who presents a certificate gets it back from somebody who only knew its fingerprint."""
        self.answer(self.mallory, f"/cert add {LAPTOP}")
        self.assertIn("logs in to alice now", self.answer(self.alice, "/cert add")[0])
        self.assertEqual(["No certificate logs in to your account."], self.answer(self.mallory, "/cert"))
        self.assertIn("Logged in as alice.", self.arrives("alice", "laptop"))

    def test_one_that_nobody_presents(self) -> None:
        """A fingerprint that was only typed cannot be taken from the account that typed it first."""
        self.answer(self.mallory, f"/cert add {PHONE}")
        refusal = ["! Another account has this certificate. Use another one."]
        self.assertEqual(refusal, self.answer(self.alice, f"/cert add {PHONE}"))

    def test_those_of_others_stay(self) -> None:
        """Nobody removes a certificate of another account."""
        self.answer(self.alice, "/cert add")
        self.assertTrue(self.answer(self.mallory, f"/cert remove {LAPTOP}")[0].startswith("! Your account has no"))
        self.assertEqual(1, len(self.answer(self.alice, "/cert")))
