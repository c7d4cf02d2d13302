"""
The request by which a browser asks for a WebSocket.
"""

from __future__ import annotations

HANDSHAKE = (
    b"GET /ws HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="
)


"""The first half of one, without its host."""
