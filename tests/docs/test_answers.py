"""
The facts in answers: what each built-in command declares (L{chatroom.commands.shapes}) is what it answers, what
docs/schema/protocol.json demands, and what docs/protocol.rst says.
"""

from __future__ import annotations

import re
import textwrap
from collections import defaultdict
from collections.abc import Mapping
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator, ValidationError
from twisted.trial.unittest import SynchronousTestCase

from chatroom.doors.json.json_speaker import GREETINGS
from chatroom.interfaces import ServerRole
from chatroom.limits import OFF, Limits
from chatroom.testing import Program, Server
from tests.answer_shapes import built_in, fitting, hints, kinds, name_of, nested, required, shown_by, words, written
from tests.doors.certificates import over_tls
from tests.protocol_page import PAGE
from tests.validators import SCHEMA, validator, wrong_in

PASSWORD = "correct horse battery"

PLAYED = f"""
robot hello nick=robot
robot motd
eve hello nick=eve
dora hello nick=dora
dora signup password="{PASSWORD}"
dora cert action=add
dora logout
dora hello nick=dora
dora cert
mia hello nick=mia password="{PASSWORD}"
ada hello nick=ada password="{PASSWORD}"
robot signup password="{PASSWORD}"
robot session
robot session action=remember
robot session action=create session=build
robot session
robot session action=revoke session=build
robot cert action=add fingerprint=abababababababababababababababababababababababababababababababab
robot cert action=add fingerprint=cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd
robot cert
robot cert action=remove fingerprint=abababababababababababababababababababababababababababababababab
robot passwd old="{PASSWORD}" new="{PASSWORD} staple"
robot bot on=on
robot whoami
robot info
robot info nick=eve
robot info nick=zoe
mia info nick=dora
mia info nick=sue
robot nick
robot zone
robot zone name=Europe/Rome
robot who
robot who after=p
robot who room=*
robot look
robot leave
robot look
robot whoami
robot join room=lobby
robot create room=den keep=on
robot say text=hi
robot say text=hello nonce=7
robot me text=waves nonce=8
robot topic text=Tea
robot topic
robot opentopic on=on
robot password password=sesame
robot password
robot private
robot public
robot slow seconds=5
robot slow seconds=off
robot moderated on=on
robot moderated on=off
robot unlisted on=on
robot unlisted on=off
robot capacity people=5
robot capacity people=off
robot lock
robot rooms
robot join room=den
robot lock duration=5m reason=raid
robot rooms
robot join room=den
robot unlock
robot join room=den
robot invite nick=eve
eve join room=den
eve say text=LONG
eve say text=LONG
eve say text=LONG
dora join room=den
robot op nick=dora
robot tellops text=tea
robot deop nick=dora
robot admit nick=dora
robot admitted
robot unadmit nick=dora
robot voice nick=dora
robot unvoice nick=dora
robot history
robot search words=x
robot search words=waves
robot help word=join
robot help
robot whisper to=dora text=psst
dora reply text=yes
robot away text=tea
robot who
robot back
robot ignore nick=eve
robot unignore nick=eve
robot report about=eve reason=rude
mia reports
dora report about=eve reason=ruder
mia reports
mia reports action=done number=1
robot mute nick=eve duration=5m
robot bans
robot unmute nick=eve
robot mute nick=dora
robot ban nick=eve duration=forever
robot bans
eve quit
robot bans
robot unban nick=eve
robot kick nick=dora
robot leave room=den
robot staff
robot oper name=mia password="{PASSWORD}"
robot wallops text=hello
robot unoper
mia gmute target=guest1 duration=1h
mia gmute target=dora duration=forever
mia gbans
mia gunmute target=guest1
mia gunmute target=dora
mia gban target=dora
mia gunban target=dora
mia gban target=guest3 duration=1h
mia gbans
mia lockdown
mia lockdown level=guests duration=1h
mia lockdown level=off
ada promote nick=robot
ada demote nick=robot
mia audit
mia gkick target=guest2
mia close room=den
robot logout
mia whisper to=robot text=later
robot login name=robot password="{PASSWORD} staple"
late hello nick=late
late leave
late signup password="{PASSWORD}"
back resume token=TOKEN
robot inbox
back inbox
back join room=lobby
back missed room=lobby
back inbox which=all
back history
"""
"""
Every built-in command, as a program requests it. C{TOKEN} is the last token that a program got, C{LONG} a long text.
"""


class Evening:
    """
    People and programs who use every command.

    @ivar answered: each word that was used, with its answers.
    """

    def __init__(self) -> None:
        """A crowd, a server of two daemons with small pages, and staff."""
        limits = Limits(talk_rate=OFF, work_rate=OFF, page_bytes=4096, history_lines=10)
        self.server = Server(limits, node="north")
        self.server.services.welcome.lines = ("Be kind.",)
        self.server.staff("ada", ServerRole.ADMIN).disconnects()
        self.server.staff("mia").disconnects()
        self.server.account("zoe").disconnects()
        self.server.another_node("south").guest("sue")
        self.crowd = [self.server.guest(f"guest{number}", f"192.0.2.{number}") for number in range(40)]
        self.programs = dict[str, Program]()
        self.answered: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self._token = ""

    def plays(self, text: str) -> None:
        """@param text: lines as in L{PLAYED}. @raise AssertionError: the server refuses one."""
        for line in text.strip().splitlines():
            who, word, *rest = line.split(" ", 2)
            pairs = re.findall(r'(\w+)=(?:"([^"]*)"|(\S+))', " ".join(rest))
            given = {key: quoted or bare for key, quoted, bare in pairs}
            stands_for = {"TOKEN": self._token, "LONG": "x " * 900}
            self.asks(who, word, **{key: stands_for.get(value, value) for key, value in given.items()})

    def asks(self, who: str, word: str, /, **arguments: Any) -> None:
        """One request. @raise AssertionError: the server refuses it."""
        address = f"203.0.113.{len(self.programs)}"
        if who not in self.programs:
            self.programs[who] = over_tls(self.server.program(address=address), who)
        program = self.programs[who]
        request = program.requests(word, **arguments)
        self.server.wait(1)
        made = request.answer()
        assert made["ok"], f"{who} {word} {arguments}: {made}"
        self._token = made.get("token") or self._token
        self.answered[words()[word]].append(made)


@cache
def everything() -> Mapping[str, list[dict[str, Any]]]:
    """What the server answers in such an evening, by the names of the commands."""
    evening = Evening()
    evening.plays(PLAYED)
    for number in range(40):
        evening.crowd[number].types(f"/report robot {'loud ' * 20}")
        evening.asks("mia", "say", text="Please be quiet.", room="lobby")
        evening.asks("mia", "ban", nick=f"guest{number}", room="lobby")
        evening.asks("mia", "admit", nick=f"friend{number}", room="lobby")
        evening.asks("mia", "gban", target=f"198.51.100.{number}")
    evening.plays("mia bans room=lobby\nmia admitted room=lobby\nmia gbans\nmia reports")
    evening.server.wait(3600)
    evening.plays("mia history room=lobby since=1 talk=off\nmia quit")
    return evening.answered


class PlayedTests(SynchronousTestCase):
    """What the server really answers."""

    def test_every_command(self) -> None:
        """The server answers every built-in command as its definition says, and with no key that is not declared."""
        self.assertEqual(set(built_in()), set(everything()))
        for word, made in everything().items():
            for answer in (*made[:10], *made[-3:]):
                self.assertEqual("", wrong_in(word, answer), (word, answer))

    def test_every_fact(self) -> None:
        """Each fact that a command declares is in some answer: a list with rows, and as null where that may be."""
        wanted = {kind for command in built_in().values() for shape in command.facts for kind in kinds(shape)}
        shown = {
            kind
            for word, made in everything().items()
            for answer in made
            for kind in shown_by(fitting(built_in()[word].facts, answer), answer)
        }
        self.assertEqual(set(), wanted - shown)

    def test_every_answer_of_a_command(self) -> None:
        """A command that declares several answers gives each of them."""
        for word, command in built_in().items():
            given = {fitting(command.facts, answer) for answer in everything()[word]}
            self.assertEqual(set(command.facts), given, word)

    def test_what_is_wrong(self) -> None:
        """An answer with a fact missing or of another type is against its definition; one with more keys is not."""
        for word, made in everything().items():
            definition = validator(f"answer-{word}")
            for answer in (made[0], made[-1]):
                shape = fitting(built_in()[word].facts, answer)
                self.assertTrue(definition.is_valid({**answer, "later": {"more": 1}}), word)
                self.assertFalse(definition.is_valid({**answer, "ok": False}), word)
                for key in hints(shape).keys() & answer.keys():
                    self.assertFalse(definition.is_valid({**answer, key: {"of": "another type"}}), (word, key))
                    if key in required(shape):
                        less = {name: value for name, value in answer.items() if name != key}
                        self.assertFalse(definition.is_valid(less), (word, key))

    def test_what_is_not_declared(self) -> None:
        """A fact that a command gives and does not declare is noticed, also inside an object."""
        for word, made in everything().items():
            self.assertIn("undeclared", wrong_in(word, {**made[0], "undeclared": 1}), word)
        (first, *others) = everything()["who"][0]["people"]
        answer = {**everything()["who"][0], "people": [{**first, "undeclared": 1}, *others]}
        self.assertIn("undeclared", wrong_in("who", answer))


class PageTests(SynchronousTestCase):
    """The tables of docs/protocol.rst."""

    def test_commands(self) -> None:
        """The column Answer begins with the facts that the command declares; behind them may stand an explanation."""
        rows, objects = _rows("commands"), _rows("objects")
        for word, command in built_in().items():
            names = [name_of(shape) for shape in command.facts]
            facts = "; or ".join(
                f"*{name}*" if f"*{name}*" in objects else written(shape)
                for name, shape in zip(names, command.facts, strict=True)
            )
            if word in GREETINGS:
                facts += ", wire limits"
            (_, answer) = rows[f"``{word}``"]
            self.assertEqual(facts, answer.split(". ")[0], word)

    def test_objects(self) -> None:
        """Every object in an answer has a row with its keys, and there is no row of anything else."""
        rows = _rows("objects")
        known = {name_of(shape): shape for command in built_in().values() for shape in command.facts}
        known |= {name_of(shape): shape for shape in nested()}
        self.assertLessEqual({f"*{name_of(shape)}*" for shape in nested()}, rows.keys())
        for name, (keys, explained) in rows.items():
            self.assertEqual(written(known[name.strip("*")]), keys, name)
            self.assertTrue(explained, name)

    def test_example(self) -> None:
        """The page's way to check an answer takes real ones, and refuses one without a fact."""
        (code,) = re.findall(r"^    def check.*?(?=^\S)", PAGE, re.MULTILINE | re.DOTALL)
        page: dict[str, Any] = {"Draft202012Validator": Draft202012Validator}
        exec(textwrap.dedent(code), page)
        (answer, *_) = everything()["topic"]
        page["check"](SCHEMA, "topic", answer)
        page["check"](SCHEMA, "join", {"id": 1, "ok": False, "error": "no-such-room", "sentence": "No."})
        self.assertRaises(ValidationError, page["check"], SCHEMA, "topic", {"id": 1, "ok": True, "room": "lobby"})


def _rows(name: str) -> dict[str, list[str]]:
    """The rows of a table of the page: the first column, and the others."""
    (table,) = re.findall(rf"protocol-{name} begin\n(.*?)\n\.\. protocol-{name} end", PAGE, re.DOTALL)
    rows = (re.split(r"^     -", row, flags=re.MULTILINE) for row in re.split(r"^   \* - ", table, flags=re.MULTILINE))
    return {first.strip(): [" ".join(other.split()) for other in others] for first, *others in list(rows)[2:]}
