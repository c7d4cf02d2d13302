"""
Every refusal has a number that clients understand, or a FAIL.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from chatroom.doors.irc import numerics
from chatroom.doors.irc.numerics import FAIL, FAILS, FOR_VERB, SHAPES, NumericReply, reply_to
from chatroom.doors.replies import Bug
from chatroom.errors import CommandStopped, Refused


def _refused(code: str) -> Refused:
    refused = Refused("No.")
    refused.code = code  # type: ignore[misc]  # its class says it, and here there is no class of its own
    return refused


def _codes(kind: type[Refused] = Refused) -> set[str]:
    """Of all our refusals: tests have others."""
    found = {kind.code} if kind.__module__.startswith("chatroom.") else set()
    return found.union(*(_codes(each) for each in kind.__subclasses__()))


CODES = _codes()


class RefusalTests(SynchronousTestCase):
    """The answer to a refusal."""

    def test_every_code(self) -> None:
        """Every code is in the table of numbers or among those of FAIL, in one of them alone; none is made up."""
        self.assertLessEqual({Bug.code, CommandStopped.code}, CODES)
        self.assertEqual(CODES, set(SHAPES) | FAILS)
        self.assertEqual(set(), set(SHAPES) & FAILS)
        self.assertEqual(set(), {code for _, code in FOR_VERB} - CODES)

    def test_every_answer(self) -> None:
        """Whatever is refused, for any verb, about anything: it is a number of three digits, or FAIL and its code."""
        for code in CODES:
            for verb in ("JOIN", "NICK", "PRIVMSG", "MODE", "KICK", "WEATHER", ""):
                for room in ("", "#den"):
                    for nick in ("", "bob"):
                        reply = reply_to(_refused(code), verb, room=room, nick=nick)
                        self.assertNotIn("", reply.params)
                        if reply.command == FAIL:
                            self.assertEqual((verb or "*", code.replace("-", "_").upper()), reply.params[:2])
                        else:
                            self.assertRegex(reply.command, "^4[0-9][0-9]$")

    def test_as_clients_know_them(self) -> None:
        """Clients act on these: another nickname, a key to ask for, a room that is for operators."""
        for code, verb, about, meant in (
            ("nick-taken", "NICK", {"nick": "bob"}, NumericReply("433", ("bob",))),
            ("unlawful", "NICK", {"nick": "1"}, NumericReply("432", ("1",))),
            ("wants-password", "JOIN", {"room": "#den"}, NumericReply("475", ("#den",))),
            ("room-closed", "JOIN", {"room": "#den"}, NumericReply("473", ("#den",))),
            ("banned", "JOIN", {"room": "#den"}, NumericReply("474", ("#den",))),
            ("limit", "JOIN", {"room": "#den"}, NumericReply("405", ("#den",))),
            ("not-allowed", "TOPIC", {"room": "#den"}, NumericReply("482", ("#den",))),
            ("not-allowed", "KILL", {}, NumericReply("481", ())),
            ("not-in-room", "PART", {"room": "#den"}, NumericReply("442", ("#den",))),
            ("not-in-room", "KICK", {"room": "#den", "nick": "bob"}, NumericReply("441", ("bob", "#den"))),
            ("not-in-room", "PRIVMSG", {"room": "#den"}, NumericReply("404", ("#den",))),
            ("no-such-person", "PRIVMSG", {"nick": "bob"}, NumericReply("401", ("bob",))),
            ("no-such-person", "PRIVMSG", {"room": "#den"}, NumericReply("404", ("#den",))),
            ("unknown-command", "WEATHER", {}, NumericReply("421", ("WEATHER",))),
            ("limit", "INVITE", {"room": "#den"}, NumericReply("FAIL", ("INVITE", "LIMIT", "#den"))),
            ("muted", "PRIVMSG", {"nick": "bob"}, NumericReply("FAIL", ("PRIVMSG", "MUTED", "bob"))),
        ):
            self.assertEqual(meant, reply_to(_refused(code), verb, **about))

    def test_numbers(self) -> None:
        """Every number has three digits, and no number has two names."""
        named = {name: number for name, number in vars(numerics).items() if name.startswith(("RPL_", "ERR_"))}
        self.assertEqual(len(named), len(set(named.values())))
        for name, number in named.items():
            self.assertRegex(number, "^[0-9]{3}$", name)

    def test_names_are_used(self) -> None:
        """Every number that has a name is one that the door sends."""
        door = Path(numerics.__file__).parent
        sources = [path.read_text() for path in door.glob("*.py")]
        named = {name for name in vars(numerics) if name.startswith(("RPL_", "ERR_"))}
        used = Counter(name for source in sources for name in re.findall(r"\b(?:RPL|ERR)_\w+", source))
        self.assertEqual(set(), {name for name in named if used[name] < 2})
