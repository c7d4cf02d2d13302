"""
The bots in examples/, as people start them: real programs, a real twistd, and nc on the other side.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
from datetime import datetime, timezone
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from chatroom.admin.cert import make_pair, write_pair
from tests.e2e.daemon import ROOT, Daemon, free_port
from tests.e2e.people import HOST, nc, need
from tests.e2e.terminal import environment


class BotTests(SynchronousTestCase):
    """A daemon with a port for lines and one for WebSockets, and bob who uses nc."""

    def setUp(self) -> None:
        need("nc")
        self.folder, self.web, self.secret = Path(self.mktemp()).absolute(), free_port(), free_port()
        certs = self.folder / "certs"
        write_pair(str(certs), *make_pair(["localhost"], datetime.now(timezone.utc), 30))
        self.trusted = certs / "cert.pem"
        ports = {"web": self.web, "web-tls": self.secret, "tls-port": 0}
        options = [each for name, port in ports.items() for each in (f"--{name}", f"tcp:{port}:interface={HOST}")]
        self.daemon = Daemon(self.folder, "--tls", str(certs), *options)
        self.addCleanup(self.daemon.close)
        self.daemon.start()
        self.bob = nc("bob", self.daemon.port)
        self.addCleanup(self.bob.closes)
        self.bob.types("bob")
        self.bob.reads("Registration successful")

    def starts(self, name: str, *arguments: str, isolated: bool = False) -> None:
        """A bot of examples/; with C{isolated}, on a Python that has no other package."""
        flags = ["-S", "-c", f"import sys, runpy; sys.path.insert(0, {str(ROOT)!r}); sys.argv.pop(0); "
                 "runpy.run_path(sys.argv[0], run_name='__main__')"] if isolated else []  # fmt: skip
        command = [sys.executable, *flags, str(ROOT / "examples" / name), *arguments]
        bot = subprocess.Popen(command, env={**environment(self.folder), "SSL_CERT_FILE": str(self.trusted)})
        self.addCleanup(bot.wait)
        self.addCleanup(bot.kill)

    def answers(self) -> None:
        """It comes, and says again what bob wants it to."""
        self.bob.reads("echo joined")
        self.bob.types("!echo hello")
        self.bob.reads("<echo> hello")

    def test_raw(self) -> None:
        """With nothing but Python's standard library."""
        self.starts("echo_bot_raw.py", HOST, str(self.daemon.port), "echo")
        self.answers()

    def test_asyncio(self) -> None:
        """On a Python without Twisted or any other package; and it comes back after a restart of the server."""
        self.starts("echo_bot_asyncio.py", f"chat://echo@{HOST}:{self.daemon.port}", isolated=True)
        self.answers()
        self.daemon.stop()
        self.bob.closes()
        self.daemon.start()
        self.bob = nc("bob", self.daemon.port)
        self.addCleanup(self.bob.closes)
        self.bob.types("bob")
        self.bob.reads("Registration successful")
        for _ in range(60):  # it tries again and again, and does not answer what was said before it came
            self.bob.types("!echo again")
            with contextlib.suppress(AssertionError):
                self.bob.reads("<echo> again", 1.0)
                return
        self.fail("the bot did not come back")

    def test_twisted(self) -> None:
        """On Twisted."""
        self.starts("echo_bot_twisted.py", f"chat://echo@{HOST}:{self.daemon.port}")
        self.answers()

    def test_web_sockets(self) -> None:
        """Both links reach the server by its WebSocket as well."""
        self.starts("echo_bot_asyncio.py", f"ws://echo@{HOST}:{self.web}", isolated=True)
        self.answers()
        self.starts("echo_bot_twisted.py", f"ws://mirror@{HOST}:{self.web}/ws#attic")
        self.bob.reads("mirror joined")
        self.bob.types("!echo twice")
        self.bob.reads("<mirror> twice")

    def test_web_sockets_over_tls(self) -> None:
        """Both links reach the server by its WebSocket over TLS, whose certificate they check by the system's list."""
        self.starts("echo_bot_asyncio.py", f"wss://echo@localhost:{self.secret}", isolated=True)
        self.answers()
        self.starts("echo_bot_twisted.py", f"wss://mirror@localhost:{self.secret}/ws#attic")
        self.bob.reads("mirror joined")
        self.bob.types("!echo twice")
        self.bob.reads("<mirror> twice")
