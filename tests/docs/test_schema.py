"""
docs/schema/protocol.json is what the code makes of it, and true: it is held against what programs and a server send.
"""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from twisted.trial.unittest import SynchronousTestCase

from chatroom.events import KINDS
from chatroom.limits import OFF, Limits
from chatroom.testing import Program, Server
from chatroom.wire import to_object
from tests.answer_shapes import words
from tests.backends.verbs import one_of_each
from tests.protocol_page import NEVER_TOLD, exchange
from tests.schema import FILE, text
from tests.validators import SCHEMA, validator, wrong_in
from tests.vocabulary.strategies import any_event

REQUEST, RECEIVED, EVENT = validator("request"), validator("received"), validator("event")

NAMES = sorted(name.removeprefix("request-") for name in SCHEMA["$defs"] if name.startswith("request-"))
KEYS = sorted({key for name in NAMES for key in SCHEMA["$defs"][f"request-{name}"]["properties"]} - {"do", "id"})
ENDING = ("quit", "logout", "login", "resume", "gkick", "close")


class SchemaTests(SynchronousTestCase):
    """The file."""

    def test_made_from_the_code(self) -> None:
        """It is what C{python -m tests.schema} writes, and a schema."""
        self.assertEqual(text(), FILE.read_text(encoding="utf-8"), "Run python -m tests.schema.")
        Draft202012Validator.check_schema(SCHEMA)

    def test_every_event(self) -> None:
        """An event of any kind that is told is one of it; without a key that it always has, it is none."""
        for event in one_of_each():
            if event.kind in NEVER_TOLD:
                continue
            made = {**to_object(event), **({"seq": 7} if "seq" in to_object(event) else {})}
            self.assertTrue(EVENT.is_valid(made), made)
            for key in SCHEMA["$defs"][f"event-{event.kind}"]["required"]:
                self.assertFalse(EVENT.is_valid({name: value for name, value in made.items() if name != key}), key)
            self.assertFalse(EVENT.is_valid({**made, "at": 12.5}))

    @given(any_event)
    def test_any_event(self, event: Any) -> None:
        """Whatever is in its fields."""
        made = to_object(event)
        if event.kind not in NEVER_TOLD and made.get("seq", 1) > 0:
            if "seq" in made:
                made.setdefault("room", "lobby")
            self.assertTrue(EVENT.is_valid(made), made)

    def test_all_kinds_are_in_it(self) -> None:
        """Every kind that is ever told."""
        kinds = {name.removeprefix("event-") for name in SCHEMA["$defs"] if name.startswith("event-")}
        self.assertEqual(set(KINDS) - NEVER_TOLD, kinds)


class TrafficTests(SynchronousTestCase):
    """What is really sent."""

    def test_the_examples_of_the_page(self) -> None:
        """Each request of docs/protocol.rst that the server takes, and all that programs receive there."""
        server, seen = Server(Limits(talk_rate=OFF)), 0
        alice, programs = server.guest("alice"), dict[str, Program]()
        asked, answered = dict[Any, str](), set[str]()
        for who, way, what in exchange():
            if way == ">" and who == "alice":
                alice.sends(what.encode() + b"\n")
            elif way == ">":
                program = programs.setdefault(who, Program(server, "127.0.0.1"))
                program.sends(what.encode() + b"\n")
                if what.startswith("{"):
                    asked[who, json.loads(what)["id"]] = json.loads(what)["do"]
            for name, program in programs.items():
                for line in program.receives().decode().splitlines():
                    made = json.loads(line)
                    self.assertTrue(RECEIVED.is_valid(made), made)
                    seen += 1
                    if made.get("ok") is True:
                        word = asked[name, made["id"]]
                        self.assertEqual("", wrong_in(word, made), (word, made))
                        answered.add(word)
                    if way == ">" and made.get("ok") is True and what.startswith("{"):
                        self.assertTrue(REQUEST.is_valid(json.loads(what)), what)
        self.assertGreater(seen, 20)
        self.assertGreater(len(answered), 9, answered)

    def test_a_busy_room(self) -> None:
        """What a program hears while people and staff do all sorts of things to a room and to each other."""
        server = Server(Limits(talk_rate=OFF))
        mona, robot = server.staff("mona"), server.program("robot")
        answers = [
            ("signup", robot.asks("signup", password="correct horse battery")),
            ("bot", robot.asks("bot", on=True)),
            ("create", robot.asks("create", room="den", keep=True)),
        ]
        mona.types(
            "/join den", "hi", "/me waves", "@robot psst", "/away tea", "/back", "/topic Tea", "/slow 5", "/slow off"
        )
        eve = server.guest("eve")
        eve.types("/join den", "/nick evelyn", "/report robot rude")
        answers += [("say", robot.asks("say", text="hi", nonce="1")), ("say", robot.asks("say", text="hi", auto=True))]
        mona.types(
            "/op robot",
            "/mute evelyn 5m loud",
            "/unmute evelyn",
            "/kick evelyn loud",
            "/ban evelyn 1h",
            "/unban evelyn",
        )
        mona.types(
            "/private", "/invite evelyn", "/public", "/lock 5m raid", "/unlock", "/lockdown guests", "/lockdown off"
        )
        mona.types("/gmute evelyn 5m", "/promote robot", "/reports close 1 seen", "/leave den bye")
        answers += [
            (word, robot.asks(word))
            for word in (
                "who",
                "names",
                "rooms",
                "list",
                "history",
                "info",
                "whoami",
                "sessions",
                "help",
                "mutes",
                "mail",
            )
        ]
        told = robot.hears()
        for word, made in answers:
            self.assertTrue(made["ok"] and RECEIVED.is_valid(made), made)
            self.assertEqual("", wrong_in(word, made), (word, made))
        for made in told:
            self.assertTrue(RECEIVED.is_valid(made), made)
        pages = [event for _, answer in answers for event in answer.get("events", ())]
        for event in (*told, *pages):
            self.assertTrue(EVENT.is_valid(event), event)
        self.assertLess({"said", "acted", "joined", "topic", "slow", "kicked", "whispered"}, {e["event"] for e in told})


class FuzzTests(SynchronousTestCase):
    """Requests that anybody may make up."""

    def setUp(self) -> None:
        """A program of the staff, whom no command is refused for what it is."""
        self.server = Server(Limits(talk_rate=OFF, work_rate=OFF))
        self.server.staff("mona").disconnects()
        self.robot = self.server.program()
        self.robot.asks("hello", nick="mona", password="correct horse battery")
        self.robot.hears()

    @settings(max_examples=200)
    @given(
        st.sampled_from([*words(), "dance", 7]),
        st.dictionaries(
            st.sampled_from([*KEYS, "where"]),
            st.one_of(st.text(max_size=9), st.integers(), st.booleans(), st.none(), st.lists(st.none(), max_size=1)),
            max_size=4,
        ),
    )
    def test_what_is_none_is_refused(self, word: Any, arguments: dict[str, Any]) -> None:
        """The server grants no request against the schema, can read each that fits, and answers as the schema says."""
        request = {"id": 1, "do": word, **arguments}
        if words().get(word) in ENDING:  # after which there is nobody to ask
            return
        self.robot.sends(json.dumps(request).encode() + b"\n")
        self.server.wait(1)
        answers = [made for made in map(json.loads, self.robot.receives().decode().splitlines()) if "ok" in made]
        self.assertTrue(answers, request)
        for made in answers:
            self.assertTrue(RECEIVED.is_valid(made), made)
            if made["ok"]:
                self.assertEqual("", wrong_in(word, made), (request, made))
            if REQUEST.is_valid(request):
                self.assertNotIn(made.get("error"), ("bad-request", "unknown-command", "internal"), request)
            else:
                self.assertFalse(made["ok"], request)
