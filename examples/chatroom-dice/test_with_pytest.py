"""
The same server, as pytest likes it: a fixture, and functions with C{assert}.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from chatroom_dice import Roll

from chatroom.testing import Server


@pytest.fixture
def server() -> Iterator[Server]:
    """A server with /roll whose dice always show 2. The test fails if the server logs an error."""
    with Server(plugins=[Roll(lambda sides: 2)]) as server:
        yield server


def test_everyone_sees_what_was_thrown(server: Server) -> None:
    """Alice rolls two dice, and bob reads their sum."""
    alice, bob = server.guest("alice"), server.guest("bob")
    alice.types("/roll 2d6")
    assert bob.reads() == ["* alice rolls 2d6: 2 + 2 = 4"]


@pytest.mark.parametrize("dice", ["2x6", "0d6", "d1", "100d6"])
def test_what_are_no_dice_is_refused(server: Server, dice: str) -> None:
    """A program gets a code beside the sentence."""
    answer = server.program("robot").asks("roll", dice=dice)
    assert answer["error"] == "bad-arguments"
