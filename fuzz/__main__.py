"""
C{python -m fuzz}: every target in turn, each in a process of its own, for its share of the time.

Where atheris cannot be imported, this says so in a sentence and ends well; but with C{CI=true} on Linux and Python
3.11 to 3.13, for which atheris has wheels, it ends badly.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import platform
import re
import sys
import time
from collections.abc import Sequence
from contextlib import redirect_stderr
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

NAMES = (
    "line", "json", "member", "robot", "web", "websocket", "proxy", "irc", "irc-websocket", "client", "config", "kept",
)  # fmt: skip

OUT = Path("build/fuzz")

SLOW, LONGEST, MEMORY = 20, 4096, 2048
"""Seconds and bytes that an input may take, and MiB that all of them may."""

INSTRUMENTED = ["chatroom", "twisted.conch.telnet", "twisted.protocols.haproxy", "twisted.web.websocket"]
"""Whose branches count as code that was reached."""


@dataclass(frozen=True)
class Outcome:
    """
    What became of one target.

    @ivar found: inputs that broke it.
    @ivar ended: it ended as it should, or because of what it found.
    """

    name: str
    executions: int
    features: int
    corpus: int
    seconds: float
    found: tuple[Path, ...]
    ended: bool

    def line(self) -> str:
        """For people."""
        return (
            f"{self.name:10} {self.executions:9,} inputs {self.features:7,} features {self.corpus:6,} in the corpus "
            f"{self.seconds:7.1f} s  " + ("FOUND " + " ".join(map(str, self.found)) if self.found else "nothing found")
        )


def options(arguments: Sequence[str]) -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(prog="python -m fuzz", description="fuzz every door of a chat room in memory")
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=f"of: {' '.join(NAMES)} [all]")
    parser.add_argument("--seconds", type=float, default=60.0, help="for all targets together [60]")
    parser.add_argument("--out", type=Path, default=OUT, help=f"folder for what is learned and found [{OUT}]")
    parser.add_argument("--seed", type=int, default=0, help="for the same dice again [0: any]")
    parser.add_argument("--replay", type=Path, metavar="FILE", help="give this to the target once, without atheris")
    parser.add_argument("--minimise", type=Path, metavar="FILE", help="make this finding of the target shorter")
    asked = parser.parse_args(arguments)
    unknown = set(asked.targets) - set(NAMES)
    if unknown:
        parser.error(f"there is no target {', '.join(sorted(unknown))}; there are {' '.join(NAMES)}")
    if (asked.replay or asked.minimise) and len(asked.targets) != 1:
        parser.error("name the one target that this is for")
    return asked


def load() -> Any:
    """
    atheris, with everything imported that it is to watch.

    @raise SystemExit: there is none here.
    """
    try:
        import atheris
    except ImportError:
        has_wheel = sys.platform == "linux" and platform.machine() == "x86_64" and (3, 11) <= sys.version_info < (3, 14)
        say(
            "atheris is not installed here, so nothing was fuzzed: pip install 'chatroom[fuzz]' on Linux, Python 3.11+."
        )
        raise SystemExit(1 if os.environ.get("CI") == "true" and has_wheel else 0) from None
    watching = atheris.instrument_imports(include=INSTRUMENTED, enable_loader_override=False)
    with redirect_stderr(StringIO()), watching:  # it names each module
        import fuzz.targets  # noqa: F401
    return atheris


def say(sentence: str) -> None:
    """To whoever watches."""
    sys.stdout.write(sentence + "\n")
    sys.stdout.flush()


def prepare(name: str, out: Path) -> Path:
    """Put the seeds of a target beside what it has learned before; its folder."""
    from fuzz.seeds import seeds, words

    folder = out / name
    (folder / "corpus").mkdir(parents=True, exist_ok=True)
    for data in seeds(name):
        (folder / "corpus" / hashlib.sha1(data, usedforsecurity=False).hexdigest()).write_bytes(data)
    quoted = ("".join(f"\\x{byte:02x}" for byte in word) for word in words(name))
    (folder / "words.dict").write_text("".join(f'"{word}"\n' for word in quoted))
    return folder


def fuzz(atheris: Any, name: str, folder: Path, *flags: str) -> int:
    """In a process of its own, as libFuzzer never comes back: its exit status. What it writes is in C{log}."""
    sys.stdout.flush()
    pid = os.fork()
    if pid == 0:
        from fuzz.targets import TARGETS

        log = os.open(folder / "log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
        os.dup2(log, 1)
        os.dup2(log, 2)
        arguments = [f"-dict={folder / 'words.dict'}", f"-artifact_prefix={folder}/found-", "-print_final_stats=1"]
        bounds = [f"-timeout={SLOW}", f"-max_len={LONGEST}", f"-rss_limit_mb={MEMORY}"]
        atheris.Setup([name, *arguments, *bounds, *flags], TARGETS[name])
        atheris.Fuzz()
        os._exit(0)
    _, status = os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(status)


def run(atheris: Any, name: str, out: Path, seconds: float, seed: int) -> Outcome:
    """Fuzz one target for so long."""
    folder = prepare(name, out)
    before = set(folder.glob("found-*"))
    began = time.monotonic()
    status = fuzz(
        atheris, name, folder, f"-max_total_time={max(1, round(seconds))}", f"-seed={seed}", str(folder / "corpus")
    )
    log = (folder / "log").read_text(errors="replace")
    executions = re.findall(r"stat::number_of_executed_units: (\d+)", log) or re.findall(r"^#(\d+)", log, re.MULTILINE)
    features = re.findall(r" ft: (\d+)", log)
    found = tuple(sorted(set(folder.glob("found-*")) - before))
    return Outcome(
        name,
        int(executions[-1]) if executions else 0,
        int(features[-1]) if features else 0,
        len(list((folder / "corpus").iterdir())),
        time.monotonic() - began,
        found,
        status == 0 or bool(found),
    )


def main(arguments: Sequence[str]) -> int:
    """0: nothing was found."""
    asked = options(arguments)
    if asked.replay:
        from fuzz.targets import TARGETS

        TARGETS[asked.targets[0]](asked.replay.read_bytes())
        say("It is well.")
        return 0
    atheris = load()
    if asked.minimise:
        folder = prepare(asked.targets[0], asked.out)
        target = folder / "shorter"
        flags = ("-minimize_crash=1", f"-exact_artifact_path={target}", f"-max_total_time={round(asked.seconds)}")
        fuzz(atheris, asked.targets[0], folder, *flags, str(asked.minimise))
        say(f"{target}" if target.exists() else f"{asked.minimise} is not made shorter; see {folder / 'log'}")
        return 0
    names = asked.targets or NAMES
    outcomes = []
    for name in names:
        outcomes.append(run(atheris, name, asked.out, asked.seconds / len(names), asked.seed))
        say(outcomes[-1].line())
    for outcome in outcomes:
        if outcome.found or not outcome.ended:
            say(f"\n{outcome.name}:\n" + (asked.out / outcome.name / "log").read_text(errors="replace")[-6000:])
    return 1 if any(outcome.found or not outcome.ended for outcome in outcomes) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
