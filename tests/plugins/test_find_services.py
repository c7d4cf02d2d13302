"""
How services of plugins are found, and what becomes of those that are broken.
"""

from __future__ import annotations

from chatroom.plugins.filters import find_filters
from chatroom.plugins.find import find
from chatroom.plugins.find_services import find_services
from tests.plugins.finding import Finding, warnings

GOOD = """
from chatroom.interfaces import PluginOption
from chatroom.plugins.base import PluginService

class Poll(PluginService):
    name = "poll"

poll = Poll()
"""


class FindTests(Finding):
    """Services in a folder of plugins."""

    def found(self, source: str) -> tuple[list[str], list[str]]:
        """The names of those found where this is installed beside a good one, and what is logged."""
        self.install("good.py", GOOD)
        self.install("other.py", source)
        self.forget()
        with warnings() as lines:
            names = sorted(find_services(self.package))
        return names, lines

    def test_good_ones(self) -> None:
        """Those of all packages are found, by their names."""
        self.assertEqual((["poll", "quiz"], []), self.found(GOOD.replace('"poll"', '"quiz"')))

    def test_none(self) -> None:
        """The daemon itself has no service."""
        self.assertEqual({}, find_services(self.package))

    def test_broken_ones(self) -> None:
        """A broken one is left out with its file and what is wrong, and others are not."""
        more = GOOD.replace('"poll"', '"quiz"')
        for source, fault in {
            more.replace('"quiz"', '"Quiz"'): "'Quiz' is no name: it takes up to 24 small letters",
            more.replace('"quiz"', "7"): "7 is no name",
            more.replace('"quiz"', '"quiz"\n    hears = ("whispered",)'): "'quiz' wants to hear 'whispered'",
            more.replace('"quiz"', '"quiz"\n    hears = "said"'): "'quiz' wants to hear 'said'",
            more.replace('"quiz"', '"quiz"\n    hears = 7'): "TypeError",
            more.replace('"quiz"', '"quiz"\n    options = ("max",)'): "'max' is no option for 'quiz'",
            more.replace('"quiz"', '"quiz"\n    def heard(self): pass'): "heard",
            more.replace('"quiz"', '"quiz"\n    @property\n    def hears(self): raise OSError("no")'): "OSError: no",
            more.replace('"quiz"', '"quiz"\n    @property\n    def hears(self): raise SystemExit'): "SystemExit",
            more.replace(
                '"quiz"', '"quiz"\n    options = (PluginOption("max", None),)'
            ): "the default of the option 'max'",
            more.replace('name = "quiz"', "pass"): "name",
            "import nothing_of_that_name": "nothing_of_that_name",
        }.items():
            names, lines = self.found(source)
            self.assertEqual(["poll"], names, source)
            self.assertIn(fault, " ".join(lines))
            self.assertIn("other.py", " ".join(lines))

    def test_option_names(self) -> None:
        """No option is called as the one that every service has, and none twice."""
        head = "from chatroom.interfaces import PluginOption\n"
        for options in ('PluginOption("nick", "x"),', 'PluginOption("a", 1), PluginOption("a", 2)'):
            names, lines = self.found(head + GOOD.replace('"poll"', f'"quiz"\n    options = ({options})'))
            self.assertEqual(["poll"], names)
            self.assertIn("of 'quiz' is in use already", " ".join(lines))

    def test_one_name_twice(self) -> None:
        """Of two services of one name neither runs, and the log says which files. Others do."""
        self.install("third.py", GOOD.replace('"poll"', '"quiz"'))
        names, lines = self.found(GOOD)
        self.assertEqual(["quiz"], names)
        self.assertEqual(2, len(lines))
        for line in lines:
            self.assertRegex(
                line, r"Skipped the service poll in .*\.py: .*\.py has a service of that name as well\. Neither "
            )

    def test_one_name_twice_in_one_file(self) -> None:
        """The log says so once."""
        names, lines = self.found(GOOD.replace('"poll"', '"quiz"') + "\nagain = Poll()\n")
        self.assertEqual((["poll"], 1), (names, len(lines)))
        self.assertIn("the same file has a service of that name as well", lines[0])

    def test_said_once(self) -> None:
        """What cannot be imported is logged once, although commands, filters and services are each looked for."""
        self.install("other.py", "import nothing_of_that_name")
        self.forget()
        with warnings() as lines:
            for look in (find, find_filters, find_services):
                look(self.package)
        self.assertEqual(1, len(lines), lines)
        self.assertIn("nothing_of_that_name", lines[0])
