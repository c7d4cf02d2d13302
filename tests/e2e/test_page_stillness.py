"""
Nothing on the page moves by itself while it is opened: what comes later has its place kept, or is waited for.

Chromium measures it: a layout shift is something that stands elsewhere in the next picture although nobody did anything
(U{https://web.dev/articles/cls}). Lighthouse gives full marks up to a sum of 0.1.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.e2e.chromium import DESKTOP, Tab
from tests.e2e.pages import PageCase

PHONE = (390, 844)

SHIFTS = """
const shifts = [];
const note = (entries) => shifts.push(...entries.map(({ value, hadRecentInput, sources }) => ({
    value, hadRecentInput, moved: sources.map(({ node }) => node?.outerHTML?.slice(0, 120) ?? String(node)) })));
new PerformanceObserver((list) => note(list.getEntries())).observe({ type: "layout-shift", buffered: true });
return new Promise((done) => setTimeout(() => done(shifts), 500));
"""
"""All layout shifts since the page was opened, after half a second in which more could come."""


class StillnessTests(PageCase):
    """The page is opened, left, and opened again, at a server with a welcome text and much talk."""

    def setUp(self) -> None:
        rules = Path(self.mktemp()).absolute()
        rules.write_text("Be kind.\n\nMore at https://example.org/rules\n" + "One more rule.\n" * 8, encoding="utf-8")
        self.options = ("--motd", str(rules))
        super().setUp()
        bob = self.program("bob")
        bob.says(*(f"line {number} of **many**" for number in range(90)))

    def assert_still(self, tab: Tab) -> None:
        """Nothing has moved since the page was opened."""
        shifts: list[dict[str, Any]] = tab.run(SHIFTS)
        moved = [f"{shift['value']:.3f} {shift['moved']}" for shift in shifts if not shift["hadRecentInput"]]
        self.assertEqual([], moved, "\n".join(moved))

    def opens(self, size: tuple[int, int]) -> None:
        """Somebody opens the page, joins, and loads it again."""
        tab = self.tab("alice", size=size)
        tab.sees("Be kind", "#welcome")
        self.assert_still(tab)
        tab.comes_in()
        tab.sees("line 89", "#lines")
        self.assert_still(tab)
        for _ in range(2):
            tab.reloads()
            tab.sees("line 89", "#lines")
            self.assert_still(tab)

    def test_desktop(self) -> None:
        """On a desktop, neither the form nor the room moves when the rest of it comes."""
        self.opens(DESKTOP)

    def test_phone(self) -> None:
        """On a telephone, neither the form nor the room moves when the rest of it comes."""
        self.opens(PHONE)
