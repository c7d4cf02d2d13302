"""
Text that is dear to work on: what is transformed before its length is judged.
"""

from __future__ import annotations

import json

from tests.attacks.siege import Siege, attack
from tests.doors.shapes import SHAPES

MARKS = b'{"id":1,"do":"hello","nick":"a' + "\u0300".encode() * 3950 + "\u0323".encode() * 3950 + b'"}\n'
"""A nickname of marks out of order, which normalisation sorts one by one."""


@attack("marks-one-stranger", held=True)
def one_stranger(siege: Siege) -> None:
    """One connection without a nickname sends 30 such nicknames."""
    siege.sends(siege.connect(), MARKS * 30)
    siege.rests()


@attack("marks-20-strangers", seconds=20, held=True)
def twenty_strangers(siege: Siege) -> None:
    """Twenty connections of one address do."""
    for stranger in [siege.connect() for _ in range(20)]:
        siege.sends(stranger, MARKS * 30)
    siege.rests()


@attack("every-shape", seconds=20)
def every_shape(siege: Siege) -> None:
    """Three strangers and three people send every hostile shape, in fields that strangers and guests have."""
    fields = (("hello", "nick"), ("hello", "token"), ("login", "name"), ("help", "word"))
    spoken = (
        ("say", "text"),
        ("whisper", "to"),
        ("topic", "text"),
        ("search", "words"),
        ("nick", "nick"),
        ("away", "text"),
    )
    strangers, people = [siege.connect() for _ in range(3)], [siege.connect() for _ in range(3)]
    for number, each in enumerate(people):
        siege.sends(each, b'{"id":0,"do":"hello","nick":"mob%d"}\n' % number)
    while not siege.over():
        for connections, pairs in ((strangers, fields), (people, spoken)):
            for word, field in pairs:
                for shape in SHAPES.values():
                    value = json.dumps(shape(8000), ensure_ascii=False)[:7000].rstrip("\\")
                    request = f'{{"id":1,"do":"{word}","{field}":{value}'.rstrip('"') + '"}\n'
                    for each in connections:
                        siege.sends(each, request.encode("utf-8", "replace"))
                siege.reads([*strangers, *people])
                if siege.over():
                    return
