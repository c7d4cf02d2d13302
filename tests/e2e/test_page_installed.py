"""
The page as something one installs: what a browser needs for that, what is kept for a start without the server, and
what is never kept.
"""

from __future__ import annotations

from typing import Any

from selenium.webdriver.common.keys import Keys

from tests.e2e.chromium import Tab
from tests.e2e.daemon import until
from tests.e2e.icons import PAGE, icons
from tests.e2e.pages import PageCase
from tests.e2e.people import HOST, need
from tests.e2e.proxies import NGINX, ProxyCase, recipe

KEPT = """
return (async () => {
    const found = [];
    for (const name of await caches.keys())
        for (const request of await (await caches.open(name)).keys())
            found.push([name, new URL(request.url).pathname, await (await caches.match(request)).text()]);
    return found;
})();
"""


def kept(tab: Tab, files: int = 40) -> list[list[str]]:
    """All that is kept: cache, path, text. Waited for, as a browser installs a worker when it finds the time."""

    def whole() -> list[list[str]]:
        found: list[list[str]] = tab.run(KEPT)
        return found if len(found) >= files else []

    found = until("the files of the page to be kept", whole)
    assert found is not None
    return found


class InstalledTests(PageCase):
    """A page that has been open once."""

    def test_can_be_installed(self) -> None:
        """The browser reads the manifest without an error, and finds nothing that is missing for an installation."""
        tab = self.page("alice")
        kept(tab)
        manifest: dict[str, Any] = tab._ask("Page.getAppManifest")
        self.assertEqual([], manifest["errors"])
        self.assertIn('"chatroom"', manifest["data"])
        errors = tab._ask("Page.getInstallabilityErrors")["installabilityErrors"]
        # A headless browser in a window of its own, as tests have it, installs nothing; all else is as it has to be.
        self.assertEqual([], [each for each in errors if each["errorId"] != "in-incognito"])

    def test_nothing_said_is_kept(self) -> None:
        """Only the files of the page are kept: nothing that was said, and no answer of the server."""
        alice, bob = self.page("alice"), self.program("bob")
        bob.says("a xylophone")
        bob.asks("whisper", to="alice", text="another xylophone")
        alice.sees("another xylophone", "#toasts")
        alice.types("/search xylophone")
        alice.sees("bob", "#panel")
        alice.reloads()
        alice.sees("a xylophone", "#lines")
        found = kept(alice)
        paths = {path for _, path, _ in found}
        self.assertEqual(set(), paths & {"/ws", "/welcome.json", "/worker.js"})
        for _, path, text in found:
            self.assertNotIn("xylophone", text, path)

    def test_without_the_server(self) -> None:
        """While the server is away, the page opens and says so; when it is back, so is all that was said."""
        alice, bob = self.page("alice"), self.program("bob")
        bob.says("before")
        alice.hears("<bob> before")
        kept(alice)
        bob.peer.close()
        self.daemon.stop()
        alice.reloads()
        alice.sees("Reconnecting", "#returning")
        self.daemon.start()
        self.program("carol").says("after")
        alice.sees("after", "#lines")
        self.assertIn("before", alice.text("#lines"))

    def test_form_without_the_server(self) -> None:
        """Somebody who was not in sees the form, and reads why it does not help now."""
        tab = self.tab("alice")
        kept(tab)
        self.daemon.stop()
        tab.reloads()
        tab.find("#join-nick").send_keys("alice", Keys.ENTER)
        tab.sees("The server does not answer.", "#join-error")
        self.daemon.start()
        tab.presses(Keys.ENTER)
        tab.find("#chat")

    def test_new_version(self) -> None:
        """A new version is what the next load shows; of the old one nothing is kept, and it never comes back."""
        alice = self.page("alice")
        before = {name for name, _, _ in kept(alice)}
        self.daemon.stop()
        self.daemon._options = (*self.daemon._options, "--name", "Another Room")
        self.daemon.start()
        alice.reloads()
        alice.sees("Another Room", "#side")

        def other() -> bool:
            names = {name for name, _, _ in kept(alice)}
            return len(names) == 1 and names != before

        until("the new version alone to be kept", other)
        self.daemon.stop()
        alice.reloads()
        alice.sees("Reconnecting", "#returning")
        self.assertIn("Another Room", alice.run("return document.title"))
        self.daemon.start()

    def test_icons(self) -> None:
        """The pictures are what C{python -m tests.e2e.icons} draws: of the size that their names say."""
        tab = Tab("nobody", "about:blank")
        self.addCleanup(tab.closes)
        for name, data in icons(tab).items():
            size = int(name.split("-")[-1].removesuffix(".png"))
            shown = (PAGE / name).read_bytes()
            for png in (data, shown):
                self.assertEqual(b"\x89PNG\r\n\x1a\n", png[:8])
                self.assertEqual((size, size), (int.from_bytes(png[16:20], "big"), int.from_bytes(png[20:24], "big")))
            self.assertLess(len(shown), 24 * 1024)


class BelowAPathTests(ProxyCase):
    """The page as a part of another site, behind nginx as docs/web.rst has it."""

    def test_prefix(self) -> None:
        """The worker keeps the page below its path alone, and answers it while the daemon is away."""
        need("nginx")
        part = recipe("Behind nginx")[1].replace("127.0.0.1:8080", f"127.0.0.1:{self.behind}")
        server = f"server {{ listen {HOST}:{self.port}; {part} }}"
        (self.folder / "nginx.conf").write_text(NGINX.format(folder=self.folder, servers=server))
        self.runs("nginx", "-e", "stderr", "-c", str(self.folder / "nginx.conf"), "-p", str(self.folder))
        tab = Tab("alice", f"http://{HOST}:{self.port}/chat/")
        self.addCleanup(tab.closes)
        self.addCleanup(tab.errors)  # the proxy's own, while there is nothing behind it
        tab.comes_in()
        found = kept(tab)
        self.assertEqual({"/chat/"}, {path[: path.rindex("/") + 1] for _, path, _ in found})
        self.daemon.stop()
        tab.reloads()
        tab.sees("Reconnecting", "#returning")
        self.daemon.start()
        tab.find("#chat")
