"""
Roles on the server, accounts that are disabled, and the audit log: their SQL.

Each function is called in the thread of the connection it is given; those that write do so in one transaction. As
SQLite lets several processes write, a shell may call them on a file that a daemon has open. It knows the tables of
schema/ and the records, and nothing of threads or of who may do what.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from chatroom.backends import refusals
from chatroom.backends.sqlite.people import ACCOUNT, account_of
from chatroom.backends.sqlite.search import MOST
from chatroom.backends.sqlite.slices import Slice
from chatroom.backends.sqlite.talk import NEVER, place, write_audit
from chatroom.backends.sqlite.thread import transaction
from chatroom.events import ServerRole
from chatroom.folding import fold
from chatroom.records import SHELL, Account, AuditEntry, shell_of


def staff(db: sqlite3.Connection) -> Sequence[Account]:
    """All accounts with a role, highest first, then by key."""
    found = [account_of(row) for row in db.execute(f"{ACCOUNT} WHERE role <> 'none' ORDER BY key")]
    return sorted(found, key=lambda account: -account.role)


def set_server_role(db: sqlite3.Connection, key: str, role: ServerRole, entry: AuditEntry) -> ServerRole:
    """
    Give an account a role, and say so in the audit log.

    @return: the role before.
    @raise LookupError: there is no such account. @raise NotAllowed: it is the last admin.
    """
    with transaction(db):
        row = db.execute(f"{ACCOUNT} WHERE key = ?", (key,)).fetchone()
        if row is None:
            raise LookupError(key)
        old = account_of(row)
        if old.role is ServerRole.ADMIN and role is not ServerRole.ADMIN and not old.disabled and _admins(db) == 1:
            raise refusals.last_admin(old.name)
        db.execute("UPDATE account SET role = ? WHERE key = ?", (role.name.lower(), key))
        write_audit(db, [entry])
    return old.role


def _admins(db: sqlite3.Connection) -> int:
    """Those who can log in."""
    count: int = db.execute("SELECT count(*) FROM account WHERE role = 'admin' AND NOT disabled").fetchone()[0]
    return count


def set_disabled(db: sqlite3.Connection, key: str, disabled: bool, entry: AuditEntry) -> bool:
    """
    Disable an account or enable it, and say so in the audit log.

    @return: whether it was otherwise before. @raise LookupError: there is no such account.
    """
    with transaction(db):
        row = db.execute("SELECT disabled FROM account WHERE key = ?", (key,)).fetchone()
        if row is None:
            raise LookupError(key)
        if bool(row[0]) is disabled:
            return False
        db.execute("UPDATE account SET disabled = ? WHERE key = ?", (disabled, key))
        write_audit(db, [entry])
    return True


def audit(db: sqlite3.Connection, entry: AuditEntry) -> None:
    """Write one entry down."""
    with transaction(db):
        write_audit(db, [entry])


def audit_log(db: sqlite3.Connection, who: str | None, before: int | None, limit: int) -> Sequence[AuditEntry]:
    """See L{IBackend.audit_log<chatroom.interfaces.IBackend>}."""
    rows = db.execute(
        """
        SELECT at, who, act, target, detail, id FROM audit
        WHERE id < :before
        AND (:who IS NULL OR who_key = :who OR target_key = :who OR (:shell AND who_key GLOB :user))
        ORDER BY id DESC LIMIT :limit
        """,
        {
            "before": place(before, NEVER),
            "who": None if who is None else fold(who),
            "shell": who == SHELL,
            "user": fold(shell_of("*")),
            "limit": limit,
        },
    ).fetchall()
    return [AuditEntry(*row) for row in reversed(rows)]


def expire_audit(db: sqlite3.Connection, slice: Slice, older_than: float) -> int:
    """
    Forget entries of before a time, until the slice is over.

    @return: how many; 0: there are no more.
    """
    gone = 0
    with transaction(db):
        for rows in slice.pieces(MOST):
            which = "SELECT id FROM audit WHERE at < ? LIMIT ?"
            piece = db.execute(f"DELETE FROM audit WHERE id IN ({which})", (older_than, rows)).rowcount
            if not piece:
                break
            gone += piece
    return gone
