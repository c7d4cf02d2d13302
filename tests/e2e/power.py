"""
What would be on the disk if the power failed at some moment: rebuilt from the system calls that a process made.

A write is on the disk for sure when a sync of its file has returned, and a new name when a sync of its folder has
(fsync(2)); before that, each 512 bytes of it may be there or not. What had been sent to a socket by then, somebody
may have read. This module reads what strace(1) writes down, and knows nothing of chatroom.
"""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

SECTOR = 512
"""Bytes that a disk writes whole or not at all."""

STRACE = [
    *("strace", "-D", "-f", "-qq", "-y", "-xx", "-s", "1000000", "--seccomp-bpf"),
    *("-e", "trace=openat,mkdir,unlink,pwrite64,ftruncate,fsync,fdatasync,sendto"),
]
"""Without C{-o FILE} and what is to be run. With C{-D} its process is the one that is run."""

_LINE = re.compile(r"(\d+) +(?:<\.\.\. \w+ resumed>(?P<rest>.*)|(?P<name>\w+)\((?P<begin>.*))", re.DOTALL)
_ENDED = re.compile(r"(.*)\) += (.*)", re.DOTALL)
_UNFINISHED = "<unfinished ...>"
_FILE = re.compile(r"\d+<([^>]*)>")
_TEXT = re.compile(r'"([^"]*)"')


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text.replace("\\x", ""))


@dataclass
class Call:
    """
    A system call.

    @ivar began: when, as the number of its line. @ivar ended: the same.
    @ivar path: of the file that it was about, or C{socket:[...]}.
    @ivar data: what was written.
    @ivar number: the offset of a write, or the new length of a file.
    """

    name: str
    began: int
    ended: int
    path: str
    data: bytes
    number: int
    creates: bool


def calls(lines: Iterable[str]) -> Iterator[Call]:
    """Those that did not fail, in the order in which they ended."""
    begun: dict[str, tuple[int, str, str]] = {}
    for now, line in enumerate(lines):
        found = _LINE.match(line.rstrip("\n"))
        if found is None:
            continue
        pid = found[1]
        if found["name"] is None:
            began, name, text = begun.pop(pid)
            text += found["rest"]
        else:
            began, name, text = now, found["name"], found["begin"]
            if text.endswith(_UNFINISHED):
                begun[pid] = began, name, text.removesuffix(_UNFINISHED)
                continue
        ended = _ENDED.fullmatch(text)
        if ended is not None and not ended[2].startswith(("-1", "?")):
            yield _call(name, began, now, ended[1], ended[2])


def _call(name: str, began: int, ended: int, arguments: str, result: str) -> Call:
    texts = [_bytes(text) for text in _TEXT.findall(arguments)]
    if name in ("openat", "mkdir", "unlink"):
        path, data, number = texts[0].decode(), b"", 0
    else:
        file = _FILE.match(arguments)
        assert file is not None, arguments
        path = _bytes(file[1]).decode()
        data = texts[0] if texts else b""
        last = arguments.rpartition(", ")[2].strip()
        number = int(last) if last.isdigit() else 0
    if name in ("pwrite64", "sendto"):
        data = data[: int(result.split()[0])]
    return Call(name, began, ended, path, data, number, creates="O_CREAT" in arguments or name == "mkdir")


@dataclass
class File:
    """
    @ivar content: what is on the disk for sure.
    @ivar pending: what may be there as well, or not.
    @ivar there: its name is in its folder for sure.
    @ivar renamed: its name has been made or deleted since its folder was synced.
    """

    content: bytearray = field(default_factory=bytearray)
    pending: list[Call] = field(default_factory=list)
    there: bool = False
    renamed: bool = True
    deleted: bool = False

    def apply(self, call: Call) -> None:
        """Write, or truncate."""
        if call.name == "ftruncate":
            del self.content[call.number :]
            self.content.extend(bytes(call.number - len(self.content)))
        else:
            self._write(call.number, call.data)

    def _write(self, start: int, data: bytes) -> None:
        self.content.extend(bytes(max(0, start - len(self.content))))
        self.content[start : start + len(data)] = data

    def torn(self, dice: Random) -> bytes:
        """What may be there, if dice decide about each sector."""
        torn = File(bytearray(self.content))
        for call in self.pending:
            if call.name == "ftruncate":
                if dice.random() < 0.5:
                    torn.apply(call)
                continue
            start = 0
            while start < len(call.data):
                end = min(len(call.data), start + SECTOR - (call.number + start) % SECTOR)
                if dice.random() < 0.5:
                    torn._write(call.number + start, call.data[start:end])
                start = end
        return bytes(torn.content)


class Disk:
    """
    @ivar files: those below one folder that ever were there, by path; folders are files without content.
    @ivar sent: what was sent, by socket.
    """

    def __init__(self, folder: Path) -> None:
        self.files: dict[str, File] = {}
        self.sent: defaultdict[str, bytearray] = defaultdict(bytearray)
        self._folder = str(folder)

    def happens(self, call: Call) -> None:
        """Calls are to be given in the order in which they ended."""
        if call.name == "sendto":
            self.sent[call.path] += call.data
        elif call.name in ("fsync", "fdatasync"):
            self._sync(call)
            return
        path = os.path.normpath(os.path.join(self._folder, call.path))
        if path.startswith(f"{self._folder}/") and not path.endswith("-shm"):  # made anew from the log
            file = self.files.get(path)
            if call.creates and (file is None or file.deleted):
                self.files[path] = File(there=file is not None and file.there)
            elif file is not None:
                if call.name == "unlink":
                    file.deleted = file.renamed = True
                elif call.name in ("pwrite64", "ftruncate"):
                    file.pending.append(call)

    def _sync(self, call: Call) -> None:
        file = self.files.get(call.path)
        if file is not None:
            for write in [write for write in file.pending if write.ended < call.began]:
                file.apply(write)
                file.pending.remove(write)
        for path, inside in self.files.items():
            if str(Path(path).parent) == call.path:
                inside.there, inside.renamed = not inside.deleted, False

    def image(self, dice: Random | None) -> dict[str, bytes]:
        """
        What is found below the folder when the power is back, by path.

        @param dice: decide what else is there, besides what is there for sure.
        """
        found = {}
        for path, file in self.files.items():
            there = file.there
            if dice is not None and file.renamed and dice.random() < 0.5:
                there = not file.deleted
            if there:
                found[path] = bytes(file.content) if dice is None else file.torn(dice)
        return {path: content for path, content in found.items() if self._is_reachable(path, found)}

    def _is_reachable(self, path: str, found: dict[str, bytes]) -> bool:
        above = [str(folder) for folder in Path(path).parents]
        return all(folder in found for folder in above if folder in self.files)
