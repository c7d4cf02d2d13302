"""
What CI types of the tutorial and of the page about containers is all that they show, taken apart as meant.
"""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from chatroom.daemon.options import Options
from tests.arrows import ROOT
from tests.e2e.blocks import Block, blocks, commands
from tests.e2e.container import FILE, PAGE, Place, entry, health, inside, options, steps
from tests.e2e.readme import starts_daemon
from tests.e2e.tutorial import PAGES, is_file
from tests.e2e.typist import Turn, is_chat, turns

TUTORIAL, FIRST_PLUGIN = PAGES


class TutorialTests(SynchronousTestCase):
    """docs/tutorial.rst and docs/first-plugin.rst."""

    def test_every_block_is_typed(self) -> None:
        """Each block is one of commands or of chat, or a file to save, so that nothing on a page is passed over."""
        for page in PAGES:
            for block in blocks(page):
                self.assertTrue(block.kind == "console" or is_chat(block) or is_file(block), str(block))

    def test_first_plugin_is_whole(self) -> None:
        """The page about a first plugin has its files, tests them, starts a server once, and people use the command."""
        made = blocks(FIRST_PLUGIN)
        files = [block.caption for block in made if is_file(block)]
        self.assertEqual(5, len(files))
        self.assertTrue(any(file.startswith("chatroom-greet/twisted/plugins/") for file in files), files)
        typed = [command for block in made for command in commands(block)]
        self.assertEqual(1, sum(starts_daemon(each.typed) for each in typed))
        self.assertIn("... (successes=3)", [answer for each in typed for answer in each.answers])
        self.assertGreater(sum(not turn.types for block in made if is_chat(block) for turn in turns(block)), 4)

    def test_people_read_something(self) -> None:
        """Somebody reads in nearly every block of chat, and the server is started twice: it could not be all wrong."""
        chats = [turns(block) for block in blocks(TUTORIAL) if is_chat(block)]
        self.assertGreater(sum(not turn.types for chat in chats for turn in chat), 8)
        typed = [command.typed for block in blocks(TUTORIAL) for command in commands(block)]
        self.assertEqual(2, sum(starts_daemon(each) for each in typed))

    def test_turns(self) -> None:
        """The sign behind a name says whether it is typed or read, and a block with other lines is no chat."""
        block = Block("page", "section", "text", "alice > hello\nbob   | <alice> hello\n\nbob   > (opens http://x/)\n")
        self.assertTrue(is_chat(block))
        self.assertEqual(
            [
                Turn("alice", True, "hello"),
                Turn("bob", False, "<alice> hello"),
                Turn("bob", True, "(opens http://x/)"),
            ],
            turns(block),
        )
        self.assertFalse(is_chat(block._replace(text="alice > hello\n...\n")))


class ContainerTests(SynchronousTestCase):
    """contrib/Containerfile and docs/container.rst."""

    def test_instructions(self) -> None:
        """Every instruction is one that Docker and Podman know, also where a line goes on; another one is refused."""
        made = steps((ROOT / FILE).read_text(encoding="utf-8"))
        self.assertIn("RUN", [step.word for step in made])
        self.assertEqual([("RUN", "a && b")], [tuple(step) for step in steps("# x\nRUN a \\\n  && b\n")])
        with self.assertRaisesRegex(ValueError, "There is no instruction 'RAN'"):
            steps("RAN a\n")

    def test_options(self) -> None:
        """What stands behind the image's name on the page are options of the server."""
        typed = [command.typed for block in blocks(PAGE) for command in commands(block)]
        runs = [options(each) for each in typed if each.startswith("podman run")]
        self.assertEqual(2, len(runs))
        made = steps((ROOT / FILE).read_text(encoding="utf-8"))
        words = entry(made)
        for run in runs:
            parsed = Options()
            parsed.parseOptions([*words[words.index("chatroom") + 1 :], *run])
            self.assertEqual(("The Tea House", ["tcp:8080"]), (parsed["name"], parsed.web))
        self.assertIn("healthz", health(made)[-1])
        self.assertEqual(2, len(list(inside(iter(typed)))))

    def test_paths(self) -> None:
        """The image's folders stand for folders elsewhere, wherever they are in a command, and other paths do not."""
        place = Place(ROOT / "x")
        self.assertEqual(f'"{ROOT}/x/source[tls]"', place.moved('"/source[tls]"'))
        self.assertEqual(
            f"{ROOT}/x/data/a {ROOT}/x/opt/chatroom/bin/python", place.moved("/data/a /opt/chatroom/bin/python")
        )
        self.assertEqual("/database /etc/data", place.moved("/database /etc/data"))
