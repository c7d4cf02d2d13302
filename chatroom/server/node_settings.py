"""
Settings that nodes of one server should have alike: each node gives its own to those that start later, and one that
starts writes into the log where they differ.

It knows limits by their names. What is each node's own affair, such as how many connections it takes, is not compared.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from chatroom.limits import Limits, each

OWN = frozenset(
    {
        "connections", "max_per_address", "max_per_network", "new_per_minute", "new_per_network", "backlog",
        "register_time", "unregistered", "unregistered_per_address", "requests_per_minute", "idle_time",
        "keepalive_time", "unread_soft", "unread_hard", "unread_total", "unread_time", "stop_time", "hash_threads",
        "hash_queue", "login_queue", "work_burst", "work_rate", "motd_lines", "motd_bytes",
        "patience", "unsaved_lines",
    }
)  # fmt: skip
"""Limits that protect one process and may differ from node to node."""


def settings_text(limits: Limits, name: str, lobby: str) -> str:
    """
    What a node tells of its settings, as JSON.

    @param name: of the server. @param lobby: the room that everybody joins first; C{""}: nobody joins through the node.
    """
    shared = {field.name: getattr(limits, field.name) for field in each() if field.name not in OWN}
    return json.dumps(shared | {"name": name, "lobby": lobby}, sort_keys=True)


def differences(own: str, nodes: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """
    Each other node whose settings differ, with those that do.

    @param own: as L{settings_text} gives it. @param nodes: the same of the other nodes, by their names.
    """
    mine = json.loads(own)
    for node, text in sorted(nodes.items()):
        try:
            theirs = json.loads(text)
        except ValueError:  # of a version that says it otherwise
            continue
        if not (isinstance(theirs, dict) and mine["lobby"] and theirs.get("lobby")):
            continue  # a command line beside the daemons
        different = [key for key in mine if key in theirs and theirs[key] != mine[key]]
        if different:
            yield node, "; ".join(f"{_option(key)} is {mine[key]} here, {theirs[key]} there" for key in different)


def _option(key: str) -> str:
    return f"--{key.replace('_', '-')}"
