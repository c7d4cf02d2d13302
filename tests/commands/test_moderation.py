"""
Order in a room: what its operators can do to people, and its owners to operators.
"""

from __future__ import annotations

from tests.commands.attic import Attic


class KickTests(Attic):
    """C{/kick}."""

    def test_somebody_is_out_and_may_come_back(self) -> None:
        """Everyone reads why."""
        self.assertEqual("Kicked bob from attic.", self.answer(self.alice, "/kick @bob mind your words"))
        self.assertEqual(["-- alice kicked bob: mind your words"], self.carol.reads())
        self.bob.reads()
        self.bob.types("/join attic")
        self.assertEqual("You are in attic.", self.bob.reads()[0])

    def test_plain_members_may_not(self) -> None:
        """Plain members may not kick, nor do anything else of this kind."""
        for typed in ("/kick carol", "/mute carol", "/unmute carol", "/ban carol", "/unban carol", "/bans"):
            self.assertIn("Only operators of", self.answer(self.bob, typed))
        for typed in ("/op carol", "/deop carol"):
            self.assertIn("Only owners of", self.answer(self.bob, typed))

    def test_somebody_who_is_not_there(self) -> None:
        """Cannot be sent out."""
        self.assertTrue(self.answer(self.alice, "/kick dora").startswith("! "))

    def test_programs_name_the_room(self) -> None:
        """Programs name the room, and need not switch to it."""
        robot = self.server.program("robot")
        robot.asks("create", room="lab")
        self.assertEqual("not-in-room", robot.asks("kick", nick="alice", room="lab")["error"])
        self.assertEqual("not-allowed", robot.asks("kick", nick="alice", room="lobby")["error"])


class MuteTests(Attic):
    """C{/mute} and C{/unmute}."""

    def test_for_ten_minutes_if_nothing_else_is_said(self) -> None:
        """After ten minutes, a muted person may talk again."""
        self.assertEqual(
            "bob is muted in attic for 10 minutes. /unmute bob ends it.", self.answers(self.alice, "/mute bob")[0]
        )
        self.assertTrue(self.answer(self.bob, "hello?").startswith("! You are muted"))
        self.server.wait(601)
        self.carol.reads()
        self.bob.types("hello!")
        self.assertEqual(["<bob> hello!"], self.carol.reads())

    def test_duration_and_reason(self) -> None:
        """In this order; both may be left out."""
        self.assertEqual(
            "bob is muted in attic for 2 hours (too loud). /unmute bob ends it.",
            self.answers(self.alice, "/mute bob 2h too loud")[0],
        )
        self.assertEqual(
            "bob is muted in attic forever. /unmute bob ends it.", self.answers(self.alice, "/mute bob forever")[0]
        )

    def test_reason_alone(self) -> None:
        """In a hurry nobody remembers that a duration comes first."""
        self.assertEqual(
            "bob is muted in attic for 10 minutes (too loud). /unmute bob ends it.",
            self.answers(self.alice, "/mute bob too loud")[0],
        )

    def test_wrong_duration_is_no_reason(self) -> None:
        """What begins with a digit was meant as a time, and is not guessed."""
        self.assertIn("'2x' is not a duration", self.answer(self.alice, "/mute bob 2x too loud"))
        self.assertEqual("No bans or mutes in attic.", self.answer(self.alice, "/bans"))

    def test_unmuting(self) -> None:
        """Ends it before its time."""
        self.alice.types("/mute bob forever")
        self.assertEqual("bob can talk in attic again.", self.answer(self.alice, "/unmute bob"))
        self.carol.reads()
        self.bob.types("hello!")
        self.assertEqual(["<bob> hello!"], self.carol.reads())

    def test_nothing_is_said_by_the_way(self) -> None:
        """A muted person gives no reason for being away or for leaving; that they leave, the others read."""
        self.alice.types("/leave lobby", "/mute bob forever")
        self.alice.reads()
        self.bob.types("/away buy my watches", "/back", "/leave attic buy my watches", "/join attic")
        self.bob.types("/quit buy my watches")
        self.assertEqual(
            ["-- bob left the room.", "-- bob joined.", "-- bob left the chat."],
            self.alice.reads(),
        )

    def test_other_rooms_may_read_why_one_is_away(self) -> None:
        """The mute is that room's."""
        self.alice.types("/mute bob forever")
        dora = self.server.guest("dora")
        self.carol.reads()
        self.bob.types("/leave attic", "/away tea", "/back", "/leave lobby bye")
        self.assertEqual(
            ["-- bob is away: tea", "-- bob is back.", "-- bob left the room: bye"],
            dora.reads(),
        )

    def test_topic_is_not_for_the_muted(self) -> None:
        """The muted set no topic, even where nobody is in charge and everybody else may set it."""
        self.alice.types("/mute bob forever", "/leave attic")
        self.assertTrue(self.answer(self.bob, "/topic buy my watches").startswith("! You are muted in attic"))
        dora = self.server.guest("dora", "192.0.2.9")
        dora.types("/join attic")
        self.assertEqual("Topic of attic: tea", self.answer(dora, "/topic tea"))


class BanTests(Attic):
    """C{/ban}, C{/unban} and C{/bans}."""

    def test_forever_if_nothing_else_is_said(self) -> None:
        """They are out, and stay out."""
        self.assertEqual(
            "bob is banned from attic forever (spam). /unban bob ends it.",
            self.answers(self.alice, "/ban bob spam")[0],
        )
        self.bob.reads()
        self.assertTrue(self.answer(self.bob, "/join attic").startswith("! You are banned"))
        self.assertEqual("Ban on bob lifted: bob can join attic again.", self.answer(self.alice, "/unban bob"))
        self.assertEqual(["[attic] -- alice unbanned you from attic: /join attic"], self.bob.reads())
        self.bob.types("/join attic")
        self.assertEqual("You are in attic.", self.bob.reads()[0])

    def test_lifting_is_told_outside(self) -> None:
        """A guest who was banned or muted learns that it is over, by whatever nickname; nobody else outside does."""
        for order, told in (
            ("ban bob", "alice unbanned bob."),
            ("mute bob", "alice unmuted bob."),
        ):
            word = order.split()[0]
            self.alice.types(f"/{order} 1d")
            self.bob.types("/leave attic", "/nick rob")
            dora = self.server.guest("bob", "192.0.2.44")
            self.bob.reads()
            dora.reads()
            self.alice.types(f"/un{word} bob")
            self.assertEqual([f"[attic] -- {told}"], self.bob.reads())
            self.assertEqual([], dora.reads())
            dora.disconnects()
            self.bob.types("/nick bob", "/join attic")

    def test_lifting_is_told_once_inside(self) -> None:
        """Who is in the room reads it there; a ban that has run out and is cleared away is no news."""
        self.alice.types("/mute bob 1d")
        self.bob.reads()
        self.alice.types("/unmute bob")
        self.assertEqual(["-- alice unmuted you in attic: you can talk again."], self.bob.reads())
        self.alice.types("/ban bob 1h")
        self.server.wait(3601)
        self.bob.reads()
        self.alice.types("/unban bob")
        self.assertEqual([], self.bob.reads())

    def test_ban_runs_out(self) -> None:
        """After the time it was made for."""
        self.assertEqual(
            "bob is banned from attic for 2 hours 30 minutes. /unban bob ends it.",
            self.answers(self.alice, "/ban bob 2h30m")[0],
        )
        self.server.wait(9001)
        self.bob.reads()
        self.bob.types("/join attic")
        self.assertEqual("You are in attic.", self.bob.reads()[0])

    def test_list(self) -> None:
        """Who, how, how long still, by whom and why."""
        self.alice.types("/ban bob 1d spam", "/mute carol forever")
        self.server.wait(3600)
        self.alice.reads()
        self.alice.types("/bans")
        self.assertEqual(
            [
                "bob (a guest, with all guests from the same address) is banned for another 23 hours, by alice (spam).",
                "carol (a guest, with all guests from the same address) is muted forever, by alice.",
            ],
            sorted(self.alice.reads()),
        )

    def test_programs_read_facts(self) -> None:
        """The times as in events; null is for ever."""
        robot = self.server.program("robot")
        robot.asks("create", room="lab")
        answer = robot.asks("ban", nick="bob", duration="2h", reason="spam", room="lab")
        self.assertEqual(("lab", "bob", "spam"), (answer["room"], answer["nick"], answer["reason"]))
        until = answer["until"]
        self.assertTrue(until.startswith("2026-01-01T02:00:"), until)
        self.assertIsNone(robot.asks("mute", nick="carol", duration="forever", room="lab")["until"])
        bans = {ban["nick"]: ban for ban in robot.asks("bans", room="lab")["bans"]}
        self.assertEqual(set("room kind nick by at until reason guest address now".split()), set(bans["bob"]))
        self.assertEqual(("banned", "robot", until), tuple(bans["bob"][name] for name in ("kind", "by", "until")))
        self.assertEqual(("muted", None), (bans["carol"]["kind"], bans["carol"]["until"]))


class RoleTests(Attic):
    """C{/op} and C{/deop}."""

    def test_operators_share_the_work(self) -> None:
        """Until they are plain members again."""
        self.assertEqual("bob is now an operator of attic.", self.answer(self.alice, "/op bob"))
        self.assertEqual("Kicked carol from attic.", self.answer(self.bob, "/kick carol"))
        self.assertEqual("bob no longer has a role in attic.", self.answer(self.alice, "/deop bob"))
        self.assertIn("Only operators of", self.answer(self.bob, "/mute alice"))

    def test_owners_share_the_room(self) -> None:
        """With one more word; the only owner has to name another before stepping down."""
        self.assertTrue(self.answer(self.alice, "/deop alice").startswith("! You are the only owner"))
        self.assertEqual("bob is now an owner of attic.", self.answer(self.alice, "/op bob owner"))
        self.assertEqual("alice no longer has a role in attic.", self.answer(self.alice, "/deop alice"))

    def test_no_other_roles(self) -> None:
        """The refusal says which there are."""
        self.assertEqual("! The role must be operator or owner.", self.answer(self.alice, "/op bob king"))

    def test_programs_read_the_role(self) -> None:
        """By the name it has on the wire."""
        robot = self.server.program("robot")
        robot.asks("create", room="lab")
        self.bob.types("/join lab")
        self.assertEqual("operator", robot.asks("op", nick="bob")["role"])
        self.assertEqual("member", robot.asks("deop", nick="bob", room="lab")["role"])
