"""
Roles on the server, accounts that are disabled, and the audit log: their SQL.

It knows the tables of schema/ and the records, and nothing of who may do what.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from chatroom.backends import refusals
from chatroom.backends.postgres.driver import Database
from chatroom.backends.postgres.errors import storable
from chatroom.backends.postgres.people import ACCOUNT, account_of, lock
from chatroom.backends.postgres.talk import NEVER, change, place, rows
from chatroom.events import ServerRole
from chatroom.folding import fold
from chatroom.records import SHELL, Account, AuditEntry, shell_of

PIECE = 1000
"""Entries that are deleted in one transaction."""


async def staff(db: Database) -> Sequence[Account]:
    """All accounts with a role, highest first, then by key."""
    found = [account_of(row) for row in await rows(db, f"{ACCOUNT} WHERE role <> 'none' ORDER BY key")]
    return sorted(found, key=lambda account: -account.role)


async def set_server_role(db: Database, key: str, role: ServerRole, entry: AuditEntry) -> ServerRole:
    """
    Give an account a role, and say so in the audit log.

    @return: the role before.
    @raise LookupError: there is no such account. @raise NotAllowed: it is the last admin.
    """
    async with db.transaction():
        await lock(db, "staff", "")
        found = await rows(db, f"{ACCOUNT} WHERE key = %s", (key,)) if storable(key) else []
        if not found:
            raise LookupError(key)
        old = account_of(found[0])
        if old.role is ServerRole.ADMIN and role is not ServerRole.ADMIN and not old.disabled:
            ((admins,),) = await rows(db, "SELECT count(*) FROM account WHERE role = 'admin' AND NOT disabled")
            if admins == 1:
                raise refusals.last_admin(old.name)
        await change(db, "UPDATE account SET role = %s WHERE key = %s", (role.name.lower(), key))
        await write_audit(db, [entry])
    return old.role


async def set_disabled(db: Database, key: str, disabled: bool, entry: AuditEntry) -> bool:
    """
    Disable an account or enable it, and say so in the audit log.

    @return: whether it was otherwise before. @raise LookupError: there is no such account.
    """
    async with db.transaction():
        await lock(db, "staff", "")
        query = "SELECT disabled FROM account WHERE key = %s"
        found = await rows(db, query, (key,)) if storable(key) else []
        if not found:
            raise LookupError(key)
        if found[0][0] is disabled:
            return False
        await change(db, "UPDATE account SET disabled = %s WHERE key = %s", (disabled, key))
        await write_audit(db, [entry])
    return True


async def audit(db: Database, entry: AuditEntry) -> None:
    """Write one entry down."""
    await write_audit(db, [entry])


async def write_audit(db: Database, entries: Iterable[AuditEntry]) -> None:
    """Entries of the audit log."""
    for e in entries:
        await change(
            db,
            """
            INSERT INTO audit (at, who, who_key, target_key, act, target, detail)
            VALUES (%s, %s, %s, %s, %s, %s, %s)
            """,
            (e.at, e.who, fold(e.who), fold(e.target), e.act, e.target, e.detail),
        )


async def audit_log(db: Database, who: str | None, before: int | None, limit: int) -> Sequence[AuditEntry]:
    """See L{IBackend.audit_log<chatroom.interfaces.IBackend>}."""
    if not storable(who):
        return []
    condition = ""
    if who is not None:
        condition = "AND (who_key = %(who)s OR target_key = %(who)s"
        condition += " OR starts_with(who_key, %(user)s))" if who == SHELL else ")"
    found = await rows(
        db,
        f"""
        SELECT at, who, act, target, detail, id FROM audit WHERE id < %(before)s {condition}
        ORDER BY id DESC LIMIT %(limit)s
        """,
        {
            "before": place(before, NEVER),
            "who": None if who is None else fold(who),
            "user": fold(shell_of("*")).partition("*")[0],
            "limit": limit,
        },
    )
    return [AuditEntry(*row) for row in reversed(found)]


async def expire_audit(db: Database, older_than: float) -> int:
    """
    Forget some entries of before a time.

    @return: how many; 0: there are no more.
    """
    which = "SELECT id FROM audit WHERE at < %s LIMIT %s"
    return await change(db, f"DELETE FROM audit WHERE id IN ({which})", (older_than, PIECE))
