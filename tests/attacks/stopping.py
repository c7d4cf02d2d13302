"""
Peers that would decide how long a stop takes.
"""

from __future__ import annotations

from tests.attacks.siege import Siege, attack

HANDSHAKE = (
    b"GET /ws HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
TOO_BIG = b"\x81\xff\x00\x00\x00\x00\x7f\xff\xff\xff" + b"mask" + b"x" * 100
"""The head of a frame of 2 GB, which is refused with 1009."""

HALF = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"a" * 100
"""Half a TLS handshake."""


@attack("stop-lingering", seconds=3, web=True, tls=True, held=True)
def lingering(siege: Siege) -> None:
    """3 MB without a line end; a WebSocket refused; three that never answer TLS's goodbye; five half handshakes."""
    siege.sends(siege.connect(), b"x" * 3_000_000)
    browser = siege.connect(siege.web)
    siege.sends(browser, HANDSHAKE % siege.web)
    siege.reads([browser], 0.3)
    browser.setblocking(True)
    siege.sends(browser, TOO_BIG)
    for number in range(3):
        siege.sends(siege.over_tls(siege.connect(siege.tls)), b"secret%d\n" % number)
    for _ in range(5):
        siege.sends(siege.connect(siege.tls), HALF)
    siege.rests()


@attack("stop-unread", seconds=6)
def unread(siege: Siege) -> None:
    """Thirty who have nicknames, ask for help, and read none of it."""
    crowd = siege.people(30, buffer=4096)
    for each in crowd:
        siege.sends(each, b"/help\n" * 60)
    siege.rests()
