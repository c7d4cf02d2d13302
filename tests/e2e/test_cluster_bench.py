"""
The benchmark of several nodes runs: nodes in processes of their own on a PostgreSQL of its own, for a moment.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from tests.e2e import postgres as running

PROJECT = Path(__file__).parent.parent.parent


class ClusterBenchTests(SynchronousTestCase):
    """For who wants to know what a line costs."""

    def test_latency(self) -> None:
        """One cell, in which north's people talk and south tells what they said: it is written down with its goal."""
        running.skip_or_fail()
        with tempfile.TemporaryDirectory() as folder:
            words = ["--out", folder, "--rounds", "1", "--seconds", "0.5", "--only", "latency"]
            run = subprocess.run(
                [sys.executable, "-m", "benchmarks.cluster", *words],
                cwd=PROJECT,
                capture_output=True,
                text=True,
                timeout=100,
            )
            self.assertEqual(0, run.returncode, run.stderr)
            found = json.loads((Path(folder) / "cluster.json").read_text())
            self.assertGreater(found["rounds"]["north to south: ms, the median"][0], 0)
            self.assertIn("from one node to another", (Path(folder) / "cluster.rst").read_text())
