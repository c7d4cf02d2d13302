"""
What was said before: history, what was missed, search.
"""

from __future__ import annotations

from chatroom.errors import BadArguments, NeedsAccount, NoSuchPerson, NotInRoom
from chatroom.events import Joined, PasswordSet, Said, ServerRole
from chatroom.interfaces import AccountInfo, Page
from chatroom.limits import Limits
from tests.server.session.people import CallerTestCase, Ear, Somebody


def texts(page: Page) -> list[str]:
    """What was said on a page."""
    return [event.text for event in page.events if isinstance(event, Said)]


class HistoryTests(CallerTestCase):
    """Ten lines in the lobby, and pages of four."""

    limits = Limits(page_lines=4, catch_up_lines=6)

    def setUp(self) -> None:
        """Alice has said them."""
        super().setUp()
        self.alice = self.guest("alice")
        for number in range(10):
            self.alice.says(f"line {number}")

    def history(self, **asked: int | bool) -> Page:
        """A page of the lobby."""
        return self.alice.gets(self.alice.caller.history(**asked))  # type: ignore[arg-type]

    def test_last_page(self) -> None:
        """Oldest first, and whether there is more before it."""
        page = self.history()
        self.assertEqual((["line 6", "line 7", "line 8", "line 9"], True), (texts(page), page.more))

    def test_earlier_pages(self) -> None:
        """Each says where the one before it ends; the first says that it is the first."""
        page = self.history(before=self.history().events[0].seq)
        self.assertEqual((["line 2", "line 3", "line 4", "line 5"], True), (texts(page), page.more))
        page = self.history(before=page.events[0].seq)
        self.assertEqual((["line 0", "line 1"], False), (texts(page), page.more))

    def test_catching_up(self) -> None:
        """What followed a number, in bigger pages, from the front."""
        first = self.history(limit=4, before=self.history().events[0].seq).events[0].seq
        page = self.history(since=first)
        self.assertEqual((["line 3", "line 4", "line 5", "line 6", "line 7", "line 8"], True), (texts(page), page.more))
        page = self.history(since=page.events[-1].seq)
        self.assertEqual((["line 9"], False), (texts(page), page.more))

    def test_fewer_lines(self) -> None:
        """As asked, and never more than the limit."""
        self.assertEqual(["line 9"], texts(self.history(limit=1)))
        self.assertEqual(4, len(self.history(limit=1000).events))
        self.refused(BadArguments, self.alice, lambda: self.alice.caller.history(limit=0))

    def test_comings_and_goings(self) -> None:
        """They are left out, unless asked for."""
        page = self.history(since=0, talk=False)
        self.assertTrue(any(isinstance(event, Joined) for event in page.events))
        self.assertIs(None, page.gap)

    def test_history_holds_no_hash(self) -> None:
        """A room's password was set: its history says so, and not by which hash."""
        owner = self.guest("olga")
        owner.gets(owner.caller.create("den"))
        owner.gets(owner.caller.set_password("open sesame", room="den"))
        page = owner.gets(owner.caller.history("den", talk=False))
        [event] = [event for event in page.events if isinstance(event, PasswordSet)]
        self.assertEqual((True, ""), (event.on, event.hash))

    def test_history_from_a_moment(self) -> None:
        """Who knows a time and no number gets the number, and reads on from there."""
        self.server.wait(60)
        moment = self.server.now()
        self.alice.says("after the hour")
        number = self.alice.gets(self.alice.caller.number_at(moment))
        assert number is not None
        self.assertEqual(["after the hour"], texts(self.history(since=number - 1)))
        self.assertIs(None, self.alice.gets(self.alice.caller.number_at(moment + 1)))

    def test_what_is_no_longer_kept_is_a_gap(self) -> None:
        """Said, and never hidden."""
        self.alice.gets(self.server.backend.expire(None, 5))
        last = self.history().events[-1].seq
        page = self.history(since=1)
        self.assertEqual((2, last - 5), page.gap)
        self.assertIs(None, self.history(since=last - 5).gap)
        self.alice.gets(self.server.backend.expire(self.server.now() + 1, None))
        self.assertEqual((2, last), self.history(since=1).gap)
        self.assertIs(None, self.history(since=last).gap)

    def test_only_of_rooms_one_is_in(self) -> None:
        """The others are none of one's business."""
        bob = self.guest("bob")
        self.alice.gets(self.alice.caller.create("den"))
        self.refused(NotInRoom, bob, lambda: bob.caller.history("den"))


class DoorsOwnPagesTests(CallerTestCase):
    """A door may have longer or shorter pages than the server's limit says."""

    limits = Limits(page_lines=3)

    def test_pages_are_as_long_as_the_door_says(self) -> None:
        """History, search, the audit log and what was missed are cut at the door's own number of lines."""
        bob = self.guest("bob")
        for number in range(9):
            bob.says(f"line {number}")
        for own, most in ((None, 3), (2, 2), (7, 7)):
            caller = self.server.hub.enter(Ear(), "192.0.2.1", "test", own)
            reader = Somebody(self.server)
            reader.caller = caller
            reader.gets(caller.register(f"reader{own}"))
            self.assertEqual(most, caller.page_lines)
            self.assertEqual(most, len(reader.gets(caller.history()).events))
            self.assertEqual(min(most, 5), len(reader.gets(caller.history(limit=5)).events))
            self.assertEqual(most, len(reader.gets(caller.search("line")).events))


class MissedTests(CallerTestCase):
    """What was said between two visits."""

    limits = Limits(page_lines=3)

    def setUp(self) -> None:
        """Alice was here, and went; bob has talked since."""
        super().setUp()
        alice, self.bob = self.account("alice"), self.guest("bob")
        self.bob.says("while she was here")
        alice.goes()
        for number in range(4):
            self.bob.says(f"line {number}")

    def visit(self) -> Somebody:
        """Alice is back."""
        return self.again("alice")

    def test_page_by_page(self) -> None:
        """Each call moves on, and the end is the end."""
        alice = self.visit()
        self.bob.says("now that she is back")
        page = alice.gets(alice.caller.missed())
        self.assertEqual((["line 0", "line 1", "line 2"], True), (texts(page), page.more))
        page = alice.gets(alice.caller.missed())
        self.assertEqual((["line 3"], False), (texts(page), page.more))
        self.assertEqual([], texts(alice.gets(alice.caller.missed())))

    def test_what_is_not_read_is_missed_still(self) -> None:
        """The next visit goes on where this one stopped reading, if it began to read at all."""
        alice = self.visit()
        alice.gets(alice.caller.missed())
        page = alice.gets(alice.caller.missed())
        self.assertEqual(["line 3"], texts(page))

    def test_for_accounts(self) -> None:
        """Nobody knows of a guest whether it is the same person."""
        self.refused(NeedsAccount, self.bob, lambda: self.bob.caller.missed())


class SearchTests(CallerTestCase):
    """Finding what was said."""

    limits = Limits(page_lines=2)

    def setUp(self) -> None:
        """Things are said in two rooms."""
        super().setUp()
        self.alice, self.bob = self.guest("alice"), self.guest("bob")
        for text in ("red apples", "green apples", "Red cherries", "apples, RED ones"):
            self.alice.says(text)
        self.alice.gets(self.alice.caller.create("den"))
        self.alice.says("red apples in the den")

    def found(self, who: Somebody, words: str, **asked: object) -> list[str]:
        """What is found, newest first."""
        found = who.gets(who.caller.search(words, **asked))  # type: ignore[arg-type]
        return [getattr(event, "text", "") for event in found.events]

    def test_all_words_in_any_letter_case(self) -> None:
        """Newest first, in all the rooms one is in."""
        self.assertEqual(["red apples in the den", "apples, RED ones"], self.found(self.alice, "apples Red"))

    def test_pages(self) -> None:
        """The next one is asked for with what this one says."""
        found = self.alice.gets(self.alice.caller.search("apples red"))
        self.assertEqual(["red apples"], self.found(self.alice, "apples red", before=found.next))

    def test_one_room(self) -> None:
        """Search looks into one room only, where one is named."""
        self.assertEqual(["red apples in the den"], self.found(self.alice, "red", room="den"))

    def test_only_rooms_one_is_in(self) -> None:
        """What is said elsewhere stays there."""
        self.assertEqual(["apples, RED ones", "red apples"], self.found(self.bob, "red apples"))
        self.refused(NotInRoom, self.bob, lambda: self.bob.caller.search("red", "den"))

    def test_no_words(self) -> None:
        """Nothing is not searched for."""
        self.refused(BadArguments, self.alice, lambda: self.alice.caller.search("  "))


class PersonTests(CallerTestCase):
    """What is known of somebody."""

    def test_here_and_account(self) -> None:
        """Each, both, or neither."""
        self.guest("bob")
        self.account("carl")
        self.account("dora").goes()
        alice = self.guest("alice")
        known = {nick: alice.gets(alice.caller.person(nick)) for nick in ("BOB", "carl", "dora")}
        self.assertEqual(
            {"BOB": (True, False), "carl": (True, True), "dora": (False, True)},
            {nick: (here is not None, account is not None) for nick, (here, account) in known.items()},
        )
        self.refused(NoSuchPerson, alice, lambda: alice.caller.person("nobody"))

    def test_nothing_secret_is_told_of_an_account(self) -> None:
        """Nobody who asks for a person gets the password hash, or what is that person's own."""
        self.account("carl")
        alice = self.guest("alice")
        _, carl = alice.gets(alice.caller.person("carl"))
        self.assertEqual(AccountInfo("carl", self.server.now(), ServerRole.NONE), carl)
        self.assertNotIn("$", repr(carl))
