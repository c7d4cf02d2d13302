"""
The page of all polls, for browsers: C{/x/poll/}. It knows HTML, and no server.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from chatroom_poll.ballot import Ballot

STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 40rem; margin: 2rem auto; padding: 0 1rem; }
:root { color-scheme: light dark; }
td { padding: 0 1rem 0 0; } meter { width: 12rem; } small { opacity: 0.7; }
"""


def page(polls: Iterable[tuple[Ballot, Sequence[int]]]) -> str:
    """All of it. @param polls: each with how many votes its choices have, in the order in which they are shown."""
    shown = "\n".join(_section(ballot, counts) for ballot, counts in polls) or "<p>There are no polls.</p>"
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>Polls</title>'
        '<meta name="viewport" content="width=device-width">'
        f"<style>{STYLE}</style></head><body><h1>Polls</h1>\n{shown}\n</body></html>\n"
    )


def _section(ballot: Ballot, counts: Sequence[int]) -> str:
    rows = "\n".join(
        f"<tr><td>{escape(choice)}</td><td>{count}</td>"
        f'<td><meter max="{max(1, sum(counts))}" value="{count}">{count}</meter></td></tr>'
        for choice, count in zip(ballot.choices, counts, strict=True)
    )
    state = "open" if ballot.counts is None else "closed"
    return (
        f"<h2>{escape(ballot.question)}</h2>"
        f"<p><small>Poll {ballot.number} in {escape(ballot.room)}, {state}</small></p>"
        f"<table>\n{rows}\n</table>"
    )
