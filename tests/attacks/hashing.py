"""
Work on passwords: hashes that anybody may ask for, in a loop.
"""

from __future__ import annotations

import contextlib
import socket
import time
from collections import Counter

from tests.attacks.siege import Siege, attack

PASSWORD = b"correct horse battery"


def answer(connection: socket.socket, word: bytes) -> bytes:
    """What comes up to this word or a refusal, within half a minute; the last of it."""
    connection.settimeout(30)
    read, data = b"", b"x"
    while data and word not in read and b"! " not in read:
        try:
            data = connection.recv(1 << 16)
        except OSError:
            break
        read += data
    return read


@attack("hash-loop", held=True)
def hash_loop(siege: Siege) -> None:
    """
    Forty-five guests of one address have passwords hashed in a loop, of rooms, logins and sign-ups. Somebody at
    their address and somebody from elsewhere log in meanwhile.
    """
    honest = siege.connect(source="127.0.0.3")
    honest.sendall(b"carol\n/signup " + PASSWORD + b"\n")
    assert b"/resume" in answer(honest, b"/resume")
    crowd = [each for batch in ("ada", "ben", "cid") for each in siege.people(15, batch)]
    for number, each in enumerate(crowd):
        each.sendall(b"/create den%d\n" % number)
        each.setblocking(False)
    outcomes: Counter[str] = Counter()
    waits: dict[str, list[float]] = {"neighbour": [], "elsewhere": []}
    while not siege.over():
        for number, each in enumerate(crowd):
            each.setblocking(False)
            siege.sends(each, b"/password secret %d\n/login nobody wrong\n/signup another horse\n" % number)
        siege.reads(crowd, 0.5)
        for name, source in (("neighbour", "127.0.0.1"), ("elsewhere", "127.0.0.4")):
            began = time.monotonic()
            login = siege.connect(source=source)
            login.settimeout(30)
            with contextlib.suppress(OSError):
                login.sendall(b"/login carol " + PASSWORD + b"\n")
            outcome = answer(login, b"Logged in as")
            outcomes[outcome.decode(errors="replace").splitlines()[-1][:50] if outcome else "closed"] += 1
            waits[name].append(time.monotonic() - began)
            login.close()
    siege.row.notes += [f"login of a {name}: {max(each, default=0):.1f} s at most" for name, each in waits.items()]
    siege.row.notes += [f"{count} x {outcome}" for outcome, count in outcomes.items()]
