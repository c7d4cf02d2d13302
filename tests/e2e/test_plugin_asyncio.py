"""
Commands that await asyncio code, as docs/plugins.rst shows them, in real daemons on both kinds of reactor.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from tests.e2e.daemon import ROOT, Daemon, twistd
from tests.e2e.people import Person

PLUGIN = """
from asyncio_command import Weather, {way}

plugin_api = 1
weather = Weather({way})
"""


class WeatherDaemon(Daemon):
    """A daemon with the example's command, on a reactor of the test's choice."""

    def __init__(self, folder: Path, way: str, reactor: str) -> None:
        super().__init__(folder)
        self._reactor = reactor
        self._site = folder.resolve() / "site"
        plugins = self._site / "twisted" / "plugins"
        plugins.mkdir(parents=True)
        shutil.copy(ROOT / "examples" / "asyncio_command.py", self._site)
        (plugins / "weather_plugin.py").write_text(PLUGIN.format(way=way))

    def program(self) -> list[str]:
        """C{twistd} on that reactor."""
        return [twistd(), "--reactor", self._reactor]

    def environment(self) -> dict[str, str]:
        """The example beside this checkout."""
        return {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{self._site}", "PYTHONUNBUFFERED": "1"}


class AsyncioTests(SynchronousTestCase):
    """What works, and where."""

    def says(self, way: str, reactor: str) -> str:
        """What a person reads behind /weather and /whoami."""
        daemon = WeatherDaemon(Path(self.mktemp()), way, reactor)
        self.addCleanup(daemon.close)
        daemon.start()
        alice = Person("alice", ["nc", "127.0.0.1", str(daemon.port)])
        self.addCleanup(alice.closes)
        alice.types("alice")
        alice.reads("Registration successful")
        alice.types("/weather")
        alice.reads("It is sunny." if way == "in_a_thread" or reactor == "asyncio" else "The server made a mistake")
        return daemon.log

    def test_in_a_thread_on_any_reactor(self) -> None:
        """A coroutine in a thread of its own is answered on the usual reactor, and on asyncio."""
        for reactor in ("poll", "asyncio"):
            self.assertNotIn("Traceback", self.says("in_a_thread", reactor))

    def test_on_the_loop_of_asyncio(self) -> None:
        """A future of the server's own loop is awaited where the server runs on asyncio."""
        self.assertNotIn("Traceback", self.says("on_the_loop", "asyncio"))

    def test_without_a_loop(self) -> None:
        """Where the server does not run on asyncio, the command fails, and the log says that there is no loop."""
        self.assertIn("no running event loop", self.says("on_the_loop", "poll"))
