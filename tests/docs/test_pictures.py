"""
The pictures in docs/img: what they show is what the server says today.
"""

from __future__ import annotations

import re

from twisted.trial.unittest import SynchronousTestCase

from chatroom.interfaces import ServerRole
from chatroom.testing import Server
from tests.arrows import ROOT
from tests.docs.evening import LAST, NEWCOMER, PASSWORD, PEOPLE, SERVER, TALK, TOPIC, WORDS, timeless

AGAIN = "Take the pictures again: python -m tests.e2e.terminal_pictures, and python -m tests.e2e.pictures"


class PicturesTests(SynchronousTestCase):
    """docs/img."""

    def test_terminals_show_what_the_server_says(self) -> None:
        """A person who joins reads the same sentences as on the day when the pictures of terminals were taken."""
        server = Server(name=SERVER)
        people = {nick: server.guest(nick) for nick in PEOPLE}
        people["bob"].types(f"/signup {PASSWORD}")
        server.promote("bob", ServerRole.MODERATOR)
        people["bob"].types("/whoami", f"/topic {TOPIC}")
        for nick, line in TALK:
            people[nick].types(line)
        newcomer = server.connection()
        newcomer.types(NEWCOMER)
        said = timeless("\n".join(newcomer.reads()))
        self.assertIn(LAST, said)
        self.assertEqual(WORDS.read_text(encoding="utf-8"), f"{said}\n", AGAIN)

    def test_greeting_fits_a_terminal(self) -> None:
        """No sentence that a person with nc reads while joining is torn at the edge of a window of 80 columns."""
        newcomer = Server().connection()
        newcomer.types(NEWCOMER)
        greeting = newcomer.reads()
        self.assertIn("You are in lobby.", greeting)
        self.assertEqual([], [line for line in greeting if len(line) > 80])

    def test_each_is_shown_and_each_shown_one_is_there(self) -> None:
        """Every picture in docs/img stands on a page, and every page shows pictures that exist."""
        shown = set()
        for path in (ROOT / "README.rst", *sorted((ROOT / "docs").glob("*.rst"))):
            shown |= {
                found[1] for found in re.finditer(r"image:: (?:docs/)?img/(\S+)", path.read_text(encoding="utf-8"))
            }
        kept = {path.name for path in (ROOT / "docs" / "img").iterdir() if path.suffix != ".txt"}
        self.assertEqual(kept, shown)
