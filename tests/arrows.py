"""
Reads modules as trees and says what they do against docs/arrows.csv, the table of who may import whom.

It imports nothing of chatroom and runs none of it.
"""

from __future__ import annotations

import ast
import csv
import gc
import re
import sys
from collections.abc import Iterator, Mapping
from functools import cache, cached_property
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent

IMPURE = frozenset(
    """
    asyncio concurrent fcntl glob http multiprocessing os pathlib random secrets select selectors shutil
    signal socket socketserver sqlite3 ssl subprocess tempfile threading time urllib
    """.split()
)
"""What the pure parts may not import of the standard library: clocks, chance, disks, networks, threads."""

CLOCKS = frozenset(["now", "today", "utcnow"])
"""Methods of datetime that read the clock."""

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)

_GOING_ON = re.compile(r"(And|But|Or|Nor|Not|Which|That|So|Then|Unless)\b|[a-z]")
_SMALL_NAMES = re.compile(r"(certbot|docs/|logrotate|passlib|systemd|twistd|tests/)")
"""Names that are written small, also at the beginning of a sentence."""


class Row(NamedTuple):
    """
    What one part may import.

    @ivar ours: parts, or C{None} for every part but tap.
    @ivar others: dotted names outside the standard library; what is below them is meant too.
    """

    ours: frozenset[str] | None
    others: frozenset[str]
    pure: bool


class Import(NamedTuple):
    """
    One name that a module imports.

    @ivar top: it runs when the module is imported, and not only when a function is called.
    """

    name: str
    line: int
    top: bool


def read_table() -> dict[str, Row]:
    """docs/arrows.csv, by part."""
    table = {}
    with (ROOT / "docs" / "arrows.csv").open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            ours, others = row["May import of ours"], row["And of others"]
            for part in _words(row["Part"]):
                table[part] = Row(
                    None if ours.startswith("everything") else _words(ours),
                    _words(others),
                    row["Standard library"] == "pure",
                )
    return table


def _words(cell: str) -> frozenset[str]:
    return frozenset(word.strip() for word in cell.split(",") if word.strip())


TABLE = read_table()


@cache
def trees_of(folder: str) -> dict[str, ast.Module]:
    """
    Every module of this folder, parsed once, by its dotted name. These are millions of objects, and all of them stay:
    to look for garbage among them takes longer than to make them, and would slow down every test that follows.
    """
    found = {}
    gc.disable()
    try:
        for path in sorted((ROOT / folder).rglob("*.py")):
            words = path.relative_to(ROOT).with_suffix("").parts
            name = ".".join(words[:-1] if words[-1] == "__init__" else words)
            found[name] = ast.parse(path.read_text(encoding="utf-8"), str(path))
    finally:
        gc.freeze()
        gc.enable()
    return found


class Trees(Mapping[str, ast.Module]):
    """
    Every module of these folders, by its dotted name. They are parsed when they are first asked for: that takes
    seconds, and each process that runs some of the tests imports the modules of all.
    """

    def __init__(self, *folders: str) -> None:
        self._folders = folders

    @cached_property
    def _trees(self) -> dict[str, ast.Module]:
        return {name: tree for folder in self._folders for name, tree in trees_of(folder).items()}

    def __getitem__(self, name: str) -> ast.Module:
        return self._trees[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._trees)

    def __len__(self) -> int:
        return len(self._trees)

    def __contains__(self, name: object) -> bool:
        return name in self._trees


def part_of(module: str) -> str | None:
    """The row of the table that a module stands in: the longest that fits."""
    name = module.removeprefix("chatroom.")
    fitting = [part for part in TABLE if name == part or name.startswith(part + ".")]
    return max(fitting, key=len, default=None)


def imports_of(tree: ast.AST, top: bool = True) -> Iterator[Import]:
    """Everything imported anywhere in a module, also for type checking or inside functions."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(alias.name, node.lineno, top)
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                yield Import("." * node.level + f"{node.module or ''}.{alias.name}", node.lineno, top)
        else:
            yield from imports_of(node, top and not isinstance(node, (*FUNCTIONS, ast.Lambda)))


def complaints(module: str, tree: ast.Module) -> list[str]:
    """What this tree would do against the table if it were this module; a sentence each."""
    where = module.replace(".", "/") + ".py"
    part = part_of(module)
    if part is None:
        return [
            f"{where} stands in no row of docs/arrows.csv. Decide what it may know, and add it there: "
            "the table in docs/architecture.rst and this test both read that file."
        ]
    found = [
        f"{where}:{each.line}: {part} may not import {each.name} (docs/arrows.csv)"
        for each in imports_of(tree)
        if not _is_lawful(part, each.name)
    ]
    if TABLE[part].pure:
        found += [f"{where}:{line}: {part} may not read the clock" for line in clock_readings(tree)]
        found += [f"{where}:{line}: {part} may not open files" for line, name in calls_of(tree) if name == "open"]
    return found


def _is_lawful(part: str, imported: str) -> bool:
    row = TABLE[part]
    package = imported.partition(".")[0]
    if package in sys.stdlib_module_names:
        return not (row.pure and package in IMPURE)
    if package != "chatroom":
        return any(imported == other or imported.startswith(other + ".") for other in row.others)
    if imported == "chatroom.__version__":
        return True
    target = part_of(imported)
    if target is None or target == "tap":
        return False
    # Who may import `commands` may import its special row commands.find too, and a part imports itself.
    family = target.partition(".")[0]
    return row.ours is None or family == part.partition(".")[0] or not row.ours.isdisjoint((target, family))


def circles(trees: Mapping[str, ast.Module]) -> list[list[str]]:
    """Modules that import each other, directly or by way of others, also for type checking: each circle once."""
    graph = {
        name: {_module(each.name, trees) for each in imports_of(tree)} - {name, ""} for name, tree in trees.items()
    }
    reached = {name: _reached(graph, name) for name in graph}
    found = {frozenset(each for each in reached[name] if name in reached[each]) for name in graph}
    return sorted(sorted(circle) for circle in found if len(circle) > 1)


def _reached(graph: dict[str, set[str]], start: str) -> set[str]:
    seen, waiting = set[str](), [start]
    while waiting:
        for name in graph.get(waiting.pop(), set()) - seen:
            seen.add(name)
            waiting.append(name)
    return seen


def _module(imported: str, trees: Mapping[str, ast.Module]) -> str:
    """The module that an import names, or a name out of one."""
    while imported and imported not in trees:
        imported = imported.rpartition(".")[0]
    return imported


def steps_through(tree: ast.AST, owner: str) -> Iterator[tuple[int, int, str]]:
    """
    Where something is asked of an object of this name, as C{hub.x} or C{self._hub.x.y}.

    @return: line, how many dots follow the name, and the expression.
    """
    inner = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and id(node) not in inner:
            words, inmost = [node.attr], node.value
            while isinstance(inmost, ast.Attribute):
                words.insert(0, inmost.attr)
                inmost = inmost.value
            words.insert(0, inmost.id if isinstance(inmost, ast.Name) else "")
            for index, word in enumerate(words[:-1]):
                if word.lstrip("_") == owner:
                    yield node.lineno, len(words) - index - 1, ast.unparse(node)


def clock_readings(tree: ast.AST) -> Iterator[int]:
    """Lines on which datetime is asked what time it is."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CLOCKS:
            whose = ast.unparse(node.func.value)
            if whose in ("datetime", "date", "datetime.datetime", "datetime.date"):
                yield node.lineno


def calls_of(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """What is called, as it is written, and on which line."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield node.lineno, ast.unparse(node.func)


def defined_names(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Names of classes and functions, and those assigned at the top of a module."""
    for node in ast.walk(tree):
        if isinstance(node, (ast.ClassDef, *FUNCTIONS)):
            yield node.lineno, node.name
        elif isinstance(node, ast.Module):
            for statement in node.body:
                for target in statement.targets if isinstance(statement, ast.Assign) else ():
                    if isinstance(target, ast.Name):
                        yield statement.lineno, target.id


def last_word(name: str) -> str:
    """C{"RoomManager"}, C{"room_manager"} and C{"ROOM_MANAGER"} all end in C{"manager"}."""
    words = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+", name)
    return words[-1].lower() if words else ""


def results_of(function: ast.FunctionDef) -> Iterator[int]:
    """Lines on which a function gives something back; functions inside it are their own affair."""
    waiting: list[ast.AST] = list(function.body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Return) and node.value is not None and ast.unparse(node.value) != "None":
            yield node.lineno
        elif not isinstance(node, (*FUNCTIONS, ast.Lambda)):
            waiting.extend(ast.iter_child_nodes(node))


def described_tests(tree: ast.AST) -> Iterator[tuple[ast.FunctionDef | ast.AsyncFunctionDef, str]]:
    """Tests, each with its description."""
    for node in ast.walk(tree):
        if isinstance(node, FUNCTIONS) and node.name.startswith("test_"):
            yield node, ast.get_docstring(node) or ""


def goes_on(text: str) -> bool:
    """Whether a description is the end of a sentence that began elsewhere, as far as its first word shows that."""
    return _GOING_ON.match(text) is not None and _SMALL_NAMES.match(text) is None
