"""
What the operating system says of processes, in /proc: the processor time and the memory they took.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

PROC = Path("/proc")
TICKS = os.sysconf("SC_CLK_TCK")
"""Units of processor time a second."""


def parse_stat(text: str) -> tuple[int, float]:
    """
    The parent of a process, and the seconds it took: utime and stime, and those of its children that have ended
    (proc(5), /proc/pid/stat). The program's name, the second field, may have spaces and parentheses in it.
    """
    fields = text[text.rindex(")") + 2 :].split()
    return int(fields[1]), sum(int(field) for field in fields[11:15]) / TICKS


def parse_busy(text: str) -> float:
    """
    Seconds for which the processors of the machine have worked, all together, of the text of /proc/stat: its first line
    without idle, iowait and guests, which are counted as users already (proc(5)).
    """
    user, nice, system, _, _, irq, softirq, steal = map(int, text.split()[1:9])
    return (user + nice + system + irq + softirq + steal) / TICKS


def busy() -> float:
    """The same, of this machine."""
    return parse_busy((PROC / "stat").read_text())


def family(pid: int) -> list[int]:
    """A process and all that descend from it."""
    children: dict[int, list[int]] = {}
    for folder in PROC.iterdir():
        if folder.name.isdigit():
            try:
                parent, _ = parse_stat((folder / "stat").read_text())
            except (FileNotFoundError, ProcessLookupError):  # it has ended
                continue
            children.setdefault(parent, []).append(int(folder.name))
    found = [pid]
    for each in found:
        found += children.get(each, [])
    return found


def cpu(pid: int) -> float:
    """Seconds of processor time that a process and its descendants have taken, all threads together."""
    used = 0.0
    for each in family(pid):
        with suppress(FileNotFoundError, ProcessLookupError):  # it has ended, and is counted with its parent
            used += parse_stat((PROC / str(each) / "stat").read_text())[1]
    return used


def parse_resident(text: str) -> int:
    """Bytes of memory a process occupies, of the text of /proc/pid/status."""
    for line in text.splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    raise ValueError("no VmRSS")


def resident(pid: int) -> int:
    """Bytes of memory that a process and its descendants occupy."""
    return sum(parse_resident((PROC / str(each) / "status").read_text()) for each in family(pid))
