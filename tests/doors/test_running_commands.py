"""
Commands of other packages that take time: their caller goes on, and nothing waits for one that never returns.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from twisted.internet.defer import CancelledError, Deferred
from twisted.logger import LogLevel, capturedLogs, formatEvent
from twisted.trial.unittest import SynchronousTestCase

from chatroom.commands.base import Command
from chatroom.errors import Refused
from chatroom.interfaces import Answer, ICaller, Role, ServerRole, Standing
from chatroom.limits import OFF, Limits
from chatroom.plugins.find import find
from chatroom.testing import Server


class Slow(Command):
    """A command that takes until the test says it is done, or for ever."""

    name = "slow"
    summary = "take time"

    def __init__(self) -> None:
        self.waiting: list[Deferred[Any]] = []
        self.cancelled = 0

    async def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Any:
        """It notices when it is cancelled."""
        self.waiting.append(Deferred())
        try:
            return await self.waiting[-1]
        except CancelledError:
            self.cancelled += 1
            raise


class Stubborn(Command):
    """A command that goes on when it is cancelled."""

    name = "stubborn"
    summary = "go on"
    tries = 0

    async def run(self, caller: ICaller, arguments: Mapping[str, str]) -> None:
        """It cannot be ended."""
        while True:
            self.tries += 1
            try:
                await Deferred()
            except Exception:  # noqa: BLE001 that is what it is for
                continue


class SlowTestCase(SynchronousTestCase):
    """Alice and bob are in the lobby."""

    def setUp(self) -> None:
        """They have read everything."""
        self.slow, self.stubborn = Slow(), Stubborn()
        commands = {**find(), "slow": self.slow, "stubborn": self.stubborn}
        self.server = Server(Limits(talk_rate=OFF, work_rate=OFF), commands=commands)
        self.alice, self.bob = self.server.guest("alice"), self.server.guest("bob")
        self.alice.reads()
        self.bob.reads()

    def done(self, outcome: Any, which: int = -1) -> None:
        """One that waits is done, with this."""
        waiting = self.slow.waiting.pop(which)
        waiting.errback(outcome) if isinstance(outcome, Exception) else waiting.callback(outcome)
        self.server.settle()

    def who(self) -> str:
        """Who is in the lobby, as bob reads it."""
        self.bob.reads()
        self.bob.types("/who")
        return self.bob.reads()[-1]


class DeadlineTests(SlowTestCase):
    """A command that never returns."""

    def test_is_stopped(self) -> None:
        """After the time of --command-timeout it is cancelled, its caller reads why, and the log names it."""
        self.alice.types("/slow")
        with capturedLogs() as events:
            self.server.wait(29.9)
            self.assertEqual([], self.alice.reads())
            self.server.wait(0.1)
        self.assertEqual(["! /slow took longer than 30 seconds and was stopped. Try again later."], self.alice.reads())
        self.assertEqual(1, self.slow.cancelled)
        [warning] = [formatEvent(event) for event in events if event["log_level"] >= LogLevel.warn]
        self.assertIn("The command /slow (", warning)
        self.assertIn("test_running_commands.py) was stopped after 30 seconds.", warning)
        self.assertEqual(1, self.server.services.watch.stopped["command", "slow"])

    def test_program_reads_a_code(self) -> None:
        """A program reads C{stopped}, with the id of its request."""
        robot = self.server.program("robot")
        robot.sends(b'{"id": "a", "do": "slow"}\n')
        self.server.wait(31)
        self.assertIn(b'{"id":"a","ok":false,"error":"stopped","sentence":"/slow took longer', robot.receives())

    def test_one_that_catches_it_is_left(self) -> None:
        """A command that cannot be ended is left to itself: its caller is answered, and the log says so."""
        self.alice.types("/stubborn")
        with capturedLogs() as events:
            self.server.wait(31)
        self.assertIn("was stopped", self.alice.reads()[0])
        self.assertIn("goes on; nobody waits for it any more", formatEvent(events[-1]))
        self.assertLess(self.stubborn.tries, 10)

    def test_answer_that_comes_too_late(self) -> None:
        """What a command gives back after it was stopped goes nowhere."""
        late: Deferred[Answer] = Deferred()

        class Late(Stubborn):
            async def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Any:
                try:
                    await Deferred()
                except CancelledError:
                    return await late

        self.server.services.commands["stubborn"] = Late()  # type: ignore[index]
        self.alice.types("/stubborn")
        self.server.wait(30)
        self.alice.reads()
        late.callback(Answer(("Too late.",)))
        self.server.settle()
        self.assertEqual([], self.alice.reads())

    def test_off(self) -> None:
        """Without a deadline, a command may take for ever."""
        self.server.limits.become(Limits(command_timeout=OFF))
        self.alice.types("/slow")
        self.server.wait(86400)
        self.done(Answer(("At last.",)))
        self.assertEqual(["At last."], self.alice.reads())

    def test_built_in_commands_have_none(self) -> None:
        """A login that waits its turn is not ended."""
        held: Deferred[None] = Deferred()
        check = self.server.services.entrance.check

        async def slowly(*asked: Any) -> Any:
            await held
            return await check(*asked)

        self.server.account("carol", "correct horse battery").types("/quit")
        self.patch(self.server.services.entrance, "check", slowly)
        self.alice.types("/login carol correct horse battery")
        self.server.wait(100)
        held.callback(None)
        self.server.settle()
        self.assertIn("carol", "\n".join(self.alice.reads()))

    def test_of_staff(self) -> None:
        """A command for staff is stopped in the same way."""
        self.slow.standing, self.slow.role = Standing.GUEST, Role.OPERATOR
        self.alice.types("/create den", "/slow")
        self.alice.reads()
        self.server.wait(30)
        self.assertIn("was stopped", self.alice.reads()[0])
        self.slow.role, self.slow.staff = Role.NOBODY, ServerRole.MODERATOR
        self.alice.types("/slow")
        self.assertIn("Only server moderators can use /slow", self.alice.reads()[0])


class AsideTests(SlowTestCase):
    """The caller's other lines, and what it hears, while a command takes time."""

    def test_at_first_all_is_in_order(self) -> None:
        """A command that takes less than a second is answered before what comes behind it, as any command."""
        self.alice.types("/slow", "hello", "/nick alison")
        self.bob.types("psst")
        self.server.wait(0.9)
        self.assertEqual([], self.alice.reads())
        self.done(Answer(("Done.",)))
        self.assertEqual(["Done.", "<bob> psst", "-- You are now known as alison."][:2], self.alice.reads()[:2])
        self.assertIn("<alice> hello", self.bob.reads())

    def test_then_others_go_on(self) -> None:
        """After a second, what was held back is read, lines and commands are taken up, and the answer comes later."""
        self.alice.types("/slow", "hello")
        self.bob.types("psst")
        self.assertEqual([], self.bob.reads())
        self.server.wait(1)
        self.assertEqual(["<bob> psst"], self.alice.reads())
        self.assertEqual(["<alice> hello"], self.bob.reads())
        self.alice.types("/who", "again")
        self.bob.types("psst again")
        self.assertEqual(["In lobby (2 people): alice (guest), bob (guest)", "<bob> psst again"], self.alice.reads())
        self.assertEqual(["<alice> again"], self.bob.reads())
        self.done(Answer(("Done.",)))
        self.assertEqual(["Done."], self.alice.reads())

    def test_program_knows_it_by_its_id(self) -> None:
        """Answers of a program come in another order then, each with its id."""
        robot = self.server.program("robot")
        robot.sends(b'{"id": 71, "do": "slow"}\n{"id": 72, "do": "whoami"}\n')
        self.server.wait(1)
        self.assertIn(b'{"id":72,"ok":true', robot.receives())
        self.done(Answer(facts={"x": 1}))
        self.assertEqual(b'{"id":71,"ok":true,"x":1}\n', robot.receives())

    def test_goodbye(self) -> None:
        """QUIT goes on as well: the command is stopped, and the connection closes."""
        self.alice.types("/slow", "QUIT")
        self.server.wait(1)
        read = self.alice.reads()
        self.assertEqual("-- Goodbye.", read[-1])
        self.assertIn("! /slow was stopped because its connection is about to end.", read)
        self.assertTrue(self.alice.is_disconnected())
        self.assertEqual(1, self.slow.cancelled)
        self.assertEqual("In lobby (1 person): bob (guest)", self.who())

    def test_several(self) -> None:
        """As many as --running-commands may run at once; one more is refused, and the others go on."""
        for _ in range(4):
            self.alice.types("/slow")
            self.server.wait(1)
        self.alice.types("/slow")
        self.assertEqual(
            ["! 4 commands of yours are still running. Wait until one has ended, then try /slow again."],
            self.alice.reads(),
        )
        for answer in ("first", "second", "third", "fourth"):
            self.done(Answer((answer,)), 0)
        self.assertEqual(["first", "second", "third", "fourth"], self.alice.reads())

    def test_refusal_that_comes_late(self) -> None:
        """A refusal, a bug and a message that is kept come late as an answer does."""
        for outcome, read in (
            (Refused("Not today."), "! Not today."),
            (
                ZeroDivisionError(),
                "! The server made a mistake and logged it: /slow failed. Tell an admin.",
            ),
        ):
            self.alice.types("/slow")
            self.server.wait(2)
            self.done(outcome)
            self.assertEqual([read], self.alice.reads())
        self.flushLoggedErrors(ZeroDivisionError)

    def test_answer_while_another_is_under_way(self) -> None:
        """It is written at once, and that one is answered when it is done."""
        self.alice.types("/slow")
        self.server.wait(1)
        self.alice.types("/slow")
        self.done(Answer(("first",)), 0)
        self.assertEqual(["first"], self.alice.reads())
        self.done(Answer(("second",)))
        self.assertEqual(["second"], self.alice.reads())


class EndTests(SlowTestCase):
    """The connection ends, or the server does, while a command takes time."""

    def is_gone(self) -> None:
        """The command was cancelled, alice is in no list, and her nickname is free."""
        self.assertEqual(1, self.slow.cancelled)
        self.assertNotIn("alice", self.who())
        self.server.guest("alice")

    def test_connection_is_lost(self) -> None:
        """A lost connection ends its command at once."""
        self.alice.types("/slow")
        self.alice.disconnects()
        self.is_gone()

    def test_connection_is_lost_later(self) -> None:
        """A lost connection ends a command that was set aside, at once."""
        self.alice.types("/slow")
        self.server.wait(5)
        self.alice.disconnects()
        self.is_gone()

    def test_before_the_nickname(self) -> None:
        """A lost connection ends its command also where no nickname was chosen yet."""
        self.slow.standing = Standing.ANYBODY
        nobody = self.server.connection()
        nobody.types("/slow")
        nobody.disconnects()
        self.assertEqual(1, self.slow.cancelled)

    def test_half_closed(self) -> None:
        """Closed as nc closes it, a command has what is left of a second, is stopped, and its person is gone."""
        self.alice.types("/slow")
        self.alice.ends()
        self.assertFalse(self.alice.is_disconnected())
        self.server.wait(1)
        self.assertEqual(["! /slow was stopped because you closed your end of the connection."], self.alice.reads())
        self.assertTrue(self.alice.is_disconnected())
        self.is_gone()

    def test_half_closed_later(self) -> None:
        """One that was set aside is stopped at once."""
        self.alice.types("/slow")
        self.server.wait(1)
        self.alice.ends()
        self.assertTrue(self.alice.is_disconnected())
        self.is_gone()

    def test_half_closed_behind_many(self) -> None:
        """Each of many has little time when one before it has taken all of it."""
        self.alice.types(*["/slow"] * 10)
        self.alice.ends()
        self.server.wait(2)
        self.assertTrue(self.alice.is_disconnected())
        self.assertEqual(10, self.slow.cancelled)

    def test_half_closed_and_quick(self) -> None:
        """What takes less than a second is answered, as with nc -N."""
        self.alice.types("/slow")
        self.alice.ends()
        self.server.wait(0.5)
        self.done(Answer(("Done.",)))
        self.assertEqual(["Done."], self.alice.reads())
        self.assertTrue(self.alice.is_disconnected())

    def test_server_stops(self) -> None:
        """A stop does not wait for a command."""
        self.alice.types("/slow")
        self.server.wait(1)
        closed = self.server.doorkeeper.close("Good night.")
        self.server.settle()
        self.assertTrue(self.alice.is_disconnected())
        self.assertEqual("-- Good night.", self.alice.reads()[-1])
        self.bob.disconnects()
        self.successResultOf(closed)

    def test_upgrade(self) -> None:
        """An upgrade does not wait for one, either: it is stopped, its caller reads why, and stays."""
        self.alice.types("/slow")
        self.server.wait(1)
        self.server.doorkeeper.freeze()
        self.assertFalse(any(each.is_busy() for each in self.server.doorkeeper.present))
        self.assertEqual(
            ["! /slow was stopped because the server is being upgraded. Try it again."], self.reads_when_thawed()
        )
        self.alice.types("hello")
        self.assertEqual(["<alice> hello"], self.bob.reads())

    def test_upgrade_at_once(self) -> None:
        """One that has just begun has what is left of a second."""
        self.alice.types("/slow")
        self.server.doorkeeper.freeze()
        self.assertTrue(any(each.is_busy() for each in self.server.doorkeeper.present))
        self.server.wait(1)
        self.assertFalse(any(each.is_busy() for each in self.server.doorkeeper.present))

    def test_upgrade_behind_a_whisper(self) -> None:
        """A command that waits behind a whisper when an upgrade begins has no more than a second."""
        keeping: Deferred[None] = Deferred()
        keep = self.server.services.batches._keep

        async def slowly(batch: Any) -> Any:
            await keeping
            return await keep(batch)

        self.patch(self.server.services.batches, "_keep", slowly)
        self.alice.types("@bob psst", "/slow")
        self.server.doorkeeper.freeze()
        self.assertEqual([], self.slow.waiting)
        keeping.callback(None)
        self.server.settle()
        self.assertEqual(1, len(self.slow.waiting))
        self.server.wait(1)
        self.assertEqual(1, self.slow.cancelled)
        self.assertFalse(any(each.is_busy() for each in self.server.doorkeeper.present))

    def test_no_upgrade_after_all(self) -> None:
        """Where the upgrade fails, the next command may take its time."""
        self.server.doorkeeper.freeze()
        self.server.doorkeeper.thaw()
        self.alice.types("/slow")
        self.server.wait(5)
        self.done(Answer(("Done.",)))
        self.assertEqual(["Done."], self.alice.reads())

    def reads_when_thawed(self) -> list[str]:
        """What alice reads when the upgrade has failed."""
        self.server.doorkeeper.thaw()
        self.server.settle()
        return self.alice.reads()

    def test_room_of_a_kick(self) -> None:
        """A person who is banned while a command runs is gone at once as well."""
        self.alice.types("/slow")
        self.server.wait(1)
        for conversation in list(self.server.doorkeeper.present):
            if conversation.nick == "alice":
                conversation.cut("was cut")
        self.server.settle()
        self.is_gone()


class SlowOnAnotherDoorTests(SlowTestCase):
    """What holds for people holds for programs."""

    def test_program_closes(self) -> None:
        """A program that closes while it waits is gone."""
        robot = self.server.program("robot")
        robot.sends(b'{"id": 1, "do": "slow"}\n')
        robot.ends()
        self.server.wait(1)
        self.assertIn(b'"error":"stopped"', robot.receives())
        self.assertTrue(robot.is_disconnected())
        self.assertNotIn("robot", self.who())
