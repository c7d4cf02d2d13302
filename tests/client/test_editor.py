"""
The line being typed.
"""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from chatroom.client.completion import Offer
from chatroom.client.display import Question
from chatroom.client.editor import REMEMBERED, Editor

KEYS = [
    *"ab \u65e5", "enter", "meta enter", "tab", "shift tab", "up", "down", "left", "right", "home", "end", "backspace",
    "delete", "ctrl a", "ctrl e", "ctrl k", "ctrl u", "ctrl w", "ctrl y", "ctrl d", "ctrl p", "ctrl n", "meta b",
    "meta f", "meta d", "meta backspace", "ctrl left", "ctrl right", "ctrl h", "begin paste", "end paste", "f5",
]  # fmt: skip


class Typist:
    """Takes what is entered, and offers the same three words for whatever is typed."""

    def __init__(self) -> None:
        self.entered: list[str] = []
        self.busy = False

    def enter(self, text: str) -> bool:
        if not self.busy:
            self.entered.append(text)
        return not self.busy

    def is_secret(self, text: str) -> bool:
        return text.startswith("/login")

    def complete(self, before: str) -> Offer:
        start = before.rfind(" ") + 1
        return Offer(start, tuple(word for word in ("bob ", "bill ", "ben ") if word.startswith(before[start:])))


class EditorCase(SynchronousTestCase):
    """An editor, and what becomes of what is typed in it."""

    def setUp(self) -> None:
        self.typist = Typist()
        self.editor = Editor(self.typist)

    def press(self, *keys: str) -> None:
        """Keys, as urwid names them."""
        for key in keys:
            self.editor.keypress((40,), key)

    def type(self, *lines: str) -> None:
        """Lines, each with the Enter key."""
        for line in lines:
            self.press(*line, "enter")

    def shown(self) -> str:
        """The text, with the cursor in it."""
        text, place = self.editor.edit_text, self.editor.edit_pos
        return f"{text[:place]}|{text[place:]}"


class EditingTests(EditorCase):
    """As in a shell."""

    def test_words_and_ends(self) -> None:
        """To move by words and to the ends, to cut, and to put back."""
        self.press(*"one two three", "ctrl w")
        self.assertEqual("one two |", self.shown())
        self.press("ctrl y", "meta b", "meta b")
        self.assertEqual("one |two three", self.shown())
        self.press("ctrl k")
        self.assertEqual("one |", self.shown())
        self.press("ctrl a", "ctrl y")
        self.assertEqual("two three|one ", self.shown())
        self.press("ctrl u", "ctrl e", "meta backspace")
        self.assertEqual("|", self.shown())

    def test_forward(self) -> None:
        """Control and the arrow keys are the same as Meta and letters."""
        self.press(*"one two", "ctrl a", "ctrl right")
        self.assertEqual("one| two", self.shown())
        self.press("meta d")
        self.assertEqual("one|", self.shown())
        self.press("ctrl left", "ctrl d", "ctrl h")
        self.assertEqual("|ne", self.shown())

    def test_several_lines(self) -> None:
        """Meta and Enter begin a new one; the arrow keys move between them; all are sent at once."""
        self.press(*"one", "meta enter", *"two", "up")
        self.assertEqual("o|ne\ntwo", self.shown(), "right above, as the prompt stands before the first line")
        self.press("ctrl a", "ctrl k")
        self.assertEqual("|\ntwo", self.shown())
        self.press("enter")
        self.assertEqual(["\ntwo"], self.typist.entered)

    def test_unknown_keys_are_given_back(self) -> None:
        """They may mean something to the screen."""
        self.assertEqual("f5", self.editor.keypress((40,), "f5"))

    @given(st.lists(st.sampled_from(KEYS), max_size=60))
    def test_any_keys(self, keys: list[str]) -> None:
        """Whatever is pressed, the cursor stays in the text, and nothing fails."""
        editor = Editor(Typist())
        for key in keys:
            editor.keypress((10,), key)
            self.assertTrue(0 <= editor.edit_pos <= len(editor.edit_text))
            editor.render((10,), True)


class HistoryTests(EditorCase):
    """What was typed before."""

    def test_up_and_down(self) -> None:
        """From the newest to the oldest and back to what was being typed."""
        self.type("one", "two")
        self.press(*"thr")
        for key, text in (
            ("up", "two"),
            ("up", "one"),
            ("up", "one"),
            ("down", "two"),
            ("down", "thr"),
            ("down", "thr"),
        ):
            self.press(key)
            self.assertEqual(text + "|", self.shown())

    def test_same_line_twice(self) -> None:
        """It is remembered once."""
        self.type("one", "two", "two")
        self.press("up", "up")
        self.assertEqual("one|", self.shown())

    def test_secrets_are_not_remembered(self) -> None:
        """A line with a password in it cannot be brought back by whoever sits down next."""
        self.type("one", "/login luca secret")
        self.press("up")
        self.assertEqual("one|", self.shown())

    def test_what_was_not_taken_stays(self) -> None:
        """To be sent when it can be."""
        self.typist.busy = True
        self.type("hello?")
        self.assertEqual("hello?|", self.shown())

    def test_bounded(self) -> None:
        """The history holds so many lines, and no more."""
        self.type(*(str(number) for number in range(REMEMBERED + 10)))
        self.press(*["up"] * (REMEMBERED + 20))
        self.assertEqual("10|", self.shown())


class CompletionTests(EditorCase):
    """The Tab key."""

    def test_round_and_round(self) -> None:
        """Each press offers the next; with Shift, the one before."""
        self.press(*"hi b")
        for key, text in (("tab", "hi bob "), ("tab", "hi bill "), ("shift tab", "hi bob "), ("shift tab", "hi ben ")):
            self.press(key)
            self.assertEqual(text + "|", self.shown())

    def test_in_the_middle(self) -> None:
        """What stands behind the cursor stays."""
        self.press(*"bi!", "left", "tab")
        self.assertEqual("bill |!", self.shown())

    def test_anything_else_ends_it(self) -> None:
        """The next Tab begins anew."""
        self.press(*"b", "tab", *"be", "tab")
        self.assertEqual("bob ben |", self.shown())

    def test_nothing_fits(self) -> None:
        """Where nothing fits, nothing happens."""
        self.press(*"x", "tab")
        self.assertEqual("x|", self.shown())


class PasteTests(EditorCase):
    """Text from elsewhere."""

    def test_is_one_piece(self) -> None:
        """Line ends in it do not send it, and Tab in it completes nothing; the person sends it, whole."""
        self.press(*"see: ", "begin paste", *"def f():", "enter", "tab", *"return 1", "ctrl c", "enter", "end paste")
        self.assertEqual("see: def f():\n    return 1|", self.shown())
        self.assertEqual([], self.typist.entered)
        self.press("enter")
        self.assertEqual(["see: def f():\n    return 1"], self.typist.entered)

    def test_answers_with_its_first_line(self) -> None:
        """Pasted into a question, a text of several lines answers nothing by itself, and its first line may be sent."""
        answers: list[str] = []
        self.editor.ask(Question("The password: ", answers.append, True))
        self.press("begin paste", "enter", *"s3cret", "enter", *"/quit", "enter", "end paste")
        self.assertEqual([], answers)
        self.press("enter")
        self.assertEqual((["s3cret"], []), (answers, self.typist.entered))


class QuestionTests(EditorCase):
    """Something asked where one types."""

    def ask(self, prompt: str = "Name: ", secret: bool = False) -> list[str]:
        """Ask, and where the answers go."""
        answers: list[str] = []
        self.editor.ask(Question(prompt, answers.append, secret))
        return answers

    def text(self) -> str:
        """What stands on the screen."""
        return str(self.editor.text)

    def test_answer(self) -> None:
        """It goes to who asked and not into the room, and what was being typed comes back."""
        self.press(*"half a li")
        answers = self.ask()
        self.assertEqual("Name: ", self.text())
        self.type("bob")
        self.assertEqual((["bob"], [], "> half a li"), (answers, self.typist.entered, self.text()))

    def test_secret(self) -> None:
        """It is not shown, and not remembered."""
        answers = self.ask("Password: ", secret=True)
        self.press(*"secret")
        self.assertEqual("Password: ******", self.text())
        self.press("enter", "up")
        self.assertEqual((["secret"], "> "), (answers, self.text()))

    def test_no_history_and_no_completion(self) -> None:
        """These are for lines."""
        self.type("one")
        self.ask()
        self.press(*"b", "up", "tab")
        self.assertEqual("Name: b", self.text())

    def test_asked_again(self) -> None:
        """The same question does not take away what has been typed of the answer; another one does."""
        first = self.ask()
        self.press(*"bo")
        self.ask()
        self.assertEqual("Name: bo", self.text())
        last = self.ask("Password: ")
        self.type("x")
        self.assertEqual(([], ["x"], "> "), (first, last, self.text()))
