"""
The rule of docs/api.rst: a deprecated name works as before, and each line that uses it warns once, with what to use.
"""

from __future__ import annotations

import sys
import warnings
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from chatroom.errors import NotAllowed
from tests import public_names

LIBRARY = '''
from chatroom.deprecation import deprecated, renamed
from chatroom.errors import NotAllowed

__getattr__ = renamed(__name__, {"Forbidden": ("chatroom.errors.NotAllowed", NotAllowed)})


def now():
    """A name that stays."""


class Server:
    @deprecated("tea_library.Server.say")
    def talk(self, text, room=None):
        """The old name of another one."""
        return text, room
'''

PLUGIN = """
from tea_library import Forbidden
from tea_library import Server, now

refuses = Forbidden
now()
for _ in range(3):
    said = Server().talk("hi", room="lobby")
"""


class DeprecationTests(SynchronousTestCase):
    """A public module that has lost names, as a package and as a file, and a plugin that still uses them."""

    def setUp(self) -> None:
        """The library and the plugin are on the path until the test ends."""
        self.folder = Path(self.mktemp()).absolute()
        self.folder.mkdir()
        self.patch(sys, "path", [str(self.folder), *sys.path])
        self.addCleanup(lambda: [sys.modules.pop(name, None) for name in ("tea_library", "tea_plugin")])

    def warned(self, library: str) -> list[tuple[str, int, str]]:
        """What is shown when the plugin is imported: file, line and sentence."""
        file = self.folder / library
        file.parent.mkdir(exist_ok=True)
        file.write_text(LIBRARY)
        (self.folder / "tea_plugin.py").write_text(PLUGIN)
        with warnings.catch_warnings(record=True) as shown:
            warnings.simplefilter("default")
            import tea_plugin  # type: ignore[import-not-found]  # made above
        self.plugin = tea_plugin
        for each in shown:
            self.assertIs(DeprecationWarning, each.category)
        return [(Path(each.filename).name, each.lineno, str(each.message)) for each in shown]

    def test_each_line_warns_once(self) -> None:
        """With the replacement, at the line of the plugin; what it uses works as before."""
        removed = "is deprecated and will be removed. Use"
        wanted = [
            ("tea_plugin.py", 2, f"tea_library.Forbidden {removed} chatroom.errors.NotAllowed instead."),
            ("tea_plugin.py", 8, f"tea_library.Server.talk {removed} tea_library.Server.say instead."),
        ]
        self.assertEqual(wanted, self.warned("tea_library.py"))
        self.assertIs(NotAllowed, self.plugin.refuses)
        self.assertEqual(("hi", "lobby"), self.plugin.said)

    def test_in_a_package(self) -> None:
        """Python asks a package twice for a name that is imported, and the warning is shown once."""
        self.assertEqual([2, 8], [line for _, line, _ in self.warned("tea_library/__init__.py")])

    def test_no_such_name(self) -> None:
        """A name that never was fails as in any module."""
        self.warned("tea_library.py")
        import tea_library  # type: ignore[import-not-found]  # made above

        error = self.assertRaises(AttributeError, getattr, tea_library, "Permitted")
        self.assertEqual("module 'tea_library' has no attribute 'Permitted'", str(error))

    def test_it_stays_in_the_list(self) -> None:
        """Names that are deprecated are public names, with their arguments: to lose one fails a test."""
        self.warned("tea_library.py")
        self.patch(public_names, "modules", lambda: ["tea_library"])
        listed = list(public_names.names())
        self.assertIn("tea_library.Forbidden.code", listed)
        self.assertIn("tea_library.Server.talk(text, room=...)", listed)
