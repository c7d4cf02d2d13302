"""
C{twistd chatroom --help}: all options in groups, on a terminal of 80 columns.
"""

from __future__ import annotations

import re

from twisted.trial.unittest import SynchronousTestCase

from chatroom.daemon.option_groups import GROUPS, listed
from chatroom.daemon.options import DEFAULTS, REPEATABLE, Options
from chatroom.limits import each


class HelpTextTests(SynchronousTestCase):
    """What an operator reads first."""

    def setUp(self) -> None:
        self.text = Options().getUsage()

    def test_every_option_is_there_once(self) -> None:
        """Each option that can be typed is in exactly one group, and no other is."""
        named = [option.name for group in GROUPS for option in group.options]
        self.assertEqual(sorted(name.rstrip("=") for name in Options().longOpt), sorted(named))
        for name in named:
            self.assertEqual(1, len(re.findall(rf"^  (?:-\w, )?--{name}(?: |$)", self.text, re.MULTILINE)), name)

    def test_groups_are_those_an_operator_looks_for(self) -> None:
        """What one needs first is first."""
        self.assertEqual(
            [
                "General",
                "Where to listen",
                "Who may join",
                "What is kept",
                "Limits on connections",
                "Talk",
                "Rooms",
                "Accounts",
                "Staff",
                "Plugins",
                "Resources",
            ],
            re.findall(r"^(\S.*):$", self.text, re.MULTILINE),
        )

    def test_it_fits_a_terminal(self) -> None:
        """No line is longer than 79 columns, whatever width the environment asks for."""
        self.assertEqual(self.text, Options().getUsage(width=300))
        for line in self.text.split("\n"):
            self.assertLessEqual(len(line), 79, line)

    def test_numbers_are_as_people_write_them(self) -> None:
        """Defaults have commas and units."""
        plain = " ".join(self.text.split())
        for shown in ("[64 KiB]", "[30 days]", "[10,000]", "[5 minutes]", "[64 MiB]", "[off]"):
            self.assertIn(shown, plain)

    def test_phrases(self) -> None:
        """Each explanation is a phrase in small letters without a full stop."""
        for option in listed().values():
            self.assertRegex(option.help, r"\A(?:[a-z]|Argon2|HTTP|UNIX|IP).*[^.]\Z", option.name)

    def test_defaults_are_the_ones_in_use(self) -> None:
        """What help shows as a default is what counts where the option is not given."""
        options = Options()
        options.parseOptions(["--tls", "certs"])
        for field in each():
            self.assertEqual(getattr(options.limits, field.name), field.default)
        for name, value in DEFAULTS.items():
            if value is not None:
                self.assertEqual(value, listed()[name].default, name)
        self.assertEqual(["tcp:64700"], options.ports)
        self.assertIn("64700", listed()["port"].default)
        self.assertEqual(["tcp:64701"], options.tls_ports)
        self.assertIn("64701", listed()["tls-port"].default)

    def test_what_may_be_repeated_says_so(self) -> None:
        """Options that may be given more than once are marked, and no others."""
        self.assertEqual(REPEATABLE, {option.name for option in listed().values() if option.again})
