"""
The standard streams, whatever the locale: text that an encoding does not have is replaced there, and never lost.

Without this, one emoji ends a program whose terminal or pipe is in ISO 8859-1 or in the C locale. It knows Python's
streams, and nothing of what is written.
"""

from __future__ import annotations

import codecs
import io
import locale
import sys
from typing import Any

_JSON = "chatroom.json"


def forgive(json: bool = False) -> None:
    """
    Let standard output and standard error take any text from now on.

    @param json: what is written to standard output is JSON: it is UTF-8 or, in another encoding, ASCII with escapes,
        and nothing is lost.
    """
    for stream in (sys.stdout, sys.stderr):
        if not isinstance(stream, io.TextIOWrapper):  # a test or a log has put something else in its place
            continue
        if not json or stream is sys.stderr:
            stream.reconfigure(errors="replace")
        elif codecs.lookup(stream.encoding).name == "utf-8":
            stream.reconfigure(errors=_JSON)
        else:
            stream.reconfigure(encoding="ascii", errors=_JSON)


def decoded(data: bytes) -> str:
    """Text from outside: UTF-8, or where it cannot be that, in the encoding of the locale."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode(locale.getpreferredencoding(False), errors="replace")


def encodable(text: str) -> str:
    """Text for a terminal that is not one of the standard streams, such as the prompt of L{getpass}."""
    encoding = locale.getpreferredencoding(False)
    return text.encode(encoding, errors="replace").decode(encoding)


def read_line(stream: Any) -> str:
    """The next line of standard input with its end, or C{""}."""
    return decoded(stream.buffer.readline()) if isinstance(stream, io.TextIOWrapper) else str(stream.readline())


def read_all(stream: Any) -> str:
    """The rest of standard input."""
    return decoded(stream.buffer.read()) if isinstance(stream, io.TextIOWrapper) else str(stream.read())


def _escaped(error: UnicodeError) -> tuple[str | bytes, int]:
    """Characters as a string in JSON has them (RFC 8259, section 7)."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    units = error.object[error.start : error.end].encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at : at + 2].hex()}" for at in range(0, len(units), 2)), error.end


codecs.register_error(_JSON, _escaped)
