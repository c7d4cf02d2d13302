"""
Turns to speak: one thing after the other, at a pace that leaves room for others.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase

from chatroom.commands.base import Command
from chatroom.doors.backlog import PACK
from chatroom.doors.conversation import Conversation
from chatroom.doors.intake import ANSWERS_PER_TURN, FEW, MESSAGES_PER_TURN
from chatroom.doors.json.json_speaker import JsonSpeaker
from chatroom.doors.line.text import LF
from chatroom.doors.replies import UNKEPT
from chatroom.errors import NotKept, Refused
from chatroom.events import Event
from chatroom.interfaces import Answer, ICaller, Receipt
from chatroom.limits import OFF, Limits
from chatroom.plugins.find import find
from chatroom.testing import Guest, Server
from tests.daemon.slow import at_once
from tests.doors.readers import Socket


class Wait(Command):
    """A command that takes until the test says it is done."""

    name = "wait"
    summary = "wait"

    def __init__(self) -> None:
        self.waiting: list[Deferred[Answer]] = []

    def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Deferred[Answer]:
        """A Deferred, as it may be anything that can be awaited."""
        self.waiting.append(Deferred())
        return self.waiting[-1]


class Plain(Command):
    """A command that does what the test gave it to do."""

    name = "plain"
    summary = "do"
    does: Any = None

    def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Any:
        """Whatever it is."""
        return self.does(caller)


class OrderTests(SynchronousTestCase):
    """One command at a time."""

    def setUp(self) -> None:
        self.wait, self.plain = Wait(), Plain()
        self.server = Server(Limits(talk_rate=OFF), commands={**find(), "wait": self.wait, "plain": self.plain})
        self.alice, self.bob = self.server.guest("alice"), self.server.guest("bob")
        self.alice.reads()

    def done(self, answer: Any) -> None:
        """The command under way is done, with this answer or failure."""
        waiting = self.wait.waiting.pop()
        if isinstance(answer, Exception):
            waiting.errback(answer)
        else:
            waiting.callback(answer)
        self.server.settle()

    def test_lines_behind_a_command_wait(self) -> None:
        """In order, and the reader is paused only if there are more than a few."""
        texts = [f"line {number}" for number in range(FEW + 1)]
        self.alice.types("/wait", *texts[:FEW])
        self.assertEqual("producing", self.alice.transport.producerState)
        self.alice.types(texts[FEW])
        self.assertEqual("paused", self.alice.transport.producerState)
        self.assertEqual([], self.bob.reads())
        self.done(Answer(("Done.",)))
        self.assertEqual([f"<alice> {text}" for text in texts], self.bob.reads())
        self.assertEqual("producing", self.alice.transport.producerState)

    def test_answers_that_come_together_are_written_together(self) -> None:
        """A greeting and what was typed before it came; an answer and what waited for it."""
        guest = self.server.connection()
        written = self.writes_of(guest)
        guest.types("carol", "/nonsense")
        self.assertEqual(2, len(written), written)
        self.assertIn(b"What is your nickname?", written[0])
        self.assertIn(b"Registration successful.", written[1])
        self.assertIn(b"There is no command /nonsense.", written[1])

    def writes_of(self, guest: Guest) -> list[bytes]:
        """What is written to somebody from now on, call by call."""
        written: list[bytes] = []
        write = guest.transport.write

        def noted(data: bytes) -> None:
            written.append(data)
            write(data)

        self.patch(guest.transport, "write", noted)
        return written

    def test_a_thousand_commands_in_one_piece(self) -> None:
        """Each waits for the last one, and none stands on another's shoulders."""
        self.alice.types(*["/wait"] * 1000)
        for _ in range(1000):
            self.assertEqual(1, len(self.wait.waiting))
            self.done(Answer(("Done.",)))
        self.assertEqual(["Done."] * 1000, self.alice.reads())

    def test_commands_that_need_no_waiting_are_no_deeper(self) -> None:
        """Those that are done at once, too."""
        self.plain.does = lambda caller: immediately(Answer(("Done.",)))
        self.alice.types(*["/plain"] * 5000)
        self.assertEqual(["Done."] * 5000, self.alice.reads())

    def test_answer_comes_before_what_was_heard_meanwhile(self) -> None:
        """An answer comes before what was heard meanwhile, and behind what was heard before."""
        self.bob.types("before")
        self.alice.types("/wait")
        self.bob.types("meanwhile")
        self.bob.types("@alice psst")
        self.done(Answer(("Done.",)))
        self.assertEqual(["<bob> before", "Done.", "<bob> meanwhile", "[bob whispers] psst"], self.alice.reads())

    def test_whispers_are_confirmed_together(self) -> None:
        """They need not wait for each other: a turn keeps and tells them all."""
        batches, keep = [], self.server.backend.keep

        async def count(batch: Sequence[Event]) -> Sequence[bool]:
            batches.append(len(batch))
            return await keep(batch)

        self.patch(self.server.services.batches, "_keep", count)
        self.alice.types("@bob one", "@bob two", "@bob three")
        self.assertEqual([3], batches)
        self.assertEqual(["Whispered to bob."] * 3, self.alice.reads())
        self.assertEqual([f"[alice whispers] {word}" for word in ("one", "two", "three")], self.bob.reads())

    def test_what_follows_a_whisper_is_answered_behind_it(self) -> None:
        """Whatever it is: an answer at once or later, a refusal, a question."""
        self.plain.does = lambda caller: Answer(("Plain.",))
        follows = {
            "/plain": "Plain.",
            "/look lobby": "Current room: lobby.",
            "@bob": "! To whisper, type",
            "@bob \u200b": "! ",
            "@nobody hi": "! There is no person or account called nobody",
            "/nonsense": "! There is no command",
            "/": "! Commands start with a slash",
            "/signup": "-- Type the password",
            "x" * 5000: "! That line is too long",
        }
        for line, answer in follows.items():
            guest = self.server.guest(f"guest{len(line)}{line[1:2].strip('/ x')}x")
            guest.types("@bob hi", line)
            first, second = guest.reads()[:2]
            self.assertEqual("Whispered to bob.", first, line)
            self.assertTrue(second.startswith(answer), (line, second))

    def test_talk_and_whispers_stay_in_order(self) -> None:
        """Neither waits for the other, and nobody reads the second before the first."""
        self.alice.types("@bob psst", "hello", "@bob psst again")
        self.assertEqual(["[alice whispers] psst", "<alice> hello", "[alice whispers] psst again"], self.bob.reads())

    def test_talk_before_a_whisper_is_read_before_it(self) -> None:
        """In whatever room of the hearer it was said, and by whomever of those who whisper."""
        self.alice.types("hello", "@bob psst")
        self.assertEqual(["<alice> hello", "[alice whispers] psst"], self.bob.reads())
        at_once((self.alice, "hello"), (self.bob, "hi\n@alice psst\n@alice again\nbye"))
        self.assertEqual(
            ["<bob> hi", "[bob whispers] psst", "[bob whispers] again", "<bob> bye"],
            [line for line in self.alice.reads() if "bob" in line and "Whispered" not in line],
        )

    def test_what_is_heard_and_confirmed_in_one_turn_is_one_write(self) -> None:
        """Two who whisper to each other at the same time are each written to once."""
        writes: list[bytes] = []
        self.patch(self.alice.transport, "write", writes.append)
        at_once((self.alice, "@bob one\n@bob two"), (self.bob, "@alice three\n@alice four"))
        told = b"[bob whispers] three\n[bob whispers] four\n"
        self.assertEqual([told + b"Whispered to bob.\nWhispered to bob.\n"], writes)

    def test_program_is_answered_in_order(self) -> None:
        """Whispers and anything else, in one piece, each with its own answer."""
        robot = self.server.program("robot")
        words = [("whisper", {"to": "bob", "text": "one"}), ("who", {}), ("whisper", {"to": "bob"})]
        words += [("whisper", {"to": "nobody", "text": "three"}), ("who", {}), ("whisper", {"to": "bob", "text": "4"})]
        requests = [json.dumps({"id": id, "do": word, **given}) for id, (word, given) in enumerate(words)]
        robot.receives()
        robot.sends("".join(f"{request}\n" for request in requests).encode())
        answers = [made for line in robot.receives().splitlines() if "id" in (made := json.loads(line))]
        self.assertEqual(list(range(6)), [made["id"] for made in answers])
        self.assertEqual([True, True, False, False, True, True], [made["ok"] for made in answers])

    def test_whisper_and_goodbye(self) -> None:
        """Half-closed behind a whisper, as nc -N does: it is confirmed before the connection ends."""
        self.alice.types("@bob psst", "@nobody psst")
        self.alice.ends()
        self.assertEqual("Whispered to bob.", self.alice.reads()[0])
        self.assertTrue(self.alice.is_disconnected())

    def test_refusal_is_answered(self) -> None:
        """Whether it comes at once or later."""
        self.plain.does = refuse
        self.alice.types("/plain", "/wait")
        self.done(Refused("Not today."))
        self.assertEqual(["! Not now.", "! Not today."], self.alice.reads())

    def test_bug_is_answered_politely(self) -> None:
        """It is written down whole, the connection stays, and what is behind it is done."""
        self.plain.does = lambda caller: 1 // 0
        self.alice.types("/plain", "/wait", "still here")
        self.done(ZeroDivisionError())
        first, second = self.alice.reads()
        self.assertEqual("! The server made a mistake and logged it: /plain failed. Tell an admin.", first)
        self.assertEqual("! The server made a mistake and logged it: /wait failed. Tell an admin.", second)
        self.assertEqual(2, len(self.flushLoggedErrors(ZeroDivisionError)))
        self.assertEqual(["<alice> still here"], self.bob.reads())

    def test_bug_in_what_comes_after_the_answer(self) -> None:
        """Is no different."""
        self.plain.does = lambda caller: Answer(("Done.",), then=self.fail_by_zero)
        self.alice.types("/plain")
        done, bug = self.alice.reads()
        self.assertEqual("Done.", done)
        self.assertTrue(bug.startswith("! The server made a mistake"), bug)
        self.assertEqual(1, len(self.flushLoggedErrors(ZeroDivisionError)))

    def fail_by_zero(self) -> None:
        """A bug."""
        raise ZeroDivisionError

    def test_nothing_to_say(self) -> None:
        """A command may be done without a word."""
        self.plain.does = lambda caller: None
        self.alice.types("/plain")
        self.assertEqual([], self.alice.reads())

    def test_what_comes_after_the_answer_comes_after_it(self) -> None:
        """Such as hanging up."""
        seen: list[list[str]] = []
        self.plain.does = lambda caller: Answer(("Done.",), then=lambda: seen.append(self.alice.reads()))
        self.alice.types("/plain")
        self.assertEqual([["Done."]], seen)

    def test_answer_for_somebody_who_has_gone(self) -> None:
        """Goes nowhere, and harms nobody."""
        self.alice.types("/wait")
        self.alice.disconnects()
        self.done(Answer(("Done.",)))
        self.assertEqual([], self.alice.reads())

    def test_quit_behind_a_command_waits_too(self) -> None:
        """Whoever leaves reads the answer first."""
        self.alice.types("/wait", "QUIT")
        self.assertFalse(self.alice.is_disconnected())
        self.done(Answer(("Done.",)))
        self.assertEqual(["Done.", "-- Goodbye."], self.alice.reads())
        self.assertTrue(self.alice.is_disconnected())

    def test_server_hangs_up_when_the_command_is_done(self) -> None:
        """The server hangs up when the command is done, and in the middle of it only if it takes too long."""
        for takes_long in (False, True):
            guest = self.server.guest(f"guest{takes_long}")
            guest.types("/wait")
            closed = self.server.doorkeeper.close("Good night.")
            self.assertFalse(guest.is_disconnected())
            if takes_long:
                self.server.wait(12)
            else:
                self.done(Answer(("Done.",)))
                self.assertEqual(["Done.", "-- Good night."], guest.reads())
            self.assertTrue(guest.is_disconnected())
            self.successResultOf(closed)


class TalkTests(SynchronousTestCase):
    """Talk that is kept later, or not at all."""

    def setUp(self) -> None:
        self.plain = Plain()
        self.server = Server(Limits(talk_rate=OFF), commands={**find(), "plain": self.plain})
        self.alice, self.bob = self.server.guest("alice"), self.server.guest("bob")
        self.alice.reads()

    def test_what_could_not_be_kept_is_told(self) -> None:
        """To the one who said it; nobody else has read it."""

        async def keep(batch: object) -> None:
            raise NotKept("The disk is full.")

        self.patch(self.server.services.batches, "_keep", keep)
        self.alice.types("hello")
        self.assertEqual(["! The disk is full."], self.alice.reads())
        self.assertEqual([], self.bob.reads())

    def test_only_so_much_waits_to_be_kept(self) -> None:
        """A backend that stands still is not buried: the reader is paused."""
        receipts: list[Receipt] = []
        self.patch(self.server.services.batches, "submit", receipts.append)
        self.alice.types(*(str(number) for number in range(UNKEPT + 500)))
        self.assertEqual(UNKEPT, len(receipts))
        self.assertEqual("paused", self.alice.transport.producerState)
        for receipt in receipts[:10]:
            assert receipt.kept is not None
            receipt.kept(receipt.event)
        self.server.settle()
        self.assertEqual(UNKEPT + 10, len(receipts))

    def test_quit_waits_until_talk_is_kept(self) -> None:
        """Whoever says goodbye and leaves learns if nobody could read it."""
        receipts: list[Receipt] = []
        submit = self.server.services.batches.submit
        self.patch(
            self.server.services.batches, "submit", lambda r: (receipts.append if r.event.kind == "said" else submit)(r)
        )
        self.alice.types("goodbye", "QUIT")
        self.assertFalse(self.alice.is_disconnected())
        assert receipts[0].kept is not None
        receipts[0].kept(NotKept("The disk is full."))
        self.server.settle()
        self.assertEqual(["! The disk is full.", "-- Goodbye."], self.alice.reads())
        self.assertTrue(self.alice.is_disconnected())


class LingeringTests(SynchronousTestCase):
    """Somebody who is hung up in the middle of sending."""

    def setUp(self) -> None:
        self.server = Server()
        self.wire = Socket(reactor=self.server.clock)  # type: ignore[arg-type]
        admitted = self.server.doorkeeper.admit(self.wire, LF)
        assert isinstance(admitted, Conversation)
        self.conversation = admitted
        self.conversation.hang_up("That is too much.", linger=True)

    def test_reads_why(self) -> None:
        """The server closes its half and lets the other half go on, as a reset would take the sentence away."""
        self.assertEqual(
            (b"-- That is too much.\n", True, 0), (self.wire.sent, self.wire.shut, self.wire.disconnecting)
        )

    def test_is_closed_when_it_is_done(self) -> None:
        """Once it is done, both halves are closed."""
        self.conversation.end()
        self.assertTrue(self.wire.lost)

    def test_is_cut_if_it_goes_on_without_end(self) -> None:
        """After some seconds."""
        self.server.wait(9)
        self.assertFalse(self.wire.lost)
        self.server.wait(3)
        self.assertTrue(self.wire.lost)


class PaceTests(SynchronousTestCase):
    """How fast one may talk."""

    def test_a_paste_arrives_whole(self) -> None:
        """Thirty lines at once, without delay."""
        server = Server()
        alice, bob = server.guest("alice"), server.guest("bob")
        server.wait(10)
        alice.types(*(str(number) for number in range(30)))
        self.assertEqual([f"<alice> {number}" for number in range(30)], bob.reads())

    def test_a_flood_is_slowed_down(self) -> None:
        """Five lines a second after the burst; nothing is lost, and the reader waits."""
        server = Server()
        alice, bob = server.guest("alice"), server.guest("bob")
        server.wait(10)
        alice.types(*(str(number) for number in range(100)))
        self.assertEqual(30, len(bob.reads()))
        self.assertEqual("paused", alice.transport.producerState)
        server.wait(2)
        self.assertEqual([f"<alice> {number}" for number in range(30, 40)], bob.reads())
        server.wait(12)
        self.assertEqual([f"<alice> {number}" for number in range(40, 100)], bob.reads())
        self.assertEqual("producing", alice.transport.producerState)

    def test_empty_lines_are_no_talk(self) -> None:
        """They use up nothing."""
        server = Server()
        alice, bob = server.guest("alice"), server.guest("bob")
        alice.types(*[""] * 1000, "hello")
        self.assertEqual(["<alice> hello"], bob.reads())

    def test_others_are_not_slowed_down(self) -> None:
        """One connection's flood is its own."""
        server = Server()
        alice, bob = server.guest("alice"), server.guest("bob")
        alice.types(*["flood"] * 100)
        bob.types("hello")
        self.assertIn("<bob> hello", alice.reads())

    def test_a_disconnect_ends_the_waiting(self) -> None:
        """Nothing is left over."""
        server = Server()
        alice, bob = server.guest("alice"), server.guest("bob")
        alice.types(*(str(number) for number in range(100)))
        alice.disconnects()
        bob.reads()
        server.wait(100)
        self.assertEqual([], bob.reads())

    def test_the_rate_can_be_lifted(self) -> None:
        """For trusted networks: all of it at once."""
        server = Server(Limits(talk_rate=OFF))
        alice, bob = server.guest("alice"), server.guest("bob")
        alice.types(*(str(number) for number in range(1000)))
        self.assertEqual(1000, len(bob.reads()))

    def test_everyone_has_a_share_of_each_turn(self) -> None:
        """Whoever sends a great piece at once does not keep the reactor from others."""
        server = Server(Limits(talk_rate=OFF))
        alice, bob = server.guest("alice"), server.guest("bob")
        said: list[str] = []
        self.patch(server.services.batches, "submit", lambda receipt: said.append(receipt.event.text))
        alice.protocol.dataReceived(b"a\n" * 250)
        bob.protocol.dataReceived(b"b\n")
        self.assertEqual(["a"] * MESSAGES_PER_TURN + ["b"], said)
        server.settle()
        self.assertEqual(251, len(said))

    def test_long_answers_are_a_share_of_a_turn_as_well(self) -> None:
        """A hundred requests with long answers would keep the reactor from others for longer than a hundred lines."""
        plain = Plain()
        server = Server(Limits(talk_rate=OFF, work_rate=OFF), commands={**find(), "plain": plain})
        alice, asked = server.guest("alice"), list[str]()

        def answer(caller: ICaller) -> Answer:
            asked.append(f"{len(asked)} {'.' * 2000}")
            return Answer((asked[-1],))

        plain.does = answer
        alice.reads()
        alice.protocol.dataReceived(b"/plain\n" * 50)
        self.assertEqual(ANSWERS_PER_TURN // 2000 + 1, len(asked))
        server.settle()
        self.assertEqual(50, len(asked))
        self.assertEqual(asked, alice.reads())


async def immediately(answer: Answer) -> Answer:
    """No waiting at all."""
    return answer


def refuse(caller: ICaller) -> None:
    """No."""
    raise Refused("Not now.")


class BacklogTests(SynchronousTestCase):
    """Very many messages sent at once."""

    def test_all_are_heard_in_order(self) -> None:
        """Also those that are too long, and none out of turn."""
        server = Server(Limits(talk_rate=OFF, line_length=64))
        alice, bob = server.guest("alice"), server.guest("bob")
        lines = [f"{number}" + (" and on and on" * 5 if number % 700 == 0 else "") for number in range(3000)]
        alice.types(*lines)
        self.assertEqual([f"<alice> {line}" for line in lines if len(line) <= 64], bob.reads())
        self.assertEqual(5, sum("too long" in line for line in alice.reads()))

    def test_what_waits_takes_little_more_than_was_sent(self) -> None:
        """Thirty thousand lines of two letters, at five a second: they wait as bytes, not as thirty thousand things."""
        server = Server()
        alice, bob = server.guest("alice"), server.guest("bob")
        alice.sends(b"ab\n" * 30_000)
        (conversation, _) = server.doorkeeper.present
        intake = conversation.intake
        assert intake.messages is not None and intake._backlog is not None
        self.assertLessEqual(len(intake.messages), MESSAGES_PER_TURN + PACK)
        self.assertLess(sum(sys.getsizeof(pack) for pack in intake._backlog._packs), 2 * 3 * 30_000)
        bob.reads()
        server.wait(60)
        self.assertEqual(["<alice> ab"] * 300, bob.reads())

    def test_gone_with_the_connection(self) -> None:
        """Whoever hangs up is not listened to any more, however much they had sent."""
        server = Server()
        alice, bob = server.guest("alice"), server.guest("bob")
        alice.sends(b"ab\n" * 30_000)
        (conversation, _) = server.doorkeeper.present
        alice.disconnects()
        self.assertEqual((None, None), (conversation.intake.messages, conversation.intake._backlog))
        bob.reads()
        server.wait(60)
        self.assertEqual([], bob.reads())


class PageTests(SynchronousTestCase):
    """How many lines a page has is the door's to say."""

    def test_door_has_its_own_pages(self) -> None:
        """A door that asks for shorter or longer pages gets them, also after an upgrade; another has the server's."""
        server = Server(Limits(page_lines=3))
        for own, most in ((None, 3), (2, 2), (7, 7)):
            admitted = server.doorkeeper.admit(Socket(reactor=server.clock), LF)  # type: ignore[arg-type]
            assert isinstance(admitted, Conversation)
            admitted.enter(JsonSpeaker(admitted, str.encode, 1000), "test", own)
            state = admitted.state()
            again = server.doorkeeper.readmit(Socket(reactor=server.clock), LF, state)  # type: ignore[arg-type]
            again.enter_again(JsonSpeaker(again, str.encode, 1000), state, own)
            for each in (admitted, again):
                assert each.caller is not None
                self.assertEqual(most, each.caller.page_lines)
