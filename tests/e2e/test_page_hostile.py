"""
The page and people who try to be more than text.
"""

from __future__ import annotations

from selenium.webdriver.common.keys import Keys

from chatroom.admin.target import place_of, reach
from tests.e2e.pages import PageCase


class HostileTests(PageCase):
    """People who try to be more than text."""

    options = ("--name", '<img src=x onerror="hacked=1">')
    HTML = '<img src=x onerror="hacked=1"><script>hacked=1</script>'

    def test_text_is_text(self) -> None:
        """Whatever somebody writes, wherever it is shown, is text: no element of it comes to be, and nothing runs."""
        alice, mallory = self.page("alice"), self.program("mallory")
        mallory.asks("signup", password="correct horse battery")
        with reach(place_of(str(self.daemon.folder / "chatroom-data"), None, None)) as server:
            server.ask("role", name="mallory", role="moderator")  # the lobby's topic Only the staff of this server can
        mallory.asks("whoami")
        mallory.asks("topic", text=self.HTML)
        mallory.says(
            self.HTML, "alice " + self.HTML, f"`{self.HTML}`", f"```{self.HTML}```", f"https://x.example/{self.HTML}"
        )
        mallory.asks("me", text=self.HTML)
        mallory.asks("away", text=self.HTML)
        mallory.asks("whisper", to="alice", text=self.HTML)
        mallory.asks("create", room="den")
        mallory.asks("topic", text=self.HTML, room="den")
        alice.sees(self.HTML, "#topic")
        alice.sees(self.HTML, "#lines")
        alice.sees(self.HTML, "#panel")
        alice.sees("mallory", "#whispers")
        alice.click("#whispers .row")
        alice.hears(f"<mallory> {self.HTML}")
        alice.click("#browse")
        alice.sees(self.HTML, "dialog .rooms")
        alice.presses(Keys.ESCAPE)
        alice.types("/search img", f"/info {self.HTML.replace(' ', '')}")
        alice.sees("img", "#panel .found")
        self.assertEqual(
            [0, None],
            alice.run("return [document.querySelectorAll('img, #chat script').length, window.hacked ?? null]"),
        )
        self.assertIn('<img src=x onerror="hacked=1">', alice.run("return document.title"))

    def test_links(self) -> None:
        """Only addresses of the web become links, and no page that is opened by them knows this one."""
        alice, mallory = self.page("alice"), self.program("mallory")
        mallory.says(
            "javascript:hacked=1",
            "data:text/html,<script>hacked=1</script>",
            "see (https://example.org/a_(b)?c=d&e=f), and http://user:pass@example.org/. HTTPS://EXAMPLE.ORG!",
            "https://",
        )
        alice.sees("HTTPS://EXAMPLE.ORG", "#lines")
        links = alice.run(
            "return [...document.querySelectorAll('#lines a')].map((a) => [a.innerText, a.rel, a.target])"
        )
        rel = "noopener noreferrer nofollow"
        texts = ["https://example.org/a_(b)?c=d&e=f", "http://user:pass@example.org/", "HTTPS://EXAMPLE.ORG"]
        self.assertEqual([[text, rel, "_blank"] for text in texts], links)

    def test_direction(self) -> None:
        """Text in a script from right to left turns itself, and nothing around it."""
        alice, khalid = self.page("alice"), self.program("خالد")
        khalid.says("صباح الخير 123!")
        alice.hears("<خالد> صباح الخير 123!")
        script = "return getComputedStyle(document.querySelector('#lines .said:last-child {}')).direction"
        self.assertEqual("rtl", alice.run(script.replace("{}", ".text")))
        self.assertEqual("ltr", alice.run(script.replace("{}", ".head")))

    def test_policy_holds(self) -> None:
        """Even a mistake in the page could not run what somebody wrote: the browser is told to refuse."""
        alice = self.tab("alice")
        refused = alice.run(
            "try { document.body.innerHTML = arguments[0]; return false } catch (error) { return error.name }",
            self.HTML,
        )
        self.assertEqual("TypeError", refused)
        alice.run(
            "const a = document.createElement('script'); try { a.text = 'hacked=1' } catch {} document.head.append(a)"
        )
        self.assertIsNone(alice.run("return window.hacked ?? null"))
        self.assertTrue(alice.errors())  # the browser has complained, as it should
