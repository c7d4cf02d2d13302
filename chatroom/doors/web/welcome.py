"""
What the page shows before anybody joins: the server's name, its welcome text, and how many people are there.

It knows the server and JSON, and nothing of HTTP.
"""

from __future__ import annotations

import json

from chatroom.interfaces import IServer

PATH = b"/welcome.json"


def welcome(server: IServer) -> bytes:
    """
    A JSON object in UTF-8: C{name}, C{motd} (a list of lines, empty where there is no welcome text) and C{people}, the
    number of people who are there now.
    """
    facts = {"name": server.name, "motd": list(server.motd), "people": server.people_there()}
    return json.dumps(facts, ensure_ascii=False, separators=(",", ":")).encode()
