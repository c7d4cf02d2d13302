"""
Pages of plugins, as a browser gets them.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase

from chatroom.doors.web.plugin_pages import POLICY
from chatroom.interfaces import PageAnswer, PageRequest
from chatroom.limits import Limits
from chatroom.plugins.base import PluginService
from tests.doors.web.browsers import Place


class Board(PluginService):
    """A service with pages."""

    name = "board"

    def __init__(self) -> None:
        self.asked: list[PageRequest] = []
        self.answer: Callable[[PageRequest], Any] = lambda request: PageAnswer(f"<p>{request.path}</p>")

    def page(self, request: PageRequest) -> Awaitable[PageAnswer | None] | PageAnswer | None:
        """What a test wants."""
        self.asked.append(request)
        outcome: PageAnswer | None = self.answer(request)
        return outcome


class PageTests(SynchronousTestCase):
    """What is below C{/x/}."""

    def setUp(self) -> None:
        self.board = Board()
        self.place = Place(Limits(plugin_page=2000), services=[self.board])

    def test_page(self) -> None:
        """A page is sent as the plugin made it, and the plugin is told what stands behind its name."""
        answer = self.place.wire().gets("/x/board/a%20b/c?tea=green&tea=black&empty=&x=%E2%98%95")
        self.assertEqual((200, b"<p>a b/c</p>"), (answer.status, answer.body))
        self.assertEqual("text/html; charset=utf-8", answer.headers["content-type"])
        self.assertEqual(PageRequest("a b/c", {"tea": "green", "empty": "", "x": "☕"}), self.board.asked[0])

    def test_it_can_do_no_harm(self) -> None:
        """No script of a page runs, and it has an origin of its own, apart from the chat."""
        answer = self.place.wire().gets("/x/board/")
        self.assertEqual(POLICY, answer.headers["content-security-policy"])
        self.assertIn("sandbox", POLICY)
        self.assertNotIn("script", POLICY)
        self.assertEqual(
            ("no-store", "nosniff"), tuple(answer.headers[k] for k in ("cache-control", "x-content-type-options"))
        )

    def test_what_is_not_there(self) -> None:
        """A plugin that does not run, and a page that it does not have, are not found."""
        self.board.answer = lambda request: None
        for path in ("/x/", "/x/other/", "/x/board/nothing", "/x//", "/x/%00/"):
            self.assertEqual(404, self.place.wire().gets(path).status, path)

    def test_name_without_its_slash(self) -> None:
        """The browser is sent to the address with a slash, so that links of the page are right, and nowhere else."""
        for path, location in (("/x/board", "/x/board/"), ("/x/%0d%0aa:%20b", "/x/%0d%0aa:%20b/"), ("/x/..", "/x/../")):
            answer = self.place.wire().gets(path)
            self.assertEqual((308, location), (answer.status, answer.headers["location"]))

    def test_head(self) -> None:
        """HEAD has the headers and no body."""
        answer = self.place.wire().gets("/x/board/a", "HEAD")
        self.assertEqual((200, "8", b""), (answer.status, answer.headers["content-length"], answer.body))
        self.assertEqual(405, self.place.wire().gets("/x/board/", "POST").status)

    def test_page_that_takes_its_time(self) -> None:
        """A page may come later; who goes away meanwhile harms nobody."""
        waiting: list[Deferred[PageAnswer]] = []

        def later(request: PageRequest) -> Deferred[PageAnswer]:
            waiting.append(Deferred())
            return waiting[-1]

        self.board.answer = later
        wire, head, gone = self.place.wire(), self.place.wire(), self.place.wire()
        self.assertEqual(0, wire.gets("/x/board/").status)
        head.gets("/x/board/", "HEAD")
        gone.gets("/x/board/")
        gone.end.abortConnection()
        for deferred in waiting:
            deferred.callback(PageAnswer("<p>late</p>"))
        self.place.server.settle()
        for each, body in ((wire, b"<p>late</p>"), (head, b"")):
            read = each.reads()
            self.assertIn(b"200 OK", read)
            self.assertTrue(read.endswith(body), read)
        self.assertEqual([], self.flushLoggedErrors())

    def test_page_that_takes_too_long(self) -> None:
        """It is cancelled, and the browser gets an error."""
        self.board.answer = lambda request: Deferred()
        wire = self.place.wire()
        wire.gets("/x/board/")
        self.place.server.wait(self.place.server.limits.plugin_time)
        self.assertIn(b"500 Internal Server Error", wire.reads())

    def test_page_that_cannot_be_shown(self) -> None:
        """What raises, is no page, is too long, or has a bad status or type is an error, and says nothing of why."""

        def fail(request: PageRequest) -> PageAnswer:
            raise RuntimeError("secret")

        for answer in (
            fail,
            lambda request: "text",
            lambda request: PageAnswer("x" * 2001),
            lambda request: PageAnswer("ü" * 1001),
            lambda request: PageAnswer("x", status=99),
            lambda request: PageAnswer("x", status="200"),  # type: ignore[arg-type]
            lambda request: PageAnswer(7),  # type: ignore[arg-type]
            lambda request: PageAnswer("x", type=None),  # type: ignore[arg-type]
            lambda request: PageAnswer("x", type="text/html\r\nSet-Cookie: a=b"),
        ):
            self.board.answer = answer
            got = self.place.wire().gets("/x/board/")
            self.assertEqual(500, got.status)
            self.assertNotIn(b"secret", got.body)
            self.assertNotIn("set-cookie", got.headers)
        self.flushLoggedErrors()

    @given(st.text(st.characters(exclude_categories=["Cs"]), max_size=30))
    def test_any_path(self, path: str) -> None:
        """Whatever is asked for gets one answer."""
        place = Place(services=[Board()])
        quoted = "".join(f"%{byte:02x}" for byte in path.encode())
        self.assertIn(place.wire().gets(f"/x/{quoted}").status, (200, 308, 404))
