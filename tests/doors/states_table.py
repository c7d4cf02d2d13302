"""
Draws docs/conversation.csv, the table of a conversation's states, from the code: C{python -m tests.doors.states_table}.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from enum import Enum
from io import StringIO
from typing import Any

from chatroom.doors.conversation_states import LIFE, TURN
from tests.arrows import ROOT

TABLE = ROOT / "docs" / "conversation.csv"


def drawn() -> str:
    """The table as it is to be: a row for each state, with what may follow on it."""
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["Of", "State", "Meaning", "What may follow"])
    writer.writerows(_rows("life", LIFE))
    writer.writerows(_rows("turn", TURN))
    return text.getvalue()


def _rows(of: str, table: Mapping[Any, Mapping[Any, Any]]) -> Iterator[list[str]]:
    for state, steps in table.items():
        follows = [
            f"{step.value}: {_shown(after) if after is not state else 'nothing'}" for step, after in steps.items()
        ]
        yield [of, _shown(state), state.meaning, "; ".join(follows) or "nothing"]


def _shown(state: Enum) -> str:
    return state.name.lower()


if __name__ == "__main__":
    TABLE.write_text(drawn(), encoding="utf-8")
