"""
Faults that are planted to test the machine of several nodes: it is worth nothing if it does not find them.

Each is one that has been made before, here or elsewhere, in the smallest form that does harm.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager

from chatroom.backends.ledger import Draft
from chatroom.backends.memory import MemoryBackend, MemoryStore
from chatroom.events import Condition, Event, Joined, Left


@contextmanager
def replaced(where: object, name: str, value: object) -> Iterator[None]:
    """For a while."""
    before = getattr(where, name)
    setattr(where, name, value)
    try:
        yield
    finally:
        setattr(where, name, before)


def names_are_free_at_once() -> AbstractContextManager[None]:
    """The nicknames of a node that died are free before its people were said goodbye to."""
    kill = MemoryStore.kill

    def killed(self: MemoryStore, node: str) -> None:
        self.unclaim(node)
        kill(self, node)

    return replaced(MemoryStore, "kill", killed)


def numbers_have_a_hole() -> AbstractContextManager[None]:
    """One number in seven is given to no event."""
    add = Draft.add

    def added(self: Draft, event: Event) -> None:
        add(self, event)
        room = self._ledger.rooms.get(event.room)
        if room is not None and room.last % 7 == 6:
            room.last += 1

    return replaced(Draft, "add", added)


@contextmanager
def two_goodbyes() -> Iterator[None]:
    """Every node that is left says goodbye for the people of one that died, whoever else has done it."""

    def bury(self: MemoryStore) -> None:
        for lost in list(self.lost):
            for node in self.nodes.values():
                node.post_lost(lost)

    with replaced(MemoryStore, "bury", bury), replaced(Left, "only_if", Condition.ALWAYS):
        yield


def own_turns_come_first() -> AbstractContextManager[None]:
    """A node tells its own turns before those of others that were kept before them (rule I4 of docs/adr/0048)."""
    keep = MemoryBackend.keep

    async def kept(self: MemoryBackend, batch: Sequence[Event]) -> Sequence[bool]:
        with replaced(self, "deliver", lambda: None):
            return await keep(self, batch)

    return replaced(MemoryBackend, "keep", kept)


def a_turn_is_missed() -> AbstractContextManager[None]:
    """One turn in nine never reaches the other nodes."""
    post = MemoryBackend.post_heard

    def posted(self: MemoryBackend, texts: Sequence[str]) -> None:
        if self._store.ids % 9:
            post(self, texts)

    return replaced(MemoryBackend, "post_heard", posted)


def closed_rooms_are_joined() -> AbstractContextManager[None]:
    """A person joins a room that another node has closed."""
    return replaced(Joined, "only_if", Condition.ALWAYS)


def a_nickname_is_given_back_twice() -> AbstractContextManager[None]:
    """A nickname is given back twice when its owner quits, so that somebody else's claim may be lost."""
    release = MemoryBackend.release

    async def released(self: MemoryBackend, key: str, holder: str) -> bool:
        await release(self, key, holder)
        return await release(self, key, holder)

    return replaced(MemoryBackend, "release", released)
