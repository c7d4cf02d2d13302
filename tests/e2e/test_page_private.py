"""
What stays between two people, and who is not listened to.
"""

from __future__ import annotations

import json

from tests.e2e.chromium import Tab
from tests.e2e.daemon import until
from tests.e2e.pages import PASSWORD, PageCase, Program
from tests.e2e.people import Peer


class OnlyReaderTests(PageCase):
    """While what is written would not be read by the room, the page says so."""

    def test_mention(self) -> None:
        """The menu of a person puts their name before the question, and the room reads it."""
        alice, dave, bob = self.page("alice"), self.nc("dave"), self.nc("bob")
        alice.click("button[data-nick=dave]")
        alice.chooses("Mention", ".choice")
        until("the name", lambda: alice.find("#text").get_attribute("value") == "dave: ")
        alice.presses("does anybody know?")
        self.assertEqual("", alice.text("#only"))
        alice.types("")
        for person in (dave, bob):
            person.reads("<alice> dave: does anybody know?")

    def test_only(self) -> None:
        """It says who alone reads what would be a whisper, however it is written, and is silent about talk."""
        alice, bob = self.page("alice"), self.nc("bob")
        bob.types("@alice hi")
        alice.sees("bob", "#whispers")
        for typed in (
            "@dave hello",
            "@dave ",
            "/whisper dave hello",
            "/w dave hello",
            " \uff20dave: hello",
            "/WHISPER @dave x",
        ):
            alice.writes("#text", typed)
            until(typed, lambda: alice.text("#only") == "Only dave will read this")
        alice.writes("#text", "/reply hello")
        until("a reply", lambda: alice.text("#only") == "Only bob will read this")
        for typed in (
            "dave: hello",
            "hello @dave",
            "//whisper dave x",
            "mail dave@example.org",
            "/me whispers",
            "/who",
            "@",
        ):
            alice.writes("#text", typed)
            until(typed, lambda: not alice.text("#only"))
        alice.click("#whispers .row")
        alice.writes("#text", "hello")
        until("whispers", lambda: alice.text("#only") == "Only bob will read this")

    def test_secret_behind_a_blank(self) -> None:
        """A command is one behind whatever nobody sees; a slip that may hold a secret is refused and not remembered."""
        alice, bob = self.page("alice"), self.nc("bob")
        for blank in (" ", "\u3000", "\u00a0", "\u200b", "\u2800"):
            alice.writes("#text", f"{blank}/whoami")
            alice.types("")
            alice.sees("You are alice", "#lines")
        for slip in ("/ signup secret-word", "login alice secret-word", ".login alice secret-word"):
            alice.writes("#text", slip)
            alice.types("")
            until("a refusal", lambda: alice.text("#refused") != "")
        alice.writes("#text", "done")
        alice.types("")
        bob.reads("<alice> done")
        self.assertNotIn("secret-word", bob.raw)


class OperatorsTests(PageCase):
    """What is for the operators of a room alone."""

    def test_for_operators(self) -> None:
        """It stands in the room of those in charge, and comes up where they look; its sender reads that it was sent."""
        alice, bob = self.page("alice"), self.page("bob")
        alice.types("/create den")
        bob.types("/join den")
        alice.sees("2 people", "#panel")
        bob.sees("2 people", "#panel")
        bob.types("/tellops dave spams")
        alice.sees("bob to the operators of den: dave spams", "#lines")
        bob.sees("Sent to 1 operator of den.", "#lines")
        alice.types("/look lobby")
        alice.sees("lobby", "#top h2")
        bob.types("/tellops again")
        alice.sees("bob to the operators of den: again", "#toasts")
        alice.types("/look den")
        alice.sees("bob to the operators of den: again", "#lines")
        alice.types("/tellops hello?")
        alice.sees("You are the only operator in den at the moment.")


class PasswordTests(PageCase):
    """A password is the same wherever it is typed."""

    def test_blanks_are_part_of_it(self) -> None:
        """Of what stands behind a command's word, all blanks but the first are the password's, as in the form."""
        alice = self.page("alice")
        alice.types("/signup  geheim wort\u3000")
        kept = "return JSON.parse(sessionStorage.getItem('chatroom.session')).token"
        until("an account", lambda: alice.run(kept))
        program = Peer(self.daemon.port)
        self.addCleanup(program.close)
        hello = {"id": 1, "do": "hello", "nick": "alice", "password": " geheim wort "}
        program.sends(json.dumps(hello).encode() + b"\n")
        self.assertIn(b'"ok":true', program.reads_line().replace(b" ", b""))


class IgnoreTests(PageCase):
    """Who is ignored is not read, in any view, as long as the page knows who one is."""

    def test_ignored(self) -> None:
        """Lines of before and after are gone: in the room, in what is found and counted, and after a reload."""
        alice, eve, bob = self.page("alice"), self.program("eve"), self.program("bob")
        eve.says("spam one")
        bob.says("ham one")
        alice.hears("<eve> spam one", "<bob> ham one")
        alice.types("/ignore eve")
        until("no eve", lambda: "spam" not in alice.text("#lines"))
        eve.says("spam two, alice")
        bob.says("ham two")
        alice.sees("ham two", "#lines")
        self.assertNotIn("spam", alice.text("#lines"))
        alice.types("/search one")
        alice.sees("ham one", "#panel")
        self.assertNotIn("spam", alice.text("#panel"))
        for _ in range(2):
            alice.reloads()
            alice.sees("ham two", "#lines")
            self.assertNotIn("spam", alice.text("#lines"))
        alice.types("/create den")
        alice.sees("den", "#top")
        eve.says("spam three, alice")
        bob.says("ham three")
        until("one unread", lambda: alice.text("#rooms .badge") == "1")
        self.assertNotIn("eve", alice.text("#toasts"))
        eve.asks("nick", nick="eva")
        eve.says("spam four")
        alice.click("button[data-name=lobby]")
        bob.says("ham four")
        alice.sees("ham four", "#lines")
        self.assertNotIn("spam", alice.text("#lines"))
        alice.types("/unignore eve")
        alice.sees("spam one", "#lines")

    def test_account(self) -> None:
        """For an account the server remembers, wherever it logs in."""
        alice, eve = self.tab("alice"), self.program("eve")
        alice.comes_in(how="signup", password=PASSWORD)
        eve.says("spam one")
        alice.hears("<eve> spam one")
        alice.types("/ignore eve", "/logout")
        alice.find("#join-form")
        again = self.tab("alice")
        again.comes_in(how="login", password=PASSWORD)
        again.types("ham")
        again.hears("<alice> ham")
        self.assertNotIn("spam", again.text("#lines"))


class OthersWordsTests(PageCase):
    """What others write does not look like what the page says."""

    def in_a_room_of(self, bob: Program, alice: Tab) -> None:
        """Where the first one may set the topic."""
        bob.asks("create", room="den")
        alice.types("/join den")
        alice.sees("den", "#top h2")

    def test_links_of_a_topic(self) -> None:
        """An address in a topic leads there, above the room and in the line that says so."""
        alice, bob = self.page("alice"), self.program("bob")
        self.in_a_room_of(bob, alice)
        bob.asks("topic", text="Rules: https://example.org/rules. Be kind", room="den")
        alice.sees("Rules", "#topic")
        script = "return [...document.querySelectorAll(arguments[0])].map((a) => a.href)"
        for where in ("#topic a", ".told a"):
            self.assertEqual(["https://example.org/rules"], alice.run(script, where))
        bob.asks("op", nick="alice", room="den")
        alice.click("#topic-edit")
        alice.find("dialog input")

    def test_runs_of_blanks(self) -> None:
        """Nobody can push what they write to where a name or a line of the page would stand."""
        alice, bob = self.page("alice"), self.program("bob")
        self.in_a_room_of(bob, alice)
        for blank in (" ", "\u00a0", "\u2003", "\u3000", "\u2800"):
            bob.says("hi" + blank * 200 + "alice joined.", room="den")
            bob.asks("topic", text="tea" + blank * 200 + "alice joined.", room="den")
            until("the topic", lambda: "tea" in alice.text("#topic"))
        until("all of it", lambda: alice.text("#lines").count("set the topic") == 5)
        longest = alice.run(
            "return Math.max(...[...document.querySelectorAll('.told, .text, #topic span')].map((each) =>"
            " Math.max(0, ...(each.textContent.match(/[\\s\\u2800]+/g) ?? []).map((run) => run.length))))"
        )
        self.assertLessEqual(longest, 8)

    def test_direction(self) -> None:
        """Signs that turn the direction of writing turn nothing that the page itself says, nor anybody's name."""
        alice, bob = self.page("alice"), self.program("bob")
        self.in_a_room_of(bob, alice)
        bob.asks("topic", text="\u05e9\u05dc\u05d5\u05dd 1 2 3", room="den")
        alice.sees("set the topic", "#lines")
        order = alice.run(
            "const told = [...document.querySelectorAll('.told')].at(-1);"
            "const at = (node) => { const r = document.createRange(); r.selectNodeContents(node);"
            " return r.getBoundingClientRect().left };"
            "return [...told.childNodes].map(at)"
        )
        self.assertEqual(sorted(order), order, "name, words of the page, topic: from left to right")
