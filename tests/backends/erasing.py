"""
The contract: everything of one person, for those who ask for it, or for nothing of it to be left.
"""

from __future__ import annotations

from dataclasses import replace

from chatroom.events import SERVER, Acted, Event, Kicked, Left, Renamed, Reported, RoomCreated, Said, TopicSet
from chatroom.records import ERASED, ERASED_NAME, ERASED_TEXT, Account, AuditEntry, Certificate, Mail
from tests.backends.people import ALICE, token
from tests.backends.verbs import NOON, Contract, closed, created, joined, said

SECRET = "zwiebelkuchen"


class ErasingContract(Contract):
    """Accounts in a list, one person's lines and letters, and their end."""

    def test_accounts(self) -> None:
        """They are listed by key, some at a time."""
        for name in ("carol", "Alice", "bob"):
            self.done(self.backend.add_account(Account(name, name.casefold(), "hash", NOON)))
        self.assertEqual(["Alice", "bob"], [each.name for each in self.done(self.backend.accounts("", 2))])
        self.assertEqual(["carol"], [each.name for each in self.done(self.backend.accounts("bob", 2))])
        self.assertEqual([], self.done(self.backend.accounts("carol", 2)))

    def test_drop_account(self) -> None:
        """It goes with its sessions, certificates, inbox and marks, and with nobody else's."""
        for name in ("alice", "bob"):
            self.done(self.backend.add_account(replace(ALICE, name=name, key=name)))
            self.done(self.backend.add_token(token(f"of-{name}", name), 9))
            self.done(self.backend.add_certificate(Certificate(f"by-{name}", name, NOON), 9))
            self.done(self.backend.post(Mail(NOON, "carol", name, "psst"), 9))
            self.done(self.backend.mark(name, {"lobby": 7}))
        self.assertTrue(self.done(self.backend.drop_account("alice")))
        self.restart()
        for name, left_over in (("alice", 0), ("bob", 1)):
            kept = (
                self.done(self.backend.account(name)) is not None,
                len(self.done(self.backend.tokens(name))),
                len(self.done(self.backend.certificates(name))),
                len(self.done(self.backend.letters(name, 0, 9))),
                len(self.done(self.backend.marks(name))),
            )
            self.assertEqual((bool(left_over), *[left_over] * 4), kept, name)
        self.assertFalse(self.done(self.backend.drop_account("alice")))

    def test_erased_account(self) -> None:
        """What is left of an account that was erased is known as that."""
        self.done(self.backend.add_account(Account("alice", "alice", ERASED, 0.0)))
        found = self.done(self.backend.account("alice"))
        assert found is not None
        self.assertTrue(found.erased)
        self.assertFalse(ALICE.erased)

    def test_quotes_in_reports(self) -> None:
        """What somebody said stands in reports about them as well."""
        report = Reported(NOON, SERVER, "bob", number=1, who="alice", where="den", reason="rude", quote=f"7 {SECRET}")
        self.keep(report)
        self.done(self.backend.erase("alice", False))
        snapshot = self.restart()
        (found,) = [event for event in snapshot.events if isinstance(event, Reported)]
        self.assertEqual(("bob", ERASED_NAME, "", ""), (found.nick, found.who, found.reason, found.quote))

    def test_reasons_in_the_audit_log(self) -> None:
        """The log keeps who did what to whom, and not why; of others, it keeps all."""
        for who, target in (("mia", "Alice"), ("ALICE", "bob"), ("mia", "bob")):
            self.done(self.backend.audit(AuditEntry(NOON, who, "ban", target, f"for good: {SECRET}")))
        self.done(self.backend.erase("alice", True))
        self.assertEqual(3, str(self.done(self.backend.audit_log(None, None, 9))).count(SECRET))
        self.done(self.backend.erase("alice", False))
        left = [(e.who, e.target, bool(e.detail)) for e in self.done(self.backend.audit_log(None, None, 9))]
        self.assertEqual([("mia", "Alice", False), ("ALICE", "bob", False), ("mia", "bob", True)], left)

    def test_letters(self) -> None:
        """Whispers in an inbox are looked at without being read."""
        for text in ("one", "two", "three"):
            self.done(self.backend.post(Mail(NOON, "carol", "alice", text), 9))
        self.done(self.backend.take_mail("alice", 1))
        first, second = self.done(self.backend.letters("alice", 0, 2))
        self.assertEqual([("one", True), ("two", False)], [(each.text, each.read) for each in (first, second)])
        (third,) = self.done(self.backend.letters("alice", second.id, 2))
        self.assertEqual(("three", False), (third.text, third.read))
        self.assertEqual(2, self.done(self.backend.waiting("alice")))

    def lines(self, limit: int = 100, since: float = 0.0) -> list[list[str]]:
        """What alice said, as pages of texts."""
        pages, after = [], 0
        while True:
            found = self.done(self.backend.lines("alice", since, after, limit))
            pages.append([getattr(event, "text", "") for event in found.events])
            if found.next is None:
                return pages
            after = found.next

    def test_lines(self) -> None:
        """Of all rooms, however the name was written, in the order in which they were said."""
        self.keep(created(), created("tea"), joined())
        self.keep(said("one", nick="Alice"), said("not hers", nick="bob"), said("two", "tea", "ALICE"))
        self.keep(Acted(NOON, "lobby", "alice", text="three"))
        self.assertEqual([["one", "two", "three"]], self.lines())
        self.assertEqual(["one", "two", "three"], [text for page in self.lines(limit=2) for text in page])

    def test_lines_since(self) -> None:
        """What was said before is not given: it may have been somebody else's, of the same name."""
        self.keep(created(), said("before", at=NOON - 1), said("since"))
        self.assertEqual([["since"]], self.lines(since=NOON))

    def test_lines_of_closed_rooms(self) -> None:
        """Nobody may read them any more."""
        self.keep(created("tea"), said("gone", "tea"))
        self.keep(closed("tea"))
        self.assertEqual([], [text for page in self.lines() for text in page])

    def erase(self, keep_text: bool = False) -> int:
        """Let nothing be left of alice."""
        return self.done(self.backend.erase("alice", keep_text))

    def everything(self) -> list[Event]:
        """All that can be read of a room, and all facts that hold."""
        return [*self.history(), *self.restart().events]

    def test_erase_talk(self) -> None:
        """Her lines are there still, each with its number, and say neither who nor what."""
        self.keep(created(), said(SECRET, nick="Alice"), said("hello alice", nick="bob"), said(SECRET, nick="alice"))
        self.assertEqual(2, self.erase())
        self.restart()
        talk = [(event.seq, event.nick, getattr(event, "text", "")) for event in self.history(talk=True)]
        erased = (ERASED_NAME, ERASED_TEXT)
        self.assertEqual([(2, *erased), (3, "bob", "hello alice"), (4, *erased)], talk)
        self.assertEqual(0, self.erase())

    def test_erase_from_the_index(self) -> None:
        """What she said is not found any more, also what was said before the index was made; others' words are."""
        self.keep(created(), said(f"{SECRET} Ümläut", nick="alice"), said("pudding", nick="bob"))
        self.assertEqual([f"{SECRET} Ümläut"], self.texts(SECRET))
        self.keep(said(f"{SECRET} again", nick="alice"))
        self.erase()
        for word in (SECRET, "Ümläut", "again"):
            self.assertEqual([], self.texts(word))
        self.assertEqual(["pudding"], self.texts("pudding"))
        self.restart()
        self.keep(said("more pudding", nick="bob"))
        self.assertEqual(["more pudding", "pudding"], self.texts("pudding"))
        self.done(self.backend.expire(NOON + 1, None))  # the index has to know what it forgets
        self.assertEqual([], self.texts("pudding"))

    def test_keep_text(self) -> None:
        """Where what was said stays, it is nobody's, and is found as before."""
        self.keep(created(), said(SECRET))
        self.assertEqual(1, self.erase(keep_text=True))
        (event,) = self.search(SECRET).events
        self.assertEqual((ERASED_NAME, SECRET), (event.nick, getattr(event, "text", "")))

    def test_a_nonce_goes_with_the_name(self) -> None:
        """What a program of hers called a message is erased, also where the text stays, and that of others is not."""
        for keep_text in (True, False):
            self.keep(
                Said(NOON, "lobby", "alice", text="a", nonce=SECRET, bot=True),
                Acted(NOON, "lobby", "alice", text="b", nonce=SECRET),
                Said(NOON, "lobby", "bob", text="c", nonce="bob's"),
            )
            self.erase(keep_text=keep_text)
            nonces = [getattr(event, "nonce", "") for event in self.history(talk=True)][-3:]
            self.assertEqual(["", "", "bob's"], nonces)

    def test_erase_happenings(self) -> None:
        """Her name and her reasons are out of everything else; a topic stays the room's."""
        self.keep(
            created(),
            TopicSet(NOON, "lobby", "alice", text="Tea"),
            joined("bob"),
            Renamed(NOON, "lobby", "bob", new="Alice"),
            Kicked(NOON, "lobby", "bob", who="Alice", reason="rude"),
            Kicked(NOON, "lobby", "Alice", who="bob", reason=SECRET),
            joined("alice"),
            Left(NOON, "lobby", "alice", reason=SECRET),
        )
        self.erase()
        events = self.everything()
        self.assertEqual([], [event for event in events if "alice" in repr(event).casefold() or SECRET in repr(event)])
        self.assertIn(Kicked(NOON, "lobby", "bob", 5, who=ERASED_NAME, reason=""), events)
        self.assertEqual(2, events.count(TopicSet(NOON, "lobby", ERASED_NAME, 2, "Tea")))
        self.assertEqual([1, 2, 3, 4, 5, 6, 7, 8], self.numbers())

    def test_facts_go_on(self) -> None:
        """A fact that named her holds as before, and changes as before."""
        self.keep(RoomCreated(NOON, "lobby", "alice", keep=True), TopicSet(NOON, "lobby", "alice", text="Tea"))
        self.erase()
        self.keep(TopicSet(NOON, "lobby", "bob", text="Coffee"))
        (room, topic) = self.restart().events
        self.assertEqual((ERASED_NAME, "bob"), (room.nick, topic.nick))

    def test_erase_mail(self) -> None:
        """What she whispered to people who were absent is out of their inboxes, or there without a name."""
        for sender, text in (("Alice", SECRET), ("carol", "stays")):
            self.done(self.backend.post(Mail(NOON, sender, "bob", text), 9))
        self.done(self.backend.erase("carol", True))
        self.erase()
        (letter,) = self.done(self.backend.letters("bob", 0, 9))
        self.assertEqual((ERASED_NAME, "stays"), (letter.sender, letter.text))
