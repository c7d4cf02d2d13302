"""
The last lines of the log at a start: how people join, who can reach the server, and how its first admin is made.

It turns open ports into sentences. It opens nothing and asks nothing.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
from collections.abc import Sequence

from chatroom.daemon.check import PROXIED
from chatroom.daemon.listeners import Place

ADMIN = "chatroom-admin"


def interface(place: Place) -> str:
    """The address that it listens on; C{""} is every address of this machine."""
    found = re.search(r":interface=((?:\\.|[^:\\])*)", place.description)
    address = re.sub(r"\\(.)", r"\1", found[1]) if found else ""
    return "" if address in ("0.0.0.0", "::") else address


def host(place: Place) -> str:
    """What somebody on this machine types to reach it."""
    address = interface(place)
    return "localhost" if address in ("", "127.0.0.1", "::1") else address


def is_direct(place: Place) -> bool:
    """Whether people connect to it themselves, by TCP, and no proxy does so for them."""
    return bool(place.port) and not place.description.startswith(PROXIED)


def sentences(places: Sequence[Place], admin: str | None) -> list[str]:
    """
    What the log says when all of these are open.

    @param admin: the command that makes the first admin, or C{None} where there is one already.
    """
    direct = [place for place in places if is_direct(place)]
    said = [f"Join in a terminal: nc {host(place)} {place.port}" for place in direct if place.option == "port"]
    for place in direct:
        if place.option in ("web", "web-tls"):
            scheme = "https" if place.option == "web-tls" else "http"
            name = f"[{host(place)}]" if ":" in host(place) else host(place)
            said.append(f"Join in a browser: {scheme}://{name}:{place.port}/")
    for place in direct:
        if place.option in ("irc", "irc-tls"):
            over = " over TLS" if place.option == "irc-tls" else ""
            said.append(f"Join with an IRC client{over}: {host(place)} port {place.port}")
    everywhere = [str(place.port) for place in direct if not interface(place)]
    if everywhere:
        ports = " and ".join(filter(None, [", ".join(everywhere[:-1]), everywhere[-1]]))
        said.append(
            f"Open on all network interfaces: port {ports}. Anyone who can reach this machine can join."
            f" To listen on this machine only, write tcp:{everywhere[0]}:interface=127.0.0.1 and not {everywhere[0]}."
        )
    if admin is not None:
        said.append(f"This server has no admin yet. Join, type /signup, and then type in another terminal: {admin}")
    return said


def admin_command(program: str, data: str) -> str:
    """
    What makes somebody an admin, as the person who has started this program would type it.

    @param program: C{sys.argv[0]}: chatroom-admin is installed beside it.
    @param data: the folder of C{--data}.
    """
    beside = os.path.join(os.path.dirname(program), ADMIN)
    found = shutil.which(ADMIN)
    known = found is not None and os.path.realpath(found) == os.path.realpath(beside)
    near = min(beside, os.path.relpath(beside), key=len)
    words = [ADMIN if known or not os.path.exists(beside) else near, "role", "NICK", "admin"]
    return shlex.join(words if data == "chatroom-data" else [*words, "--data", data])
