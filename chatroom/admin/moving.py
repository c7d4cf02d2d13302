"""
C{chatroom-admin import}: a server that was on SQLite goes on in PostgreSQL.

It knows which databases are meant; how one becomes the other, L{chatroom.backends.postgres.move} knows. The database of
SQLite is left as it is.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from chatroom.backends.address import check_has_no_password, is_shared, shown
from chatroom.errors import Refused


def move(path: Path, url: str) -> Mapping[str, int]:
    """
    Copy what is kept in a file of SQLite into an empty database of PostgreSQL.

    @return: how many rows of each table.
    @raise ValueError: it cannot be done, and nothing was; a sentence without its end.
    """
    if not path.is_file():
        raise ValueError(f"{path} is not a file" if path.exists() else f"{path} does not exist")
    if not is_shared(url):
        raise ValueError(f"{url} is not a URL such as postgresql://chat@db.example.org/chat")
    check_has_no_password(url)
    try:
        return _moved(path, url)
    except Refused as refusal:
        raise ValueError(refusal.sentence.rstrip(".")) from None


def _moved(path: Path, url: str) -> Mapping[str, int]:
    """@raise Refused:"""
    try:
        import psycopg

        from chatroom.backends.postgres.move import import_into
    except ImportError:
        raise ValueError("this needs more packages. Try: pip install 'chatroom[postgres]'") from None
    from chatroom.admin.closed import become_owner
    from chatroom.backends.sqlite.file import DatabaseFile

    become_owner(path)
    file = DatabaseFile(path)
    file.open(time.time())  # no daemon runs on it, and it has the newest schema
    try:
        with closing(file.connect(read_only=True)) as old:
            return import_into(old, url)
    except psycopg.Error as error:
        raise ValueError(f"{shown(url)}: {' '.join(str(error).split())}") from None
    finally:
        file.close()
