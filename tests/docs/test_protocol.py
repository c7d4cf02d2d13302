"""
docs/protocol.rst is true: its examples are played against a server, and its tables have a row for all there is.
"""

from __future__ import annotations

import json
import re
import textwrap
from dataclasses import fields
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from chatroom import errors
from chatroom.doors.replies import Bug
from chatroom.errors import Refused
from chatroom.events import KINDS, Event
from chatroom.limits import OFF, Limits
from chatroom.plugins.find import find
from chatroom.testing import Guest, Line, Program, Server
from tests.protocol_page import NEVER_TOLD, PAGE, exchange


def tables() -> dict[str, list[str]]:
    """The rows of the page's tables, by what stands in code in the first column: all other columns."""
    rows: dict[str, list[str]] = {}
    for block in re.findall(r"^   \* - (``.*?)(?=^   \* - |^\S|\Z)", PAGE, re.MULTILINE | re.DOTALL):
        first, *others = re.split(r"^     -", block, flags=re.MULTILINE)
        for name in re.findall(r"``([^`]+)``", first):
            rows.setdefault(name, []).append(" ".join(" ".join(others).split()))
    return rows


def agrees(written: Any, real: Any) -> bool:
    """Whether an answer is as documented: C{"..."} stands for any value, and as a key for any more of them."""
    if written == "...":
        return True
    if isinstance(written, dict) and isinstance(real, dict):
        more = "..." in written
        named = {key: value for key, value in written.items() if key != "..."}
        if not (named.keys() <= real.keys() if more else named.keys() == real.keys()):
            return False
        return all(agrees(value, real[key]) for key, value in named.items())
    if isinstance(written, list) and isinstance(real, list):
        return len(written) == len(real) and all(map(agrees, written, real))
    return bool(written == real) and type(written) is type(real)


class ExampleTests(SynchronousTestCase):
    """The page's examples, from top to bottom, in one server where alice sits with nc."""

    def test_played(self) -> None:
        """Every line that somebody is said to receive is received, in that order."""
        server = Server()
        people: dict[str, Line] = {"alice": server.guest("alice")}
        waiting: dict[str, list[str]] = {"alice": []}
        played = 0
        for who, way, what in exchange():
            line = people.get(who) or people.setdefault(who, Program(server, "127.0.0.1"))
            inbox = waiting.setdefault(who, [])
            if way == ">":
                line.sends(what.encode() + b"\n")
                continue
            inbox += line.receives().decode().splitlines()
            if not inbox:  # the connection has asked for much, and is slowed down
                server.wait(5)
                inbox += line.receives().decode().splitlines()
            skipped = []
            while inbox and not self.is_meant(line, what, inbox[0]):
                skipped.append(inbox.pop(0))
            self.assertTrue(inbox, f"{who} did not receive\n{what}\nbut\n" + "\n".join(skipped))
            inbox.pop(0)
            if not isinstance(line, Guest):
                self.assertEqual([], skipped, f"before {what}")
            played += 1
        self.assertGreater(played, 20)

    def is_meant(self, line: Line, written: str, real: str) -> bool:
        """People read other lines in between, which the page leaves out."""
        if isinstance(line, Guest):
            return written == real
        return agrees(json.loads(written), json.loads(real))


class RecipeTests(SynchronousTestCase):
    """The page's recipe for catching up."""

    def test_every_event_is_handled_once(self) -> None:
        """Over several pages, while others talk and the program does so itself, and again after a lost connection."""
        (code,) = re.findall(r"^    def catch_up.*?(?=^\S)", PAGE, re.MULTILINE | re.DOTALL)
        lines = [line for line in textwrap.dedent(code).splitlines() if line.strip()]
        self.assertLessEqual(len(lines), 12)
        recipe: dict[str, Any] = {}
        exec("\n".join(lines), recipe)
        server = Server(Limits(talk_rate=OFF, page_lines=7))
        bob, robot = server.guest("bob"), server.program("robot")
        handled: list[int] = []
        for round in range(2):
            last = max([*handled, robot.asks("say", text="last")["seq"]])
            robot.disconnects()
            bob.types(*(f"missed {number}" for number in range(30)))
            robot, held = server.program("robot"), list[dict[str, Any]]()
            said = iter(["a", "b", "c"])

            def ask(word: str, robot: Program = robot, held: list[dict[str, Any]] = held, **arguments: Any) -> Any:
                bob.types(f"meanwhile {word}")
                own.extend(robot.asks("say", text=text)["seq"] for text in [next(said, "")] if text)  # noqa: B023
                answer = robot.asks(word, **arguments)
                bob.types("behind the page")
                held += [event for event in robot.hears() if event.get("room") == "lobby"]
                return answer

            own: list[int] = []
            end = recipe["catch_up"](ask, held, lambda event: handled.append(event["seq"]), "lobby", last)
            wanted = list(range(last + 1, end + 1))
            self.assertEqual(wanted, [seq for seq in handled if seq > last], round)
            self.assertLess(set(own), {*wanted, *range(end, end + 9)})


class TableTests(SynchronousTestCase):
    """The page's tables."""

    def test_commands(self) -> None:
        """Every built-in command has a row, with its parameters; those that may be left out have a question mark."""
        rows = tables()
        for word, command in find().items():
            if word == command.name and type(command).__module__.startswith("chatroom.commands."):
                written = {row.split("  ")[0] for row in rows.get(word, [])}
                parameters = " ".join(p.name + ("" if p.required else "?") for p in command.parameters)
                self.assertTrue(
                    any(row.startswith(parameters) for row in written), f"{word}: {parameters}, not {written}"
                )

    def test_events(self) -> None:
        """Every kind of event that is ever told has a row, with its fields."""
        rows = tables()
        for kind, cls in KINDS.items():
            if kind not in NEVER_TOLD:
                names = [name for name in _fields(cls) if name not in ("at", "room", *cls.secret)]
                self.assertTrue(
                    any(set(names) <= set(re.findall(r"\w+", row)) for row in rows.get(kind, [])),
                    f"{kind}: {names}, not {rows.get(kind)}",
                )

    def test_errors(self) -> None:
        """Every code of a refusal has a row."""
        rows = tables()
        codes = {cls.code for cls in vars(errors).values() if isinstance(cls, type) and issubclass(cls, Refused)}
        self.assertEqual(set(), {*codes, Bug.code} - {"refused"} - rows.keys())


def _fields(cls: type[Event]) -> list[str]:
    return [field.name for field in fields(cls)]
