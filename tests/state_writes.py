"""
Finds where a program writes what belongs to the state of the server, as far as its text shows it.

It imports nothing of chatroom. What belongs to the state is read from the classes it is made of.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

PARTS = {
    "chatroom.core.state": "State",
    "chatroom.core.rooms": "Room",
    "chatroom.core.presence": "Presence",
    "chatroom.core.holds": "Holds",
}
"""Classes that the state is made of, by module."""

CHANGERS = frozenset(
    """
    add append change clear discard extend forget insert note pop popitem put remove rename setdefault update
    """.split()
)
"""Methods by which a dict, a set, a list, bans or a pace are changed."""

OWNERS = ("chatroom.core.changes.", "chatroom.core.state")
"""Only these write the state: they are what C{State.apply} is made of."""

OTHER_STATES = ("chatroom.admin", "chatroom.backends", "chatroom.client")
"""These never see the state, as docs/arrows.csv has it: what they call by the same names is their own."""


def parts_of_state(trees: Mapping[str, ast.Module]) -> frozenset[str]:
    """Names of the attributes that make the state."""
    found = set()
    for module, name in PARTS.items():
        (made,) = (node for node in trees[module].body if isinstance(node, ast.ClassDef) and node.name == name)
        for node in ast.walk(made):
            if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and _is_own(node):
                found.add(node.attr)
    return frozenset(name for name in found if not name.startswith("_"))


def writes_of(tree: ast.AST, parts: frozenset[str]) -> Iterator[tuple[int, str]]:
    """Lines on which such an attribute of another object is set, deleted or changed, and what stands there."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute | ast.Subscript) and not isinstance(node.ctx, ast.Load):
            written = node.value if isinstance(node, ast.Subscript) else node
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CHANGERS:
            written = node.func.value
        else:
            continue
        if isinstance(written, ast.Attribute) and written.attr in parts and not _is_own(written):
            yield node.lineno, ast.unparse(node)


def _is_own(attribute: ast.Attribute) -> bool:
    return isinstance(attribute.value, ast.Name) and attribute.value.id == "self"
