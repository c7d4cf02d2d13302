"""
Accounts, sessions, inboxes and read markers: their SQL.

Each function is called in the thread of the connection it is given; those that write do so in one transaction. It
knows the tables of schema/ and the records, and nothing of threads, rooms or what a password is.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from chatroom.backends import refusals
from chatroom.backends.sqlite.talk import NEVER, place
from chatroom.backends.sqlite.thread import json_of, transaction
from chatroom.events import ServerRole
from chatroom.records import Account, Mail, Token, fitting

# Accounts.

ACCOUNT = "SELECT name, key, password, created, ignored, role, disabled, zone, bot FROM account"


def add_account(db: sqlite3.Connection, account: Account) -> bool:
    """@return: False if there is one of that key."""
    ignored, role = json.dumps(account.ignored), account.role.name.lower()
    values = (
        account.key,
        account.name,
        account.password,
        account.created,
        ignored,
        role,
        account.disabled,
        account.zone,
        account.bot,
    )
    made = db.execute(
        """
        INSERT OR IGNORE INTO account (key, name, password, created, ignored, role, disabled, zone, bot)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
        values,
    )
    return made.rowcount > 0


def account(db: sqlite3.Connection, key: str) -> Account | None:
    """The account of this key."""
    row = db.execute(f"{ACCOUNT} WHERE key = ?", (key,)).fetchone()
    return None if row is None else account_of(row)


def account_keys(db: sqlite3.Connection) -> set[str]:
    """Those of all accounts."""
    return set(json_of(db, "SELECT json_group_array(key) FROM account", ()))


def account_of(row: tuple[Any, ...]) -> Account:
    """The account in a row of L{ACCOUNT}."""
    name, key, password, created, ignored, role, disabled, zone, bot = row
    ignores = tuple(json.loads(ignored))
    return Account(name, key, password, created, ignores, ServerRole[role.upper()], bool(disabled), zone, bool(bot))


def change_account(
    db: sqlite3.Connection,
    key: str,
    name: str | None,
    password: str | None,
    ignored: Sequence[str] | None,
    zone: str | None,
    bot: bool | None,
    instead_of: str | None,
) -> bool:
    """See L{IBackend.change_account<chatroom.interfaces.IBackend>}."""
    changed = db.execute(
        """
        UPDATE account SET
            name = coalesce(:name, name),
            password = coalesce(:password, password),
            ignored = coalesce(:ignored, ignored),
            zone = coalesce(:zone, zone),
            bot = coalesce(:bot, bot)
        WHERE key = :key AND password = coalesce(:instead_of, password)
        """,
        {
            "key": key,
            "name": name,
            "password": password,
            "ignored": None if ignored is None else json.dumps(list(ignored)),
            "zone": zone,
            "bot": bot,
            "instead_of": instead_of,
        },
    )
    return changed.rowcount > 0


def accounts(db: sqlite3.Connection, after: str, limit: int) -> Sequence[Account]:
    """Some accounts, by key."""
    rows = db.execute(f"{ACCOUNT} WHERE key > ? ORDER BY key LIMIT ?", (after, limit)).fetchall()
    return [account_of(row) for row in rows]


# Sessions.

_TOKEN = "SELECT digest, account, created, used, expires, label, kept, service FROM token"


def _token_of(row: Sequence[Any]) -> Token:
    digest, account, created, used, expires, label, kept, service = row
    return Token(digest, account, created, used, expires, label, bool(kept), service)


def add_token(db: sqlite3.Connection, token: Token, keep: int) -> Sequence[Token]:
    """Add a session; those of the account beyond C{keep} are dropped, and returned."""
    with transaction(db):
        made = (token.digest, token.account, token.created, token.used, token.expires, token.label)
        values = (*made, token.kept, token.service)
        db.execute(
            """
            INSERT INTO token (digest, account, created, used, expires, label, kept, service)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (digest) DO UPDATE SET used = excluded.used, expires = excluded.expires, kept = excluded.kept
            """,
            values,
        )
        alike = [each for each in tokens(db, token.account) if each.sort == token.sort]
        dropped = [each for each in alike if each.digest != token.digest][keep - 1 :]
        for old in dropped:
            db.execute("DELETE FROM token WHERE digest = ?", (old.digest,))
    return dropped


def token(db: sqlite3.Connection, digest: str) -> Token | None:
    """The session of this digest."""
    row = db.execute(f"{_TOKEN} WHERE digest = ?", (digest,)).fetchone()
    return None if row is None else _token_of(row)


def use_token(db: sqlite3.Connection, digest: str, used: float, expires: float) -> None:
    """Note a use of a session, if it is there."""
    db.execute("UPDATE token SET used = ?, expires = ? WHERE digest = ?", (used, expires, digest))


def shorten_tokens(db: sqlite3.Connection, digests: Sequence[str] | None, expires: float) -> None:
    """Let sessions that are not kept expire then: these, or all that would expire later."""
    if digests is None:
        db.execute("UPDATE token SET expires = :expires WHERE NOT kept AND expires > :expires", {"expires": expires})
    else:
        which = "NOT kept AND digest IN (SELECT value FROM json_each(?))"
        db.execute(f"UPDATE token SET expires = ? WHERE {which}", (expires, json.dumps(list(digests))))


def tokens(db: sqlite3.Connection, account: str) -> Sequence[Token]:
    """Sessions of an account, latest use first."""
    rows = db.execute(f"{_TOKEN} WHERE account = ? ORDER BY used DESC, id DESC", (account,))
    return [_token_of(row) for row in rows.fetchall()]


def drop_tokens(db: sqlite3.Connection, digests: Sequence[str]) -> int:
    """@return: how many there were."""
    which = "DELETE FROM token WHERE digest IN (SELECT value FROM json_each(?))"
    return db.execute(which, (json.dumps(list(digests)),)).rowcount


# Inboxes.

_MAIL = "SELECT at, sender, account, text, id FROM mail"


def post(db: sqlite3.Connection, mail: Mail, room: int) -> int:
    """
    Put a whisper into an inbox.

    @return: how many unread ones there are now.
    @raise LimitReached: it has C{room} or more already.
    """
    with transaction(db):
        unread = waiting(db, mail.to)
        if unread >= room:
            raise refusals.full_inbox(mail.to)
        values = (mail.to, mail.at, mail.sender, mail.text)
        db.execute("INSERT INTO mail (account, at, sender, text) VALUES (?, ?, ?, ?)", values)
    return unread + 1


def waiting(db: sqlite3.Connection, account: str) -> int:
    """How many unread whispers there are."""
    count: int = db.execute("SELECT count(*) FROM mail WHERE account = ? AND NOT read", (account,)).fetchone()[0]
    return count


def take_mail(db: sqlite3.Connection, account: str, limit: int, size: int) -> Sequence[Mail]:
    """The oldest unread whispers, which are read from now on."""
    with transaction(db):
        rows = db.execute(f"{_MAIL} WHERE account = ? AND read = 0 ORDER BY id LIMIT ?", (account, limit)).fetchall()
        taken = [replace(Mail(*row), read=True) for row in rows]
        taken = taken[: fitting(taken, limit, size)]
        if taken:
            values = (account, taken[-1].id)
            db.execute("UPDATE mail SET read = 1 WHERE account = ? AND id <= ?", values)
    return taken


def letters(db: sqlite3.Connection, account: str, after: int, limit: int) -> Sequence[Mail]:
    """Whispers, read or not, oldest first."""
    query = "SELECT at, sender, account, text, id, read FROM mail WHERE account = ? AND id > ? ORDER BY id LIMIT ?"
    rows = db.execute(query, (account, after, limit)).fetchall()
    return [Mail(at, sender, to, text, id, bool(read)) for at, sender, to, text, id, read in rows]


def read_mail(db: sqlite3.Connection, account: str, before: int | None, limit: int) -> Sequence[Mail]:
    """Whispers already read, oldest first."""
    values = (account, place(before, NEVER), limit)
    rows = db.execute(f"{_MAIL} WHERE account = ? AND read = 1 AND id < ? ORDER BY id DESC LIMIT ?", values).fetchall()
    return [replace(Mail(*row), read=True) for row in reversed(rows)]


# Read markers.


def mark(db: sqlite3.Connection, account: str, marks: Mapping[str, int]) -> None:
    """Note how far somebody has read; never moves back."""
    db.execute(
        """
        INSERT INTO mark (account, room, seq) SELECT ?, key, value FROM json_each(?) WHERE true
        ON CONFLICT (account, room) DO UPDATE SET seq = max(seq, excluded.seq)
        """,
        (account, json.dumps(dict(marks))),
    )


def marks(db: sqlite3.Connection, account: str) -> Mapping[str, int]:
    """How far somebody has read, by room."""
    rows = db.execute("SELECT room, seq FROM mark WHERE account = ?", (account,))
    return dict(rows.fetchall())
