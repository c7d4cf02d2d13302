"""
Holds the server to its plan: who may import whom, and the rules of CONTRIBUTING.rst that a machine can check.

The plan is docs/arrows.csv, the very table that docs/architecture.rst shows.
"""

from __future__ import annotations

import ast

from twisted.trial.unittest import SynchronousTestCase

from tests.arrows import (
    FUNCTIONS,
    ROOT,
    TABLE,
    Trees,
    calls_of,
    circles,
    clock_readings,
    complaints,
    defined_names,
    described_tests,
    goes_on,
    imports_of,
    last_word,
    results_of,
    steps_through,
)
from tests.picture import PICTURE, drawn, running_up
from tests.state_writes import OTHER_STATES, OWNERS, parts_of_state, writes_of

OURS = Trees("chatroom", "twisted")
TESTS = Trees("tests")

OUTERMOST = ("chatroom.tap", "chatroom.client.main", "chatroom.admin.main")
"""Where a program's parts are joined: only there is the reactor chosen, and only when asked to start."""

HUB_STEPS = 13
"""
So often, at the most, is something asked of the hub outside its own module and C{chatroom.testing}, which stands in for
whole processes. Make this less, never more.
"""

BY_STRING = frozenset(["__import__", "import_module", "namedAny", "namedModule", "namedObject"])
"""What imports without an import statement."""

HOLLOW = frozenset(["manager", "handler", "helper", "helpers", "util", "utils", "engine", "processor"])
"""Last words of names that say that something is done, and not what."""


class ArrowsTests(SynchronousTestCase):
    """Who may import whom."""

    def test_modules_import_only_what_their_part_may_know(self) -> None:
        """No module imports anything that its row of docs/arrows.csv does not name."""
        found = [each for name, tree in OURS.items() if name != "chatroom" for each in complaints(name, tree)]
        self.assertEqual([], found, "\n" + "\n".join(found))

    def test_rows_name_parts_that_have_a_row(self) -> None:
        """What may be imported is itself a part of the table: no arrow points nowhere."""
        for part, row in TABLE.items():
            unknown = (row.ours or frozenset()) - TABLE.keys()
            self.assertEqual(frozenset(), unknown, f"docs/arrows.csv, row {part}")

    def test_every_part_is_described(self) -> None:
        """docs/architecture.rst says what each module and each folder of chatroom is for."""
        text = (ROOT / "docs" / "architecture.rst").read_text(encoding="utf-8")
        parts = {name.split(".")[1] for name in OURS if name.startswith("chatroom.")}
        described = {part for part in parts if f"* - ``{part}``\n" in text or f"* - ``{part}/``\n" in text}
        self.assertEqual(set(), parts - described)

    def test_no_arrow_runs_up(self) -> None:
        """A part imports its own layer and lower ones, so that the layers of docs/arrows.csv are layers."""
        self.assertEqual([], running_up())

    def test_server_has_no_circle(self) -> None:
        """No module of chatroom.server imports one that imports it, so that each can be read before the next."""
        self.assertEqual([], [circle for circle in circles(OURS) if any("chatroom.server" in name for name in circle)])

    def test_families_are_siblings(self) -> None:
        """Each family of a caller's wishes stands on SessionBase alone, and imports no other family."""
        bases, imported = {}, {}
        for name, tree in OURS.items():
            for node in ast.walk(tree) if name.startswith("chatroom.server.session.") else ():
                if isinstance(node, ast.ClassDef) and node.name.endswith("Actions"):
                    bases[node.name] = [ast.unparse(base) for base in node.bases]
                    names = {each.name.rpartition(".")[2] for each in imports_of(tree)}
                    imported[node.name] = {each for each in names if each.endswith("Actions")}
        self.assertLess(8, len(bases))
        self.assertEqual({name: ["SessionBase"] for name in bases}, bases)
        self.assertEqual({}, {name: others for name, others in imported.items() if others})

    def test_nobody_walks_through_the_hub(self) -> None:
        """Outside chatroom.server.hub, what is asked of the hub is its own: C{hub.x}, never C{hub.x.y}, and rarely."""
        found = [
            (f"{name}:{line} {text}", steps)
            for name, tree in OURS.items()
            if name != "chatroom.server.hub" and not name.startswith("chatroom.interfaces")
            for line, steps, text in steps_through(tree, "hub")
            if not text.startswith("chatroom.")
        ]
        self.assertEqual([], [text for text, steps in found if steps > 1])
        counted = [text for text, _ in found if not text.startswith("chatroom.testing.")]
        self.assertLessEqual(len(counted), HUB_STEPS, "\n".join(counted))

    def test_picture_is_drawn_from_the_table(self) -> None:
        """docs/img/parts.svg is what C{python -m tests.picture} draws now."""
        self.assertEqual(drawn(), PICTURE.read_text(encoding="utf-8"))

    def test_one_name_one_thing(self) -> None:
        """No two modules of chatroom have a public class of the same name."""
        found: dict[str, list[str]] = {}
        for name, tree in OURS.items():
            for node in tree.body:
                if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                    found.setdefault(node.name, []).append(name)
        self.assertEqual({}, {name: modules for name, modules in found.items() if len(modules) > 1})

    def test_package_itself_imports_nothing(self) -> None:
        """C{import chatroom} gives the version and costs nothing."""
        self.assertEqual([], list(imports_of(OURS["chatroom"])))

    def test_reactor_is_chosen_last(self) -> None:
        """Nobody imports the reactor but the outermost module of a program, and that inside a function."""
        found = [
            f"{name}:{each.line}"
            for name, tree in OURS.items()
            for each in imports_of(tree)
            if each.name == "twisted.internet.reactor" and (each.top or name not in OUTERMOST)
        ]
        self.assertEqual([], found, "The reactor is an argument.")

    def test_time_is_an_argument(self) -> None:
        """Only tap and chatroom-admin may read the clock; everything else is given a time, or a clock."""
        found = []
        for name, tree in OURS.items():
            if name not in OUTERMOST and not name.startswith(("chatroom.client", "chatroom.admin")):
                lines = [each.line for each in imports_of(tree) if each.name.split(".")[0] == "time"]
                found += [f"{name}:{line}" for line in (*lines, *clock_readings(tree))]
        self.assertEqual([], found)

    def test_state_is_written_in_one_place(self) -> None:
        """Nothing but State.apply, and what it is made of, writes what is true: rules, sessions and doors read it."""
        parts = parts_of_state(OURS)
        found = [
            f"{name}:{line} {written}"
            for name, tree in OURS.items()
            if not name.startswith((*OWNERS, *OTHER_STATES))
            for line, written in writes_of(tree, parts)
        ]
        self.assertEqual([], found)

    def test_arrows_are_not_hidden_in_strings(self) -> None:
        """Only tap may import by a name in a string, which no import statement shows."""
        found = [
            f"{name}:{line} calls {called}"
            for name, tree in OURS.items()
            if name != "chatroom.tap"
            for line, called in calls_of(tree)
            if called.rpartition(".")[2] in BY_STRING
        ]
        self.assertEqual([], found)


class CheckerTests(SynchronousTestCase):
    """The checker sees what it is there to see."""

    def assert_refused(self, module: str, source: str) -> None:
        """The checker complains of exactly one thing in this source, and names the module."""
        found = complaints(module, ast.parse(source))
        self.assertEqual(1, len(found), found)
        self.assertIn(module.replace(".", "/"), found[0])

    def assert_accepted(self, module: str, source: str) -> None:
        """The checker has nothing to say against this source."""
        self.assertEqual([], complaints(module, ast.parse(source)))

    def test_core_may_not_know_twisted(self) -> None:
        """However it is spelled."""
        self.assert_refused("chatroom.core.chat", "from twisted.internet import reactor")
        self.assert_refused("chatroom.core.chat", "import twisted.internet.defer as d")
        self.assert_refused("chatroom.core.chat", "def f():\n    from twisted.python import log")
        self.assert_refused("chatroom.core.chat", "if TYPE_CHECKING:\n    from zope import interface")

    def test_core_may_not_look_outward(self) -> None:
        """Core knows the facts and itself, not the hub, the doors or the interfaces."""
        self.assert_accepted("chatroom.core.chat", "from chatroom.core.rooms import Room")
        self.assert_accepted("chatroom.core.chat", "from chatroom import errors, events")
        self.assert_refused("chatroom.core.chat", "from chatroom.server.hub import Hub")
        self.assert_refused("chatroom.core.chat", "from chatroom import interfaces")
        self.assert_refused("chatroom.core.chat", "from ..hub import Hub")

    def test_pure_parts_do_no_input_or_output(self) -> None:
        """No clock, no disk, no socket."""
        self.assert_refused("chatroom.core.chat", "import time")
        self.assert_refused("chatroom.wire", "from socket import socket")
        self.assert_refused("chatroom.core.chat", "x = datetime.now(timezone.utc)")
        self.assert_refused("chatroom.core.chat", "x = open('chat.log')")
        self.assert_accepted("chatroom.wire", "from datetime import datetime\nx = datetime.fromtimestamp(0)")

    def test_doors_and_backends_do_not_know_each_other(self) -> None:
        """They meet in tap, through the interfaces."""
        self.assert_accepted("chatroom.doors.line.connection", "from twisted.protocols.basic import LineReceiver")
        self.assert_accepted("chatroom.doors.line.connection", "from chatroom.doors.line.text import line_of")
        self.assert_refused(
            "chatroom.doors.line.connection", "from chatroom.backends.sqlite.backend import SQLiteBackend"
        )
        self.assert_refused("chatroom.backends.sqlite.backend", "from chatroom.core.names import fold")
        self.assert_refused("chatroom.doors.line.connection", "from chatroom.server.hub import Hub")

    def test_circles_are_found(self) -> None:
        """Through one another, and through names out of modules; a module alone is none."""
        sources = {
            "chatroom.a": "from chatroom.b import B",
            "chatroom.b": "if TYPE_CHECKING:\n    from chatroom import c",
            "chatroom.c": "def f():\n    import chatroom.a.x",
            "chatroom.d": "from chatroom.a import A\nfrom chatroom import d",
        }
        found = circles({name: ast.parse(source) for name, source in sources.items()})
        self.assertEqual([["chatroom.a", "chatroom.b", "chatroom.c"]], found)

    def test_steps_are_counted(self) -> None:
        """However the hub is held; what only ends in its name is not asked of it."""
        for source, steps in (
            ("hub.start()", [1]),
            ("self._hub.chat.people.get(1)", [3]),
            ("f(self.server.hub.local[key].x)", [1]),
            ("x = self.hub", []),
            ("github.x.y", []),
        ):
            self.assertEqual(steps, [count for _, count, _ in steps_through(ast.parse(source), "hub")], source)

    def test_hub_has_deferreds_and_no_protocols(self) -> None:
        """Of Twisted it knows Deferreds and the log."""
        self.assert_accepted("chatroom.server.hub", "from twisted.internet.defer import Deferred")
        self.assert_refused("chatroom.server.hub", "from twisted.internet.protocol import Protocol")

    def test_nothing_imports_tap(self) -> None:
        """Nothing imports tap, not even the test kit, that may import everything else."""
        self.assert_refused("chatroom.testing", "from chatroom.tap import makeService")
        self.assert_accepted("chatroom.testing", "from chatroom.server.hub import Hub")

    def test_plugin_files_are_light(self) -> None:
        """Every twistd on the machine may import them."""
        self.assert_accepted("twisted.plugins.chatroom_commands", "from chatroom.commands.talk import Say")
        self.assert_refused("twisted.plugins.chatroom_commands", "from chatroom.server.hub import Hub")
        self.assert_refused("twisted.plugins.chatroom_plugin", "from chatroom.tap import Options")

    def test_new_part_is_asked_to_take_its_place(self) -> None:
        """It does not slip in: the complaint says where to write it down."""
        self.assert_refused("chatroom.stuff", "")
        self.assertIn("docs/arrows.csv", complaints("chatroom.stuff", ast.parse(""))[0])

    def test_writes_of_the_state_are_found(self) -> None:
        """Setting, deleting and changing are all writes; reading is none, nor is what an object sets of its own."""
        parts = parts_of_state(OURS)
        self.assertLessEqual({"people", "rooms", "members", "pace", "last", "origin", "entries"}, parts)
        for written in (
            "room.last = 1",
            "room.last, x = 1, 2",
            "del state.people[key]",
            "who.rooms[name] = room",
            "room.slow += 1",
            "self.chat.state.rooms.pop(name)",
            "room.pace.note(key, at)",
            "room.bans.put(ban)",
        ):
            self.assertEqual(1, len(list(writes_of(ast.parse(written), parts))), written)
        for read in ("x = room.last", "self.room = name", "for x in state.rooms.values(): pass", "self.rooms.clear()"):
            self.assertEqual([], list(writes_of(ast.parse(read), parts)), read)

    def test_continuations_are_found(self) -> None:
        """A sentence that hangs on the name before it is found by its first word; a name in small letters is none."""
        for text in (
            "And not a moment before.",
            "But not always.",
            "Nor this.",
            "Or that.",
            "which is so.",
            "So it is.",
        ):
            self.assertTrue(goes_on(text), text)
        for text in ("Andrew comes back.", "systemd hears of it.", "docs/guide.rst says so.", "Nobody hears of it."):
            self.assertFalse(goes_on(text), text)

    def test_last_words_are_found(self) -> None:
        """In every way of writing names."""
        for name in ("RoomManager", "room_manager", "ROOM_MANAGER", "Manager", "_IRCManager"):
            self.assertEqual("manager", last_word(name))
        self.assertEqual("room", last_word("ManagerRoom"))


class ServerRulesTests(SynchronousTestCase):
    """Rules of CONTRIBUTING.rst that need no judgement."""

    def test_modules_say_what_they_are_for(self) -> None:
        """Every module begins with a docstring."""
        silent = [name for name, tree in {**OURS, **TESTS}.items() if not ast.get_docstring(tree)]
        self.assertEqual([], silent)

    def test_names_say_something(self) -> None:
        """Nothing is called a manager, handler, helper, util, engine or processor."""
        found = []
        for name, tree in {**OURS, **TESTS}.items():
            names = [(1, name.rpartition(".")[2]), *defined_names(tree)]
            found += [f"{name}:{line} {word}" for line, word in names if last_word(word) in HOLLOW]
        self.assertEqual([], found)

    def test_received_bytes_are_answered_with_nothing(self) -> None:
        """
        Twisted's receiving methods are plain functions without a result: LineReceiver takes any true value,
        a Deferred too, as a wish to stop.
        """
        found = []
        for name, tree in OURS.items():
            for node in ast.walk(tree):
                if isinstance(node, FUNCTIONS) and node.name.endswith("Received"):
                    if isinstance(node, ast.AsyncFunctionDef):
                        found.append(f"{name}:{node.lineno} {node.name} is async")
                    else:
                        found += [f"{name}:{line} {node.name} has a result" for line in results_of(node)]
        self.assertEqual([], found)

    def test_tests_say_what_they_hold(self) -> None:
        """Every test is described in a sentence, and stands in a class called ...Tests or ...Contract."""
        found = []
        for name, tree in TESTS.items():
            for node in ast.walk(tree):
                if not isinstance(node, ast.ClassDef):
                    continue
                tests = [f for f in node.body if isinstance(f, FUNCTIONS) and f.name.startswith("test_")]
                if tests and not node.name.endswith(("Tests", "Contract")):
                    found.append(f"{name}:{node.lineno} {node.name} should be called {node.name}Tests")
                found += [f"{name}:{f.lineno} {f.name} says nothing" for f in tests if not ast.get_docstring(f)]
        self.assertEqual([], found)

    def test_tests_are_described_by_sentences_of_their_own(self) -> None:
        """No description of a test goes on where the name of the test ends, as "And not a moment before." would."""
        found = [
            f"{name}:{test.lineno} {test.name}: {text.splitlines()[0]}"
            for name, tree in TESTS.items()
            for test, text in described_tests(tree)
            if goes_on(text)
        ]
        self.assertEqual([], found)

    def test_tests_share_modules_and_not_each_other(self) -> None:
        """No test module imports from another one: what two of them need has a module with a name."""
        found = [
            f"{name}:{each.line} imports {each.name}"
            for name, tree in TESTS.items()
            for each in imports_of(tree)
            if each.name.startswith("tests.") and any(part.startswith("test_") for part in each.name.split("."))
        ]
        self.assertEqual([], found)

    def test_tests_do_not_wait_for_the_world(self) -> None:
        """Outside tests/e2e, tests/attacks and tests/chaos nothing sleeps, reads the clock, or opens a socket."""
        found = []
        for name, tree in TESTS.items():
            for each in imports_of(tree) if not name.startswith(("tests.e2e", "tests.attacks", "tests.chaos")) else ():
                waits = each.name.split(".")[0] in ("time", "socket")
                if waits or each.name == "twisted.internet.reactor":
                    found.append(f"{name}:{each.line} imports {each.name}")
        self.assertEqual([], found)
