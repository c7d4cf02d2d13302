"""
The line that somebody types in a terminal that sends each key: what its keys make of it, and the lines typed before.

All work and all memory is bounded by the length of a line: the text, what is remembered, what one key costs. It knows
keys and text; not what a line means, and not how it looks (L{chatroom.doors.line.edited_row}).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from chatroom.doors.line.keystrokes import Key, KeyDecoder
from chatroom.doors.line.typed_keys import cluster_end, cluster_start
from chatroom.states import EditorSnapshot

REMEMBERED = 50
"""Lines that come back with the key Up. All of them together are no longer than one line may be."""

COMPLETIONS = 4
"""So many Tabs are answered of one piece of input: a person presses one at a time."""

_WORD = re.compile(r"\s*\S*")

_PASTED = {Key.ENTER: "\n", Key.COMPLETE: "    "}
"""Keys that are text where they were pasted; others are nothing there."""

Offer = Callable[[str, bool], Sequence[str]]
"""Which words begin like this one, each with what belongs behind it. The flag: it is the first word of the line."""


@dataclass(frozen=True)
class EnteredLine:
    """
    @ivar line: what the Enter key sends, in UTF-8 and without its end; C{None} where it was too long.
    @ivar shown: what stays on the screen of it; C{""} where typing was unseen.
    """

    line: bytes | None
    shown: str


class LineEditor:
    """
    @ivar text: of the line being typed. Pasted text may have line ends in it.
    @ivar at: where the cursor is, in characters.
    @ivar hidden: what is typed is a secret: it is not shown, and not remembered.
    @ivar bell: the last keys could not do what they are for. Whoever rings the bell sets it back.
    @ivar redraw: Ctrl+L was pressed. Whoever draws the line anew sets it back.
    @ivar wants_to_leave: Ctrl+D was pressed on an empty line. Whoever answers sets it back.
    """

    __slots__ = (
        "_answered", "_cut_short", "_decoder", "_draft", "_draft_cut_short", "_longest", "_offer", "_offered",
        "_pasted", "_place", "_remembered", "_start", "_tabs", "_unmarked", "_words", "at", "bell", "hidden", "redraw",
        "text", "wants_to_leave",
    )  # fmt: skip

    def __init__(self, longest: int, words: Offer = lambda word, first: ()) -> None:
        """
        @param longest: bytes in one line.
        @param words: what the Tab key offers.
        """
        self.text = ""
        self.at = 0
        self.hidden = self.bell = self.redraw = self.wants_to_leave = False
        self._unmarked = self._answered = False
        self._longest = longest
        self._words = words
        self._decoder = KeyDecoder()
        self._remembered: list[str] = []
        self._place = 0
        self._draft, self._draft_cut_short = "", False
        self._cut_short = False  # the line was longer than it may be, and its end is not here
        self._pasted: str | None = None
        self._offer: Sequence[str] = ()
        self._offered = self._start = self._tabs = 0

    # Keys.

    def feed(self, data: bytes, pasted: bool = False) -> list[EnteredLine]:
        """
        Take the keys in a piece of input; the lines that were sent with them.

        @param pasted: what is in this piece was pasted, and its terminal puts no marks around that.
        """
        entered: list[EnteredLine] = []
        self._tabs = 0
        keys = self._decoder.keys(data)
        if keys == [Key.ERASE_LINE] and self._pasted is not None:  # the terminal never marked the end
            self._pasted = None
        self._unmarked = pasted and self._pasted is None
        for key in [Key.PASTE_BEGINS, *keys, Key.PASTE_ENDS] if self._unmarked else keys:
            if self._pasted is not None:
                self._paste(key)
            elif isinstance(key, str):
                self._insert(key)
            elif key is Key.ENTER:
                entered.append(self._enter())
            else:
                self._press(key)
        return entered

    def _press(self, key: Key) -> None:
        if key is Key.COMPLETE:
            self._complete()
            return
        self._offer = ()
        act = _ACTS.get(key)
        if act is not None:
            act(self)

    def _insert(self, text: str) -> None:
        self._offer = ()
        room = self._longest - len(self.text.encode(errors="surrogateescape"))
        if len(text) * 4 > room:
            whole = text.encode(errors="surrogateescape")
            if len(whole) > room:
                self._cut_short = self.bell = True
                text = whole[: max(0, room)].decode(errors="ignore")
        self.text = self.text[: self.at] + text + self.text[self.at :]
        self.at += len(text)

    def _paste(self, key: str | Key) -> None:
        """
        Pasted text is put in as one piece, its line ends and all, and waits for the Enter key. A secret is its first
        line.
        """
        assert self._pasted is not None
        if key is Key.PASTE_ENDS:
            text, cut_short, self._pasted = self._pasted, self._cut_short, None
            if self.hidden:
                self._insert_secret(text)
            else:
                self._insert(text if self._unmarked else text.strip("\n"))  # without marks, more may follow
            self._cut_short = self._cut_short or cut_short
        elif len(self._pasted) > self._longest:  # more than a line can hold, which is said when it is sent
            self._cut_short = self.bell = True
        elif isinstance(key, str):
            self._pasted += key[: self._longest + 1]
        elif key in _PASTED:
            self._pasted += _PASTED[key]

    def _insert_secret(self, text: str) -> None:
        """The first line of a pasted text, and nothing more of it in the pieces that follow."""
        if not self._answered:
            line, end, _ = text.partition("\n")
            self._insert(line)
            self._answered = bool(end)

    def _begin_paste(self) -> None:
        self._pasted = ""

    def _enter(self) -> EnteredLine:
        text, too_long, hidden = self.text.strip("\n"), self._cut_short, self.hidden
        self._put("")
        self._place, self._draft, self._offer = len(self._remembered), "", ()
        line = None if too_long else text.encode(errors="surrogateescape")
        return EnteredLine(line, "" if hidden else text)

    def remember(self, text: str) -> None:
        """Let the key Up bring this line back."""
        if not text.strip() or text in self._remembered[-1:]:
            return
        self._remembered = [*self._remembered, text][-REMEMBERED:]
        while sum(map(len, self._remembered)) > self._longest:
            del self._remembered[0]
        self._place = len(self._remembered)

    # What keys do.

    def _put(self, text: str) -> None:
        self.text, self.at = text, len(text)
        self._cut_short = self._answered = False

    def _take_out(self, start: int, end: int) -> None:
        if start == end:
            self.bell = True
            return
        self.text = self.text[:start] + self.text[end:]
        self.at = start
        self._cut_short = False

    def _word_start(self) -> int:
        found = _WORD.match(self.text[: self.at][::-1])  # from behind, so that each character is read once
        return self.at - found.end() if found is not None else self.at

    def _word_end(self) -> int:
        found = _WORD.match(self.text, self.at)
        return found.end() if found is not None else self.at

    def _backspace(self) -> None:
        self._take_out(cluster_start(self.text, self.at), self.at)

    def _delete(self) -> None:
        self._take_out(self.at, cluster_end(self.text, self.at))

    def _move(self, to: int) -> None:
        self.at = to

    def _erase_line(self) -> None:
        self._put("")

    def _redraw(self) -> None:
        self.redraw = True

    def _leave(self) -> None:
        """As in a shell: with text before it, Ctrl+D is Delete."""
        if self.text:
            self._delete()
        else:
            self.wants_to_leave = True

    def _recall(self, step: int) -> None:
        """Another line of those typed before; behind the last one, what was being typed."""
        place = self._place + step
        if self.hidden or not 0 <= place <= len(self._remembered):
            self.bell = True
            return
        if self._place == len(self._remembered):
            self._draft, self._draft_cut_short = self.text, self._cut_short
        self._place = place
        if place == len(self._remembered):
            self._put(self._draft)
            self._cut_short = self._draft_cut_short
        else:
            self._put(self._remembered[place])

    def _complete(self) -> None:
        """The next of the words on offer, round and round."""
        if not self._offer and not self.hidden and self._tabs < COMPLETIONS:
            self._tabs += 1
            self._start = max(self.text.rfind(" ", 0, self.at), self.text.rfind("\n", 0, self.at)) + 1
            word = self.text[self._start : self.at]
            self._offer, self._offered = (self._words(word, self._start == 0) if word else ()), -1
        if not self._offer:
            self.bell = True
            return
        self._offered = (self._offered + 1) % len(self._offer)
        word = self._offer[self._offered]
        if len(self.text) + len(word) * 4 < self._longest // 4:
            self.text = self.text[: self._start] + word + self.text[self.at :]
            self.at = self._start + len(word)

    # From one process to the next.

    def state(self) -> EditorSnapshot:
        """What is being typed, and what was typed before. A secret that is half typed is in it."""
        text, at, hidden = self.text.encode(errors="surrogateescape"), self.at, self.hidden
        remembered = tuple(self._remembered)
        return EditorSnapshot(text, at, self._decoder.waiting, hidden, self._cut_short, self._pasted, remembered)

    def restore(self, state: EditorSnapshot) -> None:
        """Go on from there."""
        self.text = state.text.decode(errors="surrogateescape")
        self.at = min(state.at, len(self.text))
        self._decoder = KeyDecoder(state.waiting)
        self.hidden, self._cut_short = state.hidden, state.cut_short
        self._pasted = state.pasted
        self._remembered = list(state.remembered)
        self._place = len(self._remembered)


_ACTS: dict[Key, Callable[[LineEditor], None]] = {
    Key.BACKSPACE: LineEditor._backspace,
    Key.DELETE: LineEditor._delete,
    Key.LEFT: lambda editor: editor._move(cluster_start(editor.text, editor.at)),
    Key.RIGHT: lambda editor: editor._move(cluster_end(editor.text, editor.at)),
    Key.WORD_LEFT: lambda editor: editor._move(editor._word_start()),
    Key.WORD_RIGHT: lambda editor: editor._move(editor._word_end()),
    Key.START: lambda editor: editor._move(0),
    Key.END: lambda editor: editor._move(len(editor.text)),
    Key.OLDER: lambda editor: editor._recall(-1),
    Key.NEWER: lambda editor: editor._recall(1),
    Key.ERASE_WORD: lambda editor: editor._take_out(editor._word_start(), editor.at),
    Key.ERASE_LINE: LineEditor._erase_line,
    Key.ERASE_TO_END: lambda editor: editor._take_out(editor.at, len(editor.text)),
    Key.LEAVE: LineEditor._leave,
    Key.REDRAW: LineEditor._redraw,
    Key.PASTE_BEGINS: lambda editor: editor._begin_paste(),
}
"""Whatever else is left does nothing."""
