"""
Two honest people at a daemon, in a process of their own: alice says a line four times a second, and bob reads it.

C{python -m tests.attacks.honest PORT} measures how long each line takes until its standard input ends, waits for the
lines that are still on their way, and prints the waits in seconds as JSON. It knows sockets and no attack.
"""

from __future__ import annotations

import json
import re
import select
import socket
import sys
import time

SOURCE = "127.0.0.2"
"""Another address than that of who attacks."""

PAUSE = 0.25
"""Seconds between two lines. The talk rate allows for them."""

UNDER_WAY = 20
"""At most so many lines may be on their way: a server that stands still is not asked to catch up with hundreds."""

PATIENCE = 90.0
"""Seconds after which a line that did not come counts as this late."""

BEAT = re.compile(rb"<alice> beat (\d+)\r?\n")


def come_in(port: int, nick: str) -> socket.socket:
    """Somebody with nc, who has a nickname when this returns."""
    person = socket.socket()
    person.bind((SOURCE, 0))
    person.settimeout(PATIENCE)
    person.connect(("127.0.0.1", port))
    person.sendall(nick.encode() + b"\n")
    read = b""
    while b"Registration successful" not in read:
        data = person.recv(65536)
        if not data:
            raise SystemExit(f"{nick} could not come in: {read!r}")
        read += data
    person.setblocking(False)
    return person


def measure(port: int) -> list[float]:
    """The waits, in the order of saying; L{PATIENCE} for what did not come."""
    alice, bob = come_in(port, "alice"), come_in(port, "bob")
    print("ready", flush=True)  # noqa: T201 the attack may begin
    said: list[float] = []
    waits: dict[int, float] = {}
    heard, ended, at = b"", 0.0, time.monotonic()
    while not ended or len(waits) < len(said):
        now = time.monotonic()
        if ended and now - ended > PATIENCE:
            break
        if not ended and now >= at and len(said) - len(waits) < UNDER_WAY:
            alice.send(b"beat %d\n" % len(said))
            said.append(now)
            at = now + PAUSE
        inputs = [alice, bob] if ended else [alice, bob, sys.stdin]
        for ready in select.select(inputs, [], [], 0.5 if ended else min(0.5, max(0.01, at - now)))[0]:
            if isinstance(ready, socket.socket):
                data = ready.recv(1 << 20)
                if not data:
                    return [waits.get(number, PATIENCE) for number in range(len(said))]
                heard += data if ready is bob else b""
            else:
                ended = time.monotonic()
        for beat in BEAT.finditer(heard):
            waits[int(beat[1])] = time.monotonic() - said[int(beat[1])]
        heard = heard[heard.rfind(b"\n") + 1 :]
    return [waits.get(number, PATIENCE) for number in range(len(said))]


if __name__ == "__main__":
    print(json.dumps(measure(int(sys.argv[1]))), flush=True)  # noqa: T201
