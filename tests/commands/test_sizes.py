"""
How long an answer may be: whatever is asked for, on a server where everything is as full as it can be.
"""

from __future__ import annotations

import json
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from chatroom.interfaces import ServerRole
from chatroom.limits import OFF, Limits
from chatroom.testing import Program, Server

PAGE = 8192

MANY = 60
"""So many of everything, each as long as it may be: far more than fits on a page."""

CRAB = "\U0001f980"
"""A character of four bytes."""

LONGEST = 4 * PAGE
"""Bytes. An answer to a program says most things twice: as facts, and as lines for people."""

LIMITS = Limits(
    talk_rate=OFF, work_rate=OFF, max_per_address=OFF, new_per_minute=OFF, reports_per_hour=OFF, json_length=65536,
    signups_per_address=OFF, rooms_per_person=MANY + 2, recent_lines=MANY, page_bytes=PAGE, ignores=MANY,
)  # fmt: skip


class SizeTests(SynchronousTestCase):
    """Answers to a program, which are the longest."""

    def setUp(self) -> None:
        """Ada, an admin, asks. All others have done what they could."""
        self.server = Server(LIMITS)
        self.server.staff("ada", ServerRole.ADMIN)
        self.ada = self.server.program()
        self.ada.asks("login", name="ada", password="correct horse battery")
        self.long = CRAB * 2000
        self.words = CRAB * 300

    def asks(self, word: str, **arguments: Any) -> dict[str, Any]:
        """An answer to Ada, which is no refusal and not too long."""
        answer = asked(self.ada, word, **arguments)
        self.assertTrue(answer["ok"], answer)
        self.assertLess(len(json.dumps(answer, ensure_ascii=False).encode()), LONGEST, word)
        return answer

    def pages(self, word: str, name: str, key: str, **arguments: Any) -> list[Any]:
        """All that a list has, page by page: each page says how to ask for the next."""
        found, given = [], dict(arguments)
        while True:
            answer = self.asks(word, **given)
            found += answer[name]
            if answer["next"] is None:
                return found
            self.assertLess(len(answer[name]), MANY)
            given[key] = answer["next"]

    def people(self) -> list[Program]:
        """So many guests."""
        return [self.server.program(f"guest{number:02}") for number in range(MANY)]

    def test_history(self) -> None:
        """Of long lines, and of lines in lines; both ways, and what a newcomer is shown."""
        for number in range(MANY):
            asked(self.ada, "say", text=self.long if number % 2 else "\n".join("x" * 50))
        for arguments in ({}, {"since": 0}, {"since": 0, "talk": False, "limit": 1000}, {"limit": 1000}):
            page = self.asks("history", **arguments)
            self.assertTrue(page["more"])
            self.assertGreater(len(page["events"]), 0)
        newcomer = self.server.program()
        hello = asked(newcomer, "hello", nick="newcomer")
        self.assertLess(len(json.dumps(hello, ensure_ascii=False).encode()), LONGEST)
        self.assertGreater(len(hello["view"]["recent"]), 0)

    def test_all_of_it_is_reached(self) -> None:
        """Page by page, each line once, forwards and backwards."""
        texts = [f"{number} {CRAB * (number * 37 % 1900)}" for number in range(MANY)]
        for text in texts:
            asked(self.ada, "say", text=text)
        read, since = [], 0
        while True:
            page = self.asks("history", since=since)
            read += [event["text"] for event in page["events"]]
            if not page["more"]:
                break
            since = page["events"][-1]["seq"]
        self.assertEqual(texts, read)
        back: list[str] = []
        page = self.asks("history")
        while True:
            back = [event["text"] for event in page["events"]] + back
            if not page["more"]:
                break
            page = self.asks("history", before=page["events"][0]["seq"])
        self.assertEqual(texts, back)

    def test_search(self) -> None:
        """What is found is on as many pages as it takes."""
        for number in range(MANY):
            asked(self.ada, "say", text=f"tea {number} {CRAB * 1900}")
        found = self.pages("search", "events", "before", words="tea")
        self.assertEqual(MANY, len(found))

    def test_inbox_and_missed(self) -> None:
        """What waited for somebody who was away."""
        dora = self.server.account("dora")
        dora.types("QUIT")
        for number in range(MANY):
            asked(self.ada, "whisper", to="dora", text=f"{number} {CRAB * 1900}")
            asked(self.ada, "say", text=f"{number} {CRAB * 1900}")
        self.ada = self.server.program()
        self.asks("login", name="dora", password="correct horse battery")
        for word, name in (("inbox", "whispers"), ("missed", "events")):
            count = 0
            while True:
                answer = self.asks(word)
                count += len(answer[name])
                if not answer["more"]:
                    break
            self.assertEqual(MANY, count)
        old = self.asks("inbox", which="all")
        self.assertTrue(old["more"])

    def test_people_and_rooms(self) -> None:
        """Who is here, each of whom says at length why they are away; and rooms with long topics."""
        for number, guest in enumerate(self.people()):
            asked(guest, "away", text=self.words)
            asked(guest, "create", room=f"room{number:02}")
            asked(guest, "topic", text=self.words)
        for room in ("lobby", "*"):
            self.assertEqual(MANY + 1, len(self.pages("who", "people", "after", room=room)))
        self.assertEqual(MANY + 1, self.asks("rooms")["total"])
        self.asks("rooms", match="room")

    def test_bans(self) -> None:
        """Of a room and of the server."""
        for number in range(MANY):
            asked(self.ada, "ban", nick=f"eve{number}", duration="1h", reason=self.words)
            asked(self.ada, "gban", target=f"192.0.2.{number}", duration="1h", reason=self.words)
        self.assertEqual(MANY, len(self.pages("bans", "bans", "skip")))
        self.assertEqual(MANY, len(self.pages("gbans", "bans", "skip")))
        self.assertIn("more: /gbans", self.asks("gbans")["lines"][-1])
        self.assertEqual([], self.asks("bans", skip=10**9)["bans"])

    def test_reports_and_the_log(self) -> None:
        """What the staff reads."""
        for number, guest in enumerate(self.people()):
            for _ in range(5):
                asked(guest, "say", text=self.long)
            asked(self.ada, "report", about=f"guest{number:02}", reason=self.words)
        self.assertEqual(MANY, len(self.pages("reports", "reports", "skip")))
        self.asks("audit")

    def test_everything_else(self) -> None:
        """Every command that needs no argument, asked by somebody who may use it."""
        for number in range(MANY):
            asked(self.ada, "ignore", nick=f"{'e' * 20}{number:03}")
        for word in ("sessions", "ignore", "staff", "info", "whoami", "lockdown", "look", "topic"):
            answer = asked(self.ada, word)
            self.assertLess(len(json.dumps(answer).encode()), LONGEST, word)
        everything = json.dumps(asked(self.ada, "help")).encode()
        self.assertLess(len(everything), 64 * 1024, "it grows with the commands, and not with what people do")


def asked(program: Program, word: str, **arguments: Any) -> dict[str, Any]:
    """An answer, whatever it is."""
    return program.asks(word, **arguments)
