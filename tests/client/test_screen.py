"""
The full screen, without a terminal: keys in, rows of text out, and a whole server behind it.
"""

from __future__ import annotations

import re
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from chatroom.client.display import Status
from chatroom.client.help_box import KEYS
from chatroom.client.hyperlinks import link_style
from chatroom.client.palette import PALETTE, Colours
from tests.client.visitors import ScreenCase, ScreenVisitor


class TalkTests(ScreenCase):
    """Reading and being read."""

    def test_comes_in(self) -> None:
        """It is registered, told where it is, and has a prompt."""
        screen = self.luca.screenful()
        self.assertIn("Registration successful. You are luca.", screen)
        self.assertIn("You are in lobby.", screen)
        self.assertIn("This room is logged", screen)
        self.assertTrue(self.luca.sees()[-1].startswith(">"))
        self.assertIn("luca at server.example (guest)", self.luca.sees()[-2])

    def test_both_ways(self) -> None:
        """What one types, the other reads; our own lines stand where the server has put them."""
        self.luca.types("hello bob")
        self.bob.types("hi luca")
        self.assertEqual(["<luca> hello bob"], self.bob.reads())
        self.assertEqual(
            ["luca hello bob", "bob hi luca"], [row[5:].strip() for row in self.luca.talk() if " h" in row][-2:]
        )

    def test_while_typing(self) -> None:
        """What comes does not touch the line being typed, nor its cursor."""
        self.luca.presses(*"half a li", "left")
        before = self.luca.sees()[-1], self.luca.canvas().cursor
        self.bob.types("look at this")
        self.assertEqual(before, (self.luca.sees()[-1], self.luca.canvas().cursor))
        self.assertIn("look at this", self.luca.screenful())

    def test_mentions(self) -> None:
        """A line that names us stands out and rings the bell; others do neither."""
        self.bob.types("hello everyone")
        self.luca.screenful()
        self.assertEqual(0, self.luca.rung)
        self.bob.types("luca: hello!")
        self.luca.screenful()
        self.assertEqual(1, self.luca.rung)
        self.assertEqual({"mention talk"}, self.luca.style_of("luca: hello!"))
        self.assertEqual({"talk"}, self.luca.style_of("hello everyone"))

    def test_addresses(self) -> None:
        """An address of the web stands out in what somebody says, without the punctuation around it."""
        self.bob.types("（https://example.org/foo）です")
        self.assertEqual({link_style("https://example.org/foo")}, self.luca.style_of("https://example.org/foo"))
        self.assertEqual({"talk"}, self.luca.style_of("）です"))

    def test_formatting(self) -> None:
        """What people format is shown so, without its signs; nc reads it as it was typed."""
        self.luca.types("**bold** and *slanted* with `x = 1` :tada:")
        self.assertEqual(["<luca> **bold** and *slanted* with `x = 1` :tada:"], self.bob.reads())
        self.assertIn("bold and slanted with x = 1 🎉", self.luca.screenful())
        self.assertEqual({"talk italic"}, self.luca.style_of("slanted"))
        self.assertEqual({"talk bold"}, self.luca.style_of("bold"))
        self.assertEqual({"code"}, self.luca.style_of("x = 1"))

    def test_named_links(self) -> None:
        """Behind a named link stands the whole address that it leads to, so that no name can lie."""
        self.bob.types("[your bank](https://evil.example/login)")
        self.assertIn("bob your bank (https://evil.example/login)", self.luca.screenful())
        self.assertEqual({link_style("https://evil.example/login")}, self.luca.style_of("https://evil.example/login"))

    def test_comings_and_goings(self) -> None:
        """They are told, and do not stand out; the people at the right are right."""
        carol = self.server.guest("carol")
        self.assertIn("carol joined.", self.luca.screenful())
        self.assertEqual({"event"}, self.luca.style_of("carol joined."))
        self.assertEqual(["3 here", "bob (guest)", "carol (guest)", "luca (guest)"], self.people())
        carol.types("/away tea")
        self.assertIn("carol (away)", self.people())
        carol.types("/nick caro")
        self.assertIn("caro (away)", self.people())
        carol.types("/quit")
        self.assertEqual(["2 here", "bob (guest)", "luca (guest)"], self.people())

    def people(self) -> list[str]:
        """The column at the right."""
        column = [row.split("│")[2].strip() for row in self.luca.sees() if row.count("│") >= 2]
        return [row for row in column if row]

    def test_actions(self) -> None:
        """Told as a third person would."""
        self.bob.types("/me waves")
        self.luca.types("/me waves back")
        self.assertEqual(["* luca waves back"], self.bob.reads())
        self.assertIn("* bob waves", self.luca.screenful())
        self.assertIn("* luca waves back", self.luca.screenful())

    def test_refusals(self) -> None:
        """Why something was not done stands out."""
        self.luca.types("/kick bob")
        self.assertEqual({"refusal"}, self.luca.style_of("Only operators of lobby"))

    def test_several_lines(self) -> None:
        """A pasted text is one message, of as many lines as it has."""
        self.luca.presses("begin paste", *"one", "enter", *"  two", "end paste", "enter")
        self.assertEqual(["<luca> one", "<luca>   two"], self.bob.reads())
        self.assertEqual(1, self.luca.screenful().count(" luca one"))

    def test_pasted_keys_are_no_keys(self) -> None:
        """Control characters in a pasted text leave nothing, move nothing and close nothing."""
        before = self.luca.client.buffers.current
        self.luca.presses(
            "begin paste", "ctrl d", "ctrl c", "ctrl c", "esc", "f1", "meta 2", "meta a", "ctrl l", "end paste"
        )
        self.assertEqual((None, before), (self.luca.ended, self.luca.client.buffers.current))
        self.assertNotIn("Ctrl+Y", self.luca.screenful())

    def test_a_novel(self) -> None:
        """What is too long for one message is sent in several, in order, and nothing of it is lost."""
        lines = [f"line {number}" for number in range(120)]
        self.luca.client.prompt.enter("\n".join(lines))
        self.luca.screenful()
        self.assertEqual([f"<luca> {line}" for line in lines], self.bob.reads())

    def test_topic(self) -> None:
        """It stands at the top, whoever sets it."""
        self.server.open_topic()
        self.bob.types("/topic **Hot** tea :tada: [here](https://example.org)")
        self.assertIn("Hot tea 🎉 here (https://example.org)", self.luca.screenful())
        self.assertEqual({"bar", "event bold"}, self.luca.style_of("Hot"))
        self.bob.types("/topic Tea and cake")
        self.assertEqual(" lobby  Tea and cake", self.luca.sees()[0])
        self.luca.types("/topic -")
        self.assertEqual(" lobby", self.luca.sees()[0])

    def test_what_we_do_ourselves(self) -> None:
        """It is seen as others see it: the server does not tell those who did it."""
        self.luca.types("/create den", "/invite bob")
        self.bob.types("/join den")
        self.assertEqual(["2 here", "~luca (guest)", "bob (guest)"], self.people())
        self.luca.types("/op bob")
        self.assertIn("@bob (guest)", self.people())
        self.luca.types("/deop bob", "/kick bob enough")
        self.assertEqual(["1 here", "~luca (guest)"], self.people())
        self.assertIn("luca kicked bob: enough", self.luca.screenful())
        self.luca.types("/nick lu", "/away tea")
        self.assertEqual(["1 here", "~lu (away)"], self.people())

    def test_what_others_do_to_us(self) -> None:
        """It is read in the second person, with what to type, as in a terminal without the client."""
        self.bob.types("/create den", "/invite luca")
        self.assertIn("bob invited you to den: /join den", self.luca.screenful())
        self.luca.types("/join den")
        self.bob.types("/op luca", "/kick luca enough")
        self.assertIn("bob kicked you from den: enough. /join den lets you", self.luca.screenful())

    def test_plugins_and_aliases(self) -> None:
        """Any command of the server works, by any of its words, and Tab knows it."""
        self.luca.types("/names")
        self.assertIn("In lobby (2 people): bob (guest), luca (guest)", self.luca.screenful())
        self.luca.presses(*"/whis", "tab", *"b", "tab", *"psst", "enter")
        self.assertEqual(["[luca whispers] psst"], self.bob.reads())

    def test_too_much_for_a_command(self) -> None:
        """It is refused with how to type it, and nothing is sent."""
        self.luca.types("/look attic den")
        self.assertIn("Too many arguments. Usage: /look", self.luca.screenful())

    def test_hidden_words(self) -> None:
        """One that help does not list, as it lists only what we may do now, is asked for by name."""
        self.luca.types("/inbox all 7")
        self.assertIn("/inbox needs an account", self.luca.screenful())
        self.luca.types("/levitate now")
        self.assertIn("There is no command /levitate.", self.luca.screenful())

    def test_ignored_everywhere(self) -> None:
        """What is here already is hidden too, in every room and every answer, and counts as unread no more."""
        self.bob.types("/create attic")
        self.luca.types("/join attic", "hello", "/look lobby")
        self.bob.types("luca: one", "luca: two")
        attic = self.luca.client.buffers.open("attic")
        self.luca.street.settle()
        self.assertEqual((2, 2), (attic.unread, attic.mentions))
        self.luca.types("/ignore bob")
        self.assertEqual((0, 0), (attic.unread, attic.mentions))
        self.assertEqual([], [line for line in attic.lines if line.nick == "bob"])
        self.bob.types("luca: three")
        self.luca.street.settle()
        self.assertEqual((0, 0), (attic.unread, attic.mentions))
        self.luca.types("/history 20", "/search luca", "/look attic")
        self.assertNotIn("luca: ", self.luca.screenful())

    def test_ignored_by_a_guest(self) -> None:
        """A guest who comes back after a lost connection ignores the same people as before."""
        self.luca.types("/ignore bob")
        self.luca.street.breaks()
        self.luca.waits(60)
        self.bob.types("hello again")
        self.assertNotIn("hello again", self.luca.screenful())
        self.assertEqual({"bob"}, self.luca.client.ignored)
        self.bob.types("@luca psst")
        self.assertNotIn("psst", self.luca.screenful())

    def test_ignored(self) -> None:
        """Nothing is read of them, live or later."""
        self.luca.types("/ignore bob")
        self.bob.types("you cannot read this")
        self.luca.street.breaks()
        self.bob.types("nor this")
        self.luca.waits(5)
        self.luca.types("/unignore bob")
        self.bob.types("but this")
        screen = self.luca.screenful()
        self.assertNotIn("cannot read this", screen)
        self.assertNotIn("nor this", screen)
        self.assertIn("but this", screen)


class RoomsTests(ScreenCase):
    """Several rooms at once."""

    def setUp(self) -> None:
        super().setUp()
        self.bob.types("/create attic")
        self.luca.types("/join attic")
        self.bob.reads()

    def rooms(self) -> list[str]:
        """The column at the left."""
        column = [row.split("│")[0].strip() for row in self.luca.sees() if row.count("│") >= 2]
        return [" ".join(row.split()) for row in column if row]

    def test_joining_looks_there(self) -> None:
        """After a join, the screen shows the room that was joined, and what is typed goes there."""
        self.assertTrue(self.luca.sees()[0].startswith(" attic"))
        self.luca.types("hello attic")
        self.assertEqual(["<luca> hello attic"], self.bob.reads())
        self.assertEqual(["1 lobby", "2 attic"], self.rooms())

    def test_unread(self) -> None:
        """Talk in a room that is not looked at is counted, mentions apart, until it is read."""
        self.luca.presses("meta 1")
        self.bob.types("one", "two")
        self.assertEqual(["1 lobby", "2 attic 2"], self.rooms())
        self.bob.types("luca?")
        self.assertEqual(["1 lobby", "2 attic 3!"], self.rooms())
        self.assertEqual({"called"}, self.luca.style_of("2 attic"))
        self.luca.presses("meta a")
        self.assertEqual(["1 lobby", "2 attic"], self.rooms())
        shown = [row.strip() for row in self.luca.talk()]
        self.assertLess(next(i for i, row in enumerate(shown) if "── new ─" in row), len(shown))
        self.assertIn("one", self.luca.screenful())

    def test_ways_between_rooms(self) -> None:
        """By number, to the next, by name, and with the mouse; the server is told, so that commands mean that room."""
        for way in (
            lambda: self.luca.presses("meta 1"),
            lambda: self.luca.presses("meta right"),
            lambda: self.luca.presses("meta left"),
            lambda: self.luca.presses("f6"),
            lambda: self.luca.types("/look lobby"),
            lambda: self.luca.clicks(4, 2),
        ):
            before = self.luca.client.buffers.current.name
            way()
            after = self.luca.client.buffers.current.name
            self.assertNotEqual(before, after)
            self.assertEqual(after, self.luca.connection.link.room)
            self.luca.types("/topic")
            self.assertIn(f"{after} has no topic.", self.luca.screenful())

    def test_leaving(self) -> None:
        """The room is gone from the screen, and the one before is looked at."""
        self.luca.types("/leave")
        self.assertEqual(["1 lobby"], self.rooms())
        self.assertTrue(self.luca.sees()[0].startswith(" lobby"))

    def test_sent_out(self) -> None:
        """The room stays on the screen, to be read; it says that we are not in it."""
        self.bob.types("/kick luca too quiet")
        self.assertIn("bob kicked you from attic: too quiet.", self.luca.screenful())
        self.assertIn("you are not in this room; to join it: /join attic", self.luca.sees()[0])
        self.luca.types("hello?")
        self.assertIn("You are not in attic.", self.luca.screenful())
        self.luca.types("/join attic")
        self.assertNotIn("you are not in this room", self.luca.sees()[0])

    def test_room_of_the_address(self) -> None:
        """It is joined at the start, and looked at."""
        carol = self.visitor("carol", room="attic")
        self.assertTrue(carol.sees()[0].startswith(" attic"))
        self.assertIn("You are in attic.", carol.screenful())

    def test_crowds(self) -> None:
        """As many as fit are named, and the others counted."""
        for number in range(60):
            self.server.program(f"robot{number:02}").asks("join", room="attic")
        people = [row.split("│")[2].strip() for row in self.luca.sees() if row.count("│") >= 2]
        self.assertEqual("62 here", people[0])
        self.assertRegex(people[-1], r"^and \d+ more$")
        self.assertEqual(62, len(people) - 2 + int(people[-1].split()[1]))
        dan = self.visitor("dan", room="attic")
        self.assertEqual(63, len(dan.client.buffers.current.members), "also those the first answer had no room for")


class WhisperTests(ScreenCase):
    """One to one."""

    def test_for_operators(self) -> None:
        """A message to the operators of a room stands in the room and where one looks, and rings the bell."""
        self.luca.types("/create den", "/look lobby")
        self.bob.types("/join den", "/tellops dave spams")
        line = "-- bob to the operators of den: dave spams"
        self.assertIn(line[3:], self.luca.screenful())
        self.assertEqual("lobby", self.luca.client.buffers.current.name)
        self.assertEqual(1, self.luca.rung)
        self.luca.types("/look den")
        self.assertIn(line[3:], self.luca.screenful())

    def test_marked(self) -> None:
        """A whisper stands where one looks, marked, and rings the bell."""
        self.bob.types("@luca psst")
        self.assertEqual({"whisper talk"}, self.luca.style_of("psst"))
        self.assertIn("bob whispers psst", self.luca.screenful())
        self.assertEqual(1, self.luca.rung)

    def test_answered(self) -> None:
        """By its nickname, or as a room of two, where what one types is a whisper."""
        self.bob.types("@luca psst")
        self.luca.types("@bob what?")
        self.luca.presses("meta 2")
        self.assertIn("only the two of you can read this", self.luca.sees()[0])
        self.luca.types("tell me")
        self.assertEqual(["[luca whispers] what?", "[luca whispers] tell me"], self.bob.reads()[-2:])
        talk = [row[5:].strip() for row in self.luca.talk() if "─" not in row and row.strip()]
        self.assertEqual(["bob whispers psst", "to bob what?", "to bob tell me"], talk)
        self.luca.types("/leave")
        self.assertEqual("lobby", self.luca.client.buffers.current.name)
        self.assertNotIn("@bob", self.luca.client.buffers)

    def test_who_will_read_it(self) -> None:
        """While a line is typed that would be a whisper, the bar above it says who alone will read it."""
        for self.luca.size in ((120, 30), (80, 24), (40, 15)):
            self.luca.presses(*"@bob is it")
            self.assertEqual("Only bob will read this", self.luca.sees()[-2].strip())
            self.luca.presses("ctrl u", *"bob: is it")
            self.assertNotIn("will read this", self.luca.screenful())
            self.luca.presses("ctrl u")

    def test_to_somebody_absent(self) -> None:
        """It is said whether it waits for them or not."""
        self.luca.types("@nobody psst")
        self.assertIn("no person or account called", self.luca.screenful())
        self.server.account("carol").types("/quit")
        self.luca.types("@carol psst")
        self.assertIn("is in their inbox", self.luca.screenful())


class ReadingTests(ScreenCase):
    """The past."""

    def test_scrolling(self) -> None:
        """Up into the past, where new lines do not move what one reads, and back."""
        self.bob.types(*(f"line {number}" for number in range(100)))
        self.luca.screenful()
        self.luca.presses("page up", "page up")
        before = self.luca.talk()
        self.assertNotIn("line 99", self.luca.screenful())
        self.bob.types("newest")
        self.assertEqual(before, self.luca.talk())
        self.assertIn("1 new below", self.luca.sees()[-2])
        self.luca.presses("esc")
        self.assertIn("newest", self.luca.screenful())
        self.assertNotIn("new below", self.luca.screenful())

    def test_page_by_page(self) -> None:
        """Each page goes on where the last one stopped, and the last ends where it began."""
        self.bob.types(*(f"line {number}" for number in range(60)))
        end = self.luca.talk()
        self.luca.presses("page up")
        above = self.luca.talk()
        first = next(row for row in end if "line" in row)
        self.assertTrue(any(first in (row, above[-1]) for row in above) or "line 3" in "".join(above))
        self.luca.presses("page down")
        self.assertEqual(end, self.luca.talk())

    def test_wheel(self) -> None:
        """The mouse wheel scrolls as well."""
        self.bob.types(*(f"line {number}" for number in range(60)))
        self.luca.screenful()
        self.luca.clicks(40, 10, button=4)
        self.assertNotIn("line 59", self.luca.screenful())
        self.luca.clicks(40, 10, button=5)
        self.assertIn("line 59", self.luca.screenful())

    def test_what_the_server_remembers(self) -> None:
        """At the top, older lines are read back, page by page, to the very first."""
        self.bob.types(*(f"old {number}" for number in range(150)))
        carol = self.visitor("carol")
        self.assertNotIn("old 0", "".join(line.text for line in carol.client.buffers.current.lines))
        for _ in range(30):
            carol.presses("page up")
        said = [line.text for line in carol.client.buffers.current.lines if line.text.startswith("old ")]
        self.assertEqual([f"old {number}" for number in range(150)], said)
        self.assertTrue(carol.client.buffers.current.whole)
        self.assertIn("old 0", carol.screenful())

    def test_answers_of_the_past(self) -> None:
        """What a command finds is shown with its date, oldest first, and what to type for more."""
        self.bob.types("tea one", "tea two")
        self.bob.types("very *hot* tea")
        self.luca.types("/search hot")
        self.assertIn("<bob> very hot tea", self.luca.screenful())
        self.luca.types("/search tea")
        screen = self.luca.screenful()
        self.assertRegex(screen, r"\[20\d\d-\d\d-\d\d \d\d:\d\d\] <bob> tea one\s")
        self.assertLess(screen.rindex("tea one"), screen.rindex("tea two"))

    def test_inbox(self) -> None:
        """Whispers that waited are shown when asked for, and stand with the others of that person."""
        self.luca.types("/signup correct horse")
        self.luca.types("/quit")
        self.bob.types("@luca are you there?")
        luca = self.visitor("luca", password="correct horse")
        self.assertIn("1 whisper waits for you: /inbox", luca.screenful())
        luca.types("/inbox")
        self.assertIn("[bob whispers] are you there?", luca.screenful())
        luca.presses("meta 2")
        self.assertIn("are you there?", luca.screenful())


class LayoutTests(ScreenCase):
    """On screens of every size."""

    def test_wide(self) -> None:
        """Rooms at the left and people at the right."""
        self.assertTrue(any(row.startswith(" 1 lobby") and row.endswith("2 here") for row in self.luca.sees()))

    def test_narrow(self) -> None:
        """Without columns for them, the rooms stand in the bar below, and talk takes all the width."""
        self.luca.size = (60, 20)
        self.bob.types("hello luca")
        self.assertIn("1:[lobby]", self.luca.sees()[-2])
        self.assertTrue(any(row.endswith("<bob> hello luca") for row in self.luca.sees()))
        self.luca.presses("page up", "page down")
        self.bob.types("/create attic")
        self.luca.types("/join attic", "/look lobby")
        self.bob.types("luca!")
        self.assertIn("1:[lobby]  2:attic 1! ", self.luca.sees()[-2])

    def test_very_narrow(self) -> None:
        """There are no times, so that there is room for words."""
        self.luca.size = (30, 12)
        self.bob.types("hello")
        self.assertTrue(any(row.startswith("<bob> hello") for row in self.luca.sees()))

    def test_long_names_are_not_cut(self) -> None:
        """Two names that begin alike must not look alike."""
        self.server.guest("a-very-long-name-indeed1").types("hello")
        self.assertIn("a-very-long-name-indeed1 hello", self.luca.screenful())

    def test_resized(self) -> None:
        """From one moment to the next, and nothing is lost."""
        self.bob.types("hello")
        for size in ((120, 30), (40, 10), (200, 50), (80, 24)):
            self.luca.size = size
            rows = self.luca.sees()
            self.assertEqual(size[1], len(rows))
            self.assertIn("hello", "\n".join(rows))

    @settings(deadline=None, max_examples=60)
    @given(st.integers(10, 200), st.integers(5, 60))
    def test_any_size(self, columns: int, rows: int) -> None:
        """No size breaks it, whatever there is to show."""
        self.luca.size = (columns, rows)
        self.bob.types("日本語 and emoji 🎉 " * 9, "@luca psst")
        self.assertEqual((columns, rows), (self.luca.canvas().cols(), self.luca.canvas().rows()))

    def test_what_is_typed_grows(self) -> None:
        """Several lines are seen while they are typed; very many scroll, and leave room for the talk."""
        self.luca.presses(*"one", "meta enter", *"two")
        self.assertEqual(["> one", "two"], self.luca.sees()[-2:])
        self.luca.presses("begin paste", *("x\n" * 50).replace("\n", "\t").split("\t")[0], "end paste")
        for _ in range(50):
            self.luca.presses("meta enter")
        self.assertIn("luca at server.example", self.luca.sees()[-9])

    def test_help(self) -> None:
        """F1 lists the keys; any key puts it away, and is not typed."""
        self.luca.presses("f1")
        self.assertIn("next unread room", self.luca.screenful())
        self.luca.presses("x")
        self.assertNotIn("next unread room", self.luca.screenful())
        self.assertEqual(">", self.luca.sees()[-1])

    def test_help_fits(self) -> None:
        """Every key is seen whole at 80x24 and at 40x15, there on two pages; no row is wider than the window."""
        for size, pages in (((80, 24), 1), ((40, 15), 2), ((20, 6), 5)):
            self.luca.size = size
            self.luca.presses("f1")
            shown = ""
            for _ in range(pages):
                rows = self.luca.sees()
                self.assertEqual(size[1], len(rows))
                shown += "\n".join(rows)
                self.luca.presses("page down")
            if size[0] >= 40:
                for key, what in KEYS:
                    self.assertRegex(shown, rf"{re.escape(key)} +{re.escape(what)}", size)
            self.luca.presses("x")
            self.assertNotIn("Keys", self.luca.screenful())

    def test_every_style_is_in_the_palette(self) -> None:
        """Nothing is drawn in a style that terminals are not told of."""
        names = {entry[0] for entry in PALETTE}
        self.bob.types("luca: x", "@luca y", "/me z", "/topic t")
        self.luca.types("/nosuch", "hello", "@bob z")
        for size in ((120, 30), (60, 20)):
            self.luca.size = size
            used = {style for row in self.luca.canvas().content() for style, _, _ in row}
            self.assertEqual(set(), used - names - {None})

    def test_colours(self) -> None:
        """Each of a dozen people has one of their own, the same every time."""
        colours = Colours()
        nicks = [f"nick{number}" for number in range(12)]
        self.assertEqual(12, len({colours.of(nick) for nick in nicks}))
        self.assertEqual(colours.of("nick3"), colours.of("NICK3"))
        colours.of("one more")


class ConnectionTests(ScreenCase):
    """When it is lost, and when it was never there."""

    def test_lost_and_found(self) -> None:
        """It is shown, with when the next try is; then what was missed is there, and what was typed still is."""
        self.luca.street.open = False
        self.luca.presses(*"half a li")
        self.luca.street.breaks()
        self.bob.types("did you see that?")
        self.server.settle()
        self.assertRegex(self.luca.sees()[-2], r"No connection, next try in \d s\. The connection was lost\.")
        self.luca.presses("enter")
        self.assertIn("Not connected.", self.luca.screenful())
        self.luca.street.open = True
        self.luca.waits(5)
        screen = self.luca.screenful()
        self.assertIn("Connected again.", screen)
        self.assertIn("bob did you see that?", screen)
        self.assertIn("luca at server.example", self.luca.sees()[-2])
        self.assertEqual("> half a li", self.luca.sees()[-1])
        self.assertEqual(0, self.luca.rung, "the past rings no bell")

    def test_gaps_are_said_aloud(self) -> None:
        """Where lines are missing, a line says how many."""
        self.luca.street.open = False
        self.luca.street.breaks()
        self.bob.types(*(f"line {number}" for number in range(20)))
        self.successResultOf(self.server.backend.expire(None, 5))
        self.luca.street.open = True
        self.luca.waits(5)
        self.assertRegex(self.luca.screenful(), r"1\d lines of lobby could not be shown here")
        self.assertEqual({"gap"}, self.luca.style_of("lines of lobby"))

    def test_lines_in_doubt(self) -> None:
        """A line whose answer never came is shown, so that it can be said again."""
        self.luca.screen.keypress(self.luca.size, "x")
        self.luca.screen.keypress(self.luca.size, "enter")
        self.luca.street.cables[-1].transport.clear()
        self.luca.street.breaks()
        self.luca.waits(5)
        self.assertIn("The connection was lost, and this line may not have", self.luca.screenful())

    def test_the_server_closes(self) -> None:
        """Its last words are shown once, as the reason."""
        self.bob.types("goodbye all")
        self.server.stop()
        self.luca.street.settle()
        self.server.settle()
        self.luca.street.open = False
        self.assertEqual(1, sum("The room is closing." in row for row in self.luca.talk()))

    def test_nobody_there(self) -> None:
        """At the first try, it ends with what to check."""
        visitor = ScreenVisitor(self.server, "dan", Path(self.mktemp()))
        visitor.street.open = False
        visitor.comes()
        self.server.settle()
        assert visitor.ended is not None
        self.assertEqual(Status.NO_CONNECTION, visitor.ended[0])
        self.assertIn("Check the address and the port", visitor.ended[1])

    def test_leaving(self) -> None:
        """The others are told why, and it ends well."""
        self.luca.types("/quit tea is ready")
        self.assertEqual(["-- luca left the chat: tea is ready"], self.bob.reads())
        self.server.settle()
        self.assertEqual((Status.OK, ""), self.luca.ended)

    def test_control_c(self) -> None:
        """The first clears the line, the next asks, and one more leaves."""
        self.luca.presses(*"oops", "ctrl c")
        self.assertEqual(">", self.luca.sees()[-1])
        self.luca.presses("ctrl c")
        self.assertIn("Press Ctrl+C again", self.luca.screenful())
        self.luca.presses("x", "backspace", "ctrl c")
        self.assertIsNone(self.luca.ended, "it is asked anew after another key")
        self.luca.presses("ctrl c")
        self.server.settle()
        self.assertEqual((Status.OK, ""), self.luca.ended)

    def test_leaving_without_a_connection(self) -> None:
        """There is nobody to say goodbye to."""
        self.luca.street.open = False
        self.luca.street.breaks()
        self.luca.presses("ctrl d", "ctrl d")
        self.assertEqual((Status.OK, ""), self.luca.ended)

    def test_control_d(self) -> None:
        """On an empty line it asks, and the next one leaves; with text it erases; another key cancels it."""
        self.luca.presses(*"oops", "ctrl a", "ctrl d")
        self.assertEqual("> ops", self.luca.sees()[-1])
        self.luca.presses("ctrl u", "ctrl d", "ctrl c")
        self.assertIsNone(self.luca.ended)
        self.luca.presses("ctrl d")
        self.assertIn("Press Ctrl+D again to quit.", self.luca.screenful())
        self.luca.presses("ctrl d")
        self.server.settle()
        self.assertEqual((Status.OK, ""), self.luca.ended)


class IdentityTests(ScreenCase):
    """Nicknames, accounts and sessions."""

    def test_nickname_taken(self) -> None:
        """One is asked for another."""
        visitor = self.visitor("BOB")
        self.assertIn("already taken", visitor.screenful())
        self.assertEqual("Nickname:", visitor.sees()[-1])
        visitor.types("", "bobby")
        self.assertIn("You are bobby.", visitor.screenful())
        self.assertEqual(">", visitor.sees()[-1])

    def test_password_asked(self) -> None:
        """Where the nickname is an account's, its password is, unseen; a wrong one may be tried again."""
        self.server.account("carol", "correct horse").types("/quit")
        visitor = self.visitor("carol")
        self.assertIn("belongs to an account", visitor.screenful())
        visitor.presses(*"wrong")
        self.assertTrue(visitor.sees()[-1].endswith("*****"))
        visitor.presses("enter")
        self.assertIn("Wrong nickname or password", visitor.screenful())
        visitor.types("correct horse")
        self.assertIn("Logged in as carol.", visitor.screenful())
        self.assertIn("carol at server.example", visitor.sees()[-2])
        self.assertNotIn("guest", visitor.sees()[-2])

    def test_another_nickname_instead(self) -> None:
        """Who has no password types nothing, and is asked for another name."""
        self.server.account("carol", "correct horse").types("/quit")
        visitor = self.visitor("carol")
        visitor.types("", "caro")
        self.assertIn("You are caro.", visitor.screenful())

    def test_session_is_remembered(self) -> None:
        """After signing up, the next start needs no password. The token is not shown, the password not even kept."""
        folder = Path(self.mktemp())
        visitor = ScreenVisitor(self.server, "carol", folder).comes()
        visitor.types("/signup", "correct horse", "correct horse")
        self.assertIn("carol is now your account", visitor.screenful())
        token = visitor.client.store.token("server.example:64700", "carol")
        self.assertEqual(token, visitor.connection.link.token)
        self.assertNotIn(token, visitor.screenful())
        self.assertNotIn("/resume", visitor.screenful())
        self.assertNotIn("correct horse", "".join(path.read_text() for path in folder.iterdir()))
        visitor.types("/quit")
        again = ScreenVisitor(self.server, "carol", folder, token=token).comes()
        self.assertIn("Logged in as carol.", again.screenful())

    def test_rooms_are_remembered(self) -> None:
        """The next start takes an account back into its rooms, but for those that it left or that are gone."""
        folder = Path(self.mktemp())
        alice = self.server.guest("alice")
        alice.types("/create attic", "/create den")
        visitor = ScreenVisitor(self.server, "carol", folder).comes()
        visitor.types("/signup correct horse", "/join den", "/join attic", "/create cellar", "/leave den")
        self.assertEqual({"lobby", "attic", "cellar"}, set(visitor.connection.link.rooms))
        token = visitor.connection.link.token
        visitor.types("/quit")
        again = ScreenVisitor(self.server, "carol", folder, token=token).comes()
        self.assertEqual({"lobby", "attic"}, set(again.connection.link.rooms))
        self.assertIn("There is no room called cellar.", again.screenful())
        alice.types("/look attic", "/kick carol")
        again.street.settle()
        again.types("/quit")
        third = ScreenVisitor(self.server, "carol", folder, token=token).comes()
        self.assertEqual(("lobby",), third.connection.link.rooms)
        third.types("/join den", "/logout")
        self.assertEqual((), third.client.store.rooms("server.example:64700", "carol"))

    def test_guests_begin_in_the_lobby(self) -> None:
        """Whoever has a guest's name the next time may be somebody else."""
        self.server.guest("alice").types("/create attic")
        folder = Path(self.mktemp())
        ScreenVisitor(self.server, "carol", folder).comes().types("/join attic", "/quit")
        again = ScreenVisitor(self.server, "carol", folder).comes()
        self.assertEqual(("lobby",), again.connection.link.rooms)

    def test_two_different_passwords(self) -> None:
        """A password that one makes up is asked for twice, and again in its place if they differ, until it is empty."""
        self.luca.types("/signup", "correct horse", "battery staple")
        self.assertIn("did not match", self.luca.screenful())
        self.luca.types("battery staple", "correct")
        self.luca.types("")
        self.assertIn("/signup was cancelled.", self.luca.screenful())
        self.assertFalse(self.luca.connection.link.account)
        self.luca.types("/signup", "correct horse", "battery staple", "correct horse", "correct horse")
        self.assertTrue(self.luca.connection.link.account)
        self.assertEqual([], [line for line in self.bob.reads() if "correct" in line or "battery" in line])

    def test_a_refused_secret_is_asked_for_again(self) -> None:
        """After a refusal the next line may be the secret once more: it is asked for in its place, and never said."""
        self.luca.types("/signup", "short", "short", "correct horse", "correct horse")
        self.assertTrue(self.luca.connection.link.account)
        self.luca.types(
            "/passwd", "wrong", "battery staple", "battery staple", "correct horse", "another one", "another one"
        )
        self.assertIn("Your password has been changed", self.luca.screenful())
        self.luca.types("hello")
        self.assertEqual(["<luca> hello"], [line for line in self.bob.reads() if line.startswith("<luca>")])

    def test_a_wrong_password_of_a_room(self) -> None:
        """It is asked for again, unseen, until it is right or empty, and none of it is said in the old room."""
        self.bob.types("/create den", "/password open sesame")
        self.luca.types("/join den geheim", "open sesame")
        self.assertIn("den", self.luca.connection.link.rooms)
        self.luca.types("/leave", "/join den wrong", "")
        self.assertIn("/join was cancelled.", self.luca.screenful())
        self.assertEqual(("lobby",), self.luca.connection.link.rooms)

    def test_a_lost_connection_asks_again(self) -> None:
        """A secret that the connection broke off, or that was typed while there was none, is asked for again."""
        self.luca.types("/signup", "correct horse")
        self.luca.street.open = False
        self.luca.street.breaks()
        self.luca.types("correct horse")
        self.assertIn("Password for /signup", self.luca.sees()[-1])
        self.luca.street.open = True
        self.luca.waits(60)
        self.luca.types("correct horse", "correct horse")
        self.assertTrue(self.luca.connection.link.account)

    def test_passwd(self) -> None:
        """Both passwords are asked for unseen, the new one twice."""
        self.luca.types("/signup correct horse", "/passwd", "correct", "battery staple", "battery staple")
        self.assertIn("Wrong nickname or password", self.luca.screenful())
        self.luca.types("/passwd", "correct", "battery staple", "something else")
        self.assertIn("did not match", self.luca.screenful())

    def test_session_ended(self) -> None:
        """A token that is no good any more is forgotten, and the password is asked for."""
        self.server.account("carol", "correct horse").types("/quit")
        folder = Path(self.mktemp())
        visitor = ScreenVisitor(self.server, "carol", folder, token="stale")
        visitor.client.store.keep_token("server.example:64700", "carol", "stale")
        visitor.comes()
        self.assertEqual("", visitor.client.store.token("server.example:64700", "carol"))
        self.assertIn("Password for carol", visitor.sees()[-1])
        visitor.types("correct horse")
        self.assertIn("Logged in as carol.", visitor.screenful())

    def test_logging_out(self) -> None:
        """The session is over and forgotten, and one may come in as somebody else."""
        self.luca.types("/signup correct horse", "/logout")
        self.assertEqual("", self.luca.client.store.token("server.example:64700", "luca"))
        self.assertEqual("Nickname:", self.luca.sees()[-1])
        self.luca.types("carol")
        self.assertIn("You are carol.", self.luca.screenful())

    def test_passwords_typed_in_a_line(self) -> None:
        """They are not brought back by the history."""
        self.luca.types("/signup correct horse")
        self.luca.presses("up")
        self.assertEqual(">", self.luca.sees()[-1])

    def test_old_self(self) -> None:
        """A guest whose broken connection the server has not noticed yet waits until the nickname is free."""
        cable = self.luca.street.cables[-1]
        cable.connected = False
        self.luca.street.open = False
        from twisted.internet.error import ConnectionLost
        from twisted.python.failure import Failure

        cable.protocol.connectionLost(Failure(ConnectionLost()))
        self.luca.street.open = True
        self.luca.waits(6)
        self.assertIn("luca is still connected, probably from your old session. Waiting.", self.luca.sees()[-2])
        cable.line.disconnects()
        self.luca.waits(20)
        self.assertIn("luca at server.example", self.luca.sees()[-2])

    def test_last_address_is_remembered(self) -> None:
        """With the nickname that the server let in."""
        visitor = self.visitor("bob")
        visitor.types("bobby")
        last = visitor.client.store.last()
        assert last is not None
        self.assertEqual(("server.example", "bobby"), (last.host, last.nick))
