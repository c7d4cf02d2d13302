"""
The types of the interface for plugins hold from outside: what is right is clean, and what is wrong is found.
"""

from __future__ import annotations

from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from tests.e2e.daemon import ROOT
from tests.e2e.plugin_types import Complaint, copy_examples, environment, marked, mypy, pyright

RIGHT = """
from __future__ import annotations

from collections.abc import Awaitable, Mapping

from twisted.internet.threads import deferToThread
from twisted.plugin import IPlugin

from chatroom.commands.base import Command, number, person
from chatroom.errors import BadArguments, Filtered
from chatroom.interfaces import (
    Answer, ICaller, ICommand, IFilterFactory, ITalkFilter, Outcome, Parameter, Person, Receipt, Role, Standing,
    Utterance, provides,
)
from chatroom.testing import Guest, Program, Server


class Plain(Command):
    name = "plain"
    aliases = ("simple",)
    summary = "answer at once"
    parameters = (Parameter("nick"), Parameter("text", required=False, rest=True))
    standing = Standing.ACCOUNT
    role = Role.MEMBER

    def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Outcome:
        who: Person | None = caller.person_now(person(arguments))
        if who is None:
            raise BadArguments("Nobody has that nickname.")
        room: str | None = caller.room
        rooms: tuple[str, ...] = caller.rooms
        caller.tell("one moment", *rooms)
        return Answer((f"{who.nick} is in {room}",), {"nick": who.nick, "times": number(arguments, "text")})


class Saying(Command):
    name = "saying"
    summary = "answer when it is kept"

    def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Receipt:
        return caller.say("hello", arguments.get("room"), act=True)


class Waiting(Command):
    name = "waiting"
    summary = "answer later"

    async def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Outcome:
        page = await caller.history(limit=5, talk=True)
        view = await caller.join("den", "password")
        await caller.whisper("bob", "hello")
        slow: int = await deferToThread(len, view.name)
        return Answer((f"{len(page.events)} {slow}",))


class Either(Command):
    name = "either"
    summary = "call another command"

    def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Outcome | Awaitable[Outcome]:
        return caller.do("who", arguments)


class Loose:
    name = "loose"
    aliases: tuple[str, ...] = ()
    family = "More"
    summary = "build on nothing"
    details = ""
    parameters: tuple[Parameter, ...] = ()
    standing = Standing.GUEST
    role = Role.NOBODY
    staff = Command.staff
    hidden = False

    def run(self, caller: ICaller, arguments: Mapping[str, str]) -> None:
        return None


@provides(ITalkFilter)
class Loud:
    def look(self, line: Utterance) -> str:
        if not line.account and line.role < Role.OPERATOR:
            raise Filtered("Log in to be loud.")
        return line.text.upper()

    def reload(self) -> None:
        return None


@provides(IPlugin, IFilterFactory)
class LoudFactory:
    name = "loud"

    def make(self, argument: str) -> ITalkFilter:
        return Loud()


commands: list[ICommand] = [Plain(), Saying(), Waiting(), Either(), Loose()]
factory: IFilterFactory = LoudFactory()


def test() -> None:
    with Server(plugins=[*commands, factory], filters=["loud"]) as server:
        alice: Guest = server.guest("alice")
        alice.types("/plain bob")
        robot: Program = server.program("robot")
        request = robot.requests("waiting")
        server.wait(60)
        assert request.answer()["ok"]
        assert alice.reads() == []
"""

WRONG = """
from __future__ import annotations

from collections.abc import Mapping

from chatroom.commands.base import Command, number
from chatroom.interfaces import Answer, ICaller, ICommand, IFilterFactory, ITalkFilter, Outcome, Parameter, Utterance
from chatroom.testing import Server


class TooFewArguments(Command):
    name = "few"
    summary = "wrong signature"

    def run(self, caller: ICaller) -> None:  # WRONG
        return None


class OtherArguments(Command):
    name = "other"
    summary = "wrong types of the arguments"

    def run(self, caller: ICaller, arguments: list[str]) -> None:  # WRONG
        return None


class OtherResult(Command):
    name = "result"
    summary = "wrong type of the result"

    def run(self, caller: ICaller, arguments: Mapping[str, str]) -> str:  # WRONG
        return "text"


class Attributes(Command):
    name = 5  # WRONG
    summary = "wrong attributes"
    aliases = ["list"]  # WRONG
    parameters = ("text",)  # WRONG
    standing = 1  # WRONG


class Wishes(Command):
    name = "wishes"
    summary = "wrong wishes"

    def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Outcome:
        caller.say(3)  # WRONG
        caller.say("hello", act="yes")  # WRONG
        caller.say()  # WRONG
        caller.say("hello", volume=11)  # WRONG
        caller.whisper_now("bob")  # WRONG
        caller.tell(5)  # WRONG
        print(caller.nick.upper())  # WRONG
        caller.nick = "bob"  # WRONG
        caller.hub  # WRONG
        caller.shout("hello")  # WRONG
        caller.prove("alice", "password")  # WRONG
        caller.gone("for good")  # WRONG
        print(caller.join("den").name)  # WRONG
        print(caller.person_now("bob").nick)  # WRONG
        print(number(arguments, "times") + 1)  # WRONG
        Parameter(name=3)  # WRONG
        return Answer("text")  # WRONG


class Silent:
    def look(self, line: Utterance) -> None:
        return None

    def reload(self) -> None:
        return None


class Half:
    def look(self, line: Utterance) -> str:
        return line.text


class Words:
    def look(self, line: str) -> str:
        return line

    def reload(self) -> None:
        return None


class Factory:
    name = "factory"

    def make(self, argument: int) -> ITalkFilter:
        return Silent()  # WRONG


half: ITalkFilter = Half()  # WRONG
words: ITalkFilter = Words()  # WRONG
factory: IFilterFactory = Factory()  # WRONG
command: ICommand = Half()  # WRONG
Server(plugins=5)  # WRONG
Server().guest("alice").types(5)  # WRONG
"""


SOURCES = {"right.py": RIGHT, "wrong.py": WRONG}


class PluginTypeTests(SynchronousTestCase):
    """
    One environment and one folder, for both checkers. Each checker takes many seconds, and tests that run side by side
    would ask it once each: so there is one test for each.
    """

    def setUp(self) -> None:
        """The environment of an author, with all that is to be checked."""
        self.folder = Path(self.mktemp()).resolve()
        self.work = self.folder / "work"
        self.work.mkdir(parents=True)
        self.python = environment(self.folder / "environment")
        self.files = copy_examples(self.work)
        for name, source in SOURCES.items():
            (self.work / name).write_text(source)
            self.files.append(self.work / name)

    def test_mypy(self) -> None:
        """Strict mypy finds each wrong line and nothing else, in the examples as well."""
        self.assert_right(mypy(self.python, self.work, self.files, ROOT / ".venv" / "plugin-types"))

    def test_pyright(self) -> None:
        """Strict pyright finds each wrong line and nothing else, in the examples as well."""
        self.assert_right(pyright(self.python, self.work, self.files))

    def assert_right(self, complaints: list[Complaint]) -> None:
        """Whatever a plugin's author does as it is meant is clean, and each mistake is found."""
        self.assertEqual(
            [], [each for each in complaints if each.file not in SOURCES], "the examples, with their tests"
        )
        self.assertEqual([], [each for each in complaints if each.file == "right.py"])
        wanted = set(marked("wrong.py", WRONG))
        self.assertTrue(wanted)
        self.assertEqual(wanted, {(each.file, each.line) for each in complaints if each.file == "wrong.py"})

    def test_environment_is_an_authors(self) -> None:
        """No types of zope.interface and no plugin of mypy help the checkers."""
        (site,) = (self.folder / "environment").glob("lib/python*/site-packages")
        self.assertEqual([], [each.name for each in site.iterdir() if each.name in ("mypy_zope", "zope-stubs")])
        self.assertTrue((site / "zope").exists())
