"""
The contract, second part: reading, searching and forgetting.
"""

from __future__ import annotations

from chatroom.events import Acted, AutoSaid, RoomCreated, RoomEvent, Said, TopicSet
from chatroom.records import AROUND, OTHERS, Found
from tests.backends.verbs import NOON, Contract, created, joined, left, said


class HistoryContract(Contract):
    """Reading, searching and forgetting."""

    def talk(self, *texts: str, room: str = "lobby", at: float = NOON) -> None:
        """Somebody says these, one after the other."""
        self.keep(*(said(text, room, at=at) for text in texts))

    def test_last_events(self) -> None:
        """Without a place, one reads the end of it, oldest first."""
        self.talk(*"abcde")
        self.assertEqual([4, 5], self.numbers(limit=2))
        self.assertEqual([1, 2, 3, 4, 5], self.numbers())

    def test_events_before_a_number(self) -> None:
        """Scrolling back: the last ones before it."""
        self.talk(*"abcde")
        self.assertEqual([2, 3], self.numbers(before=4, limit=2))
        self.assertEqual([], self.numbers(before=1))

    def test_events_after_a_number(self) -> None:
        """Catching up: the first ones after it."""
        self.talk(*"abcde")
        self.assertEqual([3, 4], self.numbers(after=2, limit=2))
        self.assertEqual([1], self.numbers(after=0, limit=1))
        self.assertEqual([], self.numbers(after=5))

    def test_events_between_two_numbers(self) -> None:
        """What was missed between two visits: the first ones after the one and before the other."""
        self.talk(*"abcde")
        self.assertEqual([2, 3], self.numbers(after=1, before=5, limit=2))
        self.assertEqual([2, 3, 4], self.numbers(after=1, before=5))

    def test_numbers_out_of_reach(self) -> None:
        """Whatever number a stranger sends is answered."""
        self.talk(*"abc")
        self.assertEqual([1, 2, 3], self.numbers(before=10**30))
        self.assertEqual([1, 2, 3], self.numbers(after=-(10**30)))
        self.assertEqual([], self.numbers(after=10**30))
        self.assertEqual(["c", "b", "a"], [*self.texts("a"), *self.texts("b"), *self.texts("c")][::-1])
        self.assertEqual(["a"], self.texts("a", before=10**30))
        self.assertEqual([], self.texts("a", before=-(10**30)))

    def test_talk_alone(self) -> None:
        """Comings and goings can be left out, without a page getting shorter for it."""
        waved = Acted(NOON, "lobby", "alice", text="waves")
        self.keep(created(), joined(), said("hi"), left(), joined(), waved, left())
        self.assertEqual([3, 6], self.numbers(talk=True, limit=2))
        self.assertEqual([waved], self.history(talk=True, limit=1))
        self.assertEqual([3], self.numbers(talk=True, after=0, limit=1))

    def test_a_page_has_so_many_bytes(self) -> None:
        """
        No more is read than fits on it, and one event beyond, from the end that it was asked for; one fits in any case.
        What counts are bytes of UTF-8, and something for what stands around them.
        """
        each = AROUND + 300
        self.keep(created(), *(said("äöü" * 50) for _ in range(5)), joined(), left())
        self.assertEqual([2, 3, 4], self.numbers(after=1, talk=True, size=2 * each))
        self.assertEqual([2, 3, 4, 5], self.numbers(after=1, talk=True, size=3 * each))
        self.assertEqual([2, 3, 4], self.numbers(after=1, talk=True, size=3 * each - 1))
        self.assertEqual([4, 5, 6], self.numbers(talk=True, size=2 * each))
        self.assertEqual([5, 6, 7, 8], self.numbers(size=2 * OTHERS + each))
        self.assertEqual([3, 4], self.numbers(before=5, talk=True, size=0))
        self.assertEqual([2, 3], self.numbers(after=0, before=9, talk=True, size=1))
        self.assertEqual([6], self.numbers(after=5, before=7, size=1))
        self.assertEqual([], self.numbers(after=8, size=1))
        self.assertEqual([2, 3], self.numbers(after=1, limit=2, talk=True, size=9 * each))

    def test_what_is_found_fits_on_a_page(self) -> None:
        """By lines and by bytes; the next page begins where it ends."""
        self.talk("tea\nfor\ntwo", "tea", "tea " + "x" * 500, "tea\nagain")
        self.assertEqual(["tea\nagain", "tea " + "x" * 500], self.texts("tea", limit=3))
        self.assertEqual(["tea\nagain"], self.texts("tea", size=400))
        first = self.search("tea", limit=1)
        self.assertEqual(1, len(first.events))
        self.assertEqual(["tea " + "x" * 500, "tea"], self.texts("tea", before=first.next, limit=4))

    def test_each_room_has_its_own(self) -> None:
        """No line is shown in another room, and a room nobody has heard of is empty."""
        self.talk("a")
        self.talk("b", room="attic")
        self.assertEqual(["attic"], [event.room for event in self.history("attic")])
        self.assertEqual([], self.history("cellar"))

    def test_what_a_program_says_by_itself_is_talk(self) -> None:
        """It is kept as what it is, also over a restart, and read, counted, found and forgotten as talk."""
        self.keep(created(), AutoSaid(NOON, "lobby", "robot", text="green tea"), said("tea"))
        for _ in range(2):
            self.assertEqual([AutoSaid, Said], [type(event) for event in self.history(talk=True)])
            self.assertEqual(["tea", "green tea"], self.texts("tea"))
            self.assertEqual(2, self.done(self.backend.talk_count("lobby", 0, 99, 9)))
            self.restart()
        self.assertEqual(2, self.forget(keep_talk=1))

    def test_what_programs_add_is_kept(self) -> None:
        """A nonce and the mark of a bot come back wherever talk is read; messages beside them have neither."""
        batch: list[RoomEvent] = [
            said("green tea"),
            Said(NOON, "lobby", "robot", text="tea", nonce="7f3a", bot=True),
            AutoSaid(NOON, "lobby", "robot", text="tea", nonce='"}\\', bot=True),
            Acted(NOON, "lobby", "alice", text="drinks tea", nonce="1"),
            said("more tea"),
        ]
        self.keep(created(), *batch)
        for _ in range(2):
            self.assertEqual(batch, self.history(talk=True))
            self.assertEqual(batch[::-1], list(self.done(self.backend.search(["lobby"], ["tea"], None, 9)).events))
            self.assertEqual(batch[1:3], list(self.done(self.backend.lines("robot", 0.0, 0, 9)).events))
            page = self.done(self.backend.history("lobby", after=1, before=None, limit=9, talk=False, size=10_000))
            self.assertEqual(batch, list(page))
            self.restart()

    def test_talk_is_counted(self) -> None:
        """As many lines as history gives between two numbers, and no more than asked for; comings do not count."""
        self.keep(created())
        self.talk("a", "b")
        self.keep(joined())
        self.talk("c", "d")
        for after, before, most, count in (
            (0, 99, 9, 4),
            (0, 99, 3, 3),
            (2, 6, 9, 2),
            (5, 6, 9, 0),
            (2**70, 2**71, 9, 0),
        ):
            self.assertEqual(count, self.done(self.backend.talk_count("lobby", after, before, most)), (after, before))
        self.assertEqual(0, self.done(self.backend.talk_count("nowhere", 0, 99, 9)))

    def number_at(self, at: float, room: str = "lobby") -> int | None:
        """Where a moment stands."""
        return self.done(self.backend.number_at(room, at))

    def test_moments_have_a_place(self) -> None:
        """The first event at or after a moment is found by its time, be it talk or not."""
        self.keep(created(), joined(), said("a", at=NOON + 1), said("b", at=NOON + 1), left(at=NOON + 4))
        self.talk("elsewhere", room="attic", at=NOON + 2)
        for at, number in (
            (0.0, 1), (NOON, 1), (NOON + 0.5, 3), (NOON + 1, 3), (NOON + 1.5, 5), (NOON + 4, 5), (NOON + 4.5, None),
            (float("inf"), None), (float("-inf"), 1),
        ):  # fmt: skip
            self.assertEqual(number, self.number_at(at), at)
        self.assertEqual(1, self.number_at(NOON + 2, "attic"))
        self.assertIs(None, self.number_at(NOON, "nowhere"))

    def test_moments_among_what_is_kept(self) -> None:
        """What was forgotten has no place any more, whatever holes it left."""
        self.keep(created())
        self.keep(*(event for second in range(9) for event in (joined(at=NOON + second), said("a", at=NOON + second))))
        self.forget(keep_others=2)
        self.assertEqual([3, 5, 7, 9, 11, 13, 15, 16, 17, 18, 19], self.numbers())
        self.assertEqual(3, self.number_at(NOON))
        self.assertEqual(13, self.number_at(NOON + 5))
        self.forget(older_than=NOON + 3)
        self.assertEqual(9, self.number_at(NOON))
        self.restart()
        self.assertEqual(18, self.number_at(NOON + 8))

    def test_history_survives_a_restart(self) -> None:
        """With numbers and times."""
        self.talk("a", "b")
        before = self.history()
        self.restart()
        self.assertEqual(before, self.history())
        self.talk("c")
        self.assertEqual([1, 2, 3], self.numbers())

    def test_search_wants_all_words(self) -> None:
        """In any order, as whole words."""
        self.talk("green tea", "black tea", "tea for two, green", "evergreen teapot")
        self.assertEqual(["tea for two, green", "green tea"], self.texts("tea", "green"))
        self.assertEqual([], self.texts("tea", "coffee"))

    def test_search_finds_letter_case_and_accents_alike(self) -> None:
        """One does not have to remember how it was written."""
        self.talk("Crème Brûlée", "creme brulee", "ＳＴＲＡẞＥ")
        self.assertEqual(["creme brulee", "Crème Brûlée"], self.texts("BRULEE", "crÈme"))
        self.assertEqual(["ＳＴＲＡẞＥ"], self.texts("strasse"))

    def test_search_finds_words_with_and_without_points(self) -> None:
        """In both directions."""
        self.talk("שָׁלוֹם לך", "שלום", "مُحَمَّد هنا", "محمد", "ışık")
        self.assertEqual(2, len(self.texts("שלום")))
        self.assertEqual(2, len(self.texts("שָׁלוֹם")))
        self.assertEqual(2, len(self.texts("محمد")))
        self.assertEqual(2, len(self.texts("مُحَمَّد")))
        self.assertEqual(["ışık"], self.texts("IŞIK"))

    def test_search_finds_scripts_without_spaces(self) -> None:
        """Any part of a Chinese, Japanese or Thai line can be found, and emoji."""
        self.talk("今天天气很好", "สวัสดีครับ", "カタカナ", "great🎉!")
        self.assertEqual(["今天天气很好"], self.texts("天气"))
        self.assertEqual(["สวัสดีครับ"], self.texts("ครับ"))
        self.assertEqual(["カタカナ"], self.texts("ﾀｶ"))
        self.assertEqual(["great🎉!"], self.texts("🎉", "great"))
        self.assertEqual([], self.texts("气天"))

    def test_search_takes_words_of_several_parts_as_they_stand(self) -> None:
        """An apostrophe or a dot joins parts that must stand side by side."""
        self.talk("it's me", "it is s", "see example.org/tea", "org example")
        self.assertEqual(["it's me"], self.texts("it's"))
        self.assertEqual(["see example.org/tea"], self.texts("example.org"))

    def test_search_finds_signs_as_they_stand(self) -> None:
        """What is no word at all is still found."""
        self.talk("so glad :-)", "so sad :-(", "100%")
        self.assertEqual(["so glad :-)"], self.texts(":-)"))
        self.assertEqual(["so sad :-("], self.texts("so", ":-("))
        self.assertEqual(["100%"], self.texts("%"))

    def test_search_knows_no_operators(self) -> None:
        """Nothing one can type is an instruction to the database."""
        self.talk("tea AND cake", 'say "tea" NOT cake', "tea* near(5) {text}: x'")
        self.assertEqual(['say "tea" NOT cake'], self.texts('"tea"', "NOT"))
        self.assertEqual(["tea AND cake"], self.texts("AND"))
        for word in ("OR", "tea*", "te*", "-tea", "^tea", "text:tea", '"', '""', "'", "near(", ")", "*", "\\", "\x00"):
            self.texts(word)
            self.texts("tea", word)
        self.assertEqual([], self.texts("te*"))

    def test_search_for_nothing_finds_nothing(self) -> None:
        """No words, or empty ones, are no words."""
        self.talk("tea")
        self.assertEqual(Found((), None), self.search())
        self.assertEqual(Found((), None), self.search(""))
        self.assertEqual(Found((), None), self.search("tea", rooms=[]))

    def test_search_stays_in_the_rooms_named(self) -> None:
        """One finds nothing in rooms one is not in."""
        self.talk("tea here :-)")
        self.talk("tea there :-)", room="attic")
        self.assertEqual(["tea here :-)"], self.texts("tea"))
        self.assertEqual(["tea here :-)"], self.texts(":-)"))
        self.assertEqual(
            ["tea there :-)", "tea here :-)"], self.texts("tea", rooms=["lobby", "attic", "cellar", "lobby"])
        )

    def test_search_finds_only_what_people_said(self) -> None:
        """Topics and names are not talk; C{/me} is."""
        waves = Acted(NOON, "lobby", "tea", text="drinks tea")
        self.keep(TopicSet(NOON, "lobby", "tea", text="tea"), joined("tea"), waves)
        self.assertEqual((waves,), self.search("tea").events)

    def test_search_page_by_page(self) -> None:
        """Newest first, each line once, and the last page says that it is the last."""
        self.talk(*(f"tea {number}" for number in range(5)))
        first = self.search("tea", limit=2)
        second = self.search("tea", limit=2, before=first.next)
        third = self.search("tea", limit=2, before=second.next)
        self.assertEqual([5, 4, 3, 2, 1], [e.seq for page in (first, second, third) for e in page.events])
        self.assertIsNone(third.next)
        self.assertIsNone(self.search("tea", limit=5).next)

    def test_search_finds_what_was_just_said(self) -> None:
        """Search finds what was said a moment ago, and what was said before a restart."""
        self.talk("tea")
        self.assertEqual(["tea"], self.texts("tea"))
        self.talk("more tea")
        self.restart()
        self.assertEqual(["more tea", "tea"], self.texts("tea"))

    def forget(
        self, older_than: float | None = None, keep_talk: int | None = None, keep_others: int | None = None
    ) -> int:
        """Forget history."""
        return self.done(self.backend.expire(older_than, keep_talk, keep_others))

    def test_forget_by_age(self) -> None:
        """What happened before a time is gone from history and search, joins and all."""
        self.keep(created(), said("old tea"), joined())
        self.talk("new tea", at=NOON + 1)
        self.assertEqual(3, self.forget(older_than=NOON + 1))
        self.assertEqual([4], self.numbers())
        self.assertEqual(["new tea"], self.texts("tea"))
        self.assertEqual([], self.texts("old"))
        self.assertEqual(0, self.forget(older_than=NOON + 1))

    def test_forget_by_count(self) -> None:
        """Each room keeps so many of its last lines."""
        self.talk(*"abcde")
        self.talk(*"fg", room="attic")
        self.assertEqual(2, self.forget(keep_talk=3))
        self.assertEqual([3, 4, 5], self.numbers())
        self.assertEqual([1, 2], self.numbers("attic"))

    def test_a_raid_of_joins_costs_no_talk(self) -> None:
        """However many people join and leave, as many lines are kept as were promised."""
        self.keep(created())
        self.talk(*"abcde")
        self.keep(*(event for number in range(50) for event in (joined(f"n{number}"), left(f"n{number}"))))
        self.assertEqual(3, self.forget(keep_talk=3))
        self.assertEqual(["c", "d", "e"], [getattr(event, "text", "") for event in self.history(talk=True)])
        self.assertEqual(0, self.forget(keep_talk=3))

    def test_joins_have_a_limit_of_their_own(self) -> None:
        """Talk among them stays, and the newest of them do."""
        self.keep(created(), joined("a"), said("one"), joined("b"), left("a"), said("two"), joined("c"))
        self.assertEqual(3, self.forget(keep_others=2))
        self.assertEqual([3, 5, 6, 7], self.numbers())
        self.assertEqual([3, 6], self.numbers(talk=True))

    def test_joins_before_the_first_line_that_is_kept_go(self) -> None:
        """No line is missing between two things that are shown, because older joins go with the lines."""
        self.keep(created(), joined("a"), said("one"), joined("b"), said("two"))
        self.assertEqual(3, self.forget(keep_talk=1, keep_others=9))
        self.assertEqual([4, 5], self.numbers())

    def test_numbers_of_forgotten_joins_are_never_given_again(self) -> None:
        """Also when they were the last that happened."""
        self.keep(created(), joined("a"), said("one"), left("a"))
        self.forget(keep_others=0)
        self.restart()
        self.talk("two")
        self.assertEqual([3, 5], self.numbers())

    def test_forget_by_both(self) -> None:
        """An event goes if it is too old or if there are too many."""
        self.talk("a", "b")
        self.talk("c", "d", "e", at=NOON + 9)
        self.assertEqual(3, self.forget(older_than=NOON + 1, keep_talk=2))
        self.assertEqual([4, 5], self.numbers())

    def test_forget_nothing(self) -> None:
        """Without limits nothing is forgotten."""
        self.talk("a")
        self.assertEqual(0, self.forget())
        self.assertEqual([1], self.numbers())

    def test_forget_a_lot(self) -> None:
        """More than fits into one piece of work."""
        self.talk(*(f"line {number} tea ü" for number in range(2500)))
        self.talk("tea")
        self.texts("tea")
        self.assertEqual(2499, self.forget(keep_talk=2))
        self.assertEqual([2500, 2501], self.numbers())
        self.assertEqual(2, len(self.texts("tea")))

    def test_forget_when_the_clock_was_set_back(self) -> None:
        """What is too old goes even if something before it seems newer: a room's history has no holes."""
        self.talk("from the future", at=NOON + 100)
        self.talk("old")
        self.talk("new", at=NOON + 10)
        self.assertEqual(2, self.forget(older_than=NOON + 5))
        self.assertEqual([3], self.numbers())

    def test_forgotten_numbers_are_never_given_again(self) -> None:
        """Also when nothing is left, and after a restart; facts stay."""
        self.keep(created())
        self.talk("a", "b")
        self.assertEqual(3, self.forget(older_than=NOON + 1))
        self.assertEqual({"lobby": 3}, dict(self.restart().last))
        self.assertEqual([RoomCreated], [type(event) for event in self.snapshot.events])
        self.talk("c")
        self.assertEqual([4], self.numbers())
        self.assertEqual(["c"], self.texts("c"))
