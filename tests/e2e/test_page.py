"""
The page in a real browser: people in tabs and people with nc, in the rooms of one daemon.
"""

from __future__ import annotations

import json

from selenium.webdriver.common.keys import Keys

from chatroom.admin.target import place_of, reach
from tests.e2e.chromium import Tab
from tests.e2e.daemon import until
from tests.e2e.pages import PASSWORD, PageCase
from tests.e2e.people import Person
from tests.e2e.terminal import Terminal


class TalkTests(PageCase):
    """Pages and terminals are in the same rooms."""

    def test_two_pages_and_nc(self) -> None:
        """Two people with a browser and one with nc talk to each other."""
        alice, bob, carol = self.page("alice"), self.page("bob"), self.nc("carol")
        alice.types("hello from a page")
        carol.reads("<alice> hello from a page")
        carol.types("hello from nc")
        bob.types("hello from another page")
        for tab in (alice, bob):
            tab.hears("<alice> hello from a page", "<carol> hello from nc", "<bob> hello from another page")
        carol.reads("<bob> hello from another page")

    def test_every_way_in(self) -> None:
        """Two pages, the client in a terminal, and nc read each other; a whisper stays between two."""
        alice, bob, carol = self.page("alice"), self.page("bob"), self.nc("carol")
        luca = Terminal(self.daemon.folder, "luca", f"chat://127.0.0.1:{self.daemon.port}")
        self.addCleanup(luca.close)
        luca.sees("You are luca.")
        said = {"alice": "from a page", "bob": "from another page", "carol": "from nc", "luca": "from the client"}
        speakers: tuple[Tab | Person | Terminal, ...] = (alice, bob, carol, luca)
        for (name, text), speaker in zip(said.items(), speakers, strict=True):
            speaker.types(text)
            alice.hears(f"<{name}> {text}")
        bob.hears(*(f"<{name}> {text}" for name, text in said.items()))
        for name in ("alice", "bob", "luca"):
            carol.reads(f"<{name}> {said[name]}")
        for text in said.values():
            luca.sees(text)
        alice.types("/whisper luca between us")
        luca.sees("between us")
        self.assertNotIn("between us", bob.text("#lines"))

    def test_several_lines(self) -> None:
        """Shift and Enter begin another line of the same message."""
        alice, carol = self.page("alice"), self.nc("carol")
        alice.find("#text").send_keys("one", Keys.SHIFT + Keys.ENTER + Keys.NULL, "two", Keys.ENTER)
        alice.hears("<alice> one\ntwo")
        carol.reads("<alice> one")
        carol.reads("<alice> two")

    def test_address_of_mail(self) -> None:
        """An at sign within a word calls nobody."""
        alice, bob = self.page("alice"), self.nc("bob")
        alice.types("write to bob@example.org")
        bob.reads("<alice> write to bob@example.org")

    def test_who_is_here(self) -> None:
        """Comings, goings and absences are seen at once."""
        alice = self.page("alice")
        bob = self.nc("bob")
        alice.sees("2 people", "#panel")
        alice.sees("bob joined", "#lines")
        bob.types("/away lunch")
        alice.sees("Away: lunch", "#panel")
        bob.types("/nick robert")
        alice.sees("bob is now called robert", "#lines")
        alice.sees("robert", "#panel")
        bob.types("QUIT")
        alice.sees("1 person", "#panel")

    def test_staff(self) -> None:
        """Those who keep order stand first in the list of people, and it says in words what they are."""
        for name in ("zoe", "bob"):
            self.program(name).asks("signup", password=PASSWORD)
        with reach(place_of(str(self.daemon.folder / "chatroom-data"), None, None)) as server:
            server.ask("role", name="zoe", role="admin")
        alice = self.page("alice")
        alice.sees("Admin", "#panel button[data-nick=zoe]")
        shown = "return [...document.querySelectorAll('#panel [data-nick]')].map((each) => each.dataset.nick)"
        self.assertEqual(["zoe", "alice", "bob"], alice.run(shown))
        spoken = alice.spoken("button")
        self.assertTrue(any(name.startswith("zoe") and "Admin of this server" in name for name in spoken), spoken)

    def test_whispers(self) -> None:
        """A whisper is a conversation of its own, which nobody else sees."""
        alice, bob, carol = self.page("alice"), self.nc("bob"), self.page("carol")
        bob.types("@alice psst")
        alice.sees("bob", "#whispers")
        self.assertEqual("1", alice.text("#whispers .badge"))
        alice.click("#whispers .row")
        alice.hears("<bob> psst")
        alice.types("what is it?")
        bob.reads("[alice whispers] what is it?")
        bob.types("@alice never mind")
        alice.hears("<bob> psst", "<alice> what is it?", "<bob> never mind")
        self.assertEqual("", alice.text("#whispers .badge"))
        carol.types("@alice from me as well")
        carol.hears("<carol> from me as well")
        self.assertNotIn("psst", carol.text())
        for typed in ("\u200b@bob a secret", " \uff20bob\u3000a secret", "@bob: a secret"):
            alice.click("button[data-name=lobby]")
            alice.types(typed)
            bob.reads("[alice whispers] a secret")
        alice.click("button[data-name=lobby]")
        for slip in ("@ bob a secret", "/ whisper bob a secret"):
            alice.writes("#text", slip + Keys.ENTER)
            alice.sees("To send", "#refused")
        self.assertNotIn("secret", carol.text())

    def test_rooms(self) -> None:
        """A room can be made, found and gone into, and what is unread elsewhere is counted."""
        alice, bob = self.page("alice"), self.page("bob")
        alice.click("#browse")
        alice.find("dialog input").send_keys("den")
        alice.presses(Keys.ENTER)
        alice.sees("den", "#top")
        bob.click("#browse")
        bob.click("dialog .rooms li:nth-child(2) .row")
        bob.sees("den", "#top")
        bob.types("/look lobby")
        bob.sees("lobby", "#top")
        alice.types("one", "two", "bob, three?")
        until("three unread", lambda: bob.text("#rooms .badge") == "3")
        bob.sees("alice mentioned you in den", "#toasts")
        bob.click("button[data-name=den]")
        bob.hears("<alice> one", "<alice> two", "<alice> bob, three?")
        bob.sees("New", ".fresh")
        self.assertEqual("", bob.text("#rooms .badge"))

    def test_topic(self) -> None:
        """The topic is seen by all, and set with two clicks."""
        alice, bob = self.page("alice"), self.page("bob")
        alice.types("/create den")
        alice.sees("den", "#top h2")
        bob.types("/join den")
        bob.sees("den", "#top h2")
        alice.click("#topic")
        alice.find("dialog input").send_keys("tea")
        alice.presses(Keys.ENTER)
        bob.sees("tea", "#topic")
        alice.sees("tea", "#topic")
        bob.sees("alice set the topic: tea", "#lines")
        alice.types("/topic **hot** tea: https://example.org `x`")
        for where in ("#topic", "#lines .told"):
            bob.sees("hot", f"{where} strong")
            self.assertEqual("https://example.org", bob.text(f"{where} a"))
        bob.types("some *cold* tea, [here](https://example.org)", "/search tea")
        bob.sees("some cold tea, here", "#panel .result")
        self.assertEqual(
            ["cold"], bob.run("return [...document.querySelectorAll('.result em')].map((e) => e.textContent)")
        )
        self.assertEqual("tea", bob.text(".result mark"))


class CommandTests(PageCase):
    """Words with a slash."""

    def test_completion(self) -> None:
        """What is begun is offered; Tab or Enter take it, and Escape puts it away."""
        alice = self.page("alice")
        alice.types("/create den")
        alice.sees("den", "#top h2")
        self.nc("bob").types("/join den")
        alice.sees("bob", "#panel")
        alice.find("#text").send_keys("/to")
        alice.sees("/topic", "#completion")
        alice.presses(Keys.TAB, "tea", Keys.ENTER)
        alice.sees("tea", "#topic")
        alice.find("#text").send_keys("@b")
        alice.sees("bob", "#completion")
        alice.presses(Keys.ENTER)
        self.assertEqual("@bob ", alice.find("#text").get_attribute("value"))
        alice.find("#text").send_keys("@")
        alice.presses(Keys.ESCAPE)
        self.assertEqual("", alice.text("#completion"))

    def test_inherited_names(self) -> None:
        """Names that every object of JavaScript knows are words, rooms and people like any others."""
        alice = self.page("alice")
        for word in ("constructor", "__proto__", "toString", "hasOwnProperty", "valueOf"):
            alice.writes("#text", f"/{word}" + Keys.ENTER)
            alice.sees(f"There is no command /{word.lower()}", "#refused")
        bob = self.program("constructor")
        bob.asks("create", room="tostring")
        alice.writes("#text", "/join tostring" + Keys.ENTER)
        alice.sees("2 people", "#panel")
        bob.says("hello", room="tostring")
        alice.hears("<constructor> hello")
        alice.types("@constructor psst")
        alice.hears("<alice> psst")

    def test_refused(self) -> None:
        """What is refused is explained, and what was typed is still there."""
        alice = self.page("alice")
        alice.types("/dance")
        alice.sees("There is no command /dance", "#refused")
        self.assertEqual("/dance", alice.find("#text").get_attribute("value"))
        alice.writes("#text", "/kick " + Keys.ENTER)
        alice.sees("Missing NICK. Usage: /kick NICK", "#refused")

    def test_answers_are_for_oneself(self) -> None:
        """What a command answers, one sees alone."""
        alice, bob = self.page("alice"), self.page("bob")
        alice.types("/info bob")
        alice.sees("Only you can see this", "#lines")
        alice.sees("A guest, without an account", "#lines")
        self.assertNotIn("Only you", bob.text("#lines"))

    def test_slash(self) -> None:
        """Two slashes begin a line that begins with one."""
        alice, bob = self.page("alice"), self.page("bob")
        alice.types("//etc/hosts")
        bob.hears("<alice> /etc/hosts")

    def test_help(self) -> None:
        """All commands are listed, as the server knows them."""
        alice = self.page("alice")
        alice.types("/help")
        for word in ("/kick", "/search", "/whisper", "/signup"):
            alice.sees(word, "#panel")

    def test_kicked(self) -> None:
        """A person who is kicked reads why, and can join again with one click."""
        alice, bob = self.page("alice"), self.page("bob")
        alice.types("/create den")
        alice.sees("den", "#top")
        bob.types("/join den")
        alice.sees("2 people", "#panel")
        alice.opens("button[data-nick=bob]", "Kick", ".pop")
        alice.chooses("Kick", ".choice")
        alice.sees("bob leaves den now, and can join again.", "dialog")
        alice.presses("too loud", Keys.ENTER)
        bob.sees("alice kicked you from this room: too loud", "#banner")
        bob.click("#banner .link")
        alice.sees("2 people", "#panel")
        bob.types("I am back")
        alice.hears("<bob> I am back")


class ReadingTests(PageCase):
    """What was said before."""

    options = ("--talk-rate", "off")

    def setUp(self) -> None:
        super().setUp()
        self.lines = [f"line {number}" for number in range(1, 181)]
        self.program("robot").says(*self.lines)

    def said(self) -> list[str]:
        """All of it, as the page shows it."""
        return [f"<robot> {line}" for line in self.lines]

    def test_scrolling_up(self) -> None:
        """Scrolling up brings what was said before, page by page, down to the first line: each line once, in order."""
        alice = self.page("alice")
        alice.hears("<robot> line 180")
        self.assertLess(len(alice.talk()), 180)

        def first() -> bool:
            alice.find("#text").send_keys(Keys.PAGE_UP)
            return alice.talk()[0] == "<robot> line 1"

        until("the first line", first)
        self.assertEqual(self.said(), alice.talk())
        alice.sees("This is the beginning of the room", "#begin")

    def test_flood(self) -> None:
        """However fast lines come, who reads at the end stays at the end, and the page does not grow for ever."""
        alice = self.page("alice")
        alice.hears("<robot> line 180")
        flood = self.program("flood")
        requests = [{"id": 0, "do": "say", "text": f"drop {number}"} for number in range(3000)]
        flood.peer.sends(b"".join(json.dumps(each).encode() + b"\n" for each in requests))
        alice.hears("<flood> drop 2998", "<flood> drop 2999")
        until("the page to forget the oldest lines", lambda: len(alice.talk()) < 2000)
        self.assertEqual("", alice.text("#to-end"))
        numbers = [int(line.split()[-1]) for line in alice.talk()]
        self.assertEqual(list(range(3000 - len(numbers), 3000)), numbers)

    def test_place_is_kept(self) -> None:
        """Who reads further up stays there when somebody says something, and is told of it."""
        alice, bob = self.page("alice"), self.page("bob")
        alice.find("#text").send_keys(Keys.PAGE_UP, Keys.PAGE_UP)
        top = (
            "const b = document.querySelector('#lines').getBoundingClientRect();"
            "return document.elementFromPoint(b.left + 200, b.top + 60).closest('li')?.innerText"
        )
        until("the line in sight to stay the same", lambda: alice.run(top) == alice.run(top))
        before = alice.run(top)
        bob.types("news")
        alice.sees("1 new line", "#to-end")
        self.assertEqual(before, alice.run(top))
        alice.click("#to-end")
        alice.hears("<bob> news")
        until("the end", lambda: not alice.text("#to-end"))

    def test_search(self) -> None:
        """A line that is found is shown where it was said; what lies between is a gap, said so, that can be closed."""
        alice = self.page("alice")
        alice.types("/search 7")
        alice.sees("line 7", "#panel")
        alice.click(".result")
        alice.sees("line 7", ".pointed")
        self.assertIn("are not shown", alice.text("#lines"))

        def closed() -> bool:
            alice.run("document.querySelector('.hole .link:not(:disabled)')?.click()")
            return "are not shown" not in alice.text("#lines")

        until("the gap to close", closed)
        talk = alice.talk()
        self.assertEqual(self.said()[-len(talk) :], talk)


class AccountTests(PageCase):
    """Nicknames that are kept."""

    def test_sign_up_and_come_back(self) -> None:
        """An account made on the page is logged in to on another, and whispers have waited."""
        alice, bob = self.tab("alice"), self.page("bob")
        alice.comes_in(how="signup", password=PASSWORD)
        alice.sees("Online", "#me")
        bob.sees("2 people", "#panel")
        alice.types("/quit")
        bob.sees("1 person", "#panel")
        bob.types("@alice call me")
        bob.sees("can read your whisper later", "#lines")
        again = self.tab("alice")
        again.comes_in(how="login", password=PASSWORD)
        until("one whisper in the inbox", lambda: again.text("#inbox-open .badge") == "1")
        again.click("#inbox-open")
        again.sees("call me", "#panel")
        again.click(".result")
        again.types("I will")
        bob.hears("<bob> call me", "<alice> I will")

    def test_room_with_a_password(self) -> None:
        """The page asks for the password of a room that wants one; what a program says there by itself is talk."""
        robot = self.program("robot")
        robot.asks("create", room="den")
        robot.asks("password", room="den", password="sesame")
        alice = self.page("alice")
        alice.click("#browse")
        alice.click("dialog .rooms li:nth-child(2) .row")
        alice.find("dialog input[type=password]").send_keys("sesame", Keys.ENTER)
        alice.sees("den", "#top")
        robot.asks("say", room="den", text="the build is green", auto=True)
        alice.hears("<robot> the build is green")

    def test_wrong_password(self) -> None:
        """A wrong password is refused where it was typed, and asks for another try."""
        alice = self.tab("alice")
        alice.comes_in(how="signup", password=PASSWORD)
        other = self.tab("alice")
        other.find("#join-nick").send_keys("alice", Keys.ENTER)
        other.sees("If it is yours, log in", "#join-error")
        self.assertEqual("join-password", other.focused())
        other.presses("not the right one", Keys.ENTER)
        other.sees("Wrong nickname or password", "#join-error")
        other.writes("#join-password", PASSWORD + Keys.ENTER)
        other.find("#chat")

    def test_name_taken(self) -> None:
        """A nickname in use is refused, and another may be tried at once."""
        self.nc("bob")
        tab = self.tab("bob")
        tab.find("#join-nick").send_keys("BOB", Keys.ENTER)
        tab.sees("already taken", "#join-error")
        tab.writes("#join-nick", "bobby" + Keys.ENTER)
        tab.sees("bobby", "#me")

    def test_session_is_ended_from_elsewhere(self) -> None:
        """Who is logged in twice can end the other session, which says so and does not come back."""
        here, there = self.tab("alice"), self.tab("alice")
        there.comes_in(how="signup", password=PASSWORD)
        here.comes_in(how="login", password=PASSWORD)
        there.types("hello from there")
        here.hears("<alice> hello from there")
        here.types("/session revoke all")
        there.sees("This session was ended from another session.", "#join-error")
        here.sees("1 session ended", "#lines")
        there.reloads()
        there.find("#join-form")

    def test_network_is_banned(self) -> None:
        """The page is there for everybody, and says why they cannot come in; it does not try again by itself."""
        alice = self.page("alice")
        with reach(place_of(str(self.daemon.folder / "chatroom-data"), None, None)) as server:
            server.ask("ban", target="127.0.0.1", reason="a raid")
        why = "Your network is banned from this server forever: a raid"
        alice.sees(why, "#join-error")
        alice.reloads()
        alice.writes("#join-nick", "alice" + Keys.ENTER)
        alice.sees(why, "#join-error")

    def test_password_is_not_kept(self) -> None:
        """Nothing that the browser keeps holds the password."""
        alice = self.tab("alice")
        alice.comes_in(how="signup", password=PASSWORD)
        alice.types(f"/passwd {PASSWORD.split()[0]} nonsense")
        kept = alice.run("return JSON.stringify([{...localStorage}, {...sessionStorage}])")
        self.assertIn("alice", kept)
        self.assertNotIn(PASSWORD, kept)
        self.assertEqual([{}], json.loads(kept)[:1], "nothing stays on the device unless asked for")
