"""
What survives when one process takes over from another: everything about a conversation.
"""

from __future__ import annotations

from typing import Any
from unittest.mock import PropertyMock, patch

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase

from chatroom import states
from chatroom.dataclass_json import from_plain, to_plain
from chatroom.doors.admission import TalkRate
from chatroom.doors.catchup import CatchUp, Gap
from chatroom.doors.conversation import Conversation
from chatroom.doors.intake import Intake
from chatroom.doors.irc.registration import Registration
from chatroom.doors.irc.speaker import IrcSpeaker
from chatroom.doors.line import character_mode
from chatroom.doors.line.character_mode import CharacterMode
from chatroom.doors.line.factory import LineFactory
from chatroom.doors.line.line_editor import LineEditor
from chatroom.doors.line.telnet import TelnetFilter
from chatroom.doors.line.text_speaker import TextSpeaker
from chatroom.doors.outbox import Outbox
from chatroom.doors.replies import Replies
from chatroom.limits import Limits
from chatroom.server.session.base import SessionBase
from chatroom.states import LineSnapshot, SecretsSnapshot
from chatroom.testing import Line, Server
from tests.doors.line.telnet_screen import SGA, TelnetScreen
from tests.upgrade.upgrades import PATIENCE, UpgradeCase

IAC, DO, DONT, WILL, WONT, SB, SE = b"\xff", b"\xfd", b"\xfe", b"\xfb", b"\xfc", b"\xfa", b"\xf0"
ECHO, NAWS = b"\x01", b"\x1f"

st.register_type_strategy(bytes, st.binary(max_size=20))
st.register_type_strategy(float, st.floats(allow_nan=False))  # which is not equal to itself

STATES = [each for each in vars(states).values() if isinstance(each, type) and each.__module__ == states.__name__]


class DocumentTests(SynchronousTestCase):
    """States as JSON and back."""

    @given(st.data())
    def test_round_trip(self, data: Any) -> None:
        """Every field of every state, whatever is in it."""
        state = data.draw(
            st.sampled_from([each for each in STATES if each.__name__.endswith("Snapshot")]).flatmap(st.from_type)
        )
        self.assertEqual(state, from_plain(type(state), to_plain(state)))

    def test_defaults(self) -> None:
        """What is as usual is left out, and what is left out is as usual: so can fields be added."""
        self.assertEqual({"word": "x", "values": {}, "wanted": []}, to_plain(SecretsSnapshot("x", {}, ())))

    def test_what_cannot_be_read(self) -> None:
        """A document of another kind is refused whole, with what is wrong in it."""
        for made, problem in (
            ({"typed": "a"}, "conversation"),
            ({"conversation": {"address": 1, "silence": 0}}, "no str, but a int"),
            ({"conversation": {"address": "", "silence": 0, "mood": 1}}, "has no field 'mood'"),
            ({"conversation": {"address": "", "silence": 0, "messages": 1}}, "no list, but a int"),
            ({"conversation": []}, "no ConversationSnapshot"),
            ({"conversation": {"address": "", "silence": 0}, "typed": 1}, "no bytes, but a int"),
            ([], "no LineSnapshot"),
        ):
            self.assertIn(problem, str(self.assertRaises(ValueError, from_plain, LineSnapshot, made)))


class FieldTests(SynchronousTestCase):
    """No field of a conversation is forgotten: whoever adds one decides here what an upgrade does to it."""

    HANDED_OVER = {
        CharacterMode: "_held editor",
        LineEditor: "_cut_short _decoder _pasted _remembered at hidden text",
        SessionBase: "address brief door presence room session holder ignored whisperer since visit zone lent",
        Conversation: "address caller intake last_word nick outbox replies speaker",
        Intake: "_backlog messages rate",
        Replies: "caller",
        Outbox: "_out behind caller moves once style",
        TextSpeaker: "_aim _owned _secrets _wanted",
        IrcSpeaker: "_nick _shown capabilities markers monitor playback profile registration style subscriptions",
        Registration: "capabilities real secret user wanted",
        TalkRate: "_since _tokens",
        CatchUp: "_gaps",
        Gap: "first last own",
    }
    MADE_ANEW = {
        CharacterMode: "_clock _conversation _lines _names _names_until _pasted_until _rate _resting _row",
        LineEditor: "_answered _draft _draft_cut_short _longest _offer _offered _place _start _tabs _unmarked _words"
        " bell redraw wants_to_leave",
        SessionBase: "_asker _page_lines certificate proved proved_by services connections ear __weakref__",
        Conversation: "_doorkeeper _present_as _transport",
        Intake: "_clock _conversation _paused _transport",
        Replies: "_conversation _doorkeeper _outbox _runs origin",
        Outbox: "_limits _owner _send _transport _unread answered frame full unread waits",
        TextSpeaker: "_conversation _hints _longest _terminal",
        IrcSpeaker: "_batches _framing _heard conversation network open_message passwords",
        Registration: "announced changes exchange metadata pre_away proved tried",
        TalkRate: "_burst _rate",
        CatchUp: "_caller _limits _writer",
        Gap: "_extras _from",
    }
    NOT_WHERE_IT_IS_QUIET = {
        CharacterMode: "unsent",
        LineEditor: "",
        SessionBase: "closed changing",
        Conversation: "_linger _reason _sentence life",
        Intake: "_timer turn",
        Replies: "_following _promised _told _unconfirmed _under_way _unkept _unpaid _when_kept",
        Outbox: "_back _closed _held _holding _made",
        TextSpeaker: "",
        IrcSpeaker: "_looks _response leaving",
        Registration: "",
        TalkRate: "",
        CatchUp: "_running",
        Gap: "",
    }

    def test_every_field(self) -> None:
        """It is handed over, or made anew, or has its first value wherever nothing is under way."""
        for cls, names in self.HANDED_OVER.items():
            known = f"{names} {self.MADE_ANEW[cls]} {self.NOT_WHERE_IT_IS_QUIET[cls]}".split()
            slots = [name for each in cls.__mro__ for name in getattr(each, "__slots__", ())]
            self.assertEqual(sorted(slots), sorted(known), cls.__name__)


class PersonTests(UpgradeCase):
    """Somebody with nc, in the middle of something."""

    def setUp(self) -> None:
        super().setUp()
        self.alice, self.bob = self.server.guest("alice"), self.server.guest("bob")
        self.alice.reads()

    def test_nobody_notices(self) -> None:
        """Nobody came, nobody went, nothing is said; talk goes on."""
        self.hand_over(self.alice, self.bob)
        self.alice.types("hello")
        self.assertEqual(["<alice> hello"], self.bob.reads())
        self.assertEqual([], self.alice.reads())
        self.assertEqual(["joined", "joined", "said"], [event.kind for _, event in self.store.kept("lobby")][1:])

    def test_half_a_line(self) -> None:
        """The other half may come later."""
        self.alice.sends(b"hel")
        self.hand_over(self.alice, self.bob)
        self.alice.sends(b"lo\n")
        self.assertEqual(["<alice> hello"], self.bob.reads())

    def test_half_a_line_that_is_too_long(self) -> None:
        """It is refused once, at its end."""
        self.alice.sends(b"x" * 5000)
        self.hand_over(self.alice, self.bob)
        self.alice.sends(b"x\nhello\n")
        self.assertIn("too long", "".join(self.alice.reads()))
        self.assertEqual(["<alice> hello"], self.bob.reads())

    def test_unsent(self) -> None:
        """What was written and not sent comes first."""
        self.hand_over(self.bob, self.alice, unsent=b"<alice> first\n")
        self.alice.types("second")
        self.assertEqual(["<alice> first", "<alice> second"], self.bob.reads())

    def test_rooms(self) -> None:
        """One is in the same rooms, in the same order, and looks at the same one."""
        self.alice.types("/create zoo", "/create attic", "/create mill", "/look attic")
        self.alice.reads()
        self.alice.types("/rooms")
        rooms = self.alice.reads()
        caller = self.alice.protocol.conversation.caller  # type: ignore[union-attr]
        had = (caller.room, caller.rooms)  # type: ignore[union-attr]
        self.hand_over(self.alice, self.bob)
        self.alice.types("/rooms")
        self.assertEqual(rooms, self.alice.reads())
        caller = self.alice.protocol.conversation.caller  # type: ignore[union-attr]
        self.assertEqual(had, (caller.room, caller.rooms))  # type: ignore[union-attr]
        self.assertEqual(("attic", ("lobby", "zoo", "attic", "mill")), had)

    def test_roles_of_guests(self) -> None:
        """A guest who made a room still owns it."""
        self.alice.types("/create attic")
        self.bob.types("/join attic")
        self.hand_over(self.alice, self.bob)
        self.bob.reads()
        self.alice.types("/kick bob")
        self.assertIn("kicked you from attic", "".join(self.bob.reads()))

    def test_ignored_and_correspondent(self) -> None:
        """The new process knows whom a person ignores, and to whom a reply goes."""
        carol = self.server.guest("carol")
        self.alice.types("/ignore carol")
        self.bob.types("@alice psst")
        self.hand_over(self.alice, self.bob, carol)
        for each in (self.alice, self.bob, carol):
            each.reads()
        carol.types("hello", "@alice hello")
        self.assertEqual([], self.alice.reads())
        self.alice.types("/reply yes?")
        self.assertIn("[alice whispers] yes?", self.bob.reads())

    def test_time_zone(self) -> None:
        """A guest reads times in the zone that they have set."""
        self.alice.types("/zone Europe/Rome")
        self.hand_over(self.alice, self.bob)
        self.alice.reads()
        self.alice.types("/zone")
        self.assertIn("Your time zone is Europe/Rome.", "".join(self.alice.reads()))

    def test_reply_to_an_account_that_has_left(self) -> None:
        """It still goes to their inbox, and a reply to a guest who has left still goes to nobody."""
        carol, dora = self.server.guest("carol"), self.server.account("dora")
        dora.types("@alice psst", "QUIT")
        carol.types("@bob psst", "QUIT")
        self.hand_over(self.alice, self.bob)
        self.alice.reads(), self.bob.reads()
        self.alice.types("/reply yes?")
        self.assertIn("Your whisper is in their inbox", "".join(self.alice.reads()))
        self.bob.types("/reply yes?")
        self.assertTrue("".join(self.bob.reads()).startswith("! Nobody"))

    def test_away(self) -> None:
        """Who was away still is."""
        self.alice.types("/away tea")
        self.hand_over(self.alice, self.bob)
        self.bob.reads()
        self.bob.types("/whois alice")
        self.assertIn("tea", "\n".join(self.bob.reads()))

    def test_nickname_is_still_held(self) -> None:
        """By the same connection, and free when it is gone, of which the rooms are told."""
        self.hand_over(self.alice, self.bob)
        other = self.server.connection()
        other.types("alice")
        self.assertIn("taken", "".join(other.reads()))
        self.bob.reads()
        self.alice.types("QUIT")
        self.assertEqual(["-- alice left the chat."], self.bob.reads())
        other.types("alice")
        self.assertIn("Registration successful", "".join(other.reads()))

    def test_lines_that_wait(self) -> None:
        """Somebody talked faster than is allowed: the rest comes, at the same pace, in order."""
        lines = [f"line {number}" for number in range(40)]
        self.alice.types(*lines)
        before = self.bob.reads()
        self.assertEqual(29, len(before))
        self.server.wait(1.0)
        self.assertEqual(34, len(before := before + self.bob.reads()))
        self.hand_over(self.alice, self.bob)
        self.assertEqual([], self.bob.reads())
        self.server.wait(2.0)
        self.assertEqual([f"<alice> {line}" for line in lines], before + self.bob.reads())

    def test_upgrade_again_and_again(self) -> None:
        """It is no other server for having been upgraded."""
        for number in range(5):
            self.alice.sends(f"line {number}".encode())
            self.hand_over(self.alice, self.bob)
            self.alice.sends(b"\n")
            self.assertEqual([f"<alice> line {number}"], self.bob.reads())

    def test_those_who_were_not_handed_over(self) -> None:
        """Of a guest whose connection is gone, the rooms are told."""
        self.hand_over(self.bob)
        self.assertEqual(["-- alice left the chat: the server was upgraded"], self.bob.reads())
        self.assertEqual([], self.server.guest("alice").reads())


class StrangerTests(UpgradeCase):
    """Somebody who has no nickname yet."""

    def setUp(self) -> None:
        super().setUp()
        self.bob = self.server.guest("bob")
        self.stranger = self.server.connection()

    def test_not_greeted_yet(self) -> None:
        """The greeting comes, once."""
        self.hand_over(self.stranger, self.bob)
        greeting = self.stranger.greeting()
        self.assertIn("What is your nickname?", greeting[1])
        self.server.wait(1.0)
        self.assertEqual([], self.stranger.reads())

    def test_greeted(self) -> None:
        """It does not come twice, and the time to choose goes on."""
        self.stranger.greeting()
        self.server.wait(50)
        self.hand_over(self.stranger, self.bob)
        self.server.wait(1)
        self.assertEqual([], self.stranger.reads())
        self.server.wait(10)
        self.assertIn("You have not chosen a nickname in 60 seconds", "".join(self.stranger.reads()))
        self.assertTrue(self.stranger.is_disconnected())

    def test_half_a_nickname(self) -> None:
        """It is a nickname when the rest is there."""
        self.stranger.sends(b"ali")
        self.hand_over(self.stranger, self.bob)
        self.stranger.sends(b"ce\n")
        self.assertIn("Registration successful", "".join(self.stranger.reads()))

    def test_asked_for_a_password(self) -> None:
        """A stranger whose nickname is an account's is still asked for its password."""
        self.server.account("alice").types("QUIT")
        self.stranger.types("alice")
        self.assertIn("If you are alice, type the password", "".join(self.stranger.reads()))
        self.hand_over(self.stranger, self.bob)
        self.stranger.types("correct horse battery")
        self.assertIn("alice", "".join(self.bob.reads()))

    def test_asked_for_a_secret(self) -> None:
        """A command that asks for a password twice, between the two."""
        self.stranger.types("alice", "/signup", "correct horse battery")
        self.hand_over(self.stranger, self.bob)
        self.stranger.reads()
        self.stranger.types("correct horse battery")
        self.assertIn("is now your account", "\n".join(self.stranger.reads()))

    def test_asked_for_a_secret_that_is_none_any_more(self) -> None:
        """A newer version may take other arguments: then nothing is done, and that is said."""
        self.stranger.types("alice", "/signup")
        self.server.doorkeeper.freeze()
        protocol = self.stranger.protocol
        state = to_plain(protocol.state(b""))
        state["person"]["secrets"]["wanted"] = ["passphrase"]
        protocol.state = lambda unsent: from_plain(LineSnapshot, state)  # type: ignore[method-assign]
        self.stranger.reads()
        self.hand_over(self.stranger, self.bob)
        self.assertIn("has changed. Please type it again.", "".join(self.stranger.reads()))
        self.bob.reads()
        self.stranger.types("my password")
        self.assertEqual([], self.bob.reads())
        self.assertIn("the password you were asked for", "".join(self.stranger.reads()))
        self.stranger.types("hello")
        self.assertEqual(["<alice> hello"], self.bob.reads())

    def test_asked_again_for_a_secret(self) -> None:
        """A command that was refused with a password goes on asking, for all of them, behind an upgrade."""
        self.stranger.types("alice", "/signup", "short", "short")
        self.hand_over(self.stranger, self.bob)
        self.stranger.reads()
        self.stranger.types("correct horse battery", "wrong horse battery")
        self.hand_over(self.stranger, self.bob)
        self.stranger.types("correct horse battery", "correct horse battery")
        self.assertIn("is now your account", "\n".join(self.stranger.reads()))

    def test_aimed_at_another_room(self) -> None:
        """Who was sent out of a room before an upgrade does not talk to another one unawares behind it."""
        self.stranger.types("alice")
        self.bob.types("/create den")
        self.stranger.types("/join den")
        self.bob.types("/kick alice", "/look lobby")
        self.hand_over(self.stranger, self.bob)
        self.bob.reads()
        self.stranger.types("for the den")
        self.assertEqual([], self.bob.reads())
        self.assertIn("you are no longer in den", "".join(self.stranger.reads()))


class AccountTests(UpgradeCase):
    """Somebody who is logged in."""

    def setUp(self) -> None:
        super().setUp()
        self.bob = self.server.guest("bob")
        self.alice = self.server.guest("alice")
        self.alice.types("/signup correct horse battery")
        self.token = next(line for line in self.alice.reads() if "/resume" in line).split("/resume ")[1].split()[0]
        self.bob.reads()

    def test_session(self) -> None:
        """One is logged in by the same session, which can be ended from another one."""
        other = self.server.connection()
        other.types("/login alice correct horse battery")
        self.hand_over(self.alice, self.bob, other)
        self.alice.reads()
        self.alice.types("/session revoke all")
        self.assertTrue(other.is_disconnected())
        self.assertFalse(self.alice.is_disconnected())

    def test_coming_back_unnoticed(self) -> None:
        """One that could not be handed over, as with TLS, has time to come back by token: nobody is told anything."""
        self.hand_over(self.bob)
        self.server.wait(PATIENCE - 1)
        alice = self.server.connection()
        alice.types(f"/resume {self.token}")
        self.server.wait(PATIENCE)
        self.assertEqual([], self.bob.reads())
        alice.types("hello")
        self.assertEqual(["<alice> hello"], self.bob.reads())

    def test_whispers_meanwhile(self) -> None:
        """They wait in the inbox."""
        self.hand_over(self.bob)
        self.bob.types("@alice psst")
        self.assertIn("alice", "".join(self.bob.reads()))
        alice = self.server.connection()
        alice.types(f"/resume {self.token}", "/inbox")
        self.assertIn("psst", "\n".join(alice.reads()))

    def test_not_coming_back(self) -> None:
        """An account that does not come back departs late, and the rooms are told then."""
        self.hand_over(self.bob)
        self.server.wait(PATIENCE + 1)
        self.assertEqual(["-- alice left the chat: the server was upgraded"], self.bob.reads())


class ProgramTests(UpgradeCase):
    """Programs that speak JSON lines."""

    def test_half_a_request(self) -> None:
        """It is answered when it is whole."""
        bob, alice = self.server.guest("bob"), self.server.program("alice")
        alice.sends(b'{"id": 7, "do": "say", "te')
        self.hand_over(bob, alice)
        alice.sends(b'xt": "hello"}\n')
        self.assertIn("<alice> hello", bob.reads())
        self.assertIn(b'"id":7,"ok":true', alice.receives())


class SlowReaderTests(UpgradeCase):
    """Somebody who does not read."""

    LIMITS = Limits(talk_rate=-1)

    def test_gaps(self) -> None:
        """What they were not told because of that is told when they read, once and in order."""
        alice, bob = self.server.guest("alice"), self.server.guest("bob")
        outbox = bob.protocol.conversation.outbox  # type: ignore[union-attr]
        alice.types("one")
        outbox.pauseProducing()
        alice.types("two", "three")
        bob.types("mine")
        alice.types("four")
        self.assertEqual(["<alice> one"], bob.reads())
        (_, state) = self.hand_over(alice, bob)
        self.assertEqual(1, len(state.conversation.gaps))
        self.assertEqual(["<alice> two", "<alice> three", "<alice> four"], bob.reads())
        alice.types("five")
        self.assertEqual(["<alice> five"], bob.reads())


class TelnetTests(UpgradeCase):
    """Somebody with telnet in line mode."""

    def setUp(self) -> None:
        super().setUp()
        self.server.factory.telnet_editing = False
        self.bob = self.server.guest("bob")
        self.alice = self.server.connection()
        self.alice.greeting()
        self.alice.sends(IAC + WILL + NAWS)
        self.alice.sends(b"alice\r\n")
        self.alice.receives()
        self.bob.reads()

    def test_line_ends(self) -> None:
        """They stay those of telnet; half of one is no empty line."""
        self.alice.sends(b"/signup\r")
        self.hand_over(self.alice, self.bob)
        self.alice.sends(b"\ncorrect horse battery\r\0correct horse battery\r\n")
        self.assertIn(b"is now your account", self.alice.receives())
        self.bob.types("hello")
        self.assertEqual(b"<bob> hello\r\n", self.alice.receives())

    def test_hidden_typing(self) -> None:
        """A terminal that hides what is typed shows it again after the password."""
        self.alice.sends(b"/signup\r\n")
        self.assertIn(IAC + WILL + ECHO, self.alice.receives())
        self.alice.sends(IAC + DO + ECHO)
        self.hand_over(self.alice, self.bob)
        self.alice.sends(b"correct horse battery\r\n" * 2)
        self.assertIn(IAC + WONT + ECHO, self.alice.receives())

    def test_answer_under_way(self) -> None:
        """The answer to a question of the old process is understood by the new one."""
        self.alice.sends(b"/signup\r\n")
        self.alice.receives()
        self.hand_over(self.alice, self.bob)
        self.alice.sends(IAC + DO + ECHO + b"correct horse battery\r\n" * 2)
        self.assertIn(IAC + WONT + ECHO, self.alice.receives())

    def test_refusal_under_way(self) -> None:
        """Also where it is no: then it is not asked again."""
        self.alice.sends(b"/signup\r\n")
        self.alice.receives()
        self.hand_over(self.alice, self.bob)
        self.alice.sends(IAC + DONT + ECHO + b"\r\n/signup\r\n")
        self.assertNotIn(IAC + WILL + ECHO, self.alice.receives())


class CharacterModeTests(UpgradeCase):
    """Somebody with telnet in character mode."""

    def setUp(self) -> None:
        super().setUp()
        self.bob = self.server.guest("bob")
        self.alice = TelnetScreen(self.server)
        self.alice.comes_in("alice")
        self.bob.reads()

    def upgrades(self) -> None:
        """Another process takes over."""
        self.hand_over(self.alice.line, self.bob)
        self.alice.server = self.server

    def test_half_a_line(self) -> None:
        """It stands there as it was, with the cursor where it was, and goes on."""
        self.alice.presses("one", b"\r")
        self.bob.reads()
        self.alice.presses(*"half a li", b"\x1b[D", b"\x1b[")
        self.upgrades()
        self.assertEqual(["one", "half a li"], self.alice.sees()[-2:])
        self.alice.presses(b"D", "X")
        self.bob.types("hello")
        self.assertEqual(["<bob> hello", "half a Xli"], self.alice.sees()[-2:])
        self.alice.presses(b"\x15", b"\x1b[A", b"\r")
        self.assertEqual(["<alice> one"], self.bob.reads())

    def test_half_a_password(self) -> None:
        """It is shown by neither process."""
        self.alice.types("/signup")
        self.alice.presses("correct ho")
        self.upgrades()
        self.assertEqual("", self.alice.sees()[-1])
        self.alice.presses("rse", b"\r")
        self.alice.types("correct horse")
        self.assertIn("is now your account", "\n".join(self.alice.sees()))
        self.assertNotIn("correct", "\n".join(self.alice.sees()))

    def test_half_a_pasted_text(self) -> None:
        """The rest of it belongs to it, and it waits for the Enter key."""
        self.alice.presses(b"\x1b[200~one\rtw")
        self.upgrades()
        self.alice.presses(b"o\r/quit\x1b[201~")
        self.assertEqual([], self.bob.reads())
        self.server.wait(1)
        self.alice.presses(b"\r")
        self.assertEqual(["<alice> one", "<alice> two", "<alice> /quit"], self.bob.reads())

    def test_keys_that_wait(self) -> None:
        """What came too fast for the old process is taken up by the new one."""
        self.alice.line.sends(b"x\x7f" * 20_000 + b"hello")
        self.upgrades()
        self.server.wait(20)
        self.alice.presses(b"\r")
        self.assertEqual(["<alice> hello"], self.bob.reads())

    def test_whole_lines_that_wait(self) -> None:
        """Lines that came too fast are said as they would have been, also where the new process edits no lines."""
        for edits in (True, False):
            with patch.object(character_mode, "BURST", 4):
                self.setUp()
                self.server.wait(60)
                self.alice.presses("half", "one", b"\r", "thr")
                self.assertEqual([], self.bob.reads())
                with patch.object(LineFactory, "telnet_editing", PropertyMock(return_value=edits), create=True):
                    self.upgrades()
            self.server.wait(1)
            self.alice.presses("ee", b"\r\n")
            self.server.wait(5)
            self.assertEqual(["<alice> halfone", "<alice> three"], self.bob.reads(), edits)

    def test_negotiation_under_way(self) -> None:
        """Answers to questions of the old process begin character mode in the new one."""
        carol = self.server.connection()
        self.server.wait(1)
        carol.sends(b"carol\r\n" + IAC + WILL + NAWS)
        carol.receives()
        self.hand_over(carol, self.bob)
        carol.sends(IAC + DO + ECHO + IAC + DO + SGA)
        carol.receives()
        carol.sends(b"he")
        self.assertEqual(b"he", carol.receives())


PIECES = st.sampled_from(
    [
        b"hello\n", b"hello\r\n", b"\r\0", b"\xc3\xbc", b"\xff\xfb\x1f", b"\xff\xfa\x1f\x00\xff\xff\x01\xff\xf0",
        b"\xff\xfd\x01", b"\xff\xf1", b"/topic tea\n", b"@bob psst\n", b"x" * 300, b"//x\n", b" ", b"\xff\xff", b"\r",
    ]
)  # fmt: skip


class SplitTests(SynchronousTestCase):
    """Whatever is typed, and wherever the upgrade comes."""

    @settings(max_examples=150, deadline=None)
    @given(st.lists(PIECES, max_size=8), st.data())
    def test_anywhere(self, pieces: list[bytes], data: Any) -> None:
        """Everybody reads what they would have read without it."""
        typed = b"".join(pieces)
        cuts = sorted(data.draw(st.lists(st.integers(0, len(typed)), max_size=3)))
        self.assertEqual(self.told(typed, cuts, upgrade=False), self.told(typed, cuts, upgrade=True))

    def told(self, typed: bytes, cuts: list[int], upgrade: bool) -> list[bytes]:
        """What alice and bob read when alice types this in pieces, perhaps with an upgrade between any two."""
        case = UpgradeCase()
        case.LIMITS = Limits(line_length=400)
        case.setUp()
        alice, bob = case.server.guest("alice"), case.server.guest("bob")
        alice.reads()
        read = [b"", b""]
        for start, end in zip([0, *cuts], [*cuts, len(typed)], strict=True):
            alice.sends(typed[start:end])
            read = [read[0] + alice.receives(), read[1] + bob.receives()]
            if upgrade:
                case.hand_over(alice, bob)
        alice.sends(b"\nthe end\n")
        return [read[0] + alice.receives(), read[1] + bob.receives()]


class TelnetStateTests(SynchronousTestCase):
    """A negotiation, cut anywhere."""

    @given(st.binary(max_size=40).map(lambda data: data.replace(b"a", IAC)), st.integers(0, 40))
    def test_anywhere(self, data: bytes, cut: int) -> None:
        """Another filter that goes on from there makes the same of the rest."""
        self.assertEqual(self.made(data, None), self.made(data, cut))

    def made(self, data: bytes, cut: int | None) -> list[bytes]:
        """What it makes of this input."""
        out: list[bytes] = []

        def filter() -> TelnetFilter:
            return TelnetFilter(
                out.append,
                lambda data: out.append(b"! " + data),
                lambda reason: None,
                lambda width: None,
                lambda keys: out.append(b"keys" if keys else b"lines"),
            )

        first = second = filter()
        first.hide_typing(True)
        first.filter(data[:cut])
        if cut is not None:
            second = filter()
            second.restore(from_plain(states.TelnetSnapshot, to_plain(first.snapshot())))
            second.filter(data[cut:])
        return [b"".join(out)]


class FreezeTests(SynchronousTestCase):
    """An upgrade that comes to nothing."""

    def setUp(self) -> None:
        self.server = Server()
        self.alice, self.bob = self.server.guest("alice"), self.server.guest("bob")
        self.alice.reads()

    def test_reading_stops_and_goes_on(self) -> None:
        """Nobody is listened to meanwhile, and all is as it was afterwards."""
        keeper = self.server.doorkeeper
        keeper.freeze()
        self.assertEqual("paused", self.alice.transport.producerState)
        self.alice.types("hello")
        self.assertEqual([], self.bob.reads())
        keeper.thaw()
        self.server.settle()
        self.assertEqual("producing", self.alice.transport.producerState)
        self.assertEqual(["<alice> hello"], self.bob.reads())

    def test_server_goes_on(self) -> None:
        """Also when the backend had been let go already: nicknames are held, nobody has left."""
        keeper, hub = self.server.doorkeeper, self.server.hub
        keeper.freeze()
        self.server.settle()
        self.assertTrue(hub.is_quiet())
        present = self.successResultOf(Deferred.fromCoroutine(hub.suspend()))
        self.successResultOf(Deferred.fromCoroutine(hub.resume(present)))
        keeper.thaw()
        self.alice.types("hello", "/create attic")
        self.assertEqual(["<alice> hello"], self.bob.reads())
        other = Line(self.server, "127.0.0.1")
        other.sends(b"bob\n")
        self.assertIn(b"taken", other.receives())

    def test_lost_meanwhile(self) -> None:
        """Somebody who goes meanwhile is gone."""
        self.server.doorkeeper.freeze()
        self.alice.disconnects()
        self.server.doorkeeper.thaw()
        self.server.settle()
        self.assertEqual(["-- alice left the chat: connection closed"], self.bob.reads())
