"""
What .ci/run says when it fails: which tests, and why, in few lines at its end.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from tests.e2e.daemon import ROOT

FAILING = """
from twisted.trial.unittest import SynchronousTestCase


class Tests(SynchronousTestCase):
    def test_wrong(self):
        self.assertEqual(1, 2, "\\n".join(f"line {number}" for number in range(200)))

    def test_broken(self):
        raise ValueError("a fault of the test")

    def test_well(self):
        pass
"""


class WhyTests(SynchronousTestCase):
    """C{.ci/why.py}."""

    def why(self, log: str) -> list[str]:
        """What it says of a step that wrote this."""
        path = Path(self.mktemp())
        path.write_text(log)
        command = [sys.executable, str(ROOT / ".ci" / "why.py"), "make test", str(path)]
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
        self.assertEqual("What failed in make test, once more:", said[0])
        self.assertLess(len(said), 55)
        return said[1:]

    def trial(self, *tests: str) -> str:
        """What trial writes of tests that fail."""
        folder = Path(self.mktemp()).absolute()
        folder.mkdir()
        (folder / "failing.py").write_text(FAILING)
        command = [sys.executable, "-m", "twisted.trial", *(f"failing.Tests.{name}" for name in tests)]
        ran = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        return ran.stdout

    def test_which_and_why(self) -> None:
        """Each test that failed is named, with the place in it and what was wrong; those that are well are not."""
        said = self.why("before\n" + self.trial("test_wrong", "test_broken", "test_well") + "make: *** Error 1\n")
        heads = [index for index, line in enumerate(said) if line.startswith("[")]
        self.assertEqual(
            ["[FAIL] failing.Tests.test_wrong", "[ERROR] failing.Tests.test_broken"], list(at(said, heads))
        )
        self.assertIn('failing.py", line 7, in test_wrong', said[1])
        self.assertIn("1 != 2 : line 0", said[2])
        self.assertIn('failing.py", line 10, in test_broken', said[heads[1] + 1])
        self.assertEqual("builtins.ValueError: a fault of the test", said[heads[1] + 2])

    def test_which_python(self) -> None:
        """Where several Pythons have run the suite, each failure says on which one."""
        log = self.trial("test_broken")
        said = self.why(f"Python 3.10: FAILED\n{log}Python 3.12: PASSED\nPython 3.13: FAILED\n{log}")
        heads = [line.split(" on ")[1] for line in said if line.startswith("[ERROR]")]
        self.assertEqual(["Python 3.10", "Python 3.13"], heads)

    def test_many(self) -> None:
        """Of very many failures there are the first, and how many more."""
        said = self.why(self.trial("test_broken") * 40)
        self.assertEqual("... and 30 more failures", said[-1])

    def test_no_tests(self) -> None:
        """What failed before any test, such as a check of style, is in the last lines."""
        self.assertEqual(["line 98", "line 99"], self.why("\n".join(f"line {number}" for number in range(100)))[-2:])
        self.assertTrue(all(len(line) < 320 for line in self.why("x" * 10_000)))


def at(lines: list[str], places: list[int]) -> Iterator[str]:
    """Those lines."""
    return (lines[place] for place in places)


class ProgressTests(SynchronousTestCase):
    """C{.ci/progress.py}."""

    def shown(self, *results: str) -> list[str]:
        """What it makes of tests that end so, one after the other."""
        lines = [f"Running {len(results)} tests."]
        lines += [f"tests.Tests.test_{number} ... [{result}]" for number, result in enumerate(results)]
        lines += ["=" * 79, "[FAIL]", "tests.Tests.test_wrong ... [OK]", "", f"Ran {len(results)} tests in 1.000s"]
        command = [sys.executable, str(ROOT / ".ci" / "progress.py")]
        said = subprocess.run(command, input="\n".join(lines), capture_output=True, text=True, check=True).stdout
        return said.splitlines()

    def test_counts(self) -> None:
        """What passes is counted, and shown for each tenth of all tests."""
        shown = self.shown(*["OK"] * 1_000)
        self.assertEqual("Running 1000 tests.", shown[0])
        where = shown[1 : shown.index("=" * 79)]
        self.assertEqual(
            [f"{count:,} of 1,000" for count in range(100, 1001, 100)],
            [line[: len(f"{count:,} of 1,000")] for count, line in zip(range(100, 1001, 100), where, strict=True)],
        )

    def test_counts_where_the_total_is_not_known(self) -> None:
        """Trial names no number of tests that it runs one after the other: then there is a line now and then."""
        lines = "\n".join(f"test_{number} ... [OK]" for number in range(1_200))
        command = [sys.executable, str(ROOT / ".ci" / "progress.py")]
        said = subprocess.run(command, input=lines, capture_output=True, text=True, check=True).stdout.splitlines()
        self.assertEqual(["500 tests after 0 s", "1,000 tests after 0 s"], said)

    def test_failures_are_named_at_once(self) -> None:
        """A test that fails is named where it fails, and counted from there on."""
        shown = self.shown("OK", "SKIPPED", "FAILURE", "TODO", "ERROR", *["OK"] * 5)
        self.assertIn("tests.Tests.test_2 ... [FAILURE]", shown)
        self.assertIn("tests.Tests.test_4 ... [ERROR]", shown)
        self.assertFalse([line for line in shown if "test_1 " in line or "test_3 " in line])
        self.assertTrue(shown[shown.index("=" * 79) - 1].endswith(", 2 failed"))

    def test_the_end_is_passed_on(self) -> None:
        """What trial says at the end stands there as it was."""
        shown = self.shown("FAILURE")
        self.assertEqual(
            ["=" * 79, "[FAIL]", "tests.Tests.test_wrong ... [OK]", "", "Ran 1 tests in 1.000s"], shown[-5:]
        )

    def test_words_are_those_of_trial(self) -> None:
        """A real run of trial, side by side, ends in one failure, one error and one success."""
        folder = Path(self.mktemp()).absolute()
        folder.mkdir()
        (folder / "test_three.py").write_text(FAILING)
        trial = [sys.executable, "-m", "twisted.trial", "--reporter=bwverbose", "--jobs=2", "test_three"]
        wrote = subprocess.run(trial, cwd=folder, capture_output=True, text=True, check=False).stdout
        command = [sys.executable, str(ROOT / ".ci" / "progress.py")]
        said = subprocess.run(command, input=wrote, capture_output=True, text=True, check=True).stdout.splitlines()
        where = [line for line in said[: said.index("=" * 79)] if " of 3 tests" in line]
        self.assertTrue(where[-1].startswith("3 of 3 tests"), said)
        self.assertTrue(where[-1].endswith("2 failed"), said)


class SuiteTests(SynchronousTestCase):
    """C{.ci/suite.py}."""

    FLAKY = """
from pathlib import Path
from twisted.trial.unittest import SkipTest, SynchronousTestCase


class Tests(SynchronousTestCase):
    def test_second_time(self):
        mark = Path("../tried")
        tried, _ = mark.exists(), mark.touch()
        self.assertTrue(tried)

    def test_never(self):
        self.fail("It is wrong each time.")

    def test_well(self):
        pass

    def test_passed_over(self):
        raise SkipTest("Not here.")
"""

    def suite(self, *tests: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run those tests."""
        folder = Path(self.mktemp()).absolute()
        folder.mkdir()
        (folder / "flaky.py").write_text(self.FLAKY)
        command = [sys.executable, str(ROOT / ".ci" / "suite.py"), *(f"flaky.Tests.{name}" for name in tests)]
        ours = {name: value for name, value in os.environ.items() if name != "CI"}
        return subprocess.run(
            command, cwd=folder, env={**ours, **environment}, capture_output=True, text=True, check=False
        )

    def test_second_try(self) -> None:
        """In CI, a test that fails once and then passes is named, and does not fail the suite."""
        ran = self.suite("test_second_time", "test_well", "test_passed_over", CI="true")
        self.assertEqual(0, ran.returncode, ran.stdout)
        self.assertIn("FAILED (skips=1, failures=1, successes=1)", ran.stdout)
        self.assertTrue(
            ran.stdout.endswith("\nFailed once, and passed when run again: flaky.Tests.test_second_time\n"), ran.stdout
        )

    def test_elsewhere(self) -> None:
        """On a developer's machine it fails."""
        ran = self.suite("test_second_time", "test_well")
        self.assertEqual(1, ran.returncode, ran.stdout)
        self.assertEqual(1, ran.stdout.count("FAILED ("))

    def test_what_is_wrong(self) -> None:
        """A test that fails each time fails the suite, and its failure stands at the end."""
        ran = self.suite("test_second_time", "test_never", CI="true")
        self.assertEqual(1, ran.returncode, ran.stdout)
        self.assertIn("FAILED (failures=1, successes=1)", ran.stdout[ran.stdout.index("Once more") :])
        self.assertNotIn("Failed once", ran.stdout)

    def test_no_such_test(self) -> None:
        """A test that cannot be loaded is not passed over."""
        self.assertNotEqual(0, self.suite("test_nothing", CI="true").returncode)
