"""
Headers of the PROXY protocol, as proxies write them.
"""

from __future__ import annotations

import struct

PROXY = "192.0.2.1"


"""Where all connections come from."""


SIGNATURE = b"\r\n\r\n\x00\r\nQUIT\n"


"""With it begins the second version, which is binary."""


def header(address: str) -> bytes:
    """The first version, for somebody at this address."""
    kind = "TCP6" if ":" in address else "TCP4"
    there = "::1" if ":" in address else "10.0.0.1"
    return f"PROXY {kind} {address} {there} 40000 64700\r\n".encode()


def binary_header(address: str) -> bytes:
    """The second version, for somebody at this IPv4 address."""
    parts = bytes(map(int, address.split("."))) + bytes([10, 0, 0, 1])
    return SIGNATURE + b"\x21\x11" + struct.pack("!H", 12) + parts + struct.pack("!HH", 40000, 64700)
