"""
Files that an operator names: what is not a regular file is refused at once, and hangs nobody.
"""

from __future__ import annotations

import os
from pathlib import Path

from twisted.python.usage import UsageError
from twisted.trial.unittest import SynchronousTestCase

from chatroom.daemon.files import LARGEST, NotReadable, read_bytes
from chatroom.daemon.options import Options
from chatroom.daemon.tls import make_options
from tests.daemon.secrecy import put_pair


class ReadTests(SynchronousTestCase):
    """C{read_bytes}."""

    def refused(self, path: str) -> str:
        """Why this cannot be read."""
        return str(self.assertRaises(NotReadable, read_bytes, path))

    def test_content(self) -> None:
        """The bytes of a regular file come as they are, also through a symbolic link."""
        path = Path(self.mktemp())
        path.write_bytes(b"a\xff\n")
        link = Path(self.mktemp())
        link.symlink_to(path.absolute())
        self.assertEqual([b"a\xff\n"] * 2, [read_bytes(str(path)), read_bytes(str(link))])

    def test_fifo(self) -> None:
        """A FIFO that nobody writes into is refused, and does not stop the reader."""
        path = self.mktemp()
        os.mkfifo(path)
        self.assertEqual(f"{path} is not a regular file", self.refused(path))

    def test_device_and_directory(self) -> None:
        """A device without an end and a directory are refused."""
        self.assertIn("is not a regular file", self.refused("/dev/zero"))
        self.assertIn("directory", self.refused("/"))

    def test_missing(self) -> None:
        """A file that does not exist is named in the refusal."""
        path = self.mktemp()
        self.assertEqual(f"{path}: no such file or directory", self.refused(path))

    def test_too_long(self) -> None:
        """A file beyond the limit is refused, and no more of it is read than the limit."""
        path = self.mktemp()
        with open(path, "wb") as file:
            file.truncate(LARGEST + 1)
        self.assertIn("has more than 4,194,304 bytes", self.refused(path))


class NamedByOptionsTests(SynchronousTestCase):
    """Options that name files, where a FIFO stands in the file's place."""

    def test_config(self) -> None:
        """The start refuses settings that are a FIFO. SIGHUP reads the file in the same way."""
        path = self.mktemp()
        os.mkfifo(path)
        error = self.assertRaises(UsageError, Options().parseOptions, ["--config", path])
        self.assertIn("is not a regular file", str(error))

    def test_certificate(self) -> None:
        """Neither half of a certificate may be one."""
        for name in ("cert.pem", "privkey.pem"):
            folder = Path(self.mktemp())
            put_pair(folder)
            (folder / name).unlink()
            os.mkfifo(folder / name)
            pair = (str(folder / "cert.pem"), str(folder / "privkey.pem"))
            self.assertIn("is not a regular file", str(self.assertRaises(ValueError, make_options, *pair)))
