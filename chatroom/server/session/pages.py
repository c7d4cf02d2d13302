"""
History as one person is shown it: pages of it, and how much there is, without the words of people they ignore.

It knows whom a caller ignores and what a page may hold, and no rule.
"""

from __future__ import annotations

from chatroom.core.ignoring import readable, visible
from chatroom.events import RoomEvent, without_secrets
from chatroom.records import fitting
from chatroom.server.session.base import SessionBase

ROWS = 200
"""So many rows of history that are read are a unit of work: see L{chatroom.interfaces.IEar.charge}."""

IGNORED_LINES = 10_000
"""So many lines of history are looked at for one page of those that are shown to somebody who ignores people."""

LETTERS = 500
"""Whispers that are looked at at once."""


async def shown_lines(
    caller: SessionBase, room: str, *, after: int | None, before: int | None, limit: int, talk: bool
) -> tuple[list[RoomEvent], bool]:
    """
    So many lines of history, of so many bytes as fit on a page, and whether there are more: without the words of
    people ignored. Where more than L{IGNORED_LINES} in a row are theirs, what is beyond is left.
    """
    size, most, found, looked_at = caller.services.limits.page_bytes, limit, list[RoomEvent](), 0
    while True:
        events = await caller.services.backend.history(
            room, after=after, before=before, limit=most + 1, talk=talk, size=size
        )
        caller.ear.charge(len(events) / ROWS)
        looked_at += len(events)
        shown = visible(events, caller.ignored) if caller.ignored else list(events)
        found = found + shown if after is not None else shown + found
        fit = fitting(found if after is not None else reversed(found), limit, caller.services.limits.page_bytes)
        more = fit < len(found)
        if more or not caller.ignored:
            break
        beyond = fitting(events if after is not None else reversed(events), most, size) < len(events)
        if not beyond or looked_at >= IGNORED_LINES:
            break
        if after is not None:
            after = events[-1].seq
        else:
            before = events[0].seq
        most, size = 1000, 8 * caller.services.limits.page_bytes
    page = found[:fit] if after is not None else found[len(found) - fit :]
    return page if talk else [without_secrets(event) for event in page], more


async def shown_talk_count(caller: SessionBase, room: str, after: int, before: int, most: int) -> int:
    """As C{IBackend.talk_count}, without the words of people ignored."""
    if not caller.ignored:
        return await caller.services.backend.talk_count(room, after, before, most)
    count = 0
    while count < most and (
        events := await caller.services.backend.history(room, after=after, before=before, limit=1000, talk=True)
    ):
        caller.ear.charge(len(events) / ROWS)
        count += len(visible(events, caller.ignored))
        after = events[-1].seq
    return min(count, most)


async def unread(caller: SessionBase, key: str) -> int:
    """How many whispers wait in an inbox for this person to read."""
    backend = caller.services.backend
    waiting = await backend.waiting(key)
    if not (waiting and caller.ignored):
        return waiting
    shown, last = 0, 0
    while letters := await backend.letters(key, last, LETTERS):
        shown += sum(not mail.read for mail in readable(letters, caller.ignored))
        last = letters[-1].id
    return shown
