"""
End to end: a real twistd with C{--metrics}, asked as Prometheus asks.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families
from twisted.trial.unittest import SkipTest, SynchronousTestCase

from tests.e2e.daemon import PATIENCE, free_port, until
from tests.e2e.quick import QuickDaemon


class MetricsTests(SynchronousTestCase):
    """C{--metrics}."""

    def setUp(self) -> None:
        self.port = free_port()
        self.daemon = QuickDaemon(Path(self.mktemp()).resolve(), "--metrics", str(self.port))
        self.addCleanup(self.daemon.close)
        self.daemon.start()

    def get(self, path: str, **headers: str) -> str:
        """What there is."""
        request = Request(f"http://127.0.0.1:{self.port}{path}", headers=headers)
        with urlopen(request, timeout=PATIENCE) as answer:
            text: str = answer.read().decode()
        return text

    def test_scrapes(self) -> None:
        """Numbers of the server and of its process come in both of Prometheus' formats, new each time."""
        found = {family.name: family for family in text_string_to_metric_families(self.get("/metrics"))}
        self.assertEqual(0, found["chatroom_people"].samples[0].value)
        self.assertGreater(found["process_resident_memory_bytes"].samples[0].value, 2**20)
        alice = socket.create_connection(("127.0.0.1", self.daemon.port), PATIENCE)
        self.addCleanup(alice.close)
        alice.sendall(b"alice\n")
        until("alice's registration", lambda: b"Registration successful" in alice.recv(4096))
        accept = "application/openmetrics-text; version=1.0.0"
        again = {family.name: family for family in parse_openmetrics(self.get("/metrics", Accept=accept))}
        self.assertEqual(1, again["chatroom_people"].samples[0].value)
        self.assertEqual(0, self.daemon.stop())

    def test_promtool(self) -> None:
        """Prometheus' own checker finds nothing wrong with the page, nor with names, helps and units on it."""
        if shutil.which("promtool") is None:
            raise SkipTest("Not installed here: promtool, of the package prometheus")
        with socket.create_connection(("127.0.0.1", self.daemon.port), PATIENCE) as alice:
            alice.sendall(b"alice\n/nonsense\n")
            until("a refusal", lambda: b"! " in alice.recv(4096))
            page = self.get("/metrics")
        self.assertIn('chatroom_refused_total{code="unknown-command"} 1.0', page)
        told = subprocess.run(
            ["promtool", "check", "metrics"], input=page, capture_output=True, text=True, check=False, timeout=PATIENCE
        )
        self.assertEqual((0, "", ""), (told.returncode, told.stdout, told.stderr))

    def test_healthz(self) -> None:
        """All is well, and there is nothing else to be had."""
        self.assertEqual("ok\n", self.get("/healthz"))
        self.assertEqual(404, self.assertRaises(HTTPError, self.get, "/").code)
