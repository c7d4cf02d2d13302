"""
Finding commands: other packages add words, and nothing they get wrong keeps the server closed, but for one thing.
"""

from __future__ import annotations

import os
import sys
from textwrap import dedent
from types import ModuleType

from twisted.trial.unittest import SynchronousTestCase
from zope.interface.verify import verifyObject

from chatroom.interfaces import ICommand
from chatroom.plugins.find import find
from tests.plugins.finding import OLD, Finding, warnings
from twisted import plugins

ROLL = """
    from chatroom.commands.base import Command

    class Roll(Command):
        name = "roll"
        summary = "throw a die"

        def run(self, caller, arguments):
            return None

    roll = Roll()
"""


class ForeignTests(Finding):
    """Words of other packages."""

    def test_installed_word_is_found(self) -> None:
        """A file in the plugin folder is all there is to do."""
        self.install("dice_plugin.py", ROLL)
        self.assertEqual(["roll"], list(self.restart()))

    def test_removed_word_is_gone(self) -> None:
        """When the file is taken away, the word is gone: there is no more to undo."""
        path = self.install("dice_plugin.py", ROLL)
        self.restart()
        os.remove(path)
        self.assertEqual({}, self.restart())

    def test_aliases_are_words_too(self) -> None:
        """They lead to the same command."""
        self.install("dice_plugin.py", ROLL.replace("summary", 'aliases = ("dice", "d6")\n        summary'))
        found = self.restart()
        self.assertEqual({"roll", "dice", "d6"}, set(found))
        self.assertEqual(1, len({id(command) for command in found.values()}))

    def test_one_object_under_two_names_is_one_command(self) -> None:
        """Somebody's second name for it claims nothing."""
        self.install("dice_plugin.py", dedent(ROLL) + "again = roll\n")
        self.assertEqual(["roll"], list(self.restart()))

    def test_plugins_of_other_kinds_are_left_alone(self) -> None:
        """The folder is everybody's."""
        self.install(
            "some_service.py",
            """
            from twisted.application.service import ServiceMaker
            thing = ServiceMaker("thing", "nowhere", "of no use", "thing")
            """,
        )
        with warnings() as logged:
            self.assertEqual({}, self.restart())
        self.assertEqual([], logged)


class ClashTests(Finding):
    """Two plugins that claim one word."""

    def test_neither_has_it(self) -> None:
        """The server starts without both, and the operator, who has to decide, reads the names of both files."""
        first = self.install("a_dice.py", ROLL)
        second = self.install("b_dice.py", ROLL)
        self.install("c_rock.py", ROLL.replace('"roll"', '"rock"'))
        with warnings() as logged:
            self.assertEqual(["rock"], list(self.restart()))
        self.assertEqual(2, len(logged))
        for one, other, sentence in ((first, second, logged[0]), (second, first, logged[1])):
            self.assertIn(f"Skipped the command /roll in {one}: {other} claims the word 'roll' as well.", sentence)

    def test_aliases_clash_as_words_do(self) -> None:
        """People type both. A command is left out whole, so that its author notices."""
        self.install("a_dice.py", ROLL)
        self.install("b_rock.py", ROLL.replace('"roll"', '"rock"\n        aliases = ("roll",)'))
        with warnings() as logged:
            self.assertEqual({}, self.restart())
        self.assertIn("'roll'", logged[1])

    def test_built_in_word_stays_built_in(self) -> None:
        """Nobody takes /ban over, with a word or with an alias."""
        for claim in ('"ban"', '"roll"\n        aliases = ("ban",)'):
            self.install("bad_plugin.py", ROLL.replace('"roll"', claim))
            self.install("ours_plugin.py", "from chatroom.commands.moderation import Ban\nban = Ban()\n")
            with warnings() as logged:
                found = self.restart()
            self.assertEqual({"ban"}, set(found))
            self.assertEqual("chatroom", type(found["ban"]).__module__.partition(".")[0])
            [sentence] = logged
            self.assertIn("bad_plugin.py: /ban is a built-in command.", sentence)

    def test_alias_that_is_the_word_itself(self) -> None:
        """One command cannot clash with itself."""
        self.install("dice.py", ROLL.replace("summary", 'aliases = ("roll",)\n        summary'))
        self.assertEqual(["roll"], list(self.restart()))


class BrokenTests(Finding):
    """Plugins that do not work are told of in one line, and the others are there."""

    def left_out(self, source: str) -> str:
        """Install this beside a good plugin; the one line that is logged for it."""
        self.install("bad_plugin.py", source)
        self.install("dice_plugin.py", ROLL)
        with warnings() as logged:
            self.assertEqual(["roll"], list(self.restart()))
        self.assertEqual(1, len(logged), logged)
        self.assertIn("bad_plugin.py", logged[0])
        return logged[0]

    def test_module_that_cannot_be_imported(self) -> None:
        """Such as one whose package was uninstalled by half."""
        self.assertIn("no_such_module", self.left_out("import no_such_module"))

    def test_module_with_a_typing_error(self) -> None:
        """The line that Python stumbled over is named."""
        self.assertIn("bad_plugin.py:2", self.left_out("x = 1\nx = = 1\n"))

    def test_module_that_tries_to_exit(self) -> None:
        """Even that."""
        self.assertIn("SystemExit", self.left_out("raise SystemExit(1)"))

    def test_module_that_worked_and_is_broken_now(self) -> None:
        """The cache still promises its commands; one line is enough for all of them."""
        self.install(
            "bad_plugin.py",
            dedent(ROLL).replace('"roll"', '"rock"') + "class Flip(Roll): name = 'flip'\nflip = Flip()\n",
        )
        self.restart()
        self.left_out("import no_such_module")

    def test_class_without_an_object(self) -> None:
        """A file that has the class and no object of it is told what to write, also where the cache knows the file."""
        source = ROLL.replace("    roll = Roll()\n", "")
        self.assertIn("Roll is a class, and no object of it is there. Make one: roll = Roll()", self.left_out(source))
        self.forget()
        with warnings() as logged:
            self.restart()
        self.assertEqual(1, len(logged), logged)

    def test_object_that_is_no_plugin(self) -> None:
        """An object that Twisted cannot see, because it provides no IPlugin, is told so."""
        source = """
            from zope.interface import implementer
            from chatroom.interfaces import ICommand

            @implementer(ICommand)
            class Roll:
                name = "rock"

            rock = Roll()
        """
        self.assertIn("rock is an ICommand, but not an IPlugin", self.left_out(source))

    def test_run_that_is_no_function(self) -> None:
        """It could not be called."""
        for run in ("run = None", "run = 5", "run = 'x'"):
            self.left_out(
                ROLL.replace("def run(self, caller, arguments):\n            return None", run).replace(
                    '"roll"', '"rock"'
                )
            )

    def test_attribute_that_raises_anything(self) -> None:
        """An attribute may be computed, and whatever it raises is told of."""
        for error in ("ZeroDivisionError", "SystemExit", "RecursionError"):
            source = ROLL.replace('name = "roll"', f"@property\n        def name(self): raise {error}")
            self.assertIn(error, self.left_out(source))

    def test_unlawful_word(self) -> None:
        """Nobody could type it."""
        for word in ("Roll", "roll it", "6roll", "/roll", "rôll", ""):
            self.assertIn("not a valid command word", self.left_out(ROLL.replace('"roll"', repr(word))))

    def test_unlawful_alias(self) -> None:
        """The command is left out whole, so that its author notices."""
        self.left_out(ROLL.replace('"roll"', '"rock"\n        aliases = ("ROCK",)'))

    def test_aliases_that_are_one_word(self) -> None:
        """C{("dice")} is no tuple; its letters are not made words."""
        self.left_out(ROLL.replace('"roll"', '"rock"\n        aliases = ("stone")'))

    def test_no_summary(self) -> None:
        """/help would have nothing to say."""
        self.assertIn("summary", self.left_out(ROLL.replace('"throw a die"', '""')))
        self.assertIn("summary", self.left_out(ROLL.replace('summary = "throw a die"', "")))

    def test_one_object_under_two_names(self) -> None:
        """What is wrong with it is said once."""
        self.left_out(dedent(ROLL).replace('"roll"', '"Roll"') + "again = roll\n")

    def test_wrong_signature(self) -> None:
        """Found out now, and not when somebody types the word."""
        self.assertIn("run", self.left_out(ROLL.replace("caller, arguments", "caller")))

    def test_guard_that_is_none(self) -> None:
        """A standing that cannot be compared would guard nothing."""
        self.assertIn("standing", self.left_out(ROLL.replace("summary", "standing = 1\n        summary")))

    def test_attribute_that_fails(self) -> None:
        """It may be computed, and computed wrongly."""
        self.assertIn(
            "ZeroDivisionError",
            self.left_out(ROLL.replace("summary", "family = property(lambda self: 1 / 0)\n        summary")),
        )

    def test_parameters_that_cannot_be_typed(self) -> None:
        """What stands behind the rest of the line, or behind what may be left out, could never be reached."""
        for parameters in (
            'Parameter("text", rest=True), Parameter("times")',
            'Parameter("times", required=False), Parameter("text")',
            'Parameter("text"), Parameter("text")',
            'Parameter("id")',
            'Parameter("two words")',
            '"text"',
        ):
            source = "from chatroom.interfaces import Parameter\n" + dedent(ROLL)
            self.left_out(source.replace("summary", f"parameters = ({parameters},)\n    summary"))

    def test_parameters_for_programs_may_stand_anywhere(self) -> None:
        """Nobody types them."""
        source = "from chatroom.interfaces import Parameter\n" + dedent(ROLL)
        parameters = 'Parameter("text", rest=True), Parameter("room", required=False, by_name=True)'
        self.install("dice_plugin.py", source.replace("summary", f"parameters = ({parameters})\n    summary"))
        self.assertEqual(["roll"], list(self.restart()))


class StaleTests(Finding):
    """
    Twisted's dropin.cache believes the times of files. Image layers, rsync -t and some installers put files back
    that are older than it.
    """

    def test_command_that_is_gone_is_one_line(self) -> None:
        """The cache lists it, the file has it no more: the others of that file still work."""
        self.install("dice_plugin.py", dedent(ROLL) + "class Flip(Roll): name = 'flip'\nflip = Flip()\n")
        self.assertEqual({"roll", "flip"}, set(self.restart()))
        self.install("dice_plugin.py", ROLL, at=OLD)
        with warnings() as logged:
            self.assertEqual(["roll"], list(self.restart()))
        self.assertEqual(1, len(logged), logged)
        self.assertIn("flip", logged[0])

    def test_command_that_is_new_is_found(self) -> None:
        """The file has it, the cache does not list it."""
        self.install("dice_plugin.py", ROLL)
        self.restart()
        self.install("dice_plugin.py", dedent(ROLL) + "class Flip(Roll): name = 'flip'\nflip = Flip()\n", at=OLD)
        with warnings() as logged:
            self.assertEqual({"roll", "flip"}, set(self.restart()))
        self.assertEqual([], logged)

    def test_cache_of_rubbish_is_made_again(self) -> None:
        """It may be unreadable altogether."""
        self.install("dice_plugin.py", ROLL)
        (self.folder / "dropin.cache").write_bytes(b"rubbish")
        self.assertEqual(["roll"], list(self.restart()))


class BuiltInTests(SynchronousTestCase):
    """The words that are always there."""

    def test_words_of_the_protocol_are_all_there(self) -> None:
        """What PROTOCOL promises of the first release, and what programs need beside it."""
        promised = (
            "help who rooms join leave look topic create invite password whisper reply nick me away back signup "
            "login logout session resume passwd inbox missed history search ignore unignore kick mute ban unban op "
            "deop info quit"
        )
        added = "say hello unmute bans private public"
        self.assertEqual([], sorted({*promised.split(), *added.split()} - find().keys()))

    def test_words_of_other_chats_work(self) -> None:
        """What people's fingers know from elsewhere."""
        found = find()
        for typed, meant in {
            "w": "whisper", "msg": "whisper", "tell": "whisper", "r": "reply", "j": "join", "part": "leave",
            "names": "who", "list": "rooms", "whois": "info", "exit": "quit", "bye": "quit",
        }.items():  # fmt: skip
            self.assertEqual(meant, found[typed].name)

    def test_every_one_keeps_the_contract(self) -> None:
        """Every built-in command keeps the contract, and says enough about itself to be explained."""
        for word, command in find().items():
            self.assertTrue(verifyObject(ICommand, command), word)
            self.assertFalse(command.summary.endswith("."), word)
            self.assertEqual(command.summary[0].lower(), command.summary[0], word)
            for parameter in command.parameters:
                self.assertTrue(parameter.help, f"/{word} {parameter.name}")

    def test_every_object_of_the_file_is_listed(self) -> None:
        """No word is forgotten in a module of its family."""
        from chatroom.commands import (
            accounts,
            base,
            certificates,
            help,
            moderation,
            people,
            protection,
            reading,
            room_rules,
            rooms,
            sanctions,
            staff,
            talk,
            zone,
        )  # fmt: skip

        families = (
            accounts, certificates, help, moderation, people, protection, reading, room_rules, rooms, sanctions, staff,
            talk, zone,
        )  # fmt: skip
        classes = {
            value
            for family in families
            for value in vars(family).values()
            if isinstance(value, type) and issubclass(value, base.Command) and hasattr(value, "name")
        }
        found = {
            type(command) for command in find().values() if type(command).__module__.startswith("chatroom.commands")
        }
        self.assertEqual(classes, found)

    def test_passwords_are_marked_as_secret(self) -> None:
        """What is secret is neither logged nor shown."""
        for command in find().values():
            for parameter in command.parameters:
                secret = parameter.name in ("password", "token", "old", "new")
                self.assertEqual(secret, parameter.secret, f"/{command.name} {parameter.name}")

    def test_nobody_takes_a_word_over_by_being_installed(self) -> None:
        """Nobody takes a word over by being installed, not even from a built-in command."""
        import twisted.plugins.chatroom_commands as ours

        class Impostor(type(ours.ban)):  # type: ignore[misc]
            """Would be asked to ban people."""

        other = ModuleType(plugins.__name__ + ".zz_impostor")
        other.__file__ = "zz_impostor.py"
        other.ban = Impostor()  # type: ignore[attr-defined]
        other.first = ours.say  # type: ignore[attr-defined]
        sys.modules[other.__name__] = other
        self.addCleanup(sys.modules.pop, other.__name__)
        with warnings() as logged:
            found = find()
        self.assertIs(ours.ban, found["ban"])
        [sentence] = logged
        self.assertIn("zz_impostor.py: /ban is a built-in command.", sentence)
