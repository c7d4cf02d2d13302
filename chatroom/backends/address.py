"""
What C{--backend} may be: C{sqlite}, C{memory}, or the URL of a PostgreSQL that daemons share.

It checks text alone, so that options can be checked where psycopg is not installed.
"""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

SCHEMES = ("postgresql://", "postgres://")
"""How a URL of PostgreSQL's begins."""

OWN = ("sqlite", "memory")
"""Backends of one daemon alone."""


def is_shared(backend: str) -> bool:
    """Whether other daemons may stand on the same one."""
    return backend.startswith(SCHEMES)


def check(backend: str) -> None:
    """@raise ValueError: it cannot be a backend; a sentence without its end."""
    if is_shared(backend):
        check_has_no_password(backend)
    elif backend not in OWN:
        raise ValueError("--backend must be sqlite, memory or a URL such as postgresql://chat@db.example.org/chat")


def check_has_no_password(url: str) -> None:
    """@raise ValueError: it has one; a sentence without its end."""
    try:
        parts = urlsplit(url)
        password = ":" in parts.netloc.rpartition("@")[0] or "password" in parse_qs(parts.query)
    except ValueError:
        raise ValueError("--backend is not a URL of PostgreSQL") from None
    if password:
        raise ValueError(
            "--backend may not hold a password: every user of this machine could read it in the list of processes. "
            "Write the password into the file ~/.pgpass, or into another file and add ?passfile=FILE to the URL"
        )


def shown(url: str) -> str:
    """The URL as it may be shown: without a user, a password and parameters."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
