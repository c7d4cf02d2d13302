"""
Certificates by which the owners of accounts log in: their SQL.

Each function is called in the thread of the connection it is given. It knows the table of schema/ and the records, and
nothing of TLS or threads.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence

from chatroom.backends import refusals
from chatroom.backends.sqlite.thread import transaction
from chatroom.records import Certificate

_CERTIFICATE = "SELECT fingerprint, account, added, used FROM certificate"


def add_certificate(db: sqlite3.Connection, certificate: Certificate, most: int) -> bool:
    """See L{IBackend.add_certificate<chatroom.interfaces.IBackend>}."""
    made = certificate
    with transaction(db):
        found = certificate_of(db, made.fingerprint)
        if found is not None:
            return found.account == made.account
        if len(certificates(db, made.account)) >= most:
            raise refusals.too_many_certificates(most)
        insert = (
            "INSERT INTO certificate (fingerprint, account, added, used) SELECT ?, key, ?, ? FROM account WHERE key = ?"
        )
        return db.execute(insert, (made.fingerprint, made.added, made.used, made.account)).rowcount > 0


def certificate_of(db: sqlite3.Connection, fingerprint: str) -> Certificate | None:
    """The certificate of this fingerprint."""
    row = db.execute(f"{_CERTIFICATE} WHERE fingerprint = ?", (fingerprint,)).fetchone()
    return None if row is None else Certificate(*row)


def certificates(db: sqlite3.Connection, account: str) -> Sequence[Certificate]:
    """Those of an account, oldest first."""
    rows = db.execute(f"{_CERTIFICATE} WHERE account = ? ORDER BY added, fingerprint", (account,))
    return [Certificate(*row) for row in rows.fetchall()]


def use_certificate(db: sqlite3.Connection, fingerprint: str, used: float) -> None:
    """Note a login, if the certificate is there."""
    db.execute("UPDATE certificate SET used = ? WHERE fingerprint = ?", (used, fingerprint))


def drop_certificates(db: sqlite3.Connection, account: str, fingerprints: Sequence[str]) -> int:
    """@return: how many of these the account had."""
    which = "account = ? AND fingerprint IN (SELECT value FROM json_each(?))"
    return db.execute(f"DELETE FROM certificate WHERE {which}", (account, json.dumps(list(fingerprints)))).rowcount
