"""
Reading the small files that an operator names: settings, certificates, lists of passwords.

It knows files, and nothing of what is in them. What is not a regular file is refused before it is opened for reading: a
FIFO would stop the whole daemon until another program writes into it.
"""

from __future__ import annotations

import os
import stat

LARGEST = 4 * 1024 * 1024
"""Bytes of such a file. Nothing that a person or certbot writes for us is nearly as long."""


class NotReadable(ValueError):
    """The file cannot be used. The text is a sentence without its end that names the file."""


def read_bytes(path: str, most: int = LARGEST) -> bytes:
    """
    All that is in a regular file.

    @param most: bytes it may have.
    @raise NotReadable: there is none, it is no regular file, or it is too long.
    """
    try:
        # Without O_NONBLOCK, open(2) itself waits for the other end of a FIFO.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise NotReadable(f"{path} is not a regular file")
            content = file.read(most + 1)
    except OSError as error:
        raise NotReadable(f"{path}: {(error.strerror or str(error)).lower()}") from None
    if len(content) > most:
        raise NotReadable(f"{path} has more than {most:,} bytes")
    return content
