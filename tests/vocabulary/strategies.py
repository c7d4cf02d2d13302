"""
Events as Hypothesis makes them: of every kind, and with anything in every field.
"""

from __future__ import annotations

from dataclasses import fields

from hypothesis import strategies as st

from chatroom.events import FOREVER, KINDS, ActingSet, Event, StaffSet

END_OF_TIME = 253402300799
"""The last second of the year 9999, which is the last that RFC 3339 can write."""

times = st.integers(0, END_OF_TIME * 1000).map(lambda milliseconds: milliseconds / 1000)
"""Seconds since 1970, to the millisecond."""

texts = st.text(max_size=20)
"""Any text that UTF-8 can write, whether or not the server would let it pass."""

numbers = st.integers(0, 2**63 - 1)


def events_of(kind: type[Event]) -> st.SearchStrategy[Event]:
    """Any event of this class."""
    by_type: dict[str, st.SearchStrategy[object]] = {
        "str": texts,
        "bool": st.booleans(),
        "int": numbers,
        "float": times,
    }
    values = {field.name: by_type[str(field.type)] for field in fields(kind)}
    if "until" in values:
        values["until"] = st.just(FOREVER) | times.filter(bool)
    if "role" in values:
        of_a_room, of_the_server = ("member", "operator", "owner"), ("none", "moderator", "admin")
        values["role"] = st.sampled_from(of_the_server if kind in (ActingSet, StaffSet) else of_a_room)
    return st.builds(kind, **values)


any_event = st.one_of([events_of(kind) for kind in KINDS.values()])
"""Any event at all."""
