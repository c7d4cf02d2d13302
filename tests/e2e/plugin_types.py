"""
Plugins as a type checker sees them from outside, where mypy-zope is not installed.

It makes an environment with all that tests have but for the types of zope.interface, a folder with every example
package and with plugins that are wrong, and asks mypy and pyright, each in its strictest mode.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from tests.e2e.daemon import ROOT

MARK = "# WRONG"
"""Stands behind each line of a source in which a checker has to find an error."""

OURS_ALONE = re.compile(r"(?i)mypy.zope|zope-stubs|__editable__.*chatroom|chatroom.*\.(egg-link|dist-info)")
"""What an author's environment does not have: the plugin of mypy, and this checkout as an installed package."""


class Complaint(NamedTuple):
    """Where a checker found an error, and what it says."""

    file: str
    line: int
    said: str


def environment(folder: Path) -> Path:
    """An author's environment with the packages of this one; its Python."""
    venv.create(folder, symlinks=True)
    (site,) = folder.glob("lib/python*/site-packages")
    for package in Path(sysconfig.get_path("purelib")).iterdir():
        if not OURS_ALONE.search(package.name) and package.suffix not in (".pth", ".egg-link"):
            target = site / package.name
            if not target.exists():
                target.symlink_to(package)
    (site / "chatroom").symlink_to(ROOT / "chatroom")
    return folder / "bin" / "python"


def copy_examples(folder: Path) -> list[Path]:
    """
    All files of the example packages, side by side; the folders of those that are packages. Tests that build on trial
    are left out, because its C{assertEqual} has no types.
    """
    made = []
    for package in sorted(ROOT.glob("examples/chatroom-*")):
        name = package.name.replace("-", "_")
        shutil.copytree(package / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        made.append(folder / name)
        files = (*package.glob("*.py"), *package.glob("twisted/plugins/*.py"))
        for file in (each for each in files if "twisted.trial.unittest" not in each.read_text(encoding="utf-8")):
            target = folder / (file.name if file.name.startswith("test_chatroom") else f"{name}_{file.name}")
            shutil.copy(file, target)
            made.append(target)
    return made


def mypy(python: Path, folder: Path, files: Sequence[Path], cache: Path) -> list[Complaint]:
    """What C{mypy --strict} finds there, with no other setting."""
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file=", f"--python-executable={python}"]
    command += [f"--cache-dir={cache}", "--no-error-summary", "--hide-error-context", "--no-pretty"]
    ended = subprocess.run(
        [*command, *(str(file.relative_to(folder)) for file in files)],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode in (0, 1), ended.stdout + ended.stderr
    return [
        Complaint(found[1], int(found[2]), found[3])
        for line in ended.stdout.splitlines()
        if (found := re.match(r"(.+?):(\d+): error: (.+)", line))
    ]


def pyright(python: Path, folder: Path, files: Sequence[Path]) -> list[Complaint]:
    """What pyright finds there in its strict mode, with no other setting."""
    (folder / "pyrightconfig.json").write_text('{"typeCheckingMode": "strict"}')
    command = [sys.executable, "-m", "pyright", "--outputjson", f"--pythonpath={python}", "--project", str(folder)]
    ended = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert ended.returncode in (0, 1), ended.stdout + ended.stderr
    asked = {str(file) for file in files}
    return [
        Complaint(str(Path(each["file"]).relative_to(folder)), each["range"]["start"]["line"] + 1, each["message"])
        for each in json.loads(ended.stdout)["generalDiagnostics"]
        if each["severity"] == "error" and any(each["file"] == one or each["file"].startswith(one) for one in asked)
    ]


def marked(name: str, source: str) -> Iterator[tuple[str, int]]:
    """The lines of a source in which an error has to be found."""
    for number, line in enumerate(source.splitlines(), 1):
        if line.endswith(MARK):
            yield name, number
