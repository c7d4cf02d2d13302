"""
Settings in a file: the same as on the command line, which comes first, and never a typing error that goes unseen.
"""

from __future__ import annotations

import io
import re
from contextlib import redirect_stdout
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.testing import MemoryReactorClock
from twisted.logger import capturedLogs
from twisted.python.usage import UsageError
from twisted.trial.unittest import SynchronousTestCase

from chatroom import tap
from chatroom.daemon import options
from chatroom.daemon.options import ONLY_TYPED, REPEATABLE, Options
from chatroom.daemon.settings import read, written
from chatroom.interfaces import PluginOption
from chatroom.limits import OFF, Limits, each
from chatroom.plugins.base import PluginService
from chatroom.tap import ChatService, makeService
from tests.arrows import ROOT
from tests.daemon.secrecy import put_pair


class FileCase(SynchronousTestCase):
    """
    A file of settings.

    @ivar path: where it is.
    """

    def setUp(self) -> None:
        self.path = Path(self.mktemp())

    def write(self, text: str, heading: str = "[chatroom]\n") -> None:
        """The file says this."""
        self.path.write_text(heading + text, encoding="utf-8")

    def parsed(self, *words: str) -> Options:
        """What counts with this file, and these words on the command line."""
        options = Options()
        options.parseOptions(["--config", str(self.path), *words])
        return options

    def assert_refused(self, *parts: str) -> None:
        """The file is refused with a sentence that names it and holds this."""
        sentence = str(self.assertRaises(UsageError, self.parsed))
        for part in (str(self.path), *parts):
            self.assertIn(part, sentence)
        self.assertIn(sentence[-1], ".?")


class ReadingTests(FileCase):
    """What may be in it."""

    def test_like_the_command_line(self) -> None:
        """An option stands there by its name, without the dashes before it."""
        self.write("name = The Tea House\ntalk-rate = off\nport = tcp:7000:interface=127.0.0.1\n")
        options = self.parsed()
        self.assertEqual(("The Tea House", 0), (options["name"], options.limits.talk_rate))
        self.assertEqual(["tcp:7000:interface=127.0.0.1"], options.ports)

    def test_more_than_once(self) -> None:
        """What may be given again has one value on each line; comments and empty lines say nothing."""
        self.write("# our ports\nport =\n    7000\n    # for the tests\n    unix:chat.sock\n\n; the end\n")
        self.assertEqual(["tcp:7000", "unix:chat.sock"], self.parsed().ports)

    def test_command_line_first(self) -> None:
        """What is typed, by name or by letter, counts, and takes the place of all that the file says of it."""
        self.write("port =\n    7000\n    7001\ndata = here\nlobby = hall\n")
        for port, data in (("--port", "--data"), ("-p", "-d"), ("--por", "--dat")):
            options = self.parsed(port, "7002", data, "there")
            self.assertEqual(["tcp:7002"], options.ports)
            self.assertEqual(("there", "hall"), (options["data"], options["lobby"]))

    def test_percent_and_equals(self) -> None:
        """No character of a value means anything."""
        self.write("name = 100% = %(all)s of #us ; and you\n")
        self.assertEqual("100% = %(all)s of #us ; and you", self.parsed()["name"])

    def test_empty(self) -> None:
        """An empty file changes nothing."""
        self.write("", heading="")
        self.assertEqual(["tcp:64700"], self.parsed().ports)


class RefusedTests(FileCase):
    """What may not."""

    def test_no_file(self) -> None:
        """It has to be there."""
        self.assert_refused("no such file")

    def test_unknown_option(self) -> None:
        """A name that is no option is refused, with the one that may be meant."""
        for wrong, right in (("prot", "port"), ("talk_rate", "talk-rate"), ("--lobby", "lobby"), ("Port", "port")):
            self.write(f"{wrong} = 1\n")
            self.assert_refused(f"there is no option '{wrong}'. Did you mean '{right}'?")
        self.write("zzzz = 1\n")
        self.assert_refused("there is no option 'zzzz'.")

    def test_twice(self) -> None:
        """Twice is once too often."""
        self.write("name = a\nname = b\n")
        self.assert_refused("already exists")

    def test_two_values(self) -> None:
        """Two values are refused where there is room for one."""
        self.write("name =\n    a\n    b\n")
        self.assert_refused("name takes one value")

    def test_other_heading(self) -> None:
        """Nothing stands under another heading, where it would be passed over."""
        self.write("port = 7000\n", heading="[chat]\n")
        self.assert_refused("under [chatroom]")
        self.write("port = 7000\n", heading="[DEFAULT]\n")
        self.assert_refused("under [chatroom]")

    def test_no_heading(self) -> None:
        """It does not go without."""
        self.write("port = 7000\n", heading="")
        self.assert_refused("no section headers")

    def test_not_text(self) -> None:
        """Bytes that are no text are refused."""
        self.path.write_bytes(b"[chatroom]\nname = \xff\n")
        self.assert_refused("is not UTF-8")

    def test_bad_value(self) -> None:
        """A value is refused for the same reason as on the command line."""
        self.write("line-length = 63\n")
        self.assertIn("--line-length must be at least 64 bytes", str(self.assertRaises(UsageError, self.parsed)))

    def test_only_typed(self) -> None:
        """What asks for something to be done now has no place in it."""
        for name in (*ONLY_TYPED, "check", "help", "version"):
            self.write(f"{name} = 1\n")
            self.assert_refused(f"there is no option '{name}'")


class CheckTests(FileCase):
    """C{--check}."""

    def check(self, *words: str) -> str:
        """What it shows."""
        shown = io.StringIO()
        with redirect_stdout(shown):
            exited = self.assertRaises(SystemExit, self.parsed, "--check", *words)
        self.assertEqual(0, exited.code)
        return shown.getvalue()

    def test_shows_every_setting(self) -> None:
        """Everything that counts is shown, whether it comes from the file, the command line or nowhere."""
        self.write("name = The Tea House\nport = 7000\n")
        shown = self.check("--lobby", "#Hall")
        for line in (
            "name = The Tea House",
            "port = tcp:7000",
            "lobby = hall",
            "line-length = 4 KiB",
            "idle-time = off",
        ):
            self.assertIn(line + "\n", shown)

    def test_is_a_file_itself(self) -> None:
        """What it shows can be a file for --config, which means the same."""
        folder = Path(self.mktemp())
        put_pair(folder)
        self.write("port =\n    7000\n    tcp6:7001\nweb-origin = https://example.org\nmetrics = 9000\n")
        shown = self.check("--tls", str(folder), "--talk-rate", "off", "--auth", "memory:name:password")
        self.path.write_text(shown)
        self.assertEqual(shown, self.check())

    def test_finds_what_is_wrong(self) -> None:
        """What the daemon would find out only when it is made is refused as well."""
        self.write("")
        error = self.assertRaises(UsageError, self.parsed, "--check", "--port", "carrier:pigeon")
        self.assertIn("--port carrier:pigeon: ", str(error))
        error = self.assertRaises(UsageError, self.parsed, "--check", "--tls", self.mktemp())
        self.assertIn("holds no fullchain.pem", str(error))
        error = self.assertRaises(UsageError, self.parsed, "--check", "--filter", "nobody-has-this")
        self.assertIn("--filter: no filter called 'nobody-has-this' is installed", str(error))

    def test_sockets_of_systemd(self) -> None:
        """Sockets that only systemd has are no fault when a person checks."""
        self.write("port = systemd:domain=INET:index=0\n")
        self.assertIn("port = systemd:domain=INET:index=0", self.check())


class ReloadTests(FileCase):
    """SIGHUP, and what has changed in the file since the daemon was started."""

    def setUp(self) -> None:
        super().setUp()
        self.write("backend = memory\nname = Tea\n")
        service = makeService(self.parsed("--port", "7000"), MemoryReactorClock())
        assert isinstance(service, ChatService)
        self.service = service

    def reload(self) -> list[str]:
        """What the log says at SIGHUP."""
        with capturedLogs() as logged:
            self.service.reload()
        return [str(each["log_format"]).format(**each) for each in logged]

    def test_nothing_new(self) -> None:
        """A file that says the same is passed over, also where it says what the command line overrules."""
        self.write("name = Tea\nbackend = memory\nport = 7001\n")
        self.assertEqual(["No settings changed."], self.reload())

    def test_changes(self) -> None:
        """What has changed is named, and said to wait for the next start."""
        self.write("backend = memory\nname = Coffee\nlobby = hall\n")
        self.assertEqual(["These settings change at the next start: lobby, name."], self.reload())

    def test_limits(self) -> None:
        """Limits are others at once, and once: everybody on the server goes by the new numbers."""
        self.write("backend = memory\nname = Tea\ntext-length = 20\nconnections = 3\nmax-per-address = off\n")
        said = self.reload()
        self.assertEqual(["From now on: text-length = 20, connections = 3, max-per-address = off."], said)
        limits = self.service.parts.limits
        self.assertEqual((20, 3, OFF), (limits.text_length, limits.connections, limits.max_per_address))
        self.assertIs(limits, self.service.parts.chat.limits)
        self.assertEqual(["No settings changed."], self.reload())
        self.write("backend = memory\nname = Tea\n")
        self.reload()
        self.assertEqual(Limits(), limits)

    def test_limits_that_wait(self) -> None:
        """Those that what is made at the start goes by stay as they are, and are named."""
        self.write("backend = memory\nname = Tea\nhash-threads = 7\nidle-time = 600\n")
        said = self.reload()
        self.assertEqual(
            ["From now on: idle-time = 600.", "These settings change at the next start: hash-threads."], said
        )
        limits = self.service.parts.limits
        self.assertEqual((2, 600), (limits.hash_threads, limits.idle_time))

    def test_limits_of_the_command_line(self) -> None:
        """What was typed comes first now as it did at the start."""
        self.write("backend = memory\nline-length = 100\n")
        service = makeService(self.parsed("--line-length", "200"), MemoryReactorClock())
        assert isinstance(service, ChatService)
        self.write("backend = memory\nline-length = 300\n")
        service.reload()
        self.assertEqual(200, service.parts.limits.line_length)

    def test_limits_that_do_not_fit(self) -> None:
        """Numbers that do not fit together change nothing at all."""
        self.write("backend = memory\ntext-length = 20\nunread-soft = 8192\nunread-hard = 8191\n")
        (said,) = self.reload()
        self.assertIn("The settings stay as they were. --unread-hard", said.replace("--config ", ""))
        self.assertEqual(Limits(), self.service.parts.limits)

    def test_mistakes(self) -> None:
        """A mistake is found now, and not at the next start in the middle of the night; the daemon goes on."""
        self.write("nmae = Tea\n")
        (said,) = self.reload()
        self.assertIn("The settings stay as they were. --config ", said)
        self.assertIn("'nmae'. Did you mean 'name'?", said)


class Parrot(PluginService):
    """A plugin with options."""

    name = "parrot"
    options = (PluginOption("max", 10, "words", least=2), PluginOption("text", ""))


class PluginTests(FileCase):
    """Options of plugins, on the command line and in sections of their own."""

    def setUp(self) -> None:
        super().setUp()
        self.parrot = Parrot()
        for module in (tap, options):
            self.patch(module, "find_services", lambda: {"parrot": self.parrot})

    def made(self, *words: str) -> ChatService:
        """A daemon with this file and these words."""
        service = makeService(self.parsed(*words), MemoryReactorClock())
        assert isinstance(service, ChatService)
        return service

    def test_section(self) -> None:
        """A section holds what one plugin is told, and the command line comes first, option by option."""
        self.write("backend = memory\n[plugin parrot]\nmax = 5\ntext = a: b = c %s\n")
        self.assertEqual({"parrot": {"max": "5", "text": "a: b = c %s"}}, self.parsed().plugin_settings())
        typed = self.parsed("--plugin", "parrot:max=7").plugin_settings()
        self.assertEqual({"parrot": {"max": "7", "text": "a: b = c %s"}}, typed)

    def test_what_is_wrong(self) -> None:
        """A section without a name, a value of two lines, and words that are no option are refused."""
        for text, part in {
            "[plugin ]\nmax = 5\n": "under [plugin NAME]",
            "[plugins parrot]\nmax = 5\n": "under [plugin NAME]",
            "[plugin parrot]\nmax =\n  5\n  6\n": "max takes one value",
        }.items():
            self.write(text, heading="")
            self.assert_refused(part)
        self.write("")
        for typed in ("parrot", "parrot:max", "parrot:=5", ":max=5", "max=5"):
            error = self.assertRaises(UsageError, self.parsed, "--plugin", typed)
            self.assertIn("an option of a plugin looks like poll:max=10", str(error))

    def test_daemon_does_not_start(self) -> None:
        """An option that the plugin does not take ends the daemon with a sentence, and --check finds it."""
        for text, sentence in {
            "[plugin parrot]\nmax = 1\n": "--plugin: the option 'max' of the plugin parrot is at least 2, not '1'.",
            "[plugin parot]\nmax = 3\n": "--plugin: no plugin with options is called 'parot'; installed are: parrot.",
        }.items():
            self.write("backend = memory\n" + text)
            self.assertEqual(sentence, str(self.assertRaises(SystemExit, self.made)))
            self.assertEqual(sentence, str(self.assertRaises(UsageError, self.parsed, "--check", "--port", "7000")))

    def test_check_prints_them(self) -> None:
        """What --check prints is a file that says the same."""
        self.write("backend = memory\n[plugin parrot]\nmax = 5\ntext = two words\n")
        with redirect_stdout(io.StringIO()) as out:
            self.assertRaises(SystemExit, self.parsed, "--check", "--port", "7000")
        self.path.write_text(out.getvalue(), encoding="utf-8")
        self.assertEqual({"parrot": {"max": "5", "text": "two words"}}, self.parsed().plugin_settings())

    def test_reload(self) -> None:
        """SIGHUP gives a plugin its new options at once; a mistake of one plugin changes nothing of it."""
        self.write("backend = memory\n[plugin parrot]\nmax = 5\n")
        service = self.made()
        now = service.plugins.options["parrot"]
        self.assertEqual(5, now["max"])
        for text, value, said in (
            ("[plugin parrot]\nmax = 6\n", 6, "From now on: plugin = parrot:max=6."),
            (
                "[plugin parrot]\nmax = 1\n",
                6,
                "The plugin parrot keeps its old options: the option 'max' of the plugin parrot ",
            ),
            ("[plugin parot]\nmax = 3\n", 10, "No plugin with options is called parot."),
            ("", 10, "From now on: plugin = none."),
        ):
            self.write("backend = memory\n" + text)
            with capturedLogs() as logged:
                service.reload()
            lines = " ".join(str(each["log_format"]).format(**each) for each in logged)
            self.assertIn(said, lines)
            self.assertEqual(value, now["max"])


class FormTests(SynchronousTestCase):
    """The form of the file, whatever is in it."""

    VALUES = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1)

    @given(st.dictionaries(st.sampled_from(["name", "data", "port"]), VALUES))
    def test_comes_back(self, settings: dict[str, str]) -> None:
        """What is written is read again as it was."""
        path = Path(self.mktemp())
        path.write_text(written({name: [value] for name, value in settings.items()}), encoding="utf-8")
        self.assertEqual(
            {name: [value] for name, value in settings.items()}, read(str(path), {"name", "data", "port"}, {"port"})
        )


class DocumentTests(SynchronousTestCase):
    """docs/operations.rst."""

    def test_limits_that_wait_are_named(self) -> None:
        """The guide names each limit that a reload leaves as it is, and no other."""
        text = (ROOT / "docs" / "operations.rst").read_text(encoding="utf-8")
        (sentence,) = re.findall(r"(?s)These limits wait for the next start:(.*?)\.\n", text)
        waiting = {field.name.replace("_", "-") for field in each() if not field.metadata["live"]}
        self.assertEqual(waiting, set(re.findall(r"``--([a-z-]+)``", sentence)))

    def test_repeatable_options_exist(self) -> None:
        """Each option that may stand in the file several times is an option."""
        self.assertLessEqual(REPEATABLE, {name.rstrip("=") for name in Options().longOpt if name.endswith("=")})
