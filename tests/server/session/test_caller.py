"""
Finding a command, and who may use it: checked in one place, for every command there is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from twisted.trial.unittest import SynchronousTestCase

from chatroom.commands.base import Command
from chatroom.errors import BadArguments, NeedsAccount, NotAllowed, NotInRoom, NotRegistered, UnknownCommand
from chatroom.interfaces import Answer, ICaller, Parameter, Role, ServerRole, Standing
from chatroom.testing import Server
from tests.server.session.people import PASSWORD, Somebody


class Deed(Command):
    """A command that says that it was run."""

    family = "Tests"

    def __init__(
        self,
        name: str,
        standing: Standing = Standing.GUEST,
        role: Role = Role.NOBODY,
        staff: ServerRole = ServerRole.NONE,
        hidden: bool = False,
    ) -> None:
        self.name, self.standing, self.role, self.staff, self.hidden = name, standing, role, staff, hidden
        self.aliases = (name[:1],)
        self.parameters = (Parameter("room", required=False),)

    def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Answer:
        """It was run, with these."""
        return Answer(facts=dict(arguments) | {"done": self.name})


DEEDS = (
    Deed("anybody", Standing.ANYBODY),
    Deed("guest"),
    Deed("account", Standing.ACCOUNT),
    Deed("member", role=Role.MEMBER),
    Deed("operator", role=Role.OPERATOR),
    Deed("zowner", role=Role.OWNER),
    Deed("judge", staff=ServerRole.MODERATOR),
    Deed("king", staff=ServerRole.ADMIN),
    Deed("hidden", hidden=True),
)


class GuardTests(SynchronousTestCase):
    """Commands that anybody, guests, accounts, members, operators and owners may use."""

    def setUp(self) -> None:
        """Alice owns the den, bob is in it, and both are in the lobby."""
        words = {word: deed for deed in DEEDS for word in (deed.name, *deed.aliases)}
        self.server = Server(commands=words)
        self.alice, self.bob = Somebody(self.server), Somebody(self.server)
        for somebody, nick in ((self.alice, "alice"), (self.bob, "bob")):
            somebody.gets(somebody.caller.register(nick))
        self.alice.gets(self.alice.caller.create("den"))
        self.bob.gets(self.bob.caller.join("den"))

    def does(self, who: Somebody, word: str, typed: str = "") -> str:
        """What was run."""
        answer = who.caller.do(word, typed)
        assert isinstance(answer, Answer)
        done: str = answer.facts["done"]
        return done

    def test_words_and_aliases(self) -> None:
        """In any letter case."""
        for word in ("guest", "g", "GUEST", "Guest"):
            self.assertEqual("guest", self.does(self.alice, word))

    def test_unknown_word(self) -> None:
        """It says how to find the right one, and how to say a line with a slash; and is no echo of anything long."""
        refusal = self.assertRaises(UnknownCommand, self.alice.caller.do, "geust" * 100, "")
        self.assertIn("/help", refusal.sentence)
        self.assertLess(len(refusal.sentence), 200)

    def test_strangers(self) -> None:
        """Before there is a nickname, only what is for anybody."""
        nobody = Somebody(self.server)
        self.assertEqual("anybody", self.does(nobody, "anybody"))
        for word in ("guest", "account", "member", "operator"):
            self.assertRaises(NotRegistered, nobody.caller.do, word, "")

    def test_accounts(self) -> None:
        """What is for accounts is refused to guests, with what to do."""
        refusal = self.assertRaises(NeedsAccount, self.alice.caller.do, "account", "")
        self.assertIn("/signup", refusal.sentence)
        self.alice.gets(self.alice.caller.signup(PASSWORD))
        self.assertEqual("account", self.does(self.alice, "account"))

    def test_roles(self) -> None:
        """In the room looked at."""
        self.assertEqual("zowner", self.does(self.alice, "zowner"))
        self.assertEqual("member", self.does(self.bob, "member"))
        self.assertRaises(NotAllowed, self.bob.caller.do, "operator", "")
        self.alice.gets(self.alice.caller.set_role("bob", Role.OPERATOR))
        self.assertEqual("operator", self.does(self.bob, "operator"))
        self.assertRaises(NotAllowed, self.bob.caller.do, "zowner", "")

    def test_roles_in_the_room_that_is_named(self) -> None:
        """The role counts in the room that is named, and not in the current one: an owner here is nobody there."""
        self.assertRaises(NotAllowed, self.alice.caller.do, "operator", "lobby")
        self.assertRaises(NotAllowed, self.alice.caller.do, "operator", {"room": "#Lobby"})
        self.alice.caller.look("lobby")
        self.assertRaises(NotAllowed, self.alice.caller.do, "operator", "")
        self.assertEqual("operator", self.does(self.alice, "operator", "den"))

    def test_rooms_one_is_not_in(self) -> None:
        """An absent owner is an owner all the same, and others have nothing to say there."""
        self.alice.gets(self.alice.caller.signup(PASSWORD))
        self.bob.gets(self.bob.caller.leave("den"))
        self.assertRaises(NotInRoom, self.bob.caller.do, "operator", "den")
        self.bob.gets(self.bob.caller.join("den"))
        self.alice.gets(self.alice.caller.leave("den"))
        self.assertEqual("operator", self.does(self.alice, "operator", "den"))
        self.assertRaises(NotInRoom, self.alice.caller.do, "member", "den")
        self.alice.gets(self.alice.caller.leave("lobby"))
        self.assertRaises(NotInRoom, self.alice.caller.do, "member", "")

    def test_staff_of_the_server(self) -> None:
        """Read anew from the account at each use; a guest never is."""
        self.assertRaises(NotAllowed, self.gets, self.bob, "judge")
        self.bob.gets(self.bob.caller.signup(PASSWORD))
        self.assertRaises(NotAllowed, self.gets, self.bob, "judge")
        self.server.promote("bob", ServerRole.MODERATOR)
        self.assertIs(ServerRole.NONE, self.bob.caller.staff)
        self.assertEqual("judge", self.gets(self.bob, "judge"))
        self.assertIs(ServerRole.MODERATOR, self.bob.caller.staff)
        refusal = self.assertRaises(NotAllowed, self.gets, self.bob, "king")
        self.assertEqual("Only server admins can use /king. /staff lists them.", refusal.sentence)
        self.server.promote("bob", ServerRole.NONE)
        self.assertRaises(NotAllowed, self.gets, self.bob, "judge")

    def gets(self, who: Somebody, word: str) -> str:
        """What was run, by a word that takes a moment."""
        answer = who.gets(cast(Any, who.caller.do(word, "")))
        done: str = answer.facts["done"]
        return done

    def test_arguments_are_checked_before_they_matter(self) -> None:
        """For people and for programs."""
        self.assertRaises(BadArguments, self.alice.caller.do, "operator", "den and more")
        self.assertRaises(BadArguments, self.alice.caller.do, "operator", {"rome": "den"})

    def test_list_of_commands(self) -> None:
        """Those one could use, each once; hidden ones left out."""

        def words(somebody: Somebody) -> list[str]:
            return [command.name for command in somebody.caller.commands()]

        self.assertEqual(["anybody"], words(Somebody(self.server)))
        self.assertEqual(["anybody", "guest", "member", "operator", "zowner"], words(self.alice))
        self.alice.gets(self.alice.caller.signup(PASSWORD))
        self.assertEqual(["account", "anybody", "guest", "member", "operator", "zowner"], words(self.alice))
        self.server.promote("alice", ServerRole.ADMIN)
        self.alice.gets(self.alice.caller.server_role())
        self.assertEqual({"judge", "king"}, {"judge", "king"} & set(words(self.alice)))
