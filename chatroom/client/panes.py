"""
What stands around the talk: the topic above, the rooms at the left, the people at the right, and the state below.

Each is drawn anew from the client's buffers whenever the screen is, so nothing here can be out of date.
"""

from __future__ import annotations

from typing import Any

import urwid

from chatroom.client.buffers import Buffer, Member
from chatroom.client.client import Client
from chatroom.client.formatting import WHERE, spans
from chatroom.client.palette import Colours

Markup = list[Any]

WHEEL = 3
"""People that one step of a mouse wheel scrolls."""


class Pane(urwid.Widget):
    """
    A box of lines of markup, the first at the top; what does not fit is cut off.

    @ivar style: of what is behind each line.
    """

    style = "side"
    _sizing = frozenset(["box"])
    no_cache = ["render"]

    def __init__(self, client: Client) -> None:
        super().__init__()
        self.client = client

    def lines(self, columns: int, rows: int) -> list[Markup]:
        """What it shows now."""
        raise NotImplementedError

    def render(self, size: Any, focus: bool = False) -> urwid.Canvas:
        columns, rows = size
        lines = [_filled(line, columns, self.style) for line in self.lines(columns, rows)[:rows]]
        canvases: list[urwid.Canvas] = [urwid.Text(line, wrap="ellipsis").render((columns,)) for line in lines]
        canvases += [urwid.SolidCanvas(" ", columns, rows - len(lines))] if len(lines) < rows else []
        return urwid.CanvasCombine([(canvas, None, False) for canvas in canvases])


def _filled(line: Markup, columns: int, style: str) -> Markup:
    text = "".join(part for _, part in line)
    return [*line, (style, " " * (columns - urwid.calc_width(text, 0, len(text))))]


def count_mark(buffer: Buffer) -> str:
    """How much of it is unread, as short as can be."""
    return f"{min(buffer.unread, 999)}{'!' if buffer.mentions else ''}" if buffer.unread else ""


def state_style(buffer: Buffer, here: bool) -> str:
    """How the name of a buffer stands out."""
    if here:
        return "here"
    if buffer.mentions:
        return "called"
    return "unread" if buffer.unread else "side" if buffer.joined or not buffer.is_room else "side dim"


def title(client: Client) -> str:
    """What the window is called: how much is unread, with a C{!} if somebody meant us, and which room this is."""
    unread, mentions = sum(b.unread for b in client.buffers), sum(b.mentions for b in client.buffers)
    mark = f"({min(unread, 999)}{'!' if mentions else ''}) " if unread else ""
    name = client.buffers.current.name
    return f"{mark}{name} - {client.address.host}" if name else f"{mark}{client.address.host}"


class Switcher(Pane):
    """The buffers, numbered as Alt and a digit reaches them, with what is unread."""

    def lines(self, columns: int, rows: int) -> list[Markup]:
        made: list[Markup] = []
        for number, buffer in enumerate(self.client.buffers, 1):
            digit, mark = (str(number) if number < 10 else " "), count_mark(buffer)
            room = columns - 4 - len(mark)
            name = buffer.name if len(buffer.name) <= room else buffer.name[: room - 1] + "…"
            style = state_style(buffer, buffer is self.client.buffers.current)
            made.append([(style, f" {digit} {name:<{room}}{mark} ")])
        return made

    def mouse_event(self, size: Any, event: str, button: int, col: int, row: int, focus: bool) -> bool:
        if event == "mouse press" and button == 1 and row < len(self.client.buffers):
            self.client.look(list(self.client.buffers)[row])
            return True
        return False


class Members(Pane):
    """Who is in the room, owners and operators first; scrolled where there are more than rows."""

    def __init__(self, client: Client, colours: Colours) -> None:
        super().__init__(client)
        self._colours = colours
        self._of: Buffer | None = None
        self._above = 0
        self._rows = 1

    def scroll(self, step: int) -> None:
        """Show people from further down, or with a step below 0 from further up."""
        self._above = max(0, self._above + step)

    def mouse_event(self, size: Any, event: str, button: int, col: int, row: int, focus: bool) -> bool:
        if event.endswith("mouse press") and button in (4, 5):
            self.scroll(-WHEEL if button == 4 else WHEEL)
            return True
        return False

    @property
    def page(self) -> int:
        """How many people are shown at once, where not all are."""
        return max(1, self._rows - 3)

    def lines(self, columns: int, rows: int) -> list[Markup]:
        buffer = self.client.buffers.current
        if not buffer.is_room or not buffer.joined:
            return []
        if buffer is not self._of:
            self._of, self._above = buffer, 0
        members, self._rows = buffer.members, rows
        all_fit = len(members) <= rows - 1 and buffer.people <= rows - 1
        self._above = 0 if all_fit else min(self._above, max(0, len(members) - self.page))
        shown = members if all_fit else members[self._above : self._above + self.page + (not self._above)]
        made: list[Markup] = [[("side dim", f" {buffer.people:,} here")]]
        if self._above:
            made.append([("side dim", f"  {self._above:,} above")])
        for member in shown:
            mine = member.nick.casefold() == self.client.link.nick.casefold()
            style = "side dim" if member.away else "own" if mine else self._colours.of(member.nick)
            made.append([("side dim", f" {member.mark}"), (style, member.nick + _note(member))])
        more = buffer.people - self._above - len(shown)
        if more > 0:
            made.append([("side dim", f"  and {more:,} more")])
        return made


def _note(member: Member) -> str:
    """What others should know; of two things the one that changes, because the pane is narrow."""
    return " (away)" if member.away else " (bot)" if member.bot else "" if member.account else " (guest)"


class TopBar(Pane):
    """Which room this is, and what it is about."""

    style = "bar"

    def lines(self, columns: int, rows: int) -> list[Markup]:
        buffer = self.client.buffers.current
        name = f" {buffer.name or self.client.address.host}  "
        if not buffer.is_room:
            about = "only the two of you can read this"
        elif not buffer.joined and buffer.name:
            about = f"you are not in this room; to join it: /join {buffer.name}"
        else:
            return [[("bar", name), *_topic(buffer.topic)]]
        return [[("bar", name), ("bar dim", about)]]


def _topic(text: str) -> Markup:
    """Formatted, as far as the colours of the bar have room for it: what is not plain is bright."""
    return [
        ("bar dim", f" ({span.link})") if WHERE in span.styles else ("bar" if span.styles else "bar dim", span.text)
        for span in spans(text)
    ]


class StatusBar(Pane):
    """
    Who we are and how the connection is; where there is no column for them, the buffers too.

    @ivar switcher: whether the buffers are to be shown here.
    @ivar below: how many lines came below what is shown, or C{None} where the end is in sight.
    @ivar aim: who alone will read what is being typed, as a sentence; or C{""}.
    """

    style = "bar"
    switcher = False
    below: int | None = None
    aim = ""

    def __init__(self, client: Client, seconds: Any) -> None:
        """@param seconds: a clock."""
        super().__init__(client)
        self._seconds = seconds

    def lines(self, columns: int, rows: int) -> list[Markup]:
        if self.client.trouble:
            left = max(0, round(self.client.retry_at - self._seconds()))
            when = f"next try in {left} s" if left else "trying now"
            text = f" No connection, {when}. {self.client.trouble}"
            return [[("bar trouble", text.ljust(columns))]]
        if self.aim:
            return [[("bar mention", f" {self.aim} ".ljust(columns))]]
        begin: Markup = self._buffers(columns) if self.switcher else [("bar", f" {self._who()} ")]
        end = self._end()
        used = sum(len(text) for _, text in begin)
        gap = columns - used - len(end)
        return [[*begin, ("bar", " " * max(0, gap)), ("bar dim" if self.below is None else "bar mention", end)]]

    def _who(self) -> str:
        link, address = self.client.link, self.client.address
        if not link.welcomed:
            return "Goodbye." if self.client.leaving else f"Connecting to {address.host} ..."
        return f"{link.nick} at {address.host}" + ("" if link.account else " (guest)")

    def _end(self) -> str:
        if self.below is not None:
            return f" {self.below:,} new below: Esc " if self.below else " scrolled up: Esc "
        waiting = self.client.link.unanswered if self.client.link.welcomed else 0
        return f" sending {waiting} " if waiting > 2 else " F1: keys "

    def _buffers(self, columns: int) -> Markup:
        every, current = list(self.client.buffers), self.client.buffers.current
        if not every:
            return [("bar", f" {self._who()} ")]
        made: Markup = []
        for number, buffer in enumerate(every, 1):
            style = "bar mention" if buffer.mentions else "bar" if buffer is current or buffer.unread else "bar dim"
            mark = count_mark(buffer)
            name = f"[{buffer.name}]" if buffer is current else buffer.name
            made.append((style, f" {number}:{name}{' ' + mark if mark else ''} "))
        return made
