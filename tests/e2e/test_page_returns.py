"""
The page and a connection that is lost: everybody comes back, and nothing is missing or there twice.
"""

from __future__ import annotations

import os
import signal

from selenium.webdriver.common.keys import Keys

from tests.e2e.chromium import Tab
from tests.e2e.daemon import Daemon, until
from tests.e2e.pages import PASSWORD, PageCase


class ReturnTests(PageCase):
    """Lost and found again."""

    DAEMON = Daemon
    options = ("--talk-rate", "off")

    def come_back(self, *tabs: Tab) -> None:
        """Wait until they are connected again."""
        for tab in tabs:
            tab.sees("Online", "#me")
            tab.sees_no("onnect", "#banner")

    def test_daemon_killed(self) -> None:
        """
        The daemon is killed and started again: everybody comes back by themselves, guests and accounts, and everybody
        has every line once, also what was written while there was no daemon.
        """
        alice, bob, carol = self.tab("alice"), self.page("bob"), self.nc("carol")
        alice.comes_in(how="signup", password=PASSWORD)
        alice.types("one")
        carol.types("two")
        bob.types("three")
        alice.hears("<alice> one", "<carol> two", "<bob> three")
        self.daemon.kill()
        carol.is_disconnected()
        alice.types("four, with nobody there")
        bob.types("five, likewise")
        alice.sees("Not connected", "#banner")
        alice.sees("Sending", "#lines")
        self.daemon.start()
        dora = self.program("dora")
        dora.says("six")
        self.come_back(alice, bob)
        for tab in (alice, bob):
            tab.sees_no("Sending", "#lines")
        dora.says("seven")
        for tab in (alice, bob):
            tab.hears("<dora> seven")
        kept = dora.asks("history", room="lobby")["events"]
        told = [f"<{event['nick']}> {event['text']}" for event in kept]
        self.assertEqual(told, alice.talk())
        self.assertEqual(told, bob.talk())
        everything = {"<alice> one", "<carol> two", "<bob> three", "<alice> four, with nobody there"}
        everything |= {"<bob> five, likewise", "<dora> six", "<dora> seven"}
        self.assertEqual(sorted(everything), sorted(told))

    def test_killed_in_mid_sentence(self) -> None:
        """Killed while people talk, the daemon may have kept a line or not: either way it is there once in the end."""
        alice, robot = self.page("alice"), self.program("robot")
        for burst in range(3):
            lines = [f"{burst}.{number}" for number in range(20)]
            alice.run(
                "const text = document.querySelector('#text'); for (const line of arguments[0]) {"
                "text.value = line; text.dispatchEvent(new Event('input')); text.form.requestSubmit(); }",
                lines,
            )
            self.daemon.kill()
            self.daemon.start()
            robot = self.program(f"robot{burst}")
            robot.says(f"after {burst}")
            alice.sees(f"after {burst}", "#lines")
            alice.sees_no("Sending", "#lines")
        events = robot.asks("history", room="lobby", since=0, limit=500)["events"]
        told = [f"<{event['nick']}> {event['text']}" for event in events]
        self.assertEqual(told, alice.talk())
        mine = [line for line in told if line.startswith("<alice>")]
        self.assertEqual([f"<alice> {burst}.{number}" for burst in range(3) for number in range(20)], mine)

    def test_much_was_missed(self) -> None:
        """What was missed is fetched; of very much, the newest, and the gap is said and can be closed."""
        alice = self.page("alice")
        self.program("robot").says("before")
        alice.hears("<robot> before")
        self.daemon.kill()
        alice.sees("Not connected", "#banner")
        alice.goes_offline()
        self.daemon.start()
        self.program("robot").says(*(f"line {number}" for number in range(1300)))
        alice.goes_offline(False)
        self.come_back(alice)
        alice.hears("<robot> line 1298", "<robot> line 1299")
        alice.sees("are not shown", "#lines")

    def test_stopped(self) -> None:
        """A daemon that is stopped in peace says so, and pages come back when there is another."""
        alice, bob = self.page("alice"), self.page("bob")
        alice.types("/create den")
        alice.sees("den", "#top")
        alice.click("button[data-name=lobby]")
        self.assertEqual(0, self.daemon.stop())
        alice.sees("Not connected", "#banner")
        self.daemon.start()
        self.come_back(alice, bob)
        alice.types("still here")
        bob.hears("<alice> still here")
        alice.click("button[data-name=den]")
        alice.sees("There is no room called den", "#banner")
        alice.click("#banner .link")
        alice.sees("1 person", "#panel")

    def test_upgraded(self) -> None:
        """A page whose account is back by its session in a moment has not left, and nobody was told that it came."""
        alice, bob = self.tab("alice"), self.nc("bob")
        alice.comes_in(how="signup", password=PASSWORD)
        bob.reads("alice joined")
        old, lock = self.daemon.pid, self.daemon.folder / "chatroom-data" / "chatroom.sqlite.lock"
        os.kill(old, signal.SIGUSR2)
        until("the new process", lambda: int(lock.read_text() or old) != old)
        self.addCleanup(os.kill, int(lock.read_text()), signal.SIGKILL)
        until("the end of the old one", lambda: not self.daemon.alive())
        self.come_back(alice)
        alice.types("nobody noticed")
        bob.reads("<alice> nobody noticed")
        self.assertFalse(bob.has_read("alice left"))
        self.assertEqual(1, bob.raw.count("alice joined"))

    def test_left_rooms_stay_left(self) -> None:
        """Coming back leads into the rooms one was in, and not into those one had left."""
        alice = self.page("alice")
        alice.types("/create den")
        alice.sees("den", "#top")
        self.program("bob").asks("join", room="den")
        alice.reloads()
        alice.sees("den", "#top")
        alice.types("/leave")
        alice.sees_no("den", "#rooms")
        self.daemon.kill()
        alice.sees("Not connected", "#banner")
        self.daemon.start()
        self.program("bob").asks("create", room="den")
        self.come_back(alice)
        self.assertEqual("lobby", alice.text("#rooms").strip())

    def test_reload(self) -> None:
        """A page that is loaded again is the same person in the same rooms, and has kept its whispers."""
        alice, bob = self.page("alice"), self.page("bob")
        alice.types("/create den")
        alice.sees("den", "#top")
        bob.types("/join den", "@alice psst")
        alice.sees("bob", "#whispers")
        alice.reloads()
        alice.sees("den", "#top")
        alice.sees("alice", "#me")
        self.assertIn("lobby", alice.text("#rooms"))
        alice.click("#whispers .row")
        alice.hears("<bob> psst")

    def test_logged_out(self) -> None:
        """Who logs out is at the form again, and a reload does not bring them back."""
        alice = self.tab("alice")
        alice.comes_in(how="signup", password=PASSWORD)
        alice.types("/logout")
        alice.find("#join-form")
        alice.reloads()
        alice.find("#join-form")
        self.assertEqual("", alice.run("return document.querySelector('#join-nick').value"))

    def test_server_is_away(self) -> None:
        """Where no daemon answers, the form says so and stays."""
        alice = self.tab("alice")
        self.daemon.kill()
        alice.find("#join-nick").send_keys("alice", Keys.ENTER)
        alice.sees("does not answer", "#join-error")
        self.daemon.start()
        alice.presses(Keys.ENTER)
        alice.find("#chat")


class FullTests(PageCase):
    """No more connections are let in from where somebody is."""

    options = ("--max-per-address", "8")

    def test_no_room(self) -> None:
        """The page says why it is not connected, tries again by itself, and is back when there is room."""
        alice = self.page("alice")
        self.daemon.kill()
        alice.sees("Not connected", "#banner")
        alice.goes_offline()
        self.daemon.start()
        others = [self.program(f"bob{number}") for number in range(8)]
        alice.goes_offline(False)
        alice.sees("There are already 8 connections from your address.", "#banner")
        others[0].peer.close()
        alice.sees("Online", "#me")
        alice.sees_no("onnect", "#banner")
