"""
The server under pressure, as connections see it when several wish for something at once.
"""

from __future__ import annotations

from twisted.internet.defer import Deferred

from chatroom.events import Reported, ServerRole
from tests.server.session.people import CallerTestCase


class ReportTests(CallerTestCase):
    """Reports that are made in the same moment."""

    def test_each_has_a_number_of_its_own(self) -> None:
        """Whoever was second gets the next one, and the log has each of them once."""
        bob, carl = self.guest("bob"), self.guest("carl")
        made: list[Reported] = []
        for who in (bob, carl):
            waiting = Deferred.fromCoroutine(who.caller.report("lobby", f"{who.caller.nick} says so"))
            waiting.addCallback(made.append)
        self.server.settle()
        self.assertEqual([(1, "bob says so"), (2, "carl says so")], [(each.number, each.reason) for each in made])
        self.assertEqual(made, list(self.server.services.chat.state.reports.values()))
        mia = self.account("mia")
        self.server.promote("mia", ServerRole.MODERATOR)
        mia.gets(mia.caller.server_role())
        self.assertEqual(
            ["bob", "carl"], [entry.who for entry in mia.gets(mia.caller.audit()) if entry.act == "report"]
        )
