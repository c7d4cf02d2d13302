"""
Text that is dear to work on: what is transformed before its length is judged.
"""

from __future__ import annotations

from tests.attacks.siege import Siege, attack

MARKS = b'{"id":1,"do":"hello","nick":"a' + "\u0300".encode() * 3950 + "\u0323".encode() * 3950 + b'"}\n'
"""A nickname of marks out of order, which normalisation sorts one by one."""


@attack("marks-one-stranger")
def one_stranger(siege: Siege) -> None:
    """One connection without a nickname sends 30 such nicknames."""
    siege.sends(siege.connect(), MARKS * 30)
    siege.rests()


@attack("marks-20-strangers", seconds=20)
def twenty_strangers(siege: Siege) -> None:
    """Twenty connections of one address do."""
    for stranger in [siege.connect() for _ in range(20)]:
        siege.sends(stranger, MARKS * 30)
    siege.rests()
