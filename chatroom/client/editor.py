"""
The line being typed: editing as in a shell, a history, completion, several lines at once, and questions.

It is an urwid widget, and needs no screen: L{chatroom.client.plain} uses it without one.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Protocol

import urwid

from chatroom.client.completion import Offer
from chatroom.client.display import Question
from chatroom.client.paste import BEGIN, END, ENTER

PROMPT = "> "

REMEMBERED = 500
"""Lines of history."""

_BEFORE = re.compile(r"\S*\s*$")
_BEHIND = re.compile(r"\s*\S*")


class Typing(Protocol):
    """Where typed lines go: a L{chatroom.client.prompt.Prompt}."""

    def enter(self, text: str) -> bool: ...
    def is_secret(self, text: str) -> bool: ...
    def complete(self, before: str) -> Offer: ...


class Editor(urwid.Edit):
    """
    @ivar question: what is being asked instead of the usual, or C{None}.
    """

    def __init__(self, typing: Typing) -> None:
        super().__init__(("prompt", PROMPT), multiline=True)
        self.question: Question | None = None
        self._typing = typing
        self._history: list[str] = []
        self._place = 0
        self._draft = ""
        self._cut = ""
        self._offer: Offer | None = None
        self._offered = 0
        self._pasted: list[str] | None = None
        self._keys: dict[str, Callable[[], None]] = {
            "enter": self._enter,
            "meta enter": lambda: self.insert_text("\n"),
            "ctrl j": self._enter,
            "tab": lambda: self._complete(1),
            "shift tab": lambda: self._complete(-1),
            "ctrl p": lambda: self._recall(-1),
            "ctrl n": lambda: self._recall(1),
            "ctrl a": lambda: self.set_edit_pos(self._line_start()),
            "home": lambda: self.set_edit_pos(self._line_start()),
            "ctrl e": lambda: self.set_edit_pos(self._line_end()),
            "end": lambda: self.set_edit_pos(self._line_end()),
            "ctrl k": lambda: self._take_out(self.edit_pos, self._line_end()),
            "ctrl u": lambda: self._take_out(self._line_start(), self.edit_pos),
            "ctrl w": lambda: self._take_out(self._word_start(), self.edit_pos),
            "meta backspace": lambda: self._take_out(self._word_start(), self.edit_pos),
            "meta d": lambda: self._take_out(self.edit_pos, self._word_end()),
            "ctrl y": lambda: self.insert_text(self._cut),
            "meta b": lambda: self.set_edit_pos(self._word_start()),
            "ctrl left": lambda: self.set_edit_pos(self._word_start()),
            "meta f": lambda: self.set_edit_pos(self._word_end()),
            "ctrl right": lambda: self.set_edit_pos(self._word_end()),
            "ctrl h": lambda: self._take_out(max(0, self.edit_pos - 1), self.edit_pos, keep=False),
        }

    # Keys.

    def keypress(self, size: Any, key: str) -> str | None:
        """Take a key as urwid names it; gives back those that mean nothing here."""
        if self.pasting:
            self._paste(key)
            return None
        if key == BEGIN:
            self._pasted = []
            return None
        if key not in ("tab", "shift tab"):
            self._offer = None
        if key in self._keys:
            self._keys[key]()
            return None
        if key in ("up", "down"):
            return self._up_or_down(size, key)
        if key == "ctrl d" and self.edit_text:
            key = "delete"
        return super().keypress(size, key)

    @property
    def pasting(self) -> bool:
        """Whether a pasted text has begun and not ended: until then, every key belongs to it."""
        return self._pasted is not None

    def _paste(self, key: str) -> None:
        """
        Pasted text is put in as one piece, its line ends and all, and is sent when the person presses Enter. An answer
        to a question is its first line.
        """
        assert self._pasted is not None
        if key == END:
            text, self._pasted = "".join(self._pasted).strip("\n"), None
            self.insert_text(text if self.question is None else text.partition("\n")[0])
        elif key in ENTER:
            self._pasted.append("\n")
        elif key == "tab":
            self._pasted.append("    ")
        elif len(key) == 1:
            self._pasted.append(key)

    def _up_or_down(self, size: Any, key: str) -> str | None:
        """Within several lines, to another one; past the first or the last, through the history."""
        before = self.get_cursor_coords(size)
        if super().keypress(size, key) is None and self.get_cursor_coords(size) != before and "\n" in self.edit_text:
            return None
        self._recall(-1 if key == "up" else 1)
        return None

    def _take_out(self, start: int, end: int, keep: bool = True) -> None:
        text = self.edit_text
        if keep and start != end:
            self._cut = text[start:end]
        self.set_edit_text(text[:start] + text[end:])
        self.set_edit_pos(start)

    def _line_start(self) -> int:
        start: int = self.edit_text.rfind("\n", 0, self.edit_pos) + 1
        return start

    def _line_end(self) -> int:
        end = self.edit_text.find("\n", self.edit_pos)
        return len(self.edit_text) if end < 0 else end

    def _word_start(self) -> int:
        found = _BEFORE.search(self.edit_text[: self.edit_pos])
        return found.start() if found is not None else 0

    def _word_end(self) -> int:
        found = _BEHIND.match(self.edit_text, self.edit_pos)
        return found.end() if found is not None else self.edit_pos

    # Lines.

    def _enter(self) -> None:
        text = self.edit_text
        if self.question is not None:
            question = self.question
            self.ask(None)
            question.answered(text)
        elif self._typing.enter(text):
            self.set_edit_text("")
            if text.strip() and not self._typing.is_secret(text):
                self._remember(text)
            self._place, self._draft = len(self._history), ""

    def _remember(self, text: str) -> None:
        if text not in self._history[-1:]:
            self._history = [*self._history[1 - REMEMBERED :], text]

    def _recall(self, step: int) -> None:
        """Another line of the history; past its end, what was being typed."""
        place = self._place + step
        if self.question is not None or not 0 <= place <= len(self._history):
            return
        if self._place == len(self._history):
            self._draft = self.edit_text
        self._place = place
        self._put(self._draft if place == len(self._history) else self._history[place])

    def _put(self, text: str) -> None:
        self.set_edit_text(text)
        self.set_edit_pos(len(text))

    def _complete(self, step: int) -> None:
        """The next of the words offered, round and round."""
        if self.question is not None:
            return
        if self._offer is None:
            self._offer = self._typing.complete(self.edit_text[: self.edit_pos])
            self._offered = -1 if step > 0 else 0
        if self._offer.words:
            self._offered = (self._offered + step) % len(self._offer.words)
            word, behind = self._offer.words[self._offered], self.edit_text[self.edit_pos :]
            self.set_edit_text(self.edit_text[: self._offer.start] + word + behind)
            self.set_edit_pos(self._offer.start + len(word))

    def ask(self, question: Question | None) -> None:
        """Ask something where lines are typed; what was being typed there comes back afterwards."""
        asked = self.question
        self.question = question
        if asked is None and question is not None:
            self._draft = self.edit_text
        if asked is not None and question is not None and asked.prompt == question.prompt:
            return
        self.set_caption(("prompt", question.prompt if question is not None else PROMPT))
        self.set_mask("*" if question is not None and question.secret else None)
        self._put(self._draft if question is None else "")
