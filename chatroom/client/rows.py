"""
A line as a widget: in columns where there is room for them, and with its time and its speaker before it where not.
"""

from __future__ import annotations

from collections.abc import Hashable

import urwid

from chatroom.client.formatting import WHERE, spans
from chatroom.client.hyperlinks import link_style
from chatroom.client.lines import Kind, ScreenLine, beginning, clock_time
from chatroom.client.palette import Colours, formatted

SPEAKER = 14
"""Columns for who speaks, on a wide screen. A longer name takes more, and is never cut: it could pass for another."""

ROOMY = 72
"""Columns of text area from which on speakers have a column of their own."""

NARROW = 44
"""Columns below which there are no times."""

Widget = urwid.Widget


def row(line: ScreenLine, columns: int, colours: Colours) -> Widget:
    """@param columns: how wide the text area is."""
    if line.kind is Kind.DAY:
        return _rule(line.text, "day")
    if line.kind is Kind.NEW:
        return _rule(line.text, "new")
    time = clock_time(line.at) if line.at else ""
    text = urwid.Text(_marked(line))
    if columns >= ROOMY:
        who, style = _speaker(line, colours)
        width = max(SPEAKER, urwid.calc_width(who, 0, len(who)))
        return urwid.Columns(
            [(5, urwid.Text(("time", time))), (width, urwid.Text((style, who), "right")), text], dividechars=1
        )
    text = urwid.Text([(_speaker(line, colours)[1], beginning(line)), *_marked(line)])
    if columns < NARROW:
        return text
    return urwid.Columns([(5, urwid.Text(("time", time))), text], dividechars=1)


def _speaker(line: ScreenLine, colours: Colours) -> tuple[str, str]:
    """Who speaks as it stands in the column, and its style."""
    if line.kind is Kind.WHISPER:
        return (f"to {line.to}" if line.own else f"{line.nick} whispers"), "whisper"
    if line.kind is Kind.ACT:
        return f"* {line.nick}", _nick_style(line, colours)
    if line.kind is Kind.TALK:
        return line.nick, _nick_style(line, colours)
    mark = {Kind.EVENT: "--", Kind.GAP: "--", Kind.NOTE: "--", Kind.REFUSAL: "!"}.get(line.kind, "")
    return mark, _text_style(line)


def _nick_style(line: ScreenLine, colours: Colours) -> str:
    if line.mention:
        return "mention"
    return "own" if line.own else colours.of(line.nick)


def _text_style(line: ScreenLine) -> str:
    if line.kind is Kind.WHISPER:
        return "whisper talk"
    if line.kind in (Kind.TALK, Kind.ACT):
        return "mention talk" if line.mention else "talk"
    return str(line.kind.value)


def _marked(line: ScreenLine) -> list[tuple[Hashable, str]]:
    """The text with its style; what people said is formatted, and behind a named link stands its whole address."""
    style = _text_style(line)
    if line.written is None:
        return [(style, line.text)]
    parts: list[tuple[Hashable, str]] = [(style, line.text[: line.written])] if line.written else []
    for span in spans(line.text[line.written :]):
        if WHERE in span.styles:
            parts += [(style, " ("), (link_style(span.link), span.link), (style, ")")]
        else:
            parts.append((link_style(span.link) if span.link else formatted(style, span.styles), span.text))
    return parts or [(style, "")]


def _rule(text: str, style: str) -> Widget:
    rule = urwid.AttrMap(urwid.Divider("─"), style)
    return urwid.Columns([(3, rule), ("pack", urwid.Text((style, text))), rule], dividechars=1)
