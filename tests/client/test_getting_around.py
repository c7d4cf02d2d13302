"""
Getting around on the full screen: the quick switcher, rooms by activity, people and pages of them, hits of a search.
"""

from __future__ import annotations

from chatroom.client.answers import PEOPLE
from chatroom.client.screen import WIDE
from tests.client.visitors import ScreenCase


class QuickSwitchTests(ScreenCase):
    """Alt+K."""

    size = (80, 24)

    def setUp(self) -> None:
        super().setUp()
        self.luca.types("/create attic", "/create garden", "/look lobby")
        self.server.guest("carol").types("/create cellar")

    def box(self) -> list[str]:
        """The rows of the list, without its frame."""
        rows = self.luca.sees()
        begin = next(number for number, row in enumerate(rows) if "Switch to" in row)
        end = next(number for number, row in enumerate(rows) if "\u2514" in row)
        return [row.split("\u2502")[1].strip() for row in rows[begin + 2 : end]]

    def test_a_few_letters(self) -> None:
        """They choose among our rooms; Enter switches, and what was being typed stays."""
        self.luca.presses(*"half", "meta k", *"gar")
        self.assertEqual(["garden"], self.box())
        self.luca.presses("enter")
        self.assertEqual("garden", self.luca.client.buffers.current.name)
        self.assertEqual("> half", self.luca.sees()[-1])

    def test_order(self) -> None:
        """Mentions come first, then unread lines, then where somebody talked last; the current room is last."""
        self.bob.types("/join garden", "hello", "/join attic", "luca: hello")
        self.luca.presses("meta k")
        self.assertEqual(["attic", "garden", "lobby"], [row.split()[0] for row in self.box()][:3])
        self.luca.presses("esc")
        self.assertNotIn("Switch to", self.luca.screenful())

    def test_arrows(self) -> None:
        """They move the mark, round and round."""
        self.luca.presses("meta k", "down", "up", "up", "down", "enter")
        self.assertNotEqual("lobby", self.luca.client.buffers.current.name)

    def test_a_room_to_join(self) -> None:
        """Rooms that we are not in stand behind our own, and are joined."""
        self.luca.client.room_names.add("cellar")
        self.luca.presses("meta k", *"cel", "enter")
        self.assertEqual("cellar", self.luca.client.buffers.current.name)
        self.luca.presses("meta k", *"nowhere", "enter")
        self.assertEqual("cellar", self.luca.client.buffers.current.name)

    def test_small_windows(self) -> None:
        """The box fits every window."""
        for size in ((80, 24), (40, 15), (12, 5)):
            self.luca.size = size
            self.luca.presses("meta k")
            self.assertEqual(size[1], len(self.luca.sees()))
            self.luca.presses("esc")


class ActivityTests(ScreenCase):
    """Rooms in the order of what happens in them."""

    def test_by_activity(self) -> None:
        """With that setting, the rooms at the left and their numbers follow what happens; else they stay as opened."""
        self.luca.types("/create attic", "/create garden", "/look lobby")
        self.bob.types("/join attic", "hello")
        self.luca.screenful()
        self.assertEqual(["lobby", "attic", "garden"], [buffer.name for buffer in self.luca.client.buffers])
        self.luca.client.buffers.sorted = True
        self.assertEqual("attic", next(buffer.name for buffer in self.luca.client.buffers))
        self.assertIn("1 attic", self.luca.sees()[1])
        self.luca.presses("meta 1")
        self.assertEqual("attic", self.luca.client.buffers.current.name)


class PeopleTests(ScreenCase):
    """More people than rows."""

    size = (WIDE, 20)

    def setUp(self) -> None:
        super().setUp()
        for number in range(150):
            self.server.guest(f"guest{number:03d}", f"10.0.{number}.1")
        self.luca.screenful()

    def column(self) -> list[str]:
        """The column at the right."""
        rows = [row.split("\u2502")[2].strip() for row in self.luca.sees() if row.count("\u2502") >= 2]
        return [row for row in rows if row]

    def test_scrolled_by_keys(self) -> None:
        """Alt+Down shows the next people, and in the end the last; Alt+Up goes back; nobody is left out."""
        seen = set()
        for _ in range(20):
            column = self.column()
            seen |= {row.split()[0] for row in column if "guest" in row}
            self.luca.presses("meta down")
        self.assertLessEqual({f"guest{number:03d}" for number in range(150)}, seen)
        self.assertIn("luca", " ".join(self.column()))
        self.assertNotIn("more", " ".join(self.column()))
        self.luca.presses(*["meta up"] * 20)
        self.assertIn("bob", self.column()[1])
        self.assertIn("more", self.column()[-1])

    def test_scrolled_by_the_wheel(self) -> None:
        """The wheel of the mouse scrolls the list of people, as the keys do."""
        self.luca.clicks(self.size[0] - 3, 5, button=5)
        self.assertIn("above", self.column()[1])
        self.luca.clicks(self.size[0] - 3, 5, button=4)
        self.assertNotIn("above", self.column()[1])

    def test_who_in_pages(self) -> None:
        """/who shows a page, and /who more the next one, until everybody was there once."""
        self.luca.types("/who")
        for _ in range(5):
            self.luca.types("/who more")
        lines = [line.text for line in self.luca.client.buffers.current.lines]
        pages = [text for text in lines if text.startswith("In lobby (152 people, ")]
        self.assertEqual(3, len(pages))
        self.assertTrue(pages[0].startswith(f"In lobby (152 people, 1 to {PEOPLE}):"), pages[0])
        names = [name.split()[0] for page in pages for name in page.split(": ")[1].split(", ")]
        self.assertEqual(152, len(set(names)))
        self.assertEqual(len(set(names)), len(names))
        self.assertIn("92 more people: type /who more", lines)

    def test_few_people(self) -> None:
        """Where all fit on a page, it is one line."""
        self.luca.types("/create attic", "/who")
        self.assertEqual("In attic (1 person): luca (owner, guest)", self.luca.client.buffers.current.lines[-1].text)


class HitTests(ScreenCase):
    """From a line that a search has found to its place."""

    def setUp(self) -> None:
        super().setUp()
        self.bob.types("a needle in the hay", *(f"straw {number}" for number in range(300)), "another needle here")
        self.luca.screenful()

    def test_by_key(self) -> None:
        """Alt+J jumps to the newest hit, then to the one before, which is read back; each stands out."""
        self.luca.presses("meta j")
        self.assertIn("Search first", self.luca.screenful())
        self.luca.types("/search needle")
        self.luca.presses("meta j")
        self.assertIn("straw 299", self.luca.screenful())
        self.assertIn("found", self.luca.style_of("another needle here"))
        self.luca.presses("meta j")
        self.assertIn("straw 0", self.luca.screenful())
        self.assertIn("found", self.luca.style_of("a needle in the hay"))
        self.luca.presses("esc")
        self.assertNotIn("straw 0", self.luca.screenful())

    def test_by_the_mouse(self) -> None:
        """A click on a hit goes to its room, also from another one."""
        self.luca.types("/create attic", "/search in:lobby another needle")
        row = next(number for number, text in enumerate(self.luca.sees()) if "another needle here" in text)
        self.luca.clicks(40, row)
        self.assertEqual("lobby", self.luca.client.buffers.current.name)
        self.assertIn("found", self.luca.style_of("another needle here"))

    def test_a_room_that_was_left(self) -> None:
        """It is said that we are not there any more."""
        self.luca.types("/create attic", "/search in:lobby another needle", "/leave lobby")
        self.luca.presses("meta j")
        self.assertIn("You are no longer in lobby. To join again: /join lobby", self.luca.screenful())


class OwnChangeTests(ScreenCase):
    """Our own changes are read once."""

    def test_once(self) -> None:
        """As the event that everybody in the room reads, and not as an answer as well."""
        self.luca.types("/create attic")
        self.bob.types("/join attic")
        self.luca.screenful()
        for typed, told in (
            ("/topic tea", "luca set the topic: tea"),
            ("/topic -", "luca"),
            ("/op bob", "luca made bob an operator."),
            ("/opentopic on", "luca lets"),
            ("/nick lucas", "luca is now called lucas."),
        ):
            buffer = self.luca.client.buffers.current
            before = len(buffer.lines)
            self.luca.types(typed)
            new = [line.text for line in buffer.lines[before:] if line.kind.name != "DAY"]
            self.assertEqual(1, len(new), new)
            self.assertTrue(new[0].startswith(told), new)

    def test_a_question_is_answered(self) -> None:
        """Alone, /topic and /nick show what is."""
        self.luca.types("/create attic", "/topic tea", "/topic", "/nick")
        self.assertIn("attic", self.luca.client.buffers.current.lines[-2].text)
        self.assertIn("You are luca.", self.luca.client.buffers.current.lines[-1].text)


class TitleTests(ScreenCase):
    """The title of the window, and notifications."""

    def test_title(self) -> None:
        """It says which room this is and how much is unread, with a sign if somebody meant us."""
        self.luca.types("/create attic")
        self.luca.screenful()
        self.assertEqual("attic - server.example", self.luca.titles[-1])
        self.bob.types("hello")
        self.luca.screenful()
        self.assertEqual("(1) attic - server.example", self.luca.titles[-1])
        self.bob.types("luca: hello")
        self.luca.screenful()
        self.assertEqual("(2!) attic - server.example", self.luca.titles[-1])

    def test_notification(self) -> None:
        """It says who, where and what."""
        self.bob.types("hello", "luca: tea?")
        self.luca.screenful()
        self.assertEqual(["bob in lobby: luca: tea?"], self.luca.notes)
