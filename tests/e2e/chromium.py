"""
People with a browser: tabs of a headless Chromium, driven by the keys and clicks that a person would use.

One Chromium serves all tests of a run. Each person has a tab in a context of their own, as a private window is: they
share nothing.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

from selenium.common.exceptions import ElementNotInteractableException, StaleElementReferenceException
from selenium.webdriver import Chrome
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement

from tests.e2e.daemon import until
from tests.e2e.people import need

FLAGS = (
    "--headless",
    "--no-sandbox",  # CI runs as root
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-renderer-backgrounding",
    "--disable-background-timer-throttling",
    "--disable-backgrounding-occluded-windows",
    "--hide-scrollbars",
    # A mouse, which a machine without one does not have.
    "--blink-settings=primaryHoverType=2,availableHoverTypes=2,primaryPointerType=4,availablePointerTypes=4",
)

DESKTOP = (1280, 800)

A_MOMENT = 5.0
"""Seconds after which a person clicks once more."""


def need_chromium() -> None:
    """
    Skip a test where there is no Chromium.

    @raise AssertionError: instead, where CI runs, which installs it.
    """
    need("chromium", "chromedriver")


@cache
def chromium() -> Chrome:
    """The one Chromium. It is started when it is first asked for, and ends with the tests."""
    folder = tempfile.mkdtemp(prefix="chatroom-chromium-")
    options = Options()
    options.binary_location = str(shutil.which("chromium"))
    options.enable_bidi = True
    options.accept_insecure_certs = True  # those of tests are nobody's
    for flag in (*FLAGS, f"--user-data-dir={folder}"):
        options.add_argument(flag)
    # What it says is thrown away: Debian's starter script complains about the shell it is written for.
    service = Service(str(shutil.which("chromedriver")), log_output=os.devnull)
    driver = Chrome(options=options, service=service)

    def end() -> None:
        driver.quit()
        shutil.rmtree(folder, ignore_errors=True)

    atexit.register(end)
    return driver


NETWORK = ("net::ERR_", "network - An unknown error occurred when fetching the script.")
"""How Chromium says that a daemon did not answer; the second is about the service worker."""


class Tab:
    """
    Somebody who looks at the page.

    @ivar name: the nickname they will choose.
    """

    def __init__(self, name: str, address: str, size: tuple[int, int] = DESKTOP, **media: str) -> None:
        """
        @param address: of the page.
        @param size: of the window, in pixels.
        @param media: features of the medium, such as C{prefers_color_scheme="dark"}.
        """
        self.name = name
        self.address = address
        self._driver = chromium()
        self._context = self._driver.browser.create_user_context()
        self._handle = self._driver.browsing_context.create(type="tab", user_context=self._context)
        self.resize(*size)
        features = [{"name": name.replace("_", "-"), "value": value} for name, value in media.items()]
        self._ask("Emulation.setEmulatedMedia", features=features)
        self._driver.get(address)

    def _here(self) -> None:
        """The driver has one tab at a time."""
        self._driver.switch_to.window(self._handle)

    def _ask(self, method: str, **given: Any) -> dict[str, Any]:
        self._here()
        answer: dict[str, Any] = self._driver.execute_cdp_cmd(method, given)
        return answer

    # What one sees.

    def run(self, script: str, *given: object) -> Any:
        """The value of a piece of JavaScript in the page."""
        self._here()
        return self._driver.execute_script(script, *given)

    def find(self, selector: str) -> WebElement:
        """The first visible element of this CSS selector, waited for."""
        self._here()

        def found() -> WebElement | None:
            try:
                elements = self._driver.find_elements(By.CSS_SELECTOR, selector)
                return next((element for element in elements if element.is_displayed()), None)
            except StaleElementReferenceException:
                return None

        element = until(f"{selector} on {self.name}'s page", found)
        assert element is not None
        return element

    def sees(self, text: str, where: str = "body") -> None:
        """
        Wait until this stands there.

        @raise AssertionError: it does not, with what does.
        """
        try:
            until(f"{text!r} on {self.name}'s page", lambda: text in self.text(where))
        except AssertionError as error:
            raise AssertionError(f"{error} There is:\n{self.text(where)}") from None

    def sees_no(self, text: str, where: str = "body") -> None:
        """Wait until this stands there no more."""
        until(f"{text!r} to go from {self.name}'s page", lambda: text not in self.text(where))

    def text(self, where: str = "body") -> str:
        """What can be read of an element; C{""} if it is not there, or hidden."""
        found = self.run(
            "const e = document.querySelector(arguments[0]);"
            "return e?.checkVisibility({ visibilityProperty: true }) ? e.innerText : ''",
            where,
        )
        return str(found)

    def spoken(self, *roles: str) -> list[str]:
        """What a screen reader calls each thing of these roles (WAI-ARIA), from top to bottom."""
        nodes = [node for node in self._ask("Accessibility.getFullAXTree")["nodes"] if not node["ignored"]]
        return [node["name"]["value"] for node in nodes if node["role"]["value"] in roles]

    def talk(self) -> list[str]:
        """What was said in the room looked at, in order: C{<bob> hello}."""
        found: list[str] = self.run(
            "return [...document.querySelectorAll('#lines .said')].map((line) =>"
            " `<${line.querySelector('.who').textContent}> ${line.querySelector('.text').innerText}`)"
        )
        return found

    def hears(self, *lines: str) -> None:
        """Wait until these are the last that was said."""
        expected = list(lines)
        try:
            until(f"{expected} on {self.name}'s page", lambda: self.talk()[-len(expected) :] == expected)
        except AssertionError as error:
            raise AssertionError(f"{error} There is:\n" + "\n".join(self.talk())) from None

    def focused(self) -> str:
        """What has the focus: its id, or else its text or name."""
        found = self.run(
            "const e = document.activeElement; return e.id || e.getAttribute('aria-label') || e.innerText || e.tagName"
        )
        return str(found)

    def errors(self) -> list[str]:
        """What the browser has complained about since the last time, but for the network."""
        self._here()
        entries: list[dict[str, Any]] = self._driver.get_log("browser")
        messages = [entry["message"] for entry in entries]
        return [message for message in messages if not any(of_the_network in message for of_the_network in NETWORK)]

    # What one does.

    def _does(self, what: str, act: Callable[[], object]) -> None:
        """
        Do this, and again where the page is just drawing anew what it was about to be done to, or C{act} returns
        C{False}.
        """

        def done() -> bool:
            try:
                return act() is not False
            except (ElementNotInteractableException, StaleElementReferenceException):
                return False

        until(f"{what} to stand still on {self.name}'s page", done)

    def click(self, selector: str) -> None:
        """Click on it."""
        self._does(selector, lambda: self.find(selector).click())

    def opens(self, selector: str, text: str, where: str) -> None:
        """
        Click on it until this stands in what it opens: a click is lost where the page draws that place anew between
        the press of the mouse's button and its release.
        """

        def opened() -> bool:
            self.click(selector)
            with suppress(AssertionError):
                until("what was clicked on to open", lambda: text in self.text(where), A_MOMENT)
            return text in self.text(where)

        until(f"{text!r} in what {selector} opens on {self.name}'s page", opened)

    def chooses(self, text: str, selector: str) -> None:
        """Click on that one of several which begins with this text."""
        self._here()

        def chosen() -> bool:
            elements = self._driver.find_elements(By.CSS_SELECTOR, selector)
            element = next((each for each in elements if each.text.startswith(text)), None)
            if element is not None:
                element.click()
            return element is not None

        self._does(f"{text!r} among {selector}", chosen)

    def presses(self, *keys: str) -> None:
        """Keys, into whatever has the focus."""
        self._here()
        self._does("the focus", lambda: self._driver.switch_to.active_element.send_keys(*keys))

    def writes(self, selector: str, text: str) -> None:
        """This, and nothing else, into a field."""
        self._does(selector, lambda: self.find(selector).send_keys(Keys.CONTROL + "a" + Keys.NULL, text))

    def types(self, *lines: str) -> None:
        """Messages into where one writes, each with the Enter key."""
        for line in lines:
            self.find("#text").send_keys(line, Keys.ENTER)

    def comes_in(self, **fields: str) -> None:
        """Fill in the form, with the nickname of this name and whatever else is given, and go to the server."""
        self.find("#join-nick").send_keys(self.name)
        for field, value in fields.items():
            if field == "how":
                self.find(f".segments label:has([value={value}])").click()
            else:
                self.writes(f"#join-{field}", value)
        self.presses(Keys.ENTER)
        self.find("#chat")

    def resize(self, width: int, height: int, scale: int = 1, touch: bool = False) -> None:
        """Another window, or with C{touch} a telephone."""
        self._ask(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=scale, mobile=touch
        )
        self._ask("Emulation.setTouchEmulationEnabled", enabled=touch)

    def points_away(self) -> None:
        """Move the mouse to where nothing changes under it."""
        self._ask("Input.dispatchMouseEvent", type="mouseMoved", x=1, y=1)

    def reloads(self) -> None:
        """Load the page again."""
        self._here()
        self._driver.refresh()

    def goes_offline(self, offline: bool = True) -> None:
        """Lose the network, or have it back."""
        self._ask("Network.enable")
        self._ask(
            "Network.emulateNetworkConditions", offline=offline, latency=0, downloadThroughput=-1, uploadThroughput=-1
        )

    def screenshot(self, path: Path) -> None:
        """Keep a picture of what is to be seen now."""
        self._here()
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(self._driver.get_screenshot_as_png())

    def closes(self) -> None:
        """Close the tab."""
        self._driver.browser.remove_user_context(self._context)
        self._driver.switch_to.window(self._driver.window_handles[0])
