"""
Programs on the line door: a JSON object a line each way.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.internet.defer import Deferred
from twisted.logger import LogLevel, capturedLogs, formatEvent
from twisted.trial.unittest import SynchronousTestCase
from zope.interface.verify import verifyObject

from chatroom import wire
from chatroom.commands.base import Command
from chatroom.doors.json.connection import JSON_LINES
from chatroom.interfaces import Answer, ICaller, IForm, Parameter
from chatroom.limits import OFF, Limits
from chatroom.plugins.find import find
from chatroom.testing import Line, Server

TOLD = ("text_length", "message_lines", "json_length", "talk_rate")


class Slow(Command):
    """A command that takes until the test says it is done."""

    name = "slow"
    summary = "wait"

    def __init__(self) -> None:
        self.waiting: list[Deferred[None]] = []

    async def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Answer:
        """Wait."""
        done: Deferred[None] = Deferred()
        self.waiting.append(done)
        await done
        return Answer(("Done.",))


class Echo(Command):
    """A command that answers with what it was given."""

    name = "echo"
    summary = "give back"
    parameters = (Parameter("a", required=False), Parameter("b", required=False))

    def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Answer:
        """Give back."""
        return Answer(("One.", "Two."), {"given": dict(arguments), "id": "not this one"})


class JsonTests(SynchronousTestCase):
    """What a program sends, and what it reads."""

    def setUp(self) -> None:
        self.slow = Slow()
        self.server = Server(Limits(talk_rate=OFF), commands={**find(), "slow": self.slow, "echo": Echo()})
        self.line = Line(self.server, "127.0.0.1")
        self.sends({"id": 0, "do": "hello", "nick": "robot"})

    def sends(self, *requests: Any) -> list[dict[str, Any]]:
        """These requests, as JSON or as raw text; all objects that come back."""
        lines = [each if isinstance(each, str) else json.dumps(each) for each in requests]
        self.line.sends("".join(f"{line}\n" for line in lines).encode())
        return self.receives()

    def receives(self) -> list[dict[str, Any]]:
        """Objects that came since the last time."""
        return [json.loads(line) for line in self.line.receives().decode().split("\n")[:-1]]

    def test_form_keeps_its_promise(self) -> None:
        """It is what the server expects of one."""
        verifyObject(IForm, JSON_LINES.form(here=True))

    def test_hello(self) -> None:
        """The answer says who one is, where, and which version of the vocabulary this is."""
        line = Line(self.server, "127.0.0.1")
        line.sends(b'{"id": "x", "do": "hello", "nick": "other"}\n')
        (answer,) = [json.loads(each) for each in line.receives().decode().splitlines()]
        self.assertEqual(("x", True, "other", wire.VERSION), tuple(answer[key] for key in ("id", "ok", "nick", "wire")))
        self.assertEqual("lobby", answer["view"]["room"])

    def test_limits(self) -> None:
        """The answers to hello, login and resume hold the limits that a program goes by, as they are at that time."""
        self.server.limits.become(replace(self.server.limits, text_length=20, message_lines=3))
        line = Line(self.server, "127.0.0.1")
        line.sends(b'{"id": "x", "do": "hello", "nick": "other"}\n')
        (answer,) = [json.loads(each) for each in line.receives().decode().splitlines()]
        self.assertEqual((20, 3, 16384, 0), tuple(answer["limits"][name] for name in TOLD))
        refused = self.sends({"id": 1, "do": "say", "text": "x" * 21}, {"id": 2, "do": "say", "text": "a\nb\nc\nd"})
        self.assertEqual([20, 3], [each["max"] for each in refused if not each.get("event")])

    def test_when_to_try_again(self) -> None:
        """A refusal that waiting cures says how many seconds, and one with an end says when that is."""
        server = Server(Limits(talk_rate=OFF))
        robot, owner = server.program("robot"), server.program("olga")
        owner.asks("create", room="den")
        owner.asks("slow", seconds=30)
        robot.asks("join", room="den")
        robot.asks("say", text="a")
        server.wait(10)
        soon = robot.asks("say", text="b")
        self.assertEqual(("too-soon", 20), (soon["error"], soon["retry_after"]))
        for _ in range(6):
            slow = robot.asks("login", name="nobody", password="wrong password")
        self.assertEqual("slow-down", slow["error"])
        self.assertTrue(0 < slow["retry_after"] <= 300)
        owner.asks("mute", nick="robot", duration="2h")
        muted = robot.asks("say", text="c")
        self.assertEqual(("muted", "2026-01-01T02:00:10.000Z"), (muted["error"], muted["until"]))
        self.assertNotIn("retry_after", muted)

    def test_talk_is_answered_when_it_is_kept(self) -> None:
        """With its number and time; others read it, and their talk comes as events."""
        bob = self.server.guest("bob")
        self.receives()
        (answer,) = self.sends({"id": 1, "do": "say", "room": "lobby", "text": "hi"})
        self.assertEqual((1, True, "lobby"), (answer["id"], answer["ok"], answer["room"]))
        self.assertEqual(["<robot> hi"], bob.reads())
        bob.types("hello")
        (event,) = self.receives()
        self.assertEqual(
            ("said", "bob", "hello", answer["seq"] + 1), tuple(event[k] for k in ("event", "nick", "text", "seq"))
        )

    def test_own_changes_come_as_events(self) -> None:
        """What a program changes in a room it is told like everybody there, behind the answer, so that it can count."""
        bob = self.server.guest("bob")
        self.sends({"id": 1, "do": "create", "room": "den"})
        bob.types("/join den")
        self.receives()
        answer, topic = self.sends({"id": 2, "do": "topic", "text": "Tea"})
        self.assertEqual((2, True), (answer["id"], answer["ok"]))
        self.assertEqual(("topic", "den", "robot", "Tea"), tuple(topic[k] for k in ("event", "room", "nick", "text")))
        _, kicked = self.sends({"id": 3, "do": "kick", "nick": "bob", "reason": "late"})
        self.assertEqual(("kicked", "bob"), (kicked["event"], kicked["who"]))
        answer, *renamed = self.sends({"id": 4, "do": "nick", "nick": "droid"})
        self.assertEqual("droid", answer["nick"])
        self.assertEqual(
            [("lobby", "droid"), ("den", "droid")],
            [(event["room"], event["new"]) for event in renamed if event["event"] == "renamed"],
        )
        numbers = [event["seq"] for event in (topic, kicked, *renamed) if event["room"] == "den"]
        self.assertEqual(list(range(numbers[0], numbers[0] + len(numbers))), numbers)

    def test_own_comings_goings_and_talk_are_only_answered(self) -> None:
        """The answers say all there is to know of them."""
        for request in (
            {"do": "create", "room": "den"},
            {"do": "say", "text": "hi"},
            {"do": "me", "text": "waves"},
            {"do": "leave"},
        ):
            (answer,) = self.sends({"id": 1, **request})
            self.assertTrue(answer["ok"])

    def test_people_read_their_own_changes_once(self) -> None:
        """In the answer, and not as an event as well."""
        alice = self.server.staff("alice")
        alice.types("/topic Tea")
        self.assertEqual(["Topic of lobby: Tea"], alice.reads())

    def test_whispers_come_as_events(self) -> None:
        """Whispers come as events, and go as requests."""
        bob = self.server.guest("bob")
        self.receives()
        bob.types("@robot psst")
        (event,) = self.receives()
        self.assertEqual(("whispered", "bob", "psst"), (event["event"], event["nick"], event["text"]))
        (answer,) = self.sends({"id": 2, "do": "whisper", "to": "bob", "text": "yes?"})
        self.assertTrue(answer["ok"])
        self.assertIn("[robot whispers] yes?", bob.reads())

    def test_much_talk_needs_no_waiting(self) -> None:
        """Requests may be sent without waiting for answers, which come in the same order."""
        answers = self.sends(*({"id": number, "do": "say", "text": str(number)} for number in range(250)))
        self.assertEqual(list(range(250)), [answer["id"] for answer in answers])
        numbers = [answer["seq"] for answer in answers]
        self.assertEqual(list(range(numbers[0], numbers[0] + 250)), numbers)

    def test_commands_are_done_one_after_the_other(self) -> None:
        """What is behind a slow one waits, and what happens meanwhile is read behind its answer."""
        bob = self.server.guest("bob")
        self.receives()
        self.assertEqual([], self.sends({"id": 1, "do": "slow"}, {"id": 2, "do": "echo"}))
        bob.types("hello")
        self.assertEqual([], self.receives())
        self.slow.waiting.pop().callback(None)
        self.server.settle()
        answers = self.receives()
        self.assertEqual([1, "bob", 2], [each.get("id", each.get("nick")) for each in answers])

    def test_refusal_is_clean(self) -> None:
        """Where it names what was sent, it leaves out what could harm a terminal."""
        (answer,) = self.sends('{"id": 1, "do": "join", "room": "den", "ro\x7f\\u001b[2J\\u202em": "x"}')
        self.assertEqual(("bad-arguments", "join does not take ro[2Jm"), (answer["error"], answer["sentence"][:25]))

    def test_id_is_given_back_as_it_was(self) -> None:
        """Any text or number, true, false, null; null where there was none."""
        for id in ("text", "", 0, -1, 1.5, 2**60, True, False, None, "☃"):
            (answer,) = self.sends({"id": id, "do": "echo"})
            self.assertEqual((id, type(id)), (answer["id"], type(answer["id"])))
        (answer,) = self.sends({"do": "echo"})
        self.assertIsNone(answer["id"])

    def test_arguments_become_text(self) -> None:
        """A command reads text; what is null was not given."""
        for value, given_value in (("x", "x"), (1, "1"), (1.5, "1.5"), (True, "true"), (False, "false")):
            (answer,) = self.sends({"id": 1, "do": "echo", "a": value, "b": None})
            self.assertEqual({"a": given_value}, answer["given"])

    def test_sentences_for_people_come_along(self) -> None:
        """As C{lines}, for programs that show them."""
        (answer,) = self.sends({"id": 1, "do": "echo"})
        self.assertEqual(["One.", "Two."], answer["lines"])

    def test_refusals_have_a_code_and_a_sentence(self) -> None:
        """A refusal has a code, a sentence, and the id of the request."""
        (answer,) = self.sends({"id": 7, "do": "join", "room": "nowhere"})
        self.assertEqual({"id", "ok", "error", "sentence"}, answer.keys())
        self.assertEqual((7, False, "no-such-room"), (answer["id"], answer["ok"], answer["error"]))

    def test_unknown_words_and_names(self) -> None:
        """Commands and arguments that do not exist are refused, not guessed."""
        answers = self.sends({"id": 1, "do": "dance"}, {"id": 2, "do": "echo", "c": "x"})
        self.assertEqual(["unknown-command", "bad-arguments"], [answer["error"] for answer in answers])

    def test_what_is_no_request_is_refused(self) -> None:
        """With a sentence each, and the connection stays."""
        for text in (
            "hello", "[]", "1", '"text"', "null", "{", "{}", '{"do": 1}', '{"do": null}', '{"do": ["help"]}',
            '{"do": "echo", "a": [1]}', '{"do": "echo", "a": [["b"]]}',
            '{"do": "echo", "a": {"b": 1}}', '{"do": "echo", "a": NaN}',
            '{"do": "echo", "a": 1e999}', '{"id": [], "do": "echo"}', '{"id": 1e999, "do": "echo"}',
            '{"id": "\\ud800", "do": "echo"}', '{"do": "echo", "a": "\\udc00"}', '{"do": "echo", "\\udc00": "a"}',
            '{"a":' * 2000, "[" * 16000, '{"id": ' + "9" * 5000 + "}",
        ):  # fmt: skip
            (answer,) = self.sends(text)
            self.assertEqual((False, "bad-request"), (answer["ok"], answer["error"]), text[:50])
            self.assertNotIn("\n", answer["sentence"])
        self.assertTrue(self.sends({"id": 1, "do": "echo"})[0]["ok"])

    def test_id_is_kept_in_refusals_where_it_can_be_read(self) -> None:
        """Also where the rest is wrong."""
        (answer,) = self.sends({"id": 3, "do": "echo", "a": []})
        self.assertEqual(3, answer["id"])

    def test_name_given_twice(self) -> None:
        """The last one counts, for the word as for an argument (RFC 8259, 4, leaves it to us); nobody else reads it."""
        (answer,) = self.sends('{"id": 1, "do": "quit", "do": "echo", "a": "first", "a": "second"}')
        self.assertEqual((True, {"a": "second"}), (answer["ok"], answer["given"]))

    def test_other_encodings_are_refused(self) -> None:
        """UTF-8 it is, for programs as well; the byte with which telnet begins is no telnet here."""
        self.line.sends('{"id": 1, "do": "say", "text": "ÿ"}\n'.encode("latin-1"))
        self.line.sends(b'{"id": 1, "do": "echo"\xff\xf6}\n')
        for answer in self.receives():
            self.assertEqual("bad-request", answer["error"])
            self.assertIn("UTF-8", answer["sentence"])

    def test_too_long_request(self) -> None:
        """One may be longer than a person's line, and has its own limit."""
        longest = self.server.limits.json_length
        request = '{"id": 1, "do": "echo", "a": "%s"}'
        fits = request % ("x" * (longest - len(request) + 2))
        self.assertEqual(longest, len(fits))
        self.assertTrue(self.sends(fits)[0]["ok"])
        (answer,) = self.sends(fits + " ")
        self.assertEqual("bad-request", answer["error"])
        self.assertIn(str(longest), answer["sentence"])

    def test_empty_lines_are_nothing(self) -> None:
        """They keep a connection awake, and are not answered."""
        self.assertEqual([], self.sends("", "  ", "\r"))

    def test_bug_is_answered_politely(self) -> None:
        """A command that breaks is written down whole, and the connection stays."""

        class Broken(Command):
            name = "broken"
            summary = "break"

            def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Answer:
                raise ZeroDivisionError

        self.server.services.commands["broken"] = Broken()  # type: ignore[index]
        (answer,) = self.sends({"id": 1, "do": "broken"})
        self.assertEqual((1, "internal"), (answer["id"], answer["error"]))
        self.assertEqual(1, len(self.flushLoggedErrors(ZeroDivisionError)))
        self.assertTrue(self.sends({"id": 2, "do": "echo"})[0]["ok"])

    def test_facts_that_json_cannot_hold_are_a_bug(self) -> None:
        """Facts that JSON cannot hold are a bug of the command: the log names it, and its caller gets an answer."""

        class Odd(Command):
            name = "odd"
            summary = "be odd"

            def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Answer:
                return Answer(facts={"what": object()})

        self.server.services.commands["odd"] = Odd()  # type: ignore[index]
        with capturedLogs() as events:
            (answer,) = self.sends({"id": 1, "do": "odd"})
        self.assertEqual((1, "internal"), (answer["id"], answer["error"]))
        [error] = [formatEvent(event) for event in events if event["log_level"] >= LogLevel.error]
        self.assertIn("The command /odd (", error)
        self.assertIn("an object of the type object in its facts, which JSON cannot hold", error)

    def test_last_words_are_an_event(self) -> None:
        """The answer to a quit comes first, then the server hangs up."""
        *_, last = self.sends({"id": 1, "do": "quit"})
        self.assertEqual(("notice", "closing"), (last["event"], last["code"]))
        self.assertTrue(self.line.is_disconnected())

    def test_talk_before_a_quit_is_answered(self) -> None:
        """What was said is kept, and its answer read, before the connection closes."""
        answers = self.sends({"id": 1, "do": "say", "text": "bye"}, {"id": 2, "do": "quit"})
        self.assertTrue(next(each for each in answers if each.get("id") == 1)["ok"])

    @settings(deadline=None, max_examples=50)
    @given(
        st.dictionaries(
            st.one_of(st.text(), st.sampled_from(["id", "do", "a", "b", "text", "room"])),
            st.recursive(
                st.one_of(
                    st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.sampled_from(["echo", "say"])
                ),
                lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
                max_leaves=5,
            ),
            max_size=5,
        )
    )
    def test_every_request_has_one_answer(self, request: dict[str, Any]) -> None:
        """Whatever an object holds: one answer, with its id if that may be one."""
        self.server = Server(Limits(talk_rate=OFF), commands={**find(), "echo": Echo()})
        self.line = Line(self.server, "127.0.0.1")
        self.sends({"id": 0, "do": "hello", "nick": "robot"})
        (answer,) = self.sends(request)
        if answer["ok"]:
            self.assertEqual(request.get("id"), answer["id"])
        else:
            self.assertEqual({"id", "ok", "error", "sentence"}, answer.keys())
